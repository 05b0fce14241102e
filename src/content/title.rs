//! The titles of sections and terms that have none of their own: Hugo makes them of the folder's name, and of the term.

use std::borrow::Cow;

use crate::config::{Site, TitleStyle};
use crate::content::path;
use crate::content::plural::plural;
use crate::content::text::{capitalised, plain};

/// Words that stay small within a title, after the Associated Press.
const SMALL: &str = "a an and as at but by en for if in nor of on or per the to v via vs";

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
        TitleStyle::Go => capitalised_but(name, |c| !is_between_for_go(c), is_between_for_go, &[]),
        TitleStyle::Ap => capitalised_but(name, char::is_alphanumeric, is_between, &[SMALL]),
        TitleStyle::Chicago => capitalised_but(name, char::is_alphanumeric, is_between, &[SMALL, PREPOSITIONS]),
    }
}

fn is_between(c: char) -> bool {
    c.is_whitespace() || matches!(c, '-' | '/')
}

/// What Go's `strings.Title` takes for what is between words: of the signs beyond ASCII, blanks alone.
fn is_between_for_go(c: char) -> bool {
    if c.is_ascii() { !c.is_ascii_alphanumeric() && c != '_' } else { c.is_whitespace() }
}

/// A text with capitals for all words but these; for the first and the last in any case. A word goes on to what is between words.
fn capitalised_but(text: &str, begins: impl Fn(char) -> bool, is_between: impl Fn(char) -> bool, small: &[&str]) -> String {
    let is_small = |word: &str| small.iter().any(|list| list.split(' ').any(|small| small == word));
    let mut title = String::with_capacity(text.len());
    let mut rest = text;
    let mut is_first = true;
    while let Some(start) = rest.find(&begins) {
        let end = rest[start..].find(&is_between).map_or(rest.len(), |length| start + length);
        let word = &rest[start..end];
        title.push_str(&rest[..start]);
        let is_inside = !std::mem::take(&mut is_first) && end < rest.len();
        let stays = is_inside && is_small(word) && may_be_small(&title, &rest[end..]);
        title.push_str(&if stays { word.to_owned() } else { capitalised(word) });
        rest = &rest[end..];
    }
    title + rest
}

/// Whether a word between others may be small: not behind a colon or a dash, nor where a word with a hyphen begins.
fn may_be_small(before: &str, behind: &str) -> bool {
    let mut last = before.chars().rev();
    let (nearest, next) = (last.next(), last.next());
    matches!(nearest, Some(' ' | '-' | '/')) && !matches!(next, Some(':' | '-')) && (nearest == Some('-') || !behind.starts_with('-'))
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
        check("titleCaseStyle = 'go'", "l'été: L'Été|r&d: R&D|snake_case x: Snake_case X|a/b: A/B");
        check("titleCaseStyle = 'firstupper'", "rust lang: Rust lang");
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
