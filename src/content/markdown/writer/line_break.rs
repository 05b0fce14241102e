//! Line ends between East Asian characters, which stand for no blank: such text has none between its words.

use std::sync::LazyLock;

use regex::Regex;

use crate::config::LineBreaks;

/// Whether a line end between two lines is nothing. Marks of emphasis are looked through, other than in Hugo.
pub(super) fn is_nothing(before: &str, after: &str, style: LineBreaks) -> bool {
    if style == LineBreaks::Kept {
        return false;
    }
    let marks = ['*', '_', '~'];
    let last = before.trim_end().trim_end_matches(marks).chars().next_back();
    let first = after.trim_start_matches([' ', '\t', '>']).trim_start_matches(marks).chars().next();
    let (Some(last), Some(first)) = (last, first) else { return false };
    let sides = [last, first];
    match style {
        LineBreaks::Kept => false,
        LineBreaks::Simple => sides.into_iter().all(|c| WIDE.has(c)),
        LineBreaks::Css3Draft => {
            // Korean has blanks
            let is_joined = |c: char| WIDE.has(c) || FULL.has(c);
            sides.contains(&'\u{200b}') || sides.into_iter().any(is_joined) && !sides.into_iter().any(|c| HANGUL.has(c))
        }
    }
}

/// A class of characters.
struct Class(LazyLock<Option<Regex>>);

static WIDE: Class = Class(LazyLock::new(|| Regex::new(r"[\p{Hiragana}\p{Katakana}\p{Han}\p{Lm}\p{Hangul}\x{3000}-\x{303f}]").ok()));
static FULL: Class = Class(LazyLock::new(|| Regex::new(r"[\x{ff00}-\x{ffef}]").ok()));
static HANGUL: Class = Class(LazyLock::new(|| Regex::new(r"\p{Hangul}").ok()));

impl Class {
    fn has(&self, c: char) -> bool {
        !c.is_ascii() && self.0.as_ref().is_some_and(|class| class.is_match(c.encode_utf8(&mut [0; 4])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_end_is_nothing_between_characters_without_blanks() {
        let check = |before: &str, after: &str, simple: bool, css: bool| {
            let styles = [(LineBreaks::Kept, false), (LineBreaks::Simple, simple), (LineBreaks::Css3Draft, css)];
            for (style, expected) in styles {
                assert_eq!(is_nothing(before, after, style), expected, "{before} {after} {style:?}");
            }
        };
        check("太郎は", "そう言った", true, true);
        check("と言った。", "> **次**の", true, true);
        check("Go 言語", "is", false, true);
        check("is.", "Go", false, false);
        check("！", "太", false, true);
        check("한국어", "문장", true, false);
        check("a\u{200b}", "b", false, true);
        check("", "", false, false);
    }
}
