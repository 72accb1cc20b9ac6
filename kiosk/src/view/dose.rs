//! Packages in hand: verdict, ordered against scanned, the five rights, and what is asked.

mod ask;
mod otherwise;
mod table;

use rights::bedside::{DoseInHand, Step, World};
use rights::case::PackageInHand;
use rights::phrase::{InHandNames, Words};
use rights::product::Product;
use rights::request::Request;
use rights::scan::Meaning;
use rights::verdict::{Class, Finding, Right, Standing, Why};

use super::{due, line, line_of, words};
use crate::desk::{Desk, open_question};
use crate::labels::{self, Labels, fill};
use crate::model::{DosePanel, Line, Mark};

use ask::ask;
pub(crate) use ask::{answers_to, ordered_unit, shares, takes_decimals};
pub(crate) use otherwise::{as_one, other_routes};
use table::{compare, right_row};

pub(super) fn panel(dose: &DoseInHand, desk: &Desk, world: &World<'_>) -> DosePanel {
    let product = dose.case.product();
    let names = product.map(|product| InHandNames {
        name: product.display_name(),
        form: product.form,
        release: product.release,
    });
    let words = words(world, desk.language, names.as_ref());
    let say = labels::of(desk.language);
    let step = dose.step();
    let request = planned(dose);
    DosePanel {
        mark: match &step {
            Step::Stopped => Mark::Stop,
            Step::Ready => Mark::Pass,
            Step::Choose
            | Step::Measure(..)
            | Step::ScanNext(..)
            | Step::Enter(_)
            | Step::VerbalOrder
            | Step::Questions(_)
            | Step::Witness => Mark::Question,
        },
        title: title(dose, &step, &words),
        drug: drug(dose, product, &step, &words),
        progress: progress(dose, product, &words),
        compare: product.map(|product| compare(dose, product, request, &words)).unwrap_or_default(),
        rights: Right::ALL.iter().map(|right| right_row(dose, *right, &words)).collect(),
        findings: unasked_notice(dose, &step, &words)
            .into_iter()
            .chain(
                dose.verdict
                    .findings()
                    .iter()
                    .filter(|f| is_variance(f))
                    .map(|finding| line(finding, &words)),
            )
            .collect(),
        changed: dose.changed.then(|| say.dose.changed.into()),
        ask: ask(dose, &step, desk, world, &words),
        // Somebody can be asked instead of giving a reason why nobody was.
        call: second_way(dose, &step).map(|way| way.label(say).into()),
        earlier: otherwise::label(&otherwise::errands(dose, world, &words), say).map(Into::into),
        confirm: (step == Step::Ready).then(|| say.button.give.into()),
        put_back: (step == Step::Stopped).then(|| say.button.put_back.into()),
        cancel: say.button.cancel.into(),
    }
}

fn is_variance(finding: &Finding) -> bool {
    matches!(finding.why, Why::Variance(_))
}

/// Where nothing is asked, a notice stands among the findings; else beside the question.
fn unasked_notice(dose: &DoseInHand, step: &Step, words: &Words<'_>) -> Option<Line> {
    let notice = dose.notice.filter(|_| matches!(step, Step::Stopped | Step::Ready))?;
    Some(line_of(words.notice(notice), Mark::Question, ""))
}

/// What can be done instead of answering: hold the dose, which is what a hold parameter means, or call a witness.
fn second_way(dose: &DoseInHand, step: &Step) -> Option<SecondWay> {
    if dose.hold_is_suggested() {
        return Some(SecondWay::Hold);
    }
    let call = dose.can_be_witnessed() && *step != Step::Witness && dose.wants_witness();
    call.then_some(SecondWay::Witness)
}

/// What can be done instead of answering.
enum SecondWay {
    Hold,
    Witness,
}

impl SecondWay {
    const fn label(&self, say: &Labels) -> &'static str {
        match self {
            Self::Hold => say.button.hold,
            Self::Witness => say.button.call_a_witness,
        }
    }
}

fn planned(dose: &DoseInHand) -> Option<&Request> {
    let plan = dose.verdict.plan()?;
    dose.case.requests.iter().map(|r| &r.request).find(|request| request.id == plan.choice.request)
}

fn title(dose: &DoseInHand, step: &Step, words: &Words<'_>) -> String {
    let say = &labels::of(words.language).dose;
    match step {
        // Given despite a variance is not "all five rights": an override never verifies, and an allergy that was overridden
        // is no right but no less a variance.
        Step::Ready if all_verified(dose) => say.all_five_rights.into(),
        Step::Ready => say.despite.into(),
        Step::Witness => say.second_must_check.into(),
        _ => first_open(dose).map(|finding| words.finding(finding).title).unwrap_or_default(),
    }
}

fn all_verified(dose: &DoseInHand) -> bool {
    Right::ALL.iter().all(|right| dose.verdict.standing(*right) == Standing::Verified)
        && dose.verdict.findings().iter().all(|finding| finding.class <= Class::Info)
}

/// The finding that the screen is about: the strictest stop, or what is asked next.
fn first_open(dose: &DoseInHand) -> Option<&Finding> {
    dose.verdict
        .stops()
        .next()
        .or_else(|| dose.verdict.questions().find(|finding| finding.class == Class::Choice))
        .or_else(|| open_question(dose).and_then(|check| dose.verdict.questions().find(|f| f.check == check)))
}

/// The drug with its dose: what was ordered, until the dose in hand is complete; an unfinished amount could be taken for the
/// dose.
fn drug(dose: &DoseInHand, product: Option<&Product>, step: &Step, words: &Words<'_>) -> String {
    let say = &labels::of(words.language).dose;
    let Some(product) = product else { return say.not_identified.into() };
    let brand = product.brand.as_ref().map(|brand| format!(" ({brand})")).unwrap_or_default();
    let name = [product.display_name(), &brand].concat();
    let plan = dose.verdict.plan();
    let amount = match (plan, step) {
        (Some(plan), Step::Ready) => plan.dose.map(|dose| words.quantity(&dose)),
        (Some(plan), _) => Some(due::dose(&plan.ordered, words)),
        (None, _) => None,
    };
    match amount {
        Some(amount) => fill(say.drug_dose, &[&name, &amount]),
        None => name,
    }
}

fn progress(dose: &DoseInHand, product: Option<&Product>, words: &Words<'_>) -> String {
    let Some(product) = product else { return String::new() };
    let packages = &dose.case.packages;
    let count = (0..packages.len()).filter(|at| !is_the_same_again(&packages[*at], &packages[..*at])).count();
    let (say, strength) = (&labels::of(words.language).dose, strength(product, words));
    match count {
        1 => fill(say.one_package, &[&strength]),
        _ => fill(say.packages, &[&count.to_string(), &strength]),
    }
}

/// A single-use package that was scanned before is no further package.
fn is_the_same_again(package: &PackageInHand, before: &[PackageInHand]) -> bool {
    let single_use = match &package.scan.meaning {
        Meaning::Dose(_) => true,
        Meaning::Package(code) => code.serial.is_some(),
        _ => false,
    };
    single_use && before.iter().any(|other| other.scan.meaning == package.scan.meaning)
}

/// `25 mg per tablet`; all ingredients of a combination.
fn strength(product: &Product, words: &Words<'_>) -> String {
    let inside: Vec<String> = product.strengths.iter().map(|s| words.quantity(&s.amount)).collect();
    let basis = words.quantity(&product.per);
    let basis = basis.strip_prefix("1\u{a0}").unwrap_or(&basis);
    fill(labels::of(words.language).dose.per, &[&inside.join(" + "), basis])
}
