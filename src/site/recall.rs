//! Entries of an earlier run: where the published documents hold them, and how they come back to the shelf.
//!
//! An entry comes back when its file has the same bytes, it has the same id, and what it refers to is where it was. Entries
//! with a cover or a finding are rendered anew: they depend on more.

use std::sync::Arc;

use bytes::Bytes;
use foldhash::HashMap;
use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

use super::Site;
use super::references::Reference;
use super::shelf::Shelved;
use crate::content::post::Post;
use crate::snapshot::{Fragment, Part};

/// An entry as it was published.
#[derive(Clone, Debug, PartialEq)]
pub struct Recalled<T> {
    /// The hash of its file's bytes.
    pub hash: u64,
    /// The hash of its id.
    pub id: u64,
    /// What it is made of: where, or the bytes.
    pub parts: Vec<T>,
    /// It in each format, as the numbers of its parts.
    pub fragments: Vec<Vec<usize>>,
    /// What it refers to, whether by a link, and what that resolved to.
    pub references: Vec<(String, bool, Option<String>)>,
}

/// A part of a published document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// The path of the document.
    pub document: Arc<str>,
    /// Where the part starts, in bytes.
    pub offset: usize,
    /// How long it is, in bytes.
    pub len: usize,
    /// Its [`Part::digest`].
    pub digest: u128,
}

impl Site {
    /// The entries that could come back at the next start, by the path of their files.
    pub fn entries(&self) -> Vec<(Arc<str>, Recalled<Excerpt>)> {
        // fragments are shared, not copied: the same bytes lie at the same place
        let mut excerpts: HashMap<*const u8, (&Arc<str>, usize)> = HashMap::default();
        for (path, document) in self.planned.documents() {
            let mut offset = 0;
            for part in document.parts() {
                excerpts.insert(part.as_ptr(), (path, offset));
                offset += part.len();
            }
        }
        let excerpt = |part: &Bytes| {
            let (document, offset) = *excerpts.get(&part.as_ptr())?;
            Some(Excerpt { document: document.clone(), offset, len: part.len(), digest: xxh3_128(part) })
        };
        let recalled = |(path, entry): (&Arc<str>, &Shelved)| {
            let is_plain = entry.covers.is_empty() && entry.diagnostics.is_empty() && entry.unknown.is_empty();
            // it depends on another file
            let is_plain = is_plain && self.files_beside(path).is_none();
            let hash = self.tree.hash(path).filter(|_| is_plain && !self.broken.contains(path))?;
            let mut parts: Vec<&Bytes> = Vec::new();
            let number = |part: &Bytes, parts: &[&Bytes]| parts.iter().position(|known| known.as_ptr() == part.as_ptr());
            for part in entry.fragments.iter().flat_map(Fragment::parts) {
                if number(part, &parts).is_none() {
                    parts.push(part);
                }
            }
            let numbers = |fragment: &Fragment| fragment.parts().iter().filter_map(|part| number(part, &parts)).collect();
            let fragments = entry.fragments.iter().map(numbers).collect();
            let parts = parts.into_iter().map(excerpt).collect::<Option<_>>()?;
            let references = entry
                .references
                .iter()
                .map(|reference| (reference.target.clone(), reference.is_link, reference.permalink.clone()))
                .collect();
            Some((path.clone(), Recalled { hash, id: entry.id, parts, fragments, references }))
        };
        self.shelf.iter().filter_map(recalled).collect()
    }

    /// Takes in entries of an earlier run, for the next plan.
    pub fn recall(&mut self, entries: HashMap<Arc<str>, Recalled<Part>>) {
        self.legacy.entries = entries;
    }

    /// The entry of a post as it was published in an earlier run under this id.
    pub(super) fn recalled(&mut self, post: &Post, id: &str) -> Option<Shelved> {
        let entry = self.legacy.entries.remove(&post.path)?;
        let references: Box<[Reference]> =
            entry.references.into_iter().map(|(target, is_link, permalink)| Reference { target, is_link, permalink }).collect();
        let is_same = entry.id == xxh3_64(id.as_bytes())
            && Some(entry.hash) == self.tree.hash(&post.path)
            && entry.fragments.len() == self.config.feeds.formats.len()
            // those that are remembered had their own files
            && self.files_beside(&post.path).is_none()
            && references.iter().all(|reference| self.look_up(reference, &post.path) == reference.permalink);
        let part = |number: &usize| entry.parts.get(*number).cloned();
        let fragment = |numbers: &Vec<usize>| numbers.iter().map(part).collect::<Option<_>>().map(Fragment::new);
        let fragments = entry.fragments.iter().map(fragment).collect::<Option<_>>().filter(|_| is_same)?;
        Some(Shelved {
            id: entry.id,
            fragments,
            updated: post.updated,
            covers: Box::default(),
            references,
            diagnostics: Box::default(),
            unknown: Box::default(),
        })
    }
}
