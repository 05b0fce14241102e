//! The lines of the table of ids in their order, and its text in blocks: where one line changes, one block is written anew.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// A block with more lines is divided.
const LINES: usize = 256;

/// About how many bytes a line has.
const LINE: usize = 128;

/// Characters of a path that would end a field or a line of the table.
const FIELD: &AsciiSet = &CONTROLS.add(b'%');

/// A line. That of a feed has no path, and stands before those of the entries at its address.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Line {
    pub(super) address: Arc<str>,
    pub(super) path: Arc<str>,
    pub(super) id: Arc<str>,
}

/// All lines.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    /// None of them is empty.
    blocks: Vec<Block>,
}

/// Lines that stand after each other.
#[derive(Clone, Debug, Default)]
struct Block {
    lines: Vec<Line>,
    text: OnceLock<Bytes>,
}

impl Table {
    /// Puts a line in its place, unless it is there.
    pub(super) fn insert(&mut self, line: Line) {
        let at = self.block_of(&line);
        let Some(block) = self.blocks.get_mut(at) else { return self.blocks.push(Block::of(vec![line])) };
        let Err(place) = block.lines.binary_search(&line) else { return };
        block.lines.insert(place, line);
        block.text.take();
        if block.lines.len() > LINES {
            let rest = block.lines.split_off(LINES / 2);
            self.blocks.insert(at + 1, Block::of(rest));
        }
    }

    /// Takes a line away, if it is there.
    pub(super) fn remove(&mut self, line: &Line) {
        let at = self.block_of(line);
        let Some(block) = self.blocks.get_mut(at) else { return };
        let Ok(place) = block.lines.binary_search(line) else { return };
        block.lines.remove(place);
        block.text.take();
        if block.lines.is_empty() {
            self.blocks.remove(at);
        }
    }

    /// The lines of an address.
    pub(super) fn at(&self, address: &str) -> impl Iterator<Item = &Line> {
        let first = Line { address: address.into(), path: Arc::default(), id: Arc::default() };
        let blocks = self.blocks.get(self.block_of(&first)..).unwrap_or_default();
        let before = blocks.first().map_or(0, |block| block.lines.partition_point(|line| *line < first));
        blocks.iter().flat_map(|block| &block.lines).skip(before).take_while(move |line| line.address == first.address)
    }

    /// The text of all lines, in parts.
    pub(super) fn text(&self) -> Vec<Bytes> {
        self.blocks.iter().map(|block| block.text.get_or_init(|| text(&block.lines)).clone()).collect()
    }

    /// The number of the block that a line stands in, or would.
    fn block_of(&self, line: &Line) -> usize {
        self.blocks.partition_point(|block| block.lines.first() <= Some(line)).saturating_sub(1)
    }
}

impl Block {
    fn of(lines: Vec<Line>) -> Self {
        Block { lines, text: OnceLock::new() }
    }
}

fn text(lines: &[Line]) -> Bytes {
    let mut text = String::with_capacity(lines.len() * LINE);
    for Line { address, path, id } in lines {
        text.extend([address, "\t"]);
        text.extend(utf8_percent_encode(path, FIELD));
        text.extend(["\t", id, "\n"]);
    }
    text.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn line(n: u16) -> Line {
        Line { address: format!("/{}/", n / 4).into(), path: format!("{}", n % 4).into(), id: "id".into() }
    }

    proptest! {
        #[test]
        fn it_is_what_a_set_of_lines_would_be(changes in prop::collection::vec((any::<bool>(), 0..1500_u16), 0..4000)) {
            let (mut table, mut set) = (Table::default(), BTreeSet::new());
            for (is_there, n) in changes {
                if is_there {
                    table.insert(line(n));
                    set.insert(line(n));
                } else {
                    table.remove(&line(n));
                    set.remove(&line(n));
                }
                if n % 64 == 0 {
                    table.text();
                }
                let address = line(n).address;
                let here: Vec<_> = (n / 4 * 4..n / 4 * 4 + 4).map(line).filter(|line| set.contains(line)).collect();
                prop_assert!(table.at(&address).eq(here.iter()));
            }
            let expected: String = set.iter().map(|line| format!("{}\t{}\t{}\n", line.address, line.path, line.id)).collect();
            prop_assert_eq!(table.text().concat(), expected.as_bytes());
            prop_assert!(table.blocks.iter().all(|block| !block.lines.is_empty() && block.lines.len() <= LINES));
        }
    }
}
