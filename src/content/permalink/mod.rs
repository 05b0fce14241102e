//! Addresses: of pages, and of the lists of sections, terms and taxonomies, exactly Hugo's.
//!
//! How patterns are compiled is in `config`; how text becomes a path, in `content::path`.

use std::borrow::Cow;

use chrono::{DateTime, Datelike, FixedOffset};
use percent_encoding::percent_decode_str;

use crate::config::{Config, Kind, Pattern, Token};
use crate::content::path::{self, ContentPath, FileKind, Markup};
use crate::content::plural::plural;
use crate::content::section::Section;
use crate::layout;
use crate::taxonomy::{Scope, Taxonomy};

/// What decides a page's address.
pub(super) struct Subject<'s> {
    pub(super) kind: Kind,
    pub(super) path: ContentPath<'s>,
    pub(super) title: &'s str,
    /// The slug of the front matter; empty when there is none.
    pub(super) slug: &'s str,
    /// The `url` of the front matter; empty when there is none.
    pub(super) url: &'s str,
    /// None is Hugo's zero date, the first day of year 1.
    pub(super) date: Option<DateTime<FixedOffset>>,
    /// The content folder of its section, empty at the root; for a list its own folder.
    pub(super) section: &'s str,
    /// The sections around it, nearest first.
    pub(super) ancestry: &'s [&'s Section],
}

/// Where the feeds of a scope are, and the page that they are the feeds of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeAddress {
    /// The folder below the output folder, decoded, without slashes at the ends: empty for the site, or `tags/c#`.
    pub folder: String,
    /// The absolute address of the page, in ASCII.
    pub url: String,
}

/// The address of a scope. `index` is its own `_index.md`; where there is none, `name` is the title of a term. `ancestry` are
/// those of the lists around it, nearest first.
///
/// # Errors
/// No folder can be made of it; the text says why.
pub fn scope_address(
    scope: &Scope,
    name: &str,
    index: Option<&Section>,
    ancestry: &[&Section],
    config: &Config,
) -> Result<ScopeAddress, String> {
    let base = &config.site.base_url;
    let (kind, name) = match scope {
        Scope::Site => {
            let folder = config.site.languages.below_folder(&config.site.languages.prefix).unwrap_or_default().to_owned();
            return Ok(ScopeAddress { folder, url: path::absolute(base, &home(config)) });
        }
        Scope::Section(folder) => (Kind::Section, Cow::Owned(title_of_section(folder, config))),
        Scope::Term { .. } => (Kind::Term, Cow::Borrowed(name)),
    };
    let folder = scope.path();
    let subject = Subject::of_list(kind, &folder, &name, index, ancestry);
    let place = subject.place(config)?;
    let languages = &config.site.languages;
    // A `url` that names a file, or leads out of the folder of the language, gives the list's page an address, and its feeds
    // no folder.
    let names_file = place.exact && !place.path.ends_with('/');
    let written = Some(&*place.path).filter(|_| !names_file).and_then(|path| languages.below_folder(path).map(str::to_owned));
    let own = written.or_else(|| languages.below_folder(&subject.pattern_place(config).path).map(str::to_owned)).unwrap_or_default();
    let is_anothers =
        |own: &str| languages.folder.is_empty() && languages.beside.iter().any(|language| language.folder == path::first_segment(own));
    let is_own = |own: &Cow<'_, str>| !own.is_empty() && Some(&**own) != languages.below_folder(&languages.prefix) && !is_anothers(own);
    // what is escaped in the address of the page is not in that of the folder beside it
    let own = decoded(&own);
    let own = path::below(&own).filter(is_own).ok_or_else(|| format!("`{folder}` has no path of its own"))?;
    Ok(ScopeAddress { folder: own.into_owned(), url: path::absolute(base, &subject.link(&place, config)) })
}

/// The absolute address of the list of a taxonomy's terms: `https://example.org/tags/`. `index` is its own `_index.md`.
pub fn taxonomy_url(taxonomy: &Taxonomy, index: Option<&Section>, config: &Config) -> String {
    let subject = Subject::of_list(Kind::Taxonomy, &taxonomy.plural, &taxonomy.plural, index, &[]);
    let place = subject.place(config).unwrap_or_else(|_| subject.pattern_place(config));
    path::absolute(&config.site.base_url, &subject.link(&place, config))
}

/// A path without percent-encoding. A name in which that is no text in UTF-8, as in `100%cacao`, is as it is written.
pub fn decoded(path: &str) -> String {
    let names = path.split('/').map(|name| percent_decode_str(name).decode_utf8().unwrap_or(Cow::Borrowed(name)));
    names.collect::<Vec<_>>().join("/")
}

/// A title as one segment of a path: slashes of either kind become hyphens.
fn one_segment(title: &str) -> Cow<'_, str> {
    if title.bytes().any(|byte| matches!(byte, b'/' | b'\\')) { Cow::Owned(title.replace(['/', '\\'], "-")) } else { Cow::Borrowed(title) }
}

/// The title of a section without an `_index.md`, less its capitals.
fn title_of_section(folder: &str, config: &Config) -> String {
    let name = path::normalize(path::last_segment(folder));
    if config.site.pluralizes_titles { plural(&name) } else { name }
}

/// A value of a token as a path. What Hugo takes it for is a reference, from which an empty fragment goes.
fn urlize(text: &str, config: &Config) -> String {
    let mut path = path::sanitize(text, &config.site.paths).into_owned();
    if path.find('#').is_some_and(|at| at + 1 == path.len()) {
        path.pop();
    }
    path
}

/// Go's zero time, which Hugo takes where there is no date: the first day of year 1.
fn zero_date() -> DateTime<FixedOffset> {
    const SECONDS: i64 = -62_135_596_800;
    DateTime::from_timestamp(SECONDS, 0).unwrap_or_default().fixed_offset()
}

fn home(config: &Config) -> String {
    let file = if config.site.paths.ugly { "index.html" } else { "" };
    format!("{}/{file}", config.site.languages.prefix)
}

/// The link of a page.
pub(super) struct PageLink {
    /// From the site's root, decoded: `/blog/2020/a-post/`.
    pub(super) path: String,
    /// Whether it tells what the sections around the page are called.
    pub(super) names_sections: bool,
}

/// A path from the site's root, decoded, and whether a file or a folder is there.
struct Place {
    path: String,
    exact: bool,
}

impl<'s> Subject<'s> {
    /// The list of a folder, called by a name where there is no `_index.md`.
    fn of_list(kind: Kind, folder: &'s str, name: &'s str, index: Option<&'s Section>, ancestry: &'s [&'s Section]) -> Self {
        Subject {
            kind,
            path: ContentPath { folder, stem: "_index", language: None, kind: FileKind::Branch, markup: Markup::Markdown },
            title: index.map_or(name, |index| &index.title),
            slug: index.map_or("", |index| &index.slug),
            url: index.map_or("", |index| &index.url),
            date: None,
            section: folder,
            ancestry,
        }
    }

    /// The link of a page.
    pub(super) fn page_link(&self, config: &Config) -> Result<PageLink, String> {
        Ok(PageLink { path: self.link(&self.place(config)?, config), names_sections: self.names_sections(config) })
    }

    fn names_sections(&self, config: &Config) -> bool {
        match self.url {
            "" => config.site.permalinks.find(self.kind, &self.path.logical()).is_some_and(Pattern::names_sections),
            url => url.contains(":sectionslug"),
        }
    }

    /// Where the page is: by its `url`, else by a pattern, else by its file.
    fn place(&self, config: &Config) -> Result<Place, String> {
        if self.url.is_empty() { Ok(self.pattern_place(config)) } else { self.url_place(config) }
    }

    fn link(&self, place: &Place, config: &Config) -> String {
        let path = place.path.trim_end_matches('/');
        let ugly = config.site.paths.ugly || config.site.paths.ugly_sections.iter().any(|section| *section == self.first_section());
        match self.kind {
            _ if place.exact => place.path.clone(),
            Kind::Home => home(config),
            Kind::Page | Kind::Term if ugly && !path.is_empty() => [path, ".html"].concat(),
            Kind::Section | Kind::Taxonomy if ugly => [path, "/index.html"].concat(),
            _ => [path, "/"].concat(),
        }
    }

    /// By the `url` of the front matter, which is neither sanitised nor lowered.
    fn url_place(&self, config: &Config) -> Result<Place, String> {
        if self.url.starts_with("http://") || self.url.starts_with("https://") {
            return Err(format!("`url` is a path on this site, not `{}`", self.url));
        }
        let mut url = self.url.to_owned();
        if url.contains(':') {
            url = path::unescape(&self.expand(&Pattern::compile(&url)?, config)).into_owned();
        }
        if url.contains("..") {
            url = path::clean(&url).into_owned();
        }
        let exact = url.contains('.') && !url.ends_with('/');
        let segments: Vec<&str> = url.split('/').filter(|segment| !segment.is_empty()).collect();
        let prefix = if url.starts_with('/') { "" } else { &config.site.languages.prefix };
        let path = format!("{prefix}/{}", segments.join("/"));
        Ok(match path.strip_suffix("/index.html") {
            Some(folder) if exact => Place::folder(folder),
            _ if exact => Place { path, exact },
            _ => Place::folder(&path),
        })
    }

    fn pattern_place(&self, config: &Config) -> Place {
        let paths = &config.site.paths;
        let sanitize = |text: &str| path::sanitize(text, paths).into_owned();
        let spell = |text: &str| if paths.keep_case { text.to_owned() } else { path::normalize(text) };
        let normal = |text: &str| sanitize(&spell(text));
        let folder_of = |folder: &str| sanitize(&self.with_slugs(folder, spell));
        let pattern = config.site.permalinks.find(self.kind, &self.path.logical());
        // one that comes out empty is as good as none
        let by_pattern = pattern.map(|pattern| self.expand(pattern, config)).filter(|path| !path.is_empty());
        let prefix = &config.site.languages.prefix;
        let path = match (by_pattern, self.kind, self.slug) {
            (Some(path), ..) => sanitize(&path::clean(&path::unescape(&path))),
            (None, Kind::Page, "index") if self.path.kind == FileKind::Single => {
                return Place::folder(&[prefix, &*path::clean(&folder_of(self.path.container()))].concat());
            }
            (None, Kind::Page, "") => format!("{}/{}", folder_of(self.path.container()), normal(self.path.base_name())),
            (None, Kind::Page, slug) => format!("{}/{}", folder_of(self.path.container()), sanitize(slug)),
            (None, ..) => folder_of(self.path.folder),
        };
        Place { path: [prefix, &*path::clean(&path)].concat(), exact: false }
    }

    /// The path of a folder, in which those that have a slug go by it.
    fn with_slugs(&self, folder: &str, spell: impl Fn(&str) -> String) -> String {
        let own = Some(self.slug).filter(|slug| self.kind != Kind::Page && !slug.is_empty());
        if own.is_none() && self.ancestry.iter().all(|section| section.slug.is_empty()) {
            return spell(folder);
        }
        let around = |folder: &str| self.ancestry.iter().find(|section| section.folder == folder).map(|section| section.slug.as_str());
        let folders = std::iter::once(folder).chain(path::ancestors(folder)).filter(|folder| !folder.is_empty());
        let mut names: Vec<String> = folders
            .map(|folder| {
                let slug = if folder == self.path.folder && own.is_some() { own } else { around(folder) };
                slug.filter(|slug| !slug.is_empty()).map_or_else(|| spell(path::last_segment(folder)), str::to_owned)
            })
            .collect();
        names.reverse();
        names.join("/")
    }

    /// The first folder of the page's own path; a bundle at the root has none.
    fn first_section(&self) -> String {
        let folder = if self.kind == Kind::Page { self.path.container() } else { self.path.folder };
        path::normalize(path::first_segment(folder))
    }

    fn expand(&self, pattern: &Pattern, config: &Config) -> String {
        pattern.0.iter().map(|token| self.replace(token, config)).collect::<Vec<_>>().concat()
    }

    fn replace<'t>(&self, token: &'t Token, config: &Config) -> Cow<'t, str> {
        let date = self.date.unwrap_or_else(zero_date);
        let urlize = |text: &str| urlize(text, config);
        let slug_or = |other: &str| urlize(if self.slug.is_empty() { other } else { self.slug });
        Cow::Owned(match token {
            Token::Text(text) => return Cow::Borrowed(text),
            Token::Year => date.year().to_string(),
            Token::Month => format!("{:02}", date.month()),
            Token::MonthName => return Cow::Borrowed(layout::month_name(&date)),
            Token::Day => format!("{:02}", date.day()),
            Token::Weekday => date.weekday().num_days_from_sunday().to_string(),
            Token::WeekdayName => return Cow::Borrowed(layout::weekday_name(&date)),
            Token::YearDay => date.ordinal().to_string(),
            Token::Layout(layout) => layout::format(layout, &date),
            Token::Section => self.first_section(),
            Token::Sections(slice) => {
                let section = path::normalize(self.section);
                let folders: Vec<&str> = section.split('/').filter(|folder| !folder.is_empty()).collect();
                slice.of(&folders).join("/")
            }
            Token::SectionSlug => self.section_slugs(config).into_iter().next().unwrap_or_default(),
            Token::SectionSlugs(slice) => path::join_all(slice.of(&self.section_slugs(config))),
            Token::Title => urlize(&self.title_in_path()),
            Token::Slug => slug_or(&self.title_in_path()),
            Token::SlugOrFileName => slug_or(self.file_name()),
            Token::FileName => urlize(self.file_name()),
            Token::ContentBaseName => urlize(self.path.base_name()),
            Token::SlugOrContentBaseName => slug_or(self.path.base_name()),
        })
    }

    /// The title. A term's own slashes nest, as they do without a pattern.
    fn title_in_path(&self) -> Cow<'_, str> {
        if self.kind == Kind::Term { Cow::Borrowed(self.title) } else { one_segment(self.title) }
    }

    /// The name of the file, of a leaf bundle that of its folder; a list has none.
    fn file_name(&self) -> &str {
        if self.path.kind == FileKind::Branch { "" } else { self.path.base_name() }
    }

    /// The slug, else the title of each section from the top-level one to the page's own, or to the list itself.
    fn section_slugs(&self, config: &Config) -> Vec<String> {
        let is_own = |folder: &str| self.kind != Kind::Page && folder == self.path.folder;
        let own = std::iter::once(self.section).filter(|section| !section.is_empty());
        let folders = own.chain(path::ancestors(self.section).filter(|folder| !folder.is_empty()));
        let mut slugs: Vec<String> = folders
            .filter_map(|folder| {
                let around = self.ancestry.iter().find(|section| section.folder == folder);
                let name = match around {
                    _ if is_own(folder) && !self.slug.is_empty() => Cow::Borrowed(self.slug),
                    _ if is_own(folder) => self.title_in_path(),
                    Some(section) if !section.slug.is_empty() => Cow::Borrowed(&*section.slug),
                    Some(section) => one_segment(&section.title),
                    None if folder.contains('/') => return None,
                    None => Cow::Owned(title_of_section(folder, config)),
                };
                Some(urlize(&name, config))
            })
            .collect();
        slugs.reverse();
        slugs
    }
}

impl Place {
    /// A folder, whatever the site's style is.
    fn folder(path: &str) -> Place {
        Place { path: format!("{}/", path.trim_end_matches('/')), exact: true }
    }
}

#[cfg(test)]
mod tests;
