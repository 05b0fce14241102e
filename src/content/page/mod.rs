//! What a content file is: a post, a page that is never an entry, or the description of a section or term.
//!
//! What only rendering needs is for `content::details`; whether the file is a resource of a bundle is for the caller to
//! ask `content::path`.

use std::num::NonZeroU32;
use std::sync::Arc;

use chrono::{DateTime, FixedOffset};
use foldhash::HashSet;

use crate::config::{Config, DateSource, Kind};
use crate::content::details;
use crate::content::front_matter::front::{Dates, Front, from_file_name, own_cascade};
use crate::content::front_matter::identity::id;
use crate::content::front_matter::{self, Source};
use crate::content::path::{self, ContentPath, FileKind};
use crate::content::permalink::{PageLink, Subject};
use crate::content::post::{Listing, Post};
use crate::content::section::{self, Section};
use crate::content::text::{balanced, plain};
use crate::diagnostic::{Diagnostic, Rule, Severity};
use crate::taxonomy::{Scope, Term};
use crate::value::{Fields, Value};
use crate::xml;

#[cfg(test)]
mod tests;

/// A content file, understood.
#[derive(Clone, Debug)]
pub enum Page {
    /// An entry, now or at its time.
    Post(Box<Post>),
    /// Understood, and never an entry.
    Aside(Aside),
    /// An `_index.md`.
    Section(Box<Section>),
    /// One of another language than the feeds. Of an `index.md` in the default language the address is told, where Hugo publishes
    /// the files beside it for all languages.
    Elsewhere(Option<Box<str>>),
}

/// A page that is never an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aside {
    /// The file below the content folder.
    pub path: Arc<str>,
    /// Its absolute address, when the site has the page.
    pub permalink: Option<Box<str>>,
    /// Whether its address tells what the sections around it are called.
    pub names_sections: bool,
    /// Its old addresses, as absolute URLs.
    pub aliases: Box<[Box<str>]>,
    /// The terms that it would be in the feeds of.
    pub terms: Box<[Arc<Term>]>,
    /// Why it is no entry.
    pub reason: Reason,
}

impl Aside {
    /// What would be a post, while it waits.
    pub fn waiting(post: Post) -> Self {
        let Post { path, permalink, names_sections, aliases, terms, .. } = post;
        Aside { path, permalink: Some(permalink), names_sections, aliases, terms, reason: Reason::Waiting }
    }

    /// Its address, where readers find it: a draft is on no site yet.
    pub fn published(&self) -> Option<&str> {
        self.permalink.as_deref().filter(|_| !matches!(self.reason, Reason::Draft | Reason::Waiting))
    }
}

/// Why a page is no entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It is a draft.
    Draft,
    /// It has no date; a note says so.
    Undated,
    /// `build.list = "never"`, or `headless`
    Unlisted,
    /// `build.render = "never"`: the site has no such page.
    Unrendered,
    /// Something in it cannot be read; an error says what.
    Unreadable,
    /// An `_index.md` above it cannot be read, which may say that it is no entry.
    Waiting,
}

/// What a file of another language than the feeds is; none for one of theirs. One that cannot be read is an aside.
pub fn of_other_language(path: &str, bytes: &[u8], config: &Config) -> Option<Page> {
    let languages = &config.site.languages;
    let file = ContentPath::new(path, languages).filter(|file| !languages.has(file.language))?;
    // languages with hosts of their own have the files there, each
    let shares =
        |default: &&Arc<Config>| file.kind == FileKind::Leaf && !languages.prefix.is_empty() && default.site.languages.has(file.language);
    let Some(default) = config.default.as_ref().filter(shares) else { return Some(Page::Elsewhere(None)) };
    let Ok(source) = front_matter::read(path, bytes) else { return Some(nowhere(path, Reason::Unreadable)) };
    Some(match page(&source, path, &[], default).0 {
        Page::Post(post) => Page::Elsewhere(Some(post.permalink)),
        unreadable @ Page::Aside(Aside { reason: Reason::Unreadable, .. }) => unreadable,
        Page::Aside(aside) => Page::Elsewhere(aside.published().map(Box::from)),
        Page::Section(_) | Page::Elsewhere(_) => Page::Elsewhere(None),
    })
}

/// A page without an address.
fn nowhere(path: &str, reason: Reason) -> Page {
    Page::Aside(Aside { path: path.into(), permalink: None, names_sections: false, aliases: Box::default(), terms: Box::default(), reason })
}

/// Understands a content file of the language of the feeds. `path` is the file below the content folder; `ancestry` are the `_index.md` of the
/// folders around it, nearest first, as far as they exist, and not the file itself.
///
/// A page with an error among its diagnostics is [`Reason::Unreadable`].
pub fn page(source: &Source<'_>, path: &str, ancestry: &[&Section], config: &Config) -> (Page, Vec<Diagnostic>) {
    let mut found = Vec::new();
    let Some(file) = ContentPath::new(path, &config.site.languages) else { return (nowhere(path, Reason::Unreadable), found) };
    if file.kind == FileKind::Branch {
        let section = section::read(source, &file, ancestry, config, &mut found);
        return (Page::Section(Box::new(section)), found);
    }
    let cascade = own_cascade(source, config, &mut found);
    let front = Front::new(&source.fields, cascade, Kind::Page, &file.logical(), ancestry, config);
    let dates = Dates::read(&front, source, &file, config, &mut found);
    let link = link(&front, &file, &dates, ancestry, config);
    let link = link.map_err(|what| {
        let offset = front.field("url").and_then(|field| field.offset);
        found.push(source.diagnostic(Rule::UnusableUrl, offset, what, "write one such as /about/"));
    });
    let Ok(PageLink { path: link, names_sections }) = link else { return (nowhere(path, Reason::Unreadable), found) };
    let permalink = path::absolute(&config.site.base_url, &link);
    let aliases = aliases(&front, &link, config);
    let aside = |reason| {
        let permalink = Some(permalink.as_str().into());
        let terms = terms(&front, source, config, &mut Vec::new());
        Page::Aside(Aside { path: path.into(), permalink, names_sections, aliases: aliases.clone(), terms, reason })
    };
    unfit(&front, source, &mut found);
    details::unfit(source, &mut found);
    let build = Build::read(&front);
    if found.iter().any(|found| found.severity == Severity::Error) {
        return (aside(Reason::Unreadable), found);
    }
    if is_draft(&front) && !config.site.build.drafts {
        return (aside(Reason::Draft), found);
    }
    if build.render == Extent::Never {
        return (nowhere(path, Reason::Unrendered), found);
    }
    let listing = match build.list {
        Extent::Always => Listing::Everywhere,
        Extent::Local => Listing::Local,
        Extent::Never => return (aside(Reason::Unlisted), found),
    };
    let Some(published) = given(dates.published).or(given(dates.date)) else {
        found.push(source.diagnostic(Rule::UndatedPage, None, "the page has no date and is in no feed", how_to_date(source)));
        return (aside(Reason::Undated), found);
    };
    let post = Post {
        path: path.into(),
        permalink: permalink.as_str().into(),
        names_sections,
        title: balanced(&plain(&front.text("title"))).into(),
        published,
        updated: given(dates.modified).unwrap_or(published),
        from: (!config.site.build.future).then(|| published.to_utc()),
        until: given(dates.expiry).filter(|_| !config.site.build.expired).map(|date| date.to_utc()),
        listing,
        section: listing_folder(&file, ancestry, config).into(),
        terms: terms(&front, source, config, &mut found),
        id: id(&front, source, config, &mut found),
        aliases: aliases.clone(),
        without_zone: dates.without_zone.and_then(|offset| NonZeroU32::new(source.line(offset))),
    };
    (Page::Post(Box::new(post)), found)
}

/// Tells of what no feed can hold, and is left out or mended.
fn unfit(front: &Front<'_>, source: &Source<'_>, found: &mut Vec<Diagnostic>) {
    let title = front.text("title");
    let place = front.field("title").and_then(|field| field.offset);
    let typed = xml::forbidden(source.text).map(|(at, c)| (Some(at), c));
    if let Some((offset, c)) = typed.or_else(|| Some((place, xml::forbidden(&title)?.1))) {
        let what = format!("the character U+{:04X} cannot stand in a feed and is left out", u32::from(c));
        found.push(source.diagnostic(Rule::ForbiddenCharacter, offset, what, "remove it"));
    }
    if *balanced(&title) != *title {
        let what = "the title changes the direction of writing for what follows it";
        found.push(source.diagnostic(Rule::UnbalancedTitle, place, what, "end it with U+202C or U+2069"));
    }
}

/// How a date is written in the front matter that a page has.
fn how_to_date(source: &Source<'_>) -> &'static str {
    let written = source.text[..source.body_offset].trim_start_matches(|c: char| c == '\u{feff}' || c.is_whitespace());
    match written.get(..1) {
        Some("+") => "write date = 2026-11-22T10:00:00+01:00",
        Some("-") => "write date: 2026-11-22T10:00:00+01:00",
        Some(_) => "write \"date\": \"2026-11-22T10:00:00+01:00\"",
        None => "begin it with +++, a line date = 2026-11-22T10:00:00+01:00, and +++",
    }
}

/// A date, unless it is Go's zero time, which is none for Hugo.
fn given(date: Option<DateTime<FixedOffset>>) -> Option<DateTime<FixedOffset>> {
    const ZERO_TIME: i64 = -62_135_596_800;
    date.filter(|date| date.timestamp() != ZERO_TIME)
}

/// The folder of the section that a page belongs to.
fn section_folder<'f>(file: &ContentPath<'f>, ancestry: &[&Section]) -> &'f str {
    path::section_of(file.container(), |folder| ancestry.iter().any(|section| section.folder == folder))
}

/// The folder of the section that lists a page. What describes a term makes no section of its folder.
fn listing_folder<'f>(file: &ContentPath<'f>, ancestry: &[&Section], config: &Config) -> &'f str {
    let is_section = |folder: &str| matches!(section::scope_of(folder, config), Some(Scope::Section(_)));
    path::section_of(file.container(), |folder| is_section(folder) && ancestry.iter().any(|section| section.folder == folder))
}

pub(super) fn slug(front: &Front<'_>) -> String {
    front.text("slug").trim_matches('-').to_owned()
}

fn link(front: &Front<'_>, file: &ContentPath<'_>, dates: &Dates, ancestry: &[&Section], config: &Config) -> Result<PageLink, String> {
    // the name gives a slug only where it gives the date: what comes before it in the chain says nothing
    let says_nothing = |source: &&DateSource| matches!(source, DateSource::Field(key) if front.text(key).is_empty());
    let first = config.site.dates.date.iter().find(|source| !says_nothing(source));
    let is_named = first == Some(&DateSource::FileName) && front.get("slug").is_none();
    let named = is_named.then(|| from_file_name(file.base_name(), &config.site.time_zone)).flatten();
    let named = named.filter(|(date, _)| dates.date == Some(*date));
    let slug = named.map_or_else(|| slug(front), |(_, slug)| slug.to_owned());
    let subject = Subject {
        kind: Kind::Page,
        path: *file,
        title: &front.text("title"),
        slug: &slug,
        url: &front.text("url"),
        date: dates.date,
        section: section_folder(file, ancestry),
        ancestry,
    };
    subject.page_link(config)
}

/// `draft`, else the opposite of `published` where that is no date.
pub(super) fn is_draft(front: &Front<'_>) -> bool {
    match front.get("draft") {
        Some(draft) => draft.truth().unwrap_or(false),
        None => front.truth("published") == Some(false),
    }
}

/// Hugo's `build`, of which `list` and `render` decide about feeds.
struct Build {
    list: Extent,
    render: Extent,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Extent {
    Always,
    Local,
    Never,
}

fn build_table<'f>(front: &'f Front<'_>) -> Option<&'f Fields<'f>> {
    front.get("_build").or_else(|| front.get("build")).and_then(Value::table)
}

/// Whether a list has a page of its own.
pub(super) fn is_published(front: &Front<'_>, config: &Config) -> bool {
    let is_only_linked = build_table(front).and_then(|build| build.text("render")).is_some_and(|render| render == "link");
    Build::read(front).render != Extent::Never && !is_only_linked && (config.site.build.drafts || !is_draft(front))
}

impl Build {
    fn read(front: &Front<'_>) -> Self {
        if front.truth("headless") == Some(true) {
            return Build { list: Extent::Never, render: Extent::Never };
        }
        let table = build_table(front);
        let extent = |key: &str| match table.and_then(|build| build.get(key)) {
            Some(Value::Bool(false) | Value::Integer(0)) => Extent::Never,
            Some(Value::String(word)) if matches!(word.as_ref(), "never" | "0") => Extent::Never,
            Some(Value::String(word)) if word == "local" => Extent::Local,
            _ => Extent::Always,
        };
        Build { list: extent("list"), render: extent("render") }
    }
}

/// The terms of every taxonomy, one for each slug.
fn terms(front: &Front<'_>, source: &Source<'_>, config: &Config, found: &mut Vec<Diagnostic>) -> Box<[Arc<Term>]> {
    let (mut terms, mut seen) = (Vec::new(), HashSet::default());
    for taxonomy in &config.site.taxonomies {
        let items = front.param(&taxonomy.plural).map_or(&[] as &[_], Value::items);
        for name in items.iter().filter_map(Value::text).filter(|name| !name.is_empty()) {
            let Some(slug) = path::slug(&name, &config.site.paths) else {
                let offset = front.field(&taxonomy.plural).and_then(|field| field.offset);
                let what = format!("`{name}` cannot be a path, so the term has no feed");
                found.push(source.diagnostic(Rule::TermWithoutPath, offset, what, "write letters or digits"));
                continue;
            };
            if seen.insert((&taxonomy.plural, slug.clone())) {
                let shown = plain(&name);
                // RSS and OPML ask for a name that is not empty
                let name = if shown.is_empty() { slug.0.clone() } else { shown.into() };
                terms.push(Arc::new(Term { taxonomy: taxonomy.plural.clone(), slug, name }));
            }
        }
    }
    terms.into()
}

/// The old addresses. A relative one is below the folder around the page.
pub(super) fn aliases(front: &Front<'_>, link: &str, config: &Config) -> Box<[Box<str>]> {
    let around = path::ancestors(link.strip_suffix('/').unwrap_or(link)).next().unwrap_or("");
    let items = front.get("aliases").map_or(&[] as &[_], Value::items);
    let aliases = items.iter().filter_map(Value::text).filter(|alias| !alias.is_empty() && !alias.contains("://"));
    let absolute = aliases.map(|alias| {
        let path = if alias.starts_with('/') { format!("{}{alias}", config.site.languages.prefix) } else { format!("{around}/{alias}") };
        let path = path::clean(&path);
        let slash = if path.ends_with(".html") || path.ends_with(".htm") || path == "/" { "" } else { "/" };
        path::absolute(&config.site.base_url, &(path + slash)).into_boxed_str()
    });
    absolute.collect()
}
