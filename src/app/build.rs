//! `tidings build`: the feeds, once.

use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;
use chrono::Utc;

use super::engine::{Engine, seconds};
use super::report::{Progress, Report};
use super::{FAILURE, Options, Setup, Strictness};
use crate::ids::Ids;
use crate::publish::{IDS, Output};

/// Builds every feed into the output folder and says how much that was. A broken post is reported and costs only itself.
pub fn build(options: &Options) -> ExitCode {
    let mut report = Report::default();
    let setup = match Setup::read(options, &mut report) {
        Ok(setup) => setup,
        Err(unusable) => return unusable.end(&mut report),
    };
    match run(&setup, options, &mut report) {
        Ok(()) if options.strictness == Strictness::Strict && report.errors > 0 => ExitCode::from(FAILURE),
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report.fail(&error);
            ExitCode::from(FAILURE)
        }
    }
}

fn run(setup: &Setup, options: &Options, report: &mut Report) -> Result<()> {
    let started = Instant::now();
    let mut output = Output::open(&setup.out, &setup.root)?;
    let ids = read_ids(&output, setup)?;
    let now = options.now.unwrap_or_else(Utc::now);
    let mut engine = Engine::new(setup, ids, now, None);
    let progress = Progress::new();
    let problems = engine.read_all(&mut |read, total| progress.show(read, total));
    progress.say("rendering");
    let update = engine.plan(now);
    progress.say("writing");
    let documents = update.snapshot.documents.size();
    let published = engine.publish(&update, &mut output).and_then(|published| output.sync().map(|()| published));
    progress.end();
    problems.iter().chain(&update.diagnostics).for_each(|finding| report.tell(finding));
    let published = published?;
    let outcome = published.outcome;
    report.result(&format!(
        "{} posts, {} feeds: {} files written, {} unchanged, {} removed in {}",
        engine.site().posts(),
        engine.site().feeds(),
        outcome.written,
        documents - outcome.written,
        outcome.removed,
        seconds(started)
    ));
    Ok(())
}

/// The table of ids beside the feeds. Lines that are none are told, and left out.
pub(super) fn read_ids(output: &Output, setup: &Setup) -> Result<Ids> {
    let (ids, faults) = Ids::parse(&output.ids()?);
    for line in faults {
        let out = setup.out.strip_prefix(&setup.root).unwrap_or(&setup.out);
        tracing::warn!("{}:{line}:1: this line is no `address <tab> path <tab> id`; it is left out", out.join(IDS).display());
    }
    Ok(ids)
}
