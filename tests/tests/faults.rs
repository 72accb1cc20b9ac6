//! Bad input and faults: each gives a clear message that names the thing and the remedy, and a safe state.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use jiff::SignedDuration;
use kiosk::journey::JourneyStep;
use kiosk::journey::parse::parse;
use kiosk::journey::play::Player;
use kiosk::recorder::Recorder;
use ledger::clock::ClockEvidence;
use product_tests::{fixture, printed, program, run, said};
use rights::policy::Policy;
use scanner::source::FrameSource;
use scanner::source::camera;
use scanner::source::folder::Folder;
use scanner::source::live::CameraError;

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_picture_that_is_none_is_named() {
    let bad = fixture("pictures-bad/text.png");
    let output = run("scanner", &["read", text(&bad)]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("text.png"), "{}", said(&output));
}

#[test]
fn a_picture_that_claims_to_be_huge_is_refused_before_it_is_decoded() {
    let output = run("scanner", &["read", text(&fixture("pictures-bad/huge.png"))]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("too large"), "{}", said(&output));
}

#[test]
fn an_empty_folder_of_pictures_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let error = Folder::open(folder.path(), Duration::from_millis(33)).unwrap_err().to_string();
    assert!(error.contains(text(folder.path())) && error.contains("put the pictures there"), "{error}");
}

/// A camera number that no machine has.
#[test]
fn a_missing_camera_is_named_and_asked_for_again() {
    let mut camera = camera::open(4_711).unwrap();
    let mut errors = Vec::new();
    for _ in 0..200 {
        if let Err(error) = camera.next_frame() {
            errors.push(error);
        }
        if errors.len() >= 2 {
            break;
        }
    }
    assert!(matches!(errors.first(), Some(CameraError::NotFound { index: 4_711 })), "{errors:?}");
    assert!(errors.len() >= 2, "it is not tried again");
}

fn config(folder: &Path, orders: &Path, ledger: &str) -> PathBuf {
    let ward = fixture("ward-3b");
    let path = folder.join("kiosk.toml");
    let content = format!(
        "ward = \"3B\"\nkiosk = \"kiosk-03\"\nzone = \"America/New_York\"\norigin = \"hospital.example/3b/kiosk-03/g1\"\n\
         ledger = {ledger:?}\norders = [\"{}\"]\ndrugs = \"{}\"\nstaff = \"{}\"\n",
        orders.display(),
        ward.join("drugs").display(),
        ward.join("staff.csv").display()
    );
    fs::write(&path, content).unwrap();
    path
}

/// Broken, truncated, of another FHIR version: the Bundle is refused whole. One bad resource: that one is, with its reason.
#[test]
fn bad_bundles_are_refused_with_their_reason() {
    let folder = tempfile::tempdir().unwrap();
    for (name, code, words) in [
        ("broken-json.json", 2, "broken-json.json"),
        ("truncated.json", 2, "truncated.json"),
        ("r5-bundle.json", 2, "r5-bundle.json"),
        ("not-a-bundle.json", 2, "not-a-bundle.json"),
        ("unknown-modifier-extension.json", 1, "modifierExtension"),
        ("unknown-drug.json", 1, "MedicationRequest/"),
    ] {
        let path = config(folder.path(), &fixture("bundles-bad").join(name), "ledger");
        let output = run("kiosk", &["check-config", text(&path)]);
        let all = printed(&output) + &said(&output);
        assert_eq!(output.status.code(), Some(code), "{name}: {all}");
        assert!(all.contains(words), "{name}: {all}");
    }
}

#[test]
fn a_wrong_configuration_names_the_key() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kiosk.toml");
    fs::write(&path, "ward = 3").unwrap();
    let output = run("kiosk", &["run", "--config", text(&path)]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("ward"), "{}", said(&output));
}

const ORIGIN: &str = "hospital.example/3b/kiosk-03/g1";

#[test]
fn the_ledger_of_another_kiosk_is_refused_and_untouched() {
    let folder = tempfile::tempdir().unwrap();
    let clock = ClockEvidence::now();
    Recorder::open(folder.path(), ORIGIN, true, &Policy::default(), &clock).unwrap().close(&clock);
    let database = folder.path().join("ledger.redb");
    let before = fs::read(&database).unwrap();
    let error =
        Recorder::open(folder.path(), "hospital.example/3b/kiosk-04/g1", true, &Policy::default(), &clock)
            .unwrap_err()
            .to_string();
    assert!(error.contains("kiosk-03") && error.contains("kiosk-04"), "{error}");
    assert!(fs::read(&database).unwrap() == before, "it was touched");
    assert_eq!(run("ledger", &["verify", text(folder.path())]).status.code(), Some(0));
}

#[test]
fn a_device_without_a_ledger_does_not_start_and_says_how_to_make_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = config(folder.path(), &fixture("ward-3b/orders/ward-3b.json"), "no-ledger-here");
    let output = run("kiosk", &["run", "--config", text(&path)]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("ledger init"), "{}", said(&output));
}

/// A folder in which nothing can be written: the error names it. A kernel file system says no to root as well.
#[test]
fn an_unwritable_disk_is_named() {
    let error =
        Recorder::open(Path::new("/proc/no-ledger"), ORIGIN, true, &Policy::default(), &ClockEvidence::now())
            .unwrap_err();
    assert!(error.to_string().contains("/proc/no-ledger"), "{error}");
}

const FILLS: &str = "KIOSK_TEST_FILLS_THE_DISK";

/// The child of the test below: a nurse signs on and off until nothing can be written. Says how many entries had their receipt.
#[test]
#[ignore = "started by the next one, with a limit for its files"]
fn until_nothing_can_be_written() {
    let Some(folder) = std::env::var_os(FILLS).map(PathBuf::from) else { return };
    let text = "journey: A disk that fills\norders: ../ward-3b/orders/ward-3b.json\ndrugs: ../ward-3b/drugs\n\
                staff: ../ward-3b/staff.csv\ncodes: ../ward-3b/codes.csv\n\n\
                2026-11-30 09:01:00 -05:00  nurse scans badge-alvarez\n\
                2026-11-30 09:01:04 -05:00  nurse types \"2468\"\n\
                2026-11-30 09:01:10 -05:00  nurse scans band-kowalski\n\
                2026-11-30 09:01:14 -05:00  nurse scans pkg-lisinopril\n\
                2026-11-30 09:01:20 -05:00  nurse taps \"Sign off\"\n";
    let journey = parse(text, &fixture("journeys")).unwrap();
    let mut player = Player::new(&journey.setup, &folder, journey.steps[0].at).unwrap();
    let mut recorded = 0;
    for round in 0..2_000 {
        for step in &journey.steps {
            let step = JourneyStep { at: step.at + SignedDuration::from_secs(round * 30), ..step.clone() };
            let (seen, _) = player.step(&step).unwrap();
            if seen.screen == "not-recorded" {
                println!("recorded {recorded}");
                return;
            }
            recorded += seen.recorded.len();
        }
    }
    panic!("the disk did not fill: {recorded} entries");
}

/// A disk on which no file can grow any more (a limit of the kernel, so that it needs no disk of its own): the screen is red, and everything
/// that had its receipt is in the ledger.
#[test]
fn a_full_disk_is_said_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = folder.path().join("ledger");
    let output = Command::new("bash")
        .args(["-c", "trap '' XFSZ; ulimit -f 900; exec \"$0\" \"$@\""])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "until_nothing_can_be_written", "--ignored", "--nocapture"])
        .env(FILLS, &ledger)
        .output()
        .unwrap();
    let all = printed(&output) + &said(&output);
    assert!(output.status.success(), "{all}");
    let recorded = all.lines().find_map(|line| line.split("recorded ").nth(1)?.parse::<usize>().ok());
    let recorded = recorded.unwrap_or_else(|| panic!("{all}"));
    assert!(recorded > 20, "{all}");
    // There is room again: the next start repairs what the last write left.
    let clock = ClockEvidence::now();
    Recorder::open(&ledger, "demo.example/3b/kiosk-01/g1", false, &Policy::default(), &clock)
        .unwrap()
        .close(&clock);
    assert_eq!(run("ledger", &["verify", text(&ledger)]).status.code(), Some(0));
    let shown = printed(&run("ledger", &["show", "--json", text(&ledger)]));
    let entries = shown.matches("\"leaf\":").count();
    assert!(entries >= recorded, "{entries} entries, {recorded} receipts");
}

/// One byte of an entry changed: found and named by the auditor's program, exit 1 or 2, never a pass, never a backtrace.
#[test]
fn a_flipped_byte_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = folder.path().join("ledger");
    let journey = fixture("journeys/06-two-tablets-one-dose.journey");
    let journey = if journey.is_file() { journey } else { first_journey("06") };
    let output = run("kiosk", &["replay", "--ledger", text(&ledger), text(&journey)]);
    assert_eq!(output.status.code(), Some(0), "{}", printed(&output));
    let database = ledger.join("ledger.redb");
    let good = fs::read(&database).unwrap();
    // The origin stands in every entry; its first letter in the middle of the file is content.
    let needle = b"demo.example/3b";
    let places: Vec<usize> =
        good.windows(needle.len()).enumerate().filter(|(_, w)| w == needle).map(|(at, _)| at).collect();
    let place = places[places.len() / 2];
    let mut bad = good.clone();
    bad[place] ^= 1;
    fs::write(&database, &bad).unwrap();
    let output = run("ledger", &["verify", text(&ledger)]);
    let all = printed(&output) + &said(&output);
    assert!(matches!(output.status.code(), Some(1 | 2)), "{all}");
    assert!(!all.contains("backtrace") && !all.contains("panicked"), "{all}");
    fs::write(&database, &good).unwrap();
    assert_eq!(run("ledger", &["verify", text(&ledger)]).status.code(), Some(0));
}

fn first_journey(number: &str) -> PathBuf {
    let mut found: Vec<PathBuf> =
        fs::read_dir(fixture("journeys")).unwrap().flatten().map(|e| e.path()).collect();
    found.retain(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(number)));
    found.sort();
    found.into_iter().next().unwrap()
}

/// `kill -9` of the kiosk at many moments of a shift: whatever the ledger holds then verifies, and no dose stands twice.
#[test]
fn a_killed_kiosk_leaves_a_ledger_that_verifies() {
    let journey = first_journey("06");
    let kiosk = program("kiosk");
    let mut with_entries = 0;
    for round in 0..12_u64 {
        let folder = tempfile::tempdir().unwrap();
        let ledger = folder.path().join("ledger");
        let mut child = Command::new(&kiosk)
            .args(["replay", "--ledger", text(&ledger), text(&journey)])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // However slow the machine is: the ledger is being used when the blow falls, a little later in each round.
        while child.try_wait().is_ok_and(|ended| ended.is_none()) && !ledger.join("log.vkey").is_file() {
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_millis(round * 8));
        let _ = child.kill();
        let _ = child.wait();
        let output = run("ledger", &["verify", "--json", text(&ledger)]);
        let code = output.status.code();
        let shown = run("ledger", &["show", "--json", text(&ledger)]);
        if code == Some(0) {
            with_entries += 1;
            let given = printed(&shown).matches("\"given\"").count();
            assert!(given <= 1, "a dose stands {given} times");
        } else {
            // Killed while the ledger itself was being made: it holds nothing and is never taken for a good one.
            let all = printed(&output) + &said(&output);
            assert!(matches!(code, Some(1 | 2)) && all.contains("\"entries\":0"), "{all}");
        }
    }
    assert!(with_entries >= 3, "only {with_entries} of 12 kills met a ledger");
}
