//! What the feeds of a site will be, in words: their addresses, the old ones that lead on, what is missing, what to do next.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use chrono::Utc;
use http::header::LOCATION;
use http::{Request, StatusCode};

use super::check::examine;
use super::counted::counted;
use super::engine::Engine;
use super::{Setup, Voice};
use crate::config::{Config, Notation};
use crate::content::Uses;
use crate::content::path::join;
use crate::diagnostic::Severity;
use crate::feed::listing::{Group, Line};
use crate::respond::{self, respond};
use crate::snapshot::Snapshot;

/// So many feeds of one kind are shown; the others are counted.
const SHOWN: usize = 6;

/// So many old addresses of one kind.
const EXAMPLES: usize = 2;

/// What was found in a site.
pub(super) struct Overview {
    config: Arc<Config>,
    /// In each language, the default one first.
    languages: Vec<Language>,
    /// The shortcodes without a template.
    shortcodes: Vec<Uses>,
    /// How many errors and warnings `check` would tell of content.
    faults: usize,
}

/// What was found of one language.
struct Language {
    config: Arc<Config>,
    engine: Engine,
    posts: usize,
    snapshot: Snapshot,
}

impl Overview {
    /// Reads and renders every post of a site, and writes nothing.
    ///
    /// # Errors
    /// When the content folder goes away meanwhile.
    pub(super) fn of(setups: &[Setup], voice: Voice) -> Result<Self> {
        let (mut languages, mut findings, mut shortcodes) = (Vec::new(), BTreeSet::new(), Vec::<Uses>::new());
        for setup in setups {
            let examined = examine(setup, Utc::now(), voice)?;
            findings.extend(examined.findings);
            let site = examined.engine.site();
            for uses in site.missing_shortcodes() {
                match shortcodes.iter_mut().find(|known| known.name == uses.name) {
                    Some(known) => known.count += uses.count,
                    None => shortcodes.push(uses),
                }
            }
            let posts = site.posts();
            languages.push(Language { posts, config: setup.config.clone(), engine: examined.engine, snapshot: examined.snapshot });
        }
        let faults = findings.iter().filter(|found| found.severity > Severity::Note).count();
        Ok(Overview { config: setups[0].config.clone(), languages, shortcodes, faults })
    }

    /// Whether nothing has to be added to the configuration.
    pub(super) fn is_complete(&self) -> bool {
        self.shortcodes.is_empty()
    }

    /// What a person is told. `name` is the configuration's.
    pub(super) fn text(&self, name: &str, root: &Path) -> String {
        let mut text = String::new();
        // writing to a text does not fail
        let _ =
            self.tell_feeds(&mut text).and_then(|()| self.tell_shortcodes(&mut text, name, root)).and_then(|()| self.tell_next(&mut text));
        text
    }

    /// The feeds of the default language, and where those of the others are.
    fn tell_feeds(&self, text: &mut String) -> std::fmt::Result {
        let [default, others @ ..] = &*self.languages else { return Ok(()) };
        default.tell_feeds(text)?;
        if !others.is_empty() {
            writeln!(text, "\nEach other language has feeds of its own, to which those of Hugo lead on alike:\n")?;
        }
        others.iter().try_for_each(|language| {
            let feeds = language.engine.site().feeds();
            writeln!(text, "  {:<40} {:<11} {}", language.at("feeds.html"), counted(language.posts, "post"), counted(feeds, "feed"))
        })
    }

    fn tell_shortcodes(&self, text: &mut String, name: &str, root: &Path) -> std::fmt::Result {
        if self.shortcodes.is_empty() {
            return Ok(());
        }
        let notation = Notation::of_file(name);
        let (head, indent, end) = match notation {
            _ if !self.config.shortcodes.is_empty() => ("", "", ""),
            Notation::Toml => ("[shortcodes]\n", "", ""),
            Notation::Yaml => ("shortcodes:\n", "  ", ""),
            Notation::Json => ("\"shortcodes\": {\n", "  ", "}\n"),
        };
        let what = if head.is_empty() { "Add these lines to the `shortcodes` of" } else { "Add this table to" };
        writeln!(text, "\nPosts use shortcodes of the site's own, which feeds need a template for. {what} {name} and improve it:\n")?;
        write!(text, "{head}")?;
        for Uses { name: shortcode, count, template } in &self.shortcodes {
            let source = ["layouts/shortcodes", "layouts/_shortcodes"].map(|folder| format!("{folder}/{shortcode}.html"));
            let source = source.iter().find(|path| root.join(path).exists());
            let source = source.map(|path| format!("; on the pages {path} renders it")).unwrap_or_default();
            // JSON has no comments
            if notation != Notation::Json {
                writeln!(text, "{indent}# used {}{source}", if *count == 1 { "once".to_owned() } else { format!("{count} times") })?;
            }
            writeln!(text, "{indent}{}", notation.entry(shortcode, template))?;
        }
        write!(text, "{end}")
    }

    fn tell_next(&self, text: &mut String) -> std::fmt::Result {
        writeln!(text, "\nNext:\n")?;
        if self.languages.iter().all(|language| language.posts == 0) {
            writeln!(text, "  tidings new post \"Hello\"   # a first post")?;
        }
        match self.faults {
            0 => {}
            faults => writeln!(
                text,
                "  tidings check              # {} in content: where, and what to write instead",
                counted(faults, "finding")
            )?,
        }
        writeln!(text, "  tidings serve              # http://{}/, current at every save", self.config.serve.listen)?;
        writeln!(text, "  tidings build              # or the files alone, in {}/", self.config.feeds.output)
    }
}

impl Language {
    fn tell_feeds(&self, text: &mut String) -> std::fmt::Result {
        if self.posts == 0 {
            let folder = &self.config.site.content_dir;
            return match self.engine.files() {
                0 => writeln!(text, "\nThere is no post in {folder} yet."),
                files => {
                    writeln!(
                        text,
                        "\nOf {} in {folder} none is an entry: drafts, undated and scheduled pages are not.",
                        counted(files, "page")
                    )
                }
            };
        }
        let groups = self.engine.site().listing().groups;
        let feeds: usize = groups.iter().map(|group| group.feeds.len()).sum();
        let formats: Vec<&str> = self.config.feeds.formats.iter().map(|format| self.config.feeds.file_names.of(*format)).collect();
        let make = if self.posts == 1 { "makes" } else { "make" };
        writeln!(text, "\n{} {make} {}, each as {}:\n", counted(self.posts, "post"), counted(feeds, "feed"), formats.join(", "))?;
        for group in &groups {
            let mut feeds: Vec<&Line> = group.feeds.iter().map(|feed| &feed.line).collect();
            feeds.sort_by_key(|line| std::cmp::Reverse(line.entries));
            for line in feeds.iter().take(SHOWN) {
                let posts = counted(line.entries, "post");
                writeln!(
                    text,
                    "  {:<40} {posts:<11} {}",
                    self.address(line),
                    if line.title.is_empty() { "the site" } else { &line.title }
                )?;
            }
            if feeds.len() > SHOWN {
                writeln!(text, "  ... and {} more of {}", feeds.len() - SHOWN, group.title)?;
            }
        }
        let [page, list] = ["feeds.html", "feeds.opml"].map(|name| self.at(name));
        writeln!(text, "  {page:<40} all of them, for people; for readers: {list}")?;
        self.tell_old(text, &groups)
    }

    /// The addresses of Hugo's feeds, asked of the server's own rules.
    fn tell_old(&self, text: &mut String, groups: &[Group<'_>]) -> std::fmt::Result {
        let options = respond::Options::new(&self.config);
        let led_on = |folder: String| {
            let old = format!("{folder}index.xml");
            moved(&old, &self.snapshot, &options).map(|new| (old, new))
        };
        let groups: Vec<Vec<(String, String)>> =
            groups.iter().map(|group| group.feeds.iter().filter_map(|feed| led_on(self.folder(&feed.line))).collect()).collect();
        let count: usize = groups.iter().map(Vec::len).sum();
        if count == 0 {
            return Ok(());
        }
        writeln!(text, "\n`tidings serve` sends whoever is subscribed to a feed of Hugo on to its successor:\n")?;
        // some of each kind
        let examples: Vec<&(String, String)> = groups.iter().flat_map(|group| group.iter().take(EXAMPLES)).collect();
        for (old, new) in &examples {
            writeln!(text, "  {old:<40} -> {new}")?;
        }
        if count > examples.len() {
            writeln!(text, "  ... and {} more", count - examples.len())?;
        }
        Ok(())
    }

    /// The path of a feed in the first of its formats.
    fn address(&self, line: &Line) -> String {
        let address = line.addresses.first().map_or("", |(_, address)| address);
        self.at(address.strip_prefix(self.config.feeds.base_url.as_str()).unwrap_or(address))
    }

    /// The path of something among the feeds, on the server.
    fn at(&self, path: &str) -> String {
        format!("/{}", join(&self.config.site.languages.folder, path))
    }

    /// The path of the folder of a feed, with slashes around.
    fn folder(&self, line: &Line) -> String {
        let mut path = self.address(line);
        path.truncate(path.rfind('/').map_or(0, |slash| slash + 1));
        path
    }
}

/// Where an old address is sent on to; none when it is not.
fn moved(old: &str, snapshot: &Snapshot, options: &respond::Options) -> Option<String> {
    let (head, ()) = Request::get(old).header("host", "localhost").body(()).ok()?.into_parts();
    let (answer, _) = respond(&head, snapshot, options, Utc::now());
    let location = answer.headers().get(LOCATION)?.to_str().ok()?;
    (answer.status() == StatusCode::MOVED_PERMANENTLY).then(|| location.to_owned())
}
