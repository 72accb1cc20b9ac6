//! Who worked when and where, by the entries of the ledgers.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::tz::Offset;
use ledger::reading::{Book, Line};
use ledger::report::Settings;
use rights::ident::ClinicianId;

use super::range::Range;

/// Everybody's entries.
#[derive(Debug, Default)]
pub(super) struct Worked<'a> {
    /// The units in which each nurse was, in the order of time.
    places: BTreeMap<&'a ClinicianId, Vec<(Timestamp, &'a str)>>,
    /// The shifts of each nurse in each unit: the date on which a shift began, and which.
    pub(super) shifts: BTreeMap<(&'a str, &'a ClinicianId), BTreeSet<(String, String)>>,
}

impl<'a> Worked<'a> {
    /// The shifts of a range, and the places of everybody up to its end: who worked before it may have left something to waste in it.
    pub(super) fn of(book: &'a Book, range: Range) -> Self {
        let settings = Settings::default();
        let mut worked = Self::default();
        for line in &book.lines {
            let Some(id) = book.people.id_of(line) else { continue };
            let unit = book.unit(line);
            worked.places.entry(id).or_default().push((line.fact.at, unit));
            if range.is_begun(line.fact.at) {
                worked.shifts.entry((unit, id)).or_default().insert(shift(&settings, line));
            }
        }
        worked.places.values_mut().for_each(|places| places.sort_unstable());
        worked
    }

    /// The unit in which a nurse was nearest to a moment, and the nurse as the entries name them: a removal comes just before the first scan
    /// at the bedside.
    pub(super) fn unit(&self, id: &ClinicianId, at: Timestamp) -> Option<(&'a str, &'a ClinicianId)> {
        let (id, places) = self.places.get_key_value(id)?;
        let next = places.partition_point(|(time, _)| *time < at);
        let around = [next.checked_sub(1), Some(next)].into_iter().flatten().filter_map(|at| places.get(at));
        around.min_by_key(|(time, _)| time.duration_since(at).abs()).map(|(_, unit)| (*unit, *id))
    }
}

/// A shift is named after the day on which it began: the night after midnight is that of the day before.
fn shift(settings: &Settings, line: &Line) -> (String, String) {
    let seconds = i32::try_from(line.fact.offset_s).ok();
    let offset = seconds.and_then(|seconds| Offset::from_seconds(seconds).ok()).unwrap_or(Offset::UTC);
    let local = offset.to_datetime(line.fact.at);
    let (date, time) = (local.date(), local.time());
    let goes_on = settings.shifts.first().is_some_and(|first| time < *first);
    let begun = if goes_on { date.yesterday().unwrap_or(date) } else { date };
    (begun.to_string(), settings.shift(time))
}
