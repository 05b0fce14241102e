//! Which id a post gets, of those that are remembered and those that it wants.

use std::sync::Arc;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use foldhash::HashMap;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{Ids, address};
use crate::content::post::Post;
use crate::index::wanted_id;

/// Characters of a path that may not stand in the fragment of an address.
const FRAGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What is known of the posts that exist, beside the one that needs an id.
pub trait World {
    /// The post of a file, if that file has one.
    fn post(&self, path: &str) -> Option<&Post>;
    /// The posts that want an id and were published at an instant or later, first published first.
    fn rivals(&self, wanted_id: &str, since: DateTime<Utc>) -> impl Iterator<Item = &Post>;
}

/// Names one post after the other, while nothing else changes.
#[derive(Debug)]
pub struct Naming<'a, W> {
    ids: &'a mut Ids,
    world: &'a W,
    /// The ids that no post had when they were looked for, by address; the next to give away is the last.
    free: HashMap<String, Vec<Arc<str>>>,
}

impl Ids {
    /// Begins to name posts of a world.
    pub fn naming<'a, W: World>(&'a mut self, world: &'a W) -> Naming<'a, W> {
        Naming { ids: self, world, free: HashMap::default() }
    }

    /// The ids of entries that were published at an address.
    fn at(&self, address: &str) -> impl Iterator<Item = &Arc<str>> {
        self.table.at(address).filter(|line| !line.path.is_empty()).map(|line| &line.id)
    }

    /// Whether no post that exists has this id: its file is gone, or has moved to an address where it has another.
    fn is_free(&self, id: &str, world: &impl World) -> bool {
        let record = &self.entries[id];
        let has_another = |post: &Post| match (&post.id, address(&post.permalink)) {
            (_, here) if record.addresses.contains(here) => false,
            (Some(own), _) => !is_variant(id, own),
            (None, here) => self.owned_at(here, &record.path).is_some(),
        };
        world.post(&record.path).is_none_or(has_another)
    }
}

impl<W: World> Naming<'_, W> {
    /// The id of an entry, remembered from now on. In order: what its front matter says; the id that its file was published
    /// with at this address; the id that was published at this address, or at one of its aliases, by a file that has moved
    /// on; the id that its file was published with elsewhere; its permalink.
    pub fn of_entry(&mut self, post: &Post) -> String {
        let here = address(&post.permalink);
        let id = match &post.id {
            Some(own) => self.kept_variant(own, &post.path).unwrap_or_else(|| self.fresh(post).into()),
            None => self
                .ids
                .owned_at(here, &post.path)
                .cloned()
                .or_else(|| self.free_at(here))
                .or_else(|| self.at_an_alias(post))
                .or_else(|| self.ids.by_path.get(&post.path)?.first().cloned())
                .unwrap_or_else(|| self.fresh(post).into()),
        };
        self.ids.remember(here, &post.path, &id);
        id.to_string()
    }

    /// An id of this file that is `own`, or was made from it when another post had it.
    fn kept_variant(&self, own: &str, path: &str) -> Option<Arc<str>> {
        self.ids.by_path.get(path)?.iter().find(|id| is_variant(id, own)).cloned()
    }

    fn free_at(&mut self, address: &str) -> Option<Arc<str>> {
        let Naming { ids, world, free } = self;
        let is_free = |id: &Arc<str>| ids.is_free(id, *world);
        if !free.contains_key(address) {
            let mut published = ids.at(address).peekable();
            published.peek()?;
            let mut left: Vec<Arc<str>> = published.filter(|id| is_free(id)).cloned().collect();
            left.sort_unstable_by(|a, b| b.cmp(a));
            free.insert(address.to_owned(), left);
        }
        let left = free.get_mut(address)?;
        // who is named takes one away; what somebody gives back meanwhile is not looked for again
        while left.pop_if(|id| !is_free(id)).is_some() {}
        left.last().cloned()
    }

    fn at_an_alias(&mut self, post: &Post) -> Option<Arc<str>> {
        post.aliases.iter().map(|alias| address(alias)).find_map(|alias| {
            let owned = self.ids.owned_at(alias, &post.path).cloned();
            owned.or_else(|| self.free_at(alias)).or_else(|| self.free_at(&with_slash_or_without(alias)))
        })
    }

    /// An id for a post that never had one: what it wants, or, where an earlier post has that, the same with its date.
    fn fresh(&self, post: &Post) -> String {
        let wanted = wanted_id(post);
        let is_taken = |id: &str| self.ids.entries.get(id).is_some_and(|r| r.path != post.path && self.world.post(&r.path).is_some());
        let first = self.world.rivals(wanted, DateTime::<Utc>::MIN_UTC).next();
        if first.is_none_or(|first| first.path == post.path) && !is_taken(wanted) {
            return wanted.to_owned();
        }
        let day = post.published.date_naive();
        let dated = format!("{wanted}{}{}", separator(wanted), day.format("%Y-%m-%d"));
        // the same day somewhere on Earth is never three days away
        let published = post.published.to_utc();
        let since = published.checked_sub_days(Days::new(3)).unwrap_or(published);
        let near = self.world.rivals(wanted, since).take_while(|rival| rival.published.to_utc() - published < TimeDelta::days(3));
        let is_other = |rival: &&Post| rival.path != post.path && first.is_none_or(|first| rival.path != first.path);
        let is_only = near.filter(is_other).all(|rival| rival.published.date_naive() != day);
        if is_only && !is_taken(&dated) {
            return dated;
        }
        let of_file = format!("{dated}-{}", utf8_percent_encode(&post.path, FRAGMENT));
        // another post may have taken it over while this one was gone
        let numbered = (2..).map(|number| format!("{of_file}-{number}"));
        std::iter::once(of_file.clone()).chain(numbered).find(|id| !is_taken(id)).unwrap_or(of_file)
    }
}

/// Whether an id is this one, or was made from it when another post had it, with a date and perhaps a file. Another id may begin
/// with this one.
fn is_variant(id: &str, own: &str) -> bool {
    let is_made = |rest: &str| rest.strip_prefix(separator(own)).is_some_and(begins_with_a_day);
    id.strip_prefix(own).is_some_and(|rest| rest.is_empty() || is_made(rest))
}

/// Whether a text is a day, such as `2020-01-01`, or goes on behind it with a hyphen.
fn begins_with_a_day(text: &str) -> bool {
    let (day, rest) = text.split_at_checked(10).unwrap_or((text, ""));
    day.parse::<NaiveDate>().is_ok() && (rest.is_empty() || rest.starts_with('-'))
}

/// What stands between an id and what tells two posts with this id apart: an IRI has one fragment at most.
fn separator(id: &str) -> char {
    if id.contains('#') { '-' } else { '#' }
}

/// The other spelling of an address, with its last slash added or taken away.
fn with_slash_or_without(address: &str) -> String {
    address.strip_suffix('/').map_or_else(|| format!("{address}/"), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::post::Listing;

    struct Posts(Vec<Post>);

    impl World for Posts {
        fn post(&self, path: &str) -> Option<&Post> {
            self.0.iter().find(|post| &*post.path == path)
        }
        fn rivals(&self, wanted: &str, since: DateTime<Utc>) -> impl Iterator<Item = &Post> {
            let mut rivals: Vec<&Post> = self.0.iter().filter(|post| wanted_id(post) == wanted && post.published >= since).collect();
            rivals.sort_by_key(|post| (post.published, post.path.clone()));
            rivals.into_iter()
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
            names_sections: false,
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

    fn name(ids: &mut Ids, posts: &Posts) -> Vec<String> {
        let mut naming = ids.naming(posts);
        posts.0.iter().map(|post| naming.of_entry(post)).collect()
    }

    /// Publishes each state of a site after the other, through the table's text, and checks the ids of the last.
    fn check(states: &[&[&str]], expected: &[&str]) {
        let mut text = String::new();
        let mut last = Vec::new();
        for state in states {
            let posts = Posts(state.iter().map(|line| post(line)).collect());
            let (mut ids, faults) = Ids::parse(&text);
            assert!(faults.is_empty());
            last = name(&mut ids, &posts);
            let again: Vec<String> = name(&mut ids, &posts);
            assert_eq!(last, again, "asking twice gives the same");
            text = String::from_utf8(ids.text().concat()).unwrap();
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
        // also of one that moves while another takes its address
        let moved = ["b.md /b/ alias=/a/", "a.md /new/ id=urn:x"];
        check(&[&["a.md /a/ id=urn:x"], &moved], &["/b/", "urn:x"]);
        check(&[&["a.md /a/ id=urn:x"], &["b.md /a/", "a.md /new/ id=urn:x"]], &["/a/", "urn:x"]);
        check(&[&["a.md /a/ id=urn:x"], &["a.md /a/", "b.md /new/ id=urn:x"]], &["urn:x", "urn:x#2020-01-01"]);
        // also where what it said before begins with what it says now
        check(&[&["a.md /a/ id=urn:x#y"], &["a.md /a/ id=urn:x"]], &["urn:x"]);
        check(&[&["a.md /a/ id=https://e.org/#12-old"], &["a.md /a/ id=https://e.org/#12"]], &["https://e.org/#12"]);
        // and an id that was made of it stays, since readers have it
        let both = ["a.md /a/ id=urn:x", "b.md /b/ id=urn:x", "c.md /c/ id=urn:x"];
        check(&[&both, &both[2..]], &["urn:x#2020-01-01-c.md"]);
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
        check(&[&["a.md /a/"], &["a.md /a/", "b.md /b/ alias=/a/"]], &["/a/", "/b/"]);
        // whether the new post comes with the move, before it or after it
        check(&[&["a.md /a/"], &["a.md /new/", "b.md /a/"]], &["/a/", "/a/#2020-01-01"]);
        check(&[&["a.md /a/"], &["b.md /a/", "a.md /new/"]], &["/a/#2020-01-01", "/a/"]);
        check(&[&["a.md /a/"], &["a.md /a/", "b.md /a/"], &["a.md /new/", "b.md /a/"]], &["/a/", "/a/#2020-01-01"]);
        check(&[&["a.md /a/"], &["a.md /new/"], &["a.md /new/", "b.md /a/"]], &["/a/", "/a/#2020-01-01"]);
        check(&[&["a.md /a/", "b.md /b/"], &["a.md /b/", "b.md /a/"]], &["/a/", "/b/"]);
    }

    #[test]
    fn an_id_is_free_when_its_owner_has_another() {
        let taken_over = ["a.md /a/", "gone.md /g/"];
        check(&[&taken_over, &["a.md /g/"], &["a.md /g/", "b.md /a/"]], &["/g/", "/a/"]);
        check(&[&["a.md /a/"], &["a.md /new/ id=urn:x", "b.md /a/"]], &["urn:x", "/a/"]);
    }

    #[test]
    fn posts_that_follow_others_at_one_address_get_an_id_each() {
        let gone = ["a.md /a/", "b.md /a/ date=2021-05-06", "c.md /a/ date=2022-01-01"];
        let ids = ["/a/", "/a/#2021-05-06", "/a/#2022-01-01"];
        check(&[&gone, &["d.md /a/", "e.md /a/", "f.md /a/", "g.md /a/"]], &[&ids[..], &["/a/#2020-01-01-g.md"]].concat());
        check(&[&gone, &["b.md /a/ date=2021-05-06", "d.md /a/", "e.md /a/"]], &[ids[1], ids[0], ids[2]]);
    }

    #[test]
    fn of_two_posts_at_one_address_the_one_published_first_keeps_it_as_its_id() {
        check(&[&["a.md /a/ date=2021-05-06", "b.md /a/"]], &["/a/#2021-05-06", "/a/"]);
        check(&[&["b.md /a/", "c.md /a/", "d.md /a/"]], &["/a/", "/a/#2020-01-01-c.md", "/a/#2020-01-01-d.md"]);
        check(&[&["a.md /a/ date=2021-05-06"], &["a.md /a/ date=2021-05-06", "b.md /a/"]], &["/a/", "/a/#2020-01-01"]);
        check(&[&["a.md /a/", "b.md /a/ date=2021-05-06"], &["b.md /a/ date=2021-05-06"]], &["/a/#2021-05-06"]);
        check(&[&["a.md /a/ id=urn:x", "b.md /b/ id=urn:x date=2021-05-06"]], &["urn:x", "urn:x#2021-05-06"]);
    }
}
