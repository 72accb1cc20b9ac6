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

/// With a count of doses, the order ends one second after the last of them.
pub(super) fn stop_of_count(
    timing: &Schedule,
    bounds: &Bounds,
    count: Option<u32>,
    zone: &TimeZone,
) -> Option<Timestamp> {
    let (Some(count), Some(interval)) = (count, timing.interval()) else { return bounds.stop };
    let weeks = SignedDuration::from_hours(21 * 24);
    let horizon = i32::try_from(count)
        .ok()
        .and_then(|count| interval.checked_mul(count))
        .and_then(|length| length.checked_mul(7))
        .and_then(|length| length.checked_add(weeks))
        .and_then(|length| bounds.start.checked_add(length).ok());
    let Some(horizon) = horizon else { return bounds.stop };
    let slots = timing.slots(bounds.start, bounds.stop, zone, bounds.start, horizon);
    let last = usize::try_from(count).ok().and_then(|count| slots.get(count.checked_sub(1)?));
    let by_count = last.and_then(|slot| slot.due.checked_add(SignedDuration::from_secs(1)).ok());
    by_count.into_iter().chain(bounds.stop).min()
}
