//! The program as a user runs it: a site in a temporary folder, the binary, and a plain HTTP client.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// How long a change may take to be served before a test fails.
pub(crate) const LIMIT: Duration = Duration::from_secs(20);

/// Between two looks at what is waited for.
pub(crate) const PACE: Duration = Duration::from_millis(5);

/// A site in a folder of its own.
pub(crate) struct TestSite {
    pub(crate) root: tempfile::TempDir,
}

impl TestSite {
    /// A site with this configuration beside a title and a base address, and no post.
    pub(crate) fn new(config: &str) -> Self {
        let site = TestSite { root: tempfile::tempdir().unwrap() };
        site.write("hugo.toml", format!("baseURL = 'https://example.org/'\ntitle = 'Test'\n{config}"));
        fs::create_dir(site.path("content")).unwrap();
        site
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.root.path().join(path)
    }

    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Writes a post with a title, one day of January 2020, and tags.
    pub(crate) fn post(&self, path: &str, title: &str, day: u32, tags: &[&str]) {
        self.write(&format!("content/{path}"), post(title, day, tags));
    }

    /// Runs the program to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        program(self.root.path()).args(arguments).output().unwrap()
    }

    /// Starts the server on a free port.
    pub(crate) fn serve(&self) -> Server {
        Server::start(self.root.path(), &[])
    }
}

/// Every file below a folder, by its path there; none when there is no such folder.
pub(crate) fn tree(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(current) = folders.pop() {
        for entry in fs::read_dir(&current).into_iter().flatten().filter_map(Result::ok) {
            let path = entry.path();
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push(path);
            } else if let Ok(bytes) = fs::read(&path) {
                files.insert(path.strip_prefix(folder).unwrap().to_string_lossy().into_owned(), bytes);
            }
        }
    }
    files
}

/// Copies a folder with everything in it, over links.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (path, place) = (entry.path(), to.join(entry.file_name()));
        match fs::metadata(&path) {
            Ok(meta) if meta.is_dir() => copy(&path, &place),
            Ok(_) => drop(fs::copy(&path, &place).unwrap()),
            // a link that leads nowhere
            Err(_) => {}
        }
    }
}

/// The text of a post.
pub(crate) fn post(title: &str, day: u32, tags: &[&str]) -> String {
    format!("+++\ntitle = {title:?}\ndate = 2020-01-{day:02}T10:00:00Z\ntags = {tags:?}\n+++\n\nThe text of {title}.\n")
}

/// The program, to be run in a folder.
pub(crate) fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tidings"));
    // what is said to the Hugo of whoever runs the tests is not for these
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.as_encoded_bytes().starts_with(b"HUGO")) {
        command.env_remove(name);
    }
    command.current_dir(folder).env_remove("SOURCE_DATE_EPOCH").env_remove("CACHE_DIRECTORY").env("XDG_CACHE_HOME", folder.join(".cache"));
    command
}

/// What was printed, both ways.
pub(crate) fn printed(output: &Output) -> (String, String) {
    (String::from_utf8_lossy(&output.stdout).into_owned(), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// Says that a test cannot make its fault happen here. That is a failure where everything must be tested.
pub(crate) fn skip(why: &str) {
    assert!(std::env::var_os("CI").is_none(), "this cannot be tested here: {why}");
    let _ = writeln!(std::io::stderr(), "skipped: {why}");
}

/// A running server, killed when it is dropped.
pub(crate) struct Server {
    pub(crate) process: Child,
    pub(crate) address: String,
    log: tempfile::NamedTempFile,
}

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    /// The value of a header; empty when it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        let line = self.head.lines().find(|line| line.to_ascii_lowercase().starts_with(&format!("{name}:")));
        line.map_or("", |line| line[name.len() + 1..].trim())
    }
}

impl Server {
    /// Starts it on a free port.
    pub(crate) fn start(folder: &Path, arguments: &[&str]) -> Self {
        Server::start_as_configured(folder, &[&["--listen", "127.0.0.1:0"], arguments].concat())
    }

    /// Starts it where its configuration says.
    pub(crate) fn start_as_configured(folder: &Path, arguments: &[&str]) -> Self {
        let mut command = program(folder);
        command.arg("serve").args(arguments);
        Server::spawn(command)
    }

    /// Starts a server by a command of its own, which ends in `tidings serve` on a free port.
    pub(crate) fn spawn(mut command: Command) -> Self {
        let log = tempfile::NamedTempFile::new().unwrap();
        let mut process = command.stdout(Stdio::piped()).stderr(log.reopen().unwrap()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let told = || fs::read_to_string(log.path()).unwrap();
        let address = line.trim().strip_prefix("listening on http://").unwrap_or_else(|| panic!("it said {line:?}, {}", told())).to_owned();
        Server { process, address, log }
    }

    /// What it has logged.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.log.path()).unwrap()
    }

    /// Waits until it said something on standard error, and gives the rest of that line.
    pub(crate) fn until_said(&self, part: &str) -> String {
        let start = Instant::now();
        loop {
            if let Some((_, rest)) = self.log().split_once(part)
                && let Some((rest, _)) = rest.split_once('\n')
            {
                return rest.to_owned();
            }
            assert!(start.elapsed() < LIMIT, "it did not say {part:?}, but {}", self.log());
        }
    }

    /// Waits until it has logged a text.
    pub(crate) fn until_logged(&self, text: &str) {
        self.until_logged_times(text, 1);
    }

    /// Waits until it has logged a text so many times, or more.
    pub(crate) fn until_logged_times(&self, text: &str, times: usize) {
        let start = Instant::now();
        while self.log().matches(text).count() < times {
            assert!(start.elapsed() < LIMIT, "{text:?} was not logged {times} times: {}", self.log());
            std::thread::sleep(PACE);
        }
    }

    /// Sends a signal.
    #[cfg(unix)]
    pub(crate) fn signal(&self, signal: &str) {
        assert!(Command::new("kill").args([signal, &self.process.id().to_string()]).status().unwrap().success());
    }

    /// A connection that has asked for nothing yet.
    pub(crate) fn connect(&self) -> TcpStream {
        TcpStream::connect(&self.address).unwrap()
    }

    pub(crate) fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.ask("GET", path, headers)
    }

    pub(crate) fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        ask(&self.address, method, path, headers)
    }

    /// Asks until the answer is as it should be, and fails when it is not so in time.
    pub(crate) fn until(&self, path: &str, what: &str, is_so: impl Fn(&Answer) -> bool) -> Answer {
        let start = Instant::now();
        loop {
            let answer = self.get(path, &[]);
            if is_so(&answer) {
                return answer;
            }
            assert!(start.elapsed() < LIMIT, "{path}: not {what} within {LIMIT:?}; it is {} {}", answer.status, answer.body);
        }
    }

    /// Waits until a feed holds a text.
    pub(crate) fn until_has(&self, path: &str, text: &str) {
        self.until(path, &format!("holding {text:?}"), |answer| answer.status == 200 && answer.body.contains(text));
    }

    /// Waits until a feed does not hold a text, or is no more.
    pub(crate) fn until_lacks(&self, path: &str, text: &str) {
        self.until(path, &format!("free of {text:?}"), |answer| !answer.body.contains(text));
    }

    /// Asks the process to end and waits for it.
    #[cfg(unix)]
    pub(crate) fn end(mut self, signal: &str) -> std::process::ExitStatus {
        self.signal(signal);
        self.process.wait().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Sends one request to `address` and reads all that comes.
pub(crate) fn ask(address: &str, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    write!(stream, "{method} {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n{headers}\r\n").unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    Answer { status, head: head.to_owned(), body: body.to_owned() }
}
