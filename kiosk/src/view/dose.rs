//! Packages in hand: verdict, ordered against scanned, the five rights, and what is asked.

use rights::amount::Amount;
use rights::bedside::{DoseInHand, Step, World};
use rights::case::{Choice, PackageInHand};
use rights::entered::{Entered, Wanted};
use rights::phrase::{InHandNames, Words, amount};
use rights::policy::Policy;
use rights::product::{Divisible, Product, Route};
use rights::quantity::{Quantity, Unit};
use rights::request::Request;
use rights::scan::Meaning;
use rights::verdict::{Check, Class, Evidence, Finding, Right, Standing, Variance, Why};

use super::form::unit_name;
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
            Step::Choose
            | Step::Measure(_)
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
        findings: dose
            .verdict
            .findings()
            .iter()
            .filter(|finding| matches!(finding.why, Why::Variance(_)))
            .map(|finding| line(finding, &words))
            .collect(),
        changed: dose.changed.then(|| "Changed since the scan. Read it again.".into()),
        ask: ask(dose, &step, desk, world, &words),
        // Somebody can be asked instead of giving a reason why nobody was.
        call: second_way(dose, &step),
        earlier: otherwise(dose, &step),
        confirm: (step == Step::Ready).then(|| "Patient has taken it".into()),
        put_back: (step == Step::Stopped).then(|| "Put it back".into()),
        cancel: "Cancel".into(),
    }
}

/// What the nurse may say that nobody asks: it was taken earlier, or goes another way that the order allows.
fn otherwise(dose: &DoseInHand, step: &Step) -> Option<String> {
    let routes = other_routes(dose).len() > 1;
    match (may_be_earlier(dose, step), routes && *step == Step::Ready) {
        (_, true) => Some("Other time or route".into()),
        (true, false) => Some("Taken earlier".into()),
        (false, false) => None,
    }
}

/// R2: the routes that the order allows, the ordered one first.
pub(crate) fn other_routes(dose: &DoseInHand) -> Vec<Route> {
    let request = planned(dose);
    request
        .into_iter()
        .flat_map(|request| std::iter::once(request.route).chain(request.alternate_routes.iter().copied()))
        .collect()
}

/// S3: a dose that was given before its package is scanned. What only the present moment forbids may have been right then.
fn may_be_earlier(dose: &DoseInHand, step: &Step) -> bool {
    let of_the_moment = |finding: &Finding| {
        matches!(finding.check, Check::S2 | Check::O1 | Check::T2 | Check::T4 | Check::T5)
    };
    match step {
        Step::Ready | Step::Questions(_) => true,
        Step::Stopped => dose.verdict.stops().all(of_the_moment),
        Step::Choose
        | Step::Measure(_)
        | Step::ScanNext(..)
        | Step::Enter(_)
        | Step::VerbalOrder
        | Step::Witness => false,
    }
}

/// What can be done instead of answering: hold the dose, which is what a hold parameter means, or call a witness.
fn second_way(dose: &DoseInHand, step: &Step) -> Option<String> {
    if hold_instead(dose) {
        return Some("Hold the dose".into());
    }
    let call = dose.can_be_witnessed() && *step != Step::Witness && asks_for_witness(dose);
    call.then(|| "Call a witness".into())
}

/// Whether the open question is a value that lies where the dose is to be held (C2, C3).
pub(crate) fn hold_instead(dose: &DoseInHand) -> bool {
    let open = open_question(dose);
    dose.verdict.questions().any(|finding| {
        Some(finding.check) == open && matches!(finding.why, Why::Variance(Variance::HoldParameter(..)))
    })
}

fn asks_for_witness(dose: &DoseInHand) -> bool {
    let unwitnessed = dose.case.answers.witness.is_none();
    unwitnessed
        && dose.verdict.questions().any(|finding| {
            finding.class == Class::SoftWitness
                || matches!(
                    &finding.why,
                    Why::Variance(Variance::WitnessRequired | Variance::WitnessRecommended)
                )
        })
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
        Step::Witness => "A second clinician must check it".into(),
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
        Step::Enter(wanted) => enter(wanted, dose, desk, world, words),
        Step::VerbalOrder => Ask::Call {
            text: "Not ordered in writing. Ask the prescriber, say the order back, then enter it.".into(),
            button: "Enter the spoken order".into(),
        },
        Step::Witness => Ask::Call {
            text: "A second clinician checks it, without seeing your numbers.".into(),
            button: "Call the witness".into(),
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

/// A value that is to be typed, or one of several to tap.
fn enter(wanted: &Wanted, dose: &DoseInHand, desk: &Desk, world: &World<'_>, words: &Words<'_>) -> Ask {
    let open = first_open(dose).map(|finding| words.finding(finding));
    let text = match &open {
        Some(phrase) if !phrase.action.is_empty() => phrase.action.clone(),
        Some(phrase) => phrase.title.clone(),
        None => String::new(),
    };
    let number = |unit: String, enter: &str| Ask::Number {
        text: dose.notice.map_or_else(|| text.clone(), |notice| words.notice(notice).title),
        typed: desk.typed.as_str().into(),
        unit,
        parts: Vec::new(),
        enter: enter.into(),
    };
    match wanted {
        Wanted::Observation(_, unit) => number(unit_name(*unit, words), "This value"),
        Wanted::BirthYear => number(String::new(), "This year"),
        Wanted::CountInHand => number(String::new(), "So many"),
        Wanted::PainScore => number(String::new(), "This score"),
        Wanted::PumpRate => number("mL/h".into(), "This rate"),
        // The nurse says this; it is never asked for.
        Wanted::GivenAt => Ask::Nothing,
        Wanted::Site | Wanted::Crushed | Wanted::Route => {
            let options = answers_to(wanted, dose, world.policy);
            Ask::Choice { text, options: options.iter().map(|value| entered_text(value, words)).collect() }
        }
    }
}

fn entered_text(value: &Entered, words: &Words<'_>) -> String {
    match value {
        Entered::Site(site) => super::capital(&words.site(site)),
        Entered::Route(route) => super::capital(words.route(*route)),
        Entered::Crushed(true) => "Crushed or opened".into(),
        Entered::Crushed(false) => "Whole".into(),
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
        Divisible::Volume | Divisible::No => Ask::Number {
            text: format!("Draw up {amount}, then type what you have drawn up."),
            typed: desk.typed.as_str().into(),
            unit: unit_name(part.unit, words),
            parts: Vec::new(),
            enter: "This amount".into(),
        },
        Divisible::Half | Divisible::Quarter => Ask::Number {
            enter: String::new(),
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
