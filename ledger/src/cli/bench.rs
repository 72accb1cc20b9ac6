//! `ledger bench`: what recording, verifying and proving cost on this machine, each beside its peer in the same run.
//!
//! - durable append beside a raw append of the same bytes with `fdatasync`, taking turns on the same disk;
//! - verification of the database and of an export beside hashing the same bytes and nothing else, on as many cores;
//! - start-up, proof and append again in a ledger that has grown to `--entries`, built without flushes.

#![allow(clippy::cast_precision_loss, reason = "figures for people")]

use std::io::Write as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use ledger::epoch::EpochPlan;
use ledger::init::{InitOptions, init, init_on};
use ledger::inspect::Inspector;
use ledger::ledger::{Ledger, OpenOptions};
use ledger::receipt::Appended;
use ledger::store::{Sharing, Unflushed};
use ledger::tree::{Frontier, leaf_hash};
use ledger::verify::{Options, Outcome, verify};

use super::shift::{Shift, start};

/// Measures this machine. Works in a new folder below `--dir` and removes it unless told to keep it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  ledger bench
  ledger bench --entries 100000 --dir /var/lib/kiosk --json")]
pub(super) struct Arguments {
    /// Entries that are appended durably, one at a time.
    #[arg(long, default_value_t = 1000)]
    appends: usize,
    /// Entries of the ledger that is verified; it is built without flushes first.
    #[arg(long, default_value_t = 20_000)]
    entries: usize,
    /// The disk to measure; the temporary folder when left out.
    #[arg(long)]
    dir: Option<PathBuf>,
    /// Leave the folder, with the grown ledger and its export.
    #[arg(long)]
    keep: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Verifications of each source; the one in the middle counts.
const VERIFICATIONS: usize = 5;

/// One figure and its peer.
struct Row {
    work: String,
    value: f64,
    unit: &'static str,
    peer: &'static str,
    peer_value: f64,
    /// Smaller is better when it is a time, greater when it is a rate.
    ratio: f64,
}

impl Row {
    fn new(work: &str, value: f64, unit: &'static str, peer: &'static str, peer_value: f64) -> Self {
        Self { work: work.to_owned(), value, unit, peer, peer_value, ratio: value / peer_value }
    }
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let root = arguments.dir.clone().unwrap_or_else(std::env::temp_dir);
    let folder = root.join(format!("ledger-bench-{}", std::process::id()));
    std::fs::create_dir(&folder).with_context(|| folder.display().to_string())?;
    let measured = measure(arguments, &folder);
    if !arguments.keep {
        std::fs::remove_dir_all(&folder).with_context(|| folder.display().to_string())?;
    }
    let rows = measured?;
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    if arguments.json {
        let rows: Vec<_> = rows
            .iter()
            .map(|row| {
                serde_json::json!({"work": row.work, "value": row.value, "unit": row.unit, "peer": row.peer,
                    "peer_value": row.peer_value, "ratio": row.ratio})
            })
            .collect();
        return super::print(&format!("{}\n", serde_json::json!({"cores": cores, "rows": rows})));
    }
    let mut text = format!("{cores} cores\n");
    for row in rows {
        let Row { work, value, unit, peer, peer_value, ratio } = row;
        let measured = format!("{work:<46}{value:>12.1} {unit:<8}");
        text = text + &measured + &format!(" {peer:<28}{peer_value:>12.1}  ratio {ratio:.2}\n");
    }
    super::print(&text)
}

fn measure(arguments: &Arguments, folder: &Path) -> anyhow::Result<Vec<Row>> {
    let mut rows = Vec::new();
    for (name, sharing) in
        [("alone, 1 flush", Sharing::Alone), ("live readers, 2 flushes", Sharing::LiveReaders)]
    {
        let path = folder.join(format!("{sharing:?}"));
        let mut shift = Shift::new(start(), 1);
        init(&path, &InitOptions { sharing, ..InitOptions::new("bench.example/kiosk/g1") }, &shift.clock())?;
        let open = OpenOptions { sharing, ..OpenOptions::default() };
        let mut ledger = Ledger::open(&path, &open, &shift.clock())?;
        rows.extend(append(&mut ledger, &mut shift, arguments.appends, folder, name)?);
        ledger.close(&shift.clock())?;
    }
    let path = folder.join("grown");
    let shift = grow(&path, arguments.entries)?;
    rows.extend(verified(&path, folder)?);
    rows.extend(grown(&path, folder, shift)?);
    Ok(rows)
}

fn quantile(times: &mut [Duration], share: usize) -> f64 {
    times.sort_unstable();
    times.get(times.len().saturating_sub(1) * share / 100).map_or(0.0, |time| time.as_secs_f64() * 1e6)
}

/// Durable appends, each followed by a raw append of as many bytes, so that both meet the same disk.
fn append(
    ledger: &mut Ledger,
    shift: &mut Shift,
    count: usize,
    folder: &Path,
    name: &str,
) -> anyhow::Result<Vec<Row>> {
    let mut file = std::fs::File::create(folder.join("raw"))?;
    let (mut raw, mut durable) = (Vec::new(), Vec::new());
    for (entry, clock) in shift.entries(count).into_iter().take(count) {
        let before = Instant::now();
        let appended = ledger.append(&entry, &clock)?;
        durable.push(before.elapsed());
        anyhow::ensure!(matches!(appended, Appended::New(_)), "recorded before");
        let (view, at) = (ledger.view()?, appended.receipt().sequence());
        let mut same = view.entry(at)?.unwrap_or_default();
        same.extend(view.detached(at)?.unwrap_or_default());
        let before = Instant::now();
        file.write_all(&same).and_then(|()| file.sync_data())?;
        raw.push(before.elapsed());
    }
    let row = |share, quantile_name| {
        let (value, peer) = (quantile(&mut durable.clone(), share), quantile(&mut raw.clone(), share));
        Row::new(
            &format!("durable entry, {name}, {quantile_name}"),
            value,
            "us",
            "raw append + fdatasync",
            peer,
        )
    };
    Ok(vec![row(50, "p50"), row(99, "p99")])
}

/// A ledger of at least `count` entries, built without flushes.
fn grow(path: &Path, count: usize) -> anyhow::Result<Shift> {
    let mut shift = Shift::new(start(), 2);
    let database = path.join("ledger.redb");
    let unflushed = |database: &Path| Unflushed::open(database);
    std::fs::create_dir_all(path)?;
    let place = path.with_extension("redb");
    // The shift of the measurement makes some 57 entries a day, a kiosk thirty times as many: the epochs are that much longer.
    let plan = EpochPlan { count: 4096, length_s: 30 * 24 * 60 * 60, start_s: start().as_second() };
    let options = InitOptions { plan: Some(plan), ..InitOptions::new("bench.example/kiosk/g1") };
    let sharing = Sharing::Alone;
    init_on(unflushed(&place)?, path, &InitOptions { sharing, ..options }, &shift.clock())?;
    let open = OpenOptions { sharing, ..OpenOptions::default() };
    let mut ledger = Ledger::open_on(unflushed(&place)?, path, &open, &shift.clock())?;
    let mut made = 0;
    while made < count {
        for (entry, clock) in shift.entries(1000) {
            let _ = ledger.append(&entry, &clock)?;
            made += 1;
        }
    }
    ledger.close(&shift.clock())?;
    std::fs::rename(&place, &database)?;
    std::fs::File::open(&database)?.sync_all()?;
    Ok(shift)
}

/// Processor time of this process, in seconds: what a rate is divided by, so that other programs on the machine change it little.
fn processor() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// Hashing `parts` as leaves, with the tree above them, on all cores: entries a second of processor time, and by the clock. Each thread goes
/// round many times, because a scheduler may be slow to give a new thread a core of its own.
fn hashing(parts: &[Vec<u8>], sealed: &[Vec<u8>]) -> (f64, f64) {
    const ROUNDS: u32 = 60;
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let (before, wall) = (processor(), Instant::now());
    std::thread::scope(|threads| {
        let share = parts.len().div_ceil(cores).max(1);
        for (parts, sealed) in parts.chunks(share).zip(sealed.chunks(share)) {
            threads.spawn(move || {
                for _ in 0..ROUNDS {
                    let mut frontier = Frontier::default();
                    for (part, sealed) in parts.iter().zip(sealed) {
                        frontier.push(leaf_hash(part), |_, _, _| {});
                        if !sealed.is_empty() {
                            std::hint::black_box(ledger::hash::sha256(&[sealed]));
                        }
                    }
                    std::hint::black_box(frontier.root());
                }
            });
        }
    });
    let hashed = f64::from(ROUNDS) * parts.len() as f64;
    (hashed / (processor() - before), hashed / wall.elapsed().as_secs_f64())
}

fn verified(path: &Path, folder: &Path) -> anyhow::Result<Vec<Row>> {
    let inspector = Inspector::open(path)?;
    let export = folder.join("export");
    inspector.export(&export)?;
    // A sample that fits in memory, from the middle.
    let size = inspector.size();
    let from = (size / 2).min(size.saturating_sub(50_000));
    let sample = from..size.min(from + 50_000);
    let (mut entries, mut sealed) = (Vec::new(), Vec::new());
    for at in sample {
        entries.push(inspector.entry(at)?.1);
        sealed.push(inspector.view().detached(at)?.unwrap_or_default());
    }
    let payload: usize = entries.iter().chain(&sealed).map(Vec::len).sum();
    // On the disk: the database library makes its file longer in large steps, with holes.
    let file = std::fs::metadata(path.join("ledger.redb"))?.blocks() as f64 * 512.0;
    let payload = payload as f64 / entries.len() as f64 * size as f64;
    drop(inspector);
    // What was just written is on the disk before anything is measured.
    rustix::fs::sync();
    // Rates by processor time, on both sides, hardly change with what else the machine does. The peer goes round many times.
    let rate = |source: &Path| {
        let mut rates = Vec::new();
        for _ in 0..VERIFICATIONS {
            let (before, wall) = (processor(), Instant::now());
            let report = verify(source, &Options::default());
            let (spent, wall) = (processor() - before, wall.elapsed().as_secs_f64());
            anyhow::ensure!(report.outcome == Outcome::Fine, "{report}");
            rates.push((report.entries as f64 / spent, report.entries as f64 / wall));
        }
        let middle = |of: fn(&(f64, f64)) -> f64| {
            let mut rates: Vec<f64> = rates.iter().map(of).collect();
            rates.sort_unstable_by(f64::total_cmp);
            rates.get(VERIFICATIONS / 2).copied().unwrap_or_default()
        };
        Ok((middle(|rate| rate.0), middle(|rate| rate.1)))
    };
    let nothing = vec![Vec::new(); entries.len()];
    let (database, exported) = (rate(path)?, rate(&export)?);
    let (all, leaves) = (hashing(&entries, &sealed), hashing(&entries, &nothing));
    Ok(vec![
        Row::new("verify the database, per processor second", database.0, "1/s", "hashing its bytes", all.0),
        Row::new("verify an export, per processor second", exported.0, "1/s", "hashing its bytes", leaves.0),
        Row::new("verify the database, all cores", database.1, "1/s", "hashing its bytes, all cores", all.1),
        Row::new("verify an export, all cores", exported.1, "1/s", "hashing its bytes, all cores", leaves.1),
        Row::new("database file", file / 1e6, "MB", "payload", payload / 1e6),
    ])
}

/// What must not grow with the ledger: start-up and append; and the proof, by the logarithm.
fn grown(path: &Path, folder: &Path, mut shift: Shift) -> anyhow::Result<Vec<Row>> {
    let open = OpenOptions { sharing: Sharing::Alone, ..OpenOptions::default() };
    let inspector = Inspector::open(path)?;
    let size = inspector.size();
    let mut proofs = Vec::new();
    for at in (0..200).map(|part| part * (size - 1) / 200) {
        let before = Instant::now();
        let _ = inspector.prove(at)?;
        proofs.push(before.elapsed());
    }
    drop(inspector);
    let before = Instant::now();
    let mut ledger = Ledger::open(path, &open, &shift.clock())?;
    let opened = before.elapsed().as_secs_f64() * 1e6;
    let mut rows = append(&mut ledger, &mut shift, 300, folder, &format!("at {size} entries, 1 flush"))?;
    ledger.close(&shift.clock())?;
    let proof = quantile(&mut proofs, 50);
    rows.push(Row::new(&format!("proof, p50, at {size} entries"), proof, "us", "-", proof));
    rows.push(Row::new(&format!("start-up at {size} entries"), opened, "us", "-", opened));
    Ok(rows)
}
