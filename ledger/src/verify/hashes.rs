//! The hashes of rows that lie together, computed together.

use crate::hash::{Hash, sha256_each};
use crate::store::Row;
use crate::tree::leaf_hashes;

/// A row and its hashes.
pub(super) struct Hashed<'a> {
    pub(super) row: Row<'a>,
    pub(super) leaf: Hash,
    /// Of its encrypted data, where it has some.
    pub(super) sealed: Option<Hash>,
}

/// Each row with its hashes.
pub(super) fn hashed<'a>(rows: &'a [Row<'a>]) -> impl Iterator<Item = Hashed<'a>> {
    let leaves = leaf_hashes(rows.iter().map(|row| row.entry));
    let mut sealed = sha256_each(None, rows.iter().filter_map(|row| row.detached)).into_iter();
    rows.iter().zip(leaves).map(move |(row, leaf)| Hashed {
        row: *row,
        leaf,
        sealed: row.detached.and_then(|_| sealed.next()),
    })
}
