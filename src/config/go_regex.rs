//! Regular expressions of Go, in which Hugo's keys are written, as those that the crate has: `\d`, `\w`, `\s` and `\b` are of ASCII, a
//! brace that repeats nothing is a brace, and in a class in brackets no other class, and no operation on two of them, begins.

use regex::Regex;

/// The classes of Perl.
const PERL: [(char, &str); 6] =
    [('d', "[0-9]"), ('D', "[^0-9]"), ('w', "[0-9A-Za-z_]"), ('W', "[^0-9A-Za-z_]"), ('s', "[\\t\\n\\f\\r ]"), ('S', "[^\\t\\n\\f\\r ]")];

/// The names of POSIX for classes, all of ASCII.
const POSIX: [&str; 14] =
    ["alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper", "word", "xdigit"];

/// Compiles an expression; none when it is none of Go.
pub(super) fn compile(expression: &str) -> Option<Regex> {
    Regex::new(&translated(expression)?).ok()
}

fn translated(expression: &str) -> Option<String> {
    let mut out = String::with_capacity(expression.len());
    let mut rest = expression;
    while let Some((c, after)) = first(rest) {
        rest = match c {
            '\\' => escape(after, &mut out)?,
            '[' => class(after, &mut out)?,
            '(' if !begins_group(after) => return None,
            '{' if !repeats(after) => literal(c, after, &mut out),
            c => {
                out.push(c);
                after
            }
        };
    }
    Some(out)
}

/// The first character of a text, and what follows it.
fn first(text: &str) -> Option<(char, &str)> {
    let c = text.chars().next()?;
    Some((c, &text[c.len_utf8()..]))
}

/// Writes a character that means itself. What follows it is the answer.
fn literal<'t>(c: char, after: &'t str, out: &mut String) -> &'t str {
    match c {
        c if c.is_ascii() && !c.is_ascii_alphanumeric() => out.push_str(&format!("\\x{:02x}", u32::from(c))),
        c => out.push(c),
    }
    after
}

/// Whether a group begins so, behind its bracket: with flags that Go has, if with any.
fn begins_group(after: &str) -> bool {
    let Some(special) = after.strip_prefix('?') else { return true };
    let flags = special.trim_start_matches(['i', 'm', 's', 'U', '-']);
    special.starts_with("P<") || special.starts_with('<') || flags.starts_with([':', ')'])
}

/// Whether `{` with this behind it repeats what is before it: `{2}`, `{2,}`, `{2,3}`.
fn repeats(after: &str) -> bool {
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    after.split_once('}').is_some_and(|(times, _)| match times.split_once(',') {
        None => number(times),
        Some((least, most)) => number(least) && (most.is_empty() || number(most)),
    })
}

/// What a backslash begins outside of brackets.
fn escape<'t>(after: &'t str, out: &mut String) -> Option<&'t str> {
    let (c, rest) = first(after)?;
    match c {
        'Q' => {
            let (quoted, rest) = rest.split_once("\\E").unwrap_or((rest, ""));
            for c in quoted.chars() {
                literal(c, "", out);
            }
            return Some(rest);
        }
        'A' | 'z' => out.push_str(&format!("\\{c}")),
        'b' | 'B' => out.push_str(&format!("(?-u:\\{c})")),
        _ => {
            return class_escape(after, out).or_else(|| {
                let (c, rest) = character(after)?;
                Some(literal(c, rest, out))
            });
        }
    }
    Some(rest)
}

/// A class that a backslash begins: of Perl, or of Unicode, whose names may have `^` before them.
fn class_escape<'t>(after: &'t str, out: &mut String) -> Option<&'t str> {
    let (c, rest) = first(after)?;
    if let Some((_, class)) = PERL.iter().find(|(name, _)| *name == c) {
        out.push_str(class);
        return Some(rest);
    }
    let other = match c {
        'p' => 'P',
        'P' => 'p',
        _ => return None,
    };
    out.push('\\');
    Some(match rest.strip_prefix("{^") {
        Some(name) => {
            out.extend([other, '{']);
            let (name, rest) = name.split_once('}')?;
            out.push_str(name);
            out.push('}');
            rest
        }
        None => {
            let (name, rest) = match rest.strip_prefix('{') {
                Some(_) => rest.split_at(rest.find('}')? + 1),
                None => rest.split_at(first(rest)?.0.len_utf8()),
            };
            out.push(c);
            out.push_str(name);
            rest
        }
    })
}

/// What stands in brackets, and the bracket that closes it, which is a character where it stands first.
fn class<'t>(after: &'t str, out: &mut String) -> Option<&'t str> {
    out.push('[');
    let mut rest = after.strip_prefix('^').inspect(|_| out.push('^')).unwrap_or(after);
    let mut is_first = true;
    loop {
        if let Some(rest) = rest.strip_prefix(']').filter(|_| !is_first) {
            out.push(']');
            return Some(rest);
        }
        is_first = false;
        if let Some((name, after)) = rest.strip_prefix("[:").and_then(|name| name.split_once(":]")) {
            POSIX.contains(&name.strip_prefix('^').unwrap_or(name)).then(|| out.push_str(&format!("[:{name}:]")))?;
            rest = after;
        } else if let Some(after) = rest.strip_prefix('\\').and_then(|after| class_escape(after, out)) {
            rest = after;
        } else {
            rest = range(rest, out)?;
        }
    }
}

/// A character in brackets, or all from one to another.
fn range<'t>(text: &'t str, out: &mut String) -> Option<&'t str> {
    let one = |text: &'t str| match text.strip_prefix('\\') {
        Some(after) => character(after),
        None => first(text),
    };
    let (low, rest) = one(text)?;
    literal(low, "", out);
    let Some(after) = rest.strip_prefix('-').filter(|after| !after.is_empty() && !after.starts_with(']')) else { return Some(rest) };
    let (high, rest) = one(after)?;
    out.push('-');
    (low <= high).then(|| literal(high, rest, out))
}

/// The character that a backslash before this stands for.
fn character(after: &str) -> Option<(char, &str)> {
    let (c, rest) = first(after)?;
    let of_number = |digits: &str, radix| char::from_u32(u32::from_str_radix(digits, radix).ok()?);
    Some(match c {
        'a' => ('\x07', rest),
        'f' => ('\x0c', rest),
        'n' => ('\n', rest),
        'r' => ('\r', rest),
        't' => ('\t', rest),
        'v' => ('\x0b', rest),
        'x' => match rest.strip_prefix('{') {
            Some(number) => {
                let (digits, rest) = number.split_once('}')?;
                (of_number(digits, 16)?, rest)
            }
            None => (of_number(rest.get(..2)?, 16)?, &rest[2..]),
        },
        '0'..='7' => {
            let digits = after.bytes().take(3).take_while(|byte| matches!(byte, b'0'..=b'7')).count();
            // a digit alone would lead back to a group
            (of_number(&after[..digits], 8).filter(|_| c == '0' || digits > 1)?, &after[digits..])
        }
        c if c.is_ascii() && !c.is_ascii_alphanumeric() => (c, rest),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_expression_matches_what_it_does_in_go() {
        let check = |expression: &str, text: &str, expected: bool| {
            let compiled = compile(expression).unwrap_or_else(|| panic!("{expression}: {:?}", translated(expression)));
            assert_eq!(compiled.is_match(text), expected, "{expression} {text}");
        };
        for (expression, text) in [
            ("a{,b", "xa{,b"),
            ("^a{b}$", "a{b}"),
            ("^a{2,}b{1}c{0,2}$", "aaabc"),
            ("^x{2, 3}$", "x{2, 3}"),
            ("\\bé", "aé"),
            ("a\\Bb", "ab"),
            ("^\\D\\W\\S$", "٣éé"),
            ("^[^\\d]$", "٣"),
            ("[[a]x", "[x"),
            ("^[]a]$", "]"),
            ("^[a&&b]+$", "a&b"),
            ("^[z~~a]+$", "~"),
            ("^[+--]+$", ",-"),
            ("^[a-]+$", "-a"),
            ("^[\\w-]+$", "a-1"),
            ("\\Qa.b{\\E+$", "a.b{{"),
            ("\\<a\\>", "<a>"),
            ("^\\07\\101\\x41\\x{e9}\\.\\/\\-\\_$", "\u{7}AAé./-_"),
            ("^\\p{^Greek}\\PN\\pL$", "abc"),
            ("^[[:alpha:][:^digit:]]+$", "a-"),
            ("(?i)POST/(?P<x>[k])(?:y)?", "post/K"),
            ("\\.md$|\\.txt\\z", "a.md"),
        ] {
            check(expression, text, true);
        }
        for (expression, text) in [("\\d|\\w|\\s", "٣é\u{a0}"), ("[\\d\\w]", "٣é"), ("a\\b", "ab"), ("[a&&b]", "c"), ("^a.b$", "a\nb")]
        {
            check(expression, text, false);
        }
    }

    #[test]
    fn what_is_none_in_go_is_refused() {
        for expression in [
            "(a",
            "[a",
            "[",
            "a{2,1}",
            "*",
            "\\",
            "\\7",
            "\\h",
            "\\u0061",
            "\\Z",
            "\\C",
            "(?=a)",
            "(?x) a",
            "(?-u)a",
            "[z-a]",
            "[[:nope:]]",
            "\\p{Nope}",
        ] {
            assert!(compile(expression).is_none(), "{expression}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,20}", signs in "[\\[\\]\\\\(){}?a-d0-9xpPQE^:,-]{0,16}") {
            compile(&text);
            compile(&signs);
        }
    }
}
