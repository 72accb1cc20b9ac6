//! What an order and a patient make a dose depend on: hold parameters (C2, C3), pairs (C4), nil by mouth (C5) and hazardous drugs
//! (C6).

use alloc::vec::Vec;

use crate::case::DoseCase;
use crate::course;
use crate::entered::Observation;
use crate::history::Administration;
use crate::ident::{Ingredient, ObservationCode};
use crate::person::Patient;
use crate::policy::Policy;
use crate::product::{Mark, Product, Route};
use crate::request::{HoldWhen, ObservationKind, Request};
use crate::verdict::{Check, Class, Evidence, Finding, Variance};

/// C2 and C3. A value is used while it is young enough; without one nothing is given, and no reason stands for it.
pub(super) fn hold_parameters(case: &DoseCase, request: &Request) -> Vec<Finding> {
    request.conditions.hold_when.iter().map(|hold| hold_parameter(case, hold)).collect()
}

fn hold_parameter(case: &DoseCase, hold: &HoldWhen) -> Finding {
    let check = match hold.kind {
        ObservationKind::VitalSign => Check::C2,
        ObservationKind::Laboratory => Check::C3,
    };
    let youngest = youngest(case, &hold.what);
    let usable = youngest.filter(|seen| is_young(case, seen, case.policy.lasts(&hold.what, hold.kind)));
    match usable.and_then(|seen| Some((seen, hold.holds(&seen.value)?))) {
        Some((seen, true)) => {
            let variance = Variance::HoldParameter(seen.clone(), hold.clone());
            Finding::variance(check, Class::SoftContact, variance)
        }
        Some((seen, false)) => Finding::pass(check, Evidence::WithinParameter(seen.clone())),
        None => {
            let missing = Variance::ObservationMissing(hold.what.clone(), hold.limit.unit, youngest.cloned());
            Finding::variance(check, Class::Choice, missing)
        }
    }
}

/// The youngest value that is known; of two at one instant the one that was entered here.
pub(super) fn youngest<'a>(case: &'a DoseCase, what: &ObservationCode) -> Option<&'a Observation> {
    let known = case.observations.iter().chain(case.answers.observations());
    known.filter(|seen| seen.what == *what && seen.at <= case.now.at).max_by_key(|seen| seen.at)
}

/// At most so old; the limit itself is young.
pub(super) fn is_young(case: &DoseCase, seen: &Observation, lasts: jiff::SignedDuration) -> bool {
    case.now.at.duration_since(seen.at) <= lasts
}

/// C4. What the pharmacist saw when the order was verified was weighed then; a dose after that is new. An infusion that runs and a patch
/// that is on are being given now, however long ago they were begun.
pub(super) fn contraindicated(case: &DoseCase, product: &Product, request: &Request) -> Vec<Finding> {
    let lately = |done: &Administration| {
        case.at().duration_since(done.at) <= case.policy.contraindicated_within
            || course::goes_on(done, &case.history, &case.follow_ups)
    };
    let recent = |done: &&Administration| {
        done.outcome.entered_patient()
            && lately(done)
            && request.verified.is_none_or(|verified| done.at > verified)
    };
    case.history
        .iter()
        .filter(recent)
        .filter_map(|done| Some((pair_of(product, done, &case.policy)?, done.at)))
        .map(|(other, at)| {
            Finding::variance(Check::C4, Class::SoftContact, Variance::Contraindicated(other.clone(), at))
        })
        .collect()
}

/// The ingredient of `done` that must not be given together with one of `product`.
fn pair_of<'a>(product: &Product, done: &'a Administration, policy: &Policy) -> Option<&'a Ingredient> {
    let both = |of_product: &Ingredient, of_done: &Ingredient, given: &Ingredient| {
        product.holds_substance(of_product) && given.is_same_substance(of_done)
    };
    let partners = |given: &Ingredient| {
        let mut pairs = policy.contraindicated.iter();
        pairs.any(|(one, other)| both(one, other, given) || both(other, one, given))
    };
    done.ingredients.iter().map(|strength| &strength.ingredient).find(|ingredient| partners(ingredient))
}

/// C4: whether a dose matters for a product because of a pair.
pub(crate) fn forms_a_pair(product: &Product, done: &Administration, policy: &Policy) -> bool {
    pair_of(product, done, policy).is_some()
}

/// C5.
pub(super) fn nil_by_mouth(case: &DoseCase, patient: &Patient, route: Route) -> Option<Finding> {
    let forbidden = patient.flags.nil_by_mouth && case.policy.enteral_routes.contains(&route);
    forbidden.then(|| Finding::variance(Check::C5, Class::SoftReason, Variance::NilByMouth))
}

/// C6.
pub(super) fn hazardous(product: &Product) -> Option<Finding> {
    product.marks.has(Mark::Hazardous).then(|| Finding::variance(Check::C6, Class::Info, Variance::Hazardous))
}
