//! The program `ledger` from outside: what it prints and its exit codes.

#[path = "../src/cli/shift.rs"]
mod shift;

use std::path::Path;
use std::process::{Command, Output, Stdio};

use ledger::ledger::{Ledger, OpenOptions};
use shift::Shift;

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ledger")).args(arguments).output().unwrap()
}

fn code(arguments: &[&str]) -> (i32, String) {
    let output = run(arguments);
    let text =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.code().unwrap(), text)
}

#[test]
fn from_init_to_a_proof_that_needs_no_ledger() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name).display().to_string();
    let ledger_dir = at("ledger");
    let (exit, text) = code(&["init", &ledger_dir, "--origin", "hospital.example/3b/kiosk-03/g1"]);
    assert_eq!(exit, 0, "{text}");
    let (exit, text) = code(&["init", &ledger_dir, "--origin", "hospital.example/3b/kiosk-03/g1"]);
    assert!(exit == 2 && text.contains("already holds files"), "{exit} {text}");
    assert_eq!(code(&["verify", &ledger_dir]).0, 0);
    assert_eq!(code(&["verify"]).0, 64);
    assert_eq!(code(&["verify", "--no-such-option", &ledger_dir]).0, 64);
    assert_eq!(code(&["--help"]).0, 0);
    assert_eq!(code(&["verify", &at("nothing")]).0, 2);

    let mut shift = Shift::new(shift::start(), 1);
    let mut ledger = Ledger::open(Path::new(&ledger_dir), &OpenOptions::default(), &shift.clock()).unwrap();
    for (entry, clock) in shift.entries(300) {
        let _ = ledger.append(&entry, &clock).unwrap();
    }
    // Beside the writer, from another process.
    let (exit, text) = code(&["verify", "--json", &ledger_dir]);
    assert_eq!(exit, 0, "{text}");
    let report: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!((report["state"].as_str(), report["result"].as_str()), (Some("live"), Some("valid")));
    assert_eq!(report["entries"].as_u64(), Some(ledger.size()));
    assert_eq!(report["cosigned"].as_str(), Some("no (policy asks for none)"));
    ledger.close(&shift.clock()).unwrap();

    let (exit, text) = code(&["show", "--json", "--from", "2", "--to", "20", &ledger_dir]);
    assert_eq!((exit, text.lines().count()), (0, 19), "{text}");
    assert!(!text.contains("patient-1") && !text.contains("Zebedee") && !text.contains("nurse-17"), "{text}");
    let (exit, text) = code(&["show", "--with-patient-data", &ledger_dir]);
    assert!(
        exit == 0 && text.contains("patient patient-1") && text.contains("given request request-1"),
        "{text}"
    );
    let (exit, text) = code(&["recheck", &ledger_dir]);
    assert!(exit == 0 && text.contains(" 0 differ"), "{exit} {text}");

    // Export, and its verification.
    let export = at("export");
    assert_eq!(code(&["export", &export, &ledger_dir]).0, 0);
    assert_eq!(code(&["export", &export, &ledger_dir]).0, 2);
    let (exit, text) = code(&["verify", &export]);
    assert!(exit == 0 && text.contains("(export)"), "{exit} {text}");
    let raw = std::fs::read(dir.path().join("export/tile/entries/000")).unwrap();
    assert!(!raw.windows(7).any(|part| part == b"Zebedee" || part == b"patient"));

    // A proof, checked without the ledger.
    let proof = run(&["prove", "17", &ledger_dir]);
    assert_eq!(proof.status.code(), Some(0));
    std::fs::write(at("17.tlog-proof"), &proof.stdout).unwrap();
    let key = format!("{export}/log.vkey");
    let (exit, text) = code(&["check-proof", &at("17.tlog-proof"), "--key", &key]);
    assert!(exit == 0 && text.contains("proven: entry 17"), "{exit} {text}");
    let other = ledger::note::SecretKey::from_seed(&[9; 32]).public();
    let other =
        ledger::note::VerifierKey::new("hospital.example/3b/kiosk-03/g1", &other).unwrap().to_string();
    assert_eq!(code(&["check-proof", &at("17.tlog-proof"), "--key", &other]).0, 1);
    let forged = String::from_utf8(proof.stdout).unwrap().replace("index 17", "index 18");
    std::fs::write(at("18.tlog-proof"), forged).unwrap();
    assert_eq!(code(&["check-proof", &at("18.tlog-proof"), "--key", &key]).0, 1);

    // Policies.
    let checkpoint = format!("{export}/checkpoint");
    let (exit, text) = code(&["verify", "--against", &checkpoint, &ledger_dir]);
    assert!(exit == 0 && text.contains("is a prefix"), "{exit} {text}");
    std::fs::write(at("policy"), format!("cosigner {other}\ncosigners 1\n")).unwrap();
    assert_eq!(code(&["verify", "--policy", &at("policy"), &ledger_dir]).0, 3);
    std::fs::write(at("policy"), "cosigners 1\n").unwrap();
    assert_eq!(code(&["verify", "--policy", &at("policy"), &ledger_dir]).0, 4);
    std::fs::write(at("policy"), format!("hospital {other}\n")).unwrap();
    let (exit, text) = code(&["verify", "--policy", &at("policy"), &ledger_dir]);
    assert!(exit == 1 && text.contains("other_hospital"), "{exit} {text}");

    // One changed byte in the export, then in the file.
    let tile = dir.path().join("export/tile/entries/000");
    let mut bytes = std::fs::read(&tile).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&tile, bytes).unwrap();
    assert_ne!(code(&["verify", &export]).0, 0);
    std::fs::write(dir.path().join("ledger/ledger.redb"), vec![0x5a; 1 << 16]).unwrap();
    let (exit, text) = code(&["verify", &ledger_dir]);
    assert!(exit == 2 && text.contains("damaged") && !text.contains("panicked"), "{exit} {text}");
}

/// A closed ledger of some hundred entries.
fn closed(path: &Path) {
    let mut shift = Shift::new(shift::start(), 1);
    let origin = "hospital.example/3b/kiosk-03/g1";
    ledger::init::init(path, &ledger::init::InitOptions::new(origin), &shift.clock()).unwrap();
    let mut ledger = Ledger::open(path, &OpenOptions::default(), &shift.clock()).unwrap();
    for (entry, clock) in shift.entries(200) {
        let _ = ledger.append(&entry, &clock).unwrap();
    }
    ledger.close(&shift.clock()).unwrap();
}

#[test]
fn a_range_without_entries_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger");
    closed(&path);
    let ledger = path.to_str().unwrap();
    let (exit, text) = code(&["show", "--from", "5", "--to", "2", ledger]);
    assert!(exit == 64 && text.contains("--from 5 is after --to 2") && text.contains("Usage:"), "{text}");
    for data in [&["show"][..], &["show", "--with-patient-data"]] {
        let (exit, text) = code(&[data, &["--from", "99999", ledger]].concat());
        assert!(exit == 2 && text.contains("there is no entry 99999; the ledger has"), "{exit} {text}");
    }
    let (exit, text) = code(&["show", "--from", "5", "--to", "5", ledger]);
    assert_eq!((exit, text.lines().count()), (0, 1), "{text}");
}

#[test]
fn arguments_that_contradict_each_other_are_told_before_anything_is_read() {
    // There is no such ledger: whoever reads it first says so, with exit 2.
    let of = |arguments: &[&str]| code(&[&["report"], arguments, &["/nowhere"]].concat());
    for (arguments, why) in [
        (&["recall"][..], "name it with --lot"),
        (&["access", "--lot", "L1"], "--lot is for recall, not for access"),
        (&["access", "--index", "i", "/nowhere-else"], "an index is of one ledger"),
    ] {
        let (exit, text) = of(arguments);
        assert!(exit == 64 && text.contains(why) && text.contains("Usage: ledger report"), "{exit} {text}");
    }
    assert_eq!(of(&["recall", "--lot", "L1"]).0, 2);
}

/// What the program does when its reader is gone before it prints.
fn unread(arguments: &[&str]) -> (Option<i32>, String) {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = Command::new(env!("CARGO_BIN_EXE_ledger"));
    let output = command.args(arguments).stdout(writer).stderr(Stdio::piped()).spawn().unwrap();
    let output = output.wait_with_output().unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn a_reader_that_goes_away_is_no_failure_and_hides_none() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger");
    closed(&path);
    let ledger = path.to_str().unwrap();
    let fine = (Some(0), String::new());
    for arguments in [
        &["show", ledger][..],
        &["show", "--with-patient-data", ledger],
        &["report", "--format", "json", "access", ledger],
        &["report", "--format", "pdf", "access", ledger],
        &["prove", "7", ledger],
        &["recheck", ledger],
        &["verify", ledger],
        &["completions", "bash"],
        &["manual"],
        &["manual", "verify"],
        &["--help"],
    ] {
        assert_eq!(unread(arguments), fine, "{arguments:?}");
    }
    std::fs::write(dir.path().join("policy"), "cosigners 1\n").unwrap();
    let policy = dir.path().join("policy");
    assert_eq!(unread(&["verify", "--policy", policy.to_str().unwrap(), ledger]).0, Some(4));
}

#[test]
fn each_command_shows_examples_and_has_a_page() {
    let (_, help) = code(&["--help"]);
    let commands: Vec<&str> = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_whitespace().next())
        .filter(|command| *command != "help")
        .collect();
    assert!(commands.len() >= 17 && commands.contains(&"verify"), "{commands:?}");
    let (_, whole) = code(&["manual"]);
    for command in commands {
        let (exit, text) = code(&[command, "--help"]);
        let example = format!("Examples:\n  ledger {command} ");
        let bare = format!("Examples:\n  ledger {command}\n");
        assert!(exit == 0 && (text.contains(&example) || text.contains(&bare)), "{command}: {text}");
        assert!(
            whole.contains(&format!("ledger\\-{command}(1)").replace("check-proof", "check\\-proof")),
            "{whole}"
        );
        let (exit, page) = code(&["manual", command]);
        assert!(exit == 0 && page.contains(".TH ledger") && page.contains("Examples:"), "{command}: {page}");
    }
    assert!(!whole.contains("help(1)"), "a page that nobody can print");
    let (exit, text) = code(&["manual", "nothing"]);
    assert!(exit == 64 && text.contains("expected one of"), "{text}");
}

#[test]
fn an_error_names_the_thing_the_place_and_the_remedy() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name).display().to_string();
    let (ledger, export, copy, new) = (at("ledger"), at("export"), at("copy"), at("new"));
    closed(Path::new(&ledger));
    assert_eq!(code(&["export", &export, &ledger]).0, 0);
    assert_eq!(code(&["backup", &copy, &ledger]).0, 0);
    let says = |arguments: &[&str], parts: &[&str]| {
        let (exit, text) = code(arguments);
        assert!(exit == 2 && parts.iter().all(|part| text.contains(part)), "{arguments:?} {exit} {text}");
    };
    for arguments in [
        &["show"][..],
        &["prove", "3"],
        &["recheck"],
        &["export", &new],
        &["backup", &new],
        &["restore", &new],
        &["report", "access", "--index", &new],
    ] {
        says(&[arguments, &[&export]].concat(), &[&export, "this is an export", "name the ledger itself"]);
    }
    assert!(!Path::new(&new).exists());

    let proof = run(&["prove", "7", &ledger]);
    std::fs::write(at("proof"), &proof.stdout).unwrap();
    says(&["check-proof", &at("proof"), "--key", "nosuch"], &["--key nosuch", "No such file"]);
    says(&["check-proof", &at("proof"), "--key", &ledger], &[&ledger, "directory"]);
    says(
        &["check-proof", &at("proof"), "--key", &at("proof")],
        &["--key", &at("proof"), "not a verifier key"],
    );

    let keys = std::fs::read_to_string(at("export/log.vkey")).unwrap();
    let anchor = ["anchor", &copy, "--to", "http://127.0.0.1:1", "--key", keys.lines().next().unwrap()];
    for arguments in [&["shred", &copy][..], &anchor] {
        says(arguments, &["device.key", "this is a copy", "a copy whose retention is over is destroyed"]);
        let (_, text) = code(arguments);
        assert!(!text.contains("ledger init"), "a new ledger in its place would be the end of it: {text}");
    }
    says(&["shred", &export], &[&export, "this is an export", "name the kiosk's own ledger"]);
    says(&["shred", &at("none")], &["ledger.redb", "a ledger is made by `ledger init`"]);

    for source in [&ledger, &export] {
        let range = ["report", "access", "--from", "2031-01-01", source];
        says(&range, &["no entry lies between", "from 2026-06-01T", "to 2026-06-"]);
    }
}

/// The entries that are counted are those of the ledgers, with those that a ledger makes of itself.
#[test]
fn a_synthetic_ward_says_how_many_entries_it_made() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("ward").display().to_string();
    let size = ["--patients", "8", "--nurses", "6", "--days", "1", "--json"];
    let (exit, text) = code(&[&["ward", &folder], &size[..]].concat());
    assert_eq!(exit, 0, "{text}");
    let ward: serde_json::Value = serde_json::from_str(&text).unwrap();
    let ledgers = ward["ledgers"].as_array().unwrap();
    let size = |path: &serde_json::Value| {
        ledger::inspect::Inspector::open(Path::new(path.as_str().unwrap())).unwrap().size()
    };
    assert_eq!(ward["entries"].as_u64(), Some(ledgers.iter().map(size).sum()));
}
