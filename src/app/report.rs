//! What a person or a program reads: findings and failures on standard error, results on standard output.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::diagnostic::{Diagnostic, Rule, Severity};

/// Where findings go, and how many there were.
#[derive(Debug, Default)]
pub(super) struct Report {
    found: BTreeMap<Rule, usize>,
}

impl Report {
    /// Tells a finding in one line; on a terminal, the line in question and a caret under the column follow.
    pub(super) fn tell(&mut self, finding: &Diagnostic) {
        self.note(finding);
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
        self.note(finding);
        if let Ok(json) = serde_json::to_string(finding) {
            self.result(&json);
        }
    }

    /// Tells why a command could not do its work.
    pub(super) fn fail(&mut self, error: &anyhow::Error) {
        let _ = writeln!(io::stderr(), "error: {error:#}");
    }

    /// Tells the result of a command, on standard output.
    pub(super) fn result(&mut self, line: &str) {
        let mut out = io::stdout().lock();
        let _ = writeln!(out, "{line}").and_then(|()| out.flush());
    }

    /// How many findings of this severity were told.
    pub(super) fn count(&self, severity: Severity) -> usize {
        self.found.iter().filter(|(rule, _)| rule.severity() == severity).map(|(_, count)| count).sum()
    }

    /// How many findings were told: of each severity, then of each rule.
    pub(super) fn summary(&self) -> String {
        let [errors, warnings, notes] = [Severity::Error, Severity::Warning, Severity::Note].map(|severity| self.count(severity));
        let rules: Vec<String> = self.found.iter().map(|(rule, count)| format!("{count} {rule}")).collect();
        let rules = if rules.is_empty() { String::new() } else { format!(" ({})", rules.join(", ")) };
        format!("{errors} errors, {warnings} warnings, {notes} notes{rules}")
    }

    fn note(&mut self, finding: &Diagnostic) {
        *self.found.entry(finding.rule).or_default() += 1;
    }
}

/// Work that takes less is done before anybody has read how far it is.
const PATIENCE: Duration = Duration::from_secs(1);

/// How far long work is, on standard error when that is a terminal.
pub(super) struct Progress {
    bar: ProgressBar,
    started: Instant,
}

impl Progress {
    /// A bar that is not shown yet.
    pub(super) fn new() -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {msg}") {
            bar.set_style(style);
        }
        Progress { bar, started: Instant::now() }
    }

    /// Shows how many files of how many are read.
    pub(super) fn show(&self, read: usize, total: usize) {
        self.bar.set_length(total as u64);
        self.bar.set_position(read as u64);
        self.say(&format!("{read} of {total} files read"));
    }

    /// Shows what is being done.
    pub(super) fn say(&self, what: &str) {
        if self.started.elapsed() >= PATIENCE && self.bar.is_hidden() {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        self.bar.set_message(what.to_owned());
    }

    /// Takes the bar away.
    pub(super) fn end(&self) {
        self.bar.finish_and_clear();
    }
}
