//! The documents as they are planned, and which of them are not committed yet.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use foldhash::HashMap;
use http::HeaderValue;

use crate::content::path::folder_of;
use crate::snapshot::{Document, Gone, Snapshot};
use crate::taxonomy::Scope;

/// The next state of the output, and what has to be done to get there from the last committed one.
#[derive(Debug)]
pub(super) struct Planned {
    /// The documents as they are to be; its revision is the last committed one.
    snapshot: Snapshot,
    /// Documents that are planned and not committed.
    uncommitted: BTreeSet<Arc<str>>,
    /// The documents whose dates run ahead of the clock, each with the second in which its last version was made.
    ahead: HashMap<Arc<str>, i64>,
    /// The revision of the table of ids that was last committed; none when the table must be written anew.
    ids: Option<u64>,
}

impl Default for Planned {
    fn default() -> Self {
        // a table that was changed since it was read is written
        Planned { snapshot: Snapshot::default(), uncommitted: BTreeSet::new(), ahead: HashMap::default(), ids: Some(0) }
    }
}

impl Planned {
    /// All documents.
    pub(super) fn documents(&self) -> impl Iterator<Item = (&Arc<str>, &Arc<Document>)> {
        self.snapshot.documents.iter()
    }

    /// The state to get to, with the revision that it will have.
    pub(super) fn next(&self) -> Snapshot {
        let revision = self.snapshot.revision + u64::from(!self.uncommitted.is_empty());
        Snapshot { revision, ..self.snapshot.clone() }
    }

    /// The documents that are new or different.
    pub(super) fn writes(&self) -> Vec<(Arc<str>, Arc<Document>)> {
        let document = |path: &Arc<str>| Some((path.clone(), self.snapshot.documents.get(path)?.clone()));
        self.uncommitted.iter().filter_map(document).collect()
    }

    /// The documents that are no more.
    pub(super) fn removals(&self) -> Vec<Arc<str>> {
        self.uncommitted.iter().filter(|path| !self.snapshot.documents.contains_key(*path)).cloned().collect()
    }

    /// Whether the table of ids with this revision has to be written.
    pub(super) fn wants_ids(&self, revision: u64) -> bool {
        self.ids != Some(revision)
    }

    /// Whether a document is planned otherwise than it was last committed.
    pub(super) fn is_uncommitted(&self, path: &str) -> bool {
        self.uncommitted.contains(path)
    }

    /// Plans a document. One with the same bytes stays as it is.
    pub(super) fn put(&mut self, path: String, document: Document) {
        let path: Arc<str> = path.into();
        let taken = match self.snapshot.documents.get(&path) {
            Some(before) if before.digest() == document.digest() => return,
            Some(before) => Some(before.modified()),
            None => self.snapshot.gone.get(&path).and_then(|gone| gone.modified),
        };
        let document = match taken {
            Some(taken) => self.after(&path, taken, document),
            None => document,
        };
        self.snapshot.documents.insert_mut(path.clone(), Arc::new(document));
        self.snapshot.gone.remove_mut(&path);
        self.uncommitted.insert(path);
    }

    /// RFC 9110 §8.8.2.2: a date tells versions apart that are of different seconds. One that comes within the second of another,
    /// whose date is `taken`, is of the next, which will have begun when a client asks by that date. A date far ahead is that of a
    /// clock which was wrong, unless as many versions led to it.
    fn after(&mut self, path: &Arc<str>, taken: DateTime<Utc>, document: Document) -> Document {
        const AHEAD: i64 = 60;
        let (taken, own) = (taken.timestamp(), document.modified().timestamp());
        let is_of_versions = || self.ahead.get(path).is_some_and(|made| made - own < AHEAD);
        match DateTime::from_timestamp(taken + 1, 0) {
            Some(next) if taken >= own && (taken - own < AHEAD || is_of_versions()) => {
                self.ahead.insert(path.clone(), own);
                document.dated(next)
            }
            _ => {
                self.ahead.remove(path);
                document
            }
        }
    }

    /// Plans that there is no such document any more, which was a feed of this scope.
    pub(super) fn remove(&mut self, path: String, scope: &Scope) {
        let path: Arc<str> = path.into();
        if let Some(document) = self.snapshot.documents.get(&path) {
            self.snapshot.gone.insert_mut(path.clone(), gone(document, Some(scope)));
            self.snapshot.documents.remove_mut(&path);
            self.uncommitted.insert(path);
        }
    }

    /// Notes that there was such a feed of a scope before anything was planned here, unless it is there. It leads to the folder where
    /// the feeds of that scope are now, if there is one.
    pub(super) fn note_gone(&mut self, path: String, content_type: &'static str, scope: Scope, heir: Option<Arc<str>>) {
        let Snapshot { documents, gone, .. } = &mut self.snapshot;
        if !documents.contains_key(path.as_str()) && !gone.contains_key(path.as_str()) {
            gone.insert_mut(path.into(), Gone { scope: Some(scope), heir, ..Gone::new(HeaderValue::from_static(content_type)) });
        }
    }

    /// Leads readers of feeds that are gone to the folder where those of the same scope are now, or nowhere where it has none: that
    /// folder may come to another scope.
    pub(super) fn lead(&mut self, places: &HashMap<Scope, Option<Arc<str>>>) {
        // in most plans no feeds come, go or move
        if places.is_empty() {
            return;
        }
        let place = |(path, gone): (&Arc<str>, &Gone)| Some((path.clone(), places.get(gone.scope.as_ref()?)?.clone()));
        let led: Vec<_> = self.snapshot.gone.iter().filter_map(place).collect();
        for (path, place) in led {
            if let Some(gone) = self.snapshot.gone.get_mut(&path) {
                gone.heir = place.filter(|place| **place != *folder_of(&path));
            }
        }
    }

    /// Notes that all of it was carried out, with the table of ids of this revision. `kept` are documents whose file was there
    /// already, with its date, which is theirs from now on. The answer is the committed state.
    pub(super) fn commit(&mut self, kept: Vec<(Arc<str>, DateTime<Utc>)>, ids: u64) -> Snapshot {
        for (path, modified) in kept {
            if let Some(document) = self.snapshot.documents.get(&path) {
                // where it is the date of the last version, that may be ahead of the clock for the same reason
                if modified > document.modified() {
                    self.ahead.remove(&path);
                }
                let dated = Arc::new(Document::clone(document).dated(modified));
                self.snapshot.documents.insert_mut(path, dated);
            }
        }
        self.snapshot = self.next();
        self.uncommitted.clear();
        self.ids = Some(ids);
        self.snapshot.clone()
    }

    /// Has everything written again.
    pub(super) fn rewrite(&mut self) {
        self.uncommitted.extend(self.snapshot.documents.keys().cloned());
        self.ids = None;
    }

    /// Has some documents written again, as far as there still are such, and the table of ids.
    pub(super) fn rewrite_some(&mut self, paths: &[Arc<str>]) {
        self.uncommitted.extend(paths.iter().filter(|path| self.snapshot.documents.contains_key(*path)).cloned());
        self.ids = None;
    }

    /// Goes on from what another site published, of which nothing is planned here yet: all of it is gone. Its feeds were in these folders.
    pub(super) fn succeed<'s>(&mut self, before: &Planned, scope_in: impl Fn(&str) -> Option<&'s Scope>) {
        let Snapshot { revision, documents, gone: gone_before } = &before.snapshot;
        // where feeds are that are there now is not known yet
        let of_before = gone_before.iter().map(|(path, gone)| (path.clone(), Gone { heir: None, ..gone.clone() }));
        let of_now = documents.iter().map(|(path, document)| (path.clone(), gone(document, scope_in(folder_of(path)))));
        self.snapshot = Snapshot { revision: *revision, gone: of_before.chain(of_now).collect(), ..Snapshot::default() };
        self.ahead = before.ahead.clone();
        self.uncommitted = before.uncommitted.iter().chain(documents.keys()).cloned().collect();
    }
}

/// What is known of a document that goes, and was a feed of this scope.
fn gone(document: &Document, scope: Option<&Scope>) -> Gone {
    Gone { scope: scope.cloned(), modified: Some(document.modified()), ..Gone::new(document.content_type().clone()) }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    #[test]
    fn versions_of_one_second_have_different_dates() {
        let mut planned = Planned::default();
        let mut put = |text: &'static str, millis: i64| {
            let stamp = DateTime::from_timestamp_millis(millis).unwrap();
            planned.put("rss.xml".to_owned(), Document::new("text/plain", vec![Bytes::from_static(text.as_bytes())], stamp));
            planned.next().documents["rss.xml"].modified().timestamp_millis()
        };
        assert_eq!(put("a", 10_200), 10_200);
        assert_eq!(put("a", 10_300), 10_200);
        assert_eq!(put("b", 10_400), 11_000);
        assert_eq!(put("c", 10_500), 12_000);
        assert_eq!(put("d", 12_999), 13_000);
        assert_eq!(put("e", 14_100), 14_100);
        // a clock that was wrong is not followed
        assert_eq!(put("f", 4_000_000), 4_000_000);
        assert_eq!(put("g", 20_100), 20_100);
        assert_eq!((put("h", 4_000_000), put("i", 4_000_100), put("j", 20_200)), (4_000_000, 4_001_000, 20_200));
    }

    /// A document of the second that is so many milliseconds after 1970.
    fn document(text: &'static str, millis: i64) -> Document {
        Document::new("text/plain", vec![Bytes::from_static(text.as_bytes())], DateTime::from_timestamp_millis(millis).unwrap())
    }

    fn put(planned: &mut Planned, text: &'static str, millis: i64) -> i64 {
        planned.put("rss.xml".to_owned(), document(text, millis));
        planned.next().documents["rss.xml"].modified().timestamp()
    }

    #[test]
    fn versions_of_one_second_have_different_dates_though_there_was_none_in_between() {
        let mut planned = Planned::default();
        assert_eq!(put(&mut planned, "a", 10_200), 10);
        planned.remove("rss.xml".to_owned(), &Scope::Site);
        assert_eq!(put(&mut planned, "b", 10_400), 11);
        // nor does it go back when there were many
        for n in 0..100 {
            put(&mut planned, if n % 2 == 0 { "c" } else { "d" }, 10_500);
        }
        planned.remove("rss.xml".to_owned(), &Scope::Site);
        assert_eq!(put(&mut planned, "e", 10_900), 112);
        // a clock that was wrong is not followed
        planned.remove("rss.xml".to_owned(), &Scope::Site);
        assert_eq!((put(&mut planned, "f", 4_000_000), put(&mut planned, "g", 200_000)), (4000, 200));
    }

    #[test]
    fn dates_do_not_go_back_when_another_site_takes_the_place() {
        let mut before = Planned::default();
        for n in 0..100 {
            put(&mut before, if n % 2 == 0 { "a" } else { "b" }, 10_200);
            before.commit(Vec::new(), 0);
        }
        let succeed = |before: &Planned| {
            let mut planned = Planned::default();
            planned.succeed(before, |_| None);
            planned
        };
        let mut planned = succeed(&before);
        assert_eq!(put(&mut planned, "c", 10_300), 110);
        // its file is there already, with the date that it had
        let mut planned = succeed(&before);
        put(&mut planned, "b", 10_300);
        let snapshot = planned.commit(vec![("rss.xml".into(), DateTime::from_timestamp(109, 0).unwrap())], 0);
        assert_eq!(snapshot.documents["rss.xml"].modified().timestamp(), 109);
        assert_eq!(put(&mut planned, "c", 10_400), 110);
    }

    #[test]
    fn a_date_does_not_go_back_however_many_versions_there_are_in_a_second() {
        let mut planned = Planned::default();
        for (n, millis) in (0..200).map(|n| (n, 10_000 + n)).chain([(200, 11_500), (201, 90_000), (202, 300_000)]) {
            let document = Document::new("text/plain", vec![Bytes::from(n.to_string())], DateTime::from_timestamp_millis(millis).unwrap());
            planned.put("rss.xml".to_owned(), document);
            let expected = if n == 202 { 300 } else { 10 + n };
            assert_eq!(planned.next().documents["rss.xml"].modified().timestamp(), expected, "{n}");
            planned.commit(Vec::new(), 0);
        }
        // what an earlier run left is not known to be due to that
        planned.commit(vec![("rss.xml".into(), DateTime::from_timestamp(4000, 0).unwrap())], 0);
        planned.put("rss.xml".to_owned(), Document::new("text/plain", vec![Bytes::from("x")], DateTime::from_timestamp(301, 0).unwrap()));
        assert_eq!(planned.next().documents["rss.xml"].modified().timestamp(), 301);
    }
}
