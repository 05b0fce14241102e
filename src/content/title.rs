//! The title of a section that has none of its own: Hugo makes it of the folder's name.

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
    let title = plain(&spelled(name, site));
    if title.is_empty() { path::escape(name).into_owned() } else { title }
}

fn spelled(name: &str, site: &Site) -> String {
    let name = if site.pluralizes_titles { Cow::Owned(plural(name)) } else { Cow::Borrowed(name) };
    match site.title_style {
        TitleStyle::None => name.into_owned(),
        TitleStyle::FirstUpper => capitalised(&name),
        TitleStyle::Go => capitalised_but(&name, &[]),
        TitleStyle::Ap => capitalised_but(&name, &[SMALL]),
        TitleStyle::Chicago => capitalised_but(&name, &[SMALL, PREPOSITIONS]),
    }
}

/// A text with capitals for all words but these; for the first and the last in any case.
fn capitalised_but(text: &str, small: &[&str]) -> String {
    let word = |part: &'_ str| part.trim_end_matches([' ', '-']).len();
    let parts: Vec<&str> = text.split_inclusive([' ', '-']).collect();
    let is_word = |part: &&str| word(part) > 0;
    let ends = [parts.iter().position(is_word), parts.iter().rposition(is_word)];
    let is_small = |part: &str| small.iter().any(|list| list.split(' ').any(|small| small == &part[..word(part)]));
    let case =
        |(at, part): (usize, &&str)| if is_small(part) && !ends.contains(&Some(at)) { (*part).to_owned() } else { capitalised(part) };
    parts.iter().enumerate().map(case).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

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
        check(plain, "a\u{1}b: Ab|x/\u{1}: %01|\u{ffff}: %EF%BF%BF");
    }
}
