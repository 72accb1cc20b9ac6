//! The receipt: the only proof inside the program that an entry is durable. "Given" is shown only with one.

use rights::entry::Recorded;

use crate::hash::Hash;

/// An entry is durable. Only the ledger makes one.
#[must_use = "a dose is shown as given only with its receipt"]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    pub(crate) recorded: Recorded,
    pub(crate) origin: String,
    pub(crate) leaf: Hash,
    pub(crate) note: String,
}

impl Receipt {
    /// What the bedside session wants to hear.
    pub const fn recorded(&self) -> Recorded {
        self.recorded
    }

    /// The entry's place, from 0.
    pub const fn sequence(&self) -> u64 {
        self.recorded.sequence
    }

    /// Which ledger.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The entry's leaf hash; it goes into the message to the order system.
    pub const fn leaf(&self) -> &Hash {
        &self.leaf
    }

    /// Entries in the ledger just after this one.
    pub const fn size(&self) -> u64 {
        self.recorded.sequence + 1
    }

    /// The signed checkpoint just after this entry, as C2SP signed note.
    pub fn checkpoint(&self) -> &str {
        &self.note
    }
}

/// What appending did.
#[must_use = "a dose is shown as given only with its receipt"]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Appended {
    /// The entry is new and durable.
    New(Receipt),
    /// The very same entry was durable before; this is its receipt. Nothing was written.
    AlreadyRecorded(Receipt),
}

impl Appended {
    /// The receipt, new or old.
    pub const fn receipt(&self) -> &Receipt {
        match self {
            Self::New(receipt) | Self::AlreadyRecorded(receipt) => receipt,
        }
    }
}
