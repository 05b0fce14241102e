//! The access log: a line per request in the combined format that log readers know.

use std::fmt::Write as _;
use std::io::Write;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};
use http::header::{self, HeaderName};
use http::{StatusCode, request};

/// Where the lines go.
pub struct AccessLog(Mutex<Box<dyn Write + Send>>);

impl AccessLog {
    /// A log that is written here, a line at a time.
    pub fn new(to: impl Write + Send + 'static) -> Self {
        AccessLog(Mutex::new(Box::new(to)))
    }

    /// Writes one line. A log that cannot be written costs no reader an answer.
    pub(super) fn tell(&self, line: &str) {
        let _ = self.0.lock().unwrap_or_else(PoisonError::into_inner).write_all(line.as_bytes());
    }
}

/// The line of one request, with its end. `length` is that of the body as far as it is known.
pub(super) fn line(head: &request::Parts, peer: SocketAddr, now: DateTime<Utc>, status: StatusCode, length: Option<usize>) -> String {
    let told = |name: HeaderName| head.headers.get(name).map_or_else(|| "-".to_owned(), |value| quoted(value.as_bytes()));
    let length = length.map_or_else(|| "-".to_owned(), |length| length.to_string());
    format!(
        "{} - - [{}] \"{} {} {:?}\" {} {length} \"{}\" \"{}\"\n",
        peer.ip(),
        now.format("%d/%b/%Y:%H:%M:%S +0000"),
        quoted(head.method.as_str().as_bytes()),
        quoted(head.uri.to_string().as_bytes()),
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
    fn a_request_is_one_line_of_the_combined_format() {
        let request = http::Request::builder().uri("/rss.xml?a=b").header("user-agent", &b"a \"quoted\"\xff reader"[..]);
        let head = request.body(()).unwrap().into_parts().0;
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        assert_eq!(
            line(&head, "[::1]:80".parse().unwrap(), now, StatusCode::OK, Some(12)),
            "::1 - - [15/Jan/2027:08:00:00 +0000] \"GET /rss.xml?a=b HTTP/1.1\" 200 12 \"-\" \"a \\\"quoted\\\"\\xff reader\"\n"
        );
        let line = line(&head, "127.0.0.1:80".parse().unwrap(), now, StatusCode::NOT_MODIFIED, None);
        assert!(line.starts_with("127.0.0.1 - - [") && line.contains("\" 304 - \""), "{line}");
    }
}
