//! A start that remembers an earlier run: whatever happened to the files meanwhile, the feeds are those of a fresh build.

use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, SystemTime};

use crate::program::{TestSite, copy, post, printed, program, tree};

/// As many posts as are worth a memory, and a few more.
const POSTS: usize = 1040;

fn date_back(path: &Path) {
    // what was just written could change again without another stamp, and is not remembered
    File::options().write(true).open(path).unwrap().set_modified(SystemTime::now() - Duration::from_secs(3600)).unwrap();
}

fn site() -> TestSite {
    let site = TestSite::new("[permalinks]\n  s3 = '/third/:slug/'\n[feeds]\nlimit = 30\n");
    for i in 0..POSTS {
        let name = format!("s{}/{i}.md", i % 20);
        let link = format!("\n[on]({{{{< ref \"{}.md\" >}}}}) <b>bold</b>\n", (i + 20) % POSTS);
        site.write(&format!("content/{name}"), post(&format!("Many {i}"), 1 + i as u32 % 28, &["even", "odd"][i % 2..][..1]) + &link);
        date_back(&site.path(&format!("content/{name}")));
    }
    site
}

/// Starts the server, compares its feeds with those of a fresh build with the same ids, and ends it. How many posts it
/// remembered is the answer.
fn start(site: &TestSite) -> usize {
    start_and_ask(site).0
}

/// The same, with the entity tags of some feeds.
fn start_and_ask(site: &TestSite) -> (usize, Vec<String>) {
    let ids = fs::read(site.path("feeds/.ids.tsv")).unwrap_or_default();
    let server = site.serve();
    let said = server.until_said("ready in ");
    let feeds = ["/rss.xml", "/atom.xml", "/feed.json", "/tags/even/atom.xml", "/s3/feed.json"];
    let tags = feeds.map(|feed| server.get(feed, &[]).header("etag").to_owned()).into();
    assert!(server.end("-TERM").success());
    let other = tempfile::tempdir().unwrap();
    copy(&site.path("content"), &other.path().join("content"));
    fs::copy(site.path("hugo.toml"), other.path().join("hugo.toml")).unwrap();
    fs::create_dir(other.path().join("feeds")).unwrap();
    fs::write(other.path().join("feeds/.ids.tsv"), ids).unwrap();
    let built = program(other.path()).arg("build").output().unwrap();
    assert!(built.status.success(), "{}", printed(&built).1);
    let (found, expected) = (tree(&site.path("feeds")), tree(&other.path().join("feeds")));
    let differing: Vec<&String> = expected.keys().chain(found.keys()).filter(|path| expected.get(*path) != found.get(*path)).collect();
    assert!(differing.is_empty(), "{differing:?}");
    (said.split_once(", ").map_or(0, |(_, remembered)| remembered.split(' ').next().unwrap().parse().unwrap()), tags)
}

#[test]
fn a_start_that_remembers_ends_as_a_fresh_build() {
    let site = site();
    let (remembered, tags) = start_and_ask(&site);
    assert_eq!(remembered, 0, "there is nothing to remember");
    assert_eq!(start_and_ask(&site), (POSTS, tags), "entries that come back are parted as before, so documents have their tags");

    // one of everything that can happen to a file, and none of it may be missed
    let path = |i: usize| site.path(&format!("content/s{}/{i}.md", i % 20));
    let text = |i: usize| fs::read_to_string(path(i)).unwrap();
    let dates = fs::metadata(path(27)).unwrap().modified().unwrap();
    fs::write(path(27), text(27).replace("Many 27", "Some 27")).unwrap();
    File::options().write(true).open(path(27)).unwrap().set_modified(dates).unwrap();
    fs::rename(path(28), path(29)).unwrap();
    fs::remove_file(path(55)).unwrap();
    site.post("s3/new.md", "New", 28, &["Odd", "third"]);
    fs::write(path(83), text(83).replace("title = ", "titel = ")).unwrap();
    fs::write(path(84), "+++\ntitle = broken\n").unwrap();
    assert_eq!(start(&site), POSTS - 6, "27, 28, 29, 55, 83 and 84");

    // a reference leads elsewhere, while the file that refers stays as it is
    fs::rename(path(111), site.path("content/s12/111.md")).unwrap();
    assert!(start(&site) > POSTS - 12);

    // what is published is not what was remembered to be there
    let rss = site.read("feeds/rss.xml").replace("<b>bold</b>", "<b>cold</b>");
    site.write("feeds/rss.xml", rss);
    assert!(start(&site) > POSTS - 12);

    // an id is another one, by hand
    let ids = site.read("feeds/.ids.tsv");
    let rss = site.read("feeds/rss.xml");
    let line = ids
        .lines()
        .filter(|line| line.contains(".md\t"))
        .find(|line| rss.contains(&format!(">https://example.org{}<", line.split('\t').next().unwrap())))
        .unwrap();
    let (start_of_line, _) = line.rsplit_once('\t').unwrap();
    site.write("feeds/.ids.tsv", ids.replace(line, &format!("{start_of_line}\turn:by-hand")));
    assert!(start(&site) > POSTS - 12);
    assert!(site.read("feeds/rss.xml").contains("urn:by-hand"));
}

#[test]
fn what_is_remembered_counts_for_the_same_site_alone() {
    let site = site();
    start(&site);
    site.write("content/s7/_index.md", "+++\n[cascade]\ncategories = ['cast']\n+++\n");
    assert_eq!(start(&site), 0, "every post may be another one");
    assert!(site.path("feeds/categories/cast/rss.xml").is_file());
    assert_eq!(start(&site), POSTS);

    // one that breaks says what it did, and at the next start nothing
    let server = site.serve();
    server.until_said("ready in ");
    site.write("content/s7/_index.md", "+++\ntitle = \n");
    server.until_logged("s7/_index.md");
    assert!(server.get("/categories/cast/rss.xml", &[]).body.contains("Many"));
    assert!(server.end("-TERM").success());
    assert_eq!(start(&site), 0, "every post may be another one");
    let waiting = POSTS / 20 - 30;
    assert_eq!(start(&site), POSTS - waiting, "those below it that were in no feed wait for it");
    site.write("hugo.toml", site.read("hugo.toml").replace("third", "fourth"));
    assert_eq!(start(&site), 0);
    assert!(site.read("feeds/s3/rss.xml").contains("/fourth/"));
    let memories: Vec<_> = fs::read_dir(site.path(".cache/tidings")).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(memories.len(), 1, "one for the output folder");
    // what is left half written goes, but not that of another site, which may be at it
    let left_of = |name: &str| site.path(&format!(".cache/tidings/.tidings-{name}-x1Y2z3.tmp"));
    let (own, other) = (left_of(memories[0].file_name().unwrap().to_str().unwrap()), left_of("00112233445566778899aabbccddeeff"));
    for left in [&own, &other] {
        fs::write(left, "half").unwrap();
    }
    start(&site);
    assert_eq!((own.exists(), other.exists()), (false, true));
    let whole = fs::read(&memories[0]).unwrap();
    for (fault, bytes) in
        [("cut", whole[..whole.len() / 2].to_vec()), ("altered", [&whole[..99], b"!", &whole[100..]].concat()), ("empty", vec![])]
    {
        fs::write(&memories[0], bytes).unwrap();
        assert_eq!(start(&site), 0, "{fault}");
    }
}

#[test]
fn an_entry_whose_files_another_language_has_by_now_is_not_what_it_was() {
    let site = TestSite::new("[languages.en]\n[languages.fr]\n");
    for i in 0..POSTS {
        site.post(&format!("s0/{i}.fr.md"), &format!("Beaucoup {i}"), 1, &[]);
        date_back(&site.path(&format!("content/s0/{i}.fr.md")));
    }
    site.write("content/s0/b/index.fr.md", post("Paquet", 2, &[]) + "![i](i.png)\n");
    date_back(&site.path("content/s0/b/index.fr.md"));
    start(&site);
    assert!(site.read("feeds/fr/rss.xml").contains("src=\"https://example.org/fr/s0/b/i.png\""));
    let server = site.serve();
    server.until_logged(&format!(", {} of them known from the last run", POSTS + 1));
    assert!(server.end("-TERM").success());
    site.post("s0/b/index.md", "Bundle", 2, &[]);
    start(&site);
    assert!(site.read("feeds/fr/rss.xml").contains("src=\"https://example.org/s0/b/i.png\""));
}
