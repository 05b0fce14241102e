//! Any Markdown, with all the HTML that authors put into it, is HTML that feeds can hold.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tidings_fuzz::{CONFIGS, assert_feeds, entry, rendered};

fuzz_target!(|body: &str| {
    for config in &*CONFIGS {
        assert_feeds(&entry(rendered(body, None, config)));
    }
});
