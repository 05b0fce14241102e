//! The only writer of the output folder: each document whole at every instant, and the table of ids before all of them.
//!
//! A document is written beside its place and then takes it in one step, so a reader finds the old one or the new one.
//! Feeds can be made again from the content, so they are not forced to the platter; the table of ids cannot, so it is,
//! once readers have the new state ([`Output::settle`]).

mod disk;
mod held;
mod inspector;
mod removals;

use std::collections::{BTreeSet, HashSet};
use std::ffi::OsStr;
use std::fs::{self, DirEntry, File};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, anyhow, ensure};
use chrono::{DateTime, Utc};
use rayon::prelude::*;
use tempfile::TempPath;
use xxhash_rust::xxh3::xxh3_128;

use crate::config::BaseUrl;
use crate::content::path;
use crate::feed;
pub use crate::ids::FILE as IDS;
use crate::ids::Published;
use crate::regular::{open, read};
use crate::site::Update;
use crate::snapshot::Document;
use disk::{OnDisk, clear_among_others, is_regular, is_temporary, on_disk, put, put_among_others};
use held::Held;
pub use inspector::Inspector;
use removals::{Removals, is_at_top};

/// A thread writes so many documents before others may take what is left of its share. Of less than twice as many none are handed
/// over: another thread would begin when they could be written.
const AT_ONCE: usize = 16;

/// The files that so few documents replace are removed when readers have these.
const SMALL: usize = 64;

/// A feed names its own address in its first bytes.
const HEAD: u64 = 8192;

/// The output folder, held by this process until it is dropped.
#[derive(Debug)]
pub struct Output {
    root: PathBuf,
    /// The folder of the site. Without it the output folder is not made again.
    site: PathBuf,
    /// Folders in it that are output folders of others.
    others: Vec<PathBuf>,
    /// Paths whose file is known to hold what was last written.
    known: HashSet<Arc<str>>,
    swept: bool,
    /// Whether the table of ids may not have reached the platter yet.
    unsynced: bool,
    /// Files that were replaced, and are removed when readers have what replaced them.
    replaced: Vec<TempPath>,
    /// Whether the last update could not be written, for want of room perhaps.
    has_failed: bool,
    held: Held,
    inspector: Inspector,
}

/// What became of a document.
enum Placed {
    /// Its file, of this date, held it already.
    Kept(DateTime<Utc>),
    /// It was written, and this is the file that it replaced.
    Written(Option<TempPath>),
}

/// What a publication did.
#[derive(Debug, Default, PartialEq)]
pub struct Outcome {
    /// Files written.
    pub written: usize,
    /// Files removed.
    pub removed: usize,
    /// Documents whose file was there already, with the date of that file.
    pub kept: Vec<(Arc<str>, DateTime<Utc>)>,
}

impl Output {
    /// Takes the folder of a site, making it if need be, and clears away what an interrupted run left half written.
    ///
    /// # Errors
    /// When the folder cannot be made, or when another process holds it.
    pub fn open(root: &Path, site: &Path) -> Result<Self> {
        let held = Held::take(root)?;
        let output = Output {
            root: root.to_owned(),
            site: site.to_owned(),
            others: Vec::new(),
            known: HashSet::new(),
            swept: false,
            unsynced: false,
            replaced: Vec::new(),
            has_failed: false,
            held,
            inspector: Inspector::new(root.to_owned()),
        };
        output.clear()?;
        Ok(output)
    }

    /// Leaves folders in it, such as those of other languages, to the outputs that they belong to.
    #[must_use]
    pub fn without(self, others: impl IntoIterator<Item = PathBuf>) -> Self {
        Output { others: others.into_iter().collect(), ..self }
    }

    /// Whether the folder is still the one that is held: it may be removed, moved, or covered by another disk.
    pub fn is_in_place(&self) -> bool {
        self.held.is_at(&self.root)
    }

    /// Takes the folder again when another one stands in its place, or none. Then nothing that was written is known.
    fn retake(&mut self) -> Result<()> {
        if !self.is_in_place() {
            // it may have been moved away with the whole site, and is to find its place free when it comes back
            ensure!(self.site.is_dir(), "{} is gone, and so is the site's folder", self.root.display());
            self.held = Held::take(&self.root)?;
            self.clear()?;
            self.forget();
        }
        Ok(())
    }

    /// Clears away what an interrupted run left half written.
    fn clear(&self) -> Result<()> {
        for leftover in self.files()?.into_iter().filter(|path| is_temporary(path)) {
            remove_file(&self.root.join(leftover))?;
        }
        // nobody else writes the memory of a folder that is held
        if let Some(memory) = memory_of(&self.root) {
            clear_among_others(&memory);
        }
        Ok(())
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What looks whether files are as they were written.
    pub fn inspector(&self) -> Inspector {
        self.inspector.clone()
    }

    /// Trusts nothing that was written before: the next update is compared with what is on the disk.
    pub fn forget(&mut self) {
        self.known.clear();
        self.swept = false;
    }

    /// The table of ids; none when there is none yet, or nothing in it.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    pub fn ids(&self) -> Result<Option<String>> {
        let path = self.root.join(IDS);
        match read(&path) {
            Ok(bytes) if bytes.trim_ascii().is_empty() => Ok(None),
            Ok(bytes) => String::from_utf8(bytes).map(Some).map_err(|_| {
                let mend = "put the last one back, or remove it: ids are then taken from the feeds beside it";
                anyhow!("{} is not UTF-8, so no table of ids; {mend}", path.display())
            }),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
        }
    }

    /// What [`Output::keep_memory`] kept, if it can be read.
    pub fn memory(&self) -> Option<Vec<u8>> {
        read(&memory_of(&self.root)?).ok()
    }

    /// What stands in the folder at the path of a document.
    pub fn document(&self, path: &str) -> Option<Vec<u8>> {
        read(&self.root.join(path)).ok()
    }

    /// Keeps what was understood of posts for the next start, where the system has a place for such things.
    ///
    /// # Errors
    /// When it cannot be written there.
    pub fn keep_memory(&self, memory: Vec<u8>) -> Result<()> {
        memory_of(&self.root).map_or(Ok(()), |file| put_among_others(&file, &[memory.into()]))
    }

    /// The feeds that stand in the folder, whoever wrote them: the files with one of these names that are feeds.
    ///
    /// # Errors
    /// When the folder cannot be listed.
    pub fn published(&self, file_names: &[&str]) -> Result<Vec<Published>> {
        let mut files = self.files()?;
        files.retain(|path| path.file_name().is_some_and(|name| file_names.iter().any(|known| *known == name)));
        files.sort();
        Ok(files.par_iter().filter_map(|path| Published::read(&read(&self.root.join(path)).ok()?)).collect())
    }

    /// The ids with which an update shows entries again that are published under other ids, as far as the feeds under
    /// this name tell.
    pub fn returning(&self, update: &Update, file_name: &str) -> BTreeSet<String> {
        let returning = |(path, document): &(Arc<str>, Arc<Document>)| {
            let before = read(&self.root.join(&**path)).ok()?;
            let after = document.parts().concat();
            (before != after).then(|| Some(Published::read(&after)?.returning(&Published::read(&before)?.without(BaseUrl::is_local))))?
        };
        let feeds = update.writes.par_iter().filter(|(path, _)| path.rsplit('/').next() == Some(file_name));
        feeds.filter_map(returning).flatten_iter().collect()
    }

    /// No longer trusts that these files hold what was written.
    pub fn doubt(&mut self, paths: &[Arc<str>]) {
        for path in paths {
            self.known.remove(path);
        }
    }

    /// Brings the folder to an update. On an error some documents may be written and others not, each of them whole; the
    /// same update can be given again.
    ///
    /// # Errors
    /// When a file cannot be written or removed.
    pub fn write(&mut self, update: &Update) -> Result<Outcome> {
        self.retake()?;
        self.replaced.clear();
        let written = self.write_all(update);
        self.has_failed = written.is_err();
        written
    }

    fn write_all(&mut self, update: &Update) -> Result<Outcome> {
        // what was replaced takes its room on the disk until readers have the update
        let has_room = !self.has_failed && update.writes.len() <= SMALL;
        let removals: BTreeSet<PathBuf> = if self.swept {
            update.removals.iter().map(|path| PathBuf::from(&**path)).collect()
        } else {
            // before there is more to look through
            self.stale(update)?.into_iter().collect()
        };
        let removals = Removals::of(&removals, update);
        let mut outcome = Outcome::default();
        for path in removals.before_writing {
            outcome.removed += usize::from(self.remove(path)?);
        }
        if let Some(ids) = &update.ids {
            let replaced = put(&self.root.join(IDS), ids, None, OnDisk::Other)?;
            self.replaced.extend(replaced.filter(|_| has_room));
            self.unsynced = true;
        }
        let place = |(path, document): &(Arc<str>, Arc<Document>)| {
            let placed = match self.place(path, document)? {
                Placed::Written(replaced) => Placed::Written(replaced.filter(|_| has_room)),
                kept @ Placed::Kept(_) => kept,
            };
            Ok((path.clone(), placed))
        };
        let placed: Vec<(Arc<str>, Placed)> = update.writes.par_iter().with_min_len(AT_ONCE).map(place).collect::<Result<_>>()?;
        for (path, placed) in placed {
            match placed {
                Placed::Kept(modified) => outcome.kept.push((path, modified)),
                Placed::Written(replaced) => {
                    outcome.written += 1;
                    self.replaced.extend(replaced);
                }
            }
        }
        for path in removals.after_writing {
            outcome.removed += usize::from(self.remove(path)?);
        }
        self.swept = true;
        self.known.extend(update.writes.iter().map(|(path, _)| path.clone()));
        for path in &update.removals {
            self.known.remove(path);
        }
        Ok(outcome)
    }

    /// Writes one document, unless its file holds it already.
    fn place(&self, path: &Arc<str>, document: &Document) -> Result<Placed> {
        let full = self.root.join(&**path);
        let before = if self.known.contains(path) { OnDisk::Other } else { on_disk(&full, document) };
        if let OnDisk::Same(modified) = before {
            return Ok(Placed::Kept(modified));
        }
        put(&full, document.parts(), Some(document.modified().into()), before).map(Placed::Written)
    }

    /// Does what readers need not wait for: removes the files that were replaced, and forces the table of ids to the platter,
    /// if it was written since this was last done.
    ///
    /// # Errors
    /// When the system cannot say that it is there; then it is still to be done.
    pub fn settle(&mut self) -> Result<()> {
        self.replaced.clear();
        if self.unsynced {
            let path = self.root.join(IDS);
            let sync_folder = || match File::open(&self.root)?.sync_all() {
                // not every file system does this for folders
                Err(error) if matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::Unsupported) => Ok(()),
                done => done,
            };
            let sync = || open(&path)?.sync_all().and_then(|()| sync_folder());
            sync().with_context(|| format!("cannot sync {}", path.display()))?;
            self.unsynced = false;
        }
        Ok(())
    }

    /// Feeds of an earlier run that this one does not have, when formats and names may have been others, and those that the update
    /// removes: files that say that they were written here, and give this very address as their own.
    fn stale(&self, update: &Update) -> Result<Vec<PathBuf>> {
        let is_ours = |path: &PathBuf| {
            let Some(text) = path.to_str().filter(|text| !update.snapshot.documents.contains_key(*text)) else { return false };
            let is_itself = |head: &[u8]| contains(head, self_mark(text).as_bytes());
            head(&self.root.join(path)).is_some_and(|head| is_itself(&head) && feed::is_written_here(&head))
        };
        let (top, below): (Vec<PathBuf>, Vec<PathBuf>) = self.files()?.into_iter().partition(|path| is_at_top(path));
        let mut stale: Vec<PathBuf> = top.into_par_iter().filter(is_ours).collect();
        // the site itself always has feeds, so the names that they had in every folder are found at the top
        let former = stale.iter().filter_map(|path| path.file_name());
        let removed = update.removals.iter().filter_map(|path| Path::new(&**path).file_name());
        let names: HashSet<&OsStr> = former.chain(removed).chain(update.file_names.iter().map(OsStr::new)).collect();
        // what others have here may be much, and is not read
        let may_be = |path: &PathBuf| {
            let is_named = path.file_name().is_some_and(|name| names.contains(name));
            is_named || path.extension().is_some_and(|ending| ending == "xml" || ending == "json")
        };
        let below: Vec<PathBuf> = below.into_par_iter().filter(|path| may_be(path) && is_ours(path)).collect();
        stale.extend(below);
        Ok(stale)
    }

    /// Removes a file, and the folders that it leaves empty. Whether it was there is the answer.
    fn remove(&self, path: &Path) -> Result<bool> {
        let full = self.root.join(path);
        if !remove_file(&full)? {
            return Ok(false);
        }
        for folder in full.ancestors().skip(1).take_while(|folder| *folder != self.root) {
            if fs::remove_dir(folder).is_err() {
                break;
            }
        }
        Ok(true)
    }

    /// Every regular file in the folder, relative to it, as far as it may be looked at, and not in the output folder of another. A folder
    /// with a table of ids is one, such as that of a language which the site had.
    fn files(&self) -> Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        let mut folders = vec![PathBuf::new()];
        while let Some(folder) = folders.pop() {
            let full = self.root.join(&folder);
            let entries = match fs::read_dir(&full) {
                // somebody else's, such as `lost+found` at the top of a disk, or gone by now
                Err(error) if full != self.root && matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::NotFound) => continue,
                entries => entries.with_context(|| format!("cannot list {}", full.display()))?,
            };
            let entries: Vec<DirEntry> = entries.collect::<Result<_, _>>()?;
            if self.others.contains(&folder) || full != self.root && entries.iter().any(|entry| entry.file_name() == IDS) {
                continue;
            }
            for entry in entries {
                let path = folder.join(entry.file_name());
                if entry.file_type()?.is_dir() {
                    folders.push(path);
                } else if is_regular(&entry) {
                    files.push(path);
                }
            }
        }
        Ok(files)
    }
}

/// Where what was understood of the posts in an output folder is kept: in the cache of the service or of the user, not beside
/// the feeds, which may be copied to a host as they are. It can be removed at any time.
fn memory_of(root: &Path) -> Option<PathBuf> {
    let folder = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let of_user = || Some(folder("XDG_CACHE_HOME").or_else(|| Some(folder("HOME")?.join(".cache")))?.join("tidings"));
    let root = std::path::absolute(root).ok()?;
    let name = format!("{:032x}", xxh3_128(root.as_os_str().as_encoded_bytes()));
    Some(folder("CACHE_DIRECTORY").or_else(of_user)?.join(name))
}

/// Removes a file; whether it was there is the answer.
fn remove_file(full: &Path) -> Result<bool> {
    match fs::remove_file(full) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error).with_context(|| format!("cannot remove {}", full.display())),
    }
}

/// How a document gives its own address: the end of the address, with the quote that closes it.
fn self_mark(document: &str) -> String {
    format!("/{}\"", path::encoded(document))
}

fn head(path: &Path) -> Option<Vec<u8>> {
    let mut head = Vec::new();
    open(path).ok()?.take(HEAD).read_to_end(&mut head).ok()?;
    Some(head)
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_be_forced_to_the_platter_is_still_to_be() {
        let site = tempfile::tempdir().unwrap();
        let mut output = Output::open(&site.path().join("feeds"), site.path()).unwrap();
        output.unsynced = true;
        for _ in 0..2 {
            assert!(output.settle().is_err(), "there is no table");
        }
        fs::write(site.path().join("feeds").join(IDS), "").unwrap();
        output.settle().unwrap();
        fs::remove_file(site.path().join("feeds").join(IDS)).unwrap();
        output.settle().unwrap();
    }
}
