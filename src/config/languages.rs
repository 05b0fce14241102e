//! The languages of a site, each of which is a site of its own to Hugo: which of them the feeds are of, and where its pages are.

use std::collections::BTreeSet;

use super::folder;
use super::hugo::whole;
use super::mounts::Mounts;
use super::target::Purpose;
use crate::value::{Field, Fields, Value};
use crate::xml::clean;

/// The languages of a site, as the feeds of one of them see it. All are in lower case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Languages {
    /// The language that the feeds are of.
    pub own: String,
    /// The other keys of `languages`.
    pub others: Vec<String>,
    /// Those of the others that have pages, and so feeds, too.
    pub beside: Vec<Neighbour>,
    /// What stands before the path of each page: `/fr`, for the default language only with `defaultContentLanguageInSubdir`.
    pub prefix: String,
    /// The folder of the feeds among those of the site, without slashes: `fr`, or nothing for the default language.
    pub folder: String,
    /// Whether files whose names give no language are of another.
    pub is_always_named: bool,
}

/// Another language that has feeds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Neighbour {
    /// Its key, in lower case.
    pub key: String,
    /// What people call it, or the key.
    pub name: String,
    /// The folder of its feeds among those of the site: the key, or nothing for the default language.
    pub folder: String,
    /// Its own content folder, relative to the site's root or absolute, if it has one.
    pub content: Option<String>,
    /// Whether it is passed over, since that folder was not there at the start.
    pub is_absent: bool,
}

impl Languages {
    /// Reads the keys of a site in an environment, for the feeds of its default language, or of another that has pages.
    pub(super) fn read(fields: &Fields<'_>, wanted: Option<&str>, environment: &str) -> Self {
        let named = fields.text("defaultcontentlanguage").filter(|language| !language.is_empty());
        let default = named.map_or_else(|| first(fields), |language| language.to_lowercase());
        let mut beside: Vec<Neighbour> = enabled(fields).map(|field| neighbour(field, &default)).collect();
        let folder =
            beside.iter().find(|language| Some(language.key.as_str()) == wanted).map_or("", |language| &language.folder).to_owned();
        let is_default = folder.is_empty();
        let own = if is_default { default } else { folder.clone() };
        beside.retain(|language| language.key != own);
        let is_in_subdir = !is_default || fields.at("defaultcontentlanguageinsubdir").and_then(Value::truth) == Some(true);
        // languages with hosts of their own are told apart by these
        let prefix = if is_in_subdir && !have_hosts(fields) { format!("/{own}") } else { String::new() };
        let mounts = Mounts::read(fields, Purpose { language: &own, environment }, is_default);
        let has_folder = || all(fields).any(|field| *field.key == *own && key(field, "contentdir").is_some());
        let has_content = if mounts.content.is_some() { mounts.is_own } else { has_folder() };
        let others = all(fields).map(|field| field.key.to_string()).filter(|key| *key != own).collect();
        Languages { own, others, beside, prefix, folder, is_always_named: !is_default && !has_content }
    }

    /// What is wrong with the languages of a site, and how to mend it, each with its place. Hugo builds no site with these.
    pub(super) fn faults(fields: &Fields<'_>) -> Vec<(Option<usize>, String, String)> {
        let is_folder =
            |key: &str| key.split(['/', '\\']).all(|part| !matches!(part, "" | "." | "..")) && !key.contains(char::is_whitespace);
        let strange = all(fields).filter(|field| !is_folder(&field.key));
        let fault =
            |field: &Field<'_>| (field.offset, format!("`{}` is no name of a language", field.key), "write one such as pt-br".to_owned());
        let mut faults: Vec<_> = strange.map(fault).collect();
        let default = fields.field("defaultcontentlanguage").and_then(|field| Some((field.offset, field.value.text()?)));
        let enabled: Vec<&str> = enabled(fields).map(|field| &*field.key).collect();
        if let Some((offset, default)) = default.filter(|(_, default)| !default.is_empty())
            && all(fields).next().is_some()
            && !enabled.contains(&&*default.to_lowercase())
        {
            let mend = match enabled.as_slice() {
                [] => "all that `languages` has are disabled: add it there, or enable one and name that".to_owned(),
                enabled => format!("name one that `languages` has, and not disabled: {}", enabled.join(", ")),
            };
            faults.push((offset, format!("the site has no language `{default}`"), mend));
        }
        faults
    }

    /// Whether a file is of the language of the feeds, when its name gives this one.
    pub fn has(&self, named: Option<&str>) -> bool {
        named.map_or(!self.is_always_named, |named| named.eq_ignore_ascii_case(&self.own))
    }

    /// What the keys of the language, or of the site, say that it is called, and where. Those of the site are for its default language
    /// alone; another one that says nothing is called by its key.
    pub(super) fn locale(&self, own: Option<&Fields<'_>>, site: &Fields<'_>) -> Option<(Option<usize>, String)> {
        let is_default = self.folder.is_empty();
        let said = |fields: &Fields<'_>| {
            let said = ["locale", "languagecode"].into_iter().filter_map(|key| fields.field(key));
            let mut said = said.filter_map(|field| Some((field.offset, clean(&field.value.text()?).into_owned())));
            said.find(|(_, text)| !text.is_empty())
        };
        let key = |field: &Field<'_>| (field.offset, self.own.clone());
        let locale = own.and_then(said).or_else(|| said(site).filter(|_| is_default));
        locale.or_else(|| all(site).find(|field| !is_default && *field.key == self.own).map(key))
    }

    /// The default language.
    pub(super) fn default(&self) -> &str {
        self.beside.iter().find(|other| other.folder.is_empty()).map_or(&self.own, |other| &other.key)
    }

    /// Whether a site has a language of this name.
    pub fn knows(&self, name: &str) -> bool {
        self.own.eq_ignore_ascii_case(name) || self.others.iter().any(|other| other.eq_ignore_ascii_case(name))
    }

    /// Notes that some of the others are passed over.
    pub fn pass_over(&mut self, keys: &[String]) {
        self.beside.iter_mut().for_each(|other| other.is_absent = keys.contains(&other.key));
    }

    /// Whether the feeds are of the same language, beside those of the same others. A site with feeds in one language alone may call
    /// it otherwise.
    pub fn are_those_of(&self, other: &Languages) -> bool {
        let known = |languages: &Languages| -> BTreeSet<String> { languages.others.iter().cloned().collect() };
        let folders = |languages: &Languages| -> BTreeSet<String> { languages.beside.iter().map(|other| other.folder.clone()).collect() };
        let is_one = self.beside.is_empty() && other.beside.is_empty();
        is_one || self.own == other.own && self.folder == other.folder && known(self) == known(other) && folders(self) == folders(other)
    }

    /// The path of a list below the folder of the feeds, from its path below the site's root; none where it is not in that folder.
    pub fn below_folder<'p>(&self, path: &'p str) -> Option<&'p str> {
        let path = path.trim_start_matches('/');
        match self.folder.as_str() {
            "" => Some(path),
            _ if self.prefix.is_empty() => Some(path),
            folder => path.strip_prefix(folder).filter(|rest| rest.is_empty() || rest.starts_with('/')),
        }
    }

    /// Whether a site names languages, be it only one, and they have one host: then Hugo looks links up.
    pub(super) fn share_host(fields: &Fields<'_>) -> bool {
        all(fields).next().is_some() && !have_hosts(fields)
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

/// The keys `cascade` that count for a language, those that win first. Each language has its own, for its pages alone unless it says
/// of which languages it is, or else that of the site, which is for all: so the site's wins over that of a later language.
pub(super) fn cascades<'f, 'a>(fields: &'f Fields<'a>, language: &str) -> Vec<&'f Field<'a>> {
    let site = fields.field("cascade");
    let mut order: Vec<&Field<'a>> = enabled(fields).collect();
    if order.is_empty() {
        return site.into_iter().collect();
    }
    order.sort_by_cached_key(|one| rank(one));
    let mut cascades: Vec<&Field<'a>> = Vec::new();
    for one in order {
        let own = one.value.table().and_then(|keys| keys.field("cascade"));
        let concerns = |own: &&Field<'a>| *one.key == *language || names_languages(&own.value);
        let cascade = if own.is_some() { own.filter(concerns) } else { site };
        cascades.extend(cascade.filter(|cascade| !cascades.iter().any(|known| std::ptr::eq(*known, *cascade))));
    }
    cascades
}

fn names_languages(cascade: &Value<'_>) -> bool {
    let target = |keys: &Fields<'_>| keys.at("target.sites.matrix.languages").or(keys.at("target.lang")).is_some();
    cascade.table().is_some_and(target)
}

fn have_hosts(fields: &Fields<'_>) -> bool {
    all(fields).any(|field| key(field, "baseurl").is_some())
}

fn neighbour(field: &Field<'_>, default: &str) -> Neighbour {
    // `languageName` until Hugo 0.158
    let name = ["label", "languagename"].into_iter().find_map(|name| key(field, name)?.text()).filter(|name| !name.is_empty());
    let folder = if *field.key == *default { "" } else { &*field.key };
    let name = name.as_deref().unwrap_or(&field.key);
    let content = key(field, "contentdir").and_then(Value::text).and_then(|content| folder::of(&content));
    Neighbour { key: field.key.to_string(), name: clean(name).into_owned(), folder: folder.to_owned(), content, is_absent: false }
}

/// What a language says.
fn key<'f, 'a>(language: &'f Field<'a>, key: &str) -> Option<&'f Value<'a>> {
    language.value.table()?.get(key)
}

/// The default language of a site that names none: English if it has it, else the one with the least weight. One without a
/// weight comes after the others, and of two alike the first by name.
fn first(fields: &Fields<'_>) -> String {
    let first = enabled(fields).min_by_key(|language| (language.key != "en", rank(language)));
    first.map_or_else(|| "en".to_owned(), |language| language.key.to_string())
}

/// Where a language is among others.
fn rank(language: &Field<'_>) -> (bool, Option<i64>, String) {
    let weight = key(language, "weight").and_then(whole).filter(|weight| *weight != 0);
    (weight.is_none(), weight, language.key.to_string())
}

#[cfg(test)]
mod tests {
    use super::Languages;
    use crate::config::{Config, Part};
    use crate::diagnostic::Rule;

    fn languages(text: &str) -> Languages {
        Config::parse(text, "c.toml").unwrap().0.site.languages
    }

    fn config(text: &str, language: &str) -> Config {
        Config::read(&[Part::new("c.toml", text)], Some(language)).unwrap().0
    }

    #[test]
    fn a_site_that_names_no_default_language_has_that_of_hugo() {
        let check = |text: &str, expected: &str| assert_eq!(languages(text).own, expected, "{text}");
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
    fn languages_that_hugo_does_not_take_are_told_of() {
        let check = |text: &str, expected: &[&str]| {
            let mut found = Config::parse(text, "c.toml").err().unwrap_or_default();
            found.retain(|found| found.rule == Rule::InvalidConfig);
            assert_eq!(
                found.iter().map(|found| format!("{}:{} {}; {}", found.line, found.column, found.what, found.mend)).collect::<Vec<_>>(),
                expected,
                "{text}"
            );
        };
        let unknown = |of: &str| format!("1:26 the site has no language `de`; name one that `languages` has, and not disabled: {of}");
        check("defaultContentLanguage = 'de'", &[]);
        check("defaultContentLanguage = 'DE'\n[languages.de]", &[]);
        check("defaultContentLanguage = 'de'\n[languages.en]\n[languages.fr]", &[&unknown("en, fr")]);
        check("defaultContentLanguage = 'de'\n[languages.en]\n[languages.de]\ndisabled = true", &[&unknown("en")]);
        let none = "1:26 the site has no language `fr`; all that `languages` has are disabled: add it there, or enable one and name that";
        check("defaultContentLanguage = 'fr'\n[languages.en]\ndisabled = true", &[none]);
        let strange = |place: &str, key: &str| format!("{place} `{key}` is no name of a language; write one such as pt-br");
        for key in ["..", "", "a/../..", "pt br"] {
            check(&format!("[languages.en]\n[languages.'{key}']"), &[&strange("2:1", key)]);
        }
    }

    #[test]
    fn the_default_language_has_a_folder_where_the_site_wants_it() {
        let check = |text: &str, expected: &str| assert_eq!(languages(text).prefix, expected, "{text}");
        check("", "");
        check("defaultContentLanguageInSubdir = true", "/en");
        check("defaultContentLanguageInSubdir = true\n[languages.de]\n[languages.fr]", "/de");
        check("defaultContentLanguageInSubdir = true\n[languages.fr]\nbaseURL = 'https://fr.example.org/'", "");
    }

    #[test]
    fn every_language_is_a_site_of_its_own() {
        let text = "baseURL = 'https://example.org/sub/'\ntitle = 'S'\nlanguageCode = 'en-gb'\n[languages.en]\n[languages.FR]\ntitle = 'F'\nlabel = 'Français'\n\
                    [languages.FR.taxonomies]\ntag = 'mots'\n[languages.zh]\ncontentDir = 'content-zh'\nlocale = 'zh-hans'\n\
                    [languages.de]\ndisabled = true\n";
        let beside =
            |languages: Languages| languages.beside.into_iter().map(|other| [other.key, other.name, other.folder]).collect::<Vec<_>>();
        assert_eq!(beside(languages(text)), [["fr", "Français", "fr"], ["zh", "zh", "zh"]]);
        let (fr, zh) = (config(text, "fr"), config(text, "zh"));
        assert_eq!(
            (fr.site.title.as_str(), fr.site.language.as_str(), fr.feeds.base_url.as_str()),
            ("F", "fr", "https://example.org/sub/fr/")
        );
        assert_eq!((zh.site.title.as_str(), zh.site.language.as_str(), zh.site.content_dir.as_str()), ("S", "zh-hans", "content-zh"));
        assert_eq!((fr.site.taxonomies.len(), zh.site.taxonomies.len()), (1, 2));
        assert_eq!(fr.site.base_url.as_str(), "https://example.org/sub/");
        let fr = fr.site.languages;
        assert_eq!((fr.prefix.as_str(), fr.folder.as_str()), ("/fr", "fr"));
        assert_eq!(beside(fr.clone()), [["en", "en", ""], ["zh", "zh", "zh"]]);
        assert!(fr.knows("en") && fr.knows("de") && !fr.knows("md"));
        assert_eq!(["", "fr", "FR", "en"].map(|named| fr.has(Some(named).filter(|named| !named.is_empty()))), [false, true, true, false]);
        assert!(zh.site.languages.has(None) && zh.site.languages.has(Some("zh")) && !zh.site.languages.has(Some("en")));
        assert_eq!(["/fr/post", "fr", "/frost", "post"].map(|path| fr.below_folder(path)), [Some("/post"), Some(""), None, None]);
        assert_eq!(config(text, "de").site.languages, languages(text), "it has no pages");
    }

    #[test]
    fn the_cascades_of_the_site_and_of_a_language_count_in_the_order_of_the_languages() {
        let check = |text: &str, language: &str, expected: &[&str]| {
            let config = config(text, language);
            let titles: Vec<_> = config.site.cascade.iter().map(|cascade| cascade.fields.text("title").unwrap().into_owned()).collect();
            assert_eq!(titles, expected, "{language}: {text}");
        };
        let text = |en: &str, fr: &str| {
            format!("defaultContentLanguage = 'en'\n[cascade]\ntitle = 'site'\n[languages.en]\n{en}\n[languages.fr]\n{fr}\n")
        };
        let french = "[languages.fr.cascade]\ntitle = 'fr'";
        check(&text("", ""), "fr", &["site"]);
        check(&text("", french), "fr", &["site", "fr"]);
        check(&text("", french), "en", &["site"]);
        check(&text("weight = 2", &format!("weight = 1\n{french}")), "fr", &["fr", "site"]);
        check(&text("[languages.en.cascade]\ntitle = 'en'", french), "fr", &["fr"]);
        check(&text("[languages.en.cascade]\ntitle = 'en'\ntarget.lang = 'fr'", french), "fr", &["en", "fr"]);
    }

    #[test]
    fn languages_with_hosts_of_their_own_have_their_feeds_there() {
        let text = "[languages.en]\nbaseURL = 'https://example.org/'\n[languages.fr]\nbaseURL = 'https://fr.example.org/x/'\n";
        let check = |text: &str, expected: &str| {
            let fr = config(text, "fr");
            assert_eq!((fr.site.base_url.as_str(), fr.feeds.base_url.as_str()), ("https://fr.example.org/x/", expected));
            let languages = fr.site.languages;
            assert_eq!((languages.prefix.as_str(), languages.folder.as_str()), ("", "fr"));
            assert_eq!(languages.below_folder("/post"), Some("post"));
        };
        check(text, "https://fr.example.org/x/");
        check(&format!("{text}[feeds]\nbase_url = 'https://feeds.example.org/'"), "https://feeds.example.org/fr/");
    }
}
