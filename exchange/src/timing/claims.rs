//! Whether the parts of a timing say the same: how often its code, its frequency and its times of day mean.

use super::{Planner, Why};
use crate::frequency::{Frequency, FrequencyRow};
use crate::units::short;

const DAY: u64 = 24 * 60;
const WEEK: u64 = 7 * DAY;

/// Doses in so many minutes.
#[derive(Clone, Copy)]
struct Rate {
    doses: u64,
    minutes: u64,
}

impl Rate {
    fn same(self, other: Self) -> bool {
        u128::from(self.doses) * u128::from(other.minutes)
            == u128::from(other.doses) * u128::from(self.minutes)
    }
}

/// A contradiction is reported, never resolved.
pub(super) fn check(plan: &Planner<'_>, row: Option<&FrequencyRow>) -> Result<(), Why> {
    let repeat = plan.repeat;
    let range = repeat.period_max.is_some() || repeat.frequency_max.is_some();
    let times = plan.times()?;
    let days = plan.weekdays()?;
    let frequency = match (repeat.frequency, range) {
        (Some(frequency), false) => of_frequency(plan, frequency, days.len())?,
        _ => None,
    };
    // Times of day are on the weekdays of the code where the order names none.
    let on = plan.weekdays_of(row)?.len();
    let named_times = times.as_ref().map(|times| of_times(plan, times.len(), on)).transpose()?;
    let code = row.and_then(|row| of_row(row, days.len()));
    let name = || {
        plan.ordered
            .timing
            .and_then(|timing| timing.codes().first().map(|code| short(code)))
            .unwrap_or_default()
    };
    let differ = |a: Option<Rate>, b: Option<Rate>| matches!((a, b), (Some(a), Some(b)) if !a.same(b));
    if differ(code, frequency) || differ(code, named_times) {
        return Err(format!("its code \"{}\" contradicts its repeat", name()));
    }
    if differ(frequency, named_times) {
        return Err("its frequency contradicts its times of day".to_owned());
    }
    let repeats = frequency.is_some() || named_times.is_some() || range;
    let (Some(row), true) = (row, repeats) else { return Ok(()) };
    match row.frequency {
        Frequency::Once | Frequency::Continuous | Frequency::NeedsPerson => {
            Err(format!("its code \"{}\" contradicts its repeat", name()))
        }
        Frequency::Daily { ref weekdays, .. } if !weekdays.is_empty() && !days.is_empty() => {
            let same = weekdays.len() == days.len() && weekdays.iter().all(|day| days.contains(day));
            if same { Ok(()) } else { Err(format!("its code \"{}\" contradicts its weekdays", name())) }
        }
        _ => Ok(()),
    }
}

fn of_row(row: &FrequencyRow, days: usize) -> Option<Rate> {
    match &row.frequency {
        Frequency::Daily { times, weekdays, every_days } => {
            let named = if weekdays.is_empty() { days } else { weekdays.len() };
            Some(of_days(times.len(), named, u64::from(*every_days)))
        }
        Frequency::Every { minutes } => Some(Rate { doses: 1, minutes: u64::from(*minutes) }),
        Frequency::Once | Frequency::AsNeeded | Frequency::Continuous | Frequency::NeedsPerson => None,
    }
}

/// So many times on each of these weekdays (0: on all), every so many days; with weekdays, every so many whole weeks.
fn of_days(times: usize, weekdays: usize, every_days: u64) -> Rate {
    let (days, periods) =
        if weekdays == 0 { (7, every_days.max(1)) } else { (weekdays, (every_days / 7).max(1)) };
    Rate { doses: (times * days) as u64, minutes: WEEK * periods }
}

fn of_times(plan: &Planner<'_>, times: usize, days: usize) -> Result<Rate, Why> {
    Ok(of_days(times, days, u64::from(plan.every_days(days > 0)?)))
}

/// With weekdays, a daily frequency is one on these days: `1 per d` on Monday is once a week.
fn of_frequency(plan: &Planner<'_>, frequency: u32, days: usize) -> Result<Option<Rate>, Why> {
    let Some(minutes) = plan.period_minutes()? else { return Ok(None) };
    let minutes = u64::try_from(minutes).unwrap_or(0);
    if minutes == 0 || frequency == 0 {
        return Err("its frequency is zero".to_owned());
    }
    let doses = u64::from(frequency);
    if days > 0 && minutes == DAY {
        return Ok(Some(Rate { doses: doses * days as u64, minutes: WEEK }));
    }
    Ok(Some(Rate { doses, minutes }))
}
