//! `[permalinks]`: patterns for addresses, compiled, and which pages they are for.
//!
//! What a page puts in the place of each token is for `content::permalink` to say.

use super::Fault;
use super::target::{Kind, Purpose, Target};
use crate::layout;
use crate::value::{Field, Fields, Value};

/// The patterns of a site; the first that is for a page makes its address.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Permalinks(Vec<(Target, Pattern)>);

impl Permalinks {
    /// The pattern for a page. `path` is Hugo's: lower case, with a slash before and none after.
    pub fn find(&self, kind: Kind, path: &str) -> Option<&Pattern> {
        self.0.iter().find(|(target, _)| target.matches(kind, path)).map(|(_, pattern)| pattern)
    }

    /// Reads the value of `permalinks`, every fault of it at once.
    pub fn read(field: &Field<'_>, purpose: Purpose<'_>) -> Result<Self, Vec<Fault>> {
        let mut reading = Reading { purpose, rules: Vec::new(), faults: Vec::new() };
        match &field.value {
            Value::Array(rules) => rules.iter().enumerate().for_each(|(index, rule)| reading.rule(rule, index)),
            Value::Table(sections) => reading.sections(sections),
            _ => reading.faults.push(Fault::new("`permalinks` is not a table", format!("give each section a pattern, such as {EXAMPLE}"))),
        }
        if reading.faults.is_empty() { Ok(Permalinks(reading.rules)) } else { Err(reading.faults) }
    }
}

/// A pattern to begin with.
const EXAMPLE: &str = "\"/:year/:slug/\"";

struct Reading<'p> {
    purpose: Purpose<'p>,
    rules: Vec<(Target, Pattern)>,
    faults: Vec<Fault>,
}

impl Reading<'_> {
    /// One element of the array form: `pattern` and `target`.
    fn rule(&mut self, rule: &Value<'_>, index: usize) {
        match self.rule_of(rule) {
            Ok(rule) => self.rules.push(rule),
            Err(fault) => self.faults.push(fault.of_item(index)),
        }
    }

    fn rule_of(&self, rule: &Value<'_>) -> Result<(Target, Pattern), Fault> {
        let mend = || format!("write a table with a `pattern`, such as {EXAMPLE}");
        let rule = rule.table().ok_or_else(|| Fault::new("a permalink rule is not a table", mend()))?;
        let pattern = rule.field("pattern").ok_or_else(|| Fault::new("a permalink rule has no `pattern`", mend()))?;
        let target =
            rule.get("target").and_then(Value::table).map_or(Ok(Target::default()), |target| Target::read(target, self.purpose))?;
        Ok((target, compiled(pattern)?))
    }

    /// The table form. A key is a section, for its pages and for the terms of a taxonomy of this name, or a kind
    /// with a table of sections. Longer sections come first, so that the nearest one wins.
    fn sections(&mut self, fields: &Fields<'_>) {
        for field in longest_first(fields) {
            match (&field.value, Kind::ALL.into_iter().find(|kind| kind.word() == field.key)) {
                (Value::Table(sections), Some(kind)) => {
                    for field in longest_first(sections) {
                        self.add(field, &[kind]);
                    }
                }
                (Value::Table(_), None) => {
                    let mend = format!("write one of {}, or a pattern", Kind::ALL.map(Kind::word).join(", "));
                    self.faults.push(Fault::new(format!("`{}` is no kind of page", field.key), mend).at(field.offset));
                }
                _ => self.add(field, &[Kind::Page, Kind::Term]),
            }
        }
    }

    /// The pattern of a section, for its pages of some kinds.
    fn add(&mut self, section: &Field<'_>, kinds: &[Kind]) {
        let rule = |kind: &Kind| Ok((Target::section(*kind, &section.key)?, compiled(section)?));
        match kinds.iter().map(rule).collect::<Result<Vec<_>, Fault>>() {
            Ok(rules) => self.rules.extend(rules),
            Err(fault) => self.faults.push(fault.at(section.offset)),
        }
    }
}

fn compiled(field: &Field<'_>) -> Result<Pattern, Fault> {
    let pattern = match &field.value {
        Value::String(pattern) => {
            Pattern::compile(pattern).map_err(|what| Fault::new(what, "use the tokens of Hugo, such as :year or :slug"))
        }
        _ => Err(Fault::new("this is no pattern", format!("write one such as {EXAMPLE}"))),
    };
    pattern.map_err(|fault| fault.at(field.offset))
}

fn longest_first<'f, 'a>(fields: &'f Fields<'a>) -> Vec<&'f Field<'a>> {
    let mut sorted: Vec<_> = fields.iter().collect();
    sorted.sort_by_key(|field| (std::cmp::Reverse(field.key.len()), &field.key));
    sorted
}

/// A pattern such as `/blog/:year/:slug/`, compiled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(pub Vec<Token>);

/// One part of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// Plain text.
    Text(String),
    /// `:year`, without padding
    Year,
    /// `:month`, 01 to 12
    Month,
    /// `:monthname`, January
    MonthName,
    /// `:day`, 01 to 31
    Day,
    /// `:weekday`, Sunday is 0
    Weekday,
    /// `:weekdayname`, Monday
    WeekdayName,
    /// `:yearday`, 1 to 366
    YearDay,
    /// Any other piece of a Go time layout: `:06`, `:Jan`.
    Layout(String),
    /// `:section`, the first folder
    Section,
    /// `:sections`, the folders of the section
    Sections(Slice),
    /// `:sectionslug`, the slug of the first section, else its title
    SectionSlug,
    /// `:sectionslugs`, the same of all sections
    SectionSlugs(Slice),
    /// `:title`
    Title,
    /// `:slug`, else the title
    Slug,
    /// `:slugorfilename`
    SlugOrFileName,
    /// `:filename`, of a bundle its folder
    FileName,
    /// `:contentbasename`
    ContentBaseName,
    /// `:slugorcontentbasename`
    SlugOrContentBaseName,
}

impl Pattern {
    /// Compiles a pattern. The error names the token that nobody knows.
    pub fn compile(pattern: &str) -> Result<Self, String> {
        let mut tokens = Vec::new();
        let mut text = String::new();
        let mut rest = pattern;
        while let Some(c) = rest.chars().next() {
            let name = rest.strip_prefix(':').map_or("", token_name);
            if let Some(after) = rest.strip_prefix("\\:") {
                text.push(':');
                rest = after;
            } else if name.is_empty() {
                text.push(c);
                rest = &rest[c.len_utf8()..];
            } else {
                if !text.is_empty() {
                    tokens.push(Token::Text(std::mem::take(&mut text)));
                }
                tokens.push(Token::named(name).ok_or_else(|| format!("`:{name}` is no permalink token"))?);
                rest = &rest[1 + name.len()..];
            }
        }
        if !text.is_empty() {
            tokens.push(Token::Text(text));
        }
        Ok(Pattern(tokens))
    }

    /// Whether it asks what sections are called.
    pub fn names_sections(&self) -> bool {
        self.0.iter().any(|token| matches!(token, Token::SectionSlug | Token::SectionSlugs(_)))
    }
}

/// The word that begins the text, with a slice in brackets if one follows.
fn token_name(text: &str) -> &str {
    let word = text.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
    let slice = match text[word..].strip_prefix('[').and_then(|inner| inner.find(']')) {
        Some(inner) if word > 0 && inner > 0 => inner + 2,
        _ => 0,
    };
    &text[..word + slice]
}

impl Token {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "year" => Token::Year,
            "month" => Token::Month,
            "monthname" => Token::MonthName,
            "day" => Token::Day,
            "weekday" => Token::Weekday,
            "weekdayname" => Token::WeekdayName,
            "yearday" => Token::YearDay,
            "section" => Token::Section,
            "sections" => Token::Sections(Slice::ALL),
            "sectionslug" => Token::SectionSlug,
            "sectionslugs" => Token::SectionSlugs(Slice::ALL),
            "title" => Token::Title,
            "slug" => Token::Slug,
            "slugorfilename" => Token::SlugOrFileName,
            "filename" => Token::FileName,
            "contentbasename" => Token::ContentBaseName,
            "slugorcontentbasename" => Token::SlugOrContentBaseName,
            _ => match name.strip_suffix(']').and_then(|name| name.split_once('[')) {
                Some(("sections", slice)) => Token::Sections(Slice::read(slice)),
                Some(("sectionslugs", slice)) => Token::SectionSlugs(Slice::read(slice)),
                _ if layout::prints_time(name) => Token::Layout(name.to_owned()),
                _ => return None,
            },
        })
    }
}

/// Some of a list: `[1]`, `[last]`, `[1:]`, `[:last]`. Nothing is out of bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slice {
    from: Bound,
    to: Bound,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bound {
    At(usize),
    Last,
    End,
}

impl Bound {
    fn of(self, len: usize) -> usize {
        match self {
            Bound::At(index) => index.min(len),
            Bound::Last => len.saturating_sub(1),
            Bound::End => len,
        }
    }
}

impl Slice {
    const ALL: Slice = Slice { from: Bound::At(0), to: Bound::End };

    /// Reads what stands between the brackets. As in Hugo, what is no number is 0.
    fn read(slice: &str) -> Self {
        let bound = |text: &str, empty: Bound| match text {
            "" => empty,
            "last" => Bound::Last,
            number => Bound::At(number.parse().unwrap_or(0)),
        };
        let slice = slice.trim().to_ascii_lowercase();
        match slice.split_once(':') {
            Some((from, to)) => Slice { from: bound(from, Bound::At(0)), to: bound(to, Bound::End) },
            None => match bound(&slice, Bound::At(0)) {
                Bound::At(index) => Slice { from: Bound::At(index), to: Bound::At(index.saturating_add(1)) },
                last => Slice { from: last, to: Bound::End },
            },
        }
    }

    /// The part of a list.
    pub fn of<T>(self, list: &[T]) -> &[T] {
        list.get(self.from.of(list.len())..self.to.of(list.len())).unwrap_or(&[])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_are_never_out_of_bounds() {
        let check = |slice: &str, expected: &[u8]| assert_eq!(Slice::read(slice).of(&[1, 2, 3]), expected, "{slice}");
        check("0", &[1]);
        check("9", &[]);
        check("last", &[3]);
        check(":last", &[1, 2]);
        check("1:", &[2, 3]);
        check("1:2", &[2]);
        check("2:1", &[]);
        check("x", &[1]);
        check("-1", &[1]);
        assert_eq!(Slice::read("last").of::<u8>(&[]), &[] as &[u8]);
    }

    #[test]
    fn patterns_are_compiled() {
        let check = |pattern: &str, expected: &[Token]| assert_eq!(Pattern::compile(pattern).unwrap().0, expected, "{pattern}");
        let text = |text: &str| Token::Text(text.to_owned());
        check("/a/:year/:06-x/", &[text("/a/"), Token::Year, text("/"), Token::Layout("06".into()), text("-x/")]);
        check("\\:x/: /:sections[last]", &[text(":x/: /"), Token::Sections(Slice { from: Bound::Last, to: Bound::End })]);
        assert_eq!(Pattern::compile("/:yaer/").unwrap_err(), "`:yaer` is no permalink token");
    }
}
