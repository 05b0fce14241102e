//! Large bodies go to clients without being copied: the kernel has them in a file of its own, in memory, and sends its pages.
//!
//! hyper writes the bytes of bodies, and knows of no files. So the bytes stay where they are, and the stream below hyper,
//! [`Wire`], knows by their place which of the slices that it is to write are those that the kernel has. Where it does not
//! know, or the system has no such file, they are written as any others.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;

/// Smaller bodies are copied in less time than a second call of the system takes.
pub(super) const LARGE: usize = 32 << 10;

/// The bytes of a body. Of many bytes, the kernel has a copy if it can.
#[derive(Debug)]
pub struct Bulk {
    bytes: Bytes,
    #[cfg(target_os = "linux")]
    file: Option<linux::File>,
}

impl Bulk {
    /// Takes bytes, and puts them into a file if they are many and there is a permit for one in `files`.
    pub(super) fn new(bytes: Bytes, files: &Arc<Semaphore>) -> Self {
        Bulk {
            #[cfg(target_os = "linux")]
            file: Some(&bytes).filter(|bytes| bytes.len() >= LARGE).and_then(|bytes| linux::File::of(bytes, files)),
            bytes,
        }
    }

    pub(super) fn bytes(&self) -> &Bytes {
        &self.bytes
    }
}

/// A connection's stream, which sends without copying what was announced.
#[derive(Debug)]
pub(super) struct Wire {
    stream: TcpStream,
    outgoing: Outgoing,
}

/// The bulk that the next slices to be written may be of.
#[derive(Clone, Debug, Default)]
pub(super) struct Outgoing(Arc<Mutex<Option<Arc<Bulk>>>>);

impl Outgoing {
    /// Tells that these bytes are about to be written.
    pub(super) fn announce(&self, bulk: &Arc<Bulk>) {
        #[cfg(target_os = "linux")]
        if bulk.file.is_none() {
            return;
        }
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(bulk));
    }
}

impl Wire {
    pub(super) fn new(stream: TcpStream) -> (Self, Outgoing) {
        let outgoing = Outgoing::default();
        (Wire { stream, outgoing: outgoing.clone() }, outgoing)
    }
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, context: &mut Context<'_>, slices: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        #[cfg(target_os = "linux")]
        if let Some(sent) = linux::poll_send(&self, context, slices) {
            return sent;
        }
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::io::{self, IoSlice};
    use std::ops::Range;
    use std::os::fd::OwnedFd;
    use std::sync::{Arc, PoisonError};
    use std::task::{Context, Poll};

    use rustix::fs::{MemfdFlags, memfd_create, sendfile};
    use rustix::io::pwrite;
    use rustix::net::{SendAncillaryBuffer, SendFlags, sendmsg};
    use tokio::io::Interest;
    use tokio::sync::{OwnedSemaphorePermit, Semaphore};

    use super::{LARGE, Wire};

    /// A file in memory, which nobody else can change.
    #[derive(Debug)]
    pub(super) struct File {
        pub(super) descriptor: OwnedFd,
        _permit: OwnedSemaphorePermit,
    }

    impl File {
        /// A file of these bytes, unless there are too many files.
        pub(super) fn of(bytes: &[u8], files: &Arc<Semaphore>) -> Option<Self> {
            let permit = Arc::clone(files).try_acquire_owned().ok()?;
            let descriptor = memfd_create("tidings", MemfdFlags::CLOEXEC).ok()?;
            let mut written = 0;
            while written < bytes.len() {
                written += pwrite(&descriptor, &bytes[written..], written as u64).ok().filter(|count| *count > 0)?;
            }
            Some(File { descriptor, _permit: permit })
        }
    }

    /// Sends the first of the slices that the kernel has, and what stands before it. None when it has none of them.
    pub(super) fn poll_send(wire: &Wire, context: &mut Context<'_>, slices: &[IoSlice<'_>]) -> Option<Poll<io::Result<usize>>> {
        if !slices.iter().any(|slice| slice.len() >= LARGE) {
            return None;
        }
        let outgoing = wire.outgoing.0.lock().unwrap_or_else(PoisonError::into_inner);
        let bulk = outgoing.as_ref()?;
        let file = bulk.file.as_ref()?;
        let (at, part) = slices.iter().enumerate().find_map(|(at, slice)| Some((at, place(slice, &bulk.bytes)?)))?;
        let send = || {
            let before = &slices[..at];
            let len = before.iter().map(|slice| slice.len()).sum();
            let sent = match len {
                0 => 0,
                _ => sendmsg(&wire.stream, before, &mut SendAncillaryBuffer::default(), SendFlags::MORE | SendFlags::NOSIGNAL)?,
            };
            if sent < len {
                return Ok(sent);
            }
            let mut offset = part.start as u64;
            match sendfile(&wire.stream, &file.descriptor, Some(&mut offset), part.len()) {
                Ok(count) => Ok(sent + count),
                // the same error comes again if it lasts
                Err(_) if sent > 0 => Ok(sent),
                Err(error) => Err(error.into()),
            }
        };
        Some(loop {
            match wire.stream.poll_write_ready(context) {
                Poll::Ready(Ok(())) => {}
                not_ready => break not_ready.map_ok(|()| 0),
            }
            match wire.stream.try_io(Interest::WRITABLE, send) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                result => break Poll::Ready(result),
            }
        })
    }

    /// Where in `whole` a slice of it stands. What is held keeps its place, so nothing else can stand there.
    fn place(slice: &[u8], whole: &[u8]) -> Option<Range<usize>> {
        let start = (slice.as_ptr() as usize).checked_sub(whole.as_ptr() as usize)?;
        let end = start + slice.len();
        (!slice.is_empty() && end <= whole.len()).then_some(start..end)
    }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;
    use std::io::{Read, Seek};

    #[test]
    fn the_kernel_has_a_copy_of_large_bodies_as_long_as_there_are_permits() {
        let files = Arc::new(Semaphore::new(1));
        let large = Bytes::from(vec![b'x'; LARGE]);
        let small = Bulk::new(large.slice(1..), &files);
        assert!(small.file.is_none() && small.bytes().len() == LARGE - 1);
        let first = Bulk::new(large.clone(), &files);
        let mut copy = std::fs::File::from(first.file.as_ref().unwrap().descriptor.try_clone().unwrap());
        let mut text = Vec::new();
        copy.rewind().unwrap();
        copy.read_to_end(&mut text).unwrap();
        assert!(text == large);
        assert!(Bulk::new(large.clone(), &files).file.is_none());
        drop(first);
        assert!(Bulk::new(large, &files).file.is_some());
    }
}
