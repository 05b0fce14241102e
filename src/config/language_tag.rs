//! The tag of a language, as feeds have it.

/// A tag as RFC 4287 §2 has it (`atomLanguageTag`), with the hyphens of BCP 47 where the underscores of POSIX are written, as in
/// `pt_BR`; none when the text is no tag.
pub fn language_tag(text: &str) -> Option<String> {
    let tag = text.trim().replace('_', "-");
    let is_part = |(at, part): (usize, &str)| {
        let is_of_tags = |b: u8| b.is_ascii_alphabetic() || at > 0 && b.is_ascii_digit();
        (1..=8).contains(&part.len()) && part.bytes().all(is_of_tags)
    };
    tag.split('-').enumerate().all(is_part).then_some(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_has_hyphens_and_is_one() {
        let check = |text: &str, expected: Option<&str>| assert_eq!(language_tag(text).as_deref(), expected, "{text}");
        check("en", Some("en"));
        check("pt_BR", Some("pt-BR"));
        check(" zh_Hant_TW ", Some("zh-Hant-TW"));
        check("de-CH-1996", Some("de-CH-1996"));
        for text in ["", "-", "en-", "en--GB", "C++", "pt BR", "en_US.UTF-8", "1en", "français", "portuguese"] {
            check(text, None);
        }
    }
}
