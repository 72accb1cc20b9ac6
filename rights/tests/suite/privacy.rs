//! No `Debug` of what holds patient data prints any of it, so that no log line and no panic can.

use std::fmt::Debug;

use crate::common::life::{patch, records};
use crate::common::*;
use rights::bedside::{Charted, Event, TypedBand, TypedPackage, Waste};
use rights::case::{Neighbour, TypedIdentity};
use rights::custody::CustodyId;
use rights::entered::Entered;
use rights::follow_up::Act;
use rights::history::{OrderLinked, Outcome, Record, Reprint};
use rights::ident::{BandSerial, DoseId, Gsrn, Lot, Mrn, PersonName, ReasonCode, RequestId};
use rights::person::Allergen;
use rights::product::{Controlled, Product};
use rights::request::Request;
use rights::scan::NdcDigits;
use rights::witness::Blind;

/// What must stand in no line: names, birth dates, numbers, notes, values.
const SECRETS: &[&str] = &[
    "Testwell",
    "Adelheid",
    "Mockford",
    "1951",
    "000117",
    "0117",
    "p1",
    "as recorded",
    "secret",
    "71",
    "band-7",
    "D-4711",
];

#[track_caller]
fn tells_nothing(what: &impl Debug) {
    for text in [format!("{what:?}"), format!("{what:#?}")] {
        for secret in SECRETS {
            assert!(!text.contains(secret), "{secret}: {text}");
        }
    }
}

fn reason(code: &str) -> ReasonCode {
    ReasonCode::parse(code).unwrap()
}

#[test]
fn debug_of_a_person_and_of_what_was_typed_tells_nothing() {
    let mut ward = Ward::new();
    ward.patient("p1").allergies.push(allergy(Allergen::TextOnly, None));
    let patient = ward.chart.patients[0].clone();
    tells_nothing(&patient);
    tells_nothing(&patient.id);
    tells_nothing(&patient.mrn);
    tells_nothing(&patient.name);
    tells_nothing(&patient.allergies);
    tells_nothing(&BandSerial::parse("band-7").unwrap());
    tells_nothing(&DoseId::parse("D-4711").unwrap());
    tells_nothing(&Gsrn::parse("952123400000007101").or_else(|_| Gsrn::parse("952123400000001175")).unwrap());
    tells_nothing(&Neighbour { name: patient.name.clone(), birth_date: patient.birth_date });
    let birth_date = patient.birth_date;
    tells_nothing(&TypedIdentity { birth_date, mrn_end: "0117".into(), witness: None });
    tells_nothing(&TypedBand {
        reason: reason("damaged"),
        note: Some("secret".into()),
        birth_date,
        mrn_end: "0117".into(),
    });
    for blind in [
        Blind::Amount(q("71 mL")),
        Blind::Rate(crate::common::life::rate("71 mL/h")),
        Blind::BirthDate(birth_date),
    ] {
        tells_nothing(&blind);
    }
    for entered in [
        Entered::Observation(observation("glucose", "71 mg/dL", today("08:00"))),
        Entered::BirthYear(1951),
        Entered::PainScore(7),
    ] {
        tells_nothing(&entered);
    }
    let mut noted = answer(rights::verdict::Check::T3, "other");
    noted.note = Some("secret".into());
    tells_nothing(&noted);
    tells_nothing(&Event::Answer(noted));
    tells_nothing(&band("p1"));
    tells_nothing(&PersonName::parse("Testwell, Adelheid").unwrap());
    tells_nothing(&Mrn::parse("000117").unwrap());
    tells_nothing(&TypedPackage {
        ndc: NdcDigits::parse("0591036901").unwrap(),
        lot: Lot::parse("L42").unwrap(),
        expiry: None,
    });
}

/// A shift with everything in it: a dose, its correction, a waste, a review, a value, a new band, an order that was linked.
#[test]
fn debug_of_entries_and_records_tells_nothing_and_each_record_says_whose_and_when() {
    let vial = Product { controlled: Some(Controlled::Two), ..liquid("vial", "fentanyl", "50 ug", "2 mL") };
    let nicotine = patch("nicotine-21", "nicotine", "21 mg");
    let requests = [
        Request { timing: as_needed(None, None), ..order("r", &vial, "25 ug") },
        order("n", &nicotine, "21 mg"),
    ];
    let mut ward = Ward::with(&[&vial, &nicotine], &requests);
    ward.patient("p1").allergies.push(allergy(Allergen::TextOnly, None));
    let mut bench = Bench::at_bedside(ward);
    bench
        .scan(package_no(&vial, "S1"))
        .measure("0.5 mL")
        .answer(rights::verdict::Check::T6, "pain")
        .confirm();
    let (given, by) = (bench.last_entry(), bench.last_given().by);
    bench.event(Event::Continue).waste("1.5 mL").scan(badge("n2")).blind("1.5 mL");
    bench.event(Event::Continue).scan(package_no(&vial, "S2")).event(Event::Cancel);
    let wrong =
        Charted { of: given, act: Act::EnteredInError, reason: Some(reason("not-taken")), note: None };
    tells_nothing(&wrong);
    bench.event(Event::Chart(wrong)).event(Event::Continue);
    for entry in &bench.entries {
        tells_nothing(entry);
        tells_nothing(&entry.detached());
    }
    tells_nothing(&bench.bedside);
    let mut all = records(&bench);
    let at = bench.ward.now;
    let patient = patient_id("p1");
    all.push(Record::OrderLinked(OrderLinked {
        patient: patient.clone(),
        given_under: RequestId::parse("verbal").unwrap(),
        given_at: at,
        request: RequestId::parse("r").unwrap(),
        by: by.clone(),
        at,
    }));
    all.push(Record::Reprint(Reprint { patient: patient.clone(), band_serial: None, by: by.clone(), at }));
    let kinds: std::collections::BTreeSet<String> =
        all.iter().map(|record| format!("{record:?}").split('(').next().unwrap().to_owned()).collect();
    for kind in ["Administration", "FollowUp", "Review", "SetAside", "Disposed", "OrderLinked", "Reprint"] {
        assert!(kinds.contains(kind), "{kind}: {kinds:?}");
    }
    for record in &all {
        tells_nothing(record);
        assert_eq!(record.patient(), &patient);
        assert_eq!(record.at(), at);
        let given = record.administration().map(|done| done.outcome);
        assert_eq!(given.is_some(), matches!(record, Record::Administration(_)));
        assert!(given.is_none_or(|outcome| outcome == Outcome::Given));
    }
    for item in bench.custody() {
        tells_nothing(&item);
    }
    tells_nothing(&Waste {
        of: CustodyId { at, by, place: 0 },
        amount: q("71 mL"),
        reason: reason("dropped"),
        note: Some("secret".into()),
    });
}

/// New orders take nothing away of what was done: every list of the chart stays, each as it was.
#[test]
fn new_orders_keep_everything_that_was_done() {
    use rights::chart::{Chart, Sighting};
    let pill = tablet("m", "metoprolol tartrate", "25 mg");
    let mut ward = Ward::with(&[&pill], &[order("r", &pill, "25 mg")]);
    ward.charted("r", Some(today("09:00")), Outcome::Given, today("09:00"));
    let (done, at, patient) = (ward.chart.history[0].clone(), ward.now, patient_id("p1"));
    let chart = &mut ward.chart;
    chart.corrected.push(done.clone());
    chart.follow_ups.push(rights::follow_up::FollowUp {
        patient: patient.clone(),
        request: done.request.clone(),
        of: done.entry.unwrap(),
        act: Act::PatchRemoved,
        at,
        by: None,
        reason: None,
        note: None,
        witness: None,
        entry: done.entry.unwrap(),
    });
    let by = done.by.clone();
    let seen = observation("heart-rate", "72 /min", at);
    chart.observed.push(rights::history::Observed {
        patient: patient.clone(),
        by: by.clone(),
        observation: seen,
    });
    chart.reviews.push(rights::history::Review {
        patient: patient.clone(),
        by: by.clone(),
        at,
        allergies: Vec::new(),
        flags: rights::person::Flags::default(),
        requests: Vec::new(),
    });
    chart.sightings.push(Sighting { patient: patient.clone(), at });
    chart.set_aside.push(rights::custody::SetAside {
        patient: patient.clone(),
        packages: Vec::new(),
        by: by.clone(),
        at,
    });
    chart.disposed.push(rights::custody::Disposed {
        patient: patient.clone(),
        how: rights::custody::Disposal::Wasted,
        of: CustodyId { at, by: by.clone(), place: 0 },
        product: pill.id.clone(),
        identity: None,
        amount: q("1 {tablet}"),
        reason: None,
        note: None,
        by: by.clone(),
        witness: None,
        at,
    });
    chart.order_links.push(OrderLinked {
        patient: patient.clone(),
        given_under: done.request.clone(),
        given_at: at,
        request: done.request.clone(),
        by: by.clone(),
        at,
    });
    chart.reprints.push(Reprint { patient, band_serial: None, by, at });
    let before = chart.clone();
    let orders = Chart { patients: before.patients.clone(), orders_as_of: Some(at), ..Chart::default() };
    let after = before.clone().with_orders(orders);
    assert_eq!((after.requests.len(), after.orders_as_of), (0, Some(at)), "the orders are the new ones");
    assert_eq!(after.history, before.history);
    assert_eq!(after.corrected, before.corrected);
    assert_eq!(after.follow_ups, before.follow_ups);
    assert_eq!(after.observed, before.observed);
    assert_eq!(after.reviews, before.reviews);
    assert_eq!(after.sightings, before.sightings);
    assert_eq!(after.set_aside, before.set_aside);
    assert_eq!(after.disposed, before.disposed);
    assert_eq!(after.order_links, before.order_links);
    assert_eq!(after.reprints, before.reprints);
}
