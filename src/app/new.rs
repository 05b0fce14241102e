//! `tidings new`: a post to start from, in a file that was not there.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Result, anyhow, bail, ensure};
use chrono::{DateTime, FixedOffset, SecondsFormat, Utc};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::create::create;
use super::report::Report;
use super::{FAILURE, MISUSE, Options, Setup, normal, shown};
use crate::config::Config;
use crate::content::path::{self, ContentPath, FileKind};
use crate::diagnostic::Rule;

/// What `new` is told beside what every command is.
#[derive(Clone, Debug, Default)]
pub struct NewOptions {
    /// What every command is told.
    pub common: Options,
    /// The folder below the content folder, or a file in it.
    pub place: Option<String>,
    /// The title; a content file, when there is no place.
    pub title: String,
    /// Whether the post waits until its writer has removed that it is a draft.
    pub is_draft: bool,
    /// The date of the post, instead of the clock's.
    pub date: Option<DateTime<Utc>>,
}

/// The section of a site that has none yet.
const FIRST_SECTION: &str = "post";

/// Writes a dated post and prints where it is.
pub fn new(options: &NewOptions) -> ExitCode {
    let mut report = Report::new(options.common.voice);
    // what else is to be said of the configuration has nothing to do with this post
    let allow = Rule::ALL.iter().copied().filter(|rule| rule.may_be_allowed()).collect();
    let common = Options { allow, ..options.common.clone() };
    let setup = match Setup::load(&common, None, &mut report) {
        Ok(setup) => setup,
        Err(unusable) => return unusable.end(&mut report),
    };
    let (path, text) = match post(&setup, options) {
        Ok(post) => post,
        Err(error) => {
            report.fail(&error);
            return ExitCode::from(MISUSE);
        }
    };
    match create(&path, &text) {
        Ok(()) => {
            report.result(&shown(&path).display().to_string());
            ExitCode::SUCCESS
        }
        Err(error) => {
            report.fail(&error);
            ExitCode::from(FAILURE)
        }
    }
}

/// The file to write, and its text.
fn post(setup: &Setup, options: &NewOptions) -> Result<(PathBuf, String)> {
    let (config, content) = (&setup.config, setup.content());
    let (file, title) = named(options, &content, config)?;
    let Some(parts) = ContentPath::new(&file, &config.site.languages) else {
        bail!("{file} is no Markdown file; let its name end with .md")
    };
    ensure!(parts.kind != FileKind::Branch, "{file} describes its section and is no post; choose another name");
    stand_alone(&content, &parts)?;
    let (section, known) = (path::first_segment(parts.folder), sections(&content, config));
    ensure!(
        !is_taxonomy(section, config),
        "{section} is a taxonomy, whose folders describe its terms; name a section: tidings new {} {:?}",
        known.first().map_or(FIRST_SECTION, String::as_str),
        title.as_deref().unwrap_or("Title")
    );
    if !section.is_empty() && !known.is_empty() && !content.join(section).exists() {
        // it may be a slip
        tracing::info!("{section} is a new section, beside {}", listed(&known));
    }
    let title = title.unwrap_or_else(|| parts.base_name().replace(['-', '_'], " "));
    Ok((content.join(&file), text(&title, options.date.unwrap_or_else(Utc::now), &config.site.time_zone, options.is_draft)))
}

/// The file that is asked for, below the content folder, and its title; none where the file is to give it.
fn named(options: &NewOptions, content: &Path, config: &Config) -> Result<(String, Option<String>)> {
    let is_file = |place: &str| ContentPath::new(place, &config.site.languages).is_some();
    // as `hugo new` is called; what has blanks is a title that ends with the name of a file
    if options.place.is_none() && is_file(&options.title) && !options.title.contains(' ') {
        return Ok((below(&options.title, content, config)?, None));
    }
    let title = options.title.split_whitespace().collect::<Vec<_>>().join(" ");
    ensure!(!title.is_empty(), "the title is empty; write one such as \"Hello\"");
    let place = options.place.as_ref().map(|place| below(place, content, config)).transpose()?;
    let file = match place {
        Some(file) if is_file(&file) => file,
        Some(section) => path::join(&section, &file_name(&title, config)?),
        None => path::join(&only_section(content, config)?, &file_name(&title, config)?),
    };
    Ok((file, Some(title)))
}

/// A place as it is below the content folder. It may be written with the content folder before it, as shells complete it, or with all
/// folders down from the root.
fn below(place: &str, content: &Path, config: &Config) -> Result<String> {
    let leads_out = || anyhow!("{place} leads out of the content folder; name a folder in it, such as {FIRST_SECTION}");
    if Path::new(place).is_absolute() {
        let full = normal(Path::new(place));
        let below = full.strip_prefix(normal(content)).ok().and_then(Path::to_str).and_then(path::below);
        return below.map(Cow::into_owned).ok_or_else(leads_out);
    }
    let below = path::below(place).ok_or_else(leads_out)?;
    let short = Path::new(&*below).strip_prefix(&config.site.content_dir).ok().and_then(Path::to_str);
    Ok(short.filter(|_| !content.join(&*below).exists()).unwrap_or(&below).to_owned())
}

/// The only section of a site, or the first of one that has none.
fn only_section(content: &Path, config: &Config) -> Result<String> {
    let sections = sections(content, config);
    match (sections.first(), sections.len()) {
        (None, _) => Ok(FIRST_SECTION.to_owned()),
        (Some(only), 1) => Ok(only.clone()),
        (Some(first), _) => {
            bail!("the site has the sections {}; name one before the title: tidings new {first} \"Title\"", listed(&sections))
        }
    }
}

/// The top-level folders of the content that hold posts, as far as their names tell.
fn sections(content: &Path, config: &Config) -> BTreeSet<String> {
    let entries = std::fs::read_dir(content).into_iter().flatten().filter_map(Result::ok);
    let folders = entries.filter(|entry| entry.path().is_dir() && !entry.path().join("index.md").exists());
    let names = folders.filter_map(|entry| entry.file_name().into_string().ok());
    names.filter(|name| !name.starts_with('.') && !is_taxonomy(name, config)).collect()
}

fn is_taxonomy(folder: &str, config: &Config) -> bool {
    config.site.taxonomies.iter().any(|taxonomy| *taxonomy.plural == *folder)
}

fn listed(sections: &BTreeSet<String>) -> String {
    sections.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}

/// The name of a title's file: the last part of the address that Hugo makes of it.
fn file_name(title: &str, config: &Config) -> Result<String> {
    let paths = &config.site.paths;
    // a slash would be a folder; a file whose name begins with a dot or a hash is passed over
    let words = title.replace(['/', '\\'], " ");
    let slug = path::sanitize(&words, paths);
    let slug = slug.trim_start_matches(|c: char| !c.is_alphanumeric()).trim_end_matches(['-', '.', '_', '~']);
    let name = format!("{slug}.md");
    let parts = ContentPath::new(&name, &config.site.languages).filter(|parts| parts.kind == FileKind::Single && parts.stem == slug);
    ensure!(
        parts.is_some() && !slug.is_empty(),
        "no file can be named after the title {title:?}; name one yourself: tidings new {FIRST_SECTION}/NAME.md {title:?}"
    );
    Ok(name)
}

/// That no other page has the place of this one, or would swallow it.
fn stand_alone(content: &Path, parts: &ContentPath<'_>) -> Result<()> {
    let is_bundle = |folder: &str| !folder.is_empty() && content.join(folder).join("index.md").exists();
    let around = if parts.kind == FileKind::Leaf { parts.container() } else { parts.folder };
    let bundle = std::iter::once(around).chain(path::ancestors(around)).find(|folder| is_bundle(folder));
    ensure!(
        bundle.is_none(),
        "{} is one page with the files beside its index.md; choose a folder that is none",
        shown(&content.join(bundle.unwrap_or_default())).display()
    );
    let twin = match parts.kind {
        FileKind::Leaf => format!("{}.md", parts.folder),
        _ => path::join(&path::join(parts.folder, parts.stem), "index.md"),
    };
    let twin = content.join(twin);
    ensure!(!twin.exists(), "{} has the same address; choose another title or name", shown(&twin).display());
    Ok(())
}

/// The text of a post: its front matter, and a line to write on.
fn text(title: &str, date: DateTime<Utc>, zone: &TimeZone, is_draft: bool) -> String {
    let seconds = Timestamp::from_second(date.timestamp()).ok().map(|at| zone.to_offset(at).seconds());
    // an offset is written in minutes; before there were zones they had seconds
    let offset = seconds.and_then(|seconds| FixedOffset::east_opt(seconds - seconds % 60));
    let date = offset.map_or(date.fixed_offset(), |offset| date.with_timezone(&offset)).to_rfc3339_opts(SecondsFormat::Secs, true);
    let title = toml::Value::from(title);
    let draft = if is_draft { "draft = true\n" } else { "" };
    format!("+++\ntitle = {title}\ndate = {date}\n{draft}+++\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> Config {
        Config::parse(text, "c.toml").unwrap().0
    }

    #[test]
    fn a_file_is_named_as_hugo_spells_the_title_in_addresses() {
        let check = |configuration: &str, title: &str, expected: Option<&str>| {
            assert_eq!(file_name(title, &config(configuration)).ok().as_deref(), expected, "{title}");
        };
        check("", "Hello, World!", Some("hello-world.md"));
        check("", "Été à la mer", Some("été-à-la-mer.md"));
        check("removePathAccents = true", "Été à la mer", Some("ete-a-la-mer.md"));
        check("disablePathToLower = true", "Why C++", Some("Why-C++.md"));
        check("", "Tabs / spaces", Some("tabs-spaces.md"));
        check("", ".NET 9.0", Some("net-9.0.md"));
        check("", "#1: the first", Some("1-the-first.md"));
        check("", "What now...", Some("what-now.md"));
        // names that say something else of their file
        for title in ["Index", "🎉", "..", "½"] {
            check("", title, None);
        }
        check("[languages.en]\n[languages.fr]", "node.fr", None);
    }

    #[test]
    fn the_front_matter_is_toml_whatever_the_title() {
        let zone = TimeZone::get("Europe/Paris").unwrap();
        let check = |title: &str| {
            let text = text(title, "2026-07-01T12:00:00.5Z".parse().unwrap(), &zone, true);
            let table: toml::Table = text.trim().trim_matches('+').parse().unwrap();
            assert_eq!((table["title"].as_str(), table["draft"].as_bool()), (Some(title), Some(true)), "{text}");
            assert_eq!(table["date"].to_string(), "2026-07-01T14:00:00+02:00");
        };
        for title in ["Hello", "Say \"hi\"", "It's", "'\"\\", "a = [1] # no", "\u{7f} \u{1b}", "日本語"] {
            check(title);
        }
        assert!(text("A", "1800-01-01T00:00:00Z".parse().unwrap(), &zone, false).contains("\ndate = 1800-01-01T00:09:00+00:09\n"));
        assert!(text("A", DateTime::UNIX_EPOCH, &TimeZone::UTC, false).contains("\ndate = 1970-01-01T00:00:00Z\n+++\n"));
    }
}
