//! Faults of the world, made to happen for real. After each: no file was ever torn, and the feeds are soon those of a
//! fresh build of the same files.

mod content;
mod load;
mod output;
mod pipes;
mod system;
mod told;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::program::{PACE, Server, TestSite, copy, post, printed, program, tree};

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
