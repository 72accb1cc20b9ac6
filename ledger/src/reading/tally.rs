//! What is counted of every entry of a range, so that a report need not open those that it only counts.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::Fact;
use crate::kind::Kind;

/// Counts of a range.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// The latest time of recording, by the wall clock.
    pub latest: Option<Timestamp>,
    /// Entries of each kind.
    pub kinds: BTreeMap<Kind, u64>,
    /// Entries by how their code was read: source and symbology.
    pub codes: BTreeMap<(String, Option<String>), u64>,
    /// The first ward that patient data names.
    pub ward: Option<String>,
}

impl Tally {
    pub(crate) fn of(facts: &[Fact]) -> Self {
        let mut tally = Self::default();
        for fact in facts {
            let code = fact.source.as_deref().map(|source| (source, fact.symbology.as_deref()));
            let ward = fact.detail.as_ref().and_then(|detail| detail.ward.as_ref());
            tally.add(fact.at, fact.kind, code, ward.map(rights::ident::WardId::as_str));
        }
        tally
    }

    /// One more entry.
    pub(crate) fn add(
        &mut self,
        at: Timestamp,
        kind: Kind,
        code: Option<(&str, Option<&str>)>,
        ward: Option<&str>,
    ) {
        self.latest = self.latest.max(Some(at));
        *self.kinds.entry(kind).or_default() += 1;
        if let Some((source, symbology)) = code {
            // A handful of codes: looking through them costs less than a key of its own for each entry.
            let same =
                |known: &(String, Option<String>)| known.0 == source && known.1.as_deref() == symbology;
            match self.codes.iter_mut().find(|(known, _)| same(known)) {
                Some((_, count)) => *count += 1,
                None => _ = self.codes.insert((source.to_owned(), symbology.map(str::to_owned)), 1),
            }
        }
        if self.ward.is_none() {
            self.ward = ward.map(str::to_owned);
        }
    }

    /// Adds what was counted after this.
    pub(crate) fn then(&mut self, next: Self) {
        self.latest = self.latest.max(next.latest);
        for (kind, count) in next.kinds {
            *self.kinds.entry(kind).or_default() += count;
        }
        for (code, count) in next.codes {
            *self.codes.entry(code).or_default() += count;
        }
        self.ward = self.ward.take().or(next.ward);
    }
}
