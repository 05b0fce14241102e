//! Tables that are some for goldmark alone: their heads have fewer cells than the row below.

use std::borrow::Cow;
use std::cell::LazyCell;

use pulldown_cmark::Options;

use super::Markdown;
use super::layout::{Kind, Layout, oddities};
use super::source::replaced;

/// A body in which the head of each table has as many cells as the row below it: with fewer it is a table for goldmark alone.
pub(super) fn ruled<'s>(source: &'s str, markdown: &Markdown, options: Options) -> Cow<'s, str> {
    if !options.contains(Options::ENABLE_TABLES) {
        return Cow::Borrowed(source);
    }
    let layout = LazyCell::new(|| Layout::of(source, &oddities(source, markdown), markdown, options));
    let is_no_text = |at| matches!(layout.at(at), Some(Kind::Fence | Kind::Block));
    let mut seen = 0;
    let changes = memchr::memchr_iter(b'|', source.as_bytes()).filter_map(|bar| {
        if bar < seen || !may_rule(&source.as_bytes()[bar + 1..]) {
            return None;
        }
        let start = source[..bar].rfind('\n').map_or(0, |end| end + 1);
        seen = source[bar..].find('\n').map_or(source.len(), |end| bar + end);
        let before = &source[..start];
        let head = &before[before.strip_suffix('\n').and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1)..];
        let missing = columns(&source[start..seen]).map_or(0, |columns| columns.saturating_sub(cells(head).len()));
        let is_verbatim = || [start - head.trim_start().len(), start].into_iter().any(is_no_text);
        if missing == 0 || !head.contains('|') || is_verbatim() {
            return None;
        }
        let end = start - head.len() + head.trim_end().len();
        let cells = " |".repeat(missing + usize::from(!ends_cell(head.trim_end())));
        Some((end..end, cells.into()))
    });
    replaced(source, changes)
}

/// Whether what comes after a bar may be in the row below the head of a table.
fn may_rule(after: &[u8]) -> bool {
    let next = after.iter().find(|byte| !matches!(byte, b' ' | b'\t'));
    matches!(next, Some(b'-' | b':'))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::markdown::of_document;

    #[test]
    fn the_head_of_a_table_gets_the_cells_that_it_lacks() {
        let markdown = Markdown::of_site("");
        let check = |source: &str, expected: &str| assert_eq!(ruled(source, &markdown, of_document(markdown.goldmark)), expected);
        check("x\n\n| a | b |\n|---|:-:|--|\n| c |\n", "x\n\n| a | b | |\n|---|:-:|--|\n| c |\n");
        check("a | b \r\n--|--|--|--\r\n", "a | b | | | \r\n--|--|--|--\r\n");
        check("> | a \\| b |\n> |--|--|\n", "> | a \\| b |\n> |--|--|\n");
        check("| a \\| b |\n|--|--|", "| a \\| b | |\n|--|--|");
        check("x\n\n| a |\n| - | - |\n\n|b\n|:-|-\n", "x\n\n| a | |\n| - | - |\n\n|b | |\n|:-|-\n");
        for same in [
            "| a |\n\n|--|--|\n",
            "|--|--|",
            "| a | b |\n|--|--|\n",
            "a\n|--|--|\n",
            "| a |\n|--|x|\n",
            "```\n| a |\n|--|--|\n```\n",
            "<pre>\n| a |\n|--|--|\n</pre>\n",
            "    | a |\n|--|--|\n",
            "|\n|--||\n",
            "",
            "|",
        ] {
            check(same, same);
        }
    }
}
