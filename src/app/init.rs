//! `tidings init`: a configuration where there is none, and what the feeds of a folder will be.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};

use super::configuration::Configuration;
use super::create::{create, create_folder};
use super::overview::Overview;
use super::report::Report;
use super::{FAILURE, Options, Setup, Unusable, Voice, shown, starter};

/// Says what a site's feeds will be and what they lack. A folder without a configuration gets one; what is there stays.
pub fn init(voice: Voice) -> ExitCode {
    let mut report = Report::new(voice);
    let (root, start) = match start() {
        Ok(start) => start,
        Err(error) => return Unusable::Because(error).end(&mut report),
    };
    let created = match &start {
        Start::Configured => Ok(()),
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
    let name = shown(&setup.found.configuration.file()).display().to_string();
    let others = match setup.found.configuration.others() {
        0 => String::new(),
        1 => ", with one more file,".to_owned(),
        others => format!(", with {others} more files,"),
    };
    let overview = match Overview::of(&setups, voice) {
        Ok(overview) => overview,
        Err(error) => {
            report.fail(&error);
            return ExitCode::from(FAILURE);
        }
    };
    report.result(&match (start, overview.is_complete()) {
        (Start::Nothing { .. }, _) => format!("{name} is written. Its title, its address and every default stand in it, to be changed."),
        (Start::Configured, true) => format!("{name}{others} describes this site. Tidings reads it as it is, and nothing has to be added."),
        (Start::Configured, false) => format!("{name}{others} describes this site. Tidings reads it as it is."),
    });
    report.result(overview.text(&name, setup.root()).trim_end());
    ExitCode::SUCCESS
}

/// What a folder has of a configuration.
enum Start {
    /// One that Tidings reads.
    Configured,
    /// None; this would be one, for the posts in this folder.
    Nothing { text: String, content: String },
}

/// Finds out what the current folder has, and what is to be written there.
fn start() -> Result<(PathBuf, Start)> {
    let root = std::env::current_dir().context("cannot tell the current folder")?;
    if Configuration::is_in(&root) {
        return Ok((root, Start::Configured));
    }
    let content = starter::content_folder(&root);
    let text = starter::config(&starter::title(&root), &content);
    Ok((root, Start::Nothing { text, content }))
}
