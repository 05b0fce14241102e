//! Where the links in posts lead, for `check`: to a page, to a file, or nowhere.
//!
//! Nothing that exists may be told of as dead, so whatever Hugo may publish without a content file that is known here counts
//! as there: what is below a taxonomy, another language or a redirect, and the outputs of lists. Which files there are is told
//! by the caller.

use std::collections::BTreeSet;
use std::sync::Arc;

use foldhash::{HashMap, HashSet};
use url::Url;

use super::Site;
use crate::config::{Config, Languages};
use crate::content::front_matter::Source;
use crate::content::path::{self, Markup, folder_of, last_segment, resolved};
use crate::content::permalink::taxonomy_url;
use crate::content::post::Post;
use crate::content::shortcode::FIGURE;
use crate::content::{Hyperlink, Origin, hyperlinks};
use crate::diagnostic::{Diagnostic, Rule, Severity};
use crate::taxonomy::Scope;

/// Dead links in one post, beyond which there is something else wrong with it.
const MAX_DEAD: usize = 100;

/// What Hugo, or Tidings, publishes beside pages, by the last part of its path.
const OUTPUTS: [&str; 13] = [
    "404.html",
    "atom",
    "atom.xml",
    "feed",
    "feed.json",
    "feed.xml",
    "feeds.html",
    "feeds.opml",
    "index.json",
    "index.xml",
    "robots.txt",
    "rss",
    "sitemap.xml",
];

/// What is beside the content files of a site.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// Files and folders that links may lead to, below the site's root.
    pub files: HashSet<String>,
    /// Whether pages are made of something else than these, so that their addresses are not known.
    pub has_other_pages: bool,
    /// Paths that the host redirects, with all that is below them.
    pub redirects: Vec<String>,
}

/// Whether links are examined.
#[derive(Debug, Default)]
pub(super) enum Examination {
    /// They are not: nobody who edits a post waits for it.
    #[default]
    Off,
    /// They are, as soon as all files are read.
    Wanted(Surroundings),
    /// They are, by these addresses.
    By(Box<Addresses>),
}

/// Every address that the site is known to have, as paths below its own: decoded, without slashes at their ends.
#[derive(Debug, Default)]
pub(super) struct Addresses {
    known: HashMap<String, Place>,
    /// Everything below these is taken to be there.
    realms: Vec<String>,
    /// And everything that is not below this.
    own_folder: String,
    /// The names of pages and folders: one may be all that a link says.
    names: HashSet<String>,
    /// The names of files that cannot be understood, whose addresses nobody knows.
    unsure: HashSet<String>,
    /// The page that has, or had, an address whose last part is this, in lower case; none where there are several.
    by_name: HashMap<String, Option<Arc<str>>>,
    surroundings: Surroundings,
    /// What the site or a theme makes links of by templates of its own, which may take an address for something else.
    own: Vec<Origin>,
    /// All addresses in lower case, where templates may look pages up by their paths, whose case is no matter then.
    folded: HashSet<String>,
}

/// What is at an address.
#[derive(Debug, Default)]
struct Place {
    /// The content folder whose files are published below it.
    folder: Option<Arc<str>>,
    /// The path of the page that it is, or that has it as an alias.
    page: Option<Arc<str>>,
}

impl Addresses {
    /// The addresses of a site whose files have all been read.
    fn of(site: &Site, surroundings: Surroundings) -> Self {
        let folders = site.tree.folders();
        let known = known(site, &folders);
        let own = own_templates(&site.config, &surroundings);
        let folded = if own.is_empty() { HashSet::default() } else { known.keys().map(|path| path.to_lowercase()).collect() };
        let pages = site.index.posts().map(|(_, post)| &post.path).chain(site.asides.keys());
        let sections = folders.iter().map(|folder| path::normalize(path::stem(last_segment(folder))));
        let broken = site.findings.of_files().iter().filter(|(_, found)| found.iter().any(|found| found.severity == Severity::Error));
        let Languages { prefix, folder, .. } = &site.config.site.languages;
        Addresses {
            by_name: by_name(&known),
            known,
            realms: realms(site, &surroundings),
            // another language than the default one knows nothing outside its own folder
            own_folder: if folder.is_empty() { String::new() } else { prefix.trim_start_matches('/').to_owned() },
            names: pages.map(|path| site.tree.name(path)).chain(sections).collect(),
            unsure: broken.map(|(path, _)| site.tree.name(path)).collect(),
            surroundings,
            own,
            folded,
        }
    }

    fn has(&self, path: &str) -> bool {
        let is_in = |realm: &String| path.strip_prefix(realm.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        if !self.own_folder.is_empty() && !is_in(&self.own_folder) {
            return true;
        }
        let name = last_segment(path);
        self.known.contains_key(path)
            || self.known.contains_key(&format!("{path}.html"))
            || self.realms.iter().any(is_in)
            || self.unsure.contains(&name.to_lowercase())
            || OUTPUTS.contains(&name)
            || list_of_page(path).is_some_and(|list| self.known.contains_key(list))
    }

    /// The content file that is published at a path, where a folder of content is published around it.
    fn resource(&self, path: &str) -> Option<String> {
        path::ancestors(path).find_map(|address| {
            let folder = self.known.get(address)?.folder.as_deref()?;
            Some(path::join(folder, path[address.len()..].trim_start_matches('/')))
        })
    }

    /// The one page that has, or had, the last part of a path in its address, whatever the case.
    fn like(&self, path: &str) -> Option<&str> {
        self.by_name.get(&last_segment(path).to_lowercase())?.as_deref()
    }
}

/// What is at the addresses of pages, of their aliases, and of lists. `folders` are those of the content.
fn known(site: &Site, folders: &BTreeSet<String>) -> HashMap<String, Place> {
    let mut known = HashMap::default();
    let mut add = |url: &str, folder: Option<&str>, page: Option<&str>| {
        if let Some(path) = below_base(&site.config, url) {
            let page = page.and_then(|url| below_base(&site.config, url)).map(Arc::from);
            known.insert(path, Place { folder: folder.map(Arc::from), page });
        }
    };
    let posts = site.index.posts().map(|(_, post)| (&*post.path, Some(&post.permalink), &post.aliases));
    let asides = site.asides.values().map(|aside| (&*aside.path, aside.permalink.as_ref(), &aside.aliases));
    for (path, permalink, aliases) in posts.chain(asides) {
        let Some(permalink) = permalink else { continue };
        aliases.iter().for_each(|alias| add(alias, None, Some(permalink)));
        add(permalink, site.tree.folder_of_page(path).as_deref(), Some(permalink));
    }
    add(site.config.site.base_url.as_str(), Some(""), None);
    for folder in folders {
        let section = site.tree.section(folder);
        if folder.contains('/') && section.is_none() {
            continue;
        }
        let scope = Scope::Section(folder.as_str().into());
        if let Ok(place) = site.address_called(&scope, last_segment(folder)) {
            add(&place.url, Some(folder), None);
        }
        section.iter().flat_map(|section| &section.aliases).for_each(|alias| add(alias, None, None));
    }
    let terms = site.index.scopes().filter(|(_, members)| matches!(members.scope, Scope::Term { .. }));
    let terms = terms.filter_map(|(id, members)| site.address(&members.scope, id).ok());
    terms.for_each(|address| add(&address.url, None, None));
    known
}

/// The paths below which everything is taken to be there: taxonomies, redirects, and other languages.
fn realms(site: &Site, surroundings: &Surroundings) -> Vec<String> {
    let config = &site.config;
    let taxonomies = config.site.taxonomies.iter().map(|taxonomy| taxonomy_url(taxonomy, site.describing(&taxonomy.plural), config));
    let of_host = surroundings.redirects.iter().map(|from| [config.site.base_url.origin(), from].concat());
    let redirects = config.redirects.keys().map(|from| bare(from.trim_start_matches('/')).to_owned());
    let Languages { own, others, folder, .. } = &config.site.languages;
    // the default language may have a folder of its own too
    let languages = others.iter().chain(Some(own).filter(|_| folder.is_empty())).cloned();
    taxonomies.chain(of_host).filter_map(|url| below_base(config, &url)).chain(redirects).chain(languages).collect()
}

/// The pages by the last parts of their addresses, in lower case; none where several have one.
fn by_name(known: &HashMap<String, Place>) -> HashMap<String, Option<Arc<str>>> {
    let mut by_name: HashMap<String, Option<Arc<str>>> = HashMap::default();
    for (path, place) in known {
        let Some(page) = &place.page else { continue };
        let named = by_name.entry(last_segment(path).to_lowercase()).or_insert_with(|| Some(page.clone()));
        if named.as_ref() != Some(page) {
            *named = None;
        }
    }
    by_name
}

impl Site {
    /// Has every entry that is rendered from now on looked through for links that lead nowhere. They are findings of the entry.
    pub fn examine_links(&mut self, surroundings: Surroundings) {
        self.examination = Examination::Wanted(surroundings);
    }

    /// Notes which addresses there are, when links are examined.
    pub(super) fn note_addresses(&mut self) {
        self.examination = match std::mem::take(&mut self.examination) {
            Examination::Wanted(surroundings) => Examination::By(Box::new(Addresses::of(self, surroundings))),
            as_it_is => as_it_is,
        };
    }

    /// The links of a post that lead to nothing, when links are examined.
    pub(super) fn dead_links(&self, post: &Post, markup: Markup, source: &Source<'_>) -> Vec<Diagnostic> {
        let Examination::By(addresses) = &self.examination else { return Vec::new() };
        let Ok(permalink) = Url::parse(&post.permalink) else { return Vec::new() };
        let links = hyperlinks(source, markup, self.config.site.goldmark);
        links.into_iter().filter_map(|link| self.dead_link(&link, addresses, post, &permalink, source)).take(MAX_DEAD).collect()
    }

    fn dead_link(&self, link: &Hyperlink, addresses: &Addresses, post: &Post, permalink: &Url, source: &Source<'_>) -> Option<Diagnostic> {
        let written = &*link.address;
        let is_absolute = written.starts_with('/') || Url::parse(written).is_ok();
        let is_own = addresses.own.contains(&link.origin);
        if is_own && (!is_absolute || link.origin == Origin::Figure) || written.starts_with('#') || written.contains("{{") {
            return None;
        }
        let path = below_base(&self.config, permalink.join(written).ok()?.as_str())?;
        let target = written.split(['#', '?']).next().unwrap_or(written);
        let target = percent_encoding::percent_decode_str(target).decode_utf8_lossy();
        let is_file_name = Url::parse(written).is_err() && !written.starts_with("//");
        // a site may have its links looked up as references
        let is_page = || self.at_path(&target, &post.path).is_some() || addresses.names.contains(&path::normalize(path::stem(&target)));
        let may_be_page = !last_segment(&path).contains('.') || path.ends_with(".html");
        if is_own && addresses.folded.contains(&path.to_lowercase()) {
            return None;
        }
        if addresses.has(&path) || is_file_name && is_page() || may_be_page && addresses.surroundings.has_other_pages {
            return None;
        }
        let beside = resolved(if target.starts_with('/') { "" } else { folder_of(&post.path) }, target.trim_start_matches('/'));
        let of_content = [Some(beside), Some(path.clone()), addresses.resource(&path)];
        let of_site = self.config.site.static_dirs.iter().map(String::as_str).chain(["assets"]);
        let mut files = of_content.iter().flatten().map(|file| self.file(file)).chain(of_site.map(|folder| format!("{folder}/{path}")));
        if files.any(|file| addresses.surroundings.files.contains(&file)) {
            return None;
        }
        let mend = match addresses.like(&path) {
            _ if is_host(written) => format!("write https://{written}"),
            _ if written.contains('@') && !written.contains('/') => format!("write mailto:{written}"),
            Some(like) => {
                let slash = if last_segment(like).contains('.') { "" } else { "/" };
                format!("did you mean {}{}{slash}?", self.config.site.base_url.path(), path::escape(like))
            }
            None if may_be_page => "name one that is there, or this one in the `aliases` of the page that took its place".to_owned(),
            None => "put it there, or name one that is there".to_owned(),
        };
        let what = format!("`{written}` leads to no page or file of the site");
        Some(self.located(source.diagnostic(Rule::DeadLink, Some(link.offset), what, mend)))
    }
}

/// Whether an address begins with what is the name of a host, and of no file.
fn is_host(address: &str) -> bool {
    const ENDINGS: [&str; 8] = [".com", ".dev", ".edu", ".gov", ".io", ".me", ".net", ".org"];
    let host = address.split(['/', '?', '#', ':']).next().unwrap_or(address);
    !host.contains('@') && (host.starts_with("www.") || ENDINGS.iter().any(|ending| host.ends_with(ending)))
}

/// The path of an address of the site, below the site's own: decoded, without slashes at its ends. None for what is elsewhere.
fn below_base(config: &Config, address: &str) -> Option<String> {
    let (url, base) = (Url::parse(address).ok()?, config.site.base_url.url());
    if !matches!(url.scheme(), "http" | "https") || url.host_str() != base.host_str() || url.port() != base.port() {
        return None;
    }
    let path = url.path().strip_prefix(base.path().trim_end_matches('/'))?;
    let path = percent_encoding::percent_decode_str(path.strip_prefix('/').unwrap_or(path)).decode_utf8_lossy().into_owned();
    Some(bare(&path).to_owned())
}

/// A path without slashes at its ends, and without the name of a folder's own file.
fn bare(path: &str) -> &str {
    let path = path.trim_matches('/');
    if path == "index.html" { "" } else { path.strip_suffix("/index.html").unwrap_or(path).trim_end_matches('/') }
}

/// The list that `…/page/2` is a part of.
fn list_of_page(path: &str) -> Option<&str> {
    let (list, number) = path.rsplit_once("page/")?;
    (number.bytes().all(|b| b.is_ascii_digit()) && (list.is_empty() || list.ends_with('/'))).then(|| list.trim_end_matches('/'))
}

/// What the site or a theme makes links of by templates of its own.
fn own_templates(config: &Config, surroundings: &Surroundings) -> Vec<Origin> {
    let folders: Vec<String> = config.site.themes.iter().map(|theme| format!("{theme}/layouts/")).chain(["layouts/".to_owned()]).collect();
    let is_template = |file: &&String| file.ends_with(".html") && folders.iter().any(|folder| file.starts_with(folder));
    let templates: Vec<&String> = surroundings.files.iter().filter(is_template).collect();
    // one may be for a language: `render-link.fr.html`
    let has = |part: &str| templates.iter().any(|file| file.contains(part));
    let has_figure = ["shortcodes", "_shortcodes"].iter().any(|folder| has(&format!("/{folder}/{FIGURE}.")));
    let own = [
        (Origin::Link, has("/_markup/render-link.")),
        (Origin::Image, has("/_markup/render-image.")),
        (Origin::Figure, has_figure || config.shortcodes.contains_key(FIGURE)),
    ];
    own.into_iter().filter(|(_, is_own)| *is_own).map(|(origin, _)| origin).collect()
}
