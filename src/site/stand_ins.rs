//! Posts that stand for files which were moved and broke before they could be understood where they are now.

use std::sync::Arc;

use foldhash::HashMap;

/// Broken files, each with the file whose post stands for it: the one that it was until it was moved.
#[derive(Clone, Debug, Default)]
pub(super) struct StandIns(HashMap<Arc<str>, Arc<str>>);

impl StandIns {
    /// The file whose post stands for this one.
    pub(super) fn of(&self, path: &str) -> Option<&Arc<str>> {
        self.0.get(path)
    }

    /// The files whose posts stand for others.
    pub(super) fn posts(&self) -> impl Iterator<Item = &Arc<str>> {
        self.0.values()
    }

    /// Has the post of one file stand for another.
    pub(super) fn put(&mut self, path: Arc<str>, post: Arc<str>) {
        self.0.insert(path, post);
    }

    /// Has no post stand for a file any more; the file of the one that did is the answer.
    pub(super) fn take(&mut self, path: &str) -> Option<Arc<str>> {
        self.0.remove(path)
    }

    /// Has the post of a file stand for none: the file speaks for itself.
    pub(super) fn release(&mut self, post: &str) {
        self.0.retain(|_, stands_in| **stands_in != *post);
    }

    /// Has only those posts stand for others whose files fulfil a condition.
    pub(super) fn retain(&mut self, may_stand_in: impl Fn(&str) -> bool) {
        self.0.retain(|_, post| may_stand_in(post));
    }
}
