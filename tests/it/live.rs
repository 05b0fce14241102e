//! A running server under the saves of real editors, and what happens to folders.

use std::fs;
use std::time::{Duration, Instant};

use crate::program::{Server, TestSite, post};

fn site() -> TestSite {
    let site = TestSite::new("");
    site.post("post/first.md", "First", 1, &["old"]);
    site
}

#[test]
fn every_way_to_save_a_file_ends_in_the_feeds() {
    let site = site();
    let server = site.serve();
    let path = site.path("content/post/a.md");
    let aside = |suffix: &str| site.path(&format!("content/post/a.md{suffix}"));
    type Save<'a> = (&'a str, &'a dyn Fn(&str));
    let saves: [Save<'_>; 5] = [
        ("written in place", &|text| fs::write(&path, text).unwrap()),
        ("written aside and moved over it", &|text| {
            fs::write(aside(".tmp"), text).unwrap();
            fs::rename(aside(".tmp"), &path).unwrap();
        }),
        ("as vim does", &|text| {
            fs::rename(&path, aside("~")).unwrap();
            fs::write(&path, text).unwrap();
            fs::remove_file(aside("~")).unwrap();
        }),
        ("as emacs does", &|text| {
            fs::write(site.path("content/post/#a.md#"), text).unwrap();
            fs::copy(&path, aside("~")).unwrap();
            fs::write(&path, text).unwrap();
            fs::remove_file(site.path("content/post/#a.md#")).unwrap();
        }),
        ("linked into its place", &|text| {
            fs::write(site.path("content/post/.hidden"), text).unwrap();
            fs::remove_file(&path).unwrap();
            fs::hard_link(site.path("content/post/.hidden"), &path).unwrap();
        }),
    ];
    for (i, (how, save)) in saves.iter().enumerate() {
        let title = format!("Saved {i} {how}");
        save(&post(&title, 2, &[]));
        server.until_has("/rss.xml", &title);
        assert!(site.read("feeds/rss.xml").contains(&title), "the output folder is current when the server is");
    }
    assert!(!server.get("/rss.xml", &[]).body.contains("Saved 0"), "only the last version is there");
}

#[test]
fn a_post_that_is_moved_aside_to_be_saved_stays_though_another_comes_meanwhile() {
    let site = site();
    let server = site.serve();
    let (path, aside) = (site.path("content/post/first.md"), site.path("content/post/first.md~"));
    for i in 0..15 {
        let start = Instant::now();
        fs::rename(&path, &aside).unwrap();
        site.post(&format!("post/other{i}.md"), "Other", 2, &[]);
        while start.elapsed() < Duration::from_millis(16) {
            let answer = server.get("/post/rss.xml", &[]);
            // it is believed to be gone after 20 ms
            assert!(answer.body.contains("/post/first/") || start.elapsed() >= Duration::from_millis(20), "{i}: {}", server.log());
        }
        let title = format!("Saved {i}");
        site.post("post/first.md", &title, 1, &["old"]);
        fs::remove_file(&aside).unwrap();
        server.until_has("/post/rss.xml", &title);
        server.until_has("/post/rss.xml", &format!("/post/other{i}/"));
    }
}

#[test]
fn a_file_that_stays_open_is_read_when_it_is_quiet() {
    use std::io::Write;
    let site = site();
    let server = site.serve();
    let mut file = fs::File::create(site.path("content/post/open.md")).unwrap();
    file.write_all(post("Still open", 3, &[]).as_bytes()).unwrap();
    file.flush().unwrap();
    server.until_has("/rss.xml", "Still open");
}

#[test]
fn folders_may_come_move_and_go() {
    let site = site();
    let server = site.serve();
    site.post("post/new/deep/er/a.md", "Deep down", 4, &[]);
    server.until_has("/rss.xml", "Deep down");
    site.post("post/new/deep/er/b.md", "Right after", 5, &[]);
    server.until_has("/rss.xml", "Right after");
    fs::rename(site.path("content/post/new"), site.path("content/post/moved")).unwrap();
    site.post("post/moved/deep/er/c.md", "In the moved folder", 6, &[]);
    server.until_has("/rss.xml", "In the moved folder");
    fs::create_dir(site.path("aside")).unwrap();
    fs::rename(site.path("content/post/moved"), site.path("aside/moved")).unwrap();
    server.until_lacks("/rss.xml", "Deep down");
    site.write("aside/moved/more.md", post("Not ours", 7, &[]));
    fs::rename(site.path("aside/moved"), site.path("content/notes")).unwrap();
    server.until_has("/notes/rss.xml", "Not ours");
    fs::remove_dir_all(site.path("content/notes")).unwrap();
    server.until("/notes/rss.xml", "gone", |answer| answer.status == 410);
    assert!(!site.path("feeds/notes").exists());
}

#[test]
fn a_broken_post_keeps_its_last_good_version_and_costs_no_other() {
    let site = site();
    let server = site.serve();
    site.write("content/post/first.md", "+++\ntitle = \"Broken\ndate = \n");
    site.post("post/second.md", "Second", 2, &[]);
    server.until_has("/rss.xml", "Second");
    assert!(server.get("/rss.xml", &[]).body.contains("<title>First</title>"));
    site.post("post/first.md", "Mended", 1, &[]);
    server.until_has("/rss.xml", "Mended");
}

#[test]
fn a_post_that_is_broken_while_it_is_moved_keeps_its_last_good_version() {
    let site = site();
    let server = site.serve();
    fs::rename(site.path("content/post/first.md"), site.path("content/post/moved.md")).unwrap();
    site.write("content/post/moved.md", "+++\ntitle = \"Broken\n");
    site.post("post/second.md", "Second", 2, &[]);
    server.until_has("/rss.xml", "Second");
    assert!(server.get("/rss.xml", &[]).body.contains("<title>First</title>"));
    site.post("post/moved.md", "Mended", 1, &[]);
    server.until_has("/rss.xml", "Mended");
    assert!(!server.get("/rss.xml", &[]).body.contains("<title>First</title>"));
    fs::remove_file(site.path("content/post/moved.md")).unwrap();
    server.until_lacks("/rss.xml", "Mended");
}

#[test]
fn a_retagged_post_changes_feeds_and_an_empty_feed_is_gone() {
    let site = site();
    let server = site.serve();
    site.post("post/first.md", "First", 1, &["new"]);
    server.until_has("/tags/new/atom.xml", "First");
    for name in ["rss.xml", "atom.xml", "feed.json"] {
        assert_eq!(server.get(&format!("/tags/old/{name}"), &[]).status, 410);
        assert!(!site.path(&format!("feeds/tags/old/{name}")).exists());
    }
    site.post("post/first.md", "First", 1, &["old"]);
    server.until_has("/tags/old/rss.xml", "First");
}

#[test]
fn a_touched_file_and_an_edit_elsewhere_change_no_etag() {
    let site = site();
    let server = site.serve();
    let before = server.get("/tags/old/rss.xml", &[]);
    site.post("post/first.md", "First", 1, &["old"]);
    site.post("post/second.md", "Second", 2, &["other"]);
    server.until_has("/rss.xml", "Second");
    let after = server.get("/tags/old/rss.xml", &[]);
    for header in ["etag", "last-modified"] {
        assert!(!before.header(header).is_empty());
        assert_eq!(before.header(header), after.header(header));
    }
}

#[test]
fn a_restart_changes_no_etag_and_no_date_and_writes_nothing() {
    let site = site();
    let first = site.serve();
    let before = first.get("/rss.xml", &[]);
    drop(first);
    let modified = fs::metadata(site.path("feeds/rss.xml")).unwrap().modified().unwrap();
    let after = site.serve().get("/rss.xml", &[]);
    assert_eq!(before.header("etag"), after.header("etag"));
    assert_eq!(before.header("last-modified"), after.header("last-modified"));
    assert_eq!(modified, fs::metadata(site.path("feeds/rss.xml")).unwrap().modified().unwrap());
}

#[test]
fn a_burst_of_files_is_all_there() {
    let site = site();
    let server = site.serve();
    for i in 0..400 {
        site.post(&format!("burst/{}/{i}.md", i % 7), &format!("Burst {i}"), 1 + i % 28, &["burst"]);
    }
    server.until("/feeds.html", "counting 401 posts", |answer| answer.body.contains("401"));
}

#[test]
fn a_scheduled_post_appears_at_its_instant_and_an_expiring_one_goes() {
    let site = site();
    let soon = chrono::Utc::now() + chrono::TimeDelta::milliseconds(1500);
    let date = soon.to_rfc3339();
    site.write("content/post/later.md", format!("+++\ntitle = 'Later'\ndate = {date}\n+++\nx\n"));
    site.write("content/post/over.md", format!("+++\ntitle = 'Over'\ndate = 2020-01-01\nexpiryDate = {date}\n+++\nx\n"));
    let server = site.serve();
    let before = server.get("/rss.xml", &[]).body;
    assert!(before.contains("Over") && !before.contains("Later"));
    server.until_has("/rss.xml", "Later");
    let late = chrono::Utc::now() - soon;
    assert!(!server.get("/rss.xml", &[]).body.contains("Over"));
    assert!(late >= chrono::TimeDelta::zero() && late.num_milliseconds() < 1000, "{late}");
}

#[test]
fn the_configuration_is_read_again_when_it_changes_all_of_it_or_nothing() {
    let site = site();
    let server = site.serve();
    let config = site.read("hugo.toml");
    site.write("hugo.toml", format!("{config}\n[feeds]\nlimmit = 3\n"));
    site.post("post/second.md", "Second", 2, &[]);
    server.until_has("/rss.xml", "Second");
    site.write("hugo.toml", config.replace("'Test'", "'Renamed'"));
    server.until_has("/rss.xml", "<title>Renamed</title>");
    assert!(site.read("feeds/atom.xml").contains("<title>Renamed</title>"));
}

#[test]
fn another_output_folder_gets_the_feeds_and_the_table_of_ids() {
    let site = site();
    site.run(&["build"]);
    let server = site.serve();
    site.write("hugo.toml", site.read("hugo.toml").replace("'Test'", "'Elsewhere'\n[feeds]\noutput = 'elsewhere'"));
    server.until_has("/rss.xml", "<title>Elsewhere</title>");
    assert!(site.read("elsewhere/atom.xml").contains("<title>Elsewhere</title>"));
    assert_eq!(site.read("elsewhere/.ids.tsv"), site.read("feeds/.ids.tsv"));
}

#[test]
fn another_output_folder_loses_no_id_that_it_knows() {
    let site = site();
    let server = site.serve();
    let first = "/post/first/\tpost/first.md\t";
    site.write("elsewhere/.ids.tsv", format!("/post/gone/\tpost/gone.md\turn:gone\n{first}urn:first\n"));
    site.write("hugo.toml", site.read("hugo.toml").replace("'Test'", "'Elsewhere'\n[feeds]\noutput = 'elsewhere'"));
    server.until_has("/rss.xml", "<title>Elsewhere</title>");
    // what was served stays as it was
    let own = format!("{first}https://example.org/post/first/\n");
    server.until("/rss.xml", "the table", |_| site.read("elsewhere/.ids.tsv").contains(&own));
    let table = site.read("elsewhere/.ids.tsv");
    assert!(table.contains("/post/gone/\tpost/gone.md\turn:gone\n") && !table.contains("urn:first"), "{table}");
    site.post("post/gone.md", "Back again", 2, &[]);
    server.until_has("/rss.xml", "<guid isPermaLink=\"false\">urn:gone</guid>");
}

#[test]
fn a_broken_post_keeps_its_last_good_version_when_the_configuration_changes() {
    let site = site();
    site.write("content/kept/_index.md", "+++\n[[cascade]]\ndraft = true\n+++\n");
    site.post("kept/back.md", "Kept back", 2, &["old"]);
    let server = site.serve();
    site.post("post/moved.md", "Moved", 2, &["old"]);
    server.until_has("/rss.xml", "Moved");
    site.write("content/kept/_index.md", "+++\n[[cascade\n");
    fs::rename(site.path("content/post/moved.md"), site.path("content/post/new.md")).unwrap();
    site.write("content/post/new.md", "+++\ntitle = \"Broken\n");
    server.until_logged("content/post/new.md:");
    // one that is broken in the same instant keeps it as well
    site.write("content/post/first.md", "+++\ntitle = \"Broken\n");
    for (before, after) in [("Test", "One"), ("One", "Two")] {
        site.write("hugo.toml", site.read("hugo.toml").replace(before, after));
        server.until_has("/rss.xml", &format!("<title>{after}</title>"));
        for address in ["/rss.xml", "/tags/old/atom.xml"] {
            let answer = server.get(address, &[]);
            assert!(answer.body.contains("First") && answer.body.contains("Moved"), "{address}: {} {}", answer.status, answer.body);
            assert!(!answer.body.contains("Kept back"), "{address}");
        }
    }
    site.post("post/first.md", "Mended", 1, &["old"]);
    server.until_has("/rss.xml", "Mended");
    fs::remove_file(site.path("content/post/new.md")).unwrap();
    server.until_lacks("/rss.xml", "Moved");
    assert!(!server.get("/rss.xml", &[]).body.contains("First"));
}

#[test]
fn readers_keep_the_last_state_while_the_output_cannot_be_written() {
    let site = site();
    let server = site.serve();
    // a file where a folder must be: nobody, not even root, can write below it
    fs::remove_dir_all(site.path("feeds/post")).unwrap();
    site.write("feeds/post", "in the way");
    site.post("post/second.md", "Second", 2, &["old"]);
    site.post("post/third.md", "Third", 3, &["old"]);
    fs::remove_file(site.path("feeds/post")).unwrap();
    server.until_has("/rss.xml", "Third");
    server.until_has("/post/rss.xml", "Third");
    assert!(site.read("feeds/post/rss.xml").contains("Third"));
}

#[cfg(unix)]
#[test]
fn it_ends_at_sigint_and_sigterm_with_status_0() {
    let site = site();
    for signal in ["-INT", "-TERM"] {
        let server = Server::start(site.root.path(), &[]);
        assert_eq!(server.end(signal).code(), Some(0), "{signal}");
    }
}

#[cfg(unix)]
#[test]
fn a_configuration_that_is_to_be_read_again_leaves_a_trace_when_it_is_the_same() {
    let site = site();
    let server = site.serve();
    let same = "the configuration was read again, and nothing in it has changed";
    server.signal("-HUP");
    server.until_logged(same);
    server.signal("-HUP");
    server.until_logged_times(same, 2);
    // who only touches the file has asked for nothing
    site.write("hugo.toml", site.read("hugo.toml"));
    site.write("hugo.toml", format!("{}# a comment\n", site.read("hugo.toml")));
    server.until_logged("the feeds stay as they are");
    assert_eq!(server.log().matches(same).count(), 2, "{}", server.log());
}

#[test]
fn what_counts_from_the_next_start_alone_is_told_when_it_changes() {
    let site = site();
    let before = format!("{}[serve]\nadmin = '127.0.0.1:0'\n", site.read("hugo.toml"));
    site.write("hugo.toml", &before);
    let server = site.serve();
    let other = before.replace("127.0.0.1:0", "localhost:0");
    site.write("hugo.toml", &other);
    server.until_logged("the configuration was read again, and the feeds stay as they are");
    server.until_logged("`admin` of [serve] counts from the next start on");
    // once, also when something else changes, and not when it is as it was
    site.write("hugo.toml", format!("copyright = 'Renamed'\n{other}max_connections = 50\n"));
    server.until_has("/rss.xml", "<copyright>Renamed</copyright>");
    server.until_logged("`max_connections` of [serve] counts from the next start on");
    site.write("hugo.toml", &before);
    server.until_lacks("/rss.xml", "<copyright>Renamed</copyright>");
    site.write("hugo.toml", format!("{before}# the end\n"));
    server.until_logged_times("and the feeds stay as they are", 2);
    assert_eq!(server.log().matches("from the next start on").count(), 2, "{}", server.log());
}
