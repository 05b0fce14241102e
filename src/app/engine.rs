//! Reading, planning and publishing: what `build`, `check` and `serve` have in common.

use std::collections::BTreeSet;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use chrono::{DateTime, Utc};

use super::Setup;
use super::configuration::Configuration;
use super::counted::counted;
use crate::config::nearest::nearest;
use crate::config::{self, Config, folder_at};
use crate::diagnostic::{Diagnostic, Rule};
use crate::ids::Ids;
use crate::publish::{Outcome, Output};
use crate::site::{Change, Found, Site, Step, Update};
use crate::snapshot::Snapshot;
use crate::source::{Hint, Memory, Moves, Source, Survey};
use crate::watch::Watch;

/// Files are read and understood in batches of this many, so that not all of their texts are in memory at once.
const BATCH: usize = 1024;

/// The site on one side, the folders on the other.
pub(super) struct Engine {
    source: Source,
    site: Site,
    watch: Option<Watch>,
    /// The configuration, in whose folders files are watched too.
    configuration: Configuration,
    /// How many posts are known from an earlier run and were not read.
    known: usize,
    /// The files that another engine knew, until everything is read.
    former: BTreeSet<Arc<str>>,
}

/// The content folder, which went away while a plan asked for what is in it.
#[derive(Debug)]
pub(super) struct WentAway(PathBuf);

impl std::error::Error for WentAway {}

impl fmt::Display for WentAway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the content folder {} went away", self.0.display())
    }
}

/// What a publication did, with what it took.
pub(super) struct Published {
    pub(super) snapshot: Snapshot,
    pub(super) outcome: Outcome,
}

impl Engine {
    /// An engine that has read nothing yet. With a watch, every folder is watched before it is read.
    pub(super) fn new(setup: &Setup, ids: Ids, now: DateTime<Utc>, watch: Option<Watch>) -> Self {
        Engine {
            source: Source::new(setup.root(), &setup.config),
            configuration: setup.found.configuration.clone(),
            site: Site::new(setup.config.clone(), setup.templates.clone(), ids, now),
            watch,
            known: 0,
            former: BTreeSet::new(),
        }
    }

    /// How many posts are known from an earlier run and were not read.
    pub(super) fn known(&self) -> usize {
        self.known
    }

    /// An engine for another configuration of the same site: ids stay, beside those that `more` has, and what was published and is
    /// no more is gone.
    pub(super) fn following(before: &Engine, setup: &Setup, more: &Ids, now: DateTime<Utc>, watch: Option<Watch>) -> Self {
        let ids = setup.counting(before.site.ids().clone()).and(more);
        let mut engine = Engine::new(setup, ids, now, watch);
        engine.site.succeed(&before.site);
        if engine.source.content() == before.source.content() {
            engine.former = before.source.files().cloned().collect();
        }
        engine
    }

    /// Whether anything tells of changes.
    pub(super) fn is_watching(&self) -> bool {
        self.watch.is_some()
    }

    /// Gives the watch away, for another engine to take over.
    pub(super) fn take_watch(&mut self) -> Option<Watch> {
        self.watch.take()
    }

    /// The folders that are there and nobody tells of; none when every folder is watched.
    pub(super) fn unwatched(&mut self) -> BTreeSet<PathBuf> {
        let Some(watch) = &mut self.watch else { return BTreeSet::new() };
        watch.forget_gone();
        watch.unwatched()
    }

    /// Why there are such folders, in words.
    pub(super) fn watch_fault(&self) -> Option<String> {
        self.watch.as_ref()?.fault()
    }

    pub(super) fn site(&self) -> &Site {
        &self.site
    }

    pub(super) fn source(&self) -> &Source {
        &self.source
    }

    /// Has everything that is published written again.
    pub(super) fn republish(&mut self) {
        self.site.republish();
    }

    /// Has some of what is published written again.
    pub(super) fn republish_some(&mut self, paths: &[Arc<str>]) {
        self.site.republish_some(paths);
    }

    /// Reads everything but what another thread may `recall` of an earlier run, and tells `progress` how many files of how many
    /// are read. What could not be read at all is the answer.
    pub(super) fn read_all(
        &mut self,
        recall: impl FnOnce() -> Option<Memory> + Send,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Vec<Diagnostic> {
        let started = Instant::now();
        let mut memory = None;
        let mut survey = rayon::in_place_scope(|meanwhile| {
            meanwhile.spawn(|_| memory = recall());
            self.survey(&BTreeSet::from([Hint::Anywhere]), BTreeSet::new())
        });
        self.apply(&[], std::mem::take(&mut survey.vanished), &Moves::default());
        let hidden = self.source.take_over(std::mem::take(&mut self.former));
        self.site.inherit_all(&hidden);
        let (shaping, others) = survey.shaping_and_others();
        let mut shaping = shaping.to_vec();
        while !shaping.is_empty() {
            self.apply(&shaping, Vec::new(), &Moves::default());
            // an `_index.md` may mean something else below another
            shaping = self.site.unread();
        }
        let mut memory = memory.filter(|memory| memory.shape() == self.site.shape()).unwrap_or_default();
        self.site.recall(memory.take_entries());
        let total = others.len();
        let mut batches = others.chunks(BATCH).enumerate();
        let mut read = batches.next().map(|(_, first)| self.source.read_unknown(first, &memory)).unwrap_or_default();
        while !read.is_empty() {
            let next = batches.next();
            progress(next.map_or(total, |(i, _)| i * BATCH), total);
            self.known += read.iter().filter(|change| matches!(change.found, Found::Known(..))).count();
            let (source, site) = (&mut self.source, &mut self.site);
            let understood = site.understand_all(read);
            // what is noted is noted by one thread; meanwhile the others read the next files
            let read_next = || next.map(|(_, next)| source.read_unknown(next, &memory)).unwrap_or_default();
            (read, ()) = rayon::join(read_next, || site.note_all(understood));
        }
        progress(total, total);
        tracing::debug!("{total} files were read in {}", seconds(started.elapsed()));
        self.site.know_assets(survey.assets);
        if !survey.problems.is_empty() {
            self.site.doubt_earlier_feeds();
        }
        survey.problems
    }

    /// Looks where the hints point, and has those folders watched that came to be there. What was `told` may mean that
    /// another folder stands where one was watched; where only `doubted`, watches stay as long as their folders do.
    pub(super) fn survey(&mut self, told: &BTreeSet<Hint>, mut doubted: BTreeSet<Hint>) -> Survey {
        if let Some(watch) = &mut self.watch {
            for hint in told {
                match hint {
                    // those are watched before they are read
                    Hint::At(path) if self.configuration.has_folder_of(path) => {}
                    Hint::At(path) => watch.leave(path),
                    Hint::Anywhere => watch.leave(Path::new("/")),
                }
            }
        }
        if let Some(watch) = self.watch.as_mut().filter(|_| self.source.is_absent()) {
            // a disk that is mounted again is the one that it was, and its watches ended with the mount before
            watch.leave(self.source.content());
        }
        doubted.extend(told.iter().cloned());
        if doubted.contains(&Hint::Anywhere) {
            self.watch_configuration();
        }
        self.source.survey(&doubted, &mut enter(&mut self.watch))
    }

    /// Has the folders watched that the configuration has files in, as far as they are there.
    pub(super) fn watch_configuration(&mut self) {
        self.configuration.folders().iter().for_each(|folder| enter(&mut self.watch)(folder));
    }

    /// Reads files and takes them in, and takes in that others are no more. `moves` are what was moved since the last time.
    pub(super) fn apply(&mut self, changed: &[Arc<str>], vanished: Vec<Arc<str>>, moves: &Moves) {
        let mut gone: Vec<Change> = vanished.into_iter().map(|path| Change { path, found: Found::Nothing, origin: None }).collect();
        for batch in changed.chunks(BATCH) {
            let mut changes = self.source.read(batch);
            for change in &mut changes {
                change.origin = self.source.origins(&change.path, moves).next();
            }
            changes.append(&mut gone);
            self.site.apply(changes);
        }
        if !gone.is_empty() {
            self.site.apply(gone);
        }
    }

    /// Takes in what is new of assets.
    pub(super) fn know_assets(&mut self, assets: Vec<(String, Option<u64>)>) {
        self.site.know_assets(assets);
    }

    /// What to do where there is no entry; none where there are some.
    pub(super) fn advise(&self, setup: &Setup) -> Option<String> {
        let folder = &setup.config.site.content_dir;
        match (self.site.posts(), self.source.len()) {
            (0, 0) if setup.config.site.languages.is_always_named => {
                let language = &setup.config.site.languages.own;
                Some(format!("no page in {folder} is in {language}: the name of one that is ends with .{language}.md"))
            }
            (0, 0) => Some(format!("there is no post in {folder} yet; write a first one with {}", setup.first_post())),
            (0, files) => Some(format!(
                "of {} in {folder} none is an entry: drafts, undated, scheduled and expired ones are not; give one a `date` that has come",
                counted(files, "page")
            )),
            _ => None,
        }
    }

    /// What is wrong where `[feeds] sections` names what is a folder in no language: told for the default one, and not of a site
    /// without a page.
    pub(super) fn missing_sections(&self, setup: &Setup) -> Vec<Diagnostic> {
        let named = &setup.config.feeds.sections;
        if named.is_empty() || setup.language().is_some() || self.source.is_empty() {
            return Vec::new();
        }
        let folders: Vec<&str> = self.site.top_folders().collect();
        let config::Site { content_dir, languages, .. } = &setup.config.site;
        let beside = languages.beside.iter().map(|other| folder_at(setup.root(), other.content.as_ref().unwrap_or(content_dir)));
        let beside: Vec<PathBuf> = beside.collect();
        let is_folder =
            |name: &str| folders.contains(&name) || !name.contains('/') && beside.iter().any(|content| content.join(name).is_dir());
        let fault = |missing: &String| {
            let mend = match nearest(missing, folders.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None if folders.is_empty() => "make it, or name none".to_owned(),
                None => format!("name some of {}", folders.join(", ")),
            };
            (missing.clone(), format!("no folder in {content_dir} is called `{missing}`, which is to be in the feed of the site"), mend)
        };
        let faults: Vec<_> = named.iter().filter(|name| !is_folder(name)).map(fault).collect();
        if faults.is_empty() || setup.config.check_allow.contains(&Rule::MissingSection) {
            return Vec::new();
        }
        Config::blame_sections(&setup.found.parts, faults)
    }

    /// How many files are known.
    pub(super) fn files(&self) -> usize {
        self.source.len()
    }

    /// The next state of the feeds at the instant `now`, with everything read that it takes.
    ///
    /// # Errors
    /// [`WentAway`], when the content folder does meanwhile; then what it takes is asked for again by the next plan.
    pub(super) fn plan(&mut self, now: DateTime<Utc>) -> Result<Update> {
        loop {
            match self.site.plan(now, Utc::now()) {
                Step::Ready(update) => {
                    self.source.forget_assets(self.site.forget_assets());
                    tracing::debug!("{} documents differ, {} are no more", update.writes.len(), update.removals.len());
                    return Ok(update);
                }
                Step::Need { files, assets } => {
                    let changes = self.source.read(&files);
                    ensure!(self.source.is_in_place(), WentAway(self.source.content().to_owned()));
                    self.site.apply(changes);
                    let assets = self.source.assets(&assets, &mut enter(&mut self.watch));
                    self.site.know_assets(assets);
                }
            }
        }
    }

    /// Has the links in entries examined by the plans to come, unless they may lead to what is not looked at.
    pub(super) fn examine_links(&mut self, site: &config::Site) {
        if !site.is_assembled {
            self.site.examine_links(self.source.surroundings(site));
        }
    }

    /// What [`Engine::read_all`] may be given at the next start, if `key` stands for the same then.
    pub(super) fn remember(&self, key: u64) -> io::Result<Vec<u8>> {
        self.source.remember(&self.site, key)
    }

    /// Carries an update out and commits it.
    ///
    /// # Errors
    /// When the output folder cannot be written; then nothing is committed, and the next plan holds what this one did.
    pub(super) fn publish(&mut self, update: &Update, output: &mut Output) -> Result<Published> {
        let mut outcome = output.write(update)?;
        let snapshot = self.site.commit(std::mem::take(&mut outcome.kept));
        Ok(Published { snapshot, outcome })
    }
}

/// What watches a folder before it is listed.
fn enter(watch: &mut Option<Watch>) -> impl FnMut(&Path) {
    move |folder| {
        if let Some(watch) = watch {
            watch.enter(folder);
        }
    }
}

/// How long something took, as people read it.
pub(super) fn seconds(took: Duration) -> String {
    let elapsed = took.as_secs_f64();
    if elapsed < 1.0 { format!("{:.1} ms", elapsed * 1e3) } else { format!("{elapsed:.2} s") }
}
