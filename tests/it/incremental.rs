//! Incremental equals full: after any sequence of changes the documents are those of a fresh build of the same files.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use tidings::site::Update;

use crate::model::{BROKEN, Disk, FRENCH, Model, as_fresh, assert_same, at, changed, documents, put, tagged};

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

/// Addresses as most sites have them.
const DATED: &str = "post = '/:year/:slug/'\n";
/// Addresses that tell what sections are called.
const NAMED: &str = "post = '/:sectionslugs/:slug/'\n[permalinks.section]\npost = '/s/:sectionslugs/'\n\
                     [permalinks.term]\ntags = '/:sectionslug/:slug/'\n";

/// For the feeds in a language, whose files are all those without another one in their names.
fn config(language: &str, limit: usize, permalinks: &str) -> String {
    format!(
        "{language}baseURL = 'https://example.org/sub/'\ntitle = 'Site'\n[permalinks]\n{permalinks}\
         [taxonomies]\ntag = 'tags'\nseries = 'series'\n[languages.en]\n[languages.fr]\ncontentDir = 'content'\n[feeds]\nlimit = {limit}\n"
    )
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

#[test]
fn what_a_file_was_between_two_plans_leaves_no_trace() {
    let config = config("", 3, DATED);
    let mut disk = Disk::default();
    put(&mut disk, "post/a.md", Some(tagged(1, &["go"])));
    let (mut model, before) = Model::build(&config, &disk, "", at("2021-01-01T00:00:00Z"));
    for between in [None, Some(tagged(2, &["rust"]))] {
        let mut other = disk.clone();
        put(&mut other, "post/a.md", between);
        model.tell(&other, &["post/a.md"]);
        let update = model.change(&disk, &["post/a.md"]);
        assert_same(&documents(&update), &documents(&before), "again");
    }
}

#[test]
fn one_instant_in_another_zone_is_written_as_it_stands() {
    let config = config("", 3, DATED);
    let mut disk = Disk::default();
    let dated = |date: &str| format!("+++\ntitle = 'A post'\nslug = 'a'\nurl = '/a/'\ndate = {date}\n+++\nText.\n");
    put(&mut disk, "post/a.md", Some(dated("2020-01-01T00:30:00+01:00")));
    let (mut model, _) = Model::build(&config, &disk, "", at("2021-01-01T00:00:00Z"));
    let (feeds, _) = changed(&mut model, &config, &mut disk, "post/a.md", Some(dated("2019-12-31T23:30:00Z")));
    assert!(feeds["atom.xml"].contains("2019-12-31T23:30:00+00:00") && feeds["feeds.html"].contains("2019-12-31"));
}

#[test]
fn another_title_of_a_section_has_those_pages_read_that_tell_it_in_their_address() {
    let config = config("", 3, DATED);
    let mut disk = Disk::default();
    let posts = [("post/a.md", ""), ("post/b.md", "url = '/:sectionslug/b/'\n"), ("notes/c.md", "url = '/:sectionslug/c/'\n")];
    for (path, url) in posts {
        put(&mut disk, path, Some(format!("+++\ntitle = 'A post'\ndate = 2020-01-01\n{url}+++\nText.\n")));
    }
    let (mut model, _) = Model::build(&config, &disk, "", at("2021-01-01T00:00:00Z"));
    for (section, expected) in [
        ("title = 'Thoughts'", &["post/b.md"] as &[_]),
        ("title = 'Thoughts'\ndescription = 'All of them'", &[]),
        ("title = 'Thoughts'\n[cascade]\nparams = { author = 'Ann' }", &["post/_index.md", "post/a.md", "post/b.md"]),
        ("title = 'Some thoughts'\n[cascade]\nparams = { author = 'Ann' }", &["post/b.md"]),
    ] {
        put(&mut disk, "post/_index.md", Some(format!("+++\n{section}\n+++\n")));
        model.tell(&disk, &["post/_index.md"]);
        assert_eq!(model.site.unread().iter().map(|path| &**path).collect::<Vec<_>>(), expected, "{section}");
        let update = model.settle(&disk);
        as_fresh(&model, &update, &config, &disk);
    }
}

#[test]
fn a_section_is_called_by_its_folder_for_as_long_as_nothing_describes_it() {
    let config = config("", 3, NAMED);
    let mut disk = Disk::default();
    put(&mut disk, "post/a.md", Some(tagged(1, &["rust"])));
    let (mut model, _) = Model::build(&config, &disk, "", at("2021-01-01T00:00:00Z"));
    for (path, text) in [("post/_index.md", Some("")), ("tags/_index.md", Some("")), ("post/_index.md", None), ("tags/_index.md", None)] {
        changed(&mut model, &config, &mut disk, path, text.map(|_| "+++\ndescription = 'All of them'\n+++\n".to_owned()));
    }
}

#[test]
fn a_term_follows_the_slug_above_it_until_that_is_part_of_a_bundle() {
    let config = config("", 3, DATED);
    let mut disk = Disk::default();
    put(&mut disk, "tags/a/_index.md", Some("+++\nslug = 'other'\n+++\n".to_owned()));
    put(&mut disk, "post/a.md", Some(tagged(1, &["a/b"])));
    let (mut model, _) = Model::build(&config, &disk, "", at("2021-01-01T00:00:00Z"));
    for text in [Some(tagged(2, &[])), None] {
        changed(&mut model, &config, &mut disk, "tags/a/index.md", text);
    }
}

#[test]
fn a_list_that_is_part_of_a_bundle_changes_what_references_lead_to() {
    let config = "baseURL = 'https://example.org/'\ndisablePathToLower = true\n[languages.en]\n[languages.fr]\n";
    let mut disk = Disk::default();
    put(&mut disk, "post/index.md", Some("+++\nheadless = true\n+++\n".to_owned()));
    put(&mut disk, "Post/a.md", Some(tagged(2, &[])));
    put(&mut disk, "b.md", Some(tagged(3, &[]) + "[post](pOst)\n"));
    let (mut model, _) = Model::build(config, &disk, "", at("2021-01-01T00:00:00Z"));
    for text in [Some("+++\ntitle = 'A list'\n+++\n".to_owned()), None] {
        changed(&mut model, config, &mut disk, "post/_index.md", text);
    }
}

#[test]
fn pages_no_longer_wait_for_a_broken_list_that_became_a_part_of_a_bundle() {
    let config = config("", 3, DATED);
    let mut disk = Disk::default();
    put(&mut disk, "post/_index.md", Some(BROKEN.to_owned()));
    put(&mut disk, "post/a.md", Some(tagged(1, &[])));
    let (mut model, update) = Model::build(&config, &disk, "", at("2021-01-01T00:00:00Z"));
    assert!(!documents(&update)["rss.xml"].contains("Post 1"));
    for (path, text) in [("post/index.md", Some(tagged(2, &[]))), ("post/_index.md", None), ("post/index.md", None)] {
        changed(&mut model, &config, &mut disk, path, text);
    }
    let (feeds, _) = changed(&mut model, &config, &mut disk, "post/b.md", Some(tagged(3, &[])));
    assert!(feeds["rss.xml"].contains("Post 1"));
}

#[test]
fn posts_that_take_over_and_come_back_at_one_address_never_share_an_id() {
    let config = "baseURL = 'https://example.org/'\n";
    let post = |day: usize| Some(format!("+++\ntitle = 'Post {day}'\ndate = 2020-01-{day:02}\nurl = '/one/'\n+++\n"));
    let mut disk = Disk::default();
    for (path, day) in [("a.md", 1), ("b.md", 4), ("c.md", 4)] {
        put(&mut disk, path, post(day));
    }
    let (mut model, _) = Model::build(config, &disk, "", at("2021-01-01T00:00:00Z"));
    let mut feed = String::new();
    for (path, text) in [("b.md", None), ("d.md", post(2)), ("b.md", post(4))] {
        feed = changed(&mut model, config, &mut disk, path, text).0["feed.json"].clone();
    }
    let items = serde_json::from_str::<serde_json::Value>(&feed).unwrap()["items"].take();
    let ids: BTreeSet<String> = items.as_array().unwrap().iter().map(|item| item["id"].to_string()).collect();
    assert_eq!(ids.len(), 4, "{ids:?}");
}

#[test]
fn a_section_in_the_folder_of_a_taxonomy_follows_what_describes_that() {
    let config = config("", 3, DATED);
    let mut disk = Disk::default();
    put(&mut disk, "tags/a.md", Some(tagged(1, &[])));
    let (mut model, _) = Model::build(&config, &disk, "", at("2021-01-01T00:00:00Z"));
    for field in ["title = 'Topics'", "draft = true"] {
        changed(&mut model, &config, &mut disk, "tags/_index.md", Some(format!("+++\n{field}\n+++\n")));
    }
}

#[test]
fn a_post_beside_what_describes_a_term_is_in_the_feed_of_that_only_if_it_says_so() {
    let config = config("", 3, DATED);
    let mut disk = Disk::default();
    put(&mut disk, "post/a.md", Some(tagged(1, &["go"])));
    put(&mut disk, "tags/go/b.md", Some(tagged(2, &[])));
    let (mut model, _) = Model::build(&config, &disk, "", at("2021-01-01T00:00:00Z"));
    for text in [Some("+++\ntitle = 'The language'\n+++\n".to_owned()), None] {
        let (feeds, findings) = changed(&mut model, &config, &mut disk, "tags/go/_index.md", text);
        let shows = |folder: &str| [1, 2].map(|day| feeds[&format!("{folder}/rss.xml")].contains(&format!("Post {day}")));
        assert_eq!([shows("tags/go"), shows("tags")], [[true, false], [false, true]]);
        assert_eq!(findings, [""; 0]);
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
fn what_only_a_displaced_scope_would_show_is_not_rendered() {
    let config = "baseURL = 'https://example.org/'\n[permalinks.term]\ntags = '/k/:slug/'\n[feeds]\nlimit = 1\n";
    let mut disk = Disk::default();
    let (mut model, _) = Model::build(config, &disk, "", at("2021-01-01T00:00:00Z"));
    let (_, findings) = changed(&mut model, config, &mut disk, "post/a.md", Some(tagged(1, &["C++"]) + "{{< unheard-of >}}\n"));
    assert!(findings[0].contains("`unheard-of`"), "{findings:?}");
    let (_, findings) = changed(&mut model, config, &mut disk, "post/b.md", Some(tagged(2, &["C"])));
    assert!(findings.len() == 1 && findings[0].contains("would have the folder"), "{findings:?}");
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

#[test]
fn of_several_folders_of_a_term_the_last_describes_it_whichever_changed_last() {
    let config = "baseURL = 'https://example.org/'\n";
    let mut disk = Disk::default();
    let section = |title: &str| Some(format!("+++\ntitle = '{title}'\n+++\n"));
    put(&mut disk, "post/a.md", Some(tagged(1, &["Go"])));
    put(&mut disk, "tags/go/_index.md", section("Go, the language"));
    let (mut model, _) = Model::build(config, &disk, "", at("2021-01-01T00:00:00Z"));
    let titled = |feeds: &BTreeMap<String, String>, title: &str| feeds["tags/go/rss.xml"].contains(&format!("<title>{title} on "));
    let folders = ["tags/Go/_index.md", "tags/go/_index.md"];
    // a folder that is renamed, there and back, in one step and in two
    for (i, [to, from]) in [folders, [folders[1], folders[0]], folders, [folders[1], folders[0]]].into_iter().enumerate() {
        let text = disk.files.remove(from);
        put(&mut disk, to, text);
        let steps = if i < 2 { vec![vec![folders[0], folders[1]]] } else { vec![vec![to], vec![from]] };
        let updates: Vec<Update> = steps.iter().map(|paths| model.change(&disk, paths)).collect();
        let (feeds, _) = as_fresh(&model, updates.last().unwrap(), config, &disk);
        assert!(titled(&feeds, "Go, the language"), "{from} to {to}");
    }
    for path in [folders[0], folders[1], folders[0]] {
        changed(&mut model, config, &mut disk, path, section(&format!("Of {path}")));
    }
    let (feeds, _) = changed(&mut model, config, &mut disk, folders[1], None);
    assert!(titled(&feeds, "Of tags/Go/_index.md"));
    // what becomes part of a page describes nothing
    let (feeds, _) = changed(&mut model, config, &mut disk, "tags/index.md", Some(tagged(2, &[])));
    assert!(titled(&feeds, "Go"));
    let (feeds, _) = changed(&mut model, config, &mut disk, "tags/index.md", None);
    assert!(titled(&feeds, "Of tags/Go/_index.md"));
}

/// Texts are kept while a site is first read, up to 64 MiB; what did not fit is asked for again.
#[test]
fn a_site_larger_than_what_is_kept_of_it_is_built_whole() {
    let mut disk = Disk::default();
    let padding = format!("# {}\n", "x".repeat(1_000_000));
    // the newest are read last, and have no room
    for i in 0..70 {
        let text = format!("+++\ntitle = 'Post {i}'\ndate = 2020-01-01T{:02}:{:02}:00Z\n{padding}+++\nBody {i}.\n", i / 60, i % 60);
        disk.files.insert(format!("post/{i:02}.md"), text);
    }
    let (_, update) = Model::build(&config("", 3, DATED), &disk, "", at("2021-01-01T00:00:00Z"));
    assert_eq!(documents(&update)["feed.json"].matches("\"date_published\"").count(), 3);
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
