//! The watcher: what the operating system tells of changes, as hints.
//!
//! Each folder is watched by itself and only once it is about to be listed (`Source::survey` calls [`Watch::enter`]), so
//! no file falls between a folder's coming and its watch. An event is only a hint: what it means is read from the disk.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use notify::event::{AccessKind, AccessMode, CreateKind, ModifyKind, RenameMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use crate::source::Hint;

/// What one event says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Something is finished: look now.
    Done(Hint),
    /// A file is being written: look when it is closed, or when it has been quiet for a while.
    Begun(PathBuf),
    /// What was at the first path is at the second: look there now.
    Moved(PathBuf, PathBuf),
}

/// The folders under watch.
#[derive(Debug)]
pub struct Watch {
    watcher: RecommendedWatcher,
    folders: BTreeSet<PathBuf>,
}

impl Watch {
    /// A watch on nothing yet. `tell` is called on the watcher's own thread.
    ///
    /// # Errors
    /// When the operating system has no watch to give.
    pub fn new(tell: impl Fn(Notice) + Send + 'static) -> Result<Self> {
        let mut moves = Moves::default();
        let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| match event {
            Ok(event) => moves.notices(event).into_iter().for_each(&tell),
            Err(_) => tell(Notice::Done(Hint::Anywhere)),
        })
        .context("cannot watch for changes")?;
        Ok(Watch { watcher, folders: BTreeSet::new() })
    }

    /// Watches a folder, not those in it. A folder that is watched already stays so.
    ///
    /// # Errors
    /// When it cannot be watched: it is gone, or the limit of the operating system is reached.
    pub fn enter(&mut self, folder: &Path) -> notify::Result<()> {
        if !self.folders.contains(folder) {
            self.watcher.watch(folder, RecursiveMode::NonRecursive)?;
            self.folders.insert(folder.to_owned());
        }
        Ok(())
    }

    /// Forgets a path and every folder below it, so that whatever comes to stand there is watched anew.
    pub fn leave(&mut self, path: &Path) {
        let below: Vec<PathBuf> = self.folders.range(path.to_owned()..).take_while(|folder| folder.starts_with(path)).cloned().collect();
        for folder in below {
            // it may have ended with the folder; that is as good
            let _ = self.watcher.unwatch(&folder);
            self.folders.remove(&folder);
        }
    }
}

/// The move that is under way: the system tells first where from, then where to.
#[derive(Debug, Default)]
struct Moves {
    from: Option<(usize, PathBuf)>,
}

impl Moves {
    /// What an event says, as far as it matters here. A save ends with the closing of a file or with a move; reading a
    /// file is an event too, and is none of ours.
    fn notices(&mut self, event: Event) -> Vec<Notice> {
        if event.need_rescan() {
            return vec![Notice::Done(Hint::Anywhere)];
        }
        let tracker = event.tracker();
        let done = |path| Notice::Done(Hint::At(path));
        let mut paths = event.paths.into_iter();
        match event.kind {
            // it repeats what the two before it have said
            EventKind::Modify(ModifyKind::Name(RenameMode::Both)) => Vec::new(),
            EventKind::Modify(ModifyKind::Name(RenameMode::From)) => {
                let Some(path) = paths.next() else { return Vec::new() };
                self.from = tracker.map(|tracker| (tracker, path.clone()));
                vec![done(path)]
            }
            EventKind::Modify(ModifyKind::Name(RenameMode::To)) => {
                let from = self.from.take().filter(|(from, _)| Some(*from) == tracker);
                paths
                    .next()
                    .map(|to| from.map_or_else(|| done(to.clone()), |(_, from)| Notice::Moved(from, to.clone())))
                    .into_iter()
                    .collect()
            }
            EventKind::Access(AccessKind::Close(AccessMode::Write))
            | EventKind::Remove(_)
            | EventKind::Modify(ModifyKind::Name(_))
            | EventKind::Create(CreateKind::Folder) => paths.map(done).collect(),
            EventKind::Access(_) => Vec::new(),
            EventKind::Create(_) | EventKind::Modify(_) | EventKind::Any | EventKind::Other => paths.map(Notice::Begun).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use notify::event::{DataChange, Flag, MetadataKind, RemoveKind, RenameMode};

    fn check(kind: EventKind, expected: &[Notice]) {
        assert_eq!(Moves::default().notices(Event::new(kind).add_path("/a.md".into())), expected, "{kind:?}");
    }

    #[test]
    fn a_finished_save_is_told_from_one_that_has_begun() {
        let done = [Notice::Done(Hint::At("/a.md".into()))];
        let begun = [Notice::Begun("/a.md".into())];
        check(EventKind::Access(AccessKind::Close(AccessMode::Write)), &done);
        check(EventKind::Modify(ModifyKind::Name(RenameMode::To)), &done);
        check(EventKind::Remove(RemoveKind::File), &done);
        check(EventKind::Create(CreateKind::Folder), &done);
        check(EventKind::Create(CreateKind::File), &begun);
        check(EventKind::Modify(ModifyKind::Data(DataChange::Any)), &begun);
        check(EventKind::Modify(ModifyKind::Metadata(MetadataKind::Any)), &begun);
        check(EventKind::Access(AccessKind::Open(AccessMode::Any)), &[]);
        check(EventKind::Access(AccessKind::Close(AccessMode::Read)), &[]);
    }

    #[test]
    fn a_move_names_both_of_its_ends_and_is_told_once() {
        let event =
            |mode, path: &str, tracker| Event::new(EventKind::Modify(ModifyKind::Name(mode))).add_path(path.into()).set_tracker(tracker);
        let mut moves = Moves::default();
        assert_eq!(moves.notices(event(RenameMode::From, "/a", 7)), [Notice::Done(Hint::At("/a".into()))]);
        assert_eq!(moves.notices(event(RenameMode::To, "/b", 7)), [Notice::Moved("/a".into(), "/b".into())]);
        assert_eq!(moves.notices(event(RenameMode::Both, "/b", 7)), []);
        // moved in from outside
        moves.notices(event(RenameMode::From, "/a", 8));
        assert_eq!(moves.notices(event(RenameMode::To, "/c", 9)), [Notice::Done(Hint::At("/c".into()))]);
    }

    #[test]
    fn an_overflow_of_the_queue_means_anywhere() {
        let event = Event::new(EventKind::Other).set_flag(Flag::Rescan);
        assert_eq!(Moves::default().notices(event), [Notice::Done(Hint::Anywhere)]);
    }
}
