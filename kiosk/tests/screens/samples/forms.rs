//! Questions on a screen of their own, and a dose that is not given.

use kiosk::model::{Form, Input, Mark, Model, NotGivenPanel, ReasonSheet, Screen};

use super::dose::reasons;
use super::{line, model, patient};

fn form(title: &str, text: &str, hint: &str, input: Input) -> Form {
    let (title, text, hint) = (title.into(), text.into(), hint.into());
    Form { title, text, hint, trouble: None, input, extra: None, cancel: "Back".into() }
}

/// The witness scans: no number of the giver is on the screen.
pub(crate) fn witness_scans() -> Model {
    let form = Form {
        extra: Some("The package cannot be scanned".into()),
        ..form(
            "Second clinician: C. BRENNAN, RN",
            "Scan the package",
            "The code on the medication that is to be given.",
            Input::Scan,
        )
    };
    Model { preview: true, ..patient(Screen::Form(form)) }
}

pub(crate) fn witness_pin() -> Model {
    let wrong = line(Mark::Stop, "Wrong PIN", "", "Type it again", "W2");
    let form = form("Second clinician", "Colm Brennan: type your PIN", "", Input::Pin(3));
    model(Screen::Form(Form { trouble: Some(wrong), ..form }), Some("R. ALVAREZ, RN"))
}

pub(crate) fn witness_amount() -> Model {
    let input =
        Input::Number { typed: "0.5".into(), unit: "mL".into(), decimal: true, enter: "This amount".into() };
    let hint = "Read the order and the syringe yourself. Nobody tells you the amount.";
    patient(Screen::Form(form(
        "Second clinician: C. BRENNAN, RN",
        "heparin: how much is to be given?",
        hint,
        input,
    )))
}

pub(crate) fn birth_date() -> Model {
    let input = Input::Number {
        typed: "1951-03-".into(),
        unit: String::new(),
        decimal: false,
        enter: "This date".into(),
    };
    let hint = "Ask the patient. Year, month, day.";
    model(
        Screen::Form(form("The wristband cannot be scanned", "The patient's birth date", hint, input)),
        Some("R. ALVAREZ, RN"),
    )
}

pub(crate) fn options() -> Model {
    let all =
        ["Change the rate", "Pause the infusion", "Give a bolus", "Stop the infusion", "The bag is empty"];
    let input = Input::Options(all.map(String::from).to_vec());
    patient(Screen::Form(form("sodium chloride 0.9 %, 100 mL/h", "What do you chart?", "", input)))
}

pub(crate) fn form_reason() -> Model {
    let sheet = ReasonSheet { chosen: Some(2), complete: true, ..reasons("Why is it wasted?", &WASTE) };
    let mut form = form("Waste: fentanyl", "", "", Input::Reason(sheet));
    form.trouble = Some(line(Mark::Question, "The reason is not complete", "", "Choose one", ""));
    patient(Screen::Form(form))
}

pub(crate) fn lot(typed: &str) -> Model {
    let input =
        Input::Text { typed: typed.into(), complete: !typed.is_empty(), send: "This is the lot".into() };
    patient(Screen::Form(form(
        "The package cannot be scanned",
        "The lot, as printed",
        "It stands beside the word LOT.",
        input,
    )))
}

pub(crate) const WASTE: [&str; 10] = [
    "Partial dose",
    "Dropped",
    "Refused after opening",
    "Order changed after preparation",
    "Spilled",
    "Expired after opening",
    "Vomited",
    "Line primed",
    "Patch removed",
    "Other",
];

pub(crate) const NOT_GIVEN: [&str; 19] = [
    "refused",
    "NPO",
    "asleep",
    "off unit",
    "on pass",
    "vomiting",
    "no IV access",
    "tube not usable",
    "not available",
    "order unclear, prescriber called",
    "parameter out of range",
    "allergy suspected",
    "adverse reaction suspected",
    "given elsewhere",
    "duplicate order",
    "deceased or discharged",
    "given by another discipline",
    "self-administered",
    "other",
];

pub(crate) fn not_given(note: Option<String>) -> Model {
    let sheet = ReasonSheet {
        chosen: note.as_ref().map(|_| 18),
        complete: note.is_some(),
        note,
        send: "Record as refused".into(),
        ..reasons("Why was it not given?", &NOT_GIVEN)
    };
    patient(Screen::NotGiven(NotGivenPanel {
        title: "metoprolol tartrate, dose 50 mg, by mouth, 08:00".into(),
        outcomes: ["Held", "Refused", "Missing", "Not given"].map(String::from).to_vec(),
        outcome: Some(1),
        reason: sheet,
        cancel: "Back".into(),
    }))
}
