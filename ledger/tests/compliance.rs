//! CM1 to CM11, PH7 and the detectors of workarounds, held against what really happened on a synthetic ward. What happened is noted by
//! the ward while it is lived, never read from its ledgers; each number is counted here once more, naively.

#[path = "../src/cli/ward/mod.rs"]
mod ward;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::OnceLock;

use ledger::inspect::Inspector;
use ledger::reading::{Book, Options, read};
use ledger::report::{Format, Kind, Page, Settings, Table, recall_on, report_on};
use ward::truth::{GivenDose, Truth};
use ward::{Size, make};

struct Ward {
    _dir: tempfile::TempDir,
    folders: Vec<PathBuf>,
    truth: Truth,
    size: Size,
}

/// The planted ward, made once. `BCMA_WARD=full` takes the one of clinical.md: four kiosks for 90 days (minutes, in a release build).
fn planted() -> &'static Ward {
    static WARD: OnceLock<Ward> = OnceLock::new();
    let full = std::env::var_os("BCMA_WARD").is_some_and(|size| size == "full");
    WARD.get_or_init(|| of(if full { &Size::FULL } else { &Size::SMALL }))
}

fn of(size: &Size) -> Ward {
    let dir = tempfile::tempdir().unwrap();
    let (folders, truth) = make(&dir.path().join("ward"), size).unwrap();
    Ward { _dir: dir, folders, truth, size: *size }
}

fn book(ward: &Ward) -> Book {
    read(&ward.folders, &Options::default()).unwrap()
}

fn page(ward: &Ward, kind: Kind) -> Page {
    report_on(&book(ward), &ward.folders, kind, &Settings::default()).unwrap()
}

fn table<'a>(page: &'a Page, title: &str) -> &'a Table {
    page.tables.iter().find(|table| table.title.starts_with(title)).unwrap_or_else(|| panic!("no {title}"))
}

/// A cell of the row whose first cells are these.
fn cell(table: &Table, row: &[&str], column: &str) -> String {
    let at = table.columns.iter().position(|name| *name == column).unwrap_or_else(|| panic!("no {column}"));
    let found = table.rows.iter().find(|cells| cells.iter().zip(row).all(|(cell, want)| cell == want));
    found.unwrap_or_else(|| panic!("{}: no row {row:?}", table.title))[at].clone()
}

fn number(table: &Table, row: &[&str], column: &str) -> usize {
    cell(table, row, column).parse().unwrap()
}

fn sum(table: &Table, column: &str) -> usize {
    let at = table.columns.iter().position(|name| *name == column).unwrap();
    table.rows.iter().map(|row| row[at].parse::<usize>().unwrap()).sum()
}

#[test]
fn cm1_the_scanning_rate_is_what_was_scanned_with_and_without_exclusions() {
    let ward = planted();
    let page = page(ward, Kind::Scanning);
    let given = ward.truth.standing().count();
    let credit = ward.truth.standing().filter(|dose| dose.has_credit()).count();
    let counted: Vec<_> = ward.truth.standing().filter(|dose| !dose.is_excluded()).collect();
    let counted_credit = counted.iter().filter(|dose| dose.has_credit()).count();
    println!("{given} doses given");
    assert!(given > 2000 && credit < given && counted_credit < counted.len(), "the ward has no such case");
    let rate = table(&page, "CM1");
    for (row, of, right) in [
        ("all given at the bedside", given, credit),
        ("without declared exclusions", counted.len(), counted_credit),
    ] {
        assert_eq!((number(rate, &[row], "given"), number(rate, &[row], "scanned")), (of, right), "{row}");
        let share = right * 1000 / of;
        assert_eq!(cell(rate, &[row], "share"), format!("{}.{} %", share / 10, share % 10));
        assert!(cell(rate, &[row], "target").ends_with(if right * 100 >= 95 * of {
            "met"
        } else {
            "missed"
        }));
    }
    for group in ["By unit", "By shift", "By nurse", "By week"] {
        let group = table(&page, group);
        assert_eq!((sum(group, "given"), sum(group, "scanned right")), (given, credit), "{}", group.title);
    }
}

/// What was taken back is left out of a rate only where it would have stood in it.
#[test]
fn cm1_a_correction_of_a_dose_before_the_range_is_left_out_of_nothing() {
    let ward = planted();
    let left_out = |from: Option<&str>| -> usize {
        let options = Options { from: from.map(|from| from.parse().unwrap()), ..Options::default() };
        let book = read(&ward.folders, &options).unwrap();
        let page = report_on(&book, &ward.folders, Kind::Scanning, &Settings::default()).unwrap();
        let rows = &table(&page, "What the two rates leave out").rows;
        let row = rows.iter().find(|row| row[1] == "entered in error");
        row.map_or(0, |row| row[2].parse().unwrap())
    };
    assert_eq!(left_out(None), ward.truth.doses.iter().filter(|dose| dose.in_error).count());
    let whole = book(ward);
    let correction =
        whole.lines.iter().find(|line| line.fact.kind == ledger::kind::Kind::CORRECTION).unwrap();
    assert_eq!(left_out(Some(&correction.fact.at.to_string())), 0, "its dose was given before");
}

#[test]
fn cm1_the_rate_of_an_export_without_patient_data_is_the_same() {
    let ward = planted();
    let dir = tempfile::tempdir().unwrap();
    let exports: Vec<PathBuf> = (0..ward.folders.len())
        .map(|at| {
            let folder = dir.path().join(format!("export-{at}"));
            Inspector::open(&ward.folders[at]).unwrap().export(&folder).unwrap();
            folder
        })
        .collect();
    let closed = read(&exports, &Options::default()).unwrap();
    assert!(!closed.is_open());
    let settings = Settings::default();
    let export = report_on(&closed, &exports, Kind::Scanning, &settings).unwrap();
    let open = page(ward, Kind::Scanning);
    // What was entered in error stands in patient data: an export counts those doses as given.
    let in_error = ward.truth.doses.iter().filter(|dose| dose.in_error).count();
    let row = ["all given at the bedside"];
    for column in ["given", "scanned"] {
        let open = number(table(&open, "CM1"), &row, column);
        assert_eq!(number(table(&export, "CM1"), &row, column), open + in_error, "{column}");
    }
    let roots = |page: &Page| -> Vec<String> {
        page.facts
            .iter()
            .filter(|(name, _)| name.ends_with("root hash"))
            .map(|(_, root)| root.clone())
            .collect()
    };
    assert_eq!(roots(&export), roots(&open), "computed from the export's entries and kept by the ledger");
}

#[test]
fn cm2_packages_and_bands_as_vista_counts_them() {
    let ward = planted();
    let page = page(ward, Kind::Scanning);
    let vista = table(&page, "CM2");
    let typed =
        ward.truth.standing().filter(|dose| dose.package_typed).map(|dose| dose.lots.len()).sum::<usize>();
    assert_eq!(number(vista, &["packages given"], "unable to scan"), typed);
    let all: usize = ward.truth.standing().map(|dose| dose.lots.len()).sum();
    assert_eq!(number(vista, &["packages given"], "all"), all);
    assert_eq!(number(vista, &["wristbands"], "unable to scan"), 1);
}

#[test]
fn cm3_by_pass_by_reason_and_nurse() {
    let ward = planted();
    let page = page(ward, Kind::Bypass);
    let packages = ward.truth.standing().filter(|dose| dose.package_typed).count();
    let bands = ward.truth.standing().filter(|dose| dose.band_typed).count();
    assert!(packages > 5 && bands == 1);
    assert_eq!(number(table(&page, "By reason"), &["package", "no-barcode"], "doses"), packages);
    assert_eq!(number(table(&page, "By reason"), &["wristband", "damaged"], "doses"), bands);
    for group in ["By unit", "By shift", "By nurse", "By product", "By week"] {
        assert_eq!(sum(table(&page, group), "package typed"), packages, "{group}");
    }
}

#[test]
fn cm4_each_rule_fired_was_overridden_averted_or_changed_the_action() {
    let ward = planted();
    let page = page(ward, Kind::Alerts);
    let rules = table(&page, "CM4 By rule");
    let columns = ["fired", "overridden", "averted", "changed the action"];
    // The indication of an as-needed dose is part of the order, not an alert, unless nothing was given.
    let mut found: BTreeMap<(String, String), [u64; 4]> = BTreeMap::new();
    for row in &rules.rows {
        let key = (row[0].clone(), row[1].clone());
        let numbers = columns.map(|column| number(rules, &[&row[0], &row[1]], column) as u64);
        found.insert(key, numbers);
    }
    let mut expected = ward.truth.alerts.clone();
    assert_eq!(found.remove(&("T6".into(), "soft_r".into())), Some([1, 0, 1, 0]));
    expected.retain(|(check, _), _| check != "T6");
    assert_eq!(found, expected);
    let (soft, given) = (["soft_r", "soft_rp", "soft_w"], ward.truth.doses.len());
    let asked: u64 = expected
        .iter()
        .filter(|((_, class), _)| soft.contains(&class.as_str()))
        .map(|(_, numbers)| numbers[1] + numbers[3])
        .sum();
    let budget = table(&page, "Alert budget");
    assert_eq!(number(budget, &[&given.to_string()], "doses given"), given);
    // No dose of this ward met two such questions but those of the emergency and of the copied band, which differ by few.
    let met = number(budget, &[&given.to_string()], "met a question for a reason") as u64;
    assert!(met <= asked && asked - met <= 3, "{met} {asked}");
    let review = table(&page, "Rules to review");
    assert!(review.rows.iter().any(|row| row[0] == "T3"), "late is always overridden");
    assert!(review.rows.iter().all(|row| row[0] != "M5"), "a stop is no rule to review");
}

#[test]
fn cm5_stops_by_kind() {
    let ward = planted();
    let page = page(ward, Kind::NearMisses);
    let stops = table(&page, "CM5");
    let hard: BTreeMap<String, usize> = ward
        .truth
        .alerts
        .iter()
        .filter(|((_, class), _)| class == "hard" || class == "hard_bg")
        .map(|((check, _), numbers)| (check.clone(), usize::try_from(numbers[0]).unwrap()))
        .collect();
    assert!(hard.len() >= 4, "{hard:?}");
    assert_eq!(stops.rows.len(), hard.len());
    for (check, count) in &hard {
        assert_eq!(number(stops, &[check], "stops"), *count, "{check}");
    }
    for group in ["By unit", "By shift", "By nurse", "By product", "By week"] {
        assert_eq!(sum(table(&page, group), "stops"), hard.values().sum::<usize>(), "{group}");
    }
}

#[test]
fn cm6_share_in_the_window_and_percentiles_by_tier() {
    let ward = planted();
    let page = page(ward, Kind::Timeliness);
    let tiers = table(&page, "CM6");
    let scheduled = |tier: &str| -> Vec<&GivenDose> {
        ward.truth.standing().filter(|dose| dose.half_s.is_some() && dose.tier == tier).collect()
    };
    for tier in ["time-critical", "several a day", "daily or less often"] {
        let doses = scheduled(tier);
        let off = |dose: &&GivenDose| dose.at.duration_since(dose.slot.unwrap()).as_secs();
        let inside = doses.iter().filter(|dose| off(dose).abs() <= dose.half_s.unwrap()).count();
        assert!(doses.len() > 10, "{tier}");
        assert_eq!(number(tiers, &[tier], "scheduled doses"), doses.len(), "{tier}");
        assert_eq!(number(tiers, &[tier], "in the window"), inside, "{tier}");
        let mut away: Vec<i64> = doses.iter().map(|dose| off(dose).abs()).collect();
        away.sort_unstable();
        // Nearest rank: the smallest value with at least 90 % of all at or below it.
        let p90 = away
            .iter()
            .find(|value| away.iter().filter(|other| other <= value).count() * 10 >= away.len() * 9);
        let tenths = p90.unwrap() * 10 / 60;
        assert_eq!(
            cell(tiers, &[tier], "p90, min away"),
            format!("{}.{}", tenths / 10, tenths % 10),
            "{tier}"
        );
    }
    let late = ward.truth.standing().filter(|dose| dose.late).count();
    assert_eq!(sum(tiers, "late"), late);
    assert!(late > 10);
}

#[test]
fn cm7_rhythm_counts_what_nobody_can_keep() {
    let ward = planted();
    let page = page(ward, Kind::Rhythm);
    let all = table(&page, "CM7");
    assert_eq!(number(all, &["all"], "doses"), ward.truth.doses.len());
    // Every patient of the tray, which are those of one kiosk, but the first, and nobody else.
    let tray = ward.size.patients / ward.size.kiosks;
    assert_eq!(number(all, &["all"], "next band too fast"), tray - 1);
    assert!(number(all, &["all"], "confirmed too fast") > 9);
}

#[test]
fn cm8_blind_entries_with_their_times_and_pairs() {
    let ward = planted();
    let page = page(ward, Kind::Witnesses);
    let [entries, differ, fast] = ward.truth.blind;
    let all = table(&page, "CM8");
    assert!(entries > 100 && differ > 0 && fast > 0, "the ward has no such case");
    for (column, value) in [("blind entries", entries), ("differed", differ), ("under 3 s", fast)] {
        assert_eq!(number(all, &["all"], column) as u64, value, "{column}");
    }
    assert_eq!(
        sum(table(&page, "Pairs"), "together") as u64 + 1,
        entries,
        "but for the typed band, which names no giver"
    );
}

#[test]
fn cm9_effects_in_time_late_and_missing() {
    let ward = planted();
    let page = page(ward, Kind::Effects);
    let grace = jiff::SignedDuration::from_mins(30);
    let (mut in_time, mut late, mut missing) = (0, 0, 0);
    for dose in ward.truth.standing() {
        let Some(due) = dose.effect_due else { continue };
        match dose.effect_noted {
            Some(at) if at <= due + grace => in_time += 1,
            Some(_) => late += 1,
            None => missing += 1,
        }
    }
    let all = table(&page, "CM9");
    let found = ["in time", "late", "not noted", "not due yet"].map(|column| number(all, &["all"], column));
    assert!(late > 0 && missing > 0);
    assert_eq!([found[0], found[1], found[2] + found[3]], [in_time, late, missing]);
}

#[test]
fn cm10_in_error_backdated_and_late_by_nurse() {
    let ward = planted();
    let page = page(ward, Kind::Corrections);
    let nurses = table(&page, "CM10");
    let count = |which: fn(&GivenDose) -> bool| ward.truth.doses.iter().filter(|dose| which(dose)).count();
    assert_eq!(sum(nurses, "entered in error"), count(|dose| dose.in_error));
    assert_eq!(sum(nurses, "backdated"), count(|dose| dose.backdated.is_some()));
    assert_eq!(sum(nurses, "late"), count(|dose| dose.late));
    assert!(count(|dose| dose.in_error) == 1 && count(|dose| dose.backdated.is_some()) == 9);
}

#[test]
fn cm11_chain_root_and_signature_are_computed_again() {
    let ward = planted();
    let page = page(ward, Kind::Integrity);
    let checks = table(&page, "CM11");
    let holds = checks.rows.iter().filter(|row| row[2] == "holds").count();
    assert_eq!(holds, 3 * ward.folders.len(), "{:?}", checks.rows);
    // A byte of the file changed: the page says which entry does not name the one before.
    let dir = tempfile::tempdir().unwrap();
    let copy = dir.path().join("ledger.redb");
    let bytes = std::fs::read(ward.folders[0].join("ledger.redb")).unwrap();
    let lot = b"LLIS";
    let at = bytes.windows(4).position(|window| window == lot).unwrap();
    let mut changed = bytes;
    changed[at + 4] ^= 1;
    std::fs::write(&copy, changed).unwrap();
    let sources = vec![copy];
    let book = read(&sources, &Options::default()).unwrap();
    let page = report_on(&book, &sources, Kind::Integrity, &Settings::default()).unwrap();
    let text = page.print(Format::Text);
    assert!(text.contains("DOES NOT HOLD at entry"), "{text}");
}

#[test]
fn ph7_recall_finds_every_patient_who_was_given_the_lot() {
    let ward = planted();
    let lot = ward.truth.standing().find(|dose| dose.item == "lisinopril").unwrap().lots[0].clone();
    let page = recall_on(&book(ward), &lot.to_lowercase());
    let mut patients: BTreeMap<usize, usize> = BTreeMap::new();
    for dose in ward.truth.standing().filter(|dose| dose.lots.contains(&lot)) {
        *patients.entry(dose.patient).or_default() += 1;
    }
    let found = table(&page, "PH7");
    assert_eq!(found.rows.len(), patients.len());
    assert_eq!(sum(found, "doses"), patients.values().sum::<usize>());
    assert!(patients.len() > 3);
    assert_eq!(page.fact("of this lot").unwrap().split(' ').next().unwrap(), sum(found, "doses").to_string());
    assert!(page.fact("lot not recorded").unwrap().starts_with("0 doses"), "the ward scans every lot");
    let nobody = recall_on(&book(ward), "NOSUCHLOT");
    assert!(nobody.tables.iter().all(|table| table.rows.is_empty()));
}

/// Section 7: every planted case is found, and nothing else.
#[test]
fn workarounds_planted_are_found_and_nothing_else_is() {
    let ward = planted();
    let page = page(ward, Kind::Workarounds);
    let mut planted: BTreeMap<&str, usize> = BTreeMap::new();
    for (pattern, _) in &ward.truth.cases {
        *planted.entry(pattern).or_default() += 1;
    }
    let patterns = table(&page, "Patterns");
    let found: BTreeMap<&str, usize> = patterns
        .rows
        .iter()
        .map(|row| (row[0].as_str(), row[1].parse().unwrap()))
        .filter(|(_, count)| *count > 0)
        .collect();
    assert_eq!(found, planted, "{}", page.print(Format::Text));
    assert_eq!(planted.len(), ledger::report::Pattern::ALL.len(), "each pattern has a planted case");
}

#[test]
fn workarounds_of_a_clean_ward_are_none() {
    for seed in [1, 2] {
        let ward = of(&Size { seed, planted: false, days: 3, ..Size::SMALL });
        let page = page(&ward, Kind::Workarounds);
        assert!(ward.truth.doses.len() > 1000 && ward.truth.cases.is_empty());
        assert!(table(&page, "Cases").rows.is_empty(), "{}", page.print(Format::Text));
    }
}

/// The same range gives the same bytes, in every form; and nothing names a person.
#[test]
fn reports_are_reproducible_and_name_nobody() {
    let ward = planted();
    let (first, again) = (book(ward), book(ward));
    let settings = Settings::default();
    for kind in Kind::ALL {
        for format in [Format::Text, Format::Json, Format::Csv, Format::Html] {
            let text = report_on(&first, &ward.folders, kind, &settings).unwrap().print(format);
            let same = report_on(&again, &ward.folders, kind, &settings).unwrap().print(format);
            assert_eq!(text, same, "{}", kind.name());
            for name in ["patient-0", "nurse-0", "order-0"] {
                assert!(!text.contains(name), "{} names {name}", kind.name());
            }
        }
    }
    let names = read(&ward.folders, &Options { names: true, ..Options::default() }).unwrap();
    let text = report_on(&names, &ward.folders, Kind::Scanning, &settings).unwrap().print(Format::Text);
    assert!(text.contains("nurse-0"), "whoever holds the key may ask for ids");
}

/// An index gives the same pages, is extended as the ledger grows, and is made again when it is not of this ledger.
#[test]
fn an_index_gives_the_same_bytes_and_is_never_trusted() {
    use ledger::index::{Brought, Index, IndexError};
    let ward = planted();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("index.redb");
    let (ledger, settings) = (&ward.folders[0], Settings::default());
    let sources = vec![ledger.clone()];
    let plain = read(&sources, &Options::default()).unwrap();
    let day = Options {
        from: Some("2026-11-01".parse().unwrap()),
        to: Some("2026-11-02".parse().unwrap()),
        names: false,
    };
    let day_plain = read(&sources, &day).unwrap();
    let named = Options { names: true, ..Options::default() };
    let named_plain = read(&sources, &named).unwrap();
    assert_eq!(Index::open(&path, ledger).unwrap().brought(), Brought::Built);
    for kind in Kind::ALL {
        let index = || Index::open(&path, ledger).unwrap();
        assert_eq!(index().brought(), Brought::Nothing);
        for (plain, options) in [(&plain, &Options::default()), (&day_plain, &day), (&named_plain, &named)] {
            let text = |book: &Book| report_on(book, &sources, kind, &settings).unwrap().print(Format::Json);
            // The whole book, and the one of which only what this report looks at was opened.
            let whole = index().book(options).unwrap();
            let needed = index().book_for(kind, options).unwrap();
            assert_eq!(text(plain), text(&whole), "{}", kind.name());
            assert_eq!(text(plain), text(&needed), "{}: it looks at more than it says", kind.name());
        }
    }
    let lot = ward.truth.standing().find(|dose| dose.item == "lisinopril").unwrap().lots[0].clone();
    let of_lot = Index::open(&path, ledger).unwrap().book_of_lot(&lot, false).unwrap();
    assert_eq!(recall_on(&of_lot, &lot).print(Format::Text), recall_on(&plain, &lot).print(Format::Text));
    // The file says nothing that a search could find.
    let bytes = std::fs::read(&path).unwrap();
    for word in ["patient-0", "nurse-0", "order-0", lot.as_str()] {
        assert!(
            !bytes.windows(word.len()).any(|window| window == word.as_bytes()),
            "{word} stands in the index"
        );
    }
    // Another ledger's index is made again, and what is no index in a place of the index alone.
    assert_eq!(Index::open(&path, &ward.folders[1]).unwrap().brought(), Brought::Built);
    assert_eq!(Index::open(&path, ledger).unwrap().brought(), Brought::Built);
    std::fs::write(&path, b"no database").unwrap();
    assert!(matches!(Index::open(&path, ledger), Err(IndexError::NotAnIndex(_))));
    assert_eq!(std::fs::read(&path).unwrap(), b"no database", "nobody knows what it is");
    assert_eq!(Index::open_own(&path, ledger).unwrap().brought(), Brought::Built);
    // Neither a key nor a ledger is written over.
    for name in ["keys/device.key", "ledger.redb", "enrolment"] {
        let other = ward.folders[1].join(name);
        let before = std::fs::read(&other).unwrap();
        assert!(matches!(Index::open(&other, ledger), Err(IndexError::NotAnIndex(_))), "{name}");
        assert!(std::fs::read(&other).unwrap() == before, "{name}");
    }
}

/// Traceability: each report of the specification stands in docs/requirements.md with tests that exist and are named after it.
#[test]
fn every_report_of_the_specification_has_tests_that_name_it() {
    let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let text = |path: &str| std::fs::read_to_string(here.join(path)).unwrap();
    let tests = text("ledger/tests/compliance.rs")
        + &text("ledger/tests/report.rs")
        + &text("exchange/tests/pharmacy.rs")
        + &text("exchange/tests/discrepancies.rs")
        + &text("exchange/tests/accounts.rs")
        + &text("exchange/tests/missed.rs")
        + &text("exchange/tests/ranges.rs")
        + &text("exchange/tests/station.rs")
        + &text("kiosk/tests/pictures.rs");
    let table = text("docs/requirements.md");
    let section = table.split("\n## ").find(|section| section.starts_with("Reports")).unwrap();
    let ids = (1..=7).map(|number| format!("PH{number}")).chain((1..=11).map(|number| format!("CM{number}")));
    for id in ids {
        let row = section.lines().find(|line| line.starts_with(&format!("| {id} |")));
        let row = row.unwrap_or_else(|| panic!("{id} stands in no row"));
        let named: Vec<&str> = row.split('`').skip(1).step_by(2).collect();
        assert!(!named.is_empty(), "{id}: no test");
        for test in named {
            assert!(test.starts_with(&format!("{}_", id.to_lowercase())), "{id}: {test}");
            assert!(tests.contains(&format!("fn {test}()")), "{id}: there is no test {test}");
        }
    }
}
