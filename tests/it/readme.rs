//! What the README shows works as it stands.

use std::fs;
use std::path::Path;

use crate::program::{TestSite, printed};

fn readme() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap()
}

/// The fenced blocks of a language.
fn blocks<'t>(text: &'t str, language: &str) -> Vec<&'t str> {
    let fence = format!("```{language}\n");
    text.split(&*fence).skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

#[test]
fn its_configuration_is_valid_and_names_every_default() {
    let readme = readme();
    let blocks = blocks(&readme, "toml");
    assert_eq!(blocks.len(), 1);
    let site = TestSite::new(blocks[0]);
    site.write("content/post/a.md", "+++\ntitle = 'A'\ndate = 2020-01-01\n+++\n{{< image src=\"/a.png\" title=\"An image\" >}}\n");
    let output = site.run(&["build"]);
    assert!(output.status.success(), "{}", printed(&output).1);
    assert!(site.read("feeds/rss.xml").contains("<figure><img src=\"https://example.org/a.png\" alt=\"An image\"></figure>"));
    let plain = TestSite::new("");
    plain.write("content/post/b.md", "+++\ntitle = 'B'\ndate = 2020-01-01\n+++\nText.\n");
    site.write("content/post/a.md", "+++\ntitle = 'B'\ndate = 2020-01-01\nslug = 'b'\n+++\nText.\n");
    fs::remove_dir_all(site.path("feeds")).unwrap();
    site.run(&["build"]);
    plain.run(&["build"]);
    for name in ["rss.xml", "atom.xml", "feed.json", "feeds.opml"] {
        assert_eq!(site.read(&format!("feeds/{name}")), plain.read(&format!("feeds/{name}")), "{name}: the values shown are the defaults");
    }
}

#[test]
fn its_commands_exist() {
    let site = TestSite::new("");
    let readme = readme();
    let mut count = 0;
    for rest in readme.split("tidings ").skip(1) {
        let name: String = rest.chars().take_while(char::is_ascii_alphabetic).collect();
        if ["serve", "build", "check", "completions"].contains(&&*name) {
            assert!(site.run(&[&name, "--help"]).status.success(), "{name}");
            count += 1;
        }
    }
    assert!(count >= 4);
    assert!(site.run(&["check"]).status.success() && site.run(&["build"]).status.success());
    let (script, _) = printed(&site.run(&["completions", "bash"]));
    assert!(script.contains("tidings"));
}
