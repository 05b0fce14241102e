//! How many there are of a thing, in words.

/// `1 post`, `2 posts`.
pub(super) fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_one_and_all_other_numbers_are_many() {
        assert_eq!([0, 1, 2].map(|count| counted(count, "post")), ["0 posts", "1 post", "2 posts"]);
    }
}
