//! Which files are the configuration of a site: one that is named, our own, or those that Hugo reads.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{env, io};

use anyhow::{Context, Result, anyhow};
use walkdir::{DirEntry, WalkDir};

use super::advice::about_configuration;
use crate::config::{Part, Purpose};
use crate::diagnostic::Diagnostic;
use crate::regular;
use crate::source::Stamp;

/// The configuration that Hugo does not look at. Where it is, it is all of it.
pub(super) const OWN: &str = "tidings.toml";

/// Endings of pages, which no configuration has.
const PAGES: [&str; 5] = ["md", "markdown", "mdown", "html", "htm"];

/// The folder with Hugo's folders of parts.
const FOLDER: &str = "config";

/// The folders where Hugo looks for parts of a configuration: what is the same in every environment, and what is of the one at hand.
fn part_folders() -> [PathBuf; 2] {
    let environment = Purpose::environment(|name| env::var(name).ok());
    [Path::new(FOLDER).join("_default"), Path::new(FOLDER).join(environment)]
}

/// What the environment says of the configuration, whatever is in its files.
pub(super) fn variables() -> Vec<Part> {
    let lossy = |text: OsString| text.to_string_lossy().into_owned();
    let mut all: Vec<Part> = env::vars_os().filter_map(|(name, value)| Part::of_variable(&lossy(name), lossy(value))).collect();
    all.sort_by(|a, b| a.path.cmp(&b.path));
    all
}

/// The files of a configuration, and where they are looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Configuration {
    /// The site's root: the folder of the first file, or that around the folders of parts. It is absolute.
    pub(super) root: PathBuf,
    /// The files below the root, of which the first has keys of the top level if any has; there is at least one.
    files: Vec<PathBuf>,
    /// Whether the first file was named.
    is_named: bool,
    /// Whether it is one file, whatever else there is.
    is_alone: bool,
}

/// A configuration as it was read.
#[derive(Clone)]
pub(super) struct Found {
    pub(super) configuration: Configuration,
    /// What its files held.
    pub(super) parts: Vec<Part>,
    /// What the system told of them just before they were read.
    pub(super) stamps: Stamps,
}

/// What the system tells of the files: it is different once one of them may be.
pub(super) type Stamps = Vec<(PathBuf, Option<Stamp>)>;

impl Configuration {
    /// Finds the configuration of the site in the current folder, or with the file that is named.
    ///
    /// # Errors
    /// When there is none.
    pub(super) fn find(named: Option<&Path>) -> Result<Self> {
        let Some(named) = named else {
            return Configuration::of_folder(std::env::current_dir().context("cannot tell the current folder")?);
        };
        let file = std::path::absolute(named).with_context(|| format!("cannot find {}", named.display()))?;
        let mend = || file.join("hugo.toml").display().to_string();
        anyhow::ensure!(!file.is_dir(), "{} is a folder; name the file in it, such as -c {}", file.display(), mend());
        let is_page = file.extension().is_some_and(|ending| PAGES.iter().any(|page| ending.eq_ignore_ascii_case(page)));
        anyhow::ensure!(
            !is_page,
            "{} is a page, no configuration; name the file that says what the site is, such as -c hugo.toml",
            file.display()
        );
        // what is in a folder of parts is not all of it
        let around =
            part_folders().iter().find_map(|folder| file.ancestors().nth(3).filter(|root| file.parent() == Some(&*root.join(folder))));
        around.map_or_else(|| Configuration::of_file(&file), |root| Configuration::of_folder(root.to_owned()))
    }

    /// The configuration with this first file.
    fn of_file(file: &Path) -> Result<Self> {
        let root = file.parent().unwrap_or(Path::new("/")).to_owned();
        let name = PathBuf::from(file.file_name().unwrap_or_default());
        let is_alone = name == Path::new(OWN);
        let parts = if is_alone { Vec::new() } else { parts(&root)? };
        Ok(Configuration { root, files: std::iter::once(name).chain(parts).collect(), is_named: true, is_alone })
    }

    /// The configuration in a site's root: our own, or what Hugo reads there.
    fn of_folder(root: PathBuf) -> Result<Self> {
        let is_alone = root.join(OWN).exists();
        let first = if is_alone { Some(OWN.to_owned()) } else { Part::names().find(|name| root.join(name).exists()) };
        if let Some(first) = first.as_ref().map(|first| root.join(first)).filter(|first| first.is_dir()) {
            anyhow::bail!("{} is a folder; move it away, or name the configuration with -c FILE", first.display());
        }
        let mut files: Vec<PathBuf> = first.into_iter().map(PathBuf::from).collect();
        if !is_alone {
            files.extend(parts(&root)?);
        }
        anyhow::ensure!(
            !files.is_empty(),
            "there is no hugo.toml or config.toml in {}; go to your site's folder, name its configuration with -c FILE, \
             or have one written here by `tidings init`",
            root.display()
        );
        Ok(Configuration { root, files, is_named: false, is_alone })
    }

    /// Whether a folder has a configuration.
    pub(super) fn is_in(root: &Path) -> bool {
        Part::names().chain([OWN.to_owned()]).any(|name| root.join(name).exists()) || parts(root).is_ok_and(|parts| !parts.is_empty())
    }

    /// Reads the files: all of them are parts, or one is no text.
    ///
    /// # Errors
    /// When one cannot be read.
    pub(super) fn read(&self) -> Result<Result<Vec<Part>, Diagnostic>> {
        let read = |file: &PathBuf| {
            let full = self.root.join(file);
            let bytes = regular::read(&full).map_err(|error| unreadable(&full, error))?;
            let path = file.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/");
            Ok(Part::read(path, bytes))
        };
        self.files.iter().map(read).collect()
    }

    /// How many files there are beside the first.
    pub(super) fn others(&self) -> usize {
        self.files.len() - 1
    }

    /// The first of the files, absolute: what belongs to no part of its own stands there.
    pub(super) fn file(&self) -> PathBuf {
        self.root.join(&self.files[0])
    }

    /// Whether one of the files, which held these parts, is gone, or holds nothing.
    pub(super) fn lacks_file(&self, parts: &[Part]) -> bool {
        let length = |file: &Path| self.root.join(file).metadata().ok().map(|meta| meta.len());
        self.files.iter().zip(parts).any(|(file, part)| length(file).is_none_or(|length| length == 0 && !part.text.is_empty()))
    }

    /// Whether what is at a path may be a part of it, or is on the way to one.
    pub(super) fn concerns(&self, path: &Path) -> bool {
        let Ok(below) = path.strip_prefix(&self.root) else { return false };
        let is_among_parts = below == Path::new(FOLDER) || part_folders().iter().any(|folder| below.starts_with(folder));
        let may_be_first = |name: &str| name == OWN || Part::names().any(|known| known == name);
        let is_on_the_way = || below.parent() == Some(Path::new("")) && self.links().any(|target| target.starts_with(path));
        let is_part = below == self.files[0] || !self.is_alone && is_among_parts;
        is_part || !self.is_named && below.to_str().is_some_and(may_be_first) || is_on_the_way()
    }

    /// Where those of the files lead that are links: Kubernetes mounts each as one through a folder `..data`, in whose place it puts
    /// another.
    fn links(&self) -> impl Iterator<Item = PathBuf> {
        self.files.iter().filter_map(|file| {
            let file = self.root.join(file);
            Some(file.parent()?.join(file.read_link().ok()?))
        })
    }

    /// The folders beside the root in which its parts are, or may come to be.
    pub(super) fn folders(&self) -> Vec<PathBuf> {
        if self.is_alone {
            return Vec::new();
        }
        let all = [PathBuf::from(FOLDER)].into_iter().chain(part_folders()).map(|folder| self.root.join(folder));
        let below = walk(&self.root).filter_map(Result::ok).filter(|entry| entry.depth() > 0 && entry.file_type().is_dir());
        all.chain(below.map(DirEntry::into_path)).collect()
    }

    /// Whether a path is in the folder that these are in.
    pub(super) fn has_folder_of(&self, path: &Path) -> bool {
        !self.is_alone && path.starts_with(self.root.join(FOLDER))
    }

    /// What the system tells now of the files that there are.
    pub(super) fn stamps(&self) -> Stamps {
        let now = if self.is_named { Configuration::of_file(&self.file()) } else { Configuration::of_folder(self.root.clone()) };
        let files = now.map_or_else(|_| self.files.clone(), |now| now.files);
        let stamp = |file: &Path| Some(Stamp::of(&self.root.join(file).metadata().ok()?));
        files.into_iter().map(|file| (file.clone(), stamp(&file))).collect()
    }
}

/// Why a file cannot be read, and what to do about it.
fn unreadable(path: &Path, error: io::Error) -> anyhow::Error {
    let what = format!("cannot read {}", path.display());
    match about_configuration(&error) {
        Some(mend) => anyhow!("{what}: {error}; {mend}"),
        None => anyhow::Error::new(error).context(what),
    }
}

/// The files in Hugo's folders of parts, those with keys of the top level first; relative to the root.
///
/// # Errors
/// When a folder that is there cannot be read: without the files in it the others would say something else.
fn parts(root: &Path) -> Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    for entry in walk(root) {
        let entry = entry?;
        let Some((name, (_, ending))) = entry.file_name().to_str().and_then(|name| Some((name, name.rsplit_once('.')?))) else { continue };
        if Part::ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known)) && !entry.path().is_dir() {
            let file = entry.path().strip_prefix(root).unwrap_or(entry.path());
            all.push((!Part::is_root(name), file.to_owned()));
        }
    }
    all.sort();
    Ok(all.into_iter().map(|(_, file)| file).collect())
}

/// What is in Hugo's folders of parts that are there, and in those below, in no order.
fn walk(root: &Path) -> impl Iterator<Item = Result<DirEntry>> {
    // editors leave hidden files beside the one that is edited
    let is_hidden = |entry: &DirEntry| matches!(entry.file_name().as_encoded_bytes().first(), Some(b'.' | b'#'));
    let walk = part_folders()
        .into_iter()
        .flat_map(move |folder| WalkDir::new(root.join(folder)).into_iter().filter_entry(move |entry| !is_hidden(entry)));
    walk.filter_map(move |entry| match entry {
        Ok(entry) => Some(Ok(entry)),
        Err(error) => {
            let path = error.path().unwrap_or(root).to_owned();
            let why = error.into_io_error()?;
            let is_there = !matches!(why.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory);
            is_there.then(|| Err(why).with_context(|| format!("cannot read {}", path.display())))
        }
    })
}
