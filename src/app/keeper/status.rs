//! How things are with the feeds of a language, for operators who ask.

use super::Keeper;
use crate::admin::{SCHEDULED, Scheduled, Status};

impl Keeper {
    /// How things are.
    pub(super) fn status(&self) -> Status {
        let site = self.engine.site();
        let mut diagnostics = self.engine.missing_sections(&self.setup);
        diagnostics.extend(site.diagnostics());
        diagnostics.sort();
        Status {
            version: env!("CARGO_PKG_VERSION"),
            revision: self.readers.live.load().revision,
            started: self.started,
            last_change: self.last_change,
            next_change: self.next_due,
            posts: site.posts(),
            feeds: site.feeds(),
            content_fault: self.content_fault(),
            config_fault: self.reload.fault.clone().or_else(|| self.readers.fault()),
            watch_fault: self.engine.watch_fault(),
            output_fault: self.retry.as_ref().and_then(|retry| retry.fault.clone()),
            missed_changes: self.rounds.missed,
            scheduled: site.scheduled().take(SCHEDULED).map(|(at, finding)| Scheduled { at, finding }).collect(),
            diagnostics,
        }
    }

    /// Why what is in the content folder is not looked at; none when it is.
    pub(super) fn content_fault(&self) -> Option<String> {
        let source = self.engine.source();
        source.is_absent().then(|| format!("the content folder {} is gone or empty", source.content().display()))
    }
}
