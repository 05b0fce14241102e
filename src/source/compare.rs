//! The full comparison of the disk with what was read: it finds what no event told of, and reads no file.
//!
//! A listing is made on a thread of its own, while events go on being acted on. So one listing proves nothing: what it
//! has and we have not may have been read a moment later. A file that differs in the same way in two listings, with
//! time between them for every event to arrive, was missed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use super::{Ground, Source, Stamp};

/// What makes a listing, apart from the source that it is of.
#[derive(Clone, Debug)]
pub struct Lister {
    ground: Ground,
    assets: Vec<String>,
}

/// Every file of the site with its stamp, at about one time.
#[derive(Debug)]
pub struct Listing {
    files: BTreeMap<PathBuf, Stamp>,
    /// Folders that could not be listed: nothing is known of what is below.
    unlisted: Vec<PathBuf>,
}

/// Files that are not on the disk as they were read, each with its stamp there; none for one that is gone.
#[derive(Debug, Default)]
pub struct Differences(BTreeMap<PathBuf, Option<Stamp>>);

impl Lister {
    /// Lists every file: a stat each, and none is opened.
    pub fn list(&self) -> Listing {
        let mut listing = Listing { files: BTreeMap::new(), unlisted: Vec::new() };
        let mut folders = vec![self.ground.content.clone()];
        while let Some(folder) = folders.pop() {
            match self.ground.list(&folder) {
                Ok(items) => {
                    folders.extend(items.folders);
                    let posts = items.posts.iter().map(|name| folder.join(name));
                    listing.files.extend(posts.filter_map(|post| fs::symlink_metadata(&post).ok().map(|meta| (post, Stamp::of(&meta)))));
                }
                Err(_) => listing.unlisted.push(folder),
            }
        }
        let asset = |path: &String| {
            let full = self.ground.asset(path)?;
            let stamp = Stamp::of(&self.ground.asset_meta(&full)?);
            Some((full, stamp))
        };
        listing.files.extend(self.assets.iter().filter_map(asset));
        listing
    }
}

impl Source {
    /// What lists the files that are there now.
    pub fn lister(&self) -> Lister {
        Lister { ground: self.ground.clone(), assets: self.assets.iter().map(|(path, _)| path.to_owned()).collect() }
    }

    /// Where a listing differs from what was read.
    pub fn differences(&self, listing: &Listing) -> Differences {
        let mut found = BTreeMap::new();
        let assets: BTreeMap<PathBuf, Option<u64>> = self.assets.iter().map(|(path, len)| (self.ground.root.join(path), len)).collect();
        for (path, stamp) in &listing.files {
            let is_known = match (assets.get(path), self.ground.relative(path).and_then(|path| self.files.get(&path))) {
                (_, Some(known)) => known.is_none_or(|known| known.is_like(stamp)),
                (Some(len), None) => *len == Some(stamp.len),
                (None, None) => self.ground.relative(path).is_none(),
            };
            if !is_known {
                found.insert(path.clone(), Some(*stamp));
            }
        }
        let expected = self.files.keys().map(|path| self.ground.content.join(&**path));
        let expected = expected.chain(assets.iter().filter(|(_, len)| len.is_some()).map(|(path, _)| path.clone()));
        for path in expected {
            let is_unlisted = listing.unlisted.iter().any(|folder| path.starts_with(folder));
            if !listing.files.contains_key(&path) && !is_unlisted {
                found.insert(path, None);
            }
        }
        Differences(found)
    }
}

impl Differences {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The files that differ in the same way here and in a later comparison.
    pub fn lasting(&self, later: &Differences) -> BTreeSet<PathBuf> {
        self.0.iter().filter(|(path, stamp)| later.0.get(*path) == Some(stamp)).map(|(path, _)| path.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::Hint;
    use super::*;
    use crate::config::Config;

    fn source(root: &Path) -> Source {
        let (config, _) = Config::parse("", "hugo.toml").unwrap();
        Source::new(root, &config)
    }

    fn read_all(source: &mut Source) {
        let changed = source.survey(&BTreeSet::from([Hint::Anywhere]), &mut |_| {}).changed;
        source.read(&changed);
    }

    fn differing(source: &Source) -> Differences {
        source.differences(&source.lister().list())
    }

    #[test]
    fn what_was_read_does_not_differ_and_what_came_changed_or_went_since_does() {
        let root = tempfile::tempdir().unwrap();
        let path = |name: &str| root.path().join("content").join(name);
        fs::create_dir(path("")).unwrap();
        for name in ["same.md", "changed.md", "gone.md"] {
            fs::write(path(name), "x").unwrap();
        }
        let mut source = source(root.path());
        read_all(&mut source);
        assert!(differing(&source).is_empty());
        fs::write(path("changed.md"), "longer").unwrap();
        fs::remove_file(path("gone.md")).unwrap();
        fs::write(path("new.md"), "x").unwrap();
        fs::write(path("none.txt"), "x").unwrap();
        let first = differing(&source);
        let missed = ["changed.md", "gone.md", "new.md"].map(path);
        assert_eq!(first.lasting(&differing(&source)), BTreeSet::from(missed));
        // what was acted on in the meantime, or is changing still, was not missed
        fs::write(path("changed.md"), "longer still").unwrap();
        let read = source.survey(&BTreeSet::from([Hint::At(path("new.md"))]), &mut |_| {}).changed;
        source.read(&read);
        assert_eq!(first.lasting(&differing(&source)), BTreeSet::from([path("gone.md")]));
    }

    #[cfg(unix)]
    #[test]
    fn a_cover_that_is_none_of_the_sites_does_not_differ() {
        let (root, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::create_dir_all(root.path().join("content/post/x")).unwrap();
        fs::write(root.path().join("content/post/shared.png"), "x").unwrap();
        fs::write(outside.path().join("cover.png"), "x").unwrap();
        std::os::unix::fs::symlink(outside.path(), root.path().join("static")).unwrap();
        let mut source = source(root.path());
        read_all(&mut source);
        let covers = ["static/cover.png", "content/post/x/../shared.png"].map(str::to_owned);
        assert!(source.assets(&covers, &mut |_| {}).iter().all(|(_, length)| length.is_none()));
        assert!(differing(&source).is_empty(), "{:?}", differing(&source));
    }

    #[test]
    fn a_folder_is_not_looked_at_under_a_second_name() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("content/post/x")).unwrap();
        fs::write(root.path().join("content/post/a.md"), "x").unwrap();
        let mut source = source(root.path());
        read_all(&mut source);
        let hint = Hint::At(root.path().join("content/post/x/.."));
        let survey = source.survey(&BTreeSet::from([hint]), &mut |folder| panic!("{} is entered", folder.display()));
        assert!(survey.changed.is_empty());
    }
}
