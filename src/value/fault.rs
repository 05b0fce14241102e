//! What parsers say of a text that they cannot read: at which byte of it, and what is wrong, without the words that are for those who
//! call them; and what to write instead.

/// Of YAML.
pub fn yaml(error: serde_saphyr::Error, text: &str) -> (usize, String) {
    let error = error.without_snippet();
    let place = error.location().map_or(0, |at| {
        let start = line_start(text, at.line() as usize);
        // columns are characters
        start + text[start..].chars().take((at.column() as usize).saturating_sub(1)).map(char::len_utf8).sum::<usize>()
    });
    let message = bare(&error.to_string());
    (place, message.split(", set ").next().unwrap_or(&message).to_owned())
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
        ("quote", "close the quote"),
        ("string", "close the quote"),
        ("duplicate", "keep one of the two"),
        ("mapping values", "put the text in quotes, or indent the line as its neighbours are"),
        ("budget", "write it without aliases, or with fewer values"),
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
}
