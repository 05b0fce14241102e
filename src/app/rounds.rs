//! What is looked at without being told: what nobody watches, what could not be read, and, from time to time, everything.
//!
//! Events tell of nearly every change at once. This finds the rest: a disk that was unmounted or a folder that was put in
//! the place of another, within half a second; folders beyond the limit of watches, every two; whatever an event should
//! have told of and did not, every minute.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::configuration::Stamps;
use super::engine::Engine;
use crate::config::Serve;
use crate::source::{Differences, Hint, Listing};

/// Between two looks at the clock, the folders themselves, and what could not be read.
pub(super) const GLANCE: Duration = Duration::from_millis(500);

/// Between two looks at folders that cannot be watched, unless the configuration says how often.
const POLL: Duration = Duration::from_secs(2);

/// Between the two listings of a comparison: time for every event to arrive and to be acted on.
const CONFIRM: Duration = Duration::from_secs(1);

/// When to look where.
pub(super) struct Rounds {
    /// Between two looks at everything, if nothing tells of changes.
    poll: Option<Duration>,
    verify: Option<Duration>,
    next_glance: Instant,
    next_poll: Instant,
    /// When the next listing is to be made; none while one is being made, or when none is wanted.
    next_listing: Option<Instant>,
    /// What the first of the two listings of a comparison found.
    suspected: Option<Differences>,
    /// The files of the configuration as they were when they were last read.
    config: Stamps,
    /// Changes that no event told of, since the start.
    pub(super) missed: u64,
}

impl Rounds {
    /// The rounds that a configuration asks for, whose files were like this when it was read. `is_watched` is false when nothing
    /// tells of changes.
    pub(super) fn new(serve: &Serve, is_watched: bool, config: Stamps) -> Self {
        let now = Instant::now();
        let seconds = |n: u32| (n > 0).then(|| Duration::from_secs(n.into()));
        let poll = seconds(serve.poll).or((!is_watched).then_some(POLL));
        let verify = seconds(serve.verify);
        Rounds {
            poll,
            verify,
            next_glance: now + GLANCE,
            next_poll: now + poll.unwrap_or(POLL),
            next_listing: verify.map(|interval| now + interval),
            suspected: None,
            config,
            missed: 0,
        }
    }

    /// The rounds that another configuration asks for; what was counted stays.
    pub(super) fn following(before: &Rounds, serve: &Serve, is_watched: bool, config: Stamps) -> Self {
        Rounds { missed: before.missed, ..Rounds::new(serve, is_watched, config) }
    }

    /// Between two looks at everything, if nothing tells of changes.
    pub(super) fn poll(&self) -> Option<Duration> {
        self.poll
    }

    /// Where to look now.
    pub(super) fn hints(&mut self, engine: &mut Engine, now: Instant) -> BTreeSet<Hint> {
        let mut hints = BTreeSet::new();
        if now >= self.next_glance {
            self.next_glance = now + GLANCE;
            hints = engine.source().doubts();
        }
        if now >= self.next_poll {
            self.next_poll = now + self.poll.unwrap_or(POLL);
            match self.poll {
                Some(_) => drop(hints.insert(Hint::Anywhere)),
                None => hints.extend(engine.unwatched().into_iter().map(Hint::At)),
            }
        }
        hints
    }

    /// Whether a listing is to be made now.
    pub(super) fn wants_listing(&mut self, now: Instant) -> bool {
        self.next_listing.take_if(|at| now >= *at).is_some()
    }

    /// Takes in a listing, or that none was made. The answer is what no event told of.
    pub(super) fn compare(&mut self, engine: &Engine, listing: Option<&Listing>, now: Instant) -> BTreeSet<PathBuf> {
        let found = listing.map(|listing| engine.source().differences(listing)).unwrap_or_default();
        let missed = match self.suspected.take() {
            None if !found.is_empty() => {
                self.suspected = Some(found);
                self.next_listing = Some(now + CONFIRM);
                return BTreeSet::new();
            }
            None => BTreeSet::new(),
            Some(suspected) => suspected.lasting(&found),
        };
        self.next_listing = self.verify.map(|interval| now + interval);
        self.missed += missed.len() as u64;
        missed
    }

    /// Notes how the files of the configuration are. Whether they are as when this was last done is the answer.
    pub(super) fn note_stamps(&mut self, now: Stamps) -> bool {
        std::mem::replace(&mut self.config, now.clone()) == now
    }
}
