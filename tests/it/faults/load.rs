//! Thousands of changes at once, and the end of the process amid them.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use super::{KEPT_ID, SOON, Witness, can, site, until_current};
use crate::program::{LIMIT, TestSite, post, printed, skip, tree};

/// Writes many posts in twenty sections.
fn write_many(site: &TestSite, folder: &str, count: usize) {
    for i in 0..20 {
        fs::create_dir_all(site.path(&format!("{folder}/s{i}"))).unwrap();
    }
    for i in 0..count {
        let text = post(&format!("Many {i}"), 1 + i as u32 % 28, &["kept"]);
        fs::write(site.path(&format!("{folder}/s{}/{i}.md", i % 20)), text).unwrap();
    }
}

#[test]
fn the_queue_of_events_overflows() {
    let site = site();
    // only what is watched tells anything
    write_many(&site, "content", 20);
    let server = site.serve();
    let witness = Witness::of(&site);
    server.signal("-STOP");
    // four events a file, more than twice what the queue holds
    write_many(&site, "content", 9000);
    fs::remove_file(site.path("content/notes/second.md")).unwrap();
    site.write("hugo.toml", site.read("hugo.toml").replace("'Test'", "'Retitled'"));
    server.signal("-CONT");
    server.until("/rss.xml", "renamed", |answer| answer.body.contains("<title>Retitled</title>"));
    server.until_logged("more happened than events could tell");
    server.until("/feeds.html", "counting 9002 posts", |answer| answer.body.contains("9002"));
    until_current(&site, &server, LIMIT);
    witness.testify();
}

#[test]
fn ten_thousand_files_come_at_once_and_no_event_is_missed() {
    let site = site();
    site.write("hugo.toml", format!("{}[serve]\nverify = 1\n", site.read("hugo.toml")));
    let server = site.serve();
    let witness = Witness::of(&site);
    write_many(&site, "content", 10_000);
    server.until("/feeds.html", "counting 10003 posts", |answer| answer.body.contains("10003"));
    until_current(&site, &server, LIMIT);
    assert!(!server.log().contains("no event told of"), "{}", server.log());
    witness.testify();
}

#[test]
fn files_that_are_removed_are_not_told_of_as_unreadable() {
    let site = site();
    write_many(&site, "content", 1500);
    let server = site.serve();
    // each leaves room in some feed for another that is gone as well
    let mut posts: Vec<_> = (0..1500).map(|i| site.path(&format!("content/s{}/{i}.md", i % 20))).collect();
    posts.sort_by_key(|path| std::cmp::Reverse(path.file_stem().unwrap().to_string_lossy().parse::<usize>().unwrap() % 28));
    posts[..1100].iter().for_each(|path| fs::remove_file(path).unwrap());
    server.until("/feeds.html", "counting 403 posts", |answer| answer.body.contains("403"));
    until_current(&site, &server, LIMIT);
    assert!(!server.log().contains("[unreadable-file]"), "{}", server.log());
}

#[test]
fn a_checkout_swaps_five_thousand_files() {
    let site = site();
    let git = |arguments: &[&str]| {
        let identity = ["-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "gc.auto=0", "-c", "init.defaultBranch=one"];
        let output = Command::new("git").current_dir(site.path("content")).args(identity).args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", printed(&output).1);
    };
    if !can("git", &["--version"]) {
        return skip("there is no git");
    }
    git(&["init", "--quiet"]);
    write_many(&site, "content", 2500);
    git(&["add", "."]);
    git(&["commit", "--quiet", "-m", "One"]);
    git(&["checkout", "--quiet", "-b", "two"]);
    for i in 0..20 {
        fs::rename(site.path(&format!("content/s{i}")), site.path(&format!("content/t{i}"))).unwrap();
    }
    for i in 0..2500 {
        site.write(&format!("content/t{}/{i}.md", i % 20), post(&format!("Swapped {i}"), 1 + i % 28, &["kept"]));
    }
    git(&["add", "."]);
    git(&["commit", "--quiet", "-m", "Two"]);
    let server = site.serve();
    let witness = Witness::of(&site);
    for (branch, title) in [("one", "<title>Many"), ("two", "<title>Swapped")] {
        git(&["checkout", "--quiet", branch]);
        server.until_has("/rss.xml", title);
        // most files are gone, which is believed after two seconds
        until_current(&site, &server, SOON + Duration::from_secs(2));
    }
    witness.testify();
}

#[test]
fn it_is_killed_at_random_instants_under_load() {
    let rounds = if std::env::var_os("TIDINGS_LONG").is_some() { 200 } else { 20 };
    let site = site();
    let witness = Witness::of(&site);
    // the ids and pauses are of any distribution, as long as they are not always the same
    let mut random = u64::from(std::process::id());
    let mut ids: BTreeMap<String, String> = BTreeMap::new();
    for round in 0..rounds {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let server = site.serve();
        let start = Instant::now();
        let life = Duration::from_micros((random >> 33) % 120_000);
        let mut n = 0;
        while start.elapsed() < life {
            site.post(
                &format!("post/{}.md", n % 40),
                &format!("Round {round} {n}"),
                1 + n % 28,
                &["kept", ["a", "b", "c"][n as usize % 3]],
            );
            if n % 7 == 6 {
                let _ = fs::rename(site.path(&format!("content/post/{}.md", n % 40)), site.path("content/notes/wandering.md"));
            }
            n += 1;
        }
        server.end("-KILL");
        // ids once published stay: the table never loses a line
        let now = ids_of(&site);
        for (line, id) in &ids {
            assert_eq!(now.get(line), Some(id), "round {round}");
        }
        ids = now;
    }
    let server = site.serve();
    until_current(&site, &server, SOON);
    assert!(ids.values().any(|id| id == KEPT_ID));
    let leftovers: Vec<String> = tree(&site.path("feeds")).into_keys().filter(|path| path.contains(".tidings-")).collect();
    assert!(leftovers.is_empty(), "{leftovers:?}");
    witness.testify();
}

/// The lines of the table of ids: address and id of each. A file may change places with another at one address.
fn ids_of(site: &TestSite) -> BTreeMap<String, String> {
    let text = fs::read_to_string(site.path("feeds/.ids.tsv")).unwrap_or_default();
    text.lines()
        .map(|line| {
            let fields: Vec<&str> = line.split('\t').collect();
            assert_eq!(fields.len(), 3, "{line:?} is torn");
            (format!("{} {}", fields[0], fields[2]), fields[2].to_owned())
        })
        .collect()
}
