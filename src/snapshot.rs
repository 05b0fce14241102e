//! What is published at one instant, whole and immutable, and the one place where it is swapped.
//!
//! Which documents there are is decided by `site`; how one becomes a response, by `respond`.

use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use arc_swap::ArcSwap;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use foldhash::fast::RandomState;
use http::{HeaderMap, HeaderValue};
use rpds::HashTrieMapSync;
use xxhash_rust::xxh3::{Xxh3, xxh3_128};

use crate::taxonomy::Scope;

/// In so many codings a document may be sent, the bytes as they are among them.
pub const CODINGS: usize = 4;

/// The heads of answers about a document in one of its codings, kept with the document by whoever answers.
#[derive(Clone, Debug)]
pub struct Heads {
    /// The entity tag.
    pub etag: HeaderValue,
    /// How long answers may be kept.
    pub caching: HeaderValue,
    /// What is sent with the document.
    pub whole: HeaderMap,
    /// What is sent instead of it to those who have it.
    pub unchanged: HeaderMap,
}

/// Bytes that several fragments share, with their hash, which is made once.
#[derive(Clone, Debug)]
pub struct Part {
    bytes: Bytes,
    digest: u128,
}

impl From<Bytes> for Part {
    fn from(bytes: Bytes) -> Self {
        Part { digest: xxh3_128(&bytes), bytes }
    }
}

impl Part {
    /// The XXH3 hash of its bytes.
    pub fn digest(&self) -> u128 {
        self.digest
    }
}

/// Bytes that several documents share, in parts, with a hash that is made of those of the parts.
#[derive(Clone, Debug)]
pub struct Fragment {
    parts: Box<[Bytes]>,
    digest: u128,
}

impl From<Bytes> for Fragment {
    fn from(bytes: Bytes) -> Self {
        Fragment::new(vec![bytes.into()])
    }
}

impl PartialEq for Fragment {
    fn eq(&self, other: &Self) -> bool {
        self.digest == other.digest
    }
}

impl Fragment {
    /// A fragment of `parts` one after the other.
    pub fn new(parts: Vec<Part>) -> Self {
        let digests: Vec<u8> = parts.iter().flat_map(|part| part.digest.to_le_bytes()).collect();
        Fragment { digest: xxh3_128(&digests), parts: parts.into_iter().map(|part| part.bytes).collect() }
    }

    /// Its bytes, in order.
    pub fn parts(&self) -> &[Bytes] {
        &self.parts
    }

    /// How many bytes it has.
    pub fn len(&self) -> usize {
        self.parts.iter().map(Bytes::len).sum()
    }

    /// Whether it has no bytes at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// What a document is made of: bytes of its own, and fragments, which are neither copied nor hashed again.
pub struct Parts {
    bytes: Vec<Bytes>,
    /// Of the hashes of all that it is made of.
    hash: Xxh3,
}

impl Parts {
    /// Nothing yet, with room for so many parts.
    pub fn with_capacity(parts: usize) -> Self {
        Parts { bytes: Vec::with_capacity(parts), hash: Xxh3::new() }
    }

    /// Adds bytes that are this document's alone.
    pub fn push(&mut self, part: Bytes) {
        self.hash.update(&xxh3_128(&part).to_le_bytes());
        self.bytes.push(part);
    }

    /// Adds a fragment.
    pub fn extend(&mut self, fragment: &Fragment) {
        self.hash.update(&fragment.digest.to_le_bytes());
        self.bytes.extend_from_slice(&fragment.parts);
    }

    /// All bytes, in order.
    pub fn bytes(&self) -> &[Bytes] {
        &self.bytes
    }
}

impl From<Vec<Bytes>> for Parts {
    fn from(bytes: Vec<Bytes>) -> Self {
        let mut parts = Parts::with_capacity(bytes.len());
        bytes.into_iter().for_each(|part| parts.push(part));
        parts
    }
}

/// One document: bytes with what HTTP says of them. Entries that several feeds hold are shared, not copied.
///
/// What is sent with every answer is made once.
#[derive(Clone, Debug)]
pub struct Document {
    content_type: HeaderValue,
    parts: Box<[Bytes]>,
    len: usize,
    digest: u128,
    etag: HeaderValue,
    modified: DateTime<Utc>,
    last_modified: HeaderValue,
    heads: [OnceLock<Box<Heads>>; CODINGS],
}

impl Document {
    /// A document of `parts`. `media_type` is the whole `Content-Type`.
    pub fn new(media_type: &'static str, parts: impl Into<Parts>, modified: DateTime<Utc>) -> Self {
        let Parts { bytes, hash } = parts.into();
        let digest = hash.digest128();
        Document {
            content_type: HeaderValue::from_static(media_type),
            len: bytes.iter().map(Bytes::len).sum(),
            digest,
            etag: header(format!("\"{digest:032x}\"")),
            parts: bytes.into_boxed_slice(),
            modified,
            last_modified: date(modified),
            heads: Default::default(),
        }
    }

    /// The same document with another date of last change.
    #[must_use]
    pub fn dated(self, modified: DateTime<Utc>) -> Self {
        Document { modified, last_modified: date(modified), heads: Default::default(), ..self }
    }

    /// The whole `Content-Type`.
    pub fn content_type(&self) -> &HeaderValue {
        &self.content_type
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

    /// A hash of its bytes and of how they are parted, which they decide: equal exactly when the bytes are.
    pub fn digest(&self) -> u128 {
        self.digest
    }

    /// The entity tag of its bytes as they are: [`Document::digest`] in hexadecimal digits, between quotes.
    pub fn etag(&self) -> &HeaderValue {
        &self.etag
    }

    /// When its bytes last changed.
    pub fn modified(&self) -> DateTime<Utc> {
        self.modified
    }

    /// [`Document::modified`] as HTTP writes it.
    pub fn last_modified(&self) -> &HeaderValue {
        &self.last_modified
    }

    /// The heads of answers about it in a coding, counted from 0: those that were made first.
    pub fn heads(&self, coding: usize, make: impl FnOnce() -> Heads) -> &Heads {
        self.heads[coding].get_or_init(|| Box::new(make()))
    }
}

/// A date as HTTP writes it, RFC 9110 §5.6.7; one before 1970 is that of 1970.
pub fn date(at: DateTime<Utc>) -> HeaderValue {
    header(httpdate::fmt_http_date(at.max(DateTime::UNIX_EPOCH).into()))
}

/// A header of characters that may stand in one.
fn header(text: String) -> HeaderValue {
    HeaderValue::from_maybe_shared(Bytes::from(text)).unwrap_or(HeaderValue::from_static(""))
}

/// Values by path. A changed copy shares what did not change.
pub type ByPath<T> = HashTrieMapSync<Arc<str>, T, RandomState>;

/// Everything that is published at one instant. Cloning costs nothing; a changed copy costs what changed.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// Counts the changes since the start.
    pub revision: u64,
    /// The documents by their path below the output folder, decoded: `tags/c#/rss.xml`.
    pub documents: ByPath<Arc<Document>>,
    /// Paths that once had a document, in this run or, for certain, in one before, and have none now.
    pub gone: ByPath<Gone>,
}

/// What is known of a document that is no more.
#[derive(Clone, Debug)]
pub struct Gone {
    /// Its whole `Content-Type`.
    pub content_type: HeaderValue,
    /// The section or term that it was a feed of, as far as is known.
    pub scope: Option<Scope>,
    /// The date of its last version, where that is of this run: what comes in its place must not have the same.
    pub modified: Option<DateTime<Utc>>,
    /// The folder where the feeds of its scope are now, if they moved.
    pub heir: Option<Arc<str>>,
}

impl Gone {
    /// A document of this `Content-Type`, whose scope has no feeds now.
    pub fn new(content_type: HeaderValue) -> Self {
        Gone { content_type, scope: None, modified: None, heir: None }
    }
}

/// The snapshot that readers get. Each response is made from one [`Live::load`].
#[derive(Debug, Default)]
pub struct Live(ArcSwap<Snapshot>);

impl Live {
    /// What is published now.
    pub fn load(&self) -> Arc<Snapshot> {
        self.0.load_full()
    }

    /// What is published now, for a moment: this costs less, and others pay for it while it is held.
    pub fn peek(&self) -> impl Deref<Target = Arc<Snapshot>> {
        self.0.load()
    }

    /// Publishes another snapshot; readers under way keep the one they loaded.
    pub fn store(&self, snapshot: Snapshot) {
        self.0.store(Arc::new(snapshot));
    }
}
