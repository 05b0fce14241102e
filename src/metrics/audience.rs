//! How many people a reader fetches for, as it says itself in its `User-Agent`.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
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

/// For so many hours counts what a reader said. It says it at each poll, and polls at least once a day; a feed that has moved or is
/// gone it asks for no more.
const COUNTS: u64 = 48;

/// The reader and the number of its subscribers; none for a `User-Agent` that tells of none.
fn audience(agent: &str) -> Option<(&'static str, u32)> {
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

/// Hashes of what readers said last, each by who said it, and in which hour. Nearly every poll says what the one before it said, and
/// is spared a lock and 0.05 to 0.3 µs, of the 7 that it takes.
#[derive(Debug)]
struct Sayings(Box<[AtomicU64]>);

impl Default for Sayings {
    fn default() -> Self {
        Sayings((0..SAYINGS).map(|_| AtomicU64::new(0)).collect())
    }
}

impl Sayings {
    /// Notes the `User-Agent` with which somebody asks for the feed at this path in a folder. Whether the reader of this name had
    /// sent another one the last time, or none in this hour, is the answer, as far as that is remembered.
    fn note(&self, (folder, path): (&str, &str), agent: &str, hour: u64) -> bool {
        let feed = xxh3_64_with_seed(path.as_bytes(), xxh3_64(folder.as_bytes()));
        let name = agent.as_bytes().get(..NAME).unwrap_or(agent.as_bytes());
        let said = xxh3_64_with_seed(agent.as_bytes(), feed).wrapping_add(hour);
        let last = &self.0[(xxh3_64_with_seed(name, feed) % SAYINGS as u64) as usize];
        let is_news = last.load(Ordering::Relaxed) != said;
        if is_news {
            last.store(said, Ordering::Relaxed);
        }
        is_news
    }
}

/// A feed, and who reads it for others.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub(super) struct Subscribed {
    feed: String,
    reader: &'static str,
}

/// What readers said of their subscribers, as long as it counts.
#[derive(Debug)]
pub(super) struct Audience {
    start: Instant,
    sayings: Sayings,
    /// The hour in which each was last heard.
    heard: Mutex<HashMap<Subscribed, u64>>,
    subscribers: Family<Subscribed, Gauge>,
}

impl Default for Audience {
    fn default() -> Self {
        Audience { start: Instant::now(), sayings: Sayings::default(), heard: Mutex::default(), subscribers: Family::default() }
    }
}

impl Audience {
    /// The figures, for whoever writes them down.
    pub(super) fn family(&self) -> Family<Subscribed, Gauge> {
        self.subscribers.clone()
    }

    /// Notes what a reader says of the subscribers of the feed at this path in a folder.
    pub(super) fn hear(&self, feed: (&str, &str), agent: &str) {
        self.hear_in(self.hour(), feed, agent);
    }

    fn hear_in(&self, hour: u64, (folder, path): (&str, &str), agent: &str) {
        if self.sayings.note((folder, path), agent, hour)
            && let Some((reader, count)) = audience(agent)
        {
            let pair = Subscribed { feed: format!("{folder}/{path}"), reader };
            let mut heard = self.heard();
            if heard.len() < MOST || heard.contains_key(&pair) {
                self.subscribers.get_or_create(&pair).set(i64::from(count));
                heard.insert(pair, hour);
            }
        }
    }

    /// Forgets what no longer counts.
    pub(super) fn forget(&self) {
        self.forget_in(self.hour());
    }

    fn forget_in(&self, hour: u64) {
        self.heard().retain(|pair, heard| {
            let counts = hour.saturating_sub(*heard) <= COUNTS;
            if !counts {
                self.subscribers.remove(pair);
            }
            counts
        });
    }

    /// The hours since the start.
    fn hour(&self) -> u64 {
        self.start.elapsed().as_secs() / 3600
    }

    fn heard(&self) -> MutexGuard<'_, HashMap<Subscribed, u64>> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
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

    fn say(audience: &Audience, hour: u64, path: &str, count: usize) {
        audience.hear_in(hour, ("", path), &format!("Feedbin feed-id:1 - {count} subscribers"));
    }

    fn known(audience: &Audience) -> usize {
        audience.heard().len()
    }

    #[test]
    fn the_number_of_pairs_is_bounded() {
        let audience = Audience::default();
        (0..=MOST).for_each(|i| say(&audience, 0, &i.to_string(), 1));
        assert_eq!(known(&audience), MOST);
        audience.forget_in(COUNTS + 1);
        say(&audience, COUNTS + 1, "one more", 1);
        assert_eq!(known(&audience), 1);
    }

    #[test]
    fn what_a_reader_said_counts_for_two_days() {
        let audience = Audience::default();
        let text = |hour| {
            audience.forget_in(hour);
            let of = |feed: &str| audience.family().get(&Subscribed { feed: feed.to_owned(), reader: "Feedbin" }).map(|count| count.get());
            (of("/old"), of("/new"))
        };
        say(&audience, 0, "old", 7);
        say(&audience, 0, "new", 1);
        assert_eq!(text(COUNTS), (Some(7), Some(1)));
        // who says the same again is heard, too
        say(&audience, 1, "new", 1);
        say(&audience, 30, "new", 8);
        say(&audience, 31, "new", 8);
        assert_eq!(text(COUNTS + 1), (None, Some(8)));
        assert_eq!(text(COUNTS + 31), (None, Some(8)));
        assert_eq!(text(COUNTS + 32), (None, None));
        say(&audience, COUNTS + 32, "old", 7);
        assert_eq!(text(COUNTS + 32), (Some(7), None));
    }

    #[test]
    fn what_a_reader_says_again_is_no_news_and_what_it_says_anew_is() {
        let sayings = Sayings::default();
        let polls = [("a", 1, true), ("a", 1, false), ("b", 1, true), ("a", 2, true), ("b", 1, false), ("a", 1, true), ("a", 1, false)];
        for (path, count, is_news) in polls {
            assert_eq!(sayings.note(("", path), &format!("Feedbin feed-id:1 - {count} subscribers"), 0), is_news, "{path} {count}");
        }
        let is_news = |folder, agent| sayings.note((folder, "a"), agent, 0);
        assert!(is_news("", "Feedly") && is_news("", "") && !is_news("", "Feedly") && is_news("/fr", "Feedly"));
        assert!(sayings.note(("", "a"), "Feedly", 1) && !sayings.note(("", "a"), "Feedly", 1));
    }
}
