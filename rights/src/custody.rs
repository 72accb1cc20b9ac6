//! Custody of controlled substances: what was opened and not given, or scanned and put aside, is in somebody's hands until it is
//! wasted before a witness or returned whole (W4). So is a patch that was taken off: it still holds much of its drug. Nothing here is stored: custody is what follows from the records and the moment.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use jiff::Timestamp;

use crate::amount::Amount;
use crate::chart::Chart;
use crate::follow_up::{Act, FollowUp};
use crate::history::{Administration, PackageIdentity, UsedPackage};
use crate::ident::{ClinicianId, PatientId, ProductId, ReasonCode};
use crate::moment::Moment;
use crate::policy::Policy;
use crate::product::{Controlled, Product, named};
use crate::quantity::{Quantity, Unit};
use crate::witness::SecondPerson;

named! {
    /// How a package that was not given, or what was left of it, ended.
    Disposal {
        /// Destroyed before a witness.
        Wasted = "wasted",
        /// Given back whole to the cabinet or the pharmacy.
        Returned = "returned",
    }
}

/// Names one package of one dose or of one attempt: one nurse does one thing at one instant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CustodyId {
    /// When the dose was given or put aside, or the patch taken off.
    pub at: Timestamp,
    /// By whom.
    pub by: ClinicianId,
    /// Which of its packages, from 0.
    pub place: u16,
}

/// Something that was wasted or returned.
#[derive(Clone, PartialEq, Eq)]
pub struct Disposed {
    /// The patient for whom it was taken.
    pub patient: PatientId,
    /// How it ended.
    pub how: Disposal,
    /// What it was a part of.
    pub of: CustodyId,
    /// Which item.
    pub product: ProductId,
    /// The single-use identity of its package.
    pub identity: Option<PackageIdentity>,
    /// How much, in the unit of the package's content.
    pub amount: Quantity,
    /// Why it was wasted, from the site's list.
    pub reason: Option<ReasonCode>,
    /// In the nurse's words, where the reason asks for them.
    pub note: Option<String>,
    /// By whom.
    pub by: ClinicianId,
    /// Who saw it; a return needs nobody.
    pub witness: Option<ClinicianId>,
    /// When.
    pub at: Timestamp,
}

/// Without the patient and the nurse's words.
impl fmt::Debug for Disposed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Disposed({}, ..)", self.how.name())
    }
}

/// Controlled packages that were scanned and not given: they are in the nurse's hands.
#[derive(Clone, PartialEq, Eq)]
pub struct SetAside {
    /// The patient for whom they were taken.
    pub patient: PatientId,
    /// Nothing of them was taken; all of it is left.
    pub packages: Vec<UsedPackage>,
    /// Who has them.
    pub by: ClinicianId,
    /// Since when.
    pub at: Timestamp,
}

/// Without the patient.
impl fmt::Debug for SetAside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SetAside({}, ..)", self.packages.len())
    }
}

/// The question "may this be recorded as wasted?". Nothing else is looked at.
#[derive(Clone, PartialEq, Eq)]
pub struct WasteCase {
    /// Now.
    pub now: Moment,
    /// The site's policy.
    pub policy: Arc<Policy>,
    /// Who wastes it.
    pub by: ClinicianId,
    /// The patient for whom it was taken.
    pub patient: PatientId,
    /// What it is a part of.
    pub of: CustodyId,
    /// The package that it is a part of.
    pub package: UsedPackage,
    /// What it is.
    pub product: Product,
    /// How much of it was wasted before.
    pub disposed: Quantity,
    /// How much is wasted now, as content or as an amount of the ingredient.
    pub amount: Quantity,
    /// Why, from the site's list.
    pub reason: ReasonCode,
    /// In the nurse's words.
    pub note: Option<String>,
    /// Who saw it, and what they typed.
    pub witness: Option<WasteWitness>,
}

/// The witness of a waste, with the amount that they typed without seeing the nurse's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WasteWitness {
    /// Who.
    pub who: SecondPerson,
    /// How much, by them.
    pub amount: Quantity,
    /// When they typed it.
    pub at: Timestamp,
}

/// Without the patient and the nurse's words.
impl fmt::Debug for WasteCase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WasteCase({}, ..)", self.product.id)
    }
}

/// One package in somebody's custody.
#[derive(Clone, PartialEq, Eq)]
pub struct InCustody<'a> {
    /// Its name for [`crate::bedside::Event::Waste`] and [`crate::bedside::Event::Return`].
    pub id: CustodyId,
    /// The patient for whom it was taken.
    pub patient: &'a PatientId,
    /// The package: what it is, what was given of it and what was left.
    pub package: UsedPackage,
    /// Its schedule.
    pub controlled: Controlled,
    /// How much was wasted or returned so far.
    pub disposed: Quantity,
    /// How much is unaccounted for; less than nothing when more was wasted than was left.
    pub remaining: Quantity,
    /// Until when it is to be wasted or returned.
    pub due: Timestamp,
    /// What is wrong with it, once something is.
    pub discrepancy: Option<Discrepancy>,
}

impl fmt::Debug for InCustody<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "InCustody({}, {:?}, ..)", self.package.product, self.discrepancy)
    }
}

named! {
    /// What does not add up, by the names of the pharmacy's report (PH2).
    Discrepancy {
        /// Nothing was wasted or returned in time.
        NoWaste = "NO-WASTE",
        /// What was wasted is not what was left.
        AmountMismatch = "AMOUNT-MISMATCH",
    }
}

impl InCustody<'_> {
    /// Whether nothing of it was given or wasted, so that it can be returned.
    pub fn is_whole(&self) -> bool {
        self.package.taken.amount.is_zero() && self.disposed.amount.is_zero()
    }

    /// What is unaccounted for as an amount of the product's one ingredient; `None` for a combination.
    pub fn remaining_ingredient(&self, product: &Product) -> Option<Quantity> {
        match product.ingredients_in(&self.remaining)?.as_slice() {
            [only] => Some(only.amount),
            _ => None,
        }
    }
}

/// An amount of a package's content, said as content or as an amount of the product's one ingredient; `None` when it is neither.
pub(crate) fn as_content(product: &Product, amount: &Quantity) -> Option<Quantity> {
    let unit = product.package.unit;
    if let Some(content) = amount.in_unit(unit) {
        return Some(Quantity::new(content, unit));
    }
    let [strength] = product.strengths.as_slice() else { return None };
    let times = amount.in_unit(strength.amount.unit)?.over(strength.amount.amount)?;
    let content = product.per.times(times)?;
    Some(Quantity::new(content.in_unit(unit)?, unit))
}

/// What left custody by itself: a package that was put aside, scanned again and given, or put aside again.
struct Later<'a> {
    at: Timestamp,
    by: &'a ClinicianId,
    patient: &'a PatientId,
    packages: &'a [UsedPackage],
}

/// A package without a serial number that was scanned, and may be one that was put aside before.
struct Unserialled<'a> {
    at: Timestamp,
    by: &'a ClinicianId,
    patient: &'a PatientId,
    product: &'a ProductId,
}

/// Every controlled package that is not accounted for, the one due first first.
pub fn in_custody<'a>(chart: &'a Chart, policy: &Policy, now: Timestamp) -> Vec<InCustody<'a>> {
    let given = chart.history.iter().map(|done| Later {
        at: done.at,
        by: &done.by,
        patient: &done.patient,
        packages: &done.packages,
    });
    let aside = chart.set_aside.iter().map(|aside| Later {
        at: aside.at,
        by: &aside.by,
        patient: &aside.patient,
        packages: &aside.packages,
    });
    let mut found: Vec<InCustody<'a>> = Vec::new();
    for done in &chart.history {
        let whose = (&done.patient, &done.by, done.at);
        found.extend(items(chart, policy, now, whose, &done.packages, &[], &mut Vec::new()));
    }
    for off in chart.follow_ups.iter().filter(|done| done.act == Act::PatchRemoved) {
        let (Some(by), Some(applied)) = (&off.by, chart.administration(&off.of)) else { continue };
        if !has_the_patch(chart, off) {
            continue;
        }
        let patches = taken_off(applied);
        let whose = (&off.patient, by, off.at);
        found.extend(items(chart, policy, now, whose, &patches, &[], &mut Vec::new()));
    }
    let later: Vec<Later<'a>> = given.chain(aside).collect();
    let without_serial = |later: &'_ Later<'a>| {
        let (at, by, patient) = (later.at, later.by, later.patient);
        let packages = later.packages.iter().filter(|package| package.identity.is_none());
        packages
            .map(move |package| Unserialled { at, by, patient, product: &package.product })
            .collect::<Vec<_>>()
    };
    let mut unserialled: Vec<Unserialled<'a>> = later.iter().flat_map(without_serial).collect();
    // The latest first: fewer of the packages that were scanned later can be its own.
    for set in chart.set_aside.iter().rev() {
        let after: Vec<&Later<'_>> = later.iter().filter(|later| later.at > set.at).collect();
        let whose = (&set.patient, &set.by, set.at);
        found.extend(items(chart, policy, now, whose, &set.packages, &after, &mut unserialled));
    }
    found.sort_by(|a, b| a.due.cmp(&b.due).then_with(|| a.id.cmp(&b.id)));
    found
}

/// Whether who charted this removal has the patch. Two kiosks that did not reach each other chart two, and it came off once: whoever wasted
/// it had it, else the first.
fn has_the_patch(chart: &Chart, off: &FollowUp) -> bool {
    let removals = || chart.follow_ups_of(&off.of).filter(|done| done.act == Act::PatchRemoved);
    let wasted = |off: &&FollowUp| {
        chart.disposed.iter().any(|done| done.of.at == off.at && Some(&done.of.by) == off.by.as_ref())
    };
    removals().find(wasted).or_else(|| removals().next()).is_some_and(|holder| core::ptr::eq(holder, off))
}

/// The packages of a dose as they are when its patches are taken off: each patch is left.
fn taken_off(applied: &Administration) -> Vec<UsedPackage> {
    let worn = |package: &UsedPackage| {
        let patch = package.taken.unit == Unit::Patch;
        let left = if patch { package.taken } else { Quantity::new(Amount::ZERO, package.taken.unit) };
        UsedPackage { left, ..package.clone() }
    };
    applied.packages.iter().map(worn).collect()
}

fn items<'a>(
    chart: &'a Chart,
    policy: &Policy,
    now: Timestamp,
    whose: (&'a PatientId, &ClinicianId, Timestamp),
    packages: &[UsedPackage],
    later: &[&Later<'_>],
    unserialled: &mut Vec<Unserialled<'_>>,
) -> Vec<InCustody<'a>> {
    let (patient, by, at) = whose;
    let mut found = Vec::new();
    for (place, package) in packages.iter().enumerate() {
        let Some(controlled) = package.controlled.filter(|_| package.left.amount.is_positive()) else {
            continue;
        };
        let id = CustodyId { at, by: by.clone(), place: u16::try_from(place).unwrap_or(u16::MAX) };
        let nothing = Quantity::new(Amount::ZERO, package.left.unit);
        let disposed = chart.disposed_of(&id).try_fold(nothing, |sum, done| sum.plus(&done.amount));
        // What cannot be added up stays open.
        let (disposed, remaining) = disposed
            .and_then(|disposed| Some((disposed, package.left.minus(&disposed)?)))
            .unwrap_or((nothing, package.left));
        // What was wasted is no package that is scanned later.
        if remaining.amount.is_zero() {
            continue;
        }
        let scanned_again = if package.identity.is_some() {
            later.iter().any(|later| later.packages.iter().any(|p| p.identity == package.identity))
        } else {
            // It cannot be told apart: a later one of the same nurse, patient and item is this one, and no other one as well.
            let own = |one: &Unserialled<'_>| {
                one.at > at && one.by == by && one.patient == patient && *one.product == package.product
            };
            let again = unserialled.iter().position(own);
            again.map(|place| unserialled.swap_remove(place)).is_some()
        };
        if scanned_again {
            continue;
        }
        let due = at.checked_add(policy.waste_within).unwrap_or(at);
        let discrepancy = if !disposed.amount.is_zero() {
            Some(Discrepancy::AmountMismatch)
        } else if now >= due {
            Some(Discrepancy::NoWaste)
        } else {
            None
        };
        let package = package.clone();
        found.push(InCustody { id, patient, package, controlled, disposed, remaining, due, discrepancy });
    }
    found
}
