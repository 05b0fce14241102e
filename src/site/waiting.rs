//! Pages that wait for an `_index.md` above them. While that is broken, and what it said before is not known, nobody knows what it casts
//! on the pages below: it may be that they are drafts.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::content::path::{self, folder_of};

/// The broken `_index.md` files of which no good version is known.
#[derive(Clone, Debug, Default)]
pub(super) struct Waiting(BTreeSet<Arc<str>>);

impl Waiting {
    /// Has the pages below an `_index.md` wait for it.
    pub(super) fn insert(&mut self, index: Arc<str>) {
        self.0.insert(index);
    }

    /// Has no page wait for an `_index.md`; whether any did is the answer.
    pub(super) fn remove(&mut self, index: &str) -> bool {
        self.0.remove(index)
    }

    /// Whether a page waits.
    pub(super) fn has(&self, page: &str) -> bool {
        !self.0.is_empty() && path::ancestors(page).any(|folder| self.0.iter().any(|index| folder_of(index) == folder))
    }
}
