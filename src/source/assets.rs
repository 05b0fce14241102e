//! What is known of assets, the files beside posts that entries name: how long each is.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{Source, Survey};

/// The lengths of assets; none for those that are no regular file inside the site.
#[derive(Debug, Default)]
pub(super) struct Assets {
    /// By the path below the site's root, in the order of folders, and as it was asked for: `a/./b.png` is `a/b.png`.
    lengths: BTreeMap<(PathBuf, String), Option<u64>>,
}

impl Assets {
    /// Each, as it was asked for.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, Option<u64>)> {
        self.lengths.iter().map(|((_, asked), length)| (&**asked, *length))
    }

    /// What is known of one, by the path as it was asked for.
    pub(super) fn get(&self, asked: &str) -> Option<Option<u64>> {
        self.lengths.get(&(asked.into(), asked.to_owned())).copied()
    }

    /// Those at or below a path.
    fn below(&self, path: &Path) -> impl Iterator<Item = (&str, Option<u64>)> {
        let from = self.lengths.range((path.to_owned(), String::new())..);
        from.take_while(move |((asset, _), _)| asset.starts_with(path)).map(|((_, asked), length)| (&**asked, *length))
    }

    fn insert(&mut self, asked: &str, length: Option<u64>) {
        self.lengths.insert((asked.into(), asked.to_owned()), length);
    }
}

impl Source {
    /// The lengths of assets, by paths below the site's root; none for those that are no regular file inside it. They are
    /// looked at again whenever a hint points at them.
    pub fn assets(&mut self, paths: &[String], enter: &mut dyn FnMut(&Path)) -> Vec<(String, Option<u64>)> {
        paths
            .iter()
            .map(|path| {
                let length = self.asset(path, enter);
                self.assets.insert(path, length);
                (path.clone(), length)
            })
            .collect()
    }

    /// Looks at the assets again that lie at a place or below it.
    pub(super) fn look_at_assets(&mut self, at: &Path, enter: &mut dyn FnMut(&Path), survey: &mut Survey) {
        let root = &self.ground.root;
        let below = match at.strip_prefix(root) {
            Ok(below) => below,
            Err(_) if root.starts_with(at) => Path::new(""),
            Err(_) => return,
        };
        let is_there = |path: &str| !self.is_absent() || at != root && !self.ground.root.join(path).starts_with(&self.ground.content);
        let known = self.assets.below(below).filter(|(path, _)| is_there(path));
        let known: Vec<(String, Option<u64>)> = known.map(|(path, length)| (path.to_owned(), length)).collect();
        for (path, before) in known {
            let now = self.asset(&path, enter);
            if now != before {
                self.assets.insert(&path, now);
                survey.assets.push((path, now));
            }
        }
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

    #[test]
    fn assets_are_found_by_the_folders_that_they_are_in() {
        let mut assets = Assets::default();
        for (i, path) in ["static/a.png", "static/a/./b.png", "static/a/b.png", "static/a.d/c.png", "static//e.png"].into_iter().enumerate()
        {
            assets.insert(path, Some(i as u64));
        }
        let below = |path: &str| assets.below(Path::new(path)).map(|(_, length)| length.unwrap()).collect::<Vec<_>>();
        assert_eq!(below("static/a"), [1, 2]);
        assert_eq!(below("static/a/b.png"), [1, 2]);
        assert_eq!(below("static/e.png"), [4]);
        assert_eq!(below("static").len(), 5);
        assert_eq!(below("").len(), 5);
        assert!(below("stat").is_empty() && below("static/b").is_empty());
    }
}
