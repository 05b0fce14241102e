//! Folders that would be where a document is: they cost their own feeds and no others.

use crate::model::{Disk, Model, at, changed, put, tagged};
use crate::program::{TestSite, printed, tree};

/// Who has no feed, and the document that is the reason.
fn told(who: &str, document: &str) -> String {
    format!("error: {who} has no feed: the file {document} of the feeds is where its folder would be; rename it, or change `permalinks`")
}

#[test]
fn a_folder_in_the_place_of_a_document_costs_only_its_own_feeds() {
    let site = TestSite::new("[permalinks.term]\ntags = '/:slug/'\n[feeds]\nfile_names = { atom = 'index.xml' }\n");
    let sections = ["rss.xml", "index.xml", "feeds.html", "feeds.opml", "post/rss.xml/deep"];
    for section in sections {
        site.post(&format!("{section}/a.md"), "A", 1, &[]);
    }
    site.post("post/a.md", "One", 1, &["feed.json", ".ids.tsv", "fine"]);
    // there is no feed beside these
    site.post("atom.xml/a.md", "A", 1, &[]);
    site.post("post/feeds.html/a.md", "A", 1, &[]);
    let output = site.run(&["build"]);
    let (_, err) = printed(&output);
    assert!(output.status.success(), "{err}");
    for section in ["rss.xml", "index.xml", "feeds.html", "feeds.opml"] {
        assert!(err.contains(&told(&format!("the section `{section}`"), section)), "{section} {err}");
        assert!(site.path(&format!("feeds/{section}")).is_file(), "{section}");
    }
    for term in ["feed.json", ".ids.tsv"] {
        assert!(err.contains(&told(&format!("the term `{term}` of tags"), term)), "{term} {err}");
        assert!(site.path(&format!("feeds/{term}")).is_file(), "{term}");
    }
    assert!(site.read("feeds/fine/rss.xml").contains("One"));
    assert!(site.path("feeds/atom.xml/rss.xml").is_file() && site.path("feeds/post/rss.xml").is_file());
    assert_eq!(err.matches("is where its folder would be").count(), 6, "{err}");
}

#[test]
fn a_folder_goes_for_the_document_in_its_place_and_comes_back_after_it() {
    let config = "baseURL = 'https://example.org/'\n";
    let mut disk = Disk::default();
    put(&mut disk, "post/a.md", Some(tagged(1, &["a/rss.xml"])));
    put(&mut disk, "post/b.md", Some(tagged(2, &["a/rss.xml/c"])));
    let (mut model, _) = Model::build(config, &disk, "", at("2021-01-01T00:00:00Z"));
    let (feeds, findings) = changed(&mut model, config, &mut disk, "post/c.md", Some(tagged(3, &[])));
    assert!(feeds.contains_key("tags/a/rss.xml/rss.xml") && feeds.contains_key("tags/a/rss.xml/c/rss.xml"), "{findings:?}");
    let (feeds, findings) = changed(&mut model, config, &mut disk, "post/c.md", Some(tagged(3, &["a"])));
    assert!(feeds.contains_key("tags/a/rss.xml") && !feeds.keys().any(|path| path.starts_with("tags/a/rss.xml/")));
    for term in ["a/rss.xml", "a/rss.xml/c"] {
        assert!(
            findings.iter().any(|found| found.contains(&told(&format!("the term `{term}` of tags"), "tags/a/rss.xml"))),
            "{findings:?}"
        );
    }
    let (feeds, findings) = changed(&mut model, config, &mut disk, "post/c.md", None);
    assert!(feeds["tags/a/rss.xml/rss.xml"].contains("Post 1") && findings.is_empty(), "{findings:?}");
}

#[test]
fn what_goes_makes_way_for_what_comes_to_its_place() {
    let site = TestSite::new("");
    site.post("post/a.md", "One", 1, &["a/rss.xml"]);
    let build = || assert!(site.run(&["build"]).status.success());
    for _ in 0..2 {
        site.post("post/b.md", "Two", 2, &["b"]);
        build();
        assert!(site.path("feeds/tags/a/rss.xml/rss.xml").is_file());
        site.post("post/b.md", "Two", 2, &["a"]);
        build();
        assert!(site.path("feeds/tags/a/rss.xml").is_file());
    }
    let server = site.serve();
    site.post("post/b.md", "Two", 2, &["b"]);
    server.until_has("/tags/a/rss.xml/rss.xml", "One");
    site.post("post/b.md", "Two", 2, &["a"]);
    server.until_has("/tags/a/rss.xml", "Two");
}

/// Names of feeds that end like none, and a section where a feed is by other names.
const OTHER_NAMES: &str = "[feeds]\nfile_names = { rss = 'index.rss', atom = 'index.atom', json = 'latest' }\n";

fn named_otherwise() -> (TestSite, String) {
    let site = TestSite::new("");
    let config = site.read("hugo.toml");
    site.write("hugo.toml", format!("{config}{OTHER_NAMES}"));
    site.post("rss.xml/a.md", "One", 1, &["t"]);
    (site, config)
}

/// What is not a feed of this site, by names that its feeds had.
fn add_others(site: &TestSite, folder: &str) -> [String; 2] {
    let others = [format!("{folder}/about/index.rss"), format!("{folder}/latest.rss")];
    for path in &others {
        site.write(path, "<rss><channel><generator>Tidings by hand</generator></channel></rss>");
    }
    others
}

fn assert_named_anew(site: &TestSite, others: &[String]) {
    let feeds = tree(&site.path("feeds"));
    let former = feeds.keys().filter(|path| ["index.rss", "index.atom", "latest"].iter().any(|name| path.ends_with(name)));
    assert!(former.eq(["about/index.rss"]), "{:?}", feeds.keys());
    assert!(others.iter().all(|path| site.path(path).is_file()));
    assert!(site.path("feeds/rss.xml").is_file() && site.path("feeds/tags/t/feed.json").is_file());
}

#[test]
fn feeds_go_by_whatever_name_an_earlier_run_had_them() {
    let (site, config) = named_otherwise();
    let others = add_others(&site, "feeds");
    assert!(site.run(&["build"]).status.success());
    assert!(site.path("feeds/rss.xml/index.rss").is_file() && site.path("feeds/latest").is_file());
    site.write("hugo.toml", config);
    let output = site.run(&["build"]);
    assert!(output.status.success(), "{}", printed(&output).1);
    assert_named_anew(&site, &others);
}

#[test]
fn feeds_go_by_whatever_name_another_configuration_had_them() {
    let (site, config) = named_otherwise();
    let others = add_others(&site, "feeds");
    let server = site.serve();
    site.write("hugo.toml", &config);
    server.until_has("/tags/t/rss.xml", "One");
    assert_named_anew(&site, &others);
    assert_eq!(server.get("/tags/t/latest", &[]).header("location"), "/tags/t/feed.json");
    // what stands by such a name where no feed was written yet is somebody else's
    let others = add_others(&site, "public");
    site.write("public/index.rss", "of Hugo");
    site.write("hugo.toml", format!("{config}{OTHER_NAMES}"));
    server.until_has("/index.rss", "One");
    site.write("hugo.toml", format!("{config}[feeds]\noutput = 'public'\n"));
    server.until_has("/tags/t/rss.xml", "One");
    assert!(others.iter().all(|path| site.path(path).is_file()));
    assert_eq!(site.read("public/index.rss"), "of Hugo");
}
