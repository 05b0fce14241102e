//! Pages and lists with the addresses that Hugo gives them.

use proptest::prelude::*;

use super::*;

const CONFIG: &str = "baseURL = 'https://e.org/s/'\n[permalinks]\npost = '/b/:year/:month/:slug/'\ntalks = '/t/:sections[1:]/:06/:Jan/:title/'\n\
    tags = '/k/:slug/'\n[permalinks.section]\ndocs = '/manual/:slug/'";

fn link_in(config: &str, path: &str, title: &str, slug: &str, url: &str) -> Result<String, String> {
    let config = Config::parse(config, "c.toml").unwrap().0;
    let path = ContentPath::new(path, &config.site.languages).unwrap();
    let date = DateTime::parse_from_rfc3339("2020-01-02T23:30:00-05:00").ok();
    Subject { kind: Kind::Page, path, title, slug, url, date, section: path.container(), ancestry: &[] }
        .page_link(&config)
        .map(|link| link.path)
}

fn check(path: &str, title: &str, slug: &str, url: &str, expected: &str) {
    assert_eq!(link_in(CONFIG, path, title, slug, url).as_deref(), Ok(expected), "{path} {title} {slug} {url}");
}

#[test]
fn a_page_without_a_pattern_is_named_by_its_file() {
    check("a/B c/My Post.md", "t", "", "", "/a/b-c/my-post/");
    check("a/bundle/index.md", "t", "", "", "/a/bundle/");
    check("a/b.md", "t", "My  Slug -- x", "", "/a/my-slug--x/");
    check("a/b.md", "t", "index", "", "/a/");
    check("a/½.md", "t", "", "", "/a/");
}

#[test]
fn a_pattern_names_a_page_by_its_tokens() {
    check("post/a.md", "A: b & C++", "", "", "/b/2020/01/a-b-c/");
    check("post/a.md", "Learning C#", "", "", "/b/2020/01/learning-c/");
    check("post/a.md", "C# and F#", "", "", "/b/2020/01/c#-and-f#/");
    check("post/a.md", "a / b\\c/..", "", "", "/b/2020/01/a-b-c-../");
    check("post/a.md", "t", "own slug", "", "/b/2020/01/own-slug/");
    check("talks/x/y/a.md", "Où? Là!", "", "", "/t/x/y/20/jan/où-là/");
}

#[test]
fn a_pattern_that_comes_out_empty_is_as_good_as_none() {
    let check = |pattern: &str, title: &str, expected: &str| {
        let config = format!("[permalinks.page]\npost = '{pattern}'");
        assert_eq!(link_in(&config, "post/a.md", title, "", "").as_deref(), Ok(expected), "{pattern}");
    };
    check("", "A", "/post/a/");
    check(":slug", "", "/post/a/");
    check(":title", "½", "/post/a/");
    check(":slug", "B", "/b/");
    for one in ["/", " ", "!", "/:slug"] {
        check(one, "", "/");
    }
}

/// The link of a page below sections with these folders, titles and slugs, the nearest first.
fn link_below(config: &str, path: &str, sections: &[(&str, &str, &str)]) -> String {
    let config = Config::parse(config, "c.toml").unwrap().0;
    let path = ContentPath::new(path, &config.site.languages).unwrap();
    let sections: Vec<Section> = sections
        .iter()
        .map(|(folder, title, slug)| Section {
            folder: (*folder).into(),
            title: (*title).into(),
            slug: (*slug).into(),
            ..Section::default()
        })
        .collect();
    let ancestry: Vec<&Section> = sections.iter().collect();
    let section = path::section_of(path.container(), |folder| sections.iter().any(|section| section.folder == folder));
    let subject = Subject { kind: Kind::Page, path, title: "t", slug: "", url: "", date: None, section, ancestry: &ancestry };
    subject.page_link(&config).unwrap().path
}

#[test]
fn a_section_with_a_slug_goes_by_it_in_the_addresses_below() {
    let (deep, post) = (("Post/x/Deep", "Deep", "tief"), ("Post", "P", "Blog Posts"));
    let check =
        |path: &str, sections: &[(&str, &str, &str)], expected: &str| assert_eq!(link_below("", path, sections), expected, "{path}");
    check("Post/a.md", &[post], "/blog-posts/a/");
    check("Post/x/Deep/a.md", &[deep, post], "/blog-posts/x/tief/a/");
    check("Post/x/Deep/b/index.md", &[deep, ("Post", "P", "")], "/post/x/tief/b/");
    check("Post/a.md", &[("Post", "P", "a/b")], "/a/b/a/");
    // a pattern names folders by their names
    assert_eq!(link_below("[permalinks]\n'Post' = '/p/:sections/:title/'", "Post/a.md", &[post]), "/p/post/t/");
}

#[test]
fn patterns_call_sections_by_their_slugs_else_by_their_titles() {
    let check = |path: &str, sections: &[(&str, &str, &str)], expected: &str| {
        let config = "[permalinks]\npost = '/:sectionslugs/:title/'\nstory = '/:sectionslug/:title/'";
        assert_eq!(link_below(config, path, sections), expected, "{path}");
    };
    check("post/deep/a.md", &[("post/deep", "So Deep", ""), ("post", "P", "own")], "/own/so-deep/t/");
    // without a title there is nothing to call it by, and without an `_index.md` Hugo makes one
    check("post/deep/a.md", &[("post/deep", "", "")], "/posts/t/");
    check("post/a.md", &[("post", "", "")], "/t/");
    check("story/a.md", &[], "/stories/t/");
    assert_eq!(link_below("pluralizeListTitles = false\n[permalinks]\nstory = '/:sectionslug/'", "story/a.md", &[]), "/story/");
}

#[test]
fn a_url_is_taken_as_it_is() {
    check("post/a.md", "t", "", "/Custom/Path.html", "/Custom/Path.html");
    check("post/a.md", "t", "", "custom/Dir", "/custom/Dir/");
    check("post/a.md", "t", "", "x/index.html", "/x/");
    check("post/a.md", "t u", "", "/:year/:title/a+b\\:c", "/2020/t-u/a b:c/");
    check("post/a.md", "t", "", "../../up/", "/up/");
    check("post/a.md", "t", "", "/", "/");
    assert!(link_in(CONFIG, "a.md", "t", "", "https://x.org/").is_err());
    assert!(link_in(CONFIG, "a.md", "t", "", "/:nonsense/").is_err());
}

#[test]
fn ugly_addresses_are_files() {
    assert_eq!(link_in("uglyURLs = true", "a/b.md", "t", "", "").as_deref(), Ok("/a/b.html"));
    assert_eq!(link_in("[uglyURLs]\na = true", "a/b.md", "t", "", "").as_deref(), Ok("/a/b.html"));
    assert_eq!(link_in("[uglyURLs]\na = true", "c/b.md", "t", "", "").as_deref(), Ok("/c/b/"));
}

#[test]
fn a_default_language_in_a_folder_has_everything_there_but_what_a_url_puts_elsewhere() {
    let config = format!("defaultContentLanguageInSubdir = true\n{CONFIG}");
    let check = |path: &str, slug: &str, url: &str, expected: &str| {
        assert_eq!(link_in(&config, path, "t", slug, url).as_deref(), Ok(expected), "{path} {url}");
    };
    check("a/b.md", "", "", "/en/a/b/");
    check("a/b.md", "index", "", "/en/a/");
    check("post/b.md", "", "", "/en/b/2020/01/t/");
    check("a/b.md", "", "rel/x", "/en/rel/x/");
    check("a/b.md", "", "rel/x.html", "/en/rel/x.html");
    check("a/b.md", "", "/abs/x", "/abs/x/");
    let config = Config::parse(&config, "c.toml").unwrap().0;
    let check = |scope: Scope, url: &str, folder: &str, page: &str| {
        let index = Section { url: url.into(), ..Section::default() };
        let address = scope_address(&scope, "N", Some(&index), &[], &config).unwrap();
        assert_eq!((address.folder.as_str(), address.url), (folder, format!("https://e.org/s/{page}")));
    };
    check(Scope::Site, "", "en", "en/");
    check(Scope::Section("a".into()), "", "en/a", "en/a/");
    check(Scope::Section("a".into()), "bees/", "en/bees", "en/bees/");
    check(Scope::Section("a".into()), "/bees/", "bees", "bees/");
    assert_eq!(taxonomy_url(&config.site.taxonomies[1], None, &config), "https://e.org/s/en/tags/");
}

fn address_of(scope: &Scope, name: &str, index: Option<&Section>) -> Result<(String, String), String> {
    let config = Config::parse(CONFIG, "c.toml").unwrap().0;
    scope_address(scope, name, index, &[], &config).map(|address| (address.folder, address.url))
}

#[test]
fn scopes_have_the_folders_and_pages_of_hugo() {
    let check = |scope: Scope, name: &str, index: Option<&Section>, folder: &str, url: &str| {
        assert_eq!(address_of(&scope, name, index), Ok((folder.to_owned(), format!("https://e.org/s/{url}"))), "{scope:?}");
    };
    let term = |taxonomy: &str, slug: &str| Scope::Term { taxonomy: taxonomy.into(), slug: crate::taxonomy::Slug(slug.into()) };
    let section = |title: &str, url: &str| Section { title: title.into(), url: url.into(), ..Section::default() };
    check(Scope::Site, "", None, "", "");
    check(Scope::Section("Up Case/x".into()), "", None, "up-case/x", "up-case/x/");
    check(Scope::Section("docs".into()), "", Some(&section("All Docs", "")), "manual/all-docs", "manual/all-docs/");
    check(Scope::Section("docs".into()), "", Some(&Section { slug: "Own".into(), ..section("x", "") }), "manual/own", "manual/own/");
    check(Scope::Section("a/b".into()), "", Some(&Section { slug: "Own".into(), ..section("x", "") }), "a/own", "a/own/");
    check(term("categories", "x/y"), "Y", Some(&Section { slug: "Z".into(), ..section("x", "") }), "categories/x/z", "categories/x/z/");
    check(term("tags", "c#"), "C#", None, "k/c", "k/c/");
    check(Scope::Section("a".into()), "", Some(&section("", "/else/where")), "else/where", "else/where/");
    check(Scope::Section("a".into()), "", Some(&section("", "/x.html")), "a", "x.html");
    check(term("categories", "c#"), "C#", None, "categories/c#", "categories/c%23/");
    check(term("tags", "c++"), "C++", None, "k/c", "k/c/");
    check(term("tags", "a/b"), "A/b", None, "k/a/b", "k/a/b/");
    check(Scope::Section("a".into()), "", Some(&section("", "/caf%C3%A9%2541/")), "café%41", "caf%C3%A9%2541/");
    check(term("categories", "50%25"), "50%25", None, "categories/50%", "categories/50%25/");
    check(term("categories", "x/100%cacao"), "100%cacao", None, "categories/x/100%cacao", "categories/x/100%cacao/");
    check(Scope::Section("a".into()), "", Some(&section("", "/%41/%ff%2e%2e/")), "A/%ff%2e%2e", "%41/%ff%2e%2e/");
    for url in ["/a/%2e%2e/", "/a%00/"] {
        assert!(address_of(&Scope::Section("a".into()), "", Some(&section("", url))).is_err(), "{url}");
    }
    assert!(address_of(&Scope::Section("½".into()), "", None).is_err());
    let config = Config::parse(CONFIG, "c.toml").unwrap().0;
    assert_eq!(taxonomy_url(&config.site.taxonomies[1], None, &config), "https://e.org/s/tags/");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_folder_climbs(folder in "[a-z./½ ~%0-9]{1,16}", url in "[a-z./:% ]{0,16}", pattern in "[a-z./:%\\[\\] ]{0,16}", title in "\\PC{0,8}") {
        for text in [CONFIG.to_owned(), format!("[permalinks]\nx = '/{pattern}'\n[permalinks.section]\n'/' = '{pattern}:title'")] {
            let Ok((config, _)) = Config::parse(&text, "c.toml") else { continue };
            let index = Section { url: url.clone(), title: title.clone(), ..Section::default() };
            for index in [None, Some(&index)] {
                if let Ok(address) = scope_address(&Scope::Section(folder.clone().into()), &title, index, &[], &config) {
                    prop_assert!(address.folder.split('/').all(|segment| !matches!(segment, "" | "." | "..")), "{}", address.folder);
                    prop_assert!(address.url.is_ascii(), "{}", address.url);
                }
            }
        }
    }
}
