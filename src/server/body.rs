//! What is below the head of an answer, as hyper takes it. What is known beforehand is sent from where it lies.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::BodyExt;
use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::{Frame, SizeHint};

use crate::snapshot::Document;

/// A body.
pub enum Body {
    /// Nothing.
    Empty,
    /// These bytes.
    Bytes(Bytes),
    /// The parts of a document from this one on, a frame each; none is copied.
    Parts(Arc<Document>, usize),
    /// What comes while it is read.
    Stream(UnsyncBoxBody<Bytes, Infallible>),
}

impl Body {
    /// What comes while it is read.
    pub fn stream(body: impl hyper::body::Body<Data = Bytes, Error = Infallible> + Send + 'static) -> Self {
        Body::Stream(body.boxed_unsync())
    }
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let this = self.get_mut();
        let bytes = match this {
            Body::Empty => return Poll::Ready(None),
            Body::Stream(body) => return Pin::new(body).poll_frame(context),
            Body::Bytes(bytes) => {
                let bytes = std::mem::take(bytes);
                *this = Body::Empty;
                bytes
            }
            Body::Parts(document, at) => match document.parts().get(*at) {
                None => return Poll::Ready(None),
                Some(part) => {
                    *at += 1;
                    part.clone()
                }
            },
        };
        Poll::Ready(Some(Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Body::Empty => true,
            Body::Bytes(_) => false,
            Body::Parts(document, at) => *at >= document.parts().len(),
            Body::Stream(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Body::Empty => SizeHint::with_exact(0),
            Body::Bytes(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Body::Parts(document, at) => SizeHint::with_exact(document.parts().iter().skip(*at).map(|part| part.len() as u64).sum()),
            Body::Stream(body) => body.size_hint(),
        }
    }
}
