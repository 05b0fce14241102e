//! What all calls of a body may come to.

use super::*;

/// A parameter that has nearly all that front matter can hold.
struct Pages(String);

impl Lookup for Pages {
    fn reference(&self, _: &str) -> Option<String> {
        None
    }

    fn link(&self, _: &str) -> Option<String> {
        None
    }

    fn param(&self, _: &str) -> Option<String> {
        Some(self.0.clone())
    }
}

const LARGE: usize = 900_000;

/// The places of what is found in a body, which comes to no more than it may.
fn found(body: &str) -> Vec<usize> {
    let own = [("again", "{{ inner }}{{ inner }}"), ("raw", "<i>{{ inner }}</i>")];
    let own = own.iter().map(|(name, template)| ((*name).into(), (*template).into())).collect();
    let pages = Pages("x".repeat(LARGE));
    let expanded = expand(body, &Templates::compile(&own).unwrap(), &pages, &Markdown::of_site(""));
    assert!(expanded.tokens.filled_len(&expanded.source) <= MAX_OUTCOMES + body.len());
    assert!(expanded.findings.iter().all(|found| found.what.contains("come to more than")));
    expanded.findings.iter().map(|found| found.offset).collect()
}

#[test]
fn all_calls_together_have_a_limit_and_one_finding_tells_of_the_first_beyond_it() {
    let call = "{{< param x >}}\n";
    let fitting = MAX_OUTCOMES / LARGE;
    assert_eq!(found(&call.repeat(fitting)), [0; 0]);
    assert_eq!(found(&call.repeat(fitting + 50)), [fitting * call.len()]);
}

#[test]
fn definitions_before_what_is_inside_count_as_well() {
    let title = "x".repeat(LARGE);
    let call = "{{% note %}}[a]{{% /note %}}\n";
    // once before the text, and once in what comes of it
    assert_eq!(found(&format!("{}\n[a]: /x '{title}'\n", call.repeat(60))), [MAX_OUTCOMES / LARGE / 2 * call.len()]);
}

#[test]
fn what_is_inside_counts_as_often_as_it_is_shown() {
    let body = |depth: usize| {
        let html = format!("{{{{< raw >}}}}{}{{{{< /raw >}}}}", "x".repeat(LARGE));
        format!("{}{html}{}", "{{< again >}}".repeat(depth), "{{< /again >}}".repeat(depth))
    };
    // 2 and 4 and 8 times
    assert_eq!(found(&body(3)), [0; 0]);
    assert_eq!(found(&body(10)).len(), 1);
}
