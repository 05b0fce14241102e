//! What operators are told of faults while they last, for alarms, and that it is taken back.

use std::fs;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{serve_unprivileged, set_mode, site};
use crate::program::{PACE, Server, TestSite, ask, post, skip};

/// So often the keeper looks by itself.
const GLANCE: Duration = Duration::from_millis(500);

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

    /// Waits until `/status` has a fault whose sentence, which is the answer, says this.
    fn told(&self, fault: Fault, words: &str) -> String {
        self.until(fault, |found| found.as_str().is_some_and(|told| told.contains(words))).as_str().unwrap().to_owned()
    }

    /// Waits until `/status` has no such fault.
    fn mended(&self, fault: Fault) {
        self.until(fault, Value::is_null);
    }

    /// Waits until what `/status` says of a fault is this; `/metrics` must say the same.
    fn until(&self, Fault { name, gauge }: Fault, is_it: impl Fn(&Value) -> bool) -> Value {
        let start = Instant::now();
        loop {
            let status: Value = serde_json::from_str(&ask(&self.0, "GET", "/status", &[]).body).unwrap();
            let found = status.get(name).unwrap_or_else(|| panic!("no {name} in {status}"));
            if is_it(found) {
                let metrics = ask(&self.0, "GET", "/metrics", &[]).body;
                assert!(metrics.contains(&format!("\n{gauge} {}\n", u8::from(found.is_null()))), "{gauge} in {metrics}");
                return found.clone();
            }
            assert!(start.elapsed() < Duration::from_secs(10), "{name} is {found}");
            std::thread::sleep(PACE);
        }
    }
}

/// A key of `/status` and the gauge of `/metrics` that is 1 while there is no such fault.
#[derive(Clone, Copy)]
struct Fault {
    name: &'static str,
    gauge: &'static str,
}

const CONTENT: Fault = Fault { name: "content_fault", gauge: "tidings_content_in_place" };
const CONFIG: Fault = Fault { name: "config_fault", gauge: "tidings_config_used" };
const OUTPUT: Fault = Fault { name: "output_fault", gauge: "tidings_output_written" };

#[test]
fn operators_hear_that_the_content_folder_is_gone_and_that_it_is_back() {
    let site = site();
    let (_server, operators) = Operators::of(&site);
    operators.mended(CONTENT);
    fs::rename(site.path("content"), site.path("away")).unwrap();
    let told = operators.told(CONTENT, "content folder");
    assert_eq!(told, format!("the content folder {} is gone or empty", site.path("content").display()));
    fs::rename(site.path("away"), site.path("content")).unwrap();
    operators.mended(CONTENT);
}

#[test]
fn operators_hear_of_a_configuration_that_cannot_be_used_until_it_is_mended_or_put_back() {
    let site = site();
    let (server, operators) = Operators::of(&site);
    operators.mended(CONFIG);
    let used = site.read("hugo.toml");
    let line = used.lines().count() + 2;
    for mended in [used.clone(), format!("{used}[feeds]\nlimit = 5\n"), format!("{used}# as it is\n")] {
        site.write("hugo.toml", format!("{used}[feeds]\nlimitt = 5\n"));
        let told = operators.told(CONFIG, "did you mean `limit`?");
        let begin = format!("the configuration {} cannot be used: hugo.toml:{line}:1: error: ", site.path("hugo.toml").display());
        assert!(told.starts_with(&begin), "{told}");
        site.write("hugo.toml", mended);
        operators.mended(CONFIG);
    }
    // and of one that is gone, or whose content folder is nowhere
    fs::rename(site.path("hugo.toml"), site.path("away")).unwrap();
    operators.told(CONFIG, "there is no hugo.toml");
    fs::rename(site.path("away"), site.path("hugo.toml")).unwrap();
    operators.mended(CONFIG);
    site.write("hugo.toml", format!("contentDir = 'nowhere'\n{used}"));
    let told = operators.told(CONFIG, "there is no content folder");
    assert!(told.ends_with("save that again afterwards, or send SIGHUP"), "{told}");
    // which may be mended by a folder
    fs::rename(site.path("content"), site.path("nowhere")).unwrap();
    server.signal("-HUP");
    operators.mended(CONFIG);
    server.until_logged("the configuration was read again");
    assert_eq!(server.get("/rss.xml", &[]).status, 200);
}

#[test]
fn a_fault_of_the_configuration_that_is_over_is_logged_as_that() {
    let site = site();
    let server = site.serve();
    let used = site.read("hugo.toml");
    site.write("hugo.toml", format!("{used}[feeds]\nlimitt = 5\n"));
    server.until_logged("the configuration cannot be used; the one before stays");
    site.write("hugo.toml", used);
    server.until_logged("INFO the configuration is again the one that counts");
    assert!(!server.log().contains("was read again"), "{}", server.log());
}

#[test]
fn a_folder_of_the_configuration_that_can_be_listed_again_is_read_again() {
    let site = site();
    site.write("config/_default/params.toml", "description = 'All of it'\n");
    let Some(server) = serve_unprivileged(&site) else { return skip("setpriv cannot drop capabilities") };
    let folder = site.path("config/_default");
    for times in 1..3 {
        set_mode(&folder, 0o000);
        server.until_logged_times("the configuration cannot be used; the one before stays", times);
        // of several looks meanwhile none tells it again
        std::thread::sleep(2 * GLANCE);
        set_mode(&folder, 0o755);
        server.until_logged_times("the configuration is again the one that counts", times);
    }
    assert_eq!(server.log().matches("Permission denied").count(), 2, "{}", server.log());
}

#[test]
fn a_configuration_that_waits_for_the_content_folder_is_not_said_to_be_used() {
    let site = site();
    let (server, operators) = Operators::of(&site);
    let used = site.read("hugo.toml");
    fs::rename(site.path("content"), site.path("away")).unwrap();
    operators.told(CONTENT, "content folder");
    site.write("hugo.toml", used.replace("'Test'", "'Renamed'"));
    operators.told(CONFIG, "hugo.toml counts when the content folder is in place");
    site.write("hugo.toml", &*used);
    operators.mended(CONFIG);
    site.write("hugo.toml", used.replace("'Test'", "'Renamed'"));
    operators.told(CONFIG, "hugo.toml counts when the content folder is in place");
    fs::rename(site.path("away"), site.path("content")).unwrap();
    operators.mended(CONFIG);
    server.until_has("/rss.xml", "<title>Renamed</title>");
}

#[test]
fn operators_hear_of_an_address_that_cannot_be_listened_on_until_it_can() {
    let site = site();
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = other.local_addr().unwrap();
    let used = format!("{}[serve]\nadmin = '127.0.0.1:0'\n", site.read("hugo.toml"));
    site.write("hugo.toml", format!("{used}listen = '127.0.0.1:0'\n"));
    let server = Server::start_as_configured(site.root.path(), &[]);
    let operators = Operators(server.until_said("figures at http://").split('/').next().unwrap().to_owned());
    operators.mended(CONFIG);
    site.write("hugo.toml", format!("{used}listen = '{address}'\n"));
    let told = operators.told(CONFIG, "cannot listen on");
    assert!(told.contains("another program has this port: end it") && told.ends_with("still listening on 127.0.0.1:0"), "{told}");
    assert_eq!(server.get("/rss.xml", &[]).status, 200);
    assert_eq!(server.log().matches("cannot listen on").count(), 1, "{}", server.log());
    // nobody has to write the file again
    drop(other);
    operators.mended(CONFIG);
    assert_eq!(ask(&address.to_string(), "GET", "/rss.xml", &[]).status, 200);
}

#[test]
fn operators_hear_where_the_output_folder_cannot_be_written() {
    let site = site();
    let (_server, operators) = Operators::of(&site);
    site.write("feeds/tags/new", "a file where a folder must be");
    site.post("post/third.md", "Third", 4, &["new"]);
    let told = operators.told(OUTPUT, ": Not a directory");
    assert!(told.contains(site.path("feeds/tags/new").to_str().unwrap()), "{told}");
    fs::remove_file(site.path("feeds/tags/new")).unwrap();
    operators.mended(OUTPUT);
}

#[test]
fn a_content_folder_that_is_away_is_no_fault_of_the_output_folder() {
    let site = site();
    site.write("static/cover.png", "x");
    site.write("content/post/first.md", post("First", 2, &["kept"]).replacen("+++\n", "+++\nimages = ['/cover.png']\n", 1));
    let (server, operators) = Operators::of(&site);
    fs::rename(site.path("content"), site.path("away")).unwrap();
    operators.told(CONTENT, "content folder");
    // the entry is to be rendered again, and cannot be
    site.write("static/cover.png", "longer");
    server.until_logged("went away");
    operators.mended(OUTPUT);
    fs::rename(site.path("away"), site.path("content")).unwrap();
    server.until_has("/rss.xml", "length=\"6\"");
    operators.mended(CONTENT);
}

#[test]
fn operators_hear_of_a_fault_of_any_language() {
    let site = site();
    let languages = "[languages.en]\nweight = 1\n[languages.fr]\ncontentDir = 'contenu'\n";
    site.write("hugo.toml", format!("{}{languages}", site.read("hugo.toml")));
    site.write("contenu/post/un.md", crate::program::post("Un", 1, &[]));
    let (_server, operators) = Operators::of(&site);
    fs::rename(site.path("contenu"), site.path("away")).unwrap();
    operators.told(CONTENT, site.path("contenu").to_str().unwrap());
    fs::rename(site.path("away"), site.path("contenu")).unwrap();
    operators.mended(CONTENT);
    let used = site.read("hugo.toml");
    site.write("hugo.toml", used.replace("'contenu'", "'nowhere'"));
    operators.told(CONFIG, "cannot be used for the language fr: hugo.toml:");
    site.write("hugo.toml", format!("contentDir = 'nowhere'\n{}", used.replace("contentDir = 'contenu'\n", "")));
    operators.told(CONFIG, "cannot be used: hugo.toml:1:");
    site.write("hugo.toml", used.replace("[languages.fr]", "[languages.de]"));
    operators.told(CONFIG, "from the next start on");
    site.write("hugo.toml", used);
    operators.mended(CONFIG);
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
