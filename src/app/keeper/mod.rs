//! The thread that keeps the feeds current: it waits for something to happen, looks, publishes.
//!
//! What it does when the configuration changes is in `reload`, what it says of faults in `told`, how things are in `status`.

mod heed;
mod reload;
mod status;
mod told;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use anyhow::Result;
use chrono::{DateTime, Utc};
use tokio::sync::oneshot;

use super::Setup;
use super::build::{read_ids, tell_returning};
use super::counted::counted;
use super::emptied::ensure_content;
use super::engine::{Engine, seconds};
use super::listen::Readers;
use super::report::Progress;
use super::rounds::{GLANCE, Rounds};
use super::serve::ServeOptions;
use super::settle::Settling;
use super::systemd::{Reloading, Watchdog};
use crate::admin::Status;
use crate::config::Serve;
use crate::publish::{Outcome, Output};
use crate::source::{Hint, Listing, Memory, Moves, Survey};
use crate::watch::Notice;
use heed::{Heed, watch};
use reload::Reload;
use told::{Retry, Told, log};

/// So many files that changed together are the work of a program, which is likely to go on.
const MANY: usize = 5;

/// After the publication of many files there is a rest of twice the time that it took, but no longer than this. Of thousands
/// that change, more are published together, and whoever changes them has the machine for most of the time.
const REST: Duration = Duration::from_millis(80);

/// From so many posts on, what was understood of them is kept for the next start.
const REMEMBERED: usize = 1000;

/// Everything that can happen.
pub(super) enum Event {
    /// The watcher told something.
    Notice(Notice),
    /// Every file was listed, to be compared with what was read, unless all are looked at anyway; and these feeds are not as
    /// they were written.
    Listed(Option<Listing>, Vec<Arc<str>>),
    /// The configuration is to be read again, and until then this is held.
    Reload(Reloading),
    /// Somebody wants to know how things are.
    Ask(oneshot::Sender<Status>),
    /// The process is to end.
    Shutdown,
}

/// The feeds as they are kept: the engine, where it publishes to, and when it is to look again.
pub(super) struct Keeper {
    setup: Setup,
    options: ServeOptions,
    engine: Engine,
    output: Output,
    readers: Readers,
    started: DateTime<Utc>,
    last_change: DateTime<Utc>,
    settling: Settling,
    rounds: Rounds,
    watchdog: Watchdog,
    events: Sender<Event>,
    /// What the watcher tells of.
    heed: Arc<Heed>,
    next_due: Option<DateTime<Utc>>,
    /// The instant of the last plan: the clock may be set back.
    planned: DateTime<Utc>,
    retry: Option<Retry>,
    /// Whether everything was read anew since the last publication, and ids may have changed.
    is_anew: bool,
    reload: Reload,
    /// `[serve]` at the start: some of its keys count for as long as the process lives.
    begun: Serve,
    /// Whether the next start will know most of the posts.
    is_remembered: bool,
    rest_until: Instant,
    /// What was told already, so that it is told once.
    told: Told,
}

/// What was heard and is to be answered.
#[derive(Default)]
struct Heard {
    /// Those who want to know how things are.
    asked: Vec<oneshot::Sender<Status>>,
    /// What is held until the configuration was read again.
    reloading: Vec<Reloading>,
    /// Whether feeds are to be written again because somebody else changed them.
    is_altered: bool,
}

/// What was found on the disk.
struct Findings {
    /// How many files are not as they were.
    changes: usize,
    /// Whether another configuration counts, by which the feeds may be others.
    is_reloaded: bool,
}

impl Keeper {
    pub(super) fn open(setup: Setup, options: &ServeOptions, readers: Readers, watchdog: Watchdog, events: Sender<Event>) -> Result<Self> {
        let output = setup.open_output()?;
        let ids = read_ids(&output, &setup)?;
        let heed = Heed::of(&setup);
        let watch = watch(&setup, &heed, &events);
        let rounds = Rounds::new(&setup.config.serve, watch.is_some(), setup.found.stamps.clone());
        let mut settling = Settling::default();
        settling.look_every(rounds.poll());
        let now = Utc::now();
        let engine = Engine::new(&setup, ids, now, watch);
        let begun = setup.config.serve.clone();
        Ok(Keeper {
            setup,
            options: options.clone(),
            engine,
            output,
            readers,
            started: now,
            last_change: now,
            settling,
            rounds,
            watchdog,
            events,
            heed,
            next_due: None,
            planned: now,
            retry: None,
            is_anew: true,
            reload: Reload::default(),
            begun,
            is_remembered: false,
            rest_until: Instant::now(),
            told: Told::default(),
        })
    }

    /// Reads and publishes everything.
    pub(super) fn first_build(&mut self) -> Result<()> {
        let started = Instant::now();
        self.read_all(true);
        ensure_content(self.engine.source(), &self.setup, self.engine.site().ids().len())?;
        self.is_remembered = self.engine.known() > 0;
        self.publish(started)?;
        let known = match self.engine.known() {
            0 => String::new(),
            known => format!(", {known} of them known from the last run"),
        };
        let (posts, feeds) = (counted(self.engine.site().posts(), "post"), counted(self.engine.site().feeds(), "feed"));
        tracing::info!("{posts} in {feeds}, ready in {}{known}", seconds(started.elapsed()));
        if let Some(advice) = self.engine.advise(&self.setup) {
            tracing::warn!("{advice}");
        }
        self.tell_missing_sections();
        Ok(())
    }

    /// Reads everything, but for what is remembered of an earlier run if `may_recall`.
    fn read_all(&mut self, may_recall: bool) {
        let progress = Progress::new(self.options.common.voice);
        let Keeper { engine, output, setup, .. } = self;
        let recall = || Memory::read(&may_recall.then(|| output.memory())??, setup.key(), |path| output.document(path));
        let problems = engine.read_all(recall, &mut |read, total| progress.show(read, total));
        progress.end();
        self.tell(problems);
    }

    /// Keeps what was understood for the next start, if this is a site large enough for that to save time.
    fn remember(&mut self) {
        if self.engine.site().posts() < REMEMBERED {
            return;
        }
        let written = self.engine.remember(self.setup.key()).map_err(Into::into).and_then(|bytes| self.output.keep_memory(bytes));
        if let Err(error) = written {
            tracing::info!("{error:#}; the next start will take longer");
        }
    }

    /// The loop: wait for something, look, publish.
    pub(super) fn keep(mut self, inbox: &Receiver<Event>) {
        if !self.is_remembered {
            self.remember();
        }
        self.examine_configuration();
        while let Some(events) = self.wait(inbox) {
            let now = Instant::now();
            self.watchdog.feed(now);
            self.readers.move_if_refused();
            let doubted = self.rounds.hints(&mut self.engine, now);
            let Some(mut heard) = self.hear(events, now) else { return self.remember() };
            if self.rounds.wants_listing(now) {
                self.list();
            }
            let found = self.take_in(doubted, &mut heard.reloading, now);
            if found.is_reloaded || found.changes > 0 || heard.is_altered || self.is_due(now) {
                self.publish(now).unwrap_or_else(|error| self.retry_later(&error));
            }
            if found.changes >= MANY {
                self.rest_until = Instant::now() + (now.elapsed() * 2).min(REST);
            }
            drop(heard.reloading);
            // a save that came with the question does not wait for the answer
            heard.asked.into_iter().for_each(|answer| drop(answer.send(self.status())));
        }
    }

    /// Takes in what is on the disk where something was told, or is `doubted`: the configuration before what may be another site by it.
    fn take_in(&mut self, doubted: BTreeSet<Hint>, reloading: &mut Vec<Reloading>, now: Instant) -> Findings {
        let told = self.settling.take_hints(now);
        let is_anywhere = told.contains(&Hint::Anywhere);
        if is_anywhere {
            tracing::info!("more happened than events could tell; everything is looked at");
        }
        self.note_configuration(&told, &doubted, now);
        let is_told = self.reload_if_due(now, reloading);
        let changes = self.look(&told, doubted, now);
        // another site has come with its configuration: what is in it is not published by the one before
        let is_reloaded = is_told || self.reload_if_put_off();
        // nothing tells that a folder of it which could not be listed can be
        if is_reloaded || is_anywhere || self.reload.fault.is_some() {
            self.examine_configuration();
        }
        Findings { changes, is_reloaded }
    }

    /// Takes in what happened; none when the process is to end.
    fn hear(&mut self, events: Vec<Event>, now: Instant) -> Option<Heard> {
        let mut heard = Heard::default();
        for event in events {
            match event {
                Event::Notice(notice) => self.settling.hear(notice, now),
                Event::Listed(listing, altered) => {
                    self.compare(listing.as_ref(), now);
                    // giving back the memory of 100,000 names takes as long as comparing them
                    rayon::spawn(move || drop(listing));
                    heard.is_altered |= self.restore(&altered);
                }
                Event::Ask(answer) => heard.asked.push(answer),
                Event::Reload(reloading) => {
                    self.engine.watch_configuration();
                    self.reload.ask(now);
                    heard.reloading.push(reloading);
                }
                Event::Shutdown => return None,
            }
        }
        Some(heard)
    }

    /// Whether it is time to publish, whatever happened: an instant has come, or the clock was set back; the output is no longer
    /// where it was; or what could not be written is to be tried again.
    fn is_due(&self, now: Instant) -> bool {
        let is_displaced = !self.output.is_in_place() && self.retry.is_none();
        if is_displaced {
            tracing::warn!("{} is no longer the folder that was written; all of it is written again", self.output.root().display());
        }
        let is_retry = self.retry.as_ref().is_some_and(|retry| retry.at <= now);
        let time = self.time();
        is_displaced || is_retry || self.next_due.is_some_and(|due| due <= time) || time < self.planned
    }

    /// The instant to plan for. While the content folder is away none passes: what is due could not be read.
    fn time(&self) -> DateTime<Utc> {
        if self.engine.source().is_in_place() { Utc::now() } else { self.planned }
    }

    /// Waits until something happens or is due. None when nothing can happen any more.
    fn wait(&self, inbox: &Receiver<Event>) -> Option<Vec<Event>> {
        let now = Instant::now();
        let next_due = self.next_due.filter(|_| self.engine.source().is_in_place());
        let until_due = next_due.map(|due| (due - Utc::now()).to_std().unwrap_or_default());
        let deadlines = self.settling.deadline(self.engine.files()).into_iter().chain(self.retry.as_ref().map(|retry| retry.at));
        let waits = deadlines.chain(self.reload.due).map(|at| at.saturating_duration_since(now)).chain(until_due);
        let mut events = Vec::new();
        match inbox.recv_timeout(waits.min().unwrap_or(GLANCE).min(GLANCE)) {
            Ok(event) => events.push(event),
            Err(RecvTimeoutError::Disconnected) => return None,
            Err(RecvTimeoutError::Timeout) => {}
        }
        while let Some(rest) = self.rest_until.checked_duration_since(Instant::now()).filter(|rest| !rest.is_zero()) {
            match inbox.recv_timeout(rest) {
                Ok(Event::Shutdown) => {
                    events.push(Event::Shutdown);
                    return Some(events);
                }
                Ok(event) => events.push(event),
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) => break,
            }
        }
        events.extend(inbox.try_iter());
        Some(events)
    }

    /// Has every file listed, and the feeds looked at, on a thread of its own: a save does not wait for it.
    fn list(&self) {
        // where everything is looked at all the time, nothing is missed
        let lister = self.rounds.poll().is_none().then(|| self.engine.source().lister());
        let events = self.events.clone();
        let (inspector, snapshot, ids) = (self.output.inspector(), self.readers.live.load(), self.engine.site().ids().text_len());
        // the receiver ends with the process
        let list = move || drop(events.send(Event::Listed(lister.map(|lister| lister.list()), inspector.altered(&snapshot, ids))));
        if let Err(error) = std::thread::Builder::new().name("lister".to_owned()).spawn(list) {
            tracing::warn!("cannot compare the disk with what was read and written: {error}");
            // the next one is due as if this had been made
            let _ = self.events.send(Event::Listed(None, Vec::new()));
        }
    }

    /// Compares a listing, if there is one, with what was read, and has a look where they differ and nothing told of it.
    fn compare(&mut self, listing: Option<&Listing>, now: Instant) {
        let missed = self.rounds.compare(&self.engine, listing, now);
        if let Some(first) = missed.first() {
            tracing::warn!("{} changes were found that no event told of, {} the first", missed.len(), first.display());
        }
        // the folder is watched anew, since its watch told nothing
        let folders = missed.iter().filter_map(|file| file.parent()).map(Path::to_owned);
        folders.for_each(|path| self.settling.hear(Notice::Done(Hint::At(path)), now));
        self.examine_configuration();
    }

    /// Has the configuration read again if it is not as it was: what is written between its reading and a new watch on its folders
    /// is told by no event.
    fn examine_configuration(&mut self) {
        if !self.rounds.note_stamps(self.setup.found.configuration.stamps()) {
            // the receiver ends with the process
            let _ = self.events.send(Event::Notice(Notice::Done(Hint::At(self.setup.found.configuration.file()))));
        }
    }

    /// Has those files written again that are not as they were written. Whether there are any is the answer.
    fn restore(&mut self, suspected: &[Arc<str>]) -> bool {
        if suspected.is_empty() || !self.output.is_in_place() {
            return false;
        }
        // some may have been published anew while the others were looked at, or are to be, and may be half done
        let altered = self.output.inspector().altered(&self.readers.live.load(), self.engine.site().ids().text_len());
        let suspected: BTreeSet<&Arc<str>> = suspected.iter().collect();
        let is_altered = |path: &Arc<str>| suspected.contains(path) && !self.engine.site().is_uncommitted(path);
        let altered: Vec<Arc<str>> = altered.into_iter().filter(is_altered).collect();
        if let Some(first) = altered.first() {
            let out = self.output.root().display();
            match altered.len() {
                1 => tracing::warn!("{first} in {out} was changed or removed by somebody else; it is written again"),
                more => tracing::warn!(
                    "{more} files in {out} were changed or removed by somebody else, {first} the first; they are written again"
                ),
            }
            self.output.doubt(&altered);
            self.engine.republish_some(&altered);
        }
        !altered.is_empty()
    }

    /// Looks where the hints point and takes in what is found. The answer is how many files are not as they were.
    fn look(&mut self, told: &BTreeSet<Hint>, doubted: BTreeSet<Hint>, now: Instant) -> usize {
        let is_blind = told.is_empty() && doubted.is_empty();
        let mut survey = if is_blind { Survey::default() } else { self.engine.survey(told, doubted) };
        let source = self.engine.source();
        let origins = |path: &str, moves: &Moves| source.origins(path, moves).collect();
        let mut gone = self.settling.believe(&mut survey, source.len(), origins, now);
        // a file that came back while a plan read it was found by nobody else
        gone.retain(|path| !source.knows(path));
        // and what waited may be another site's
        survey.changed.retain(|path| source.knows(path));
        let changes = survey.changed.len() + gone.len() + survey.assets.len();
        self.engine.apply(&survey.changed, gone, &self.settling.take_moves());
        self.engine.know_assets(survey.assets);
        self.tell(survey.problems);
        changes
    }

    /// Plans, writes, and gives readers the outcome.
    fn publish(&mut self, started: Instant) -> Result<()> {
        self.planned = self.time();
        if !self.output.is_in_place() {
            // another folder lacks what was written before, too
            self.engine.republish();
        }
        let update = self.engine.plan(self.planned)?;
        update.diagnostics.iter().for_each(log);
        self.next_due = update.next_due;
        if std::mem::take(&mut self.is_anew) {
            tell_returning(&update, &self.output, &self.setup, None)?;
        }
        if !update.is_empty() {
            let published = self.engine.publish(&update, &mut self.output)?;
            self.last_change = Utc::now();
            self.readers.publish(published.snapshot);
            let Outcome { written, removed, .. } = published.outcome;
            self.readers.metrics.published(started.elapsed(), written, removed);
            tracing::info!("{} written, {removed} removed in {}", counted(written, "file"), seconds(started.elapsed()));
        }
        // what a disk has once refused it may not have, though it says yes the next time: the table is written anew
        self.output.settle().inspect_err(|_| self.engine.republish_some(&[]))?;
        self.retry = None;
        Ok(())
    }
}
