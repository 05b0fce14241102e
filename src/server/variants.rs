//! Other forms of documents: compressed, or as a page. Each is made when it is first asked for, off the async threads, and
//! kept as long as its document is served.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use anyhow::{Context, Result, anyhow};
use bytes::Bytes;
use tokio::sync::Semaphore;

use crate::feed::page;
use crate::respond::Shape;
use crate::respond::coding::{self, Coding};
use crate::snapshot::Document;

/// The bytes that are kept; at more, all are forgotten and made again when asked for.
const KEPT: usize = 64 << 20;
/// So many bytes are kept before those of documents that nobody is served any more are looked for.
const UNSWEPT: usize = 1 << 20;
/// Variants in the making at once.
const AT_ONCE: usize = 2;

/// The variants that were asked for, by the hash of the document's bytes.
pub(super) struct Variants {
    kept: Mutex<Kept>,
    making: Semaphore,
}

#[derive(Default)]
struct Kept {
    len: usize,
    /// The length at which to sweep again: twice what the last sweep left, so that sweeping costs little a variant.
    sweep_at: usize,
    variants: HashMap<(u128, Shape, Coding), (Bytes, Weak<Document>)>,
}

impl Kept {
    fn put(&mut self, key: (u128, Shape, Coding), bytes: Bytes, document: Weak<Document>) {
        if self.len + bytes.len() > self.sweep_at.max(UNSWEPT) {
            self.variants.retain(|_, (_, document)| document.strong_count() > 0);
            self.len = self.variants.values().map(|(bytes, _)| bytes.len()).sum();
            self.sweep_at = self.len * 2;
        }
        if self.len + bytes.len() > KEPT {
            *self = Kept::default();
        }
        self.len += bytes.len();
        self.variants.insert(key, (bytes, document));
    }
}

impl Variants {
    pub(super) fn new() -> Self {
        Variants { kept: Mutex::default(), making: Semaphore::new(AT_ONCE) }
    }

    /// A document in a shape and a coding.
    ///
    /// # Errors
    /// When the compressor fails, or a document that is to be shown as a page is no feed.
    pub(super) async fn get(&self, document: Arc<Document>, shape: Shape, coding: Coding) -> Result<Bytes> {
        let key = (document.digest(), shape, coding);
        let kept = || self.kept.lock().unwrap_or_else(PoisonError::into_inner).variants.get(&key).map(|(bytes, _)| bytes.clone());
        if let Some(bytes) = kept() {
            return Ok(bytes);
        }
        let _permit = self.making.acquire().await?;
        // Another request may have made it meanwhile.
        if let Some(bytes) = kept() {
            return Ok(bytes);
        }
        let (shape, source) = (key.1.clone(), Arc::downgrade(&document));
        let bytes = tokio::task::spawn_blocking(move || make(&document, &shape, coding)).await??;
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).put(key, bytes.clone(), source);
        Ok(bytes)
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
        let bytes = Bytes::from(vec![0; 100_000]);
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
