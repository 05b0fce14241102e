//! A site in memory: files and assets as maps, driven through the pure core without a disk or a clock.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use tidings::config::{Config, Part};
use tidings::content::Templates;
use tidings::ids::Ids;
use tidings::site::{Change, Found, Site, Step, Update};

/// What is on the imagined disk.
#[derive(Clone, Default)]
pub(crate) struct Disk {
    pub(crate) files: BTreeMap<String, String>,
    pub(crate) assets: BTreeMap<String, u64>,
}

/// A site that was told everything about a disk.
pub(crate) struct Model {
    pub(crate) site: Site,
    pub(crate) now: DateTime<Utc>,
}

impl Model {
    /// A site that was built at once.
    pub(crate) fn build(config: &str, disk: &Disk, ids: &str, now: DateTime<Utc>) -> (Self, Update) {
        let mut model = Model { site: site(config, Ids::parse(ids).0, now), now };
        let update = model.look_at_all(disk);
        (model, update)
    }

    /// Puts a site with another configuration in the place of this one, as the program does when its configuration changes.
    pub(crate) fn reload(&mut self, config: &str, disk: &Disk) -> Update {
        let mut successor = site(config, self.site.ids().clone(), self.now);
        successor.succeed(&self.site);
        self.site = successor;
        self.look_at_all(disk)
    }

    fn look_at_all(&mut self, disk: &Disk) -> Update {
        // as the source does: what shapes other pages first
        let mut paths: Vec<&String> = disk.files.keys().collect();
        paths.sort_by_key(|path| (!path.contains("index."), path.to_string()));
        self.change(disk, &paths.into_iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// The table of ids as it is written.
    pub(crate) fn ids(&self) -> String {
        String::from_utf8(self.site.ids().text().concat()).unwrap()
    }

    /// Tells the site of changed files, and commits what comes of it.
    pub(crate) fn change(&mut self, disk: &Disk, paths: &[&str]) -> Update {
        self.tell(disk, paths);
        self.settle(disk)
    }

    /// Tells the site of changed files.
    pub(crate) fn tell(&mut self, disk: &Disk, paths: &[&str]) {
        self.site.apply(paths.iter().map(|path| read(disk, path)).collect());
    }

    /// Plans until nothing is needed, and commits.
    pub(crate) fn settle(&mut self, disk: &Disk) -> Update {
        for _ in 0..1000 {
            match self.site.plan(self.now, DateTime::UNIX_EPOCH) {
                Step::Ready(update) => {
                    self.site.forget_assets();
                    self.site.commit(Vec::new());
                    return update;
                }
                Step::Need { files, assets } => {
                    self.site.apply(files.iter().map(|path| read(disk, path)).collect());
                    self.site.know_assets(assets.into_iter().map(|asset| (asset.clone(), disk.assets.get(&asset).copied())).collect());
                }
            }
        }
        panic!("the plan asks again and again");
    }
}

/// Addresses as most sites have them.
pub(crate) const DATED: &str = "post = '/:year/:slug/'\n";
/// Addresses that tell what sections are called.
pub(crate) const NAMED: &str = "post = '/:sectionslugs/:slug/'\n[permalinks.section]\npost = '/s/:sectionslugs/'\n\
                     [permalinks.term]\ntags = '/:sectionslug/:slug/'\n";

/// For the feeds in a language, whose files are all those without another one in their names.
pub(crate) fn config(language: &str, limit: usize, permalinks: &str) -> String {
    format!(
        "{language}baseURL = 'https://example.org/sub/'\ntitle = 'Site'\n[permalinks]\n{permalinks}\
         [taxonomies]\ntag = 'tags'\nseries = 'series'\n[languages.en]\n[languages.fr]\ncontentDir = 'content'\n[feeds]\nlimit = {limit}\n"
    )
}

/// A configuration that says this is for the feeds in French.
pub(crate) const FRENCH: &str = "# the feeds in French\n";

/// A site of which no file is known yet.
fn site(config: &str, ids: Ids, now: DateTime<Utc>) -> Site {
    let language = config.contains(FRENCH).then_some("fr");
    let (config, _) = Config::read(&[Part::new("hugo.toml", config)], language).unwrap();
    let templates = Templates::compile(&config.shortcodes).unwrap();
    Site::new(Arc::new(config), templates, ids, now)
}

fn read(disk: &Disk, path: &str) -> Change {
    let found = disk.files.get(path).map_or(Found::Nothing, |text| Found::Text(text.clone().into_bytes().into()));
    Change { path: path.into(), found, origin: None }
}

/// Every document of an update, by its path.
pub(crate) fn documents(update: &Update) -> BTreeMap<String, String> {
    let text = |parts: &[bytes::Bytes]| String::from_utf8(parts.concat()).unwrap();
    update.snapshot.documents.iter().map(|(path, document)| (path.to_string(), text(document.parts()))).collect()
}

/// An instant.
pub(crate) fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// The text of a file that cannot be understood.
pub(crate) const BROKEN: &str = "+++\ntitle = 'Broken\n";

/// A post of some tags.
pub(crate) fn tagged(day: usize, tags: &[&str]) -> String {
    format!("+++\ntitle = 'Post {day}'\ndate = 2020-01-{day:02}\ntags = {tags:?}\n+++\nBody {day}.\n")
}

/// Holds what is published and what is told against a fresh build of the same files. The answer is both.
pub(crate) fn as_fresh(model: &Model, update: &Update, config: &str, disk: &Disk) -> (BTreeMap<String, String>, Vec<String>) {
    let (other, fresh) = Model::build(config, disk, &model.ids(), model.now);
    assert_same(&documents(update), &documents(&fresh), "now");
    assert_eq!(model.site.diagnostics(), other.site.diagnostics());
    (documents(update), model.site.diagnostics().iter().map(ToString::to_string).collect())
}

/// The same after one file was changed.
pub(crate) fn changed(
    model: &mut Model,
    config: &str,
    disk: &mut Disk,
    path: &str,
    text: Option<String>,
) -> (BTreeMap<String, String>, Vec<String>) {
    put(disk, path, text);
    let update = model.change(disk, &[path]);
    as_fresh(model, &update, config, disk)
}

pub(crate) fn put(disk: &mut Disk, path: &str, text: Option<String>) {
    match text {
        Some(text) => drop(disk.files.insert(path.to_owned(), text)),
        None => drop(disk.files.remove(path)),
    }
}

/// Holds documents against others.
pub(crate) fn assert_same(ours: &BTreeMap<String, String>, theirs: &BTreeMap<String, String>, when: &str) {
    for path in ours.keys().chain(theirs.keys()) {
        assert_eq!(ours.get(path), theirs.get(path), "{path} {when}");
    }
}
