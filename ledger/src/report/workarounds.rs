//! The workarounds of clinical.md section 7 that leave a trace: each pattern with every case that was found. A case is a question to
//! ask, not an accusation; docs/reports.md says what else can look so.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};
use rights::history::Record;
use rights::verdict::Class;

use super::attempts::{Effect, End, attempts};
use super::count::share;
use super::doses::{corrections, doses, seconds};
use super::page::Table;
use super::range::{local_text, utc_text};
use super::rhythm::{to_confirm, visits};
use super::settings::Settings;
use super::witness;
use crate::kind::Kind;
use crate::reading::{Book, Line};

/// A workaround that data can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pattern {
    /// A copy of a wristband: an old band, or the same band at two kiosks.
    BandCopy,
    /// Something that is no wristband was scanned in its place.
    OtherThanBand,
    /// Doses of several patients were prepared first, then scanned one after the other.
    Tray,
    /// A package that was used before was scanned in place of another one.
    Proxy,
    /// One package was scanned several times.
    SamePackage,
    /// The dose was confirmed sooner than anybody can take it, again and again.
    AfterGiving,
    /// The dose was charted later than it was given, without a downtime.
    ChartedLater,
    /// The second person typed sooner than anybody can check, or two people nearly always sign for each other.
    BlindSignature,
    /// The same value was entered for one patient after the other.
    CopiedValue,
    /// Packages or bands are often typed instead of scanned.
    NotScanned,
    /// Questions are answered and confirmed at once, again and again.
    ClickedAway,
    /// What was left of a package was neither wasted nor returned.
    LeftOver,
}

impl Pattern {
    /// Every pattern.
    pub const ALL: [Self; 12] = [
        Self::BandCopy,
        Self::OtherThanBand,
        Self::Tray,
        Self::Proxy,
        Self::SamePackage,
        Self::AfterGiving,
        Self::ChartedLater,
        Self::BlindSignature,
        Self::CopiedValue,
        Self::NotScanned,
        Self::ClickedAway,
        Self::LeftOver,
    ];

    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::BandCopy => "copy of a wristband",
            Self::OtherThanBand => "another thing scanned for a wristband",
            Self::Tray => "several patients' doses scanned in a row",
            Self::Proxy => "used package scanned again",
            Self::SamePackage => "one package scanned several times",
            Self::AfterGiving => "confirmed sooner than taken",
            Self::ChartedLater => "charted after giving",
            Self::BlindSignature => "second signature without a check",
            Self::CopiedValue => "one value for several patients",
            Self::NotScanned => "typed instead of scanned",
            Self::ClickedAway => "questions clicked away",
            Self::LeftOver => "remainder without waste",
        }
    }
}

/// One case.
pub(super) struct Case<'a> {
    pub(super) pattern: Pattern,
    pub(super) line: &'a Line,
    pub(super) evidence: String,
}

/// Looks for cases of its pattern.
type Detector<'a, 'd> = dyn Fn(&mut Vec<Case<'a>>) + Sync + 'd;

/// Every case, by pattern and time.
pub(super) fn cases<'a>(book: &'a Book, settings: &Settings) -> Vec<Case<'a>> {
    let detectors: [&Detector<'a, '_>; 8] = [
        &|found| bands(book, settings, found),
        &|found| packages(book, found),
        &|found| trays(book, settings, found),
        &|found| signatures(book, settings, found),
        &|found| values(book, settings, found),
        &|found| typed(book, settings, found),
        &|found| clicked(book, settings, found),
        &|found| left_over(book, found),
    ];
    // None looks at what another one found: each has a thread.
    let mut found: Vec<Case<'a>> = std::thread::scope(|scope| {
        let detect = |detector: &Detector<'a, '_>| {
            let mut found = Vec::new();
            detector(&mut found);
            found
        };
        let threads = detectors.map(|detector| scope.spawn(move || detect(detector)));
        let joined = threads.into_iter().map(std::thread::ScopedJoinHandle::join);
        joined.flat_map(|found| found.unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    });
    found.sort_by_key(|case| (case.pattern, case.line.fact.at, case.line.part, case.line.fact.sequence));
    found
}

pub(super) fn workarounds(book: &Book, settings: &Settings) -> Vec<Table> {
    let cases = cases(book, settings);
    let count = |pattern: Pattern| cases.iter().filter(|case| case.pattern == pattern).count();
    let rows = Pattern::ALL.iter().map(|pattern| {
        let nurses: BTreeSet<String> =
            cases.iter().filter(|case| case.pattern == *pattern).map(|case| book.actor(case.line)).collect();
        vec![pattern.name().to_owned(), count(*pattern).to_string(), nurses.len().to_string()]
    });
    let listed = cases.iter().map(|case| {
        let fact = &case.line.fact;
        let entry = fact.sequence.to_string();
        let entry = if book.parts.len() > 1 { format!("{}#{entry}", case.line.part + 1) } else { entry };
        vec![
            case.pattern.name().to_owned(),
            entry,
            local_text(fact.at, fact.offset_s),
            utc_text(fact.at),
            book.unit(case.line).to_owned(),
            book.actor(case.line),
            book.patient(case.line),
            case.evidence.clone(),
        ]
    });
    let columns = vec!["pattern", "entry", "local time", "UTC", "unit", "person", "patient", "what was seen"];
    vec![
        Table { title: "Patterns", columns: vec!["pattern", "cases", "people"], rows: rows.collect() },
        Table { title: "Cases", columns, rows: listed.collect() },
    ]
}

/// P1, P3, P6, and the same band at two kiosks of the book.
fn bands<'a>(book: &'a Book, settings: &Settings, found: &mut Vec<Case<'a>>) {
    let mut seen: HashMap<String, (u16, Timestamp)> = HashMap::new();
    let mut told: HashSet<(String, Timestamp)> = HashSet::new();
    for line in &book.lines {
        let fact = &line.fact;
        if !matches!(fact.kind, Kind::VERDICT | Kind::UNIDENTIFIED) {
            continue;
        }
        let Some(detail) = fact.detail.as_ref().filter(|detail| detail.packages.is_empty()) else { continue };
        let mut case = |pattern, evidence| found.push(Case { pattern, line, evidence });
        let stops = |check| fact.class(check).is_some_and(Class::stops);
        if stops("P3") {
            case(Pattern::BandCopy, "a band that was replaced by a newer one (P3)".to_owned());
        } else if stops("P1") {
            let what = detail.scanned.as_deref().unwrap_or("");
            let what = if what.is_empty() { "nothing readable" } else { "another code" };
            case(Pattern::OtherThanBand, format!("{what} in place of a wristband (P1)"));
        }
        let Some(band) = detail.band.as_ref().filter(|band| !band.typed) else { continue };
        if detail.patient.is_none() || detail.record.is_some() {
            continue;
        }
        let patient = book.patient(line);
        let here = seen.insert(patient.clone(), (line.part, band.at));
        let apart = |at: Timestamp| band.at.duration_since(at);
        let other = here.filter(|(part, _)| *part != line.part).map(|(_, at)| at).or(band.elsewhere);
        if let Some(at) = other
            && apart(at) < settings.band_within
            && !apart(at).is_negative()
            && told.insert((patient, at))
        {
            case(
                Pattern::BandCopy,
                format!("the same band at another kiosk {} s before (P6)", seconds(apart(at))),
            );
        }
    }
}

/// M4: a package that was used before, or twice for one dose.
fn packages<'a>(book: &'a Book, found: &mut Vec<Case<'a>>) {
    for line in book.lines.iter().filter(|line| line.fact.kind == Kind::VERDICT) {
        let fact = &line.fact;
        if !fact.class("M4").is_some_and(Class::stops) {
            continue;
        }
        let packages = fact.detail.as_ref().map_or(&[][..], |detail| &detail.packages);
        let Some((last, before)) = packages.split_last() else { continue };
        if before.iter().any(|package| package.single && package.code == last.code) {
            let evidence = "the same serial number or dose id twice for one dose (M4)".to_owned();
            found.push(Case { pattern: Pattern::SamePackage, line, evidence });
        } else {
            let evidence =
                "a serial number or dose id that was given, wasted or returned before (M4)".to_owned();
            found.push(Case { pattern: Pattern::Proxy, line, evidence });
        }
    }
}

/// Rounds and confirmations that nobody can keep at a bedside.
fn trays<'a>(book: &'a Book, settings: &Settings, found: &mut Vec<Case<'a>>) {
    for session in visits(book) {
        let mut row: Vec<&Line> = Vec::new();
        let mut close = |row: &mut Vec<&'a Line>| {
            // The first of the row was walked to in no time by nobody: it begins with the patient before.
            if row.len() + 1 >= settings.pattern {
                let evidence = format!(
                    "{} patients one after the other, each within {} s of the last confirmation",
                    row.len() + 1,
                    settings.walk_least.as_secs()
                );
                found.push(Case { pattern: Pattern::Tray, line: row[0], evidence });
            }
            row.clear();
        };
        for visit in &session {
            if visit.walk.is_some_and(|walk| walk < settings.walk_least) && !visit.doses.is_empty() {
                row.push(visit.band);
            } else {
                close(&mut row);
            }
        }
        close(&mut row);
        let mut fast: Vec<&Line> = Vec::new();
        let all: Vec<&Line> = session.iter().flat_map(|visit| visit.doses.iter().copied()).collect();
        let mut close = |fast: &mut Vec<&'a Line>| {
            if fast.len() >= settings.pattern {
                let evidence = format!(
                    "{} doses in a row, each confirmed within {} s of its last scan",
                    fast.len(),
                    settings.confirm_least.as_secs()
                );
                found.push(Case { pattern: Pattern::AfterGiving, line: fast[0], evidence });
            }
            fast.clear();
        };
        for line in all {
            if to_confirm(line).is_some_and(|took| took < settings.confirm_least) {
                fast.push(line);
            } else {
                close(&mut fast);
            }
        }
        close(&mut fast);
    }
    for line in book.lines.iter().filter(|line| line.fact.is_dose() && line.fact.found("S3")) {
        let reason = line.fact.reason_for("S3").unwrap_or("-");
        if reason != "downtime" && reason != "emergency" {
            let evidence = format!("charted afterwards, reason \"{reason}\" (S3)");
            found.push(Case { pattern: Pattern::ChartedLater, line, evidence });
        }
    }
}

/// W3: too fast, or always the same two.
fn signatures<'a>(book: &'a Book, settings: &Settings, found: &mut Vec<Case<'a>>) {
    for line in witness::blind(book) {
        if let Some(took) = witness::took(line).filter(|took| *took < settings.witness_least) {
            let evidence = format!("entered {} s after the PIN", seconds(took));
            found.push(Case { pattern: Pattern::BlindSignature, line, evidence });
        }
    }
    let pairs = witness::pairs(book);
    let mut of_giver: BTreeMap<&str, u64> = BTreeMap::new();
    for ((giver, _), count) in &pairs {
        *of_giver.entry(giver).or_default() += count;
    }
    for ((giver, second), count) in &pairs {
        let all = of_giver.get(giver.as_str()).copied().unwrap_or(0);
        if all < settings.pair.0 || count * 100 <= all * settings.pair.1 {
            continue;
        }
        let last = witness::blind(book).filter(|line| {
            let detail = line.fact.detail.as_ref();
            let names = detail.and_then(|detail| Some((detail.giver.as_ref()?, &detail.second.as_ref()?.id)));
            names.is_some_and(|(a, b)| {
                book.people.clinician(a) == *giver && book.people.clinician(b) == *second
            })
        });
        if let Some(line) = last.last() {
            let evidence =
                format!("{giver} is witnessed by {second} in {count} of {all} cases, {}", share(*count, all));
            found.push(Case { pattern: Pattern::BlindSignature, line, evidence });
        }
    }
}

/// An entered value: its line, what it is, and whose.
type Entered<'a> = (&'a Line, String, String);

/// C2, C3: the same value for one patient after the other, by one nurse within an hour.
fn values<'a>(book: &'a Book, settings: &Settings, found: &mut Vec<Case<'a>>) {
    let mut rows: HashMap<(String, String), Vec<Entered<'a>>> = HashMap::new();
    let mut close = |row: &mut Vec<Entered<'a>>| {
        let patients: BTreeSet<&str> = row.iter().map(|(_, _, p)| p.as_str()).collect();
        if patients.len() > settings.pattern {
            let evidence = format!("{} entered for {} patients in a row", row[0].1, patients.len());
            found.push(Case { pattern: Pattern::CopiedValue, line: row[0].0, evidence });
        }
        row.clear();
    };
    for line in &book.lines {
        let Some(Record::Observed(observed)) = line.fact.record() else { continue };
        let value = format!("{} {}", observed.observation.what, observed.observation.value);
        let key = (book.actor(line), observed.observation.what.to_string());
        let row = rows.entry(key).or_default();
        let hour = SignedDuration::from_hours(1);
        let goes_on = row.last().is_some_and(|(before, known, _)| {
            *known == value && line.fact.at.duration_since(before.fact.at) <= hour
        });
        if !goes_on {
            close(row);
        }
        row.push((line, value, book.patient(line)));
    }
    let mut rest: Vec<_> = rows.into_iter().collect();
    rest.sort_by(|a, b| a.0.cmp(&b.0));
    for (_, mut row) in rest {
        close(&mut row);
    }
}

/// P8, M9: a habit of typing.
fn typed<'a>(book: &'a Book, settings: &Settings, found: &mut Vec<Case<'a>>) {
    let wrong = corrections(book);
    let mut nurses: BTreeMap<String, (u64, Vec<&Line>)> = BTreeMap::new();
    for dose in doses(book, &wrong) {
        let of = nurses.entry(book.actor(dose.line)).or_default();
        of.0 += 1;
        if dose.fact().found("P8") || dose.fact().found("M9") {
            of.1.push(dose.line);
        }
    }
    let (all, all_typed) =
        nurses.values().fold((0, 0), |sum, (given, typed)| (sum.0 + given, sum.1 + typed.len() as u64));
    for (given, typed) in nurses.into_values() {
        let count = typed.len() as u64;
        // Beside the share of everybody else: a ward whose codes cannot be read is no habit of one nurse.
        let (others, others_typed) = (all - given, all_typed - count);
        let often = count * others.max(1) > settings.habit.1 * others_typed * given;
        if count >= settings.habit.0 && often {
            let (own, beside) = (share(count, given), share(others_typed, others));
            let evidence = format!("{count} of {given} doses typed, {own}; of all others {beside}");
            found.push(Case { pattern: Pattern::NotScanned, line: typed[0], evidence });
        }
    }
}

/// Questions that were answered and confirmed at once.
fn clicked<'a>(book: &'a Book, settings: &Settings, found: &mut Vec<Case<'a>>) {
    let mut nurses: BTreeMap<String, Vec<&Line>> = BTreeMap::new();
    for attempt in attempts(book) {
        let soft = attempt.alerts.iter().any(|(_, class, effect)| {
            matches!(class, Class::SoftReason | Class::SoftContact) && *effect == Effect::Overridden
        });
        let line = attempt.last();
        if attempt.end == End::Given
            && soft
            && to_confirm(line).is_some_and(|took| took < settings.confirm_least)
        {
            nurses.entry(book.actor(line)).or_default().push(line);
        }
    }
    for lines in nurses.into_values().filter(|lines| lines.len() >= settings.pattern) {
        let evidence = format!(
            "{} questions answered and the dose confirmed within {} s of the scan",
            lines.len(),
            settings.confirm_least.as_secs()
        );
        found.push(Case { pattern: Pattern::ClickedAway, line: lines[0], evidence });
    }
}

/// D4, W4: a part of a controlled package that nobody wasted or returned within 30 minutes of the dose.
fn left_over<'a>(book: &'a Book, found: &mut Vec<Case<'a>>) {
    let within = SignedDuration::from_mins(30);
    let mut gone: HashMap<(Timestamp, String), Vec<Timestamp>> = HashMap::new();
    for line in &book.lines {
        if let Some(Record::Disposed(done)) = line.fact.record() {
            gone.entry((done.of.at, done.of.by.to_string())).or_default().push(done.at);
        }
    }
    let end = book.tally.latest.unwrap_or(Timestamp::MIN);
    let wrong = corrections(book);
    for dose in doses(book, &wrong) {
        let Some(done) = dose.fact().given() else { continue };
        if !done.left_over || end.duration_since(done.at) <= within {
            continue;
        }
        let disposed = gone.get(&(done.at, done.by.to_string())).map_or(&[][..], Vec::as_slice);
        if !disposed.iter().any(|at| at.duration_since(done.at) <= within) {
            let late = disposed.iter().min().map(|at| at.duration_since(done.at));
            let evidence = late.map_or_else(
                || "never wasted or returned".to_owned(),
                |late| format!("wasted or returned {} min after the dose", late.as_mins()),
            );
            found.push(Case { pattern: Pattern::LeftOver, line: dose.line, evidence });
        }
    }
}
