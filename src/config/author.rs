//! Who wrote something, as a configuration or a front matter says.

use std::borrow::Cow;

use crate::value::Value;
use crate::xml::clean;

/// Who wrote something.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, serde::Serialize)]
pub struct Author {
    /// The name, never empty.
    pub name: String,
    /// The address, when known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// A page about them, absolute, when known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

impl Author {
    /// Reads an author: a name, or a table with `name` and perhaps `email` and `url`.
    pub fn read(value: &Value<'_>) -> Option<Author> {
        match value.table() {
            None => Some(Author { name: trimmed(value.text())?, ..Author::default() }),
            Some(fields) => Some(Author {
                name: trimmed(fields.text("name"))?,
                email: trimmed(fields.text("email")).filter(|email| is_address(email)),
                url: trimmed(fields.text("url")).filter(|url| url.starts_with("http://") || url.starts_with("https://")),
            }),
        }
    }

    /// What an author has for an `email` that is none, and that [`Author::read`] leaves out.
    pub fn unusable_email(value: &Value<'_>) -> Option<String> {
        trimmed(value.table()?.text("email")).filter(|email| !is_address(email))
    }
}

fn trimmed(text: Option<Cow<'_, str>>) -> Option<String> {
    text.map(|text| clean(&text).trim().to_owned()).filter(|text| !text.is_empty())
}

/// RFC 4287 §3.2.3: the `addr-spec` of RFC 2822, with letters of any alphabet.
fn is_address(text: &str) -> bool {
    let special = |c: char| c.is_whitespace() || "()<>[]:;,\\\"".contains(c);
    text.split_once('@')
        .is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty() && !domain.contains('@') && !text.contains(special))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Fields;

    #[test]
    fn an_email_that_is_no_address_is_left_out() {
        let check = |text: &str, is_one: bool| {
            let mut fields = Fields::default();
            fields.insert("name".into(), Value::String("A".into()), None);
            fields.insert("email".into(), Value::String(text.into()), None);
            let value = Value::Table(fields);
            let author = Author::read(&value).unwrap();
            let (read, told) = (author.email.as_deref(), Author::unusable_email(&value));
            assert_eq!((read, told.as_deref()), if is_one { (Some(text), None) } else { (None, Some(text)) });
        };
        for text in ["me@example.org", "a.b+c@localhost", "jürgen@müller.example"] {
            check(text, true);
        }
        for text in ["me [at] example.org", "me", "@example.org", "me@", "a@b@c", "Me <me@example.org>", "mailto:me@example.org"] {
            check(text, false);
        }
    }
}
