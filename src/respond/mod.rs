//! What a request gets: a pure decision from its head, one snapshot and the time.
//!
//! Reading requests, compressing and sending bodies are left to `server`.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use http::header::{self, HeaderName, HeaderValue};
use http::{HeaderMap, Method, Response, StatusCode, Version, request};

use crate::config::FileNames;
use crate::snapshot::{Document, Snapshot};

pub mod coding;
mod condition;
mod route;

use coding::Coding;
use route::Route;

/// What the configuration says about answers.
#[derive(Clone, Debug)]
pub struct Options {
    /// How long an answer stays fresh, in seconds.
    pub max_age: u32,
    /// The names of today's files, where old addresses lead.
    pub file_names: FileNames,
}

/// What goes below the head of an answer.
#[derive(Clone, Debug)]
pub enum Payload {
    /// Nothing.
    Empty,
    /// A word to people.
    Text(&'static str),
    /// A document in a coding. Its `Content-Length` is set already only for [`Coding::Identity`].
    Document(Arc<Document>, Coding),
}

/// The longest target that is looked at, in bytes.
const LONGEST_TARGET: usize = 8 * 1024;
const ALLOW: HeaderValue = HeaderValue::from_static("GET, HEAD, OPTIONS");
const VARY: HeaderValue = HeaderValue::from_static("Accept-Encoding, Sec-Fetch-Dest");
const EXPOSED: HeaderValue = HeaderValue::from_static("ETag, Last-Modified, Content-Location");

/// The answer to a request. A HEAD gets the payload of its GET; whoever sends it drops the body.
pub fn respond(head: &request::Parts, snapshot: &Snapshot, options: &Options, now: DateTime<Utc>) -> Response<Payload> {
    let mut response = answer(head, snapshot, options, now);
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    headers.insert(HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin"));
    response
}

fn answer(head: &request::Parts, snapshot: &Snapshot, options: &Options, now: DateTime<Utc>) -> Response<Payload> {
    // RFC 9112 §3.2: exactly one Host.
    if head.version == Version::HTTP_11 && head.headers.get_all(header::HOST).iter().count() != 1 {
        return brief(StatusCode::BAD_REQUEST, "A request needs one Host.\n");
    }
    match head.method {
        Method::GET | Method::HEAD => {}
        Method::OPTIONS => return preflight(),
        Method::POST | Method::PUT | Method::DELETE | Method::PATCH | Method::CONNECT | Method::TRACE => {
            return with(brief(StatusCode::METHOD_NOT_ALLOWED, "Only GET and HEAD are answered.\n"), header::ALLOW, ALLOW);
        }
        _ => return brief(StatusCode::NOT_IMPLEMENTED, "This method is not known.\n"),
    }
    if head.uri.path_and_query().is_some_and(|target| target.as_str().len() > LONGEST_TARGET) {
        return brief(StatusCode::URI_TOO_LONG, "The address is too long.\n");
    }
    match route::route(head.uri.path(), snapshot, &options.file_names) {
        Route::Document(path, document) => serve(head, snapshot, (&path, document), options, now),
        Route::Moved(status, path) => {
            let query = head.uri.query().map(|query| format!("?{query}")).unwrap_or_default();
            match HeaderValue::try_from(path + &query) {
                Ok(location) => with(brief(status, "Moved.\n"), header::LOCATION, location),
                Err(_) => missing(),
            }
        }
        Route::Gone => brief(StatusCode::GONE, "This feed is gone.\n"),
        Route::Missing => missing(),
    }
}

/// A CORS preflight, and any other OPTIONS: `If-None-Match` is not a header that browsers send without asking.
fn preflight() -> Response<Payload> {
    let mut response = Response::new(Payload::Empty);
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    headers.insert(header::ALLOW, ALLOW);
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, ALLOW);
    let asked = HeaderValue::from_static("If-None-Match, If-Modified-Since, Accept, Cache-Control");
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, asked);
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    response
}

fn missing() -> Response<Payload> {
    with(brief(StatusCode::NOT_FOUND, "There is no feed here.\n"), header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=60"))
}

fn brief(status: StatusCode, text: &'static str) -> Response<Payload> {
    let mut response = Response::new(Payload::Text(text));
    *response.status_mut() = status;
    with(response, header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"))
}

fn with(mut response: Response<Payload>, name: HeaderName, value: HeaderValue) -> Response<Payload> {
    response.headers_mut().insert(name, value);
    response
}

fn serve(
    head: &request::Parts,
    snapshot: &Snapshot,
    (path, document): (&str, &Arc<Document>),
    options: &Options,
    now: DateTime<Utc>,
) -> Response<Payload> {
    // Browsers show feeds as raw text or save them; only they send Sec-Fetch-Dest, so no reader gets a page by mistake.
    let browsing = head.headers.get("sec-fetch-dest").is_some_and(|to| to == "document") && path.ends_with(".xml");
    let document = if browsing { snapshot.documents.get(route::PAGE).unwrap_or(document) } else { document };
    let Some(coding) = coding::negotiate(&head.headers) else {
        return with(brief(StatusCode::NOT_ACCEPTABLE, "No acceptable content coding.\n"), header::VARY, VARY);
    };
    let entity = condition::Entity {
        tag: format!("\"{:032x}{}\"", document.digest(), coding.suffix()),
        modified: document.modified().min(now).max(DateTime::UNIX_EPOCH),
    };
    let mut response = Response::new(Payload::Empty);
    validators(response.headers_mut(), &entity, options);
    match condition::check(&head.headers, &entity, now) {
        condition::Outcome::Failed => *response.status_mut() = StatusCode::PRECONDITION_FAILED,
        condition::Outcome::NotModified => *response.status_mut() = StatusCode::NOT_MODIFIED,
        condition::Outcome::Send => {
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(document.media_type()));
            headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("none"));
            headers.insert(header::CONTENT_SECURITY_POLICY, policy(document.media_type()));
            match coding.name() {
                Some(name) => headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name)),
                None => headers.insert(header::CONTENT_LENGTH, HeaderValue::from(document.len())),
            };
            *response.body_mut() = Payload::Document(Arc::clone(document), coding);
        }
    }
    response
}

/// RFC 9110 §15.4.5: what a 304 repeats of the 200, and `Last-Modified`, which some readers store from it.
fn validators(headers: &mut HeaderMap, entity: &condition::Entity, options: &Options) {
    let fresh = options.max_age;
    let caching = format!("public, max-age={fresh}, stale-while-revalidate={fresh}, stale-if-error=86400");
    let modified = entity.modified.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    for (name, value) in [(header::ETAG, entity.tag.clone()), (header::LAST_MODIFIED, modified), (header::CACHE_CONTROL, caching)] {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
    }
    headers.insert(header::VARY, VARY);
}

/// The page styles itself; a feed, shown by a browser as XML, may do nothing at all.
fn policy(media_type: &str) -> HeaderValue {
    HeaderValue::from_static(if media_type.starts_with("text/html") {
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    } else {
        "default-src 'none'; style-src 'self'; img-src *; sandbox"
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn ask(method: &str, target: &str, headers: &[(&str, &str)]) -> Response<Payload> {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let mut snapshot = Snapshot::default();
        for path in ["rss.xml", "atom.xml", "feed.json", "feeds.html", "tags/c#/rss.xml", "tags/été/rss.xml"] {
            let kind = if path == "feeds.html" { "text/html; charset=utf-8" } else { "application/rss+xml; charset=utf-8" };
            let document = Document::new(kind, vec![Bytes::from(path)], DateTime::from_timestamp(1_700_000_000, 0).unwrap());
            snapshot.documents.insert_mut(path.into(), Arc::new(document));
        }
        snapshot.gone.insert_mut("tags/old/rss.xml".into(), ());
        let file_names = FileNames { rss: "rss.xml".into(), atom: "atom.xml".into(), json: "feed.json".into() };
        let mut request = http::Request::builder().method(method).uri(target).header("host", "example.org");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        respond(&request.body(()).unwrap().into_parts().0, &snapshot, &Options { max_age: 300, file_names }, now)
    }

    fn check(method: &str, target: &str, headers: &[(&str, &str)], status: u16, location: Option<&str>) {
        let response = ask(method, target, headers);
        assert_eq!(response.status(), status, "{method} {target} {headers:?}");
        assert_eq!(response.headers().get("location").map(|l| l.to_str().unwrap()), location, "{target}");
    }

    #[test]
    fn addresses_lead_to_documents_or_on_to_them() {
        for (target, status, location) in [
            ("/", 200, None),
            ("/rss.xml?utm=1", 200, None), // HT-36
            ("/tags/c%23/rss.xml", 200, None),
            ("/tags/%c3%a9t%C3%A9/rss.xml?a=b", 308, Some("/tags/%C3%A9t%C3%A9/rss.xml?a=b")), // HT-34
            ("/tags/e%CC%81te%CC%81/rss.xml", 308, Some("/tags/%C3%A9t%C3%A9/rss.xml")),
            ("/index.xml", 301, Some("/rss.xml")),
            ("/feed/atom/", 301, Some("/atom.xml")),
            ("/tags/c%23/feed/?x", 301, Some("/tags/c%23/rss.xml?x")),
            ("/tags/old/rss.xml", 410, None),
            ("/rss.xml/", 404, None),
            ("//evil.example/rss.xml", 404, None), // HT-33
            ("/%2e%2e/rss.xml", 404, None),
            ("/tags%2fc%23/rss.xml", 404, None),
            ("/%ff", 404, None),
            ("/%", 404, None),
        ] {
            check("GET", target, &[], status, location);
        }
    }

    #[test]
    fn methods_are_told_apart() {
        for (method, status) in [("HEAD", 200), ("OPTIONS", 204), ("POST", 405), ("BREW", 501)] {
            check(method, "/rss.xml", &[], status, None); // HT-30
        }
    }

    #[test]
    fn a_second_host_is_refused() {
        check("GET", "/rss.xml", &[("host", "b.example")], 400, None); // HT-30
    }

    #[test]
    fn a_tag_or_a_date_that_still_holds_gets_304() {
        let tag = ask("GET", "/rss.xml", &[]).headers()["etag"].to_str().unwrap().to_owned();
        let modified = "Tue, 14 Nov 2023 22:13:20 GMT";
        for (headers, status) in [
            (vec![("if-none-match", "\"x,y\", W/\"z\""), ("if-none-match", tag.as_str())], 304), // HT-02
            (vec![("if-none-match", "*")], 304),
            (vec![("if-none-match", "\"nope\""), ("if-modified-since", modified)], 200),
            (vec![("if-modified-since", modified)], 304), // HT-03
            (vec![("if-modified-since", "Tue, 14 Nov 2023 22:13:19 GMT")], 200),
            (vec![("if-modified-since", "Tue, 14 Nov 2034 22:13:19 GMT")], 200),
            (vec![("if-modified-since", "yesterday")], 200),
            (vec![("if-match", "\"nope\"")], 412), // HT-06
            (vec![("if-match", tag.as_str())], 200),
            (vec![("accept-encoding", "gzip"), ("if-none-match", tag.as_str())], 200), // HT-01
        ] {
            check("GET", "/rss.xml", &headers, status, None);
        }
    }

    #[test]
    fn a_browser_gets_the_page_and_a_reader_the_feed() {
        for (headers, kind) in [(vec![("sec-fetch-dest", "document")], "text/html"), (vec![("accept", "text/html")], "application/rss+xml")]
        {
            let response = ask("GET", "/rss.xml", &headers);
            assert!(response.headers()["content-type"].to_str().unwrap().starts_with(kind));
        }
    }
}
