//! What a published feed says of ids, read back from the document itself: for when the table of ids is lost, and to tell
//! which entries a build would make new to those who have read them.

use std::collections::{BTreeSet, HashMap, HashSet};

use atom_syndication as atom;
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::address;

/// A feed as its readers know it.
#[derive(Debug, Default, PartialEq)]
pub struct Published {
    /// The address of the page that it is the feed of, and its own id; only Atom has one.
    pub feed: Option<(String, String)>,
    /// Its entries.
    pub entries: Vec<Entry>,
}

/// What tells an entry from others.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its id.
    pub id: String,
    /// The address of its post.
    pub link: String,
    title: String,
    published: Option<DateTime<Utc>>,
}

/// What is to be seen of an entry: its address, its title and its date.
type Look<'e> = (&'e str, &'e str, Option<DateTime<Utc>>);

/// What JSON Feed 1.1 says of ids.
#[derive(Deserialize)]
struct Json {
    items: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    id: String,
    url: String,
    #[serde(default)]
    title: String,
    date_published: Option<String>,
}

impl Published {
    /// Reads a feed in any of the three formats; none when it is not one.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        if bytes.trim_ascii_start().starts_with(b"{") {
            let feed: Json = serde_json::from_slice(bytes).ok()?;
            let date = |text: String| DateTime::parse_from_rfc3339(&text).ok().map(|date| date.to_utc());
            let entry =
                |item: Item| Entry { id: item.id, link: item.url, title: item.title, published: item.date_published.and_then(date) };
            return Some(Published { feed: None, entries: feed.items.into_iter().map(entry).collect() });
        }
        if let Ok(feed) = atom::Feed::read_from(bytes) {
            let home = alternate(&feed.links).map(|link| (link.to_owned(), feed.id.clone()));
            let entry = |entry: &atom::Entry| {
                let link = alternate(&entry.links)?.to_owned();
                let published = entry.published.map(|date| date.to_utc());
                Some(Entry { id: entry.id.clone(), link, title: entry.title.value.clone(), published })
            };
            return Some(Published { feed: home, entries: feed.entries.iter().filter_map(entry).collect() });
        }
        let channel = rss::Channel::read_from(bytes).ok()?;
        let entry = |item: rss::Item| {
            let published = item.pub_date.and_then(|date| DateTime::parse_from_rfc2822(&date).ok()).map(|date| date.to_utc());
            Some(Entry { id: item.guid?.value, link: item.link?, title: item.title.unwrap_or_default(), published })
        };
        Some(Published { feed: None, entries: channel.items.into_iter().filter_map(entry).collect() })
    }

    /// The feed without the entries that have some ids.
    #[must_use]
    pub fn without(mut self, is_to_go: impl Fn(&str) -> bool) -> Self {
        self.entries.retain(|entry| !is_to_go(&entry.id));
        self
    }

    /// The ids in this feed of entries that an earlier state of the feed had under another id: a reader shows them again.
    /// An entry is the same when it has the same address, or the same title and date. One that has the id of another, for which
    /// readers take it, is the same when all of these are: posts may change their addresses or titles with each other.
    pub fn returning(&self, before: &Published) -> BTreeSet<String> {
        let now: HashSet<&str> = self.entries.iter().map(|entry| &*entry.id).collect();
        let then: HashSet<&str> = before.entries.iter().map(|entry| &*entry.id).collect();
        let dropped = || before.entries.iter().filter(|entry| !now.contains(&*entry.id));
        let by_address: HashSet<&str> = dropped().map(|entry| address(&entry.link)).collect();
        let by_title: HashMap<&str, Option<DateTime<Utc>>> = dropped().map(|entry| (&*entry.title, entry.published)).collect();
        let is_same = |entry: &Entry| {
            by_address.contains(address(&entry.link)) || entry.published.is_some() && by_title.get(&*entry.title) == Some(&entry.published)
        };
        let (own, former) = (self.owned(), before.owned());
        let left: HashSet<_> = former.difference(&own).map(|(look, _)| look).collect();
        let has_another = |entry: &Entry| left.contains(&entry.look()) && !former.contains(&(entry.look(), &*entry.id));
        let returns = |entry: &&Entry| has_another(entry) || !then.contains(&*entry.id) && is_same(entry);
        self.entries.iter().filter(returns).map(|entry| entry.id.clone()).collect()
    }

    /// What is to be seen of each entry, with its id.
    fn owned(&self) -> HashSet<(Look<'_>, &str)> {
        self.entries.iter().map(|entry| (entry.look(), &*entry.id)).collect()
    }
}

impl Entry {
    fn look(&self) -> Look<'_> {
        (address(&self.link), &self.title, self.published)
    }
}

/// RFC 4287 §4.2.7.2: a link without `rel` is an alternate one.
fn alternate(links: &[atom::Link]) -> Option<&str> {
    links.iter().find(|link| link.rel == "alternate").map(|link| &*link.href)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(id: &str, link: &str, title: &str) -> Entry {
        Entry { id: id.to_owned(), link: link.to_owned(), title: title.to_owned(), published: Some(DateTime::UNIX_EPOCH) }
    }

    #[test]
    fn each_format_tells_its_ids() {
        let expected = vec![entry("urn:a", "https://e.org/a/", "A")];
        let atom = "<?xml version=\"1.0\"?><feed xmlns=\"http://www.w3.org/2005/Atom\"><id>urn:feed</id><title>F</title>\
            <updated>2020-01-01T00:00:00Z</updated><link rel=\"self\" href=\"https://e.org/atom.xml\"/><link href=\"https://e.org/\"/>\
            <entry><id>urn:a</id><title>A</title><updated>2020-01-01T00:00:00Z</updated><published>1970-01-01T00:00:00Z</published>\
            <link rel=\"enclosure\" href=\"https://e.org/a.png\"/><link href=\"https://e.org/a/\"/></entry></feed>";
        let feed = Some(("https://e.org/".to_owned(), "urn:feed".to_owned()));
        assert_eq!(Published::read(atom.as_bytes()), Some(Published { feed, entries: expected.clone() }));
        let rss = "<rss version=\"2.0\"><channel><title>F</title><link>https://e.org/</link><description/><item><title>A</title>\
            <link>https://e.org/a/</link><guid isPermaLink=\"false\">urn:a</guid><pubDate>Thu, 01 Jan 1970 00:00:00 +0000</pubDate></item>\
            <item><title>No guid</title></item></channel></rss>";
        let plain = Published { feed: None, entries: expected };
        assert_eq!(Published::read(rss.as_bytes()), Some(Published { feed: None, entries: plain.entries.clone() }));
        let json = r#"{"version":"https://jsonfeed.org/version/1.1","title":"F",
            "items":[{"id":"urn:a","url":"https://e.org/a/","title":"A","date_published":"1970-01-01T00:00:00Z"}]}"#;
        assert_eq!(Published::read(json.as_bytes()), Some(plain));
        for none in ["", "{}", "<html></html>", "text"] {
            assert_eq!(Published::read(none.as_bytes()), None, "{none}");
        }
    }

    fn check(before: &[&Entry], after: &[&Entry], expected: &[&str]) {
        let feed = |entries: &[&Entry]| Published { feed: None, entries: entries.iter().copied().cloned().collect() };
        let found: Vec<String> = feed(after).returning(&feed(before)).into_iter().collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn an_entry_comes_back_as_new_when_its_id_changes_and_its_address_or_title_and_date_do_not() {
        let old = entry("urn:a", "https://e.org/a/", "A");
        check(&[&old], &[&entry("urn:a", "https://e.org/b/", "B")], &[]);
        check(&[&old], &[&entry("urn:b", "http://other.org/a/", "B")], &["urn:b"]);
        check(&[&old], &[&entry("urn:b", "https://e.org/b/", "A")], &["urn:b"]);
        check(&[&old], &[&entry("urn:b", "https://e.org/b/", "B")], &[]);
        // a second post of the same name, or at the same address, is new indeed
        check(&[&old], &[&old, &entry("urn:b", "https://e.org/b/", "A")], &[]);
        check(&[&old], &[&old, &entry("urn:b", "https://e.org/a/", "B")], &[]);
        check(&[&old], &[&old, &entry("urn:b", "https://e.org/a/", "A")], &[]);
        // ids that change places, and one that gives its own to another
        let other = entry("urn:b", "https://e.org/b/", "B");
        let (a, b) = (entry("urn:b", "https://e.org/a/", "A"), entry("urn:a", "https://e.org/b/", "B"));
        check(&[&old, &other], &[&a, &b], &["urn:a", "urn:b"]);
        check(&[&old, &other], &[&a, &entry("urn:c", "https://e.org/b/", "B")], &["urn:b", "urn:c"]);
        // addresses that do, or titles, take no id from its post
        let (a, b) = (entry("urn:a", "https://e.org/b/", "A"), entry("urn:b", "https://e.org/a/", "B"));
        check(&[&old, &other], &[&a, &b], &[]);
        let (a, b) = (entry("urn:a", "https://e.org/a/", "B"), entry("urn:b", "https://e.org/b/", "A"));
        check(&[&old, &other], &[&a, &b], &[]);
    }
}
