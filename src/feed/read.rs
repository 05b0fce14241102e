//! A feed read back from its own bytes: what a person is shown of it.
//!
//! The page of a feed is made from the very document that readers get, so it shows what they get, and nothing is kept for it.

use chrono::{DateTime, FixedOffset};
use serde::Deserialize;

use crate::config::Format;

/// What a feed says to people.
#[derive(Debug, PartialEq)]
pub(super) struct Told {
    pub(super) title: String,
    pub(super) description: String,
    /// The page that it is the feed of.
    pub(super) home: String,
    /// Its own address.
    pub(super) address: String,
    /// A BCP 47 tag; empty when unknown.
    pub(super) language: String,
    pub(super) entries: Vec<ToldEntry>,
}

/// What an entry says to people.
#[derive(Debug, PartialEq)]
pub(super) struct ToldEntry {
    pub(super) title: String,
    pub(super) url: String,
    pub(super) published: Option<DateTime<FixedOffset>>,
    pub(super) authors: Vec<String>,
    pub(super) html: String,
}

/// Reads a whole document. None when it is no feed in this format.
pub(super) fn read(format: Format, document: &[u8]) -> Option<Told> {
    match format {
        Format::Rss => rss(document),
        Format::Atom => atom(document),
        Format::Json => json(document),
    }
}

fn rss(document: &[u8]) -> Option<Told> {
    let channel = rss::Channel::read_from(document).ok()?;
    let own = channel.atom_ext.unwrap_or_default().links.into_iter().find(|link| link.rel == "self");
    let entries = channel.items.into_iter().map(|item| ToldEntry {
        title: item.title.unwrap_or_default(),
        url: item.link.unwrap_or_default(),
        published: item.pub_date.and_then(|date| DateTime::parse_from_rfc2822(&date).ok()),
        authors: item.dublin_core_ext.map(|dublin_core| dublin_core.creators).unwrap_or_default(),
        html: item.content.or(item.description).unwrap_or_default(),
    });
    Some(Told {
        entries: entries.collect(),
        title: channel.title,
        description: channel.description,
        home: channel.link,
        address: own.map(|link| link.href).unwrap_or_default(),
        language: channel.language.unwrap_or_default(),
    })
}

fn atom(document: &[u8]) -> Option<Told> {
    let feed = atom_syndication::Feed::read_from(document).ok()?;
    let link = |links: &[atom_syndication::Link], rel| links.iter().find(|link| link.rel == rel).map(|link| link.href.clone());
    let entries = feed.entries.into_iter().map(|entry| ToldEntry {
        url: link(&entry.links, "alternate").unwrap_or_default(),
        title: entry.title.value,
        published: entry.published,
        authors: entry.authors.into_iter().map(|author| author.name).collect(),
        html: entry.content.and_then(|content| content.value).or(entry.summary.map(|summary| summary.value)).unwrap_or_default(),
    });
    Some(Told {
        entries: entries.collect(),
        title: feed.title.value,
        description: feed.subtitle.map(|subtitle| subtitle.value).unwrap_or_default(),
        home: link(&feed.links, "alternate").unwrap_or_default(),
        address: link(&feed.links, "self").unwrap_or_default(),
        language: feed.lang.unwrap_or_default(),
    })
}

#[derive(Deserialize)]
struct JsonFeed {
    title: String,
    #[serde(default)]
    description: String,
    home_page_url: String,
    feed_url: String,
    #[serde(default)]
    language: String,
    items: Vec<JsonItem>,
}

#[derive(Deserialize)]
struct JsonItem {
    #[serde(default)]
    title: String,
    url: String,
    date_published: String,
    #[serde(default)]
    authors: Vec<JsonPerson>,
    content_html: Option<String>,
    content_text: Option<String>,
}

#[derive(Deserialize)]
struct JsonPerson {
    name: String,
}

fn json(document: &[u8]) -> Option<Told> {
    let feed: JsonFeed = serde_json::from_slice(document).ok()?;
    let entries = feed.items.into_iter().map(|item| ToldEntry {
        title: item.title,
        url: item.url,
        published: DateTime::parse_from_rfc3339(&item.date_published).ok(),
        authors: item.authors.into_iter().map(|author| author.name).collect(),
        html: item.content_html.unwrap_or_else(|| format!("<p>{}</p>", quick_xml::escape::escape(item.content_text.unwrap_or_default()))),
    });
    Some(Told {
        entries: entries.collect(),
        title: feed.title,
        description: feed.description,
        home: feed.home_page_url,
        address: feed.feed_url,
        language: feed.language,
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{entry, feed, text};
    use super::*;

    #[test]
    fn every_format_tells_people_the_same() {
        let told = |format| read(format, text(format, &feed(), &[entry(), entry()]).as_bytes()).unwrap();
        let (rss, atom, json) = (told(Format::Rss), told(Format::Atom), told(Format::Json));
        assert_eq!(rss.address, "https://example.org/rss.xml");
        assert_eq!(rss.entries[1].html, entry().html);
        assert_eq!(rss.entries[1].authors, ["Ann"]);
        assert_eq!(rss.entries, atom.entries);
        assert_eq!(rss.entries, json.entries);
        assert_eq!(Told { address: String::new(), ..atom }, Told { address: String::new(), ..rss });
        assert_eq!(json.address, "https://example.org/feed.json");
    }

    #[test]
    fn what_is_no_feed_is_none() {
        for format in Format::ALL {
            assert_eq!(read(format, b"<html></html>"), None);
        }
    }
}
