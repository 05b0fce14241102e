//! What was found in files becomes posts, sections and findings.

use std::collections::BTreeMap;
use std::hash::Hash;
use std::ops::Bound;
use std::sync::Arc;

use foldhash::HashSet;
use xxhash_rust::xxh3::xxh3_64;

use super::{Change, Found, Site};
use crate::content::path::{self, FileKind, folder_of};
use crate::content::post::Post;
use crate::content::{self, Aside, Bearing, Page, Reason, Section};
use crate::diagnostic::{Diagnostic, Rule, Severity};
use crate::taxonomy::{Scope, Term};

/// What a file turned out to be.
pub(super) enum Outcome {
    /// Its text is the one that is known.
    Same,
    /// It belongs to the page of a folder above it.
    Resource,
    /// It is no more.
    Gone,
    /// It is a post that was understood before.
    Known { hash: u64, post: Arc<Post> },
    /// It is a page.
    Understood { hash: u64, page: Page, diagnostics: Vec<Diagnostic> },
    /// It cannot be understood.
    Refused { hash: u64, diagnostics: Vec<Diagnostic> },
}

/// Posts that are added, replaced or removed.
pub(super) type Posts = BTreeMap<Arc<str>, Option<Arc<Post>>>;

/// The sections and the spellings of terms of all posts that ever were: there are many posts and few of these.
#[derive(Debug, Default)]
pub(super) struct Vocabulary {
    sections: HashSet<Arc<str>>,
    terms: HashSet<Arc<Term>>,
}

impl Vocabulary {
    /// A post that shares its section and terms with those before it.
    fn shared(&mut self, mut post: Post) -> Post {
        share(&mut post.section, &mut self.sections);
        post.terms.iter_mut().for_each(|term| share(term, &mut self.terms));
        post
    }
}

impl Site {
    /// What a file is, as far as the file and the sections around it tell.
    pub(super) fn understand(&self, change: &Change) -> Outcome {
        let path = &*change.path;
        let bytes = match &change.found {
            Found::Nothing => return Outcome::Gone,
            _ if self.tree.is_resource(path) => return Outcome::Resource,
            Found::Known(hash, post) => return Outcome::Known { hash: *hash, post: post.clone() },
            Found::Text(bytes) => bytes,
            Found::Missing => return Outcome::Refused { hash: 0, diagnostics: Vec::new() },
            Found::Unreadable(why) => {
                let diagnostic = Diagnostic::new(Rule::UnreadableFile, path, format!("cannot be read: {why}"), "make it readable");
                return Outcome::Refused { hash: 0, diagnostics: vec![diagnostic] };
            }
        };
        let hash = xxh3_64(bytes);
        if self.tree.is_known(path, hash) {
            return Outcome::Same;
        }
        understood_or_told(path, hash, || self.understand_text(path, hash, bytes))
    }

    /// What a file with a new text is.
    fn understand_text(&self, path: &str, hash: u64, bytes: &[u8]) -> Outcome {
        if let Some(page) = content::of_other_language(path, bytes, &self.config) {
            // the files beside one that breaks, or is about to be written, stay where they were
            let known = || self.shared.get(path).cloned();
            let page = match page {
                Page::Aside(_) => Page::Elsewhere(known()),
                Page::Elsewhere(address) if bytes.trim_ascii().is_empty() => Page::Elsewhere(known().or(address)),
                page => page,
            };
            return Outcome::Understood { hash, page, diagnostics: Vec::new() };
        }
        // an editor empties a file before it writes it: no reason to lose what was there
        if bytes.trim_ascii().is_empty() {
            let diagnostic = Diagnostic::new(Rule::EmptyFile, path, "the file is empty", "write a post, or remove the file");
            return Outcome::Refused { hash, diagnostics: vec![diagnostic] };
        }
        match content::front_matter::read(path, bytes).map(|source| self.page(path, &source)) {
            Ok((Page::Aside(Aside { reason: Reason::Unreadable, .. }), diagnostics)) => Outcome::Refused { hash, diagnostics },
            Ok((page, diagnostics)) => Outcome::Understood { hash, page, diagnostics },
            Err(diagnostic) => Outcome::Refused { hash, diagnostics: vec![diagnostic] },
        }
    }

    /// What a page says. One that was never published waits while it is not known what it inherits.
    fn page(&self, path: &str, source: &content::front_matter::Source<'_>) -> (Page, Vec<Diagnostic>) {
        match content::page(source, path, &self.tree.ancestry(path), &self.config) {
            (Page::Post(post), found) if self.waiting.has(path) && !self.ids.has_file(path) => (Page::Aside(Aside::waiting(*post)), found),
            understood => understood,
        }
    }

    /// Takes in what a file turned out to be.
    pub(super) fn note(&mut self, change: Change, outcome: Outcome) {
        let Change { path, found, origin } = change;
        self.note_presence(&path, &found);
        if matches!(outcome, Outcome::Known { .. } | Outcome::Understood { .. } | Outcome::Refused { .. })
            && let Some(by) = self.tree.overriding(&path).cloned()
        {
            return self.note_overridden(&path, &by);
        }
        if !matches!(outcome, Outcome::Same | Outcome::Refused { .. })
            && let Some(post) = self.stand_ins.take(&path)
        {
            self.forget_page(&post);
        }
        let may_be_rendered = match outcome {
            Outcome::Same => true,
            Outcome::Resource => {
                self.note_no_page(&path);
                false
            }
            Outcome::Gone => {
                self.tree.remove(&path);
                self.forget_page(&path);
                false
            }
            Outcome::Known { hash, post } => {
                self.tree.note(&path, hash);
                self.readdress(&path);
                self.arriving.insert(path.clone(), Some(post));
                false
            }
            Outcome::Understood { hash, page, diagnostics } => {
                self.tree.note(&path, hash);
                self.blame(&path, diagnostics);
                self.note_page(&path, page)
            }
            Outcome::Refused { hash, diagnostics } => {
                self.tree.note(&path, hash);
                self.blame(&path, diagnostics);
                self.note_broken(&path, origin);
                false
            }
        };
        if let Found::Text(text) = found
            && may_be_rendered
        {
            self.texts.keep(path, text);
        }
    }

    /// Takes in that a file which is there is no page, whatever is in it.
    fn note_no_page(&mut self, path: &Arc<str>) {
        self.tree.note(path, 0);
        if let Some(post) = self.stand_ins.take(path) {
            self.forget_page(&post);
        }
        self.stand_ins.release(path);
        self.forget_page(path);
    }

    /// Takes in that another file is the page that this one would be.
    fn note_overridden(&mut self, path: &Arc<str>, by: &str) {
        self.note_no_page(path);
        let what = format!("{} is the same page, and is the one that is shown", self.file(by));
        self.blame(path, vec![Diagnostic::new(Rule::SharedAddress, &**path, what, "remove one of them, or give it another name")]);
    }

    /// Takes in what a page is now. Whether it is a post is the answer.
    fn note_page(&mut self, path: &Arc<str>, page: Page) -> bool {
        self.broken.remove(path);
        self.stand_ins.release(path);
        self.outdate(path);
        let address = match &page {
            Page::Post(post) => Some(post.permalink.clone()),
            Page::Aside(aside) => aside.published().map(Box::from),
            Page::Section(_) | Page::Elsewhere(_) => None,
        };
        if self.address_of(path) != address.as_deref() {
            self.readdress(path);
        }
        match page {
            Page::Post(post) => {
                self.asides.remove(path);
                let known = self.index.id_of(path).and_then(|id| self.index.post(id));
                // most edits change nothing but the body, and the index need not know of them
                if self.arriving.contains_key(path) || known.is_none_or(|known| !known.reads_as(&post)) {
                    let post = Post { path: path.clone(), ..self.vocabulary.shared(*post) };
                    self.arriving.insert(path.clone(), Some(Arc::new(post)));
                }
                return true;
            }
            Page::Aside(aside) if aside.permalink.is_some() => drop(self.asides.insert(path.clone(), aside)),
            Page::Elsewhere(address) => self.share(path, address),
            Page::Aside(_) | Page::Section(_) => drop(self.asides.remove(path)),
        }
        self.arriving.insert(path.clone(), None);
        false
    }

    /// Takes in that a file cannot be understood: the post that it was, here or until it was moved from `origin`, is shown on.
    fn note_broken(&mut self, path: &Arc<str>, origin: Option<Arc<str>>) {
        // what stands for a broken file does so wherever that is moved
        let moved = origin.map(|origin| self.stand_ins.of(&origin).cloned().unwrap_or(origin));
        let origin = self.inherit(path).or(moved);
        // what no feed shows now could not be rendered later, so only a post that is shown keeps its last good version
        if self.shelf.contains(path) {
            // one that comes back to where it was needs no other to stand for it
            self.stand_ins.release(path);
            self.broken.insert(path.clone());
        } else if self.stand_ins.of(path).is_none() {
            if let Some(origin) = origin.filter(|origin| self.shelf.contains(origin)) {
                self.stand_ins.put(path.clone(), origin);
            }
            self.readdress(path);
            self.asides.remove(path);
            self.arriving.insert(path.clone(), None);
        }
    }

    /// Notes that a file has come or gone, if it has: its folder may have become a section, or ceased to be one, and what it overrides
    /// is no page, or one again.
    pub(super) fn note_presence(&mut self, path: &str, found: &Found) {
        if self.tree.knows(path) == matches!(found, Found::Nothing) {
            self.readdress(path);
            self.tree.reconsider_twins(path);
        }
    }

    /// Keeps the posts that stand for broken files which were moved, though the files that they are of are no more. A file that is
    /// there again speaks for itself.
    pub(super) fn keep_stand_ins(&mut self) {
        self.stand_ins.retain(|post| !self.tree.knows(post));
        for post in self.stand_ins.posts() {
            if self.arriving.get(post).is_some_and(Option::is_none) {
                self.arriving.remove(post);
                self.broken.insert(post.clone());
            }
        }
    }

    /// Notes where the files beside an `index.md` of the default language are, which other languages have no copies of.
    fn share(&mut self, path: &Arc<str>, address: Option<Box<str>>) {
        let before = self.shared.get(path);
        if before == address.as_ref() {
            return;
        }
        match address {
            Some(address) => self.shared.insert(path.clone(), address),
            None => self.shared.remove(path),
        };
        let mut beside = self.tree.below(folder_of(path));
        beside.retain(|file| self.tree.kind(file) == FileKind::Leaf);
        beside.iter().for_each(|file| self.outdate(file));
    }

    /// Where the files beside a post are, when Hugo publishes them with its page in the default language.
    pub(super) fn files_beside(&self, path: &str) -> Option<&str> {
        if self.shared.is_empty() || self.tree.kind(path) != FileKind::Leaf {
            return None;
        }
        let folder = folder_of(path);
        let below =
            self.shared.range::<str, _>((Bound::Included(folder), Bound::Unbounded)).take_while(|(file, _)| file.starts_with(folder));
        below.filter(|(file, _)| folder_of(file) == folder).map(|(_, address)| &**address).next()
    }

    fn forget_page(&mut self, path: &Arc<str>) {
        self.share(path, None);
        self.readdress(path);
        self.findings.absolve(path);
        self.broken.remove(path);
        self.asides.remove(path);
        self.shelf.disown(path);
        self.arriving.insert(path.clone(), None);
    }

    /// Replaces what is wrong with a file.
    fn blame(&mut self, path: &Arc<str>, diagnostics: Vec<Diagnostic>) {
        let located = diagnostics.into_iter().map(|diagnostic| self.located(diagnostic)).collect();
        self.findings.blame(path, located);
    }

    /// The address of a page, entry or not.
    pub(super) fn address_of(&self, path: &str) -> Option<&str> {
        let indexed = || self.index.id_of(path).and_then(|id| self.index.post(id)).map(|post| &*post.permalink);
        let arriving = self.arriving.get(path).map(|post| post.as_ref().map(|post| &*post.permalink));
        arriving.unwrap_or_else(indexed).or_else(|| self.asides.get(path)?.published())
    }

    /// Takes in an `_index.md`. When what it means for the pages below has changed, they are read again.
    pub(super) fn apply_section(&mut self, folder: &Arc<str>, change: Change) {
        let path = change.path.clone();
        self.note_presence(&path, &change.found);
        let section = match self.understand(&change) {
            Outcome::Same | Outcome::Known { .. } => return,
            Outcome::Resource | Outcome::Gone => {
                self.tree.remove(&path);
                self.findings.absolve(&path);
                None
            }
            Outcome::Understood { hash, page, diagnostics } => {
                self.tree.note(&path, hash);
                self.blame(&path, diagnostics);
                match page {
                    Page::Section(section) => Some(*section),
                    Page::Post(_) | Page::Aside(_) | Page::Elsewhere(_) => None,
                }
            }
            Outcome::Refused { hash, diagnostics } => {
                self.tree.note(&path, hash);
                let is_broken = diagnostics.iter().any(|found| found.severity == Severity::Error);
                self.blame(&path, diagnostics);
                let Some(inherited) = self.inherited_section(&path) else {
                    if is_broken && !self.tree.describes(&path) {
                        self.waiting.insert(path);
                    }
                    return;
                };
                Some(inherited)
            }
        };
        let were_waiting = self.waiting.remove(&path);
        let before = self.tree.section(folder).cloned();
        self.tree.set_section(&path, section);
        let now = self.tree.section(folder).cloned();
        if before == now && !were_waiting {
            return;
        }
        self.readdressed.is_any |= before.as_deref().map(Section::addressing) != now.as_deref().map(Section::addressing);
        self.redescribe(folder);
        let bearing = if were_waiting { Bearing::All } else { Bearing::of(folder, before.as_deref(), now.as_deref()) };
        if bearing != Bearing::None {
            self.reconsider(folder, bearing);
        }
    }

    /// Has the pages and scopes below a folder looked at again, as far as the change of its section bears on them.
    fn reconsider(&mut self, folder: &str, bearing: Bearing) {
        let scopes = self.tree.sections_below(folder).filter_map(|below| content::scope_of(below, &self.config));
        self.affected.extend(scopes.filter_map(|scope| self.index.scope(&scope)));
        // most terms have no `_index.md` of their own
        if let Some(plural) = content::plural_of(folder, &self.config) {
            let is_term = |scope: &Scope| matches!(scope, Scope::Term { taxonomy, .. } if **taxonomy == *plural);
            self.affected.extend(self.index.scopes().filter(|(_, members)| is_term(&members.scope)).map(|(id, _)| id));
        }
        let Site { tree, index, arriving, asides, .. } = self;
        let names_sections = |path: &str| {
            let known = index.id_of(path).and_then(|id| index.post(id));
            let post = arriving.get(path).map_or(known, Option::as_ref);
            post.is_some_and(|post| post.names_sections) || asides.get(path).is_some_and(|aside| aside.names_sections)
        };
        tree.reconsider(folder, |path| bearing == Bearing::All || names_sections(path));
    }

    /// Takes in that the `_index.md` of a folder says something else of the scope that it describes.
    pub(super) fn redescribe(&mut self, folder: &str) {
        let Some(list) = content::list_of(folder, &self.config) else { return };
        // the folder of a taxonomy is a section too, where there are posts in it
        let scopes = [content::scope_of(folder, &self.config), Some(Scope::Section(list.as_str().into()))];
        self.affected.extend(scopes.into_iter().flatten().filter_map(|scope| self.index.scope(&scope)));
        let folders = self.described.entry(list).or_default();
        match self.tree.section(folder) {
            Some(_) => folders.insert(folder.into()),
            None => folders.remove(folder),
        };
    }

    /// Takes in that a folder has become one page, or is no longer one.
    pub(super) fn reshape_bundle(&mut self, folder: &str) {
        for path in self.tree.below(folder) {
            if !self.tree.is_resource(&path) {
                continue;
            }
            if self.tree.kind(&path) == FileKind::Branch {
                self.waiting.remove(&path);
                self.tree.set_section(&path, None);
                self.readdressed.is_any = true;
                self.redescribe(path::folder_of(&path));
                self.reconsider(path::folder_of(&path), Bearing::All);
            }
            self.note_no_page(&path);
        }
        self.tree.reconsider(folder, |_| true);
    }
}

/// What a file is understood as; where that panics, one that cannot be understood, with the finding.
fn understood_or_told(path: &str, hash: u64, understand: impl FnOnce() -> Outcome) -> Outcome {
    content::guarded(understand).unwrap_or_else(|| {
        let mend = "write it in another way, and report it with the file";
        let finding = Diagnostic::new(Rule::UnrenderableText, path, "the program fails at this front matter", mend);
        Outcome::Refused { hash, diagnostics: vec![finding] }
    })
}

/// Replaces a value by the equal one that is known, or makes it known.
fn share<T: ?Sized + Eq + Hash>(value: &mut Arc<T>, known: &mut HashSet<Arc<T>>) {
    match known.get(value) {
        Some(same) => value.clone_from(same),
        None => drop(known.insert(value.clone())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn front_matter_that_makes_a_library_fail_is_told_of_and_costs_no_other_post_anything() {
        let outcome = understood_or_told("post/a.md", 1, || panic!("as a fault in a library does"));
        let Outcome::Refused { hash: 1, diagnostics } = outcome else { panic!("it cannot be understood") };
        let finding = "post/a.md:1:1: error: the program fails at this front matter; write it in another way, and report it with the file \
                       [unrenderable-text]";
        assert_eq!(diagnostics.iter().map(ToString::to_string).collect::<Vec<_>>(), [finding]);
    }
}
