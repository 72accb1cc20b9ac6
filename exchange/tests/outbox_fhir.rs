//! The outbox and a FHIR server that has something already: what is newer there stays, and what is another patient's is not taken.

mod common;

use std::cell::Cell;
use std::time::Duration;

use common::feed::{Feed, message, order};
use common::fhir_server::FhirServer;
use common::rules;
use common::shift::Shift;
use exchange::http::Http;
use exchange::outbox::event::{Act, Cursor, Event};
use exchange::outbox::fhir::FhirTarget;
use exchange::outbox::infusion::Course;
use exchange::outbox::pump::{Delivered, LedgerOnly, Target as _};
use exchange::server::Server;
use jiff::{SignedDuration, Timestamp};
use rights::course::InfusionState;
use rights::follow_up::InfusionStep;
use rights::history::Administration;
use rights::ident::RequestId;
use rights::quantity::Quantity;
use rights::rate::{Rate, RateTime};
use serde_json::{Value, json};

const MRN: &str = "300001";

thread_local! {
    static MINUTES: Cell<i64> = const { Cell::new(0) };
}

fn clock() -> Timestamp {
    let start: Timestamp = "2026-11-30T14:10:00Z".parse().unwrap();
    start + SignedDuration::from_mins(MINUTES.get())
}

/// A dose that was given, a server that knows its patient as `Patient/p1`, and the way there.
fn given() -> (Event, FhirServer, FhirTarget, String) {
    let mut feed = Feed::new();
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("ledger");
    feed.take(&message("ADT^A01", "1", MRN, ""));
    feed.take(&message("RDE^O11", "2", MRN, &order("NW", "ORD1")));
    let mut shift = Shift::new(&folder, feed.site(), "2026-11-30T14:05:00Z".parse().unwrap(), rules().zone);
    shift.sign_on();
    shift.give(MRN, "ORD1.CPOE", "2026-11-30T14:00:00Z".parse().unwrap());
    let event = Cursor::new(&folder).read_all().unwrap().remove(0);
    let server = FhirServer::default();
    let identifier = json!([{ "system": "urn:bcma:mrn", "value": MRN }]);
    server.put(json!({ "resourceType": "Patient", "id": "p1", "identifier": identifier }));
    let base = server.start();
    let http = Http::new(None, Duration::from_secs(10)).unwrap();
    let client = Server::new(http, &base, None, clock);
    let target = FhirTarget::new("ehr".into(), client, rules().zone, "urn:bcma:mrn".into());
    (event, server, target, base)
}

/// An infusion that was started, and its steps in the entries after.
fn infusion(start: &Event) -> [Event; 3] {
    let rate = Rate { amount: Quantity::parse("10 mL").unwrap(), per: RateTime::Hour, per_kilogram: false };
    let at = start.administration.at;
    let course =
        |step, state, minutes| Course { at: at + SignedDuration::from_mins(minutes), step, state, rate };
    let running = course(None, InfusionState::Running, 0);
    let start = Event { course: Some(running), ..start.clone() };
    let step = |after: u64, course| Event {
        id: format!("{after:020}"),
        sequence: start.sequence + after,
        act: Act::Infusion(start.id.clone()),
        course: Some(course),
        ..start.clone()
    };
    let changed = step(1, course(Some(InfusionStep::RateChanged(rate)), InfusionState::Running, 10));
    let stopped = step(2, course(Some(InfusionStep::Stopped), InfusionState::Stopped, 20));
    [start, changed, stopped]
}

fn done(delivered: Delivered) -> String {
    match delivered {
        Delivered::Done { said, .. } => said,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_was_parked_and_is_sent_again_does_not_undo_what_was_sent_later() {
    let (event, server, mut target, _) = given();
    let [start, changed, stopped] = infusion(&event);
    let there = || server.all("MedicationAdministration");
    assert_eq!(done(target.deliver(&start, &LedgerOnly)), "");
    assert_eq!(there()[0]["status"], "in-progress");
    // The change was refused and waits for a person; the end goes on.
    assert_eq!(done(target.deliver(&stopped, &LedgerOnly)), "");
    let stands = there();
    assert_eq!((stands.len(), stands[0]["status"].as_str()), (1, Some("stopped")));
    let asked = server.asked().len();
    let said = done(target.deliver(&changed, &LedgerOnly));
    assert_eq!(said, format!("not sent: what entry {} says of it later is there already", stopped.sequence));
    assert_eq!(there(), stands, "it is stopped still");
    assert!(server.asked()[asked..].iter().all(|asked| asked.starts_with("GET")), "nothing beside it either");
    // Entered in error is later still, and then the end does not come back either.
    let act = Act::EnteredInError(start.id.clone());
    let voided = Event { id: "e".repeat(20), sequence: stopped.sequence + 1, act, ..start.clone() };
    done(target.deliver(&voided, &LedgerOnly));
    assert_ne!(done(target.deliver(&stopped, &LedgerOnly)), "");
    assert_eq!(there()[0]["status"], "entered-in-error");
    // The same event once more is the same, and the entries of another ledger cannot be compared.
    assert_eq!(done(target.deliver(&voided, &LedgerOnly)), "");
    let other = Event { origin: format!("{}2", stopped.origin), ..stopped };
    assert_eq!(done(target.deliver(&other, &LedgerOnly)), "");
}

/// Records are merged there, too: who was found is looked for again after some minutes, and at once after a refusal.
#[test]
fn a_patient_who_was_found_there_is_not_taken_for_ever() {
    let (event, server, mut target, _) = given();
    let numbered = |number: u8| Event { id: format!("{number:020}"), ..event.clone() };
    let patient = |id: &str| {
        let identifier = json!([{ "system": "urn:bcma:mrn", "value": MRN }]);
        server.put(json!({ "resourceType": "Patient", "id": id, "identifier": identifier }));
    };
    let last = || server.all("MedicationAdministration").pop().unwrap()["subject"]["reference"].clone();
    let looked = || server.asked().iter().filter(|asked| *asked == "GET Patient").count();
    done(target.deliver(&numbered(1), &LedgerOnly));
    MINUTES.set(4);
    done(target.deliver(&numbered(2), &LedgerOnly));
    assert_eq!((last(), looked()), (json!("Patient/p1"), 1));
    server.remove("p1");
    patient("p2");
    MINUTES.set(5);
    done(target.deliver(&numbered(3), &LedgerOnly));
    assert_eq!((last(), looked()), (json!("Patient/p2"), 2));
    server.remove("p2");
    patient("p3");
    server.refuse(Some(422));
    assert!(matches!(target.deliver(&numbered(4), &LedgerOnly), Delivered::Parked { .. }));
    server.refuse(None);
    done(target.deliver(&numbered(4), &LedgerOnly));
    assert_eq!((last(), looked()), (json!("Patient/p3"), 3));
}

#[test]
fn an_order_number_that_is_another_patients_request_there_is_not_taken() {
    let (event, server, mut target, base) = given();
    let requested = |number: usize, id: &str| {
        let administration =
            Administration { request: RequestId::parse(id).unwrap(), ..event.administration.clone() };
        Event { id: format!("{number:020}"), administration, ..event.clone() }
    };
    let number = |value: &str| json!({ "identifier": { "system": "urn:bcma:mrn", "value": value } });
    let by = |reference: String| json!({ "reference": reference });
    let subjects: [(Value, bool); 8] = [
        (by("Patient/p1".into()), true),
        (by(format!("{base}/Patient/p1")), true),
        (by("Patient/p1/_history/2".into()), true),
        (number(MRN), true),
        (by("Patient/p11".into()), false),
        (by("https://other.example/fhir/Patient/p1".into()), false),
        (number("300002"), false),
        (Value::Null, false),
    ];
    for (at, (subject, own)) in subjects.into_iter().enumerate() {
        let id = (1001 + at).to_string();
        server.put(json!({ "resourceType": "MedicationRequest", "id": id, "subject": subject }));
        done(target.deliver(&requested(at, &id), &LedgerOnly));
        let there = server.all("MedicationAdministration");
        let request = &there[at]["request"];
        let expected = if own { json!(format!("MedicationRequest/{id}")) } else { Value::Null };
        assert_eq!(request["reference"], expected, "{subject}");
        assert_eq!(request["identifier"]["value"], id.as_str(), "the number is told in any case");
    }
}
