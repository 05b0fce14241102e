//! A body as it is before it is parsed: where goldmark takes Markdown otherwise than the parser, it is written so that both agree.

use std::borrow::Cow;

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag};

use super::{DIVIDER, of_document};
use crate::config::Goldmark;

/// A body that the parser takes as goldmark does.
pub(super) fn prepared(source: &str, goldmark: Goldmark) -> Cow<'_, str> {
    match divided(source, goldmark) {
        Cow::Borrowed(source) => widened(source, goldmark),
        Cow::Owned(source) => Cow::Owned(widened(&source, goldmark).into_owned()),
    }
}

/// A body whose divider is a block of its own between others, as Hugo makes of the first one, in whatever line or block it
/// stands. In code it is code, other than in Hugo.
fn divided(source: &str, goldmark: Goldmark) -> Cow<'_, str> {
    let is_code = |event: &Event<'_>| matches!(event, Event::Code(_) | Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(_))));
    for (at, _) in source.match_indices(DIVIDER) {
        let (before, after) = (&source[..at], &source[at + DIVIDER.len()..]);
        if (before.is_empty() || before.ends_with('\n')) && after.lines().next().unwrap_or("").trim().is_empty() {
            break;
        }
        if !is_within(source, at, goldmark, is_code) {
            return Cow::Owned([before, "\n\n", DIVIDER, "\n\n", after.trim_start_matches([' ', '\t'])].concat());
        }
    }
    Cow::Borrowed(source)
}

/// A body in which the head of each table has as many cells as the row below it: with fewer it is a table for goldmark alone.
fn widened(source: &str, goldmark: Goldmark) -> Cow<'_, str> {
    if !goldmark.tables || memchr::memchr(b'|', source.as_bytes()).is_none() {
        return Cow::Borrowed(source);
    }
    let is_code = |event: &Event<'_>| matches!(event, Event::Start(Tag::CodeBlock(_)));
    let (mut out, mut copied, mut start, mut head) = (String::new(), 0, 0, "");
    for line in source.split_inclusive('\n') {
        let missing = columns(line).map_or(0, |columns| columns.saturating_sub(cells(head).len()));
        if missing > 0 && head.contains('|') && !is_within(source, start, goldmark, is_code) {
            let end = start - head.len() + head.trim_end().len();
            out.push_str(&source[copied..end]);
            out.push_str(if ends_cell(head.trim_end()) { "" } else { " |" });
            out.extend(std::iter::repeat_n(" |", missing));
            copied = end;
        }
        (head, start) = (line, start + line.len());
    }
    if copied == 0 { Cow::Borrowed(source) } else { Cow::Owned(out + &source[copied..]) }
}

/// How many columns a line gives a table, if it is the one below its head.
fn columns(line: &str) -> Option<usize> {
    let is_plain = line.bytes().all(|byte| matches!(byte, b'|' | b':' | b'-' | b' ' | b'\t' | b'\r' | b'\n'));
    let cells = if is_plain && line.contains('|') { cells(line) } else { Vec::new() };
    let is_rule = |cell: &&str| {
        let cell = cell.trim();
        let dashes = cell.strip_prefix(':').unwrap_or(cell);
        let dashes = dashes.strip_suffix(':').unwrap_or(dashes);
        !dashes.is_empty() && dashes.bytes().all(|byte| byte == b'-')
    };
    (!cells.is_empty() && cells.iter().all(is_rule)).then_some(cells.len())
}

/// The cells of a row.
fn cells(row: &str) -> Vec<&str> {
    let row = row.trim();
    let row = row.strip_prefix('|').unwrap_or(row);
    let row = if ends_cell(row) { &row[..row.len() - 1] } else { row };
    let mut cells = Vec::new();
    let mut start = 0;
    for (at, _) in row.match_indices('|').filter(|(at, _)| ends_cell(&row[..=*at])) {
        cells.push(&row[start..at]);
        start = at + 1;
    }
    cells.push(&row[start..]);
    cells
}

/// Whether a text ends with a bar that no backslash makes a part of it.
fn ends_cell(text: &str) -> bool {
    text.strip_suffix('|').is_some_and(|text| !text.ends_with('\\'))
}

/// Whether a byte of a body is within something.
fn is_within(source: &str, at: usize, goldmark: Goldmark, is_it: impl Fn(&Event<'_>) -> bool) -> bool {
    let events = Parser::new_ext(source, of_document(goldmark)).into_offset_iter();
    events.take_while(|(_, range)| range.start <= at).any(|(event, range)| range.contains(&at) && is_it(&event))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_of_a_table_gets_the_cells_that_it_lacks() {
        let check = |source: &str, expected: &str| assert_eq!(widened(source, Goldmark::default()), expected);
        check("x\n\n| a | b |\n|---|:-:|--|\n| c |\n", "x\n\n| a | b | |\n|---|:-:|--|\n| c |\n");
        check("a | b \r\n--|--|--|--\r\n", "a | b | | | \r\n--|--|--|--\r\n");
        check("> | a \\| b |\n> |--|--|\n", "> | a \\| b |\n> |--|--|\n");
        check("| a \\| b |\n|--|--|", "| a \\| b | |\n|--|--|");
        for same in ["| a | b |\n|--|--|\n", "a\n|--|--|\n", "| a |\n|--|x|\n", "```\n| a |\n|--|--|\n```\n", "|\n|--||\n", "", "|"] {
            check(same, same);
        }
    }

    proptest::proptest! {
        #[test]
        fn whatever_stands_in_a_body_it_is_prepared(source in "[ab|:\\- >`\\n\\\\é]{0,60}(<!--more-->)?[ab|:\\- \\n]{0,20}") {
            let prepared = prepared(&source, Goldmark::default());
            proptest::prop_assert!(prepared.len() >= source.trim_end().len());
        }
    }
}
