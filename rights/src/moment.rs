//! Time comes in from outside. This crate has no clock.

use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

/// An instant with the local offset in force, and what is known about the clock that told it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The instant.
    pub at: Timestamp,
    /// The local offset from UTC in force at that instant.
    pub offset: Offset,
    /// How far the clock may be trusted.
    pub clock: ClockTrust,
}

/// How far the kiosk's clock agrees with a trusted one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockTrust {
    /// Compared with a trusted clock; differs by this much (absolute).
    Known(SignedDuration),
    /// Not compared lately. Shown; not an error in itself.
    Unknown,
}

impl Moment {
    /// The local date and time of day.
    pub fn local(&self) -> DateTime {
        self.offset.to_datetime(self.at)
    }

    /// The local date.
    pub fn date(&self) -> Date {
        self.local().date()
    }
}
