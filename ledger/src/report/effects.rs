//! CM9: whether the effect of as-needed doses was noted in time.

use std::collections::{BTreeMap, HashMap};

use jiff::{SignedDuration, Timestamp};
use rights::follow_up::Act;
use rights::history::Record;

use super::count::share;
use super::doses::{corrections, doses, minutes, quantile};
use super::page::Table;
use super::scanning::{product, shift, week};
use super::settings::Settings;
use crate::reading::{Book, Line};

/// As-needed doses of one group.
#[derive(Default)]
struct Effects {
    in_time: u64,
    late: u64,
    missing: u64,
    not_due: u64,
    after: Vec<SignedDuration>,
}

impl Effects {
    fn cells(mut self) -> Vec<String> {
        self.after.sort_unstable();
        let due = self.in_time + self.late + self.missing;
        let cell = |rank| quantile(&self.after, rank).map_or_else(|| "-".to_owned(), minutes);
        let mut cells: Vec<String> =
            [due, self.in_time, self.late, self.missing].iter().map(ToString::to_string).collect();
        cells.extend([share(self.in_time, due), self.not_due.to_string(), cell(50), cell(90)]);
        cells
    }
}

const COLUMNS: [&str; 8] = [
    "effects due",
    "in time",
    "late",
    "not noted",
    "share in time",
    "not due yet",
    "p50, min after the dose",
    "p90, min after the dose",
];

pub(super) fn effects(book: &Book, settings: &Settings) -> Vec<Table> {
    let wrong = corrections(book);
    let mut noted: HashMap<[u8; 20], Timestamp> = HashMap::new();
    for line in &book.lines {
        if let Some(Record::FollowUp(done)) = line.fact.record()
            && matches!(done.act, Act::EffectNoted { .. })
        {
            noted.entry(done.of.to_bytes()).or_insert(done.at);
        }
    }
    let end = book.tally.latest.unwrap_or(Timestamp::MIN);
    let mut all = Effects::default();
    let mut groups: [BTreeMap<String, Effects>; 5] = Default::default();
    for dose in doses(book, &wrong) {
        let line = dose.line;
        let Some(done) = line.fact.given() else { continue };
        let (Some(due), Some(key)) = (done.effect_due, line.fact.key) else { continue };
        let grace = line.fact.detail.as_ref().and_then(|detail| detail.order.as_ref()?.grace_s).unwrap_or(0);
        let latest = due.saturating_add(SignedDuration::from_secs(grace)).unwrap_or(due);
        let at = noted.get(&key).copied();
        let keys = keys(book, settings, line);
        let of_groups = groups.iter_mut().zip(keys).map(|(group, key)| group.entry(key).or_default());
        for effects in of_groups.chain([&mut all]) {
            match at {
                Some(at) if at <= latest => effects.in_time += 1,
                Some(_) => effects.late += 1,
                None if latest >= end => effects.not_due += 1,
                None => effects.missing += 1,
            }
            effects.after.extend(at.map(|at| at.duration_since(done.at)));
        }
    }
    let row = |key: String, effects: Effects| [key].into_iter().chain(effects.cells()).collect();
    let head = |column| [column].into_iter().chain(COLUMNS).collect();
    let mut tables = vec![Table {
        title: "CM9 Effects of as-needed doses",
        columns: head("group"),
        rows: vec![row("all".to_owned(), all)],
    }];
    let names = [
        ("By nurse", "nurse"),
        ("By unit", "unit"),
        ("By shift", "shift"),
        ("By product", "product"),
        ("By week, from Monday", "week"),
    ];
    tables.extend(groups.into_iter().zip(names).map(|(group, (title, column))| {
        let rows = group.into_iter().map(|(key, effects)| row(key, effects)).collect();
        Table { title, columns: head(column), rows }
    }));
    tables
}

fn keys(book: &Book, settings: &Settings, line: &Line) -> [String; 5] {
    [book.actor(line), book.unit(line).to_owned(), shift(settings, line), product(line), week(line)]
}
