//! What was moved, to be looked up by where it is now.

use std::path::{Path, PathBuf};

use foldhash::HashMap;

/// More moves to one place than these are not traced back: the last ones are.
const TRACED: usize = 16;

/// Moves of files and folders, in the order in which they happened.
#[derive(Debug, Default)]
pub struct Moves {
    /// What was moved to a path: which moves these were, and from where.
    to: HashMap<PathBuf, Vec<Move>>,
    count: usize,
}

#[derive(Debug)]
struct Move {
    order: usize,
    from: PathBuf,
}

impl Moves {
    /// Notes that what was at one path is at another.
    pub fn note(&mut self, from: PathBuf, to: PathBuf) {
        self.to.entry(to).or_default().push(Move { order: self.count, from });
        self.count += 1;
    }

    /// Where a file may have been before it was moved, by itself or with a folder that it is in. What is moved more than once is
    /// traced back to the first place, which comes before those on the way; the last move comes first.
    pub fn origins<'m>(&'m self, path: &Path) -> impl Iterator<Item = PathBuf> + use<'m> {
        let mut last = Vec::new();
        let mut before = usize::MAX;
        while let Some((order, from)) = self.step(path, before).filter(|_| last.len() < TRACED) {
            last.push((order, from));
            before = order;
        }
        last.into_iter().flat_map(|(order, from)| {
            let mut trace = vec![from];
            let mut before = order;
            while let Some((order, from)) = trace.last().and_then(|path| self.step(path, before)) {
                trace.push(from);
                before = order;
            }
            trace.into_iter().rev()
        })
    }

    /// The last move before another that took something to a path: which one it was, and from where.
    fn step(&self, path: &Path, before: usize) -> Option<(usize, PathBuf)> {
        let ends = if self.to.is_empty() { None } else { Some(path.ancestors()) };
        let last = |to: &'_ Path| {
            let moves = self.to.get(to)?;
            let last = moves.partition_point(|step| step.order < before).checked_sub(1)?;
            Some((moves[last].order, &moves[last].from, path.strip_prefix(to).ok()?.to_owned()))
        };
        let (order, from, rest) = ends.into_iter().flatten().filter_map(last).max_by_key(|(order, ..)| *order)?;
        Some((order, if rest.as_os_str().is_empty() { from.clone() } else { from.join(rest) }))
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
        check("/s/b/g.md", &["/s/z.md", "/s/y.md", "/s/a/g.md"]);
        check("/s/b/c/d.md", &["/s/a/c/d.md"]);
        check("/s/b", &["/s/a"]);
        check("/s/bb/f.md", &[]);
    }

    #[test]
    fn what_is_moved_more_than_once_comes_from_where_it_was_first() {
        let mut moves = Moves::default();
        for (from, to) in [("/a", "/b"), ("/b", "/c"), ("/x/y", "/b"), ("/c", "/d"), ("/e", "/x/d"), ("/x", "/z"), ("/d", "/a")] {
            moves.note(from.into(), to.into());
        }
        let check = |path: &str, expected: &[&str]| {
            let expected: Vec<PathBuf> = expected.iter().map(PathBuf::from).collect();
            assert_eq!(moves.origins(Path::new(path)).collect::<Vec<_>>(), expected, "{path}");
        };
        check("/a", &["/a", "/b", "/c", "/d"]);
        check("/c", &["/a", "/b"]);
        check("/b", &["/x/y", "/a"]);
        check("/z/d", &["/e", "/x/d"]);
    }
}
