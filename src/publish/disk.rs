//! One file: what is there, and how another takes its place in one step.

use std::fs::{self, DirEntry, File, Metadata};
use std::io::{self, ErrorKind, IoSlice, Read, Write};
use std::path::Path;
use std::time::SystemTime;

use anyhow::{Context, Result};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use tempfile::{NamedTempFile, TempPath};

use crate::regular;
use crate::snapshot::Document;

const TEMPORARY: (&str, &str) = (".tidings-", ".tmp");

/// What stands at the place of a document.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum OnDisk {
    /// A file with exactly these bytes, of this date.
    Same(DateTime<Utc>),
    /// Nothing that is known to be the same.
    Other,
    /// No file.
    Nothing,
}

/// Whether an entry of a folder is a regular file, or a link to one.
pub(super) fn is_regular(entry: &DirEntry) -> bool {
    entry.file_type().is_ok_and(|kind| kind.is_file() || kind.is_symlink() && fs::metadata(entry.path()).is_ok_and(|meta| meta.is_file()))
}

/// Compares what stands at a place with a document.
pub(super) fn on_disk(full: &Path, document: &Document) -> OnDisk {
    match regular::open_if_regular(full) {
        Ok(opened) => opened.and_then(|(file, meta)| same(file, &meta, document)).map_or(OnDisk::Other, OnDisk::Same),
        Err(error) if error.kind() == ErrorKind::NotFound => OnDisk::Nothing,
        Err(_) => OnDisk::Other,
    }
}

/// The date of a file that holds exactly this document.
fn same(mut file: File, meta: &Metadata, document: &Document) -> Option<DateTime<Utc>> {
    if meta.len() != document.len() as u64 {
        return None;
    }
    let mut bytes = Vec::with_capacity(document.len());
    file.read_to_end(&mut bytes).ok()?;
    let mut rest = &bytes[..];
    for part in document.parts() {
        rest = rest.strip_prefix(&part[..])?;
    }
    rest.is_empty().then(|| meta.modified().ok().map(DateTime::from))?
}

/// Writes a file in the place of what was there before, with the folder around it if need be. What was there is the answer,
/// and is removed when that is dropped.
pub(super) fn put(place: &Path, parts: &[Bytes], modified: Option<SystemTime>, before: OnDisk) -> Result<Option<TempPath>> {
    put_by_way_of(TEMPORARY.0, place, parts, modified, before)
}

/// Writes a file in a folder that other processes write in, too.
pub(super) fn put_among_others(place: &Path, parts: &[Bytes]) -> Result<()> {
    put_by_way_of(&temporary_of(place), place, parts, None, OnDisk::Other).map(drop)
}

/// Removes what [`put_among_others`] left half written when it was interrupted. What cannot be removed costs its room alone.
pub(super) fn clear_among_others(place: &Path) {
    let temporary = temporary_of(place);
    let is_leftover =
        |entry: &DirEntry| entry.file_name().to_str().is_some_and(|name| name.starts_with(&temporary) && name.ends_with(TEMPORARY.1));
    let entries = place.parent().and_then(|folder| fs::read_dir(folder).ok()).into_iter().flatten().flatten();
    entries.filter(is_leftover).for_each(|leftover| drop(fs::remove_file(leftover.path())));
}

/// How the names of temporary files begin that are for one place alone.
fn temporary_of(place: &Path) -> String {
    format!("{}{}-", TEMPORARY.0, place.file_name().unwrap_or_default().to_string_lossy())
}

/// Writes a file by way of one whose name begins so.
fn put_by_way_of(temporary: &str, place: &Path, parts: &[Bytes], modified: Option<SystemTime>, before: OnDisk) -> Result<Option<TempPath>> {
    let folder = place.parent().unwrap_or(place);
    let write = || -> io::Result<Option<TempPath>> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(temporary).suffix(TEMPORARY.1);
        // an error names no temporary file: nobody has chosen its name, and each attempt has another
        let create = || builder.make_in(folder, |path| File::create_new(path));
        let mut file = match create() {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                fs::create_dir_all(folder)?;
                create()?
            }
            other => other?,
        };
        write_parts(file.as_file_mut(), parts)?;
        if let Some(modified) = modified {
            file.as_file().set_modified(modified)?;
        }
        install(file, place, before)
    };
    write().with_context(|| format!("cannot write {}", place.display()))
}

/// Puts a finished file in its place. Where the system can, it changes places with the one that is there, which is then
/// the answer: on ext4, moving a file over another waits for the disk, 2.5 ms where this takes 0.1. A folder stays where it
/// is, and that is an error: it would change places too, and then lie there under a temporary name.
fn install(file: NamedTempFile, place: &Path, before: OnDisk) -> io::Result<Option<TempPath>> {
    #[cfg(target_os = "linux")]
    if before != OnDisk::Nothing && !place.is_dir() {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        if renameat_with(CWD, file.path(), CWD, place, RenameFlags::EXCHANGE).is_ok() {
            return Ok(Some(file.into_temp_path()));
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = before;
    file.persist(place)?;
    Ok(None)
}

/// Whether a path is that of a file that is not in its place.
pub(super) fn is_temporary(path: &Path) -> bool {
    path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with(TEMPORARY.0) && name.ends_with(TEMPORARY.1))
}

/// Writes parts one after the other, many with one call of the system.
fn write_parts(file: &mut impl Write, parts: &[Bytes]) -> io::Result<()> {
    let mut slices: Vec<IoSlice<'_>> = parts.iter().filter(|part| !part.is_empty()).map(|part| IoSlice::new(part)).collect();
    let mut rest = &mut slices[..];
    while !rest.is_empty() {
        match file.write_vectored(rest) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(written) => IoSlice::advance_slices(&mut rest, written),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
