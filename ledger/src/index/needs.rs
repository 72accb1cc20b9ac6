//! What each report looks at, so that an index opens no more. A test holds every report from an index against the same report from
//! the ledger, byte by byte.

use crate::kind::Kind as Entry;
use crate::reading::{Fact, Known};
use crate::report::Kind;

/// What an entry is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Group {
    /// A dose entered the patient.
    Dose,
    /// A verdict with a package in hand that can be used.
    Package,
    /// A verdict that stops, or whose package led to no single item.
    Stopped,
    /// Any other verdict: who the patient is.
    Patient,
    /// Everything else.
    Other,
}

impl Group {
    pub(super) const ALL: [Self; 5] = [Self::Dose, Self::Package, Self::Stopped, Self::Patient, Self::Other];

    pub(super) fn of(fact: &Fact) -> Self {
        match fact.kind {
            _ if fact.is_dose() => Self::Dose,
            Entry::VERDICT | Entry::UNIDENTIFIED => {
                match fact.detail.as_ref().and_then(|detail| detail.packages.last()) {
                    None => Self::Patient,
                    Some(last) if last.known != Known::One || fact.stops().next().is_some() => Self::Stopped,
                    Some(_) => Self::Package,
                }
            }
            _ => Self::Other,
        }
    }
}

/// How much of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Depth {
    /// Only that it is there, when and of which kind.
    Nothing,
    /// What anybody may read, and whose it is.
    Clear,
    /// And who, how, with which packages, for which order.
    Near,
    /// Everything.
    Far,
}

/// How much of each group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Needs([Depth; 5]);

impl Needs {
    /// Everything of all.
    pub(super) const ALL: Self = Self([Depth::Far; 5]);

    pub(super) const fn of(self, group: Group) -> Depth {
        let [dose, package, stopped, patient, other] = self.0;
        match group {
            Group::Dose => dose,
            Group::Package => package,
            Group::Stopped => stopped,
            Group::Patient => patient,
            Group::Other => other,
        }
    }

    /// What a report looks at.
    pub(super) const fn of_report(kind: Kind) -> Self {
        use Depth::{Clear, Far, Near, Nothing};
        // Corrections are among the others, and say which dose they take back in what was done.
        Self(match kind {
            Kind::Scanning => [Near, Nothing, Nothing, Near, Far],
            Kind::Bypass => [Near, Nothing, Near, Nothing, Far],
            Kind::Alerts | Kind::NearMisses => [Clear, Clear, Clear, Near, Near],
            Kind::Timeliness | Kind::Effects => [Near, Nothing, Nothing, Nothing, Far],
            Kind::Rhythm => [Near, Nothing, Nothing, Near, Nothing],
            Kind::Witnesses => [Nothing, Nothing, Nothing, Nothing, Near],
            Kind::Corrections => [Clear, Nothing, Nothing, Nothing, Far],
            Kind::Access => [Clear, Clear, Clear, Clear, Clear],
            Kind::Integrity => [Nothing, Nothing, Nothing, Nothing, Nothing],
            Kind::Workarounds => [Near, Clear, Near, Near, Far],
        })
    }
}
