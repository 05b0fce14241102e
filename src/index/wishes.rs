//! Which posts want one id: all that do are beside each other, and the first published has the best claim.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use xxhash_rust::xxh3::xxh3_64;

use super::{Index, PostId};
use crate::content::post::Post;

/// That a post wants an id. All that want one are beside each other, first published first.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Wish {
    /// A hash of the id.
    wanted: u64,
    published: DateTime<Utc>,
    path: Arc<str>,
    id: PostId,
}

impl Wish {
    pub(super) fn of(post: &Post, id: PostId) -> Self {
        Wish { wanted: xxh3_64(wanted_id(post).as_bytes()), published: post.published.to_utc(), path: post.path.clone(), id }
    }
}

impl Index {
    /// The shown posts that want this id and were published at an instant or later, first published first.
    pub fn rivals(&self, wanted: &str, since: DateTime<Utc>) -> impl Iterator<Item = PostId> {
        let hash = xxh3_64(wanted.as_bytes());
        let first = Wish { wanted: hash, published: since, path: Arc::default(), id: PostId(0) };
        let alike = self.wishes.range(first..).take_while(move |wish| wish.wanted == hash).map(|wish| wish.id);
        alike.filter(move |id| self.slot(*id).is_some_and(|slot| slot.shown && wanted_id(&slot.post) == wanted))
    }

    /// The groups of shown posts that want one id, first published first.
    pub fn contested_ids(&self) -> impl Iterator<Item = Vec<PostId>> {
        let neighbours = self.wishes.iter().zip(self.wishes.iter().skip(1));
        let alike = neighbours.filter(|(wish, next)| wish.wanted == next.wanted).flat_map(|(wish, next)| [wish.id, next.id]);
        let wanted: BTreeSet<&str> = alike.filter_map(|id| self.post(id)).map(|post| wanted_id(post)).collect();
        wanted.into_iter().map(|wanted| self.rivals(wanted, DateTime::<Utc>::MIN_UTC).collect()).filter(|rivals: &Vec<_>| rivals.len() > 1)
    }
}

/// The id that a post has when nobody else wants it and nothing is remembered.
pub fn wanted_id(post: &Post) -> &str {
    post.id.as_deref().unwrap_or(&post.permalink)
}
