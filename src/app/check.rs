//! `tidings check`: everything that is wrong or still to come, and nothing written.

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Result;
use chrono::{DateTime, Utc};

use super::counted::counted;
use super::emptied::ensure_content;
use super::engine::Engine;
use super::report::{Form, Progress, Report};
use super::{FAILURE, Options, Setup, Strictness, Voice};
use crate::config::Config;
use crate::diagnostic::{Diagnostic, Severity};
use crate::ids::Ids;
use crate::snapshot::Snapshot;

/// Reads and renders every post and tells everything that is wrong. Errors end with a status that is not 0; with
/// [`Strictness::Strict`], so do warnings.
pub fn check(options: &Options, form: Form) -> ExitCode {
    let mut report = Report::new(options.voice).in_form(form);
    let setups = match Setup::read(options, &mut report) {
        Ok(setups) => setups,
        Err(unusable) => return unusable.end(&mut report),
    };
    let now = options.now.unwrap_or_else(Utc::now);
    let (mut posts, mut feeds, mut advice, mut findings) = (0, 0, Vec::new(), BTreeSet::new());
    for setup in &setups {
        let examined = match examine(setup, now, options.voice) {
            Ok(examined) => examined,
            Err(error) => {
                report.fail(&error);
                return ExitCode::from(FAILURE);
            }
        };
        let site = examined.engine.site();
        posts += site.posts();
        feeds += site.feeds();
        advice.extend(examined.engine.advise(setup));
        findings.extend(examined.findings);
        findings.extend(site.scheduled().map(|(_, finding)| finding).filter(|finding| setup.config.tells(finding)));
    }
    for finding in &findings {
        report.tell(finding);
    }
    if form != Form::Json {
        report.result(&format!("{}, {}: {}", counted(posts, "post"), counted(feeds, "feed"), report.summary()));
        advice.iter().filter(|_| form == Form::Lines).for_each(|advice| report.result(advice));
    }
    let has = |severity| report.count(severity) > 0;
    let fails = has(Severity::Error) || options.strictness == Strictness::Strict && has(Severity::Warning);
    if fails { ExitCode::from(FAILURE) } else { ExitCode::SUCCESS }
}

/// A site all of whose posts were read and rendered.
pub(super) struct Examined {
    pub(super) engine: Engine,
    /// Every feed, with every entry.
    pub(super) snapshot: Snapshot,
    /// What is wrong, and is not allowed.
    pub(super) findings: Vec<Diagnostic>,
}

/// Looks at every post of a site, not only at those that a feed has room for, and writes nothing.
///
/// # Errors
/// When the content folder goes away meanwhile, or is empty though entries were published from it.
pub(super) fn examine(setup: &Setup, now: DateTime<Utc>, voice: Voice) -> Result<Examined> {
    let mut config = Config::clone(&setup.config);
    config.feeds.limit = None;
    let setup = Setup { config: Arc::new(config), ..setup.clone() };
    let mut engine = Engine::new(&setup, Ids::default(), now, None);
    let progress = Progress::new(voice);
    let mut findings = engine.read_all(|| None, &mut |read, total| progress.show(read, total));
    ensure_content(engine.source(), &setup, setup.published())?;
    engine.examine_links(&setup.config.site);
    progress.say("rendering");
    let snapshot = engine.plan(now)?.snapshot;
    progress.end();
    findings.extend(engine.site().diagnostics());
    findings.extend(engine.missing_sections(&setup));
    findings.retain(|finding| setup.config.tells(finding));
    Ok(Examined { engine, snapshot, findings })
}
