//! Links that lead nowhere, as `check` tells of them.

use crate::program::{TestSite, printed};

/// A site in which the links of one post lead to everything that a site may have, and nowhere.
fn linked(config: &str, body: &str) -> TestSite {
    let site = TestSite::new(config);
    let page = |front: &str| format!("+++\ntitle = 'T'\n{front}\n+++\nx\n");
    site.write("content/post/from.md", format!("{}{body}", page("date = 2020-01-01\ntags = ['Two Words']")));
    site.write("content/post/other.md", page("date = 2020-01-02\nslug = 'an-other'\naliases = ['/old/', 'older.html']"));
    site.write("content/post/late.md", page("date = 2999-01-01"));
    site.write("content/post/draft.md", page("draft = true"));
    site.write("content/post/bundle/index.md", page("date = 2020-01-01"));
    site.write("content/post/bundle/a pic.png", "x");
    site.write("content/post/beside.png", "x");
    site.write("content/docs/_index.md", page("aliases = ['/manual/']"));
    site.write("content/docs/deep/_index.md", page(""));
    site.write("content/docs/deep/x.pdf", "x");
    site.write("content/about.md", page("aliases = ['/me/']\ntags = ['only-here']"));
    site.write("content/post/broken.md", "+++\ntitle = \n+++\n");
    site.write("static/img/a.png", "x");
    site.write("static/demo/index.html", "x");
    site.write("looks/t/static/theme.css", "x");
    site
}

/// What `check` tells of links: `line:column` and the link.
fn dead_links(site: &TestSite) -> Vec<String> {
    let (out, err) = printed(&site.run(&["check", "--json"]));
    let found = out.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let dead = found.filter(|found| found["name"] == "dead-link");
    assert!(err.is_empty(), "{err}");
    dead.map(|found| format!("{}:{} {}", found["line"], found["column"], found["message"].as_str().unwrap().split('`').nth(1).unwrap()))
        .collect()
}

#[test]
fn a_link_to_anything_that_a_site_has_is_not_dead() {
    let config = "theme = 't'\nthemesDir = 'looks'\n[redirects]\n'/gone/' = '/about/'\n[languages.en]\n[languages.fr]\n";
    let links = [
        // pages, by address and by file
        "/post/an-other/",
        "../an-other",
        "/post/an-other/#part",
        "/post/an-other/index.html",
        "other.md",
        "../post/other.md",
        "/post/other.md",
        "other",
        "https://example.org/post/an-other/?x=1",
        "//example.org/about/",
        "/old/",
        "/post/older.html",
        "/me/",
        "/manual/",
        "?q=1",
        "#top",
        "/post/late/",
        "docs",
        "../docs",
        "/post/draft/",
        "draft.md",
        "/post/broken/",
        "broken.md",
        // lists and what belongs to them
        "/",
        "",
        "/post/",
        "/docs/",
        "/docs/deep/",
        "/tags/",
        "/tags/two-words/",
        "/tags/only-here/",
        "/page/2/",
        "/post/page/12/",
        "/index.xml",
        "/post/index.xml",
        "/atom.xml",
        "/tags/two-words/rss.xml",
        "/feeds.html",
        "/sitemap.xml",
        "/gone/anything/",
        "/fr/a/",
        // files
        "/img/a.png",
        "https://example.org/img/a.png",
        "/demo/",
        "/demo",
        "/theme.css",
        "bundle/a%20pic.png",
        "/post/bundle/a%20pic.png",
        "beside.png",
        "/post/beside.png",
        "/docs/deep/x.pdf",
        // elsewhere
        "https://example.com/nowhere/",
        "http://localhost:1313/nowhere/",
        "//cdn.example/x",
        "mailto:me@example.org",
        "tel:+33",
        "ftp://example.org/x",
    ];
    let body: String = links.iter().map(|link| format!("[a]({link})\n![b]({link})\n\n")).collect();
    let site = linked(config, &body);
    assert_eq!(dead_links(&site), [""; 0]);
}

#[test]
fn a_link_to_nothing_is_dead_and_told_with_its_place() {
    let body = "\
        Some [text](/post/no-such/) and ![é](/img/b.png).\n\n\
        [a](none.md) [b](../../nowhere/#x) <https://example.org/none/> [c][r]\n\n\
        `[code](/code/)` {{< ref \"none.md\" >}} [d](/Post/An-Other/)\n\n\
        [e](www.example.com)\n\n\
        {{< figure src=\"/img/c.png\" title=\"C\" >}} {{< figure src=\"/img/a.png\" >}}\n\n\
        [r]: /refers/\n";
    let site = linked("", body);
    let expected = [
        "7:13 /post/no-such/",
        "7:38 /img/b.png",
        "9:5 none.md",
        "9:18 ../../nowhere/#x",
        "9:37 https://example.org/none/",
        "9:64 /refers/",
        "11:18 none.md",
        "11:44 /Post/An-Other/",
        "13:5 www.example.com",
        "15:17 /img/c.png",
    ];
    let dead = dead_links(&site);
    assert_eq!(dead, expected);
    let (_, err) = printed(&site.run(&["check"]));
    for told in [
        "content/post/from.md:7:13: warning: `/post/no-such/` leads to no page or file of the site; \
         name one that is there, or this one in the `aliases` of the page that took its place [dead-link]",
        "`/img/b.png` leads to no page or file of the site; put it there, or name one that is there [dead-link]",
        "`/Post/An-Other/` leads to no page or file of the site; did you mean /post/an-other/? [dead-link]",
        "`www.example.com` leads to no page or file of the site; write https://www.example.com [dead-link]",
    ] {
        assert!(err.contains(told), "{told}: {err}");
    }
    assert!(!printed(&site.run(&["build"])).1.contains("no-such"), "only check looks where links lead");
    site.write("content/post/no-such.md", "+++\ndate = 2020-01-01\n+++\n");
    site.write("static/img/b.png", "x");
    assert_eq!(dead_links(&site), expected[2..]);
    site.write("layouts/shortcodes/figure.html", "");
    assert_eq!(dead_links(&site), expected[2..9], "a figure of the site's own");
}

#[test]
fn what_the_host_redirects_is_not_dead_and_a_host_is_no_file() {
    let body = "[a](/moved/) [b](/old/2020/x/) [c](/blog/y/) [d](/none/) [e](docs.example.com/a) [f](me@example.com)\n";
    let site = linked("", body);
    site.write(
        "static/_redirects",
        "# moved\n/moved /post/an-other/ 301\n/old/:year/* /post/:splat\n/blog/* https://blog.example.com/:splat\n/* /404 404\n",
    );
    assert_eq!(dead_links(&site), ["7:50 /none/", "7:62 docs.example.com/a", "7:86 me@example.com"]);
    let (_, told) = printed(&site.run(&["check"]));
    assert!(
        told.contains("; write https://docs.example.com/a [dead-link]") && told.contains("; write mailto:me@example.com [dead-link]"),
        "{told}"
    );
}

#[test]
fn where_pages_may_come_from_elsewhere_their_links_are_not_doubted() {
    let body = "[a](/none/) [b](/none.png) [c](none.md)\n";
    let site = linked("", body);
    assert_eq!(dead_links(&site).len(), 3);
    site.write("content/some/page.org", "x");
    assert_eq!(dead_links(&site), ["7:17 /none.png", "7:32 none.md"], "an address may be that of a page in another format");
    let site = linked("[[module.mounts]]\nsource = 'elsewhere'\ntarget = 'content/more'\n", body);
    assert_eq!(dead_links(&site), [""; 0]);
    let site = linked("theme = 't'\n", body);
    site.write("themes/t/content/none.md", "x");
    assert_eq!(dead_links(&site).len(), 2);
}

#[test]
fn where_a_render_hook_may_make_something_else_of_links_only_what_is_sure_is_told() {
    let body = "[a](/none/) [b](g) [c](/Post/An-Other/) [d](none.md) ![e](/none.png) ![f](none.png) <https://example.org/no/>\n";
    let all =
        ["7:5 /none/", "7:17 g", "7:24 /Post/An-Other/", "7:45 none.md", "7:59 /none.png", "7:75 none.png", "7:86 https://example.org/no/"];
    let site = linked("theme = 't'\n", body);
    assert_eq!(dead_links(&site), all);
    site.write("layouts/_default/_markup/render-link.html", "");
    assert_eq!(dead_links(&site), [all[0], all[4], all[5], all[6]]);
    site.write("themes/t/layouts/_markup/render-image.html", "");
    assert_eq!(dead_links(&site), [all[0], all[4], all[6]]);
}
