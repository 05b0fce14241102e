//! References from entries to pages and lists: they follow whatever gives what they mean another address.

use std::collections::BTreeMap;

use tidings::site::Step;

use crate::model::{BROKEN, Disk, Model, as_fresh, assert_same, at, changed, documents, put, tagged};

/// An instant after that of every post.
const NOW: &str = "2021-01-01T00:00:00Z";

/// A post that refers to something.
fn referring(target: &str) -> String {
    tagged(9, &[]) + &format!("[it]({{{{< ref \"{target}\" >}}}})\n")
}

/// Whether the feed of the site links to a path.
fn links(feeds: &BTreeMap<String, String>, path: &str) -> bool {
    feeds["rss.xml"].contains(&format!("\"https://example.org{path}\""))
}

#[test]
fn a_reference_to_a_page_that_breaks_where_no_feed_shows_it_leads_nowhere_at_once() {
    let config = "baseURL = 'https://example.org/'\n[feeds]\nlimit = 1\n";
    let mut disk = Disk::default();
    put(&mut disk, "post/old.md", Some(tagged(1, &[])));
    put(&mut disk, "about.md", Some("+++\ntitle = 'About'\n+++\nUndated.\n".to_owned()));
    put(&mut disk, "post/new.md", Some(tagged(9, &[]) + "[old]({{< ref \"old.md\" >}}) [about]({{< ref \"about.md\" >}})\n"));
    let (mut model, update) = Model::build(config, &disk, "", at(NOW));
    let linked = |feeds: &BTreeMap<String, String>, link: &str| feeds["rss.xml"].contains(&format!("\"https://example.org/{link}/\""));
    assert!(["post/old", "about"].iter().all(|link| linked(&documents(&update), link)));
    for (path, link) in [("post/old.md", "post/old"), ("about.md", "about")] {
        let (feeds, _) = changed(&mut model, config, &mut disk, path, Some(BROKEN.to_owned()));
        assert!(!linked(&feeds, link), "{path}");
    }
}

#[test]
fn a_folder_is_referred_to_for_as_long_as_there_is_a_file_in_it_whatever_that_is() {
    let config = "baseURL = 'https://example.org/'\n";
    let headless = "+++\ntitle = 'Headless'\nheadless = true\n+++\n";
    for (path, text) in [("notes/_index.md", BROKEN), ("notes/a.md", BROKEN), ("notes/a.md", headless)] {
        let mut disk = Disk::default();
        put(&mut disk, "post/new.md", Some(tagged(9, &[]) + "[notes]({{< ref \"/notes\" >}})\n"));
        let (mut model, _) = Model::build(config, &disk, "", at(NOW));
        for text in [Some(text.to_owned()), None] {
            let is_there = text.is_some();
            let (feeds, _) = changed(&mut model, config, &mut disk, path, text);
            assert_eq!(feeds["rss.xml"].contains("\"https://example.org/notes/\""), is_there, "{path}");
        }
    }
}

#[test]
fn a_reference_to_a_broken_post_leads_nowhere_when_it_leaves_its_last_feed() {
    let config = "baseURL = 'https://example.org/'\n[feeds]\nlimit = 1\n";
    for by_itself in [false, true] {
        let mut disk = Disk::default();
        put(&mut disk, "post/new.md", Some(tagged(9, &[]) + "[other]({{< ref \"other.md\" >}})\n"));
        put(&mut disk, "notes/other.md", Some(tagged(1, &[]).replace("tags", "expiryDate = 2020-02-01\ntags")));
        let (mut model, _) = Model::build(config, &disk, "", at("2020-01-20T00:00:00Z"));
        put(&mut disk, "notes/other.md", Some(BROKEN.to_owned()));
        let kept = documents(&model.change(&disk, &["notes/other.md"]));
        assert!(kept["notes/rss.xml"].contains("Post 1") && kept["rss.xml"].contains("\"https://example.org/notes/other/\""));
        let update = if by_itself {
            model.now = at("2020-02-02T00:00:00Z");
            model.settle(&disk)
        } else {
            put(&mut disk, "notes/newer.md", Some(tagged(2, &[])));
            model.change(&disk, &["notes/newer.md"])
        };
        let (feeds, _) = as_fresh(&model, &update, config, &disk);
        assert!(!feeds["rss.xml"].contains("https://example.org/notes/other/"), "{by_itself}");
    }
}

#[test]
fn a_reference_follows_what_gives_its_page_or_list_another_address() {
    let config = "baseURL = 'https://example.org/'\n[permalinks.section]\npost = '/s/:sectionslugs/'\n\
                  [permalinks.term]\ntags = '/t/:sectionslug/:slug/'\n";
    let about = "+++\ntitle = 'About'\n+++\n";
    let headless = "+++\ntitle = 'Headless'\nheadless = true\n+++\n";
    let check = |target: &str, beside: &[&str], (path, text): (&str, &str), before: &str, after: &str| {
        let mut disk = Disk::default();
        put(&mut disk, "notes/new.md", Some(referring(target)));
        beside.iter().for_each(|path| put(&mut disk, path, Some("+++\ntitle = 'Deep'\n+++\n".to_owned())));
        let former = disk.files.get(path).cloned();
        let (mut model, update) = Model::build(config, &disk, "", at(NOW));
        let holds = |feeds: &BTreeMap<String, String>, link: &str, when: &str| {
            let is_right = if link.is_empty() { !feeds["rss.xml"].contains("<a href") } else { links(feeds, link) };
            assert!(is_right, "{target} is to lead to {link:?} {when}: {}", feeds["rss.xml"]);
        };
        holds(&documents(&update), before, "at first");
        holds(&changed(&mut model, config, &mut disk, path, Some(text.to_owned())).0, after, "then");
        holds(&changed(&mut model, config, &mut disk, path, former).0, before, "in the end");
    };
    check("/p1.2", &[], ("p1.2.md", about), "", "/p1.2/");
    check("p1.2", &[], ("more/p1.2.md", about), "", "/more/p1.2/");
    check("/b/index.md", &[], ("b/index.md", about), "", "/b/");
    check("/b/index", &[], ("b/index.md", about), "", "/b/");
    check("/P1.2?x#", &[], ("p1.2.MD", about), "", "/p1.2/#");
    check("So%20Much.html", &[], ("more/so much.md", about), "", "/more/so-much/");
    check("/MORE/", &[], ("More/a.md", headless), "", "/more/");
    check("/more/In/index", &[], ("more/in/_index.md", about), "", "/more/in/");
    check("a.en", &[], ("notes/A.en.md", about), "", "/notes/a/");
    check("about", &[], ("about.md", "+++\ntitle = 'About'\ndraft = true\n+++\n"), "", "");
    check("/more/x/..", &[], ("more/a.md", headless), "", "/more/");
    let sections = ["post/_index.md", "post/deep/_index.md"];
    check("/post/deep", &sections, ("post/_index.md", "+++\ntitle = 'Top'\n+++\n"), "/s/deep/deep/", "/s/top/deep/");
    check("/post/deep", &sections, ("post/_index.md", "+++\ntitle = 'Deep'\nslug = 'top'\n+++\n"), "/s/deep/deep/", "/s/top/deep/");
    check("/post/deep", &sections, ("post/deep/_index.md", "+++\ntitle = 'Deep'\nurl = '/deep/'\n+++\n"), "/s/deep/deep/", "/deep/");
    check("/tags/rust", &["tags/_index.md"], ("tags/index.md", about), "/t/deep/rust/", "/t/tags/rust/");
    for hidden in ["draft = true", "headless = true", "build = { render = 'never' }"] {
        let hidden = format!("+++\ntitle = 'Deep'\n{hidden}\n+++\n");
        check("/more", &["more/_index.md"], ("more/_index.md", &hidden), "/more/", "");
        check("/tags", &["tags/_index.md"], ("tags/_index.md", &hidden), "/tags/", "");
        check("/tags/go", &["tags/go/_index.md"], ("tags/go/_index.md", &hidden), "/t/tags/deep/", "");
    }
    check("/more/in", &["more/in/_index.md"], ("more/index.md", about), "/more/in/", "");
}

#[test]
fn a_link_to_a_file_leads_to_its_page_where_a_site_that_names_languages_has_it_so() {
    let config = "baseURL = 'https://example.org/'\n[languages.en]\n[languages.fr]\n";
    let post = |links: &str| tagged(9, &[]) + links;
    let check = |link: &str, path: &str, expected: &str| {
        let mut disk = Disk::default();
        put(&mut disk, "notes/new/index.md", Some(post(&format!("[it]({link})\n"))));
        let (mut model, update) = Model::build(config, &disk, "", at(NOW));
        let before = documents(&update);
        let (feeds, _) = changed(&mut model, config, &mut disk, path, Some("+++\ntitle = 'It'\nslug = 'page'\n+++\n".to_owned()));
        assert!(links(&feeds, expected), "{link} is to lead to {expected}: {}", feeds["rss.xml"]);
        assert_same(&documents(&model.reload(config, &disk)), &feeds, "by a configuration that is read again");
        let (feeds, _) = changed(&mut model, config, &mut disk, path, None);
        assert_same(&feeds, &before, "in the end");
    };
    check("it.md", "notes/it.md", "/notes/page/");
    check("../It.md?a=b#c", "notes/it.md", "/notes/page/?a=b#c");
    check("/more/it", "more/it.md", "/more/page/");
    check("more/it.md", "more/it.md", "/more/page/");
    // other than `ref`, a link finds nothing by its name alone
    check("it", "more/it.md", "/notes/new/it");
    check("it.md \"title\"", "other.md", "/notes/new/it.md");

    let shortcode =
        "{{< details >}}\n[it](it.md)\n{{< /details >}} <https://example.org/it.md> [x](mailto:it.md) [y](//example.org/it.md)\n";
    let mut disk = Disk::default();
    put(&mut disk, "notes/it.md", Some(tagged(1, &[])));
    put(&mut disk, "notes/new.md", Some(post(shortcode)));
    let (_, update) = Model::build(config, &disk, "", at(NOW));
    let feeds = documents(&update);
    assert!(links(&feeds, "/notes/it/") && links(&feeds, "/it.md"), "{}", feeds["rss.xml"]);
    let alone = documents(&Model::build(&config.replace("[languages.en]\n[languages.fr]\n", ""), &disk, "", at(NOW)).1);
    assert!(!links(&alone, "/notes/it/"), "{}", alone["rss.xml"]);
}

#[test]
fn an_entry_that_waits_for_its_cover_learns_of_a_page_that_comes_meanwhile() {
    let config = "baseURL = 'https://example.org/'\n";
    let mut disk = Disk::default();
    put(&mut disk, "post/new.md", Some(referring("/about").replace("tags = []", "cover = { image = '/a.png' }")));
    let (mut model, _) = Model::build(config, &Disk::default(), "", at(NOW));
    model.tell(&disk, &["post/new.md"]);
    assert!(matches!(model.site.plan(model.now, model.now), Step::Need { assets, .. } if assets == ["assets/a.png", "static/a.png"]));
    put(&mut disk, "about.md", Some("+++\ntitle = 'About'\n+++\n".to_owned()));
    model.tell(&disk, &["about.md"]);
    let update = model.settle(&disk);
    assert!(links(&as_fresh(&model, &update, config, &disk).0, "/about/"));
}
