//! The id that a front matter gives its entry.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::config::Config;
use crate::content::front::Front;
use crate::content::front_matter::Source;
use crate::content::text::plain;
use crate::diagnostic::{Diagnostic, Rule};

/// The id of the front matter as an absolute IRI. What is none becomes one.
pub(super) fn id(front: &Front<'_>, source: &Source<'_>, config: &Config, found: &mut Vec<Diagnostic>) -> Option<Box<str>> {
    const FRAGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
    let key = ["id", "guid"].into_iter().find(|key| front.param(key).is_some())?;
    let id = plain(&front.param(key)?.text()?);
    let forbidden = |c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '{' | '}' | '|' | '\\' | '^' | '`');
    if id.is_empty() {
        return None;
    }
    if !id.contains(forbidden) && url::Url::parse(&id).is_ok() {
        return Some(id.into());
    }
    if is_uuid(&id) {
        return Some(format!("urn:uuid:{}", id.to_lowercase()).into());
    }
    let whole = format!("{}#{}", config.site.base_url, utf8_percent_encode(&id, FRAGMENT));
    let offset = front.field(key).and_then(|field| field.offset);
    found.push(source.diagnostic(
        Rule::RelativeId,
        offset,
        format!("`{key}` is no absolute address"),
        format!("write {whole}, which stands for it"),
    ));
    Some(whole.into())
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, b)| if matches!(at, 8 | 13 | 18 | 23) { b == b'-' } else { b.is_ascii_hexdigit() })
}
