//! HTML and what is left of it: by example, and whatever stands in it.

use super::*;

const UNSAFE: &str = "[markup.goldmark.renderer]\nunsafe = true";

fn check(html: &str, expected: &str) {
    let markdown = Markdown::of_site(UNSAFE);
    let once = sanitize(html, &markdown);
    assert_eq!(once, expected);
    assert_eq!(sanitize(&once, &markdown), once, "what is safe stays");
}

#[test]
fn what_runs_or_is_of_no_use_in_feeds_is_gone() {
    check("a<script>x</script>b<style>y</style><svg><a>z</a></svg>c", "abc");
    check("<p style='x' onclick=x class=k>a</p>", "<p class=\"k\">a</p>");
    check("<a href=' java&#10;script:x'>a</a>", "<a>a</a>");
    check("<form><button>a</button><select><option>b</select><textarea>c</textarea></form>", "a");
    check("<input type=checkbox checked> a <input type=checkbox> b <input>", "☑ a ☐ b ");
    check("<meta><base href=x><link href=y>a<!-- b -->", "a");
    check("<script>never closed<p>text", "never closed<p>text</p>");
}

#[test]
fn what_is_open_is_closed() {
    check("<div><p>a<b>b<p>c", "<div><p>a<b>b</b></p><p>c</p></div>");
    check("a</div></p></span>", "a");
    check("<table><tr><td>a", "<table><tbody><tr><td>a</td></tr></tbody></table>");
}

#[test]
fn addresses_are_absolute_and_ids_have_the_prefix_of_the_post() {
    check("<img src=a.png srcset='b.png 2x'>", "<img src=\"https://example.org/post/a.png\" srcset=\"https://example.org/post/b.png 2x\">");
    check("<blockquote cite='#x' id=y>a</blockquote>", "<blockquote cite=\"https://example.org/post/#x\" id=\"/post/y\">a</blockquote>");
    check("a&nbsp;b", "a\u{a0}b");
}

#[test]
fn what_is_embedded_becomes_a_link() {
    check("<iframe src=//player.vimeo.com/video/1 title=T></iframe>", "<a href=\"https://vimeo.com/1\">T</a>");
    check("<object data=/x.pdf><embed src=/y></object>", "<a href=\"https://example.org/x.pdf\">/x.pdf</a>");
    check(
        "<video poster=p.png><source src=a.mp4><source src=b.webm>fallback</video>",
        "<video controls=\"\" poster=\"https://example.org/post/p.png\" src=\"https://example.org/post/a.mp4\"></video>",
    );
    check("<audio></audio>a", "a");
}

#[test]
fn a_lazy_image_has_its_address() {
    check("<img src='data:image/gif;base64,AA' data-src=/a.png>", "<img src=\"https://example.org/a.png\">");
    check("<img srcset='/a.png 2x'>", "<img srcset=\"https://example.org/a.png 2x\" src=\"https://example.org/a.png\">");
}

#[test]
fn mathematics_stay() {
    check("<math><mfrac><mi>a</mi><mn>2</mn></mfrac></math>", "<math><mfrac><mi>a</mi><mn>2</mn></mfrac></math>");
}

#[test]
fn a_deep_tree_is_flattened() {
    let markdown = Markdown::of_site(UNSAFE);
    for tag in ["<div>", "<b>", "<table><td>", "<svg>", "<math><mi>", "<p><b>"] {
        let html = sanitize(&tag.repeat(20_000), &markdown);
        assert!(html.len() < 1_000_000, "{tag}: {}", html.len());
    }
}

const PARTS: &[&str] = &[
    "a",
    " ",
    "\n",
    "&amp;",
    "&nbsp;",
    "&lt;",
    "\u{a0}",
    "<p>",
    "</p>",
    "<b>",
    "</b>",
    "<i class=x>",
    "</i>",
    "<a href=x>",
    "</a>",
    "<div id=d title='\"<&'>",
    "</div>",
    "<br>",
    "<hr>",
    "<img src=a onerror=b>",
    "<ul>",
    "</ul>",
    "<li>",
    "</li>",
    "<dl>",
    "<dt>",
    "<dd>",
    "</dl>",
    "<table>",
    "<thead>",
    "<tbody>",
    "<tr>",
    "<td align=left>",
    "</td>",
    "</tr>",
    "</table>",
    "<caption>",
    "<col>",
    "<colgroup>",
    "<pre>",
    "</pre>",
    "<code>",
    "</code>",
    "<h1>",
    "</h1>",
    "<h2>",
    "</h2>",
    "<blockquote cite=z>",
    "</blockquote>",
    "<script>",
    "</script>",
    "<style>",
    "</style>",
    "<iframe src=//y>",
    "</iframe>",
    "<svg>",
    "</svg>",
    "<math>",
    "<mi>",
    "</math>",
    "<form>",
    "</form>",
    "<button>",
    "<label>",
    "</label>",
    "<font>",
    "<center>",
    "</center>",
    "<details>",
    "<summary>",
    "</summary>",
    "</details>",
    "<video src=v poster=w>",
    "</video>",
    "<object data=o>",
    "</object>",
    "<input type=checkbox>",
    "<span>",
    "</span>",
    "<sup>",
    "</sup>",
    "<ruby>",
    "<rt>",
    "</ruby>",
    "<!-- x -->",
    "<![CDATA[",
    "]]>",
    "<?x",
    "<",
    ">",
    "</",
    "<x",
    "<template>",
    "<select>",
    "<option>",
    "</select>",
    "<title>",
    "</title>",
    "<textarea>",
    "<noscript>",
    "</noscript>",
    "<body>",
    "</body>",
    "<html>",
    "<image src=i>",
    "<xmp>",
    "<map>",
    "<canvas>",
    "<section>",
    "</section>",
    "<figure>",
    "<figcaption>",
    "</figure>",
    "<q>",
    "</q>",
    "<tt>",
    "<nobr>",
    "<isindex>",
    "<plaintext>",
    "<frameset>",
    "<base href=x>",
    "<meta>",
    "\u{0}",
    "\r",
];

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { failure_persistence: None, cases: 2000, ..Default::default() })]

    #[test]
    fn what_a_parser_is_spared_is_what_it_would_find(parts in proptest::collection::vec(proptest::sample::select(PARTS), 0..24)) {
        let markdown = Markdown::of_site(UNSAFE);
        if let Some(rewrite::Rewritten { html: spared, .. }) = rewrite::rewrite_filtered(&parts.concat(), &markdown) {
            proptest::prop_assert_eq!(&parsed(&spared, &markdown), &spared, "it does not stay: {}", parts.concat());
            // blanks between parts of a table that is none are put in another order
            let text = |html: &str| {
                let parts = html.split('<').map(|part| part.split_once('>').map_or("", |(_, text)| text));
                parts.flat_map(str::split_ascii_whitespace).collect::<String>()
            };
            let parsed = format!("<x>{}", parsed(&parts.concat(), &markdown));
            proptest::prop_assert_eq!(text(&parsed), text(&format!("<x>{spared}")), "it says something else: {}", parts.concat());
        }
    }
}
