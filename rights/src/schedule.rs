//! When doses are due.
//!
//! An hourly interval is elapsed time, unmoved by a change to or from daylight-saving time. A daily 09:00 is wall time and stays
//! 09:00. A wall time that does not exist falls on the next existing instant; one that exists twice is the first of the two.
//! A timing that cannot be read is *unscheduled*: visible, never invented.

use alloc::string::String;
use alloc::vec::Vec;

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp, ToSpan};

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

    /// The rule of the calendar behind it, where it has one.
    fn rule(&self, start: Timestamp, zone: &TimeZone) -> Option<CalendarRule<'_>> {
        let first = zone.to_datetime(start).date();
        match self {
            Self::Daily { times, weekdays, every_days } => {
                Some(CalendarRule { times, days: Days::Daily { weekdays, every_days: *every_days }, first })
            }
            Self::Monthly { times, days, every_months } => {
                Some(CalendarRule { times, days: Days::Monthly { days, every_months: *every_months }, first })
            }
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
                let rule = self.rule(start, zone);
                rule.map(|rule| rule.around(zone, from, to).into_iter().filter(in_force).collect())
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

/// The nominal length of a month; no month is shorter.
const SHORTEST_MONTH: i64 = 28;

/// Times of day on the days of a rule, from the date of the start on.
struct CalendarRule<'a> {
    times: &'a [Time],
    days: Days<'a>,
    first: Date,
}

#[derive(Clone, Copy)]
enum Days<'a> {
    Daily { weekdays: &'a [Weekday], every_days: u16 },
    Monthly { days: &'a [u8], every_months: u16 },
}

impl CalendarRule<'_> {
    /// The instants from one whole period before `from` to one after `to`.
    fn around(&self, zone: &TimeZone, from: Timestamp, to: Timestamp) -> Vec<Timestamp> {
        // Far enough that the slot before and the two after are found.
        let margin = match self.days {
            Days::Daily { every_days, .. } => i64::from(every_days.max(7)) * 2 + 1,
            // The 30th may be missing once, the 29th of a February seven times.
            Days::Monthly { every_months, .. } => i64::from(every_months.max(1)) * 31 * 9,
        };
        let (Ok(mut date), Ok(last)) = (
            zone.to_datetime(from).date().checked_sub(margin.days()),
            zone.to_datetime(to).date().checked_add(margin.days()),
        ) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        while date <= last && found.len() < MOST_SLOTS {
            if self.falls_on(date) {
                found.extend(self.times.iter().filter_map(|time| existing_instant(zone, date, *time)));
            }
            let Ok(next) = date.tomorrow() else { break };
            date = next;
        }
        found
    }

    fn falls_on(&self, date: Date) -> bool {
        match self.days {
            Days::Daily { weekdays, every_days } => {
                let weekday = weekdays.is_empty() || weekdays.contains(&date.weekday());
                let days = days_from(self.first, date);
                let every = i64::from(every_days.max(1));
                if !weekdays.is_empty() && every % 7 == 0 {
                    let monday = i64::from(self.first.weekday().to_monday_zero_offset());
                    return weekday && days >= 0 && (days + monday) / 7 % (every / 7) == 0;
                }
                weekday && days >= 0 && days % every == 0
            }
            Days::Monthly { days, every_months } => {
                let month = |date: Date| i64::from(date.year()) * 12 + i64::from(date.month());
                let months = month(date) - month(self.first);
                let day = u8::try_from(date.day()).is_ok_and(|day| days.contains(&day));
                day && date >= self.first && months % i64::from(every_months.max(1)) == 0
            }
        }
    }
}

fn days_from(first: Date, date: Date) -> i64 {
    i64::from(date.since(first).map_or(0, |span| span.get_days()))
}

/// The instant of a wall time: the first of two, and for one that does not exist, the moment the clocks jump.
fn existing_instant(zone: &TimeZone, date: Date, time: Time) -> Option<Timestamp> {
    let ambiguous = zone.to_ambiguous_timestamp(date.to_datetime(time));
    match ambiguous.offset() {
        AmbiguousOffset::Unambiguous { .. } | AmbiguousOffset::Fold { .. } => ambiguous.earlier().ok(),
        AmbiguousOffset::Gap { .. } => {
            let after_the_jump = ambiguous.later().ok()?;
            let just_before = ambiguous.earlier().ok()?.min(after_the_jump);
            zone.following(just_before.checked_sub(SignedDuration::from_secs(1)).ok()?)
                .next()
                .map(|transition| transition.timestamp())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use jiff::civil::{date, time};

    /// Local time of New York without a time-zone database: the rule of 2007, as a POSIX string.
    fn new_york() -> TimeZone {
        TimeZone::posix("EST5EDT,M3.2.0,M11.1.0").unwrap()
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn dues(timing: &Timing, start: &str, from: &str, to: &str) -> Vec<Timestamp> {
        let (from, to) = (at(from), at(to));
        let slots = timing.slots(at(start), None, &new_york(), from, to);
        slots.into_iter().map(|slot| slot.due).filter(|due| *due >= from && *due <= to).collect()
    }

    #[test]
    fn a_daily_time_stays_wall_time_over_both_changes() {
        let nine = Timing::Daily { times: vec![time(9, 0, 0, 0)], weekdays: vec![], every_days: 1 };
        let autumn = dues(&nine, "2026-10-01T00:00:00Z", "2026-10-31T00:00:00Z", "2026-11-02T00:00:00Z");
        assert_eq!(autumn, [at("2026-10-31T13:00:00Z"), at("2026-11-01T14:00:00Z")]);
        let spring = dues(&nine, "2026-03-01T00:00:00Z", "2026-03-07T12:00:00Z", "2026-03-09T00:00:00Z");
        assert_eq!(spring, [at("2026-03-07T14:00:00Z"), at("2026-03-08T13:00:00Z")]);
    }

    #[test]
    fn a_wall_time_in_the_missing_hour_falls_on_the_next_existing_instant() {
        let half_past_two = Timing::Daily { times: vec![time(2, 30, 0, 0)], weekdays: vec![], every_days: 1 };
        let night =
            dues(&half_past_two, "2026-03-01T00:00:00Z", "2026-03-08T05:00:00Z", "2026-03-08T12:00:00Z");
        assert_eq!(night, [at("2026-03-08T07:00:00Z")], "02:30 does not exist, 03:00 EDT does");
    }

    #[test]
    fn a_wall_time_in_the_repeated_hour_is_due_once_the_first_time() {
        let half_past_one = Timing::Daily { times: vec![time(1, 30, 0, 0)], weekdays: vec![], every_days: 1 };
        let night =
            dues(&half_past_one, "2026-10-01T00:00:00Z", "2026-11-01T04:00:00Z", "2026-11-01T12:00:00Z");
        assert_eq!(night, [at("2026-11-01T05:30:00Z")], "01:30 EDT, not again 01:30 EST");
    }

    #[test]
    fn an_interval_is_elapsed_time_over_a_change() {
        let q4h = Timing::Every { minutes: 240 };
        let night = dues(&q4h, "2026-11-01T00:00:00Z", "2026-11-01T00:00:00Z", "2026-11-01T12:00:00Z");
        let expected = ["T00", "T04", "T08", "T12"].map(|t| at(&alloc::format!("2026-11-01{t}:00:00Z")));
        assert_eq!(night, expected);
    }

    #[test]
    fn every_other_day_counts_from_the_start_date() {
        let rule = Timing::Daily { times: vec![time(8, 0, 0, 0)], weekdays: vec![], every_days: 2 };
        let found = dues(&rule, "2026-06-01T04:00:00Z", "2026-06-02T00:00:00Z", "2026-06-06T00:00:00Z");
        assert_eq!(found, [at("2026-06-03T12:00:00Z"), at("2026-06-05T12:00:00Z")]);
    }

    #[test]
    fn only_the_first_slot_is_first_and_each_knows_its_successor() {
        let twice = Timing::Daily {
            times: vec![time(9, 0, 0, 0), time(21, 0, 0, 0)],
            weekdays: vec![],
            every_days: 1,
        };
        let start = at("2026-06-01T15:00:00Z");
        let slots = twice.slots(start, None, &new_york(), start, at("2026-06-02T15:00:00Z"));
        assert_eq!(slots[0].due, at("2026-06-02T01:00:00Z"), "09:00 of the first day was before the start");
        assert!(slots[0].first && slots[1..].iter().all(|slot| !slot.first));
        assert!(slots.windows(2).all(|pair| pair[0].next == Some(pair[1].due)));
        assert_eq!(new_york().to_datetime(slots[0].due).date(), date(2026, 6, 1));
    }

    #[test]
    fn a_stopped_request_has_no_slots_from_its_stop_on() {
        let q4h = Timing::Every { minutes: 240 };
        let start = at("2026-06-01T00:00:00Z");
        let stop = at("2026-06-01T08:00:00Z");
        let slots = q4h.slots(start, Some(stop), &new_york(), start, at("2026-06-02T00:00:00Z"));
        assert_eq!(slots.len(), 2);
        assert_eq!(slots[1].next, None);
    }

    #[test]
    fn weekdays_of_every_second_week_count_from_the_week_of_the_start() {
        // The start is a Wednesday; its week counts although Monday is past.
        let rule = Timing::Daily {
            times: vec![time(9, 0, 0, 0)],
            weekdays: vec![Weekday::Monday, Weekday::Thursday],
            every_days: 14,
        };
        let found = dues(&rule, "2026-06-10T04:00:00Z", "2026-06-10T00:00:00Z", "2026-06-27T00:00:00Z");
        let expected =
            ["2026-06-11", "2026-06-22", "2026-06-25"].map(|day| at(&alloc::format!("{day}T13:00:00Z")));
        assert_eq!(found, expected);
        assert_eq!(rule.interval(), Some(SignedDuration::from_hours(72)));
        let weekly =
            Timing::Daily { times: vec![time(9, 0, 0, 0)], weekdays: vec![Weekday::Monday], every_days: 14 };
        assert_eq!(weekly.interval(), Some(SignedDuration::from_hours(14 * 24)));
    }

    #[test]
    fn a_monthly_dose_keeps_its_day_and_wall_time_and_skips_a_month_without_it() {
        let rule = Timing::Monthly { times: vec![time(9, 0, 0, 0)], days: vec![31], every_months: 1 };
        let found = dues(&rule, "2026-01-01T05:00:00Z", "2026-01-01T00:00:00Z", "2026-06-01T00:00:00Z");
        let expected = ["2026-01-31T14:00:00Z", "2026-03-31T13:00:00Z", "2026-05-31T13:00:00Z"].map(at);
        assert_eq!(found, expected);
        let quarterly = Timing::Monthly { times: vec![time(9, 0, 0, 0)], days: vec![1], every_months: 3 };
        let found = dues(&quarterly, "2026-01-01T05:00:00Z", "2026-01-01T00:00:00Z", "2026-12-31T00:00:00Z");
        assert_eq!(found.len(), 4);
        let slots = rule.slots(
            at("2026-01-01T05:00:00Z"),
            None,
            &new_york(),
            at("2026-02-15T00:00:00Z"),
            at("2026-02-16T00:00:00Z"),
        );
        assert_eq!(slots[0].due, at("2026-01-31T14:00:00Z"), "the one before is found");
        assert_eq!(slots[0].next, Some(at("2026-03-31T13:00:00Z")));
    }

    #[test]
    fn the_interval_of_a_monthly_dose_is_never_less_than_daily() {
        let on = |days: &[u8], every_months| {
            let rule = Timing::Monthly { times: vec![time(9, 0, 0, 0)], days: days.to_vec(), every_months };
            rule.interval().map(|interval| interval.as_hours() / 24)
        };
        assert_eq!(on(&[1], 1), Some(28));
        assert_eq!(on(&[1], 2), Some(56));
        assert_eq!(on(&[1, 15], 1), Some(14));
        assert_eq!(on(&[1, 2], 1), Some(1));
    }

    #[test]
    fn a_continuous_infusion_has_no_single_doses() {
        let from = at("2026-06-01T00:00:00Z");
        assert!(
            Timing::Continuous.slots(from, None, &new_york(), from, at("2026-06-02T00:00:00Z")).is_empty()
        );
        assert_eq!(Timing::Continuous.interval(), None);
        assert!(!Timing::Continuous.is_one_time());
    }
}
