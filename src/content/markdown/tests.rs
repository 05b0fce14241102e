//! What a site chooses of Markdown.

use super::*;

fn check(config: &str, source: &str, expected: &str) {
    let document = Markdown::of_site(&format!("[markup.goldmark]\n{config}")).fragment(source, None);
    assert_eq!(document.trim_end(), expected, "{source}");
}

#[test]
fn terms_that_share_a_definition_stand_in_lines_of_their_own() {
    check("", "a\nb  \nc\n: d", "<dl>\n<dt>a</dt>\n<dt>b</dt>\n<dt>c</dt>\n<dd>d</dd>\n</dl>");
    check("", "*a\nb*\n: c", "<dl>\n<dt><em>a\nb</em></dt>\n<dd>c</dd>\n</dl>");
}

#[test]
fn lines_of_east_asian_text_are_joined_where_the_site_says_so() {
    let cjk = "extensions.cjk = { enable = true, eastAsianLineBreaks = true }";
    check(cjk, "> 太郎は\n> *そう*\n> 言った\n> a", "<blockquote>\n<p>太郎は<em>そう</em>言った\na</p>\n</blockquote>");
    check("", "太郎は\n言った", "<p>太郎は\n言った</p>");
}

#[test]
fn punctuation_is_set_in_the_signs_of_the_site() {
    let signs = "extensions.typographer = { leftDoubleQuote = '&laquo;&nbsp;', rightDoubleQuote = '&nbsp;&raquo;', \
        leftSingleQuote = '&lsaquo;', rightSingleQuote = '&rsaquo;', apostrophe = '&#39;', enDash = '&minus;' }";
    check(signs, "\"It's 'a' & b\" -- c---d...", "<p>«\u{a0}It's ‹a› &amp; b\u{a0}» − c—d…</p>");
}
