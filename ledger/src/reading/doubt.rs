//! Whether the entries that a report counts are those that were signed. A report is evidence only of an unchanged ledger, so one that
//! was made from a changed ledger says so on its first page.

use std::fmt;

use crate::hash::Hash;
use crate::leaf::Leaf;
use crate::tree::{Frontier, Subtree, leaf_hash};

/// What speaks against the entries of a ledger, computed again from their bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// An entry does not name the leaf hash of the one before it.
    Link(u64),
    /// The entries give another root than the one that the ledger keeps.
    Root,
    /// The checkpoint of this size is not signed by the key of its epoch.
    Unsigned(u64),
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Link(at) => write!(f, "entry {at} does not follow the entry before it")?,
            Self::Root => f.write_str("the entries do not give the root that the ledger keeps")?,
            Self::Unsigned(size) => {
                write!(f, "the checkpoint of {size} entries is not signed by its epoch's key")?;
            }
        }
        f.write_str(
            ": entries were changed or damaged, and what is counted here proves nothing; run `ledger verify`",
        )
    }
}

impl Doubt {
    /// Whether it stands against the first `size` entries too.
    pub(crate) const fn reaches(&self, size: u64) -> bool {
        match self {
            Self::Link(at) => *at < size,
            Self::Root | Self::Unsigned(_) => true,
        }
    }
}

/// The leaf hashes of entries in their order, and where the chain breaks.
#[derive(Debug, Default)]
pub(crate) struct Leaves {
    hashes: Vec<Hash>,
    /// The number of the first, and what it says of the one before.
    first: Option<(u64, Hash)>,
    broken: Option<u64>,
}

impl Leaves {
    /// The next entry.
    pub(crate) fn push(&mut self, sequence: u64, bytes: &[u8], leaf: &Leaf) {
        match self.hashes.last() {
            None => self.first = Some((sequence, leaf.previous)),
            Some(before) if *before != leaf.previous => self.broken = self.broken.or(Some(sequence)),
            Some(_) => {}
        }
        self.hashes.push(leaf_hash(bytes));
    }

    /// The entries that follow, as another thread read them.
    pub(crate) fn then(&mut self, next: Self) {
        let cut = match (self.hashes.last(), next.first) {
            (Some(last), Some((at, before))) => (*last != before).then_some(at),
            _ => None,
        };
        self.broken = self.broken.or(cut).or(next.broken);
        self.first = self.first.or(next.first);
        self.hashes.extend(next.hashes);
    }

    /// The root of the first `size` entries; `before` is the tree before the first of these, complete in subtrees of 256.
    pub(crate) fn root(&self, before: &Frontier, size: u64) -> Hash {
        let own = usize::try_from(size.saturating_sub(before.size())).unwrap_or(usize::MAX);
        let mut frontier = before.clone();
        for part in self.hashes[..own.min(self.hashes.len())].chunks(256) {
            match Subtree::over(part) {
                Some(subtree) if part.len() == 256 => frontier.push_node(8, subtree.root(), |_, _, _| {}),
                _ => part.iter().for_each(|leaf| frontier.push(*leaf, |_, _, _| {})),
            }
        }
        frontier.root()
    }

    /// What speaks against the first `size` entries, when the ledger keeps `root` for them.
    pub(crate) fn doubt(&self, before: &Frontier, size: u64, root: &Hash) -> Option<Doubt> {
        let link = self.broken.map(Doubt::Link).filter(|doubt| doubt.reaches(size));
        link.or_else(|| (self.root(before, size) != *root).then_some(Doubt::Root))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The leaves of such a chain, cut where threads begin.
    fn read(chain: &[Leaf], starts: &[usize]) -> Leaves {
        let mut all = Leaves::default();
        for (at, start) in starts.iter().enumerate() {
            let end = starts.get(at + 1).copied().unwrap_or(chain.len());
            let mut some = Leaves::default();
            for leaf in &chain[*start..end] {
                some.push(leaf.sequence, &leaf.encode(), leaf);
            }
            all.then(some);
        }
        all
    }

    fn chain(count: u64) -> Vec<Leaf> {
        let mut previous = [7; 32];
        let next = |sequence| {
            let leaf = Leaf { sequence, previous, ..crate::leaf::tests::example() };
            previous = leaf_hash(&leaf.encode());
            leaf
        };
        (0..count).map(next).collect()
    }

    #[test]
    fn a_changed_entry_is_named_wherever_threads_began_and_only_from_there_on() {
        let (none, mut entries) = (Frontier::default(), chain(600));
        let root = read(&entries, &[0]).root(&none, 600);
        for starts in [vec![0], vec![0, 301], vec![0, 256, 512]] {
            assert_eq!(read(&entries, &starts).doubt(&none, 600, &root), None, "{starts:?}");
        }
        entries[300].epoch += 1;
        for starts in [vec![0], vec![0, 301], vec![0, 256, 512]] {
            let read = read(&entries, &starts);
            assert_eq!(read.doubt(&none, 600, &root), Some(Doubt::Link(301)), "{starts:?}");
            let before = read.root(&none, 300);
            assert_eq!(read.doubt(&none, 300, &before), None, "a range that ends before it");
        }
        // All later hashes made again: no link is broken, the root is another.
        let mut previous = entries[299].clone();
        for leaf in &mut entries[300..] {
            leaf.previous = leaf_hash(&previous.encode());
            previous = leaf.clone();
        }
        assert_eq!(read(&entries, &[0]).doubt(&none, 600, &root), Some(Doubt::Root));
    }

    #[test]
    fn leaves_after_a_known_tree_give_the_root_of_the_whole() {
        let (none, entries) = (Frontier::default(), chain(600));
        let mut before = Frontier::default();
        entries[..256].iter().for_each(|leaf| before.push(leaf_hash(&leaf.encode()), |_, _, _| {}));
        let whole = read(&entries, &[0]).root(&none, 600);
        assert_eq!(read(&entries, &[256]).root(&before, 600), whole);
    }
}
