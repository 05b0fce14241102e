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
#[derive(Debug, Default)]
pub struct Listing {
    /// By the path below the content folder, in the order in which a source knows them, so that both are gone through once.
    posts: Vec<(Box<str>, Stamp)>,
    /// By the path below the site's root, as it was asked for; none for what is no regular file inside the site.
    assets: Vec<(String, Option<Stamp>)>,
    /// Folders that could not be listed: nothing is known of what is below.
    unlisted: Vec<PathBuf>,
}

/// Files that are not on the disk as they were read, each with its stamp there; none for one that is gone.
#[derive(Debug, Default)]
pub struct Differences(BTreeMap<PathBuf, Option<Stamp>>);

impl Lister {
    /// Lists every file: a stat each, and none is opened.
    pub fn list(&self) -> Listing {
        let mut listing = Listing::default();
        let mut folders = vec![self.ground.content.clone()];
        while let Some(folder) = folders.pop() {
            match self.ground.list(&folder) {
                Ok(items) => {
                    folders.extend(items.folders);
                    let post = |name| {
                        let post = folder.join(name);
                        let stamp = Stamp::of(&fs::symlink_metadata(&post).ok()?);
                        Some(((*self.ground.relative(&post)?).into(), stamp))
                    };
                    listing.posts.extend(items.posts.into_iter().filter_map(post));
                }
                Err(_) => listing.unlisted.push(folder),
            }
        }
        listing.posts.sort_unstable_by(|(path, _), (other, _)| path.cmp(other));
        let stamp = |path: &String| Some(Stamp::of(&self.ground.asset_meta(&self.ground.asset(path)?)?));
        listing.assets = self.assets.iter().map(|path| (path.clone(), stamp(path))).collect();
        listing
    }
}

impl Source {
    /// What lists the files that are there now.
    pub fn lister(&self) -> Lister {
        Lister { ground: self.ground.clone(), assets: self.assets.iter().map(|(path, _)| path.to_owned()).collect() }
    }

    /// Where a listing differs from what was read; nowhere while the content folder is away, which has lost no file.
    pub fn differences(&self, listing: &Listing) -> Differences {
        let mut differences = Differences::default();
        if !self.is_in_place() {
            return differences;
        }
        let is_unlisted = |path: &PathBuf| listing.unlisted.iter().any(|folder| path.starts_with(folder));
        let mut note = |path: PathBuf, stamp: Option<Stamp>| {
            if stamp.is_some() || !is_unlisted(&path) {
                differences.0.insert(path, stamp);
            }
        };
        let full = |path: &str| self.ground.content.join(path);
        let mut known = self.files.iter().peekable();
        for (path, stamp) in &listing.posts {
            while let Some((gone, _)) = known.next_if(|(known, _)| ***known < **path) {
                note(full(gone), None);
            }
            let before = known.next_if(|(known, _)| ***known == **path);
            if before.is_none_or(|(_, before)| before.is_some_and(|before| !before.is_like(stamp))) {
                note(full(path), Some(*stamp));
            }
        }
        known.for_each(|(gone, _)| note(full(gone), None));
        for (path, stamp) in &listing.assets {
            let place = self.place_of_asset(path);
            if self.assets.get(&place, path).is_some_and(|before| before != stamp.map(|stamp| stamp.len)) {
                note(place, *stamp);
            }
        }
        differences
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
    use crate::site::Found;

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

    #[test]
    fn a_file_that_cannot_be_found_is_gone_when_a_survey_says_so() {
        let root = tempfile::tempdir().unwrap();
        let content = root.path().join("content");
        fs::create_dir(&content).unwrap();
        fs::write(content.join("a.md"), "x").unwrap();
        let mut source = source(root.path());
        read_all(&mut source);
        fs::remove_file(content.join("a.md")).unwrap();
        let read = source.read(&["a.md".into(), "never.md".into()]);
        assert!(read.iter().all(|change| matches!(change.found, Found::Missing)), "{read:?}");
        assert!(source.knows("a.md") && !source.knows("never.md"));
        assert_eq!(source.survey(&source.doubts(), &mut |_| {}).vanished, ["a.md".into()]);
        assert!(source.doubts().is_empty());
    }

    #[test]
    fn no_part_of_a_folder_that_is_away_is_found_to_be_gone() {
        let root = tempfile::tempdir().unwrap();
        let content = root.path().join("content");
        fs::create_dir_all(content.join("b")).unwrap();
        fs::write(content.join("b/a.md"), "x").unwrap();
        fs::write(content.join("b/c.png"), "x").unwrap();
        let mut source = source(root.path());
        read_all(&mut source);
        source.assets(&["content/b/c.png".to_owned()], &mut |_| {});
        fs::rename(&content, root.path().join("away")).unwrap();
        let mut survey = |hint: Hint| {
            let survey = source.survey(&BTreeSet::from([hint]), &mut |_| {});
            assert!(source.is_absent() && survey.vanished.is_empty() && survey.assets.is_empty(), "{survey:?}");
            assert!(differing(&source).is_empty());
        };
        survey(Hint::At(content.join("b/a.md")));
        fs::create_dir(&content).unwrap();
        survey(Hint::At(content.join("b")));
        survey(Hint::At(content.clone()));
        survey(Hint::Anywhere);
        fs::remove_dir(&content).unwrap();
        fs::rename(root.path().join("away"), &content).unwrap();
        assert!(source.survey(&BTreeSet::from([Hint::At(content.join("b"))]), &mut |_| {}).vanished.is_empty());
        assert!(!source.is_absent() && source.knows("b/a.md"));
    }

    #[test]
    fn posts_are_compared_in_any_order_of_folders_and_covers_by_their_length() {
        let root = tempfile::tempdir().unwrap();
        let path = |name: &str| root.path().join("content").join(name);
        let names = ["a-b.md", "a.md", "a/_index.md", "a/z.md", "a0/b.md", "\u{e9}/a.md", "\u{1f600}.md", "z.md"];
        for name in names {
            fs::create_dir_all(path(name).parent().unwrap()).unwrap();
            fs::write(path(name), "x").unwrap();
        }
        fs::write(path("a/cover.png"), "x").unwrap();
        let mut source = source(root.path());
        read_all(&mut source);
        source.assets(&["content/a/cover.png", "content/a/none.png"].map(str::to_owned), &mut |_| {});
        assert!(differing(&source).is_empty(), "{:?}", differing(&source));
        for name in names {
            fs::remove_file(path(name)).unwrap();
            assert_eq!(differing(&source).0, BTreeMap::from([(path(name), None)]));
            fs::write(path(name), "other").unwrap();
            assert!(differing(&source).0.into_iter().eq([(path(name), Some(Stamp::of(&path(name).metadata().unwrap())))]));
            let changed = source.survey(&BTreeSet::from([Hint::At(path(name))]), &mut |_| {}).changed;
            source.read(&changed);
        }
        fs::write(path("a/none.png"), "x").unwrap();
        fs::remove_file(path("a/cover.png")).unwrap();
        let differing = differing(&source);
        assert!(differing.0.keys().eq([&path("a/cover.png"), &path("a/none.png")]));
        assert!(differing.0[&path("a/cover.png")].is_none() && differing.0[&path("a/none.png")].is_some());
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
