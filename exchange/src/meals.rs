//! The site's meal and sleep times: what FHIR's `repeat.when` (`ACM`, `HS` ...) means on the clock of this house.

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan;
use jiff::civil::Time;

use crate::frequency::wall_time;
use crate::rejection::Rejection;
use crate::table::{self, TableError};

const DEFAULT: &str = include_str!("../tables/meals.csv");

#[derive(Clone, Debug, PartialEq, Eq)]
struct Event {
    times: Vec<Time>,
    sense: Option<Sense>,
}

/// Which way `repeat.offset` counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sense {
    Before,
    After,
}

/// Event code to times of day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MealTable {
    events: BTreeMap<String, Event>,
}

impl MealTable {
    /// Reads `when,times,sense` lines: the code of FHIR's event timing, its times separated by semicolons, and whether an
    /// offset counts `before` or `after` them (empty: an offset has no meaning).
    ///
    /// # Errors
    /// When it is no such table. Single bad lines are returned beside the table.
    pub fn read(file: &str, bytes: &[u8]) -> Result<(Self, Vec<Rejection>), TableError> {
        let (rows, mut rejections) = table::read(file, bytes, &["when", "times", "sense"])?;
        let mut events = BTreeMap::new();
        for row in rows {
            let refuse = |reason: String| table::reject(file, row.line, reason, "correct the line");
            let times = row.list("times").map(wall_time).collect::<Result<BTreeSet<_>, _>>();
            let sense = match row.get("sense") {
                "" => Ok(None),
                "before" => Ok(Some(Sense::Before)),
                "after" => Ok(Some(Sense::After)),
                other => Err(format!("sense is \"{other}\", expected before, after or nothing")),
            };
            match (times, sense) {
                (Err(reason), _) | (_, Err(reason)) => rejections.push(refuse(reason)),
                (Ok(times), Ok(_)) if times.is_empty() || row.get("when").is_empty() => {
                    rejections.push(refuse("code or times are missing".into()));
                }
                (Ok(times), Ok(sense)) => {
                    events.insert(
                        row.get("when").to_owned(),
                        Event { times: times.into_iter().collect(), sense },
                    );
                }
            }
        }
        Ok((Self { events }, rejections))
    }

    /// The times of an event, moved by `offset` minutes.
    ///
    /// # Errors
    /// With the reason, when the table does not know the code, the offset has no meaning there or leaves the day.
    pub fn times(&self, when: &str, offset: u32) -> Result<Vec<Time>, String> {
        let event = self.events.get(when).ok_or_else(|| {
            format!("\"{}\" is not in the site's table of meal and sleep times", crate::units::short(when))
        })?;
        if offset == 0 {
            return Ok(event.times.clone());
        }
        let minutes = match event.sense {
            Some(Sense::Before) => -i64::from(offset),
            Some(Sense::After) => i64::from(offset),
            None => return Err(format!("an offset has no meaning for \"{when}\"")),
        };
        let leaves = || "the offset leaves the day".to_owned();
        if minutes.abs() >= 24 * 60 {
            return Err(leaves());
        }
        event.times.iter().map(|time| time.checked_add(minutes.minutes()).map_err(|_| leaves())).collect()
    }
}

impl Default for MealTable {
    /// The demo site's table in `exchange/tables/meals.csv`; a test proves that each of its lines is good.
    fn default() -> Self {
        Self::read("meals.csv", DEFAULT.as_bytes())
            .map_or_else(|_| Self { events: BTreeMap::new() }, |(table, _)| table)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::time;

    #[test]
    fn every_default_line_is_good() {
        assert_eq!(MealTable::read("meals.csv", DEFAULT.as_bytes()).unwrap().1, []);
    }

    #[test]
    fn offsets_count_before_and_after_meals() {
        let table = MealTable::default();
        assert_eq!(table.times("ACM", 10), Ok(vec![time(7, 50, 0, 0)]));
        assert_eq!(table.times("PCV", 30), Ok(vec![time(18, 0, 0, 0)]));
        assert!(table.times("NOON", 10).is_err());
        assert!(table.times("ACM", 600).unwrap_err().contains("leaves the day"));
        assert!(table.times("XYZ", 0).is_err());
    }
}
