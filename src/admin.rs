//! Answers operators, on an address of its own: whether the program lives, whether readers can be served, what it counts,
//! and what it knows of the site.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::future::try_join_all;
use http::header::{self, HeaderValue};
use http::{Method, Response, StatusCode, request};
use serde::Serialize;
use tokio::sync::oneshot;

use crate::diagnostic::{Diagnostic, Severity};
use crate::metrics::{Figures, Metrics};
use crate::server::{Body, Handler};

/// How long whoever knows may take to say how things are.
const PATIENCE: Duration = Duration::from_secs(5);

/// So many scheduled changes are told to operators.
pub const SCHEDULED: usize = 100;

/// What appears or goes by itself.
#[derive(Clone, Debug, Serialize)]
pub struct Scheduled {
    /// When it does.
    pub at: DateTime<Utc>,
    /// What is to be said of it.
    #[serde(flatten)]
    pub finding: Diagnostic,
}

/// How things are: what `/status` shows.
#[derive(Clone, Debug, Serialize)]
pub struct Status {
    /// The version of the program.
    pub version: &'static str,
    /// The number of the state that readers get: it counts the changes since the start.
    pub revision: u64,
    /// When this process started.
    pub started: DateTime<Utc>,
    /// When the present state was published.
    pub last_change: DateTime<Utc>,
    /// The next instant at which the feeds change by themselves.
    pub next_change: Option<DateTime<Utc>>,
    /// How many posts are shown.
    pub posts: usize,
    /// How many scopes have feeds.
    pub feeds: usize,
    /// Why what is in the content folder is not looked at; none when it is.
    pub content_fault: Option<String>,
    /// Why the configuration as it stands is not the one that counts; none when it is.
    pub config_fault: Option<String>,
    /// What is not watched, and why; none when everything is.
    pub watch_fault: Option<String>,
    /// Why the output folder does not hold the present state; none when it does.
    pub output_fault: Option<String>,
    /// What appears or goes by itself, the next first; no more than [`SCHEDULED`].
    pub scheduled: Vec<Scheduled>,
    /// Changes that no event told of, found by the full comparisons since the start.
    pub missed_changes: u64,
    /// Everything that is wrong with the content.
    pub diagnostics: Vec<Diagnostic>,
}

impl Status {
    /// How several sites are together, such as those of two languages.
    fn and(self, other: Status) -> Status {
        let mut scheduled: Vec<Scheduled> = self.scheduled.into_iter().chain(other.scheduled).collect();
        scheduled.sort_by_key(|next| next.at);
        scheduled.truncate(SCHEDULED);
        // two may tell of one file
        let diagnostics: BTreeSet<Diagnostic> = self.diagnostics.into_iter().chain(other.diagnostics).collect();
        Status {
            version: self.version,
            revision: self.revision + other.revision,
            started: self.started.min(other.started),
            last_change: self.last_change.max(other.last_change),
            next_change: self.next_change.into_iter().chain(other.next_change).min(),
            posts: self.posts + other.posts,
            feeds: self.feeds + other.feeds,
            content_fault: self.content_fault.or(other.content_fault),
            config_fault: self.config_fault.or(other.config_fault),
            watch_fault: self.watch_fault.or(other.watch_fault),
            output_fault: self.output_fault.or(other.output_fault),
            scheduled,
            missed_changes: self.missed_changes + other.missed_changes,
            diagnostics: diagnostics.into_iter().collect(),
        }
    }

    fn figures(&self) -> Figures {
        let count = |severity| self.diagnostics.iter().filter(|found| found.severity == severity).count();
        Figures {
            posts: self.posts,
            feeds: self.feeds,
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            notes: count(Severity::Note),
            revision: self.revision,
            changed: self.last_change.timestamp(),
            next_due: self.next_change.map(|at| at.timestamp()),
            missed_changes: self.missed_changes,
            is_content_in_place: self.content_fault.is_none(),
            is_config_used: self.config_fault.is_none(),
            is_watching: self.watch_fault.is_none(),
            is_written: self.output_fault.is_none(),
        }
    }
}

/// Whoever knows how things are with the feeds of a language is asked with this.
pub type Ask = Box<dyn Fn(oneshot::Sender<Status>) + Send + Sync>;

/// Who answers operators.
pub struct Admin {
    metrics: Arc<Metrics>,
    asks: Vec<Ask>,
    is_ready: AtomicBool,
}

impl Admin {
    /// Answers with these metrics, and asks how things are with each of `asks`.
    pub fn new(metrics: Arc<Metrics>, asks: Vec<Ask>) -> Self {
        Admin { metrics, asks, is_ready: AtomicBool::new(false) }
    }

    /// Says that readers can be served from now on.
    pub fn ready(&self) {
        self.is_ready.store(true, Ordering::Relaxed);
    }

    /// How things are; none when nobody says in time, as while a large site is read anew.
    async fn status(&self) -> Option<Status> {
        let ask = |ask: &Ask| {
            let (answer, asked) = oneshot::channel();
            ask(answer);
            asked
        };
        let answers = tokio::time::timeout(PATIENCE, try_join_all(self.asks.iter().map(ask))).await.ok()?.ok()?;
        answers.into_iter().reduce(Status::and)
    }

    async fn page(&self, path: &str) -> (StatusCode, &'static str, String) {
        const TEXT: &str = "text/plain; charset=utf-8";
        match path {
            "/healthz" => (StatusCode::OK, TEXT, "ok\n".to_owned()),
            "/readyz" if self.is_ready.load(Ordering::Relaxed) => (StatusCode::OK, TEXT, "ready\n".to_owned()),
            "/readyz" => (StatusCode::SERVICE_UNAVAILABLE, TEXT, "the first build is under way\n".to_owned()),
            "/metrics" | "/status" => match self.status().await {
                None => (StatusCode::SERVICE_UNAVAILABLE, TEXT, "busy; ask again\n".to_owned()),
                Some(status) if path == "/status" => match serde_json::to_string_pretty(&status) {
                    Ok(json) => (StatusCode::OK, "application/json", json + "\n"),
                    Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, TEXT, error.to_string()),
                },
                Some(status) => {
                    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
                    (StatusCode::OK, kind, self.metrics.text(&status.figures()))
                }
            },
            _ => (StatusCode::NOT_FOUND, TEXT, "There are /metrics, /status, /healthz and /readyz.\n".to_owned()),
        }
    }
}

impl Handler for Admin {
    async fn answer(&self, head: &request::Parts, _: SocketAddr) -> Response<Body> {
        if !matches!(head.method, Method::GET | Method::HEAD) {
            let mut refused = Response::new(Body::Empty);
            *refused.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
            refused.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
            return refused;
        }
        let (status, kind, text) = self.page(head.uri.path()).await;
        let length = HeaderValue::from(text.len());
        let body = if head.method == Method::HEAD { Body::Empty } else { Body::from(text) };
        let mut response = Response::new(body);
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        headers.insert(header::CONTENT_LENGTH, length);
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Rule;

    #[test]
    fn of_what_several_sites_schedule_a_hundred_are_told_the_next_first() {
        let status = |seconds: Vec<i64>| {
            let at = |second| DateTime::from_timestamp(second, 0).unwrap();
            let finding = Diagnostic::new(Rule::FuturePost, "a.md", "it appears", "wait");
            Status {
                version: "1",
                revision: 1,
                started: at(0),
                last_change: at(0),
                next_change: None,
                posts: 0,
                feeds: 0,
                content_fault: None,
                config_fault: None,
                watch_fault: None,
                output_fault: None,
                scheduled: seconds.into_iter().map(|second| Scheduled { at: at(second), finding: finding.clone() }).collect(),
                missed_changes: 0,
                diagnostics: Vec::new(),
            }
        };
        let of = |rest: i64| status((0..80).map(|i| 2 * i + rest).collect());
        let both: Vec<i64> = of(0).and(of(1)).scheduled.iter().map(|next| next.at.timestamp()).collect();
        assert_eq!(both, (0..100).collect::<Vec<_>>());
    }
}
