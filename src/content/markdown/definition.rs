//! Colons that begin a line and make no definition: for goldmark one has a blank behind it, and before it nothing but what contains
//! its paragraph. For the parser it may be indented.

/// Deeper text is code, or goes on with a paragraph, for both.
const CODE: usize = 4;

/// The places of colons that begin a line, which is not the first, and make no definition for goldmark.
pub(super) fn no_definitions(source: &str) -> Vec<usize> {
    let mut lists = Lists::default();
    let begins = memchr::memchr_iter(b':', source.as_bytes()).filter(|at| begins_line(source, *at));
    begins.filter(|at| !source[at + 1..].starts_with([' ', '\t']) || lists.is_indented(source, *at)).collect()
}

/// Whether nothing but blanks and signs of quotes is before a place in its line, which is not the first.
fn begins_line(source: &str, at: usize) -> bool {
    source[..at].trim_end_matches([' ', '\t', '>']).ends_with('\n')
}

/// The items of lists and definitions around a line, by the columns where what they hold begins.
#[derive(Default)]
struct Lists {
    columns: Vec<usize>,
    quotes: usize,
    /// So far the text was read.
    read: usize,
}

impl Lists {
    /// Whether there are a few blanks before a colon, beside those that make its line a part of what contains it.
    fn is_indented(&mut self, source: &str, at: usize) -> bool {
        if !source[..at].ends_with([' ', '\t']) {
            return false;
        }
        let start = memchr::memrchr(b'\n', &source.as_bytes()[..at]).map_or(0, |end| end + 1);
        source[self.read..start].lines().for_each(|line| self.line(line));
        self.read = start;
        let (quotes, text) = without_quotes(&source[start..=at]);
        (1..CODE).contains(&self.indentation(quotes, blanks(text).0))
    }

    /// Takes a line in.
    fn line(&mut self, line: &str) {
        let (quotes, mut text) = without_quotes(line);
        let (mut column, mut len) = blanks(text);
        while !text[len..].trim().is_empty() {
            text = &text[len..];
            let indentation = self.indentation(quotes, column);
            let Some(sign) = sign(text).filter(|_| indentation < CODE && (indentation == 0 || !text.starts_with(':'))) else { return };
            text = &text[sign..];
            let behind = blanks(text);
            len = behind.1;
            // behind more blanks is code
            column += sign + if behind.0 > CODE || text.trim().is_empty() { 1 } else { behind.0 };
            self.columns.push(column);
        }
    }

    /// How far a text in so many quotes is from what contains it. What ends before it is left.
    fn indentation(&mut self, quotes: usize, column: usize) -> usize {
        if quotes != self.quotes {
            self.columns.clear();
            self.quotes = quotes;
        }
        while self.columns.pop_if(|around| *around > column).is_some() {}
        column - self.columns.last().copied().unwrap_or(0)
    }
}

/// A line without the signs of quotes that it begins with, each with a blank behind it, and how many there are.
fn without_quotes(line: &str) -> (usize, &str) {
    let (mut quotes, mut text) = (0, line);
    while let Some(behind) = text.trim_start_matches([' ', '\t']).strip_prefix('>') {
        quotes += 1;
        text = behind.strip_prefix(' ').unwrap_or(behind);
    }
    (quotes, text)
}

/// How many columns of blanks a text begins with, and how many bytes.
fn blanks(text: &str) -> (usize, usize) {
    let len = text.len() - text.trim_start_matches([' ', '\t']).len();
    let column = text[..len].bytes().fold(0, |column, byte| if byte == b'\t' { (column / CODE + 1) * CODE } else { column + 1 });
    (column, len)
}

/// How long the sign is by which a text is the first of an item or definition.
fn sign(text: &str) -> Option<usize> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let signs: &[char] = if digits > 0 { &['.', ')'] } else { &['-', '*', '+', ':'] };
    let behind = text[digits..].strip_prefix(signs)?;
    (behind.trim().is_empty() || behind.starts_with([' ', '\t'])).then_some(digits + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The colons that make none are where `|` stands.
    fn check(marked: &str) {
        let mut source = String::new();
        let mut places = Vec::new();
        for part in marked.split('|') {
            source.push_str(part);
            places.push(source.len());
        }
        places.pop();
        assert_eq!(no_definitions(&source), places, "{source}");
    }

    #[test]
    fn a_definition_has_a_blank_behind_its_colon_and_none_before_it() {
        check("a\n: b\n:\tc\n|:d\n> |:e\n: ");
        check("a\n |: b\n  |: c\n   |:\td\n    : e\n\t: f");
        check("a\n\n |: b");
        check("  a\n  |: b");
    }

    #[test]
    fn what_is_before_the_text_of_an_item_is_no_indentation() {
        check("- a\n  : b\n   |: c\n |: d\n");
        check("10. a\n    : b\n     |: c\n\n  - d\n    : e");
        check("- - a\n    : b\n  : c\n   |: d");
        check("-     a\n  : b\n-\n  : c\n- \td\n  |: e\n    : f");
        check("a\n: b\n\n  : c\n   |: d\n |: e");
        check("a\n |: - b\n   |: c");
        check("- a\n\nb\n  |: c");
    }

    #[test]
    fn quotes_are_no_indentation() {
        check("> a\n> : b\n>: c\n>  |: d\n> - e\n>   : f\n>    |: g\n>> h\n> >   |: i");
        check("- a\n> b\n>   |: c");
    }

    #[test]
    fn colons_without_number_take_no_longer_than_theirs() {
        let started = std::time::Instant::now();
        for unit in [" : \n", "- : ", "> : \n", "- ", ">", ":", ": ", "- a\n  : b\n   : c\n", "  - : \n"] {
            no_definitions(&unit.repeat(50_000));
        }
        assert!(started.elapsed() < std::time::Duration::from_secs(5), "{:?}", started.elapsed());
    }
}
