//! Dates in front matter: every form that Hugo reads, in the zone that Hugo takes.
//!
//! Which field a date comes from is for `content::front_matter::front` to say.

use std::sync::LazyLock;

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use toml::value::{Datetime, Offset};

use crate::layout::Layout;
use crate::value::Value;

/// The layouts in Hugo's order. Those that tell a time without a day are left out: no post can be dated by them.
static LAYOUTS: LazyLock<Vec<Layout>> = LazyLock::new(|| LAYOUT_TEXTS.into_iter().map(Layout::new).collect());

const LAYOUT_TEXTS: [&str; 19] = [
    "2006-01-02",
    "2006-01-02T15:04:05Z07:00",
    "2006-01-02T15:04:05",
    "Mon, 02 Jan 2006 15:04:05 -0700",
    "Mon, 02 Jan 2006 15:04:05 MST",
    "02 Jan 06 15:04 -0700",
    "02 Jan 06 15:04 MST",
    "Monday, 02-Jan-06 15:04:05 MST",
    "2006-01-02 15:04:05 -0700 MST",
    "2006-01-02T15:04:05-0700",
    "2006-01-02 15:04:05Z0700",
    "2006-01-02 15:04:05",
    "Mon Jan _2 15:04:05 2006",
    "Mon Jan _2 15:04:05 MST 2006",
    "Mon Jan 02 15:04:05 -0700 2006",
    "2006-01-02 15:04:05Z07:00",
    "02 Jan 2006",
    "2006-01-02 15:04:05 -07:00",
    "2006-01-02 15:04:05 -0700",
];

/// The value is not a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NotADate;

/// A date, as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dated {
    /// The instant, in the zone of the author.
    pub date: DateTime<FixedOffset>,
    /// Whether a time of the day was written and no offset from UTC. Midnight is what stands where only the day is meant.
    pub lacks_offset: bool,
}

/// Reads a date; null and empty text are none. `zone` is for dates without an offset.
pub(super) fn read(value: &Value<'_>, zone: &TimeZone) -> Result<Option<Dated>, NotADate> {
    let dated = match value {
        Value::Null => return Ok(None),
        Value::String(text) if text.is_empty() => return Ok(None),
        Value::String(text) => from_text(text, zone),
        Value::Datetime(date) => from_toml(date, zone),
        Value::Integer(seconds) => {
            DateTime::from_timestamp(*seconds, 0).map(|date| Dated { date: date.fixed_offset(), lacks_offset: false })
        }
        Value::Bool(_) | Value::Float(_) | Value::Array(_) | Value::Table(_) => None,
    };
    dated.filter(|dated| can_be_written(&dated.date)).map(Some).ok_or(NotADate)
}

/// Reads a date as text.
pub(super) fn parse(text: &str, zone: &TimeZone) -> Option<DateTime<FixedOffset>> {
    from_text(text, zone).map(|dated| dated.date)
}

fn from_text(text: &str, zone: &TimeZone) -> Option<Dated> {
    let parsed = LAYOUTS.iter().find_map(|layout| layout.parse(text))?;
    dated(parsed.local, parsed.offset, zone)
}

fn from_toml(date: &Datetime, zone: &TimeZone) -> Option<Dated> {
    let day = date.date?;
    let day = NaiveDate::from_ymd_opt(i32::from(day.year), u32::from(day.month), u32::from(day.day))?;
    let (hour, minute, second, nanosecond) = date.time.map_or((0, 0, 0, 0), |time| {
        (u32::from(time.hour), u32::from(time.minute), u32::from(time.second.unwrap_or(0)), time.nanosecond.unwrap_or(0))
    });
    let offset = match date.offset {
        None => None,
        Some(Offset::Z) => Some(FixedOffset::east_opt(0)?),
        Some(Offset::Custom { minutes }) => Some(FixedOffset::east_opt(i32::from(minutes) * 60)?),
    };
    dated(day.and_hms_nano_opt(hour, minute, second, nanosecond)?, offset, zone)
}

fn dated(local: NaiveDateTime, offset: Option<FixedOffset>, zone: &TimeZone) -> Option<Dated> {
    let lacks_offset = offset.is_none() && local.time() != NaiveTime::MIN;
    Some(Dated { date: in_zone(local, offset, zone)?, lacks_offset })
}

/// RFC 5322 and RFC 3339 have four digits for a year, here and in UTC.
fn can_be_written(date: &DateTime<FixedOffset>) -> bool {
    (0..=9999).contains(&date.year()) && (0..=9999).contains(&date.to_utc().year())
}

/// Gives a local time its offset. Where the clocks leave a gap or a fold, the outcome is that of Go's `time.Date`:
/// the offset in force at the first guess, then that in force at the instant the guess leads to.
fn in_zone(local: NaiveDateTime, offset: Option<FixedOffset>, zone: &TimeZone) -> Option<DateTime<FixedOffset>> {
    if let Some(offset) = offset {
        return local.and_local_timezone(offset).single();
    }
    let seconds = local.and_utc().timestamp();
    let guess = offset_at(zone, seconds);
    let east = if guess == 0 { 0 } else { offset_at(zone, seconds - i64::from(guess)) };
    let instant = local.checked_sub_signed(chrono::TimeDelta::seconds(i64::from(east)))?.and_utc();
    let shown = offset_at(zone, instant.timestamp());
    Some(instant.with_timezone(&FixedOffset::east_opt(shown)?))
}

/// The seconds that a zone is ahead of UTC at an instant.
fn offset_at(zone: &TimeZone, seconds: i64) -> i32 {
    let instant = Timestamp::from_second(seconds).unwrap_or(if seconds < 0 { Timestamp::MIN } else { Timestamp::MAX });
    zone.to_offset(instant).seconds()
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use proptest::prelude::*;

    use super::*;

    fn paris() -> TimeZone {
        TimeZone::get("Europe/Paris").unwrap()
    }

    fn check(text: &str, expected: Option<&str>) {
        let dated = read(&Value::String(Cow::Borrowed(text)), &paris()).ok().flatten();
        assert_eq!(dated.map(|dated| dated.date.to_rfc3339()).as_deref(), expected, "{text}");
    }

    #[test]
    fn every_form_of_hugo_is_read() {
        check("2023-10-15", Some("2023-10-15T00:00:00+02:00"));
        check("2008-12-05T00:00:00.000000+01:00", Some("2008-12-05T00:00:00+01:00"));
        check("2021-11-10T17:11:29+0100", Some("2021-11-10T17:11:29+01:00"));
        check("2021-11-10T17:11:29", Some("2021-11-10T17:11:29+01:00"));
        check("2021-11-10 17:11:29", Some("2021-11-10T17:11:29+01:00"));
        check("2021-11-10 17:11:29Z", Some("2021-11-10T17:11:29+00:00"));
        check("2021-11-10 17:11:29 +02:00", Some("2021-11-10T17:11:29+02:00"));
        check("2021-11-10 17:11:29.5 -0330 NST", Some("2021-11-10T17:11:29.500-03:30"));
        check("10 Nov 2021", Some("2021-11-10T00:00:00+01:00"));
        check("10 Nov 21 17:11 +0000", Some("2021-11-10T17:11:00+00:00"));
        check("Wed, 10 Nov 2021 17:11:29 GMT", Some("2021-11-10T17:11:29+01:00"));
        check("Wed, 10 Nov 2021 17:11:29 +0000", Some("2021-11-10T17:11:29+00:00"));
        check("Wednesday, 10-Nov-21 17:11:29 CET", Some("2021-11-10T17:11:29+01:00"));
        check("Wed Nov 10 17:11:29 2021", Some("2021-11-10T17:11:29+01:00"));
        check("Wed Nov 10 17:11:29 CET 2021", Some("2021-11-10T17:11:29+01:00"));
        check("Wed Nov 10 17:11:29 -0500 2021", Some("2021-11-10T17:11:29-05:00"));
    }

    #[test]
    fn what_hugo_refuses_is_refused() {
        for text in ["soon", "2020-1-2", "2020-02-30", "2020-01-02T10:00:60Z", "10000-01-01", "10:30AM", "2020-01-02 10:00", "Jan 2, 2020"]
        {
            check(text, None);
        }
        assert_eq!(read(&Value::Bool(true), &paris()), Err(NotADate));
        assert_eq!(read(&Value::Float(1.5), &paris()), Err(NotADate));
    }

    #[test]
    fn gaps_and_folds_are_those_of_go() {
        check("2021-03-28T02:30:00", Some("2021-03-28T03:30:00+02:00"));
        check("2021-10-31T02:30:00", Some("2021-10-31T02:30:00+01:00"));
    }

    #[test]
    fn years_at_the_edges_are_no_panic() {
        check("0000-01-01T00:00:00+00:00", Some("0000-01-01T00:00:00+00:00"));
        check("0000-01-01T00:00:00+01:00", None);
        check("9999-12-31T23:59:59-01:00", None);
        check("9999-12-31", Some("9999-12-31T00:00:00+01:00"));
        assert_eq!(read(&Value::Integer(i64::MAX), &paris()), Err(NotADate));
    }

    #[test]
    fn a_time_of_the_day_needs_an_offset_and_a_day_does_not() {
        let lacks_offset = |value: &Value<'_>| read(value, &paris()).ok().flatten().is_some_and(|dated| dated.lacks_offset);
        let check = |text: &str, expected: bool| {
            assert_eq!(lacks_offset(&Value::String(Cow::Borrowed(text))), expected, "{text}");
            if let Ok(date) = text.parse() {
                assert_eq!(lacks_offset(&Value::Datetime(date)), expected, "{text} of TOML");
            }
        };
        check("2021-11-10T17:11:29", true);
        check("2021-11-10 17:11:29", true);
        check("Wed Nov 10 17:11:29 2021", true);
        check("2021-11-10T17:11:29Z", false);
        check("2021-11-10T17:11:29+01:00", false);
        check("2021-11-10T00:00:00", false);
        check("2021-11-10", false);
        check("10 Nov 2021", false);
        check("12:30", false);
        assert!(!lacks_offset(&Value::Integer(1_600_000_001)));
    }

    #[test]
    fn nothing_is_no_date_and_no_fault() {
        assert_eq!(read(&Value::Null, &paris()), Ok(None));
        assert_eq!(read(&Value::String(Cow::Borrowed("")), &paris()), Ok(None));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[0-9TZ:+. -]{0,32}", seconds: i64) {
            let _ = parse(&text, &paris());
            let _ = read(&Value::Integer(seconds), &paris());
        }
    }
}
