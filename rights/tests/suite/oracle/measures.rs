//! What the table needs to be read: whole numbers, instants and names, each in the simplest way.

use jiff::{SignedDuration, Timestamp, ToSpan};
use rights::history::Outcome;
use rights::ident::Ingredient;
use rights::person::Patient;
use rights::product::{Divisible, Form, Product};
use rights::quantity::{Quantity, Unit};
use rights::request::Request;
use rights::schedule::Timing;

use crate::common::*;

/// Millionths of a milligram, a millilitre or a piece, so that whole numbers suffice.
pub(super) fn millionths(quantity: &Quantity) -> i128 {
    let (numerator, denominator) = quantity.amount.parts();
    let factor = match quantity.unit {
        Unit::Gram | Unit::Litre => 1_000_000_000,
        Unit::Microgram => 1_000,
        _ => 1_000_000,
    };
    numerator * factor / denominator
}

pub(super) fn same_kind(a: Unit, b: Unit) -> bool {
    let kind = |unit| match unit {
        Unit::Kilogram | Unit::Gram | Unit::Milligram | Unit::Microgram | Unit::Nanogram => "mass",
        Unit::Litre | Unit::Millilitre => "volume",
        Unit::Tablet => "tablet",
        _ => "other",
    };
    kind(a) == kind(b) && kind(a) != "other"
}

pub(super) fn can_be_divided(product: &Product, taken: i128, whole: i128) -> bool {
    match product.divisible {
        Divisible::No => taken == whole,
        Divisible::Half => taken * 2 % whole == 0,
        Divisible::Quarter => taken * 4 % whole == 0,
        Divisible::Volume => true,
    }
}

/// M7, in words of the table: ingredient set, form family, release type.
pub(super) fn is_what_was_ordered(request: &Request, product: &Product) -> bool {
    let family = |form| if form == Form::Capsule { Form::Tablet } else { form };
    let mut ordered: Vec<&str> = request.drug.ingredients.iter().map(Ingredient::as_str).collect();
    let mut inside: Vec<&str> = product.strengths.iter().map(|s| s.ingredient.as_str()).collect();
    ordered.sort_unstable();
    inside.sort_unstable();
    ordered == inside
        && family(request.drug.form) == family(product.form)
        && request.drug.release == product.release
}

/// The shelf has alpha and a salt of it, alpha succinate.
pub(super) fn one_substance(one: &Ingredient, other: &Ingredient) -> bool {
    one.as_str().split(' ').next() == other.as_str().split(' ').next()
}

/// Hours between two doses, minutes of the half window.
pub(super) fn tier(timing: &Timing, critical: bool) -> Option<(i64, i64)> {
    let hours = match timing {
        Timing::Daily { times, .. } => 24 / i64::try_from(times.len()).unwrap(),
        Timing::Every { minutes } => i64::from(*minutes) / 60,
        _ => return None,
    };
    let half = if critical {
        30
    } else if hours < 4 {
        (hours * 15).min(30)
    } else if hours < 24 {
        60
    } else {
        120
    };
    Some((hours, half))
}

/// Every instant at which a dose is due, some days around now.
pub(super) fn due_instants(request: &Request, now: Timestamp) -> Vec<Timestamp> {
    let zone = new_york();
    let mut found = Vec::new();
    match &request.timing {
        Timing::Daily { times, .. } => {
            let today = zone.to_datetime(now).date();
            for day in -5_i64..=5 {
                for clock in times {
                    let date = today.checked_add(day.days()).unwrap();
                    found.push(date.to_datetime(*clock).to_zoned(zone.clone()).unwrap().timestamp());
                }
            }
        }
        Timing::Every { minutes } => {
            let mut due = request.start;
            while due < now.checked_add(SignedDuration::from_hours(120)).unwrap() {
                found.push(due);
                due = due.checked_add(SignedDuration::from_mins(i64::from(*minutes))).unwrap();
            }
        }
        Timing::At(instants) => found.clone_from(instants),
        // The oracle orders no monthly doses and no infusions; `src/schedule/tests.rs` and `course.rs` have them.
        Timing::Monthly { .. } | Timing::Continuous | Timing::AsNeeded(_) | Timing::Unscheduled { .. } => {}
    }
    found.retain(|due| *due >= request.start && request.stop.is_none_or(|stop| *due < stop));
    found.sort_unstable();
    found
}

/// Whether nothing of the request was due before.
pub(super) fn first_of_all(request: &Request, due: Timestamp) -> bool {
    due_instants(request, request.start).into_iter().next() == Some(due)
}

pub(super) fn entered(outcome: Outcome) -> bool {
    outcome == Outcome::Given || outcome == Outcome::Partial
}

pub(super) fn passed(earlier: Timestamp, later: Timestamp) -> SignedDuration {
    later.duration_since(earlier)
}

/// D7: a day for a neonate, a week for a child, a month for the others.
pub(super) fn weight_lasts(patient: &Patient, now: Timestamp) -> SignedDuration {
    let today = new_york().to_datetime(now).date();
    let days = i64::from(patient.birth_date.until(today).unwrap().get_days());
    let birthday = patient.birth_date.checked_add(18.years()).unwrap();
    let days_of_weight = if days < 28 {
        1
    } else if today < birthday {
        7
    } else {
        30
    };
    SignedDuration::from_hours(24 * days_of_weight)
}

/// How many letters must be added, left out or exchanged, by the whole table of the textbook.
pub(super) fn edits(one: &[char], two: &[char]) -> usize {
    let mut table = vec![vec![0_usize; two.len() + 1]; one.len() + 1];
    for i in 0..=one.len() {
        for j in 0..=two.len() {
            table[i][j] = if i == 0 {
                j
            } else if j == 0 {
                i
            } else {
                let exchanged = table[i - 1][j - 1] + usize::from(one[i - 1] != two[j - 1]);
                exchanged.min(table[i - 1][j] + 1).min(table[i][j - 1] + 1)
            };
        }
    }
    table[one.len()][two.len()]
}
