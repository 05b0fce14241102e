//! Another configuration takes the place of the one before, all of it or nothing of it.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use chrono::Utc;

use super::{Keeper, watch};
use crate::app::build::read_ids;
use crate::app::engine::Engine;
use crate::app::report::Report;
use crate::app::rounds::Rounds;
use crate::app::{Setup, Unusable};
use crate::config::Serve;
use crate::ids::Ids;
use crate::source::Hint;

/// A file of the configuration that is gone, or empty, is awaited for so long: editors and checkouts take it away before they write
/// it anew, and what the others say without it may be other addresses for everything.
const AWAITED: Duration = Duration::from_millis(250);

impl Keeper {
    /// Takes in what was told of the configuration. Whether it is to be read again is the answer.
    pub(super) fn hear_of_configuration(&mut self, told: &BTreeSet<Hint>, doubted: &BTreeSet<Hint>, now: Instant) -> bool {
        let has = |hint: &Hint| told.contains(hint) || doubted.contains(hint);
        let configuration = &self.setup.found.configuration;
        let is_told = told.iter().chain(doubted).any(|hint| matches!(hint, Hint::At(path) if configuration.concerns(path)));
        // where nothing told of it, its stamp decides
        let is_doubted = has(&Hint::Anywhere) || has(&Hint::At(configuration.root.clone()));
        let is_due = self.is_put_off && self.engine.source().is_in_place() || self.awaited_until.is_some_and(|until| now >= until);
        if is_told {
            // a folder that has come holds files that came after it
            self.engine.watch_configuration();
        }
        if !(is_told || is_due || is_doubted && self.rounds.compare_configuration(configuration)) {
            return false;
        }
        if configuration.lacks_file(&self.setup.found.parts) && now < *self.awaited_until.get_or_insert(now + AWAITED) {
            return false;
        }
        self.awaited_until = None;
        true
    }

    /// Reads the configuration again, all of it or nothing. Whether the feeds may be others by it is the answer.
    pub(super) fn reload(&mut self) -> bool {
        self.is_put_off = false;
        let Some(setup) = self.other_setup() else { return false };
        if self.writes_as(&setup) {
            self.readers.follow(&setup.config, &self.options);
            self.rounds = Rounds::following(&self.rounds, &setup.config.serve, self.engine.is_watching(), setup.found.stamps.clone());
            let before = std::mem::replace(&mut self.setup, setup);
            self.config_fault = None;
            tracing::info!("the configuration was read again, and the feeds stay as they are");
            self.tell_of_next_start(&before.config.serve);
            return false;
        }
        // all posts are read again then, and a disk that is not mounted would have none
        if setup.content() == self.setup.content() && !self.engine.source().is_in_place() {
            tracing::info!("the configuration is read again when the content folder is in place");
            self.is_put_off = true;
            self.config_fault = None;
            return false;
        }
        match setup.validated() {
            Ok(setup) => self.follow(setup),
            Err(unusable) => {
                self.reject(unusable, &mut Report::new(self.options.common.voice));
                false
            }
        }
    }

    /// Reads the configuration, if it is another one that can be used for all languages. Why it cannot is told.
    fn other_setup(&mut self) -> Option<Setup> {
        let is_asked = std::mem::take(&mut self.is_asked);
        let mut report = Report::new(self.options.common.voice);
        let (options, language) = (&self.options.common, self.setup.language());
        let found = Setup::find(options, language, &mut report);
        let parts = found.as_ref().map_or_else(|_| Vec::new(), |found| found.parts.clone());
        let rejected = std::mem::take(&mut self.rejected);
        // what is wrong with either was told
        if found.is_ok() && parts == rejected {
            self.rejected = rejected;
            return None;
        }
        if found.is_ok() && parts == self.setup.found.parts {
            self.config_fault = None;
            if is_asked {
                tracing::info!("the configuration was read again, and nothing in it has changed");
            }
            return None;
        }
        let setup = match found.and_then(|found| Setup::of(found, options, language, &mut report)) {
            Ok(setup) => setup.passing_over(&self.setup.passed_over()),
            Err(unusable) => {
                self.reject(unusable, &mut report);
                self.rejected = parts;
                return None;
            }
        };
        let file = setup.found.configuration.file();
        if !setup.config.site.languages.are_those_of(&self.setup.config.site.languages) {
            self.config_fault = Some(format!("the site has other languages now, and {} counts from the next start on", file.display()));
            if self.setup.language().is_none() {
                tracing::warn!(
                    "the site has other languages now; the configuration counts from the next start on, and the one before stays"
                );
            }
            return None;
        }
        if let Some(language) = setup.language_at_fault(&self.setup) {
            tracing::error!("the configuration cannot be used for the language {language}; the one before stays");
            self.config_fault = Some(format!("the configuration {} cannot be used for the language {language}", file.display()));
            return None;
        }
        Some(setup)
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
                    self.config_fault = Some(format!("{error:#}"));
                    return false;
                }
            }
        } else {
            self.output.forget();
        }
        self.readers.follow(&setup.config, &self.options);
        // a poll that is switched on or off needs another watch; else what is watched stays so
        let is_same_watch = self.watches_as(&setup);
        let watch = if is_same_watch { self.engine.take_watch() } else { watch(&setup, &self.events) };
        self.rounds = Rounds::following(&self.rounds, &setup.config.serve, watch.is_some(), setup.found.stamps.clone());
        self.settling.look_every(self.rounds.poll());
        self.engine = Engine::following(&self.engine, &setup, &ids, Utc::now(), watch);
        if is_elsewhere {
            // the table of ids is not there as it is here, changed or not
            self.engine.republish();
        }
        let before = std::mem::replace(&mut self.setup, setup);
        self.config_fault = None;
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
        self.config_fault = Some(report.first_error().map_or_else(|| fault.clone(), |cause| format!("{fault}: {cause}")));
    }
}

/// What of `[serve]` is as it was at the start for as long as the process lives, by its keys.
fn from_the_start(serve: &Serve) -> [(&'static str, String); 2] {
    [("admin", serve.admin.clone()), ("max_connections", serve.max_connections.to_string())]
}
