//! What parsers say of a text that they cannot read: at which byte of it, and what is wrong, without the words that are for those who
//! call them; and what to write instead.

use serde_saphyr::Error;
use serde_saphyr::budget::BudgetBreach;

/// Of YAML.
pub fn yaml(error: Error, text: &str) -> (usize, String) {
    (place(&error, text).unwrap_or(0), what(bare_error(&error)))
}

/// The byte at which YAML cannot be read.
pub fn place(error: &Error, text: &str) -> Option<usize> {
    error.without_snippet().location().map(|at| {
        let start = line_start(text, at.line() as usize);
        // columns are characters
        start + text[start..].chars().take((at.column() as usize).saturating_sub(1)).map(char::len_utf8).sum::<usize>()
    })
}

/// The error itself, which one in what an alias stands for is inside of.
fn bare_error(error: &Error) -> &Error {
    match error.without_snippet() {
        Error::AliasError { error, .. } => bare_error(error),
        error => error,
    }
}

/// What is said of the types that a text is read as, and of limits, is for programmers.
fn what(error: &Error) -> String {
    let plain = match error {
        Error::Budget { breach: BudgetBreach::Documents { .. }, .. } => "what follows `...` is another document",
        Error::Budget { breach: BudgetBreach::Depth { .. }, .. } => "tables and lists are inside of too many others",
        Error::Budget { .. } | Error::AliasReplayLimitExceeded { .. } => "there are too many values, with those that aliases stand for",
        Error::TaggedScalarCannotDeserializeIntoString { .. } => "the tag before this value has no meaning here",
        Error::Unexpected { expected: "string scalar", .. } => "a key is a list or a table",
        Error::NullIntoString { .. } => "a key is empty",
        Error::NonFiniteFloat { .. } => "a number is infinite, or none",
        _ => {
            let message = bare(&error.to_string());
            return message.split(", set ").next().unwrap_or(&message).to_owned();
        }
    };
    plain.to_owned()
}

/// Of JSON.
pub fn json(error: &serde_json::Error, text: &str) -> (usize, String) {
    // columns are bytes
    let place = line_start(text, error.line()) + error.column().saturating_sub(1);
    (text.floor_char_boundary(place), bare(&error.to_string()))
}

/// What to write instead of what a parser complains of; the `usual` where that is nothing known.
pub fn mend(what: &str, usual: &'static str) -> &'static str {
    let known = [
        ("must be quoted", "put the text in quotes"),
        ("unexpected character", "put the text in quotes"),
        ("unknown anchor", "put the text in quotes"),
        ("found a tab", "write spaces, not tabs, before keys"),
        ("<document start>", "begin all keys at the same column"),
        ("trailing comma", "remove the last comma"),
        ("unclosed array", "close the bracket"),
        ("unclosed bracket", "close the bracket"),
        ("unclosed inline table", "close the bracket"),
        ("unclosed table", "close the bracket"),
        ("misplaced bracket", "remove the bracket, or open it before"),
        ("unquoted keys cannot be empty", "write a name there"),
        ("missing comma", "write a comma between them, or close the bracket"),
        ("expected `,` or `]`", "write a comma between them, or close the bracket"),
        ("placement of ':'", "close the bracket before it, or put the text in quotes"),
        ("trailing content", "put all of the text in quotes"),
        ("find expected key", "put all of the text in quotes"),
        ("unexpected key or value", "put all of the text in quotes, or begin another line"),
        ("invalid date", "write one such as 2026-11-22, or put the text in quotes"),
        ("escaped value", "write two backslashes for one, or put the text in single quotes"),
        ("escape character", "write two backslashes for one, or put the text in single quotes"),
        ("expected hexadecimal", "write two backslashes for one, or put the text in single quotes"),
        ("invalid escape", "write two backslashes for one"),
        ("key must be a string", "put the key in quotes"),
        ("keys cannot be multi-line", "write the key in one line"),
        ("number out of range", "write a smaller number, or put it in quotes"),
        ("a number is infinite", "write another number, or put it in quotes"),
        ("the tag before", "write the value without it"),
        ("a key is", "write a name there, with text that has a bracket in quotes"),
        ("another document", "close what is before it with a line ---"),
        ("aliases", "write it without aliases, or with fewer values"),
        ("quote", "close the quote"),
        ("basic string", "close the quote"),
        ("literal string", "close the quote"),
        ("parsing a string", "close the quote"),
        ("duplicate", "keep one of the two"),
        ("mapping values", "put the text in quotes, or indent the line as its neighbours are"),
        ("too many", "write less here"),
    ];
    known.iter().find(|(words, _)| what.contains(words)).map_or(usual, |(_, mend)| mend)
}

fn bare(message: &str) -> String {
    message.split(" at line ").next().unwrap_or(message).to_owned()
}

/// The byte at which a line begins; the first is 1.
fn line_start(text: &str, line: usize) -> usize {
    text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Value;

    #[test]
    fn a_place_is_where_the_fault_is_whatever_stands_before_it_in_the_line() {
        let text = "{\n \"é\": \"é\" 1}";
        let error = serde_json::from_str::<Value<'_>>(text).unwrap_err();
        assert_eq!(json(&error, text), (text.find('1').unwrap(), "expected `,` or `}`".to_owned()));
        let text = "a: b\né: \"é\" c\n";
        let (place, what) = yaml(serde_saphyr::from_str::<serde_json::Value>(text).unwrap_err(), text);
        assert!(place >= text.find('é').unwrap() && !what.contains(" line "), "{place}: {what}");
    }

    #[test]
    fn what_mends_a_fault_is_of_the_same_kind() {
        let of_json = |text: &str| mend(&json(&serde_json::from_str::<Value<'_>>(text).unwrap_err(), text).1, "");
        assert_eq!(of_json("{\"x\": 1e999}"), "write a smaller number, or put it in quotes");
        assert_eq!(of_json("{x: 1}"), "put the key in quotes");
        assert_eq!(of_json("{\"x\": \"\\d\"}"), "write two backslashes for one");
        assert_eq!(of_json("{\"x\": \"y}"), "close the quote");
    }
}
