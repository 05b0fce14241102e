//! Where a call stands: where HTML may be, or where none could be.

/// So many bytes before a call are looked at.
const MAX_LOOK: usize = 2000;

/// Where a call stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Where HTML may be.
    Text,
    /// In a tag, as an attribute is.
    Tag,
    /// In an address, in a title, or in the alternative text of an image.
    Address,
}

impl Place {
    /// Where that is which follows a text.
    pub(super) fn behind(source: &str) -> Self {
        let near = &source[source.ceil_char_boundary(source.len().saturating_sub(MAX_LOOK))..];
        let line = &near[memchr::memrchr(b'\n', near.as_bytes()).map_or(0, |end| end + 1)..];
        if is_in_tag(near.as_bytes()) {
            Place::Tag
        } else if is_in_link(line) || is_in_alternative(line) || is_in_definition(line) || is_in_address(line) {
            Place::Address
        } else {
            Place::Text
        }
    }
}

/// A longer tag is none.
fn is_in_tag(near: &[u8]) -> bool {
    memchr::memrchr2(b'<', b'>', near).is_some_and(|at| near[at] == b'<' && near.get(at + 1).is_some_and(u8::is_ascii_alphabetic))
}

/// Whether a line ends in where a link leads, or in its title.
fn is_in_link(line: &str) -> bool {
    let count = |text: &str, sign: char| text.matches(sign).count();
    line.rsplit_once("](").is_some_and(|(_, target)| count(target, ')') <= count(target, '('))
}

fn is_in_alternative(line: &str) -> bool {
    line.rsplit_once("![").is_some_and(|(_, text)| !text.contains(']'))
}

/// Whether a line defines where links lead. One of a footnote has text behind its label.
fn is_in_definition(line: &str) -> bool {
    let line = line.trim_start_matches([' ', '\t', '>']);
    line.starts_with('[') && !line.starts_with("[^") && line.contains("]:")
}

/// Whether a line ends in an address that is a link as it stands.
fn is_in_address(line: &str) -> bool {
    line.rsplit(char::is_whitespace).next().is_some_and(|word| word.contains("://") || word.contains("www."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_told_by_what_is_before_it() {
        let check = |source: &str, expected: Place| assert_eq!(Place::behind(source), expected, "{source}");
        for text in ["", "a ", "- ", "[", "[a](b) ", "![a](b) ", "<b>", "a < ", "[a]", "[^a]: ", "http://a.b/ ", "[a](\n", "[a](b(c)) "] {
            check(text, Place::Text);
        }
        for tag in ["<b ", "<a href=\"", "<img\n  src='é", "<http://a.b/"] {
            check(tag, Place::Tag);
        }
        for address in ["[a](", "![a](/b/", "[a](b(c)/", "[a](b \"", "![", "![a ", "[a]: ", "> [a]: b \"", "http://a.b/", "(www.a.b/"] {
            check(address, Place::Address);
        }
        check(&format!("<b {}", "é".repeat(MAX_LOOK)), Place::Text);
    }
}
