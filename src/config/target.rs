//! Which pages a cascade or a permalink pattern is for: Hugo's `target`, by kind, path, language and environment.

use regex::Regex;

use super::Fault;
use crate::value::{Fields, Value};

/// What a page is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The front page.
    Home,
    /// A page of its own.
    Page,
    /// The list of a section.
    Section,
    /// The list of a taxonomy's terms.
    Taxonomy,
    /// The list of a term's pages.
    Term,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 5] = [Kind::Home, Kind::Page, Kind::Section, Kind::Taxonomy, Kind::Term];

    /// Hugo's word for it.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Home => "home",
            Kind::Page => "page",
            Kind::Section => "section",
            Kind::Taxonomy => "taxonomy",
            Kind::Term => "term",
        }
    }
}

/// What a site is read for.
#[derive(Clone, Copy, Debug)]
pub struct Purpose<'a> {
    /// The language of the feeds.
    pub language: &'a str,
    /// The environment of the build, such as `production`.
    pub environment: &'a str,
}

impl Purpose<'_> {
    /// The environment, by what variables say. No key of a configuration names it: which files are one depends on it.
    pub fn environment(said: impl Fn(&str) -> Option<String>) -> String {
        let named = ["HUGO_ENVIRONMENT", "HUGO_ENV"].into_iter().filter_map(said).find(|name| !name.is_empty());
        named.unwrap_or_else(|| "production".to_owned())
    }
}

/// A test for pages; without conditions every page passes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Target {
    kind: Option<Glob>,
    path: Option<Glob>,
    /// Whether it is for other languages, or another environment, than those at hand.
    is_elsewhere: bool,
}

impl Target {
    /// Reads the table `target`; the error says what is wrong.
    pub fn read(fields: &Fields<'_>, purpose: Purpose<'_>) -> Result<Self, Fault> {
        let glob = |key: &str| match fields.field(key).and_then(|field| Some((field.offset, field.value.text()?))) {
            Some((offset, text)) if !text.is_empty() => Glob::new(&text).map(Some).map_err(|what| Fault::of_glob(what).at(offset)),
            _ => Ok(None),
        };
        let environment = glob("environment")?;
        // the older `lang` is one glob
        let languages = fields.at("sites.matrix.languages").or_else(|| fields.get("lang")).map_or(&[] as &[_], Value::items);
        let languages = languages.iter().filter_map(Value::text).map(|text| Glob::new(&text));
        let languages: Vec<Glob> = languages.collect::<Result<_, _>>().map_err(Fault::of_glob)?;
        let is_for_others = !languages.is_empty() && !languages.iter().any(|glob| glob.matches(purpose.language));
        Ok(Target {
            kind: glob("kind")?,
            path: glob("path")?,
            // a folder is called by it as it is written, a glob has no case
            is_elsewhere: is_for_others || environment.is_some_and(|glob| !glob.matches(&purpose.environment.to_lowercase())),
        })
    }

    /// The pages of one kind in the folder `section`, which names the root when it is empty.
    pub(super) fn section(kind: Kind, section: &str) -> Result<Self, Fault> {
        let section = section.trim_matches([' ', '/']);
        let path = if section.is_empty() { "/*".to_owned() } else { format!("/{{{section},{section}/**}}") };
        let path = Glob::new(&path).map_err(|_| Fault::of_glob(format!("`{section}` is not a glob")))?;
        Ok(Target { kind: Glob::new(kind.word()).ok(), path: Some(path), is_elsewhere: false })
    }

    /// Whether a page passes. `path` is Hugo's: lower case, with a slash before and none after.
    pub fn matches(&self, kind: Kind, path: &str) -> bool {
        !self.is_elsewhere
            && self.kind.as_ref().is_none_or(|glob| glob.matches(kind.word()))
            && self.path.as_ref().is_none_or(|glob| glob.matches(path))
    }
}

/// A glob where `*` stays between slashes and `**` does not.
#[derive(Clone, Debug)]
pub(super) struct Glob(Regex);

impl PartialEq for Glob {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

impl Glob {
    pub(super) fn new(glob: &str) -> Result<Self, String> {
        let mut pattern = String::from("^(?s:");
        let mut chars = glob.chars().peekable();
        let mut braces = 0;
        while let Some(c) = chars.next() {
            match c {
                '*' if chars.next_if_eq(&'*').is_some() => pattern.push_str(".*"),
                '*' => pattern.push_str("[^/]*"),
                '?' => pattern.push_str("[^/]"),
                '{' => {
                    braces += 1;
                    pattern.push_str("(?:");
                }
                '}' if braces > 0 => {
                    braces -= 1;
                    pattern.push(')');
                }
                ',' if braces > 0 => pattern.push('|'),
                '[' => {
                    pattern.push('[');
                    if chars.next_if_eq(&'!').is_some() {
                        pattern.push('^');
                    }
                }
                ']' => pattern.push(']'),
                '-' => pattern.push('-'),
                '\\' => pattern.push_str(&regex::escape(&chars.next().unwrap_or('\\').to_string())),
                c => pattern.push_str(&regex::escape(&c.to_lowercase().to_string())),
            }
        }
        pattern.push_str(")$");
        Regex::new(&pattern).map(Glob).map_err(|_| format!("`{glob}` is not a glob"))
    }

    /// Whether a text in lower case is one of those that are meant.
    pub(super) fn matches(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_match_as_hugos_do() {
        let check = |glob: &str, path: &str, expected: bool| assert_eq!(Glob::new(glob).unwrap().matches(path), expected, "{glob} {path}");
        check("/{post,post/**}", "/post/a/b", true);
        check("/{post,post/**}", "/posts", false);
        check("/*", "/about", true);
        check("/*", "/post/a", false);
        check("**.draft", "/a/b.draft", true);
        check("/[a-c]x", "/bx", true);
        check("/A.b", "/a.b", true);
        check("/a.b", "/axb", false);
    }

    #[test]
    fn a_glob_that_is_none_is_told() {
        assert!(Glob::new("/{a").is_err());
        assert!(Glob::new("[").is_err());
    }
}
