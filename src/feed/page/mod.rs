//! Pages for people: the list of all feeds (`list`) and one feed (`view`). Each needs nothing but itself.
//!
//! A page works without its script, and everything that its `Content-Security-Policy` lets in is named here.

use std::sync::LazyLock;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use quick_xml::escape::escape;
use sha2::{Digest, Sha256};

use crate::config::Format;

mod list;
mod view;

pub use list::list;
pub(super) use list::row;
pub use view::{Unreadable, edition, view};

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// A dot and two waves, in the page itself: a browser would ask for `/favicon.ico`.
const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' fill='none' stroke='%23d9670c' \
                    stroke-width='3'%3E%3Ccircle cx='5' cy='19' r='1.5'/%3E%3Cpath d='M4 11a9 9 0 0 1 9 9M4 4a16 16 0 0 1 16 16'/%3E%3C/svg%3E";

/// The `Content-Security-Policy` of the pages: their own style and script by hash, the images and sounds that entries show,
/// and the server itself, which tells of changes.
pub fn policy() -> &'static str {
    static POLICY: LazyLock<String> = LazyLock::new(|| {
        let hash = |text: &str| format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(text)));
        format!(
            "default-src 'none'; script-src {}; style-src {}; img-src http: https: data:; media-src http: https:; connect-src 'self'; \
             base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            hash(SCRIPT),
            hash(STYLE)
        )
    });
    &POLICY
}

/// What a page says before and after its own text.
struct Shell<'a> {
    /// Plain text.
    title: &'a str,
    /// A BCP 47 tag; empty when unknown.
    language: &'a str,
    /// The feeds that it names to readers: format, title, address.
    feeds: &'a [(Format, &'a str, &'a str)],
    /// What the page is called where the server tells of changes, and the way from the page to the server's root.
    own: (&'a str, &'a str),
}

impl Shell<'_> {
    /// The whole page around its text.
    fn around(&self, text: &str) -> String {
        [&self.before(), text, &self.after()].concat()
    }

    /// The page up to its text.
    fn before(&self) -> String {
        let mut html = String::with_capacity(STYLE.len() + 1024);
        html += "<!DOCTYPE html>\n<html";
        if !self.language.is_empty() {
            html += &format!(" lang=\"{}\"", escape(self.language));
        }
        html += ">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n";
        html += &format!("<title>{}</title>\n<link rel=\"icon\" href=\"{ICON}\">\n", escape(self.title));
        for (format, title, address) in self.feeds {
            let (kind, title, name) = (format.media_type(), escape(*title), name(*format));
            html += &format!("<link rel=\"alternate\" type=\"{kind}\" title=\"{title} ({name})\" href=\"{}\">\n", escape(*address));
        }
        let (path, root) = self.own;
        let of = utf8_percent_encode(path, NON_ALPHANUMERIC);
        html += &format!("<style>{STYLE}</style>\n</head>\n<body data-events=\"{}events?of={of}\">\n", escape(root));
        html
    }

    /// The page from the end of its text.
    fn after(&self) -> String {
        format!("<p role=\"status\" class=\"soft\"></p>\n<script>{SCRIPT}</script>\n</body>\n</html>\n")
    }
}

/// What people call a format.
fn name(format: Format) -> &'static str {
    match format {
        Format::Rss => "RSS",
        Format::Atom => "Atom",
        Format::Json => "JSON",
    }
}
