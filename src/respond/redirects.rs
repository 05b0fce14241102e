//! `[redirects]`: what the site itself sends on. A path that ends with `/` stands for everything below it.

use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use url::Url;

use super::Mount;
use super::route::{decoded_and_composed, encoded};
use crate::config::taken_apart;

/// Everything but what may stand behind a path, escapes and the signs that part it among that.
const OUTSIDE_QUERY: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'`');

/// Where paths lead, by what they start with. All paths are decoded and without their first slash.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Redirects(BTreeMap<String, Redirect>);

/// What the configuration says of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Redirect {
    pub(super) to: Target,
    /// The query and the fragment behind that, in ASCII, with the signs before them.
    pub(super) suffix: String,
}

/// What a path leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// Another path of these feeds.
    Here(String),
    /// A path of this server that is not of these feeds, in ASCII.
    Beside(String),
    /// An address of another, in ASCII.
    Elsewhere(String),
}

impl Redirects {
    /// Reads pairs as the configuration has validated them: from a path of this server to another or an address. Those that are
    /// not from below the mounted feeds are for others.
    pub fn new(pairs: &BTreeMap<String, String>, mount: &Mount) -> Self {
        let from = |from: &str| decoded_and_composed(mount.inside(from)?);
        Redirects(pairs.iter().filter_map(|(path, to)| Some((from(path)?, Redirect::new(to, mount)))).collect())
    }

    /// Where a path leads in the end, so that a client is sent on once. None when it leads nowhere, or in a circle.
    pub(super) fn follow(&self, path: &str, is_there: impl Fn(&str) -> bool) -> Option<Redirect> {
        let mut found = self.step(path).or_else(|| self.of_language(path).filter(|_| !is_there(path)))?;
        for _ in 0..self.0.len() {
            let next = match &found.to {
                Target::Here(path) if !is_there(path) => self.step(path).or_else(|| self.of_language(path)),
                _ => return Some(found),
            };
            let Some(Redirect { to, suffix }) = next else { return Some(found) };
            found = Redirect { to, suffix: if suffix.is_empty() { found.suffix } else { suffix } };
        }
        None
    }

    /// One redirect: the longest that fits.
    fn step(&self, path: &str) -> Option<Redirect> {
        let folders = path.match_indices('/').rev().map(|(at, _)| &path[..=at]);
        let (from, redirect) = std::iter::once(path).chain(folders).find_map(|from| self.0.get_key_value(from))?;
        Some(redirect.below(&path[from.len()..]))
    }

    /// The redirect of the whole folder of a language, which is all that is below these feeds, for what has no other.
    fn of_language(&self, path: &str) -> Option<Redirect> {
        self.0.get("").map(|redirect| redirect.below(path))
    }
}

impl Redirect {
    /// What the configuration says.
    fn new(to: &str, mount: &Mount) -> Self {
        if !to.starts_with('/') {
            let address = Url::parse(to).map_or_else(|_| to.to_owned(), String::from);
            return Redirect { to: Target::Elsewhere(address), suffix: String::new() };
        }
        let (path, suffix) = taken_apart(to);
        let target = match mount.inside(path).and_then(decoded_and_composed) {
            Some(path) => Target::Here(path),
            None => Target::Beside(decoded_and_composed(path).map_or_else(|| path.to_owned(), |path| encoded(&path))),
        };
        Redirect { to: target, suffix: utf8_percent_encode(suffix, OUTSIDE_QUERY).to_string() }
    }

    /// Where a path leads that goes on below the one that leads here.
    fn below(&self, path: &str) -> Self {
        let inside = || encoded(path).trim_start_matches('/').to_owned();
        let to = match &self.to {
            Target::Here(to) => Target::Here(format!("{to}{path}")),
            Target::Beside(to) => Target::Beside(format!("{to}{}", inside())),
            Target::Elsewhere(to) => Target::Elsewhere(format!("{to}{}", inside())),
        };
        Redirect { to, suffix: self.suffix.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Part};

    fn mount(language: Option<&str>) -> Mount {
        let site = "baseURL = 'https://example.org/'\n[languages.en]\n[languages.fr]";
        Mount::new(&Config::read(&[Part::new("c.toml", site)], language).unwrap().0)
    }

    fn check(pairs: &[(&str, &str)], path: &str, expected: Option<&str>) {
        let pairs = pairs.iter().map(|(from, to)| ((*from).to_owned(), (*to).to_owned())).collect();
        let found = Redirects::new(&pairs, &mount(None)).follow(path, |path| path == "there/rss.xml");
        let found = found.map(|lead| match lead.to {
            Target::Here(path) | Target::Beside(path) => path,
            Target::Elsewhere(address) => address,
        });
        assert_eq!(found.as_deref(), expected, "{path}");
    }

    #[test]
    fn the_longest_redirect_that_fits_is_followed_to_the_end() {
        let pairs = [("/a/", "/b/"), ("/a/x/", "/c/"), ("/b/", "/d/"), ("/e", "/f"), ("/g/", "https://other.example/h/")];
        check(&pairs, "a/rss.xml", Some("d/rss.xml"));
        check(&pairs, "a/x/rss.xml", Some("c/rss.xml"));
        check(&pairs, "a/xy", Some("d/xy"));
        check(&pairs, "e", Some("f"));
        check(&pairs, "e/rss.xml", None);
        check(&pairs, "g/c#/rss.xml", Some("https://other.example/h/c%23/rss.xml"));
        check(&pairs, "z", None);
        let nested = [("/a/b/", "/c/"), ("/a/", "/d/")];
        check(&nested, "a/b/rss.xml", Some("c/rss.xml"));
        check(&nested, "a/bc/rss.xml", Some("d/bc/rss.xml"));
        check(&nested, "a/", Some("d/"));
        check(&nested, "", None);
        check(&nested, "x/rss.xml", None);
    }

    #[test]
    fn redirects_from_the_folder_of_a_language_are_followed_there() {
        let pairs = [("/fr/a/", "/fr/b/"), ("/fr/c/", "/é/"), ("/e/", "/f/")].map(|(from, to)| (from.to_owned(), to.to_owned()));
        let redirects = Redirects::new(&BTreeMap::from(pairs), &mount(Some("fr")));
        let follow = |path| redirects.follow(path, |_| false).map(|lead| lead.to);
        assert_eq!(follow("a/rss.xml"), Some(Target::Here("b/rss.xml".to_owned())));
        assert_eq!(follow("c/x"), Some(Target::Beside("/%C3%A9/x".to_owned())));
        assert_eq!(follow("e/"), None);

        let all = BTreeMap::from([("/fr/a/", "/fr/b/"), ("/fr/", "/de/")].map(|(from, to)| (from.to_owned(), to.to_owned())));
        let redirects = Redirects::new(&all, &mount(Some("fr")));
        let follow = |path| redirects.follow(path, |_| false).map(|lead| lead.to);
        assert_eq!(follow("a/rss.xml"), Some(Target::Beside("/de/b/rss.xml".to_owned())));
        assert_eq!(follow("post/x.xml"), Some(Target::Beside("/de/post/x.xml".to_owned())));
        assert_eq!(follow("x.xml"), Some(Target::Beside("/de/x.xml".to_owned())));
    }

    #[test]
    fn it_ends_where_a_document_is_and_never_in_a_circle() {
        check(&[("/a/", "/there/"), ("/there/", "/b/")], "a/rss.xml", Some("there/rss.xml"));
        check(&[("/a/", "/b/"), ("/b/", "/a/")], "a/rss.xml", None);
        check(&[("/a/", "/a/a/")], "a/rss.xml", None);
    }
}
