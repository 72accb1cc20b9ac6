//! Attack 25, a lying `verify`: programs that are not ours accept an export as it is and refuse each changed one. Go's `x/mod/sumdb`
//! (Debian: golang-go, golang-golang-x-mod-dev), a script of 40 lines that an auditor can read, and the crates `signed_note` and
//! `tlog_tiles`.

#[path = "../src/cli/shift.rs"]
mod shift;
#[path = "foreign/tile_client.rs"]
mod tile_client;

use std::path::{Path, PathBuf};
use std::process::Command;

use ledger::init::{InitOptions, init};
use ledger::inspect::Inspector;
use ledger::ledger::{Ledger, OpenOptions};
use shift::Shift;

fn here() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// What a verifier says: whether it accepts, and its words.
type Verifier<'a> = (&'static str, Box<dyn Fn(&Path) -> (bool, String) + 'a>);

/// What is changed, in which file, and how.
type Change<'a> = (&'static str, &'a str, &'a dyn Fn(&mut Vec<u8>));

fn ran(command: &mut Command) -> (bool, String) {
    let output = command.output().unwrap_or_else(|error| {
        panic!("{command:?}: {error}; `make system-packages` installs what this test needs")
    });
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.success(), said)
}

/// A closed ledger below a folder.
fn closed(dir: &Path) -> Inspector {
    let path = dir.join("ledger");
    let mut shift = Shift::new(shift::start(), 1);
    init(&path, &InitOptions::new("hospital.example/3b/kiosk-03/g1"), &shift.clock()).unwrap();
    let mut ledger = Ledger::open(&path, &OpenOptions::default(), &shift.clock()).unwrap();
    for (entry, clock) in shift.entries(700) {
        let _ = ledger.append(&entry, &clock).unwrap();
    }
    ledger.close(&shift.clock()).unwrap();
    Inspector::open(&path).unwrap()
}

/// One file of an export is changed.
fn change(export: &Path, file: &str, act: impl Fn(&mut Vec<u8>)) {
    let mut bytes = std::fs::read(export.join(file)).unwrap();
    act(&mut bytes);
    std::fs::write(export.join(file), bytes).unwrap();
}

/// A client reads every tile; the other programs compute the tree from the entries.
#[test]
fn a_client_of_the_tiles_accepts_the_export_and_refuses_each_change() {
    let dir = tempfile::tempdir().unwrap();
    let inspector = closed(dir.path());
    let export = |name: &str| {
        let export = dir.path().join(name);
        inspector.export(&export).unwrap();
        export
    };
    assert_eq!(tile_client::verify(&export("whole")), Ok(inspector.size()));
    let last = format!("tile/entries/002.p/{}", inspector.size() - 512);
    let spoilt: [Change<'_>; 6] = [
        ("tile", "tile/0/001", &|bytes| bytes[33] ^= 1),
        ("tile above", "tile/1/000.p/2", &|bytes| bytes[33] ^= 1),
        ("longer bundle", "tile/entries/001", &|bytes| bytes.extend([0, 0])),
        ("longer last bundle", &last, &|bytes| bytes.push(0)),
        ("shorter last bundle", &last, &|bytes| bytes.truncate(bytes.len() - 1)),
        ("keys", "log.vkey", &|bytes| bytes.clear()),
    ];
    for (what, file, act) in spoilt {
        let changed = export(what);
        change(&changed, file, act);
        assert!(tile_client::verify(&changed).is_err(), "a changed {what}");
    }
}

#[test]
fn programs_that_are_not_ours_accept_the_export_and_refuse_each_change() {
    let dir = tempfile::tempdir().unwrap();
    let inspector = closed(dir.path());
    assert!(inspector.entry(inspector.size() - 1).unwrap().0.epoch > 5, "the last of many keys signs");

    let program = dir.path().join("verify-go");
    let built = ran(Command::new("go")
        .args(["build", "-o"])
        .arg(&program)
        .arg(here().join("tests/foreign/verify.go"))
        .env("GO111MODULE", "off")
        .env("GOPATH", "/usr/share/gocode")
        .env("GOCACHE", dir.path().join("go-cache")));
    assert!(built.0, "{}", built.1);
    let script = here().join("../docs/verify-export.py");
    assert!(std::fs::read_to_string(&script).unwrap().lines().count() <= 40, "short enough to be read");
    let client = |export: &Path| match tile_client::verify(export) {
        Ok(size) => (true, size.to_string()),
        Err(error) => (false, error),
    };
    let verifiers: [Verifier<'_>; 3] = [
        ("go", Box::new(|export| ran(Command::new(&program).arg(export)))),
        ("python", Box::new(|export| ran(Command::new("python3").arg(&script).arg(export)))),
        ("tlog_tiles", Box::new(client)),
    ];

    let export = |name: &str| {
        let export = dir.path().join(name);
        inspector.export(&export).unwrap();
        export
    };
    let whole = export("whole");
    for (name, verifier) in &verifiers {
        let (accepted, said) = verifier(&whole);
        assert!(accepted && said.contains(&inspector.size().to_string()), "{name}: {said}");
    }
    // One change of one file in each export.
    let spoilt: [Change<'_>; 4] = [
        ("entry", "tile/entries/001", &|bytes| {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
        }),
        ("size", "checkpoint", &|bytes| {
            let at = bytes.iter().position(|byte| *byte == b'\n').unwrap() + 1;
            bytes[at] = if bytes[at] == b'1' { b'2' } else { b'1' };
        }),
        ("root", "checkpoint", &|bytes| {
            let at = bytes.iter().enumerate().filter(|(_, b)| **b == b'\n').nth(1).unwrap().0 + 3;
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        }),
        ("signature", "checkpoint", &|bytes| {
            let at = bytes.len() - 20;
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        }),
    ];
    for (what, file, act) in spoilt {
        let changed = export(what);
        change(&changed, file, act);
        for (name, verifier) in &verifiers {
            let (accepted, said) = verifier(&changed);
            assert!(!accepted, "{name} accepts a changed {what}: {said}");
        }
    }
}
