//! The lists of all feeds, `feeds.html` and `feeds.opml`.

use chrono::{DateTime, Utc};

use super::Site;
use crate::config::language_tag;
use crate::content::path::join;
use crate::content::text::capitalised;
use crate::feed::listing::{Group, Listing};
use crate::feed::{opml, page};
use crate::snapshot::Document;
use crate::taxonomy::Scope;
use crate::xml::clean;

/// The list for people.
pub(super) const PAGE: &str = "feeds.html";

/// The list for readers.
pub(super) const OPML: &str = "feeds.opml";

impl Site {
    /// The list of all feeds that are planned.
    pub fn listing(&self) -> Listing<'_> {
        let mut groups: Vec<Group<'_>> = Vec::new();
        let mut last = None;
        for (scope, feed) in &self.folders.listed {
            let kind = match scope {
                Scope::Site => "Everything",
                Scope::Section(_) => "Sections",
                Scope::Term { taxonomy, .. } => taxonomy,
            };
            if last.replace(kind) != Some(kind) {
                let title = capitalised(&clean(kind));
                if groups.last().is_none_or(|group| group.title != title) {
                    groups.push(Group { title, feeds: Vec::new() });
                }
            }
            if let Some(group) = groups.last_mut() {
                group.feeds.push(feed);
            }
        }
        let site = &self.config.site;
        let root = if site.languages.folder.is_empty() { "" } else { "../" };
        let others = site.languages.beside.iter().filter(|other| !other.is_absent).map(|other| {
            let way = format!("{root}{}", join(&other.folder, PAGE));
            (other.name.as_str(), language_tag(&other.key).unwrap_or_default(), way)
        });
        Listing { title: site.name(), language: &site.language, others: others.collect(), groups }
    }

    /// The lists as documents, with their paths.
    pub(super) fn lists(&self, stamp: DateTime<Utc>) -> [(String, Document); 2] {
        let listing = self.listing();
        let page = Document::new("text/html; charset=utf-8", page::list(&listing), stamp);
        let opml = Document::new("text/x-opml; charset=utf-8", opml::document(&listing), stamp);
        [(PAGE.to_owned(), page), (OPML.to_owned(), opml)]
    }
}
