//! When posts appear and go by themselves.

use std::collections::BTreeSet;
use std::ops::Bound;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::members::{Move, Moves};
use super::{Affected, Index, PostId};
use crate::content::post::Post;

impl Index {
    /// Moves the time, in either direction: posts whose instant lies between appear or go.
    pub fn advance(&mut self, now: DateTime<Utc>) -> Affected {
        let (earlier, later) = if now < self.now { (now, self.now) } else { (self.now, now) };
        self.now = now;
        let range = (Bound::Excluded((earlier, PostId(u32::MAX))), Bound::Included((later, PostId(u32::MAX))));
        let between: BTreeSet<PostId> = self.instants.range(range).map(|&(_, id)| id).collect();
        let mut moves = Moves::default();
        for id in between {
            let shown = self.slot(id).is_some_and(|slot| is_shown(&slot.post, now));
            if self.slot(id).is_some_and(|slot| slot.shown != shown) {
                if !shown {
                    self.moves(id, Move::Out, &mut moves);
                }
                if let Some(slot) = self.posts.get_mut(id.0 as usize).and_then(Option::as_mut) {
                    slot.shown = shown;
                }
                if shown {
                    self.moves(id, Move::In, &mut moves);
                }
            }
        }
        let mut affected = Affected::new();
        self.carry_out(moves, &mut affected);
        affected
    }

    /// The next instant at which a post appears or goes by itself.
    pub fn next_due(&self) -> Option<DateTime<Utc>> {
        self.upcoming().next().map(|(at, _)| at)
    }

    /// Every instant to come at which a post appears or goes by itself, in order; the posts of one instant in none.
    pub fn upcoming(&self) -> impl Iterator<Item = (DateTime<Utc>, &Arc<Post>)> {
        let after = (Bound::Excluded((self.now, PostId(u32::MAX))), Bound::Unbounded);
        let posts = self.instants.range(after).filter_map(|&(at, id)| Some((at, self.post(id)?)));
        // a post that expires before its time has come is never shown
        posts.filter(|&(at, post)| is_shown(post, at) != is_shown_before(post, at))
    }
}

/// Whether a post is shown at an instant.
pub(super) fn is_shown(post: &Post, now: DateTime<Utc>) -> bool {
    post.from.is_none_or(|from| from <= now) && post.until.is_none_or(|until| now < until)
}

/// Whether a post is shown just before an instant.
fn is_shown_before(post: &Post, at: DateTime<Utc>) -> bool {
    post.from.is_none_or(|from| from < at) && post.until.is_none_or(|until| at <= until)
}

/// When a post appears, and when it goes.
pub(super) fn instants(post: &Post) -> impl Iterator<Item = DateTime<Utc>> + use<> {
    post.from.into_iter().chain(post.until)
}
