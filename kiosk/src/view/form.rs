//! Questions on a screen of their own: the errands, and what a second person is asked. Of what waits for the second person nothing
//! is known here, so that no word can tell it.

use rights::amount::Amount;
use rights::bedside::{Notice, Purpose, Second, Stage, World};
use rights::phrase::Words;
use rights::quantity::{Quantity, Unit};
use rights::verdict::{Variance, Verdict, Why};

use super::{line_of, reasons};
use crate::desk::Desk;
use crate::errand::{Errand, Question, What, date_so_far, time_so_far};
use crate::model::{Form, Input, Mark};

/// The name of a unit, as it stands after a number.
pub(super) fn unit_name(unit: Unit, words: &Words<'_>) -> String {
    let two = words.quantity(&Quantity::new(Amount::whole(2), unit));
    two.strip_prefix('2').unwrap_or(&two).trim_start_matches(['\u{a0}', ' ']).to_owned()
}

fn number(typed: &str, unit: String, decimal: bool, enter: &str) -> Input {
    Input::Number { typed: typed.into(), unit, decimal, enter: enter.into() }
}

pub(super) fn errand(
    errand: &Errand,
    desk: &Desk,
    world: &World<'_>,
    words: &Words<'_>,
    notice: Option<Notice>,
) -> Form {
    let typed = desk.typed.as_str();
    let written = |send: &str| Input::Text {
        typed: desk.note.clone(),
        complete: desk.noted().is_some(),
        send: send.into(),
    };
    let (text, hint, input) = match errand.question() {
        None => (String::new(), "", Input::Options(Vec::new())),
        Some(Question::Option) => option(errand, words),
        Some(Question::Reason(list)) => {
            let sheet = reasons::of_list(reason_text(&errand.what), list, desk, world, words);
            (String::new(), "", Input::Reason(sheet))
        }
        Some(Question::BirthDate) => (
            "The patient's birth date".into(),
            "Ask the patient, or read it from the band. Year, month, day.",
            number(&date_so_far(typed), String::new(), false, "This date"),
        ),
        Some(Question::MrnEnd) => (
            "The last four of the record number".into(),
            "Read them from the band.",
            written("This is the number"),
        ),
        Some(Question::Ndc) => (
            "The NDC, as printed".into(),
            "10, 11 or 12 digits, without hyphens.",
            number(typed, String::new(), false, "This is the NDC"),
        ),
        Some(Question::Lot) => {
            ("The lot, as printed".into(), "It stands beside the word LOT.", written("This is the lot"))
        }
        Some(Question::Amount(unit)) => {
            (amount_text(&errand.what).into(), "", number(typed, unit_name(unit, words), true, "This amount"))
        }
        Some(Question::Rate(like)) => {
            let told = words.rate(&rights::rate::Rate { amount: like.amount, ..like });
            let unit = told.split_once('\u{a0}').map_or_else(|| told.clone(), |(_, unit)| unit.to_owned());
            ("The new rate, as ordered".into(), "", number(typed, unit, true, "This rate"))
        }
        Some(Question::TimeOfDay) => (
            "When was it given?".into(),
            "Hours and minutes. It is charted as given then, and earns no scan credit.",
            number(&time_so_far(typed), String::new(), false, "This time"),
        ),
        Some(Question::Pain) => (
            "How strong is the pain now?".into(),
            "0 is none, 10 is the worst.",
            number(typed, String::new(), false, "This score"),
        ),
    };
    let wrong = errand.wrong.then_some(Notice::ValueNotPossible).or(notice);
    Form {
        title: errand.title.clone(),
        text,
        hint: hint.into(),
        trouble: wrong.map(|notice| line_of(words.notice(notice), Mark::Question, "")),
        input,
        extra: None,
        cancel: "Back".into(),
    }
}

fn option(errand: &Errand, words: &Words<'_>) -> (String, &'static str, Input) {
    match &errand.what {
        What::Menu(all) => (
            "What do you chart?".into(),
            "",
            Input::Options(all.iter().map(crate::errand::Begin::label).collect()),
        ),
        What::VerbalOrder(_, routes) => (
            "By which route was it ordered?".into(),
            "",
            Input::Options(routes.iter().map(|route| super::capital(words.route(*route))).collect()),
        ),
        What::Route(routes) => (
            "By which route?".into(),
            "",
            Input::Options(routes.iter().map(|route| super::capital(words.route(*route))).collect()),
        ),
        What::Link { orders, .. } => (
            "Which order was written for it?".into(),
            "",
            Input::Options(orders.iter().map(|(_, text)| text.clone()).collect()),
        ),
        What::Band
        | What::Package
        | What::BreakGlass
        | What::GivenAt(_)
        | What::Waste(..)
        | What::FollowUp(..) => (String::new(), "", Input::Options(Vec::new())),
    }
}

const fn reason_text(what: &What) -> &'static str {
    match what {
        What::Band => "Why can it not be scanned?",
        What::BreakGlass => "What is the emergency? A second clinician confirms it next.",
        What::Waste(..) => "Why is it wasted? A witness is asked next.",
        What::FollowUp(_, crate::errand::FollowUp::Effect { .. }) => "How did it work?",
        What::FollowUp(..)
        | What::Menu(_)
        | What::Package
        | What::VerbalOrder(..)
        | What::GivenAt(_)
        | What::Route(_)
        | What::Link { .. } => "Why?",
    }
}

const fn amount_text(what: &What) -> &'static str {
    match what {
        What::Waste(..) => "How much is wasted?",
        What::VerbalOrder(..) => "Which dose was ordered? Say it back first.",
        What::Menu(_)
        | What::Band
        | What::Package
        | What::BreakGlass
        | What::GivenAt(_)
        | What::Route(_)
        | What::Link { .. } => "How much?",
        What::FollowUp(..) => "How much is given at once?",
    }
}

/// What a second person is asked.
pub(super) fn second(second: &Second, desk: &Desk, words: &Words<'_>) -> Form {
    let typed = desk.typed.as_str();
    let enter_yourself = "See for yourself: nobody tells you the number.";
    let (text, hint, input): (String, &str, Input) = match &second.stage {
        Stage::Badge => ("Scan your badge".into(), purpose(second.purpose), Input::Scan),
        Stage::Pin { clinician, .. } => {
            (format!("{}: type your PIN", clinician.name), "", Input::Pin(desk.typed.len()))
        }
        Stage::Product(_) => {
            ("Scan the package".into(), "The code on the medication that is to be given.", Input::Scan)
        }
        Stage::Amount { name, unit, .. } => (
            format!("{name}: how much is to be given?"),
            "Read the order and the syringe yourself: nobody tells you the number.",
            number(typed, unit_name(*unit, words), true, "This amount"),
        ),
        Stage::Rate { name, .. } => (
            format!("{name}: at which rate?"),
            enter_yourself,
            number(typed, "mL/h".into(), true, "This rate"),
        ),
        Stage::NewRate(_) => (
            "At which rate is it to run?".into(),
            enter_yourself,
            number(typed, "mL/h".into(), true, "This rate"),
        ),
        Stage::Bolus(_) => (
            "How much is given at once?".into(),
            enter_yourself,
            number(typed, unit_name(Unit::Millilitre, words), true, "This amount"),
        ),
        Stage::Wasted(_, unit) => (
            "How much is wasted?".into(),
            enter_yourself,
            number(typed, unit_name(*unit, words), true, "This amount"),
        ),
        Stage::BirthDate(_) => (
            "The patient's birth date".into(),
            "Ask the patient, or read it from the band. Year, month, day.",
            number(&date_so_far(typed), String::new(), false, "This date"),
        ),
    };
    Form {
        title: "Second clinician".into(),
        text,
        hint: hint.into(),
        trouble: second.notice.map(|notice| line_of(words.notice(notice), Mark::Stop, "W2")),
        input,
        extra: matches!(second.stage, Stage::Product(_)).then(|| "The package cannot be scanned".into()),
        cancel: "Back".into(),
    }
}

const fn purpose(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Dose => "For the independent double check of a dose.",
        Purpose::Identity => "For a patient whose wristband cannot be scanned.",
        Purpose::Waste => "As the witness of a waste.",
        Purpose::Infusion => "For another rate or a bolus of a running infusion.",
        Purpose::BreakGlass => "To confirm the emergency: break-glass needs two clinicians.",
    }
}

/// Whether the patient is to be told apart from another one by the birth year (P7).
pub(crate) fn asks_birth_year(verdict: &Verdict) -> bool {
    birth_year_question(verdict).is_some()
}

fn birth_year_question(verdict: &Verdict) -> Option<&rights::verdict::Finding> {
    use rights::entered::Wanted;
    verdict
        .questions()
        .find(|finding| matches!(&finding.why, Why::Variance(Variance::ValueMissing(Wanted::BirthYear))))
}

/// P7: before anything of the patient is shown, the year that the patient says.
pub(super) fn birth_year(
    verdict: &Verdict,
    desk: &Desk,
    words: &Words<'_>,
    notice: Option<Notice>,
) -> Option<Form> {
    let phrase = words.finding(birth_year_question(verdict)?);
    Some(Form {
        title: "Two patients of this ward could be confused".into(),
        text: phrase.title,
        hint: if phrase.action.is_empty() { "Ask the patient.".into() } else { phrase.action },
        trouble: notice.map(|notice| line_of(words.notice(notice), Mark::Question, "P7")),
        input: number(desk.typed.as_str(), String::new(), false, "This year"),
        extra: None,
        cancel: "Close this patient".into(),
    })
}
