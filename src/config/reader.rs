//! A configuration as it is read: its parts, and what has been found wrong with them.

use super::tree::{Entry, Node, Notation, Table, Tree};
use super::{Config, Fault, Part, Purpose, folder, hugo, own};
use crate::diagnostic::{Diagnostic, Rule, Severity};
use crate::value::Fields;

/// Collects what is wrong. Places are counted through all parts, one after the other.
pub(super) struct Reader<'p> {
    parts: &'p [Part],
    /// What they say together.
    table: &'p Table,
    found: Vec<Diagnostic>,
}

impl<'p> Reader<'p> {
    fn new(parts: &'p [Part], table: &'p Table) -> Self {
        Reader { parts, table, found: Vec::new() }
    }
}

impl Reader<'_> {
    pub(super) fn error(&mut self, place: Option<usize>, what: impl Into<String>, mend: impl Into<String>) {
        self.find(Rule::InvalidConfig, place, what, mend);
    }

    /// Tells what is wrong with the value at a place: where it is in that, if that is known.
    pub(super) fn blame(&mut self, value: Option<usize>, fault: Fault) {
        let (offset, item, what, mend) = fault.apart();
        let place = offset.or_else(|| item.and_then(|item| self.item(value, item))).or(value);
        self.error(place, what, mend);
    }

    /// Tells of what is wrong by another rule than that of the configuration.
    pub(super) fn find(&mut self, rule: Rule, place: Option<usize>, what: impl Into<String>, mend: impl Into<String>) {
        let place = place.unwrap_or(0);
        let Some((part, start)) = self.part_at(place) else { return };
        let found = Diagnostic::new(rule, &part.path, what, mend);
        self.found.push(if part.is_file() { found.at(&part.text, place - start) } else { found.in_no_file() });
    }

    /// The place of an item of the list at a place, or that place where the list is one value.
    pub(super) fn item(&self, list: Option<usize>, index: usize) -> Option<usize> {
        list.and_then(|list| self.table.item(list, index)).or(list)
    }

    /// The part that a place is in, and where it begins.
    fn part_at(&self, place: usize) -> Option<(&Part, usize)> {
        starts(self.parts).take_while(|(_, start)| *start <= place).last()
    }

    /// How the file at a place is written.
    pub(super) fn notation(&self, place: usize) -> Notation {
        self.part_at(place).map_or(Notation::Toml, |(part, _)| part.notation())
    }

    /// What is to be done at a place where a key wants another value: written in a file, given in a variable or an option.
    pub(super) fn assign(&self, place: usize, key: &str, value: &str) -> String {
        match self.part_at(place) {
            Some((part, _)) if !part.is_file() => format!("give it one such as {}", value.trim_matches('"')),
            _ => format!("write {}", self.notation(place).assign(key, value)),
        }
    }
}

/// Each part with the place where it begins.
fn starts(parts: &[Part]) -> impl Iterator<Item = (&Part, usize)> {
    parts.iter().scan(0, |next, part| {
        let start = *next;
        // its end is a place of its own
        *next += part.text.len() + 1;
        Some((part, start))
    })
}

/// What the files say together, taken apart.
pub(super) struct Written<'p> {
    parts: &'p [Part],
    table: Table,
    fields: Fields<'static>,
    /// The environment that variables name.
    environment: String,
}

impl<'p> Written<'p> {
    /// Takes the files apart. What is wrong with their notation is the error.
    pub(super) fn parse(parts: &'p [Part]) -> Result<Self, Vec<Diagnostic>> {
        let nothing = Table::default();
        let mut reader = Reader::new(parts, &nothing);
        let mut table = Table::default();
        let mut ranked: Vec<_> = starts(parts).collect();
        ranked.sort_by_key(|(part, _)| part.rank());
        for (part, start) in ranked {
            match part.table(start, &table) {
                Ok(keys) => table.merge(keys),
                Err(faults) => faults.into_iter().for_each(|fault| reader.error(Some(fault.place), fault.what, fault.mend)),
            }
        }
        table.remove_nothing();
        let said = |name: &str| Some(parts.iter().find(|part| part.path == name)?.text.clone());
        let environment = Purpose::environment(said);
        if reader.found.is_empty() { Ok(Written { parts, fields: table.fields(), table, environment }) } else { Err(reader.found) }
    }

    /// Tells what is wrong with the templates of some shortcodes.
    pub(super) fn blame_shortcodes(&self, faults: Vec<(String, String)>) -> Vec<Diagnostic> {
        let mut reader = Reader::new(self.parts, &self.table);
        let tables = self.table.0.iter().filter(|entry| entry.key.eq_ignore_ascii_case("shortcodes"));
        let entries: Vec<&Entry> = tables.filter_map(|entry| entry.node.table()).flat_map(|table| &table.0).collect();
        for (name, what) in faults {
            let place = entries.iter().find(|entry| entry.key == name).map(|entry| entry.node.place);
            reader.error(place, format!("this is no template: {what}"), "write one of minijinja, such as '<b>{{ inner }}</b>'");
        }
        reader.found
    }

    /// Tells what is wrong with some names in `[feeds] sections`.
    pub(super) fn blame_sections(&self, faults: Vec<(String, String, String)>) -> Vec<Diagnostic> {
        let mut reader = Reader::new(self.parts, &self.table);
        let named = self.table.at(&["feeds".to_owned(), "sections".to_owned()]).and_then(Node::items).unwrap_or_default();
        for (name, what, mend) in faults {
            let place = named.iter().find(|item| item.text() == Some(&name)).map(|item| item.place);
            reader.find(Rule::MissingSection, place, what, mend);
        }
        reader.found
    }

    /// Tells what is wrong with a folder, where the first of these keys that names it does, or else at the start.
    pub(super) fn blame_folder(&self, rule: Rule, folder: &str, keys: &[String], what: String, mend: String) -> Vec<Diagnostic> {
        let mut reader = Reader::new(self.parts, &self.table);
        let path = |key: &String| key.split('.').map(str::to_owned).collect::<Vec<_>>();
        let place = keys.iter().filter_map(|key| self.table.at(&path(key))).find_map(|node| naming(node, folder));
        reader.find(rule, place, what, mend);
        reader.found
    }

    /// What it means for the feeds of one language: Hugo's keys, then our tables.
    pub(super) fn read(&self, language: Option<&str>) -> Result<(Config, Vec<Diagnostic>), Vec<Diagnostic>> {
        let mut reader = Reader::new(self.parts, &self.table);
        let own = own::Own::read(&mut reader, &self.table);
        let hugo = hugo::read(&mut reader, &self.fields, language, &self.environment);
        let config = own.into_config(hugo);
        let order = |found: &Diagnostic| (self.parts.iter().position(|part| part.path == found.path), found.line, found.column);
        reader.found.sort_by_key(order);
        reader.found.dedup();
        if reader.found.iter().any(|found| found.severity == Severity::Error) { Err(reader.found) } else { Ok((config, reader.found)) }
    }
}

/// Where a value, or what is in it, names a folder.
fn naming(node: &Node, folder: &str) -> Option<usize> {
    match &node.tree {
        Tree::Scalar(_) => node.text().and_then(folder::of).filter(|named| named == folder).map(|_| node.place),
        Tree::List(items) => items.iter().find_map(|item| naming(item, folder)),
        Tree::Table(table) => table.0.iter().find_map(|entry| naming(&entry.node, folder)),
    }
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
                "c.toml:1:9: error: this is not TOML: string values must be quoted, expected literal string; put the text in quotes [invalid-config]",
            ],
        );
        check_errors(
            "baseURL = 'ftp://x'\ntimeZone = 'Europe/Pari'\n[feeds]\nlimits = 3\nformats = ['rsss']\n[permalinks]\npost = '/:yaer/'\n",
            &[
                "c.toml:1:11: error: `ftp://x` is no address of a site; write one such as \"https://example.org/\" [invalid-config]",
                "c.toml:2:12: error: `Europe/Pari` is no time zone; did you mean `Europe/Paris`? [invalid-config]",
                "c.toml:4:1: error: unknown key `limits` in [feeds]; did you mean `limit`? [invalid-config]",
                "c.toml:5:12: error: `rsss` is no format; write some of \"rss\", \"atom\", \"json\" [invalid-config]",
                "c.toml:7:8: error: `:yaer` is no permalink token; use the tokens of Hugo, such as :year or :slug [invalid-config]",
            ],
        );
    }

    #[test]
    fn a_zone_that_depends_on_the_machine_is_refused() {
        let what = "`Local` is the zone of whatever machine this runs on, and feeds are the same on each";
        let expected = format!("c.toml:2:12: error: {what}; name the zone, such as \"Europe/Paris\" [invalid-config]");
        check_errors("baseURL = 'https://e.org/'\ntimeZone = 'Local'", &[&expected]);
    }

    #[test]
    fn what_is_wrong_with_permalinks_and_cascades_is_told_where_it_is_and_with_what_mends_it() {
        let check = |text: &str, expected: &str| {
            check_errors(&format!("baseURL = 'https://e.org/'\n{text}"), &[&format!("c.toml:{expected} [invalid-config]")])
        };
        let pattern = "such as \"/:year/:slug/\"";
        check("permalinks = 5", &format!("2:14: error: `permalinks` is not a table; give each section a pattern, {pattern}"));
        check("[permalinks]\npost = 5", &format!("3:8: error: this is no pattern; write one {pattern}"));
        check("[permalinks.page]\npost = {}", &format!("3:8: error: this is no pattern; write one {pattern}"));
        let kinds = "write one of home, page, section, taxonomy, term, or a pattern";
        check("[permalinks]\nposts = { a = '/x/' }", &format!("3:9: error: `posts` is no kind of page; {kinds}"));
        let glob = "close each `{` and `[`, or write a backslash before it";
        check("[permalinks]\n'{a' = '/:slug/'", &format!("3:8: error: `{{a` is not a glob; {glob}"));
        let rule = "[[permalinks]]\npattern = '/:slug/'\n";
        check(
            &format!("{rule}[[permalinks]]\n"),
            &format!("4:1: error: a permalink rule has no `pattern`; write a table with a `pattern`, {pattern}"),
        );
        check(&format!("{rule}target = {{ path = '/{{a' }}"), &format!("4:19: error: `/{{a` is not a glob; {glob}"));
        check(
            &format!("{rule}[[permalinks]]\npattern = '/:yaer/'"),
            "5:11: error: `:yaer` is no permalink token; use the tokens of Hugo, such as :year or :slug",
        );
        check("[[cascade]]\na = 1\n[[cascade]]\n[cascade.target]\nkind = '[a'", &format!("6:8: error: `[a` is not a glob; {glob}"));
        let table = "`cascade` is not a table; write a table of fields, or a list of them with a `target`";
        check("cascade = 5", &format!("2:11: error: {table}"));
        check("cascade = [{}, 5]", &format!("2:16: error: {table}"));
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
