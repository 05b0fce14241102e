//! `==marked==`, `++inserted++`, `~~deleted~~`, `H~2~O` and `x^2^`, of which the parser knows nothing or takes them otherwise: where
//! their tags stand.

use std::ops::Range;

use pulldown_cmark::{Event, LinkType, Options, Parser, Tag};

use super::autolink::Autolinks;
use super::typographer::{Sides, is_escaped, sides};
use crate::config::Goldmark;

/// A tag that signs stand for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    /// Where the signs are.
    pub(super) range: Range<usize>,
    pub(super) tag: &'static str,
    /// Whether the tag ends something.
    pub(super) is_end: bool,
}

/// What stands between signs.
struct Kind {
    sign: u8,
    /// How many of them, no more and no less.
    count: usize,
    open: &'static str,
    close: &'static str,
}

const KINDS: [Kind; 7] = [
    Kind { sign: b'=', count: 2, open: "<mark>", close: "</mark>" },
    Kind { sign: b'+', count: 2, open: "<ins>", close: "</ins>" },
    Kind { sign: b'~', count: 1, open: "<sub>", close: "</sub>" },
    Kind { sign: b'~', count: 1, open: "<del>", close: "</del>" },
    Kind { sign: b'~', count: 2, open: "<del>", close: "</del>" },
    Kind { sign: b'^', count: 1, open: "<sup>", close: "</sup>" },
    Kind { sign: b'^', count: 2, open: "<sup>", close: "</sup>" },
];

/// Which of them a site has.
#[derive(Clone, Copy)]
struct Kinds([bool; KINDS.len()]);

/// What is open in an element.
#[derive(Default)]
struct Element {
    /// Code, or an address in angle brackets.
    is_verbatim: bool,
    /// The lines of a term are terms each.
    is_term: bool,
    /// Signs that may begin something: of which kind, and where.
    openers: Vec<(usize, Range<usize>)>,
    /// How many there are of each kind.
    counts: [usize; KINDS.len()],
}

/// The tags of a body in order. They are balanced, and so they are with those of other elements.
pub(super) fn marks(source: &str, options: Options, goldmark: Goldmark) -> Vec<Mark> {
    let kinds = Kinds::of(goldmark);
    if !kinds.may_be_in(source) {
        return Vec::new();
    }
    let mut marks = Vec::new();
    let mut elements = vec![Element::default()];
    for (event, range) in Parser::new_ext(source, options).into_offset_iter() {
        match event {
            Event::Start(tag) => elements.push(Element::of(&tag)),
            Event::End(_) => drop(elements.pop()),
            Event::SoftBreak | Event::HardBreak => {
                if let Some(element) = elements.last_mut().filter(|element| element.is_term) {
                    *element = Element::of(&Tag::DefinitionListTitle);
                }
            }
            Event::Text(text) if source[range.clone()] == *text => {
                if let Some(element) = elements.last_mut().filter(|element| !element.is_verbatim) {
                    runs(source, range, kinds, goldmark).for_each(|(kind, run)| element.meet(kind, source, run, &mut marks));
                }
            }
            _ => {}
        }
    }
    marks.sort_unstable_by_key(|mark| mark.range.start);
    marks
}

/// The signs in a text, each run with its kind. There are none behind a backslash, nor in an address.
fn runs(source: &str, text: Range<usize>, kinds: Kinds, goldmark: Goldmark) -> impl Iterator<Item = (usize, Range<usize>)> {
    let mut autolinks = goldmark.linkify.then(|| Autolinks::new(goldmark.typographer));
    let addresses = autolinks.as_mut().map(|autolinks| autolinks.find(source, text.clone())).unwrap_or_default();
    let mut addresses = addresses.into_iter().map(|address| address.range).peekable();
    let signs = text.filter_map(move |at| kinds.at(source, at)).filter(|(_, run)| !is_escaped(source, run.start));
    signs.filter(move |(_, run)| {
        while addresses.next_if(|address| address.end <= run.start).is_some() {}
        addresses.peek().is_none_or(|address| run.start < address.start)
    })
}

impl Kinds {
    fn of(goldmark: Goldmark) -> Self {
        let Goldmark { marks, insertions, subscript, superscript, strikethrough, deletions, .. } = goldmark;
        Kinds([marks, insertions, subscript, strikethrough && !subscript, strikethrough || deletions, superscript, superscript])
    }

    /// Whether signs may end what others of their kind began, wherever they stand.
    fn may_be_in(self, source: &str) -> bool {
        let is_on = |sign: u8| KINDS.iter().zip(self.0).any(|(kind, is_on)| is_on && kind.sign == sign);
        b"=+~^".iter().filter(|sign| is_on(**sign)).any(|sign| {
            let mut is_open = [false; KINDS.len()];
            memchr::memchr_iter(*sign, source.as_bytes()).filter_map(|at| self.at(source, at)).any(|(kind, run)| {
                let sides = sides_of(source, &run);
                let is_pair = is_open[kind] && sides.closes;
                is_open[kind] |= sides.opens;
                is_pair
            })
        })
    }

    /// The signs that begin at a place, with their kind.
    fn at(self, source: &str, at: usize) -> Option<(usize, Range<usize>)> {
        let bytes = source.as_bytes();
        let sign = bytes[at];
        // signs may be texts each, of which the first speaks for all
        if !matches!(sign, b'=' | b'+' | b'~' | b'^') || at > 0 && bytes[at - 1] == sign {
            return None;
        }
        let count = bytes[at..].iter().take_while(|byte| **byte == sign).count();
        let is_kind = |(kind, is_on): (&Kind, bool)| is_on && kind.sign == sign && kind.count == count;
        KINDS.iter().zip(self.0).position(is_kind).map(|kind| (kind, at..at + count))
    }
}

/// What may be done with signs.
fn sides_of(source: &str, run: &Range<usize>) -> Sides {
    let before = source[..run.start].chars().next_back().unwrap_or('\n');
    let after = source[run.end..].chars().next().unwrap_or('\n');
    sides(before, after)
}

impl Element {
    fn of(tag: &Tag<'_>) -> Self {
        let is_verbatim = matches!(tag, Tag::CodeBlock(_) | Tag::Link { link_type: LinkType::Autolink | LinkType::Email, .. });
        Element { is_verbatim, is_term: matches!(tag, Tag::DefinitionListTitle), ..Element::default() }
    }

    /// Takes in signs: they end what others began, begin something, or are text.
    fn meet(&mut self, kind: usize, source: &str, run: Range<usize>, marks: &mut Vec<Mark>) {
        let sides = sides_of(source, &run);
        if sides.closes && self.counts[kind] > 0 {
            // what began within it ends nowhere
            while let Some((other, start)) = self.openers.pop() {
                self.counts[other] -= 1;
                if other == kind {
                    let Kind { open, close, .. } = KINDS[kind];
                    marks.extend([Mark { range: start, tag: open, is_end: false }, Mark { range: run, tag: close, is_end: true }]);
                    break;
                }
            }
        } else if sides.opens {
            self.openers.push((kind, run));
            self.counts[kind] += 1;
        }
    }
}
