//! The only reader of the site's folders: which files there are, what is in them, and which assets exist.
//!
//! A hint says where something may have happened; the truth is read from the disk. A stamp of each file that was read
//! keeps a full survey from reading it again, because every read is an event for the watcher too.

mod assets;
mod compare;
mod ground;
mod memory;
mod moves;
mod surroundings;
mod survey;

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ffi::OsString;
use std::fs::{self, Metadata};
use std::hash::{Hash, Hasher};
use std::io::{self, Read};
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use foldhash::HashSet;
use rayon::prelude::*;
use xxhash_rust::xxh3::Xxh3Default;

use crate::config::{self, Config, folder_at};
use crate::diagnostic::Rule;
use crate::place::Place;
use crate::regular;
use crate::site::{Change, Found};

use assets::Assets;
use ground::Ground;

pub use compare::{Differences, Lister, Listing};
pub use memory::Memory;
pub use moves::Moves;
pub use survey::Survey;

/// Larger files are reported, not read: no post is, and a stray disk image must not fill the memory.
const LARGEST_FILE: u64 = 32 << 20;

/// A file that was changed so shortly before it was read may change again without a new stamp.
const RACY: Duration = Duration::from_secs(2);

/// A thread reads so many files before others may take what is left of its share.
const AT_ONCE: usize = 16;

/// So many folders are listed together.
const LISTED: usize = 64;

/// Where something may have happened.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hint {
    /// At this file or folder, or below it. The path is absolute.
    At(PathBuf),
    /// Anywhere.
    Anywhere,
}

/// What tells one state of a file from another without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    len: u64,
    /// A hash of the dates and the inode, since there is a stamp for each file of the site.
    state: u64,
    /// Whether the file may change once more without another stamp.
    racy: bool,
}

/// The site's folders, and what was read of them.
#[derive(Debug)]
pub struct Source {
    ground: Ground,
    files: BTreeMap<Arc<str>, Option<Stamp>>,
    assets: Assets,
    /// The content folder and the site's root that were last surveyed.
    places: (Option<Place>, Option<Place>),
    absent: bool,
    /// Whether no content file of any language was in the content folder when it was last surveyed.
    bare: bool,
    /// Files that could not be read and folders that could not be listed when they were last looked at.
    doubts: BTreeSet<PathBuf>,
}

impl Source {
    /// The folders that `config` names, relative to `root`, the folder of the configuration file, which must be absolute.
    pub fn new(root: &Path, config: &Config) -> Self {
        let config::Site { content_dir, static_dirs, .. } = &config.site;
        let is_outside = |folder: &&String| folder.starts_with(['/', '.']);
        let ground = Ground {
            root: root.to_owned(),
            content: folder_at(root, content_dir),
            content_name: content_dir.clone(),
            ignored: config.site.ignore_files.clone(),
            files: config.site.content_files.clone(),
            languages: config.site.languages.clone(),
            outside: [content_dir].into_iter().chain(static_dirs).filter(is_outside).cloned().collect(),
        };
        Source {
            ground,
            files: BTreeMap::new(),
            assets: Assets::default(),
            places: (None, None),
            absent: false,
            bare: false,
            doubts: BTreeSet::new(),
        }
    }

    /// The content folder.
    pub fn content(&self) -> &Path {
        &self.ground.content
    }

    /// Whether the content folder is not there, or is another one without a post in it. Then what was read of it stays.
    pub fn is_absent(&self) -> bool {
        self.absent
    }

    /// Whether nothing in the content folder is a content file, of this language or another.
    pub fn is_bare(&self) -> bool {
        self.bare
    }

    /// Whether the content folder is there and is the one that was surveyed.
    pub fn is_in_place(&self) -> bool {
        !self.absent && Place::of(&self.ground.content) == self.places.0
    }

    /// Takes over, of files that were known to another source, those below folders that could not be listed. They are the answer.
    pub fn take_over(&mut self, known: BTreeSet<Arc<str>>) -> Vec<Arc<str>> {
        if self.doubts.is_empty() {
            return Vec::new();
        }
        let Source { ground, files, doubts, .. } = self;
        let is_hidden =
            |path: &Arc<str>| !files.contains_key(path) && ground.content.join(&**path).ancestors().any(|part| doubts.contains(part));
        let hidden: Vec<Arc<str>> = known.into_iter().filter(is_hidden).collect();
        self.files.extend(hidden.iter().map(|path| (path.clone(), None)));
        hidden
    }

    /// Whether a file was there when it was last looked at.
    pub fn knows(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    /// The files that are known.
    pub fn files(&self) -> impl Iterator<Item = &Arc<str>> {
        self.files.keys()
    }

    /// Where to look again though nothing is told: what could not be read, and a folder that is not the one that was
    /// surveyed. An unmounted disk, or a folder above the site that was moved, tells of nothing.
    pub fn doubts(&self) -> BTreeSet<Hint> {
        let mut hints: BTreeSet<Hint> = self.doubts.iter().cloned().map(Hint::At).collect();
        if Place::of(&self.ground.root) != self.places.1 {
            hints.insert(Hint::Anywhere);
        } else if !self.is_in_place() {
            hints.insert(Hint::At(self.ground.content.clone()));
        }
        hints
    }

    /// How many files are known.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether no file is known.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Looks where the hints point. `enter` is called with each folder before it is listed, so that a watch set there misses nothing.
    pub fn survey(&mut self, hints: &BTreeSet<Hint>, enter: &mut dyn FnMut(&Path)) -> Survey {
        let mut survey = Survey::default();
        let everything = [self.ground.content.clone(), self.ground.root.clone()].into_iter().chain(self.ground.outside());
        let everything: Vec<Hint> = everything.map(Hint::At).collect();
        let is_everywhere = |hint: &Hint| match hint {
            Hint::Anywhere => true,
            // a watched folder that is moved or closed to us is told of by its own path, the root as well
            Hint::At(path) => self.ground.root.starts_with(path),
        };
        let hints: Vec<&Hint> = if hints.iter().any(is_everywhere) {
            // the root's own watch sees the configuration change, and the content folder come back
            self.places.1 = Place::of(&self.ground.root);
            enter(&self.ground.root);
            everything.iter().collect()
        } else {
            hints.iter().collect()
        };
        let whole = &everything[0];
        let is_inside = |hint: &&Hint| matches!(hint, Hint::At(path) if path.starts_with(&self.ground.content));
        let hints: BTreeSet<&Hint> = if hints.iter().any(is_inside) && !self.is_in_place() {
            // of another folder in its place no part tells anything by itself
            hints.into_iter().map(|hint| if is_inside(&hint) { whole } else { hint }).collect()
        } else {
            hints.into_iter().collect()
        };
        for hint in hints {
            let Hint::At(path) = hint else { continue };
            let Ground { root, content, .. } = &self.ground;
            let relevant = path.starts_with(content) || content.starts_with(path) && path != root;
            if relevant {
                self.look(path, enter, &mut survey);
            }
            self.look_at_assets(path, enter, &mut survey);
        }
        survey.put_in_order();
        survey
    }

    /// Where a file was before it was moved, however often, with the folder that it is in or by itself.
    pub fn origins(&self, path: &str, moves: &Moves) -> impl Iterator<Item = Arc<str>> {
        moves.origins(&self.ground.content.join(path)).filter_map(|from| self.ground.relative(&from))
    }

    /// Reads files, in parallel. What cannot be read is told as such. What is not there is missing: whether it is gone is for a survey to
    /// find out.
    pub fn read(&mut self, paths: &[Arc<str>]) -> Vec<Change> {
        self.read_unknown(paths, &Memory::default())
    }

    /// Reads files, but for those that the `memory` knows as they are now.
    pub fn read_unknown(&mut self, paths: &[Arc<str>], memory: &Memory) -> Vec<Change> {
        let look = |path: &Arc<str>| {
            let full = self.ground.content.join(&**path);
            match memory.post(path, &full) {
                Some(known) => (known.post.path.clone(), Ok((Found::Known(known.hash, known.post.clone()), known.stamp))),
                None => (path.clone(), read_file(&full).map(|(bytes, stamp)| (Found::Text(bytes), stamp))),
            }
        };
        let read: Vec<_> = paths.par_iter().with_max_len(AT_ONCE).map(look).collect();
        read.into_iter()
            .map(|(path, result)| {
                if !self.doubts.is_empty() {
                    self.doubts.remove(&self.ground.content.join(&*path));
                }
                let found = match result {
                    Ok((found, stamp)) => {
                        self.files.insert(path.clone(), Some(stamp));
                        found
                    }
                    Err(error) => {
                        // one that a survey did not find stays unknown
                        self.files.entry(path.clone()).and_modify(|stamp| *stamp = None);
                        self.doubts.insert(self.ground.content.join(&*path));
                        match error.kind() {
                            io::ErrorKind::NotFound => Found::Missing,
                            _ => Found::Unreadable(error.to_string()),
                        }
                    }
                };
                Change { path, found, origin: None }
            })
            .collect()
    }

    fn look(&mut self, path: &Path, enter: &mut dyn FnMut(&Path), survey: &mut Survey) {
        let from = if path.starts_with(&self.ground.content) { path } else { &self.ground.content }.to_owned();
        let is_content = from == self.ground.content;
        let mut seen = HashSet::default();
        let arrived = survey.arrived.len();
        let mut unlisted: Vec<PathBuf> = Vec::new();
        let place = is_content.then(|| Place::of(&from)).flatten();
        self.settle_doubts(&from);
        let prefix = self.ground.relative(&from);
        let known: Vec<Arc<str>> = prefix.iter().flat_map(|prefix| self.below(prefix)).cloned().collect();
        match fs::symlink_metadata(&from) {
            // nothing below what is ignored is ours; the content folder itself may be a link, as in Hugo
            _ if self.ground.is_ignored_inside(&from) => {}
            Ok(meta) if meta.is_dir() || is_content => self.walk(&from, enter, survey, &mut seen, &mut unlisted),
            Ok(meta) if meta.is_file() && from.file_name().is_some_and(|name| self.ground.is_post(name)) => {
                match self.ground.relative(&from) {
                    Some(path) => {
                        seen.insert(path.clone());
                        if self.files.insert(path.clone(), None).is_none() {
                            survey.arrived.push(path.clone());
                        }
                        survey.changed.push(path);
                    }
                    None => survey.problems.push(self.ground.problem(Rule::NotUtf8, &from, "the name is not UTF-8", "rename the file")),
                }
            }
            _ => {}
        }
        let is_empty = seen.is_empty() && survey.arrived.len() == arrived && unlisted.is_empty() && !survey.has_others;
        if is_content && self.note_place(place, is_empty) {
            return;
        }
        let content = &self.ground.content;
        for path in known {
            if !seen.contains(&path) && !unlisted.iter().any(|folder| content.join(&*path).starts_with(folder)) {
                self.files.remove(&path);
                survey.vanished.push(path);
            }
        }
    }

    /// What could not be read or listed in a folder is looked at now.
    fn settle_doubts(&mut self, folder: &Path) {
        let settled = self.doubts.range(folder.to_owned()..).take_while(|doubt| doubt.starts_with(folder)).cloned().collect::<Vec<_>>();
        for doubt in settled {
            self.doubts.remove(&doubt);
        }
    }

    /// Notes what stands in the place of the content folder, and whether it has no content file. Whether what was read of it stays,
    /// since this is not the folder that it was read of, is the answer.
    fn note_place(&mut self, place: Option<Place>, is_empty: bool) -> bool {
        self.bare = place.is_none() || is_empty;
        self.absent = self.bare && (place.is_none() || place != self.places.0) && !self.files.is_empty();
        if !self.absent {
            self.places.0 = place;
        }
        self.absent
    }

    /// Lists a folder and all below it. Of the files that are there, those that were known are `seen`.
    fn walk(
        &mut self,
        folder: &Path,
        enter: &mut dyn FnMut(&Path),
        survey: &mut Survey,
        seen: &mut HashSet<Arc<str>>,
        unlisted: &mut Vec<PathBuf>,
    ) {
        let mut folders = VecDeque::from([folder.to_owned()]);
        while !folders.is_empty() {
            let some: Vec<PathBuf> = folders.drain(..folders.len().min(LISTED)).collect();
            some.iter().for_each(|folder| enter(folder));
            let listed: Vec<_> = some.par_iter().map(|folder| self.ground.list(folder)).collect();
            for (folder, items) in some.iter().zip(listed) {
                match items {
                    Ok(items) => {
                        survey.has_others |= items.has_others;
                        self.note_posts(folder, items.posts, survey, seen);
                        folders.extend(items.folders);
                    }
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    Err(error) => {
                        let what = format!("the folder cannot be listed: {error}");
                        survey.problems.push(self.ground.problem(Rule::UnreadableFile, folder, &what, "make it readable"));
                        self.doubts.insert(folder.to_owned());
                        unlisted.push(folder.to_owned());
                    }
                }
            }
        }
    }

    /// Notes the files with these names in a folder.
    fn note_posts(&mut self, folder: &Path, names: Vec<OsString>, survey: &mut Survey, seen: &mut HashSet<Arc<str>>) {
        let below = self.ground.relative(folder);
        for name in names {
            let Some((below, name)) = below.as_deref().zip(name.to_str()) else {
                let file = folder.join(&name);
                survey.problems.push(self.ground.problem(Rule::NotUtf8, &file, "the name is not UTF-8", "rename the file"));
                continue;
            };
            let relative: Arc<str> = if below.is_empty() { name.into() } else { [below, "/", name].concat().into() };
            match self.files.entry(relative) {
                Entry::Occupied(mut known) => {
                    seen.insert(known.key().clone());
                    let stamp = || fs::symlink_metadata(folder.join(name)).map(|meta| Stamp::of(&meta)).ok();
                    if !known.get().is_some_and(|known| !known.racy && stamp() == Some(known)) {
                        survey.changed.push(known.key().clone());
                        known.insert(None);
                    }
                }
                Entry::Vacant(unknown) => {
                    survey.arrived.push(unknown.key().clone());
                    survey.changed.push(unknown.key().clone());
                    unknown.insert(None);
                }
            }
        }
    }

    /// The known files at or below a path; an empty path is everything.
    fn below<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a Arc<str>> {
        let is_below =
            move |path: &str| prefix.is_empty() || path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        self.files
            .range::<str, _>((Bound::Included(prefix), Bound::Unbounded))
            .map(|(path, _)| path)
            .take_while(move |path| path.starts_with(prefix))
            .filter(move |path| is_below(path))
    }
}

impl Stamp {
    /// The stamp of a file that the system tells this of.
    pub fn of(meta: &Metadata) -> Self {
        let modified = meta.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        let mut state = Xxh3Default::new();
        (modified, identity(meta)).hash(&mut state);
        Stamp { len: meta.len(), state: state.finish(), racy: false }
    }

    /// Whether a file with the other stamp is as it was with this one, as far as stamps tell.
    fn is_like(&self, other: &Stamp) -> bool {
        Stamp { racy: other.racy, ..*self } == *other
    }
}

#[cfg(unix)]
fn identity(meta: &Metadata) -> (u64, i64, i64) {
    use std::os::unix::fs::MetadataExt;
    (meta.ino(), meta.ctime(), meta.ctime_nsec())
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> (u64, i64, i64) {
    (0, 0, 0)
}

fn read_file(path: &Path) -> io::Result<(Bytes, Stamp)> {
    let (mut file, meta) = regular::open_if_regular(path)?.ok_or(io::ErrorKind::NotFound)?;
    if meta.len() > LARGEST_FILE {
        return Err(io::Error::other(format!("it has {} bytes, and a post may have {LARGEST_FILE}", meta.len())));
    }
    // stamped before it is read: a change while reading leaves a stamp that does not fit, and is found by the next survey
    let mut stamp = Stamp::of(&meta);
    // with room for one byte more, one call of the system tells that these are all
    let mut bytes = vec![0; meta.len() as usize + 1];
    let read = file.read(&mut bytes).unwrap_or(0);
    bytes.truncate(read);
    if read == 0 || read as u64 != meta.len() {
        // not every file system knows lengths, and what failed says so again
        (&mut file).take(LARGEST_FILE + 1).read_to_end(&mut bytes)?;
    }
    stamp.racy = meta.modified().ok().and_then(|modified| SystemTime::now().duration_since(modified).ok()).is_none_or(|age| age < RACY);
    Ok((Bytes::from(bytes), stamp))
}
