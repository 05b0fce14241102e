//! Markdown as Hugo's goldmark renders it by default, written as HTML for feeds.
//!
//! The HTML is balanced and its addresses are absolute, except for what the author wrote as HTML, which passes as it is
//! and is marked as foreign; `html` makes that safe. Shortcodes are left to `shortcode`: their tokens pass as text.

use std::ops::Range;
use std::sync::Arc;

use pulldown_cmark::{Options, Parser};
use url::Url;

use crate::config::{Goldmark, Punctuation, Site};
use crate::content::link::Links;
use crate::content::shortcode::Lookup;
use anchor::Prefix;
use counting::Counting;

mod anchor;
mod attributes;
mod autolink;
mod closing;
pub(super) mod counting;
mod definition;
mod emoji;
mod ends;
mod extras;
mod layout;
mod opening;
mod passthrough;
mod source;
mod table_head;
#[cfg(test)]
mod tests;
mod typographer;
mod writer;

pub(super) use opening::Length;
use opening::Opening;
pub(super) use passthrough::escaped;
use writer::Writer;

/// Elements inside of elements beyond this number are left out, and what they hold stays: no reader should have to
/// walk a deeper tree.
pub(super) const MAX_DEPTH: usize = 100;

/// So deep may be what others wrote in a line of text, for the rest of its block to be of no concern.
pub(super) const INLINE_DEPTH: usize = 8;

/// Where Hugo cuts the summary.
const DIVIDER: &str = "<!--more-->";

/// How Markdown is rendered in one post.
#[derive(Clone, Debug)]
pub(super) struct Markdown {
    /// Makes addresses absolute.
    pub(super) links: Links,
    /// What ids begin with.
    pub(super) prefix: Prefix,
    /// What of Markdown the site has.
    pub(super) goldmark: Goldmark,
    /// What stands for typewriter punctuation.
    pub(super) punctuation: Arc<Punctuation>,
    /// Between these signs is no Markdown.
    pub(super) passthrough: Arc<[(String, String)]>,
    /// Whether the post is in Chinese, Japanese or Korean, where each sign counts as a word.
    pub(super) is_cjk: bool,
}

/// A body as HTML.
#[derive(Debug, Default)]
pub(super) struct Document {
    pub(super) html: String,
    /// The byte of `html` where `<!--more-->` stood.
    pub(super) divider: Option<usize>,
    /// The byte of `html` after the paragraph that makes the opening long enough; none when all of it is the opening.
    pub(super) opening: Option<usize>,
    /// The outermost blocks, in order.
    pub(super) blocks: Vec<Block>,
}

impl Document {
    /// A body that is HTML as it is. The opening ends with the paragraph by which it has this length.
    pub(super) fn of_html(source: &str, length: Length<'_>, is_cjk: bool) -> Self {
        let divider = source.find(DIVIDER);
        let html = source.replacen(DIVIDER, "", 1);
        let blocks = vec![Block { range: 0..html.len(), foreign: Foreign::Somewhere }];
        let mut opening = Opening::new(length, Counting::of_html(is_cjk));
        opening.count(&html, 0);
        Document { divider, opening: opening.end(&html, &blocks), html, blocks }
    }
}

/// An element that is in no other.
#[derive(Debug)]
pub(super) struct Block {
    /// Its bytes of the document's HTML.
    pub(super) range: Range<usize>,
    /// Where it holds HTML of the author.
    pub(super) foreign: Foreign,
}

/// Where a block holds HTML of the author.
#[derive(Clone, Debug, Default)]
pub(super) enum Foreign {
    #[default]
    Nowhere,
    /// In lines of text, from this first to this last byte.
    Inline(Range<usize>),
    /// Somewhere.
    Somewhere,
}

impl Markdown {
    pub(super) fn new(permalink: &Url, files: Option<&Url>, site: &Site) -> Self {
        Markdown {
            links: Links::new(permalink, files),
            prefix: Prefix::new(permalink),
            goldmark: site.goldmark,
            punctuation: site.punctuation.clone(),
            passthrough: site.passthrough.clone(),
            is_cjk: false,
        }
    }

    /// How Markdown is rendered in a post of a site that is configured so.
    #[cfg(test)]
    pub(super) fn of_site(config: &str) -> Self {
        let permalink = Url::parse("https://example.org/post/").unwrap();
        Markdown::new(&permalink, None, &crate::config::Config::parse(config, "c.toml").unwrap().0.site)
    }

    /// Renders a whole body. The opening is the paragraphs that have this length. `pages` knows what links to files lead to.
    pub(super) fn document(&self, source: &str, length: Length<'_>, pages: &dyn Lookup) -> Document {
        let options = extensions(self.goldmark);
        let source = &*ends::ended(source, self, options);
        self.write(&source::divided(source, self, options), options, Some(length), Some(pages))
    }

    /// Renders a part that is put in another place: without ids, and with its footnotes at its own end, as Hugo has them. Where nobody
    /// knows `pages`, links to files stay.
    pub(super) fn fragment(&self, source: &str, pages: Option<&dyn Lookup>) -> String {
        let options = extensions(self.goldmark);
        self.write(&ends::ended(source, self, options), options, None, pages).html
    }

    /// The same for a part that may stand in a line: a single paragraph is without its tag.
    pub(super) fn inline(&self, source: &str, pages: Option<&dyn Lookup>) -> String {
        let html = self.fragment(source, pages);
        let html = html.trim_end();
        let single = html.strip_prefix("<p>").and_then(|html| html.strip_suffix("</p>")).filter(|html| !html.contains("<p>"));
        single.unwrap_or(html).to_owned()
    }

    /// Writes a whole body, with the length of its `opening`, or a part of one.
    fn write(&self, source: &str, options: Options, opening: Option<Length<'_>>, pages: Option<&dyn Lookup>) -> Document {
        let source = &*source::prepared(source, self, options);
        let pages = pages.filter(|_| self.goldmark.links_to_files);
        let mut writer = Writer::new(self, source, extras::marks(source, options, self.goldmark), opening, pages);
        for (event, range) in Parser::new_ext(source, options).into_offset_iter() {
            writer.event(event, range);
        }
        writer.finish()
    }
}

/// The page whose file a link leads to.
fn page_of_file(address: &str, pages: Option<&dyn Lookup>) -> Option<String> {
    pages.filter(|_| !address.starts_with("//") && Url::parse(address).is_err())?.link(address)
}

/// The extensions of Markdown that a site has.
pub(super) fn extensions(goldmark: Goldmark) -> Options {
    let extensions = [
        (goldmark.tables, Options::ENABLE_TABLES),
        (goldmark.footnotes, Options::ENABLE_FOOTNOTES),
        (goldmark.task_lists, Options::ENABLE_TASKLISTS),
        (goldmark.definition_lists, Options::ENABLE_DEFINITION_LIST),
        (goldmark.heading_attributes, Options::ENABLE_HEADING_ATTRIBUTES),
    ];
    extensions.into_iter().filter(|(is_on, _)| *is_on).map(|(_, option)| option).collect()
}
