//! CM6: when scheduled doses were given beside their windows.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use super::count::{Count, share};
use super::doses::{corrections, doses, given_at, local, minutes, quantile};
use super::page::Table;
use super::scanning::{shift, week};
use super::settings::Settings;
use crate::reading::{Book, Line, Tier};

/// Scheduled doses of one group.
#[derive(Default)]
struct Times {
    in_window: u64,
    early: u64,
    late: u64,
    /// From the scheduled time to the dose.
    off: Vec<SignedDuration>,
}

impl Times {
    fn add(&mut self, off: SignedDuration, half: SignedDuration) {
        if off.abs() <= half {
            self.in_window += 1;
        } else if off.is_negative() {
            self.early += 1;
        } else {
            self.late += 1;
        }
        self.off.push(off);
    }

    fn cells(mut self) -> Vec<String> {
        self.off.sort_unstable();
        let all = self.off.len() as u64;
        let mut apart: Vec<SignedDuration> = self.off.iter().map(|off| off.abs()).collect();
        apart.sort_unstable();
        let cell = |value: Option<SignedDuration>| value.map_or_else(|| "-".to_owned(), minutes);
        vec![
            all.to_string(),
            self.in_window.to_string(),
            share(self.in_window, all),
            self.early.to_string(),
            self.late.to_string(),
            cell(quantile(&self.off, 50)),
            cell(quantile(&apart, 50)),
            cell(quantile(&apart, 90)),
        ]
    }
}

const COLUMNS: [&str; 8] = [
    "scheduled doses",
    "in the window",
    "share",
    "early",
    "late",
    "median, min from due",
    "p50, min away",
    "p90, min away",
];

/// The scheduled time of a given dose and its half window; none for doses without a window.
pub(super) fn scheduled(line: &Line) -> Option<(Tier, SignedDuration, SignedDuration)> {
    let order = line.fact.detail.as_ref()?.order.as_ref()?;
    let (slot, half) = (order.slot?, order.half()?);
    (!order.first).then(|| (order.tier, given_at(&line.fact).duration_since(slot), half))
}

pub(super) fn timeliness(book: &Book, settings: &Settings) -> Vec<Table> {
    let wrong = corrections(book);
    let doses = doses(book, &wrong);
    let mut tiers: BTreeMap<Tier, Times> = BTreeMap::new();
    let mut groups: [BTreeMap<String, Times>; 5] = Default::default();
    let (mut checks, mut hours) = (Count::<2, 1>::default(), Count::<1, 1>::default());
    let mut without: Count<1, 1> = Count::default();
    let mut apart: BTreeMap<i64, u64> = BTreeMap::new();
    for dose in &doses {
        let fact = dose.fact();
        for (check, class) in fact.findings.iter().filter(|(check, _)| check.starts_with('T')) {
            checks.add([check.clone(), class.clone()], 0);
        }
        let at = local(fact, given_at(fact));
        hours.add([format!("{:02}:00", at.hour())], 0);
        let Some((tier, off, half)) = scheduled(dose.line) else {
            let order = fact.detail.as_ref().and_then(|detail| detail.order.as_ref());
            let why = match order {
                Some(order) if order.first => "first dose of its order",
                Some(order) => order.tier.name(),
                None => "not known: patient data is not open",
            };
            without.add([why.to_owned()], 0);
            continue;
        };
        tiers.entry(tier).or_default().add(off, half);
        *apart.entry(off.as_secs().div_euclid(15 * 60) * 15).or_default() += 1;
        let keys = [
            book.unit(dose.line).to_owned(),
            shift(settings, dose.line),
            book.actor(dose.line),
            week(dose.line),
            format!("{:02}:00", at.hour()),
        ];
        for (group, key) in groups.iter_mut().zip(keys) {
            group.entry(key).or_default().add(off, half);
        }
    }
    let tier_rows = tiers
        .into_iter()
        .map(|(tier, times)| [tier.name().to_owned()].into_iter().chain(times.cells()).collect());
    let columns = ["tier"].into_iter().chain(COLUMNS).collect();
    let mut tables = vec![Table { title: "CM6 By tier", columns, rows: tier_rows.collect() }];
    tables.push(without.table("Doses without a window", &["why", "doses"]));
    let names = [
        ("By unit", "unit"),
        ("By shift", "shift"),
        ("By nurse", "nurse"),
        ("By week, from Monday", "week"),
        ("By hour of the local day", "hour"),
    ];
    tables.extend(groups.into_iter().zip(names).map(|(group, (title, column))| {
        let rows = group.into_iter().map(|(key, times)| [key].into_iter().chain(times.cells()).collect());
        Table { title, columns: [column].into_iter().chain(COLUMNS).collect(), rows: rows.collect() }
    }));
    let rows = apart.iter().map(|(from, doses)| vec![from.to_string(), doses.to_string()]);
    let columns = vec!["from, min after due", "doses"];
    tables.push(Table { title: "Distribution, quarters of an hour", columns, rows: rows.collect() });
    tables.push(checks.table("Time checks of doses given", &["check", "class", "doses"]));
    tables.push(hours.table("Doses by hour of the local day", &["hour", "doses"]));
    tables
}
