//! Languages and e-mail addresses that are none, and keys that Hugo has removed, among the fields of a page or those that a `cascade` has
//! pages inherit.

use super::{Author, language_tag};
use crate::diagnostic::Rule;
use crate::value::{Fields, Value};
use crate::xml::clean;

/// Where a post may name who wrote it.
pub const AUTHORS: [&str; 2] = ["authors", "author"];

/// Where a post may tell its language.
pub const LANGUAGES: [&str; 2] = ["language", "lang"];

/// What is left out of entries, or ends Hugo's build, and why.
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
    let mut unfit = removed(fields);
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

/// What among fields that pages inherit is unfit, their target with them.
pub fn unfit_inherited(fields: &Fields<'_>) -> Vec<Unfit> {
    let target = fields.field("target").or_else(|| fields.field("_target"));
    let lang = target.and_then(|target| Some((target.value.table()?.field("lang")?, target.offset)));
    let mend = "write `sites.matrix.languages`, which Hugo has since 0.150";
    let lang = lang.map(|(field, around)| removed_from("lang", [field.offset, around], mend));
    lang.into_iter().chain(unfit(fields)).collect()
}

/// The key that Hugo has removed. It is followed all the same: a site may be built by a Hugo that has it.
pub fn removed(fields: &Fields<'_>) -> Vec<Unfit> {
    let build = fields.field("_build");
    build.map(|field| removed_from("_build", [field.offset, None], "write `build`, which Hugo has since 0.145")).into_iter().collect()
}

fn removed_from(key: &'static str, places: [Option<usize>; 2], mend: &'static str) -> Unfit {
    Unfit { rule: Rule::RemovedKey, key, places, what: removed_key(key), mend }
}

/// What is told of a key that Hugo has removed.
pub(super) fn removed_key(key: &str) -> String {
    format!("Hugo 0.168 has no `{key}` any more, and ends with an error")
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
        let removed = |place: &str, key: &str, mend: &str| {
            format!("c.toml:{place}: note: Hugo 0.168 has no `{key}` any more, and ends with an error; write `{mend} [removed-key]")
        };
        check(
            "[cascade]\ntitle = 'x'\n[cascade._build]\nlist = 'never'",
            &[&removed("4:1", "_build", "build`, which Hugo has since 0.145")],
        );
        let lang = removed("4:8", "lang", "sites.matrix.languages`, which Hugo has since 0.150");
        check("[cascade]\n[cascade.target]\nlang = 'en'", &[&lang]);
        check("[cascade]\nauthor = { name = 'A', email = 'me at x' }", &[email]);
    }
}
