//! RSS 2.0 with the RSS Advisory Board's profile, written by the `rss` crate.
//!
//! The crate writes whole channels only, so an item is cut out of a channel of its own.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use chrono::format::{Item as DatePart, StrftimeItems};
use chrono::{DateTime, FixedOffset};
use memchr::memmem::Finder;
use rss::extension::atom::{AtomExtension, Link};
use rss::extension::dublincore::DublinCoreExtension;
use rss::extension::{Extension, ExtensionMap};
use rss::{Category, Channel, Enclosure, Guid, Item};

use super::{Entry, Feed, GENERATOR, Image, Marks, ROOM, SUMMARY, TEXT, Texts, spliced, string, writable};
use crate::config::Format;
use crate::snapshot::{Fragment, Parts};
use crate::xml::cdata;

const ITEM: &str = "<item>";
const TAIL: &str = "</channel></rss>";

/// The prefixes that items use: declared on every channel, so that any item can stand in it.
const NAMESPACES: [(&str, &str); 3] = [
    ("content", "http://purl.org/rss/1.0/modules/content/"),
    ("dc", "http://purl.org/dc/elements/1.1/"),
    ("media", "http://search.yahoo.com/mrss/"),
];

pub(super) fn fragment(entry: &Entry, texts: &Texts) -> Fragment {
    static MARKS: LazyLock<Marks> = LazyLock::new(|| Marks::new(cdata));
    static BEGIN: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(ITEM));
    let written = written(&Channel { items: vec![item(entry)], ..Channel::default() });
    let start = BEGIN.find(written.as_bytes()).unwrap_or_default();
    MARKS.filled(&numeric(&written[start..written.len() - TAIL.len()]), texts)
}

pub(super) fn document(feed: &Feed, fragments: &[&Fragment]) -> Parts {
    let mut head = numeric(&written(&channel(feed)));
    head.truncate(head.len() - TAIL.len());
    spliced(head.into_bytes(), fragments, TAIL.as_bytes())
}

fn written(channel: &Channel) -> String {
    #[expect(clippy::expect_used)]
    let bytes = channel.write_to(Vec::with_capacity(ROOM)).expect("writing to memory cannot fail");
    string(bytes)
}

/// Writes `&` and `<` outside CDATA as `&#x26;` and `&#x3C;`: the profile found that most readers understand plain text so.
fn numeric(xml: &str) -> String {
    static CDATA: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new("<![CDATA["));
    static END: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new("]]>"));
    let mut out = String::with_capacity(xml.len() + 16);
    let mut rest = xml;
    loop {
        let (markup, section) = rest.split_at(CDATA.find(rest.as_bytes()).unwrap_or(rest.len()));
        let mut written = 0;
        for at in memchr::memchr_iter(b'&', markup.as_bytes()) {
            let reference = [("&amp;", "&#x26;"), ("&lt;", "&#x3C;")].into_iter().find(|(name, _)| markup[at..].starts_with(name));
            if let Some((name, number)) = reference {
                out.extend([&markup[written..at], number]);
                written = at + name.len();
            }
        }
        out.push_str(&markup[written..]);
        if section.is_empty() {
            return out;
        }
        let (section, after) = section.split_at(END.find(section.as_bytes()).unwrap_or(section.len()));
        out.push_str(section);
        rest = after;
    }
}

fn channel(feed: &Feed) -> Channel {
    let own = Link {
        href: feed.address(Format::Rss).to_owned(),
        rel: "self".to_owned(),
        mime_type: Some(Format::Rss.media_type().to_owned()),
        ..Link::default()
    };
    Channel {
        title: feed.title.clone(),
        link: feed.home.clone(),
        description: feed.description.clone(),
        language: given(&feed.language),
        copyright: given(&feed.rights),
        // Profile: an e-mail address comes first, the name after it in parentheses.
        managing_editor: feed.author.email.as_ref().map(|email| format!("{email} ({})", feed.author.name)),
        last_build_date: feed.updated.map(rfc822),
        generator: Some(GENERATOR.to_owned()),
        docs: Some("https://www.rssboard.org/rss-specification".to_owned()),
        ttl: Some(feed.ttl.max(1).to_string()),
        // Profile: a feed should name its own address in an atom:link.
        atom_ext: Some(AtomExtension { links: vec![own] }),
        namespaces: NAMESPACES.iter().map(|(prefix, uri)| ((*prefix).to_owned(), (*uri).to_owned())).collect(),
        ..Channel::default()
    }
}

fn item(entry: &Entry) -> Item {
    let content = entry.full().map(|_| TEXT.to_owned());
    // RSS-23: the summary; without one, the full text. A summary that is the full text is the same part as that: the bytes are
    // the same either way, and equal bytes have equal parts.
    let summary = Some(&*entry.summary_html).filter(|summary| !summary.is_empty() && entry.full() != Some(summary));
    let description = summary.map(|_| SUMMARY.to_owned()).or_else(|| content.clone());
    let dublin_core = DublinCoreExtension {
        // RSS 2.0: <author> is an e-mail address; a name belongs into dc:creator.
        creators: entry.authors.iter().map(|author| author.name.clone()).collect(),
        languages: entry.language.iter().cloned().collect(),
        rights: entry.rights.iter().cloned().collect(),
        ..DublinCoreExtension::default()
    };
    Item {
        title: given(&entry.title),
        link: Some(entry.permalink.clone()),
        // RSS 2.0: an item has a title or a description.
        description: description.or_else(|| entry.title.is_empty().then(String::new)),
        categories: entry.categories.iter().map(|c| Category { name: c.label.clone(), domain: Some(c.scheme.clone()) }).collect(),
        enclosure: entry.cover.as_ref().map(|cover| Enclosure {
            url: cover.url.clone(),
            length: cover.length.to_string(),
            mime_type: cover.media_type.clone(),
        }),
        // RSS 2.0: a guid is taken for the item's address unless isPermaLink is false.
        guid: Some(Guid { value: entry.id.clone(), permalink: entry.id == entry.permalink }),
        pub_date: Some(rfc822(entry.published)),
        content,
        extensions: entry.cover.as_ref().map(media).unwrap_or_default(),
        dublin_core_ext: (dublin_core != DublinCoreExtension::default()).then_some(dublin_core),
        ..Item::default()
    }
}

/// Media RSS: the cover as an image of the item, and as its preview.
fn media(cover: &Image) -> ExtensionMap {
    let element = |name: &str, attrs: &[(&str, &str)]| {
        let attrs = attrs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        (name.to_owned(), vec![Extension { name: format!("media:{name}"), attrs, ..Extension::default() }])
    };
    let length = cover.length.to_string();
    let content = [("url", cover.url.as_str()), ("fileSize", &length), ("type", &cover.media_type), ("medium", "image")];
    let elements = BTreeMap::from([element("content", &content), element("thumbnail", &[("url", &cover.url)])]);
    ExtensionMap::from([("media".to_owned(), elements)])
}

fn given(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// RFC 822 as RFC 2822 amends it: a day of two digits, a year of four, a numeric zone (RSS-05).
fn rfc822(date: DateTime<FixedOffset>) -> String {
    static PARTS: LazyLock<Vec<DatePart<'_>>> = LazyLock::new(|| StrftimeItems::new("%a, %d %b %Y %H:%M:%S %z").collect());
    writable(date).format_with_items(PARTS.iter()).to_string()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{entry, feed, text};
    use super::*;

    #[test]
    fn spliced_fragments_equal_the_whole_channel_written_by_the_crate() {
        let entries = [entry(), Entry { authors: vec![], cover: None, ..entry() }];
        let whole = written(&Channel { items: entries.iter().map(item).collect(), ..channel(&feed()) });
        assert_eq!(
            text(Format::Rss, &feed(), &entries),
            numeric(&whole).replace(&cdata(TEXT), &cdata(&entry().html)).replace(&cdata(SUMMARY), &cdata(&entry().summary_html))
        );
    }

    #[test]
    fn an_item_says_what_the_profile_asks() {
        let written = text(Format::Rss, &feed(), &[entry()]);
        roxmltree::Document::parse(&written).unwrap();
        for expected in [
            "<title>R&#x26;D &#x3C;3</title>",                                // RSS-22
            "<guid>https://example.org/post/a/</guid>",                       // RSS-06
            "<pubDate>Sat, 21 Nov 2026 10:00:00 +0100</pubDate>",             // RSS-05
            "<dc:creator>Ann</dc:creator>",                                   // RSS-07
            "length=\"12\"",                                                  // RSS-08
            "<category domain=\"https://example.org/tags/\">C#</category>",   // RSS-28
            "<lastBuildDate>Sat, 21 Nov 2026 10:00:00 +0100</lastBuildDate>", // RSS-30
            "<managingEditor>bob@example.org (Bob)</managingEditor>",         // RSS-31
        ] {
            assert!(written.contains(expected), "{expected} in {written}");
        }
        assert!(written.find("<description><![CDATA[") < written.find("<content:encoded>")); // RSS-23
        assert_eq!(written.matches("rel=\"self\"").count(), 1); // RSS-20
    }

    #[test]
    fn an_id_that_is_no_address_is_no_permalink() {
        let written = text(Format::Rss, &feed(), &[Entry { id: "urn:x:1".into(), ..entry() }]);
        assert!(written.contains("<guid isPermaLink=\"false\">urn:x:1</guid>"), "{written}");
    }
}
