//! The list of all feeds of a site as a value: what `opml` tells readers and `page` shows to people.

use chrono::{DateTime, FixedOffset};

use crate::config::Format;

/// Every feed of a site.
#[derive(Clone, Debug, PartialEq)]
pub struct Listing {
    /// The site's name.
    pub title: String,
    /// A BCP 47 tag; empty when unknown.
    pub language: String,
    /// The feeds in groups: the site, its sections, each taxonomy. The site's own feed is the first of all.
    pub groups: Vec<Group>,
}

/// Feeds that belong together.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// What they have in common.
    pub title: String,
    /// The feeds, in the order to show.
    pub feeds: Vec<Line>,
}

/// One feed of a list.
#[derive(Clone, Debug, PartialEq)]
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

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::feed) fn listing() -> Listing {
        let line = |title: &str, folder: &str| Line {
            title: title.into(),
            page_url: format!("https://example.org/{folder}"),
            addresses: vec![
                (Format::Rss, format!("https://example.org/{folder}rss.xml")),
                (Format::Json, format!("https://example.org/{folder}feed.json")),
            ],
            entries: 3,
            updated: None,
        };
        Listing {
            title: "A & B".into(),
            language: "en".into(),
            groups: vec![
                Group { title: "Site".into(), feeds: vec![line("A & B", "")] },
                Group { title: "tags".into(), feeds: vec![line("C# & <co>", "tags/c%23/")] },
            ],
        }
    }
}
