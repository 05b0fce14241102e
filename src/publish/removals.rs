//! The order in which files go.

use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};

use crate::site::Update;

/// Files that go.
#[derive(Default)]
pub(super) struct Removals<'r> {
    /// Those that stand where a document, or a folder around one, is to be.
    pub(super) before_writing: Vec<&'r PathBuf>,
    /// The others.
    pub(super) after_writing: Vec<&'r PathBuf>,
}

impl<'r> Removals<'r> {
    /// Those of these files that go before an update is written, and the others.
    pub(super) fn of(paths: &'r BTreeSet<PathBuf>, update: &Update) -> Self {
        if paths.is_empty() {
            return Removals::default();
        }
        let folders: HashSet<&Path> = update.writes.iter().flat_map(|(path, _)| Path::new(&**path).ancestors().skip(1)).collect();
        let is_document = |path: &Path| path.to_str().is_some_and(|path| update.snapshot.documents.contains_key(path));
        let is_in_the_way = |path: &&PathBuf| folders.contains(&***path) || path.ancestors().skip(1).any(is_document);
        let (before_writing, mut after_writing): (Vec<_>, Vec<_>) = paths.iter().partition(is_in_the_way);
        // by those at the top the others are found when this is interrupted
        after_writing.sort_by_key(|path| is_at_top(path));
        Removals { before_writing, after_writing }
    }
}

/// Whether a file is in the output folder itself.
pub(super) fn is_at_top(path: &Path) -> bool {
    path.parent() == Some(Path::new(""))
}
