//! Footnotes, numbered in the order in which the text refers to them, at the end of a post, or of a part that is put in another place.
//!
//! Links go to the post's own page, where Hugo gives these ids without a prefix; see `link`.

use std::collections::HashMap;

use pulldown_cmark::CowStr;

use crate::content::link::Links;
use crate::content::markdown::anchor::Prefix;
use crate::content::text::attribute;

/// The footnotes of one post or part.
#[derive(Debug, Default)]
pub(super) struct Footnotes<'a> {
    numbers: HashMap<CowStr<'a>, usize>,
    /// How often the text refers to each number, from 1.
    references: Vec<usize>,
    /// The HTML of each note that was written.
    notes: HashMap<CowStr<'a>, String>,
    /// Notes being written, each with the HTML around it.
    open: Vec<(CowStr<'a>, String)>,
}

impl<'a> Footnotes<'a> {
    /// Whether a note is being written.
    pub(super) fn is_inside(&self) -> bool {
        !self.open.is_empty()
    }

    /// Writes a reference, as a link unless one is around it.
    pub(super) fn refer(&mut self, label: CowStr<'a>, linked: bool, html: &mut String, links: &Links, prefix: Option<&Prefix>) {
        let next = self.numbers.len() + 1;
        let number = *self.numbers.entry(label).or_insert(next);
        if number == next {
            self.references.push(0);
        }
        self.references[number - 1] += 1;
        html.push_str("<sup");
        identify(html, prefix, &reference_id(number, self.references[number - 1]));
        html.push('>');
        if linked {
            link(html, links, &note_id(number), "footnote-ref", &number.to_string());
        } else {
            html.push_str(&number.to_string());
        }
        html.push_str("</sup>");
    }

    /// From here to `close` the text is that of a note.
    pub(super) fn open(&mut self, label: CowStr<'a>, html: &mut String) {
        self.open.push((label, std::mem::take(html)));
    }

    /// Ends a note and returns to the text around it.
    pub(super) fn close(&mut self, html: &mut String) {
        if let Some((label, around)) = self.open.pop() {
            let note = std::mem::replace(html, around);
            self.notes.entry(label).or_insert(note);
        }
    }

    /// Writes all notes that the text refers to.
    pub(super) fn finish(self, html: &mut String, links: &Links, prefix: Option<&Prefix>) {
        if self.numbers.is_empty() {
            return;
        }
        let mut labels: Vec<(CowStr<'_>, usize)> = self.numbers.into_iter().collect();
        labels.sort_unstable_by_key(|(_, number)| *number);
        html.push_str("<div class=\"footnotes\" role=\"doc-endnotes\">\n<hr>\n<ol>\n");
        for (label, number) in labels {
            html.push_str("<li");
            identify(html, prefix, &note_id(number));
            html.push('>');
            let note = self.notes.get(&label).map_or("", |note| note.trim_end());
            let (text, end) = note.strip_suffix("</p>").map_or((note, ""), |text| (text, "</p>"));
            html.push_str(text);
            for reference in 1..=self.references[number - 1] {
                html.push('\u{a0}');
                link(html, links, &reference_id(number, reference), "footnote-backref", "↩\u{fe0e}");
            }
            html.push_str(end);
            html.push_str("</li>\n");
        }
        html.push_str("</ol>\n</div>\n");
    }
}

/// Writes an id; none in a part of a body, where others may have the same.
fn identify(html: &mut String, prefix: Option<&Prefix>, id: &str) {
    if let Some(prefix) = prefix {
        attribute(html, "id", &prefix.apply(id));
    }
}

fn note_id(number: usize) -> String {
    format!("fn:{number}")
}

fn reference_id(number: usize, reference: usize) -> String {
    if reference == 1 { format!("fnref:{number}") } else { format!("fnref{}:{number}", reference - 1) }
}

fn link(html: &mut String, links: &Links, id: &str, class: &str, text: &str) {
    html.push_str("<a");
    attribute(html, "href", &format!("{}#{id}", links.permalink()));
    attribute(html, "class", class);
    html.push('>');
    html.push_str(text);
    html.push_str("</a>");
}
