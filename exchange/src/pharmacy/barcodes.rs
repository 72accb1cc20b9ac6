//! PH6: codes that were scanned as packages and led to no single item.

use std::collections::BTreeMap;

use ledger::kind::Kind;
use ledger::reading::{Book, Known, Line};

use super::range::Range;
use crate::drugs::unknown::Scans;

/// One code.
#[derive(Clone, Debug)]
pub struct Code<'a> {
    /// GTIN, NDC, HIBC or dose id; of an unreadable code its text.
    pub code: String,
    /// What the drug file said.
    pub known: Known,
    /// Its scans.
    pub scans: Scans,
    /// The entry of the last one.
    pub last: &'a Line,
}

/// The codes that were scanned in the range, the most frequent first.
pub fn codes(book: &Book, range: Range) -> Vec<Code<'_>> {
    let mut found: BTreeMap<(Known, String), Code<'_>> = BTreeMap::new();
    let verdicts = book.lines.iter().filter(|line| line.fact.kind == Kind::VERDICT);
    for line in verdicts.filter(|line| range.is_begun(line.fact.at)) {
        let Some(package) = line.fact.detail.as_ref().and_then(|detail| detail.packages.last()) else {
            continue;
        };
        if package.known == Known::One {
            continue;
        }
        let key = (package.known, package.code.clone());
        let code = found.entry(key).or_insert_with(|| Code {
            code: package.code.clone(),
            known: package.known,
            scans: Scans::default(),
            last: line,
        });
        code.scans.hear(package.at, line.fact.sequence);
        code.last = line;
    }
    let mut codes: Vec<Code<'_>> = found.into_values().collect();
    codes.sort_by(|a, b| b.scans.count().cmp(&a.scans.count()).then_with(|| a.code.cmp(&b.code)));
    codes
}
