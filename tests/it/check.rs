//! What `check` says, and the statuses that commands end with.

use tidings::diagnostic::Diagnostic;

use crate::model::{Disk, Model, at};
use crate::program::{TestSite, printed, program};

/// A site with one file, `build` and `check` of which say `expected`.
fn check(name: &str, text: &str, expected: &str) {
    let site = TestSite::new("");
    site.write(&format!("content/{name}"), text);
    site.post("post/good.md", "Good", 1, &[]);
    let checked = site.run(&["check"]);
    let (_, err) = printed(&checked);
    assert!(err.contains(expected), "{name}: {err}");
    assert_eq!(checked.status.code(), Some(1), "{name}");
    assert!(!site.path("feeds").exists(), "check writes nothing");
    let built = site.run(&["build"]);
    assert_eq!(built.status.code(), Some(0), "{name}");
    assert!(site.read("feeds/rss.xml").contains("Good"), "{name} costs no other post");
    assert_eq!(site.run(&["build", "--strict"]).status.code(), Some(1), "{name}");
}

#[test]
fn a_broken_file_is_named_with_line_column_and_mend_in_every_format() {
    check("post/a.md", "+++\ntitle = 'A'\ndate = 2020-01-01\ntags = [1, \n+++\n", "content/post/a.md:");
    check("post/a.md", "+++\ntitle = 'A'\nslug = 'x\n+++\n", "content/post/a.md:3:");
    check("post/y.md", "---\ntitle: 'A'\ndate: [2020\n---\n", "content/post/y.md:");
    check("post/j.md", "{\n \"title\": \"A\",\n \"date\" \"2020\"\n}\n", "content/post/j.md:3:");
    check("post/j.md", "{\n \"title\": \"A\",\n \"tags\": [{\"date\": 1}],\n \"Date\": \"never\"\n}\n", "content/post/j.md:4:10: ");
    check("post/y.md", "---\ntitle: \"A\ndate: 2020-01-01\n---\n", "content/post/y.md:2:8: ");
    check("post/y.md", "---\ntitle: A\ntags:\n  - x\ndate: never\n---\n", "content/post/y.md:5:7: ");
    check("post/d.md", "+++\ntitle = 'A'\ndate = 'yesterday'\n+++\n", "content/post/d.md:3:");
    check("post/u.md", "+++\ntitle = 'A\n", "content/post/u.md:");
}

#[test]
fn an_undated_page_is_a_note_and_no_entry() {
    let site = TestSite::new("");
    site.write("content/about.md", "+++\ntitle = 'About'\n+++\nx\n");
    site.write("content/plain.md", "No front matter at all.\n");
    let output = site.run(&["check", "--strict"]);
    let (out, err) = printed(&output);
    assert_eq!(output.status.code(), Some(0), "{err}");
    assert!(err.contains("content/about.md:1:1: note: ") && err.contains("content/plain.md:1:1: note: "), "{err}");
    assert!(out.contains("0 posts") && out.contains(", 2 notes (2 undated-page)"), "{out}");
    site.run(&["build"]);
    assert!(!site.read("feeds/rss.xml").contains("About"));
}

#[test]
fn a_date_is_asked_for_as_the_page_would_have_it_and_once_for_a_section_of_documentation() {
    let site = TestSite::new("");
    site.write("content/a.md", "+++\n+++\n");
    site.write("content/b.md", "---\ntitle: B\n---\n");
    site.write("content/c.md", "{\"title\": \"C\"}\n");
    site.write("content/d.md", "D\n");
    (0..25).for_each(|page| site.write(&format!("content/docs/v{page}/page.md"), "x\n"));
    let (out, err) = printed(&site.run(&["check"]));
    let ends: Vec<&str> = err.lines().map(|line| line.split_once("note: the page has no date and is in no feed").unwrap().1).collect();
    assert_eq!(
        ends,
        [
            "; write date = 2026-11-22T10:00:00+01:00 [undated-page]",
            "; write date: 2026-11-22T10:00:00+01:00 [undated-page]",
            "; write \"date\": \"2026-11-22T10:00:00+01:00\" [undated-page]",
            "; begin it with +++, a line date = 2026-11-22T10:00:00+01:00, and +++ [undated-page]",
            ", like 24 more in content/docs; begin it with +++, a line date = 2026-11-22T10:00:00+01:00, and +++ [undated-page]",
        ]
    );
    assert!(out.contains("5 notes (5 undated-page)"), "{out}");
}

#[test]
fn warnings_count_only_when_they_are_asked_for() {
    let site = TestSite::new("");
    site.write("content/post/a.md", "+++\ntitle = 'A'\ndate = 2020-01-01\nid = 'not an IRI'\n+++\nx\n");
    assert_eq!(site.run(&["check"]).status.code(), Some(0));
    assert_eq!(site.run(&["check", "--strict"]).status.code(), Some(1));
}

#[test]
fn json_is_one_object_a_line_on_standard_output() {
    let site = TestSite::new("");
    site.write("content/post/a.md", "+++\ntitle = 'A'\ndate = 'never'\n+++\n");
    let (out, _) = printed(&site.run(&["check", "--json"]));
    let findings: Vec<serde_json::Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(findings.len(), 1, "{out}");
    assert_eq!(findings[0]["path"], "content/post/a.md");
    assert_eq!((&findings[0]["line"], &findings[0]["severity"]), (&3.into(), &"error".into()));
    assert_eq!(findings[0]["name"], "unreadable-date");
}

#[test]
fn wrong_usage_and_configuration_end_with_status_2_and_say_what_to_do() {
    let site = TestSite::new("[feeds]\nlimmit = 3\n");
    for (arguments, expected) in [
        (&["build"][..], "hugo.toml:4:1: error: "),
        (&["check"], "limit"),
        (&["serve", "--listen", "127.0.0.1:0"], "limit"),
        (&["build", "-c", "nowhere.toml"], "nowhere.toml"),
        (&["build", "--bogus"], "--bogus"),
        (&["build", "--now", "yesterday"], "yesterday"),
        (&["build", "--deny-new-ids", "x"], "'x' for '--deny-new-ids <N>': that is no whole number; write one such as 3"),
        (&["serve", "--poll", "x"], "that is no whole number of seconds; write one up to 4294967295, such as 2"),
        (&["serve", "--poll", "-1"], "unexpected argument '-1' found"),
        (&["health", "127.0.0.1:20180"], "that is no address; write one such as http://127.0.0.1:8080/"),
        (
            &["check", "-c", "content/post/a.md"],
            "a.md is a page, no configuration; name the file that says what the site is, such as -c hugo.toml",
        ),
    ] {
        let output = site.run(arguments);
        let (_, err) = printed(&output);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {err}");
        assert!(err.contains(expected), "{arguments:?}: {err}");
    }
}

#[test]
fn folders_that_cannot_be_right_are_refused() {
    let site = TestSite::new("contentDir = 'nowhere'\n");
    let output = site.run(&["build"]);
    assert_eq!(output.status.code(), Some(2));
    let (_, err) = printed(&output);
    assert!(err.starts_with("hugo.toml:3:14: error: there is no content folder ") && err.contains("nowhere; write a first post"), "{err}");
    let (out, _) = printed(&site.run(&["check", "--json"]));
    assert!(out.contains("\"line\":3,\"column\":14"), "{out}");
    let site = TestSite::new("contentDir = '/content'\n");
    let (_, err) = printed(&site.run(&["build"]));
    assert!(
        err.ends_with("/content; write `content`: a folder that begins with a slash is not in that of the site [invalid-config]\n"),
        "{err}"
    );
    let site = TestSite::new("[[module.mounts]]\nsource = 'nowhere'\ntarget = 'content'\n");
    let (_, err) = printed(&site.run(&["build"]));
    assert!(err.starts_with("hugo.toml:4:10: error: there is no content folder "), "{err}");
    let site = TestSite::new("[feeds]\noutput = 'content/feeds'\n");
    let (_, err) = printed(&site.run(&["build"]));
    assert!(
        err.starts_with("hugo.toml:4:10: error: the output folder ") && err.contains("must lie apart; choose another `output`"),
        "{err}"
    );
    let (_, err) = printed(&site.run(&["build", "-c", "nofile.toml"]));
    assert!(
        err.starts_with("error: cannot read ")
            && err.ends_with("; name a file that is there with -c, or have one written by `tidings init`\n"),
        "{err}"
    );
    let site = TestSite::new("");
    let output = site.run(&["build", "--out", "content/feeds"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(printed(&output).1.ends_with("must lie apart; choose another folder with --out\n"));
}

#[test]
fn what_is_allowed_is_told_nowhere_and_fails_nothing() {
    let site = TestSite::new("[check]\nallow = ['undated-page']\n");
    site.write("content/about.md", "+++\ntitle = 'About'\n+++\nx\n");
    site.write("content/post/a.md", "+++\ntitle = 'A'\ndate = 2020-01-01\nid = 'not an IRI'\n+++\n{{< nobody >}}\n");
    let output = site.run(&["check", "--strict"]);
    let (out, err) = printed(&output);
    assert!(err.contains("[relative-id]") && err.contains("[unknown-shortcode]") && !err.contains("about.md"), "{err}");
    assert!(output.status.code() == Some(1) && out.contains("0 errors, 2 warnings, 0 notes (1 relative-id, 1 unknown-shortcode)"), "{out}");
    for allowed in [&["--allow", "relative-id,unknown-shortcode"][..], &["--allow", "relative-id", "--allow=unknown-shortcode"]] {
        let output = site.run(&[&["check", "--strict"], allowed].concat());
        assert_eq!((output.status.code(), &*printed(&output).1), (Some(0), ""), "{allowed:?}");
    }
    assert!(printed(&site.run(&["build"])).1.contains("[unknown-shortcode]"));
    site.write("hugo.toml", "baseURL = 'https://example.org/'\n[check]\nallow = ['undated-page', 'relative-id', 'unknown-shortcode']\n");
    assert_eq!(printed(&site.run(&["build"])).1, "");
}

#[test]
fn a_warning_about_the_configuration_can_be_allowed_too() {
    let site = TestSite::new("");
    site.write("hugo.toml", "title = 'Test'\n");
    assert!(printed(&site.run(&["check"])).1.contains("hugo.toml:1:1: warning: the site has no address"));
    assert_eq!(printed(&site.run(&["check", "--allow", "missing-base-url"])).1, "");
}

#[test]
fn neither_an_error_nor_what_there_is_not_can_be_allowed() {
    let site = TestSite::new("");
    for (name, expected) in
        [("unreadable-date", "`unreadable-date` is an error, and those cannot be allowed; mend what it names"), ("dead-lnk", "'dead-link'")]
    {
        let output = site.run(&["check", "--allow", name]);
        let (_, err) = printed(&output);
        assert!(output.status.code() == Some(2) && err.contains(expected), "{name}: {err}");
    }
    site.write("hugo.toml", "baseURL = 'https://example.org/'\n[check]\nallow = ['dead-lnk']\n");
    let output = site.run(&["check"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(printed(&output).1.starts_with("hugo.toml:3:10: error: there is no finding `dead-lnk`; did you mean `dead-link`?"));
}

#[test]
fn findings_are_annotations_for_github_with_paths_from_its_workspace() {
    let site = TestSite::new("");
    site.write("docs/hugo.toml", "title = 'Test'\n");
    site.write("docs/content/post/a.md", "+++\ntitle = 'A'\ndate = 'never'\n+++\n");
    let expected = "::warning file=docs/hugo.toml,line=1,col=1,title=missing-base-url::the site has no address; write baseURL = \"https://example.org/\"\n\
                    ::error file=docs/content/post/a.md,line=3,col=8,title=unreadable-date::`date` is no date that can be read: `never`; \
                    write one such as 2026-11-22T10:00:00+01:00\n\
                    0 posts, 1 feed: 1 error, 1 warning, 0 notes (1 unreadable-date, 1 missing-base-url)\n";
    let above = ["check", "--format", "github", "-c", "docs/hugo.toml"];
    for (folder, workspace, arguments) in [
        (".", None, &above[..]),
        ("docs", Some("."), &above[..3]),
        ("content", None, &["check", "--format", "github", "-c", "../docs/hugo.toml"]),
    ] {
        let mut command = program(&site.path(folder));
        command.args(arguments).env_remove("GITHUB_WORKSPACE");
        command.envs(workspace.map(|workspace| ("GITHUB_WORKSPACE", site.path(workspace))));
        let output = command.output().unwrap();
        let (out, err) = printed(&output);
        assert_eq!((output.status.code(), &*err), (Some(1), ""), "{folder}");
        if folder == "content" {
            let elsewhere = site.path("docs").canonicalize().unwrap();
            assert_eq!(out, expected.replace("file=docs", &format!("file={}", elsewhere.display())), "{folder}");
        } else {
            assert_eq!(out, expected, "{folder}");
        }
    }
}

#[test]
fn forms_are_what_they_are_called() {
    let site = TestSite::new("");
    site.write("content/about.md", "+++\ntitle = 'About'\n+++\nx\n");
    let run = |arguments: &[&str]| printed(&site.run(&[&["check"], arguments].concat()));
    assert_eq!(run(&["--format", "json"]), run(&["--json"]));
    assert_eq!(run(&["--format=lines"]), run(&[]));
    assert!(run(&["--format", "json"]).0.starts_with('{'));
    assert!(run(&["--format", "githab"]).1.contains("'github'"));
    assert_eq!(site.run(&["check", "--json", "--format", "github"]).status.code(), Some(2));
}

#[test]
fn an_entry_that_is_too_big_for_readers_is_told_with_its_length() {
    let site = TestSite::new("");
    let words = |count: usize| format!("{}\n\n", "word ".repeat(100)).repeat(count / 100);
    site.write("content/post/a.md", format!("+++\ntitle = 'A'\ndate = 2020-01-01\n+++\n{}\n", words(60_000)));
    site.write("content/post/b.md", format!("+++\ntitle = 'B'\ndate = 2020-01-01\n+++\n{}\n", words(40_000)));
    let told = "content/post/a.md:1:1: warning: its entry takes 305 KB of each feed that holds it, which readers fetch with every change; \
                show less of it, or write `content = \"summary\"` in a table `feed` of its front matter [entry-too-big]\n";
    assert_eq!(printed(&site.run(&["check"])).1, told);
    assert_eq!(printed(&site.run(&["build"])).1, told);
    site.write("content/post/a.md", format!("+++\ntitle = 'A'\ndate = 2020-01-01\nfeed.content = 'summary'\n+++\n{}\n", words(60_000)));
    assert_eq!(printed(&site.run(&["check"])).1, "", "the mend mends it");
}

#[test]
fn a_cover_that_is_nowhere_is_told_until_it_is_there() {
    let site = TestSite::new("");
    let post = |cover: &str| format!("+++\ntitle = 'A'\ndate = 2020-01-01\n{cover}\n+++\nx\n");
    site.write("content/post/a.md", post("images = ['img/a.png']"));
    site.write("content/post/b/index.md", post("[cover]\nimage = 'b.png'"));
    site.write("content/post/there.md", post("image = '/img/there.png'"));
    site.write("static/img/there.png", "x");
    site.write("content/post/theme.md", post("image = 'img/made.png'"));
    site.write("assets/img/made.png", "x");
    for elsewhere in ["https://cdn.example/c.png", "//cdn.example/c.png", "data:image/png;base64,AA", ""] {
        site.write(&format!("content/post/{}.md", elsewhere.len()), post(&format!("image = '{elsewhere}'")));
    }
    let told = [
        "content/post/a.md:4:10: warning: there is no file `img/a.png` below static, so the entry has no cover; put it there, or name one that is there [missing-cover]\n",
        "content/post/b/index.md:4:1: warning: there is no file `b.png` below static or beside the post, so the entry has no cover; put it there, or name one that is there [missing-cover]\n",
    ];
    assert_eq!(printed(&site.run(&["check"])).1, told.concat());
    site.write("content/post/b/b.png", "x");
    assert_eq!(printed(&site.run(&["check"])).1, told[0]);
    assert_eq!(printed(&site.run(&["build"])).1, told[0]);
    site.write("static/img/a.png", "x");
    assert_eq!(printed(&site.run(&["check"])).1, "");
}

#[test]
fn a_cover_may_be_named_by_its_path_on_the_host() {
    let site = TestSite::new("");
    site.write("hugo.toml", "baseURL = 'https://example.org/blog/'\n");
    site.write("content/post/a.md", "+++\ntitle = 'A'\ndate = 2020-01-01\nimage = '/blog/a.png'\n+++\nx\n");
    site.write("static/a.png", "x");
    assert_eq!(printed(&site.run(&["check"])).1, "");
    site.run(&["build"]);
    let feed = std::fs::read_to_string(site.path("feeds/rss.xml")).unwrap();
    assert!(feed.contains("url=\"https://example.org/blog/a.png\""), "{feed}");
}

#[test]
fn spellings_of_one_term_are_told_with_a_file_of_each() {
    let check = |config: &str, rest: &str| {
        let site = TestSite::new(config);
        site.post("post/a.md", "A", 1, &["Rust", "one"]);
        site.post("post/b.md", "B", 2, &["Rust", "two words"]);
        site.post("post/c.md", "C", 3, &["rust", "Two-Words", "one"]);
        site.post("post/d.md", "D", 4, &["Rust"]);
        site.post("post/e.md", "E", 5, &["rust"]);
        site.write("content/post/draft.md", "+++\ndraft = true\ndate = 2020-01-01\ntags = ['ONE']\n+++\n");
        let told = format!(
            "content/post/b.md:1:1: warning: `two words` of tags is spelled `Two-Words` in one post, such as content/post/c.md{rest}; \
             write `Two-Words` here too [spellings-differ]\n\
             content/post/e.md:1:1: warning: `rust` of tags, here and in one post more, is spelled `Rust` in 3 posts, \
             such as content/post/d.md{rest}; \
             write `Rust` here too [spellings-differ]\n"
        );
        assert_eq!(printed(&site.run(&["check"])).1, told, "{config}");
    };
    check("", "");
    check("disablePathToLower = true\n", ", which is a feed of its own");
}

#[test]
fn times_without_a_zone_are_one_note_where_the_site_has_none() {
    let site = TestSite::new("");
    let post = |name: &str, date: &str| site.write(&format!("content/post/{name}.md"), format!("---\ntitle: A\ndate: {date}\n---\nx\n"));
    post("day", "2020-01-02");
    post("midnight", "2020-01-02T00:00:00");
    post("offset", "2020-01-02T10:00:00+01:00");
    assert_eq!(printed(&site.run(&["check"])).1, "");
    post("time", "2020-01-02T10:00:00");
    let told = |more: &str| {
        format!(
            "content/post/time.md:3:1: note: the time has no zone and counts as UTC{more}; set `timeZone = \"Europe/Paris\"` or yours in the \
             configuration, or write the offset: 2026-11-22T10:00:00+01:00 [date-without-zone]\n"
        )
    };
    assert_eq!(printed(&site.run(&["check"])).1, told(""));
    post("time2", "2020-01-02 11:00:00");
    post("time3", "2020-01-02 12:00:00");
    assert_eq!(printed(&site.run(&["check"])).1, told(", here and in 2 posts more"));
    site.write("hugo.toml", "baseURL = 'https://example.org/'\ntimeZone = 'UTC'\n");
    assert_eq!(printed(&site.run(&["check"])).1, "", "UTC may be what is meant");
}

#[test]
fn operators_are_not_told_of_what_is_allowed_either() {
    let mut disk = Disk::default();
    disk.files.insert("about.md".into(), "+++\ntitle = 'About'\n+++\n".into());
    disk.files.insert("a.md".into(), "+++\ndate = 2020-01-01\nimage = 'none.png'\n+++\n".into());
    let told = |allow: &str| {
        let config = format!("baseURL = 'https://example.org/'\n[check]\nallow = [{allow}]\n");
        let (model, update) = Model::build(&config, &disk, "", at("2026-01-01T00:00:00Z"));
        let rules = |found: &[Diagnostic]| found.iter().map(|found| found.rule.name()).collect::<Vec<_>>();
        (rules(&model.site.diagnostics()), rules(&update.diagnostics).len())
    };
    assert_eq!(told(""), (vec!["missing-cover", "undated-page"], 2));
    assert_eq!(told("'undated-page'"), (vec!["missing-cover"], 1));
    assert_eq!(told("'undated-page', 'missing-cover'"), (vec![], 0));
}

#[test]
fn a_finding_names_its_file_from_the_root_of_the_site_wherever_the_command_runs() {
    let site = TestSite::new("");
    site.write("content/post/a.md", "+++\ntitle = \"A\"\ndate = 2020-01-01\n+++\n{{< nobody >}}\n");
    let around = site.root.path().parent().unwrap();
    let name = site.root.path().file_name().unwrap().to_string_lossy().into_owned();
    for (folder, config) in [(around, format!("{name}/hugo.toml")), (&site.path("content"), "../hugo.toml".into())] {
        for (json, place) in [(&[][..], "content/post/a.md:5:1: warning"), (&["--json"], "{\"path\":\"content/post/a.md\",\"line\":5")] {
            let (out, err) = printed(&program(folder).args(["check", "-c", &config]).args(json).output().unwrap());
            assert!(format!("\n{err}{out}").contains(&format!("\n{place}")), "{place}: {err}{out}");
        }
    }
}

#[test]
fn keys_that_hugo_has_removed_are_followed_and_told_of() {
    let site = TestSite::new("");
    let key = "title = 'A'\ndate = 2020-01-02\n[_build]\nlist = 'never'\n";
    site.write("content/s/a.md", format!("+++\n{key}+++\n"));
    let cascade = "cascade:\n  - _build: {list: never}\n    target: {path: /s/b, lang: en}\n_build: {render: never}\n";
    site.write("content/s/_index.md", format!("---\n{cascade}---\n"));
    site.post("s/b.md", "B", 1, &[]);
    site.post("s/c.md", "C", 1, &[]);
    let (out, said) = printed(&site.run(&["check", "--strict"]));
    let told: Vec<&str> = said.lines().filter_map(|line| line.split_once(" any more")).map(|(told, _)| told).collect();
    let expected = |place: &str, key: &str| format!("content/s/{place}: note: Hugo 0.168 has no `{key}`");
    let all = [expected("_index.md:3:5", "_build"), expected("_index.md:4:26", "lang"), expected("_index.md:5:9", "_build")];
    assert!(all.iter().all(|line| told.contains(&line.as_str())), "{said}");
    assert!(told.contains(&expected("a.md:4:1", "_build").as_str()) && told.len() == 4, "{said}");
    assert!(out.starts_with("1 post, 1 feed: "), "{out}");
}

#[test]
fn what_is_wrong_with_a_cascade_is_told_once_where_it_stands() {
    let site = TestSite::new("[params.author]\nname = 'N'\nemail = 'at home'\n");
    site.write("content/s/_index.md", "---\ncascade:\n  - author: {name: N, email: me at x}\n    params: {lang: C++}\n---\n");
    for day in 1..4 {
        site.post(&format!("s/{day}.md"), "A", day, &[]);
    }
    site.write("content/s/own.md", "+++\ntitle = 'Own'\ndate = 2020-01-05\nlang = 'B++'\n[cascade]\nlanguage = 'D++'\n+++\n");
    let said = printed(&site.run(&["check"])).1;
    let found: Vec<&str> = said.lines().filter_map(|line| line.split_once("; ")).map(|(found, _)| found).collect();
    let language = "warning: `C++` is no tag of a language";
    let expected = [
        "hugo.toml:5:9: warning: `at home` is no e-mail address".to_owned(),
        format!("content/s/_index.md:4:14: {language}"),
        "content/s/_index.md:3:5: warning: `me at x` is no e-mail address".to_owned(),
        format!("content/s/own.md:4:8: {}", language.replace('C', "B")),
        format!("content/s/own.md:6:12: {}", language.replace('C', "D")),
    ];
    assert!(expected.iter().all(|line| found.contains(&line.as_str())) && found.len() == expected.len(), "{said}");
}
