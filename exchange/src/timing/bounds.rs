//! From when to when an order is in force.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rights::schedule::Timing as Schedule;

use super::Ordered;
use crate::fhir::{DateTime, Repeat, duration};
use crate::rejection::Refusal;

pub(super) struct Bounds {
    pub(super) start: Timestamp,
    pub(super) stop: Option<Timestamp>,
    /// Whether the start has a time of day: only then can an interval be anchored at it.
    pub(super) exact_start: bool,
}

/// Start: of the bounds, of the validity, the first event, or when it was written. Stop: the earlier one of the bounds' and
/// the validity's.
pub(super) fn read(ordered: &Ordered<'_>, repeat: &Repeat, zone: &TimeZone) -> Result<Bounds, Refusal> {
    let ask = "the sending system has to send a whole date";
    let parse = |path: &str, text: Option<&String>| -> Result<Option<DateTime>, Refusal> {
        let parsed = text.map(|text| DateTime::parse(text)).transpose();
        let parsed = parsed.map_err(|reason| Refusal::new(path, reason, ask))?;
        if parsed == Some(DateTime::Coarse) {
            return Err(Refusal::new(path, "is no whole date", ask));
        }
        Ok(parsed)
    };
    if repeat.bounds_range.is_some() {
        let reason = "a range of lengths has no end that can be told";
        return Err(Refusal::new("timing.repeat.boundsRange", reason, "order it with a start and an end"));
    }
    let period = repeat.bounds_period.as_ref();
    let bounds_start = parse("timing.repeat.boundsPeriod.start", period.and_then(|p| p.start.as_ref()))?;
    let bounds_end = parse("timing.repeat.boundsPeriod.end", period.and_then(|p| p.end.as_ref()))?;
    let valid_start = parse("validityPeriod.start", ordered.validity.and_then(|p| p.start.as_ref()))?;
    let valid_end = parse("validityPeriod.end", ordered.validity.and_then(|p| p.end.as_ref()))?;
    let events = ordered.timing.map_or(&[][..], |timing| &timing.event);
    let event = events
        .iter()
        .filter_map(|event| DateTime::parse(event).ok())
        .filter(|event| *event != DateTime::Coarse)
        .min_by_key(|event| event.first(zone));
    let start = bounds_start.or(valid_start).or(event).or(ordered.authored);
    let first = start.and_then(|start| start.first(zone)).ok_or_else(|| {
        Refusal::new("authoredOn", "no start: neither bounds nor authoredOn has a whole date", ask)
    })?;
    let lasts = repeat.bounds_duration.as_ref().map(duration).transpose();
    let lasts = lasts.map_err(|refusal| refusal.within("timing.repeat.boundsDuration"))?;
    let ends = [
        bounds_end.and_then(|end| end.after(zone)),
        valid_end.and_then(|end| end.after(zone)),
        lasts.and_then(|lasts| first.checked_add(lasts).ok()),
    ];
    let stop = ends.into_iter().flatten().min();
    if stop.is_some_and(|stop| stop <= first) {
        return Err(Refusal::new("timing.repeat.bounds", "ends before it begins", "correct start and end"));
    }
    Ok(Bounds { start: first, stop, exact_start: matches!(start, Some(DateTime::Instant(_))) })
}

/// The doses of an order of so many: the last one, and the end of the order that follows from it.
pub(super) struct Counted {
    pub(super) last: Timestamp,
    pub(super) stop: Timestamp,
}

/// A count ends the doses, not the time in which the last of them may be given: the order ends when the dose after it would be due.
pub(super) fn counted(
    timing: &Schedule,
    bounds: &Bounds,
    count: Option<u32>,
    zone: &TimeZone,
) -> Option<Counted> {
    let (count, interval) = (count?, timing.interval()?);
    let weeks = SignedDuration::from_hours(21 * 24);
    let length = interval.checked_mul(i32::try_from(count).ok()?)?.checked_mul(7)?.checked_add(weeks)?;
    let horizon = bounds.start.checked_add(length).ok()?;
    let slots = timing.slots(bounds.start, bounds.stop, zone, bounds.start, horizon);
    let count = usize::try_from(count).ok()?;
    let last = slots.get(count.checked_sub(1)?)?.due;
    let following = slots.get(count).map(|slot| slot.due).or_else(|| last.checked_add(interval).ok())?;
    Some(Counted { last, stop: bounds.stop.map_or(following, |stop| stop.min(following)) })
}
