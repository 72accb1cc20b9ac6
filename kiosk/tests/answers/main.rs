//! What comes of a tap, a key or a code that was not meant so: what sounds, what stays typed, what is chosen and what is not begun.

mod bed;

use bed::Bed;
use kiosk::model::{Ask, DosePanel, Form, Input, Model, NotGivenPanel, Screen};
use kiosk::reading::{screen_name, texts};
use rights::bedside::Tone;
use rights::ident::RequestId;
use rights::request::{Request, RequestStatus};
use rights::schedule::Timing;

fn not_given(shown: &Model) -> &NotGivenPanel {
    match &shown.screen {
        Screen::NotGiven(panel) => panel,
        other => panic!("{other:?}"),
    }
}

fn typed(shown: &Model) -> &str {
    match &shown.screen {
        Screen::Form(Form { input: Input::Number { typed, .. }, .. })
        | Screen::Dose(DosePanel { ask: Ask::Number { typed, .. }, .. }) => typed,
        other => panic!("{other:?}"),
    }
}

fn says(bed: &Bed, text: &str) -> bool {
    texts(&bed.screen()).iter().any(|said| said.contains(text))
}

#[test]
fn a_reason_that_came_with_refused_does_not_stay_with_held() {
    let mut bed = Bed::at("2026-11-30T09:01:00-05:00");
    bed.scan("band-kowalski");
    bed.tap("lisinopril 09:00");
    bed.tap("Refused");
    let shown = bed.screen();
    let sheet = &not_given(&shown).reason;
    assert_eq!(sheet.chosen.map(|at| sheet.reasons[at].as_str()), Some("Patient refused"));
    bed.tap("Held");
    let shown = bed.screen();
    assert_eq!((not_given(&shown).reason.chosen, not_given(&shown).reason.complete), (None, false));
    bed.tap("Refused");
    assert!(not_given(&bed.screen()).reason.complete, "and comes with it again");
    // What a hand chose stays.
    bed.tap("Patient asleep");
    bed.tap("Held");
    let shown = bed.screen();
    let sheet = &not_given(&shown).reason;
    assert_eq!(sheet.chosen.map(|at| sheet.reasons[at].as_str()), Some("Patient asleep"));
}

#[test]
fn a_reason_that_came_with_held_does_not_stay_with_refused() {
    let mut bed = Bed::at("2026-11-30T09:01:00-05:00");
    bed.scan("band-reyes");
    bed.scan("pkg-digoxin");
    bed.types("54");
    bed.tap("Hold the dose");
    let out_of_range = not_given(&bed.screen()).reason.chosen;
    assert!(out_of_range.is_some());
    bed.tap("Missing");
    assert_eq!(not_given(&bed.screen()).reason.chosen, None);
}

fn for_reason(like: &Request, id: &str, reason: &str) -> Request {
    let Timing::AsNeeded(limits) = &like.timing else { panic!("{:?}", like.timing) };
    let mut limits = limits.clone();
    limits.reasons = vec![reason.into()];
    Request { id: RequestId::parse(id).unwrap(), timing: Timing::AsNeeded(limits), ..like.clone() }
}

#[test]
fn o7_no_two_orders_that_are_offered_read_the_same() {
    let mut bed = Bed::with("2026-11-30T09:01:00-05:00", |chart| {
        let like =
            chart.requests.iter().find(|r| r.id.as_str() == "mr-okafor-acetaminophen").unwrap().clone();
        chart.requests.push(for_reason(&like, "mr-okafor-fever-1", "fever"));
        chart.requests.push(for_reason(&like, "mr-okafor-fever-2", "fever"));
    });
    bed.scan("band-okafor");
    bed.scan("pkg-acetaminophen");
    let Screen::Dose(DosePanel { ask: Ask::Choice { options, .. }, .. }) = bed.screen().screen else {
        panic!("a choice");
    };
    let told: Vec<String> = options.iter().map(|option| option.replace('\u{a0}', " ")).collect();
    assert_eq!(
        told,
        [
            "acetaminophen, dose 650 mg, by mouth, for pain, as needed",
            "acetaminophen, dose 650 mg, by mouth, for fever, as needed, order mr-okafor-fever-1",
            "acetaminophen, dose 650 mg, by mouth, for fever, as needed, order mr-okafor-fever-2",
        ]
    );
}

/// The second person has signed and is asked for the birth date.
fn at_the_birth_date() -> Bed {
    let mut bed = Bed::at("2026-11-30T09:01:00-05:00");
    bed.tap("The wristband cannot be scanned");
    bed.tap("Band damaged");
    bed.tap("Record the reason");
    assert_eq!(bed.types("19511314"), [Tone::Question], "there is no thirteenth month");
    bed.types("19441121");
    bed.writes("0131");
    bed.tap("This is the number");
    bed.scan("badge-brennan");
    bed.types("1357");
    bed
}

#[test]
fn what_a_second_person_types_stays_when_a_code_is_read_that_nothing_is_done_with() {
    let mut bed = at_the_birth_date();
    bed.keys("1944");
    assert_eq!(bed.scan("pkg-lisinopril"), [Tone::Question]);
    assert_eq!(typed(&bed.screen()), "1944-");
    // A wristband begins anew, whatever was typed.
    bed.scan("band-okafor");
    assert_eq!(screen_name(&bed.screen().screen), "due-list");
}

#[test]
fn a_date_that_no_year_has_is_said_to_the_second_person() {
    let mut bed = at_the_birth_date();
    assert_eq!(bed.types("19440230"), [Tone::Question]);
    assert_eq!(typed(&bed.screen()), "");
    assert!(says(&bed, "This value is not possible"));
    bed.types("19441121");
    assert!(says(&bed, "KOWALSKI") || says(&bed, "Kowalski"));
}

#[test]
fn a_code_sounds_while_an_entry_is_written() {
    let mut bed = Bed::at("2026-11-30T09:01:00-05:00");
    bed.scan("band-kowalski");
    assert_eq!(bed.scan("pkg-lisinopril"), [Tone::Pass]);
    bed.tap("Patient has taken it");
    assert_eq!(screen_name(&bed.screen().screen), "saving");
    assert_eq!(bed.scan("pkg-metoprolol"), [Tone::Question]);
    assert_eq!(screen_name(&bed.screen().screen), "saving");
}

#[test]
fn a_value_that_the_session_refuses_is_heard_and_the_question_stays() {
    let mut bed = Bed::at("2026-11-30T09:01:00-05:00");
    bed.scan("band-ferreira");
    bed.scan("pkg-fentanyl");
    let asked = texts(&bed.screen());
    bed.types(".5");
    bed.tap("Pain");
    bed.tap("Record the reason");
    assert!(asked != texts(&bed.screen()), "half a millilitre was taken");
    for impossible in ["11", "888"] {
        assert_eq!(bed.types(impossible), [Tone::Question], "{impossible}");
        assert!(says(&bed, "This value is not possible. Ask the patient"), "{:?}", texts(&bed.screen()));
    }
    bed.types("8");
    assert!(!says(&bed, "This value is not possible"));
}

#[test]
fn a_tap_on_a_line_that_moved_since_it_was_drawn_opens_nothing() {
    let mut bed = Bed::at("2026-11-30T09:01:00-05:00");
    bed.scan("band-kowalski");
    bed.later();
    let line = bed.find("lisinopril 09:00");
    let mut orders = bed.orders.clone();
    // The first line goes further down, and what stood below each line stands in its place.
    let first = orders.requests.iter_mut().find(|request| request.id.as_str() == "mr-kowalski-heparin");
    let first = first.unwrap();
    (first.status, first.version) = (RequestStatus::OnHold, first.version + 1);
    bed.device.orders_arrived(orders);
    bed.act(line.clone());
    assert_eq!(screen_name(&bed.screen().screen), "due-list");
    bed.later();
    let moved = bed.find("lisinopril 09:00");
    assert_ne!(moved, line, "it stands somewhere else");
    bed.act(moved);
    assert_eq!(screen_name(&bed.screen().screen), "not-given");
}

/// One line more above the list moves all of it, though it says the same.
#[test]
fn a_tap_right_after_a_line_came_above_the_list_opens_nothing() {
    let mut bed = Bed::at("2026-11-30T09:01:00-05:00");
    bed.scan("band-kowalski");
    bed.later();
    let line = bed.find("lisinopril 09:00");
    let mut orders = bed.orders.clone();
    let patient = orders.requests.iter().find(|request| request.id.as_str() == "mr-kowalski-lisinopril");
    orders.unreadable.push(patient.unwrap().patient.clone());
    bed.device.orders_arrived(orders);
    bed.act(line.clone());
    assert_eq!(screen_name(&bed.screen().screen), "due-list");
    bed.later();
    bed.act(line);
    assert_eq!(screen_name(&bed.screen().screen), "not-given");
}
