//! Figures for operators, counted where things happen and written as Prometheus reads them.
//!
//! No figure names a client: readers that fetch for many people say in their `User-Agent` for how many (`audience`), and
//! that is all that is kept of it.

use std::time::Duration;

use http::{HeaderValue, StatusCode};
use prometheus_client::encoding::{EncodeLabelSet, text::encode};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use audience::Audience;
use known::Known;

mod audience;
mod known;

/// What is known of a site at one moment.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// Posts that are shown.
    pub posts: usize,
    /// Scopes that have feeds.
    pub feeds: usize,
    /// Findings that are errors.
    pub errors: usize,
    /// Those that are warnings.
    pub warnings: usize,
    /// Those that are notes.
    pub notes: usize,
    /// The number of the state that readers get.
    pub revision: u64,
    /// When that state was published, in seconds since 1970.
    pub changed: i64,
    /// When the next scheduled change is, in seconds since 1970; none when nothing is scheduled.
    pub next_due: Option<i64>,
    /// Changes that no event told of.
    pub missed_changes: u64,
    /// Whether the content folder is there, with what it had.
    pub is_content_in_place: bool,
    /// Whether the configuration as it stands is the one that counts.
    pub is_config_used: bool,
    /// Whether every folder is watched.
    pub is_watching: bool,
    /// Whether the last state could be written.
    pub is_written: bool,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Request {
    status: u16,
    subject: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Sent {
    coding: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Found {
    severity: &'static str,
}

/// All figures.
pub struct Metrics {
    registry: Registry,
    requests: Known<Request>,
    bodies: Known<Sent>,
    bytes: Known<Sent>,
    audience: Audience,
    /// Connections that are open.
    pub connections: Gauge,
    /// Pages that listen for changes.
    pub listeners: Gauge,
    publications: Histogram,
    files_written: Counter,
    files_removed: Counter,
    posts: Gauge,
    feeds: Gauge,
    diagnostics: Family<Found, Gauge>,
    revision: Gauge,
    changed: Gauge,
    next_due: Gauge,
    missed_changes: Gauge,
    content_in_place: Gauge,
    config_used: Gauge,
    watching: Gauge,
    written: Gauge,
}

impl Default for Metrics {
    fn default() -> Self {
        // from a tenth of a millisecond on, each four times the one before: an edit to a build of 100,000 posts
        let publications = Histogram::new((0..10).map(|i| 1e-4 * 4_f64.powi(i)));
        let mut m = Metrics {
            registry: Registry::with_prefix("tidings"),
            requests: Known::default(),
            bodies: Known::default(),
            bytes: Known::default(),
            audience: Audience::default(),
            connections: Gauge::default(),
            listeners: Gauge::default(),
            publications,
            files_written: Counter::default(),
            files_removed: Counter::default(),
            posts: Gauge::default(),
            feeds: Gauge::default(),
            diagnostics: Family::default(),
            revision: Gauge::default(),
            changed: Gauge::default(),
            next_due: Gauge::default(),
            missed_changes: Gauge::default(),
            content_in_place: Gauge::default(),
            config_used: Gauge::default(),
            watching: Gauge::default(),
            written: Gauge::default(),
        };
        let registry = &mut m.registry;
        registry.register("build", "The program", Info::new([("version", env!("CARGO_PKG_VERSION"))]));
        registry.register("http_requests", "Requests answered; the share of 304 is that of polls that cost nothing", m.requests.family());
        registry.register("http_bodies", "Answers with a body", m.bodies.family());
        registry.register_with_unit("http_bodies", "Their bytes", Unit::Bytes, m.bytes.family());
        registry.register("http_connections", "Open connections", m.connections.clone());
        registry.register("http_listeners", "Open pages that listen for changes", m.listeners.clone());
        registry.register("subscribers", "Subscribers of a feed as a reader that fetches for many reports them", m.audience.family());
        registry.register_with_unit("publication", "From a change to its feeds", Unit::Seconds, m.publications.clone());
        registry.register("files_written", "Files written into the output folder", m.files_written.clone());
        registry.register("files_removed", "Files removed from the output folder", m.files_removed.clone());
        registry.register("posts", "Posts that are shown", m.posts.clone());
        registry.register("feeds", "Scopes that have feeds", m.feeds.clone());
        registry.register("diagnostics", "What is wrong with the content, as `tidings check` tells it", m.diagnostics.clone());
        registry.register("revision", "Changes published since the start", m.revision.clone());
        registry.register_with_unit("last_change_timestamp", "When readers got the present state", Unit::Seconds, m.changed.clone());
        registry.register_with_unit(
            "next_change_timestamp",
            "When the next scheduled one is; 0 for none",
            Unit::Seconds,
            m.next_due.clone(),
        );
        registry.register("missed_changes", "Changes that no event told of, found by comparison", m.missed_changes.clone());
        registry.register("content_in_place", "1 when the content folder is there, with what it had", m.content_in_place.clone());
        registry.register("config_used", "1 when the configuration as it stands is the one that counts", m.config_used.clone());
        registry.register("watching", "1 when every folder is watched", m.watching.clone());
        registry.register("output_written", "1 when the output folder holds the present state", m.written.clone());
        m
    }
}

impl Metrics {
    /// Counts an answer to a request about this `subject`. `length` is that of the body that is sent with it.
    pub fn answered(&self, subject: &'static str, status: StatusCode, coding: Option<&HeaderValue>, length: Option<usize>) {
        self.requests.add(&Request { status: status.as_u16(), subject }, 1);
        if let Some(length) = length {
            let coding = match coding.map(HeaderValue::as_bytes) {
                Some(b"br") => "br",
                Some(b"zstd") => "zstd",
                Some(b"gzip") => "gzip",
                _ => "identity",
            };
            self.bodies.add(&Sent { coding }, 1);
            self.bytes.add(&Sent { coding }, length as u64);
        }
    }

    /// Notes what a reader says of the subscribers of the feed at `path`, among those below `folder`: `/fr`, or nothing.
    pub fn heard(&self, folder: &str, path: &str, agent: &str) {
        self.audience.hear((folder, path), agent);
    }

    /// Counts a publication.
    pub fn published(&self, took: Duration, written: usize, removed: usize) {
        self.publications.observe(took.as_secs_f64());
        self.files_written.inc_by(written as u64);
        self.files_removed.inc_by(removed as u64);
    }

    /// All figures in the OpenMetrics text format, those of the site as they are at this moment.
    pub fn text(&self, site: &Figures) -> String {
        self.audience.forget();
        let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        self.posts.set(number(site.posts));
        self.feeds.set(number(site.feeds));
        for (severity, count) in [("error", site.errors), ("warning", site.warnings), ("note", site.notes)] {
            self.diagnostics.get_or_create(&Found { severity }).set(number(count));
        }
        self.revision.set(i64::try_from(site.revision).unwrap_or(i64::MAX));
        self.changed.set(site.changed);
        self.next_due.set(site.next_due.unwrap_or(0));
        self.missed_changes.set(i64::try_from(site.missed_changes).unwrap_or(i64::MAX));
        self.content_in_place.set(i64::from(site.is_content_in_place));
        self.config_used.set(i64::from(site.is_config_used));
        self.watching.set(i64::from(site.is_watching));
        self.written.set(i64::from(site.is_written));
        let mut text = String::new();
        #[expect(clippy::expect_used)]
        encode(&mut text, &self.registry).expect("writing to memory cannot fail");
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happened_stands_in_the_text() {
        let metrics = Metrics::default();
        metrics.answered("atom", StatusCode::OK, Some(&HeaderValue::from_static("br")), Some(7));
        metrics.answered("atom", StatusCode::NOT_MODIFIED, None, None);
        metrics.heard("", "tags/c#/atom.xml", "Feedbin feed-id:1 - 102 subscribers");
        metrics.heard("", "tags/c#/atom.xml", "Feedbin feed-id:1 - 103 subscribers");
        metrics.heard("", "tags/c#/atom.xml", "Feedbin feed-id:1 - 103 subscribers");
        metrics.published(Duration::from_millis(3), 2, 1);
        let text = metrics.text(&Figures { posts: 12, is_watching: true, errors: 3, ..Figures::default() });
        for line in [
            "tidings_http_requests_total{status=\"200\",subject=\"atom\"} 1",
            "tidings_http_requests_total{status=\"304\",subject=\"atom\"} 1",
            "tidings_http_bodies_bytes_total{coding=\"br\"} 7",
            "tidings_subscribers{feed=\"/tags/c#/atom.xml\",reader=\"Feedbin\"} 103",
            "tidings_publication_seconds_count 1",
            "tidings_files_written_total 2",
            "tidings_posts 12",
            "tidings_diagnostics{severity=\"error\"} 3",
            "tidings_watching 1",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} in {text}");
        }
    }
}
