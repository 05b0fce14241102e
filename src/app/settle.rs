//! When to look and what to believe: a finished save at once, an unfinished one when it is quiet, a vanished file when it
//! does not come back.
//!
//! Editors save by moving the old file away and writing a new one, and a checkout removes files before it writes others.
//! So a removal waits for a moment, unless something else has come to be in its place; and more than half of all files
//! vanishing at once waits longer.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::source::{Hint, Moves, Survey};
use crate::watch::Notice;

/// A file that was begun and not closed is read when nothing was told of it for this long.
const QUIET: Duration = Duration::from_millis(40);

/// A file that vanished is believed to be gone after this long.
const GRACE: Duration = Duration::from_millis(20);

/// More than half of all files vanishing are believed to be gone after this long.
const MASS_GRACE: Duration = Duration::from_secs(2);

/// So few files are never a mass.
const FEW: usize = 8;

/// What was told and not acted on yet.
#[derive(Debug)]
pub(super) struct Settling {
    grace: Duration,
    done: BTreeSet<Hint>,
    begun: BTreeMap<PathBuf, Instant>,
    moved: Moves,
    vanished: BTreeMap<Arc<str>, Instant>,
}

impl Default for Settling {
    fn default() -> Self {
        Settling { grace: GRACE, done: BTreeSet::new(), begun: BTreeMap::new(), moved: Moves::default(), vanished: BTreeMap::new() }
    }
}

impl Settling {
    /// Where nothing tells that a file is back, one is believed to be gone only when the next look, so much later, does not find it.
    pub(super) fn look_every(&mut self, interval: Option<Duration>) {
        self.grace = interval.map_or(GRACE, |interval| interval + GRACE);
    }

    /// Takes in what the watcher told.
    pub(super) fn hear(&mut self, notice: Notice, now: Instant) {
        match notice {
            Notice::Done(hint) => {
                if let Hint::At(path) = &hint {
                    self.begun.remove(path);
                }
                self.done.insert(hint);
            }
            Notice::Begun(path) => drop(self.begun.insert(path, now)),
            Notice::Moved(from, to) => {
                self.begun.remove(&to);
                self.done.insert(Hint::At(to.clone()));
                self.moved.note(from, to);
            }
        }
    }

    /// Where to look now.
    pub(super) fn take_hints(&mut self, now: Instant) -> BTreeSet<Hint> {
        let quiet: Vec<PathBuf> = self.begun.iter().filter(|(_, last)| now >= **last + QUIET).map(|(path, _)| path.clone()).collect();
        for path in quiet {
            self.begun.remove(&path);
            self.done.insert(Hint::At(path));
        }
        std::mem::take(&mut self.done)
    }

    /// What was moved, from where to where.
    pub(super) fn take_moves(&mut self) -> Moves {
        std::mem::take(&mut self.moved)
    }

    /// Takes in what was found of files. `known` is how many there are. The answer is those that are believed to be gone.
    pub(super) fn believe(&mut self, survey: &mut Survey, known: usize, now: Instant) -> Vec<Arc<str>> {
        for path in std::mem::take(&mut survey.vanished) {
            self.vanished.entry(path).or_insert(now);
        }
        for path in &survey.changed {
            self.vanished.remove(path);
        }
        let is_moved = survey.arrived > 0;
        let grace = self.grace(known, survey.arrived);
        let gone = self.vanished.iter().filter(|(_, since)| now >= **since + grace || is_moved && grace == GRACE);
        let gone: Vec<Arc<str>> = gone.map(|(path, _)| path.clone()).collect();
        for path in &gone {
            self.vanished.remove(path);
        }
        gone
    }

    /// When to look again if nothing is told until then.
    pub(super) fn deadline(&self, known: usize) -> Option<Instant> {
        let quiet = self.begun.values().map(|last| *last + QUIET);
        let gone = self.vanished.values().map(|since| *since + self.grace(known, 0));
        quiet.chain(gone).min()
    }

    fn grace(&self, known: usize, arrived: usize) -> Duration {
        let missing = self.vanished.len().saturating_sub(arrived);
        if missing > FEW && missing > known { MASS_GRACE.max(self.grace) } else { self.grace }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn survey(changed: &[&str], arrived: usize, vanished: &[&str]) -> Survey {
        let paths = |names: &[&str]| names.iter().map(|name| Arc::from(*name)).collect();
        Survey { changed: paths(changed), arrived, vanished: paths(vanished), ..Survey::default() }
    }

    fn after(start: Instant, ms: u64) -> Instant {
        start + Duration::from_millis(ms)
    }

    #[test]
    fn a_finished_save_is_looked_at_at_once_and_an_unfinished_one_when_quiet() {
        let start = Instant::now();
        let mut settling = Settling::default();
        settling.hear(Notice::Begun("/a.md".into()), start);
        settling.hear(Notice::Begun("/b.md".into()), start);
        settling.hear(Notice::Done(Hint::At("/a.md".into())), start);
        assert_eq!(settling.take_hints(start), BTreeSet::from([Hint::At("/a.md".into())]));
        assert_eq!(settling.deadline(10), Some(after(start, 40)));
        settling.hear(Notice::Begun("/b.md".into()), after(start, 30));
        assert!(settling.take_hints(after(start, 60)).is_empty());
        assert_eq!(settling.take_hints(after(start, 70)), BTreeSet::from([Hint::At("/b.md".into())]));
    }

    #[test]
    fn a_file_that_comes_back_was_never_gone() {
        let start = Instant::now();
        let mut settling = Settling::default();
        assert!(settling.believe(&mut survey(&[], 0, &["a.md"]), 10, start).is_empty());
        assert!(settling.believe(&mut survey(&["a.md"], 1, &[]), 10, after(start, 5)).is_empty());
        assert_eq!(settling.deadline(10), None);
    }

    #[test]
    fn a_removal_is_believed_after_a_moment_and_a_move_at_once() {
        let start = Instant::now();
        let mut settling = Settling::default();
        settling.believe(&mut survey(&[], 0, &["a.md"]), 10, start);
        assert_eq!(settling.deadline(10), Some(after(start, 20)));
        assert_eq!(settling.believe(&mut survey(&[], 0, &[]), 10, after(start, 20)), ["a.md".into()]);
        assert_eq!(settling.believe(&mut survey(&["new.md"], 1, &["old.md"]), 10, after(start, 30)), ["old.md".into()]);
    }

    #[test]
    fn where_nothing_tells_that_a_file_is_back_it_must_be_missing_at_the_next_look_too() {
        let start = Instant::now();
        let mut settling = Settling::default();
        settling.look_every(Some(Duration::from_secs(2)));
        assert!(settling.believe(&mut survey(&[], 0, &["a.md", "b.md"]), 10, start).is_empty());
        assert!(settling.believe(&mut survey(&["b.md", "new.md"], 2, &[]), 10, after(start, 2000)).is_empty());
        assert_eq!(settling.deadline(10), Some(after(start, 2020)));
        assert_eq!(settling.believe(&mut survey(&[], 0, &[]), 10, after(start, 2020)), ["a.md".into()]);
    }

    #[test]
    fn most_files_vanishing_at_once_is_held() {
        let start = Instant::now();
        let names: Vec<String> = (0..20).map(|i| format!("{i}.md")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut settling = Settling::default();
        assert!(settling.believe(&mut survey(&[], 0, &names), 5, start).is_empty());
        assert!(settling.believe(&mut survey(&["x.md"], 1, &[]), 6, after(start, 1000)).is_empty());
        assert_eq!(settling.believe(&mut survey(&[], 0, &[]), 6, after(start, 2000)).len(), 20);
    }
}
