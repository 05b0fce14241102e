//! A feed as a value, before any format: what its head says and what an entry says.
//!
//! Each format writes an entry once, as a fragment that every feed with this entry shares, and a feed as a head,
//! such fragments, and a tail. The text of an entry is one part of its fragments in RSS and in Atom, which share it too.

use std::borrow::Cow;

use bytes::Bytes;
use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveTime, Timelike};
use memchr::memmem::{self, Finder};

use crate::config::{Author, Body, Format};
use crate::snapshot::{Fragment, Part, Parts};
use crate::xml;

mod atom;
mod json;
pub mod listing;
pub mod opml;
pub mod page;
mod read;
mod rss;

/// What wrote the feeds, with its version.
const GENERATOR: &str = concat!("Tidings ", env!("CARGO_PKG_VERSION"));

/// Stands for the full text of an entry while a crate writes what is around it: XML forbids this character, so no text has it.
const TEXT: &str = "\u{fffe}";

/// Stands for the summary in the same way.
const SUMMARY: &str = "\u{ffff}";

/// About how many bytes a crate writes around the full text of an entry.
const ROOM: usize = 2048;

/// One entry in some formats. Every feed that holds the entry shares these bytes.
pub fn fragments(formats: &[Format], entry: &Entry) -> Box<[Fragment]> {
    let texts =
        Texts { full: Bytes::from(entry.full().map_or_else(String::new, xml::cdata)).into(), summary: xml::cdata(&entry.summary_html) };
    let fragment = |format: &Format| match format {
        Format::Rss => rss::fragment(entry, &texts),
        Format::Atom => atom::fragment(entry, &texts),
        Format::Json => json::fragment(entry),
    };
    formats.iter().map(fragment).collect()
}

/// A whole document: its head, the shared fragments in the order given, its tail. No fragment is copied.
pub fn document(format: Format, feed: &Feed, fragments: &[&Fragment]) -> Parts {
    match format {
        Format::Rss => rss::document(feed, fragments),
        Format::Atom => atom::document(feed, fragments),
        Format::Json => json::document(feed, fragments),
    }
}

/// Whether a document says in its first bytes that it was written here. JSON has no word for that, and must begin as ours does.
pub fn is_written_here(head: &[u8]) -> bool {
    let generators = ["<generator>Tidings ", ">Tidings</generator>"];
    generators.iter().any(|generator| memmem::find(head, generator.as_bytes()).is_some()) || head.starts_with(json::BEGINNING.as_bytes())
}

/// A date that all formats can write alike: whole seconds (RSS knows no fractions) and a year of four digits
/// (RFC 822 and RFC 3339 know no others).
fn writable(date: DateTime<FixedOffset>) -> DateTime<FixedOffset> {
    let edge = |year, month, day, hour, minute, second| {
        NaiveDate::from_ymd_opt(year, month, day)
            .zip(NaiveTime::from_hms_opt(hour, minute, second))
            .map_or(date, |(day, time)| day.and_time(time).and_utc().fixed_offset())
    };
    match date.year() {
        ..=0 => edge(1, 1, 1, 0, 0, 0),
        10_000.. => edge(9999, 12, 31, 23, 59, 59),
        _ => date.with_nanosecond(0).unwrap_or(date),
    }
}

/// The texts of an entry as they stand in XML.
struct Texts {
    full: Part,
    summary: String,
}

/// What stands for the texts of an entry, as a format writes it.
struct Marks {
    full: Finder<'static>,
    summary: Finder<'static>,
}

impl Marks {
    fn new(written: impl Fn(&str) -> String) -> Self {
        let finder = |mark: &str| Finder::new(&written(mark)).into_owned();
        Marks { full: finder(TEXT), summary: finder(SUMMARY) }
    }

    /// What was written around the texts, with these in place of their marks.
    fn filled(&self, written: &str, texts: &Texts) -> Fragment {
        let written = match self.summary.find(written.as_bytes()) {
            Some(at) => Cow::Owned([&written[..at], &texts.summary, &written[at + self.summary.needle().len()..]].concat()),
            None => Cow::Borrowed(written),
        };
        let mut parts = Vec::with_capacity(3);
        let mut rest = written.as_bytes();
        // they are kept for long, and what was written has room to spare
        let own = |bytes: &[u8]| Part::from(Bytes::copy_from_slice(bytes));
        while let Some(at) = self.full.find(rest) {
            parts.extend([own(&rest[..at]), texts.full.clone()]);
            rest = &rest[at + self.full.needle().len()..];
        }
        parts.push(own(rest));
        Fragment::new(parts)
    }
}

/// What a crate has written, which is strings and nothing else.
fn string(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_default()
}

/// `head`, `fragments` and `tail` as the parts of one document.
fn spliced(head: Vec<u8>, fragments: &[&Fragment], tail: &'static [u8]) -> Parts {
    let mut parts = Parts::with_capacity(fragments.iter().map(|fragment| fragment.parts().len()).sum::<usize>() + 2);
    parts.push(Bytes::from(head));
    fragments.iter().for_each(|fragment| parts.extend(fragment));
    parts.push(Bytes::from_static(tail));
    parts
}

/// One entry as every format tells it. All text is free of characters that XML forbids.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The id: an absolute IRI, unique in a feed, the same in every feed and format.
    pub id: String,
    /// The post's address.
    pub permalink: String,
    /// Plain text; may be empty.
    pub title: String,
    /// The publication date.
    pub published: DateTime<FixedOffset>,
    /// The date of the last change.
    pub updated: DateTime<FixedOffset>,
    /// Who wrote it; empty means the feed's author.
    pub authors: Vec<Author>,
    /// Its terms, of all taxonomies.
    pub categories: Vec<Category>,
    /// Whether the whole text or the summary goes in.
    pub body: Body,
    /// The whole text as feed-safe HTML; empty when there is none.
    pub html: String,
    /// The summary as feed-safe HTML.
    pub summary_html: String,
    /// A language of its own.
    pub language: Option<String>,
    /// Rights of its own.
    pub rights: Option<String>,
    /// Its cover.
    pub cover: Option<Image>,
}

impl Entry {
    /// The whole text, if that goes in and there is one.
    fn full(&self) -> Option<&str> {
        (self.body == Body::Full && !self.html.is_empty()).then_some(&*self.html)
    }
}

/// A term on an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Category {
    /// The absolute address of the taxonomy's own page: `https://example.org/tags/`.
    pub scheme: String,
    /// The slug.
    pub term: String,
    /// The spelling of the post.
    pub label: String,
}

/// An image that is known to exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// Its absolute address.
    pub url: String,
    /// Its length in bytes.
    pub length: u64,
    /// Its media type.
    pub media_type: String,
}

/// What a feed's head says.
///
/// With the fragments of its entries it makes a document:
///
/// ```
/// use tidings::config::{Author, Body, Format};
/// use tidings::feed::{self, Entry, Feed};
///
/// let date = chrono::DateTime::parse_from_rfc3339("2026-11-21T10:00:00+01:00").unwrap();
/// let author = Author { name: "Ann".into(), email: None, url: None };
/// let feed = Feed {
///     title: "News".into(),
///     description: "All of it".into(),
///     home: "https://example.org/".into(),
///     addresses: vec![(Format::Atom, "https://example.org/atom.xml".into())],
///     id: "https://example.org/".into(),
///     updated: Some(date),
///     language: "en".into(),
///     rights: String::new(),
///     author,
///     ttl: 5,
/// };
/// let entry = Entry {
///     id: "https://example.org/post/a/".into(),
///     permalink: "https://example.org/post/a/".into(),
///     title: "Fish & chips".into(),
///     published: date,
///     updated: date,
///     authors: vec![],
///     categories: vec![],
///     body: Body::Full,
///     html: "<p>Both.</p>".into(),
///     summary_html: String::new(),
///     language: None,
///     rights: None,
///     cover: None,
/// };
/// let fragments = feed::fragments(&[Format::Atom], &entry);
/// let document = feed::document(Format::Atom, &feed, &[&fragments[0]]).bytes().concat();
/// assert!(String::from_utf8(document).unwrap().contains("<title>Fish &amp; chips</title>"));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Feed {
    /// The title.
    pub title: String,
    /// What is in it, in a sentence; never empty.
    pub description: String,
    /// The page that it is the feed of, absolute.
    pub home: String,
    /// The absolute address of this feed in each format that is written.
    pub addresses: Vec<(Format, String)>,
    /// The Atom id of the feed: an absolute IRI that survives a change of domain.
    pub id: String,
    /// The newest date of its entries; none when it has none.
    pub updated: Option<DateTime<FixedOffset>>,
    /// A BCP 47 tag; empty when unknown.
    pub language: String,
    /// Plain text; empty when unknown.
    pub rights: String,
    /// The author of every entry that names none.
    pub author: Author,
    /// What the readers should wait between two polls, in minutes (RSS `ttl`).
    pub ttl: u32,
}

impl Feed {
    /// The address in one format; empty when that format is not written.
    pub fn address(&self, format: Format) -> &str {
        self.addresses.iter().find(|(f, _)| *f == format).map_or("", |(_, url)| url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::Document;

    pub(super) fn entry() -> Entry {
        let date = DateTime::parse_from_rfc3339("2026-11-21T10:00:00.25+01:00").unwrap();
        Entry {
            id: "https://example.org/post/a/".into(),
            permalink: "https://example.org/post/a/".into(),
            title: "R&D <3".into(),
            published: date,
            updated: date,
            authors: vec![Author { name: "Ann".into(), email: None, url: Some("https://ann.example/".into()) }],
            categories: vec![Category { scheme: "https://example.org/tags/".into(), term: "c#".into(), label: "C#".into() }],
            body: Body::Full,
            html: "<p>Fish &amp; chips ]]> end</p>".into(),
            summary_html: "<p>Fish &amp; chips</p>".into(),
            language: Some("fr".into()),
            rights: Some("CC BY".into()),
            cover: Some(Image { url: "https://example.org/a.png?x=1&y=2".into(), length: 12, media_type: "image/png".into() }),
        }
    }

    pub(super) fn feed() -> Feed {
        Feed {
            title: "News & more".into(),
            description: "All of it".into(),
            home: "https://example.org/".into(),
            addresses: vec![
                (Format::Rss, "https://example.org/rss.xml".into()),
                (Format::Atom, "https://example.org/atom.xml".into()),
                (Format::Json, "https://example.org/feed.json".into()),
            ],
            id: "https://example.org/".into(),
            updated: Some(entry().updated),
            language: "en".into(),
            rights: "mine".into(),
            author: Author { name: "Bob".into(), email: Some("bob@example.org".into()), url: None },
            ttl: 60,
        }
    }

    pub(super) fn text(format: Format, feed: &Feed, entries: &[Entry]) -> String {
        let written: Vec<Box<[Fragment]>> = entries.iter().map(|entry| fragments(&[format], entry)).collect();
        let fragments: Vec<&Fragment> = written.iter().map(|entry| &entry[0]).collect();
        String::from_utf8(document(format, feed, &fragments).bytes().concat()).unwrap()
    }

    #[test]
    fn an_independent_reader_finds_the_same_entry_in_every_format() {
        for format in Format::ALL {
            let written = text(format, &feed(), &[entry()]);
            let read = feed_rs::parser::parse(written.as_bytes()).unwrap();
            let found = &read.entries[0];
            assert_eq!(found.id, entry().id, "{format:?}");
            assert_eq!(found.title.as_ref().unwrap().content, entry().title, "{format:?}");
            assert_eq!(found.content.as_ref().unwrap().body.as_deref(), Some(entry().html.as_str()), "{format:?}");
            assert_eq!(found.published.unwrap().timestamp(), entry().published.timestamp(), "{format:?}");
            assert_eq!(found.authors.iter().filter_map(|author| author.name.as_deref()).collect::<Vec<_>>(), ["Ann"], "{format:?}");
            assert!(found.categories.iter().any(|term| term.term == "C#" || term.label.as_deref() == Some("C#")), "{format:?}");
            let media =
                found.media.iter().flat_map(|media| &media.content).filter_map(|content| content.url.as_ref()).map(url::Url::as_str);
            let mut covers = media.chain(found.links.iter().map(|link| &*link.href));
            assert!(covers.any(|cover| cover == entry().cover.unwrap().url), "{format:?}: {found:?}");
            let language = ["<dc:language>fr</dc:language>", "xml:lang=\"fr\"", "\"language\":\"fr\""];
            assert!(language.iter().any(|language| written.contains(language)), "{format:?}: {written}");
            if format != Format::Json {
                assert!(written.contains(">CC BY</"), "JSON Feed knows no rights, {format:?} does: {written}");
            }
            if format != Format::Rss {
                let updated = found.updated.map(|updated| updated.timestamp());
                assert_eq!(updated, Some(entry().updated.timestamp()), "RSS knows no date of change, {format:?} does");
            }
        }
    }

    #[test]
    fn formats_share_the_text_of_an_entry() {
        let written = fragments(&[Format::Rss, Format::Atom], &entry());
        assert!(
            written[0].parts().iter().any(|part| written[1].parts().iter().any(|other| part.as_ptr() == other.as_ptr() && part.len() > 10))
        );
    }

    #[test]
    fn entries_with_the_same_bytes_are_parted_alike() {
        let implied = Entry { summary_html: String::new(), ..entry() };
        let repeated = Entry { summary_html: entry().html, ..entry() };
        let document = |entry| {
            let fragments = fragments(&[Format::Rss], entry);
            Document::new("", document(Format::Rss, &feed(), &[&fragments[0]]), DateTime::UNIX_EPOCH)
        };
        let (one, other) = (document(&implied), document(&repeated));
        assert_eq!(one.parts().concat(), other.parts().concat());
        assert_eq!(one.digest(), other.digest());
    }

    #[test]
    fn a_summary_feed_holds_no_full_text_and_an_empty_body_is_no_content() {
        let summary = Entry { body: Body::Summary, ..entry() };
        let empty = Entry { html: String::new(), ..entry() };
        for format in Format::ALL {
            for entry in [&summary, &empty] {
                let written = text(format, &feed(), std::slice::from_ref(entry));
                for unwanted in ["content:encoded>", "<content ", "content_html", "end"] {
                    assert!(!written.contains(unwanted), "{format:?} {unwanted}: {written}");
                }
            }
        }
    }

    #[test]
    fn dates_beyond_four_digit_years_are_clamped() {
        for (date, expected) in [
            (DateTime::<chrono::Utc>::MAX_UTC.fixed_offset(), "9999-12-31T23:59:59+00:00"),
            (DateTime::<chrono::Utc>::MIN_UTC.fixed_offset(), "0001-01-01T00:00:00+00:00"),
            (entry().updated, "2026-11-21T10:00:00+01:00"),
        ] {
            assert_eq!(writable(date).to_rfc3339(), expected);
            for format in Format::ALL {
                text(format, &Feed { updated: Some(date), ..feed() }, &[Entry { published: date, updated: date, ..entry() }]);
            }
        }
    }

    #[test]
    fn an_empty_feed_is_valid_and_says_nothing_of_now() {
        let empty = Feed { updated: None, ..feed() };
        assert!(text(Format::Atom, &empty, &[]).contains("<updated>1970-01-01T00:00:00+00:00</updated>"));
        assert!(!text(Format::Rss, &empty, &[]).contains("lastBuildDate"));
        for format in Format::ALL {
            assert!(feed_rs::parser::parse(text(format, &empty, &[]).as_bytes()).unwrap().entries.is_empty());
        }
    }
}
