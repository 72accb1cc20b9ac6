//! Packages that are put aside: pending ones become void, and controlled ones stay in custody.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::super::phase::Phase;
use super::super::{Bedside, Effect, World, record};
use crate::amount::Amount;
use crate::case::{DoseCase, PackageInHand};
use crate::custody::SetAside;
use crate::decide::{lot, package_identity};
use crate::entry::{Detached, EntryKind, Inputs};
use crate::history::{Record, UsedPackage};
use crate::ident::Lot;
use crate::quantity::Quantity;
use crate::scan::Meaning;

impl Bedside {
    /// The package scanned last is put aside, and that is recorded. What is left is evaluated again.
    pub(in crate::bedside) fn put_back(&mut self, world: &World<'_>) -> Vec<Effect> {
        let mut effects = self.void("put-back", true, world);
        let Phase::Dose(dose) = &self.phase else { return effects };
        let mut held = dose.held.clone();
        held.pop();
        if held.is_empty() {
            self.phase = Phase::DueList { notice: None };
            return effects;
        }
        let answers = dose.answers.clone();
        effects.extend(self.evaluate(held, answers, world, None));
        effects
    }

    /// Pending packages become void, and that is recorded.
    pub(in crate::bedside) fn void_pending(&mut self, reason: &str, world: &World<'_>) -> Vec<Effect> {
        self.void(reason, false, world)
    }

    fn void(&mut self, reason: &str, only_last: bool, world: &World<'_>) -> Vec<Effect> {
        self.leave_second(None);
        let Phase::Dose(dose) = &self.phase else { return Vec::new() };
        let from = if only_last { dose.case.packages.len().saturating_sub(1) } else { 0 };
        let mut draft = record::plain(EntryKind::Abandoned, Some(reason));
        draft.clear.product = dose.case.product().map(|product| product.id.clone());
        draft.clear.lot = lot_in_hand(&dose.case);
        draft.detached = Some(Detached {
            patient: self.patient().map(|identified| identified.id.clone()),
            inputs: Some(Inputs::Dose(Arc::clone(&dose.case))),
            record: self.set_aside(&dose.case, from, world).map(Record::SetAside),
            answers: dose.answers.reasons.clone(),
            scanned: dose.held.last().map(|held| held.scan.text.clone()),
        });
        self.record(draft, world).into_iter().collect()
    }

    /// The controlled packages among these stay in the nurse's custody.
    fn set_aside(&self, case: &DoseCase, from: usize, world: &World<'_>) -> Option<SetAside> {
        let controlled = |package: &&PackageInHand| {
            let of_nobody = package.used_at.is_none() && package.disposed.is_none();
            of_nobody && package.product().is_some_and(|product| product.controlled.is_some())
        };
        let packages: Vec<UsedPackage> =
            case.packages.iter().skip(from).filter(controlled).filter_map(untouched).collect();
        if packages.is_empty() {
            return None;
        }
        let session = self.session.as_ref()?;
        let patient = self.patient()?.id.clone();
        Some(SetAside { patient, packages, by: session.clinician.id.clone(), at: world.now.at })
    }
}

/// A package of which nothing was taken.
fn untouched(package: &PackageInHand) -> Option<UsedPackage> {
    let product = package.product()?;
    Some(UsedPackage {
        product: product.id.clone(),
        identity: package_identity(&package.scan),
        lot: lot_of(package).cloned(),
        taken: Quantity::new(Amount::ZERO, product.package.unit),
        left: product.package,
        controlled: product.controlled,
    })
}

pub(super) fn lot_of(package: &PackageInHand) -> Option<&Lot> {
    use crate::case::PackageKnown;
    let code = match &package.scan.meaning {
        Meaning::Package(code) => Some(code),
        _ => None,
    };
    let dose = match &package.known {
        PackageKnown::Product { dose, .. } => dose.as_ref(),
        PackageKnown::Unknown | PackageKnown::Ambiguous => None,
    };
    lot(code, dose)
}

/// The lot of the package scanned last.
pub(in crate::bedside) fn lot_in_hand(case: &DoseCase) -> Option<Lot> {
    case.packages.last().and_then(lot_of).cloned()
}
