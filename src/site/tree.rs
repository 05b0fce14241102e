//! The files of the content folder and how they shape each other: sections, and bundles.
//!
//! An `_index.md` describes the section or term of its folder and casts values on every page below it; an `index.md`
//! makes its folder one page, and every other file in it a resource of that page. What a page says is not kept here.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};
use std::ops::Bound;
use std::sync::{Arc, OnceLock};

use xxhash_rust::xxh3::Xxh3Default;

use super::names::Names;
use crate::config::Languages;
use crate::content::Section;
use crate::content::path::{self, ContentPath, FileKind, folder_of, last_segment};

/// What the name of a file begins with that makes its folder one page, in whatever case.
const LEAF: &str = "index.";

/// Every content file that exists.
#[derive(Debug)]
pub(super) struct Tree {
    languages: Languages,
    /// Each file with the hash of the text that was last understood or refused; none when it must be read.
    files: BTreeMap<Arc<str>, Option<u64>>,
    unread: BTreeSet<Arc<str>>,
    /// Folders that are one page.
    bundles: BTreeSet<Arc<str>>,
    /// What each `_index.md` says, by its folder and path. Of several in a folder [`Tree::section`] has one.
    sections: BTreeMap<Arc<str>, BTreeMap<Arc<str>, Arc<Section>>>,
    /// Files that another may be one page with: their names do not end with `.md`, or give a language.
    variants: BTreeSet<Arc<str>>,
    /// The names of all files. Few sites refer to pages by no more than a name, so they are gathered when that is first asked.
    names: OnceLock<Names>,
}

impl Tree {
    /// A tree without files.
    pub(super) fn new(languages: Languages) -> Self {
        Tree {
            languages,
            files: BTreeMap::new(),
            unread: BTreeSet::new(),
            bundles: BTreeSet::new(),
            sections: BTreeMap::new(),
            variants: BTreeSet::new(),
            names: OnceLock::new(),
        }
    }

    /// Whether the text with this hash is what the file was understood from last.
    pub(super) fn is_known(&self, path: &str, hash: u64) -> bool {
        self.files.get(path) == Some(&Some(hash))
    }

    /// The hash of the text that a file was understood from last; none while it must be read.
    pub(super) fn hash(&self, path: &str) -> Option<u64> {
        *self.files.get(path)?
    }

    /// A hash of every `_index.md`: where it is, what was read of it, and whether that says anything. One that broke says what
    /// it did before, and at the next start nothing.
    pub(super) fn shape(&self) -> u64 {
        let mut shape = Xxh3Default::new();
        for (path, hash) in self.files.iter().filter(|(path, _)| self.kind(path) == FileKind::Branch) {
            (path, hash, self.describes(path)).hash(&mut shape);
        }
        shape.finish()
    }

    /// Notes that the file was read, understood or not.
    pub(super) fn note(&mut self, path: &Arc<str>, hash: u64) {
        let before = self.files.insert(path.clone(), Some(hash));
        self.unread.remove(path);
        if before.is_none() {
            self.change_names(path, Names::insert);
            if self.is_variant(path) {
                self.variants.insert(path.clone());
            }
        }
    }

    /// Notes that the file is no more.
    pub(super) fn remove(&mut self, path: &str) {
        self.unread.remove(path);
        if let Some((path, _)) = self.files.remove_entry(path) {
            self.change_names(&path, Names::remove);
            self.variants.remove(&path);
        }
    }

    /// The folder whose files Hugo publishes beside a page: that of a bundle, or that which is called as the file of the page is, and is
    /// none.
    pub(super) fn folder_of_page<'p>(&self, path: &'p str) -> Option<Cow<'p, str>> {
        let file = ContentPath::new(path, &self.languages)?;
        match file.kind {
            FileKind::Leaf => Some(Cow::Borrowed(file.folder)),
            FileKind::Single => Some(Cow::Owned(path::join(file.folder, file.stem))).filter(|folder| !self.bundles.contains(&**folder)),
            FileKind::Branch => None,
        }
    }

    fn is_variant(&self, path: &str) -> bool {
        let Some(plain) = path.strip_suffix(".md") else { return true };
        last_segment(plain).contains('.') && ContentPath::new(path, &self.languages).is_some_and(|path| path.language.is_some())
    }

    /// The path of a page in the language of the feeds.
    fn page_of<'p>(&self, path: &'p str) -> Option<ContentPath<'p>> {
        ContentPath::new(path, &self.languages).filter(|path| path.kind != FileKind::Branch && self.languages.has(path.language))
    }

    /// The files that are the same page for Hugo as a file that is there: beside it, and with its name but for ending and language, or the
    /// `index.md` of a folder that is called as the other is.
    fn twins(&self, path: &str) -> Vec<&Arc<str>> {
        let has_variants = !self.variants.is_empty() || self.is_variant(path);
        let may_be_leaf = last_segment(path).get(..LEAF.len()).is_some_and(|name| name.eq_ignore_ascii_case(LEAF));
        // as for most files of most sites, of which each is asked
        if !has_variants && self.bundles.is_empty() && !may_be_leaf {
            return Vec::new();
        }
        let Some(own) = self.page_of(path) else { return Vec::new() };
        let mut twins = if has_variants { self.pages(own.folder, own.stem) } else { Vec::new() };
        match own.kind {
            FileKind::Single if !self.bundles.is_empty() => {
                let folder = path::join(own.folder, own.stem);
                if self.bundles.contains(&*folder) {
                    twins.extend(self.pages(&folder, "index"));
                }
            }
            FileKind::Leaf => twins.extend(self.pages(own.container(), own.base_name())),
            FileKind::Single | FileKind::Branch => {}
        }
        twins.retain(|file| &***file != path);
        twins
    }

    /// The pages in a folder whose files have a name, but for ending and language.
    fn pages(&self, folder: &str, stem: &str) -> Vec<&Arc<str>> {
        let start = path::join(folder, stem) + ".";
        let variants =
            self.variants.range::<str, _>((Bound::Included(&*start), Bound::Unbounded)).take_while(|file| file.starts_with(&start));
        let plain = self.files.get_key_value(&*format!("{start}md")).map(|(file, _)| file).filter(|file| !self.variants.contains(*file));
        variants.chain(plain).filter(|file| self.page_of(file).is_some_and(|file| file.stem == stem)).collect()
    }

    /// The file that is the page in the place of a file.
    pub(super) fn overriding(&self, path: &str) -> Option<&Arc<str>> {
        self.twins(path).into_iter().filter(|file| self.rank(file) > self.rank(path)).max_by_key(|file| self.rank(file))
    }

    /// Of files that are one page the one with the highest rank is it. Hugo takes that with the last ending in the alphabet, as `.md` is
    /// behind `.html`; which it takes of those that differ in language is a matter of chance, and here it is the one that names it. So it is
    /// between a file and an `index.md`, which it takes more often and which it is here.
    fn rank<'p>(&self, path: &'p str) -> (bool, bool, Option<String>, &'p str) {
        let file = ContentPath::new(path, &self.languages);
        let is_folder = file.is_some_and(|file| file.kind == FileKind::Leaf);
        let names_language = file.is_some_and(|file| file.language.is_some());
        (is_folder, names_language, path.rsplit('.').next().map(str::to_lowercase), path)
    }

    /// Has those files read again that are no page, or become one, because a file comes or goes.
    pub(super) fn reconsider_twins(&mut self, path: &str) {
        let twins: Vec<Arc<str>> = self.twins(path).into_iter().filter(|file| self.rank(file) < self.rank(path)).cloned().collect();
        for twin in twins {
            self.files.insert(twin.clone(), None);
            self.unread.insert(twin);
        }
    }

    /// Whether a folder has an `index.md`, or one with another ending or language, beside those that are gone.
    pub(super) fn has_other_index(&self, folder: &str, gone: &BTreeSet<Arc<str>>) -> bool {
        let is_other = |file: &Arc<str>| folder_of(file) == folder && self.kind(file) == FileKind::Leaf && !gone.contains(file);
        below(&self.files, folder).any(is_other)
    }

    fn change_names(&mut self, path: &Arc<str>, change: fn(&mut Names, &str, &Arc<str>)) {
        if let Some(mut names) = self.names.take() {
            change(&mut names, &self.name(path), path);
            self.names = names.into();
        }
    }

    /// Has those files below a folder read again, resources excepted, that mean something else than they did.
    pub(super) fn reconsider(&mut self, folder: &str, means_otherwise: impl Fn(&str) -> bool) {
        let below: Vec<Arc<str>> = below(&self.files, folder).cloned().collect();
        for path in below {
            if !self.is_resource(&path) && means_otherwise(&path) {
                self.files.insert(path.clone(), None);
                self.unread.insert(path);
            }
        }
    }

    /// The files that must be read.
    pub(super) fn unread(&self) -> impl Iterator<Item = &Arc<str>> {
        self.unread.iter()
    }

    /// Every folder that holds a file, or a folder that does, but the root.
    pub(super) fn folders(&self) -> BTreeSet<String> {
        let all = self.files.keys().flat_map(|path| path::ancestors(path)).filter(|folder| !folder.is_empty());
        all.collect::<BTreeSet<&str>>().into_iter().map(str::to_owned).collect()
    }

    /// The files below a folder.
    pub(super) fn below(&self, folder: &str) -> Vec<Arc<str>> {
        below(&self.files, folder).cloned().collect()
    }

    /// Makes a folder one page, or lets its files be pages again. Whether that is news is the answer.
    pub(super) fn set_bundle(&mut self, folder: &str, is_bundle: bool) -> bool {
        if is_bundle { self.bundles.insert(folder.into()) } else { self.bundles.remove(folder) }
    }

    /// Whether a file belongs to the page that a folder above it is, and so is no page itself.
    pub(super) fn is_resource(&self, path: &str) -> bool {
        !self.bundles.is_empty() && path::bundle_of(path, &self.languages, |folder| self.bundles.contains(folder)).is_some()
    }

    /// What a file is, by its name. What is no content file is as good as any page.
    pub(super) fn kind(&self, path: &str) -> FileKind {
        ContentPath::new(path, &self.languages).map_or(FileKind::Single, |path| path.kind)
    }

    /// Whether a file is known, understood or not.
    pub(super) fn knows(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    /// Hugo's path of the page that a file is, or of the list that it describes.
    pub(super) fn logical(&self, path: &str) -> String {
        ContentPath::new(path, &self.languages).map_or_else(String::new, |path| path.logical())
    }

    /// What a file may be referred to by: the last part of that path.
    pub(super) fn name(&self, path: &str) -> String {
        last_segment(&self.logical(path)).to_owned()
    }

    /// The files that go by a name.
    pub(super) fn named(&self, name: &str) -> Vec<&Arc<str>> {
        self.names().files(name).filter(|path| self.name(path) == name).collect()
    }

    /// The first folder at the top that holds files and has a name, as Hugo spells it.
    pub(super) fn top_named(&self, name: &str) -> Option<&str> {
        self.names().top(name)
    }

    fn names(&self) -> &Names {
        self.names.get_or_init(|| {
            let mut names = Names::default();
            self.files.keys().for_each(|path| names.insert(&self.name(path), path));
            names
        })
    }

    /// The folders at the top that hold files.
    pub(super) fn top_folders(&self) -> impl Iterator<Item = &str> {
        // `0` is what comes after `/`
        let next = |after: &str| {
            self.files.range::<str, _>((Bound::Included(after), Bound::Unbounded)).find_map(|(path, _)| Some(path.split_once('/')?.0))
        };
        std::iter::successors(next(""), move |folder| next(&format!("{folder}0")))
    }

    /// Whether there is a file below a folder.
    pub(super) fn has_files(&self, folder: &str) -> bool {
        below(&self.files, folder).next().is_some()
    }

    /// Replaces what an `_index.md` says.
    pub(super) fn set_section(&mut self, path: &Arc<str>, section: Option<Section>) {
        let folder = folder_of(path);
        match section {
            Some(section) => drop(self.sections.entry(folder.into()).or_default().insert(path.clone(), Arc::new(section))),
            None => {
                if let Some(sections) = self.sections.get_mut(folder) {
                    sections.remove(path);
                    if sections.is_empty() {
                        self.sections.remove(folder);
                    }
                }
            }
        }
    }

    /// Whether this `_index.md` says anything.
    pub(super) fn describes(&self, path: &str) -> bool {
        self.sections.get(folder_of(path)).is_some_and(|sections| sections.contains_key(path))
    }

    /// What each `_index.md` says, by file.
    pub(super) fn sections(&self) -> impl Iterator<Item = (&Arc<str>, &Arc<Section>)> {
        self.sections.values().flatten()
    }

    /// The folders below a folder that have an `_index.md`.
    pub(super) fn sections_below(&self, folder: &str) -> impl Iterator<Item = &Arc<str>> {
        below(&self.sections, folder).filter(|below| !below.is_empty())
    }

    /// What the `_index.md` of a folder says. Of several that one decides which would be the page among others.
    pub(super) fn section(&self, folder: &str) -> Option<&Arc<Section>> {
        let sections = self.sections.get(folder)?;
        if sections.len() == 1 {
            return sections.values().next();
        }
        sections.iter().max_by_key(|(path, _)| self.rank(path)).map(|(_, section)| section)
    }

    /// The sections around a file or folder, the nearest first, the root's last. An `_index.md` is not around itself.
    pub(super) fn ancestry(&self, path: &str) -> Vec<&Section> {
        if self.sections.is_empty() {
            return Vec::new();
        }
        let path = if self.kind(path) == FileKind::Branch { folder_of(path) } else { path };
        path::ancestors(path).filter_map(|folder| self.section(folder)).map(|section| &**section).collect()
    }
}

fn below<'a, T>(files: &'a BTreeMap<Arc<str>, T>, folder: &str) -> impl Iterator<Item = &'a Arc<str>> {
    let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    files.range::<str, _>((Bound::Included(&*prefix), Bound::Unbounded)).map(|(path, _)| path).take_while({
        let prefix = prefix.clone();
        move |path| path.starts_with(&prefix)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> Tree {
        Tree::new(Languages { own: "en".into(), ..Languages::default() })
    }

    #[test]
    fn files_beside_an_index_are_resources_at_any_depth() {
        let mut tree = tree();
        tree.set_bundle("post/a", true);
        tree.set_bundle("post/a/b", true);
        for (path, expected) in [
            ("post/a/index.md", false),
            ("post/a/extra.md", true),
            ("post/a/b/index.md", true),
            ("post/a/b/c/d.md", true),
            ("post/ab.md", false),
            ("index.md", false),
        ] {
            assert_eq!(tree.is_resource(path), expected, "{path}");
        }
    }

    #[test]
    fn reconsidering_a_folder_leaves_its_neighbours_alone() {
        let mut tree = tree();
        for path in ["post/a.md", "post-other/b.md", "post/deep/c.md", "d.md"] {
            tree.note(&path.into(), 1);
        }
        tree.reconsider("post", |path| !path.ends_with("b.md"));
        assert_eq!(tree.unread().map(|path| &**path).collect::<Vec<_>>(), ["post/a.md", "post/deep/c.md"]);
        assert!(!tree.is_known("post/a.md", 1) && tree.is_known("d.md", 1));
        tree.reconsider("", |_| true);
        assert_eq!(tree.unread().count(), 4);
    }

    #[test]
    fn a_file_is_found_by_its_name_as_soon_as_it_is_there_and_no_longer() {
        let mut tree = tree();
        let found = |tree: &Tree, name: &str| tree.named(name).into_iter().map(ToString::to_string).collect::<Vec<_>>();
        for path in ["a/one.md", "b/v1.2.md", "b/two/index.md", "b/_index.md", "c/So Much.en.md", "root.md"] {
            tree.note(&path.into(), 1);
        }
        for (name, expected) in
            [("one", "a/one.md"), ("v1.2", "b/v1.2.md"), ("two", "b/two/index.md"), ("b", "b/_index.md"), ("so-much", "c/So Much.en.md")]
        {
            assert_eq!(found(&tree, name), [expected], "{name}");
        }
        assert!(["v1", "index", "_index", "one.md", "b.md", ""].iter().all(|name| found(&tree, name).is_empty()));
        assert_eq!(tree.top_folders().collect::<Vec<_>>(), ["a", "b", "c"]);

        for path in ["c/one.md", "a/one.md"] {
            tree.note(&path.into(), 2);
        }
        assert_eq!(found(&tree, "one"), ["a/one.md", "c/one.md"]);
        tree.remove("a/one.md");
        assert_eq!(found(&tree, "one"), ["c/one.md"]);
    }
}
