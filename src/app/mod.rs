//! Everything put together: `build`, `check` and `serve`, and `init` and `new`, which give them something to read.
//!
//! The engine runs the one loop of reading, planning and publishing; each command decides what starts it and what its
//! outcome means. Nothing here knows how a post is read or a feed is written.

mod advice;
mod build;
mod check;
mod configuration;
mod counted;
mod create;
mod descriptors;
mod emptied;
mod engine;
mod health;
mod init;
mod keeper;
mod listen;
mod new;
mod overview;
mod report;
mod rounds;
mod serve;
mod settle;
mod starter;
mod systemd;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use xxhash_rust::xxh3::xxh3_64;

use crate::config::{BaseUrl, Config, Neighbour, Part, folder_at};
use crate::content::Templates;
use crate::diagnostic::{Diagnostic, Rule, Severity};
use crate::ids::{self, Ids};
use crate::publish::Output;
use crate::regular;
use configuration::{Configuration, Found};
use emptied::ensure_content_stays;
use report::Report;

pub use build::{build, next};
pub use check::check;
pub use health::health;
pub use init::init;
pub use new::{NewOptions, new};
pub use report::Form;
pub use serve::{ServeOptions, serve};

/// What every command is told.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The first file of the configuration; by default `tidings.toml`, or else what Hugo reads in the current folder.
    pub config: Option<PathBuf>,
    /// The site's address, instead of that of the configuration.
    pub base_url: Option<String>,
    /// The output folder, instead of that of the configuration.
    pub out: Option<PathBuf>,
    /// The instant that decides what is future or expired, instead of the clock's.
    pub now: Option<DateTime<Utc>>,
    /// What makes a command fail.
    pub strictness: Strictness,
    /// Seconds between two looks at the content folder, instead of those of the configuration.
    pub poll: Option<u32>,
    /// How many published entries a build may give other ids; none for any number.
    pub deny_new_ids: Option<usize>,
    /// Warnings and notes that are accepted, beside those of the configuration.
    pub allow: Vec<Rule>,
    /// How much is said.
    pub voice: Voice,
}

/// How much is said beside results.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Voice {
    /// Errors and nothing else.
    Quiet,
    /// What somebody should know.
    #[default]
    Usual,
    /// What is being done, too.
    Verbose,
}

/// What makes a command fail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strictness {
    /// What each command says of itself.
    #[default]
    Usual,
    /// Errors in content end `build`, warnings end `check`, with a status that is not 0.
    Strict,
}

/// Errors in content, or something that the machine did not give: a file, a folder, an address to listen on.
const FAILURE: u8 = 1;

/// Wrong usage or configuration.
const MISUSE: u8 = 2;

/// A configuration that was found and read, and where it was.
#[derive(Clone)]
struct Setup {
    /// The files of the configuration, what they held, and the site's root.
    found: Found,
    /// The output folder.
    out: PathBuf,
    /// As it is for the feeds of one language.
    config: Arc<Config>,
    templates: Templates,
}

/// Why there is no setup. What is wrong with the file was reported.
enum Unusable {
    Reported,
    Because(anyhow::Error),
}

impl Setup {
    /// Finds and reads the configuration of a site that has content, for the feeds of each of its languages, the default one
    /// first, and reports what is wrong with it.
    fn read(options: &Options, report: &mut Report) -> Result<Vec<Self>, Unusable> {
        Setup::load(options, None, report)?.validated()?.with_others(options, report)
    }

    /// The setup itself and those for the feeds in the other languages that have content.
    fn with_others(self, options: &Options, report: &mut Report) -> Result<Vec<Self>, Unusable> {
        let languages = self.config.site.languages.beside.clone();
        let (mut setups, mut absent) = (vec![self], Vec::new());
        for language in languages.iter().map(|language| &language.key) {
            let setup = Setup::of(setups[0].found.clone(), options, Some(language), report)?;
            if setup.content().is_dir() {
                setups.push(setup.validated()?);
            } else {
                let what =
                    format!("there is no content folder {} for the language {language}, which has no feeds", setup.content().display());
                let mend = "put its posts there, or name another with `contentDir`".to_owned();
                let told = setup.config.blame_content(&setup.found.parts, Rule::MissingContent, what, mend);
                told.iter().filter(|finding| setup.config.tells(finding)).for_each(|finding| report.tell(finding));
                absent.push(language.clone());
            }
        }
        Ok(setups.into_iter().map(|setup| setup.passing_over(&absent)).collect())
    }

    /// The same, with other languages of these names passed over.
    fn passing_over(mut self, languages: &[String]) -> Self {
        if !languages.is_empty() {
            Arc::make_mut(&mut self.config).site.languages.pass_over(languages);
        }
        self
    }

    /// The other languages that are passed over.
    fn passed_over(&self) -> Vec<String> {
        self.config.site.languages.beside.iter().filter(|other| other.is_absent).map(|other| other.key.clone()).collect()
    }

    /// Finds and reads the configuration for the feeds of a language, whether or not there is content yet, and reports what is
    /// wrong with it: for the default one everything, for another what is wrong with that alone. When the site does not have the
    /// language, it is for the default one.
    fn load(options: &Options, language: Option<&str>, report: &mut Report) -> Result<Self, Unusable> {
        Setup::of(Setup::find(options, language, report)?, options, language, report)
    }

    /// Finds and reads the files of the configuration.
    fn find(options: &Options, language: Option<&str>, report: &mut Report) -> Result<Found, Unusable> {
        let configuration = Configuration::find(options.config.as_deref()).map_err(Unusable::Because)?;
        let stamps = configuration.stamps();
        let parts = configuration.read().map_err(Unusable::Because)?;
        report.set_root(&configuration.root);
        match parts {
            Ok(mut parts) => {
                parts.extend(configuration::variables());
                parts.extend(options.base_url.as_ref().map(|url| Part::of_argument("--base-url", "baseURL", url)));
                Ok(Found { configuration, parts, stamps })
            }
            Err(finding) => {
                // what is no text is told of once, as all that is wrong for the default language too
                if language.is_none() {
                    report.tell(&finding);
                }
                Err(Unusable::Reported)
            }
        }
    }

    /// What was found, for the feeds of a language.
    fn of(found: Found, options: &Options, language: Option<&str>, report: &mut Report) -> Result<Self, Unusable> {
        let Found { configuration, parts, .. } = &found;
        let (mut config, findings) = match Config::read(parts, language) {
            Ok(parsed) => parsed,
            Err(findings) => {
                findings.iter().for_each(|finding| report.tell(finding));
                return Err(Unusable::Reported);
            }
        };
        config.check_allow.extend(&options.allow);
        findings.iter().filter(|finding| config.tells(finding)).for_each(|finding| report.tell(finding));
        if let Some(poll) = options.poll {
            config.serve.poll = poll;
        }
        let templates = match Templates::compile(&config.shortcodes) {
            Ok(templates) => templates,
            Err(faults) => {
                // they are those of the default language
                if language.is_none() {
                    Config::blame_shortcodes(parts, faults).iter().for_each(|finding| report.tell(finding));
                }
                return Err(Unusable::Reported);
            }
        };
        let out = options.out.as_ref().map_or_else(|| Ok(configuration.root.join(&config.feeds.output)), std::path::absolute);
        let out = out.context("cannot tell the current folder").map_err(Unusable::Because)?;
        let out = match config.site.languages.folder.as_str() {
            "" => out,
            folder => out.join(folder),
        };
        tracing::debug!("the configuration is {}, the feeds go to {}", configuration.file().display(), out.display());
        Ok(Setup { found, out, config: Arc::new(config), templates })
    }

    /// The site's root, absolute.
    fn root(&self) -> &Path {
        &self.found.configuration.root
    }

    /// How many entries were published, as far as the table of ids tells.
    fn published(&self) -> usize {
        let table = regular::read(&self.out.join(ids::FILE)).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        table.map_or(0, |table| self.counting(Ids::parse(&table).0).len())
    }

    /// The content folder.
    fn content(&self) -> PathBuf {
        folder_at(self.root(), &self.config.site.content_dir)
    }

    /// The language of the feeds; none for the default one.
    fn language(&self) -> Option<&str> {
        Some(self.config.site.languages.folder.as_str()).filter(|language| !language.is_empty())
    }

    /// Another language for whose feeds this configuration cannot be used in the place of the one before, and why. The setup of that
    /// tells all that is wrong with it.
    fn language_at_fault(&self, before: &Setup) -> Option<(String, String)> {
        let others = &self.config.site.languages.beside;
        let keys = || others.iter().map(|other| other.key.as_str());
        let (configs, former) = (Config::of_each(&self.found.parts, keys()), Config::of_each(&before.found.parts, keys()));
        let former = former.into_iter().map(|config| config.map(|config| before.beside(config)));
        let mut each = others.iter().zip(configs).zip(former);
        each.find_map(|((other, config), former)| Some((other.key.clone(), self.fault_beside(other, config, former)?)))
    }

    /// Why this configuration cannot be used for the feeds of another language, for which it is `config`, in the place of the former
    /// setup.
    fn fault_beside(&self, other: &Neighbour, config: Option<Config>, former: Option<Setup>) -> Option<String> {
        let Some(config) = config else {
            let findings = Config::read(&self.found.parts, Some(&other.key)).err().unwrap_or_default();
            let first = findings.iter().find(|finding| finding.severity == Severity::Error);
            return Some(first.map_or_else(String::new, ToString::to_string));
        };
        let setup = self.beside(config);
        // a content folder that is gone from where it was may come back
        let may_come_back = former.as_ref().is_some_and(|former| former.content() == setup.content()) && !setup.content().is_dir();
        if other.is_absent || may_come_back {
            return None;
        }
        let keeps = || former.as_ref().map_or(Ok(()), |former| ensure_content_stays(&setup, former));
        setup.validate().and_then(|()| keeps()).err().map(|error| format!("{error:#}"))
    }

    /// Of a table of ids those that count: none that was given while the site had no address but a local one, once it has another.
    fn counting(&self, ids: Ids) -> Ids {
        if BaseUrl::is_local(self.config.site.base_url.as_str()) { ids } else { ids.without(BaseUrl::is_local) }
    }

    /// The same for the feeds of another language, with its configuration.
    fn beside(&self, config: Config) -> Setup {
        let all = if self.language().is_none() { &self.out } else { self.out.parent().unwrap_or(&self.out) };
        Setup { out: all.join(&config.site.languages.folder), config: Arc::new(config), ..self.clone() }
    }

    /// Takes the output folder, but for those in it of other languages.
    fn open_output(&self) -> Result<Output> {
        let languages = &self.config.site.languages;
        let folders = languages.beside.iter().map(|other| PathBuf::from(&other.folder)).filter(|_| languages.folder.is_empty());
        Ok(Output::open(&self.out, self.root())?.without(folders))
    }

    /// What is told of the feeds of another language than the default one is told within this.
    fn span(&self) -> tracing::Span {
        self.language().map_or_else(tracing::Span::none, |language| tracing::error_span!("feeds", %language))
    }

    /// How a first post is written, from the current folder.
    fn first_post(&self) -> String {
        let file = self.found.configuration.file();
        let config = match Configuration::find(None) {
            Ok(found) if found.file() == file => String::new(),
            _ => format!(" -c {}", shown(&file).display()),
        };
        format!("`tidings new{config} \"Hello\"`")
    }

    /// What posts are understood by, beside their files: this very program, and the configuration.
    fn key(&self) -> u64 {
        let program = std::env::current_exe().and_then(std::fs::metadata).and_then(|meta| Ok((meta.len(), meta.modified()?))).ok();
        let language = &self.config.site.languages.own;
        xxh3_64(format!("{} {program:?} {language} {:?}", env!("CARGO_PKG_VERSION"), self.found.parts).as_bytes())
    }

    /// The setup itself, if its site has content that lies apart from the feeds.
    fn validated(self) -> Result<Self, Unusable> {
        self.validate().map_err(Unusable::Because).map(|()| self)
    }

    fn validate(&self) -> Result<()> {
        let content = self.content();
        if !content.is_dir() {
            let what = format!("there is no content folder {}", content.display());
            let found = self.config.blame_content(&self.found.parts, Rule::InvalidConfig, what, self.mend_of_content());
            return Err(first(found));
        }
        let (out, content) = (normal(&self.out), normal(&content));
        if out.starts_with(&content) || content.starts_with(&out) {
            let what = format!("the output folder {} and the content folder {} must lie apart", out.display(), content.display());
            let is_written = self.out.starts_with(self.root().join(&self.config.feeds.output));
            anyhow::ensure!(is_written, "{what}; choose another folder with --out");
            let mend = "choose another `output` in `[feeds]`, or --out".to_owned();
            return Err(first(self.config.blame_output(&self.found.parts, what, mend)));
        }
        Ok(())
    }

    /// What mends that there is no content folder.
    fn mend_of_content(&self) -> String {
        let named = &self.config.site.content_dir;
        match named.strip_prefix('/').filter(|below| self.root().join(below).is_dir()) {
            Some(below) => format!("write `{below}`: a folder that begins with a slash is not in that of the site"),
            None => format!("write a first post, which makes it, with {}, or name yours with `contentDir`", self.first_post()),
        }
    }
}

/// The first of some findings, as why something cannot be done.
fn first(findings: Vec<Diagnostic>) -> anyhow::Error {
    findings.into_iter().next().map_or_else(|| anyhow::anyhow!("the configuration cannot be used"), anyhow::Error::new)
}

impl Unusable {
    /// Reports what was not reported yet; the status is that of misuse.
    fn end(self, report: &mut Report) -> ExitCode {
        if let Unusable::Because(error) = self {
            report.fail(&error);
        }
        ExitCode::from(MISUSE)
    }
}

/// A path as a person in the current folder writes it.
fn shown(path: &Path) -> &Path {
    let here = std::env::current_dir().ok();
    here.and_then(|here| path.strip_prefix(here).ok()).unwrap_or(path)
}

/// A path with the links on the way to it followed, as far as it exists.
fn normal(path: &Path) -> PathBuf {
    let existing = path.ancestors().find_map(|part| Some((part, part.canonicalize().ok()?)));
    existing.map_or_else(|| path.to_owned(), |(part, real)| path.strip_prefix(part).map_or(real.clone(), |rest| real.join(rest)))
}
