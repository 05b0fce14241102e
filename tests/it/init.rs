//! `tidings init`: what it writes works at once, what it says is so, and what is there stays.

use crate::program::{TestSite, printed, program, tree};

/// What is said of the address in a configuration as it is written.
const PLACEHOLDER: &str = "config.toml:4:11: warning: `http://127.0.0.1:8080/` leads each reader to its own machine; write baseURL = \
                           \"https://example.org/\" [missing-base-url]\n";

fn init(site: &TestSite) -> String {
    let output = site.run(&["init"]);
    let (out, err) = printed(&output);
    let is_placeholder = site.path("config.toml").is_file() && site.read("config.toml").contains("baseURL = \"http://127.0.0.1:8080/\"");
    let expected = if is_placeholder { PLACEHOLDER } else { "" };
    assert_eq!((output.status.code(), &*err), (Some(0), expected), "{out}");
    out
}

/// The table of shortcodes that was printed for copying.
fn shortcodes(out: &str) -> &str {
    let table = &out[out.find("improve it:\n\n").unwrap() + 13..];
    &table[..table.find("\n\n").unwrap() + 1]
}

#[test]
fn an_empty_folder_gets_a_site_that_is_ready_for_its_first_post() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("my-first_blog");
    std::fs::create_dir(&folder).unwrap();
    let run = |arguments: &[&str]| {
        let output = program(&folder).args(arguments).output().unwrap();
        let (out, err) = printed(&output);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {out}{err}");
        out
    };
    let out = run(&["init"]);
    assert!(out.starts_with("config.toml is written.") && out.contains("There is no post in content yet."), "{out}");
    let written = tree(&folder);
    assert_eq!(written.keys().collect::<Vec<_>>(), ["config.toml"]);
    assert!(String::from_utf8_lossy(&written["config.toml"]).contains("\ntitle = \"My first blog\"\n"));
    let check = |expected: &str| {
        let (out, err) = printed(&program(&folder).args(["check"]).output().unwrap());
        assert!(out.starts_with(expected) && err.ends_with(PLACEHOLDER), "{out}{err}");
    };
    check("0 posts, 1 feed: 0 errors, 1 warning, 0 notes");
    // the next steps, as they are told
    let mut steps = out.lines().filter_map(|line| line.strip_prefix("  tidings ")?.split("  ").next());
    assert_eq!(steps.clone().collect::<Vec<_>>(), ["new post \"Hello\"", "serve", "build"]);
    let first: Vec<&str> = steps.next().unwrap().split(' ').map(|word| word.trim_matches('"')).collect();
    assert_eq!(run(&first), "content/post/hello.md\n");
    check("1 post, 2 feeds: 0 errors, 1 warning, 0 notes");
    let before = tree(&folder);
    assert!(run(&["init"]).starts_with("config.toml describes this site. Tidings reads it as it is, and nothing has to be added.\n"));
    assert_eq!(tree(&folder), before, "what is there stays");
}

#[test]
fn a_site_of_hugo_is_told_its_feeds_and_which_old_addresses_lead_on_as_the_server_leads_them() {
    let site = TestSite::new("[taxonomies]\ntag = 'tags'\nserie = 'series'\n");
    for day in 1..4 {
        site.post(&format!("post/{day}.md"), &format!("Post {day}"), day, &["Go", "C#"]);
    }
    site.post("talks/one.md", "Talk", 9, &["Go"]);
    let before = tree(site.root.path());
    let out = init(&site);
    assert_eq!(tree(site.root.path()), before);
    assert!(out.contains("\n4 posts make 5 feeds, each as rss.xml, atom.xml, feed.json:\n"), "{out}");
    let server = site.serve();
    let (mut feeds, mut moved) = (Vec::new(), Vec::new());
    for words in out.lines().filter(|line| line.starts_with("  /")).map(|line| line.split_whitespace().collect::<Vec<_>>()) {
        if words[1] == "->" {
            let answer = server.get(words[0], &[]);
            assert_eq!((answer.status, answer.header("location")), (301, words[2]), "{words:?}");
            moved.push(words[0]);
        } else {
            let answer = server.get(words[0], &[]);
            assert_eq!(answer.status, 200, "{words:?}");
            if words[0] != "/feeds.html" {
                assert_eq!(answer.body.matches("<item>").count().to_string(), words[1], "{words:?}");
            }
            feeds.push(words[0]);
        }
    }
    assert_eq!(feeds, ["/rss.xml", "/post/rss.xml", "/talks/rss.xml", "/tags/go/rss.xml", "/tags/c%23/rss.xml", "/feeds.html"]);
    assert_eq!(moved, ["/index.xml", "/post/index.xml", "/talks/index.xml", "/tags/c%23/index.xml", "/tags/go/index.xml"]);
}

#[test]
fn unknown_shortcodes_get_a_table_that_can_be_copied_as_it_is() {
    let site = TestSite::new("");
    site.write("layouts/shortcodes/steps.html", "{{ .Inner }}");
    let call = "+++\ntitle = 'A'\ndate = 2020-01-01\n+++\n{{< steps >}}x{{< /steps >}}\n{{< steps >}}y{{< /steps >}}\n{{< my/image src=\"/a.png\" >}}\n";
    site.write("content/post/a.md", call);
    let out = init(&site);
    let table = shortcodes(&out);
    assert!(table.starts_with("[shortcodes]\n# used once\n\"my/image\" = "), "{out}");
    assert!(table.contains("\n# used 2 times; on the pages layouts/shortcodes/steps.html renders it\nsteps = "), "{out}");
    assert_eq!(site.run(&["check", "--strict"]).status.code(), Some(1));
    site.write("hugo.toml", format!("{}{table}", site.read("hugo.toml")));
    assert_eq!(printed(&site.run(&["check", "--strict"])).1, "");
    assert!(init(&site).contains("nothing has to be added"));
    // where there is such a table already, a second one would be an error
    site.write("content/post/b.md", call.replace("steps", "facts").replace("'A'", "'B'"));
    let out = init(&site);
    assert!(
        out.contains("Add these lines to the `shortcodes` of hugo.toml") && shortcodes(&out).starts_with("# used 2 times\nfacts = "),
        "{out}"
    );
    site.write("hugo.toml", format!("{}{}", site.read("hugo.toml"), shortcodes(&out)));
    assert_eq!(printed(&site.run(&["check", "--strict"])).1, "");
}

#[test]
fn as_many_findings_are_told_as_check_has() {
    let site = TestSite::new("[check]\nallow = ['undated-page', 'missing-cover']\n");
    site.write("content/post/a.md", "+++\ntitle = 'A'\ndate = 2020-01-01\nimages = ['/none.png']\n+++\n[a](/nowhere/)\n{{< nobody >}}\n");
    site.write("content/post/b.md", "+++\ntitle = 'B'\ndate = 'never'\n+++\n");
    let (out, err) = printed(&site.run(&["check"]));
    assert!(out.contains("1 error, 2 warnings, "), "{out}{err}");
    assert!(init(&site).contains("  tidings check              # 3 findings in content: "), "{}", init(&site));
}

#[test]
fn posts_elsewhere_are_found_and_pages_that_are_no_entries_are_told() {
    let site = TestSite::new("");
    std::fs::remove_file(site.path("hugo.toml")).unwrap();
    std::fs::remove_dir(site.path("content")).unwrap();
    site.write("writing/blog/a.md", "---\ntitle: A\ndate: 2020-01-01\n---\nText.\n");
    let out = init(&site);
    assert!(out.contains("\n1 post makes 2 feeds") && out.contains("/blog/rss.xml"), "{out}");
    assert!(site.read("config.toml").contains("\ncontentDir = \"writing\"\n") && !site.path("content").exists());
    site.write("writing/blog/a.md", "---\ntitle: A\ndraft: true\n---\nText.\n");
    let out = init(&site);
    assert!(out.contains("Of 1 page in writing none is an entry"), "{out}");
}

#[test]
fn a_configuration_that_cannot_be_read_is_told_and_none_is_written_beside_it() {
    let site = TestSite::new("[feeds]\nlimits = 3\n");
    let before = tree(site.root.path());
    let output = site.run(&["init"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(printed(&output).1.starts_with("hugo.toml:4:1: error: unknown key `limits` in [feeds]; did you mean `limit`?"));
    assert_eq!(tree(site.root.path()), before);
}
