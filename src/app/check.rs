//! `tidings check`: everything that is wrong or still to come, and nothing written.

use std::process::ExitCode;
use std::sync::Arc;

use chrono::Utc;

use super::engine::Engine;
use super::report::{Progress, Report};
use super::{FAILURE, Options, Setup, Strictness};
use crate::config::Config;
use crate::ids::Ids;

/// How findings are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A line each on standard error, and their number on standard output.
    Lines,
    /// A JSON object a line on standard output.
    Json,
}

/// Reads and renders every post and tells everything that is wrong. Errors end with a status that is not 0; with
/// [`Strictness::Strict`], so do warnings.
pub fn check(options: &Options, form: Form) -> ExitCode {
    let mut report = Report::new(options.voice);
    let setup = match Setup::read(options, &mut report) {
        Ok(setup) => setup,
        Err(unusable) => return unusable.end(&mut report),
    };
    // every post is looked at, not only those in a feed
    let mut config = Config::clone(&setup.config);
    config.feeds.limit = None;
    let setup = Setup { config: Arc::new(config), ..setup };
    let now = options.now.unwrap_or_else(Utc::now);
    let mut engine = Engine::new(&setup, Ids::default(), now, None);
    let progress = Progress::new(options.voice);
    let mut findings = engine.read_all(None, &mut |read, total| progress.show(read, total));
    progress.say("rendering");
    engine.plan(now);
    progress.end();
    findings.extend(engine.site().diagnostics());
    findings.extend(engine.site().scheduled());
    findings.sort();
    for finding in &findings {
        match form {
            Form::Lines => report.tell(finding),
            Form::Json => report.tell_json(finding),
        }
    }
    if form == Form::Lines {
        let notes = findings.len() - report.errors - report.warnings;
        let (posts, feeds) = (engine.site().posts(), engine.site().feeds());
        report.result(&format!("{posts} posts, {feeds} feeds: {} errors, {} warnings, {notes} notes", report.errors, report.warnings));
        if let Some(advice) = engine.advise(&setup) {
            report.result(&advice);
        }
    }
    let fails = report.errors > 0 || options.strictness == Strictness::Strict && report.warnings > 0;
    if fails { ExitCode::from(FAILURE) } else { ExitCode::SUCCESS }
}
