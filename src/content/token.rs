//! Places in Markdown that are filled once the Markdown is HTML: a shortcode's HTML is nothing that Markdown may touch.
//!
//! A token is a number between two characters that XML forbids, so none can stand in a text that was cleaned. For
//! Markdown it is a word.

use std::borrow::Cow;

const START: char = '\u{fffe}';
const END: char = '\u{ffff}';

/// The HTML that each token stands for.
#[derive(Debug, Default)]
pub(super) struct Tokens(Vec<String>);

impl Tokens {
    /// For a text without tokens.
    #[cfg(test)]
    pub(super) const NONE: Tokens = Tokens(Vec::new());

    /// The token for this HTML, in which tokens are filled at once; none when that comes to more than `limit` bytes.
    pub(super) fn add(&mut self, html: &str, limit: usize) -> Option<String> {
        if self.filled_len(html) > limit {
            return None;
        }
        let html = self.fill(html).into_owned();
        self.0.push(html);
        Some(format!("{START}{}{END}", self.0.len() - 1))
    }

    /// How many bytes the text comes to, at most, when its tokens are filled.
    pub(super) fn filled_len(&self, text: &str) -> usize {
        let len = |token: usize| self.0.get(token).map_or(0, String::len);
        pieces(text).map(|(token, after)| token.map_or(0, len) + after.len()).sum()
    }

    /// Whether there is something to fill in this text.
    pub(super) fn are_in(&self, text: &str) -> bool {
        !self.0.is_empty() && text.contains(START)
    }

    /// The text with the HTML in place of each token. A paragraph that is nothing but blocks loses its tag, as in Hugo.
    pub(super) fn fill<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if !text.contains(START) {
            return Cow::Borrowed(text);
        }
        let mut out = String::with_capacity(text.len() * 2);
        for (index, part) in text.split("<p>").enumerate() {
            let blocks = part.split_once("</p>").filter(|(paragraph, _)| index > 0 && self.is_blocks(paragraph));
            if let Some((paragraph, after)) = blocks {
                self.fill_into(&mut out, paragraph);
                self.fill_into(&mut out, after);
            } else {
                out.push_str(if index > 0 { "<p>" } else { "" });
                self.fill_into(&mut out, part);
            }
        }
        Cow::Owned(out)
    }

    /// A text up to the end of a paragraph, with the HTML in place of each token, as Hugo counts its words: where one is all of a paragraph,
    /// it has no tag around it.
    pub(super) fn counted(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len() * 2);
        for (index, part) in text.split("<p>").enumerate() {
            let token = part.find(END).filter(|_| index > 0 && part.starts_with(START)).map_or("", |end| &part[..end + END.len_utf8()]);
            let behind = &part[token.len()..];
            let is_alone = !token.is_empty() && (behind.is_empty() || behind.starts_with("</p>"));
            out.push_str(if index > 0 && !is_alone { "<p>" } else { "" });
            self.fill_into(&mut out, token);
            self.fill_into(&mut out, if is_alone { behind.trim_start_matches("</p>") } else { behind });
        }
        out
    }

    fn fill_into(&self, out: &mut String, text: &str) {
        for (token, after) in pieces(text) {
            if let Some(html) = token.and_then(|token| self.0.get(token)) {
                out.push_str(html);
            }
            out.push_str(after);
        }
    }

    fn is_blocks(&self, paragraph: &str) -> bool {
        let is_block = |token: usize| self.0.get(token).is_some_and(|html| html.is_empty() || starts_with_block(html));
        paragraph.contains(START) && pieces(paragraph).all(|(token, after)| token.is_none_or(is_block) && after.trim().is_empty())
    }
}

/// Whether a text ends with a paragraph, without its end, of a token and nothing else.
pub(super) fn is_all_of_paragraph(text: &str) -> bool {
    let token = text.strip_suffix(END).and_then(|text| text.rsplit_once(START));
    token.is_some_and(|(before, _)| before.ends_with("<p>"))
}

/// The text without its tokens.
pub(super) fn strip(text: &str) -> Cow<'_, str> {
    if text.contains(START) { Cow::Owned(pieces(text).map(|(_, after)| after).collect()) } else { Cow::Borrowed(text) }
}

/// The text in pieces: each token, and what follows it. The first piece has none.
fn pieces(text: &str) -> impl Iterator<Item = (Option<usize>, &str)> {
    text.split(START).enumerate().map(|(index, piece)| match piece.split_once(END) {
        Some((number, after)) if index > 0 => (number.parse().ok(), after),
        _ => (None, piece),
    })
}

fn starts_with_block(html: &str) -> bool {
    const BLOCKS: &[&str] = &[
        "address",
        "article",
        "aside",
        "blockquote",
        "center",
        "details",
        "div",
        "dl",
        "figure",
        "footer",
        "h",
        "header",
        "hr",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "ul",
        "video",
    ];
    let Some(tag) = html.trim_start().strip_prefix('<') else { return false };
    let name = tag.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    BLOCKS.contains(&name.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_filled_also_in_what_fills_them() {
        let mut tokens = Tokens::default();
        let inner = tokens.add("<i>x</i>", 100).unwrap();
        let outer = tokens.add(&format!("<div>{inner}</div>"), 100).unwrap();
        assert_eq!(tokens.fill(&format!("<p>a {inner}</p><p>{outer}</p>")), "<p>a <i>x</i></p><div><i>x</i></div>");
    }

    #[test]
    fn a_token_that_is_all_of_a_paragraph_is_counted_without_its_tag() {
        let mut tokens = Tokens::default();
        let token = tokens.add("<i>x</i>", 8).unwrap();
        let text = "T<p>T</p>\n<p>T a</p><p>TT</p><p>T".replace('T', &token);
        let expected = "TT\n<p>T a</p><p>TT</p>T".replace('T', "<i>x</i>");
        assert_eq!(tokens.counted(&text), expected);
    }

    #[test]
    fn a_text_is_measured_before_it_is_filled() {
        let mut tokens = Tokens::default();
        let token = tokens.add("<i>x</i>", 8).unwrap();
        assert_eq!(tokens.filled_len(&format!("{token}a{token}")), 17);
        assert!(tokens.add(&token, 7).is_none());
    }

    #[test]
    fn a_token_alone_in_a_paragraph_is_known() {
        let mut tokens = Tokens::default();
        let token = tokens.add("x", 100).unwrap();
        let check = |text: &str, expected: bool| assert_eq!(is_all_of_paragraph(&text.replace('T', &token)), expected, "{text}");
        check("<p>a</p>\n<p>T", true);
        check("<p>TT", false);
        check("<p>a T", false);
        check("<p>Ta", false);
        check("T", false);
        check("", false);
    }

    #[test]
    fn what_is_no_token_stays_without_the_marks() {
        assert_eq!(Tokens::default().fill("a\u{fffe}7\u{ffff}b\u{fffe}c"), "abc");
        assert_eq!(strip("a\u{fffe}7\u{ffff}b"), "ab");
    }
}
