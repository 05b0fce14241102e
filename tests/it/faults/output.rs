//! What happens to the output folder: it goes, it fills up, somebody else is at it.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, UNIX_EPOCH};

use rustix::fs::{CWD, RenameFlags, renameat_with};

use super::{SOON, Witness, can, is_whole, serve_below, serve_unprivileged, set_mode, site, until_current, until_current_in};
use crate::program::{Server, post, printed, skip, tree};

#[test]
fn the_output_folder_is_removed() {
    let site = site();
    let server = site.serve();
    let witness = Witness::of(&site);
    // in one step: one that is being removed may be written to again in between
    fs::rename(site.path("feeds"), site.path("removed")).unwrap();
    server.until_logged("is no longer the folder that was written");
    until_current(&site, &server, SOON);
    fs::rename(site.path("feeds"), site.path("removed too")).unwrap();
    site.post("post/third.md", "Third", 4, &[]);
    until_current(&site, &server, SOON);
    witness.testify();
    // the new folder is held as the old one was
    assert!(printed(&site.run(&["build"])).1.contains(&format!("process {} writes", server.process.id())));
}

#[test]
fn somebody_else_removes_and_changes_files_in_the_output_folder() {
    let site = site();
    site.write("hugo.toml", format!("{}[serve]\nverify = 1\n", site.read("hugo.toml")));
    for arguments in [&[][..], &["--poll", "1"]] {
        let server = Server::start(site.root.path(), arguments);
        let ids = site.read("feeds/.ids.tsv");
        fs::remove_file(site.path("feeds/.ids.tsv")).unwrap();
        fs::remove_dir_all(site.path("feeds/tags")).unwrap();
        site.write("feeds/atom.xml", "cut");
        server.until_logged("5 files in ");
        until_current(&site, &server, SOON);
        // as a checkout of an older state does
        site.write("feeds/.ids.tsv", ids.lines().next().unwrap());
        server.until_logged(" was changed or removed by somebody else; it is written again");
        server.until("/rss.xml", "the table as it was", |_| site.read("feeds/.ids.tsv") == ids);
    }
}

#[test]
fn somebody_else_changes_a_feed_and_not_its_length_or_its_date_alone() {
    let site = site();
    site.write("hugo.toml", format!("{}[serve]\nverify = 1\n", site.read("hugo.toml")));
    let server = site.serve();
    // as a backup does that was restored
    let restored = UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    let file = fs::File::options().write(true).open(site.path("feeds/atom.xml")).unwrap();
    file.set_modified(restored).unwrap();
    site.write("feeds/rss.xml", site.read("feeds/rss.xml").replace("First", "Worst"));
    server.until_logged("rss.xml in ");
    until_current(&site, &server, SOON);
    assert_eq!(server.log().matches("by somebody else").count(), 1, "{}", server.log());
    assert_eq!(fs::metadata(site.path("feeds/atom.xml")).unwrap().modified().unwrap(), restored);
}

#[test]
fn a_folder_stands_in_the_place_of_a_feed() {
    let site = site();
    let server = site.serve();
    fs::remove_file(site.path("feeds/rss.xml")).unwrap();
    fs::create_dir_all(site.path("feeds/rss.xml/kept")).unwrap();
    site.post("post/third.md", "Third", 4, &[]);
    server.until_logged("feeds/rss.xml: Is a directory");
    assert!(site.path("feeds/rss.xml/kept").exists());
    fs::remove_dir_all(site.path("feeds/rss.xml")).unwrap();
    until_current(&site, &server, SOON);
    let names = fs::read_dir(site.path("feeds")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(names.filter(|name| name.starts_with(".tidings-")).count(), 0, "nothing is left over");
}

#[test]
fn the_output_folder_is_removed_while_it_cannot_be_written() {
    let site = site();
    site.write("hugo.toml", format!("{}[serve]\nverify = 0\n", site.read("hugo.toml")));
    let server = site.serve();
    site.write("feeds/tags/new", "a file where a folder must be");
    // an edit that changes no id
    site.post("post/first.md", "First", 2, &["kept", "new"]);
    server.until_logged("readers keep what they have until this is mended");
    fs::rename(site.path("feeds"), site.path("removed")).unwrap();
    until_current(&site, &server, SOON);
}

#[test]
fn what_a_failed_publication_has_written_is_nobody_elses_work() {
    let site = site();
    site.write("hugo.toml", format!("{}[serve]\nverify = 1\n", site.read("hugo.toml")));
    fs::hard_link(site.path("content/notes/second.md"), site.path("outside")).unwrap();
    let server = site.serve();
    site.write("feeds/tags/new", "a file where a folder must be");
    site.post("post/third.md", "Third", 4, &["new"]);
    server.until_logged("readers keep what they have until this is mended");
    // it takes two comparisons to find this, and each looks at the feeds too
    site.write("outside", post("Changed through another name", 3, &[]));
    server.until_logged("no event told of");
    assert!(!server.log().contains("by somebody else"), "{}", server.log());
    assert_eq!(server.log().matches("Not a directory").count(), 1, "one cause is told once: {}", server.log());
    fs::remove_file(site.path("feeds/tags/new")).unwrap();
    until_current(&site, &server, SOON);
}

#[test]
fn a_folder_that_only_the_system_may_read_lies_among_feeds_and_posts() {
    let site = site();
    let folders = ["feeds/lost+found", "feeds/tags/private", "content/lost+found"];
    for folder in folders {
        fs::create_dir_all(site.path(folder)).unwrap();
        set_mode(&site.path(folder), 0o000);
    }
    let Some(server) = serve_unprivileged(&site) else { return skip("setpriv cannot drop capabilities") };
    site.post("post/third.md", "Third", 4, &[]);
    server.until_has("/rss.xml", "Third");
    let log = server.log();
    assert!(!log.contains("lost+found") && !log.contains("private"), "{log}");
    folders.iter().for_each(|folder| set_mode(&site.path(folder), 0o755));
}

#[test]
fn a_file_stands_in_the_place_of_the_output_folder() {
    let site = site();
    let server = site.serve();
    site.write("removed", "in the way");
    // in one step: where nothing stands, the folder is made anew
    let (feeds, removed) = (site.path("feeds"), site.path("removed"));
    renameat_with(CWD, &feeds, CWD, &removed, RenameFlags::EXCHANGE).unwrap();
    site.post("post/third.md", "Third", 4, &[]);
    server.until_logged("readers keep what they have until this is mended");
    assert!(server.get("/rss.xml", &[]).body.contains("First"));
    assert_eq!(site.read("feeds"), "in the way");
    fs::remove_file(site.path("feeds")).unwrap();
    until_current(&site, &server, SOON);
}

#[test]
fn the_output_folder_is_read_only() {
    let site = site();
    assert!(site.run(&["build"]).status.success());
    let Some(server) = serve_unprivileged(&site) else { return skip("setpriv cannot drop capabilities") };
    let witness = Witness::of(&site);
    let before = tree(&site.path("feeds"));
    let folders = ["feeds", "feeds/post", "feeds/notes", "feeds/tags", "feeds/tags/kept"];
    folders.iter().for_each(|folder| set_mode(&site.path(folder), 0o555));
    site.post("post/third.md", "Third", 4, &["kept"]);
    server.until_logged("Permission denied");
    assert!(!server.get("/rss.xml", &[]).body.contains("Third"), "what is served is what is on the disk");
    assert_eq!(tree(&site.path("feeds")), before);
    folders.iter().for_each(|folder| set_mode(&site.path(folder), 0o755));
    until_current(&site, &server, SOON);
    assert_eq!(server.log().matches("Permission denied").count(), 1, "one cause is told once: {}", server.log());
    witness.testify();
}

#[test]
fn the_output_folder_is_full() {
    let site = site();
    fs::create_dir_all(site.path("feeds")).unwrap();
    fs::rename(site.path("feeds/.ids.tsv"), site.path("ids")).unwrap();
    let mount = "mount -t tmpfs -o size=128k tmpfs feeds && cp ids feeds/.ids.tsv && exec \"$@\"";
    let namespace = ["unshare", "-Urm", "sh", "-c", mount, "-"];
    if !can("unshare", &["-Urm", "sh", "-c", "mount -t tmpfs tmpfs /tmp"]) {
        return skip("unshare cannot mount");
    }
    let server = serve_below(&site, &namespace);
    // the folder as the process sees it
    let inside = PathBuf::from(format!("/proc/{}/root", server.process.id())).join(site.path("feeds").strip_prefix("/").unwrap());
    let filler = inside.join("filler");
    let mut file = fs::File::create(&filler).unwrap();
    while file.write_all(&[0; 4096]).is_ok() {}
    for (i, day) in (4..24).enumerate() {
        site.post(&format!("post/more-{i}.md"), &format!("More {i}"), day, &["kept"]);
    }
    server.until_logged("No space left on device");
    for name in ["rss.xml", "atom.xml", "feed.json", "tags/kept/atom.xml"] {
        assert!(is_whole(&inside.join(name)), "{name}");
    }
    assert!(!server.get("/rss.xml", &[]).body.contains("More 19"));
    drop(file);
    fs::remove_file(filler).unwrap();
    until_current_in(&inside, &site, &server, SOON);
    // a file that has become smaller may make room for a moment
    let (told, written) = (server.log().matches("No space left").count(), server.log().matches(" files written").count());
    assert!(told < written, "one cause is told once until it is mended: {}", server.log());
}
