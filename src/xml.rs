//! Which characters a feed may hold: XML 1.0 §2.2, the narrowest of the three formats; and text that stays as it is in XML.

use std::borrow::Cow;

const BEGIN: &str = "<![CDATA[";
const END: &[u8] = b"]]>";

/// The text without characters that XML 1.0 forbids (§2.2 Char), and with every line end as `\n`.
pub fn clean(text: &str) -> Cow<'_, str> {
    if is_clean(text.as_bytes()) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' if chars.peek() == Some(&'\n') => {}
            '\r' => out.push('\n'),
            c if is_legal(c) => out.push(c),
            _ => {}
        }
    }
    Cow::Owned(out)
}

/// The first character that no feed can hold, with its byte. A carriage return is one that [`clean`] keeps in another form.
pub fn forbidden(text: &str) -> Option<(usize, char)> {
    if is_clean(text.as_bytes()) {
        return None;
    }
    text.char_indices().find(|(_, c)| !is_legal(*c) && *c != '\r')
}

/// Text as it is, in a CDATA section; in two where it holds `]]>`, which would end one (§2.7).
pub fn cdata(text: &str) -> String {
    let ends = memchr::memmem::find_iter(text.as_bytes(), END);
    let mut out = String::with_capacity(text.len() + BEGIN.len() + END.len());
    out.push_str(BEGIN);
    let mut written = 0;
    for at in ends.map(|end| end + 2) {
        out.push_str(&text[written..at]);
        out.push_str("]]>");
        out.push_str(BEGIN);
        written = at;
    }
    out.push_str(&text[written..]);
    out.push_str("]]>");
    out
}

/// Whether there is nothing to drop: no control character, and neither U+FFFE nor U+FFFF, which begin with EF BF in UTF-8.
fn is_clean(bytes: &[u8]) -> bool {
    let has_controls = bytes.iter().fold(false, |found, &byte| found | (byte < b' ' && byte != b'\t' && byte != b'\n'));
    !has_controls && memchr::memchr_iter(0xef, bytes).all(|at| !matches!(bytes[at + 1..], [0xbf, 0xbe | 0xbf, ..]))
}

fn is_legal(c: char) -> bool {
    matches!(c, '\t' | '\n' | ' '..='\u{fffd}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_xml_forbids_are_dropped_and_line_ends_are_one() {
        let check = |text: &str, expected: &str| assert_eq!(clean(text), expected);
        check("a\u{0}\u{b}\u{1f}b\u{fffe}\u{ffff}", "ab");
        check("a\r\nb\rc\td\u{85}\u{10ffff}", "a\nb\nc\td\u{85}\u{10ffff}");
        assert!(matches!(clean("plain ☑ \u{fffd}"), Cow::Borrowed(_)));
    }

    #[test]
    fn text_in_cdata_is_read_back_as_it_was() {
        for text in ["", "<p>a &amp; b</p>", "]]>", "a]]>]]>b]]", "]]]]>>"] {
            let xml = format!("<a>{}</a>", cdata(text));
            let read = roxmltree::Document::parse(&xml).unwrap();
            assert_eq!(read.root_element().children().filter_map(|part| part.text()).collect::<String>(), text, "{xml}");
        }
    }

    #[test]
    fn the_first_that_is_forbidden_is_found_and_line_ends_are_none() {
        assert_eq!(forbidden("é\r\n\u{b}\u{0}"), Some((4, '\u{b}')));
        assert_eq!(forbidden("\t\u{7f}\u{85}"), None);
    }
}
