//! The whole decision: changed files and the time in, the next state of the feeds out.
//!
//! A site is told what was found in files ([`Site::apply`]) and asked for a plan ([`Site::plan`]). A plan either says what
//! it still needs to know, or is an [`Update`]: the next snapshot, and what must be written and removed to get there.
//! Once that is done it is committed ([`Site::commit`]); until then nothing is lost, and planning again gives the same and
//! whatever came since. Nothing here reads a file or a clock.

mod compose;
mod covers;
mod files;
mod findings;
mod gone;
mod links;
mod lists;
mod names;
mod planned;
mod recall;
mod references;
mod render;
mod shelf;
mod stand_ins;
mod succeed;
mod texts;
mod tree;
mod waiting;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use foldhash::{HashMap, HashSet};
use rayon::prelude::*;

use crate::config::Config;
use crate::content::path::{self, FileKind};
use crate::content::permalink::taxonomy_url;
use crate::content::post::Post;
use crate::content::{Aside, Templates, Uses};
use crate::diagnostic::Diagnostic;
use crate::ids::{self, Ids};
use crate::index::{Affected, Index, PostId};
use crate::snapshot::{Document, Snapshot};
use crate::taxonomy::Scope;
use compose::Folders;
use files::{Outcome, Posts, Vocabulary};
use findings::Findings;
use links::Examination;
pub use links::Surroundings;
use planned::Planned;
pub use recall::{Excerpt, Recalled};
use references::Readdressed;
use shelf::{Shelf, Shelved};
use stand_ins::StandIns;
use succeed::Legacy;
use texts::Texts;
use tree::Tree;
use waiting::Waiting;

/// Files are asked for so many at a time.
const BATCH: usize = 1024;

/// A thread works on so many posts or feeds before others may take what is left of its share. Of less than twice as many none are
/// handed over: another thread would begin when they could be done.
const AT_ONCE: usize = 16;

/// The longest name that file systems take, in bytes, less what a temporary name may need.
const LONGEST_NAME: usize = 240;

/// The longest path of a folder below the output folder, in bytes. Systems take 4,096 with that of the output folder before it.
const LONGEST_FOLDER: usize = 2000;

/// What was found in a file.
#[derive(Clone, Debug)]
pub struct Change {
    /// The file below the content folder, with `/`.
    pub path: Arc<str>,
    /// What was found.
    pub found: Found,
    /// The file that it was until it was moved, if it was.
    pub origin: Option<Arc<str>>,
}

/// What was found where a file was looked for.
#[derive(Clone, Debug)]
pub enum Found {
    /// Its bytes.
    Text(Bytes),
    /// The bytes with this hash, of which this post was made when the site had the same [`Site::shape`].
    Known(u64, Arc<Post>),
    /// No file.
    Nothing,
    /// A file that could not be read, and why.
    Unreadable(String),
    /// No file, though there was one when it was last looked for: whether it is gone is still to be found out.
    Missing,
}

/// What was found in files, understood and not yet taken in.
pub struct Understood(Vec<(Change, Outcome)>);

/// The next thing to do.
#[derive(Debug)]
pub enum Step {
    /// Read these files and apply what is found; look up these assets and answer with [`Site::know_assets`]; plan again.
    Need {
        /// Files below the content folder.
        files: Vec<Arc<str>>,
        /// Assets below the site's root.
        assets: Vec<String>,
    },
    /// Bring the output to this, then commit.
    Ready(Update),
}

/// What brings the output from the last committed state to the next.
#[derive(Clone, Debug)]
pub struct Update {
    /// The next state, whole.
    pub snapshot: Snapshot,
    /// Documents that are new or different.
    pub writes: Vec<(Arc<str>, Arc<Document>)>,
    /// Documents that are no more.
    pub removals: Vec<Arc<str>>,
    /// The table of ids, if it changed, in parts.
    pub ids: Option<Vec<Bytes>>,
    /// The names that documents in a folder have.
    pub file_names: Vec<String>,
    /// What was found wrong since the last plan, and is not allowed.
    pub diagnostics: Vec<Diagnostic>,
    /// When this changes by itself.
    pub next_due: Option<DateTime<Utc>>,
}

impl Update {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.writes.is_empty() && self.removals.is_empty() && self.ids.is_none()
    }
}

/// All that is known of a site, and what is planned and not yet committed.
///
/// ```
/// use std::sync::Arc;
///
/// use tidings::config::Config;
/// use tidings::content::Templates;
/// use tidings::ids::Ids;
/// use tidings::site::{Change, Found, Site, Step};
///
/// let (config, _) = Config::parse("baseURL = 'https://example.org/'", "hugo.toml").unwrap();
/// let templates = Templates::compile(&config.shortcodes).unwrap();
/// let now = "2026-11-23T00:00:00Z".parse().unwrap();
/// let mut site = Site::new(Arc::new(config), templates, Ids::default(), now);
///
/// let post = "+++\ntitle = 'A'\ndate = 2026-11-20\ntags = ['rust']\n+++\nText.\n";
/// site.apply(vec![Change { path: "post/a.md".into(), found: Found::Text(post.into()), origin: None }]);
/// let Step::Ready(update) = site.plan(now, now) else { panic!("all that there is to know was told") };
/// assert!(update.writes.iter().any(|(path, _)| **path == *"tags/rust/atom.xml"));
/// // here they would be written
/// let snapshot = site.commit(vec![]);
/// assert_eq!(snapshot.documents.size(), update.snapshot.documents.size());
///
/// let Step::Ready(update) = site.plan(now, now) else { panic!("nothing is missing") };
/// assert!(update.is_empty(), "nothing changed");
/// ```
pub struct Site {
    config: Arc<Config>,
    templates: Templates,
    /// The address that each taxonomy goes by in entries: that of its page, as far as the configuration tells.
    taxonomy_urls: HashMap<Arc<str>, String>,
    tree: Tree,
    index: Index,
    /// What the index is told of: new posts as soon as a batch of files is noted, others all together by the next plan. One that
    /// is no more may stand for a file that comes later.
    arriving: Posts,
    vocabulary: Vocabulary,
    ids: Ids,
    /// The addresses of bundles in the default language, by their `index.md`, where these feeds are of another.
    shared: BTreeMap<Arc<str>, Box<str>>,
    /// Pages that have an address and are no entries, for references.
    asides: HashMap<Arc<str>, Aside>,
    /// The folders whose `_index.md` describes a list, by its path. Of several, whose names make one term, the last decides.
    described: HashMap<String, BTreeSet<Arc<str>>>,
    findings: Findings,
    /// Files that cannot be understood, and whose posts, if they have any, are those of their last good version.
    broken: HashSet<Arc<str>>,
    stand_ins: StandIns,
    waiting: Waiting,
    texts: Texts,
    /// What an earlier run, or another site whose place this one takes, leaves to it, until the first plan.
    legacy: Legacy,
    assets: HashMap<String, Option<u64>>,
    /// Posts that are to be rendered, as far as windows are what they were when these were found.
    queue: VecDeque<PostId>,
    shelf: Shelf,
    examination: Examination,
    /// Scopes whose members changed since documents were last composed.
    affected: Affected,
    readdressed: Readdressed,
    folders: Folders,
    planned: Planned,
}

impl Site {
    /// A site of which no file is known yet. `ids` is the table of ids that were published.
    pub fn new(config: Arc<Config>, templates: Templates, ids: Ids, now: DateTime<Utc>) -> Self {
        let index = Index::new(now, &config.feeds.sections);
        Site {
            // a site without posts has a feed too
            affected: index.scope(&Scope::Site).into_iter().collect(),
            index,
            taxonomy_urls: config.site.taxonomies.iter().map(|t| (t.plural.clone(), taxonomy_url(t, None, &config))).collect(),
            templates,
            legacy: Legacy::of(&ids),
            ids,
            tree: Tree::new(config.site.languages.clone()),
            arriving: Posts::new(),
            vocabulary: Vocabulary::default(),
            shared: BTreeMap::new(),
            asides: HashMap::default(),
            described: HashMap::default(),
            findings: Findings::default(),
            broken: HashSet::default(),
            stand_ins: StandIns::default(),
            waiting: Waiting::default(),
            texts: Texts::default(),
            assets: HashMap::default(),
            queue: VecDeque::new(),
            shelf: Shelf::default(),
            examination: Examination::Off,
            readdressed: Readdressed::default(),
            folders: Folders::default(),
            planned: Planned::default(),
            config,
        }
    }

    /// Takes in what was found in files. Each file may be in `changes` once.
    pub fn apply(&mut self, changes: Vec<Change>) {
        let understood = self.understand_all(changes);
        self.note_all(understood);
    }

    /// The half of [`Site::apply`] that takes long, and every processor. The other half, [`Site::note_all`], comes before
    /// anything else is applied.
    pub fn understand_all(&mut self, changes: Vec<Change>) -> Understood {
        let (mut shaping, mut pages): (Vec<Change>, Vec<Change>) =
            changes.into_iter().partition(|change| self.tree.kind(&change.path) != FileKind::Single);
        // what is gone comes first: an `index.md` that gets another ending leaves its folder a bundle
        let order = |change: &Change| (!matches!(change.found, Found::Nothing), change.path.clone());
        shaping.sort_by_cached_key(order);
        let gone = shaping.iter().take_while(|change| matches!(change.found, Found::Nothing));
        let gone: BTreeSet<Arc<str>> = gone.map(|change| change.path.clone()).collect();
        for change in shaping {
            let folder: Arc<str> = path::folder_of(&change.path).into();
            if self.tree.kind(&change.path) == FileKind::Leaf {
                let is_bundle = !gone.contains(&change.path) || self.tree.has_other_index(&folder, &gone);
                if self.tree.set_bundle(&folder, is_bundle) {
                    self.reshape_bundle(&folder);
                }
                pages.push(change);
            } else if self.tree.is_resource(&change.path) {
                self.note_presence(&change.path, &change.found);
                match change.found {
                    Found::Nothing => self.tree.remove(&change.path),
                    _ => self.tree.note(&change.path, 0),
                }
            } else {
                self.apply_section(&folder, change);
            }
        }
        let understand = |change: Change| {
            let outcome = self.understand(&change);
            (change, outcome)
        };
        Understood(pages.into_par_iter().with_min_len(AT_ONCE).map(understand).collect())
    }

    /// The half of [`Site::apply`] that takes in what was understood, one file after the other.
    pub fn note_all(&mut self, understood: Understood) {
        let paths: Vec<Arc<str>> = understood.0.iter().map(|(change, _)| change.path.clone()).collect();
        for (change, outcome) in understood.0 {
            self.note(change, outcome);
        }
        self.keep_stand_ins();
        let is_new = |path: &Arc<str>| self.index.id_of(path).is_none() && self.arriving.get(path).is_some_and(Option::is_some);
        let new: Vec<Arc<str>> = paths.into_iter().filter(is_new).collect();
        self.index.gather(new.into_iter().filter_map(|path| self.arriving.remove_entry(&path)));
    }

    /// Takes in what is known of assets: the length of each, none for one that does not exist.
    pub fn know_assets(&mut self, assets: Vec<(String, Option<u64>)>) {
        let differs = |(asset, length): (String, Option<u64>)| {
            let before = self.assets.insert(asset.clone(), length)?;
            (before != length).then_some(asset)
        };
        let changed: HashSet<String> = assets.into_iter().filter_map(differs).collect();
        if !changed.is_empty() {
            let uses = |entry: &Shelved| entry.covers.iter().any(|cover| changed.contains(&cover.asset));
            let users: Vec<Arc<str>> = self.shelf.iter().filter(|(_, entry)| uses(entry)).map(|(path, _)| path.clone()).collect();
            users.iter().for_each(|path| self.outdate(path));
        }
    }

    /// Forgets the assets that no entry names any more, which are the answer: they need not be looked at again.
    pub fn forget_assets(&mut self) -> Vec<String> {
        let unnamed = self.shelf.take_unnamed_assets();
        for asset in &unnamed {
            self.assets.remove(asset);
        }
        unnamed
    }

    /// What to do next, at the instant `now`. Documents that change are dated `stamp`.
    pub fn plan(&mut self, now: DateTime<Utc>, stamp: DateTime<Utc>) -> Step {
        let unread: Vec<Arc<str>> = self.tree.unread().take(BATCH).cloned().collect();
        if !unread.is_empty() {
            return Step::Need { files: unread, assets: Vec::new() };
        }
        let mut moved = self.index.apply(std::mem::take(&mut self.arriving));
        moved.extend(self.index.advance(now));
        if !moved.is_empty() {
            self.affected.extend(moved);
            self.queue.clear();
        }
        self.note_addresses();
        loop {
            if let Some(need) = self.render() {
                return need;
            }
            self.compose(stamp);
            if self.affected.is_empty() && self.readdressed.is_empty() {
                break;
            }
        }
        self.settle_legacy_feeds();
        self.texts = Texts::default();
        self.legacy = Legacy::default();
        Step::Ready(Update {
            snapshot: self.planned.next(),
            writes: self.planned.writes(),
            removals: self.planned.removals(),
            ids: self.planned.wants_ids(self.ids.revision()).then(|| self.ids.text()),
            file_names: self.config.feeds.formats.iter().map(|format| self.config.feeds.file_names.of(*format).to_owned()).collect(),
            diagnostics: self.findings.take_news().into_iter().filter(|found| self.config.tells(found)).collect(),
            next_due: self.index.next_due(),
        })
    }

    /// Notes that the last plan was carried out. `kept` are documents whose file was there already, with its date, which is
    /// theirs from now on. The answer is the state that readers are to get.
    pub fn commit(&mut self, kept: Vec<(Arc<str>, DateTime<Utc>)>) -> Snapshot {
        self.planned.commit(kept, self.ids.revision())
    }

    /// Has everything written again: what was committed is no longer where it was put.
    pub fn republish(&mut self) {
        self.planned.rewrite();
    }

    /// Has some documents written again, as far as there still are such, and the table of ids.
    pub fn republish_some(&mut self, paths: &[Arc<str>]) {
        self.planned.rewrite_some(paths);
    }

    /// Whether a document, or the table of ids, is planned otherwise than it was last committed.
    pub fn is_uncommitted(&self, path: &str) -> bool {
        if path == ids::FILE { self.planned.wants_ids(self.ids.revision()) } else { self.planned.is_uncommitted(path) }
    }

    /// The files that must be read again, because what they mean has changed.
    pub fn unread(&self) -> Vec<Arc<str>> {
        self.tree.unread().cloned().collect()
    }

    /// A hash of what shapes pages beside their own text: every `_index.md`.
    pub fn shape(&self) -> u64 {
        self.tree.shape()
    }

    /// The posts that are as their files say and have nothing wrong with them, with the hash of their files' bytes.
    pub fn understood(&self) -> impl Iterator<Item = (u64, &Arc<Post>)> {
        let posts = self.index.posts().map(|(_, post)| post);
        let sound = posts.filter(|post| !self.findings.of_files().contains_key(&post.path) && !self.broken.contains(&post.path));
        sound.filter_map(|post| Some((self.tree.hash(&post.path)?, post)))
    }

    /// The ids that were published.
    pub fn ids(&self) -> &Ids {
        &self.ids
    }

    /// The folders at the top of the content folder that hold files.
    pub fn top_folders(&self) -> impl Iterator<Item = &str> {
        self.tree.top_folders()
    }

    /// How many posts are shown.
    pub fn posts(&self) -> usize {
        self.index.shown()
    }

    /// The shortcodes that nobody knows, with how often they are used.
    pub fn missing_shortcodes(&self) -> Vec<Uses> {
        let mut all: BTreeMap<&str, Uses> = BTreeMap::new();
        for (used, _) in self.shelf.iter().flat_map(|(_, entry)| &entry.unknown) {
            all.entry(&used.name).and_modify(|all| all.count += used.count).or_insert_with(|| used.clone());
        }
        all.into_values().collect()
    }

    /// How many scopes have feeds.
    pub fn feeds(&self) -> usize {
        self.folders.shown.len()
    }

    /// Has an entry rendered again, and every feed that holds it composed.
    fn outdate(&mut self, path: &Arc<str>) {
        if self.shelf.outdate(path) {
            self.affected.extend(self.index.id_of(path).into_iter().flat_map(|id| self.index.scopes_of(id)));
        }
    }
}

/// Does both, at once where they are much.
fn both<A: Send, B: Send>(is_much: bool, a: impl FnOnce() -> A + Send, b: impl FnOnce() -> B + Send) -> (A, B) {
    if is_much { rayon::join(a, b) } else { (a(), b()) }
}
