//! The HTTP server: accepts, limits and ends in order. What is answered is decided by a [`Handler`].
//!
//! [`Feeds`] answers readers, with what `respond` decides; [`crate::admin`] answers operators.

use std::future::Future;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use http::{Response, request};
use prometheus_client::metrics::gauge::Gauge;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};

mod access;
mod body;
mod connection;
mod events;
mod feeds;
mod sendfile;
mod variants;

pub use access::AccessLog;
pub use body::Body;
pub use feeds::Feeds;
pub use sendfile::Bulk;

/// Tells everybody that the server is to end: true from then on.
pub type Ending = watch::Receiver<bool>;

/// Completes when the server is to end.
async fn told(ending: &mut Ending) {
    // whoever would tell is gone: that is an end too
    drop(ending.wait_for(|is_ending| *is_ending).await);
}

/// Who answers requests.
pub trait Handler: Send + Sync + 'static {
    /// The answer to a request from `peer`.
    fn answer(&self, head: &request::Parts, peer: SocketAddr) -> impl Future<Output = Response<Body>> + Send;
}

/// What a client may take of the server.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections at once; more wait in the kernel's queue.
    pub connections: usize,
    /// How long a head may take, and how long a connection may idle.
    pub head: Duration,
    /// How long a client may leave unread what was sent.
    pub unread: Duration,
    /// How long requests under way may take after the end was asked for.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Limits { connections: 10_000, head: seconds(20), unread: seconds(30), drain: seconds(10) }
    }
}

/// So many connections wait in the kernel's queue.
const BACKLOG: i32 = 1024;

/// How long to wait when the system has no room for a connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Listens on `ADDR:PORT`; port 0 is any that is free.
///
/// # Errors
/// When the address means nothing here, or another process has it.
pub fn listen(address: &str) -> io::Result<std::net::TcpListener> {
    let mut fault = io::Error::new(io::ErrorKind::AddrNotAvailable, "this name has no address");
    for address in address.to_socket_addrs()? {
        let bind = || {
            let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
            // a restart does not wait for connections of the former process to be forgotten
            #[cfg(unix)]
            socket.set_reuse_address(true)?;
            socket.set_nonblocking(true)?;
            socket.bind(&address.into())?;
            socket.listen(BACKLOG)?;
            Ok(socket.into())
        };
        match bind() {
            Ok(listener) => return Ok(listener),
            Err(error) => fault = error,
        }
    }
    Err(fault)
}

/// Serves until the ending is told, then lets requests under way end. `open` counts the connections.
///
/// # Errors
/// When the listener cannot be used at all.
pub async fn run<H: Handler>(listener: TcpListener, handler: Arc<H>, limits: Limits, open: Gauge, mut ending: Ending) -> Result<()> {
    listener.local_addr().context("the listener has no address")?;
    let places = u32::try_from(limits.connections.clamp(1, Semaphore::MAX_PERMITS)).unwrap_or(u32::MAX);
    let room = Arc::new(Semaphore::new(places as usize));
    let mut is_full = false;
    loop {
        let accepted = async {
            // A connection waits in the kernel's queue until there is room for it.
            let permit = Arc::clone(&room).acquire_owned().await;
            (permit, listener.accept().await)
        };
        let (permit, stream, peer) = tokio::select! {
            () = told(&mut ending) => break,
            (permit, accepted) = accepted => match accepted {
                Ok((stream, peer)) => (permit, stream, peer),
                Err(error) => {
                    // Told once: it lasts until connections end, and there is an attempt ten times a second.
                    if !std::mem::replace(&mut is_full, true) {
                        tracing::warn!("cannot accept a connection: {error}");
                    }
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            },
        };
        is_full = false;
        let (handler, open, ending) = (Arc::clone(&handler), open.clone(), ending.clone());
        tokio::spawn(async move {
            let _counted = Counted::new(open);
            connection::serve(stream, peer, handler, limits, ending).await;
            drop(permit);
        });
    }
    drop(listener);
    if tokio::time::timeout(limits.drain, room.acquire_many(places)).await.is_err() {
        tracing::warn!("some connections did not end in time");
    }
    Ok(())
}

/// One of the connections that are open, until it is dropped, be it by a panic of whoever answers it.
struct Counted(Gauge);

impl Counted {
    fn new(open: Gauge) -> Self {
        open.inc();
        Counted(open)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.dec();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::respond::Options;
    use crate::snapshot::{Document, Live, Snapshot};
    use bytes::{BufMut, Bytes};
    use chrono::Utc;
    use std::time::Instant;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    /// A server of `rss.xml`, "one two", of `large.xml`, which the kernel is given a copy of, and of `big.xml`, more than any
    /// socket buffers.
    struct Server {
        address: SocketAddr,
        live: Arc<Live>,
        published: watch::Sender<u64>,
        end: watch::Sender<bool>,
        open: Gauge,
        task: tokio::task::JoinHandle<Result<()>>,
    }

    fn snapshot(text: &'static str) -> Snapshot {
        let mut snapshot = Snapshot::default();
        let parts = vec![Bytes::from_static(b"one "), Bytes::from_static(text.as_bytes())];
        let documents = [("rss.xml", parts), ("large.xml", vec![large()]), ("big.xml", vec![Bytes::from(vec![b'x'; 1 << 20]); 64])];
        for (path, parts) in documents {
            let document = Document::new("application/rss+xml; charset=utf-8", parts, Utc::now());
            snapshot.documents.insert_mut(path.into(), Arc::new(document));
        }
        snapshot
    }

    fn large() -> Bytes {
        (0..100_000_u32).flat_map(u32::to_le_bytes).collect()
    }

    fn with_server<F: Future<Output = ()>>(test: impl FnOnce(Server) -> F) {
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(async {
            let listener = TcpListener::from_std(listen("127.0.0.1:0").unwrap()).unwrap();
            let address = listener.local_addr().unwrap();
            let live = Arc::new(Live::default());
            live.store(snapshot("two"));
            let (end, ending) = watch::channel(false);
            let (published, news) = watch::channel(0);
            let config = crate::config::Config::parse("", "c.toml").unwrap().0;
            let feeds = Arc::new(Feeds::new(live.clone(), news, Options::new(&config), ending.clone()));
            let short = Duration::from_millis(300);
            let limits = Limits { connections: 2, head: short, unread: short, drain: Duration::from_secs(5) };
            let open = Gauge::default();
            let task = tokio::spawn(run(listener, feeds, limits, open.clone(), ending));
            test(Server { address, live, published, end, open, task }).await;
        });
    }

    impl Server {
        async fn connect(&self, text: &str) -> TcpStream {
            let mut stream = TcpStream::connect(self.address).await.unwrap();
            stream.write_all(text.as_bytes()).await.unwrap();
            stream
        }

        /// Ends it, which takes no longer than requests under way.
        async fn end(self) {
            let started = Instant::now();
            self.end.send_replace(true);
            self.task.await.unwrap().unwrap();
            assert!(started.elapsed() < Duration::from_secs(4), "it did not wait for clients that do nothing");
        }
    }

    async fn rest(stream: &mut TcpStream) -> String {
        let mut answer = Vec::new();
        // a client that was cut off may see a reset instead of an end
        let _ = tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut answer)).await.expect("the server ends it");
        String::from_utf8_lossy(&answer).into_owned()
    }

    async fn until(stream: &mut TcpStream, part: &str) {
        let mut seen = String::new();
        while !seen.contains(part) {
            let mut buffer = [0; 4096];
            let read = tokio::time::timeout(Duration::from_secs(10), stream.read(&mut buffer)).await.expect("it comes").unwrap();
            assert!(read > 0, "{part} in {seen}");
            seen += &String::from_utf8_lossy(&buffer[..read]);
        }
    }

    fn check(request: &'static str, expected: &'static [&'static str]) {
        with_server(|server| async move {
            let answer = rest(&mut server.connect(request).await).await;
            for part in expected {
                assert!(answer.contains(part), "{part} in {answer}");
            }
            server.end().await;
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

    #[test]
    fn large_documents_arrive_as_they_are_however_they_are_read() {
        let ask = |of: &str, how: &str| format!("GET /{of} HTTP/1.1\r\nHost: x\r\n{how}\r\n");
        let body = |answer: &'_ [u8]| answer.windows(4).position(|at| at == b"\r\n\r\n").map(|at| at + 4).unwrap();
        with_server(|server| async move {
            let together =
                [ask("large.xml", ""), ask("rss.xml", ""), ask("large.xml", ""), ask("large.xml", "Connection: close\r\n")].concat();
            let mut stream = server.connect(&together).await;
            let mut answers = Vec::new();
            // slower than they are sent, so that a part is sent at a time
            while stream.read_buf(&mut (&mut answers).limit(10_007)).await.unwrap() > 0 {
                tokio::task::yield_now().await;
            }
            let mut rest = &answers[..];
            for expected in [large(), Bytes::from_static(b"one two"), large(), large()] {
                let (found, after) = rest[body(rest)..].split_at(expected.len());
                assert!(found == expected, "a document of {} bytes", expected.len());
                rest = after;
            }
            assert!(rest.is_empty());
            server.end().await;
        });
    }

    #[test]
    fn a_client_that_sends_half_of_something_is_cut_off() {
        for half in ["", "G", "GET /rss.xml HTTP/1.1\r\nHost: x\r\nX: ", "PRI * HTTP/2.0\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"] {
            check(half, &[]); // HT-31
        }
        check("GET /rss.xml HTTP/1.1\r\nHost: x\r\n\r\nGET /rss.xml HTTP/1.1\r\nHo", &["one two"]);
    }

    #[test]
    fn a_tls_hello_is_refused() {
        check("\x16\x03\x01\x02\x00\x01\x00\x01\u{7f}\x03\x03", &[]);
    }

    #[test]
    fn a_client_that_does_not_read_is_cut_off() {
        with_server(|server| async move {
            let stream = server.connect("GET /big.xml HTTP/1.1\r\nHost: x\r\n\r\n").await;
            let started = Instant::now();
            while server.open.get() == 0 || started.elapsed() < Duration::from_millis(100) {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            while server.open.get() > 0 {
                assert!(started.elapsed() < Duration::from_secs(10), "it is held for ever"); // HT-31
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            drop(stream);
            server.end().await;
        });
    }

    #[test]
    fn a_client_of_http2_that_does_not_read_is_cut_off() {
        let frame = |kind: u8, flags: u8, stream: u8, payload: &[u8]| {
            [&[0, 0, payload.len() as u8, kind, flags, 0, 0, 0, stream], payload].concat() // RFC 9113 §4.1
        };
        // no window for any stream (§6.5.2), and a request for /rss.xml
        let settings = frame(4, 0, 0, &[0, 4, 0, 0, 0, 0]);
        let headers = frame(1, 5, 1, b"\x82\x86\x04\x08/rss.xml\x01\x01x");
        let all = [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".as_slice(), &settings, &frame(4, 1, 0, &[]), &headers].concat();
        with_server(|server| async move {
            let mut stream = TcpStream::connect(server.address).await.unwrap();
            stream.write_all(&all).await.unwrap();
            let started = Instant::now();
            let (mut seen, mut sent_head) = (Vec::new(), false);
            while tokio::time::timeout(Duration::from_secs(10), stream.read_buf(&mut seen)).await.expect("it is cut off").unwrap_or(0) > 0 {
                let whole = |seen: &[u8]| {
                    let length = seen.first_chunk::<3>().map(|[high, middle, low]| u32::from_be_bytes([0, *high, *middle, *low]))?;
                    Some(9 + length as usize).filter(|length| *length <= seen.len())
                };
                while let Some(length) = whole(&seen) {
                    let frame: Vec<u8> = seen.drain(..length).collect();
                    sent_head |= frame[3] == 1;
                    assert!(frame[3] != 0 || length == 9, "there is no window");
                    if frame[3] == 6 && frame[4] == 0 {
                        let _ = stream.write_all(&[&[0, 0, 8, 6, 1, 0, 0, 0, 0], &frame[9..]].concat()).await;
                    }
                }
            }
            assert!(sent_head && started.elapsed() < Duration::from_secs(5), "HT-31: {:?}", started.elapsed());
            server.end().await;
        });
    }

    #[test]
    fn a_connection_beyond_the_limit_waits_for_a_place() {
        with_server(|server| async move {
            let idle = [server.connect("").await, server.connect("").await];
            let mut third = server.connect("GET /rss.xml HTTP/1.0\r\n\r\n").await;
            assert!(rest(&mut third).await.contains("one two"));
            drop(idle);
            server.end().await;
        });
    }

    #[test]
    fn a_page_that_listens_is_told_of_its_document_and_of_no_other() {
        with_server(|server| async move {
            let mut stream = server.connect("GET /events?of=/rss.xml HTTP/1.1\r\nHost: x\r\n\r\n").await;
            until(&mut stream, "retry: 2000").await;
            server.live.store(Snapshot { revision: 1, ..snapshot("two") });
            server.published.send_replace(1);
            server.live.store(Snapshot { revision: 2, ..snapshot("three") });
            server.published.send_replace(2);
            let change =
                format!("event: change\ndata: {}\n\n", server.live.load().documents["rss.xml"].etag().to_str().unwrap().trim_matches('"'));
            until(&mut stream, &change).await;
            let mut stale = server.connect("GET /events?of=/rss.xml&seen=1000 HTTP/1.1\r\nHost: x\r\n\r\n").await;
            until(&mut stale, &change).await;
            server.end().await;
        });
    }

    #[test]
    fn a_connection_whose_handler_fails_is_no_longer_counted() {
        struct Failing;
        impl Handler for Failing {
            async fn answer(&self, _: &request::Parts, _: SocketAddr) -> Response<Body> {
                panic!("as a fault in a library does");
            }
        }
        with_server(async |server| {
            let listener = TcpListener::from_std(listen("127.0.0.1:0").unwrap()).unwrap();
            let address = listener.local_addr().unwrap();
            tokio::spawn(run(listener, Arc::new(Failing), Limits::default(), server.open.clone(), server.end.subscribe()));
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
            assert_eq!(stream.read(&mut [0; 16]).await.unwrap_or(0), 0);
            let started = Instant::now();
            while server.open.get() != 0 {
                assert!(started.elapsed() < Duration::from_secs(5), "{} are open", server.open.get());
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        });
    }
}
