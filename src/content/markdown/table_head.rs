//! Tables that are some for goldmark alone. For it any line of a paragraph with a row of dashes below it is the head of one, if it
//! has no more cells than that row. The parser wants as many, a bar in the head, and one before it where lines of text are above. It
//! wants blanks for tabs in the row of dashes and, before each line, what contains the table, which lines of a paragraph may lack.

use std::borrow::Cow;
use std::ops::Range;

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
    /// Whether lines of the table may lack what contains it.
    is_lazy: bool,
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
    let mut ruled = 0;
    // a paragraph has one table: all below the first head is rows of it
    let tables = rulers.iter().filter(|ruler| {
        let is_table = ruler.start >= ruled && is_text(ruler.start) && layout.is_one_block(ruler.head_start, ruler.start);
        ruled = if is_table { layout.block_around(ruler.head_start).end } else { ruled };
        is_table
    });
    let mut changes: Vec<_> = tables.flat_map(|ruler| ruler.containers(source, &layout).into_iter().chain(ruler.changes())).collect();
    changes.sort_by_key(|(place, _)| (place.start, place.end));
    replaced(source, changes.into_iter())
}

/// The lines that would rule a table, each with a line of text above it.
fn rulers(source: &str) -> impl Iterator<Item = Ruler<'_>> {
    let (mut seen, mut ruled) = (0, 0);
    memchr::memchr2_iter(b'|', b':', source.as_bytes()).filter_map(move |at| {
        if at < seen || !is_by_dashes(source.as_bytes(), at) {
            return None;
        }
        seen = source[at..].find('\n').map_or(source.len(), |end| at + end);
        let ruler = Ruler::of(source, ruled, line_start(source, at)..seen)?;
        ruled = seen;
        Some(ruler)
    })
}

/// Where the line begins that a byte is in.
fn line_start(source: &str, at: usize) -> usize {
    memchr::memrchr(b'\n', &source.as_bytes()[..at]).map_or(0, |end| end + 1)
}

/// What is before the text of a line: the signs of what contains it, and blanks.
fn around(line: &str) -> &str {
    &line[..line.len() - without_containers(line).len()]
}

/// Whether a line begins without a part of what is around another.
fn lacks(line: &str, around: &str) -> bool {
    let own = &line[..line.len() - line.trim_start_matches([' ', '\t', '>']).len()];
    own.matches('>').count() < around.matches('>').count() || own.len() < around.len()
}

/// Whether dashes are beside a bar or colon, as in a line that rules a table.
fn is_by_dashes(source: &[u8], at: usize) -> bool {
    let is_sign = |byte: &&u8| !matches!(byte, b' ' | b'\t');
    matches!(source[at + 1..].iter().find(is_sign), Some(b'-' | b':')) || source[..at].iter().rev().find(is_sign) == Some(&b'-')
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

impl<'s> Ruler<'s> {
    /// The line at a place, if it would rule a table. Lines of the paragraph around it are looked through from `ruled` on.
    fn of(source: &'s str, ruled: usize, place: Range<usize>) -> Option<Self> {
        let whole = &source[place.clone()];
        let line = whole.trim_start_matches([' ', '\t', '>']);
        let columns = columns(line)?;
        let above = source[..place.start].strip_suffix('\n')?;
        let above = above.strip_suffix('\r').unwrap_or(above);
        let head_line = line_start(source, above.len());
        let head = without_containers(&above[head_line..]);
        let around_head = around(&above[head_line..]);
        let is_item = around_head.contains(|c| !matches!(c, ' ' | '\t' | '>'));
        let is_text = |line: &&str| !line.trim_matches([' ', '\t', '>', '\r']).is_empty();
        let lines = || source[ruled.min(head_line)..head_line].lines().rev().take_while(is_text);
        let is_lazy =
            lacks(whole, around_head) || lines().map(around).any(|around| lacks(whole, around) || !is_item && lacks(around_head, around));
        let ruler = Ruler {
            start: place.end - line.len(),
            line,
            columns,
            head: head.trim_end(),
            head_start: above.len() - head.len(),
            follows_text: !is_item && lines().next().is_some(),
            is_lazy,
        };
        (!ruler.head.is_empty()).then_some(ruler)
    }

    /// Whether it is below the head of a table for goldmark, and not for the parser.
    fn is_odd(&self) -> bool {
        self.missing()
            .is_some_and(|missing| missing > 0 || self.head_lacks_bar() || self.lacks_bar() || self.is_lazy || self.line.contains('\t'))
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

    /// What is written otherwise in the head and below it.
    fn changes(&self) -> Vec<(Range<usize>, Cow<'static, str>)> {
        let missing = self.missing().unwrap_or(0);
        let is_open = missing > 0 && !ends_cell(self.head);
        let put_in = [
            (self.head_start, if self.head_lacks_bar() { "| ".into() } else { Cow::Borrowed("") }),
            (self.head_start + self.head.len(), " |".repeat(missing + usize::from(is_open)).into()),
            (self.start, Cow::Borrowed(if self.lacks_bar() { "|" } else { "" })),
        ];
        let put_in = put_in.into_iter().filter(|(_, text)| !text.is_empty()).map(|(at, text)| (at..at, text));
        let tabs = self.line.match_indices('\t').map(|(at, tab)| (self.start + at..self.start + at + tab.len(), Cow::Borrowed(" ")));
        put_in.chain(tabs).collect()
    }

    /// What contains the table, for each of its lines that lacks it.
    fn containers(&self, source: &str, layout: &Layout) -> Vec<(Range<usize>, Cow<'static, str>)> {
        if !self.is_lazy {
            return Vec::new();
        }
        let paragraph = layout.block_around(self.head_start);
        let first = line_start(source, paragraph.start);
        let around = around(source[first..].lines().next().unwrap_or_default());
        let quotes = around.matches('>').count();
        let prefix: String = around.chars().map(|c| if matches!(c, '>' | '\t') { c } else { ' ' }).collect();
        let head = line_start(source, self.head_start);
        let mut start = head;
        let lines = source[head..paragraph.end].split_inclusive('\n').map(|line| {
            start += line.len();
            (start - line.len(), line)
        });
        let lines = lines.filter(|(start, line)| *start != first && !line.trim().is_empty());
        lines
            .map(|(start, line)| {
                let text = without_quotes(line, quotes);
                let is_row = start > self.start;
                // else it might be a block of its own
                let bar = if is_row && !text.starts_with('|') { "| " } else { "" };
                (start..start + line.len() - text.len(), [&prefix, bar].concat().into())
            })
            .collect()
    }
}

/// A line without blanks before it and without so many signs of quotes.
fn without_quotes(line: &str, quotes: usize) -> &str {
    let trimmed = |line: &'_ str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let mut line = &line[trimmed(line)..];
    for _ in 0..quotes {
        line = line.strip_prefix('>').unwrap_or(line);
        line = &line[trimmed(line)..];
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::markdown::extensions;

    fn check(source: &str, expected: &str) {
        let markdown = Markdown::of_site("");
        assert_eq!(ruled(source, &markdown, extensions(markdown.goldmark)), expected, "{source}");
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
        for same in ["x\n\na | b\n--|--", "a\n--", "a\n- | -", "a\n===\n:--", "a\n\n:--"] {
            check(same, same);
        }
    }

    #[test]
    fn lines_of_a_table_get_what_contains_it() {
        check("- x\n| a | b |\n|---|---|\nc | d\n\n|e", "- x\n  | a | b |\n  |---|---|\n  | c | d\n\n|e");
        check("> - | a |\n>   |---|\nb\n> c", "> - | a |\n>   |---|\nb\n> c");
        check("> - | a |\n|---|\nb\n> c", "> - | a |\n>   |---|\n>   | b\n>   | c");
        check("1. x\n   - y\na | b\n--- | ---", "1. x\n   - y\n     | a | b\n     --- | ---");
        check("- x\n\n  y\n| a |\n| - |\n- z", "- x\n\n  y\n  | a |\n  | - |\n- z");
        check("x\n    | a |\n| - |", "x\n| a |\n| - |");
        check("- a\n:--", "- | a\n  |:--");
        check("> a\n-:", "> | a\n> |-:");
        for same in ["- # x\n| a |\n| - |", "-\n| a |\n| - |", "> | a |\n> | - |", "- | a |\n  | - |", "- x\n\n| a |\n| - |"] {
            check(same, same);
        }
    }

    #[test]
    fn tabs_in_the_row_of_dashes_are_blanks() {
        check("| a\t| b |\t\n|\t--- |---\t|\t\n|\tc\t|", "| a\t| b |\t\n| --- |--- | \n|\tc\t|");
        check("a\n---\t|", "| a\n--- |");
        check("    | a |\n\t| -\t|", "    | a |\n\t| -\t|");
    }

    #[test]
    fn rows_of_dashes_without_number_take_no_longer_than_theirs() {
        let markdown = Markdown::of_site("");
        let started = std::time::Instant::now();
        for unit in ["|-|\n", "- x\n|-|\n", "> > -|\n-|\n", "a\n|-|\n\n", "x\n    |\n|-|\t\n", "|   \t", "- "] {
            let source = "- x\n".to_owned() + &unit.repeat(20_000);
            ruled(&source, &markdown, extensions(markdown.goldmark));
        }
        assert!(started.elapsed() < std::time::Duration::from_secs(10), "{:?}", started.elapsed());
    }

    proptest::proptest! {
        #[test]
        fn whatever_stands_in_a_body_tables_are_looked_for(source in "[ab|:\\- >`\\n\\r\\\\é1.]{0,60}") {
            let markdown = Markdown::of_site("");
            let ruled = ruled(&source, &markdown, extensions(markdown.goldmark));
            proptest::prop_assert_eq!(ruled.replace(['|', ' ', '>'], ""), source.replace(['|', ' ', '>'], ""));
        }
    }
}
