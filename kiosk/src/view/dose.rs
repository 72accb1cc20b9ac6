//! Packages in hand: verdict, ordered against scanned, the five rights, and what is asked.

use rights::amount::Amount;
use rights::bedside::{DoseInHand, Step, World};
use rights::case::{Choice, PackageInHand};
use rights::phrase::{InHandNames, Words, amount};
use rights::product::{Divisible, Product};
use rights::quantity::Quantity;
use rights::request::Request;
use rights::scan::Meaning;
use rights::verdict::{Class, Evidence, Finding, Right, Standing, Variance, Why};

use super::{due, line, mark, reasons, words};
use crate::desk::{Desk, open_question};
use crate::model::{Ask, CompareRow, DosePanel, Mark, RightRow};

pub(super) fn panel(dose: &DoseInHand, desk: &Desk, world: &World<'_>) -> DosePanel {
    let product = dose.case.product();
    let names = product.map(|product| InHandNames {
        name: product.display_name(),
        form: product.form,
        release: product.release,
    });
    let words = words(world, names.as_ref());
    let step = dose.step();
    let request = planned(dose);
    DosePanel {
        mark: match &step {
            Step::Stopped => Mark::Stop,
            Step::Ready => Mark::Pass,
            Step::Choose | Step::Measure(_) | Step::ScanNext(..) | Step::Questions(_) => Mark::Question,
        },
        title: title(dose, &step, &words),
        drug: drug(dose, product, &step, &words),
        progress: progress(dose, product, &words),
        compare: product.map(|product| compare(dose, product, request, &words)).unwrap_or_default(),
        rights: Right::ALL.iter().map(|right| right_row(dose, *right, &words)).collect(),
        findings: dose
            .verdict
            .findings()
            .iter()
            .filter(|finding| matches!(finding.why, Why::Variance(_)))
            .map(|finding| line(finding, &words))
            .collect(),
        changed: dose.changed.then(|| "Changed since the scan. Read it again.".into()),
        ask: ask(dose, &step, desk, world, &words),
        confirm: (step == Step::Ready).then(|| "Patient has taken it".into()),
        put_back: (step == Step::Stopped).then(|| "Put it back".into()),
        cancel: "Cancel".into(),
    }
}

fn planned(dose: &DoseInHand) -> Option<&Request> {
    let plan = dose.verdict.plan()?;
    dose.case.requests.iter().map(|r| &r.request).find(|request| request.id == plan.choice.request)
}

fn title(dose: &DoseInHand, step: &Step, words: &Words<'_>) -> String {
    match step {
        // Given despite a variance is not "all five rights": an override never verifies, and an allergy that was overridden
        // is no right but no less a variance.
        Step::Ready if all_verified(dose) => "All five rights".into(),
        Step::Ready => "May be given, with your reason".into(),
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
    let Some(product) = product else { return "Package not identified".into() };
    let brand = product.brand.as_ref().map(|brand| format!(" ({brand})")).unwrap_or_default();
    let plan = dose.verdict.plan();
    let amount = match (plan, step) {
        (Some(plan), Step::Ready) => plan.dose.map(|dose| words.quantity(&dose)),
        (Some(plan), _) => Some(due::dose(&plan.ordered, words)),
        (None, _) => None,
    };
    let amount = amount.map(|amount| format!(", dose {amount}")).unwrap_or_default();
    format!("{}{brand}{amount}", product.display_name())
}

fn progress(dose: &DoseInHand, product: Option<&Product>, words: &Words<'_>) -> String {
    let Some(product) = product else { return String::new() };
    let packages = &dose.case.packages;
    let count = (0..packages.len()).filter(|at| !is_the_same_again(&packages[*at], &packages[..*at])).count();
    let packages = if count == 1 { "1 package".to_owned() } else { format!("{count} packages") };
    format!("In hand: {packages} ({})", strength(product, words))
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
    format!("{} per {basis}", inside.join(" + "))
}

fn compare(
    dose: &DoseInHand,
    product: &Product,
    request: Option<&Request>,
    words: &Words<'_>,
) -> Vec<CompareRow> {
    let scanned_name = product.display_name().to_owned();
    let scanned_form = words.form(product.form, product.release);
    let row = |label: &str, ordered: String, scanned: String, mark| CompareRow {
        label: label.into(),
        ordered,
        scanned,
        mark,
    };
    let Some(request) = request else {
        let closest = dose.verdict.findings().iter().find_map(|finding| match &finding.why {
            Why::Variance(Variance::Differs { ordered, ordered_form, ordered_release, .. }) => {
                Some((ordered.clone(), words.form(*ordered_form, *ordered_release)))
            }
            _ => None,
        });
        let Some((name, form)) = closest else { return Vec::new() };
        let agree = |same| if same { Mark::Pass } else { Mark::Stop };
        return vec![
            row("Drug", name.clone(), scanned_name, agree(name == product.name)),
            row("Form", form.clone(), scanned_form.clone(), agree(form == scanned_form)),
        ];
    };
    let plan = dose.verdict.plan();
    let worst = |right| {
        let findings = dose.verdict.findings().iter().filter(move |f| f.check.right() == Some(right));
        findings.map(|finding| finding.class).max().map_or(Mark::None, mark)
    };
    let in_hand = plan.and_then(|plan| plan.dose).map_or_else(|| "?".into(), |dose| words.quantity(&dose));
    let routes: Vec<&str> = product.routes.iter().map(|route| words.route(*route)).collect();
    let due =
        plan.and_then(|plan| plan.choice.slot).map_or_else(|| "as needed".into(), |due| words.time(due));
    vec![
        row("Drug", request.drug.name.clone(), scanned_name, Mark::Pass),
        row("Form", words.form(request.drug.form, request.drug.release), scanned_form, Mark::Pass),
        row("Dose", due::dose(&request.dose, words), in_hand, worst(Right::Dose)),
        row("Route", words.route(request.route).into(), routes.join(", "), worst(Right::Route)),
        row("Time", due, words.time(dose.case.now.at), worst(Right::Time)),
    ]
}

fn right_row(dose: &DoseInHand, right: Right, words: &Words<'_>) -> RightRow {
    let of_right = || dose.verdict.findings().iter().filter(move |f| f.check.right() == Some(right));
    let (mark, how) = match dose.verdict.standing(right) {
        Standing::Verified => {
            let evidence = of_right().find(|finding| is_main_evidence(&finding.why));
            let evidence = evidence.or_else(|| of_right().find(|f| matches!(f.why, Why::Established(_))));
            (Mark::Pass, evidence.map(|finding| words.finding(finding).title))
        }
        Standing::Attested => (Mark::Info, None),
        Standing::Variance => {
            let worst = of_right().find(|finding| matches!(finding.why, Why::Variance(_)));
            let weight = worst.map_or(Mark::Question, |finding| super::mark(finding.class));
            (weight, worst.map(|finding| words.finding(finding).title))
        }
        Standing::NotReached => (Mark::None, Some("Not checked yet".into())),
    };
    RightRow { name: words.right(right).into(), mark, how: how.unwrap_or_default() }
}

/// The evidence that says most about its right.
const fn is_main_evidence(why: &Why) -> bool {
    matches!(
        why,
        Why::Established(
            Evidence::BandScanned
                | Evidence::SatisfiesRequest(_)
                | Evidence::DoseExact(_)
                | Evidence::DoseInRange(_)
                | Evidence::RouteFits(_)
                | Evidence::InWindow(_)
                | Evidence::NoWindow
                | Evidence::IntervalElapsed
        )
    )
}

fn ask(dose: &DoseInHand, step: &Step, desk: &Desk, world: &World<'_>, words: &Words<'_>) -> Ask {
    match step {
        Step::Stopped | Step::Ready => Ask::Nothing,
        Step::ScanNext(total, ordered) => Ask::NextPackage {
            text: format!("Scan the next package: {} of {}.", words.quantity(total), words.quantity(ordered)),
            no_more: "Give less".into(),
        },
        Step::Choose => Ask::Choice {
            text: "Which dose?".into(),
            options: dose.choices().iter().map(|choice| choice_text(choice, dose, words)).collect(),
        },
        Step::Measure(part) => measure(part, dose, desk, words),
        Step::Questions(checks) => match checks.first() {
            Some(check) => Ask::Reason(reasons::sheet(dose, *check, desk, world, words)),
            None => Ask::Nothing,
        },
    }
}

fn choice_text(choice: &Choice, dose: &DoseInHand, words: &Words<'_>) -> String {
    let request = dose.case.requests.iter().map(|r| &r.request).find(|request| request.id == choice.request);
    let what = request.map(|request| due::dose(&request.dose, words)).unwrap_or_default();
    let name = request.map(|request| request.drug.name.as_str()).unwrap_or_default();
    match choice.slot {
        Some(due) => format!("{name}, dose {what}, due {}", words.time(due)),
        None => format!("{name}, dose {what}, as needed"),
    }
}

fn measure(part: &Quantity, dose: &DoseInHand, desk: &Desk, words: &Words<'_>) -> Ask {
    let divisible = dose.case.product().map_or(Divisible::No, |product| product.divisible);
    let amount = words.quantity(part);
    match divisible {
        Divisible::Volume | Divisible::No => Ask::Measure {
            text: format!("Draw up {amount}, then type what you have drawn up."),
            typed: desk.typed.as_str().into(),
            unit: words.quantity(&Quantity::new(Amount::whole(2), part.unit)).chars().skip(2).collect(),
            parts: Vec::new(),
        },
        Divisible::Half | Divisible::Quarter => Ask::Measure {
            text: format!("Divide it: give {amount}. What have you prepared?"),
            typed: String::new(),
            unit: String::new(),
            parts: shares(divisible).iter().map(|share| amount_of_tablet(*share)).collect(),
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

fn amount_of_tablet(share: Amount) -> String {
    match share.parts() {
        (1, 2) => "½ of it".into(),
        (1, 4) => "¼ of it".into(),
        (3, 4) => "¾ of it".into(),
        _ => format!("{} of it", amount(&share)),
    }
}
