//! What is wrong with the site as a whole: gathered when somebody wants to know, so that an edit pays nothing for it.
//!
//! What is wrong with one file or entry is noted where it is understood or rendered.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, Utc};

use super::Site;
use crate::content::post::Post;
use crate::diagnostic::{Diagnostic, Rule};
use crate::index::wanted_id;

impl Site {
    /// Everything that is wrong now and not allowed, in the order of files and lines.
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        let mut all: Vec<Diagnostic> = self.faults.values().flatten().cloned().collect();
        all.extend(self.shelf.iter().flat_map(|(_, entry)| entry.diagnostics.iter().cloned()));
        all.extend(self.unknown_shortcodes().into_values());
        all.extend(self.shared_ids());
        all.extend(self.folders.faults.values().cloned());
        all.retain(|found| self.config.tells(found));
        all.sort();
        all.dedup();
        all
    }

    /// What appears or goes by itself, and when: a note for each instant to come, in order.
    pub fn scheduled(&self) -> Vec<Diagnostic> {
        let note = |(at, post): (DateTime<Utc>, &Arc<Post>)| {
            let instant = at.to_rfc3339_opts(SecondsFormat::AutoSi, true);
            let (rule, what, mend) = if post.until == Some(at) {
                (Rule::ExpiringPost, format!("it goes from the feeds at {instant}"), "for another instant, change `expiryDate`")
            } else {
                let mend = "for another instant, change `publishDate` or `date`";
                (Rule::FuturePost, format!("it appears in the feeds at {instant}"), mend)
            };
            self.located(Diagnostic::new(rule, &*post.path, what, mend))
        };
        self.index.upcoming().map(note).collect()
    }

    /// The shortcodes that nobody knows: for each name one finding, at its first use, that counts them all.
    pub(super) fn unknown_shortcodes(&self) -> BTreeMap<String, Diagnostic> {
        let mut all: BTreeMap<String, (usize, Diagnostic)> = BTreeMap::new();
        for (used, first) in self.shelf.iter().flat_map(|(_, entry)| &entry.unknown) {
            let (uses, earliest) = all.entry(used.name.clone()).or_insert_with(|| (0, first.clone()));
            *uses += used.count;
            if first < earliest {
                earliest.clone_from(first);
            }
        }
        let count = |(uses, found): (usize, Diagnostic)| {
            let times = if uses == 1 { "once".to_owned() } else { format!("{uses} times") };
            Diagnostic { what: format!("{}, and used {times}", found.what), ..found }
        };
        all.into_iter().map(|(name, found)| (name, count(found))).collect()
    }

    /// The posts that want the id of another.
    fn shared_ids(&self) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        for rivals in self.index.contested_ids() {
            let posts: Vec<&Post> = rivals.iter().filter_map(|id| Some(&**self.index.post(*id)?)).collect();
            let Some((first, others)) = posts.split_first() else { continue };
            for post in others {
                let (rule, what) = if first.permalink == post.permalink {
                    (Rule::SharedAddress, format!("it has the same address as {}: {}", first.path, post.permalink))
                } else {
                    (Rule::SharedId, format!("it has the same id as {}: {}", first.path, wanted_id(post)))
                };
                found.push(self.located(Diagnostic::new(rule, &*post.path, what, "give one of them another `slug`, `url` or `id`")));
            }
        }
        found
    }

    /// Puts the content folder before the path of a finding.
    pub(super) fn located(&self, diagnostic: Diagnostic) -> Diagnostic {
        Diagnostic { path: self.file(&diagnostic.path), ..diagnostic }
    }

    /// A file below the content folder, as seen from the site's root.
    pub(super) fn file(&self, path: &str) -> String {
        format!("{}/{path}", self.config.site.content_dir.trim_matches('/'))
    }
}
