//! What Hugo publishes, or may publish, beside the content files that are read: looked at once, for links.

use std::fs;
use std::path::{Path, PathBuf};

use foldhash::{HashMap, HashSet};

use super::Source;
use crate::config::Site;
use crate::regular;
use crate::site::Surroundings;

/// Endings of files that become pages, beside those that are read: Emacs Org, AsciiDoc, reStructuredText, Pandoc, and the
/// templates that make pages of data.
const PAGES: [&str; 8] = ["org", "adoc", "asciidoc", "ad", "rst", "pandoc", "pdc", "gotmpl"];

/// The file by which Netlify, Cloudflare and others redirect: `from to status`, a line each.
const REDIRECTS: &str = "_redirects";

/// So many links to one folder are followed: each may be in a folder that others lead to, which is to be there at the end of each.
const MOST_LINKS: u32 = 32;

impl Source {
    /// What is in the content folder, in `static`, `assets` and `layouts`, and in those of themes but `assets`.
    pub fn surroundings(&self, site: &Site) -> Surroundings {
        let mut listing = Listing::default();
        let own = [self.ground.content_name.clone(), "assets".to_owned(), "layouts".to_owned()];
        let layouts = site.themes.iter().map(|theme| format!("{theme}/layouts"));
        let folders = own.into_iter().chain(layouts).chain(site.static_dirs.iter().cloned());
        for folder in folders {
            listing.enter(&self.ground.root.join(&folder), &folder);
        }
        let files = listing.files;
        let is_page = |file: &String| {
            let in_content = file.strip_prefix(&*self.ground.content_name).is_some_and(|rest| rest.starts_with('/'));
            in_content && Path::new(file).extension().is_some_and(|ending| PAGES.iter().any(|known| ending.eq_ignore_ascii_case(known)))
        };
        let themes_have_pages = site.themes.iter().any(|theme| self.ground.root.join(theme).join("content").exists());
        let redirects = site.static_dirs.iter().flat_map(|folder| redirects(&self.ground.root.join(folder))).collect();
        Surroundings { has_other_pages: themes_have_pages || files.iter().any(is_page), files, redirects }
    }
}

/// The paths that a host is told to redirect, up to what stands for many.
fn redirects(folder: &Path) -> Vec<String> {
    let text = regular::read(&folder.join(REDIRECTS)).ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
    let from = |line: &str| {
        let from = line.split_whitespace().next().filter(|from| from.starts_with('/'))?;
        let place = ["/*", "/:"].iter().filter_map(|sign| from.find(sign)).min().unwrap_or(from.len());
        Some(from[..place].to_owned())
    };
    text.lines().filter_map(from).collect()
}

/// Everything below some folders, over links, as Hugo publishes static files.
#[derive(Default)]
struct Listing {
    files: HashSet<String>,
    /// The folder that is listed and those on the way to it, each without links in its path.
    way: Vec<PathBuf>,
    /// How often the folders have been listed that links lead to.
    linked: HashMap<PathBuf, u32>,
}

impl Listing {
    /// Lists a folder that may be a link, under this path.
    fn enter(&mut self, folder: &Path, path: &str) {
        let Ok(real) = folder.canonicalize() else { return };
        // one that is within itself has no end
        if !self.way.contains(&real) {
            self.way.push(real);
            self.list(folder, path);
            self.way.pop();
        }
    }

    fn list(&mut self, folder: &Path, path: &str) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            // an address is text
            let Ok(name) = entry.file_name().into_string() else { continue };
            let path = format!("{path}/{name}");
            let kind = entry.file_type().ok();
            if kind.is_some_and(|kind| kind.is_dir()) || kind.is_some_and(|kind| kind.is_symlink()) && self.count_link(&entry.path()) {
                self.enter(&entry.path(), &path);
            }
            self.files.insert(path);
        }
    }

    /// Counts a link to a folder. Whether it is one that is to be followed is the answer.
    fn count_link(&mut self, link: &Path) -> bool {
        let Some(real) = link.canonicalize().ok().filter(|real| real.is_dir()) else { return false };
        let count = self.linked.entry(real).or_default();
        *count += 1;
        *count <= MOST_LINKS
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn listed(root: &Path) -> Vec<String> {
        let mut listing = Listing::default();
        listing.enter(root, "static");
        let mut files: Vec<String> = listing.files.into_iter().collect();
        files.sort();
        files
    }

    #[test]
    fn what_links_lead_to_is_listed_at_each_and_what_leads_back_is_not() {
        let root = tempfile::tempdir().unwrap();
        let at = |path: &str| root.path().join(path);
        fs::create_dir_all(at("a/b")).unwrap();
        fs::write(at("a/b/file"), "").unwrap();
        symlink("a/b", at("c")).unwrap();
        symlink("a/b", at("d")).unwrap();
        symlink("..", at("a/up")).unwrap();
        symlink("nowhere", at("a/b/dangling")).unwrap();
        let expected = ["a", "a/b", "a/b/dangling", "a/b/file", "a/up", "c", "c/dangling", "c/file", "d", "d/dangling", "d/file"];
        assert_eq!(listed(root.path()), expected.map(|path| format!("static/{path}")));
    }

    #[test]
    fn folders_with_two_links_to_the_next_cost_no_more_than_their_number() {
        let root = tempfile::tempdir().unwrap();
        for n in 0..30 {
            let folder = root.path().join(n.to_string());
            fs::create_dir(&folder).unwrap();
            for name in ["x", "y"] {
                symlink(format!("../{}", n + 1), folder.join(name)).unwrap();
            }
        }
        assert!(listed(root.path()).len() < 30 * 2 * (MOST_LINKS as usize + 2));
    }
}
