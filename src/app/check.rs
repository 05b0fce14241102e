//! `tidings check`: everything that is wrong or still to come, and nothing written.

use std::process::ExitCode;
use std::sync::Arc;

use chrono::Utc;

use super::engine::Engine;
use super::report::{Form, Progress, Report};
use super::{FAILURE, Options, Setup, Strictness};
use crate::config::Config;
use crate::diagnostic::Severity;
use crate::ids::Ids;

/// Reads and renders every post and tells everything that is wrong. Errors end with a status that is not 0; with
/// [`Strictness::Strict`], so do warnings.
pub fn check(options: &Options, form: Form) -> ExitCode {
    let mut report = Report::new(options.voice).in_form(form);
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
    engine.examine_links(&setup.config.site);
    progress.say("rendering");
    engine.plan(now);
    progress.end();
    findings.extend(engine.site().diagnostics());
    findings.extend(engine.site().scheduled());
    findings.retain(|finding| setup.config.tells(finding));
    findings.sort();
    for finding in &findings {
        report.tell(finding);
    }
    if form != Form::Json {
        let (posts, feeds) = (engine.site().posts(), engine.site().feeds());
        report.result(&format!("{posts} posts, {feeds} feeds: {}", report.summary()));
        if let Some(advice) = engine.advise(&setup).filter(|_| form == Form::Lines) {
            report.result(&advice);
        }
    }
    let has = |severity| report.count(severity) > 0;
    let fails = has(Severity::Error) || options.strictness == Strictness::Strict && has(Severity::Warning);
    if fails { ExitCode::from(FAILURE) } else { ExitCode::SUCCESS }
}
