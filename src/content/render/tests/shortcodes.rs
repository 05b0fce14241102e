//! Shortcodes in bodies, and what stands for one that nobody knows.

use super::*;

#[test]
fn what_shortcodes_say_of_themselves_is_heeded() {
    check(
        "{{< details summary=\"*a* <b\" open=true >}}\nb\n{{< /details >}}",
        "<details open=\"\"><summary><em>a</em> &lt;b</summary>\n<p>b</p>\n</details>",
    );
    check("{{< details open=false >}}b{{< /details >}}", "<details><summary>Details</summary>\n<p>b</p>\n</details>");
    check("a {{< highlight go \"hl_inline=true\" >}}x := 1{{< /highlight >}} b", "<p>a <code class=\"language-go\">x := 1</code> b</p>");
    check("`{{</* qr text=\"x\" /*/>}}`", "<p><code>{{&lt; qr text=\"x\" /&gt;}}</code></p>");
}

#[test]
fn code_of_highlight_is_without_the_indentation_of_its_call() {
    let code = |code: &str| format!("<pre><code class=\"language-go\">{code}</code></pre>");
    let list = format!("<ul>\n<li><p>a</p>\n{}\n</li>\n</ul>", code("b\n\n  c\n d"));
    check("- a\n\n  {{< highlight go >}}\n  b\n\n    c\n d\n  {{< /highlight >}}", &list);
    check("  {{< highlight go >}}\n\tb\n{{< /highlight >}}", &code("\tb"));
    check("a {{< highlight go >}}\n  b\r\n{{< /highlight >}}", &format!("<p>a </p>{}", code("  b")));
}

#[test]
fn shortcodes_are_expanded_in_every_place() {
    check(
        "{{< figure src=\"x.png\" caption=\"*c*\" >}}",
        "<figure><img src=\"https://example.org/post/a/x.png\" alt=\"c\"><figcaption><p><em>c</em></p></figcaption></figure>",
    );
    check("[x]({{< ref \"b.md\" >}}) {{% param version %}}", "<p><a href=\"https://example.org/b/\">x</a> 1.2</p>");
    check("a {{< own \"q<\" >}}**b**{{< /own >}}", "<p>a <i title=\"q&lt;\">**b**</i></p>");
    check("- {{< md >}}**b**{{< /md >}}", "<ul>\n<li><div><strong>b</strong></div></li>\n</ul>");
    for body in ["{{% md %}}**b** [c](/c/){{% /md %}}", "{{% md %}}\n\n**b** [c](/c/)\n\n{{% /md %}}"] {
        assert_eq!(rendered(body, SAFE, None).html, "<div><strong>b</strong> <a href=\"https://example.org/c/\">c</a></div>");
    }
    check("[a]({{< text src=\"y z\" >}})", "<p>[a](x/y z)</p>");
    check("{{% own %}}**b**{{% /own %}}", "<p><i title=\"\"><strong>b</strong></i></p>");
    check("`{{</* a */>}}` {{</* a */>}}", "<p><code>{{&lt; a &gt;}}</code> {\u{2060}{&lt; a &gt;}}</p>");
    check("{{< notice >}}\n- a\n{{< /notice >}}", "<blockquote><ul>\n<li>a</li>\n</ul>\n</blockquote>");
    check("{{< comment >}}a{{< /comment >}}b{{< x.inline >}}c{{< /x.inline >}}", "<p>b</p>");
    check(
        "```\n{{< highlight go >}}a<b{{< /highlight >}}\n```",
        "<pre><code><pre><code class=\"language-go\">a&lt;b</code></pre>\n</code></pre>",
    );
}

#[test]
fn a_text_that_a_shortcode_comes_to_is_no_markdown() {
    check("{{< text src=\"*b*\" >}} *c*", "<p>x/*b* <em>c</em></p>");
    check("{{< raw >}}# b{{< /raw >}}\n\n- {{< raw >}}1. c{{< /raw >}}", "<p># b</p>\n<ul>\n<li>1. c</li>\n</ul>");
    check("{{% text src=\"*b*\" %}}", "<p>x/<em>b</em></p>");
    // what is inside of another is for that one to render
    check("{{< md >}}{{< text src=\"*b*\" >}}{{< /md >}}", "<div>x/<em>b</em></div>");
    // where no tag could stand it is a part of the Markdown
    for (body, expected) in [
        ("[a]({{< text src=b >}} \"{{< text src=c >}}\")", "<a href=\"https://example.org/post/a/x/b\" title=\"x/c\">a</a>"),
        ("[a]\n\n[a]: /{{< text src=b >}}", "<a href=\"https://example.org/x/b\">a</a>"),
        ("![{{< text src=b >}}](/c)", "<img src=\"https://example.org/c\" alt=\"x/b\">"),
        ("<i title=\"{{< text src=b >}}\">a</i>", "<i title=\"x/b\">a</i>"),
        ("http://a.org/{{< text src=b >}}", "<a href=\"http://a.org/x/b\">http://a.org/x/b</a>"),
    ] {
        check(body, &format!("<p>{expected}</p>"));
    }
}

#[test]
fn a_shortcode_that_comes_to_nothing_is_something_for_what_is_around_it() {
    check("- a\n- b\n\n{{< comment >}}x{{< /comment >}}\n\n- c", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n\n<ul>\n<li>c</li>\n</ul>");
    check("**{{< x.inline >}}b{{< /x.inline >}}** c", "<p><strong></strong> c</p>");
    check("<div>\n<p>a</p>\n{{< comment >}}\n<p>b</p></div>", "<div>\n<p>a</p>\n\n<p>b</p></div>");
    check("a\n\n{{< comment >}}x{{< /comment >}}\n\nb", "<p>a</p>\n\n<p>b</p>");
    check("a\n{{% comment %}}x{{% /comment %}}\n- b", "<p>a</p>\n<ul>\n<li>b</li>\n</ul>");
}

#[test]
fn what_is_inside_is_a_part_of_the_page_where_a_template_adds_no_tags() {
    check("{{% pass %}}\nb\n{{% /pass %}}\nc", "<p><strong>N</strong></p>\n<p>b</p>\n<p>c</p>");
    check(
        "- b\n\n  {{% pass %}}\n  - c\n  {{% /pass %}}",
        "<ul>\n<li><p>b</p>\n<p><strong>N</strong></p>\n<ul>\n<li>c</li>\n</ul>\n</li>\n</ul>",
    );
    check("{{% pass %}}`<i>` \\*c*{{% /pass %}}", "<p><strong>N</strong></p>\n<p><code>&lt;i&gt;</code> *c*</p>");
    check("{{% pass %}}[b]{{% /pass %}}\n\n[b]: /c", "<p><strong>N</strong></p>\n<p><a href=\"https://example.org/c\">b</a></p>");
}

#[test]
fn what_is_inside_in_the_style_of_markdown_refers_to_what_the_page_defines() {
    let definitions = "\n\n[a b]: /a 'T'\n[c]: {{< ref \"b.md\" >}}\n";
    let link = "<a href=\"https://example.org/a\" title=\"T\">";
    for name in ["notice", "md", "own"] {
        let html = |style: [&str; 2]| {
            let [open, close] = style;
            let body = format!("{open} {name} {close}\nx [y][A b], [c]\n{open} /{name} {close}{definitions}");
            rendered(&body, UNSAFE, None).html
        };
        let shown = html(["{{%", "%}}"]);
        assert!(shown.contains(&format!("x {link}y</a>, <a href=\"https://example.org/b/\">c</a>")), "{shown}");
        // elsewhere it is a text by itself
        let shown = html(["{{<", ">}}"]);
        assert!(shown.contains("x [y][A b], [c]"), "{shown}");
    }
    let wrong = rendered("{{% notice %}}[c] {{< ref \"none\" >}}{{% /notice %}}\n\n[c]: /c\n", UNSAFE, None);
    assert_eq!(wrong.diagnostics.len(), 1);
}

#[test]
fn a_footnote_inside_of_a_shortcode_is_at_the_end_of_what_is_inside() {
    let reference = "<sup><a href=\"https://example.org/post/a/#fn:1\" class=\"footnote-ref\">1</a></sup>";
    let note = "<li><p>c\u{a0}<a href=\"https://example.org/post/a/#fnref:1\" class=\"footnote-backref\">↩\u{fe0e}</a></p></li>";
    let notes = format!("<div class=\"footnotes\" role=\"doc-endnotes\">\n<hr>\n<ol>\n{note}\n</ol>\n</div>\n");
    for (open, close) in [("{{<", ">}}"), ("{{%", "%}}")] {
        check(
            &format!("{open} notice {close}\na[^b]\n\n[^b]: c\n{open} /notice {close}"),
            &format!("<blockquote><p>a{reference}</p>\n{notes}</blockquote>"),
        );
    }
    check("{{< notice >}}a[^b]{{< /notice >}}", "<blockquote><p>a[^b]</p>\n</blockquote>");
}

#[test]
fn an_unknown_shortcode_leaves_what_it_can_and_is_told_once() {
    check("{{< foo >}}**a**{{< /foo >}}", "<p><strong>a</strong></p>");
    check("{{< foo src=/a.png title=T >}}", "<p><img src=\"https://example.org/a.png\" alt=\"T\" title=\"T\"></p>");
    let link = "<p><a href=\"https://example.org/post/a/\">View on the site</a></p>";
    check("{{< foo >}}", link);
    // what names no image is a key, with which a template finds it
    check("{{< img src=\"photo-of-me\" >}}", link);
    check("{{< foo src=\"clip.mp4\" >}}", link);
    check(
        "<img src=\"{{< foo >}}b.png\" alt=\"{{< foo >}}\"> a < b {{< foo/bar src=c.png >}}",
        "<p><img src=\"https://example.org/post/a/b.png\" alt=\"\"> a &lt; b <img src=\"https://example.org/post/a/c.png\" alt=\"\"></p>",
    );
    check(
        "<img src=\"{{< blogdown/postref >}}b.png\"> ![c]({{< blogdown/postref >}}d.png)",
        "<p><img src=\"https://example.org/post/a/b.png\"> <img src=\"https://example.org/post/a/d.png\" alt=\"c\"></p>",
    );
    let in_folder = rendered("{{< gallery/wide >}}", SAFE, None);
    assert!(in_folder.unknown[0].1.mend.contains("configuration: \"gallery/wide\" = '"), "{:?}", in_folder.unknown);
    let found = rendered("a\n {{< foo >}}{{< foo >}}{{< bar", SAFE, None);
    let shown: Vec<String> = found.unknown.iter().map(|(_, first)| first).chain(&found.diagnostics).map(ToString::to_string).collect();
    assert_eq!((&*found.unknown[0].0.name, found.unknown[0].0.count), ("foo", 2));
    assert_eq!(
        shown,
        [
            "post/a.md:5:2: warning: the shortcode `foo` is not known; \
             add a template for it to [shortcodes] of the configuration: foo = '<a href=\"{{ permalink }}\">View on the site</a>' [unknown-shortcode]",
            "post/a.md:5:24: warning: `{{<` is never closed; write {{< name >}}, or {{</* name */>}} to show it as it is [broken-shortcode]",
        ]
    );
}
