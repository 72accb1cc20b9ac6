//! What is in hand: from a scan to what the drug file and the pharmacy say to it.

use super::super::World;
use super::super::dose::Held;
use crate::case::{PackageInHand, PackageKnown};
use crate::decide::package_identity;
use crate::history::DispensedDose;
use crate::ident::Lot;
use crate::product::{Product, Resolution};
use crate::scan::{Meaning, PackageCode, Scan};

/// The one product of a scanned package, for the witness's own scan.
pub(in crate::bedside) fn product_of<'w>(scan: &Scan, world: &World<'w>) -> Option<&'w Product> {
    match &scan.meaning {
        Meaning::Package(code) => match world.formulary.resolve(&code.key) {
            Resolution::One(product) => Some(product),
            Resolution::Unknown | Resolution::Ambiguous => None,
        },
        Meaning::Dose(id) => world.formulary.product(&world.chart.dose(id)?.product),
        Meaning::Wristband(_) | Meaning::Badge(_) | Meaning::Nothing(_) => None,
    }
}

pub(super) fn in_hand(held: &Held, world: &World<'_>) -> PackageInHand {
    let known = match &held.scan.meaning {
        Meaning::Package(code) => package(code, world),
        Meaning::Dose(id) => match world.chart.dose(id) {
            Some(dose) => match world.formulary.product(&dose.product) {
                Some(product) => {
                    // A label that was printed for a record that was merged since is the same person's.
                    let patient = world.chart.current(&dose.patient).clone();
                    let dose = DispensedDose { patient, lot: lot_of(dose, held), ..dose.clone() };
                    PackageKnown::Product {
                        product: product.clone(),
                        recall: dose.lot.as_ref().and_then(|lot| world.formulary.recall_of(&product.id, lot)),
                        dose: Some(dose),
                    }
                }
                None => PackageKnown::Unknown,
            },
            None => PackageKnown::Unknown,
        },
        Meaning::Wristband(_) | Meaning::Badge(_) | Meaning::Nothing(_) => PackageKnown::Unknown,
    };
    let identity = package_identity(&held.scan);
    let used_at = identity.as_ref().and_then(|identity| world.chart.used_at(identity));
    let disposed = identity.as_ref().and_then(|identity| world.chart.disposed_as(identity));
    PackageInHand {
        scan: held.scan.clone(),
        scanned_at: held.at,
        known,
        used_at,
        disposed,
        taken: held.taken,
    }
}

/// As dispensed, or as the package under the label says.
fn lot_of(dose: &DispensedDose, held: &Held) -> Option<Lot> {
    let printed = held.beside.as_ref().and_then(|beside| match &beside.meaning {
        Meaning::Package(code) => code.lot.as_ref(),
        _ => None,
    });
    dose.lot.as_ref().or(printed).cloned()
}

fn package(code: &PackageCode, world: &World<'_>) -> PackageKnown {
    match world.formulary.resolve(&code.key) {
        Resolution::One(product) => PackageKnown::Product {
            product: product.clone(),
            recall: code.lot.as_ref().and_then(|lot| world.formulary.recall_of(&product.id, lot)),
            dose: None,
        },
        Resolution::Unknown => PackageKnown::Unknown,
        Resolution::Ambiguous => PackageKnown::Ambiguous,
    }
}
