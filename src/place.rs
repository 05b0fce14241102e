//! Which folder stands at a path: another one may have taken its place without an event that says so.

use std::path::Path;
use std::time::SystemTime;

/// What tells a folder from another one at the same path, whatever is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    device: u64,
    inode: u64,
    /// Inode numbers are given again at once on many file systems; the time of birth is not.
    born: Option<SystemTime>,
}

impl Place {
    /// The folder that a path leads to, over links; none when there is no folder.
    pub fn of(path: &Path) -> Option<Self> {
        let meta = path.metadata().ok().filter(|meta| meta.is_dir())?;
        #[cfg(unix)]
        let (device, inode) = (std::os::unix::fs::MetadataExt::dev(&meta), std::os::unix::fs::MetadataExt::ino(&meta));
        #[cfg(not(unix))]
        let (device, inode) = (0, 0);
        Some(Place { device, inode, born: meta.created().ok() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_made_anew_at_the_same_path_is_another_one() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("a");
        assert_eq!(Place::of(&path), None);
        std::fs::create_dir(&path).unwrap();
        let first = Place::of(&path);
        std::fs::write(path.join("file"), "x").unwrap();
        assert_eq!(Place::of(&path), first, "what is in it does not matter");
        std::fs::remove_dir_all(&path).unwrap();
        std::fs::create_dir(&path).unwrap();
        assert_ne!(Place::of(&path), first);
        assert_eq!(Place::of(&path.join("..")), Place::of(root.path()));
    }
}
