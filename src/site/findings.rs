//! What is wrong with the site as a whole: gathered when somebody wants to know, so that an edit pays nothing for it.
//!
//! What is wrong with one file or entry is noted where it is understood or rendered, and told once.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, Utc};
use foldhash::HashSet;

use super::Site;
use crate::content::post::Post;
use crate::diagnostic::{Diagnostic, Rule, Severity};
use crate::index::{Members, ScopeId, wanted_id};
use crate::taxonomy::Scope;

/// So many undated pages in a section are not told of one by one.
const MANY_UNDATED: usize = 20;

/// What is wrong with files, and what of all that was found is still to be told.
#[derive(Debug, Default)]
pub(super) struct Findings {
    of_files: BTreeMap<Arc<str>, Vec<Diagnostic>>,
    /// What was found since the last plan.
    news: Vec<Diagnostic>,
    /// Shortcodes that were told of as unknown.
    told_shortcodes: HashSet<String>,
}

impl Findings {
    /// What is wrong with files, by file.
    pub(super) fn of_files(&self) -> &BTreeMap<Arc<str>, Vec<Diagnostic>> {
        &self.of_files
    }

    /// Replaces what is wrong with a file, and tells of what was not wrong before.
    pub(super) fn blame(&mut self, path: &Arc<str>, found: Vec<Diagnostic>) {
        let before = if found.is_empty() { self.of_files.remove(path) } else { self.of_files.insert(path.clone(), found.clone()) };
        self.news.extend(found.into_iter().filter(|found| before.as_ref().is_none_or(|before| !before.contains(found))));
    }

    /// Whether there are files of which nobody can tell what is in them, as of one that is still to be filled.
    pub(super) fn has_errors(&self) -> bool {
        self.of_files.values().flatten().any(|found| found.severity == Severity::Error || found.rule == Rule::EmptyFile)
    }

    /// Forgets what is wrong with a file.
    pub(super) fn absolve(&mut self, path: &str) {
        self.of_files.remove(path);
    }

    /// Tells of what was found.
    pub(super) fn tell(&mut self, found: impl IntoIterator<Item = Diagnostic>) {
        self.news.extend(found);
    }

    /// Whether an unknown shortcode was told of.
    pub(super) fn told_of(&self, shortcode: &str) -> bool {
        self.told_shortcodes.contains(shortcode)
    }

    /// Tells of shortcodes that are unknown, by their names.
    pub(super) fn tell_shortcodes(&mut self, found: impl IntoIterator<Item = (String, Diagnostic)>) {
        for (name, found) in found {
            self.told_shortcodes.insert(name);
            self.news.push(found);
        }
    }

    /// What was found since this was last asked.
    pub(super) fn take_news(&mut self) -> Vec<Diagnostic> {
        std::mem::take(&mut self.news)
    }
}

/// One way to spell a term.
struct Spelling<'a> {
    name: &'a str,
    /// How many posts use it.
    posts: u32,
    scope: ScopeId,
}

impl Site {
    /// Everything that is wrong now and not allowed, in the order of files and lines.
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        let mut all = self.of_files();
        all.extend(self.shelf.iter().flat_map(|(_, entry)| entry.diagnostics.iter().cloned()));
        all.extend(self.unknown_shortcodes().into_values());
        all.extend(self.shared_ids());
        all.extend(self.spellings());
        all.extend(self.times_without_zone());
        all.extend(self.folders.faults.values().cloned());
        all.retain(|found| self.config.tells(found));
        all.sort();
        all.dedup();
        all
    }

    /// What is wrong with files. Of very many pages of a section that have no date, all is said at the first: they are no posts.
    fn of_files(&self) -> Vec<Diagnostic> {
        let mut all = Vec::new();
        let mut undated: BTreeMap<&str, Vec<&Diagnostic>> = BTreeMap::new();
        for (path, found) in self.findings.of_files.iter().flat_map(|(path, found)| found.iter().map(move |found| (path, found))) {
            if found.rule == Rule::UndatedPage {
                undated.entry(path.split_once('/').map_or("", |(section, _)| section)).or_default().push(found);
            } else {
                all.push(found.clone());
            }
        }
        for (section, found) in undated {
            match found[..] {
                [first, ref others @ ..] if others.len() >= MANY_UNDATED => {
                    let what = format!("{}, like {} more in {}", first.what, others.len(), self.file(section));
                    all.push(Diagnostic { what, ..first.clone() });
                }
                _ => all.extend(found.into_iter().cloned()),
            }
        }
        all
    }

    /// What appears or goes by itself: a note for each instant to come, in order, those of one by their files.
    pub fn scheduled(&self) -> impl Iterator<Item = (DateTime<Utc>, Diagnostic)> {
        let note = |(at, post): (DateTime<Utc>, &Arc<Post>)| {
            let instant = at.to_rfc3339_opts(SecondsFormat::AutoSi, true);
            let (rule, what, mend) = if post.until == Some(at) {
                (Rule::ExpiringPost, format!("it goes from the feeds at {instant}"), "for another instant, change `expiryDate`")
            } else {
                let mend = "for another instant, change `publishDate` or `date`";
                (Rule::FuturePost, format!("it appears in the feeds at {instant}"), mend)
            };
            (at, self.located(Diagnostic::new(rule, &*post.path, what, mend)))
        };
        let mut upcoming: Vec<(DateTime<Utc>, &Arc<Post>)> = self.index.upcoming().collect();
        upcoming.sort_by_key(|(at, post)| (*at, &post.path));
        upcoming.into_iter().map(note)
    }

    /// The shortcodes that nobody knows: for each name one finding, at its first use, that counts them all.
    pub(super) fn unknown_shortcodes(&self) -> BTreeMap<String, Diagnostic> {
        let mut all: BTreeMap<String, (usize, Diagnostic)> = BTreeMap::new();
        for (used, first) in self.shelf.iter().flat_map(|(_, entry)| &entry.unknown) {
            let (uses, earliest) = all.entry(used.name.clone()).or_insert_with(|| (0, first.clone()));
            *uses += used.count;
            if first < earliest {
                earliest.clone_from(first);
            }
        }
        let count = |(uses, found): (usize, Diagnostic)| {
            let times = if uses == 1 { "once".to_owned() } else { format!("{uses} times") };
            Diagnostic { what: format!("{}, and used {times}", found.what), ..found }
        };
        all.into_iter().map(|(name, found)| (name, count(found))).collect()
    }

    /// The posts that want the id of another.
    fn shared_ids(&self) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        for rivals in self.index.contested_ids() {
            let posts: Vec<&Post> = rivals.iter().filter_map(|id| Some(&**self.index.post(*id)?)).collect();
            let Some((first, others)) = posts.split_first() else { continue };
            let file = self.file(&first.path);
            for post in others {
                let (rule, what, mend) = if first.permalink == post.permalink {
                    let what = format!("it has the same address as {file}: {}", post.permalink);
                    (Rule::SharedAddress, what, "give one of them another `slug` or `url`")
                } else {
                    let what = format!("it has the same id as {file}: {}", wanted_id(post));
                    (Rule::SharedId, what, "give one of them another `id`, or none")
                };
                found.push(self.located(Diagnostic::new(rule, &*post.path, what, mend)));
            }
        }
        found
    }

    /// The times of day that have no zone, where the site has none either: one finding for all, since one line of the
    /// configuration mends them. Hugo takes UTC too, so feeds and pages agree and it is only a note.
    fn times_without_zone(&self) -> Option<Diagnostic> {
        let zoneless = || self.index.posts().filter_map(|(_, post)| Some((&post.path, post.without_zone?)));
        let (first, line) = zoneless().min()?;
        let what = match zoneless().count() as u32 {
            1 => "the time has no zone and counts as UTC".to_owned(),
            more => format!("the time has no zone and counts as UTC, here and in {} more", posts(more - 1)),
        };
        let mend = "set `timeZone = \"Europe/Paris\"` or yours in the configuration, or write the offset: 2026-11-22T10:00:00+01:00";
        Some(self.located(Diagnostic { line: line.get(), ..Diagnostic::new(Rule::DateWithoutZone, &**first, what, mend) }))
    }

    /// The terms that posts spell in several ways: a finding for each way but the one that most posts use, at the newest post
    /// that has it.
    fn spellings(&self) -> Vec<Diagnostic> {
        let mut terms: BTreeMap<(&str, String), Vec<Spelling<'_>>> = BTreeMap::new();
        for (id, members) in self.index.scopes() {
            let Scope::Term { taxonomy, slug } = &members.scope else { continue };
            // where paths keep their case, two spellings may be two scopes
            let spellings = terms.entry((&**taxonomy, slug.0.to_lowercase())).or_default();
            spellings.extend(members.spellings().map(|(name, posts)| Spelling { name, posts, scope: id }));
        }
        terms.retain(|_, spellings| spellings.len() > 1);
        let mut found = Vec::new();
        for ((taxonomy, _), mut spellings) in terms {
            spellings.sort_by_key(|spelling| (Reverse(spelling.posts), spelling.name));
            let Some((usual, others)) = spellings.split_first() else { continue };
            let Some(example) = self.newest(usual) else { continue };
            for other in others {
                let Some(post) = self.newest(other) else { continue };
                let scope = if other.scope == usual.scope { "" } else { ", which is a feed of its own" };
                let more = if other.posts == 1 { String::new() } else { format!(", here and in {} more,", posts(other.posts - 1)) };
                let (of, posts) = (&usual.name, posts(usual.posts));
                let what = format!(
                    "`{}` of {taxonomy}{more} is spelled `{of}` in {posts}, such as {}{scope}",
                    other.name,
                    self.file(&example.path)
                );
                found.push(self.located(Diagnostic::new(Rule::SpellingsDiffer, &*post.path, what, format!("write `{of}` here too"))));
            }
        }
        found
    }

    /// The newest post with this spelling.
    fn newest(&self, spelling: &Spelling<'_>) -> Option<&Post> {
        let Members { scope: Scope::Term { taxonomy, .. }, posts, .. } = self.index.members(spelling.scope) else { return None };
        let has_it = |post: &&Post| post.terms.iter().any(|term| term.taxonomy == *taxonomy && *term.name == *spelling.name);
        posts.iter().filter_map(|id| Some(&**self.index.post(*id)?)).find(has_it)
    }

    /// Puts the content folder before the path of a finding.
    pub(super) fn located(&self, diagnostic: Diagnostic) -> Diagnostic {
        Diagnostic { path: self.file(&diagnostic.path), ..diagnostic }
    }

    /// A file below the content folder, as seen from the site's root.
    pub(super) fn file(&self, path: &str) -> String {
        format!("{}/{path}", self.config.site.content_dir)
    }
}

/// A number of posts in words.
fn posts(count: u32) -> String {
    if count == 1 { "one post".to_owned() } else { format!("{count} posts") }
}
