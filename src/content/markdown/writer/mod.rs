//! From the events of Markdown to HTML: which tags stand around what, and what becomes of texts, links, images and headings.

use std::borrow::Cow;
use std::iter::Peekable;
use std::ops::Range;
use std::vec::IntoIter;

use pulldown_cmark::{CodeBlockKind, CowStr, Event, LinkType, Tag, TagEnd};

use super::anchor::Anchors;
use super::autolink::Autolinks;
use super::counting::Counting;
use super::extras::Mark;
use super::typographer::Typographer;
use super::{Block, DIVIDER, Document, Foreign, INLINE_DEPTH, MAX_DEPTH, Markdown, page_of_file};
use crate::content::shortcode::Lookup;
use crate::content::text::{attribute, clean, escape};
use crate::content::token;
use footnote::Footnotes;
use run::{Run, Setting, Spans};
use table::Table;

mod footnote;
mod held;
mod line_break;
mod run;
mod table;
mod texts;

use super::opening::{Length, Opening};
use held::{Heading, Image};

/// A text for an attribute: what an entity decoded may be nothing that XML allows, and no shortcode has a place there.
fn bare(text: &str) -> Cow<'_, str> {
    match token::strip(text) {
        Cow::Borrowed(text) => clean(text),
        Cow::Owned(text) => Cow::Owned(clean(&text).into_owned()),
    }
}

/// Whether an element holds text of its own.
fn is_block(tag: &Tag<'_>) -> bool {
    matches!(
        tag,
        Tag::Paragraph | Tag::Heading { .. } | Tag::Item | Tag::TableCell | Tag::DefinitionListTitle | Tag::DefinitionListDefinition
    )
}

/// Writes a body as HTML, event by event.
pub(super) struct Writer<'a> {
    markdown: &'a Markdown,
    source: &'a str,
    /// Knows the pages that links to files lead to, where the site has such links.
    pages: Option<&'a dyn Lookup>,
    anchors: Option<Anchors>,
    /// None in a part.
    opening: Option<Opening<'a>>,
    document: Document,
    /// For each element around: whether its tags are written.
    open: Vec<bool>,
    /// Whether a footnote, which is written last, holds HTML of the author.
    foreign_notes: bool,
    /// The tags that signs stand for, the next one first.
    marks: Peekable<IntoIter<Mark>>,
    /// For each of those around: whether it is written.
    open_marks: Vec<bool>,
    run: Run<'a>,
    /// Room for what a run comes to.
    spans: Spans,
    setting: Setting<'a>,
    /// In a block of code or an address in angle brackets, whose text stays as it is.
    is_verbatim: bool,
    /// Whether the block of code around is one between fences that give no language.
    is_bare_fence: bool,
    /// In the term of a definition list: how many elements are open, itself among them.
    term: Option<usize>,
    heading: Option<Heading>,
    /// For each link around: whether its tag is written. One in another has none.
    links: Vec<bool>,
    image: Option<Image>,
    tables: Vec<Table>,
    footnotes: Footnotes<'a>,
}

impl<'a> Writer<'a> {
    /// Writes a whole body, with the length of its `opening`, or a part of one, without ids.
    pub(super) fn new(
        markdown: &'a Markdown,
        source: &'a str,
        marks: Vec<Mark>,
        opening: Option<Length<'a>>,
        pages: Option<&'a dyn Lookup>,
    ) -> Self {
        Writer {
            pages,
            markdown,
            source,
            anchors: opening.map(|_| Anchors::default()),
            opening: opening.map(|length| Opening::new(length, Counting::of(markdown, source))),
            document: Document { html: String::with_capacity(source.len() + source.len() / 2), ..Document::default() },
            open: Vec::new(),
            foreign_notes: false,
            marks: marks.into_iter().peekable(),
            open_marks: Vec::new(),
            run: Run::default(),
            spans: Spans::default(),
            setting: Setting {
                typographer: markdown.goldmark.typographer.then(|| Typographer::new(&markdown.punctuation)),
                autolinks: markdown.goldmark.linkify.then(|| Autolinks::new(markdown.goldmark.typographer)),
                emoji: markdown.goldmark.emoji,
            },
            is_verbatim: false,
            is_bare_fence: false,
            term: None,
            heading: None,
            links: Vec::new(),
            image: None,
            tables: Vec::new(),
            footnotes: Footnotes::default(),
        }
    }

    /// What was written, when there is no more.
    pub(super) fn finish(mut self) -> Document {
        self.flush();
        self.document.opening = self.opening.as_ref().and_then(|opening| opening.end(&self.document.html, &self.document.blocks));
        let notes = self.document.html.len();
        let prefix = self.anchors.as_ref().map(|_| &self.markdown.prefix);
        self.footnotes.finish(&mut self.document.html, &self.markdown.links, prefix);
        let foreign = if self.foreign_notes { Foreign::Somewhere } else { Foreign::Nowhere };
        self.document.blocks.push(Block { range: notes..self.document.html.len(), foreign });
        self.document
    }

    pub(super) fn event(&mut self, event: Event<'a>, range: Range<usize>) {
        if let Event::Text(text) = event {
            return self.text(text, range);
        }
        self.flush();
        if self.image.is_some() {
            return self.in_image(&event);
        }
        if let (Event::SoftBreak | Event::HardBreak, Some(heading)) = (&event, &mut self.heading) {
            // for goldmark the last line of a heading is the one that makes its id
            heading.text.clear();
        }
        match event {
            Event::Start(tag) => {
                if is_block(&tag) {
                    self.setting.begin(self.source, &range);
                }
                if matches!(tag, Tag::HtmlBlock) && !self.markdown.goldmark.unsafe_html {
                    self.omit_block(&self.source[range]);
                }
                self.start(tag);
            }
            Event::End(tag) => self.end(tag),
            Event::Code(code) => {
                self.note_heading(&code);
                self.push("<code>");
                escape(&mut self.document.html, &code);
                self.push("</code>");
            }
            Event::Html(html) if html.trim() == DIVIDER => {
                // the block of HTML around it is open, and nothing else may be
                if self.open.len() == 1 && !self.footnotes.is_inside() {
                    self.document.divider.get_or_insert(self.document.html.len());
                }
            }
            Event::Html(html) if self.markdown.goldmark.unsafe_html => {
                self.note_foreign(None);
                self.raw(&html);
            }
            Event::InlineHtml(html) if self.markdown.goldmark.unsafe_html => {
                let start = self.document.html.len();
                self.note_foreign(Some(start..start + html.len()));
                self.raw(&html);
            }
            Event::InlineHtml(html) => self.omit(&html),
            Event::FootnoteReference(label) => {
                let linked = self.links.is_empty();
                let Writer { markdown, document, footnotes, anchors, .. } = self;
                let prefix = anchors.as_ref().map(|_| &markdown.prefix);
                footnotes.refer(label, linked, &mut document.html, &markdown.links, prefix);
            }
            // several terms share what comes after them
            Event::SoftBreak | Event::HardBreak if self.term == Some(self.open.len()) => self.push("</dt>\n<dt>"),
            Event::SoftBreak if !self.markdown.goldmark.hard_wraps => {
                let (before, after) = (&self.source[..range.start], &self.source[range.end..]);
                if !line_break::is_nothing(before, after, self.markdown.goldmark.line_breaks) {
                    self.push("\n");
                }
            }
            Event::SoftBreak | Event::HardBreak => self.push("<br>\n"),
            Event::Rule => {
                self.push("<hr>\n");
            }
            Event::TaskListMarker(done) => self.push(if done { "☑ " } else { "☐ " }),
            Event::Html(_) | Event::Text(_) | Event::InlineMath(_) | Event::DisplayMath(_) => {}
        }
    }

    fn push(&mut self, html: &str) {
        self.document.html.push_str(html);
    }

    /// Writes HTML of the author.
    fn raw(&mut self, html: &str) {
        let start = self.document.html.len();
        self.push(html);
        self.count(start);
    }

    /// Leaves out HTML in a line.
    fn omit(&mut self, html: &str) {
        let at = self.document.html.len();
        if let Some(opening) = self.opening() {
            opening.omit(at, html);
        }
    }

    /// Leaves out a block of HTML.
    fn omit_block(&mut self, block: &str) {
        let at = self.document.html.len();
        if let Some(opening) = self.opening() {
            opening.omit_block(at, block);
        }
    }

    /// How many elements are around.
    fn depth(&self) -> usize {
        self.open.len() + self.open_marks.len()
    }

    fn note_heading(&mut self, text: &str) {
        if let Some(heading) = &mut self.heading {
            heading.text.push_str(text);
        }
    }

    /// Notes that the block around holds HTML of the author, and where if it is in a line of text.
    fn note_foreign(&mut self, inline: Option<Range<usize>>) {
        // what is in a heading moves when its tag is written
        let inline = inline.filter(|_| self.heading.is_none() && self.depth() + INLINE_DEPTH <= MAX_DEPTH);
        if self.footnotes.is_inside() {
            self.foreign_notes = true;
        } else if let Some(block) = self.document.blocks.last_mut() {
            block.foreign = match (std::mem::take(&mut block.foreign), inline) {
                (Foreign::Nowhere, Some(inline)) => Foreign::Inline(inline),
                (Foreign::Inline(before), Some(inline)) => Foreign::Inline(before.start..inline.end),
                _ => Foreign::Somewhere,
            };
        }
    }

    fn start(&mut self, tag: Tag<'a>) {
        if self.open.is_empty() {
            let start = self.document.html.len();
            self.document.blocks.push(Block { range: start..start, foreign: Foreign::Nowhere });
        }
        let written = match tag {
            // a part is written when the whole is
            Tag::Item
            | Tag::DefinitionListTitle
            | Tag::DefinitionListDefinition
            | Tag::TableHead
            | Tag::TableRow
            | Tag::TableCell
            | Tag::FootnoteDefinition(_) => self.open.last().copied().unwrap_or(true),
            _ => self.depth() < MAX_DEPTH,
        };
        self.open.push(written);
        if written {
            self.open_tag(tag);
        }
    }

    fn end(&mut self, tag: TagEnd) {
        if self.open.pop() == Some(true) {
            self.close_tag(tag);
        } else {
            self.push("\n");
        }
        if self.open.is_empty()
            && let Some(block) = self.document.blocks.last_mut()
        {
            block.range.end = self.document.html.len();
        }
    }

    /// The opening, where what is written counts.
    fn opening(&mut self) -> Option<&mut Opening<'a>> {
        self.opening.as_mut().filter(|_| !self.footnotes.is_inside())
    }

    /// Counts for the opening what is written from a place on.
    fn count(&mut self, from: usize) {
        if !self.footnotes.is_inside()
            && let Some(opening) = &mut self.opening
        {
            opening.count(&self.document.html, from);
        }
    }

    fn open_tag(&mut self, tag: Tag<'a>) {
        match tag {
            Tag::Paragraph => {
                self.push("<p>");
            }
            Tag::Heading { id, .. } => {
                let start = self.document.html.len();
                self.heading = Some(Heading { start, id: id.map(CowStr::into_string), text: String::new() });
            }
            Tag::BlockQuote(_) => self.push("<blockquote>\n"),
            Tag::CodeBlock(kind) => self.open_code(&kind),
            Tag::HtmlBlock | Tag::MetadataBlock(_) | Tag::Strikethrough | Tag::Subscript | Tag::Superscript => {}
            Tag::List(None) => self.push("<ul>\n"),
            Tag::List(Some(1)) => self.push("<ol>\n"),
            Tag::List(Some(start)) => self.push(&format!("<ol start=\"{start}\">\n")),
            Tag::Item => self.push("<li>"),
            Tag::FootnoteDefinition(label) => self.footnotes.open(label, &mut self.document.html),
            Tag::DefinitionList => self.push("<dl>\n"),
            Tag::DefinitionListTitle => {
                self.term = Some(self.open.len());
                self.push("<dt>");
            }
            Tag::DefinitionListDefinition => self.push("<dd>"),
            Tag::Table(alignments) => {
                self.tables.push(Table::new(alignments));
                self.push("<table>\n");
            }
            Tag::TableHead | Tag::TableRow | Tag::TableCell => {
                if let Some(table) = self.tables.last_mut() {
                    table.open(&tag, &mut self.document.html);
                }
            }
            Tag::Emphasis => self.push("<em>"),
            Tag::Strong => self.push("<strong>"),
            Tag::Link { link_type, dest_url, title, .. } => {
                let address = match link_type {
                    LinkType::Email => format!("mailto:{dest_url}").into(),
                    LinkType::Autolink => dest_url,
                    _ => page_of_file(&dest_url, self.pages).map_or(dest_url, CowStr::from),
                };
                self.is_verbatim = matches!(link_type, LinkType::Autolink | LinkType::Email);
                self.open_link(&address, &title);
            }
            Tag::Image { dest_url, title, .. } => {
                let address = self.markdown.links.absolute(&bare(&dest_url));
                self.image = Some(Image { address, title: title.into_string(), alt: String::new(), inner: 0 });
            }
        }
    }

    fn close_tag(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph => {
                let end = self.document.html.len();
                self.push("</p>\n");
                self.count(end);
            }
            TagEnd::Heading(level) => self.close_heading(level),
            TagEnd::BlockQuote(_) => self.push("</blockquote>\n"),
            TagEnd::CodeBlock => self.close_code(),
            TagEnd::HtmlBlock
            | TagEnd::MetadataBlock(_)
            | TagEnd::Strikethrough
            | TagEnd::Subscript
            | TagEnd::Superscript
            | TagEnd::Image => {}
            TagEnd::List(false) => self.push("</ul>\n"),
            TagEnd::List(true) => self.push("</ol>\n"),
            TagEnd::Item => self.push("</li>\n"),
            TagEnd::FootnoteDefinition => self.footnotes.close(&mut self.document.html),
            TagEnd::DefinitionList => self.push("</dl>\n"),
            TagEnd::DefinitionListTitle => {
                self.term = None;
                self.push("</dt>\n");
            }
            TagEnd::DefinitionListDefinition => self.push("</dd>\n"),
            TagEnd::Table => {
                self.tables.pop();
                self.push("</tbody>\n</table>\n");
            }
            TagEnd::TableHead | TagEnd::TableRow | TagEnd::TableCell => {
                if let Some(table) = self.tables.last_mut() {
                    table.close(tag, &mut self.document.html);
                }
            }
            TagEnd::Emphasis => self.push("</em>"),
            TagEnd::Strong => self.push("</strong>"),
            TagEnd::Link => {
                self.is_verbatim = false;
                if self.links.pop() == Some(true) {
                    self.push("</a>");
                }
            }
        }
    }

    fn open_link(&mut self, address: &str, title: &str) {
        let address = self.markdown.links.absolute(&bare(address)).filter(|_| self.links.is_empty());
        self.links.push(address.is_some());
        if let Some(address) = address {
            self.push("<a");
            attribute(&mut self.document.html, "href", &address);
            self.title(title);
            self.push(">");
        }
    }

    fn title(&mut self, title: &str) {
        if !title.is_empty() {
            attribute(&mut self.document.html, "title", &bare(title));
        }
    }

    fn open_code(&mut self, kind: &CodeBlockKind<'_>) {
        self.is_verbatim = true;
        let info = if let CodeBlockKind::Fenced(info) = kind { bare(info) } else { Cow::Borrowed("") };
        let language = info.split([' ', '\t', '{', ',']).next().unwrap_or_default();
        let start = self.document.html.len();
        if let Some(opening) = self.opening().filter(|_| matches!(kind, CodeBlockKind::Indented)) {
            opening.begin_indented(start);
        }
        self.is_bare_fence = language.is_empty() && matches!(kind, CodeBlockKind::Fenced(_));
        self.push("<pre><code");
        if !language.is_empty() {
            attribute(&mut self.document.html, "class", &["language-", language].concat());
        }
        self.push(">");
    }

    fn close_code(&mut self) {
        self.is_verbatim = false;
        self.push("</code></pre>\n");
        let (end, is_bare_fence) = (self.document.html.len(), self.is_bare_fence);
        if let Some(opening) = self.opening().filter(|_| is_bare_fence) {
            opening.end_bare_fence(end - 1..end);
        }
    }
}
