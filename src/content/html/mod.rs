//! HTML of authors, templates and shortcodes made safe for feeds: balanced, absolute, nothing that runs.
//!
//! `rewrite` replaces what has a better form in a feed than none and lets pass what is listed here. Most HTML is then what a
//! browser would make of it (`nesting`), and done. The rest goes through `ammonia`, which parses as a browser does, until
//! nothing moves any more. What is listed decides about safety, whoever applies it.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use ammonia::{Builder, UrlRelative};

use crate::content::link::SCHEMES;
use crate::content::markdown::Markdown;

pub(super) mod embed;
pub(super) mod nesting;
pub(super) mod rewrite;

use rewrite::Filter;

pub(super) const TAGS: &[&str] = &[
    "a",
    "abbr",
    "address",
    "article",
    "aside",
    "audio",
    "b",
    "bdi",
    "bdo",
    "blockquote",
    "br",
    "caption",
    "center",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "details",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hgroup",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "main",
    "mark",
    "nav",
    "ol",
    "p",
    "picture",
    "pre",
    "q",
    "rp",
    "rt",
    "ruby",
    "s",
    "samp",
    "section",
    "small",
    "source",
    "span",
    "strike",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "time",
    "tr",
    "tt",
    "u",
    "ul",
    "var",
    "video",
    "wbr",
    "math",
    "menclose",
    "merror",
    "mfrac",
    "mi",
    "mmultiscripts",
    "mn",
    "mo",
    "mover",
    "mpadded",
    "mphantom",
    "mprescripts",
    "mroot",
    "mrow",
    "ms",
    "mspace",
    "msqrt",
    "mstyle",
    "msub",
    "msubsup",
    "msup",
    "mtable",
    "mtd",
    "mtext",
    "mtr",
    "munder",
    "munderover",
    "semantics",
    "none",
];

/// Elements that go with all that is in them.
const DROPPED: &[&str] = &[
    "script",
    "style",
    "iframe",
    "svg",
    "noscript",
    "template",
    "select",
    "textarea",
    "title",
    "object",
    "applet",
    "canvas",
    "dialog",
    "noembed",
    "noframes",
    "xmp",
    "map",
    "datalist",
    "annotation",
    "annotation-xml",
];

const ATTRIBUTES: &[(&str, &[&str])] = &[
    ("a", &["href", "hreflang"]),
    ("audio", &["src", "controls"]),
    ("blockquote", &["cite"]),
    ("col", &["span"]),
    ("colgroup", &["span"]),
    ("del", &["cite", "datetime"]),
    ("details", &["open"]),
    ("img", &["src", "srcset", "sizes", "alt", "width", "height", "loading", "decoding"]),
    ("ins", &["cite", "datetime"]),
    ("li", &["value"]),
    ("math", &["display", "alttext"]),
    ("mo", &["fence", "stretchy", "separator"]),
    ("mi", &["mathvariant"]),
    ("ol", &["start", "type", "reversed"]),
    ("q", &["cite"]),
    ("source", &["src", "srcset", "sizes", "media", "type", "width", "height"]),
    ("td", &["align", "colspan", "rowspan", "headers"]),
    ("th", &["align", "colspan", "rowspan", "headers", "scope"]),
    ("time", &["datetime"]),
    ("video", &["src", "poster", "controls", "width", "height"]),
];

/// Attributes that any element may have.
const GENERIC_ATTRIBUTES: &[&str] = &["class", "dir", "id", "lang", "role", "title"];

/// Elements in the wrong place move when they are parsed, and what they became may move once more: so many times.
const MAX_PASSES: usize = 6;

/// The HTML as it may stand in any feed. What is safe already stays as it is, and a reader that parses it finds the
/// elements that are written.
pub(super) fn sanitize(html: &str, markdown: &Markdown) -> String {
    rewrite::rewrite_filtered(html, markdown).map_or_else(|| parsed(html, markdown), |safe| safe.html)
}

/// The same for a block of a document; none when it begins what another block ends, or ends what another began.
pub(super) fn sanitize_alone(html: &str, markdown: &Markdown) -> Option<String> {
    rewrite::rewrite_filtered(html, markdown).filter(|safe| safe.is_complete).map(|safe| safe.html)
}

/// The same for a part of a line of text; none also when what is around it would make a difference.
pub(super) fn sanitize_inline(html: &str, markdown: &Markdown) -> Option<String> {
    rewrite::rewrite_filtered(html, markdown).filter(|safe| safe.is_complete && safe.is_plain).map(|safe| safe.html)
}

impl Filter for Markdown {
    fn passes(&self, element: &str) -> bool {
        TAGS.contains(&element)
    }

    fn attribute<'v>(&self, element: &str, name: &str, value: &'v str) -> Option<Cow<'v, str>> {
        let own = ATTRIBUTES.iter().find(|(tag, _)| *tag == element).map_or(&[][..], |(_, names)| names);
        if !own.contains(&name) && !GENERIC_ATTRIBUTES.contains(&name) {
            return None;
        }
        match name {
            "href" | "src" | "poster" | "cite" => self.links.absolute(value).map(Cow::Owned),
            "srcset" => self.links.absolute_set(value).map(Cow::Owned),
            "id" => Some(Cow::Owned(self.prefix.apply(value))),
            _ => Some(Cow::Borrowed(value)),
        }
    }
}

/// The same, by a parser.
fn parsed(html: &str, markdown: &Markdown) -> String {
    let builder = builder(markdown);
    let mut current = pass(html, &builder);
    for _ in 1..MAX_PASSES {
        let next = pass(&current, &builder);
        if next == current {
            break;
        }
        current = next;
    }
    current
}

fn pass(html: &str, builder: &Builder<'_>) -> String {
    let clean = builder.clean(&rewrite::rewrite(html)).to_string();
    // the serializer names this one character
    if clean.contains("&nbsp;") { clean.replace("&nbsp;", "\u{a0}") } else { clean }
}

fn builder(markdown: &Markdown) -> Builder<'static> {
    let filter = markdown.clone();
    let mut builder = Builder::empty();
    builder
        .tags(TAGS.iter().copied().collect())
        .clean_content_tags(DROPPED.iter().copied().collect())
        .tag_attributes(ATTRIBUTES.iter().map(|(tag, names)| (*tag, names.iter().copied().collect())).collect::<HashMap<_, _>>())
        .generic_attributes(GENERIC_ATTRIBUTES.iter().copied().collect::<HashSet<_>>())
        .link_rel(None)
        // every address goes through the filter, which refuses those that are not harmless
        .url_schemes(SCHEMES.iter().copied().chain(["data"]).collect())
        .url_relative(UrlRelative::PassThrough)
        .attribute_filter(move |element, name, value| filter.attribute(element, name, value));
    builder
}

#[cfg(test)]
mod tests;
