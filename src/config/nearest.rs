//! The nearest known word to a mistyped one, for "did you mean".

/// So many characters tell which word they begin.
const BEGINS: usize = 4;

/// The candidate with the fewest edits to `word`, when it is near enough to be meant, or else the first one that `word` begins.
pub(crate) fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let word = word.to_lowercase();
    let all: Vec<(String, &str)> = candidates.into_iter().map(|c| (c.to_lowercase(), c)).collect();
    let (distance, candidate) = all.iter().map(|(lower, c)| (edits(&word, lower), *c)).min()?;
    let is_near = distance <= 2.max(word.chars().count() / 3);
    let begun = || all.iter().find(|(lower, _)| word.chars().count() >= BEGINS && lower.starts_with(&word)).map(|(_, c)| *c);
    if is_near { Some(candidate) } else { begun() }
}

/// The number of characters to insert, remove or replace (Levenshtein).
fn edits(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.chars().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.chars().count()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_the_word_and_nonsense_finds_none() {
        let check = |word: &str, expected: Option<&str>| assert_eq!(nearest(word, ["limit", "output", "formats"]), expected, "{word}");
        check("limits", Some("limit"));
        check("Format", Some("formats"));
        check("outptu", Some("output"));
        check("colour_scheme", None);
        check("form", Some("formats"));
        check("for", None);
        assert_eq!(nearest("x", []), None);
    }
}
