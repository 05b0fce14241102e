//! Other forms of documents: compressed, as a page, or, of a large one that is asked for again, in one piece. Each is made when
//! it is wanted, off the async threads, and kept as long as its document is served.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use anyhow::{Context, Result, anyhow};
use bytes::Bytes;
use foldhash::HashMap;
use tokio::sync::Semaphore;

use super::Bulk;
use crate::feed::page;
use crate::respond::Shape;
use crate::respond::coding::{self, Coding};
use crate::snapshot::Document;

/// The bytes that are kept; at more, all are forgotten and made again when asked for.
const KEPT: usize = 64 << 20;
/// So many bytes are kept before those of documents that nobody is served any more are looked for.
const UNSWEPT: usize = 1 << 20;
/// About what one takes beside its bytes.
const ITSELF: usize = 256;
/// So many of them may take a file descriptor each.
const FILES: usize = 128;
/// Variants in the making at once.
const AT_ONCE: usize = 2;

/// What tells one variant from another, first the hash of the document's bytes.
pub(super) type Key = (u128, Shape, Coding);

/// The variants that were asked for.
pub(super) struct Variants {
    kept: Mutex<Kept>,
    making: Arc<Semaphore>,
    files: Arc<Semaphore>,
}

#[derive(Default)]
struct Kept {
    len: usize,
    /// The length at which to sweep again: twice what the last sweep left, so that sweeping costs little a variant.
    sweep_at: usize,
    /// Each with its document; none yet where it was asked for and not made.
    variants: HashMap<Key, (Option<Arc<Bulk>>, Weak<Document>)>,
}

impl Kept {
    fn put(&mut self, key: Key, bulk: Option<Arc<Bulk>>, document: Weak<Document>) {
        let len_of = |bulk: &Option<Arc<Bulk>>| ITSELF + bulk.as_ref().map_or(0, |bulk| bulk.bytes().len());
        let len = len_of(&bulk);
        if self.len + len > self.sweep_at.max(UNSWEPT) {
            self.variants.retain(|_, (_, document)| document.strong_count() > 0);
            self.len = self.variants.values().map(|(bulk, _)| len_of(bulk)).sum();
            self.sweep_at = self.len * 2;
        }
        if self.len + len > KEPT {
            *self = Kept::default();
        }
        self.len += len;
        if let Some((before, _)) = self.variants.insert(key, (bulk, document)) {
            self.len -= len_of(&before);
        }
    }
}

impl Variants {
    pub(super) fn new() -> Self {
        Variants { kept: Mutex::default(), making: Arc::new(Semaphore::new(AT_ONCE)), files: Arc::new(Semaphore::new(FILES)) }
    }

    /// Notes that somebody asks for a document as it is. Whether nobody had yet is the answer: to be asked for once is no reason to have it
    /// in one piece.
    pub(super) fn note_first(&self, document: &Arc<Document>) -> bool {
        let key = (document.digest(), Shape::Itself, Coding::Identity);
        let mut kept = self.kept();
        let is_new = !kept.variants.contains_key(&key);
        if is_new {
            kept.put(key, None, Arc::downgrade(document));
        }
        is_new
    }

    /// A document in a shape and a coding, if it was made before.
    pub(super) fn known(&self, key: &Key) -> Option<Arc<Bulk>> {
        self.kept().variants.get(key)?.0.clone()
    }

    /// A document in a shape and a coding. What is begun is made to its end and kept, also when nobody waits for it any more: who
    /// asks and goes away again and again has it made once.
    ///
    /// # Errors
    /// When the compressor fails, or a document that is to be shown as a page is no feed.
    pub(super) async fn make(self: &Arc<Self>, document: Arc<Document>, key: Key) -> Result<Arc<Bulk>> {
        let permit = Arc::clone(&self.making).acquire_owned().await?;
        // Another request may have made it meanwhile.
        if let Some(bulk) = self.known(&key) {
            return Ok(bulk);
        }
        let this = Arc::clone(self);
        let make = move || {
            let _permit = permit;
            let (_, shape, coding) = &key;
            let bulk = Arc::new(Bulk::new(make(&document, shape, *coding)?, &this.files));
            this.kept().put(key, Some(Arc::clone(&bulk)), Arc::downgrade(&document));
            Ok(bulk)
        };
        tokio::task::spawn_blocking(make).await?
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn make(document: &Document, shape: &Shape, coding: Coding) -> Result<Bytes> {
    match shape {
        Shape::Itself => coding::compress(document.parts(), coding),
        Shape::Page(format, path) => {
            let page = page::view(*format, &document.parts().concat(), path).map_err(|_| anyhow!("{path} is no feed to be shown"))?;
            coding::compress(&[Bytes::from(page)], coding)
        }
    }
    .context("cannot compress")
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Utc;

    #[tokio::test]
    async fn what_is_begun_is_kept_although_who_asked_is_gone() {
        let variants = Arc::new(Variants::new());
        let document = Arc::new(Document::new("text/plain", vec![Bytes::from(vec![b'a'; 1 << 20])], Utc::now()));
        let key = (document.digest(), Shape::Itself, Coding::Gzip);
        // it is begun by the first poll, and dropped at the second
        tokio::select! {
            biased;
            _ = variants.make(Arc::clone(&document), key.clone()) => panic!("it takes a thread of its own"),
            () = std::future::ready(()) => {}
        }
        let made = async {
            while variants.known(&key).is_none() {
                tokio::time::sleep(std::time::Duration::from_millis(1)).await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(10), made).await.expect("it is kept");
    }

    #[test]
    fn what_nobody_is_served_any_more_is_not_kept() {
        let mut kept = Kept::default();
        let document = || Arc::new(Document::new("text/plain", Vec::new(), Utc::now()));
        let live = document();
        let bulk = Some(Arc::new(Bulk::new(Bytes::from(vec![0; 100_000]), &Arc::new(Semaphore::new(0)))));
        let key = |i| (i, Shape::Itself, Coding::Gzip);
        kept.put(key(0), bulk.clone(), Arc::downgrade(&live));
        for i in 1..1000 {
            kept.put(key(i), None, Arc::downgrade(&document()));
            kept.put(key(i), bulk.clone(), Arc::downgrade(&document()));
            assert!(kept.len <= 2 * UNSWEPT && kept.variants.contains_key(&key(0)), "{}", kept.len);
        }
        let all: Vec<_> = (1000..2000).map(|i| (i, document())).collect();
        for (i, document) in &all {
            kept.put(key(*i), bulk.clone(), Arc::downgrade(document));
            assert!(kept.len <= KEPT, "{}", kept.len);
        }
    }
}
