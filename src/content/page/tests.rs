//! What files are, by what their front matter says.

use proptest::prelude::*;

use super::*;

fn read(path: &str, front: &str, ancestry: &[&Section], config: &str) -> (Page, Vec<String>) {
    let text = format!("+++\n{front}\n+++\nbody\n");
    let source = front_matter::read(path, text.as_bytes()).unwrap();
    let config = Config::parse(&format!("baseURL = 'https://e.org/'\n{config}"), "c.toml").unwrap().0;
    let (page, found) = page(&source, path, ancestry, &config);
    (page, found.iter().map(ToString::to_string).collect())
}

fn post(front: &str) -> Post {
    match read("post/a.md", &format!("date = 2020-01-02\n{front}"), &[], "") {
        (Page::Post(post), _) => *post,
        other => panic!("{other:?}"),
    }
}

fn section(path: &str, front: &str) -> Section {
    match read(path, front, &[], "") {
        (Page::Section(section), _) => *section,
        other => panic!("{other:?}"),
    }
}

fn check_aside(front: &str, reason: Reason, permalink: Option<&str>) {
    let (Page::Aside(aside), _) = read("post/a.md", front, &[], "") else { panic!("{front} is an entry") };
    assert_eq!((aside.reason, aside.permalink.as_deref()), (reason, permalink), "{front}");
}

#[test]
fn a_post_is_what_its_front_matter_says() {
    let post = post(
        "title = \" A\\u0007 & B \"\nlastmod = 2021-01-01\nexpiryDate = 2030-01-01\naliases = ['/old/', 'near', '../x.html']\n[build]\nlist = 'local'",
    );
    assert_eq!((&*post.title, &*post.permalink, &*post.section), ("A & B", "https://e.org/post/a/", "post"));
    assert_eq!(
        (post.published.to_rfc3339().as_str(), post.updated.to_rfc3339().as_str()),
        ("2020-01-02T00:00:00+00:00", "2021-01-01T00:00:00+00:00")
    );
    assert_eq!(post.until.map(|until| until.to_rfc3339()).as_deref(), Some("2030-01-01T00:00:00+00:00"));
    assert_eq!(post.listing, Listing::Local);
    assert_eq!(
        post.aliases.iter().map(|alias| &**alias).collect::<Vec<_>>(),
        ["https://e.org/old/", "https://e.org/post/near/", "https://e.org/x.html"]
    );
}

#[test]
fn a_post_of_very_many_terms_takes_time_in_proportion() {
    let started = std::time::Instant::now();
    let tags: String = (0..60_000).map(|n| format!("'T{n}',")).collect();
    let post = post(&format!("tags = [{tags}'t 0', 't0']\ncategories = ['T0']"));
    assert_eq!((post.terms.len(), &*post.terms[0].taxonomy, &*post.terms[60_000].name), (60_002, "categories", "T59999"));
    assert!(started.elapsed() < std::time::Duration::from_secs(10), "{:?}", started.elapsed());
}

#[test]
fn the_first_instant_of_the_year_1_is_no_date() {
    let zero = "0001-01-01T00:00:00Z";
    let post = post(&format!("publishDate = {zero}\nlastmod = {zero}\nexpiryDate = {zero}"));
    assert_eq!(post.published.to_rfc3339(), "2020-01-02T00:00:00+00:00");
    assert_eq!((post.updated, post.until), (post.published, None));
    check_aside(&format!("date = {zero}"), Reason::Undated, Some("https://e.org/post/a/"));
}

#[test]
fn pages_that_are_no_entries_say_why() {
    let permalink = Some("https://e.org/post/a/");
    check_aside("title = 'x'", Reason::Undated, permalink);
    check_aside("date = 2020-01-02\ndraft = true", Reason::Draft, permalink);
    check_aside("date = 2020-01-02\ndraft = 'true'", Reason::Draft, permalink);
    check_aside("date = 2020-01-02\npublished = false", Reason::Draft, permalink);
    check_aside("date = 2020-01-02\nheadless = true", Reason::Unrendered, None);
    check_aside("date = 2020-01-02\nbuild = {list = false}", Reason::Unlisted, permalink);
    check_aside("date = 2020-01-02\nbuild = {render = 'never'}", Reason::Unrendered, None);
    check_aside("date = 'soon'", Reason::Unreadable, permalink);
    check_aside("date = 2020-01-02\nurl = 'https://x.org/'", Reason::Unreadable, None);
}

#[test]
fn an_unreadable_date_is_told_once_at_its_place() {
    let (_, found) = read("post/a.md", "title = 'x'\ndate = 'soon'", &[], "");
    assert_eq!(
        found,
        ["post/a.md:3:8: error: `date` is no date that can be read: `soon`; write one such as 2026-11-22T10:00:00+01:00 [unreadable-date]"]
    );
}

#[test]
fn what_no_feed_can_hold_is_told() {
    let said = |front: &str| read("a.md", &format!("date = 2020-01-02\n{front}"), &[], "").1;
    assert_eq!(
        said("title = \"a\\u000b\""),
        ["a.md:3:9: warning: the character U+000B cannot stand in a feed and is left out; remove it [forbidden-character]"]
    );
    assert_eq!(
        said("# \u{feff}\ntitle = \"a\\u202eb\""),
        [
            "a.md:4:9: warning: the title changes the direction of writing for what follows it; end it with U+202C or U+2069 [unbalanced-title]"
        ]
    );
    assert_eq!(&*post("title = \"a\\u202eb\"").title, "a\u{202e}b\u{202c}");
}

#[test]
fn terms_are_one_for_each_path() {
    let slugs =
        |front: &str| post(front).terms.iter().map(|term| format!("{}/{}={}", term.taxonomy, term.slug, term.name)).collect::<Vec<_>>();
    assert_eq!(
        slugs("Tags = ['Foo', 'foo', '', 'B c', 5, true, ['x'], {y = 1}]"),
        ["tags/foo=Foo", "tags/b-c=B c", "tags/5=5", "tags/true=true"]
    );
    assert_eq!(slugs("categories = 'One String'\ntags = {a = 1}"), ["categories/one-string=One String"]);
    assert_eq!(slugs("tags = ['a']\n[params]\ntags = ['b']"), ["tags/b=b"]);
    // a name that shows nothing has a page in Hugo, and a reader needs one to show
    assert_eq!(slugs("tags = [' ', '  ', ' x ']"), ["tags/-=-", "tags/--=--", "tags/-x-=x"]);
    let (_, found) = read("a.md", "date = 2020-01-02\ntags = ['½']", &[], "");
    assert_eq!(found, ["a.md:3:8: warning: `½` cannot be a path, so the term has no feed; write letters or digits [term-without-path]"]);
}

#[test]
fn languages_and_addresses_that_are_none_are_told_of() {
    let check = |front: &str, expected: &[&str]| {
        let (page, found) = read("a.md", &format!("date = 2020-01-02\n{front}"), &[], "");
        assert!(matches!(page, Page::Post(_)));
        assert_eq!(found, expected, "{front}");
    };
    check("language = 'pt_BR'\n[author]\nname = 'A'\nemail = 'a@b'", &[]);
    check("language = 'C++'\nlang = 'de'", &[]);
    check("lang = 'C++'", &["a.md:3:8: warning: `C++` is no tag of a language; write one such as en-GB [invalid-language]"]);
    let slip = "a.md:3:16: warning: `feed.content` cannot be `sumary`; did you mean `summary`? [invalid-feed]";
    check("feed.content = 'sumary'", &[slip]);
    let email = |place: &str, of: &str| {
        format!("a.md:{place}: warning: `{of}` is no e-mail address; write one such as me@example.org [invalid-email]")
    };
    check("[author]\nname = 'A'\nemail = 'a'", &[&email("3:1", "a")]);
    check("[[authors]]\nemail = 'a'\n[[authors]]\nemail = 'b'", &[&email("3:1", "a"), &email("3:1", "b")]);
}

#[test]
fn an_id_is_an_absolute_address() {
    let id = |front: &str| post(front).id.map(String::from);
    assert_eq!(id("id = 'tag:e.org,2020:a'").as_deref(), Some("tag:e.org,2020:a"));
    assert_eq!(id("guid = '8C5E8F9A-1b2c-4d5e-8f9a-0123456789ab'").as_deref(), Some("urn:uuid:8c5e8f9a-1b2c-4d5e-8f9a-0123456789ab"));
    assert_eq!(id("id = 4664\nguid = 'https://old.example/?p=17'").as_deref(), Some("https://old.example/?p=17"));
    assert_eq!(id("id = 4664"), None);
    assert_eq!(id("id = ''"), None);
    let (page, found) = read("a.md", "date = 2020-01-02\nid = 'a post'", &[], "");
    assert!(matches!(page, Page::Post(post) if post.id.is_none()));
    let mend = "if it is to be, write one such as https://e.org/#a%20post [relative-id]";
    assert_eq!(found, [format!("a.md:3:6: warning: `id` is no absolute address, so it is not the id of the entry; {mend}")]);
}

#[test]
fn what_a_page_lacks_it_inherits_from_the_nearest() {
    let root = section("_index.md", "[cascade]\ntags = ['root']\nslug = 'root'");
    let near = section("post/_index.md", "[[cascade]]\ntags = ['near']\n[cascade.target]\nkind = 'page'\npath = '/post/*'");
    let (page, _) = read("post/a.md", "date = 2020-01-02", &[&near, &root], "[cascade]\ntitle = 'site'\nslug = 'site'");
    let Page::Post(post) = page else { panic!("{page:?}") };
    assert_eq!((&*post.title, &*post.permalink, &*post.terms[0].name), ("site", "https://e.org/post/root/", "near"));
    let (page, found) = read("post/a.md", "date = 2020-01-02\n[cascade]\nslug = 'own'\nfeed.contents = 'full'", &[&near, &root], "");
    let Page::Post(post) = page else { panic!("{page:?}") };
    assert_eq!((&*post.permalink, &*post.terms[0].name), ("https://e.org/post/own/", "near"));
    assert_eq!(found, ["post/a.md:5:17: warning: unknown key `contents` in `feed`; did you mean `content`? [invalid-feed]"]);
    let (page, _) = read("post/a.md", "date = 2020-01-02\n[[cascade]]\ndraft = true\ntarget.kind = 'page'", &[], "");
    assert!(matches!(page, Page::Aside(Aside { reason: Reason::Draft, .. })), "{page:?}");
    let (_, found) = read("post/a.md", "date = 2020-01-02\ncascade = 5", &[], "");
    assert!(found[0].contains("`cascade` is not a table"), "{found:?}");
}

#[test]
fn inherited_params_are_fields_too() {
    let (page, _) = read("a.md", "date = 2020-01-02", &[], "[cascade.params]\ndraft = true");
    assert!(matches!(page, Page::Aside(Aside { reason: Reason::Draft, .. })));
}

#[test]
fn a_name_gives_a_language() {
    let check = |path: &str, config: &str, expected: Option<&str>| {
        let other = of_other_language(path, b"", &Config::parse(config, "c.toml").unwrap().0);
        assert_eq!(other.is_some(), expected.is_none(), "{path}");
        if let Some(expected) = expected {
            let Page::Post(post) = read(path, "date = 2020-01-02", &[], config).0 else { panic!("{path} is no post") };
            assert_eq!(&*post.permalink, expected);
        }
    };
    let config = "[languages.en]\n[languages.fr]";
    check("a.fr.md", config, None);
    check("a.en.md", config, Some("https://e.org/a/"));
    check("a.fr.md", "", Some("https://e.org/a.fr/"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_front_matter_panics(path in "[a-zé./ -]{0,16}", key in "(title|date|slug|url|tags|aliases|id|build|cascade|draft)", value in "\\PC{0,24}") {
        let config = Config::parse("[permalinks]\na = '/:year/:title/:sections[last]/'\n[frontmatter]\ndate = [':filename', ':default']", "c").unwrap().0;
        for front in [format!("{key} = '''{value}'''"), format!("{key} = {value}"), format!("date = 2020-01-02\n{key} = ['''{value}''', 1]")] {
            let text = format!("+++\n{front}\n+++\n");
            let path = format!("a/{path}.md");
            if let Ok(source) = front_matter::read(&path, text.as_bytes()) {
                let (page, _) = page(&source, &path, &[], &config);
                if let Page::Post(post) = page {
                    prop_assert!(post.permalink.is_ascii(), "{}", post.permalink);
                }
            }
        }
    }
}
