//! What is published at one instant, whole and immutable, and the one place where it is swapped.
//!
//! Which documents there are is decided by `site`; how one becomes a response, by `respond`.

use std::sync::Arc;

use arc_swap::ArcSwap;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use rpds::HashTrieMapSync;
use xxhash_rust::xxh3::Xxh3;

/// One document: bytes with what HTTP says of them. Entries that several feeds hold are shared, not copied.
#[derive(Debug)]
pub struct Document {
    media_type: &'static str,
    parts: Box<[Bytes]>,
    len: usize,
    digest: u128,
    /// The digest in hexadecimal digits: made once, sent with every answer.
    tag: Box<str>,
    modified: DateTime<Utc>,
}

impl Document {
    /// A document of `parts` one after the other. `media_type` is the whole `Content-Type`.
    pub fn new(media_type: &'static str, parts: Vec<Bytes>, modified: DateTime<Utc>) -> Self {
        let mut hash = Xxh3::new();
        for part in &parts {
            hash.update(part);
        }
        let digest = hash.digest128();
        Document {
            media_type,
            len: parts.iter().map(Bytes::len).sum(),
            digest,
            tag: format!("{digest:032x}").into(),
            parts: parts.into_boxed_slice(),
            modified,
        }
    }

    /// The same document with another date of last change.
    #[must_use]
    pub fn dated(&self, modified: DateTime<Utc>) -> Self {
        Document { parts: self.parts.clone(), tag: self.tag.clone(), modified, ..*self }
    }

    /// The whole `Content-Type`.
    pub fn media_type(&self) -> &'static str {
        self.media_type
    }

    /// Its bytes, in order.
    pub fn parts(&self) -> &[Bytes] {
        &self.parts
    }

    /// Its length in bytes.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether it has no bytes at all.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// A hash of its bytes: equal exactly when the bytes are.
    pub fn digest(&self) -> u128 {
        self.digest
    }

    /// [`Document::digest`] in hexadecimal digits.
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// When its bytes last changed.
    pub fn modified(&self) -> DateTime<Utc> {
        self.modified
    }
}

/// Everything that is published at one instant. Cloning costs nothing; a changed copy costs what changed.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// Counts the changes since the start.
    pub revision: u64,
    /// The documents by their path below the output folder, decoded: `tags/c#/rss.xml`.
    pub documents: HashTrieMapSync<Arc<str>, Arc<Document>>,
    /// Paths that once had a document in this run, and have none now.
    pub gone: HashTrieMapSync<Arc<str>, ()>,
}

/// The snapshot that readers get. Each response is made from one [`Live::load`].
#[derive(Debug, Default)]
pub struct Live(ArcSwap<Snapshot>);

impl Live {
    /// What is published now.
    pub fn load(&self) -> Arc<Snapshot> {
        self.0.load_full()
    }

    /// Publishes another snapshot; readers under way keep the one they loaded.
    pub fn store(&self, snapshot: Snapshot) {
        self.0.store(Arc::new(snapshot));
    }
}
