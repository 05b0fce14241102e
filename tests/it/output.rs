//! What `build` leaves in the output folder and says of it.

use std::fs;

use crate::program::{TestSite, post, printed};

#[test]
fn a_build_writes_three_formats_for_each_scope_and_nothing_the_second_time() {
    let site = TestSite::new("");
    site.post("post/a.md", "One", 1, &["C#", "a/b"]);
    let (out, err) = printed(&site.run(&["build"]));
    assert!(out.starts_with("1 post, 4 feeds: 14 files written, 0 unchanged, 0 removed in "), "{out}{err}");
    for folder in ["", "post/", "tags/c#/", "tags/a/b/"] {
        for name in ["rss.xml", "atom.xml", "feed.json"] {
            assert!(site.read(&format!("feeds/{folder}{name}")).contains("One"), "{folder}{name}");
        }
    }
    let (out, _) = printed(&site.run(&["build"]));
    assert!(out.starts_with("1 post, 4 feeds: 0 files written, 14 unchanged, 0 removed in "), "{out}");
}

#[test]
fn a_site_without_a_title_is_called_as_its_host_in_feeds_and_lists_alike() {
    let site = TestSite::new("");
    site.post("post/a.md", "One", 1, &[]);
    for title in ["", "title = ''\n", "title = ' '\n"] {
        site.write("hugo.toml", format!("baseURL = 'https://example.org/'\n{title}[taxonomies]\ntag = \"t\\uFFFEags\"\n"));
        site.write("content/post/b.md", "+++\ndate = 2020-01-01\n\"t\\uFFFEags\" = ['x']\n+++\n");
        let output = site.run(&["build"]);
        assert!(output.status.success(), "{}", printed(&output).1);
        for (file, expected) in [
            ("rss.xml", "<title>example.org</title>"),
            ("post/rss.xml", "<title>Posts on example.org</title>"),
            ("feeds.opml", "<title>example.org</title>"),
            ("feeds.html", "<title>Feeds of example.org</title>"),
            ("feeds.html", ">example.org</a></h1>"),
        ] {
            let text = site.read(&format!("feeds/{file}"));
            assert!(text.contains(expected) && !text.contains('\u{fffe}'), "{title}: {text}");
        }
    }
}

#[test]
fn a_feed_without_posts_is_removed_and_what_is_not_ours_stays() {
    let site = TestSite::new("");
    site.post("post/a.md", "One", 1, &["old"]);
    site.run(&["build"]);
    site.write("feeds/tags/old/index.html", "a page of Hugo's");
    site.write("feeds/tags/other/rss.xml", "<rss>a feed of somebody else's</rss>");
    site.post("post/a.md", "One", 1, &["new"]);
    let (out, _) = printed(&site.run(&["build"]));
    assert!(out.contains("3 removed"), "{out}");
    assert!(!site.path("feeds/tags/old/rss.xml").exists());
    assert!(site.path("feeds/tags/old/index.html").exists());
    assert!(site.path("feeds/tags/other/rss.xml").exists());
}

#[test]
fn feeds_in_formats_or_under_names_that_are_no_more_are_removed() {
    let site = TestSite::new("");
    site.post("post/a.md", "Secret", 1, &[]);
    let before = site.read("hugo.toml");
    for feeds in ["formats = ['rss']", "formats = ['atom']", "file_names = { rss = 'index.xml', json = 'index.json' }", ""] {
        site.write("feeds/post/index.rss", "<rss>Secret</rss>");
        for file in ["other.xml", "podcast/rss.xml"] {
            site.write(&format!("feeds/{file}"), format!("<rss><link href=\"https://example.org/{file}\" rel=\"self\"/></rss>"));
        }
        site.write("hugo.toml", format!("{before}[feeds]\n{feeds}\n"));
        site.run(&["build"]);
        let fresh = site.path("fresh");
        site.run(&["build", "--out", fresh.to_str().unwrap()]);
        let mut ours = crate::program::tree(&site.path("feeds"));
        for file in ["post/index.rss", "other.xml", "podcast/rss.xml"] {
            assert!(ours.remove(file).is_some(), "{file} is not ours, and stays");
        }
        let fresh_tree = crate::program::tree(&fresh);
        assert_eq!(ours.keys().collect::<Vec<_>>(), fresh_tree.keys().collect::<Vec<_>>(), "{feeds}");
        std::fs::remove_dir_all(fresh).unwrap();
    }
}

#[test]
fn of_several_index_files_in_a_folder_the_first_of_the_sites_language_decides() {
    let site = TestSite::new("[languages.en]\n[languages.fr]\n");
    site.post("post/a.md", "One", 1, &[]);
    let title = |names: &[(&str, &str)]| {
        for (name, title) in names {
            site.write(&format!("content/post/{name}"), format!("+++\ntitle = '{title}'\n+++\n"));
        }
        site.run(&["build"]);
        site.read("feeds/post/rss.xml").split("<title>").nth(1).unwrap().split(" on ").next().unwrap().to_owned()
    };
    assert_eq!(title(&[("_index.fr.md", "Articles")]), "Posts");
    assert_eq!(title(&[("_index.md", "All posts")]), "All posts");
    assert_eq!(title(&[("_index.en.md", "English posts")]), "English posts");
}

#[test]
fn a_feed_says_of_itself_what_the_index_file_of_its_folder_does() {
    let site = TestSite::new("taxonomies = { tag = 'tags' }\n");
    site.post("post/a.md", "One", 1, &["Rust"]);
    for folder in ["", "post/", "tags/rust/"] {
        site.write(&format!("content/{folder}_index.md"), format!("+++\ndescription = 'All *of* /{folder}'\n+++\n"));
    }
    let said = |feed: &str| site.read(feed).split_once("<description>").unwrap().1.split_once("</description>").unwrap().0.to_owned();
    site.run(&["build"]);
    for folder in ["", "post/", "tags/rust/"] {
        assert_eq!(said(&format!("feeds/{folder}rss.xml")), format!("All *of* /{folder}"));
    }
    assert!(site.read("feeds/post/atom.xml").contains("<subtitle>All *of* /post/</subtitle>"));
    assert!(site.read("feeds/tags/rust/feed.json").contains("\"description\":\"All *of* /tags/rust/\""));

    // what the configuration says of the site comes first
    site.write("hugo.toml", site.read("hugo.toml") + "[params]\ndescription = 'Ours'\n");
    site.write("content/post/_index.md", "+++\n+++\n");
    site.run(&["build"]);
    assert_eq!((said("feeds/rss.xml"), said("feeds/post/rss.xml")), ("Ours".to_owned(), "Recent posts in Posts on Test".to_owned()));
}

#[test]
fn what_an_interrupted_run_left_half_written_is_cleared_away() {
    let site = TestSite::new("");
    site.write("feeds/tags/.tidings-x1y2.tmp", "half");
    site.run(&["build"]);
    assert!(!site.path("feeds/tags/.tidings-x1y2.tmp").exists());
}

#[test]
fn equal_input_gives_equal_bytes_in_any_environment_folder_and_order_of_files() {
    let mut files: Vec<(String, String)> = (1..28)
        .map(|i| (format!("content/post/{}/{i}.md", i * 17 % 5), post(&format!("Post {i}"), i, &["x", "Y", "\u{c9}t\u{e9}"])))
        .collect();
    files.push(("content/tags/x/_index.md".to_owned(), "+++\ntitle = 'Iks'\n+++\n".to_owned()));
    files.push(("static/a.png".to_owned(), "12345".to_owned()));
    files.push(("content/cover.md".to_owned(), "+++\ntitle = 'C'\ndate = 2020-01-01\nimage = '/a.png'\n+++\nx\n".to_owned()));
    let build = |order: usize, here: &str, environment: &[(&str, &str)]| {
        let site = TestSite::new("timeZone = 'Europe/Paris'\n");
        // another order in the folder, and other times of change
        for i in 0..files.len() {
            let (path, text) = &files[(i * order) % files.len()];
            site.write(path, text);
        }
        std::fs::create_dir_all(site.path(here)).unwrap();
        let mut command = crate::program::program(&site.path(here));
        command.args(["build", "--now", "2020-01-20T00:00:00Z", "-c"]).arg(site.path("hugo.toml"));
        let output = command.envs(environment.iter().copied()).output().unwrap();
        assert!(output.status.success(), "{}", printed(&output).1);
        crate::program::tree(&site.path("feeds"))
    };
    // the order is a number that shares no factor with that of the files
    assert_eq!(files.len(), 30);
    let one = build(1, "", &[("TZ", "UTC"), ("LC_ALL", "C"), ("RAYON_NUM_THREADS", "1")]);
    for (order, here, environment) in [
        (29, "static", [("TZ", "Asia/Tokyo"), ("LC_ALL", "de_DE.UTF-8"), ("RAYON_NUM_THREADS", "7")]),
        (7, "content/post", [("TZ", "America/St_Johns"), ("LC_ALL", "tr_TR.UTF-8"), ("RAYON_NUM_THREADS", "2")]),
        (13, "elsewhere", [("TZ", ":nonsense"), ("LC_ALL", "nonsense"), ("RAYON_NUM_THREADS", "3")]),
    ] {
        assert_eq!(build(order, here, &environment), one, "{order} {here} {environment:?}");
    }
    assert!(one.len() > 15, "{:?}", one.keys());
    assert!(!String::from_utf8_lossy(&one["rss.xml"]).contains("Post 21"), "the clock is that of --now");
}

#[test]
fn the_next_instant_at_which_a_build_differs_is_printed_and_nothing_is_written() {
    let site = TestSite::new("");
    site.write("content/post/a.md", "+++\ntitle = 'A'\ndate = 2030-01-02T12:00:00+01:00\nexpiryDate = 2031-01-01\n+++\nx\n");
    site.write("content/post/b.md", "+++\ntitle = 'B'\ndate = 2030-01-01\ndraft = true\n+++\nx\n");
    site.write("content/post/never.md", "+++\ntitle = 'C'\ndate = 2029-01-01\nexpiryDate = 2028-01-01\n+++\nx\n");
    let build = |now: &str| {
        assert!(site.run(&["build", "--now", now]).status.success());
        let mut files = crate::program::tree(&site.path("feeds"));
        // it keeps the ids of posts that are gone
        files.remove(".ids.tsv");
        files
    };
    let next = |now: &str| {
        let before = crate::program::tree(&site.path("feeds"));
        let output = site.run(&["build", "--next", "--now", now]);
        assert!(output.status.success());
        assert_eq!(crate::program::tree(&site.path("feeds")), before);
        printed(&output).0.trim_end().to_owned()
    };
    for (now, expected, just_before) in [
        ("2027-01-01T00:00:00Z", "2030-01-02T11:00:00Z", "2030-01-02T10:59:59Z"),
        ("2030-01-02T11:00:00Z", "2031-01-01T00:00:00Z", "2030-12-31T23:59:59Z"),
    ] {
        assert_eq!(next(now), expected);
        let today = build(now);
        assert_eq!(build(just_before), today);
        assert_ne!(build(expected), today);
    }
    assert_eq!(next("2031-01-01T00:00:00Z"), "none");
    let (out, err) = printed(&site.run(&["check", "--now", "2027-01-01T00:00:00Z"]));
    let scheduled =
        "content/post/a.md:1:1: note: it appears in the feeds at 2030-01-02T11:00:00Z; for another instant, change `publishDate` or `date`";
    assert!(err.contains(scheduled) && err.contains("note: it goes from the feeds at 2031-01-01T00:00:00Z"), "{out}{err}");
    assert!(!err.contains("never.md") && !err.contains("b.md"), "{err}");
}

#[test]
fn source_date_epoch_is_the_clock_too() {
    let site = TestSite::new("");
    site.post("post/a.md", "One", 10, &[]);
    let mut command = crate::program::program(site.root.path());
    let output = command.arg("build").env("SOURCE_DATE_EPOCH", "1577836800").output().unwrap();
    assert!(printed(&output).0.starts_with("0 posts, 1 feed:"));
    for wrong in ["today", "99999999999999", "1.5"] {
        let mut command = crate::program::program(site.root.path());
        let output = command.arg("build").env("SOURCE_DATE_EPOCH", wrong).output().unwrap();
        let (_, err) = printed(&output);
        assert!(err.contains(&format!("SOURCE_DATE_EPOCH is `{wrong}`; write seconds since 1970")), "{err}");
        assert_eq!(output.status.code(), Some(2));
    }
}

#[test]
fn ids_stay_through_a_rename_with_an_alias_and_a_new_domain() {
    let site = TestSite::new("");
    site.post("post/a.md", "One", 1, &[]);
    site.run(&["build"]);
    assert!(site.read("feeds/.ids.tsv").contains("/post/a/\tpost/a.md\thttps://example.org/post/a/\n"));
    fs::remove_file(site.path("content/post/a.md")).unwrap();
    site.write("content/post/b.md", "+++\ntitle = 'One'\ndate = 2020-01-01\naliases = ['/post/a/']\n+++\nx\n");
    let config = site.read("hugo.toml").replace("example.org", "new.example");
    site.write("hugo.toml", config);
    site.run(&["build"]);
    let feed = site.read("feeds/rss.xml");
    assert!(feed.contains("<guid isPermaLink=\"false\">https://example.org/post/a/</guid>"), "{feed}");
    assert!(feed.contains("<link>https://new.example/post/b/</link>"));
}

#[test]
fn posts_that_share_an_address_are_both_entries_and_check_warns() {
    let site = TestSite::new("[permalinks]\npost = '/:slug/'\n");
    site.write("content/post/late.md", "+++\ntitle = 'Late'\nslug = 'same'\ndate = 2020-02-02\n+++\nx\n");
    site.write("content/post/early.md", "+++\ntitle = 'Early'\nslug = 'same'\ndate = 2020-01-01\n+++\nx\n");
    site.run(&["build"]);
    let feed = site.read("feeds/atom.xml");
    assert!(
        feed.contains("<id>https://example.org/same/</id>") && feed.contains("<id>https://example.org/same/#2020-02-02</id>"),
        "{feed}"
    );
    let (_, err) = printed(&site.run(&["check"]));
    assert!(err.contains("content/post/late.md:1:1: warning: it has the same address as content/post/early.md"), "{err}");
    assert!(err.contains("; give one of them another `slug` or `url` [shared-address]"), "{err}");
}

#[test]
fn a_name_too_long_for_a_folder_costs_only_its_feed() {
    let site = TestSite::new("");
    site.post("post/a.md", "One", 1, &[&"x".repeat(300), "fine"]);
    let output = site.run(&["build"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(printed(&output).1.contains("too long for a folder"));
    assert!(site.read("feeds/tags/fine/rss.xml").contains("One"));
}

#[test]
fn a_path_too_long_for_a_folder_costs_only_its_feed() {
    let site = TestSite::new("");
    let long = "abcdefgh/".repeat(500);
    site.post("post/a.md", "One", 1, &[&format!("{long}end"), "fine"]);
    site.post("notes/b.md", "Two", 2, &[]);
    site.write("content/notes/_index.md", format!("+++\ntitle = 'Notes'\nurl = '/{long}'\n+++\n"));
    let output = site.run(&["build"]);
    assert_eq!(output.status.code(), Some(0), "{}", printed(&output).1);
    assert_eq!(printed(&output).1.matches("its path is too long for a folder; keep it under 2000 bytes").count(), 2);
    assert!(site.read("feeds/tags/fine/rss.xml").contains("One") && site.read("feeds/rss.xml").contains("Two"));
    assert_eq!(site.run(&["check"]).status.code(), Some(1));
}

#[test]
fn an_output_folder_that_cannot_be_written_ends_with_status_1() {
    let site = TestSite::new("");
    site.write("feeds", "a file");
    let output = site.run(&["build"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(printed(&output).1.contains("output folder"));
}

#[test]
fn a_cover_that_exists_is_an_enclosure_with_its_length_and_a_path_outside_is_never_read() {
    let site = TestSite::new("");
    site.write("static/img/a.png", "12345");
    site.write("secret.png", "123");
    site.write("content/post/a.md", "+++\ntitle = 'A'\ndate = 2020-01-01\ncoverImage = '/img/a.png'\n+++\nx\n");
    site.write("content/post/b/index.md", "+++\ntitle = 'B'\ndate = 2020-01-02\nimage = 'b.jpg'\n+++\nx\n");
    site.write("content/post/b/b.jpg", "123456789");
    site.write("content/post/c.md", "+++\ntitle = 'C'\ndate = 2020-01-03\nimage = '/../secret.png'\n+++\nx\n");
    site.run(&["build"]);
    let feed = site.read("feeds/rss.xml");
    assert!(feed.contains("<enclosure url=\"https://example.org/img/a.png\" length=\"5\" type=\"image/png\"/>"), "{feed}");
    assert!(feed.contains("<enclosure url=\"https://example.org/post/b/b.jpg\" length=\"9\" type=\"image/jpeg\"/>"), "{feed}");
    assert!(!feed.contains("secret"));
}

#[test]
fn a_cover_beside_a_page_is_found_by_its_name_and_by_where_it_is_published() {
    let site = TestSite::new("");
    site.write("hugo.toml", "baseURL = 'https://example.org/blog/'\n");
    let post = |cover: &str| format!("+++\ntitle = 'A'\ndate = 2020-01-01\nslug = 'named'\nimage = '{cover}'\n+++\n![x](x.png)\n");
    // files of a folder that is called as the page are published with it
    for page in ["a/b.md", "b/b/index.md"] {
        site.write(&format!("content/{page}"), "");
        let folder = format!("content/{}/b", &page[..1]);
        site.write(&format!("{folder}/x.png"), "1234567");
        let at = format!("/{}/named/x.png", &page[..1]);
        for cover in ["x.png", &at, &format!("/blog{at}"), &format!("https://example.org/blog{at}")] {
            site.write(&format!("content/{page}"), post(cover));
            assert_eq!(printed(&site.run(&["check"])).1, "", "{page} {cover}");
            site.run(&["build"]);
            let feed = site.read("feeds/rss.xml");
            assert!(feed.contains(&format!("<enclosure url=\"https://example.org/blog{at}\" length=\"7\"")), "{page} {cover}: {feed}");
        }
        std::fs::remove_file(site.path(&format!("content/{page}"))).unwrap();
    }
}

#[test]
fn a_cover_of_a_theme_is_found_where_the_site_has_none_of_its_name() {
    let site = TestSite::new("theme = ['one', 'two']\nthemesDir = 'looks'\n");
    site.write("static/a.png", "1");
    site.write("looks/one/static/a.png", "22");
    site.write("looks/two/static/b.png", "333");
    for (name, cover) in [("a", "a.png"), ("b", "/b.png")] {
        site.write(&format!("content/post/{name}.md"), format!("+++\ntitle = 'A'\ndate = 2020-01-01\nimage = '{cover}'\n+++\nx\n"));
    }
    site.run(&["build"]);
    let feed = site.read("feeds/rss.xml");
    assert!(
        feed.contains("url=\"https://example.org/a.png\" length=\"1\"") && feed.contains("url=\"https://example.org/b.png\" length=\"3\""),
        "{feed}"
    );
}

#[test]
fn folders_may_be_written_from_the_sites_own() {
    let site = TestSite::new("staticDir = './static/'\n[languages.en]\n[languages.fr]\ncontentDir = './content/fr'\n");
    site.write("static/a.png", "1");
    site.write("content/post/a.md", "+++\ntitle = 'A'\ndate = 2020-01-01\nimage = 'a.png'\n+++\n[a](/a.png)\n");
    site.post("fr/post/b.md", "B", 2, &[]);
    let output = site.run(&["check", "--strict"]);
    assert!(output.status.success(), "{}", printed(&output).1);
    site.run(&["build"]);
    assert!(site.read("feeds/rss.xml").contains("<enclosure url=\"https://example.org/a.png\""));
}

#[test]
fn a_reference_may_mean_a_list_as_in_hugo() {
    let site = TestSite::new("");
    let lists = [
        ("/", ""),
        ("/docs", "docs/"),
        ("/docs/_index.md", "docs/"),
        ("docs/deep", "docs/deep/"),
        ("deep", "docs/deep/"),
        ("/post", "post/"),
        ("/loose#part", "loose/#part"),
        ("/tags/foo", "tags/foo/"),
        ("/tags", "tags/"),
    ];
    let body: String = lists.iter().map(|(list, _)| format!("[x]({{{{< ref \"{list}\" >}}}})\n")).collect();
    site.write(
        "content/post/a.md",
        format!("+++\ntitle = 'A'\ndate = 2020-01-01\ntags = ['foo']\n+++\n{body}[x]({{{{< ref \"/none\" >}}}})\n"),
    );
    for page in ["docs/_index.md", "docs/deep/_index.md", "loose/page.md"] {
        site.write(&format!("content/{page}"), "+++\ntitle = 'T'\n+++\n");
    }
    let (_, err) = printed(&site.run(&["build"]));
    assert_eq!(err.lines().filter(|line| line.contains("[dead-link]")).count(), 1, "{err}");
    let feed = site.read("feeds/feed.json");
    let expected: String = lists.iter().map(|(_, list)| format!("<a href=\\\"https://example.org/{list}\\\">x</a>\\n")).collect();
    assert!(feed.contains(&expected), "{expected} {feed}");
}
