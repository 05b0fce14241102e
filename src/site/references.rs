//! What `ref` and `relref` mean, and links to files: the address of a page or list by the path of its file or folder, or by its
//! name.

use std::collections::BTreeSet;
use std::sync::Arc;

use foldhash::HashSet;
use rayon::prelude::*;

use super::names::hash_of;
use super::{AT_ONCE, Site};
use crate::content;
use crate::content::path::{FileKind, first_segment, folder_of, last_segment, normalize, resolved};
use crate::content::permalink::taxonomy_url;
use crate::content::reference::{Target, meanings};
use crate::taxonomy::Scope;

/// A reference from an entry to another page, with what it resolved to.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Reference {
    pub(super) target: String,
    /// Whether it is the address of a link, which leads nowhere by a name alone.
    pub(super) is_link: bool,
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
    /// The names of what it may mean, as hashes.
    pub(super) fn names(&self) -> impl Iterator<Item = u64> {
        let names = Target::new(&self.target).names();
        let anything = names.is_empty().then_some(ANYTHING);
        names.into_iter().map(|name| hash_of(&name)).chain(anything)
    }
}

impl Site {
    /// Notes that the page of a file has come or gone, or has another address.
    pub(super) fn readdress(&mut self, path: &str) {
        // what is rendered from now on finds it
        if self.shelf.refers() {
            self.readdressed.names.insert(hash_of(&self.tree.name(path)));
            // a folder at the top is a section for as long as there is a file in it
            self.readdressed.names.insert(hash_of(&normalize(first_segment(path))));
        }
    }

    /// Has the entries rendered again whose references lead elsewhere than they did.
    pub(super) fn look_up_references_again(&mut self) {
        if self.readdressed.is_empty() {
            return;
        }
        let readdressed = std::mem::take(&mut self.readdressed);
        let suspects: Vec<(&Arc<str>, &[Reference])> = self.shelf.referring(&readdressed).collect();
        let is_outdated = |(path, references): &(&Arc<str>, &[Reference])| {
            let leads_elsewhere = |reference: &Reference| self.look_up(reference, path) != reference.permalink;
            !self.broken.contains(*path) && references.iter().any(leads_elsewhere)
        };
        let outdated: Vec<Arc<str>> =
            suspects.into_par_iter().with_min_len(AT_ONCE).filter(is_outdated).map(|(path, _)| path.clone()).collect();
        outdated.iter().for_each(|path| self.outdate(path));
    }

    /// A reference with what it leads to now.
    pub(super) fn reference(&self, target: &str, is_link: bool, from: &str) -> Reference {
        let unresolved = Reference { target: target.to_owned(), is_link, permalink: None };
        Reference { permalink: self.look_up(&unresolved, from), ..unresolved }
    }

    /// The address of the page or list that a reference means: a path from the folder of the file or from the content folder,
    /// else the name of a file or section that is there once. The address of a link keeps its query.
    pub(super) fn look_up(&self, reference: &Reference, from: &str) -> Option<String> {
        let target = Target::new(&reference.target);
        let mut address = match &*target.path {
            "" if reference.is_link => None,
            "" => self.address_of(from).map(str::to_owned),
            path => self.at_path(path, from).or_else(|| if reference.is_link { None } else { self.named(path) }),
        }?;
        if let Some(query) = target.query.filter(|_| reference.is_link) {
            address.extend(["?", query]);
        }
        if let Some(fragment) = target.fragment {
            address.extend(["#", fragment]);
        }
        Some(address)
    }

    /// The address of what is at a path from the folder of a file, for a bundle also from that around it, or else from the content
    /// folder.
    pub(super) fn at_path(&self, target: &str, from: &str) -> Option<String> {
        let here = if target.starts_with('/') { "" } else { folder_of(from) };
        let around = if self.tree.kind(from) == FileKind::Leaf { folder_of(here) } else { here };
        let paths = [here, around, ""].map(|folder| resolved(folder, target.trim_start_matches('/')));
        // most are spelled as their files are
        let spelled = |path: &String| {
            let candidates = [path.clone(), format!("{path}.md"), resolved(path, "index.md")];
            let page = candidates.iter().find_map(|path| self.address_of(path));
            page.map(str::to_owned).or_else(|| self.list_at(if last_segment(path) == "_index.md" { folder_of(path) } else { path }))
        };
        let meant = |path: &String| meanings(path, &self.config.site.languages).iter().find_map(|meaning| self.known_as(meaning));
        paths.iter().find_map(spelled).or_else(|| paths.iter().find_map(meant))
    }

    /// The address of the page or list with a path, as Hugo spells it.
    fn known_as(&self, path: &str) -> Option<String> {
        let (lists, pages): (Vec<&Arc<str>>, Vec<&Arc<str>>) = self
            .tree
            .named(last_segment(path))
            .into_iter()
            .filter(|file| self.tree.logical(file).trim_start_matches('/') == path)
            .partition(|file| self.tree.kind(file) == FileKind::Branch);
        let page = pages.into_iter().find_map(|file| self.address_of(file));
        let list = || lists.into_iter().find_map(|file| self.list_at(folder_of(file)));
        let at_top = || self.tree.top_named(path).and_then(|folder| self.list_at(folder));
        page.map(str::to_owned).or_else(list).or_else(at_top).or_else(|| self.list_at(path))
    }

    /// The address of the list of a folder: that of the site, a section, a taxonomy or a term; none where it has no page. Which
    /// terms there are changes with every post, and is not asked.
    fn list_at(&self, folder: &str) -> Option<String> {
        if let Some(taxonomy) = self.config.site.taxonomies.iter().find(|taxonomy| *taxonomy.plural == *folder) {
            let list = self.describing(folder);
            return list.is_none_or(|list| !list.is_hidden).then(|| taxonomy_url(taxonomy, list, &self.config));
        }
        let scope = content::scope_of(folder, &self.config)?;
        let is_section = || self.tree.section(folder).is_some() || !folder.contains('/') && self.tree.has_files(folder);
        let has_list = !matches!(scope, Scope::Section(_)) || self.config.site.lists_sections && is_section();
        if !has_list || self.describing(&scope.path()).is_some_and(|list| list.is_hidden) {
            return None;
        }
        self.address_called(&scope, last_segment(folder)).ok().map(|list| list.url)
    }

    /// The address of the one page or section whose file or folder has a name.
    fn named(&self, name: &str) -> Option<String> {
        if name.contains('/') {
            return None;
        }
        meanings(name, &self.config.site.languages).iter().find_map(|name| self.alone_named(name))
    }

    fn alone_named(&self, name: &str) -> Option<String> {
        let files = self.tree.named(name);
        // the posts of files that were moved and are broken since keep their names
        let moved = self.stand_ins.posts().filter(|path| self.tree.name(path) == name);
        let (lists, pages): (BTreeSet<&str>, BTreeSet<&str>) =
            files.into_iter().chain(moved).map(|path| &**path).partition(|path| self.tree.kind(path) == FileKind::Branch);
        let folders: BTreeSet<&str> = lists.into_iter().map(folder_of).filter(|folder| self.tree.section(folder).is_some()).collect();
        let pages = pages.into_iter().filter_map(|path| self.address_of(path)).map(str::to_owned);
        let mut named = pages.chain(folders.into_iter().filter_map(|folder| self.list_at(folder)));
        named.next().filter(|_| named.next().is_none())
    }
}
