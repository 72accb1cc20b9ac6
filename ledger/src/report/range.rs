//! Ranges of time. A time without a zone is compared with the local time that each entry itself carries.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;

use crate::clock::ClockEvidence;

/// One end of a range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bound {
    /// An instant.
    Instant(Timestamp),
    /// A local time: of each entry, the one in force where and when it was made.
    Local(DateTime),
}

/// A text that is no time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{0}\": expected an instant such as 2026-06-01T06:00:00Z, or a local time such as 2026-06-01 or 2026-06-01T06:00"
)]
pub struct BoundError(String);

impl FromStr for Bound {
    type Err = BoundError;

    fn from_str(text: &str) -> Result<Self, BoundError> {
        if let Ok(instant) = text.parse() {
            return Ok(Self::Instant(instant));
        }
        let date = text.parse::<Date>().map(|date| date.to_datetime(jiff::civil::Time::midnight()));
        let date = if text.len() > 10 { text.parse::<DateTime>() } else { date };
        date.map(Self::Local).map_err(|_| BoundError(text.to_owned()))
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Instant(instant) => write!(f, "{instant}"),
            Self::Local(local) => write!(f, "{local} local time"),
        }
    }
}

impl Bound {
    /// As it is written on a command line.
    pub fn argument(&self) -> String {
        match self {
            Self::Instant(instant) => instant.to_string(),
            Self::Local(local) => local.to_string(),
        }
    }

    /// Whether an entry made at this instant, with this offset in seconds, was made at this time or later.
    pub(crate) fn is_reached(&self, at: Timestamp, offset_s: i64) -> bool {
        let offset = i32::try_from(offset_s).ok().and_then(|seconds| Offset::from_seconds(seconds).ok());
        match self {
            Self::Instant(instant) => *instant <= at,
            Self::Local(local) => *local <= offset.unwrap_or(Offset::UTC).to_datetime(at),
        }
    }

    /// Whether an entry with this clock was made at this time or later.
    pub(crate) fn is_at_or_before(&self, clock: &ClockEvidence) -> bool {
        match self {
            Self::Instant(instant) => *instant <= at(clock),
            Self::Local(local) => *local <= offset(clock).to_datetime(at(clock)),
        }
    }
}

fn at(clock: &ClockEvidence) -> Timestamp {
    // Every 64-bit number of nanoseconds is an instant of jiff.
    Timestamp::from_nanosecond(i128::from(clock.wall_ns)).unwrap_or(Timestamp::UNIX_EPOCH)
}

fn offset(clock: &ClockEvidence) -> Offset {
    let seconds = i32::try_from(clock.offset_s).ok();
    seconds.and_then(|seconds| Offset::from_seconds(seconds).ok()).unwrap_or(Offset::UTC)
}

/// The local time of an entry with its offset and zone.
pub(crate) fn local(clock: &ClockEvidence) -> String {
    let (at, offset) = (at(clock), offset(clock));
    let zone = clock.zone.as_ref().map(|zone| format!(" {zone}")).unwrap_or_default();
    format!("{:.3} UTC{offset}{zone}", offset.to_datetime(at))
}

/// A local time with its offset, to the second.
pub(super) fn local_text(at: Timestamp, offset_s: i64) -> String {
    let offset = i32::try_from(offset_s).ok().and_then(|seconds| Offset::from_seconds(seconds).ok());
    let offset = offset.unwrap_or(Offset::UTC);
    format!("{} UTC{offset}", offset.to_datetime(at).strftime("%Y-%m-%d %H:%M:%S"))
}

/// An instant in UTC, to the second.
pub(super) fn utc_text(at: Timestamp) -> String {
    Offset::UTC.to_datetime(at).strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The same in UTC.
pub(super) fn utc(clock: &ClockEvidence) -> String {
    format!("{:.3}", at(clock))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(text: &str, offset_s: i64) -> ClockEvidence {
        let at: Timestamp = text.parse().unwrap();
        ClockEvidence {
            wall_ns: i64::try_from(at.as_nanosecond()).unwrap(),
            boottime_ns: 0,
            boot_id: [0; 16],
            synchronised: crate::clock::Synchronised::Unknown,
            error_ns: None,
            offset_s,
            zone: None,
        }
    }

    #[test]
    fn a_local_day_is_that_of_the_entry() {
        let day: Bound = "2026-06-01".parse().unwrap();
        // 23:00 of the day before in New York, already the day in UTC.
        assert!(!day.is_at_or_before(&clock("2026-06-01T03:00:00Z", -4 * 3600)));
        assert!(day.is_at_or_before(&clock("2026-06-01T04:00:00Z", -4 * 3600)));
        let instant: Bound = "2026-06-01T03:00:00Z".parse().unwrap();
        assert!(instant.is_at_or_before(&clock("2026-06-01T03:00:00Z", -4 * 3600)));
        let minute: Bound = "2026-06-01T06:30".parse().unwrap();
        assert!(!minute.is_at_or_before(&clock("2026-06-01T06:29:59Z", 0)));
        assert_eq!(local(&clock("2026-06-01T03:00:00Z", -14_400)), "2026-05-31T23:00:00.000 UTC-04");
        for wrong in ["", "yesterday", "2026-13-01", "2026-06-01x"] {
            assert!(wrong.parse::<Bound>().is_err(), "{wrong}");
        }
    }
}
