//! What requests get, each from one snapshot.

use bytes::Bytes;

use super::*;
use crate::snapshot::Gone;

fn options() -> Options {
    let redirects = [("/tags/été/", "/tags/c#/"), ("/tags/lost/", "/tags/old/"), ("/moved/", "/been/"), ("/been/", "/tags/c%23/")];
    let elsewhere = [
        ("/planet", "https://planet.example/x?y=z"),
        ("/part", "https://planet.example/x#part"),
        ("/bare", "https://planet.example/x"),
        ("/to-bare", "/bare?y=z#part"),
        ("/round/", "/about/"),
        ("/about/", "/round/"),
        ("/list", "/feeds.html?lang=é x#all"),
        ("/lists", "/list"),
        ("/asked", "/index.xml?x=/"),
        ("/c", "/tags/c#/rss.xml"),
        ("/abroad/", "https://пример.example/é x/"),
        ("/d/", "/d/e/"),
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
        "d/e/rss.xml",
    ] {
        let kind = if path == "feeds.html" { "text/html; charset=utf-8" } else { "application/rss+xml; charset=utf-8" };
        let document = Document::new(kind, vec![Bytes::from(path)], DateTime::from_timestamp(1_700_000_000, 0).unwrap());
        snapshot.documents.insert_mut(path.into(), Arc::new(document));
    }
    let gone = |heir: Option<&str>| Gone {
        heir: heir.map(Into::into),
        ..Gone::new(HeaderValue::from_static("application/rss+xml; charset=utf-8"))
    };
    // by one reading of its path it is gone, by another it is there
    snapshot.gone.insert_mut("c#/rss.xml".into(), gone(None));
    snapshot.gone.insert_mut("tags/old/rss.xml".into(), gone(None));
    snapshot.gone.insert_mut("tags/renamed/rss.xml".into(), gone(Some("tags/c#")));
    snapshot.gone.insert_mut("tags/left/rss.xml".into(), gone(Some("tags/old")));
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
        ("/tags/renamed/rss.xml", 301, Some("/tags/c%23/rss.xml")),
        ("/tags/renamed/feed", 301, Some("/tags/c%23/rss.xml")),
        ("/tags/left/index.xml", 410, None),
        ("/moved/index.xml?x", 301, Some("/tags/c%23/rss.xml?x")), // HT-13: one hop
        ("/moved/", 301, Some("/tags/c%23/")),
        ("/planet", 301, Some("https://planet.example/x?y=z")),
        ("/to-bare", 301, Some("https://planet.example/x?y=z#part")),
        ("/planet?a=b", 301, Some("https://planet.example/x?y=z&a=b")),
        ("/part?a=b", 301, Some("https://planet.example/x?a=b#part")),
        ("/planets", 404, None),
        ("/list", 301, Some("/feeds.html?lang=%C3%A9%20x#all")),
        ("/list?a=b", 301, Some("/feeds.html?lang=%C3%A9%20x&a=b#all")),
        ("/lists", 301, Some("/feeds.html?lang=%C3%A9%20x#all")),
        ("/asked", 301, Some("/rss.xml?x=/")),
        ("/c", 301, Some("/tags/c%23/rss.xml")),
        ("/abroad/%C3%BC", 301, Some("https://xn--e1afmkfd.example/%C3%A9%20x/%C3%BC")),
        ("/d/rss.xml", 301, Some("/d/e/rss.xml")),
        ("/d/index.xml", 301, Some("/d/e/rss.xml")),
        ("/d/feed/", 301, Some("/d/e/rss.xml")),
        ("/d/e/feed/", 301, Some("/d/e/rss.xml")),
        ("/d/none/rss.xml", 404, None),
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
fn a_second_host_and_one_that_is_none_are_refused() {
    check("GET", "/rss.xml", &[("host", "b.example")], 400, None); // HT-30
    let is_one = |host: &'static str| is_host(&HeaderValue::from_static(host));
    assert!(["", "b.example:8080", "[::1]:80", "xn--bcher-kva.example", "a_b"].into_iter().all(is_one));
    assert!(!["a b", "a/b", "a@b", "a?b", "<a>"].into_iter().any(is_one));
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
        redirects: Redirects::new(&[("/events", "/tags/c#/")].map(|(from, to)| (from.to_owned(), to.to_owned())).into(), &options().mount),
        ..options()
    };
    let location = |target| ask_with(&options, "GET", target, &[]).headers().get("location").cloned();
    assert_eq!((location("/events").unwrap(), location("/events?of=%2Frss.xml")), (HeaderValue::from_static("/tags/c%23/"), None));
}
