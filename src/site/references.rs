//! What `ref` and `relref` mean: the address of a page or list by the path of its file or folder, or by its name.

use std::collections::BTreeSet;
use std::sync::Arc;

use foldhash::HashSet;
use rayon::prelude::*;
use xxhash_rust::xxh3::xxh3_64;

use super::tree::hash_of;
use super::{AT_ONCE, Site};
use crate::content;
use crate::content::path::{FileKind, first_segment, folder_of, last_segment};
use crate::content::permalink::taxonomy_url;
use crate::taxonomy::Scope;

/// A reference from an entry to another page, with what it resolved to.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Reference {
    pub(super) target: String,
    pub(super) permalink: Option<String>,
}

/// What got, lost or changed its address since references were last looked up.
#[derive(Debug, Default)]
pub(super) struct Readdressed {
    /// The names that it may be referred to by.
    pub(super) names: HashSet<u64>,
    /// Whether it may be anything: the addresses of lists tell what the sections around them are called.
    pub(super) is_any: bool,
}

/// Stands for the names of references that mean something else in each folder, such as `..`.
pub(super) const ANYTHING: u64 = 0;

impl Readdressed {
    pub(super) fn is_empty(&self) -> bool {
        self.names.is_empty() && !self.is_any
    }
}

impl Reference {
    /// The names of what it may mean, as hashes: that at the end of the path with what may be an ending and without it, and of
    /// what may be an `index.md` that of the folder.
    pub(super) fn names(&self) -> impl Iterator<Item = u64> {
        let path = self.target.split('#').next().unwrap_or("").trim_end_matches('/');
        let name = last_segment(path);
        let is_index = matches!(name.split('.').next(), Some("index" | "_index"));
        let folder = is_index.then(|| last_segment(folder_of(path).trim_end_matches('/')));
        std::iter::once(name).chain(folder).flat_map(|name| match name {
            "" | "." | ".." => [ANYTHING; 2],
            name => [hash_of(name), xxh3_64(name.as_bytes())],
        })
    }
}

impl Site {
    /// Notes that the page of a file has come or gone, or has another address.
    pub(super) fn readdress(&mut self, path: &str) {
        // what is rendered from now on finds it
        if self.shelf.refers() || !self.drafts.is_empty() {
            self.readdressed.names.insert(hash_of(self.tree.name(path)));
            // a folder at the top is a section for as long as there is a file in it
            self.readdressed.names.insert(hash_of(first_segment(path)));
        }
    }

    /// Has the entries rendered again whose references lead elsewhere than they did.
    pub(super) fn look_up_references_again(&mut self) {
        if self.readdressed.is_empty() {
            return;
        }
        let readdressed = std::mem::take(&mut self.readdressed);
        let shelved = self.shelf.referring(&readdressed);
        let drafts = self.drafts.iter().map(|(path, draft)| (path, &*draft.references));
        let suspects: Vec<(&Arc<str>, &[Reference])> = shelved.chain(drafts).collect();
        let is_outdated = |(path, references): &(&Arc<str>, &[Reference])| {
            let leads_elsewhere = |reference: &Reference| self.resolve(&reference.target, path) != reference.permalink;
            !self.broken.contains(*path) && references.iter().any(leads_elsewhere)
        };
        let outdated: Vec<Arc<str>> =
            suspects.into_par_iter().with_min_len(AT_ONCE).filter(is_outdated).map(|(path, _)| path.clone()).collect();
        outdated.iter().for_each(|path| self.outdate(path));
    }

    /// The address of the page or list that a reference means: a path from the folder of the file or from the content folder,
    /// with or without its ending, else the name of a file or section that is there once.
    pub(super) fn resolve(&self, target: &str, from: &str) -> Option<String> {
        let (target, fragment) = target.split_once('#').map_or((target, None), |(target, fragment)| (target, Some(fragment)));
        let address = match target {
            "" => self.address_of(from).map(str::to_owned),
            _ => self.at_path(target, from).or_else(|| self.named(target)),
        }?;
        Some(fragment.map_or_else(|| address.clone(), |fragment| format!("{address}#{fragment}")))
    }

    /// The address of what is at a path from the folder of a file, or else from the content folder.
    pub(super) fn at_path(&self, target: &str, from: &str) -> Option<String> {
        let here = if target.starts_with('/') { "" } else { folder_of(from) };
        [here, ""].into_iter().find_map(|folder| {
            let path = join(folder, target.trim_start_matches('/'));
            let candidates = [path.clone(), format!("{path}.md"), join(&path, "index.md")];
            let page = candidates.iter().find_map(|path| self.address_of(path));
            page.map(str::to_owned).or_else(|| self.list_at(if last_segment(&path) == "_index.md" { folder_of(&path) } else { &path }))
        })
    }

    /// The address of the list of a folder: that of the site, a section, a taxonomy or a term. Which terms there are changes
    /// with every post, and is not asked.
    fn list_at(&self, folder: &str) -> Option<String> {
        if let Some(taxonomy) = self.config.site.taxonomies.iter().find(|taxonomy| *taxonomy.plural == *folder) {
            return Some(taxonomy_url(taxonomy, self.describing(folder), &self.config));
        }
        let scope = content::scope_of(folder, &self.config)?;
        let is_section = || self.tree.section(folder).is_some() || !folder.contains('/') && self.tree.has_files(folder);
        if matches!(scope, Scope::Section(_)) && !is_section() {
            return None;
        }
        self.address_called(&scope, last_segment(folder)).ok().map(|list| list.url)
    }

    /// The address of the one page or section whose file or folder has a name.
    fn named(&self, name: &str) -> Option<String> {
        if name.contains('/') {
            return None;
        }
        let files = self.tree.named(name);
        // the posts of files that were moved and are broken since keep their names
        let moved = self.stand_ins.values().filter(|path| self.tree.is_named(path, name));
        let (lists, pages): (BTreeSet<&str>, BTreeSet<&str>) =
            files.into_iter().chain(moved).map(|path| &**path).partition(|path| self.tree.kind(path) == FileKind::Branch);
        let folders: BTreeSet<&str> = lists.into_iter().map(folder_of).filter(|folder| self.tree.section(folder).is_some()).collect();
        let pages = pages.into_iter().filter_map(|path| self.address_of(path)).map(str::to_owned);
        let mut named = pages.chain(folders.into_iter().filter_map(|folder| self.list_at(folder)));
        named.next().filter(|_| named.next().is_none())
    }
}

/// A path from a folder, with `.` and `..` worked out.
pub(super) fn join(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}
