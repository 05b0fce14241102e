//! Which assets the entries on the shelf and the drafts beside it name: one that no entry names any more need not be known.

use foldhash::{HashMap, HashSet};
use xxhash_rust::xxh3::xxh3_64;

use super::shelf::Cover;

/// How often each asset is named.
#[derive(Debug, Default)]
pub(super) struct Covers {
    /// By the hash of its path: the paths stand with the entries.
    named: HashMap<u64, usize>,
    /// Those that were named once less, and may not be named any more.
    dropped: HashSet<String>,
}

impl Covers {
    /// Notes that these are named once more.
    pub(super) fn name(&mut self, covers: &[Cover]) {
        for cover in covers {
            *self.named.entry(hash(&cover.asset)).or_default() += 1;
        }
    }

    /// Notes that these are named once less.
    pub(super) fn drop(&mut self, covers: &[Cover]) {
        for Cover { asset, .. } in covers {
            let key = hash(asset);
            let times = self.named.get(&key).map_or(0, |times| times - 1);
            if times > 0 {
                self.named.insert(key, times);
            } else {
                self.named.remove(&key);
                self.dropped.insert(asset.clone());
            }
        }
    }

    /// Takes those that were named and are not any more.
    pub(super) fn take_unnamed(&mut self) -> Vec<String> {
        self.dropped.drain().filter(|asset| !self.named.contains_key(&hash(asset))).collect()
    }
}

fn hash(asset: &str) -> u64 {
    xxh3_64(asset.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_asset_is_named_until_each_that_named_it_is_gone() {
        let cover = |asset: &str| Cover { asset: asset.to_owned(), url: None };
        let mut covers = Covers::default();
        covers.name(&[cover("a"), cover("b")]);
        covers.name(&[cover("b")]);
        covers.drop(&[cover("b"), cover("a")]);
        assert_eq!(covers.take_unnamed(), ["a"]);
        covers.drop(&[cover("b")]);
        covers.name(&[cover("b")]);
        assert!(covers.take_unnamed().is_empty(), "it is named again");
        covers.drop(&[cover("b")]);
        assert_eq!(covers.take_unnamed(), ["b"]);
        assert!(covers.take_unnamed().is_empty() && covers.named.is_empty());
    }
}
