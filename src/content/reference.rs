//! What a reference to another page says, as Hugo reads it: the paths that it may mean, whatever its spelling.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use crate::config::Languages;
use crate::content::path::{folder_of, join, last_segment, normalize, stem};

/// A reference, taken apart: a path, perhaps with a query and a fragment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target<'t> {
    /// The path, decoded, without a slash at its end.
    pub path: Cow<'t, str>,
    /// What comes after `?`.
    pub query: Option<&'t str>,
    /// What comes after `#`.
    pub fragment: Option<&'t str>,
}

impl<'t> Target<'t> {
    /// Takes a reference apart.
    pub fn new(text: &'t str) -> Self {
        let (text, fragment) = text.split_once('#').map_or((text, None), |(text, fragment)| (text, Some(fragment)));
        let (path, query) = text.split_once('?').map_or((text, None), |(path, query)| (path, Some(query)));
        let bare = path.trim_end_matches('/');
        let path = percent_decode_str(if bare.is_empty() { path } else { bare }).decode_utf8_lossy();
        Target { path, query, fragment }
    }

    /// The names that the path may end with, and for what may be an `index.md` those of its folder; empty where this depends on
    /// the folder that it is seen from.
    pub fn names(&self) -> Vec<String> {
        let mut names = spellings(last_segment(&self.path));
        if names.iter().any(|name| is_index(name)) {
            names.extend(spellings(last_segment(folder_of(&self.path))));
        }
        if names.iter().any(|name| matches!(name.as_str(), "" | "." | "..")) { Vec::new() } else { names }
    }
}

/// The paths of pages, as Hugo spells them, that a path may mean, the likeliest first.
pub fn meanings(path: &str, languages: &Languages) -> Vec<String> {
    let folder = normalize(folder_of(path));
    let mut names = spellings(last_segment(path));
    // what is before the ending is a language, or part of the name
    names.truncate(if names.get(1).and_then(|name| name.rsplit_once('.')).is_some_and(|(_, end)| languages.knows(end)) { 3 } else { 2 });
    names.into_iter().map(|name| if is_index(&name) { folder.clone() } else { join(&folder, &name) }).collect()
}

/// A name as it is, without what may be its ending, and without what may be a language before that.
fn spellings(name: &str) -> Vec<String> {
    let whole = normalize(name);
    let mut names = vec![whole];
    for _ in 0..2 {
        let shorter = names.last().map(|name| stem(name)).filter(|name| !name.is_empty() && *name != ".");
        match shorter {
            Some(shorter) if names.last().is_none_or(|name| name != shorter) => names.push(shorter.to_owned()),
            _ => break,
        }
    }
    names
}

fn is_index(name: &str) -> bool {
    matches!(name, "index" | "_index")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_taken_apart() {
        let check = |text: &str, path: &str, query: Option<&str>, fragment: Option<&str>| {
            assert_eq!(Target::new(text), Target { path: path.into(), query, fragment });
        };
        check("b.md?x=1#f", "b.md", Some("x=1"), Some("f"));
        check("my%20post/#", "my post", None, Some(""));
        check("/", "/", None, None);
        check("#f?x", "", None, Some("f?x"));
    }

    #[test]
    fn a_path_may_mean_what_it_spells_with_and_without_endings() {
        let languages = Languages { own: "en".into(), others: vec!["fr".into()], ..Languages::default() };
        let check = |path: &str, expected: &[&str]| assert_eq!(meanings(path, &languages), expected, "{path}");
        check("Post/My Post.md", &["post/my-post.md", "post/my-post"]);
        check("post/b.fr.md", &["post/b.fr.md", "post/b.fr", "post/b"]);
        check("post/p1.2", &["post/p1.2", "post/p1"]);
        check("post/a.b.c", &["post/a.b.c", "post/a.b"]);
        check("post/_index.md", &["post/_index.md", "post"]);
        check("Index", &[""]);
        check("b", &["b"]);
        check(".hidden", &[".hidden"]);
    }

    #[test]
    fn a_reference_goes_by_the_names_at_its_end() {
        let check = |text: &str, expected: &[&str]| assert_eq!(Target::new(text).names(), expected, "{text}");
        check("/post/B.fr.md#f", &["b.fr.md", "b.fr", "b"]);
        check("bun/index.md", &["index.md", "index", "bun"]);
        for anything in ["", ".", "..", "/", "index.md", "../_index", "#f"] {
            check(anything, &[]);
        }
    }
}
