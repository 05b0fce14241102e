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
    let routes =
        options.mount.splits(head.uri.path()).map(|(folder, path)| (folder, route::route(path, head.uri.query(), snapshot, options)));
    routes.into_iter().find(|(_, route)| !matches!(route, Route::Missing)).unwrap_or(("", Route::Missing))
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

/// The format of a document that is a feed, by its `Content-Type`.
fn format_of(content_type: &HeaderValue) -> Option<Format> {
    Format::ALL.into_iter().find(|format| content_type.as_bytes().starts_with(format.media_type().as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn options() -> Options {
        let redirects = [("/tags/été/", "/tags/c#/"), ("/tags/lost/", "/tags/old/"), ("/moved/", "/been/"), ("/been/", "/tags/c%23/")];
        let elsewhere = [
            ("/planet", "https://planet.example/x?y=z"),
            ("/part", "https://planet.example/x#part"),
            ("/round/", "/about/"),
            ("/about/", "/round/"),
        ];
        let redirects = redirects.iter().chain(&elsewhere).map(|(from, to)| ((*from).to_owned(), (*to).to_owned())).collect();
        let config = Config::parse("[feeds]\nbase_url = 'https://feeds.example/all/'", "c.toml").unwrap().0;
        let options = Options::new(&config);
        Options { redirects: Redirects::new(&redirects, &options.mount), ..options }
    }

    fn ask(method: &str, target: &str, headers: &[(&str, &str)]) -> Response<Payload> {
        ask_with(&options(), method, target, headers)
    }

    fn ask_with(options: &Options, method: &str, target: &str, headers: &[(&str, &str)]) -> Response<Payload> {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let mut snapshot = Snapshot::default();
        for path in [
            "rss.xml",
            "atom.xml",
            "feed.json",
            "feeds.html",
            "tags/c#/rss.xml",
            "tags/été/rss.xml",
            "tags/ve\u{301}lo/rss.xml",
            "tags/\\latex/rss.xml",
            "tags/50%41/rss.xml",
            "a b (c)/rss.xml",
        ] {
            let kind = if path == "feeds.html" { "text/html; charset=utf-8" } else { "application/rss+xml; charset=utf-8" };
            let document = Document::new(kind, vec![Bytes::from(path)], DateTime::from_timestamp(1_700_000_000, 0).unwrap());
            snapshot.documents.insert_mut(path.into(), Arc::new(document));
        }
        snapshot.gone.insert_mut("tags/old/rss.xml".into(), HeaderValue::from_static("application/rss+xml; charset=utf-8"));
        let mut request = http::Request::builder().method(method).uri(target).header("host", "example.org");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        respond(&request.body(()).unwrap().into_parts().0, &snapshot, options, now).0
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
            ("/tags/ve%CC%81lo/rss.xml", 200, None),
            ("/tags/v%C3%A9lo/rss.xml", 308, Some("/tags/ve%CC%81lo/rss.xml")),
            ("/tags/ve%CC%81lo/index.xml", 301, Some("/tags/ve%CC%81lo/rss.xml")),
            ("/tags/v%C3%A9lo/index.xml", 301, Some("/tags/ve%CC%81lo/rss.xml")),
            ("/tags/e%CC%81te%CC%81/feed", 301, Some("/tags/c%23/rss.xml")),
            ("/tags/%5Clatex/rss.xml", 200, None),
            ("/tags/%5clatex/feed", 301, Some("/tags/%5Clatex/rss.xml")),
            ("/tags/\\latex/rss.xml", 308, Some("/tags/%5Clatex/rss.xml")),
            ("/tags/50%2541/rss.xml", 200, None),
            ("/tags/50%41/rss.xml", 404, None),
            ("/a%20b%20%28c%29/rss.xml", 200, None),
            ("/a%20b%20(c)/rss.xml", 308, Some("/a%20b%20%28c%29/rss.xml")),
            ("/index.xml", 301, Some("/rss.xml")),
            ("/feed/atom/", 301, Some("/atom.xml")),
            ("/tags/c%23/feed/?x", 301, Some("/tags/c%23/rss.xml?x")),
            ("/tags/old/rss.xml", 410, None),
            ("/tags/old/index.xml", 410, None),
            ("/tags/lost/rss.xml", 410, None),
            ("/moved/index.xml?x", 301, Some("/tags/c%23/rss.xml?x")), // HT-13: one hop
            ("/moved/", 301, Some("/tags/c%23/")),
            ("/planet", 301, Some("https://planet.example/x?y=z")),
            ("/planet?a=b", 301, Some("https://planet.example/x?y=z&a=b")),
            ("/part?a=b", 301, Some("https://planet.example/x?a=b#part")),
            ("/planets", 404, None),
            ("/round/rss.xml", 404, None),
            ("/all/rss.xml", 200, None),
            ("/all/feed/", 301, Some("/all/rss.xml")),
            ("/all?x", 301, Some("/all/?x")),
            ("/al", 404, None),
            ("/rss.xml/", 404, None),
            ("//evil.example/rss.xml", 404, None), // HT-33
            ("/%2e%2e/rss.xml", 404, None),
            ("/tags%2fc%23/rss.xml", 404, None),
            ("/%72ss.xml", 308, Some("/rss.xml")),
            ("/%ff", 404, None),
            ("/%", 404, None),
        ] {
            check("GET", target, &[], status, location);
        }
    }

    #[test]
    fn feeds_at_the_root_lead_to_those_of_a_site_in_a_folder_of_its_own() {
        let options = Options { home: "tags/été/".to_owned(), ..options() };
        let location = |target| ask_with(&options, "GET", target, &[]).headers().get("location").map(|l| l.to_str().unwrap().to_owned());
        assert_eq!(location("/index.xml").as_deref(), Some("/tags/%C3%A9t%C3%A9/rss.xml"));
        assert_eq!(location("/index.atom").as_deref(), Some("/tags/%C3%A9t%C3%A9/rss.xml"), "the first format that there is");
        assert_eq!((location("/tags/index.atom"), location("/tags/c%23/feed").as_deref()), (None, Some("/tags/c%23/rss.xml")));
    }

    #[test]
    fn a_section_called_as_the_folder_of_the_address_is_there_wherever_that_is_plain() {
        let config = Config::parse("baseURL = 'https://u.example/tags/'", "c.toml").unwrap().0;
        let options = Options::new(&config);
        let ask = |target: &str| {
            let response = ask_with(&options, "GET", target, &[]);
            (response.status().as_u16(), response.headers().get("location").map(|to| to.to_str().unwrap().to_owned()))
        };
        // a proxy that hands on the whole path, and one that takes the folder away
        assert_eq!(ask("/tags/tags/c%23/rss.xml"), (200, None));
        assert_eq!(ask("/tags/c%23/rss.xml"), (200, None));
        assert_eq!(ask("/tags/c%23/feed"), (301, Some("/tags/c%23/rss.xml".to_owned())));
        assert_eq!(ask("/tags/tags/c%23/feed"), (301, Some("/tags/tags/c%23/rss.xml".to_owned())));
        assert_eq!(ask("/tags/old/rss.xml").0, 410);
        // which of these it is nobody can know: the site's
        assert_eq!(ask("/tags/feed"), (301, Some("/tags/rss.xml".to_owned())));
        assert_eq!((ask("/tags/"), ask("/tags"), ask("/tags/none/rss.xml")), ((200, None), (301, Some("/tags/".to_owned())), (404, None)));
        let events = |of: &str| ask_with(&options, "GET", &format!("/events?of={of}"), &[]).into_body();
        assert!(matches!(events("%2Ftags%2Fc%2523%2Frss.xml"), Payload::Events(path, None) if path == "tags/c#/rss.xml"));
        assert!(matches!(events("%2Ftags%2Frss.xml"), Payload::Events(path, None) if path == "rss.xml"));
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
    fn a_browser_gets_a_page_of_the_feed_and_a_reader_the_feed() {
        let kind = |target, headers: &[(&str, &str)]| {
            let response = ask("GET", target, headers);
            let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
            assert_eq!(response.headers()["vary"], "Accept-Encoding, Sec-Fetch-Dest"); // HT-11
            (kind, response.headers()["etag"].clone(), response.into_body())
        };
        let (media_type, page_tag, body) = kind("/tags/c%23/rss.xml", &[("sec-fetch-dest", "document")]);
        assert_eq!(media_type, "text/html; charset=utf-8");
        assert!(matches!(body, Payload::Document(_, Shape::Page(Format::Rss, path), _) if path == "/tags/c%23/rss.xml"));
        let (media_type, feed_tag, _) = kind("/tags/c%23/rss.xml", &[("accept", "text/html")]);
        assert!(media_type.starts_with("application/rss+xml"));
        assert_ne!(page_tag, feed_tag);
    }

    #[test]
    fn the_page_of_all_feeds_names_those_of_the_site_in_its_head() {
        let response = ask("GET", "/", &[]);
        let links: Vec<_> = response.headers().get_all("link").iter().map(|link| link.to_str().unwrap()).collect();
        assert_eq!(links.len(), 3);
        assert_eq!(links[0], "<rss.xml>; rel=\"alternate\"; type=\"application/rss+xml\"");
    }

    #[test]
    fn events_are_of_one_document() {
        let response = ask("GET", "/all/events?of=%2Fall%2Ftags%2Fc%2523%2Frss.xml&seen=12", &[]);
        assert!(matches!(response.body(), Payload::Events(path, Some(12)) if path == "tags/c#/rss.xml"));
        assert_eq!(ask("GET", "/events?of=%2F..%2Fx", &[]).status(), 404);
        assert!(matches!(ask("GET", "/events?of=%2F", &[]).body(), Payload::Events(path, None) if path == "feeds.html"));
        // a page of the site may be called so
        check("GET", "/events", &[], 301, Some("/events/"));
        check("GET", "/all/events?x=y", &[], 301, Some("/all/events/?x=y"));
        check("GET", "/events/", &[], 404, None);
        let options = Options {
            redirects: Redirects::new(
                &[("/events", "/tags/c#/")].map(|(from, to)| (from.to_owned(), to.to_owned())).into(),
                &options().mount,
            ),
            ..options()
        };
        let location = |target| ask_with(&options, "GET", target, &[]).headers().get("location").cloned();
        assert_eq!((location("/events").unwrap(), location("/events?of=%2Frss.xml")), (HeaderValue::from_static("/tags/c%23/"), None));
    }
}
