//! Where the opening ends, which is the summary where nobody wrote one: with the paragraph by which there are enough words, and what is
//! around that one.

use std::ops::Range;

use super::closing::closed;
use super::counting::Counting;
use super::ends::CLOSED_BY_TAG;
use super::{Block, Foreign};
use crate::content::token::{self, Tokens};

/// What ends a paragraph.
const END: &str = "</p>";

/// How long an opening is.
#[derive(Clone, Copy, Debug)]
pub(in crate::content) struct Length<'t> {
    /// So many words it has.
    pub(in crate::content) words: usize,
    /// What shortcodes come to, whose words count.
    pub(in crate::content) tokens: &'t Tokens,
    /// What stands for those that nobody knows, whose words do not.
    pub(in crate::content) stand_in: &'t str,
}

/// The opening of a body that is being written.
pub(super) struct Opening<'t> {
    counting: Counting,
    length: Length<'t>,
    /// How many words it lacks.
    lacking: usize,
    /// Where the HTML begins that is not counted yet.
    uncounted: usize,
    /// Where the paragraph ends by which there are enough words.
    reached: Option<usize>,
    /// What is written otherwise than by Hugo, such as where HTML of the author is left out, and what stands there in Hugo, whose words
    /// count. In order.
    otherwise: Vec<(Range<usize>, &'static str)>,
}

impl<'t> Opening<'t> {
    pub(super) fn new(length: Length<'t>, counting: Counting) -> Self {
        let words = length.words;
        // without words there is nothing in it
        Opening { counting, length, lacking: words, uncounted: 0, reached: (words == 0).then_some(0), otherwise: Vec::new() }
    }

    /// Takes in the ends of paragraphs in what is written from a place on.
    pub(super) fn count(&mut self, html: &str, from: usize) {
        let mut from = from;
        while self.reached.is_none()
            && let Some(at) = html[from..].find(END)
        {
            let end = from + at;
            from = end + END.len();
            // Hugo has none around a shortcode that is all of it, but there may be one inside
            if token::is_all_of_paragraph(&html[..end]) && !self.ends_paragraph(&html[self.uncounted..end]) {
                continue;
            }
            self.lacking = self.lacking.saturating_sub(self.words(html, end));
            self.uncounted = end;
            self.reached = (self.lacking == 0).then_some(from);
        }
    }

    /// Notes that HTML of the author in a line is left out.
    pub(super) fn omit(&mut self, at: usize, html: &str) {
        if self.reached.is_none() && !html.starts_with("<!--") {
            self.otherwise.push((at..at, "<!-- raw HTML omitted -->"));
        }
    }

    /// Notes that a block of HTML is left out. Hugo says so twice where its end is in a line of its own.
    pub(super) fn omit_block(&mut self, at: usize, block: &str) {
        let block = block.trim();
        if self.reached.is_none() && !block.starts_with("<!--") {
            let count = if has_closing_line(block) { 2 } else { 1 };
            self.otherwise.extend(std::iter::repeat_n((at..at, "<!-- raw HTML omitted -->\n"), count));
        }
    }

    /// Notes that an indented block of code begins: in Hugo its tag has no attributes, so that its first word counts.
    pub(super) fn begin_indented(&mut self, at: usize) {
        if self.reached.is_none() {
            self.otherwise.push((at..at, "<i>"));
        }
    }

    /// Notes the line end behind a block of code between fences that give no language, where Hugo has none.
    pub(super) fn end_bare_fence(&mut self, line_end: Range<usize>) {
        if self.reached.is_none() {
            self.otherwise.push((line_end, ""));
        }
    }

    /// Moves what is behind a place, where so many bytes were put in.
    pub(super) fn shift(&mut self, place: usize, len: usize) {
        for (at, _) in self.otherwise.iter_mut().rev().take_while(|(at, _)| at.start >= place) {
            *at = at.start + len..at.end + len;
        }
    }

    /// Whether the last shortcode of a text comes to something with a paragraph.
    fn ends_paragraph(&self, text: &str) -> bool {
        text.rfind("<p>").is_some_and(|start| self.length.tokens.fill(&text[start..]).contains(END))
    }

    /// The words that are not counted yet, up to a place, as far as they are lacking.
    fn words(&mut self, html: &str, end: usize) -> usize {
        let Length { tokens, stand_in, .. } = self.length;
        let uncounted = &html[self.uncounted..end];
        if self.otherwise.is_empty() && !tokens.are_in(uncounted) {
            return self.counting.words(uncounted, self.lacking);
        }
        let (mut counted, mut from) = (String::new(), self.uncounted);
        for (place, text) in self.otherwise.drain(..) {
            counted.push_str(&html[from..place.start]);
            counted.push_str(text);
            from = place.end;
        }
        counted.push_str(&html[from..end]);
        let filled = tokens.counted(&counted).replace(stand_in, "");
        let (mut words, mut from) = (0, 0);
        // in what shortcodes come to, there may be paragraphs as well
        for end in filled.match_indices(END).map(|(end, _)| end).chain([filled.len()]) {
            words += self.counting.words(&filled[from..end], self.lacking.saturating_sub(words));
            from = end;
        }
        words
    }

    /// Where it ends in HTML of these blocks: no element that ends is open there.
    pub(super) fn end(&self, html: &str, blocks: &[Block]) -> Option<usize> {
        let reached = self.reached?;
        let mut before = blocks.iter().take_while(|block| block.range.start < reached);
        let is_foreign = before.any(|block| !matches!(block.foreign, Foreign::Nowhere));
        let end = if is_foreign { closed(html, reached) } else { reached };
        let around = blocks.iter().find(|block| block.range.start < end && end <= block.range.end);
        match around {
            // it is balanced, and so must be a part of it
            Some(Block { range, foreign: Foreign::Nowhere }) => Some(range.end),
            _ => Some(end + usize::from(html[end..].starts_with('\n'))),
        }
    }
}

/// Whether a block of HTML ends with a sign of its own, CommonMark §4.6, conditions 1 to 5, behind its first line.
fn has_closing_line(block: &str) -> bool {
    let inside = block.strip_prefix('<').unwrap_or_default();
    let name = inside.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    let has_end = inside.starts_with(['?', '!']) || CLOSED_BY_TAG.iter().any(|element| element.eq_ignore_ascii_case(name));
    has_end && block.contains('\n') && block.ends_with('>')
}
