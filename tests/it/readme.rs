//! What the README and the handbook show works as it stands, and what they lead to is there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use http::StatusCode;
use serde_json::Value;
use tidings::config::{Config, Format};
use tidings::content::Templates;
use tidings::diagnostic::{Diagnostic, Rule};
use tidings::metrics::{Figures, Metrics};
use tidings::respond::Subject;

use crate::program::{TestSite, printed, tree};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn readme() -> String {
    fs::read_to_string(root().join("README.md")).unwrap()
}

/// The chapters of the handbook, by path below `docs/src`.
fn chapters() -> BTreeMap<String, String> {
    let files = tree(&root().join("docs/src"));
    let chapters = files.into_iter().filter(|(name, _)| name.ends_with(".md"));
    let chapters: BTreeMap<_, _> = chapters.map(|(name, text)| (name, String::from_utf8(text).unwrap())).collect();
    assert!(chapters.len() > 10);
    chapters
}

/// Every page for people, by its path.
fn pages() -> BTreeMap<String, String> {
    let mut pages: BTreeMap<_, _> = chapters().into_iter().map(|(name, text)| (format!("docs/src/{name}"), text)).collect();
    for name in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"] {
        pages.insert(name.to_owned(), fs::read_to_string(root().join(name)).unwrap());
    }
    pages
}

/// The fenced blocks of a language, without the indent that they have in a list.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}");
    let mut blocks = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.trim_start() == fence {
            let indent = line.len() - line.trim_start().len();
            let block = lines.by_ref().take_while(|line| line.trim() != "```");
            blocks.push(block.map(|line| line.get(indent..).unwrap_or_default().to_owned() + "\n").collect());
        }
    }
    blocks
}

/// A page without its fenced blocks.
fn prose(text: &str) -> String {
    let mut is_code = false;
    let is_prose = |line: &&str| {
        let is_fence = line.trim_start().starts_with("```");
        is_code ^= is_fence;
        !is_code && !is_fence
    };
    text.lines().filter(is_prose).collect::<Vec<_>>().join("\n")
}

#[test]
fn its_configuration_is_valid_and_names_every_default() {
    let readme = readme();
    let blocks = blocks(&readme, "toml");
    assert_eq!(blocks.len(), 1);
    let site = TestSite::new(&blocks[0]);
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

/// What a page calls the program with, each call to its end: in blocks for a shell, and in code within a line.
fn calls(text: &str) -> Vec<String> {
    let shell = ["sh", "text"].iter().flat_map(|language| blocks(text, language)).collect::<String>();
    let prose = prose(text);
    let code = prose.split('`').skip(1).step_by(2).filter(|code| code.starts_with("tidings ") || code.starts_with("docker "));
    let mut calls = Vec::new();
    for line in shell.lines().chain(code) {
        let line = line.split(" # ").next().unwrap();
        for call in line.split("tidings ").skip(1).filter(|call| call.starts_with(|c: char| c.is_ascii_lowercase())) {
            calls.push(call.split(['|', '>', '&', ';']).next().unwrap().trim().to_owned());
        }
    }
    calls
}

#[test]
fn every_command_that_is_shown_exists_with_its_options() {
    let site = TestSite::new("");
    let mut helps: BTreeMap<String, String> = BTreeMap::new();
    let mut shown = BTreeSet::new();
    for (page, text) in pages().iter().filter(|(page, _)| *page != "CHANGELOG.md") {
        for call in calls(text) {
            let name = call.split_whitespace().next().unwrap().to_owned();
            let help = helps.entry(name.clone()).or_insert_with(|| {
                let output = site.run(&[&name, "--help"]);
                assert!(output.status.success(), "{page} calls tidings {call}");
                printed(&output).0
            });
            let is_end = |c: char| !c.is_ascii_alphanumeric() && c != '-';
            for option in call.split(is_end).filter(|word| word.starts_with('-') && word.len() > 1) {
                let known = |line: &str| line.split([' ', ',', '=', '[']).any(|word| word == option);
                assert!(help.lines().any(known), "{page} calls tidings {call}: {help}");
            }
            shown.insert(name);
        }
    }
    for name in ["serve", "build", "check", "init", "new", "completions", "man", "health"] {
        assert!(shown.contains(name), "{name} is nowhere shown");
    }
    assert!(site.run(&["check"]).status.success() && site.run(&["build"]).status.success());
    let (script, _) = printed(&site.run(&["completions", "bash"]));
    assert!(script.contains("tidings"));
}

#[test]
fn every_configuration_in_the_handbook_is_read_and_every_key_is_told() {
    let mut count = 0;
    for (page, text) in chapters() {
        for block in blocks(&text, "toml") {
            let (config, found) = Config::parse(&block, &page).unwrap_or_else(|found| panic!("{page}: {found:?}"));
            let is_address = |found: &Diagnostic| found.what.contains("the site has no address");
            assert!(found.iter().all(is_address), "{page}: {found:?}");
            assert!(Templates::compile(&config.shortcodes).is_ok(), "{page}: {block}");
            count += 1;
        }
    }
    assert!(count >= 8, "{count}");
    let chapter = &chapters()["configuration.md"];
    for table in ["feeds", "serve", "check"] {
        let found = Config::parse(&format!("[{table}]\nwwwwwwwwwwww = 1"), "c.toml").unwrap_err();
        let known = found.iter().find_map(|found| found.mend.strip_prefix("write one of ")).unwrap();
        for key in known.split(", ") {
            assert!(chapter.contains(&format!("`{key}`")), "[{table}] {key}");
        }
    }
}

#[test]
fn every_post_in_the_handbook_is_one() {
    let site = TestSite::new("");
    let posts: Vec<String> = chapters().values().flat_map(|text| blocks(text, "markdown")).collect();
    assert!(posts.len() >= 2);
    for (number, post) in posts.iter().enumerate() {
        site.write(&format!("content/post/{number}.md"), post);
    }
    let output = site.run(&["check", "--strict", "--now", "2099-01-01T00:00:00Z"]);
    assert!(output.status.success() && printed(&output).0.starts_with(&format!("{} posts", posts.len())), "{:?}", printed(&output));
}

#[test]
fn every_yaml_in_the_handbook_is_read_and_gives_the_action_what_it_takes() {
    let action = fs::read_to_string(root().join(".github/actions/feeds/action.yml")).unwrap();
    let action: Value = serde_saphyr::from_str(&action).unwrap();
    let inputs = action["inputs"].as_object().unwrap();
    assert_eq!(inputs["version"]["default"], env!("CARGO_PKG_VERSION"));
    let mut uses = 0;
    for (page, text) in chapters() {
        for block in blocks(&text, "yaml") {
            let read: Value = serde_saphyr::from_str(&block).unwrap_or_else(|error| panic!("{page}: {error}"));
            for step in read["jobs"]["deploy"]["steps"].as_array().into_iter().flatten() {
                if step["uses"].as_str().is_some_and(|uses| uses.contains("/.github/actions/feeds@")) {
                    assert!(step["uses"].as_str().unwrap().ends_with(concat!("@v", env!("CARGO_PKG_VERSION"))));
                    assert!(step["with"].as_object().unwrap().keys().all(|key| inputs.contains_key(key)), "{page}: {step}");
                    assert!(inputs.keys().all(|input| text.contains(&format!("| `{input}` |"))), "{page} tells of every input");
                    uses += 1;
                }
            }
        }
    }
    assert!(uses >= 1);
}

#[test]
fn every_finding_is_listed_with_its_name_severity_and_meaning() {
    let chapter = &chapters()["findings.md"];
    let listed: Vec<&str> = chapter.lines().filter(|line| line.starts_with("| `")).collect();
    let rules: Vec<String> = Rule::ALL.iter().map(|rule| format!("| `{rule}` | {} | {} |", rule.severity(), rule.meaning())).collect();
    assert_eq!(listed, rules);
}

#[test]
fn every_figure_is_told_and_there() {
    let chapter = &chapters()["operating.md"];
    let metrics = Metrics::default();
    // figures by label are shown from the first on
    metrics.answered(Subject::Feed(Format::Rss, "rss.xml").key(), StatusCode::OK, None, Some(1));
    metrics.heard("", "rss.xml", "Feedbin feed-id:1 - 1 subscribers");
    let text = metrics.text(&Figures { errors: 1, ..Figures::default() });
    let types = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next());
    let types: BTreeSet<&str> = types.collect();
    assert!(types.len() > 15, "{text}");
    for name in &types {
        assert!(chapter.contains(*name), "{name}");
    }
    for name in chapter.split(|c: char| !c.is_ascii_lowercase() && c != '_').filter(|word| word.starts_with("tidings_")) {
        assert!(types.iter().any(|known| name.starts_with(known)), "{name}");
    }
}

/// The headings of a page as anchors, as mdBook and GitHub spell them.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = prose(text).lines().filter(|line| line.starts_with('#')).map(str::to_owned).collect::<Vec<_>>();
    let spelled = headings.iter().map(|line| {
        let title = line.trim_start_matches('#').trim().to_lowercase();
        title.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_')).map(|c| if c == ' ' { '-' } else { c }).collect()
    });
    spelled.collect()
}

#[test]
fn every_link_leads_somewhere_and_every_chapter_is_in_the_table_of_contents() {
    let pages = pages();
    let mut listed = BTreeSet::new();
    let mut count = 0;
    for (page, text) in &pages {
        let around = Path::new(page).parent().unwrap();
        for target in prose(text).split("](").skip(1).map(|rest| rest.split(')').next().unwrap().to_owned()) {
            if target.contains("://") {
                continue;
            }
            let (path, anchor) = target.split_once('#').unwrap_or((&target, ""));
            let mut place = PathBuf::new();
            for part in around.join(path).components() {
                match part {
                    std::path::Component::ParentDir => assert!(place.pop(), "{page}: {target}"),
                    part => place.push(part),
                }
            }
            let place = if path.is_empty() { page.clone() } else { place.to_str().unwrap().to_owned() };
            assert!(root().join(&place).exists(), "{page}: {target}");
            assert!(!page.starts_with("docs/") || place.starts_with("docs/src/"), "{page}: {target} is not in the book");
            assert!(anchor.is_empty() || anchors(&pages[&place]).contains(anchor), "{page}: {target}");
            if page == "docs/src/SUMMARY.md" {
                listed.insert(place);
            }
            count += 1;
        }
    }
    assert!(count > 50, "{count}");
    let chapters: BTreeSet<String> =
        pages.keys().filter(|page| page.starts_with("docs/") && !page.ends_with("SUMMARY.md")).cloned().collect();
    assert_eq!(listed, chapters);
}

#[test]
fn every_file_of_a_release_in_the_handbook_is_of_this_version() {
    let mut count = 0;
    for (page, text) in chapters() {
        for rest in text.split("tidings-").chain(text.split("tidings_")).filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit())) {
            assert!(rest.starts_with(env!("CARGO_PKG_VERSION")), "{page}: {}", rest.lines().next().unwrap());
            count += 1;
        }
    }
    assert!(count >= 3, "{count}");
}

/// What stands in code within a text.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// The part of a chapter from one text to another.
fn part<'t>(chapter: &'t str, from: &str, to: &str) -> &'t str {
    let start = chapter.find(from).unwrap_or_else(|| panic!("there is no {from:?}"));
    &chapter[start..start + chapter[start..].find(to).unwrap_or_else(|| panic!("there is no {to:?}"))]
}

#[test]
fn every_old_address_in_the_handbook_is_redirected_as_it_says() {
    let site = TestSite::new("");
    site.post("post/a.md", "One", 1, &["tag"]);
    let server = site.serve();
    let chapter = chapters()["http.md"].replace('\n', " ");
    let mut count = 0;
    for (from, to, file) in
        [("is redirected with 301 to", " to RSS", "rss.xml"), (" to RSS", " to Atom", "atom.xml"), (" to Atom", " to JSON", "feed.json")]
    {
        for old in code(part(&chapter, from, to)) {
            let answer = server.get(&format!("/tags/tag/{old}"), &[]);
            let expected = if old == file { (200, "") } else { (301, &*format!("/tags/tag/{file}")) };
            assert_eq!((answer.status, answer.header("location")), expected, "{old}");
            count += 1;
        }
    }
    assert!(count > 15, "{count}");
}

#[test]
fn every_status_is_told_with_its_reason() {
    let sources = ["src/respond", "src/server"].into_iter().flat_map(|folder| tree(&root().join(folder)).into_values());
    let sources: String = sources.map(|source| String::from_utf8_lossy(&source).into_owned()).collect();
    let named = |status: &StatusCode| {
        let name = |reason: &str| reason.to_uppercase().replace([' ', '-'], "_");
        status.canonical_reason().is_some_and(|reason| sources.contains(&format!("StatusCode::{}", name(reason))))
    };
    let mut statuses: BTreeSet<u16> =
        (100..600).filter_map(|code| StatusCode::from_u16(code).ok()).filter(named).map(|it| it.as_u16()).collect();
    assert!(statuses.len() > 12, "{statuses:?}");
    // hyper's own
    let site = TestSite::new("");
    statuses.insert(site.serve().get("/", &[("X", "y"); 101]).status);
    let chapter = &chapters()["http.md"];
    let rows = part(chapter, "| status | when |", "## Caching").lines().skip(2).filter_map(|row| row.split('|').nth(1));
    let told: BTreeSet<u16> = rows.flat_map(|codes| codes.split(',')).map(|code| code.trim().parse().unwrap()).collect();
    assert_eq!(told, statuses);
}

#[test]
fn every_shortcode_in_the_handbook_needs_no_template() {
    let site = TestSite::new("");
    let chapter = &chapters()["hugo.md"];
    let names: Vec<&str> = code(part(chapter, "- Hugo's: ", "\n\nFor any other")).collect();
    assert!(names.len() > 25, "{names:?}");
    let calls: String = names.iter().chain(&["nobody"]).map(|name| format!("{{{{< {name} a.png >}}}}b{{{{< /{name} >}}}}\n\n")).collect();
    site.write("content/post/a.md", format!("+++\ntitle = 'A'\ndate = 2020-01-01\n+++\n{calls}"));
    let (_, told) = printed(&site.run(&["check"]));
    let unknown: Vec<&str> = told.lines().filter(|line| line.contains("is not known")).collect();
    assert!(unknown.len() == 1 && unknown[0].contains("`nobody`"), "{unknown:?}");
}
