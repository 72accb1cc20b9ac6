//! The Merkle tree of RFC 6962, section 2.1: pure mathematics over a one-method reader of nodes.
//!
//! `leaf = SHA-256(0x00 || entry)`, `node = SHA-256(0x01 || left || right)`. Node `(level, index)` is the root of the complete
//! subtree over leaves `index * 2^level .. (index + 1) * 2^level`. A tree of any size is the fold of at most 64 such nodes,
//! which is all that appending needs ([`Frontier`]).

mod subtree;

use crate::hash::{Hash, sha256, sha256_each};

pub use subtree::Subtree;

/// What stands before an entry, and before the two hashes of a node (RFC 6962, section 2.1).
const LEAF: u8 = 0;
const NODE: u8 = 1;

/// The hash of an entry.
pub fn leaf_hash(entry: &[u8]) -> Hash {
    sha256(&[&[LEAF], entry])
}

/// The hash of each entry, in their order; quicker than one by one.
pub fn leaf_hashes<'a>(entries: impl IntoIterator<Item = &'a [u8]>) -> Vec<Hash> {
    sha256_each(Some(LEAF), entries)
}

/// The hash of an inner node.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    sha256(&[&[NODE], left, right])
}

/// The nodes above the nodes of a level, two by two; quicker than one by one. One that is left over at the end has none.
pub fn nodes_above(level: &[Hash]) -> Vec<Hash> {
    sha256_each(Some(NODE), level.as_flattened().chunks_exact(64))
}

/// The root over all leaves of a tree, from nothing but the leaves.
pub fn root_over(leaves: &[Hash]) -> Hash {
    let mut level = leaves.to_vec();
    while level.len() > 1 {
        // RFC 6962 takes a node that is left over to the level above as it is.
        let left_over = level.last().copied().filter(|_| level.len() % 2 == 1);
        level = nodes_above(&level);
        level.extend(left_over);
    }
    level.first().copied().unwrap_or_else(empty_root)
}

/// The root of a tree without leaves.
pub fn empty_root() -> Hash {
    sha256(&[])
}

/// The right edge of a tree: the roots of its complete subtrees, the largest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    roots: Vec<Hash>,
}

impl Frontier {
    /// The frontier of a tree of `size` leaves, from the nodes of its complete subtrees.
    ///
    /// # Errors
    /// What `nodes` answers.
    pub fn load<E>(size: u64, mut node: impl FnMut(u8, u64) -> Result<Hash, E>) -> Result<Self, E> {
        let roots = complete(0, size).map(|(level, index)| node(level, index)).collect::<Result<_, E>>()?;
        Ok(Self { size, roots })
    }

    /// The number of leaves.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf and tells each complete subtree that it closes, upwards: `(level, index, hash)`, the leaf itself first.
    pub fn push(&mut self, leaf: Hash, closed: impl FnMut(u8, u64, &Hash)) {
        self.push_node(0, leaf, closed);
    }

    /// Appends a complete subtree of `2^level` leaves by its root; the size must be a multiple of `2^level` and the level below
    /// 64. Tells what it closes as [`push`](Self::push) does, the subtree itself first.
    pub fn push_node(&mut self, level: u8, node: Hash, mut closed: impl FnMut(u8, u64, &Hash)) {
        debug_assert!(
            self.size.trailing_zeros() >= u32::from(level),
            "a subtree begins at a multiple of its size"
        );
        let (mut hash, mut index) = (node, self.size >> level);
        closed(level, index, &hash);
        for above in 1..=index.trailing_ones() {
            let Some(left) = self.roots.pop() else { break };
            hash = node_hash(&left, &hash);
            index >>= 1;
            closed(level.saturating_add(u8::try_from(above).unwrap_or(u8::MAX)), index, &hash);
        }
        self.roots.push(hash);
        self.size += 1 << level;
    }

    /// The root of the whole tree.
    pub fn root(&self) -> Hash {
        let mut roots = self.roots.iter().rev().copied();
        let Some(last) = roots.next() else { return empty_root() };
        roots.fold(last, |right, left| node_hash(&left, &right))
    }
}

/// The complete subtrees `(level, index)` that cover leaves `from..to` from left to right, when `from` is the left edge of a
/// subtree that holds them all (RFC 6962's `MTH(D[from:to])`).
fn complete(from: u64, to: u64) -> impl Iterator<Item = (u8, u64)> {
    let mut at = from;
    std::iter::from_fn(move || {
        let left = to.checked_sub(at).filter(|left| *left > 0)?;
        let level = left.ilog2();
        let node = (u8::try_from(level).ok()?, at >> level);
        at += 1 << level;
        Some(node)
    })
}

/// The hash of leaves `from..to`, as in [`complete`].
fn range_hash<E>(from: u64, to: u64, node: &mut impl FnMut(u8, u64) -> Result<Hash, E>) -> Result<Hash, E> {
    let hashes =
        complete(from, to).map(|(level, index)| node(level, index)).collect::<Result<Vec<_>, E>>()?;
    let mut hashes = hashes.into_iter().rev();
    let Some(last) = hashes.next() else { return Ok(empty_root()) };
    Ok(hashes.fold(last, |right, left| node_hash(&left, &right)))
}

/// The largest power of two below `size`, which is at least 2.
const fn split(size: u64) -> u64 {
    1 << (size - 1).ilog2()
}

/// The audit path of leaf `index` in the tree of `size` leaves (RFC 6962, section 2.1.1), from the leaf upwards. Empty when there
/// is no such leaf.
///
/// # Errors
/// What `node` answers.
pub fn inclusion_proof<E>(
    index: u64,
    size: u64,
    mut node: impl FnMut(u8, u64) -> Result<Hash, E>,
) -> Result<Vec<Hash>, E> {
    let mut path = Vec::new();
    let (mut from, mut to) = (0, size);
    while index < size && to - from > 1 {
        let middle = from + split(to - from);
        if index < middle {
            path.push(range_hash(middle, to, &mut node)?);
            to = middle;
        } else {
            path.push(range_hash(from, middle, &mut node)?);
            from = middle;
        }
    }
    path.reverse();
    Ok(path)
}

/// The proof that the tree of `old` leaves is a prefix of the tree of `new` leaves (RFC 6962, section 2.1.2). Empty when the sizes
/// are equal or `old` is 0 or more than `new`.
///
/// # Errors
/// What `node` answers.
pub fn consistency_proof<E>(
    old: u64,
    new: u64,
    mut node: impl FnMut(u8, u64) -> Result<Hash, E>,
) -> Result<Vec<Hash>, E> {
    let mut path = Vec::new();
    if old == 0 || old >= new {
        return Ok(path);
    }
    let (mut from, mut to) = (0, new);
    while old != to {
        let middle = from + split(to - from);
        if old <= middle {
            path.push(range_hash(middle, to, &mut node)?);
            to = middle;
        } else {
            path.push(range_hash(from, middle, &mut node)?);
            from = middle;
        }
    }
    if from != 0 {
        path.push(range_hash(from, to, &mut node)?);
    }
    path.reverse();
    Ok(path)
}

/// Why a proof proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// There is no such leaf or prefix in a tree of this size.
    #[error("no leaf or prefix {at} in a tree of size {size}")]
    Range {
        /// The leaf index or the smaller size.
        at: u64,
        /// The tree's size.
        size: u64,
    },
    /// More or fewer hashes than a proof between these sizes has.
    #[error("the proof has {found} hashes, not {expected}")]
    Length {
        /// Hashes in the proof.
        found: usize,
        /// Hashes it should have.
        expected: usize,
    },
    /// The proof leads to another root.
    #[error("the proof leads to another root")]
    Root,
}

/// Checks that the leaf with `leaf_hash` is number `index` of the tree of `size` leaves with `root` (RFC 9162, section 2.1.3.2).
///
/// # Errors
/// When the proof does not show it.
pub fn check_inclusion(
    index: u64,
    size: u64,
    leaf: &Hash,
    path: &[Hash],
    root: &Hash,
) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::Range { at: index, size });
    }
    let (mut at, mut last, mut hash, mut rest) = (index, size - 1, *leaf, path.iter());
    let mut used = 0;
    while last > 0 {
        if at & 1 == 1 || at < last {
            let wrong = ProofError::Length { found: path.len(), expected: used + 1 };
            let other = rest.next().ok_or(wrong)?;
            used += 1;
            hash = if at & 1 == 1 { node_hash(other, &hash) } else { node_hash(&hash, other) };
        }
        at >>= 1;
        last >>= 1;
    }
    if used != path.len() {
        return Err(ProofError::Length { found: path.len(), expected: used });
    }
    if hash == *root { Ok(()) } else { Err(ProofError::Root) }
}

/// Checks that the tree of `old` leaves with `old_root` is a prefix of the tree of `new` leaves with `new_root` (RFC 9162,
/// section 2.1.4.2).
///
/// # Errors
/// When the proof does not show it.
pub fn check_consistency(
    old: u64,
    new: u64,
    old_root: &Hash,
    new_root: &Hash,
    path: &[Hash],
) -> Result<(), ProofError> {
    if old > new {
        return Err(ProofError::Range { at: old, size: new });
    }
    if old == 0 {
        // Everything follows from nothing, so such a proof proves nothing.
        return Err(ProofError::Range { at: old, size: new });
    }
    if old == new {
        return match (path.len(), old_root == new_root) {
            (0, true) => Ok(()),
            (0, false) => Err(ProofError::Root),
            (found, _) => Err(ProofError::Length { found, expected: 0 }),
        };
    }
    let wrong = |expected| ProofError::Length { found: path.len(), expected };
    let shift = (old - 1).trailing_ones();
    let (mut at, mut last) = ((old - 1) >> shift, (new - 1) >> shift);
    let mut rest = path.iter();
    let start = if at == 0 { old_root } else { rest.next().ok_or(wrong(1))? };
    let mut used = usize::from(at != 0);
    let (mut old_hash, mut new_hash) = (*start, *start);
    while last > 0 {
        if at & 1 == 1 || at < last {
            let other = rest.next().ok_or(wrong(used + 1))?;
            used += 1;
            if at & 1 == 1 {
                old_hash = node_hash(other, &old_hash);
                new_hash = node_hash(other, &new_hash);
            } else {
                new_hash = node_hash(&new_hash, other);
            }
        }
        at >>= 1;
        last >>= 1;
    }
    if used != path.len() {
        return Err(wrong(used));
    }
    if old_hash == *old_root && new_hash == *new_root { Ok(()) } else { Err(ProofError::Root) }
}

#[cfg(test)]
mod tests;
