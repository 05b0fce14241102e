//! `tidings init`: a configuration where there is none, and what the feeds of a folder will be.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};

use super::create::{create, create_folder};
use super::foreign::{self, TRANSLATION};
use super::overview::Overview;
use super::report::Report;
use super::{CONFIGURATIONS, FAILURE, Options, Setup, Unusable, Voice, shown, starter};

/// So many files of a configuration are named; one in many languages has dozens.
const SHOWN: usize = 6;

/// Says what a site's feeds will be and what they lack. A folder without a configuration gets one; what is there stays.
pub fn init(voice: Voice) -> ExitCode {
    let mut report = Report::new(voice);
    let (root, start) = match start() {
        Ok(start) => start,
        Err(error) => return Unusable::Because(error).end(&mut report),
    };
    let created = match &start {
        Start::Configured => Ok(()),
        Start::Hugo { text, .. } => create(&root.join(TRANSLATION), text),
        Start::Nothing { text, content } => create(&root.join("config.toml"), text).and_then(|()| create_folder(&root.join(content))),
    };
    if let Err(error) = created {
        report.fail(&error);
        return ExitCode::from(FAILURE);
    }
    let options = Options { voice, ..Options::default() };
    let setups = match Setup::load(&options, None, &mut report).and_then(|setup| setup.with_others(&options, &mut report)) {
        Ok(setups) => setups,
        Err(unusable) => return unusable.end(&mut report),
    };
    let setup = &setups[0];
    let name = shown(&setup.file).display().to_string();
    let overview = Overview::of(&setups, voice);
    report.result(&match (start, overview.is_complete()) {
        (Start::Nothing { .. }, _) => format!("{name} is written. Its title, its address and every default stand in it, to be changed."),
        (Start::Hugo { files, .. }, _) => {
            format!("{name} is written: what Tidings reads of {files}, as TOML. Hugo does not look at it; what you change in one, change in both.")
        }
        (Start::Configured, true) => format!("{name} describes this site. Tidings reads it as it is, and nothing has to be added."),
        (Start::Configured, false) => format!("{name} describes this site. Tidings reads it as it is."),
    });
    let mut unread = foreign::files(&setup.root);
    unread.retain(|file| *file != Path::new(&name));
    if name != TRANSLATION && !unread.is_empty() {
        report.result(&format!("Not read is {}: what feeds need of it has to stand in {name}, too.", listed(&unread)));
    }
    report.result(overview.text(&name, &setup.root).trim_end());
    ExitCode::SUCCESS
}

/// What a folder has of a configuration.
enum Start {
    /// One that Tidings reads.
    Configured,
    /// Files of Hugo that Tidings does not read, and what it would read of them.
    Hugo { files: String, text: String },
    /// None; this would be one, for the posts in this folder.
    Nothing { text: String, content: String },
}

/// Finds out what the current folder has, and what is to be written there.
fn start() -> Result<(PathBuf, Start)> {
    let root = std::env::current_dir().context("cannot tell the current folder")?;
    if CONFIGURATIONS.iter().any(|name| root.join(name).exists()) {
        return Ok((root, Start::Configured));
    }
    let files = foreign::files(&root);
    if !files.is_empty() {
        let text = foreign::translate(&root, &files)?;
        return Ok((root, Start::Hugo { files: listed(&files), text }));
    }
    let content = starter::content_folder(&root);
    let text = starter::config(&starter::title(&root), &content);
    Ok((root, Start::Nothing { text, content }))
}

fn listed(files: &[PathBuf]) -> String {
    let (shown, others) = files.split_at(files.len().min(SHOWN));
    let shown = shown.iter().map(|file| file.display().to_string()).collect::<Vec<_>>().join(", ");
    if others.is_empty() { shown } else { format!("{shown} and {} more files", others.len()) }
}
