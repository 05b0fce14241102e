//! A site in several languages, each of which has feeds of its own beside those of the default one.

use std::fs;

use crate::program::{TestSite, printed, program, tree};

const LANGUAGES: &str = "languageCode = 'en-gb'\n[languages.en]\nweight = 1\n[languages.fr]\nweight = 2\ntitle = 'Essai'\nlabel = 'Français'\n\
                         [languages.fr.taxonomies]\ntag = 'mots'\n[languages.zh]\ncontentDir = 'zh'\n";

fn site(config: &str) -> TestSite {
    let site = TestSite::new(&format!("{LANGUAGES}{config}"));
    site.post("post/a.md", "English", 1, &["old"]);
    site.write("content/post/a.fr.md", "+++\ntitle = 'Anglais'\ndate = 2020-01-02\nmots = ['vieux']\n+++\nLe texte.\n");
    site.write("zh/post/a.md", "+++\ntitle = '中文'\ndate = 2020-01-03\n+++\n");
    site
}

fn build(site: &TestSite, arguments: &[&str]) -> (String, String) {
    let output = site.run(&[&["build"], arguments].concat());
    assert!(output.status.success(), "{}", printed(&output).1);
    printed(&output)
}

#[test]
fn every_language_has_its_feeds_and_its_ids() {
    let site = site("");
    let (out, err) = build(&site, &[]);
    let counts: Vec<&str> = out.lines().filter_map(|line| line.split(" feeds").next()).collect();
    assert_eq!(counts, ["1 post, 3", "fr: 1 post, 3", "zh: 1 post, 2"], "{err}");
    for (feed, title, link) in [
        ("rss.xml", "English", "https://example.org/post/a/"),
        ("fr/rss.xml", "Anglais", "https://example.org/fr/post/a/"),
        ("fr/mots/vieux/rss.xml", "Anglais", "https://example.org/fr/post/a/"),
        ("zh/post/rss.xml", "中文", "https://example.org/zh/post/a/"),
    ] {
        let text = site.read(&format!("feeds/{feed}"));
        assert!(text.contains(&format!("<item><title>{title}</title><link>{link}</link>")), "{text}");
        assert!(text.contains(&format!("href=\"https://example.org/{feed}\" rel=\"self\"")), "{text}");
        assert_eq!(text.matches("<item>").count(), 1, "{text}");
    }
    assert!(
        site.read("feeds/fr/rss.xml").contains("<language>fr</language>")
            && site.read("feeds/rss.xml").contains("<language>en-gb</language>")
    );
    let before = tree(&site.path("feeds"));
    assert!(build(&site, &[]).0.lines().all(|line| line.contains(" 0 files written, ")), "{out}");
    // an id follows its file, and a table that is lost is made again of the feeds of its language
    fs::rename(site.path("content/post/a.fr.md"), site.path("content/post/b.fr.md")).unwrap();
    site.write("content/post/b.fr.md", site.read("content/post/b.fr.md").replace("mots", "aliases = ['/post/a/']\nmots"));
    build(&site, &[]);
    let moved = site.read("feeds/fr/rss.xml");
    assert!(
        moved.contains("<link>https://example.org/fr/post/b/</link>") && moved.contains(">https://example.org/fr/post/a/</guid>"),
        "{moved}"
    );
    fs::remove_file(site.path("feeds/fr/.ids.tsv")).unwrap();
    assert!(build(&site, &[]).1.contains("feeds/fr/.ids.tsv is gone"));
    assert_eq!(site.read("feeds/fr/rss.xml"), moved);
    assert_eq!(site.read("feeds/rss.xml").as_bytes(), before["rss.xml"]);
}

#[test]
fn what_the_feeds_will_be_is_told_for_all_languages() {
    let site = site("");
    site.write("content/post/b.fr.md", "+++\ntitle = 'B'\ndate = 2020-01-04\n+++\n{{< marque >}}x{{< /marque >}}\n");
    let (out, err) = printed(&site.run(&["init"]));
    assert!(out.contains("  /rss.xml                                 1 post      Test\n"), "{out}{err}");
    assert!(out.contains("  /fr/feeds.html                           2 posts     3 feeds\n"), "{out}");
    assert!(out.contains("  /zh/feeds.html                           1 post      2 feeds\n"), "{out}");
    assert!(out.contains("# used once\nmarque = "), "{out}");
}

#[test]
fn a_server_keeps_every_language_current() {
    let site = site("[redirects]\n'/fr/ancien/' = '/fr/post/'\n'/fr/anglais/' = '/post/'\n'/fr/' = '/post/'\n");
    let server = site.serve();
    assert!(server.log().contains("feeds{language=fr}: 1 post in 3 feeds"), "{}", server.log());
    site.write("content/post/b.fr.md", "+++\ntitle = 'Nouveau'\ndate = 2020-01-04\n+++\n");
    server.until_has("/fr/post/atom.xml", "Nouveau");
    site.write("zh/post/b.md", "+++\ntitle = '新'\ndate = 2020-01-04\n+++\n");
    server.until_has("/zh/rss.xml", "新");
    site.post("post/b.md", "New", 5, &[]);
    server.until_has("/rss.xml", "New");
    let (english, french) = (server.get("/rss.xml", &[]).body, server.get("/fr/rss.xml", &[]).body);
    assert!(!english.contains("Nouveau") && !french.contains("New<") && french.contains("Anglais"), "{english}\n{french}");
    for (from, to) in [
        ("/fr", "/fr/"),
        ("/fr/index.xml", "/fr/rss.xml"),
        ("/fr/mots/vieux/feed/", "/fr/mots/vieux/rss.xml"),
        ("/fr/ancien/feed", "/fr/post/rss.xml"),
        ("/fr/anglais/feed?x", "/post/feed?x"),
        ("/fr/perdu/feed.json", "/post/perdu/feed.json"),
    ] {
        let answer = server.get(from, &[]);
        assert_eq!((answer.status, answer.header("location")), (301, to), "{from}");
    }
    assert_eq!(server.get("/fr/rss.xml", &[("Host", "x")]).status, 400);
    assert!(server.get("/", &[]).body.contains("<a href=\"fr/feeds.html\" hreflang=\"fr\" lang=\"fr\">Français</a>"));
    assert!(server.get("/fr/", &[]).body.contains("<a href=\"../feeds.html\" hreflang=\"en\" lang=\"en\">en</a>"));
    let page = server.get("/fr/rss.xml", &[("Sec-Fetch-Dest", "document")]).body;
    assert!(page.contains("data-events=\"events?of=%2Frss%2Exml\"") && page.contains("Nouveau</a></h2>"), "{page}");
    // one file, and each language as it says
    let config = site.read("hugo.toml").replace("'Essai'", "'Autre essai'");
    site.write("hugo.toml", config);
    server.until_has("/fr/rss.xml", "<title>Autre essai</title>");
    server.until_has("/rss.xml", "<title>Test</title>");
}

#[test]
fn a_configuration_counts_for_all_languages_or_for_none() {
    let site = site("");
    let server = site.serve();
    let config = site.read("hugo.toml");
    let fault = config.replace("'Test'", "'Renamed'").replace("label = 'Français'", "label = 'Français'\ntimeZone = 'Nowhere'");
    site.write("hugo.toml", fault);
    server.until_logged("`Nowhere` is no time zone");
    server.until_logged("ERROR the configuration cannot be used for the language fr; the one before stays");
    server.until_logged("feeds{language=zh}: the configuration cannot be used for the language fr");
    site.write("hugo.toml", config.replace("'Test'", "'Once more'"));
    for feed in ["/rss.xml", "/zh/rss.xml"] {
        server.until_has(feed, "<title>Once more</title>");
    }
    // nor does it for any when one has its posts where there are none, or its feeds among them
    for (from, to) in [("'zh'", "'nowhere'"), ("[languages.en]", "[feeds]\noutput = 'zh/feeds'\n[languages.en]")] {
        let said = || server.log().matches("ERROR the configuration cannot be used for the language zh").count();
        let before = said();
        site.write("hugo.toml", config.replace("'Test'", "'Refused'").replace(from, to));
        server.until("/rss.xml", "told", |_| said() > before);
    }
    assert!(server.get("/rss.xml", &[]).body.contains("<title>Once more</title>") && !site.path("zh/feeds").exists());
    // what is in a language that is no more would be in the feeds of another
    for (from, to) in [("[languages.fr", "[languages.frr"), ("languageCode", "defaultContentLanguage = 'fr'\nlanguageCode")] {
        let said = server.log().matches("counts from the next start on").count();
        site.write("hugo.toml", config.replace("'Test'", "'Others'").replace(from, to));
        server.until("/rss.xml", "told", |_| server.log().matches("counts from the next start on").count() > said);
    }
    site.write("hugo.toml", config.replace("'Test'", "'As before'"));
    for feed in ["/rss.xml", "/zh/rss.xml"] {
        server.until_has(feed, "<title>As before</title>");
    }
    assert!(!server.log().contains("any more") && !server.log().contains("already"), "{}", server.log());
    assert!(!site.read("feeds/.ids.tsv").contains("fr.md"), "{}", site.read("feeds/.ids.tsv"));
}

#[test]
fn what_keeps_a_configuration_from_all_languages_is_told_with_its_cause() {
    let site = site("");
    let server = site.serve();
    let config = site.read("hugo.toml");
    for (fault, cause) in [("contentDir = 'nowhere'\n", "nowhere; write a first post"), ("feeds.output = 'content/x'\n", "must lie apart")]
    {
        site.write("hugo.toml", format!("{fault}{config}"));
        // once for each of the two languages that have it
        server.until_logged_times(cause, 2);
        site.write("hugo.toml", &*config);
    }
    server.until_logged_times("feeds{language=fr}: the configuration cannot be used; the one before stays", 2);
}

#[test]
fn a_content_folder_in_the_place_of_another_may_have_nothing_in_a_language() {
    let site = site("");
    let server = site.serve();
    server.until_has("/fr/rss.xml", "Anglais");
    site.write("new/post/b.md", crate::program::post("Another", 5, &[]));
    fs::rename(site.path("content"), site.path("old")).unwrap();
    fs::rename(site.path("new"), site.path("content")).unwrap();
    server.until_has("/rss.xml", "Another");
    server.until_lacks("/fr/rss.xml", "Anglais");
}

#[test]
fn files_of_a_bundle_are_where_its_page_in_the_default_language_is() {
    let site = site("");
    let page = |title: &str, body: &str| format!("+++\ntitle = '{title}'\ndate = 2020-01-05\n{body}\n");
    let files = "[page](autre/) ![i](i.png) [f](./f.pdf?x) {{< figure src=\"i.png\" >}} [up](../x.png) ![s](/s.png)";
    site.write("content/post/b/index.fr.md", page("Paquet", &format!("slug = 'paquet'\nimages = ['i.png']\n+++\n{files}")));
    site.write("content/post/b/i.png", "picture");
    let server = site.serve();
    let feed = |part: &str| server.until("/fr/post/atom.xml", part, |answer| answer.body.contains(part)).body;
    let alone = feed("src=\"https://example.org/fr/post/paquet/i.png\"");
    assert!(alone.contains("href=\"https://example.org/fr/post/paquet/f.pdf?x\""), "{alone}");
    site.write("content/post/b/index.md", page("Bundle", "slug = 'box'\n+++\nA bundle."));
    let both = feed("src=\"https://example.org/post/box/i.png\"");
    for part in [
        "href=\"https://example.org/fr/post/paquet/autre/\"",
        "href=\"https://example.org/post/box/f.pdf?x\"",
        "href=\"https://example.org/fr/post/x.png\"",
        "src=\"https://example.org/s.png\"",
        "href=\"https://example.org/post/box/i.png\" rel=\"enclosure\"",
    ] {
        assert!(both.contains(part), "{part} in {both}");
    }
    assert!(!both.contains("/fr/post/paquet/i.png"), "{both}");
    site.write("content/post/b/index.md", page("Bundle", "slug = 'crate'\n+++\nA bundle."));
    feed("src=\"https://example.org/post/crate/i.png\"");
    for (broken, more) in [("+++\ntitle = \n", "Plus."), ("", "Encore.")] {
        site.write("content/post/b/index.md", broken);
        site.write("content/post/b/index.fr.md", page("Paquet", &format!("slug = 'paquet'\n+++\n{files} {more}")));
        assert!(feed(more).contains("src=\"https://example.org/post/crate/i.png\""), "{broken}");
    }
    site.write("content/post/b/index.fr.md", page("Paquet", &format!("slug = 'paquet'\nimages = ['i.png']\n+++\n{files}")));
    fs::remove_file(site.path("content/post/b/index.md")).unwrap();
    assert_eq!(feed("src=\"https://example.org/fr/post/paquet/i.png\""), alone);
}

#[test]
fn files_of_a_page_that_is_no_folder_are_in_one_of_its_name() {
    let site = site("");
    let page = |title: &str, more: &str| format!("+++\ntitle = '{title}'\ndate = 2020-01-05\nimages = ['i.png']\n{more}+++\n![i](i.png)\n");
    site.write("content/post/b/index.md", page("Bundle", "url = '/u/page.html'\n"));
    site.write("content/post/b/index.fr.md", page("Paquet", ""));
    site.write("content/post/b/i.png", "picture");
    build(&site, &[]);
    for feed in ["feeds/atom.xml", "feeds/fr/atom.xml"] {
        let feed = site.read(feed);
        let both = ["src=\"https://example.org/u/page/i.png\"", "href=\"https://example.org/u/page/i.png\" rel=\"enclosure\""];
        assert!(both.iter().all(|part| feed.contains(part)), "{feed}");
    }
}

#[test]
fn operators_are_told_of_all_languages_together() {
    let site = site("[serve]\nadmin = '127.0.0.1:0'\n");
    // too big for a post, of whatever language
    site.write("content/post/b/index.md", "");
    fs::File::options().write(true).open(site.path("content/post/b/index.md")).unwrap().set_len(33 << 20).unwrap();
    let page = |title: &str, dates: &str| format!("+++\ntitle = '{title}'\n{dates}+++\n");
    site.write("content/post/later.md", page("Later", "publishDate = 2950-01-01\n"));
    site.write("content/post/later.fr.md", page("Plus tard", "publishDate = 2930-01-01\nexpiryDate = 2940-01-01\n"));
    let server = site.serve();
    let admin = server.until_said("figures at http://").split('/').next().unwrap().to_owned();
    let status = crate::program::ask(&admin, "GET", "/status", &[]).body;
    let value: serde_json::Value = serde_json::from_str(&status).unwrap();
    let scheduled = value["scheduled"].as_array().unwrap().iter();
    let scheduled: Vec<(&str, &str)> = scheduled.map(|next| (next["at"].as_str().unwrap(), next["path"].as_str().unwrap())).collect();
    let (en, fr) = ("content/post/later.md", "content/post/later.fr.md");
    assert_eq!(scheduled, [("2930-01-01T00:00:00Z", fr), ("2940-01-01T00:00:00Z", fr), ("2950-01-01T00:00:00Z", en)]);
    assert!(status.contains("\"posts\": 3") && status.contains("\"feeds\": 8"), "{status}");
    assert_eq!(status.matches("content/post/b/index.md").count(), 1, "{status}");
    server.get("/fr/rss.xml", &[("User-Agent", "Feedbin feed-id:1 - 7 subscribers")]);
    let metrics = crate::program::ask(&admin, "GET", "/metrics", &[]).body;
    assert!(metrics.contains("tidings_subscribers{feed=\"/fr/rss.xml\",reader=\"Feedbin\"} 7"), "{metrics}");
    assert!(metrics.contains("tidings_posts 3") && metrics.contains("tidings_diagnostics{severity=\"error\"} 1\n"), "{metrics}");
}

#[test]
fn findings_are_told_once_and_those_of_a_language_too() {
    let site = site("");
    let page = |body: &str| format!("+++\ntitle = 'B'\ndate = 2020-01-04\n+++\n{body}\n");
    site.write("content/post/b/index.fr.md", page("[a](/fr/post/a/) [b](/post/a/) [c](/fr/post/nulle-part/)"));
    site.write("content/post/c/index.fr.md", "+++\ntitle = \n+++\n");
    let there = "[r]({{< ref path=\"only\" lang=\"FR\" >}})";
    site.write("content/post/d.md", page(&format!("[a](/fr/post/a/) [b](/fr/what/ever/) {there}")));
    let output = site.run(&["check"]);
    let (out, err) = printed(&output);
    let lines: Vec<&str> = err.lines().filter(|line| line.contains("error:") || line.contains("warning:")).collect();
    assert_eq!(lines.len(), 2, "{err}");
    assert!(lines[0].starts_with("content/post/b/index.fr.md:5:") && lines[0].contains("`/fr/post/nulle-part/` leads to no page"), "{err}");
    assert!(lines[1].starts_with("content/post/c/index.fr.md:2:") && lines[1].contains("this is not TOML"), "{err}");
    assert!(out.contains("5 posts, 8 feeds: 1 error, 1 warning"), "{out}");
}

#[test]
fn a_language_without_its_content_folder_costs_only_itself() {
    let site = site("");
    build(&site, &[]);
    fs::remove_dir_all(site.path("zh")).unwrap();
    fs::remove_dir_all(site.path("feeds/zh")).unwrap();
    fs::remove_file(site.path("content/post/a.fr.md")).unwrap();
    let (out, err) = build(&site, &[]);
    assert!(err.contains("zh for the language zh, which has no feeds") && !out.contains("zh:"), "{out}{err}");
    assert!(err.contains("no page in content is in fr: the name of one that is ends with .fr.md"), "{err}");
    assert!(site.read("feeds/rss.xml").contains("English") && !site.read("feeds/fr/rss.xml").contains("Anglais"));
    let page = site.read("feeds/feeds.html");
    assert!(page.contains("fr/feeds.html") && !page.contains("zh/feeds.html"), "{page}");
    // nor does it have any by a configuration that is read again
    let server = site.serve();
    site.write("hugo.toml", site.read("hugo.toml").replace("'Test'", "'Renamed'"));
    server.until_has("/feeds.html", "Feeds of Renamed");
    assert!(!server.get("/", &[]).body.contains("zh/feeds.html"));
}

#[test]
fn a_section_that_is_called_as_a_language_with_another_host_is_at_its_own() {
    let site = TestSite::new(
        "[languages.en]\n[languages.fr]\nbaseURL = 'https://fr.example.org/'\n[languages.it]\nbaseURL = 'https://it.example.org/'\n",
    );
    site.post("it/a.fr.md", "Informatique", 1, &[]);
    site.post("post/a.it.md", "Italiano", 1, &[]);
    let server = site.serve();
    let has = |address: &str, title: &str| assert!(server.get(address, &[]).body.contains(&format!("<title>{title}</title>")), "{address}");
    has("http://fr.example.org/it/rss.xml", "Informatique");
    has("http://it.example.org/rss.xml", "Italiano");
    has("http://127.0.0.1/it/rss.xml", "Italiano");
    has("http://fr.example.org/it/post/rss.xml", "Italiano");
    assert_eq!(server.get("http://fr.example.org/it/index.xml", &[]).header("location"), "https://fr.example.org/it/rss.xml");
}

#[test]
fn the_content_of_a_language_may_lie_in_that_of_another() {
    let site = TestSite::new("[languages.en]\n[languages.fr]\ncontentDir = 'content/fr'\n");
    site.post("post/a.md", "English", 1, &[]);
    site.post("fr/post/b.md", "Français", 2, &[]);
    let output = site.run(&["check", "--strict"]);
    assert!(output.status.success(), "{}", printed(&output).1);
    build(&site, &[]);
    // as in Hugo, it is in the feed around it too
    assert_eq!(
        ["rss.xml", "fr/rss.xml", "fr/post/rss.xml"].map(|feed| site.read(&format!("feeds/{feed}")).matches("<item>").count()),
        [2, 1, 1]
    );
}

#[test]
fn a_section_that_is_called_as_a_language_leaves_its_folder_to_that() {
    let site = site("");
    site.post("fr/x.md", "In a section", 5, &[]);
    let (_, err) = build(&site, &[]);
    assert!(site.read("feeds/fr/rss.xml").contains("Anglais") && !site.read("feeds/fr/rss.xml").contains("In a section"), "{err}");
    assert!(site.read("feeds/rss.xml").contains("In a section"));
    let next = program(site.root.path()).args(["build", "--next"]).output().unwrap();
    assert_eq!(printed(&next).0, "none\n");
}
