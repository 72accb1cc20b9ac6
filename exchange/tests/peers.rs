//! The wire, proven by programs that are not ours: python-hl7, hl7apy, @medplum, npm `fhir`, the official JSON schema.

mod common;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use common::feed::{Feed, fill, message, order};
use common::peers::{MRN, Peers, Serving, at, followed, in_error, keys, peers, post, run, worked, write};
use common::{reference, rules};
use exchange::hl7::ras::Sender;
use exchange::http::Http;
use exchange::mllp::client::Client;
use exchange::outbox::event::{Act, Event};
use exchange::outbox::export::{self, Format};
use exchange::outbox::fhir::FhirTarget;
use exchange::outbox::hl7::Hl7Target;
use exchange::outbox::pump::{Counters, Delivered, LedgerOnly, Pump, Target, Turn};
use exchange::serve;
use exchange::server::Server;
use exchange::server::pull::{Queries, pull};
use exchange::server::search::search;
use exchange::server::token::Backend;
use jiff::Timestamp;

fn clock() -> Timestamp {
    at("2026-11-30T13:00:00Z")
}

fn service(dir: &Path, more: &str) -> serve::Running {
    fill(&dir.join("store"));
    let text = format!(
        "store = \"store\"\nzone = \"America/New_York\"\nhttp = \"127.0.0.1:0\"\n\
         [[mllp]]\nname = \"cpoe\"\nlisten = \"127.0.0.1:0\"\n{more}"
    );
    let config = serve::config::read(&write(dir, "exchange.toml", &text)).unwrap();
    serve::start(&config, clock).unwrap()
}

/// python-hl7 and @medplum/hl7 send; both hear "done", and the same message again has no second effect.
#[test]
fn python_hl7_and_medplum_send_orders() {
    let Some(peers) = peers() else { return };
    let dir = tempfile::tempdir().unwrap();
    let running = service(dir.path(), "");
    let port = running.addresses[0].1.port();
    let adt = write(dir.path(), "adt.hl7", &message("ADT^A01", "1", MRN, ""));
    let rde = write(dir.path(), "rde.hl7", &message("RDE^O11", "2", MRN, &order("NW", "ORD1")));
    for (file, id) in [(&adt, "1"), (&rde, "2"), (&rde, "2")] {
        let mut command = peers.tool("mllp_send");
        let (text, good) =
            run(command.args(["--loose", "--port", &port.to_string(), "--file"]).arg(file).arg("127.0.0.1"));
        assert!(good && text.contains(&format!("MSA|AA|{id}")), "{text}");
    }
    let (text, good) = run(peers.node("hl7_client.js").arg(port.to_string()).arg(&rde));
    assert!(good && text.trim() == "AA 2", "{text}");
    let metrics = post(running.http.unwrap().port(), "/metrics", "");
    assert!(metrics.contains("exchange_messages_total{feed=\"cpoe\",result=\"accepted\"} 2"), "{metrics}");
    assert!(metrics.contains("exchange_messages_total{feed=\"cpoe\",result=\"repeated\"} 2"), "{metrics}");
    running.stop();
}

fn hl7_pump(feed: &Feed, folder: &Path, port: u16) -> Pump {
    let client = Client::new(format!("127.0.0.1:{port}"), None, Duration::from_secs(10));
    let target = Hl7Target::new("ehr".into(), client, Sender::default(), rules().zone);
    Pump::new(Box::new(target), folder, feed.inbox.clone(), Arc::new(Counters::default()))
}

/// @medplum/hl7 takes RAS: twice "not now" (AR), then each message once, in order.
#[test]
fn medplum_takes_ras_in_order_after_rejecting_twice() {
    let Some(peers) = peers() else { return };
    let mut feed = Feed::new();
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("ledger");
    let events = worked(&mut feed, &folder);
    let mut command = peers.node("hl7_server.js");
    command.arg("2");
    let server = Peers::serve(command);
    let mut pump = hl7_pump(&feed, &folder, server.port);
    for _ in 0..2 {
        assert!(matches!(pump.turn().unwrap(), Turn::Later { why, .. } if why.contains("rejected")));
    }
    assert_eq!(pump.turn().unwrap(), Turn::Empty);
    drop(pump);
    let expected: Vec<String> = events
        .iter()
        .zip(["CP A", "RE A", "NA A", "CP A"])
        .map(|(event, codes)| format!("{} {codes}", event.id))
        .collect();
    assert_eq!(server.end().lines().collect::<Vec<_>>(), expected);
}

/// hl7apy finds each RAS valid against v2.5.1: segments, order, required fields, lengths.
#[test]
fn hl7apy_validates_our_ras() {
    let Some(peers) = peers() else { return };
    let mut feed = Feed::new();
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("ledger");
    worked(&mut feed, &folder);
    let out = dir.path().join("out");
    assert_eq!(export::export(&folder, &out, Format::Hl7, &rules().zone, "m").unwrap(), 4);
    let (text, good) = run(peers.python("validate.py").arg("hl7").arg(&out));
    assert!(good && text.contains("4 valid, 0 not"), "{text}");
    let (folder, out) = (dir.path().join("followed"), dir.path().join("followed-out"));
    followed(&folder);
    assert_eq!(export::export(&folder, &out, Format::Hl7, &rules().zone, "m").unwrap(), 3);
    let (text, good) = run(peers.python("validate.py").arg("hl7").arg(&out));
    assert!(good && text.contains("3 valid, 0 not"), "{text}");
}

/// @medplum/core, npm `fhir` and the official JSON schema find every resource valid.
#[test]
fn three_validators_accept_our_resources() {
    let Some(peers) = peers() else { return };
    let mut feed = Feed::new();
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("ledger");
    worked(&mut feed, &folder);
    let after = dir.path().join("followed");
    followed(&after);
    let forms = [(Format::Fhir, [4, 2]), (Format::FhirBundle, [13, 6])];
    for (format, ledger, count) in
        forms.into_iter().flat_map(|(format, [one, two])| [(format, &folder, one), (format, &after, two)])
    {
        let out = dir.path().join(format!("{format:?}-{count}"));
        export::export(ledger, &out, format, &rules().zone, "urn:bcma:mrn").unwrap();
        let (text, good) = run(peers.node("validate.js").arg(&out));
        assert!(good && text.contains(&format!("{count} valid, 0 not")), "{text}");
        if let Some(reference) = reference() {
            let schema = reference.join("hl7-r4-examples/fhir.schema.json");
            let (text, good) = run(peers.python("validate.py").arg("schema").arg(&out).arg(schema));
            assert!(good && text.contains(&format!("{count} valid, 0 not")), "{text}");
        }
    }
}

/// A validator that accepts everything proves nothing: the bad samples, and RAS without a required part, are found.
#[test]
fn the_validators_find_what_is_wrong() {
    let (Some(peers), Some(reference)) = (peers(), reference()) else { return };
    let dir = tempfile::tempdir().unwrap();
    let folder = |name: &str| {
        let folder = dir.path().join(name);
        std::fs::create_dir(&folder).unwrap();
        folder
    };
    let (json, hl7) = (folder("json"), folder("hl7"));
    for path in exchange::site::files_of(&reference.join("interop-samples"), "json").unwrap() {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.starts_with("ma-bad-") && name != "ma-bad-choice.json" {
            write(&json, &name, &std::fs::read_to_string(&path).unwrap());
        }
    }
    let (text, good) = run(peers.node("validate.js").arg(&json));
    assert!(!good && text.contains("0 valid, 5 not"), "{text}");
    let ras = std::fs::read_to_string(reference.join("interop-samples/ras.hl7")).unwrap();
    for missing in ["ORC", "RXA", "RXR", "MSH"] {
        let kept: Vec<&str> =
            ras.split('\r').filter(|segment| !segment.is_empty() && !segment.starts_with(missing)).collect();
        write(&hl7, &format!("{missing}.hl7"), &(kept.join("\r") + "\r"));
    }
    let (text, good) = run(peers.python("validate.py").arg("hl7").arg(&hl7));
    assert!(!good && text.contains("0 valid, 4 not"), "{text}");
}

fn fhir_server(peers: &Peers) -> Serving {
    Peers::serve(peers.node("fhir_server.js"))
}

fn client(port: u16, auth: Option<Backend>) -> Server {
    let http = Http::new(None, Duration::from_secs(20)).unwrap();
    Server::new(http, &format!("http://127.0.0.1:{port}/fhir"), auth, clock)
}

fn put(port: u16, resource: &str) -> String {
    let mut server = client(port, None);
    let kind = serde_json::from_str::<serde_json::Value>(resource).unwrap()["resourceType"]
        .as_str()
        .unwrap()
        .to_owned();
    let answer = server.ask("POST", &kind, &[], Some(resource)).unwrap();
    assert_eq!(answer.status, 201, "{}", String::from_utf8_lossy(&answer.body));
    serde_json::from_slice::<serde_json::Value>(&answer.body).unwrap()["id"].as_str().unwrap().to_owned()
}

fn patient() -> String {
    common::PATIENT.replace("\"id\":\"p1\",", "")
}

fn count(port: u16, query: &str) -> usize {
    search(&mut client(port, None), query).unwrap().len()
}

/// The server loses answers, is down, and has a patient only later: everything arrives once.
#[test]
fn medplum_takes_administrations_exactly_once() {
    let Some(peers) = peers() else { return };
    let mut feed = Feed::new();
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("ledger");
    let events = worked(&mut feed, &folder);
    let server = fhir_server(&peers);
    let port = server.port;
    put(port, &patient());
    let target = || FhirTarget::new("ehr".into(), client(port, None), rules().zone, "urn:bcma:mrn".into());
    let pump = || Pump::new(Box::new(target()), &folder, feed.inbox.clone(), Arc::new(Counters::default()));
    post(port, "/control", r#"{"mode":"down"}"#);
    assert!(matches!(pump().turn().unwrap(), Turn::Later { .. }));
    post(port, "/control", r#"{"mode":"normal","drop":3}"#);
    let mut turns = 0;
    while pump().turn().unwrap() != Turn::Empty {
        turns += 1;
        assert!(turns < 20);
    }
    assert!(turns >= 3, "answers were lost: {turns}");
    assert_eq!(count(port, "MedicationAdministration"), 4);
    assert_eq!(count(port, "Provenance"), 4);
    assert_eq!(count(port, "AuditEvent"), 4);
    assert_eq!(count(port, "DetectedIssue"), 1);
    for event in &events {
        assert_eq!(
            count(port, &format!("MedicationAdministration?identifier=urn:bcma:event%7C{}", event.id)),
            1
        );
    }
    let seen = post(port, "/seen", "");
    assert!(!seen.contains("DELETE"));
}

/// A server may leave out a search parameter that it does not know; "the patient with this number" is then answered with any patient, and a
/// patient's orders with everybody's. With or without its remark it is not believed.
#[test]
fn a_server_that_leaves_out_what_was_asked_is_not_believed() {
    let Some(peers) = peers() else { return };
    let mut feed = Feed::new();
    let dir = tempfile::tempdir().unwrap();
    let events = worked(&mut feed, &dir.path().join("ledger"));
    let server = fhir_server(&peers);
    let port = server.port;
    let other = put(port, &patient().replace(MRN, "300009"));
    let right = put(port, &patient().replace(MRN, "300010"));
    for id in [other, right] {
        let of = format!(r#"{{"reference":"Patient/{id}"}}"#);
        let stay = r#""resourceType":"Encounter","status":"in-progress","class":{"code":"IMP"}"#;
        put(port, &format!(r#"{{{stay},"subject":{of}}}"#));
        let allergy = r#""resourceType":"AllergyIntolerance","clinicalStatus":{"coding":[{"code":"active",
            "system":"http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"}]}"#;
        put(port, &format!(r#"{{{allergy},"patient":{of}}}"#));
    }
    let mut target = FhirTarget::new("ehr".into(), client(port, None), rules().zone, "urn:bcma:mrn".into());
    for (mode, said) in [("ignores", "answers with"), ("remarks", "left out")] {
        post(port, "/control", &format!(r#"{{"mode":"{mode}"}}"#));
        let delivered = target.deliver(&events[0], &LedgerOnly);
        assert!(matches!(&delivered, Delivered::Later { why, .. } if why.contains(said)), "{delivered:?}");
        let error = pull(&mut client(port, None), &Queries::default()).unwrap_err().to_string();
        assert!(error.starts_with("orders not current") && error.contains(said), "{error}");
    }
    post(port, "/control", r#"{"mode":"normal"}"#);
    assert_eq!(pull(&mut client(port, None), &Queries::default()).unwrap().len(), 2);
    assert_eq!(count(port, "MedicationAdministration"), 0);
}

/// Entered in error after it was sent: the same resource, by PUT with the version that was read; a conflict is read again.
#[test]
fn acceptance_9_entered_in_error_is_put_with_if_match_and_412_is_met() {
    let Some(peers) = peers() else { return };
    let mut feed = Feed::new();
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("ledger");
    let events = worked(&mut feed, &folder);
    let server = fhir_server(&peers);
    let port = server.port;
    put(port, &patient());
    let mut target = FhirTarget::new("ehr".into(), client(port, None), rules().zone, "urn:bcma:mrn".into());
    assert!(matches!(target.deliver(&events[0], &LedgerOnly), Delivered::Done { .. }));
    let wrong = in_error(&events[0]);
    post(port, "/control", r#"{"conflicts":2}"#);
    assert!(matches!(target.deliver(&wrong, &LedgerOnly), Delivered::Done { .. }));
    assert!(matches!(target.deliver(&wrong, &LedgerOnly), Delivered::Done { .. }), "again changes nothing");
    post(port, "/control", r#"{"conflicts":9}"#);
    assert!(
        matches!(target.deliver(&wrong, &LedgerOnly), Delivered::Later { why, .. } if why.contains("412"))
    );
    let found = search(&mut client(port, None), "MedicationAdministration").unwrap();
    assert_eq!(found.len(), 1, "never a second one");
    assert!(found[0].json.contains("entered-in-error") && found[0].json.contains(&events[0].id));
    assert!(post(port, "/seen", "").contains("PUT /MedicationAdministration/"));
    let ras = exchange::hl7::ras::write(
        &wrong,
        &exchange::outbox::pump::Known::default(),
        &Sender::default(),
        &rules().zone,
    );
    let message = exchange::hl7::er7::Message::read(ras.as_bytes()).unwrap();
    assert_eq!(message.segment("RXA").unwrap().text(21), "D");
    let corrected = Event { act: Act::Corrected(events[0].id.clone()), ..wrong };
    let ras = exchange::hl7::ras::write(
        &corrected,
        &exchange::outbox::pump::Known::default(),
        &Sender::default(),
        &rules().zone,
    );
    assert!(ras.contains("|U|"));
    // Without a patient of that number nothing is sent: a person has to look.
    let other = fhir_server(&peers);
    let mut target =
        FhirTarget::new("ehr".into(), client(other.port, None), rules().zone, "urn:bcma:mrn".into());
    assert!(
        matches!(target.deliver(&events[0], &LedgerOnly), Delivered::Parked { said } if said.contains("no patient"))
    );
}

/// Pulled page by page with a token; a page that is lost, or an outcome that says "incomplete", is not "no orders".
#[test]
fn orders_are_pulled_from_medplum_whole_or_not_at_all() {
    let Some(peers) = peers() else { return };
    let server = fhir_server(&peers);
    let port = server.port;
    let id = put(port, &patient());
    let ward =
        put(port, r#"{"resourceType":"Location","identifier":[{"system":"urn:bcma:ward","value":"3B"}]}"#);
    put(
        port,
        &format!(
            r#"{{"resourceType":"Encounter","status":"in-progress","class":{{"code":"IMP"}},"subject":{{"reference":"Patient/{id}"}},
            "location":[{{"location":{{"reference":"Location/{ward}"}}}}]}}"#
        ),
    );
    let drug = put(
        port,
        r#"{"resourceType":"Medication","code":{"coding":[{"system":"urn:bcma:formulary","code":"metoprolol-25"}]}}"#,
    );
    for _ in 0..5 {
        let dosage = common::dosage(r#"{"repeat":{"timeOfDay":["09:00:00"]}}"#, "");
        put(
            port,
            &format!(
                r#"{{"resourceType":"MedicationRequest","status":"active","intent":"order","authoredOn":"2026-11-28T09:00:00-05:00",
                "medicationReference":{{"reference":"Medication/{drug}"}},"subject":{{"reference":"Patient/{id}"}},"dosageInstruction":{dosage}}}"#
            ),
        );
    }
    let queries = Queries::default();
    let dir = tempfile::tempdir().unwrap();
    for rsa in [false, true] {
        let (private, public) = keys(dir.path(), rsa);
        post(port, "/control", &serde_json::json!({ "publicKey": public, "mode": "normal" }).to_string());
        let token_url = format!("http://127.0.0.1:{port}/token");
        let backend = Backend::new(&private, "k1", "bcma", &token_url, "system/*.rs").unwrap();
        let mut server = client(port, Some(backend));
        let bundles = pull(&mut server, &queries).unwrap();
        assert_eq!(bundles.len(), 1);
        let import = exchange::fhir::read("pulled", &bundles[0].1, &rules(), &common::drugs()).unwrap();
        let said: Vec<String> = import.rejections.iter().map(ToString::to_string).collect();
        assert_eq!((import.chart.requests.len(), said), (5, Vec::new()));
        assert_eq!(import.chart.patients[0].ward.as_ref().unwrap().as_str(), "3B");
        assert_eq!(import.chart.orders_as_of, Some(clock()));
        // A token that the server forgot is renewed once, unseen.
        post(port, "/control", r#"{"forget":true}"#);
        assert_eq!(pull(&mut server, &queries).unwrap().len(), 1);
        for mode in ["partial", "outcome", "down", "forbidden"] {
            post(port, "/control", &format!(r#"{{"mode":"{mode}"}}"#));
            let error = pull(&mut server, &queries).unwrap_err().to_string();
            assert!(error.starts_with("orders not current"), "{mode}: {error}");
        }
    }
    // Without a token: 401, and a wrong key gets none.
    post(port, "/control", r#"{"mode":"normal"}"#);
    let error = pull(&mut client(port, None), &queries).unwrap_err().to_string();
    assert!(error.contains("401"), "{error}");
    let (other, _) = keys(dir.path(), false);
    let token_url = format!("http://127.0.0.1:{port}/token");
    let backend = Backend::new(&other, "k1", "bcma", &token_url, "system/*.rs").unwrap();
    let error = pull(&mut client(port, Some(backend)), &queries).unwrap_err().to_string();
    assert!(error.contains("invalid_client") && error.contains("check client_id"), "{error}");
}
