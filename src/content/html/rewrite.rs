//! What would be lost from HTML in a feed, in a form that stays: players as links, lazy images with their address,
//! check boxes as signs.
//!
//! The HTML is read token by token and written again with every element closed and not too deep. A [`Filter`] lets pass
//! only what is safe; where that leaves something that a parser would move (`nesting`), or there is no filter, the outcome
//! is a draft, and the rest is left to `html`.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};

use super::embed;
use super::nesting::{ENDING_A_PARAGRAPH, VOID, is_plain, stays, text_stays};
use crate::content::link::candidates;
use crate::content::markdown::{INLINE_DEPTH, MAX_DEPTH};
use crate::content::text::{attribute, escape};

/// Elements that are replaced or go with all that is in them, up to their end.
const SWALLOWED: &[&str] =
    &["script", "style", "iframe", "object", "video", "audio", "svg", "noscript", "template", "select", "textarea", "title"];

/// Elements that end where the next of their kind begins.
const ENDED_BY_THE_NEXT: &[&str] = &["li", "dt", "dd", "tr", "td", "th", "option", "a"];

/// Elements that change how what is in them is read, or that a parser takes for others. They do not pass, and the rest is
/// not what it seems.
const CHANGING: &[&str] = &[
    "annotation",
    "annotation-xml",
    "applet",
    "canvas",
    "datalist",
    "dialog",
    "frameset",
    "image",
    "map",
    "noembed",
    "noframes",
    "plaintext",
    "xmp",
];

/// Where lazy loading keeps the address of an image.
const LAZY: [&str; 3] = ["data-src", "data-lazy-src", "data-original"];

/// Stands after the last byte: it comes out as text, unless a comment or a tag never ends. It is no character of any text.
const END: &str = "\u{fffe}";

/// Decides what passes.
pub(super) trait Filter {
    /// Whether an element passes; of one that does not, what is in it does.
    fn passes(&self, element: &str) -> bool;

    /// What an attribute of an element becomes; none when it does not pass.
    fn attribute<'v>(&self, element: &str, name: &str, value: &'v str) -> Option<Cow<'v, str>>;
}

/// Writes HTML again, whatever it holds.
pub(super) fn rewrite(html: &str) -> String {
    written(html, None).out
}

/// HTML in which a parser finds the elements that are written.
pub(super) struct Rewritten {
    pub(super) html: String,
    /// Whether all that it begins ends in it, and the other way round.
    pub(super) is_complete: bool,
    /// Whether it stays wherever text does, and what is around it with it.
    pub(super) is_plain: bool,
}

/// Writes HTML again with what passes a filter. None when a parser would not find the same elements in the outcome.
pub(super) fn rewrite_filtered(html: &str, filter: &dyn Filter) -> Option<Rewritten> {
    let State { stays, out: html, is_complete, is_plain, .. } = written(html, Some(filter));
    stays.then_some(Rewritten { html, is_complete, is_plain })
}

fn written<'f>(html: &str, filter: Option<&'f dyn Filter>) -> State<'f> {
    let writer = Rewriter { state: RefCell::new(State::new(html, filter)), raw: Cell::new(None) };
    let tokenizer = Tokenizer::new(writer, TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(html));
    input.push_back(StrTendril::from_slice(END));
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    let mut state = tokenizer.sink.state.into_inner();
    state.finish();
    state
}

struct Rewriter<'f> {
    state: RefCell<State<'f>>,
    /// How the tokenizer must read on, if not as usual.
    raw: Cell<Option<RawKind>>,
}

impl TokenSink for Rewriter<'_> {
    type Handle = ();

    fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
        self.raw.set(self.state.borrow_mut().take(token));
        self.raw.take().map_or(TokenSinkResult::Continue, TokenSinkResult::RawData)
    }
}

/// Takes down what a text is made of.
#[derive(Default)]
struct Recorder(RefCell<Vec<Token>>);

impl TokenSink for Recorder {
    type Handle = ();

    fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
        self.0.borrow_mut().push(token);
        TokenSinkResult::Continue
    }
}

/// What HTML without scripts and styles is made of.
pub(crate) fn tokens(html: &str) -> Vec<Token> {
    let recorder = Tokenizer::new(Recorder::default(), TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(html));
    let _ = recorder.feed(&input);
    recorder.end();
    recorder.sink.0.into_inner()
}

struct State<'f> {
    filter: Option<&'f dyn Filter>,
    out: String,
    open: Vec<String>,
    /// Whether a parser finds the elements that are written.
    stays: bool,
    /// Whether everything so far began here that ended here, and at the end, the other way round too.
    is_complete: bool,
    /// Whether nothing was lost or closed by what is around it, and nothing written but text and a few levels of elements that
    /// stay wherever it does.
    is_plain: bool,
    /// Whether [`END`] came out.
    is_ended: bool,
    /// Whether the last that was written is a start tag.
    is_fresh: bool,
    /// Elements that are too deep and not closed yet.
    too_deep: usize,
    swallowing: Option<Swallowing>,
    /// End tags that are still to come: what is never closed swallows nothing.
    ends: HashMap<&'static str, usize>,
}

/// An element of which nothing passes; at its end stands what replaces it.
struct Swallowing {
    name: String,
    depth: usize,
    source: Option<String>,
    title: String,
    poster: Option<String>,
}

impl<'f> State<'f> {
    fn new(html: &str, filter: Option<&'f dyn Filter>) -> Self {
        let mut ends = HashMap::new();
        for at in memchr::memmem::find_iter(html.as_bytes(), "</") {
            let rest = &html.as_bytes()[at + 2..];
            let name = SWALLOWED.iter().copied().find(|name| {
                rest.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name.as_bytes()))
                    && rest.get(name.len()).is_some_and(|next| !next.is_ascii_alphanumeric())
            });
            if let Some(name) = name {
                *ends.entry(name).or_insert(0) += 1;
            }
        }
        State {
            filter,
            out: String::with_capacity(html.len() + html.len() / 8),
            open: Vec::new(),
            stays: true,
            is_complete: true,
            is_plain: true,
            is_ended: false,
            is_fresh: false,
            too_deep: 0,
            swallowing: None,
            ends,
        }
    }

    /// Takes the next token. The answer is how the tokenizer must read on, if not as usual.
    fn take(&mut self, token: Token) -> Option<RawKind> {
        match token {
            // whoever wants only what stays does not want the rest
            _ if !self.stays => None,
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => self.start(&tag),
            Token::TagToken(tag) => {
                self.end(&tag.name);
                None
            }
            Token::CharacterTokens(text) => {
                self.text(&text);
                None
            }
            _ => None,
        }
    }

    fn start(&mut self, tag: &Tag) -> Option<RawKind> {
        let name = &*tag.name;
        if let Some(swallowing) = &mut self.swallowing {
            if name == swallowing.name && !tag.self_closing {
                swallowing.depth += 1;
            } else if name == "source" && swallowing.source.is_none() {
                swallowing.source = value(tag, "src");
            }
            return None;
        }
        match name {
            "img" => self.image(tag),
            "input" => self.check_box(tag),
            "embed" => self.embed(value(tag, "src").as_deref(), ""),
            _ if SWALLOWED.contains(&name) => return self.swallow(tag),
            _ => self.element(tag),
        }
        None
    }

    fn swallow(&mut self, tag: &Tag) -> Option<RawKind> {
        let name = &*tag.name;
        if name == "svg" && tag.self_closing {
            return None;
        }
        if self.ends.get(name).is_none_or(|ends| *ends == 0) {
            self.is_complete = false;
            return None;
        }
        // what is lost with it may not be all of the author
        self.is_plain = false;
        self.swallowing = Some(Swallowing {
            name: name.to_owned(),
            depth: 0,
            source: value(tag, if name == "object" { "data" } else { "src" }),
            title: value(tag, "title").unwrap_or_default(),
            poster: value(tag, "poster"),
        });
        match name {
            "script" => Some(RawKind::ScriptData),
            "style" | "iframe" => Some(RawKind::Rawtext),
            "textarea" | "title" => Some(RawKind::Rcdata),
            _ => None,
        }
    }

    fn end(&mut self, name: &str) {
        if let Some(ends) = self.ends.get_mut(name) {
            *ends = ends.saturating_sub(1);
        }
        if let Some(swallowing) = &mut self.swallowing {
            if name != swallowing.name {
                return;
            }
            if swallowing.depth > 0 {
                swallowing.depth -= 1;
                return;
            }
            self.replace();
        } else if self.too_deep > 0 {
            self.too_deep -= 1;
        } else if let Some(at) = self.open.iter().rposition(|open| open == name) {
            self.is_plain &= at + 1 == self.open.len();
            self.close(at);
        } else {
            self.is_complete = false;
        }
    }

    /// Writes what stands for the element that was swallowed.
    fn replace(&mut self) {
        let Some(Swallowing { name, source, title, poster, .. }) = self.swallowing.take() else { return };
        match (&*name, source) {
            ("iframe" | "object", source) => self.embed(source.as_deref(), &title),
            ("video" | "audio", Some(source)) => {
                let poster = poster.map(|poster| ("poster".to_owned(), poster));
                let attributes = [("controls".to_owned(), String::new())].into_iter().chain(poster);
                self.open(&name, attributes.chain([("src".to_owned(), source)]));
                self.close(self.open.len() - 1);
            }
            _ => {}
        }
    }

    fn embed(&mut self, address: Option<&str>, title: &str) {
        let Some(address) = address else { return };
        for token in tokens(&embed::link_to(address, title)) {
            self.take(token);
        }
    }

    fn image(&mut self, tag: &Tag) {
        let mut attributes: Vec<(String, String)> = attributes(tag).collect();
        let lazy = LAZY.iter().find_map(|name| value(tag, name));
        let srcset = value(tag, "data-srcset").or_else(|| value(tag, "srcset"));
        let first = || srcset.as_deref().and_then(|set| candidates(set).first().map(|(address, _)| (*address).to_owned()));
        let address = lazy.or_else(|| value(tag, "src")).or_else(first);
        for (name, value) in [("src", address), ("srcset", value(tag, "data-srcset"))] {
            let Some(value) = value else { continue };
            match attributes.iter_mut().find(|(present, _)| present == name) {
                Some((_, present)) => *present = value,
                None => attributes.push((name.into(), value)),
            }
        }
        self.tag("img", attributes.into_iter());
    }

    fn check_box(&mut self, tag: &Tag) {
        if value(tag, "type").is_some_and(|kind| kind.eq_ignore_ascii_case("checkbox")) {
            let checked = tag.attrs.iter().any(|attribute| &*attribute.name.local == "checked");
            self.text(if checked { "☑" } else { "☐" });
        }
    }

    fn element(&mut self, tag: &Tag) {
        let name = &*tag.name;
        let ends_a_paragraph = ENDING_A_PARAGRAPH.contains(&name);
        // whether or not it passes, and whatever it ends
        self.is_plain &= !ends_a_paragraph;
        if ends_a_paragraph
            && let Some(at) = self.open.iter().rposition(|open| ["p", "td", "th", "caption"].contains(&&**open))
            && self.open[at] == "p"
        {
            self.close(at);
        }
        if VOID.contains(&name) {
            return self.tag(name, attributes(tag));
        }
        if ENDED_BY_THE_NEXT.contains(&name) && self.open.last().is_some_and(|open| open == name) {
            self.close(self.open.len() - 1);
        }
        if self.too_deep > 0 || self.open.len() >= MAX_DEPTH {
            self.too_deep += 1;
            return;
        }
        if self.filter.is_some_and(|filter| !filter.passes(name)) {
            self.stays &= !CHANGING.contains(&name);
            return;
        }
        self.open(name, attributes(tag));
        if tag.self_closing && self.open.iter().any(|open| open == "math") {
            self.close(self.open.len() - 1);
        }
    }

    fn open(&mut self, name: &str, attributes: impl Iterator<Item = (String, String)>) {
        self.tag(name, attributes);
        self.open.push(name.to_owned());
    }

    fn tag(&mut self, name: &str, attributes: impl Iterator<Item = (String, String)>) {
        if let Some(filter) = self.filter {
            if !filter.passes(name) {
                return;
            }
            self.stays &= stays(&self.open, name);
            self.is_plain &= is_plain(name) && self.open.len() < INLINE_DEPTH;
        }
        self.out.push('<');
        self.out.push_str(name);
        for (attribute_name, value) in attributes {
            match self.filter {
                None => attribute(&mut self.out, &attribute_name, &value),
                Some(filter) => {
                    if let Some(value) = filter.attribute(name, &attribute_name, &value) {
                        attribute(&mut self.out, &attribute_name, &value);
                    }
                }
            }
        }
        self.out.push('>');
        self.is_fresh = true;
    }

    fn text(&mut self, text: &str) {
        let (text, is_end) = text.strip_suffix(END).map_or((text, false), |text| (text, true));
        self.is_ended = is_end;
        if text.is_empty() {
            return;
        }
        if self.swallowing.is_none() {
            self.stays &= self.filter.is_none() || text_stays(&self.open, text, self.is_fresh);
            escape(&mut self.out, text);
            self.is_fresh = false;
        }
    }

    fn close(&mut self, at: usize) {
        for name in self.open.drain(at..).rev() {
            self.out.push_str("</");
            self.out.push_str(&name);
            self.out.push('>');
        }
        self.is_fresh = false;
    }

    fn finish(&mut self) {
        self.is_complete &= self.is_ended && self.open.is_empty() && self.too_deep == 0 && self.swallowing.is_none();
        self.replace();
        self.close(0);
    }
}

fn attributes(tag: &Tag) -> impl Iterator<Item = (String, String)> {
    tag.attrs.iter().map(|attribute| (attribute.name.local.to_string(), attribute.value.to_string()))
}

/// The value of an attribute that says something.
pub(crate) fn value(tag: &Tag, name: &str) -> Option<String> {
    let found = tag.attrs.iter().find(|attribute| &*attribute.name.local == name)?;
    Some(found.value.trim().to_owned()).filter(|value| !value.is_empty())
}
