//! What the nurse types or declares beside answers and choices: one mechanism for every value that a check needs.

use core::fmt;

use jiff::Timestamp;

use crate::ident::{ObservationCode, SiteCode};
use crate::product::Route;
use crate::quantity::{Quantity, Unit};
use crate::rate::Rate;

/// The highest pain score of the numeric rating scale.
pub const MOST_PAIN: u8 = 10;

/// A value entered at the bedside. `Debug` says of which kind it is, nothing else.
#[derive(Clone, PartialEq, Eq)]
pub enum Entered {
    /// A vital sign or laboratory value (C2, C3, D6, D7).
    Observation(Observation),
    /// The patient's birth year, typed blind (P7).
    BirthYear(i16),
    /// How many packages of one code without a serial are in hand (M10).
    CountInHand(u16),
    /// Where the dose is put (R3).
    Site(SiteCode),
    /// The pain score, 0 to 10 (T6).
    PainScore(u8),
    /// Whether what is given was crushed (R3).
    Crushed(bool),
    /// How fast the pump is set to run, in mL/h (D2 of an infusion).
    PumpRate(Rate),
    /// The route that is charted, where the order allows another one (R2).
    Route(Route),
    /// The dose was given then, not now (S3).
    GivenAt(Timestamp),
}

/// Which value is asked for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wanted {
    /// A vital sign or laboratory value, in this unit.
    Observation(ObservationCode, Unit),
    /// The birth year, without showing it.
    BirthYear,
    /// How many packages are in hand.
    CountInHand,
    /// Where the dose is put.
    Site,
    /// The pain score, 0 to 10.
    PainScore,
    /// Whether what is given was crushed.
    Crushed,
    /// How fast the pump is set to run.
    PumpRate,
    /// The route, among those the order allows.
    Route,
    /// When the dose was given, where that is not now. Never asked for; the nurse says it.
    GivenAt,
}

/// How long an entered value holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// With the identification of the patient.
    Identification,
    /// For every dose of the patient in this session, as long as the value is young enough.
    Patient,
    /// For the dose in hand.
    Dose,
}

/// One vital sign or laboratory value.
#[derive(Clone, PartialEq, Eq)]
pub struct Observation {
    /// What was observed.
    pub what: ObservationCode,
    /// The value.
    pub value: Quantity,
    /// When it was true of the patient: the time of the measurement, or of the specimen.
    pub at: Timestamp,
}

impl fmt::Debug for Entered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Entered({:?}, ..)", self.wanted())
    }
}

impl fmt::Debug for Observation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Observation({}, ..)", self.what)
    }
}

impl Entered {
    /// What was asked that this answers; a later value for the same question replaces an earlier one.
    pub fn wanted(&self) -> Wanted {
        match self {
            Self::Observation(seen) => Wanted::Observation(seen.what.clone(), seen.value.unit),
            Self::BirthYear(_) => Wanted::BirthYear,
            Self::CountInHand(_) => Wanted::CountInHand,
            Self::Site(_) => Wanted::Site,
            Self::PainScore(_) => Wanted::PainScore,
            Self::Crushed(_) => Wanted::Crushed,
            Self::PumpRate(_) => Wanted::PumpRate,
            Self::Route(_) => Wanted::Route,
            Self::GivenAt(_) => Wanted::GivenAt,
        }
    }
}

impl Wanted {
    /// How long such a value holds.
    pub const fn holds(&self) -> Holds {
        match self {
            Self::BirthYear => Holds::Identification,
            Self::Observation(..) => Holds::Patient,
            Self::CountInHand
            | Self::Site
            | Self::PainScore
            | Self::Crushed
            | Self::PumpRate
            | Self::GivenAt
            | Self::Route => Holds::Dose,
        }
    }
}

/// Puts a value among others; it replaces the one for the same question.
pub(crate) fn put(values: &mut alloc::vec::Vec<Entered>, value: Entered) {
    values.retain(|known| known.wanted() != value.wanted());
    values.push(value);
}
