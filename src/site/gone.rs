//! What became of feeds that earlier runs published, as far as the table of ids tells. Of those of this run `planned` knows it.
//!
//! To be told that a feed is gone ends a subscription at once. So that is said only of what is gone for certain; where the
//! feeds of the same scope are elsewhere now, readers are led there, and of all the rest nothing is said.

use std::sync::Arc;

use foldhash::{HashMap, HashSet};

use super::Site;
use super::compose::content_type;
use crate::content::path::{self, FileKind, folder_of};
use crate::content::permalink::decoded;
use crate::content::scope_of;
use crate::ids;
use crate::taxonomy::Scope;

/// The files that were published and are not there.
struct Missing<'s> {
    /// Those that may be there and not be seen: on a disk that is not mounted, or in a folder that cannot be listed.
    doubtful: Vec<&'s str>,
    /// The others.
    removed: Vec<&'s str>,
}

impl Site {
    /// Has no feed of an earlier run taken for gone: what they had may be what cannot be looked at now.
    pub fn doubt_earlier_feeds(&mut self) {
        self.legacy.feeds.clear();
    }

    /// Notes what became of feeds of earlier runs. Only the first plan finds any.
    pub(super) fn settle_legacy_feeds(&mut self) {
        let homes = std::mem::take(&mut self.legacy.feeds);
        if homes.is_empty() {
            return;
        }
        let absent = self.absent_folders(&homes);
        let moved = self.moved(&absent);
        let gone = self.certainly_gone(absent.into_iter().filter(|folder| !moved.contains_key(folder)).collect());
        let gone = gone.into_iter().map(|(folder, scope)| (folder, scope, None));
        let moved = moved.into_iter().map(|(folder, (scope, heir))| (folder, scope, Some(heir)));
        let Site { planned, config, .. } = self;
        for (folder, scope, heir) in gone.chain(moved) {
            for format in &config.feeds.formats {
                let path = path::join(&folder, config.feeds.file_names.of(*format));
                planned.note_gone(path, content_type(*format), scope.clone(), heir.clone());
            }
        }
    }

    /// The folders where there were feeds by the addresses of their pages, and are none.
    fn absent_folders(&self, homes: &[String]) -> Vec<String> {
        let shown = &self.folders.shown;
        let known: HashSet<&str> = shown.values().map(|shown| ids::address(shown.home())).collect();
        let absent = homes.iter().filter(|home| !known.contains(&***home)).filter_map(|home| self.folder_of_feed(home));
        absent.filter(|folder| !shown.contains_key(folder)).collect()
    }

    /// Where the feeds are of scopes that without `permalinks`, `url` and `slug` would have these in an absent folder, by that folder and
    /// with the scope.
    fn moved(&self, absent: &[String]) -> HashMap<String, (Scope, Arc<str>)> {
        let plain = |scope: &Scope| path::sanitize(&scope.path(), &self.config.site.paths).into_owned();
        let places = self.folders.shown.iter().map(|(folder, shown)| (plain(shown.scope()), (shown.scope(), folder)));
        let places: HashMap<String, (&Scope, &String)> = places.collect();
        let moved = absent.iter().filter_map(|from| Some((from, places.get(from)?)));
        moved.map(|(from, (scope, to))| (from.clone(), (Scope::clone(scope), to.as_str().into()))).collect()
    }

    /// Those of the absent folders whose feeds do not come back by themselves, each with the scope that it was of.
    fn certainly_gone(&self, absent: Vec<String>) -> Vec<(String, Scope)> {
        if absent.is_empty() || self.findings.has_errors() || !self.folders.faults.is_empty() {
            return Vec::new();
        }
        let missing = self.missing_files();
        let gone = |folder: String| {
            let scope = scope_of(&folder, &self.config).filter(|scope| self.is_gone(&folder, scope, &missing))?;
            Some((folder, scope))
        };
        absent.into_iter().filter_map(gone).collect()
    }

    /// The folder that a feed had whose page was at this address.
    fn folder_of_feed(&self, home: &str) -> Option<String> {
        let config = &self.config.site;
        let below = home.strip_prefix(config.base_url.path())?;
        let below = below.strip_suffix("index.html").or_else(|| below.strip_suffix(".html")).unwrap_or(below);
        let decoded = decoded(below);
        path::below(config.languages.below_folder(&decoded)?).filter(|folder| !folder.is_empty()).map(Into::into)
    }

    fn missing_files(&self) -> Missing<'_> {
        let files = self.tree.below("");
        let listed: HashSet<&str> = files.iter().map(|file| folder_of(file)).collect();
        let missing = self.ids.files().filter(|file| !self.tree.knows(file));
        // beside a file that is there, another would have been found
        let (removed, doubtful) = missing.partition(|file| *file != ids::UNKNOWN && listed.contains(folder_of(file)));
        Missing { doubtful, removed }
    }

    /// Whether the feeds of a folder were those of this section or term, and no page names it any more. By another configuration they
    /// may have been those of any section: so a file of this one must have been published.
    fn is_gone(&self, folder: &str, scope: &Scope, missing: &Missing<'_>) -> bool {
        let address = self.address_called(scope, path::last_segment(folder));
        if address.is_ok_and(|address| address.folder != folder) || self.index.scope(scope).is_some() {
            return false;
        }
        let is_below = |file: &str| file.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
        match scope {
            Scope::Site => false,
            Scope::Section(_) => {
                let is_page = |file: &Arc<str>| self.tree.kind(file) != FileKind::Branch;
                let is_named = self.tree.below(folder).iter().any(is_page) || missing.doubtful.iter().any(|file| is_below(file));
                !is_named && missing.removed.iter().any(|file| is_below(file))
            }
            Scope::Term { taxonomy, slug } => {
                let mut terms = self.asides.values().flat_map(|aside| &aside.terms);
                missing.doubtful.is_empty() && !terms.any(|term| term.taxonomy == *taxonomy && term.slug == *slug)
            }
        }
    }
}
