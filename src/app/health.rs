//! `tidings health`: whether a server answers. A container image that holds nothing but this program has nothing else to ask with.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail, ensure};
use url::{Position, Url};

use super::report::Report;
use super::{FAILURE, MISUSE};

/// How long connecting may take, and how long an answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Asks for the head of an address and says what came. A status that is not 2xx, or no answer, ends with a status that is not 0.
pub fn health(url: &Url) -> ExitCode {
    let mut report = Report::default();
    if url.scheme() != "http" {
        report.fail(&anyhow!("{url} is no address of a server without TLS; write one such as http://127.0.0.1:8080/"));
        return ExitCode::from(MISUSE);
    }
    match status(url).with_context(|| format!("{url} is not healthy")) {
        Ok(status) => {
            report.result(&format!("{url} answers {status}"));
            ExitCode::SUCCESS
        }
        Err(error) => {
            report.fail(&error);
            ExitCode::from(FAILURE)
        }
    }
}

/// So many bytes of an answer are read: the first line of one has fewer.
const LONGEST_LINE: u64 = 1024;

/// The status of the answer, with its reason.
fn status(url: &Url) -> Result<String> {
    let mut stream = connect(url)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let (target, host) = (&url[Position::BeforePath..Position::AfterQuery], &url[Position::BeforeHost..Position::AfterPort]);
    // in one write: a server may end the connection after the first packet that is no whole head
    let request = format!("HEAD {target} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: tidings-health\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).context("it does not take a request")?;
    let mut line = String::new();
    BufReader::new(stream.take(LONGEST_LINE)).read_line(&mut line).context("it does not answer")?;
    let Some(("HTTP/1.1" | "HTTP/1.0", status)) = line.trim_end().split_once(' ') else { bail!("it does not speak HTTP") };
    ensure!(status.starts_with('2'), "it answers {status}");
    Ok(status.to_owned())
}

/// A connection to the first of the host's addresses that takes one.
fn connect(url: &Url) -> Result<TcpStream> {
    let mut last = anyhow!("its host has no address");
    for address in url.socket_addrs(|| None).context("its host is not known")? {
        match TcpStream::connect_timeout(&address, PATIENCE) {
            Ok(stream) => return Ok(stream),
            Err(error) => last = anyhow::Error::new(error).context(format!("cannot connect to {address}")),
        }
    }
    Err(last)
}
