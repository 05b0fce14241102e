//! `markup.goldmark`: what Markdown means, as far as a site may choose.

use quick_xml::escape::{resolve_html5_entity, unescape_with};

use crate::value::{Fields, Value};

/// What of Markdown's extensions is on, and whether HTML passes. The defaults are Hugo's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Goldmark {
    /// `renderer.unsafe`: raw HTML passes.
    pub unsafe_html: bool,
    /// `renderer.hardWraps`: a line end is one.
    pub hard_wraps: bool,
    /// `extensions.definitionList`
    pub definition_lists: bool,
    /// `extensions.footnote`
    pub footnotes: bool,
    /// `extensions.linkify`
    pub linkify: bool,
    /// `extensions.strikethrough`
    pub strikethrough: bool,
    /// `extensions.extras.delete`: the same for two tildes alone.
    pub deletions: bool,
    /// `extensions.extras.insert`
    pub insertions: bool,
    /// `extensions.extras.mark`
    pub marks: bool,
    /// `extensions.extras.subscript`
    pub subscript: bool,
    /// `extensions.extras.superscript`
    pub superscript: bool,
    /// `extensions.table`
    pub tables: bool,
    /// `extensions.taskList`
    pub task_lists: bool,
    /// `extensions.typographer`
    pub typographer: bool,
    /// `enableEmoji`, which is a key of the site: `:tada:` is one.
    pub emoji: bool,
    /// `parser.attribute.block`: a line of attributes belongs to the block above it.
    pub block_attributes: bool,
    /// `parser.attribute.title`: attributes at the end of a heading are none of its text.
    pub heading_attributes: bool,
    /// `extensions.cjk`: what a line end between East Asian characters is.
    pub line_breaks: LineBreaks,
    /// `renderHooks.link`: the address of a page's file is a link to the page.
    pub links_to_files: bool,
}

/// What becomes of line ends between East Asian characters: `eastAsianLineBreaksStyle`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineBreaks {
    /// They stay.
    Kept,
    /// They go where both characters are wide.
    Simple,
    /// They go where one is wide and none is Korean, after CSS Text 3.
    Css3Draft,
}

impl Default for Goldmark {
    fn default() -> Self {
        Goldmark {
            unsafe_html: false,
            hard_wraps: false,
            definition_lists: true,
            footnotes: true,
            linkify: true,
            strikethrough: true,
            deletions: false,
            insertions: false,
            marks: false,
            subscript: false,
            superscript: false,
            tables: true,
            task_lists: true,
            typographer: true,
            emoji: false,
            block_attributes: false,
            heading_attributes: true,
            line_breaks: LineBreaks::Kept,
            links_to_files: false,
        }
    }
}

impl Goldmark {
    /// Reads `markup.goldmark`. An extension is a truth, or a table with `disable` or `enable`. Where a site names languages on one
    /// host, Hugo's own hook makes links.
    pub(super) fn read(fields: Option<&Fields<'_>>, names_languages: bool) -> Self {
        let truth = |path: &str, default| fields.and_then(|fields| fields.at(path)).and_then(Value::truth).unwrap_or(default);
        let extension = |name: &str| {
            let is_disabled = truth(&format!("extensions.{name}.disable"), false) || !truth(&format!("extensions.{name}.enable"), true);
            truth(&format!("extensions.{name}"), !is_disabled)
        };
        let extra = |name: &str| truth(&format!("extensions.extras.{name}.enable"), false);
        let hook = fields.and_then(|fields| fields.at("renderhooks.link.useembedded")?.text());
        let links_to_files = match hook.as_deref() {
            Some("always" | "fallback") => true,
            Some("never") => false,
            _ => truth("renderhooks.link.enabledefault", names_languages && !truth("duplicateresourcefiles", false)),
        };
        let style = fields.and_then(|fields| fields.at("extensions.cjk.eastasianlinebreaksstyle")?.text());
        let line_breaks = match style.as_deref() {
            _ if !(truth("extensions.cjk.enable", false) && truth("extensions.cjk.eastasianlinebreaks", false)) => LineBreaks::Kept,
            Some("css3draft") => LineBreaks::Css3Draft,
            _ => LineBreaks::Simple,
        };
        Goldmark {
            unsafe_html: truth("renderer.unsafe", false),
            hard_wraps: truth("renderer.hardwraps", false),
            definition_lists: extension("definitionlist"),
            footnotes: extension("footnote"),
            linkify: extension("linkify"),
            strikethrough: extension("strikethrough"),
            deletions: extra("delete"),
            insertions: extra("insert"),
            marks: extra("mark"),
            subscript: extra("subscript"),
            superscript: extra("superscript"),
            tables: extension("table"),
            task_lists: extension("tasklist"),
            typographer: extension("typographer"),
            emoji: false,
            block_attributes: truth("parser.attribute.block", false),
            heading_attributes: truth("parser.attribute.title", true),
            line_breaks,
            links_to_files,
        }
    }
}

/// `extensions.typographer`: the signs that stand for typewriter punctuation. The defaults are Hugo's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Punctuation {
    /// `leftSingleQuote`
    pub left_single_quote: String,
    /// `rightSingleQuote`
    pub right_single_quote: String,
    /// `leftDoubleQuote`
    pub left_double_quote: String,
    /// `rightDoubleQuote`
    pub right_double_quote: String,
    /// `enDash`, for `--`
    pub en_dash: String,
    /// `emDash`, for `---`
    pub em_dash: String,
    /// `ellipsis`
    pub ellipsis: String,
    /// `leftAngleQuote`, for `<<`
    pub left_angle_quote: String,
    /// `rightAngleQuote`, for `>>`
    pub right_angle_quote: String,
    /// `apostrophe`
    pub apostrophe: String,
}

impl Default for Punctuation {
    fn default() -> Self {
        Punctuation::with(|_, default| default.to_owned())
    }
}

impl Punctuation {
    /// Reads the signs of `markup.goldmark`, which are text with entities. HTML is none, and the default stays.
    pub(super) fn read(fields: Option<&Fields<'_>>) -> Self {
        let written = |key: &str| {
            let text = fields?.at(&format!("extensions.typographer.{key}"))?.text()?;
            let sign = unescape_with(&text, resolve_html5_entity).ok()?;
            (!text.contains('<')).then(|| sign.into_owned())
        };
        Punctuation::with(|key, default| written(key).unwrap_or_else(|| default.to_owned()))
    }

    fn with(sign: impl Fn(&str, &str) -> String) -> Self {
        Punctuation {
            left_single_quote: sign("leftsinglequote", "‘"),
            right_single_quote: sign("rightsinglequote", "’"),
            left_double_quote: sign("leftdoublequote", "“"),
            right_double_quote: sign("rightdoublequote", "”"),
            en_dash: sign("endash", "–"),
            em_dash: sign("emdash", "—"),
            ellipsis: sign("ellipsis", "…"),
            left_angle_quote: sign("leftanglequote", "«"),
            right_angle_quote: sign("rightanglequote", "»"),
            apostrophe: sign("apostrophe", "’"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn extensions_are_on_unless_the_site_says_otherwise() {
        let read = |text: &str| Config::parse(text, "c.toml").unwrap().0.site.goldmark;
        assert_eq!(read(""), Goldmark::default());
        let off =
            read("[markup.goldmark.extensions]\nlinkify = false\ntable = false\n[markup.goldmark.extensions.typographer]\ndisable = true");
        assert_eq!(off, Goldmark { linkify: false, tables: false, typographer: false, ..Goldmark::default() });
        let old = read("[markup.goldmark.extensions]\ntypographer = false\n[markup.goldmark.renderer]\nunsafe = true\nhardWraps = true");
        assert_eq!(old, Goldmark { typographer: false, unsafe_html: true, hard_wraps: true, ..Goldmark::default() });
        assert!(!read("[markup.goldmark.extensions.footnote]\nenable = false").footnotes);
        assert!(read("[markup.goldmark.parser.attribute]\nblock = true").block_attributes);
        assert!(!read("[markup.goldmark.parser.attribute]\ntitle = false").heading_attributes);
    }

    #[test]
    fn line_ends_go_where_the_site_says_so() {
        let check = |text: &str, expected: LineBreaks| {
            let text = format!("[markup.goldmark.extensions.cjk]\n{text}");
            assert_eq!(Config::parse(&text, "c.toml").unwrap().0.site.goldmark.line_breaks, expected, "{text}");
        };
        check("enable = true", LineBreaks::Kept);
        check("eastAsianLineBreaks = true", LineBreaks::Kept);
        check("enable = true\neastAsianLineBreaks = true", LineBreaks::Simple);
        check("enable = true\neastAsianLineBreaks = true\neastAsianLineBreaksStyle = 'css3draft'", LineBreaks::Css3Draft);
    }

    #[test]
    fn signs_are_text_with_entities() {
        let text = "[markup.goldmark.extensions.typographer]\nleftDoubleQuote = '&laquo;&nbsp;'\nendash = '&#8212;'\nemDash = '&;'\n\
            ellipsis = '<i>…</i>'\nrightDoubleQuote = ' »'";
        let read = Config::parse(text, "c.toml").unwrap().0.site.punctuation;
        let expected = Punctuation {
            left_double_quote: "«\u{a0}".to_owned(),
            right_double_quote: " »".to_owned(),
            en_dash: "—".to_owned(),
            ..Punctuation::default()
        };
        assert_eq!(*read, expected);
    }

    #[test]
    fn links_lead_to_files_where_hugos_own_hook_makes_them() {
        let check = |text: &str, expected: bool| {
            assert_eq!(Config::parse(text, "c.toml").unwrap().0.site.goldmark.links_to_files, expected, "{text}")
        };
        let hook = |says: &str| format!("[languages.en]\n[languages.fr]\n[markup.goldmark.renderHooks.link]\n{says}");
        check("", false);
        check("[languages.en]", true);
        check("[languages.en]\n[languages.fr]", true);
        check("[languages.en]\n[languages.fr]\ndisabled = true", true);
        check("[languages.en]\n[languages.fr]\nbaseURL = 'https://fr.example.org/'", false);
        check("[languages.en]\n[languages.fr]\n[markup.goldmark]\nduplicateResourceFiles = true", false);
        check(&hook("useEmbedded = 'auto'"), true);
        check(&hook("useEmbedded = 'never'"), false);
        check(&hook("enableDefault = false"), false);
        check("[markup.goldmark.renderHooks.link]\nuseEmbedded = 'fallback'", true);
        check("[markup.goldmark.renderHooks.link]\nenableDefault = true", true);
    }
}
