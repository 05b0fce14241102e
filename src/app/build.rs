//! `tidings build`: the feeds, once.

use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, ensure};
use chrono::{SecondsFormat, Utc};

use super::engine::{Engine, seconds};
use super::report::{Progress, Report};
use super::{FAILURE, Options, Setup, Strictness};
use crate::config::Format;
use crate::diagnostic::Severity;
use crate::ids::Ids;
use crate::publish::{IDS, Output};
use crate::site::Update;

/// Builds every feed into the output folder and says how much that was. A broken post is reported and costs only itself.
pub fn build(options: &Options) -> ExitCode {
    let mut report = Report::new(options.voice);
    let setup = match Setup::read(options, &mut report) {
        Ok(setup) => setup,
        Err(unusable) => return unusable.end(&mut report),
    };
    match run(&setup, options, &mut report) {
        Ok(()) if options.strictness == Strictness::Strict && report.count(Severity::Error) > 0 => ExitCode::from(FAILURE),
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report.fail(&error);
            ExitCode::from(FAILURE)
        }
    }
}

/// Prints the next instant at which a build of the same files would differ, or `none`. Nothing is written, and no lock is
/// taken: a server may be running.
pub fn next(options: &Options) -> ExitCode {
    let mut report = Report::new(options.voice);
    let setup = match Setup::read(options, &mut report) {
        Ok(setup) => setup,
        Err(unusable) => return unusable.end(&mut report),
    };
    let now = options.now.unwrap_or_else(Utc::now);
    let mut engine = Engine::new(&setup, Ids::default(), now, None);
    engine.read_all(None, &mut |_, _| {});
    let due = engine.plan(now).next_due;
    report.result(&due.map_or_else(|| "none".to_owned(), |at| at.to_rfc3339_opts(SecondsFormat::AutoSi, true)));
    ExitCode::SUCCESS
}

fn run(setup: &Setup, options: &Options, report: &mut Report) -> Result<()> {
    let started = Instant::now();
    let mut output = Output::open(&setup.out, &setup.root)?;
    let ids = read_ids(&output, setup)?;
    let now = options.now.unwrap_or_else(Utc::now);
    let mut engine = Engine::new(setup, ids, now, None);
    let progress = Progress::new(options.voice);
    let problems = engine.read_all(None, &mut |read, total| progress.show(read, total));
    progress.say("rendering");
    let update = engine.plan(now);
    progress.say("writing");
    let documents = update.snapshot.documents.size();
    let published = tell_returning(&update, &output, setup, options.deny_new_ids);
    let published = published.and_then(|()| engine.publish(&update, &mut output)).and_then(|published| output.settle().map(|()| published));
    progress.end();
    problems.iter().chain(&update.diagnostics).for_each(|finding| report.tell(finding));
    let published = published?;
    if let Some(advice) = engine.advise(setup) {
        tracing::warn!("{advice}");
    }
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
    // the process ends here: nobody needs the memory back piece by piece
    std::mem::forget((engine, update));
    Ok(())
}

/// The table of ids beside the feeds. Lines that are none are told, and left out. A table that is lost is made again from
/// the feeds, as far as they go back.
pub(super) fn read_ids(output: &Output, setup: &Setup) -> Result<Ids> {
    let table = setup.out.strip_prefix(&setup.root).unwrap_or(&setup.out).join(IDS);
    let Some(text) = output.ids()? else {
        let mut ids = Ids::default();
        let names = Format::ALL.map(|format| setup.config.feeds.file_names.of(format));
        output.published(&names)?.iter().for_each(|feed| ids.restore(feed));
        if !ids.is_empty() {
            tracing::warn!("{} is gone; {} ids were taken from the feeds beside it", table.display(), ids.len());
        }
        return Ok(ids);
    };
    let (ids, faults) = Ids::parse(&text);
    for line in faults {
        tracing::warn!("{}:{line}:1: this line is no `address <tab> path <tab> id`; it is left out", table.display());
    }
    Ok(ids)
}

/// Tells how many entries that are published would come back as new to those who have read them.
///
/// # Errors
/// When they are more than may be.
pub(super) fn tell_returning(update: &Update, output: &Output, setup: &Setup, allowed: Option<usize>) -> Result<()> {
    let Some(format) = setup.config.feeds.formats.first() else { return Ok(()) };
    let returning = output.returning(update, setup.config.feeds.file_names.of(*format));
    let Some(first) = returning.first() else { return Ok(()) };
    let (count, table) = (returning.len(), output.root().join(IDS));
    let what = format!("{count} published entries have other ids now and come back as new to every subscriber, {first} the first");
    let mend = format!(
        "name the old addresses of moved posts in `aliases`, or put the last {} back; when it is removed, ids are taken from the feeds",
        table.display()
    );
    ensure!(allowed.is_none_or(|allowed| count <= allowed), "{what}; nothing was written; {mend}");
    tracing::warn!("{what}; {mend}");
    Ok(())
}
