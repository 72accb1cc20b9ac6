//! C2 to C6: what an order and a patient make a dose depend on.

use crate::common::life::*;
use crate::common::*;
use rights::bedside::{Event, Step};
use rights::entered::{Entered, Wanted};
use rights::entry::EntryKind;
use rights::follow_up::InfusionStep;
use rights::history::{Outcome, Record};
use rights::ident::ObservationCode;
use rights::product::{Mark, Product, Route};
use rights::quantity::Unit;
use rights::request::{HoldWhen, ObservationKind, Request, Side};
use rights::verdict::{Check, Class, Evidence, Variance, Why};

fn metoprolol() -> Product {
    tablet("metoprolol-50", "metoprolol tartrate", "50 mg")
}

fn hold(what: &str, kind: ObservationKind, side: Side, limit: &str) -> HoldWhen {
    HoldWhen { what: ObservationCode::parse(what).unwrap(), kind, side, limit: q(limit) }
}

fn held_below_60() -> Request {
    let mut request = order("r1", &metoprolol(), "50 mg");
    request.conditions.hold_when =
        vec![hold("heart-rate", ObservationKind::VitalSign, Side::Below, "60 /min")];
    request
}

/// The package is in hand; the order system knows this value.
fn with_heart_rate(value: &str, minutes_ago: i64) -> Bench {
    let mut ward = Ward::with(&[&metoprolol()], &[held_below_60()]);
    let when = ward.now.checked_sub(minutes(minutes_ago)).unwrap();
    ward.chart.observations.push((patient_id("p1"), observation("heart-rate", value, when)));
    let mut bench = Bench::at_bedside(ward);
    bench.scan(package(&metoprolol()));
    bench
}

fn asks_for(step: &Step, what: &str, unit: Unit) -> bool {
    *step == Step::Enter(Wanted::Observation(ObservationCode::parse(what).unwrap(), unit))
}

#[test]
fn c2_a_value_of_60_minutes_is_used_and_one_of_61_must_be_entered() {
    with_heart_rate("72 /min", 60).assert_ready().assert_class(Check::C2, Class::Pass);
    let bench = with_heart_rate("72 /min", 61);
    assert!(asks_for(&bench.step(), "heart-rate", Unit::PerMinute), "{:?}", bench.step());
    let Some(Variance::ObservationMissing(_, _, Some(last))) = bench.variance(Check::C2) else { panic!() };
    assert_eq!(last.value, q("72 /min"), "the old value is shown, not used");
}

#[test]
fn c2_no_reason_stands_for_a_missing_value() {
    let mut bench = with_heart_rate("72 /min", 61);
    bench.answer(Check::C2, "benefit-outweighs-risk").call(Check::C2, "prescriber-ordered").confirm();
    assert!(bench.given().is_empty() && asks_for(&bench.step(), "heart-rate", Unit::PerMinute));
}

#[test]
fn c2_the_limit_itself_is_given_and_below_it_the_prescriber_is_called() {
    with_heart_rate("60 /min", 5).assert_ready();
    with_heart_rate("59 /min", 5).assert_class(Check::C2, Class::SoftContact);
}

#[test]
fn c2_a_limit_above_holds_above_it() {
    let mut request = order("r1", &metoprolol(), "50 mg");
    request.conditions.hold_when =
        vec![hold("systolic-blood-pressure", ObservationKind::VitalSign, Side::Above, "180 mm[Hg]")];
    for (value, class) in [("180 mm[Hg]", Class::Pass), ("181 mm[Hg]", Class::SoftContact)] {
        let mut bench = Bench::at_bedside(Ward::with(&[&metoprolol()], std::slice::from_ref(&request)));
        bench.scan(package(&metoprolol())).observe("systolic-blood-pressure", value);
        bench.assert_class(Check::C2, class);
    }
}

/// Scenario 24: hold if HR < 60; the last HR is 72 and three hours old; 54 is entered.
#[test]
fn scenario_24_c2_the_heart_rate_is_asked_and_54_means_held_or_a_call() {
    let mut bench = with_heart_rate("72 /min", 180);
    assert!(asks_for(&bench.step(), "heart-rate", Unit::PerMinute));
    bench.observe("heart-rate", "54 /min");
    assert_eq!(bench.last().kind(), EntryKind::Observation, "the value is evidence of its own");
    bench.assert_class(Check::C2, Class::SoftContact);
    assert!(bench.dose().hold_is_suggested());
    // Held is the default way.
    let choice = bench.verdict().plan().unwrap().choice.clone();
    bench.not_given(choice, Outcome::Held, "parameter-out-of-range");
    assert_eq!(bench.last().kind(), EntryKind::Held);
    // Giving needs the call.
    let mut bench = with_heart_rate("72 /min", 180);
    bench.observe("heart-rate", "54 /min").answer(Check::C2, "prescriber-ordered").confirm();
    assert!(bench.given().is_empty(), "a reason without a contact is not enough");
    bench.call(Check::C2, "prescriber-ordered").confirm();
    assert_eq!(bench.given().len(), 1);
}

#[test]
fn c2_another_value_voids_the_answer_to_the_first() {
    let mut bench = with_heart_rate("72 /min", 180);
    bench.observe("heart-rate", "54 /min").call(Check::C2, "prescriber-ordered");
    assert_eq!(bench.step(), Step::Ready);
    bench.observe("heart-rate", "41 /min");
    assert_eq!(bench.step(), Step::Questions(vec![Check::C2]));
}

#[test]
fn c2_an_entered_value_holds_for_the_next_dose_and_is_known_after_a_restart() {
    let mut bench = with_heart_rate("72 /min", 180);
    bench.observe("heart-rate", "75 /min").confirm();
    let Some(Record::Observed(observed)) =
        bench.entries.iter().find_map(|entry| match entry.detached()?.record.clone()? {
            record @ Record::Observed(_) => Some(record),
            _ => None,
        })
    else {
        panic!("no value was recorded")
    };
    assert_eq!((observed.by.as_str(), observed.observation.value), ("n1", q("75 /min")));
    // Another kiosk learns it from the ledger.
    let mut ward = Ward::with(&[&metoprolol()], &[held_below_60()]);
    ward.chart.learn(Record::Observed(observed));
    let mut bench = Bench::at_bedside(ward);
    bench.scan(package(&metoprolol())).assert_ready();
}

/// 540 for 54 would be far above every parameter, and 2200 for 220 the largest dose of a scale.
#[test]
fn c2_a_value_that_no_living_patient_has_is_refused_and_a_slip_is_entered_again() {
    let mut bench = with_heart_rate("72 /min", 180);
    bench.observe("heart-rate", "540 /min");
    assert_eq!(bench.dose().notice, Some(rights::bedside::Notice::ValueNotPossible));
    assert!(asks_for(&bench.step(), "heart-rate", Unit::PerMinute), "it is still asked for");
    for (what, value) in [
        ("glucose", "2200 mg/dL"),
        ("potassium", "42 mmol/L"),
        ("body-temperature", "372 Cel"),
        ("inr", "31 {INR}"),
    ] {
        bench.observe(what, value);
        assert!(bench.entries.iter().all(|entry| entry.kind() != EntryKind::Observation), "{what} {value}");
    }
    bench.observe("heart-rate", "45 /min").assert_class(Check::C2, Class::SoftContact);
    bench.later(minutes(1)).observe("heart-rate", "54 /min").assert_class(Check::C2, Class::SoftContact);
    bench.later(minutes(1)).observe("heart-rate", "64 /min").assert_ready();
}

#[test]
fn c2_a_value_of_the_future_is_refused_and_one_of_another_unit_does_not_count() {
    let mut bench = with_heart_rate("72 /min", 180);
    let later = bench.ward.now.checked_add(minutes(1)).unwrap();
    bench.enter(Entered::Observation(observation("heart-rate", "75 /min", later)));
    assert!(bench.dose().notice.is_some() && bench.last().kind() == EntryKind::Verdict);
    bench.observe("heart-rate", "75 mm[Hg]");
    assert!(asks_for(&bench.step(), "heart-rate", Unit::PerMinute));
}

#[test]
fn c2_a_value_that_grows_old_between_scan_and_confirm_is_asked_again() {
    let mut bench = with_heart_rate("72 /min", 59);
    bench.assert_ready();
    bench.wait(minutes(2)).confirm();
    assert!(bench.given().is_empty() && bench.dose().changed);
    assert!(asks_for(&bench.step(), "heart-rate", Unit::PerMinute));
}

#[test]
fn c3_laboratory_values_last_as_the_policy_says() {
    let mut request = order("r1", &metoprolol(), "50 mg");
    request.conditions.hold_when = vec![
        hold("potassium", ObservationKind::Laboratory, Side::Above, "5.5 mmol/L"),
        hold("glucose", ObservationKind::Laboratory, Side::Below, "70 mg/dL"),
    ];
    let scanned = |potassium: i64, glucose: i64, value: &str| {
        let mut ward = Ward::with(&[&metoprolol()], std::slice::from_ref(&request));
        for (what, value, ago) in [("potassium", value, potassium), ("glucose", "110 mg/dL", glucose)] {
            let when = ward.now.checked_sub(minutes(ago)).unwrap();
            ward.chart.observations.push((patient_id("p1"), observation(what, value, when)));
        }
        let mut bench = Bench::at_bedside(ward);
        bench.scan(package(&metoprolol()));
        bench
    };
    scanned(24 * 60, 60, "5.5 mmol/L").assert_ready();
    let old = scanned(24 * 60 + 1, 60, "5.5 mmol/L");
    assert!(asks_for(&old.step(), "potassium", Unit::MillimolePerLitre));
    let old = scanned(24 * 60, 61, "5.5 mmol/L");
    assert!(asks_for(&old.step(), "glucose", Unit::MilligramPerDecilitre));
    scanned(60, 60, "5.6 mmol/L").assert_class(Check::C3, Class::SoftContact);
}

#[test]
fn c4_the_other_one_of_a_pair_in_24_hours_and_after_the_verification_calls_somebody() {
    let (one, other) = (tablet("s", "simvastatin", "20 mg"), tablet("c", "clarithromycin", "500 mg"));
    let scanned = |given: &str, verified: &str| {
        let mut requests = [order("r1", &one, "20 mg"), order("r2", &other, "500 mg")];
        requests[0].verified = Some(at(verified));
        let mut ward = Ward::with(&[&one, &other], &requests);
        ward.charted("r2", Some(at("2026-06-09 09:00")), Outcome::Given, at(given));
        let mut bench = Bench::at_bedside(ward);
        bench.scan(package(&one));
        bench
    };
    let early = "2026-06-03 08:00";
    scanned("2026-06-09 09:00", early).assert_class(Check::C4, Class::SoftContact);
    assert_eq!(scanned("2026-06-09 08:59", early).class(Check::C4), None, "a minute more than 24 hours");
    assert_eq!(
        scanned("2026-06-09 10:00", "2026-06-09 10:00").class(Check::C4),
        None,
        "the pharmacist saw it"
    );
    scanned("2026-06-09 10:01", "2026-06-09 10:00").assert_class(Check::C4, Class::SoftContact);
}

/// An infusion that runs is being given, however long ago it was begun; so is a patch that is on.
#[test]
fn c4_the_other_one_of_a_pair_that_is_still_being_given_calls_somebody() {
    let (one, other) = (tablet("s", "simvastatin", "20 mg"), bag("c", "clarithromycin", "5 mg", "250 mL"));
    let requests = [order("r1", &one, "20 mg"), infusion("r2", &other, "5 mL/h")];
    let mut bench = Bench::at_bedside(Ward::with(&[&one, &other], &requests));
    bench.scan(package(&other)).settle().confirm();
    let entry = bench.last_entry();
    bench.event(Event::Continue).later(jiff::SignedDuration::from_hours(48));
    bench.scan(package(&one)).assert_class(Check::C4, Class::SoftContact);
    bench.event(Event::Cancel).step_infusion(entry, InfusionStep::Completed, None).event(Event::Continue);
    bench.scan(package(&one));
    assert_eq!(bench.class(Check::C4), None, "it ended, and began two days ago");
}

/// Whichever of the two is given first, and nothing but the two.
#[test]
fn c4_a_pair_is_found_from_either_side_and_needs_both() {
    let of = |name: &str| tablet(name, name, "20 mg");
    let (one, other, none) = (of("simvastatin"), of("clarithromycin"), of("furosemide"));
    for (first, second, class) in [
        (&one, &other, Some(Class::SoftContact)),
        (&other, &one, Some(Class::SoftContact)),
        (&none, &one, None),
        (&one, &none, None),
        (&none, &other, None),
        (&other, &none, None),
    ] {
        let requests = [order("r1", first, "20 mg"), order("r2", second, "20 mg")];
        let mut ward = Ward::with(&[first, second], &requests);
        ward.charted("r1", Some(today("09:00")), Outcome::Given, today("08:00"));
        let mut bench = Bench::at_bedside(ward);
        bench.scan(package(second));
        assert_eq!(bench.class(Check::C4), class, "{} then {}", first.name, second.name);
        assert_eq!(bench.class(Check::T7), None, "an hour ago, and another ingredient");
        // What forms no pair and shares nothing is not even looked at.
        assert_eq!(bench.dose().case.history.len(), usize::from(class.is_some()));
    }
}

#[test]
fn c4_a_dose_that_was_held_forms_no_pair() {
    let (one, other) = (tablet("s", "simvastatin", "20 mg"), tablet("c", "clarithromycin", "500 mg"));
    let mut ward = Ward::with(&[&one, &other], &[order("r1", &one, "20 mg"), order("r2", &other, "500 mg")]);
    ward.charted("r2", Some(today("07:00")), Outcome::Held, today("07:00"));
    let mut bench = Bench::at_bedside(ward);
    bench.scan(package(&one)).assert_ready();
}

#[test]
fn c5_nil_by_mouth_asks_for_enteral_routes_alone() {
    let injection = vial("v", "metoprolol tartrate", "1 mg", "5 mL", &[Route::Intravenous]);
    let mut by_vein = order("r2", &injection, "5 mg");
    by_vein.route = Route::Intravenous;
    for (product, request, class) in [
        (metoprolol(), order("r1", &metoprolol(), "50 mg"), Some(Class::SoftReason)),
        (injection, by_vein, None),
    ] {
        let mut ward = Ward::with(&[&product], &[request]);
        let mut bench = Bench::at_bedside(ward);
        bench.scan(package(&product));
        assert_eq!(bench.class(Check::C5), None);
        ward = bench.ward;
        ward.patient("p1").flags.nil_by_mouth = true;
        let mut bench = Bench::at_bedside(ward);
        bench.scan(package(&product));
        assert_eq!(bench.class(Check::C5), class);
    }
}

#[test]
fn c6_a_hazardous_drug_is_said_and_nothing_is_asked() {
    let mut product = metoprolol();
    product.marks.kinds = vec![Mark::Hazardous];
    let mut bench = Bench::at_bedside(Ward::with(&[&product], &[order("r1", &product, "50 mg")]));
    bench.scan(package(&product)).assert_ready().assert_class(Check::C6, Class::Info);
    let mut plain = Bench::at_bedside(Ward::with(&[&metoprolol()], &[order("r1", &metoprolol(), "50 mg")]));
    plain.scan(package(&metoprolol()));
    assert_eq!(plain.class(Check::C6), None);
}

#[test]
fn c2_the_evidence_names_the_value() {
    let bench = with_heart_rate("72 /min", 10);
    let finding = bench.verdict().finding(Check::C2).unwrap();
    assert!(
        matches!(&finding.why, Why::Established(Evidence::WithinParameter(seen)) if seen.value == q("72 /min"))
    );
    assert!(!format!("{finding:?}").contains("72"), "values of patients are in no debug output");
}

mod random {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        /// C2 by its sentence alone: a fresh value on the allowed side gives, on the other side it is held, and without a fresh
        /// value nothing is given, whatever was known before.
        #[test]
        fn c2_agrees_with_its_sentence(
            values in prop::collection::vec((30_i64..120, 0_i64..180), 0..4),
            limit in 40_i64..110,
            above in any::<bool>(),
        ) {
            let mut request = order("r1", &metoprolol(), "50 mg");
            let side = if above { Side::Above } else { Side::Below };
            request.conditions.hold_when =
                vec![hold("heart-rate", ObservationKind::VitalSign, side, &format!("{limit} /min"))];
            let mut ward = Ward::with(&[&metoprolol()], &[request]);
            for (value, ago) in &values {
                let when = ward.now.checked_sub(minutes(*ago)).unwrap();
                let seen = observation("heart-rate", &format!("{value} /min"), when);
                ward.chart.observations.push((patient_id("p1"), seen));
            }
            let mut bench = Bench::at_bedside(ward);
            bench.scan(package(&metoprolol())).confirm();
            // The youngest decides; of two at one instant the one that was learned later.
            let mut youngest: Option<(i64, i64)> = None;
            for (value, ago) in values {
                if youngest.is_none_or(|(_, known)| ago <= known) {
                    youngest = Some((value, ago));
                }
            }
            let may = match youngest {
                Some((value, ago)) if ago <= 60 => {
                    Some(if above { value <= limit } else { value >= limit })
                }
                _ => None,
            };
            prop_assert_eq!(bench.given().len() == 1, may == Some(true));
            if may == Some(false) {
                prop_assert!(bench.dose().hold_is_suggested());
            }
            if may.is_none() {
                prop_assert!(matches!(bench.step(), Step::Enter(_)));
            }
        }
    }
}
