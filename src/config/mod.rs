//! The configuration, validated: the keys of Hugo that decide what is in feeds, and Tidings' own tables.
//!
//! `hugo` reads the former and is lenient, as Hugo is; `own` reads the latter and is strict. Both read what `tree` makes of the files,
//! in whatever notation these are, and `part` of several. Nothing here opens a file.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Rule};
use crate::taxonomy::Taxonomy;
use crate::value::Fields;

mod author;
mod base_url;
mod cascade;
mod fault;
mod feed_table;
mod file_filter;
mod folder;
mod go_regex;
mod goldmark;
mod hugo;
mod language_tag;
mod languages;
mod mounts;
pub(crate) mod nearest;
mod own;
mod part;
mod permalinks;
mod reader;
mod redirects;
mod target;
mod tree;
mod unfit;

pub use author::Author;
pub use base_url::BaseUrl;
pub use cascade::Cascade;
pub use fault::Fault;
pub use feed_table::{Slip, body, slips};
pub use file_filter::FileFilter;
pub use folder::folder_at;
pub use goldmark::{Goldmark, LineBreaks, Punctuation};
pub use language_tag::language_tag;
pub use languages::{Languages, Neighbour};
pub use own::in_brackets;
pub use part::Part;
pub use permalinks::{Pattern, Permalinks, Slice, Token};
pub use redirects::taken_apart;
pub use target::{Kind, Purpose, Target};
pub use tree::Notation;
pub use unfit::{AUTHORS, LANGUAGES, Unfit, each, removed, unfit, unfit_inherited};

use reader::Written;

/// Everything that a run is told. Every field has a default.
///
/// ```
/// use tidings::config::Config;
///
/// let text = "baseURL = 'https://example.org/'\n[feeds]\nlimit = 5\n";
/// let (config, findings) = Config::parse(text, "hugo.toml").unwrap();
/// assert!(findings.is_empty());
/// assert_eq!(config.feeds.limit, Some(5));
/// assert_eq!(config.feeds.base_url, config.site.base_url);
///
/// let findings = Config::parse("[feeds]\nlimt = 5\n", "hugo.toml").unwrap_err();
/// let told: Vec<String> = findings.iter().map(ToString::to_string).collect();
/// assert!(told.contains(&"hugo.toml:2:1: error: unknown key `limt` in [feeds]; did you mean `limit`? [invalid-config]".to_owned()));
/// ```
#[derive(Clone, Debug)]
pub struct Config {
    /// The site, in Hugo's words.
    pub site: Site,
    /// `[feeds]`: what is written.
    pub feeds: Feeds,
    /// `[serve]`: how it is served.
    pub serve: Serve,
    /// `[shortcodes]`: a template for each of the site's own.
    pub shortcodes: BTreeMap<String, String>,
    /// `[redirects]`: from an old path to a new one.
    pub redirects: BTreeMap<String, String>,
    /// `[check] allow`: warnings and notes that are accepted.
    pub check_allow: BTreeSet<Rule>,
    /// For the feeds of another language than the default one, the configuration for those of that.
    pub default: Option<Arc<Config>>,
}

impl Config {
    /// Reads a configuration that is one file. Its notation goes by the ending of `path`, which names it in diagnostics.
    ///
    /// # Errors
    /// Everything that is wrong with the text; the other diagnostics only deserve a look.
    pub fn parse(text: &str, path: &str) -> Result<(Config, Vec<Diagnostic>), Vec<Diagnostic>> {
        Config::read(&[Part::new(path, text)], None)
    }

    /// Reads a configuration, of whose files one overrides another as Hugo has it, for the feeds of a language: the default one, or one of
    /// [`Languages::beside`]. Any other is the default one. For one beside it, what is wrong for the default one too is not told.
    ///
    /// # Errors
    /// Everything that is wrong with the files; the other diagnostics only deserve a look.
    pub fn read(parts: &[Part], language: Option<&str>) -> Result<(Config, Vec<Diagnostic>), Vec<Diagnostic>> {
        // what is no TOML, YAML or JSON is wrong for the default language too
        let written = Written::parse(parts).map_err(|found| if language.is_none() { found } else { Vec::new() })?;
        let default = written.read(None);
        if language.is_none() {
            return default;
        }
        let (default, told) = default.map_or_else(|told| (None, told), |(default, told)| (Some(Arc::new(default)), told));
        let news = |findings: Vec<Diagnostic>| findings.into_iter().filter(|finding| !told.contains(finding)).collect::<Vec<_>>();
        let (config, findings) = written.read(language).map_err(news)?;
        if config.site.languages.folder.is_empty() {
            return Ok((config, findings));
        }
        Ok((Config { default, ..config }, news(findings)))
    }

    /// A configuration for the feeds of each of some languages, each one of [`Languages::beside`]; none where it cannot be used.
    pub fn of_each<'l>(parts: &[Part], languages: impl IntoIterator<Item = &'l str>) -> Vec<Option<Config>> {
        let written = Written::parse(parts);
        let read = |language| Some(written.as_ref().ok()?.read(Some(language)).ok()?.0);
        languages.into_iter().map(read).collect()
    }

    /// What is wrong with the templates of some shortcodes, by their names, told where they stand.
    pub fn blame_shortcodes(parts: &[Part], faults: Vec<(String, String)>) -> Vec<Diagnostic> {
        Written::parse(parts).map_or_else(|found| found, |written| written.blame_shortcodes(faults))
    }

    /// Sections that are missing, by their names, each with what is wrong and what mends it, told where `[feeds] sections` names them.
    pub fn blame_sections(parts: &[Part], faults: Vec<(String, String, String)>) -> Vec<Diagnostic> {
        Written::parse(parts).map_or_else(|found| found, |written| written.blame_sections(faults))
    }

    /// What is wrong with the content folder, told where the configuration names it.
    pub fn blame_content(&self, parts: &[Part], rule: Rule, what: String, mend: String) -> Vec<Diagnostic> {
        let keys = [format!("languages.{}.contentdir", self.site.languages.own), "contentdir".to_owned(), "module.mounts".to_owned()];
        let written = Written::parse(parts);
        written.map_or_else(|found| found, |written| written.blame_folder(rule, &self.site.content_dir, &keys, what, mend))
    }

    /// What is wrong with the output folder, told where the configuration names it.
    pub fn blame_output(&self, parts: &[Part], what: String, mend: String) -> Vec<Diagnostic> {
        let (rule, keys) = (Rule::InvalidConfig, ["feeds.output".to_owned()]);
        let folder = folder::of(&self.feeds.output).unwrap_or_default();
        Written::parse(parts).map_or_else(|found| found, |written| written.blame_folder(rule, &folder, &keys, what, mend))
    }

    /// Whether a site has the same feeds, and is told of with the same findings, as with another configuration. They may
    /// differ in how feeds are served, and in comments.
    pub fn writes_as(&self, other: &Config) -> bool {
        let is_same_site = self.site == other.site && self.feeds == other.feeds && self.serve.max_age == other.serve.max_age;
        let is_same_default = match (&self.default, &other.default) {
            (Some(default), Some(other)) => default.writes_as(other),
            (default, other) => default.is_none() && other.is_none(),
        };
        is_same_site && is_same_default && self.shortcodes == other.shortcodes && self.check_allow == other.check_allow
    }

    /// Whether this finding is one to tell of.
    pub fn tells(&self, finding: &Diagnostic) -> bool {
        !self.check_allow.contains(&finding.rule)
    }
}

/// The site, in Hugo's words.
#[derive(Clone, Debug, PartialEq)]
pub struct Site {
    /// `baseURL`, with a slash at the end.
    pub base_url: BaseUrl,
    /// `title`; may be empty.
    pub title: String,
    /// `locale` or `languageCode`, as [`language_tag()`] has it; empty when there is none.
    pub language: String,
    /// `copyright`
    pub copyright: String,
    /// `params.description`
    pub description: String,
    /// `params.author`, a name or a table.
    pub author: Option<Author>,
    /// `timeZone`, for dates that carry none. When it is not written it is unknown, which counts as UTC.
    pub time_zone: jiff::tz::TimeZone,
    /// `contentDir`, relative to the site's root or absolute.
    pub content_dir: String,
    /// Which files of the content folder are there: `files` of its mount.
    pub content_files: FileFilter,
    /// `staticDir`, one or several, or what is mounted as these, then those of the themes, relative to the site's root or absolute.
    pub static_dirs: Vec<String>,
    /// The folders of `theme` in `themesDir`, relative to the site's root or absolute.
    pub themes: Vec<String>,
    /// Whether `module` takes content or files from where Tidings does not look.
    pub is_assembled: bool,
    /// `ignoreFiles`, matched against the absolute path.
    pub ignore_files: Vec<Ignored>,
    /// `taxonomies`, in the order of their plurals; none where `disableKinds` has terms.
    pub taxonomies: Vec<Taxonomy>,
    /// Whether sections have lists: not where `disableKinds` has sections.
    pub lists_sections: bool,
    /// `buildDrafts`, `buildFuture`, `buildExpired`
    pub build: Build,
    /// `pluralizeListTitles`: whether a section without a title is called by the plural of its folder's name.
    pub pluralizes_titles: bool,
    /// `titleCaseStyle` and `capitalizeListTitles`: how such a title is spelled.
    pub title_style: TitleStyle,
    /// `removePathAccents`, `disablePathToLower`, `uglyURLs`
    pub paths: Paths,
    /// `summaryLength`, in words.
    pub summary_length: usize,
    /// `hasCJKLanguage`: in pages with signs of Chinese, Japanese or Korean each of them is a word of it.
    pub has_cjk: bool,
    /// `markup.goldmark`
    pub goldmark: Goldmark,
    /// `markup.goldmark.extensions.typographer`
    pub punctuation: Arc<Punctuation>,
    /// `markup.goldmark.extensions.passthrough`: between these signs, as of TeX, is no Markdown. The longest come first.
    pub passthrough: Arc<[(String, String)]>,
    /// `permalinks`
    pub permalinks: Permalinks,
    /// `cascade`
    pub cascade: Vec<Cascade>,
    /// `frontmatter`: where each date of a page comes from.
    pub dates: DateChains,
    /// `params`, with those of the language before them.
    pub params: Fields<'static>,
    /// The language of the feeds and the others.
    pub languages: Languages,
    /// The environment that Hugo builds for.
    pub environment: String,
}

impl Site {
    /// What it is called: its title, or its host where it has none.
    pub fn name(&self) -> &str {
        if self.title.trim().is_empty() { self.base_url.url().host_str().unwrap_or_default() } else { &self.title }
    }

    /// What it is read for.
    pub fn purpose(&self) -> Purpose<'_> {
        Purpose { language: &self.languages.own, environment: &self.environment }
    }
}

/// Which words of a title that Hugo makes begin with a capital.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TitleStyle {
    /// After the Associated Press.
    #[default]
    Ap,
    /// After the Chicago Manual of Style.
    Chicago,
    /// All of them.
    Go,
    /// The first.
    FirstUpper,
    /// None.
    None,
}

impl TitleStyle {
    /// The style that Hugo has by this name.
    fn named(name: &str) -> Self {
        match name.to_lowercase().as_str() {
            "chicago" => TitleStyle::Chicago,
            "go" => TitleStyle::Go,
            "firstupper" => TitleStyle::FirstUpper,
            "none" => TitleStyle::None,
            _ => TitleStyle::Ap,
        }
    }
}

/// A pattern of `ignoreFiles`.
#[derive(Clone, Debug)]
pub struct Ignored(pub regex::Regex);

impl PartialEq for Ignored {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

/// Where each date of a page comes from: the first source that has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DateChains {
    /// The date that permalinks print.
    pub date: Vec<DateSource>,
    /// The publication date.
    pub published: Vec<DateSource>,
    /// The date of the last change.
    pub modified: Vec<DateSource>,
    /// The end.
    pub expiry: Vec<DateSource>,
}

/// One place where a date may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DateSource {
    /// A front matter field, in lower case.
    Field(String),
    /// The file name: `2020-01-02-title.md`.
    FileName,
}

/// Which pages count that otherwise would not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Build {
    /// `buildDrafts`
    pub drafts: bool,
    /// `buildFuture`
    pub future: bool,
    /// `buildExpired`
    pub expired: bool,
}

/// How paths are spelled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paths {
    /// `removePathAccents`
    pub remove_accents: bool,
    /// `disablePathToLower`
    pub keep_case: bool,
    /// `uglyURLs` for the whole site.
    pub ugly: bool,
    /// `uglyURLs` for some sections.
    pub ugly_sections: Vec<String>,
}

/// The three formats, in the order of lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// RSS 2.0
    Rss,
    /// Atom 1.0, RFC 4287
    Atom,
    /// JSON Feed 1.1
    Json,
}

impl Format {
    /// All of them.
    pub const ALL: [Format; 3] = [Format::Rss, Format::Atom, Format::Json];

    /// The name in the configuration.
    pub fn key(self) -> &'static str {
        match self {
            Format::Rss => "rss",
            Format::Atom => "atom",
            Format::Json => "json",
        }
    }

    /// The media type, without parameters.
    pub fn media_type(self) -> &'static str {
        match self {
            Format::Rss => "application/rss+xml",
            Format::Atom => "application/atom+xml",
            Format::Json => "application/feed+json",
        }
    }
}

/// How much of a post is in a feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Body {
    /// All of it, beside a summary.
    Full,
    /// The summary.
    Summary,
}

/// `[feeds]`: what is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feeds {
    /// The output folder, relative to the site's root or absolute.
    pub output: String,
    /// Where the feeds are reachable, with a slash at the end.
    pub base_url: BaseUrl,
    /// Entries a feed; none means all.
    pub limit: Option<usize>,
    /// Full text or summaries.
    pub content: Body,
    /// Which formats are written, in the order of [`Format::ALL`].
    pub formats: Vec<Format>,
    /// The top-level content folders that make the site feed; empty means all.
    pub sections: Vec<String>,
    /// The file name of each format.
    pub file_names: FileNames,
}

/// The file name of each format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileNames {
    /// `rss.xml`
    pub rss: String,
    /// `atom.xml`
    pub atom: String,
    /// `feed.json`
    pub json: String,
}

impl FileNames {
    /// The name for one format.
    pub fn of(&self, format: Format) -> &str {
        match format {
            Format::Rss => &self.rss,
            Format::Atom => &self.atom,
            Format::Json => &self.json,
        }
    }
}

/// `[serve]`: how it is served.
#[derive(Clone, Debug)]
pub struct Serve {
    /// The address to listen on.
    pub listen: String,
    /// The address for figures; empty means none.
    pub admin: String,
    /// `Cache-Control: max-age`, in seconds, and `ttl` of RSS.
    pub max_age: u32,
    /// Connections at once.
    pub max_connections: usize,
    /// Seconds between two looks at the whole content folder; 0 to be told of changes by the system.
    pub poll: u32,
    /// Seconds between two comparisons of the disk with what was read and written; 0 for none.
    pub verify: u32,
}

/// A shared configuration: one value from its reading to its replacement.
pub type Shared = Arc<Config>;
