//! One connection: HTTP/1 or HTTP/2 as the client speaks it, and an end to those that take and give nothing.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_io_timeout::TimeoutStream;

use super::{Ending, Handler, Limits, told};

/// Serves one connection until it ends, idles, or the server ends.
pub(super) async fn serve<H: Handler>(stream: TcpStream, peer: SocketAddr, handler: Arc<H>, limits: Limits, mut ending: Ending) {
    prepare(&stream, limits.unread);
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(limits.unread));
    let activity = Arc::new(Activity::default());
    let service = service_fn({
        let activity = Arc::clone(&activity);
        move |request: Request<Incoming>| {
            let (handler, under_way) = (Arc::clone(&handler), activity.begin());
            async move {
                let answer = handler.answer(request.into_parts().0, peer).await;
                drop(under_way);
                Ok::<_, Infallible>(answer)
            }
        }
    });
    let builder = builder(limits);
    let mut connection = std::pin::pin!(builder.serve_connection(TokioIo::new(Box::pin(stream)), service));
    let mut is_ending = false;
    loop {
        tokio::select! {
            result = connection.as_mut() => {
                if let Err(error) = result {
                    tracing::debug!("connection ended: {error}");
                }
                return;
            }
            // Whatever is still under way is sent to its end; nothing new is begun.
            () = told(&mut ending), if !is_ending => {}
            // hyper could measure the time of an HTTP/1 head alone, with a timer for each: not until it knows which HTTP it is,
            // nor between HTTP/2 requests.
            () = activity.idle(limits.head), if !is_ending || activity.is_unused() => {
                // In the middle of its preface, HTTP/2 knows no end.
                if activity.is_unused() {
                    return;
                }
            }
        }
        is_ending = true;
        connection.as_mut().graceful_shutdown();
    }
}

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

/// What a connection is doing.
struct Activity(Mutex<State>);

struct State {
    under_way: usize,
    is_unused: bool,
    /// When the last request came or was answered; at first, when the connection came.
    last: Instant,
}

impl Default for Activity {
    fn default() -> Self {
        Activity(Mutex::new(State { under_way: 0, is_unused: true, last: Instant::now() }))
    }
}

impl Activity {
    /// A request that is under way until what this gives is dropped.
    fn begin(self: &Arc<Self>) -> UnderWay {
        self.note(|state| {
            state.under_way += 1;
            state.is_unused = false;
        });
        UnderWay(Arc::clone(self))
    }

    fn note(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state();
        change(&mut state);
        state.last = Instant::now();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether no request ever came.
    fn is_unused(&self) -> bool {
        self.state().is_unused
    }

    /// Completes when there was no request for this long.
    async fn idle(&self, patience: Duration) {
        loop {
            let until = {
                let state = self.state();
                if state.under_way > 0 { Instant::now() + patience } else { state.last + patience }
            };
            if until <= Instant::now() {
                return;
            }
            tokio::time::sleep_until(until).await;
        }
    }
}

struct UnderWay(Arc<Activity>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.note(|state| state.under_way -= 1);
    }
}
