//! Facts that checks judge come back, and what an older entry leaves out is what it meant.

use jiff::civil::date;
use rights::case::{Neighbour, News};
use rights::entered::{Entered, Observation};
use rights::history::{Observed, Record, Review};
use rights::ident::{Ingredient, ObservationCode, PersonName, SiteCode};
use rights::person::{Allergen, Allergy, Flags};
use rights::product::{Mark, Marks, Route, Strength};
use rights::request::{Conditions, HoldWhen, ObservationKind, Scale, ScaleRow, Side};

use super::*;

fn q(text: &str) -> Quantity {
    Quantity::parse(text).unwrap()
}

fn seen() -> Observation {
    Observation {
        what: ObservationCode::parse("heart-rate").unwrap(),
        value: q("54 /min"),
        at: Timestamp::UNIX_EPOCH,
    }
}

#[test]
fn each_entered_value_comes_back() {
    for value in [
        Entered::Observation(seen()),
        Entered::BirthYear(1951),
        Entered::CountInHand(3),
        Entered::Site(SiteCode::parse("left-abdomen").unwrap()),
        Entered::PainScore(10),
        Entered::Crushed(true),
        Entered::PumpRate(Rate::parse("5 ug/kg/min").unwrap()),
        Entered::Route(Route::Nasogastric),
    ] {
        assert!(comes_back(&value), "{value:?}");
    }
}

#[test]
fn conditions_marks_and_flags_come_back_and_are_empty_in_older_entries() {
    let row = ScaleRow { from: q("150 mg/dL"), below: Some(q("200 mg/dL")), dose: q("2 [iU]") };
    let conditions = Conditions {
        do_not_give: Some("procedure".into()),
        instruction_flagged: true,
        on_call: true,
        hold_when: vec![HoldWhen {
            what: ObservationCode::parse("heart-rate").unwrap(),
            kind: ObservationKind::VitalSign,
            side: Side::Below,
            limit: q("60 /min"),
        }],
        scale: Some(Scale {
            what: ObservationCode::parse("glucose").unwrap(),
            rows: vec![row, ScaleRow { below: None, ..row }],
        }),
        per_kilogram: Some(q("25 mg")),
    };
    assert!(comes_back(&conditions));
    let potassium = Ingredient::parse("potassium chloride").unwrap();
    let marks = Marks {
        kinds: vec![Mark::Opioid, Mark::DoNotCrush],
        equivalents: vec![Strength { ingredient: potassium, amount: q("20 meq") }],
        ..Marks::default()
    };
    assert!(comes_back(&marks));
    assert!(comes_back(&Flags { nil_by_mouth: true }));
    // Nothing is written of what is not so, and nothing is how an older entry reads.
    for empty in [cbor::encode(&Conditions::default()), cbor::encode(&Marks::default())] {
        assert_eq!(empty, [0xa0]);
    }
    assert_eq!(cbor::decode::<Flags>(&[0xa0]).unwrap(), Flags::default());
    assert!(cbor::decode::<Flags>(&[0xa1, 0x00, 0xf4]).is_err(), "the default has one form: none");
}

#[test]
fn what_a_nurse_saw_and_what_was_measured_come_back() {
    let nurse = ClinicianId::parse("n1").unwrap();
    let patient = PatientId::parse("p1").unwrap();
    let review = Review {
        patient: patient.clone(),
        by: nurse.clone(),
        at: Timestamp::UNIX_EPOCH,
        allergies: vec![Allergy { to: Allergen::TextOnly, text: "latex".into(), recorded: None }],
        flags: Flags { nil_by_mouth: true },
        requests: vec![(RequestId::parse("r1").unwrap(), 3)],
    };
    let unmarked = Review { flags: Flags::default(), allergies: vec![], requests: vec![], ..review.clone() };
    for record in [Record::Review(review), Record::Review(unmarked)] {
        assert!(comes_back(&record));
    }
    assert!(comes_back(&Record::Observed(Observed { patient, by: nurse, observation: seen() })));
    let near = Neighbour { name: PersonName::parse("Garcia, Mariah").unwrap(), birth_date: date(1957, 2, 2) };
    assert!(comes_back(&near));
    for news in [News::default(), News { allergies_or_flags: true, orders: vec!["warfarin sodium".into()] }] {
        assert!(comes_back(&news));
    }
}

/// An empty list of the site is kept, not taken for a missing one.
#[test]
fn a_policy_keeps_what_differs_from_the_default() {
    let mut writer = cbor::Writer::default();
    let policy = Policy { near_name_edits: 1, sites: vec![], ..Policy::default() };
    policy.write(&mut writer);
    let (reference, beside) = writer.into_parts();
    let lookup = |hash: &[u8; 32]| beside.get(hash).cloned();
    let again = Policy::read(&mut cbor::Reader::with_lookup(&reference, &lookup)).unwrap();
    assert_eq!(again, policy, "an empty list is no default");
}
