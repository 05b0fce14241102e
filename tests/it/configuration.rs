//! A configuration as Hugo has it: in TOML, YAML or JSON, in one file or in many, read as it stands and as soon as it changes.

use crate::program::{PACE, Server, TestSite, printed, program};

const YAML: &str = "baseURL: https://example.org/\ntitle: In YAML\npermalinks:\n  post: /blog/:slug/\nmenu:\n  main: [{name: Home}]\n";

/// A site with a post and without a configuration.
fn site() -> TestSite {
    let site = TestSite::new("");
    std::fs::remove_file(site.path("hugo.toml")).unwrap();
    site.post("post/a.md", "A", 1, &["x"]);
    site
}

fn init(site: &TestSite) -> String {
    let (out, err) = printed(&site.run(&["init"]));
    assert_eq!(err, "", "{out}");
    out
}

#[test]
fn a_configuration_in_yaml_is_read_as_it_stands() {
    let site = site();
    site.write("hugo.yaml", YAML);
    assert_eq!(printed(&site.run(&["check", "--strict"])).1, "");
    assert!(site.run(&["build"]).status.success());
    let feed = site.read("feeds/rss.xml");
    assert!(feed.contains("<title>In YAML</title>") && feed.contains("<link>https://example.org/blog/a/</link>"), "{feed}");
    assert!(init(&site).starts_with("hugo.yaml describes this site. Tidings reads it as it is, and nothing has to be added.\n"));

    // with our own tables in it
    site.write("hugo.yaml", format!("{YAML}feeds:\n  formats: [json]\n  limits: 3\n"));
    let output = site.run(&["build"]);
    let told = "hugo.yaml:9:3: error: unknown key `limits` in [feeds]; did you mean `limit`? [invalid-config]";
    assert!(output.status.code() == Some(2) && printed(&output).1.starts_with(told), "{:?}", printed(&output));
    site.write("hugo.yaml", format!("{YAML}feeds:\n  formats: [json]\n  limit: 3\n"));
    assert!(site.run(&["build"]).status.success());
    assert!(site.path("feeds/feed.json").exists() && !site.path("feeds/rss.xml").exists());

    // what Hugo does not look at comes before what it does
    site.write("tidings.toml", "baseURL = 'https://example.org/'\ntitle = 'Ours'\n");
    assert!(site.run(&["build"]).status.success());
    assert!(site.read("feeds/rss.xml").contains("<title>Ours</title>"));
}

#[test]
fn templates_for_shortcodes_are_offered_in_the_notation_of_the_configuration() {
    for (name, text, end) in [("hugo.yaml", YAML, ""), ("hugo.json", "{\n\"baseURL\": \"https://example.org/\"", "\n}\n")] {
        let site = site();
        site.write(name, format!("{text}{end}"));
        site.write(
            "content/post/b.md",
            "+++\ntitle = 'B'\ndate = 2020-01-02\n+++\n{{< steps >}}x{{< /steps >}} {{< my/image src=\"/a.png\" >}}\n",
        );
        let out = init(&site);
        let table = out.split("improve it:\n\n").nth(1).unwrap().split("\n\n").next().unwrap();
        assert_eq!(site.run(&["check", "--strict"]).status.code(), Some(1), "{out}");
        // a comma is what JSON wants between entries
        let table = if end.is_empty() { format!("{table}\n") } else { format!(",\n{}", table.replace("\"\n  \"", "\",\n  \"")) };
        site.write(name, format!("{text}{table}{end}"));
        assert_eq!(printed(&site.run(&["check", "--strict"])).1, "", "{}", site.read(name));
        assert!(init(&site).contains("nothing has to be added"));
    }
}

#[test]
fn a_template_that_is_none_is_told_where_it_stands() {
    let site = site();
    site.write("hugo.yaml", YAML);
    site.write("config/_default/shortcodes.toml", "ok = '{{ inner }}'\nbox = '{{ inner'\n");
    let output = site.run(&["check"]);
    assert_eq!(output.status.code(), Some(2));
    let (_, err) = printed(&output);
    assert!(
        err.starts_with("config/_default/shortcodes.toml:2:7: error: this is no template: syntax error: unexpected end of input"),
        "{err}"
    );
    assert!(err.ends_with("(in box:1); write one of minijinja, such as '<b>{{ inner }}</b>' [invalid-config]\n"), "{err}");
}

#[test]
fn a_configuration_in_many_files_is_read_as_hugo_puts_it_together() {
    let site = site();
    site.write("config/_default/hugo.yaml", YAML);
    site.write("config/_default/params.TOML", "description = 'All of it'\n");
    site.write("config/production/config.json", "{\"title\": \"In production\"}");
    // none of these is a part
    site.write("config/_default/.#params.toml", "nobody knows");
    site.write("config/_default/README.md", "# Configuration");
    site.write("config/staging/hugo.toml", "title = 'Staging'");
    site.write("config/_default/.git/params.toml", "copyright = 'Nobody'");
    std::fs::create_dir(site.path("config/_default/folder.toml")).unwrap();
    // whatever folders are on the way to a part
    site.write("config/_default/of/people/params.yaml", "author: Somebody");
    assert!(site.run(&["build", "-c", "config/_default/hugo.yaml"]).status.success());
    assert!(site.path("feeds/rss.xml").exists(), "the site's root is that around the folder of parts");
    assert!(site.run(&["build"]).status.success());
    let feed = site.read("feeds/rss.xml");
    assert!(feed.contains("<title>In production</title>") && feed.contains("<description>All of it</description>"), "{feed}");
    assert!(site.read("feeds/atom.xml").contains("<name>Somebody</name>"));
    assert!(init(&site).starts_with("config/_default/hugo.yaml, with 3 more files, describes this site."));

    site.write("config/_default/params.TOML", "description =\n");
    let output = site.run(&["build"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(printed(&output).1.starts_with("config/_default/params.TOML:1:14: error: this is not TOML:"), "{:?}", printed(&output));
}

#[test]
fn a_file_that_is_named_is_the_first_of_several_but_for_our_own() {
    let site = site();
    site.write("config/_default/params.toml", "description = 'All of it'\n");
    for (name, others) in [("site.yaml", true), ("tidings.toml", false)] {
        site.write(name, if others { YAML.to_owned() } else { "baseURL = 'https://example.org/'\n".to_owned() });
        assert!(site.run(&["build", "-c", name]).status.success());
        assert_eq!(site.read("feeds/rss.xml").contains("<description>All of it</description>"), others, "{name}");
    }
}

#[test]
fn every_file_of_a_configuration_counts_as_soon_as_it_is_written() {
    let site = site();
    site.write("hugo.yaml", YAML);
    let server = site.serve();
    let until_called = |name: &str| server.until_has("/rss.xml", &format!("<title>{name}</title>"));
    site.write("hugo.yaml", YAML.replace("In YAML", "Renamed"));
    until_called("Renamed");
    // a folder that was not there is watched once it is
    site.write("config/production/hugo.toml", "title = 'In a folder'\n");
    until_called("In a folder");
    site.write("config/production/hugo.toml", "title = 'Again'\n");
    until_called("Again");
    site.write("config/production/of/all/hugo.toml", "title = 'Deeper'\n");
    until_called("Deeper");
    site.write("config/production/of/all/hugo.toml", "title = 'Deeper, again'\n");
    until_called("Deeper, again");
    site.write("config/_default/params.yaml", b"description: caf\xe9\n");
    server.until_logged("config/_default/params.yaml:1:17: error: this byte is not UTF-8; save the file as UTF-8 [not-utf8]");
    site.write("config/_default/params.yaml", "description: [\n");
    server.until_logged("config/_default/params.yaml:1:14: error: this is not YAML");
    site.write("config/_default/params.yaml", "description: Mended\n");
    server.until_has("/rss.xml", "<description>Mended</description>");
    std::fs::remove_dir_all(site.path("config")).unwrap();
    until_called("Renamed");
    // another file of Hugo takes the place of the first
    site.write("hugo.toml", "baseURL = 'https://example.org/'\ntitle = 'In TOML'\n");
    until_called("In TOML");
    site.write("tidings.toml", "baseURL = 'https://example.org/'\ntitle = 'Ours'\n");
    until_called("Ours");
    std::fs::remove_file(site.path("tidings.toml")).unwrap();
    until_called("In TOML");
}

#[test]
fn what_is_written_while_the_configuration_is_read_counts_too() {
    let site = site();
    site.write("hugo.yaml", YAML);
    let server = site.serve();
    for step in 0..60 {
        site.write("hugo.yaml", YAML.replace("In YAML", &format!("Step {step}, begun")));
        std::thread::sleep(PACE / 10 * (step % 20));
        site.write("hugo.yaml", YAML.replace("In YAML", &format!("Step {step}")));
        server.until_has("/rss.xml", &format!("<title>Step {step}</title>"));
    }
}

#[test]
fn a_file_that_is_taken_away_and_written_anew_changes_no_feed_in_between() {
    let site = site();
    site.write("hugo.yaml", YAML);
    site.write("config/_default/params.yaml", "description: Mine\n");
    let server = site.serve();
    for step in 0..20 {
        let name = format!("Step {step}");
        std::fs::rename(site.path("hugo.yaml"), site.path("hugo.yaml~")).unwrap();
        std::thread::sleep(PACE);
        site.write("hugo.yaml", YAML.replace("In YAML", &name));
        server.until_has("/rss.xml", &format!("<title>{name}</title>"));
        std::fs::write(site.path("config/_default/params.yaml"), "").unwrap();
        std::thread::sleep(PACE);
        site.write("config/_default/params.yaml", format!("description: {name}, described\n"));
        server.until_has("/rss.xml", &format!("<description>{name}, described</description>"));
    }
    assert!(!server.log().contains("the site has no address"), "{}", server.log());
    assert_eq!(server.log().matches("files written").count(), 41, "{}", server.log());
    // but one that stays away is no longer part of it
    std::fs::remove_file(site.path("hugo.yaml")).unwrap();
    server.until_has("/rss.xml", "<link>http://localhost:8080/</link>");
    // which is told once, whatever editors leave beside the files
    site.write("config/_default/.params.yaml.swp", "x");
    site.write("config/_default/params.yaml", "description: Alone\n");
    server.until_has("/rss.xml", "<description>Alone</description>");
    site.write("config/_default/.params.yaml.swp", "y");
    site.write("content/post/b.md", crate::program::post("B", 2, &[]));
    server.until_has("/rss.xml", "<title>B</title>");
    assert_eq!(server.log().matches("the site has no address").count(), 2, "{}", server.log());
}

#[cfg(unix)]
#[test]
fn a_configuration_that_kubernetes_mounts_counts_as_soon_as_it_is_another() {
    use std::os::unix::fs::symlink;
    for (root, file) in [("", "hugo.yaml"), ("config/_default/", "config/_default/hugo.yaml")] {
        let site = site();
        for (version, title) in [("..1", "First"), ("..2", "Second"), ("..3", "Third")] {
            site.write(&format!("{root}{version}/hugo.yaml"), YAML.replace("In YAML", title));
        }
        symlink("..1", site.path(&format!("{root}..data"))).unwrap();
        symlink("..data/hugo.yaml", site.path(file)).unwrap();
        let server = site.serve();
        for (version, title) in [("..2", "Second"), ("..3", "Third")] {
            symlink(version, site.path("..data_tmp")).unwrap();
            std::fs::rename(site.path("..data_tmp"), site.path(&format!("{root}..data"))).unwrap();
            server.until_has("/rss.xml", &format!("<title>{title}</title>"));
        }
    }
}

#[cfg(unix)]
#[test]
fn a_part_that_cannot_be_read_is_not_taken_for_none() {
    use std::os::unix::fs::symlink;
    let site = site();
    site.write("hugo.yaml", YAML);
    site.write("config/_default/params.yaml", "description: All of it\n");
    let server = site.serve();
    let refused = |fault: &str| {
        server.until_logged(fault);
        let said = || server.log().matches("the configuration cannot be used; the one before stays").count();
        let before = said();
        site.write("hugo.yaml", YAML.replace("In YAML", "Without the rest"));
        server.until("/rss.xml", "told", |_| said() > before);
        assert!(server.get("/rss.xml", &[]).body.contains("<title>In YAML</title>"), "{fault}");
        assert!(printed(&site.run(&["build"])).1.contains(fault), "{fault}");
        site.write("hugo.yaml", YAML);
    };
    std::fs::remove_file(site.path("config/_default/params.yaml")).unwrap();
    symlink("nowhere", site.path("config/_default/params.yaml")).unwrap();
    refused("config/_default/params.yaml: No such file");
    // a folder that nobody may enter is like one that leads to itself
    std::fs::remove_dir_all(site.path("config/_default")).unwrap();
    symlink("_default", site.path("config/_default")).unwrap();
    refused("config/_default: Too many levels of symbolic links");
}

#[cfg(unix)]
#[test]
fn another_site_in_the_place_of_one_comes_with_its_configuration() {
    use std::os::unix::fs::symlink;
    let site = TestSite::new("");
    for (name, title) in [("old", "A"), ("new", "B")] {
        site.write(&format!("{name}/hugo.yaml"), format!("{}feeds: {{output: ../feeds}}\n", YAML.replace("In YAML", name)));
        site.write(&format!("{name}/content/post/a.md"), crate::program::post(title, 1, &[]));
    }
    symlink("old", site.path("current")).unwrap();
    let server = Server::start(site.root.path(), &["-c", site.path("current/hugo.yaml").to_str().unwrap()]);
    symlink("new", site.path("next")).unwrap();
    std::fs::rename(site.path("next"), site.path("current")).unwrap();
    server.until_has("/rss.xml", "<title>B</title>");
    assert!(server.get("/rss.xml", &[]).body.contains("<title>new</title>"));
    // readers have it before the log
    server.until_logged_times("files written", 2);
    assert_eq!(server.log().matches("files written").count(), 2, "{}", server.log());
}

#[test]
fn the_environment_and_the_command_line_say_what_no_file_does() {
    let site = site();
    site.write("hugo.yaml", YAML.replace("example.org", "example.com"));
    site.write("config/staging/hugo.yaml", "title: Staged\n");
    let build = |variables: &[(&str, &str)], arguments: &[&str]| {
        let output = program(site.root.path()).arg("build").args(arguments).envs(variables.iter().copied()).output().unwrap();
        (printed(&output).1, site.read("feeds/rss.xml"))
    };
    let has = |(_, feed): (String, String), wanted: &[&str]| assert!(wanted.iter().all(|text| feed.contains(text)), "{wanted:?}: {feed}");
    has(build(&[], &[]), &["<title>In YAML</title>", "https://example.com/blog/a/"]);
    let variables = [("HUGO_BASEURL", "https://example.net/"), ("HUGO_PARAMS_DESCRIPTION", "All")];
    has(build(&variables, &[]), &["https://example.net/blog/a/", "<description>All</description>"]);
    has(build(&variables, &["-b", "https://example.org/x"]), &["https://example.org/x/blog/a/"]);
    has(build(&[], &["--baseURL", "https://example.org/"]), &["https://example.org/blog/a/"]);
    has(build(&[("HUGO_ENVIRONMENT", "staging")], &[]), &["<title>Staged</title>"]);
    has(build(&[("HUGO_ENV", "staging")], &[]), &["<title>Staged</title>"]);
    site.write("content/post/_index.md", "+++\n[[cascade]]\ntitle = 'For staging'\n[cascade.target]\nenvironment = 'staging'\n+++\n");
    site.write("content/post/a.md", "+++\ndate = 2020-01-01\n+++\nA.\n");
    has(build(&[("HUGO_ENVIRONMENT", "staging")], &[]), &["<title>For staging</title>"]);
    assert!(!build(&[], &[]).1.contains("For staging"));
    assert!(init(&site).starts_with("hugo.yaml describes this site."));
    let (told, feed) = build(&[("HUGO_BASEURL", "ftp://x")], &["-q"]);
    assert!(told.starts_with("HUGO_BASEURL: error: `ftp://x` is no address of a site;"), "{told}");
    assert!(feed.contains("<title>In YAML</title>"), "{feed}");
    // there is no such file that an editor could open
    let (told, _) = build(&[], &["-b", "/x"]);
    assert!(
        told.starts_with("--base-url: warning: `/x` leads nowhere from a reader; give it one such as https://example.org/ [m"),
        "{told}"
    );
}

#[test]
fn a_configuration_that_is_read_again_keeps_what_no_file_says() {
    let site = site();
    site.write("hugo.yaml", YAML);
    let server = Server::start(site.root.path(), &["--base-url", "https://example.net/"]);
    assert!(server.get("/rss.xml", &[]).body.contains("<link>https://example.net/blog/a/</link>"));
    site.write("hugo.yaml", YAML.replace("In YAML", "Anew"));
    server.until_has("/rss.xml", "<title>Anew</title>");
    assert!(server.get("/rss.xml", &[]).body.contains("<link>https://example.net/blog/a/</link>"));
}

#[test]
fn files_that_a_mount_takes_away_are_in_no_feed_until_it_lets_them_in() {
    let site = TestSite::new("");
    let config = site.read("hugo.toml");
    let mount = |files: &str| format!("{config}[[module.mounts]]\nsource = 'content'\ntarget = 'content'\nfiles = [{files}]\n");
    site.write("hugo.toml", mount("'! drafts/**', '! **/README.md'"));
    site.post("post/a.md", "Shown", 1, &[]);
    site.post("post/readme.md", "Notes", 2, &[]);
    site.post("drafts/b.md", "Kept back", 3, &["kept"]);
    let server = site.serve();
    assert!(server.get("/rss.xml", &[]).body.contains("Shown"));
    site.post("drafts/deep/c.md", "Kept back, too", 4, &["kept"]);
    site.post("drafts/b.md", "Kept back again", 3, &["kept"]);
    site.post("post/d.md", "Seen", 5, &[]);
    server.until_has("/rss.xml", "Seen");
    let feed = server.get("/rss.xml", &[]).body;
    assert!(!feed.contains("Kept") && !feed.contains("Notes"), "{feed}");
    assert_eq!(server.get("/tags/kept/rss.xml", &[]).status, 404);
    site.write("hugo.toml", mount("'! **/README.md'"));
    server.until_has("/rss.xml", "Kept back again");
    server.until_has("/tags/kept/rss.xml", "Kept back, too");
}

#[test]
fn a_configuration_that_cannot_be_used_is_told_once() {
    let site = site();
    site.write("hugo.yaml", YAML);
    let server = Server::start(site.root.path(), &[]);
    let unusable = "the configuration cannot be used";
    let broken = format!("{YAML}feeds: {{limit: many}}\n");
    for turn in 1..=2 {
        // editors write a file more than once
        for _ in 0..5 {
            site.write("hugo.yaml", &broken);
            std::thread::sleep(PACE * 20);
        }
        let told = [unusable, "hugo.yaml:"].map(|text| server.log().matches(text).count());
        assert_eq!(told, [turn, turn], "{}", server.log());
        let title = format!("<title>Turn {turn}</title>");
        site.write("hugo.yaml", YAML.replace("In YAML", &format!("Turn {turn}")));
        server.until_has("/rss.xml", &title);
    }
    site.write("hugo.yaml", &broken);
    server.until_logged_times(unusable, 3);
    // who asks for it wants to hear of it
    server.signal("-HUP");
    server.until_logged_times(unusable, 4);
}

#[test]
fn folders_of_a_site_may_be_anywhere() {
    let (site, elsewhere) = (site(), tempfile::tempdir().unwrap());
    let (root, beside) = (elsewhere.path().canonicalize().unwrap(), site.root.path().file_name().unwrap().to_str().unwrap().to_owned());
    let elsewhere = root.to_str().unwrap();
    std::fs::rename(site.path("content"), root.join("posts")).unwrap();
    std::fs::create_dir_all(root.join("files")).unwrap();
    let post = |cover: &str| format!("+++\ntitle = 'B'\ndate = 2020-01-02\nimages = ['{cover}']\n+++\nx\n");
    std::fs::create_dir_all(root.join("posts/post/b")).unwrap();
    std::fs::write(root.join("posts/post/b/index.md"), post("b.png")).unwrap();
    std::fs::write(root.join("posts/post/b/b.png"), "12").unwrap();
    std::fs::write(root.join("posts/post/c.md"), post("/c.png")).unwrap();
    let config = |folder: &str| {
        format!(
            "baseURL = 'https://example.org/'\ntitle = 'T'\ncontentDir = '{folder}/posts'\nstaticDir = '{folder}/files'\n\
             ignoreFiles = ['{elsewhere}/posts/post/a']\n"
        )
    };
    site.write("hugo.toml", config(elsewhere));
    let server = site.serve();
    server.until_has("/rss.xml", "https://example.org/post/b/b.png\" length=\"2\"");
    assert!(!server.get("/rss.xml", &[]).body.contains("post/a/"), "it is ignored");
    std::fs::write(root.join("files/c.png"), "123").unwrap();
    server.until_has("/rss.xml", "https://example.org/c.png\" length=\"3\"");
    std::fs::write(root.join("files/c.png"), "1234").unwrap();
    server.until_has("/rss.xml", "https://example.org/c.png\" length=\"4\"");
    drop(server);

    // one in the site may be written so, too
    let inside = site.root.path().canonicalize().unwrap();
    std::fs::rename(root.join("posts"), inside.join("posts")).unwrap();
    std::fs::rename(root.join("files"), inside.join("files")).unwrap();
    site.write("hugo.toml", config(inside.to_str().unwrap()).replace(&format!("'{elsewhere}/posts"), "'posts"));
    let built = printed(&site.run(&["build", "--strict"]));
    assert!(built.0.starts_with("2 posts, 2 feeds: 0 files written"), "{built:?}");
    std::fs::rename(inside.join("posts"), root.join("posts")).unwrap();
    std::fs::rename(inside.join("files"), root.join("files")).unwrap();

    // a path that leads up is that without its `..`
    let name = root.file_name().unwrap().to_str().unwrap();
    site.write("hugo.toml", config(&format!("../{beside}/../{name}")));
    let built = printed(&site.run(&["build", "--strict"]));
    assert!(built.0.starts_with("2 posts, 2 feeds: 0 files written"), "{built:?}");
}
