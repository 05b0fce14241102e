//! What the system refuses: files, watches, events, the right time.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::{Duration, Instant};

use super::{SOON, Witness, can, serve_below, serve_below_with, site, until_current};
use crate::program::{PACE, Server, post, printed, program, skip};

#[test]
fn a_second_process_wants_the_same_output_folder() {
    let site = site();
    let server = site.serve();
    site.write("hugo.toml", format!("{}[serve]\nadmin = '127.0.0.1:0'\n", site.read("hugo.toml")));
    for arguments in [&["build"][..], &["serve", "--listen", "127.0.0.1:0"]] {
        let second = site.run(arguments);
        assert_eq!(second.status.code(), Some(1));
        let (_, err) = printed(&second);
        assert!(err.contains(&format!("process {} writes", server.process.id())) && err.contains("--out"), "{err}");
        assert!(!err.contains("figures at"), "what it does not listen on it does not name: {err}");
    }
    site.post("post/third.md", "Third", 4, &[]);
    until_current(&site, &server, SOON);
}

#[test]
fn connections_leave_file_descriptors_for_the_rest() {
    let site = site();
    let server = serve_below(&site, &["sh", "-c", "ulimit -n 64; exec \"$@\"", "-"]);
    assert!(
        server.log().contains("lets this process have 64 files open: no more than 32 connections are kept at once"),
        "{}",
        server.log()
    );
    // those beyond wait in the queue of the system
    let connections: Vec<_> = (0..80).map(|_| server.connect()).collect();
    site.post("post/third.md", "Third", 4, &["kept"]);
    let started = Instant::now();
    while !site.read("feeds/rss.xml").contains("Third") {
        assert!(started.elapsed() < SOON, "{}", server.log());
        std::thread::sleep(PACE);
    }
    assert!(!server.log().contains("Too many open files"), "{}", server.log());
    drop(connections);
    until_current(&site, &server, SOON);
    drop(server);
    // what may be had is asked for
    let server = serve_below(&site, &["sh", "-c", "ulimit -S -n 64; exec \"$@\"", "-"]);
    let limits = fs::read_to_string(format!("/proc/{}/limits", server.process.id())).unwrap();
    let files = limits.lines().find(|line| line.starts_with("Max open files")).unwrap();
    let soft: u64 = files.split_whitespace().nth(3).unwrap().parse().unwrap();
    assert!(soft > 64, "{files}");
}

#[test]
fn file_descriptors_run_out() {
    let site = site();
    let server = serve_below(&site, &["sh", "-c", "ulimit -n 24; exec \"$@\"", "-"]);
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
