//! What the nurse may say of a dose in hand that nobody asks: it was taken earlier, it goes another way that the order allows, or
//! something was typed wrong.

use jiff::{SignedDuration, Timestamp};
use rights::bedside::{DoseInHand, Step, World};
use rights::case::Taken;
use rights::entered::Observation;
use rights::phrase::{Language, Words};
use rights::product::Route;
use rights::verdict::{Check, Evidence, Finding, Variance, Why};

use super::planned;
use crate::errand::{Again, Begin, Errand, What};
use crate::labels::{self, Labels};
use crate::view::capital;

/// Each as an errand of its own.
pub(super) fn errands(dose: &DoseInHand, world: &World<'_>, words: &Words<'_>) -> Vec<Errand> {
    let step = dose.step();
    let product = dose.case.product().map(|product| product.display_name().to_owned()).unwrap_or_default();
    let of_product = |what| Errand::new(product.clone(), what);
    let mut all = Vec::new();
    if may_be_earlier(dose, &step) {
        all.push(of_product(What::GivenAt));
    }
    let routes = other_routes(dose);
    if routes.len() > 1 && step == Step::Ready {
        all.push(of_product(What::Route(routes)));
    }
    let nothing_typed = matches!(step, Step::Choose | Step::Enter(_) | Step::VerbalOrder);
    if !nothing_typed {
        all.extend(values(dose, world, words));
        all.extend(numbers(dose).map(|again| of_product(What::Again(again))));
    }
    all
}

/// What stands on the button for them.
pub(super) fn label(errands: &[Errand], say: &Labels) -> Option<&'static str> {
    let again = |errand: &Errand| matches!(errand.what, What::Again(_));
    match errands {
        [] => None,
        [only] => Some(only.label(say)),
        several if several.iter().any(again) => Some(say.button.change),
        _ => Some(say.button.other_time_or_route),
    }
}

/// All of them as one errand: the only one, or a menu.
pub(crate) fn as_one(dose: &DoseInHand, world: &World<'_>, language: Language) -> Option<Errand> {
    let words = crate::view::words(world, language, None);
    let mut all = errands(dose, world, &words);
    if all.len() < 2 {
        return all.pop();
    }
    let title = dose.case.product().map(|product| product.display_name().to_owned()).unwrap_or_default();
    Some(Errand::new(title, What::Menu(all.into_iter().map(|one| Begin::Errand(Box::new(one))).collect())))
}

/// R2: the routes that the order allows, the ordered one first.
pub(crate) fn other_routes(dose: &DoseInHand) -> Vec<Route> {
    let request = planned(dose);
    request
        .into_iter()
        .flat_map(|request| std::iter::once(request.route).chain(request.alternate_routes.iter().copied()))
        .collect()
}

/// S3: a dose that was given before its package is scanned. What only the present moment forbids may have been right then; what did so
/// the day before already was not.
fn may_be_earlier(dose: &DoseInHand, step: &Step) -> bool {
    let now = dose.case.now;
    let lately = |since: Timestamp| now.at.duration_since(since) < SignedDuration::from_hours(24);
    let of_the_moment = |finding: &Finding| match &finding.why {
        Why::Variance(Variance::Expired(last)) => now.offset.to_timestamp(*last).is_ok_and(lately),
        Why::Variance(Variance::BeyondUse(at)) => lately(*at),
        Why::Variance(Variance::OnHold) => {
            planned(dose).and_then(|request| request.status_since).is_some_and(lately)
        }
        Why::Variance(Variance::AllergyIngredient(text)) => {
            let allergies = dose.case.patient.candidates.iter().flat_map(|patient| &patient.allergies);
            allergies.filter(|one| one.text == *text).filter_map(|one| one.recorded).any(lately)
        }
        _ => matches!(finding.check, Check::S2 | Check::O1 | Check::T2 | Check::T4 | Check::T5),
    };
    match step {
        Step::Ready | Step::Questions(_) => true,
        Step::Stopped => dose.verdict.stops().all(of_the_moment),
        Step::Choose
        | Step::Measure(..)
        | Step::ScanNext(..)
        | Step::Enter(_)
        | Step::VerbalOrder
        | Step::Witness => false,
    }
}

/// The values that the verdict goes by and that were typed at a bedside: a pulse that was typed wrong, or is another one by now. What the
/// laboratory said is not the nurse's to change.
fn values(dose: &DoseInHand, world: &World<'_>, words: &Words<'_>) -> Vec<Errand> {
    let typed = |seen: &&Observation| {
        let observed = world.chart.observed.iter().map(|observed| &observed.observation);
        observed.chain(dose.case.answers.observations()).any(|known| known == *seen)
    };
    let mut all: Vec<Errand> = Vec::new();
    for seen in dose.verdict.findings().iter().filter_map(goes_by).filter(typed) {
        let what = What::Again(Again::Value(seen.what.clone(), seen.value.unit));
        let name = capital(labels::observation(words.language, seen.what.as_str()));
        if all.iter().all(|known| known.title != name) {
            all.push(Errand::new(name, what));
        }
    }
    all
}

const fn goes_by(finding: &Finding) -> Option<&Observation> {
    match &finding.why {
        Why::Established(Evidence::WithinParameter(seen) | Evidence::DoseByScale(_, seen))
        | Why::Variance(
            Variance::HoldParameter(seen, _)
            | Variance::NotByScale(_, seen)
            | Variance::NoScaleRow(seen)
            | Variance::ScaleSaysNone(seen),
        ) => Some(seen),
        _ => None,
    }
}

/// The pump's rate and the measured part. What a second person compared stands (W3).
fn numbers(dose: &DoseInHand) -> impl Iterator<Item = Again> {
    let alone = dose.case.answers.witness.is_none();
    let rate = dose.case.answers.pump_rate().map(Again::PumpRate);
    let last = dose.case.packages.len().checked_sub(1);
    let part = last.filter(|last| dose.case.packages[*last].taken != Taken::Whole).map(Again::Part);
    rate.into_iter().chain(part).filter(move |_| alone)
}
