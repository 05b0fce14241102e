//! The front matter of a content file, in TOML, YAML or JSON, and where its body begins.
//!
//! What the fields mean is for `content::page` and `content::details` to say.

mod date;
pub(super) mod front;
pub(super) mod identity;
pub(super) mod own;
mod yaml;

use std::collections::BTreeMap;

use toml::de::{DeTable, DeValue};

use crate::diagnostic::{Diagnostic, Rule};
use crate::value::{Fields, Value, dismantle, fault};

/// Bytes of front matter, beyond which it is refused: reading it must not hold up other posts.
const LONGEST: usize = 1 << 20;

const TOO_LONG: &str = "the front matter is longer than 1 MiB";

/// A content file, taken apart.
#[derive(Clone, Debug, PartialEq)]
pub struct Source<'a> {
    /// The file, for diagnostics.
    pub path: &'a str,
    /// The whole text.
    pub text: &'a str,
    /// The fields of the front matter; none when there is no front matter.
    pub fields: Fields<'a>,
    /// The text after the front matter.
    pub body: &'a str,
    /// The byte where the body begins.
    pub body_offset: usize,
}

impl Source<'_> {
    /// The line of a byte of the file, from 1.
    pub fn line(&self, offset: usize) -> u32 {
        1 + self.text.as_bytes()[..offset.min(self.text.len())].iter().filter(|&&b| b == b'\n').count() as u32
    }

    /// A finding about this file, at a byte of it, or at its beginning.
    pub fn diagnostic(&self, rule: Rule, offset: Option<usize>, what: impl Into<String>, mend: impl Into<String>) -> Diagnostic {
        Diagnostic::new(rule, self.path, what, mend).at(self.text, offset.unwrap_or(0))
    }
}

/// Takes a content file apart. `path` only names it in diagnostics.
///
/// # Errors
/// The file is not UTF-8, its front matter does not end, or cannot be read.
pub fn read<'a>(path: &'a str, bytes: &'a [u8]) -> Result<Source<'a>, Diagnostic> {
    let text = match simdutf8::compat::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => return Err(Diagnostic::of_no_utf8(path, bytes, error.valid_up_to())),
    };
    let reading = Reading { path, text };
    let mark = if text.starts_with(MARK) { MARK.len_utf8() } else { 0 };
    let start = text.len() - text[mark..].trim_start().len();
    let (fields, body_offset) = match &text[start..] {
        front if front.starts_with("+++") => reading.fenced(start, "+++", Reading::toml)?,
        front if front.starts_with("---") => reading.fenced(start, "---", Reading::yaml)?,
        front if front.starts_with('{') && !front.starts_with("{{") => reading.json(start)?,
        other if hides_front_matter(other) => {
            let what = "a byte order mark is before the front matter, so for Hugo there is none";
            return Err(reading.error(start, what.to_owned(), "remove the mark, which editors do not show"));
        }
        _ => (Fields::default(), mark),
    };
    Ok(Source { path, text, fields, body: &text[body_offset..], body_offset })
}

/// The byte order mark, of which Hugo passes over one, as the first character of a file.
const MARK: char = '\u{feff}';

/// Whether front matter stands behind a mark that is passed over no more.
fn hides_front_matter(text: &str) -> bool {
    let behind = text.trim_start_matches(|c: char| c == MARK || c.is_whitespace());
    text.starts_with(MARK) && (behind.starts_with("+++") || behind.starts_with("---"))
}

struct Reading<'a> {
    path: &'a str,
    text: &'a str,
}

impl<'a> Reading<'a> {
    fn error(&self, offset: usize, what: String, mend: &str) -> Diagnostic {
        Diagnostic::new(Rule::BrokenFrontMatter, self.path, what, mend).at(self.text, offset)
    }

    /// Front matter between two lines that begin with `fence`.
    fn fenced(
        &self,
        start: usize,
        fence: &str,
        parse: fn(&Self, &'a str, usize) -> Result<Fields<'a>, Diagnostic>,
    ) -> Result<(Fields<'a>, usize), Diagnostic> {
        let from = start + fence.len();
        // more of its signs behind it are none that close it
        let Some(to) = line_starts(self.text, from).find(|at| *at > from && self.text[*at..].starts_with(fence)) else {
            let mend = format!("close it with a line {fence}");
            return Err(self.error(start, "the front matter has no end".to_owned(), &mend));
        };
        if to - from > LONGEST {
            return Err(self.error(start, TOO_LONG.to_owned(), "write less in it"));
        }
        let fields = parse(self, &self.text[from..to], from)?;
        Ok((fields, after_line_end(self.text, to + fence.len())))
    }

    fn toml(&self, front: &'a str, shift: usize) -> Result<Fields<'a>, Diagnostic> {
        let (table, errors) = DeTable::parse_recoverable(front);
        if let Some(error) = errors.first() {
            dismantle([DeValue::Table(table.into_inner())]);
            let offset = shift + error.span().map_or(0, |span| span.start);
            let what = error.message().lines().next().unwrap_or("the front matter is not TOML");
            return Err(self.error(
                offset,
                format!("this is not TOML: {what}"),
                fault::mend(what, "write `key = value`, with text in quotes"),
            ));
        }
        Fields::from_toml(table.into_inner(), shift)
            .map_err(|excess| self.error(excess.offset, excess.what.to_owned(), "write less in the front matter"))
    }

    fn yaml(&self, front: &'a str, shift: usize) -> Result<Fields<'a>, Diagnostic> {
        yaml::read(front, shift).map_err(|fault| self.error(fault.offset, fault.what, fault.mend))
    }

    fn json(&self, start: usize) -> Result<(Fields<'a>, usize), Diagnostic> {
        let longest = self.text.floor_char_boundary(start + LONGEST);
        let mut values = serde_json::Deserializer::from_str(&self.text[start..longest]).into_iter::<Value<'a>>();
        match values.next() {
            Some(Err(error)) if error.is_eof() && longest < self.text.len() => {
                Err(self.error(start, TOO_LONG.to_owned(), "write less in it"))
            }
            Some(Ok(Value::Table(fields))) => {
                let end = start + values.byte_offset();
                let places = json_places(&self.text[start..end]);
                let fields = fields.with_places(|key| places.get(key).map(|place| start + place));
                Ok((fields, after_line_end(self.text, end)))
            }
            Some(Err(error)) => {
                let (place, what) = fault::json(&error, &self.text[start..]);
                Err(self.error(
                    start + place,
                    format!("this is not JSON: {what}"),
                    fault::mend(&what, "write `\"key\": value`, with a comma between fields"),
                ))
            }
            Some(Ok(_)) | None => Err(self.error(start, "the front matter is not a JSON object".to_owned(), "write { \"title\": … }")),
        }
    }
}

/// Where the values of the keys of a JSON object begin, by the keys in lower case. The text is known to be JSON.
fn json_places(text: &str) -> BTreeMap<String, usize> {
    let mut places = BTreeMap::new();
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(found) = text[at..].find(['{', '}', '[', ']', '"']) {
        let start = at + found;
        at = start + 1;
        match text.as_bytes()[start] {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {
                let mut escaped = false;
                let ends = |c: char| {
                    let ends = c == '"' && !escaped;
                    escaped = c == '\\' && !escaped;
                    ends
                };
                let end = text[at..].find(ends).map_or(text.len(), |length| at + length);
                let key = &text[at..end];
                at = (end + 1).min(text.len());
                if let Some(value) = text[at..].trim_start().strip_prefix(':').filter(|_| depth == 1) {
                    places.insert(key.to_lowercase(), text.len() - value.trim_start().len());
                }
            }
        }
    }
    places
}

/// The byte after each line end from `from` on, and `from` itself.
fn line_starts(text: &str, from: usize) -> impl Iterator<Item = usize> {
    std::iter::once(from).chain(memchr::memchr_iter(b'\n', &text.as_bytes()[from..]).map(move |at| from + at + 1))
}

/// Skips one line end, if there is one.
fn after_line_end(text: &str, at: usize) -> usize {
    let rest = &text[at..];
    at + if rest.starts_with("\r\n") { 2 } else { usize::from(rest.starts_with('\n')) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, title: Option<&str>, body: &str) {
        let source = read("a.md", text.as_bytes()).unwrap();
        assert_eq!((source.fields.text("title").as_deref(), source.body), (title, body), "{text:?}");
        assert_eq!(&source.text[source.body_offset..], source.body);
    }

    fn check_error(text: &[u8], expected: &str) {
        assert_eq!(read("a.md", text).unwrap_err().to_string(), expected);
    }

    #[test]
    fn all_three_formats_are_read() {
        check("+++\nTitle = 'x'\n+++\nbody\n", Some("x"), "body\n");
        check("---\nTitle: x\n---\nbody\n", Some("x"), "body\n");
        check("{\"Title\": \"x\"}\nbody\n", Some("x"), "body\n");
        check("\u{feff}+++\r\ntitle = 'x'\r\n+++\r\nbody\r\n", Some("x"), "body\r\n");
        check("\n\n---\n---\nbody", None, "body");
        check("---\n# nothing\n---\n", None, "");
    }

    #[test]
    fn a_file_without_front_matter_is_all_body() {
        check("", None, "");
        check("# README\n", None, "# README\n");
        check("{{< figure >}}", None, "{{< figure >}}");
        check("- item", None, "- item");
        check("\u{feff}text", None, "text");
    }

    #[test]
    fn a_byte_order_mark_is_passed_over_as_the_first_character_alone() {
        check("\u{feff}\n---\ntitle: x\n---\nbody", Some("x"), "body");
        check("\u{feff}\u{feff}text", None, "\u{feff}text");
        for before in ["\u{feff}\u{feff}", "\n\u{feff}", "\u{feff}\n\u{feff}"] {
            let text = format!("{before}---\ntitle: x\n---\nbody");
            let line = 1 + before.matches('\n').count();
            let expected = format!(
                "a.md:{line}:{}: error: a byte order mark is before the front matter, so for Hugo there is none; remove the mark, which editors do not show [broken-front-matter]",
                if before.starts_with("\u{feff}\u{feff}") { 2 } else { 1 }
            );
            check_error(text.as_bytes(), &expected);
        }
    }

    #[test]
    fn a_value_knows_its_place() {
        let offset = |text: &'static str| read("a.md", text.as_bytes()).unwrap().fields.field("date").unwrap().offset.unwrap();
        assert_eq!(offset("+++\ndate = 'x'\n+++"), 11);
        assert_eq!(offset("---\né: 1\ndate: x\n---"), 16);
        assert_eq!(offset("{\"a\": {\"date\": 1}, \"Date\" : \"x\"}"), 28);
    }

    #[test]
    fn yaml_is_that_of_hugo() {
        let source = read("a.md", b"---\na: yes\nb: true\nc: 2020-01-02\nd: ~\ne: 4.50\nf: 007\n---").unwrap();
        let text = |key| source.fields.text(key).unwrap().into_owned();
        assert_eq!(
            (text("a"), text("b"), text("c"), text("d"), text("e")),
            ("yes".into(), "true".into(), "2020-01-02".into(), String::new(), "4.5".into())
        );
        assert_eq!(source.fields.get("a"), Some(&Value::String("yes".into())));
        let long = read("a.md", b"------\na: b\n---\nc").unwrap();
        assert_eq!((long.fields.text("a").as_deref(), long.body), (Some("b"), "c"));
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_place() {
        check_error(b"+++\ntitle = 'x'\n", "a.md:1:1: error: the front matter has no end; close it with a line +++ [broken-front-matter]");
        check_error(
            b"+++\na = 1\nb = \n+++\n",
            "a.md:3:5: error: this is not TOML: string values must be quoted, expected literal string; put the text in quotes [broken-front-matter]",
        );
        check_error(b"a\nb\xff", "a.md:2:2: error: this byte is not UTF-8; save the file as UTF-8 [not-utf8]");
        check_error(
            b"{\"a\": 1,\n \"b\" 2}\n",
            "a.md:2:6: error: this is not JSON: expected `:`; write `\"key\": value`, with a comma between fields [broken-front-matter]",
        );
        for (front, expected) in [
            ("a: 1\na: 2", "3:1: error: this is not YAML: duplicate mapping key: a; keep one of the two"),
            ("a: @b", "2:4: error: this is not YAML: unexpected character: `@'; put the text in quotes"),
            ("a: *b", "2:4: error: this is not YAML: alias references unknown anchor; put the text in quotes"),
            (
                "a: b\n\tc: d",
                "2:4: error: this is not YAML: while scanning a plain scalar, found a tab; write spaces, not tabs, before keys",
            ),
            ("a: [b, c", "2:4: error: this is not YAML: unclosed bracket '['; close the bracket"),
            ("a: {b: c", "2:4: error: this is not YAML: unclosed bracket '{'; close the bracket"),
            (
                "a: \"b\" c",
                "2:8: error: this is not YAML: invalid trailing content after double-quoted scalar; put all of the text in quotes",
            ),
            (" a: b\nc: d", "3:1: error: this is not YAML: did not find expected <document start>; begin all keys at the same column"),
        ] {
            check_error(format!("---\n{front}\n---\n").as_bytes(), &format!("a.md:{expected} [broken-front-matter]"));
        }
        for (front, expected) in [
            ("[", "unquoted keys cannot be empty, expected letters, numbers, `-`, `_`; write a name there"),
            ("[a", "unclosed table, expected `]`; close the bracket"),
            ("a = ['b', 'c'", "unclosed array, expected `]`; close the bracket"),
            ("a = { b = 1", "unclosed inline table, expected `}`; close the bracket"),
            ("a = ['b'\nc = 1", "missing comma between array elements, expected `,`; write a comma between them, or close the bracket"),
            ("a = \"b", "invalid basic string, expected `\"`; close the quote"),
            ("a = 'b' c", "unexpected key or value, expected newline, `#`; put all of the text in quotes, or begin another line"),
        ] {
            let error = read("a.md", format!("+++\n{front}\n+++\n").as_bytes()).unwrap_err();
            assert!(error.to_string().contains(&format!("this is not TOML: {expected} [")), "{error}");
        }
        let deep = format!("+++\ntitle = 'x'\na = {}{}\n+++\n", "[".repeat(70), "]".repeat(70));
        check_error(
            deep.as_bytes(),
            "a.md:3:5: error: tables and lists are inside of too many others; write less in the front matter [broken-front-matter]",
        );
        let long = "a".repeat(LONGEST);
        for text in [format!("+++\nx = '{long}'\n+++\n"), format!("{{\"x\": \"{long}\"}}\n")] {
            check_error(text.as_bytes(), "a.md:1:1: error: the front matter is longer than 1 MiB; write less in it [broken-front-matter]");
        }
    }

    #[test]
    fn a_yaml_bomb_is_refused() {
        let mut bomb = "---\na0: &a0 [x,x,x,x,x,x,x,x,x]\n".to_owned();
        for level in 1..9 {
            bomb += &format!("a{level}: &a{level} [{}]\n", vec![format!("*a{}", level - 1); 9].join(","));
        }
        assert!(read("a.md", (bomb + "---\n").as_bytes()).is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes: Vec<u8>, text in "\\PC{0,60}") {
            let _ = read("a.md", &bytes);
            for fence in ["+++", "---"] {
                let _ = read("a.md", format!("{fence}\n{text}\n{fence}\n{text}").as_bytes());
            }
            let _ = read("a.md", format!("{{{text}}}").as_bytes());
        }
    }
}
