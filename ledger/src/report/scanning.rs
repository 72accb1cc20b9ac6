//! CM1 Leapfrog's scanning rate, CM2 rates as VistA BCMA counts them, CM3 what was by-passed and why.

use std::collections::BTreeMap;

use rights::scan::Source;

use super::count::{Count, share};
use super::doses::{Dose, corrections, doses, local};
use super::page::Table;
use super::settings::{Exclusion, Settings};
use crate::kind::Kind;
use crate::reading::{Book, Fact, Known, Line};

/// Doses, those with scan credit, those outside of every exclusion, and those of them with credit.
#[derive(Clone, Copy, Default)]
struct Rate {
    given: u64,
    right: u64,
    counted: u64,
    counted_right: u64,
}

impl Rate {
    fn add(&mut self, dose: &Dose<'_>, exclusions: &[Exclusion]) {
        let right = u64::from(dose.lack.is_none());
        let counted = u64::from(!dose.exclusion.is_some_and(|exclusion| exclusions.contains(&exclusion)));
        self.given += 1;
        self.right += right;
        self.counted += counted;
        self.counted_right += right * counted;
    }

    fn cells(&self) -> [String; 6] {
        [
            self.given.to_string(),
            self.right.to_string(),
            share(self.right, self.given),
            self.counted.to_string(),
            self.counted_right.to_string(),
            share(self.counted_right, self.counted),
        ]
    }
}

const RATE_COLUMNS: [&str; 6] =
    ["given", "scanned right", "share", "without exclusions", "scanned right of these", "share of these"];

/// What doses are grouped by.
type Group = (&'static str, &'static str, fn(&Book, &Settings, &Line) -> String);

/// The week of a local day, by its Monday.
pub(super) fn week(line: &Line) -> String {
    let day = local(&line.fact, line.fact.moment()).date();
    let back = i64::from(day.weekday().to_monday_zero_offset());
    day.saturating_sub(jiff::Span::new().days(back)).to_string()
}

pub(super) fn shift(settings: &Settings, line: &Line) -> String {
    settings.shift(local(&line.fact, line.fact.moment()).time())
}

pub(super) fn product(line: &Line) -> String {
    line.fact.product.clone().unwrap_or_else(|| "-".to_owned())
}

const GROUPS: [Group; 4] = [
    ("By unit", "unit", |book, _, line| book.unit(line).to_owned()),
    ("By shift", "shift", |_, settings, line| shift(settings, line)),
    ("By nurse", "nurse", |book, _, line| book.actor(line)),
    ("By week, from Monday", "week", |_, _, line| week(line)),
];

/// CM1 and CM2.
pub(super) fn scanning(book: &Book, settings: &Settings) -> Vec<Table> {
    let wrong = corrections(book);
    let doses = doses(book, &wrong);
    let mut all = Rate::default();
    for dose in &doses {
        all.add(dose, &settings.exclusions);
    }
    let aimed = |right: u64, of: u64| match right * 100 >= settings.target * of {
        _ if of == 0 => "-".to_owned(),
        true => format!("{} % met", settings.target),
        false => format!("{} % missed", settings.target),
    };
    let row = |name: &str, right: u64, of: u64| {
        vec![name.to_owned(), of.to_string(), right.to_string(), share(right, of), aimed(right, of)]
    };
    let rows = vec![
        row("all given at the bedside", all.right, all.given),
        row("without declared exclusions", all.counted_right, all.counted),
    ];
    let columns = vec!["doses", "given", "scanned", "share", "target"];
    let mut tables =
        vec![Table { title: "CM1 Leapfrog: wristband before the package, and every package", columns, rows }];
    // A correction may be of a dose that was given before the range: that one is not left out here, for it does not stand here.
    let taken_back =
        |line: &&Line| line.fact.is_dose() && line.fact.key.is_some_and(|key| wrong.contains_key(&key));
    let corrected = book.lines.iter().filter(taken_back).count() as u64;
    tables.push(lacks(&doses, corrected, settings));
    tables.extend(GROUPS.iter().map(|(title, column, key)| {
        let mut rates: BTreeMap<String, Rate> = BTreeMap::new();
        for dose in &doses {
            rates.entry(key(book, settings, dose.line)).or_default().add(dose, &settings.exclusions);
        }
        let rows = rates.into_iter().map(|(key, rate)| [key].into_iter().chain(rate.cells()).collect());
        Table { title, columns: [*column].into_iter().chain(RATE_COLUMNS).collect(), rows: rows.collect() }
    }));
    tables.extend(vista(book, &doses));
    let (mut codes, mut kinds) = (Count::<2, 1>::default(), Count::<1, 1>::default());
    for ((source, symbology), entries) in &book.tally.codes {
        let symbology = symbology.clone().unwrap_or_else(|| "-".to_owned());
        codes.add_many([source.clone(), symbology], 0, *entries);
    }
    for (kind, entries) in book.tally.kinds.iter().filter(|(kind, _)| !kind.is_own()) {
        kinds.add_many([kind.to_string()], 0, *entries);
    }
    tables.push(codes.table("Codes read", &["source", "symbology", "entries"]));
    tables.push(kinds.table("What was recorded", &["kind", "entries"]));
    tables
}

/// Why doses do not count, and what the exclusions leave out.
fn lacks(doses: &[Dose<'_>], corrected: u64, settings: &Settings) -> Table {
    let mut count: Count<2, 1> = Count::default();
    for dose in doses {
        if let Some(lack) = dose.lack {
            count.add(["no credit".to_owned(), lack.name().to_owned()], 0);
        }
        if let Some(exclusion) = dose.exclusion.filter(|one| settings.exclusions.contains(one)) {
            count.add(["declared exclusion".to_owned(), exclusion.name().to_owned()], 0);
        }
    }
    let mut table = count.table("What the two rates leave out", &["what", "why", "doses"]);
    if corrected > 0 {
        let row = ["not given after all", "entered in error", &corrected.to_string()];
        table.rows.push(row.map(str::to_owned).to_vec());
    }
    table
}

/// CM2. A band counts once for each patient who was opened, a package once for each that was given.
fn vista(book: &Book, doses: &[Dose<'_>]) -> Vec<Table> {
    let (mut bands, mut packages) = ([0_u64; 3], [0_u64; 3]);
    let place = |source: Source, unable: bool| match source {
        _ if unable => 2,
        Source::Camera | Source::HandScanner => 0,
        Source::Keyed => 1,
    };
    for line in &book.lines {
        let fact = &line.fact;
        let Some(detail) = &fact.detail else { continue };
        let opened =
            fact.kind == Kind::VERDICT && fact.stops().next().is_none() && detail.packages.is_empty();
        if let Some(band) = detail.band.as_ref().filter(|_| opened && detail.record.is_none()) {
            bands[place(band.source, band.typed)] += 1;
        }
    }
    for dose in doses {
        let Some(detail) = &dose.fact().detail else { continue };
        for package in &detail.packages {
            packages[place(package.source, dose.fact().found("M9"))] += 1;
        }
    }
    let row = |name: &str, [scanned, keyed, unable]: [u64; 3]| {
        let all = scanned + keyed + unable;
        let cells = [scanned, keyed, unable, all].map(|number| number.to_string());
        [name.to_owned()].into_iter().chain(cells).chain([share(scanned, all)]).collect()
    };
    let columns = vec!["what", "scanned", "keyed", "unable to scan", "all", "share scanned"];
    let rows = vec![row("wristbands", bands), row("packages given", packages)];
    vec![Table { title: "CM2 As VistA BCMA counts", columns, rows }]
}

/// CM3: doses that were given without a scan of the band or of a package, and codes that could not be used.
pub(super) fn bypass(book: &Book, settings: &Settings) -> Vec<Table> {
    let wrong = corrections(book);
    let doses = doses(book, &wrong);
    let passed_by = |fact: &Fact| -> Vec<(&'static str, String)> {
        [("wristband", "P8"), ("package", "M9")]
            .into_iter()
            .filter(|(_, check)| fact.found(check))
            .map(|(what, check)| (what, fact.reason_for(check).unwrap_or("-").to_owned()))
            .collect()
    };
    let mut reasons: Count<2, 1> = Count::default();
    let mut groups: [BTreeMap<String, [u64; 3]>; 5] = Default::default();
    let keys: [Group; 5] =
        [GROUPS[0], GROUPS[1], GROUPS[2], ("By product", "product", |_, _, line| product(line)), GROUPS[3]];
    for dose in &doses {
        let found = passed_by(dose.fact());
        for (what, reason) in &found {
            reasons.add([(*what).to_owned(), reason.clone()], 0);
        }
        for (group, (_, _, key)) in groups.iter_mut().zip(&keys) {
            let numbers = group.entry(key(book, settings, dose.line)).or_default();
            numbers[0] += 1;
            numbers[1] += u64::from(found.iter().any(|(what, _)| *what == "wristband"));
            numbers[2] += u64::from(found.iter().any(|(what, _)| *what == "package"));
        }
    }
    let mut tables = vec![reasons.table("By reason", &["typed instead of scanned", "reason", "doses"])];
    tables.extend(groups.into_iter().zip(&keys).map(|(group, (title, column, _))| {
        let rows = group.into_iter().map(|(key, [given, bands, packages])| {
            let numbers = [given, bands, packages].map(|number| number.to_string());
            let shares = [share(bands, given), share(packages, given)];
            [key].into_iter().chain(numbers).chain(shares).collect()
        });
        let columns =
            vec![*column, "given", "wristband typed", "package typed", "share of bands", "share of packages"];
        Table { title, columns, rows: rows.collect() }
    }));
    tables.push(unusable(book));
    tables
}

/// Codes that were scanned and led to no single item.
fn unusable(book: &Book) -> Table {
    let mut count: Count<2, 1> = Count::default();
    for line in book.lines.iter().filter(|line| line.fact.kind == Kind::VERDICT) {
        let Some(package) = line.fact.detail.as_ref().and_then(|detail| detail.packages.last()) else {
            continue;
        };
        if package.known != Known::One {
            count.add([package.known.name().to_owned(), package.code.clone()], 0);
        }
    }
    count.table("Codes that led to no single item", &["drug file", "code", "scans"])
}
