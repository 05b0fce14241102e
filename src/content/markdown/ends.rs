//! Blocks that end for goldmark, and for the parser do not: code whose closing fence has a tab behind it, and HTML whose closing tag
//! is in capitals. Without their ends all the rest of a body would be code, or HTML.

use std::borrow::Cow;
use std::ops::Range;

use pulldown_cmark::Options;

use super::Markdown;
use super::layout::{Kind, Layout, oddities};
use super::source::{replaced, then};

/// The elements whose closing tag ends a block of HTML, CommonMark §4.6.
pub(super) const CLOSED_BY_TAG: [&str; 4] = ["script", "pre", "style", "textarea"];

/// A body in which each block ends for the parser where it does for goldmark.
pub(super) fn ended<'s>(source: &'s str, markdown: &Markdown, options: Options) -> Cow<'s, str> {
    let source = replaced(source, behind_fences(source).map(|blanks| (blanks, "".into())));
    then(source, |source| in_small_letters(source, markdown, options))
}

/// The blanks behind what may be closing fences, where there is a tab among them.
fn behind_fences(source: &str) -> impl Iterator<Item = Range<usize>> {
    let mut seen = 0;
    memchr::memchr_iter(b'\t', source.as_bytes()).filter_map(move |tab| {
        if tab < seen {
            return None;
        }
        let behind = source[tab..].trim_start_matches([' ', '\t']);
        seen = source.len() - behind.len();
        let before = source[..tab].trim_end_matches(' ');
        let is_last = behind.is_empty() || behind.starts_with('\n') || behind.starts_with("\r\n");
        (is_last && ends_with_fence(before)).then_some(before.len()..seen)
    })
}

/// Whether nothing but a fence is in the last line of a text.
fn ends_with_fence(text: &str) -> bool {
    let Some(sign) = text.chars().next_back().filter(|sign| matches!(sign, '`' | '~')) else { return false };
    let before = text.trim_end_matches(sign);
    let line = before.trim_end_matches([' ', '\t', '>']);
    text.len() - before.len() >= 3 && (line.is_empty() || line.ends_with('\n'))
}

/// A body in which the closing tags that end blocks of HTML are in small letters.
fn in_small_letters<'s>(source: &'s str, markdown: &Markdown, options: Options) -> Cow<'s, str> {
    let tags: Vec<_> = closing_tags(source).collect();
    if tags.is_empty() {
        return Cow::Borrowed(source);
    }
    let small = |tag: &Range<usize>| (tag.clone(), source[tag.clone()].to_ascii_lowercase().into());
    let written = replaced(source, tags.iter().map(small));
    let layout = Layout::of(&written, &oddities(&written, markdown), markdown, options);
    // those in code stay
    let in_html = tags.iter().filter(|tag| layout.at(tag.start) == Some(Kind::Html));
    replaced(source, in_html.map(small))
}

/// The closing tags of these elements that have capitals.
fn closing_tags(source: &str) -> impl Iterator<Item = Range<usize>> {
    memchr::memmem::find_iter(source.as_bytes(), "</").filter_map(|at| {
        let name = &source[at + 2..];
        let name = &name[..name.find('>').filter(|end| *end <= "textarea".len())?];
        let is_odd = CLOSED_BY_TAG.iter().any(|element| name.eq_ignore_ascii_case(element) && name != *element);
        is_odd.then(|| at..at + 2 + name.len())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::markdown::extensions;

    fn check(source: &str, expected: &str) {
        let markdown = Markdown::of_site("");
        assert_eq!(ended(source, &markdown, extensions(markdown.goldmark)), expected, "{source}");
    }

    #[test]
    fn no_tab_is_behind_a_closing_fence() {
        check("```\na\n```\t\nb", "```\na\n```\nb");
        check("> ~~~\n> a\n> ~~~~ \t \r\n> b\t\n", "> ~~~\n> a\n> ~~~~\r\n> b\t\n");
        check("- ```\n  \ta\n\t```\t", "- ```\n  \ta\n\t```");
        for same in ["``\t", "a ```\t", "```\ta", "\t", "```yaml\t\na", "~~```\t"] {
            check(same, same);
        }
    }

    #[test]
    fn a_closing_tag_that_ends_a_block_is_in_small_letters() {
        check("<STYLE>\na\n\nb\n</STYLE>\n\n*c*\n</Style>", "<STYLE>\na\n\nb\n</style>\n\n*c*\n</Style>");
        check("<pre>\n</PRE>\n`</PRE>`\n\n    </PRE>\n\n~~~\n</PRE>\n~~~", "<pre>\n</pre>\n`</PRE>`\n\n    </PRE>\n\n~~~\n</PRE>\n~~~");
        check("> <Textarea>\n>\n> a</TEXTAREA>\n\n<SCRIPT></Script>", "> <Textarea>\n>\n> a</textarea>\n\n<SCRIPT></script>");
        for same in ["<pre>\n</pre>", "<DIV>\n</DIV>", "</PRE", "</", "<pre>\n</é>"] {
            check(same, same);
        }
    }

    #[test]
    fn ends_without_number_take_no_longer_than_theirs() {
        let started = std::time::Instant::now();
        for unit in ["\t", "`\t", "```\t\n", "~", "</", "</PRE>", "<PRE>\n</PRE>\n"] {
            check(&unit.repeat(50_000), &unit.repeat(50_000).replace("`\t\n", "`\n").replace("</PRE>\n", "</pre>\n"));
        }
        assert!(started.elapsed() < std::time::Duration::from_secs(5));
    }
}
