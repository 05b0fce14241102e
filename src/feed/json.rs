//! JSON Feed 1.1.

use bytes::Bytes;
use serde::Serialize;

use super::{Entry, Feed, writable};
use crate::config::{Author, Format};
use crate::content::text;
use crate::snapshot::{Fragment, Parts};

const VERSION: &str = "https://jsonfeed.org/version/1.1";

/// JSON Feed: `summary` is a plain text sentence or two. Beside the whole text it is cut beyond this number of bytes.
const LONGEST_SUMMARY: usize = 2000;

/// How every document begins.
pub(super) const BEGINNING: &str = "{\"version\":\"https://jsonfeed.org/version/1.1\",\"title\":";

/// The head. Its `items` come last and are spliced in.
#[derive(Serialize)]
struct Head<'a> {
    version: &'static str,
    title: &'a str,
    home_page_url: &'a str,
    feed_url: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    authors: [Person<'a>; 1],
    #[serde(skip_serializing_if = "str::is_empty")]
    language: &'a str,
}

/// JSON Feed knows no `email` of an author.
#[derive(Serialize)]
struct Person<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
}

#[derive(Serialize)]
struct Item<'a> {
    id: &'a str,
    url: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    title: &'a str,
    #[serde(flatten)]
    text: Text<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<&'a str>,
    date_published: String,
    date_modified: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    authors: Vec<Person<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attachments: Option<[Attachment<'a>; 1]>,
}

/// JSON Feed: an item has `content_html` or `content_text`, and only the first may hold HTML.
#[derive(Serialize)]
#[serde(untagged)]
enum Text<'a> {
    Full {
        content_html: &'a str,
        #[serde(skip_serializing_if = "str::is_empty")]
        summary: &'a str,
    },
    Summary {
        content_text: &'a str,
    },
}

#[derive(Serialize)]
struct Attachment<'a> {
    url: &'a str,
    mime_type: &'a str,
    size_in_bytes: u64,
}

pub(super) fn fragment(entry: &Entry) -> Fragment {
    let longest = if entry.full().is_some() { LONGEST_SUMMARY } else { usize::MAX };
    let summary = &text::of_html(&entry.summary_html, longest);
    let text = match entry.full() {
        Some(html) => Text::Full { content_html: html, summary },
        // all that a reader gets, as in RSS and Atom
        None => Text::Summary { content_text: summary },
    };
    let written = written(&Item {
        id: &entry.id,
        url: &entry.permalink,
        title: &entry.title,
        text,
        image: entry.cover.as_ref().map(|cover| cover.url.as_str()),
        date_published: writable(entry.published).to_rfc3339(),
        date_modified: writable(entry.updated).to_rfc3339(),
        authors: entry.authors.iter().map(person).collect(),
        tags: entry.categories.iter().map(|category| category.label.as_str()).collect(),
        language: entry.language.as_deref(),
        attachments: entry
            .cover
            .as_ref()
            .map(|cover| [Attachment { url: &cover.url, mime_type: &cover.media_type, size_in_bytes: cover.length }]),
    });
    Fragment::new(vec![Bytes::copy_from_slice(&written).into()])
}

pub(super) fn document(feed: &Feed, fragments: &[&Fragment]) -> Parts {
    let mut head = written(&Head {
        version: VERSION,
        title: &feed.title,
        home_page_url: &feed.home,
        feed_url: feed.address(Format::Json),
        description: &feed.description,
        authors: [person(&feed.author)],
        language: &feed.language,
    });
    head.pop();
    head.extend_from_slice(b",\"items\":[");
    let mut parts = Parts::with_capacity(2 * fragments.len() + 2);
    parts.push(Bytes::from(head));
    for (i, fragment) in fragments.iter().enumerate() {
        if i > 0 {
            parts.push(Bytes::from_static(b","));
        }
        parts.extend(fragment);
    }
    parts.push(Bytes::from_static(b"]}\n"));
    parts
}

fn written(value: &impl Serialize) -> Vec<u8> {
    #[expect(clippy::expect_used)]
    serde_json::to_vec(value).expect("these structs have string keys only")
}

fn person(author: &Author) -> Person<'_> {
    Person { name: &author.name, url: author.url.as_deref() }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{entry, feed, text};
    use super::*;
    use crate::config::Body;

    fn parsed(entries: &[Entry]) -> serde_json::Value {
        serde_json::from_str(&text(Format::Json, &feed(), entries)).unwrap()
    }

    #[test]
    fn items_are_separated_and_complete() {
        let value = parsed(&[entry(), entry()]);
        assert_eq!(value["items"].as_array().unwrap().len(), 2);
        assert_eq!(value["items"][1]["tags"][0], "C#");
        assert_eq!(value["items"][1]["attachments"][0]["size_in_bytes"], 12);
    }

    #[test]
    fn a_summary_is_plain_text() {
        assert_eq!(parsed(&[Entry { body: Body::Summary, ..entry() }])["items"][0]["content_text"], "Fish & chips");
    }

    #[test]
    fn a_summary_is_cut_only_where_the_whole_text_is_beside_it() {
        let summary_html = format!("<p>{}</p>", "word ".repeat(1000));
        let item = |body| parsed(&[Entry { body, summary_html: summary_html.clone(), ..entry() }])["items"][0].clone();
        assert_eq!(item(Body::Summary)["content_text"].as_str().map(str::len), Some(4999));
        assert!(item(Body::Full)["summary"].as_str().is_some_and(|summary| summary.ends_with('…')));
    }
}
