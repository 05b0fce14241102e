//! What operators are told of faults while they last, for alarms, and that it is taken back.

use std::fs;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::site;
use crate::program::{PACE, Server, TestSite, ask};

/// The address where operators ask.
struct Operators(String);

impl Operators {
    /// Serves a site with such an address.
    fn of(site: &TestSite) -> (Server, Self) {
        site.write("hugo.toml", format!("{}[serve]\nadmin = '127.0.0.1:0'\n", site.read("hugo.toml")));
        let server = site.serve();
        let address = server.until_said("figures at http://").split('/').next().unwrap().to_owned();
        (server, Operators(address))
    }

    /// Waits until `/status` has a fault, whose sentence is the answer, or has none; `/metrics` must say the same.
    fn until(&self, fault: &str, gauge: &str, lasts: bool) -> String {
        let start = Instant::now();
        loop {
            let status: Value = serde_json::from_str(&ask(&self.0, "GET", "/status", &[]).body).unwrap();
            let found = status.get(fault).unwrap_or_else(|| panic!("no {fault} in {status}"));
            if found.is_null() != lasts {
                let metrics = ask(&self.0, "GET", "/metrics", &[]).body;
                assert!(metrics.contains(&format!("\n{gauge} {}\n", u8::from(!lasts))), "{gauge} in {metrics}");
                return found.as_str().unwrap_or_default().to_owned();
            }
            assert!(start.elapsed() < Duration::from_secs(10), "{fault} is {found}");
            std::thread::sleep(PACE);
        }
    }
}

const CONTENT: (&str, &str) = ("content_fault", "tidings_content_in_place");
const CONFIG: (&str, &str) = ("config_fault", "tidings_config_used");
const OUTPUT: (&str, &str) = ("output_fault", "tidings_output_written");

#[test]
fn operators_hear_that_the_content_folder_is_gone_and_that_it_is_back() {
    let site = site();
    let (_server, operators) = Operators::of(&site);
    operators.until(CONTENT.0, CONTENT.1, false);
    fs::rename(site.path("content"), site.path("away")).unwrap();
    let told = operators.until(CONTENT.0, CONTENT.1, true);
    assert_eq!(told, format!("the content folder {} is gone or empty", site.path("content").display()));
    fs::rename(site.path("away"), site.path("content")).unwrap();
    operators.until(CONTENT.0, CONTENT.1, false);
}

#[test]
fn operators_hear_of_a_configuration_that_cannot_be_used_until_it_is_mended_or_put_back() {
    let site = site();
    let (server, operators) = Operators::of(&site);
    operators.until(CONFIG.0, CONFIG.1, false);
    let used = site.read("hugo.toml");
    let line = used.lines().count() + 2;
    for mended in [used.clone(), format!("{used}[feeds]\nlimit = 5\n"), format!("{used}# as it is\n")] {
        site.write("hugo.toml", format!("{used}[feeds]\nlimitt = 5\n"));
        let told = operators.until(CONFIG.0, CONFIG.1, true);
        let begin = format!("the configuration {} cannot be used: hugo.toml:{line}:1: error: ", site.path("hugo.toml").display());
        assert!(told.starts_with(&begin) && told.contains("did you mean `limit`?"), "{told}");
        site.write("hugo.toml", mended);
        operators.until(CONFIG.0, CONFIG.1, false);
    }
    // and of one that is gone, or whose content folder is nowhere
    fs::rename(site.path("hugo.toml"), site.path("away")).unwrap();
    assert!(operators.until(CONFIG.0, CONFIG.1, true).contains("there is no hugo.toml"));
    fs::rename(site.path("away"), site.path("hugo.toml")).unwrap();
    operators.until(CONFIG.0, CONFIG.1, false);
    site.write("hugo.toml", format!("contentDir = 'nowhere'\n{used}"));
    assert!(operators.until(CONFIG.0, CONFIG.1, true).contains("there is no content folder"));
    site.write("hugo.toml", used);
    operators.until(CONFIG.0, CONFIG.1, false);
    assert_eq!(server.get("/rss.xml", &[]).status, 200);
}

#[test]
fn operators_hear_where_the_output_folder_cannot_be_written() {
    let site = site();
    let (_server, operators) = Operators::of(&site);
    site.write("feeds/tags/new", "a file where a folder must be");
    site.post("post/third.md", "Third", 4, &["new"]);
    let told = operators.until(OUTPUT.0, OUTPUT.1, true);
    assert!(told.contains(site.path("feeds/tags/new").to_str().unwrap()) && told.contains(": Not a directory"), "{told}");
    fs::remove_file(site.path("feeds/tags/new")).unwrap();
    operators.until(OUTPUT.0, OUTPUT.1, false);
}

#[test]
fn operators_hear_of_a_fault_of_any_language() {
    let site = site();
    let languages = "[languages.en]\nweight = 1\n[languages.fr]\ncontentDir = 'contenu'\n";
    site.write("hugo.toml", format!("{}{languages}", site.read("hugo.toml")));
    site.write("contenu/post/un.md", crate::program::post("Un", 1, &[]));
    let (_server, operators) = Operators::of(&site);
    fs::rename(site.path("contenu"), site.path("away")).unwrap();
    assert!(operators.until(CONTENT.0, CONTENT.1, true).contains(site.path("contenu").to_str().unwrap()));
    fs::rename(site.path("away"), site.path("contenu")).unwrap();
    operators.until(CONTENT.0, CONTENT.1, false);
    let used = site.read("hugo.toml");
    site.write("hugo.toml", used.replace("'contenu'", "5"));
    operators.until(CONFIG.0, CONFIG.1, true);
    site.write("hugo.toml", used.replace("[languages.fr]", "[languages.de]"));
    assert!(operators.until(CONFIG.0, CONFIG.1, true).contains("from the next start on"));
    site.write("hugo.toml", used);
    operators.until(CONFIG.0, CONFIG.1, false);
}

#[test]
fn operators_hear_of_a_section_that_is_no_folder_until_it_is_one() {
    let site = site();
    site.write("hugo.toml", format!("{}[feeds]\nsections = ['post', 'talks']\n", site.read("hugo.toml")));
    let (server, operators) = Operators::of(&site);
    let status = || ask(&operators.0, "GET", "/status", &[]).body;
    assert!(status().contains("missing-section"), "{}", status());
    site.post("talks/third.md", "Third", 4, &[]);
    server.until_has("/rss.xml", "Third");
    assert!(!status().contains("missing-section"), "{}", status());
}
