//! The entries that some feed holds, each rendered once and serialised once per format.
//!
//! An entry leaves the shelf with the last window that it was in. Which windows there are is decided by `site`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, FixedOffset};
use foldhash::{HashMap, HashSet};
use xxhash_rust::xxh3::xxh3_64;

use super::covers::Covers;
use super::references::{ANYTHING, Readdressed, Reference};
use crate::config::Format;
use crate::content::Uses;
use crate::content::image::media_type;
use crate::diagnostic::{Diagnostic, Rule};
use crate::feed::{self, Entry, Image};
use crate::snapshot::Fragment;

/// An entry that is longer than this in a format, in bytes, is told of: a feed holds many, and readers fetch it whole.
const LARGE: usize = 250_000;

/// An entry that is rendered and waits for what is known of its cover.
#[derive(Debug)]
pub(super) struct Draft {
    /// The file, relative to the site's root.
    pub(super) file: String,
    pub(super) entry: Entry,
    /// Where its cover may lie, the first that exists is it.
    pub(super) covers: Vec<Cover>,
    /// What to tell when none of these exists.
    pub(super) missing: Option<Diagnostic>,
    pub(super) references: Vec<Reference>,
    pub(super) diagnostics: Vec<Diagnostic>,
    /// The shortcodes that are not known, each with what is to be said of its first use.
    pub(super) unknown: Vec<(Uses, Diagnostic)>,
}

/// A place where a cover may lie.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cover {
    /// The file, below the site's root.
    pub(super) asset: String,
    /// The address under which Hugo publishes it; none for what a template makes something of, which only the site knows.
    pub(super) url: Option<String>,
}

/// An entry as the feeds hold it.
#[derive(Clone, Debug)]
pub(super) struct Shelved {
    /// The hash of its id.
    pub(super) id: u64,
    /// It in each format that is written, in that order.
    pub(super) fragments: Box<[Fragment]>,
    pub(super) updated: DateTime<FixedOffset>,
    pub(super) covers: Box<[Cover]>,
    pub(super) references: Box<[Reference]>,
    pub(super) diagnostics: Box<[Diagnostic]>,
    pub(super) unknown: Box<[(Uses, Diagnostic)]>,
}

impl Draft {
    /// The assets that must be known before it is finished.
    pub(super) fn unknown_assets<'a>(&'a self, assets: &'a HashMap<String, Option<u64>>) -> impl Iterator<Item = &'a str> {
        self.covers.iter().map(|cover| &*cover.asset).filter(|asset| !assets.contains_key(*asset))
    }

    /// Serialises it, once all assets it may need are known.
    pub(super) fn finish(mut self, formats: &[Format], assets: &HashMap<String, Option<u64>>) -> Shelved {
        self.entry.cover = self.covers.iter().find_map(|cover| {
            let length = assets.get(&cover.asset).copied().flatten()?;
            Some(Image { url: cover.url.clone()?, length, media_type: media_type(&cover.asset)?.to_owned() })
        });
        let exists = |cover: &Cover| assets.get(&cover.asset).is_some_and(Option::is_some);
        self.diagnostics.extend(self.missing.filter(|_| !self.covers.iter().any(exists)));
        let fragments = feed::fragments(formats, &self.entry);
        let longest = fragments.iter().map(Fragment::len).max().unwrap_or(0);
        if longest > LARGE {
            let what = format!("its entry takes {} KB of each feed that holds it, which readers fetch with every change", longest / 1000);
            let mend = "show less of it, or write `content = \"summary\"` in a table `feed` of its front matter";
            self.diagnostics.push(Diagnostic::new(Rule::EntryTooBig, self.file, what, mend));
        }
        Shelved {
            id: xxh3_64(self.entry.id.as_bytes()),
            fragments,
            updated: self.entry.updated,
            covers: self.covers.into_boxed_slice(),
            references: self.references.into_boxed_slice(),
            diagnostics: self.diagnostics.into_boxed_slice(),
            unknown: self.unknown.into_boxed_slice(),
        }
    }
}

/// The names of what an entry refers to.
fn names(entry: &Shelved) -> impl Iterator<Item = u64> {
    entry.references.iter().flat_map(Reference::names)
}

/// The shelf itself.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    /// Each entry with the number of windows that hold it.
    entries: HashMap<Arc<str>, (Shelved, usize)>,
    /// Those of them that refer to other pages, by the names of these.
    referring: BTreeSet<(u64, Arc<str>)>,
    /// Those of them that must be rendered again.
    stale: HashSet<Arc<str>>,
    /// Those of them that came since the shelf was last settled.
    fresh: HashSet<Arc<str>>,
    /// Entries that wait for what is known of their covers before they are put here.
    drafts: BTreeMap<Arc<str>, Draft>,
    /// The assets that the entries and the drafts name.
    covers: Covers,
}

impl Shelf {
    pub(super) fn get(&self, path: &str) -> Option<&Shelved> {
        self.entries.get(path).map(|(entry, _)| entry)
    }

    pub(super) fn contains(&self, path: &str) -> bool {
        self.entries.contains_key(path)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &Shelved)> {
        self.entries.iter().map(|(path, (entry, _))| (path, entry))
    }

    /// Whether an entry is here as its file is now.
    pub(super) fn is_current(&self, path: &str) -> bool {
        self.contains(path) && !self.stale.contains(path)
    }

    /// Whether an entry came, or came anew, since the shelf was last settled.
    pub(super) fn is_fresh(&self, path: &str) -> bool {
        self.fresh.contains(path)
    }

    /// How many came since the shelf was last settled.
    pub(super) fn fresh(&self) -> usize {
        self.fresh.len()
    }

    /// The entries that wait for what is known of their covers.
    pub(super) fn drafts(&self) -> &BTreeMap<Arc<str>, Draft> {
        &self.drafts
    }

    /// Takes all that wait.
    pub(super) fn take_drafts(&mut self) -> BTreeMap<Arc<str>, Draft> {
        let drafts = std::mem::take(&mut self.drafts);
        drafts.values().for_each(|draft| self.covers.drop(&draft.covers));
        drafts
    }

    /// Has an entry wait for what is known of its cover.
    pub(super) fn hold(&mut self, path: Arc<str>, draft: Draft) {
        self.covers.name(&draft.covers);
        if let Some(before) = self.drafts.insert(path, draft) {
            self.covers.drop(&before.covers);
        }
    }

    fn drop_draft(&mut self, path: &str) {
        if let Some(draft) = self.drafts.remove(path) {
            self.covers.drop(&draft.covers);
        }
    }

    /// Takes the assets that neither an entry nor a draft names any more.
    pub(super) fn take_unnamed_assets(&mut self) -> Vec<String> {
        self.covers.take_unnamed()
    }

    /// Whether any entry may refer to another page.
    pub(super) fn refers(&self) -> bool {
        !self.referring.is_empty() || !self.drafts.is_empty()
    }

    /// The entries that may refer to what has another address now, with their references.
    pub(super) fn referring(&self, to: &Readdressed) -> impl Iterator<Item = (&Arc<str>, &[Reference])> {
        let of_name = |name| self.referring.range((name, Arc::from(""))..).take_while(move |(found, _)| *found == name);
        let paths: HashSet<&Arc<str>> = if to.is_any {
            self.referring.iter().map(|(_, path)| path).collect()
        } else {
            to.names.iter().copied().chain([ANYTHING]).flat_map(of_name).map(|(_, path)| path).collect()
        };
        let shelved = paths.into_iter().filter_map(|path| Some((path, &*self.get(path)?.references)));
        shelved.chain(self.drafts.iter().map(|(path, draft)| (path, &*draft.references)))
    }

    /// Puts a new version of an entry in the place of the former.
    pub(super) fn put(&mut self, path: Arc<str>, entry: Shelved) {
        let windows = self.remove(&path).map_or(0, |(_, windows)| windows);
        self.covers.name(&entry.covers);
        self.referring.extend(names(&entry).map(|name| (name, path.clone())));
        self.fresh.insert(path.clone());
        self.entries.insert(path, (entry, windows));
    }

    /// Has an entry rendered again, unless its file is no more. Whether it is here is the answer.
    pub(super) fn outdate(&mut self, path: &Arc<str>) -> bool {
        self.drop_draft(path);
        let is_here = self.contains(path);
        if is_here {
            self.stale.insert(path.clone());
        }
        is_here
    }

    /// Notes that the file of an entry is no more: there is nothing to render it from.
    pub(super) fn disown(&mut self, path: &str) {
        self.drop_draft(path);
        self.stale.remove(path);
    }

    /// Removes those of the fresh entries that no window holds; they are the answer. None is fresh then.
    pub(super) fn settle(&mut self) -> Vec<Arc<str>> {
        let is_unheld = |path: &Arc<str>| self.entries.get(path).is_some_and(|(_, windows)| *windows == 0);
        let unheld: Vec<Arc<str>> = self.fresh.drain().filter(is_unheld).collect();
        unheld.iter().for_each(|path| drop(self.remove(path)));
        unheld
    }

    fn remove(&mut self, path: &Arc<str>) -> Option<(Shelved, usize)> {
        let (entry, windows) = self.entries.remove(path)?;
        self.stale.remove(path);
        self.covers.drop(&entry.covers);
        for name in names(&entry) {
            self.referring.remove(&(name, path.clone()));
        }
        Some((entry, windows))
    }

    /// Takes windows from some entries and gives them to others, each as often as it is named. The entries that no window
    /// holds any more leave; they are the answer.
    pub(super) fn shift(&mut self, from: &[Arc<str>], to: &[Arc<str>]) -> Vec<Arc<str>> {
        for path in to {
            if let Some((_, windows)) = self.entries.get_mut(path) {
                *windows += 1;
            }
        }
        let mut left = Vec::new();
        for path in from {
            if let Some((_, windows)) = self.entries.get_mut(path) {
                *windows -= 1;
                if *windows == 0 {
                    self.remove(path);
                    left.push(path.clone());
                }
            }
        }
        left
    }
}
