//! What a content file is, by its path: a page or a list, in which language, and what it is written in.

use super::normalize;
use crate::config::Languages;

/// What a content file is, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// `_index.md`: its folder's list.
    Branch,
    /// `index.md`: a page that owns its folder.
    Leaf,
    /// Any other page.
    Single,
}

/// What the body of a page is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Markup {
    /// Markdown, with HTML in it.
    #[default]
    Markdown,
    /// HTML alone.
    Html,
}

impl Markup {
    /// What Hugo knows by a name: that of the `markup` of a page, or the ending of a file's.
    pub fn named(name: &str) -> Option<Self> {
        const NAMES: [(&str, Markup); 6] = [
            ("md", Markup::Markdown),
            ("markdown", Markup::Markdown),
            ("mdown", Markup::Markdown),
            ("goldmark", Markup::Markdown),
            ("html", Markup::Html),
            ("htm", Markup::Html),
        ];
        NAMES.iter().find(|(known, _)| name.eq_ignore_ascii_case(known)).map(|(_, markup)| *markup)
    }

    /// What is in a file, by the ending of its name; none when it is no content file.
    pub fn of_file(name: &str) -> Option<Self> {
        let (_, ending) = name.rsplit_once('.')?;
        Markup::named(ending).filter(|_| !ending.eq_ignore_ascii_case("goldmark"))
    }
}

/// A content file's path, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContentPath<'p> {
    /// The folder below the content folder, without slashes at the ends; empty at the root.
    pub folder: &'p str,
    /// The name without extension and language.
    pub stem: &'p str,
    /// The language that the name gives, when it is one of the site's.
    pub language: Option<&'p str>,
    /// What the file is.
    pub kind: FileKind,
    /// What is in it.
    pub markup: Markup,
}

impl<'p> ContentPath<'p> {
    /// Takes a path below the content folder apart; nothing when it is no content file.
    pub fn new(path: &'p str, languages: &Languages) -> Option<Self> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let markup = Markup::of_file(name)?;
        let (name, _) = name.rsplit_once('.')?;
        let (stem, language) = parted(name, languages);
        let kind = match stem {
            stem if stem.eq_ignore_ascii_case("_index") => FileKind::Branch,
            stem if stem.eq_ignore_ascii_case("index") => FileKind::Leaf,
            _ => FileKind::Single,
        };
        Some(ContentPath { folder, stem, language, kind, markup })
    }

    /// The folder that holds the page: for a bundle the one around its own.
    pub fn container(&self) -> &'p str {
        match self.kind {
            FileKind::Single => self.folder,
            FileKind::Leaf | FileKind::Branch => self.folder.rsplit_once('/').map_or("", |(parent, _)| parent),
        }
    }

    /// The last part of the page's own path: for a bundle its folder's name.
    pub fn base_name(&self) -> &'p str {
        match self.kind {
            FileKind::Single => self.stem,
            FileKind::Leaf | FileKind::Branch => self.folder.rsplit_once('/').map_or(self.folder, |(_, name)| name),
        }
    }

    /// Hugo's path of the page, by which targets are matched: `/post/my-page`.
    pub fn logical(&self) -> String {
        normalize(&match self.kind {
            FileKind::Single if !self.folder.is_empty() => ["/", self.folder, "/", self.stem].concat(),
            FileKind::Single => ["/", self.stem].concat(),
            FileKind::Leaf | FileKind::Branch => ["/", self.folder].concat(),
        })
    }
}

/// A name without the last of its parts that is a language of the site, and without what is behind that, and the language.
fn parted<'p>(name: &'p str, languages: &Languages) -> (&'p str, Option<&'p str>) {
    let mut end = name.len();
    while let Some(dot) = name[..end].rfind('.') {
        let language = &name[dot + 1..end];
        if languages.knows(language) {
            return (&name[..dot], Some(language));
        }
        end = dot;
    }
    (name, None)
}

#[cfg(test)]
mod tests {
    use super::super::tests::languages;
    use super::*;

    #[test]
    fn file_names_tell_what_they_are() {
        let languages = languages();
        let check = |path: &str, stem: &str, kind: FileKind, language: Option<&str>, base: &str, container: &str| {
            let content = ContentPath::new(path, &languages).unwrap();
            let got = (content.stem, content.kind, content.language, content.base_name(), content.container());
            assert_eq!(got, (stem, kind, language, base, container), "{path}");
        };
        check("a.md", "a", FileKind::Single, None, "a", "");
        check("p/a.b.md", "a.b", FileKind::Single, None, "a.b", "p");
        check("p/a.fr.md", "a", FileKind::Single, Some("fr"), "a", "p");
        check("p/q/index.md", "index", FileKind::Leaf, None, "q", "p");
        check("p/q/_index.en.md", "_index", FileKind::Branch, Some("en"), "q", "p");
        check("p/q/Index.MD", "Index", FileKind::Leaf, None, "q", "p");
        check("p/q/index.fr.html", "index", FileKind::Leaf, Some("fr"), "q", "p");
        for (path, markup) in
            [("a.md", Some(Markup::Markdown)), ("a.HTM", Some(Markup::Html)), ("a.org", None), ("a.goldmark", None), ("md", None)]
        {
            assert_eq!(ContentPath::new(path, &languages).map(|path| path.markup), markup, "{path}");
        }
    }

    #[test]
    fn the_last_language_among_the_parts_of_a_name_counts_and_nothing_behind_it() {
        let languages = languages();
        let check = |path: &str, stem: &str, language: Option<&str>| {
            let content = ContentPath::new(path, &languages).unwrap();
            assert_eq!((content.stem, content.language), (stem, language), "{path}");
        };
        check("menus.en.toml.md", "menus", Some("en"));
        check("x.fr.en.md", "x.fr", Some("en"));
        check("x.en.fr.b.c.md", "x.en", Some("fr"));
        check("index.fr.b.md", "index", Some("fr"));
        check("fr.b.md", "fr.b", None);
        check("x.b.md", "x.b", None);
    }
}
