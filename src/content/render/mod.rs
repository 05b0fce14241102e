//! A post's body as HTML that reads well in every feed reader and can break no feed: every address absolute, every
//! element closed, nothing that runs, only characters that XML allows.
//!
//! The steps are in modules of their own: `shortcode`, `markdown` (but for pages in HTML), `html`, `counting`.

use std::borrow::Cow;

use url::Url;

use crate::config::Site;
use crate::content::front_matter::Source;
use crate::content::guarded;
use crate::content::html::{sanitize, sanitize_alone, sanitize_inline};
use crate::content::markdown::counting;
use crate::content::markdown::{Block, Document, Foreign, Length, Markdown};
use crate::content::path::Markup;
use crate::content::shortcode::{self, Finding, Lookup, Templates, Uses};
use crate::content::text::{break_template_syntax, clean};
use crate::content::token::Tokens;
use crate::diagnostic::{Diagnostic, Rule};

/// What a body is rendered with.
pub struct Context<'a> {
    /// The post's address.
    pub permalink: &'a Url,
    /// The address that the files beside the post are below, when it is not that of the post.
    pub files: Option<&'a Url>,
    /// What the body is written in.
    pub markup: Markup,
    /// The summary of the front matter, in Markdown.
    pub summary: Option<&'a str>,
    /// Whether the post is in Chinese, Japanese or Korean, when it says so itself.
    pub is_cjk: Option<bool>,
    /// `summaryLength`, `hasCJKLanguage` and `markup.goldmark` count.
    pub site: &'a Site,
    /// The site's own shortcodes.
    pub templates: &'a Templates,
    /// Answers the shortcodes that ask for something else than the post.
    pub lookup: &'a dyn Lookup,
}

/// A body that can stand in any feed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rendered {
    /// The whole text as HTML; empty when the post has none.
    pub html: String,
    /// The summary as HTML.
    pub summary_html: String,
    /// What was found wrong, by its place in the file.
    pub diagnostics: Vec<Diagnostic>,
    /// The shortcodes that are not known, each with what is to be said of its first use.
    pub unknown: Vec<(Uses, Diagnostic)>,
}

/// Renders the body of a post. The outcome depends on nothing but the arguments.
pub fn render(source: &Source<'_>, context: &Context<'_>) -> Rendered {
    rendered_or_told(source, || render_unguarded(source, context))
}

/// What a renderer makes of a body; where that panics, nothing with the finding.
fn rendered_or_told(source: &Source<'_>, render: impl FnOnce() -> Rendered) -> Rendered {
    guarded(render).unwrap_or_else(|| {
        let mend = "write it in another way, and report it with the file";
        let what = "the program fails at this text, so the entry has none";
        let finding = source.diagnostic(Rule::UnrenderableText, Some(source.body_offset), what, mend);
        Rendered { diagnostics: vec![finding], ..Rendered::default() }
    })
}

fn render_unguarded(source: &Source<'_>, context: &Context<'_>) -> Rendered {
    let mut markdown = Markdown::new(context.permalink, context.files, context.site);
    markdown.is_cjk = context.is_cjk.unwrap_or_else(|| context.site.has_cjk && counting::is_cjk(source.text));
    let expanded = shortcode::expand(source.body, context.templates, context.lookup, &markdown);
    let stand_in = shortcode::stand_in(markdown.links.permalink());
    let length = Length { words: context.site.summary_length, tokens: &expanded.tokens, stand_in: &stand_in };
    let mut document = match context.markup {
        Markup::Markdown => markdown.document(&expanded.source, length, context.lookup),
        Markup::Html => Document::of_html(&expanded.source, length, markdown.is_cjk),
    };
    let foreign = foreign(&mut document, &expanded.tokens);
    let cut = document.divider.or(document.opening.filter(|_| context.summary.is_none()));
    let (html, place) = match foreign[..] {
        [] => (std::mem::take(&mut document.html), cut),
        _ => mended(&document.html, &foreign, cut, &expanded.tokens, &markdown),
    };
    let own_summary = context.summary.filter(|_| document.divider.is_none());
    let brief = |html: String| if expanded.unknown.is_empty() { html } else { shortcode::summarized(html, markdown.links.permalink()) };
    let summary_html = match (cut, place, own_summary) {
        (_, Some(place), _) => tidy(brief(html[..place].to_owned())),
        // it is in the midst of what was mended
        (Some(cut), None, _) => tidy(brief(legal(sanitize(&expanded.tokens.fill(&document.html[..cut]), &markdown)))),
        (None, _, Some(summary)) => {
            let html = markdown.fragment(&clean(summary), Some(context.lookup));
            tidy(legal(sanitize(&expanded.tokens.fill(&html), &markdown)))
        }
        (None, _, None) => tidy(html.clone()),
    };
    let html = tidy(html);
    let mut diagnostics: Vec<Diagnostic> = expanded.findings.into_iter().map(|finding| diagnostic(finding, source)).collect();
    let lets_none = context.markup == Markup::Markdown && !context.site.goldmark.unsafe_html;
    if html.is_empty() && lets_none && has_tag(&expanded.source) {
        let mend = "set `markup.goldmark.renderer.unsafe` to true, or write it in Markdown";
        let what = "all of it is HTML, of which the site lets none into Markdown, so nothing is shown";
        diagnostics.push(source.diagnostic(Rule::OmittedHtml, Some(source.body_offset), what, mend));
    }
    Rendered {
        html,
        summary_html,
        diagnostics,
        unknown: expanded.unknown.into_iter().map(|(finding, uses)| (uses, diagnostic(finding, source))).collect(),
    }
}

/// Whether there is a tag of HTML in a text: a comment is none.
fn has_tag(text: &str) -> bool {
    memchr::memchr_iter(b'<', text.as_bytes()).any(|at| text.as_bytes().get(at + 1).is_some_and(u8::is_ascii_alphabetic))
}

/// Takes the blocks that hold what others than Markdown wrote.
fn foreign(document: &mut Document, tokens: &Tokens) -> Vec<Block> {
    let mut blocks = std::mem::take(&mut document.blocks);
    for block in &mut blocks {
        if tokens.are_in(&document.html[block.range.clone()]) {
            block.foreign = Foreign::Somewhere;
        }
    }
    blocks.retain(|block| !matches!(block.foreign, Foreign::Nowhere));
    blocks
}

/// Fills and mends HTML, and finds where a place of it comes to be, unless that is in the midst of what is mended.
///
/// What Markdown wrote alone is balanced and safe: its elements come in pairs, its addresses went through
/// [`Links`](crate::content::link::Links), and its text is escaped and legal. So only the `foreign` blocks, in which others wrote, are parsed again: what they wrote in lines of
/// text by itself where what is around it makes no difference, else each block by itself, or, where one begins what another
/// ends, all together with what is between.
fn mended(html: &str, foreign: &[Block], cut: Option<usize>, tokens: &Tokens, markdown: &Markdown) -> (String, Option<usize>) {
    let inline = |block: &Block| match &block.foreign {
        Foreign::Inline(range) => Some((range.clone(), sanitize_inline(&html[range.clone()], markdown)?)),
        Foreign::Nowhere | Foreign::Somewhere => None,
    };
    let alone = |block: &Block| Some((block.range.clone(), sanitize_alone(&tokens.fill(&html[block.range.clone()]), markdown)?));
    let mended = foreign.iter().map(|block| inline(block).or_else(|| alone(block))).collect::<Option<Vec<_>>>();
    let mended = mended.unwrap_or_else(|| {
        let all = foreign.first().map_or(0, |first| first.range.start)..foreign.last().map_or(0, |last| last.range.end);
        vec![(all.clone(), sanitize(&tokens.fill(&html[all]), markdown))]
    });
    let mut out = String::with_capacity(html.len() + html.len() / 8);
    let (mut at, mut place) = (0, None);
    for (range, text) in mended.into_iter().chain([(html.len()..html.len(), String::new())]) {
        place = place.or_else(|| cut.filter(|cut| (at..=range.start).contains(cut)).map(|cut| out.len() + cut - at));
        out.push_str(&html[at..range.start]);
        out.push_str(&legal(text));
        at = range.end;
    }
    (out, place)
}

/// HTML with only such characters as XML allows: the parser of what others wrote decodes any.
fn legal(html: String) -> String {
    match clean(&html) {
        Cow::Owned(clean) => clean,
        Cow::Borrowed(_) => html,
    }
}

/// HTML without what reads as template syntax, and without space around it.
fn tidy(html: String) -> String {
    let mut html = break_template_syntax(html);
    // a parser takes U+FEFF for the mark of an encoding where a text begins, and drops it
    let is_space = |c: char| c.is_whitespace() || c == '\u{feff}';
    html.truncate(html.trim_end_matches(is_space).len());
    html.drain(..html.len() - html.trim_start_matches(is_space).len());
    html
}

fn diagnostic(finding: Finding, source: &Source<'_>) -> Diagnostic {
    Diagnostic::new(finding.rule, source.path, finding.what, finding.mend).at(source.text, source.body_offset + finding.offset)
}

#[cfg(test)]
mod tests;
