//! Where HTML stays as it is written when it is parsed.
//!
//! A parser moves, closes and repeats elements that stand where they may not (HTML, §13.2.6). [`stays`] is told the
//! elements that are open, opened and closed in pairs, and knows whether a parser would keep the next one there. Where it
//! does not know it says no; so a yes can be relied upon.

/// Elements that mean nothing to a parser wherever they stand, but in a table.
const PLAIN: &[&str] = &[
    "abbr", "audio", "bdi", "bdo", "cite", "del", "dfn", "ins", "kbd", "mark", "picture", "q", "samp", "span", "sub", "sup", "time", "var",
    "video",
];

/// Elements that a parser opens again after a block that they were not closed in. Closed in pairs they are plain.
const FORMATTING: &[&str] = &["b", "code", "em", "i", "s", "small", "strike", "strong", "tt", "u"];

/// Elements without an end.
pub(crate) const VOID: &[&str] =
    &["area", "base", "br", "col", "embed", "frame", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"];

/// Elements that end a paragraph where they begin.
pub(super) const ENDING_A_PARAGRAPH: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "center",
    "details",
    "div",
    "dl",
    "dd",
    "dt",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hgroup",
    "hr",
    "li",
    "main",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "summary",
    "table",
    "ul",
];

/// Elements in which what is around them is out of a parser's sight.
const BARRIERS: &[&str] = &["td", "th", "caption"];

/// Parts of a table, each with where it may stand.
const TABLE: &[(&str, &[&str])] = &[
    ("caption", &["table"]),
    ("colgroup", &["table"]),
    ("col", &["colgroup"]),
    ("thead", &["table"]),
    ("tbody", &["table"]),
    ("tfoot", &["table"]),
    ("tr", &["thead", "tbody", "tfoot"]),
    ("td", &["tr"]),
    ("th", &["tr"]),
];

/// Elements whose children are parts of a table alone, and white space.
const STRUCTURE: &[&str] = &["table", "colgroup", "thead", "tbody", "tfoot", "tr"];

const HEADINGS: &[&str] = &["h1", "h2", "h3", "h4", "h5", "h6"];

/// Whether an element that is opened below `open`, outermost first, stays there.
pub(super) fn stays(open: &[String], name: &str) -> bool {
    let parent = open.last().map_or("", |parent| &**parent);
    if let Some((_, places)) = TABLE.iter().find(|(part, _)| *part == name) {
        return places.contains(&parent);
    }
    if STRUCTURE.contains(&parent) {
        return false;
    }
    let in_sight = || open.iter().rev().take_while(|open| !BARRIERS.contains(&&***open));
    match name {
        "a" => in_sight().all(|open| open != "a"),
        // without a list around it, it would end the one that is open somewhere above
        "li" => matches!(parent, "ul" | "ol"),
        "dt" | "dd" => parent == "dl",
        _ if HEADINGS.contains(&name) => !HEADINGS.contains(&parent) && in_sight().all(|open| open != "p"),
        _ if ENDING_A_PARAGRAPH.contains(&name) => in_sight().all(|open| open != "p"),
        _ => is_plain(name),
    }
}

/// Whether an element stays wherever text does.
pub(super) fn is_plain(name: &str) -> bool {
    PLAIN.contains(&name) || FORMATTING.contains(&name) || matches!(name, "br" | "img" | "source" | "wbr")
}

/// Whether text below `open` stays there. `is_first` says that it comes right after the start tag.
pub(super) fn text_stays(open: &[String], text: &str, is_first: bool) -> bool {
    let parent = open.last().map_or("", |parent| &**parent);
    if STRUCTURE.contains(&parent) {
        return text.bytes().all(|byte| byte.is_ascii_whitespace());
    }
    // the line end after <pre> belongs to the tag
    !(parent == "pre" && is_first && text.starts_with('\n'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(open: &str, name: &str, expected: bool) {
        let open: Vec<String> = open.split_whitespace().map(str::to_owned).collect();
        assert_eq!(stays(&open, name), expected, "{name} in {open:?}");
    }

    #[test]
    fn what_a_parser_would_move_does_not_stay() {
        check("div p b", "em", true);
        check("div p b", "div", false);
        check("p table tbody tr td", "p", true);
        check("a div", "a", false);
        check("a table tbody tr td", "a", true);
        check("table", "tr", false);
        check("table tbody", "tr", true);
        check("table tbody", "b", false);
        check("ul", "li", true);
        check("ul li div", "li", false);
        check("h1", "h2", false);
        check("h1 em", "h2", true);
        check("math", "mi", false);
        check("", "ruby", false);
    }

    #[test]
    fn text_in_the_structure_of_a_table_does_not_stay() {
        let open = |name: &str| vec![name.to_owned()];
        assert!(text_stays(&open("tr"), " \n", true) && !text_stays(&open("tr"), "a", true));
        assert!(!text_stays(&open("pre"), "\na", true) && text_stays(&open("pre"), "\na", false));
    }
}
