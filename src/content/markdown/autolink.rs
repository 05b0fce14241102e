//! Addresses that stand in a text as they are, and which of them goldmark makes links: what they are made of, and the signs that they
//! stand behind.
//!
//! Where goldmark takes a quote or bracket into an address that belongs to the sentence around it, so that the link is a broken one,
//! it is left to the sentence.

use std::ops::Range;

use super::escaped;
use super::typographer::{is_escaped, sides};

/// An address in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Autolink {
    /// Where it stands, in bytes.
    pub(super) range: Range<usize>,
    /// What it shows.
    pub(super) text: String,
    /// Where it leads.
    pub(super) target: String,
}

/// Finds the addresses of a block, in texts that are given in order.
#[derive(Clone, Debug)]
pub(super) struct Autolinks {
    /// Whether quotes, dashes and dots are set as other signs: then an address may stand behind one.
    is_typographic: bool,
    /// How many brackets are open: what stands in them may become the text of a link, and no link can be in it.
    open: usize,
}

/// What an address is of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// The web, with its scheme.
    Web,
    /// The web, without its scheme.
    Www,
    Mail,
}

/// The signs that a host of the web may have, beside letters and digits, and so a port and who asks.
const HOST_SIGNS: &[u8] = b"-@:%._+~#=";

/// As many signs a host has at most, without the last dot and what is behind it.
const MAX_HOST: usize = 256;

/// The signs that a path may have, and what is behind one.
const PATH_SIGNS: &[u8] = b"-@:%_+.~#$!?&/=();,'\"^{}[]";

/// As long a part of the host of a mail address is at most.
const MAX_LABEL: usize = 63;

/// The signs that a mail address may have before its `@`, beside letters and digits.
const MAIL_SIGNS: &[u8] = b".!#$%&'*+/=?^_`{|}~-";

impl Autolinks {
    pub(super) fn new(is_typographic: bool) -> Self {
        Autolinks { is_typographic, open: 0 }
    }

    /// Begins another block.
    pub(super) fn begin(&mut self) {
        self.open = 0;
    }

    /// Passes over a text of Markdown in which there is no address.
    pub(super) fn pass(&mut self, source: &str, range: Range<usize>) {
        for at in memchr::memchr2_iter(b'[', b']', &source.as_bytes()[range.clone()]).map(|at| range.start + at) {
            if !is_escaped(source, at) {
                self.open = if source.as_bytes()[at] == b'[' { self.open + 1 } else { self.open.saturating_sub(1) };
            }
        }
    }

    /// The addresses in a text of Markdown, in order: of the web with their scheme or `www.`, and of mail.
    pub(super) fn find(&mut self, source: &str, range: Range<usize>) -> Vec<Autolink> {
        let mut found: Vec<Autolink> = Vec::new();
        let mut passed = range.start;
        if may_be_in(&source[range.clone()]) {
            for (start, kind) in self.starts(source, &range) {
                if start < passed {
                    continue;
                }
                self.pass(source, passed..start);
                passed = start;
                if let Some(address) = (self.open == 0).then(|| address(&source[start..range.end], kind)).flatten() {
                    passed = start + address.range.end;
                    found.push(Autolink { range: start..passed, ..address });
                }
            }
        }
        self.pass(source, passed..range.end);
        found
    }

    /// Where addresses may begin, in order.
    fn starts(&self, source: &str, range: &Range<usize>) -> Vec<(usize, Kind)> {
        let text = &source.as_bytes()[range.clone()];
        let mut behind_mail = 0;
        let mail = memchr::memchr_iter(b'@', text).filter_map(|at| {
            let signs = text[behind_mail..at].iter().rev().take_while(|byte| byte.is_ascii_alphanumeric() || MAIL_SIGNS.contains(byte));
            let name = at - signs.count()..at;
            behind_mail = at + 1;
            let mut starts = name.filter(|at| text[*at].is_ascii_alphanumeric()).map(|at| range.start + at);
            starts.find(|at| self.may_begin(source, range, *at)).map(|at| (at, Kind::Mail))
        });
        let web = web_starts(&source[range.clone()]).map(|(at, kind)| (range.start + at, kind));
        let mut starts: Vec<_> = web.filter(|(at, _)| self.may_begin(source, range, *at)).collect();
        starts.extend(mail);
        starts.sort_unstable();
        starts
    }

    /// Whether an address may begin at a place: at the start of a text, which is that of a line or behind something else than text,
    /// behind some signs, or behind punctuation that is set.
    fn may_begin(&self, source: &str, range: &Range<usize>, at: usize) -> bool {
        let before = &source[range.start..at];
        match before.as_bytes().last() {
            None => true,
            Some(b'*' | b'_' | b'~' | b'(') => !is_escaped(source, at - 1),
            Some(b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c) => true,
            Some(_) => self.is_typographic && is_behind_punctuation(source, at),
        }
    }
}

/// Where something stands that an address of the web begins with.
fn web_starts(text: &str) -> impl Iterator<Item = (usize, Kind)> {
    let bytes = text.as_bytes();
    let web = memchr::memmem::find_iter(bytes, "://").filter_map(|at| {
        let scheme = ["https", "http", "ftp"].into_iter().find(|scheme| bytes[..at].ends_with(scheme.as_bytes()))?;
        Some((at - scheme.len(), Kind::Web))
    });
    web.chain(memchr::memmem::find_iter(bytes, "www.").map(|at| (at, Kind::Www)))
}

/// What may be addresses of the web, in which underscores could begin or end emphasis.
pub(super) fn with_emphasis(source: &str) -> Vec<Range<usize>> {
    let mut starts: Vec<_> = web_starts(source).collect();
    starts.sort_unstable();
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut passed = 0;
    for (start, kind) in starts {
        if let Some(address) = (start >= passed).then(|| address(&source[start..], kind)).flatten() {
            passed = start + address.range.end;
            found.extend(has_emphasis(&source[start..passed]).then_some(start..passed));
        }
    }
    found
}

/// Whether an underscore is not between letters or digits.
fn has_emphasis(address: &str) -> bool {
    let is_word = |at: Option<usize>| at.and_then(|at| address.as_bytes().get(at)).is_some_and(|byte| byte.is_ascii_alphanumeric());
    memchr::memchr_iter(b'_', address.as_bytes()).any(|at| !is_word(at.checked_sub(1)) || !is_word(Some(at + 1)))
}

/// The address of the web that a text begins with, in the Markdown that shows it as it is.
pub(super) fn bracketed(text: &str) -> Option<String> {
    match address(text, if text.starts_with("www.") { Kind::Www } else { Kind::Web })? {
        Autolink { text, target, .. } if text == target => Some(format!("<{target}>")),
        Autolink { text, target, .. } => Some(format!("[{}](<{target}>)", escaped(&text))),
    }
}

/// Whether punctuation is set before a letter or digit.
fn is_behind_punctuation(source: &str, at: usize) -> bool {
    let text = &source[..at];
    if ["--", "...", "<<", ">>"].iter().any(|typed| text.ends_with(typed)) {
        return true;
    }
    let Some((before, quote)) = text.strip_suffix(['"', '\'']).map(|before| (before, &text[before.len()..])) else { return false };
    let last = before.chars().next_back().unwrap_or('\n');
    let opens = !is_escaped(source, before.len()) && !sides(last, 'a').closes;
    opens || quote == "'" && last.is_alphanumeric() && source[at..].starts_with(|c: char| c.is_ascii_alphabetic())
}

/// Whether [`Autolinks::find`] has something to look for.
pub(super) fn may_be_in(source: &str) -> bool {
    source.contains("://") || source.contains("www.") || source.contains('@')
}

/// The address that a text begins with.
fn address(text: &str, kind: Kind) -> Option<Autolink> {
    let len = match kind {
        Kind::Web | Kind::Www => sentence_part(&text[..web_len(text, kind)?]),
        Kind::Mail => mail_len(text)?,
    };
    let shown = text[..len].replace("&amp;", "&");
    let target = match kind {
        Kind::Web => shown.clone(),
        Kind::Www => format!("https://{shown}"),
        Kind::Mail => format!("mailto:{shown}"),
    };
    Some(Autolink { range: 0..len, text: shown, target })
}

/// How many bytes are of a kind that a text has from a place on, and no more than so many.
fn count(text: &str, from: usize, most: usize, is_kind: impl Fn(u8) -> bool) -> usize {
    text.as_bytes()[from..].iter().take(most).take_while(|byte| is_kind(**byte)).count()
}

/// How long the address of the web is that a text begins with: a host that ends with a dot and small letters, a port where there is
/// a scheme, and a path.
fn web_len(text: &str, kind: Kind) -> Option<usize> {
    let start = if kind == Kind::Www { "www.".len() } else { text.find("://")? + "://".len() };
    let signs = count(text, start, MAX_HOST + 1, |byte| byte.is_ascii_alphanumeric() || HOST_SIGNS.contains(&byte));
    let is_dot = |at: &usize| text[*at..].starts_with('.') && text[at + 1..].starts_with(|c: char| c.is_ascii_lowercase());
    let dot = (start + 1..start + signs).rev().find(is_dot)?;
    let mut len = dot + 1 + count(text, dot + 1, usize::MAX, |byte| byte.is_ascii_lowercase());
    if kind == Kind::Web && text[len..].starts_with(':') {
        let digits = count(text, len + 1, usize::MAX, |byte| byte.is_ascii_digit());
        len += if digits > 0 { 1 + digits } else { 0 };
    }
    if text[len..].starts_with(['/', '#', '?']) {
        len += count(text, len, usize::MAX, |byte| byte.is_ascii_alphanumeric() || PATH_SIGNS.contains(&byte));
    }
    Some(len)
}

/// How long the mail address is that a text begins with. Its host has a dot.
fn mail_len(text: &str) -> Option<usize> {
    let mut len = text.find('@')?;
    let mut labels = 0;
    while labels == 0 || text[len..].starts_with('.') {
        let label = label_len(text, len + 1);
        if label == 0 {
            break;
        }
        len += 1 + label;
        labels += 1;
    }
    (labels > 1 && !text[len..].starts_with(['-', '_'])).then_some(len)
}

/// How long the part of a host is that is between dots: letters, digits and hyphens, with none of these at its ends.
fn label_len(text: &str, from: usize) -> usize {
    let len = count(text, from, MAX_LABEL, |byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let label = &text[from..from + len];
    if label.starts_with('-') { 0 } else { label.trim_end_matches('-').len() }
}

/// How much of an address is without the signs at its end that belong to the sentence around it.
fn sentence_part(address: &str) -> usize {
    let count = |sign: u8| memchr::memchr_iter(sign, address.as_bytes()).count();
    let mut unopened = count(b')').saturating_sub(count(b'('));
    let (mut is_odd, mut is_odd_single) = (count(b'"') % 2 == 1, count(b'\'') % 2 == 1);
    let mut text = address;
    while let Some(sign) = text.bytes().next_back() {
        let mut end = text.len() - 1;
        match sign {
            b'?' | b'!' | b'.' | b',' | b':' | b'*' | b'_' | b'~' => {}
            b')' if unopened > 0 => unopened -= 1,
            b'"' if is_odd => is_odd = false,
            b'\'' if is_odd_single => is_odd_single = false,
            b';' => {
                // what an entity came to
                let name = text[..end].trim_end_matches(|c: char| c.is_ascii_alphanumeric());
                end = if name.ends_with('&') && name.len() < end { name.len() - 1 } else { end };
            }
            _ => break,
        }
        text = &text[..end];
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, expected: &[&str]) {
        let found = Autolinks::new(true).find(source, 0..source.len());
        let targets: Vec<_> = found.iter().map(|link| link.target.as_str()).collect();
        assert_eq!(targets, expected, "{source}");
    }

    #[test]
    fn what_goldmark_links_is_linked() {
        check("See https://example.org/a--b_c?x=1&amp;y=2.", &["https://example.org/a--b_c?x=1&y=2"]);
        check("(http://a.io/c) ftp://a.io/c", &["http://a.io/c", "ftp://a.io/c"]);
        check("www.foo.com/x me@x.org", &["https://www.foo.com/x", "mailto:me@x.org"]);
        check("http://localhost:80/ example.org git://a.b/c xhttp://a.b http://127.0.0.1/x HTTP://a.io", &[]);
        check(
            "http://b-.github.io https://user:pw@e.org/ http://a.org:80/ http://a.org:x",
            &["http://b-.github.io", "https://user:pw@e.org/", "http://a.org:80/", "http://a.org"],
        );
        check("a.b+c@e-x.org; me@e me@e.org- me@e.org_ %me@e.org me@e.org.", &["mailto:a.b+c@e-x.org", "mailto:me@e.org"]);
    }

    #[test]
    fn any_other_sign_than_ascii_ends_an_address_and_none_begins_behind_one() {
        check("见 https://a.org/b，然后 https://a.org。me@x.org，谢", &["https://a.org/b", "https://a.org"]);
        check("é me@x.org—or http://b.io/?—www.c.io… *www.d.io/x*", &["mailto:me@x.org", "http://b.io/", "https://www.d.io/x"]);
        check("müller@x.org https://bücher.example/ \u{a0}me@x.org", &[]);
        check("中：bayes_stat@x.org", &["mailto:stat@x.org"]);
    }

    #[test]
    fn an_address_stands_behind_a_blank_or_some_signs() {
        check("*http://a.org/b* _http://a.org_ ~http://a.org", &["http://a.org/b", "http://a.org", "http://a.org"]);
        check("\\*http://a.org \\(http://a.org -http://a.org /www.a.org", &[]);
        check(
            "a \"http://b.org\" (\"me@b.org\") 'www.b.org/' x'http://a.org",
            &["http://b.org", "mailto:me@b.org", "https://www.b.org/", "http://a.org"],
        );
        check("--http://a.org ...www.b.org >>me@c.org", &["http://a.org", "https://www.b.org", "mailto:me@c.org"]);
        check("a\"http://b.org \\\"http://b.org é5'1@b.org", &[]);
        assert_eq!(Autolinks::new(false).find("\"http://b.org --www.b.org", 0..25), []);
    }

    #[test]
    fn signs_of_the_sentence_are_no_part_of_an_address() {
        check("https://a.org/b\\_c.html http://a.org/f_ http://a.org/g~?!", &["https://a.org/b", "http://a.org/f", "http://a.org/g"]);
        check("(https://a.org/b)\" \"https://a.org/c.\" 'http://a.org/d', x", &["https://a.org/b", "https://a.org/c", "http://a.org/d"]);
        check("http://a.org/(b) http://a.org/\"b\" (http://a.org/b).", &["http://a.org/(b)", "http://a.org/\"b\"", "http://a.org/b"]);
        check(
            "http://a.org/b; http://a.org/b&copy; http://a.org/b;c http://a.org/b&;",
            &["http://a.org/b", "http://a.org/b", "http://a.org/b;c", "http://a.org/b&"],
        );
    }

    #[test]
    fn no_address_is_in_open_brackets() {
        check("[youtube http://a.org/b] http://a.org/c", &["http://a.org/c"]);
        check(
            "[[a] http://a.org ] \\[ http://b.org ] http://c.org/[d] www.e.org [ me@f.org",
            &["http://b.org", "http://c.org/[d]", "https://www.e.org"],
        );
    }

    #[test]
    fn addresses_without_number_take_no_longer_than_theirs() {
        let started = std::time::Instant::now();
        for unit in [
            "http://",
            "http://_a.b/_",
            "www.",
            "a@",
            "_a",
            "@",
            "http://a.b/)",
            "[http://a.b",
            "http://a.b.",
            "\\[",
            "me@a.b-",
            "';",
            "\"",
            "_www.",
            "~a@b",
            "a.b@",
        ] {
            let source = "http://a.b/".to_owned() + &unit.repeat(50_000);
            Autolinks::new(true).find(&source, 0..source.len());
            with_emphasis(&source);
        }
        assert!(started.elapsed() < std::time::Duration::from_secs(10), "{:?}", started.elapsed());
    }
}
