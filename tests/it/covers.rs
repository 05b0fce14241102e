//! Covers that come to be named, and are not any more.

use crate::model::{Disk, Model, at, put};

/// Puts a post there with this cover, or none.
fn post(disk: &mut Disk, path: &str, cover: &str) {
    let cover = if cover.is_empty() { String::new() } else { format!("image = '{cover}'\n") };
    put(disk, path, Some(format!("+++\ntitle = 'A'\ndate = 2020-01-01\n{cover}+++\nx\n")));
}

#[test]
fn a_cover_that_no_entry_names_any_more_is_looked_up_anew_when_one_does() {
    let mut disk = Disk::default();
    post(&mut disk, "post/a.md", "/a.png");
    post(&mut disk, "post/b.md", "/a.png");
    disk.assets.insert("static/a.png".to_owned(), 5);
    let (mut model, _) = Model::build("baseURL = 'https://example.org/'\n", &disk, "", at("2021-01-01T00:00:00Z"));
    let mut rss = |disk: &Disk, path: &str| {
        let update = model.change(disk, &[path]);
        String::from_utf8(update.snapshot.documents["post/rss.xml"].parts().concat()).unwrap()
    };
    // nobody looks at it any more, and so nobody tells that it is another
    post(&mut disk, "post/a.md", "/other.png");
    rss(&disk, "post/a.md");
    put(&mut disk, "post/b.md", None);
    rss(&disk, "post/b.md");
    disk.assets.insert("static/a.png".to_owned(), 7);
    post(&mut disk, "post/a.md", "/a.png");
    assert!(rss(&disk, "post/a.md").contains("length=\"7\""));
    // what another names still is known, and is asked for by nobody
    post(&mut disk, "post/b.md", "/a.png");
    rss(&disk, "post/b.md");
    put(&mut disk, "post/b.md", None);
    rss(&disk, "post/b.md");
    disk.assets.insert("static/a.png".to_owned(), 9);
    post(&mut disk, "post/c.md", "/a.png");
    assert!(!rss(&disk, "post/c.md").contains("length=\"9\""));
}
