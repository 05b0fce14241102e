//! `tidings new`: what it writes is a post, and what is there stays.

use std::fs;

use crate::program::{TestSite, printed, tree};

/// Runs `new` and gives what it printed.
fn new(site: &TestSite, arguments: &[&str]) -> String {
    let output = site.run(&[&["new"], arguments].concat());
    let (out, err) = printed(&output);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {err}");
    out
}

/// Runs `new`, which must write nothing and say all of this.
fn refused(site: &TestSite, arguments: &[&str], status: i32, expected: &[&str]) {
    let before = tree(site.root.path());
    let output = site.run(&[&["new"], arguments].concat());
    let (out, err) = printed(&output);
    assert_eq!((output.status.code(), &*out), (Some(status), ""), "{arguments:?}: {err}");
    for part in expected {
        assert!(err.contains(part), "{arguments:?}: {err}");
    }
    assert_eq!(tree(site.root.path()), before, "{arguments:?}");
}

#[test]
fn a_new_post_is_in_the_feeds_at_once_and_nothing_is_wrong_with_it() {
    let site = TestSite::new("timeZone = 'Europe/Paris'\n");
    assert_eq!(new(&site, &["post", "It's \"new\", isn't it?"]), "content/post/its-new-isnt-it.md\n");
    let text = site.read("content/post/its-new-isnt-it.md");
    assert!(text.starts_with("+++\ntitle = ") && (text.contains("+01:00\n+++\n\n") || text.contains("+02:00\n+++\n\n")), "{text}");
    let (out, err) = printed(&site.run(&["check", "--strict"]));
    assert!(out.starts_with("1 post, ") && err.is_empty(), "{out}{err}");
    site.run(&["build"]);
    assert!(
        site.read("feeds/post/rss.xml").contains("<title>It&apos;s &quot;new&quot;, isn&apos;t it?</title>"),
        "{}",
        site.read("feeds/post/rss.xml")
    );
}

#[test]
fn what_else_the_configuration_lacks_is_no_business_of_a_new_post() {
    let site = TestSite::new("");
    site.write("hugo.toml", "title = 'Without an address'\n[params.author]\nname = 'A'\nemail = 'none'\n");
    let output = site.run(&["new", "post", "Hello"]);
    assert_eq!(printed(&output), ("content/post/hello.md\n".to_owned(), String::new()));
    // but one that cannot be used does not tell where posts are
    site.write("hugo.toml", "title = \n");
    refused(&site, &["post", "Again"], 2, &["hugo.toml:1:9: error:"]);
}

#[test]
fn a_draft_and_a_post_to_come_wait() {
    let site = TestSite::new("");
    new(&site, &["post", "A draft", "--draft"]);
    new(&site, &["post", "To come", "--date", "2999-01-01T00:00:00Z"]);
    let (out, err) = printed(&site.run(&["check"]));
    assert!(out.starts_with("0 posts") && err.contains("to-come.md") && err.contains("2999-01-01T00:00:00Z"), "{out}{err}");
    assert!(site.read("content/post/a-draft.md").contains("\ndraft = true\n+++\n"));
}

#[test]
fn a_section_is_asked_for_only_where_there_are_several() {
    let site = TestSite::new("contentDir = 'pages'\n");
    assert_eq!(new(&site, &["First"]), "pages/post/first.md\n", "the content folder is made");
    fs::rename(site.path("pages/post"), site.path("pages/notes")).unwrap();
    site.write("pages/tags/x/_index.md", "+++\ntitle = 'X'\n+++\n");
    site.write("pages/about/index.md", "+++\ntitle = 'About'\n+++\n");
    assert_eq!(new(&site, &["Second"]), "pages/notes/second.md\n", "taxonomies and bundles are no sections");
    let output = site.run(&["new", "talks", "Third"]);
    let (out, err) = printed(&output);
    assert!(out == "pages/talks/third.md\n" && err.contains("talks is a new section, beside notes"), "{out}{err}");
    assert_eq!(printed(&site.run(&["new", "talks", "Again"])).1, "");
    refused(&site, &["Fourth"], 2, &["notes, talks", "tidings new notes \"Title\""]);
    assert_eq!(new(&site, &["pages/talks/", "Fourth"]), "pages/talks/fourth.md\n", "as a shell completes it");
}

#[test]
fn a_file_may_be_named_and_gives_a_title_when_there_is_none() {
    let site = TestSite::new("");
    new(&site, &["post/2026/my-first_post.md"]);
    assert!(site.read("content/post/2026/my-first_post.md").contains("title = \"my first post\"\n"));
    new(&site, &["post/trip/index.md", "A trip"]);
    assert!(site.read("content/post/trip/index.md").contains("title = \"A trip\"\n"));
    site.write("elsewhere/note", "");
    let output =
        crate::program::program(&site.path("elsewhere")).args(["new", "-c", "../hugo.toml", "post", "From afar"]).output().unwrap();
    assert!(printed(&output).0.trim_end().ends_with("content/post/from-afar.md") && site.path("content/post/from-afar.md").exists());
}

#[test]
fn a_file_is_where_hugo_has_it_however_its_path_is_written() {
    let site = TestSite::new("");
    let absolute = |path: &str| site.path(path).to_str().unwrap().to_owned();
    new(&site, &[&absolute("content/post/a.md"), "A"]);
    new(&site, &[&absolute("content/post/b.md")]);
    new(&site, &[&absolute("content/notes/"), "C"]);
    new(&site, &["post/My File.md", "D"]);
    for file in ["post/a.md", "post/b.md", "notes/c.md", "post/My File.md"] {
        assert!(site.path(&format!("content/{file}")).is_file(), "{file}");
    }
    for place in ["/elsewhere/e.md", "/post", &absolute("post/e.md"), &absolute("content/../e.md")] {
        refused(&site, &[place, "E"], 2, &["leads out of the content folder"]);
    }
}

#[test]
fn what_is_there_stays_and_what_would_be_no_post_is_refused_with_a_mend() {
    let site = TestSite::new("");
    site.write("content/post/hello.md", "mine");
    site.write("content/post/trip/index.md", "mine");
    refused(&site, &["post", "Hello!"], 1, &["content/post/hello.md is there already"]);
    refused(&site, &["post", "Trip"], 2, &["content/post/trip/index.md has the same address", "choose another title"]);
    refused(&site, &["post/hello/index.md", "Hello"], 2, &["content/post/hello.md has the same address"]);
    refused(&site, &["post/trip/photos", "Lost"], 2, &["content/post/trip is one page"]);
    refused(&site, &["post", "🎉"], 2, &["tidings new post/NAME.md"]);
    refused(&site, &["post", "Index"], 2, &["tidings new post/NAME.md"]);
    refused(&site, &["post/_index.md", "Section"], 2, &["describes its section"]);
    let mend = "tags is a taxonomy, whose folders describe its terms; name a section: tidings new post \"Rust\"";
    refused(&site, &["tags", "Rust"], 2, &[mend]);
    refused(&site, &["../outside", "Out"], 2, &["leads out of the content folder"]);
    refused(&site, &["post", " "], 2, &["the title is empty"]);
    refused(&site, &["post", "x", "-c", "nowhere.toml"], 2, &["nowhere.toml"]);
    refused(&site, &["post/hello.md/below", "Deeper"], 1, &["content/post/hello.md/below"]);
}
