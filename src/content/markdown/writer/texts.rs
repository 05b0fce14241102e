//! Texts, kept until it is known where they end, the tags that signs in them stand for, and the addresses in them.

use std::ops::Range;

use pulldown_cmark::CowStr;

use super::Writer;
use super::run::Span;
use crate::content::markdown::MAX_DEPTH;
use crate::content::markdown::extras::Mark;
use crate::content::text::{attribute, escape};

impl<'a> Writer<'a> {
    pub(super) fn text(&mut self, text: CowStr<'a>, range: Range<usize>) {
        if self.is_verbatim {
            self.note_heading(&text);
            return escape(&mut self.document.html, &text);
        }
        let mut start = range.start;
        while let Some(mark) = self.marks.next_if(|mark| mark.range.start < range.end) {
            self.verbatim(start..mark.range.start);
            self.flush();
            self.mark(&mark);
            start = mark.range.end;
        }
        if start == range.start { self.run.push(text, range, self.source) } else { self.verbatim(start..range.end) }
    }

    /// Writes the tag that signs stand for.
    fn mark(&mut self, mark: &Mark) {
        let written = if mark.is_end { self.open_marks.pop() == Some(true) } else { self.image.is_none() && self.depth() < MAX_DEPTH };
        if !mark.is_end {
            self.open_marks.push(written);
        }
        if written {
            self.push(mark.tag);
        }
    }

    /// Keeps a text that is what the Markdown says there.
    fn verbatim(&mut self, range: Range<usize>) {
        if !range.is_empty() {
            self.run.push(self.source[range.clone()].into(), range, self.source);
        }
    }

    /// Writes the texts that were kept.
    pub(super) fn flush(&mut self) {
        if self.run.is_empty() {
            return;
        }
        let linkify = self.links.is_empty() && self.image.is_none();
        if let Some(text) = self.run.plain(self.source, linkify, &mut self.setting) {
            self.run.clear();
            return match &mut self.image {
                Some(image) => image.alt.push_str(text),
                None => self.plain(text),
            };
        }
        let mut spans = std::mem::take(&mut self.spans);
        self.run.take(self.source, linkify, &mut self.setting, &mut spans);
        for part in &spans.parts {
            match (part, &mut self.image) {
                (Span::Text(range), Some(image)) => image.alt.push_str(&spans.text[range.clone()]),
                (Span::Text(range), None) => self.plain(&spans.text[range.clone()]),
                (Span::Emoji(emoji, _), Some(image)) => image.alt.push_str(emoji),
                (Span::Emoji(emoji, name), None) => {
                    self.note_heading(&self.source[name.clone()]);
                    self.push(emoji);
                }
                (Span::Address(address), _) => self.autolink(&address.target, &address.text),
            }
        }
        spans.clear();
        self.spans = spans;
    }

    pub(super) fn plain(&mut self, text: &str) {
        self.note_heading(text);
        escape(&mut self.document.html, text);
    }

    /// Writes an address, as it is.
    fn autolink(&mut self, target: &str, text: &str) {
        let target = self.markdown.links.absolute(target);
        if let Some(target) = &target {
            self.push("<a");
            attribute(&mut self.document.html, "href", target);
            self.push(">");
        }
        self.plain(text);
        if target.is_some() {
            self.push("</a>");
        }
    }
}
