//! How many words the opening of a post has, which is its summary where nobody wrote one. Chinese, Japanese and Korean have no blanks
//! between words: each of their signs is one.

use std::sync::LazyLock;

use regex::Regex;

/// Whether a text has signs of these languages, by which `hasCJKLanguage` finds the pages that are in one.
pub(super) fn is_cjk(text: &str) -> bool {
    static SIGN: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\p{Han}|\p{Hangul}|\p{Hiragana}|\p{Katakana}").ok());
    !text.is_ascii() && SIGN.as_ref().is_some_and(|sign| sign.is_match(text))
}

/// The words of HTML up to the end of a paragraph, as `ExtractSummaryFromHTML` of Hugo counts them, for summaries to end where its own
/// do: those of headings, lists and code as well, and the last sign of all is left out. In a text without blanks between words, one
/// with a sign beyond ASCII is as many as it has signs.
pub(super) fn words(html: &str, is_cjk: bool) -> usize {
    let end = html.char_indices().next_back().map_or(0, |(at, _)| at);
    let count = |word: &str| match is_of_tag(word) {
        true => 0,
        false if is_cjk => signs(word),
        false => 1,
    };
    // few have blanks in them that are not ASCII
    let parts = html[..end].split_ascii_whitespace();
    parts.map(|part| if part.is_ascii() { count(part) } else { part.split_whitespace().map(count).sum() }).sum()
}

/// Whether this is a part of a tag alone, such as `<a`, or begins with an attribute.
fn is_of_tag(word: &str) -> bool {
    let behind_name = |text: &str| text.bytes().position(|byte| !byte.is_ascii_alphabetic()).unwrap_or(text.len());
    if let Some(tag) = word.strip_prefix('<') {
        let tag = tag.strip_prefix('/').unwrap_or(tag);
        let name = behind_name(tag);
        // in Hugo a block of code has an attribute there
        return name > 0 && matches!(&tag[name..], "" | ">") || word.starts_with("<pre>");
    }
    let name = behind_name(word);
    word == ">" || name > 0 && matches!(word.as_bytes()[name..], [b'=', b'"' | b'\'', ..])
}

/// As how many words a word counts, without its tags.
fn signs(word: &str) -> usize {
    let (mut is_tag, mut is_ascii, mut count) = (false, true, 0);
    for c in word.chars() {
        match c {
            '<' => is_tag = true,
            '>' if is_tag => is_tag = false,
            _ if is_tag => {}
            _ => {
                is_ascii &= c.is_ascii();
                count += 1;
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
        let check = |html: &str, expected: usize| assert_eq!(words(html, true), expected, "{html}");
        check("<p>你好 hello 世界。", 2 + 1 + 2);
        check("<p>你<strong>好a</strong>。\n", 4);
        check("<p>a b <a href=\"x\">你好</a>你 c.", 3);
        check("</p>\n<p>a <em>b</em> > c d", 3);
        check("<p>café a.", 5);
        check("", 0);
        assert_eq!(words("<h2 id=\"a\">a b</h2>\n<p>é你 d.", false), 4);
    }

    #[test]
    fn parts_of_tags_alone_are_no_words() {
        let check = |word: &str, expected: usize| assert_eq!(words(&format!("{word} ."), false), expected, "{word}");
        for part in ["<a", "</a", "<a>", "</a>", ">", "href=\"x\"", "href='x'>b", "<pre>b"] {
            check(part, 0);
        }
        for word in ["<", "</>", "<a>b", "<h2>", "h2=\"x\"", "href=x", "href", "=\"x\"", ">>"] {
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
