//! The address of a site or of its feeds, as the configuration spells it.

use std::fmt::{self, Display, Formatter};

use url::Url;

/// An address that everything of a site or of its feeds is below, with a slash at the end.
///
/// Hugo gives the host as it is written, and what Hugo gave is the id of an entry: `https://Name.github.io/` stays. A host
/// that is no ASCII is given as every URL gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl {
    url: Url,
    origin: String,
    text: String,
}

impl BaseUrl {
    /// What stands for an address that nobody knows.
    const UNKNOWN: &str = "http://localhost:8080/";

    /// An address that nobody knows, of which this may be the path.
    #[expect(clippy::expect_used, reason = "the text is a constant, and a test reads it")]
    pub fn unknown(path: &str) -> Self {
        let url = BaseUrl::new(&format!("{}{}", BaseUrl::UNKNOWN, path.trim_start_matches(['/', '.'])));
        url.or_else(|| BaseUrl::new(BaseUrl::UNKNOWN)).expect("a constant address is an address")
    }

    /// Whether an address leads whoever asks to their own machine, as one does that nobody knows. No id is kept that begins with
    /// such a one when the site has another.
    pub fn is_local(address: &str) -> bool {
        let rest = address.strip_prefix("http://").or_else(|| address.strip_prefix("https://")).unwrap_or_default();
        let host = rest.split(['/', ':', '?', '#']).next().unwrap_or_default();
        let is_number = || host.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        host == "localhost" || host.ends_with(".localhost") || host.starts_with("127.") && is_number() || rest.starts_with("[::1]")
    }

    /// Reads an address; none when the text is not that of a site. A query and a fragment are passed over.
    pub fn new(text: &str) -> Option<Self> {
        let mut url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())?;
        url.set_query(None);
        url.set_fragment(None);
        if !url.path().ends_with('/') {
            url.set_path(&format!("{}/", url.path()));
        }
        let written = text.trim().split_once("://").and_then(|(_, rest)| rest.split(['/', '?', '#']).next());
        let parsed = url.origin().ascii_serialization();
        let is_same = |origin: &String| Url::parse(origin).is_ok_and(|url| url.origin().ascii_serialization() == parsed);
        let as_written = written.filter(|host| host.is_ascii()).map(|host| format!("{}://{host}", url.scheme())).filter(is_same);
        let origin = as_written.unwrap_or(parsed);
        let text = format!("{origin}{}", url.path());
        Some(BaseUrl { url, origin, text })
    }

    /// The address of a folder below it; it itself where that has no name.
    #[must_use]
    pub fn below(&self, folder: &str) -> Self {
        let below = (!folder.is_empty()).then(|| BaseUrl::new(&format!("{}{folder}/", self.text))).flatten();
        below.unwrap_or_else(|| self.clone())
    }

    /// It as text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// It as the parts of an URL, whose host is in lower case.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// What stands before its path: `https://example.org`.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Its path, which begins and ends with a slash.
    pub fn path(&self) -> &str {
        self.url.path()
    }
}

impl Display for BaseUrl {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_spelt_as_it_is_written() {
        let check = |text: &str, expected: Option<&str>| assert_eq!(BaseUrl::new(text).as_ref().map(BaseUrl::as_str), expected, "{text}");
        check("https://example.org", Some("https://example.org/"));
        check("https://JohnDoe.github.io/Blog", Some("https://JohnDoe.github.io/Blog/"));
        check("HTTPS://Example.org:443/?q#f", Some("https://Example.org:443/"));
        check("http://localhost:1313/a b", Some("http://localhost:1313/a%20b/"));
        check("https://b\u{fc}cher.example/\u{e9}", Some("https://xn--bcher-kva.example/%C3%A9/"));
        check("https://[::1]:8080", Some("https://[::1]:8080/"));
        check(" https:example.org/x ", Some("https://example.org/x/"));
        for wrong in ["", "/", "example.org", "ftp://example.org/", "https://"] {
            check(wrong, None);
        }
    }

    #[test]
    fn the_machine_of_whoever_asks_has_several_addresses() {
        for local in ["http://localhost:1313/blog/", "http://127.0.0.1:8080/", "https://[::1]/", "http://a.localhost", BaseUrl::UNKNOWN] {
            assert!(BaseUrl::is_local(local), "{local}");
        }
        for other in ["https://example.org/", "https://127.example/", "https://localhost.example/", "tag:localhost,2020:a", "localhost"] {
            assert!(!BaseUrl::is_local(other), "{other}");
        }
    }
}
