//! How a site takes the place of another, which had another configuration: what that published and this one does not is gone,
//! and files that cannot be understood, or looked at, keep the last good versions that were shown.

use std::sync::Arc;

use foldhash::HashMap;

use super::Site;
use super::compose::Shown;
use super::recall::Recalled;
use super::shelf::Shelved;
use super::stand_ins::StandIns;
use crate::content::Section;
use crate::content::path::{FileKind, folder_of};
use crate::content::post::Post;
use crate::ids::Ids;
use crate::snapshot::Part;

/// What was shown before.
#[derive(Default)]
pub(super) struct Legacy {
    /// The addresses of pages whose feeds were published by an earlier run.
    pub(super) feeds: Vec<String>,
    /// Entries of an earlier run, by file.
    pub(super) entries: HashMap<Arc<str>, Recalled<Part>>,
    /// Posts of the site before with their entries, by file.
    posts: HashMap<Arc<str>, (Arc<Post>, Shelved)>,
    stand_ins: StandIns,
    /// What each `_index.md` said, by file: without it, what it keeps out of feeds would be in them.
    sections: HashMap<Arc<str>, Section>,
}

impl Legacy {
    /// What a table of ids tells of earlier runs.
    pub(super) fn of(ids: &Ids) -> Self {
        Legacy { feeds: ids.feeds().map(str::to_owned).collect(), ..Legacy::default() }
    }
}

impl Site {
    /// Takes the place of another site, of which no file is known here yet: what it published, and this one does not, is gone.
    pub fn succeed(&mut self, before: &Site) {
        self.planned.succeed(&before.planned, |folder| before.folders.shown.get(folder).map(Shown::scope));
        let section = |(path, section): (&Arc<str>, &Arc<Section>)| (path.clone(), (**section).clone());
        self.legacy.sections = before.tree.sections().map(section).collect();
        // an entry is there in the formats, and belongs to the taxonomies, for which it was made
        let is_alike =
            self.config.feeds.formats == before.config.feeds.formats && self.config.site.taxonomies == before.config.site.taxonomies;
        if is_alike {
            let post = |path: &str| before.index.post(before.index.id_of(path)?).cloned();
            let posts = before.shelf.iter().filter_map(|(path, entry)| Some((path.clone(), (post(path)?, entry.clone()))));
            self.legacy.posts = posts.collect();
            self.legacy.stand_ins.clone_from(&before.stand_ins);
        }
    }

    /// Shows what the site before did for files that are there, as far as is known, and cannot be looked at.
    pub fn inherit_all(&mut self, paths: &[Arc<str>]) {
        for path in paths {
            self.tree.note(path, 0);
            match self.tree.kind(path) {
                FileKind::Single => drop(self.inherit(path)),
                FileKind::Leaf => {
                    self.tree.set_bundle(folder_of(path), true);
                    self.inherit(path);
                }
                FileKind::Branch => {
                    let section = self.inherited_section(path);
                    self.tree.set_section(path, section);
                    self.redescribe(folder_of(path));
                }
            }
        }
    }

    /// What an `_index.md` said to the site before.
    pub(super) fn inherited_section(&mut self, path: &str) -> Option<Section> {
        self.legacy.sections.remove(path)
    }

    /// Shows for a file that cannot be understood what the site before did. The file whose post it is, if it is another one, is
    /// the answer.
    pub(super) fn inherit(&mut self, path: &Arc<str>) -> Option<Arc<str>> {
        let origin = self.legacy.stand_ins.take(path);
        let from = origin.as_ref().unwrap_or(path);
        // a file that is there again speaks for itself
        let is_free = from == path || !self.tree.knows(from);
        if let Some((post, entry)) = self.legacy.posts.remove(from).filter(|_| is_free) {
            self.shelf.put(from.clone(), entry);
            self.broken.insert(from.clone());
            self.readdress(from);
            self.arriving.insert(from.clone(), Some(post));
        }
        origin
    }
}
