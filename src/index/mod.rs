//! Which post is in which feed: every post by its path, and for each scope its posts, newest first.
//!
//! The index holds what decides membership and order, never a body. A post is *shown* while its time has come and has
//! not passed; the index is told the time with [`Index::advance`] and moves only the posts whose instant lies between.
//! Each call answers with the scopes it touched, so that what follows costs as much as the change.

mod members;
mod schedule;
mod wishes;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use foldhash::HashMap;
use rayon::prelude::*;

use crate::content::post::{Listing, Post};
use crate::taxonomy::Scope;
use members::{Move, Moves};
use schedule::{instants, is_shown};
use wishes::Wish;

pub use members::Members;
pub use wishes::wanted_id;

/// A post's place in the index; it stays while its file has a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PostId(u32);

/// A scope's place in the index; it stays for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScopeId(u32);

/// The scopes whose members, or a member of which, changed.
pub type Affected = BTreeSet<ScopeId>;

/// Where fewer than one in so many members of a scope change, each finds its place by halves; else all are sorted.
const HALVINGS: usize = 16;

/// Every post, by path, scope, wanted id and instant.
#[derive(Debug)]
pub struct Index {
    now: DateTime<Utc>,
    posts: Vec<Option<Slot>>,
    free: Vec<PostId>,
    by_path: HashMap<Arc<str>, PostId>,
    scopes: Vec<Members>,
    by_scope: HashMap<Scope, ScopeId>,
    wishes: BTreeSet<Wish>,
    instants: BTreeSet<(DateTime<Utc>, PostId)>,
    /// What [`Index::gather`] left for [`Index::settle`].
    unsettled: Unsettled,
    /// The top-level folders that make the site's feed; empty means all.
    site_sections: Vec<String>,
}

#[derive(Debug)]
struct Slot {
    post: Arc<Post>,
    /// When it was published: beside each other the dates of many posts are compared without a look at each post.
    published: DateTime<Utc>,
    shown: bool,
    /// The scopes; the last are those of its terms, in their order.
    scopes: Box<[ScopeId]>,
}

impl Slot {
    /// The scopes, each with the spelling of its term where it has one.
    fn spelled(&self) -> impl Iterator<Item = (ScopeId, Option<&Arc<str>>)> {
        let untermed = self.scopes.len() - self.post.terms.len();
        let spellings = self.post.terms.iter().map(|term| Some(&term.name).filter(|name| !name.is_empty()));
        self.scopes.iter().copied().zip(std::iter::repeat_n(None, untermed).chain(spellings))
    }
}

/// Posts that have their places, and are not yet among those that are looked for in an order.
#[derive(Debug, Default)]
struct Unsettled {
    entering: Moves,
    wishes: Vec<Wish>,
    instants: Vec<(DateTime<Utc>, PostId)>,
    /// The scopes that changed since all was settled.
    affected: Affected,
}

impl Index {
    /// An empty index at the instant `now`. `site_sections` are the top-level folders that make the site's feed; empty means all.
    pub fn new(now: DateTime<Utc>, site_sections: &[String]) -> Self {
        let mut index = Index {
            now,
            posts: Vec::new(),
            free: Vec::new(),
            by_path: HashMap::default(),
            scopes: Vec::new(),
            by_scope: HashMap::default(),
            wishes: BTreeSet::new(),
            instants: BTreeSet::new(),
            unsettled: Unsettled::default(),
            site_sections: site_sections.to_vec(),
        };
        index.scope_id(Scope::Site);
        index
    }

    /// Replaces, adds or removes the posts of some paths. Paths must be distinct.
    pub fn apply(&mut self, changes: impl IntoIterator<Item = (Arc<str>, Option<Arc<Post>>)>) -> Affected {
        self.gather(changes);
        self.settle()
    }

    /// The half of [`Index::apply`] that goes post by post. It may be called again and again, and [`Index::settle`] after the
    /// last time: until then posts have their paths and scopes, and scopes have not all their posts.
    pub fn gather(&mut self, changes: impl IntoIterator<Item = (Arc<str>, Option<Arc<Post>>)>) {
        let changes: Vec<_> = changes.into_iter().map(|(path, post)| (self.by_path.get(&path).copied(), path, post)).collect();
        if changes.iter().any(|(known, ..)| known.is_some()) {
            // the order of a scope is only sound while its members' posts stand still: first everything out, then in
            let mut affected = self.settle();
            let mut leaving = Moves::default();
            changes.iter().filter_map(|(known, ..)| *known).for_each(|id| self.moves(id, Move::Out, &mut leaving));
            self.carry_out(leaving, &mut affected);
            self.unsettled.affected = affected;
        }
        let mut unsettled = std::mem::take(&mut self.unsettled);
        for (known, path, post) in changes {
            if let Some(id) = known {
                self.forget(id);
            }
            if let Some(post) = post {
                let id = self.remember(path, post.clone());
                unsettled.wishes.push(Wish::of(&post, id));
                unsettled.instants.extend(instants(&post).map(|at| (at, id)));
                self.moves(id, Move::In, &mut unsettled.entering);
            }
        }
        self.unsettled = unsettled;
    }

    /// The half of [`Index::apply`] that puts what was gathered in order.
    pub fn settle(&mut self) -> Affected {
        let Unsettled { entering, wishes, instants, mut affected } = std::mem::take(&mut self.unsettled);
        insert_all(&mut self.wishes, wishes);
        insert_all(&mut self.instants, instants);
        self.carry_out(entering, &mut affected);
        affected
    }

    /// How many posts are shown now.
    pub fn shown(&self) -> usize {
        self.posts().filter(|(id, _)| self.is_shown(*id)).count()
    }

    /// Whether this post is shown now.
    pub fn is_shown(&self, id: PostId) -> bool {
        self.slot(id).is_some_and(|slot| slot.shown)
    }

    /// How many posts there are, shown or not.
    pub fn len(&self) -> usize {
        self.by_path.len()
    }

    /// Whether there is no post at all.
    pub fn is_empty(&self) -> bool {
        self.by_path.is_empty()
    }

    /// Every post, shown or not, in no useful order.
    pub fn posts(&self) -> impl Iterator<Item = (PostId, &Arc<Post>)> {
        self.posts.iter().enumerate().filter_map(|(i, slot)| Some((PostId(i as u32), &slot.as_ref()?.post)))
    }

    /// The post of a place.
    pub fn post(&self, id: PostId) -> Option<&Arc<Post>> {
        Some(&self.slot(id)?.post)
    }

    /// The place of the post of a file.
    pub fn id_of(&self, path: &str) -> Option<PostId> {
        self.by_path.get(path).copied()
    }

    /// The scopes that hold a post while it is shown.
    pub fn scopes_of(&self, id: PostId) -> impl Iterator<Item = ScopeId> {
        self.slot(id).into_iter().flat_map(|slot| slot.scopes.iter().copied())
    }

    /// What one scope holds.
    pub fn members(&self, id: ScopeId) -> &Members {
        &self.scopes[id.0 as usize]
    }

    /// Every scope that ever had a post, in no useful order.
    pub fn scopes(&self) -> impl Iterator<Item = (ScopeId, &Members)> {
        self.scopes.iter().enumerate().map(|(i, members)| (ScopeId(i as u32), members))
    }

    /// The place of a scope, if it ever had a post.
    pub fn scope(&self, scope: &Scope) -> Option<ScopeId> {
        self.by_scope.get(scope).copied()
    }

    fn slot(&self, id: PostId) -> Option<&Slot> {
        self.posts.get(id.0 as usize)?.as_ref()
    }

    fn scope_id(&mut self, scope: Scope) -> ScopeId {
        let next = ScopeId(self.scopes.len() as u32);
        *self.by_scope.entry(scope).or_insert_with_key(|scope| {
            self.scopes.push(Members { scope: scope.clone(), posts: Vec::new(), spellings: BTreeMap::new() });
            next
        })
    }

    fn remember(&mut self, path: Arc<str>, post: Arc<Post>) -> PostId {
        let mut scopes = Vec::with_capacity(2 + post.terms.len());
        let top = post.section.split('/').next().unwrap_or("");
        if post.listing == Listing::Everywhere && (self.site_sections.is_empty() || self.site_sections.iter().any(|s| s == top)) {
            scopes.push(self.scope_id(Scope::Site));
        }
        if !post.section.is_empty() {
            scopes.push(self.scope_id(Scope::Section(post.section.clone())));
        }
        for term in &post.terms {
            scopes.push(self.scope_id(Scope::Term { taxonomy: term.taxonomy.clone(), slug: term.slug.clone() }));
        }
        let id = self.free.pop().unwrap_or_else(|| {
            self.posts.push(None);
            PostId(self.posts.len() as u32 - 1)
        });
        let shown = is_shown(&post, self.now);
        let published = post.published.to_utc();
        self.posts[id.0 as usize] = Some(Slot { post, published, shown, scopes: scopes.into_boxed_slice() });
        self.by_path.insert(path, id);
        id
    }

    fn forget(&mut self, id: PostId) {
        let Some(slot) = self.posts.get_mut(id.0 as usize).and_then(Option::take) else { return };
        self.by_path.remove(&slot.post.path);
        self.wishes.remove(&Wish::of(&slot.post, id));
        for at in instants(&slot.post) {
            self.instants.remove(&(at, id));
        }
        self.free.push(id);
    }
}

/// Inserts values one by one, or many of them all at once.
fn insert_all<T: Ord + Send>(set: &mut BTreeSet<T>, mut values: Vec<T>) {
    if values.len() * HALVINGS < set.len() {
        set.extend(values);
    } else {
        values.par_sort_unstable();
        set.append(&mut values.into_iter().collect());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::taxonomy::{Slug, Term};

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn post(path: &str, date: &str, tags: &[&str]) -> Post {
        let published: DateTime<chrono::FixedOffset> = date.parse().unwrap();
        let term = |name: &&str| Arc::new(Term { taxonomy: "tags".into(), slug: Slug(name.to_lowercase().into()), name: (*name).into() });
        Post {
            path: path.into(),
            permalink: format!("https://example.org/{}/", path.trim_end_matches(".md")).into(),
            names_sections: false,
            title: path.into(),
            published,
            updated: published,
            from: Some(published.to_utc()),
            until: None,
            listing: Listing::Everywhere,
            section: path.split_once('/').map_or("", |(section, _)| section).into(),
            terms: tags.iter().map(term).collect(),
            id: None,
            aliases: Box::default(),
            without_zone: None,
        }
    }

    fn index(posts: Vec<Post>) -> Index {
        let mut index = Index::new(at("2020-06-01T00:00:00Z"), &[]);
        index.apply(posts.into_iter().map(|post| (post.path.clone(), Some(post.into()))));
        index
    }

    /// Each scope with its posts, as `tags/x: a.md b.md`.
    fn listing(index: &Index) -> Vec<String> {
        let mut lines: Vec<String> = index
            .scopes()
            .filter(|(_, members)| !members.posts.is_empty())
            .map(|(_, members)| {
                let name = match &members.scope {
                    Scope::Site => "site".to_owned(),
                    Scope::Section(folder) => folder.to_string(),
                    Scope::Term { taxonomy, slug } => format!("{taxonomy}/{slug}"),
                };
                let posts: Vec<&str> = members.posts.iter().map(|&id| &*index.post(id).unwrap().path).collect();
                format!("{name}: {}", posts.join(" "))
            })
            .collect();
        lines.sort();
        lines
    }

    #[test]
    fn posts_are_newest_first_in_every_scope_with_ties_by_permalink() {
        let index = index(vec![
            post("post/b.md", "2020-01-01T00:00:00Z", &["X"]),
            post("post/a.md", "2020-01-01T01:00:00+01:00", &["x"]),
            post("c.md", "2020-02-01T00:00:00Z", &["X"]),
        ]);
        assert_eq!(listing(&index), ["post: post/a.md post/b.md", "site: c.md post/a.md post/b.md", "tags/x: c.md post/a.md post/b.md"]);
        let tag = index.scope(&Scope::Term { taxonomy: "tags".into(), slug: Slug("x".into()) }).unwrap();
        assert_eq!(index.members(tag).spelling(), "X");
    }

    #[test]
    fn retagging_removes_the_post_from_the_old_feed_and_names_both() {
        let mut index = index(vec![post("post/a.md", "2020-01-01T00:00:00Z", &["old"])]);
        let affected = index.apply([("post/a.md".into(), Some(post("post/a.md", "2020-01-01T00:00:00Z", &["new"]).into()))]);
        assert_eq!(listing(&index), ["post: post/a.md", "site: post/a.md", "tags/new: post/a.md"]);
        assert_eq!(affected.len(), 4);
    }

    #[test]
    fn a_post_appears_at_its_instant_and_goes_at_its_end_and_the_clock_may_go_back() {
        let mut scheduled = post("post/a.md", "2020-07-01T00:00:00Z", &["x"]);
        scheduled.until = Some(at("2020-08-01T00:00:00Z"));
        let mut index = index(vec![scheduled]);
        assert!(listing(&index).is_empty());
        for (now, shown, due) in [
            ("2020-06-30T23:59:59Z", 0, Some("2020-07-01T00:00:00Z")),
            ("2020-07-01T00:00:00Z", 3, Some("2020-08-01T00:00:00Z")),
            ("2020-08-01T00:00:00Z", 0, None),
            ("2020-07-15T00:00:00Z", 3, Some("2020-08-01T00:00:00Z")),
            ("2020-05-01T00:00:00Z", 0, Some("2020-07-01T00:00:00Z")),
        ] {
            index.advance(at(now));
            assert_eq!(listing(&index).len(), shown, "at {now}");
            assert_eq!(index.next_due(), due.map(at), "at {now}");
        }
    }

    #[test]
    fn an_instant_at_which_nothing_appears_or_goes_is_not_due() {
        let mut never = post("post/never.md", "2020-08-01T00:00:00Z", &[]);
        never.until = Some(at("2020-07-01T00:00:00Z"));
        let mut later = post("post/later.md", "2020-09-01T00:00:00Z", &[]);
        later.until = Some(at("2020-10-01T00:00:00Z"));
        let index = index(vec![never, later]);
        let upcoming: Vec<String> = index.upcoming().map(|(at, post)| format!("{} {}", at.format("%m-%d"), post.path)).collect();
        assert_eq!(upcoming, ["09-01 post/later.md", "10-01 post/later.md"]);
        assert_eq!(index.next_due(), Some(at("2020-09-01T00:00:00Z")));
    }

    /// 500 posts on 28 days; with another `turn`, every sixteenth on another day and with another tag.
    fn many(turn: usize) -> Vec<Post> {
        let shift = |i| if i % 17 == 3 { turn } else { 0 };
        let date = |i| format!("2020-01-{:02}T00:00:00Z", 1 + (i * 7 + shift(i) * 5) % 28);
        (0..500).map(|i| post(&format!("post/{i}.md"), &date(i), &[["a", "b", "c"][(i + shift(i)) % 3]])).collect()
    }

    #[test]
    fn a_few_changes_among_many_posts_end_as_if_all_were_new() {
        let mut index = index(many(0));
        for turn in 1..9 {
            let changed = many(turn).into_iter().filter(|post| index.post(index.id_of(&post.path).unwrap()).unwrap().as_ref() != post);
            let changed: Vec<_> = changed.map(|post| (post.path.clone(), Some(post.into()))).collect();
            assert!((20..31).contains(&changed.len()), "{}", changed.len());
            index.apply(changed);
            assert_eq!(listing(&index), listing(&super::tests::index(many(turn))));
        }
    }

    #[test]
    fn many_changes_at_once_end_as_one_by_one() {
        let posts = many(0);
        let at_once = index(posts.clone());
        let mut one_by_one = index(vec![]);
        for post in posts.into_iter().rev() {
            one_by_one.apply([(post.path.clone(), Some(post.into()))]);
        }
        assert_eq!(listing(&at_once), listing(&one_by_one));
        // batches of new posts, others once more, and some that are no more
        let mut gathered = Index::new(at("2020-06-01T00:00:00Z"), &[]);
        let batches = many(1)[..300].chunks(100).map(<[Post]>::to_vec).chain([many(0)]).collect::<Vec<_>>();
        for batch in batches {
            gathered.gather(batch.into_iter().map(|post| (post.path.clone(), Some(post.into()))));
        }
        gathered.gather([("post/7.md".into(), None)]);
        let affected = gathered.settle();
        one_by_one.apply([("post/7.md".into(), None)]);
        assert_eq!(listing(&gathered), listing(&one_by_one));
        assert_eq!(affected.len(), 5);
        let mut emptied = at_once;
        emptied.apply((0..500).map(|i| (format!("post/{i}.md").into(), None)).collect::<Vec<_>>());
        assert!(listing(&emptied).is_empty() && emptied.is_empty() && emptied.next_due().is_none());
    }

    #[test]
    fn rivals_for_one_id_are_in_the_order_of_publication() {
        let mut second = post("post/b.md", "2020-02-01T00:00:00Z", &[]);
        second.permalink = "https://example.org/post/a/".into();
        let index = index(vec![second, post("post/a.md", "2020-01-01T00:00:00Z", &[])]);
        let rivals =
            |since| index.rivals("https://example.org/post/a/", at(since)).map(|id| &*index.post(id).unwrap().path).collect::<Vec<_>>();
        assert_eq!(rivals("2020-01-01T00:00:00Z"), ["post/a.md", "post/b.md"]);
        assert_eq!(rivals("2020-01-01T00:00:01Z"), ["post/b.md"]);
        assert_eq!(index.contested_ids().count(), 1);
    }
}
