//! What a kiosk tells the ward's hub and hears from it, with a real hub over HTTP on the loopback.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use exchange::hub::client::{HubAddress, HubClient};
use exchange::hub::config::HubConfig;
use exchange::hub::serve::{Running, start};
use jiff::{SignedDuration, Timestamp};
use kiosk::hub::{HubNews, Rounds, TOLD_AGAIN};
use rights::chart::Sighting;
use rights::entered::Observation;
use rights::history::{Observed, Record};
use rights::ident::{ClinicianId, ObservationCode, PatientId};
use rights::quantity::Quantity;

fn now() -> Timestamp {
    "2026-11-30T13:00:00Z".parse().unwrap()
}

fn hub(dir: &Path, store: &str, listen: SocketAddr) -> Running {
    let (store, claim_lasts) = (dir.join(store), SignedDuration::from_mins(10));
    let generation = [u8::try_from(store.as_os_str().len()).unwrap(); 16];
    start(&HubConfig { listen, store, claim_lasts, tls: None }, generation, Arc::new(now)).unwrap()
}

fn anywhere() -> SocketAddr {
    "127.0.0.1:0".parse().unwrap()
}

fn kiosk(origin: &str, hub: SocketAddr, own: Vec<Record>) -> Rounds {
    let address = HubAddress { url: format!("http://{hub}"), roots: None, identity: None };
    Rounds::new(HubClient::new(&address, Duration::from_secs(10)).unwrap(), origin, own)
}

/// A record that tells itself from others by its time.
fn record(seconds: i64) -> Record {
    Record::Observed(Observed {
        patient: PatientId::parse("p-1").unwrap(),
        by: ClinicianId::parse("n-1").unwrap(),
        observation: Observation {
            what: ObservationCode::parse("heart-rate").unwrap(),
            value: Quantity::parse("62 /min").unwrap(),
            at: now() + SignedDuration::from_secs(seconds),
        },
    })
}

/// Until there is nothing more to tell or to hear.
fn all(rounds: &mut Rounds) -> Vec<Record> {
    let mut heard = Vec::new();
    loop {
        let HubNews { records, more, .. } = rounds.exchange().unwrap();
        heard.extend(records);
        if !more {
            return heard;
        }
    }
}

#[test]
fn what_one_kiosk_did_the_other_hears_also_what_it_did_before_it_started() {
    let dir = tempfile::tempdir().unwrap();
    let running = hub(dir.path(), "hub.redb", anywhere());
    let mut a = kiosk("a", running.address, (0..700).map(record).collect());
    assert_eq!(all(&mut a), Vec::new());
    let mut b = kiosk("b", running.address, Vec::new());
    assert_eq!(all(&mut b), (0..700).map(record).collect::<Vec<_>>());
    b.did(record(1_000));
    a.did(record(1_001));
    assert_eq!(all(&mut b), Vec::new());
    assert_eq!(all(&mut a), vec![record(1_000)]);
    assert_eq!(all(&mut b), vec![record(1_001)]);
    let seen = Sighting { patient: PatientId::parse("p-1").unwrap(), at: now() };
    a.saw(vec![seen.clone()]);
    assert_eq!(a.exchange().unwrap().sightings, Vec::new());
    assert_eq!(b.exchange().unwrap().sightings, vec![seen]);
    assert_eq!(a.exchange().unwrap(), HubNews::default());
    running.stop();
}

#[test]
fn what_is_not_heard_is_told_again_and_a_new_store_is_told_everything() {
    let dir = tempfile::tempdir().unwrap();
    let running = hub(dir.path(), "hub.redb", anywhere());
    let address = running.address;
    let (mut a, mut b) = (kiosk("a", address, vec![record(0)]), kiosk("b", address, Vec::new()));
    assert_eq!((all(&mut a), all(&mut b)), (Vec::new(), vec![record(0)]));
    running.stop();
    a.did(record(1));
    assert!(a.exchange().is_err());
    a.did(record(2));
    assert!(a.exchange().is_err());
    // Back with what it knew.
    let running = hub(dir.path(), "hub.redb", address);
    assert_eq!((all(&mut a), all(&mut b)), (Vec::new(), vec![record(1), record(2)]));
    running.stop();
    // Back with nothing: a hub whose disk was lost.
    let running = hub(dir.path(), "another.redb", address);
    assert_eq!(all(&mut a), Vec::new());
    let mut c = kiosk("c", address, Vec::new());
    assert_eq!(all(&mut c), vec![record(0), record(1), record(2)]);
    assert_eq!(all(&mut b), vec![record(0), record(1), record(2)], "who heard it before learns nothing new");
    running.stop();
}

#[test]
fn what_is_old_is_not_told_again() {
    let dir = tempfile::tempdir().unwrap();
    let running = hub(dir.path(), "hub.redb", anywhere());
    let old = record(-TOLD_AGAIN.as_secs() - 60);
    let mut a = kiosk("a", running.address, vec![old, record(-60), record(0)]);
    all(&mut a);
    let mut b = kiosk("b", running.address, Vec::new());
    assert_eq!(all(&mut b), vec![record(-60), record(0)]);
    running.stop();
}
