//! A configuration file as it is read: its text, and what has been found wrong with it.

use toml::de::DeTable;

use super::{Config, hugo, own};
use crate::diagnostic::{Diagnostic, Rule, Severity};
use crate::value::Fields;

/// Collects what is wrong.
pub(super) struct Reader<'t> {
    text: &'t str,
    path: &'t str,
    found: Vec<Diagnostic>,
}

impl Reader<'_> {
    pub(super) fn error(&mut self, offset: Option<usize>, what: impl Into<String>, mend: impl Into<String>) {
        self.find(Rule::InvalidConfig, offset, what, mend);
    }

    /// Tells of what is wrong by another rule than that of the configuration.
    pub(super) fn find(&mut self, rule: Rule, offset: Option<usize>, what: impl Into<String>, mend: impl Into<String>) {
        self.found.push(Diagnostic::new(rule, self.path, what, mend).at(self.text, offset.unwrap_or(0)));
    }
}

/// Reads the whole file, for the feeds of one language: Hugo's keys, then our tables.
pub(super) fn read(text: &str, path: &str, language: Option<&str>) -> Result<(Config, Vec<Diagnostic>), Vec<Diagnostic>> {
    let mut reader = Reader { text, path, found: Vec::new() };
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let message = error.message().lines().next().unwrap_or("this is not TOML");
        reader.error(
            error.span().map(|span| span.start),
            format!("this is not TOML: {message}"),
            "write `key = value`, with text in quotes",
        );
    }
    if !reader.found.is_empty() {
        // A slip has echoes on its line: the first finding of each line is the one to mend.
        reader.found.sort_by_key(|found| (found.line, found.column));
        reader.found.dedup_by_key(|found| found.line);
        return Err(reader.found);
    }
    let table = table.into_inner();
    let own = own::Own::read(&mut reader, &table);
    let fields = Fields::from_toml(table, 0).unwrap_or_else(|excess| {
        reader.error(Some(excess.offset), excess.what, "write less here");
        Fields::default()
    });
    let hugo = hugo::read(&mut reader, &fields, language);
    let config = own.into_config(hugo);
    reader.found.sort_by_key(|found| (found.line, found.column));
    reader.found.dedup();
    if reader.found.iter().any(|found| found.severity == Severity::Error) { Err(reader.found) } else { Ok((config, reader.found)) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check_errors(text: &str, expected: &[&str]) {
        let found = Config::parse(text, "c.toml").err().unwrap_or_default();
        let shown: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert_eq!(shown, expected, "{text}");
    }

    #[test]
    fn every_error_is_told_with_its_line_and_column() {
        check_errors(
            "title = \n[feeds]\nlimits = 3\n",
            &[
                "c.toml:1:9: error: this is not TOML: string values must be quoted, expected literal string; write `key = value`, with text in quotes [invalid-config]",
            ],
        );
        check_errors(
            "baseURL = 'ftp://x'\ntimeZone = 'Europe/Pari'\n[feeds]\nlimits = 3\nformats = ['rsss']\n[permalinks]\npost = '/:yaer/'\n",
            &[
                "c.toml:1:11: error: `ftp://x` is no address of a site; write one such as \"https://example.org/\" [invalid-config]",
                "c.toml:2:12: error: `Europe/Pari` is no time zone; did you mean `Europe/Paris`? [invalid-config]",
                "c.toml:4:1: error: unknown key `limits` in [feeds]; did you mean `limit`? [invalid-config]",
                "c.toml:5:11: error: `rsss` is no format; write some of \"rss\", \"atom\", \"json\" [invalid-config]",
                "c.toml:7:8: error: `:yaer` is no permalink token; use the tokens of Hugo, such as :year or :slug [invalid-config]",
            ],
        );
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,60}", key in "[a-zA-Z.\\[\\]]{1,24}", value in "\\PC{0,20}") {
            let _ = Config::parse(&text, "c");
            let _ = Config::parse(&format!("{key} = '{value}'"), "c");
            let _ = Config::parse(&format!("[permalinks]\nx = '{value}'"), "c");
        }
    }
}
