//! `tidings serve`: the feeds, always current, and a server for them.
//!
//! One thread owns the engine and runs the loop of events; the server's threads only ever read the live snapshot.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use tokio::sync::oneshot;

use super::build::read_ids;
use super::engine::{Engine, seconds};
use super::listen::{Readers, Servers};
use super::report::Report;
use super::settle::Settling;
use super::{FAILURE, Options, Setup};
use crate::admin::Status;
use crate::diagnostic::{Diagnostic, Severity};
use crate::publish::{Outcome, Output};
use crate::source::{Hint, Survey};
use crate::watch::{Notice, Watch};

/// The clock is looked at this often even when nothing is due: it may be set while we wait.
const GLANCE: Duration = Duration::from_secs(1);

/// Between two attempts to write, from the first to the longest.
const RETRY: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// Everything that can happen.
enum Event {
    /// The watcher told something.
    Notice(Notice),
    /// Somebody wants to know how things are.
    Ask(oneshot::Sender<Status>),
    /// The process is to end.
    Shutdown,
}

/// What `serve` is told beside what every command is.
#[derive(Clone, Debug, Default)]
pub struct ServeOptions {
    /// What every command is told.
    pub common: Options,
    /// The address to listen on, instead of that of the configuration.
    pub listen: Option<String>,
    /// Whether requests are logged, and to which file; none is standard error.
    pub access_log: Option<Option<PathBuf>>,
}

/// Builds, then watches and serves until it is told to end.
pub fn serve(options: &ServeOptions) -> ExitCode {
    let mut report = Report::default();
    let setup = match Setup::read(&options.common, &mut report) {
        Ok(setup) => setup,
        Err(unusable) => return unusable.end(&mut report),
    };
    match run(setup, options, &mut report) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report.fail(&error);
            ExitCode::from(FAILURE)
        }
    }
}

fn run(setup: Setup, options: &ServeOptions, report: &mut Report) -> Result<()> {
    let (events, inbox) = channel();
    let asking = events.clone();
    // whoever asks is told, or gives up
    let ask = Box::new(move |answer| drop(asking.send(Event::Ask(answer))));
    let (servers, readers) = Servers::open(&setup.config, options, ask)?;
    let mut current = Current::open(setup, options, readers, events.clone())?;
    current.first_build()?;
    let keeper = std::thread::Builder::new()
        .name("keeper".to_owned())
        .spawn(move || current.keep(&inbox))
        .context("cannot start the thread that keeps the feeds current")?;
    let served = servers.run(report);
    // the thread may have ended by itself; then it has said why
    let _ = events.send(Event::Shutdown);
    anyhow::ensure!(keeper.join().is_ok(), "the thread that keeps the feeds current has failed");
    served
}

/// The feeds as they are kept: the engine, where it publishes to, and when it is to look again.
struct Current {
    setup: Setup,
    options: ServeOptions,
    engine: Engine,
    output: Output,
    readers: Readers,
    started: DateTime<Utc>,
    last_change: DateTime<Utc>,
    watch_fault: Option<String>,
    settling: Settling,
    next_due: Option<DateTime<Utc>>,
    retry: Option<Retry>,
}

/// A publication that failed and is tried again.
struct Retry {
    at: Instant,
    pause: Duration,
    cause: String,
}

impl Current {
    fn open(setup: Setup, options: &ServeOptions, readers: Readers, events: Sender<Event>) -> Result<Self> {
        let output = Output::open(&setup.out)?;
        let ids = read_ids(&output, &setup)?;
        // the receiver ends with the process
        let watch = Watch::new(move |notice| drop(events.send(Event::Notice(notice))))?;
        let now = Utc::now();
        let engine = Engine::new(&setup, ids, now, Some(watch));
        Ok(Current {
            setup,
            options: options.clone(),
            engine,
            output,
            readers,
            started: now,
            last_change: now,
            watch_fault: None,
            settling: Settling::default(),
            next_due: None,
            retry: None,
        })
    }

    fn first_build(&mut self) -> Result<()> {
        let started = Instant::now();
        self.read_all();
        self.publish(started)?;
        tracing::info!("{} posts in {} feeds, ready in {}", self.engine.site().posts(), self.engine.site().feeds(), seconds(started));
        Ok(())
    }

    fn read_all(&mut self) {
        let problems = self.engine.read_all(&mut |_, _| {});
        problems.iter().for_each(log);
        self.tell_watch_fault();
    }

    /// The loop: wait for something, look, publish.
    fn keep(mut self, inbox: &Receiver<Event>) {
        while let Some(notices) = self.wait(inbox) {
            let now = Instant::now();
            notices.into_iter().for_each(|notice| self.settling.hear(notice, now));
            let hints = self.settling.take_hints(now);
            let is_reloaded = hints.contains(&Hint::At(self.setup.file.clone())) && self.reload();
            let is_changed = self.look(&hints, now);
            let is_due = self.next_due.is_some_and(|due| due <= Utc::now());
            let is_retry = self.retry.as_ref().is_some_and(|retry| retry.at <= now);
            if is_reloaded || is_changed || is_due || is_retry {
                self.publish(now).unwrap_or_else(|error| self.retry_later(&error));
            }
        }
    }

    /// Waits until something happens or is due. None when the process is to end.
    fn wait(&self, inbox: &Receiver<Event>) -> Option<Vec<Notice>> {
        let now = Instant::now();
        let until_due = self.next_due.map(|due| (due - Utc::now()).to_std().unwrap_or_default());
        let deadlines = self.settling.deadline(self.engine.files()).into_iter().chain(self.retry.as_ref().map(|retry| retry.at));
        let waits = deadlines.map(|at| at.saturating_duration_since(now)).chain(until_due);
        let mut notices = Vec::new();
        match inbox.recv_timeout(waits.min().unwrap_or(GLANCE).min(GLANCE)) {
            Ok(Event::Notice(notice)) => notices.push(notice),
            Ok(Event::Ask(answer)) => drop(answer.send(self.status())),
            Ok(Event::Shutdown) | Err(RecvTimeoutError::Disconnected) => return None,
            Err(RecvTimeoutError::Timeout) => {}
        }
        for event in inbox.try_iter() {
            match event {
                Event::Notice(notice) => notices.push(notice),
                Event::Ask(answer) => drop(answer.send(self.status())),
                Event::Shutdown => return None,
            }
        }
        Some(notices)
    }

    /// Looks where the hints point and takes in what is found. Whether there was anything is the answer.
    fn look(&mut self, hints: &BTreeSet<Hint>, now: Instant) -> bool {
        let mut survey = if hints.is_empty() { Survey::default() } else { self.engine.survey(hints) };
        survey.problems.iter().for_each(log);
        let gone = self.settling.believe(&mut survey, self.engine.files(), now);
        let is_changed = !survey.changed.is_empty() || !gone.is_empty() || !survey.assets.is_empty();
        self.engine.apply(&survey.changed, gone, &self.settling.take_moves());
        self.engine.know_assets(survey.assets);
        self.tell_watch_fault();
        is_changed
    }

    /// Plans, writes, and gives readers the outcome.
    fn publish(&mut self, started: Instant) -> Result<()> {
        let update = self.engine.plan(Utc::now());
        update.diagnostics.iter().for_each(log);
        self.next_due = update.next_due;
        if !update.is_empty() {
            let published = self.engine.publish(&update, &mut self.output)?;
            self.last_change = Utc::now();
            self.readers.publish(published.snapshot);
            self.output.sync()?;
            let Outcome { written, removed, .. } = published.outcome;
            self.readers.metrics.published(started.elapsed(), written, removed);
            tracing::info!("{written} files written, {removed} removed in {}", seconds(started));
        }
        self.retry = None;
        Ok(())
    }

    /// Notes that the output could not be written: readers keep what they have, and it is tried again, less and less often.
    fn retry_later(&mut self, error: &anyhow::Error) {
        let cause = format!("{error:#}");
        let pause = self.retry.take().map_or(RETRY.0, |before| {
            if before.cause != cause {
                tracing::error!("{cause}");
            }
            (before.pause * 2).min(RETRY.1)
        });
        if pause == RETRY.0 {
            tracing::error!("{cause}; readers keep the last state until this is mended");
        }
        self.retry = Some(Retry { at: Instant::now() + pause, pause, cause });
    }

    /// Reads the configuration again, all of it or nothing. Whether it is another one is the answer.
    fn reload(&mut self) -> bool {
        let setup = match Setup::read(&self.options.common, &mut Report::default()) {
            Ok(setup) if setup.text == self.setup.text => return false,
            Ok(setup) => setup,
            Err(unusable) => {
                unusable.end(&mut Report::default());
                tracing::error!("the configuration cannot be used; the one before stays");
                return false;
            }
        };
        if setup.out == self.setup.out {
            self.output.forget();
        } else {
            match Output::open(&setup.out) {
                Ok(output) => self.output = output,
                Err(error) => {
                    tracing::error!("{error:#}; the configuration before stays");
                    return false;
                }
            }
        }
        self.readers.follow(&setup.config, &self.options);
        let watch = self.engine.take_watch();
        self.engine = Engine::following(&self.engine, &setup, Utc::now(), watch);
        self.setup = setup;
        self.read_all();
        tracing::info!("the configuration was read again");
        true
    }

    fn tell_watch_fault(&mut self) {
        if let Some(fault) = self.engine.watch_fault.take() {
            tracing::warn!("{fault}; changes there are not seen");
            self.watch_fault = Some(fault);
        }
    }

    /// How things are, for operators.
    fn status(&self) -> Status {
        Status {
            version: env!("CARGO_PKG_VERSION"),
            revision: self.readers.live.load().revision,
            started: self.started,
            last_change: self.last_change,
            next_change: self.next_due,
            posts: self.engine.site().posts(),
            feeds: self.engine.site().feeds(),
            watch_fault: self.watch_fault.clone(),
            output_fault: self.retry.as_ref().map(|retry| retry.cause.clone()),
            diagnostics: self.engine.site().diagnostics(),
        }
    }
}

fn log(finding: &Diagnostic) {
    match finding.severity {
        Severity::Error => tracing::error!("{finding}"),
        Severity::Warning => tracing::warn!("{finding}"),
        Severity::Note => tracing::debug!("{finding}"),
    }
}
