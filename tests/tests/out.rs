//! What leaves the house of what journeys recorded: the course of an infusion and the second clinician, in both languages of the wire.

use std::path::Path;

use exchange::hl7::er7::Message;
use exchange::hl7::ras::{self, Sender};
use exchange::outbox::event::{Cursor, Event};
use exchange::outbox::fhir::resources::{self, Places};
use exchange::outbox::pump::{Directory as _, Known, LedgerOnly};
use jiff::tz::TimeZone;
use kiosk::replay::replay;
use product_tests::fixture;
use serde_json::Value;

fn events_of(journey: &str, dir: &Path) -> Vec<Event> {
    let ledger = dir.join("ledger");
    let played = replay(&fixture(&format!("journeys/{journey}.journey")), Some(&ledger)).unwrap();
    assert_eq!(played.differences.len(), 0);
    Cursor::new(&ledger).read_all().unwrap()
}

fn zone() -> TimeZone {
    TimeZone::get("America/New_York").unwrap()
}

fn fhir(event: &Event) -> Value {
    let places = Places { mrn_system: "urn:bcma:mrn".into(), ..Places::default() };
    let text = resources::administration(event, &LedgerOnly.look_up(event), &places, &zone());
    serde_json::from_str(&text).unwrap()
}

/// RXA-6, the unit, RXA-12, RXA-20 and the step.
fn hl7(event: &Event, counter: u64) -> [String; 5] {
    let known = Known { counter, ..LedgerOnly.look_up(event) };
    let text = ras::write(event, &known, &Sender::default(), &zone());
    let message = Message::read(text.as_bytes()).unwrap();
    let rxa = message.segment("RXA").unwrap();
    assert_eq!((rxa.text(2), rxa.text(21)), (counter.to_string(), "A".to_owned()), "each is one more RXA");
    let observations = message.segments().iter().filter(|segment| segment.name() == "OBX");
    let step = observations.filter(|obx| obx.text(3) == "INFUSION").map(|obx| obx.text(5)).next();
    [rxa.text(6), rxa.text(7), rxa.text(12), rxa.text(20), step.unwrap_or_default()]
}

/// exchange.md section 3: infusion started, changed, stopped; one RXA each, one resource that goes from in-progress to its end.
#[test]
fn an_infusion_is_told_from_its_start_to_its_end() {
    let dir = tempfile::tempdir().unwrap();
    let events = events_of("infusion-from-bag-to-stop", dir.path());
    let told: Vec<[String; 5]> =
        events.iter().enumerate().map(|(at, event)| hl7(event, at as u64 + 1)).collect();
    let told: Vec<String> = told.iter().map(|fields| fields.join("|")).collect();
    assert_eq!(told, ["75|mL|H1||", "0||||paused", "75|mL|H1||resumed", "999|||PA|stopped",]);
    let statuses: Vec<String> =
        events.iter().map(|event| fhir(event)["status"].as_str().unwrap().to_owned()).collect();
    assert_eq!(statuses, ["in-progress", "on-hold", "in-progress", "stopped"]);
    let (first, last) = (fhir(&events[0]), fhir(&events[events.len() - 1]));
    assert_eq!(first["identifier"][0], last["identifier"][0], "one resource, always anew");
    assert_ne!(first["identifier"][1], last["identifier"][1], "each time from its own entry");
    assert_eq!(first["effectivePeriod"]["start"], last["effectivePeriod"]["start"]);
    assert!(first["effectivePeriod"]["end"].is_null() && last["effectivePeriod"]["end"].is_string());
    assert!(first["effectiveDateTime"].is_null());
    let rate = &first["dosage"]["rateQuantity"];
    assert_eq!((rate["value"].to_string().as_str(), rate["code"].as_str()), ("75", Some("mL/h")));
    assert!(first["dosage"]["dose"].is_null());
}

/// A double check leaves both names: performer and witness.
#[test]
fn the_second_clinician_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let events = events_of("11-heparin-half-a-vial", dir.path());
    let given = events.iter().find(|event| event.witness.is_some()).expect("a witnessed dose");
    let performers = fhir(given)["performer"].clone();
    let functions: Vec<&str> = performers
        .as_array()
        .unwrap()
        .iter()
        .map(|performer| performer["function"]["coding"][0]["code"].as_str().unwrap())
        .collect();
    assert_eq!(functions, ["performer", "witness"]);
    assert_ne!(performers[0]["actor"], performers[1]["actor"]);
    let text = ras::write(given, &LedgerOnly.look_up(given), &Sender::default(), &zone());
    assert!(text.contains("WITNESS^Second clinician"), "{text}");
}
