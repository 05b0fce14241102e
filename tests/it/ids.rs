//! Ids that stay: through every change of address, and through the loss of the table that remembers them.

use std::collections::BTreeMap;
use std::fs;

use crate::program::{Server, TestSite, post, printed, tree};

/// A site that was published, with one id that is not a permalink.
fn site() -> TestSite {
    let site = TestSite::new("");
    for (name, day) in [("a", 1), ("b", 2), ("moving", 3)] {
        site.post(&format!("post/{name}.md"), &format!("Title {name}"), day, &["x"]);
    }
    build(&site, &[]);
    fs::remove_file(site.path("content/post/moving.md")).unwrap();
    site.write("content/post/moved.md", post("Title moving", 3, &["x"]).replacen("+++\n", "+++\naliases = ['/post/moving/']\n", 1));
    build(&site, &[]);
    site
}

/// Builds, which must succeed, and answers with what was said.
fn build(site: &TestSite, arguments: &[&str]) -> String {
    let output = site.run(&[&["build"], arguments].concat());
    assert!(output.status.success(), "{}", printed(&output).1);
    printed(&output).1
}

/// The id of each entry by its title.
fn ids(site: &TestSite) -> BTreeMap<String, String> {
    let feed = feed_rs::parser::parse(site.read("feeds/atom.xml").as_bytes()).unwrap();
    feed.entries.into_iter().map(|entry| (entry.title.unwrap().content, entry.id)).collect()
}

fn change_config(site: &TestSite, from: &str, to: &str) {
    site.write("hugo.toml", site.read("hugo.toml").replace(from, to));
}

/// Makes a change and builds: no id is another one, and nobody is warned.
fn check(change: impl Fn(&TestSite)) {
    let site = site();
    let before: Vec<String> = ids(&site).into_values().collect();
    change(&site);
    let said = build(&site, &["--deny-new-ids", "0"]);
    assert!(!said.contains("come back as new"), "{said}");
    let mut after: Vec<String> = ids(&site).into_values().collect();
    after.sort();
    let mut before = before;
    before.sort();
    assert_eq!(after, before);
}

fn lose_the_table(site: &TestSite) {
    fs::remove_file(site.path("feeds/.ids.tsv")).unwrap();
}

#[test]
fn another_domain_keeps_every_id() {
    check(|site| change_config(site, "example.org", "new.example"));
}

#[test]
fn https_keeps_every_id() {
    check(|site| {
        // the ids are those of the first publication
        change_config(site, "https://", "http://");
        build(site, &["--deny-new-ids", "0"]);
        change_config(site, "http://", "https://");
    });
}

#[test]
fn another_slug_with_or_without_an_alias_and_another_title_keep_every_id() {
    check(|site| site.write("content/post/a.md", post("Title a", 1, &["x"]).replacen("+++\n", "+++\nslug = 'better'\n", 1)));
    check(|site| {
        let text = post("Title a", 1, &["x"]).replacen("+++\n", "+++\nslug = 'better'\naliases = ['/post/a/']\n", 1);
        site.write("content/post/a.md", text);
    });
    check(|site| site.post("post/a.md", "Another title", 1, &["x"]));
    check(|site| {
        change_config(site, "title = 'Test'", "title = 'Test'\n[permalinks]\npost = '/:year/:slug/'");
        build(site, &["--deny-new-ids", "0"]);
        site.post("post/a.md", "Another title", 1, &["x"]);
    });
}

#[test]
fn a_lost_table_is_made_again_from_the_feeds() {
    check(lose_the_table);
    check(|site| site.write("feeds/.ids.tsv", "\n"));
    check(|site| {
        lose_the_table(site);
        change_config(site, "https://example.org", "http://new.example");
    });
    // or what is lost of it
    check(|site| {
        site.write("feeds/.ids.tsv", "garbage");
        change_config(site, "https://example.org", "http://new.example");
    });
    check(|site| {
        let table = site.read("feeds/.ids.tsv");
        let (first, line) = table.split_once(".md\t").unwrap();
        site.write("feeds/.ids.tsv", format!("{first}.md\t{}", &line[..9]));
        change_config(site, "https://example.org", "http://new.example");
    });
    check(|site| {
        lose_the_table(site);
        fs::remove_file(site.path("content/post/a.md")).unwrap();
        site.write("content/post/renamed.md", post("Title a", 1, &["x"]).replacen("+++\n", "+++\naliases = ['/post/a/']\n", 1));
    });
    // whichever format is left
    for name in ["rss.xml", "atom.xml", "feed.json"] {
        check(|site| {
            lose_the_table(site);
            for (path, _) in tree(&site.path("feeds")) {
                if !path.ends_with(name) {
                    fs::remove_file(site.path("feeds").join(path)).unwrap();
                }
            }
        });
    }
}

#[test]
fn a_table_made_again_is_told_and_written_and_has_the_ids_of_feeds_too() {
    let site = site();
    change_config(&site, "example.org", "new.example");
    build(&site, &[]);
    let before = site.read("feeds/.ids.tsv");
    let feeds = tree(&site.path("feeds"));
    lose_the_table(&site);
    let said = build(&site, &[]);
    assert!(said.contains("feeds/.ids.tsv is gone; 3 ids were taken from the feeds beside it"), "{said}");
    let after = site.read("feeds/.ids.tsv");
    // the addresses that entries no longer have are in no feed
    let missing: Vec<&str> = before.lines().filter(|line| !after.lines().any(|other| other == *line)).collect();
    assert_eq!(missing, ["/post/moving/\tpost/moved.md\thttps://example.org/post/moving/"]);
    let mut again = tree(&site.path("feeds"));
    again.insert(".ids.tsv".to_owned(), before.into_bytes());
    assert_eq!(again, feeds, "not a byte of a feed is another one");
    assert!(!build(&site, &[]).contains("is gone"));
}

#[test]
fn a_server_makes_a_lost_table_again_too() {
    let site = site();
    let before = ids(&site);
    lose_the_table(&site);
    let server = site.serve();
    assert!(server.log().contains("3 ids were taken from the feeds"), "{}", server.log());
    assert_eq!(ids(&site), before);
    assert!(site.read("feeds/.ids.tsv").contains("https://example.org/post/moving/"));
}

#[test]
fn a_table_that_was_edited_by_hand_is_nobody_elses_change() {
    let site = site();
    change_config(&site, "title = 'Test'", "title = 'Test'\n[serve]\nverify = 1\n");
    let table = site.read("feeds/.ids.tsv");
    let reversed = table.lines().rev().map(|line| format!("{line}\n")).collect();
    for edited in [format!("{table}\n"), format!("{table}/post/"), table.replace('\n', "\r\n"), reversed] {
        site.write("feeds/.ids.tsv", edited);
        let server = site.serve();
        assert_eq!(site.read("feeds/.ids.tsv"), table, "it is written in order");
        // of two files that differ both would be told of at once
        fs::remove_file(site.path("feeds/rss.xml")).unwrap();
        server.until_logged("rss.xml in ");
        assert!(server.log().contains("was changed or removed by somebody else"), "{}", server.log());
        assert!(!server.log().contains("files in "), "{}", server.log());
    }
}

#[test]
fn entries_that_would_come_back_as_new_are_counted_and_may_be_denied() {
    let site = site();
    // a hand edit of the table, and a post that was renamed without an alias
    site.write("feeds/.ids.tsv", site.read("feeds/.ids.tsv").replace("\thttps://example.org/post/moving/", "\turn:by-hand"));
    fs::rename(site.path("content/post/a.md"), site.path("content/post/z.md")).unwrap();
    let before = tree(&site.path("feeds"));
    let denied = site.run(&["build", "--deny-new-ids", "1"]);
    assert_eq!(denied.status.code(), Some(1));
    let (out, err) = printed(&denied);
    assert!(err.contains("2 published entries have other ids now and come back as new") && err.contains("nothing was written"), "{err}");
    assert!(err.contains("aliases") && out.is_empty(), "{err}{out}");
    assert_eq!(tree(&site.path("feeds")), before);
    let said = build(&site, &["--deny-new-ids", "2"]);
    assert!(said.contains("2 published entries have other ids now and come back as new"), "{said}");
    assert!(!build(&site, &[]).contains("come back as new"));
}

#[test]
fn no_id_stays_that_was_given_while_the_site_had_no_address_of_its_own() {
    let base = "baseURL = 'https://example.org/'\n";
    let expected = |site: &TestSite| {
        let at = |title: &str, name: &str| (title.to_owned(), format!("https://example.org/post/{name}/"));
        assert_eq!(ids(site), BTreeMap::from([at("A", "a"), at("B", "b")]));
        let is_local = |text: &str| text.contains("localhost") || text.contains("127.0.0.1");
        assert!(!is_local(&site.read("feeds/.ids.tsv")) && !is_local(&site.read("feeds/atom.xml")));
    };
    let unknown = "http://localhost:8080/";
    let local = "http://127.0.0.1:8080/";
    for (without, at) in [("", unknown), ("baseURL = '/'\n", unknown), ("baseURL = 'http://127.0.0.1:8080/'\n", local)] {
        let site = TestSite::new("");
        site.post("post/a.md", "A", 1, &[]);
        site.post("post/b.md", "B", 2, &[]);
        change_config(&site, base, without);
        let said = build(&site, &[]);
        assert!(said.contains("[missing-base-url]") && ids(&site)["A"] == format!("{at}post/a/"), "{said}");
        site.write("hugo.toml", format!("{base}{}", site.read("hugo.toml").replace(without, "")));
        assert_eq!(build(&site, &["--deny-new-ids", "0"]), "");
        expected(&site);
    }
    // nor while it is served, or where the table is lost meanwhile
    let site = TestSite::new("");
    site.post("post/a.md", "A", 1, &[]);
    site.post("post/b.md", "B", 2, &[]);
    let whole = site.read("hugo.toml");
    change_config(&site, base, "");
    let server = site.serve();
    server.until_has("/atom.xml", "<id>http://localhost:8080/post/a/</id>");
    site.write("hugo.toml", &whole);
    server.until_has("/atom.xml", "<id>https://example.org/post/a/</id>");
    expected(&site);
    drop(server);
    change_config(&site, base, "");
    lose_the_table(&site);
    build(&site, &[]);
    lose_the_table(&site);
    site.write("hugo.toml", &whole);
    build(&site, &[]);
    expected(&site);
}

#[test]
fn a_post_that_is_moved_with_its_old_address_in_aliases_keeps_its_id_while_it_is_served() {
    let text = |title: &str| post(title, 1, &[]).replacen("+++\n", "+++\naliases = ['/post/a/']\n", 1);
    for arguments in [&[][..], &["--poll", "1"]] {
        let site = TestSite::new("");
        site.post("post/a.md", "Title a", 1, &[]);
        site.post("post/z.md", "Title z", 2, &[]);
        let server = Server::start(site.root.path(), arguments);
        // a checkout removes files before it writes others
        fs::remove_file(site.path("content/post/a.md")).unwrap();
        site.write("content/post/b.md", text("Title b"));
        server.until_has("/rss.xml", "Title b");
        server.until_lacks("/rss.xml", "Title a");
        let has_its_id = || server.get("/rss.xml", &[]).body.contains(">https://example.org/post/a/</guid>");
        assert!(has_its_id(), "{arguments:?}");
        fs::rename(site.path("content/post/b.md"), site.path("content/post/c.md")).unwrap();
        server.until_has("/rss.xml", "<link>https://example.org/post/c/</link>");
        server.until_lacks("/rss.xml", "<link>https://example.org/post/b/</link>");
        assert!(has_its_id(), "{arguments:?}");
    }
}
