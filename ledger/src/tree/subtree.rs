//! A complete subtree with all its nodes, for whoever asks for many sizes inside.

use super::{Frontier, complete, empty_root, nodes_above};
use crate::hash::Hash;

/// All nodes of a complete subtree.
#[derive(Clone, Debug)]
pub struct Subtree {
    /// From the leaves to the root.
    levels: Vec<Vec<Hash>>,
}

impl Subtree {
    /// Over these leaves; `None` unless their number is a power of two.
    pub fn over(leaves: &[Hash]) -> Option<Self> {
        if !leaves.len().is_power_of_two() {
            return None;
        }
        let mut levels = vec![leaves.to_vec()];
        while let Some(level) = levels.last().filter(|level| level.len() > 1) {
            levels.push(nodes_above(level));
        }
        Some(Self { levels })
    }

    /// Its root.
    pub fn root(&self) -> Hash {
        self.levels.last().and_then(|level| level.first()).copied().unwrap_or_else(empty_root)
    }

    /// The nodes of a level, from the left; none above the root.
    pub fn level(&self, level: u8) -> &[Hash] {
        self.levels.get(usize::from(level)).map_or(&[], Vec::as_slice)
    }

    /// The tree of the leaves `before` and the first `leaves` of these. Where `before` ends, a subtree as large as this one may begin.
    pub fn first(&self, leaves: u64, before: &Frontier) -> Frontier {
        let mut frontier = before.clone();
        for (level, index) in complete(0, leaves) {
            let node = usize::try_from(index).ok().and_then(|index| self.level(level).get(index));
            if let Some(node) = node {
                frontier.push_node(level, *node, |_, _, _| {});
            }
        }
        frontier
    }
}
