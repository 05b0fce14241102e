//! What is wrong with a file, where, and how to mend it.
//!
//! A diagnostic is a value; who prints it, and where, is decided by `app`.

use std::fmt;

use serde::Serialize;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; nothing is wrong.
    Note,
    /// The feeds are right as far as can be told, but somebody should look.
    Warning,
    /// The file, or a part of it, could not be used.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        })
    }
}

/// One finding. Displays as `path:line:column: severity: what; mend`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Diagnostic {
    /// The file, relative to the site's root, with `/`.
    pub path: String,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, lower case, without a full stop.
    #[serde(rename = "message")]
    pub what: String,
    /// What to write instead.
    pub mend: String,
    /// The line in question, for a caret under the column; empty when there is none to show.
    #[serde(rename = "source")]
    pub excerpt: String,
}

impl Diagnostic {
    /// A finding about a file as a whole, placed at its first character.
    pub fn new(severity: Severity, path: impl Into<String>, what: impl Into<String>, mend: impl Into<String>) -> Self {
        Diagnostic { path: path.into(), line: 1, column: 1, severity, what: what.into(), mend: mend.into(), excerpt: String::new() }
    }

    /// Moves the finding to the byte `offset` of `text`, the whole of the file. An offset past the end is the end.
    #[must_use]
    pub fn at(mut self, text: &str, offset: usize) -> Self {
        let offset = (0..=offset.min(text.len())).rev().find(|&i| text.is_char_boundary(i)).unwrap_or(0);
        let start = text[..offset].rfind('\n').map_or(0, |i| i + 1);
        let end = text[start..].find('\n').map_or(text.len(), |i| start + i);
        self.line = 1 + text[..start].bytes().filter(|&b| b == b'\n').count() as u32;
        self.column = 1 + text[start..offset].chars().count() as u32;
        self.excerpt = text[start..end].trim_end_matches('\r').chars().take(240).collect();
        self
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}: {}; {}", self.path, self.line, self.column, self.severity, self.what, self.mend)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_becomes_a_line_and_a_column_in_characters() {
        let text = "+++\ntitle = \"Été\" x\n+++\n";
        let found = Diagnostic::new(Severity::Error, "a.md", "unexpected `x`", "remove it").at(text, text.find('x').unwrap());
        assert_eq!(found.to_string(), "a.md:2:15: error: unexpected `x`; remove it");
        assert_eq!(found.excerpt, "title = \"Été\" x");
    }

    #[test]
    fn an_offset_past_the_end_or_inside_a_character_is_no_panic() {
        for offset in 0..9 {
            let _ = Diagnostic::new(Severity::Note, "a", "b", "c").at("é\né", offset);
        }
    }
}
