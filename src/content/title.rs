//! The titles of sections and terms that have none of their own: Hugo makes them of the folder's name, and of the term.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

use crate::config::{Site, TitleStyle};
use crate::content::path;
use crate::content::plural::plural;
use crate::content::text::{capitalised, plain, title_case};

/// Words that stay small within a title, after the Associated Press.
const SMALL: &str = "a an and as at but by en for if in nor of on or per the to v v. via vs vs.";

/// Those that do after the Chicago Manual of Style, too.
const PREPOSITIONS: &str = "about above across after against along among around before between beyond concerning despite down during \
    following from into near over since through throughout towards under until upon with within without";

/// The title that a section has by its folder, as feeds may tell it: without what cannot stand in them, and not empty.
pub fn of_section(folder: &str, site: &Site) -> String {
    let name = path::last_segment(folder);
    let name_of_many = if site.pluralizes_titles { Cow::Owned(plural(name)) } else { Cow::Borrowed(name) };
    let title = plain(&styled(&name_of_many, site.title_style));
    if title.is_empty() { path::escape(name).into_owned() } else { title }
}

/// The title that a term has as posts spell it.
pub fn of_term(name: &str, site: &Site) -> String {
    styled(name.trim(), site.title_style)
}

fn styled(name: &str, style: TitleStyle) -> String {
    match style {
        TitleStyle::None => name.to_owned(),
        TitleStyle::FirstUpper => capitalised(name),
        TitleStyle::Go => with_capitals(name),
        TitleStyle::Ap => with_small_words(name, &[SMALL]),
        TitleStyle::Chicago => with_small_words(name, &[SMALL, PREPOSITIONS]),
    }
}

/// Go's `strings.Title`: capitals for all words.
fn with_capitals(text: &str) -> String {
    let mut before = ' ';
    let letter = |c: char| if is_between_for_go(std::mem::replace(&mut before, c)) { title_case(c) } else { c };
    text.chars().map(letter).collect()
}

/// What `strings.Title` takes for what is between words: of the signs beyond ASCII, blanks alone.
fn is_between_for_go(c: char) -> bool {
    if c.is_ascii() { !c.is_ascii_alphanumeric() && c != '_' } else { c.is_whitespace() }
}

/// A text with capitals for all words but these, which stay small within it, unless they are behind a colon or a dash, or where a
/// word with a hyphen begins. Hugo's library finds each word again in a copy of the text with plain signs, from where the last one
/// would end if each character were a byte: so what is beyond ASCII can lead it to another place, and here it does, too.
fn with_small_words(text: &str, small: &[&str]) -> String {
    let plain = with_plain_signs(text);
    let end = plain.len() as isize;
    // for what is outside it takes the first
    let at = |place: isize| usize::try_from(place).ok().and_then(|place| plain.as_bytes().get(place)).or(plain.as_bytes().first());
    let mut next = 0;
    let replace = |found: &regex::Captures<'_>| {
        let word = &found[0];
        let start = next + position(word, &plain, next).unwrap_or(-1);
        next = start + word.chars().count() as isize;
        let lower = word.to_lowercase();
        let is_small = small.iter().any(|list| list.split(' ').any(|small| small == lower));
        let is_inside = start != 0 && next != end;
        let follows = matches!(at(start - 1), Some(b' ' | b'-' | b'/')) && !matches!(at(start - 2), Some(b':' | b'-'));
        let begins = at(next) == Some(&b'-') && at(start - 1) != Some(&b'-');
        if is_small && is_inside && follows && !begins { lower } else { titled(word) }
    };
    WORD.replace_all(text, replace).into_owned()
}

/// How far behind a place a word is.
fn position(word: &str, text: &str, from: isize) -> Option<isize> {
    let rest = text.as_bytes().get(usize::try_from(from).ok()?..)?;
    memchr::memmem::find(rest, word.as_bytes()).map(|found| found as isize)
}

/// A word with a capital.
fn titled(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(title_case).into_iter().chain(letters).collect()
}

/// A text with the signs that are on every keyboard.
fn with_plain_signs(text: &str) -> String {
    let quoted = text.replace(['\u{201c}', '\u{201d}'], "\"").replace(['\u{2018}', '\u{2019}'], "'");
    quoted.replace(['\u{2013}', '\u{2014}'], "-").replace('\u{2026}', "...")
}

static WORD: LazyLock<Regex> = LazyLock::new(words);

#[expect(clippy::expect_used, reason = "the pattern is a constant, and tests use it")]
fn words() -> Regex {
    Regex::new(r"[\p{N}\p{L}]+[^\t\n\f\r /-]*").expect("a constant pattern is a pattern")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn a_term_has_the_title_that_hugo_makes_of_it() {
        let check = |config: &str, titles: &str| {
            let site = Config::parse(&format!("baseURL = 'https://example.org/'\n{config}"), "c.toml").unwrap().0.site;
            for (term, expected) in titles.split('|').map(|pair| pair.split_once(": ").unwrap()) {
                assert_eq!(of_term(term, &site), expected, "{config}: {term}");
            }
        };
        check(
            "",
            "rust lang: Rust Lang|a/b: A/B|macOS: MacOS|c++: C++|.net core: .Net Core|l'été: L'été|state of the art: State of the Art|\
             new-in-go: New-in-Go|2d to 3d: 2d to 3d|r&d: R&d|(in) brief: (In) Brief|日本語: 日本語|w3c: W3c|#hash: #Hash| x : X",
        );
        check(
            "",
            "what is a vs. b: What Is a vs. B|a – of c: A – Of C|a — the c: A — The C|x OF y: X of Y|ß: ß|ﬁne: ﬁne|ǆ ŉa: ǅ ŉa|ა: ა|ᾳ: ᾼ",
        );
        // where the library counts in characters, it finds the first `a` in the word before
        check("", "ŉa ‑ a ‘vs.: ŉa ‑ A ‘Vs.|to & to… to: To & To… to");
        check("titleCaseStyle = 'go'", "l'été: L'Été|r&d: R&D|snake_case x: Snake_case X|a/b: A/B");
        check("titleCaseStyle = 'go'", "ﬁne ǆ: ﬁne ǅ");
        check("titleCaseStyle = 'firstupper'", "rust lang: Rust lang|ǆ: Ǆ|ß: ß");
        check("capitalizeListTitles = false", "rust lang: rust lang");
    }

    #[test]
    fn a_folder_gives_its_section_the_title_that_hugo_makes_of_it() {
        let check = |config: &str, titles: &str| {
            let site = Config::parse(&format!("baseURL = 'https://example.org/'\n{config}"), "c.toml").unwrap().0.site;
            for (folder, expected) in titles.split('|').map(|pair| pair.split_once(": ").unwrap()) {
                assert_eq!(of_section(folder, &site), expected, "{config}: {folder}");
            }
        };
        check(
            "",
            "post: Posts|my-posts: My-Posts|my notes: My Notes|notes_and_links: Notes_and_links|how-to-do-it: How-to-Do-Its|iOS: IOSes|\
             API-docs: API-Docs|über: Übers|news: News|News: News|People: People|2024: 2024s|the-end-of-all: The-End-of-Alls|\
             foo.bar: Foo.bars|state-of-the-art: State-of-the-Arts|日本: 日本s|notes/made-of: Made-Ofs",
        );
        let plain = "pluralizeListTitles = false\n";
        let of = |style: &str| format!("{plain}titleCaseStyle = '{style}'");
        check(
            plain,
            "post: Post|made of: Made Of|-of-x: -Of-X|a  b: A  B|x-from-y: X-From-Y|x-vs-y: X-vs-Y|a-to-z: A-to-Z|don't of it: Don't of It",
        );
        check(&of("Chicago"), "x-from-y: X-from-Y|x-vs-y: X-vs-Y|x-within-y: X-within-Y|from-x: From-X");
        check(&of("go"), "x-from-y: X-From-Y|x-of-y: X-Of-Y");
        check(&of("firstUpper"), "x-from-y: X-from-y");
        check(&of("none"), "x-from-y: x-from-y");
        check("capitalizeListTitles = false", "post: posts|iOS: iOSes");
        check(plain, "ab/c: C|a/.net: .Net|'tis: 'Tis");
        check(plain, "a\u{1}b: Ab|x/\u{1}: %01|\u{ffff}: %EF%BF%BF");
    }
}
