//! Addresses that stand in a text as they are, and which of them goldmark makes links.

use std::ops::Range;

use linkify::{LinkFinder, LinkKind};

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

impl Autolink {
    /// The same in a text that begins `offset` bytes earlier.
    pub(super) fn moved(self, offset: usize) -> Self {
        Autolink { range: self.range.start + offset..self.range.end + offset, ..self }
    }
}

/// The addresses in a piece of Markdown: of the web with their scheme or `www.`, and of mail.
pub(super) fn find(source: &str) -> Vec<Autolink> {
    if !may_be_in(source) {
        return Vec::new();
    }
    let mut finder = LinkFinder::new();
    finder.url_must_have_scheme(false);
    // for goldmark any other character ends an address; writing without spaces goes on right behind one
    let stretches = source.split(|c: char| !c.is_ascii());
    let found = stretches.flat_map(|stretch| {
        let from = stretch.as_ptr() as usize - source.as_ptr() as usize;
        finder.links(stretch).map(move |link| (from + link.start()..from + link.end(), link))
    });
    found
        .filter(|(range, _)| source[..range.start].chars().next_back().is_none_or(|c| c.is_whitespace() || "*_~(".contains(c)))
        .filter_map(|(range, link)| {
            let text = link.as_str().replace("&amp;", "&");
            let target = match link.kind() {
                LinkKind::Email => format!("mailto:{text}"),
                _ if text.starts_with("www.") => format!("https://{text}"),
                _ if is_web(&text) => text.clone(),
                _ => return None,
            };
            Some(Autolink { range, text, target })
        })
        .collect()
}

/// Whether [`find`] has something to look for.
pub(super) fn may_be_in(source: &str) -> bool {
    source.contains("://") || source.contains("www.") || source.contains('@')
}

/// Whether it is an address of the web whose host has a dot.
fn is_web(text: &str) -> bool {
    text.split_once("://").is_some_and(|(scheme, rest)| {
        let host = rest.split(['/', '?', '#', ':']).next().unwrap_or_default();
        ["http", "https", "ftp"].contains(&scheme) && host.contains('.')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goldmark_links_is_linked() {
        let check = |source: &str, expected: &[&str]| {
            let targets: Vec<String> = find(source).into_iter().map(|link| link.target).collect();
            assert_eq!(targets, expected, "{source}");
        };
        check("See https://example.org/a--b_c?x=1&amp;y=2.", &["https://example.org/a--b_c?x=1&y=2"]);
        check("(http://a.io/c) ftp://a.io/c", &["http://a.io/c", "ftp://a.io/c"]);
        check("www.foo.com/x me@x.org", &["https://www.foo.com/x", "mailto:me@x.org"]);
        check("http://localhost:80/ example.org git://a.b/c xhttp://a.b", &[]);
        check("见 https://a.org/b，然后 https://a.org。me@x.org，谢", &["https://a.org/b", "https://a.org"]);
        check("é me@x.org—or http://b.io/?—www.c.io… *www.d.io/x*", &["mailto:me@x.org", "http://b.io/", "https://www.d.io/x"]);
        check("müller@x.org https://bücher.example/", &[]);
    }
}
