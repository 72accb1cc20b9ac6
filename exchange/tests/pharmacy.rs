//! PH1 to PH6 held against what really happened on a synthetic ward, the dispense file's faults through the program, and the end of
//! a discrepancy in a ledger of its own.

#[path = "../../ledger/src/cli/ward/mod.rs"]
mod ward;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use exchange::pharmacy::{
    self, Dispense, Limits, Range, Report, Site, Steps, Stored, Uses, account, desk, discrepancy, dispenses,
    diversion, missed,
};
use jiff::{SignedDuration, Timestamp};
use ledger::init::{InitOptions, init};
use ledger::ledger::{Ledger, OpenOptions};
use ledger::reading::{Book, Line, Options, read};
use ledger::report::{Format, Table};
use rights::amount::Amount;
use rights::custody::{CustodyId, Disposal, Disposed, SetAside};
use rights::discrepancy::{DiscrepancyCase, DiscrepancyState, DiscrepancyStep, DiscrepancyType, StepRefused};
use rights::entry::IdempotencyKey;
use rights::history::{Administration, PackageIdentity, Record, UsedPackage};
use rights::ident::{ClinicianId, DoseId, WardId};
use rights::moment::{ClockTrust, Moment};
use rights::person::Role;
use rights::policy::Policy;
use rights::witness::SecondPerson;
use ward::truth::Truth;
use ward::{Size, make, zone};

struct Ward {
    dir: tempfile::TempDir,
    folders: Vec<PathBuf>,
    truth: Truth,
}

fn of(size: &Size) -> Ward {
    let dir = tempfile::tempdir().unwrap();
    let (folders, truth) = make(&dir.path().join("ward"), size).unwrap();
    Ward { dir, folders, truth }
}

fn planted() -> &'static Ward {
    static WARD: OnceLock<Ward> = OnceLock::new();
    WARD.get_or_init(|| of(&Size::SMALL))
}

fn clean() -> &'static Ward {
    static WARD: OnceLock<Ward> = OnceLock::new();
    WARD.get_or_init(|| of(&Size { seed: 3, planted: false, days: 3, ..Size::SMALL }))
}

fn book(ward: &Ward) -> Book {
    read(&ward.folders, &Options::default()).unwrap()
}

fn file(ward: &Ward) -> String {
    std::fs::read_to_string(ward.dir.path().join("ward/dispenses.csv")).unwrap()
}

fn rows(uses: &Uses<'_>, book: &Book, text: &str) -> Vec<Dispense> {
    let (rows, bad) = dispenses::read("dispenses.csv", text.as_bytes(), &uses.known(book)).unwrap();
    assert!(bad.is_empty(), "{}", bad[0]);
    rows
}

fn page(ward: &Ward, which: Report) -> (pharmacy::Found, String) {
    let book = book(ward);
    let uses = Uses::of(&book);
    let rows = rows(&uses, &book, &file(ward));
    let known = uses.known(&book);
    let (zone, steps, policy) = (zone(), Steps::default(), Policy::default());
    let limits = Limits::default();
    let site = Site {
        book: &book,
        dispenses: &rows,
        stored: &Stored::default(),
        known: &known,
        policy: &policy,
        zone: &zone,
        now: Timestamp::now(),
        steps: &steps,
        limits,
    };
    let found = pharmacy::report(&site, which);
    let text = found.page.print(Format::Text);
    (found, text)
}

fn table<'a>(found: &'a pharmacy::Found, title: &str) -> &'a Table {
    found.page.tables.iter().find(|table| table.title.starts_with(title)).unwrap()
}

/// Every package is accounted for, to exactly nothing, on a ward where nothing was taken.
#[test]
fn ph1_a_clean_ward_balances_to_exactly_nothing() {
    let (found, text) = page(clean(), Report::Doses);
    assert_eq!(found.findings, 0, "{text}");
    assert!(clean().truth.handed.len() > 1000);
}

#[test]
fn ph1_what_is_unaccounted_is_what_was_taken_and_nothing_else() {
    let ward = planted();
    let book = book(ward);
    let uses = Uses::of(&book);
    let rows = rows(&uses, &book, &file(ward));
    let accounts = account::accounts(&uses, &rows, Limits::default().matched);
    let open: Vec<(String, String)> = accounts
        .iter()
        .filter(|account| !account.is_balanced())
        .map(|account| (account.product.to_string(), account.unaccounted.to_string()))
        .collect();
    // A vial that nobody gave, one that nobody took out, and a tablet whose dose was entered in error.
    let wrong = ward.truth.doses.iter().find(|dose| dose.in_error).unwrap();
    let mut expected = vec![
        ("fentanyl".to_owned(), "2 mL".to_owned()),
        ("fentanyl".to_owned(), "-2 mL".to_owned()),
        (wrong.item.to_owned(), "1 {tablet}".to_owned()),
    ];
    let mut found = open.clone();
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
    // Money-like: what was handed out of each item, counted naively, is what the accounts hold.
    let mut handed: BTreeMap<&str, Amount> = BTreeMap::new();
    for row in &ward.truth.handed {
        let amount = Amount::parse(row.quantity.split_once(' ').unwrap().0).unwrap();
        let sum = handed.entry(row.item).or_insert(Amount::ZERO);
        *sum = sum.plus(amount).unwrap();
    }
    let mut counted: BTreeMap<&str, Amount> = BTreeMap::new();
    for account in &accounts {
        let sum = counted.entry(account.product.as_str()).or_insert(Amount::ZERO);
        *sum = sum.plus(account.dispensed.amount).unwrap();
    }
    assert_eq!(counted, handed);
}

#[test]
fn ph2_each_planted_discrepancy_is_found_and_no_other() {
    let ward = planted();
    let book = book(ward);
    let uses = Uses::of(&book);
    let rows = rows(&uses, &book, &file(ward));
    let accounts = account::accounts(&uses, &rows, Limits::default().matched);
    let found = discrepancy::discrepancies(&uses, &rows, &accounts, Limits::default());
    let mut names: Vec<&str> = found.iter().map(|one| one.of.name()).collect();
    names.sort_unstable();
    let mut expected = ward.truth.discrepancies.clone();
    expected.sort_unstable();
    assert_eq!(names, expected, "{found:?}");
    assert_eq!(expected.len(), 5);
    let mismatch = found.iter().find(|one| one.of == DiscrepancyType::AmountMismatch).unwrap();
    assert!(mismatch.evidence.contains("0.1 mL missing"), "{}", mismatch.evidence);
    let (none, text) = page(clean(), Report::Discrepancies);
    assert_eq!(none.findings, 0, "{text}");
}

/// The types that only a dispense file or another system can show.
#[test]
fn ph2_removals_without_order_and_labels_used_twice() {
    let ward = clean();
    let book = book(ward);
    let uses = Uses::of(&book);
    let text = file(ward)
        + "X1,2026-10-31T10:00:00-04:00,removal,,,morphine,1,{tablet},nurse-01,,\r\n"
        + "X2,2026-10-31T10:05:00-04:00,dispense,patient-01,order-01-morphine,morphine,1,{tablet},,26M0001,\r\n"
        + "X3,2026-10-31T11:05:00-04:00,dispense,patient-01,order-01-morphine,morphine,1,{tablet},,26M0001,\r\n";
    let rows = rows(&uses, &book, &text);
    let accounts = account::accounts(&uses, &rows, Limits::default().matched);
    let found = discrepancy::discrepancies(&uses, &rows, &accounts, Limits::default());
    let kinds: BTreeSet<&str> = found.iter().map(|one| one.of.name()).collect();
    assert!(kinds.contains("REMOVAL-NO-ORDER") && kinds.contains("DUPLICATE-ID"), "{kinds:?}");
    let alone = found.iter().filter(|one| one.of == DiscrepancyType::RemovalNoOrder).count();
    assert_eq!(alone, 1);
}

#[test]
fn ph3_the_nurse_who_always_asks_the_same_witness_stands_out_and_nobody_on_a_clean_ward() {
    let ward = planted();
    let book = book(ward);
    let uses = Uses::of(&book);
    let rows = rows(&uses, &book, &file(ward));
    let range = Range::of(&book, &zone(), Timestamp::now());
    let all = diversion::standings(&book, &uses, &rows, (Limits::default(), range));
    let listed: BTreeSet<String> =
        all.iter().filter(|one| one.z >= 3.0).map(|one| one.nurse.to_string()).collect();
    // The last nurse of each kiosk keeps the planted rounds.
    let planted: BTreeSet<String> = ["nurse-14", "nurse-15"].map(str::to_owned).into();
    assert!(!listed.is_empty() && listed.is_subset(&planted), "{listed:?} {all:?}");
    let same = all
        .iter()
        .find(|one| one.measure == diversion::Measure::SameWitness && one.nurse.as_str() == "nurse-15");
    assert!(same.is_some_and(|one| one.z >= 3.0), "{same:?}");
    // The mean of the peers, naively.
    let own: Vec<f64> = all
        .iter()
        .filter(|one| one.measure == diversion::Measure::Removals && one.nurse.as_str() != "nurse-15")
        .map(|one| one.value)
        .collect();
    assert!(own.len() > 5);
    let (none, text) = page(clean(), Report::Diversion);
    assert_eq!(none.findings, 0, "{text}");
}

/// A night from 23:00 on is one shift, and what was taken out counts in the unit where the nurse worked then.
#[test]
fn ph3_a_night_is_one_shift_and_a_removal_is_of_the_unit_worked_then() {
    let book = book(clean());
    let mut nurses: BTreeMap<ClinicianId, Line> = BTreeMap::new();
    for line in book.lines.iter().filter(|line| line.fact.detail.is_some()) {
        if let Some(id) = book.people.id_of(line) {
            nurses.entry(id.clone()).or_insert_with(|| line.clone());
        }
    }
    let row = rows(&Uses::of(&book), &book, &file(clean()))
        .into_iter()
        .find(|row| row.kind == dispenses::Kind::Removal);
    let row = row.unwrap();
    let at = |text: &str| -> Timestamp { text.parse().unwrap() };
    let (mut lines, mut removals) = (Vec::new(), Vec::new());
    for (id, line) in nurses.iter().take(3) {
        // A night in unit A, the next evening in unit B.
        for (time, unit) in [("11-02T04:30", "A"), ("11-02T06:30", "A"), ("11-02T23:00", "B")] {
            let mut line = line.clone();
            (line.fact.at, line.fact.offset_s) = (at(&format!("2026-{time}:00Z")), -5 * 3600);
            line.fact.detail.as_mut().unwrap().ward = Some(WardId::parse(unit).unwrap());
            lines.push(line);
        }
        // The first one is taken out before the first scan.
        for minute in 0..6 {
            let time = at("2026-11-02T04:28:00Z") + SignedDuration::from_mins(minute);
            removals.push(Dispense { at: time, by: Some(id.clone()), ..row.clone() });
        }
    }
    let book = Book { lines, ..book };
    let (uses, range) = (Uses::of(&book), Range::of(&book, &zone(), Timestamp::now()));
    let all = diversion::standings(&book, &uses, &removals, (Limits::default(), range));
    let values: Vec<(&str, u64, f64)> =
        all.iter().map(|one| (one.unit.as_str(), one.of, one.value)).collect();
    assert_eq!(values, [("A", 6, 6.0); 3]);
}

/// Three nurses of one unit, each with six vials of a controlled substance before midnight, told by `end` of each.
fn ph3_night(
    end: impl Fn(&mut Vec<(Timestamp, Record)>, &Administration),
    back: bool,
) -> [Vec<(diversion::Measure, u64, f64)>; 3] {
    let told = book(clean());
    let mut nurses: BTreeMap<ClinicianId, Line> = BTreeMap::new();
    for line in told.lines.iter().filter(|line| line.fact.detail.is_some()) {
        if let Some(id) = told.people.id_of(line) {
            nurses.entry(id.clone()).or_insert_with(|| line.clone());
        }
    }
    let vial = |done: &&Administration| done.packages.iter().any(|of| of.product.as_str() == "fentanyl");
    let done = told.lines.iter().filter_map(|line| line.fact.administration()).find(vial).unwrap().clone();
    let row = rows(&Uses::of(&told), &told, &file(clean()))
        .into_iter()
        .find(|row| row.kind == dispenses::Kind::Removal && row.request.as_ref() == Some(&done.request))
        .unwrap();
    let midnight: Timestamp = "2026-11-03T05:00:00Z".parse().unwrap();
    let (mut lines, mut handed) = (Vec::new(), Vec::new());
    for (nurse, (id, line)) in nurses.iter().take(3).enumerate() {
        let mut records = Vec::new();
        for place in 0..6 {
            let minute = i64::try_from(nurse * 6 + place).unwrap();
            let at = midnight - SignedDuration::from_mins(28) + SignedDuration::from_mins(minute);
            let label = DoseId::parse(&format!("V{nurse}{place}")).unwrap();
            let identity = Some(PackageIdentity::Dose(label));
            let package = UsedPackage { identity, ..done.packages[0].clone() };
            let whole = package.taken.plus(&package.left).unwrap();
            end(
                &mut records,
                &Administration { at, by: id.clone(), packages: vec![package], ..done.clone() },
            );
            let line = |kind, at| Dispense { kind, at, by: Some(id.clone()), quantity: whole, ..row.clone() };
            handed.push(line(dispenses::Kind::Removal, at));
            if back {
                handed.push(line(dispenses::Kind::Return, at + SignedDuration::from_mins(5)));
            }
        }
        // Everybody works on both days.
        for hour in [-2, 10] {
            lines.push((midnight + SignedDuration::from_hours(hour), line.clone(), None));
        }
        lines.extend(records.into_iter().map(|(at, record)| (at, line.clone(), Some(record))));
    }
    let lines = lines.into_iter().enumerate().map(|(number, (at, mut line, record))| {
        line.fact.at = at;
        let count = u32::try_from(number).unwrap();
        line.fact.key = Some(IdempotencyKey { session: [9; 16], count }.to_bytes());
        let detail = line.fact.detail.as_mut().unwrap();
        (detail.ward, detail.record) = (Some(WardId::parse("A").unwrap()), record.map(Box::new));
        line
    });
    let mut lines: Vec<Line> = lines.collect();
    lines.sort_by_key(|line| line.fact.at);
    handed.sort_by_key(|row| row.at);
    let day = SignedDuration::from_hours(24);
    [(midnight - day, midnight), (midnight, midnight + day), (midnight - day, midnight + day)].map(
        |(from, to)| {
            let lines = lines.iter().filter(|line| line.fact.at < to).cloned().collect();
            let book = Book { lines, ..book(clean()) };
            let handed: Vec<Dispense> = handed.iter().filter(|row| row.at < to).cloned().collect();
            let range = Range { from: Some(from), to: Some(to), first: from, end: to };
            let all = diversion::standings(&book, &Uses::of(&book), &handed, (Limits::default(), range));
            all.iter().map(|one| (one.measure, one.of, one.value)).collect()
        },
    )
}

/// A rest of a dose before midnight that is wasted after it is in time, and counts on the day on which that is clear.
#[test]
fn ph3_a_rest_is_late_when_its_time_is_over_and_not_at_midnight() {
    use diversion::Measure::{FullDoseWaste, LateWaste, Removals, SameWitness};
    let waste = |after: i64| {
        move |records: &mut Vec<(Timestamp, Record)>, done: &Administration| {
            let at = done.at + SignedDuration::from_mins(after);
            records.push((done.at, Record::Administration(done.clone())));
            let wasted = Disposed {
                patient: done.patient.clone(),
                how: Disposal::Wasted,
                of: CustodyId { at: done.at, by: done.by.clone(), place: 0 },
                product: done.packages[0].product.clone(),
                identity: None,
                amount: done.packages[0].left,
                reason: None,
                note: None,
                by: done.by.clone(),
                witness: Some(ClinicianId::parse("nurse-99").unwrap()),
                at,
            };
            records.push((at, Record::Disposed(wasted)));
        }
    };
    let taken = [(Removals, 6, 6.0); 3];
    let judged = |late: f64| {
        [[(FullDoseWaste, 6, 0.0); 3], [(LateWaste, 6, late); 3], [(SameWitness, 6, 1.0); 3]].concat()
    };
    for (after, late) in [(29, 0.0), (31, 1.0)] {
        let [first, second, all] = ph3_night(waste(after), false);
        assert_eq!(first, taken, "{after}");
        assert_eq!(second, judged(late), "{after}");
        assert_eq!(all[3..], judged(late), "{after}");
    }
}

/// What was put aside and came back to the cabinet is in nobody's hands, and not late.
#[test]
fn ph3_a_package_that_came_back_is_no_rest() {
    let aside = |records: &mut Vec<(Timestamp, Record)>, done: &Administration| {
        let mut packages = done.packages.clone();
        let whole = packages[0].taken.plus(&packages[0].left).unwrap();
        packages[0].taken = whole.minus(&whole).unwrap();
        packages[0].left = whole;
        let (patient, by, at) = (done.patient.clone(), done.by.clone(), done.at);
        records.push((at, Record::SetAside(SetAside { patient, packages, by, at })));
    };
    let late = |back: bool| {
        let [_, second, _] = ph3_night(aside, back);
        second
            .into_iter()
            .filter(|(measure, ..)| *measure == diversion::Measure::LateWaste)
            .collect::<Vec<_>>()
    };
    assert_eq!(late(false), [(diversion::Measure::LateWaste, 6, 1.0); 3]);
    assert_eq!(late(true), []);
}

#[test]
fn ph4_missed_doses_are_those_that_nobody_charted() {
    for ward in [planted(), clean()] {
        let book = book(ward);
        let uses = Uses::of(&book);
        let (policy, zone) = (Policy::default(), zone());
        let range = Range::of(&book, &zone, Timestamp::now());
        let schedule = missed::schedule(&book, &uses, &[], (&policy, &zone), range);
        let found: BTreeSet<(String, Timestamp)> =
            schedule.missed.iter().map(|one| (one.request.to_string(), one.due)).collect();
        // What was asked of the pharmacy and came is not missed; the window of each noted one ended in the range.
        let end = book.lines.iter().map(|line| line.fact.at).max().unwrap();
        let expected: BTreeSet<(String, Timestamp)> = ward
            .truth
            .missed
            .iter()
            .filter(|(request, due)| {
                let request = uses.requests.iter().find(|(id, _)| id.as_str() == request).unwrap().1;
                rights::decide::window(&policy, request).is_some_and(|half| *due + half <= end)
            })
            .cloned()
            .collect();
        assert!(expected.len() > 3);
        assert_eq!(found, expected);
        let terminal: u64 = schedule.terminal.values().sum();
        assert_eq!(schedule.due, terminal + found.len() as u64);
    }
}

#[test]
fn ph5_turnaround_of_missing_doses() {
    let ward = planted();
    let book = book(ward);
    let uses = Uses::of(&book);
    let rows = rows(&uses, &book, &file(ward));
    let mut found: Vec<_> = missed::asked(&book, &uses, &rows, (&Policy::default(), Limits::default()))
        .iter()
        .map(|one| (one.dispensed, one.given))
        .collect();
    let mut expected: Vec<_> =
        ward.truth.asked.iter().map(|(_, dispensed, given)| (*dispensed, *given)).collect();
    found.sort_unstable();
    expected.sort_unstable();
    assert!(
        expected.len() > 2
            && expected.iter().all(|(dispensed, given)| dispensed.is_some() && given.is_some())
    );
    assert_eq!(found, expected);
    let (page, _) = page(ward, Report::Turnaround);
    let spans = table(&page, "PH5");
    let mut waits: Vec<i64> = ward
        .truth
        .asked
        .iter()
        .map(|(asked, _, given)| given.unwrap().duration_since(*asked).as_secs())
        .collect();
    waits.sort_unstable();
    let median = waits[(waits.len() * 50).div_ceil(100) - 1] * 10 / 60;
    assert_eq!(spans.rows[2][2], format!("{}.{}", median / 10, median % 10));
}

#[test]
fn ph6_codes_that_led_nowhere_are_counted() {
    let ward = planted();
    let (found, text) = page(ward, Report::Barcodes);
    assert!(ward.truth.unknown > 0, "the ward has no such scan");
    let codes = table(&found, "PH6");
    assert_eq!(codes.rows.len(), 1, "{text}");
    assert_eq!((codes.rows[0][0].as_str(), codes.rows[0][1].as_str()), ("unknown", ward::stock::UNKNOWN));
    assert_eq!(codes.rows[0][2], ward.truth.unknown.to_string());
}

fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_exchange")).args(arguments).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

fn reconcile(ward: &Ward, dispenses: &Path, more: &[&str]) -> (Option<i32>, String, String) {
    let dispenses = dispenses.display().to_string();
    let folders: Vec<String> = ward.folders.iter().map(|folder| folder.display().to_string()).collect();
    let mut arguments = vec!["reconcile", "--dispenses", &dispenses];
    arguments.extend(more);
    arguments.extend(folders.iter().map(String::as_str));
    run(&arguments)
}

#[test]
fn ph1_the_program_says_balanced_or_what_is_not_or_which_line_cannot_be_used() {
    let ward = clean();
    let good = ward.dir.path().join("ward/dispenses.csv");
    let (code, text, _) = reconcile(ward, &good, &[]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("balanced: every package is accounted for") && text.contains("root hash"));
    let (_, again, _) = reconcile(ward, &good, &[]);
    assert_eq!(text, again, "the same range gives the same bytes");

    let bad = ward.dir.path().join("bad.csv");
    let lines = file(ward).replacen(",1,{tablet}", ",-1,{tablet}", 1)
        + "Z9,yesterday,removal,p,r,x,1,{tablet},n,,\r\n";
    std::fs::write(&bad, lines).unwrap();
    let (code, text, error) = reconcile(ward, &bad, &["--json"]);
    assert_eq!((code, text.as_str()), (Some(2), ""), "nothing is reconciled with half of a file");
    assert!(
        error.contains("bad.csv line 2: ") && error.contains("quantity -1 is not more than nothing"),
        "{error}"
    );
    assert!(
        error.contains("at \"yesterday\" is no instant") && error.contains("2 lines cannot be used"),
        "{error}"
    );

    let (code, text, _) =
        reconcile(planted(), &planted().dir.path().join("ward/dispenses.csv"), &["--format", "csv"]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("NOT BALANCED"));
    for word in ["patient-0", "nurse-0", "nurse-1"] {
        assert!(!text.contains(word), "names {word}");
    }
    assert_eq!(run(&["reconcile", "--report", "doses", &ward.folders[0].display().to_string()]).0, Some(2));
    assert_eq!(run(&["reconcile"]).0, Some(64));
}

/// Open, explained by a pharmacist with a second signature, closed: each step an entry that `ledger verify` covers.
#[test]
fn ph2_a_discrepancy_is_explained_and_closed_in_the_pharmacys_ledger() {
    let ward = planted();
    let folder = ward.dir.path().join("pharmacy");
    let at: Timestamp = "2026-11-05T15:00:00Z".parse().unwrap();
    let now = Moment { at, offset: jiff::tz::Offset::UTC, clock: ClockTrust::Unknown };
    let clock = ledger::clock::ClockEvidence::of_moment(now);
    init(&folder, &InitOptions::new("hospital.example/pharmacy/station-01/g1"), &clock).unwrap();
    let person = |id: &str, role| SecondPerson { id: ClinicianId::parse(id).unwrap(), role, signed_at: at };
    let (found, _) = page(ward, Report::Discrepancies);
    assert_eq!(found.findings, 5);
    let list = table(&found, "Discrepancies");
    let name = list.rows.iter().find(|row| row[0] == "NO-WASTE").unwrap().last().unwrap().clone();
    let case = |step| DiscrepancyCase {
        now,
        id: name.clone(),
        of: DiscrepancyType::NoWaste,
        patient: None,
        step,
        by: person("pharmacist-1", Role::Pharmacist),
        second: Some(person("nurse-03", Role::Nurse)),
        note: "the vial broke in the medication room, pieces seen".to_owned(),
        before: Vec::new(),
    };
    let steps = || Steps::of(&read(std::slice::from_ref(&folder), &Options::default()).unwrap());
    let take = |case: DiscrepancyCase, count: u32| {
        let before = steps();
        let mut ledger = Ledger::open(&folder, &OpenOptions::default(), &clock).unwrap();
        let taken =
            desk::take(&mut ledger, &before, case, IdempotencyKey { session: [5; 16], count }, &clock);
        ledger.close(&clock).unwrap();
        taken
    };
    let refused = take(case(DiscrepancyStep::Closed), 0);
    assert!(matches!(refused, Err(desk::DeskError::Refused(StepRefused::NotExplained))));
    let _ = take(case(DiscrepancyStep::Explained), 1).unwrap();
    assert_eq!(steps().state(&name), DiscrepancyState::Explained);
    let _ = take(case(DiscrepancyStep::Closed), 2).unwrap();
    assert_eq!(steps().state(&name), DiscrepancyState::Closed);
    assert!(take(case(DiscrepancyStep::Explained), 3).is_err(), "closed is the end");
    let report = ledger::verify::verify(&folder, &ledger::verify::Options::default());
    assert_eq!(report.outcome, ledger::verify::Outcome::Fine, "{report}");
    // The report shows where it stands, by whom, and counts one fewer.
    let good = ward.dir.path().join("ward/dispenses.csv");
    let (code, text, error) = reconcile(
        ward,
        &good,
        &["--report", "discrepancies", "--steps", &folder.display().to_string(), "--names"],
    );
    assert_eq!(code, Some(1), "{error}");
    assert!(text.contains("closed 2026-11-05") && text.contains("by pharmacist-1 and nurse-03"), "{text}");
}
