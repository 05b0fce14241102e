//! Where the site's files are, and which of what lies there is the site's own.

use std::ffi::{OsStr, OsString};
use std::fs::{self, FileType, Metadata};
use std::io;
use std::path::{Component, MAIN_SEPARATOR, Path, PathBuf};
use std::sync::Arc;

use crate::config::{FileFilter, Ignored, Languages, folder_at};
use crate::content::path::{ContentPath, FileKind, Markup};
use crate::diagnostic::{Diagnostic, Rule};

/// Where the site's files are, and which of them are its own.
#[derive(Clone, Debug)]
pub(super) struct Ground {
    pub(super) root: PathBuf,
    pub(super) content: PathBuf,
    pub(super) content_name: String,
    pub(super) ignored: Vec<Ignored>,
    /// Which of what is in the content folder is there for the site.
    pub(super) files: FileFilter,
    pub(super) languages: Languages,
    /// The folders with files of the site that are not written as names below its root, as they are written.
    pub(super) outside: Vec<String>,
}

/// What a folder holds of ours.
///
/// All of it in order, so that neighbours are noted after each other.
pub(super) struct Items {
    pub(super) folders: Vec<PathBuf>,
    /// The names of files.
    pub(super) posts: Vec<OsString>,
    /// Whether there are files of other languages.
    pub(super) has_others: bool,
}

impl Ground {
    /// What a folder holds of ours: neither what is ignored, nor links.
    pub(super) fn list(&self, folder: &Path) -> io::Result<Items> {
        let mut items = Items { folders: Vec::new(), posts: Vec::new(), has_others: false };
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name();
            let Ok(kind) = entry.file_type() else { continue };
            if is_hidden(&name) || self.is_ignored(|| entry.path()) || !self.is_mounted(|| entry.path(), kind) {
                continue;
            }
            if kind.is_dir() {
                items.folders.push(entry.path());
            } else if kind.is_file() && self.is_post(&name) {
                items.posts.push(name);
            } else {
                items.has_others |= kind.is_file() && is_content(&name);
            }
        }
        items.posts.sort_unstable();
        items.folders.sort_unstable();
        Ok(items)
    }

    /// Whether a file may say something of the feeds, by its name: Hugo takes it for a page, and it is of their language. An
    /// `index.md` of any language makes its folder one page.
    pub(super) fn is_post(&self, name: &OsStr) -> bool {
        let is_own = |name: &str| {
            let file = ContentPath::new(name, &self.languages);
            file.is_none_or(|file| file.kind == FileKind::Leaf || self.languages.has(file.language))
        };
        is_content(name) && (self.languages.others.is_empty() || name.to_str().is_none_or(is_own))
    }

    fn is_ignored<P: AsRef<Path>>(&self, path: impl FnOnce() -> P) -> bool {
        let matches = |path: P| path.as_ref().to_str().is_some_and(|text| self.ignored.iter().any(|pattern| pattern.0.is_match(text)));
        !self.ignored.is_empty() && matches(path())
    }

    /// Whether a file is there for the site, or what is in a folder may be.
    fn is_mounted<P: AsRef<Path>>(&self, path: impl FnOnce() -> P, kind: FileType) -> bool {
        let passes = |path: P| match self.relative(path.as_ref()) {
            Some(below) if kind.is_dir() => self.files.passes_folder(&below),
            Some(below) => self.files.passes_file(&below),
            None => true,
        };
        self.files.is_empty() || passes(path())
    }

    /// Whether this path, or a folder on the way to it from the content folder, is ignored, is reached over a link, or is a
    /// second name of another one.
    pub(super) fn is_ignored_inside(&self, path: &Path) -> bool {
        path.ancestors().take_while(|part| *part != self.content).any(|part| {
            part.file_name().is_none_or(is_hidden)
                || self.is_ignored(|| part)
                || fs::symlink_metadata(part).is_ok_and(|meta| meta.is_symlink() || !self.is_mounted(|| part, meta.file_type()))
        })
    }

    /// The path below the content folder, with `/`; none when it is no text.
    pub(super) fn relative(&self, path: &Path) -> Option<Arc<str>> {
        let below = path.strip_prefix(&self.content).ok()?.to_str()?;
        Some(if MAIN_SEPARATOR == '/' { below.into() } else { below.replace(MAIN_SEPARATOR, "/").into() })
    }

    /// Where an asset lies, by its path below the root or below a folder beside it; none for a path that leads up.
    pub(super) fn asset(&self, path: &str) -> Option<PathBuf> {
        let is_straight = |path: &str| Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
        let below = |folder: &String| Some((folder_at(&self.root, folder), path.strip_prefix(folder.as_str())?.strip_prefix('/')?));
        let (folder, below) = self.outside.iter().find_map(below).unwrap_or_else(|| (self.root.clone(), path));
        is_straight(below).then(|| folder.join(below))
    }

    /// What the system knows of an asset; none when it is no regular file, or a link leads to it out of the site.
    pub(super) fn asset_meta(&self, full: &Path) -> Option<Metadata> {
        let real = full.canonicalize().ok()?;
        let folders = std::iter::once(self.root.clone()).chain(self.outside());
        let is_inside = folders.filter_map(|folder| folder.canonicalize().ok()).any(|folder| real.starts_with(folder));
        fs::metadata(full).ok().filter(|meta| is_inside && meta.is_file())
    }

    /// Where the folders beside the root are.
    pub(super) fn outside(&self) -> impl Iterator<Item = PathBuf> {
        self.outside.iter().map(|folder| folder_at(&self.root, folder))
    }

    pub(super) fn problem(&self, rule: Rule, path: &Path, what: &str, mend: &str) -> Diagnostic {
        let below = path.strip_prefix(&self.content).unwrap_or(path).to_string_lossy().into_owned();
        Diagnostic::new(rule, format!("{}/{below}", self.content_name), what, mend)
    }
}

/// Whether Hugo takes a file for a page, by its name, as far as it is in a markup that is read.
fn is_content(name: &OsStr) -> bool {
    // a name that is no text may end like one
    Markup::of_file(&name.to_string_lossy()).is_some()
}

/// Names that Hugo passes over: hidden files, and what editors leave beside a file. And that of a folder which the system has
/// at the top of a disk, and nobody else may read.
fn is_hidden(name: &OsStr) -> bool {
    let name = name.as_encoded_bytes();
    name.starts_with(b".") || name.starts_with(b"#") || name.ends_with(b"~") || name == b"lost+found"
}
