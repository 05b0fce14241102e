//! The links and images of a body as its author wrote them, each with its place, for those who look where they lead.
//!
//! Nothing is rendered. Of what shortcodes make, only the images of `figure` have a place of their own.

use std::ops::Range;

use html5ever::tokenizer::{TagKind, Token};
use pulldown_cmark::{Event, LinkType, Parser, Tag};

use crate::config::Goldmark;
use crate::content::front_matter::Source;
use crate::content::html::rewrite;
use crate::content::markdown::extensions;
use crate::content::path::Markup;
use crate::content::shortcode::{BLANK, blanked, figures};

/// Where the address of an element stands.
const ADDRESSES: [(&str, &str); 2] = [("a", "href"), ("img", "src")];

/// Elements in which what looks like an element is none.
const OPAQUE: [&str; 5] = ["<script", "<style", "<template", "<textarea", "<iframe"];

/// A link, or an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hyperlink {
    /// Its address as it is written.
    pub address: String,
    /// The byte of the file where the address stands, or else the link.
    pub offset: usize,
    /// What makes a link of it.
    pub origin: Origin,
}

/// What makes a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A link of Markdown, which a site may turn into another by a render hook.
    Link,
    /// An image of Markdown, likewise.
    Image,
    /// HTML.
    Html,
    /// Hugo's shortcode `figure`, which a site may replace by its own.
    Figure,
}

/// The links and images of a content file, in order.
pub fn hyperlinks(source: &Source<'_>, markup: Markup, goldmark: Goldmark) -> Vec<Hyperlink> {
    let body = blanked(source.body);
    let figures = figures(source.body).into_iter();
    let mut found: Vec<Hyperlink> = figures.map(|(address, offset)| Hyperlink { address, offset, origin: Origin::Figure }).collect();
    match markup {
        Markup::Markdown => markdown(&mut found, &body, goldmark),
        Markup::Html => html(&mut found, &body, &(0..body.len())),
    }
    found.retain(|link| !link.address.is_empty() && !link.address.contains(BLANK));
    found.iter_mut().for_each(|link| link.offset += source.body_offset);
    found.sort_by_key(|link| link.offset);
    found
}

fn markdown(found: &mut Vec<Hyperlink>, body: &str, goldmark: Goldmark) {
    for (event, range) in Parser::new_ext(body, extensions(goldmark)).into_offset_iter() {
        match event {
            Event::Start(Tag::Link { link_type: LinkType::Email, .. }) => {}
            Event::Start(tag @ (Tag::Link { .. } | Tag::Image { .. })) => {
                let (Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) = &tag else { continue };
                let within = body[range.clone()].rfind(&**dest_url).unwrap_or(0);
                let origin = if matches!(tag, Tag::Link { .. }) { Origin::Link } else { Origin::Image };
                found.push(Hyperlink { address: dest_url.trim().to_owned(), offset: range.start + within, origin });
            }
            Event::Start(Tag::HtmlBlock) | Event::InlineHtml(_) if goldmark.unsafe_html => html(found, body, &range),
            _ => {}
        }
    }
}

fn html(found: &mut Vec<Hyperlink>, body: &str, range: &Range<usize>) {
    let html = &body[range.clone()];
    let lower = html.to_ascii_lowercase();
    if OPAQUE.iter().any(|element| lower.contains(element)) {
        return;
    }
    // the tokenizer gives no places; they are in the order of the tokens
    let mut at = 0;
    for token in rewrite::tokens(html) {
        let Token::TagToken(tag) = token else { continue };
        let attribute = ADDRESSES.iter().find(|(element, _)| tag.kind == TagKind::StartTag && *tag.name == **element);
        if let Some(address) = attribute.and_then(|(_, attribute)| rewrite::value(&tag, attribute)) {
            let within = html[at..].find(&address).map(|within| at + within);
            at = within.map_or(at, |within| within + address.len());
            found.push(Hyperlink { address, offset: range.start + within.unwrap_or(0), origin: Origin::Html });
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::content::front_matter;

    fn check(body: &str, expected: &[&str]) {
        let text = format!("+++\ntitle = '/é'\n+++\n{body}");
        let source = front_matter::read("a.md", text.as_bytes()).unwrap();
        let found = hyperlinks(&source, Markup::Markdown, Goldmark { unsafe_html: true, ..Goldmark::default() });
        assert_eq!(found.iter().map(|link| &*link.address).collect::<Vec<_>>(), expected, "{body}");
        // what is written by a reference or an entity stands elsewhere, or in another form
        for link in found.iter().filter(|_| !body.contains("&amp;") && !body.contains("[r]")) {
            assert!(text[link.offset..].starts_with(&link.address), "{body}: {link:?}");
        }
    }

    #[test]
    fn links_are_found_with_their_places() {
        check("é [a](/a) ![b](b.png 'title') <https://e.org/c> [x](x)", &["/a", "b.png", "https://e.org/c", "x"]);
        check("[a][r] [b]\n\n[r]: /r/\n[b]: <b c.md>\n", &["/r/", "b c.md"]);
        check("a <a class=x href='/h/'>b</a>\n\n<p>\n<img src=\"i.png\">\n</p>\n", &["/h/", "i.png"]);
        check("<a href='/x?a=1&amp;b=2'>b</a>", &["/x?a=1&b=2"]);
        check("* [a](/a/)\n    * [b](/b/)\n", &["/a/", "/b/"]);
    }

    #[test]
    fn what_only_looks_like_a_link_is_none() {
        check("`[a](/a)` \\[b](/b) <me@e.org> [](  )", &[]);
        check("    [a](/a)\n\n```\n[b](/b)\n```\n", &[]);
        check("<script>\nx = '<a href=/a>'\n</script>\n\n<!-- <a href='/b'> -->\n", &[]);
    }

    #[test]
    fn what_shortcodes_make_has_no_place_but_for_figures() {
        check(
            "[a](/a) {{< figure class=x src=\"/b.png\" link=\"/b\" >}} {{% figure c.png %}} {{< image /d.png >}}",
            &["/a", "/b.png", "c.png"],
        );
        check("[a]({{< ref \"b.md\" >}}) [c]({{% relref c %}}/d) {{< x >}}[i](/i){{< /x >}} [e](/e)", &["/e"]);
        check("<a href='{{< ref b >}}/c'>d</a> {{</* x */>}} [e](/e) {{< broken [f](/f)", &["/e", "/f"]);
    }

    proptest! {
        #[test]
        fn no_body_panics(body in "[\\[\\](){}<>%/!a-cé\"=.\n `-]{0,60}", any in "\\PC{0,40}") {
            for body in [body, any] {
                let text = format!("+++\n+++\n{body}");
                let source = front_matter::read("a.md", text.as_bytes()).unwrap();
                for link in hyperlinks(&source, Markup::Markdown, Goldmark { unsafe_html: true, ..Goldmark::default() }) {
                    prop_assert!(text.is_char_boundary(link.offset));
                }
            }
        }
    }
}
