//! A body as it is before it is parsed: where goldmark takes Markdown otherwise than the parser, it is written so that both agree.
//!
//! The steps are in the order in which Markdown is read, blocks before the lines in them. First blocks are given their ends ([`ends`]).
//! Then the divider becomes a block, which parts a whole body alone. Then tables are written as the parser wants them, since cells
//! hold text apart from each other. In what has all its blocks then, all that is in lines is found at once and written as it stands
//! there ([`layout`]).
//!
//! No step parses a body that has nothing for it, so a usual one is only searched for signs.
//!
//! [`ends`]: super::ends
//! [`layout`]: super::layout

use std::borrow::Cow;
use std::cell::LazyCell;
use std::ops::Range;

use pulldown_cmark::Options;

use super::layout::{Kind, Layout, Oddity, address_at, oddities};
use super::passthrough::{self, escaped, passages};
use super::{DIVIDER, Markdown, attributes, table_head};
use super::{autolink, emoji};

/// Markdown that the parser, if it is asked with these options, takes as goldmark does.
pub(super) fn prepared<'s>(source: &'s str, markdown: &Markdown, options: Options) -> Cow<'s, str> {
    let source = table_head::ruled(source, markdown, options);
    then(source, |source| spelled(source, markdown, options))
}

/// A body whose divider is a block of its own between others, as Hugo makes of the first one, in whatever line or block it
/// stands. In code it is code, other than in Hugo.
pub(super) fn divided<'s>(source: &'s str, markdown: &Markdown, options: Options) -> Cow<'s, str> {
    let layout = LazyCell::new(|| Layout::of(source, &oddities(source, markdown), markdown, options));
    let is_code = |at| matches!(layout.at(at), Some(Kind::Code | Kind::Fence));
    for at in memchr::memmem::find_iter(source.as_bytes(), DIVIDER) {
        let (before, after) = (&source[..at], &source[at + DIVIDER.len()..]);
        let is_alone = (before.is_empty() || before.ends_with('\n')) && after.lines().next().unwrap_or("").trim().is_empty();
        if is_alone && (!after.contains(DIVIDER) || !is_code(at)) {
            break;
        }
        if !is_alone && !is_code(at) {
            return Cow::Owned([before, "\n\n", DIVIDER, "\n\n", after.trim_start_matches([' ', '\t'])].concat());
        }
    }
    Cow::Borrowed(source)
}

/// What a step makes of what is borrowed or owned.
pub(super) fn then<'s>(source: Cow<'s, str>, step: impl Fn(&str) -> Cow<'_, str>) -> Cow<'s, str> {
    match source {
        Cow::Borrowed(source) => step(source),
        Cow::Owned(source) => Cow::Owned(step(&source).into_owned()),
    }
}

/// A body with other text in some places, which are given in order. What begins in another stays.
pub(super) fn replaced<'s, 't>(source: &'s str, changes: impl Iterator<Item = (Range<usize>, Cow<'t, str>)>) -> Cow<'s, str> {
    let mut changes = changes.peekable();
    if changes.peek().is_none() {
        return Cow::Borrowed(source);
    }
    let (mut out, mut copied) = (String::with_capacity(source.len() + source.len() / 8), 0);
    for (place, text) in changes {
        if place.start >= copied {
            out.push_str(&source[copied..place.start]);
            out.push_str(&text);
            copied = place.end;
        }
    }
    Cow::Owned(out + &source[copied..])
}

/// A body in which the signs that goldmark takes otherwise, and what passes through, are written as what they come to.
fn spelled<'s>(source: &'s str, markdown: &Markdown, options: Options) -> Cow<'s, str> {
    let oddities = oddities(source, markdown);
    let may_pass = passthrough::may_be_in(source, &markdown.passthrough);
    if oddities.is_empty() && !may_pass {
        return Cow::Borrowed(source);
    }
    let layout = Layout::of(source, &oddities, markdown, options);
    let passages = if may_pass { passages(source, &markdown.passthrough, &layout) } else { Vec::new() };
    let mut changes: Vec<_> = passages.iter().map(|passage| (passage.clone(), escaped(&source[passage.clone()]).into())).collect();
    let mut passages = passages.into_iter().peekable();
    for (place, oddity) in oddities {
        while passages.next_if(|passage| passage.end <= place.start).is_some() {}
        if passages.peek().is_none_or(|passage| place.start < passage.start) {
            // in one line with all of it, a tag that a paragraph begins with would be a block
            let tag = layout.place_at(place.start).filter(|(_, kind)| oddity == Oddity::Colon && *kind == Kind::Tag);
            changes.extend(tag.map(|(tag, _)| (tag.end..tag.end, "<!---->".into())));
            changes.extend(instead(source, place, oddity, markdown, &layout));
        }
    }
    changes.sort_by_key(|(place, _)| place.start);
    replaced(source, changes.into_iter())
}

/// What is written instead of a sign, where it is not to stay.
fn instead<'t>(
    source: &str,
    place: Range<usize>,
    oddity: Oddity,
    markdown: &'t Markdown,
    layout: &Layout,
) -> Option<(Range<usize>, Cow<'t, str>)> {
    let kind = layout.at(place.start);
    if kind.is_some_and(Kind::is_block) {
        return None;
    }
    match oddity {
        // a comment ends a block as well, and feeds have no use for attributes
        Oddity::Attributes => Some((place, "<!---->".into())),
        Oddity::Brace => {
            let heading = layout.heading_at(place.start)?;
            let is_atx = source[heading.clone()].starts_with('#') && source[heading].trim_start_matches('#').starts_with([' ', '\t']);
            let text = match kind {
                // signs that end a heading are none of it
                _ if is_atx => "} #",
                Some(Kind::Address) => "}<!---->",
                _ => "\\}",
            };
            Some((place, text.into()))
        }
        Oddity::HeadingAttributes => {
            layout.heading_at(place.start)?;
            let text = attributes::for_parser(&source[place.clone()]);
            Some((place, text.into()))
        }
        // where a link leads begins with one of them at most
        Oddity::Guillemet if kind == Some(Kind::Target) && source[..place.start].ends_with("](") => {
            let (place, sign) = guillemet(source, place, markdown, layout);
            Some((place.start - 1..place.end, format!("\\({sign}").into()))
        }
        // goldmark takes it as a whole before it looks for emphasis
        Oddity::Address => {
            let (address, _) = layout.place_at(place.start).filter(|(_, kind)| *kind == Kind::Address)?;
            let text = autolink::bracketed(&source[place.clone()]).filter(|_| address == place)?;
            Some((place, text.into()))
        }
        Oddity::Guillemet if kind.is_some() => None,
        Oddity::Guillemet => Some(guillemet(source, place, markdown, layout)),
        // in code and HTML a line end is a blank, but a backslash is one
        Oddity::Colon if matches!(kind, Some(Kind::Code | Kind::Tag)) => {
            let line = source[..place.start].trim_end_matches([' ', '\t', '>']);
            let line = line.strip_suffix('\n').unwrap_or(line);
            Some((line.strip_suffix('\r').unwrap_or(line).len()..place.end, " :".into()))
        }
        Oddity::Colon => {
            // behind a backslash an emoji's name is none
            let is_emoji = markdown.goldmark.emoji && kind.is_none();
            let (text, len) = if is_emoji { emoji::first(&source[place.start..]) } else { None }.unwrap_or(("\\:", 1));
            Some((place.start..place.start + len, text.into()))
        }
    }
}

/// The sign for `<<`, with the address that begins there, which would be none behind the sign.
fn guillemet(source: &str, place: Range<usize>, markdown: &Markdown, layout: &Layout) -> (Range<usize>, Cow<'static, str>) {
    let sign = escaped(&markdown.punctuation.left_angle_quote);
    let address = if layout.at(place.end) == Some(Kind::Address) { address_at(source, place.end) } else { None };
    match address {
        Some(address) => (place.start..address.range.end, format!("{sign}[{}](<{}>)", escaped(&address.text), address.target).into()),
        None => (place, sign.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::markdown::extensions;

    fn check_with(config: &str, source: &str, expected: &str) {
        let markdown = Markdown::of_site(config);
        assert_eq!(prepared(source, &markdown, extensions(markdown.goldmark)), expected, "{source}");
    }

    const PASSTHROUGH: &str = r"[markup.goldmark.extensions.passthrough]
        enable = true
        delimiters = { block = [['$$', '$$']], inline = [['\(', '\)'], ['$', '$']] }";

    #[test]
    fn what_passes_through_is_text_as_it_stands() {
        let check = |source: &str, expected: &str| check_with(PASSTHROUGH, source, expected);
        check(r"a \(b_1\) c", r"a \\\(b\_1\\\) c");
        check(r"a \(b_1*\) *c*", r"a \\\(b\_1\*\\\) *c*");
        check("$$\n= x\n$$ $", "\\$\\$\n\\= x\n\\$\\$ $");
        check("$$\n- x\n$$", "$$\n- x\n$$");
        check("- costs $5\n- costs $6", "- costs $5\n- costs $6");
        check("|a|b|\n|-|-|\n|$5|$6|", "|a|b|\n|-|-|\n|$5|$6|");
        check("<i>$a_1$</i> <a href='$1/$2'>", "<i>\\$a\\_1\\$</i> <a href='$1/$2'>");
        check("<div>\n$a_1$\n</div>\n\n<http://a.b/$x$y>", "<div>\n$a_1$\n</div>\n\n<http://a.b/$x$y>");
        check("a $b\n\nc$ d", "a $b\n\nc$ d");
        check("`$a_1$` $", "`$a_1$` $");
        check("~~~\n$a_1$\n~~~\n$b_1$", "~~~\n$a_1$\n~~~\n\\$b\\_1\\$");
        check("> $$\n> x_1\n> $$", "> \\$\\$\n> x\\_1\n> \\$\\$");
        check(r"\$5 is $x_1$", r"\$5 is \$x\_1\$");
        check("[$a$](b$c$d '$e$')", "[\\$a\\$](b$c$d '$e$')");
        check("é$a$\nnothing", "é\\$a\\$\nnothing");
        check("nothing", "nothing");
    }

    #[test]
    fn no_sign_is_anything_in_what_passes_through() {
        let check = |source: &str, expected: &str| check_with(PASSTHROUGH, source, expected);
        check("$a\n:b$\n:c", "\\$a\n\\:b\\$\n\\:c");
        check("$$\na\n:b\n$$", "\\$\\$\na\n\\:b\n\\$\\$");
        check("$a <<b$ <<c>>", "\\$a \\<\\<b\\$ «c>>");
    }

    #[test]
    fn nothing_passes_through_an_address() {
        check_with(PASSTHROUGH, "http://a.org/$b_1$ $c_1$", "http://a.org/$b_1$ \\$c\\_1\\$");
        check_with(PASSTHROUGH, "$a http://b.org/$", "\\$a http\\:\\/\\/b\\.org\\/\\$");
        let unlinked = format!("{PASSTHROUGH}\n[markup.goldmark.extensions]\nlinkify = false");
        check_with(&unlinked, "http://a.org/$b_1$", "http://a.org/\\$b\\_1\\$");
    }

    #[test]
    fn a_line_of_attributes_is_no_text() {
        let check = |source: &str, expected: &str| check_with("[markup.goldmark.parser.attribute]\nblock = true", source, expected);
        check("a\n{.b #c d=1 e=\"f \\\" g\" , h=[1, 2]}\nb", "a\n<!---->\nb");
        check("> a\n> { .b }\n\n{}", "> a\n> <!---->\n\n<!---->");
        check("`a\n{.b c=\"<<d>>\"}\n<<e>>`", "`a\n<!---->\n«e>>`");
        for same in ["a {.b}", "{{ a }}", "{a}", "{a: b}", "x {.a} b", "    {.a} b", "```\n{.a}\n```", "{\"a\": 1}"] {
            check(same, same);
        }
        check_with("", "a\n{.b}", "a\n{.b}");
    }

    #[test]
    fn braces_at_the_end_of_a_heading_are_text_unless_they_are_attributes() {
        let check = |source: &str, expected: &str| check_with("", source, expected);
        check("### GET /users/{id}\r\na", "### GET /users/{id} #\r\na");
        check("> 1. # `{a {b} \t\n>\n> a {b c}  \n> -", "> 1. # `{a {b} #\n>\n> a {b c\\}\n> -");
        check("http://a.org/{b}\n===", "http://a.org/{b}<!---->\n===");
        check("# a {id=b}\n# {#c,.d}", "# a {#b}\n# {#c}");
        check("# a {title=\"<<b>> <i>\"}", "# a {}");
        for same in ["# a {#b .c}", "# a {.b}", "# a {b} c", "```\n# a {b}\n```", "    # a {b}", "<pre>\n# a {b}\n</pre>", "a\n    # b {c}"]
        {
            check(same, same);
        }
        check_with("[markup.goldmark.parser.attribute]\ntitle = false", "# a {b}", "# a {b}");
    }

    #[test]
    fn guillemets_stand_around_words() {
        let check = |source: &str, expected: &str| check_with("", source, expected);
        check("<<a>> <<b c>> <</d>>", "«a>> «b c>> «/d>>");
        check("\\\\<<a>> \\<<<b>> <<<<c>>", "\\\\«a>> \\<«b>> <<«c>>");
        check("<<!-- a -->> <<?b ?>>", "«!-- a -->> «?b ?>>");
        check("<<a title=\"`b\">> <<c` <<d>>", "«a title=\"`b\">> <<c` «d>>");
        check("[a](<<b>>) c", "[a]\\(«b>>) c");
        for same in [
            "\\<<a>",
            "`<<a>>`",
            "<<<a>",
            "<< a >>",
            "<pre>\n<<a>>\n</pre>",
            "~~~\n<<a>>\n~~~",
            "<i title=\"<<a>>\">",
            "<i title='`<<a>>'>",
            "a <!-- <<b>> -->",
            "[a](b<<c \"<<d>>\")",
            "[a](b (<<c>>))",
            "[a]: b \"<<c>>\"\n\n[a]",
        ] {
            check(same, same);
        }
        check_with("[markup.goldmark.extensions]\ntypographer = false", "<<a>>", "<<a>>");
    }

    #[test]
    fn a_guillemet_of_the_site_is_text_whatever_it_is() {
        let check = |sign: &str, expected: &str| {
            let config = format!("[markup.goldmark.extensions.typographer]\nleftAngleQuote = '{sign}'");
            check_with(&config, "<<a>> b", expected);
        };
        check("&lt;&lt;", "\\<\\<a>> b");
        check("*", "\\*a>> b");
        check("`", "\\`a>> b");
        check("", "a>> b");
    }

    #[test]
    fn an_address_behind_a_guillemet_is_a_link() {
        let check = |source: &str, expected: &str| check_with("", source, expected);
        check("<<http://a.org/b_c>> d", "«[http\\:\\/\\/a\\.org\\/b\\_c](<http://a.org/b_c>)>> d");
        check("<<www.a.org>>", "«[www\\.a\\.org](<https://www.a.org>)>>");
        check("<<1@b.org>>", "«[1\\@b\\.org](<mailto:1@b.org>)>>");
        check_with(PASSTHROUGH, "<<http://a.org/$>$ <<b>> $c$", "«[http\\:\\/\\/a\\.org\\/\\$](<http://a.org/$>)>\\$ \\<\\<b\\>\\> \\$c$");
        check("[<<http://a.org>>](b)", "[«http://a.org>>](b)");
        check_with("[markup.goldmark.extensions]\nlinkify = false", "<<http://a.org>>", "«http://a.org>>");
    }

    #[test]
    fn a_colon_that_makes_no_definition_is_text() {
        let check = |source: &str, expected: &str| check_with("enableEmoji = true", source, expected);
        check("a\n : b\n\n- c\n   : d\n  : e", "a\n \\: b\n\n- c\n   \\: d\n  : e");
        check("`a\n : b`\n\n     : c", "`a : b`\n\n     : c");
        check("a\n:::note\n:b\n> a\n> :", "a\n\\:::note\n\\:b\n> a\n> \\:");
        check("a\n\n  :tada: b\n:nope: c", "a\n\n  🎉 b\n\\:nope: c");
        check("[a]:\n:tada:b 'c\n:tada: d'\n\n[a](e 'f\n:g')", "[a]:\n\\:tada:b 'c\n\\:tada: d'\n\n[a](e 'f\n\\:g')");
        for same in ["a\n: b\n:\tc", "a :b", ":a", "```\n:a\n```", "<pre>\n:a\n</pre>"] {
            check(same, same);
        }
        check_with("[markup.goldmark.extensions]\ndefinitionList = false", "a\n:b", "a\n:b");
    }

    #[test]
    fn a_colon_in_code_or_html_gets_no_backslash() {
        let check = |source: &str, expected: &str| check_with("enableEmoji = true", source, expected);
        check("`a\n:b` c\n:d", "`a :b` c\n\\:d");
        check("x `a\r\n:tada: b`", "x `a :tada: b`");
        check("> `a\n> :b`", "> `a :b`");
        check("<a title=\"x\n  :y\">\n\n: b", "<a title=\"x :y\"><!---->\n\n: b");
        check("a\n:b\n\n    :c", "a\n\\:b\n\n    :c");
    }

    #[test]
    fn a_divider_is_a_block() {
        let markdown = Markdown::of_site("");
        let check = |source: &str, expected: &str| assert_eq!(divided(source, &markdown, extensions(markdown.goldmark)), expected);
        check("a <!--more--> b", "a \n\n<!--more-->\n\nb");
        check("`a\n:<!--more-->` <<b <!--more--> c", "`a\n:<!--more-->` <<b \n\n<!--more-->\n\nc");
        for same in ["a", "a\n<!--more-->\nb", "`<!--more-->`", "~~~\n<!--more-->\n~~~"] {
            check(same, same);
        }
    }
}
