//! Entries that some window needs and the shelf does not have: named, rendered, serialised.

use std::cell::RefCell;
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use foldhash::HashSet;
use rayon::prelude::*;
use url::Url;

use super::references::Reference;
use super::shelf::{Cover, Draft, Shelved};
use super::{AT_ONCE, BATCH, Site, Step, both};
use crate::content::details::Named;
use crate::content::front_matter::Source;
use crate::content::path::{self, FileKind};
use crate::content::post::Post;
use crate::content::{self, Context, Details, Lookup};
use crate::diagnostic::{Diagnostic, Rule};
use crate::feed::{Category, Entry};
use crate::ids::{Ids, World};
use crate::index::{Index, PostId, ScopeId};

impl Site {
    /// Puts every entry on the shelf that a window of an affected scope holds. What is still to be known for that is the answer.
    pub(super) fn render(&mut self) -> Option<Step> {
        self.look_up_references_again();
        let mut before = None;
        let mut named = Vec::new();
        loop {
            let is_new = self.queue.is_empty();
            if is_new {
                // at the end nothing is missing, but what cannot be rendered
                if before.replace(self.shelf.fresh()) == Some(self.shelf.fresh()) {
                    return None;
                }
                self.queue = self.missing();
            }
            if named.is_empty() {
                let posts = self.waiting(0);
                let is_idle =
                    self.legacy.entries.is_empty() && self.shelf.drafts().is_empty() && !posts.iter().any(|post| self.has_text(post));
                if is_idle && !posts.is_empty() {
                    return self.need(posts.iter().map(|post| post.path.clone()).collect(), BTreeSet::new());
                }
                named = self.name_first(posts, is_new);
            }
            let need = self.render_batch(&mut named);
            if need.is_some() {
                return need;
            }
            self.queue.drain(..self.queue.len().min(BATCH));
        }
    }

    /// Gives ids to the posts of the first batch. Of a queue that `is_new` only the texts are kept that are wanted for it.
    fn name_first(&mut self, posts: Vec<Arc<Post>>, is_new: bool) -> Vec<(Arc<Post>, String)> {
        let Site { ids, index, texts, queue, .. } = self;
        let drop_others = || {
            let wanted: HashSet<&str> = queue.iter().filter_map(|id| index.post(*id)).map(|post| &*post.path).collect();
            texts.retain(|path| wanted.contains(path));
        };
        let is_much = queue.len() > AT_ONCE;
        let name_all = || name(ids, index, posts);
        if is_new { both(is_much, name_all, drop_others).0 } else { name_all() }
    }

    /// What is to be asked for, if anything is.
    fn need(&mut self, files: Vec<Arc<str>>, assets: BTreeSet<String>) -> Option<Step> {
        if !files.is_empty() {
            self.texts.expect();
        }
        (!files.is_empty() || !assets.is_empty()).then(|| Step::Need { files, assets: assets.into_iter().collect() })
    }

    /// The posts of a batch of the queue that are not rendered yet; 0 is the first batch.
    fn waiting(&self, batch: usize) -> Vec<Arc<Post>> {
        let ids = self.queue.iter().skip(batch * BATCH).take(BATCH).copied().filter(|id| self.is_missing(*id));
        ids.filter_map(|id| self.index.post(id)).cloned().collect()
    }

    fn has_text(&self, post: &Post) -> bool {
        self.texts.get(&post.path).is_some()
    }

    /// Puts the entries of the first batch of the queue on the shelf, of which all are `named`; those of the next are, afterwards.
    fn render_batch(&mut self, named: &mut Vec<(Arc<Post>, String)>) -> Option<Step> {
        let batch = self.put_recalled(std::mem::take(named));
        let (ready, absent): (Vec<_>, Vec<_>) = batch.into_iter().partition(|(post, _)| self.has_text(post));
        // those that waited for what is known of their covers by now
        self.finish_drafts();
        // ids are given in order, by one thread; meanwhile the others render
        let mut ids = std::mem::take(&mut self.ids);
        let render = |(post, id): (Arc<Post>, String)| {
            let draft = self.draft(&post, id, self.texts.get(&post.path)?);
            Some((post, draft.map(|draft| self.finish(draft))))
        };
        let next = if absent.is_empty() { self.waiting(1) } else { Vec::new() };
        let is_much = ready.len() > AT_ONCE;
        let render_all = || ready.into_par_iter().with_min_len(AT_ONCE).filter_map(render).collect();
        let name_next = || name(&mut ids, &self.index, next);
        let (rendered, next): (Vec<(Arc<Post>, _)>, _) = both(is_much, render_all, name_next);
        self.ids = ids;
        *named = next;
        rendered.iter().for_each(|(post, _)| self.texts.drop(&post.path));
        self.shelve(rendered.into_iter().filter_map(|(post, entry)| Some((post.path.clone(), entry?))));
        let assets = self.shelf.drafts().values().flat_map(|draft| draft.unknown_assets(&self.assets)).map(str::to_owned).collect();
        self.need(absent.into_iter().map(|(post, _)| post.path.clone()).collect(), assets)
    }

    /// Puts those entries on the shelf that an earlier run has published. The others are the answer.
    fn put_recalled(&mut self, mut named: Vec<(Arc<Post>, String)>) -> Vec<(Arc<Post>, String)> {
        if !self.legacy.entries.is_empty() {
            named.retain(|(post, id)| match self.recalled(post, id) {
                Some(entry) => {
                    self.shelf.put(post.path.clone(), entry);
                    false
                }
                None => true,
            });
        }
        named
    }

    /// The posts in a window of a scope.
    pub(super) fn window(&self, scope: ScopeId) -> &[PostId] {
        let posts = &self.index.members(scope).posts;
        &posts[..posts.len().min(self.config.feeds.limit.unwrap_or(usize::MAX))]
    }

    /// Whether the shelf does not have a post as it is now.
    fn is_missing(&self, id: PostId) -> bool {
        self.index.post(id).is_some_and(|post| {
            let path = &post.path;
            let is_settled = self.shelf.is_current(path) || self.broken.contains(path) && self.shelf.contains(path);
            !is_settled && !self.shelf.drafts().contains_key(path)
        })
    }

    /// The posts in windows of affected scopes that the shelf does not have as they are now, first published first.
    fn missing(&self) -> VecDeque<PostId> {
        let windows: HashSet<PostId> = self.affected.iter().flat_map(|scope| self.window(*scope)).copied().collect();
        let mut missing: Vec<(PostId, &Post)> =
            windows.into_iter().filter(|id| self.is_missing(*id)).filter_map(|id| Some((id, &**self.index.post(id)?))).collect();
        missing.par_sort_unstable_by(|(_, a), (_, b)| (a.published, &a.path).cmp(&(b.published, &b.path)));
        missing.into_iter().map(|(id, _)| id).collect()
    }

    /// Serialises those drafts whose covers are known by now.
    fn finish_drafts(&mut self) {
        let waiting: Vec<(Arc<str>, Draft)> = self.shelf.take_drafts().into_iter().collect();
        let finished: Vec<_> = waiting.into_par_iter().with_min_len(AT_ONCE).map(|(path, draft)| (path, self.finish(draft))).collect();
        self.shelve(finished);
    }

    /// Serialises a draft, unless something is still to be known of its cover.
    fn finish(&self, draft: Draft) -> Result<Shelved, Box<Draft>> {
        let is_waiting = draft.unknown_assets(&self.assets).next().is_some();
        if is_waiting { Err(draft.into()) } else { Ok(draft.finish(&self.config.feeds.formats, &self.assets)) }
    }

    /// Puts entries on the shelf, and keeps the drafts among them.
    fn shelve(&mut self, entries: impl IntoIterator<Item = (Arc<str>, Result<Shelved, Box<Draft>>)>) {
        let mut unknown = BTreeSet::new();
        for (path, entry) in entries {
            let entry = match entry {
                Ok(entry) => entry,
                Err(draft) => {
                    self.shelf.hold(path, *draft);
                    continue;
                }
            };
            let before = self.shelf.get(&path).map(|entry| &*entry.diagnostics).unwrap_or_default();
            self.findings.tell(entry.diagnostics.iter().filter(|found| !before.contains(found)).cloned());
            unknown.extend(entry.unknown.iter().map(|(uses, _)| uses.name.clone()).filter(|name| !self.findings.told_of(name)));
            self.shelf.put(path, entry);
        }
        if !unknown.is_empty() {
            let found = self.unknown_shortcodes();
            self.findings.tell_shortcodes(found.into_iter().filter(|(name, _)| unknown.contains(name)));
        }
    }

    /// Renders a post; none when its text is not that of a post.
    fn draft(&self, post: &Post, id: String, text: &Bytes) -> Option<Draft> {
        let source = content::front_matter::read(&post.path, text).ok()?;
        let ancestry = self.tree.ancestry(&post.path);
        let details = content::details(&source, &post.path, &ancestry, &self.config);
        let pages = Pages { site: self, post, details: &details, references: RefCell::default() };
        let site = &self.config.site;
        let permalink = url::Url::parse(&post.permalink).ok()?;
        let summary = details.summary.as_deref();
        let shared = self.files_beside(&post.path);
        // without the hooks of Hugo, addresses in a page are resolved by browsers
        let is_resolved = || site.goldmark.links_to_files && self.tree.kind(&post.path) == FileKind::Leaf && !post.permalink.ends_with('/');
        let files = shared.or_else(|| is_resolved().then_some(&*post.permalink));
        let files = files.and_then(|address| url::Url::parse(&path::beside(address)).ok());
        let context = Context {
            permalink: &permalink,
            files: files.as_ref(),
            markup: details.markup,
            summary,
            is_cjk: details.is_cjk,
            site,
            templates: &self.templates,
            lookup: &pages,
        };
        let rendered = content::render(&source, &context);
        let categories = post.terms.iter().map(|term| Category {
            scheme: self.taxonomy_urls.get(&term.taxonomy).cloned().unwrap_or_default(),
            term: term.slug.to_string(),
            label: term.name.to_string(),
        });
        let entry = Entry {
            id,
            permalink: post.permalink.to_string(),
            title: post.title.to_string(),
            published: post.published,
            updated: post.updated,
            categories: categories.collect(),
            body: details.body.unwrap_or(self.config.feeds.content),
            html: rendered.html,
            summary_html: rendered.summary_html,
            language: details.language.clone().filter(|language| *language != site.language),
            rights: details.rights.clone(),
            authors: details.authors.clone(),
            cover: None,
        };
        Some(Draft {
            file: self.file(&post.path),
            entry,
            covers: details.covers.iter().flat_map(|cover| self.covers(post, &cover.image)).collect(),
            missing: details.covers.first().and_then(|cover| self.missing_cover(post, &source, cover)),
            references: pages.references.into_inner(),
            diagnostics: rendered
                .diagnostics
                .into_iter()
                .map(|found| self.located(found))
                .chain(self.dead_links(post, details.markup, &source))
                .collect(),
            unknown: rendered.unknown.into_iter().map(|(uses, first)| (uses, self.located(first))).collect(),
        })
    }

    /// Where an image that the front matter names may lie: beside the page, or under a static folder.
    fn covers(&self, post: &Post, image: &str) -> Vec<Cover> {
        let base = &self.config.site.base_url;
        let image = image.trim();
        let below_site = image.strip_prefix(base.as_str()).map(|path| format!("/{path}"));
        let path = below_site.as_deref().unwrap_or(image);
        if path.contains("://") || path.starts_with("//") || path.starts_with("data:") || path.is_empty() {
            return Vec::new();
        }
        let decoded = percent_encoding::percent_decode_str(path).decode_utf8_lossy().into_owned();
        let mut covers: Vec<Cover> = self.cover_beside(post, &decoded).into_iter().collect();
        // some write a path of the site's host, and some one below the site
        let written = decoded.trim_start_matches('/');
        let below = decoded.strip_prefix(base.path()).filter(|below| !below.is_empty() && *below != written);
        for relative in std::iter::once(written).chain(below) {
            if let Ok(url) = base.url().join(&path::escape(relative)) {
                let folders = self.config.site.static_dirs.iter();
                covers.extend(folders.map(|folder| Cover { asset: format!("{folder}/{relative}"), url: Some(url.to_string()) }));
            }
        }
        covers.push(Cover { asset: format!("assets/{written}"), url: None });
        covers
    }

    /// An image that is published with the page, named from there or by where it is then.
    fn cover_beside(&self, post: &Post, image: &str) -> Option<Cover> {
        let folder = self.tree.folder_of_page(&post.path)?;
        let beside = Url::parse(&path::beside(self.files_beside(&post.path).unwrap_or(&post.permalink))).ok()?;
        let name = match image.strip_prefix('/') {
            None => image,
            Some(below_site) => {
                let own = percent_encoding::percent_decode_str(beside.path()).decode_utf8_lossy();
                let own_below_site = own.strip_prefix(self.config.site.base_url.path()).unwrap_or(&own);
                image.strip_prefix(&*own).or_else(|| below_site.strip_prefix(own_below_site))?
            }
        };
        let url = beside.join(&path::escape(name)).ok()?;
        Some(Cover { asset: format!("{}/{folder}/{name}", self.config.site.content_dir), url: Some(url.into()) })
    }

    /// What is to be told when a cover that the file itself names is nowhere; nothing for one that is elsewhere on the web.
    fn missing_cover(&self, post: &Post, source: &Source<'_>, cover: &Named) -> Option<Diagnostic> {
        let is_local = !self.covers(post, &cover.image).is_empty();
        let offset = cover.offset.filter(|_| is_local)?;
        let folders = self.config.site.static_dirs.join(" or ");
        let beside = if self.tree.kind(&post.path) == FileKind::Leaf { " or beside the post" } else { "" };
        let what = format!("there is no file `{}` below {folders}{beside}, so the entry has no cover", cover.image);
        Some(self.located(source.diagnostic(Rule::MissingCover, Some(offset), what, "put it there, or name one that is there")))
    }
}

/// Posts with the ids that they have or get, in this order.
fn name(ids: &mut Ids, index: &Index, posts: Vec<Arc<Post>>) -> Vec<(Arc<Post>, String)> {
    let world = Existing(index);
    let mut naming = ids.naming(&world);
    posts.into_iter().map(|post| (naming.of_entry(&post), post)).map(|(id, post)| (post, id)).collect()
}

/// What a post may ask of the site while it is rendered. What it asked is noted.
struct Pages<'a> {
    site: &'a Site,
    post: &'a Post,
    details: &'a Details<'a>,
    references: RefCell<Vec<Reference>>,
}

impl Pages<'_> {
    fn look_up(&self, target: &str, is_link: bool) -> Option<String> {
        let reference = self.site.reference(target, is_link, &self.post.path);
        let permalink = reference.permalink.clone();
        self.references.borrow_mut().push(reference);
        permalink
    }
}

impl Lookup for Pages<'_> {
    fn reference(&self, target: &str) -> Option<String> {
        self.look_up(target, false)
    }

    fn is_another(&self, language: &str) -> bool {
        self.site.config.site.languages.others.iter().any(|other| other.eq_ignore_ascii_case(language))
    }

    fn link(&self, address: &str) -> Option<String> {
        self.look_up(address, true)
    }

    fn param(&self, name: &str) -> Option<String> {
        self.details.param(name)
    }
}

/// The index, as the table of ids sees it.
struct Existing<'a>(&'a Index);

impl World for Existing<'_> {
    fn post(&self, path: &str) -> Option<&Post> {
        self.0.post(self.0.id_of(path)?).map(|post| &**post)
    }

    fn rivals(&self, wanted_id: &str, since: DateTime<Utc>) -> impl Iterator<Item = &Post> {
        self.0.rivals(wanted_id, since).filter_map(|id| Some(&**self.0.post(id)?))
    }
}
