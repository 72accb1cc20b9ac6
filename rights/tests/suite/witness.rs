//! Second persons: W1, W2, W3.

use crate::common::*;
use jiff::SignedDuration;
use proptest::prelude::*;
use rights::bedside::{Event, Notice, PinOutcome, Purpose, Stage, Step, Waste};
use rights::case::Taken;
use rights::custody::CustodyId;
use rights::entered::Entered;
use rights::entry::{Entry, EntryKind, Inputs};
use rights::history::Record;
use rights::ident::ReasonCode;
use rights::person::Role;
use rights::product::{Controlled, Marks, Product, Route};
use rights::quantity::Unit;
use rights::rate::{Rate, RateOrder};
use rights::request::Request;
use rights::verdict::{Check, Class, Evidence, Variance, Why};
use rights::witness::{Blind, WitnessRule};

fn heparin(rule: WitnessRule) -> Product {
    let marks = Marks { witness: rule, ..Marks::default() };
    Product { marks, ..vial("heparin", "heparin", "10000 [USP'U]", "1 mL", &[Route::Intravenous]) }
}

/// Half a millilitre of heparin is drawn up; 5,000 units were ordered.
fn drawn_up(rule: WitnessRule) -> Bench {
    let product = heparin(rule);
    let insulin = vial("insulin", "insulin lispro", "100 [iU]", "10 mL", &[Route::Intravenous]);
    let mut bench =
        Bench::at_bedside(Ward::with(&[&product, &insulin], &[order("r", &product, "5000 [USP'U]")]));
    bench.scan(package(&product)).measure("0.5 mL");
    bench
}

fn witness_entries(bench: &Bench) -> Vec<&Entry> {
    bench.entries.iter().filter(|entry| entry.kind() == EntryKind::Witness).collect()
}

fn reasons_of_refusals(bench: &Bench) -> Vec<&str> {
    let refused = bench.entries.iter().filter(|entry| entry.kind() == EntryKind::SignOnRefused);
    refused.map(|entry| entry.clear().reason.as_ref().unwrap().as_str()).collect()
}

#[test]
fn w1_a_required_witness_is_asked_last_and_nothing_is_given_without() {
    let mut bench = drawn_up(WitnessRule::Required);
    assert_eq!(bench.step(), Step::Witness);
    bench.confirm().answer(Check::W1, "prescriber-ordered").call(Check::W1, "prescriber-ordered").confirm();
    assert!(bench.given().is_empty(), "no reason stands for the witness");
    bench.call_witness("n2").scan(package(&heparin(WitnessRule::Required))).blind("0.5 mL");
    bench.assert_ready().assert_class(Check::W3, Class::Pass);
    bench.confirm();
    assert_eq!(bench.given().len(), 1);
    assert_eq!(bench.given()[0].witness.as_ref().unwrap().as_str(), "n2");
}

#[test]
fn w1_a_recommended_witness_may_be_skipped_with_a_reason() {
    let mut bench = drawn_up(WitnessRule::Recommended);
    bench.assert_class(Check::W1, Class::SoftReason);
    assert_eq!(bench.step(), Step::Questions(vec![Check::W1]));
    bench.confirm();
    assert!(bench.given().is_empty());
    bench.answer(Check::W1, "pharmacist-advised").confirm();
    assert_eq!(bench.given().len(), 1);
    let mut bench = drawn_up(WitnessRule::Recommended);
    bench.call_witness("n2").scan(package(&heparin(WitnessRule::Recommended))).blind("0.5 mL").assert_ready();
    let mut bench = drawn_up(WitnessRule::No);
    bench.assert_ready();
    bench.confirm();
    assert_eq!(bench.given().len(), 1);
}

#[test]
fn w2_the_giver_and_a_student_are_refused_and_that_is_recorded() {
    for (who, notice, reason) in [
        ("n1", Notice::WitnessIsGiver, "witness-self"),
        ("s1", Notice::WitnessNotLicensed, "witness-role"),
        ("nobody", Notice::UnknownBadge, "unknown-badge"),
    ] {
        let mut bench = drawn_up(WitnessRule::Required);
        bench.call_witness(who);
        assert_eq!(bench.second().stage, Stage::Badge);
        assert_eq!(bench.second().notice, Some(notice));
        assert_eq!(reasons_of_refusals(&bench), [reason]);
        bench.scan(package(&heparin(WitnessRule::Required))).blind("0.5 mL").event(Event::Cancel).confirm();
        assert!(bench.given().is_empty(), "{who}");
        assert_eq!(bench.step(), Step::Witness);
    }
    for who in ["n2", "ph1"] {
        let mut bench = drawn_up(WitnessRule::Required);
        bench.call_witness(who);
        assert!(matches!(bench.second().stage, Stage::Product(_)), "{who}");
    }
}

#[test]
fn w2_the_witness_needs_the_own_pin() {
    let mut bench = drawn_up(WitnessRule::Required);
    bench.pins = vec![PinOutcome::Refused];
    bench.call_witness("n2").scan(package(&heparin(WitnessRule::Required))).blind("0.5 mL");
    assert!(matches!(bench.second().stage, Stage::Pin { refused: true, .. }));
    assert_eq!(reasons_of_refusals(&bench), ["wrong-pin"]);
    assert_eq!(bench.last().actor().unwrap().clinician.as_str(), "n2");
    bench.pins = vec![PinOutcome::LockedOut];
    bench.scan(badge("n2"));
    assert_eq!(
        (bench.second().stage.clone(), bench.second().notice),
        (Stage::Badge, Some(Notice::LockedOut))
    );
    bench.confirm();
    assert!(bench.given().is_empty());
}

#[test]
fn w2_everything_is_entered_within_60_seconds_of_the_pin() {
    for (seconds, ready) in [(60, true), (61, false)] {
        let mut bench = drawn_up(WitnessRule::Required);
        bench.call_witness("n2").wait(SignedDuration::from_secs(30));
        bench.scan(package(&heparin(WitnessRule::Required))).wait(SignedDuration::from_secs(seconds - 30));
        bench.blind("0.5 mL");
        assert_eq!(bench.phase() == "dose", ready, "{seconds}");
        if !ready {
            assert_eq!(bench.second().notice, Some(Notice::WitnessTooLate));
            assert_eq!(reasons_of_refusals(&bench), ["witness-too-late"]);
        }
    }
    let mut bench = drawn_up(WitnessRule::Required);
    bench.call_witness("n2").wait(SignedDuration::from_secs(61)).event(Event::Touched).event(Event::Tick);
    assert_eq!(bench.second().stage, Stage::Badge, "also when nothing is entered");
}

/// The clinician may have lost the licence between the check and the commit: the entry is decided with what was known.
#[test]
fn w2_a_stored_witness_who_is_the_giver_or_a_student_is_found_again() {
    let mut bench = drawn_up(WitnessRule::Required);
    bench.call_witness("n2").scan(package(&heparin(WitnessRule::Required))).blind("0.5 mL");
    let case = rights::case::DoseCase::clone(&bench.dose().case);
    let mut own = case.clone();
    own.giver = Some(case.answers.witness.as_ref().unwrap().who.id.clone());
    let verdict = rights::decide::decide_dose(&own);
    assert_eq!(variance(&verdict, Check::W2), Some(&Variance::WitnessIsGiver));
    let mut student = case;
    student.answers.witness.as_mut().unwrap().who.role = Role::Student;
    let verdict = rights::decide::decide_dose(&student);
    assert_eq!(variance(&verdict, Check::W2), Some(&Variance::WitnessNotLicensed(Role::Student)));
    assert_eq!(verdict.class(), Class::Hard);
}

#[test]
fn scenario_11_w3_the_witness_types_5_for_half_a_millilitre_and_both_are_recorded() {
    let mut bench = drawn_up(WitnessRule::Required);
    bench.call_witness("n2").scan(package(&heparin(WitnessRule::Required))).blind("5 mL");
    bench.assert_stopped_by(Check::W3);
    assert_eq!(bench.variance(Check::W3), Some(&Variance::WitnessDiffers(q("0.5 mL"), q("5 mL"))));
    let [entry] = witness_entries(&bench)[..] else { panic!("one entry of the witness") };
    assert_eq!(entry.actor().unwrap().clinician.as_str(), "n2");
    assert!(entry.clear().findings.contains(&(Check::W3, Class::Hard)));
    let Some(Inputs::Dose(case)) = &entry.detached().unwrap().inputs else { panic!("the inputs are kept") };
    assert_eq!(case.answers.witness.as_ref().unwrap().dose, q("5 mL"));
    assert_eq!(case.packages[0].content_taken(), Some(q("0.5 mL")));
    bench.confirm().event(Event::CallWitness).confirm();
    assert_eq!(bench.phase(), "dose", "the witness is not silently asked again");
    assert!(bench.given().is_empty());

    // Prepared anew, it is checked anew.
    bench.event(Event::PutBack).scan(package(&heparin(WitnessRule::Required))).measure("0.5 mL");
    bench.call_witness("n2").scan(package(&heparin(WitnessRule::Required))).blind("0.5 mL").confirm();
    assert_eq!(bench.given().len(), 1);
}

#[test]
fn w3_the_amount_may_be_said_as_content_or_as_ordered_and_exactly() {
    for (said, ready) in [
        ("0.5 mL", true),
        ("5000 [USP'U]", true),
        ("0.0005 L", true),
        ("0.51 mL", false),
        ("4999 [USP'U]", false),
        ("5000 [iU]", false),
        ("0.5 {tablet}", false),
    ] {
        let mut bench = drawn_up(WitnessRule::Required);
        bench.call_witness("n2").scan(package(&heparin(WitnessRule::Required))).blind(said);
        assert_eq!(bench.step() == Step::Ready, ready, "{said}");
    }
}

#[test]
fn w3_another_product_stops_and_an_unknown_code_is_no_answer() {
    let mut bench = drawn_up(WitnessRule::Required);
    let insulin = vial("insulin", "insulin lispro", "100 [iU]", "10 mL", &[Route::Intravenous]);
    bench.call_witness("n2").scan(package(&tablet("unknown", "unknown", "1 mg")));
    assert_eq!(bench.second().notice, Some(Notice::PackageNotKnown));
    bench.scan(package(&insulin)).blind("0.5 mL").assert_stopped_by(Check::W3);
    assert_eq!(bench.variance(Check::W3), Some(&Variance::WitnessOtherProduct("insulin lispro".into())));
}

#[test]
fn w3_the_screen_of_the_witness_knows_the_unit_and_no_number() {
    let mut bench = drawn_up(WitnessRule::Required);
    bench.call_witness("n2").scan(package(&heparin(WitnessRule::Required)));
    assert_eq!(bench.second().purpose, Purpose::Dose);
    assert!(matches!(bench.second().stage, Stage::Amount { unit: Unit::Millilitre, .. }));
    bench.event(Event::Cancel);
    assert_eq!(bench.phase(), "dose", "the dose waited");
}

#[test]
fn w3_what_changes_in_hand_voids_the_check() {
    let mut bench = drawn_up(WitnessRule::Required);
    bench.call_witness("n2").scan(package(&heparin(WitnessRule::Required))).blind("0.5 mL").assert_ready();
    bench.measure("0.4 mL").measure("0.5 mL");
    assert_eq!(bench.step(), Step::Witness);
    let mut bench = drawn_up(WitnessRule::Required);
    bench.call_witness("n2").scan(package(&heparin(WitnessRule::Required))).blind("0.5 mL");
    bench.scan(band("p1"));
    assert!(
        bench.verdict().findings().iter().any(|finding| finding.check == Check::W3
            && matches!(&finding.why, Why::Established(Evidence::Witnessed(who)) if who.as_str() == "n2")),
        "the band again changes nothing in hand"
    );
}

/// A pump that is set needs its rate from the witness too.
#[test]
fn w3_the_rate_of_a_pump_is_entered_blind_too() {
    let rate = |text: &str| Rate::parse(text).unwrap();
    let bag = heparin(WitnessRule::Required);
    let infusion =
        Request { rate: Some(RateOrder::Exact(rate("1000 [USP'U]/h"))), ..order("r", &bag, "10000 [USP'U]") };
    let prepared = || {
        let mut bench = Bench::at_bedside(Ward::with(&[&bag], std::slice::from_ref(&infusion)));
        bench.scan(package(&bag)).event(Event::Enter(Entered::PumpRate(rate("0.1 mL/h"))));
        assert_eq!(bench.step(), Step::Witness, "{:?}", bench.verdict().findings());
        bench.call_witness("n2").scan(package(&bag)).blind("1 mL");
        assert!(matches!(bench.second().stage, Stage::Rate { .. }));
        bench
    };
    let mut bench = prepared();
    bench.event(Event::EnterBlind(Blind::Rate(rate("2.4 mL/d")))).assert_ready();
    bench.event(Event::Enter(Entered::PumpRate(rate("0.2 mL/h"))));
    assert_eq!(bench.step(), Step::Stopped, "set anew after the check");
    let mut bench = prepared();
    bench.event(Event::EnterBlind(Blind::Rate(rate("1 mL/h")))).assert_stopped_by(Check::W3);
    let differs = Variance::WitnessRateDiffers(rate("0.1 mL/h"), Some(rate("1 mL/h")));
    assert_eq!(bench.variance(Check::W3), Some(&differs));
}

/// One event, or a whole check or preparation, so that doses are given often.
fn any_act() -> impl Strategy<Value = Vec<Event>> {
    let amount = || prop_oneof![4 => Just("0.5 mL"), 1 => Just("5 mL"), 1 => Just("5000 [USP'U]")];
    let person = prop_oneof![1 => Just("n1"), 4 => Just("n2"), 1 => Just("s1"), 2 => Just("ph1")];
    let scan = || Event::Scanned(package(&heparin(WitnessRule::Required)));
    let blind = |amount: &str| Event::EnterBlind(Blind::Amount(q(amount)));
    let check = (person, amount()).prop_map(move |(who, amount)| {
        vec![Event::CallWitness, Event::Scanned(badge(who)), scan(), blind(amount)]
    });
    let prepare = amount().prop_map(move |amount| vec![scan(), Event::Take(0, Taken::Measured(q(amount)))]);
    let sign_on = vec![Event::Scanned(badge("n1")), Event::Scanned(band("p1"))];
    prop_oneof![
        6 => any_event().prop_map(|event| vec![event]),
        4 => check,
        2 => prepare,
        3 => Just(vec![Event::Confirm]),
        1 => Just(sign_on),
    ]
}

fn any_event() -> impl Strategy<Value = Event> {
    let amount = prop_oneof![3 => Just("0.5 mL"), 1 => Just("5 mL"), 1 => Just("5000 [USP'U]")];
    let person = prop_oneof![Just("n1"), Just("n2"), Just("s1"), Just("ph1")];
    let wasted = amount.clone().prop_map(|amount| {
        let by = rights::ident::ClinicianId::parse("n1").unwrap();
        let of = CustodyId { at: today("09:00"), by, place: 0 };
        let reason = ReasonCode::parse("partial-dose").unwrap();
        Event::Waste(Waste { of, amount: q(amount), reason, note: None })
    });
    let emergency = ReasonCode::parse("cardiac-arrest").unwrap();
    prop_oneof![
        4 => Just(Event::Scanned(package(&heparin(WitnessRule::Required)))),
        2 => Just(Event::Scanned(band("p1"))),
        1 => Just(Event::Scanned(band("p2"))),
        4 => person.prop_map(|who| Event::Scanned(badge(who))),
        4 => Just(Event::CallWitness),
        6 => amount.clone().prop_map(|amount| Event::EnterBlind(Blind::Amount(q(amount)))),
        4 => amount.prop_map(|amount| Event::Take(0, Taken::Measured(q(amount)))),
        6 => Just(Event::Confirm),
        1 => Just(Event::PutBack),
        1 => Just(Event::Cancel),
        2 => Just(Event::Continue),
        1 => Just(Event::Tick),
        1 => Just(Event::SignOff),
        1 => Just(Event::BreakGlass { reason: emergency, note: None }),
        1 => Just(Event::VerbalOrder { dose: q("5000 [USP'U]"), route: Route::Intravenous }),
        2 => wasted,
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever happens: what needs a witness has one who is another person and who said the same, and every dose has a verdict.
    #[test]
    fn w2_w3_nothing_is_given_without_another_person_who_said_the_same(
        acts in prop::collection::vec(any_act(), 0..40),
    ) {
        let product = Product { controlled: Some(Controlled::Two), ..heparin(WitnessRule::Required) };
        let mut bench =
            Bench::at_bedside(Ward::with(&[&product], &[order("r", &product, "5000 [USP'U]")]));
        bench.scan(package(&product)).measure("0.5 mL");
        for event in acts.into_iter().flatten() {
            bench.event(event);
        }
        for entry in &bench.entries {
            let record = entry.detached().and_then(|detached| detached.record.as_ref());
            match record {
                Some(Record::Administration(done)) => {
                    let Some(Inputs::Dose(case)) = &entry.detached().unwrap().inputs else { panic!() };
                    let witness = case.answers.witness.as_ref().unwrap();
                    prop_assert_ne!(&witness.who.id, &done.by);
                    prop_assert_eq!(Some(&witness.who.id), done.witness.as_ref());
                    prop_assert!(["0.5 mL", "5000 [USP'U]"].iter().any(|said| witness.dose == q(said)));
                    prop_assert!(rights::decide::decide_dose(case).stops().next().is_none());
                }
                Some(Record::Disposed(done)) => {
                    prop_assert!(done.witness.as_ref().is_some_and(|witness| *witness != done.by));
                }
                _ => {}
            }
        }
    }
}

#[test]
fn w2_another_band_idle_and_sign_off_close_the_witness_and_void_the_dose() {
    for way in [Event::Scanned(band("p2")), Event::SignOff] {
        let mut bench = drawn_up(WitnessRule::Required);
        bench.call_witness("n2").event(way);
        assert!(bench.kinds().contains(&EntryKind::Abandoned));
        bench.scan(package(&heparin(WitnessRule::Required))).blind("0.5 mL").confirm();
        assert!(bench.given().is_empty());
    }
}

/// Whatever else is asked comes first, so that what the witness sees is final.
#[test]
fn w1_the_witness_is_asked_after_every_question() {
    let product = heparin(WitnessRule::Required);
    let mut ward = Ward::with(&[&product], &[order("r", &product, "5000 [USP'U]")]);
    ward.now = today("11:05");
    ward.chart.orders_as_of = Some(ward.now);
    let mut bench = Bench::at_bedside(ward);
    bench.scan(package(&product)).measure("0.5 mL");
    assert_eq!(bench.step(), Step::Questions(vec![Check::T3]));
    bench.answer(Check::T3, "workload");
    assert_eq!(bench.step(), Step::Witness);
}

/// What was said before the witness was called is not said again when the witness leaves.
#[test]
fn w1_an_old_notice_is_gone_when_the_witness_leaves() {
    let mut bench = drawn_up(WitnessRule::Recommended);
    bench.answer(Check::W1, "pain");
    assert_eq!(bench.dose().notice, Some(Notice::AnswerIncomplete));
    bench.event(Event::CallWitness).event(Event::Cancel);
    assert_eq!(bench.dose().notice, None);
}
