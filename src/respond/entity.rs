//! The answer to a request for a document that is there: whole, or that the client has it already.

use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::header::{self, HeaderMap, HeaderValue};
use http::{Response, StatusCode, request};

use super::brief::{beside_bodies, brief, everywhere, with};
use super::coding::{self, Coding};
use super::condition::{self, Entity, Outcome};
use super::{Options, Payload, Shape, VARY};
use crate::feed::page;
use crate::snapshot::{self, Document, Heads};

const NONE: HeaderValue = HeaderValue::from_static("none");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
const NOTHING_RUNS: HeaderValue = HeaderValue::from_static("default-src 'none'; style-src 'self'; img-src *; sandbox");

/// The answer to a request for this document in this shape.
pub(super) fn answer(
    head: &request::Parts,
    document: &Arc<Document>,
    shape: Shape,
    options: &Options,
    now: DateTime<Utc>,
) -> Response<Payload> {
    let Some(coding) = coding::negotiate(&head.headers) else {
        return with(brief(StatusCode::NOT_ACCEPTABLE, "No acceptable content coding.\n"), header::VARY, VARY);
    };
    // a clock that was set back is before the change
    let modified = document.modified().min(now);
    let make = || heads(document, &shape, coding, options, modified);
    let is_usual = shape == Shape::Itself && modified == document.modified();
    let known = is_usual.then(|| document.heads(coding as usize, make)).filter(|known| known.caching == options.caching);
    let made;
    let heads = match known {
        Some(known) => known,
        None => {
            made = make();
            &made
        }
    };
    let mut response = Response::new(Payload::Empty);
    match condition::check(&head.headers, &Entity { tag: &heads.etag, modified: modified.max(DateTime::UNIX_EPOCH) }, now) {
        Outcome::Failed => {
            *response.status_mut() = StatusCode::PRECONDITION_FAILED;
            response.headers_mut().clone_from(&heads.unchanged);
            beside_bodies(response.headers_mut());
        }
        Outcome::NotModified => {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            *response.headers_mut() = heads.unchanged.clone();
        }
        Outcome::Send => {
            *response.headers_mut() = heads.whole.clone();
            *response.body_mut() = Payload::Document(Arc::clone(document), shape, coding);
        }
    }
    response
}

/// The heads of answers about a document in a shape and a coding.
fn heads(document: &Document, shape: &Shape, coding: Coding, options: &Options, modified: DateTime<Utc>) -> Heads {
    let etag = tag(document, shape, coding);
    let last_modified = if modified == document.modified() { document.last_modified().clone() } else { snapshot::date(modified) };
    // RFC 9110 §15.4.5: what a 304 repeats of the 200, and `Last-Modified`, which some readers store from it
    let mut unchanged = HeaderMap::with_capacity(6);
    unchanged.insert(header::ETAG, etag.clone());
    unchanged.insert(header::LAST_MODIFIED, last_modified);
    unchanged.insert(header::CACHE_CONTROL, options.caching.clone());
    unchanged.insert(header::VARY, VARY);
    everywhere(&mut unchanged);
    let content_type = if *shape == Shape::Itself { document.content_type().clone() } else { HTML };
    let mut whole = unchanged.clone();
    beside_bodies(&mut whole);
    whole.insert(header::ACCEPT_RANGES, NONE);
    whole.insert(header::CONTENT_SECURITY_POLICY, policy(&content_type));
    whole.insert(header::CONTENT_TYPE, content_type);
    match coding.name() {
        Some(name) => drop(whole.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name))),
        None if *shape == Shape::Itself => drop(whole.insert(header::CONTENT_LENGTH, HeaderValue::from(document.len()))),
        None => {}
    }
    Heads { etag, caching: options.caching.clone(), whole, unchanged }
}

/// The entity tag of a document in a shape and a coding: that of the document itself, with what tells one from the other.
fn tag(document: &Document, shape: &Shape, coding: Coding) -> HeaderValue {
    if (shape, coding) == (&Shape::Itself, Coding::Identity) {
        return document.etag().clone();
    }
    let edition = if *shape == Shape::Itself { String::new() } else { format!("-page{:x}", page::edition()) };
    let itself = document.etag().as_bytes();
    let tag = [itself.strip_suffix(b"\"").unwrap_or(itself), edition.as_bytes(), coding.suffix().as_bytes(), b"\""].concat();
    HeaderValue::from_maybe_shared(Bytes::from(tag)).unwrap_or_else(|_| document.etag().clone())
}

/// A page may do what it does by itself; a feed, shown by a browser as XML, nothing at all.
fn policy(content_type: &HeaderValue) -> HeaderValue {
    if content_type.as_bytes().starts_with(b"text/html") { HeaderValue::from_static(page::policy()) } else { NOTHING_RUNS }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::respond::caching;

    const CHANGED: DateTime<Utc> = DateTime::from_timestamp(1_700_000_000, 0).unwrap();

    fn options(fresh: u32) -> Options {
        let config = Config::parse("baseURL = 'https://feeds.example/'", "c.toml").unwrap().0;
        Options { caching: caching(fresh), ..Options::new(&config) }
    }

    fn document() -> Arc<Document> {
        Arc::new(Document::new("application/rss+xml; charset=utf-8", vec![Bytes::from_static(b"text")], CHANGED))
    }

    fn ask(document: &Arc<Document>, headers: &[(&str, &str)], fresh: u32, now: DateTime<Utc>) -> Response<Payload> {
        let request = headers.iter().fold(http::Request::builder().uri("/rss.xml"), |request, (name, value)| request.header(*name, *value));
        answer(&request.body(()).unwrap().into_parts().0, document, Shape::Itself, &options(fresh), now)
    }

    #[test]
    fn what_is_made_once_follows_the_configuration_and_the_clock() {
        let (document, later) = (document(), DateTime::from_timestamp(1_800_000_000, 0).unwrap());
        let header = |fresh, now, name| ask(&document, &[], fresh, now).headers()[name].to_str().unwrap().to_owned();
        for fresh in [300, 300, 60, 300] {
            assert!(header(fresh, later, "cache-control").starts_with(&format!("public, max-age={fresh},")));
        }
        assert_eq!(header(300, later, "last-modified"), "Tue, 14 Nov 2023 22:13:20 GMT");
        let earlier = CHANGED - chrono::TimeDelta::hours(1);
        assert_eq!(header(300, earlier, "last-modified"), "Tue, 14 Nov 2023 21:13:20 GMT"); // HT-04
        assert_eq!(header(300, later, "last-modified"), "Tue, 14 Nov 2023 22:13:20 GMT");
    }

    #[test]
    fn a_304_says_what_may_be_kept_of_it_and_nothing_of_a_body() {
        let document = document();
        for coding in ["identity", "gzip", "br", "zstd"] {
            let whole = ask(&document, &[("accept-encoding", coding)], 300, CHANGED);
            let tag = whole.headers()["etag"].to_str().unwrap();
            let unchanged = ask(&document, &[("accept-encoding", coding), ("if-none-match", tag)], 300, CHANGED);
            assert_eq!(unchanged.status(), StatusCode::NOT_MODIFIED);
            assert!(matches!(unchanged.body(), Payload::Empty));
            let mut names: Vec<&str> = unchanged.headers().keys().map(|name| name.as_str()).collect();
            names.sort_unstable();
            // HT-05, and HT-22 for scripts that ask with conditions of their own
            let (origin, exposed) = ("access-control-allow-origin", "access-control-expose-headers");
            assert_eq!(names, [origin, exposed, "cache-control", "etag", "last-modified", "vary"]);
            assert!(unchanged.headers().iter().all(|(name, value)| whole.headers()[name] == value), "{coding}");
        }
    }
}
