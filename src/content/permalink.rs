//! Addresses: of pages, and of the lists of sections, terms and taxonomies, exactly Hugo's.
//!
//! How patterns are compiled is in `config`; how text becomes a path, in `content::path`.

use std::borrow::Cow;

use chrono::{DateTime, Datelike, FixedOffset};

use crate::config::{Config, Kind, Pattern, Token};
use crate::content::path::{self, ContentPath, FileKind};
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

/// The address of a scope. `name` is the term's or section's spelling, for patterns that ask for a title that `index`,
/// the scope's own `_index.md`, does not give. `ancestry` are the sections around it, nearest first.
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
    let (kind, folder) = match scope {
        Scope::Site => {
            let folder = config.site.languages.prefix.trim_start_matches('/').to_owned();
            return Ok(ScopeAddress { folder, url: path::address(base, &home(config)) });
        }
        Scope::Section(folder) => (Kind::Section, folder.to_string()),
        Scope::Term { taxonomy, slug } => (Kind::Term, format!("{taxonomy}/{slug}")),
    };
    let title = index.map(|index| index.title.as_str()).filter(|title| !title.is_empty()).unwrap_or(name);
    let subject = Subject {
        kind,
        path: ContentPath { folder: &folder, stem: "_index", language: None, kind: FileKind::Branch },
        title,
        slug: index.map_or("", |index| &index.slug),
        url: index.map_or("", |index| &index.url),
        date: None,
        section: &folder,
        ancestry,
    };
    let place = subject.place(config)?;
    // A `url` that names a file gives the list's page an address, and its feeds no folder.
    let names_file = place.exact && !place.path.ends_with('/');
    let own = if names_file { &subject.pattern_place(config).path } else { &place.path };
    let is_own = |own: &Cow<'_, str>| !own.is_empty() && **own != *config.site.languages.prefix.trim_start_matches('/');
    let own = path::below(own).filter(is_own).ok_or_else(|| format!("`{folder}` has no path of its own"))?;
    Ok(ScopeAddress { folder: own.into_owned(), url: path::address(base, &subject.link(&place, config)) })
}

/// The absolute address of the list of a taxonomy's terms: `https://example.org/tags/`.
pub fn taxonomy_url(taxonomy: &Taxonomy, config: &Config) -> String {
    let folder = &*taxonomy.plural;
    let subject = Subject {
        kind: Kind::Taxonomy,
        path: ContentPath { folder, stem: "_index", language: None, kind: FileKind::Branch },
        title: folder,
        slug: "",
        url: "",
        date: None,
        section: folder,
        ancestry: &[],
    };
    let place = subject.pattern_place(config);
    path::address(&config.site.base_url, &subject.link(&place, config))
}

/// A title as one segment of a path: slashes of either kind become hyphens.
fn one_segment(title: &str) -> Cow<'_, str> {
    if title.bytes().any(|byte| matches!(byte, b'/' | b'\\')) { Cow::Owned(title.replace(['/', '\\'], "-")) } else { Cow::Borrowed(title) }
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

impl Subject<'_> {
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
        let normal = |text: &str| if paths.keep_case { sanitize(text) } else { sanitize(&path::normalize(text)) };
        let pattern = config.site.permalinks.find(self.kind, &self.path.logical());
        let prefix = &config.site.languages.prefix;
        let path = match (pattern, self.kind, self.slug) {
            (Some(pattern), ..) => sanitize(&path::clean(&path::unescape(&self.expand(pattern, config)))),
            (None, Kind::Page, "index") if self.path.kind == FileKind::Single => {
                return Place::folder(&[prefix, &*path::clean(&normal(self.path.container()))].concat());
            }
            (None, Kind::Page, "") => format!("{}/{}", normal(self.path.container()), normal(self.path.base_name())),
            (None, Kind::Page, slug) => format!("{}/{}", normal(self.path.container()), sanitize(slug)),
            (None, ..) => normal(self.path.folder),
        };
        Place { path: [prefix, &*path::clean(&path)].concat(), exact: false }
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
        let urlize = |text: &str| path::sanitize(text, &config.site.paths).into_owned();
        let slug_or = |other: &str| urlize(if self.slug.is_empty() { other } else { self.slug });
        // A term's own slashes nest, as they do without a pattern.
        let title = || if self.kind == Kind::Term { Cow::Borrowed(self.title) } else { one_segment(self.title) };
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
            Token::SectionSlugs(slice) => slice.of(&self.section_slugs(config)).join("/"),
            Token::Title => urlize(&title()),
            Token::Slug => slug_or(&title()),
            Token::SlugOrFileName => slug_or(self.file_name()),
            Token::FileName => urlize(self.file_name()),
            Token::ContentBaseName => urlize(self.path.base_name()),
            Token::SlugOrContentBaseName => slug_or(self.path.base_name()),
        })
    }

    /// The name of the file, of a leaf bundle that of its folder; a list has none.
    fn file_name(&self) -> &str {
        if self.path.kind == FileKind::Branch { "" } else { self.path.base_name() }
    }

    /// The slug, else the title, else the folder of each section from the top-level one to the page's own.
    fn section_slugs(&self, config: &Config) -> Vec<String> {
        let own = std::iter::once(self.section).filter(|section| !section.is_empty());
        let folders = own.chain(path::ancestors(self.section).filter(|folder| !folder.is_empty()));
        let mut slugs: Vec<String> = folders
            .filter_map(|folder| {
                let named = self.ancestry.iter().find(|section| section.folder == folder);
                let name = match named {
                    Some(section) if !section.slug.is_empty() => Cow::Borrowed(&*section.slug),
                    Some(section) if !section.title.is_empty() => one_segment(&section.title),
                    _ if folder.contains('/') => return None,
                    _ => Cow::Borrowed(folder),
                };
                Some(path::sanitize(&name, &config.site.paths).into_owned())
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
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CONFIG: &str = "baseURL = 'https://e.org/s/'\n[permalinks]\npost = '/b/:year/:month/:slug/'\ntalks = '/t/:sections[1:]/:06/:Jan/:title/'\n\
        tags = '/k/:slug/'\n[permalinks.section]\ndocs = '/manual/:slug/'";

    fn link_in(config: &str, path: &str, title: &str, slug: &str, url: &str) -> Result<String, String> {
        let config = Config::parse(config, "c.toml").unwrap().0;
        let path = ContentPath::new(path, &config.site.languages).unwrap();
        let date = DateTime::parse_from_rfc3339("2020-01-02T23:30:00-05:00").ok();
        Subject { kind: Kind::Page, path, title, slug, url, date, section: path.container(), ancestry: &[] }
            .page_link(&config)
            .map(|link| link.path)
    }

    fn check(path: &str, title: &str, slug: &str, url: &str, expected: &str) {
        assert_eq!(link_in(CONFIG, path, title, slug, url).as_deref(), Ok(expected), "{path} {title} {slug} {url}");
    }

    #[test]
    fn a_page_without_a_pattern_is_named_by_its_file() {
        check("a/B c/My Post.md", "t", "", "", "/a/b-c/my-post/");
        check("a/bundle/index.md", "t", "", "", "/a/bundle/");
        check("a/b.md", "t", "My  Slug -- x", "", "/a/my-slug--x/");
        check("a/b.md", "t", "index", "", "/a/");
        check("a/½.md", "t", "", "", "/a/");
    }

    #[test]
    fn a_pattern_names_a_page_by_its_tokens() {
        check("post/a.md", "A: b & C++", "", "", "/b/2020/01/a-b-c/");
        check("post/a.md", "a / b\\c/..", "", "", "/b/2020/01/a-b-c-../");
        check("post/a.md", "t", "own slug", "", "/b/2020/01/own-slug/");
        check("talks/x/y/a.md", "Où? Là!", "", "", "/t/x/y/20/jan/où-là/");
    }

    #[test]
    fn a_url_is_taken_as_it_is() {
        check("post/a.md", "t", "", "/Custom/Path.html", "/Custom/Path.html");
        check("post/a.md", "t", "", "custom/Dir", "/custom/Dir/");
        check("post/a.md", "t", "", "x/index.html", "/x/");
        check("post/a.md", "t u", "", "/:year/:title/a+b\\:c", "/2020/t-u/a b:c/");
        check("post/a.md", "t", "", "../../up/", "/up/");
        check("post/a.md", "t", "", "/", "/");
        assert!(link_in(CONFIG, "a.md", "t", "", "https://x.org/").is_err());
        assert!(link_in(CONFIG, "a.md", "t", "", "/:nonsense/").is_err());
    }

    #[test]
    fn ugly_addresses_are_files() {
        assert_eq!(link_in("uglyURLs = true", "a/b.md", "t", "", "").as_deref(), Ok("/a/b.html"));
        assert_eq!(link_in("[uglyURLs]\na = true", "a/b.md", "t", "", "").as_deref(), Ok("/a/b.html"));
        assert_eq!(link_in("[uglyURLs]\na = true", "c/b.md", "t", "", "").as_deref(), Ok("/c/b/"));
    }

    #[test]
    fn a_default_language_in_a_folder_has_everything_there_but_what_a_url_puts_elsewhere() {
        let config = format!("defaultContentLanguageInSubdir = true\n{CONFIG}");
        let check = |path: &str, slug: &str, url: &str, expected: &str| {
            assert_eq!(link_in(&config, path, "t", slug, url).as_deref(), Ok(expected), "{path} {url}");
        };
        check("a/b.md", "", "", "/en/a/b/");
        check("a/b.md", "index", "", "/en/a/");
        check("post/b.md", "", "", "/en/b/2020/01/t/");
        check("a/b.md", "", "rel/x", "/en/rel/x/");
        check("a/b.md", "", "rel/x.html", "/en/rel/x.html");
        check("a/b.md", "", "/abs/x", "/abs/x/");
        let config = Config::parse(&config, "c.toml").unwrap().0;
        let check = |scope: Scope, url: &str, folder: &str, page: &str| {
            let index = Section { url: url.into(), ..Section::default() };
            let address = scope_address(&scope, "N", Some(&index), &[], &config).unwrap();
            assert_eq!((address.folder.as_str(), address.url), (folder, format!("https://e.org/s/{page}")));
        };
        check(Scope::Site, "", "en", "en/");
        check(Scope::Section("a".into()), "", "en/a", "en/a/");
        check(Scope::Section("a".into()), "bees/", "en/bees", "en/bees/");
        check(Scope::Section("a".into()), "/bees/", "bees", "bees/");
        assert_eq!(taxonomy_url(&config.site.taxonomies[1], &config), "https://e.org/s/en/tags/");
    }

    fn address_of(scope: &Scope, name: &str, index: Option<&Section>) -> Result<(String, String), String> {
        let config = Config::parse(CONFIG, "c.toml").unwrap().0;
        scope_address(scope, name, index, &[], &config).map(|address| (address.folder, address.url))
    }

    #[test]
    fn scopes_have_the_folders_and_pages_of_hugo() {
        let check = |scope: Scope, name: &str, index: Option<&Section>, folder: &str, url: &str| {
            assert_eq!(address_of(&scope, name, index), Ok((folder.to_owned(), format!("https://e.org/s/{url}"))), "{scope:?}");
        };
        let term = |taxonomy: &str, slug: &str| Scope::Term { taxonomy: taxonomy.into(), slug: crate::taxonomy::Slug(slug.into()) };
        let section = |title: &str, url: &str| Section { title: title.into(), url: url.into(), ..Section::default() };
        check(Scope::Site, "", None, "", "");
        check(Scope::Section("Up Case/x".into()), "", None, "up-case/x", "up-case/x/");
        check(Scope::Section("docs".into()), "", Some(&section("All Docs", "")), "manual/all-docs", "manual/all-docs/");
        check(Scope::Section("a".into()), "", Some(&section("", "/else/where")), "else/where", "else/where/");
        check(Scope::Section("a".into()), "", Some(&section("", "/x.html")), "a", "x.html");
        check(term("categories", "c#"), "C#", None, "categories/c#", "categories/c%23/");
        check(term("tags", "c++"), "C++", None, "k/c", "k/c/");
        check(term("tags", "a/b"), "A/b", None, "k/a/b", "k/a/b/");
        assert!(address_of(&Scope::Section("½".into()), "", None).is_err());
        let config = Config::parse(CONFIG, "c.toml").unwrap().0;
        assert_eq!(taxonomy_url(&config.site.taxonomies[1], &config), "https://e.org/s/tags/");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn no_folder_climbs(folder in "[a-z./½ ~%0-9]{1,16}", url in "[a-z./:% ]{0,16}", pattern in "[a-z./:%\\[\\] ]{0,16}", title in "\\PC{0,8}") {
            for text in [CONFIG.to_owned(), format!("[permalinks]\nx = '/{pattern}'\n[permalinks.section]\n'/' = '{pattern}:title'")] {
                let Ok((config, _)) = Config::parse(&text, "c.toml") else { continue };
                let index = Section { url: url.clone(), title: title.clone(), ..Section::default() };
                for index in [None, Some(&index)] {
                    if let Ok(address) = scope_address(&Scope::Section(folder.clone().into()), &title, index, &[], &config) {
                        prop_assert!(address.folder.split('/').all(|segment| !matches!(segment, "" | "." | "..")), "{}", address.folder);
                        prop_assert!(address.url.is_ascii(), "{}", address.url);
                    }
                }
            }
        }
    }
}
