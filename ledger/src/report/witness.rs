//! CM8: how independent the second signatures were.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use super::count::share;
use super::doses::{quantile, seconds};
use super::page::Table;
use super::scanning::{shift, week};
use super::settings::Settings;
use crate::kind::Kind;
use crate::reading::{Book, Line};

/// Double checks of one group.
#[derive(Default)]
struct Checks {
    entries: u64,
    differ: u64,
    fast: u64,
    took: Vec<SignedDuration>,
}

impl Checks {
    fn add(&mut self, line: &Line, settings: &Settings) {
        self.entries += 1;
        self.differ += u64::from(differs(line));
        if let Some(took) = took(line) {
            self.fast += u64::from(took < settings.witness_least);
            self.took.push(took);
        }
    }

    fn cells(mut self) -> Vec<String> {
        self.took.sort_unstable();
        let cell = |rank| quantile(&self.took, rank).map_or_else(|| "-".to_owned(), seconds);
        vec![
            self.entries.to_string(),
            self.differ.to_string(),
            share(self.differ, self.entries),
            self.fast.to_string(),
            cell(50),
            cell(90),
        ]
    }
}

const COLUMNS: [&str; 6] = [
    "blind entries",
    "differed",
    "share differed",
    "under 3 s",
    "p50, s from the PIN",
    "p90, s from the PIN",
];

/// Whether the blind entry did not agree: W3 of a dose, W4 of a waste, P8 of an identification stopped it.
fn differs(line: &Line) -> bool {
    ["W3", "W4", "P8"].iter().any(|check| line.fact.class(check).is_some_and(rights::verdict::Class::stops))
        || (line.fact.kind == Kind::WITNESS && line.fact.found("W4"))
}

/// From the right PIN to the last value typed.
pub(super) fn took(line: &Line) -> Option<SignedDuration> {
    let second = line.fact.detail.as_ref()?.second.as_ref()?;
    Some(second.entered_at.duration_since(second.signed_at))
}

/// The blind entries: each witness entry, and each waste that a witness agreed to, which has none of its own.
pub(super) fn blind(book: &Book) -> impl Iterator<Item = &Line> {
    book.lines.iter().filter(|line| is_blind(line))
}

pub(super) fn is_blind(line: &Line) -> bool {
    match line.fact.kind {
        Kind::WITNESS => true,
        Kind::WASTE => line.fact.detail.as_ref().is_some_and(|detail| detail.second.is_some()),
        _ => false,
    }
}

/// How often two people signed together: (first, second) and the number.
pub(super) fn pairs(book: &Book) -> BTreeMap<(String, String), u64> {
    let mut pairs = BTreeMap::new();
    for line in blind(book) {
        let Some(detail) = &line.fact.detail else { continue };
        let (Some(giver), Some(second)) = (&detail.giver, &detail.second) else { continue };
        let pair = (book.people.clinician(giver), book.people.clinician(&second.id));
        *pairs.entry(pair).or_default() += 1;
    }
    pairs
}

pub(super) fn witnesses(book: &Book, settings: &Settings) -> Vec<Table> {
    let mut all = Checks::default();
    let mut groups: [BTreeMap<String, Checks>; 4] = Default::default();
    for line in blind(book) {
        all.add(line, settings);
        let second = line.fact.detail.as_ref().and_then(|detail| detail.second.as_ref());
        let witness = second.map_or_else(|| book.actor(line), |second| book.people.clinician(&second.id));
        let keys = [witness, book.unit(line).to_owned(), shift(settings, line), week(line)];
        for (group, key) in groups.iter_mut().zip(keys) {
            group.entry(key).or_default().add(line, settings);
        }
    }
    let row = |key: String, checks: Checks| [key].into_iter().chain(checks.cells()).collect();
    let head = |column| [column].into_iter().chain(COLUMNS).collect();
    let mut tables = vec![Table {
        title: "CM8 Blind double checks",
        columns: head("group"),
        rows: vec![row("all".to_owned(), all)],
    }];
    let names = [
        ("By witness", "witness"),
        ("By unit", "unit"),
        ("By shift", "shift"),
        ("By week, from Monday", "week"),
    ];
    tables.extend(groups.into_iter().zip(names).map(|(group, (title, column))| {
        let rows = group.into_iter().map(|(key, checks)| row(key, checks)).collect();
        Table { title, columns: head(column), rows }
    }));
    let pairs = pairs(book);
    let mut of_giver: BTreeMap<&str, u64> = BTreeMap::new();
    for ((giver, _), count) in &pairs {
        *of_giver.entry(giver).or_default() += count;
    }
    let rows = pairs.iter().map(|((giver, second), count)| {
        let all = of_giver.get(giver.as_str()).copied().unwrap_or(0);
        vec![giver.clone(), second.clone(), count.to_string(), all.to_string(), share(*count, all)]
    });
    let columns = vec!["who gave or wasted", "witness", "together", "all of the first", "share"];
    tables.push(Table { title: "Pairs", columns, rows: rows.collect() });
    tables
}
