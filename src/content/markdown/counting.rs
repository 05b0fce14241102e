//! How many words the opening of a post has, which is its summary where nobody wrote one. Chinese, Japanese and Korean have no blanks
//! between words: each of their signs is one.

use std::sync::LazyLock;

use regex::Regex;

use super::Markdown;

/// Whether a text has signs of these languages, by which `hasCJKLanguage` finds the pages that are in one.
pub(crate) fn is_cjk(text: &str) -> bool {
    static SIGN: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\p{Han}|\p{Hangul}|\p{Hiragana}|\p{Katakana}").ok());
    !text.is_ascii() && SIGN.as_ref().is_some_and(|sign| sign.is_match(text))
}

/// How the words of a text are counted.
#[derive(Clone, Debug)]
pub(crate) enum Counting {
    /// By the blanks between them.
    Words,
    /// In a text without blanks between words, one with a sign beyond ASCII is as many as it has signs.
    Signs {
        /// What is an entity in Hugo's HTML, and so in ASCII, and how many signs that has.
        entities: Vec<(char, usize)>,
    },
}

/// The signs that goldmark's typographer sets as entities, such as `&rsquo;`, and how many signs these have.
const ENTITIES: [(char, usize); 9] = [('‘', 7), ('’', 7), ('“', 7), ('”', 7), ('–', 7), ('—', 7), ('…', 8), ('«', 7), ('»', 7)];

impl Counting {
    /// How the words of HTML are counted that is made of Markdown. A sign that the author typed is no entity.
    pub(super) fn of(markdown: &Markdown, source: &str) -> Self {
        if !markdown.is_cjk {
            return Counting::Words;
        }
        let is_set = |sign: &&(char, usize)| markdown.goldmark.typographer && !source.contains(sign.0);
        let entities = ENTITIES.iter().filter(is_set).copied().chain([('"', "&quot;".len())]).collect();
        Counting::Signs { entities }
    }

    /// How the words of HTML are counted that somebody wrote.
    pub(crate) fn of_html(is_cjk: bool) -> Self {
        if is_cjk { Counting::Signs { entities: Vec::new() } } else { Counting::Words }
    }

    /// The words of HTML up to the end of a paragraph, as `ExtractSummaryFromHTML` of Hugo counts them, for summaries to end where its
    /// own do: those of headings, lists and code as well, and the last sign of all is left out. Where so many as are `enough` are
    /// found, what is behind them is not looked at.
    pub(crate) fn words(&self, html: &str, enough: usize) -> usize {
        let end = html.char_indices().next_back().map_or(0, |(at, _)| at);
        match self {
            Counting::Words => sum(&html[..end], enough, |_| 1),
            Counting::Signs { entities } => sum(&html[..end], enough, |word| {
                let end = word.as_ptr() as usize - html.as_ptr() as usize + word.len();
                signs(word, &html[end..], entities)
            }),
        }
    }
}

/// What the words of HTML come to together, but for parts of tags, as far as that is less than what is `enough`.
fn sum(html: &str, enough: usize, count: impl Fn(&str) -> usize) -> usize {
    let count = |word: &str| {
        let place = word.as_ptr() as usize - html.as_ptr() as usize;
        if is_of_tag(word, &html[..place]) { 0 } else { count(word) }
    };
    let mut sum = 0;
    for part in html.split_ascii_whitespace() {
        if sum >= enough {
            break;
        }
        // few have blanks in them that are not ASCII
        sum += if part.is_ascii() { count(part) } else { part.split_whitespace().map(&count).sum() };
    }
    sum
}

/// Whether this is a part of a tag alone, such as `<a`, or begins with an attribute, by what is before it. In a text what looks like one
/// has no quotes in Hugo.
fn is_of_tag(word: &str, before: &str) -> bool {
    let word = without_item(word);
    let behind_name = |text: &str| text.bytes().position(|byte| !byte.is_ascii_alphabetic()).unwrap_or(text.len());
    if let Some(tag) = word.strip_prefix('<') {
        let tag = tag.strip_prefix('/').unwrap_or(tag);
        let name = behind_name(tag);
        // in Hugo a block of code has an attribute there
        return name > 0 && matches!(&tag[name..], "" | ">") || word.starts_with("<pre>");
    }
    let name = behind_name(word);
    word == ">" || name > 0 && matches!(word.as_bytes()[name..], [b'=', b'"' | b'\'', ..]) && ends_in_tag(before)
}

/// Whether a text ends within a tag.
fn ends_in_tag(text: &str) -> bool {
    memchr::memrchr2(b'<', b'>', text.as_bytes()).is_some_and(|at| text.as_bytes()[at] == b'<')
}

/// A word without the tag of an item before a block, which in Hugo has a line of its own.
fn without_item(word: &str) -> &str {
    const BLOCKS: [&str; 5] = ["<p>", "<pre>", "<ul>", "<ol>", "<blockquote>"];
    let item = word.strip_prefix("<li>").or_else(|| word.strip_prefix("<dd>"));
    item.filter(|block| BLOCKS.iter().any(|tag| block.starts_with(tag))).unwrap_or(word)
}

/// As how many words a word counts, without its tags, before what is behind it.
fn signs(word: &str, behind: &str, entities: &[(char, usize)]) -> usize {
    // Hugo takes no tag away that does not end in the word
    let has_end = word.contains('>');
    let (mut is_tag, mut is_ascii, mut count) = (false, true, 0);
    for (at, c) in word.char_indices() {
        match c {
            '<' if has_end => is_tag = true,
            '>' if is_tag => is_tag = false,
            _ if is_tag => {}
            _ => {
                // a quote that a tag ends with is none
                let ends_tag = || word[at..].chars().chain(behind.chars()).nth(1) == Some('>');
                let entity = entities.iter().find(|(sign, _)| *sign == c).filter(|_| c != '"' || !ends_tag());
                is_ascii &= c.is_ascii() || entity.is_some();
                count += entity.map_or(1, |(_, len)| *len);
            }
        }
    }
    if is_ascii { 1 } else { count }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sign_is_a_word() {
        let check = |html: &str, expected: usize| assert_eq!(Counting::of_html(true).words(html, 99), expected, "{html}");
        check("<p>你好 hello 世界。", 2 + 1 + 2);
        check("<p>你<strong>好a</strong>。\n", 4);
        check("<p>a b <a href=\"x\">你好</a>你 c.", 3);
        check("</p>\n<p>a <em>b</em> > c d", 3);
        check("<p>a 你好</em>", 1 + 2 + "</em".len());
        check("<p>你好<a href=\"x\">a</a> b.", 2 + 1);
        check("<p>a 你好<a href=\"x\">a</a> b.", 1 + 4 + 1);
        check("<p>café a.", 5);
        check("", 0);
        assert_eq!(Counting::Words.words("<h2 id=\"a\">a b</h2>\n<p>é你 d.", 99), 4);
    }

    #[test]
    fn no_more_are_counted_than_are_enough() {
        for (enough, expected) in [(0, 0), (1, 1), (2, 2), (3, 3), (9, 3)] {
            assert_eq!(Counting::Words.words("<p>a b c.", enough), expected);
        }
        assert_eq!(Counting::of_html(true).words("<p>你好 世界 a.", 1), 2);
    }

    #[test]
    fn a_sign_that_is_set_is_an_entity() {
        let check = |source: &str, html: &str, expected: usize| {
            let markdown = Markdown { is_cjk: true, ..Markdown::of_site("") };
            assert_eq!(Counting::of(&markdown, source).words(html, 99), expected, "{html}");
        };
        check("a don't... b", "<p>a don’t… b.", 3);
        check("a don’t b", "<p>a don’t b.", 7);
        check("\"中\" b", "<p>“中” b.", 16);
        check("中\"中", "<p>中\"中.", 8);
        check("![a 中](b)", "<p><img src=\"b\" alt=\"a 中\">中.", 1 + 4);
        check("![a 中](b)", "<p><img src=\"b\" alt=\"a 中\">", 1 + 2);
    }

    #[test]
    fn parts_of_tags_alone_are_no_words() {
        let check = |word: &str, expected: usize| assert_eq!(Counting::Words.words(&format!("{word} ."), 99), expected, "{word}");
        for part in ["<a", "</a", "<a>", "</a>", ">", "<a href=\"x\"", "<a\nhref='x'>b", "<pre>b", "<li><p>", "<li><pre>b", "<dd><ul>"] {
            check(part, 0);
        }
        for word in [
            "href=\"x\"",
            "<i>\nhref='x'>b",
            "<li><p>b",
            "<li><i>",
            "<",
            "</>",
            "<a>b",
            "<h2>",
            "h2=\"x\"",
            "href=x",
            "href",
            "=\"x\"",
            ">>",
        ] {
            check(word, 1);
        }
        for (blank, expected) in [("\u{a0}", 2), ("\u{3000}", 2), ("\u{200b}", 1), ("é", 1)] {
            check(&["a", blank, "b"].concat(), expected);
        }
    }

    #[test]
    fn a_text_is_searched_for_signs() {
        let check = |text: &str, expected: bool| assert_eq!(is_cjk(text), expected, "{text}");
        check("a 字", true);
        check("한", true);
        check("ひ", true);
        check("カ", true);
        check("é — ж。", false);
    }
}
