//! Right patient: P1 to P5.

use crate::common::*;
use rights::entry::EntryKind;
use rights::ident::{BandSerial, WardId};
use rights::person::Admission;
use rights::scan::{Meaning, ScanFault, ScanFaultKind};
use rights::verdict::{Check, Class, Right, Standing, Variance};

fn identified(ward: Ward, scan: rights::scan::Scan) -> Bench {
    let mut bench = Bench::locked(ward);
    bench.sign_on("n1").scan(scan);
    bench
}

#[track_caller]
fn assert_stopped(bench: &Bench, check: Check, expected: &Variance) {
    let verdict = stopped_identification(bench);
    assert_eq!(verdict.class(), Class::Hard);
    assert_eq!(variance(verdict, check), Some(expected));
    assert!(bench.bedside.patient().is_none());
}

#[test]
fn p1_a_package_or_badge_is_no_wristband_and_a_band_is() {
    let pill = tablet("a", "metoprolol tartrate", "25 mg");
    let bench = identified(Ward::with(&[&pill], &[]), package(&pill));
    assert_stopped(&bench, Check::P1, &Variance::NotAWristband("package"));
    let bench = identified(Ward::new(), badge("n1"));
    assert_stopped(&bench, Check::P1, &Variance::NotAWristband("badge"));
    let bench = identified(Ward::new(), band("p1"));
    assert_eq!(bench.phase(), "due list");
}

#[test]
fn p1_a_faulty_code_is_said_with_every_fault() {
    let fault = ScanFault {
        kind: ScanFaultKind::CheckDigit,
        part: "(8018)".into(),
        position: Some(5),
        found: Some("4".into()),
        expected: Some("9".into()),
    };
    let bench = identified(Ward::new(), scan_of(Meaning::Nothing(vec![fault.clone()]), "x"));
    assert_stopped(&bench, Check::P1, &Variance::CodeFaulty(vec![fault]));
}

#[test]
fn p2_a_number_of_nobody_or_of_two_is_nobody() {
    let mut ward = Ward::new();
    ward.chart.patients.retain(|patient| patient.id.as_str() != "p2");
    let bench = identified(ward, band("p2"));
    assert_stopped(&bench, Check::P2, &Variance::PatientUnknown);
    assert_eq!(bench.last().kind(), EntryKind::Unidentified);

    let mut ward = Ward::new();
    let number = ward.patient("p1").mrn.clone();
    ward.patient("p2").mrn = number;
    let bench = identified(ward, band("p1"));
    assert_stopped(&bench, Check::P2, &Variance::PatientAmbiguous);
}

#[test]
fn p3_the_band_before_the_last_is_old_and_one_of_unknown_issue_too() {
    let bench = identified(Ward::new(), band_with("p1", "1"));
    assert_stopped(&bench, Check::P3, &Variance::OldBand);
    assert_eq!(identified(Ward::new(), band_with("p1", "2")).phase(), "due list");
    let mut ward = Ward::new();
    ward.patient("p1").band_serial = None;
    assert_stopped(&identified(ward, band("p1")), Check::P3, &Variance::BandSerialUnknown);
}

#[test]
fn p3_a_reprint_between_scan_and_confirm_stops_the_commit() {
    let pill = tablet("a", "metoprolol tartrate", "25 mg");
    let mut bench = Bench::at_bedside(Ward::with(&[&pill], &[order("r", &pill, "25 mg")]));
    bench.scan(package(&pill)).assert_ready();
    bench.ward.patient("p1").band_serial = Some(BandSerial::parse("3").unwrap());
    bench.confirm().assert_stopped_by(Check::P3);
    assert!(bench.given().is_empty());
}

#[test]
fn p4_only_the_admitted_are_given_anything() {
    for (admission, expected) in [
        (Admission::Discharged, Variance::Discharged),
        (Admission::Deceased, Variance::Deceased),
        (Admission::NotAdmitted, Variance::NotAdmitted),
    ] {
        let mut ward = Ward::new();
        ward.patient("p1").admission = admission;
        assert_stopped(&identified(ward, band("p1")), Check::P4, &expected);
    }
}

#[test]
fn p4_a_discharge_between_scan_and_confirm_stops_the_commit() {
    let pill = tablet("a", "metoprolol tartrate", "25 mg");
    let mut bench = Bench::at_bedside(Ward::with(&[&pill], &[order("r", &pill, "25 mg")]));
    bench.scan(package(&pill)).assert_ready();
    bench.ward.patient("p1").admission = Admission::Discharged;
    bench.confirm().assert_stopped_by(Check::P4);
    assert!(bench.dose().changed && bench.given().is_empty());
}

#[test]
fn p5_another_ward_asks_for_a_reason_once_for_the_patient_and_stays_a_variance() {
    let pill = tablet("a", "metoprolol tartrate", "25 mg");
    let bill = tablet("b", "amlodipine", "5 mg");
    let orders = [order("r", &pill, "25 mg"), order("s", &bill, "5 mg")];
    let mut ward = Ward::with(&[&pill, &bill], &orders);
    ward.patient("p1").ward = Some(WardId::parse("ICU").unwrap());
    let mut bench = Bench::at_bedside(ward);
    bench.scan(package(&pill)).assert_class(Check::P5, Class::SoftReason);
    bench.confirm();
    assert!(bench.given().is_empty(), "unanswered");
    bench.answer(Check::P5, "benefit-outweighs-risk").confirm();
    assert_eq!(bench.given().len(), 1);
    bench.scan(package(&bill));
    assert_eq!(bench.verdict().standing(Right::Patient), Standing::Variance, "an override never verifies");
    bench.confirm();
    assert_eq!(bench.given().len(), 2, "asked once for the patient");
    let reasons = &bench.last().clear().reasons;
    assert!(reasons.iter().any(|(check, reason)| *check == Check::P5 && reason.is_some()), "{reasons:?}");
}

/// Whoever looks at the patient and not at the screen hears whether something is asked.
#[test]
fn p5_a_band_that_raises_a_question_sounds_one_until_it_is_answered() {
    use rights::bedside::{Event, Tone};
    let pill = tablet("a", "metoprolol tartrate", "25 mg");
    let mut ward = Ward::with(&[&pill], &[order("r", &pill, "25 mg")]);
    let last = |bench: &Bench| bench.tones.last().copied();
    let mut calm = Bench::at_bedside(Ward::with(&[&pill], &[order("r", &pill, "25 mg")]));
    assert_eq!(last(&calm), Some(Tone::Pass));
    calm.tones.clear();
    calm.scan(band("p1"));
    assert_eq!(calm.tones, [Tone::Pass], "the band again");

    ward.patient("p1").ward = Some(WardId::parse("ICU").unwrap());
    let mut bench = Bench::at_bedside(ward);
    assert_eq!(last(&bench), Some(Tone::Question));
    bench.tones.clear();
    bench.scan(band("p1"));
    assert_eq!(bench.tones, [Tone::Question], "the band again");
    bench.scan(package(&pill)).answer(Check::P5, "benefit-outweighs-risk").event(Event::Cancel);
    bench.tones.clear();
    bench.scan(band("p1"));
    assert_eq!((bench.phase(), bench.tones.as_slice()), ("due list", [Tone::Pass].as_slice()), "answered");
}

/// The number of a band must lead to the patient whose orders are shown, also after a merge in the order system.
#[test]
fn p2_a_band_that_leads_to_another_patient_at_confirm_stops_the_commit() {
    let pill = tablet("a", "metoprolol tartrate", "25 mg");
    let mut bench = Bench::at_bedside(Ward::with(&[&pill], &[order("r", &pill, "25 mg")]));
    bench.scan(package(&pill)).assert_ready();
    let number = bench.ward.patient("p1").mrn.clone();
    bench.ward.patient("p1").mrn = rights::ident::Mrn::parse("000999").unwrap();
    bench.ward.patient("p2").mrn = number;
    bench.confirm().assert_stopped_by(Check::P2);
    assert!(bench.given().is_empty());
}

#[test]
fn p2_a_patient_who_is_no_longer_in_the_chart_stops_the_commit() {
    let pill = tablet("a", "metoprolol tartrate", "25 mg");
    let mut bench = Bench::at_bedside(Ward::with(&[&pill], &[order("r", &pill, "25 mg")]));
    bench.scan(package(&pill));
    bench.ward.chart.patients.clear();
    bench.confirm().assert_stopped_by(Check::P2);
    for right in Right::ALL.iter().filter(|right| **right != Right::Patient) {
        assert_eq!(bench.verdict().standing(*right), Standing::NotReached, "{right:?} is never assumed");
    }
}

/// Answers that hold for the patient stand beside each other, and a later one to the same check replaces the earlier.
#[test]
fn p5_s2_answers_for_the_patient_stand_beside_each_other() {
    let pill = tablet("a", "metoprolol tartrate", "25 mg");
    let mut ward = Ward::with(&[&pill], &[order("r", &pill, "25 mg")]);
    ward.patient("p1").ward = Some(WardId::parse("ICU").unwrap());
    ward.chart.orders_as_of = Some(ward.now - minutes(61));
    let mut bench = Bench::at_bedside(ward);
    bench.scan(package(&pill)).answer(Check::P5, "benefit-outweighs-risk");
    bench.answer(Check::S2, "benefit-outweighs-risk").answer(Check::P5, "benefit-outweighs-risk");
    let answered: Vec<Check> =
        bench.bedside.patient().unwrap().answers.iter().map(|known| known.check).collect();
    assert_eq!(answered, [Check::S2, Check::P5]);
    bench.confirm();
    assert_eq!(bench.given().len(), 1);
}
