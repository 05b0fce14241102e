//! The HTTP server: accepts, limits, compresses, sends, and ends in order. What is answered is decided by `respond`.

use std::collections::HashMap;
use std::convert::Infallible;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use bytes::Bytes;
use chrono::Utc;
use http::header::{CONTENT_LENGTH, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Empty, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use crate::respond::coding::{self, Coding};
use crate::respond::{Options, Payload, respond};
use crate::snapshot::{Document, Live};

/// How long a head may take, and how long a connection may idle.
const HEAD_TIMEOUT: Duration = Duration::from_secs(20);
/// How long a client may leave what was sent unread.
#[cfg(target_os = "linux")]
const UNREAD_TIMEOUT: Duration = Duration::from_secs(30);
/// How long requests under way may take after the end was asked for.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);
/// How long to wait when the system has no room for a connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// The compressed bytes that are kept; at more, all are forgotten and made again when asked for.
const CACHE_BYTES: usize = 64 << 20;
/// Compressions at once.
const COMPRESSIONS: usize = 2;

type Body = BoxBody<Bytes, Infallible>;

/// What every connection shares.
struct Shared {
    live: Arc<Live>,
    options: Options,
    compressions: Semaphore,
    cache: Mutex<Cache>,
}

/// Compressed documents, by the hash of their plain bytes.
#[derive(Default)]
struct Cache {
    bytes: usize,
    variants: HashMap<(u128, Coding), Bytes>,
}

/// Serves what is live until `shutdown` completes, then lets requests under way end within ten seconds.
///
/// # Errors
/// When the listener cannot be used at all.
pub async fn run(
    listener: TcpListener,
    live: Arc<Live>,
    options: Options,
    max_connections: usize,
    shutdown: impl Future<Output = ()>,
) -> Result<()> {
    listener.local_addr().context("the listener has no address")?;
    let shared = Arc::new(Shared { live, options, compressions: Semaphore::new(COMPRESSIONS), cache: Mutex::default() });
    let room = Arc::new(Semaphore::new(max_connections.clamp(1, Semaphore::MAX_PERMITS)));
    let graceful = GracefulShutdown::new();
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let accepted = async {
            // A connection waits in the kernel's queue until there is room for it.
            let permit = Arc::clone(&room).acquire_owned().await;
            (permit, listener.accept().await)
        };
        let (permit, stream) = tokio::select! {
            () = &mut shutdown => break,
            (permit, accepted) = accepted => match accepted {
                Ok((stream, _)) => (permit, stream),
                Err(error) => {
                    tracing::warn!("cannot accept a connection: {error}");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            },
        };
        let (shared, watcher) = (Arc::clone(&shared), graceful.watcher());
        tokio::spawn(async move {
            let _permit = permit;
            prepare(&stream);
            // Until the first byte there is no telling which HTTP it is, so nobody else measures this time.
            if !matches!(tokio::time::timeout(HEAD_TIMEOUT, stream.readable()).await, Ok(Ok(()))) {
                return;
            }
            let service = service_fn(move |request| answer(Arc::clone(&shared), request));
            let connection = builder().serve_connection(TokioIo::new(stream), service).into_owned();
            if let Err(error) = watcher.watch(connection).await {
                tracing::debug!("connection ended: {error}");
            }
        });
    }
    drop(listener);
    if tokio::time::timeout(DRAIN_TIMEOUT, graceful.shutdown()).await.is_err() {
        tracing::warn!("some connections did not end in time");
    }
    Ok(())
}

fn builder() -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT).max_buf_size(64 * 1024);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(100)
        .max_header_list_size(16 * 1024)
        .max_pending_accept_reset_streams(20)
        .keep_alive_interval(HEAD_TIMEOUT);
    builder
}

/// Small answers go at once, and a client that reads nothing is cut. Without either the connection still works.
fn prepare(stream: &TcpStream) {
    let socket = socket2::SockRef::from(stream);
    let _ = socket.set_tcp_nodelay(true);
    #[cfg(target_os = "linux")]
    let _ = socket.set_tcp_user_timeout(Some(UNREAD_TIMEOUT));
}

async fn answer(shared: Arc<Shared>, request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
    let (head, _) = request.into_parts();
    let (mut parts, payload) = respond(&head, &shared.live.load(), &shared.options, Utc::now()).into_parts();
    let body = match payload {
        Payload::Empty => Empty::new().boxed(),
        Payload::Text(text) => Full::from(text).boxed(),
        Payload::Document(document, Coding::Identity) => plain(&document),
        Payload::Document(document, coding) => match compressed(&shared, document, coding).await {
            Ok(bytes) => {
                parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(bytes.len()));
                Full::from(bytes).boxed()
            }
            Err(error) => {
                tracing::error!("{error:#}");
                let mut failed = Response::new(Empty::new().boxed());
                *failed.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
                return Ok(failed);
            }
        },
    };
    // HTTP/2 would send the body of an answer to HEAD.
    let body = if head.method == Method::HEAD { Empty::new().boxed() } else { body };
    Ok(Response::from_parts(parts, body))
}

/// The parts of a document, one frame each; none is copied.
fn plain(document: &Arc<Document>) -> Body {
    let frames: Vec<_> = document.parts().iter().map(|part| Ok(Frame::data(part.clone()))).collect();
    BodyExt::boxed(StreamBody::new(futures_util::stream::iter(frames)))
}

async fn compressed(shared: &Shared, document: Arc<Document>, coding: Coding) -> Result<Bytes> {
    let key = (document.digest(), coding);
    let cached = || shared.cache.lock().unwrap_or_else(PoisonError::into_inner).variants.get(&key).cloned();
    if let Some(bytes) = cached() {
        return Ok(bytes);
    }
    let _permit = shared.compressions.acquire().await?;
    // Another request may have made it meanwhile.
    if let Some(bytes) = cached() {
        return Ok(bytes);
    }
    let bytes = tokio::task::spawn_blocking(move || coding::compress(document.parts(), coding)).await?.context("cannot compress")?;
    let mut cache = shared.cache.lock().unwrap_or_else(PoisonError::into_inner);
    if cache.bytes + bytes.len() > CACHE_BYTES {
        *cache = Cache::default();
    }
    cache.bytes += bytes.len();
    cache.variants.insert(key, bytes.clone());
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::FileNames;
    use crate::snapshot::Snapshot;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    /// Sends `request` to a server of one document and gives everything it answers until it closes.
    fn check(request: &str, expected: &[&str]) {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let mut snapshot = Snapshot::default();
            let document = Document::new("text/plain", vec![Bytes::from_static(b"one "), Bytes::from_static(b"two")], Utc::now());
            snapshot.documents.insert_mut("rss.xml".into(), Arc::new(document));
            let live = Arc::new(Live::default());
            live.store(snapshot);
            let file_names = FileNames { rss: "rss.xml".into(), atom: "atom.xml".into(), json: "feed.json".into() };
            let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
            let shutdown = async { stopped.await.unwrap_or_default() };
            let server = tokio::spawn(run(listener, live, Options { max_age: 1, file_names }, 2, shutdown));
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(request.as_bytes()).await.unwrap();
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).await.unwrap();
            let answer = String::from_utf8_lossy(&answer);
            for part in expected {
                assert!(answer.contains(part), "{part} in {answer}");
            }
            stop.send(()).unwrap();
            server.await.unwrap().unwrap();
        });
    }

    #[test]
    fn the_parts_of_a_document_arrive_as_one_body() {
        check("GET /rss.xml HTTP/1.0\r\n\r\n", &["HTTP/1.0 200", "content-length: 7", "\r\n\r\none two"]);
    }

    #[test]
    fn requests_sent_together_are_all_answered() {
        check(
            "HEAD /rss.xml HTTP/1.1\r\nHost: x\r\n\r\nGET /no HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            &["HTTP/1.1 200", "content-length: 7", "HTTP/1.1 404"],
        );
    }
}
