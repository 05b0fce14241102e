//! Server-sent events: a page that is open is told when the document that it shows changes.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chrono::Utc;
use futures_util::stream::{self, Stream};
use http_body_util::StreamBody;
use hyper::body::Frame;
use prometheus_client::metrics::gauge::Gauge;
use tokio::sync::{OwnedSemaphorePermit, watch};

use super::{Body, Ending, told};
use crate::snapshot::{Document, Live};

/// A client that is gone is noticed when nothing can be sent to it any more.
const HEARTBEAT: Duration = Duration::from_secs(20);

/// Where news come from.
#[derive(Clone)]
pub(super) struct News {
    pub(super) live: Arc<Live>,
    /// Changes whenever something is published.
    pub(super) published: watch::Receiver<u64>,
    pub(super) ending: Ending,
}

/// One page that listens, counted as long as it does.
struct Listener {
    news: News,
    path: String,
    /// The document that the page shows, as far as is known.
    shown: Option<u128>,
    /// Whether the page was stale when it began to listen.
    is_stale: bool,
    is_greeted: bool,
    streams: Gauge,
    _permit: OwnedSemaphorePermit,
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.streams.dec();
    }
}

/// The stream for a page that shows the document at `path` as it was in the second `seen`.
pub(super) fn body(news: News, path: String, seen: Option<i64>, streams: Gauge, permit: OwnedSemaphorePermit) -> Body {
    streams.inc();
    let snapshot = news.live.load();
    let document = snapshot.documents.get(path.as_str());
    let shown = document.map(|document| document.digest());
    let is_stale = seen.is_some_and(|seen| document.is_none_or(|document| is_newer(document, seen)));
    let listener = Listener { news, path, shown, is_stale, is_greeted: false, streams, _permit: permit };
    Body::stream(StreamBody::new(events(listener)))
}

/// Whether a document changed after the second `seen`. A date that is still to come says nothing.
fn is_newer(document: &Document, seen: i64) -> bool {
    document.modified() <= Utc::now() && document.modified().timestamp() > seen
}

fn events(listener: Listener) -> impl Stream<Item = Result<Frame<Bytes>, Infallible>> + Send {
    stream::unfold(listener, |mut listener| async move {
        let text = listener.next().await?;
        Some((Ok(Frame::data(Bytes::from(text))), listener))
    })
}

impl Listener {
    /// What to send next; none at the end.
    async fn next(&mut self) -> Option<String> {
        if !std::mem::replace(&mut self.is_greeted, true) {
            // The first bytes open the stream; a browser that loses it comes again after two seconds.
            let greeting = "retry: 2000\n\n".to_owned();
            return Some(if self.is_stale { greeting + &self.change() } else { greeting });
        }
        loop {
            let News { ending, published, .. } = &mut self.news;
            tokio::select! {
                () = told(ending) => return None,
                changed = published.changed() => changed.ok()?,
                () = tokio::time::sleep(HEARTBEAT) => return Some(":\n\n".to_owned()),
            }
            let now = self.news.live.load().documents.get(self.path.as_str()).map(|document| document.digest());
            if std::mem::replace(&mut self.shown, now) != now {
                return Some(self.change());
            }
        }
    }

    /// Tells what the document is now. A page that is made of an older answer, which somebody between here and there keeps, is told
    /// the same each time that it asks, by which it knows that asking for another was of no use yet.
    fn change(&self) -> String {
        match self.shown {
            Some(digest) => format!("event: change\ndata: {digest:032x}\n\n"),
            None => "event: change\ndata: gone\n\n".to_owned(),
        }
    }
}
