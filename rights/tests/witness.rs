//! Second persons: W1, W2, W3.

mod common;

use common::*;
use jiff::SignedDuration;
use rights::bedside::{Event, Notice, PinOutcome, Purpose, Stage, Step};
use rights::entry::{Entry, EntryKind, Inputs};
use rights::person::Role;
use rights::product::{Marks, Product, Route};
use rights::quantity::Unit;
use rights::verdict::{Check, Class, Evidence, Variance, Why};
use rights::witness::WitnessRule;

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
    let case = bench.dose().case.clone();
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
