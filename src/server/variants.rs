//! Other forms of documents: compressed, as a page, or large ones in one piece. Each is made when it is first asked for, off
//! the async threads, and kept as long as its document is served.

use std::sync::{Arc, Mutex, PoisonError, Weak};

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
/// So many of them may take a file descriptor each.
const FILES: usize = 128;
/// Variants in the making at once.
const AT_ONCE: usize = 2;

/// What tells one variant from another, first the hash of the document's bytes.
pub(super) type Key = (u128, Shape, Coding);

/// The variants that were asked for.
pub(super) struct Variants {
    kept: Mutex<Kept>,
    making: Semaphore,
    files: Arc<Semaphore>,
}

#[derive(Default)]
struct Kept {
    len: usize,
    /// The length at which to sweep again: twice what the last sweep left, so that sweeping costs little a variant.
    sweep_at: usize,
    variants: HashMap<Key, (Arc<Bulk>, Weak<Document>)>,
}

impl Kept {
    fn put(&mut self, key: Key, bulk: Arc<Bulk>, document: Weak<Document>) {
        let len = bulk.bytes().len();
        if self.len + len > self.sweep_at.max(UNSWEPT) {
            self.variants.retain(|_, (_, document)| document.strong_count() > 0);
            self.len = self.variants.values().map(|(bulk, _)| bulk.bytes().len()).sum();
            self.sweep_at = self.len * 2;
        }
        if self.len + len > KEPT {
            *self = Kept::default();
        }
        self.len += len;
        self.variants.insert(key, (bulk, document));
    }
}

impl Variants {
    pub(super) fn new() -> Self {
        Variants { kept: Mutex::default(), making: Semaphore::new(AT_ONCE), files: Arc::new(Semaphore::new(FILES)) }
    }

    /// A document in a shape and a coding, if it was made before.
    pub(super) fn known(&self, key: &Key) -> Option<Arc<Bulk>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).variants.get(key).map(|(bulk, _)| Arc::clone(bulk))
    }

    /// A document in a shape and a coding.
    ///
    /// # Errors
    /// When the compressor fails, or a document that is to be shown as a page is no feed.
    pub(super) async fn make(&self, document: Arc<Document>, key: Key) -> Result<Arc<Bulk>> {
        let _permit = self.making.acquire().await?;
        // Another request may have made it meanwhile.
        if let Some(bulk) = self.known(&key) {
            return Ok(bulk);
        }
        let ((_, shape, coding), source, files) = (key.clone(), Arc::downgrade(&document), Arc::clone(&self.files));
        let make = move || make(&document, &shape, coding).map(|bytes| Arc::new(Bulk::new(bytes, &files)));
        let bulk = tokio::task::spawn_blocking(make).await??;
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).put(key, Arc::clone(&bulk), source);
        Ok(bulk)
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

    #[test]
    fn what_nobody_is_served_any_more_is_not_kept() {
        let mut kept = Kept::default();
        let document = || Arc::new(Document::new("text/plain", Vec::new(), Utc::now()));
        let live = document();
        let bulk = |_| Arc::new(Bulk::new(Bytes::from(vec![0; 100_000]), &Arc::new(Semaphore::new(0))));
        let bytes = bulk(());
        kept.put((0, Shape::Itself, Coding::Gzip), bytes.clone(), Arc::downgrade(&live));
        for i in 1..1000 {
            kept.put((i, Shape::Itself, Coding::Gzip), bytes.clone(), Arc::downgrade(&document()));
            assert!(kept.len <= 2 * UNSWEPT && kept.variants.contains_key(&(0, Shape::Itself, Coding::Gzip)), "{}", kept.len);
        }
        let all: Vec<_> = (1000..2000).map(|i| (i, document())).collect();
        for (i, document) in &all {
            kept.put((*i, Shape::Itself, Coding::Gzip), bytes.clone(), Arc::downgrade(document));
            assert!(kept.len <= KEPT, "{}", kept.len);
        }
    }
}
