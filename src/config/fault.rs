//! What is wrong with the value of a key of Hugo, as whoever reads that value tells it: in front matter it may be, too.

/// What is wrong, where, and what mends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The byte of the file where the part begins that is wrong; none for what has no place of its own.
    offset: Option<usize>,
    /// Which item of the list it is.
    item: Option<usize>,
    what: String,
    mend: String,
}

impl Fault {
    pub(super) fn new(what: impl Into<String>, mend: impl Into<String>) -> Self {
        Fault { offset: None, item: None, what: what.into(), mend: mend.into() }
    }

    /// What is wrong with a glob.
    pub(super) fn of_glob(what: String) -> Self {
        Fault::new(what, "close each `{` and `[`, or write a backslash before it")
    }

    /// The same, told at this place, unless it has one.
    #[must_use]
    pub(super) fn at(self, offset: Option<usize>) -> Self {
        Fault { offset: self.offset.or(offset), ..self }
    }

    /// The same, told at this item of a list, unless it has a place.
    #[must_use]
    pub(super) fn of_item(self, index: usize) -> Self {
        Fault { item: self.item.or(Some(index)), ..self }
    }

    /// The place, or else the item, with what is wrong and what mends it.
    pub(super) fn apart(self) -> (Option<usize>, Option<usize>, String, String) {
        (self.offset, self.item, self.what, self.mend)
    }
}

impl From<Fault> for String {
    fn from(fault: Fault) -> String {
        fault.what
    }
}
