//! Tidings' own table in front matter, `feed`: what of it nobody knows is told of, for it would be as good as not written.

use super::Body;
use super::nearest::nearest;
use crate::value::{Field, Fields, Value};

/// The only key of the table.
const KEY: &str = "content";

/// Its values.
const BODIES: [(&str, Body); 2] = [("full", Body::Full), ("summary", Body::Summary)];

/// What of the table is not followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slip {
    /// The key in it that is at fault; none where that is the table itself.
    pub key: Option<String>,
    /// The byte of the file where that is, as far as it is known.
    pub place: Option<usize>,
    /// What is wrong.
    pub what: String,
    /// What to write instead.
    pub mend: String,
}

/// What a value of `feed.content` says, if anything.
pub fn body(value: &Value<'_>) -> Option<Body> {
    let text = value.text()?;
    BODIES.iter().find(|(name, _)| *name == text).map(|(_, body)| *body)
}

/// What is not followed in the table among fields and in that among the parameters that they have; each with the field of the table, and
/// with the place of what is around it, where that is known.
pub fn slips<'f, 'a>(fields: &'f Fields<'a>, around: Option<usize>) -> impl Iterator<Item = (&'f Field<'a>, Option<usize>, Slip)> {
    let params = fields.field("params").and_then(|field| Some((field.value.table()?, field.offset.or(around))));
    let tables = std::iter::once((fields, around)).chain(params);
    let feeds = tables.filter_map(|(fields, around)| Some((fields.field("feed")?, around)));
    feeds.flat_map(|(feed, around)| of_table(feed).into_iter().map(move |slip| (feed, around, slip)))
}

fn of_table(feed: &Field<'_>) -> Vec<Slip> {
    let Some(fields) = feed.value.table() else {
        // anything else is a parameter of some theme
        let near = feed.value.text().and_then(|text| nearest(&text, names()));
        let slip = |near| {
            let mend = format!("write `{KEY}` in it: \"{near}\"");
            Slip { key: None, place: feed.offset, what: "`feed` is not a table".to_owned(), mend }
        };
        return near.map(slip).into_iter().collect();
    };
    let of_key = |Field { key, value, offset }: &Field<'_>| {
        let (what, mend) = of_key(key, value)?;
        Some(Slip { key: Some(key.to_string()), place: *offset, what, mend })
    };
    fields.iter().filter_map(of_key).collect()
}

/// What is wrong with a key of the table, if anything, and what to write instead.
fn of_key(key: &str, value: &Value<'_>) -> Option<(String, String)> {
    if key != KEY {
        // what is not near may be a theme's, which has a table of this name
        let near = nearest(key, [KEY])?;
        return Some((format!("unknown key `{key}` in `feed`"), format!("did you mean `{near}`?")));
    }
    if body(value).is_some() || *value == Value::Null || value.text().is_some_and(|text| text.is_empty()) {
        return None;
    }
    let text = value.text().unwrap_or_default();
    let near = nearest(&text, names()).filter(|_| !text.is_empty());
    let mend = near.map_or_else(|| "write \"full\" or \"summary\"".to_owned(), |near| format!("did you mean `{near}`?"));
    let said = if text.is_empty() { "what it is".to_owned() } else { format!("`{text}`") };
    Some((format!("`feed.{KEY}` cannot be {said}"), mend))
}

fn names() -> impl Iterator<Item = &'static str> {
    BODIES.iter().map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    #[test]
    fn what_pages_inherit_from_a_configuration_is_told_there() {
        let check = |path: &str, text: &str, expected: &str| {
            let found = Config::parse(text, path).unwrap().1;
            assert_eq!(found.iter().map(ToString::to_string).collect::<Vec<_>>(), [expected], "{text}");
        };
        let value = "warning: `feed.content` cannot be `sumary`; did you mean `summary`? [invalid-feed]";
        let key = "warning: unknown key `contnt` in `feed`; did you mean `content`? [invalid-feed]";
        let address = "baseURL = 'https://example.org/'\n";
        check("c.toml", &format!("{address}cascade.feed.content = 'sumary'"), &format!("c.toml:2:24: {value}"));
        check("c.toml", &format!("{address}[[cascade]]\n[cascade.params.feed]\ncontnt = 'full'"), &format!("c.toml:4:10: {key}"));
        let yaml = "baseURL: https://example.org/\ncascade:\n- feed:\n    content: sumary\n";
        check("c.yaml", yaml, &format!("c.yaml:4:14: {value}"));
        let language = format!("{address}[languages.en]\n[languages.en.cascade.feed]\ncontent = 'sumary'");
        check("c.toml", &language, &format!("c.toml:4:11: {value}"));
    }
}
