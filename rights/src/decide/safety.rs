//! What protects every right: allergies (C1), the age of the orders (S2) and the clock (T10).

use alloc::vec::Vec;

use jiff::{SignedDuration, Timestamp};

use crate::case::DoseCase;
use crate::moment::{ClockTrust, Moment};
use crate::person::{Allergen, Allergy, Patient};
use crate::policy::Policy;
use crate::product::Product;
use crate::request::Request;
use crate::verdict::{Check, Class, Evidence, Finding, Variance};

/// C1 of a dose that is given now, or that the nurse says was given at another time (S3).
pub(crate) fn allergies(
    patient: &Patient,
    product: &Product,
    request: &Request,
    given_at: Option<Timestamp>,
) -> Vec<Finding> {
    let one = |allergy| one_allergy(allergy, product, request, given_at);
    let mut found: Vec<Finding> = patient.allergies.iter().filter_map(one).collect();
    if found.is_empty() {
        found.push(Finding::pass(Check::C1, Evidence::NoAllergy));
    }
    found
}

/// The earliest instant at which an allergy may have been recorded. A record that names a day alone has the midnight after it
/// ([`Allergy::recorded`]), and midnight of every zone is a whole quarter of an hour; a day has up to 25 hours.
fn earliest(recorded: Timestamp) -> Timestamp {
    let whole = recorded.as_second() % (15 * 60) == 0 && recorded.subsec_nanosecond() == 0;
    let day = SignedDuration::from_hours(25);
    if whole { recorded.checked_sub(day).unwrap_or(Timestamp::MIN) } else { recorded }
}

fn one_allergy(
    allergy: &Allergy,
    product: &Product,
    request: &Request,
    given_at: Option<Timestamp>,
) -> Option<Finding> {
    let text = || allergy.text.clone();
    let since = allergy.recorded.filter(|recorded| given_at.is_some_and(|at| at < earliest(*recorded)));
    let (class, variance) = match &allergy.to {
        Allergen::Ingredient(ingredient) if product.holds_substance(ingredient) => {
            // An acceptance counts only when it is known to be later than the record of the allergy.
            let accepted =
                matches!((request.allergy_accepted, allergy.recorded), (Some(a), Some(r)) if a > r);
            if accepted {
                (Class::Info, Variance::AllergyAccepted(text()))
            } else if let Some(at) = since {
                (Class::SoftReason, Variance::AllergySince(text(), at))
            } else {
                (Class::Hard, Variance::AllergyIngredient(text()))
            }
        }
        Allergen::Class(class) if product.allergy_classes.contains(class) => {
            (Class::SoftReason, Variance::AllergyClass(text()))
        }
        Allergen::TextOnly => (Class::Info, Variance::AllergyTextOnly(text())),
        Allergen::Ingredient(_) | Allergen::Class(_) => return None,
    };
    Some(Finding::variance(Check::C1, class, variance))
}

/// S3. A dose is charted when it is given; later than policy allows it is backdated, with a reason. Nothing is charted of the
/// future, nor of a time so long ago that the checks cannot look back from it.
pub(super) fn effective_time(case: &DoseCase) -> Option<Finding> {
    let at = case.answers.given_at()?;
    let behind = case.now.at.duration_since(at);
    let (class, variance) = if behind.is_negative() {
        (Class::Hard, Variance::GivenInTheFuture(at))
    } else if behind > case.policy.backdated_most {
        (Class::Hard, Variance::GivenTooLongAgo(at))
    } else if is_backdated(case) {
        (Class::SoftReason, Variance::Backdated(at))
    } else {
        return None;
    };
    Some(Finding::variance(Check::S3, class, variance))
}

/// S3: the dose was given so long before that it is documented, not given.
pub(crate) fn is_backdated(case: &DoseCase) -> bool {
    case.now.at.duration_since(case.at()) > case.policy.backdated_after
}

/// S2. Past the second limit nothing is given on these orders; doses that were given can still be documented (S3).
pub(super) fn orders_age(case: &DoseCase) -> Option<Finding> {
    let Some(as_of) = case.orders_as_of else {
        return Some(Finding::variance(Check::S2, Class::SoftReason, Variance::OrdersAgeUnknown));
    };
    let age = case.now.at.duration_since(as_of);
    if age < -case.policy.clock_stops {
        return Some(Finding::variance(Check::S2, Class::SoftReason, Variance::OrdersAgeUnknown));
    }
    let class = if age > case.policy.orders_unusable && !is_backdated(case) {
        Class::Hard
    } else if age > case.policy.orders_stale {
        Class::SoftReason
    } else {
        return None;
    };
    // Whole minutes, so that the finding does not change from one second to the next.
    let minutes = jiff::SignedDuration::from_mins(age.as_mins());
    Some(Finding::variance(Check::S2, class, Variance::OrdersOld(minutes)))
}

/// T10.
pub(super) fn clock(case: &DoseCase) -> Option<Finding> {
    let (class, variance) = match case.now.clock {
        ClockTrust::Unknown => (Class::Info, Variance::ClockUnknown),
        ClockTrust::Known(off) if clock_stops(&case.now, &case.policy) => {
            (Class::Hard, Variance::ClockOff(off))
        }
        ClockTrust::Known(off) if off.abs() > case.policy.clock_warns => {
            (Class::Info, Variance::ClockOff(off))
        }
        ClockTrust::Known(_) => return None,
    };
    Some(Finding::variance(Check::T10, class, variance))
}

/// T10: the clock differs so much that the kiosk records nothing.
pub(crate) fn clock_stops(now: &Moment, policy: &Policy) -> bool {
    matches!(now.clock, ClockTrust::Known(off) if off.abs() > policy.clock_stops)
}
