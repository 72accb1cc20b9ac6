//! Which signatures are checked, and where entries and signatures part.
//!
//! The tree of a size holds all entries before, so the signature over an epoch's last checkpoint proves the whole epoch: that one is
//! checked for each epoch, and the last one of the ledger. When one does not hold, or another contradiction was found, the first bad
//! entry lies between a size whose signature holds and one whose does not, and bisection names it. In a small ledger, or when asked,
//! every signature is checked.

use super::chunk::Scope;
use super::finding::{Attack, Finding, FindingKind};
use super::keys::Keys;
use crate::checkpoint::Checkpoint;
use crate::glance::Glance;
use crate::hash::Hash;
use crate::leaf::Leaf;
use crate::tree::{Frontier, leaf_hash};

/// Up to so many entries every signature is checked.
pub(super) const SMALL: u64 = 4096;

/// The signatures of a pass.
pub(super) struct Signed<'a> {
    keys: &'a Keys,
    origin: &'a str,
    /// The tree at the beginning of each chunk, to compute the root of any size from.
    starts: Vec<Frontier>,
    /// First entries of epochs.
    epochs: Vec<(u64, u32)>,
    /// The greatest size whose signature holds.
    good: u64,
    closings: Vec<(u64, u32, Hash)>,
    batch: Vec<(u64, u32, String, [u8; 64])>,
    source: &'a super::source::Source,
    pub(super) checked: u64,
}

impl<'a> Signed<'a> {
    pub(super) fn new(source: &'a super::source::Source, keys: &'a Keys, origin: &'a str, good: u64) -> Self {
        Self {
            keys,
            origin,
            starts: Vec::new(),
            epochs: Vec::new(),
            good,
            closings: Vec::new(),
            batch: Vec::new(),
            source,
            checked: 0,
        }
    }

    /// A chunk begins here.
    pub(super) fn begin(&mut self, frontier: &Frontier, epoch: u32) {
        self.starts.push(frontier.clone());
        if self.epochs.is_empty() {
            self.epochs.push((frontier.size(), epoch));
        }
    }

    /// The last checkpoint of an epoch; entry `size` and the following ones are of the `next`.
    pub(super) fn closing(&mut self, size: u64, epoch: u32, next: u32, root: Hash) {
        self.closings.push((size, epoch, root));
        self.epochs.push((size, next));
    }

    /// One of all signatures.
    pub(super) fn one(&mut self, size: u64, epoch: u32, root: Hash, signature: [u8; 64]) {
        self.batch.push((size, epoch, self.text(size, root), signature));
    }

    fn text(&self, size: u64, root: Hash) -> String {
        Checkpoint { origin: self.origin.to_owned(), size, root }.to_string()
    }

    fn holds(&self, epoch: u32, text: &str, signature: &[u8; 64]) -> bool {
        self.keys.of(epoch).is_some_and(|key| key.signed(text.as_bytes(), signature))
    }

    /// Checks what is waiting.
    pub(super) fn finish(&mut self) -> Result<(), Finding> {
        let batch = std::mem::take(&mut self.batch);
        if let Some(size) = self.bad_of_all(&batch) {
            let later = batch.last().filter(|(last, ..)| *last > size);
            if later.is_some_and(|(_, epoch, text, signature)| self.holds(*epoch, text, signature)) {
                let detail = "its signature is not that of the epoch's key; the entries hold, as a later signature proves";
                let finding = Finding::new(FindingKind::Signature, Some(size - 1), detail);
                return Err(finding.by(Attack::Stripped));
            }
            return Err(parted(size - 1).classified(self.source, self.origin));
        }
        self.checked += batch.len() as u64;
        self.good = batch.last().map_or(self.good, |(size, ..)| *size);
        for (size, epoch, root) in std::mem::take(&mut self.closings) {
            if size > self.good {
                self.last(size, epoch, root)?;
            }
        }
        Ok(())
    }

    /// The smallest size whose signature does not hold; all cores look.
    fn bad_of_all(&self, batch: &[(u64, u32, String, [u8; 64])]) -> Option<u64> {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let first_bad = |part: &[(u64, u32, String, [u8; 64])]| {
            part.iter()
                .find(|(_, epoch, text, signature)| !self.holds(*epoch, text, signature))
                .map(|(size, ..)| *size)
        };
        std::thread::scope(|threads| {
            let parts = batch.chunks(batch.len().div_ceil(cores).max(1));
            let found: Vec<_> = parts.map(|part| (part, threads.spawn(move || first_bad(part)))).collect();
            let sizes = found.into_iter().filter_map(|(part, thread)| {
                // A thread that panicked has proven nothing, so its part counts as bad from its start.
                thread.join().unwrap_or_else(|_| part.first().map(|(size, ..)| *size))
            });
            sizes.min()
        })
    }

    /// Checks the signature over one checkpoint; everything before it is then proven.
    pub(super) fn last(&mut self, size: u64, epoch: u32, root: Hash) -> Result<(), Finding> {
        if size <= self.good {
            return Ok(());
        }
        let signature = self.source.signature(size)?;
        let text = self.text(size, root);
        if signature.is_some_and(|signature| self.holds(epoch, &text, &signature)) {
            self.checked += 1;
            self.good = size;
            return Ok(());
        }
        Err(self.bisect(self.good, size).classified(self.source, self.origin))
    }

    /// The first bad entry, when a contradiction was found.
    pub(super) fn first_bad(&self, scope: &Scope<'_>, finding: Finding) -> Finding {
        let Some(index) = finding.index else { return finding };
        let most = match finding.kind {
            // What these entries would have been is not known, so only the ones before can be looked at.
            FindingKind::Malformed | FindingKind::Missing | FindingKind::Unsigned => index,
            FindingKind::Repeated => return finding,
            _ => index + 1,
        };
        if most <= self.good || self.signed(most) {
            return finding;
        }
        let parted = self.bisect(self.good, most);
        if parted.index <= Some(index) { parted.classified(scope.source, self.origin) } else { finding }
    }

    /// Between a size whose signature holds and one whose does not.
    fn bisect(&self, mut good: u64, mut bad: u64) -> Finding {
        while bad - good > 1 {
            let middle = good + (bad - good) / 2;
            if self.signed(middle) { good = middle } else { bad = middle }
        }
        parted(good)
    }

    fn signed(&self, size: u64) -> bool {
        let Ok(Some(signature)) = self.source.signature(size) else { return false };
        let Some(root) = self.root(size) else { return false };
        let text = self.text(size, root);
        self.epoch_of(size).is_some_and(|epoch| self.holds(epoch, &text, &signature))
    }

    /// The epoch whose key signs the checkpoint of a size.
    pub(super) fn epoch_of(&self, size: u64) -> Option<u32> {
        self.epochs.iter().rev().find(|(from, _)| *from < size).map(|(_, epoch)| *epoch)
    }

    fn root(&self, size: u64) -> Option<Hash> {
        let mut frontier = self.starts.iter().rev().find(|start| start.size() <= size)?.clone();
        let (from, mut whole) = (frontier.size(), true);
        self.source
            .rows(from, size, |row| {
                whole &= row.index == frontier.size();
                frontier.push(leaf_hash(row.entry), |_, _, _| {});
                whole
            })
            .ok()?;
        (whole && frontier.size() == size).then(|| frontier.root())
    }
}

fn parted(index: u64) -> Finding {
    let detail = "from this entry on, the entries are not what the epoch's key signed";
    Finding::new(FindingKind::Signature, Some(index), detail)
}

impl Finding {
    /// Names what was done to the entry, and the hash that the entry after it has for it.
    fn classified(mut self, source: &super::source::Source, origin: &str) -> Self {
        let Some(index) = self.index else { return self };
        let mut rows: Vec<(u64, Vec<u8>)> = Vec::new();
        let _ = source.rows(index.saturating_sub(1), index + 2, |row| {
            rows.push((row.index, row.entry.to_vec()));
            true
        });
        let at = |wanted: u64| rows.iter().find(|(index, _)| *index == wanted).map(|(_, bytes)| bytes);
        let glance = |bytes: &Vec<u8>| Glance::of(bytes, origin).ok();
        let (here, next) = (at(index), at(index + 1));
        self.found = here.map(|bytes| leaf_hash(bytes));
        self.expected = next.and_then(|bytes| Leaf::decode(bytes).ok()).map(|leaf| leaf.previous);
        let Some(entry) = here.and_then(glance) else {
            self.attack = Attack::NotAnEntry;
            return self;
        };
        let before = index.checked_sub(1).and_then(at).map(|bytes| leaf_hash(bytes));
        let next_place = next.and_then(glance).map(|next| next.sequence);
        self.attack = if !entry.is_own_origin {
            Attack::Transplanted
        } else if entry.sequence == index + 1 && next_place != Some(index) {
            Attack::Deleted
        } else if entry.sequence != index && Some(entry.sequence) == index.checked_sub(1) {
            Attack::Inserted
        } else if entry.sequence != index {
            Attack::Reordered
        } else if before.is_some_and(|before| before != entry.previous) {
            Attack::Transplanted
        } else if self.expected.is_some() && self.expected == self.found {
            Attack::Rewritten
        } else {
            Attack::Edited
        };
        self
    }
}
