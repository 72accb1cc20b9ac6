//! As-needed limits (T4, T5).

use jiff::SignedDuration;
use rights::schedule::AsNeeded;

use super::{Planner, Why};
use crate::frequency::{Frequency, FrequencyRow};

const DAY: i64 = 24 * 60;

/// The limits of an as-needed order. A limit that it has but that cannot be told makes it unscheduled, since leaving the limit
/// out would allow more than was ordered.
pub(super) fn limits(
    plan: &Planner<'_>,
    row: Option<&FrequencyRow>,
    reasons: Vec<String>,
    notes: &mut Vec<String>,
) -> Result<AsNeeded, Why> {
    let repeat = plan.repeat;
    let mut intervals: Vec<SignedDuration> = plan.ordered.prn_interval.into_iter().collect();
    let mut most: Vec<u32> = plan.ordered.most_per_day.map(u32::from).into_iter().collect();
    if !repeat.day_of_week.is_empty() {
        return Err("as needed on certain weekdays only".to_owned());
    }
    if let Some(times) = plan.times()? {
        if plan.every_days(!plan.repeat.day_of_week.is_empty())? > 1 {
            return Err("as needed at times of day, not every day".to_owned());
        }
        most.push(u32::try_from(times.len()).unwrap_or(u32::MAX));
        notes.push(
            "as needed at times of day: taken as so many doses a day, the times stand in its text".to_owned(),
        );
    }
    match row.map(|row| &row.frequency) {
        Some(Frequency::Every { minutes }) => intervals.push(SignedDuration::from_mins(i64::from(*minutes))),
        Some(Frequency::Daily { times, weekdays, every_days }) => {
            if *every_days > 1 || !weekdays.is_empty() {
                return Err("as needed, not every day".to_owned());
            }
            most.push(u32::try_from(times.len()).unwrap_or(u32::MAX));
        }
        Some(Frequency::Continuous | Frequency::NeedsPerson) => {
            return Err("its code depends on an event or a chart".to_owned());
        }
        Some(Frequency::Once) => return Err("one dose only, as needed".to_owned()),
        Some(Frequency::AsNeeded) | None => {}
    }
    if repeat.frequency.is_some() || repeat.period.is_some() {
        let frequency = repeat.frequency_max.or(repeat.frequency).unwrap_or(1);
        match (frequency, plan.period_minutes()?) {
            (1, Some(period)) if period != DAY => intervals.push(SignedDuration::from_mins(period)),
            (count, Some(DAY)) => most.push(count),
            (_, None) => return Err("its frequency has no period".to_owned()),
            _ => return Err("as needed, several times in a period that is not a day".to_owned()),
        }
    }
    if repeat.count.is_some() {
        return Err("as needed, a limited number of times".to_owned());
    }
    if intervals.iter().any(|interval| Some(interval) != intervals.first()) {
        notes.push("its minimum intervals differ: the longest one counts".to_owned());
    }
    let most_per_day = most.into_iter().min().map(|most| u16::try_from(most).unwrap_or(u16::MAX));
    Ok(AsNeeded { minimum_interval: intervals.into_iter().max(), most_per_day, reasons })
}
