//! Right dose: D1 to D5 and D8. Exact arithmetic only.

use alloc::vec;
use alloc::vec::Vec;

use super::day::{Day, days};
use super::marks::{Fit, Marks};
use super::package::identity;
use crate::amount::Amount;
use crate::case::{DoseCase, PackageInHand, Taken};
use crate::history::Administration;
use crate::ident::Ingredient;
use crate::product::{Divisible, Product, Strength};
use crate::quantity::{Quantity, Unit};
use crate::request::{DoseOrder, Request};
use crate::verdict::{Check, Class, Evidence, Finding, Variance};

/// D1 to D5, and how much of the order is in hand.
pub(super) fn findings(
    case: &DoseCase,
    product: &Product,
    request: &Request,
) -> (Vec<Finding>, Option<Quantity>) {
    let one = |check, class, variance| vec![Finding::variance(check, class, variance)];
    let packages = counted(case);
    if let Some(part) = packages.iter().find_map(|package| impossible_part(product, package)) {
        return (one(Check::D4, Class::Hard, Variance::PartNotPossible(part)), None);
    }
    let amount_of = |package: &PackageInHand| {
        package.content_taken().and_then(|content| request.ordered_amount_in(product, &content))
    };
    let total = packages
        .iter()
        .try_fold(Quantity::new(Amount::ZERO, request.dose.least().unit), |sum, package| {
            sum.plus(&amount_of(package)?)
        })
        .filter(|total| total.amount.is_positive() && ingredients_in_hand(case).is_some());
    let Some(total) = total else {
        let variance = Variance::NotComparable(*request.dose.least(), product.package);
        return (one(Check::D1, Class::Hard, variance), None);
    };
    let found = if let Some(measured) = measured(case, &packages, product, request, total) {
        measured
    } else if total.amount < least(request) {
        under(case, request, total)
    } else if total.amount > most(request) {
        over(case, &packages, product, request, total)
    } else if let Some(open) = how_much(case, &packages, product, request) {
        open
    } else {
        match request.dose {
            DoseOrder::Exact(_) => Finding::pass(Check::D2, Evidence::DoseExact(total)),
            DoseOrder::Range(..) => Finding::pass(Check::D5, Evidence::DoseInRange(total)),
        }
    };
    (vec![found], Some(total))
}

/// The packages in hand, each once: scanning one package twice does not make it two (M4 stops it).
fn counted(case: &DoseCase) -> Vec<&PackageInHand> {
    let mut counted: Vec<&PackageInHand> = Vec::with_capacity(case.packages.len());
    for package in &case.packages {
        let identity = identity(&package.scan);
        if identity.is_none() || counted.iter().all(|known| self::identity(&known.scan) != identity) {
            counted.push(package);
        }
    }
    counted
}

/// How much of the product's content is to be given; `None` when that cannot be computed.
pub(super) fn content_in_hand(case: &DoseCase) -> Option<Quantity> {
    let contents = counted(case).into_iter().map(PackageInHand::content_taken);
    contents.reduce(|sum, content| sum?.plus(&content?)).flatten()
}

/// How much of each ingredient is in what is to be given; `None` when that cannot be computed exactly, and then nothing is.
pub(crate) fn ingredients_in_hand(case: &DoseCase) -> Option<Vec<Strength>> {
    let mut sum: Vec<Strength> = Vec::new();
    for package in counted(case) {
        let content = package.content_taken().filter(|content| content.amount.is_positive())?;
        package.product()?.package.minus(&content)?;
        for strength in package.product()?.ingredients_in(&content)? {
            match sum.iter_mut().find(|known| known.ingredient == strength.ingredient) {
                Some(known) => known.amount = known.amount.plus(&strength.amount)?,
                None => sum.push(strength),
            }
        }
    }
    Some(sum)
}

fn least(request: &Request) -> Amount {
    request.dose.least().amount
}

/// The upper bound in the unit of the lower one; a range in two dimensions cannot be met by anything.
fn most(request: &Request) -> Amount {
    request.dose.most().in_unit(request.dose.least().unit).unwrap_or(Amount::ZERO)
}

/// D3; below a range D5.
fn under(case: &DoseCase, request: &Request, total: Quantity) -> Finding {
    match (request.dose, case.answers.no_more) {
        (_, false) => {
            Finding::variance(Check::D3, Class::Choice, Variance::Under(total, *request.dose.least()))
        }
        (DoseOrder::Exact(ordered), true) => {
            Finding::variance(Check::D3, Class::SoftReason, Variance::Under(total, ordered))
        }
        (DoseOrder::Range(low, high), true) => {
            Finding::variance(Check::D5, Class::Hard, Variance::OutOfRange(total, low, high))
        }
    }
}

/// The finest mark of a syringe, that of one millilitre.
fn finest_mark(product: &Product) -> Option<Amount> {
    Quantity::new(Amount::fraction(1, 100)?, Unit::Millilitre).in_unit(product.package.unit)
}

/// What is to be measured out of the last package, where that is done with a syringe.
fn marks(case: &DoseCase, others: &[&PackageInHand], product: &Product, request: &Request) -> Option<Marks> {
    let end = |others, end| missing(product, request, others, end).map(|content| content.amount);
    let (least, most) = (request.dose.least(), request.dose.most());
    Some(Marks {
        missing: (end(others, least)?, end(others, most)?),
        whole: (end(&[], least)?, end(&[], most)?),
        step: finest_mark(product).filter(|_| product.divisible == Divisible::Volume)?,
        tolerance: case.policy.weight_dose_tolerance,
    })
}

/// D2: what was measured out of the last package is not what was ordered, and the mark of the syringe that stands for it.
fn measured(
    case: &DoseCase,
    packages: &[&PackageInHand],
    product: &Product,
    request: &Request,
    total: Quantity,
) -> Option<Finding> {
    let (last, others) = packages.split_last()?;
    let Taken::Measured(taken) = last.taken else { return None };
    let fit = marks(case, others, product, request)?.fit(taken.in_unit(product.package.unit)?)?;
    let end = if total.amount < least(request) { request.dose.least() } else { request.dose.most() };
    Some(match fit {
        Fit::Near => Finding::pass(Check::D2, Evidence::DoseMeasured(total, *end)),
        Fit::Far => Finding::variance(Check::D2, Class::SoftContact, Variance::NotMeasurable(total, *end)),
    })
}

/// D4: over. Where the last package can be divided so that the dose is met, its part is to be declared.
fn over(
    case: &DoseCase,
    packages: &[&PackageInHand],
    product: &Product,
    request: &Request,
    total: Quantity,
) -> Finding {
    let (least, most) = (*request.dose.least(), *request.dose.most());
    let undivided = packages.split_last().filter(|(last, _)| last.taken == Taken::Whole);
    match undivided.and_then(|(_, others)| part_of_last(case, product, request, others)) {
        Some((from, to)) if from == to => {
            Finding::variance(Check::D4, Class::Choice, Variance::MeasureOut(total, most, to))
        }
        Some(part) => {
            Finding::variance(Check::D4, Class::Choice, Variance::MeasureOutWithin((least, most), part))
        }
        None => Finding::variance(Check::D4, Class::Hard, Variance::Over(total, most)),
    }
}

/// D5: a range of which the whole of one vial or bottle is the end, or lies within. How much of it is given is the nurse's to say, not the
/// package's.
fn how_much(
    case: &DoseCase,
    packages: &[&PackageInHand],
    product: &Product,
    request: &Request,
) -> Option<Finding> {
    let [only] = packages else { return None };
    let (DoseOrder::Range(low, high), Divisible::Volume, Taken::Whole, None) =
        (request.dose, product.divisible, only.taken, request.rate)
    else {
        return None;
    };
    let told = marks(case, &[], product, request).and_then(|marks| marks.told());
    let from = match told {
        Some((from, _)) => from,
        // A gel by weight has no marks, and is measured all the same.
        None => missing(product, request, &[], request.dose.least())?.amount,
    };
    let (from, all) = (Quantity::new(from, product.package.unit), product.package);
    (from.amount < all.amount).then(|| {
        let part = (from, all);
        Finding::variance(Check::D4, Class::Choice, Variance::MeasureOutWithin((low, high), part))
    })
}

/// From how much to how much of the last package completes the dose, when the product can be divided so.
fn part_of_last(
    case: &DoseCase,
    product: &Product,
    request: &Request,
    others: &[&PackageInHand],
) -> Option<(Quantity, Quantity)> {
    let (low, high) = match marks(case, others, product, request) {
        Some(marks) => marks.told()?,
        None => {
            let high = missing(product, request, others, request.dose.most())?.amount;
            let low = missing(product, request, others, request.dose.least())?.amount;
            (low, high)
        }
    };
    let content = |amount| Quantity::new(amount, product.package.unit);
    let possible = |content: &Quantity| content.amount.is_positive() && divides(product, content);
    let to = Some(content(high)).filter(possible)?;
    // What the others hold may be enough already.
    Some((Some(content(low)).filter(possible).unwrap_or(to), to))
}

/// The content that is missing to what was ordered, exactly.
fn missing(
    product: &Product,
    request: &Request,
    others: &[&PackageInHand],
    ordered: &Quantity,
) -> Option<Quantity> {
    let mut missing = Quantity::new(ordered.in_unit(request.dose.least().unit)?, request.dose.least().unit);
    for package in others {
        missing = missing.minus(&request.ordered_amount_in(product, &package.content_taken()?)?)?;
    }
    let content = request.content_for(product, &missing)?;
    Some(Quantity::new(content.in_unit(product.package.unit)?, product.package.unit))
}

/// Whether this much of a package can be taken from it.
fn divides(product: &Product, content: &Quantity) -> bool {
    let Some(share) =
        content.in_unit(product.package.unit).and_then(|amount| amount.over(product.package.amount))
    else {
        return false;
    };
    let parts = match product.divisible {
        Divisible::No => return share == Amount::ONE,
        Divisible::Volume => return share.is_positive() && share <= Amount::ONE,
        Divisible::Half => 2,
        Divisible::Quarter => 4,
    };
    let smallest = Amount::fraction(1, parts).unwrap_or(Amount::ONE);
    share.is_positive() && share <= Amount::ONE && share.whole_multiple_of(smallest).is_some()
}

/// The declared part of a package, when the product cannot be divided into it.
fn impossible_part(product: &Product, package: &PackageInHand) -> Option<Quantity> {
    match package.taken {
        Taken::Whole => None,
        Taken::Share(_) | Taken::Measured(_) => {
            let content = package.content_taken().unwrap_or(product.package);
            (!divides(product, &content)).then_some(content)
        }
    }
}

/// D8: the rolling 24-hour total of each ingredient in hand that has a maximum on any of the patient's requests, over all
/// requests and combination products. A maximum that counts tablets or millilitres is one of its own request.
pub(super) fn daily_total(
    case: &DoseCase,
    product: &Product,
    request: &Request,
    dose: Option<&Quantity>,
) -> Vec<Finding> {
    let mut found: Vec<Finding> = product
        .strengths
        .iter()
        .filter_map(|strength| {
            let limit = |alike| {
                let maximum = maximum_of(case, product, request, strength, alike)?;
                let total = total_with_this(case, strength, alike);
                Some((total.and_then(|total| product.measured_in(strength, &total, maximum.unit)), maximum))
            };
            let of_ingredient = limit(Ingredient::eq).map(|(total, maximum)| judged(case, total, maximum));
            let passes = of_ingredient.as_ref().is_none_or(|finding| finding.class == Class::Pass);
            let of_substance = || more_than_the_most(limit(Ingredient::is_same_substance)?);
            passes.then(of_substance).flatten().or(of_ingredient)
        })
        .collect();
    let own = |of: &Request| of.daily_maximum.filter(|maximum| !limits_an_ingredient(of, product, maximum));
    found.extend(
        own(request).map(|maximum| judged(case, total_of_request(case, request, dose, &maximum), maximum)),
    );
    for written in written_for_the_same_drug(case, request) {
        found.extend(own(written).map(|maximum| {
            let in_hand = alike(&maximum, [dose.copied(), content_in_hand(case)]);
            judged(case, total_of_request(case, written, in_hand.as_ref(), &maximum), maximum)
        }));
    }
    found
}

/// D8 over all salts of a substance. A milligram of one is not exactly a milligram of another, so that more than the maximum asks and does
/// not stop, and what cannot be added up says nothing.
fn more_than_the_most((total, maximum): (Option<Quantity>, Quantity)) -> Option<Finding> {
    let total = total.filter(|total| total.amount > maximum.amount)?;
    Some(Finding::variance(Check::D8, Class::SoftContact, Variance::DailyMaximum(total, maximum)))
}

/// Whether two ingredients are taken together: the same one, or the same substance.
type Alike = fn(&Ingredient, &Ingredient) -> bool;

/// For a spoken order, the requests that were written for the same ingredients: what is said in an emergency does not widen what was
/// written. For any other order, none.
fn written_for_the_same_drug<'a>(
    case: &'a DoseCase,
    request: &'a Request,
) -> impl Iterator<Item = &'a Request> {
    let spoken = is_spoken(case, request);
    let written = case.requests.iter().map(|one| &one.request).filter(|other| other.id != request.id);
    written.filter(move |other| {
        spoken && same_ingredients(&other.drug.ingredients, request.drug.ingredients.iter())
    })
}

fn is_spoken(case: &DoseCase, request: &Request) -> bool {
    case.answers.verbal.as_ref().is_some_and(|order| order.id == request.id)
}

fn same_ingredients<'a>(some: &[Ingredient], others: impl ExactSizeIterator<Item = &'a Ingredient>) -> bool {
    others.len() == some.len() && { others }.all(|ingredient| some.contains(ingredient))
}

/// The first of some amounts that a maximum can be compared with.
fn alike(maximum: &Quantity, amounts: [Option<Quantity>; 2]) -> Option<Quantity> {
    amounts.into_iter().flatten().find(|amount| amount.unit.dimension() == maximum.unit.dimension())
}

fn judged(case: &DoseCase, total: Option<Quantity>, maximum: Quantity) -> Finding {
    match total {
        Some(total) => judge_total(case, total, maximum),
        None => Finding::variance(Check::D8, Class::Hard, Variance::DailyTotalUnknown),
    }
}

/// A maximum in which the request's one ingredient is measured limits that ingredient wherever it comes from.
fn limits_an_ingredient(request: &Request, product: &Product, maximum: &Quantity) -> bool {
    match request.drug.ingredients.as_slice() {
        [only] => product
            .strengths
            .iter()
            .any(|s| s.ingredient == *only && product.measured_in(s, &s.amount, maximum.unit).is_some()),
        _ => false,
    }
}

/// The lowest maximum of this ingredient on any request for it alone; a combination's says nothing of one of its ingredients, and that of
/// an order that is over limits nothing but a dose under it and one under a spoken order.
fn maximum_of(
    case: &DoseCase,
    product: &Product,
    request: &Request,
    strength: &Strength,
    alike: Alike,
) -> Option<Quantity> {
    // So many times the strength, in whichever unit the maximum is written.
    let times = |maximum: Quantity| {
        let one = product.measured_in(strength, &strength.amount, maximum.unit)?;
        Some((maximum.amount.over(one.amount)?, maximum))
    };
    let limits = |of: &&Request| of.id == request.id || is_spoken(case, request) || !of.is_over(case.at());
    case.requests
        .iter()
        .map(|in_case| &in_case.request)
        .filter(limits)
        .filter(|of| matches!(of.drug.ingredients.as_slice(), [only] if alike(only, &strength.ingredient)))
        .filter_map(|of| times(of.daily_maximum?))
        .min_by_key(|(times, _)| *times)
        .map(|(_, maximum)| maximum)
}

/// How much of the request itself was given in 24 hours, with this dose. What was given of the same drug in an emergency (S4) counts for it
/// too: a spoken order has no maximum of its own.
fn total_of_request(
    case: &DoseCase,
    request: &Request,
    dose: Option<&Quantity>,
    maximum: &Quantity,
) -> Option<Quantity> {
    let counts = |done: &&Administration| {
        let in_emergency = done.order_link_due.is_some()
            && same_ingredients(&request.drug.ingredients, done.ingredients.iter().map(|of| &of.ingredient));
        done.outcome.entered_patient() && (done.request == request.id || in_emergency)
    };
    most_in_a_day(case, |day| {
        let mut total = Quantity::new(Amount::ZERO, maximum.unit).plus(dose?)?;
        for done in case.history.iter().filter(counts).filter(|done| day.holds(done)) {
            let content = done.packages.iter().map(|package| Some(package.taken));
            let content = content.reduce(|sum, taken| sum?.plus(&taken?)).flatten();
            total = total.plus(&alike(maximum, [done.dose, content])?)?;
        }
        Some(total)
    })
}

/// The most of all days that hold this dose; `None` when one of them cannot be added up.
fn most_in_a_day(case: &DoseCase, total: impl Fn(&Day) -> Option<Quantity>) -> Option<Quantity> {
    let totals: Vec<Quantity> = days(case).iter().map(total).collect::<Option<_>>()?;
    totals.into_iter().max_by_key(|total| total.amount)
}

/// How much of an ingredient was given in 24 hours, with this dose, in the unit of its strength.
fn total_with_this(case: &DoseCase, strength: &Strength, alike: Alike) -> Option<Quantity> {
    let counts = |of: &&Strength| alike(&of.ingredient, &strength.ingredient);
    let in_hand = ingredients_in_hand(case)?;
    most_in_a_day(case, |day| {
        let given = case.history.iter().filter(|done| day.holds(done) && done.outcome.entered_patient());
        let mut parts = given.flat_map(|done| &done.ingredients).chain(&in_hand).filter(counts);
        parts.try_fold(Quantity::new(Amount::ZERO, strength.amount.unit), |total, part| {
            total.plus(&part.amount)
        })
    })
}

fn judge_total(case: &DoseCase, total: Quantity, maximum: Quantity) -> Finding {
    let stop = maximum.amount.times(case.policy.daily_maximum_stop).unwrap_or(maximum.amount);
    let class = if total.amount <= maximum.amount {
        return Finding::pass(Check::D8, Evidence::DailyTotal(total, maximum));
    } else if total.amount <= stop {
        Class::SoftContact
    } else {
        Class::Hard
    };
    Finding::variance(Check::D8, class, Variance::DailyMaximum(total, maximum))
}
