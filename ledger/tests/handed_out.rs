//! What leaves a ledger and comes from others: proofs and the key that they rest on, exports that are whole or not there, and files of an
//! export that are none.

#[path = "../src/cli/shift.rs"]
mod shift;

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use ledger::hash::Hash;
use ledger::init::{InitOptions, init};
use ledger::inspect::{InspectError, Inspector};
use ledger::ledger::{Ledger, OpenOptions};
use ledger::note::VerifierKey;
use ledger::proof::TlogProof;
use ledger::tiles::ExportError;
use ledger::tree::{inclusion_proof, leaf_hash, node_hash};
use ledger::verify::{Options, Outcome, verify};
use shift::Shift;

/// A closed ledger of two days.
fn two_days(path: &Path) -> Inspector {
    two_days_apart(path, "hospital.example/3b/kiosk-03/g1", 30)
}

fn two_days_apart(path: &Path, origin: &str, hours: i64) -> Inspector {
    let mut shift = Shift::new(shift::start(), 1);
    init(path, &InitOptions::new(origin), &shift.clock()).unwrap();
    let mut ledger = Ledger::open(path, &OpenOptions::default(), &shift.clock()).unwrap();
    for _ in 0..2 {
        for (entry, clock) in shift.entries(10) {
            let _ = ledger.append(&entry, &clock).unwrap();
        }
        shift = Shift::new(shift::start() + jiff::SignedDuration::from_hours(hours), 7);
    }
    ledger.close(&shift.clock()).unwrap();
    Inspector::open(path).unwrap()
}

/// The program with these arguments: exit code, and everything that it says.
fn run(arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_ledger")).args(arguments).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&said).into_owned())
}

fn node(leaves: &[Hash], level: u8, index: u64) -> Hash {
    match level {
        0 => leaves[usize::try_from(index).unwrap()],
        _ => node_hash(&node(leaves, level - 1, index * 2), &node(leaves, level - 1, index * 2 + 1)),
    }
}

/// Whoever steals the key of today can put anything under a checkpoint of today, an entry of yesterday too.
#[test]
fn an_entry_is_proven_by_the_key_of_its_own_day() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger");
    let inspector = two_days(&path);
    let lines = std::fs::read_to_string(path.join("log.vkey")).unwrap();
    let keys: Vec<VerifierKey> = lines.lines().map(|line| VerifierKey::parse(line).unwrap()).collect();
    let (size, mut epochs) = (inspector.size(), std::collections::BTreeSet::new());
    for at in 0..size {
        let (proof, key) = inspector.prove(at).unwrap();
        let leaf = proof.check(&key).unwrap();
        assert_eq!(key, keys[leaf.epoch as usize], "entry {at}");
        epochs.insert(leaf.epoch);
    }
    assert!(epochs.len() >= 2, "{epochs:?}");
    let file = |name: &str, proof: &TlogProof| {
        let path = dir.path().join(name);
        std::fs::write(&path, proof.to_string()).unwrap();
        path.display().to_string()
    };
    let own = file("own", &inspector.prove(7).unwrap().0);
    let vkeys = path.join("log.vkey").display().to_string();
    let (code, said) = run(&["check-proof", &own, "--key", &vkeys]);
    assert!(code == Some(0) && said.contains("by the key of its own epoch 0"), "{code:?} {said}");
    let (code, said) = run(&["check-proof", &own, "--key", &keys[0].to_string()]);
    assert!(code == Some(0) && said.contains("it says that it is of epoch 0"), "{code:?} {said}");
    // The same entry under the last checkpoint, as the holder of the last key could make it.
    let leaves: Vec<Hash> = (0..size).map(|at| leaf_hash(&inspector.entry(at).unwrap().1)).collect();
    let later = TlogProof {
        entry: inspector.entry(7).unwrap().1,
        index: 7,
        path: inclusion_proof(7, size, |level, index| Ok::<_, ()>(node(&leaves, level, index))).unwrap(),
        note: inspector.checkpoint(size).unwrap().0,
    };
    assert!(later.check(&inspector.checkpoint(size).unwrap().1).is_ok(), "it is one");
    let (code, said) = run(&["check-proof", &file("later", &later), "--key", &vkeys]);
    assert!(code == Some(1) && said.contains("of another epoch"), "{code:?} {said}");
}

/// An auditor keeps the keys of several kiosks in one file, or of one kiosk from several exports: each kiosk's epochs are counted alone.
#[test]
fn a_key_file_may_hold_the_keys_of_several_ledgers() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name).display().to_string();
    let keys_of = |name: &str, origin: &str| {
        let inspector = two_days_apart(&dir.path().join(name), origin, 80);
        (inspector, std::fs::read_to_string(dir.path().join(name).join("log.vkey")).unwrap())
    };
    let (_, first) = keys_of("one", "hospital.example/3b/kiosk-03/g1");
    let (second, keys) = keys_of("two", "hospital.example/3b/kiosk-03/g2");
    let lines: Vec<&str> = keys.lines().collect();
    let last = second.size() - 1;
    let epoch = second.entry(last).unwrap().0.epoch as usize;
    assert!(epoch >= 2, "days later");
    std::fs::write(at("proof"), second.prove(last).unwrap().0.to_string()).unwrap();
    let mut files = 0;
    let mut check = |text: &str| {
        files += 1;
        let file = at(&format!("{files}.vkey"));
        std::fs::write(&file, text).unwrap();
        run(&["check-proof", &at("proof"), "--key", &file])
    };
    let own = format!("by the key of its own epoch {epoch}");
    let earlier = format!("{}\n", lines[..epoch].join("\n"));
    for text in [&keys, &format!("{first}{keys}"), &format!("{keys}{first}"), &format!("{earlier}{keys}")] {
        let (code, said) = check(text);
        assert!(code == Some(0) && said.contains(&own), "{code:?} {said}");
    }
    // One key of this ledger, whatever else is there: which epoch's it is nobody can say.
    let (code, said) = check(&format!("{first}{}\n", lines[epoch]));
    assert!(code == Some(0) && said.contains("it says that it is of epoch"), "{code:?} {said}");
    // Some of its keys: they cannot be counted, which says nothing against the proof.
    let (code, said) = check(&format!("{}\n{first}{}\n", lines[epoch], lines[0]));
    assert!(code == Some(2) && said.contains("not the whole log.vkey"), "{code:?} {said}");
    // All of them, in another order.
    let backwards: Vec<&str> = lines.iter().rev().copied().collect();
    let (code, said) = check(&format!("{}\n", backwards.join("\n")));
    assert!(code == Some(1) && said.contains("in their order"), "{code:?} {said}");
}

#[test]
fn an_export_has_its_name_when_it_is_whole() {
    let dir = tempfile::tempdir().unwrap();
    let inspector = two_days(&dir.path().join("ledger"));
    let (export, partial) = (dir.path().join("export"), dir.path().join("export.partial"));
    std::fs::create_dir(&partial).unwrap();
    let begun = inspector.export(&export).unwrap_err();
    assert!(matches!(begun, InspectError::Export(ExportError::Begun(at)) if at == partial));
    assert!(partial.is_dir() && !export.exists());
    std::fs::remove_dir(&partial).unwrap();
    // A last cosigned checkpoint that cannot be read is not left out.
    let cosigned = dir.path().join("ledger/cosigned");
    std::fs::create_dir(&cosigned).unwrap();
    let spoilt = Inspector::open(&dir.path().join("ledger")).unwrap();
    assert!(matches!(spoilt.export(&export), Err(InspectError::Cosigned { path, .. }) if path == cosigned));
    assert!(!partial.exists() && !export.exists());
    inspector.export(&export).unwrap();
    assert!(!partial.exists() && !export.join("keys").exists());
    assert_eq!(verify(&export, &Options::default()).outcome, Outcome::Fine);
}

/// A file that is longer than it can be, or a pipe, is damage: neither a gigabyte of memory nor an endless wait.
#[test]
fn an_export_is_read_within_bounds() {
    let dir = tempfile::tempdir().unwrap();
    let export = dir.path().join("export");
    let inspector = two_days(&dir.path().join("ledger"));
    inspector.export(&export).unwrap();
    let (entries, hashes) =
        (format!("entries/000.p/{}", inspector.size()), format!("0/000.p/{}", inspector.size()));
    let tile = |name: &str| export.join("tile").join(name);
    for path in [tile(&entries), tile(&hashes), export.join("checkpoint"), export.join("log.vkey")] {
        let whole = std::fs::read(&path).unwrap();
        let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
        file.set_len(1_500_000_000_000).unwrap();
        let refused = || {
            let begun = Instant::now();
            let outcome = verify(&export, &Options::default()).outcome;
            assert!(
                matches!(outcome, Outcome::Damaged | Outcome::Tampered),
                "{}: {outcome:?}",
                path.display()
            );
            assert!(begun.elapsed() < Duration::from_secs(10), "{}", path.display());
        };
        refused();
        std::fs::remove_file(&path).unwrap();
        assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
        refused();
        std::fs::remove_file(&path).unwrap();
        std::fs::write(&path, whole).unwrap();
        assert_eq!(verify(&export, &Options::default()).outcome, Outcome::Fine, "{}", path.display());
    }
}

#[test]
fn a_time_that_nobody_can_wait_for_is_refused() {
    for arguments in [
        &["verify", "--seconds", "18446744073709551615", "."][..],
        &["anchor", "--seconds", "18446744073709551615", "--to", "http://w", "--key", "k", "."],
    ] {
        let (code, said) = run(arguments);
        assert!(code == Some(64) && said.contains("--seconds"), "{code:?} {said}");
    }
}
