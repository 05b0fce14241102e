//! Text on its way into markup: which characters may stand there, how they are escaped, and how to get back from HTML.
//!
//! What a text means, and where it goes, is left to the callers.

use std::borrow::Cow;

use unicode_normalization::char::is_combining_mark;

pub use crate::xml::clean;

/// Joins what stands on both sides without being seen; see [`break_template_syntax`].
const WORD_JOINER: char = '\u{2060}';

/// Text without the characters that XML 1.0 forbids and without white space at its ends.
pub(super) fn plain(text: &str) -> String {
    clean(text).trim().to_owned()
}

/// A name as it begins a line.
pub fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(upper_case).into_iter().chain(letters).collect()
}

/// The capital of a letter, as Go has it: one character for one, so that `ß` has none.
fn upper_case(c: char) -> char {
    let mut capitals = c.to_uppercase();
    match (capitals.next(), capitals.next(), c) {
        (Some(capital), None, _) => capital,
        // those with an iota have capitals with one
        (.., '\u{1f80}'..='\u{1faf}') => char::from_u32(u32::from(c) | 8).unwrap_or(c),
        (.., '\u{1fb3}' | '\u{1fc3}' | '\u{1ff3}') => char::from_u32(u32::from(c) + 9).unwrap_or(c),
        _ => c,
    }
}

/// The form that a letter has where a word begins.
pub(super) fn title_case(c: char) -> char {
    match c {
        '\u{1c4}'..='\u{1c6}' => '\u{1c5}',
        '\u{1c7}'..='\u{1c9}' => '\u{1c8}',
        '\u{1ca}'..='\u{1cc}' => '\u{1cb}',
        '\u{1f1}'..='\u{1f3}' => '\u{1f2}',
        // the capitals of Georgian are for whole words
        '\u{10d0}'..='\u{10ff}' => c,
        _ => upper_case(c),
    }
}

/// The text with every change of the direction of writing ended, and no end of one that was not begun, so that what
/// follows it in a list of titles stays in order (Unicode Standard Annex 9).
pub(super) fn balanced(text: &str) -> Cow<'_, str> {
    const POP_EMBEDDING: char = '\u{202c}';
    const POP_ISOLATE: char = '\u{2069}';
    if !text.contains(['\u{202a}', '\u{202b}', '\u{202d}', '\u{202e}', POP_EMBEDDING, '\u{2066}', '\u{2067}', '\u{2068}', POP_ISOLATE]) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let (mut ends, mut isolates) = (Vec::new(), 0);
    for c in text.chars() {
        match c {
            '\u{202a}' | '\u{202b}' | '\u{202d}' | '\u{202e}' => ends.push(POP_EMBEDDING),
            '\u{2066}'..='\u{2068}' => {
                ends.push(POP_ISOLATE);
                isolates += 1;
            }
            // the end of an isolate ends the embeddings in it; that of an embedding is nothing to an isolate in it
            POP_ISOLATE if isolates > 0 => {
                while ends.pop() == Some(POP_EMBEDDING) {}
                isolates -= 1;
            }
            POP_EMBEDDING if ends.last() == Some(&c) => drop(ends.pop()),
            POP_EMBEDDING | POP_ISOLATE => continue,
            _ => {}
        }
        out.push(c);
    }
    out.extend(ends.into_iter().rev());
    if out == text { Cow::Borrowed(text) } else { Cow::Owned(out) }
}

/// Appends text as the content of an element.
pub(super) fn escape(out: &mut String, text: &str) {
    escape_all(out, text, |bytes| memchr::memchr3(b'&', b'<', b'>', bytes));
}

/// Appends text as the value of an attribute in double quotes.
pub(super) fn escape_value(out: &mut String, text: &str) {
    let is_special = |byte: &u8| matches!(byte, b'&' | b'<' | b'>' | b'"');
    // that there is none, as in most, is seen of many bytes at once; where one is, not
    if text.as_bytes().iter().fold(false, |is_there, byte| is_there | is_special(byte)) {
        escape_all(out, text, |bytes| bytes.iter().position(is_special));
    } else {
        out.push_str(text);
    }
}

fn escape_all(out: &mut String, text: &str, next: impl Fn(&[u8]) -> Option<usize>) {
    let mut rest = text;
    while let Some(at) = next(rest.as_bytes()) {
        out.push_str(&rest[..at]);
        out.push_str(match rest.as_bytes()[at] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            _ => "&quot;",
        });
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
}

/// Appends ` name="value"`.
pub(super) fn attribute(out: &mut String, name: &str, value: &str) {
    out.push(' ');
    out.push_str(name);
    out.push_str("=\"");
    escape_value(out, value);
    out.push('"');
}

/// The text of HTML that this crate has written, on one line. A longer text than `limit` bytes is cut between words.
pub fn of_html(html: &str, limit: usize) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(start) = memchr::memchr(b'<', rest.as_bytes()) {
        unescape(&mut text, &rest[..start]);
        let end = memchr::memchr(b'>', &rest.as_bytes()[start..]).map_or(rest.len(), |end| start + end + 1);
        if !is_inline(&rest[start..end]) {
            text.push(' ');
        }
        rest = &rest[end..];
    }
    unescape(&mut text, rest);
    let mut line = String::with_capacity(text.len());
    for word in words(&text) {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    cut(line, limit)
}

fn unescape(out: &mut String, text: &str) {
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'&', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        let (entity, c) = [("&lt;", '<'), ("&gt;", '>'), ("&quot;", '"'), ("&amp;", '&')]
            .into_iter()
            .find(|(entity, _)| rest[at..].starts_with(entity))
            .unwrap_or(("&", '&'));
        out.push(c);
        rest = &rest[at + entity.len()..];
    }
    out.push_str(rest);
}

/// The words of a text: what white space parts.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    // most texts hold nothing that is white space in Unicode alone
    let (ascii, other) = if text.is_ascii() { (text, "") } else { ("", text) };
    ascii.split_ascii_whitespace().chain(other.split_whitespace())
}

/// Whether a tag leaves the words on its two sides one word.
fn is_inline(tag: &str) -> bool {
    const INLINE: &[&str] = &[
        "a", "abbr", "b", "bdi", "bdo", "cite", "code", "del", "dfn", "em", "i", "ins", "kbd", "mark", "q", "s", "samp", "small", "span",
        "strong", "sub", "sup", "u",
    ];
    let name = tag.trim_start_matches(['<', '/']);
    let name = &name[..name.find([' ', '>', '/']).unwrap_or(name.len())];
    INLINE.contains(&name)
}

/// Cuts before a word, else before a character that stands for itself: never inside of what is seen as one sign.
fn cut(mut text: String, limit: usize) -> String {
    if text.len() <= limit {
        return text;
    }
    let joins = |c: char| {
        is_combining_mark(c) || matches!(c, '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{1f1e6}'..='\u{1f1ff}')
    };
    let starts = |at: &usize| {
        let stands_alone = !text[*at..].starts_with(joins);
        text.is_char_boundary(*at) && stands_alone && !text[..*at].ends_with('\u{200d}')
    };
    let boundary = (1..=limit).rev().filter(|at| text.is_char_boundary(*at)).find(starts).unwrap_or(0);
    let end = text[..boundary].rfind(' ').filter(|space| *space > boundary / 2).unwrap_or(boundary);
    text.truncate(end);
    text.push('…');
    text
}

/// Parts what reads as template syntax (`{{<`, `{%`) with an invisible character, except in code: shown as text it must
/// not look like a shortcode that was forgotten.
pub(super) fn break_template_syntax(html: String) -> String {
    let is_there = |syntax: &[u8]| memchr::memmem::find(html.as_bytes(), syntax).is_some();
    if memchr::memchr(b'{', html.as_bytes()).is_none() || !is_there(b"{{&lt;") && !is_there(b"{%") {
        return html;
    }
    let mut out = String::with_capacity(html.len() + 16);
    let mut code = 0_usize;
    for (at, c) in html.char_indices() {
        let here = &html[at..];
        if c == '<' {
            if here.starts_with("<code") || here.starts_with("<pre") {
                code += 1;
            } else if here.starts_with("</code>") || here.starts_with("</pre>") {
                code = code.saturating_sub(1);
            }
        }
        out.push(c);
        if code == 0 && (here.starts_with("{{&lt;") || here.starts_with("{%")) {
            out.push(WORD_JOINER);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_of_direction_ends_with_the_text() {
        let check = |text: &str, expected: &str| assert_eq!(balanced(text), expected);
        check("a\u{202e}b\u{2066}c", "a\u{202e}b\u{2066}c\u{2069}\u{202c}");
        check("\u{2069}a\u{202c}", "a");
        check("\u{2067}a\u{202a}b\u{2069}c", "\u{2067}a\u{202a}b\u{2069}c");
        check("\u{202b}a\u{2066}b\u{202c}", "\u{202b}a\u{2066}b\u{2069}\u{202c}");
        check("\u{200f}עברית", "\u{200f}עברית");
    }

    #[test]
    fn ends_of_what_was_not_begun_are_no_trouble() {
        let many = 1_000_000;
        let embeddings = "\u{202a}".repeat(many);
        assert_eq!(balanced(&(embeddings.clone() + &"\u{2069}".repeat(many))), embeddings.clone() + &"\u{202c}".repeat(many));
        let isolates = "\u{2066}".repeat(many);
        assert_eq!(balanced(&(isolates.clone() + &"\u{202c}".repeat(many))), isolates.clone() + &"\u{2069}".repeat(many));
    }

    #[test]
    fn html_becomes_one_line_of_text() {
        let check = |html: &str, expected: &str| assert_eq!(of_html(html, 1000), expected);
        check("<p>a<b>b</b> &amp;lt; &lt;</p>\n<p title=\"&gt;\">c<br>d</p>", "ab &lt; < c d");
        check("&", "&");
    }

    #[test]
    fn a_long_text_is_cut_between_words_or_at_least_signs() {
        let check = |text: &str, limit: usize, expected: &str| assert_eq!(of_html(text, limit), expected);
        check("one two three", 9, "one two…");
        check("日本語", 7, "日本…");
        check("xe\u{301}e\u{301}", 5, "xe\u{301}…");
    }

    #[test]
    fn template_syntax_is_parted_outside_of_code() {
        let check = |html: &str, expected: &str| assert_eq!(break_template_syntax(html.into()), expected);
        check("<p>{{&lt; x</p>", "<p>{\u{2060}{&lt; x</p>");
        check("{{% x {% y", "{{\u{2060}% x {\u{2060}% y");
        check("<pre><code>{{&lt; x</code></pre>", "<pre><code>{{&lt; x</code></pre>");
    }
}
