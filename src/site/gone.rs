//! Feeds of earlier runs that are no more, as far as the table of ids tells: readers are told so, for them to stop asking.

use foldhash::HashSet;
use percent_encoding::percent_decode_str;

use super::Site;
use super::compose::content_type;
use crate::content::path;
use crate::ids;

impl Site {
    /// Notes which feeds were published by an earlier run and are not there now.
    pub(super) fn note_gone(&mut self) {
        let published = std::mem::take(&mut self.legacy.feeds);
        if published.is_empty() {
            return;
        }
        let shown: HashSet<&str> = self.folders.shown.values().map(|shown| ids::address(shown.home())).collect();
        let gone: Vec<String> =
            published.iter().filter(|home| !shown.contains(&***home)).filter_map(|home| self.folder_of_feed(home)).collect();
        let Site { folders, planned, config, .. } = self;
        for folder in gone.iter().filter(|folder| !folders.shown.contains_key(*folder)) {
            for format in &config.feeds.formats {
                planned.note_gone(path::join(folder, config.feeds.file_names.of(*format)), content_type(*format));
            }
        }
    }

    /// The folder that a feed had whose page was at this address.
    fn folder_of_feed(&self, home: &str) -> Option<String> {
        let config = &self.config.site;
        let below = home.strip_prefix(config.base_url.path())?;
        let below = below.strip_suffix("index.html").or_else(|| below.strip_suffix(".html")).unwrap_or(below);
        let decoded = percent_decode_str(below).decode_utf8().ok()?;
        path::below(config.languages.below_folder(&decoded)?).filter(|folder| !folder.is_empty()).map(Into::into)
    }
}
