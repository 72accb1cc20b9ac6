//! When doses are due.
//!
//! An hourly interval is elapsed time, unmoved by a change to or from daylight-saving time. A daily 09:00 is wall time and stays
//! 09:00. A wall time that does not exist falls on the next existing instant; one that exists twice is the first of the two.
//! A timing that cannot be read is *unscheduled*: visible, never invented.

mod calendar;

use alloc::string::String;
use alloc::vec::Vec;

use jiff::civil::{Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use calendar::{CalendarRule, Days};

/// The timing of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Timing {
    /// At these instants (FHIR `timing.event`). One instant is a one-time dose.
    At(Vec<Timestamp>),
    /// At these times of day in local wall time, on these weekdays (all when empty), every so many days from the start date.
    Daily {
        /// Ascending, without repetition, never empty.
        times: Vec<Time>,
        /// Empty for every day.
        weekdays: Vec<Weekday>,
        /// 1 for every day, 2 for every other day. Counted from the request's start date; with weekdays and whole weeks, 14 is
        /// every second week, counted from the week (Monday first) of the start. Never 0.
        every_days: u16,
    },
    /// Every so many minutes of elapsed time, anchored at the request's start.
    Every {
        /// Minutes between two doses; never 0.
        minutes: u32,
    },
    /// At these times of day in local wall time, on these days of every so many months, counted from the month of the start.
    Monthly {
        /// Ascending, without repetition, never empty.
        times: Vec<Time>,
        /// From 1 to 31, ascending; a month without that day has no dose for it.
        days: Vec<u8>,
        /// 1 for every month. Never 0.
        every_months: u16,
    },
    /// Without interruption from the start to the stop: an infusion. It has no single doses; a bag is hung when it is needed.
    Continuous,
    /// As needed.
    AsNeeded(AsNeeded),
    /// Not readable as a schedule: shown with its text, needs the pharmacy.
    Unscheduled {
        /// As ordered.
        text: String,
    },
}

/// As-needed (PRN) limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AsNeeded {
    /// At least this long after the last dose of the ingredient (T4).
    pub minimum_interval: Option<SignedDuration>,
    /// At most so many doses in 24 hours (T5).
    pub most_per_day: Option<u16>,
    /// For what (T6), as ordered.
    pub reasons: Vec<String>,
}

/// One dose that is to be given at one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slot {
    /// When it is due.
    pub due: Timestamp,
    /// When the following one is due, while the request lasts.
    pub next: Option<Timestamp>,
    /// The first of the request: it has no window.
    pub first: bool,
}

/// The most slots one expansion may return; a schedule of one dose a minute over a week stays below it.
const MOST_SLOTS: usize = 20_000;

/// The nominal length of a month; no month is shorter.
const SHORTEST_MONTH: i64 = 28;

impl Timing {
    /// The nominal time between two doses; `None` without one.
    pub fn interval(&self) -> Option<SignedDuration> {
        match self {
            Self::Daily { times, weekdays, every_days } => {
                let days = match weekdays.len() {
                    0 | 1 => i64::from(*every_days).max(days_between(weekdays)),
                    _ => days_between(weekdays),
                };
                let count = i64::try_from(times.len().max(1)).ok()?;
                Some(SignedDuration::from_mins(days * 24 * 60 / count))
            }
            Self::Every { minutes } => Some(SignedDuration::from_mins(i64::from(*minutes))),
            Self::Monthly { times, days, every_months } => {
                let gap = days.windows(2).map(|pair| i64::from(pair[1].saturating_sub(pair[0]))).min();
                let days = gap.unwrap_or(SHORTEST_MONTH * i64::from(*every_months)).max(1);
                let count = i64::try_from(times.len().max(1)).ok()?;
                Some(SignedDuration::from_mins(days * 24 * 60 / count))
            }
            Self::At(instants) => smallest_distance(instants),
            Self::AsNeeded(_) | Self::Continuous | Self::Unscheduled { .. } => None,
        }
    }

    /// The shortest time between two doses: twice daily at 08:00 and 10:00 is twelve hours by its name, and two by the clock.
    pub fn closest(&self) -> Option<SignedDuration> {
        let nominal = self.interval()?;
        let (Self::Daily { times, .. } | Self::Monthly { times, .. }) = self else { return Some(nominal) };
        let minutes = |time: &Time| i64::from(time.hour()) * 60 + i64::from(time.minute());
        let mut of_day: Vec<i64> = times.iter().map(minutes).collect();
        of_day.sort_unstable();
        of_day.dedup();
        let apart = of_day.windows(2).map(|pair| pair[1].saturating_sub(pair[0])).min();
        let over_night = of_day.first().zip(of_day.last()).map(|(first, last)| first + 24 * 60 - last);
        let gaps = apart.into_iter().chain(over_night).map(SignedDuration::from_mins);
        gaps.chain([nominal]).min()
    }

    /// The rule of the calendar behind it, where it has one.
    fn rule(&self, start: Timestamp, zone: &TimeZone) -> Option<CalendarRule<'_>> {
        let first = zone.to_datetime(start).date();
        match self {
            Self::Daily { times, weekdays, every_days } => Some(CalendarRule {
                times,
                days: Days::Daily { weekdays, every_days: *every_days },
                start,
                first,
            }),
            Self::Monthly { times, days, every_months } => Some(CalendarRule {
                times,
                days: Days::Monthly { days, every_months: *every_months },
                start,
                first,
            }),
            Self::At(_)
            | Self::Every { .. }
            | Self::AsNeeded(_)
            | Self::Continuous
            | Self::Unscheduled { .. } => None,
        }
    }

    /// One dose at one instant, ever.
    pub const fn is_one_time(&self) -> bool {
        matches!(self, Self::At(instants) if instants.len() == 1)
    }

    /// The slots due in `from..=to` of a request in force in `start..stop`, each with its successor. The slot before `from` and
    /// the slot after `to` are included too, so that "late" and "next" can be told.
    pub fn slots(
        &self,
        start: Timestamp,
        stop: Option<Timestamp>,
        zone: &TimeZone,
        from: Timestamp,
        to: Timestamp,
    ) -> Vec<Slot> {
        let in_force = |at: &Timestamp| *at >= start && stop.is_none_or(|stop| *at < stop);
        let mut dues: Vec<Timestamp> = match self {
            Self::At(instants) => instants.iter().copied().filter(in_force).collect(),
            Self::Every { minutes } => {
                every(start, *minutes, from, to).into_iter().filter(in_force).collect()
            }
            Self::Daily { .. } | Self::Monthly { .. } => {
                // Beyond the stop there is nothing to walk through.
                let until = |at: Timestamp| stop.map_or(at, |stop| at.min(stop));
                let rule = self.rule(start, zone);
                rule.map(|rule| {
                    rule.around(zone, until(from), until(to)).into_iter().filter(in_force).collect()
                })
                .unwrap_or_default()
            }
            Self::AsNeeded(_) | Self::Continuous | Self::Unscheduled { .. } => Vec::new(),
        };
        dues.sort_unstable();
        dues.dedup();
        let earlier = dues.iter().rposition(|due| *due < from).unwrap_or(0);
        let later = dues.iter().position(|due| *due > to).map_or(dues.len(), |at| at + 1);
        let first_due = self.first_due(start, stop, zone);
        (earlier..later)
            .map(|at| Slot {
                due: dues[at],
                next: dues.get(at + 1).copied(),
                first: Some(dues[at]) == first_due,
            })
            .collect()
    }

    /// The first slot of all.
    fn first_due(&self, start: Timestamp, stop: Option<Timestamp>, zone: &TimeZone) -> Option<Timestamp> {
        let due = match self {
            Self::At(instants) => instants.iter().copied().filter(|at| *at >= start).min(),
            Self::Every { .. } => Some(start),
            Self::Daily { .. } | Self::Monthly { .. } => {
                self.rule(start, zone)?.around(zone, start, start).into_iter().filter(|at| *at >= start).min()
            }
            Self::AsNeeded(_) | Self::Continuous | Self::Unscheduled { .. } => None,
        }?;
        stop.is_none_or(|stop| due < stop).then_some(due)
    }
}

/// The fewest days from one of these weekdays to the next one; 1 when every day is meant.
fn days_between(weekdays: &[Weekday]) -> i64 {
    (1_i64..=7)
        .find(|gap| {
            weekdays.iter().any(|day| weekdays.iter().any(|next| i64::from(day.until(*next)) == gap % 7))
        })
        .unwrap_or(1)
}

/// The shortest time between two of several instants.
fn smallest_distance(instants: &[Timestamp]) -> Option<SignedDuration> {
    let mut sorted = instants.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    sorted.windows(2).map(|pair| pair[1].duration_since(pair[0])).min()
}

/// The multiples of the interval in `from..=to`, with two more on each side.
fn every(start: Timestamp, minutes: u32, from: Timestamp, to: Timestamp) -> Vec<Timestamp> {
    let step = i64::from(minutes.max(1)) * 60;
    let index = |at: Timestamp| (at.as_second() - start.as_second()).div_euclid(step);
    (index(from) - 2..=index(to) + 2)
        .take(MOST_SLOTS)
        .filter_map(|count| start.checked_add(SignedDuration::from_secs(count.checked_mul(step)?)).ok())
        .collect()
}

#[cfg(test)]
mod tests;
