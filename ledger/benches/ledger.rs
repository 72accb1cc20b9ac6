//! What recording and verifying cost, beside their peers in the same run: `cargo bench -p ledger`.
//!
//! - durable append: p50 and p99, against a raw append of the same bytes with `fdatasync` to a file beside;
//! - verify: entries a second, against hashing the same bytes and nothing else, on one core. Every signature is checked, one for
//!   each entry, and that is most of the work: it is measured apart too.
//!
//! `LEDGER_BENCH_ENTRIES` sets the number of entries (default 2,000), `LEDGER_BENCH_DIR` the disk (default: the temporary folder).

#![allow(clippy::cast_precision_loss, reason = "figures for people")]

#[path = "../src/cli/shift.rs"]
mod shift;

use std::io::Write as _;
use std::time::{Duration, Instant};

use ledger::init::{InitOptions, init};
use ledger::inspect::Inspector;
use ledger::ledger::{Ledger, OpenOptions};
use ledger::store::Sharing;
use ledger::tree::leaf_hash;
use ledger::verify::{Options, Outcome, verify};
use shift::Shift;

fn quantiles(times: &mut [Duration]) -> (Duration, Duration) {
    times.sort_unstable();
    let at = |share: usize| times[(times.len() - 1) * share / 100];
    (at(50), at(99))
}

fn main() {
    let count = std::env::var("LEDGER_BENCH_ENTRIES").ok().and_then(|n| n.parse().ok()).unwrap_or(2000_usize);
    let root = std::env::var_os("LEDGER_BENCH_DIR").map_or_else(std::env::temp_dir, Into::into);
    let dir = tempfile::tempdir_in(root).expect("a folder for the benchmark");
    println!("{:<26}{:>10}{:>10}{:>9}", "durable append", "p50 us", "p99 us", "ratio");
    let mut raw_p50 = Duration::ZERO;
    let mut path = dir.path().to_owned();
    for (name, sharing) in
        [("alone (1 flush)", Sharing::Alone), ("live readers (2 flushes)", Sharing::LiveReaders)]
    {
        path = dir.path().join(format!("{sharing:?}"));
        let mut shift = Shift::new(shift::start(), 1);
        let options = InitOptions { sharing, ..InitOptions::new("bench.example/kiosk/g1") };
        init(&path, &options, &shift.clock()).expect("init");
        let open = OpenOptions { sharing, ..OpenOptions::default() };
        let mut ledger = Ledger::open(&path, &open, &shift.clock()).expect("open");
        let mut file = std::fs::File::create(dir.path().join("raw")).expect("raw file");
        let entries = shift.entries(count);
        let (mut raw, mut durable, mut bytes) = (Vec::new(), Vec::new(), 0_u64);
        // Interleaved, so that both meet the same disk.
        for (entry, clock) in &entries {
            let before = Instant::now();
            let receipt = ledger.append(entry, clock).expect("append");
            durable.push(before.elapsed());
            let view = ledger.view().expect("view");
            let at = receipt.receipt().sequence();
            let mut same = view.entry(at).expect("entry").unwrap_or_default();
            same.extend(view.detached(at).expect("detached").unwrap_or_default());
            bytes += same.len() as u64;
            let before = Instant::now();
            file.write_all(&same).and_then(|()| file.sync_data()).expect("raw append");
            raw.push(before.elapsed());
        }
        ledger.close(&shift.clock()).expect("close");
        let (flush_50, flush_99) = quantiles(&mut raw);
        let (p50, p99) = quantiles(&mut durable);
        raw_p50 = flush_50;
        println!(
            "{:<26}{:>10}{:>10}{:>9.2}",
            "raw append + fdatasync",
            flush_50.as_micros(),
            flush_99.as_micros(),
            1.0
        );
        let ratio = p50.as_secs_f64() / flush_50.as_secs_f64();
        println!("{name:<26}{:>10}{:>10}{ratio:>9.2}", p50.as_micros(), p99.as_micros());
        let file = std::fs::metadata(path.join("ledger.redb")).expect("size").len();
        println!(
            "{:<26}{:>10} of {bytes} bytes of payload: {:.2}",
            "  file",
            file,
            file as f64 / bytes as f64
        );
    }
    assert!(raw_p50 > Duration::ZERO);

    let inspector = Inspector::open(&path).expect("open");
    let size = inspector.size();
    let entries: Vec<Vec<u8>> = (0..size).map(|at| inspector.entry(at).expect("entry").1).collect();
    let before = Instant::now();
    let mut rounds = 0_u32;
    while before.elapsed() < Duration::from_millis(300) {
        for entry in &entries {
            std::hint::black_box(leaf_hash(entry));
        }
        rounds += 1;
    }
    let hashing = f64::from(rounds) * size as f64 / before.elapsed().as_secs_f64();
    let before = Instant::now();
    let report = verify(&path, &Options::default());
    let verified = size as f64 / before.elapsed().as_secs_f64();
    assert_eq!(report.outcome, Outcome::Fine);
    let secret = ledger::note::SecretKey::from_seed(&[1; 32]);
    let key = ledger::note::VerifierKey::new("n", &secret.public()).expect("key");
    let signature = secret.sign(b"text");
    let before = Instant::now();
    (0..2000).for_each(|_| assert!(key.signed(b"text", &signature)));
    let signatures = 2000.0 / before.elapsed().as_secs_f64();
    println!("\n{:<26}{:>12}{:>9}", "verify", "per second", "ratio");
    println!("{:<26}{hashing:>12.0}{:>9.3}", "pure hashing, one core", 1.0);
    println!("{:<26}{signatures:>12.0}{:>9.3}", "pure signatures, one core", signatures / hashing);
    println!("{:<26}{verified:>12.0}{:>9.3}", "full, all signatures", verified / hashing);
}
