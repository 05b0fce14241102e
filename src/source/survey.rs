//! What was found by looking at the disk, in the order in which it is read.

use std::sync::Arc;

use crate::diagnostic::Diagnostic;

/// What a survey found, as paths below the content folder.
#[derive(Debug, Default)]
pub struct Survey {
    /// Files that must be read, those that shape other pages first: `_index.md`, then `index.md`.
    pub changed: Vec<Arc<str>>,
    /// Those of them that were not known before.
    pub arrived: Vec<Arc<str>>,
    /// Whether there are files of other languages among those that were listed.
    pub has_others: bool,
    /// Files that are no more.
    pub vanished: Vec<Arc<str>>,
    /// Assets that were asked for and are different now: the path below the site's root, and the length.
    pub assets: Vec<(String, Option<u64>)>,
    /// Folders that could not be listed, and files with names that are no text. What is below such a folder stays as it was.
    pub problems: Vec<Diagnostic>,
}

impl Survey {
    /// The files that must be read: those that say what holds for all below them, and the others.
    pub fn shaping_and_others(&self) -> (&[Arc<str>], &[Arc<str>]) {
        self.changed.split_at(self.changed.partition_point(|path| rank(path) == 0))
    }

    /// Puts the files that must be read into the order in which that is done, each once.
    pub fn put_in_order(&mut self) {
        // a sort that makes use of the order in which folders were listed
        self.changed.sort();
        self.changed.dedup();
        self.changed.sort_by_cached_key(|path| rank(path));
    }
}

/// The place of a file in the order of reading: those first that shape others.
fn rank(path: &str) -> u8 {
    let name = path.rsplit('/').next().unwrap_or(path);
    match name.split('.').next() {
        Some(stem) if stem.eq_ignore_ascii_case("_index") => 0,
        Some(stem) if stem.eq_ignore_ascii_case("index") => 1,
        _ => 2,
    }
}
