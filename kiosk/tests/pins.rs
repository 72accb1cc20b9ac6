//! `kiosk set-pins`: PINs are kept hashed, and `check-config` says what is missing.

use std::path::Path;
use std::process::Command;

use jiff::Timestamp;
use kiosk::pin::{Cost, Pins, file};
use kiosk::recorder::device_secret;
use ledger::clock::ClockEvidence;
use ledger::init::{InitOptions, init};
use rights::bedside::PinOutcome;
use rights::ident::ClinicianId;

const ORIGIN: &str = "hospital.example/3b/kiosk-03/g1";
const STAFF: &str = "id,name,role,badge,gsrn,pin\nN1,A B,nurse,701,,\nN2,C D,nurse,702,,\n";

/// A device of the demo ward with two nurses, whose PINs are to be kept in a file.
fn device(folder: &Path) {
    let ward = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/ward-3b");
    let config = format!(
        "ward = \"3B\"\nkiosk = \"kiosk-03\"\nzone = \"America/New_York\"\norigin = \"{ORIGIN}\"\nledger = \"ledger\"\n\
         orders = [\"{}\"]\ndrugs = \"{}\"\nstaff = \"staff.csv\"\npins = \"pins\"\n",
        ward.join("orders/ward-3b.json").display(),
        ward.join("drugs").display(),
    );
    std::fs::write(folder.join("kiosk.toml"), config).unwrap();
    std::fs::write(folder.join("staff.csv"), STAFF).unwrap();
    new_ledger(folder);
}

fn new_ledger(folder: &Path) {
    let _ = std::fs::remove_dir_all(folder.join("ledger"));
    init(&folder.join("ledger"), &InitOptions::new(ORIGIN), &ClockEvidence::now()).unwrap();
}

/// The exit code, and everything that was said.
fn kiosk(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let ran = Command::new(env!("CARGO_BIN_EXE_kiosk")).current_dir(folder).args(arguments).output().unwrap();
    let said = String::from_utf8(ran.stdout).unwrap() + &String::from_utf8(ran.stderr).unwrap();
    assert!(!said.contains("2468") && !said.contains("1357"), "a PIN was printed: {said}");
    (ran.status.code().unwrap(), said)
}

fn set(folder: &Path, table: &str) -> (i32, String) {
    std::fs::write(folder.join("new.csv"), table).unwrap();
    kiosk(folder, &["set-pins", "--config", "kiosk.toml", "new.csv"])
}

fn check(folder: &Path) -> (i32, String) {
    kiosk(folder, &["check-config", "kiosk.toml"])
}

fn signs_on(folder: &Path, id: &str, pin: &str) -> bool {
    let secret = device_secret(&folder.join("ledger")).unwrap();
    let mut pins = Pins::new(&secret, Cost::Device);
    pins.load(file::read(&folder.join("pins"), &secret).unwrap());
    pins.check(&ClinicianId::parse(id).unwrap(), pin, Timestamp::UNIX_EPOCH) == PinOutcome::Accepted
}

#[test]
fn pins_are_set_changed_and_kept_hashed() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    device(folder);
    let (code, said) = check(folder);
    assert!(code == 2 && said.contains("pins: No such file") && said.contains("kiosk set-pins"), "{said}");
    let (code, said) = set(folder, "id,pin\nN1,2468\n");
    assert!(code == 0 && said.contains("1 PINs set, 1 in all") && said.contains("in the clear"), "{said}");
    assert!(signs_on(folder, "N1", "2468") && !signs_on(folder, "N1", "1357"));
    assert!(!std::fs::read_to_string(folder.join("pins")).unwrap().contains("2468"));
    let (code, said) = check(folder);
    assert!(code == 1 && said.contains("no PIN for N2"), "{said}");

    let (code, said) = set(folder, "id,pin\nN2,1357\nN9,1111\nN1,12\n");
    assert!(code == 1 && said.contains("N9 is not in") && said.contains("new.csv line 4"), "{said}");
    assert!(
        signs_on(folder, "N1", "2468") && signs_on(folder, "N2", "1357"),
        "what was good is set, the rest stays"
    );
    assert_eq!(check(folder).0, 0);

    // One who left leaves no hash.
    std::fs::write(folder.join("staff.csv"), STAFF.replace("N2,C D,nurse,702,,\n", "")).unwrap();
    assert!(set(folder, "id,pin\nN1,1357\n").1.contains("1 PINs set, 1 in all"));
    assert!(signs_on(folder, "N1", "1357") && !signs_on(folder, "N1", "2468"));
}

/// What is no file of PINs is nobody's to overwrite, and a line of the staff that cannot be read costs nobody their PIN.
#[test]
fn setting_pins_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    device(folder);
    assert_eq!(set(folder, "id,pin\nN1,2468\nN2,1357\n").0, 0);
    std::fs::write(folder.join("staff.csv"), STAFF.replace("C D,nurse", "C D,nrse")).unwrap();
    let (code, said) = set(folder, "id,pin\nN1,1357\n");
    assert!(code == 1 && said.contains("role \"nrse\" is unknown") && said.contains("2 in all"), "{said}");
    assert!(signs_on(folder, "N2", "1357"));
    for content in [
        "id,name,role,badge,gsrn,pin\n".to_owned(),
        std::fs::read_to_string(folder.join("pins")).unwrap() + "N3\n",
    ] {
        std::fs::write(folder.join("pins"), &content).unwrap();
        let (code, said) = set(folder, "id,pin\nN1,2468\n");
        assert!(code == 2 && said.contains("line"), "{said}");
        assert_eq!(std::fs::read_to_string(folder.join("pins")).unwrap(), content);
    }
}

#[test]
fn a_pin_in_the_clear_and_pins_of_another_device_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    device(folder);
    assert_eq!(set(folder, "id,pin\nN1,2468\nN2,1357\n").0, 0);
    std::fs::write(folder.join("staff.csv"), STAFF.replace("701,,", "701,,2468")).unwrap();
    let (code, said) = check(folder);
    assert!(code == 1 && said.contains("staff.csv: PINs in the clear"), "{said}");
    std::fs::write(folder.join("staff.csv"), STAFF).unwrap();
    new_ledger(folder);
    let (code, said) = check(folder);
    assert!(code == 2 && said.contains("another device key"), "{said}");
    let (code, said) = set(folder, "id,pin\nN1,2468\n");
    assert!(code == 0 && said.contains("made anew") && said.contains("1 PINs set, 1 in all"), "{said}");
    assert_eq!(kiosk(folder, &["set-pins", "--config", "kiosk.toml", "none.csv"]).0, 2);
}

/// Nobody has to know what a good configuration looks like to find that this one is none: `check-config` does not call it good.
#[test]
fn pins_in_the_clear_or_none_at_all_are_not_good() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    device(folder);
    let config = std::fs::read_to_string(folder.join("kiosk.toml")).unwrap().replace("pins = \"pins\"\n", "");
    std::fs::write(folder.join("kiosk.toml"), config).unwrap();
    let (code, said) = check(folder);
    assert!(code == 1 && said.contains("staff.csv: no PIN for N1, N2; name a file `pins`"), "{said}");
    std::fs::write(folder.join("staff.csv"), STAFF.replace("701,,", "701,,2468")).unwrap();
    let (code, said) = check(folder);
    assert!(code == 1 && said.contains("staff.csv: PINs in the clear"), "{said}");
}

#[test]
fn an_empty_folder_and_a_ledger_that_is_not_used_are_not_good() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    device(folder);
    assert_eq!(set(folder, "id,pin\nN1,2468\nN2,1357\n").0, 0);
    assert_eq!(check(folder).0, 0);
    let ledger = folder.join("ledger");
    std::fs::write(ledger.join("contradicted"), "").unwrap();
    let found = "a cosigner has seen other entries";
    let (code, said) = check(folder);
    assert!(code == 1 && said.contains(found), "{said}");
    let (code, said) = kiosk(folder, &["run", "--config", "kiosk.toml"]);
    assert!(code == 2 && said.contains(found) && !said.contains("ledger init"), "{said}");
    std::fs::remove_dir_all(&ledger).unwrap();
    init(&ledger, &InitOptions::new("hospital.example/3b/kiosk-04/g1"), &ClockEvidence::now()).unwrap();
    let (code, said) = check(folder);
    assert!(code == 1 && said.contains("the ledger of hospital.example/3b/kiosk-04/g1"), "{said}");
    std::fs::remove_dir_all(&ledger).unwrap();
    std::fs::create_dir(&ledger).unwrap();
    let (code, said) = check(folder);
    assert!(code == 1 && said.contains("no ledger yet"), "{said}");
    std::fs::write(ledger.join("ledger.redb"), "no ledger").unwrap();
    let (code, said) = check(folder);
    assert!(code == 1 && said.contains("no ledger that can be read"), "{said}");
}
