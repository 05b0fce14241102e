//! The sample site of this repository, and the feeds that are committed beside it.

use std::path::Path;

use crate::golden::compare;

#[test]
fn the_committed_feeds_are_those_of_the_sample_content() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    compare(root, &root.join("feeds"), "2026-11-22T12:00:00Z");
}
