//! Whatever is called, with whatever arguments and however it is nested, is HTML that feeds can hold, in the text and in the
//! summary; a finding is about a place in the file.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tidings_fuzz::{CONFIGS, assert_feeds, entry, rendered};

/// Calls to cut and to graft, since few mutations make one out of nothing.
const CALLS: [&str; 8] = [
    "{{< own `a` >}}",
    "{{< /own >}}",
    "{{% md %}}",
    "{{% /md %}}",
    "{{< figure src=\"a.png\" caption='*c*' >}}",
    "{{< text src=\"y z\" >}}",
    "{{</* escaped */>}}",
    "{{< unknown >}}",
];

fuzz_target!(|parts: Vec<(u8, &str)>| {
    let call = |choice: u8| CALLS.get(usize::from(choice) % (CALLS.len() * 2)).copied().unwrap_or_default();
    let body: String = parts.iter().flat_map(|(choice, text)| [call(*choice), text]).collect();
    for config in &*CONFIGS {
        let rendered = rendered(&body, parts.first().map(|(_, text)| *text), config);
        for found in rendered.diagnostics.iter().chain(rendered.unknown.iter().map(|(_, found)| found)) {
            assert!(found.line as usize <= body.lines().count().max(1) + 1, "{found}");
        }
        assert_feeds(&entry(rendered));
    }
});
