//! Second persons: W1 to W3.

use alloc::vec;
use alloc::vec::Vec;

use jiff::{SignedDuration, Timestamp};

use crate::case::DoseCase;
use crate::ident::ClinicianId;
use crate::person::Role;
use crate::policy::Policy;
use crate::product::Product;
use crate::quantity::Quantity;
use crate::verdict::{Check, Class, Evidence, Finding, Variance};
use crate::witness::{SecondPerson, Witness, WitnessRule};

/// W2: why this person may not be the second one beside the first, if so.
pub(crate) fn refusal(first: Option<&ClinicianId>, id: &ClinicianId, role: Role) -> Option<Variance> {
    if first == Some(id) {
        Some(Variance::WitnessIsGiver)
    } else if !role.may_witness() {
        Some(Variance::WitnessNotLicensed(role))
    } else {
        None
    }
}

/// W2: whether what is entered now is too long after the PIN; before it, the clock was set back.
pub(crate) fn is_too_late(who: &SecondPerson, at: Timestamp, policy: &Policy) -> bool {
    let passed = at.duration_since(who.signed_at);
    passed > policy.witness_within || passed < SignedDuration::ZERO
}

/// W2 of somebody who entered something.
pub(super) fn person(
    first: Option<&ClinicianId>,
    who: &SecondPerson,
    at: Timestamp,
    policy: &Policy,
) -> Option<Finding> {
    let late = is_too_late(who, at, policy).then_some(Variance::WitnessTooLate(policy.witness_within));
    let variance = refusal(first, &who.id, who.role).or(late)?;
    Some(Finding::variance(Check::W2, Class::Hard, variance))
}

/// W1 to W3 of the dose in hand.
pub(super) fn findings(case: &DoseCase, product: &Product, dose: Option<&Quantity>) -> Vec<Finding> {
    let Some(witness) = &case.answers.witness else {
        let asked = match product.marks.witness {
            WitnessRule::No => None,
            WitnessRule::Recommended => Some((Class::SoftReason, Variance::WitnessRecommended)),
            WitnessRule::Required => Some((Class::Choice, Variance::WitnessRequired)),
        };
        return asked
            .map(|(class, variance)| Finding::variance(Check::W1, class, variance))
            .into_iter()
            .collect();
    };
    let who = person(case.giver.as_ref(), &witness.who, witness.at, &case.policy);
    let said = differs(case, product, dose, witness);
    match (who, said) {
        (None, None) => vec![Finding::pass(Check::W3, Evidence::Witnessed(witness.who.id.clone()))],
        (who, said) => who
            .into_iter()
            .chain(said.map(|variance| Finding::variance(Check::W3, Class::Hard, variance)))
            .collect(),
    }
}

/// W3: the machine compares. An amount in the unit of the content is compared with the content in hand, another one with the
/// dose; one that is neither agrees with nothing.
fn differs(
    case: &DoseCase,
    product: &Product,
    dose: Option<&Quantity>,
    witness: &Witness,
) -> Option<Variance> {
    if witness.product != product.id {
        return Some(Variance::WitnessOtherProduct(witness.name.clone()));
    }
    let content = super::dose::content_in_hand(case);
    let mine = if witness.dose.unit.dimension() == product.package.unit.dimension() {
        content
    } else {
        dose.copied()
    };
    let agree = mine.and_then(|mine| mine.compare(&witness.dose)).is_some_and(core::cmp::Ordering::is_eq);
    if !agree {
        return Some(Variance::WitnessDiffers(mine.unwrap_or(product.package), witness.dose));
    }
    let set = case.answers.pump_rate()?;
    let same = witness.rate.and_then(|rate| rate.compare(&set)).is_some_and(core::cmp::Ordering::is_eq);
    (!same).then_some(Variance::WitnessRateDiffers(set, witness.rate))
}
