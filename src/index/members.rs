//! The posts of a scope, which stay in order while some come and go: newest first.

use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use foldhash::HashMap;
use rayon::prelude::*;

use super::{Affected, HALVINGS, Index, PostId, ScopeId};
use crate::taxonomy::Scope;

/// Up to so many scopes are changed by one thread: an edit changes few, and is not to wait for another thread to wake.
const SCOPES: usize = 32;

/// What one scope holds.
#[derive(Debug)]
pub struct Members {
    /// The scope.
    pub scope: Scope,
    /// The posts that are shown, newest first.
    pub posts: Vec<PostId>,
    /// How many shown posts spell the term in which way.
    pub(super) spellings: BTreeMap<Arc<str>, u32>,
}

impl Members {
    /// The spelling of the term that most posts use; of several, the first in order. Empty where there is no term.
    pub fn spelling(&self) -> &str {
        let most = self.spellings.values().max();
        self.spellings.iter().find(|(_, n)| Some(*n) == most).map_or("", |(name, _)| name)
    }

    /// Every spelling of the term, with how many shown posts use it.
    pub fn spellings(&self) -> impl Iterator<Item = (&str, u32)> {
        self.spellings.iter().map(|(name, count)| (&**name, *count))
    }
}

/// One batch of changes to the members of scopes, carried out together.
#[derive(Debug, Default)]
pub(super) struct Moves(HashMap<ScopeId, Vec<(PostId, Move)>>);

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Move {
    In,
    Out,
}

impl Index {
    /// Notes that a shown post enters or leaves its scopes.
    pub(super) fn moves(&mut self, id: PostId, direction: Move, moves: &mut Moves) {
        let Some(Some(slot)) = self.posts.get(id.0 as usize) else { return };
        if !slot.shown {
            return;
        }
        for (scope, spelling) in slot.spelled() {
            moves.0.entry(scope).or_default().push((id, direction));
            let Some(spelling) = spelling else { continue };
            let spellings = &mut self.scopes[scope.0 as usize].spellings;
            match direction {
                Move::In => match spellings.get_mut(spelling) {
                    Some(n) => *n += 1,
                    None => drop(spellings.insert(spelling.clone(), 1)),
                },
                Move::Out => {
                    if let Some(n) = spellings.get_mut(spelling) {
                        *n -= 1;
                        if *n == 0 {
                            spellings.remove(spelling);
                        }
                    }
                }
            }
        }
    }

    pub(super) fn carry_out(&mut self, moves: Moves, affected: &mut Affected) {
        let is_large = moves.0.values().map(Vec::len).sum::<usize>() > self.posts.len();
        let ranks = if is_large { self.ranks() } else { Vec::new() };
        let mut changed: Vec<_> = moves.0.into_iter().map(|(scope, moves)| (scope, moves, self.take_members(scope))).collect();
        changed.par_iter_mut().with_min_len(SCOPES).for_each(|(_, moves, members)| self.move_members(moves, members, &ranks));
        for (scope, _, members) in changed {
            self.scopes[scope.0 as usize].posts = members;
            affected.insert(scope);
        }
    }

    fn take_members(&mut self, scope: ScopeId) -> Vec<PostId> {
        std::mem::take(&mut self.scopes[scope.0 as usize].posts)
    }

    /// The place of each post among all: where posts are in several scopes that are all put in order, numbers are compared sooner
    /// than posts.
    fn ranks(&self) -> Vec<u32> {
        let mut all: Vec<PostId> = self.posts().map(|(id, _)| id).collect();
        self.sort(&mut all);
        let mut ranks = vec![0; self.posts.len()];
        for (rank, id) in (0..).zip(all) {
            ranks[id.0 as usize] = rank;
        }
        ranks
    }

    /// Carries out what moves in one scope. `ranks` are those of all posts, if they are known.
    fn move_members(&self, moves: &[(PostId, Move)], members: &mut Vec<PostId>, ranks: &[u32]) {
        let of = |direction| moves.iter().filter(move |m| m.1 == direction).map(|m| m.0);
        if moves.len() * HALVINGS < members.len() {
            self.take_out(members, of(Move::Out));
            self.put_in(members, of(Move::In).collect());
        } else {
            let leaving: BTreeSet<PostId> = of(Move::Out).collect();
            if !leaving.is_empty() {
                members.retain(|id| !leaving.contains(id));
            }
            members.extend(of(Move::In));
            if ranks.is_empty() {
                self.sort(members);
            } else {
                members.par_sort_unstable_by_key(|id| ranks[id.0 as usize]);
            }
        }
    }

    /// Takes some of many members out. What stands between them is moved once.
    fn take_out(&self, members: &mut Vec<PostId>, leaving: impl Iterator<Item = PostId>) {
        let mut places: Vec<usize> = leaving.filter_map(|id| members.binary_search_by(|&other| self.order(other, id)).ok()).collect();
        places.sort_unstable();
        for (taken, &place) in places.iter().enumerate() {
            let next = places.get(taken + 1).copied().unwrap_or(members.len());
            members.copy_within(place + 1..next, place - taken);
        }
        members.truncate(members.len() - places.len());
    }

    /// Puts a few more among many members. What stands between them is moved once.
    fn put_in(&self, members: &mut Vec<PostId>, mut entering: Vec<PostId>) {
        entering.sort_unstable_by(|&a, &b| self.order(a, b));
        let place = |&id: &PostId| members.binary_search_by(|&other| self.order(other, id)).err().map(|place| (place, id));
        let places: Vec<(usize, PostId)> = entering.iter().filter_map(place).collect();
        let mut end = members.len();
        members.resize(end + places.len(), PostId(0));
        for (before, &(place, id)) in places.iter().enumerate().rev() {
            members.copy_within(place..end, place + before + 1);
            members[place + before] = id;
            end = place;
        }
    }

    /// Sorts many posts by [`Index::order`]. The date decides nearly always, and is looked up once.
    fn sort(&self, members: &mut [PostId]) {
        let mut dated: Vec<_> = members.iter().map(|&id| (self.slot(id).map(|slot| Reverse(slot.published)), id)).collect();
        dated.par_sort_unstable_by(|(a, first), (b, second)| a.cmp(b).then_with(|| self.order(*first, *second)));
        members.iter_mut().zip(dated).for_each(|(member, (_, id))| *member = id);
    }

    /// Newest first, ties by permalink, then by path.
    fn order(&self, a: PostId, b: PostId) -> Ordering {
        match (self.slot(a), self.slot(b)) {
            (Some(a), Some(b)) => {
                let (post, other) = (&a.post, &b.post);
                b.published.cmp(&a.published).then_with(|| (&post.permalink, &post.path).cmp(&(&other.permalink, &other.path)))
            }
            (a, b) => a.is_some().cmp(&b.is_some()),
        }
    }
}
