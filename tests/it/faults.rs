//! Faults of the world, made to happen for real. After each: no file was ever torn, and the feeds are soon those of a
//! fresh build of the same files.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::fs::{CWD, RenameFlags, renameat_with};

use crate::program::{LIMIT, PACE, Server, TestSite, copy, post, printed, program, skip, tree};

/// A fault that has ended is over in the feeds a second later; twice as much again is for a machine that runs every test
/// at once.
const SOON: Duration = Duration::from_secs(3);

/// A site with a few posts, one of which has an id that only the table of ids knows.
fn site() -> TestSite {
    let site = TestSite::new("");
    site.post("post/before.md", "Renamed", 1, &["kept"]);
    assert!(site.run(&["build"]).status.success());
    fs::remove_file(site.path("content/post/before.md")).unwrap();
    site.write("content/post/after.md", post("Renamed", 1, &["kept"]).replacen("+++\n", "+++\naliases = ['/post/before/']\n", 1));
    site.post("post/first.md", "First", 2, &["kept"]);
    site.post("notes/second.md", "Second", 3, &[]);
    site
}

/// The id that is lost with the table.
const KEPT_ID: &str = "https://example.org/post/before/";

/// What a fresh build of the site's files, with these ids, gives.
fn fresh(site: &TestSite, ids: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let other = tempfile::tempdir().unwrap();
    copy(&site.path("content"), &other.path().join("content"));
    fs::copy(site.path("hugo.toml"), other.path().join("hugo.toml")).unwrap();
    fs::create_dir(other.path().join("feeds")).unwrap();
    fs::write(other.path().join("feeds/.ids.tsv"), ids).unwrap();
    let built = program(other.path()).arg("build").output().unwrap();
    assert!(built.status.success(), "{}", printed(&built).1);
    tree(&other.path().join("feeds"))
}

/// Waits until the feeds on the disk and those that are served are those of a fresh build, for no longer than `limit`.
fn until_current(site: &TestSite, server: &Server, limit: Duration) {
    until_current_in(&site.path("feeds"), site, server, limit);
}

fn until_current_in(feeds: &Path, site: &TestSite, server: &Server, mut limit: Duration) {
    let start = Instant::now();
    let mut expected = BTreeMap::new();
    let (mut ids, mut last) = (None, None);
    loop {
        let found = tree(feeds);
        let now = found.get(".ids.tsv").cloned();
        // a table that is still changing is worth no build
        let is_settled = now.is_some() && std::mem::replace(&mut last, now.clone()) == now;
        if is_settled && now != ids {
            ids = now;
            let building = Instant::now();
            expected = fresh(site, ids.as_deref().unwrap());
            limit += building.elapsed();
        }
        if found == expected && ids.is_some() {
            break;
        }
        let differing: Vec<&String> = expected.keys().chain(found.keys()).filter(|path| expected.get(*path) != found.get(*path)).collect();
        assert!(start.elapsed() < limit, "{differing:?} after {limit:?}: {}", server.log());
        std::thread::sleep(PACE);
    }
    for name in ["rss.xml", "atom.xml", "feed.json", "post/rss.xml"] {
        if let Some(bytes) = expected.get(name) {
            // readers of addresses get it right after readers of files
            server.until(&format!("/{name}"), "as on the disk", |answer| answer.body.as_bytes() == bytes);
        }
    }
    assert!(String::from_utf8(ids.unwrap()).unwrap().contains(KEPT_ID), "an id was lost");
}

/// Reads feeds from the disk all the time: each must be whole whenever it is there.
struct Witness {
    ends: Arc<AtomicBool>,
    reads: Arc<AtomicUsize>,
    thread: Option<JoinHandle<()>>,
}

impl Witness {
    fn of(site: &TestSite) -> Self {
        let (ends, reads) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let (is_over, counter, feeds) = (ends.clone(), reads.clone(), site.path("feeds"));
        let thread = std::thread::spawn(move || {
            while !is_over.load(Ordering::Relaxed) {
                for name in ["rss.xml", "atom.xml", "feed.json", "tags/kept/atom.xml", "feeds.opml"] {
                    counter.fetch_add(usize::from(is_whole(&feeds.join(name))), Ordering::Relaxed);
                }
                std::thread::sleep(PACE);
            }
        });
        Witness { ends, reads, thread: Some(thread) }
    }

    /// What it saw was whole, and it saw something.
    fn testify(mut self) {
        self.ends.store(true, Ordering::Relaxed);
        self.thread.take().unwrap().join().unwrap();
        assert!(self.reads.load(Ordering::Relaxed) > 0, "no feed was ever read");
    }
}

/// Whether there is a file; then it must be a whole document.
fn is_whole(path: &Path) -> bool {
    let Ok(text) = fs::read_to_string(path) else { return false };
    let whole = match path.extension().and_then(|extension| extension.to_str()) {
        Some("json") => serde_json::from_str::<serde_json::Value>(&text).map(drop).map_err(|error| error.to_string()),
        _ => roxmltree::Document::parse(&text).map(drop).map_err(|error| error.to_string()),
    };
    assert_eq!(whole, Ok(()), "{} is torn: {text}", path.display());
    true
}

/// Whether a command ends well here.
fn can(program: &str, arguments: &[&str]) -> bool {
    Command::new(program).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// `tidings serve` below another program, which must become it.
fn serve_below(site: &TestSite, wrapper: &[&str]) -> Server {
    serve_below_with(site, wrapper, &[])
}

fn serve_below_with(site: &TestSite, wrapper: &[&str], arguments: &[&str]) -> Server {
    let mut command = Command::new(wrapper[0]);
    command.current_dir(site.root.path()).env_remove("SOURCE_DATE_EPOCH").args(&wrapper[1..]);
    command.arg(env!("CARGO_BIN_EXE_tidings")).args(["serve", "--listen", "127.0.0.1:0"]).args(arguments);
    Server::spawn(command)
}

/// What the program is to be run below to be somebody whom file modes stop: nothing for a user, for root what takes the
/// capabilities away that pass them by. None where that cannot be done.
pub(crate) fn unprivileged() -> Option<&'static [&'static str]> {
    const WRAPPER: [&str; 2] = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"];
    if !can("sh", &["-c", "test $(id -u) = 0"]) {
        return Some(&[]);
    }
    can(WRAPPER[0], &[WRAPPER[1], "true"]).then_some(&WRAPPER)
}

/// `tidings serve` as somebody whom file modes stop.
fn serve_unprivileged(site: &TestSite) -> Option<Server> {
    match unprivileged()? {
        [] => Some(site.serve()),
        wrapper => Some(serve_below(site, wrapper)),
    }
}

pub(crate) fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

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
        fs::remove_file(site.path("feeds/.ids.tsv")).unwrap();
        fs::remove_dir_all(site.path("feeds/tags")).unwrap();
        site.write("feeds/atom.xml", "cut");
        server.until_logged("5 files in ");
        until_current(&site, &server, SOON);
    }
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

#[test]
fn a_second_process_wants_the_same_output_folder() {
    let site = site();
    let server = site.serve();
    for arguments in [&["build"][..], &["serve", "--listen", "127.0.0.1:0"]] {
        let second = site.run(arguments);
        assert_eq!(second.status.code(), Some(1));
        let (_, err) = printed(&second);
        assert!(err.contains(&format!("process {} writes", server.process.id())) && err.contains("--out"), "{err}");
    }
    site.post("post/third.md", "Third", 4, &[]);
    until_current(&site, &server, SOON);
}

#[test]
fn file_descriptors_run_out() {
    let site = site();
    let server = serve_below(&site, &["sh", "-c", "ulimit -n 40; exec \"$@\"", "-"]);
    let witness = Witness::of(&site);
    // connections that ask for nothing take every descriptor; those beyond wait in the queue of the system
    let connections: Vec<_> = (0..60).map(|_| server.connect()).collect();
    server.until_logged("cannot accept a connection");
    site.post("post/third.md", "Third", 4, &["kept"]);
    site.post("post/first.md", "Changed", 2, &["kept"]);
    server.until_logged("Too many open files");
    site.post("post/new/deep/er.md", "In folders that cannot be listed", 5, &[]);
    drop(connections);
    until_current(&site, &server, SOON);
    witness.testify();
}

#[test]
fn the_clock_is_set_forward_and_back() {
    let library = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib"]
        .map(|folder| Path::new(folder).join("faketime/libfaketime.so.1"))
        .into_iter()
        .find(|path| path.exists());
    let Some(library) = library else { return skip("libfaketime is not installed") };
    let site = site();
    let soon = (chrono::Utc::now() + chrono::TimeDelta::hours(1)).to_rfc3339();
    site.write("content/post/later.md", format!("+++\ntitle = 'Later'\ndate = {soon}\n+++\nx\n"));
    site.write("content/post/over.md", format!("+++\ntitle = 'Over'\ndate = 2020-01-01\nexpiryDate = {soon}\n+++\nx\n"));
    let clock = tempfile::tempdir().unwrap();
    let set_clock = |offset: &str| {
        fs::write(clock.path().join("next"), offset).unwrap();
        fs::rename(clock.path().join("next"), clock.path().join("offset")).unwrap();
    };
    set_clock("+0");
    let mut command = program(site.root.path());
    command.args(["serve", "--listen", "127.0.0.1:0"]).env("LD_PRELOAD", library);
    command.env("FAKETIME_TIMESTAMP_FILE", clock.path().join("offset"));
    // the clock on the wall, and neither that of the machine's running time nor the dates of files
    command.envs([("FAKETIME_NO_CACHE", "1"), ("FAKETIME_DONT_FAKE_MONOTONIC", "1"), ("NO_FAKE_STAT", "1")]);
    let server = Server::spawn(command);
    let witness = Witness::of(&site);
    until_current(&site, &server, SOON);
    for _ in 0..2 {
        set_clock("+7200");
        let start = Instant::now();
        server.until("/rss.xml", "that of two hours later", |feed| feed.body.contains("Later") && !feed.body.contains("Over"));
        assert!(start.elapsed() < SOON);
        set_clock("+0");
        until_current(&site, &server, SOON);
        let feed = server.get("/rss.xml", &[]).body;
        assert!(feed.contains("Over") && !feed.contains("Later"));
    }
    witness.testify();
}

/// A shell that sets a limit of its user namespace and becomes the program.
fn limited(limit: &str) -> [String; 6] {
    let script = format!("echo {limit} && exec \"$@\"");
    ["unshare".into(), "-Ur".into(), "sh".into(), "-c".into(), script, "-".into()]
}

#[test]
fn there_are_fewer_watches_than_folders() {
    let site = site();
    if !can("unshare", &["-Ur", "sh", "-c", "echo 3 > /proc/sys/user/max_inotify_watches"]) {
        return skip("user namespaces are not allowed");
    }
    let wrapper = limited("3 > /proc/sys/user/max_inotify_watches");
    let server = serve_below(&site, &wrapper.each_ref().map(String::as_str));
    let witness = Witness::of(&site);
    assert!(server.log().contains("raise fs.inotify.max_user_watches with sysctl"), "{}", server.log());
    let two_seconds = Duration::from_secs(2);
    for i in 0..5 {
        site.post(&format!("far/f{i}/a.md"), &format!("In folder {i}"), 4, &["kept"]);
    }
    until_current(&site, &server, SOON + two_seconds);
    for i in 0..5 {
        site.post(&format!("far/f{i}/a.md"), &format!("Changed in folder {i}"), 4, &["kept"]);
    }
    fs::remove_file(site.path("content/notes/second.md")).unwrap();
    until_current(&site, &server, SOON + two_seconds);
    assert_eq!(server.log().matches("max_user_watches").count(), 1, "told once: {}", server.log());
    witness.testify();
}

#[test]
fn there_is_no_watcher_to_be_had() {
    let site = site();
    if !can("unshare", &["-Ur", "sh", "-c", "echo 0 > /proc/sys/user/max_inotify_instances"]) {
        return skip("user namespaces are not allowed");
    }
    let wrapper = limited("0 > /proc/sys/user/max_inotify_instances");
    let server = serve_below(&site, &wrapper.each_ref().map(String::as_str));
    assert!(server.log().contains("raise fs.inotify.max_user_instances with sysctl"), "{}", server.log());
    site.post("post/new/third.md", "Third", 4, &["kept"]);
    until_current(&site, &server, SOON + Duration::from_secs(2));
}

#[test]
fn a_network_folder_that_tells_nothing_is_polled() {
    let site = site();
    // no watcher could be had, and none is asked for
    let server = match can("unshare", &["-Ur", "sh", "-c", "echo 0 > /proc/sys/user/max_inotify_instances"]) {
        true => {
            let wrapper = limited("0 > /proc/sys/user/max_inotify_instances");
            serve_below_with(&site, &wrapper.each_ref().map(String::as_str), &["--poll", "1"])
        }
        false => Server::start(site.root.path(), &["--poll", "1"]),
    };
    assert!(!server.log().contains("inotify"), "{}", server.log());
    let witness = Witness::of(&site);
    let second = Duration::from_secs(1);
    site.post("post/new/third.md", "Third", 4, &["kept"]);
    site.post("post/first.md", "Changed", 2, &["kept"]);
    until_current(&site, &server, SOON + second);
    fs::remove_dir_all(site.path("content/post/new")).unwrap();
    // what is gone must be missing twice
    until_current(&site, &server, SOON + second * 2);
    site.write("hugo.toml", site.read("hugo.toml").replace("'Test'", "'Retitled'"));
    until_current(&site, &server, SOON + second);
    witness.testify();
}

#[test]
fn a_name_that_is_no_text_is_told_once_however_often_it_is_looked_at() {
    let site = site();
    let name = std::ffi::OsStr::from_bytes(b"\xff.md");
    fs::write(site.path("content/post").join(name), "x").unwrap();
    let server = Server::start(site.root.path(), &["--poll", "1"]);
    for title in ["Looked at", "Looked at again", "Looked at once more"] {
        site.post("post/third.md", title, 4, &[]);
        server.until_has("/rss.xml", &format!("<title>{title}</title>"));
    }
    assert_eq!(server.log().matches("the name is not UTF-8").count(), 1, "{}", server.log());
}

#[test]
fn a_change_that_no_event_tells_of_is_found_and_counted() {
    let site = site();
    site.write("hugo.toml", format!("{}[serve]\nverify = 1\n", site.read("hugo.toml")));
    // written through another name, outside the folders that are watched
    let outside = site.path("outside");
    fs::create_dir(&outside).unwrap();
    for name in ["first", "after"] {
        fs::hard_link(site.path(&format!("content/post/{name}.md")), outside.join(name)).unwrap();
    }
    let server = site.serve();
    let witness = Witness::of(&site);
    fs::write(outside.join("first"), post("Changed through another name", 2, &["kept"])).unwrap();
    server.until_has("/rss.xml", "Changed through another name");
    server.until_logged("1 changes were found that no event told of");
    until_current(&site, &server, SOON);
    // ordinary changes are not counted
    for i in 0..200 {
        site.post(&format!("post/{i}.md"), &format!("Ordinary {i}"), 4, &["kept"]);
    }
    fs::write(outside.join("after"), post("Changed last", 28, &["kept"])).unwrap();
    server.until_has("/rss.xml", "Changed last");
    until_current(&site, &server, SOON);
    assert_eq!(server.log().matches("no event told of").count(), 2, "{}", server.log());
    witness.testify();
}
