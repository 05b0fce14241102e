//! What others did to the files of the output folder.
//!
//! A look costs a stat for each file. Only one whose date is not that of its document is read, and once alone: file systems cut dates,
//! and copies and backups give files others.

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use foldhash::HashMap;

use super::IDS;
use super::disk::{OnDisk, on_disk};
use crate::snapshot::{Document, Snapshot};

/// Files that hold their documents under other dates, by path: each with its date and the digest of the document.
type Redated = HashMap<Arc<str>, (Option<SystemTime>, u128)>;

/// Looks whether files are as they were written, on whatever thread. Clones know the same.
#[derive(Clone, Debug)]
pub struct Inspector {
    root: PathBuf,
    redated: Arc<Mutex<Redated>>,
}

impl Inspector {
    /// What looks at the files in a folder.
    pub(super) fn new(root: PathBuf) -> Self {
        Inspector { root, redated: Arc::default() }
    }

    /// The files of a snapshot that are not in the folder, or do not hold their documents: somebody else was at them. The table of
    /// ids, of which there is no date, is one of them when it has not this many bytes.
    pub fn altered(&self, snapshot: &Snapshot, ids: usize) -> Vec<Arc<str>> {
        let before = std::mem::take(&mut *self.redated.lock().unwrap_or_else(PoisonError::into_inner));
        let mut redated = Redated::default();
        let mut is_as_written = |path: &Arc<str>, document: &Document| match self.date(path, document.len()) {
            Some(date) if date == Some(document.modified().into()) => true,
            Some(date) => {
                let stamp = (date, document.digest());
                let is_known = before.get(path) == Some(&stamp);
                let is_same = is_known || matches!(on_disk(&self.root.join(&**path), document), OnDisk::Same(_));
                redated.extend(is_same.then(|| (path.clone(), stamp)));
                is_same
            }
            None => false,
        };
        let altered = snapshot.documents.iter().filter(|(path, document)| !is_as_written(path, document)).map(|(path, _)| path.clone());
        let altered: Vec<Arc<str>> = altered.chain(self.date(IDS, ids).is_none().then(|| Arc::from(IDS))).collect();
        *self.redated.lock().unwrap_or_else(PoisonError::into_inner) = redated;
        altered
    }

    /// The date of a file of this length, where the system knows dates; none where there is no such file.
    fn date(&self, path: &str, len: usize) -> Option<Option<SystemTime>> {
        let meta = fs::metadata(self.root.join(path)).ok().filter(|meta| meta.is_file() && meta.len() == len as u64)?;
        Some(meta.modified().ok())
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use chrono::DateTime;

    use super::*;

    #[test]
    fn a_file_is_read_once_for_each_date_that_is_not_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let file = |text: &str, second: i64| {
            fs::write(folder.path().join("rss.xml"), text).unwrap();
            let file = fs::File::options().write(true).open(folder.path().join("rss.xml")).unwrap();
            file.set_modified(DateTime::from_timestamp(second, 0).unwrap().into()).unwrap();
        };
        fs::write(folder.path().join(IDS), "").unwrap();
        let mut snapshot = Snapshot::default();
        let document = Document::new("text/plain", vec![Bytes::from("as it is")], DateTime::from_timestamp(10, 0).unwrap());
        snapshot.documents.insert_mut("rss.xml".into(), Arc::new(document));
        let inspector = Inspector::new(folder.path().to_owned());
        let altered = || inspector.altered(&snapshot, 0).len();
        for (text, second, expected) in [
            ("as it is", 10, 0),
            ("as it is", 9, 0),
            ("as it was", 9, 1),
            // that it is not read again is seen by what is not found then
            ("as it IS", 9, 1),
            ("as it is", 9, 0),
            ("as it IS", 9, 0),
            ("as it IS", 8, 1),
            ("as it IS", 10, 0),
        ] {
            file(text, second);
            assert_eq!(altered(), expected, "{text} of {second}");
        }
        fs::write(folder.path().join(IDS), "x").unwrap();
        assert_eq!(inspector.clone().altered(&snapshot, 0), [IDS.into()]);
    }
}
