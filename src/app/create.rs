//! The only writer of the site itself: files that were not there, each with all of its text. What is there is never touched.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use anyhow::{Context, Result, bail};

/// Writes a file where none is, with the folders on the way to it.
///
/// # Errors
/// When something is there already, or when it cannot be written; then nothing of it is left.
pub(super) fn create(path: &Path, text: &str) -> Result<()> {
    if let Some(folder) = path.parent() {
        create_folder(folder)?;
    }
    // in one step with finding out that nothing is there
    let mut file = match OpenOptions::new().write(true).create_new(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => bail!("{} is there already, and stays as it is", path.display()),
        opened => opened.with_context(|| format!("cannot write {}", path.display()))?,
    };
    file.write_all(text.as_bytes()).with_context(|| format!("cannot write {}", path.display())).inspect_err(|_| {
        // half a text is worse than none; that it stays is no second fault to tell of
        let _ = fs::remove_file(path);
    })
}

/// Makes a folder, with those on the way to it, unless it is there.
///
/// # Errors
/// When it cannot be made.
pub(super) fn create_folder(path: &Path) -> Result<()> {
    fs::create_dir_all(path).with_context(|| format!("cannot make the folder {}", path.display()))
}
