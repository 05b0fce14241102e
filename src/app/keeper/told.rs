//! What is said of faults that last: each once, though it is found again at each look.

use std::collections::BTreeSet;

use super::Keeper;
use crate::diagnostic::{Diagnostic, Rule, Severity};

/// Faults that last, and are found again at each look.
#[derive(Default)]
pub(super) struct Told {
    problems: BTreeSet<Diagnostic>,
    is_absent: bool,
    is_unwatched: bool,
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
        let content = self.engine.source().content().display();
        let is_absent = self.engine.source().is_absent();
        match (std::mem::replace(&mut self.told.is_absent, is_absent), is_absent) {
            (false, true) => tracing::error!("the content folder {content} is gone or empty; readers keep the last state until it is back"),
            (true, false) => tracing::info!("the content folder {content} is back"),
            _ => {}
        }
        let fault = self.engine.watch_fault();
        if let (false, Some(fault)) = (self.told.is_unwatched, &fault) {
            tracing::warn!("{fault}; until then it is looked at every two seconds");
        }
        self.told.is_unwatched = fault.is_some();
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
