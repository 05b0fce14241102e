//! Adjacent texts of Markdown, kept until it is known where they end: an address may reach over several, and punctuation is
//! judged by what is around it.

use std::ops::Range;

use pulldown_cmark::CowStr;

use crate::content::markdown::autolink::{self, Autolink, Autolinks};
use crate::content::markdown::emoji;
use crate::content::markdown::typographer::{self, Typographer};
use crate::content::text::clean;

/// The texts, each with its place in the Markdown.
#[derive(Debug, Default)]
pub(super) struct Run<'a>(Vec<(Text<'a>, Range<usize>)>);

#[derive(Debug)]
enum Text<'a> {
    /// It is what stands at its place.
    Verbatim,
    /// What an entity or an escape came to.
    Decoded(CowStr<'a>),
}

/// What a site has made of texts.
#[derive(Debug)]
pub(super) struct Setting<'p> {
    pub(super) typographer: Option<Typographer<'p>>,
    pub(super) autolinks: Option<Autolinks>,
    /// Whether emoji stand for their names.
    pub(super) emoji: bool,
}

impl Setting<'_> {
    /// Begins another block.
    pub(super) fn begin(&mut self, source: &str, block: &Range<usize>) {
        if let Some(typographer) = &mut self.typographer {
            typographer.begin(source, block);
        }
        if let Some(autolinks) = &mut self.autolinks {
            autolinks.begin();
        }
    }

    /// Whether there may be something in a text, other than addresses, of which something else is made.
    fn may_change(&self, text: &str) -> bool {
        self.typographer.is_some() && typographer::has_sign(text) || self.emoji && text.contains(':')
    }

    /// Appends the text at `range` of the Markdown.
    fn set(&mut self, spans: &mut Spans, source: &str, range: Range<usize>) {
        let mut at = range.start;
        if self.emoji {
            for (name, emoji) in emoji::find(source, range.clone()) {
                self.punctuate(&mut spans.text, source, at..name.start);
                spans.part();
                at = name.end;
                spans.parts.push(Span::Emoji(emoji, name));
            }
        }
        self.punctuate(&mut spans.text, source, at..range.end);
    }

    fn punctuate(&mut self, out: &mut String, source: &str, range: Range<usize>) {
        match &mut self.typographer {
            Some(typographer) => typographer.set(out, source, range),
            None => out.push_str(&source[range]),
        }
    }
}

/// What a run comes to, part by part.
#[derive(Debug, Default)]
pub(super) struct Spans {
    /// What the texts among them say, one after the other.
    pub(super) text: String,
    pub(super) parts: Vec<Span>,
}

/// A part of a run.
#[derive(Debug)]
pub(super) enum Span {
    /// The bytes of [`Spans::text`] that are its own.
    Text(Range<usize>),
    /// An address that stands there as it is.
    Address(Autolink),
    /// An emoji, and the bytes of the Markdown that name it.
    Emoji(&'static str, Range<usize>),
}

impl Spans {
    /// Makes what was said since the part before a part.
    fn part(&mut self) {
        let from = self.parts.iter().rev().find_map(|part| if let Span::Text(range) = part { Some(range.end) } else { None });
        self.parts.push(Span::Text(from.unwrap_or(0)..self.text.len()));
    }

    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.parts.clear();
    }
}

impl<'a> Run<'a> {
    /// Adds the text at `range` of the Markdown.
    pub(super) fn push(&mut self, text: CowStr<'a>, range: Range<usize>, source: &'a str) {
        if source[range.clone()] != *text {
            return self.0.push((Text::Decoded(text), range));
        }
        match self.0.last_mut() {
            Some((Text::Verbatim, place)) if place.end == range.start => place.end = range.end,
            _ => self.0.push((Text::Verbatim, range)),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of it, where that is one piece of the Markdown in which nothing is set as something else, nor an address.
    pub(super) fn plain(&self, source: &'a str, linkify: bool, setting: &mut Setting<'_>) -> Option<&'a str> {
        let [(Text::Verbatim, range)] = &self.0[..] else { return None };
        let text = &source[range.clone()];
        if setting.may_change(text) || linkify && setting.autolinks.is_some() && autolink::may_be_in(text) {
            return None;
        }
        if let Some(autolinks) = setting.autolinks.as_mut().filter(|_| linkify) {
            autolinks.pass(source, range.clone());
        }
        Some(text)
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Takes all of it, into `spans`. Addresses are found where `linkify` says so.
    pub(super) fn take(&mut self, source: &str, linkify: bool, setting: &mut Setting<'_>, spans: &mut Spans) {
        let (Some((_, first)), Some((_, last))) = (self.0.first(), self.0.last()) else { return };
        let span = first.start..last.end;
        let autolinks = setting.autolinks.as_mut().filter(|_| linkify);
        let addresses = autolinks.map(|autolinks| autolinks.find(source, span)).unwrap_or_default();
        let mut addresses = addresses.into_iter().peekable();
        for (text, range) in self.0.drain(..) {
            if let Text::Decoded(text) = text {
                // an entity: all of it is in an address, or nothing
                if addresses.peek().is_none_or(|address| range.start < address.range.start) {
                    spans.text.push_str(&clean(&text));
                }
                addresses.next_if(|address| address.range.end <= range.end);
                continue;
            }
            let mut at = range.start;
            while let Some(address) = addresses.peek().filter(|address| address.range.start < range.end) {
                let end = address.range.end;
                if address.range.start >= at {
                    setting.set(spans, source, at..address.range.start);
                    spans.part();
                    spans.parts.push(Span::Address(address.clone()));
                }
                at = end.min(range.end);
                if addresses.next_if(|address| address.range.end <= range.end).is_none() {
                    break;
                }
            }
            setting.set(spans, source, at..range.end);
        }
        spans.part();
    }
}
