//! Time layouts as Go writes them (`02 Jan 2006`): Hugo reads dates by them and permalink patterns print dates by them.
//!
//! Which layouts a date may have, and its time zone, is for `content::front_matter::date` to say.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, Timelike};

/// One element of a layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece {
    LongMonth,
    Month,
    MonthNumber { padded: bool },
    LongWeekday,
    Weekday,
    Day { pad: Pad },
    YearDay,
    Hour,
    Hour12 { padded: bool },
    Minute { padded: bool },
    Second { padded: bool },
    LongYear,
    Year,
    Half { capitals: bool },
    ZoneName,
    Zone { colon: bool, z: bool },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pad {
    None,
    Space,
    Zero,
}

/// The spellings of the elements, longer ones before those that begin them.
const PIECES: &[(&str, Piece)] = &[
    ("January", Piece::LongMonth),
    ("Jan", Piece::Month),
    ("Monday", Piece::LongWeekday),
    ("Mon", Piece::Weekday),
    ("MST", Piece::ZoneName),
    ("002", Piece::YearDay),
    ("01", Piece::MonthNumber { padded: true }),
    ("02", Piece::Day { pad: Pad::Zero }),
    ("03", Piece::Hour12 { padded: true }),
    ("04", Piece::Minute { padded: true }),
    ("05", Piece::Second { padded: true }),
    ("06", Piece::Year),
    ("15", Piece::Hour),
    ("1", Piece::MonthNumber { padded: false }),
    ("2006", Piece::LongYear),
    ("2", Piece::Day { pad: Pad::None }),
    ("_2", Piece::Day { pad: Pad::Space }),
    ("3", Piece::Hour12 { padded: false }),
    ("4", Piece::Minute { padded: false }),
    ("5", Piece::Second { padded: false }),
    ("PM", Piece::Half { capitals: true }),
    ("pm", Piece::Half { capitals: false }),
    ("-07:00", Piece::Zone { colon: true, z: false }),
    ("-0700", Piece::Zone { colon: false, z: false }),
    ("Z07:00", Piece::Zone { colon: true, z: true }),
    ("Z0700", Piece::Zone { colon: false, z: true }),
];

const MONTHS: [&str; 12] =
    ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
const WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// The English name of a date's month.
pub fn month_name(date: &DateTime<FixedOffset>) -> &'static str {
    MONTHS[date.month0() as usize]
}

/// The English name of a date's day of the week.
pub fn weekday_name(date: &DateTime<FixedOffset>) -> &'static str {
    WEEKDAYS[date.weekday().num_days_from_sunday() as usize]
}

/// The element that begins a layout.
fn piece_at(layout: &str) -> Option<(Piece, usize)> {
    if layout.starts_with("_2006") {
        return None;
    }
    let &(spelling, piece) = PIECES.iter().find(|(spelling, _)| layout.starts_with(spelling))?;
    let short_name = matches!(piece, Piece::Month | Piece::Weekday);
    let goes_on = layout[spelling.len()..].starts_with(|c: char| c.is_ascii_lowercase());
    (!(short_name && goes_on)).then_some((piece, spelling.len()))
}

/// Splits a layout at its first element into the text before it, the element, and the rest.
fn split(layout: &str) -> Option<(&str, Piece, &str)> {
    layout.char_indices().find_map(|(at, _)| {
        let (piece, len) = piece_at(&layout[at..])?;
        Some((&layout[..at], piece, &layout[at + len..]))
    })
}

/// Whether a layout has an element at all; one without prints itself.
pub fn prints_time(layout: &str) -> bool {
    split(layout).is_some()
}

/// Prints a date by a layout.
pub fn format(layout: &str, date: &DateTime<FixedOffset>) -> String {
    let mut out = String::new();
    let mut rest = layout;
    while let Some((before, piece, after)) = split(rest) {
        out.push_str(before);
        out.push_str(&piece.print(date));
        rest = after;
    }
    out + rest
}

impl Piece {
    fn print(self, date: &DateTime<FixedOffset>) -> String {
        let number = |padded: bool, n: u32| if padded { format!("{n:02}") } else { n.to_string() };
        match self {
            Piece::LongMonth => month_name(date).to_owned(),
            Piece::Month => month_name(date)[..3].to_owned(),
            Piece::MonthNumber { padded } => number(padded, date.month()),
            Piece::LongWeekday => weekday_name(date).to_owned(),
            Piece::Weekday => weekday_name(date)[..3].to_owned(),
            Piece::Day { pad: Pad::Space } => format!("{:2}", date.day()),
            Piece::Day { pad } => number(pad == Pad::Zero, date.day()),
            Piece::YearDay => format!("{:03}", date.ordinal()),
            Piece::Hour => number(true, date.hour()),
            Piece::Hour12 { padded } => number(padded, date.hour12().1),
            Piece::Minute { padded } => number(padded, date.minute()),
            Piece::Second { padded } => number(padded, date.second()),
            Piece::LongYear => format!("{:04}", date.year()),
            Piece::Year => format!("{:02}", date.year().rem_euclid(100)),
            Piece::Half { capitals } => match (date.hour12().0, capitals) {
                (true, true) => "PM".to_owned(),
                (true, false) => "pm".to_owned(),
                (false, true) => "AM".to_owned(),
                (false, false) => "am".to_owned(),
            },
            Piece::Zone { z: true, .. } if date.offset().local_minus_utc() == 0 => "Z".to_owned(),
            Piece::Zone { colon: true, .. } => date.format("%:z").to_string(),
            Piece::Zone { .. } | Piece::ZoneName => date.format("%z").to_string(),
        }
    }
}

/// What a text says by a layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parsed {
    /// The date and time as written.
    pub local: NaiveDateTime,
    /// The offset, when one is written; the name of a zone says nothing.
    pub offset: Option<FixedOffset>,
}

/// A layout taken apart once, for those who read many texts by it.
#[derive(Clone, Debug)]
pub struct Layout {
    /// Each element with the plain text before it.
    elements: Vec<(&'static str, Piece)>,
    rest: &'static str,
}

impl Layout {
    /// Takes a layout apart.
    pub fn new(layout: &'static str) -> Self {
        let mut rest = layout;
        let elements = std::iter::from_fn(|| {
            let (before, piece, after) = split(rest)?;
            rest = after;
            Some((before, piece))
        });
        Layout { elements: elements.collect(), rest }
    }

    /// Reads a text as Go does: spaces may be many, names have no case, seconds may have a fraction.
    /// Only the elements that dates with a year and a month need are read.
    pub fn parse(&self, mut text: &str) -> Option<Parsed> {
        let (mut year, mut month, mut day) = (0, 1, 1);
        let (mut hour, mut minute, mut second, mut nanosecond) = (0, 0, 0, 0);
        let mut offset = None;
        for &(before, piece) in &self.elements {
            text = skip(text, before)?;
            match piece {
                Piece::LongYear => (year, text) = digits(text, 4, 4)?,
                Piece::Year => {
                    (year, text) = digits(text, 2, 2)?;
                    year += if year >= 69 { 1900 } else { 2000 };
                }
                Piece::LongMonth => (month, text) = name(text, &MONTHS, usize::MAX)?,
                Piece::Month => (month, text) = name(text, &MONTHS, 3)?,
                Piece::MonthNumber { .. } => (month, text) = digits(text, 2, 2)?,
                Piece::LongWeekday => (_, text) = name(text, &WEEKDAYS, usize::MAX)?,
                Piece::Weekday => (_, text) = name(text, &WEEKDAYS, 3)?,
                Piece::Day { pad: Pad::Zero } => (day, text) = digits(text, 2, 2)?,
                Piece::Day { .. } => (day, text) = digits(text.strip_prefix(' ').unwrap_or(text), 1, 2)?,
                Piece::Hour => (hour, text) = digits(text, 1, 2)?,
                Piece::Minute { .. } => (minute, text) = digits(text, 2, 2)?,
                Piece::Second { .. } => {
                    (second, text) = digits(text, 2, 2)?;
                    (nanosecond, text) = fraction(text);
                }
                Piece::ZoneName => text = zone_name(text)?,
                Piece::Zone { z: true, .. } if text.starts_with('Z') => {
                    offset = FixedOffset::east_opt(0);
                    text = &text[1..];
                }
                Piece::Zone { colon, .. } => {
                    let (east, rest) = zone(text, colon)?;
                    offset = Some(east);
                    text = rest;
                }
                Piece::YearDay | Piece::Hour12 { .. } | Piece::Half { .. } => return None,
            }
        }
        let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
        skip(text, self.rest)?.is_empty().then_some(())?;
        Some(Parsed { local: date.and_hms_nano_opt(hour, minute, second, nanosecond)?, offset })
    }
}

/// Takes the plain text of a layout; a space there is any number of them here.
fn skip<'t>(text: &'t str, plain: &str) -> Option<&'t str> {
    let mut text = text;
    let mut plain = plain.chars().peekable();
    while let Some(c) = plain.next() {
        if c != ' ' {
            text = text.strip_prefix(c)?;
        } else if text.is_empty() || text.starts_with(' ') {
            while plain.next_if_eq(&' ').is_some() {}
            text = text.trim_start_matches(' ');
        } else {
            return None;
        }
    }
    Some(text)
}

fn digits(text: &str, least: usize, most: usize) -> Option<(u32, &str)> {
    let len = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
    (len >= least).then(|| text[..len].parse().ok().map(|number| (number, &text[len..])))?
}

/// The number from 1 of the name that the text begins with, whatever its case.
fn name<'t>(text: &'t str, names: &[&str], letters: usize) -> Option<(u32, &'t str)> {
    (1..).zip(names).find_map(|(number, name)| {
        let name = &name[..name.len().min(letters)];
        let head = text.get(..name.len())?;
        head.eq_ignore_ascii_case(name).then(|| (number, &text[name.len()..]))
    })
}

/// The nanoseconds after a point or comma, if any; digits past the ninth are dropped.
fn fraction(text: &str) -> (u32, &str) {
    let Some(digits) = text.strip_prefix(['.', ',']) else { return (0, text) };
    let len = digits.bytes().take_while(u8::is_ascii_digit).count();
    if len == 0 {
        return (0, text);
    }
    let nanoseconds = digits[..len].bytes().chain(std::iter::repeat(b'0')).take(9).fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'));
    (nanoseconds, &digits[len..])
}

fn zone(text: &str, colon: bool) -> Option<(FixedOffset, &str)> {
    let sign = match text.bytes().next()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, rest) = digits(&text[1..], 2, 2)?;
    let rest = if colon { rest.strip_prefix(':')? } else { rest };
    let (minutes, rest) = digits(rest, 2, 2)?;
    let seconds = i32::try_from(hours * 3600 + minutes * 60).ok().filter(|_| minutes < 60)?;
    Some((FixedOffset::east_opt(sign * seconds)?, rest))
}

/// Takes a zone's abbreviation: `CET`, `GMT+3`.
fn zone_name(text: &str) -> Option<&str> {
    let len = text.bytes().take_while(u8::is_ascii_uppercase).count();
    let rest = &text[len..];
    match rest.strip_prefix(['+', '-']) {
        Some(hours) if &text[..len] == "GMT" => digits(hours, 1, 2).map(|(_, rest)| rest),
        _ => (3..=5).contains(&len).then_some(rest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_parse(layout: &'static str, text: &str, expected: Option<&str>) {
        let parsed = Layout::new(layout).parse(text);
        let shown = parsed.map(|p| p.local.to_string() + &p.offset.map(|o| o.to_string()).unwrap_or_default());
        assert_eq!(shown.as_deref(), expected, "{text}");
    }

    #[test]
    fn texts_are_read_as_go_reads_them() {
        check_parse("2006-01-02", "2020-02-29", Some("2020-02-29 00:00:00"));
        check_parse("2006-01-02", "2019-02-29", None);
        check_parse("2006-01-02", "2019-2-9", None);
        check_parse("2006-01-02", "2019-02-09 ", None);
        check_parse("2006-01-02T15:04:05Z07:00", "2019-02-09T1:02:03,25+01:30", Some("2019-02-09 01:02:03.250+01:30"));
        check_parse("2006-01-02T15:04:05Z07:00", "2019-02-09T01:02:60Z", None);
        check_parse("Mon, 02 Jan 2006 15:04:05 MST", "sat,  09 FEB 2019 01:02:03 CEST", Some("2019-02-09 01:02:03"));
        check_parse("Mon Jan _2 15:04:05 2006", "Sat Feb  9 01:02:03 2019", Some("2019-02-09 01:02:03"));
        check_parse("02 Jan 06 15:04 -0700", "09 Feb 69 01:02 -0130", Some("1969-02-09 01:02:00-01:30"));
    }

    #[test]
    fn dates_are_printed_as_go_prints_them() {
        let date = DateTime::parse_from_rfc3339("2020-01-02T15:04:05Z").unwrap();
        let check = |layout: &str, expected: &str| assert_eq!(format(layout, &date), expected);
        check("06-1-2", "20-1-2");
        check("_2", " 2");
        check("January", "January");
        check("Janet", "Janet");
        check("_2006", "_2020");
        check("Monday_002", "Thursday_002");
        check("3PM", "3PM");
        assert!(!prints_time("unknown"));
    }
}
