//! What files and the folders at the top are called, to be found by it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use foldhash::HashMap;
use xxhash_rust::xxh3::xxh3_64;

use crate::content::path::normalize;

/// The names of files, and of the folders at the top that hold them.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Each file behind a hash of its name.
    files: BTreeSet<(u64, Arc<str>)>,
    /// The folders, by their names as Hugo spells them, each with the number of its files.
    tops: HashMap<String, BTreeMap<Box<str>, usize>>,
}

impl Names {
    /// Adds a file by its name.
    pub(super) fn insert(&mut self, name: &str, path: &Arc<str>) {
        if self.files.insert((hash_of(name), path.clone()))
            && let Some((top, _)) = path.split_once('/')
        {
            *self.tops.entry(normalize(top)).or_default().entry(top.into()).or_default() += 1;
        }
    }

    /// Takes a file out that was added by this name.
    pub(super) fn remove(&mut self, name: &str, path: &Arc<str>) {
        if !self.files.remove(&(hash_of(name), path.clone())) {
            return;
        }
        let Some((top, _)) = path.split_once('/') else { return };
        let Some(spelled) = self.tops.get_mut(&normalize(top)) else { return };
        if let Some(files) = spelled.get_mut(top) {
            *files -= 1;
        }
        spelled.retain(|_, files| *files > 0);
        if spelled.is_empty() {
            self.tops.remove(&normalize(top));
        }
    }

    /// The files that may go by a name: those of its hash.
    pub(super) fn files(&self, name: &str) -> impl Iterator<Item = &Arc<str>> {
        let key = hash_of(name);
        self.files.range((key, Arc::from(""))..).take_while(move |(found, _)| *found == key).map(|(_, path)| path)
    }

    /// The first folder at the top that has a name, as Hugo spells it.
    pub(super) fn top(&self, name: &str) -> Option<&str> {
        self.tops.get(name)?.keys().next().map(|folder| &**folder)
    }
}

/// The hash of a name.
pub(super) fn hash_of(name: &str) -> u64 {
    xxh3_64(name.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_a_name_for_as_long_as_there_is_a_file_in_it() {
        let mut names = Names::default();
        let files: [(&str, Arc<str>); 4] =
            [("a", "My Notes/a.md".into()), ("b", "My Notes/b.md".into()), ("a", "my-notes/a.md".into()), ("c", "c.md".into())];
        for (name, path) in files.iter().chain(&files[..1]) {
            names.insert(name, path);
        }
        assert_eq!(names.files("a").map(|path| &**path).collect::<Vec<_>>(), ["My Notes/a.md", "my-notes/a.md"]);
        assert_eq!(names.top("my-notes"), Some("My Notes"));
        names.remove("a", &files[0].1);
        names.remove("a", &files[0].1);
        assert_eq!(names.top("my-notes"), Some("My Notes"));
        names.remove("b", &files[1].1);
        assert_eq!(names.top("my-notes"), Some("my-notes"));
        names.remove("a", &files[2].1);
        assert_eq!((names.top("my-notes"), names.top("c.md"), names.files("a").count()), (None, None, 0));
    }
}
