//! Other forms of documents: compressed, or as a page. Each is made when it is first asked for, off the async threads, and
//! kept until there are too many.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result, anyhow};
use bytes::Bytes;
use tokio::sync::Semaphore;

use crate::feed::page;
use crate::respond::Shape;
use crate::respond::coding::{self, Coding};
use crate::snapshot::Document;

/// The bytes that are kept; at more, all are forgotten and made again when asked for.
const KEPT: usize = 64 << 20;
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
    variants: HashMap<(u128, Shape, Coding), Bytes>,
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
        let kept = || self.kept.lock().unwrap_or_else(PoisonError::into_inner).variants.get(&key).cloned();
        if let Some(bytes) = kept() {
            return Ok(bytes);
        }
        let _permit = self.making.acquire().await?;
        // Another request may have made it meanwhile.
        if let Some(bytes) = kept() {
            return Ok(bytes);
        }
        let shape = key.1.clone();
        let bytes = tokio::task::spawn_blocking(move || make(&document, &shape, coding)).await??;
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len + bytes.len() > KEPT {
            *kept = Kept::default();
        }
        kept.len += bytes.len();
        kept.variants.insert(key, bytes.clone());
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
