//! What stands where in a body: where it is text, and where code, HTML, an address or what else a step must spare.
//!
//! Goldmark takes some signs otherwise than the parser ([`Oddity`]). For the parser to find code and HTML where goldmark has them,
//! it is given the body with something in place of each that says to it what the sign says to goldmark, and has as many bytes.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, LinkType, Options, Parser, Tag, TagEnd};

use super::Markdown;
use super::attributes::{self, Ending};
use super::autolink::{self, Autolink, Autolinks};
use super::definition::no_definitions;
use super::typographer::is_escaped;

/// A sign that goldmark takes otherwise than the parser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Oddity {
    /// `<<` before what would begin a tag or an address with the second half of it.
    Guillemet,
    /// A colon that begins a line and makes no definition.
    Colon,
    /// A line of attributes of the block above it.
    Attributes,
    /// The last brace of what may be a heading, and the blanks behind it, where it ends no attributes.
    Brace,
    /// Attributes at the end of what may be a heading.
    HeadingAttributes,
    /// What may be an address, in which underscores could be emphasis.
    Address,
}

/// What is no text of a body's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A block of code between fences.
    Fence,
    /// A block of code that is indented.
    Indented,
    /// A block of HTML.
    Html,
    /// Code in a line.
    Code,
    /// HTML in a line, or an address in angle brackets.
    Tag,
    /// An address that is a link as it stands.
    Address,
    /// Where a link leads, and its title.
    Target,
}

impl Kind {
    /// Whether it is a block, in which nothing is Markdown.
    pub(super) fn is_block(self) -> bool {
        matches!(self, Kind::Fence | Kind::Indented | Kind::Html)
    }
}

/// What stands where in a body.
#[derive(Debug, Default)]
pub(super) struct Layout {
    /// In order, and none in another.
    places: Vec<(Range<usize>, Kind)>,
    /// Where blocks begin and end, in order.
    pub(super) ends: Vec<usize>,
    /// Links and images that are in no other, in order.
    links: Vec<Range<usize>>,
    /// Headings, in order.
    headings: Vec<Range<usize>>,
}

/// The signs of a body that goldmark takes otherwise, in order.
pub(super) fn oddities(source: &str, markdown: &Markdown) -> Vec<(Range<usize>, Oddity)> {
    let goldmark = markdown.goldmark;
    let mut oddities = Vec::new();
    if goldmark.block_attributes && source.contains('{') {
        oddities.extend(attributes::of_blocks(source).map(|range| (range, Oddity::Attributes)));
    }
    if goldmark.heading_attributes && source.contains('{') {
        oddities.extend(attributes::of_headings(source).map(|ending| match ending {
            Ending::Text(range) => (range, Oddity::Brace),
            Ending::Attributes(range) => (range, Oddity::HeadingAttributes),
        }));
    }
    if goldmark.definition_lists {
        oddities.extend(no_definitions(source).into_iter().map(|at| (at..at + 1, Oddity::Colon)));
    }
    if goldmark.typographer {
        oddities.extend(guillemets(source).map(|at| (at..at + 2, Oddity::Guillemet)));
    }
    if goldmark.linkify && source.contains('_') {
        oddities.extend(autolink::with_emphasis(source).into_iter().map(|range| (range, Oddity::Address)));
    }
    oddities.sort_by_key(|(range, _)| range.start);
    let mut end = 0;
    // what is in a line of attributes belongs to it
    oddities.retain(|(range, _)| {
        let is_apart = range.start >= end;
        end = end.max(range.end);
        is_apart
    });
    oddities
}

/// The places of `<<` where the second `<` could begin something.
fn guillemets(source: &str) -> impl Iterator<Item = usize> {
    let mut from = 0;
    let signs = std::iter::from_fn(move || {
        loop {
            let at = from + memchr::memmem::find(source.as_bytes().get(from..)?, b"<<")?;
            let is_text = is_escaped(source, at);
            // the second of them may be the first of others
            from = at + if is_text { 1 } else { 2 };
            if !is_text {
                return Some(at);
            }
        }
    });
    signs.filter(|at| source[at + 2..].starts_with(|c: char| c.is_ascii_alphanumeric() || "/!?".contains(c)))
}

/// The address that begins at a place behind `<<`, where the sign for that would hide it.
pub(super) fn address_at(source: &str, at: usize) -> Option<Autolink> {
    let word = source[at..].split(|c: char| c.is_whitespace() || matches!(c, '<' | '>')).next()?;
    Autolinks::new(true).find(source, at..at + word.len()).into_iter().next().filter(|address| address.range.start == at)
}

/// A body in which something else is where these signs are, that ends what they end, begins nothing, and is as long.
fn masked(source: &str, oddities: &[(Range<usize>, Oddity)]) -> String {
    let (mut out, mut copied) = (String::with_capacity(source.len()), 0);
    for (range, oddity) in oddities {
        out.push_str(&source[copied..range.start]);
        copied = range.end;
        match oddity {
            Oddity::Guillemet => out.push('«'),
            Oddity::Colon => out.push(';'),
            // an empty heading, which ends a paragraph as a line of attributes does
            Oddity::Attributes => out.extend(std::iter::once('#').chain(std::iter::repeat_n(' ', range.len() - 1))),
            // a letter, which may end an address as well
            Oddity::Brace => out.extend(std::iter::once('x').chain(std::iter::repeat_n(' ', range.len() - 1))),
            Oddity::Address => out.push_str(&source[range.clone()].replace('_', "x")),
            Oddity::HeadingAttributes => {
                out.push('{');
                out.extend(std::iter::repeat_n(' ', range.len() - 2).chain(std::iter::once('}')));
            }
        }
    }
    out + &source[copied..]
}

/// A body that is read for what stands where, event by event.
struct Reading<'m> {
    layout: Layout,
    source: &'m str,
    /// Finds addresses, where the site has them linked.
    autolinks: Option<Autolinks>,
    /// Texts that follow each other.
    run: Range<usize>,
    /// For each link around, where what it shows ends.
    shown: Vec<usize>,
    /// Where the latest block of code or HTML ends.
    verbatim: usize,
}

impl Reading<'_> {
    fn read(&mut self, event: Event<'_>, range: Range<usize>) {
        if matches!(event, Event::Text(_)) && range.start >= self.verbatim {
            self.run = if self.run.is_empty() { range.start } else { self.run.start }..range.end;
        } else {
            self.end_run();
        }
        if let Event::End(TagEnd::Link | TagEnd::Image) = event {
            let from = self.shown.pop().unwrap_or(range.end);
            self.layout.places.push((from..range.end, Kind::Target));
        }
        if let Some(shown) = self.shown.last_mut() {
            *shown = range.end.max(*shown);
        }
        match event {
            Event::Code(_) => self.layout.places.push((range, Kind::Code)),
            Event::InlineHtml(_) => self.layout.places.push((range, Kind::Tag)),
            Event::Start(Tag::Link { link_type: LinkType::Autolink | LinkType::Email, .. }) => {
                self.shown.push(range.end);
                self.layout.places.push((range, Kind::Tag));
            }
            Event::Start(Tag::Link { .. } | Tag::Image { .. }) => {
                if self.shown.is_empty() {
                    self.layout.links.push(range.clone());
                }
                self.shown.push(range.start);
            }
            Event::Start(Tag::Emphasis | Tag::Strong) => {}
            Event::Start(tag) => self.begin_block(&tag, range),
            _ => {}
        }
    }

    fn begin_block(&mut self, tag: &Tag<'_>, range: Range<usize>) {
        self.layout.ends.extend([range.start, range.end]);
        if let Some(autolinks) = &mut self.autolinks {
            autolinks.begin();
        }
        let kind = match tag {
            Tag::CodeBlock(CodeBlockKind::Fenced(_)) => Kind::Fence,
            Tag::CodeBlock(_) => Kind::Indented,
            Tag::HtmlBlock => Kind::Html,
            Tag::Heading { .. } => return self.layout.headings.push(range),
            _ => return,
        };
        self.verbatim = range.end;
        self.layout.places.push((range, kind));
    }

    /// Finds the addresses in texts that have all been read.
    fn end_run(&mut self) {
        let run = std::mem::take(&mut self.run);
        if let Some(autolinks) = self.autolinks.as_mut().filter(|_| self.shown.is_empty()) {
            let addresses = autolinks.find(self.source, run);
            self.layout.places.extend(addresses.into_iter().map(|address| (address.range, Kind::Address)));
        }
    }
}

impl Layout {
    pub(super) fn of(source: &str, oddities: &[(Range<usize>, Oddity)], markdown: &Markdown, options: Options) -> Self {
        let masked = masked(source, oddities);
        let mut events = Parser::new_ext(&masked, options).into_offset_iter();
        let definitions = events.reference_definitions().iter().map(|(_, definition)| (definition.span.clone(), Kind::Target));
        let layout = Layout { places: definitions.collect(), ..Layout::default() };
        let autolinks = markdown.goldmark.linkify.then(|| Autolinks::new(markdown.goldmark.typographer));
        let mut reading = Reading { layout, source: &masked, autolinks, run: 0..0, shown: Vec::new(), verbatim: 0 };
        events.by_ref().for_each(|(event, range)| reading.read(event, range));
        reading.end_run();
        let mut layout = reading.layout;
        layout.ends.sort_unstable();
        layout.settle();
        if markdown.goldmark.linkify {
            let guillemets = oddities.iter().filter(|(_, oddity)| *oddity == Oddity::Guillemet).map(|(range, _)| range.end);
            let text = guillemets.filter(|at| layout.at(*at).is_none() && !layout.is_in_link(*at));
            let addresses: Vec<_> = text.filter_map(|at| Some((address_at(source, at)?.range, Kind::Address))).collect();
            layout.places.extend(addresses);
            layout.settle();
        }
        layout
    }

    /// Puts places in order, and drops those that begin in another.
    fn settle(&mut self) {
        self.places.sort_by_key(|(range, _)| range.start);
        let mut end = 0;
        self.places.retain(|(range, _)| {
            let is_apart = range.start >= end && !range.is_empty();
            end = if is_apart { range.end } else { end };
            is_apart
        });
    }

    /// What stands at a byte that is not text.
    pub(super) fn at(&self, at: usize) -> Option<Kind> {
        self.place_at(at).map(|(_, kind)| kind)
    }

    /// What stands at a byte that is not text, and where it begins and ends.
    pub(super) fn place_at(&self, at: usize) -> Option<(Range<usize>, Kind)> {
        let before = self.places.partition_point(|(range, _)| range.start <= at);
        self.places[..before].last().filter(|(range, _)| range.contains(&at)).cloned()
    }

    /// The places that are no text, in order.
    pub(super) fn places(&self) -> impl Iterator<Item = Range<usize>> {
        self.places.iter().map(|(range, _)| range.clone())
    }

    /// Whether a byte is in what a link or an image shows, where no other link can be.
    pub(super) fn is_in_link(&self, at: usize) -> bool {
        let before = self.links.partition_point(|range| range.start <= at);
        self.links[..before].last().is_some_and(|range| range.contains(&at))
    }

    /// The heading that a byte is in.
    pub(super) fn heading_at(&self, at: usize) -> Option<Range<usize>> {
        let before = self.headings.partition_point(|range| range.start <= at);
        self.headings[..before].last().filter(|range| range.contains(&at)).cloned()
    }

    /// The block around a byte, or what of one is between others.
    pub(super) fn block_around(&self, at: usize) -> Range<usize> {
        let before = self.ends.partition_point(|end| *end <= at);
        let start = before.checked_sub(1).map_or(0, |last| self.ends[last]);
        start..self.ends.get(before).copied().unwrap_or(start)
    }

    /// Whether two bytes are in one block, where no other begins or ends between them.
    pub(super) fn is_one_block(&self, from: usize, to: usize) -> bool {
        let before = self.ends.partition_point(|end| *end <= from);
        self.ends.get(before).is_none_or(|end| *end > to)
    }
}
