//! Tidings' own tables, read strictly: what is not understood is an error that says what was meant.

use std::collections::{BTreeMap, BTreeSet};

use super::hugo::Hugo;
use super::nearest::nearest;
use super::reader::Reader;
use super::redirects::redirects;
use super::tree::{Entry, Node, Table, Tree};
use super::{BaseUrl, Body, Config, Feeds, FileNames, Format, Serve, Site};
use crate::diagnostic::Rule;
use crate::value::Value;

/// Our tables as far as they are written.
#[derive(Default)]
pub(super) struct Own {
    output: Option<String>,
    base_url: Option<BaseUrl>,
    limit: Option<Limit>,
    content: Option<Body>,
    formats: Option<Vec<Format>>,
    sections: Vec<String>,
    file_names: Option<FileNames>,
    listen: Option<String>,
    admin: Option<String>,
    max_age: Option<u32>,
    max_connections: Option<usize>,
    poll: Option<u32>,
    verify: Option<u32>,
    shortcodes: BTreeMap<String, String>,
    redirects: BTreeMap<String, String>,
    check_allow: BTreeSet<Rule>,
}

/// What is written for the names of our tables, and is no table of Hugo's, which has a `server`. Others may be anybody's.
const SLIPS: [(&str, &str); 3] = [("feed", "feeds"), ("shortcode", "shortcodes"), ("redirect", "redirects")];

/// A limit as written: none means all.
type Limit = Option<usize>;

impl Own {
    pub(super) fn read(reader: &mut Reader<'_>, table: &Table) -> Self {
        let mut own = Own::default();
        for Entry { key, place, node } in &table.0 {
            let name = key.to_lowercase();
            if let Some((_, meant)) = SLIPS.iter().find(|(slip, _)| *slip == name && node.table().is_some()) {
                reader.error(Some(*place), format!("unknown table `{key}`"), format!("did you mean `{meant}`?"));
            }
            if !matches!(name.as_str(), "feeds" | "serve" | "shortcodes" | "redirects" | "check") {
                continue;
            }
            let Some(entries) = node.table() else {
                reader.error(Some(node.place), format!("`{name}` is not a table"), reader.notation(node.place).table(&name));
                continue;
            };
            match name.as_str() {
                "feeds" => own.feeds(reader, entries),
                "serve" => own.serve(reader, entries),
                "shortcodes" => own.shortcodes = words(reader, entries),
                "redirects" => own.redirects = redirects(reader, entries),
                _ => own.check(reader, entries),
            }
        }
        own
    }

    fn feeds(&mut self, reader: &mut Reader<'_>, entries: &Table) {
        const KEYS: [&str; 7] = ["output", "base_url", "limit", "content", "formats", "sections", "file_names"];
        each(reader, "feeds", &KEYS, entries, |reader, key, value| match key {
            "output" => self.output = text(reader, value).filter(|output| not_empty(reader, value, output)),
            "base_url" => self.base_url = text(reader, value).and_then(|url| base_url(reader, value.place, &url)),
            "limit" => self.limit = number(reader, value).map(|limit| usize::try_from(limit).ok().filter(|limit| *limit > 0)),
            "content" => self.content = one_of(reader, value, &[("full", Body::Full), ("summary", Body::Summary)]),
            "formats" => self.formats = formats(reader, value),
            "sections" => self.sections = texts(reader, value),
            _ => self.file_names = Some(file_names(reader, value)),
        });
    }

    fn serve(&mut self, reader: &mut Reader<'_>, entries: &Table) {
        const KEYS: [&str; 6] = ["listen", "admin", "max_age", "max_connections", "poll", "verify"];
        each(reader, "serve", &KEYS, entries, |reader, key, value| match key {
            "listen" => self.listen = text(reader, value).filter(|address| socket(reader, value, address)),
            "admin" => self.admin = text(reader, value).filter(|address| address.is_empty() || socket(reader, value, address)),
            "max_age" => self.max_age = at_least(reader, value, 0),
            "poll" => self.poll = at_least(reader, value, 0),
            "verify" => self.verify = at_least(reader, value, 0),
            _ => self.max_connections = at_least(reader, value, 1),
        });
    }

    fn check(&mut self, reader: &mut Reader<'_>, entries: &Table) {
        each(reader, "check", &["allow"], entries, |reader, _, value| self.check_allow = rules(reader, value));
    }

    /// The whole configuration: what is not written has its default.
    pub(super) fn into_config(self, hugo: Hugo) -> Config {
        Config {
            feeds: Feeds {
                output: self.output.unwrap_or_else(|| "feeds".to_owned()),
                base_url: feeds_url(self.base_url, &hugo.site),
                limit: self.limit.unwrap_or(hugo.limit),
                content: self.content.unwrap_or(Body::Full),
                formats: self.formats.unwrap_or_else(|| Format::ALL.to_vec()),
                sections: self.sections,
                file_names: self.file_names.unwrap_or_default(),
            },
            serve: Serve {
                listen: self.listen.unwrap_or_else(|| "127.0.0.1:8080".to_owned()),
                admin: self.admin.unwrap_or_default(),
                max_age: self.max_age.unwrap_or(300),
                max_connections: self.max_connections.unwrap_or(10_000),
                poll: self.poll.unwrap_or(0),
                verify: self.verify.unwrap_or(60),
            },
            shortcodes: self.shortcodes,
            redirects: self.redirects,
            check_allow: self.check_allow,
            default: None,
            site: hugo.site,
        }
    }
}

/// Where the feeds are reachable: in the folder of their language, unless that has a host of its own.
fn feeds_url(written: Option<BaseUrl>, site: &Site) -> BaseUrl {
    let is_apart = written.is_none() && site.languages.prefix.is_empty();
    let url = written.unwrap_or_else(|| site.base_url.clone());
    if is_apart { url } else { url.below(&site.languages.folder) }
}

/// Calls `take` for each known key of a table; any other is an error.
fn each(reader: &mut Reader<'_>, table: &str, known: &[&str], entries: &Table, mut take: impl FnMut(&mut Reader<'_>, &str, &Node)) {
    for Entry { key, place, node } in &entries.0 {
        let name = key.to_lowercase();
        if known.contains(&name.as_str()) {
            take(reader, &name, node);
        } else {
            let mend = match nearest(&name, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("write one of {}", known.join(", ")),
            };
            reader.error(Some(*place), format!("unknown key `{key}` in [{table}]"), mend);
        }
    }
}

pub(super) fn text(reader: &mut Reader<'_>, value: &Node) -> Option<String> {
    let text = value.text();
    if text.is_none() {
        reader.error(Some(value.place), format!("this is {}, not a string", value.kind()), "put it in quotes");
    }
    text.map(str::to_owned)
}

fn not_empty(reader: &mut Reader<'_>, value: &Node, text: &str) -> bool {
    if text.is_empty() {
        reader.error(Some(value.place), "this is empty", "write a name, or leave the key out");
    }
    !text.is_empty()
}

fn number(reader: &mut Reader<'_>, value: &Node) -> Option<i64> {
    let number = if let Tree::Scalar(Value::Integer(number)) = value.tree { Some(number) } else { None };
    if number.is_none() {
        reader.error(Some(value.place), "this is not a whole number", "write one such as 20");
    }
    number
}

fn at_least<N: TryFrom<i64>>(reader: &mut Reader<'_>, value: &Node, least: i64) -> Option<N> {
    let number = number(reader, value)?;
    let fits = N::try_from(number).ok().filter(|_| number >= least);
    if fits.is_none() {
        // of the numbers that are kept, the smaller kind has 32 bits
        let mend = if number < least { format!("write a number from {least} on") } else { format!("write at most {}", u32::MAX) };
        reader.error(Some(value.place), format!("{number} is out of range"), mend);
    }
    fits
}

fn texts(reader: &mut Reader<'_>, value: &Node) -> Vec<String> {
    let Some(items) = value.items() else {
        reader.error(Some(value.place), "this is not a list", "put it in square brackets");
        return Vec::new();
    };
    items.iter().filter_map(|item| text(reader, item)).collect()
}

/// The texts of a list, each with its place.
fn items(list: &Node) -> impl Iterator<Item = (usize, &str)> {
    list.items().into_iter().flatten().filter_map(|item| Some((item.place, item.text()?)))
}

/// The rules whose findings are accepted.
fn rules(reader: &mut Reader<'_>, value: &Node) -> BTreeSet<Rule> {
    texts(reader, value);
    let mut rules = BTreeSet::new();
    for (place, name) in items(value) {
        match Rule::named(name) {
            Some(rule) if rule.may_be_allowed() => drop(rules.insert(rule)),
            Some(_) => reader.error(Some(place), format!("`{name}` is an error, and those cannot be allowed"), "mend what it names"),
            None => {
                let near = nearest(name, Rule::ALL.iter().filter(|rule| rule.may_be_allowed()).map(|rule| rule.name()));
                let usual = || "write the name that stands at the end of a finding".to_owned();
                let mend = near.map_or_else(usual, |near| format!("did you mean `{near}`?"));
                reader.error(Some(place), format!("there is no finding `{name}`"), mend);
            }
        }
    }
    rules
}

fn words(reader: &mut Reader<'_>, entries: &Table) -> BTreeMap<String, String> {
    entries.0.iter().filter_map(|Entry { key, node, .. }| Some((key.clone(), text(reader, node)?))).collect()
}

fn one_of<T: Copy>(reader: &mut Reader<'_>, value: &Node, choices: &[(&str, T)]) -> Option<T> {
    let word = text(reader, value)?;
    let choice = choices.iter().find(|(name, _)| *name == word).map(|(_, choice)| *choice);
    if choice.is_none() {
        let names: Vec<_> = choices.iter().map(|(name, _)| format!("{name:?}")).collect();
        reader.error(Some(value.place), format!("{word:?} is not known here"), format!("write {}", names.join(" or ")));
    }
    choice
}

fn formats(reader: &mut Reader<'_>, value: &Node) -> Option<Vec<Format>> {
    let named = texts(reader, value);
    for (place, name) in items(value) {
        if !Format::ALL.iter().any(|format| format.key() == name) {
            reader.error(Some(place), format!("`{name}` is no format"), "write some of \"rss\", \"atom\", \"json\"");
        }
    }
    if named.is_empty() {
        reader.error(Some(value.place), "no format is written", "write some of \"rss\", \"atom\", \"json\"");
    }
    Some(Format::ALL.into_iter().filter(|format| named.iter().any(|name| name == format.key())).collect())
}

impl Default for FileNames {
    fn default() -> Self {
        FileNames { rss: "rss.xml".to_owned(), atom: "atom.xml".to_owned(), json: "feed.json".to_owned() }
    }
}

fn file_names(reader: &mut Reader<'_>, value: &Node) -> FileNames {
    let mut names = FileNames::default();
    let Some(entries) = value.table() else {
        reader.error(Some(value.place), "`file_names` is not a table", "write { rss = \"rss.xml\" }");
        return names;
    };
    each(reader, "feeds.file_names", &["rss", "atom", "json"], entries, |reader, key, value| {
        let Some(name) = text(reader, value) else { return };
        if name.is_empty() || name.starts_with('.') || name.chars().any(|c| matches!(c, '/' | '\\') || c.is_control()) {
            reader.error(Some(value.place), format!("{name:?} is no plain file name"), "write one such as \"rss.xml\"");
        } else if matches!(&*name, "feeds.html" | "feeds.opml" | "events") {
            let what = if name == "events" { "where pages hear of changes" } else { "the list of all feeds" };
            reader.error(Some(value.place), format!("{name:?} is {what}"), "write one such as \"rss.xml\"");
        } else if [".html", ".htm"].iter().any(|ending| name.to_lowercase().ends_with(ending)) {
            reader.error(Some(value.place), format!("{name:?} may be a page of the site"), "write one such as \"rss.xml\"");
        }
        match key {
            "rss" => names.rss = name,
            "atom" => names.atom = name,
            _ => names.json = name,
        }
    });
    if names.rss == names.atom || names.rss == names.json || names.atom == names.json {
        reader.error(Some(value.place), "two formats have one file name", "give each format a name of its own");
    }
    names
}

fn socket(reader: &mut Reader<'_>, value: &Node, address: &str) -> bool {
    let port = address.rsplit_once(':').filter(|(host, _)| !host.is_empty()).map(|(_, port)| port.parse::<u16>());
    let fits = matches!(port, Some(Ok(_))) && in_brackets(address).is_none();
    if !fits {
        let mend =
            in_brackets(address).map_or_else(|| "write one such as \"127.0.0.1:8080\"".to_owned(), |meant| format!("write {meant:?}"));
        reader.error(Some(value.place), format!("{address:?} is no address to listen on"), mend);
    }
    fits
}

/// What is meant by an address of IPv6 with a port and without brackets, in which nobody can tell the port.
pub fn in_brackets(address: &str) -> Option<String> {
    let (host, port) = address.rsplit_once(':')?;
    url::Host::parse(&format!("[{host}]")).ok().map(|host| format!("{host}:{port}"))
}

/// The address of a site, with a slash at the end.
pub(super) fn base_url(reader: &mut Reader<'_>, place: usize, text: &str) -> Option<BaseUrl> {
    let url = BaseUrl::new(text);
    if url.is_none() {
        reader.error(Some(place), format!("`{text}` is no address of a site"), "write one such as \"https://example.org/\"");
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Config {
        Config::parse(text, "c.toml").unwrap().0
    }

    fn check_error(text: &str, expected: &str) {
        let found = Config::parse(text, "c.toml").unwrap_err();
        let error = found.iter().find(|found| found.severity == crate::diagnostic::Severity::Error).unwrap();
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn redirects_that_end_where_they_began_and_feeds_in_the_place_of_pages_are_refused() {
        check_error(
            "[redirects]\n'/a/' = '/b/'\n'/b/' = '/a/'",
            "c.toml:2:9: error: `/a/` leads back to itself, so to nothing; let one of them lead to where feeds are [invalid-config]",
        );
        read("[redirects]\n'/a/' = '/b/'\n'/b/' = '/c/'\n'/a' = '/ab'\n'/d/' = '/d/e/'");
        check_error(
            "[feeds]\nfile_names = { rss = 'Index.HTML' }",
            "c.toml:2:22: error: \"Index.HTML\" may be a page of the site; write one such as \"rss.xml\" [invalid-config]",
        );
    }

    #[test]
    fn what_answers_readers_and_what_is_said_in_comments_makes_no_other_feeds() {
        let text = "baseURL = 'https://example.org/'\nignoreFiles = ['x$']\n[params]\na = { b = 1 }\n[permalinks]\npost = '/:slug/'\n\
                    [[cascade]]\ndraft = true\n[cascade.target]\npath = '/a/**'\n[feeds]\nlimit = 3\n[shortcodes]\nx = 'y'\n";
        let parse = |text: &str| Config::parse(text, "c.toml").unwrap().0;
        let config = parse(text);
        let same = format!("# a comment\n{text}[serve]\nlisten = '127.0.0.1:1'\nverify = 0\n[redirects]\n'/a/' = '/b/'\n");
        assert!(config.writes_as(&parse(&same)));
        for (from, to) in [
            ("example.org", "example.com"),
            ("x$", "y$"),
            ("b = 1", "b = 2"),
            (":slug", ":title"),
            ("true", "false"),
            ("/a/**", "/a/*"),
            ("limit = 3", "limit = 4"),
            ("x = 'y'", "x = 'z'"),
            ("[feeds]", "[serve]\nmax_age = 7200\n[feeds]"),
            ("[feeds]", "[check]\nallow = ['missing-cover']\n[feeds]"),
        ] {
            assert!(!config.writes_as(&parse(&text.replace(from, to))), "{to}");
        }
    }

    #[test]
    fn every_key_has_a_default() {
        let config = read("");
        assert_eq!(config.feeds.output, "feeds");
        assert_eq!(config.feeds.base_url.as_str(), "http://localhost:8080/");
        assert_eq!(config.feeds.limit, Some(20));
        assert_eq!(config.feeds.formats, Format::ALL);
        assert_eq!(config.feeds.file_names.of(Format::Json), "feed.json");
        assert_eq!(config.serve.max_age, 300);
    }

    #[test]
    fn our_tables_are_read() {
        let config = read(
            "[feeds]\nbase_url = 'https://f.org/x'\nlimit = 0\ncontent = 'summary'\nformats = ['json', 'rss']\nfile_names = { rss = 'index.xml' }\n\
             [shortcodes]\na = '<b>'\n[redirects]\n'/tags/a/' = '/tags/b/'\n[check]\nallow = ['dead-link', 'future-post']",
        );
        assert_eq!(config.feeds.base_url.as_str(), "https://f.org/x/");
        assert_eq!(config.feeds.limit, None);
        assert_eq!(config.feeds.content, Body::Summary);
        assert_eq!(config.feeds.formats, [Format::Rss, Format::Json]);
        assert_eq!(config.feeds.file_names.rss, "index.xml");
        assert_eq!(config.shortcodes["a"], "<b>");
        assert_eq!(config.redirects["/tags/a/"], "/tags/b/");
        assert!(config.check_allow.iter().eq([&Rule::DeadLink, &Rule::FuturePost]));
    }

    #[test]
    fn what_is_not_understood_is_an_error() {
        check_error("[serve]\nlisten = 8080", "c.toml:2:10: error: this is integer, not a string; put it in quotes [invalid-config]");
        check_error(
            "[serve]\nlisten = '::1:80'",
            "c.toml:2:10: error: \"::1:80\" is no address to listen on; write \"[::1]:80\" [invalid-config]",
        );
        check_error("[serve]\nlistn = ''", "c.toml:2:1: error: unknown key `listn` in [serve]; did you mean `listen`? [invalid-config]");
        check_error("[serve]\nmax_connections = 0", "c.toml:2:19: error: 0 is out of range; write a number from 1 on [invalid-config]");
        check_error("[serve]\nmax_age = -1", "c.toml:2:11: error: -1 is out of range; write a number from 0 on [invalid-config]");
        check_error(
            "[serve]\nmax_age = 99999999999",
            "c.toml:2:11: error: 99999999999 is out of range; write at most 4294967295 [invalid-config]",
        );
        check_error(
            "[feeds]\nfile_names = { rss = 'a', atom = 'a' }",
            "c.toml:2:14: error: two formats have one file name; give each format a name of its own [invalid-config]",
        );
        check_error(
            "[feeds]\nfile_names = { rss = '../a' }",
            "c.toml:2:22: error: \"../a\" is no plain file name; write one such as \"rss.xml\" [invalid-config]",
        );
        check_error(
            "[feeds]\nfile_names = { rss = 'feeds.html' }",
            "c.toml:2:22: error: \"feeds.html\" is the list of all feeds; write one such as \"rss.xml\" [invalid-config]",
        );
        check_error(
            "[feeds]\nfile_names = { atom = 'feeds.opml' }",
            "c.toml:2:23: error: \"feeds.opml\" is the list of all feeds; write one such as \"rss.xml\" [invalid-config]",
        );
        check_error(
            "[feeds]\nfile_names = { json = 'events' }",
            "c.toml:2:23: error: \"events\" is where pages hear of changes; write one such as \"rss.xml\" [invalid-config]",
        );
        check_error(
            "[redirects]\n'tags/a/' = '/b/'",
            "c.toml:2:1: error: `tags/a/` is no path of this server; write one such as \"/tags/old/\" [invalid-config]",
        );
        check_error(
            "[redirects]\n'/' = '/en/'",
            "c.toml:2:1: error: `/` is the list of all feeds; write a path or a folder below it [invalid-config]",
        );
        check_error(
            "[redirects]\n'/a' = 'https://e.org/b/'\n'/a/' = 'https://e.org'",
            "c.toml:3:9: error: one of these is a folder and the other is not; end both with `/`, or none [invalid-config]",
        );
        check_error(
            "[redirects]\n'/a/' = '/b'",
            "c.toml:2:9: error: one of these is a folder and the other is not; end both with `/`, or none [invalid-config]",
        );
        check_error(
            "[check]\nallow = ['future-post', 'ded-link']",
            "c.toml:2:25: error: there is no finding `ded-link`; did you mean `dead-link`? [invalid-config]",
        );
        check_error(
            "[check]\nallow = ['undated']",
            "c.toml:2:10: error: there is no finding `undated`; did you mean `undated-page`? [invalid-config]",
        );
        check_error(
            "[check]\nallow = ['unreadable-date']",
            "c.toml:2:10: error: `unreadable-date` is an error, and those cannot be allowed; mend what it names [invalid-config]",
        );
        for (slip, meant) in SLIPS {
            check_error(
                &format!("title = 'A'\n[{slip}]\na = 'b'"),
                &format!("c.toml:2:2: error: unknown table `{slip}`; did you mean `{meant}`? [invalid-config]"),
            );
        }
        read("feed = 'a'\n[server]\na = 1\n[[server.headers]]\nb = 2\n[mine]\nc = 3\n[params.feed]\nd = 4");
        check_error("feeds = 1", "c.toml:1:9: error: `feeds` is not a table; write [feeds] on a line of its own [invalid-config]");
    }
}
