//! A dose label and the maker's code of the package that it sticks on: two codes, one package.

use alloc::vec::Vec;

use jiff::SignedDuration;

use super::Held;
use crate::bedside::{World, assemble};
use crate::decide::{is_expired, package_identity};
use crate::scan::{Meaning, PackageCode, PackageKey, Scan, Source};

/// What the camera sees in one picture becomes steady within this time. Nobody puts one package away and shows another one sooner.
const ONE_PICTURE: SignedDuration = SignedDuration::from_secs(1);

/// Whether two codes are a label and the code under it, seen together by the camera.
pub(super) fn seen_together(known: &Held, new: &Held, world: &World<'_>) -> bool {
    let camera = |held: &Held| held.scan.source == Source::Camera;
    let together = new.at.duration_since(known.at).abs() <= ONE_PICTURE;
    together && camera(known) && camera(new) && (agree(known, new, world) || agree(new, known, world))
}

/// Joins one maker's code to a label that has none yet; false when there is no such pair.
pub(super) fn join_one(held: &mut Vec<Held>, world: &World<'_>) -> bool {
    let pair = held.iter().enumerate().find_map(|(label, one)| {
        let code = held.iter().position(|other| agree(one, other, world))?;
        Some((label, code))
    });
    let Some((label, code)) = pair else { return false };
    let scan = held[code].scan.clone();
    held[label].beside = Some(scan);
    held.remove(code);
    true
}

/// Whether the first is a label without a code of its package yet, and the second may be that code: of one item, and nothing that it says
/// besides speaks against it. What does (another lot, its day, a recall, a package that was used, one that holds several) is looked at as
/// a package of its own, and stops.
fn agree(label: &Held, package: &Held, world: &World<'_>) -> bool {
    let (Meaning::Dose(id), Meaning::Package(code), None) =
        (&label.scan.meaning, &package.scan.meaning, &label.beside)
    else {
        return false;
    };
    let items = (assemble::product_of(&label.scan, world), assemble::product_of(&package.scan, world));
    let (Some(item), Some(same)) = items else { return false };
    let dispensed = world.chart.dose(id).and_then(|dose| dose.lot.as_ref());
    let another_lot = dispensed.zip(code.lot.as_ref()).is_some_and(|(lot, printed)| !lot.is_same(printed));
    let recalled = code.lot.as_ref().is_some_and(|lot| world.formulary.recall_of(&item.id, lot).is_some());
    item.id == same.id
        && !another_lot
        && !recalled
        && !is_expired(&world.now, code)
        && !holds_several(code)
        && !is_spent(&package.scan, world)
}

/// M11: a GTIN with an indicator is of a level of packaging above the single one.
fn holds_several(code: &PackageCode) -> bool {
    matches!(&code.key, PackageKey::Gtin(gtin) if gtin.indicator() != 0)
}

/// M4: a package with this number was used, wasted or returned.
fn is_spent(scan: &Scan, world: &World<'_>) -> bool {
    package_identity(scan).is_some_and(|identity| {
        world.chart.used_at(&identity).is_some() || world.chart.disposed_as(&identity).is_some()
    })
}
