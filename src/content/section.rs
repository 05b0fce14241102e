//! What an `_index.md` says of its folder, and whether the folder is a section's, a taxonomy's or a term's.
//!
//! Where the folder's list and its feeds are is for `content::permalink`.

use crate::config::{Cascade, Config, Kind};
use crate::content::details;
use crate::content::front_matter::Source;
use crate::content::front_matter::front::{Front, own_cascade};
use crate::content::page;
use crate::content::path::{self, ContentPath};
use crate::content::text::plain;
use crate::diagnostic::Diagnostic;
use crate::taxonomy::{Scope, Taxonomy};

/// What an `_index.md` says of its folder.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Section {
    /// The folder below the content folder, empty at the root; that of a taxonomy or term as Hugo spells it.
    pub folder: String,
    /// Its title as plain text; may be empty.
    pub title: String,
    /// Its description; may be empty.
    pub description: String,
    /// Its slug, which stands for the folder's name in the addresses of the list and of what is below it; may be empty.
    pub slug: String,
    /// Its `url`; may be empty.
    pub url: String,
    /// What the pages below it inherit.
    pub cascade: Vec<Cascade>,
    /// Its old addresses, as absolute URLs.
    pub aliases: Box<[Box<str>]>,
    /// Whether the list has no page, being a draft or not rendered, and so no feeds.
    pub is_hidden: bool,
}

impl Section {
    /// What addresses depend on, its own and those of what is below it, to be compared: the title, the slug, the `url`, and
    /// whether it has none.
    pub fn addressing(&self) -> (&str, &str, &str, bool) {
        (&self.title, &self.slug, &self.url, self.is_hidden)
    }
}

/// How much of the pages below a folder depends on a change of what describes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bearing {
    /// Nothing.
    None,
    /// The addresses that tell what sections are called.
    Names,
    /// All that there is in them.
    All,
}

impl Bearing {
    /// What it means for the pages below a folder that another description is there, or none any more.
    pub fn of(folder: &str, before: Option<&Section>, now: Option<&Section>) -> Self {
        let none = Section::default();
        let (old, new) = (before.unwrap_or(&none), now.unwrap_or(&none));
        // deeper down, a folder is a section by its description alone
        let has_changed = before.is_some() != now.is_some();
        // without a description, a folder goes by the plural of its name
        let is_called_otherwise = has_changed || old.title != new.title;
        if has_changed && folder.contains('/') || old.cascade != new.cascade || old.slug != new.slug {
            Bearing::All
        } else if folder.is_empty() || !is_called_otherwise {
            Bearing::None
        } else {
            Bearing::Names
        }
    }
}

/// What an `_index.md` in this folder describes; nothing for the list of a taxonomy's terms.
pub fn scope_of(folder: &str, config: &Config) -> Option<Scope> {
    if folder.is_empty() {
        return Some(Scope::Site);
    }
    let Some((taxonomy, term)) = taxonomy_of(folder, config) else { return Some(Scope::Section(folder.into())) };
    Some(Scope::Term { taxonomy: taxonomy.plural.clone(), slug: path::slug(term, &config.site.paths)? })
}

/// The path of the list that an `_index.md` in this folder describes: that of a scope, or of a taxonomy.
pub fn list_of(folder: &str, config: &Config) -> Option<String> {
    match taxonomy_of(folder, config) {
        Some((taxonomy, "")) => Some(taxonomy.plural.to_string()),
        _ => scope_of(folder, config).map(|scope| scope.path().into_owned()),
    }
}

/// The plural of the taxonomy whose folder this is, or is in.
pub fn plural_of<'c>(folder: &str, config: &'c Config) -> Option<&'c str> {
    taxonomy_of(folder, config).map(|(taxonomy, _)| &*taxonomy.plural)
}

/// The taxonomy whose folder holds this one, and the rest of the path, which is empty for the taxonomy's own.
fn taxonomy_of<'c, 'f>(folder: &'f str, config: &'c Config) -> Option<(&'c Taxonomy, &'f str)> {
    config.site.taxonomies.iter().find_map(|taxonomy| {
        let head = folder.get(..taxonomy.plural.len()).filter(|head| path::normalize(head) == *taxonomy.plural)?;
        let rest = &folder[head.len()..];
        if rest.is_empty() { Some((taxonomy, rest)) } else { Some((taxonomy, rest.strip_prefix('/')?)) }
    })
}

/// Reads an `_index.md`. `ancestry` are those of the folders around it, nearest first.
pub(super) fn read(
    source: &Source<'_>,
    file: &ContentPath<'_>,
    ancestry: &[&Section],
    config: &Config,
    found: &mut Vec<Diagnostic>,
) -> Section {
    let kind = match taxonomy_of(file.folder, config) {
        _ if file.folder.is_empty() => Kind::Home,
        Some((_, "")) => Kind::Taxonomy,
        Some(_) => Kind::Term,
        None => Kind::Section,
    };
    let cascade = own_cascade(source, config, found);
    details::removed(source, found);
    details::unfit_cascade(source, found);
    let folder = list_of(file.folder, config).unwrap_or_else(|| file.folder.to_owned());
    let front = Front::new(&source.fields, cascade.clone(), kind, &file.logical(), ancestry, config);
    let (title, description) = (plain(&front.text("title")), plain(&front.text("description")));
    let (slug, url) = (page::slug(&front), front.text("url").into_owned());
    let aliases = page::aliases(&front, &format!("/{folder}/"), config);
    let is_hidden = !page::is_published(&front, config);
    Section { folder, title, description, slug, url, aliases, is_hidden, cascade }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_describes_its_folder() {
        let config = Config::parse("", "c.toml").unwrap().0;
        let check = |folder: &str, expected: Option<Scope>| assert_eq!(scope_of(folder, &config), expected, "{folder}");
        check("", Some(Scope::Site));
        check("post/x", Some(Scope::Section("post/x".into())));
        check("tagsoup", Some(Scope::Section("tagsoup".into())));
        check("tags", None);
        check("Tags/A b/c", Some(Scope::Term { taxonomy: "tags".into(), slug: crate::taxonomy::Slug("a-b/c".into()) }));
    }
}
