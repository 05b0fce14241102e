//! The access log: a line per request in the combined format that log readers know.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use http::header::{self, HeaderName};
use http::{StatusCode, Version, request};

/// So many lines wait to be written. Those of more requests are lost.
const WAITING: usize = 8192;

/// Where the lines go: to a thread that writes them, since whoever reads them may keep it waiting, and no reader of feeds is to wait.
pub struct AccessLog {
    lines: SyncSender<String>,
    unwritten: Arc<Unwritten>,
}

/// Lines that are not written.
#[derive(Debug, Default)]
struct Unwritten {
    counts: Mutex<Counts>,
    /// Told when none waits any more.
    settled: Condvar,
}

#[derive(Debug, Default)]
struct Counts {
    /// Those that are to be written.
    waiting: usize,
    /// Those that were more than could wait, since that was last told.
    lost: usize,
}

impl Unwritten {
    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that one is written. How many were lost before is the answer.
    fn note_written(&self) -> usize {
        let mut counts = self.counts();
        counts.waiting -= 1;
        if counts.waiting == 0 {
            self.settled.notify_all();
        }
        std::mem::take(&mut counts.lost)
    }
}

impl AccessLog {
    /// A log that is written here, a line at a time.
    ///
    /// # Errors
    /// When the system has no thread to give.
    pub fn new(mut to: impl Write + Send + 'static) -> io::Result<Self> {
        let (lines, waiting) = sync_channel::<String>(WAITING);
        let log = AccessLog { lines, unwritten: Arc::default() };
        let unwritten = log.unwritten.clone();
        std::thread::Builder::new().name("access log".to_owned()).spawn(move || {
            for line in waiting {
                // a log that cannot be written costs no reader an answer
                let _ = to.write_all(line.as_bytes());
                let lost = unwritten.note_written();
                if lost > 0 {
                    tracing::warn!("{lost} lines of the access log were lost: it is written more slowly than requests come");
                }
            }
        })?;
        Ok(log)
    }

    /// Has one line written.
    pub(super) fn tell(&self, line: String) {
        let mut counts = self.unwritten.counts();
        match self.lines.try_send(line) {
            Ok(()) => counts.waiting += 1,
            Err(_) => counts.lost += 1,
        }
    }

    /// Waits until all lines are written, but no longer than for this time.
    pub(super) fn settle(&self, patience: Duration) {
        let counts = self.unwritten.counts();
        drop(self.unwritten.settled.wait_timeout_while(counts, patience, |counts| counts.waiting > 0));
    }
}

/// The line of one request, with its end. `length` is that of the body as far as it is known.
pub(super) fn line(head: &request::Parts, peer: SocketAddr, now: DateTime<Utc>, status: StatusCode, length: Option<usize>) -> String {
    let told = |name: HeaderName| head.headers.get(name).map_or_else(|| "-".to_owned(), |value| quoted(value.as_bytes()));
    let length = length.map_or_else(|| "-".to_owned(), |length| length.to_string());
    // HTTP/2 has no line with the target, and names the host apart from the path
    let path = head.uri.path_and_query().filter(|_| head.version >= Version::HTTP_2);
    let target = path.map_or_else(|| head.uri.to_string(), |path| path.as_str().to_owned());
    format!(
        "{} - - [{}] \"{} {} {:?}\" {} {length} \"{}\" \"{}\"\n",
        peer.ip().to_canonical(),
        now.format("%d/%b/%Y:%H:%M:%S +0000"),
        quoted(head.method.as_str().as_bytes()),
        quoted(target.as_bytes()),
        head.version,
        status.as_u16(),
        told(header::REFERER),
        told(header::USER_AGENT)
    )
}

/// As Apache writes it: nothing that a client sends ends a field or a line.
fn quoted(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for byte in bytes {
        match byte {
            b'"' | b'\\' => text.extend(['\\', char::from(*byte)]),
            b' '..=b'~' => text.push(char::from(*byte)),
            _ => drop(write!(text, "\\x{byte:02x}")),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_does_not_read_the_log_keeps_nobody_waiting() {
        let (mut log, pipe) = io::pipe().unwrap();
        let access = AccessLog::new(pipe).unwrap();
        let started = std::time::Instant::now();
        // more than a pipe holds
        (0..WAITING * 2).for_each(|number| access.tell(format!("{number:0>1000}\n")));
        assert!(access.unwritten.counts().lost > WAITING / 2);
        access.settle(Duration::from_millis(10));
        assert!(started.elapsed() < Duration::from_secs(5));
        let reading = std::thread::spawn(move || io::copy(&mut log, &mut io::sink()));
        access.settle(Duration::from_secs(60));
        assert_eq!(access.unwritten.counts().waiting, 0);
        drop(access);
        assert!(reading.join().unwrap().unwrap() >= WAITING as u64 * 1001);
    }

    #[test]
    fn a_request_is_one_line_of_the_combined_format() {
        let request = http::Request::builder().uri("/rss.xml?a=b").header("user-agent", &b"a \"quoted\"\xff reader"[..]);
        let head = request.body(()).unwrap().into_parts().0;
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        assert_eq!(
            line(&head, "[::1]:80".parse().unwrap(), now, StatusCode::OK, Some(12)),
            "::1 - - [15/Jan/2027:08:00:00 +0000] \"GET /rss.xml?a=b HTTP/1.1\" 200 12 \"-\" \"a \\\"quoted\\\"\\xff reader\"\n"
        );
        let request = http::Request::builder().version(Version::HTTP_2).uri("http://example.org/rss.xml?a=b");
        let of_http_2 = request.body(()).unwrap().into_parts().0;
        let told = line(&of_http_2, "127.0.0.1:80".parse().unwrap(), now, StatusCode::OK, None);
        assert!(told.contains("\"GET /rss.xml?a=b HTTP/2.0\""), "{told}");
        let line = line(&head, "127.0.0.1:80".parse().unwrap(), now, StatusCode::NOT_MODIFIED, None);
        assert!(line.starts_with("127.0.0.1 - - [") && line.contains("\" 304 - \""), "{line}");
    }
}
