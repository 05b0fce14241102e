//! What a service manager sees: a real notification socket, and the unit that is packaged.

use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::program::{LIMIT, Server, TestSite, printed, program};

/// The next message with this line in it; those before it are passed over.
fn until_told(socket: &UnixDatagram, line: &str) -> String {
    let mut buffer = [0; 4096];
    loop {
        let length = socket.recv(&mut buffer).unwrap_or_else(|error| panic!("{line} was not told: {error}"));
        let message = String::from_utf8_lossy(&buffer[..length]).into_owned();
        if message.lines().any(|told| told == line) {
            return message;
        }
    }
}

/// Starts the server of a site with a socket on which it tells of itself.
fn serve(site: &TestSite) -> (Server, UnixDatagram) {
    let path = site.path("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(Some(LIMIT)).unwrap();
    let mut command = program(site.root.path());
    command.args(["serve", "--listen", "127.0.0.1:0"]).env("NOTIFY_SOCKET", &path).env("WATCHDOG_USEC", "1000000");
    (Server::spawn(command), socket)
}

#[test]
fn the_service_manager_is_told_of_ready_reloading_stopping_and_life() {
    let site = TestSite::new("");
    site.post("post/a.md", "One", 1, &[]);
    let (server, socket) = serve(&site);
    // signs of life may come before: the feeds are kept from the first build on
    assert_eq!(until_told(&socket, "READY=1"), "READY=1\n");
    for _ in 0..3 {
        until_told(&socket, "WATCHDOG=1");
    }
    // by its file
    site.write("hugo.toml", site.read("hugo.toml").replace("'Test'", "'Renamed'"));
    assert!(until_told(&socket, "RELOADING=1").contains("MONOTONIC_USEC="));
    until_told(&socket, "READY=1");
    assert!(server.get("/rss.xml", &[]).body.contains("<title>Renamed</title>"), "ready means that readers have it");
    // by a signal, though nothing changed; and with a file that cannot be used
    server.signal("-HUP");
    until_told(&socket, "RELOADING=1");
    until_told(&socket, "READY=1");
    site.write("hugo.toml", "title = ");
    until_told(&socket, "RELOADING=1");
    until_told(&socket, "READY=1");
    assert!(!server.log().contains('\x1b'), "a journal shows no colours: {}", server.log());
    assert_eq!(server.end("-TERM").code(), Some(0));
    until_told(&socket, "STOPPING=1");
}

#[test]
fn languages_are_reloaded_as_one() {
    let site = TestSite::new(&["en", "fr", "de", "it"].map(|language| format!("[languages.{language}]\n")).concat());
    let (server, socket) = serve(&site);
    until_told(&socket, "READY=1");
    for signal in 1..=30 {
        server.signal("-HUP");
        until_told(&socket, "RELOADING=1");
        until_told(&socket, "READY=1");
        socket.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
        let mut buffer = [0; 4096];
        while let Ok(length) = socket.recv(&mut buffer) {
            let message = String::from_utf8_lossy(&buffer[..length]);
            assert_eq!(message, "WATCHDOG=1\n", "after signal {signal}");
        }
        socket.set_read_timeout(Some(LIMIT)).unwrap();
    }
}

#[test]
fn the_unit_is_one_that_systemd_takes() {
    let unit = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/tidings.service")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tidings.service");
    // the program must be there
    std::fs::write(&path, unit.replace("=tidings ", concat!("=", env!("CARGO_BIN_EXE_tidings"), " "))).unwrap();
    let Ok(output) = Command::new("systemd-analyze").args(["verify", "--recursive-errors=no"]).arg(&path).output() else {
        return crate::program::skip("there is no systemd-analyze");
    };
    let (out, err) = printed(&output);
    assert!(output.status.success() && !err.contains("tidings.service:"), "{out}{err}");
}
