//! What happens to the content folder and its files while they are looked at: they go, move, turn into something else.

use std::fs;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::time::{Duration, Instant};

use super::{SOON, Witness, can, serve_below, serve_unprivileged, set_mode, site, until_current};
use crate::program::{PACE, Server, TestSite, copy, post, printed, skip, tree};

#[test]
fn the_content_folder_goes_and_comes_back_as_it_was_or_changed() {
    let site = site();
    let server = site.serve();
    let witness = Witness::of(&site);
    let before = server.get("/rss.xml", &[]).body;
    fs::rename(site.path("content"), site.path("away")).unwrap();
    server.until_logged("is gone or empty; readers keep the last state");
    assert_eq!(server.get("/rss.xml", &[]).body, before, "a folder that is gone has lost no post");
    fs::rename(site.path("away"), site.path("content")).unwrap();
    until_current(&site, &server, SOON);
    assert_eq!(server.get("/rss.xml", &[]).body, before);
    // watched as before
    site.post("post/third.md", "Third", 4, &[]);
    until_current(&site, &server, SOON);
    fs::rename(site.path("content"), site.path("away")).unwrap();
    site.write("away/post/first.md", post("Changed while away", 2, &["kept"]));
    fs::remove_file(site.path("away/notes/second.md")).unwrap();
    fs::rename(site.path("away"), site.path("content")).unwrap();
    until_current(&site, &server, SOON);
    witness.testify();
}

#[test]
fn while_the_content_folder_is_away_nothing_is_found_to_be_gone() {
    let site = site();
    let config = fs::read_to_string(site.path("hugo.toml")).unwrap();
    site.write("hugo.toml", config + "[serve]\nverify = 1\n[feeds]\nlimit = 3\n");
    (4..9).for_each(|day| site.post(&format!("post/{day}.md"), &format!("Day {day}"), day, &["kept"]));
    site.write("content/post/covered/index.md", "+++\ntitle = 'Covered'\ndate = 2020-02-01\n[cover]\nimage = 'c.png'\n+++\n");
    site.write("content/post/covered/c.png", "an image");
    let end = (chrono::Utc::now() + Duration::from_secs(3)).to_rfc3339();
    let leaving = post("Leaving", 10, &["kept"]).replacen("date", &format!("expiryDate = {end}\ndate"), 1);
    site.write("content/post/leaving.md", leaving);
    let server = site.serve();
    let before = server.get("/rss.xml", &[]).body;
    assert!(before.contains("Covered") && before.contains("c.png") && before.contains("Leaving"), "{before}");
    // as a disk that is unmounted leaves it
    fs::rename(site.path("content"), site.path("away")).unwrap();
    fs::create_dir(site.path("content")).unwrap();
    server.until_logged("is gone or empty; readers keep the last state");
    // until all files were compared twice, and one post has expired
    std::thread::sleep(Duration::from_secs(6));
    assert_eq!(server.get("/rss.xml", &[]).body, before, "{}", server.log());
    assert_eq!(server.get("/tags/kept/rss.xml", &[]).status, 200);
    assert_eq!(server.log().matches("that no event told of").count(), 0, "{}", server.log());
    fs::remove_dir(site.path("content")).unwrap();
    fs::rename(site.path("away"), site.path("content")).unwrap();
    server.until_logged("is back");
    until_current(&site, &server, SOON);
    assert!(!server.get("/rss.xml", &[]).body.contains("Leaving"));
}

#[test]
fn the_content_folder_is_another_one() {
    let site = site();
    let server = site.serve();
    let witness = Witness::of(&site);
    site.write("other/post/first.md", post("First of the other", 2, &["kept"]));
    site.write("other/post/more/deep.md", post("Deep", 5, &[]));
    fs::rename(site.path("content"), site.path("old")).unwrap();
    fs::rename(site.path("other"), site.path("content")).unwrap();
    until_current(&site, &server, SOON);
    site.post("post/more/later.md", "Later", 6, &[]);
    until_current(&site, &server, SOON);
    // the old one is nobody's now
    site.write("old/post/stray.md", post("Stray", 7, &[]));
    // an empty one is a disk that is not mounted, until there is something in it
    let before = server.get("/rss.xml", &[]).body;
    fs::rename(site.path("content"), site.path("older")).unwrap();
    fs::create_dir(site.path("content")).unwrap();
    server.until_logged("is gone or empty; readers keep the last state");
    assert_eq!(server.get("/rss.xml", &[]).body, before);
    site.post("post/first.md", "Anew", 8, &["kept"]);
    until_current(&site, &server, SOON);
    witness.testify();
}

#[test]
fn the_content_folder_becomes_a_link_and_the_link_is_changed() {
    let site = site();
    let server = site.serve();
    let witness = Witness::of(&site);
    fs::rename(site.path("content"), site.path("one")).unwrap();
    symlink("one", site.path("content")).unwrap();
    site.write("one/post/third.md", post("Over the link", 4, &[]));
    until_current(&site, &server, SOON);
    copy(&site.path("one"), &site.path("two"));
    site.write("two/post/third.md", post("Another release", 4, &[]));
    symlink("two", site.path("next")).unwrap();
    fs::rename(site.path("next"), site.path("content")).unwrap();
    until_current(&site, &server, SOON);
    site.write("two/post/fourth.md", post("Fourth", 5, &[]));
    until_current(&site, &server, SOON);
    // nothing tells of this: what is above the target is not watched
    fs::rename(site.path("two"), site.path("moved")).unwrap();
    server.until_logged("is gone or empty; readers keep the last state");
    fs::rename(site.path("one"), site.path("two")).unwrap();
    until_current(&site, &server, SOON);
    witness.testify();
}

#[test]
fn the_whole_site_is_moved_away_and_back() {
    let site = site();
    let root = site.path("inner");
    fs::create_dir(&root).unwrap();
    for name in ["content", "hugo.toml"] {
        fs::rename(site.path(name), root.join(name)).unwrap();
    }
    let inner = TestSite { root: tempfile::TempDir::new().unwrap() };
    let (live, aside) = (inner.path("site"), inner.path("aside"));
    fs::rename(&root, &live).unwrap();
    let server = Server::start(&live, &[]);
    fs::rename(&live, &aside).unwrap();
    server.until_logged("is gone or empty; readers keep the last state");
    fs::write(aside.join("content/post/first.md"), post("Changed while away", 2, &[])).unwrap();
    fs::rename(&aside, &live).unwrap();
    server.until_has("/rss.xml", "Changed while away");
    fs::write(live.join("content/post/first.md"), post("Watched again", 2, &[])).unwrap();
    server.until_has("/rss.xml", "Watched again");
}

#[test]
fn the_root_of_the_site_is_touched_or_moved_for_an_instant() {
    let site = site();
    let root = site.path("inner");
    copy(&site.path("content"), &root.join("content"));
    fs::write(root.join("hugo.toml"), format!("{}[serve]\nverify = 0\n", site.read("hugo.toml"))).unwrap();
    let server = Server::start(&root, &[]);
    let touch = || set_mode(&root, 0o755);
    let moved = || {
        fs::rename(&root, site.path("moved")).unwrap();
        fs::rename(site.path("moved"), &root).unwrap();
    };
    for (how, fault) in [("touched", &touch as &dyn Fn()), ("moved", &moved)] {
        fault();
        // for longer than it takes until that is acted on
        let start = Instant::now();
        for i in 0.. {
            let title = format!("Saved {i} after it was {how}");
            fs::write(root.join("content/post/first.md"), post(&title, 2, &[])).unwrap();
            server.until_has("/rss.xml", &title);
            if start.elapsed() > Duration::from_millis(200) {
                break;
            }
        }
    }
    fs::write(root.join("hugo.toml"), site.read("hugo.toml").replace("'Test'", "'Retitled'")).unwrap();
    server.until_has("/rss.xml", "<title>Retitled</title>");
}

#[test]
fn the_configuration_changes_while_the_content_folder_is_away() {
    let site = site();
    let server = site.serve();
    let rename = |from: &str, to: &str| {
        let config = site.read("hugo.toml");
        assert!(config.contains(from));
        site.write("hugo.toml", config.replace(from, to));
    };
    for (i, (before, after)) in [("'Test'", "'One'"), ("'One'", "'Two'")].into_iter().enumerate() {
        // a disk that is not mounted leaves an empty folder
        fs::rename(site.path("content"), site.path("away")).unwrap();
        fs::create_dir(site.path("content")).unwrap();
        // what is to be read again must wait, whether or not the folder is known to be gone by then
        if i == 0 {
            server.until_logged("is gone or empty; readers keep the last state");
        }
        rename(before, after);
        let is_told = || server.log().matches("the configuration is read again when").count() > i;
        server.until("/notes/rss.xml", "told of", |answer| {
            assert_eq!(answer.status, 200, "{}", server.log());
            is_told()
        });
        fs::remove_dir(site.path("content")).unwrap();
        fs::rename(site.path("away"), site.path("content")).unwrap();
        server.until_has("/rss.xml", &format!("<title>{}</title>", after.trim_matches('\'')));
        until_current(&site, &server, SOON);
    }
    // a folder that is elsewhere from now on is not waited for
    fs::rename(site.path("content"), site.path("posts")).unwrap();
    rename("'Two'", "'Three'\ncontentDir = 'posts'");
    server.until_has("/notes/rss.xml", "Three");
    assert!(server.get("/notes/rss.xml", &[]).body.contains("Second"));
}

#[test]
fn the_content_folder_is_unmounted() {
    let site = site();
    copy(&site.path("content"), &site.path("disk"));
    let mount = "mount --bind disk content && exec \"$@\"";
    if !can("unshare", &["-Urm", "sh", "-c", "mount --bind /tmp /tmp"]) {
        return skip("unshare cannot mount");
    }
    fs::remove_dir_all(site.path("content")).unwrap();
    fs::create_dir(site.path("content")).unwrap();
    let server = serve_below(&site, &["unshare", "-Urm", "sh", "-c", mount, "-"]);
    let process = server.process.id().to_string();
    let content = site.path("content").display().to_string();
    let disk = site.path("disk").display().to_string();
    let inside = |command: &[&str]| assert!(can("nsenter", &[&["-t", &process, "-U", "-m", "--preserve-credentials"], command].concat()));
    let before = server.get("/rss.xml", &[]).body;
    assert!(before.contains("First"));
    inside(&["umount", "-l", &content]);
    server.until_logged("is gone or empty; readers keep the last state");
    assert_eq!(server.get("/rss.xml", &[]).body, before);
    site.write("disk/post/first.md", post("Changed while unmounted", 2, &["kept"]));
    inside(&["mount", "--bind", &disk, &content]);
    server.until_has("/rss.xml", "Changed while unmounted");
    site.write("disk/post/first.md", post("Watched again", 2, &["kept"]));
    server.until_has("/rss.xml", "Watched again");
}

#[test]
fn the_content_folder_is_empty_at_a_start() {
    let site = TestSite::new("[languages.en]\n[languages.fr]\n");
    site.post("post/a.md", "A", 1, &["x"]);
    site.run(&["build"]);
    let published = tree(&site.path("feeds"));
    fs::rename(site.path("content"), site.path("away")).unwrap();
    fs::create_dir(site.path("content")).unwrap();
    for command in [&["build"][..], &["check"], &["serve", "--listen", "127.0.0.1:0"]] {
        let output = site.run(command);
        let (out, err) = printed(&output);
        let said = "/content is empty, though the table of ids (.ids.tsv) has 1 entry; mount its disk, or, if there is to be no post, put an \
                    `_index.md` into it; until then every feed stays as it is\n";
        assert!(err.contains(said) && output.status.code() == Some(1), "{out}{err}");
        assert_eq!(tree(&site.path("feeds")), published);
    }
    // a folder that somebody put something into, in whatever language, is as it should be
    site.write("content/post/b.fr.md", post("B", 2, &[]));
    assert_eq!(site.run(&["build"]).status.code(), Some(0));
    assert_eq!(tree(&site.path("feeds")).keys().filter(|path| path.contains("/x/")).count(), 0);
}

#[test]
fn a_configuration_that_leaves_no_page_is_refused_where_entries_were_published() {
    let site = TestSite::new("");
    site.post("post/a.md", "A", 1, &["x"]);
    let server = site.serve();
    let used = site.read("hugo.toml");
    let faulty = [
        "ignoreFiles = ['post/']\n",
        "[[module.mounts]]\nsource = 'content'\ntarget = 'content'\nfiles = ['! post/**']\n",
        "contentDir = 'empty'\n",
    ];
    fs::create_dir(site.path("empty")).unwrap();
    for (number, fault) in faulty.into_iter().enumerate() {
        // one may be read, and refused, more than once
        let refused = "the configuration cannot be used; the one before stays";
        let before = server.log().matches(refused).count();
        site.write("hugo.toml", format!("{used}{fault}"));
        let cause = if fault.contains("empty") { "is empty, though" } else { "the configuration leaves no page of the content folder" };
        server.until_logged(cause);
        server.until_logged_times(refused, before + 1);
        assert_eq!(server.get("/tags/x/rss.xml", &[]).status, 200, "{fault}");
        site.write("hugo.toml", &*used);
        server.until_logged_times("is again the one that counts", number + 1);
    }
    // but a site that was emptied in place has lost its posts
    fs::remove_dir_all(site.path("content/post")).unwrap();
    server.until("/tags/x/rss.xml", "gone", |answer| answer.status == 410);
    site.write("hugo.toml", format!("{used}ignoreFiles = ['x']\n"));
    server.until_logged("the configuration was read again");
}

#[test]
fn a_file_cannot_be_read_for_a_while() {
    let site = site();
    let Some(server) = serve_unprivileged(&site) else { return skip("setpriv cannot drop capabilities") };
    let witness = Witness::of(&site);
    let path = site.path("content/post/first.md");
    set_mode(&path, 0o000);
    server.until_logged("cannot be read: Permission denied");
    site.post("post/third.md", "Third", 4, &[]);
    server.until_has("/rss.xml", "Third");
    assert!(server.get("/rss.xml", &[]).body.contains("<title>First</title>"), "its last good version stays");
    fs::write(site.path("next"), post("Readable again", 2, &["kept"])).unwrap();
    fs::rename(site.path("next"), &path).unwrap();
    until_current(&site, &server, SOON);
    let folder = site.path("content/notes");
    set_mode(&folder, 0o000);
    site.post("post/fourth.md", "Fourth", 5, &[]);
    server.until_has("/rss.xml", "Fourth");
    server.until_logged("the folder cannot be listed");
    assert!(server.get("/rss.xml", &[]).body.contains("<title>Second</title>"), "nothing in it is believed to be gone");
    site.write("hugo.toml", site.read("hugo.toml").replace("'Test'", "'Retitled'"));
    server.until_has("/rss.xml", "<title>Retitled</title>");
    assert!(server.get("/notes/rss.xml", &[]).body.contains("<title>Second</title>"), "nor when the configuration changes");
    set_mode(&folder, 0o755);
    until_current(&site, &server, SOON);
    assert_eq!(server.log().matches("the folder cannot be listed").count(), 1, "told once: {}", server.log());
    witness.testify();
}

#[test]
fn a_file_becomes_a_folder_or_a_link_to_nowhere_and_a_file_again() {
    let site = site();
    let server = site.serve();
    let witness = Witness::of(&site);
    let path = site.path("content/post/first.md");
    fs::remove_file(&path).unwrap();
    site.post("post/first.md/inside.md", "Inside a folder", 4, &[]);
    until_current(&site, &server, SOON);
    assert!(server.get("/rss.xml", &[]).body.contains("Inside a folder"));
    fs::remove_dir_all(&path).unwrap();
    symlink("nowhere", &path).unwrap();
    until_current(&site, &server, SOON);
    fs::remove_file(&path).unwrap();
    site.post("post/first.md", "A file again", 2, &["kept"]);
    until_current(&site, &server, SOON);
    assert!(server.get("/rss.xml", &[]).body.contains("A file again"));
    witness.testify();
}

#[test]
fn a_file_grows_while_it_is_read() {
    let site = site();
    let server = site.serve();
    let witness = Witness::of(&site);
    let mut file = fs::File::create(site.path("content/post/growing.md")).unwrap();
    file.write_all(post("Growing", 9, &["kept"]).as_bytes()).unwrap();
    let start = Instant::now();
    let mut lines = 0;
    // longer than an unfinished save is waited for, so that it is read in the middle
    while start.elapsed() < Duration::from_millis(700) {
        writeln!(file, "Line {lines} of a text that is being written.\n").unwrap();
        lines += 1;
        if lines % 50 == 0 {
            server.get("/rss.xml", &[]);
            std::thread::sleep(PACE * 12);
        }
    }
    drop(file);
    until_current(&site, &server, SOON);
    assert!(server.get("/rss.xml", &[]).body.contains(&format!("Line {} of", lines - 1)));
    witness.testify();
}
