//! What comes of a tap, a key or a code that was not meant so: what sounds, what stays typed, what is chosen and what is not begun.

mod bed;

use bed::Bed;
use kiosk::model::{Ask, DosePanel, Model, NotGivenPanel, Screen};
use rights::ident::RequestId;
use rights::request::Request;
use rights::schedule::Timing;

fn not_given(shown: &Model) -> &NotGivenPanel {
    match &shown.screen {
        Screen::NotGiven(panel) => panel,
        other => panic!("{other:?}"),
    }
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
