//! Patient data stays on the screen and in the ledger: not in logs, not in window titles, not in crash reports. Logs are recorded at the finest
//! level while the demo shift and the stories of failing disks and reading records are played.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use kiosk::journey::parse::parse;
use kiosk::journey::play::{Player, play};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures")
}

/// Names, record numbers and birth dates of the demo ward, from its own orders.
fn secrets() -> Vec<String> {
    let text = std::fs::read_to_string(fixtures().join("ward-3b/orders/ward-3b.json")).unwrap();
    let bundle: serde_json::Value = serde_json::from_str(&text).unwrap();
    let mut secrets = Vec::new();
    for entry in bundle["entry"].as_array().unwrap() {
        let resource = &entry["resource"];
        if resource["resourceType"] != "Patient" {
            continue;
        }
        let words =
            [&resource["name"][0]["family"], &resource["name"][0]["given"][0], &resource["birthDate"]];
        secrets.extend(words.into_iter().filter_map(|word| word.as_str()).map(str::to_owned));
        for identifier in resource["identifier"].as_array().into_iter().flatten() {
            secrets.extend(identifier["value"].as_str().map(str::to_owned));
        }
    }
    assert!(secrets.len() > 40, "{} secrets", secrets.len());
    secrets
}

fn found<'a>(text: &str, secrets: &'a [String]) -> Vec<&'a str> {
    secrets.iter().filter(|secret| text.contains(secret.as_str())).map(String::as_str).collect()
}

#[test]
fn no_log_line_holds_patient_data() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    tracing::subscriber::with_default(subscriber, || {
        let journeys = [
            "s1-disk-fails-at-confirm",
            "s1-power-fails-after-the-receipt",
            "merge-during-a-session",
            "p4-discharged-and-deceased",
        ];
        let paths = journeys.map(|name| fixtures().join(format!("journeys/{name}.journey")));
        for path in paths.iter().chain([&fixtures().join("ward-3b/demo-shift.journey")]) {
            let text = std::fs::read_to_string(path).unwrap();
            let journey = parse(&text, path.parent().unwrap()).unwrap();
            let folder = tempfile::tempdir().unwrap();
            play(&journey, &folder.path().join("ledger"), |_, player: &Player, _| {
                // What a careless line would print of the kiosk.
                let _ = player.screen();
            })
            .unwrap();
        }
        // The log is not empty, or nothing was looked at.
        tracing::error!("end of the log");
    });
    let told = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(told.contains("not recorded") && told.contains("end of the log"));
    let secrets = secrets();
    for line in told.lines() {
        assert_eq!(found(line, &secrets), Vec::<&str>::new(), "{line}");
    }
}

/// The title of the window is one sentence for all time.
#[test]
fn the_title_of_the_window_is_fixed() {
    let markup = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/app.slint")).unwrap();
    let window = markup.split("component AppWindow inherits Window").nth(1).unwrap();
    let titles: Vec<&str> = window.lines().map(str::trim).filter(|line| line.starts_with("title:")).collect();
    assert_eq!(titles.first(), Some(&"title: \"Bedside medication kiosk\";"));
    assert!(!window.contains("set_title"));
}

/// The answer of `check-config` for these orders of the demo ward.
fn checked(orders: &Path, options: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let ward = fixtures().join("ward-3b");
    let config = folder.path().join("kiosk.toml");
    let text = format!(
        "ward = \"3B\"\nkiosk = \"k\"\nzone = \"America/New_York\"\norigin = \"hospital.example/3b/k/g1\"\nledger = \"ledger\"\norders = [\"{1}\"]\ndrugs = \"{0}/drugs\"\nstaff = \"{0}/staff.csv\"\n",
        ward.display(),
        orders.display()
    );
    std::fs::write(&config, text).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_kiosk"));
    let output = command.arg("check-config").args(options).arg(&config).output().unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// The ids of a Bundle's records, and every text that a person wrote into it: names, drugs, reasons.
fn words_of(value: &serde_json::Value, words: &mut Vec<String>) {
    match value {
        serde_json::Value::Array(all) => all.iter().for_each(|value| words_of(value, words)),
        serde_json::Value::Object(fields) => {
            for (name, value) in fields {
                match (name.as_str(), value.as_str()) {
                    ("id" | "reference" | "family" | "text" | "display" | "birthDate", Some(word))
                        if word.len() >= 4 =>
                    {
                        words.push(word.to_owned());
                    }
                    _ => words_of(value, words),
                }
            }
        }
        _ => {}
    }
}

/// What stands in the journal at every start names places, not people, also of orders that are refused.
#[test]
fn the_check_of_a_configuration_prints_places_into_a_journal() {
    let told = checked(&fixtures().join("ward-3b/orders/ward-3b.json"), &["--places"]);
    assert!(told.contains("patients"), "{told}");
    assert_eq!(found(&told, &secrets()), Vec::<&str>::new(), "{told}");
    let mut named = 0;
    for file in std::fs::read_dir(fixtures().join("bundles-bad")).unwrap() {
        let file = file.unwrap().path();
        let text = String::from_utf8_lossy(&std::fs::read(&file).unwrap()).into_owned();
        let Ok(bundle) = serde_json::from_str::<serde_json::Value>(&text) else { continue };
        let mut words = Vec::new();
        words_of(&bundle["entry"], &mut words);
        words.extend(secrets());
        named += usize::from(!found(&checked(&file, &[]), &words).is_empty());
        let told = checked(&file, &["--places"]);
        // The file is the place; its name may be a word of its own.
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let told = told.replace(&name, "FILE");
        assert_eq!(found(&told, &words), Vec::<&str>::new(), "{name}: {told}");
    }
    assert!(named > 10, "for a technician who asks, the check names records: the test could not fail");
}
