//! When to look and what to believe: a finished save at once, an unfinished one when it is quiet, a vanished file when it
//! does not come back.
//!
//! Editors save by moving the old file away and writing a new one, and a checkout removes files before it writes others.
//! So a removal waits for a moment, unless the file was moved to where another has come to be; and more than half of all files
//! vanishing at once waits longer. What comes meanwhile waits with it, for no longer than that moment: it may be the same post in another
//! file, which gets the id that the first leaves.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::source::{Hint, Moves, Survey};
use crate::watch::Notice;

/// A file that was begun and not closed is read when nothing was told of it for this long.
const QUIET: Duration = Duration::from_millis(40);

/// A file that vanished is believed to be gone after this long, and one that came meanwhile waits no longer.
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
    /// What came while others had vanished, and is not looked into yet.
    waiting: BTreeMap<Arc<str>, Instant>,
}

impl Default for Settling {
    fn default() -> Self {
        Settling {
            grace: GRACE,
            done: BTreeSet::new(),
            begun: BTreeMap::new(),
            moved: Moves::default(),
            vanished: BTreeMap::new(),
            waiting: BTreeMap::new(),
        }
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

    /// Takes in what was found of files. `known` is how many there are, and `origins` tells where one was before it was moved. The answer
    /// is those that are believed to be gone; what is to wait is taken out of the survey, and what waited for long enough put into it.
    pub(super) fn believe(
        &mut self,
        survey: &mut Survey,
        known: usize,
        origins: impl Fn(&str, &Moves) -> Vec<Arc<str>>,
        now: Instant,
    ) -> Vec<Arc<str>> {
        for path in std::mem::take(&mut survey.vanished) {
            // what nobody has looked into leaves nothing
            if self.waiting.remove(&path).is_none() {
                self.vanished.entry(path).or_insert(now);
            }
        }
        let mut gone = Vec::new();
        for path in std::mem::take(&mut survey.arrived) {
            let is_back = self.vanished.remove(&path).is_some();
            let left = origins(&path, &self.moved).into_iter().filter(|from| self.vanished.remove(from).is_some());
            let before = gone.len();
            gone.extend(left);
            if !is_back && gone.len() == before {
                self.waiting.insert(path, now);
            }
        }
        let grace = self.grace(known);
        gone.extend(self.vanished.extract_if(.., |_, since| now >= *since + grace).map(|(path, _)| path));
        self.let_wait(survey, now);
        gone
    }

    /// Takes out of the survey what is to wait, and puts into it what no longer is.
    fn let_wait(&mut self, survey: &mut Survey, now: Instant) {
        if self.waiting.is_empty() {
            return;
        }
        let (grace, is_complete) = (self.grace, self.vanished.is_empty());
        survey.changed.retain(|path| !self.waiting.contains_key(path));
        survey.changed.extend(self.waiting.extract_if(.., |_, since| is_complete || now >= *since + grace).map(|(path, _)| path));
        survey.put_in_order();
    }

    /// When to look again if nothing is told until then.
    pub(super) fn deadline(&self, known: usize) -> Option<Instant> {
        let quiet = self.begun.values().map(|last| *last + QUIET);
        let gone = self.vanished.values().map(|since| *since + self.grace(known));
        let waiting = self.waiting.values().map(|since| *since + self.grace);
        quiet.chain(gone).chain(waiting).min()
    }

    fn grace(&self, known: usize) -> Duration {
        let missing = self.vanished.len().saturating_sub(self.waiting.len());
        if missing > FEW && missing > known { MASS_GRACE.max(self.grace) } else { self.grace }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is found of files that are there, those of them that were not known, and those that are not there.
    fn survey(known: &[&str], arrived: &[&str], vanished: &[&str]) -> Survey {
        let paths = |names: &[&str]| names.iter().map(|name| Arc::from(*name)).collect();
        Survey { changed: paths(&[known, arrived].concat()), arrived: paths(arrived), vanished: paths(vanished), ..Survey::default() }
    }

    /// What is believed to be gone, and what is looked into, each with commas between.
    fn believed(settling: &mut Settling, mut survey: Survey, known: usize, now: Instant) -> (String, String) {
        let origins = |path: &str, moves: &Moves| {
            let below = |from: PathBuf| Arc::from(from.strip_prefix("/").unwrap().to_str().unwrap());
            moves.origins(&PathBuf::from("/").join(path)).map(below).collect()
        };
        let gone = settling.believe(&mut survey, known, origins, now);
        settling.take_moves();
        (gone.join(","), survey.changed.join(","))
    }

    fn are(gone: &str, changed: &str) -> (String, String) {
        (gone.to_owned(), changed.to_owned())
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
        // as an editor does that keeps the file before, while another comes
        settling.hear(Notice::Moved("/a.md".into(), "/a.md~".into()), start);
        assert_eq!(believed(&mut settling, survey(&["b.md"], &["new.md"], &["a.md"]), 10, start), are("", "b.md"));
        assert_eq!(settling.deadline(10), Some(after(start, 20)));
        assert_eq!(believed(&mut settling, survey(&["new.md"], &["a.md"], &[]), 10, after(start, 5)), are("", "a.md,new.md"));
        assert_eq!(settling.deadline(10), None);
    }

    #[test]
    fn a_removal_is_believed_after_a_moment_and_a_move_at_once() {
        let start = Instant::now();
        let mut settling = Settling::default();
        believed(&mut settling, survey(&[], &[], &["a.md"]), 10, start);
        assert_eq!(settling.deadline(10), Some(after(start, 20)));
        // what came meanwhile is looked into with it, those first that shape others
        let meanwhile = survey(&[], &["b.md", "c/_index.md"], &[]);
        assert_eq!(believed(&mut settling, meanwhile, 10, after(start, 10)), are("", ""));
        assert_eq!(believed(&mut settling, survey(&[], &[], &[]), 10, after(start, 20)), are("a.md", "c/_index.md,b.md"));
        let moved = |settling: &mut Settling, from: &str, to: &str| settling.hear(Notice::Moved(from.into(), to.into()), start);
        moved(&mut settling, "/old", "/new");
        let both = survey(&[], &["new/1.md", "new/2.md", "other.md"], &["old/1.md", "old/2.md", "gone.md"]);
        assert_eq!(believed(&mut settling, both, 10, after(start, 30)), are("old/1.md,old/2.md", "new/1.md,new/2.md"));
        assert_eq!(believed(&mut settling, survey(&[], &[], &[]), 10, after(start, 50)), are("gone.md", "other.md"));
        // told in two steps, and by way of a name that is no post's
        assert_eq!(believed(&mut settling, survey(&[], &[], &["a.md"]), 10, after(start, 60)), are("", ""));
        moved(&mut settling, "/a.md", "/a.tmp");
        moved(&mut settling, "/a.tmp", "/b.md");
        assert_eq!(believed(&mut settling, survey(&[], &["b.md"], &[]), 10, after(start, 61)), are("a.md", "b.md"));
        assert_eq!(settling.deadline(10), None);
    }

    #[test]
    fn what_waits_waits_no_longer_than_a_moment_and_may_go_again() {
        let start = Instant::now();
        let mut settling = Settling::default();
        assert_eq!(believed(&mut settling, survey(&[], &["b.md", "c.md"], &["0.md"]), 10, start), are("", ""));
        assert_eq!(believed(&mut settling, survey(&["b.md"], &[], &["c.md"]), 10, after(start, 10)), are("", ""));
        assert_eq!(believed(&mut settling, survey(&[], &[], &["1.md"]), 10, after(start, 19)), are("", ""));
        assert_eq!(believed(&mut settling, survey(&[], &[], &[]), 10, after(start, 20)), are("0.md", "b.md"));
        assert_eq!(settling.deadline(10), Some(after(start, 39)));
    }

    #[test]
    fn where_nothing_tells_that_a_file_is_back_it_must_be_missing_at_the_next_look_too() {
        let start = Instant::now();
        let mut settling = Settling::default();
        settling.look_every(Some(Duration::from_secs(2)));
        assert_eq!(believed(&mut settling, survey(&[], &["moved.md"], &["a.md", "b.md"]), 10, start), are("", ""));
        assert_eq!(believed(&mut settling, survey(&[], &["b.md", "new.md"], &[]), 10, after(start, 2000)), are("", "b.md"));
        assert_eq!(settling.deadline(10), Some(after(start, 2020)));
        assert_eq!(believed(&mut settling, survey(&[], &[], &[]), 10, after(start, 2020)), are("a.md", "moved.md,new.md"));
    }

    #[test]
    fn most_files_vanishing_at_once_is_held() {
        let start = Instant::now();
        let names: Vec<String> = (0..20).map(|i| format!("{i}.md")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut settling = Settling::default();
        assert_eq!(believed(&mut settling, survey(&[], &[], &names), 5, start), are("", ""));
        assert_eq!(believed(&mut settling, survey(&[], &["x.md"], &[]), 6, after(start, 1000)), are("", ""));
        assert_eq!(believed(&mut settling, survey(&[], &[], &[]), 6, after(start, 1020)), are("", "x.md"));
        assert_eq!(believed(&mut settling, survey(&[], &[], &[]), 6, after(start, 2000)).0.split(',').count(), 20);
        // where as many come, something was put in their place
        let other: Vec<String> = (0..20).map(|i| format!("other/{i}.md")).collect();
        let other: Vec<&str> = other.iter().map(String::as_str).collect();
        assert_eq!(believed(&mut settling, survey(&[], &other, &names), 6, after(start, 3000)), are("", ""));
        let (gone, changed) = believed(&mut settling, survey(&[], &[], &[]), 6, after(start, 3020));
        assert_eq!((gone.split(',').count(), changed.split(',').count()), (20, 20));
    }
}
