//! The program as a pharmacist or an operator runs it: exit codes, messages, two people for a link.

mod common;

use std::path::Path;
use std::process::{Command, Output};

use common::feed::{Feed, message, order};
use common::shift::Shift;
use common::{BARCODES, ITEMS, reference, rules};
use jiff::Timestamp;
use rights::bedside::Event;
use rights::ident::Gtin14;
use rights::scan::{Meaning, PackageCode, PackageKey, Scan, Source, Symbology};

fn exchange(arguments: &[&str]) -> (i32, String) {
    let Output { status, stdout, stderr } =
        Command::new(env!("CARGO_BIN_EXE_exchange")).args(arguments).output().unwrap();
    let text = String::from_utf8_lossy(&stdout).into_owned() + &String::from_utf8_lossy(&stderr);
    (status.code().unwrap(), text)
}

fn path(dir: &Path, name: &str) -> String {
    dir.join(name).display().to_string()
}

fn now() -> Timestamp {
    "2026-11-30T14:05:00Z".parse().unwrap()
}

fn scan(digits: &str) -> Event {
    let code = PackageCode {
        key: PackageKey::Gtin(Gtin14::parse(digits).unwrap()),
        expiry: None,
        lot: None,
        serial: None,
    };
    Event::Scanned(Scan {
        symbology: Some(Symbology::UpcA),
        source: Source::Camera,
        text: digits.into(),
        meaning: Meaning::Package(code),
    })
}

/// The unknown barcode: scanned at the bedside, listed from the ledger, proposed by one, approved by another, and then known.
#[test]
fn m2_an_unknown_code_becomes_an_item_by_two_people() {
    let mut feed = Feed::new();
    let dir = tempfile::tempdir().unwrap();
    feed.take(&message("ADT^A01", "1", "300001", ""));
    feed.take(&message("RDE^O11", "2", "300001", &order("NW", "ORD1")));
    let mut shift = Shift::new(&dir.path().join("ledger"), feed.site(), now(), rules().zone);
    shift.sign_on();
    shift.identify("300001");
    shift.handle(scan("00305910369019"));
    drop(shift);
    let (store, ledger) = (feed.dir.path().display().to_string(), path(dir.path(), "ledger"));
    let date = ["--store", &store, "--date", "2026-11-30"];
    let drugs = |command: &str, rest: &[&str]| exchange(&[&["drugs", command], &date[..], rest].concat());
    let (code, text) = drugs("unknown", &[&ledger]);
    assert!(code == 1 && text.contains("gtin 00305910369019  1 scans"), "{text}");
    for (wrong, why) in [
        (["gtin", "00305910369014", "lispro"], "check digit"),
        (["gtin", "00305910369019", "nothing"], "no item"),
        (["ndc", "68084-045-01", "lispro"], "stands for metoprolol-25"),
        (["ean", "1", "lispro"], "type is"),
    ] {
        let (code, text) = drugs("link", &[&["--by", "jones"], &wrong[..]].concat());
        assert!(code == 2 && text.contains(why), "{text}");
    }
    let (code, text) = drugs("link", &["--by", "jones", "gtin", "00305910369019", "metoprolol-25"]);
    assert!(code == 0 && text.contains("link 1"), "{text}");
    let (code, text) = drugs("approve", &["1"]);
    assert!(
        code == 1 && text.contains("not known -> metoprolol-25") && text.contains("nothing was changed"),
        "{text}"
    );
    let (code, text) = drugs("approve", &["--by", "Jones", "1"]);
    assert!(code == 2 && text.contains("another person"), "{text}");
    assert_eq!(drugs("list", &[]).0, 1, "one waits");
    assert_eq!(drugs("unknown", &[&ledger]).0, 1, "not yet in force");
    let (code, text) = drugs("approve", &["--by", "smith", "1"]);
    assert!(code == 0 && text.contains("approved by smith"), "{text}");
    let (code, text) = drugs("unknown", &[&ledger]);
    assert!(code == 0 && text.is_empty(), "{text}");
    assert_eq!(drugs("list", &["--json"]).0, 0);
    let key = PackageKey::Gtin(Gtin14::parse("00305910369019").unwrap());
    assert!(matches!(feed.site().formulary.resolve(&key), rights::product::Resolution::One(_)));
    assert_eq!(drugs("approve", &["--by", "smith", "1"]).0, 2, "once");
}

#[test]
fn differences_are_shown_before_a_drug_file_is_imported() {
    let dir = tempfile::tempdir().unwrap();
    let store = path(dir.path(), "store");
    for (folder, items, barcodes) in [
        ("old", ITEMS.to_owned(), BARCODES.to_owned()),
        (
            "new",
            ITEMS.replace("lispro 100 [iU]", "lispro 200 [iU]"),
            BARCODES.replace("lispro,ndc,0904-6340-61,A,B", "lispro,ndc,0904-6340-62,A,B"),
        ),
    ] {
        std::fs::create_dir(dir.path().join(folder)).unwrap();
        std::fs::write(dir.path().join(folder).join("items.csv"), items).unwrap();
        std::fs::write(dir.path().join(folder).join("barcodes.csv"), barcodes).unwrap();
    }
    let date = ["--store", &store, "--date", "2026-11-30"];
    assert_eq!(exchange(&[&["import", "drugs"], &date[..], &[&path(dir.path(), "old")]].concat()).0, 0);
    let diff =
        |folder: &str| exchange(&[&["drugs", "diff"], &date[..], &[&path(dir.path(), folder)]].concat());
    assert_eq!(diff("old"), (0, String::new()));
    let (code, text) = diff("new");
    assert_eq!(code, 1);
    assert!(text.contains("changed item lispro") && text.contains("200"), "{text}");
    assert!(
        text.contains("removed code ndc 0904-6340-61") && text.contains("added code ndc 0904-6340-62"),
        "{text}"
    );
}

/// M6: a drug file that would lose recalls is refused, with the lines; and the difference shows each before it is imported.
#[test]
fn m6_recalls_that_would_be_lost_are_told_and_refused() {
    let dir = tempfile::tempdir().unwrap();
    let store = path(dir.path(), "store");
    let head = "item,lot,class,date\n";
    for (folder, recalls) in [
        ("old", Some("lispro,L1,II,2026-11-01\nlispro,l 2,II,2026-11-30\n")),
        ("missing", None),
        ("rewritten", Some("lispro,L1,II,11/1/2026\nlispro,L2,II,11/30/2026\n")),
        ("new", Some("lispro,L2,I,2026-11-30\nlispro,L3,III,2026-11-30\n")),
    ] {
        let folder = dir.path().join(folder);
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("items.csv"), ITEMS).unwrap();
        std::fs::write(folder.join("barcodes.csv"), BARCODES).unwrap();
        if let Some(lines) = recalls {
            std::fs::write(folder.join("recalls.csv"), format!("{head}{lines}")).unwrap();
        }
    }
    let date = ["--store", &store, "--date", "2026-11-30"];
    let run = |words: [&str; 2], folder: &str| {
        exchange(&[&words, &date[..], &[&path(dir.path(), folder)]].concat())
    };
    assert_eq!(run(["import", "drugs"], "old").0, 0);
    assert_eq!(run(["drugs", "diff"], "old"), (0, String::new()));
    for (folder, said) in
        [("missing", "2 recalls would end"), ("rewritten", "2 lines of recalls.csv cannot be used")]
    {
        let (code, text) = run(["drugs", "diff"], folder);
        assert!(code == 1 && text.contains(said), "{text}");
        assert_eq!(text.contains("removed recall lispro lot L1"), folder == "missing", "{text}");
        let (code, text) = run(["import", "drugs"], folder);
        assert!(code == 1 && text.contains(said) && text.contains("nothing of it was imported"), "{text}");
        assert_eq!(text.matches("is no date").count(), if folder == "missing" { 0 } else { 2 }, "{text}");
    }
    let (code, text) = run(["drugs", "diff"], "new");
    let lines: Vec<&str> = text.lines().collect();
    let changes = [
        "removed recall lispro lot L1",
        "changed recall lispro lot L2 class II -> class I",
        "added recall lispro lot L3",
    ];
    assert_eq!((code, lines), (1, changes.to_vec()));
    let (code, text) = run(["import", "drugs"], "new");
    assert!(code == 0 && text.contains("not recalled any more: lispro lot L1"), "{text}");
}

/// FDA's files propose a drug file; nothing of it is in force.
#[test]
fn fda_files_are_proposed_and_not_taken_over() {
    let Some(reference) = reference() else { return };
    let dir = tempfile::tempdir().unwrap();
    let read = |name: &str| std::fs::read(reference.join("ndc").join(name)).unwrap();
    std::fs::write(dir.path().join("product.txt"), read("openfda_product_trimmed.txt")).unwrap();
    std::fs::write(dir.path().join("package.txt"), read("openfda_package_trimmed.txt")).unwrap();
    let store = path(dir.path(), "store");
    let (code, text) =
        exchange(&["import", "drugs", "--store", &store, "--date", "2026-11-30", &path(dir.path(), "")]);
    assert!(code <= 1 && text.contains("nothing is in force yet"), "{code} {text}");
    let items = std::fs::read_to_string(dir.path().join("store/proposed/items.csv")).unwrap();
    let barcodes = std::fs::read_to_string(dir.path().join("store/proposed/barcodes.csv")).unwrap();
    assert!(items.starts_with("item,rxnorm,name") && items.lines().count() >= 2, "{items}");
    for line in barcodes.lines().skip(1) {
        assert!(line.contains(",FDA,,"), "no code is verified: {line}");
    }
    let proposed = path(dir.path(), "store/proposed");
    let (code, _) = exchange(&["import", "drugs", "--store", &store, "--date", "2026-11-30", &proposed]);
    assert_ne!(code, 0, "without a pharmacist's words no item counts");
    assert_eq!(exchange(&["drugs", "list", "--store", &store, "--date", "2026-11-30"]).1, "");
}

#[test]
fn the_program_says_what_is_wrong_and_exits_as_promised() {
    let dir = tempfile::tempdir().unwrap();
    let none = path(dir.path(), "none");
    assert_eq!(exchange(&["--help"]).0, 0);
    assert!(exchange(&["--help"]).1.contains("Examples:"));
    assert_eq!(exchange(&["--version"]).0, 0);
    assert_eq!(exchange(&["export", "xml", "a", "b"]).0, 64);
    assert_eq!(exchange(&["nothing"]).0, 64);
    let (code, text) = exchange(&["export", "fhir", &none, &path(dir.path(), "out")]);
    assert!(code == 2 && text.contains("none"), "{text}");
    let (code, text) = exchange(&["serve", "--config", &none]);
    assert!(code == 2 && text.contains("cannot be read"), "{text}");
    let (code, text) = exchange(&["drugs", "list", "--store", &none]);
    assert!(code == 2 && text.contains("there is no store"), "{text}");
    assert!(!dir.path().join("none").exists(), "asking makes nothing");
    assert_eq!(exchange(&["parked", "list", "--store", &none]).0, 2);
    assert_eq!(exchange(&["completions", "bash"]).0, 0);
    assert!(exchange(&["manual"]).1.contains("exchange"));
}

/// SIGTERM ends the service in order, with exit 0.
#[test]
fn serve_stops_on_sigterm() {
    use std::io::{BufRead as _, BufReader};
    let dir = tempfile::tempdir().unwrap();
    common::feed::fill(&dir.path().join("store"));
    let config = "store = \"store\"\nzone = \"UTC\"\n[[mllp]]\nname = \"adt\"\nlisten = \"127.0.0.1:0\"\n";
    std::fs::write(dir.path().join("exchange.toml"), config).unwrap();
    let config = path(dir.path(), "exchange.toml");
    assert_eq!(exchange(&["serve", "--check", "--config", &config]).0, 0);
    let mut child = Command::new(env!("CARGO_BIN_EXE_exchange"))
        .args(["serve", "--config", &config])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    assert!(line.starts_with("listening: adt 127.0.0.1:"), "{line}");
    let address = line.trim().rsplit(' ').next().unwrap().to_owned();
    let mut client = exchange::mllp::client::Client::new(address, None, std::time::Duration::from_secs(10));
    let bad = message("ADT^A18", "1", "300001", "");
    client.send(bad.as_bytes(), "1").unwrap();
    let store = path(dir.path(), "store");
    let (code, text) = exchange(&["parked", "list", "--store", &store]);
    assert!(code == 1 && text.contains("MSH-9"), "beside the running service: {text}");
    client.send(message("ADT^A01", "2", "300001", "AL1|1|DA\r").as_bytes(), "2").unwrap();
    let (code, text) = exchange(&["parked", "notes", "--store", &store, "--after", "1"]);
    assert!(code == 0 && text.starts_with("2  ") && text.contains("AL1-3"), "{text}");
    assert_eq!(exchange(&["parked", "notes", "--store", &store, "--after", "2"]).1, "");
    assert!(Command::new("kill").arg(child.id().to_string()).status().unwrap().success());
    assert!(child.wait().unwrap().success());
    let (code, text) = exchange(&["parked", "show", "--store", &store, "1"]);
    assert!(code == 0 && text == bad, "exactly as it came");
    assert_eq!(exchange(&["parked", "dismiss", "--store", &store, "1"]).0, 0);
    assert_eq!(exchange(&["parked", "list", "--store", &store]).0, 0);
    assert_eq!(exchange(&["parked", "deliveries", "--store", &store]).0, 0, "nothing was refused");
    let (code, text) = exchange(&["parked", "again", "--store", &store, "ehr /ledger", "1"]);
    assert!(code == 1 && text.contains("no such delivery"), "{text}");
}
