//! What readers, people and operators get from a running server.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::program::{Answer, Server, TestSite, ask};

fn site(config: &str) -> TestSite {
    let site = TestSite::new(config);
    site.post("post/first.md", "First & foremost", 1, &["old"]);
    site
}

#[test]
fn a_browser_is_shown_a_feed_as_a_page_in_every_format_and_coding() {
    let site = site("");
    let server = site.serve();
    for path in ["/rss.xml", "/tags/old/atom.xml", "/post/feed.json"] {
        let page = server.get(path, &[("Sec-Fetch-Dest", "document")]);
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8", "{path}");
        assert!(page.body.contains("First &amp; foremost</a></h2>") && page.body.contains("The text of First"), "{}", page.body);
        assert_eq!(page.header("content-length"), page.body.len().to_string());
        let policy = page.header("content-security-policy");
        assert!(policy.contains("default-src 'none'; script-src 'sha256-") && !policy.contains("unsafe"), "{policy}");
        let head = server.ask("HEAD", path, &[("Sec-Fetch-Dest", "document")]);
        assert_eq!(head.header("content-length"), page.header("content-length")); // HT-06
        let same = server.get(path, &[("Sec-Fetch-Dest", "document"), ("If-None-Match", page.header("etag"))]);
        assert_eq!(same.status, 304);
        let feed = server.get(path, &[("Accept", "text/html"), ("If-None-Match", page.header("etag"))]);
        assert_eq!((feed.status, feed.body.contains("<!DOCTYPE")), (200, false));
        let packed = server.get(path, &[("Sec-Fetch-Dest", "document"), ("Accept-Encoding", "gzip")]);
        assert_eq!(packed.header("content-encoding"), "gzip");
        assert_ne!(packed.header("etag"), page.header("etag"));
    }
}

#[test]
fn a_page_that_is_open_is_told_when_its_feed_changes() {
    let site = site("");
    let server = site.serve();
    let mut stream = TcpStream::connect(&server.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    write!(stream, "GET /events?of=%2Ftags%2Fold%2Frss.xml HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut lines = BufReader::new(stream).lines();
    assert!(lines.by_ref().any(|line| line.unwrap() == "retry: 2000"));
    site.post("post/second.md", "Second", 2, &["other"]);
    server.until_has("/rss.xml", "Second");
    site.post("post/third.md", "Third", 3, &["old"]);
    assert!(lines.by_ref().any(|line| line.unwrap() == "event: change"));
    let told = lines.next().unwrap().unwrap();
    let feed = server.get("/tags/old/rss.xml", &[]);
    assert!(feed.body.contains("Third"), "the change elsewhere was not told");
    // what it changed to, by which a page knows that it has asked for that already and got what somebody in between keeps
    assert_eq!(format!("\"{}\"", told.strip_prefix("data: ").unwrap()), feed.header("etag"));
    site.post("post/fourth.md", "Fourth", 4, &["new"]);
    server.until_has("/tags/new/rss.xml", "Fourth");
    let told = format!("data: {}", server.get("/tags/new/rss.xml", &[]).header("etag").trim_matches('"'));
    for _ in 0..2 {
        let mut stream = server.connect();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        write!(stream, "GET /events?of=%2Ftags%2Fnew%2Frss.xml&seen=1 HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        assert_eq!(BufReader::new(stream).lines().map(Result::unwrap).find(|line| line.starts_with("data: ")), Some(told.clone()));
    }
}

#[test]
fn the_redirects_of_the_site_lead_on_and_follow_the_configuration() {
    let site = site("[redirects]\n'/tags/older/' = '/tags/old/'\n'/planet' = 'https://planet.example/'\n");
    let server = site.serve();
    for (from, to) in [
        ("/tags/older/rss.xml", "/tags/old/rss.xml"),
        ("/tags/older/index.xml?x=1", "/tags/old/rss.xml?x=1"),
        ("/planet", "https://planet.example/"),
        ("/tags/old/feed/atom/", "/tags/old/atom.xml"),
    ] {
        let answer = server.get(from, &[]);
        assert_eq!((answer.status, answer.header("location")), (301, to), "{from}");
    }
    site.write("hugo.toml", site.read("hugo.toml").replace("/tags/older/", "/tags/oldest/"));
    server.until("/tags/oldest/rss.xml", "sent on", |answer| answer.status == 301);
    assert_eq!(server.get("/tags/older/rss.xml", &[]).status, 404);
    server.until_logged("the configuration was read again, and the feeds stay as they are");
    let named = server.get("/tags/oldest/rss.xml", &[("X-Forwarded-For", "x")]);
    assert_eq!(named.header("location"), "/tags/old/rss.xml");
    let public = ask(&server.address, "GET", "http://example.org/feed", &[]);
    assert_eq!(public.header("location"), "https://example.org/rss.xml"); // HT-13
}

#[test]
fn a_feed_under_another_name_leads_there_while_serving_as_after_a_start() {
    let site = site("");
    let server = site.serve();
    let config = site.read("hugo.toml");
    let after_a_start = || Server::start(site.root.path(), &["--out", "other"]);
    let leads = |server: &Server, from: &str, to: &str| {
        let answer = server.get(from, &[]);
        assert_eq!((answer.status, answer.header("location")), (301, to), "{from}");
    };
    let all_lead = |server: &Server, name: &str, others: &[&str]| {
        for folder in ["/", "/post/", "/tags/old/"] {
            let to = format!("{folder}{name}");
            server.until_has(&to, "First &amp; foremost");
            others.iter().for_each(|from| leads(server, &format!("{folder}{from}"), &to));
        }
    };
    all_lead(&server, "rss.xml", &["index.xml", "feed"]);
    site.write("hugo.toml", format!("{config}[feeds]\nfile_names = {{ rss = 'index.xml' }}\n"));
    all_lead(&server, "index.xml", &["rss.xml", "feed"]);
    all_lead(&after_a_start(), "index.xml", &["rss.xml", "feed"]);
    // a name that no program is known for
    site.write("hugo.toml", format!("{config}[feeds]\nfile_names = {{ rss = 'news.rdf' }}\n"));
    all_lead(&server, "news.rdf", &["rss.xml", "index.xml", "feed"]);
    site.write("hugo.toml", &config);
    all_lead(&server, "rss.xml", &["index.xml", "news.rdf", "feed"]);
    // a format that is no more leads to one that is
    site.write("hugo.toml", format!("{config}[feeds]\nformats = ['atom']\n"));
    server.until("/rss.xml", "led on", |answer| answer.status != 200);
    all_lead(&server, "atom.xml", &["rss.xml", "index.xml", "feed.xml", "feed/", "feed.json", "news.rdf"]);
    all_lead(&after_a_start(), "atom.xml", &["rss.xml", "index.xml", "feed.xml", "feed/", "feed.json"]);
    // what is gone is gone by every name
    site.post("post/first.md", "First & foremost", 1, &[]);
    for gone in ["atom.xml", "rss.xml", "index.xml", "feed", "news.rdf"] {
        server.until(&format!("/tags/old/{gone}"), "gone", |answer| answer.status == 410);
    }
}

#[test]
fn an_old_address_leads_on_at_every_instant_of_a_change_of_names() {
    let site = site("");
    let server = site.serve();
    let config = site.read("hugo.toml");
    for step in 0..10 {
        let name = if step % 2 == 0 { "news.xml" } else { "rss.xml" };
        site.write("hugo.toml", format!("{config}[feeds]\nfile_names = {{ rss = '{name}' }}\n"));
        server.until("/feed.xml", "led to the new name", |answer| {
            assert_eq!(answer.status, 301, "step {step}");
            answer.header("location") == format!("/{name}")
        });
    }
}

#[test]
fn every_feed_of_the_list_is_where_it_says_that_it_is() {
    let site = site("");
    // folders that were made on macOS, and whatever else Hugo lets stand in a path
    let tags = [
        "100%cacao",
        "%be",
        "é%ff%20",
        "\\LaTeX",
        "x\\\\y",
        "50%25",
        "a%41(b)",
        "c#",
        "été",
        "e\u{301}te\u{301}",
        "R&D; (x)",
        "日本語",
        "~.net",
        "a/b",
        "100%",
    ];
    let tags = tags.map(|tag| format!("'{tag}'")).join(", ");
    let text = format!("+++\ntitle = 'Spelled'\ndate = 2020-01-02\ntags = [{tags}]\n+++\n");
    site.write("content/한국/vie\u{323}\u{302}t/a.md", text);
    for (section, url) in
        [("escaped", "/caf%C3%A9/"), ("spaced", "/a b (c) é/"), ("twice", "/50%2541/"), ("odd", "/a%5Cb%3F%23/"), ("b", "/[b]^{c}/")]
    {
        site.write(&format!("content/{section}/_index.md"), format!("+++\nurl = '{url}'\n+++\n"));
        site.post(&format!("{section}/a.md"), section, 3, &[]);
    }
    site.write("content/한국/vie\u{323}\u{302}t/_index.md", "");
    let server = site.serve();
    let list = server.get("/feeds.opml", &[]).body;
    let addresses: Vec<String> =
        list.split("xmlUrl=\"").skip(1).map(|rest| rest.split('"').next().unwrap().replace("&amp;", "&")).collect();
    assert_eq!(addresses.len(), 24, "{list}");
    for address in addresses {
        let answer = server.get(address.strip_prefix("https://example.org").unwrap(), &[]);
        assert_eq!((answer.status, answer.header("location")), (200, ""), "{address}");
        assert!(answer.body.replace("&amp;", "&").contains(&format!("href=\"{address}\"")), "{address} {}", answer.body);
    }
    // as Hugo's address of it is sent
    let moved = server.get("/tags/100%cacao/index.xml", &[]);
    assert_eq!((moved.status, moved.header("location")), (301, "/tags/100%25cacao/rss.xml"));
}

#[test]
fn the_address_to_listen_on_is_taken_over_without_dropping_a_connection() {
    let site = site("[serve]\nlisten = '127.0.0.1:0'\n");
    let server = Server::start_as_configured(site.root.path(), &[]);
    let mut stream = TcpStream::connect(&server.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    write!(stream, "GET /events?of=%2Frss.xml HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut lines = BufReader::new(stream).lines();
    assert!(lines.by_ref().any(|line| line.unwrap() == "retry: 2000"));
    // localhost is another name of the same address, and port 0 another port
    site.write("hugo.toml", site.read("hugo.toml").replace("127.0.0.1:0", "localhost:0"));
    let address = server.until_said("from now on listening on http://");
    assert_eq!(ask(&address, "GET", "/rss.xml", &[]).status, 200);
    site.post("post/second.md", "Second", 2, &[]);
    assert!(lines.by_ref().any(|line| line.unwrap() == "event: change"), "the connection to the former address goes on");
    site.write("hugo.toml", site.read("hugo.toml").replace("localhost:0", &address.replace("localhost", "127.0.0.1")));
    server.until_said("still listening on localhost:0");
    assert_eq!(ask(&address, "GET", "/rss.xml", &[]).status, 200);
}

#[test]
fn operators_get_figures_on_their_own_address_only() {
    let site = site("[serve]\nadmin = '127.0.0.1:0'\n");
    let server = site.serve();
    let address = server.until_said("figures at http://").split('/').next().unwrap().to_owned();
    let get = |path: &str| -> Answer { ask(&address, "GET", path, &[]) };
    for path in ["/metrics", "/status", "/healthz", "/readyz"] {
        assert_eq!(server.get(path, &[]).status, 404, "{path} is not for readers");
        assert_eq!(get(path).status, 200, "{path}");
    }
    assert_eq!(get("/rss.xml").status, 404);
    assert_eq!(ask(&address, "POST", "/metrics", &[]).status, 405);
    let tag = server.get("/rss.xml", &[("User-Agent", "Feedbin feed-id:1 - 102 subscribers")]).header("etag").to_owned();
    server.get("/rss.xml", &[("If-None-Match", &tag)]);
    site.write("content/post/broken.md", "+++\ntitle = \"Broken\n");
    site.write("content/post/later.md", "+++\ntitle = 'Later'\ndate = 2999-01-01T00:00:00Z\n+++\n");
    site.post("post/second.md", "Second", 2, &[]);
    server.until_has("/rss.xml", "Second");
    let status: serde_json::Value = serde_json::from_str(&get("/status").body).unwrap();
    assert_eq!((status["posts"].as_u64(), status["next_change"].as_str()), (Some(2), Some("2999-01-01T00:00:00Z")));
    assert_eq!(status["scheduled"][0]["path"], "content/post/later.md");
    let finding = &status["diagnostics"].as_array().unwrap().iter().find(|found| found["severity"] == "error").unwrap();
    assert_eq!(finding["path"], "content/post/broken.md");
    let text = get("/metrics").body;
    for line in [
        "tidings_http_requests_total{status=\"304\",subject=\"rss\"} 1",
        "tidings_subscribers{feed=\"/rss.xml\",reader=\"Feedbin\"} 102",
        "tidings_posts 2",
        "tidings_diagnostics{severity=\"error\"} 1",
        "tidings_next_change_timestamp_seconds 32472144000",
        "tidings_output_written 1",
        "tidings_watching 1",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} in {text}");
    }
    assert!(!text.contains("127.0.0.1"), "no address of a client is kept");
}

#[test]
fn requests_are_logged_when_that_is_asked_for() {
    let site = site("");
    let silent = site.serve();
    silent.get("/rss.xml", &[]);
    assert!(!silent.log().contains("GET /rss.xml"));
    drop(silent);
    let log = site.path("access.log");
    let server = Server::start(site.root.path(), &[&format!("--access-log={}", log.display())]);
    let length = server.get("/rss.xml", &[("User-Agent", "a \"reader\"")]).body.len();
    assert!(server.end("-TERM").success());
    let text = site.read("access.log");
    assert!(text.starts_with("127.0.0.1 - - ["), "{text}");
    assert!(text.ends_with(&format!("\"GET /rss.xml HTTP/1.1\" 200 {length} \"-\" \"a \\\"reader\\\"\"\n")), "{text}");
}
