//! A configuration of Hugo in YAML, in JSON or in several files, as the one in TOML that Tidings reads.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use toml::{Table, Value};

use super::starter;

/// The file that is made of such a configuration. Hugo does not look for it.
pub(super) const TRANSLATION: &str = "tidings.toml";

/// Where Hugo looks for parts of a configuration when it builds for the public.
const FOLDERS: [&str; 2] = ["config/_default", "config/production"];

const ENDINGS: [&str; 4] = ["toml", "yaml", "yml", "json"];

/// The names of files that hold keys of the top level; any other name is a table's.
const ROOTS: [&str; 2] = ["hugo", "config"];

/// The keys that decide what is in feeds, in lower case; our own tables come last.
const KEYS: [&str; 41] = [
    "baseurl",
    "title",
    "languagecode",
    "locale",
    "copyright",
    "timezone",
    "contentdir",
    "staticdir",
    "theme",
    "themesdir",
    "module",
    "ignorefiles",
    "disablekinds",
    "disablelanguages",
    "rsslimit",
    "builddrafts",
    "buildfuture",
    "buildexpired",
    "removepathaccents",
    "disablepathtolower",
    "summarylength",
    "hascjklanguage",
    "enableemoji",
    "uglyurls",
    "pluralizelisttitles",
    "defaultcontentlanguage",
    "defaultcontentlanguageinsubdir",
    "taxonomies",
    "indexes",
    "permalinks",
    "params",
    "services",
    "markup",
    "frontmatter",
    "cascade",
    "languages",
    "feeds",
    "serve",
    "shortcodes",
    "redirects",
    "check",
];

/// The files of Hugo's configuration below a folder, in the order in which one overrides the other.
pub(super) fn files(root: &Path) -> Vec<PathBuf> {
    let names = ROOTS.iter().flat_map(|name| ENDINGS.map(|ending| PathBuf::from(format!("{name}.{ending}"))));
    // of those in the site's folder Hugo reads the first
    let mut files: Vec<PathBuf> = names.filter(|name| root.join(name).is_file()).take(1).collect();
    for folder in FOLDERS {
        let entries = fs::read_dir(root.join(folder)).into_iter().flatten().filter_map(Result::ok);
        let mut parts: Vec<PathBuf> = entries.map(|entry| Path::new(folder).join(entry.file_name())).collect();
        parts.retain(|part| ending(part).is_some_and(|ending| ENDINGS.contains(&ending)));
        parts.sort_by_key(|part| (!ROOTS.iter().any(|root| stem(part) == *root), part.clone()));
        files.append(&mut parts);
    }
    files
}

/// What Tidings reads of these files, as the text of one in TOML.
///
/// # Errors
/// When one cannot be read or understood.
pub(super) fn translate(root: &Path, files: &[PathBuf]) -> Result<String> {
    let mut all = Table::new();
    for file in files {
        let text = fs::read_to_string(root.join(file)).with_context(|| format!("cannot read {}", file.display()))?;
        let read = parse(&text, ending(file).unwrap_or_default())
            .map_err(|fault| anyhow!("{}:{fault}; mend it there, then write `tidings init` again", file.display()))?;
        merge(&mut all, at_its_place(stem(file), read));
    }
    all.retain(|key, _| KEYS.contains(&key.to_lowercase().as_str()));
    let names: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    // a second table of the same name would be an error
    let value = |name: &str| all.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value);
    let has_tables = ["feeds", "serve", "check"].iter().any(|table| value(table).is_some());
    let base_url = value("baseURL").and_then(Value::as_str).unwrap_or_default();
    Ok(format!(
        "# What Tidings reads of {}, written by `tidings init`. It is not kept in step: what you change of it there, change\n\
         # here too, or remove this file and write `tidings init` again.\n\n{all}{}",
        names.join(", "),
        if has_tables { String::new() } else { format!("\n{}", starter::tables(base_url)) }
    ))
}

/// Reads a file. A fault is `line:column: what is wrong`.
fn parse(text: &str, ending: &str) -> Result<Table, String> {
    let fault = |line: u64, column: u64, what: &str| format!("{line}:{column}: {}", what.split(" at line ").next().unwrap_or_default());
    let value: serde_json::Value = match ending {
        "toml" => {
            return text.parse::<Table>().map_err(|error| {
                let before = &text[..error.span().map_or(0, |span| span.start)];
                let column = before.rsplit('\n').next().unwrap_or_default().chars().count();
                fault(1 + before.matches('\n').count() as u64, 1 + column as u64, error.message().lines().next().unwrap_or_default())
            });
        }
        "json" => serde_json::from_str(text).map_err(|error| fault(error.line() as u64, error.column() as u64, &error.to_string()))?,
        _ => serde_saphyr::from_str_with_options(text, yaml_options()).map_err(|error| {
            let error = error.without_snippet();
            let (line, column) = error.location().map_or((1, 1), |at| (at.line(), at.column()));
            fault(line, column, &error.to_string())
        })?,
    };
    match toml(value) {
        Some(Value::Table(table)) => Ok(table),
        None => Ok(Table::new()),
        Some(_) => Err(fault(1, 1, "it holds no keys")),
    }
}

/// Booleans as Hugo's YAML 1.2 has them: `no` is text.
fn yaml_options() -> serde_saphyr::Options {
    let mut options = serde_saphyr::Options::default();
    options.strict_booleans = true;
    options
}

/// A value as TOML has it, where nothing is the absence of a key.
fn toml(value: serde_json::Value) -> Option<Value> {
    Some(match value {
        serde_json::Value::Null => return None,
        serde_json::Value::Bool(truth) => Value::Boolean(truth),
        serde_json::Value::Number(number) => number.as_i64().map(Value::Integer).or_else(|| number.as_f64().map(Value::Float))?,
        serde_json::Value::String(text) => Value::String(text),
        serde_json::Value::Array(items) => Value::Array(items.into_iter().filter_map(toml).collect()),
        serde_json::Value::Object(fields) => {
            Value::Table(fields.into_iter().filter_map(|(key, value)| Some((key, toml(value)?))).collect())
        }
    })
}

/// The keys of a file below the table that its name stands for, as Hugo puts them there: `params.toml`, `params.en.toml`. With a
/// language, any other name, such as `languages.en.toml`, holds keys of the language itself.
fn at_its_place(stem: &str, keys: Table) -> Table {
    let below = |name: &str, keys: Table| Table::from_iter([(name.to_owned(), Value::Table(keys))]);
    match stem.split_once('.') {
        _ if ROOTS.contains(&stem) => keys,
        None => below(stem, keys),
        Some(("params", language)) => below("languages", below(language, below("params", keys))),
        Some(("menu" | "menus", language)) => below("languages", below(language, below("menus", keys))),
        Some((_, language)) => below("languages", below(language, keys)),
    }
}

/// Puts the keys of another table into one; of two values the other's stays.
fn merge(into: &mut Table, other: Table) {
    for (key, value) in other {
        let known = into.keys().find(|known| known.eq_ignore_ascii_case(&key)).cloned().unwrap_or(key);
        match (into.get_mut(&known), value) {
            (Some(Value::Table(table)), Value::Table(value)) => merge(table, value),
            (_, value) => drop(into.insert(known, value)),
        }
    }
}

fn ending(file: &Path) -> Option<&str> {
    file.extension()?.to_str()
}

fn stem(file: &Path) -> &str {
    file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    /// What a site with these files becomes, as Tidings reads it, which must be what this TOML says.
    fn check(files_of_site: &[(&str, &str)], expected: &str) {
        let root = tempfile::tempdir().unwrap();
        for (name, text) in files_of_site {
            let path = root.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let text = translate(root.path(), &files(root.path())).unwrap();
        let read = |text: &str| {
            let (config, found) = Config::parse(text, "c.toml").unwrap_or_else(|found| panic!("{found:?}: {text}"));
            assert!(found.is_empty(), "{found:?}: {text}");
            // the place of a value in its text may differ
            regex::Regex::new("offset: Some\\(\\d+\\)").unwrap().replace_all(&format!("{config:?}"), "offset").into_owned()
        };
        assert_eq!(read(&text), read(expected), "{text}");
    }

    const EXPECTED: &str = "baseURL = 'https://example.org/'\ntitle = 'A \"site\": mine'\nrssLimit = 5\nbuildDrafts = true\n\
        [taxonomies]\ntag = 'tags'\n[permalinks.page]\npost = '/:year/:slug/'\n\
        [params]\ndescription = 'About\nit'\n[params.author]\nname = 'Me'\n[frontmatter]\ndate = [':filename', ':default']\n";

    #[test]
    fn yaml_and_json_say_what_toml_does() {
        let expected = EXPECTED.replace("'About\nit'", "\"About\\nit\"");
        let yaml = "---\nbaseURL: https://example.org/\ntitle: 'A \"site\": mine'\nrssLimit: 5\nbuildDrafts: true\ncopyright:\n\
            taxonomies:\n  tag: tags\npermalinks:\n  page:\n    post: /:year/:slug/\n\
            params:\n  description: \"About\\nit\"\n  author: {name: Me}\nfrontmatter:\n  date: [':filename', ':default']\n\
            menu:\n  main:\n    - name: Home\n      url: /\n      weight: 1\n";
        check(&[("hugo.yaml", yaml)], &expected);
        check(&[("config.yml", yaml), ("config.json", "not read")], &expected);
        let json = serde_json::to_string(&serde_saphyr::from_str::<serde_json::Value>(yaml).unwrap()).unwrap();
        check(&[("hugo.json", &json)], &expected);
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
                ("config/_default/params.yaml", "author: Me\n"),
                ("config/_default/permalinks.toml", "post = '/:slug/'\n"),
                ("config/_default/menus.en.toml", "[[main]]\nname = 'Home'\n"),
                ("config/_default/params.en.toml", "description = 'D'\n"),
                ("config/_default/languages.toml", "[en]\ntitle = 'English'\n"),
                ("config/_default/languages.de.toml", "title = 'Deutsch'\ncontentDir = 'content/deutsch'\n[params]\ndescription = 'B'\n"),
                ("config/production/hugo.toml", "baseurl = 'https://example.org/'\n"),
                ("config/_default/README.md", "no configuration"),
            ],
            "baseURL = 'https://example.org/'\ntitle = 'T'\ntheme = 'x'\n[taxonomies]\ntag = 'tags'\n[permalinks]\npost = '/:slug/'\n\
             [params]\nauthor = 'Me'\n[languages.en]\ntitle = 'English'\n[languages.en.params]\ndescription = 'D'\n\
             [languages.de]\ntitle = 'Deutsch'\ncontentDir = 'content/deutsch'\n[languages.de.params]\ndescription = 'B'\n",
        );
        check(
            &[
                ("hugo.toml", "baseURL = 'https://example.org/'\n"),
                ("config/_default/languages.de.toml", "title = 'Deutsch'\ncontentDir = 'content/deutsch'\n"),
            ],
            "baseURL = 'https://example.org/'\n[languages.de]\ntitle = 'Deutsch'\ncontentDir = 'content/deutsch'\n",
        );
    }

    #[test]
    fn what_cannot_be_understood_is_told_with_its_place() {
        let check = |name: &str, text: &str, expected: &str| {
            let root = tempfile::tempdir().unwrap();
            fs::create_dir_all(root.path().join(name).parent().unwrap()).unwrap();
            fs::write(root.path().join(name), text).unwrap();
            let error = translate(root.path(), &files(root.path())).unwrap_err().to_string();
            assert!(error.starts_with(expected) && error.contains("; mend it there"), "{error}");
        };
        check("hugo.yaml", "title: A\nparams: [1\n", "hugo.yaml:");
        check("hugo.json", "{\n \"title\" \"A\"\n}\n", "hugo.json:2:10: ");
        check("hugo.yaml", "- a\n", "hugo.yaml:1:1: it holds no keys");
        check("config/_default/hugo.toml", "title = 'A'\nx = [1 2]\n", "config/_default/hugo.toml:2:6: ");
    }
}
