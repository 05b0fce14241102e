//! The ids of one post: Hugo's, made unique in the post, and prefixed so that they are unique beside other posts.

use foldhash::HashMap;
use url::Url;

/// What makes ids of different posts different: the path of the post.
#[derive(Clone, Debug)]
pub(crate) struct Prefix(String);

impl Prefix {
    pub(super) fn new(permalink: &Url) -> Self {
        Prefix(format!("{}/", permalink.path().trim_end_matches('/')))
    }

    /// The id in a feed; one that has the prefix keeps it.
    pub(crate) fn apply(&self, id: &str) -> String {
        if id.starts_with(&self.0) { id.to_owned() } else { [&self.0, id].concat() }
    }
}

/// Ids that were given, so that each is given once.
#[derive(Debug, Default)]
pub(super) struct Anchors {
    given: HashMap<String, usize>,
}

impl Anchors {
    /// The id of a heading with this text, in Hugo's style `github`.
    pub(super) fn of_heading(&mut self, text: &str) -> String {
        let mut id = String::with_capacity(text.len());
        for c in text.trim().chars() {
            match c {
                ' ' | '-' => id.push('-'),
                '_' | '0'..='9' | 'a'..='z' => id.push(c),
                c if c.is_alphanumeric() => id.extend(c.to_lowercase()),
                _ => {}
            }
        }
        self.claim(if id.is_empty() { "heading" } else { &id })
    }

    /// This id, or with a number when it is taken.
    pub(super) fn claim(&mut self, id: &str) -> String {
        let Some(count) = self.given.get_mut(id) else {
            self.given.insert(id.to_owned(), 0);
            return id.to_owned();
        };
        *count += 1;
        let numbered = format!("{id}-{count}");
        self.claim(&numbered)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_have_the_ids_that_hugo_gives() {
        let check = |text: &str, expected: &str| assert_eq!(Anchors::default().of_heading(text), expected);
        check("Foo code – link don’t & é A_b", "foo-code--link-dont--é-a_b");
        check("???", "heading");
    }

    #[test]
    fn no_id_is_given_twice() {
        let mut anchors = Anchors::default();
        let ids: Vec<String> = ["a", "a-1", "a", "a"].iter().map(|id| anchors.claim(id)).collect();
        assert_eq!(ids, ["a", "a-1", "a-1-1", "a-2"]);
    }

    #[test]
    fn a_prefix_is_put_on_once() {
        let prefix = Prefix::new(&Url::parse("https://example.org/a/b/").unwrap());
        assert_eq!(prefix.apply(&prefix.apply("fn:1")), "/a/b/fn:1");
    }
}
