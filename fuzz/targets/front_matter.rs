//! Any file is a post, a page that is none, or findings that have a place in it; and a post can stand in any feed.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tidings::content::{Page, details, front_matter, page};
use tidings::diagnostic::Diagnostic;
use tidings::feed::{Category, Entry};
use tidings_fuzz::{CONFIGS, assert_feeds, entry, rendered};
use url::Url;

const PATH: &str = "post/2020-01-02-a.md";

fuzz_target!(|bytes: &[u8]| {
    let lines = bytes.split(|byte| *byte == b'\n').count();
    let assert_placed = |found: &Diagnostic| assert!(found.line >= 1 && found.line as usize <= lines && found.column >= 1, "{found}");
    let source = match front_matter::read(PATH, bytes) {
        Ok(source) => source,
        Err(found) => return assert_placed(&found),
    };
    for config in &*CONFIGS {
        let (page, found) = page(&source, PATH, &[], config);
        found.iter().for_each(assert_placed);
        let Page::Post(post) = page else { continue };
        let details = details(&source, PATH, &[], config);
        assert!(Url::parse(&post.permalink).is_ok() && post.permalink.is_ascii(), "{}", post.permalink);
        assert!(post.permalink.starts_with("https://example.org/"), "{}", post.permalink);
        let categories = post.terms.iter().map(|term| Category {
            scheme: format!("https://example.org/{}/", term.taxonomy),
            term: term.slug.to_string(),
            label: term.name.to_string(),
        });
        assert_feeds(&Entry {
            id: post.id.as_deref().unwrap_or(&post.permalink).to_owned(),
            permalink: post.permalink.to_string(),
            title: post.title.to_string(),
            published: post.published,
            updated: post.updated,
            authors: details.authors.clone(),
            categories: categories.collect(),
            language: details.language.clone(),
            rights: details.rights.clone(),
            ..entry(rendered(source.body, details.summary.as_deref(), config))
        });
    }
});
