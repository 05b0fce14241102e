//! A server among honest and hostile clients while posts are edited. A few seconds in every run of the tests; for longer,
//! with figures: `TIDINGS_SOAK=600 cargo test --release --test it soak -- --nocapture`.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use crate::program::{Server, TestSite};

/// Connections that the server takes; half of them are hostile.
const CONNECTIONS: usize = 200;
const HONEST: usize = 50;

#[derive(Default)]
struct Tally {
    answers: AtomicU64,
    not_modified: AtomicU64,
    hostile: AtomicU64,
    edits: AtomicU64,
    latencies: Mutex<Vec<Duration>>,
    faults: Mutex<Vec<String>>,
}

#[test]
fn honest_clients_are_served_among_hostile_ones_and_memory_stays_flat() {
    let seconds = std::env::var("TIDINGS_SOAK").map_or(6, |seconds| seconds.parse().unwrap());
    let site = TestSite::new(&format!("[serve]\nmax_connections = {CONNECTIONS}\n"));
    for i in 0..300 {
        let mut text = String::new();
        (0..40).for_each(|line| writeln!(text, "Line {line} of post {i}, with *words* enough to weigh something.\n").unwrap());
        let front = format!("+++\ntitle = 'Post {i}'\ndate = 2020-01-{:02}T00:00:00Z\ntags = ['t{}']\n+++\n", 1 + i % 28, i % 10);
        site.write(&format!("content/post/{i}.md"), front + &text);
    }
    let server = site.serve();
    let tally = Arc::new(Tally::default());
    let end = Instant::now() + Duration::from_secs(seconds);
    let warm = Instant::now() + Duration::from_secs(seconds) / 3;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    for i in 0..CONNECTIONS / 2 {
        runtime.spawn(hostile(server.address.clone(), i, tally.clone()));
    }
    let honest: Vec<_> = (0..HONEST).map(|i| runtime.spawn(honest(server.address.clone(), i, end, tally.clone()))).collect();
    let mut resident_when_warm = 0;
    while Instant::now() < end {
        let edit = tally.edits.fetch_add(1, Ordering::Relaxed);
        site.post(&format!("post/{}.md", edit % 300), &format!("Edit {edit}"), 1, &[&format!("t{}", edit % 12)]);
        std::thread::sleep(Duration::from_millis(50));
        if resident_when_warm == 0 && Instant::now() > warm {
            resident_when_warm = resident(&server);
        }
    }
    runtime.block_on(async {
        for client in honest {
            client.await.unwrap();
        }
    });
    let resident_at_end = resident(&server);
    runtime.shutdown_background();
    let mut latencies = std::mem::take(&mut *tally.latencies.lock().unwrap());
    latencies.sort_unstable();
    let share = |part: f64| latencies[((latencies.len() - 1) as f64 * part) as usize];
    let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    println!(
        "{seconds} s, {} honest answers ({} were 304), {} edits, {} hostile connections; latency median {:?}, p99 {:?}, longest {:?}; \
         resident {resident_when_warm} kB when warm, {resident_at_end} kB at the end",
        count(&tally.answers),
        count(&tally.not_modified),
        count(&tally.edits),
        count(&tally.hostile),
        share(0.5),
        share(0.99),
        share(1.0)
    );
    assert_eq!(*tally.faults.lock().unwrap(), [""; 0], "no honest client saw an error");
    assert!(count(&tally.answers) > 100 * seconds, "honest clients were served");
    assert!(resident_at_end < resident_when_warm + 48 * 1024, "{resident_when_warm} kB became {resident_at_end} kB");
    server.until_has("/feeds.html", "t11");
}

/// The resident memory of the server, in kB.
fn resident(server: &Server) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.process.id())).unwrap_or_default();
    status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?.parse().ok()).unwrap_or(0)
}

/// Polls feeds as readers do, twenty times a connection, with the tag of the last answer.
async fn honest(address: String, number: usize, end: Instant, tally: Arc<Tally>) {
    const CODINGS: [&str; 4] = ["identity", "gzip", "br", "zstd"];
    let path = if number.is_multiple_of(3) { "/rss.xml".to_owned() } else { format!("/tags/t{}/atom.xml", number % 10) };
    let mut tag = String::new();
    while Instant::now() < end {
        let Ok(mut stream) = TcpStream::connect(&address).await else {
            tally.faults.lock().unwrap().push("no connection".to_owned());
            continue;
        };
        for _ in 0..20 {
            let started = Instant::now();
            let coding = CODINGS[number % 4];
            let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nAccept-Encoding: {coding}\r\nIf-None-Match: {tag}\r\n\r\n");
            match tokio::time::timeout(Duration::from_secs(10), exchange(&mut stream, &request)).await {
                Ok(Ok((200, new_tag))) => tag = new_tag,
                Ok(Ok((304, _))) => drop(tally.not_modified.fetch_add(1, Ordering::Relaxed)),
                other => {
                    tally.faults.lock().unwrap().push(format!("{path}: {other:?}"));
                    break;
                }
            }
            tally.answers.fetch_add(1, Ordering::Relaxed);
            tally.latencies.lock().unwrap().push(started.elapsed());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// Sends a request and reads the whole answer: its status and its tag.
async fn exchange(stream: &mut TcpStream, request: &str) -> std::io::Result<(u16, String)> {
    stream.write_all(request.as_bytes()).await?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head);
    let value = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)).unwrap_or("").trim().to_owned();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    if status == 200 {
        let mut body = vec![0; value("content-length:").parse().unwrap_or(0)];
        stream.read_exact(&mut body).await?;
    }
    Ok((status, value("etag:")))
}

/// Does what nobody should, again and again: half a head, a byte at a time, nothing read, noise, streams without end.
async fn hostile(address: String, number: usize, tally: Arc<Tally>) {
    loop {
        tally.hostile.fetch_add(1, Ordering::Relaxed);
        let socket = TcpSocket::new_v4().unwrap();
        let _ = socket.set_recv_buffer_size(4096);
        let Ok(mut stream) = socket.connect(address.parse().unwrap()).await else { continue };
        let slow = |text: &'static str| text.as_bytes().chunks(1);
        let _ = match number % 6 {
            0 => {
                let mut sent = Ok(());
                for byte in slow("GET /rss.xml HTTP/1.1\r\nHost: x\r\nX-Slow: 0123456789012345678901234567890123456789").cycle() {
                    sent = stream.write_all(byte).await;
                    tokio::time::sleep(Duration::from_millis(200)).await;
                    if sent.is_err() {
                        break;
                    }
                }
                sent
            }
            1 => {
                let many = "GET /rss.xml HTTP/1.1\r\nHost: x\r\n\r\n".repeat(500);
                let sent = stream.write_all(many.as_bytes()).await;
                tokio::time::sleep(Duration::from_secs(40)).await;
                sent
            }
            2 => stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0\xff\xff\xff\xff").await,
            3 => stream.write_all(&[0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]).await,
            4 => {
                let long = format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "x".repeat(100_000));
                stream.write_all(long.as_bytes()).await
            }
            _ => {
                let sent = stream.write_all(b"GET /events?of=/rss.xml HTTP/1.1\r\nHost: x\r\n\r\n").await;
                tokio::time::sleep(Duration::from_secs(5)).await;
                sent
            }
        };
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
