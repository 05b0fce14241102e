//! `tidings build`: the feeds, once.

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use chrono::{DateTime, SecondsFormat, Utc};

use super::counted::counted;
use super::emptied::ensure_content;
use super::engine::{Engine, seconds};
use super::report::{Progress, Report};
use super::{FAILURE, Options, Setup, Strictness, Voice};
use crate::config::Format;
use crate::diagnostic::{Diagnostic, Severity};
use crate::ids::Ids;
use crate::publish::{IDS, Outcome, Output};
use crate::site::Update;

/// Builds every feed into the output folder and says how much that was. A broken post is reported and costs only itself.
pub fn build(options: &Options) -> ExitCode {
    let mut report = Report::new(options.voice);
    let setups = match Setup::read(options, &mut report) {
        Ok(setups) => setups,
        Err(unusable) => return unusable.end(&mut report),
    };
    match run(&setups, options, &mut report) {
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
    let setups = match Setup::read(options, &mut report) {
        Ok(setups) => setups,
        Err(unusable) => return unusable.end(&mut report),
    };
    let now = options.now.unwrap_or_else(Utc::now);
    let due = |setup| {
        let mut engine = Engine::new(setup, Ids::default(), now, None);
        engine.read_all(|| None, &mut |_, _| {});
        Ok(engine.plan(now)?.next_due)
    };
    match setups.iter().map(due).collect::<Result<Vec<_>>>() {
        Ok(due) => {
            let due = due.into_iter().flatten().min();
            report.result(&due.map_or_else(|| "none".to_owned(), |at| at.to_rfc3339_opts(SecondsFormat::AutoSi, true)));
            ExitCode::SUCCESS
        }
        Err(error) => {
            report.fail(&error);
            ExitCode::from(FAILURE)
        }
    }
}

/// Builds the feeds of each language. All are planned before any is written.
fn run(setups: &[Setup], options: &Options, report: &mut Report) -> Result<()> {
    let now = options.now.unwrap_or_else(Utc::now);
    let (mut builds, mut told, mut allowed) = (Vec::new(), BTreeSet::new(), options.deny_new_ids);
    for setup in setups {
        let _span = setup.span().entered();
        let (build, problems) = Build::plan(setup, now, options.voice)?;
        let of_weight = |finding: &&Diagnostic| finding.severity > Severity::Note || options.voice == Voice::Verbose;
        let findings = problems.iter().chain(&build.update.diagnostics).filter(of_weight);
        findings.filter(|finding| told.insert((*finding).clone())).for_each(|finding| report.tell(finding));
        let returning = tell_returning(&build.update, &build.output, setup, allowed)?;
        allowed = allowed.map(|allowed| allowed - returning);
        builds.push(build);
    }
    for build in builds {
        let _span = build.setup.span().entered();
        let language = build.setup.language().map(|language| format!("{language}: ")).unwrap_or_default();
        report.result(&format!("{language}{}", build.publish(options.voice)?));
    }
    Ok(())
}

/// The feeds of one language, as they are to be.
struct Build<'s> {
    setup: &'s Setup,
    output: Output,
    engine: Engine,
    update: Update,
    took: Duration,
}

impl<'s> Build<'s> {
    /// Reads and renders everything. What could not be read at all is the other answer.
    fn plan(setup: &'s Setup, now: DateTime<Utc>, voice: Voice) -> Result<(Self, Vec<Diagnostic>)> {
        let started = Instant::now();
        let output = setup.open_output()?;
        let mut engine = Engine::new(setup, read_ids(&output, setup)?, now, None);
        let progress = Progress::new(voice);
        let mut problems = engine.read_all(|| None, &mut |read, total| progress.show(read, total));
        problems.extend(engine.missing_sections(setup));
        ensure_content(engine.source(), setup, engine.site().ids().len())?;
        progress.say("rendering");
        let update = engine.plan(now)?;
        progress.end();
        Ok((Build { setup, output, engine, update, took: started.elapsed() }, problems))
    }

    /// Writes the feeds, and says how much that was.
    fn publish(self, voice: Voice) -> Result<String> {
        let Build { setup, mut output, mut engine, update, took } = self;
        let started = Instant::now();
        let progress = Progress::new(voice);
        progress.say("writing");
        let published = engine.publish(&update, &mut output).and_then(|published| output.settle().map(|()| published));
        progress.end();
        let Outcome { written, removed, .. } = published?.outcome;
        if let Some(advice) = engine.advise(setup) {
            tracing::warn!("{advice}");
        }
        let unchanged = update.snapshot.documents.size() - written;
        let (posts, feeds, took) = (engine.site().posts(), engine.site().feeds(), seconds(took + started.elapsed()));
        // the process ends soon: nobody needs the memory back piece by piece
        std::mem::forget((engine, update));
        let [posts, feeds, written] = [(posts, "post"), (feeds, "feed"), (written, "file")].map(|(count, what)| counted(count, what));
        Ok(format!("{posts}, {feeds}: {written} written, {unchanged} unchanged, {removed} removed in {took}"))
    }
}

/// The table of ids beside the feeds, as far as they count. Lines that are none are told, and left out. What is lost of a table, or all
/// of it, is taken from the feeds, as far as they go back.
pub(super) fn read_ids(output: &Output, setup: &Setup) -> Result<Ids> {
    let table = setup.out.strip_prefix(setup.root()).unwrap_or(&setup.out).join(IDS);
    let text = output.ids()?;
    let (mut ids, faults) = text.as_deref().map(Ids::parse).unwrap_or_default();
    let is_cut = |line| text.as_deref().is_some_and(|text| !text.ends_with('\n') && text.lines().count() == line);
    for line in &faults {
        let what = if is_cut(*line) { "has no end, as one that was cut" } else { "is no `address <tab> path <tab> id`" };
        tracing::warn!("{}:{line}:1: this line {what}; it is left out", table.display());
    }
    if text.is_none() || !faults.is_empty() {
        let known = ids.len();
        let names = Format::ALL.map(|format| setup.config.feeds.file_names.of(format));
        output.published(&names)?.iter().for_each(|feed| ids.restore(feed));
        ids = setup.counting(ids);
        let fault = if text.is_none() { "gone" } else { "damaged" };
        match ids.len().saturating_sub(known) {
            0 => {}
            1 => tracing::warn!("{} is {fault}; 1 id was taken from the feeds beside it", table.display()),
            more => tracing::warn!("{} is {fault}; {more} ids were taken from the feeds beside it", table.display()),
        }
    }
    Ok(setup.counting(ids))
}

/// Tells how many entries that are published would come back as new to those who have read them. So many is the answer.
///
/// # Errors
/// When they are more than may be.
pub(super) fn tell_returning(update: &Update, output: &Output, setup: &Setup, allowed: Option<usize>) -> Result<usize> {
    let Some(format) = setup.config.feeds.formats.first() else { return Ok(0) };
    let returning = output.returning(update, setup.config.feeds.file_names.of(*format));
    let Some(first) = returning.first() else { return Ok(0) };
    let (count, table) = (returning.len(), output.root().join(IDS));
    let what = match count {
        1 => format!("a published entry has another id now and comes back as new to every subscriber: {first}"),
        _ => format!("{count} published entries have other ids now and come back as new to every subscriber, {first} the first"),
    };
    let mend = format!("name the old addresses of moved posts in `aliases`, or put the last {} back", table.display());
    // the feeds that are there still have the ids
    ensure!(
        allowed.is_none_or(|allowed| count <= allowed),
        "{what}; nothing was written; {mend}; when it is removed, ids are taken from the feeds"
    );
    tracing::warn!("{what}; {mend}");
    Ok(count)
}
