//! Texts of posts that were read and may have to be rendered, so that a small site is read once.
//!
//! Of a large site the fewest posts are in a feed: there texts are asked for again, by name.

use std::sync::Arc;

use bytes::Bytes;
use foldhash::HashMap;

/// How many bytes are kept. The largest file fits.
const ROOM: usize = 64 << 20;

/// Texts, as many as there is room for.
#[derive(Debug, Default)]
pub(super) struct Texts {
    of: HashMap<Arc<str>, Bytes>,
    len: usize,
    use_of_room: UseOfRoom,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum UseOfRoom {
    /// Whatever is read is kept, while all of it can be.
    #[default]
    Whatever,
    /// Too much was read: it will be asked for by name.
    Nothing,
    /// What was asked for is kept, as far as it goes.
    Wanted,
}

impl Texts {
    /// The text of a file.
    pub(super) fn get(&self, path: &str) -> Option<&Bytes> {
        self.of.get(path)
    }

    /// Keeps a text if there is room, in the place of the former.
    pub(super) fn keep(&mut self, path: Arc<str>, text: Bytes) {
        self.drop(&path);
        if self.use_of_room == UseOfRoom::Nothing {
            return;
        }
        if self.len + text.len() <= ROOM {
            self.len += text.len();
            self.of.insert(path, text);
        } else if self.use_of_room == UseOfRoom::Whatever {
            *self = Texts { use_of_room: UseOfRoom::Nothing, ..Texts::default() };
        }
    }

    /// Drops all texts but those of some files.
    pub(super) fn retain(&mut self, is_wanted: impl Fn(&str) -> bool) {
        self.of.retain(|path, _| is_wanted(path));
        self.len = self.of.values().map(Bytes::len).sum();
    }

    /// Drops a text.
    pub(super) fn drop(&mut self, path: &str) {
        self.len -= self.of.remove(path).map_or(0, |text| text.len());
    }

    /// Makes room for texts that are asked for by name.
    pub(super) fn expect(&mut self) {
        *self = Texts { use_of_room: UseOfRoom::Wanted, ..Texts::default() };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(len: usize) -> Bytes {
        Bytes::from(vec![b'a'; len])
    }

    #[test]
    fn all_that_is_read_is_kept_or_nothing_and_what_was_asked_for_as_far_as_it_goes() {
        let mut texts = Texts::default();
        texts.keep("a".into(), text(ROOM / 2));
        texts.keep("a".into(), text(ROOM / 2));
        texts.keep("b".into(), text(ROOM / 2));
        assert!(texts.get("a").is_some() && texts.get("b").is_some());
        texts.keep("c".into(), text(1));
        texts.keep("d".into(), text(1));
        assert!(["a", "b", "c", "d"].iter().all(|path| texts.get(path).is_none()));
        texts.expect();
        texts.keep("a".into(), text(ROOM));
        texts.keep("b".into(), text(1));
        assert!(texts.get("a").is_some() && texts.get("b").is_none());
        texts.retain(|path| path != "a");
        texts.keep("b".into(), text(ROOM));
        texts.retain(|path| path == "b");
        assert!(texts.get("b").is_some());
        texts.drop("b");
        texts.keep("c".into(), text(ROOM));
        assert!(texts.get("c").is_some());
    }
}
