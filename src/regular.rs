//! Reading regular files, and nothing else that stands at a path.
//!
//! Whoever opens a pipe waits for somebody to write to it, for ever perhaps; what reads it would stand still, and not end when it is
//! asked to. To look first and open then is no help: what stands there may be another thing by then. So a file is opened
//! without waiting, and is looked at when it is open.

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::Path;

/// Opens a regular file to read it, over links.
///
/// # Errors
/// When it cannot be opened, or is none.
pub fn open(path: &Path) -> io::Result<File> {
    open_if_regular(path)?.map(|(file, _)| file).ok_or_else(|| io::Error::other("it is no regular file"))
}

/// The same, with what the system tells of the file; none when what stands there is a folder, a pipe, a socket or a device.
///
/// # Errors
/// When it cannot be opened.
pub fn open_if_regular(path: &Path) -> io::Result<Option<(File, Metadata)>> {
    let file = match open_at_once(path) {
        // a socket cannot be opened, and not everything else that is no file can
        Err(_) if fs::metadata(path).is_ok_and(|meta| !meta.is_file()) => return Ok(None),
        // who has a lease on a file, such as a file server, is asked to give it back first
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => File::open(path)?,
        opened => opened?,
    };
    let meta = file.metadata()?;
    Ok(meta.is_file().then_some((file, meta)))
}

/// Reads a regular file.
///
/// # Errors
/// When it cannot be read, or is none.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(unix)]
fn open_at_once(path: &Path) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags, open};
    // of a regular file, what is read from it is the same
    let how = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    Ok(rustix::io::retry_on_intr(|| open(path, how, Mode::empty()))?.into())
}

#[cfg(not(unix))]
fn open_at_once(path: &Path) -> io::Result<File> {
    File::open(path)
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;
    use std::process::Command;

    use super::*;

    #[test]
    fn only_a_regular_file_is_read_and_nothing_is_waited_for() {
        let root = tempfile::tempdir().unwrap();
        let at = |name: &str| root.path().join(name);
        fs::write(at("file"), "text").unwrap();
        symlink("file", at("link")).unwrap();
        assert_eq!((read(&at("file")).unwrap(), read(&at("link")).unwrap()), (b"text".to_vec(), b"text".to_vec()));
        fs::create_dir(at("folder")).unwrap();
        assert!(Command::new("mkfifo").arg(at("pipe")).status().unwrap().success());
        symlink("pipe", at("link to a pipe")).unwrap();
        let _socket = UnixListener::bind(at("socket")).unwrap();
        for name in ["folder", "pipe", "link to a pipe", "socket", "/dev/null"] {
            assert!(open_if_regular(&at(name)).unwrap().is_none(), "{name}");
            assert_eq!(read(&at(name)).unwrap_err().to_string(), "it is no regular file", "{name}");
        }
        symlink("nowhere", at("link to nowhere")).unwrap();
        for name in ["none", "link to nowhere"] {
            assert_eq!(open(&at(name)).unwrap_err().kind(), io::ErrorKind::NotFound, "{name}");
        }
    }
}
