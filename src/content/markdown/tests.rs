//! What a site chooses of Markdown.

use super::*;

fn check(config: &str, source: &str, expected: &str) {
    let document = Markdown::of_site(&format!("[markup.goldmark]\n{config}")).fragment(source, None);
    assert_eq!(document.trim_end(), expected, "{source}");
}

#[test]
fn punctuation_is_set_in_the_signs_of_the_site() {
    let signs = "extensions.typographer = { leftDoubleQuote = '&laquo;&nbsp;', rightDoubleQuote = '&nbsp;&raquo;', \
        leftSingleQuote = '&lsaquo;', rightSingleQuote = '&rsaquo;', apostrophe = '&#39;', enDash = '&minus;' }";
    check(signs, "\"It's 'a' & b\" -- c---d...", "<p>«\u{a0}It's ‹a› &amp; b\u{a0}» − c—d…</p>");
}
