//! The lock on the output folder: one process writes it.

use std::fs::{self, File, TryLockError};
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::place::Place;

/// The folder itself, locked; the lock ends with the process, however it ends.
#[derive(Debug)]
pub(super) struct Held {
    place: Option<Place>,
    _lock: File,
}

impl Held {
    /// Makes the folder, if need be, and locks it.
    pub(super) fn take(root: &Path) -> Result<Self> {
        fs::create_dir_all(root).with_context(|| format!("cannot make the output folder {}", root.display()))?;
        let place = Place::of(root);
        let lock = File::open(root).with_context(|| format!("cannot open the output folder {}", root.display()))?;
        match lock.try_lock() {
            Ok(()) => Ok(Held { place, _lock: lock }),
            Err(TryLockError::WouldBlock) => {
                bail!("{} writes {} already; stop it, or choose another folder with --out", holder(&lock), root.display())
            }
            Err(TryLockError::Error(error)) => Err(error).with_context(|| format!("cannot lock {}", root.display())),
        }
    }

    /// Whether it is still what stands at its path.
    pub(super) fn is_at(&self, root: &Path) -> bool {
        self.place.is_some() && Place::of(root) == self.place
    }
}

/// Who holds the lock on a folder, as far as the system tells (`/proc/locks` of Linux).
fn holder(folder: &File) -> String {
    let find = || {
        #[cfg(unix)]
        let inode = std::os::unix::fs::MetadataExt::ino(&folder.metadata().ok()?);
        #[cfg(not(unix))]
        let inode = folder.metadata().ok()?.len();
        let suffix = format!(":{inode}");
        let locks = fs::read_to_string("/proc/locks").ok()?;
        let line = locks.lines().find(|line| line.split_whitespace().any(|field| field.ends_with(&suffix)))?;
        line.split_whitespace().nth(4).map(str::to_owned)
    };
    find().map_or_else(|| "another process".to_owned(), |process| format!("process {process}"))
}
