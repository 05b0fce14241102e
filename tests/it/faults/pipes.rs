//! Pipes where files are looked for: nobody ever writes to them, and nobody waits for that.

use std::fs;
use std::process::{Command, Output};
use std::sync::mpsc::channel;
use std::time::Duration;

use crate::program::{TestSite, printed, program};

/// Puts a pipe in the place of what stands at a path.
fn pipe(site: &TestSite, path: &str) {
    let _ = fs::remove_file(site.path(path));
    fs::create_dir_all(site.path(path).parent().unwrap()).unwrap();
    assert!(Command::new("mkfifo").arg(site.path(path)).status().unwrap().success());
}

/// Runs the program, which must end.
fn run(site: &TestSite, arguments: &[&str]) -> Output {
    let mut command = program(site.root.path());
    command.args(arguments);
    let (done, output) = channel();
    std::thread::spawn(move || done.send(command.output().unwrap()));
    output.recv_timeout(Duration::from_secs(60)).expect("it does not wait")
}

#[test]
fn a_pipe_among_the_feeds_is_not_waited_for() {
    let site = TestSite::new("");
    site.post("post/a.md", "One", 1, &[]);
    site.run(&["build"]);
    ["feeds/x.xml", "feeds/post/atom.xml", "feeds/.tidings-x1y2.tmp"].into_iter().for_each(|path| pipe(&site, path));
    assert!(run(&site, &["build"]).status.success());
    assert!(site.path("feeds/post/atom.xml").is_file() && !site.path("feeds/x.xml").is_file());
    pipe(&site, "feeds/post/rss.xml");
    assert!(site.serve().get("/post/rss.xml", &[]).body.contains("One"));
    assert!(site.path("feeds/post/rss.xml").is_file());
    pipe(&site, "feeds/.ids.tsv");
    let output = run(&site, &["build"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(printed(&output).1.contains(".ids.tsv: it is no regular file"), "{}", printed(&output).1);
}

#[test]
fn a_pipe_in_the_place_of_a_post_is_not_waited_for() {
    let site = TestSite::new("[feeds]\nlimit = 1\n");
    let older = "post/older.md";
    site.post("post/oldest.md", "Oldest", 1, &[]);
    site.post(older, "Older", 2, &[]);
    site.post("post/newest.md", "Newest", 3, &[]);
    let server = site.serve();
    // when the newest post is believed to be gone, the text of the one before is asked for; that file was there when it was looked at
    fs::remove_file(site.path("content/post/newest.md")).unwrap();
    std::thread::sleep(Duration::from_millis(5));
    pipe(&site, &format!("content/{older}"));
    server.until_has("/rss.xml", "Oldest");
    fs::remove_file(site.path(&format!("content/{older}"))).unwrap();
    site.post(older, "A file again", 2, &[]);
    server.until_has("/rss.xml", "A file again");
    assert_eq!(server.end("-TERM").code(), Some(0));
}

#[test]
fn a_pipe_in_the_place_of_the_configuration_cannot_be_used() {
    let site = TestSite::new("");
    site.post("post/a.md", "One", 1, &[]);
    let config = site.read("hugo.toml");
    let server = site.serve();
    pipe(&site, "hugo.toml");
    server.until_logged("hugo.toml: it is no regular file");
    server.until_logged("the configuration cannot be used; the one before stays");
    site.post("post/b.md", "Two", 2, &[]);
    server.until_has("/rss.xml", "Two");
    let output = run(&site, &["check"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(printed(&output).1.contains("hugo.toml: it is no regular file"), "{}", printed(&output).1);
    fs::remove_file(site.path("hugo.toml")).unwrap();
    site.write("hugo.toml", config.replace("'Test'", "'Renamed'"));
    server.until_has("/rss.xml", "<title>Renamed</title>");
}

#[test]
fn a_pipe_beside_the_posts_is_not_waited_for() {
    let site = TestSite::new("");
    site.write("content/post/a.md", "+++\ntitle = 'One'\ndate = 2020-01-01\nimage = 'cover.png'\n+++\n[a](/gone/)\n");
    pipe(&site, "static/_redirects");
    pipe(&site, "static/cover.png");
    let (_, err) = printed(&run(&site, &["check"]));
    assert!(err.contains("[dead-link]"), "{err}");
    pipe(&site, "content/post/b.md");
    fs::remove_file(site.path("hugo.toml")).unwrap();
    fs::rename(site.path("content"), site.path("texts")).unwrap();
    pipe(&site, "texts/post/0.md");
    let output = run(&site, &["init"]);
    assert!(output.status.success(), "{}", printed(&output).1);
    assert!(site.read("config.toml").contains("contentDir = \"texts\""), "{}", site.read("config.toml"));
}
