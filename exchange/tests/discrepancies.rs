//! PH2: the types that no kiosk lets happen, each found where it is and not where it is not; and the steps of a discrepancy from the
//! command line.

#[path = "../../ledger/src/cli/ward/mod.rs"]
mod ward;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use exchange::pharmacy::{Discrepancy, Limits, Stored, Uses, account, discrepancy, dispenses};
use exchange::station::staff;
use jiff::{SignedDuration, Timestamp};
use ledger::clock::ClockEvidence;
use ledger::init::{InitOptions, init};
use ledger::inspect::Inspector;
use ledger::reading::{Book, Options, read};
use rights::custody::{Disposal, Disposed};
use rights::discrepancy::DiscrepancyType;
use rights::history::Record;
use rights::ident::ProductId;
use rights::quantity::Unit;
use rights::request::{Request, RequestStatus};
use ward::{Size, make};

struct Ward {
    dir: tempfile::TempDir,
    folders: Vec<PathBuf>,
}

fn ward() -> &'static Ward {
    static WARD: OnceLock<Ward> = OnceLock::new();
    WARD.get_or_init(|| {
        let dir = tempfile::tempdir().unwrap();
        let size = Size { seed: 3, planted: false, days: 2, ..Size::SMALL };
        let (folders, _) = make(&dir.path().join("ward"), &size).unwrap();
        Ward { dir, folders }
    })
}

fn book() -> Book {
    read(&ward().folders, &Options::default()).unwrap()
}

fn file() -> String {
    std::fs::read_to_string(ward().dir.path().join("ward/dispenses.csv")).unwrap()
}

/// The discrepancies of a book beside a dispense file.
fn found(book: &Book, text: &str) -> Vec<Discrepancy> {
    found_beside(book, &Stored::default(), text)
}

fn found_beside(book: &Book, stored: &Stored, text: &str) -> Vec<Discrepancy> {
    let uses = Uses::beside(book, stored);
    let (rows, bad) =
        dispenses::read("dispenses.csv", text.as_bytes(), &stored.known(uses.known(book))).unwrap();
    assert!(bad.is_empty(), "{}", bad[0]);
    let accounts = account::accounts(&uses, &rows, Limits::default().matched);
    discrepancy::discrepancies(&uses, &rows, &accounts, Limits::default())
}

fn types(found: &[Discrepancy]) -> BTreeMap<&'static str, usize> {
    let mut types = BTreeMap::new();
    for one in found {
        *types.entry(one.of.name()).or_default() += 1;
    }
    types
}

/// Changes the first waste of the book: no kiosk records one without another person's signature (W2, W4), another system may.
fn with_waste(change: impl FnOnce(&mut Disposed)) -> Vec<Discrepancy> {
    let mut book = book();
    let wasted =
        book.lines.iter_mut().find_map(|line| match line.fact.detail.as_mut()?.record.as_deref_mut()? {
            Record::Disposed(done) if done.how == Disposal::Wasted => Some(done),
            _ => None,
        });
    change(wasted.expect("a waste"));
    found(&book, &file())
}

#[test]
fn ph2_a_waste_without_a_witness_is_found() {
    let (none, one) = (with_waste(|_| {}), with_waste(|done| done.witness = None));
    assert_eq!(types(&none), BTreeMap::new(), "{none:?}");
    assert_eq!(types(&one), BTreeMap::from([("WASTE-NO-WITNESS", 1)]), "{one:?}");
    assert!(one[0].evidence.ends_with("wasted without a witness") && one[0].by.is_some());
}

#[test]
fn ph2_a_waste_before_oneself_is_found() {
    let one = with_waste(|done| done.witness = Some(done.by.clone()));
    assert_eq!(types(&one), BTreeMap::from([("WITNESS-SELF", 1)]), "{one:?}");
    // Before anybody else it is none.
    let other = with_waste(|done| {
        done.witness = Some(rights::ident::ClinicianId::parse("nurse-99").unwrap());
    });
    assert_eq!(types(&other), BTreeMap::new(), "{other:?}");
}

/// An order for morphine that ended, and a removal for it.
fn removed(change: impl Fn(&mut Request, Timestamp), after: SignedDuration) -> Vec<Discrepancy> {
    let mut book = book();
    let end: Timestamp = "2026-10-31T15:00:00Z".parse().unwrap();
    let requests = book.lines.iter_mut().filter_map(|line| line.fact.detail.as_mut());
    for request in requests.flat_map(|detail| &mut detail.requests) {
        if request.id.as_str() == "order-01-morphine" {
            change(request, end);
        }
    }
    let row = format!(
        "X1,{},removal,patient-01,order-01-morphine,morphine,1,{{tablet}},nurse-01,,\r\nX2,{},return,patient-01,order-01-morphine,morphine,1,{{tablet}},nurse-01,,\r\n",
        end + after,
        end + after + SignedDuration::from_mins(1)
    );
    let mut found = found(&book, &(file() + &row));
    found.retain(|one| one.id.contains(":X1:"));
    found
}

#[test]
fn ph2_a_removal_after_the_order_ended_is_found_and_one_before_is_none() {
    let minute = SignedDuration::from_mins(1);
    let stop = |request: &mut Request, at| request.stop = Some(at);
    let stopped = |request: &mut Request, at| {
        (request.status, request.status_since) = (RequestStatus::Stopped, Some(at));
    };
    let changed = |request: &mut Request, at| request.status_since = Some(at);
    for end in [&stop as &dyn Fn(&mut Request, Timestamp), &stopped] {
        let at_once = removed(end, SignedDuration::ZERO);
        assert_eq!(types(&at_once), BTreeMap::from([("REMOVAL-AFTER-STOP", 1)]), "{at_once:?}");
        assert_eq!(at_once[0].of, DiscrepancyType::RemovalAfterStop);
        assert!(at_once[0].evidence.contains("the request ended at 2026-10-31T15:00:00Z"));
        assert_eq!(types(&removed(end, minute)).len(), 1);
        assert_eq!(types(&removed(end, -minute)), BTreeMap::new());
    }
    // Active since a moment ago is no end.
    assert_eq!(types(&removed(changed, minute)), BTreeMap::new());
}

#[test]
fn ph2_a_removal_after_the_store_knows_of_the_end_is_found() {
    let book = book();
    let requests =
        book.lines.iter().filter_map(|line| line.fact.detail.as_ref()).flat_map(|one| &one.requests);
    let mut order = requests.into_iter().find(|one| one.id.as_str() == "order-01-morphine").unwrap().clone();
    // No kiosk saw the patient again.
    order.version += 1;
    order.stop = Some("2026-10-31T15:00:00Z".parse().unwrap());
    let row = |at: &str| {
        format!("X1,{at},removal,patient-01,order-01-morphine,morphine,1,{{tablet}},nurse-01,,\r\n")
    };
    let after = |at: &str, all: Vec<Request>| {
        let found = found_beside(&book, &Stored { all, ..Stored::default() }, &(file() + &row(at)));
        found.iter().filter(|one| one.id.starts_with("REMOVAL-AFTER-STOP:X1:")).count()
    };
    assert_eq!(after("2026-10-31T15:30:00Z", vec![]), 0);
    assert_eq!(after("2026-10-31T15:30:00Z", vec![order.clone()]), 1);
    assert_eq!(after("2026-10-31T14:30:00Z", vec![order]), 0);
}

#[test]
fn ph2_what_the_drug_file_knows_as_no_controlled_substance_is_none() {
    let row = "X1,2026-10-31T10:00:00-04:00,removal,,,saline-flush,1,{tablet},nurse-01,,\r\n";
    let with = |controlled| {
        let id = ProductId::parse("saline-flush").unwrap();
        let unit = Unit::from_code("{tablet}").unwrap();
        let stored = Stored { products: [(id, (unit, controlled))].into(), ..Stored::default() };
        types(&found_beside(&book(), &stored, &(file() + row)))
    };
    assert_eq!(with(false), BTreeMap::new());
    assert_eq!(with(true), BTreeMap::from([("NO-ADMIN", 1), ("REMOVAL-NO-ORDER", 1)]));
}

#[test]
fn ph2_a_name_says_nothing_of_who_took_it() {
    // Else its digits, beside a list of the staff, would tell who is behind a page's pseudonym.
    let name = |nurse: &str| {
        let row = format!("X1,2026-10-31T10:00:00-04:00,removal,,,morphine,1,{{tablet}},{nurse},,\r\n");
        let all = found(&book(), &(file() + &row));
        let names: Vec<String> =
            all.into_iter().filter(|one| one.id.contains(":X1:")).map(|one| one.id).collect();
        assert_eq!(names.len(), 2);
        names
    };
    assert_eq!(name("nurse-01"), name("nurse-02"));
}

#[test]
fn ph2_a_label_that_is_handed_out_again_is_named_by_that_line_for_ever() {
    let row = |id: &str, time: &str, kind: &str, item: &str| {
        format!(
            "{id},2026-10-31T{time}:00-04:00,{kind},patient-01,order-01-morphine,{item},1,{{tablet}},,26M0001,\r\n"
        )
    };
    let names = |item: &str, more: &[String]| {
        let twice = [row("X1", "10:05", "dispense", item), row("X2", "11:05", "dispense", item)].concat();
        let all = found(&book(), &(file() + &twice + &more.concat()));
        let names = all.into_iter().filter(|one| one.of == DiscrepancyType::DuplicateId).map(|one| one.id);
        names.collect::<Vec<_>>()
    };
    let twice = names("morphine", &[]);
    assert!(twice.len() == 1 && twice[0].starts_with("DUPLICATE-ID:X2:"), "{twice:?}");
    // What comes back of it is no third one, and a third one is another finding.
    assert_eq!(names("morphine", &[row("X3", "12:05", "return", "morphine")]), twice);
    let three = names("morphine", &[row("X3", "12:05", "dispense", "morphine")]);
    assert!(
        three.len() == 2 && three[0] == twice[0] && three[1].starts_with("DUPLICATE-ID:X3:"),
        "{three:?}"
    );
    // A label of what is not controlled is none of this list.
    assert!(names("aspirin", &[]).is_empty());
}

#[test]
fn ph2_the_time_to_waste_a_rest_is_that_of_the_policy_and_stands_on_the_page() {
    let policy = ward().dir.path().join("policy.toml");
    std::fs::write(&policy, "waste_within = \"1 min\"\nwindow_daily = \"90 min\"\n").unwrap();
    let list = |more: &[&str]| {
        let dispenses = ward().dir.path().join("ward/dispenses.csv").display().to_string();
        let folders: Vec<String> = ward().folders.iter().map(|folder| folder.display().to_string()).collect();
        let mut arguments = vec!["list", "--dispenses", &dispenses];
        arguments.extend(more);
        arguments.extend(folders.iter().map(String::as_str));
        run(&arguments, "")
    };
    let (code, text) = list(&[]);
    assert!(
        code == Some(0) && text.contains("a rest wasted within 30 min") && text.contains("daily 120 min"),
        "{text}"
    );
    let (code, text) = list(&["--policy", &policy.display().to_string()]);
    assert!(code == Some(0) && text.contains("--policy POLICY"), "{text}");
    assert!(text.contains("a rest wasted within 1 min") && text.contains("daily 90 min"), "{text}");
    std::fs::write(&policy, "waste_within = 1\n").unwrap();
    let (code, text) = list(&["--policy", &policy.display().to_string()]);
    assert!(code == Some(2) && text.contains("policy.toml"), "{text}");
}

/// The name of the removal for no request in a list.
#[track_caller]
fn named(text: &str) -> String {
    text.split_whitespace().find(|word| word.starts_with("REMOVAL-NO-ORDER:X1:")).expect(text).to_owned()
}

const PASSWORDS: [&str; 2] = ["several words in a row", "other words of another"];

/// Runs the program with passwords on its standard input.
fn run(arguments: &[&str], passwords: &str) -> (Option<i32>, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_exchange"))
        .arg("discrepancies")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Refused before it is read, the program has closed its end.
    let _ = child.stdin.take().unwrap().write_all(passwords.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(text).unwrap())
}

/// A dispense file with one more line, an own ledger and people: the paths of the three.
fn desk(dir: &Path, row: &str) -> (String, String, String) {
    let path = |name: &str| dir.join(name).display().to_string();
    std::fs::write(path("dispenses.csv"), file() + row).unwrap();
    let clock = ClockEvidence::now();
    init(path("own").as_ref(), &InitOptions::new("hospital.example/pharmacy/g1"), &clock).unwrap();
    let person = |id: &str, role: &str, password: &str| {
        let hash = staff::hash(password, [3; 16]).unwrap();
        format!("[[person]]\nid = \"{id}\"\nname = \"{id}\"\nrole = \"{role}\"\npassword = \"{hash}\"\n")
    };
    let people = [
        person("ph-1", "pharmacist", PASSWORDS[0]),
        person("ph-2", "pharmacist", PASSWORDS[1]),
        person("au-1", "auditor", PASSWORDS[1]),
    ];
    std::fs::write(path("staff.toml"), people.concat()).unwrap();
    (path("dispenses.csv"), path("own"), path("staff.toml"))
}

#[test]
fn ph2_a_pharmacist_without_a_browser_lists_explains_and_closes() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).display().to_string();
    let row = "X1,2026-10-31T11:00:00-04:00,removal,,,morphine,1,{tablet},nurse-01,,\r\n";
    let (rows, own, staff) = desk(dir.path(), row);
    let mut held = vec!["--dispenses", &rows, "--steps", &own];
    let sources: Vec<String> = ward().folders.iter().map(|folder| folder.display().to_string()).collect();
    held.extend(sources.iter().map(String::as_str));
    let listed = || run(&[&["list"], &held[..]].concat(), "");
    let (code, text) = listed();
    let id = named(&text);
    assert!(code == Some(1), "{text}");
    let explain = |id: &str, note: &str, second: &str, passwords: &str| {
        let step = ["explain", id, "--note", note, "--by", "ph-1", "--second", second, "--staff", &staff];
        run(&[&step, &held[..]].concat(), passwords)
    };
    let close = || {
        run(
            &[&["close", &id, "--by", "ph-1", "--staff", &staff], &held[..]].concat(),
            &format!("{}\n", PASSWORDS[0]),
        )
    };
    let both = PASSWORDS.join("\n") + "\n";
    let note = "counted again with the cabinet";
    for (said, (code, text)) in [
        ("it was not explained yet", close()),
        ("no discrepancy \"X9\"", explain("X9", note, "ph-2", &both)),
        ("at least 10 characters", explain(&id, "short", "ph-2", &both)),
        (
            "\"ph-2\" is not right; this was recorded",
            explain(&id, note, "ph-2", "several words in a row\nwrong\n"),
        ),
        ("ended before the password of ph-2", explain(&id, note, "ph-2", "several words in a row\n")),
        ("may not sign a second time", explain(&id, note, "au-1", &both)),
        ("somebody else's", explain(&id, note, "ph-1", "several words in a row\nseveral words in a row\n")),
    ] {
        assert!(code == Some(2) && text.contains(said), "{said}: {text}");
        assert!(!text.contains("several words"), "a password is printed");
    }
    let (code, text) = explain(&id, note, "ph-2", &both);
    assert!(code == Some(0) && text.contains("explained, entry"), "{text}");
    assert!(listed().1.contains("explained"), "{}", listed().1);
    let (code, text) = close();
    assert!(code == Some(0) && text.contains("closed, entry"), "{text}");
    let (_, text) = explain(&id, note, "ph-2", &both);
    assert!(text.contains("it was closed already"), "{text}");
    // Tomorrow's file has a line of that id too: what was said of today's is shown, and explains nothing of it.
    std::fs::write(path("dispenses.csv"), file() + &row.replace("T11:00", "T12:00")).unwrap();
    let (code, text) = listed();
    let other = named(&text);
    assert!(code == Some(1) && other != id && text.contains(&id), "{text}");
    let line = text.lines().find(|line| line.contains(&other)).unwrap();
    assert!(line.contains("open") && line.contains("not of this: closed"), "{line}");
    // Every step, sign-on and refusal is an entry of a ledger that holds.
    let inspector = Inspector::open(own.as_ref()).unwrap();
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for at in 0..inspector.size() {
        *kinds.entry(inspector.entry(at).unwrap().0.kind.to_string()).or_default() += 1;
    }
    assert_eq!((kinds["discrepancy"], kinds["sign_on_refused"]), (2, 1), "{kinds:?}");
    assert_eq!(kinds["sign_on"], kinds["sign_off"]);
    drop(inspector);
    let report = ledger::verify::verify(own.as_ref(), &ledger::verify::Options::default());
    assert_eq!((report.outcome, report.state), (ledger::verify::Outcome::Fine, "closed"), "{report}");
}

/// Nobody records anything in this ledger any more: what became a discrepancy after its last entry is listed and ends all the same.
#[test]
fn ph2_what_came_about_after_the_last_entry_is_listed_and_explained() {
    let dir = tempfile::tempdir().unwrap();
    let at = book().lines.last().unwrap().fact.at - SignedDuration::from_mins(4);
    let row = format!("X1,{at},removal,patient-01,order-01-morphine,morphine,1,{{tablet}},nurse-01,,\r\n");
    let (rows, own, staff) = desk(dir.path(), &row);
    let mut held = vec!["--dispenses", &rows, "--steps", &own];
    let sources: Vec<String> = ward().folders.iter().map(|folder| folder.display().to_string()).collect();
    held.extend(sources.iter().map(String::as_str));
    let (code, text) = run(&[&["list"], &held[..]].concat(), "");
    let id = text.split_whitespace().find(|word| word.starts_with("NO-ADMIN:X1:"));
    let id = id.unwrap_or_else(|| panic!("{code:?} {text}"));
    let step =
        ["explain", id, "--note", "counted again with the cabinet", "--by", "ph-1", "--second", "ph-2"];
    let both = PASSWORDS.join("\n") + "\n";
    let (code, text) = run(&[&step[..], &["--staff", &staff], &held[..]].concat(), &both);
    assert!(code == Some(0) && text.contains("explained, entry"), "{text}");
}
