//! Training has its own ledger, and neither can be taken for the other: the program refuses, and changes nothing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use jiff::tz::TimeZone;
use kiosk::clock::{Clock, SystemClock};
use kiosk::recorder::Recorder;
use rights::policy::Policy;

const REAL: &str = "hospital.example/3b/kiosk-03/g1";
const TRAINING: &str = "training.example/3b/kiosk-01/g1";

fn ward() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/ward-3b")
}

fn ledger(folder: &Path, origin: &str) {
    let clock = SystemClock::new(TimeZone::UTC);
    let recorder = Recorder::open(folder, origin, true, &Policy::default(), &clock.evidence()).unwrap();
    recorder.close(&clock.evidence());
}

fn kiosk(arguments: &[&str]) -> Output {
    // Without a display: whoever got as far as a window would fail otherwise.
    Command::new(env!("CARGO_BIN_EXE_kiosk"))
        .args(arguments)
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .output()
        .unwrap()
}

fn bytes(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(bytes(&path));
        } else {
            all.insert(path.clone(), std::fs::read(&path).unwrap());
        }
    }
    all
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn training_refuses_a_real_ledger_and_leaves_it_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let real = folder.path().join("real");
    ledger(&real, REAL);
    let before = bytes(&real);
    let output = kiosk(&["train", "--ledger", real.to_str().unwrap(), "--ward", ward().to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(said(&output).contains(REAL) || said(&output).contains(TRAINING), "{}", said(&output));
    assert!(!said(&output).contains("window"), "it was refused before a window: {}", said(&output));
    assert_eq!(bytes(&real).keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>());
}

#[test]
fn a_kiosk_at_a_bed_refuses_a_training_ledger_by_its_name_and_by_its_content() {
    let folder = tempfile::tempdir().unwrap();
    let training = folder.path().join("training");
    ledger(&training, TRAINING);
    let config = |origin: &str| {
        let path = folder.path().join("kiosk.toml");
        let ward = ward();
        let text = format!(
            "ward = \"3B\"\nkiosk = \"k\"\nzone = \"America/New_York\"\norigin = \"{origin}\"\nledger = \"training\"\norders = [\"{0}/orders/ward-3b.json\"]\ndrugs = \"{0}/drugs\"\nstaff = \"{0}/staff.csv\"\n",
            ward.display()
        );
        std::fs::write(&path, text).unwrap();
        path
    };
    let by_name = kiosk(&["run", "--config", config(TRAINING).to_str().unwrap()]);
    assert_eq!(by_name.status.code(), Some(2));
    assert!(said(&by_name).contains("is one of the demo or of training"), "{}", said(&by_name));
    let by_content = kiosk(&["run", "--config", config(REAL).to_str().unwrap()]);
    assert_eq!(by_content.status.code(), Some(2));
    assert!(
        said(&by_content).contains(TRAINING) || said(&by_content).contains(REAL),
        "{}",
        said(&by_content)
    );
    assert!(!said(&by_content).contains("window"), "{}", said(&by_content));
}
