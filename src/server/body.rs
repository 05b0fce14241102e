//! What is below the head of an answer, as hyper takes it. What is known beforehand is sent from where it lies.

use std::convert::Infallible;
use std::io::IoSlice;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use http_body_util::BodyExt;
use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::{Frame, SizeHint};

use super::Bulk;
use crate::snapshot::Document;

/// So much of a body goes at a time where its client is watched: what the client leaves unread is noticed after as much.
const PIECE: usize = 16 << 10;

/// A body.
pub enum Body {
    /// Nothing.
    Empty,
    /// This, and nothing after it.
    Whole(Data),
    /// This, which is sent to many.
    Bulk(Arc<Bulk>),
    /// What comes while it is read.
    Stream(UnsyncBoxBody<Bytes, Infallible>),
}

/// Bytes on their way to a client.
pub enum Data {
    /// In one piece.
    Bytes(Bytes),
    /// The rest of a document, in its parts: none is copied, and many go with one call of the system.
    Document {
        /// The document.
        document: Arc<Document>,
        /// The part that is next.
        part: usize,
        /// How much of that part is sent.
        sent: usize,
        /// How much is left of the whole.
        left: usize,
    },
}

impl Body {
    /// A whole document.
    pub fn document(document: Arc<Document>) -> Self {
        Body::Whole(Data::Document { part: 0, sent: 0, left: document.len(), document })
    }

    /// What comes while it is read.
    pub fn stream(body: impl hyper::body::Body<Data = Bytes, Error = Infallible> + Send + 'static) -> Self {
        Body::Stream(body.boxed_unsync())
    }
}

impl<T: Into<Bytes>> From<T> for Body {
    fn from(bytes: T) -> Self {
        Body::Whole(Data::Bytes(bytes.into()))
    }
}

impl hyper::body::Body for Body {
    type Data = Data;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Data>, Infallible>>> {
        let this = self.get_mut();
        if let Body::Stream(body) = this {
            return Pin::new(body).poll_frame(context).map_ok(|frame| frame.map_data(Data::Bytes));
        }
        match std::mem::replace(this, Body::Empty) {
            Body::Whole(data) => Poll::Ready(Some(Ok(Frame::data(data)))),
            Body::Bulk(bulk) => Poll::Ready(Some(Ok(Frame::data(Data::Bytes(bulk.bytes().clone()))))),
            Body::Empty | Body::Stream(_) => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Body::Empty => true,
            Body::Whole(_) | Body::Bulk(_) => false,
            Body::Stream(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Body::Empty => SizeHint::with_exact(0),
            Body::Whole(data) => SizeHint::with_exact(data.remaining() as u64),
            Body::Bulk(bulk) => SizeHint::with_exact(bulk.bytes().len() as u64),
            Body::Stream(body) => body.size_hint(),
        }
    }
}

impl Data {
    /// Takes the next bytes off, which are together in memory. They are no copies: a client that opens many streams and reads
    /// none of them would have as many of these.
    fn take_piece(&mut self) -> Bytes {
        let len = self.chunk().len().min(PIECE);
        let piece = match self {
            Data::Bytes(bytes) => return bytes.split_to(len),
            Data::Document { document, part, sent, .. } => {
                let (first, others) = rest(document, *part, *sent);
                let parts = document.parts().iter().skip(*part);
                let begun = std::iter::once(first).chain(others).zip(parts).find(|(left, _)| !left.is_empty());
                begun.map_or_else(Bytes::new, |(left, part)| part.slice_ref(&left[..len]))
            }
        };
        self.advance(len);
        piece
    }
}

impl Buf for Data {
    fn remaining(&self) -> usize {
        match self {
            Data::Bytes(bytes) => bytes.len(),
            Data::Document { left, .. } => *left,
        }
    }

    fn chunk(&self) -> &[u8] {
        match self {
            Data::Bytes(bytes) => bytes,
            Data::Document { document, part, sent, .. } => {
                let (first, others) = rest(document, *part, *sent);
                std::iter::once(first).chain(others).find(|part| !part.is_empty()).unwrap_or_default()
            }
        }
    }

    fn chunks_vectored<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize {
        match self {
            Data::Bytes(bytes) => bytes.chunks_vectored(slices),
            Data::Document { document, part, sent, .. } => {
                let (first, others) = rest(document, *part, *sent);
                let parts = std::iter::once(first).chain(others).filter(|part| !part.is_empty());
                slices.iter_mut().zip(parts).map(|(slice, part)| *slice = IoSlice::new(part)).count()
            }
        }
    }

    fn advance(&mut self, count: usize) {
        match self {
            Data::Bytes(bytes) => bytes.advance(count),
            Data::Document { document, part, sent, left } => {
                assert!(count <= *left, "there is no more of the document");
                *left -= count;
                *sent += count;
                while let Some(len) = document.parts().get(*part).map(Bytes::len).filter(|len| *sent >= *len) {
                    *sent -= len;
                    *part += 1;
                }
            }
        }
    }
}

/// A body that goes in pieces, and tells of each: HTTP/2 takes the next when little is left of those before, so that it shows
/// whether the client reads.
pub(super) struct Pieces<F> {
    body: Body,
    /// What is left of what the body has given.
    rest: Data,
    tell: F,
}

impl<F: Fn()> Pieces<F> {
    /// Tells of the beginning too.
    pub(super) fn new(body: Body, tell: F) -> Self {
        tell();
        Pieces { body, rest: Data::Bytes(Bytes::new()), tell }
    }
}

impl<F: Fn() + Unpin> hyper::body::Body for Pieces<F> {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let this = self.get_mut();
        while this.rest.remaining() == 0 {
            match ready!(Pin::new(&mut this.body).poll_frame(context)) {
                Some(Ok(frame)) => this.rest = frame.into_data().unwrap_or(Data::Bytes(Bytes::new())),
                Some(Err(never)) => match never {},
                None => return Poll::Ready(None),
            }
        }
        (this.tell)();
        Poll::Ready(Some(Ok(Frame::data(this.rest.take_piece()))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.remaining() == 0 && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        match self.body.size_hint().exact() {
            Some(length) => SizeHint::with_exact(length + self.rest.remaining() as u64),
            None => self.body.size_hint(),
        }
    }
}

/// What is left of a part, and the parts after it.
fn rest(document: &Document, part: usize, sent: usize) -> (&[u8], impl Iterator<Item = &[u8]>) {
    let mut parts = document.parts().iter().skip(part).map(|part| &part[..]);
    (parts.next().and_then(|part| part.get(sent..)).unwrap_or_default(), parts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Utc;

    fn data() -> Data {
        let parts = ["", "one", "", " ", "two", ""].map(|part| Bytes::from_static(part.as_bytes()));
        let Body::Whole(data) = Body::document(Arc::new(Document::new("text/plain", parts.to_vec(), Utc::now()))) else {
            panic!("it is whole")
        };
        data
    }

    #[tokio::test]
    async fn pieces_are_all_of_a_body_and_each_is_told_of() {
        let whole = Bytes::from_iter((0..100_000_u32).map(|byte| byte as u8));
        let told = std::cell::Cell::new(0);
        let mut pieces = Pieces::new(Body::from(whole.clone()), || told.set(told.get() + 1));
        assert_eq!(hyper::body::Body::size_hint(&pieces).exact(), Some(100_000));
        let first = pieces.frame().await.unwrap().unwrap().into_data().unwrap();
        assert_eq!((first.len(), told.get(), hyper::body::Body::size_hint(&pieces).exact()), (PIECE, 2, Some(100_000 - PIECE as u64)));
        let rest = pieces.collect().await.unwrap().to_bytes();
        assert_eq!((told.get(), [first, rest].concat()), (8, whole.to_vec()));
        assert!(hyper::body::Body::is_end_stream(&Pieces::new(Body::Empty, || ())));
    }

    #[test]
    fn pieces_of_a_document_are_no_copies() {
        let mut data = data();
        let Data::Document { document, .. } = &data else { panic!("it is a document") };
        let own: Vec<Bytes> = document.parts().iter().filter(|part| !part.is_empty()).cloned().collect();
        let pieces: Vec<Bytes> = std::iter::repeat_with(|| data.take_piece()).take_while(|piece| !piece.is_empty()).collect();
        assert_eq!(pieces.concat(), b"one two");
        assert!(pieces.iter().map(|piece| piece.as_ptr()).eq(own.iter().map(|part| part.as_ptr())));
        assert_eq!(data.remaining(), 0);
    }

    #[test]
    fn a_document_is_sent_from_any_place_on() {
        for sent in 0..=7 {
            let mut data = data();
            data.advance(sent);
            assert_eq!(data.remaining(), 7 - sent);
            let mut slices = [IoSlice::new(&[]); 8];
            let count = data.chunks_vectored(&mut slices);
            let seen: Vec<u8> = slices[..count].iter().flat_map(|slice| slice.to_vec()).collect();
            assert_eq!(seen, b"one two"[sent..]);
            assert!(slices[..count].iter().all(|slice| !slice.is_empty()));
            assert_eq!(data.copy_to_bytes(7 - sent), b"one two"[sent..]);
            assert!(data.chunk().is_empty());
        }
    }
}
