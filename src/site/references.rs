//! What `ref` and `relref` mean: the address of a page or list by the path of its file or folder, or by its name.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Site;
use super::shelf::Reference;
use crate::content;
use crate::content::path::{FileKind, folder_of, last_segment};
use crate::content::permalink::scope_address;
use crate::taxonomy::Scope;

impl Site {
    /// Has the entries rendered again whose references lead elsewhere than they did.
    pub(super) fn look_up_references_again(&mut self) {
        if !std::mem::take(&mut self.addresses_changed) {
            return;
        }
        let changed = |path: &str, reference: &Reference| self.resolve(&reference.target, path) != reference.permalink;
        let outdated: Vec<Arc<str>> = self
            .shelf
            .referring()
            .filter(|(path, entry)| !self.broken.contains(*path) && entry.references.iter().any(|reference| changed(path, reference)))
            .map(|(path, _)| path.clone())
            .collect();
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
            page.map(str::to_owned).or_else(|| self.list_at(path.strip_suffix("_index.md").unwrap_or(&path).trim_end_matches('/')))
        })
    }

    /// The address of the list of a folder: that of the site, a section, a taxonomy or a term. Which terms there are changes
    /// with every post, and is not asked.
    fn list_at(&self, folder: &str) -> Option<String> {
        if let Some(url) = self.taxonomy_urls.get(folder) {
            return Some(url.clone());
        }
        let scope = content::scope_of(folder, &self.config)?;
        let is_section = || self.tree.section(folder).is_some() || !folder.contains('/') && self.tree.has_files(folder);
        if matches!(scope, Scope::Section(_)) && !is_section() {
            return None;
        }
        let ancestry = self.tree.ancestry(folder);
        scope_address(&scope, last_segment(folder), self.describing(&scope), &ancestry, &self.config).ok().map(|list| list.url)
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
