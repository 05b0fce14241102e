//! Emoji by their names, as `:tada:`, where a site has `enableEmoji`.

use std::borrow::Cow;

/// A text with the emoji that it names.
pub(super) fn emojified(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let (mut copied, mut from) = (0, 0);
    while let Some(start) = text[from..].find(':').map(|found| from + found) {
        if let Some((emoji, len)) = first(&text[start..]) {
            out.push_str(&text[copied..start]);
            out.push_str(emoji);
            copied = start + len;
        }
        // what ends one name that is none may begin another
        from = copied.max(start + 1);
    }
    if copied == 0 { Cow::Borrowed(text) } else { Cow::Owned(out + &text[copied..]) }
}

/// The emoji that a text begins with the name of, and how many bytes that has.
pub(super) fn first(text: &str) -> Option<(&'static str, usize)> {
    let rest = text.strip_prefix(':')?;
    let name = rest.split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '+' | '-')).next().unwrap_or("");
    let emoji = if rest[name.len()..].starts_with(':') { emojis::get_by_shortcode(name) } else { None };
    Some((emoji?.as_str(), name.len() + 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_emoji_become_emoji_and_other_words_stay() {
        let check = |text: &str, expected: &str| assert_eq!(emojified(text), expected);
        check("a:tada:b :+1: :heart:", "a🎉b 👍 ❤️");
        check(":cat::dog:", "🐱🐶");
        check("x:y:cat: ::cat::", "x:y🐱 :🐱:");
        check("at 10:30:15 :nope: : ::", "at 10:30:15 :nope: : ::");
        check("été :tada", "été :tada");
    }
}
