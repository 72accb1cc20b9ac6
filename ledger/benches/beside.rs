//! The ledger beside other people's programs, in one run: `cargo bench -p ledger --bench beside -- [ENTRIES] [FOLDER] [writer]` (default
//! 100,000 entries in the temporary folder; `writer`: a verification beside a writer alone). Section 6 of the evidence specification names the limits.
//!
//! - a durable entry beside a raw append with `fdatasync` and beside `SQLite` (WAL, synchronous FULL), taking turns on one disk;
//! - 32 entries in one commit beside 32 rows in one transaction;
//! - verification of an export beside Go's `x/mod/sumdb` and the crate `tlog_tiles` on one core each, which check no chain, no content, no
//!   signature of an epoch and no order of sessions;
//! - cold: with the kernel's page cache dropped (as root), beside reading a flat file of the same size;
//! - a writer's p99 alone and with a verification beside it;
//! - the size of a backup, which is compacted, beside what was stored.
//!
//! Needs python3, and for Go the Debian packages golang-go and golang-golang-x-mod-dev; what is missing is left out and said.
#![allow(clippy::cast_precision_loss, reason = "figures for people")]

#[path = "../src/cli/shift.rs"]
mod shift;
#[path = "../tests/foreign/tile_client.rs"]
mod tile_client;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use ledger::epoch::EpochPlan;
use ledger::init::{InitOptions, init, init_on};
use ledger::inspect::Inspector;
use ledger::ledger::{Ledger, OpenOptions};
use ledger::store::{Sharing, Unflushed};
use shift::{Shift, start};

/// Appends of one turn, and turns.
const TURN: usize = 25;
const TURNS: usize = 16;
/// For how long a verification beside a writer is looked at.
const BESIDE_FOR: Duration = Duration::from_secs(20);
/// Verifications beside a writer.
const BESIDE_TURNS: usize = 4;
/// Entries of one commit.
const BATCH: usize = 32;

/// What this program is told when it is the peer itself.
const CLIENT: &str = "--tlog-tiles-client";

const PROGRAM: &str = env!("CARGO_BIN_EXE_ledger");

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if arguments.iter().any(|argument| argument == "--test") {
        return;
    }
    if let [first, export] = arguments.as_slice()
        && first == CLIENT
    {
        return println!("{}", tile_client::verify(Path::new(export)).expect("a valid export"));
    }
    let entries = arguments.first().map_or(100_000, |text| text.parse().expect("a number of entries"));
    let root = arguments.get(1).map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = root.join(format!("ledger-peers-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    println!("| work | measured | peer, same run | ratio | aim |\n|---|---|---|---|---|");
    if arguments.get(2).is_some_and(|part| part == "writer") {
        beside_a_writer(&grow(&folder, entries));
    } else {
        appends(&folder);
        let grown = grow(&folder, entries);
        verification(&folder, &grown);
        size(&folder, &grown);
        beside_a_writer(&grown);
    }
    std::fs::remove_dir_all(&folder).expect("removed");
}

fn row(work: &str, measured: &str, peer: &str, ratio: f64, aim: &str) {
    println!("| {work} | {measured} | {peer} | {ratio:.2} | {aim} |");
}

/// Microseconds at a percentile.
fn at(times: &[u128], percent: usize) -> f64 {
    let mut times = times.to_vec();
    times.sort_unstable();
    times[(times.len() - 1) * percent / 100] as f64 / 1e3
}

struct Sqlite {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Sqlite {
    fn start(folder: &Path) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/beside/sqlite.py");
        let mut command = Command::new("python3");
        command.arg(script).arg(folder.join("peer.sqlite"));
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("python3");
        let input = child.stdin.take().expect("its input");
        let output = BufReader::new(child.stdout.take().expect("its output"));
        Self { child, input, output }
    }

    fn commits(&mut self, count: usize, batch: usize, size: usize) -> Vec<u128> {
        writeln!(self.input, "{count} {batch} {size}").expect("asked");
        let mut line = String::new();
        self.output.read_line(&mut line).expect("answered");
        line.split_whitespace().map(|text| text.parse().expect("nanoseconds")).collect()
    }
}

impl Drop for Sqlite {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn timed(work: impl FnOnce()) -> u128 {
    let before = Instant::now();
    work();
    before.elapsed().as_nanos()
}

fn appends(folder: &Path) {
    let mut sqlite = Sqlite::start(folder);
    for (name, sharing, aim) in [
        ("alone, 1 flush", Sharing::Alone, "1.75 on a quick disk, 1.05 at 4 ms a flush"),
        ("live readers, 2 flushes", Sharing::LiveReaders, "2.5, 2.05"),
    ] {
        let (mut ledger, mut shift) = open(&folder.join(format!("{sharing:?}")), sharing);
        let mut file = std::fs::File::create(folder.join("raw")).expect("a file");
        let (mut ours, mut raw, mut theirs) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..TURNS {
            let mut bytes = 0;
            let mut same = Vec::new();
            for (entry, clock) in shift.entries(TURN).into_iter().take(TURN) {
                let mut sequence = 0;
                ours.push(timed(|| {
                    sequence = ledger.append(&entry, &clock).expect("recorded").receipt().sequence();
                }));
                let view = ledger.view().expect("a view");
                same.clear();
                same.extend(view.entry(sequence).expect("read").expect("there"));
                same.extend(view.detached(sequence).expect("read").unwrap_or_default());
                bytes += same.len();
            }
            for _ in 0..TURN {
                raw.push(timed(|| file.write_all(&same).and_then(|()| file.sync_data()).expect("written")));
            }
            theirs.extend(sqlite.commits(TURN, 1, bytes / TURN));
        }
        for (quantile, percent) in [("p50", 50), ("p99", 99)] {
            let (ours, raw, theirs) = (at(&ours, percent), at(&raw, percent), at(&theirs, percent));
            let work = format!("durable entry, {name}, {quantile}");
            row(
                &work,
                &format!("{ours:.0} us"),
                &format!("raw append + fdatasync {raw:.0} us"),
                ours / raw,
                aim,
            );
            row(
                &work,
                &format!("{ours:.0} us"),
                &format!("SQLite WAL FULL {theirs:.0} us"),
                ours / theirs,
                "-",
            );
        }
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..TURNS {
            let (batch, clocks): (Vec<_>, Vec<_>) = shift.entries(BATCH).into_iter().take(BATCH).unzip();
            let clock = clocks.last().expect("entries");
            ours.push(timed(|| {
                assert!(ledger.append_all(&batch, clock).expect("recorded").iter().all(Result::is_ok));
            }));
            theirs.extend(sqlite.commits(1, BATCH, 2_000));
        }
        let (ours, theirs) = (at(&ours, 50), at(&theirs, 50));
        row(
            &format!("{BATCH} entries in one commit, {name}, p50"),
            &format!("{ours:.0} us, {:.0} entries/s", BATCH as f64 / ours * 1e6),
            &format!("SQLite, {BATCH} rows of 2 kB {theirs:.0} us"),
            ours / theirs,
            "-",
        );
    }
}

fn open(path: &Path, sharing: Sharing) -> (Ledger, Shift) {
    let shift = Shift::new(start(), 1);
    init(path, &InitOptions { sharing, ..InitOptions::new("bench.example/kiosk/g1") }, &shift.clock())
        .expect("made");
    let options = OpenOptions { sharing, ..OpenOptions::default() };
    (Ledger::open(path, &options, &shift.clock()).expect("open"), shift)
}

/// A ledger of at least so many entries, built without flushes.
fn grow(folder: &Path, entries: usize) -> PathBuf {
    let (path, place) = (folder.join("grown"), folder.join("grown.redb"));
    std::fs::create_dir_all(&path).expect("a folder");
    let mut shift = Shift::new(start(), 2);
    let plan = EpochPlan { count: 4096, length_s: 30 * 24 * 60 * 60, start_s: start().as_second() };
    let sharing = Sharing::Alone;
    let options = InitOptions { plan: Some(plan), sharing, ..InitOptions::new("bench.example/kiosk/g1") };
    init_on(Unflushed::open(&place).expect("a file"), &path, &options, &shift.clock()).expect("made");
    let options = OpenOptions { sharing, ..OpenOptions::default() };
    let storage = Unflushed::open(&place).expect("a file");
    let mut ledger = Ledger::open_on(storage, &path, &options, &shift.clock()).expect("open");
    let mut made = 0;
    while made < entries {
        let (batch, clocks): (Vec<_>, Vec<_>) = shift.entries(1000).into_iter().unzip();
        for (batch, clocks) in batch.chunks(Ledger::MOST_AT_ONCE).zip(clocks.chunks(Ledger::MOST_AT_ONCE)) {
            let clock = clocks.last().expect("entries");
            assert!(ledger.append_all(batch, clock).expect("recorded").iter().all(Result::is_ok));
            made += batch.len();
        }
    }
    ledger.close(&shift.clock()).expect("closed");
    std::fs::rename(&place, path.join("ledger.redb")).expect("moved");
    std::fs::File::open(path.join("ledger.redb")).and_then(|file| file.sync_all()).expect("flushed");
    path
}

/// Seconds of a program on one core, where `taskset` is there (util-linux).
fn on_one_core(program: &Path, arguments: &[&Path]) -> Option<f64> {
    let mut command = Command::new("taskset");
    command.args(["-c", "0"]).arg(program).args(arguments).stdout(Stdio::null());
    let before = Instant::now();
    let status = command.status().ok()?;
    assert!(status.success(), "{} accepts the export", program.display());
    Some(before.elapsed().as_secs_f64())
}

/// Seconds of a verification.
fn verified(source: &Path) -> f64 {
    let before = Instant::now();
    let status = Command::new(PROGRAM).arg("verify").arg(source).stdout(Stdio::null()).status();
    assert!(status.expect("run").success());
    before.elapsed().as_secs_f64()
}

/// The middle one of three runs; the first finds the files in the cache or brings them there.
fn middle(mut run: impl FnMut() -> Option<f64>) -> Option<f64> {
    let mut seconds = (0..3).map(|_| run()).collect::<Option<Vec<f64>>>()?;
    seconds.sort_unstable_by(f64::total_cmp);
    seconds.get(1).copied()
}

fn verification(folder: &Path, grown: &Path) {
    let export = folder.join("export");
    let inspector = Inspector::open(grown).expect("readable");
    let size = inspector.size() as f64;
    inspector.export(&export).expect("exported");
    drop(inspector);
    let own = std::env::current_exe().expect("this program");
    let Some(ours) = middle(|| on_one_core(Path::new(PROGRAM), &[Path::new("verify"), &export])) else {
        return println!("| verification on one core | not measured: no taskset | | 0 | |");
    };
    let rate = |seconds: f64| format!("{:.0}/s", size / seconds);
    let all_cores = middle(|| Some(verified(&export))).unwrap_or_default();
    let beside = |peer: &str, theirs: f64, aim: &str| {
        for (cores, ours, aim) in [("one core", ours, "-"), ("all cores", all_cores, aim)] {
            let work = format!("verify an export of {size:.0} entries, {cores}");
            row(&work, &rate(ours), &format!("{peer} on one core {}", rate(theirs)), theirs / ours, aim);
        }
    };
    if let Some(theirs) = middle(|| on_one_core(&own, &[Path::new(CLIENT), &export])) {
        beside("tlog_tiles, tiles up to the root, entries against them,", theirs, ">= 1.8");
    }
    match go(folder).and_then(|go| middle(|| on_one_core(&go, &[&export]))) {
        Some(theirs) => beside("Go sumdb, tree and one proof", theirs, ">= 4"),
        None => println!("| verify an export | | Go is not installed | 0 | |"),
    }
    for (name, source, file) in [
        ("database", grown.to_owned(), grown.join("ledger.redb")),
        ("export", export.clone(), folder.join("flat")),
    ] {
        if name == "export" {
            let entries = export.join("tile/entries");
            let mut flat = std::fs::File::create(&file).expect("a file");
            copy_all(&entries, &mut flat);
            flat.sync_all().expect("flushed");
        }
        if std::fs::write("/proc/sys/vm/drop_caches", "3").is_err() {
            println!("| verify cold, {name} | not measured: dropping the cache needs root | | 0 | |");
            continue;
        }
        let flat = timed(|| {
            let mut file = std::fs::File::open(&file).expect("there");
            let mut buffer = vec![0; 4 << 20];
            while file.read(&mut buffer).expect("read") > 0 {}
        }) as f64
            / 1e9;
        std::fs::write("/proc/sys/vm/drop_caches", "3").expect("root");
        let ours = verified(&source);
        let bytes = std::fs::metadata(&file).expect("there").len() as f64 / 1e6;
        row(
            &format!("verify cold, {name}, {bytes:.0} MB"),
            &format!("{ours:.2} s"),
            &format!("reading a flat file {flat:.2} s"),
            flat / ours,
            ">= 0.5",
        );
    }
}

fn copy_all(folder: &Path, into: &mut std::fs::File) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            copy_all(&path, into);
        } else {
            std::io::copy(&mut std::fs::File::open(path).expect("there"), into).expect("copied");
        }
    }
}

/// The verifier of the tests, built with Go.
fn go(folder: &Path) -> Option<PathBuf> {
    let program = folder.join("verify-go");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/foreign/verify.go");
    let mut command = Command::new("go");
    command.args(["build", "-o"]).arg(&program).arg(source);
    command
        .env("GO111MODULE", "off")
        .env("GOPATH", "/usr/share/gocode")
        .env("GOCACHE", folder.join("go-cache"));
    command.status().ok()?.success().then_some(program)
}

/// What a verification beside it costs the writer. As many entries alone as beside it, in turns: what the disk does in a minute is in both.
fn beside_a_writer(path: &Path) {
    let mut shift = Shift::new(start(), 3);
    let options = OpenOptions { sharing: Sharing::LiveReaders, ..OpenOptions::default() };
    let mut ledger = Ledger::open(path, &options, &shift.clock()).expect("open");
    let mut append = |count: usize| -> Vec<u128> {
        let entries = shift.entries(count).into_iter().take(count);
        entries
            .map(|(entry, clock)| timed(|| drop(ledger.append(&entry, &clock).expect("recorded"))))
            .collect()
    };
    let (mut alone, mut beside) = (Vec::new(), Vec::new());
    for _ in 0..BESIDE_TURNS {
        let before = beside.len();
        let began = Instant::now();
        let mut command = Command::new(PROGRAM);
        let mut child = command.arg("verify").arg(path).stdout(Stdio::null()).spawn().expect("run");
        // It rests most of the time: a while of it says how it goes on.
        while child.try_wait().expect("waited").is_none() && began.elapsed() < BESIDE_FOR {
            beside.extend(append(5));
        }
        let _ = Command::new("pkill").args(["-P", &child.id().to_string()]).status();
        let _ = child.wait();
        alone.extend(append(beside.len() - before));
    }
    for (quantile, percent) in [("p50", 50), ("p99", 99)] {
        let (alone, beside) = (at(&alone, percent), at(&beside, percent));
        row(
            &format!("durable entry beside a verification, {quantile}"),
            &format!("{beside:.0} us"),
            &format!("alone {alone:.0} us"),
            beside / alone,
            "p99 <= 1.05",
        );
    }
}

fn size(folder: &Path, grown: &Path) {
    let inspector = Inspector::open(grown).expect("readable");
    let payload: usize = (0..inspector.size())
        .map(|at| {
            let sealed = inspector.view().detached(at).expect("read").unwrap_or_default();
            inspector.entry(at).expect("read").1.len() + sealed.len()
        })
        .sum();
    drop(inspector);
    let copy = folder.join("copy");
    ledger::backup::backup(&copy, grown, false).expect("a backup");
    for (name, path, aim) in [("grown", grown, "<= 1.8"), ("compacted (backup)", copy.as_path(), "<= 1.2")] {
        // On the disk: the database library makes its file longer in large steps, with holes.
        let bytes = std::fs::metadata(path.join("ledger.redb")).expect("there").blocks() as f64 * 512.0;
        let (bytes, payload) = (bytes / 1e6, payload as f64 / 1e6);
        row(
            &format!("database file, {name}"),
            &format!("{bytes:.0} MB"),
            &format!("entries and sealed data {payload:.0} MB"),
            bytes / payload,
            aim,
        );
    }
}
