//! Tables that are some for goldmark alone. For it any line of a paragraph with a row of dashes below it is the head of one, if it
//! has no more cells than that row. The parser wants as many, a bar in the head, and one before it where lines of text are above.

use std::borrow::Cow;

use pulldown_cmark::Options;

use super::Markdown;
use super::layout::{Kind, Layout, oddities};
use super::source::replaced;

/// The line below the head of a table.
struct Ruler<'s> {
    /// Where it begins, without what is before it in its line.
    start: usize,
    line: &'s str,
    columns: usize,
    /// The line above it, without what contains both.
    head: &'s str,
    /// Where that begins.
    head_start: usize,
    /// Whether there is a line of text above the head.
    follows_text: bool,
}

/// A body in which each table is one for the parser.
pub(super) fn ruled<'s>(source: &'s str, markdown: &Markdown, options: Options) -> Cow<'s, str> {
    if !options.contains(Options::ENABLE_TABLES) {
        return Cow::Borrowed(source);
    }
    let rulers: Vec<_> = rulers(source).filter(Ruler::is_odd).collect();
    if rulers.is_empty() {
        return Cow::Borrowed(source);
    }
    let layout = Layout::of(source, &oddities(source, markdown), markdown, options);
    let is_text = |at| !layout.at(at).is_some_and(Kind::is_block);
    let tables = rulers.iter().filter(|ruler| is_text(ruler.start) && layout.is_one_block(ruler.head_start, ruler.start));
    replaced(source, tables.flat_map(Ruler::changes).map(|(at, text)| (at..at, text.into())))
}

/// The lines that would rule a table, each with a line of text above it.
fn rulers(source: &str) -> impl Iterator<Item = Ruler<'_>> {
    let mut seen = 0;
    memchr::memchr2_iter(b'|', b':', source.as_bytes()).filter_map(move |at| {
        if at < seen || !is_by_dashes(source.as_bytes(), at) {
            return None;
        }
        seen = source[at..].find('\n').map_or(source.len(), |end| at + end);
        let line = source[..at].rfind('\n')? + 1;
        let whole = &source[line..seen];
        let ruler = whole.trim_start_matches([' ', '\t', '>']);
        let columns = columns(ruler)?;
        let above = source[..line - 1].strip_suffix('\r').unwrap_or(&source[..line - 1]);
        let head_line = above.rfind('\n').map_or(0, |end| end + 1);
        let head = without_containers(&above[head_line..]);
        let (around_head, around) = (&above[head_line..above.len() - head.len()], &whole[..whole.len() - ruler.len()]);
        let is_item = around_head.contains(|c| !matches!(c, ' ' | '\t' | '>'));
        let before = above[..head_line].lines().next_back().unwrap_or("");
        let ruler = Ruler {
            start: seen - ruler.len(),
            line: ruler,
            columns,
            head: head.trim_end(),
            head_start: above.len() - head.len(),
            follows_text: !is_item && !before.trim_matches([' ', '\t', '>', '\r']).is_empty(),
        };
        // else the ruler is the end of a paragraph in them, and for the parser no more
        let is_in_same = around.matches('>').count() == around_head.matches('>').count() && (!is_item || around.len() >= around_head.len());
        (!ruler.head.is_empty() && is_in_same).then_some(ruler)
    })
}

/// Whether dashes are beside a bar or colon, as in a line that rules a table.
fn is_by_dashes(source: &[u8], at: usize) -> bool {
    let next = source[at + 1..].iter().find(|byte| !matches!(byte, b' ' | b'\t'));
    matches!(next, Some(b'-' | b':')) || at > 0 && source[at - 1] == b'-'
}

/// A line without the signs of quotes before it, and without those that make it the first of items.
fn without_containers(line: &str) -> &str {
    let mut line = line;
    loop {
        line = line.trim_start_matches([' ', '\t', '>']);
        let number = line.len() - line.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let signs: &[char] = if number > 0 { &['.', ')'] } else { &['-', '*', '+', ':'] };
        match line[number..].strip_prefix(signs).filter(|item| item.starts_with([' ', '\t'])) {
            Some(item) => line = item,
            None => return line,
        }
    }
}

/// How many columns a line gives a table, if it is the one below its head.
fn columns(line: &str) -> Option<usize> {
    let is_plain = line.bytes().all(|byte| matches!(byte, b'|' | b':' | b'-' | b' ' | b'\t' | b'\r'));
    // a definition or an item of a list
    let is_item = line.strip_prefix([':', '-']).is_some_and(|rest| rest.starts_with([' ', '\t']));
    let cells = if is_plain && !is_item && line.contains(['|', ':']) { cells(line) } else { Vec::new() };
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

impl Ruler<'_> {
    /// Whether it is below the head of a table for goldmark, and not for the parser.
    fn is_odd(&self) -> bool {
        self.missing().is_some_and(|missing| missing > 0 || self.head_lacks_bar() || self.lacks_bar())
    }

    /// How many cells the head lacks; none where it has too many.
    fn missing(&self) -> Option<usize> {
        self.columns.checked_sub(cells(self.head).len())
    }

    /// Whether the parser wants a bar before the head.
    fn head_lacks_bar(&self) -> bool {
        !self.head.starts_with('|') && (self.follows_text || !self.head.contains('|'))
    }

    /// Whether the parser wants a bar before the dashes, or would take the colon there for a definition.
    fn lacks_bar(&self) -> bool {
        self.line.starts_with(':') || !self.line.contains('|')
    }

    /// What is put in where, in order.
    fn changes(&self) -> impl Iterator<Item = (usize, String)> {
        let missing = self.missing().unwrap_or(0);
        let is_open = missing > 0 && !ends_cell(self.head);
        let changes = [
            (self.head_start, if self.head_lacks_bar() { "| ".to_owned() } else { String::new() }),
            (self.head_start + self.head.len(), " |".repeat(missing + usize::from(is_open))),
            (self.start, if self.lacks_bar() { "|".to_owned() } else { String::new() }),
        ];
        changes.into_iter().filter(|(_, text)| !text.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::markdown::of_document;

    fn check(source: &str, expected: &str) {
        let markdown = Markdown::of_site("");
        assert_eq!(ruled(source, &markdown, of_document(markdown.goldmark)), expected, "{source}");
    }

    #[test]
    fn the_head_of_a_table_gets_the_cells_that_it_lacks() {
        check("x\n\n| a | b |\n|---|:-:|--|\n| c |\n", "x\n\n| a | b | |\n|---|:-:|--|\n| c |\n");
        check("a | b \r\n--|--|--|--\r\n", "a | b | | | \r\n--|--|--|--\r\n");
        check("| a \\| b |\n|--|--|", "| a \\| b | |\n|--|--|");
        check("x\n\n| a |\n| - | - |\n\n|b\n|:-|-\n", "x\n\n| a | |\n| - | - |\n\n|b | |\n|:-|-\n");
        check("> | a |\n> |--|--|\n", "> | a | |\n> |--|--|\n");
        check("- - | a |\n    |--|--|\n", "- - | a | |\n    |--|--|\n");
        check("1. a | b\n   --|--|--", "1. a | b | |\n   --|--|--");
        for same in [
            "| a |\n\n|--|--|\n",
            "|--|--|",
            "| a | b |\n|--|--|\n",
            "| a | b |\n|--|\n",
            "| a |\n|--|x|\n",
            "```\n| a |\n|--|--|\n```\n",
            "<pre>\n| a |\n|--|--|\n</pre>\n",
            "    | a |\n|--|--|\n",
            "# | a |\n|--|--|\n",
            "|\n|--||\n",
            "",
            "|",
        ] {
            check(same, same);
        }
    }

    #[test]
    fn a_colon_before_the_dashes_makes_no_definition() {
        check("a | b\n:--|--:\n1 | 2", "a | b\n|:--|--:\n1 | 2");
        check("x\n\na | b\n:-: | ---", "x\n\na | b\n|:-: | ---");
        check("> a | b\n> :--|--", "> a | b\n> |:--|--");
        check("- a | b\n  :--|--", "- a | b\n  |:--|--");
        check("a\n: b | c\n  :-- | --", "a\n: b | c\n  |:-- | --");
        for same in ["a | b | c\n:--|--", "a | b\n: --|--", "~~~\na | b\n:--|--\n~~~", "# a | b\n:--|--"] {
            check(same, same);
        }
    }

    #[test]
    fn any_line_of_text_is_a_head() {
        check("x\na | b\n--|--", "x\n| a | b\n--|--");
        check("a\n:--", "| a\n|:--");
        check("a\n-:", "| a\n|-:");
        check("a\n--|--", "| a | |\n--|--");
        for same in ["x\n\na | b\n--|--", "a\n--", "a\n- | -", "a\n===\n:--", "a\n\n:--", "- a\n:--", "> a\n:--", "1. a\n  :--"] {
            check(same, same);
        }
    }

    proptest::proptest! {
        #[test]
        fn whatever_stands_in_a_body_tables_are_looked_for(source in "[ab|:\\- >`\\n\\r\\\\é1.]{0,60}") {
            let markdown = Markdown::of_site("");
            let ruled = ruled(&source, &markdown, of_document(markdown.goldmark));
            proptest::prop_assert_eq!(ruled.replace(['|', ' '], ""), source.replace(['|', ' '], ""));
        }
    }
}
