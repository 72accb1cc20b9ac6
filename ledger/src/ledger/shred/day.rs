//! The day by which keys are counted. What is destroyed does not come back, so a clock that stands far past any of the days
//! that the ledger knows of is not believed.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};

use super::ShredError;
use crate::clock::ClockEvidence;
use crate::files::Folder;
use crate::history::HistoryError;
use crate::leaf::Leaf;
use crate::ledger::Ledger;
use crate::note::Note;

/// So many days past the earliest of those days a clock is believed.
pub(super) const MOST_DAYS: i32 = 31;

/// Something of a ledger that knows of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KnownDay {
    /// Its last entry's clock.
    Entry,
    /// The end of its epoch, which does not follow a clock that jumps far.
    Epoch,
    /// The last cosignature, whose cosigner has a clock of its own.
    Cosignature,
}

impl fmt::Display for KnownDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Entry => "the ledger's last entry",
            Self::Epoch => "the end of the ledger's signing epoch",
            Self::Cosignature => "the last cosignature",
        })
    }
}

/// The local day of the clock.
///
/// # Errors
/// When it is more than [`MOST_DAYS`] past the earliest of the days that the ledger knows of, or its last entry cannot be read.
pub(super) fn of_clock(ledger: &Ledger, clock: &ClockEvidence) -> Result<Date, ShredError> {
    let offset = i32::try_from(clock.offset_s).ok().and_then(|s| Offset::from_seconds(s).ok());
    let today = day(seconds(clock), offset.unwrap_or(Offset::UTC));
    let (last, known) = earliest_known(ledger)?;
    let last = day(last, Offset::UTC);
    if (today - last).get_days() > MOST_DAYS {
        return Err(ShredError::ClockAhead { today, last, known });
    }
    Ok(today)
}

/// The earliest of the instants, in seconds since 1970, that the ledger knows of. A kiosk that started with a wrong clock has entries that
/// bear it; its epoch does not follow a clock that jumps far, and a cosigner has its own.
fn earliest_known(ledger: &Ledger) -> Result<(i64, KnownDay), ShredError> {
    let sequence = ledger.size().saturating_sub(1);
    let bytes = ledger.store.view()?.entry(sequence)?.ok_or(HistoryError::Missing(sequence))?;
    let last = Leaf::decode(&bytes).map_err(|error| HistoryError::Form { sequence, error })?;
    let ends = ledger.enrolled.record().plan.end_of(ledger.epoch()).map(|at| (at, KnownDay::Epoch));
    let cosigned = cosigned(&ledger.folder).map(|at| (at, KnownDay::Cosignature));
    let entry = (seconds(&last.clock), KnownDay::Entry);
    let earlier = |one: (i64, KnownDay), other: (i64, KnownDay)| if other.0 < one.0 { other } else { one };
    Ok([ends, cosigned].into_iter().flatten().fold(entry, earlier))
}

/// When the last cosigned checkpoint was cosigned.
fn cosigned(folder: &Folder) -> Option<i64> {
    let note = Note::parse(&std::fs::read_to_string(folder.cosigned()).ok()?).ok()?;
    let times = note.signatures().iter().filter_map(|line| i64::try_from(line.timed()?.0).ok());
    times.max()
}

const fn seconds(clock: &ClockEvidence) -> i64 {
    clock.wall_ns.div_euclid(1_000_000_000)
}

fn day(seconds: i64, offset: Offset) -> Date {
    let at = Timestamp::from_second(seconds);
    at.unwrap_or(if seconds < 0 { Timestamp::MIN } else { Timestamp::MAX })
        .to_zoned(TimeZone::fixed(offset))
        .date()
}
