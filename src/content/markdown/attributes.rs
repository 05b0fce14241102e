//! Attributes in braces, such as `{#id .class key="value"}`, as goldmark reads them: at the end of a heading, and in a line below a
//! block. What is not well formed is text.
//!
//! The parser takes whatever is in braces at the end of a heading, parted by blanks. Where that is something else than what
//! goldmark takes, it is found here.

use std::ops::Range;

/// Attributes in attributes beyond this number are none.
const MAX_DEPTH: usize = 8;

/// How the parser must be told what the end of a heading is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// The last brace and the blanks behind it are text.
    Text(Range<usize>),
    /// These are attributes.
    Attributes(Range<usize>),
}

/// Attributes at the beginning of a text.
#[derive(Debug, Default, PartialEq, Eq)]
struct Attributes<'t> {
    /// The bytes that they have.
    len: usize,
    id: Option<&'t str>,
}

/// Lines that begin with attributes and are too shallow for code, without what is before these. What is behind them in their line goes
/// with them, as in goldmark.
pub(super) fn of_blocks(source: &str) -> impl Iterator<Item = Range<usize>> {
    let mut end = 0;
    memchr::memchr_iter(b'{', source.as_bytes()).filter_map(move |at| {
        if at < end {
            return None;
        }
        end = memchr::memchr(b'\n', &source.as_bytes()[at..]).map_or(source.len(), |len| at + len);
        let before = &source[memchr::memrchr(b'\n', &source.as_bytes()[..at]).map_or(0, |end| end + 1)..at];
        let is_first = before.trim_end_matches([' ', '\t', '>']).is_empty() && !before.ends_with("    ") && !before.ends_with('\t');
        let line = &source[at..end];
        (is_first && attributes(line).is_some()).then(|| at..at + line.strip_suffix('\r').unwrap_or(line).len())
    })
}

/// The ends of what may be headings, where the parser takes them otherwise than goldmark.
pub(super) fn of_headings(source: &str) -> impl Iterator<Item = Ending> {
    lines(source).filter(|line| may_be_heading(source, line)).filter_map(|line| {
        let text = &source[line.clone()];
        let brace = text.trim_end().len() - 1;
        // what the parser takes
        let taken = text[..brace].rfind('{').filter(|open| !text[*open + 1..brace].contains(['}', '<', '>', '\\']));
        let Some((open, read)) = at_end(text) else {
            return taken.map(|_| Ending::Text(line.start + brace..line.end));
        };
        let mut ids = text[open + 1..brace].split_ascii_whitespace().filter_map(|word| word.strip_prefix('#').filter(|id| !id.is_empty()));
        let is_same = taken == Some(open) && ids.next_back() == read.id;
        (!is_same).then(|| Ending::Attributes(line.start + open..line.start + brace + 1))
    })
}

/// Attributes as the parser reads them: all that matters is the id.
pub(super) fn for_parser(text: &str) -> String {
    let id = attributes(text).and_then(|attributes| attributes.id);
    let id = id.filter(|id| !id.contains(|c: char| c.is_whitespace() || "{}<>\\".contains(c)));
    id.map_or_else(|| "{}".to_owned(), |id| format!("{{#{id}}}"))
}

/// Lines whose last sign is a closing brace, with the blanks behind it.
fn lines(source: &str) -> impl Iterator<Item = Range<usize>> {
    memchr::memchr_iter(b'}', source.as_bytes()).filter_map(|brace| {
        let behind = source[brace + 1..].trim_start_matches([' ', '\t']);
        let is_last = behind.is_empty() || behind.starts_with('\n') || behind.starts_with("\r\n");
        is_last.then(|| memchr::memrchr(b'\n', &source.as_bytes()[..brace]).map_or(0, |at| at + 1)..source.len() - behind.len())
    })
}

/// Whether a line looks like a heading: behind the signs of quotes and lists is a `#`, or below it a line of `=` or `-`.
fn may_be_heading(source: &str, line: &Range<usize>) -> bool {
    let text = source[line.clone()].trim_start_matches(|c: char| " \t>*+-.):".contains(c) || c.is_ascii_digit());
    let below = || source[line.end..].lines().nth(1).unwrap_or("").trim_matches([' ', '\t', '>']);
    let is_underline = |below: &str| ['=', '-'].iter().any(|sign| !below.is_empty() && below.trim_start_matches(*sign).is_empty());
    text.starts_with('#') || is_underline(below())
}

/// The attributes that a line ends with, and where they begin.
fn at_end(line: &str) -> Option<(usize, Attributes<'_>)> {
    let mut at = 0;
    loop {
        at += memchr::memchr2(b'{', b'\\', line.as_bytes().get(at..)?)?;
        if line.as_bytes()[at] == b'\\' {
            let escapes = line.as_bytes().get(at + 1).is_some_and(u8::is_ascii_punctuation);
            at += if escapes { 2 } else { 1 };
            continue;
        }
        if let Some(read) = attributes(&line[at..]).filter(|read| line[at + read.len..].trim().is_empty()) {
            return Some((at, read));
        }
        at += 1;
    }
}

/// The attributes that a line begins with.
fn attributes(line: &str) -> Option<Attributes<'_>> {
    let mut reader = Reader { line, at: 0 };
    let id = reader.attributes(0)?;
    Some(Attributes { len: reader.at, id: id.filter(|id| !id.is_empty()) })
}

/// A value, as far as that matters.
enum Value<'t> {
    /// What a class can be: a text in quotes or without.
    Text(&'t str),
    Other,
}

/// Reads a line from left to right, as `parser/attribute.go` of goldmark does. What it reads ends at ASCII signs alone.
struct Reader<'t> {
    line: &'t str,
    at: usize,
}

impl<'t> Reader<'t> {
    fn peek(&self) -> Option<u8> {
        self.line.as_bytes().get(self.at).copied()
    }

    /// Goes on behind a sign, if it is the next one.
    fn skip(&mut self, sign: u8) -> Option<()> {
        (self.peek()? == sign).then(|| self.at += 1)
    }

    /// What is before the first byte that is something else.
    fn take(&mut self, is_part: impl Fn(u8) -> bool) -> &'t str {
        let rest = &self.line[self.at..];
        let len = rest.bytes().position(|byte| !is_part(byte)).unwrap_or(rest.len());
        self.at += len;
        &rest[..len]
    }

    fn blanks(&mut self) {
        self.take(|byte| byte.is_ascii_whitespace());
    }

    /// Attributes in braces: the id that they give, if they do.
    fn attributes(&mut self, depth: usize) -> Option<Option<&'t str>> {
        self.skip(b'{')?;
        let mut id = None;
        loop {
            if self.skip(b'}').is_some() {
                return Some(id);
            }
            self.blanks();
            match self.peek()? {
                sign @ (b'#' | b'.') => {
                    self.at += 1;
                    let name = self.take(|byte| !byte.is_ascii_whitespace() && (!byte.is_ascii_punctuation() || b"_-:.".contains(&byte)));
                    id = if sign == b'#' { Some(name) } else { id };
                }
                _ => {
                    let name = self.name()?;
                    self.blanks();
                    self.skip(b'=')?;
                    match (name, self.value(depth)?) {
                        ("class", Value::Other) => return None,
                        ("id", Value::Text(text)) => id = Some(text),
                        _ => {}
                    }
                }
            }
            self.blanks();
            if self.skip(b',').is_some() {
                self.blanks();
            }
        }
    }

    fn name(&mut self) -> Option<&'t str> {
        let begins = |byte: u8| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b':');
        begins(self.peek()?).then(|| self.take(|byte| byte.is_ascii_alphanumeric() || b"_:.-".contains(&byte)))
    }

    fn value(&mut self, depth: usize) -> Option<Value<'t>> {
        self.blanks();
        match self.peek()? {
            b'{' | b'[' if depth == MAX_DEPTH => None,
            b'{' => self.attributes(depth + 1).map(|_| Value::Other),
            b'[' => self.array(depth + 1).map(|()| Value::Other),
            b'"' => self.quoted().map(Value::Text),
            b'-' | b'+' | b'0'..=b'9' => self.number().map(|()| Value::Other),
            _ => self.name().map(|name| if matches!(name, "true" | "false" | "null") { Value::Other } else { Value::Text(name) }),
        }
    }

    fn array(&mut self, depth: usize) -> Option<()> {
        self.skip(b'[')?;
        let mut is_first = true;
        loop {
            let is_parted = !is_first && self.skip(b',').is_some();
            if self.skip(b']').is_some() {
                return (!is_parted).then_some(());
            }
            self.value(depth)?;
            self.blanks();
            is_first = false;
        }
    }

    /// A text in quotes. Its escapes stay: what has one is no id that anybody refers to.
    fn quoted(&mut self) -> Option<&'t str> {
        self.skip(b'"')?;
        let start = self.at;
        loop {
            self.take(|byte| !matches!(byte, b'"' | b'\\'));
            if self.skip(b'"').is_some() {
                return Some(&self.line[start..self.at - 1]);
            }
            self.skip(b'\\')?;
            if matches!(self.peek()?, b'"' | b'\\') {
                self.at += 1;
            }
        }
    }

    fn number(&mut self) -> Option<()> {
        let digits = |reader: &mut Self| reader.take(|byte| byte.is_ascii_digit()).len();
        let sign = |reader: &mut Self| reader.skip(b'-').or_else(|| reader.skip(b'+'));
        sign(self);
        if digits(self) == 0 {
            return None;
        }
        if self.skip(b'.').is_some() {
            digits(self);
        }
        if self.skip(b'e').or_else(|| self.skip(b'E')).is_some() {
            sign(self);
            return (digits(self) > 0).then_some(());
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_what_goldmark_takes() {
        let well_formed = [
            ("{}", None),
            ("{#a}", Some("a")),
            ("{ #a .b }", Some("a")),
            ("{.b,#a-1:x.y}", Some("a-1:x.y")),
            ("{#a #b}", Some("b")),
            ("{id=a x=\"} \\\" {\"}", Some("a")),
            ("{id=\"a\" x=[1, \"b\", [c]] y={z=-1.5e3} , w=true}", Some("a")),
            ("{.é class = b}", None),
            ("{.}", None),
        ];
        for (text, id) in well_formed {
            assert_eq!(attributes(text), Some(Attributes { len: text.len(), id }), "{text}");
        }
        let deep = "{a=".repeat(1_000_000);
        for text in
            ["{id}", "{verb", "{1, 2}", "{a=b c}", "{bar baz}", "{a='b'}", "{.a$}", "{a=}", "{class=1}", "{a=1e}", "{a=[1,]}", "{}}", &deep]
        {
            assert_ne!(attributes(text).map(|read| read.len), Some(text.len()), "{text:.20}");
        }
    }

    #[test]
    fn the_end_of_a_heading_is_told_where_the_parser_takes_it_otherwise() {
        let check = |source: &str, expected: &[Ending]| assert_eq!(of_headings(source).collect::<Vec<_>>(), expected, "{source}");
        check("# a {id} \r\n# {b}", &[Ending::Text(7..9), Ending::Text(15..16)]);
        check("> 1. ## {a\\\\}}\n", &[]);
        check("a {b}\n===\n\n> c {d}\n> -\n\na {e}\n= =", &[Ending::Text(4..5), Ending::Text(17..18)]);
        check("# a {#b .c}\n# a {.d}\n# a {}\n# a {x=y}\n# {a} b\na {b}", &[]);
        check("# a {#b,.c}\n# a {x=\"<b>\"}", &[Ending::Attributes(4..11), Ending::Attributes(16..25)]);
        check("# a \\{#b}", &[Ending::Text(8..9)]);
        check("# a {x {#b}", &[]);
    }

    #[test]
    fn braces_without_end_take_no_longer_than_their_number() {
        let started = std::time::Instant::now();
        for unit in ["}", "{a}", "{#a ", "{a=\"", "# {", "{a={", "\\{", "} "] {
            assert_eq!(of_headings(&unit.repeat(100_000)).count() + of_blocks(&unit.repeat(100_000)).count(), 0, "{unit}");
        }
        assert!(started.elapsed() < std::time::Duration::from_secs(5));
    }

    #[test]
    fn the_parser_is_told_the_id() {
        let check = |text: &str, expected: &str| assert_eq!(for_parser(text), expected);
        check("{id=\"a\" x=\"<b>\"}", "{#a}");
        check("{#a,.b}", "{#a}");
        check("{.b,.c}", "{}");
        check("{id=\"a b\"}", "{}");
    }
}
