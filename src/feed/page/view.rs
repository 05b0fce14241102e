//! One feed as a page: what a feed is, its address to copy, the readers to open it in, and its entries.

use std::sync::LazyLock;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use quick_xml::escape::escape;
use xxhash_rust::xxh3::xxh3_64;

use super::{Shell, name};
use crate::config::Format;
use crate::feed::read::{self, Told, ToldEntry};

/// Where readers take the address of a feed to subscribe to: the name, and the address up to that of the feed, which follows
/// percent-encoded; for `feed:` it follows as it is.
const READERS: [(&str, &str); 7] = [
    ("your own reader", "feed:"),
    ("Feedly", "https://feedly.com/i/subscription/feed%2F"),
    ("Inoreader", "https://www.inoreader.com/?add_feed="),
    ("NewsBlur", "https://www.newsblur.com/?url="),
    ("Feedbin", "https://feedbin.com/?subscribe="),
    ("The Old Reader", "https://theoldreader.com/feeds/subscribe?url="),
    ("BazQux", "https://bazqux.com/add?url="),
];

/// A document that is no feed.
#[derive(Debug)]
pub struct Unreadable;

/// The page of a feed, made from the document that readers get. `path` is the path of that document on this server, from `/`.
///
/// # Errors
/// When the document is no feed in this format.
pub fn view(format: Format, document: &[u8], path: &str) -> Result<String, Unreadable> {
    Ok(page(format, &read::read(format, document).ok_or(Unreadable)?, path))
}

/// What changes when pages of equal feeds do: a hash of an empty one.
pub fn edition() -> u64 {
    static EDITION: LazyLock<u64> = LazyLock::new(|| {
        let entry = ToldEntry { title: String::new(), url: String::new(), published: None, authors: Vec::new(), html: String::new() };
        let [title, description, home, address, language] = [const { String::new() }; 5];
        let told = Told { title, description, home, address, language, entries: vec![entry] };
        xxh3_64(page(Format::Rss, &told, "/").as_bytes())
    });
    *EDITION
}

fn page(format: Format, told: &Told, path: &str) -> String {
    let root = "../".repeat(path.matches('/').count().saturating_sub(1));
    let (title, address) = (escape(&told.title), escape(&told.address));
    let mut html = format!(
        "<header>\n<p><a href=\"{root}feeds.html\">All feeds</a></p>\n<h1><a href=\"{}\">{title}</a></h1>\n<p>{}</p>\n",
        escape(&told.home),
        escape(&told.description)
    );
    html += &format!(
        "<div class=\"readers\">\n<p>This is a feed in {}. Give its address to a feed reader, and new posts come to you by themselves.</p>\n\
         <p class=\"row\"><input readonly value=\"{address}\" aria-label=\"Address of this feed\">\
         <button type=\"button\" class=\"scripted\" hidden data-copy=\"{address}\">Copy</button></p>\n<ul>\n<li>Open in</li>\n",
        name(format)
    );
    for (reader, prefix) in READERS {
        let encoded = utf8_percent_encode(&told.address, NON_ALPHANUMERIC).to_string();
        let target = if prefix == "feed:" { &told.address } else { &encoded };
        html += &format!("<li><a href=\"{prefix}{}\" rel=\"noreferrer\">{reader}</a></li>\n", escape(target));
    }
    html += "</ul>\n</div>\n</header>\n<main>\n";
    if told.entries.is_empty() {
        html += "<p class=\"soft\">There is no post in it yet.</p>\n";
    }
    for entry in &told.entries {
        article(&mut html, entry);
    }
    html += "</main>\n";
    let feeds = [(format, &*told.title, &*told.address)];
    Shell { title: &told.title, language: &told.language, feeds: &feeds, own: (path, &root) }.around(&html)
}

/// The text of an entry is feed-safe HTML already: balanced, and without anything that runs.
fn article(html: &mut String, entry: &ToldEntry) {
    let title = if entry.title.is_empty() { &entry.url } else { &entry.title };
    *html += &format!("<article>\n<h2><a href=\"{}\">{}</a></h2>\n<p class=\"soft\">", escape(&entry.url), escape(title));
    if let Some(date) = entry.published {
        *html += &format!("<time datetime=\"{}\">{}</time>", date.to_rfc3339(), date.format("%-d %B %Y"));
    }
    if !entry.authors.is_empty() {
        *html += &format!(" · {}", escape(entry.authors.join(", ")));
    }
    *html += &format!("</p>\n<div class=\"text\">{}</div>\n</article>\n", entry.html);
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::{entry, feed, text};
    use super::*;

    #[test]
    fn a_feed_is_shown_with_its_address_and_its_entries() {
        let html = view(Format::Atom, text(Format::Atom, &feed(), &[entry()]).as_bytes(), "/tags/c%23/atom.xml").unwrap();
        for part in [
            "<a href=\"../../feeds.html\">",
            "value=\"https://example.org/atom.xml\"",
            "href=\"feed:https://example.org/atom.xml\"",
            "feed%2Fhttps%3A%2F%2Fexample%2Eorg%2Fatom%2Exml\"",
            "data-events=\"../../events?of=%2Ftags%2Fc%2523%2Fatom%2Exml\"",
            "R&amp;D &lt;3</a></h2>",
            "<p>Fish &amp; chips ]]> end</p>",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
    }

    #[test]
    fn what_is_no_feed_has_no_page() {
        assert!(view(Format::Rss, b"<p>", "/rss.xml").is_err());
    }
}
