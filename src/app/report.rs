//! What a person or a program reads: findings and failures on standard error, results on standard output.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Voice;
use super::advice::advice;
use super::counted::counted;
use crate::diagnostic::{Diagnostic, Rule, Severity};

/// How findings are told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// A line each on standard error, as people read it.
    #[default]
    Lines,
    /// A JSON object a line on standard output.
    Json,
    /// A workflow command of GitHub a line on standard output, which makes it an annotation of the file.
    Github,
}

/// Where findings go, and how many there were.
#[derive(Debug, Default)]
pub(super) struct Report {
    form: Form,
    /// The folder that the paths of findings are relative to, from where GitHub counts.
    root: PathBuf,
    found: BTreeMap<Rule, usize>,
    voice: Voice,
    /// The first error that was told.
    first: Option<String>,
}

impl Report {
    /// A report that says so much of what it is told.
    pub(super) fn new(voice: Voice) -> Self {
        Report { voice, ..Report::default() }
    }

    /// The same, in another form.
    pub(super) fn in_form(self, form: Form) -> Self {
        Report { form, ..self }
    }

    /// Notes which folder the paths of findings are relative to.
    pub(super) fn set_root(&mut self, root: &Path) {
        let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let root = real(root);
        // from its workspace, wherever in it a step runs
        let workspace = std::env::var_os("GITHUB_WORKSPACE").map(PathBuf::from);
        let from = [workspace, std::env::current_dir().ok()];
        let below = from.iter().flatten().find_map(|from| root.strip_prefix(real(from)).ok());
        self.root = below.unwrap_or(&root).to_owned();
    }

    /// Tells a finding, and counts it.
    pub(super) fn tell(&mut self, finding: &Diagnostic) {
        *self.found.entry(finding.rule).or_default() += 1;
        if finding.severity == Severity::Error {
            self.first.get_or_insert_with(|| finding.to_string());
        }
        match self.form {
            Form::Lines if self.voice == Voice::Quiet && finding.severity < Severity::Error => {}
            Form::Lines => line(finding),
            Form::Json => {
                if let Ok(json) = serde_json::to_string(finding) {
                    self.result(&json);
                }
            }
            Form::Github => self.result(&annotation(&self.placed(finding))),
        }
    }

    /// A finding with the path by which GitHub finds the file.
    fn placed(&self, finding: &Diagnostic) -> Diagnostic {
        if !finding.is_in_file() {
            return finding.clone();
        }
        Diagnostic { path: self.root.join(&finding.path).to_string_lossy().into_owned(), ..finding.clone() }
    }

    /// Tells why a command could not do its work: a finding as one.
    pub(super) fn fail(&mut self, error: &anyhow::Error) {
        if let Some(finding) = error.downcast_ref::<Diagnostic>() {
            return self.tell(finding);
        }
        let mend = advice(error).map(|mend| format!("; {mend}")).unwrap_or_default();
        let _ = writeln!(io::stderr(), "error: {error:#}{mend}");
        self.first.get_or_insert_with(|| format!("{error:#}{mend}"));
    }

    /// The first error that was told, be it a finding or a failure.
    pub(super) fn first_error(&self) -> Option<&str> {
        self.first.as_deref()
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
        let [errors, warnings, notes] =
            [Severity::Error, Severity::Warning, Severity::Note].map(|severity| counted(self.count(severity), &severity.to_string()));
        let rules: Vec<String> = self.found.iter().map(|(rule, count)| format!("{count} {rule}")).collect();
        let rules = if rules.is_empty() { String::new() } else { format!(" ({})", rules.join(", ")) };
        format!("{errors}, {warnings}, {notes}{rules}")
    }
}

/// Tells a finding in one line on standard error; on a terminal, the line in question and a caret under the column follow.
fn line(finding: &Diagnostic) {
    let mut err = io::stderr().lock();
    // nobody is left to tell that standard error is closed
    let _ = writeln!(err, "{finding}");
    if err.is_terminal() && finding.is_in_file() && !finding.excerpt.is_empty() {
        let indent: String = finding.excerpt.chars().take(finding.column as usize - 1).map(|c| if c == '\t' { c } else { ' ' }).collect();
        let _ = writeln!(err, "    {}\n    {indent}^", finding.excerpt);
    }
}

/// A finding as a workflow command. Its signs are escaped as GitHub's runner reads them: `%` and line ends everywhere, `:`
/// and `,` in properties.
fn annotation(finding: &Diagnostic) -> String {
    let data = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let property = |text: &str| data(text).replace(':', "%3A").replace(',', "%2C");
    let Diagnostic { path, line, column, severity, rule, what, mend, .. } = finding;
    let level = match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    if !finding.is_in_file() {
        return format!("::{level} title={rule}::{}", data(&format!("{path}: {what}; {mend}")));
    }
    let file = property(path);
    format!("::{level} file={file},line={line},col={column},title={rule}::{}", data(&format!("{what}; {mend}")))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_annotation_is_escaped_as_workflow_commands_are() {
        let finding = Diagnostic::new(Rule::DeadLink, "content/a, b: 50%.md", "there is no page `a:b,\r\n`", "100% sure");
        assert_eq!(
            annotation(&Report { root: "site".into(), ..Report::default() }.placed(&finding)),
            "::warning file=site/content/a%2C b%3A 50%25.md,line=1,col=1,title=dead-link::there is no page `a:b,%0D%0A`; 100%25 sure"
        );
        let finding = Diagnostic::new(Rule::MissingBaseUrl, "--base-url", "`/` leads nowhere", "give another").in_no_file();
        let expected = "::warning title=missing-base-url::--base-url: `/` leads nowhere; give another";
        assert_eq!(annotation(&Report { root: "site".into(), ..Report::default() }.placed(&finding)), expected);
    }
}
