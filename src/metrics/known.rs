//! Counters of answers by their labels. There are few labels and many answers, so each is found without a lock and a hash.

use std::fmt::Debug;
use std::hash::Hash;
use std::sync::OnceLock;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;

/// So many labels are found at once; those beyond are found in the family, like any others.
const ROOM: usize = 32;

/// A family whose counters are known in the order in which they were first asked for: the most frequent are among the first.
#[derive(Debug)]
pub(super) struct Known<L> {
    family: Family<L, Counter>,
    first: [OnceLock<(L, Counter)>; ROOM],
}

impl<L: Clone + Eq + Hash> Default for Known<L> {
    fn default() -> Self {
        Known { family: Family::default(), first: [const { OnceLock::new() }; ROOM] }
    }
}

impl<L: Clone + Eq + Hash + Debug> Known<L> {
    /// The family, for whoever writes it down.
    pub(super) fn family(&self) -> Family<L, Counter> {
        self.family.clone()
    }

    /// Counts so many more with these labels.
    pub(super) fn add(&self, labels: &L, count: u64) {
        for known in &self.first {
            let (theirs, counter) = known.get_or_init(|| (labels.clone(), self.family.get_or_create(labels).clone()));
            if theirs == labels {
                counter.inc_by(count);
                return;
            }
        }
        self.family.get_or_create(labels).inc_by(count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_label_has_one_counter_however_many_there_are() {
        let known = Known::<Vec<(String, String)>>::default();
        let labels = |n: usize| vec![("n".to_owned(), n.to_string())];
        for turn in 1..4 {
            for n in 0..2 * ROOM {
                known.add(&labels(n), 2);
                assert_eq!(known.family().get_or_create(&labels(n)).get(), 2 * turn);
            }
        }
    }
}
