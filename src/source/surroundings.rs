//! What Hugo publishes, or may publish, beside the content files that are read: looked at once, for links.

use std::fs;
use std::path::Path;

use foldhash::HashSet;

use super::Source;
use crate::config::Site;
use crate::site::Surroundings;

/// Endings of files that become pages, beside those that are read: Emacs Org, AsciiDoc, reStructuredText, Pandoc, and the
/// templates that make pages of data.
const PAGES: [&str; 8] = ["org", "adoc", "asciidoc", "ad", "rst", "pandoc", "pdc", "gotmpl"];

/// The file by which Netlify, Cloudflare and others redirect: `from to status`, a line each.
const REDIRECTS: &str = "_redirects";

/// Folders inside of folders beyond this number are not looked at: links among them may lead in a circle.
const MAX_DEPTH: usize = 32;

impl Source {
    /// What is in the content folder, in `static`, `assets` and `layouts`, and in those of themes but `assets`.
    pub fn surroundings(&self, site: &Site) -> Surroundings {
        let mut files = HashSet::default();
        let own = [self.ground.content_name.clone(), "assets".to_owned(), "layouts".to_owned()];
        let layouts = site.themes.iter().map(|theme| format!("{theme}/layouts"));
        let folders = own.into_iter().chain(layouts).chain(site.static_dirs.iter().cloned());
        for folder in folders {
            list(&self.ground.root.join(&folder), &folder, &mut files, MAX_DEPTH);
        }
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
    let text = fs::read_to_string(folder.join(REDIRECTS)).unwrap_or_default();
    let from = |line: &str| {
        let from = line.split_whitespace().next().filter(|from| from.starts_with('/'))?;
        let place = ["/*", "/:"].iter().filter_map(|sign| from.find(sign)).min().unwrap_or(from.len());
        Some(from[..place].to_owned())
    };
    text.lines().filter_map(from).collect()
}

/// Lists everything below a folder, over links, as Hugo publishes static files.
fn list(folder: &Path, path: &str, files: &mut HashSet<String>, depth: usize) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        // an address is text
        let Ok(name) = entry.file_name().into_string() else { continue };
        let path = format!("{path}/{name}");
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir() || kind.is_symlink() && entry.path().is_dir());
        if depth > 0 && is_folder {
            list(&entry.path(), &path, files, depth - 1);
        }
        files.insert(path);
    }
}
