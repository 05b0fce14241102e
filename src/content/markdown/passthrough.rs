//! What passes through, as TeX does: between its signs is no Markdown.

use std::ops::Range;

use super::layout::Layout;

/// Whether something may pass through.
pub(super) fn may_be_in(source: &str, signs: &[(String, String)]) -> bool {
    signs.iter().any(|(open, _)| source.contains(open.as_str()))
}

/// Where something passes through, with its signs, in order. It stands in one block, and not in code, HTML or an address.
pub(super) fn passages(source: &str, signs: &[(String, String)], layout: &Layout) -> Vec<Range<usize>> {
    let (mut spared, mut ends) = (layout.places().peekable(), layout.ends.iter().copied().peekable());
    // up to where it is known that a pair is not closed, so that no block is looked through twice
    let mut open_until = vec![0; signs.len()];
    let bytes = source.as_bytes();
    let (mut passages, mut at) = (Vec::new(), 0);
    while at < source.len() {
        while spared.next_if(|spared| spared.end <= at).is_some() {}
        if let Some(spared) = spared.next_if(|spared| spared.start <= at) {
            at = spared.end;
            continue;
        }
        while ends.next_if(|end| *end <= at).is_some() {}
        let end = ends.peek().copied().unwrap_or(source.len());
        let length = signs.iter().zip(&mut open_until).find_map(|((open, close), open_until)| {
            if at < *open_until || !bytes[at..end].starts_with(open.as_bytes()) {
                return None;
            }
            let Some(length) = source[at + open.len()..end].find(close.as_str()) else {
                *open_until = end;
                return None;
            };
            (length > 0).then(|| open.len() + length + close.len())
        });
        match length {
            Some(length) => {
                passages.push(at..at + length);
                at += length;
            }
            // what follows a backslash opens nothing
            None if bytes[at] == b'\\' && bytes.get(at + 1).is_some_and(u8::is_ascii_punctuation) => at += 2,
            None => at += 1,
        }
    }
    passages
}

/// A text with a backslash before each sign, so that it stands as it is, but for signs that quote a line.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut begins_line = false;
    for c in text.chars() {
        if c.is_ascii_punctuation() && !(begins_line && c == '>') {
            out.push('\\');
        }
        out.push(c);
        begins_line = c == '\n' || begins_line && matches!(c, ' ' | '>');
    }
    out
}
