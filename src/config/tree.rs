//! A configuration file, in TOML, YAML or JSON, as a tree of values with their places.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{DuplicateKeyPolicy, Spanned};
use toml::de::{DeTable, DeValue};

use crate::value::{DEEPEST, Excess, Fields, MOST, Value, dismantle, fault};

/// A value, and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Node {
    /// The byte at which it begins.
    pub(super) place: usize,
    pub(super) tree: Tree,
}

/// A value, taken apart.
#[derive(Clone, Debug)]
pub(super) enum Tree {
    /// Neither a list nor a table.
    Scalar(Value<'static>),
    List(Vec<Node>),
    Table(Table),
}

/// One entry of a table.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// As it is written.
    pub(super) key: String,
    /// The byte at which the key begins.
    pub(super) place: usize,
    pub(super) node: Node,
}

/// The entries of a table.
#[derive(Clone, Debug, Default)]
pub(super) struct Table(pub(super) Vec<Entry>);

/// What is wrong with a text, and the byte where it is.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) place: usize,
    pub(super) what: String,
    pub(super) mend: &'static str,
}

/// A notation of a configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notation {
    /// TOML 1.0
    Toml,
    /// YAML 1.2
    Yaml,
    /// JSON
    Json,
}

impl Notation {
    /// The notation of a file, by the ending of its name: TOML, unless that is one of the others'.
    pub fn of_file(path: &str) -> Self {
        match path.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).as_deref() {
            Some("yaml" | "yml") => Notation::Yaml,
            Some("json") => Notation::Json,
            _ => Notation::Toml,
        }
    }

    /// How a key is given a text, on a line of its own.
    pub fn entry(self, key: &str, text: &str) -> String {
        if self == Notation::Toml {
            return toml::Table::from_iter([(key.to_owned(), toml::Value::from(text))]).to_string().trim_end().to_owned();
        }
        // a text of JSON is one of YAML
        let [key, text] = [key, text].map(|text| serde_json::Value::from(text).to_string());
        format!("{key}: {text}")
    }

    /// How a table is begun, in words.
    pub(super) fn table(self, name: &str) -> String {
        match self {
            Notation::Toml => format!("write [{name}] on a line of its own"),
            Notation::Yaml => format!("write `{name}:` on a line of its own, with keys below it"),
            Notation::Json => format!("write \"{name}\": {{ }}, with keys in it"),
        }
    }

    /// Reads a text. `shift` is added to every place.
    pub(super) fn read(self, text: &str, shift: usize) -> Result<Table, Vec<Fault>> {
        match self {
            Notation::Toml => toml(text, shift),
            Notation::Yaml => yaml(text, shift, DuplicateKeyPolicy::Error).map_err(|fault| vec![fault]),
            Notation::Json => json(text, shift).map_err(|fault| vec![fault]),
        }
    }

    /// Reads a text that is one value, as in YAML. `shift` is added to every place.
    pub(super) fn value(text: &str, shift: usize) -> Result<Node, Fault> {
        yaml_value(text, shift, DuplicateKeyPolicy::LastWins)
    }

    /// How a key is given a value, which is written as TOML has it.
    pub(super) fn assign(self, key: &str, value: &str) -> String {
        match self {
            Notation::Toml => format!("{key} = {value}"),
            Notation::Yaml => format!("{key}: {value}"),
            Notation::Json => format!("\"{key}\": {value}"),
        }
    }
}

impl Table {
    /// Takes in the entries of another table. Of two values the other's stays, even if that is nothing, but tables become one. Of
    /// two keys of the other that differ only in case the one with capitals stays, as in Hugo.
    pub(super) fn merge(&mut self, other: Table) {
        let before = self.0.len();
        for entry in other.0 {
            match self.0.iter().position(|known| is_same(&known.key, &entry.key)) {
                None => self.0.push(entry),
                Some(at) if at >= before && !entry.key.chars().any(char::is_uppercase) => {}
                Some(at) => match (&mut self.0[at].node.tree, entry.node.tree) {
                    (Tree::Table(table), Tree::Table(other)) if at < before => table.merge(other),
                    (_, tree) => self.0[at] = Entry { node: Node { tree, ..entry.node }, ..entry },
                },
            }
        }
    }

    /// Removes keys that have nothing for their values: they are as good as ones that are not there.
    pub(super) fn remove_nothing(&mut self) {
        self.0.retain(|entry| !matches!(entry.node.tree, Tree::Scalar(Value::Null)));
        self.0.iter_mut().for_each(|entry| entry.node.remove_nothing());
    }

    /// A table with nothing but one key.
    pub(super) fn of(key: &str, place: usize, node: Node) -> Table {
        Table(vec![Entry { key: key.to_owned(), place, node }])
    }

    /// A table with nothing but this one, below a key.
    pub(super) fn below(self, key: &str, place: usize) -> Table {
        Table::of(key, place, Node { place, tree: Tree::Table(self) })
    }

    /// What is at a path of keys.
    pub(super) fn at(&self, keys: &[String]) -> Option<&Node> {
        let (first, rest) = keys.split_first()?;
        let node = &self.0.iter().find(|entry| is_same(&entry.key, first))?.node;
        if rest.is_empty() { Some(node) } else { node.table()?.at(rest) }
    }

    /// The place of an item of the list that begins at a place.
    pub(super) fn item(&self, list: usize, index: usize) -> Option<usize> {
        self.0.iter().find_map(|entry| entry.node.item(list, index))
    }

    /// As fields, which are found whatever the case of their keys.
    pub(super) fn fields(&self) -> Fields<'static> {
        let mut fields = Fields::default();
        for Entry { key, node, .. } in &self.0 {
            fields.insert(Cow::Owned(key.clone()), node.value(), Some(node.place));
        }
        fields
    }
}

/// Whether two keys are one: they have no case, but for paths, as in `[redirects]`.
fn is_same(key: &str, other: &str) -> bool {
    key == other || !key.starts_with('/') && key.eq_ignore_ascii_case(other)
}

impl Node {
    pub(super) fn of_scalar(value: Value<'static>, place: usize) -> Self {
        Node { place, tree: Tree::Scalar(value) }
    }

    fn item(&self, list: usize, index: usize) -> Option<usize> {
        match &self.tree {
            Tree::Scalar(_) => None,
            Tree::List(items) if self.place == list => Some(items.get(index)?.place),
            Tree::List(items) => items.iter().find_map(|item| item.item(list, index)),
            Tree::Table(table) => table.item(list, index),
        }
    }

    fn remove_nothing(&mut self) {
        match &mut self.tree {
            Tree::Scalar(_) => {}
            Tree::List(items) => items.iter_mut().for_each(Node::remove_nothing),
            Tree::Table(table) => table.remove_nothing(),
        }
    }

    fn value(&self) -> Value<'static> {
        match &self.tree {
            Tree::Scalar(value) => value.clone(),
            Tree::List(items) => Value::Array(items.iter().map(Node::value).collect()),
            Tree::Table(table) => Value::Table(table.fields()),
        }
    }

    pub(super) fn table(&self) -> Option<&Table> {
        match &self.tree {
            Tree::Table(table) => Some(table),
            _ => None,
        }
    }

    pub(super) fn items(&self) -> Option<&[Node]> {
        match &self.tree {
            Tree::List(items) => Some(items),
            _ => None,
        }
    }

    /// The text that it is; none for a number or what else is none.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.tree {
            Tree::Scalar(Value::String(text)) => Some(text),
            _ => None,
        }
    }

    /// What kind of value it is, in a word.
    pub(super) fn kind(&self) -> &'static str {
        match &self.tree {
            Tree::Scalar(Value::Bool(_)) => "boolean",
            Tree::Scalar(Value::Integer(_)) => "integer",
            Tree::Scalar(Value::Float(_)) => "float",
            Tree::Scalar(Value::Datetime(_)) => "datetime",
            Tree::Scalar(_) => "string",
            Tree::List(_) => "array",
            Tree::Table(_) => "table",
        }
    }
}

impl From<Excess> for Fault {
    fn from(excess: Excess) -> Self {
        Fault { place: excess.offset, what: excess.what.to_owned(), mend: "write less here" }
    }
}

fn toml(text: &str, shift: usize) -> Result<Table, Vec<Fault>> {
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut faults: Vec<Fault> = errors
        .iter()
        .map(|error| {
            let message = error.message().lines().next().unwrap_or_default();
            let place = shift + error.span().map_or(0, |span| span.start);
            let mend = fault::mend(message, "write `key = value`, with text in quotes");
            Fault { place, what: format!("this is not TOML: {message}"), mend }
        })
        .collect();
    let read = of_toml(table.get_ref(), shift, shift, 0);
    dismantle([DeValue::Table(table.into_inner())]);
    // a slip has echoes on its line: the first of each line is the one to mend
    faults.sort_by_key(|fault| fault.place);
    faults.dedup_by_key(|fault| text[..fault.place - shift].matches('\n').count());
    if faults.is_empty() { read.map_err(|fault| vec![fault]) } else { Err(faults) }
}

fn of_toml(table: &DeTable<'_>, place: usize, shift: usize, depth: usize) -> Result<Table, Fault> {
    if table.len() > MOST {
        return Err(Excess::of_fields(place).into());
    }
    let entry = |(key, value): (&toml::Spanned<Cow<'_, str>>, &toml::Spanned<DeValue<'_>>)| {
        let node = node_of_toml(value, shift, depth + 1)?;
        Ok(Entry { key: key.get_ref().to_string(), place: shift + key.span().start, node })
    };
    table.iter().map(entry).collect::<Result<_, _>>().map(Table)
}

fn node_of_toml(value: &toml::Spanned<DeValue<'_>>, shift: usize, depth: usize) -> Result<Node, Fault> {
    let place = shift + value.span().start;
    let tree = match value.get_ref() {
        DeValue::Array(_) | DeValue::Table(_) if depth > DEEPEST => return Err(Excess::of_depth(place).into()),
        DeValue::Array(items) => Tree::List(items.iter().map(|item| node_of_toml(item, shift, depth + 1)).collect::<Result<_, _>>()?),
        DeValue::Table(table) => Tree::Table(of_toml(table, place, shift, depth)?),
        scalar => Tree::Scalar(Value::of_scalar(scalar.clone()).into_owned()),
    };
    Ok(Node { place, tree })
}

fn yaml(text: &str, shift: usize, twice: DuplicateKeyPolicy) -> Result<Table, Fault> {
    match yaml_value(text, shift, twice)?.tree {
        Tree::Scalar(Value::Null) => Ok(Table::default()),
        Tree::Table(table) => Ok(table),
        Tree::Scalar(_) | Tree::List(_) => Err(no_table(shift)),
    }
}

fn yaml_value(text: &str, shift: usize, twice: DuplicateKeyPolicy) -> Result<Node, Fault> {
    let documents = serde_saphyr::from_multiple_with_options::<Spanned<Yaml>>(text, yaml_options(twice)).map_err(|error| {
        let (place, what) = fault::yaml(error, text);
        let mend = fault::mend(&what, "write `key: value`, with text that has a colon in quotes");
        Fault { place: shift + place, what: format!("this is not YAML: {what}"), mend }
    })?;
    // what follows another `---`, Hugo passes over
    match documents.into_iter().next() {
        Some(root) => node_of_yaml(root, text.len(), shift),
        None => Ok(Node::of_scalar(Value::Null, shift)),
    }
}

fn no_table(place: usize) -> Fault {
    Fault { place, what: "this holds no keys".to_owned(), mend: "begin it with a key, such as `title`" }
}

/// Booleans as Hugo's YAML 1.2 has them: `no` is text. What is called by a name may be so any number of times.
fn yaml_options(twice: DuplicateKeyPolicy) -> serde_saphyr::Options {
    let mut budget = serde_saphyr::Budget::default();
    budget.enforce_alias_anchor_ratio = false;
    let mut options = serde_saphyr::Options::default();
    options.budget = Some(budget);
    options.duplicate_keys = twice;
    options.strict_booleans = true;
    options.with_snippet = false;
    options
}

fn of_yaml(entries: Vec<(Spanned<String>, Spanned<Yaml>)>, place: usize, end: usize, shift: usize) -> Result<Table, Fault> {
    if entries.len() > MOST {
        return Err(Excess::of_fields(place).into());
    }
    let mut table = Table::default();
    for (key, value) in entries {
        let place = place_of(&key, end, shift);
        let entry = Entry { key: key.value, place, node: node_of_yaml(value, end, shift)? };
        // JSON may have it twice
        match table.0.iter_mut().find(|known| known.key == entry.key) {
            Some(known) => *known = entry,
            None => table.0.push(entry),
        }
    }
    Ok(table)
}

fn node_of_yaml(node: Spanned<Yaml>, end: usize, shift: usize) -> Result<Node, Fault> {
    let place = place_of(&node, end, shift);
    let tree = match node.value {
        Yaml::Scalar(value) => Tree::Scalar(value),
        Yaml::List(items) => Tree::List(items.into_iter().map(|item| node_of_yaml(item, end, shift)).collect::<Result<_, _>>()?),
        Yaml::Table(entries) => Tree::Table(of_yaml(entries, place, end, shift)?),
    };
    Ok(Node { place, tree })
}

fn place_of<T>(node: &Spanned<T>, end: usize, shift: usize) -> usize {
    let byte = node.defined.span().byte_offset().and_then(|byte| usize::try_from(byte).ok());
    shift + byte.unwrap_or(0).min(end)
}

/// A value as YAML writes it.
enum Yaml {
    Scalar(Value<'static>),
    List(Vec<Spanned<Yaml>>),
    Table(Vec<(Spanned<String>, Spanned<Yaml>)>),
}

impl<'de> Deserialize<'de> for Yaml {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(YamlVisitor)
    }
}

struct YamlVisitor;

impl<'de> Visitor<'de> for YamlVisitor {
    type Value = Yaml;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Yaml, E> {
        Ok(Yaml::Scalar(Value::Null))
    }

    fn visit_none<E>(self) -> Result<Yaml, E> {
        Ok(Yaml::Scalar(Value::Null))
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Yaml, E> {
        Ok(Yaml::Scalar(Value::Bool(truth)))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Yaml, E> {
        Ok(Yaml::Scalar(Value::Integer(number)))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Yaml, E> {
        Ok(Yaml::Scalar(i64::try_from(number).map_or(Value::Float(number as f64), Value::Integer)))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Yaml, E> {
        Ok(Yaml::Scalar(Value::Float(number)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Yaml, E> {
        Ok(Yaml::Scalar(Value::String(Cow::Owned(text.to_owned()))))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Yaml, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Yaml::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Yaml, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Yaml::Table(entries))
    }
}

/// JSON is YAML too, but what is wrong with it is not said as of YAML, and of a key that is there twice the last counts.
fn json(text: &str, shift: usize) -> Result<Table, Fault> {
    let is_empty = text.trim().is_empty();
    let valid = if is_empty { Ok(IgnoredAny) } else { serde_json::from_str(text) };
    valid.map_err(|error| {
        let (place, what) = fault::json(&error, text);
        let mend = fault::mend(&what, "write `\"key\": value`, with a comma between fields");
        Fault { place: shift + place, what: format!("this is not JSON: {what}"), mend }
    })?;
    yaml(text, shift, DuplicateKeyPolicy::LastWins)
}
