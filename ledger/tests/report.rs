//! `ledger report` from outside: what it counts, its range, its forms, that the same range gives the same bytes, and that whoever is
//! given something from a changed ledger is told.

#[path = "../src/cli/shift.rs"]
mod shift;
mod tables;

use std::path::{Path, PathBuf};
use std::process::Command;

use ledger::init::{InitOptions, init};
use ledger::inspect::Inspector;
use ledger::leaf::Leaf;
use ledger::ledger::{Ledger, OpenOptions};
use ledger::tree::leaf_hash;
use redb::ReadableTable as _;
use shift::Shift;
use tables::{ENTRIES, SIGNATURES, attack};

fn run(arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_ledger")).args(arguments).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    (output.status.code(), text + &String::from_utf8_lossy(&output.stderr))
}

fn more(path: &Path, shift: &mut Shift, count: usize) {
    let mut ledger = Ledger::open(path, &OpenOptions::default(), &shift.clock()).unwrap();
    for (entry, clock) in shift.entries(count) {
        let _ = ledger.append(&entry, &clock).unwrap();
    }
    ledger.close(&shift.clock()).unwrap();
}

fn number(table: &serde_json::Value, row: usize, column: &str) -> u64 {
    table["rows"][row][column].as_str().unwrap().parse().unwrap()
}

#[test]
fn each_report_counts_its_range_and_the_same_range_gives_the_same_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger");
    let ledger = path.display().to_string();
    let mut shift = Shift::new(shift::start(), 1);
    init(&path, &InitOptions::new("hospital.example/3b/kiosk-03/g1"), &shift.clock()).unwrap();
    more(&path, &mut shift, 120);
    let day = ["--from", "2026-06-01", "--to", "2026-06-02"];
    let kinds = ["scanning", "alerts", "timeliness", "integrity", "access", "corrections"];
    let mut before = Vec::new();
    for kind in kinds {
        for format in ["text", "json", "csv", "html", "pdf"] {
            let (code, text) = run(&[&["report", kind, "--format", format], &day[..], &[&ledger]].concat());
            assert_eq!(code, Some(0), "{text}");
            for word in ["patient-1", "Zebedee", "nurse-17", "MRN0"] {
                assert!(!text.contains(word), "{kind} {format} names {word}");
            }
            assert_eq!(format == "html", text.starts_with("<!DOCTYPE html>"));
            before.push(text);
        }
    }
    // The ledger grows: a report of the same day stays as it was, byte for byte.
    more(&path, &mut shift, 60);
    let mut again = before.iter();
    for kind in kinds {
        for format in ["text", "json", "csv", "html", "pdf"] {
            let (_, text) = run(&[&["report", kind, "--format", format], &day[..], &[&ledger]].concat());
            assert_eq!(Some(&text), again.next(), "{kind} {format}");
        }
    }

    // What it says is what the entries say.
    let (_, text) = run(&[&["report", "scanning", "--json"], &day[..], &[&ledger]].concat());
    let page: serde_json::Value = serde_json::from_str(&text).unwrap();
    let inspector = Inspector::open(&path).unwrap();
    let entries: Vec<_> = (0..inspector.size()).map(|at| inspector.entry(at).unwrap().0).collect();
    let inside: Vec<_> =
        entries.iter().filter(|leaf| leaf.clock.wall_ns < 1_780_358_400_000_000_000).collect();
    let given = inside.iter().filter(|leaf| leaf.kind.to_string() == "given").count() as u64;
    assert!(given > 0);
    assert_eq!(number(&page["tables"][0], 0, "given"), given);
    assert_eq!(number(&page["tables"][0], 0, "scanned"), given);
    let last = inside.last().unwrap().sequence;
    assert_eq!(page["facts"]["tree size"].as_str(), Some((last + 1).to_string().as_str()));
    let root = ledger::hash::hex(&inspector.root(last + 1).unwrap());
    assert_eq!(page["facts"]["root hash"].as_str(), Some(root.as_str()));
    drop(inspector);

    let (_, text) = run(&["report", "integrity", &ledger]);
    assert!(text.contains("the ledger was made") && text.contains("epochs 0 to 0 closed"), "{text}");
    let (_, text) = run(&["report", "access", "--json", &ledger]);
    let page: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(page["tables"][0]["rows"][0]["patients"].as_str(), Some("4"), "{text}");

    assert_eq!(run(&["report", "weather", &ledger]).0, Some(64));
    assert_eq!(run(&["report", "access", "--from", "yesterday", &ledger]).0, Some(64));
    let (code, text) = run(&["report", "access", "--from", "2031-01-01", &ledger]);
    assert!(code == Some(2) && text.contains("no entry lies between"), "{text}");
}

/// PH7: a code may hold no lot. Such a dose may be of the recalled one, and the page says so in every form, read with and without an
/// index.
#[test]
fn ph7_a_dose_without_a_recorded_lot_stands_beside_those_of_the_lot() {
    let dir = tempfile::tempdir().unwrap();
    let (path, index) = (dir.path().join("ledger"), dir.path().join("index"));
    let mut shift = Shift::new(shift::start(), 1);
    init(&path, &InitOptions::new("hospital.example/3b/kiosk-03/g1"), &shift.clock()).unwrap();
    let of_lot = |lot: &str, format: &str| {
        let arguments = ["report", "recall", "--lot", lot, "--format", format, text(&path)];
        let (code, plain) = run(&arguments);
        assert_eq!(code, Some(0), "{plain}");
        let (code, indexed) = run(&[&arguments[..], &["--index", text(&index)]].concat());
        assert_eq!((code, &indexed), (Some(0), &plain), "{lot} {format}");
        plain
    };
    for lot in [Some("L42"), None, Some("L43")] {
        shift.lot = lot;
        more(&path, &mut shift, 1);
    }
    let page: serde_json::Value = serde_json::from_str(&of_lot("l 42", "json")).unwrap();
    let rows = |table: usize| page["tables"][table]["rows"].as_array().unwrap().len();
    assert_eq!([rows(0), rows(1), rows(2)], [4, 4, 4], "{page}");
    assert_eq!(page["facts"]["of this lot"].as_str(), Some("4 doses, 4 patients"));
    let said = page["facts"]["lot not recorded"].as_str().unwrap();
    assert!(said.starts_with("4 doses, 4 patients, of metoprolol-25: each may be of this lot"), "{said}");
    let row = &page["tables"][2]["rows"][0];
    assert_eq!((row["lot"].as_str(), row["product"].as_str()), (Some("not recorded"), Some("metoprolol-25")));
    for format in ["text", "csv", "html", "pdf"] {
        let text = of_lot("L42", format);
        assert!(format == "pdf" || text.contains("each may be of this lot"), "{text}");
        assert!(format == "pdf" || text.contains("leaves none in the ledger"), "{text}");
    }
    // No dose of this lot says which item it is of, so that it may be any.
    let text = of_lot("L99", "text");
    assert!(text.contains("4 doses, 4 patients, of any item"), "{text}");
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// More entries than a full tile, so that a stored node of the tree stands over the changed one.
fn made(dir: &Path) -> PathBuf {
    let path = dir.join("ledger");
    let mut shift = Shift::new(shift::start(), 1);
    init(&path, &InitOptions::new("hospital.example/3b/kiosk-03/g1"), &shift.clock()).unwrap();
    more(&path, &mut shift, 300);
    path
}

fn copy_of(path: &Path, name: &str) -> PathBuf {
    let copy = path.with_file_name(name);
    std::fs::create_dir_all(copy.join("keys")).unwrap();
    for file in ["ledger.redb", "enrolment", "log.vkey", "keys/device.key", "keys/epoch.state"] {
        std::fs::copy(path.join(file), copy.join(file)).unwrap();
    }
    copy
}

fn edit(txn: &redb::WriteTransaction, at: u64, change: impl FnOnce(&mut Leaf)) {
    let mut entries = txn.open_table(ENTRIES).unwrap();
    let mut leaf = Leaf::decode(entries.get(at).unwrap().unwrap().value()).unwrap();
    change(&mut leaf);
    entries.insert(at, leaf.encode().as_slice()).unwrap();
}

fn attention(arguments: &[&str]) -> Option<String> {
    let (code, text) = run(arguments);
    assert_eq!(code, Some(0), "{text}");
    let page: serde_json::Value = serde_json::from_str(&text).unwrap();
    page["facts"]["attention"].as_str().map(str::to_owned)
}

#[test]
fn nothing_is_proven_or_exported_from_a_changed_ledger_and_each_report_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let path = made(dir.path());
    let (whole, index) = (text(&path), dir.path().join("index"));
    let report = |ledger: &str| attention(&["report", "access", "--json", ledger]);
    let indexed = |ledger: &str| attention(&["report", "access", "--json", "--index", text(&index), ledger]);
    assert_eq!((report(whole), indexed(whole)), (None, None));
    std::fs::remove_file(&index).unwrap();

    let edited = copy_of(&path, "edited");
    attack(&edited, |txn| edit(txn, 20, |leaf| leaf.clear.reason = Some("patient-request".into())));
    let edited = text(&edited);
    let said = report(edited).unwrap();
    assert!(said.contains("entry 21 does not follow") && said.contains("ledger verify"), "{said}");
    assert_eq!(indexed(edited).as_deref(), Some(said.as_str()));
    assert_eq!(indexed(edited).as_deref(), Some(said.as_str()), "also when the index was there");
    assert_eq!(indexed(whole), None, "the ledger was put back: the index is made again");
    let integrity = attention(&["report", "integrity", "--json", edited]);
    assert_eq!(integrity.as_deref(), Some(said.as_str()));
    let recall = attention(&["report", "recall", "--lot", "L1", "--json", edited]);
    assert_eq!(recall.as_deref(), Some(said.as_str()));
    let two = attention(&["report", "access", "--json", edited, text(&other(dir.path()))]).unwrap();
    assert!(two.starts_with("ledger 1: entry 21"), "{two}");

    let export = dir.path().join("export");
    let (code, said) = run(&["export", text(&export), edited]);
    assert!(code == Some(1) && said.contains("ledger verify"), "{code:?} {said}");
    assert!(!export.exists(), "nothing was begun");
    for at in ["20", "21"] {
        let (code, said) = run(&["prove", at, edited]);
        assert!(code == Some(1) && said.contains("ledger verify") && !said.contains("c2sp.org"), "{said}");
    }
    assert_eq!(run(&["export", text(&export), whole]).0, Some(0));
    assert_eq!(run(&["prove", "20", whole]).0, Some(0));
    // The export is changed later.
    assert_eq!(report(text(&export)), None);
    std::fs::remove_file(export.join("ledger/signatures")).unwrap();
    assert!(report(text(&export)).unwrap().contains("is not signed by"));
}

#[test]
fn later_hashes_made_again_and_signatures_taken_away_are_told_too() {
    let dir = tempfile::tempdir().unwrap();
    let path = made(dir.path());
    let rebuilt = copy_of(&path, "rebuilt");
    attack(&rebuilt, |txn| {
        let last = txn.open_table(ENTRIES).unwrap().last().unwrap().unwrap().0.value();
        let mut previous = None;
        for at in 20..=last {
            edit(txn, at, |leaf| {
                leaf.previous = previous.unwrap_or(leaf.previous);
                leaf.clear.lot = Some("FORGED".into());
                previous = Some(leaf_hash(&leaf.encode()));
            });
        }
    });
    let said = attention(&["report", "access", "--json", text(&rebuilt)]).unwrap();
    assert!(said.contains("the root that the ledger keeps"), "{said}");
    let stripped = copy_of(&path, "stripped");
    attack(&stripped, |txn| drop(txn.open_table(SIGNATURES).unwrap().pop_last().unwrap()));
    let said = attention(&["report", "access", "--json", text(&stripped)]).unwrap();
    assert!(said.contains("is not signed by"), "{said}");
    for ledger in [&rebuilt, &stripped] {
        let (code, said) = run(&["export", text(&dir.path().join("export")), text(ledger)]);
        assert!(code == Some(1) && said.contains("ledger verify"), "{code:?} {said}");
        let (code, said) = run(&["prove", "20", text(ledger)]);
        assert!(code == Some(1) && said.contains("ledger verify"), "{code:?} {said}");
    }
}

/// Another kiosk's ledger, unchanged.
fn other(dir: &Path) -> PathBuf {
    let path = dir.join("other");
    let mut shift = Shift::new(shift::start(), 2);
    init(&path, &InitOptions::new("hospital.example/3b/kiosk-04/g1"), &shift.clock()).unwrap();
    more(&path, &mut shift, 20);
    path
}
