//! What a person or a program reads: findings and failures on standard error, results on standard output.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Voice;
use super::advice::advice;
use crate::diagnostic::{Diagnostic, Severity};

/// Where findings go, and how many there were.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub(super) errors: usize,
    pub(super) warnings: usize,
    voice: Voice,
}

impl Report {
    /// A report that says so much of what it is told.
    pub(super) fn new(voice: Voice) -> Self {
        Report { voice, ..Report::default() }
    }

    /// Tells a finding in one line; on a terminal, the line in question and a caret under the column follow.
    pub(super) fn tell(&mut self, finding: &Diagnostic) {
        self.count(finding);
        if self.voice == Voice::Quiet && finding.severity < Severity::Error {
            return;
        }
        let mut err = io::stderr().lock();
        // nobody is left to tell that standard error is closed
        let _ = writeln!(err, "{finding}");
        if err.is_terminal() && !finding.excerpt.is_empty() {
            let indent: String =
                finding.excerpt.chars().take(finding.column as usize - 1).map(|c| if c == '\t' { c } else { ' ' }).collect();
            let _ = writeln!(err, "    {}\n    {indent}^", finding.excerpt);
        }
    }

    /// Tells a finding as one JSON object a line, on standard output.
    pub(super) fn tell_json(&mut self, finding: &Diagnostic) {
        self.count(finding);
        if let Ok(json) = serde_json::to_string(finding) {
            self.result(&json);
        }
    }

    /// Tells why a command could not do its work.
    pub(super) fn fail(&mut self, error: &anyhow::Error) {
        let mend = advice(error).map(|mend| format!("; {mend}")).unwrap_or_default();
        let _ = writeln!(io::stderr(), "error: {error:#}{mend}");
    }

    /// Tells the result of a command, on standard output.
    pub(super) fn result(&mut self, line: &str) {
        let mut out = io::stdout().lock();
        let _ = writeln!(out, "{line}").and_then(|()| out.flush());
    }

    fn count(&mut self, finding: &Diagnostic) {
        match finding.severity {
            Severity::Error => self.errors += 1,
            Severity::Warning => self.warnings += 1,
            Severity::Note => {}
        }
    }
}

/// Work that takes less is done before anybody has read how far it is.
const PATIENCE: Duration = Duration::from_secs(1);

/// How far long work is, on standard error when that is a terminal and nothing else is said there.
pub(super) struct Progress {
    bar: ProgressBar,
    voice: Voice,
    started: Instant,
}

impl Progress {
    /// A bar that is not shown yet.
    pub(super) fn new(voice: Voice) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {msg}") {
            bar.set_style(style);
        }
        Progress { bar, voice, started: Instant::now() }
    }

    /// Shows how many files of how many are read.
    pub(super) fn show(&self, read: usize, total: usize) {
        self.bar.set_length(total as u64);
        self.bar.set_position(read as u64);
        self.say(&format!("{read} of {total} files read"));
    }

    /// Shows what is being done.
    pub(super) fn say(&self, what: &str) {
        if self.voice == Voice::Usual && self.started.elapsed() >= PATIENCE && self.bar.is_hidden() {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        self.bar.set_message(what.to_owned());
    }

    /// Takes the bar away.
    pub(super) fn end(&self) {
        self.bar.finish_and_clear();
    }
}
