//! The keys of Hugo that decide what is in feeds, read as Hugo reads them: keys have no case, unknown ones are passed over.

use std::sync::Arc;

use super::folder;
use super::go_regex;
use super::languages;
use super::mounts::Mounts;
use super::nearest::nearest;
use super::own::base_url;
use super::reader::Reader;
use super::{
    Author, BaseUrl, Build, Cascade, DateChains, DateSource, Goldmark, Ignored, Languages, Paths, Permalinks, Punctuation, Purpose, Site,
    Slip, TitleStyle, Unfit, each, language_tag, slips, unfit_inherited,
};
use crate::diagnostic::Rule;
use crate::taxonomy::Taxonomy;
use crate::value::{Field, Fields, Value};
use crate::xml::clean;

/// What Hugo's keys say.
pub(super) struct Hugo {
    pub(super) site: Site,
    /// `services.rss.limit`; none means all.
    pub(super) limit: Option<usize>,
}

/// The keys of the language of the feeds before those of the site.
struct Keys<'f, 'a> {
    language: Option<&'f Fields<'a>>,
    site: &'f Fields<'a>,
}

impl<'f, 'a> Keys<'f, 'a> {
    fn field(&self, key: &str) -> Option<&'f Field<'a>> {
        self.language.and_then(|language| language.field(key)).or_else(|| self.site.field(key))
    }

    fn at(&self, path: &str) -> Option<&'f Value<'a>> {
        self.language.and_then(|language| language.at(path)).or_else(|| self.site.at(path))
    }

    fn text(&self, path: &str) -> String {
        clean(&self.at(path).and_then(Value::text).unwrap_or_default()).into_owned()
    }

    fn truth(&self, path: &str) -> bool {
        self.at(path).and_then(Value::truth).unwrap_or(false)
    }
}

/// Reads the keys for the feeds of a language, in an environment.
pub(super) fn read(reader: &mut Reader<'_>, fields: &Fields<'_>, language: Option<&str>, environment: &str) -> Hugo {
    Languages::faults(fields).into_iter().for_each(|(place, what, mend)| reader.error(place, what, mend));
    let languages = Languages::read(fields, language, environment);
    let table = |language: &str| fields.get("languages")?.table()?.get(language)?.table();
    let keys = Keys { language: table(&languages.own), site: fields };
    let purpose = Purpose { language: &languages.own, environment };
    let mut mounts = Mounts::read(fields, purpose, languages.folder.is_empty());
    let static_dirs = mounts.statics.take().unwrap_or_else(|| folders(&keys, "staticdir", "static"));
    let module = fields.field("module").and_then(|field| field.offset);
    let (content_dir, content_files) = mounts.content(folder(&keys, "contentdir", "content"), module, reader);
    let params = params(&keys);
    let goldmark = keys.at("markup.goldmark").and_then(Value::table);
    Hugo {
        limit: limit(&keys),
        site: Site {
            base_url: site_url(reader, &keys),
            title: keys.text("title"),
            language: locale(reader, &keys, &languages).unwrap_or_default(),
            copyright: keys.text("copyright"),
            description: clean(&params.text("description").unwrap_or_default()).into_owned(),
            author: author(reader, &keys, &params),
            time_zone: time_zone(reader, &keys),
            content_dir,
            content_files,
            static_dirs: static_dirs.into_iter().chain(themes(&keys).map(|theme| format!("{theme}/static"))).collect(),
            themes: themes(&keys).collect(),
            is_assembled: ["module.imports", "module.mounts"].iter().any(|key| keys.at(key).is_some()),
            ignore_files: ignore_files(reader, &Keys { language: table(languages.default()), site: fields }),
            taxonomies: if is_disabled(&keys, "term") { Vec::new() } else { taxonomies(&keys) },
            lists_sections: !is_disabled(&keys, "section"),
            build: Build { drafts: keys.truth("builddrafts"), future: keys.truth("buildfuture"), expired: keys.truth("buildexpired") },
            pluralizes_titles: keys.at("pluralizelisttitles").and_then(Value::truth) != Some(false),
            title_style: title_style(&keys),
            paths: paths(&keys),
            summary_length: keys.at("summarylength").and_then(whole).map_or(70, |n| usize::try_from(n).unwrap_or(0)),
            has_cjk: keys.truth("hascjklanguage"),
            goldmark: Goldmark { emoji: keys.truth("enableemoji"), ..Goldmark::read(goldmark, Languages::share_host(fields)) },
            punctuation: Arc::new(Punctuation::read(goldmark)),
            passthrough: passthrough(&keys),
            permalinks: permalinks(reader, &keys, purpose),
            cascade: cascade(reader, fields, purpose),
            dates: date_chains(reader, &keys),
            params,
            languages,
            environment: environment.to_owned(),
        },
    }
}

pub(super) fn whole(value: &Value<'_>) -> Option<i64> {
    match value {
        Value::Integer(number) => Some(*number),
        other => other.text()?.parse().ok(),
    }
}

/// The tag of the language. What is none is left out: to Hugo it may be anything.
fn locale(reader: &mut Reader<'_>, keys: &Keys<'_, '_>, languages: &Languages) -> Option<String> {
    let (place, said) = languages.locale(keys.language, keys.site)?;
    let tag = language_tag(&said);
    if tag.is_none() {
        reader.find(Rule::InvalidLanguage, place, format!("`{said}` is no tag of a language"), "write one such as en-GB");
    }
    tag
}

fn author(reader: &mut Reader<'_>, keys: &Keys<'_, '_>, params: &Fields<'_>) -> Option<Author> {
    let author = params.get("author")?;
    if let Some(email) = Author::unusable_email(author) {
        let place = |fields: &Fields<'_>| fields.at("params.author")?.table()?.field("email")?.offset;
        let place = keys.language.and_then(place).or_else(|| place(keys.site));
        reader.find(Rule::InvalidEmail, place, format!("`{email}` is no e-mail address"), "write one such as me@example.org");
    }
    Author::read(author)
}

fn site_url(reader: &mut Reader<'_>, keys: &Keys<'_, '_>) -> BaseUrl {
    let written = keys.field("baseurl").and_then(|field| Some((field.offset, field.value.text()?)));
    let (place, text) = written.unwrap_or_default();
    // Hugo may be given the address when it builds
    let is_path = text.is_empty() || text.starts_with(['/', '.']) && !text.starts_with("//");
    let address = match is_path {
        true => BaseUrl::unknown(&text),
        false => base_url(reader, place.unwrap_or(0), &text).unwrap_or_else(|| BaseUrl::unknown("")),
    };
    if is_path || BaseUrl::is_local(&text) {
        let what = match &*text {
            "" => "the site has no address".to_owned(),
            path if is_path => format!("`{path}` leads nowhere from a reader"),
            local => format!("`{local}` leads each reader to its own machine"),
        };
        let mend = reader.assign(place.unwrap_or(0), "baseURL", "\"https://example.org/\"");
        reader.find(Rule::MissingBaseUrl, place, what, mend);
    }
    address
}

/// `params`, with those of the language winning, in tables too.
fn params(keys: &Keys<'_, '_>) -> Fields<'static> {
    let of = |fields: &Fields<'_>| fields.get("params").and_then(Value::table).cloned().unwrap_or_default().into_owned();
    let language = keys.language.map(of).unwrap_or_default();
    language.or(of(keys.site)).without_places()
}

fn title_style(keys: &Keys<'_, '_>) -> TitleStyle {
    let is_as_written = keys.at("capitalizelisttitles").and_then(Value::truth) == Some(false);
    if is_as_written { TitleStyle::None } else { TitleStyle::named(&keys.text("titlecasestyle")) }
}

fn time_zone(reader: &mut Reader<'_>, keys: &Keys<'_, '_>) -> jiff::tz::TimeZone {
    let Some(field) = keys.field("timezone") else { return jiff::tz::TimeZone::unknown() };
    let name = field.value.text().unwrap_or_default();
    if name.is_empty() {
        return jiff::tz::TimeZone::unknown();
    }
    if name.eq_ignore_ascii_case("local") {
        let what = format!("`{name}` is the zone of whatever machine this runs on, and feeds are the same on each");
        reader.error(field.offset, what, "name the zone, such as \"Europe/Paris\"");
        return jiff::tz::TimeZone::UTC;
    }
    jiff::tz::TimeZone::get(&name).unwrap_or_else(|_| {
        let known: Vec<String> = jiff::tz::db().available().map(|zone| zone.to_string()).collect();
        let mend = match nearest(&name, known.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "write one such as \"Europe/Paris\"".to_owned(),
        };
        reader.error(field.offset, format!("`{name}` is no time zone"), mend);
        jiff::tz::TimeZone::UTC
    })
}

fn folder(keys: &Keys<'_, '_>, key: &str, default: &str) -> String {
    folder::of(&keys.text(key)).unwrap_or_else(|| default.to_owned())
}

fn folders(keys: &Keys<'_, '_>, key: &str, default: &str) -> Vec<String> {
    let items = keys.at(key).map_or(&[] as &[_], Value::items);
    let written: Vec<String> = items.iter().filter_map(Value::text).filter_map(|text| folder::of(&text)).collect();
    if written.is_empty() { vec![default.to_owned()] } else { written }
}

/// The folders of the themes, the first of which wins.
fn themes(keys: &Keys<'_, '_>) -> impl Iterator<Item = String> {
    let all = folder(keys, "themesdir", "themes");
    let themes = keys.at("theme").map_or(&[] as &[_], Value::items).iter().filter_map(Value::text);
    themes.filter_map(|theme| folder::of(&theme)).map(move |theme| folder::within(&all, &theme))
}

/// What is no file of the site: as the default language says, for all.
fn ignore_files(reader: &mut Reader<'_>, keys: &Keys<'_, '_>) -> Vec<Ignored> {
    let Some(field) = keys.field("ignorefiles") else { return Vec::new() };
    let mut patterns = Vec::new();
    let texts = field.value.items().iter().enumerate().filter_map(|(index, item)| Some((index, item.text()?)));
    for (index, text) in texts {
        match go_regex::compile(&text) {
            Some(pattern) => patterns.push(Ignored(pattern)),
            None => reader.error(
                reader.item(field.offset, index),
                format!("`{text}` is no regular expression"),
                "write one such as \"\\\\.foo$\"",
            ),
        }
    }
    patterns
}

/// Whether the site has no pages of a kind.
fn is_disabled(keys: &Keys<'_, '_>, kind: &str) -> bool {
    let disabled = keys.at("disablekinds").map_or(&[] as &[_], Value::items);
    disabled.iter().filter_map(Value::text).any(|disabled| disabled.eq_ignore_ascii_case(kind))
}

/// Declaring `taxonomies` replaces both defaults.
fn taxonomies(keys: &Keys<'_, '_>) -> Vec<Taxonomy> {
    let of_language = keys.language.and_then(|language| language.get("taxonomies"));
    // the older name comes before the newer one
    let declared = of_language.or_else(|| keys.site.get("indexes")).or_else(|| keys.site.get("taxonomies"));
    let mut taxonomies: Vec<Taxonomy> = match declared.and_then(Value::table) {
        Some(declared) => declared.iter().filter_map(|field| taxonomy(&field.key, &field.value.text()?)).collect(),
        None => [("category", "categories"), ("tag", "tags")].into_iter().filter_map(|(s, p)| taxonomy(s, p)).collect(),
    };
    taxonomies.sort_by(|a, b| a.plural.cmp(&b.plural));
    taxonomies.dedup_by(|a, b| a.plural == b.plural);
    taxonomies
}

fn taxonomy(singular: &str, plural: &str) -> Option<Taxonomy> {
    let plural = plural.trim_matches('/').to_lowercase();
    (!plural.is_empty()).then(|| Taxonomy { singular: singular.to_owned(), plural: plural.into() })
}

fn paths(keys: &Keys<'_, '_>) -> Paths {
    // what a language says of this Hugo passes over
    let ugly = keys.site.get("uglyurls");
    let ugly_sections = match ugly.and_then(Value::table) {
        Some(sections) => sections.iter().filter(|field| field.value.truth() == Some(true)).map(|field| field.key.to_string()).collect(),
        None => Vec::new(),
    };
    Paths {
        remove_accents: keys.truth("removepathaccents"),
        keep_case: keys.truth("disablepathtolower"),
        ugly: ugly.and_then(Value::truth).unwrap_or(false),
        ugly_sections,
    }
}

/// `services.rss.limit`, or the older `rssLimit`; 0 and less mean all. Without either it is 20.
fn limit(keys: &Keys<'_, '_>) -> Option<usize> {
    let written = keys.at("services.rss.limit").or_else(|| keys.site.get("rsslimit")).and_then(whole);
    written.map_or(Some(20), |limit| usize::try_from(limit).ok().filter(|limit| *limit > 0))
}

fn passthrough(keys: &Keys<'_, '_>) -> Arc<[(String, String)]> {
    let at = |key: &str| keys.at(&format!("markup.goldmark.extensions.passthrough.{key}"));
    if at("enable").and_then(Value::truth) != Some(true) {
        return Arc::default();
    }
    let pairs = ["delimiters.block", "delimiters.inline"].into_iter().flat_map(|key| at(key).map_or(&[] as &[_], Value::items));
    let pair = |pair: &Value<'_>| match pair.items() {
        [open, close] => Some((open.text()?.into_owned(), close.text()?.into_owned())),
        _ => None,
    };
    let mut pairs: Vec<(String, String)> = pairs.filter_map(pair).filter(|(open, close)| !open.is_empty() && !close.is_empty()).collect();
    pairs.sort_by_key(|(open, _)| std::cmp::Reverse(open.len()));
    pairs.into()
}

fn permalinks(reader: &mut Reader<'_>, keys: &Keys<'_, '_>, purpose: Purpose<'_>) -> Permalinks {
    let Some(field) = keys.field("permalinks") else { return Permalinks::default() };
    Permalinks::read(field, purpose).unwrap_or_else(|faults| {
        faults.into_iter().for_each(|fault| reader.blame(field.offset, fault));
        Permalinks::default()
    })
}

fn cascade(reader: &mut Reader<'_>, fields: &Fields<'_>, purpose: Purpose<'_>) -> Vec<Cascade> {
    let mut read = |field: &Field<'_>| {
        Cascade::read(&field.value, purpose).unwrap_or_else(|fault| {
            reader.blame(field.offset, fault);
            Vec::new()
        })
    };
    let cascades = languages::cascades(fields, purpose.language);
    let read: Vec<Cascade> = cascades.iter().copied().flat_map(&mut read).collect();
    for cascade in cascades {
        let tables = each(&cascade.value).iter().enumerate().filter_map(|(index, inherited)| Some((index, inherited.table()?)));
        for (index, inherited) in tables {
            let around = reader.item(cascade.offset, index);
            tell_inherited(reader, inherited, around);
        }
    }
    read
}

/// Tells of what is not followed among fields that pages inherit: pages tell of what they say themselves, and this is to be mended here.
fn tell_inherited(reader: &mut Reader<'_>, fields: &Fields<'_>, around: Option<usize>) {
    for Unfit { rule, places: [own, params], what, mend, .. } in unfit_inherited(fields) {
        reader.find(rule, own.or(params).or(around), what, mend);
    }
    for (feed, around, Slip { place, what, mend, .. }) in slips(fields, around) {
        reader.find(Rule::InvalidFeed, place.or(feed.offset).or(around), what, mend);
    }
}

fn date_chains(reader: &mut Reader<'_>, keys: &Keys<'_, '_>) -> DateChains {
    let mut chain = |key: &str, default: &[&str]| {
        let written = keys.at("frontmatter").and_then(|value| value.table()?.field(key));
        let Some(field) = written else { return default.iter().flat_map(|name| sources(name)).collect() };
        let mut chain: Vec<DateSource> = Vec::new();
        for (index, name) in chain_names(&field.value) {
            let names = if name == ":default" { default.to_vec() } else { vec![name.as_str()] };
            if matches!(name.as_str(), ":filemodtime" | ":git") {
                reader.find(
                    Rule::UnsupportedDate,
                    reader.item(field.offset, index),
                    format!("`{name}` is passed over: feeds depend on content alone"),
                    "write dates in front matter",
                );
            }
            for source in names.into_iter().flat_map(sources) {
                if !chain.contains(&source) {
                    chain.push(source);
                }
            }
        }
        chain
    };
    DateChains {
        date: chain("date", &["date", "publishdate", "lastmod"]),
        published: chain("publishdate", &["publishdate", "date"]),
        modified: chain("lastmod", &["lastmod", "date", "publishdate"]),
        expiry: chain("expirydate", &["expirydate"]),
    }
}

/// The names in a chain, each with the item of the list that it is. One text has them with blanks between.
fn chain_names(value: &Value<'_>) -> Vec<(usize, String)> {
    let name = |(index, item): (usize, &Value<'_>)| Some((index, item.text()?.to_lowercase()));
    match value.text() {
        Some(text) => text.to_lowercase().split_whitespace().map(|name| (0, name.to_owned())).collect(),
        None => value.items().iter().enumerate().filter_map(name).collect(),
    }
}

/// The sources that a name in a chain stands for: a field brings its older names with it.
fn sources(name: &str) -> Vec<DateSource> {
    let names: &[&str] = match name {
        ":filename" => return vec![DateSource::FileName],
        ":filemodtime" | ":git" => &[],
        "lastmod" => &["lastmod", "modified"],
        "publishdate" => &["publishdate", "pubdate", "published"],
        "expirydate" => &["expirydate", "unpublishdate"],
        other => &[other],
    };
    names.iter().map(|name| DateSource::Field((*name).to_owned())).collect()
}

#[cfg(test)]
mod tests;
