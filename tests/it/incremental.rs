//! Incremental equals full: after a change the documents are those of a fresh build of the same files.

use std::collections::{BTreeMap, BTreeSet};

use tidings::site::Update;

use crate::model::{BROKEN, DATED, Disk, Model, NAMED, as_fresh, assert_same, at, changed, config, documents, put, tagged};

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
