//! How many people a reader fetches for, as it says itself in its `User-Agent`.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{LazyLock, Mutex, PoisonError};

use regex::Regex;
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

/// The readers that are told apart, each by a word of its `User-Agent`, in lower case; all others are one.
const READERS: [(&str, &str); 10] = [
    ("feedly", "Feedly"),
    ("feedbin", "Feedbin"),
    ("inoreader", "Inoreader"),
    ("newsblur", "NewsBlur"),
    ("theoldreader", "The Old Reader"),
    ("bazqux", "BazQux"),
    ("dreamwidth", "Dreamwidth"),
    ("feedhq", "FeedHQ"),
    ("netvibes", "Netvibes"),
    ("yandex", "Yandex"),
];

const OTHER: &str = "other";

/// So many pairs of feed and reader are kept; anybody can ask for feeds under any name.
const MOST: usize = 10_000;

/// The reader and the number of its subscribers; none for a `User-Agent` that tells of none.
pub(super) fn audience(agent: &str) -> Option<(&'static str, u32)> {
    static COUNT: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"(?i)\b(\d{1,9})[ _](?:subscriber|reader|user)s?\b|\b(?:subscriber count:|users) (\d{1,9})\b").ok());
    let found = COUNT.as_ref()?.captures(agent)?;
    let count = found.get(1).or_else(|| found.get(2))?.as_str().parse().ok()?;
    let agent = agent.to_ascii_lowercase();
    let reader = READERS.iter().find(|(word, _)| agent.contains(word)).map_or(OTHER, |(_, name)| name);
    Some((reader, count))
}

/// So many readers of feeds are remembered by what they said last.
const SAYINGS: usize = 4096;

/// So many bytes of a `User-Agent` tell one reader from most others, before it says for how many it fetches.
const NAME: usize = 16;

/// Hashes of what readers said last, each by who said it. Nearly every poll says what the one before it said.
#[derive(Debug)]
pub(super) struct Sayings(Box<[AtomicU64]>);

impl Default for Sayings {
    fn default() -> Self {
        Sayings((0..SAYINGS).map(|_| AtomicU64::new(0)).collect())
    }
}

impl Sayings {
    /// Whether a `User-Agent` is another one than the reader of this name sent for the feed at this path in a folder the last
    /// time, as far as that is remembered.
    pub(super) fn is_news(&self, (folder, path): (&str, &str), agent: &str) -> bool {
        let feed = xxh3_64_with_seed(path.as_bytes(), xxh3_64(folder.as_bytes()));
        let name = agent.as_bytes().get(..NAME).unwrap_or(agent.as_bytes());
        let said = xxh3_64_with_seed(agent.as_bytes(), feed);
        let last = &self.0[(xxh3_64_with_seed(name, feed) % SAYINGS as u64) as usize];
        let is_news = last.load(Ordering::Relaxed) != said;
        if is_news {
            last.store(said, Ordering::Relaxed);
        }
        is_news
    }
}

/// The pairs that are kept.
#[derive(Debug, Default)]
pub(super) struct Audience(Mutex<HashSet<(String, &'static str)>>);

impl Audience {
    pub(super) fn has_room_for(&self, path: &str, reader: &'static str) -> bool {
        let mut pairs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let pair = (path.to_owned(), reader);
        pairs.contains(&pair) || pairs.len() < MOST && pairs.insert(pair)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readers_say_for_how_many_they_fetch() {
        for (agent, expected) in [
            ("Feedly/1.0 (+http://www.feedly.com/fetcher.html; 462 subscribers; )", Some(("Feedly", 462))),
            ("Feedbin feed-id:1697787 - 102 subscribers", Some(("Feedbin", 102))),
            ("Mozilla/5.0 (compatible; inoreader.com; 114 subscribers)", Some(("Inoreader", 114))),
            ("NewsBlur Feed Fetcher - 27 subscribers - https://www.newsblur.com/site/1 (\"Mozilla\")", Some(("NewsBlur", 27))),
            ("Mozilla/5.0 (compatible; theoldreader.com; 1 subscribers; feed-id=5)", Some(("The Old Reader", 1))),
            ("BazQux/2.4; +https://bazqux.com/fetcher; 1 subscribers", Some(("BazQux", 1))),
            ("Dreamwidth; http://x; 2 readers)", Some(("Dreamwidth", 2))),
            ("Old Yahoo; users 2", Some(("other", 2))),
            ("Unknown (Subscriber Count: 12)", Some(("other", 12))),
            ("newsboat/2.21.0 (Linux x86_64)", None),
            ("Feedly 99999999999999 subscribers", None),
        ] {
            assert_eq!(audience(agent), expected, "{agent}");
        }
    }

    #[test]
    fn the_number_of_pairs_is_bounded() {
        let audience = Audience::default();
        assert!((0..MOST).all(|i| audience.has_room_for(&i.to_string(), OTHER)));
        assert!(!audience.has_room_for("one more", OTHER));
        assert!(audience.has_room_for("0", OTHER));
    }

    #[test]
    fn what_a_reader_says_again_is_no_news_and_what_it_says_anew_is() {
        let sayings = Sayings::default();
        let polls = [("a", 1, true), ("a", 1, false), ("b", 1, true), ("a", 2, true), ("b", 1, false), ("a", 1, true), ("a", 1, false)];
        for (path, count, is_news) in polls {
            assert_eq!(sayings.is_news(("", path), &format!("Feedbin feed-id:1 - {count} subscribers")), is_news, "{path} {count}");
        }
        let is_news = |folder, agent| sayings.is_news((folder, "a"), agent);
        assert!(is_news("", "Feedly") && is_news("", "") && !is_news("", "Feedly") && is_news("/fr", "Feedly"));
    }
}
