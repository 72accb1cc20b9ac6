//! Golden ledgers of format version 1: made once, read by every later version. `fixtures/ledgers/README.md` says how.

#[path = "../src/cli/shift.rs"]
mod shift;

use std::path::{Path, PathBuf};

use ledger::epoch::EpochPlan;
use ledger::init::{InitOptions, init};
use ledger::inspect::Inspector;
use ledger::ledger::{Ledger, OpenOptions};
use ledger::proof::TlogProof;
use ledger::verify::{Options, Outcome, verify};
use shift::Shift;

/// Entries in tables of their own; entries in blocks (decision 0073).
const GOLDEN: [&str; 2] = ["v1", "v1-blocks"];

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/ledgers")
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Makes the newest fixture; only ever for a new format version or a new way to lie in the database.
#[test]
#[ignore = "writes fixtures/ledgers; run once for each format version"]
fn make_the_golden_ledger() {
    let target = fixtures().join(GOLDEN[GOLDEN.len() - 1]);
    assert!(!target.exists(), "golden ledgers are never made again");
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger");
    let mut shift = Shift::new(shift::start(), 1);
    let plan = EpochPlan { count: 8, length_s: 43_200, start_s: shift::start().as_second() };
    let options = InitOptions { plan: Some(plan), ..InitOptions::new("golden.example/v1/g1") };
    init(&path, &options, &shift.clock()).unwrap();
    let mut ledger = Ledger::open(&path, &OpenOptions::default(), &shift.clock()).unwrap();
    for (entry, clock) in shift.entries(60) {
        let _ = ledger.append(&entry, &clock).unwrap();
    }
    ledger.close(&shift.clock()).unwrap();
    ledger::backup::backup(&target.join("ledger"), &path, true).unwrap();
    let inspector = Inspector::open(&path).unwrap();
    inspector.export(&target.join("export")).unwrap();
    let (proof, key) = inspector.prove(7).unwrap();
    std::fs::write(target.join("7.tlog-proof"), proof.to_string()).unwrap();
    std::fs::write(target.join("7.vkey"), format!("{key}\n")).unwrap();
    let root = ledger::hash::hex(&inspector.root(inspector.size()).unwrap());
    std::fs::write(target.join("expected"), format!("{} {root}\n", inspector.size())).unwrap();
}

#[test]
fn a_ledger_of_version_1_is_read_verified_decided_again_and_proven() {
    for name in GOLDEN {
        let path = fixtures().join(name);
        let apart = Inspector::open(&path.join("ledger")).unwrap().view().apart().unwrap();
        assert_eq!(apart.is_some(), name == "v1", "how the entries of {name} lie");
        is_read_verified_decided_again_and_proven(&path);
    }
}

fn is_read_verified_decided_again_and_proven(v1: &Path) {
    let expected = std::fs::read_to_string(v1.join("expected")).unwrap();
    let (size, root) = expected.trim_end().split_once(' ').unwrap();
    for source in ["ledger", "export"] {
        let report = verify(&v1.join(source), &Options { thorough: true, ..Options::default() });
        assert_eq!(report.outcome, Outcome::Fine, "{source}: {report}");
        assert_eq!(report.entries.to_string(), size);
        assert_eq!(report.root.map(|root| ledger::hash::hex(&root)).as_deref(), Some(root), "{source}");
    }
    // Every kept input is still understood; what the rules of today decide from it may differ.
    let (decided, _) = Inspector::open(&v1.join("ledger")).unwrap().recheck().unwrap();
    assert!(decided > 10, "{decided}");
    let proof = TlogProof::parse(&std::fs::read_to_string(v1.join("7.tlog-proof")).unwrap()).unwrap();
    let key = std::fs::read_to_string(v1.join("7.vkey")).unwrap();
    let key = ledger::note::VerifierKey::parse(key.trim_end()).unwrap();
    assert_eq!(proof.check(&key).unwrap().sequence, 7);
    // Every entry is encoded as it was.
    let inspector = Inspector::open(&v1.join("ledger")).unwrap();
    for at in 0..inspector.size() {
        let (leaf, bytes) = inspector.entry(at).unwrap();
        assert_eq!(leaf.encode(), bytes, "entry {at}");
    }
}

#[test]
fn a_copy_of_it_can_be_backed_up_by_this_version() {
    for name in GOLDEN {
        let dir = tempfile::tempdir().unwrap();
        copy(&fixtures().join(name).join("ledger"), &dir.path().join("copy"));
        let again = dir.path().join("again");
        let report = ledger::backup::backup(&again, &dir.path().join("copy"), true).unwrap();
        assert_eq!(report.outcome, Outcome::Fine, "{name}");
    }
}
