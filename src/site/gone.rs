//! Feeds of earlier runs that are no more, as far as the table of ids tells: readers are told so, for them to stop asking. That ends
//! subscriptions, so it is said of none that may come back by itself.

use foldhash::HashSet;

use super::Site;
use super::compose::content_type;
use crate::content::path::{self, folder_of};
use crate::content::permalink::{ScopeAddress, decoded};
use crate::content::scope_of;
use crate::ids;
use crate::taxonomy::Scope;

impl Site {
    /// Has no feed of an earlier run taken for gone: what they had may be what cannot be looked at now.
    pub fn doubt_earlier_feeds(&mut self) {
        self.legacy.feeds.clear();
    }

    /// Notes, at the first plan, which feeds were published by an earlier run and are not there now. A file that is broken may have been
    /// in one of them, and so may those of a folder that is not there: its disk may not be mounted. Where the site's own feed has another
    /// home, all of them may have moved, and where a section or term has pages, its feeds have.
    pub(super) fn note_gone(&mut self) {
        let published = std::mem::take(&mut self.legacy.feeds);
        // as at every plan but the first, which must not look at all of the site
        if published.is_empty() {
            return;
        }
        let stays = |place: ScopeAddress| published.iter().any(|home| *home == ids::address(&place.url));
        let is_certain = self.waiting.is_empty() && !self.findings.has_errors() && self.address_called(&Scope::Site, "").is_ok_and(stays);
        if !is_certain {
            return;
        }
        let homes = self.homes();
        let absent = published.iter().filter(|home| !homes.contains(*home)).filter_map(|home| self.folder_of_feed(home));
        let has_pages = |folder: &String| scope_of(folder, &self.config).is_some_and(|scope| self.index.scope(&scope).is_some());
        let gone: Vec<String> = absent.filter(|folder| !has_pages(folder)).collect();
        if gone.is_empty() || self.lacks_folder() {
            return;
        }
        let Site { folders, planned, config, .. } = self;
        for folder in gone.iter().filter(|folder| !folders.shown.contains_key(*folder)) {
            for format in &config.feeds.formats {
                planned.note_gone(path::join(folder, config.feeds.file_names.of(*format)), content_type(*format));
            }
        }
    }

    /// Whether a file was published from a folder that has none now. One that is removed from among others is removed for certain.
    fn lacks_folder(&self) -> bool {
        let files = self.tree.below("");
        let folders: HashSet<&str> = files.iter().map(|file| folder_of(file)).collect();
        self.ids.files().any(|file| !self.tree.knows(file) && !folders.contains(folder_of(file)))
    }

    /// Where the pages are of the feeds that there are, or will be when the time of a post comes: a clock may be wrong at a start.
    fn homes(&self) -> HashSet<String> {
        let shown = self.folders.shown.values().map(|shown| ids::address(shown.home()).to_owned());
        let known = self.index.scopes().filter_map(|(id, members)| self.address(&members.scope, id).ok());
        shown.chain(known.map(|place| ids::address(&place.url).to_owned())).collect()
    }

    /// The folder that a feed had whose page was at this address.
    fn folder_of_feed(&self, home: &str) -> Option<String> {
        let config = &self.config.site;
        let below = home.strip_prefix(config.base_url.path())?;
        let below = below.strip_suffix("index.html").or_else(|| below.strip_suffix(".html")).unwrap_or(below);
        let decoded = decoded(below);
        path::below(config.languages.below_folder(&decoded)?).filter(|folder| !folder.is_empty()).map(Into::into)
    }
}
