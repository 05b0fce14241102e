//! Typewriter punctuation set as goldmark's typographer sets it: curly quotes, dashes, ellipses and guillemets.
//!
//! A quote is judged by the characters around it in the Markdown itself, and by the quotes before it, in other blocks as well: goldmark
//! counts those that are open from the beginning of a body to its end.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::config::Punctuation;

/// Which bytes begin what is set as something else.
static IS_SIGN: [bool; 256] = {
    let mut is_sign = [false; 256];
    let signs = *b"'\"-.<>";
    let mut at = 0;
    while at < signs.len() {
        is_sign[signs[at] as usize] = true;
        at += 1;
    }
    is_sign
};

/// Whether there may be something in a text that is set as something else.
pub(super) fn has_sign(text: &str) -> bool {
    first_sign(text).is_some()
}

fn first_sign(text: &str) -> Option<usize> {
    text.bytes().position(|byte| IS_SIGN[usize::from(byte)])
}

/// The quotes that are open.
#[derive(Debug)]
pub(super) struct Typographer<'p> {
    /// What is set.
    punctuation: &'p Punctuation,
    single: u32,
    double: u32,
    /// Where the block begins that is being set.
    start: usize,
    /// Where it ends.
    end: usize,
    /// Where the line of the latest quote ends, with its end.
    line_end: usize,
    /// Where the quotes that stand together with the latest one end.
    run_end: usize,
}

/// What may be done with a sign: CommonMark's flanking rules, §6.2.
pub(super) struct Sides {
    pub(super) opens: bool,
    pub(super) closes: bool,
}

impl<'p> Typographer<'p> {
    pub(super) fn new(punctuation: &'p Punctuation) -> Self {
        Typographer { punctuation, single: 0, double: 0, start: 0, end: 0, line_end: 0, run_end: 0 }
    }

    /// Begins another block. Quotes that are open stay so.
    pub(super) fn begin(&mut self, source: &str, block: &Range<usize>) {
        let text = source.get(block.clone()).unwrap_or_default();
        let (start, end) = (block.end - text.trim_start().len(), block.start + text.trim_end().len());
        *self = Typographer { single: self.single, double: self.double, start, end, ..Typographer::new(self.punctuation) };
    }

    /// Appends the text at `range` of the Markdown.
    pub(super) fn set(&mut self, out: &mut String, source: &str, range: Range<usize>) {
        let mut at = range.start;
        while at < range.end {
            let plain = first_sign(&source[at..range.end]).map_or(range.end, |found| at + found);
            out.push_str(&source[at..plain]);
            at = plain;
            if at < range.end {
                let (sign, len) = self.sign(source, at);
                out.push_str(sign);
                at += len;
            }
        }
    }

    /// What stands for the punctuation at a place, and how many bytes of the Markdown that takes.
    fn sign<'s>(&mut self, source: &'s str, at: usize) -> (&'s str, usize)
    where
        'p: 's,
    {
        let rest = &source[at..];
        if is_escaped(source, at) {
            return (&rest[..1], 1);
        }
        let Punctuation { em_dash, en_dash, ellipsis, left_angle_quote, right_angle_quote, .. } = self.punctuation;
        for (typed, sign) in [("---", em_dash), ("--", en_dash), ("...", ellipsis), ("<<", left_angle_quote), (">>", right_angle_quote)] {
            if rest.starts_with(typed) {
                return (sign, typed.len());
            }
        }
        let sign = match rest.as_bytes()[0] {
            b'\'' => self.single(source, at),
            b'"' => self.double(source, at),
            _ => None,
        };
        (sign.unwrap_or(&rest[..1]), 1)
    }

    fn single(&mut self, source: &str, at: usize) -> Option<&'p str> {
        let Punctuation { left_single_quote, right_single_quote, apostrophe, .. } = self.punctuation;
        let before = self.before(source, at);
        let (line, sides) = self.line(source, at, before);
        let next = line.chars().nth(1);
        let byte = |i: usize| line.as_bytes().get(i).copied();
        let ends_at = |i: usize| byte(i).is_none_or(|byte| byte.is_ascii_punctuation() || byte.is_ascii_whitespace());
        // the '90s
        if sides.opens && !sides.closes && line.len() > 3 && is_digit(byte(1)) && is_digit(byte(2)) && byte(3) == Some(b's') {
            let after = line[4..].chars().next().unwrap_or(' ');
            if after.is_whitespace() || is_punctuation(after) {
                return Some(apostrophe);
            }
        }
        // 'twas, 'em, 'net
        if (before.is_whitespace() || is_strict_punctuation(before)) && matches!(byte(1), Some(b't' | b'e' | b'n' | b'l')) {
            return Some(apostrophe);
        }
        // don't
        if before.is_alphanumeric() && next.is_some_and(char::is_alphabetic) {
            return Some(apostrophe);
        }
        if sides.opens && !sides.closes {
            let one = matches!(byte(1), Some(b's' | b'm' | b't' | b'd')) && ends_at(2);
            let two = [&b"ve"[..], b"ll", b"re"].contains(&line.as_bytes().get(1..3).unwrap_or_default()) && ends_at(3);
            if one || two {
                return Some(right_single_quote);
            }
            self.single += 1;
            return Some(left_single_quote);
        }
        // doin', the Smiths'
        if line.len() > 2 && !next.is_some_and(char::is_numeric) {
            return Some(right_single_quote);
        }
        if self.single > 0 && closes(&sides, line) {
            self.single -= 1;
            return Some(right_single_quote);
        }
        None
    }

    fn double(&mut self, source: &str, at: usize) -> Option<&'p str> {
        let before = self.before(source, at);
        let (line, sides) = self.line(source, at, before);
        if sides.opens && !sides.closes {
            self.double += 1;
            return Some(&self.punctuation.left_double_quote);
        }
        if self.double > 0 && closes(&sides, line) {
            // 21""
            if line[1..].starts_with('"') && before.is_numeric() {
                return None;
            }
            self.double -= 1;
            return Some(&self.punctuation.right_double_quote);
        }
        None
    }

    /// What is before a quote: nothing of what contains the block that it begins.
    fn before(&self, source: &str, at: usize) -> char {
        source[..at].chars().next_back().filter(|_| at != self.start).unwrap_or('\n')
    }

    /// The rest of the line, with its end unless it is the last of its block, and the flanking of the quotes that it
    /// begins with. Quotes are met in order, so each end is looked for once, however many quotes there are before it.
    fn line<'s>(&mut self, source: &'s str, at: usize, before: char) -> (&'s str, Sides) {
        if at >= self.line_end {
            let rest = &source[at..self.end.max(at + 1).min(source.len())];
            self.line_end = at + rest.find('\n').map_or(rest.len(), |end| end + 1);
        }
        let line = &source[at..self.line_end];
        if at >= self.run_end {
            self.run_end = self.line_end - line.trim_start_matches(&line[..1]).len();
        }
        let after = source[self.run_end..self.line_end].chars().next().unwrap_or(' ');
        (line, sides(before, after))
    }
}

/// Whether a sign stands behind a backslash that no other makes a part of the text.
pub(super) fn is_escaped(source: &str, at: usize) -> bool {
    let before = &source[..at];
    (at - before.trim_end_matches('\\').len()) % 2 == 1
}

/// The flanking of signs that stand between these characters.
pub(super) fn sides(before: char, after: char) -> Sides {
    let opens = !after.is_whitespace() && (!is_punctuation(after) || before.is_whitespace() || is_punctuation(before));
    let closes = !before.is_whitespace() && (!is_punctuation(before) || after.is_whitespace() || is_punctuation(after));
    Sides { opens, closes }
}

/// Whether a quote ends what an earlier one began.
fn closes(sides: &Sides, line: &str) -> bool {
    let bytes = line.as_bytes();
    let follows = bytes.len() == 2 || bytes.get(2).is_some_and(|byte| byte.is_ascii_punctuation() || byte.is_ascii_whitespace());
    let perhaps = sides.opens && line[1..].chars().next().is_some_and(is_strict_punctuation) && follows;
    sides.closes && (!sides.opens || perhaps)
}

fn is_digit(byte: Option<u8>) -> bool {
    byte.is_some_and(|byte| byte.is_ascii_digit())
}

/// Punctuation and symbols, as for emphasis.
fn is_punctuation(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_punctuation() } else { is_in(c, r"[\p{P}\p{S}]") }
}

/// Punctuation alone, Unicode's category P.
fn is_strict_punctuation(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_punctuation() && !"$+<=>^`|~".contains(c) } else { is_in(c, r"\p{P}") }
}

fn is_in(c: char, class: &str) -> bool {
    static CLASSES: LazyLock<Vec<(&str, Regex)>> =
        LazyLock::new(|| [r"[\p{P}\p{S}]", r"\p{P}"].into_iter().filter_map(|class| Some((class, Regex::new(class).ok()?))).collect());
    CLASSES.iter().any(|(name, regex)| *name == class && regex.is_match(c.encode_utf8(&mut [0; 4])))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, expected: &str) {
        let punctuation = Punctuation::default();
        let mut typographer = Typographer::new(&punctuation);
        typographer.begin(source, &(0..source.len()));
        let mut out = String::new();
        typographer.set(&mut out, source, 0..source.len());
        assert_eq!(out, expected);
    }

    #[test]
    fn quotes_open_and_close() {
        check("\"a\" 'b' (\"c\") x\"y", "“a” ‘b’ (“c”) x\"y");
        check("don't 'twas '90s I'm dogs' 'a' 5'10", "don’t ’twas ’90s I’m dogs’ ‘a’ 5'10");
        check("a \"b", "a “b");
        check("a\" b", "a\" b");
        check("21\"\" \"x 21\"\"", "21\"\" “x 21\"”");
        check("« \"été\" »", "« “été” »");
    }

    #[test]
    fn dashes_ellipses_and_guillemets() {
        check("a -- b --- c ---- d - e", "a – b — c —- d - e");
        check("a... .. <<b>> < >", "a… .. «b» < >");
    }

    proptest::proptest! {
        #[test]
        fn every_text_is_set(source in "[ a'\"\\-.<>é\\n1s]{0,40}") {
            let punctuation = Punctuation::default();
            let mut typographer = Typographer::new(&punctuation);
            typographer.begin(&source, &(0..source.len()));
            typographer.set(&mut String::new(), &source, 0..source.len());
        }
    }
}
