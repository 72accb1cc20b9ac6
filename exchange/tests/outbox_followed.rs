//! What follows a dose goes out with whoever charted it, and the dose stays theirs who gave it; to the other kiosks of the ward it is one dose,
//! with a hub and without.

mod common;

use std::path::Path;

use common::feed::{Feed, message, order};
use common::rules;
use common::shift::{ORIGIN, Shift};
use exchange::fhir::{self, Import};
use exchange::hl7::er7::Message;
use exchange::hl7::ras::{self, Sender};
use exchange::outbox::event::{Act, Cursor, Event};
use exchange::outbox::fhir::resources::{self, Places};
use exchange::outbox::pump::{Directory as _, LedgerOnly};
use exchange::rules::SiteRules;
use jiff::Timestamp;
use rights::chart::Chart;
use rights::follow_up::{self, InfusionStep};
use rights::history::{Administration, Record};
use rights::ident::{ClinicianId, PatientId, RequestId};
use serde_json::Value;

const MRN: &str = "300001";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A patient with an order of two doses a day, a nurse, and a ledger.
fn shift(folder: &Path) -> Shift {
    let mut feed = Feed::new();
    feed.take(&message("ADT^A01", "1", MRN, ""));
    feed.take(&message("RDE^O11", "2", MRN, &order("NW", "ORD1")));
    Shift::new(folder, feed.site(), at("2026-11-30T14:05:00Z"), rules().zone)
}

fn events(folder: &Path) -> Vec<Event> {
    Cursor::new(folder).read_all().unwrap()
}

fn resource(event: &Event) -> Value {
    let patient = Some(format!("Patient/{}", event.administration.patient));
    let places = Places { patient, mrn_system: "urn:bcma:mrn".into(), ..Places::default() };
    let text = resources::administration(event, &LedgerOnly.look_up(event), &places, &rules().zone);
    serde_json::from_str(&text).unwrap()
}

fn provenance(event: &Event) -> Value {
    serde_json::from_str(&resources::provenance(event, &Places::default(), &rules().zone)).unwrap()
}

fn audit(event: &Event) -> Value {
    let known = LedgerOnly.look_up(event);
    serde_json::from_str(&resources::audit(event, &known, &Places::default(), &rules().zone)).unwrap()
}

fn message_of(event: &Event) -> Message {
    let text = ras::write(event, &LedgerOnly.look_up(event), &Sender::default(), &rules().zone);
    Message::read(text.as_bytes()).unwrap()
}

/// OBX-5 of the observation with this code.
fn observed(message: &Message, code: &str) -> Option<String> {
    let mut found = message.segments().iter().filter(|segment| segment.name() == "OBX");
    found.find(|segment| segment.field(3).component(1) == code).map(|segment| segment.text(5))
}

#[test]
fn whoever_corrects_a_dose_is_named_beside_whoever_gave_it() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("ledger");
    let mut shift = shift(&folder);
    shift.now = at("2026-11-30T16:30:00Z");
    shift.chart.orders_as_of = Some(shift.now);
    shift.sign_on();
    shift.give(MRN, "ORD1.CPOE", at("2026-11-30T14:00:00Z"));
    let given = shift.chart.history[0].clone();
    let words = Some("the cup was found full");
    shift.charge_nurse_charts(MRN, &given, follow_up::Act::EnteredInError, words);
    let told = events(&folder);
    let [given, voided] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!(voided.act, Act::EnteredInError(given.id.clone()));
    let dose = resource(voided);
    assert_eq!(dose["status"], "entered-in-error");
    assert_eq!(dose["performer"][0]["actor"]["identifier"]["value"], "rn-77");
    let note = &dose["note"][0];
    assert_eq!(note["authorReference"]["identifier"]["value"], "rn-88");
    assert_eq!(note["text"], "not-taken: the cup was found full");
    let source = provenance(voided);
    assert_eq!(source["agent"][0]["who"]["identifier"]["value"], "rn-88");
    assert_eq!(source["reason"][0]["coding"][0]["code"], "not-taken");
    assert_ne!(source["occurredDateTime"], dose["effectiveDateTime"]);
    assert_eq!(audit(voided)["agent"][2]["who"]["identifier"]["value"], "rn-88");
    let ras = message_of(voided);
    assert_eq!(ras.segment("RXA").unwrap().text(10), "rn-77");
    assert_eq!(ras.segment("RXA").unwrap().text(18), "", "an entry there says: not taken by the patient");
    assert_eq!(ras.segment("ORC").unwrap().text(10), "rn-88");
    assert_eq!(observed(&ras, "REASON").as_deref(), Some("not-taken: the cup was found full"));
    let ras = message_of(given);
    assert_eq!((ras.segment("ORC").unwrap().text(10), observed(&ras, "REASON")), ("rn-77".into(), None));
    // The variance that was answered is one issue, not a second one when the dose is voided.
    let issues = |event: &Event| -> Vec<String> {
        resources::overridden(event).map(|over| resources::issue_id(event, over)).collect()
    };
    assert_eq!(issues(given), [format!("{}-T3", given.id)]);
    assert_eq!(issues(voided), issues(given));
}

#[test]
fn a_step_of_an_infusion_leaves_whoever_started_and_witnessed_it() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("ledger");
    let mut shift = shift(&folder);
    let started = shift.infuse(MRN);
    shift.charge_nurse_charts(
        MRN,
        &started,
        follow_up::Act::Infusion(InfusionStep::Stopped),
        Some("swollen"),
    );
    let told = events(&folder);
    let [_, stopped] = told.as_slice() else { panic!("{told:?}") };
    // As if a second clinician had checked the start.
    let stopped = Event { witness: Some(ClinicianId::parse("rn-99").unwrap()), ..stopped.clone() };
    let dose = resource(&stopped);
    assert_eq!(dose["status"], "stopped");
    let performers: Vec<_> = dose["performer"].as_array().unwrap().iter().collect();
    let of = |place: usize| performers[place]["actor"]["identifier"]["value"].as_str().unwrap();
    assert_eq!((performers.len(), of(0), of(1)), (2, "rn-77", "rn-99"));
    assert_eq!(dose["note"][0]["text"], "order-stopped: swollen");
    let source = provenance(&stopped);
    assert_eq!(source["agent"][0]["who"]["identifier"]["value"], "rn-88");
    assert_eq!(source["agent"].as_array().unwrap().len(), 2, "nobody checked the step");
    assert_eq!(source["occurredDateTime"], dose["effectivePeriod"]["end"]);
    assert_eq!(audit(&stopped)["agent"][2]["who"]["identifier"]["value"], "rn-88");
    let ras = message_of(&stopped);
    assert_eq!(ras.segment("RXA").unwrap().text(10), "rn-88");
    assert_eq!(ras.segment("RXA").unwrap().text(18), "");
    assert_eq!(observed(&ras, "REASON").as_deref(), Some("order-stopped: swollen"));
    assert_eq!(observed(&ras, "WITNESS"), None);
}

/// What another kiosk of the ward reads of a dose that this one sent to the order system.
fn read_elsewhere(event: &Event) -> Import {
    let patient =
        common::PATIENT.replace(r#""id":"p1""#, &format!(r#""id":"{}""#, event.administration.patient));
    let json = format!(
        r#"{{"resourceType":"Bundle","type":"collection","timestamp":"2026-12-01T13:00:00Z",
        "entry":[{{"resource":{patient}}},{{"resource":{}}}]}}"#,
        resource(event)
    );
    let own_ledger = Some(format!("{ORIGIN}9"));
    let rules = SiteRules { own_ledger, ..rules() };
    fhir::read("t.json", json.as_bytes(), &rules, &common::drugs()).unwrap()
}

/// How many doses the other kiosk counts, when the hub told it the dose and the order system its copy.
fn counted(event: &Event) -> usize {
    let read = read_elsewhere(event);
    assert_eq!(read.rejections, []);
    let mut chart = Chart::default().with_orders(read.chart);
    assert_eq!(chart.history.len(), 1, "the copy counts while nothing else is known");
    chart.learn(Record::Administration(event.administration.clone()));
    chart.history.len()
}

#[test]
fn a_dose_that_comes_back_from_the_order_system_counts_once_at_another_kiosk() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("ledger");
    let mut shift = shift(&folder);
    shift.sign_on();
    shift.give(MRN, "ORD1.CPOE", at("2026-11-30T14:00:00Z"));
    let event = events(&folder).remove(0);
    // The order system has no such request: the number alone is told.
    assert!(resource(&event)["request"].get("reference").is_none());
    assert_eq!(counted(&event), 1);
    // The second dosage instruction of an order is a request of its own.
    let request = RequestId::parse("R1#2").unwrap();
    let second = Administration { request: request.clone(), ..event.administration.clone() };
    let second = Event { administration: second, ..event };
    assert_eq!(counted(&second), 1);
    assert_eq!(read_elsewhere(&second).chart.history[0].request, request);
}

#[test]
fn an_infusion_of_another_kiosk_counts_with_what_was_hung_and_marks_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("ledger");
    let mut shift = shift(&folder);
    let started = shift.infuse(MRN);
    shift.charge_nurse_charts(MRN, &started, follow_up::Act::Infusion(InfusionStep::Completed), None);
    let told = events(&folder);
    assert_eq!(told.len(), 2);
    for event in told {
        let dose = resource(&event);
        assert!(dose["dosage"].get("dose").is_none() && dose["dosage"].get("rateQuantity").is_some());
        let read = read_elsewhere(&event);
        assert_eq!(
            (read.rejections.as_slice(), &read.chart.unreadable),
            ([].as_slice(), &Vec::<PatientId>::new())
        );
        let counts = &read.chart.history[0];
        assert_eq!((counts.dose, &counts.ingredients), (started.dose, &started.ingredients));
        assert_eq!(counted(&event), 1);
    }
}
