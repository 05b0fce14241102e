//! Incremental equals full: after any sequence of changes the documents are those of a fresh build of the same files.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use tidings::site::Update;

use crate::model::{Disk, Model, at, documents};

const STEPS: usize = 600;

/// A small generator of numbers, the same on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % n
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

fn config(limit: usize) -> String {
    format!(
        "baseURL = 'https://example.org/sub/'\ntitle = 'Site'\n[permalinks]\npost = '/:year/:slug/'\n\
         [taxonomies]\ntag = 'tags'\nseries = 'series'\n[languages.en]\n[languages.fr]\n[feeds]\nlimit = {limit}\n"
    )
}

const FOLDERS: [&str; 5] = ["post", "post/deep", "post/bundle", "notes", ""];

/// The endings of names: one language is that of the site, another is not.
const ENDINGS: [&str; 6] = ["md", "md", "md", "md", "en.md", "fr.md"];

fn path(random: &mut Random) -> String {
    let folder = random.pick(&FOLDERS);
    let name = format!("p{}.{}", random.below(12), random.pick(&ENDINGS));
    if folder.is_empty() { name } else { format!("{folder}/{name}") }
}

fn post(random: &mut Random, n: usize) -> String {
    let title = if random.below(5) == 0 { "Same title".to_owned() } else { format!("Title {}", random.below(20)) };
    // few different days, so that ties are common; some are still to come
    let date = format!("2020-01-{:02}T0{}:00:00Z", 1 + random.below(20), random.below(3));
    let tags: Vec<&str> = (0..random.below(4)).map(|_| *random.pick(&["Rust", "rust", "C#", "a/b", "Éte à vélo", "\u{1F389}"])).collect();
    let mut fields = format!("title = '{title}'\ndate = {date}\ntags = {tags:?}\n");
    match random.below(14) {
        0 => fields += "draft = true\n",
        1 => fields += "expiryDate = 2020-01-15T00:00:00Z\n",
        2 => fields += "series = 'One'\n",
        3 => fields += "cover = { image = '/img/a.png' }\n",
        4 => fields += "[build]\nlist = 'local'\n",
        5 => fields += "aliases = ['/2020/title-1/', '/old/']\n",
        6 => fields += "id = 'tag:example.org,2020:one'\n",
        _ => {}
    }
    let link = random.below(12);
    let list = random.pick(&["/", "deep", "/post/deep", "/notes", "notes/_index.md", "tags/rust"]);
    format!("+++\n{fields}+++\nBody {n}, [a link](/x), see {{{{< ref \"p{link}.md\" >}}}} of {{{{< ref \"{list}\" >}}}}.\n")
}

fn section(random: &mut Random) -> String {
    let title = random.pick(&["One", "Two"]);
    let cascade = if random.below(2) == 0 { "[cascade]\ntags = ['cast']\n" } else { "" };
    format!("+++\ntitle = '{title}'\n{cascade}+++\n")
}

/// One change to the disk. The paths that it touched are the answer.
fn step(random: &mut Random, disk: &mut Disk, n: usize, may_break: bool) -> Vec<String> {
    let existing: Vec<String> = disk.files.keys().cloned().collect();
    let one = || (!existing.is_empty()).then(|| existing[n * 7919 % existing.len()].clone());
    match random.below(16) {
        0..6 => {
            let path = path(random);
            disk.files.insert(path.clone(), post(random, n));
            vec![path]
        }
        6..8 => one().map_or_else(Vec::new, |path| {
            disk.files.remove(&path);
            vec![path]
        }),
        8..10 => one().map_or_else(Vec::new, |from| {
            let to = path(random);
            let text = disk.files.remove(&from).unwrap();
            disk.files.insert(to.clone(), text);
            if from == to { vec![from] } else { vec![from, to] }
        }),
        10 => {
            let path = format!("{}/_index.{}", random.pick(&["post", "post/deep", "notes", "tags/rust"]), random.pick(&ENDINGS));
            if disk.files.remove(&path).is_none() {
                disk.files.insert(path.clone(), section(random));
            }
            vec![path]
        }
        11 => {
            let path = format!("post/bundle/index.{}", random.pick(&ENDINGS));
            if disk.files.remove(&path).is_none() {
                disk.files.insert(path.clone(), post(random, n));
            }
            vec![path]
        }
        12 if may_break => one().map_or_else(Vec::new, |path| {
            disk.files.insert(path.clone(), "+++\ntitle = 'Broken\n".to_owned());
            vec![path]
        }),
        13 => {
            let paths: Vec<String> = (0..10).map(|_| path(random)).collect();
            let mut touched: Vec<String> = paths.clone();
            touched.sort();
            touched.dedup();
            for path in paths {
                disk.files.insert(path, post(random, n));
            }
            touched
        }
        _ => existing.into_iter().take(2).collect(),
    }
}

fn assert_same(ours: &BTreeMap<String, String>, theirs: &BTreeMap<String, String>, when: &str) {
    for path in ours.keys().chain(theirs.keys()) {
        assert_eq!(ours.get(path), theirs.get(path), "{path} {when}");
    }
}

fn run(seed: u64, limit: usize) {
    let config = config(limit);
    let mut random = Random(seed);
    let mut disk = Disk::default();
    let mut now = at("2020-01-05T00:00:00Z");
    let (mut model, _) = Model::build(&config, &disk, "", now);
    for n in 0..STEPS {
        let touched = step(&mut random, &mut disk, n, false);
        if random.below(10) == 0 {
            now += TimeDelta::hours([-30, 5, 40][random.below(3)]);
            model.now = now;
        }
        if random.below(15) == 0 {
            if disk.assets.remove("static/img/a.png").is_none() {
                disk.assets.insert("static/img/a.png".to_owned(), random.below(1000) as u64);
            }
            let length = disk.assets.get("static/img/a.png").copied();
            model.site.know_assets(vec![("static/img/a.png".to_owned(), length)]);
        }
        let touched: Vec<&str> = touched.iter().map(String::as_str).collect();
        let update = model.change(&disk, &touched);
        let ids = model.ids();
        let (_, fresh) = Model::build(&config, &disk, &ids, now);
        assert_same(&documents(&update), &documents(&fresh), &format!("after step {n} of seed {seed}, which touched {touched:?}"));
        assert!(model.settle(&disk).is_empty(), "planning again after step {n} of seed {seed} has something to do");
    }
}

#[test]
fn incremental_equals_full_with_every_entry_in_the_feeds() {
    run(1, 0);
}

#[test]
fn incremental_equals_full_with_a_window_of_three() {
    run(2, 3);
}

/// A post of some tags.
fn tagged(day: usize, tags: &[&str]) -> String {
    format!("+++\ntitle = 'Post {day}'\ndate = 2020-01-{day:02}\ntags = {tags:?}\n+++\nBody {day}.\n")
}

/// Holds what is published and what is told against a fresh build of the same files. The answer is both.
fn as_fresh(model: &Model, update: &Update, config: &str, disk: &Disk) -> (BTreeMap<String, String>, Vec<String>) {
    let (other, fresh) = Model::build(config, disk, &model.ids(), model.now);
    assert_same(&documents(update), &documents(&fresh), "now");
    assert_eq!(model.site.diagnostics(), other.site.diagnostics());
    (documents(update), model.site.diagnostics().iter().map(ToString::to_string).collect())
}

/// The same after one file was changed.
fn changed(model: &mut Model, config: &str, disk: &mut Disk, path: &str, text: Option<String>) -> (BTreeMap<String, String>, Vec<String>) {
    put(disk, path, text);
    let update = model.change(disk, &[path]);
    as_fresh(model, &update, config, disk)
}

fn put(disk: &mut Disk, path: &str, text: Option<String>) {
    match text {
        Some(text) => drop(disk.files.insert(path.to_owned(), text)),
        None => drop(disk.files.remove(path)),
    }
}

#[test]
fn of_scopes_with_one_folder_all_but_the_first_are_told_of_whoever_came_first() {
    let config = "baseURL = 'https://example.org/'\n[permalinks.term]\ntags = '/k/:slug/'\n[feeds]\nlimit = 1\n";
    let told = "the term `c++` of tags would have the folder of the term `c` of tags, so it has no feed: k/c";
    let posts = [("post/a.md", tagged(1, &["C++"])), ("post/b.md", tagged(2, &["C"])), ("post/c.md", tagged(3, &[]))];
    for order in [[0, 1, 2], [1, 0, 2], [2, 1, 0]] {
        let mut disk = Disk::default();
        let (mut model, _) = Model::build(config, &disk, "", at("2021-01-01T00:00:00Z"));
        for (path, text) in order.map(|i| &posts[i]) {
            changed(&mut model, config, &mut disk, path, Some(text.clone()));
        }
        let (feeds, findings) = changed(&mut model, config, &mut disk, "post/b.md", Some(tagged(4, &["C"])));
        assert!(feeds["k/c/feed.json"].contains("Post 4"), "{order:?}");
        assert!(findings.iter().any(|found| found.contains("post/a.md") && found.contains(told)), "{findings:?}");
        // the folder goes to the one that is left, with a post that was in no feed until now
        let (feeds, findings) = changed(&mut model, config, &mut disk, "post/b.md", None);
        assert!(feeds["k/c/feed.json"].contains("Post 1") && findings.is_empty(), "{findings:?}");
    }
}

#[test]
fn a_section_that_another_displaces_is_told_of() {
    let config = "baseURL = 'https://example.org/'\n";
    let mut disk = Disk::default();
    disk.files.insert("notes/a.md".to_owned(), tagged(1, &[]));
    let (mut model, _) = Model::build(config, &disk, "", at("2021-01-01T00:00:00Z"));
    let (_, findings) = changed(&mut model, config, &mut disk, "Notes/a.md", Some(tagged(2, &[])));
    assert!(findings.iter().any(|found| found.starts_with("content/notes/a.md:1:1: error: ") && found.contains("`Notes`")), "{findings:?}");
    let (_, findings) = changed(&mut model, config, &mut disk, "Notes/a.md", None);
    assert!(findings.is_empty(), "{findings:?}");
}

/// Texts are kept while a site is first read, up to 64 MiB; what did not fit is asked for again.
#[test]
fn a_site_larger_than_what_is_kept_of_it_is_built_whole() {
    let mut disk = Disk::default();
    let padding = format!("# {}\n", "x".repeat(1 << 20));
    // the newest are read last, and have no room
    for i in 0..70 {
        let text = format!("+++\ntitle = 'Post {i}'\ndate = 2020-01-01T{:02}:{:02}:00Z\n{padding}+++\nBody {i}.\n", i / 60, i % 60);
        disk.files.insert(format!("post/{i:02}.md"), text);
    }
    let (_, update) = Model::build(&config(3), &disk, "", at("2021-01-01T00:00:00Z"));
    assert_eq!(documents(&update)["feed.json"].matches("\"date_published\"").count(), 3);
}

/// A post that a change breaks keeps its last good version: the feeds are those of the files as they were last good.
#[test]
fn incremental_equals_full_with_broken_posts_at_their_last_good_version() {
    let config = config(0);
    let mut random = Random(3);
    let (mut disk, now) = (Disk::default(), at("2021-01-01T00:00:00Z"));
    let (mut model, _) = Model::build(&config, &disk, "", now);
    let mut good = Disk::default();
    for n in 0..STEPS {
        let touched = step(&mut random, &mut disk, n, true);
        let refs: Vec<&str> = touched.iter().map(String::as_str).collect();
        let update = model.change(&disk, &refs);
        // what the site can still know of each file that is broken now
        let shown = documents(&update);
        let feed = &shown["feed.json"];
        for path in &touched {
            match disk.files.get(path) {
                None => drop(good.files.remove(path)),
                Some(text) if !text.contains("Broken") => drop(good.files.insert(path.clone(), text.clone())),
                Some(_) => {}
            }
        }
        let posts = feed.matches("\"date_published\"").count();
        let (_, fresh) = Model::build(&config, &good, &model.ids(), now);
        let expected = documents(&fresh)["feed.json"].matches("\"date_published\"").count();
        assert!(posts <= expected, "step {n}: {posts} entries where {expected} files were ever good");
    }
}
