//! Languages and e-mail addresses that are none, among the fields of a page or those that a `cascade` has pages inherit.

use super::{Author, language_tag};
use crate::diagnostic::Rule;
use crate::value::{Fields, Value};
use crate::xml::clean;

/// Where a post may name who wrote it.
pub const AUTHORS: [&str; 2] = ["authors", "author"];

/// Where a post may tell its language.
pub const LANGUAGES: [&str; 2] = ["language", "lang"];

/// What is left out of entries, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfit {
    /// The finding that it is.
    pub rule: Rule,
    /// The key that has it.
    pub key: &'static str,
    /// The byte of the file where that is, and of the table `params` that it is in, as far as they are known.
    pub places: [Option<usize>; 2],
    /// What is wrong.
    pub what: String,
    /// What to write instead.
    pub mend: &'static str,
}

/// A table, or what is in a list.
pub fn each<'v, 'a>(value: &'v Value<'a>) -> &'v [Value<'a>] {
    if value.table().is_some() { std::slice::from_ref(value) } else { value.items() }
}

/// What among fields is unfit, those in `params` before those beside it.
pub fn unfit(fields: &Fields<'_>) -> Vec<Unfit> {
    let params = fields.field("params").and_then(|field| Some((field.value.table()?, field.offset)));
    let find = |key: &'static str| {
        let in_params = params.and_then(|(params, around)| Some((params.field(key)?, around)));
        let (field, around) = in_params.or_else(|| Some((fields.field(key)?, None)))?;
        Some((key, &field.value, [field.offset, around]))
    };
    let text = |value: &Value<'_>| value.text().map(|text| clean(&text).trim().to_owned()).filter(|text| !text.is_empty());
    let mut unfit = Vec::new();
    let mut said = LANGUAGES.into_iter().filter_map(find).filter_map(|(key, value, places)| Some((key, text(value)?, places)));
    if let Some((key, language, places)) = said.clone().next()
        && !said.any(|(_, language, _)| language_tag(&language).is_some())
    {
        let what = format!("`{language}` is no tag of a language");
        unfit.push(Unfit { rule: Rule::InvalidLanguage, key, places, what, mend: "write one such as en-GB" });
    }
    for (key, value, places) in AUTHORS.into_iter().filter_map(find) {
        for email in each(value).iter().filter_map(Author::unusable_email) {
            let what = format!("`{email}` is no e-mail address");
            unfit.push(Unfit { rule: Rule::InvalidEmail, key, places, what, mend: "write one such as me@example.org" });
        }
    }
    unfit
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    #[test]
    fn what_is_unfit_in_the_cascade_of_a_configuration_is_told_there() {
        let check = |text: &str, expected: &[&str]| {
            let found = Config::parse(&format!("baseURL = 'https://example.org/'\n{text}"), "c.toml").unwrap().1;
            assert_eq!(found.iter().map(ToString::to_string).collect::<Vec<_>>(), expected, "{text}");
        };
        let language =
            |place: &str| format!("c.toml:{place}: warning: `C++` is no tag of a language; write one such as en-GB [invalid-language]");
        check("[cascade]\nlang = 'C++'", &[&language("3:8")]);
        check("[cascade]\nlang = 'C++'\nlanguage = 'de'", &[]);
        check("[[cascade]]\ntitle = 'a'\n[[cascade]]\n[cascade.params]\nlang = 'C++'", &[&language("6:8")]);
        let email = "c.toml:3:10: warning: `me at x` is no e-mail address; write one such as me@example.org [invalid-email]";
        check("[cascade]\nauthor = { name = 'A', email = 'me at x' }", &[email]);
    }
}
