//! A folder is one page for as long as there is an `index.md` in it, or one with another ending or language.

use crate::model::{Disk, Model, as_fresh, at, changed, put, tagged};

const CONFIG: &str = "baseURL = 'https://example.org/'\ndefaultContentLanguage = 'en'\n[languages.en]\n[languages.fr]\n";

#[test]
fn a_bundle_whose_index_gets_another_ending_stays_one() {
    let config = CONFIG;
    let mut disk = Disk::default();
    put(&mut disk, "post/b/index.md", Some(tagged(1, &[])));
    put(&mut disk, "post/b/part.md", Some(tagged(2, &[])));
    let (mut model, _) = Model::build(config, &disk, "", at("2021-01-01T00:00:00Z"));
    for (from, to) in
        [("index.md", "index.en.md"), ("index.en.md", "index.md")].map(|(from, to)| (format!("post/b/{from}"), format!("post/b/{to}")))
    {
        let text = disk.files.remove(&from);
        put(&mut disk, &to, text);
        let update = model.change(&disk, &[&from, &to]);
        let (feeds, _) = as_fresh(&model, &update, config, &disk);
        assert!(feeds["rss.xml"].contains("Post 1") && !feeds["rss.xml"].contains("Post 2"), "{to}");
    }
}

#[test]
fn a_folder_whose_index_files_go_at_once_is_a_page_no_longer() {
    for others in [["index.html", "index.md"], ["index.en.md", "index.fr.md"]] {
        let others = others.map(|name| format!("post/b/{name}"));
        let mut disk = Disk::default();
        others.iter().for_each(|path| put(&mut disk, path, Some(tagged(1, &[]))));
        put(&mut disk, "post/b/part.md", Some(tagged(2, &[])));
        let (mut model, _) = Model::build(CONFIG, &disk, "", at("2021-01-01T00:00:00Z"));
        others.iter().for_each(|path| put(&mut disk, path, None));
        let update = model.change(&disk, &[&others[0], &others[1]]);
        let (feeds, _) = as_fresh(&model, &update, CONFIG, &disk);
        assert!(feeds["rss.xml"].contains("Post 2") && !feeds["rss.xml"].contains("Post 1"), "{others:?}");
        // a page that comes later is one
        let (feeds, _) = changed(&mut model, CONFIG, &mut disk, "post/b/other.md", Some(tagged(3, &[])));
        assert!(feeds["rss.xml"].contains("Post 3"), "{others:?}");
    }
}
