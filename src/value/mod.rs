//! Values as TOML, YAML and JSON write them, with the place of each field, and the casts that Hugo makes of them.
//!
//! Where the text comes from and what a field means is for `config` and `content` to say.

pub mod fault;

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use toml::Spanned;
use toml::de::{DeTable, DeValue};
use toml::value::Datetime;

/// Tables and lists inside of each other, beyond which a text is refused: what walks through them calls itself for each.
pub const DEEPEST: usize = 64;

/// Fields of one table, beyond which a text is refused: each is compared with those before it.
pub const MOST: usize = 10_000;

/// More than any honest text holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Excess {
    /// The byte of the file where it begins.
    pub offset: usize,
    /// What there is too much of.
    pub what: &'static str,
}

impl Excess {
    /// More than [`DEEPEST`].
    pub fn of_depth(offset: usize) -> Self {
        Excess { offset, what: "tables and lists are inside of too many others" }
    }

    /// More than [`MOST`].
    pub fn of_fields(offset: usize) -> Self {
        Excess { offset, what: "a table has too many fields" }
    }
}

/// One value, borrowed from the text where that costs nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// Nothing: YAML's `~`, JSON's `null`.
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// Any other number.
    Float(f64),
    /// Text.
    String(Cow<'a, str>),
    /// A date that TOML wrote without quotes.
    Datetime(Datetime),
    /// A list.
    Array(Vec<Value<'a>>),
    /// A table.
    Table(Fields<'a>),
}

impl<'a> Value<'a> {
    /// The scalar as text, as Hugo's `cast.ToString` spells it; nothing for lists and tables.
    pub fn text(&self) -> Option<Cow<'_, str>> {
        Some(match self {
            Value::Null => Cow::Borrowed(""),
            Value::Bool(true) => Cow::Borrowed("true"),
            Value::Bool(false) => Cow::Borrowed("false"),
            Value::Integer(number) => Cow::Owned(number.to_string()),
            Value::Float(number) if number.is_infinite() => Cow::Borrowed(if *number > 0.0 { "+Inf" } else { "-Inf" }),
            Value::Float(number) => Cow::Owned(number.to_string()),
            Value::String(text) => Cow::Borrowed(text.as_ref()),
            Value::Datetime(date) => Cow::Owned(date.to_string()),
            Value::Array(_) | Value::Table(_) => return None,
        })
    }

    /// Whether it means yes, as Hugo's `cast.ToBool` decides; nothing when it means neither.
    pub fn truth(&self) -> Option<bool> {
        match self {
            Value::Null => Some(false),
            Value::Bool(truth) => Some(*truth),
            Value::Integer(number) => Some(*number != 0),
            Value::Float(number) => Some(*number != 0.0),
            Value::String(text) => match text.as_ref() {
                "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
                "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
                _ => None,
            },
            Value::Datetime(_) | Value::Array(_) | Value::Table(_) => None,
        }
    }

    /// The values of a list; any other value but null and a table is a list of one.
    pub fn items(&self) -> &[Value<'a>] {
        match self {
            Value::Null | Value::Table(_) => &[],
            Value::Array(items) => items,
            one => std::slice::from_ref(one),
        }
    }

    /// The fields of a table.
    pub fn table(&self) -> Option<&Fields<'a>> {
        match self {
            Value::Table(fields) => Some(fields),
            _ => None,
        }
    }

    /// The same value, borrowing nothing.
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Value::Null => Value::Null,
            Value::Bool(truth) => Value::Bool(truth),
            Value::Integer(number) => Value::Integer(number),
            Value::Float(number) => Value::Float(number),
            Value::String(text) => Value::String(Cow::Owned(text.into_owned())),
            Value::Datetime(date) => Value::Datetime(date),
            Value::Array(items) => Value::Array(items.into_iter().map(Value::into_owned).collect()),
            Value::Table(fields) => Value::Table(fields.into_owned()),
        }
    }

    fn without_places(self) -> Self {
        match self {
            Value::Array(items) => Value::Array(items.into_iter().map(Value::without_places).collect()),
            Value::Table(fields) => Value::Table(fields.without_places()),
            scalar => scalar,
        }
    }

    fn from_toml(value: DeValue<'a>, place: Place) -> Result<Self, Excess> {
        Ok(match value {
            DeValue::Array(_) | DeValue::Table(_) if place.depth == DEEPEST => {
                dismantle([value]);
                return Err(Excess::of_depth(place.offset));
            }
            DeValue::Array(items) => {
                let mut items = items.into_iter();
                let below = |item: Spanned<DeValue<'a>>| Value::from_toml(item.into_inner(), Place { depth: place.depth + 1, ..place });
                match items.by_ref().map(below).collect::<Result<_, _>>() {
                    Ok(values) => Value::Array(values),
                    Err(excess) => {
                        dismantle(items.map(Spanned::into_inner));
                        return Err(excess);
                    }
                }
            }
            DeValue::Table(table) => Value::Table(Fields::placed(table, place)?),
            scalar => Value::of_scalar(scalar),
        })
    }

    /// A value of TOML that is neither a list nor a table; those are nothing.
    pub fn of_scalar(value: DeValue<'a>) -> Self {
        match value {
            DeValue::String(text) => Value::String(text),
            DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
                Ok(whole) => Value::Integer(whole),
                Err(_) => Value::String(Cow::Owned(number.as_str().to_owned())),
            },
            DeValue::Float(number) => match number.as_str().parse() {
                Ok(float) => Value::Float(float),
                Err(_) => Value::String(Cow::Owned(number.as_str().to_owned())),
            },
            DeValue::Boolean(truth) => Value::Bool(truth),
            DeValue::Datetime(date) => Value::Datetime(date),
            DeValue::Array(_) | DeValue::Table(_) => Value::Null,
        }
    }
}

/// Where a value of TOML stands.
#[derive(Clone, Copy)]
struct Place {
    /// The byte of the file where the text of the TOML begins.
    shift: usize,
    /// The byte of the file where the value begins.
    offset: usize,
    /// How many tables and lists are around it.
    depth: usize,
}

/// Drops values without a call for each of those that are inside of each other: toml lets dotted keys and inline tables have
/// 80 of them, each inside of 80 of the others.
pub fn dismantle<'a>(values: impl IntoIterator<Item = DeValue<'a>>) {
    let mut values: Vec<_> = values.into_iter().collect();
    while let Some(value) = values.pop() {
        match value {
            DeValue::Array(items) => values.extend(items.into_iter().map(Spanned::into_inner)),
            DeValue::Table(table) => values.extend(table.into_iter().map(|(_, value)| value.into_inner())),
            _ => {}
        }
    }
}

/// One field of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Field<'a> {
    /// Its key in lower case: Hugo's keys have no case.
    pub key: Cow<'a, str>,
    /// Its value.
    pub value: Value<'a>,
    /// The byte of the file where the value begins, when the format tells.
    pub offset: Option<usize>,
}

/// The fields of a table, found whatever the case of their keys.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fields<'a>(Vec<Field<'a>>);

impl<'a> Fields<'a> {
    /// The fields of a TOML table; `shift` is where its text begins in the file.
    ///
    /// # Errors
    /// When a table has more than 10,000 fields, or is inside of more than 64 others.
    pub fn from_toml(table: DeTable<'a>, shift: usize) -> Result<Self, Excess> {
        Fields::placed(table, Place { shift, offset: shift, depth: 0 })
    }

    fn placed(table: DeTable<'a>, place: Place) -> Result<Self, Excess> {
        if table.len() > MOST {
            dismantle([DeValue::Table(table)]);
            return Err(Excess::of_fields(place.offset));
        }
        let mut fields = Fields(Vec::with_capacity(table.len()));
        let mut table = table.into_iter();
        while let Some((key, value)) = table.next() {
            let place = Place { offset: place.shift + value.span().start, depth: place.depth + 1, ..place };
            match Value::from_toml(value.into_inner(), place) {
                Ok(value) => fields.insert(key.into_inner(), value, Some(place.offset)),
                Err(excess) => {
                    dismantle(table.map(|(_, value)| value.into_inner()));
                    return Err(excess);
                }
            }
        }
        Ok(fields)
    }

    /// Adds a field. Of two keys that differ only in case the one with capitals wins, as in Hugo.
    pub fn insert(&mut self, key: Cow<'a, str>, value: Value<'a>, offset: Option<usize>) {
        let capitals = key.chars().any(char::is_uppercase);
        let key = if capitals { Cow::Owned(key.to_lowercase()) } else { key };
        match self.0.iter_mut().find(|field| field.key == key) {
            Some(field) if capitals => *field = Field { key, value, offset },
            Some(_) => {}
            None => self.0.push(Field { key, value, offset }),
        }
    }

    /// These fields, and others that are not among them; in tables that both have, too.
    #[must_use]
    pub fn or(mut self, others: Fields<'a>) -> Self {
        for field in others.0 {
            match self.0.iter_mut().find(|known| known.key == field.key) {
                None => self.0.push(field),
                Some(known) => {
                    if let (Value::Table(own), Value::Table(more)) = (&mut known.value, field.value) {
                        *own = std::mem::take(own).or(more);
                    }
                }
            }
        }
        self
    }

    /// The field of this lower-case key.
    pub fn field(&self, key: &str) -> Option<&Field<'a>> {
        self.0.iter().find(|field| field.key == key)
    }

    /// The value of this lower-case key.
    pub fn get(&self, key: &str) -> Option<&Value<'a>> {
        self.field(key).map(|field| &field.value)
    }

    /// The text of the scalar of this lower-case key, when it has one.
    pub fn text(&self, key: &str) -> Option<Cow<'_, str>> {
        self.get(key)?.text()
    }

    /// The value at a path of lower-case keys with dots between: `cover.image`.
    pub fn at(&self, path: &str) -> Option<&Value<'a>> {
        match path.bytes().position(|byte| byte == b'.') {
            None => self.get(path),
            Some(dot) => self.get(&path[..dot])?.table()?.at(&path[dot + 1..]),
        }
    }

    /// Every field, in the order of the text, or of the keys where the format keeps none.
    pub fn iter(&self) -> std::slice::Iter<'_, Field<'a>> {
        self.0.iter()
    }

    /// The same fields, borrowing nothing.
    pub fn into_owned(self) -> Fields<'static> {
        let owned =
            |field: Field<'a>| Field { key: Cow::Owned(field.key.into_owned()), value: field.value.into_owned(), offset: field.offset };
        Fields(self.0.into_iter().map(owned).collect())
    }

    /// The same fields, each at the place that is given for its key.
    #[must_use]
    pub fn with_places(mut self, place: impl Fn(&str) -> Option<usize>) -> Self {
        for field in &mut self.0 {
            field.offset = place(&field.key);
        }
        self
    }

    /// The same fields, and those inside of them, for use in another file than their own.
    #[must_use]
    pub fn without_places(self) -> Self {
        let bare = |field: Field<'a>| Field { value: field.value.without_places(), offset: None, ..field };
        Fields(self.0.into_iter().map(bare).collect())
    }
}

impl<'de> Deserialize<'de> for Value<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Self::Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Self::Value, E> {
        Ok(Value::Bool(truth))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Value::Integer(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(i64::try_from(number).map_or(Value::Float(number as f64), Value::Integer))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Value::Float(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Value::String(Cow::Owned(text.to_owned())))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Value::String(Cow::Borrowed(text)))
    }

    fn visit_string<E>(self, text: String) -> Result<Self::Value, E> {
        Ok(Value::String(Cow::Owned(text)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = Fields::default();
        while let Some((key, value)) = map.next_entry::<Option<String>, Value<'de>>()? {
            let Some(key) = key else { continue };
            if fields.0.len() == MOST {
                return Err(serde::de::Error::custom(Excess::of_fields(0).what));
            }
            fields.insert(Cow::Owned(key), value, None);
        }
        Ok(Value::Table(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(text: &str) -> Fields<'_> {
        read(text).unwrap()
    }

    fn read(text: &str) -> Result<Fields<'_>, Excess> {
        Fields::from_toml(DeTable::parse(text).unwrap().into_inner(), 0)
    }

    #[test]
    fn keys_have_no_case_and_capitals_win() {
        let fields = fields("title = 'small'\nTitle = 'large'\nDATE = 1");
        assert_eq!(fields.text("title").as_deref(), Some("large"));
        assert_eq!(fields.text("date").as_deref(), Some("1"));
    }

    #[test]
    fn scalars_are_spelled_as_hugo_spells_them() {
        let check = |toml: &str, expected: Option<&str>| assert_eq!(fields(toml).text("v").as_deref(), expected, "{toml}");
        check("v = 4.50", Some("4.5"));
        check("v = 1.0", Some("1"));
        check("v = 1e21", Some("1000000000000000000000"));
        check("v = true", Some("true"));
        check("v = 2020-01-02", Some("2020-01-02"));
        check("v = [1]", None);
    }

    #[test]
    fn what_would_take_too_much_is_refused() {
        let nested = |levels: usize, each: &str| format!("x = {}1{}", format!("{{{each} = ").repeat(levels), "}".repeat(levels));
        assert!(read(&nested(DEEPEST - 2, "a")).is_ok());
        // each level is one of the few that toml lets be, and 80 of those that it lets be in a key
        let found = read(&nested(78, &["a"; 78].join("."))).unwrap_err();
        assert_eq!(found.what, "tables and lists are inside of too many others");
        let deep = nested(78, &["a"; 78].join("."));
        let siblings = format!("{deep}\n{}\nz = [{{ {deep} }}, {{ {deep} }}]", deep.replacen('x', "y", 1));
        assert_eq!(read(&siblings).unwrap_err().what, "tables and lists are inside of too many others");
        let wide: String = (0..=MOST).map(|n| format!("a{n} = 1\n")).collect();
        assert_eq!(read(&wide).unwrap_err().what, "a table has too many fields");
        let wide: Vec<String> = (0..=MOST).map(|n| format!("\"a{n}\":1")).collect();
        assert!(serde_json::from_str::<Value<'_>>(&format!("{{{}}}", wide.join(","))).is_err());
    }

    #[test]
    fn a_dotted_path_reaches_into_tables() {
        assert_eq!(fields("[Cover]\nImage = 'a.png'").at("cover.image").and_then(Value::text).as_deref(), Some("a.png"));
    }
}
