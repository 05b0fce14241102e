//! The watcher: what the operating system tells of changes, as hints.
//!
//! Each folder is watched by itself and only once it is about to be listed (`Source::survey` calls [`Watch::enter`]), so
//! no file falls between a folder's coming and its watch. An event is only a hint: what it means is read from the disk.
//! A folder that the system has no watch for is remembered as such, so that somebody looks there from time to time.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use notify::event::{AccessKind, AccessMode, CreateKind, ModifyKind, RenameMode};
use notify::{ErrorKind, Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use crate::place::Place;
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
    folders: BTreeMap<PathBuf, Place>,
    /// Folders that cannot be watched, with the reason.
    unwatched: BTreeMap<PathBuf, String>,
}

impl Watch {
    /// A watch on nothing yet. `tell` is called on the watcher's own thread.
    ///
    /// # Errors
    /// When the operating system has no watch to give.
    pub fn new(tell: impl Fn(Notice) + Send + 'static) -> Result<Self> {
        let mut renaming = Renaming::default();
        let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| match event {
            Ok(event) => renaming.notices(event).into_iter().for_each(&tell),
            Err(_) => tell(Notice::Done(Hint::Anywhere)),
        })
        .context("the system has no watcher to give; raise fs.inotify.max_user_instances with sysctl")?;
        Ok(Watch { watcher, folders: BTreeMap::new(), unwatched: BTreeMap::new() })
    }

    /// Watches a folder, not those in it. A folder that is watched already stays so, unless another one has taken its place.
    pub fn enter(&mut self, folder: &Path) {
        // what is gone needs no watch: whoever holds the folder above tells when it comes back
        let Some(place) = Place::of(folder) else { return self.forget(folder) };
        if self.folders.get(folder) == Some(&place) {
            return;
        }
        self.forget(folder);
        match self.watcher.watch(folder, RecursiveMode::NonRecursive) {
            Ok(()) => drop(self.folders.insert(folder.to_owned(), place)),
            Err(error) => drop(self.unwatched.insert(folder.to_owned(), reason(&error))),
        }
    }

    /// Forgets a path and every folder below it, so that whatever comes to stand there is watched anew.
    pub fn leave(&mut self, path: &Path) {
        let is_below = |folder: &&PathBuf| folder.starts_with(path);
        let mut below: Vec<PathBuf> =
            self.folders.range(path.to_owned()..).map(|(folder, _)| folder).take_while(is_below).cloned().collect();
        below.extend(self.unwatched.range(path.to_owned()..).map(|(folder, _)| folder).take_while(is_below).cloned());
        for folder in below {
            self.forget(&folder);
        }
    }

    /// Forgets folders that cannot be watched and are gone.
    pub fn forget_gone(&mut self) {
        self.unwatched.retain(|folder, _| Place::of(folder).is_some());
    }

    /// The folders that cannot be watched, without those in them.
    pub fn unwatched(&self) -> BTreeSet<PathBuf> {
        let mut topmost: BTreeSet<PathBuf> = BTreeSet::new();
        for folder in self.unwatched.keys() {
            if !folder.ancestors().any(|above| topmost.contains(above)) {
                topmost.insert(folder.clone());
            }
        }
        topmost
    }

    /// How many folders cannot be watched and why, in words; none when all are.
    pub fn fault(&self) -> Option<String> {
        let (first, reason) = self.unwatched.first_key_value()?;
        let others = self.unwatched.len() - 1;
        let others = if others == 0 { String::new() } else { format!(" and {others} more folders") };
        Some(format!("cannot watch {}{others}: {reason}", first.display()))
    }

    fn forget(&mut self, folder: &Path) {
        self.unwatched.remove(folder);
        if self.folders.remove(folder).is_some() {
            // it may have ended with the folder; that is as good
            let _ = self.watcher.unwatch(folder);
        }
    }
}

/// Why a folder cannot be watched, with the mend where there is one.
fn reason(error: &notify::Error) -> String {
    match error.kind {
        ErrorKind::MaxFilesWatch => "the system's limit of watches is reached; raise fs.inotify.max_user_watches with sysctl".to_owned(),
        _ => error.to_string(),
    }
}

/// The move that is under way: the system tells first where from, then where to.
#[derive(Debug, Default)]
struct Renaming {
    from: Option<(usize, PathBuf)>,
}

impl Renaming {
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
            // a folder with other dates, as `rsync` leaves it, holds what it held; one that is closed to us now is told of
            EventKind::Modify(ModifyKind::Metadata(_)) => paths.filter(|path| !is_open_folder(path)).map(Notice::Begun).collect(),
            EventKind::Create(_) | EventKind::Modify(_) | EventKind::Any | EventKind::Other => paths.map(Notice::Begun).collect(),
        }
    }
}

/// Whether it is a folder that may be listed, and whose files may be looked at.
fn is_open_folder(path: &Path) -> bool {
    path.read_dir().is_ok() && path.join(".").metadata().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use notify::event::{DataChange, Flag, MetadataKind, RemoveKind, RenameMode};

    fn check(kind: EventKind, expected: &[Notice]) {
        assert_eq!(Renaming::default().notices(Event::new(kind).add_path("/a.md".into())), expected, "{kind:?}");
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
    fn other_dates_and_rights_matter_of_files_and_not_of_folders() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.md");
        std::fs::write(&file, "x").unwrap();
        let touched = |path: &Path| {
            let kind = EventKind::Modify(ModifyKind::Metadata(MetadataKind::Any));
            Renaming::default().notices(Event::new(kind).add_path(path.to_owned()))
        };
        assert_eq!(touched(folder.path()), []);
        assert_eq!(touched(&file), [Notice::Begun(file.clone())]);
        let gone = folder.path().join("gone");
        assert_eq!(touched(&gone), [Notice::Begun(gone.clone())]);
    }

    #[test]
    fn a_move_names_both_of_its_ends_and_is_told_once() {
        let event =
            |mode, path: &str, tracker| Event::new(EventKind::Modify(ModifyKind::Name(mode))).add_path(path.into()).set_tracker(tracker);
        let mut renaming = Renaming::default();
        assert_eq!(renaming.notices(event(RenameMode::From, "/a", 7)), [Notice::Done(Hint::At("/a".into()))]);
        assert_eq!(renaming.notices(event(RenameMode::To, "/b", 7)), [Notice::Moved("/a".into(), "/b".into())]);
        assert_eq!(renaming.notices(event(RenameMode::Both, "/b", 7)), []);
        // moved in from outside
        renaming.notices(event(RenameMode::From, "/a", 8));
        assert_eq!(renaming.notices(event(RenameMode::To, "/c", 9)), [Notice::Done(Hint::At("/c".into()))]);
    }

    #[test]
    fn an_overflow_of_the_queue_means_anywhere() {
        let event = Event::new(EventKind::Other).set_flag(Flag::Rescan);
        assert_eq!(Renaming::default().notices(event), [Notice::Done(Hint::Anywhere)]);
    }
}
