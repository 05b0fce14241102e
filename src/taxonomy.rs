//! The words for what a feed covers: taxonomies, their terms, and scopes.
//!
//! How a term becomes a path is Hugo's business and lives in `content::path`.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// A way to group posts, as `[taxonomies]` of the configuration declares it: `tag = "tags"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taxonomy {
    /// The singular, the key of the declaration: `tag`.
    pub singular: String,
    /// The plural, which is the front matter key and the folder of its feeds: `tags`.
    pub plural: Arc<str>,
}

/// The path of a term below its taxonomy, decoded and in Hugo's spelling: `postgresql-confs`, `a/b`, `c#`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slug(pub Arc<str>);

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One term as one post spells it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Term {
    /// The plural of its taxonomy.
    pub taxonomy: Arc<str>,
    /// Its path; two spellings with one path are one term.
    pub slug: Slug,
    /// The spelling of this post: `PostgreSQL Confs`.
    pub name: Arc<str>,
}

/// What one set of feeds covers. The order is the order in lists of feeds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// The whole site.
    Site,
    /// A section as Hugo defines one, named by its content folder: `post`, `docs/guide`.
    Section(Arc<str>),
    /// A term of a taxonomy.
    Term {
        /// The plural of its taxonomy.
        taxonomy: Arc<str>,
        /// Its path below the taxonomy.
        slug: Slug,
    },
}

impl Scope {
    /// The path of its list in the content folder: nothing for the site, `docs/guide`, `tags/c#`.
    pub fn path(&self) -> Cow<'_, str> {
        match self {
            Scope::Site => Cow::Borrowed(""),
            Scope::Section(folder) => Cow::Borrowed(folder),
            Scope::Term { taxonomy, slug } => Cow::Owned(format!("{taxonomy}/{slug}")),
        }
    }
}
