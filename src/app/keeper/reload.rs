//! Another configuration takes the place of the one before, all of it or nothing of it.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use chrono::Utc;

use super::Keeper;
use super::heed::watch;
use crate::app::build::read_ids;
use crate::app::emptied::ensure_content_stays;
use crate::app::engine::Engine;
use crate::app::report::Report;
use crate::app::rounds::Rounds;
use crate::app::systemd::Reloading;
use crate::app::{Setup, Unusable};
use crate::config::{Part, Serve};
use crate::ids::Ids;
use crate::source::Hint;

/// A file of the configuration that is gone, or empty, is awaited for so long: editors and checkouts take it away before they write
/// it anew, and what the others say without it may be other addresses for everything.
const AWAITED: Duration = Duration::from_millis(250);

/// What is to be done about a configuration that is as it should be, when its folders are not.
const AGAIN: &str = "where the folder is to be mended, and not the configuration, save that again afterwards, or send SIGHUP";

/// What there is to do about the configuration on the disk, and what was said of it.
#[derive(Default)]
pub(super) struct Reload {
    /// From when on it is to be read again; none while nothing was told of it.
    pub(super) due: Option<Instant>,
    /// Whether it is to be read again when the content folder is in place.
    is_put_off: bool,
    /// Whether somebody asked for it, and wants to hear that nothing has changed.
    is_asked: bool,
    /// The last one that could not be used, of which was told what is wrong with it.
    rejected: Vec<Part>,
    /// Why it is not the one that counts; none when it is.
    pub(super) fault: Option<String>,
}

impl Reload {
    /// Has it read again from this instant on, or from an earlier one that was noted before.
    fn note(&mut self, due: Instant) {
        self.due = Some(self.due.map_or(due, |before| before.min(due)));
    }

    /// Notes that somebody asks for it: all of it is in place, and what is wrong is told again, or that nothing has changed.
    pub(super) fn ask(&mut self, now: Instant) {
        self.note(now);
        self.is_asked = true;
        self.rejected.clear();
    }

    fn is_due(&mut self, now: Instant) -> bool {
        self.due.take_if(|due| now >= *due).is_some()
    }
}

impl Keeper {
    /// Notes when the configuration is to be read again, if something happened to it.
    pub(super) fn note_configuration(&mut self, told: &BTreeSet<Hint>, doubted: &BTreeSet<Hint>, now: Instant) {
        let configuration = &self.setup.found.configuration;
        let has = |hint: &Hint| told.contains(hint) || doubted.contains(hint);
        let is_told = told.iter().chain(doubted).any(|hint| matches!(hint, Hint::At(path) if configuration.concerns(path)));
        if is_told {
            // a folder that has come holds files that came after it
            self.engine.watch_configuration();
        }
        // where nothing told of it, its stamp decides
        let is_doubted = has(&Hint::Anywhere) || has(&Hint::At(configuration.root.clone()));
        if is_told || is_doubted && !self.rounds.note_stamps(configuration.stamps()) {
            let lacks_file = configuration.lacks_file(&self.setup.found.parts);
            self.reload.note(if lacks_file { now + AWAITED } else { now });
        }
    }

    /// Has the configuration read again, if it is time. Whether the feeds may be others by it is the answer.
    pub(super) fn reload_if_due(&mut self, now: Instant, reloading: &mut Vec<Reloading>) -> bool {
        let is_due = self.reload.is_due(now);
        // as long as this is held, the configuration that counts is not the one on the disk
        reloading.extend(is_due.then(Reloading::begin));
        is_due && self.read_again()
    }

    /// The same for one that was put off, if the content folder is in place.
    pub(super) fn reload_if_put_off(&mut self) -> bool {
        self.reload.is_put_off && self.engine.source().is_in_place() && self.read_again()
    }

    /// Reads the configuration again, all of it or nothing. Whether the feeds may be others by it is the answer.
    fn read_again(&mut self) -> bool {
        self.reload.is_put_off = false;
        let Some(setup) = self.other_setup() else { return false };
        // all posts are read again then, and a disk that is not mounted would have none
        let is_away = setup.content() == self.setup.content() && !self.engine.source().is_in_place();
        let keeps = || ensure_content_stays(&setup, &self.setup);
        let fault = if is_away { None } else { setup.validate().and_then(|()| keeps()).err() };
        if let Some(error) = fault {
            self.reject(Unusable::Because(error), &mut Report::new(self.options.common.voice));
            // a folder that nobody reads tells nobody that it has come, nor when all of it is there
            tracing::info!("{AGAIN}");
            self.reload.fault.iter_mut().for_each(|fault| *fault = format!("{fault}; {AGAIN}"));
            return false;
        }
        if let Some((language, cause)) = setup.language_at_fault(&self.setup) {
            tracing::error!("the configuration cannot be used for the language {language}; the one before stays");
            let file = setup.found.configuration.file();
            self.reload.fault = Some(format!("the configuration {} cannot be used for the language {language}: {cause}", file.display()));
            return false;
        }
        if self.writes_as(&setup) {
            self.take_over(setup);
            return false;
        }
        if is_away {
            let file = setup.found.configuration.file();
            tracing::info!("the configuration is read again when the content folder is in place");
            self.reload.is_put_off = true;
            self.reload.fault = Some(format!("the configuration {} counts when the content folder is in place", file.display()));
            return false;
        }
        self.follow(setup)
    }

    /// Reads the configuration, if it is another one of the same languages. Why it cannot be used is told.
    fn other_setup(&mut self) -> Option<Setup> {
        let is_asked = std::mem::take(&mut self.reload.is_asked);
        let mut report = Report::new(self.options.common.voice);
        // what is another file from now on is looked at again
        self.rounds.note_stamps(self.setup.found.configuration.stamps());
        let (options, language) = (&self.options.common, self.setup.language());
        let found = Setup::find(options, language, &mut report);
        let parts = found.as_ref().map_or_else(|_| Vec::new(), |found| found.parts.clone());
        let rejected = std::mem::take(&mut self.reload.rejected);
        // what is wrong with either was told
        if found.is_ok() && parts == rejected {
            self.reload.rejected = rejected;
            return None;
        }
        if found.is_ok() && parts == self.setup.found.parts {
            if self.reload.fault.take().is_some() {
                tracing::info!("the configuration is again the one that counts");
            } else if is_asked {
                tracing::info!("the configuration was read again, and nothing in it has changed");
            }
            return None;
        }
        let setup = match found.and_then(|found| Setup::of(found, options, language, &mut report)) {
            Ok(setup) => setup.passing_over(&self.setup.passed_over()),
            Err(unusable) => {
                self.reject(unusable, &mut report);
                self.reload.rejected = parts;
                return None;
            }
        };
        if !setup.config.site.languages.are_those_of(&self.setup.config.site.languages) {
            let file = setup.found.configuration.file();
            self.reload.fault = Some(format!("the site has other languages now, and {} counts from the next start on", file.display()));
            if self.setup.language().is_none() {
                tracing::warn!(
                    "the site has other languages now; the configuration counts from the next start on, and the one before stays"
                );
            }
            return None;
        }
        Some(setup)
    }

    /// Has another setup count by which the feeds are the same.
    fn take_over(&mut self, setup: Setup) {
        self.readers.follow(&setup.config, &self.options);
        self.rounds = Rounds::following(&self.rounds, &setup.config.serve, self.engine.is_watching(), setup.found.stamps.clone());
        self.heed.follow(&setup);
        let before = std::mem::replace(&mut self.setup, setup);
        self.reload.fault = None;
        tracing::info!("the configuration was read again, and the feeds stay as they are");
        self.tell_of_next_start(&before.config.serve);
    }

    /// Has the feeds made anew by another setup. Whether that could be done is the answer.
    fn follow(&mut self, setup: Setup) -> bool {
        let is_elsewhere = setup.out != self.setup.out;
        let mut ids = Ids::default();
        if is_elsewhere {
            // what was published there before has a table of its own
            match setup.open_output().and_then(|output| Ok((read_ids(&output, &setup)?, output))) {
                Ok((known, output)) => (ids, self.output) = (known, output),
                Err(error) => {
                    tracing::error!("{error:#}; the configuration before stays");
                    self.reload.fault = Some(format!("{error:#}"));
                    return false;
                }
            }
        } else {
            self.output.forget();
        }
        self.readers.follow(&setup.config, &self.options);
        // a poll that is switched on or off needs another watch; else what is watched stays so
        let is_same_watch = self.watches_as(&setup);
        let watch = if is_same_watch { self.engine.take_watch() } else { watch(&setup, &self.heed, &self.events) };
        self.rounds = Rounds::following(&self.rounds, &setup.config.serve, watch.is_some(), setup.found.stamps.clone());
        self.settling.look_every(self.rounds.poll());
        self.engine = Engine::following(&self.engine, &setup, &ids, Utc::now(), watch);
        if is_elsewhere {
            // the table of ids is not there as it is here, changed or not
            self.engine.republish();
        }
        self.heed.follow(&setup);
        let before = std::mem::replace(&mut self.setup, setup);
        self.reload.fault = None;
        self.is_anew = true;
        self.read_all(false);
        tracing::info!("the configuration was read again");
        self.tell_missing_sections();
        self.tell_of_next_start(&before.config.serve);
        true
    }

    /// Whether another setup makes the same feeds of the same files in the same place.
    fn writes_as(&self, setup: &Setup) -> bool {
        setup.config.writes_as(&self.setup.config) && setup.out == self.setup.out && self.watches_as(setup)
    }

    fn watches_as(&self, setup: &Setup) -> bool {
        setup.config.serve.poll == self.setup.config.serve.poll
    }

    /// Tells which keys have another value than `before` that is not in force. They are for the whole server, so the default
    /// language tells.
    fn tell_of_next_start(&self, before: &Serve) {
        let (now, before, begun) = (from_the_start(&self.setup.config.serve), from_the_start(before), from_the_start(&self.begun));
        let keys = now.iter().zip(&before).zip(&begun).filter(|((now, before), begun)| now != before && now != begun);
        for (((key, value), _), _) in keys.filter(|_| self.setup.language().is_none()) {
            tracing::warn!("`{key}` of [serve] counts from the next start on: `{value}` is not in force yet");
        }
    }

    /// Tells why another configuration is not followed.
    fn reject(&mut self, unusable: Unusable, report: &mut Report) {
        unusable.end(report);
        tracing::error!("the configuration cannot be used; the one before stays");
        let fault = format!("the configuration {} cannot be used", self.setup.found.configuration.file().display());
        self.reload.fault = Some(report.first_error().map_or_else(|| fault.clone(), |cause| format!("{fault}: {cause}")));
    }
}

/// What of `[serve]` is as it was at the start for as long as the process lives, by its keys.
fn from_the_start(serve: &Serve) -> [(&'static str, String); 2] {
    [("admin", serve.admin.clone()), ("max_connections", serve.max_connections.to_string())]
}
