//! The list of all feeds of a site as a value: what `opml` tells readers and `page` shows to people.
//!
//! A line is written once, as a fragment of each list that all editions of the list share: of thousands of feeds one post
//! changes few.

use chrono::{DateTime, FixedOffset};

use super::{opml, page};
use crate::config::Format;
use crate::snapshot::Fragment;

/// Every feed of a site.
#[derive(Clone, Debug)]
pub struct Listing<'a> {
    /// The site's name.
    pub title: &'a str,
    /// A BCP 47 tag; empty when unknown.
    pub language: &'a str,
    /// The lists in other languages: what these are called, a tag of theirs, which may be empty, and the way from this list to theirs.
    pub others: Vec<(&'a str, String, String)>,
    /// The feeds in groups: the site, its sections, each taxonomy. The site's own feed is the first of all.
    pub groups: Vec<Group<'a>>,
}

/// Feeds that belong together.
#[derive(Clone, Debug)]
pub struct Group<'a> {
    /// What they have in common.
    pub title: String,
    /// The feeds, in the order to show.
    pub feeds: Vec<&'a Listed>,
}

/// One feed of a list.
#[derive(Clone, Debug)]
pub struct Line {
    /// Its name.
    pub title: String,
    /// The page that it is the feed of, absolute.
    pub page_url: String,
    /// Its absolute address in each format that is written.
    pub addresses: Vec<(Format, String)>,
    /// How many entries it has.
    pub entries: usize,
    /// The newest date of its entries; none when it has none.
    pub updated: Option<DateTime<FixedOffset>>,
}

/// A line, and what each list says of it.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The line.
    pub line: Line,
    pub(super) row: Fragment,
    pub(super) outline: Fragment,
}

impl From<Line> for Listed {
    fn from(line: Line) -> Self {
        Listed { row: page::row(&line), outline: opml::outline(&line), line }
    }
}

impl Listed {
    /// Whether every list says the same of both.
    pub fn reads_as(&self, other: &Listed) -> bool {
        self.row == other.row && self.outline == other.outline
    }
}

impl Listing<'_> {
    /// How many feeds there are.
    pub(super) fn feeds(&self) -> usize {
        self.groups.iter().map(|group| group.feeds.len()).sum()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    fn line(title: &str, folder: &str) -> Listed {
        let addresses = vec![
            (Format::Rss, format!("https://example.org/{folder}rss.xml")),
            (Format::Json, format!("https://example.org/{folder}feed.json")),
        ];
        Line { title: title.into(), page_url: format!("https://example.org/{folder}"), addresses, entries: 3, updated: None }.into()
    }

    /// What a list of two feeds is written as.
    pub(in crate::feed) fn written<T>(write: impl FnOnce(&Listing<'_>) -> T) -> T {
        let (site, term) = (line("A & B", ""), line("C# & <co>", "tags/c%23/"));
        let groups = vec![Group { title: "Site".into(), feeds: vec![&site] }, Group { title: "tags".into(), feeds: vec![&term] }];
        write(&Listing { title: "A & B", language: "en", others: vec![("Français", "fr".to_owned(), "fr/feeds.html".to_owned())], groups })
    }
}
