//! FHIR Timing to a schedule, in the order of exchange.md section 1.
//!
//! 1. `event`: at these instants.
//! 2. `repeat.timeOfDay` with `dayOfWeek`: at these wall times.
//! 3. `repeat.when` with `offset`: by the site's meal and sleep times.
//! 4. `code` in the site's frequency table.
//! 5. `frequency` 1 in hours or minutes: an interval from the first dose.
//! 6. A daily frequency: only by a row of the table for it (such as `2/1d`).
//!
//! A continuous code, or a duration without a frequency, is continuous: an infusion without single doses.
//!
//! As needed, ranges and as-needed codes become as-needed limits. Everything else is *unscheduled*: shown with its text for
//! the pharmacy. Two parts that contradict each other are never weighed against each other: unscheduled, and said so.

mod bounds;
mod claims;
mod prn;

use jiff::civil::{Time, Weekday};
use jiff::{SignedDuration, Timestamp};
use rights::amount::Amount;
use rights::schedule::{AsNeeded as AsNeededLimits, Timing as Schedule};

use crate::fhir::{DateTime, Period, Repeat, Timing, decimal, whole_minutes};
use crate::frequency::{Frequency, FrequencyRow, weekday};
use crate::rejection::Refusal;
use crate::rules::SiteRules;
use crate::units::short;

/// One dosage instruction, as far as it says when.
pub(crate) struct Ordered<'a> {
    pub(crate) timing: Option<&'a Timing>,
    /// The instruction's text.
    pub(crate) text: Option<&'a str>,
    pub(crate) as_needed: AsNeeded,
    /// From `urn:bcma:prn-min-interval`.
    pub(crate) prn_interval: Option<SignedDuration>,
    /// From a maximum that counts doses in 24 hours.
    pub(crate) most_per_day: Option<u16>,
    /// Given when called for, by our own extension.
    pub(crate) on_call: bool,
    pub(crate) authored: Option<DateTime>,
    pub(crate) validity: Option<&'a Period>,
}

/// What `asNeeded[x]` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AsNeeded {
    NotSaid,
    /// `asNeededBoolean: false`.
    No,
    /// For these reasons; empty when it names none.
    For(Vec<String>),
}

/// When the doses are due, and from when to when the order is in force.
pub(crate) struct Scheduled {
    pub(crate) timing: Schedule,
    pub(crate) start: Timestamp,
    pub(crate) stop: Option<Timestamp>,
    /// The last dose, where they are counted: another step of the order may begin after it.
    pub(crate) last: Option<Timestamp>,
    pub(crate) notes: Vec<String>,
}

/// Reads the timing of one dosage instruction.
pub(crate) fn schedule(ordered: &Ordered<'_>, rules: &SiteRules) -> Result<Scheduled, Refusal> {
    let none = Repeat::default();
    let repeat = ordered.timing.and_then(|timing| timing.repeat.as_ref()).unwrap_or(&none);
    let bounds = bounds::read(ordered, repeat, &rules.zone)?;
    let mut notes = Vec::new();
    let plan = Planner { ordered, repeat, rules, start: bounds.start, exact_start: bounds.exact_start };
    let timing = match plan.timing(&mut notes) {
        Ok(timing) => timing,
        Err(why) => {
            notes.push(format!("unscheduled, needs the pharmacy: {why}"));
            Schedule::Unscheduled { text: plan.text() }
        }
    };
    let counted = bounds::counted(&timing, &bounds, repeat.count, &rules.zone);
    let stop = counted.as_ref().map(|counted| counted.stop).or(bounds.stop);
    Ok(Scheduled { timing, start: bounds.start, stop, last: counted.map(|counted| counted.last), notes })
}

struct Planner<'a> {
    ordered: &'a Ordered<'a>,
    repeat: &'a Repeat,
    rules: &'a SiteRules,
    start: Timestamp,
    exact_start: bool,
}

/// Why no schedule can be told.
type Why = String;

impl Planner<'_> {
    fn timing(&self, notes: &mut Vec<String>) -> Result<Schedule, Why> {
        let row = self.row(notes)?;
        if self.repeat.period_unit.as_deref() == Some("mo") {
            return self.monthly(row);
        }
        claims::check(self, row)?;
        if self.repeat.count_max.is_some() {
            return Err("the number of doses is a range".to_owned());
        }
        let events = self.ordered.timing.map_or(&[][..], |timing| &timing.event);
        if !events.is_empty() {
            return self.at(events, row);
        }
        if self.ordered.on_call {
            return self.on_call().map(Schedule::AsNeeded);
        }
        if let Some(reasons) = self.as_needed(row)? {
            return prn::limits(self, row, reasons, notes).map(Schedule::AsNeeded);
        }
        if let Some(times) = self.times()? {
            let weekdays = self.weekdays_of(row)?;
            let every_days = self.every_days(!weekdays.is_empty())?;
            return daily(times, weekdays, every_days);
        }
        if let Some(row) = row {
            return self.by_row(&row.frequency);
        }
        if let Some(row) = self.rules.frequencies.row(&self.key()) {
            return self.by_row(&row.frequency);
        }
        self.by_interval(notes)
    }

    /// The row of the frequency table that its code names.
    fn row(&self, notes: &mut Vec<String>) -> Result<Option<&FrequencyRow>, Why> {
        let codes = self.ordered.timing.map(Timing::codes).unwrap_or_default();
        let mut found: Option<&FrequencyRow> = None;
        for code in &codes {
            match (self.rules.frequencies.row(code), found) {
                (Some(row), Some(known)) if row != known => {
                    return Err("its codes contradict each other".to_owned());
                }
                (Some(row), _) => found = Some(row),
                (None, _) => {}
            }
        }
        if found.is_none()
            && let Some(code) = codes.first()
        {
            let why = if self.rules.frequencies.is_undecided(code) {
                "has no times in the site's frequency table yet"
            } else {
                "is not in the site's frequency table"
            };
            notes.push(format!("\"{}\" {why}", short(code)));
        }
        Ok(found)
    }

    fn at(&self, events: &[String], row: Option<&FrequencyRow>) -> Result<Schedule, Why> {
        let repeats = self.repeat.frequency.is_some()
            || !self.repeat.time_of_day.is_empty()
            || !self.repeat.when.is_empty();
        if repeats || row.is_some_and(|row| row.frequency != Frequency::Once) {
            return Err("its events contradict the rest of its timing".to_owned());
        }
        if self.as_needed(row)?.is_some() {
            return Err("it is both at fixed instants and as needed".to_owned());
        }
        let mut instants = Vec::new();
        for event in events {
            match DateTime::parse(event) {
                Ok(DateTime::Instant(at)) => instants.push(at),
                Ok(_) => return Err("an event has no time of day".to_owned()),
                Err(reason) => return Err(format!("an event {reason}")),
            }
        }
        instants.sort_unstable();
        instants.dedup();
        Ok(Schedule::At(instants))
    }

    /// A call stands for the time: as needed, without an interval of its own.
    fn on_call(&self) -> Result<AsNeededLimits, Why> {
        let repeat = self.repeat;
        let timed = repeat.frequency.is_some()
            || repeat.period.is_some()
            || !repeat.time_of_day.is_empty()
            || !repeat.when.is_empty();
        if timed
            || matches!(self.ordered.as_needed, AsNeeded::For(_))
            || repeat.count.is_some_and(|count| count > 1)
        {
            return Err("it is on call and at other times too".to_owned());
        }
        Ok(AsNeededLimits {
            minimum_interval: self.ordered.prn_interval,
            most_per_day: self.ordered.most_per_day,
            reasons: Vec::new(),
        })
    }

    /// The reasons, when it is as needed.
    fn as_needed(&self, row: Option<&FrequencyRow>) -> Result<Option<Vec<String>>, Why> {
        let by_code = row.is_some_and(|row| row.as_needed);
        let range = self.repeat.period_max.is_some() || self.repeat.frequency_max.is_some();
        match &self.ordered.as_needed {
            AsNeeded::For(reasons) => Ok(Some(reasons.clone())),
            AsNeeded::No if by_code => Err("its code says as needed, asNeeded says no".to_owned()),
            _ if by_code || range => Ok(Some(Vec::new())),
            AsNeeded::No | AsNeeded::NotSaid => Ok(None),
        }
    }

    /// The wall times of `timeOfDay`, or else of `when`.
    fn times(&self) -> Result<Option<Vec<Time>>, Why> {
        let repeat = self.repeat;
        let mut times: Vec<Time> = Vec::new();
        if !repeat.time_of_day.is_empty() {
            if !repeat.when.is_empty() {
                return Err("it has both timeOfDay and when".to_owned());
            }
            for text in &repeat.time_of_day {
                times.push(crate::frequency::wall_time(text)?);
            }
        } else if !repeat.when.is_empty() {
            for when in &repeat.when {
                times.extend(self.rules.meals.times(when, repeat.offset.unwrap_or(0))?);
            }
        } else {
            return Ok(None);
        }
        times.sort_unstable();
        times.dedup();
        Ok(Some(times))
    }

    /// At times of day, on the day of the month of the start. FHIR has no day of the month of its own.
    fn monthly(&self, row: Option<&FrequencyRow>) -> Result<Schedule, Why> {
        let repeat = self.repeat;
        let times = self.times()?.ok_or("a monthly dose needs its times of day")?;
        let events = self.ordered.timing.is_some_and(|timing| !timing.event.is_empty());
        let doses = usize::try_from(repeat.frequency.unwrap_or(1)).unwrap_or(usize::MAX);
        let more =
            repeat.period_max.is_some() || repeat.frequency_max.is_some() || !repeat.day_of_week.is_empty();
        if row.is_some() || events || more || self.ordered.on_call || doses != times.len() {
            return Err("its month contradicts the rest of its timing".to_owned());
        }
        if matches!(self.ordered.as_needed, AsNeeded::For(_)) {
            return Err("as needed, several times in a period that is not a day".to_owned());
        }
        let period = repeat.period.as_deref().map(decimal).transpose()?.unwrap_or(Amount::ONE);
        let months = period.whole_multiple_of(Amount::ONE).and_then(|months| u16::try_from(months).ok());
        let every_months = months.filter(|months| (1..=120).contains(months));
        let every_months = every_months.ok_or_else(|| format!("{period} is no whole number of months"))?;
        let day = self.rules.zone.to_datetime(self.start).day();
        // The 29th is missing in a February: which day stands for it is the prescriber's to say.
        let day = u8::try_from(day).ok().filter(|day| *day <= 28);
        let day = day.ok_or("it begins on a day that not every month has")?;
        Ok(Schedule::Monthly { times, days: vec![day], every_months })
    }

    fn weekdays(&self) -> Result<Vec<Weekday>, Why> {
        let mut days = Vec::new();
        for code in &self.repeat.day_of_week {
            let day = weekday(code).ok_or_else(|| format!("\"{}\" is no weekday", short(code)))?;
            if !days.contains(&day) {
                days.push(day);
            }
        }
        days.sort_unstable_by_key(|day| day.to_monday_zero_offset());
        Ok(days)
    }

    /// Its own weekdays, else those of its code.
    fn weekdays_of(&self, row: Option<&FrequencyRow>) -> Result<Vec<Weekday>, Why> {
        let own = self.weekdays()?;
        match row.map(|row| &row.frequency) {
            Some(Frequency::Daily { weekdays, .. }) if own.is_empty() => Ok(weekdays.clone()),
            _ => Ok(own),
        }
    }

    /// Every how many days, by `period`; whether weekdays are named changes what a week means.
    fn every_days(&self, days_named: bool) -> Result<u16, Why> {
        const DAY: i64 = 24 * 60;
        let Some(period) = self.period_minutes()? else { return Ok(1) };
        match period {
            period if period == 7 * DAY && days_named => Ok(1),
            // Every so many weeks on these weekdays, counted from the week of the start.
            period if period % (7 * DAY) == 0 && days_named => {
                u16::try_from(period / DAY).map_err(|_| "the period is too long".to_owned())
            }
            DAY => Ok(1),
            period if period % DAY == 0 && !days_named && period != 7 * DAY => {
                u16::try_from(period / DAY).map_err(|_| "the period is too long".to_owned())
            }
            period if period == 7 * DAY && self.repeat.frequency.unwrap_or(1) == 1 => Ok(7),
            _ => Err("its times of day do not fit its period".to_owned()),
        }
    }

    fn by_row(&self, frequency: &Frequency) -> Result<Schedule, Why> {
        match frequency {
            Frequency::Daily { times, weekdays, every_days } => {
                let own = self.weekdays()?;
                let weekdays = if own.is_empty() { weekdays.clone() } else { own };
                daily(times.clone(), weekdays, *every_days)
            }
            Frequency::Every { minutes } => self.every(i64::from(*minutes)),
            Frequency::Once => self.once(),
            Frequency::AsNeeded => Err("its code says as needed without more".to_owned()),
            Frequency::Continuous => Ok(Schedule::Continuous),
            Frequency::NeedsPerson => Err("its code depends on an event or a chart".to_owned()),
        }
    }

    fn by_interval(&self, notes: &[String]) -> Result<Schedule, Why> {
        let repeat = self.repeat;
        let Some(frequency) = repeat.frequency.or(repeat.period.is_some().then_some(1)) else {
            return match (repeat.count, &repeat.duration) {
                (Some(1), _) => self.once(),
                (None, Some(_)) => Ok(Schedule::Continuous),
                _ => Err(notes.last().cloned().unwrap_or_else(|| "it says in words only when".to_owned())),
            };
        };
        let Some(period) = self.period_minutes()? else {
            return Err("its frequency has no period".to_owned());
        };
        let hourly = matches!(repeat.period_unit.as_deref(), Some("h" | "min"));
        if hourly && frequency == 1 && repeat.day_of_week.is_empty() {
            return self.every(period);
        }
        Err(format!("the site's frequency table has no times for {}", self.key()))
    }

    fn every(&self, minutes: i64) -> Result<Schedule, Why> {
        if !self.exact_start {
            return Err("an interval needs the time of the first dose".to_owned());
        }
        if !self.repeat.day_of_week.is_empty() {
            return Err("an interval of hours cannot keep to weekdays".to_owned());
        }
        let minutes = u32::try_from(minutes).ok().filter(|minutes| *minutes > 0);
        minutes
            .map(|minutes| Schedule::Every { minutes })
            .ok_or_else(|| "the interval is no number of minutes".to_owned())
    }

    fn once(&self) -> Result<Schedule, Why> {
        if self.exact_start {
            Ok(Schedule::At(vec![self.start]))
        } else {
            Err("a single dose needs its time".to_owned())
        }
    }

    /// `period` and `periodUnit` in minutes.
    fn period_minutes(&self) -> Result<Option<i64>, Why> {
        let Some(period) = self.repeat.period.as_deref() else { return Ok(None) };
        let unit = self.repeat.period_unit.as_deref().unwrap_or_default();
        let value = decimal(period)?;
        let minutes = whole_minutes(value, unit);
        minutes
            .map(Some)
            .ok_or_else(|| format!("a period of {value} \"{}\" has no fixed length in minutes", short(unit)))
    }

    /// The key of a bare frequency in the table: `2/1d`.
    fn key(&self) -> String {
        let repeat = self.repeat;
        let period = repeat.period.as_deref().map_or("1", |period| period.get());
        let unit = repeat.period_unit.as_deref().unwrap_or_default();
        format!("{}/{}{}", repeat.frequency.unwrap_or(1), short(period), short(unit))
    }

    /// What the nurse reads when there is no schedule.
    fn text(&self) -> String {
        let shown = || self.ordered.timing.and_then(Timing::shown).map(str::to_owned);
        let bare = || self.repeat.frequency.map(|_| self.key());
        let text = self.ordered.text.map(str::to_owned).or_else(shown).or_else(bare);
        text.unwrap_or_else(|| "no timing was ordered".to_owned())
    }
}

fn daily(times: Vec<Time>, weekdays: Vec<Weekday>, every_days: u16) -> Result<Schedule, Why> {
    if times.is_empty() || every_days == 0 {
        return Err("no times of day".to_owned());
    }
    if every_days > 1 && !every_days.is_multiple_of(7) && !weekdays.is_empty() {
        return Err("weekdays and a period of several days".to_owned());
    }
    Ok(Schedule::Daily { times, weekdays, every_days })
}
