//! What a configuration is put together of: files, variables of the environment, options of the command line.

use super::tree::{Fault, Node, Notation, Table, Tree};
use crate::diagnostic::Diagnostic;
use crate::value::Value;

/// The names of files that hold keys of the top level; in a folder of parts any other name is a table's.
const ROOTS: [&str; 2] = ["hugo", "config"];

/// The folder of parts that are the same in every environment.
const DEFAULT: &str = "_default";

/// Keys with lists that a variable may hold as words.
const LISTS: [&str; 4] = ["disablekinds", "disablelanguages", "ignorefiles", "ignorelogs"];

/// A part of a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The file, relative to the site's root, with `/`: what is in a folder holds the keys that its name says. Or the name of the variable
    /// or option.
    pub path: String,
    /// Its text.
    pub text: String,
    origin: Origin,
}

/// What a part is. One that is greater overrides one that is less.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Origin {
    /// A file with keys and their values.
    File,
    /// A variable with the value at this path of keys.
    Variable(Vec<String>),
    /// An option with the value at this path of keys.
    Argument(Vec<String>),
}

impl Part {
    /// The endings of files that may be parts, by which their notation goes: TOML, YAML twice, and JSON.
    pub const ENDINGS: [&str; 4] = ["toml", "yaml", "yml", "json"];

    /// The files of Hugo, by their names in the site's root, the first of which counts.
    pub fn names() -> impl Iterator<Item = String> {
        ROOTS.iter().flat_map(|name| Part::ENDINGS.map(|ending| format!("{name}.{ending}")))
    }

    /// Whether a file in a folder of parts holds keys of the top level, by its name.
    pub fn is_root(name: &str) -> bool {
        ROOTS.contains(&stem(name))
    }

    /// A part with this text. A mark of the order of bytes before it is no text.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
        Part { path: path.into(), text, origin: Origin::File }
    }

    /// What a variable of the environment says, if it is one of Hugo's: the sign after `HUGO` parts the keys in its name from each other,
    /// as in `HUGO_SERVICES_RSS_LIMIT`. Blanks around the value are none of it, as for Hugo.
    pub fn of_variable(name: &str, value: impl Into<String>) -> Option<Self> {
        let mut signs = name.strip_prefix("HUGO")?.chars();
        let parting = signs.next()?;
        let keys = signs.as_str().split(parting).map(str::to_lowercase).collect();
        (!signs.as_str().is_empty()).then(|| Part {
            path: name.to_owned(),
            text: value.into().trim().to_owned(),
            origin: Origin::Variable(keys),
        })
    }

    /// What an option of the command line says of a key.
    pub fn of_argument(name: &str, key: &str, value: impl Into<String>) -> Self {
        Part { path: name.to_owned(), text: value.into(), origin: Origin::Argument(vec![key.to_owned()]) }
    }

    /// A part that is read from a file.
    ///
    /// # Errors
    /// The file is not UTF-8.
    pub fn read(path: String, bytes: Vec<u8>) -> Result<Self, Diagnostic> {
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Part::new(path, text)),
            Err(error) => Err(Diagnostic::of_no_utf8(&path, error.as_bytes(), error.utf8_error().valid_up_to())),
        }
    }

    /// Of two parts the one with the greater overrides the other. Of files those in no folder come first, then those in each folder as
    /// their names are ordered.
    pub(super) fn rank(&self) -> impl Ord + use<> {
        let names: Vec<_> = self.path.split('/').map(|name| (name != DEFAULT, name.to_owned())).collect();
        (self.origin.clone(), self.path.contains('/'), names)
    }

    /// Whether it is a file, which has lines, and not a variable or an option.
    pub(super) fn is_file(&self) -> bool {
        self.origin == Origin::File
    }

    pub(super) fn notation(&self) -> Notation {
        Notation::of_file(&self.path)
    }

    /// What it holds, in its place in the whole, of which `known` is what it overrides. `shift` is added to every place in its text.
    pub(super) fn table(&self, shift: usize, known: &Table) -> Result<Table, Vec<Fault>> {
        match &self.origin {
            Origin::File => self.keys(shift),
            Origin::Variable(keys) | Origin::Argument(keys) => {
                let node = self.value(keys, shift, known.at(keys)).map_err(|fault| vec![fault])?;
                let mut keys = keys.iter().rev();
                let table = keys.next().map_or_else(Table::default, |last| Table::of(last, shift, node));
                Ok(keys.fold(table, |table, key| table.below(key, shift)))
            }
        }
    }

    /// The value of a variable or an option. Of what kind it is goes by the value that it overrides, or else by its text.
    fn value(&self, keys: &[String], shift: usize, known: Option<&Node>) -> Result<Node, Fault> {
        let words = |text: &str| -> Vec<Node> {
            let words = text.split([',', ' ']).filter(|word| !word.is_empty());
            words.map(|word| Node::of_scalar(Value::String(word.to_owned().into()), shift)).collect()
        };
        let is_list = matches!(keys, [key] if LISTS.contains(&key.as_str()));
        let scalar = match self.text.trim() {
            _ if known.is_some_and(|known| known.text().is_some()) => Value::String(self.text.clone().into()),
            text if text.starts_with(['[', '{']) => {
                let mend = "write a list as [a, b], a table as {key: value}";
                return Notation::value(&self.text, shift).map_err(|fault| Fault { mend, ..fault });
            }
            text if is_list => return Ok(Node { place: shift, tree: Tree::List(words(text)) }),
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            text => text.parse().map_or_else(|_| Value::String(self.text.clone().into()), Value::Integer),
        };
        Ok(Node::of_scalar(scalar, shift))
    }

    /// What a file holds.
    fn keys(&self, shift: usize) -> Result<Table, Vec<Fault>> {
        let keys = self.notation().read(&self.text, shift)?;
        let stem = stem(self.name());
        if !self.path.contains('/') || ROOTS.contains(&stem) {
            return Ok(keys);
        }
        // `params.toml`, `params.en.toml`; with a language, any other name, such as `languages.en.toml`, holds keys of that itself
        Ok(match stem.split_once('.') {
            None => keys.below(stem, shift),
            Some((table @ ("params" | "menu" | "menus"), language)) => {
                keys.below(table, shift).below(language, shift).below("languages", shift)
            }
            Some((_, language)) => keys.below(language, shift).below("languages", shift),
        })
    }

    fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }
}

fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn parts(files: &[(&str, &str)]) -> Vec<Part> {
        files.iter().map(|(path, text)| Part::new(*path, *text)).collect()
    }

    /// What these files say must be what this TOML says.
    fn check(files: &[(&str, &str)], expected: &str) {
        check_parts(&parts(files), expected);
    }

    fn check_parts(all: &[Part], expected: &str) {
        let read = |parts: &[Part]| {
            let (config, found) = Config::read(parts, None).unwrap_or_else(|found| panic!("{found:?}: {parts:?}"));
            assert!(found.is_empty(), "{found:?}: {parts:?}");
            // the place of a value in its text may differ
            regex::Regex::new("offset: Some\\(\\d+\\)").unwrap().replace_all(&format!("{config:?}"), "offset").into_owned()
        };
        assert_eq!(read(all), read(&parts(&[("c.toml", expected)])), "{all:?}");
    }

    fn check_errors(files: &[(&str, &str)], expected: &[&str]) {
        check_errors_of(&parts(files), expected);
    }

    fn check_errors_of(all: &[Part], expected: &[&str]) {
        let found = Config::read(all, None).err().unwrap_or_default();
        assert_eq!(found.iter().map(ToString::to_string).collect::<Vec<_>>(), expected, "{all:?}");
    }

    const YAML: &str = "---\nbaseURL: https://example.org/\ntitle: 'A \"site\": mine'\nrssLimit: 5\nbuildDrafts: true\ncopyright:\n\
        taxonomies:\n  tag: tags\npermalinks:\n  page:\n    post: /:year/:slug/\n\
        params:\n  author: {name: Me}\n  description: \"About\\nit\"\nfrontmatter:\n  date: [':filename', ':default']\n\
        menu:\n  main:\n    - name: Home\n      url: /\n      weight: 1\n\
        feeds:\n  limit: 3\n  formats: [rss, json]\nshortcodes:\n  Note: \"<b>{{ inner }}</b>\"\n";

    const TOML: &str = "baseURL = 'https://example.org/'\ntitle = 'A \"site\": mine'\nrssLimit = 5\nbuildDrafts = true\n\
        [taxonomies]\ntag = 'tags'\n[permalinks.page]\npost = '/:year/:slug/'\n\
        [params]\ndescription = \"About\\nit\"\n[params.author]\nname = 'Me'\n[frontmatter]\ndate = [':filename', ':default']\n\
        [feeds]\nlimit = 3\nformats = ['rss', 'json']\n[shortcodes]\nNote = '<b>{{ inner }}</b>'\n";

    #[test]
    fn yaml_and_json_say_what_toml_does() {
        check(&[("hugo.yaml", YAML)], TOML);
        check(&[("config.yml", YAML)], TOML);
        let json = serde_saphyr::from_str::<serde_json::Value>(YAML).unwrap();
        check(&[("hugo.json", &json.to_string())], TOML);
        check(&[("hugo.json", &serde_json::to_string_pretty(&json).unwrap().replace("  ", "\t"))], TOML);
        let empty = "baseURL = 'https://example.org/'";
        for (name, text) in
            [("params.yaml", ""), ("params.yaml", "# nothing\n"), ("params.json", "\n"), ("params.json", "{}"), ("params.toml", "")]
        {
            check(&[("hugo.toml", empty), (&format!("config/_default/{name}"), text)], empty);
        }
    }

    #[test]
    fn what_hugo_reads_is_read() {
        let title = "baseURL = 'https://example.org/'\ntitle = 'A'";
        let yaml = "baseURL: https://example.org/\ntitle: A\n";
        for yaml in [format!("---\n{yaml}---\n"), format!("{yaml}---\ntitle: B\n"), format!("\u{feff}{yaml}...\n")] {
            check(&[("hugo.yaml", &yaml)], title);
        }
        let aliases: String = (0..2000).map(|number| format!("  a{number}: *x\n")).collect();
        check(&[("hugo.yaml", &format!("x: &x {{b: 1}}\n{yaml}menu:\n{aliases}"))], title);
        let json = |title: &str| format!("{{\"baseURL\": \"https://example.org/\", {title}}}");
        for json in [
            json("\"title\": \"B\", \"title\": \"A\", \"menu\": {\"a\": 1, \"a\": 2}"),
            json("\"title\": \"\\u0041\""),
            format!("\u{feff}{}", json("\"title\": \"A\"")),
        ] {
            check(&[("hugo.json", &json)], title);
        }
        check_errors(
            &[("hugo.json", "\u{feff}{\"title\" \"A\"}")],
            &[
                "hugo.json:1:10: error: this is not JSON: expected `:`; write `\"key\": value`, with a comma between fields [invalid-config]",
            ],
        );
        check_errors(
            &[("hugo.yaml", &format!("{yaml}---\n- [\n"))],
            &["hugo.yaml:4:3: error: this is not YAML: unclosed bracket '['; close the bracket [invalid-config]"],
        );
    }

    #[test]
    fn words_in_yaml_stay_words() {
        let yaml = "baseURL: https://example.org/\ntitle: On\nlanguageCode: no\nparams: {a: y, b: true}\n";
        check(
            &[("hugo.yaml", yaml)],
            "baseURL = 'https://example.org/'\ntitle = 'On'\nlanguageCode = 'no'\nparams = {a = 'y', b = true}\n",
        );
    }

    #[test]
    fn a_configuration_in_several_files_is_one() {
        check(
            &[
                (
                    "config/_default/hugo.toml",
                    "baseURL = 'https://dev.example.org/'\ntitle = 'T'\ntheme = 'x'\n[taxonomies]\ntag = 'tags'\n",
                ),
                ("config/_default/feeds.toml", "limit = 3\n"),
                ("config/_default/languages.de.toml", "title = 'Deutsch'\ncontentDir = 'content/deutsch'\n[params]\ndescription = 'B'\n"),
                ("config/_default/languages.toml", "[en]\ntitle = 'English'\n"),
                ("config/_default/menus.en.toml", "[[main]]\nname = 'Home'\n"),
                ("config/_default/params.en.toml", "description = 'D'\n"),
                ("config/_default/params.yaml", "author: Me\n"),
                ("config/_default/permalinks.toml", "post = '/:slug/'\n"),
                ("config/production/config.toml", "baseurl = 'https://example.org/'\n[feeds]\nformats = ['rss']\n"),
            ],
            "baseURL = 'https://example.org/'\ntitle = 'T'\ntheme = 'x'\n[taxonomies]\ntag = 'tags'\n[permalinks]\npost = '/:slug/'\n\
             [params]\nauthor = 'Me'\n[languages.en]\ntitle = 'English'\n[languages.en.params]\ndescription = 'D'\n\
             [languages.de]\ntitle = 'Deutsch'\ncontentDir = 'content/deutsch'\n[languages.de.params]\ndescription = 'B'\n\
             [feeds]\nlimit = 3\nformats = ['rss']\n",
        );
    }

    #[test]
    fn of_two_files_that_say_the_same_that_of_the_later_name_counts() {
        let hugo = ("config/_default/hugo.yaml", "title: A\nparams: {a: 1, b: 2, description: D}\nfeeds: {limit: 4}\ncopyright: C\n");
        let read = |files: &[(&str, &str)], expected: &str| {
            let base = ("config/_default/config.toml", "baseURL = 'https://example.org/'");
            check(&[&[hugo, base], files].concat(), &format!("baseURL = 'https://example.org/'\n{expected}"));
        };
        let feeds = ("config/_default/feeds.toml", "limit = 3\nformats = ['rss']");
        read(
            &[feeds, ("config/_default/params.toml", "a = 3")],
            "title = 'A'\ncopyright = 'C'\n[params]\na = 3\nb = 2\ndescription = 'D'\n[feeds]\nlimit = 4\nformats = ['rss']",
        );
        // nothing comes before something, too
        read(
            &[("config/production/hugo.yaml", "title: B\nTitle: E\nparams: {description: ~}\ncopyright:\nfeeds:\n")],
            "title = 'E'\n[params]\na = 1\nb = 2",
        );
        let redirects =
            |name: &'static str, text: &'static str| [("config/_default/redirects.toml", "'/A' = '/b'\n'/c' = '/d'"), (name, text)];
        read(
            &redirects("config/production/redirects.toml", "'/a' = '/e'\n'/c' = '/f'"),
            "title = 'A'\ncopyright = 'C'\n[params]\na = 1\nb = 2\ndescription = 'D'\n[feeds]\nlimit = 4\n\
             [redirects]\n'/A' = '/b'\n'/a' = '/e'\n'/c' = '/f'",
        );
        read(&[("config/production/hugo.json", "{\"params\": null, \"feeds\": null}")], "title = 'A'\ncopyright = 'C'");
    }

    #[test]
    fn what_the_environment_says_counts_as_for_hugo() {
        let file =
            Part::new("hugo.toml", "baseURL = 'https://example.org/'\ntitle = '1'\n[feeds]\nlimit = 3\n[taxonomies]\ntag = 'tags'\n");
        let check = |variables: &[(&str, &str)], expected: &str| {
            let variables = variables.iter().filter_map(|(name, value)| Part::of_variable(name, *value));
            check_parts(&[file.clone()].into_iter().chain(variables).collect::<Vec<_>>(), expected);
        };
        let base = "baseURL = 'https://example.org/'";
        let rest = "[taxonomies]\ntag = 'tags'\n";
        check(&[], &format!("{base}\ntitle = '1'\n[feeds]\nlimit = 3\n{rest}"));
        // a word that is overridden stays one, what else looks like a number is one
        check(
            &[("HUGO_BASEURL", "https://e.org/x"), ("HUGO_TITLE", " true "), ("HUGO_FEEDS_LIMIT", "5"), ("HUGO_PARAMS_AUTHOR_NAME", "Me")],
            &format!("baseURL = 'https://e.org/x'\ntitle = 'true'\n[feeds]\nlimit = 5\n{rest}[params.author]\nname = 'Me'"),
        );
        check(
            &[("HUGO_BUILDDRAFTS", "true"), ("HUGOxFEEDSxBASE_URL", "https://f.org/"), ("HUGO_FEEDS_FORMATS", "[rss, json]")],
            &format!(
                "{base}\ntitle = '1'\nbuildDrafts = true\n[feeds]\nlimit = 3\nbase_url = 'https://f.org/'\nformats = ['rss', 'json']\n{rest}"
            ),
        );
        let disabled = format!("{base}\ntitle = '1'\ndisableKinds = ['term', 'section']\n[feeds]\nlimit = 3\n{rest}");
        for value in ["term section", "term,section", "[term, section]", "[\"term\", \"section\"]"] {
            check(&[("HUGO_DISABLEKINDS", value)], &disabled);
        }
        check(&[("HUGO_TAXONOMIES", "{series: series}")], &format!("{base}\ntitle = '1'\n[feeds]\nlimit = 3\n{rest}series = 'series'\n"));
        // one with nothing takes away what is in files
        for nothing in ["", " "] {
            let parts = [file.clone(), Part::of_variable("HUGO_BASEURL", nothing).unwrap()];
            let (config, found) = Config::read(&parts, None).unwrap();
            assert_eq!(config.site.base_url.as_str(), "http://localhost:8080/");
            assert!(found[0].to_string().starts_with("HUGO_BASEURL: warning: the site has no address;"), "{found:?}");
        }
        for name in ["HUGO", "HUGO_", "HUG_TITLE", "TITLE"] {
            assert_eq!(Part::of_variable(name, "x"), None, "{name}");
        }
        // an option comes after all
        let parts = [
            Part::of_argument("--base-url", "baseURL", "https://b.org/"),
            Part::of_variable("HUGO_BASEURL", "https://c.org/").unwrap(),
            Part::new("config/production/hugo.toml", "baseURL = 'https://d.org/'"),
            Part::new("config/_default/hugo.toml", "baseURL = 'https://e.org/'"),
            Part::new("hugo.toml", "baseURL = 'https://f.org/'"),
        ];
        for first in 0..parts.len() {
            let address = &parts[first].text.split('\'').find(|text| text.starts_with("https")).unwrap();
            check_parts(&parts[first..], &format!("baseURL = '{address}'"));
        }
    }

    #[test]
    fn the_folder_of_an_environment_comes_after_that_of_all() {
        let text = |title: &str| format!("baseURL = 'https://example.org/'\ntitle = '{title}'\n");
        for environment in ["Staging", "production", "0"] {
            let folder = format!("config/{environment}/hugo.toml");
            check(&[(&folder, &text("A")), ("config/_default/hugo.toml", &text("B")), ("hugo.toml", &text("C"))], &text("A"));
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_its_file_and_place() {
        check_errors(
            &[("hugo.yaml", "title: A\nparams: [1\n")],
            &["hugo.yaml:2:9: error: this is not YAML: unclosed bracket '['; close the bracket [invalid-config]"],
        );
        check_errors(
            &[("hugo.json", "{\n \"title\" \"A\"\n}\n")],
            &[
                "hugo.json:2:10: error: this is not JSON: expected `:`; write `\"key\": value`, with a comma between fields [invalid-config]",
            ],
        );
        check_errors(
            &[("hugo.yaml", "- a\n")],
            &["hugo.yaml:1:1: error: this holds no keys; begin it with a key, such as `title` [invalid-config]"],
        );
        check_errors(
            &[
                ("config/_default/hugo.yaml", "baseURL: https://example.org/\nfeeds:\n  limt: 3\n  formats:\n    - rss\n    - 5\n"),
                ("config/_default/params.toml", "author = 'Me'\n"),
                ("config/_default/permalinks.json", "{\"post\": \"/:yaer/\"}"),
            ],
            &[
                "config/_default/hugo.yaml:3:3: error: unknown key `limt` in [feeds]; did you mean `limit`? [invalid-config]",
                "config/_default/hugo.yaml:6:7: error: this is integer, not a string; put it in quotes [invalid-config]",
                "config/_default/permalinks.json:1:10: error: `:yaer` is no permalink token; use the tokens of Hugo, such as :year or :slug [invalid-config]",
            ],
        );
        check_errors(
            &[("hugo.yaml", "baseURL: https://e.org/\nfeeds: 1\n")],
            &["hugo.yaml:2:8: error: `feeds` is not a table; write `feeds:` on a line of its own, with keys below it [invalid-config]"],
        );
        let variable = |name, value| Part::of_variable(name, value).unwrap();
        check_errors_of(
            &[variable("HUGO_FEEDS_FORMATS", "[rss")],
            &[
                "HUGO_FEEDS_FORMATS: error: this is not YAML: unclosed bracket '['; write a list as [a, b], a table as {key: value} [invalid-config]",
            ],
        );
        check_errors_of(
            &[
                Part::new("hugo.toml", "title = 'A'"),
                variable("HUGO_FEEDS_FORMATS", "[rss, rsss]"),
                variable("HUGO_FEEDS_LIMT", "5"),
                Part::of_argument("--base-url", "baseURL", "e.org"),
            ],
            &[
                "HUGO_FEEDS_FORMATS: error: `rsss` is no format; write some of \"rss\", \"atom\", \"json\" [invalid-config]",
                "HUGO_FEEDS_LIMT: error: unknown key `limt` in [feeds]; did you mean `limit`? [invalid-config]",
                "--base-url: error: `e.org` is no address of a site; write one such as \"https://example.org/\" [invalid-config]",
            ],
        );
        let (_, found) = Config::parse("title: A\n", "hugo.yaml").unwrap();
        assert_eq!(
            found.iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["hugo.yaml:1:1: warning: the site has no address; write baseURL: \"https://example.org/\" [missing-base-url]"]
        );
    }
}
