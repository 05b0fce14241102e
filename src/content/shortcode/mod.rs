//! Shortcodes, expanded before Markdown as Hugo does: none is left in what a reader sees.
//!
//! `parse` finds the calls, `template` has the site's own shortcodes, `builtin` those of Hugo and of themes, `definitions` what links
//! inside of them refer to. HTML stands in the Markdown as a token; nothing here is safe yet, which is left to `html`.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use crate::content::html::embed::link;
use crate::content::image::is_image;
use crate::content::markdown::{Markdown, extensions};
use crate::content::text::{clean, of_html};
use crate::content::token::Tokens;
use crate::diagnostic::Rule;

mod builtin;
mod definitions;
mod parse;
mod place;
mod template;

use builtin::{Outcome, builtin, image, is_box};
use definitions::Definitions;
use parse::{Args, Call, Piece, Style, parse};
use place::Place;
pub use template::Templates;

/// What a post may ask of the site while it is rendered.
pub trait Lookup {
    /// The absolute permalink of the page that `ref` or `relref` names.
    fn reference(&self, target: &str) -> Option<String>;
    /// Whether the site has this language beside that of the post; most sites have one.
    fn is_another(&self, _language: &str) -> bool {
        false
    }
    /// The absolute permalink of the page whose file a link leads to, where the site has such links looked up.
    fn link(&self, address: &str) -> Option<String>;
    /// The parameter of the page, else of the site, that `param` names.
    fn param(&self, name: &str) -> Option<String>;
}

/// Calls inside of calls, beyond which nobody has written them by hand.
const MAX_NESTING: usize = 32;

/// Findings of one kind in one body, beyond which there is something else wrong with it.
const MAX_FINDINGS: usize = 100;

/// What one call may come to, in bytes.
const MAX_OUTCOME: usize = 1 << 20;

/// What all calls of one body may come to, in bytes, with the definitions of links that what is inside of them refers to.
const MAX_OUTCOMES: usize = 32 << 20;

/// A body without shortcodes.
#[derive(Debug)]
pub(super) struct Expanded<'a> {
    /// The Markdown.
    pub(super) source: Cow<'a, str>,
    /// The HTML for the tokens in it.
    pub(super) tokens: Tokens,
    /// What was wrong.
    pub(super) findings: Vec<Finding>,
    /// The shortcodes that are not known; of very many the first by name.
    pub(super) unknown: Vec<(Finding, Uses)>,
}

/// How often a body uses a shortcode that is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uses {
    /// The shortcode.
    pub name: String,
    /// How often it is called.
    pub count: usize,
    /// A template to start from.
    pub template: &'static str,
}

/// Something wrong in a body.
#[derive(Debug)]
pub(super) struct Finding {
    /// The byte of the body.
    pub(super) offset: usize,
    pub(super) rule: Rule,
    pub(super) what: String,
    pub(super) mend: String,
}

/// Expands every shortcode of a body.
pub(super) fn expand<'a>(body: &'a str, templates: &Templates, lookup: &dyn Lookup, markdown: &Markdown) -> Expanded<'a> {
    let pieces = parse(body);
    let mut expander = Expander::new(&pieces, templates, lookup, markdown);
    let source = match pieces[..] {
        [Piece::Text(text, _)] => clean(text),
        _ => Cow::Owned(expander.expand(0..pieces.len(), 0)),
    };
    let Expander { tokens, mut findings, unknown, .. } = expander;
    findings.sort_by_key(|finding| finding.offset);
    findings.truncate(MAX_FINDINGS);
    let unknown = unknown.into_iter().take(MAX_FINDINGS).map(|(name, unknown)| unknown.finding(name)).collect();
    Expanded { source, tokens, findings, unknown }
}

/// Hugo's shortcode for an image.
pub(crate) const FIGURE: &str = "figure";

/// Stands for each byte of what [`blanked`] takes away. No address may hold it.
pub(super) const BLANK: char = '\u{1a}';

/// A body without its shortcodes and what is inside of them, in which everything else stands where it stood.
pub(super) fn blanked(body: &str) -> String {
    let pieces = parse(body);
    let mut out = String::with_capacity(body.len());
    let blank_to = |out: &mut String, end: usize| {
        let blank = |byte: u8| if byte == b'\n' { '\n' } else { BLANK };
        let start = out.len();
        out.extend(body.as_bytes()[start..end].iter().map(|byte| blank(*byte)));
    };
    let mut at = 0;
    while let Some(piece) = pieces.get(at) {
        match piece {
            Piece::Text(text, start) => {
                blank_to(&mut out, *start);
                out.push_str(text);
            }
            Piece::Open(call) => at = call.close.unwrap_or(at),
            Piece::Literal(_) | Piece::Close | Piece::Broken(_) => {}
        }
        at += 1;
    }
    blank_to(&mut out, body.len());
    out
}

/// The images that calls of Hugo's `figure` show: the address of each, and the byte of the body where it stands.
pub(super) fn figures(body: &str) -> Vec<(String, usize)> {
    let pieces = parse(body);
    let figure = |piece: &Piece<'_>| match piece {
        Piece::Open(call) if call.name == FIGURE => {
            let src = call.args.get_or("src", 0)?;
            Some((src.to_owned(), call.offset + body[call.offset..].find(src).unwrap_or(0)))
        }
        _ => None,
    };
    pieces.iter().filter_map(figure).collect()
}

/// What stands for a call of which nothing is known, in a post with this address.
pub(super) fn stand_in(permalink: &str) -> String {
    link(permalink, "", "View on the site")
}

/// A summary without what stands for calls of which nothing is known, unless it is nothing else: the whole text has these.
pub(super) fn summarized(html: String, permalink: &str) -> String {
    let link = stand_in(permalink);
    let rest = html.replace(&format!("<p>{link}</p>"), "").replace(&link, "");
    if of_html(&rest, 1).is_empty() { html } else { rest }
}

/// Whether HTML is a text without tags.
fn is_text(html: &str) -> bool {
    html.len() <= MAX_OUTCOME && !html.contains('<')
}

struct Expander<'a> {
    pieces: &'a [Piece<'a>],
    templates: &'a Templates,
    lookup: &'a dyn Lookup,
    markdown: &'a Markdown,
    tokens: Tokens,
    findings: Vec<Finding>,
    unknown: BTreeMap<&'a str, Unknown>,
    /// Those of the body, once something has asked for them.
    definitions: Option<Definitions>,
    /// So many bytes may still be put in; none once something had no room.
    left: Option<usize>,
}

/// A name that is no shortcode that is known.
struct Unknown {
    offset: usize,
    uses: usize,
    template: &'static str,
}

impl Unknown {
    fn finding(self, name: &str) -> (Finding, Uses) {
        let Unknown { offset, uses, template } = self;
        // one in a folder, such as `gallery/wide`, is no bare key of TOML
        let is_bare = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        let key = if is_bare { name.to_owned() } else { format!("\"{name}\"") };
        let finding = Finding {
            offset,
            rule: Rule::UnknownShortcode,
            what: format!("the shortcode `{name}` is not known"),
            mend: format!("add a template for it to [shortcodes] of the configuration: {key} = '{template}'"),
        };
        (finding, Uses { name: name.to_owned(), count: uses, template })
    }
}

impl<'a> Expander<'a> {
    fn new(pieces: &'a [Piece<'a>], templates: &'a Templates, lookup: &'a dyn Lookup, markdown: &'a Markdown) -> Self {
        Expander {
            pieces,
            templates,
            lookup,
            markdown,
            tokens: Tokens::default(),
            findings: Vec::new(),
            unknown: BTreeMap::new(),
            definitions: None,
            left: Some(MAX_OUTCOMES),
        }
    }

    fn expand(&mut self, range: Range<usize>, depth: usize) -> String {
        let mut source = String::new();
        let mut at = range.start;
        while at < range.end {
            match &self.pieces[at] {
                Piece::Text(text, _) => source.push_str(&clean(text)),
                Piece::Literal(text) => source.push_str(&clean(text)),
                Piece::Close => {}
                Piece::Broken(broken) => {
                    let what = format!("`{}` {}", broken.text.lines().next().unwrap_or_default(), broken.why);
                    self.find(broken.offset, what, "write {{< name >}}, or {{</* name */>}} to show it as it is");
                    // a space keeps what follows from being a tag of HTML
                    let text = clean(broken.text);
                    source.push_str(&text[..3]);
                    source.push_str(if text[3..].starts_with(' ') { "" } else { " " });
                    source.push_str(&text[3..]);
                }
                Piece::Open(call) => {
                    let inner = call.close.map(|close| at + 1..close);
                    let outcome = self.call(call, inner, depth, Place::behind(&source));
                    source.push_str(&outcome);
                    at = call.close.unwrap_or(at);
                }
            }
            at += 1;
        }
        source
    }

    /// What stands in the place of a call: Markdown, in which HTML is a token.
    fn call(&mut self, call: &Call<'a>, inner: Option<Range<usize>>, depth: usize, place: Place) -> String {
        if depth == MAX_NESTING {
            self.find(call.offset, format!("the shortcode `{}` is inside of {MAX_NESTING} others", call.name), "nest less deeply");
            return String::new();
        }
        let inner = inner.map(|inner| self.expand(inner, depth + 1));
        if self.left.is_none() {
            return String::new();
        }
        let text = match self.outcome(call, inner, place) {
            Outcome::Source(source) => source,
            // a text without tags can stand where no tag could, and what is inside of another call is the matter of that one
            Outcome::Html(html) if is_text(&html) && (depth > 0 || call.style == Style::Markdown || place != Place::Text) => html,
            Outcome::Html(html) => self.token(call, html),
            Outcome::Missing(rule, what, mend) => {
                self.findings.push(Finding { offset: call.offset, rule, what, mend });
                String::new()
            }
        };
        if self.has_room(call, self.tokens.filled_len(&text)) { text } else { String::new() }
    }

    /// What stands in Markdown for HTML that it may not touch, be it nothing: a text without tags is that as well.
    fn token(&mut self, call: &Call<'a>, html: String) -> String {
        match self.tokens.add(&html, MAX_OUTCOME) {
            Some(token) => token,
            // what it comes to is in tokens, of which each is short enough
            None if is_text(&html) => html,
            None => {
                self.find(call.offset, format!("the shortcode `{}` comes to more than {MAX_OUTCOME} bytes", call.name), "show less");
                String::new()
            }
        }
    }

    /// Whether so many bytes may still be put in for a call. Behind the first one that has no room there is none for any.
    fn has_room(&mut self, call: &Call<'a>, len: usize) -> bool {
        let Some(left) = self.left else { return false };
        self.left = left.checked_sub(len);
        if self.left.is_none() {
            let what =
                format!("the shortcodes up to this `{}` come to more than {MAX_OUTCOMES} bytes; it and all below are left out", call.name);
            self.find(call.offset, what, "show less");
        }
        self.left.is_some()
    }

    fn outcome(&mut self, call: &Call<'a>, inner: Option<String>, place: Place) -> Outcome {
        let Call { name, style, args, .. } = call;
        let text = inner.as_deref().unwrap_or_default();
        let is_own = self.templates.has(name);
        if let Some(source) = self.passed_on(call, text) {
            return Outcome::Source(source);
        }
        // what is in the style of Markdown is a part of the page
        let defined = if *style == Style::Markdown && (is_own || is_box(name)) { self.defined(call, text) } else { text.into() };
        if let Some(rendered) = self.templates.render(name, args, &defined, *style, self.markdown, self.lookup) {
            return match rendered {
                Ok(html) => Outcome::Html(html),
                Err(error) => {
                    let what = format!("the template of the shortcode `{name}` fails: {error}");
                    Outcome::Missing(Rule::BrokenShortcode, what, "mend it in [shortcodes]".into())
                }
            };
        }
        if let Some(outcome) = builtin(call, inner.as_deref().map(|_| &*defined), self.markdown, self.lookup) {
            return outcome;
        }
        let (outcome, template) = self.stand_in(args, inner, place);
        self.unknown.entry(name).or_insert(Unknown { offset: call.offset, uses: 0, template }).uses += 1;
        outcome
    }

    /// What a call in the style of Markdown comes to where its template has no tags of its own: a part of the page, as what is inside.
    fn passed_on(&self, call: &Call<'a>, inner: &str) -> Option<String> {
        let Call { name, style, args, .. } = call;
        let raw = |name| self.templates.render(name, args, inner, Style::Html, self.markdown, self.lookup)?.ok();
        let source = if *style == Style::Markdown { raw(name) } else { None }?;
        let (before, after) = source.split_once(inner.trim()).unwrap_or((&source, ""));
        (!before.contains('<') && !after.contains('<')).then_some(source)
    }

    /// A text behind the definitions of the links in it that stand elsewhere in the body.
    fn defined<'t>(&mut self, call: &Call<'a>, text: &'t str) -> Cow<'t, str> {
        let Expander { pieces, templates, lookup, markdown, .. } = *self;
        let may_define = |piece: &Piece<'_>| matches!(piece, Piece::Text(text, _) if text.contains("]:"));
        if self.definitions.is_none() && text.contains('[') && pieces.iter().any(may_define) {
            // an address may be a call, too; what is wrong with one is found by the other turn
            let mut other = Expander { definitions: Some(Definitions::default()), ..Expander::new(pieces, templates, lookup, markdown) };
            let source = other.expand(0..pieces.len(), 0);
            self.definitions = Some(Definitions::of(&source, extensions(markdown.goldmark)));
        }
        let defined = self.definitions.as_ref().map_or(Cow::Borrowed(text), |definitions| definitions.before(text));
        if self.has_room(call, defined.len() - text.len()) { defined } else { Cow::Borrowed("") }
    }

    /// What stands for a call that nobody knows, and a template to start from.
    fn stand_in(&self, args: &Args, inner: Option<String>, place: Place) -> (Outcome, &'static str) {
        let permalink = self.markdown.links.permalink();
        match (inner, args.get("src").filter(|src| is_image(src))) {
            (Some(inner), _) => (Outcome::Source(inner), "<blockquote>{{ inner | markdownify }}</blockquote>"),
            // of an address the part before what is in the folder of the post, most likely
            (None, _) if place == Place::Tag => (Outcome::Source(String::new()), "{{ permalink }}"),
            (None, Some(src)) => (Outcome::Html(image(src, args)), "<img src=\"{{ src }}\" alt=\"{{ title }}\">"),
            (None, None) => {
                let has_text = !args.positional.is_empty();
                let template = if has_text {
                    "<a href=\"{{ permalink }}\">{{ args[0] }}</a>"
                } else {
                    "<a href=\"{{ permalink }}\">View on the site</a>"
                };
                (Outcome::Html(stand_in(permalink)), template)
            }
        }
    }

    fn find(&mut self, offset: usize, what: impl Into<String>, mend: impl Into<String>) {
        self.findings.push(Finding { offset, rule: Rule::BrokenShortcode, what: what.into(), mend: mend.into() });
    }
}

#[cfg(test)]
mod tests;
