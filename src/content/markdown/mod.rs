//! Markdown as Hugo's goldmark renders it by default, written as HTML for feeds.
//!
//! The HTML is balanced and its addresses are absolute, except for what the author wrote as HTML, which passes as it is
//! and is marked as foreign; `html` makes that safe. Shortcodes are left to `shortcode`: their tokens pass as text.

use std::borrow::Cow;
use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag};

use crate::config::Goldmark;
use crate::content::anchor::{Anchors, Prefix};
use crate::content::link::Links;
use crate::content::shortcode::Lookup;

mod writer;

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
    /// Renders a whole body. The opening is the paragraphs that have `words` words. `pages` knows what links to files lead to.
    pub(super) fn document(&self, source: &str, words: usize, pages: &dyn Lookup) -> Document {
        self.write(&self.divided(source), of_document(self.goldmark), Some(Anchors::default()), words, Some(pages))
    }

    /// A body whose divider is a block of its own between others, as Hugo makes of the first one, in whatever line or block it
    /// stands. In code it is code, other than in Hugo.
    fn divided<'s>(&self, source: &'s str) -> Cow<'s, str> {
        for (at, _) in source.match_indices(DIVIDER) {
            let (before, after) = (&source[..at], &source[at + DIVIDER.len()..]);
            if (before.is_empty() || before.ends_with('\n')) && after.lines().next().unwrap_or("").trim().is_empty() {
                break;
            }
            if !self.is_code(source, at) {
                return Cow::Owned([before, "\n\n", DIVIDER, "\n\n", after.trim_start_matches([' ', '\t'])].concat());
            }
        }
        Cow::Borrowed(source)
    }

    /// Whether a byte of a body is within a span of code or between fences.
    fn is_code(&self, source: &str, at: usize) -> bool {
        let events = Parser::new_ext(source, of_document(self.goldmark)).into_offset_iter();
        let is_code = |event: &Event<'_>| matches!(event, Event::Code(_) | Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(_))));
        events.take_while(|(_, range)| range.start <= at).any(|(event, range)| range.contains(&at) && is_code(&event))
    }

    /// Renders a part that is put in another place: without footnotes and ids. Where nobody knows `pages`, links to files stay.
    pub(super) fn fragment(&self, source: &str, pages: Option<&dyn Lookup>) -> String {
        self.write(source, of_fragment(self.goldmark), None, usize::MAX, pages).html
    }

    /// The same for a part that may stand in a line: a single paragraph is without its tag.
    pub(super) fn inline(&self, source: &str, pages: Option<&dyn Lookup>) -> String {
        let html = self.fragment(source, pages);
        let html = html.trim_end();
        let single = html.strip_prefix("<p>").and_then(|html| html.strip_suffix("</p>")).filter(|html| !html.contains("<p>"));
        single.unwrap_or(html).to_owned()
    }

    fn write(&self, source: &str, options: Options, anchors: Option<Anchors>, words: usize, pages: Option<&dyn Lookup>) -> Document {
        let pages = pages.filter(|_| self.goldmark.links_to_files);
        let mut writer = Writer::new(self, source, anchors, words, pages);
        for (event, range) in Parser::new_ext(source, options).into_offset_iter() {
            writer.event(event, range);
        }
        writer.finish()
    }
}

/// The page whose file a link leads to.
fn page_of_file(address: &str, pages: Option<&dyn Lookup>) -> Option<String> {
    pages.filter(|_| !address.starts_with("//") && url::Url::parse(address).is_err())?.link(address)
}

/// The extensions of Markdown in a whole body.
pub(super) fn of_document(goldmark: Goldmark) -> Options {
    of_fragment(goldmark) | if goldmark.footnotes { Options::ENABLE_FOOTNOTES } else { Options::empty() }
}

/// The extensions of Markdown in a part that is put in another place.
fn of_fragment(goldmark: Goldmark) -> Options {
    let extensions = [
        (goldmark.tables, Options::ENABLE_TABLES),
        (goldmark.strikethrough, Options::ENABLE_STRIKETHROUGH),
        (goldmark.task_lists, Options::ENABLE_TASKLISTS),
        (goldmark.definition_lists, Options::ENABLE_DEFINITION_LIST),
        (true, Options::ENABLE_HEADING_ATTRIBUTES),
    ];
    extensions.into_iter().filter(|(is_on, _)| *is_on).map(|(_, option)| option).collect()
}
