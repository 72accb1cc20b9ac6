//! Doses that follow from a value: the sliding scale (D6), the body weight (D7) and the rate of an infusion (D1, D2).

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;
use core::cmp::Ordering;

use jiff::{SignedDuration, ToSpan};

use super::conditions::{is_young, youngest};
use super::dose;
use super::pump::{self, Fit};
use crate::amount::Amount;
use crate::case::DoseCase;
use crate::course::bag;
use crate::entered::{Observation, Wanted};
use crate::history::Administration;
use crate::ident::ObservationCode;
use crate::person::Patient;
use crate::product::Product;
use crate::quantity::{Quantity, Unit};
use crate::request::{DoseOrder, Request, Scale};
use crate::verdict::{Check, Class, Evidence, Finding, Variance, Why};

/// D1 to D6: what is found, how much of the order is in hand, and what was ordered for this moment.
pub(super) fn findings(
    case: &DoseCase,
    product: &Product,
    request: &Request,
) -> (Vec<Finding>, Option<Quantity>, DoseOrder) {
    let Some(scale) = &request.conditions.scale else {
        let (found, dose) = dose::findings(case, product, request);
        return (found, dose, request.dose);
    };
    match row(case, scale) {
        Err(finding) => (vec![*finding], None, request.dose),
        Ok((seen, by_scale)) => {
            let (found, dose) = against_the_row(case, product, request, seen, by_scale);
            (found, dose, DoseOrder::Exact(by_scale))
        }
    }
}

/// D6: the fresh value and the dose of its row.
fn row<'a>(case: &'a DoseCase, scale: &Scale) -> Result<(&'a Observation, Quantity), Box<Finding>> {
    let hard = |variance| Box::new(Finding::variance(Check::D6, Class::Hard, variance));
    let youngest = youngest(case, &scale.what);
    let unit = scale.rows.first().map_or(Unit::Score, |row| row.from.unit);
    let fresh = youngest.filter(|seen| {
        is_young(case, seen, case.policy.scale_value_lasts) && seen.value.unit.dimension() == unit.dimension()
    });
    let Some(seen) = fresh else {
        let missing = Variance::ObservationMissing(scale.what.clone(), unit, youngest.cloned());
        return Err(Finding::variance(Check::D6, Class::Choice, missing).into());
    };
    let Some(row) = scale.row(&seen.value) else { return Err(hard(Variance::NoScaleRow(seen.clone()))) };
    if row.dose.amount.is_positive() {
        Ok((seen, row.dose))
    } else {
        Err(hard(Variance::ScaleSaysNone(seen.clone())))
    }
}

/// The row is what is ordered now. Another dose is a variance of its own as long as the order as a whole allows it.
fn against_the_row(
    case: &DoseCase,
    product: &Product,
    request: &Request,
    seen: &Observation,
    by_scale: Quantity,
) -> (Vec<Finding>, Option<Quantity>) {
    let by_row = Request { dose: DoseOrder::Exact(by_scale), ..request.clone() };
    let (mut found, dose) = dose::findings(case, product, &by_row);
    let Some(total) = dose else { return (found, None) };
    let as_near = |finding: &Finding| matches!(finding.why, Why::Established(Evidence::DoseMeasured(..)));
    if total.compare(&by_scale) == Some(Ordering::Equal) || found.iter().any(as_near) {
        found.push(Finding::pass(Check::D6, Evidence::DoseByScale(total, seen.clone())));
    } else if found.iter().any(|finding| finding.class == Class::Choice) {
        // What is still to be measured or scanned goes by this value, and whoever typed it must see it.
        found.push(Finding::pass(Check::D6, Evidence::DoseByScale(by_scale, seen.clone())));
    } else {
        let within = total.compare(request.dose.most()).is_some_and(Ordering::is_le);
        if within {
            found.retain(|finding| finding.check != Check::D4);
        }
        let variance = Variance::NotByScale(by_scale, seen.clone());
        found.push(Finding::variance(Check::D6, Class::SoftContact, variance));
    }
    (found, dose)
}

/// Whether the rate is ordered by weight.
fn by_weight(request: &Request) -> bool {
    request.rate.is_some_and(|rate| rate.per_kilogram())
}

/// D7, for doses and rates that are ordered by weight.
pub(super) fn weight(case: &DoseCase, patient: &Patient, request: &Request) -> Vec<Finding> {
    let conditions = &request.conditions;
    let soft = |variance| Finding::variance(Check::D7, Class::SoftContact, variance);
    if conditions.per_kilogram.is_none() && !by_weight(request) {
        return Vec::new();
    }
    let Some(seen) = youngest(case, &ObservationCode::body_weight()) else {
        return vec![soft(Variance::WeightUnknown)];
    };
    let mut found = Vec::new();
    if !is_young(case, seen, weight_lasts(case, patient)) {
        found.push(soft(Variance::WeightOld(seen.at)));
    }
    if let Some(per_kilogram) = conditions.per_kilogram {
        let by_weight =
            seen.value.in_unit(Unit::Kilogram).and_then(|kilograms| per_kilogram.times(kilograms));
        match by_weight.and_then(|dose| Some((dose, fits_weight(case, request, &dose)?))) {
            None => {
                let variance = Variance::NotComparable(*request.dose.least(), per_kilogram);
                found.push(Finding::variance(Check::D7, Class::Hard, variance));
            }
            Some((dose, false)) => found.push(soft(Variance::NotByWeight(*request.dose.most(), dose))),
            Some((_, true)) => {}
        }
    }
    if found.is_empty() {
        found.push(Finding::pass(Check::D7, Evidence::DoseByWeight(seen.clone())));
    }
    found
}

/// Whether the order stays within the policy's tolerance of the dose by weight; both ends of a range.
fn fits_weight(case: &DoseCase, request: &Request, by_weight: &Quantity) -> Option<bool> {
    let tolerance = case.policy.weight_dose_tolerance;
    let most = by_weight.times(Amount::ONE.plus(tolerance)?)?;
    let least = by_weight.times(Amount::ONE.minus(tolerance)?)?;
    Some(request.dose.least().compare(&least)?.is_ge() && request.dose.most().compare(&most)?.is_le())
}

fn weight_lasts(case: &DoseCase, patient: &Patient) -> SignedDuration {
    let policy = &case.policy;
    let today = case.now.date();
    let no_more = |end: Result<jiff::civil::Date, jiff::Error>| end.is_ok_and(|end| today >= end);
    let grown = no_more(patient.birth_date.checked_add(i64::from(policy.child_years).years()));
    let past_neonate = no_more(patient.birth_date.checked_add(i64::from(policy.neonate_days).days()));
    match (grown, past_neonate) {
        (true, _) => policy.weight_lasts_adult,
        (false, true) => policy.weight_lasts_child,
        (false, false) => policy.weight_lasts_neonate,
    }
}

/// D1 and D2 of an infusion: what the pump is set to against what was ordered. A bag of the same product that continues an infusion at a
/// rate that is still ordered changes nothing; with another product, which may be stronger, or another order the rate is asked anew.
pub(super) fn rate(case: &DoseCase, product: &Product, request: &Request) -> Option<Finding> {
    let ordered = request.rate?;
    let weight = youngest(case, &ObservationCode::body_weight()).map(|seen| seen.value);
    let goes_on = || {
        let (start, infusion) = case.continued_infusion(request)?;
        let fits = pump::still_fits(&ordered, &infusion.rate, product, weight.as_ref(), &case.policy);
        (fits && hangs(bag(start, &case.history), product)).then_some(())
    };
    let Some(set) = case.answers.pump_rate() else {
        if goes_on().is_some() {
            return None;
        }
        let missing = Variance::ValueMissing(Wanted::PumpRate);
        return Some(Finding::variance(Check::D2, Class::Choice, missing));
    };
    let differs = |class| Finding::variance(Check::D2, class, Variance::RateDiffers(set, ordered));
    Some(match pump::fit(&ordered, &set, product, weight.as_ref(), &case.policy) {
        None => Finding::variance(Check::D1, Class::Hard, Variance::RateNotComparable(ordered)),
        Some(Fit::Ordered) => Finding::pass(Check::D2, Evidence::RateAsOrdered(set)),
        Some(Fit::Rounded) => differs(Class::SoftContact),
        Some(Fit::Differs) => differs(Class::Hard),
    })
}

/// Whether a bag is of this product and of no other.
fn hangs(bag: &Administration, product: &Product) -> bool {
    !bag.packages.is_empty() && bag.packages.iter().all(|package| package.product == product.id)
}
