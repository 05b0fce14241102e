//! Which feeds are said to be gone, which ends a subscription at once, and which are only not there.

use std::fs;

use crate::program::{Server, TestSite, post};

/// A site that was built when the clock stood here, and is started now.
fn built(config: &str, change: impl Fn(&TestSite)) -> (TestSite, Server) {
    let site = TestSite::new(config);
    site.post("post/a.md", "A", 1, &["kept", "retagged"]);
    site.post("post/b.md", "B", 2, &["kept", "blue"]);
    site.post("news/c.md", "C", 3, &["kept", "new"]);
    assert!(site.run(&["build"]).status.success());
    change(&site);
    let server = site.serve();
    (site, server)
}

fn check(config: &str, change: impl Fn(&TestSite), expected: &[(&str, u16, &str)]) {
    let (_site, server) = built(config, change);
    for (path, status, location) in expected {
        let answer = server.get(path, &[]);
        assert_eq!((answer.status, answer.header("location")), (*status, *location), "{path}");
    }
}

#[test]
fn a_feed_that_is_gone_is_so_after_a_start_too() {
    for (config, at) in [("", ""), ("[feeds]\nbase_url = 'https://example.org/blog/'\n[languages.en]\n[languages.fr]\n", "/fr")] {
        let site = TestSite::new(config);
        let base = if at.is_empty() { "example.org/" } else { "example.org/blog/" };
        site.write("hugo.toml", site.read("hugo.toml").replacen("example.org/", base, 1));
        let name = if at.is_empty() { "content/post/a.md" } else { "content/post/a.fr.md" };
        site.write(name, post("A", 1, &["kept", "gone", "back", "C#"]));
        site.run(&["build"]);
        site.write(name, post("A", 1, &["kept"]));
        let server = site.serve();
        let status = |tag: &str, file: &str| server.get(&format!("{at}/tags/{tag}/{file}"), &[]).status;
        for tag in ["gone", "c%23"] {
            assert_eq!((status(tag, "rss.xml"), status(tag, "feed.json"), status(tag, "index.xml")), (410, 410, 410), "{tag}");
        }
        assert_eq!((status("kept", "rss.xml"), status("never", "rss.xml")), (200, 404));
        site.write(name, post("A", 1, &["kept", "back"]));
        server.until_has(&format!("{at}/tags/back/atom.xml"), "<title>A</title>");
        assert_eq!(status("gone", "atom.xml"), 410);
    }
}

#[test]
fn a_feed_is_not_said_to_be_gone_after_a_start_while_it_may_come_back() {
    let retag = |site: &TestSite| site.post("post/a.md", "A", 1, &["kept"]);
    check("", retag, &[("/tags/retagged/rss.xml", 410, ""), ("/tags/retagged/feed", 410, "")]);
    // a post that cannot be read
    let broken = |site: &TestSite| {
        retag(site);
        site.write("content/post/b.md", post("B", 2, &["blue"]).replace("title = \"B\"", "title = \"B"));
    };
    check("", broken, &[("/tags/blue/rss.xml", 404, ""), ("/tags/retagged/rss.xml", 404, "")]);
    // a folder on a disk that is not mounted, or that may not be looked into
    let away = |site: &TestSite| {
        retag(site);
        fs::rename(site.path("content/news"), site.path("away")).unwrap();
    };
    check("", away, &[("/news/rss.xml", 404, ""), ("/tags/new/rss.xml", 404, ""), ("/tags/retagged/rss.xml", 404, "")]);
    // drafts, and posts whose time has not come
    for later in ["draft = true\n", "publishDate = 2100-01-01\n", "expiryDate = 2020-02-01\n"] {
        let change = |site: &TestSite| {
            for name in ["post/b", "news/c"] {
                let path = format!("content/{name}.md");
                site.write(&path, site.read(&path).replacen("+++\n", &format!("+++\n{later}"), 1));
            }
        };
        check("", change, &[("/tags/blue/rss.xml", 404, ""), ("/news/rss.xml", 404, "")]);
    }
}

#[test]
fn a_post_that_was_removed_leaves_feeds_that_are_gone_after_a_start_too() {
    let remove = |site: &TestSite| {
        site.write("content/news/_index.md", "+++\ntitle = 'News'\n+++\n");
        fs::remove_file(site.path("content/news/c.md")).unwrap();
    };
    check("", remove, &[("/news/rss.xml", 410, ""), ("/tags/new/rss.xml", 410, ""), ("/tags/never/rss.xml", 404, "")]);
}

#[test]
fn a_clock_that_is_wrong_at_a_start_ends_no_subscription() {
    let site = TestSite::new("");
    site.write("content/post/a.md", "+++\ntitle = 'A'\ndate = 2100-01-02\ntags = ['t']\n+++\n");
    assert!(site.run(&["build", "--now", "2100-02-01T00:00:00Z"]).status.success());
    let server = site.serve();
    assert_eq!(["/tags/t/rss.xml", "/post/rss.xml"].map(|path| server.get(path, &[]).status), [404, 404]);
}

#[test]
fn feeds_that_moved_lead_to_where_they_are() {
    let move_section = |site: &TestSite| {
        site.write("hugo.toml", site.read("hugo.toml") + "[permalinks.section]\npost = '/articles/'\n");
    };
    let moved =
        [("/post/rss.xml", 301, "/articles/rss.xml"), ("/post/index.xml", 301, "/articles/rss.xml"), ("/articles/rss.xml", 200, "")];
    check("", move_section, &moved);
    // the address of the site lost its folder
    let other_base = |site: &TestSite| site.write("hugo.toml", site.read("hugo.toml").replace("/blog/", "/"));
    let site = TestSite::new("");
    site.write("hugo.toml", site.read("hugo.toml").replace("example.org/", "example.org/blog/"));
    site.post("post/a.md", "A", 1, &["t"]);
    site.run(&["build"]);
    other_base(&site);
    let server = site.serve();
    assert_eq!(["/blog/rss.xml", "/blog/post/rss.xml"].map(|path| server.get(path, &[]).status), [404, 404]);
    // while it is served, by the configuration or by an `_index.md`, and once more
    let location = |path: &str| server.get(path, &[]).header("location").to_owned();
    move_section(&site);
    server.until_has("/articles/rss.xml", "<title>A</title>");
    assert_eq!((location("/post/rss.xml").as_str(), location("/post/feed/atom/").as_str()), ("/articles/rss.xml", "/articles/atom.xml"));
    site.write("content/post/_index.md", "+++\nurl = '/writing/'\n+++\n");
    server.until_has("/writing/rss.xml", "<title>A</title>");
    assert_eq!((location("/articles/rss.xml").as_str(), location("/post/rss.xml").as_str()), ("/writing/rss.xml", "/writing/rss.xml"));
    fs::remove_file(site.path("content/post/a.md")).unwrap();
    server.until("/writing/rss.xml", "gone", |answer| answer.status == 410);
    assert_eq!(["/articles/rss.xml", "/post/rss.xml"].map(|path| server.get(path, &[]).status), [410, 410]);
}

#[test]
fn a_feed_that_moved_never_leads_to_that_of_another_section_or_term() {
    let site = TestSite::new("");
    site.post("a/a.md", "A", 1, &[]);
    site.post("post/z.md", "Z", 2, &[]);
    let server = site.serve();
    let moved = |to: &str| site.write("content/a/_index.md", format!("+++\nurl = '{to}'\n+++\n"));
    let until = |path: &str, status: u16, location: &str| {
        server.until(path, location, |answer| answer.status == status && answer.header("location") == location);
    };
    moved("/b/");
    until("/a/rss.xml", 301, "/b/rss.xml");
    // its folder comes to another section when it has no more posts, and when it moves on
    fs::rename(site.path("content/a/a.md"), site.path("away")).unwrap();
    until("/a/rss.xml", 410, "");
    site.post("b/b.md", "B", 3, &[]);
    server.until_has("/b/rss.xml", "<title>B</title>");
    until("/a/rss.xml", 410, "");
    // it would have the folder of another, so it has no feeds: sections come in the order of their names
    site.post("aa/c.md", "C", 4, &[]);
    server.until_has("/aa/rss.xml", "<title>C</title>");
    site.write("content/b/_index.md", "+++\nurl = '/aa/'\n+++\n");
    until("/b/rss.xml", 410, "");
    assert!(server.get("/aa/rss.xml", &[]).body.contains("<title>C</title>"));
    // and back again, its feeds are led to
    fs::rename(site.path("away"), site.path("content/a/a.md")).unwrap();
    until("/a/rss.xml", 301, "/b/rss.xml");
    moved("/elsewhere/");
    until("/a/rss.xml", 301, "/elsewhere/rss.xml");
    until("/b/rss.xml", 301, "/elsewhere/rss.xml");
}
