//! The one place of the kiosk that asks for the time.

use std::time::Instant;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use ledger::clock::{ClockEvidence, Synchronised};
use rights::moment::{ClockTrust, Moment};

/// Tells the moment, and what is known about the clock that told it.
pub trait Clock {
    /// Now.
    fn moment(&self) -> Moment;
    /// What is known about the clock, for the ledger.
    fn evidence(&self) -> ClockEvidence;
}

/// The machine's clock, in the site's zone.
#[derive(Debug)]
pub struct SystemClock {
    zone: TimeZone,
}

impl SystemClock {
    /// The machine's clock.
    pub const fn new(zone: TimeZone) -> Self {
        Self { zone }
    }
}

impl SystemClock {
    /// The local date.
    pub fn today(&self) -> jiff::civil::Date {
        self.moment().date()
    }
}

impl Clock for SystemClock {
    fn moment(&self) -> Moment {
        let at = Timestamp::now();
        let clock = match ClockEvidence::now().synchronised {
            Synchronised::Yes => ClockTrust::Known(SignedDuration::ZERO),
            Synchronised::No | Synchronised::Unknown => ClockTrust::Unknown,
        };
        Moment { at, offset: self.zone.to_offset(at), clock }
    }

    fn evidence(&self) -> ClockEvidence {
        ClockEvidence::now()
    }
}

/// Now, for what stamps messages and asks for no zone.
pub fn now() -> Timestamp {
    Timestamp::now()
}

/// What is known about the clock now, for an entry of the ledger's own.
pub fn evidence() -> ClockEvidence {
    ClockEvidence::now()
}

/// A clock that starts at a given instant and runs as fast as the real one: the demo shift is always the same morning.
#[derive(Debug)]
pub struct DemoClock {
    zone: TimeZone,
    start: Timestamp,
    since: Instant,
}

impl DemoClock {
    /// Starts now, at `start`.
    pub fn starting_at(start: Timestamp, zone: TimeZone) -> Self {
        Self { zone, start, since: Instant::now() }
    }
}

impl Clock for DemoClock {
    fn moment(&self) -> Moment {
        let passed = SignedDuration::try_from(self.since.elapsed()).unwrap_or(SignedDuration::MAX);
        let at = self.start.checked_add(passed).unwrap_or(Timestamp::MAX);
        Moment { at, offset: self.zone.to_offset(at), clock: ClockTrust::Known(SignedDuration::ZERO) }
    }

    fn evidence(&self) -> ClockEvidence {
        ClockEvidence::of_moment(self.moment())
    }
}

/// A clock that is set by a journey file and stands still between its lines.
#[derive(Clone, Debug)]
pub struct SetClock {
    moment: Moment,
}

impl SetClock {
    /// Stands at this moment.
    pub const fn at(moment: Moment) -> Self {
        Self { moment }
    }
}

impl Clock for SetClock {
    fn moment(&self) -> Moment {
        self.moment
    }

    fn evidence(&self) -> ClockEvidence {
        ClockEvidence::of_moment(self.moment)
    }
}
