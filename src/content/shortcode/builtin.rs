//! The shortcodes of Hugo and of widespread themes, as feeds can show them.

use std::borrow::Cow;

use crate::content::html::embed::{self, link, link_to};
use crate::content::image::is_image;
use crate::content::markdown::Markdown;
use crate::content::shortcode::Lookup;
use crate::content::shortcode::parse::{Args, Call};
use crate::content::text::{attribute, escape, of_html};
use crate::diagnostic::Rule;

/// What is put in the place of a call.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// HTML that Markdown does not touch.
    Html(String),
    /// A part of the Markdown.
    Source(String),
    /// Nothing, for a reason: what is wrong, by which rule, and what to write instead.
    Missing(Rule, String, String),
}

/// A call of one of these shortcodes; none when it is another. `inner` is what is between its opening and its end.
pub(super) fn builtin(call: &Call<'_>, inner: Option<&str>, markdown: &Markdown, lookup: &dyn Lookup) -> Option<Outcome> {
    let args = &call.args;
    let first = |name: &str| args.get_or(name, 0).unwrap_or_default().to_owned();
    let text = inner.unwrap_or_default();
    Some(match call.name {
        "figure" => Outcome::Html(figure(args, markdown, lookup)),
        "image" | "img" | "picture" if is_image(&first("src")) => Outcome::Html(image(&first("src"), args)),
        "youtube" | "youtubeLite" => Outcome::Html(paragraph(&embed::youtube(&first("id"), args.get("title").unwrap_or_default()))),
        "vimeo" | "vimeo_simple" => Outcome::Html(paragraph(&embed::vimeo(&first("id"), args.get("title").unwrap_or_default()))),
        "tweet" | "twitter" | "twitter_simple" | "x" | "x_simple" => Outcome::Html(quote(&tweet(args), "Post on X")),
        "instagram" | "instagram_simple" => {
            Outcome::Html(quote(&format!("https://www.instagram.com/p/{}/", first("id")), "Post on Instagram"))
        }
        "gist" => {
            let id = args.positional.get(1).map_or_else(|| first("id"), |id| format!("{}/{id}", first("user")));
            Outcome::Html(paragraph(&link_to(&format!("https://gist.github.com/{id}"), "Gist on GitHub")))
        }
        "ref" | "relref" => reference(&first("path"), args.get("lang").unwrap_or_default(), lookup),
        "param" => match lookup.param(&first("name")) {
            Some(value) => Outcome::Source(value),
            None => Outcome::Missing(
                Rule::MissingParameter,
                format!("there is no parameter `{}`", first("name")),
                "set it in the front matter or under [params]".into(),
            ),
        },
        "details" => {
            let summary = args.get_or("summary", 0).map(|summary| markdown.inline(summary, Some(lookup)));
            let is_open = args.get("open").is_some_and(|open| !matches!(open, "" | "false" | "0"));
            Outcome::Html(details(summary.as_deref(), is_open, &markdown.fragment(text, Some(lookup))))
        }
        "highlight" => {
            let options = args.get_or("options", 1).unwrap_or_default();
            let code = without_indentation(text, call.indentation);
            Outcome::Html(highlight(&first("lang"), &code, options.to_lowercase().replace(' ', "").contains("hl_inline=true")))
        }
        "qr" => Outcome::Html(qr(args.get("text").unwrap_or(text).trim())),
        // before the name of a file that R made of the post
        "blogdown/postref" => Outcome::Html(markdown.links.permalink().to_owned()),
        "comment" => Outcome::Html(String::new()),
        "rawhtml" | "raw" | "html" => Outcome::Html(text.to_owned()),
        name if inner.is_some() && is_box(name) => Outcome::Html(notice(args, &markdown.fragment(text, Some(lookup)))),
        name if name.ends_with(".inline") => Outcome::Html(String::new()),
        _ => return None,
    })
}

/// Whether a shortcode is one of those by which themes put a text into a box.
pub(super) fn is_box(name: &str) -> bool {
    matches!(name, "alert" | "notice" | "note" | "admonition" | "callout" | "warning" | "tip" | "info" | "hint" | "caution" | "important")
}

/// An image with what its arguments say of it.
pub(super) fn image(src: &str, args: &Args) -> String {
    let mut out = String::from("<img");
    attribute(&mut out, "src", src);
    let alt = args
        .get("alt")
        .or_else(|| args.get("title"))
        .or_else(|| args.get("caption"))
        .or_else(|| args.positional.get(1).map(String::as_str));
    attribute(&mut out, "alt", alt.unwrap_or_default());
    for name in ["title", "width", "height"] {
        if let Some(value) = args.get(name) {
            attribute(&mut out, name, value);
        }
    }
    out.push('>');
    out
}

fn figure(args: &Args, markdown: &Markdown, lookup: &dyn Lookup) -> String {
    let mut image_args = args.clone();
    image_args.named.retain(|(name, _)| name != "title");
    if let Some((_, caption)) = image_args.named.iter_mut().find(|(name, _)| name == "caption") {
        *caption = of_html(&markdown.inline(caption, Some(lookup)), usize::MAX);
    }
    let image = image(args.get_or("src", 0).unwrap_or_default(), &image_args);
    let image = args.get("link").map_or_else(|| image.clone(), |address| link(address, &image, ""));
    let mut caption = String::new();
    if let Some(title) = args.get("title") {
        caption.push_str("<h4>");
        escape(&mut caption, title);
        caption.push_str("</h4>");
    }
    let source = args.get("attr").map(|attr| {
        let attr = markdown.inline(attr, Some(lookup));
        args.get("attrlink").map_or_else(|| attr.clone(), |address| link(address, &attr, ""))
    });
    let parts: Vec<String> = args.get("caption").map(|text| markdown.inline(text, Some(lookup))).into_iter().chain(source).collect();
    if !parts.is_empty() {
        caption.push_str(&format!("<p>{}</p>", parts.join(" ")));
    }
    if caption.is_empty() {
        format!("<figure>{image}</figure>")
    } else {
        format!("<figure>{image}<figcaption>{caption}</figcaption></figure>")
    }
}

fn tweet(args: &Args) -> String {
    match (args.get("user"), args.get("id"), &*args.positional) {
        (Some(user), Some(id), _) => format!("https://x.com/{user}/status/{id}"),
        (_, _, [user, id, ..]) => format!("https://x.com/{user}/status/{id}"),
        (_, Some(id), _) => format!("https://x.com/i/status/{id}"),
        (_, _, [id]) => format!("https://x.com/i/status/{id}"),
        _ => "https://x.com/".into(),
    }
}

fn reference(target: &str, language: &str, lookup: &dyn Lookup) -> Outcome {
    match lookup.reference(target) {
        Some(address) => Outcome::Source(address),
        // which pages that has is not known here
        None if lookup.is_another(language) => Outcome::Source(String::new()),
        None => Outcome::Missing(Rule::DeadLink, format!("there is no page `{target}`"), "name a file below the content folder".into()),
    }
}

fn details(summary: Option<&str>, is_open: bool, inner: &str) -> String {
    let mut out = String::from(if is_open { "<details open><summary>" } else { "<details><summary>" });
    out.push_str(summary.unwrap_or("Details"));
    out.push_str("</summary>\n");
    out.push_str(inner);
    out.push_str("</details>");
    out
}

/// What is inside of a call, without what its lines have before them since the call is in a list or is indented.
fn without_indentation<'t>(inner: &'t str, indentation: &str) -> Cow<'t, str> {
    if indentation.is_empty() {
        return Cow::Borrowed(inner);
    }
    inner.split_inclusive('\n').map(|line| line.strip_prefix(indentation).unwrap_or(line)).collect()
}

fn highlight(language: &str, code: &str, is_inline: bool) -> String {
    let mut out = String::from(if is_inline { "<code" } else { "<pre><code" });
    if !language.is_empty() {
        attribute(&mut out, "class", &format!("language-{language}"));
    }
    out.push('>');
    escape(&mut out, code.trim_matches(['\n', '\r']));
    out.push_str(if is_inline { "</code>" } else { "</code></pre>" });
    out
}

fn qr(text: &str) -> String {
    if text.starts_with("http://") || text.starts_with("https://") {
        return link_to(text, "");
    }
    let mut out = String::from("<code>");
    escape(&mut out, text);
    out.push_str("</code>");
    out
}

fn notice(args: &Args, inner: &str) -> String {
    let mut out = String::from("<blockquote>");
    if let Some(title) = args.get("title") {
        out.push_str("<p><strong>");
        escape(&mut out, title);
        out.push_str("</strong></p>\n");
    }
    out.push_str(inner);
    out.push_str("</blockquote>");
    out
}

fn paragraph(html: &str) -> String {
    format!("<p>{html}</p>")
}

fn quote(address: &str, text: &str) -> String {
    format!("<blockquote>{}</blockquote>", link(address, "", text))
}
