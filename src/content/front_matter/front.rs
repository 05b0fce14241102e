//! A page's front matter with what it inherits, and the dates that follow from both.
//!
//! What other fields mean is for `content::page` and `content::details` to say.

use std::borrow::Cow;

use chrono::{DateTime, FixedOffset};
use jiff::tz::TimeZone;

use super::Source;
use super::date::{self, Dated};
use crate::config::{Cascade, Config, DateSource, Kind};
use crate::content::path::ContentPath;
use crate::content::section::Section;
use crate::diagnostic::{Diagnostic, Rule};
use crate::value::{Field, Fields, Value};

/// A page's own fields before those it inherits: from its own cascade, from the sections around it, nearest first, and
/// from the configuration.
pub(crate) struct Front<'s> {
    own: &'s Fields<'s>,
    inherited: Vec<Cow<'s, Fields<'static>>>,
}

/// The cascade that a page has itself, which counts for the page, too; one that is none is told of.
pub(crate) fn own_cascade(source: &Source<'_>, config: &Config, found: &mut Vec<Diagnostic>) -> Vec<Cascade> {
    let Some(field) = source.fields.field("cascade") else { return Vec::new() };
    Cascade::read(&field.value, config.site.purpose()).unwrap_or_else(|what| {
        let mend = "write a table of fields, or a list of them with a `target`";
        found.push(source.diagnostic(Rule::BrokenCascade, field.offset, what, mend));
        Vec::new()
    })
}

impl<'s> Front<'s> {
    /// The front matter of a page of this kind at Hugo's path `logical`, with the cascade that it has itself.
    pub(crate) fn new(
        own: &'s Fields<'s>,
        own_cascade: Vec<Cascade>,
        kind: Kind,
        logical: &str,
        ancestry: &[&'s Section],
        config: &'s Config,
    ) -> Self {
        let around = ancestry.iter().flat_map(|section| &section.cascade).chain(&config.site.cascade).map(Cow::Borrowed);
        let cascades = own_cascade.into_iter().map(Cow::Owned).chain(around);
        let reaching = cascades.filter(|cascade| cascade.reaches(kind, logical));
        let fields = |cascade| match cascade {
            Cow::Borrowed(Cascade { fields, .. }) => Cow::Borrowed(fields),
            Cow::Owned(Cascade { fields, .. }) => Cow::Owned(fields),
        };
        Front { own, inherited: reaching.map(fields).collect() }
    }

    /// The field of this lower-case key.
    pub(crate) fn field(&self, key: &str) -> Option<&Field<'s>> {
        self.own.field(key).or_else(|| {
            let mut inherited = self.inherited.iter();
            inherited.find_map(|fields| params(fields).and_then(|params| params.field(key)).or_else(|| fields.field(key)))
        })
    }

    /// The value of this lower-case key.
    pub(crate) fn get(&self, key: &str) -> Option<&Value<'s>> {
        self.field(key).map(|field| &field.value)
    }

    /// The text of this lower-case key; empty when there is none.
    pub(crate) fn text(&self, key: &str) -> Cow<'_, str> {
        self.get(key).and_then(Value::text).unwrap_or_default()
    }

    /// Whether this lower-case key says yes.
    pub(crate) fn truth(&self, key: &str) -> Option<bool> {
        self.get(key).and_then(Value::truth)
    }

    /// The page's parameter at a path of lower-case keys: in a table `params` it wins over the field.
    pub(crate) fn param(&self, path: &str) -> Option<&Value<'s>> {
        let mut all = std::iter::once(self.own).chain(self.inherited.iter().map(|fields| &**fields));
        all.find_map(|fields| params(fields).and_then(|params| params.at(path)).or_else(|| fields.at(path)))
    }
}

/// The table `params`.
fn params<'f, 'a>(fields: &'f Fields<'a>) -> Option<&'f Fields<'a>> {
    fields.get("params").and_then(Value::table)
}

/// The dates of a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Dates {
    pub(crate) date: Option<DateTime<FixedOffset>>,
    pub(crate) published: Option<DateTime<FixedOffset>>,
    pub(crate) modified: Option<DateTime<FixedOffset>>,
    pub(crate) expiry: Option<DateTime<FixedOffset>>,
    /// The byte of the file with a time of the day that has no zone, where the site has none either.
    pub(crate) without_zone: Option<usize>,
}

impl Dates {
    /// Reads the dates by the chains of the configuration; each that cannot be read is an error in `found`.
    pub(crate) fn read<'s>(
        front: &Front<'_>,
        source: &Source<'_>,
        path: &ContentPath<'_>,
        config: &'s Config,
        found: &mut Vec<Diagnostic>,
    ) -> Self {
        // chains share fields: each is read once, and is wrong once
        let mut read: Vec<(&DateSource, Option<Dated>)> = Vec::new();
        let mut one = |from| match read.iter().find(|(known, _)| *known == from) {
            Some((_, dated)) => dated.map(|dated| dated.date),
            None => {
                let dated = one(from, front, source, path, &config.site.time_zone, found);
                read.push((from, dated));
                dated.map(|dated| dated.date)
            }
        };
        let mut first = |chain: &'s [DateSource]| chain.iter().find_map(&mut one);
        let chains = &config.site.dates;
        let [date, published, modified, expiry] =
            [&chains.date, &chains.published, &chains.modified, &chains.expiry].map(|chain| first(chain));
        let without_zone = |(from, dated): &(&DateSource, Option<Dated>)| {
            let (DateSource::Field(key), Some(Dated { lacks_offset: true, .. })) = (from, dated) else { return None };
            source.fields.field(key).map(|field| field.offset.unwrap_or(0))
        };
        let without_zone = if config.site.time_zone.is_unknown() { read.iter().find_map(without_zone) } else { None };
        Dates { date, published, modified, expiry, without_zone }
    }
}

fn one(
    from: &DateSource,
    front: &Front<'_>,
    source: &Source<'_>,
    path: &ContentPath<'_>,
    zone: &TimeZone,
    found: &mut Vec<Diagnostic>,
) -> Option<Dated> {
    let key = match from {
        DateSource::FileName => return from_file_name(path.base_name(), zone).map(|(date, _)| Dated { date, lacks_offset: false }),
        DateSource::Field(key) => key,
    };
    let field = front.field(key)?;
    if key == "published" && field.value.truth().is_some() && !matches!(field.value, Value::Integer(_) | Value::Null) {
        return None;
    }
    date::read(&field.value, zone).unwrap_or_else(|date::NotADate| {
        let written = field.value.text().unwrap_or_default();
        let what = format!("`{key}` is no date that can be read: `{written}`");
        found.push(source.diagnostic(Rule::UnreadableDate, field.offset, what, "write one such as 2026-11-22T10:00:00+01:00"));
        None
    })
}

/// The date that begins a file's name, `2020-01-02` or `2020-01-02-15-04-05`, and the rest, which is a slug.
pub(crate) fn from_file_name<'n>(name: &'n str, zone: &TimeZone) -> Option<(DateTime<FixedOffset>, &'n str)> {
    let slug = |rest: &'n str| rest.trim_matches([' ', '-', '_']);
    let day = name.get(..10)?;
    let with_time = name.get(11..19).and_then(|time| date::parse(&format!("{day}T{}", time.replace('-', ":")), zone));
    match (with_time, name.get(19..)) {
        (Some(date), Some(rest)) => Some((date, slug(rest))),
        _ => Some((date::parse(day, zone)?, slug(&name[10..]))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_may_begin_with_a_date() {
        let check = |name: &str, expected: Option<(&str, &str)>| {
            let got = from_file_name(name, &TimeZone::UTC).map(|(date, slug)| (date.to_rfc3339(), slug));
            assert_eq!(got.as_ref().map(|(date, slug)| (date.as_str(), *slug)), expected, "{name}");
        };
        check("2020-01-02-a-post", Some(("2020-01-02T00:00:00+00:00", "a-post")));
        check("2020-01-02", Some(("2020-01-02T00:00:00+00:00", "")));
        check("2020-01-02-15-04-05 a", Some(("2020-01-02T15:04:05+00:00", "a")));
        check("2020-13-02-a", None);
        check("été-20200102", None);
    }
}
