//! What was moved, to be looked up by where it is now.

use std::cmp::Reverse;
use std::path::{Path, PathBuf};

use foldhash::HashMap;

/// Moves of files and folders, in the order in which they happened.
#[derive(Debug, Default)]
pub struct Moves {
    /// Of what was moved to a path last: which move that was, and from where.
    last: HashMap<PathBuf, (usize, PathBuf)>,
    count: usize,
}

impl Moves {
    /// Notes that what was at one path is at another.
    pub fn note(&mut self, from: PathBuf, to: PathBuf) {
        self.last.insert(to, (self.count, from));
        self.count += 1;
    }

    /// Where a file may have been before it was moved, by itself or with a folder that it is in; first by the last move.
    pub fn origins(&self, path: &Path) -> impl Iterator<Item = PathBuf> {
        let ends = if self.last.is_empty() { None } else { Some(path.ancestors()) };
        let mut moves: Vec<_> = ends.into_iter().flatten().filter_map(|to| self.last.get_key_value(to)).collect();
        moves.sort_unstable_by_key(|(_, (order, _))| Reverse(*order));
        moves.into_iter().filter_map(|(to, (_, from))| {
            let rest = path.strip_prefix(to).ok()?;
            Some(if rest.as_os_str().is_empty() { from.clone() } else { from.join(rest) })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_comes_from_where_the_last_move_took_it_or_a_folder_that_it_is_in() {
        let mut moves = Moves::default();
        for (from, to) in [("/s/x.md", "/s/b/f.md"), ("/s/a", "/s/b"), ("/s/y.md", "/s/b/g.md"), ("/s/z.md", "/s/b/g.md")] {
            moves.note(from.into(), to.into());
        }
        let check = |path: &str, expected: &[&str]| {
            let expected: Vec<PathBuf> = expected.iter().map(PathBuf::from).collect();
            assert_eq!(moves.origins(Path::new(path)).collect::<Vec<_>>(), expected, "{path}");
        };
        check("/s/b/f.md", &["/s/a/f.md", "/s/x.md"]);
        check("/s/b/g.md", &["/s/z.md", "/s/a/g.md"]);
        check("/s/b/c/d.md", &["/s/a/c/d.md"]);
        check("/s/b", &["/s/a"]);
        check("/s/bb/f.md", &[]);
    }
}
