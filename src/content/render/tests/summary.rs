//! Which part of a body is its summary.

use super::*;

#[test]
fn a_summary_is_what_stands_before_the_divider_else_the_front_matters_else_the_opening() {
    let check = |body: &str, summary: Option<&str>, html: &str, text: &str| {
        let rendered = rendered(body, "summaryLength = 3", summary);
        assert_eq!((rendered.summary_html.as_str(), of_html(&rendered.summary_html, 1000).as_str()), (html, text), "{body}");
        assert!(!rendered.html.contains("more-->"));
    };
    check("a **b**\n\n<!--more-->\n\nc", Some("d"), "<p>a <strong>b</strong></p>", "a b");
    // wherever it stands, what comes after it is held back
    check("a <!--more--> b\n\nc", None, "<p>a</p>", "a");
    check("a<!--more-->", None, "<p>a</p>", "a");
    check("a\n\n<!--more-->b", None, "<p>a</p>", "a");
    check("a\n<!--more-->\nb", None, "<p>a</p>", "a");
    check("a\n\n    <!--more-->\n\nb", None, "<p>a</p>", "a");
    check("* a\n* b <!--more-->\n* c", None, "<ul>\n<li>a</li>\n<li>b</li>\n</ul>", "a b");
    check("* a\n\n  <!--more-->\n\n  b", None, "<ul>\n<li>a</li>\n</ul>", "a");
    check("> a <!--more-->\n\nb", None, "<blockquote>\n<p>a</p>\n</blockquote>", "a");
    let fence = "<pre><code>&lt;!--more--&gt;\n</code></pre>";
    check("~~~\n<!--more-->\n~~~\n\nb <!--more--> c", None, &format!("{fence}\n<p>b</p>"), "<!--more--> b");
    check("a\n\n<!--more-->\n\nb <!--more--> c", None, "<p>a</p>", "a");
    check("## a <!--more-->\n\nb", None, "<h2 id=\"/post/a/a\">a</h2>", "a");
    check("`<!--more-->`\n\nb <!--more--> c", None, "<p><code>&lt;!--more--&gt;</code></p>\n<p>b</p>", "<!--more--> b");
    check(
        "~~~\n x <!--more-->\n~~~\n\nb <!--more--> c",
        None,
        "<pre><code> x &lt;!--more--&gt;\n</code></pre>\n<p>b</p>",
        "x <!--more--> b",
    );
    check("a", Some("*d* &amp; e"), "<p><em>d</em> &amp; e</p>", "d & e");
    check("a b\n\n> c dd\n\ne", None, "<p>a b</p>\n<blockquote>\n<p>c dd</p>\n</blockquote>", "a b c dd");
    check("## a b c\n\nd e\n\nf", None, "<h2 id=\"/post/a/a-b-c\">a b c</h2>\n<p>d e</p>", "a b c d e");
    check("", None, "", "");
}

#[test]
fn a_summary_has_nothing_of_what_stands_for_unknown_shortcodes_unless_it_is_all() {
    let check = |body: &str, html: &str| {
        assert_eq!(rendered(body, "summaryLength = 3", None).summary_html, html, "{body}");
    };
    check("{{< foo >}}\n\na\n\n<!--more-->\n\nb", "<p>a</p>");
    check("a {{< foo >}} b\n\n{{< foo >}}\n\nc d dd\n\ne", "<p>a  b</p>\n\n<p>c d dd</p>");
    check("- {{< foo >}}\n- a b c\n\nd\n\ne", "<ul>\n<li></li>\n<li>a b c</li>\n</ul>\n<p>d</p>");
    let link = "<p><a href=\"https://example.org/post/a/\">View on the site</a></p>";
    check("{{< foo >}}\n\n<!--more-->\n\nb", link);
    // one that is the whole text is that
    check("{{< foo >}} a", &link.replace("</p>", " a</p>"));
}

#[test]
fn the_opening_ends_where_hugos_does() {
    let check = |config: &str, body: &str, expected: &str| {
        let rendered = rendered(body, config, None);
        assert_eq!(of_html(&rendered.summary_html, 1000), expected, "{body}");
    };
    check("summaryLength = 0", "a\n\nb", "");
    check("summaryLength = -1", "a\n\nb", "");
    let html = "summaryLength = 3\nmarkup.goldmark.renderer.unsafe = true";
    check(html, "<div>\n\na b c d\n\ne\n\n</div>\n\nf", "a b c d e");
    check(html, "<div>\n\na b c d\n\ne", "a b c d");
    check(html, "<div>\n\n- a b c d\n\n  e\n- f\n\ng", "a b c d e f");
    check(html, "<p>a b c d</p>\n<p>e</p>\n\nf", "a b c d");
    check(html, "<div><p>a b c d</p>\n<p>e</p></div><p>f</p>\n\ng", "a b c d e");
    check(html, "a <p>b c d</p> e\n\nf", "a b c d e");
    // what is left out are five words in Hugo
    check("summaryLength = 6", "a <b>b</b>\n\nc\n\nd", "a b");
    check("summaryLength = 6", "# a <b>b</b>\n\nc\n\nd", "a b c");
    check("summaryLength = 6", "<div>\n<i>\n</div>\n\na b\n\nc d", "a b");
    check("summaryLength = 6", "<script>\na\n</script>\n<!-- a\nb -->\n\nc\n\nd", "c");
    check("summaryLength = 6", "a b\n\nc d\n\ne <b>f</b>\n\ng", "a b c d e f");
    // a block of code is without a line end behind it, and its first word counts where it is indented
    check("summaryLength = 4", "```\na b c\n```\n\nd e\n\nf", "a b c d e f");
    check("summaryLength = 3", "```\na b c\n```\n\nd e\n\nf", "a b c d e");
    check("summaryLength = 5", "    a b c\n\nd e\n\nf", "a b c d e");
    check("summaryLength = 2", "- a\n\n- b\n\nc dd\n\ne", "a b c dd");
    check("summaryLength = 3", "a `b c=\"d\"` e\n\nf", "a b c=\"d\" e");
    // a shortcode that is all of a paragraph has none around it
    let figure = "{{< figure src=\"a.png\" >}}";
    check(html, &format!("<!-- a b c d -->\n\n{figure}\n\na\n\nb"), "a");
    check(html, &format!("<!-- a b c d -->\n\na {figure}\n\nb"), "a");
    check(html, &format!("# b c d\n\n{figure}\n\na\n\nb"), "b c d a");
    // what a shortcode comes to counts
    check("summaryLength = 4", "a {{< own \"b c\" >}}d d d{{< /own >}} e\n\nf", "a d d d e");
    check("summaryLength = 3", "{{< raw >}}a b c{{< /raw >}}\n\nd\n\ne", "a b c d");
    check("summaryLength = 3", "{{< raw >}}<p>a b c d</p>{{< /raw >}}\n\ne\n\nf", "a b c d");
    check("summaryLength = 3", "{{< comment >}}a{{< /comment >}}\n\nb cc\n\nd\n\ne", "b cc d e");
    check("summaryLength = 3", "a {{< foo >}}\n\nb cc d\n\ne", "a b cc d");
}

#[test]
fn a_summary_without_blanks_ends_after_as_many_signs() {
    let body = vec!["字".repeat(55); 6].join("\n\n");
    let check = |is_cjk: Option<bool>, config: &str, expected: usize| {
        let summary = rendered_as(is_cjk, &body, config, None).summary_html;
        assert_eq!(summary.matches("<p>").count(), expected, "{is_cjk:?} {config}");
    };
    check(None, "", 6);
    check(None, "hasCJKLanguage = true", 2);
    check(None, "hasCJKLanguage = true\nsummaryLength = 109", 3);
    check(Some(true), "", 2);
    check(Some(false), "hasCJKLanguage = true", 6);
    let latin = rendered("a b\n\nc dd\n\ne", "hasCJKLanguage = true\nsummaryLength = 3", None).summary_html;
    assert_eq!(latin, "<p>a b</p>\n<p>c dd</p>");
}
