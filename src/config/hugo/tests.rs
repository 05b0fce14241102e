//! What a site is by its keys.

use super::*;
use crate::config::{Config, Kind, Part};

fn site(text: &str) -> Site {
    Config::parse(text, "c.toml").unwrap().0.site
}

fn plurals(text: &str) -> Vec<String> {
    site(text).taxonomies.iter().map(|taxonomy| taxonomy.plural.to_string()).collect()
}

#[test]
fn a_site_without_an_address_gets_one_and_a_warning() {
    let (config, found) = Config::parse("title = 'x'", "c.toml").unwrap();
    assert_eq!(config.site.base_url.as_str(), "http://localhost:8080/");
    assert_eq!(
        found[0].to_string(),
        "c.toml:1:1: warning: the site has no address; write baseURL = \"https://example.org/\" [missing-base-url]"
    );
    for (text, expected) in [("/", "http://localhost:8080/"), ("./", "http://localhost:8080/"), ("/blog", "http://localhost:8080/blog/")] {
        let (config, found) = Config::parse(&format!("title = 'x'\nbaseURL = '{text}'"), "c.toml").unwrap();
        assert_eq!(config.site.base_url.as_str(), expected);
        assert!(BaseUrl::is_local(config.site.base_url.as_str()));
        let told = format!(
            "c.toml:2:11: warning: `{text}` leads nowhere from a reader; write baseURL = \"https://example.org/\" [missing-base-url]"
        );
        assert_eq!(found[0].to_string(), told);
    }
}

#[test]
fn keys_have_no_case_and_unknown_ones_are_passed_over() {
    let site = site(
        "BASEURL = 'https://example.org/sub'\nTitle = 'T'\nlanguageCode = 'fr'\nnonsense = 1\n[params.author]\nname = 'A'\nemail = 'a@b'",
    );
    assert_eq!(site.base_url.as_str(), "https://example.org/sub/");
    assert_eq!((site.title.as_str(), site.language.as_str()), ("T", "fr"));
    assert_eq!(site.author, Some(Author { name: "A".into(), email: Some("a@b".into()), url: None }));
}

#[test]
fn the_default_language_wins_over_the_site() {
    let site = site(
        "title = 'S'\ndefaultContentLanguage = 'fr'\n[params]\ndescription = 's'\na = 1\nauthor = { name = 'A', email = 'a@b' }\n\
         [languages.fr]\ntitle = 'F'\n[languages.fr.params]\ndescription = 'f'\nauthor = { email = 'f@b' }\n[languages.en]\n",
    );
    assert_eq!((site.title.as_str(), site.description.as_str()), ("F", "f"));
    assert_eq!(site.params.text("a").as_deref(), Some("1"));
    assert_eq!(site.author, Some(Author { name: "A".into(), email: Some("f@b".into()), url: None }));
    let languages = &site.languages;
    assert_eq!((languages.own.as_str(), &*languages.others, languages.prefix.as_str()), ("fr", &["en".to_owned()][..], ""));
}

#[test]
fn what_no_feed_may_tell_is_left_out_with_a_warning() {
    let check = |text: &str, language: Option<&str>, expected: (&str, Option<&str>), told: &[&str]| {
        let (config, found) = Config::read(&[Part::new("c.toml", format!("baseURL = 'https://e.org/'\n{text}"))], language).unwrap();
        let email = config.site.author.as_ref().and_then(|author| author.email.as_deref());
        assert_eq!((config.site.language.as_str(), email), expected, "{text}");
        assert_eq!(found.iter().map(ToString::to_string).collect::<Vec<_>>(), told, "{text}");
    };
    check("languageCode = 'pt_BR'", None, ("pt-BR", None), &[]);
    let language = "c.toml:2:16: warning: `C.UTF-8` is no tag of a language; write one such as en-GB [invalid-language]";
    check("languageCode = 'C.UTF-8'", None, ("", None), &[language]);
    check("[languages.en]\n[languages.zh_cn]", Some("zh_cn"), ("zh-cn", None), &[]);
    let email = "warning: `me [at] e.org` is no e-mail address; write one such as me@example.org [invalid-email]";
    let author = "[params.author]\nname = 'A'\nemail = 'me [at] e.org'";
    check(author, None, ("", None), &[&format!("c.toml:4:9: {email}")]);
    let of_language = "[languages.en]\n[languages.en.params.author]\nemail = 'me [at] e.org'\n[params.author]\nname = 'A'\nemail = 'a@b'";
    check(of_language, None, ("", None), &[&format!("c.toml:4:9: {email}")]);
}

#[test]
fn what_passes_through_stands_between_pairs_the_longest_of_which_come_first() {
    let check = |enable: &str, expected: &[(&str, &str)]| {
        let text = format!(
            "[markup.goldmark.extensions.passthrough]\nenable = {enable}\n[markup.goldmark.extensions.passthrough.delimiters]\n\
             block = [['$$', '$$'], ['x']]\ninline = [['$', '$'], ['\\(', '\\)'], ['', 'y']]"
        );
        let pairs = site(&text).passthrough;
        assert_eq!(pairs.iter().map(|(open, close)| (open.as_str(), close.as_str())).collect::<Vec<_>>(), expected);
    };
    check("true", &[("$$", "$$"), ("\\(", "\\)"), ("$", "$")]);
    check("false", &[]);
}

#[test]
fn declared_taxonomies_replace_the_defaults() {
    assert_eq!(plurals(""), ["categories", "tags"]);
    assert_eq!(plurals("[taxonomies]\nSeries = 'Series'"), ["series"]);
    assert!(plurals("[taxonomies]").is_empty());
    assert_eq!(plurals("[indexes]\ntopic = 'topics'\n[taxonomies]\ntag = 'tags'"), ["topics"]);
    assert!(plurals("disableKinds = ['term']").is_empty());
    assert_eq!(plurals("disableKinds = ['taxonomy']"), ["categories", "tags"]);
    assert!(!site("disableKinds = ['Section']").lists_sections && site("").lists_sections);
}

#[test]
fn the_limit_is_hugos() {
    let check = |text: &str, expected: Option<usize>| assert_eq!(Config::parse(text, "c").unwrap().0.feeds.limit, expected, "{text}");
    check("", Some(20));
    check("rssLimit = 3", Some(3));
    check("[services.rss]\nlimit = -1", None);
    check("[services.rss]\nlimit = 5\n[feeds]\nlimit = 7", Some(7));
    check("[services.rss]\nlimit = 5\n[languages.en]\nrssLimit = 8\n[languages.en.services.rss]\nlimit = 6", Some(6));
}

#[test]
fn some_keys_are_not_for_a_language_to_say() {
    let text = "uglyURLs = true\nignoreFiles = ['a']\n[languages.en]\nignoreFiles = ['b', 'c']\n[languages.fr]\nuglyURLs = false\nignoreFiles = []";
    let fr = Config::read(&[Part::new("c.toml", text)], Some("fr")).unwrap().0.site;
    assert_eq!((fr.paths.ugly, fr.ignore_files.len()), (true, 2));
}

#[test]
fn permalinks_are_for_their_pages() {
    let permalinks =
        site("[permalinks]\npost = '/p/:slug/'\n[permalinks.section]\npost = '/s/'\n[permalinks.page]\n'/' = '/r/'").permalinks;
    let check = |kind, path: &str, found: bool| assert_eq!(permalinks.find(kind, path).is_some(), found, "{kind:?} {path}");
    check(Kind::Page, "/post/a", true);
    check(Kind::Term, "/post/a", true);
    check(Kind::Section, "/post", true);
    check(Kind::Page, "/about", true);
    check(Kind::Page, "/other/about", false);
}

#[test]
fn date_chains_can_be_rewritten() {
    let dates = site("[frontmatter]\ndate = [':filename', 'created', ':default']").dates;
    let field = |name: &str| DateSource::Field(name.to_owned());
    let expected = [DateSource::FileName, field("created"), field("date"), field("publishdate"), field("pubdate"), field("published")];
    assert_eq!(dates.date[..6], expected);
    assert_eq!(dates.expiry, [field("expirydate"), field("unpublishdate")]);
    // one text has several names, a text of a list is one
    assert_eq!(site("[frontmatter]\ndate = ':filename  Created :default'").dates, dates);
    assert_eq!(site("[frontmatter]\ndate = [':filename created']").dates.date, [field(":filename created")]);
}

#[test]
fn what_is_wrong_with_an_item_of_a_list_is_told_at_that_item() {
    let check = |name: &str, text: &str, expected: &[&str]| {
        let found = Config::parse(text, name).unwrap_or_else(|found| panic!("{found:?}")).1;
        let places: Vec<String> = found.iter().map(|found| format!("{}:{} {}", found.line, found.column, found.rule)).collect();
        assert_eq!(places, expected, "{text}");
    };
    let dates = "baseURL: https://e.org/\nfrontmatter:\n  date:\n    - date\n    - :git\n  lastmod: :fileModTime date\n";
    check("c.yaml", dates, &["5:7 unsupported-date", "6:12 unsupported-date"]);
    let errors = |text: &str| Config::parse(text, "c.toml").unwrap_err().iter().map(ToString::to_string).collect::<Vec<_>>();
    let told = errors("baseURL = 'https://e.org/'\nignoreFiles = [\n  'a$',\n  '(b',\n]\n");
    assert_eq!(told, ["c.toml:4:3: error: `(b` is no regular expression; write one such as \"\\\\.foo$\" [invalid-config]"]);
}

#[test]
fn variables_alone_name_the_environment_and_a_glob_for_it_has_no_case() {
    let check = |target: &str, variables: &[(&str, &str)], expected: bool| {
        let text = format!("environment = 'staging'\n[[cascade]]\ndraft = true\n[cascade.target]\nenvironment = '{target}'");
        let variables = variables.iter().filter_map(|(name, value)| Part::of_variable(name, *value));
        let parts: Vec<Part> = [Part::new("c.toml", text)].into_iter().chain(variables).collect();
        let site = Config::read(&parts, None).unwrap().0.site;
        assert_eq!(site.cascade[0].reaches(Kind::Page, "/x"), expected, "{target} {parts:?}");
    };
    check("staging", &[], false);
    check("production", &[], true);
    check("Staging", &[("HUGO_ENVIRONMENT", "Staging")], true);
    check("staging", &[("HUGO_ENVIRONMENT", "Staging")], true);
    check("STAG*", &[("HUGO_ENV", "staging"), ("HUGO_ENVIRONMENT", "")], true);
    check("staging", &[("HUGO_ENV", "staging"), ("HUGO_ENVIRONMENT", "other")], false);
}
