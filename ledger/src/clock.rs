//! Clock evidence: what the machine knew about time when an entry was made. A clock that was set is shown, never an error in
//! itself. [`ClockEvidence::now`] is the one place of this crate that asks the operating system for the time.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rights::moment::{ClockTrust, Moment};

use crate::cbor::{choice, record};

/// What is known about the moment of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClockEvidence {
    /// The wall clock, nanoseconds since 1970 without leap seconds.
    pub wall_ns: i64,
    /// Nanoseconds since the machine started, sleep included. No one can set it.
    pub boottime_ns: u64,
    /// The kernel's id of this start of the machine; all zeros when it is not known.
    pub boot_id: [u8; 16],
    /// Whether the wall clock follows a trusted one.
    pub synchronised: Synchronised,
    /// How far it may be off, nanoseconds, where known.
    pub error_ns: Option<u64>,
    /// Seconds east of UTC of local time at this moment.
    pub offset_s: i64,
    /// The name of the time zone, where known.
    pub zone: Option<String>,
}

/// Whether the wall clock follows a trusted one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Synchronised {
    /// Nobody says.
    Unknown,
    /// It does.
    Yes,
    /// It is known not to.
    No,
}

choice!(Synchronised { 0 => Unknown, 1 => Yes, 2 => No });
record!(ClockEvidence {
    0 => wall_ns,
    1 => boottime_ns,
    2 => boot_id,
    3 => synchronised,
    4 => error_ns,
    5 => offset_s,
    6 => zone,
});

impl ClockEvidence {
    /// Asks the operating system. What it does not tell is unknown, never invented.
    pub fn now() -> Self {
        let now = Timestamp::now();
        let zone = TimeZone::system();
        let boottime = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        let seconds = u64::try_from(boottime.tv_sec).unwrap_or(0);
        Self {
            wall_ns: wall_ns(now),
            boottime_ns: seconds.saturating_mul(1_000_000_000) + u64::try_from(boottime.tv_nsec).unwrap_or(0),
            boot_id: boot_id().unwrap_or_default(),
            synchronised: synchronised(),
            error_ns: None,
            offset_s: i64::from(zone.to_offset(now).seconds()),
            zone: zone.iana_name().map(str::to_owned),
        }
    }

    /// The evidence of a moment that came from elsewhere, such as a journey file: nothing is known but the moment itself.
    pub fn of_moment(moment: Moment) -> Self {
        Self {
            wall_ns: wall_ns(moment.at),
            boottime_ns: 0,
            boot_id: [0; 16],
            synchronised: match moment.clock {
                ClockTrust::Known(_) => Synchronised::Yes,
                ClockTrust::Unknown => Synchronised::Unknown,
            },
            error_ns: match moment.clock {
                ClockTrust::Known(off) => u64::try_from(off.abs().as_nanos()).ok(),
                ClockTrust::Unknown => None,
            },
            offset_s: i64::from(moment.offset.seconds()),
            zone: None,
        }
    }
}

/// Seconds since 1970, for the cosigner, whose signatures hold no more.
pub fn unix_seconds() -> u64 {
    u64::try_from(Timestamp::now().as_second()).unwrap_or(0)
}

/// Saturates in the years 1677 and 2262.
fn wall_ns(at: Timestamp) -> i64 {
    let ns = at.as_nanosecond();
    i64::try_from(ns).unwrap_or(if ns < 0 { i64::MIN } else { i64::MAX })
}

fn boot_id() -> Option<[u8; 16]> {
    let text = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    crate::hash::from_hex(&text.trim().replace('-', ""))?.try_into().ok()
}

/// What systemd-timesyncd touches each time it has set the clock; other time services say nothing that can be read without privileges.
const MARK: &str = "/run/systemd/timesync/synchronized";

/// How long the mark counts: two of its longest poll intervals (`PollIntervalMaxSec=`, 34 min) and what a network adds. It stays until the
/// machine is switched off, whether or not the service still runs or hears anybody.
const MARK_LASTS: Duration = Duration::from_mins(70);

fn synchronised() -> Synchronised {
    let marked = std::fs::metadata(MARK).and_then(|mark| mark.modified()).ok();
    marked.map_or(Synchronised::Unknown, |marked| by_mark(marked, SystemTime::now()))
}

/// A mark of the future tells that the clock was set back since: it follows nobody that we know.
fn by_mark(marked: SystemTime, now: SystemTime) -> Synchronised {
    match now.duration_since(marked) {
        Ok(age) if age <= MARK_LASTS => Synchronised::Yes,
        Ok(_) | Err(_) => Synchronised::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_of_the_time_service_counts_while_it_is_renewed() {
        let marked = SystemTime::UNIX_EPOCH + Duration::from_hours(500_000);
        let after = |age| by_mark(marked, marked + age);
        assert_eq!([after(Duration::ZERO), after(MARK_LASTS)], [Synchronised::Yes; 2]);
        assert_eq!(after(MARK_LASTS + Duration::from_nanos(1)), Synchronised::Unknown, "nobody renews it");
        assert_eq!(by_mark(marked, marked - Duration::from_nanos(1)), Synchronised::Unknown, "set back");
    }
}
