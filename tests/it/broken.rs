//! The last good version of a post stands for its broken file, wherever that is moved, and for nothing else.

use std::collections::BTreeMap;

use tidings::site::{Change, Found};

use crate::model::{BROKEN, Disk, Model, as_fresh, at, documents, put, tagged};

const CONFIG: &str = "baseURL = 'https://example.org/'\n";
const NOW: &str = "2021-01-01T00:00:00Z";

/// Moves a file, tells the site of it, and answers with what is published then.
fn renamed(model: &mut Model, disk: &mut Disk, from: &str, to: &str, text: &str) -> BTreeMap<String, String> {
    disk.files.remove(from);
    put(disk, to, Some(text.to_owned()));
    model.site.apply(vec![
        Change { path: to.into(), found: Found::Text(text.to_owned().into()), origin: Some(from.into()) },
        Change { path: from.into(), found: Found::Nothing, origin: None },
    ]);
    documents(&model.settle(disk))
}

fn shows(feeds: &BTreeMap<String, String>, title: &str) -> bool {
    feeds["rss.xml"].contains(&format!("<title>{title}</title>"))
}

/// A site whose one post broke when its file was moved to `post/b.md`.
fn broken_site() -> (Model, Disk) {
    let mut disk = Disk::default();
    put(&mut disk, "post/a.md", Some(tagged(1, &[])));
    let (mut model, _) = Model::build(CONFIG, &disk, "", at(NOW));
    assert!(shows(&renamed(&mut model, &mut disk, "post/a.md", "post/b.md", BROKEN), "Post 1"));
    (model, disk)
}

#[test]
fn a_broken_post_that_is_moved_again_keeps_its_last_good_version() {
    let (mut model, mut disk) = broken_site();
    assert!(shows(&renamed(&mut model, &mut disk, "post/b.md", "post/c.md", BROKEN), "Post 1"));
    assert!(shows(&renamed(&mut model, &mut disk, "post/c.md", "post/a.md", BROKEN), "Post 1"));
    let feeds = renamed(&mut model, &mut disk, "post/a.md", "post/d.md", &tagged(4, &[]));
    assert!(shows(&feeds, "Post 4") && !shows(&feeds, "Post 1"));
}

#[test]
fn a_post_that_is_written_where_a_broken_one_was_moved_from_is_its_own() {
    for after in [None, Some(tagged(3, &[]))] {
        let mut disk = Disk::default();
        put(&mut disk, "post/b.md", Some(tagged(1, &[])));
        let (mut model, _) = Model::build(CONFIG, &disk, "", at(NOW));
        put(&mut disk, "post/b.md", Some(tagged(2, &[])));
        put(&mut disk, "post/c.md", Some(BROKEN.to_owned()));
        let found = |text: String| Found::Text(text.into());
        model.site.apply(vec![
            Change { path: "post/b.md".into(), found: found(tagged(2, &[])), origin: None },
            Change { path: "post/c.md".into(), found: found(BROKEN.to_owned()), origin: Some("post/b.md".into()) },
        ]);
        assert!(shows(&documents(&model.settle(&disk)), "Post 2"));
        put(&mut disk, "post/c.md", after);
        let update = model.change(&disk, &["post/c.md"]);
        assert!(shows(&as_fresh(&model, &update, CONFIG, &disk).0, "Post 2"));
    }
}

#[test]
fn a_broken_post_that_becomes_part_of_a_bundle_is_gone() {
    let (mut model, mut disk) = broken_site();
    put(&mut disk, "post/index.md", Some(tagged(3, &[])));
    let update = model.change(&disk, &["post/index.md"]);
    assert!(!shows(&as_fresh(&model, &update, CONFIG, &disk).0, "Post 1"));
    // nothing of it is left that would keep what comes in its place
    put(&mut disk, "post/index.md", None);
    put(&mut disk, "post/a.md", Some(tagged(1, &[])));
    model.change(&disk, &["post/index.md", "post/a.md"]);
    put(&mut disk, "post/a.md", None);
    let update = model.change(&disk, &["post/a.md"]);
    assert!(!shows(&as_fresh(&model, &update, CONFIG, &disk).0, "Post 1"));
}

#[test]
fn an_index_that_is_removed_from_within_a_bundle_shapes_nothing_more() {
    let mut disk = Disk::default();
    put(&mut disk, "post/b/index.md", Some(tagged(1, &[])));
    let (mut model, _) = Model::build(CONFIG, &disk, "", at(NOW));
    let shape = model.site.shape();
    put(&mut disk, "post/b/part/_index.md", Some("+++\ntitle = 'Part'\n+++\n".to_owned()));
    model.change(&disk, &["post/b/part/_index.md"]);
    put(&mut disk, "post/b/part/_index.md", None);
    model.change(&disk, &["post/b/part/_index.md"]);
    assert_eq!(model.site.shape(), shape);
}

#[test]
fn below_a_broken_index_what_was_never_published_waits_until_that_is_mended_or_gone() {
    let mut disk = Disk::default();
    put(&mut disk, "post/a.md", Some(tagged(1, &[])));
    put(&mut disk, "kept/b.md", Some(tagged(2, &[])));
    put(&mut disk, "kept/_index.md", Some("+++\n[cascade]\nauthor = 'Ann'\n+++\n".to_owned()));
    let (model, _) = Model::build(CONFIG, &disk, "", at(NOW));
    let ids = model.ids();
    // at the next start it is broken
    put(&mut disk, "kept/_index.md", Some(BROKEN.to_owned()));
    put(&mut disk, "kept/deep/c.md", Some(tagged(3, &[])));
    put(&mut disk, "post/d.md", Some(tagged(4, &[])));
    let (mut model, update) = Model::build(CONFIG, &disk, &ids, at(NOW));
    let titles = |feeds: &BTreeMap<String, String>| [1, 2, 3, 4, 5].map(|day| shows(feeds, &format!("Post {day}")));
    assert_eq!(titles(&documents(&update)), [true, true, false, true, false]);
    // and so does what is new now
    put(&mut disk, "kept/e.md", Some(tagged(5, &[])));
    let update = model.change(&disk, &["kept/e.md"]);
    assert_eq!(titles(&as_fresh(&model, &update, CONFIG, &disk).0), [true, true, false, true, false]);
    put(&mut disk, "kept/_index.md", Some("+++\n[[cascade]]\ndraft = true\ntarget.path = '/kept/e'\n+++\n".to_owned()));
    let update = model.change(&disk, &["kept/_index.md"]);
    assert_eq!(titles(&as_fresh(&model, &update, CONFIG, &disk).0), [true, true, true, true, false]);

    let (mut model, _) = Model::build(CONFIG, &Disk::default(), "", at(NOW));
    put(&mut disk, "kept/_index.md", Some(BROKEN.to_owned()));
    let files: Vec<String> = disk.files.keys().cloned().collect();
    let update = model.change(&disk, &files.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(titles(&documents(&update)), [true, false, false, true, false]);
    put(&mut disk, "kept/_index.md", None);
    let update = model.change(&disk, &["kept/_index.md"]);
    assert_eq!(titles(&as_fresh(&model, &update, CONFIG, &disk).0), [true; 5]);
}

#[test]
fn an_empty_index_holds_nothing_back() {
    let mut disk = Disk::default();
    put(&mut disk, "post/a.md", Some(tagged(1, &[])));
    put(&mut disk, "post/_index.md", Some(String::new()));
    let (_, update) = Model::build(CONFIG, &disk, "", at(NOW));
    assert!(shows(&documents(&update), "Post 1"));
}
