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
