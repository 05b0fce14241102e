//! What was understood of files, kept from one run to the next, so that a large site that has not changed starts without
//! reading it all again.
//!
//! A post is remembered with the stamp of its file: length, dates and inode. One that has another stamp now, or whose file
//! was changed shortly before it was read, is read. A memory counts only for the program, the configuration and the
//! `_index.md` files that it was made with, and as a whole: a byte of it that is different makes it none.

use std::fs::{self, Metadata};
use std::io;
use std::num::NonZeroU32;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, FixedOffset, Utc};
use foldhash::HashMap;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use super::{Source, Stamp};
use crate::content::post::{Listing, Post};
use crate::site::{Recalled, Site};
use crate::snapshot::Part;
use crate::taxonomy::{Slug, Term};

/// So many posts are taken apart together, by one thread.
const BLOCK: usize = 1024;

/// Posts of an earlier run, and entries that it published, by path.
#[derive(Debug, Default)]
pub struct Memory {
    shape: u64,
    posts: HashMap<Arc<str>, Remembered>,
    entries: HashMap<Arc<str>, Recalled<Part>>,
}

#[derive(Debug)]
pub(super) struct Remembered {
    pub(super) stamp: Stamp,
    pub(super) hash: u64,
    pub(super) post: Arc<Post>,
}

/// What is common to all posts, and how long each block of them is.
#[derive(Serialize, Deserialize)]
struct Head<'a> {
    /// What the memory was made with, beside the content.
    key: u64,
    /// What shaped the posts beside their own text.
    shape: u64,
    #[serde(borrow)]
    sections: Vec<&'a str>,
    /// The taxonomy, the slug and the spelling of each term.
    terms: Vec<(&'a str, &'a str, &'a str)>,
    /// The documents that entries are in.
    documents: Vec<&'a str>,
    entries: Vec<Entry<'a>>,
    blocks: Vec<usize>,
}

/// An instant with its offset to the east: seconds, nanoseconds, seconds.
type Dated = (i64, u32, i32);

/// One post. Its section and terms are numbers in the tables of the head.
#[derive(Serialize, Deserialize)]
struct Row<'a> {
    len: u64,
    state: u64,
    hash: u64,
    path: &'a str,
    permalink: &'a str,
    names_sections: bool,
    title: &'a str,
    published: Dated,
    updated: Dated,
    from: Option<Dated>,
    until: Option<Dated>,
    is_local: bool,
    section: usize,
    terms: Vec<usize>,
    id: Option<&'a str>,
    #[serde(borrow)]
    aliases: Vec<&'a str>,
    without_zone: Option<NonZeroU32>,
}

/// One entry. Its documents are numbers in the table of the head.
#[derive(Serialize, Deserialize)]
struct Entry<'a> {
    path: &'a str,
    hash: u64,
    id: u64,
    /// The document, offset, length and digest of each part.
    excerpts: Vec<(usize, usize, usize, u128)>,
    /// In each format, the numbers of its parts.
    fragments: Vec<Vec<usize>>,
    #[serde(borrow)]
    references: Vec<(&'a str, bool, Option<&'a str>)>,
}

impl Memory {
    /// Reads what [`Source::remember`] wrote; none unless it was written with the same `key`, and is whole. Entries are read
    /// from the documents that are `published` at their paths, and left out where those are others by now.
    pub fn read(bytes: &[u8], key: u64, published: impl Fn(&str) -> Option<Vec<u8>> + Sync) -> Option<Self> {
        let (sum, rest) = bytes.split_first_chunk::<8>()?;
        if xxh3_64(rest) != u64::from_le_bytes(*sum) {
            return None;
        }
        let (head, mut rest) = postcard::take_from_bytes::<Head<'_>>(rest).ok().filter(|(head, _)| head.key == key)?;
        let sections: Vec<Arc<str>> = head.sections.into_iter().map(Arc::from).collect();
        let term = |(taxonomy, slug, name): (&str, &str, &str)| {
            Arc::new(Term { taxonomy: taxonomy.into(), slug: Slug(slug.into()), name: name.into() })
        };
        let terms: Vec<Arc<Term>> = head.terms.into_iter().map(term).collect();
        let mut blocks = Vec::with_capacity(head.blocks.len());
        for len in head.blocks {
            let (block, after) = rest.split_at_checked(len)?;
            blocks.push(block);
            rest = after;
        }
        let read = |block: &&[u8]| {
            let rows: Vec<Row<'_>> = postcard::from_bytes(block).ok()?;
            rows.into_iter().map(|row| row.remembered(&sections, &terms)).collect::<Option<Vec<Remembered>>>()
        };
        let read: Vec<Vec<Remembered>> = blocks.par_iter().map(read).collect::<Option<_>>()?;
        let posts = read.into_iter().flatten().map(|remembered| (remembered.post.path.clone(), remembered)).collect();
        let entries = entries(&head.documents, head.entries, published);
        Some(Memory { shape: head.shape, posts, entries })
    }

    /// What shaped the posts beside their own text: [`crate::site::Site::shape`] when it was written.
    pub fn shape(&self) -> u64 {
        self.shape
    }

    /// Takes the entries.
    pub fn take_entries(&mut self) -> HashMap<Arc<str>, Recalled<Part>> {
        std::mem::take(&mut self.entries)
    }

    /// The post of a file that has the stamp that it had.
    pub(super) fn post(&self, path: &str, file: &Path) -> Option<&Remembered> {
        let remembered = self.posts.get(path)?;
        let meta = fs::metadata(file).ok().filter(Metadata::is_file)?;
        (Stamp::of(&meta) == remembered.stamp).then_some(remembered)
    }
}

/// A part of a document that is a part of an entry, by the numbers of both.
#[derive(Clone, Copy)]
struct Wanted {
    of: (usize, usize),
    offset: usize,
    len: usize,
    digest: u128,
}

/// The entries whose documents hold them still.
fn entries(
    documents: &[&str],
    entries: Vec<Entry<'_>>,
    published: impl Fn(&str) -> Option<Vec<u8>> + Sync,
) -> HashMap<Arc<str>, Recalled<Part>> {
    // a document at a time, so that not all of them are in memory at once
    let mut wanted: Vec<Vec<Wanted>> = vec![Vec::new(); documents.len()];
    for (entry, Entry { excerpts, .. }) in entries.iter().enumerate() {
        for (at, &(document, offset, len, digest)) in excerpts.iter().enumerate() {
            if let Some(wanted) = wanted.get_mut(document) {
                wanted.push(Wanted { of: (entry, at), offset, len, digest });
            }
        }
    }
    let excerpts = |(path, wanted): (&&str, Vec<Wanted>)| {
        let text = if wanted.is_empty() { None } else { published(path) }.unwrap_or_default();
        let excerpt = |Wanted { of, offset, len, digest }| {
            let part = Part::from(Bytes::copy_from_slice(text.get(offset..offset.checked_add(len)?)?));
            (part.digest() == digest).then_some((of, part))
        };
        wanted.into_iter().filter_map(excerpt).collect::<Vec<_>>()
    };
    let mut found: HashMap<(usize, usize), Part> = documents.par_iter().zip(wanted).flat_map_iter(excerpts).collect();
    let recalled = |(number, entry): (usize, Entry<'_>)| {
        let parts = (0..entry.excerpts.len()).map(|at| found.remove(&(number, at))).collect::<Option<_>>()?;
        let references =
            entry.references.into_iter().map(|(target, is_link, to)| (target.to_owned(), is_link, to.map(str::to_owned))).collect();
        Some((entry.path.into(), Recalled { hash: entry.hash, id: entry.id, parts, fragments: entry.fragments, references }))
    };
    entries.into_iter().enumerate().filter_map(recalled).collect()
}

impl Source {
    /// What [`Memory::read`] reads: the posts of a site, as far as their files will be known again by their stamps, and the
    /// entries that are published. `key` stands for everything else that they were made with.
    ///
    /// # Errors
    /// None that is known of: a post can always be written.
    pub fn remember(&self, site: &Site, key: u64) -> io::Result<Vec<u8>> {
        let (mut sections, mut terms, mut documents) = (Numbers::default(), Numbers::default(), Numbers::default());
        let published = site.entries();
        let entries: Vec<Entry<'_>> = published
            .iter()
            .map(|(path, entry)| Entry {
                path,
                hash: entry.hash,
                id: entry.id,
                excerpts: entry.parts.iter().map(|part| (documents.of(&*part.document), part.offset, part.len, part.digest)).collect(),
                fragments: entry.fragments.clone(),
                references: entry.references.iter().map(|(target, is_link, to)| (&**target, *is_link, to.as_deref())).collect(),
            })
            .collect();
        let rows: Vec<Row<'_>> = site
            .understood()
            .filter_map(|(hash, post)| {
                let stamp = (*self.files.get(&post.path)?).filter(|stamp| !stamp.racy)?;
                Some(Row::new(stamp, hash, post, &mut sections, &mut terms))
            })
            .collect();
        let blocks: Vec<Vec<u8>> = rows.par_chunks(BLOCK).map(postcard::to_stdvec).collect::<Result<_, _>>().map_err(io::Error::other)?;
        let head = Head {
            key,
            shape: site.shape(),
            sections: sections.values,
            terms: terms.values,
            documents: documents.values,
            entries,
            blocks: blocks.iter().map(Vec::len).collect(),
        };
        let mut bytes = vec![0; 8];
        bytes.extend(postcard::to_stdvec(&head).map_err(io::Error::other)?);
        blocks.iter().for_each(|block| bytes.extend(block));
        let sum = xxh3_64(&bytes[8..]);
        bytes[..8].copy_from_slice(&sum.to_le_bytes());
        Ok(bytes)
    }
}

impl<'a> Row<'a> {
    fn new(
        stamp: Stamp,
        hash: u64,
        post: &'a Post,
        sections: &mut Numbers<&'a str>,
        terms: &mut Numbers<(&'a str, &'a str, &'a str)>,
    ) -> Self {
        Row {
            len: stamp.len,
            state: stamp.state,
            hash,
            path: &post.path,
            permalink: &post.permalink,
            names_sections: post.names_sections,
            title: &post.title,
            published: dated(post.published),
            updated: dated(post.updated),
            from: post.from.map(|at| dated(at.into())),
            until: post.until.map(|at| dated(at.into())),
            is_local: post.listing == Listing::Local,
            section: sections.of(&post.section),
            terms: post.terms.iter().map(|term| terms.of((&*term.taxonomy, &*term.slug.0, &*term.name))).collect(),
            id: post.id.as_deref(),
            aliases: post.aliases.iter().map(|alias| &**alias).collect(),
            without_zone: post.without_zone,
        }
    }

    fn remembered(self, sections: &[Arc<str>], terms: &[Arc<Term>]) -> Option<Remembered> {
        let instant = |at: Option<Dated>| at.map_or(Some(None), |at| undated(at).map(|at| Some(at.to_utc())));
        let post = Post {
            path: self.path.into(),
            permalink: self.permalink.into(),
            names_sections: self.names_sections,
            title: self.title.into(),
            published: undated(self.published)?,
            updated: undated(self.updated)?,
            from: instant(self.from)?,
            until: instant(self.until)?,
            listing: if self.is_local { Listing::Local } else { Listing::Everywhere },
            section: sections.get(self.section)?.clone(),
            terms: self.terms.into_iter().map(|term| terms.get(term).cloned()).collect::<Option<_>>()?,
            id: self.id.map(Into::into),
            aliases: self.aliases.into_iter().map(Into::into).collect(),
            without_zone: self.without_zone,
        };
        let stamp = Stamp { len: self.len, state: self.state, racy: false };
        Some(Remembered { stamp, hash: self.hash, post: Arc::new(post) })
    }
}

fn dated(at: DateTime<FixedOffset>) -> Dated {
    (at.timestamp(), at.timestamp_subsec_nanos(), at.offset().local_minus_utc())
}

fn undated((seconds, nanoseconds, east): Dated) -> Option<DateTime<FixedOffset>> {
    Some(DateTime::<Utc>::from_timestamp(seconds, nanoseconds)?.with_timezone(&FixedOffset::east_opt(east)?))
}

/// Values, each once, by number.
struct Numbers<T> {
    values: Vec<T>,
    numbers: HashMap<T, usize>,
}

impl<T> Default for Numbers<T> {
    fn default() -> Self {
        Numbers { values: Vec::new(), numbers: HashMap::default() }
    }
}

impl<T: Copy + Eq + std::hash::Hash> Numbers<T> {
    fn of(&mut self, value: T) -> usize {
        *self.numbers.entry(value).or_insert_with(|| {
            self.values.push(value);
            self.values.len() - 1
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::content::Templates;
    use crate::ids::Ids;
    use crate::site::{Found, Step};
    use crate::source::Hint;
    use std::collections::BTreeSet;
    use std::time::{Duration, SystemTime};

    #[test]
    fn every_field_of_a_post_comes_back_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("content/notes")).unwrap();
        let front = [
            "title = 'Été'\ndate = 2020-01-02T03:04:05.678+09:30\nlastmod = 2021-01-02",
            "date = 2020-01-02T10:00:00\nid = 'urn:x'\naliases = ['/old/', 'older']\ntags = ['b', 'A', 'a/b']\ncategories = ['C#']",
            "date = 2020-01-02\npublishDate = 2050-01-02\nexpiryDate = 2060-01-02",
            "date = 0001-01-02\n[build]\nlist = 'local'",
        ];
        let (config, _) = Config::parse("baseURL = 'https://example.org/'", "hugo.toml").unwrap();
        for (i, front) in front.iter().enumerate() {
            let path = folder.path().join(format!("content/notes/{i}.md"));
            fs::write(&path, format!("+++\n{front}\n+++\nText.\n")).unwrap();
            fs::File::options().write(true).open(&path).unwrap().set_modified(SystemTime::now() - Duration::from_secs(60)).unwrap();
        }
        let mut source = Source::new(folder.path(), &config);
        let files = source.survey(&BTreeSet::from([Hint::Anywhere]), &mut |_| {}).changed;
        let mut site =
            Site::new(Arc::new(config), Templates::compile(&std::collections::BTreeMap::new()).unwrap(), Ids::default(), Utc::now());
        site.apply(source.read(&files));
        assert!(matches!(site.plan(Utc::now(), Utc::now()), Step::Ready(_)));
        let bytes = source.remember(&site, 7).unwrap();
        let memory = Memory::read(&bytes, 7, |_| None).unwrap();
        let known: Vec<(u64, Arc<Post>)> = source
            .read_unknown(&files, &memory)
            .into_iter()
            .map(|change| match change.found {
                Found::Known(hash, post) => (hash, post),
                other => panic!("{}: {other:?}", change.path),
            })
            .collect();
        let mut understood: Vec<(u64, Arc<Post>)> = site.understood().map(|(hash, post)| (hash, post.clone())).collect();
        understood.sort_by(|a, b| a.1.path.cmp(&b.1.path));
        assert_eq!(known, understood);
        assert_eq!(known.len(), 4);
        assert!(Memory::read(&bytes, 8, |_| None).is_none(), "another configuration");
        for len in 0..bytes.len() {
            assert!(Memory::read(&bytes[..len], 7, |_| None).is_none(), "cut after {len} bytes");
        }
    }
}
