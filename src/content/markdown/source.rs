//! A body as it is before it is parsed: where goldmark takes Markdown otherwise than the parser, it is written so that both agree.

use std::borrow::Cow;
use std::cell::LazyCell;
use std::ops::Range;
use std::sync::LazyLock;

use pulldown_cmark::{CodeBlockKind, Event, LinkType, Parser, Tag};
use regex::{Captures, Regex};

use super::{DIVIDER, Markdown, of_document};
use crate::config::Goldmark;
use crate::content::emoji;

/// A body that the parser takes as goldmark does.
pub(super) fn prepared<'s>(source: &'s str, markdown: &Markdown) -> Cow<'s, str> {
    let source = divided(source, markdown.goldmark);
    let source = then(source, |source| quoted(source, markdown));
    let source = then(source, |source| unattributed(source, markdown.goldmark));
    let source = then(source, |source| undefined(source, markdown.goldmark));
    let source = then(source, |source| widened(source, markdown.goldmark));
    then(source, |source| passed(source, markdown))
}

/// What a step makes of what is borrowed or owned.
fn then<'s>(source: Cow<'s, str>, step: impl Fn(&str) -> Cow<'_, str>) -> Cow<'s, str> {
    match source {
        Cow::Borrowed(source) => step(source),
        Cow::Owned(source) => Cow::Owned(step(&source).into_owned()),
    }
}

/// A body with other text in some places, which are given in order.
fn replaced<'s, 't>(source: &'s str, changes: impl Iterator<Item = (Range<usize>, Cow<'t, str>)>) -> Cow<'s, str> {
    let (mut out, mut copied) = (String::new(), 0);
    for (place, text) in changes {
        out.push_str(&source[copied..place.start]);
        out.push_str(&text);
        copied = place.end;
    }
    if copied == 0 { Cow::Borrowed(source) } else { Cow::Owned(out + &source[copied..]) }
}

/// Markdown in which whatever passes through, as TeX does, is spelled so that it is text as it stands: with a backslash before each
/// sign. It stands in one block, and not in code, HTML or an address.
pub(super) fn passed<'s>(source: &'s str, markdown: &Markdown) -> Cow<'s, str> {
    if markdown.passthrough.iter().all(|(open, _)| !source.contains(open.as_str())) {
        return Cow::Borrowed(source);
    }
    let (spared, ends) = layout(source, markdown.goldmark);
    let (mut spared, mut ends) = (spared.into_iter().peekable(), ends.into_iter().peekable());
    let (mut out, mut at) = (String::with_capacity(source.len() * 2), 0);
    // up to where it is known that a pair is not closed, so that no block is looked through twice
    let mut open_until = vec![0; markdown.passthrough.len()];
    while let Some(c) = source[at..].chars().next() {
        let rest = &source[at..];
        while spared.next_if(|spared| spared.end <= at).is_some() {}
        if let Some(spared) = spared.next_if(|spared| spared.start <= at) {
            out.push_str(&source[at..spared.end]);
            at = spared.end;
            continue;
        }
        while ends.next_if(|end| *end <= at).is_some() {}
        let end = ends.peek().copied().unwrap_or(source.len());
        let length = markdown.passthrough.iter().zip(&mut open_until).find_map(|((open, close), open_until)| {
            let within = source[at..end].strip_prefix(open.as_str()).filter(|_| at >= *open_until)?;
            let Some(length) = within.find(close.as_str()) else {
                *open_until = end;
                return None;
            };
            (length > 0).then(|| open.len() + length + close.len())
        });
        match length {
            Some(length) => {
                escape_into(&mut out, &rest[..length]);
                at += length;
            }
            // what follows a backslash opens nothing
            None if c == '\\' && rest[1..].starts_with(|next: char| next.is_ascii_punctuation()) => {
                out.push_str(&rest[..2]);
                at += 2;
            }
            None => {
                out.push(c);
                at += c.len_utf8();
            }
        }
    }
    Cow::Owned(out)
}

/// Where what passes through may not begin, in order, and where it may not reach further: the beginnings and ends of blocks.
fn layout(source: &str, goldmark: Goldmark) -> (Vec<Range<usize>>, Vec<usize>) {
    let (mut spared, mut ends) = (Vec::new(), Vec::new());
    for (event, range) in Parser::new_ext(source, of_document(goldmark)).into_offset_iter() {
        match event {
            Event::Code(_) | Event::Html(_) | Event::InlineHtml(_) => spared.push(range),
            Event::Start(Tag::Link { link_type: LinkType::Autolink | LinkType::Email, .. }) => spared.push(range),
            Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::Emphasis | Tag::Strong) => {}
            Event::Start(Tag::Strikethrough | Tag::Subscript) => {}
            Event::Start(tag) => {
                ends.extend([range.start, range.end]);
                if matches!(tag, Tag::CodeBlock(_)) {
                    spared.push(range);
                }
            }
            _ => {}
        }
    }
    ends.sort_unstable();
    (spared, ends)
}

/// Appends a text with a backslash before each sign, but for those that quote a line.
fn escape_into(out: &mut String, text: &str) {
    let mut begins_line = false;
    for c in text.chars() {
        if c.is_ascii_punctuation() && !(begins_line && c == '>') {
            out.push('\\');
        }
        out.push(c);
        begins_line = c == '\n' || begins_line && matches!(c, ' ' | '>');
    }
}

/// A body whose divider is a block of its own between others, as Hugo makes of the first one, in whatever line or block it
/// stands. In code it is code, other than in Hugo.
fn divided(source: &str, goldmark: Goldmark) -> Cow<'_, str> {
    let is_code = |event: &Event<'_>| matches!(event, Event::Code(_) | Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(_))));
    let places = LazyCell::new(|| code(source, goldmark, is_code));
    for at in memchr::memmem::find_iter(source.as_bytes(), DIVIDER) {
        let (before, after) = (&source[..at], &source[at + DIVIDER.len()..]);
        let is_alone = (before.is_empty() || before.ends_with('\n')) && after.lines().next().unwrap_or("").trim().is_empty();
        if is_alone && (!after.contains(DIVIDER) || !is_within(at, &places)) {
            break;
        }
        if !is_alone && !is_within(at, &places) {
            return Cow::Owned([before, "\n\n", DIVIDER, "\n\n", after.trim_start_matches([' ', '\t'])].concat());
        }
    }
    Cow::Borrowed(source)
}

/// A body in which `<<` is the sign that it stands for where a tag would begin with the second half of it.
fn quoted<'s>(source: &'s str, markdown: &Markdown) -> Cow<'s, str> {
    if !markdown.goldmark.typographer {
        return Cow::Borrowed(source);
    }
    let is_code = |event: &Event<'_>| is_verbatim(event) || matches!(event, Event::Code(_));
    let places = LazyCell::new(|| code(source, markdown.goldmark, is_code));
    let begins_tag = |at: &usize| source[at + 2..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '/');
    let signs = memchr::memmem::find_iter(source.as_bytes(), b"<<").filter(begins_tag);
    let signs = signs.filter(|at| !source[..*at].ends_with('\\') && !is_within(*at, &places));
    replaced(source, signs.map(|at| (at..at + 2, markdown.punctuation.left_angle_quote.as_str().into())))
}

/// A body in which a comment, which ends a block as well, stands for each line of attributes of the block above it: feeds have no use
/// for them.
fn unattributed(source: &str, goldmark: Goldmark) -> Cow<'_, str> {
    static ATTRIBUTES: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let value = r#"(?:"(?:[^"\\\n]|\\.)*"|\[[^\]\n]*\]|[\w.+-]+)"#;
        let attribute = format!(r"(?:[#.][\w:.-]*|[A-Za-z_:][\w:.-]*[ \t]*=[ \t]*{value})");
        Regex::new(&format!(r"(?m)^([ \t>]*)\{{[ \t]*(?:{attribute}[ \t,]*)*\}}[ \t]*\r?$")).ok()
    });
    let Some(attributes) = ATTRIBUTES.as_ref().filter(|_| goldmark.block_attributes && source.contains('{')) else {
        return Cow::Borrowed(source);
    };
    let places = LazyCell::new(|| code(source, goldmark, is_verbatim));
    attributes.replace_all(source, |found: &Captures<'_>| {
        let (line, before) = (found.get_match(), &found[1]);
        let is_deep = before.ends_with("    ") || before.ends_with('\t');
        if is_deep || is_within(line.start() + before.len(), &places) { line.as_str().to_owned() } else { format!("{before}<!---->") }
    })
}

/// A body in which a colon that begins a line makes no definition where no blank comes after it.
fn undefined(source: &str, goldmark: Goldmark) -> Cow<'_, str> {
    if !goldmark.definition_lists {
        return Cow::Borrowed(source);
    }
    let places = LazyCell::new(|| code(source, goldmark, is_verbatim));
    let begins_line = |at: &usize| source[..*at].trim_end_matches([' ', '\t', '>']).ends_with('\n');
    let colons = memchr::memchr_iter(b':', source.as_bytes()).filter(begins_line);
    let colons = colons.filter(|at| !source[at + 1..].starts_with([' ', '\t']) && !is_within(*at, &places));
    let changes = colons.map(|at| {
        // behind a backslash an emoji's name is none
        let emoji = if goldmark.emoji { emoji::first(&source[at..]) } else { None };
        let (instead, len) = emoji.unwrap_or(("\\:", 1));
        (at..at + len, instead.into())
    });
    replaced(source, changes)
}

/// A body in which the head of each table has as many cells as the row below it: with fewer it is a table for goldmark alone.
fn widened(source: &str, goldmark: Goldmark) -> Cow<'_, str> {
    if !goldmark.tables {
        return Cow::Borrowed(source);
    }
    let places = LazyCell::new(|| code(source, goldmark, is_verbatim));
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
        let is_verbatim = || [start - head.trim_start().len(), start].iter().any(|at| is_within(*at, &places));
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

/// The code of a body, by its places in order: spans, and blocks of these kinds.
fn code(source: &str, goldmark: Goldmark, is_code: impl Fn(&Event<'_>) -> bool) -> Vec<Range<usize>> {
    let events = Parser::new_ext(source, of_document(goldmark)).into_offset_iter();
    events.filter(|(event, _)| is_code(event)).map(|(_, range)| range).collect()
}

/// Whether it is a block that is no Markdown.
fn is_verbatim(event: &Event<'_>) -> bool {
    matches!(event, Event::Start(Tag::CodeBlock(_) | Tag::HtmlBlock))
}

/// Whether a byte is within one of these places.
fn is_within(at: usize, places: &[Range<usize>]) -> bool {
    let before = places.partition_point(|place| place.start <= at);
    before > 0 && places[before - 1].contains(&at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn markdown() -> Markdown {
        let delimiters = r"{ block = [['$$', '$$']], inline = [['\(', '\)'], ['$', '$']] }";
        Markdown::of_site(&format!("[markup.goldmark.extensions.passthrough]\nenable = true\ndelimiters = {delimiters}"))
    }

    #[test]
    fn what_passes_through_is_text_as_it_stands() {
        let check = |source: &str, expected: &str| assert_eq!(passed(source, &markdown()), expected);
        check(r"a \(b_1\) c", r"a \\\(b\_1\\\) c");
        check(r"a \(b_1*\) *c*", r"a \\\(b\_1\*\\\) *c*");
        check("$$\n= x\n$$ $", "\\$\\$\n\\= x\n\\$\\$ $");
        check("$$\n- x\n$$", "$$\n- x\n$$");
        check("- costs $5\n- costs $6", "- costs $5\n- costs $6");
        check("|a|b|\n|-|-|\n|$5|$6|", "|a|b|\n|-|-|\n|$5|$6|");
        check("<i>$a_1$</i> <a href='$1/$2'>", "<i>\\$a\\_1\\$</i> <a href='$1/$2'>");
        check("<div>\n$a_1$\n</div>\n\n<http://a.b/$x$y>", "<div>\n$a_1$\n</div>\n\n<http://a.b/$x$y>");
        check("a $b\n\nc$ d", "a $b\n\nc$ d");
        check("`$a_1$` $", "`$a_1$` $");
        check("~~~\n$a_1$\n~~~\n$b_1$", "~~~\n$a_1$\n~~~\n\\$b\\_1\\$");
        check("> $$\n> x_1\n> $$", "> \\$\\$\n> x\\_1\n> \\$\\$");
        check(r"\$5 is $x_1$", r"\$5 is \$x\_1\$");
        check("nothing", "nothing");
    }

    #[test]
    fn a_line_of_attributes_is_no_text() {
        let goldmark = Goldmark { block_attributes: true, ..Goldmark::default() };
        let check = |source: &str, expected: &str| assert_eq!(unattributed(source, goldmark), expected);
        check("a\n{.b #c d=1 e=\"f \\\" g\" , h=[1, 2]}\nb", "a\n<!---->\nb");
        check("> a\n> { .b }\n\n{}", "> a\n> <!---->\n\n<!---->");
        for same in ["a {.b}", "{{ a }}", "{a}", "{a: b}", "{.a} b", "    {.a}", "```\n{.a}\n```", "{\"a\": 1}"] {
            check(same, same);
        }
    }

    #[test]
    fn guillemets_stand_around_words() {
        let check = |source: &str, expected: &str| assert_eq!(quoted(source, &markdown()), expected);
        check("<<a>> <<b c>> <</d>>", "«a>> «b c>> «/d>>");
        for same in ["\\<<a>", "`<<a>>`", "<<<a>", "<< a >>", "<pre>\n<<a>>\n</pre>"] {
            check(same, same);
        }
    }

    #[test]
    fn a_definition_has_a_blank_behind_its_colon() {
        let goldmark = Goldmark { emoji: true, ..Goldmark::default() };
        let check = |source: &str, expected: &str| assert_eq!(undefined(source, goldmark), expected);
        check("a\n:::note\n:b\n> a\n> :", "a\n\\:::note\n\\:b\n> a\n> \\:");
        check("a\n\n  :tada: b\n:nope: c", "a\n\n  🎉 b\n\\:nope: c");
        for same in ["a\n: b\n:\tc", "a :b", ":a", "```\n:a\n```", "<pre>\n:a\n</pre>"] {
            check(same, same);
        }
    }

    #[test]
    fn the_head_of_a_table_gets_the_cells_that_it_lacks() {
        let check = |source: &str, expected: &str| assert_eq!(widened(source, Goldmark::default()), expected);
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

    proptest::proptest! {
        #[test]
        fn whatever_stands_in_a_body_it_is_prepared(source in "[ab|:\\- >`\\n\\\\é]{0,60}(<!--more-->)?[ab|:\\- \\n]{0,20}") {
            let prepared = prepared(&source, &markdown());
            proptest::prop_assert!(prepared.len() >= source.trim_end().len());
        }
    }
}
