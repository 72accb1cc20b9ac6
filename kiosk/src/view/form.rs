//! Questions on a screen of their own: the errands, and what a second person is asked. Of what waits for the second person nothing
//! is known here, so that no word can tell it.

use rights::amount::Amount;
use rights::bedside::{Notice, Purpose, Second, Stage, World};
use rights::phrase::{Phrase, Words};
use rights::quantity::{Quantity, Unit};
use rights::verdict::{Variance, Verdict, Why};

use super::subject::with_place;
use super::{line_of, reasons};
use crate::desk::Desk;
use crate::errand::{Begin, Errand, Question, What, Wrong, date_so_far, time_so_far};
use crate::labels::{self, Labels, fill};
use crate::model::{Form, Input, Line, Mark};

/// The name of a unit, as it stands after a number.
pub(super) fn unit_name(unit: Unit, words: &Words<'_>) -> String {
    let two = words.quantity(&Quantity::new(Amount::whole(2), unit));
    two.strip_prefix('2').unwrap_or(&two).trim_start_matches(['\u{a0}', ' ']).to_owned()
}

fn number(typed: &str, unit: String, decimal: bool, enter: &str) -> Input {
    Input::Number { typed: typed.into(), unit, decimal, enter: enter.into() }
}

pub(super) fn errand(errand: &Errand, desk: &Desk, world: &World<'_>, words: &Words<'_>) -> Form {
    let say = labels::of(words.language);
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
            let sheet = reasons::of_list(reason_text(&errand.what, say), list, desk, world, words);
            (String::new(), "", Input::Reason(sheet))
        }
        Some(Question::BirthDate) => (
            say.ask.birth_date.into(),
            say.ask.birth_date_hint,
            number(&date_so_far(typed), String::new(), false, say.button.this_date),
        ),
        Some(Question::MrnEnd) => {
            (say.ask.mrn_end.into(), say.ask.mrn_end_hint, written(say.button.this_number))
        }
        Some(Question::Ndc) => {
            (say.ask.ndc.into(), say.ask.ndc_hint, number(typed, String::new(), false, say.button.this_ndc))
        }
        Some(Question::Lot) => (say.ask.lot.into(), say.ask.lot_hint, written(say.button.this_lot)),
        Some(Question::Amount(unit)) => {
            let enter = say.button.this_amount;
            (amount_text(&errand.what, say).into(), "", number(typed, unit_name(unit, words), true, enter))
        }
        Some(Question::Rate(like)) => {
            let told = words.rate(&rights::rate::Rate { amount: like.amount, ..like });
            let unit = told.split_once('\u{a0}').map_or_else(|| told.clone(), |(_, unit)| unit.to_owned());
            (say.ask.new_rate.into(), "", number(typed, unit, true, say.button.this_rate))
        }
        Some(Question::TimeOfDay) => (
            say.ask.when_given.into(),
            say.ask.when_given_hint,
            number(&time_so_far(typed), String::new(), false, say.button.this_time),
        ),
        Some(Question::Pain) => (
            say.ask.pain_now.into(),
            say.ask.pain_hint,
            number(typed, String::new(), false, say.button.this_score),
        ),
    };
    Form {
        title: errand.title.clone(),
        text,
        hint: hint.into(),
        trouble: errand.wrong.map(|wrong| trouble(wrong, words)),
        input,
        extra: None,
        cancel: say.button.back.into(),
    }
}

/// What was wrong with what was typed.
fn trouble(wrong: Wrong, words: &Words<'_>) -> Line {
    let say = &labels::of(words.language).ask;
    let phrase = match wrong {
        Wrong::NotPossible => words.notice(Notice::ValueNotPossible),
        Wrong::StillToCome => Phrase {
            title: say.still_to_come.into(),
            detail: String::new(),
            action: say.still_to_come_hint.into(),
        },
    };
    line_of(phrase, Mark::Question, "")
}

fn option(errand: &Errand, words: &Words<'_>) -> (String, &'static str, Input) {
    let say = labels::of(words.language);
    match &errand.what {
        What::Menu(all) => (
            say.ask.what_charted.into(),
            "",
            Input::Options(all.iter().map(|begin| label(begin, all, say)).collect()),
        ),
        What::VerbalOrder(_, routes) => (
            say.ask.route_ordered.into(),
            "",
            Input::Options(routes.iter().map(|route| super::capital(words.route(*route))).collect()),
        ),
        What::Route(routes) => (
            say.ask.route.into(),
            "",
            Input::Options(routes.iter().map(|route| super::capital(words.route(*route))).collect()),
        ),
        What::Link { orders, .. } => (
            say.ask.which_order.into(),
            "",
            Input::Options(orders.iter().map(|(_, text)| text.clone()).collect()),
        ),
        What::Band
        | What::Package
        | What::BreakGlass
        | What::GivenAt
        | What::Again(_)
        | What::Waste(..)
        | What::FollowUp(..) => (String::new(), "", Input::Options(Vec::new())),
    }
}

/// What stands on the button of one of these; where two would be the same, with what it is about.
fn label(begin: &Begin, all: &[Begin], say: &Labels) -> String {
    let label = begin.label(say);
    match begin {
        Begin::Errand(errand) if all.iter().filter(|other| other.label(say) == label).count() > 1 => {
            [label, &errand.title].join(": ")
        }
        _ => label.into(),
    }
}

const fn reason_text(what: &What, say: &Labels) -> &'static str {
    match what {
        What::Band => say.ask.why_no_scan,
        What::BreakGlass => say.ask.which_emergency,
        What::Waste(..) => say.ask.why_wasted,
        What::FollowUp(_, crate::errand::FollowUp::Effect { .. }) => say.ask.how_it_worked,
        What::FollowUp(_, crate::errand::FollowUp::Conflict(_)) => say.ask.what_was_done,
        What::FollowUp(..)
        | What::Menu(_)
        | What::Package
        | What::VerbalOrder(..)
        | What::GivenAt
        | What::Again(_)
        | What::Route(_)
        | What::Link { .. } => say.ask.why,
    }
}

const fn amount_text(what: &What, say: &Labels) -> &'static str {
    match what {
        What::Waste(..) => say.ask.how_much_wasted,
        What::VerbalOrder(..) => say.ask.dose_ordered,
        What::Again(_) => say.errand.value_again,
        What::Menu(_)
        | What::Band
        | What::Package
        | What::BreakGlass
        | What::GivenAt
        | What::Route(_)
        | What::Link { .. } => say.ask.how_much,
        What::FollowUp(..) => say.ask.how_much_at_once,
    }
}

/// What a second person is asked.
pub(super) fn second(second: &Second, desk: &Desk, world: &World<'_>, words: &Words<'_>) -> Form {
    let say = labels::of(words.language);
    let (ask, button) = (&say.ask, &say.button);
    let typed = desk.typed.as_str();
    let (text, hint, input): (String, &str, Input) = match &second.stage {
        Stage::Badge => (say.prompt.scan_badge.into(), purpose(second.purpose, say), Input::Scan),
        Stage::Pin { clinician, .. } => {
            (fill(ask.type_your_pin, &[&clinician.name.to_string()]), "", Input::Pin(desk.typed.len()))
        }
        Stage::Product(_) => (ask.scan_package.into(), ask.scan_package_hint, Input::Scan),
        Stage::Amount { name, unit, .. } => (
            fill(ask.amount_to_give, &[name]),
            ask.read_yourself,
            number(typed, unit_name(*unit, words), true, button.this_amount),
        ),
        Stage::Rate { name, .. } => (
            fill(ask.at_which_rate, &[name]),
            ask.see_yourself,
            number(typed, "mL/h".into(), true, say.button.this_rate),
        ),
        Stage::NewRate(_) => {
            (ask.run_rate.into(), ask.see_yourself, number(typed, "mL/h".into(), true, say.button.this_rate))
        }
        Stage::Bolus(_, unit) => (
            ask.how_much_at_once.into(),
            ask.see_yourself,
            number(typed, unit_name(*unit, words), true, button.this_amount),
        ),
        Stage::Wasted(_, unit) => (
            ask.how_much_wasted.into(),
            ask.see_yourself,
            number(typed, unit_name(*unit, words), true, button.this_amount),
        ),
        Stage::BirthDate(_) => (
            say.ask.birth_date.into(),
            say.ask.birth_date_hint,
            number(&date_so_far(typed), String::new(), false, say.button.this_date),
        ),
    };
    let title = ask.second_clinician;
    Form {
        title: second.waste_of().map_or_else(|| title.into(), |of| with_place(title, of, world, words)),
        text,
        hint: hint.into(),
        trouble: desk.trouble.or(second.notice).map(|notice| line_of(words.notice(notice), Mark::Stop, "W2")),
        input,
        extra: matches!(second.stage, Stage::Product(_)).then(|| say.errand.package.into()),
        cancel: button.back.into(),
    }
}

const fn purpose(purpose: Purpose, say: &Labels) -> &'static str {
    match purpose {
        Purpose::Dose => say.ask.for_dose,
        Purpose::Identity => say.ask.for_identity,
        Purpose::Waste => say.ask.for_waste,
        Purpose::Infusion => say.ask.for_infusion,
        Purpose::BreakGlass => say.ask.for_break_glass,
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
    let say = labels::of(words.language);
    let phrase = words.finding(birth_year_question(verdict)?);
    Some(Form {
        title: say.ask.confusable.into(),
        text: phrase.title,
        hint: if phrase.action.is_empty() { say.ask.ask_patient.into() } else { phrase.action },
        trouble: desk.trouble.or(notice).map(|notice| line_of(words.notice(notice), Mark::Question, "P7")),
        input: number(desk.typed.as_str(), String::new(), false, say.button.this_year),
        extra: None,
        cancel: say.button.close_patient.into(),
    })
}
