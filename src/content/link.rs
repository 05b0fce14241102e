//! Addresses as they stand in a post, made absolute and valid.
//!
//! Where addresses stand in HTML is known by `markdown` and `html`.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use url::{Position, Url};

/// What no address may show, although the URL standard leaves it in some parts.
const UNSAFE: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'\\').add(b'^').add(b'`').add(b'{').add(b'|').add(b'}');

/// Schemes that lead somewhere and run nothing. `data:` is judged on its own.
pub(super) const SCHEMES: &[&str] = &[
    "http", "https", "ftp", "mailto", "tel", "sms", "xmpp", "irc", "ircs", "news", "geo", "magnet", "matrix", "feed", "gemini", "gopher",
    "git",
];

/// Resolves addresses against the address of a post.
#[derive(Clone, Debug)]
pub(super) struct Links {
    permalink: Url,
    /// What the files beside the post are below, where that is not the post's address.
    files: Option<Url>,
}

impl Links {
    pub(super) fn new(permalink: &Url, files: Option<&Url>) -> Self {
        Links { permalink: permalink.clone(), files: files.cloned() }
    }

    /// The post's own address.
    pub(super) fn permalink(&self) -> &str {
        self.permalink.as_str()
    }

    /// The absolute form of an address, in ASCII; none when it is empty, makes no sense, or could run something.
    ///
    /// A fragment alone leads to the post's own page and keeps its name: that page has the ids that Hugo gives, while
    /// those in a feed carry a prefix (see `anchor`) because many posts stand on one page there.
    pub(super) fn absolute(&self, address: &str) -> Option<String> {
        let address = address.trim_matches(|c: char| c <= ' ');
        if address.is_empty() {
            return None;
        }
        if is_settled(address) {
            return Some(address.to_owned());
        }
        if is_settled_path(address) {
            return Some([&self.permalink[..Position::BeforePath], address].concat());
        }
        // the standard takes one for a slash; for Hugo it is a part of a name
        let address = address.replace('\\', "%5C");
        let base = self.files.as_ref().filter(|_| may_be_file(&address)).unwrap_or(&self.permalink);
        let url = base.join(&address).ok()?;
        let harmless = SCHEMES.contains(&url.scheme()) || (url.scheme() == "data" && is_image(url.path()));
        harmless.then(|| utf8_percent_encode(url.as_str(), UNSAFE).to_string())
    }

    /// The same for each candidate of a `srcset`; none when no candidate is left.
    pub(super) fn absolute_set(&self, set: &str) -> Option<String> {
        let absolute = candidates(set).into_iter().filter_map(|(address, descriptor)| {
            let address = self.absolute(address)?;
            Some(if descriptor.is_empty() { address } else { format!("{address} {descriptor}") })
        });
        Some(absolute.collect::<Vec<_>>().join(", ")).filter(|set| !set.is_empty())
    }
}

/// Whether an address may be that of a file beside the post, by its name: one with an ending, and not that of a page.
fn may_be_file(address: &str) -> bool {
    let path = address.split(['?', '#']).next().unwrap_or(address);
    let is_beside = !path.starts_with('/') && !path.contains(':') && !path.split('/').any(|part| part == "..");
    let ending = path.rsplit('/').next().and_then(|name| name.rsplit_once('.'));
    is_beside && ending.is_some_and(|(_, ending)| !ending.is_empty() && !["htm", "html", "md"].contains(&ending))
}

/// Whether the URL standard writes an address as it stands here: one of the web, with a plain name for its host.
fn is_settled(address: &str) -> bool {
    let Some(rest) = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://")) else { return false };
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(0));
    // what ends with a letter is no number, so no address of the Internet Protocol; a hyphen may be Punycode's
    let is_label = |label: &[u8]| !label.is_empty() && label.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    host.ends_with(|last: char| last.is_ascii_lowercase())
        && host.split('.').next_back().is_some_and(|last| last.starts_with(|first: char| first.is_ascii_lowercase()))
        && host.as_bytes().split(|&byte| matches!(byte, b'.' | b'-')).all(is_label)
        && !host.contains("xn-")
        && is_settled_path(path)
}

/// The same for an address of the web from its first slash on: the path, a query and a fragment.
fn is_settled_path(path: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_' | b'.' | b'~');
    let is_plain_after = |byte: u8| is_plain(byte) || matches!(byte, b'?' | b'#' | b'&' | b'=' | b'+' | b':' | b';' | b',' | b'%');
    let (path, after) = path.split_at(path.bytes().position(|byte| !is_plain(byte)).unwrap_or(path.len()));
    let ends = after.is_empty() || after.starts_with(['?', '#']);
    path.starts_with('/') && !path.starts_with("//") && !path.contains("/.") && ends && after.bytes().all(is_plain_after)
}

fn is_image(data: &str) -> bool {
    data.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("image/"))
}

/// The addresses of a `srcset` with their descriptors. An address ends at white space only, so one of `data:` keeps its
/// commas (HTML, §4.8.4.2.1).
pub(super) fn candidates(set: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let mut rest = set;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == ',');
        if rest.is_empty() {
            return found;
        }
        let (address, after) = rest.split_at(rest.find(|c: char| c.is_ascii_whitespace()).unwrap_or(rest.len()));
        if address.ends_with(',') {
            found.push((address.trim_end_matches(','), ""));
            rest = after;
        } else {
            let (descriptor, after) = after.split_at(after.find(',').unwrap_or(after.len()));
            found.push((address, descriptor.trim()));
            rest = after;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn links() -> Links {
        Links::new(&Url::parse("https://example.org/blog/post/").unwrap(), None)
    }

    #[test]
    fn addresses_become_absolute_and_valid() {
        let check = |address: &str, expected: &str| assert_eq!(links().absolute(address).as_deref(), Some(expected), "{address}");
        check("a b.png", "https://example.org/blog/post/a%20b.png");
        check("../x", "https://example.org/blog/x");
        check("b\\c", "https://example.org/blog/post/b%5Cc");
        check("/x", "https://example.org/x");
        check("//cdn.example/x", "https://cdn.example/x");
        check("?q=a|b", "https://example.org/blog/post/?q=a%7Cb");
        check("#part", "https://example.org/blog/post/#part");
        check("/é?ü#ö", "https://example.org/%C3%A9?%C3%BC#%C3%B6");
        check(" https://a.b/^`{|}\"<> ", "https://a.b/%5E%60%7B%7C%7D%22%3C%3E");
        check("mailto:me@example.org", "mailto:me@example.org");
        check("tel:+33-1", "tel:+33-1");
        check("data:image/png;base64,AA", "data:image/png;base64,AA");
    }

    proptest! {
        #[test]
        fn what_is_settled_is_what_the_standard_writes(
            host in "(https?|ftp|HTTP)://[a-z0-9x.-]{0,12}(\\.(com|0x1f|7|xn--a|A))?",
            path in "(/|//|/\\.)?[a-z/.~%2e ?#:@A-]{0,16}([?#][a-z/.%2'&=+:;,?#-]{0,16})?",
        ) {
            let written = |url: &Url| utf8_percent_encode(url.as_str(), UNSAFE).to_string();
            for address in [&host, &path, &(host.clone() + &path)] {
                if is_settled(address) || is_settled_path(address) {
                    prop_assert_eq!(links().absolute(address), links().permalink.join(address).ok().map(|url| written(&url)));
                }
            }
        }
    }

    #[test]
    fn addresses_that_run_or_lead_nowhere_are_none() {
        let check = |address: &str| assert_eq!(links().absolute(address), None, "{address}");
        check("");
        check("  ");
        check("javascript:alert(1)");
        check(" \u{1}java\nscript:alert(1)");
        check("JaVaScRiPt:x");
        check("vbscript:x");
        check("data:text/html,x");
        check("file:///etc/passwd");
        check("https://");
    }

    #[test]
    fn each_candidate_of_a_set_becomes_absolute() {
        let check = |set: &str, expected: Option<&str>| assert_eq!(links().absolute_set(set).as_deref(), expected, "{set}");
        check("a.png, b.png 2x", Some("https://example.org/blog/post/a.png, https://example.org/blog/post/b.png 2x"));
        check("data:image/gif;base64,A,B 1x,/c 2w", Some("data:image/gif;base64,A,B 1x, https://example.org/c 2w"));
        check("javascript:x 1x", None);
        check(" , ", None);
    }
}
