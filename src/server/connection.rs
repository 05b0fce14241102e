//! One connection: HTTP/1 or HTTP/2 as the client speaks it, and an end to those that take and give nothing.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use http::{Request, Version};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_io_timeout::TimeoutStream;

use super::body::Pieces;
use super::sendfile::{Outgoing, Wire};
use super::{Body, Ending, Handler, Limits, told};

/// Serves one connection until it ends, idles, or the server ends.
pub(super) async fn serve<H: Handler>(stream: TcpStream, peer: SocketAddr, handler: Arc<H>, limits: Limits, mut ending: Ending) {
    prepare(&stream, limits.unread);
    let (stream, outgoing) = Wire::new(stream);
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(limits.unread));
    let line = Arc::new(Line { handler, outgoing, activity: Activity::new() });
    let activity = &line.activity;
    let service = service_fn(|request: Request<Incoming>| {
        let under_way = UnderWay::begin(&line);
        async move {
            let (head, _) = request.into_parts();
            let answer = under_way.0.handler.answer(&head, peer).await;
            if head.version >= Version::HTTP_2 {
                let line = Arc::clone(&under_way.0);
                return Ok::<_, Infallible>(answer.map(|body| Body::stream(Pieces::new(body, move || line.activity.moved()))));
            }
            if let Body::Bulk(bulk) = answer.body() {
                under_way.0.outgoing.announce(bulk);
            }
            Ok(answer)
        }
    });
    let builder = builder(limits);
    let mut connection = std::pin::pin!(builder.serve_connection(TokioIo::new(Box::pin(stream)), service));
    // hyper could measure the time of an HTTP/1 head alone, with a timer for each: not until it knows which HTTP it is, nor
    // between HTTP/2 requests.
    let mut result = tokio::select! {
        biased;
        // however busy the client keeps the connection
        () = told(&mut ending) => None,
        // before idling: a request may have come at the last moment
        result = connection.as_mut() => Some(result),
        () = activity.idle(limits.head) => None,
    };
    if result.is_none() {
        // Whatever is still under way is sent to its end; nothing new is begun.
        connection.as_mut().graceful_shutdown();
        result = tokio::select! {
            result = connection.as_mut() => Some(result),
            () = activity.abandoned(limits) => None,
        };
    }
    if let Some(Err(error)) = result {
        tracing::debug!("connection ended: {error}");
    }
}

/// How many bytes of each answer HTTP/2 keeps for its client.
const SEND_BUFFER: usize = 64 * 1024;

fn builder(limits: Limits) -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    // slow heads are ended with the idle
    builder.http1().header_read_timeout(None).max_buf_size(64 * 1024);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(100)
        .max_header_list_size(16 * 1024)
        .max_pending_accept_reset_streams(20)
        // what is in it counts as taken by the client, who may be slow
        .max_send_buf_size(SEND_BUFFER)
        .keep_alive_interval(limits.head);
    builder
}

/// Small answers go at once, and a client that acknowledges nothing is cut. Without either the connection still works.
fn prepare(stream: &TcpStream, unread: Duration) {
    let socket = socket2::SockRef::from(stream);
    let _ = socket.set_tcp_nodelay(true);
    #[cfg(target_os = "linux")]
    let _ = socket.set_tcp_user_timeout(Some(unread));
    #[cfg(not(target_os = "linux"))]
    let _ = unread;
}

/// What the requests of a connection have in common.
struct Line<H> {
    handler: Arc<H>,
    outgoing: Outgoing,
    activity: Activity,
}

/// What a connection is doing.
struct Activity {
    /// When the connection came.
    came: Instant,
    /// How many requests came.
    begun: AtomicU64,
    /// How many of them were answered.
    answered: AtomicU64,
    /// When the last of them was answered, in milliseconds after the connection came.
    last: AtomicU64,
    /// When a client last took a piece of an answer, in milliseconds after the connection came; 0 where that is not known.
    taken: AtomicU64,
}

impl Activity {
    fn new() -> Self {
        let [begun, answered, last, taken] = [const { AtomicU64::new(0) }; 4];
        Activity { came: Instant::now(), begun, answered, last, taken }
    }

    /// Notes that the client takes what it is sent.
    fn moved(&self) {
        self.taken.store((self.came.elapsed().as_millis() as u64).max(1), Ordering::Relaxed);
    }

    /// Whether no request ever came.
    fn is_unused(&self) -> bool {
        self.begun.load(Ordering::Relaxed) == 0
    }

    /// Completes when there was no request for this long.
    async fn idle(&self, patience: Duration) {
        loop {
            let is_busy = self.begun.load(Ordering::Relaxed) != self.answered.load(Ordering::Relaxed);
            let last = self.came + Duration::from_millis(self.last.load(Ordering::Relaxed));
            let until = if is_busy { Instant::now() } else { last } + patience;
            if until <= Instant::now() {
                return;
            }
            tokio::time::sleep_until(until).await;
        }
    }

    /// Completes when a client that was told of the end has nothing more to come.
    async fn abandoned(&self, limits: Limits) {
        if self.is_unused() {
            // in the middle of its preface, HTTP/2 knows no end
            self.idle(limits.head).await;
        }
        if !self.is_unused() {
            // HTTP/2 has a window for each stream, and a client that opens none still answers pings
            self.stuck(limits.unread).await;
        }
    }

    /// Completes when the client took no piece of an answer for this long. Where pieces are not told of, never.
    async fn stuck(&self, patience: Duration) {
        loop {
            let taken = self.taken.load(Ordering::Relaxed);
            let until = if taken == 0 { Instant::now() } else { self.came + Duration::from_millis(taken) } + patience;
            if until <= Instant::now() {
                return;
            }
            tokio::time::sleep_until(until).await;
        }
    }
}

/// A request that is under way until this is dropped.
struct UnderWay<H>(Arc<Line<H>>);

impl<H> UnderWay<H> {
    fn begin(line: &Arc<Line<H>>) -> Self {
        line.activity.begun.fetch_add(1, Ordering::Relaxed);
        UnderWay(Arc::clone(line))
    }
}

impl<H> Drop for UnderWay<H> {
    fn drop(&mut self) {
        let Activity { came, answered, last, .. } = &self.0.activity;
        last.store(came.elapsed().as_millis() as u64, Ordering::Relaxed);
        answered.fetch_add(1, Ordering::Relaxed);
    }
}
