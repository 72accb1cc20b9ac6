//! The outbox: a real ledger, another system that is away, answers late, forgets to answer or refuses.

mod common;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use common::feed::{Feed, message, now, order};
use common::rules;
use common::shift::Shift;
use exchange::hl7::er7::Message;
use exchange::outbox::event::{Act, Cursor, Event};
use exchange::outbox::export::{self, Format};
use exchange::outbox::fhir::resources::{self, Places};
use exchange::outbox::pump::{Counters, Delivered, Directory, LedgerOnly, Pump, Target, Turn};
use jiff::{SignedDuration, Timestamp};
use rights::bedside::Charted;
use rights::entry::IdempotencyKey;
use rights::follow_up::{self, InfusionStep};
use rights::history::{Administration, Outcome, Record};
use rights::ident::ReasonCode;
use rights::person::Role;
use rights::quantity::Quantity;
use rights::rate::{Rate, RateTime};

const MRN: &str = "300001";

/// A patient with an order of two doses a day, a nurse, and a ledger.
fn shift(feed: &mut Feed, folder: &Path) -> Shift {
    feed.take(&message("ADT^A01", "1", MRN, ""));
    feed.take(&message("RDE^O11", "2", MRN, &order("NW", "ORD1")));
    let site = feed.site();
    Shift::new(folder, site, "2026-11-30T14:05:00Z".parse().unwrap(), rules().zone)
}

/// One dose given on time, one refused, one given late with a reason.
fn worked(shift: &mut Shift) {
    shift.sign_on();
    shift.give(MRN, "ORD1.CPOE", at("2026-11-30T14:00:00Z"));
    shift.now = "2026-12-01T02:00:00Z".parse().unwrap();
    shift.chart.orders_as_of = Some(shift.now);
    shift.sign_on();
    shift.not_given(MRN, "ORD1.CPOE", at("2026-12-01T02:00:00Z"), Outcome::Refused, "refused");
    shift.now = "2026-12-01T16:30:00Z".parse().unwrap();
    shift.chart.orders_as_of = Some(shift.now);
    shift.sign_on();
    shift.give(MRN, "ORD1.CPOE", at("2026-12-01T14:00:00Z"));
    assert_eq!(shift.recorded, 3);
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Charts what followed a dose. An hour after it only a charge nurse may correct it.
fn follow(shift: &mut Shift, of: IdempotencyKey, act: follow_up::Act, reason: Option<&str>) {
    shift.chart.clinicians[0].role = Role::ChargeNurse;
    shift.sign_on();
    shift.identify(MRN);
    let reason = reason.map(|reason| ReasonCode::parse(reason).unwrap());
    shift.handle(rights::bedside::Event::Chart(Charted { of, act, reason, note: None }));
    shift.handle(rights::bedside::Event::Continue);
}

/// Another system that keeps what it has by event id, and does as it is told.
#[derive(Default)]
struct There {
    has: BTreeMap<String, String>,
    order: Vec<String>,
    deliveries: usize,
    away: bool,
    /// RXA-2 of each delivery, with what it says.
    counters: Vec<(&'static str, u64)>,
    /// It takes the event and the answer is lost.
    loses_answers: bool,
    refuses: Option<u64>,
}

struct Fake(Arc<Mutex<There>>);

impl Target for Fake {
    fn name(&self) -> &'static str {
        "fake"
    }

    fn deliver(&mut self, event: &Event, directory: &dyn Directory) -> Delivered {
        let mut there = self.0.lock().unwrap();
        there.deliveries += 1;
        let act = match event.act {
            Act::Charted | Act::Infusion(_) => "A",
            Act::Corrected(_) => "U",
            Act::EnteredInError(_) => "D",
        };
        there.counters.push((act, directory.look_up(event).counter));
        if there.away {
            return Delivered::Later { why: "away".into(), after: None };
        }
        if there.refuses == Some(event.sequence) {
            return Delivered::Parked { said: "no".into() };
        }
        let id = resources::resource_event(event).to_owned();
        if there.has.insert(id.clone(), format!("{:?}", event.act)).is_none() {
            there.order.push(id);
        }
        if there.loses_answers {
            return Delivered::Later { why: "no answer".into(), after: None };
        }
        Delivered::Done { remote: String::new(), said: String::new() }
    }
}

fn pump_of(feed: &Feed, folder: &Path, there: &Arc<Mutex<There>>) -> Pump {
    Pump::new(Box::new(Fake(Arc::clone(there))), folder, feed.inbox.clone(), Arc::new(Counters::default()))
}

/// Charting goes on while the other system is away; then everything arrives once and in order, whatever breaks in between.
#[test]
fn acceptance_8_two_hours_of_absence_lose_and_double_nothing() {
    let mut feed = Feed::new();
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("ledger");
    let mut shift = shift(&mut feed, &folder);
    let there = Arc::new(Mutex::new(There { away: true, ..There::default() }));
    let mut pump_one = pump_of(&feed, &folder, &there);
    worked(&mut shift);
    let mut waited = SignedDuration::ZERO;
    while waited < SignedDuration::from_hours(2) {
        let Turn::Later { pause, .. } = pump_one.turn().unwrap() else { panic!("it is away") };
        assert!(pause.as_secs() <= 60);
        waited += SignedDuration::try_from(pause).unwrap();
    }
    let tries = there.lock().unwrap().deliveries;
    assert!(tries < 200, "it backs off: {tries}");
    // It comes back, and takes the first event, but its answer is lost and we stop.
    there.lock().unwrap().away = false;
    there.lock().unwrap().loses_answers = true;
    assert!(matches!(pump_one.turn().unwrap(), Turn::Later { .. }));
    drop(pump_one);
    there.lock().unwrap().loses_answers = false;
    let mut pump_two = pump_of(&feed, &folder, &there);
    assert_eq!(pump_two.turn().unwrap(), Turn::Empty);
    let events = Cursor::new(&folder).read_all().unwrap();
    let ids: Vec<String> = events.iter().map(|event| event.id.clone()).collect();
    assert_eq!(ids.len(), 3);
    assert_eq!(there.lock().unwrap().order, ids, "in the order of the ledger, each once");
    // After a restart nothing is sent again.
    let before = there.lock().unwrap().deliveries;
    drop(pump_two);
    let feed = feed.reopened();
    assert_eq!(pump_of(&feed, &folder, &there).turn().unwrap(), Turn::Empty);
    assert_eq!(there.lock().unwrap().deliveries, before);
}

#[test]
fn what_is_refused_for_good_is_parked_and_the_rest_goes_on() {
    let mut feed = Feed::new();
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("ledger");
    worked(&mut shift(&mut feed, &folder));
    let events = Cursor::new(&folder).read_all().unwrap();
    let there = Arc::new(Mutex::new(There { refuses: Some(events[1].sequence), ..There::default() }));
    let mut pump = pump_of(&feed, &folder, &there);
    assert_eq!(pump.turn().unwrap(), Turn::Empty);
    assert_eq!(there.lock().unwrap().order, [events[0].id.clone(), events[2].id.clone()]);
    let parked = feed.db.view().unwrap().parked_deliveries(pump.key()).unwrap();
    assert_eq!((parked.len(), parked[0].0, parked[0].1.said.as_str()), (1, events[1].sequence, "no"));
    assert_eq!(parked[0].1.event, events[1].id);
    // A person has mended it there and asks for another attempt: that one alone is sent, and the cursor does not go back.
    let key = pump.key().to_owned();
    drop(pump);
    there.lock().unwrap().refuses = None;
    let sequence = events[1].sequence;
    assert!(feed.db.write(|txn| txn.deliver_again(&key, sequence)).unwrap());
    assert!(!feed.db.write(|txn| txn.deliver_again(&key, events[0].sequence)).unwrap(), "it was not refused");
    let before = there.lock().unwrap().deliveries;
    let mut pump = pump_of(&feed, &folder, &there);
    assert_eq!(pump.turn().unwrap(), Turn::Empty);
    assert_eq!(there.lock().unwrap().deliveries, before + 1);
    assert!(there.lock().unwrap().has.contains_key(&events[1].id));
    let view = feed.db.view().unwrap();
    assert_eq!(
        (view.parked_deliveries(&key).unwrap().len(), view.deliveries_again(&key).unwrap().len()),
        (0, 0)
    );
    assert_eq!(view.cursor(&key).unwrap(), events[2].sequence + 1);
}

#[test]
fn the_ras_says_what_was_done() {
    let mut feed = Feed::new();
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("ledger");
    worked(&mut shift(&mut feed, &folder));
    let events = Cursor::new(&folder).read_all().unwrap();
    let zone = rules().zone;
    let ras = |event: &Event| {
        let known = feed.inbox.look_up(event);
        let text = exchange::hl7::ras::write(event, &known, &exchange::hl7::ras::Sender::default(), &zone);
        Message::read(text.as_bytes()).unwrap()
    };
    let given = ras(&events[0]);
    assert_eq!(given.header().text(10), events[0].id);
    assert!(events[0].id.len() <= 20, "MSH-10 has room for 20");
    let orc = given.segment("ORC").unwrap();
    assert_eq!((orc.field(2).component(1), orc.field(2).component(2)), ("ORD1".into(), "CPOE".into()));
    assert_eq!(orc.field(3).component(1), "RX-ORD1");
    assert_eq!(given.segment("PV1").unwrap().text(19), "V1");
    let rxa = given.segment("RXA").unwrap();
    assert!(rxa.text(3).starts_with("202611300905") && rxa.text(3).ends_with("-0500"));
    assert_eq!((rxa.text(5), rxa.field(5).component(3)), ("68084004501".into(), "NDC".into()));
    assert_eq!((rxa.text(6), rxa.text(7)), ("25".into(), "mg".into()));
    assert_eq!((rxa.text(15), rxa.text(16)), ("LOT123".into(), "20270930".into()));
    assert_eq!((rxa.text(20), rxa.text(21)), ("CP".into(), "A".into()));
    let scan = given.segments().iter().find(|segment| segment.name() == "OBX").unwrap();
    assert_eq!((scan.text(3), scan.text(5)), ("SCAN".into(), "68084004501".into()));
    let refused = ras(&events[1]);
    let rxa = refused.segment("RXA").unwrap();
    assert_eq!((rxa.text(6), rxa.text(7)), ("0".into(), String::new()));
    assert_eq!((rxa.text(18), rxa.text(20)), ("refused".into(), "RE".into()));
    let late = ras(&events[2]).print();
    assert!(late.contains("OVERRIDE") && late.contains("T3 soft"), "{late}");
    assert!(late.contains(&format!("{}#{}", common::shift::ORIGIN, events[2].sequence)));
}

/// What is corrected, or waited, after the patient came back goes out without the number of the new visit: the dose was not given in it.
#[test]
fn a_dose_has_the_visit_in_which_it_was_given_or_none() {
    let mut feed = Feed::new();
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("ledger");
    worked(&mut shift(&mut feed, &folder));
    let events = Cursor::new(&folder).read_all().unwrap();
    let visits = |feed: &Feed| -> Vec<String> {
        let number = |event: &Event| {
            let known = feed.inbox.look_up(event);
            let sender = exchange::hl7::ras::Sender::default();
            let text = exchange::hl7::ras::write(event, &known, &sender, &rules().zone);
            let message = Message::read(text.as_bytes()).unwrap();
            let pv1 = message.segment("PV1").unwrap();
            assert_eq!(pv1.text(3), "3B");
            pv1.text(19)
        };
        events.iter().map(number).collect()
    };
    assert_eq!(visits(&feed), ["V1", "V1", "V1"]);
    // Heard again, the visit is not younger for it.
    let of = |kind: &str, id: &str, number: &str, admitted: &str| {
        let pv1 = format!(
            "PV1|1|I|3B^12^A^GEN||||||||||||||||{number}^^^GEN^VN|||||||||||||||||||||||||{admitted}\r"
        );
        common::feed::with_visit(kind, id, MRN, &pv1, "").into_bytes()
    };
    feed.take_at(&of("ADT^A08", "3", "V1", ""), at("2026-12-01T10:00:00Z"));
    assert_eq!(visits(&feed), ["V1", "V1", "V1"]);
    // Between the second and the third dose the patient left and came back.
    feed.take_at(&of("ADT^A03", "4", "V1", ""), at("2026-12-01T10:00:00Z"));
    feed.take_at(&of("ADT^A01", "5", "V2", ""), at("2026-12-01T16:00:00Z"));
    assert_eq!(visits(&feed), ["", "", "V2"]);
    // The admission is written down before the message is heard.
    feed.take_at(&of("ADT^A08", "6", "V2", "20261130210000-0500"), at("2026-12-01T20:00:00Z"));
    assert_eq!(visits(&feed), ["", "V2", "V2"]);
    // It was one visit before it was told to begin later.
    feed.take_at(&of("ADT^A08", "7", "V2", "20261201110000-0500"), at("2026-12-01T20:10:00Z"));
    assert_eq!(visits(&feed), ["", "V2", "V2"]);
}

#[test]
fn the_resources_say_what_was_done() {
    let mut feed = Feed::new();
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("ledger");
    worked(&mut shift(&mut feed, &folder));
    let events = Cursor::new(&folder).read_all().unwrap();
    let zone = rules().zone;
    let json = |event: &Event| -> serde_json::Value {
        let known = LedgerOnly.look_up(event);
        let places = Places { mrn_system: "urn:bcma:mrn".into(), ..Places::default() };
        serde_json::from_str(&resources::administration(event, &known, &places, &zone)).unwrap()
    };
    let given = json(&events[0]);
    assert_eq!(given["status"], "completed");
    assert_eq!(given["identifier"][0]["value"], events[0].id.as_str());
    assert_eq!(
        (&given["dosage"]["dose"]["value"], &given["dosage"]["dose"]["code"]),
        (&25.into(), &"mg".into())
    );
    assert_eq!(given["contained"][0]["batch"]["lotNumber"], "LOT123");
    assert_eq!(given["contained"][0]["batch"]["expirationDate"], "2027-09-30");
    assert_eq!(given["subject"]["identifier"]["value"], MRN);
    assert!(given["effectiveDateTime"].as_str().unwrap().ends_with("-05:00"));
    let refused = json(&events[1]);
    assert_eq!(refused["status"], "not-done");
    assert_eq!(refused["statusReason"][0]["coding"][0]["code"], "182895007");
    assert!(refused.get("dosage").is_none());
    let late: serde_json::Value = serde_json::from_str(&resources::transaction(
        &events[2],
        &LedgerOnly.look_up(&events[2]),
        &zone,
        "m",
    ))
    .unwrap();
    let kinds: Vec<&str> = late["entry"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["resource"]["resourceType"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["MedicationAdministration", "DetectedIssue", "Provenance", "AuditEvent"]);
    let voided = Event { act: Act::EnteredInError(events[0].id.clone()), ..events[0].clone() };
    assert_eq!(json(&voided)["status"], "entered-in-error");
}

#[test]
fn export_writes_one_file_for_each_administration() {
    let mut feed = Feed::new();
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("ledger");
    worked(&mut shift(&mut feed, &folder));
    for (format, ending) in [(Format::Fhir, "json"), (Format::FhirBundle, "json"), (Format::Hl7, "hl7")] {
        let out = dir.path().join(format!("{format:?}"));
        assert_eq!(export::export(&folder, &out, format, &rules().zone, "urn:bcma:mrn").unwrap(), 3);
        let files: Vec<_> = std::fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert_eq!(files.len(), 3);
        assert!(files.iter().all(|file| file.extension().unwrap() == ending));
        assert!(export::export(&folder, &out, format, &rules().zone, "m").is_err(), "never over something");
    }
    assert!(
        export::export(&dir.path().join("none"), &dir.path().join("x"), Format::Hl7, &rules().zone, "m")
            .is_err()
    );
    assert!(!dir.path().join("x").exists());
    assert!(now() < at("2027-01-01T00:00:00Z"));
}

/// RXA-2 of what deletes an administration is that of the administration (v2.5.1 section 4.14.7.2), whatever was done since, whoever sends.
#[test]
fn what_is_entered_in_error_has_the_number_of_its_administration() {
    let mut feed = Feed::new();
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("ledger");
    let mut shift = shift(&mut feed, &folder);
    worked(&mut shift);
    let events = Cursor::new(&folder).read_all().unwrap();
    let there = Arc::new(Mutex::new(There { refuses: Some(events[0].sequence), ..There::default() }));
    let mut pump = pump_of(&feed, &folder, &there);
    assert_eq!(pump.turn().unwrap(), Turn::Empty);
    // The second of three is entered in error while nothing is sent; then it goes out after a start anew.
    let key = pump.key().to_owned();
    drop(pump);
    follow(
        &mut shift,
        events[1].administration.entry.unwrap(),
        follow_up::Act::EnteredInError,
        Some("not-taken"),
    );
    assert_eq!(pump_of(&feed, &folder, &there).turn().unwrap(), Turn::Empty);
    assert_eq!(there.lock().unwrap().counters, [("A", 1), ("A", 2), ("A", 3), ("D", 2)]);
    // What was refused is sent again under the number that it had.
    there.lock().unwrap().refuses = None;
    assert!(feed.db.write(|txn| txn.deliver_again(&key, events[0].sequence)).unwrap());
    assert_eq!(pump_of(&feed, &folder, &there).turn().unwrap(), Turn::Empty);
    assert_eq!(there.lock().unwrap().counters[4..], [("A", 1)]);
    // The files of an export count alike.
    let out = dir.path().join("hl7");
    assert_eq!(export::export(&folder, &out, Format::Hl7, &rules().zone, "urn:bcma:mrn").unwrap(), 3);
    let mut files: Vec<_> = std::fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let rxa = |path: &std::path::PathBuf| {
        let message = Message::read(&std::fs::read(path).unwrap()).unwrap();
        let rxa = message.segment("RXA").unwrap();
        (rxa.text(2), rxa.text(21))
    };
    let expected =
        [("1", "A"), ("2", "D"), ("3", "A")].map(|(number, act)| (number.to_owned(), act.to_owned()));
    assert_eq!(files.iter().map(rxa).collect::<Vec<_>>(), expected);
}

#[test]
fn a_dose_that_was_refused_and_is_sent_again_does_not_come_back_after_its_correction() {
    let mut feed = Feed::new();
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("ledger");
    let mut shift = shift(&mut feed, &folder);
    worked(&mut shift);
    let events = Cursor::new(&folder).read_all().unwrap();
    follow(
        &mut shift,
        events[2].administration.entry.unwrap(),
        follow_up::Act::EnteredInError,
        Some("not-taken"),
    );
    let voided = Cursor::new(&folder).read_all().unwrap()[3].sequence;
    let turn = |refuses| {
        let there = Arc::new(Mutex::new(There { refuses, ..There::default() }));
        let mut pump = pump_of(&feed, &folder, &there);
        assert_eq!(pump.turn().unwrap(), Turn::Empty);
        let acts: Vec<_> = there.lock().unwrap().counters.iter().map(|(act, _)| *act).collect();
        (pump.key().to_owned(), acts)
    };
    let again = |key: &str, sequence| assert!(feed.db.write(|txn| txn.deliver_again(key, sequence)).unwrap());
    // The dose was refused there, and that it never was given was taken.
    let (key, acts) = turn(Some(events[2].sequence));
    assert_eq!(acts, ["A", "A", "A", "D"]);
    again(&key, events[2].sequence);
    assert_eq!(turn(None).1, [""; 0], "nothing is sent");
    let view = feed.db.view().unwrap();
    let known = view.delivery(&key, events[2].sequence).unwrap().unwrap();
    assert_eq!((known.state.as_str(), known.event.as_str()), ("sent", events[2].id.as_str()));
    assert_eq!(known.said, format!("not sent: entry {voided}, which corrects it, was delivered"));
    assert!(view.deliveries_again(&key).unwrap().is_empty());
}

/// A dose, and an infusion, that another kiosk of the ward gave: this kiosk heard of them from the hub.
fn heard(shift: &mut Shift) -> [IdempotencyKey; 2] {
    let own = shift.chart.history.last().unwrap().clone();
    let dose = IdempotencyKey { session: [0xAB; 16], count: 7 };
    let infusion = IdempotencyKey { count: 9, ..dose };
    let rate = Rate { amount: Quantity::parse("10 mL").unwrap(), per: RateTime::Hour, per_kilogram: false };
    let at = own.at - SignedDuration::from_mins(5);
    shift.chart.learn(Record::Administration(Administration { entry: Some(dose), at, ..own.clone() }));
    let at = at - SignedDuration::from_mins(5);
    let started = Administration { entry: Some(infusion), at, rate: Some(rate), ..own };
    shift.chart.learn(Record::Administration(started));
    [dose, infusion]
}

#[test]
fn what_follows_a_dose_of_another_kiosk_is_parked_for_a_person_and_not_lost() {
    let mut feed = Feed::new();
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("ledger");
    let mut shift = shift(&mut feed, &folder);
    worked(&mut shift);
    let [dose, infusion] = heard(&mut shift);
    follow(&mut shift, dose, follow_up::Act::EnteredInError, Some("not-taken"));
    follow(&mut shift, infusion, follow_up::Act::Infusion(InfusionStep::Completed), None);
    let there = Arc::new(Mutex::new(There::default()));
    let counters = Arc::new(Counters::default());
    let fake = Box::new(Fake(Arc::clone(&there)));
    let mut pump = Pump::new(fake, &folder, feed.inbox.clone(), Arc::clone(&counters));
    assert_eq!(pump.turn().unwrap(), Turn::Empty);
    assert_eq!(there.lock().unwrap().order.len(), 3, "what this kiosk gave is sent");
    let parked = feed.db.view().unwrap().parked_deliveries(pump.key()).unwrap();
    let said: Vec<&str> = parked.iter().map(|(_, delivery)| delivery.said.as_str()).collect();
    assert_eq!(said.len(), 2, "{said:?}");
    for (said, act, count) in
        [(said[0], "entered-in-error of", "00000007,"), (said[1], "completed of", "00000009,")]
    {
        assert!(said.starts_with(act), "{said}");
        assert!(said.contains(&format!("entry key {}{count}", "ab".repeat(16))), "{said}");
        assert!(!said.contains(MRN) && !said.contains("ORD1"), "{said}");
    }
    assert!(parked.iter().all(|(_, delivery)| delivery.event.len() == 20));
    assert_eq!(counters.parked.load(std::sync::atomic::Ordering::Relaxed), 2);
    // After a start anew they are parked once, and go on being listed when they are asked for again.
    let (key, sequence) = (pump.key().to_owned(), parked[0].0);
    drop(pump);
    assert!(feed.db.write(|txn| txn.deliver_again(&key, sequence)).unwrap());
    assert_eq!(pump_of(&feed, &folder, &there).turn().unwrap(), Turn::Empty);
    assert_eq!(feed.db.view().unwrap().parked_deliveries(&key).unwrap(), parked);
    assert_eq!(there.lock().unwrap().deliveries, 3);
}

#[test]
fn after_a_merge_everything_goes_out_under_the_number_that_stays() {
    let mut feed = Feed::new();
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("ledger");
    let mut shift = shift(&mut feed, &folder);
    worked(&mut shift);
    let survivor = |kind: &str, id: &str, mrn: &str, more: &str| {
        message(kind, id, mrn, more).replace("DOE^JANE^Q", "ROE^MARY^X").replace("19500203", "19510304")
    };
    // Merged, and merged again, while the deliveries wait.
    for (id, kept, gone) in [("11", "300005", MRN), ("12", "300009", "300005")] {
        feed.take(&survivor("ADT^A04", &format!("a{id}"), kept, ""));
        let reply = feed.take(&survivor("ADT^A40", id, kept, &format!("MRG|{gone}^^^GEN^MR\r")));
        assert_eq!(reply.code, exchange::hl7::ack::AckCode::Accept, "{}", reply.text);
    }
    let events = Cursor::new(&folder).read_all().unwrap();
    let voided = Event { act: Act::EnteredInError(events[0].id.clone()), ..events[0].clone() };
    for event in [&events[0], &events[1], &voided] {
        let known = feed.inbox.look_up(event);
        let zone = rules().zone;
        let text = exchange::hl7::ras::write(event, &known, &exchange::hl7::ras::Sender::default(), &zone);
        let message = Message::read(text.as_bytes()).unwrap();
        let pid = message.segment("PID").unwrap();
        assert_eq!((pid.text(3), pid.field(3).component(4)), ("300009".into(), "GEN".into()));
        assert_eq!((pid.field(5).component(1), pid.text(7)), ("ROE".into(), "19510304".into()));
        assert!(!text.contains(MRN) && !text.contains("DOE"), "{text}");
        assert_eq!(message.segment("ORC").unwrap().text(2), "ORD1");
        let places = Places { mrn_system: "urn:bcma:mrn".into(), ..Places::default() };
        let json: serde_json::Value =
            serde_json::from_str(&resources::administration(event, &known, &places, &zone)).unwrap();
        assert_eq!(json["subject"]["identifier"]["value"], "300009");
    }
}
