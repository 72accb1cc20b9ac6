//! Every journey of the fixtures goes as its text says, through the same shell, decoder and a real ledger.

use std::path::PathBuf;

use kiosk::replay::replay;
use ledger::inspect::Inspector;
use ledger::kind::Kind;
use ledger::report::report;
use product_tests::{fixture, printed, run};

fn journeys() -> Vec<PathBuf> {
    let folder = std::fs::read_dir(fixture("journeys")).unwrap();
    let mut files: Vec<PathBuf> = folder
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "journey"))
        .collect();
    files.sort();
    files
}

#[test]
fn every_journey_goes_as_its_text_says() {
    let files = journeys();
    assert!(files.len() >= 11, "only {} journeys", files.len());
    let mut wrong = Vec::new();
    for file in files {
        match replay(&file, None) {
            Ok(played) if played.differences.is_empty() => {}
            Ok(played) => {
                let name = file.file_name().unwrap().to_string_lossy().into_owned();
                wrong.extend(
                    played.differences.iter().map(|d| format!("{name} line {}: {}", d.line, d.problem)),
                );
            }
            Err(error) => wrong.push(error.to_string()),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Scenario 30: the conflict is found by who looks for it, with the dose that it is about.
#[test]
fn a_conflict_stands_in_the_report_of_corrections() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = folder.path().join("ledger");
    let played = replay(&fixture("journeys/30-given-offline-after-the-stop.journey"), Some(&ledger)).unwrap();
    assert!(played.differences.is_empty(), "{:?}", played.differences);
    let inspector = Inspector::open(&ledger).unwrap();
    let at = |kind| (0..inspector.size()).find(|at| inspector.entry(*at).unwrap().0.kind == kind).unwrap();
    let (given, conflict) = (at(Kind::GIVEN), at(Kind::CONFLICT));
    let page = report(&ledger, ledger::report::Kind::Corrections, None, None).unwrap();
    let entries = page.tables.iter().find(|table| table.title == "Entries").unwrap();
    let row = entries.rows.iter().find(|row| row[0] == conflict.to_string()).unwrap();
    assert_eq!((row[3].as_str(), row[5].as_str()), ("conflict", "the order had been stopped"));
    assert_eq!(row[6], format!("entry {given}"));
}

/// What was done about a conflict stands there too, with its reason and the dose.
#[test]
fn the_answer_to_a_conflict_stands_in_the_report_of_corrections() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = folder.path().join("ledger");
    let played = replay(&fixture("journeys/conflict-given-at-two-kiosks.journey"), Some(&ledger)).unwrap();
    assert!(played.differences.is_empty(), "{:?}", played.differences);
    let inspector = Inspector::open(&ledger).unwrap();
    let given = (0..inspector.size()).find(|at| inspector.entry(*at).unwrap().0.kind == Kind::GIVEN).unwrap();
    let page = report(&ledger, ledger::report::Kind::Corrections, None, None).unwrap();
    let entries = page.tables.iter().find(|table| table.title == "Entries").unwrap();
    let row = entries.rows.iter().find(|row| row[3] == "conflict_answered").unwrap();
    assert_eq!((row[5].as_str(), row[6].clone()), ("prescriber-told", format!("entry {given}")));
}

/// Each scenario of clinical.md section 8 that a bedside can play has a journey that says so in its first line. Scenario 33 is the
/// ledger's: its own tests play it on a hundred thousand entries.
#[test]
fn the_named_scenarios_have_a_journey() {
    let titles: Vec<String> = journeys()
        .iter()
        .map(|file| std::fs::read_to_string(file).unwrap().lines().next().unwrap_or_default().to_owned())
        .collect();
    let scenarios =
        [1, 2, 4, 6, 7, 8, 10, 11, 12, 13, 14, 15, 17, 19, 20, 22, 24, 26, 27, 29, 30, 32, 35, 36, 37];
    for scenario in scenarios {
        let named = titles.iter().any(|title| {
            let words = title.split(|c: char| !c.is_ascii_alphanumeric()).collect::<Vec<_>>();
            words.windows(2).any(|pair| pair == ["Scenario", &scenario.to_string()])
        });
        assert!(named, "no journey begins with `journey: Scenario {scenario}`");
    }
}

/// The seven checks of the Leapfrog standard for bar code medication administration, each with a journey of its name.
#[test]
fn the_leapfrog_seven_have_a_journey_each() {
    let names: Vec<String> =
        journeys().iter().filter_map(|file| Some(file.file_stem()?.to_string_lossy().into_owned())).collect();
    for leapfrog in [
        "leapfrog-1-wrong-patient",
        "leapfrog-2-wrong-drug",
        "leapfrog-3-wrong-dose",
        "leapfrog-4-wrong-time",
        "leapfrog-5-vital-sign-check",
        "leapfrog-6-allergy-check",
        "leapfrog-7-second-nurse",
    ] {
        assert!(names.iter().any(|name| name == leapfrog), "no journey {leapfrog}");
    }
}

/// A journey that expects the wrong thing is found: exit 1, with the line and what is there instead.
#[test]
fn a_difference_is_an_exit_code_and_a_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wrong.journey");
    let ward = fixture("ward-3b");
    let text = format!(
        "journey: a wrong expectation\norders: {0}/orders/ward-3b.json\ndrugs: {0}/drugs\nstaff: {0}/staff.csv\ncodes: \
         {0}/codes.csv\n\n2026-11-30 08:55:00 -05:00  nurse scans badge-alvarez\n    screen receipt\n",
        ward.display()
    );
    std::fs::write(&path, text).unwrap();
    let output = run("kiosk", &["replay", path.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(printed(&output).contains("line 8: screen pin, expected receipt"), "{}", printed(&output));
    std::fs::write(&path, "journey: nothing\n").unwrap();
    assert_eq!(run("kiosk", &["replay", path.to_str().unwrap()]).status.code(), Some(2));
    assert_eq!(run("kiosk", &["replay"]).status.code(), Some(64));
}

/// `kiosk demo --headless`: pictures, transcript and a ledger that the auditor's own program verifies.
#[test]
fn the_demo_shift_plays_and_its_ledger_verifies() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("demo");
    let output = run("kiosk", &["demo", "--headless", out.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{}{}", printed(&output), product_tests::said(&output));
    let pictures: Vec<PathBuf> = std::fs::read_dir(&out)
        .unwrap()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "png"))
        .collect();
    assert!(pictures.len() >= 25, "{} pictures", pictures.len());
    let transcript = std::fs::read_to_string(out.join("transcript.txt")).unwrap();
    assert!(transcript.contains("recorded: given") && transcript.contains("[stop]"));
    let ledger = out.join("ledger");
    assert_eq!(run("ledger", &["verify", ledger.to_str().unwrap()]).status.code(), Some(0));
    // The same folder again: nothing is overwritten.
    assert_eq!(run("kiosk", &["demo", "--headless", out.to_str().unwrap()]).status.code(), Some(2));
}
