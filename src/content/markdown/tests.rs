//! What a site chooses of Markdown.

use super::*;
use crate::content::token::Tokens;

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

#[test]
fn quotes_are_paired_from_block_to_block() {
    check("", "\"a\n\n## b\n\nc.\" d\"", "<p>“a</p>\n<h2>b</h2>\n<p>c.” d\"</p>");
    check("", "- 'a\n- b.'", "<ul>\n<li>‘a</li>\n<li>b.’</li>\n</ul>");
    check("", ">\"*a*.\"\n\n*\"b\"*", "<blockquote>\n<p>“<em>a</em>.”</p>\n</blockquote>\n<p><em>“b”</em></p>");
    check(
        "",
        "|\"*a*|b.\"|\n|-|-|",
        "<table>\n<thead>\n<tr>\n<th>“<em>a</em></th>\n<th>b.”</th>\n</tr>\n</thead>\n<tbody>\n</tbody>\n</table>",
    );
}

#[test]
fn an_address_in_angle_brackets_stays_as_it_is() {
    let extras = EXTRAS.replace("strikethrough", "linkify = false, strikethrough");
    let check = |address: &str, expected: &str| check(&extras, &format!("<{address}>"), &format!("<p><a href=\"{expected}</a></p>"));
    check("http://a.org/b's--c", "http://a.org/b's--c\">http://a.org/b's--c");
    check("http://a.org/==b==", "http://a.org/==b==\">http://a.org/==b==");
    check("b'c@a.org", "mailto:b'c@a.org\">b'c@a.org");
}

#[test]
fn what_is_behind_code_or_html_is_markdown() {
    check("", "~~~\na\n~~~\t\n*b*", "<pre><code>a\n</code></pre>\n<p><em>b</em></p>");
    check("renderer.unsafe = true", "<PRE>\na\n\nb\n</PRE>\n\n*c*", "<PRE>\na\n\nb\n</pre>\n<p><em>c</em></p>");
}

#[test]
fn no_address_in_brackets_that_are_open_is_a_link() {
    let link = "<a href=\"http://a.org/b\">http://a.org/b</a>";
    check("", "[youtube *x* http://a.org/b] http://a.org/b", &format!("<p>[youtube <em>x</em> http://a.org/b] {link}</p>"));
    check("", "![x\n\n\"http://a.org/b\"", &format!("<p>![x</p>\n<p>“{link}”</p>"));
    check("", "[x](c) [\nhttp://a.org/b", "<p><a href=\"https://example.org/post/c\">x</a> [\nhttp://a.org/b</p>");
    check("", "- [x] http://a.org/b\n", &format!("<ul>\n<li>☑ {link}</li>\n</ul>"));
}

#[test]
fn underscores_in_an_address_are_no_emphasis() {
    let link = |address: &str| format!("<a href=\"https://{address}\">https://{address}</a>");
    let one = "docs.python.org/3/library/__main__.html";
    check("", &format!("a https://{one}. _b_"), &format!("<p>a {}. <em>b</em></p>", link(one)));
    let (two, three) = ("a.org/A_(b)_c", "a.org/D_(e)_f");
    check("", &format!("https://{two} and\n(https://{three})"), &format!("<p>{} and\n({})</p>", link(two), link(three)));
    let expected = "<p><em>a <a href=\"https://www.b.org/_c_/\">www.b.org/_c_/</a></em> <em>".to_owned() + &link("b.org/d") + "</em></p>";
    check("", "*a www.b.org/_c_/* _https://b.org/d_", &expected);
    check("", "- https://b.org/_c_/", &format!("<ul>\n<li>{}</li>\n</ul>", link("b.org/_c_/")));
    // nothing is an address there
    check("", "`http://b.org/_c_/` xhttp://b.org/_c_/", "<p><code>http://b.org/_c_/</code> xhttp://b.org/<em>c</em>/</p>");
    check("", "[http://b.org/_c_/](/d_/)", "<p><a href=\"https://example.org/d_/\">http://b.org/<em>c</em>/</a></p>");
    check("extensions.linkify = false", "http://b.org/_c_/", "<p>http://b.org/<em>c</em>/</p>");
}

#[test]
fn a_name_behind_a_backslash_is_no_emoji() {
    let markdown = Markdown::of_site("enableEmoji = true");
    let check = |source: &str, expected: &str| {
        assert_eq!(markdown.document(source, LENGTH, &Nothing).html.trim_end(), expected, "{source}");
    };
    check("\\:tada: :tada\\: :smile\\_cat: &#58;tada: :tada:", "<p>:tada: :tada: :smile_cat: :tada: 🎉</p>");
    check("*:tada:*:+1: \\\\:cat:", "<p><em>🎉</em>👍 \\🐱</p>");
    check("![:tada:](a)", "<p><img src=\"https://example.org/post/a\" alt=\"🎉\"></p>");
    let link = "<a href=\"http://a.org/:tada:/\">http://a.org/:tada:/</a>";
    check("http://a.org/:tada:/ <http://a.org/:tada:/>", &format!("<p>{link} {link}</p>"));
    check("# :tada: it's", "<h1 id=\"/post/tada-its\">🎉 it’s</h1>");
}

#[test]
fn headings_end_with_their_braces_unless_these_are_attributes() {
    let heading = |config: &str, source: &str, expected: &str| {
        let markdown = Markdown::of_site(&format!("[markup.goldmark]\n{config}"));
        assert_eq!(markdown.document(source, LENGTH, &Nothing).html.trim_end().replace("/post/", ""), expected, "{source}");
    };
    let check = |source: &str, expected: &str| heading("", source, expected);
    check("### GET /users/{id}", "<h3 id=\"get-usersid\">GET /users/{id}</h3>");
    check("# {verb} {object}", "<h1 id=\"verb-object\">{verb} {object}</h1>");
    check("# \"Set\" *a* {1, 2} ", "<h1 id=\"set-a-1-2\">“Set” <em>a</em> {1, 2}</h1>");
    check("*a*\nb {c d}\n---", "<h2 id=\"b-c-d\"><em>a</em>\nb {c d}</h2>");
    check("# Foo {#a .b}", "<h1 id=\"a\">Foo</h1>");
    check("# Foo {x=\"a b\",id=\"c\"}", "<h1 id=\"c\">Foo</h1>");
    check("# Foo ## {}", "<h1 id=\"foo\">Foo</h1>");
    check("# Foo {#a} #", "<h1 id=\"foo-a\">Foo {#a}</h1>");
    let link = "<a href=\"http://a.org/%7Bb%7D\">http://a.org/{b}</a>";
    check("http://a.org/{b}\n=", &format!("<h1 id=\"httpaorgb\">{link}</h1>"));
    heading("renderer.unsafe = true", "# http://a.org/{b}", &format!("<h1 id=\"httpaorgb\">{link}</h1>"));
    heading("parser.attribute.title = false", "# Foo {#a}", "<h1 id=\"foo-a\">Foo {#a}</h1>");
}

#[test]
fn a_part_is_prepared_as_a_whole_body_is() {
    check("", "a\n:b\n::: c", "<p>a\n:b\n::: c</p>");
    check("", "<<a>>", "<p>«a»</p>");
    check("parser.attribute.block = true", "a\n{.b}\nc", "<p>a</p>\n<p>c</p>");
    check("", "a | b\n--|--|--", "<table>\n<thead>\n<tr>\n<th>a</th>\n<th>b</th>\n<th></th>\n</tr>\n</thead>\n<tbody>\n</tbody>\n</table>");
    // where there are no footnotes it is a link
    check(
        "extensions.footnote = false",
        "[^a]: b '<<c>>'\n\n[^a]",
        "<p><a href=\"https://example.org/post/b\" title=\"&lt;&lt;c&gt;&gt;\">^a</a></p>",
    );
}

const LENGTH: Length<'_> = Length { words: 70, tokens: &Tokens::NONE, stand_in: "" };

const EXTRAS: &str = "extensions = { strikethrough = false, extras = { delete = { enable = true }, insert = { enable = true }, \
    mark = { enable = true }, subscript = { enable = true }, superscript = { enable = true } } }";

#[test]
fn signs_are_tags_where_the_site_has_them() {
    let check = |source: &str, expected: &str| check(EXTRAS, source, &format!("<p>{expected}</p>"));
    check("a ==b== ++c++ ~~d~~", "a <mark>b</mark> <ins>c</ins> <del>d</del>");
    check("H~2~O, x^2^, ==“é”==.", "H<sub>2</sub>O, x<sup>2</sup>, <mark>“é”</mark>.");
    check("^^a ^b^^^ ^^^c^^^ ^^d^^", "^^a ^b^^^ ^^^c^^^ <sup>d</sup>");
    check("==a ++b++ *c*\nd==", "<mark>a <ins>b</ins> <em>c</em>\nd</mark>");
    check("==a ++b== c++ ===d=== C++ \\==e==", "<mark>a ++b</mark> c++ ===d=== C++ ==e==");
    check("`==a==` == b ==", "<code>==a==</code> == b ==");
    check("*a ==b* c==", "<em>a ==b</em> c==");
    check(
        "http://a.org/?b==&c== ==http://b.org/==",
        "<a href=\"http://a.org/?b==&amp;c==\">http://a.org/?b==&amp;c==</a> <mark><a href=\"http://b.org/\">http://b.org/</a></mark>",
    );
    check("![==a==](b.png)", "<img src=\"https://example.org/post/b.png\" alt=\"a\">");
    super::tests::check("", "a ==b== ++c++ x^2^", "<p>a ==b== ++c++ x^2^</p>");
    super::tests::check(EXTRAS, "==a\nb==\n: c", "<dl>\n<dt>==a</dt>\n<dt>b==</dt>\n<dd>c</dd>\n</dl>");
}

#[test]
fn tildes_strike_through_what_they_are_beside() {
    let check = |source: &str, expected: &str| super::tests::check("", source, &format!("<p>{expected}</p>"));
    check("嚯~我~喔 1~2, 3~5 H~2~O ~~a~~b", "嚯<del>我</del>喔 1<del>2, 3</del>5 H<del>2</del>O <del>a</del>b");
    check("家~~（我）~~，每 ~~（我）~~ ~ a ~", "家~~（我）~~，每 <del>（我）</del> ~ a ~");
    check("~~a ~b~~ ~~~c~~~ \\~d~ `~e~` ~/a ~/b", "<del>a ~b</del> ~~~c~~~ ~d~ <code>~e~</code> ~/a ~/b");
    let link = "<a href=\"http://a.org/~b\">http://a.org/~b</a>";
    check("~http://a.org/~b~ *a ~b* c~", &format!("<del>{link}</del> <em>a ~b</em> c~"));
    super::tests::check("extensions.strikethrough = false", "~a~ ~~b~~", "<p>~a~ ~~b~~</p>");
}

#[test]
fn signs_nest_no_deeper_than_other_elements() {
    let nested = |n: usize| "==a *b ".repeat(n) + &"c* d== ".repeat(n);
    let html = Markdown::of_site(&format!("[markup.goldmark]\n{EXTRAS}")).fragment(&nested(150), None);
    // the paragraph is one
    assert_eq!(html.matches("<mark>").count(), MAX_DEPTH / 2);
    assert_eq!(html.matches("<em>").count(), MAX_DEPTH / 2 - 1);
    assert_eq!((html.matches("</mark>").count(), html.matches("</em>").count()), (MAX_DEPTH / 2, MAX_DEPTH / 2 - 1));
}

proptest::proptest! {
    #[test]
    fn tags_of_signs_are_balanced(source in "([a “:|>`-]|==|\\+\\+|~{1,2}|\\^|\\*|_|\\[\\^1\\](: )?|\\\\|\\n|\\[a\\]\\(b\\)){0,24}") {
        let html = Markdown::of_site(&format!("[markup.goldmark]\n{EXTRAS}")).document(&source, LENGTH, &Nothing).html;
        let xml = format!("<x>{}</x>", html.replace("<br>", "<br/>").replace("<hr>", "<hr/>"));
        proptest::prop_assert!(roxmltree::Document::parse(&xml).is_ok(), "{source:?} is {html}");
    }
}

const EVERYTHING: &str = r#"enableEmoji = true
    [markup.goldmark]
    renderer.unsafe = true
    parser.attribute.block = true
    extensions.strikethrough = false
    extensions.cjk = { enable = true, eastAsianLineBreaks = true, eastAsianLineBreaksStyle = "css3draft" }
    extensions.typographer = { leftAngleQuote = "&lt;&lt;", rightAngleQuote = "`", leftDoubleQuote = "*", ellipsis = "" }
    extensions.extras = { delete.enable = true, insert.enable = true, mark.enable = true, subscript.enable = true, superscript.enable = true }
    extensions.passthrough = { enable = true, delimiters = { block = [["$$", "$$"]], inline = [["\\(", "\\)"], ["$", "$"]] } }"#;

/// What a body is made of, with a word in place of each `W`. Where Markdown has no place for a word, as behind the cells of a row,
/// there is none.
const PIECES: &[&str] = &[
    "W",
    " W",
    "*W",
    "**",
    "_",
    "`W",
    "\\",
    "é",
    "太\n",
    "\"",
    "...",
    "<<W",
    "<<W>>",
    ">>",
    "<< ",
    "<",
    "&lt;",
    "==W",
    "++",
    "~W",
    "^",
    "$",
    "$W$",
    "$$",
    "\\(",
    "\\)",
    "[W](W \"W\")",
    "[W](W '<<W>>\n:W')",
    "![W](W)",
    "<b>",
    "</b>",
    "<i title=\"<<W>>\n:W\">",
    "<!-- W\n:W -->",
    "<http://a.org/$>",
    " http://a.org/$ ",
    "\"http://a.org/b_b\" ",
    " [W me@a.org ",
    "] ",
    "<<http://a.org>>",
    ":tada:",
    "\\:tada:",
    "\n",
    "\n\n",
    "  \n",
    "\n> W",
    "\n- W",
    "\n1. W",
    "\n: W",
    "\n:W",
    "\n:tada:W",
    "\n:::W",
    "\n    W",
    "\n{.x}\n",
    "\n# W {W}\n",
    " {W W}\n===\n",
    " {#x}\n---\n",
    "\n{.x y=\"z\"}\n",
    "\n\nW | W\n:--|--:\nW | W\n\n",
    "\n\nW\nW | W\n--|--|--\nW | W | W\n\n",
    "\n\nW\n:--\n\n",
    "\n:--|--\n",
    "\n\nW | W\n--|\t--\t\nW | W\n\n",
    "\n\n> W\n| W |\n|--|\nW\n\n",
    "\n- W\n| W |\n|--|\nW\n\n",
    "\n```\nW\n```\t\n",
    "\n<PRE>\n",
    "\n</PRE>\n",
    "\n~~~\nW\n:W <<W>> $W$\n{.x}\n~~~\n",
    "<!--more-->",
];

proptest::proptest! {
    #[test]
    fn whatever_stands_in_a_body_every_word_stays_once(pieces in proptest::collection::vec(0..PIECES.len(), 0..24)) {
        let mut words = Vec::new();
        let mut source = String::new();
        for piece in pieces {
            for (index, part) in PIECES[piece].split('W').enumerate() {
                if index > 0 {
                    words.push(format!("w{}w", words.len()));
                    source.extend(words.last().map(String::as_str));
                }
                source.push_str(part);
            }
        }
        let markdown = Markdown::of_site(EVERYTHING);
        let part = markdown.fragment(&source, None);
        let whole = markdown.document(&source, LENGTH, &Nothing).html;
        for word in words {
            proptest::prop_assert_eq!(part.matches(&word).count(), 1, "{} in {:?} is {}", word, source, part);
            proptest::prop_assert!(whole.contains(&word), "{} in {:?} is {}", word, source, whole);
        }
    }
}

struct Nothing;

impl Lookup for Nothing {
    fn reference(&self, _: &str) -> Option<String> {
        None
    }

    fn link(&self, _: &str) -> Option<String> {
        None
    }

    fn param(&self, _: &str) -> Option<String> {
        None
    }
}
