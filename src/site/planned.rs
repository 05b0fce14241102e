//! The documents as they are planned, and which of them are not committed yet.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::snapshot::{Document, Snapshot};

/// The next state of the output, and what has to be done to get there from the last committed one.
#[derive(Debug)]
pub(super) struct Planned {
    /// The documents as they are to be; its revision is the last committed one.
    snapshot: Snapshot,
    /// Documents that are planned and not committed.
    uncommitted: BTreeSet<Arc<str>>,
    /// The revision of the table of ids that was last committed; none when the table must be written anew.
    ids: Option<u64>,
}

impl Default for Planned {
    fn default() -> Self {
        // a table that was changed since it was read is written
        Planned { snapshot: Snapshot::default(), uncommitted: BTreeSet::new(), ids: Some(0) }
    }
}

impl Planned {
    /// All documents.
    pub(super) fn documents(&self) -> impl Iterator<Item = (&Arc<str>, &Arc<Document>)> {
        self.snapshot.documents.iter()
    }

    /// The state to get to, with the revision that it will have.
    pub(super) fn next(&self) -> Snapshot {
        let revision = self.snapshot.revision + u64::from(!self.uncommitted.is_empty());
        Snapshot { revision, ..self.snapshot.clone() }
    }

    /// The documents that are new or different.
    pub(super) fn writes(&self) -> Vec<(Arc<str>, Arc<Document>)> {
        let document = |path: &Arc<str>| Some((path.clone(), self.snapshot.documents.get(path)?.clone()));
        self.uncommitted.iter().filter_map(document).collect()
    }

    /// The documents that are no more.
    pub(super) fn removals(&self) -> Vec<Arc<str>> {
        self.uncommitted.iter().filter(|path| !self.snapshot.documents.contains_key(*path)).cloned().collect()
    }

    /// Whether the table of ids with this revision has to be written.
    pub(super) fn wants_ids(&self, revision: u64) -> bool {
        self.ids != Some(revision)
    }

    /// Whether a document is planned otherwise than it was last committed.
    pub(super) fn is_uncommitted(&self, path: &str) -> bool {
        self.uncommitted.contains(path)
    }

    /// Plans a document. One with the same bytes stays as it is.
    pub(super) fn put(&mut self, path: String, document: Document) {
        let path: Arc<str> = path.into();
        if self.snapshot.documents.get(&path).is_none_or(|before| before.digest() != document.digest()) {
            self.snapshot.documents.insert_mut(path.clone(), Arc::new(document));
            self.snapshot.gone.remove_mut(&path);
            self.uncommitted.insert(path);
        }
    }

    /// Plans that there is no such document any more.
    pub(super) fn remove(&mut self, path: String) {
        let path: Arc<str> = path.into();
        if let Some(document) = self.snapshot.documents.get(&path) {
            self.snapshot.gone.insert_mut(path.clone(), document.content_type().clone());
            self.snapshot.documents.remove_mut(&path);
            self.uncommitted.insert(path);
        }
    }

    /// Notes that all of it was carried out, with the table of ids of this revision. `kept` are documents whose file was there
    /// already, with its date, which is theirs from now on. The answer is the committed state.
    pub(super) fn commit(&mut self, kept: Vec<(Arc<str>, DateTime<Utc>)>, ids: u64) -> Snapshot {
        for (path, modified) in kept {
            if let Some(document) = self.snapshot.documents.get(&path) {
                let dated = Arc::new(document.dated(modified));
                self.snapshot.documents.insert_mut(path, dated);
            }
        }
        self.snapshot = self.next();
        self.uncommitted.clear();
        self.ids = Some(ids);
        self.snapshot.clone()
    }

    /// Has everything written again.
    pub(super) fn rewrite(&mut self) {
        self.uncommitted.extend(self.snapshot.documents.keys().cloned());
        self.ids = None;
    }

    /// Has some documents written again, as far as there still are such, and the table of ids.
    pub(super) fn rewrite_some(&mut self, paths: &[Arc<str>]) {
        self.uncommitted.extend(paths.iter().filter(|path| self.snapshot.documents.contains_key(*path)).cloned());
        self.ids = None;
    }

    /// Goes on from what another site published, of which nothing is planned here yet: all of it is gone.
    pub(super) fn succeed(&mut self, before: &Planned) {
        let Snapshot { revision, documents, mut gone } = before.snapshot.clone();
        for (path, document) in &documents {
            gone.insert_mut(path.clone(), document.content_type().clone());
        }
        self.snapshot = Snapshot { revision, gone, ..Snapshot::default() };
    }
}
