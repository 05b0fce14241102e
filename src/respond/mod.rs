//! What a request gets: a pure decision from its head, one snapshot and the time.
//!
//! Reading requests, compressing and sending bodies are left to `server`.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use http::header::{self, HeaderName, HeaderValue};
use http::{HeaderMap, Method, Response, StatusCode, Version, request};

use crate::config::{Config, FileNames, Format};
use crate::snapshot::{Document, Snapshot};

mod brief;
pub mod coding;
mod condition;
mod entity;
mod mount;
mod redirects;
mod route;

use brief::{blank, brief, missing, preflight, with};
use coding::Coding;
pub use mount::{Mount, chosen};
pub use redirects::Redirects;
use route::Route;

/// What the configuration says about answers.
#[derive(Clone, Debug)]
pub struct Options {
    /// `Cache-Control` of whatever may be kept.
    pub caching: HeaderValue,
    /// The names of today's files, where old addresses lead.
    pub file_names: FileNames,
    /// Those that they had by the configuration before: until what this one makes is published, they have these.
    pub former_names: FileNames,
    /// The folder of the feeds of the whole site: nothing, or that of its language, with a slash at the end.
    pub home: String,
    /// Where the feeds are.
    pub mount: Mount,
    /// What the site itself sends on.
    pub redirects: Redirects,
}

impl Options {
    /// What a configuration says about answers.
    pub fn new(config: &Config) -> Self {
        let languages = &config.site.languages;
        let home = languages.below_folder(&languages.prefix).unwrap_or_default();
        let mount = Mount::new(config);
        Options {
            caching: caching(config.serve.max_age),
            file_names: config.feeds.file_names.clone(),
            former_names: config.feeds.file_names.clone(),
            home: if home.is_empty() { String::new() } else { format!("{home}/") },
            redirects: Redirects::new(&config.redirects, &mount),
            mount,
        }
    }

    /// The same, by which answers go on from others about feeds that are still published as those say.
    #[must_use]
    pub fn following(self, before: &Options) -> Self {
        Options { former_names: before.file_names.clone(), ..self }
    }
}

/// What goes below the head of an answer.
#[derive(Clone, Debug)]
pub enum Payload {
    /// Nothing.
    Empty,
    /// A word to people.
    Text(&'static str),
    /// A document in a coding. Its `Content-Length` is set already for the document itself in [`Coding::Identity`], else not.
    Document(Arc<Document>, Shape, Coding),
    /// A stream that tells when the document at a path changes; for a start, whether it changed since an instant, in seconds
    /// since 1970.
    Events(String, Option<i64>),
}

/// What a document is shown as.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Shape {
    /// Itself.
    Itself,
    /// A page for people, made from the feed at this path.
    Page(Format, String),
}

/// What a request is about, for those who count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject<'a> {
    /// The feed at this path, decoded, asked for by a reader.
    Feed(Format, &'a str),
    /// A feed that a browser is shown as a page.
    Page,
    /// A list of all feeds.
    List,
    /// News of changes.
    Events,
    /// An old address, or nothing that is there.
    Nothing,
}

impl Subject<'_> {
    /// Its name among the figures.
    pub fn key(self) -> &'static str {
        match self {
            Subject::Feed(format, _) => format.key(),
            Subject::Page => "page",
            Subject::List => "list",
            Subject::Events => "events",
            Subject::Nothing => "none",
        }
    }
}

/// The longest target that is looked at, in bytes.
const LONGEST_TARGET: usize = 8 * 1024;
const ALLOW: HeaderValue = HeaderValue::from_static("GET, HEAD, OPTIONS");
const BRIEFLY: HeaderValue = HeaderValue::from_static("public, max-age=60");
const VARY: HeaderValue = HeaderValue::from_static("Accept-Encoding, Sec-Fetch-Dest");
const SEC_FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");

/// Whether a site has, or had, what is asked for.
pub fn knows(head: &request::Parts, snapshot: &Snapshot, options: &Options) -> bool {
    !matches!(route(head, snapshot, options).1, Route::Missing)
}

/// What is at the path of a request, and what stands before it.
fn route<'h, 'a>(head: &'h request::Parts, snapshot: &'a Snapshot, options: &Options) -> (&'h str, Route<'a>) {
    let mut nothing = ("", Route::Missing);
    // without its slash, the folder of a language is not below itself, where a redirect may lead all from
    if head.uri.path() == options.mount.folder() {
        return nothing;
    }
    for (folder, path) in options.mount.splits(head.uri.path()) {
        match route::route(path, head.uri.query(), snapshot, options) {
            Route::Missing => {}
            // by another reading of the path it may be there
            Route::Gone => nothing = (folder, Route::Gone),
            found => return (folder, found),
        }
    }
    nothing
}

/// The answer to a request, and what it is about. A HEAD gets the payload of its GET; whoever sends it drops the body.
pub fn respond<'a>(
    head: &request::Parts,
    snapshot: &'a Snapshot,
    options: &Options,
    now: DateTime<Utc>,
) -> (Response<Payload>, Subject<'a>) {
    let mut subject = Subject::Nothing;
    let response = answer(head, snapshot, options, now, &mut subject);
    (response, subject)
}

fn answer<'a>(
    head: &request::Parts,
    snapshot: &'a Snapshot,
    options: &Options,
    now: DateTime<Utc>,
    subject: &mut Subject<'a>,
) -> Response<Payload> {
    // RFC 9112 §3.2: exactly one Host, which is one
    if head.version == Version::HTTP_11 {
        let mut hosts = head.headers.get_all(header::HOST).iter();
        if !hosts.next().is_some_and(is_host) || hosts.next().is_some() {
            return brief(StatusCode::BAD_REQUEST, "A request needs one Host.\n");
        }
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
    let (folder, route) = route(head, snapshot, options);
    match route {
        Route::Document(path, document) => {
            let shape = shape(head, path, document);
            *subject = match (format_of(document.content_type()), &shape) {
                (Some(format), Shape::Itself) => Subject::Feed(format, path),
                (Some(_), Shape::Page(..)) => Subject::Page,
                (None, _) => Subject::List,
            };
            let mut response = entity::answer(head, document, shape, options, now);
            if &**path == route::PAGE {
                links(response.headers_mut(), snapshot, options);
            }
            response
        }
        Route::Events => {
            *subject = Subject::Events;
            events(head.uri.query(), snapshot, &options.mount)
        }
        Route::Moved(status, to) => {
            let place = if to.starts_with('/') { options.mount.place(head, folder, &to) } else { to };
            moved(status, &place, head, options)
        }
        Route::Beside(path) => moved(StatusCode::MOVED_PERMANENTLY, &options.mount.place_beside(head, folder, &path), head, options),
        Route::Gone => with(brief(StatusCode::GONE, "This feed is gone.\n"), header::CACHE_CONTROL, BRIEFLY),
        Route::Missing if options.mount.is_folder(head.uri.path()) => {
            moved(StatusCode::MOVED_PERMANENTLY, &options.mount.place(head, head.uri.path(), "/"), head, options)
        }
        Route::Missing => missing(),
    }
}

/// What was asked for is at another place.
fn moved(status: StatusCode, place: &str, head: &request::Parts, options: &Options) -> Response<Payload> {
    match HeaderValue::try_from(with_query(place, head.uri.query())) {
        Ok(location) => {
            let moved = with(brief(status, "Moved.\n"), header::LOCATION, location);
            with(moved, header::CACHE_CONTROL, options.caching.clone())
        }
        Err(_) => missing(),
    }
}

/// An address with the query of a request, behind that of its own.
fn with_query(address: &str, query: Option<&str>) -> String {
    let (place, fragment) = address.split_at(address.find('#').unwrap_or(address.len()));
    match query {
        Some(query) if place.contains('?') => format!("{place}&{query}{fragment}"),
        Some(query) => format!("{place}?{query}{fragment}"),
        None => address.to_owned(),
    }
}

/// A stream of server-sent events: `of` is a path of these feeds or of this server, `seen` the date of what the page shows.
fn events(query: Option<&str>, snapshot: &Snapshot, mount: &Mount) -> Response<Payload> {
    let of = route::asked(query, "of").unwrap_or_default();
    // a page says the path below the feeds
    let split = mount.splits(&of).map(|(_, path)| path);
    let paths: Vec<String> = std::iter::once(&*of).chain(split).filter_map(route::document_path).collect();
    let known = paths.iter().find(|path| snapshot.documents.contains_key(path.as_str()));
    let Some(path) = known.or(paths.get(1)).cloned() else { return missing() };
    let mut response = blank(Payload::Events(path, route::asked(query, "seen").and_then(|seen| seen.parse().ok())));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // nginx would hold events back until its buffer is full
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    response
}

/// What a document is shown as. Browsers show feeds as raw text or save them; only they send Sec-Fetch-Dest, so no reader
/// gets a page by mistake.
fn shape(head: &request::Parts, path: &str, document: &Document) -> Shape {
    let is_browser = head.headers.get(&SEC_FETCH_DEST).is_some_and(|to| to == "document");
    match format_of(document.content_type()).filter(|_| is_browser) {
        Some(format) => Shape::Page(format, route::encoded(path)),
        None => Shape::Itself,
    }
}

fn caching(fresh: u32) -> HeaderValue {
    let value = format!("public, max-age={fresh}, stale-while-revalidate={fresh}, stale-if-error=86400");
    HeaderValue::try_from(value).unwrap_or(HeaderValue::from_static("public"))
}

/// AD-01: the page of all feeds names those of the site in its head too.
fn links(headers: &mut HeaderMap, snapshot: &Snapshot, options: &Options) {
    for format in Format::ALL {
        let name = options.file_names.of(format);
        if snapshot.documents.contains_key(name)
            && let Ok(link) =
                HeaderValue::try_from(format!("<{}>; rel=\"alternate\"; type=\"{}\"", &route::encoded(name)[1..], format.media_type()))
        {
            headers.append(header::LINK, link);
        }
    }
}

/// Whether a `Host` is made of what hosts and ports are made of (RFC 3986 §3.2.2). It is empty where the target has none.
fn is_host(value: &HeaderValue) -> bool {
    let is_sign = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~%!$&'()*+,;=:[]".contains(byte);
    value.as_bytes().iter().all(is_sign)
}

/// The format of a document that is a feed, by its `Content-Type`.
fn format_of(content_type: &HeaderValue) -> Option<Format> {
    Format::ALL.into_iter().find(|format| content_type.as_bytes().starts_with(format.media_type().as_bytes()))
}

#[cfg(test)]
mod tests;
