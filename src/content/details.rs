//! What only the rendering of a post needs of its front matter, and the index does not keep.

use crate::config::{self, AUTHORS, Author, Body, Config, Kind, LANGUAGES, Unfit, each, language_tag};
use crate::content::front_matter::Source;
use crate::content::front_matter::front::{Front, own_cascade};
use crate::content::front_matter::own;
use crate::content::path::{ContentPath, Markup};
use crate::content::section::Section;
use crate::content::text::plain;
use crate::diagnostic::Diagnostic;
use crate::value::{Fields, Value};

/// Where a post may name its cover, the first that does wins.
const COVERS: [&str; 6] = ["images", "image", "cover.image", "coverimage", "featured_image", "thumbnailimage"];

/// An image that the front matter names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The image as written.
    pub image: String,
    /// The byte of the file where it is named; none when it is inherited.
    pub offset: Option<usize>,
}

/// What rendering needs of a post.
pub struct Details<'s> {
    /// Who wrote it; empty means the site's author.
    pub authors: Vec<Author>,
    /// Its language, when it has one of its own.
    pub language: Option<String>,
    /// Its rights, when it has some of its own.
    pub rights: Option<String>,
    /// What its body is written in.
    pub markup: Markup,
    /// The summary of its front matter, in Markdown.
    pub summary: Option<String>,
    /// Whether it is in Chinese, Japanese or Korean, when it says so itself: `isCJKLanguage`.
    pub is_cjk: Option<bool>,
    /// The images that may be its cover, in order.
    pub covers: Vec<Named>,
    /// How much of it is in feeds, when it says so itself: `feed.content`.
    pub body: Option<Body>,
    front: Front<'s>,
    site: &'s Fields<'static>,
}

/// Reads the details of a post. `path` is the file below the content folder; `ancestry` are the `_index.md` of the
/// folders around it, nearest first.
pub fn details<'s>(source: &'s Source<'s>, path: &str, ancestry: &[&'s Section], config: &'s Config) -> Details<'s> {
    let file = ContentPath::new(path, &config.site.languages);
    let logical = file.map(|path| path.logical()).unwrap_or_default();
    // what is wrong with its cascade, the page has told
    let cascade = own_cascade(source, config, &mut Vec::new());
    let front = Front::new(&source.fields, cascade, Kind::Page, &logical, ancestry, config);
    let first = |keys: &[&str]| keys.iter().find_map(|key| text(front.param(key)?));
    Details {
        authors: AUTHORS.iter().find_map(|key| Some(authors(front.param(key)?)).filter(|all| !all.is_empty())).unwrap_or_default(),
        language: LANGUAGES.iter().find_map(|key| language_tag(&text(front.param(key)?)?)),
        rights: first(&["rights", "copyright"]),
        markup: Markup::named(&front.text("markup")).or(file.map(|path| path.markup)).unwrap_or_default(),
        summary: first(&["summary"]),
        is_cjk: front.truth("iscjklanguage"),
        covers: COVERS
            .iter()
            .filter_map(|key| Some(Named { image: text(front.param(key)?.items().first()?)?, offset: place(source, key) }))
            .collect(),
        body: front.param("feed.content").and_then(config::body),
        front,
        site: &config.site.params,
    }
}

impl Details<'_> {
    /// What the shortcode `param` shows: the page's parameter, else the site's. Dots reach into tables.
    pub fn param(&self, name: &str) -> Option<String> {
        let name = name.to_lowercase();
        self.front.param(&name).or_else(|| self.site.at(&name))?.text().map(|text| text.into_owned())
    }
}

/// Where a file has the value at a path of keys itself, as far as places are known.
fn place(source: &Source<'_>, path: &str) -> Option<usize> {
    let top = path.split('.').next().unwrap_or(path);
    let field = source.fields.field(top).or_else(|| source.fields.field("params"))?;
    Some(field.offset.unwrap_or(0))
}

fn text(value: &Value<'_>) -> Option<String> {
    Some(plain(&value.text()?)).filter(|text| !text.is_empty())
}

fn authors(value: &Value<'_>) -> Vec<Author> {
    each(value).iter().filter_map(Author::read).collect()
}

/// Tells of languages and addresses of a page that are none, and are left out, of keys that Hugo has removed, and of what is to be in feeds
/// when it cannot be told.
pub(super) fn unfit(source: &Source<'_>, found: &mut Vec<Diagnostic>) {
    own::unfit(source, found);
    tell(source, config::unfit(&source.fields), None, found);
    unfit_cascade(source, found);
}

/// Tells of keys that Hugo has removed in what describes a list.
pub(super) fn removed(source: &Source<'_>, found: &mut Vec<Diagnostic>) {
    tell(source, config::removed(&source.fields), None, found);
}

/// Tells of the same in what others inherit: there it is to be mended, and it is one fault, however many they are.
pub(super) fn unfit_cascade(source: &Source<'_>, found: &mut Vec<Diagnostic>) {
    own::unfit_cascade(source, found);
    own::cascades(source).for_each(|(fields, around)| tell(source, config::unfit_inherited(fields), around, found));
}

/// Tells of what is unfit among fields; the place of what is around them is known where theirs are not.
fn tell(source: &Source<'_>, unfit: Vec<Unfit>, around: Option<usize>, found: &mut Vec<Diagnostic>) {
    for Unfit { rule, key, places: [own, params], what, mend } in unfit {
        let place = own.or_else(|| own::place_of(key, params.or(around), source)).or(Some(0));
        found.push(source.diagnostic(rule, place, what, mend));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::front_matter;

    fn with<T>(front: &str, config: &str, look: impl FnOnce(&Details<'_>) -> T) -> T {
        let text = format!("+++\n{front}\n+++\n");
        let source = front_matter::read("content/post/a.md", text.as_bytes()).unwrap();
        let config = Config::parse(config, "c.toml").unwrap().0;
        look(&details(&source, "post/a.md", &[], &config))
    }

    #[test]
    fn authors_are_read_in_every_form() {
        let check = |front: &str, expected: &[&str]| {
            let names = with(front, "", |details| details.authors.iter().map(|author| author.name.clone()).collect::<Vec<_>>());
            assert_eq!(names, expected, "{front}");
        };
        check("", &[]);
        check("author = ' A '", &["A"]);
        check("authors = ['A', 'B', '']", &["A", "B"]);
        check("[author]\nname = 'A'", &["A"]);
        check("[[authors]]\nname = 'A'\n[[authors]]\nname = 'B'", &["A", "B"]);
        check("[params]\nauthor = 'P'", &["P"]);
        check("author = \"\\u0000P\\u000b\"", &["P"]);
    }

    #[test]
    fn a_language_is_a_tag() {
        let check =
            |front: &str, expected: Option<&str>| with(front, "", |details| assert_eq!(details.language.as_deref(), expected, "{front}"));
        check("language = 'pt_BR'", Some("pt-BR"));
        check("language = 'C++'\nlang = 'de'", Some("de"));
        check("language = 'C++'", None);
    }

    #[test]
    fn covers_are_in_the_order_of_the_contract() {
        let covers: Vec<String> =
            with("featured_image = 'f'\nimages = ['i', 'j']\ncoverImage = 'c'\n[cover]\nimage = 'd'", "", |details| {
                details.covers.iter().map(|cover| cover.image.clone()).collect()
            });
        assert_eq!(covers, ["i", "d", "c", "f"]);
        let offset = |front: &str, config: &str| with(front, config, |details| details.covers[0].offset);
        assert_eq!(offset("title = 'a'\nimage = 'i'", ""), Some(24));
        assert_eq!(offset("title = 'a'\n[cover]\nimage = 'i'", ""), Some(16));
        assert_eq!(offset("title = 'a'", "[cascade]\nimage = 'i'"), None);
    }

    #[test]
    fn a_parameter_is_the_pages_else_the_sites() {
        let param = |name: &str| with("a = 1\n[params]\nb = 2", "[params]\na = 9\n[params.c]\nd = 3", |details| details.param(name));
        assert_eq!((param("A"), param("b"), param("c.D"), param("x")), (Some("1".into()), Some("2".into()), Some("3".into()), None));
    }

    #[test]
    fn what_is_missing_is_inherited() {
        let config = "[cascade]\nlang = 'fr'\n[cascade.feed]\ncontent = 'summary'";
        assert_eq!(with("", config, |details| (details.language.clone(), details.body)), (Some("fr".into()), Some(Body::Summary)));
    }
}
