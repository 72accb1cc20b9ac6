//! The store: what is in force after several imports, and what a failing disk leaves behind.

mod common;

use std::fs;
use std::path::Path;
use std::process::Command;

use common::{BARCODES, DOSE, ITEMS, ROUTE, TODAY, bundle, fixtures, request, rules};
use exchange::drugs::DrugSources;
use exchange::site::Site;
use exchange::store::{Store, StoreError};

const SOURCES: DrugSources<'_> = DrugSources {
    items: ("items.csv", ITEMS.as_bytes()),
    barcodes: Some(("barcodes.csv", BARCODES.as_bytes())),
    recalls: None,
};

fn filled(dir: &Path) -> Store {
    let store = Store::open(dir).unwrap();
    store.import_drugs(SOURCES, &rules(), TODAY).unwrap();
    store
}

fn version(version: u32, status: &str, dosages: usize) -> String {
    let one = format!(r#"{{"timing":{{"repeat":{{"timeOfDay":["09:00:00"]}}}},{ROUTE},{DOSE}}}"#);
    let dosages = vec![one; dosages].join(",");
    let more = format!(r#""meta":{{"versionId":"{version}"}},"status":"{status}","#);
    bundle(&[&request(&more, &format!("[{dosages}]"))])
}

fn put(store: &Store, json: &str) {
    store.import_bundle("orders.json", json.as_bytes(), &rules(), TODAY).unwrap();
}

fn load(store: &Store) -> Site {
    store.load(&rules(), TODAY).unwrap()
}

fn ids(site: &Site) -> Vec<(&str, u32)> {
    site.chart.requests.iter().map(|request| (request.id.as_str(), request.version)).collect()
}

/// O4: a higher version replaces, a lower one does not, a refused one ends the one before.
#[test]
fn o4_the_newest_version_counts() {
    let dir = tempfile::tempdir().unwrap();
    let store = filled(dir.path());
    put(&store, &version(2, "active", 2));
    assert_eq!(ids(&load(&store)), [("mr-1#1", 2), ("mr-1#2", 2)]);
    put(&store, &version(1, "active", 1));
    let site = load(&store);
    assert_eq!(ids(&site).len(), 2);
    assert!(site.notes.iter().any(|note| note.text.contains("older than the one that is held")));
    put(&store, &version(3, "active", 1));
    assert_eq!(ids(&load(&store)), [("mr-1", 3)]);
    put(&store, &version(4, "entered-in-error", 1));
    let site = load(&store);
    assert_eq!(ids(&site), []);
    assert_eq!(site.rejections.len(), 1);
    put(&store, &version(5, "active", 1));
    let site = load(&store);
    assert_eq!((ids(&site), site.rejections.len()), (vec![("mr-1", 5)], 0), "corrected, so no longer listed");
    assert_eq!(site.chart.orders_as_of.unwrap().to_string(), "2026-11-30T13:00:00Z");
}

#[test]
fn importing_twice_changes_nothing_and_a_broken_bundle_leaves_the_store_alone() {
    let dir = tempfile::tempdir().unwrap();
    let store = filled(dir.path());
    put(&store, &version(1, "active", 1));
    let before = fs::read(dir.path().join("imports")).unwrap();
    put(&store, &version(1, "active", 1));
    let error = store.import_bundle("bad.json", b"{\"resourceType\":", &rules(), TODAY).unwrap_err();
    assert!(matches!(error, StoreError::Bundle(_)));
    assert_eq!(fs::read(dir.path().join("imports")).unwrap(), before);
    let again = Store::open(dir.path()).unwrap();
    assert_eq!(ids(&load(&again)), [("mr-1", 1)]);
}

#[test]
fn a_changed_object_and_a_foreign_folder_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let store = filled(dir.path());
    let object = fs::read_dir(dir.path().join("objects")).unwrap().next().unwrap().unwrap().path();
    let mut bytes = fs::read(&object).unwrap();
    bytes[10] ^= 1;
    fs::write(&object, bytes).unwrap();
    assert!(matches!(store.load(&rules(), TODAY), Err(StoreError::Changed { path }) if path == object));
    let other = tempfile::tempdir().unwrap();
    fs::write(other.path().join("letters.txt"), "x").unwrap();
    assert!(matches!(Store::open(other.path()), Err(StoreError::NotAStore { .. })));
    fs::write(dir.path().join("imports"), "bcma-store 1\nfhir nothing x\n").unwrap();
    assert!(matches!(Store::open(dir.path()), Err(StoreError::List { line: 2, .. })));
}

/// M6: a lot that is stopped today is given tomorrow only when somebody took its line out of the list.
#[test]
fn m6_recalls_end_only_by_a_list_that_leaves_them_out() {
    use rights::ident::{Lot, ProductId};
    let dir = tempfile::tempdir().unwrap();
    let store = filled(dir.path());
    let import = |recalls: Option<&str>| {
        let recalls = recalls.map(|text| ("recalls.csv", text.as_bytes()));
        store.import_drugs(DrugSources { recalls, ..SOURCES }, &rules(), TODAY)
    };
    let refused = |recalls: Option<&str>| match import(recalls) {
        Err(StoreError::Recalls { error, rejections }) => (error.to_string(), rejections),
        other => panic!("{recalls:?}: {other:?}"),
    };
    let stopped = || {
        let drugs = store.drugs(&rules(), TODAY).unwrap();
        let product = ProductId::parse("lispro").unwrap();
        ["L1", "L2"].map(|lot| drugs.formulary.recall_of(&product, &Lot::parse(lot).unwrap()).is_some())
    };
    let head = "item,lot,class,date\n";
    let (one, two) = ("lispro,L1,II,2026-11-01\n", "lispro,L2,I,2026-11-30\n");
    import(Some(&format!("{head}{one}{two}"))).unwrap();
    let before = fs::read(dir.path().join("imports")).unwrap();

    let (said, _) = refused(None);
    assert!(said.contains("recalls.csv is missing") && said.contains("2 recalls would end"), "{said}");
    assert!(said.contains("its header alone (item,lot,class,date)"), "{said}");
    // As a spreadsheet saves it.
    let (said, lines) = refused(Some(&format!("{head}lispro,L1,II,11/1/2026\nlispro,L2,I,11/30/2026\n")));
    assert!(said.contains("2 lines of recalls.csv cannot be used") && said.contains("YYYY-MM-DD"), "{said}");
    let places: Vec<&str> = lines.iter().map(|line| line.place.as_str()).collect();
    assert_eq!(places, ["recalls.csv line 2", "recalls.csv line 3"]);
    for line in
        ["lispro,L2,1,2026-11-30\n", "insulin,L2,I,2026-11-30\n", "lispro,,I,2026-11-30\n", "lispro,L2\n"]
    {
        let (said, lines) = refused(Some(&format!("{head}{one}{line}")));
        assert!(said.contains("1 line of recalls.csv") && lines.len() == 1, "{said} {lines:?}");
    }
    assert_eq!((stopped(), fs::read(dir.path().join("imports")).unwrap()), ([true, true], before));

    let file = import(Some(&format!("{head}{two}"))).unwrap();
    let ended = |file: exchange::drugs::DrugFile| -> Vec<String> {
        let notes = file.notes.into_iter().filter(|note| note.resource == "recalls.csv");
        notes.map(|note| note.text).collect()
    };
    assert_eq!(
        (ended(file), stopped()),
        (vec!["not recalled any more: lispro lot L1".to_owned()], [false, true])
    );
    // A list that is damaged is imported again, but what it held is not forgotten by the way.
    let hash = fs::read_to_string(dir.path().join("imports")).unwrap();
    let hash = hash.trim_end().rsplit(' ').next().unwrap().to_owned();
    fs::write(dir.path().join("objects").join(hash), "x").unwrap();
    assert!(refused(None).0.contains("cannot be read any more"));
    import(Some(&format!("{head}{two}"))).unwrap();
    // On purpose.
    let file = import(Some(head)).unwrap();
    assert_eq!((ended(file).len(), stopped()), (1, [false, false]));
    assert!(ended(import(None).unwrap()).is_empty(), "there is none to lose");
}

/// M6: a list that is used as it is, as that of a kiosk without a store, stops its lots whatever their dates.
#[test]
fn m6_a_recall_whose_date_cannot_be_read_stops_its_lot_and_is_listed() {
    let recalls = "item,lot,class,date\nlispro,L1,II,11/1/2026\n";
    let sources = DrugSources { recalls: Some(("recalls.csv", recalls.as_bytes())), ..SOURCES };
    let file = exchange::drugs::read(sources, &rules().units, TODAY).unwrap();
    let (product, lot) =
        (rights::ident::ProductId::parse("lispro").unwrap(), rights::ident::Lot::parse("L1").unwrap());
    assert!(file.formulary.recall_of(&product, &lot).is_some());
    assert_eq!((file.rejections.len(), file.recalls_refused), (1, 1));
    assert!(file.rejections[0].to_string().contains("no date (YYYY-MM-DD)"), "{}", file.rejections[0]);
}

/// An unwritable folder: a clear error, and the old content stands. (Permissions do not stop root, so the place where the new
/// file would be written is taken by a folder.)
#[test]
fn s1_a_store_that_cannot_be_written_keeps_what_it_has() {
    let dir = tempfile::tempdir().unwrap();
    let store = filled(dir.path());
    put(&store, &version(1, "active", 1));
    fs::create_dir(dir.path().join("imports.new")).unwrap();
    let json = version(2, "stopped", 1);
    let error = store.import_bundle("orders.json", json.as_bytes(), &rules(), TODAY).unwrap_err();
    assert!(error.to_string().contains("nothing was changed"), "{error}");
    assert_eq!(ids(&load(&store)), [("mr-1", 1)]);
}

/// A full disk, as far as the system has one.
#[test]
fn s1_a_full_disk_is_said() {
    if !Path::new("/dev/full").exists() {
        eprintln!("skipped: no /dev/full");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let store = filled(dir.path());
    std::os::unix::fs::symlink("/dev/full", dir.path().join("imports.new")).unwrap();
    let json = version(1, "active", 1);
    let error = store.import_bundle("orders.json", json.as_bytes(), &rules(), TODAY).unwrap_err();
    assert!(
        matches!(&error, StoreError::Io { source, .. } if source.kind() == std::io::ErrorKind::StorageFull),
        "{error}"
    );
    assert_eq!(ids(&load(&store)), []);
}

#[test]
fn a_sites_own_frequency_table_counts() {
    let dir = tempfile::tempdir().unwrap();
    let store = filled(dir.path());
    let table =
        "code,kind,times,interval_minutes,weekdays,every_days,as_needed\n2/1d,daily,06:00;18:00,,,,\n";
    store.import_frequencies("site.csv", table.as_bytes()).unwrap();
    let dosage = common::dosage(r#"{"repeat":{"frequency":2,"period":1,"periodUnit":"d"}}"#, "");
    put(&store, &bundle(&[&request(r#""status":"active","#, &dosage)]));
    let site = load(&store);
    assert!(
        matches!(&site.chart.requests[0].timing, rights::schedule::Timing::Daily { times, .. } if times.len() == 2)
    );
}

fn exchange(args: &[&std::ffi::OsStr]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_exchange")).args(args).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn the_command_lists_each_refusal_and_says_it_by_its_exit_code() {
    let dir = tempfile::tempdir().unwrap();
    let store = dir.path().join("store");
    let ward = fixtures().join("ward-3b");
    let run = |kind: &str, path: &Path, more: &[&str]| {
        let mut args: Vec<&std::ffi::OsStr> =
            vec!["import".as_ref(), kind.as_ref(), "--store".as_ref(), store.as_ref()];
        args.extend(["--date", "2026-11-30"].map(std::ffi::OsStr::new));
        args.extend(more.iter().map(std::ffi::OsStr::new));
        args.push(path.as_ref());
        exchange(&args)
    };
    assert_eq!(run("drugs", &ward.join("drugs"), &[]).0, 0);
    let (code, out, _) = run("fhir", &ward.join("orders"), &["--json"]);
    assert_eq!(code, 0, "{out}");
    assert!(
        out.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["accepted"].is_u64())
    );
    let (code, out, _) = run("fhir", &fixtures().join("bundles-bad"), &[]);
    assert_eq!(code, 1);
    assert!(out.contains("doNotPerform") && out.contains("truncated"), "{out}");
    let (code, _, err) = run("fhir", Path::new("/nowhere/orders.json"), &[]);
    assert_eq!(code, 2);
    assert!(err.contains("/nowhere/orders.json"), "{err}");
    let (code, _, err) = run("fhir", &ward.join("staff.csv"), &["--zone", "Mars/Olympus"]);
    assert_eq!((code, err.contains("Mars/Olympus")), (2, true));
    assert_eq!(exchange(&["import".as_ref()]).0, 64);
    let (code, help, _) = exchange(&["--help".as_ref()]);
    assert_eq!((code, help.contains("Examples:")), (0, true));
    assert_eq!(exchange(&["--version".as_ref()]).0, 0);
}
