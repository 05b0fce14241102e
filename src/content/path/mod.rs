//! Paths as Hugo spells them: how text becomes a path, and how a path becomes a URL.
//!
//! What a content file's name means is in `file`. Patterns and front matter that give a page another address are for `content::permalink`.

use std::borrow::Cow;
use std::sync::LazyLock;

use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, percent_decode_str, percent_encode, utf8_percent_encode};
use regex::Regex;
use unicode_normalization::UnicodeNormalization;

use crate::config::{BaseUrl, Languages, Paths};
use crate::taxonomy::Slug;

pub use file::{ContentPath, FileKind, Markup};

mod file;

/// Two parts with a slash between, unless the first is empty.
pub fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// A path from a folder, with `.` and `..` resolved; none climbs.
pub fn resolved(folder: &str, path: &str) -> String {
    clean(&join(folder, path)).trim_start_matches('/').to_owned()
}

/// Parts with a slash between, but for those that are empty.
pub fn join_all(parts: &[String]) -> String {
    parts.iter().map(String::as_str).filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/")
}

/// The folders around a path, from the nearest to the root, which is empty.
pub fn ancestors(path: &str) -> impl Iterator<Item = &str> {
    let parent = |path: &str| -> usize { path.rfind('/').unwrap_or(0) };
    let first = (!path.is_empty()).then(|| &path[..parent(path)]);
    std::iter::successors(first, move |folder| (!folder.is_empty()).then(|| &folder[..parent(folder)]))
}

/// The bundle that a file belongs to as a resource: the nearest folder around it that has an `index.md`, not counting
/// the folder of a file that is this `index.md`. `is_bundle` tells whether a folder has one.
pub fn bundle_of<'p>(path: &'p str, languages: &Languages, is_bundle: impl Fn(&str) -> bool) -> Option<&'p str> {
    let own = ContentPath::new(path, languages).filter(|path| path.kind == FileKind::Leaf).map(|path| path.folder);
    ancestors(path).filter(|folder| !folder.is_empty() && Some(*folder) != own).find(|folder| is_bundle(folder))
}

/// The section that a page in `folder` belongs to: the nearest folder with an `_index.md`, else the top-level one;
/// empty at the root. For a leaf bundle the folder is that around the bundle.
pub fn section_of(folder: &str, has_index: impl Fn(&str) -> bool) -> &str {
    let nearest = std::iter::once(folder).chain(ancestors(folder)).find(|folder| !folder.is_empty() && has_index(folder));
    nearest.unwrap_or_else(|| first_segment(folder))
}

/// The folder of a path, empty at the root.
pub fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The part of a path after its last slash.
pub fn last_segment(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// A name without its ending.
pub fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// The part of a path before its first slash.
pub fn first_segment(path: &str) -> &str {
    path.split('/').next().unwrap_or("")
}

/// The path of a term below its taxonomy; nothing when no character of it can be in a path, or when it would climb.
pub fn slug(term: &str, paths: &Paths) -> Option<Slug> {
    let term = if paths.keep_case { Cow::Borrowed(term) } else { Cow::Owned(normalize(term)) };
    let path = sanitize(&term, paths);
    let path = below(&path)?;
    (!path.is_empty()).then(|| Slug(path.into()))
}

/// A path without empty and `.` segments and without slashes at the ends; nothing when it climbs.
pub fn below(path: &str) -> Option<Cow<'_, str>> {
    if is_settled(path) && path.is_ascii() && !path.bytes().any(|byte| byte.is_ascii_control()) {
        return Some(Cow::Borrowed(path));
    }
    let segments = || path.split('/').filter(|segment| !matches!(*segment, "" | "."));
    let climbs = segments().any(|segment| segment == "..") || path.contains(char::is_control);
    (!climbs).then(|| Cow::Owned(segments().collect::<Vec<_>>().join("/")))
}

/// Whether every segment of a path is a name: none is empty, and none means this folder or the one above.
fn is_settled(path: &str) -> bool {
    path.as_bytes().split(|&byte| byte == b'/').all(|segment| !matches!(segment, b"" | b"." | b".."))
}

/// Hugo's first step: lower case, and a hyphen for each space.
pub fn normalize(path: &str) -> String {
    let path = lower(path);
    if path.bytes().any(|byte| byte == b' ') { path.replace(' ', "-") } else { path }
}

/// Lower case as Go makes it: one character for one.
fn lower(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.chars().map(|c| c.to_lowercase().next().unwrap_or(c)).collect()
}

/// Hugo's second step, for paths and for slugs and titles in them: characters that have no place in a path go, white
/// space between others becomes one hyphen; then accents go and case is lowered, as the site wants it.
pub fn sanitize<'t>(text: &'t str, paths: &Paths) -> Cow<'t, str> {
    if text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'/' | b'_' | b'-')) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let (mut after_hyphen, mut pending) = (false, false);
    for (at, c) in text.char_indices() {
        if is_allowed(text, at, c) {
            after_hyphen = c == '-';
            if std::mem::take(&mut pending) && !after_hyphen {
                out.push('-');
            }
            out.push(c);
        } else if !out.is_empty() && !after_hyphen && c.is_whitespace() {
            pending = true;
        }
    }
    if paths.remove_accents {
        out = MARK.replace_all(&out.nfd().collect::<String>(), "").nfc().collect();
    }
    Cow::Owned(if paths.keep_case { out } else { lower(&out) })
}

static MARK: LazyLock<Regex> = LazyLock::new(|| constant(r"\p{Mn}"));
static WORD: LazyLock<Regex> = LazyLock::new(|| constant(r"^[\p{L}\p{Nd}\p{M}]$"));

#[expect(clippy::expect_used, reason = "the patterns are constants, and tests use them")]
fn constant(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a constant pattern is a pattern")
}

fn is_allowed(text: &str, at: usize, c: char) -> bool {
    match c {
        '.' | '/' | '\\' | '_' | '#' | '+' | '~' | '-' | '@' => true,
        '%' => text.as_bytes().get(at + 1..at + 3).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit)),
        c if c.is_ascii() => c.is_ascii_alphanumeric(),
        c => WORD.is_match(c.encode_utf8(&mut [0; 4])),
    }
}

/// Hugo undoes percent-encoding in an expanded pattern as in a query: a plus becomes a space.
pub fn unescape(text: &str) -> Cow<'_, str> {
    if !text.bytes().any(|byte| matches!(byte, b'+' | b'%')) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned())
}

/// A path with slashes at the start and between, without `.` and `..`: these are resolved, and none climbs.
pub fn clean(path: &str) -> Cow<'_, str> {
    let open = path.strip_suffix('/').unwrap_or(path);
    if open.strip_prefix('/').is_some_and(is_settled) {
        return Cow::Borrowed(open);
    }
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()),
            other => segments.push(other),
        }
    }
    Cow::Owned(format!("/{}", segments.join("/")))
}

/// What Go's `url.URL.EscapedPath` escapes when it has to.
const PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b',')
    .remove(b'/')
    .remove(b':')
    .remove(b';')
    .remove(b'=')
    .remove(b'@');

/// A link's path in ASCII, as Go's `url.URL.EscapedPath` writes it: as it is when it is valid, else escaped anew.
pub fn escape(path: &str) -> Cow<'_, str> {
    if path.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'/' | b'-')) {
        return Cow::Borrowed(path);
    }
    let path = if path.contains('#') { Cow::Owned(path.replace('#', "%23")) } else { Cow::Borrowed(path) };
    let valid = |(at, byte): (usize, u8)| match byte {
        b'%' => path.as_bytes().get(at + 1..at + 3).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit)),
        byte => byte.is_ascii_alphanumeric() || b"-_.~!$&'()*+,;=:@/[]".contains(&byte),
    };
    if path.bytes().enumerate().all(valid) {
        return path;
    }
    let decoded: Vec<u8> = percent_decode_str(&path).collect();
    Cow::Owned(percent_encode(&decoded, PATH).to_string())
}

/// The path of a document in ASCII, as it stands in addresses: [`escape`], to which no part of it is escaped yet.
pub fn encoded(path: &str) -> Cow<'_, str> {
    if path.contains('%') { Cow::Owned(escape(&path.replace('%', "%25")).into_owned()) } else { escape(path) }
}

/// What the files of the bundle that a page is are below: a page that is no folder has one of its name, without the ending.
pub fn beside(address: &str) -> Cow<'_, str> {
    match address.rsplit_once('/') {
        Some((around, page)) if !page.is_empty() && !page.contains('?') => Cow::Owned(format!("{around}/{}/", stem(page))),
        _ => Cow::Borrowed(address),
    }
}

/// A link as an absolute address. A query, which only a `url` of front matter can have, stays one.
pub fn absolute(base: &BaseUrl, link: &str) -> String {
    const QUERY: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>');
    let (path, query) = link.split_once('?').map_or((link, None), |(path, query)| (path, Some(query)));
    let mut address = [base.as_str(), &escape(path.trim_start_matches('/'))].concat();
    if let Some(query) = query {
        address.push('?');
        address.extend(utf8_percent_encode(query, QUERY));
    }
    address
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    pub(super) fn languages() -> Languages {
        Languages { own: "en".into(), others: vec!["fr".into()], ..Languages::default() }
    }

    #[test]
    fn terms_become_hugos_paths() {
        let check = |term: &str, expected: Option<&str>| {
            assert_eq!(slug(term, &Paths::default()).map(|s| s.to_string()).as_deref(), expected, "{term}")
        };
        check("PostgreSQL Confs", Some("postgresql-confs"));
        check("C++", Some("c++"));
        check("C#", Some("c#"));
        check("Éte à vélo", Some("éte-à-vélo"));
        check("日本語", Some("日本語"));
        check(".NET", Some(".net"));
        check("50%25", Some("50%25"));
        check("R&D", Some("rd"));
        check("100%", Some("100"));
        check("what's up?", Some("whats-up"));
        check("a  b", Some("a--b"));
        check("a - b", Some("a---b"));
        check("emoji 🎉 tag", Some("emoji--tag"));
        check("  spaced  ", Some("--spaced--"));
        check("a\tb", Some("a-b"));
        check("a/b", Some("a/b"));
        check("/x/", Some("x"));
        check("İ", Some("i"));
        for term in ["½", "🎉", ".", "..", "a/../b", "/", ""] {
            check(term, None);
        }
    }

    #[test]
    fn accents_and_case_are_as_the_site_wants_them() {
        let paths = Paths { remove_accents: true, keep_case: true, ..Paths::default() };
        assert_eq!(slug("Été  à La й", &paths).unwrap().to_string(), "Ete-a-La-и");
    }

    #[test]
    fn bundles_and_sections_are_found_in_the_folders_around() {
        let languages = languages();
        let bundle = |path| bundle_of(path, &languages, |folder| folder == "p/q");
        assert_eq!(bundle("p/q/index.md"), None);
        assert_eq!(bundle("p/q/x.md"), Some("p/q"));
        assert_eq!(bundle("p/q/r/index.md"), Some("p/q"));
        assert_eq!(bundle("p/x.md"), None);
        let section = |folder| section_of(folder, |folder| folder == "a/b");
        assert_eq!((section("a/b/c"), section("a/c"), section("x/y"), section("")), ("a/b", "a", "x", ""));
    }

    #[test]
    fn links_are_escaped_as_go_escapes_them() {
        let check = |link: &str, expected: &str| {
            assert_eq!(absolute(&BaseUrl::new("https://e.org/s/").unwrap(), link), format!("https://e.org/s/{expected}"))
        };
        check("/a/été c#/", "a/%C3%A9t%C3%A9%20c%23/");
        check("/a%41-(b)!/", "a%41-(b)!/");
        check("/é%41(b)/", "%C3%A9A%28b%29/");
        check("/x y/é?q=1#f%20/", "x%20y/%C3%A9?q=1%23f%20/");
        check("/100%/", "100%25/");
    }

    #[test]
    fn the_path_of_a_document_is_what_its_address_decodes_to() {
        let check =
            |path, expected| assert_eq!((encoded(path), &*percent_decode_str(expected).decode_utf8_lossy()), (expected.into(), path));
        check("tags/c#/rss.xml", "tags/c%23/rss.xml");
        check("50%41/a(b)", "50%2541/a(b)");
        check("50%41/é(b)\\", "50%2541/%C3%A9%28b%29%5C");
    }

    proptest! {
        #[test]
        fn a_path_that_needs_no_mend_is_what_mending_makes_of_it(path in "[ab./ \t\u{85}é-]{0,12}") {
            let unsettled = format!("{path}/.");
            prop_assert_eq!(clean(&path), clean(&unsettled));
            prop_assert_eq!(below(&path), below(&unsettled));
        }

        #[test]
        fn no_slug_climbs_or_has_empty_segments(term in "[a-zA-Zé./ \\\\%0-9~½-]{0,24}", any in "\\PC{0,12}") {
            for term in [term, any] {
                if let Some(Slug(path)) = slug(&term, &Paths::default()) {
                    prop_assert!(path.split('/').all(|segment| !matches!(segment, "" | "." | "..")), "{path}");
                }
            }
        }
    }
}
