//! The ids under which entries and feeds were first published, so that none ever changes.
//!
//! A reader that meets a new id shows an old post as a new one. So an id, once published, is kept here with the file
//! that owns it and every address it was published at; it survives a change of slug, of file, of domain.
//! Who stores the text of the table is not decided here.

mod naming;
mod published;
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::Bytes;
use foldhash::HashMap;
use percent_encoding::percent_decode_str;

pub use naming::{Naming, World};
pub use published::{Entry, Published};
use table::{Line, Table};

/// The name of the table, beside the feeds.
pub const FILE: &str = ".ids.tsv";

/// The file of an id that was read from a feed, until the post at its address claims it. No post has this name.
pub const UNKNOWN: &str = "?";

/// The table of ids.
#[derive(Clone, Debug, Default)]
pub struct Ids {
    entries: HashMap<Arc<str>, Record>,
    /// What stands here of feeds and entries, as it is written.
    table: Table,
    by_path: HashMap<Arc<str>, BTreeSet<Arc<str>>>,
    /// The id of each feed, by the address of the page that it is the feed of.
    feeds: BTreeMap<String, String>,
    /// Counts the changes since the table was read.
    revision: u64,
}

/// What is known of an id.
#[derive(Clone, Debug, Default)]
struct Record {
    /// The file that has the id now, or had it last.
    path: Arc<str>,
    addresses: BTreeSet<Arc<str>>,
}

impl Ids {
    /// Reads a table. A line is `address <tab> path <tab> id`; the path of a feed is empty. The numbers of lines that are
    /// not of this form are returned beside the table. One that does not end may be cut, and its id another one.
    pub fn parse(text: &str) -> (Self, Vec<usize>) {
        let mut ids = Ids::default();
        let mut faults = Vec::new();
        for (number, line) in text.split_inclusive('\n').enumerate() {
            let line = line.strip_suffix('\n').map_or("", |line| line.strip_suffix('\r').unwrap_or(line));
            let fields: Vec<&str> = line.split('\t').collect();
            match fields[..] {
                [address, "", id] if !address.is_empty() && !id.is_empty() => {
                    ids.remember_feed(address, id);
                }
                [address, path, id] if !address.is_empty() && !id.is_empty() => {
                    let path = percent_decode_str(path).decode_utf8_lossy();
                    ids.remember(address, &path, id);
                }
                _ => faults.push(number + 1),
            }
        }
        // one that is written otherwise than it would be here is to be written
        ids.revision = u64::from(!ids.reads_as(text));
        (ids, faults)
    }

    /// Whether this is the text of the table.
    fn reads_as(&self, text: &str) -> bool {
        let rest = self.text().iter().try_fold(text.as_bytes(), |rest, part| rest.strip_prefix(&**part));
        rest.is_some_and(<[u8]>::is_empty)
    }

    /// Remembers the ids of a feed that was published when the table was another one.
    pub fn restore(&mut self, published: &Published) {
        for entry in &published.entries {
            if !self.entries.contains_key(&*entry.id) {
                self.remember(address(&entry.link), UNKNOWN, &entry.id);
            }
        }
        if let Some((home, id)) = &published.feed {
            self.remember_feed(address(home), id);
        }
    }

    /// How many ids of entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no id of an entry.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether a file's entry was published.
    pub fn has_file(&self, path: &str) -> bool {
        // an id may have gone to another file
        self.by_path.get(path).is_some_and(|ids| !ids.is_empty())
    }

    /// The files whose entries were published. One that is not known is [`UNKNOWN`].
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.by_path.iter().filter(|(_, ids)| !ids.is_empty()).map(|(path, _)| &**path)
    }

    /// The addresses of the pages whose feeds were published.
    pub fn feeds(&self) -> impl Iterator<Item = &str> {
        self.feeds.keys().map(String::as_str)
    }

    /// The table as text, sorted, one line for each id and address; its parts, one after the other.
    pub fn text(&self) -> Vec<Bytes> {
        self.table.text()
    }

    /// How many bytes the table has as text.
    pub fn text_len(&self) -> usize {
        self.text().iter().map(Bytes::len).sum()
    }

    /// The table without some ids.
    #[must_use]
    pub fn without(self, is_to_go: impl Fn(&str) -> bool) -> Self {
        if !self.entries.keys().map(|id| &**id).chain(self.feeds.values().map(String::as_str)).any(&is_to_go) {
            return self;
        }
        let text = String::from_utf8(self.text().concat()).unwrap_or_default();
        let stays = |line: &&str| line.trim_end().rsplit('\t').next().is_none_or(|id| !is_to_go(id));
        let (ids, _) = Ids::parse(&text.split_inclusive('\n').filter(stays).collect::<String>());
        Ids { revision: self.revision + 1, ..ids }
    }

    /// The table with what another one has that is not known here: ids, and the ids of feeds. Where a file was published at one
    /// address by both, that of this one counts.
    #[must_use]
    pub fn and(mut self, other: &Ids) -> Self {
        let lines = other.entries.iter().filter(|(id, _)| !self.entries.contains_key(*id));
        let lines = lines.flat_map(|(id, record)| record.addresses.iter().map(move |address| (address, &record.path, id)));
        let unknown: Vec<_> = lines.filter(|(address, path, _)| self.owned_at(address, path).is_none()).collect();
        unknown.into_iter().for_each(|(address, path, id)| self.remember(address, path, id));
        for (address, id) in &other.feeds {
            self.remember_feed(address, id);
        }
        self
    }

    /// A number that grows with every change to the table; 0 is the table as it was read, if it was written as it is here.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The id of a feed: that under which it was first published, else the address of its page.
    pub fn of_feed(&mut self, home: &str) -> String {
        self.remember_feed(address(home), home).to_owned()
    }

    /// The id of a feed, which is this one if none is known.
    fn remember_feed(&mut self, address: &str, id: &str) -> &str {
        if !self.feeds.contains_key(address) {
            self.feeds.insert(address.to_owned(), id.to_owned());
            self.table.insert(Line { address: address.into(), path: Arc::default(), id: id.into() });
            self.revision += 1;
        }
        &self.feeds[address]
    }

    /// The id that a file was published with at an address.
    fn owned_at(&self, address: &str, path: &str) -> Option<&Arc<str>> {
        self.by_path.get(path)?.iter().find(|id| self.entries[*id].addresses.contains(address))
    }

    fn remember(&mut self, address: &str, path: &str, id: &str) {
        let id = self.entries.get_key_value(id).map_or_else(|| Arc::from(id), |(id, _)| id.clone());
        let record = self.entries.entry(id.clone()).or_default();
        let line = |address: &Arc<str>, path: &Arc<str>| Line { address: address.clone(), path: path.clone(), id: id.clone() };
        if *record.path != *path {
            let before = std::mem::replace(&mut record.path, path.into());
            if let Some(ids) = self.by_path.get_mut(&before) {
                ids.remove(&id);
            }
            for address in &record.addresses {
                self.table.remove(&line(address, &before));
                self.table.insert(line(address, &record.path));
            }
            self.by_path.entry(record.path.clone()).or_default().insert(id.clone());
            self.revision += 1;
        }
        if !record.addresses.contains(address) {
            let address = Arc::from(address);
            self.table.insert(line(&address, &record.path));
            record.addresses.insert(address);
            self.revision += 1;
        }
    }
}

/// The part of an absolute address that stays when the site moves to another domain: `/blog/post/`.
pub fn address(permalink: &str) -> &str {
    let rest = permalink.split_once("://").map_or(permalink, |(_, rest)| rest);
    rest.find('/').map_or("/", |slash| &rest[slash..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(ids: &Ids) -> String {
        String::from_utf8(ids.text().concat()).unwrap()
    }

    #[test]
    fn a_feed_keeps_its_id_when_the_domain_changes() {
        let mut ids = Ids::default();
        assert_eq!(ids.of_feed("https://old.example/tags/x/"), "https://old.example/tags/x/");
        let (mut ids, _) = Ids::parse(&text(&ids));
        assert_eq!(ids.of_feed("https://new.example/tags/x/"), "https://old.example/tags/x/");
    }

    #[test]
    fn a_file_whose_id_went_to_another_has_none() {
        let mut ids = Ids::default();
        ids.remember("/a/", "a.md", "urn:x");
        ids.remember("/a/", "b.md", "urn:x");
        assert_eq!(["a.md", "b.md"].map(|path| ids.has_file(path)), [false, true]);
    }

    #[test]
    fn two_tables_become_one() {
        let table = |text: &str| Ids::parse(&text.replace(' ', "\t")).0;
        let (one, other) = (
            table("/a/ a.md urn:1\n/b/ b.md urn:2\n/ \turn:f\n"),
            table("/a/ a.md urn:3\n/b/ c.md urn:2\n/d/ d.md urn:4\n/ \turn:g\n/t/ \turn:t\n"),
        );
        let expected = table("/a/ a.md urn:1\n/b/ b.md urn:2\n/d/ d.md urn:4\n/ \turn:f\n/t/ \turn:t\n");
        assert_eq!(text(&one.and(&other)), text(&expected));
    }

    #[test]
    fn the_table_is_sorted_and_survives_hostile_paths_and_names_bad_lines() {
        let mut ids = Ids::default();
        ids.remember("/b/", "b%\tc.md", "https://example.org/b/");
        ids.remember("/a/", "a\nb.md", "https://example.org/a/");
        ids.of_feed("https://example.org/b/");
        let table = text(&ids);
        let lines =
            ["/a/\ta%0Ab.md\thttps://example.org/a/\n", "/b/\t\thttps://example.org/b/\n", "/b/\tb%25%09c.md\thttps://example.org/b/\n"];
        assert_eq!(table, lines.concat());
        assert_eq!(text(&Ids::parse(&table).0), table);
        assert_eq!(Ids::parse("x\n/a/\t\thttps://a/\n/a/\tb\n").1, [1, 3]);
        let (cut, faults) = Ids::parse(&table[..table.len() - 3]);
        assert_eq!((text(&cut), faults), (lines[..2].concat(), vec![3]));
    }
}
