//! What the index knows of one page: everything that decides where and when it is in feeds, and not its body.

use std::num::NonZeroU32;
use std::sync::Arc;

use chrono::{DateTime, FixedOffset, Utc};

use crate::taxonomy::Term;

/// A page that is, or at its time will be, an entry.
#[derive(Clone, Debug, PartialEq)]
pub struct Post {
    /// The file below the content folder, with `/`: `post/2012/05/back-from-pgcon.md`.
    pub path: Arc<str>,
    /// Its absolute address, in ASCII, exactly Hugo's.
    pub permalink: Box<str>,
    /// Whether its address tells what the sections around it are called, as `:sectionslugs` does.
    pub names_sections: bool,
    /// Its title as plain text, without characters that XML forbids.
    pub title: Box<str>,
    /// The publication date, in the zone it was written in.
    pub published: DateTime<FixedOffset>,
    /// The date of the last change, else the publication date.
    pub updated: DateTime<FixedOffset>,
    /// Not an entry before this instant; none when future posts are wanted.
    pub from: Option<DateTime<Utc>>,
    /// No entry from this instant on; none when it does not expire.
    pub until: Option<DateTime<Utc>>,
    /// Which lists take it.
    pub listing: Listing,
    /// The content folder of the section that holds it, empty for a page at the root.
    pub section: Arc<str>,
    /// Its terms, in the order of the configuration's taxonomies and of the front matter, one for each slug.
    pub terms: Box<[Arc<Term>]>,
    /// The id that its front matter gives it: an absolute IRI.
    pub id: Option<Box<str>>,
    /// Its old addresses, as absolute URLs.
    pub aliases: Box<[Box<str>]>,
    /// The line of a time of the day that has no zone, where the site has none either.
    pub without_zone: Option<NonZeroU32>,
}

impl Post {
    /// Whether entries say the same of both. Equal instants may be of different zones, and those are written, too.
    pub fn reads_as(&self, other: &Post) -> bool {
        let zones = |post: &Post| [*post.published.offset(), *post.updated.offset()];
        self == other && zones(self) == zones(other)
    }
}

/// Which lists take a page: Hugo's `build.list`, without `never`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listing {
    /// Every feed that it belongs to.
    Everywhere,
    /// Those of its section and terms, not the site's.
    Local,
}
