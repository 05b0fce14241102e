//! What must hold of a post whatever stands in its file, told by parsers that are not ours: a strict one of XML, serde's of
//! JSON, and a URL parser. The targets of `fuzz/` bring the bytes; here the posts of the sample do.

#![allow(unreachable_pub, reason = "it is a module of the fuzz targets, too")]

use std::sync::LazyLock;

use chrono::DateTime;
use tidings::config::{Author, Body, Config, Format};
use tidings::content::front_matter::Source;
use tidings::content::{Context, Lookup, Markup, Rendered, Templates, render, text};
use tidings::feed::{Entry, Feed, document, fragments};
use tidings::value::Fields;
use url::Url;

use crate::sound::assert_sound;

/// The elements that are kept inside each other.
const MAX_DEPTH: usize = 100;

/// What every post is rendered with: as Hugo does by default, and with the HTML of authors.
pub static CONFIGS: LazyLock<[Config; 2]> = LazyLock::new(|| {
    ["", "[markup.goldmark.renderer]\nunsafe = true\n[frontmatter]\ndate = [':filename', ':default']\n"].map(|own| {
        let text = format!("title = 'T'\nbaseURL = 'https://example.org/'\n{own}");
        Config::parse(&text, "config.toml").expect("it is a configuration").0
    })
});

static TEMPLATES: LazyLock<Templates> = LazyLock::new(|| {
    let own = [
        ("whole", "<div>{{ inner }}</div>"),
        ("md", "<div>{{ inner | markdownify }}</div>"),
        ("own", "<i title='{{ args[0] }}' class={{ class }}>{{ inner }}</i>"),
        ("text", "x/{{ src }}"),
    ];
    Templates::compile(&own.map(|(name, template)| (name.to_owned(), template.to_owned())).into()).expect("they are templates")
});

static PERMALINK: LazyLock<Url> = LazyLock::new(|| Url::parse("https://example.org/post/a/").expect("it is an address"));

/// A site in which `ref` finds one page, and `param` one parameter.
struct Pages;

impl Lookup for Pages {
    fn reference(&self, target: &str) -> Option<String> {
        (target == "b.md").then(|| "https://example.org/b/".to_owned())
    }

    fn link(&self, address: &str) -> Option<String> {
        self.reference(address)
    }

    fn param(&self, name: &str) -> Option<String> {
        (name == "p").then(|| "<b>\u{b}{{<".to_owned())
    }
}

/// Renders a body, asserts everything that holds of the outcome, and gives it.
pub fn rendered(body: &str, summary: Option<&str>, config: &Config) -> Rendered {
    let rendered = unchecked(body, summary, config);
    assert_sound(&rendered.html);
    assert_sound(&rendered.summary_html);
    for (html, what) in [(&rendered.html, "the text"), (&rendered.summary_html, "the summary")] {
        assert_stays(html, what);
    }
    let summary = text::of_html(&rendered.summary_html, 2000);
    assert_eq!(summary.lines().count().min(2), usize::from(!summary.is_empty()), "it is one line");
    rendered
}

fn unchecked(body: &str, summary: Option<&str>, config: &Config) -> Rendered {
    let source = Source { path: "post/a.md", text: body, fields: Fields::default(), body, body_offset: 0 };
    render(
        &source,
        &Context {
            permalink: &PERMALINK,
            files: None,
            markup: Markup::Markdown,
            summary,
            is_cjk: None,
            site: &config.site,
            templates: &TEMPLATES,
            lookup: &Pages,
        },
    )
}

/// Asserts that HTML which was made safe is still the same when it is made safe again. A shortcode brings it there.
fn assert_stays(html: &str, what: &str) {
    // in code, what looks like a shortcode may stay, and would be one here; and here everything is one element deeper
    if html.is_empty() || html.contains("{{%") || html.contains("{{<") || depth(html) >= MAX_DEPTH {
        return;
    }
    let again = unchecked(&format!("{{{{< whole >}}}}{html}{{{{< /whole >}}}}"), None, &CONFIGS[1]).html;
    let folded = |html: &str| html.split_whitespace().collect::<String>();
    assert_eq!(folded(&again), folded(&format!("<div>{html}</div>")), "{what} does not stay");
}

/// How many elements are inside each other at most.
fn depth(html: &str) -> usize {
    let is_void = |tag: &str| ["area", "br", "col", "hr", "img", "source", "track", "wbr"].iter().any(|void| tag.starts_with(void));
    let tags = html.split('<').skip(1).filter(|tag| !is_void(tag));
    let depths = tags.scan(0_usize, |depth, tag| {
        *depth = if tag.starts_with('/') { depth.saturating_sub(1) } else { *depth + 1 };
        Some(*depth)
    });
    depths.max().unwrap_or(0)
}

/// Asserts that feeds with this entry can be read, and say what it says.
pub fn assert_feeds(entry: &Entry) {
    let feed = Feed {
        title: entry.title.clone(),
        description: "All of it".into(),
        home: "https://example.org/".into(),
        addresses: Format::ALL.map(|format| (format, format!("https://example.org/{}", format.key()))).into(),
        id: "https://example.org/".into(),
        updated: Some(entry.updated),
        language: "en".into(),
        rights: String::new(),
        author: Author { name: "Ann".into(), email: None, url: None },
        ttl: 60,
    };
    for (format, fragment) in Format::ALL.into_iter().zip(fragments(&Format::ALL, entry)) {
        let bytes = document(format, &feed, &[&fragment, &fragment]).bytes().concat();
        let text = std::str::from_utf8(&bytes).expect("a feed is UTF-8");
        if format == Format::Json {
            let read: serde_json::Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
            let found = &read["items"][1]["content_html"];
            assert_eq!(found.as_str().unwrap_or_default(), entry.html);
        } else {
            let read = roxmltree::Document::parse(text).unwrap_or_else(|error| panic!("{error}: {text}"));
            let texts: String = read
                .descendants()
                .filter(|node| matches!(node.tag_name().name(), "encoded" | "content"))
                .filter_map(|node| node.text())
                .collect();
            assert_eq!(texts, entry.html.repeat(2), "{format:?}");
        }
    }
}

/// An entry with this text.
pub fn entry(rendered: Rendered) -> Entry {
    let date = DateTime::UNIX_EPOCH.fixed_offset();
    Entry {
        id: PERMALINK.to_string(),
        permalink: PERMALINK.to_string(),
        title: "A".into(),
        published: date,
        updated: date,
        authors: Vec::new(),
        categories: Vec::new(),
        body: Body::Full,
        html: rendered.html,
        summary_html: rendered.summary_html,
        language: None,
        rights: None,
        cover: None,
    }
}

#[cfg(test)]
#[test]
fn what_fuzzing_asks_of_any_post_holds_of_those_of_the_sample_and_of_the_deepest() {
    let sample = crate::program::tree(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("content"));
    let posts: Vec<String> = sample.into_values().filter_map(|bytes| String::from_utf8(bytes).ok()).collect();
    assert!(!posts.is_empty());
    for body in posts.into_iter().chain([MAX_DEPTH - 1, MAX_DEPTH].map(|depth| ">".repeat(depth))) {
        for config in &*CONFIGS {
            assert_feeds(&entry(rendered(&body, None, config)));
        }
    }
}
