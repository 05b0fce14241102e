//! What parsers say of a text that they cannot read: at which byte of it, and what is wrong, without the words that are for those who
//! call them.

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
