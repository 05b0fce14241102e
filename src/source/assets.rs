//! What is known of assets, the files beside posts that entries name: how long each is.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::ground::Ground;
use super::{Source, Survey};

/// The lengths of assets; none for those that are no regular file inside the site.
#[derive(Debug, Default)]
pub(super) struct Assets {
    /// By where it lies, in the order of folders, and as it was asked for: `a/./b.png` is `a/b.png`.
    lengths: BTreeMap<(PathBuf, String), Option<u64>>,
}

impl Assets {
    /// Each, as it was asked for.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, Option<u64>)> {
        self.lengths.iter().map(|((_, asked), length)| (&**asked, *length))
    }

    /// What is known of one, by where it lies and as it was asked for.
    pub(super) fn get(&self, place: &Path, asked: &str) -> Option<Option<u64>> {
        self.lengths.get(&(place.to_owned(), asked.to_owned())).copied()
    }

    /// Those at or below a path, each with where it lies.
    fn below(&self, path: &Path) -> impl Iterator<Item = (&Path, &str, Option<u64>)> {
        let from = self.lengths.range((path.to_owned(), String::new())..);
        let below = from.take_while(move |((place, _), _)| place.starts_with(path));
        below.map(|((place, asked), length)| (&**place, &**asked, *length))
    }

    fn remove(&mut self, place: PathBuf, asked: String) {
        self.lengths.remove(&(place, asked));
    }

    fn insert(&mut self, place: PathBuf, asked: &str, length: Option<u64>) {
        self.lengths.insert((place, asked.to_owned()), length);
    }
}

impl Source {
    /// The lengths of assets, by paths below the site's root, or below a folder beside it; none for those that are no regular file in
    /// these. They are
    /// looked at again whenever a hint points at them.
    pub fn assets(&mut self, paths: &[String], enter: &mut dyn FnMut(&Path)) -> Vec<(String, Option<u64>)> {
        paths
            .iter()
            .map(|path| {
                let length = self.asset(path, enter);
                self.assets.insert(self.place_of_asset(path), path, length);
                (path.clone(), length)
            })
            .collect()
    }

    /// Forgets assets, by the paths that they were asked for by.
    pub fn forget_assets(&mut self, paths: Vec<String>) {
        for path in paths {
            self.assets.remove(self.place_of_asset(&path), path);
        }
    }

    /// Looks at the assets again that lie at a place or below it.
    pub(super) fn look_at_assets(&mut self, at: &Path, enter: &mut dyn FnMut(&Path), survey: &mut Survey) {
        let Ground { root, content, .. } = &self.ground;
        let is_there = |place: &Path| !self.is_absent() || at != root && !place.starts_with(content);
        let known = self.assets.below(at).filter(|(place, ..)| is_there(place));
        let known: Vec<(String, Option<u64>)> = known.map(|(_, path, length)| (path.to_owned(), length)).collect();
        for (path, before) in known {
            let now = self.asset(&path, enter);
            if now != before {
                self.assets.insert(self.place_of_asset(&path), &path, now);
                survey.assets.push((path, now));
            }
        }
    }

    /// Where an asset is noted to lie; one that leads out of the site lies nowhere.
    pub(super) fn place_of_asset(&self, path: &str) -> PathBuf {
        self.ground.asset(path).unwrap_or_default()
    }

    /// The length of an asset. The nearest folder that exists is entered, so that its coming is seen too.
    fn asset(&self, path: &str, enter: &mut dyn FnMut(&Path)) -> Option<u64> {
        let full = self.ground.asset(path)?;
        if let Some(folder) = full.ancestors().skip(1).find(|folder| folder.is_dir()) {
            enter(folder);
        }
        self.ground.asset_meta(&full).map(|meta| meta.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn assets_are_found_by_the_folders_that_they_are_in() {
        let mut assets = Assets::default();
        for (i, path) in ["static/a.png", "static/a/./b.png", "static/a/b.png", "static/a.d/c.png", "static//e.png"].into_iter().enumerate()
        {
            assets.insert(Path::new("/s").join(path), path, Some(i as u64));
        }
        let below = |path: &str| assets.below(&Path::new("/s").join(path)).map(|(.., length)| length.unwrap()).collect::<Vec<_>>();
        assert_eq!(below("static/a"), [1, 2]);
        assert_eq!(below("static/a/b.png"), [1, 2]);
        assert_eq!(below("static/e.png"), [4]);
        assert_eq!(below("static").len(), 5);
        assert_eq!(below("").len(), 5);
        assert!(below("stat").is_empty() && below("static/b").is_empty());
    }

    #[test]
    fn an_asset_that_is_forgotten_is_not_looked_at_again() {
        let root = tempfile::tempdir().unwrap();
        let (config, _) = Config::parse("", "hugo.toml").unwrap();
        let mut source = Source::new(root.path(), &config);
        source.assets(&["static/a.png", "static//a.png", "../a.png"].map(str::to_owned), &mut |_| {});
        source.forget_assets(["static//a.png", "../a.png", "static/never.png"].map(str::to_owned).into());
        assert!(source.assets.iter().eq([("static/a.png", None)]));
    }
}
