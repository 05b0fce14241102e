//! The ids under which entries and feeds were first published, so that none ever changes.
//!
//! A reader that meets a new id shows an old post as a new one. So an id, once published, is kept here with the file
//! that owns it and every address it was published at; it survives a change of slug, of file, of domain.
//! Who stores the text of the table is not decided here.

mod published;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::content::post::Post;
use crate::index::wanted_id;

pub use published::{Entry, Published};

/// The file of an id that was read from a feed, until the post at its address claims it. No post has this name.
const UNKNOWN: &str = "?";

/// Characters of a path that would end a field or a line of the table.
const FIELD: &AsciiSet = &CONTROLS.add(b'%');

/// Characters of a path that may not stand in the fragment of an address.
const FRAGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What is known of the posts that exist, beside the one that needs an id.
pub trait World {
    /// The permalink of the post of a file, if that file has a post.
    fn permalink_of(&self, path: &str) -> Option<&str>;
    /// Whether another post than that of `path` has this address.
    fn is_address_of_another(&self, address: &str, path: &str) -> bool;
    /// The posts that want the same id, the given one among them, first published first.
    fn rivals(&self, wanted_id: &str) -> Vec<&Post>;
}

/// The table of ids.
#[derive(Clone, Debug, Default)]
pub struct Ids {
    entries: BTreeMap<String, Record>,
    by_address: BTreeMap<String, BTreeSet<String>>,
    by_path: HashMap<String, BTreeSet<String>>,
    /// The id of each feed, by the address of the page that it is the feed of.
    feeds: BTreeMap<String, String>,
    /// Counts the changes since the table was read.
    revision: u64,
}

#[derive(Clone, Debug, Default)]
struct Record {
    /// The file that has the id now, or had it last.
    path: String,
    addresses: BTreeSet<String>,
}

impl Ids {
    /// Reads a table. A line is `address <tab> path <tab> id`; the path of a feed is empty. The numbers of lines that are
    /// not of this form are returned beside the table.
    pub fn parse(text: &str) -> (Self, Vec<usize>) {
        let mut ids = Ids::default();
        let mut faults = Vec::new();
        for (number, line) in text.lines().enumerate() {
            let fields: Vec<&str> = line.split('\t').collect();
            match fields[..] {
                [address, "", id] if !address.is_empty() && !id.is_empty() => {
                    ids.feeds.insert(address.to_owned(), id.to_owned());
                }
                [address, path, id] if !address.is_empty() && !id.is_empty() => {
                    let path = percent_decode_str(path).decode_utf8_lossy();
                    ids.remember(address, &path, id);
                }
                _ => faults.push(number + 1),
            }
        }
        ids.revision = 0;
        (ids, faults)
    }

    /// Remembers the ids of a feed that was published when the table was another one.
    pub fn restore(&mut self, published: &Published) {
        for entry in &published.entries {
            if !self.entries.contains_key(&entry.id) {
                self.remember(address(&entry.link), UNKNOWN, &entry.id);
            }
        }
        if let Some((home, id)) = &published.feed {
            self.revision += 1;
            self.feeds.entry(address(home).to_owned()).or_insert_with(|| id.clone());
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

    /// The table as text, sorted, one line for each id and address.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        let mut push = |address: &str, path: &str, id: &str| {
            text.extend([address, "\t"]);
            text.extend(utf8_percent_encode(path, FIELD));
            text.extend(["\t", id, "\n"]);
        };
        let mut feeds = self.feeds.iter().peekable();
        for (address, ids) in &self.by_address {
            while let Some((home, id)) = feeds.next_if(|(home, _)| *home <= address) {
                push(home, "", id);
            }
            let mut lines: Vec<(&str, &str)> = ids.iter().map(|id| (&*self.entries[id].path, &**id)).collect();
            lines.sort_unstable();
            lines.into_iter().for_each(|(path, id)| push(address, path, id));
        }
        feeds.for_each(|(home, id)| push(home, "", id));
        text
    }

    /// A number that grows with every change to the table; 0 is the table as it was read.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The id of a feed: that under which it was first published, else the address of its page.
    pub fn of_feed(&mut self, home: &str) -> String {
        let revision = &mut self.revision;
        let new = || {
            *revision += 1;
            home.to_owned()
        };
        self.feeds.entry(address(home).to_owned()).or_insert_with(new).clone()
    }

    /// The id of an entry, remembered from now on. In order: what its front matter says; the id that its file was published
    /// with at this address; the id that was published at this address, or at one of its aliases, by a file that has moved
    /// on; the id that its file was published with elsewhere; its permalink.
    pub fn of_entry(&mut self, post: &Post, world: &impl World) -> String {
        let here = address(&post.permalink);
        let id = match &post.id {
            Some(own) => self.kept_variant(own, &post.path).unwrap_or_else(|| self.fresh(post, world)),
            None => self
                .owned_at(here, &post.path)
                .or_else(|| self.free_at(here, world))
                .or_else(|| self.at_an_alias(post, world))
                .or_else(|| self.owned_elsewhere(&post.path, world))
                .unwrap_or_else(|| self.fresh(post, world)),
        };
        self.remember(here, &post.path, &id);
        id
    }

    /// An id of this file that is `own`, or was made from it when another post had it.
    fn kept_variant(&self, own: &str, path: &str) -> Option<String> {
        let is_variant = |id: &&String| id.strip_prefix(own).is_some_and(|rest| rest.is_empty() || rest.starts_with(separator(own)));
        self.by_path.get(path)?.iter().find(is_variant).cloned()
    }

    fn owned_at(&self, address: &str, path: &str) -> Option<String> {
        self.by_address.get(address)?.iter().find(|id| self.entries[*id].path == path).cloned()
    }

    fn free_at(&self, address: &str, world: &impl World) -> Option<String> {
        self.by_address.get(address)?.iter().find(|id| self.is_free(id, world)).cloned()
    }

    fn at_an_alias(&self, post: &Post, world: &impl World) -> Option<String> {
        post.aliases.iter().map(|alias| address(alias)).find_map(|alias| {
            self.owned_at(alias, &post.path).or_else(|| self.free_at(alias, world)).or_else(|| self.free_at(&without_slash(alias), world))
        })
    }

    fn owned_elsewhere(&self, path: &str, world: &impl World) -> Option<String> {
        let is_left = |id: &&String| self.entries[*id].addresses.iter().all(|address| !world.is_address_of_another(address, path));
        self.by_path.get(path)?.iter().find(is_left).cloned()
    }

    /// Whether no post that exists has this id: its file is gone, or has moved to an address that never had it.
    fn is_free(&self, id: &str, world: &impl World) -> bool {
        let record = &self.entries[id];
        world.permalink_of(&record.path).is_none_or(|permalink| !record.addresses.contains(address(permalink)))
    }

    /// An id for a post that never had one: what it wants, or, where an earlier post has that, the same with its date.
    fn fresh(&self, post: &Post, world: &impl World) -> String {
        let wanted = wanted_id(post);
        let is_taken = |id: &str| self.entries.get(id).is_some_and(|r| r.path != *post.path && world.permalink_of(&r.path).is_some());
        let rivals = world.rivals(wanted);
        if rivals.first().is_none_or(|first| first.path == post.path) && !is_taken(wanted) {
            return wanted.to_owned();
        }
        let day = |post: &Post| post.published.format("%Y-%m-%d").to_string();
        let dated = format!("{wanted}{}{}", separator(wanted), day(post));
        let is_only = rivals.iter().skip(1).all(|rival| rival.path == post.path || day(rival) != day(post));
        if is_only && !is_taken(&dated) { dated } else { format!("{dated}-{}", utf8_percent_encode(&post.path, FRAGMENT)) }
    }

    fn remember(&mut self, address: &str, path: &str, id: &str) {
        let record = self.entries.entry(id.to_owned()).or_default();
        if record.path != path {
            if let Some(ids) = self.by_path.get_mut(&record.path) {
                ids.remove(id);
            }
            record.path = path.to_owned();
            self.revision += 1;
            self.by_path.entry(path.to_owned()).or_default().insert(id.to_owned());
        }
        if record.addresses.insert(address.to_owned()) {
            self.revision += 1;
            self.by_address.entry(address.to_owned()).or_default().insert(id.to_owned());
        }
    }
}

/// The part of an absolute address that stays when the site moves to another domain: `/blog/post/`.
pub fn address(permalink: &str) -> &str {
    let rest = permalink.split_once("://").map_or(permalink, |(_, rest)| rest);
    rest.find('/').map_or("/", |slash| &rest[slash..])
}

/// What stands between an id and what tells two posts with this id apart: an IRI has one fragment at most.
fn separator(id: &str) -> char {
    if id.contains('#') { '-' } else { '#' }
}

/// The other spelling of an address, with its last slash added or taken away.
fn without_slash(address: &str) -> String {
    address.strip_suffix('/').map_or_else(|| format!("{address}/"), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::post::Listing;

    struct Posts(Vec<Post>);

    impl World for Posts {
        fn permalink_of(&self, path: &str) -> Option<&str> {
            self.0.iter().find(|post| &*post.path == path).map(|post| &*post.permalink)
        }
        fn is_address_of_another(&self, wanted: &str, path: &str) -> bool {
            self.0.iter().any(|post| &*post.path != path && address(&post.permalink) == wanted)
        }
        fn rivals(&self, wanted: &str) -> Vec<&Post> {
            let mut rivals: Vec<&Post> = self.0.iter().filter(|post| wanted_id(post) == wanted).collect();
            rivals.sort_by_key(|post| (post.published, post.path.clone()));
            rivals
        }
    }

    /// A post from `file address`, with `id=…`, `alias=…` and `date=…` after them.
    fn post(text: &str) -> Post {
        let mut words = text.split(' ');
        let (path, address) = (words.next().unwrap(), words.next().unwrap());
        let absolute = |address: &str| format!("https://example.org{address}").into_boxed_str();
        let mut post = Post {
            path: path.into(),
            permalink: absolute(address),
            title: "".into(),
            published: "2020-01-01T00:00:00Z".parse().unwrap(),
            updated: "2020-01-01T00:00:00Z".parse().unwrap(),
            from: None,
            until: None,
            listing: Listing::Everywhere,
            section: "".into(),
            terms: Box::default(),
            id: None,
            aliases: Box::default(),
            without_zone: None,
        };
        for word in words {
            match word.split_once('=').unwrap() {
                ("id", id) => post.id = Some(id.into()),
                ("alias", alias) => post.aliases = [absolute(alias)].into(),
                ("date", date) => post.published = format!("{date}T00:00:00Z").parse().unwrap(),
                ("host", host) => post.permalink = format!("https://{host}{address}").into(),
                (key, _) => panic!("{key}"),
            }
        }
        post
    }

    /// Publishes each state of a site after the other, through the table's text, and checks the ids of the last.
    fn check(states: &[&[&str]], expected: &[&str]) {
        let mut text = String::new();
        let mut last = Vec::new();
        for state in states {
            let posts = Posts(state.iter().map(|line| post(line)).collect());
            let (mut ids, faults) = Ids::parse(&text);
            assert!(faults.is_empty());
            last = posts.0.iter().map(|post| ids.of_entry(post, &posts)).collect();
            let again: Vec<String> = posts.0.iter().map(|post| ids.of_entry(post, &posts)).collect();
            assert_eq!(last, again, "asking twice gives the same");
            text = ids.to_text();
        }
        let expected: Vec<String> =
            expected.iter().map(|id| if id.starts_with('/') { format!("https://example.org{id}") } else { (*id).to_owned() }).collect();
        assert_eq!(last, expected);
    }

    #[test]
    fn on_a_first_build_every_id_is_the_permalink() {
        check(&[&["a.md /a/", "b.md /b/"]], &["/a/", "/b/"]);
    }

    #[test]
    fn the_front_matter_decides() {
        check(&[&["a.md /a/ id=tag:example.org,2020:a"]], &["tag:example.org,2020:a"]);
        check(&[&["a.md /a/"], &["a.md /a/ id=urn:x"]], &["urn:x"]);
    }

    #[test]
    fn a_new_domain_slug_or_file_keeps_the_id() {
        check(&[&["a.md /a/"], &["a.md /a/ host=new.example"]], &["/a/"]);
        check(&[&["a.md /a/"], &["a.md /better/"]], &["/a/"]);
        check(&[&["a.md /a/"], &["renamed.md /a/"]], &["/a/"]);
        check(&[&["a.md /a/"], &["renamed.md /better/ alias=/a/"]], &["/a/"]);
        check(&[&["a.md /a/"], &["renamed.md /better/ alias=/a"]], &["/a/"]);
        check(&[&["a.md /a/"], &["renamed.md /better/ alias=/a/"], &["again.md /best/ alias=/better/"]], &["/a/"]);
    }

    #[test]
    fn another_post_never_gets_the_id_of_one_that_exists() {
        check(&[&["a.md /a/"], &["a.md /b/"], &["a.md /b/", "new.md /a/"]], &["/a/", "/a/#2020-01-01"]);
        check(&[&["a.md /a/"], &["a.md /new/", "b.md /a/"]], &["/new/", "/a/"]);
        check(&[&["a.md /a/"], &["a.md /a/", "b.md /b/ alias=/a/"]], &["/a/", "/b/"]);
    }

    #[test]
    fn of_two_posts_at_one_address_the_one_published_first_keeps_it_as_its_id() {
        check(&[&["a.md /a/ date=2021-05-06", "b.md /a/"]], &["/a/#2021-05-06", "/a/"]);
        check(&[&["b.md /a/", "c.md /a/", "d.md /a/"]], &["/a/", "/a/#2020-01-01-c.md", "/a/#2020-01-01-d.md"]);
        check(&[&["a.md /a/ date=2021-05-06"], &["a.md /a/ date=2021-05-06", "b.md /a/"]], &["/a/", "/a/#2020-01-01"]);
        check(&[&["a.md /a/", "b.md /a/ date=2021-05-06"], &["b.md /a/ date=2021-05-06"]], &["/a/#2021-05-06"]);
        check(&[&["a.md /a/ id=urn:x", "b.md /b/ id=urn:x date=2021-05-06"]], &["urn:x", "urn:x#2021-05-06"]);
    }

    #[test]
    fn a_feed_keeps_its_id_when_the_domain_changes() {
        let mut ids = Ids::default();
        assert_eq!(ids.of_feed("https://old.example/tags/x/"), "https://old.example/tags/x/");
        let (mut ids, _) = Ids::parse(&ids.to_text());
        assert_eq!(ids.of_feed("https://new.example/tags/x/"), "https://old.example/tags/x/");
    }

    #[test]
    fn the_table_is_sorted_and_survives_hostile_paths_and_names_bad_lines() {
        let mut ids = Ids::default();
        let posts = Posts(vec![post("b%\tc.md /b/"), post("a\nb.md /a/")]);
        for post in &posts.0 {
            ids.of_entry(post, &posts);
        }
        let text = ids.to_text();
        assert_eq!(text, "/a/\ta%0Ab.md\thttps://example.org/a/\n/b/\tb%25%09c.md\thttps://example.org/b/\n");
        assert_eq!(Ids::parse(&text).0.to_text(), text);
        assert_eq!(Ids::parse("x\n/a/\t\thttps://a/\n/a/\tb\n").1, [1, 3]);
    }
}
