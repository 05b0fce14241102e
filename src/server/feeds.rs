//! Answers readers: what `respond` decides, as bytes, with what operators want to know of it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use chrono::{DateTime, Utc};
use http::header::{self, HeaderValue};
use http::{Method, Response, StatusCode, request};
use tokio::sync::{Semaphore, watch};

use super::events::{self, News};
use super::sendfile::LARGE;
use super::variants::Variants;
use super::{AccessLog, Body, Ending, Handler, access};
use crate::metrics::Metrics;
use crate::respond::coding::Coding;
use crate::respond::{Options, Payload, Shape, Subject, chosen, knows, respond};
use crate::snapshot::Live;

/// Pages that listen for changes at once; more are asked to come later.
const LISTENERS: usize = 1000;

/// Who answers readers.
pub struct Feeds {
    /// That of the default language first.
    sites: Vec<Served>,
    metrics: Arc<Metrics>,
    log: Option<AccessLog>,
    variants: Arc<Variants>,
    listeners: Arc<Semaphore>,
}

/// The feeds of one language.
struct Served {
    news: News,
    options: ArcSwap<Options>,
}

impl Feeds {
    /// Answers from what is live of a site. `published` changes whenever that does.
    pub fn new(live: Arc<Live>, published: watch::Receiver<u64>, options: Options, ending: Ending) -> Self {
        Feeds {
            sites: vec![Served { news: News { live, published, ending }, options: ArcSwap::from_pointee(options) }],
            metrics: Arc::default(),
            log: None,
            variants: Arc::new(Variants::new()),
            listeners: Arc::new(Semaphore::new(LISTENERS)),
        }
    }

    /// Answers from what is live of another language too, which is told of in the same way.
    #[must_use]
    pub fn beside(mut self, live: Arc<Live>, published: watch::Receiver<u64>, options: Options) -> Self {
        let ending = self.sites[0].news.ending.clone();
        self.sites.push(Served { news: News { live, published, ending }, options: ArcSwap::from_pointee(options) });
        self
    }

    /// Counts in these metrics.
    #[must_use]
    pub fn counting(self, metrics: Arc<Metrics>) -> Self {
        Feeds { metrics, ..self }
    }

    /// Logs every request.
    #[must_use]
    pub fn logging(self, log: Option<AccessLog>) -> Self {
        Feeds { log, ..self }
    }

    /// Waits until what was logged is written, but no longer than for this time.
    pub fn settle_log(&self, patience: Duration) {
        self.log.iter().for_each(|log| log.settle(patience));
    }

    /// Answers about the site of this number by other options from now on.
    pub fn follow(&self, number: usize, options: Options) {
        if let Some(site) = self.sites.get(number) {
            let options = options.following(&site.options.load());
            site.options.store(Arc::new(options));
        }
    }

    /// The site that a request is for.
    fn site(&self, head: &request::Parts) -> &Served {
        match self.sites.as_slice() {
            [only] => only,
            sites => {
                let options: Vec<_> = sites.iter().map(|site| site.options.load()).collect();
                let has = |number: usize| knows(head, &sites[number].news.live.peek(), &options[number]);
                &sites[chosen(head, options.iter().map(|options| &options.mount), has)]
            }
        }
    }

    async fn body(&self, site: &Served, payload: Payload) -> (Result<Body, StatusCode>, Option<usize>) {
        match payload {
            Payload::Empty => (Ok(Body::Empty), None),
            Payload::Text(text) => (Ok(Body::from(text)), Some(text.len())),
            Payload::Document(document, Shape::Itself, Coding::Identity)
                if document.len() < LARGE || self.variants.note_first(&document) =>
            {
                let length = document.len();
                (Ok(Body::document(document)), Some(length))
            }
            Payload::Document(document, shape, coding) => {
                let key = (document.digest(), shape, coding);
                let bulk = match self.variants.known(&key) {
                    Some(bulk) => Ok(bulk),
                    // in a box, so that those who need not wait do not carry room for it along
                    None => Box::pin(self.variants.make(document, key)).await,
                };
                match bulk {
                    Ok(bulk) => {
                        let length = bulk.bytes().len();
                        (Ok(Body::Bulk(bulk)), Some(length))
                    }
                    Err(error) => {
                        tracing::error!("{error:#}");
                        (Err(StatusCode::INTERNAL_SERVER_ERROR), None)
                    }
                }
            }
            Payload::Events(path, seen) => match Arc::clone(&self.listeners).try_acquire_owned() {
                Ok(permit) => (Ok(events::body(site.news.clone(), path, seen, self.metrics.listeners.clone(), permit)), None),
                Err(_) => (Err(StatusCode::SERVICE_UNAVAILABLE), None),
            },
        }
    }

    /// What is decided, with the name of what the request is about. What a reader says of its subscribers is noted.
    fn decide(&self, site: &Served, head: &request::Parts, now: DateTime<Utc>) -> (Response<Payload>, &'static str) {
        let (snapshot, options) = (site.news.live.peek(), site.options.load());
        let (response, subject) = respond(head, &snapshot, &options, now);
        if let Subject::Feed(_, path) = subject
            && let Some(agent) = head.headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok())
        {
            self.metrics.heard(options.mount.folder(), path, agent);
        }
        (response, subject.key())
    }
}

impl Handler for Feeds {
    async fn answer(&self, head: &request::Parts, peer: SocketAddr) -> Response<Body> {
        let now = Utc::now();
        let site = self.site(head);
        let (response, subject) = self.decide(site, head, now);
        let (mut parts, payload) = response.into_parts();
        // HTTP/2 would send the body of an answer to HEAD, and a stream would never end.
        let is_head = head.method == Method::HEAD;
        let payload = if is_head && matches!(payload, Payload::Events(..)) { Payload::Empty } else { payload };
        let (body, length) = self.body(site, payload).await;
        let body = match body {
            Ok(body) if !is_head => body,
            Ok(_) => Body::Empty,
            Err(status) => {
                parts.status = status;
                parts.headers.clear();
                parts.headers.insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
                Body::Empty
            }
        };
        // of what is sent, hyper says the length
        if let Some(length) = length.filter(|_| is_head) {
            parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
        }
        let sent = length.filter(|_| !is_head);
        self.metrics.answered(subject, parts.status, parts.headers.get(header::CONTENT_ENCODING), sent);
        if let Some(log) = &self.log {
            log.tell(access::line(head, peer, now, parts.status, sent));
        }
        Response::from_parts(parts, body)
    }
}
