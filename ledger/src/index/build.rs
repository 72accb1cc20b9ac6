//! Reading the ledger into chunks, by every core at once.

use std::num::NonZero;

use super::chunk::{CHUNK, sections};
use super::{Index, IndexError, key};
use crate::kind::Kind;
use crate::reading::source::Pass;
use crate::reading::{Fact, Leaves, Options};
use crate::report::recall;
use crate::store::LotPlace;

/// No lot is named so: a lot has no space where it is compared.
pub(super) const CORRECTIONS: &str = "\u{1}corrections";

/// Nor so: doses of which no lot is recorded, all of them or, with its name behind it, those of one item.
pub(super) const NO_LOT: &str = "\u{1}none";

/// The doses of one item of which no lot is recorded; of those whose item is not recorded either when left out.
pub(super) fn no_lot_of(item: Option<&str>) -> String {
    format!("{NO_LOT}\u{1}{}", item.unwrap_or_default())
}

/// What was made of a span of entries.
#[derive(Default)]
pub(super) struct Made {
    /// Sealed sections by their keys.
    pub(super) sections: Vec<(u64, Vec<u8>)>,
    /// Where each lot stands.
    pub(super) lots: Vec<LotPlace>,
    /// Entries whose key is lost.
    pub(super) lost: u64,
    /// Of all its entries.
    pub(super) leaves: Leaves,
}

impl Index {
    /// Makes the chunks of entries `from..to`; `from` is the first of a chunk.
    pub(super) fn make(&self, from: u64, to: u64) -> Result<Made, IndexError> {
        let chunks = (to - from).div_ceil(CHUNK);
        let share = chunks.div_ceil(cores()).max(1) * CHUNK;
        let parts = in_parallel((from..to).step_by(usize::try_from(share).unwrap_or(usize::MAX)), |start| {
            self.make_span(start, to.min(start + share))
        });
        let mut made = Made::default();
        for part in parts {
            let Made { sections, lots, lost, leaves } = part?;
            made.sections.extend(sections);
            made.lots.extend(lots);
            made.lost += lost;
            made.leaves.then(leaves);
        }
        Ok(made)
    }

    fn make_span(&self, from: u64, to: u64) -> Result<Made, IndexError> {
        let (mut made, mut failed) = (Made::default(), None);
        let options = Options::default();
        let mut pass = Pass::new(&self.inspector, Some(&self.device), &options);
        let mut facts: Vec<Fact> = Vec::new();
        pass.run(from, to, |fact, lost| {
            made.lost += u64::from(lost);
            self.places(&fact, &mut made.lots);
            let (chunk, last) = (fact.sequence / CHUNK, fact.sequence + 1);
            facts.push(fact);
            if last % CHUNK == 0 || last == to {
                for (section, plain) in sections(std::mem::take(&mut facts)) {
                    let key = key(section, chunk);
                    match self.seal(key, plain) {
                        Ok(sealed) => made.sections.push((key, sealed)),
                        Err(error) => failed = Some(error),
                    }
                }
            }
        })?;
        made.leaves = pass.leaves;
        failed.map_or(Ok(made), Err)
    }

    /// Where a fact stands: a dose under each of its lots, and where one is not recorded under its item; a correction among all
    /// corrections.
    fn places(&self, fact: &Fact, lots: &mut Vec<LotPlace>) {
        if fact.kind == Kind::CORRECTION {
            lots.push((self.lot_of(CORRECTIONS), fact.sequence));
        } else if fact.is_dose() {
            lots.extend(recall::lots(fact).into_iter().map(|(_, lot)| (self.lot_of(&lot), fact.sequence)));
            let bare = recall::without_lot(fact);
            if !bare.is_empty() {
                lots.push((self.lot_of(NO_LOT), fact.sequence));
            }
            let of_items = bare.iter().map(|item| self.lot_of(&no_lot_of(item.as_deref())));
            lots.extend(of_items.map(|of| (of, fact.sequence)));
        }
    }
}

pub(super) fn cores() -> u64 {
    std::thread::available_parallelism().map_or(1, NonZero::get) as u64
}

/// Does each piece on a thread of its own; the results in their order.
pub(super) fn in_parallel<T: Send>(
    pieces: impl Iterator<Item = u64>,
    work: impl Fn(u64) -> T + Sync,
) -> Vec<T> {
    let work = &work;
    std::thread::scope(|scope| {
        let threads: Vec<_> = pieces.map(|piece| scope.spawn(move || work(piece))).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}
