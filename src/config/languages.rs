//! The languages of a site: which of them is the default one, and where its pages are.

use super::hugo::whole;
use crate::value::{Field, Fields, Value};

/// The languages of a site.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Languages {
    /// `defaultContentLanguage`, in lower case.
    pub default: String,
    /// The other keys of `languages`, in lower case.
    pub others: Vec<String>,
    /// What `defaultContentLanguageInSubdir` puts before the path of each page: `/en`, or nothing.
    pub prefix: String,
}

impl Languages {
    /// Reads the keys of a site.
    pub(super) fn read(fields: &Fields<'_>) -> Self {
        let named = fields.text("defaultcontentlanguage").filter(|language| !language.is_empty());
        let default = named.map_or_else(|| first(fields), |language| language.to_lowercase());
        let is_in_subdir = fields.at("defaultcontentlanguageinsubdir").and_then(Value::truth) == Some(true);
        // languages with hosts of their own are told apart by these
        let prefix = if is_in_subdir && !have_hosts(fields) { format!("/{default}") } else { String::new() };
        let others = all(fields).map(|field| field.key.to_string()).filter(|key| *key != default).collect();
        Languages { default, others, prefix }
    }

    /// Whether a site has several languages on one host.
    pub(super) fn share_host(fields: &Fields<'_>) -> bool {
        enabled(fields).count() > 1 && !have_hosts(fields)
    }
}

fn all<'f, 'a>(fields: &'f Fields<'a>) -> impl Iterator<Item = &'f Field<'a>> {
    fields.get("languages").and_then(Value::table).into_iter().flat_map(Fields::iter)
}

fn enabled<'f, 'a>(fields: &'f Fields<'a>) -> impl Iterator<Item = &'f Field<'a>> {
    let listed = fields.get("disablelanguages").map_or(&[] as &[_], Value::items);
    let is_listed = |field: &Field<'_>| listed.iter().filter_map(Value::text).any(|disabled| disabled == field.key);
    all(fields).filter(move |field| key(field, "disabled").and_then(Value::truth) != Some(true) && !is_listed(field))
}

fn have_hosts(fields: &Fields<'_>) -> bool {
    all(fields).any(|field| key(field, "baseurl").is_some())
}

/// What a language says.
fn key<'f, 'a>(language: &'f Field<'a>, key: &str) -> Option<&'f Value<'a>> {
    language.value.table()?.get(key)
}

/// The default language of a site that names none: English if it has it, else the one with the least weight. One without a
/// weight comes after the others, and of two alike the first by name.
fn first(fields: &Fields<'_>) -> String {
    let weight = |field: &Field<'_>| key(field, "weight").and_then(whole).filter(|weight| *weight != 0);
    let rank = |field: &&Field<'_>| (field.key != "en", weight(field).is_none(), weight(field), field.key.to_string());
    enabled(fields).min_by_key(rank).map_or_else(|| "en".to_owned(), |field| field.key.to_string())
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    fn languages(text: &str) -> super::Languages {
        Config::parse(text, "c.toml").unwrap().0.site.languages
    }

    #[test]
    fn a_site_that_names_no_default_language_has_that_of_hugo() {
        let check = |text: &str, expected: &str| assert_eq!(languages(text).default, expected, "{text}");
        check("", "en");
        check("[languages.de]", "de");
        check("[languages.fr]\nweight = 2\n[languages.de]\nweight = 1", "de");
        check("[languages.fr]\nweight = 1\n[languages.de]", "fr");
        check("[languages.fr]\nweight = 2\n[languages.pl]\nweight = -1", "pl");
        check("[languages.fr]\nweight = 2\n[languages.de]\nweight = 1\ndisabled = true", "fr");
        check("[languages.fr]\nweight = 1\n[languages.en]\nweight = 2", "en");
        check("[languages.fr]\n[languages.de]", "de");
    }

    #[test]
    fn the_default_language_has_a_folder_where_the_site_wants_it() {
        let check = |text: &str, expected: &str| assert_eq!(languages(text).prefix, expected, "{text}");
        check("", "");
        check("defaultContentLanguageInSubdir = true", "/en");
        check("defaultContentLanguageInSubdir = true\n[languages.de]\n[languages.fr]", "/de");
        check("defaultContentLanguageInSubdir = true\n[languages.fr]\nbaseURL = 'https://fr.example.org/'", "");
    }
}
