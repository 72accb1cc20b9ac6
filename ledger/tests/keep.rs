//! Copies beside a writer, older copies put back, and keys destroyed after their retention.

#[path = "../src/cli/shift.rs"]
mod shift;
mod tables;

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::Command;

use jiff::civil::date;
use ledger::backup::{BackupError, Restored, backup, restore};
use ledger::clock::ClockEvidence;
use ledger::cosign::protocol::Answer;
use ledger::cosign::state::Cosigner;
use ledger::init::{InitOptions, init};
use ledger::inspect::Inspector;
use ledger::ledger::{KnownDay, Ledger, OpenError, OpenOptions, Retention, ShredError, shred};
use ledger::note::Note;
use ledger::verify::{FindingKind, Options, Outcome, Pace, verify};
use shift::Shift;

fn made(path: &Path, count: usize) -> (Ledger, Shift) {
    let mut shift = Shift::new(shift::start(), 1);
    init(path, &InitOptions::new("hospital.example/3b/kiosk-03/g1"), &shift.clock()).unwrap();
    let mut ledger = Ledger::open(path, &OpenOptions::default(), &shift.clock()).unwrap();
    more(&mut ledger, &mut shift, count);
    (ledger, shift)
}

fn more(ledger: &mut Ledger, shift: &mut Shift, count: usize) {
    for (entry, clock) in shift.entries(count) {
        let _ = ledger.append(&entry, &clock).unwrap();
    }
}

#[test]
fn a_copy_made_beside_a_writer_is_whole_and_an_older_one_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger");
    let (mut ledger, mut shift) = made(&path, 30);
    // While entries are recorded, copies are made: each is a state that was.
    let copies = std::thread::scope(|threads| {
        let (source, folder) = (path.clone(), dir.path().to_owned());
        let copying = threads.spawn(move || {
            (0..4)
                .map(|at| backup(&folder.join(format!("copy-{at}")), &source, true).unwrap())
                .collect::<Vec<_>>()
        });
        while !copying.is_finished() {
            more(&mut ledger, &mut shift, 20);
        }
        copying.join().unwrap()
    });
    assert!(copies.windows(2).all(|pair| pair[0].entries <= pair[1].entries));
    assert!(copies[0].entries < ledger.size(), "nothing was recorded meanwhile");
    let size = ledger.size();
    let note = Note::parse(ledger.cosign_request(0).unwrap().note.to_string().as_str()).unwrap();
    ledger.close(&shift.clock()).unwrap();
    let copy = dir.path().join("copy-0");
    assert!(!copy.join("keys/epoch.state").exists(), "the secrets that continue a ledger are never copied");
    assert!(Inspector::open(&copy).unwrap().recheck().unwrap().0 > 0, "with the device key it opens");

    // Put back: older, unknown, whole.
    let at = |name: &str| dir.path().join(name);
    let older = restore(&at("older"), &copy, Some(&note), Some(&path.join("keys"))).unwrap();
    assert_eq!(older, Restored::Older { size: copies[0].entries, known: size });
    let error = Ledger::open(&at("older"), &OpenOptions::default(), &shift.clock()).unwrap_err();
    assert!(
        matches!(error, OpenError::NoKeys { .. }),
        "an older state has no keys and is not continued: {error}"
    );
    assert_eq!(verify(&at("older"), &Options::default()).outcome, Outcome::Fine, "it can be read");
    let unknown = restore(&at("unknown"), &copy, None, None).unwrap();
    assert_eq!(unknown, Restored::Unknown { size: copies[0].entries });
    let last = at("last");
    let report = backup(&last, &path, false).unwrap();
    let whole = restore(&at("whole"), &last, Some(&note), Some(&path.join("keys"))).unwrap();
    assert_eq!(whole, Restored::Whole { size: report.entries });
    drop(Ledger::open(&at("whole"), &OpenOptions::default(), &shift.clock()).unwrap());

    // The same from outside, with exit codes.
    let checkpoint = at("checkpoint");
    std::fs::write(&checkpoint, note.to_string()).unwrap();
    let run = |arguments: &[&Path]| {
        let output = Command::new(env!("CARGO_BIN_EXE_ledger")).args(arguments).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let (code, text) = run(&["restore".as_ref(), &at("cli"), &copy, "--against".as_ref(), &checkpoint]);
    assert!(code == Some(1) && text.contains("an older state"), "{code:?} {text}");
    assert_eq!(run(&["backup".as_ref(), &at("cli"), &path]).0, Some(2), "it exists");
    assert_eq!(run(&["backup".as_ref(), &at("cli-2"), &path]).0, Some(0));
    // `verify` names the older state too.
    let options = Options { against: Some(note), ..Options::default() };
    assert_eq!(verify(&copy, &options).finding.map(|finding| finding.kind), Some(FindingKind::Fork));
}

#[test]
fn keys_are_destroyed_after_their_retention_and_not_before() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger");
    let (ledger, shift) = made(&path, 40);
    ledger.close(&shift.clock()).unwrap();
    let clock = shift.clock();
    let inspector = Inspector::open(&path).unwrap();
    let mut records = Vec::new();
    inspector.view().keys(|_, record| records.push(record.to_vec())).unwrap();
    drop(inspector);
    assert!(records.len() >= 4, "one for each patient");
    let holds = |record: &[u8]| {
        let bytes = std::fs::read(path.join("ledger.redb")).unwrap();
        bytes.windows(record.len()).any(|part| part == record)
    };
    assert!(records.iter().all(|record| holds(record)));
    // The patients of the shift were born in 1951 and treated in 2026.
    let retention = Retention::default();
    let refused = shred(&path, retention, Some(date(2036, 12, 31)), false, &clock).unwrap();
    assert_eq!((refused.destroyed, refused.next), (0, Some(date(2037, 1, 1))));
    let counted = shred(&path, retention, Some(date(2037, 1, 1)), true, &clock).unwrap();
    assert!(counted.destroyed >= 4, "{counted:?}");
    assert!(records.iter().all(|record| holds(record)), "counting destroys nothing");
    let done = shred(&path, retention, Some(date(2037, 1, 1)), false, &clock).unwrap();
    assert_eq!(done.destroyed, counted.destroyed);
    // What has no patient with a birth date counts as a newborn's.
    assert_eq!(done.destroyed + done.kept, records.len());
    let gone = records.iter().filter(|record| !holds(record)).count();
    assert_eq!(gone, done.destroyed, "no page of the file holds a destroyed key");
    assert!(!path.join("ledger.old").exists());
    // Every proof still holds, and the patient data does not open.
    let report = verify(&path, &Options::default());
    assert_eq!(report.outcome, Outcome::Fine, "{report}");
    let inspector = Inspector::open(&path).unwrap();
    let (device, size) = (inspector.device_key().unwrap(), inspector.size());
    let mut opened = 0;
    inspector
        .with_patient_data(&device, 0, size, |stored| {
            opened += usize::from(stored.detached.is_some_and(|data| data.inputs.is_some()));
        })
        .unwrap();
    assert_eq!(opened, 0);
    // It goes on: the same patients get new keys.
    let mut late = Shift::new(shift::start() + jiff::SignedDuration::from_hours(99), 7);
    let mut ledger = Ledger::open(&path, &OpenOptions::default(), &late.clock()).unwrap();
    more(&mut ledger, &mut late, 20);
    ledger.close(&late.clock()).unwrap();
    assert_eq!(verify(&path, &Options::default()).outcome, Outcome::Fine);
}

/// A verification of a ledger that is being written runs when the writer does not; of any other it runs as usual.
#[test]
fn a_verification_steps_back_behind_a_live_writer_alone() {
    use thread_priority::{NormalThreadSchedulePolicy, ThreadSchedulePolicy, thread_schedule_policy};
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger");
    let shift = Shift::new(shift::start(), 1);
    init(&path, &InitOptions::new("hospital.example/3b/kiosk-03/g1"), &shift.clock()).unwrap();
    // The priority is that of a thread, so each look has one of its own.
    let policy = || {
        let path = path.clone();
        let look = std::thread::spawn(move || {
            let pace = ledger::verify::child::step_back(&path);
            (thread_schedule_policy().unwrap(), pace)
        });
        look.join().unwrap()
    };
    let usual = thread_schedule_policy().unwrap();
    assert_eq!(policy(), (usual, Pace::Full));
    let ledger = Ledger::open(&path, &OpenOptions::default(), &shift.clock()).unwrap();
    assert_eq!(policy(), (ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Idle), Pace::Resting));
    ledger.close(&shift.clock()).unwrap();
    assert_eq!(policy(), (usual, Pace::Full));
}

/// What stands in a folder, so that nothing is left behind and nothing is touched.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort_unstable();
    names
}

#[test]
fn keys_of_another_kiosk_or_of_a_later_day_are_not_put_beside_a_copy() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    let (mut ledger, _) = made(&at("ledger"), 30);
    let note = Note::parse(ledger.cosign_request(0).unwrap().note.to_string().as_str()).unwrap();
    backup(&at("copy"), &at("ledger"), false).unwrap();
    // The kiosk goes on into another day, and its epoch is over.
    std::fs::create_dir(at("old-keys")).unwrap();
    for key in ["device.key", "epoch.state"] {
        std::fs::copy(at("ledger/keys").join(key), at("old-keys").join(key)).unwrap();
    }
    let mut late = Shift::new(shift::start() + jiff::SignedDuration::from_hours(30), 7);
    more(&mut ledger, &mut late, 5);
    ledger.close(&late.clock()).unwrap();
    let (other, other_shift) = made(&at("other"), 5);
    other.close(&other_shift.clock()).unwrap();
    std::fs::create_dir(at("mixed")).unwrap();
    std::fs::copy(at("old-keys/device.key"), at("mixed/device.key")).unwrap();
    std::fs::copy(at("other/keys/epoch.state"), at("mixed/epoch.state")).unwrap();
    let before = names(dir.path());
    let refused = |keys: &str, file: &str, why: &str| {
        let error = restore(&at("new"), &at("copy"), Some(&note), Some(&at(keys))).unwrap_err().to_string();
        assert!(error.contains(&at(file).display().to_string()) && error.contains(why), "{error}");
        assert_eq!(names(dir.path()), before, "nothing is left behind");
    };
    refused("other/keys", "other/keys/device.key", "not a key of hospital.example/3b/kiosk-03/g1");
    refused("mixed", "mixed/epoch.state", "not a key of");
    refused("ledger/keys", "ledger/keys/epoch.state", "a new generation");
    refused("nowhere", "nowhere/device.key", "name the `keys` folder");
    // The same command with the right folder.
    let whole = restore(&at("new"), &at("copy"), Some(&note), Some(&at("old-keys"))).unwrap();
    assert!(matches!(whole, Restored::Whole { .. }));
    assert_eq!(names(&at("new/keys")), ["device.key", "epoch.state"]);
}

#[test]
fn a_copy_that_fails_leaves_nothing_and_touches_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    let (ledger, shift) = made(&at("ledger"), 10);
    ledger.close(&shift.clock()).unwrap();
    std::fs::create_dir(at("there")).unwrap();
    std::fs::write(at("there/mine"), "x").unwrap();
    std::fs::create_dir(at("begun.partial")).unwrap();
    let before = names(dir.path());
    assert!(backup(&at("copy"), &at("leger"), true).is_err(), "a typo in the source");
    assert!(restore(&at("copy"), &at("leger"), None, None).is_err());
    for folder in ["there", "begun"] {
        assert!(backup(&at(folder), &at("ledger"), true).is_err());
        assert!(restore(&at(folder), &at("ledger"), None, None).is_err());
    }
    assert_eq!((names(dir.path()), names(&at("there"))), (before.clone(), vec!["mine".to_owned()]));
    // A copy that does not verify.
    std::fs::create_dir(at("bad")).unwrap();
    for file in ["ledger.redb", "enrolment", "log.vkey"] {
        std::fs::copy(at("ledger").join(file), at("bad").join(file)).unwrap();
    }
    tables::attack(&at("bad"), |txn| drop(txn.open_table(tables::DETACHED).unwrap().pop_first().unwrap()));
    assert!(backup(&at("copy"), &at("bad"), false).unwrap_err().to_string().contains("does not verify"));
    std::fs::remove_dir_all(at("bad")).unwrap();
    assert_eq!(names(dir.path()), before);
    let report = backup(&at("copy"), &at("ledger"), true).unwrap();
    assert_eq!(report.source, at("copy"));
}

/// A closed ledger, and the records of its patient keys.
fn closed(path: &Path) -> (Shift, Vec<Vec<u8>>) {
    let (ledger, shift) = made(path, 30);
    ledger.close(&shift.clock()).unwrap();
    let mut records = Vec::new();
    Inspector::open(path).unwrap().view().keys(|_, record| records.push(record.to_vec())).unwrap();
    (shift, records)
}

fn holds(file: &Path, record: &[u8]) -> bool {
    let bytes = std::fs::read(file).unwrap();
    bytes.windows(record.len()).any(|part| part == record)
}

/// A disk that is full, or a power cut, between the entry and the last old page.
#[test]
fn what_a_shred_left_unfinished_the_next_one_finishes() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger");
    let (shift, records) = closed(&path);
    let clock = shift.clock();
    let at = |name: &str| path.join(name);
    let run = |dry_run| shred(&path, Retention::default(), Some(date(2060, 1, 1)), dry_run, &clock);
    // Files that are somebody else's stay, and so does every key.
    for name in ["ledger.old", "ledger.new"] {
        std::fs::write(at(name), "mine").unwrap();
        assert!(matches!(run(false), Err(ShredError::InTheWay(there)) if there == at(name)));
        assert_eq!(std::fs::read(at(name)).unwrap(), b"mine");
        std::fs::remove_file(at(name)).unwrap();
    }
    let before = std::fs::read(at("ledger.redb")).unwrap();
    // What an attempt left cannot be overwritten.
    std::fs::write(at("shredding"), "").unwrap();
    std::fs::create_dir(at("ledger.new")).unwrap();
    let failed = run(false).unwrap_err();
    assert!(failed.to_string().contains("`ledger shred` again finishes it"), "{failed}");
    let inode = || std::fs::metadata(at("ledger.redb")).unwrap().ino();
    let unfinished = inode();
    std::fs::remove_dir(at("ledger.new")).unwrap();
    let counted = run(true).unwrap();
    assert_eq!((counted.destroyed, counted.kept, counted.unfinished), (0, 0, true));
    // Of an attempt before: the old database, and a second name of the one that is there.
    std::fs::write(at("ledger.new"), before).unwrap();
    std::fs::hard_link(at("ledger.redb"), at("ledger.old")).unwrap();
    // Other names of both show what becomes of their bytes.
    let seen = ["ledger.new", "ledger.redb"].map(|name| {
        let other = dir.path().join(name);
        std::fs::hard_link(at(name), &other).unwrap();
        other
    });
    let done = run(false).unwrap();
    assert_eq!((done.destroyed, done.unfinished), (0, true));
    assert_ne!(inode(), unfinished, "it was written anew");
    for file in seen {
        let bytes = std::fs::read(&file).unwrap();
        assert!(!bytes.is_empty() && bytes.iter().all(|byte| *byte == 0), "{}: overwritten", file.display());
    }
    assert!(!records.iter().any(|record| holds(&at("ledger.redb"), record)));
    assert_eq!(names(&path), ["enrolment", "keys", "ledger.redb", "log.vkey"]);
    assert_eq!(verify(&path, &Options::default()).outcome, Outcome::Fine);
    assert!(!run(false).unwrap().unfinished);
}

/// The kiosk's service starts again after two seconds, whatever is being done.
#[test]
fn what_is_recorded_beside_a_shred_stays() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger");
    let (shift, _) = closed(&path);
    let clock = shift.clock();
    let stop = std::sync::atomic::AtomicBool::new(false);
    let recorded = std::thread::scope(|threads| {
        let service = threads.spawn(|| {
            let mut recorded = 0;
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                if let Ok(ledger) = Ledger::open(&path, &OpenOptions::default(), &clock) {
                    recorded = ledger.size();
                    ledger.close(&clock).unwrap();
                }
            }
            recorded
        });
        while let Err(error) = shred(&path, Retention::default(), Some(date(2060, 1, 1)), false, &clock) {
            assert!(error.to_string().contains("another process"), "{error}");
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        service.join().unwrap()
    });
    assert!(Inspector::open(&path).unwrap().size() > recorded);
    assert_eq!(verify(&path, &Options::default()).outcome, Outcome::Fine);
}

/// A battery is empty, and the clock stands at another year.
#[test]
fn a_clock_far_past_the_last_entry_destroys_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger");
    let (shift, records) = closed(&path);
    let mut ahead = shift.clock();
    ahead.wall_ns += 60 * 366 * 24 * 3600 * 1_000_000_000;
    let size = || Inspector::open(&path).unwrap().size();
    let before = size();
    let is_refused = |dry_run, clock: &ClockEvidence, by: KnownDay| {
        let refused = shred(&path, Retention::default(), None, dry_run, clock).unwrap_err();
        assert!(matches!(refused, ShredError::ClockAhead { known, .. } if known == by), "{refused}");
        assert!(refused.to_string().contains("--today"), "{refused}");
        assert!(refused.to_string().contains(&by.to_string()), "it says what is old: {refused}");
    };
    for _ in 0..2 {
        is_refused(false, &ahead, KnownDay::Entry);
    }
    assert_eq!(size(), before, "and nothing was recorded with that clock");
    // What an earlier run took out is overwritten on any day.
    let inode = || std::fs::metadata(path.join("ledger.redb")).unwrap().ino();
    let unfinished = inode();
    std::fs::write(path.join("shredding"), "").unwrap();
    is_refused(true, &ahead, KnownDay::Entry);
    assert_eq!(inode(), unfinished, "counting does nothing");
    is_refused(false, &ahead, KnownDay::Entry);
    assert!(inode() != unfinished && !path.join("shredding").exists());
    assert_eq!(size(), before);
    // A kiosk that ran with it is no witness for it.
    Ledger::open(&path, &OpenOptions::default(), &ahead).unwrap().close(&ahead).unwrap();
    is_refused(true, &ahead, KnownDay::Epoch);
    // The clock is right, and nothing is over.
    let done = shred(&path, Retention::default(), None, false, &shift.clock()).unwrap();
    assert_eq!((done.destroyed, done.kept), (0, records.len()));
    // A cosigner that is asked no longer keeps the clock from being believed, so the day is to be told.
    let mut cosigner = Cosigner::open(&dir.path().join("state"), Some("witness.example/w1")).unwrap();
    cosigner.add(&std::fs::read_to_string(path.join("log.vkey")).unwrap()).unwrap();
    let mut ledger = Ledger::open(&path, &OpenOptions::default(), &shift.clock()).unwrap();
    let request = ledger.cosign_request(0).unwrap();
    let long_ago = u64::try_from(shift.clock().wall_ns / 1_000_000_000 - 40 * 24 * 3600).unwrap();
    let answer = cosigner.answer(&request.to_string(), || long_ago).unwrap().answer;
    let Answer::Cosigned(lines) = answer else { panic!("{answer:?}") };
    let mut note = request.note;
    note.add(lines);
    let _ = ledger.anchor(&note, &[cosigner.key()], &shift.clock()).unwrap();
    ledger.close(&shift.clock()).unwrap();
    is_refused(false, &shift.clock(), KnownDay::Cosignature);
    let told = shred(&path, Retention::default(), Some(date(2026, 6, 1)), true, &shift.clock()).unwrap();
    assert_eq!((told.destroyed, told.kept), (0, records.len()));
}

/// What a restored copy lacks is said on the word of this ledger's key alone.
#[test]
fn an_unsigned_checkpoint_does_not_say_that_entries_are_missing() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    let (ledger, shift) = made(&at("ledger"), 10);
    let note = ledger.cosign_request(0).unwrap().note;
    ledger.close(&shift.clock()).unwrap();
    backup(&at("copy"), &at("ledger"), false).unwrap();
    let text =
        note.to_string().replacen(&format!("\n{}\n", note.text().lines().nth(1).unwrap()), "\n999\n", 1);
    let forged = Note::parse(&text).unwrap();
    let error = restore(&at("new"), &at("copy"), Some(&forged), None).unwrap_err();
    assert!(matches!(error, BackupError::NotSigned(_)), "{error}");
    assert!(!at("new").exists());
}
