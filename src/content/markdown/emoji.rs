//! Emoji by their names, as `:tada:`, where a site has `enableEmoji`.

use std::ops::Range;

use super::typographer::is_escaped;

/// The emoji that a text of Markdown names, in order, each with its place. Behind a backslash there is none.
pub(super) fn find(source: &str, range: Range<usize>) -> impl Iterator<Item = (Range<usize>, &'static str)> {
    let mut from = range.start;
    std::iter::from_fn(move || {
        loop {
            let start = from + memchr::memchr(b':', source.as_bytes().get(from..range.end)?)?;
            // what ends one name that is none may begin another
            from = start + 1;
            if let Some((emoji, len)) = first(&source[start..range.end]).filter(|_| !is_escaped(source, start)) {
                from = start + len;
                return Some((start..from, emoji));
            }
        }
    })
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
        let check = |text: &str, expected: &[&str]| {
            let found: Vec<_> = find(text, 0..text.len()).map(|(place, emoji)| format!("{}{emoji}", &text[place])).collect();
            assert_eq!(found, expected, "{text}");
        };
        check("a:tada:b :+1: :heart:", &[":tada:🎉", ":+1:👍", ":heart:❤️"]);
        check(":cat::dog:", &[":cat:🐱", ":dog:🐶"]);
        check("x:y:cat: ::cat::", &[":cat:🐱", ":cat:🐱"]);
        check("at 10:30:15 :nope: : ::", &[]);
        check("été :tada \\:tada: \\\\:tada:", &[":tada:🎉"]);
        assert_eq!(find(":cat:", 0..4).count(), 0);
    }
}
