//! PH3: each nurse beside the peers of the unit. Who stands out is listed, nobody is accused.

use std::collections::{BTreeMap, HashSet};

use jiff::Timestamp;
use ledger::reading::Book;
use rights::custody::Disposal;
use rights::ident::ClinicianId;

use super::account::accounts;
use super::discrepancy::Limits;
use super::dispenses::{Dispense, Kind};
use super::range::Range;
use super::rest::Rest;
use super::uses::{Use, Uses};
use super::worked::Worked;

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Measure {
    /// Removals of controlled substances for each shift worked.
    Removals,
    /// Share of controlled packages that were wasted whole.
    FullDoseWaste,
    /// Share of remainders wasted later than the policy allows, or never.
    LateWaste,
    /// Share of the nurse's wastes that one and the same witness signed.
    SameWitness,
}

impl Measure {
    /// Every measure.
    pub const ALL: [Self; 4] = [Self::Removals, Self::FullDoseWaste, Self::LateWaste, Self::SameWitness];

    /// For people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Removals => "removals per shift",
            Self::FullDoseWaste => "share wasted whole",
            Self::LateWaste => "share wasted late or never",
            Self::SameWitness => "share with the same witness",
        }
    }

    /// Peers hardly differ by less: a smaller spread would make everybody stand out.
    const fn least_spread(self) -> f64 {
        match self {
            Self::Removals => 0.5,
            Self::FullDoseWaste | Self::LateWaste => 0.05,
            Self::SameWitness => 0.1,
        }
    }
}

/// One nurse in one measure.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Who.
    pub nurse: ClinicianId,
    /// The unit of the peers.
    pub unit: String,
    /// In what.
    pub measure: Measure,
    /// Of how many shifts, packages, remainders or wastes.
    pub of: u64,
    /// The nurse's value.
    pub value: f64,
    /// The mean of the peers.
    pub mean: f64,
    /// How many standard deviations of the peers above their mean.
    pub z: f64,
}

/// Fewer are no habit.
const LEAST: u64 = 5;

#[derive(Default)]
struct Counts {
    shifts: u64,
    removals: u64,
    packages: u64,
    whole: u64,
    remainders: u64,
    late: u64,
    witnesses: BTreeMap<ClinicianId, u64>,
}

/// Every nurse in every measure that can be told of the range, by unit. A package is judged when it is clear what became of it, at the time
/// until which its rest is to be wasted: a dose before midnight may be wasted after it.
#[allow(clippy::cast_precision_loss, reason = "counts of one ward")]
pub fn standings(
    book: &Book,
    uses: &Uses<'_>,
    dispenses: &[Dispense],
    (limits, range): (Limits, Range),
) -> Vec<Standing> {
    let worked = Worked::of(book, range);
    let mut units: BTreeMap<&str, BTreeMap<&ClinicianId, Counts>> = BTreeMap::new();
    for ((unit, id), shifts) in &worked.shifts {
        units.entry(unit).or_default().entry(id).or_default().shifts = shifts.len() as u64;
    }
    // Each package counts where the nurse worked then.
    let mut counts_of = |id: &ClinicianId, at: Timestamp, change: &mut dyn FnMut(&mut Counts)| {
        if let Some((unit, id)) = worked.unit(id, at) {
            change(units.entry(unit).or_default().entry(id).or_default());
        }
    };
    for row in dispenses.iter().filter(|row| row.kind == Kind::Removal && range.holds(row.at)) {
        if !uses.is_controlled(&row.product) {
            continue;
        }
        if let Some(by) = &row.by {
            counts_of(by, row.at, &mut |counts| counts.removals += 1);
        }
    }
    let accounts = accounts(uses, dispenses, limits.matched);
    let came_back = accounts.iter().flat_map(|account| account.came_back.iter().copied());
    let came_back: HashSet<*const Use<'_>> = came_back.map(std::ptr::from_ref).collect();
    for used in uses.packages.iter().filter(|used| used.controlled) {
        let wastes = || used.disposed.iter().filter(|disposed| disposed.how == Disposal::Wasted);
        let signed =
            wastes().filter(|one| range.holds(one.at)).filter_map(|one| Some((one.at, one.witness?)));
        for (at, witness) in signed {
            counts_of(used.by, at, &mut |counts| {
                *counts.witnesses.entry(witness.clone()).or_default() += 1;
            });
        }
        let judged = used.held_since().checked_add(limits.waste).unwrap_or(Timestamp::MAX);
        if !range.holds(judged) || judged > range.end {
            continue;
        }
        let rest = Rest::of(used, limits.waste).filter(|_| !came_back.contains(&std::ptr::from_ref(used)));
        counts_of(used.by, used.at, &mut |counts| {
            counts.packages += 1;
            counts.whole += u64::from(used.given.amount.is_zero() && wastes().next().is_some());
            counts.remainders += u64::from(rest.is_some());
            counts.late += u64::from(rest.as_ref().is_some_and(|rest| !rest.in_time(used)));
        });
    }
    let mut found = Vec::new();
    for (unit, nurses) in &units {
        for measure in Measure::ALL {
            let values: Vec<(&ClinicianId, u64, f64)> = nurses
                .iter()
                .filter_map(|(id, counts)| value(measure, counts).map(|(of, value)| (*id, of, value)))
                .collect();
            for (nurse, of, own) in &values {
                let peers: Vec<f64> =
                    values.iter().filter(|(id, ..)| id != nurse).map(|(_, _, value)| *value).collect();
                if peers.len() < 2 || *of < LEAST {
                    continue;
                }
                let mean = peers.iter().sum::<f64>() / peers.len() as f64;
                let variance =
                    peers.iter().map(|peer| (peer - mean).powi(2)).sum::<f64>() / (peers.len() - 1) as f64;
                let z = (own - mean) / variance.sqrt().max(measure.least_spread());
                let unit = (*unit).to_owned();
                found.push(Standing {
                    nurse: (*nurse).clone(),
                    unit,
                    measure,
                    of: *of,
                    value: *own,
                    mean,
                    z,
                });
            }
        }
    }
    found
}

#[allow(clippy::cast_precision_loss, reason = "counts of one ward")]
fn value(measure: Measure, counts: &Counts) -> Option<(u64, f64)> {
    let share = |part: u64, of: u64| (of > 0).then(|| (of, part as f64 / of as f64));
    match measure {
        Measure::Removals => {
            (counts.shifts > 0).then(|| (counts.removals, counts.removals as f64 / counts.shifts as f64))
        }
        Measure::FullDoseWaste => share(counts.whole, counts.packages),
        Measure::LateWaste => share(counts.late, counts.remainders),
        Measure::SameWitness => {
            let all = counts.witnesses.values().sum();
            // Of few wastes one witness always has a large share.
            (all >= LEAST)
                .then(|| share(counts.witnesses.values().copied().max().unwrap_or(0), all))
                .flatten()
        }
    }
}
