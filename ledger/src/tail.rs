//! The end of a ledger, recomputed when it is opened: the last segment of up to 256 entries and the tree above it, compared with the
//! signature over the last checkpoint. What it costs does not grow with the ledger.

use crate::checkpoint::Checkpoint;
use crate::enrolment::Enrolled;
use crate::hash::Hash;
use crate::kind::Kind;
use crate::leaf::Leaf;
use crate::store::{StoreError, View};
use crate::tree::{Frontier, leaf_hash, node_hash};

/// Why the end does not hold.
#[derive(Debug, thiserror::Error)]
pub enum TailError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no entry at all.
    #[error("it has no entry")]
    Empty,
    /// Something is missing.
    #[error("{what} {index} is missing")]
    Missing {
        /// What.
        what: &'static str,
        /// Which.
        index: u64,
    },
    /// An entry is none.
    #[error("entry {0} is not an entry of this format")]
    Entry(u64),
    /// An entry of another ledger or place.
    #[error("entry {0} belongs to another ledger or place")]
    Place(u64),
    /// The chain is broken.
    #[error("entry {0} does not follow the entry before it")]
    Chain(u64),
    /// The signature does not hold.
    #[error("the checkpoint of size {0} is not signed by its epoch's key")]
    Signature(u64),
}

/// What appending goes on from.
#[derive(Debug)]
pub(crate) struct Tail {
    pub(crate) frontier: Frontier,
    pub(crate) previous: Hash,
    /// The epoch of the next entry.
    pub(crate) epoch: u32,
}

/// Recomputes the end.
pub(crate) fn check(view: &View, enrolled: &Enrolled, keys: &[[u8; 32]]) -> Result<Tail, TailError> {
    let size = view.size()?;
    let last = size.checked_sub(1).ok_or(TailError::Empty)?;
    let first = last - last % 256;
    let mut previous = match first.checked_sub(1) {
        None => enrolled.hash(),
        Some(before) => leaf_of(view, before)?.1,
    };
    let mut epoch = 0;
    for sequence in first..size {
        let (leaf, hash) = leaf_of(view, sequence)?;
        if leaf.origin != enrolled.record().origin || leaf.sequence != sequence {
            return Err(TailError::Place(sequence));
        }
        if leaf.previous != previous {
            return Err(TailError::Chain(sequence));
        }
        previous = hash;
        epoch = leaf.epoch;
        if sequence == last {
            let root = root_at(view, size)?;
            let text = Checkpoint { origin: leaf.origin.clone(), size, root }.to_string();
            let signature =
                view.signature(size)?.ok_or(TailError::Missing { what: "signature", index: size })?;
            let key = enrolled.verifier(keys, leaf.epoch).ok_or(TailError::Signature(size))?;
            if !key.signed(text.as_bytes(), &signature) {
                return Err(TailError::Signature(size));
            }
            if leaf.kind == Kind::ROTATE {
                epoch = leaf.clear.next_epoch.ok_or(TailError::Entry(last))?;
            }
        }
    }
    let frontier = Frontier::load(size, |level, index| node(view, level, index))?;
    Ok(Tail { frontier, previous, epoch })
}

fn leaf_of(view: &View, sequence: u64) -> Result<(Leaf, Hash), TailError> {
    let bytes = view.entry(sequence)?.ok_or(TailError::Missing { what: "entry", index: sequence })?;
    let leaf = Leaf::decode(&bytes).map_err(|_| TailError::Entry(sequence))?;
    Ok((leaf, leaf_hash(&bytes)))
}

/// The root of the first `size` entries.
pub(crate) fn root_at(view: &View, size: u64) -> Result<Hash, TailError> {
    Ok(Frontier::load(size, |level, index| node(view, level, index))?.root())
}

/// A node: stored when its level is 8, 16 and so on, computed from what is below otherwise.
pub(crate) fn node(view: &View, level: u8, index: u64) -> Result<Hash, TailError> {
    if level == 0 {
        let bytes = view.entry(index)?.ok_or(TailError::Missing { what: "entry", index })?;
        return Ok(leaf_hash(&bytes));
    }
    if level.is_multiple_of(8) {
        return view.tile(level, index)?.ok_or(TailError::Missing { what: "tree node", index });
    }
    Ok(node_hash(&node(view, level - 1, index * 2)?, &node(view, level - 1, index * 2 + 1)?))
}
