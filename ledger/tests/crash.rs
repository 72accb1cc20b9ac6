//! Power cuts, a killed process, a full disk: no acknowledged entry is lost or doubled, and nothing is said to be recorded that is
//! not.

#[path = "../src/cli/shift.rs"]
mod shift;

use std::io::{self, BufRead as _, BufReader};
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use ledger::epoch::EpochPlan;
use ledger::init::{InitError, InitOptions, init, init_on};
use ledger::ledger::{AppendError, Ledger, OpenOptions};
use ledger::receipt::Appended;
use ledger::store::{Sharing, StorageBackend, StoreError};
use ledger::verify::{Options, Outcome, verify};
use redb::BackendError;
use shift::Shift;

const ORIGIN: &str = "hospital.example/3b/kiosk-03/g1";

fn options(sharing: Sharing) -> InitOptions {
    let plan = EpochPlan { count: 4, length_s: 10_000_000, start_s: shift::start().as_second() };
    InitOptions { plan: Some(plan), sharing, ..InitOptions::new(ORIGIN) }
}

#[derive(Clone, Debug)]
enum Act {
    Write(u64, Vec<u8>),
    Length(u64),
    Sync,
    /// So many entries were acknowledged.
    Acknowledged(u64),
}

#[derive(Debug, Default)]
struct Platter {
    bytes: Vec<u8>,
    log: Vec<Act>,
    most: Option<u64>,
}

/// A disk that remembers what was done to it.
#[derive(Clone, Debug, Default)]
struct Disk(Arc<Mutex<Platter>>);

impl Disk {
    fn of(bytes: Vec<u8>) -> Self {
        Self(Arc::new(Mutex::new(Platter { bytes, ..Platter::default() })))
    }

    fn note(&self, act: Act) {
        self.0.lock().unwrap().log.push(act);
    }
}

fn apply(bytes: &mut Vec<u8>, at: u64, data: &[u8]) {
    let at = usize::try_from(at).unwrap();
    if bytes.len() < at + data.len() {
        bytes.resize(at + data.len(), 0);
    }
    bytes[at..at + data.len()].copy_from_slice(data);
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.0.lock().unwrap().bytes.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let platter = self.0.lock().unwrap();
        let at = usize::try_from(offset).unwrap();
        let part = platter.bytes.get(at..at + out.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
        out.copy_from_slice(part);
        Ok(())
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        let mut platter = self.0.lock().unwrap();
        if platter.most.is_some_and(|most| length > most) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        platter.bytes.resize(usize::try_from(length).unwrap(), 0);
        platter.log.push(Act::Length(length));
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        self.note(Act::Sync);
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut platter = self.0.lock().unwrap();
        if platter.most.is_some_and(|most| offset + data.len() as u64 > most) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        apply(&mut platter.bytes, offset, data);
        platter.log.push(Act::Write(offset, data.to_vec()));
        Ok(())
    }

    // One process alone uses it, so every lock is free.
    fn try_lock_range(&self, _: Bound<u64>, _: Bound<u64>) -> Result<bool, BackendError> {
        Ok(true)
    }

    fn try_lock_shared_range(&self, _: Bound<u64>, _: Bound<u64>) -> Result<bool, BackendError> {
        Ok(true)
    }

    fn lock_range(&self, _: Bound<u64>, _: Bound<u64>) -> Result<(), BackendError> {
        Ok(())
    }

    fn lock_shared_range(&self, _: Bound<u64>, _: Bound<u64>) -> Result<(), BackendError> {
        Ok(())
    }

    fn unlock_range(&self, _: Bound<u64>, _: Bound<u64>) -> Result<(), BackendError> {
        Ok(())
    }

    fn query_lock_range(&self, _: Bound<u64>, _: Bound<u64>) -> Result<bool, BackendError> {
        Ok(false)
    }
}

struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides.max(1)
    }
}

/// A recorded shift on a disk that remembers: what was done to it, and every entry that was acknowledged.
struct Recording {
    _dir: tempfile::TempDir,
    path: PathBuf,
    open: OpenOptions,
    log: Vec<Act>,
    stored: Vec<Vec<u8>>,
    /// Sizes with which a commit ended.
    ends: Vec<u64>,
    entries: Vec<(rights::entry::Entry, ledger::clock::ClockEvidence)>,
    clock: ledger::clock::ClockEvidence,
}

/// Records a shift, so many entries in each commit: `sizes` over and over.
fn record(sharing: Sharing, sizes: &[usize]) -> Recording {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger");
    let disk = Disk::default();
    let mut shift = Shift::new(shift::start(), 1);
    let clock = shift.clock();
    init_on(disk.clone(), &path, &options(sharing), &clock).unwrap();
    disk.note(Act::Acknowledged(1));
    let open = OpenOptions { sharing, ..OpenOptions::default() };
    let mut ledger = Ledger::open_on(disk.clone(), &path, &open, &clock).unwrap();
    disk.note(Act::Acknowledged(ledger.size()));
    let entries = shift.entries(40);
    let mut ends = vec![1, 2];
    let (mut rest, mut sizes) = (&entries[..], sizes.iter().cycle());
    while !rest.is_empty() {
        let (batch, after) = rest.split_at(rest.len().min(*sizes.next().unwrap()));
        let all: Vec<_> = batch.iter().map(|(entry, _)| entry.clone()).collect();
        let appended = ledger.append_all(&all, &batch.last().unwrap().1).unwrap();
        assert!(appended.iter().all(|one| matches!(one, Ok(Appended::New(_)))));
        ends.push(ledger.size());
        disk.note(Act::Acknowledged(ledger.size()));
        rest = after;
    }
    let view = ledger.view().unwrap();
    let stored: Vec<Vec<u8>> = (0..ledger.size()).map(|at| view.entry(at).unwrap().unwrap()).collect();
    drop((view, ledger));
    let log = std::mem::take(&mut disk.0.lock().unwrap().log);
    Recording { _dir: dir, path, open, log, stored, ends, entries, clock }
}

impl Recording {
    /// What the disk holds after a cut: what was flushed, and of what was not, any sectors of 512 bytes, each whole, torn in its
    /// middle, or not there, in any order.
    fn image(flushed: &[u8], pending: &[&Act], dice: &mut Dice) -> Vec<u8> {
        let mut image = flushed.to_vec();
        let mode = dice.roll(4);
        let mut sectors = Vec::new();
        for act in pending {
            match act {
                Act::Write(offset, data) => {
                    for (sector, part) in data.chunks(512).enumerate() {
                        let written = match mode {
                            0 => 0,
                            1 => part.len(),
                            2 => part.len() * dice.roll(2),
                            _ => [0, part.len(), part.len() / 2][dice.roll(3)],
                        };
                        sectors.push((offset + sector as u64 * 512, &part[..written]));
                    }
                }
                Act::Length(length) => {
                    let length = usize::try_from(*length).unwrap();
                    if length > image.len() || mode == 1 {
                        image.resize(length, 0);
                    }
                }
                Act::Sync | Act::Acknowledged(_) => {}
            }
        }
        // Two writes to one place may reach the disk in any order.
        if mode == 3 {
            for at in (1..sectors.len()).rev() {
                sectors.swap(at, dice.roll(at + 1));
            }
        }
        for (at, part) in sectors {
            apply(&mut image, at, part);
        }
        image
    }

    /// Opens the image of a cut: nothing acknowledged is lost, doubled or changed, and the shift goes on where it was.
    fn survives(&self, image: Vec<u8>, acknowledged: u64, cut: usize) {
        // The sample that is also verified as an auditor would, and continued.
        let thorough = cut.is_multiple_of(16);
        if thorough {
            std::fs::write(self.path.join("ledger.redb"), &image).unwrap();
            let report = verify(&self.path, &Options::default());
            assert_eq!(report.outcome, Outcome::Fine, "cut at {cut}: {report}");
            assert!(report.entries >= acknowledged, "cut at {cut}: {report}");
        }
        let ledger = Ledger::open_on(Disk::of(image), &self.path, &self.open, &self.clock);
        let mut ledger = ledger.unwrap_or_else(|error| panic!("cut at {cut}: {error}"));
        // Opening is an entry itself.
        let size = ledger.size() - 1;
        assert!(size >= acknowledged, "cut at {cut}: {size} of {acknowledged} acknowledged entries");
        assert!(self.ends.contains(&size), "cut at {cut}: {size} entries, half a batch");
        let view = ledger.view().unwrap();
        for (at, bytes) in self.stored.iter().enumerate().take(usize::try_from(size).unwrap()) {
            assert_eq!(view.entry(at as u64).unwrap().as_ref(), Some(bytes), "cut at {cut}: entry {at}");
        }
        drop(view);
        if thorough {
            // Genesis and the first boot come before the shift.
            let kept = usize::try_from(size.saturating_sub(2)).unwrap();
            for (at, (entry, clock)) in self.entries.iter().enumerate() {
                let again = matches!(ledger.append(entry, clock).unwrap(), Appended::AlreadyRecorded(_));
                assert_eq!(again, at < kept, "cut at {cut}: entry {at} of the shift");
            }
        }
    }
}

/// Entries of each commit: one, or several that differ in number.
const ALONE: &[usize] = &[1];
const TOGETHER: &[usize] = &[2, 7, 1, 5];

/// Attack 21.
fn power_cuts(sharing: Sharing, sizes: &[usize], images: usize, seed: u64) {
    let recording = record(sharing, sizes);
    let first = recording.log.iter().position(|act| matches!(act, Act::Acknowledged(1))).unwrap();
    let mut dice = Dice(seed);
    let mut cuts: Vec<usize> = (0..images).map(|_| first + dice.roll(recording.log.len() - first)).collect();
    cuts.sort_unstable();
    // `flushed` is what a cut cannot take away, `pending` what it can.
    let (mut flushed, mut pending, mut acknowledged, mut at) = (Vec::new(), Vec::new(), 0, 0);
    for cut in cuts {
        for act in &recording.log[at..cut] {
            match act {
                Act::Write(..) | Act::Length(_) => pending.push(act),
                Act::Sync => {
                    for act in pending.drain(..) {
                        match act {
                            Act::Write(offset, data) => apply(&mut flushed, *offset, data),
                            Act::Length(length) => flushed.resize(usize::try_from(*length).unwrap(), 0),
                            Act::Sync | Act::Acknowledged(_) => {}
                        }
                    }
                }
                Act::Acknowledged(size) => acknowledged = *size,
            }
        }
        at = cut;
        recording.survives(Recording::image(&flushed, &pending, &mut dice), acknowledged, cut);
    }
}

#[test]
fn no_power_cut_takes_an_acknowledged_entry_with_live_readers() {
    power_cuts(Sharing::LiveReaders, ALONE, 1200, 7);
}

#[test]
fn no_power_cut_takes_an_acknowledged_entry_alone() {
    power_cuts(Sharing::Alone, ALONE, 1200, 11);
}

/// A batch is there as a whole or not at all.
#[test]
fn no_power_cut_takes_an_acknowledged_batch_or_leaves_half_of_one() {
    power_cuts(Sharing::LiveReaders, TOGETHER, 600, 13);
    power_cuts(Sharing::Alone, TOGETHER, 600, 17);
}

/// `make crash`: 40,000 images.
#[test]
#[ignore = "takes minutes; make crash runs it"]
fn forty_thousand_power_cuts() {
    for seed in 0..10 {
        let sizes = if seed % 2 == 0 { ALONE } else { TOGETHER };
        power_cuts(Sharing::LiveReaders, sizes, 2000, 100 + seed);
        power_cuts(Sharing::Alone, sizes, 2000, 200 + seed);
    }
}

#[test]
fn a_full_disk_says_not_recorded_and_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger");
    let disk = Disk::default();
    let mut shift = Shift::new(shift::start(), 1);
    init_on(disk.clone(), &path, &options(Sharing::LiveReaders), &shift.clock()).unwrap();
    let mut ledger = Ledger::open_on(disk.clone(), &path, &OpenOptions::default(), &shift.clock()).unwrap();
    let full = disk.0.lock().unwrap().bytes.len() as u64;
    disk.0.lock().unwrap().most = Some(full);
    let entries = shift.entries(2000);
    let mut recorded = 0;
    let error = loop {
        let (entry, clock) = &entries[recorded];
        match ledger.append(entry, clock) {
            Ok(_) => recorded += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(error, AppendError::Store(StoreError::Full)), "{error}");
    assert!(error.to_string().contains("not recorded: the disk is full"), "{error}");
    let again = ledger.append(&entries[recorded].0, &entries[recorded].1).unwrap_err();
    assert!(matches!(again, AppendError::Stopped(_)), "{again}");
    assert!(ledger.failed().is_some());
    drop(ledger);
    disk.0.lock().unwrap().most = None;
    let mut ledger = Ledger::open_on(disk, &path, &OpenOptions::default(), &shift.clock()).unwrap();
    for (entry, clock) in &entries[..recorded] {
        assert!(matches!(ledger.append(entry, clock).unwrap(), Appended::AlreadyRecorded(_)));
    }
    assert!(matches!(ledger.append(&entries[recorded].0, &entries[recorded].1), Ok(Appended::New(_))));
}

#[test]
fn a_batch_on_a_full_disk_is_not_recorded_at_all() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger");
    let disk = Disk::default();
    let mut shift = Shift::new(shift::start(), 1);
    init_on(disk.clone(), &path, &options(Sharing::LiveReaders), &shift.clock()).unwrap();
    let mut ledger = Ledger::open_on(disk.clone(), &path, &OpenOptions::default(), &shift.clock()).unwrap();
    let entries: Vec<_> = shift.entries(2000).into_iter().map(|(entry, _)| entry).collect();
    let full = disk.0.lock().unwrap().bytes.len() as u64;
    disk.0.lock().unwrap().most = Some(full);
    let mut recorded = 0;
    let error = loop {
        match ledger.append_all(&entries[recorded..recorded + 20], &shift.clock()) {
            Ok(appended) => recorded += appended.len(),
            Err(error) => break error,
        }
    };
    assert!(matches!(error, AppendError::Store(StoreError::Full)), "{error}");
    let again = ledger.append_all(&entries[recorded..=recorded], &shift.clock()).unwrap_err();
    assert!(matches!(again, AppendError::Stopped(_)), "{again}");
    drop(ledger);
    disk.0.lock().unwrap().most = None;
    let mut ledger = Ledger::open_on(disk, &path, &OpenOptions::default(), &shift.clock()).unwrap();
    for (at, entry) in entries[..recorded + 20].iter().enumerate() {
        let known = matches!(ledger.append(entry, &shift.clock()).unwrap(), Appended::AlreadyRecorded(_));
        assert_eq!(known, at < recorded, "entry {at} of {recorded} recorded");
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("file"), b"x").unwrap();
    let path = dir.path().join("file/ledger");
    let error = init(&path, &InitOptions::new(ORIGIN), &Shift::new(shift::start(), 1).clock()).unwrap_err();
    assert!(matches!(error, InitError::File { .. }) && error.to_string().contains("file/ledger"), "{error}");
}

const CHILD: &str = "LEDGER_TEST_CHILD";

/// Not a test of its own: the process that [`a_killed_process_loses_and_doubles_nothing`] kills.
#[test]
fn child_that_appends() {
    let Some(path) = std::env::var_os(CHILD) else { return };
    let mut shift = Shift::new(shift::start(), 1);
    let mut ledger = Ledger::open(Path::new(&path), &OpenOptions::default(), &shift.clock()).unwrap();
    for (entry, clock) in shift.entries(3000) {
        let appended = ledger.append(&entry, &clock).unwrap();
        let receipt = appended.receipt();
        println!("receipt {} {}", receipt.sequence(), ledger::hash::hex(receipt.leaf()));
    }
}

/// `make crash`: the same, two hundred times.
#[test]
#[ignore = "takes minutes; make crash runs it"]
fn a_process_is_killed_two_hundred_times() {
    kills(200);
}

/// Issue 2: `kill -9` between scan and receipt.
#[test]
fn a_killed_process_loses_and_doubles_nothing() {
    kills(6);
}

fn kills(rounds: u64) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger");
    let shift = Shift::new(shift::start(), 1);
    init(&path, &options(Sharing::LiveReaders), &shift.clock()).unwrap();
    let mut receipts: Vec<(u64, String)> = Vec::new();
    for round in 0..rounds {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child_that_appends", "--nocapture"])
            .env(CHILD, &path)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut seen = 0;
        let mut take = |line: String, receipts: &mut Vec<(u64, String)>| {
            // The harness writes its own words before the first one.
            if let Some((_, rest)) = line.split_once("receipt ") {
                let (sequence, leaf) = rest.split_once(' ').unwrap();
                receipts.push((sequence.parse().unwrap(), leaf.to_owned()));
                seen += 1;
            }
            seen
        };
        for line in lines.by_ref() {
            if take(line.unwrap(), &mut receipts) >= 20 + round % 7 * 9 {
                break;
            }
        }
        child.kill().unwrap();
        // What it had still said before it died was acknowledged too.
        for line in lines.map_while(Result::ok) {
            if line.split(' ').count() == 3 && line.len() > 70 {
                take(line, &mut receipts);
            }
        }
        child.wait().unwrap();
        let report = verify(&path, &Options::default());
        // Read through the overlay in memory: the file itself waits for its owner to repair it.
        assert_eq!((report.outcome, report.state), (Outcome::Fine, "crashed"), "round {round}: {report}");
    }
    let ledger = Ledger::open(&path, &OpenOptions::default(), &shift.clock()).unwrap();
    let view = ledger.view().unwrap();
    let mut leaves = std::collections::BTreeMap::new();
    let mut keys = std::collections::BTreeSet::new();
    view.rows_between(0, u64::MAX, |row| {
        let (sequence, bytes) = (row.index, row.entry);
        leaves.insert(sequence, ledger::hash::hex(&ledger::tree::leaf_hash(bytes)));
        let key = ledger::leaf::Leaf::decode(bytes).unwrap().key;
        assert!(key.is_none_or(|key| keys.insert(key)), "entry {sequence} is recorded twice");
        true
    })
    .unwrap();
    assert!(receipts.len() > 100, "{}", receipts.len());
    for (sequence, leaf) in receipts {
        assert_eq!(leaves.get(&sequence), Some(&leaf));
    }
}
