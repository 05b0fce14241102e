//! `feeds.html`: every feed, grouped, for people to choose from.

use bytes::Bytes;
use quick_xml::escape::escape;

use super::{Shell, name};
use crate::feed::listing::{Line, Listing};
use crate::feed::writable;
use crate::snapshot::{Fragment, Parts};

/// The page of all feeds.
pub fn list(listing: &Listing<'_>) -> Parts {
    let title = format!("Feeds of {}", listing.title);
    // The site's feed alone, in each format: readers offer every address that a page names, and this page names thousands.
    let site = listing.groups.first().and_then(|group| group.feeds.first()).map(|site| &site.line);
    let feeds: Vec<_> = site.iter().flat_map(|site| site.addresses.iter().map(|(format, url)| (*format, &*site.title, &**url))).collect();
    let shell = Shell { title: &title, language: listing.language, feeds: &feeds, own: ("/feeds.html", "") };
    let mut parts = Parts::with_capacity(listing.feeds() + listing.groups.len() + 1);
    let mut html = shell.before();
    html += "<header>\n";
    match site {
        Some(site) => html += &format!("<h1>Feeds of <a href=\"{}\">{}</a></h1>\n", escape(&site.page_url), escape(listing.title)),
        None => html += &format!("<h1>{}</h1>\n", escape(&title)),
    }
    html += "<p>A feed brings new posts to your feed reader by itself. Give it one of these addresses, or all of them as \
             <a href=\"feeds.opml\">OPML</a>.</p>\n";
    if !listing.others.is_empty() {
        let link = |(name, tag, way): &(&str, String, String)| {
            let language = if tag.is_empty() { String::new() } else { format!(" hreflang=\"{0}\" lang=\"{0}\"", escape(tag)) };
            format!("<a href=\"{}\"{language}>{}</a>", escape(way), escape(*name))
        };
        html += &format!("<p>Other languages: {}</p>\n", listing.others.iter().map(link).collect::<Vec<_>>().join(", "));
    }
    html += "<p class=\"row scripted\" hidden><input type=\"search\" placeholder=\"Filter\" aria-label=\"Filter the feeds\"></p>\n\
             </header>\n<main class=\"list\">\n";
    for group in &listing.groups {
        html += &format!("<section>\n<h2>{}</h2>\n<table>\n", escape(&group.title));
        html += "<thead><tr><th scope=\"col\">Feed of</th><th scope=\"col\" class=\"n\">Posts</th>\
                 <th scope=\"col\">Newest</th><th scope=\"col\">Subscribe</th></tr></thead>\n<tbody>\n";
        parts.push(Bytes::from(std::mem::take(&mut html)));
        group.feeds.iter().for_each(|feed| parts.extend(&feed.row));
        html += "</tbody>\n</table>\n</section>\n";
    }
    html += "</main>\n";
    html += &shell.after();
    parts.push(Bytes::from(html));
    parts
}

/// A feed as the page shows it.
pub(in crate::feed) fn row(line: &Line) -> Fragment {
    let (page, title) = (escape(&line.page_url), escape(&line.title));
    let mut html = format!("<tr><td><a href=\"{page}\">{title}</a></td><td class=\"n\">{}</td><td>", line.entries);
    if let Some(date) = line.updated {
        let day = writable(date).format("%Y-%m-%d");
        html += &format!("<time datetime=\"{day}\">{day}</time>");
    }
    html += "</td><td>";
    for (format, address) in &line.addresses {
        html += &format!("<a href=\"{}\">{}</a> ", escape(address), name(*format));
    }
    html += "</td></tr>\n";
    Bytes::copy_from_slice(html.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::listing::tests::written;

    #[test]
    fn the_page_names_the_sites_feed_to_readers_and_every_feed_to_people() {
        let html = String::from_utf8(written(list).bytes().concat()).unwrap();
        assert_eq!(html.matches("rel=\"alternate\"").count(), 2); // AD-01
        assert!(html.contains("<a href=\"https://example.org/tags/c%23/\">C# &amp; &lt;co&gt;</a>"), "{html}");
        assert!(html.contains("events?of=%2Ffeeds%2Ehtml"));
        assert!(html.contains("<a href=\"fr/feeds.html\" hreflang=\"fr\" lang=\"fr\">Français</a>"), "{html}");
    }
}
