//! The site's frequency table: what `BID` or `Q8H` means in this house, with its times of day.
//!
//! A code that is not in the table needs a person; it is never read by its letters.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Time, Weekday};

use crate::rejection::Rejection;
use crate::table::{self, Row, TableError};

const DEFAULT: &str = include_str!("../tables/frequencies.csv");
const COLUMNS: &[&str] =
    &["code", "kind", "times", "interval_minutes", "weekdays", "every_days", "as_needed"];

/// What a frequency code means at this site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frequency {
    /// At these wall times.
    Daily {
        /// Ascending, without repetition, never empty.
        times: Vec<Time>,
        /// Empty for every day.
        weekdays: Vec<Weekday>,
        /// 1 for every day; never 0.
        every_days: u16,
    },
    /// Every so many minutes of elapsed time from the first dose; never 0.
    Every {
        /// Minutes between two doses.
        minutes: u32,
    },
    /// One dose.
    Once,
    /// As needed, without an interval.
    AsNeeded,
    /// Runs all the time; no single doses.
    Continuous,
    /// Depends on an event or a chart: only a person can say when.
    NeedsPerson,
}

/// One line of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrequencyRow {
    /// What it means.
    pub frequency: Frequency,
    /// Whether the code says "as needed".
    pub as_needed: bool,
}

/// Code to meaning. Codes match exactly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrequencyTable {
    rows: BTreeMap<String, FrequencyRow>,
    /// Codes that are known and that the site has not given times yet: what an order says beside them counts.
    undecided: BTreeSet<String>,
}

impl FrequencyTable {
    /// Reads `code,kind,times,interval_minutes,weekdays,every_days,as_needed` lines. Kinds: `daily`, `interval`, `once`,
    /// `as_needed`, `continuous`, `person` (depends on an event or a chart), `site` (known, and the site has not decided on times:
    /// unscheduled, unless the order itself names its times). Lists are separated by semicolons.
    ///
    /// A site may also give a row for a bare frequency without a code, under `<frequency>/<period><unit>`, such as `2/1d`.
    ///
    /// # Errors
    /// When it is no such table. Single bad lines are returned beside the table.
    pub fn read(file: &str, bytes: &[u8]) -> Result<(Self, Vec<Rejection>), TableError> {
        let (rows, mut rejections) = table::read(file, bytes, COLUMNS)?;
        let mut found: BTreeMap<String, FrequencyRow> = BTreeMap::new();
        let mut undecided = BTreeSet::new();
        for row in rows {
            let code = row.get("code");
            let parsed = if code.is_empty() { Err("the code is empty".to_owned()) } else { parse(&row) };
            match parsed {
                Ok(_) if found.contains_key(code) || undecided.contains(code) => {
                    rejections.push(table::reject(
                        file,
                        row.line,
                        "the code stands there already",
                        "remove one line",
                    ));
                }
                Ok(Some(parsed)) => {
                    found.insert(code.to_owned(), parsed);
                }
                Ok(None) => {
                    undecided.insert(code.to_owned());
                }
                Err(reason) => rejections.push(table::reject(file, row.line, reason, "correct the line")),
            }
        }
        Ok((Self { rows: found, undecided }, rejections))
    }

    /// What the code means; `None`: not in the table, needs a person.
    pub fn row(&self, code: &str) -> Option<&FrequencyRow> {
        self.rows.get(code)
    }

    /// Whether the code is known and the site has not given it times.
    pub fn is_undecided(&self, code: &str) -> bool {
        self.undecided.contains(code)
    }

    /// How many codes it holds.
    pub fn len(&self) -> usize {
        self.rows.len() + self.undecided.len()
    }

    /// Whether it holds no code.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A row; `None` for a code that the site has not decided on.
fn parse(row: &Row) -> Result<Option<FrequencyRow>, String> {
    let as_needed = match row.get("as_needed") {
        "" | "no" => false,
        "yes" => true,
        other => return Err(format!("as_needed is \"{other}\", expected yes or no")),
    };
    let unused = |columns: &[&str]| match columns.iter().find(|column| !row.get(column).is_empty()) {
        Some(column) => Err(format!("{column} has no meaning for this kind")),
        None => Ok(()),
    };
    let every = &["times", "interval_minutes", "weekdays", "every_days"];
    let frequency = match row.get("kind") {
        "daily" => {
            unused(&["interval_minutes"])?;
            daily(row)?
        }
        "interval" => {
            unused(&["times", "weekdays", "every_days"])?;
            match row.get("interval_minutes").parse() {
                Ok(minutes) if minutes > 0 => Frequency::Every { minutes },
                _ => return Err("interval_minutes must be a whole number above 0".to_owned()),
            }
        }
        "site" => {
            unused(every)?;
            return unused(&["as_needed"]).map(|()| None);
        }
        kind => {
            unused(every)?;
            match kind {
                "once" => Frequency::Once,
                "as_needed" => Frequency::AsNeeded,
                "continuous" => Frequency::Continuous,
                "person" => Frequency::NeedsPerson,
                other => return Err(format!("\"{other}\" is no kind")),
            }
        }
    };
    if frequency == Frequency::AsNeeded && !as_needed {
        return Err("kind as_needed needs as_needed = yes".to_owned());
    }
    Ok(Some(FrequencyRow { frequency, as_needed }))
}

fn daily(row: &Row) -> Result<Frequency, String> {
    let times = row.list("times").map(wall_time).collect::<Result<BTreeSet<_>, _>>()?;
    if times.is_empty() {
        return Err("times are missing".to_owned());
    }
    let weekdays = row
        .list("weekdays")
        .map(|day| weekday(day).ok_or_else(|| format!("\"{day}\" is no weekday (mon to sun)")))
        .collect::<Result<Vec<_>, _>>()?;
    let every_days = match row.get("every_days") {
        "" => 1,
        text => text
            .parse()
            .ok()
            .filter(|days| *days > 0)
            .ok_or_else(|| "every_days must be a whole number above 0".to_owned())?,
    };
    if every_days > 1 && !weekdays.is_empty() {
        return Err("weekdays and every_days exclude each other".to_owned());
    }
    Ok(Frequency::Daily { times: times.into_iter().collect(), weekdays, every_days })
}

/// `HH:MM` or `HH:MM:SS`.
pub(crate) fn wall_time(text: &str) -> Result<Time, String> {
    let shape = text.len() == 5 || text.len() == 8;
    shape
        .then(|| text.parse().ok())
        .flatten()
        .ok_or_else(|| format!("\"{}\" is no time of day", crate::units::short(text)))
}

/// A FHIR `days-of-week` code.
pub(crate) fn weekday(code: &str) -> Option<Weekday> {
    Some(match code {
        "mon" => Weekday::Monday,
        "tue" => Weekday::Tuesday,
        "wed" => Weekday::Wednesday,
        "thu" => Weekday::Thursday,
        "fri" => Weekday::Friday,
        "sat" => Weekday::Saturday,
        "sun" => Weekday::Sunday,
        _ => return None,
    })
}

impl Default for FrequencyTable {
    /// The demo site's table in `exchange/tables/frequencies.csv`; a test proves that each of its lines is good.
    fn default() -> Self {
        Self::read("frequencies.csv", DEFAULT.as_bytes())
            .map_or_else(|_| Self { rows: BTreeMap::new(), undecided: BTreeSet::new() }, |(table, _)| table)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::time;

    #[test]
    fn every_default_line_is_good() {
        let (table, rejections) = FrequencyTable::read("frequencies.csv", DEFAULT.as_bytes()).unwrap();
        assert_eq!(rejections, []);
        assert!(table.len() > 80);
        let times = vec![time(9, 0, 0, 0), time(21, 0, 0, 0)];
        let bid = Frequency::Daily { times, weekdays: vec![], every_days: 1 };
        assert_eq!(table.row("BID").map(|row| &row.frequency), Some(&bid));
        assert_eq!(table.row("bid"), None, "codes match exactly");
    }

    #[test]
    fn bad_lines_are_named_and_left_out() {
        let lines = "A,daily,,,,,\nB,daily,25:00,,,,\nC,interval,,0,,,\nD,often,,,,,\nE,daily,09:00,,lun,,\n\
                     F,once,09:00,,,,\nG,daily,09:00,,,0,\nH,as_needed,,,,,\nI,once,,,,,\nI,once,,,,,\n";
        let text = format!("{}\n{lines}", COLUMNS.join(","));
        let (table, rejections) = FrequencyTable::read("f.csv", text.as_bytes()).unwrap();
        assert_eq!(table.len(), 1);
        assert_eq!(rejections.len(), 9);
        assert_eq!(rejections[0].place, "f.csv line 2");
    }
}
