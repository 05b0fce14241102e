//! Scopes whose members changed become documents: heads, shared entry fragments, tails; and the lists of all feeds.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use foldhash::{HashMap, HashSet};
use rayon::prelude::*;

use super::lists::{OPML, PAGE};
use super::{AT_ONCE, LONGEST_FOLDER, LONGEST_NAME, Site, both};
use crate::config::{Author, Format};
use crate::content::permalink::{ScopeAddress, scope_address};
use crate::content::title;
use crate::content::{Section, path};
use crate::diagnostic::{Diagnostic, Rule};
use crate::feed::listing::{Line, Listed};
use crate::feed::{self, Feed};
use crate::ids;
use crate::index::ScopeId;
use crate::snapshot::{Document, Fragment};
use crate::taxonomy::Scope;

/// Which scope has which folder of the output.
#[derive(Debug, Default)]
pub(super) struct Folders {
    of: HashMap<ScopeId, String>,
    /// The scopes that a folder could belong to; the first has it.
    claims: BTreeMap<String, BTreeSet<(Scope, ScopeId)>>,
    /// The folders whose scopes changed, or changed their folder, since documents were last composed.
    touched: BTreeSet<String>,
    /// The feeds that are there.
    pub(super) shown: HashMap<String, Shown>,
    /// What the lists say of them.
    pub(super) listed: BTreeMap<Scope, Arc<Listed>>,
    /// Why scopes have no feeds.
    pub(super) faults: BTreeMap<Scope, Diagnostic>,
}

/// The feeds of one folder.
#[derive(Debug)]
pub(super) struct Shown {
    scope: Scope,
    feed: Feed,
    window: Vec<Arc<str>>,
    listed: Arc<Listed>,
}

impl Shown {
    /// The scope that they are the feeds of.
    pub(super) fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The address of the page that they are the feeds of.
    pub(super) fn home(&self) -> &str {
        &self.feed.home
    }
}

/// What is different when feeds were shown in the place of others.
struct Exchanged {
    /// The folders whose feeds are to be written.
    changed: Vec<String>,
    /// Whether the lists of all feeds are, too.
    lists_changed: bool,
    /// The files of posts that are no longer in any feed.
    left: Vec<Arc<str>>,
}

impl Site {
    /// Brings the planned documents up to date with the affected scopes. Where a folder comes to another scope, that one is
    /// affected too, and its entries may be missing: then nothing is composed yet.
    pub(super) fn compose(&mut self, stamp: DateTime<Utc>) {
        let affected = std::mem::take(&mut self.affected);
        let mut touched: BTreeSet<String> = affected.iter().flat_map(|scope| self.claim(*scope)).collect();
        let below: Vec<String> = touched.iter().flat_map(|folder| self.below_documents(folder)).collect();
        touched.extend(below);
        touched.iter().for_each(|folder| self.blame_claimants(folder));
        let owners = touched.iter().filter_map(|folder| self.owner(folder)).map(|(_, id)| *id);
        self.affected = owners.filter(|owner| !affected.contains(owner)).collect();
        self.folders.touched.extend(touched);
        if !self.affected.is_empty() {
            return;
        }
        let touched: Vec<String> = std::mem::take(&mut self.folders.touched).into_iter().collect();
        let plan = |folder: String| {
            let plan = self.owner(&folder).map(|(scope, id)| self.plan_feed(&folder, scope.clone(), *id));
            (folder, plan)
        };
        let plans: Vec<(String, Option<Shown>)> = touched.into_par_iter().with_min_len(AT_ONCE).map(plan).collect();
        let Exchanged { changed, lists_changed, mut left } = self.exchange(plans);
        let feeds = || changed.par_iter().with_min_len(AT_ONCE).flat_map_iter(|folder| self.documents(folder, stamp)).collect();
        let lists = || if lists_changed { self.lists(stamp).into() } else { Vec::new() };
        let (feeds, lists): (Vec<_>, Vec<_>) = both(lists_changed, feeds, lists);
        for (path, document) in feeds.into_iter().chain(lists) {
            self.planned.put(path, document);
        }
        // what was rendered for a scope whose folder another one has is in no feed
        left.extend(self.shelf.settle());
        // a post that is no longer in any feed and whose file is broken has nothing left to be rendered from
        let lost = left.into_iter().filter(|path| self.broken.remove(path)).map(|path| (path, None)).collect::<Vec<_>>();
        lost.iter().for_each(|(path, _)| self.readdress(path));
        self.affected = self.index.apply(lost);
    }

    /// Has what is planned for folders shown in the place of what was.
    fn exchange(&mut self, plans: Vec<(String, Option<Shown>)>) -> Exchanged {
        // a scope may move from one folder to another, so all leave theirs before any comes to its own
        let before: Vec<Option<Shown>> = plans.iter().map(|(folder, _)| self.hide(folder)).collect();
        let mut lists_changed = false;
        let mut changed = Vec::new();
        let (mut from, mut to, mut resettled) = (Vec::new(), Vec::new(), HashSet::default());
        for ((folder, mut plan), before) in plans.into_iter().zip(before) {
            if let Some(Shown { feed, .. }) = &mut plan {
                feed.id = self.ids.of_feed(&feed.home);
            }
            from.extend(before.iter().flat_map(|shown| shown.window.iter().cloned()));
            to.extend(plan.iter().flat_map(|shown| shown.window.iter().cloned()));
            lists_changed |= match (&before, &mut plan) {
                (Some(before), Some(plan)) if before.scope == plan.scope && before.listed.reads_as(&plan.listed) => {
                    // what the lists hold is not kept twice
                    plan.listed = before.listed.clone();
                    false
                }
                (None, None) => false,
                _ => true,
            };
            if before.as_ref().map(Shown::scope) != plan.as_ref().map(Shown::scope) {
                resettled.extend(before.iter().chain(&plan).map(|shown| shown.scope.clone()));
            }
            let Some(shown) = plan else {
                before.iter().for_each(|before| self.remove_documents(&folder, &before.scope));
                continue;
            };
            let is_same = before.is_some_and(|before| before.feed == shown.feed && before.window == shown.window)
                && !shown.window.iter().any(|path| self.shelf.is_fresh(path));
            if !is_same {
                changed.push(folder.clone());
            }
            self.folders.listed.insert(shown.scope.clone(), shown.listed.clone());
            self.folders.shown.insert(folder, shown);
        }
        self.planned.lead(&resettled.into_iter().map(|scope| (scope.clone(), self.place(&scope))).collect());
        // all windows at once: an entry may leave one and enter another
        Exchanged { changed, lists_changed, left: self.shelf.shift(&from, &to) }
    }

    /// The folder where the feeds of a scope are; none where it has none, or where those of another are.
    fn place(&self, scope: &Scope) -> Option<Arc<str>> {
        let folder = self.folders.of.get(&self.index.scope(scope)?)?;
        self.folders.shown.get(folder).filter(|shown| shown.scope == *scope).map(|_| folder.as_str().into())
    }

    /// Takes the feeds of a folder away from those that are there.
    fn hide(&mut self, folder: &str) -> Option<Shown> {
        let shown = self.folders.shown.remove(folder)?;
        self.folders.listed.remove(&shown.scope);
        Some(shown)
    }

    /// Notes which folder a scope has now. The folders that it had and has are the answer.
    fn claim(&mut self, id: ScopeId) -> Vec<String> {
        let members = self.index.members(id);
        let scope = members.scope.clone();
        let is_alive = match &scope {
            Scope::Site => true,
            Scope::Section(_) if !self.config.site.lists_sections => false,
            scope => !members.posts.is_empty() && self.describing(&scope.path()).is_none_or(|list| !list.is_hidden),
        };
        let folder = is_alive.then(|| self.folder(&scope, id));
        let fault = folder.as_ref().and_then(|folder| folder.as_ref().err()).cloned();
        let now = folder.and_then(Result::ok);
        let before = self.folders.of.remove(&id);
        if let Some(folder) = &before
            && let Some(claims) = self.folders.claims.get_mut(folder)
        {
            claims.remove(&(scope.clone(), id));
            if claims.is_empty() {
                self.folders.claims.remove(folder);
            }
        }
        match &now {
            Some(folder) => {
                self.folders.claims.entry(folder.clone()).or_default().insert((scope, id));
                self.folders.of.insert(id, folder.clone());
            }
            None => self.blame_scope(scope, fault),
        }
        before.into_iter().chain(now).collect()
    }

    /// The scope whose feeds are in a folder.
    fn owner(&self, folder: &str) -> Option<&(Scope, ScopeId)> {
        self.folders.claims.get(folder)?.first().filter(|_| self.document_in_place_of(folder).is_none())
    }

    /// The document that stands where a folder, or one around it, would be.
    fn document_in_place_of<'f>(&self, folder: &'f str) -> Option<&'f str> {
        let ends = folder.match_indices('/').map(|(at, _)| at).chain([folder.len()]);
        ends.map(|end| &folder[..end]).find(|path| {
            let (around, name) = path.rsplit_once('/').unwrap_or(("", path));
            let is_of_all = around.is_empty() && [PAGE, OPML, ids::FILE].contains(&name);
            is_of_all || self.file_names().any(|known| known == name) && self.folders.claims.contains_key(around)
        })
    }

    /// The folders that could not be beside the feeds of a folder, since they would be where these are.
    fn below_documents(&self, folder: &str) -> Vec<String> {
        let below = |format: &Format| {
            let document = self.document_path(folder, *format);
            let inside = self.folders.claims.range(format!("{document}/")..format!("{document}0"));
            let itself = self.folders.claims.get_key_value(&document);
            itself.into_iter().chain(inside).map(|(path, _)| path.clone())
        };
        self.config.feeds.formats.iter().flat_map(below).collect()
    }

    fn file_names(&self) -> impl Iterator<Item = &str> {
        self.config.feeds.formats.iter().map(|format| self.config.feeds.file_names.of(*format))
    }

    /// Tells of the scopes that a folder could belong to and does not.
    fn blame_claimants(&mut self, folder: &str) {
        let Some(claims) = self.folders.claims.get(folder).cloned() else { return };
        let Some((owner, _)) = claims.first() else { return };
        let document = self.document_in_place_of(folder);
        for (scope, id) in &claims {
            if let Some(document) = document {
                let why = format!("the file {document} of the feeds is where its folder would be");
                let mend = "rename it, or change `permalinks`".to_owned();
                self.blame_scope(scope.clone(), Some(self.unusable(scope, *id, &why, mend)));
                continue;
            }
            let fault = (scope != owner).then(|| {
                let what = format!("{} would have the folder of {}, so it has no feed: {folder}", name(scope), name(owner));
                Diagnostic::new(Rule::SharedFolder, self.first_path(*id), what, "rename one of them, or change `permalinks`")
            });
            self.blame_scope(scope.clone(), fault);
        }
    }

    /// Whether a folder is the content of another language, which lies inside of this one. Hugo has its pages in both; the section
    /// is that language's own.
    fn is_of_another_language(&self, scope: &Scope) -> bool {
        let Scope::Section(folder) = scope else { return false };
        let folder = format!("{}/{folder}/", self.config.site.content_dir);
        let mut contents = self.config.site.languages.beside.iter().filter_map(|other| other.content.as_ref());
        contents.any(|content| folder.starts_with(&format!("{content}/")) && *content != self.config.site.content_dir)
    }

    /// Replaces why a scope has no feeds.
    fn blame_scope(&mut self, scope: Scope, fault: Option<Diagnostic>) {
        match fault.filter(|_| !self.is_of_another_language(&scope)) {
            Some(fault) => {
                let fault = self.located(fault);
                if self.folders.faults.insert(scope, fault.clone()).as_ref() != Some(&fault) {
                    self.findings.tell([fault]);
                }
            }
            None => drop(self.folders.faults.remove(&scope)),
        }
    }

    /// The file of the newest post in a scope.
    fn first_path(&self, id: ScopeId) -> &str {
        let newest = self.index.members(id).posts.first();
        newest.and_then(|id| self.index.post(*id)).map_or("", |post| &post.path)
    }

    /// The folder of a scope, or why it can have none.
    fn folder(&self, scope: &Scope, id: ScopeId) -> Result<String, Diagnostic> {
        let refuse = |why: &str, mend: String| Err(self.unusable(scope, id, why, mend));
        match self.address(scope, id) {
            Err(why) => refuse(&why, "rename it, or change `permalinks`".to_owned()),
            Ok(ScopeAddress { folder, .. }) if folder.split('/').any(|name| name.len() > LONGEST_NAME) => {
                refuse("its name is too long for a folder", format!("keep it under {LONGEST_NAME} bytes"))
            }
            Ok(ScopeAddress { folder, .. }) if folder.len() > LONGEST_FOLDER => {
                refuse("its path is too long for a folder", format!("keep it under {LONGEST_FOLDER} bytes"))
            }
            Ok(ScopeAddress { folder, .. }) => Ok(folder),
        }
    }

    fn unusable(&self, scope: &Scope, id: ScopeId, why: &str, mend: String) -> Diagnostic {
        Diagnostic::new(Rule::UnusableFolder, self.first_path(id), format!("{} has no feed: {why}", name(scope)), mend)
    }

    pub(super) fn address(&self, scope: &Scope, id: ScopeId) -> Result<ScopeAddress, String> {
        let name = match scope {
            Scope::Site => "",
            Scope::Section(folder) => path::last_segment(folder),
            Scope::Term { .. } => self.index.members(id).spelling(),
        };
        self.address_called(scope, name)
    }

    /// The address of a scope that goes by a name unless its `_index.md` gives it a title.
    pub(super) fn address_called(&self, scope: &Scope, name: &str) -> Result<ScopeAddress, String> {
        let path = scope.path();
        let ancestry: Vec<&Section> = path::ancestors(&path).filter_map(|list| self.describing(list)).collect();
        scope_address(scope, name, self.describing(&path), &ancestry, &self.config)
    }

    /// The `_index.md` that describes the list at a path.
    pub(super) fn describing(&self, list: &str) -> Option<&Section> {
        let folder = self.described.get(list)?.last()?;
        self.tree.section(folder).map(|section| &**section)
    }

    /// What the feeds of a folder say now, but for their id.
    fn plan_feed(&self, folder: &str, scope: Scope, id: ScopeId) -> Shown {
        // a scope without an address has no folder either, and does not come here
        let home = self.address(&scope, id).map(|address| address.url).unwrap_or_default();
        let members = self.index.members(id);
        let window: Vec<Arc<str>> =
            self.window(id).iter().filter_map(|post| self.index.post(*post)).map(|post| post.path.clone()).collect();
        let site = &self.config.site;
        let site_title = site.name();
        let own = self.describing(&scope.path());
        let said = |text: fn(&Section) -> &String| own.map(text).filter(|text| !text.is_empty()).cloned();
        let own_title = said(|section| &section.title);
        let own_description = said(|section| &section.description);
        let title = match &scope {
            Scope::Site => None,
            Scope::Section(folder) => Some(own_title.unwrap_or_else(|| title::of_section(folder, site))),
            Scope::Term { .. } => Some(own_title.unwrap_or_else(|| title::of_term(members.spelling(), site))),
        };
        let feed = Feed {
            description: match (&title, own_description) {
                (None, _) if !site.description.is_empty() => site.description.clone(),
                (_, Some(own)) => own,
                (None, None) => format!("Recent posts on {site_title}"),
                (Some(title), None) => format!("Recent posts in {title} on {site_title}"),
            },
            title: title.as_ref().map_or_else(|| site_title.to_owned(), |title| format!("{title} on {site_title}")),
            home,
            addresses: self.config.feeds.formats.iter().map(|format| (*format, self.url(&self.document_path(folder, *format)))).collect(),
            id: String::new(),
            updated: window.iter().filter_map(|path| self.shelf.get(path)).map(|entry| entry.updated).max(),
            language: site.language.clone(),
            rights: site.copyright.clone(),
            author: site.author.clone().unwrap_or_else(|| Author { name: site_title.to_owned(), ..Author::default() }),
            ttl: self.config.serve.max_age.div_ceil(60).max(1),
        };
        let line = Line {
            title: title.unwrap_or_else(|| feed.title.clone()),
            page_url: feed.home.clone(),
            addresses: feed.addresses.clone(),
            entries: members.posts.len(),
            updated: feed.updated,
        };
        Shown { scope, feed, window, listed: Arc::new(line.into()) }
    }

    /// The feeds of a folder.
    fn documents(&self, folder: &str, stamp: DateTime<Utc>) -> Vec<(String, Document)> {
        let Some(shown) = self.folders.shown.get(folder) else { return Vec::new() };
        let formats = self.config.feeds.formats.iter().enumerate();
        let entries: Vec<_> = shown.window.iter().filter_map(|path| self.shelf.get(path)).collect();
        formats
            .map(|(i, format)| {
                let fragments: Vec<&Fragment> = entries.iter().map(|entry| &entry.fragments[i]).collect();
                let parts = feed::document(*format, &shown.feed, &fragments);
                (self.document_path(folder, *format), Document::new(content_type(*format), parts, stamp))
            })
            .collect()
    }

    fn remove_documents(&mut self, folder: &str, scope: &Scope) {
        for format in &self.config.feeds.formats {
            self.planned.remove(self.document_path(folder, *format), scope);
        }
    }

    fn document_path(&self, folder: &str, format: Format) -> String {
        let name = self.config.feeds.file_names.of(format);
        if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
    }

    /// The address of a document.
    fn url(&self, path: &str) -> String {
        format!("{}{}", self.config.feeds.base_url, path::encoded(path))
    }
}

/// A media type as HTTP gives it. JSON is UTF-8 by definition.
pub(super) fn content_type(format: Format) -> &'static str {
    match format {
        Format::Rss => "application/rss+xml; charset=utf-8",
        Format::Atom => "application/atom+xml; charset=utf-8",
        Format::Json => "application/feed+json",
    }
}

/// A scope in words.
fn name(scope: &Scope) -> String {
    match scope {
        Scope::Site => "the site".to_owned(),
        Scope::Section(folder) => format!("the section `{folder}`"),
        Scope::Term { taxonomy, slug } => format!("the term `{slug}` of {taxonomy}"),
    }
}
