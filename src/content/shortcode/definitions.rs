//! The definitions of links in a body, `[label]: address`, for what is rendered apart from it: they hold for all of a page.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use pulldown_cmark::{Options, Parser};

use crate::content::token;

/// What is defined, by label.
#[derive(Debug, Default)]
pub(super) struct Definitions(HashMap<String, String>);

impl Definitions {
    /// The definitions of a whole body, which is without shortcodes.
    pub(super) fn of(source: &str, options: Options) -> Self {
        let parser = Parser::new_ext(source, options);
        let definition = |span| {
            let mut lines = source.get::<std::ops::Range<usize>>(span)?.lines().map(str::trim);
            let first = lines.next()?.to_owned();
            // what a quotation has before each line is no part of it
            let whole = lines.try_fold(first, |text, line| (!line.starts_with('>')).then(|| text + " " + line))?;
            Some(token::strip(&whole).into_owned())
        };
        let definitions = parser.reference_definitions().iter();
        Definitions(definitions.filter_map(|(label, found)| Some((plain(label), definition(found.span.clone())?))).collect())
    }

    /// A text behind the definitions of all that it may refer to.
    pub(super) fn before<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut used = BTreeSet::new();
        for (at, _) in text.match_indices('[') {
            let label = text[at + 1..].split(['[', ']']).next().unwrap_or_default();
            used.extend(self.0.get(&plain(label)));
        }
        if used.is_empty() {
            return Cow::Borrowed(text);
        }
        let definitions: String = used.into_iter().flat_map(|definition| [definition, "\n"]).collect();
        Cow::Owned(definitions + "\n" + text)
    }
}

/// A label as it is compared, CommonMark §4.7.
fn plain(label: &str) -> String {
    label.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_behind_what_it_refers_to_and_nothing_else() {
        let source =
            "a\n\n[One  b]: /one\n[two]:\n  <b c>\n  'T'\n[three]: /three\n\n> [four]: /four\n> [five]:\n> /five\n\n    [six]: /six\n";
        let definitions = Definitions::of(source, Options::empty());
        for (text, expected) in [
            ("[x][one B] and [Two]", "[One  b]: /one\n[two]: <b c> 'T'\n\n"),
            ("![[four][]](y)", "[four]: /four\n\n"),
            ("[five] [six] [three b] three [", ""),
        ] {
            assert_eq!(definitions.before(text), expected.to_owned() + text);
        }
    }

    #[test]
    fn brackets_without_number_take_no_longer_than_theirs() {
        let started = std::time::Instant::now();
        let definitions = Definitions::of(&"[a]: b\n".repeat(50_000), Options::empty());
        for unit in ["[", "[a", "[a]", "]"] {
            definitions.before(&unit.repeat(50_000));
        }
        assert!(started.elapsed() < std::time::Duration::from_secs(5));
    }
}
