//! Incremental equals full after random changes: the documents, findings and what is scheduled are those of a fresh build of the same files.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use crate::model::{BROKEN, DATED, Disk, FRENCH, Model, NAMED, assert_same, at, config, documents};

/// So many changes are made to a large site, and so many to a small one, in which whatever comes is the first of its kind.
const STEPS: usize = 600;
const FEW_STEPS: usize = 15;

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

const FOLDERS: [&str; 6] = ["post", "post/deep", "post/bundle", "notes", "tags", ""];

/// The names of files, of which one is called as a folder is, and their endings: one language is that of the site, another is not.
const STEMS: [&str; 12] = ["p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8", "p9", "p10", "bundle"];
const ENDINGS: [&str; 6] = ["md", "md", "md", "html", "en.md", "fr.md"];

fn path(random: &mut Random) -> String {
    let (folder, stem, ending) = (random.pick(&FOLDERS), random.pick(&STEMS), random.pick(&ENDINGS));
    format!("{folder}/{stem}.{ending}").trim_start_matches('/').to_owned()
}

fn post(random: &mut Random, n: usize) -> String {
    let title = if random.below(5) == 0 { "Same title".to_owned() } else { format!("Title {}", random.below(20)) };
    // few different days, so that ties are common; some are still to come
    let zone = random.pick(&["00:00Z", "30:00+00:30", "00:00-03:00"]);
    let date = format!("2020-01-{:02}T0{}:{zone}", 1 + random.below(20), random.below(3));
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
        7 => fields += "url = '/of/:sectionslugs/:slugorfilename/'\n",
        _ => {}
    }
    let (page, list) = (page(random), random.pick(&["/", "..", "deep", "/post/deep", "/notes", "notes/_index.md", "tags/rust", "bundle"]));
    let mark = random.below(1 << 30);
    let file = self::page(random);
    let links = format!("[a link](/x), [a file]({file}), see {{{{< ref \"{page}\" >}}}} of {{{{< ref \"{list}\" >}}}}");
    format!("+++\n{fields}+++\nBody {n}-{mark}, {links}.\n")
}

/// One of the ways to refer to a page.
fn page(random: &mut Random) -> String {
    let name = format!("p{}", random.below(12));
    match random.below(10) {
        9 => format!("{}.html?a=b", name.to_uppercase()),
        0..2 => format!("{name}.md"),
        2 => format!("{name}{}", random.pick(&["", ".fr"])),
        3 => format!("{name}.{}#part", random.pick(&ENDINGS)),
        4 => format!("/{}/{name}", random.pick(&FOLDERS)),
        5 => format!("../{name}.md"),
        6 => format!("deep/../{name}"),
        7 => (*random.pick(&["index.md", "bundle/index.md", "/post/bundle/index.en.md", "post/bundle/", "bundle"])).to_owned(),
        _ => (*random.pick(&["", ".", "#part", "_index.md", "/notes/x/..", "post/deep/_index.md", "/post/bundle/in"])).to_owned(),
    }
}

fn section(random: &mut Random) -> String {
    let title = random.pick(&["title = 'One'\n", "title = 'Two'\n", "description = 'Some'\n"]);
    let slug = random.pick(&["", "", "slug = 'three'\n", "draft = true\n"]);
    let cascade = if random.below(3) == 0 { "[cascade]\ntags = ['cast']\n" } else { "" };
    format!("+++\n{title}{slug}{cascade}+++\n")
}

/// One change to the disk. The paths that it touched are the answer. Where files may break no section changes: a broken post
/// stays in the section, and with the cascade, that it had.
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
            // in half of all cases with what is one page with it
            let is_gone = |file: &&String| **file == path || n.is_multiple_of(2) && file.split('.').next() == path.split('.').next();
            let gone: Vec<String> = disk.files.keys().filter(is_gone).cloned().collect();
            gone.iter().for_each(|file| drop(disk.files.remove(file)));
            gone
        }),
        8..10 => one().map_or_else(Vec::new, |from| {
            let to = path(random);
            let text = disk.files.remove(&from).unwrap();
            disk.files.insert(to.clone(), text);
            if from == to { vec![from] } else { vec![from, to] }
        }),
        10 if !may_break => {
            let folder = random.pick(&["post", "post", "post/deep", "post/bundle/in", "notes", "tags", "tags/rust"]);
            let path = format!("{folder}/_index.{}", random.pick(&ENDINGS));
            if random.below(2) == 0 || disk.files.remove(&path).is_none() {
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
            disk.files.insert(path.clone(), BROKEN.to_owned());
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

/// Changes a site again and again, and now and then its configuration, and holds each state against a fresh build.
fn run(seed: u64, steps: usize, language: &str, limit: usize, permalinks: &str) {
    let mut config = self::config(language, limit, permalinks);
    let mut random = Random(seed);
    let mut disk = Disk::default();
    let mut now = at("2020-01-05T00:00:00Z");
    let (mut model, _) = Model::build(&config, &disk, "", now);
    for n in 0..steps {
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
        let mut update = model.change(&disk, &touched);
        if random.below(20) == 0 {
            config = self::config(language, [0, 1, 3][random.below(3)], [DATED, NAMED][random.below(2)]);
            update = model.reload(&config, &disk);
        }
        let ids = model.ids();
        let (other, fresh) = Model::build(&config, &disk, &ids, now);
        let when = format!("after step {n} of seed {seed}, which touched {touched:?}");
        assert_same(&documents(&update), &documents(&fresh), &when);
        assert_eq!(model.site.diagnostics(), other.site.diagnostics(), "{when}");
        assert!(model.site.scheduled().eq(other.site.scheduled()), "{when}");
        assert!(model.settle(&disk).is_empty(), "planning again {when} has something to do");
    }
}

#[test]
fn incremental_equals_full_with_every_entry_in_the_feeds() {
    run(1, STEPS, "", 0, DATED);
}

#[test]
fn incremental_equals_full_with_a_window_of_three() {
    run(2, STEPS, "", 3, DATED);
}

#[test]
fn incremental_equals_full_where_addresses_tell_what_sections_are_called() {
    run(5, STEPS, "", 3, NAMED);
}

#[test]
fn incremental_equals_full_in_another_language_than_the_default_one() {
    run(6, STEPS, FRENCH, 3, NAMED);
}

#[test]
fn incremental_equals_full_of_small_sites() {
    (100..300).for_each(|seed| run(seed, FEW_STEPS, ["", FRENCH][seed as usize % 2], 3, [DATED, NAMED][seed as usize / 2 % 2]));
}

/// A post that a change breaks keeps its last good version as long as a feed shows it: the others are those of a build of the
/// files as these were last good. What it says itself stays what it was, though what it refers to may have moved.
#[test]
fn incremental_equals_full_with_broken_posts_at_their_last_good_version() {
    let config = config("", 3, DATED);
    let mut random = Random(3);
    let (mut disk, now) = (Disk::default(), at("2021-01-01T00:00:00Z"));
    let (mut model, update) = Model::build(&config, &disk, "", now);
    let mut shown = documents(&update);
    // the last good version of each broken file that has one
    let mut kept: BTreeMap<String, String> = BTreeMap::new();
    for n in 0..STEPS {
        let before = disk.clone();
        let touched = step(&mut random, &mut disk, n, true);
        let refs: Vec<&str> = touched.iter().map(String::as_str).collect();
        let update = model.change(&disk, &refs);
        for path in &touched {
            if disk.files.get(path).is_none_or(|text| text != BROKEN) {
                kept.remove(path);
            } else if let Some(text) = before.files.get(path).filter(|text| *text != BROKEN && holds(&shown, text)) {
                kept.insert(path.clone(), text.clone());
            }
        }
        shown = documents(&update);
        if random.below(20) == 0 {
            let reloaded = documents(&model.reload(&config, &disk));
            assert_same(&reloaded, &shown, &format!("when the configuration is read again after step {n}"));
        }
        let is_bundle = disk.files.keys().any(|path| path.starts_with("post/bundle/index."));
        let is_resource = |path: &str| is_bundle && path.starts_with("post/bundle/") && !path.starts_with("post/bundle/index.");
        kept.retain(|path, text| holds(&shown, text) && !is_resource(path));

        let mut good = disk.clone();
        good.files.extend(kept.clone());
        let fresh = documents(&Model::build(&config, &good, &model.ids(), now).1);
        assert!(shown.keys().eq(fresh.keys()), "after step {n}, which touched {touched:?}");
        for path in shown.keys().filter(|path| path.ends_with(".json")) {
            let others = |feed: &str| {
                let items = serde_json::from_str::<serde_json::Value>(feed).unwrap()["items"].take();
                let is_other = |item: &serde_json::Value| !kept.values().any(|text| item.to_string().contains(mark(text)));
                items.as_array().unwrap().iter().filter(|item| is_other(item)).map(ToString::to_string).collect::<Vec<_>>()
            };
            assert_eq!(others(&shown[path]), others(&fresh[path]), "{path} after step {n}, which touched {touched:?}");
        }
    }
}

/// What stands in no other post.
fn mark(text: &str) -> &str {
    text.split_once("Body ").and_then(|(_, body)| body.split(',').next()).unwrap()
}

/// Whether some feed holds a post.
fn holds(documents: &BTreeMap<String, String>, text: &str) -> bool {
    documents.values().any(|document| document.contains(mark(text)))
}
