//! `ledger report` from outside: what it counts, its range, its forms, and that the same range gives the same bytes.

#[path = "../src/cli/shift.rs"]
mod shift;

use std::path::Path;
use std::process::Command;

use ledger::init::{InitOptions, init};
use ledger::inspect::Inspector;
use ledger::ledger::{Ledger, OpenOptions};
use shift::Shift;

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
