//! The plots of the reports that need only the entries' clear part.

use std::collections::BTreeMap;

use super::count::share;
use super::kinds::is_given;
use super::plot::{Axis, Plot, PlotKind, Series};
use super::range::{day, hour};
use crate::kind::Kind as EntryKind;
use crate::leaf::Leaf;

/// A share as a decimal without its sign.
fn decimal(part: u64, of: u64) -> String {
    share(part, of).trim_end_matches(" %").to_owned()
}

fn percent_by_day(
    title: &'static str,
    name: &'static str,
    entries: &[Leaf],
    counts: impl Fn(&Leaf) -> bool,
    target: Option<&'static str>,
) -> Plot {
    let mut days: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for leaf in entries.iter().filter(|leaf| is_given(leaf.kind)) {
        let (part, of) = days.entry(day(&leaf.clock).to_string()).or_default();
        *part += u64::from(counts(leaf));
        *of += 1;
    }
    let points = days.into_iter().map(|(day, (part, of))| (day, decimal(part, of)));
    let y = Axis { title: name, unit: "%" };
    let series = vec![Series::new(name, points)];
    Plot { kind: PlotKind::Line, title, x: Axis::of("local day"), y, target, series }
}

/// Whether every check of the time passed.
fn is_on_time(leaf: &Leaf) -> bool {
    leaf.clear.findings.iter().filter(|(check, _)| check.starts_with('T')).all(|(_, class)| class == "pass")
}

pub(super) fn scanning_rate(entries: &[Leaf]) -> Plot {
    let scanned = |leaf: &Leaf| leaf.clear.source.is_some();
    percent_by_day("Doses given with a scanned code, by day", "scanned", entries, scanned, Some("95"))
}

pub(super) fn on_time(entries: &[Leaf]) -> Plot {
    percent_by_day("Doses whose time checks all passed, by day", "all passed", entries, is_on_time, None)
}

pub(super) fn hours(entries: &[Leaf]) -> Plot {
    let mut count = [0_u64; 24];
    for leaf in entries.iter().filter(|leaf| is_given(leaf.kind)) {
        if let Some(number) = usize::try_from(hour(&leaf.clock)).ok().and_then(|hour| count.get_mut(hour)) {
            *number += 1;
        }
    }
    let points = count.into_iter().enumerate().map(|(hour, doses)| (format!("{hour:02}"), doses));
    Plot {
        kind: PlotKind::Histogram,
        title: "Doses by hour of the local day",
        x: Axis::of("hour"),
        y: Axis::of("doses"),
        target: None,
        series: vec![Series::new("doses", points)],
    }
}

/// From every decision that was shown to the doses that were given although something was found.
pub(super) fn alert_funnel(entries: &[Leaf]) -> Plot {
    let found = |leaf: &&Leaf| leaf.clear.findings.iter().any(|(_, class)| class != "pass");
    let decided = entries.iter().filter(|leaf| leaf.clear.class.is_some());
    let (all, alerted) = (decided.clone().count(), decided.filter(found).count());
    let given = entries.iter().filter(|leaf| is_given(leaf.kind)).filter(found);
    let (given, reasoned) =
        (given.clone().count(), given.filter(|leaf| !leaf.clear.reasons.is_empty()).count());
    let stages = [
        ("decisions", all),
        ("with a finding", alerted),
        ("given despite it", given),
        ("with a reason told", reasoned),
    ];
    Plot {
        kind: PlotKind::Funnel,
        title: "From decisions to doses given despite a finding",
        x: Axis::of("stage"),
        y: Axis::of("entries"),
        target: None,
        series: vec![Series::new("entries", stages)],
    }
}

fn by_day(title: &'static str, entries: &[Leaf], name: impl Fn(&Leaf) -> Option<&'static str>) -> Plot {
    let mut found: BTreeMap<&'static str, BTreeMap<String, u64>> = BTreeMap::new();
    for leaf in entries {
        if let Some(name) = name(leaf) {
            *found.entry(name).or_default().entry(day(&leaf.clock).to_string()).or_default() += 1;
        }
    }
    // Every day stands on the axis in its order, although a series may miss some.
    let days: std::collections::BTreeSet<String> =
        found.values().flat_map(|series| series.keys().cloned()).collect();
    let series = found.into_iter().map(|(name, counts)| {
        Series::new(name, days.iter().map(|day| (day, counts.get(day).copied().unwrap_or(0))))
    });
    Plot {
        kind: PlotKind::Bars,
        title,
        x: Axis::of("local day"),
        y: Axis::of("entries"),
        target: None,
        series: series.collect(),
    }
}

pub(super) fn entries_by_day(entries: &[Leaf]) -> Plot {
    by_day("Entries by day", entries, |leaf| {
        Some(if leaf.kind.is_own() { "the ledger's own" } else { "of people" })
    })
}

pub(super) fn corrections_by_day(entries: &[Leaf]) -> Plot {
    by_day("Corrections, witnesses, overrides and waste by day", entries, |leaf| match leaf.kind {
        EntryKind::CORRECTION => Some("corrections"),
        EntryKind::WITNESS => Some("witnesses"),
        EntryKind::OVERRIDE => Some("overrides"),
        EntryKind::WASTE => Some("waste"),
        _ => None,
    })
}
