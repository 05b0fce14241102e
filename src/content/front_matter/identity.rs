//! The id that a front matter gives its entry.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::Source;
use super::front::Front;
use crate::config::Config;
use crate::content::text::plain;
use crate::diagnostic::{Diagnostic, Rule};
use crate::value::Value;

/// The id of the front matter, an absolute IRI. What is none is something else of the site's, such as the number of a post in
/// WordPress: the entry keeps the id that it has.
pub(crate) fn id(front: &Front<'_>, source: &Source<'_>, config: &Config, found: &mut Vec<Diagnostic>) -> Option<Box<str>> {
    const FRAGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
    let written = ["id", "guid"].into_iter().filter_map(|key| {
        let value = front.param(key).filter(|value| !matches!(value, Value::Integer(_)))?;
        Some((key, plain(&value.text()?))).filter(|(_, id)| !id.is_empty())
    });
    let mut other = None;
    for (key, id) in written {
        match absolute(&id) {
            Some(id) => return Some(id),
            None => other = other.or(Some((key, id))),
        }
    }
    if let Some((key, id)) = other {
        let whole = format!("{}#{}", config.site.base_url, utf8_percent_encode(&id, FRAGMENT));
        let what = format!("`{key}` is no absolute address, so it is not the id of the entry");
        let offset = front.field(key).and_then(|field| field.offset);
        found.push(source.diagnostic(Rule::RelativeId, offset, what, format!("if it is to be, write one such as {whole}")));
    }
    None
}

/// An id that is one by itself.
fn absolute(id: &str) -> Option<Box<str>> {
    let forbidden = |c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '{' | '}' | '|' | '\\' | '^' | '`');
    match id {
        id if !id.contains(forbidden) && url::Url::parse(id).is_ok() => Some(id.into()),
        id if is_uuid(id) => Some(format!("urn:uuid:{}", id.to_lowercase()).into()),
        _ => None,
    }
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, b)| if matches!(at, 8 | 13 | 18 | 23) { b == b'-' } else { b.is_ascii_hexdigit() })
}
