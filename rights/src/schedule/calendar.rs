//! Times of day on days of the calendar, as instants.

use alloc::vec::Vec;

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::MOST_SLOTS;

/// Times of day on the days of a rule, from the date of the start on.
pub(super) struct CalendarRule<'a> {
    /// The times of day.
    pub(super) times: &'a [Time],
    /// The days.
    pub(super) days: Days<'a>,
    /// From when on the request is in force.
    pub(super) start: Timestamp,
    /// The local date of that.
    pub(super) first: Date,
}

/// The days on which a rule falls.
#[derive(Clone, Copy)]
pub(super) enum Days<'a> {
    /// Every so many days, on these weekdays.
    Daily {
        /// Empty for every day.
        weekdays: &'a [Weekday],
        /// From 1 on.
        every_days: u16,
    },
    /// On these days of the month, every so many months.
    Monthly {
        /// From 1 to 31.
        days: &'a [u8],
        /// From 1 on.
        every_months: u16,
    },
}

impl CalendarRule<'_> {
    /// The instants in `from..=to`, ascending, with at least the one before `from` and the two after `to`, as far as there are such
    /// from the start on.
    pub(super) fn around(&self, zone: &TimeZone, from: Timestamp, to: Timestamp) -> Vec<Timestamp> {
        let margin = self.longest_gap().days();
        let day_of = |at: Timestamp| zone.to_datetime(at).date();
        // Before the start there is nothing: what follows is counted from there.
        let after = day_of(to).max(self.first);
        let (Ok(earliest), Ok(last)) = (day_of(from).checked_sub(margin), after.checked_add(margin)) else {
            return Vec::new();
        };
        let mut date = day_of(from);
        while date > earliest.max(self.first) && !self.on(zone, date).any(|at| at < from) {
            let Ok(before) = date.yesterday() else { break };
            date = before;
        }
        let mut found = Vec::new();
        let mut after = 0;
        while date <= last && after < 2 && found.len() < MOST_SLOTS {
            for at in self.on(zone, date) {
                // Two times of the missing hour are one instant.
                if found.last() != Some(&at) {
                    found.push(at);
                    after += usize::from(at > to && at >= self.start);
                }
            }
            let Ok(next) = date.tomorrow() else { break };
            date = next;
        }
        found
    }

    /// So many days hold at least two instants of the rule.
    fn longest_gap(&self) -> i64 {
        match self.days {
            Days::Daily { every_days, .. } => i64::from(every_days.max(7)) * 2 + 1,
            // The 30th may be missing once, the 29th of a February seven times.
            Days::Monthly { every_months, .. } => i64::from(every_months.max(1)) * 31 * 9,
        }
    }

    /// The instants of one day.
    fn on<'a>(&'a self, zone: &'a TimeZone, date: Date) -> impl Iterator<Item = Timestamp> + 'a {
        let times = if self.falls_on(date) { self.times } else { &[] };
        times.iter().filter_map(move |time| existing_instant(zone, date, *time))
    }

    fn falls_on(&self, date: Date) -> bool {
        match self.days {
            Days::Daily { weekdays, every_days } => {
                let weekday = weekdays.is_empty() || weekdays.contains(&date.weekday());
                let days = date.duration_since(self.first).as_hours() / 24;
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
