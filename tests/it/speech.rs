//! What is said to whom: how much, in which colours, and what somebody who begins is told to do next.

use std::net::TcpListener;
use std::process::{Command, Output};

#[cfg(target_os = "linux")]
use crate::faults::{set_mode, unprivileged};
use crate::program::{TestSite, printed, program, skip, tree};

/// Runs the program, which must end with this status and say all of this on standard error.
fn told(site: &TestSite, arguments: &[&str], status: i32, expected: &[&str]) {
    let output = site.run(arguments);
    assert_told(&output, &format!("{arguments:?}"), status, expected);
}

fn assert_told(output: &Output, what: &str, status: i32, expected: &[&str]) {
    let (out, err) = printed(output);
    assert_eq!(output.status.code(), Some(status), "{what}: {out}{err}");
    for part in expected {
        assert!(err.contains(part), "{what} does not say {part:?}: {err}");
    }
}

#[test]
fn a_port_in_use_is_named_with_the_way_to_another() {
    let site = TestSite::new("");
    site.post("post/a.md", "A", 1, &[]);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let expected = format!("cannot listen on {address}: ");
    told(&site, &["serve", "--listen", &address], 1, &[&expected, "end it, or choose another port, 0 for any that is free, by --listen"]);
    site.write("hugo.toml", format!("{}[serve]\nadmin = {address:?}\n", site.read("hugo.toml")));
    told(&site, &["serve", "--listen", "127.0.0.1:0"], 1, &[&expected, "by `admin` of [serve]"]);
    told(&site, &["serve", "--listen", "localhost"], 1, &["write an address and a port, such as 127.0.0.1:8080"]);
    told(&site, &["serve", "--listen", "::1:0"], 1, &["the port cannot be told from the address; write [::1]:0, by --listen"]);
    // an address for documentation, which no machine has: RFC 5737
    told(&site, &["serve", "--listen", "192.0.2.1:0"], 1, &["no address of this machine: write 127.0.0.1"]);
}

#[test]
fn a_folder_without_a_configuration_is_led_to_init() {
    let empty = tempfile::tempdir().unwrap();
    for command in ["build", "check", "serve", "new"] {
        let arguments: &[&str] = if command == "new" { &["new", "Hello"] } else { &[command] };
        let output = program(empty.path()).args(arguments).output().unwrap();
        assert_told(&output, command, 2, &["there is no hugo.toml or config.toml in", "-c FILE", "`tidings init`"]);
    }
    assert!(tree(empty.path()).is_empty());
    assert_told(&program(empty.path()).arg("init").output().unwrap(), "init", 0, &[]);
    assert_told(&program(empty.path()).arg("build").output().unwrap(), "build", 0, &[]);
}

#[test]
fn a_site_without_content_is_led_to_its_first_post() {
    let site = TestSite::new("");
    std::fs::remove_dir(site.path("content")).unwrap();
    for command in ["build", "check", "serve"] {
        told(
            &site,
            &[command],
            2,
            &["there is no content folder", "hugo.toml:1:1: error: ", "content; ", "`tidings new \"Hello\"`", "`contentDir`"],
        );
    }
    std::fs::create_dir(site.path("content")).unwrap();
    let advice = "there is no post in content yet; write a first one with `tidings new \"Hello\"`";
    told(&site, &["build"], 0, &[advice]);
    // nothing is wrong with the site, so that it is a part of the result
    assert_eq!(printed(&site.run(&["check"])), (format!("0 posts, 1 feed: 0 errors, 0 warnings, 0 notes\n{advice}\n"), String::new()));
    assert_eq!(printed(&site.run(&["check", "--json"])), (String::new(), String::new()));
    let elsewhere = tempfile::tempdir().unwrap();
    let output = program(elsewhere.path()).args(["build", "-c"]).arg(site.path("hugo.toml")).output().unwrap();
    assert_told(&output, "from elsewhere", 0, &[&format!("`tidings new -c {} \"Hello\"`", site.path("hugo.toml").display())]);
    let server = site.serve();
    assert!(server.log().contains("there is no post in content yet"), "{}", server.log());
    // it holds the output folder
    drop(server);
    site.write("content/post/a.md", "+++\ntitle = 'A'\ndraft = true\n+++\n");
    told(&site, &["build"], 0, &["of 1 page in content none is an entry: drafts"]);
    site.post("post/b.md", "B", 1, &[]);
    let (_, err) = printed(&site.run(&["build"]));
    assert!(!err.contains("none is an entry"), "{err}");
}

#[test]
fn sections_of_the_sites_feed_that_are_no_folders_are_told() {
    let site = TestSite::new("[feeds]\nsections = ['post', 'ntoes']\n");
    site.post("post/a.md", "A", 1, &[]);
    site.post("notes/b.md", "B", 2, &[]);
    let line = site.read("hugo.toml").lines().count();
    let finding = format!(
        "hugo.toml:{line}:21: warning: no folder in content is called `ntoes`, which is to be in the feed of the site; did you mean `notes`? [missing-section]"
    );
    told(&site, &["build"], 0, &[&finding]);
    told(&site, &["check"], 0, &[&finding]);
    told(&site, &["check", "--strict"], 1, &[&finding]);
    assert_eq!(printed(&site.run(&["check", "--strict", "--allow", "missing-section"])).1, "");
    assert!(printed(&site.run(&["check", "--json"])).0.contains("\"name\":\"missing-section\""));
    assert!(site.serve().log().contains(&finding));
    // where it is a folder in another language, all is well
    let used = site.read("hugo.toml");
    site.write("hugo.toml", format!("{used}[languages.en]\nweight = 1\n[languages.fr]\ncontentDir = 'contenu'\n"));
    site.write("contenu/ntoes/c.md", "+++\ntitle = 'C'\ndate = 2020-01-03\n+++\n");
    assert_eq!(printed(&site.run(&["check", "--strict"])).1, "");
    std::fs::remove_file(site.path("contenu/ntoes/c.md")).unwrap();
    std::fs::remove_dir(site.path("contenu/ntoes")).unwrap();
    assert_eq!(printed(&site.run(&["check"])).1.matches("missing-section").count(), 1);
    site.write("hugo.toml", "baseURL = 'https://example.org/'\n[feeds]\nsections = ['elsewhere']\n");
    told(&site, &["build"], 0, &["`elsewhere`", "; name some of notes, post"]);
    site.write("hugo.toml", "baseURL = 'https://example.org/'\n[feeds]\nsections = ['notes']\n");
    assert!(!printed(&site.run(&["build"])).1.contains("missing-section"));
}

#[test]
fn an_instant_that_is_none_is_told_with_one_that_is() {
    let site = TestSite::new("");
    for arguments in [&["check", "--now", "2024"][..], &["new", "A", "--date", "2024-01-01"]] {
        told(&site, arguments, 2, &["that is no instant; write one such as 2026-11-22T10:00:00+01:00"]);
    }
}

#[test]
fn an_access_log_and_a_table_of_ids_that_cannot_be_used_are_told_with_what_to_do() {
    let site = TestSite::new("");
    site.post("post/a.md", "A", 1, &[]);
    let log = |file: &str| format!("--access-log={file}");
    let none = "No such file or directory (os error 2); make its folder, or name a file in one that is there";
    told(&site, &["serve", "--listen", "127.0.0.1:0", &log("nowhere/x.log")], 1, &["cannot write the access log nowhere/x.log: ", none]);
    told(&site, &["serve", "--listen", "127.0.0.1:0", &log("content")], 1, &["cannot write the access log content: "]);
    site.write("feeds/.ids.tsv", b"\xff\t\n");
    told(&site, &["build"], 1, &[".ids.tsv is not UTF-8, so no table of ids; put the last one back, or remove it: "]);
}

#[test]
fn a_configuration_that_is_a_folder_is_told_as_such() {
    let site = TestSite::new("");
    let example = format!("-c {}", site.root.path().canonicalize().unwrap().join("hugo.toml").display());
    let output = program(site.root.path()).args(["build", "-c"]).arg(site.root.path().canonicalize().unwrap()).output().unwrap();
    assert_told(&output, "-c FOLDER", 2, &[" is a folder; name the file in it, such as ", &example]);
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("hugo.toml")).unwrap();
    for command in ["build", "init"] {
        let output = program(folder.path()).arg(command).output().unwrap();
        assert_told(&output, command, 2, &["hugo.toml is a folder; move it away"]);
    }
    // the example works
    let words: Vec<&str> = example.split(' ').collect();
    told(&site, &[&["build"], &words[..]].concat(), 0, &[]);
}

#[cfg(target_os = "linux")]
#[test]
fn what_may_not_be_read_or_written_is_named_with_what_to_do() {
    let Some(wrapper) = unprivileged() else { return skip("setpriv cannot drop capabilities") };
    let site = TestSite::new("");
    site.post("post/a.md", "A", 1, &[]);
    let run = |arguments: &[&str]| {
        let words = [wrapper, &[env!("CARGO_BIN_EXE_tidings")], arguments].concat();
        Command::new(words[0]).args(&words[1..]).current_dir(site.root.path()).output().unwrap()
    };
    let check = |path: &str, mode: u32, arguments: &[&str], status: i32, expected: &[&str]| {
        let usual = if site.path(path).is_dir() { 0o755 } else { 0o644 };
        set_mode(&site.path(path), mode);
        let output = run(arguments);
        set_mode(&site.path(path), usual);
        assert_told(&output, &format!("{path} {arguments:?}"), status, expected);
    };
    let right = "give the user who runs this the right to it";
    check("hugo.toml", 0o000, &["build"], 2, &["cannot read ", "hugo.toml: Permission denied", right]);
    check(
        "content/post",
        0o000,
        &["check"],
        1,
        &["content/post:1:1: error: the folder cannot be listed: Permission denied", "make it readable"],
    );
    check("content/post/a.md", 0o000, &["check"], 1, &["content/post/a.md:1:1: error: ", "Permission denied"]);
    check("content/post", 0o555, &["new", "post", "B"], 1, &["cannot write ", "content/post/b.md: Permission denied", right]);
    check("", 0o555, &["build"], 1, &["cannot make the output folder ", "feeds: Permission denied", right]);
    assert!(run(&["build"]).status.success());
    site.post("post/a.md", "Another", 1, &[]);
    check("feeds", 0o555, &["build"], 1, &["feeds", "Permission denied", right]);
}

#[test]
fn wrong_words_are_told_with_the_nearest_right_ones() {
    let site = TestSite::new("");
    told(&site, &["srve"], 2, &["unrecognized subcommand 'srve'", "'serve'"]);
    told(&site, &["build", "--stric"], 2, &["unexpected argument '--stric'", "'--strict'"]);
    told(&site, &["build", "-q", "-v"], 2, &["cannot be used with"]);
    told(&site, &[], 2, &["Usage: tidings", "init", "new"]);
}

/// A site with an error, a warning and an entry.
fn faulty() -> TestSite {
    let site = TestSite::new("");
    site.post("post/good.md", "Good", 1, &[]);
    site.write("content/post/warning.md", "+++\ntitle = 'A'\ndate = 2020-01-01\nid = 'not an IRI'\n+++\nx\n");
    site.write("content/post/error.md", "+++\ntitle = 'A'\ndate = 'never'\n+++\nx\n");
    site
}

#[test]
fn quiet_says_errors_and_results_and_verbose_what_is_done() {
    let site = faulty();
    let (out, err) = printed(&site.run(&["check", "--quiet"]));
    assert!(err.lines().count() == 1 && err.contains("error.md:3:"), "{err}");
    assert!(out.starts_with("2 posts") && out.contains("1 warning, "), "results and counts stay: {out}");
    let (json, _) = printed(&site.run(&["-q", "check", "--json"]));
    assert_eq!(json.lines().count(), 2, "{json}");
    let (out, err) = printed(&site.run(&["build", "-v"]));
    assert!(
        err.contains("DEBUG") && err.contains("hugo.toml") && err.contains(" files were read in ") && err.contains("warning.md"),
        "{err}"
    );
    assert!(out.starts_with("2 posts, 2 feeds: ") && out.lines().count() == 1, "{out}");
    let (_, err) = printed(&site.run(&["build"]));
    assert!(!err.contains("DEBUG"), "{err}");
}

#[test]
fn a_quiet_server_says_where_it_listens_and_a_switch_wins_over_the_environment() {
    let site = TestSite::new("");
    site.post("post/a.md", "A", 1, &[]);
    let quiet = crate::program::Server::start(site.root.path(), &["-q"]);
    assert_eq!(quiet.log(), "");
    drop(quiet);
    let logged = |level: &str, arguments: &[&str]| {
        let output = program(site.root.path()).env("TIDINGS_LOG", level).arg("build").args(arguments).output().unwrap();
        printed(&output).1
    };
    assert!(logged("debug", &[]).contains("DEBUG"));
    assert_eq!(logged("debug", &["-q"]), "");
    assert!(logged("error", &["-v"]).contains("DEBUG"));
    assert_eq!(logged("error", &[]), "");
    assert!(logged("tidings=debug", &[]).contains("DEBUG"));
    for wanted in ["verbose", "info,loud"] {
        let told = format!("TIDINGS_LOG is {wanted:?}, which is no level; write error, warn, info, debug or trace");
        assert!(logged(wanted, &[]).contains(&told), "{}", logged(wanted, &[]));
        assert_eq!(logged(wanted, &["-q"]), "");
    }
}

#[test]
fn colours_are_for_terminals_unless_they_are_forced_and_never_where_they_are_unwanted() {
    // an empty site is warned of
    let site = TestSite::new("");
    let is_coloured = |variables: &[(&str, &str)], arguments: &[&str]| {
        let mut command = program(site.root.path());
        command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE").env_remove("CLICOLOR").args(arguments);
        let (out, err) = printed(&command.envs(variables.iter().copied()).output().unwrap());
        assert!(!err.is_empty() || !out.is_empty());
        out.contains('\x1b') || err.contains('\x1b')
    };
    for arguments in [&["build"][..], &["--help"], &["srve"]] {
        assert!(!is_coloured(&[], arguments), "{arguments:?} into a pipe");
        assert!(is_coloured(&[("CLICOLOR_FORCE", "1")], arguments), "{arguments:?}");
        assert!(!is_coloured(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], arguments), "{arguments:?}");
    }
}
