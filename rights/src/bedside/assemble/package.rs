//! What is in hand: from a scan to what the drug file and the pharmacy say to it.

use jiff::SignedDuration;

use super::super::World;
use super::super::dose::Held;
use crate::case::{PackageInHand, PackageKnown};
use crate::decide::{is_expired, package_identity};
use crate::product::{Product, Resolution};
use crate::scan::{Meaning, PackageCode, Scan, Source};

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

/// What the camera sees in one picture becomes steady within this time. Nobody puts one package away and shows another one sooner.
const ONE_PICTURE: SignedDuration = SignedDuration::from_secs(1);

/// Whether two codes are the label of a dose and the maker's code of the package that it sticks on, seen together by the camera: they are
/// one package, and the label names it better. What the maker's code says against it (another item, its day, a recall) is looked at as
/// if it were another package, and stops.
pub(in crate::bedside) fn is_one_package(known: &Held, new: &Held, world: &World<'_>) -> bool {
    let (label, package) = match (&known.scan.meaning, &new.scan.meaning) {
        (Meaning::Dose(_), Meaning::Package(code)) => (&known.scan, (&new.scan, code)),
        (Meaning::Package(code), Meaning::Dose(_)) => (&new.scan, (&known.scan, code)),
        _ => return false,
    };
    let (package, code) = package;
    let seen = |scan: &Scan| scan.source == Source::Camera;
    let together = new.at.duration_since(known.at).abs() <= ONE_PICTURE;
    let one_item = product_of(label, world).zip(product_of(package, world)).is_some_and(|(a, b)| {
        let recalled = code.lot.as_ref().is_some_and(|lot| world.formulary.recall_of(&b.id, lot).is_some());
        a.id == b.id && !recalled
    });
    seen(label) && seen(package) && together && one_item && !is_expired(&world.now, code)
}

pub(super) fn in_hand(held: &Held, world: &World<'_>) -> PackageInHand {
    let known = match &held.scan.meaning {
        Meaning::Package(code) => package(code, world),
        Meaning::Dose(id) => match world.chart.dose(id) {
            Some(dose) => match world.formulary.product(&dose.product) {
                Some(product) => PackageKnown::Product {
                    product: product.clone(),
                    recall: dose.lot.as_ref().and_then(|lot| world.formulary.recall_of(&product.id, lot)),
                    dose: Some(dose.clone()),
                },
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
