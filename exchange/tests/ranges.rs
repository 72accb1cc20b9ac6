//! Daily reports of a ward beside one report of all days: nothing is lost at midnight, nothing counts twice, and what the file says of
//! other days accuses nobody.

#[path = "../../ledger/src/cli/ward/mod.rs"]
mod ward;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use ledger::reading::{Options, read};
use serde_json::Value;
use ward::{Size, make, zone};

struct Ward {
    _dir: tempfile::TempDir,
    /// The dispense file.
    dispenses: PathBuf,
    folders: Vec<PathBuf>,
    /// Each day of the ward, and two more after the last one.
    days: Vec<Date>,
}

fn of(planted: bool) -> Ward {
    let dir = tempfile::tempdir().unwrap();
    let size = Size { seed: 3, planted, days: 3, ..Size::SMALL };
    let (folders, _) = make(&dir.path().join("ward"), &size).unwrap();
    let book = read(&folders, &Options::default()).unwrap();
    let day = |line: Option<&ledger::reading::Line>| line.unwrap().fact.at.to_zoned(zone()).date();
    let (first, last) = (day(book.lines.first()), day(book.lines.last()));
    let days = first.series(1.day()).take_while(|day| *day <= last + 2.days()).collect();
    let dispenses = dir.path().join("ward/dispenses.csv");
    Ward { _dir: dir, dispenses, folders, days }
}

/// The clean ward, where what was taken out of the cabinet for one order is of a store that the pharmacy sent to the ward, so much more
/// or less than was used.
fn with_store(more: i64) -> Ward {
    let Ward { dispenses, folders, days, .. } = clean();
    let text = std::fs::read_to_string(dispenses).unwrap();
    let of_store = |line: &&str| line.contains(",removal,patient-01,order-01-morphine,morphine,1,");
    let (taken, mut rows): (Vec<&str>, Vec<&str>) = text.lines().partition(of_store);
    let at = taken[0].split(',').nth(1).unwrap();
    let amount = i64::try_from(taken.len()).unwrap() + more;
    let store = format!("S1,{at},dispense,patient-01,order-01-morphine,morphine,{amount},{{tablet}},,,");
    assert!(amount > 0, "{amount}");
    rows.push(&store);
    let dir = tempfile::tempdir().unwrap();
    let dispenses = dir.path().join("dispenses.csv");
    std::fs::write(&dispenses, rows.join("\n") + "\n").unwrap();
    Ward { _dir: dir, dispenses, folders: folders.clone(), days: days.clone() }
}

fn planted() -> &'static Ward {
    static WARD: OnceLock<Ward> = OnceLock::new();
    WARD.get_or_init(|| of(true))
}

fn clean() -> &'static Ward {
    static WARD: OnceLock<Ward> = OnceLock::new();
    WARD.get_or_init(|| of(false))
}

/// A report of the days from one on and before another one.
fn report(ward: &Ward, which: &str, from: Date, to: Date) -> Value {
    run(ward, which, &["--from", &from.to_string(), "--to", &to.to_string()], "").1
}

/// A report with these options, with these lines in the dispense file besides; and the exit code.
fn run(ward: &Ward, which: &str, options: &[&str], lines: &str) -> (i32, Value) {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("dispenses.csv");
    let of_ward = std::fs::read_to_string(&ward.dispenses).unwrap();
    std::fs::write(&file, of_ward + lines).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_exchange"))
        .args(["reconcile", "--json", "--names", "--report", which, "--dispenses"])
        .arg(file)
        .args(options)
        .args(&ward.folders)
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    let code = output.status.code().filter(|code| *code < 2).expect(&error);
    (code, serde_json::from_slice(&output.stdout).unwrap())
}

/// The rows of the table whose title begins so.
fn rows<'a>(report: &'a Value, title: &str) -> &'a Vec<Value> {
    let tables = report["tables"].as_array().unwrap();
    let table = tables.iter().find(|table| table["title"].as_str().unwrap().starts_with(title));
    table.unwrap()["rows"].as_array().unwrap()
}

/// The rows of all days one by one, and of all days at once, each with how often it stands there.
fn daily_and_whole(ward: &Ward, which: &str, title: &str) -> [BTreeMap<String, usize>; 2] {
    let mut counts = [BTreeMap::new(), BTreeMap::new()];
    let mut add = |at: usize, report: &Value| {
        for row in rows(report, title) {
            *counts[at].entry(row.to_string()).or_default() += 1;
        }
    };
    for day in ward.days.windows(2) {
        add(0, &report(ward, which, day[0], day[1]));
    }
    add(1, &report(ward, which, ward.days[0], *ward.days.last().unwrap()));
    counts
}

fn number(row: &Value, column: &str) -> u64 {
    row[column].as_str().unwrap().parse().unwrap()
}

#[test]
fn ph4_every_scheduled_dose_is_in_the_report_of_exactly_one_day() {
    for ward in [clean(), planted()] {
        let due = |from, to| number(&rows(&report(ward, "missed", from, to), "PH4")[0], "scheduled");
        let daily: Vec<u64> = ward.days.windows(2).map(|day| due(day[0], day[1])).collect();
        assert_eq!(daily.iter().sum::<u64>(), due(ward.days[0], *ward.days.last().unwrap()), "{daily:?}");
        let [daily, whole] = daily_and_whole(ward, "missed", "Missed");
        assert!(whole.len() > 3);
        assert_eq!(daily, whole);
    }
}

#[test]
fn ph4_a_day_on_which_nobody_charted_any_more_has_its_missed_doses() {
    // The ward ends in the morning; what was due until the patients were not seen for a day is missed.
    let ward = clean();
    let at = ward.days.len() - 2;
    let last = report(ward, "missed", ward.days[at - 1], ward.days[at]);
    let [row] = &rows(&last, "PH4")[..] else { panic!("one row") };
    assert!(number(row, "missed") > 0, "{row}");
}

#[test]
fn ph1_the_file_of_all_days_accuses_nobody_on_any_of_them() {
    let [daily, whole] = daily_and_whole(clean(), "doses", "Not balanced");
    assert_eq!((daily, whole), (BTreeMap::new(), BTreeMap::new()));
    let balanced = |report: &Value| number(&rows(report, "PH1")[0], "balanced");
    let days = &clean().days;
    let daily: u64 = days.windows(2).map(|day| balanced(&report(clean(), "doses", day[0], day[1]))).sum();
    let whole = balanced(&report(clean(), "doses", days[0], *days.last().unwrap()));
    assert!(whole > 1000 && daily >= whole, "{daily} of {whole}");
}

#[test]
fn ph2_each_discrepancy_is_in_the_report_of_exactly_one_day() {
    let [daily, whole] = daily_and_whole(planted(), "discrepancies", "Discrepancies");
    assert_eq!(whole.len(), 5, "{whole:?}");
    assert_eq!(daily, whole);
    let [daily, whole] = daily_and_whole(clean(), "discrepancies", "Discrepancies");
    assert_eq!((daily, whole), (BTreeMap::new(), BTreeMap::new()));
}

#[test]
fn a_local_time_is_one_instant_of_the_sites_zone_for_all_that_is_read_and_counted() {
    // Another zone than the kiosks', and the hour that comes twice.
    for (zone, local, instant) in [
        ("Pacific/Honolulu", "2026-11-02T06:00", "2026-11-02T16:00:00Z"),
        ("America/New_York", "2026-11-01T01:30", "2026-11-01T05:30:00Z"),
        ("America/New_York", "2026-11-02", "2026-11-02T05:00:00Z"),
    ] {
        for which in ["missed", "doses", "discrepancies"] {
            let of = |to: &str| run(clean(), which, &["--zone", zone, "--to", to], "").1;
            let (by_local, by_instant) = (of(local), of(instant));
            assert_eq!(by_local["tables"], by_instant["tables"], "{which} --zone {zone} --to {local}");
            let read = |report: &Value, fact: &str| report["facts"][fact].to_string();
            for ledger in ["1: root hash", "2: root hash"] {
                assert_eq!(read(&by_local, ledger), read(&by_instant, ledger), "{which} {zone} {local}");
            }
            // The page says the bound as it was asked for.
            assert!(read(&by_local, "before").contains("local time"), "{}", by_local["facts"]);
        }
    }
}

/// When each item that is no controlled substance was scanned first.
fn first_scans(ward: &Ward) -> BTreeMap<String, Timestamp> {
    let book = read(&ward.folders, &Options::default()).unwrap();
    let mut first = BTreeMap::new();
    for package in
        book.lines.iter().filter_map(|line| line.fact.detail.as_ref()).flat_map(|one| &one.packages)
    {
        let Some(product) = package.product.as_ref().filter(|_| package.controlled.is_none()) else {
            continue;
        };
        let at: &mut Timestamp = first.entry(product.to_string()).or_insert(package.at);
        *at = (*at).min(package.at);
    }
    first
}

#[test]
fn ph2_whether_an_item_is_controlled_does_not_depend_on_the_range() {
    let (item, scanned) = first_scans(clean()).into_iter().max_by_key(|(_, at)| *at).unwrap();
    let removed = scanned - SignedDuration::from_hours(3);
    let line = format!("X1,{removed},removal,,,{item},1,{{tablet}},nurse-01,,\r\n");
    let before = (scanned - SignedDuration::from_hours(1)).to_string();
    let found = |options: &[&str]| {
        let (_, report) = run(clean(), "discrepancies", options, &line);
        rows(&report, "Discrepancies").iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    // No kiosk had scanned it yet; one does hours later, and says that it is none.
    assert_eq!(found(&["--to", &before]), Vec::<String>::new(), "{item} scanned at {scanned}");
    assert_eq!(found(&[]), Vec::<String>::new());
}

#[test]
fn ph1_what_may_still_be_given_is_no_finding_before_it_has_settled() {
    let book = read(&clean().folders, &Options::default()).unwrap();
    let last = book.lines.last().unwrap().fact.at;
    let line = |minutes: i64| {
        let at = last - SignedDuration::from_mins(minutes);
        format!("X1,{at},removal,patient-01,order-01-morphine,morphine,1,{{tablet}},nurse-01,,\r\n")
    };
    let of = |report: &Value, title: &str| {
        rows(report, title).iter().filter(|row| row["lines"].as_str().unwrap().contains("X1")).count()
    };
    let (code, report) = run(clean(), "doses", &[], &line(4));
    let summary = &rows(&report, "PH1")[0];
    assert_eq!((code, number(summary, "not balanced")), (0, 0), "{summary}");
    assert!(summary["result"].as_str().unwrap().starts_with("balanced: "), "{summary}");
    assert_eq!((of(&report, "Not balanced"), of(&report, "Not settled yet")), (0, 1));
    assert_eq!(number(summary, "not settled yet"), rows(&report, "Not settled yet").len() as u64);
    // PH2 says the same of it, and both find it when nothing moved for the window.
    assert_eq!(run(clean(), "discrepancies", &[], &line(4)).0, 0);
    assert_eq!(run(clean(), "discrepancies", &[], &line(64)).0, 1);
    let (code, report) = run(clean(), "doses", &[], &line(64));
    assert_eq!((code, of(&report, "Not balanced"), of(&report, "Not settled yet")), (1, 1, 0));
    let after = (last + SignedDuration::from_hours(2)).to_string();
    let (code, report) = run(clean(), "doses", &["--to", &after], &line(4));
    assert_eq!((code, of(&report, "Not balanced"), of(&report, "Not settled yet")), (1, 1, 0));
}

#[test]
fn a_page_names_the_zone_that_decided_its_range() {
    let of = |options: &[&str]| run(clean(), "missed", options, "").1;
    let words = |report: &Value| (report["command"].to_string(), report["facts"]["limits"].to_string());
    let (command, limits) = words(&of(&[]));
    assert!(!command.contains("--zone") && limits.contains("zone America/New_York"), "{command} {limits}");
    let (command, limits) = words(&of(&["--zone", "Pacific/Honolulu"]));
    assert!(command.contains(" --zone Pacific/Honolulu "), "{command}");
    assert!(limits.contains("zone Pacific/Honolulu"), "{limits}");
}

#[test]
fn ph2_a_controlled_store_of_the_ward_is_no_discrepancy_until_more_is_used() {
    let [daily, whole] = daily_and_whole(&with_store(2), "discrepancies", "Discrepancies");
    assert_eq!((daily, whole), (BTreeMap::new(), BTreeMap::new()));
    let [daily, whole] = daily_and_whole(&with_store(-2), "discrepancies", "Discrepancies");
    assert_eq!(whole.len(), 2, "{whole:?}");
    assert_eq!(daily, whole);
}
