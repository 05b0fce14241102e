//! From the path of a request to a document, or to where it is now.

use std::borrow::Cow;
use std::sync::Arc;

use http::StatusCode;
use percent_encoding::percent_decode_str;
use unicode_normalization::UnicodeNormalization;

use super::redirects::{Redirect, Target};
use super::{Options, format_of};
use crate::config::Format;
use crate::content::path;
use crate::snapshot::{Document, Snapshot};

/// The page that `/` shows.
pub(super) const PAGE: &str = "feeds.html";

/// Where pages are told of changes.
const EVENTS: &str = "events";

/// What is at a path.
pub(super) enum Route<'a> {
    /// This document, at this path.
    Document(&'a Arc<str>, &'a Arc<Document>),
    /// News of changes.
    Events,
    /// Something, at another path, which is in ASCII and starts with exactly one slash, or at an address elsewhere.
    Moved(StatusCode, String),
    /// Another path of the server, which is not of these feeds, in ASCII.
    Beside(String),
    /// Nothing any more.
    Gone,
    /// Nothing.
    Missing,
}

/// Where feeds were before, below the folder of their scope; a trailing slash is no difference to names without an extension.
const OLD: [(&str, Format); 17] = [
    ("index.xml", Format::Rss),
    ("feed.xml", Format::Rss),
    ("rss.xml", Format::Rss),
    ("index.rss", Format::Rss),
    ("feed.rss", Format::Rss),
    ("feed/rss", Format::Rss),
    ("feed/rss2", Format::Rss),
    ("feed", Format::Rss),
    ("rss", Format::Rss),
    ("rss2", Format::Rss),
    ("feed/atom", Format::Atom),
    ("index.atom", Format::Atom),
    ("atom.xml", Format::Atom),
    ("atom", Format::Atom),
    ("feed/json", Format::Json),
    ("feed.json", Format::Json),
    ("index.json", Format::Json),
];

/// What is at `raw`, the path of a target as it was sent, with this query.
pub(super) fn route<'a>(raw: &str, query: Option<&str>, snapshot: &'a Snapshot, options: &Options) -> Route<'a> {
    let Some(path) = decoded(raw) else { return Route::Missing };
    let key = if path.is_empty() { PAGE } else { &path };
    if let Some((key, document)) = snapshot.documents.get_key_value(key) {
        // what was taken as it is needs no comparison
        let canonical = matches!(path, Cow::Owned(_)).then(|| encoded(&path)).filter(|canonical| raw != canonical);
        return match canonical {
            None => Route::Document(key, document),
            Some(canonical) => Route::Moved(StatusCode::PERMANENT_REDIRECT, canonical),
        };
    }
    if path != EVENTS {
        return elsewhere(&path, snapshot, options);
    }
    if asked(query, "of").is_some() {
        return Route::Events;
    }
    match elsewhere(&path, snapshot, options) {
        // a page of the site may be called so, at which whoever serves that leads on
        Route::Missing => Route::Moved(StatusCode::MOVED_PERMANENTLY, format!("/{EVENTS}/")),
        known => known,
    }
}

/// What is at a path that has no document: it is spelled otherwise, is led elsewhere, or was there.
fn elsewhere<'a>(path: &str, snapshot: &'a Snapshot, options: &Options) -> Route<'a> {
    let spellings = spellings(path);
    if let Some(spelled) = spellings.iter().find(|spelled| snapshot.documents.contains_key(spelled.as_str())) {
        return Route::Moved(StatusCode::PERMANENT_REDIRECT, encoded(spelled));
    }
    let is_there = |path: &str| matches!(today(path, snapshot, options), Route::Moved(..));
    match options.redirects.follow(&composed(path), is_there) {
        None => today(path, snapshot, options),
        Some(Redirect { to: Target::Here(path), suffix }) => match today(&path, snapshot, options) {
            Route::Missing => Route::Moved(StatusCode::MOVED_PERMANENTLY, encoded(&path) + &suffix),
            Route::Moved(status, to) => Route::Moved(status, to + &suffix),
            known => known,
        },
        Some(Redirect { to: Target::Beside(path), suffix }) => Route::Beside(path + &suffix),
        Some(Redirect { to: Target::Elsewhere(address), .. }) if address.contains(['?', '#']) => {
            Route::Moved(StatusCode::MOVED_PERMANENTLY, address)
        }
        Some(Redirect { to: Target::Elsewhere(address), suffix }) => Route::Moved(StatusCode::MOVED_PERMANENTLY, address + &suffix),
    }
}

/// What a query says of a name.
pub(super) fn asked(query: Option<&str>, name: &str) -> Option<String> {
    let mut pairs = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// The document that is meant by a path as it was sent, whether or not there is one.
pub(super) fn document_path(raw: &str) -> Option<String> {
    decoded(raw).map(|path| if path.is_empty() { PAGE.to_owned() } else { path.into_owned() })
}

/// The path below `/`, decoded once, borrowed when that changes nothing; none when it could mean anything but a name in the map. A name
/// that is no text in UTF-8 then is as it was sent, since Hugo has such.
fn decoded(raw: &str) -> Option<Cow<'_, str>> {
    let below = raw.strip_prefix('/')?;
    if is_plain(below) {
        return Some(Cow::Borrowed(below));
    }
    let mut segments = Vec::new();
    for segment in below.split('/') {
        let text = percent_decode_str(segment).decode_utf8().unwrap_or(Cow::Borrowed(segment));
        if text.contains(|c: char| c == '/' || c.is_control()) || text == "." || text == ".." {
            return None;
        }
        segments.push(text);
    }
    let path = segments.join("/");
    (!path.starts_with('/') && !path.contains("//")).then_some(Cow::Owned(path))
}

/// The same in NFC, in which redirects are looked for.
pub(super) fn decoded_and_composed(raw: &str) -> Option<String> {
    decoded(raw).map(|path| composed(&path))
}

fn composed(path: &str) -> String {
    if path.is_ascii() { path.to_owned() } else { path.nfc().collect() }
}

/// How else a path may be spelled: clients compose what somebody typed or copied, and names of folders that macOS made are not composed.
fn spellings(path: &str) -> Vec<String> {
    if path.is_ascii() { Vec::new() } else { vec![composed(path), path.nfd().collect()] }
}

/// Whether a path is the same encoded and decoded for sure: its names are of ASCII letters, digits, `-`, `_` and `.`, the first
/// a letter or digit.
fn is_plain(path: &str) -> bool {
    let mut starts_name = true;
    path.bytes().all(|b| {
        let is_plain = if starts_name { b.is_ascii_alphanumeric() } else { b.is_ascii_alphanumeric() || b"-_./".contains(&b) };
        starts_name = b == b'/';
        is_plain
    })
}

/// A path in ASCII, from `/`: that of a document is the one that it gives as its own.
pub(super) fn encoded(path: &str) -> String {
    format!("/{}", path::encoded(path))
}

/// Where what is meant by a path, however it is spelled, is today.
fn today<'a>(path: &str, snapshot: &'a Snapshot, options: &Options) -> Route<'a> {
    let candidates = candidates(path, snapshot, options);
    match candidates.iter().find(|path| snapshot.documents.contains_key(path.as_str())) {
        Some(path) => Route::Moved(StatusCode::MOVED_PERMANENTLY, encoded(path)),
        None if candidates.iter().any(|path| snapshot.gone.contains_key(path.as_str())) => Route::Gone,
        None => Route::Missing,
    }
}

/// The paths that what is meant by a path may have, those that are most like it first: in other spellings, by another name in its
/// folder, and in the folder where the feeds of that are now.
fn candidates(path: &str, snapshot: &Snapshot, options: &Options) -> Vec<String> {
    let spelled: Vec<String> = std::iter::once(path.to_owned()).chain(spellings(path)).collect();
    let feeds = spelled.iter().flat_map(|path| former(path, snapshot).into_iter().chain(meant(path)));
    let beside: Vec<String> = feeds.flat_map(|(folder, format)| files(folder, format, options)).collect();
    let near = [spelled, beside].concat();
    let heirs = near.iter().filter_map(|path| heir(path, snapshot));
    let moved: Vec<String> = heirs.flat_map(|(folder, format)| files(&folder, format, options)).collect();
    [near, moved].concat()
}

/// The feed that was at a path: the folder, with its slash, and the format.
fn former<'p>(path: &'p str, snapshot: &Snapshot) -> Option<(&'p str, Format)> {
    let format = format_of(&snapshot.gone.get(path)?.content_type)?;
    Some((&path[..path.rfind('/').map_or(0, |slash| slash + 1)], format))
}

/// Where the feed that was at a path has moved: the folder, with its slash, and the format.
fn heir(path: &str, snapshot: &Snapshot) -> Option<(String, Format)> {
    let gone = snapshot.gone.get(path)?;
    Some((format!("{}/", gone.heir.as_ref()?), format_of(&gone.content_type)?))
}

/// The paths that a feed may have in a folder, whose slash is with it.
fn files(folder: &str, format: Format, options: &Options) -> Vec<String> {
    let folder = if folder.is_empty() { &options.home } else { folder };
    names(format, options).map(|name| format!("{folder}{name}")).collect()
}

/// The feeds that an old address may mean: the folder, with its slash, and the format.
fn meant(path: &str) -> impl Iterator<Item = (&str, Format)> {
    let name = path.strip_suffix('/').filter(|name| !name.ends_with(".xml") && !name.ends_with(".json")).unwrap_or(path);
    OLD.iter().filter_map(move |(old, format)| {
        let folder = name.strip_suffix(old).filter(|folder| folder.is_empty() || folder.ends_with('/'))?;
        Some((folder, *format))
    })
}

/// What the file of a format may be called: where the site has no feeds in it, a reader is better served by another than by none.
fn names(format: Format, options: &Options) -> impl Iterator<Item = &str> {
    let formats = std::iter::once(format).chain(Format::ALL.into_iter().filter(move |other| *other != format));
    formats.flat_map(|format| [options.file_names.of(format), options.former_names.of(format)])
}
