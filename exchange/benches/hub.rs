//! The ward's hub: how long a nurse waits for a claim, and a kiosk for a round, while all kiosks of the ward ask at once. Each dose is a claim
//! and a round that tells it, both durable before the answer. `HUB_BENCH_KIOSKS` (default 8), `HUB_BENCH_DOSES` (of each kiosk, default 500),
//! `HUB_BENCH_DIR` (which disk; default the temporary folder).

#![allow(clippy::cast_precision_loss, reason = "counts for people, below 2^52")]

#[path = "../tests/common/doses.rs"]
#[allow(unreachable_pub, reason = "shared with the tests")]
mod doses;

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use exchange::hub::client::{HubAddress, HubClient};
use exchange::hub::config;
use exchange::hub::message::Round;
use exchange::hub::serve::start;
use jiff::{SignedDuration, Timestamp};
use rights::claims::Claim;
use rights::entry::IdempotencyKey;
use rights::history::Record;
use rights::ident::{ClinicianId, PatientId, RequestId};

fn number(name: &str, default: u32) -> u32 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// A dose of its own for each kiosk and number.
fn claim(kiosk: u8, count: u32, now: Timestamp) -> Claim {
    let id = |what: &str| format!("{what}-{kiosk}-{count}");
    Claim {
        entry: IdempotencyKey { session: [kiosk; 16], count },
        patient: PatientId::parse(&id("p")).expect("an id"),
        request: RequestId::parse(&id("r")).expect("an id"),
        slot: Some(now),
        by: ClinicianId::parse(&format!("nurse-{kiosk}")).expect("an id"),
        at: now,
        known: Vec::new(),
    }
}

/// One kiosk: how long each claim and each round took.
fn kiosk(url: String, number: u8, doses: u32) -> (Vec<Duration>, Vec<Duration>) {
    let client = HubClient::new(&HubAddress { url, roots: None, identity: None }, Duration::from_mins(1))
        .expect("a client");
    let mut round = Round { kiosk: format!("bench.example/{number}/g1"), ..Round::default() };
    let (mut claims, mut rounds) = (Vec::new(), Vec::new());
    for count in 0..doses {
        let now = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(i64::from(count));
        let claim = claim(number, count, now);
        let asked = Instant::now();
        client.claim(&claim).expect("an answer").expect("nobody else asks for it");
        claims.push(asked.elapsed());
        round.records = vec![Record::Administration(doses::given(&claim, now))];
        let told = Instant::now();
        let heard = client.round(&round).expect("an answer");
        rounds.push(told.elapsed());
        round.heard = heard.cursor;
    }
    (claims, rounds)
}

/// What a disk takes to keep a record of as many bytes, and nothing else.
fn raw(folder: &Path) -> Vec<Duration> {
    let mut file = File::create(folder.join("raw")).expect("a file");
    let append = |_| {
        let began = Instant::now();
        file.write_all(&[7; 300]).and_then(|()| file.sync_data()).expect("the disk");
        began.elapsed()
    };
    (0..200).map(append).collect()
}

fn at(times: &mut [Duration], share: usize) -> Duration {
    times.sort_unstable();
    times[(times.len() - 1) * share / 1000]
}

fn main() {
    let (kiosks, doses) = (number("HUB_BENCH_KIOSKS", 8), number("HUB_BENCH_DOSES", 500));
    let place = std::env::var_os("HUB_BENCH_DIR").map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = tempfile::tempdir_in(place).expect("a folder for the store");
    let path = folder.path().join("hub.toml");
    std::fs::write(&path, "listen = \"127.0.0.1:0\"\nstore = \"hub.redb\"\n").expect("the configuration");
    let config = config::read(&path).expect("the configuration");
    let running = start(&config, [7; 16], Arc::new(|| Timestamp::UNIX_EPOCH)).expect("the hub");
    let url = format!("http://{}", running.address);
    let began = Instant::now();
    let threads: Vec<_> = (1..=kiosks)
        .map(|number| {
            let (url, number) = (url.clone(), u8::try_from(number).expect("at most 255 kiosks"));
            std::thread::spawn(move || kiosk(url, number, doses))
        })
        .collect();
    let (mut claims, mut rounds) = (Vec::new(), Vec::new());
    for thread in threads {
        let (asked, told) = thread.join().expect("a kiosk");
        claims.extend(asked);
        rounds.extend(told);
    }
    let took = began.elapsed();
    let mut raw = raw(folder.path());
    println!(
        "hub, {kiosks} kiosks: {} doses, {:.0}/s; claim p50 {:?} p99 {:?}; round p50 {:?} p99 {:?}; raw append + fdatasync p50 {:?} p99 {:?}",
        claims.len(),
        claims.len() as f64 / took.as_secs_f64(),
        at(&mut claims, 500),
        at(&mut claims, 990),
        at(&mut rounds, 500),
        at(&mut rounds, 990),
        at(&mut raw, 500),
        at(&mut raw, 990),
    );
    running.stop();
}
