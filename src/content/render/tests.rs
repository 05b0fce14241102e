//! Bodies and what they become: by example, and whatever stands in them.

use std::collections::BTreeMap;

use proptest::prelude::*;
use regex::Regex;

use super::*;
use crate::config::Config;
use crate::content::front_matter;
use crate::content::html::TAGS;
use crate::content::path::Markup;
use crate::content::text::{escape, of_html};

mod shortcodes;
mod summary;

struct Pages;

impl Lookup for Pages {
    fn reference(&self, target: &str) -> Option<String> {
        (target == "b.md").then(|| "https://example.org/b/".to_owned())
    }

    fn link(&self, address: &str) -> Option<String> {
        self.reference(address)
    }

    fn param(&self, name: &str) -> Option<String> {
        (name == "version").then(|| "1.2".to_owned())
    }
}

const SAFE: &str = "";
const TEX: &str = "[markup.goldmark.extensions.passthrough]\nenable = true\ndelimiters = { block = [['$$', '$$']], inline = [['\\(', '\\)'], ['$', '$']] }\n";
const UNSAFE: &str = "[markup.goldmark.renderer]\nunsafe = true\n";

fn rendered(body: &str, config: &str, summary: Option<&str>) -> Rendered {
    rendered_as(None, body, config, summary)
}

fn rendered_as(is_cjk: Option<bool>, body: &str, config: &str, summary: Option<&str>) -> Rendered {
    let text = format!("+++\ntitle = 'a'\n+++\n{body}");
    let source = front_matter::read("post/a.md", text.as_bytes()).unwrap();
    let config = Config::parse(config, "config.toml").unwrap().0;
    let own = [
        ("own", "<i title='{{ args[0] }}'>{{ inner }}</i>"),
        ("md", "<div>{{ inner | markdownify }}</div>"),
        ("text", "x/{{ src }}"),
        ("pass", "**N**\n\n{{ inner }}"),
    ];
    let own: BTreeMap<String, String> = own.iter().map(|(name, template)| ((*name).into(), (*template).into())).collect();
    let (site, templates, lookup) = (&config.site, &Templates::compile(&own).unwrap(), &Pages);
    let permalink = &Url::parse("https://example.org/post/a/").unwrap();
    render_unguarded(&source, &Context { permalink, files: None, markup: Markup::Markdown, summary, is_cjk, site, templates, lookup })
}

#[test]
fn a_text_that_makes_a_library_fail_is_told_of_and_costs_no_other_post_anything() {
    let source = front_matter::read("post/a.md", b"+++\ntitle = 'a'\n+++\nx").unwrap();
    let rendered = rendered_or_told(&source, || panic!("as a fault in a library does"));
    let told: Vec<String> = rendered.diagnostics.iter().map(ToString::to_string).collect();
    let finding = "post/a.md:4:1: error: the program fails at this text, so the entry has none; write it in another way, and report it \
                   with the file [unrenderable-text]";
    assert_eq!((rendered.html.as_str(), told), ("", vec![finding.to_owned()]));
}

fn check(body: &str, expected: &str) {
    assert_eq!(rendered(body, UNSAFE, None).html, expected, "{body}");
}

#[test]
fn markdown_is_rendered_as_hugo_does() {
    check("a -- \"b\" << c >>\nd\\\ne", "<p>a – “b” « c »\nd<br>\ne</p>");
    check("# A b\n## A b\n## C {#d}", "<h1 id=\"/post/a/a-b\">A b</h1>\n<h2 id=\"/post/a/a-b-1\">A b</h2>\n<h2 id=\"/post/a/d\">C</h2>");
    check("- [ ] a\n- [x] b", "<ul>\n<li>☐ a</li>\n<li>☑ b</li>\n</ul>");
    check("a\n: b", "<dl>\n<dt>a</dt>\n<dd>b</dd>\n</dl>");
    check("```go {hl_lines=[1]}\na<b\n```", "<pre><code class=\"language-go\">a&lt;b\n</code></pre>");
    check(
        "see www.a.org/x_y_z. `http://b.org`",
        "<p>see <a href=\"https://www.a.org/x_y_z\">www.a.org/x_y_z</a>. <code>http://b.org</code></p>",
    );
    check("![a *b*](c.png \"d\")", "<p><img src=\"https://example.org/post/a/c.png\" alt=\"a b\" title=\"d\"></p>");
    check("[a](javascript:x) ![b](vbscript:x)", "<p>a b</p>");
    check("3) a", "<ol start=\"3\">\n<li>a</li>\n</ol>");
    check("[a <b@c.org> d http://e.org](/f) g", "<p><a href=\"https://example.org/f\">a b@c.org d http://e.org</a> g</p>");
    check("[a <file:///b>](/c) [<http://d.org>](file:///e)", "<p><a href=\"https://example.org/c\">a file:///b</a> http://d.org</p>");
    check("http://a.org/b{{< own >}}c{{< /own >}}", "<p><a href=\"http://a.org/b\">http://a.org/b</a><i title=\"\">c</i></p>");
}

#[test]
fn what_passes_through_is_no_markdown() {
    let check = |body: &str, expected: &str| assert_eq!(rendered(body, TEX, None).html, expected, "{body}");
    check(r"a \(b_1 < c_2 -- d\), $e_1$ and `$f_1$`", r"<p>a \(b_1 &lt; c_2 -- d\), $e_1$ and <code>$f_1$</code></p>");
    check("$$\nx_1 \\\\\n= y_1\n$$", "<p>$$\nx_1 \\\\\n= y_1\n$$</p>");
    check("{{< details >}}\n\\(a_1 b_1\\)\n{{< /details >}}", "<details><summary>Details</summary>\n<p>\\(a_1 b_1\\)</p>\n</details>");
    assert_eq!(rendered(r"\(b_1\)", SAFE, None).html, "<p>(b_1)</p>");
}

#[test]
fn emoji_go_by_their_names_where_the_site_has_them() {
    let body = ":tada: **a:+1:** `:tada:` ![:cat:](/a.png) <b title=\":cat:\">x</b>\n\n## :rocket: up";
    let html = rendered(body, &format!("enableEmoji = true\n{UNSAFE}"), None).html;
    assert_eq!(
        html,
        "<p>🎉 <strong>a👍</strong> <code>:tada:</code> <img src=\"https://example.org/a.png\" alt=\"🐱\"> <b title=\":cat:\">x</b></p>\n\
         <h2 id=\"/post/a/rocket-up\">🚀 up</h2>"
    );
    check(":tada:", "<p>:tada:</p>");
}

#[test]
fn what_goldmark_takes_otherwise_than_others_is_as_in_hugo() {
    check("a\nb\n: c", "<dl>\n<dt>a</dt>\n<dt>b</dt>\n<dd>c</dd>\n</dl>");
    check("\\\"a\\\" b\\--c \\\\\"d\"", "<p>\"a\" b--c \\“d”</p>");
    check(
        "|a|\n|-|-|\n|b|c|",
        "<table>\n<thead>\n<tr>\n<th>a</th>\n<th></th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>b</td>\n<td>c</td>\n</tr>\n</tbody>\n</table>",
    );
}

#[test]
fn a_table_is_aligned_by_attributes() {
    check(
        "|a|b|\n|:-:|-|\n|c|d|",
        "<table>\n<thead>\n<tr>\n<th align=\"center\">a</th>\n<th>b</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td align=\"center\">c</td>\n<td>d</td>\n</tr>\n</tbody>\n</table>",
    );
}

#[test]
fn a_footnote_leads_to_the_posts_own_page() {
    check(
        "a[^x]\n\n[^x]: b",
        "<p>a<sup id=\"/post/a/fnref:1\"><a href=\"https://example.org/post/a/#fn:1\" class=\"footnote-ref\">1</a></sup></p>\n\
         <div class=\"footnotes\" role=\"doc-endnotes\">\n<hr>\n<ol>\n<li id=\"/post/a/fn:1\"><p>b\u{a0}\
         <a href=\"https://example.org/post/a/#fnref:1\" class=\"footnote-backref\">↩\u{fe0e}</a></p></li>\n</ol>\n</div>",
    );
}

#[test]
fn html_of_the_author_passes_only_where_hugo_lets_it() {
    let told = |body: &str, config: &str| rendered(body, config, None).diagnostics.iter().map(ToString::to_string).collect::<Vec<_>>();
    let omitted = "post/a.md:4:1: warning: all of it is HTML, of which the site lets none into Markdown, so nothing is shown; \
                   set `markup.goldmark.renderer.unsafe` to true, or write it in Markdown [omitted-html]";
    assert_eq!(told("<div>\n<iframe src=\"https://example.org/\"></iframe>\n</div>\n", SAFE), [omitted]);
    for body in ["", "<!-- a -->", "<p>a</p>\n\nb"] {
        assert_eq!(told(body, SAFE), [""; 0], "{body}");
    }
    assert_eq!(told("<div></div>", UNSAFE), [""; 0]);
    assert_eq!(rendered("a <b>c</b>\n\n<div>d</div>", SAFE, None).html, "<p>a c</p>");
    check("a <b>c\n\n<div>d", "<p>a <b>c</b></p>\n<div>d</div>");
    check("a <kbd>b</kbd> *c* <br>d", "<p>a <kbd>b</kbd> <em>c</em> <br>d</p>");
    check("a <kbd>*b</kbd> c*", "<p>a <kbd><em>b</em></kbd> c</p>");
    check("a<script>**</script>** b", "<p>a b</p>");
}

#[test]
fn what_xml_forbids_never_comes_through() {
    check("a\u{0}&#0;&#11;&#xfffe;&#xd800;\u{b}b\r\n\r\n&nbsp;&copy;", "<p>a\u{fffd}\u{fffd}b</p>\n<p>\u{a0}©</p>");
    check("[a](b&#11;c \"d&#1;e\")", "<p><a href=\"https://example.org/post/a/bc\" title=\"de\">a</a></p>");
    check("<body>\u{feff}a\u{feff}b</body>", "a\u{feff}b");
    check("&#xfffe;0&#xffff; {{< own >}}{{< /own >}}", "<p>0 <i title=\"\"></i></p>");
}

#[test]
fn huge_input_is_no_trouble() {
    for part in ["[", "> ", "- ", "*a ", "<div>", "{{< ", "{{</* ", "![", "`", "<", "[^a]", "|", "&", "**a"] {
        rendered(&part.repeat(20_000), UNSAFE, None);
    }
    for part in ["`<!--more-->` ", "|a|\n|-|-|\n\n", "\\( ", "$$ ", "$a$ ", "$a\n\n", "`a` $"] {
        rendered(&part.repeat(20_000), TEX, None);
    }
    rendered(&"a".repeat(1_000_000), UNSAFE, None);
    rendered(&"{{< own >}}".repeat(2000), UNSAFE, None);
    let quotes = rendered(&("{{< a ".to_owned() + &"\"{{< a b\" ".repeat(30_000)), UNSAFE, None);
    assert!(quotes.diagnostics[0].what.contains("has no end after very many arguments"));
    let strangers: String = (0..20_000).map(|i| format!("{{{{< stranger{i} >}}}}\n")).collect();
    assert_eq!(rendered(&strangers, UNSAFE, None).unknown.len(), 100);
    let nested = ["{{< md >}}".repeat(1000), "{{< /md >}}".repeat(1000)].concat();
    assert!(rendered(&nested, UNSAFE, None).diagnostics[0].what.contains("inside of 32 others"));
}

const PARTS: &[&str] = &[
    "\n",
    "\n\n",
    " ",
    "a",
    "b c",
    "*",
    "**",
    "_",
    "~~",
    "`",
    "```\n",
    "# ",
    "> ",
    "- ",
    "1. ",
    "    ",
    "[",
    "](",
    ")",
    "![",
    "[^1]",
    "\n[^1]: ",
    "|",
    "\n|-|-|\n",
    "\n: ",
    "<div>",
    "</div>",
    "<p>",
    "</p>",
    "<b>",
    "</b>",
    "<kbd>",
    "</kbd>",
    "<br>",
    "<a href=x>",
    "</a>",
    "<script>",
    "</script>",
    "<svg>",
    "</svg>",
    "<iframe src=//y>",
    "</iframe>",
    "<img src=a onerror=b>",
    "<img data-src=/c srcset='d 2x'>",
    "<table>",
    "<td>",
    "<pre>",
    "</pre>",
    "<math>",
    "<mi>",
    "<style>",
    "<input type=checkbox>",
    "<video src=v>",
    "</video>",
    "<!--more-->",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<?x",
    "&#0;",
    "&#11;",
    "&lt;",
    "&amp;",
    "&nbsp;",
    "\u{0}",
    "\u{fffe}",
    "\u{ffff}",
    "0",
    "\r",
    "javascript:x",
    "http://a.org/b",
    "#frag",
    "\"",
    "'",
    "{{< ",
    " >}}",
    "{{% ",
    " %}}",
    "{{< own >}}",
    "{{< /own >}}",
    "{{% own %}}",
    "{{% /own %}}",
    "{{< md >}}",
    "{{< /md >}}",
    "{{< foo >}}",
    "{{< /foo >}}",
    "{{< details >}}",
    "{{< /details >}}",
    "{{< youtube x >}}",
    "{{</* a */>}}",
    "{{",
    "{%",
    "<",
    ">",
    "/>}}",
    "<template>",
    "<title>",
    "<details>",
    "<summary>",
    "<li>",
    "<dd>",
    "<h2 id=a>",
    "<q cite=z>",
    "<form>",
    "<noscript>",
    "<object data=o>",
    "</object>",
];

/// What decides how the elements of a line lie in each other.
const PARTS_OF_A_LINE: &[&str] =
    &["a ", "*b", "c*", "<kbd>", "</kbd>", "<b>", "</b>", "<br>", "<script>", "</script>", "<div>", "</div>", "<form>", "\n\n"];

fn lines() -> impl Strategy<Value = String> {
    proptest::collection::vec(proptest::sample::select(PARTS_OF_A_LINE), 0..16).prop_map(|parts| parts.concat())
}

fn bodies() -> impl Strategy<Value = String> {
    let part = prop_oneof![9 => proptest::sample::select(PARTS).prop_map(str::to_owned), 1 => ".{0,6}"];
    proptest::collection::vec(part, 0..40).prop_map(|parts| parts.concat())
}

/// Everything that holds of any HTML in a feed.
fn assert_fit_for_feeds(html: &str) {
    let mut xml = String::from("<x>");
    escape(&mut xml, &format!("<div>{html}</div>"));
    xml.push_str("</x>");
    roxmltree::Document::parse(&xml).unwrap();
    let markdown = Markdown::of_site(UNSAFE);
    let folded = |html: &str| html.split_whitespace().collect::<String>();
    assert_eq!(folded(&sanitize(html, &markdown)), folded(html), "balanced and safe");
    assert_eq!(break_template_syntax(html.to_owned()), html);
    let attribute = Regex::new(r#" ([a-z-]+)="([^"]*)""#).unwrap();
    for tag in Regex::new("<([a-z0-9]+)([^>]*)>").unwrap().captures_iter(html) {
        assert!(TAGS.contains(&&tag[1]), "{tag:?}");
        for pair in attribute.captures_iter(&tag[2]) {
            assert!(!pair[1].starts_with("on") && &pair[1] != "style", "{tag:?}");
            if ["href", "src", "poster", "cite", "srcset"].contains(&&pair[1]) {
                assert!(Url::parse(&pair[2]).is_ok() && pair[2].is_ascii(), "{tag:?}");
            }
        }
    }
}

/// A body mended block by block, and all at once from the first foreign block to the last.
fn mended_both_ways(body: &str) -> (String, String) {
    let markdown = Markdown::of_site(UNSAFE);
    let templates = Templates::compile(&BTreeMap::new()).unwrap();
    let expanded = shortcode::expand(body, &templates, &Pages, &markdown);
    let mut document = markdown.document(&expanded.source, Length { words: 70, tokens: &expanded.tokens, stand_in: "" }, &Pages);
    let foreign = foreign(&mut document, &expanded.tokens);
    let all = foreign.first().zip(foreign.last()).map(|(first, last)| first.range.start..last.range.end);
    let all: Vec<Block> = all.into_iter().map(|range| Block { range, foreign: Foreign::Somewhere }).collect();
    let mended = |blocks: &[Block]| mended(&document.html, blocks, None, &expanded.tokens, &markdown).0;
    (mended(&foreign), mended(&all))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn lines_are_mended_alone_only_where_that_makes_no_difference(lines in lines()) {
        let (alone, at_once) = mended_both_ways(&lines);
        prop_assert_eq!(alone, at_once);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn blocks_are_mended_alone_only_where_that_makes_no_difference(body in bodies()) {
        let (alone, at_once) = mended_both_ways(&body);
        prop_assert_eq!(alone, at_once);
    }

    #[test]
    fn any_body_is_fit_for_feeds(body in bodies(), summary in bodies()) {
        for config in [SAFE, UNSAFE] {
            let once = rendered(&body, config, Some(&summary));
            assert_fit_for_feeds(&once.html);
            assert_fit_for_feeds(&once.summary_html);
            prop_assert_eq!(&once, &rendered(&body, config, Some(&summary)));
        }
    }
}
