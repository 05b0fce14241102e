//! `feeds.html`: every feed, grouped, for people; and the list of feeds that `opml` tells readers.

use bytes::Bytes;
use chrono::{DateTime, FixedOffset};
use quick_xml::escape::escape;

use super::writable;
use crate::config::Format;

/// Every feed of a site.
#[derive(Clone, Debug, PartialEq)]
pub struct Listing {
    /// The site's name.
    pub title: String,
    /// A BCP 47 tag; empty when unknown.
    pub language: String,
    /// The feeds in groups: the site, its sections, each taxonomy. The site's own feed is the first of all.
    pub groups: Vec<Group>,
}

/// Feeds that belong together.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// What they have in common.
    pub title: String,
    /// The feeds, in the order to show.
    pub feeds: Vec<Line>,
}

/// One feed of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Its name.
    pub title: String,
    /// The page that it is the feed of, absolute.
    pub page_url: String,
    /// Its absolute address in each format that is written.
    pub addresses: Vec<(Format, String)>,
    /// How many entries it has.
    pub entries: usize,
    /// The newest date of its entries; none when it has none.
    pub updated: Option<DateTime<FixedOffset>>,
}

const STYLE: &str = "\
:root{color-scheme:light dark}\
body{font:1rem/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}\
h1{font-size:1.7rem;line-height:1.2}\
h2{font-size:1.15rem;margin:2rem 0 .25rem}\
table{border-collapse:collapse;width:100%}\
th{font-size:.8rem;font-weight:normal;opacity:.7}\
th,td{text-align:left;padding:.35rem 1rem .35rem 0;border-bottom:1px solid color-mix(in srgb,currentColor 15%,transparent)}\
th:first-child,td:first-child{width:45%;overflow-wrap:anywhere}\
.n{text-align:right;font-variant-numeric:tabular-nums;width:4rem}\
td:last-child{white-space:nowrap}\
td:last-child a{margin-right:.6rem}";

/// The list as a page that needs nothing but itself: no script, no request.
pub fn document(listing: &Listing) -> Bytes {
    let mut html = String::from("<!DOCTYPE html>\n<html");
    if !listing.language.is_empty() {
        html += &format!(" lang=\"{}\"", escape(&listing.language));
    }
    let title = escape(&listing.title);
    html += ">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n";
    html += &format!("<title>Feeds of {title}</title>\n");
    // The site's feed alone, in each format: readers offer every address that a page names, and this page names thousands.
    if let Some(site) = listing.groups.first().and_then(|group| group.feeds.first()) {
        for (format, address) in &site.addresses {
            let (kind, title, href) = (format.media_type(), escape(&site.title), escape(address));
            html += &format!("<link rel=\"alternate\" type=\"{kind}\" title=\"{title} ({})\" href=\"{href}\">\n", name(*format));
        }
    }
    html += &format!("<style>{STYLE}</style>\n</head>\n<body>\n<h1>Feeds of {title}</h1>\n");
    html += "<p>A feed brings new posts to your reader by itself. Give it one of these addresses, or all of them as \
             <a href=\"feeds.opml\">OPML</a>.</p>\n";
    for group in &listing.groups {
        html += &format!("<section>\n<h2>{}</h2>\n<table>\n", escape(&group.title));
        html += "<thead><tr><th>Feed of</th><th class=\"n\">Posts</th><th>Newest</th><th>Subscribe</th></tr></thead>\n<tbody>\n";
        for line in &group.feeds {
            row(&mut html, line);
        }
        html += "</tbody>\n</table>\n</section>\n";
    }
    html += "</body>\n</html>\n";
    Bytes::from(html)
}

fn row(html: &mut String, line: &Line) {
    *html += &format!(
        "<tr><td><a href=\"{}\">{}</a></td><td class=\"n\">{}</td><td>",
        escape(&line.page_url),
        escape(&line.title),
        line.entries
    );
    if let Some(date) = line.updated {
        let day = writable(date).format("%Y-%m-%d");
        *html += &format!("<time datetime=\"{day}\">{day}</time>");
    }
    *html += "</td><td>";
    for (format, address) in &line.addresses {
        *html += &format!("<a href=\"{}\">{}</a> ", escape(address), name(*format));
    }
    *html += "</td></tr>\n";
}

/// What people call a format.
fn name(format: Format) -> &'static str {
    match format {
        Format::Rss => "RSS",
        Format::Atom => "Atom",
        Format::Json => "JSON",
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::feed) fn listing() -> Listing {
        let line = |title: &str, folder: &str| Line {
            title: title.into(),
            page_url: format!("https://example.org/{folder}"),
            addresses: vec![
                (Format::Rss, format!("https://example.org/{folder}rss.xml")),
                (Format::Json, format!("https://example.org/{folder}feed.json")),
            ],
            entries: 3,
            updated: None,
        };
        Listing {
            title: "A & B".into(),
            language: "en".into(),
            groups: vec![
                Group { title: "Site".into(), feeds: vec![line("A & B", "")] },
                Group { title: "tags".into(), feeds: vec![line("C# & <co>", "tags/c%23/")] },
            ],
        }
    }

    #[test]
    fn the_page_names_the_sites_feed_to_readers_and_every_feed_to_people() {
        let html = String::from_utf8(document(&listing()).to_vec()).unwrap();
        assert_eq!(html.matches("rel=\"alternate\"").count(), 2); // AD-01
        assert!(html.contains("<a href=\"https://example.org/tags/c%23/\">C# &amp; &lt;co&gt;</a>"), "{html}");
        assert!(!html.contains("<script"));
    }
}
