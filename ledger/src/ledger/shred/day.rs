//! The day by which keys are counted. What is destroyed does not come back, so a clock that stands far past everything that the ledger
//! knows of is not believed.

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

/// So many days past the last that the ledger knows of a clock is believed.
const MOST_DAYS: i32 = 31;

/// The local day of the clock.
///
/// # Errors
/// When it is more than [`MOST_DAYS`] past the last day that the ledger knows of, or its last entry cannot be read.
pub(super) fn of_clock(ledger: &Ledger, clock: &ClockEvidence) -> Result<Date, ShredError> {
    let offset = i32::try_from(clock.offset_s).ok().and_then(|s| Offset::from_seconds(s).ok());
    let today = day(clock.wall_ns.div_euclid(1_000_000_000), offset.unwrap_or(Offset::UTC));
    let last = day(last_known(ledger)?, Offset::UTC);
    if (today - last).get_days() > MOST_DAYS {
        return Err(ShredError::ClockAhead { today, last });
    }
    Ok(today)
}

/// The earliest of the last instants, in seconds since 1970, that the last entry's clock, its epoch and a cosigner know of. A kiosk that
/// started with a wrong clock has entries that bear it; its epoch does not follow a clock that jumps far, and a cosigner has its own.
fn last_known(ledger: &Ledger) -> Result<i64, ShredError> {
    let sequence = ledger.size().saturating_sub(1);
    let bytes = ledger.store.view()?.entry(sequence)?.ok_or(HistoryError::Missing(sequence))?;
    let last = Leaf::decode(&bytes).map_err(|error| HistoryError::Form { sequence, error })?;
    let wall = last.clock.wall_ns.div_euclid(1_000_000_000);
    let ends = ledger.enrolled.record().plan.end_of(ledger.epoch());
    Ok([ends, cosigned(&ledger.folder)].into_iter().flatten().fold(wall, i64::min))
}

/// When the last cosigned checkpoint was cosigned.
fn cosigned(folder: &Folder) -> Option<i64> {
    let note = Note::parse(&std::fs::read_to_string(folder.cosigned()).ok()?).ok()?;
    let times = note.signatures().iter().filter_map(|line| i64::try_from(line.timed()?.0).ok());
    times.max()
}

fn day(seconds: i64, offset: Offset) -> Date {
    let at = Timestamp::from_second(seconds);
    at.unwrap_or(if seconds < 0 { Timestamp::MIN } else { Timestamp::MAX })
        .to_zoned(TimeZone::fixed(offset))
        .date()
}
