//! Front matter that pages inherit: Hugo's `cascade`, of the configuration or of an `_index.md`.

use super::Fault;
use super::target::{Kind, Purpose, Target};
use crate::value::{Fields, Value};

/// Fields for every page that passes a test and does not have them itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cascade {
    target: Target,
    /// The fields, `params` among them.
    pub fields: Fields<'static>,
}

impl Cascade {
    /// Reads the value of a key `cascade`: one table or a list of them. The error says what is wrong.
    pub fn read(value: &Value<'_>, purpose: Purpose<'_>) -> Result<Vec<Cascade>, Fault> {
        let tables = match value {
            Value::Table(_) => std::slice::from_ref(value),
            other => other.items(),
        };
        let read = |(index, table)| Self::read_one(table, purpose).map_err(|fault| fault.of_item(index));
        tables.iter().enumerate().map(read).collect()
    }

    fn read_one(value: &Value<'_>, purpose: Purpose<'_>) -> Result<Cascade, Fault> {
        let is_none = || Fault::new("`cascade` is not a table", "write a table of fields, or a list of them with a `target`");
        let fields = value.table().ok_or_else(is_none)?;
        let target = fields.get("target").or_else(|| fields.get("_target")).and_then(Value::table);
        let target = target.map_or(Ok(Target::default()), |target| Target::read(target, purpose))?;
        Ok(Cascade { target, fields: fields.clone().into_owned().without_places() })
    }

    /// Whether a page inherits these fields.
    pub fn reaches(&self, kind: Kind, path: &str) -> bool {
        self.target.matches(kind, path)
    }
}

#[cfg(test)]
mod tests {
    use toml::de::DeTable;

    use super::*;

    #[test]
    fn a_table_and_a_list_are_read_and_reach_their_targets() {
        let read = |text: &str| {
            let fields = Fields::from_toml(DeTable::parse(text).unwrap().into_inner(), 0).unwrap();
            Cascade::read(fields.get("cascade").unwrap(), Purpose { language: "fr", environment: "production" }).unwrap()
        };
        assert!(read("[cascade]\ndraft = true")[0].reaches(Kind::Page, "/x"));
        let list = read(
            "[[cascade]]\ndraft = true\n[cascade.target]\nkind = 'page'\npath = '/post/**'\n[[cascade]]\na = 1\n[cascade.target]\nenvironment = 'staging'",
        );
        assert!(list[0].reaches(Kind::Page, "/post/a/b"));
        assert!(!list[0].reaches(Kind::Section, "/post/a"));
        assert!(!list[1].reaches(Kind::Page, "/post/a"));
        let check = |target: &str, expected: bool| {
            assert_eq!(read(&format!("cascade.target = {target}"))[0].reaches(Kind::Page, "/x"), expected, "{target}");
        };
        check("{ lang = '{en,fr}' }", true);
        check("{ lang = 'en' }", false);
        check("{ sites.matrix.languages = ['en', 'f*'] }", true);
        check("{ sites.matrix.languages = ['en'] }", false);
        check("{ environment = 'prod*' }", true);
    }
}
