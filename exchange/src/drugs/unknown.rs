//! Codes on packages that no item of the drug file had when they were scanned.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use rights::case::{DoseCase, PackageKnown};
use rights::scan::{Meaning, PackageKey};

/// The scans of one code. One stands in several entries while the dose is in hand, with others between: its instant tells it apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scans {
    times: BTreeSet<Timestamp>,
    entry: u64,
}

impl Scans {
    /// Hears of a scan in an entry.
    pub fn hear(&mut self, at: Timestamp, entry: u64) {
        self.times.insert(at);
        self.entry = self.entry.max(entry);
    }

    /// How many there were.
    pub fn count(&self) -> u64 {
        self.times.len() as u64
    }

    /// The first one.
    pub fn first(&self) -> Option<Timestamp> {
        self.times.first().copied()
    }

    /// The last one.
    pub fn last(&self) -> Option<Timestamp> {
        self.times.last().copied()
    }

    /// The last entry with one.
    pub const fn entry(&self) -> u64 {
        self.entry
    }
}

/// The unknown codes of a ledger.
#[derive(Clone, Debug, Default)]
pub struct UnknownCodes(BTreeMap<PackageKey, Scans>);

impl UnknownCodes {
    /// Hears the packages of an entry.
    pub fn hear(&mut self, case: &DoseCase, entry: u64) {
        for package in &case.packages {
            if let (Meaning::Package(code), PackageKnown::Unknown) = (&package.scan.meaning, &package.known) {
                self.0.entry(code.key.clone()).or_default().hear(package.scanned_at, entry);
            }
        }
    }

    /// Each code with its scans.
    pub fn iter(&self) -> impl Iterator<Item = (&PackageKey, &Scans)> {
        self.0.iter()
    }

    /// How many codes there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scan_counts_once_in_however_many_entries_it_stands() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let mut scans = Scans::default();
        // Two packages with the same code, both in hand until the third entry.
        for (entry, times) in [(4, vec![1]), (5, vec![1, 2]), (6, vec![1, 2])] {
            for second in times {
                scans.hear(at(second), entry);
            }
        }
        assert_eq!((scans.count(), scans.entry()), (2, 6));
        assert_eq!((scans.first(), scans.last()), (Some(at(1)), Some(at(2))));
    }
}
