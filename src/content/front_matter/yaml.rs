//! Front matter in YAML, as Hugo reads it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_saphyr::options::NonFiniteFloatPolicy;
use serde_saphyr::{Budget, Error, Options, Spanned};

use super::LONGEST;
use crate::value::{Excess, Fields, MOST, Value, fault};

/// The tag that says of a value what its form says already.
const TIMESTAMP: &str = "!!timestamp";

/// So many of them are left out: there are four dates, and each has all of the text read again.
const TIMESTAMPS: usize = 4;

/// Why it cannot be read.
pub(super) struct Fault {
    /// The byte of the file.
    pub(super) offset: usize,
    pub(super) what: String,
    pub(super) mend: &'static str,
}

/// A null is a key too, and one that nothing asks for.
type Table<'a> = BTreeMap<Option<String>, Spanned<Value<'a>>>;

/// Reads front matter that begins at the byte `shift` of the file.
pub(super) fn read(front: &str, shift: usize) -> Result<Fields<'_>, Fault> {
    match table(front) {
        Ok(table) => fields(table, shift),
        Err(error) => read_without_timestamps(front, shift, error),
    }
}

/// Reads front matter of which was said what is wrong with it, without the tags of dates, which the library does not know.
fn read_without_timestamps(front: &str, shift: usize, mut error: Error) -> Result<Fields<'_>, Fault> {
    let mut plain = front.to_owned();
    for _ in 0..TIMESTAMPS {
        let Some(at) = timestamp(&error, &plain) else { break };
        plain.replace_range(at..at + TIMESTAMP.len(), &" ".repeat(TIMESTAMP.len()));
        match table(&plain) {
            Ok(table) => return fields(table, shift).map(Fields::into_owned),
            Err(next) => error = next,
        }
    }
    let (place, what) = fault::yaml(error, front);
    let mend = fault::mend(&what, "write `key: value`, with text that has a colon in quotes");
    Err(Fault { offset: shift + place, what: format!("this is not YAML: {what}"), mend })
}

/// Where the tag is because of which a value could not be read.
fn timestamp(error: &Error, text: &str) -> Option<usize> {
    if !matches!(error, Error::TaggedScalarCannotDeserializeIntoString { .. }) {
        return None;
    }
    let value = fault::place(error, text)?;
    text[..value].trim_end().strip_suffix(TIMESTAMP).map(str::len)
}

fn table(front: &str) -> Result<Table<'_>, Error> {
    serde_saphyr::from_str_with_options::<Option<Table<'_>>>(front, options()).map(Option::unwrap_or_default)
}

fn fields(table: Table<'_>, shift: usize) -> Result<Fields<'_>, Fault> {
    if table.len() > MOST {
        let Excess { offset, what } = Excess::of_fields(shift);
        return Err(Fault { offset, what: what.to_owned(), mend: "write less in the front matter" });
    }
    let mut fields = Fields::default();
    for (key, value) in table {
        let Some(key) = key else { continue };
        let within = value.defined.span().byte_offset().and_then(|byte| usize::try_from(byte).ok());
        fields.insert(Cow::Owned(key), value.value, within.map(|byte| shift + byte));
    }
    Ok(fields)
}

/// As many values as front matter that is not too long can write, of which any may be aliases. What these stand for counts, so one
/// that expands to more is refused. Booleans are as Hugo's YAML 1.2 has them: `yes` is text.
fn options() -> Options {
    let mut budget = Budget::default();
    // each takes a sign and another that parts it from the next
    budget.max_nodes = LONGEST / 2;
    budget.max_events = 2 * LONGEST;
    // what is kept of them takes a hundred bytes each
    budget.max_recorded_anchor_events = LONGEST / 4;
    budget.max_aliases = LONGEST;
    budget.max_anchors = LONGEST;
    budget.max_total_scalar_bytes = 4 * LONGEST;
    budget.enforce_alias_anchor_ratio = false;
    budget.max_depth = 32;
    budget.max_documents = 1;
    let mut options = Options::default();
    options.budget = Some(budget);
    options.non_finite_float_policy = NonFiniteFloatPolicy::PassThrough;
    options.strict_booleans = true;
    options.with_snippet = false;
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(front: &str, key: &str, expected: &str) {
        match read(front, 0) {
            Ok(fields) => assert_eq!(fields.text(key).as_deref(), Some(expected), "{front:.200}"),
            Err(fault) => panic!("{}: {:.200}", fault.what, front),
        }
    }

    fn check_fault(front: &str, expected: &str) {
        let fault = read(front, 0).map(|_| ()).unwrap_err();
        assert_eq!(format!("{}: {}; {}", fault.offset, fault.what, fault.mend), expected, "{front:.200}");
    }

    #[test]
    fn what_is_long_is_read_as_hugo_reads_it() {
        let rows: String = (0..40_000).map(|n| format!("- {{a: {n}, b: x}}\n")).collect();
        check(&format!("title: x\nrows:\n{rows}"), "title", "x");
        check(&format!("title: x\nl: [{}]", "a,".repeat(500_000)), "title", "x");
        check(&format!("title: &t x\nl: [{}]", "*t,".repeat(100_000)), "title", "x");
        let tables: String = (0..1000).map(|n| format!("k{n}: &a{n} {{a: 1}}\nl{n}: {{<<: *a{n}, b: 2}}\n")).collect();
        check(&format!("title: x\n{tables}"), "title", "x");
    }

    #[test]
    fn aliases_of_which_little_text_makes_much_are_refused() {
        let many = "there are too many values, with those that aliases stand for; write it without aliases, or with fewer values";
        let refused = |front: &str| {
            let fault = read(front, 0).map(|_| ()).unwrap_err();
            assert_eq!(format!("{}; {}", fault.what, fault.mend), format!("this is not YAML: {many}"), "{front:.200}");
        };
        refused(&format!("t: &t [{}]\nl: [{}]", "a,".repeat(100_000), "*t,".repeat(10)));
        refused(&format!("t: &t {}\nl: [{}]", "a".repeat(100_000), "*t,".repeat(50)));
        let nested: String = (0..30).map(|n| format!("{}k: &a{n}\n", " ".repeat(n))).collect();
        refused(&format!("{nested}{}l: [{}]", " ".repeat(30), "a,".repeat(20_000)));
        let wide: String = (0..=MOST).map(|n| format!("k{n}: 1\n")).collect();
        check_fault(&wide, "0: a table has too many fields; write less in the front matter");
    }

    #[test]
    fn the_tag_of_a_date_says_nothing() {
        let front = "date: !!timestamp 2024-01-02\nlastmod: !!timestamp \"2024-01-03\"\ntitle: of !!timestamp ☃\nlast: 1";
        check(front, "date", "2024-01-02");
        check(front, "lastmod", "2024-01-03");
        check(front, "title", "of !!timestamp ☃");
        let fields = read(front, 5).ok().unwrap();
        assert_eq!(fields.field("last").and_then(|field| field.offset), front.rfind('1').map(|at| at + 5));
        check_fault(
            &format!("l: [{}]", "!!timestamp x, ".repeat(TIMESTAMPS + 1)),
            "76: this is not YAML: the tag before this value has no meaning here; write the value without it",
        );
    }

    #[test]
    fn what_hugo_reads_and_nothing_asks_for_is_no_fault() {
        check("~: y\nt: {~: z}\ntitle: x", "title", "x");
        check("z: .inf\ny: .nan\ntitle: x", "z", "+Inf");
        check("title: -.inf", "title", "-Inf");
    }

    #[test]
    fn each_fault_is_told_with_what_mends_it() {
        let name = "this is not YAML: a key is a list or a table; write a name there, with text that has a bracket in quotes";
        check_fault("[a, b]: c", &format!("0: {name}"));
        check_fault("a: {{b: c}: d}", &format!("4: {name}"));
        check_fault(
            "title: x\n...\ntext",
            "13: this is not YAML: what follows `...` is another document; close what is before it with a line ---",
        );
        check_fault(
            "a: \"\\d\"",
            "3: this is not YAML: while parsing a quoted scalar, found unknown escape character; write two backslashes for one, or put the text in single quotes",
        );
        check_fault("a: \"b", "3: this is not YAML: unclosed quote; close the quote");
    }
}
