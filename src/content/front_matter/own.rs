//! Where a page, or what it has others inherit, says in vain how it is to be in feeds: in Tidings' own table, `feed`.

use super::Source;
use crate::config::{Slip, slips};
use crate::diagnostic::{Diagnostic, Rule};
use crate::value::{Field, Fields, Value};

/// Tells of what is not followed in the table `feed` of a page.
pub(crate) fn unfit(source: &Source<'_>, found: &mut Vec<Diagnostic>) {
    of_fields(source, &source.fields, None, found);
}

/// Tells of what is not followed in those tables that others inherit.
pub(crate) fn unfit_cascade(source: &Source<'_>, found: &mut Vec<Diagnostic>) {
    cascades(source).for_each(|(fields, around)| of_fields(source, fields, around, found));
}

/// The tables that others inherit, each with the place of what is around it.
pub(crate) fn cascades<'s, 'a>(source: &'s Source<'a>) -> impl Iterator<Item = (&'s Fields<'a>, Option<usize>)> {
    let tables = |field: &'s Field<'a>| {
        let tables = if field.value.table().is_some() { std::slice::from_ref(&field.value) } else { field.value.items() };
        tables.iter().filter_map(Value::table).map(|fields| (fields, field.offset))
    };
    source.fields.field("cascade").into_iter().flat_map(tables)
}

/// Tells of the table among fields and among the parameters that they have; the place of what is around them is known where theirs
/// are not.
fn of_fields(source: &Source<'_>, fields: &Fields<'_>, around: Option<usize>, found: &mut Vec<Diagnostic>) {
    for (feed, around, Slip { key, place, what, mend }) in slips(fields, around) {
        let of_table = feed.offset.or_else(|| place_of("feed", around, source));
        let place = place.or_else(|| key.and_then(|key| place_of(&key, of_table, source))).or(of_table);
        found.push(source.diagnostic(Rule::InvalidFeed, place, what, mend));
    }
}

/// Where the front matter has a key, from a place on, in notations that tell places of the outermost keys alone.
pub(crate) fn place_of(key: &str, from: Option<usize>, source: &Source<'_>) -> Option<usize> {
    let from = from?;
    let front = source.text.get(from..source.body_offset)?;
    Some(from + front.to_ascii_lowercase().find(key).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::front_matter;

    fn check(text: &str, expected: &[&str]) {
        let source = front_matter::read("a.md", text.as_bytes()).unwrap();
        let mut found = Vec::new();
        unfit(&source, &mut found);
        unfit_cascade(&source, &mut found);
        let found: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn what_a_feed_table_says_in_vain_is_told_at_its_line() {
        let key = "warning: unknown key `contnt` in `feed`; did you mean `content`? [invalid-feed]";
        let value = "warning: `feed.content` cannot be `sumary`; did you mean `summary`? [invalid-feed]";
        check("---\ntitle: A\nfeed: {contnt: summary}\n---\n", &[&format!("a.md:3:8: {key}")]);
        check("---\ntitle: A\nfeed:\n  # a\n  Contnt: summary\n---\n", &[&format!("a.md:5:3: {key}")]);
        check("---\nfeed:\n  content: sumary\n---\n", &[&format!("a.md:3:3: {value}")]);
        check("---\nparams:\n  feed:\n    content: sumary\n---\n", &[&format!("a.md:4:5: {value}")]);
        check("+++\n[feed]\ncontent = 'sumary'\n+++\n", &[&format!("a.md:3:11: {value}")]);
        check("+++\nfeed.contnt = 'summary'\n+++\n", &[&format!("a.md:2:15: {key}")]);
        check("{\n\"feed\": {\n\"content\": \"sumary\"\n}}\n", &[&format!("a.md:3:2: {value}")]);
        check(
            "---\nfeed: Summary\n---\n",
            &["a.md:2:7: warning: `feed` is not a table; write `content` in it: \"summary\" [invalid-feed]"],
        );
        check(
            "---\nfeed: {content: []}\n---\n",
            &["a.md:2:8: warning: `feed.content` cannot be what it is; write \"full\" or \"summary\" [invalid-feed]"],
        );
    }

    #[test]
    fn what_pages_inherit_is_told_where_it_is_written() {
        check(
            "+++\n[[cascade]]\n[cascade.feed]\ncontent = 'ful'\n+++\n",
            &["a.md:4:11: warning: `feed.content` cannot be `ful`; did you mean `full`? [invalid-feed]"],
        );
        check(
            "---\ncascade:\n  - feed: {content: ful}\n---\n",
            &["a.md:3:12: warning: `feed.content` cannot be `ful`; did you mean `full`? [invalid-feed]"],
        );
    }

    #[test]
    fn what_is_followed_or_of_a_theme_is_not_told_of() {
        for front in [
            "feed: {image: a.png}",
            "feed: {content: full}",
            "feed: {Content: summary}",
            "feed: {content: }",
            "feed: true",
            "feed:",
            "params: {feed: /a.xml}",
        ] {
            check(&format!("---\n{front}\n---\n"), &[]);
        }
    }
}
