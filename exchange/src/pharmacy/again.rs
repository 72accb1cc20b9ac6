//! Packages that were put aside and then scanned again.

use std::collections::BTreeMap;

use rights::history::PackageIdentity;
use rights::ident::{ClinicianId, PatientId, ProductId};

use super::uses::Use;

/// A package without a serial number: whose hands, for whom, which item.
type Hand<'a> = (&'a ClinicianId, &'a PatientId, &'a ProductId);

/// A package that was put aside and then scanned again is that later one: by its identity, or, without one, any later package of the item
/// that the same nurse scanned for the same patient (as `rights::custody` takes it). It counts once, and what was wasted of it before goes
/// with it. What was wasted or returned whole before is gone: what was scanned later is another one.
pub(super) fn follow(packages: &mut Vec<Use<'_>>) {
    let later = later(packages);
    for at in by_time(packages) {
        if let Some(later) = later[at] {
            let disposed = std::mem::take(&mut packages[at].disposed);
            let (by, taken) = (packages[at].by, packages[at].taken);
            let later = &mut packages[later];
            later.disposed.splice(..0, disposed);
            // In the same hands it was there all the time in between.
            if later.by == by {
                later.taken = later.taken.min(taken);
            }
        }
    }
    let mut keep = later.into_iter().map(|later| later.is_none());
    packages.retain(|_| keep.next().unwrap_or(true));
}

fn by_time(packages: &[Use<'_>]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..packages.len()).collect();
    order.sort_by_key(|at| packages[*at].held_since());
    order
}

/// For each package the later one that it is, if it is one.
fn later(packages: &[Use<'_>]) -> Vec<Option<usize>> {
    let mut later: Vec<Option<usize>> = vec![None; packages.len()];
    let mut identities: BTreeMap<&PackageIdentity, usize> = BTreeMap::new();
    let mut hands: BTreeMap<Hand<'_>, Vec<usize>> = BTreeMap::new();
    let order = by_time(packages);
    let same_time = |a: &usize, b: &usize| packages[*a].held_since() == packages[*b].held_since();
    // Backwards, and what was put aside at one moment together: none of those is another of them.
    for together in order.chunk_by(same_time).rev() {
        for at in together.iter().rev().copied() {
            let used = &packages[at];
            let gone = used.rest().is_some_and(|rest| rest.amount.is_zero());
            if !used.aside || gone {
                continue;
            }
            later[at] = match used.identity {
                Some(identity) => identities.get(identity).copied(),
                None => hands.get_mut(&(used.by, used.patient, used.product)).and_then(Vec::pop),
            };
        }
        for at in together.iter().rev().copied() {
            let used = &packages[at];
            match used.identity {
                Some(identity) => drop(identities.insert(identity, at)),
                None => hands.entry((used.by, used.patient, used.product)).or_default().push(at),
            }
        }
    }
    later
}
