//! The ward's hub, asked by kiosks over the network: scenario 17 of the clinical specification, P6, and what a hub must not lose.

mod common;

use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Barrier};
use std::time::Duration;

use common::doses::given;
use common::peers::write;
use common::tls::certificates;
use exchange::http::{Ask, Http};
use exchange::hub::client::{HubAddress, HubClient, HubError};
use exchange::hub::message::{CLAIM, Cursor, MOST_RECORDS, ROUND, Round};
use exchange::hub::serve::{Running, start};
use exchange::hub::{KEPT_FOR, config};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use rights::chart::Sighting;
use rights::claims::{Claim, Refusal};
use rights::entry::IdempotencyKey;
use rights::follow_up::{Act, FollowUp};
use rights::history::Record;
use rights::ident::{ClinicianId, PatientId, RequestId};

const GENERATION: [u8; 16] = [7; 16];

fn now() -> Timestamp {
    "2026-11-30T13:00:00Z".parse().unwrap()
}

fn hub(dir: &Path) -> Running {
    let text = "listen = \"127.0.0.1:0\"\nstore = \"hub.redb\"\n";
    start(&config::read(&write(dir, "hub.toml", text)).unwrap(), GENERATION, Arc::new(now)).unwrap()
}

fn client(running: &Running) -> HubClient {
    let url = format!("http://{}", running.address);
    HubClient::new(&HubAddress { url, roots: None, identity: None }, Duration::from_secs(10)).unwrap()
}

fn key(kiosk: u8, count: u32) -> IdempotencyKey {
    IdempotencyKey { session: [kiosk; 16], count }
}

fn claim(kiosk: u8, count: u32, slot: &str) -> Claim {
    Claim {
        entry: key(kiosk, count),
        patient: PatientId::parse("p-1").unwrap(),
        request: RequestId::parse("mr-1").unwrap(),
        slot: Some(slot.parse().unwrap()),
        by: ClinicianId::parse(&format!("nurse-{kiosk}")).unwrap(),
        at: now(),
        known: Vec::new(),
    }
}

fn in_error(claim: &Claim) -> Record {
    Record::FollowUp(FollowUp {
        patient: claim.patient.clone(),
        request: claim.request.clone(),
        of: claim.entry,
        act: Act::EnteredInError,
        at: now(),
        by: Some(claim.by.clone()),
        reason: None,
        note: None,
        witness: None,
        entry: key(claim.entry.session[0], claim.entry.count + 1),
    })
}

fn told(kiosk: &str, heard: Cursor, records: Vec<Record>) -> Round {
    Round { kiosk: kiosk.to_owned(), heard, records, sightings: Vec::new() }
}

const EIGHT: &str = "2026-11-30T13:00:00Z";
const TWELVE: &str = "2026-11-30T17:00:00Z";

/// Scenario 17: of kiosks that ask for one dose at the same moment one gets it, and each other one hears who has it.
#[test]
fn scenario_17_one_dose_goes_to_one_kiosk_however_many_ask_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let running = hub(dir.path());
    for round in 0..20_u32 {
        let slot = now() + SignedDuration::from_mins(i64::from(round));
        let together = Barrier::new(6);
        let answers: Vec<(u8, Result<(), Refusal>)> = std::thread::scope(|threads| {
            let asking: Vec<_> = (1..=6)
                .map(|kiosk| {
                    let (together, client) = (&together, client(&running));
                    threads.spawn(move || {
                        let claim = Claim { slot: Some(slot), ..claim(kiosk, round, EIGHT) };
                        together.wait();
                        (kiosk, client.claim(&claim).unwrap())
                    })
                })
                .collect();
            asking.into_iter().map(|asked| asked.join().unwrap()).collect()
        });
        let has: Vec<u8> =
            answers.iter().filter(|(_, answer)| answer.is_ok()).map(|(kiosk, _)| *kiosk).collect();
        assert_eq!(has.len(), 1, "{answers:?}");
        for (_, answer) in answers.iter().filter(|(_, answer)| answer.is_err()) {
            let Err(Refusal::BeingGiven(held)) = answer else { panic!("{answer:?}") };
            assert_eq!((held.by.as_str(), held.since), (format!("nurse-{}", has[0]).as_str(), now()));
        }
    }
    running.stop();
}

#[test]
fn a_dose_that_was_recorded_is_refused_until_it_is_corrected() {
    let dir = tempfile::tempdir().unwrap();
    let running = hub(dir.path());
    let hub = client(&running);
    let first = claim(1, 1, EIGHT);
    assert_eq!(hub.claim(&first).unwrap(), Ok(()));
    // Asking again is the same claim: an answer that was lost on its way is asked for again.
    assert_eq!(hub.claim(&first).unwrap(), Ok(()));
    let done = given(&first, now());
    hub.round(&told("a", Cursor::default(), vec![Record::Administration(done.clone())])).unwrap();
    assert_eq!(hub.claim(&claim(2, 1, EIGHT)).unwrap(), Err(Refusal::Charted(Box::new(done))));
    assert_eq!(hub.claim(&claim(2, 2, TWELVE)).unwrap(), Ok(()), "another dose");
    hub.round(&told("a", Cursor::default(), vec![in_error(&first)])).unwrap();
    assert_eq!(hub.claim(&claim(2, 3, EIGHT)).unwrap(), Ok(()));
    hub.release(key(2, 3)).unwrap();
    assert_eq!(hub.claim(&claim(3, 1, EIGHT)).unwrap(), Ok(()));
    running.stop();
}

/// What a kiosk was told is granted, and what it told, outlive the hub's process.
#[test]
fn a_hub_that_starts_again_knows_what_was_claimed_and_told() {
    let dir = tempfile::tempdir().unwrap();
    let running = hub(dir.path());
    let (first, second) = (claim(1, 1, EIGHT), claim(1, 2, TWELVE));
    assert_eq!(client(&running).claim(&first).unwrap(), Ok(()));
    assert_eq!(client(&running).claim(&second).unwrap(), Ok(()));
    let done = given(&second, now());
    client(&running)
        .round(&told("a", Cursor::default(), vec![Record::Administration(done.clone())]))
        .unwrap();
    let heard = client(&running).round(&told("b", Cursor::default(), Vec::new())).unwrap();
    // A second hub on one store does not start.
    let again = config::read(&dir.path().join("hub.toml")).unwrap();
    let error = start(&again, GENERATION, Arc::new(now)).unwrap_err().to_string();
    assert!(error.contains("one hub runs for a ward"), "{error}");
    running.stop();

    let running = start(&again, [9; 16], Arc::new(now)).unwrap();
    let hub = client(&running);
    assert!(matches!(hub.claim(&claim(2, 1, EIGHT)).unwrap(), Err(Refusal::BeingGiven(_))));
    assert_eq!(hub.claim(&claim(2, 2, TWELVE)).unwrap(), Err(Refusal::Charted(Box::new(done.clone()))));
    let after = hub.round(&told("b", heard.cursor, Vec::new())).unwrap();
    assert_eq!((after.cursor.generation, after.records.len()), (GENERATION, 0), "it is the same store");
    running.stop();

    // Another store: who has heard from the old one hears everything of the new one.
    std::fs::remove_file(dir.path().join("hub.redb")).unwrap();
    let running = start(&again, [9; 16], Arc::new(now)).unwrap();
    client(&running).round(&told("a", after.cursor, vec![Record::Administration(done.clone())])).unwrap();
    let heard = client(&running).round(&told("b", after.cursor, Vec::new())).unwrap();
    assert_eq!((heard.cursor.generation, heard.records), ([9; 16], vec![Record::Administration(done)]));
    running.stop();
}

/// The machine's clock was hours ahead when a dose was asked for, was set right, and the hub started again: the claim lasts no longer than
/// any other from then on, however often the hub starts.
#[test]
fn a_claim_of_a_clock_that_was_ahead_ends_as_any_other() {
    let dir = tempfile::tempdir().unwrap();
    hub(dir.path()).stop();
    let config = config::read(&dir.path().join("hub.toml")).unwrap();
    let at = |minutes: i64| {
        let now = now() + SignedDuration::from_mins(minutes);
        start(&config, GENERATION, Arc::new(move || now)).unwrap()
    };
    let running = at(5 * 60);
    assert_eq!(client(&running).claim(&claim(1, 1, EIGHT)).unwrap(), Ok(()));
    running.stop();
    for minutes in [0, 9] {
        let running = at(minutes);
        let Err(Refusal::BeingGiven(held)) = client(&running).claim(&claim(2, 1, EIGHT)).unwrap() else {
            panic!("nobody holds it after {minutes} minutes");
        };
        assert_eq!(held.since, now());
        running.stop();
    }
    let running = at(10);
    assert_eq!(client(&running).claim(&claim(2, 2, EIGHT)).unwrap(), Ok(()));
    running.stop();
}

#[test]
fn each_kiosk_hears_once_what_the_others_did_and_nothing_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let running = hub(dir.path());
    let hub = client(&running);
    let many: Vec<Record> = (0..600)
        .map(|count| {
            let claim = claim(1, count, EIGHT);
            Record::Administration(given(&claim, now() - SignedDuration::from_secs(i64::from(count))))
        })
        .collect();
    for part in many.chunks(MOST_RECORDS) {
        let heard = hub.round(&told("a", Cursor::default(), part.to_vec())).unwrap();
        assert!(heard.records.is_empty());
        // Who tells it twice tells nothing new.
        hub.round(&told("a", Cursor::default(), part.to_vec())).unwrap();
    }
    let (mut cursor, mut all, mut rounds) = (Cursor::default(), Vec::new(), 0);
    loop {
        let heard = hub.round(&told("b", cursor, Vec::new())).unwrap();
        cursor = heard.cursor;
        rounds += 1;
        all.extend(heard.records);
        if !heard.more {
            break;
        }
    }
    assert_eq!((all, rounds), (many, 3));
    assert_eq!(hub.round(&told("b", cursor, Vec::new())).unwrap().records, Vec::new());
    running.stop();
}

/// A question that was late on its way does not bring a claim back that was given back meanwhile.
#[test]
fn a_claim_that_was_given_back_stays_so() {
    let dir = tempfile::tempdir().unwrap();
    let running = hub(dir.path());
    let hub = client(&running);
    hub.release(key(1, 1)).unwrap();
    let late = hub.claim(&claim(1, 1, EIGHT));
    assert!(matches!(late, Err(HubError::Status { status: 410, .. })), "{late:?}");
    assert_eq!(hub.claim(&claim(1, 2, EIGHT)).unwrap(), Ok(()));
    running.stop();
}

/// An older copy in the store's place says that it is another store, so that it is told what it lost.
#[test]
fn a_store_that_was_put_back_is_told_again() {
    let dir = tempfile::tempdir().unwrap();
    let done = |count| Record::Administration(given(&claim(1, count, EIGHT), now()));
    let running = hub(dir.path());
    client(&running).round(&told("a", Cursor::default(), vec![done(1)])).unwrap();
    running.stop();
    std::fs::copy(dir.path().join("hub.redb"), dir.path().join("older.redb")).unwrap();
    let running = hub(dir.path());
    client(&running).round(&told("a", Cursor::default(), vec![done(2)])).unwrap();
    let heard = client(&running).round(&told("b", Cursor::default(), Vec::new())).unwrap();
    assert_eq!((heard.records.len(), heard.cursor.generation), (2, GENERATION));
    running.stop();
    std::fs::copy(dir.path().join("older.redb"), dir.path().join("hub.redb")).unwrap();
    let running = hub(dir.path());
    let again = client(&running).round(&told("b", heard.cursor, Vec::new())).unwrap();
    assert_ne!(again.cursor.generation, GENERATION);
    assert_eq!(again.records, vec![done(1)]);
    client(&running).round(&told("a", heard.cursor, vec![done(1), done(2)])).unwrap();
    let last = client(&running).round(&told("b", again.cursor, Vec::new())).unwrap();
    assert_eq!(last.records, vec![done(2)]);
    running.stop();
    let running = hub(dir.path());
    let same = client(&running).round(&told("b", last.cursor, Vec::new())).unwrap();
    assert_eq!((same.cursor, same.records.len()), (last.cursor, 0));
    running.stop();
}

/// The kiosk that calls first fills the gap with what it did since: its numbers are no sign that nothing is missing.
#[test]
fn a_store_that_was_put_back_is_noticed_whoever_comes_first() {
    let done = |kiosk, count| Record::Administration(given(&claim(kiosk, count, EIGHT), now()));
    for heard_by_the_first in [false, true] {
        let dir = tempfile::tempdir().unwrap();
        let running = hub(dir.path());
        client(&running).round(&told("a", Cursor::default(), vec![done(1, 1)])).unwrap();
        let before = client(&running).round(&told("c", Cursor::default(), Vec::new())).unwrap().cursor;
        running.stop();
        std::fs::copy(dir.path().join("hub.redb"), dir.path().join("older.redb")).unwrap();
        let running = hub(dir.path());
        let a = client(&running).round(&told("a", Cursor::default(), vec![done(1, 2)])).unwrap().cursor;
        let b = client(&running).round(&told("b", Cursor::default(), Vec::new())).unwrap().cursor;
        assert_eq!((a.record, b.record, b.generation), (2, 2, GENERATION));
        running.stop();
        std::fs::copy(dir.path().join("older.redb"), dir.path().join("hub.redb")).unwrap();
        let running = hub(dir.path());
        let hub = client(&running);
        let first = if heard_by_the_first { b } else { before };
        let heard = hub.round(&told("c", first, vec![done(3, 1), done(3, 2)])).unwrap();
        assert_eq!(heard.cursor.generation != GENERATION, heard_by_the_first);
        // Another generation says to kiosk a that what it did is not known here.
        let heard = hub.round(&told("a", a, Vec::new())).unwrap();
        assert_ne!(heard.cursor.generation, GENERATION);
        assert_eq!(heard.records, vec![done(3, 1), done(3, 2)]);
        hub.round(&told("a", heard.cursor, vec![done(1, 1), done(1, 2)])).unwrap();
        let heard = hub.round(&told("b", b, Vec::new())).unwrap();
        assert_eq!(heard.records, vec![done(1, 1), done(3, 1), done(3, 2), done(1, 2)]);
        running.stop();
    }
}

/// P6: that a wristband was seen is known to the others, once.
#[test]
fn p6_a_wristband_that_was_seen_is_told_to_the_other_kiosks() {
    let dir = tempfile::tempdir().unwrap();
    let running = hub(dir.path());
    let hub = client(&running);
    let seen = Sighting { patient: PatientId::parse("p-1").unwrap(), at: now() };
    let round = Round { sightings: vec![seen.clone()], ..told("a", Cursor::default(), Vec::new()) };
    assert_eq!(hub.round(&round).unwrap().sightings, Vec::new());
    let heard = hub.round(&told("b", Cursor::default(), Vec::new())).unwrap();
    assert_eq!(heard.sightings, vec![seen.clone()]);
    assert_eq!(hub.round(&told("b", heard.cursor, Vec::new())).unwrap().sightings, Vec::new());
    running.stop();
    // A hub that starts again has forgotten what was seen; what it sees then is heard all the same.
    let config = config::read(&dir.path().join("hub.toml")).unwrap();
    let running = start(&config, GENERATION, Arc::new(|| now() + SignedDuration::from_secs(1))).unwrap();
    client(&running).round(&round).unwrap();
    let again = client(&running).round(&told("b", heard.cursor, Vec::new())).unwrap();
    assert_eq!(again.sightings, vec![seen.clone()]);
    client(&running)
        .round(&Round { sightings: vec![seen.clone(), seen], ..told("a", heard.cursor, Vec::new()) })
        .unwrap();
    let last = client(&running).round(&told("b", again.cursor, Vec::new())).unwrap();
    assert_eq!(last.sightings.len(), 2);
    running.stop();
}

static LATER: AtomicI64 = AtomicI64::new(0);

fn later() -> Timestamp {
    now() + SignedDuration::from_secs(LATER.load(Ordering::Relaxed))
}

#[test]
fn a_claim_ends_by_itself_and_what_is_old_is_forgotten() {
    let dir = tempfile::tempdir().unwrap();
    let text = "listen = \"127.0.0.1:0\"\nstore = \"hub.redb\"\n";
    let config = config::read(&write(dir.path(), "hub.toml", text)).unwrap();
    let running = start(&config, GENERATION, Arc::new(later)).unwrap();
    let hub = client(&running);
    assert_eq!(hub.claim(&claim(1, 1, EIGHT)).unwrap(), Ok(()));
    let done = given(&claim(1, 2, TWELVE), now());
    hub.round(&told("a", Cursor::default(), vec![Record::Administration(done.clone())])).unwrap();
    LATER.store(config.claim_lasts.as_secs(), Ordering::Relaxed);
    assert_eq!(hub.claim(&claim(2, 1, EIGHT)).unwrap(), Ok(()));
    LATER.store(KEPT_FOR.as_secs() + 60, Ordering::Relaxed);
    let newer = given(&claim(1, 3, EIGHT), later());
    hub.round(&told("a", Cursor::default(), vec![Record::Administration(newer.clone())])).unwrap();
    let heard = hub.round(&told("b", Cursor::default(), Vec::new())).unwrap();
    assert_eq!(heard.records, vec![Record::Administration(newer)], "the older one is forgotten");
    assert_eq!(heard.cursor.record, 2, "numbers go on");
    running.stop();
    let running = start(&config, GENERATION, Arc::new(later)).unwrap();
    assert_eq!(client(&running).claim(&claim(3, 1, TWELVE)).unwrap(), Ok(()));
    running.stop();
}

/// Whoever is none of the ward's kiosks can neither claim nor tell nor hear.
#[test]
fn only_kiosks_of_the_hospital_are_answered() {
    let dir = tempfile::tempdir().unwrap();
    let (ours, others) = (certificates(dir.path(), "ours"), certificates(dir.path(), "others"));
    let text = "listen = \"127.0.0.1:0\"\nstore = \"hub.redb\"\ncertificate = \"ours-good.pem\"\nkey = \"ours-good.key\"\nclients = \"ours-ca.pem\"\n";
    let config = config::read(&write(dir.path(), "hub.toml", text)).unwrap();
    let running = start(&config, GENERATION, Arc::new(now)).unwrap();
    let ask = |roots: &Path, identity| {
        let url = format!("https://{}", running.address);
        let address = HubAddress { url, roots: Some(roots.to_owned()), identity };
        HubClient::new(&address, Duration::from_secs(10)).unwrap().claim(&claim(1, 1, EIGHT))
    };
    assert_eq!(ask(&ours.ca, Some(ours.identity.clone())).unwrap(), Ok(()));
    for (name, answer) in [
        ("without a certificate", ask(&ours.ca, None)),
        ("of another hospital", ask(&ours.ca, Some(others.identity))),
        ("expired", ask(&ours.ca, Some(ours.expired))),
        ("a false hub", ask(&others.ca, Some(ours.identity))),
    ] {
        assert!(matches!(answer, Err(HubError::Http(_))), "{name}: {answer:?}");
    }
    running.stop();
}

#[test]
fn what_makes_no_sense_is_refused_and_names_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let running = hub(dir.path());
    let client = || Http::new(None, Duration::from_secs(10)).unwrap();
    let (http, hung_up) = (client(), client());
    let asked = |http: &Http, method, path: &str, body: &[u8]| {
        let url = format!("http://{}{path}", running.address);
        let body = (method == "POST").then_some(body);
        http.ask(&Ask { method, url: &url, headers: Vec::new(), body })
    };
    let ask = |method, path: &str, body: &[u8]| {
        let answer = asked(&http, method, path, body).unwrap();
        (answer.status, String::from_utf8_lossy(&answer.body).into_owned())
    };
    let mut cut = ledger::cbor::encode(&claim(1, 1, EIGHT));
    cut.pop();
    assert_eq!(ask("POST", CLAIM, &cut).0, 400);
    assert!(!ask("POST", CLAIM, &cut).1.contains("p-1"));
    assert_eq!(ask("POST", ROUND, &cut).0, 400);
    // The hub may hang up before all of it is sent; nobody else asks on that connection.
    assert!(asked(&hung_up, "POST", ROUND, &vec![0; 5 << 20]).map_or(true, |answer| answer.status == 413));
    assert_eq!(ask("GET", CLAIM, b"").0, 405);
    assert_eq!(ask("POST", "/v1/else", b"").0, 404);
    assert_eq!(ask("GET", "/health", b""), (200, "ok\n".to_owned()));
    let url = format!("http://{}/nothing", running.address);
    let lost =
        HubClient::new(&HubAddress { url, roots: None, identity: None }, Duration::from_secs(10)).unwrap();
    assert!(matches!(lost.claim(&claim(1, 1, EIGHT)), Err(HubError::Status { status: 404, .. })));
    running.stop();
    assert!(matches!(client_of_nobody().claim(&claim(1, 1, EIGHT)), Err(HubError::Http(_))));
}

/// An address at which nobody listens: a port of the system's, which no test is given.
fn client_of_nobody() -> HubClient {
    let url = "http://127.0.0.1:1".to_owned();
    HubClient::new(&HubAddress { url, roots: None, identity: None }, Duration::from_secs(2)).unwrap()
}

#[test]
fn a_configuration_is_refused_with_its_key() {
    let dir = tempfile::tempdir().unwrap();
    let error = |text: &str| config::read(&write(dir.path(), "hub.toml", text)).unwrap_err().to_string();
    let good = "listen = \"0.0.0.0:9190\"\nstore = \"hub.redb\"\n";
    assert!(error(good).contains("listen: patient data would go in the clear"));
    assert!(error(&format!("{good}certificate = \"a\"\nkey = \"b\"\n")).contains("clients: missing"));
    assert!(error(&format!("{good}key = \"b\"\nclients = \"c\"\n")).contains("certificate: missing"));
    assert!(error(&format!("{good}certificate = \"b\"\nclients = \"c\"\n")).contains("key: missing"));
    assert!(error(&format!("{good}colour = 1\n")).contains("colour"));
    assert!(error("listen = \"127.0.0.1:0\"\nstore = \"s\"\npolicy = \"none.toml\"\n").contains("none.toml"));
    let policy = write(dir.path(), "policy.toml", "claim_lasts = \"3 min\"\n");
    let text = "listen = \"127.0.0.1:0\"\nstore = \"s\"\npolicy = \"policy.toml\"\n";
    let config = config::read(&write(dir.path(), "hub.toml", text)).unwrap();
    assert_eq!((policy.is_file(), config.claim_lasts), (true, SignedDuration::from_mins(3)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Bytes of anybody are refused or understood in one way only.
    #[test]
    fn a_changed_byte_is_refused_or_another_question(at in 0_usize..200, bit in 0_u8..8) {
        let bytes = ledger::cbor::encode(&claim(1, 1, EIGHT));
        let mut changed = bytes.clone();
        let at = at % changed.len();
        changed[at] ^= 1 << bit;
        if let Ok(other) = ledger::cbor::decode::<Claim>(&changed) {
            prop_assert_ne!(&other, &claim(1, 1, EIGHT));
            prop_assert_eq!(ledger::cbor::encode(&other), changed);
        }
    }
}
