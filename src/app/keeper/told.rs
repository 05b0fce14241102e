//! What is said of faults that last: each once, though it is found again at each look.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use super::Keeper;
use crate::app::engine::WentAway;
use crate::diagnostic::{Diagnostic, Rule, Severity};

/// Between two attempts to write, from the first to the longest.
const RETRY: (Duration, Duration) = (Duration::from_millis(100), Duration::from_millis(500));

/// Faults that last, and are found again at each look.
#[derive(Default)]
pub(super) struct Told {
    problems: BTreeSet<Diagnostic>,
    is_absent: bool,
    is_unwatched: bool,
}

/// A publication that failed and is tried again.
pub(super) struct Retry {
    pub(super) at: Instant,
    pause: Duration,
    /// What the system said, which is the same for every file.
    cause: String,
    /// The same with the file of the output that it was said of; none when the output can be written, as far as is known.
    pub(super) fault: Option<String>,
}

impl Keeper {
    /// Tells what is wrong with the folders, each fault once for as long as it lasts.
    pub(super) fn tell(&mut self, problems: Vec<Diagnostic>) {
        if self.engine.source().doubts().is_empty() {
            // what can be read now may be told of again; a name stays what it is
            self.told.problems.retain(|problem| problem.rule == Rule::NotUtf8);
        }
        for problem in problems {
            if !self.told.problems.contains(&problem) {
                log(&problem);
                self.told.problems.insert(problem);
            }
        }
        let fault = self.content_fault();
        match (std::mem::replace(&mut self.told.is_absent, fault.is_some()), fault) {
            (false, Some(fault)) => tracing::error!("{fault}; readers keep the last state until it is back"),
            (true, None) => tracing::info!("the content folder {} is back", self.engine.source().content().display()),
            _ => {}
        }
        let fault = self.engine.watch_fault();
        if let (false, Some(fault)) = (self.told.is_unwatched, &fault) {
            tracing::warn!("{fault}; until then it is looked at every two seconds");
        }
        self.told.is_unwatched = fault.is_some();
    }

    /// Tells of sections that the configuration names and that are not there.
    pub(super) fn tell_missing_sections(&self) {
        self.engine.missing_sections(&self.setup).iter().for_each(log);
    }

    /// Notes that the output could not be written, the table of ids not forced to the platter, or that what is to be written could not
    /// be read: readers keep what they have, and it is tried again, less and less often.
    pub(super) fn retry_later(&mut self, error: &anyhow::Error) {
        // which of the files fails first is chance
        let cause = error.root_cause().to_string();
        let before = self.retry.take();
        if before.as_ref().is_none_or(|before| before.cause != cause) {
            tracing::error!("{error:#}; readers keep what they have until this is mended");
        }
        let pause = before.as_ref().map_or(RETRY.0, |before| (before.pause * 2).min(RETRY.1));
        // a content folder that is away is no fault of the output, and mends none
        let fault = if error.is::<WentAway>() { before.and_then(|before| before.fault) } else { Some(format!("{error:#}")) };
        self.retry = Some(Retry { at: Instant::now() + pause, pause, cause, fault });
    }
}

/// Logs a finding as loud as it is grave.
pub(super) fn log(finding: &Diagnostic) {
    match finding.severity {
        Severity::Error => tracing::error!("{finding}"),
        Severity::Warning => tracing::warn!("{finding}"),
        Severity::Note => tracing::debug!("{finding}"),
    }
}
