//! What is asked of the nurse about the dose in hand.

use rights::amount::Amount;
use rights::bedside::{DoseInHand, Step, World};
use rights::case::Choice;
use rights::entered::{Entered, Wanted};
use rights::phrase::{Words, amount};
use rights::policy::Policy;
use rights::product::{Divisible, Product};
use rights::quantity::{Quantity, Unit};

use super::super::form::unit_name;
use super::super::{capital, due, reasons};
use super::{first_open, other_routes, planned};
use crate::desk::Desk;
use crate::labels::{self, fill};
use crate::model::Ask;

pub(super) fn ask(dose: &DoseInHand, step: &Step, desk: &Desk, world: &World<'_>, words: &Words<'_>) -> Ask {
    let say = labels::of(words.language);
    let with_notice = |text: &str| with_notice(text, dose, desk, words);
    match step {
        Step::Stopped | Step::Ready => Ask::Nothing,
        Step::ScanNext(total, ordered) => Ask::NextPackage {
            text: with_notice(&fill(say.dose.scan_next, &[&words.quantity(total), &words.quantity(ordered)])),
            no_more: say.button.give_less.into(),
        },
        Step::Enter(wanted) => enter(wanted, dose, desk, world, words),
        Step::VerbalOrder => {
            Ask::Call { text: with_notice(say.dose.not_in_writing), button: say.button.spoken_order.into() }
        }
        Step::Witness => Ask::Call {
            text: with_notice(say.dose.second_checks),
            button: say.button.call_the_witness.into(),
        },
        Step::Choose => {
            Ask::Choice { text: with_notice(say.dose.which_dose), options: choices(dose, world, words) }
        }
        Step::Measure(from, to) => measure((from, to), dose, desk, words),
        Step::Questions(checks) => match checks.first() {
            Some(check) => Ask::Reason(reasons::sheet(dose, *check, desk, world, words)),
            None => Ask::Nothing,
        },
    }
}

/// The question, after what was wrong with the last answer.
fn with_notice(text: &str, dose: &DoseInHand, desk: &Desk, words: &Words<'_>) -> String {
    match desk.trouble.or(dose.notice) {
        Some(notice) => format!("{}. {text}", words.notice(notice).title),
        None => text.to_owned(),
    }
}

/// A value that is to be typed, or one of several to tap.
fn enter(wanted: &Wanted, dose: &DoseInHand, desk: &Desk, world: &World<'_>, words: &Words<'_>) -> Ask {
    let say = labels::of(words.language);
    let open = first_open(dose).map(|finding| words.finding(finding));
    let text = match &open {
        Some(phrase) if !phrase.action.is_empty() => phrase.action.clone(),
        Some(phrase) => phrase.title.clone(),
        None => String::new(),
    };
    let decimal = takes_decimals(&Step::Enter(wanted.clone()));
    let number = |unit: String, enter: &str| Ask::Number {
        text: with_notice(&text, dose, desk, words),
        typed: desk.typed.as_str().into(),
        unit,
        decimal,
        parts: Vec::new(),
        enter: enter.into(),
    };
    match wanted {
        Wanted::Observation(_, unit) => number(unit_name(*unit, words), say.button.this_value),
        Wanted::BirthYear => number(String::new(), say.button.this_year),
        Wanted::CountInHand => number(String::new(), say.button.so_many),
        Wanted::PainScore => number(String::new(), say.button.this_score),
        Wanted::PumpRate => number("mL/h".into(), say.button.this_rate),
        // The nurse says this; it is never asked for.
        Wanted::GivenAt => Ask::Nothing,
        Wanted::Site | Wanted::Crushed | Wanted::Route => {
            let options = answers_to(wanted, dose, world.policy);
            let text = with_notice(&text, dose, desk, words);
            Ask::Choice { text, options: options.iter().map(|value| entered_text(value, words)).collect() }
        }
    }
}

/// Whether what is typed may have a decimal point: an amount, a temperature; not a pulse, a blood pressure, a year, a count.
pub(crate) const fn takes_decimals(step: &Step) -> bool {
    match step {
        Step::Enter(wanted) => match wanted {
            Wanted::Observation(_, unit) => !matches!(unit, Unit::PerMinute | Unit::MillimetreOfMercury),
            Wanted::PumpRate => true,
            Wanted::BirthYear
            | Wanted::CountInHand
            | Wanted::PainScore
            | Wanted::GivenAt
            | Wanted::Site
            | Wanted::Crushed
            | Wanted::Route => false,
        },
        Step::Measure(..) => true,
        Step::Stopped
        | Step::Ready
        | Step::ScanNext(..)
        | Step::VerbalOrder
        | Step::Witness
        | Step::Choose
        | Step::Questions(_) => false,
    }
}

fn entered_text(value: &Entered, words: &Words<'_>) -> String {
    match value {
        Entered::Site(site) => capital(&words.site(site)),
        Entered::Route(route) => capital(words.route(*route)),
        Entered::Crushed(true) => labels::of(words.language).dose.crushed.into(),
        Entered::Crushed(false) => labels::of(words.language).dose.whole.into(),
        Entered::Observation(_)
        | Entered::BirthYear(_)
        | Entered::CountInHand(_)
        | Entered::PainScore(_)
        | Entered::PumpRate(_)
        | Entered::GivenAt(_) => String::new(),
    }
}

/// The answers that can be tapped to a value that is wanted; none where it is typed.
pub(crate) fn answers_to(wanted: &Wanted, dose: &DoseInHand, policy: &Policy) -> Vec<Entered> {
    let request = planned(dose);
    match wanted {
        Wanted::Site => {
            let route = dose.case.answers.route().or_else(|| request.map(|request| request.route));
            let sites = route.map(|route| policy.sites_of(route)).unwrap_or_default();
            sites.iter().cloned().map(Entered::Site).collect()
        }
        Wanted::Crushed => vec![Entered::Crushed(false), Entered::Crushed(true)],
        Wanted::Route => other_routes(dose).into_iter().map(Entered::Route).collect(),
        Wanted::Observation(..)
        | Wanted::BirthYear
        | Wanted::CountInHand
        | Wanted::PainScore
        | Wanted::PumpRate
        | Wanted::GivenAt => Vec::new(),
    }
}

/// The unit in which a dose of this product is ordered: its ingredient's, or for a combination that of its content.
pub(crate) fn ordered_unit(product: &Product) -> Unit {
    match product.strengths.as_slice() {
        [only] => only.amount.unit,
        _ => product.package.unit,
    }
}

/// What can be chosen. No two of them read the same.
fn choices(dose: &DoseInHand, world: &World<'_>, words: &Words<'_>) -> Vec<String> {
    let all = dose.choices();
    let several = all.iter().zip(all.iter().skip(1)).any(|(one, next)| one.request != next.request);
    let texts: Vec<String> =
        all.iter().map(|choice| choice_text(choice, several, dose, world, words)).collect();
    let say = &labels::of(words.language).dose;
    // Two orders that say the same to the last word are told apart by their numbers.
    let told = |(text, choice): (&String, &Choice)| match texts.iter().filter(|other| *other == text).count()
    {
        0 | 1 => text.clone(),
        _ => fill(say.choice_order, &[text, choice.request.as_str()]),
    };
    texts.iter().zip(&all).map(told).collect()
}

/// Doses of one order differ in their time; those of several orders also in route and reason.
fn choice_text(
    choice: &Choice,
    several: bool,
    dose: &DoseInHand,
    world: &World<'_>,
    words: &Words<'_>,
) -> String {
    let request = dose.case.requests.iter().map(|r| &r.request).find(|request| request.id == choice.request);
    let name = request.map(|request| due::name(request, world)).unwrap_or_default();
    let mut parts = request.map(|request| due::parts(request, words)).unwrap_or_default();
    if !several {
        parts.truncate(1);
    }
    let what = parts.join(", ");
    let say = &labels::of(words.language).dose;
    match choice.slot {
        Some(due) => fill(say.choice_due, &[&name, &what, &words.time(due)]),
        None => fill(say.choice_as_needed, &[&name, &what]),
    }
}

fn measure((from, to): (&Quantity, &Quantity), dose: &DoseInHand, desk: &Desk, words: &Words<'_>) -> Ask {
    let divisible = dose.case.product().map_or(Divisible::No, |product| product.divisible);
    let say = labels::of(words.language);
    let amount = if from == to {
        words.quantity(to)
    } else {
        fill(say.due.range, &[&words.quantity(from), &words.quantity(to)])
    };
    match divisible {
        Divisible::Volume | Divisible::No => Ask::Number {
            text: with_notice(&fill(say.dose.draw_up, &[&amount]), dose, desk, words),
            typed: desk.typed.as_str().into(),
            unit: unit_name(to.unit, words),
            decimal: true,
            parts: Vec::new(),
            enter: say.button.this_amount.into(),
        },
        Divisible::Half | Divisible::Quarter => Ask::Number {
            enter: String::new(),
            text: with_notice(&fill(say.dose.divide, &[&amount]), dose, desk, words),
            typed: String::new(),
            unit: String::new(),
            decimal: false,
            parts: shares(divisible).iter().map(|share| amount_of_tablet(*share, words)).collect(),
        },
    }
}

/// The shares a scored product can be divided into.
pub(crate) fn shares(divisible: Divisible) -> Vec<Amount> {
    let of = |parts: &[(i64, i64)]| parts.iter().filter_map(|(n, d)| Amount::fraction(*n, *d)).collect();
    match divisible {
        Divisible::No | Divisible::Volume => Vec::new(),
        Divisible::Half => of(&[(1, 2)]),
        Divisible::Quarter => of(&[(1, 4), (1, 2), (3, 4)]),
    }
}

fn amount_of_tablet(share: Amount, words: &Words<'_>) -> String {
    let told = match share.parts() {
        (1, 2) => "½".into(),
        (1, 4) => "¼".into(),
        (3, 4) => "¾".into(),
        _ => amount(&share),
    };
    fill(labels::of(words.language).dose.part_of_it, &[&told])
}

#[cfg(test)]
mod tests {
    use rights::ident::ObservationCode;

    use super::*;

    #[test]
    fn a_pulse_has_no_decimal_point_and_a_weight_has() {
        let seen = |unit| Step::Enter(Wanted::Observation(ObservationCode::body_weight(), unit));
        assert!(takes_decimals(&seen(Unit::Kilogram)) && takes_decimals(&Step::Enter(Wanted::PumpRate)));
        assert!(!takes_decimals(&seen(Unit::PerMinute)) && !takes_decimals(&seen(Unit::MillimetreOfMercury)));
        assert!(!takes_decimals(&Step::Enter(Wanted::CountInHand)));
    }
}
