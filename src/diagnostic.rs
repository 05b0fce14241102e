//! What is wrong with a file, where, and how to mend it.
//!
//! Each finding is of a closed list of rules, whose names users may write to allow what they accept. A diagnostic is a
//! value; who prints it, and where, is decided by `app`.

use std::fmt;

use serde::{Serialize, Serializer};

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

/// Declares the rules: one line each, so that a rule without a name, a severity or a meaning cannot be.
macro_rules! rules {
    ($($severity:ident $rule:ident $name:literal $meaning:literal)+) => {
        /// What kind of finding it is. Each kind has one name, which users write to allow it, and one severity.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule {
            $(#[doc = $meaning] $rule,)+
        }

        impl Rule {
            /// All of them: errors, warnings, notes.
            pub const ALL: &[Rule] = &[$(Rule::$rule),+];

            /// The name, in lower case with hyphens.
            pub fn name(self) -> &'static str {
                match self { $(Rule::$rule => $name,)+ }
            }

            /// How bad it is.
            pub fn severity(self) -> Severity {
                match self { $(Rule::$rule => Severity::$severity,)+ }
            }

            /// What such a finding says, in one sentence.
            pub fn meaning(self) -> &'static str {
                match self { $(Rule::$rule => $meaning,)+ }
            }
        }
    };
}

rules! {
    Error InvalidConfig "invalid-config" "The configuration cannot be read, or has a key or value that nobody knows."
    Error UnreadableFile "unreadable-file" "A file or folder cannot be read."
    Error NotUtf8 "not-utf8" "A file, or its name, is not UTF-8."
    Error BrokenFrontMatter "broken-front-matter" "The front matter has no end, is not TOML, YAML or JSON, or stands behind a byte order mark that does not begin the file."
    Error UnreadableDate "unreadable-date" "A date has none of the forms that Hugo reads."
    Error UnrenderableText "unrenderable-text" "The text of a post, or its front matter, makes the program fail, and is left out."
    Error UnusableUrl "unusable-url" "The `url` of a page is no path of the site."
    Error UnusableFolder "unusable-folder" "A section or term has no feeds, because its address makes no folder, one whose name or path is too long, or one where a file of the feeds is."
    Error SharedFolder "shared-folder" "A section or term has no feeds, because another one has its folder."
    Warning MissingBaseUrl "missing-base-url" "The configuration gives the site no address, or one that leads each reader to its own machine."
    Warning UnsupportedDate "unsupported-date" "The configuration takes dates from where Tidings does not."
    Warning UnreadMount "unread-mount" "A folder that `module.mounts` takes content from is not read."
    Warning MissingSection "missing-section" "A folder that `[feeds] sections` names is not in the content folder."
    Warning MissingContent "missing-content" "The content folder of a language is not there, so it has no feeds."
    Warning InvalidLanguage "invalid-language" "A language is no tag such as `pt-BR`, and is left out."
    Warning InvalidEmail "invalid-email" "The `email` of an author is no address, and is left out."
    Warning InvalidFeed "invalid-feed" "The `feed` in front matter has a key or value that nobody knows, and is not followed."
    Warning EmptyFile "empty-file" "A file has nothing in it."
    Warning BrokenCascade "broken-cascade" "A `cascade` is neither a table nor a list of tables."
    Warning ForbiddenCharacter "forbidden-character" "A character cannot stand in XML and is left out."
    Warning UnbalancedTitle "unbalanced-title" "A title changes the direction of writing for what follows it."
    Warning TermWithoutPath "term-without-path" "A term has nothing that a path can be made of, and so no feed."
    Warning RelativeId "relative-id" "An `id` or `guid` is no absolute address, so it is not the id of the entry."
    Warning SharedAddress "shared-address" "Two posts have one address."
    Warning SharedId "shared-id" "Two posts want one id."
    Warning BrokenShortcode "broken-shortcode" "A shortcode is written wrongly, nested too deeply, too long, or its template fails."
    Warning UnknownShortcode "unknown-shortcode" "Nobody knows a shortcode, neither Hugo nor `[shortcodes]`."
    Warning MissingParameter "missing-parameter" "The shortcode `param` names a parameter that neither the page nor the site has."
    Warning DeadLink "dead-link" "A reference or link leads to a page or file that the site does not have."
    Warning OmittedHtml "omitted-html" "Nothing is left of a post, since it is HTML and the site lets none into Markdown."
    Warning MissingCover "missing-cover" "The cover that a post names is neither below the static folder nor in its bundle."
    Warning SpellingsDiffer "spellings-differ" "Posts spell one term in several ways: in other case, or in what its path leaves out."
    Warning EntryTooBig "entry-too-big" "An entry takes more than 250 KB of each feed that holds it."
    Note UndatedPage "undated-page" "A page has no date and is in no feed."
    Note DateWithoutZone "date-without-zone" "A date has a time of the day and no zone, and the site sets no `timeZone`: it counts as UTC."
    Note RemovedKey "removed-key" "A key is one that Hugo has removed: it is followed here, and ends Hugo's build."
    Note FuturePost "future-post" "A post appears in the feeds at an instant to come."
    Note ExpiringPost "expiring-post" "A post goes from the feeds at an instant to come."
}

impl Rule {
    /// The rule of this name.
    pub fn named(name: &str) -> Option<Self> {
        Rule::ALL.iter().copied().find(|rule| rule.name() == name)
    }

    /// Whether users may allow it. What an error names is missing from the feeds, and silence would hide that.
    pub fn may_be_allowed(self) -> bool {
        self.severity() < Severity::Error
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// One finding. Displays as `path:line:column: severity: what; mend [name]`, without line and column where it is about no file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Diagnostic {
    /// The file, relative to the site's root, with `/`; or the variable or option that it is about.
    pub path: String,
    /// The line, from 1; 0 where it is about no file.
    pub line: u32,
    /// The column in characters, from 1; 0 where it is about no file.
    pub column: u32,
    /// How bad it is, as its rule has it.
    pub severity: Severity,
    /// Which rule found it.
    #[serde(rename = "name")]
    pub rule: Rule,
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
    pub fn new(rule: Rule, path: impl Into<String>, what: impl Into<String>, mend: impl Into<String>) -> Self {
        Diagnostic {
            path: path.into(),
            line: 1,
            column: 1,
            severity: rule.severity(),
            rule,
            what: what.into(),
            mend: mend.into(),
            excerpt: String::new(),
        }
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

    /// The same about a variable of the environment or an option of the command line, which no editor could open.
    #[must_use]
    pub fn in_no_file(self) -> Self {
        Diagnostic { line: 0, column: 0, ..self }
    }

    /// Whether it is about a file, so that there is a place to show.
    pub fn is_in_file(&self) -> bool {
        self.line > 0
    }

    /// A finding about a file that is not UTF-8 from a byte on.
    pub fn of_no_utf8(path: &str, bytes: &[u8], offset: usize) -> Self {
        let found = Diagnostic::new(Rule::NotUtf8, path, "this byte is not UTF-8", "save the file as UTF-8");
        found.at(&String::from_utf8_lossy(bytes), offset)
    }
}

impl std::error::Error for Diagnostic {}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Diagnostic { path, line, column, severity, rule, what, mend, .. } = self;
        match self.is_in_file() {
            true => write!(f, "{path}:{line}:{column}: {severity}: {what}; {mend} [{rule}]"),
            false => write!(f, "{path}: {severity}: {what}; {mend} [{rule}]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn an_offset_becomes_a_line_and_a_column_in_characters() {
        let text = "+++\ntitle = \"Été\" x\n+++\n";
        let found = Diagnostic::new(Rule::BrokenFrontMatter, "a.md", "unexpected `x`", "remove it").at(text, text.find('x').unwrap());
        assert_eq!(found.to_string(), "a.md:2:15: error: unexpected `x`; remove it [broken-front-matter]");
        assert_eq!(found.excerpt, "title = \"Été\" x");
    }

    #[test]
    fn what_is_about_no_file_has_no_line() {
        let found = Diagnostic::new(Rule::InvalidConfig, "--base-url", "`x` is no address of a site", "give one").in_no_file();
        assert_eq!(found.to_string(), "--base-url: error: `x` is no address of a site; give one [invalid-config]");
    }

    #[test]
    fn an_offset_past_the_end_or_inside_a_character_is_no_panic() {
        for offset in 0..9 {
            let _ = Diagnostic::new(Rule::UndatedPage, "a", "b", "c").at("é\né", offset);
        }
    }

    #[test]
    fn every_rule_has_a_name_of_its_own_and_a_sentence_and_they_stand_by_severity() {
        let names: BTreeSet<&str> = Rule::ALL.iter().map(|rule| rule.name()).collect();
        assert_eq!(names.len(), Rule::ALL.len());
        for rule in Rule::ALL {
            let (name, meaning) = (rule.name(), rule.meaning());
            assert!(name.split('-').all(|word| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())));
            assert!(meaning.starts_with(char::is_uppercase) && meaning.ends_with('.'), "{name}");
            assert_eq!(Rule::named(name), Some(*rule));
        }
        assert!(Rule::ALL.is_sorted_by_key(|rule| std::cmp::Reverse(rule.severity())));
        assert_eq!(Rule::named("Dead-Link"), None);
    }
}
