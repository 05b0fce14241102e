//! Conditional requests, RFC 9110 §13.

use chrono::{DateTime, Utc};
use http::header::{self, HeaderMap, HeaderName, HeaderValue};

/// What a request's conditions are about.
pub(super) struct Entity<'a> {
    /// The strong tag, with its quotes.
    pub(super) tag: &'a HeaderValue,
    /// When it last changed.
    pub(super) modified: DateTime<Utc>,
}

/// What its conditions make of a GET or HEAD.
pub(super) enum Outcome {
    /// 200
    Send,
    /// 304
    NotModified,
    /// 412
    Failed,
}

/// RFC 9110 §13.2.2: the order of the conditions. A date counts only where no tag is given.
pub(super) fn check(headers: &HeaderMap, entity: &Entity<'_>, now: DateTime<Utc>) -> Outcome {
    let modified = entity.modified.timestamp();
    if headers.contains_key(header::IF_MATCH) {
        if !listed(headers, header::IF_MATCH, entity, |tag| tag) {
            return Outcome::Failed;
        }
    } else if date(headers, header::IF_UNMODIFIED_SINCE).is_some_and(|since| modified > since) {
        return Outcome::Failed;
    }
    let same = if headers.contains_key(header::IF_NONE_MATCH) {
        listed(headers, header::IF_NONE_MATCH, entity, |tag| tag.strip_prefix("W/").unwrap_or(tag))
    } else {
        // HT-03: §13.1.3 leaves it open what a date in the future is; RFC 2616 §14.25 had it for none, since no answer bore it.
        date(headers, header::IF_MODIFIED_SINCE).is_some_and(|since| modified <= since && since <= now.timestamp())
    };
    if same { Outcome::NotModified } else { Outcome::Send }
}

/// Whether `*`, or the tag of what is there, stands in any of the lines. A malformed list ends where it is malformed. Of each
/// tag in them, what is `compared` is to be the same.
fn listed(headers: &HeaderMap, name: HeaderName, entity: &Entity<'_>, compared: fn(&str) -> &str) -> bool {
    let is_listed = |line: &str| line.trim() == "*" || tags(line).any(|tag| *entity.tag == *compared(tag));
    // most lists are of one tag, which nobody need look for
    headers.get_all(name).iter().any(|line| line == entity.tag || line.to_str().is_ok_and(is_listed))
}

/// The entity tags of a line. A comma may stand inside of one.
fn tags(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = line;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        let open = if rest.starts_with("W/") { 2 } else { 0 };
        let close = rest[open..].strip_prefix('"')?.find('"')? + open + 2;
        let (tag, after) = rest.split_at(close);
        rest = after;
        Some(tag)
    })
}

/// A date in any of HTTP's three forms, in seconds since 1970.
fn date(headers: &HeaderMap, name: HeaderName) -> Option<i64> {
    let date = httpdate::parse_http_date(headers.get(name)?.to_str().ok()?).ok()?;
    Some(DateTime::<Utc>::from(date).timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn outcome(lines: &[String]) -> bool {
        let headers = lines.iter().map(|line| (header::IF_NONE_MATCH, HeaderValue::try_from(line).unwrap()));
        let mut map = HeaderMap::new();
        headers.for_each(|(name, value)| {
            map.append(name, value);
        });
        let entity = Entity { tag: &HeaderValue::from_static("\"it\""), modified: DateTime::UNIX_EPOCH };
        matches!(check(&map, &entity, DateTime::UNIX_EPOCH), Outcome::NotModified)
    }

    proptest! {
        /// HT-02: lists, weak tags, commas inside of tags, several lines.
        #[test]
        fn a_tag_is_found_wherever_it_stands_and_nowhere_else(
            others in prop::collection::vec("(W/)?\"[!#-~,]{0,8}\"", 0..6),
            at in 0..7_usize,
            is_weak in any::<bool>(),
            split in 0..7_usize,
            gap in "[ \t]{0,2},[ \t]{0,2}",
        ) {
            let others: Vec<String> = others.into_iter().filter(|tag| !tag.ends_with("\"it\"")).collect();
            let lines = |tags: &[String]| {
                let (first, second) = tags.split_at(split.min(tags.len()));
                [first.join(&gap), second.join(&gap)]
            };
            prop_assert!(!outcome(&lines(&others)));
            let mut with = others;
            with.insert(at.min(with.len()), if is_weak { "W/\"it\"".to_owned() } else { "\"it\"".to_owned() });
            prop_assert!(outcome(&lines(&with)), "{with:?}");
        }

        #[test]
        fn no_line_is_a_panic(line in "[ -~\t]{0,40}") {
            outcome(&[line]);
        }
    }
}
