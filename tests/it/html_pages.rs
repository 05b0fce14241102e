//! Pages that are written in HTML are entries as those in Markdown are, and what is in them stays as it is.

use crate::program::{Answer, TestSite, printed};

fn page(front: &str, body: &str) -> String {
    format!("---\ntitle: {front}\n---\n{body}")
}

/// The text of the only entry of a feed in JSON.
fn text(site: &TestSite, folder: &str) -> String {
    let feed: serde_json::Value = serde_json::from_str(&site.read(&format!("feeds/{folder}feed.json"))).unwrap();
    feed["items"][0]["content_html"].as_str().unwrap().to_owned()
}

fn build(site: &TestSite) {
    let (_, err) = printed(&site.run(&["build"]));
    assert_eq!(err, "");
}

#[test]
fn a_body_in_html_stays_as_it_is_but_for_what_no_feed_may_hold() {
    let check = |name: &str, front: &str, body: &str, expected: &str| {
        let site = TestSite::new("enableEmoji = true\n");
        site.write(&format!("content/post/{name}"), page(&format!("A\ndate: 2020-01-01\n{front}"), body));
        build(&site);
        assert_eq!(text(&site, ""), expected, "{name}: {body}");
    };
    let markdown = "<p>*a* \"b\" :smile:\n\n    c</p>\n<h2>d</h2>\n";
    check("a.html", "", markdown, "<p>*a* \"b\" :smile:\n\n    c</p>\n<h2>d</h2>");
    check("a.HTM", "", "plain *text*", "plain *text*");
    check(
        "a.html",
        "",
        "<p><a href=\"b\">b</a><img src=\"/c.png\"><script>x</script>",
        "<p><a href=\"https://example.org/post/a/b\">b</a><img src=\"https://example.org/c.png\"></p>",
    );
    check(
        "a.html",
        "",
        "<p>{{< ref \"a.html\" >}} {{< relref \"/post/a\" >}} </p>",
        "<p>https://example.org/post/a/ https://example.org/post/a/ </p>",
    );
    check("bundle/index.html", "", "<img src=c.png>", "<img src=\"https://example.org/post/bundle/c.png\">");
    check("a.html", "markup: goldmark", "*a*", "<p><em>a</em></p>");
    check("a.md", "markup: html", "*a* <b>b</b>", "*a* <b>b</b>");
    check("a.md", "markup: unheard", "*a*", "<p><em>a</em></p>");
}

#[test]
fn a_summary_ends_where_it_is_said_or_with_a_paragraph_that_makes_it_long_enough() {
    let check = |body: &str, expected: &str| {
        let site = TestSite::new("summaryLength = 3\n[feeds]\ncontent = 'summary'\n");
        site.write("content/post/a.html", page("A\ndate: 2020-01-01", body));
        build(&site);
        let feed = site.read("feeds/rss.xml");
        let item = feed.split("<item>").nth(1).unwrap();
        let summary = item.split("<description><![CDATA[").nth(1).unwrap().split("]]>").next().unwrap();
        assert_eq!(summary, expected, "{body}");
    };
    check("<p>a</p><!--more--><p>b</p>", "<p>a</p>");
    check("<div><p>a</p><!--more--><p>b</p></div>", "<div><p>a</p></div>");
    check("<p>one two</p>\n<p>three four</p>\n<p>five</p>", "<p>one two</p>\n<p>three four</p>");
    check("<p>a b</p>\n<p>c d</p>\n<p>e</p>", "<p>a b</p>\n<p>c d</p>\n<p>e</p>");
    check("<h2>one two three four</h2><p>a</p><p>b</p>", "<h2>one two three four</h2><p>a</p>");
    check("<p>a b</p>\n<ul><li>c</ul>", "<p>a b</p>\n<ul><li>c</li></ul>");
    check("a b c d e", "a b c d e");
}

#[test]
fn pages_in_html_are_where_those_in_markdown_are() {
    let site = TestSite::new("[languages.en]\n[languages.fr]\n");
    site.write("content/post/_index.html", page("Writing\ndescription: In HTML", ""));
    site.write("content/post/a.html", page("A\ndate: 2020-01-01\ntags: [x]\naliases: [/old/]", "<p>a</p>"));
    site.write("content/post/a.fr.html", page("Un\ndate: 2020-01-01", "<p>un</p>"));
    site.write("content/post/b/index.htm", page("B\ndate: 2020-01-02", "<p>b</p>"));
    site.write("content/post/b/part.html", "<p>not a page</p>");
    site.write("content/post/google1234.html", "google-site-verification");
    build(&site);
    let feed = site.read("feeds/post/rss.xml");
    assert!(feed.contains("<title>Writing on Test</title>") && feed.contains("<description>In HTML</description>"), "{feed}");
    let links: Vec<&str> = feed.split("<item>").skip(1).filter_map(|item| item.split("<link>").nth(1)?.split("</link>").next()).collect();
    assert_eq!(links, ["https://example.org/post/b/", "https://example.org/post/a/"]);
    assert_eq!((text(&site, "tags/x/").as_str(), text(&site, "fr/").as_str()), ("<p>a</p>", "<p>un</p>"));
    // one in Markdown comes before one in HTML, and one that names its language before both
    for (name, title) in [("_index.md", "Markdown"), ("_index.en.htm", "Named")] {
        site.write(&format!("content/post/{name}"), page(title, ""));
        build(&site);
        assert!(site.read("feeds/post/rss.xml").contains(&format!("<title>{title} on Test</title>")), "{title}");
    }
    let (out, err) = printed(&site.run(&["check"]));
    assert!(
        out.contains("0 errors, 0 warnings") && err.contains("content/post/google1234.html:1:1: note: the page has no date"),
        "{out}{err}"
    );
}

#[test]
fn a_post_that_is_written_anew_in_html_keeps_its_id_and_links_in_it_are_examined() {
    let site = TestSite::new("");
    site.write("content/post/a.md", page("A\ndate: 2020-01-01\nslug: one", "a"));
    let server = site.serve();
    let before = site.read("feeds/.ids.tsv");
    std::fs::rename(site.path("content/post/a.md"), site.path("content/post/a.html")).unwrap();
    site.write("content/post/a.html", page("A\ndate: 2020-01-01\nslug: one", "<p>now <a href=\"/none/\">none</a></p>"));
    server.until_has("/rss.xml", "<p>now ");
    let id = |table: &str| {
        table.lines().filter(|line| line.contains("/post/one/")).map(|line| line.replace("a.html", "a.md")).collect::<Vec<_>>()
    };
    assert_eq!(id(&site.read("feeds/.ids.tsv")), id(&before));
    let (_, err) = printed(&site.run(&["check"]));
    assert!(err.starts_with("content/post/a.html:6:17: warning:") && err.contains("/none/"), "{err}");
}

#[test]
fn of_files_that_are_one_page_one_is_shown_and_another_when_that_goes() {
    let site = TestSite::new("");
    site.write("content/post/a.html", page("Made\ndate: 2020-01-01", "<p>made</p>"));
    site.write("content/post/a.md", page("Written\ndate: 2020-01-01", "written"));
    site.write("content/post/b/index.html", page("Made\ndate: 2020-01-02", "<p>made <img src=c.png></p>"));
    site.write("content/post/b/index.en.html", page("Named\ndate: 2020-01-02", "<p>named</p>"));
    site.write("content/post/b/index.md", page("Written\ndate: 2020-01-02", "written"));
    site.write("content/post/b/part.md", page("Part\ndate: 2020-01-03", "a resource"));
    let (_, told) = printed(&site.run(&["build"]));
    let overridden = "is the same page, and is the one that is shown; remove one of them, or give it another name [shared-address]";
    let expected = [("a.html", "a.md"), ("b/index.html", "b/index.en.html"), ("b/index.md", "b/index.en.html")];
    let expected = expected.map(|(file, by)| format!("content/post/{file}:1:1: warning: content/post/{by} {overridden}"));
    let mut lines: Vec<&str> = told.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, expected);

    let server = site.serve();
    let (a, b) = ("https://example.org/post/a/", "https://example.org/post/b/");
    let shows = |expected: [&str; 2]| {
        let is_shown = |answer: &Answer| {
            let feed: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
            let shown =
                |number: usize, url: &str| feed["items"][number]["url"] == url && feed["items"][number]["title"] == expected[number];
            feed["items"].as_array().unwrap().len() == 2 && shown(0, b) && shown(1, a)
        };
        server.until("/feed.json", &format!("{expected:?}"), is_shown);
    };
    shows(["Named", "Written"]);
    for (gone, expected) in [("b/index.en.html", ["Written", "Written"]), ("a.md", ["Written", "Made"]), ("b/index.md", ["Made", "Made"])] {
        std::fs::remove_file(site.path(&format!("content/post/{gone}"))).unwrap();
        shows(expected);
    }
    site.write("content/post/a.md", page("Again\ndate: 2020-01-01", "again"));
    shows(["Made", "Again"]);

    // of a file and a folder with its name, too
    site.write("content/post/a/index.md", page("Whole\ndate: 2020-01-01", "whole"));
    shows(["Made", "Whole"]);
    std::fs::remove_file(site.path("content/post/a/index.md")).unwrap();
    shows(["Made", "Again"]);
}
