//! Atom 1.0, RFC 4287, written by the `atom_syndication` crate.
//!
//! A feed is written without entries and each entry alone, then both are spliced.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use atom_syndication::extension::ExtensionMap;
use atom_syndication::{Category, Content, Entry as AtomEntry, Feed as AtomFeed, Generator, Link, Person, Text, TextType, WriteConfig};
use chrono::DateTime;
use memchr::memmem::Finder;

use super::{Entry, Feed, Marks, ROOM, SUMMARY, TEXT, Texts, spliced, string, writable};
use crate::config::{Author, Format};
use crate::snapshot::{Fragment, Parts};

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n";
const NAMESPACE: &str = " xmlns=\"http://www.w3.org/2005/Atom\"";
const TAIL: &str = "</feed>";
const BARE: WriteConfig = WriteConfig { write_document_declaration: false, indent_size: None };

pub(super) fn fragment(entry: &Entry, texts: &Texts) -> Fragment {
    static MARKS: LazyLock<Marks> = LazyLock::new(|| Marks::new(str::to_owned));
    static DECLARED: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(NAMESPACE));
    #[expect(clippy::expect_used)]
    let bytes = atom_entry(entry).write_with_config(Vec::with_capacity(ROOM), BARE).expect("writing to memory cannot fail");
    // Alone, an entry declares the namespace that it gets from its feed.
    let mut written = string(bytes);
    if let Some(at) = DECLARED.find(written.as_bytes()) {
        written.replace_range(at..at + NAMESPACE.len(), "");
    }
    MARKS.filled(&written, texts)
}

pub(super) fn document(feed: &Feed, fragments: &[&Fragment]) -> Parts {
    let mut head = written(&atom_feed(feed));
    head.truncate(head.len() - TAIL.len());
    spliced(head.into_bytes(), fragments, TAIL.as_bytes())
}

fn written(feed: &AtomFeed) -> String {
    #[expect(clippy::expect_used)]
    let bytes = feed.write_with_config(DECLARATION.as_bytes().to_vec(), BARE).expect("writing to memory cannot fail");
    string(bytes)
}

fn atom_feed(feed: &Feed) -> AtomFeed {
    AtomFeed {
        title: Text::plain(feed.title.clone()),
        // RFC 4287 §4.2.6: exactly one atom:id, which never changes.
        id: feed.id.clone(),
        // RFC 4287 §4.1.1: exactly one atom:updated, so a feed that is still empty has a fixed one.
        updated: feed.updated.map_or_else(|| DateTime::UNIX_EPOCH.fixed_offset(), writable),
        // RFC 4287 §4.1.1: the feed's author is that of every entry without one.
        authors: vec![person(&feed.author)],
        generator: Some(Generator { value: "Tidings".to_owned(), uri: None, version: Some(env!("CARGO_PKG_VERSION").to_owned()) }),
        links: vec![link("alternate", &feed.home, "text/html"), link("self", feed.address(Format::Atom), Format::Atom.media_type())],
        rights: (!feed.rights.is_empty()).then(|| Text::plain(feed.rights.clone())),
        subtitle: (!feed.description.is_empty()).then(|| Text::plain(feed.description.clone())),
        lang: (!feed.language.is_empty()).then(|| feed.language.clone()),
        ..AtomFeed::default()
    }
}

fn atom_entry(entry: &Entry) -> AtomEntry {
    // The crate writes no xml:lang on an entry, so each of its texts says the language.
    let text = |value: &str, r#type| Text { value: value.to_owned(), lang: entry.language.clone(), r#type, base: None };
    let mut links = vec![link("alternate", &entry.permalink, "text/html")];
    links.extend(
        entry.cover.iter().map(|cover| Link { length: Some(cover.length.to_string()), ..link("enclosure", &cover.url, &cover.media_type) }),
    );
    AtomEntry {
        title: text(&entry.title, TextType::Text),
        id: entry.id.clone(),
        updated: writable(entry.updated),
        authors: entry.authors.iter().map(person).collect(),
        categories: entry
            .categories
            .iter()
            .map(|c| Category { term: c.term.clone(), scheme: Some(c.scheme.clone()), label: Some(c.label.clone()) })
            .collect(),
        links,
        published: Some(writable(entry.published)),
        rights: entry.rights.clone().map(Text::plain),
        summary: (!entry.summary_html.is_empty()).then(|| text(SUMMARY, TextType::Html)),
        content: entry.full().map(|_| Content {
            value: Some(TEXT.to_owned()),
            content_type: Some("html".to_owned()),
            lang: entry.language.clone(),
            ..Content::default()
        }),
        // all fields: the crate's default parses a date
        contributors: Vec::new(),
        source: None,
        extensions: ExtensionMap::default(),
        namespaces: BTreeMap::new(),
    }
}

fn person(author: &Author) -> Person {
    Person { name: author.name.clone(), email: author.email.clone(), uri: author.url.clone(), ..Person::default() }
}

fn link(rel: &str, href: &str, media_type: &str) -> Link {
    Link { rel: rel.to_owned(), href: href.to_owned(), mime_type: Some(media_type.to_owned()), ..Link::default() }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{entry, feed, text};
    use super::*;
    use crate::xml::cdata;

    #[test]
    fn spliced_fragments_equal_the_whole_feed_written_by_the_crate() {
        let entries = [entry(), Entry { authors: vec![], cover: None, language: None, ..entry() }];
        let whole = written(&AtomFeed { entries: entries.iter().map(atom_entry).collect(), ..atom_feed(&feed()) });
        assert_eq!(
            text(Format::Atom, &feed(), &entries),
            whole.replace(TEXT, &cdata(&entry().html)).replace(SUMMARY, &cdata(&entry().summary_html))
        );
    }

    #[test]
    fn an_entry_says_what_rfc_4287_asks() {
        let written = text(Format::Atom, &feed(), &[entry()]);
        roxmltree::Document::parse(&written).unwrap();
        for expected in [
            "xml:lang=\"en\"",                                                           // AT-22
            "<category term=\"c#\" scheme=\"https://example.org/tags/\" label=\"C#\"/>", // AT-23
            "<updated>2026-11-21T10:00:00+01:00</updated>",                              // AT-04
            "href=\"https://example.org/a.png?x=1&amp;y=2\"",
        ] {
            assert!(written.contains(expected), "{expected} in {written}");
        }
        assert_eq!(written.matches("rel=\"self\"").count(), 1); // AT-20
    }
}
