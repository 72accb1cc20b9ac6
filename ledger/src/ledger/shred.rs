//! Destroying the keys of patients whose retention is over (evidence specification, section 1).
//!
//! One *shred* entry names the keys, and the same transaction takes their records away; what they encrypted stays, unreadable, so
//! every hash, chain and proof still holds. The database keeps old pages, so the file is then written anew and the old one
//! overwritten, and nobody else has the folder until that is done. Copies made by `ledger backup` hold the keys too and must be
//! shredded or destroyed as well.

mod day;
mod rewrite;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::civil::Date;

pub use self::day::KnownDay;
use self::rewrite::Rewriting;
use super::open::hold;
use super::{AppendError, Ledger, OpenError, OpenOptions};
use crate::backup::BackupError;
use crate::cbor;
use crate::clock::ClockEvidence;
use crate::files::Folder;
use crate::history::HistoryError;
use crate::keys::KeyRecord;
use crate::kind::Kind;
use crate::leaf::Clear;
use crate::store::{Sharing, StoreError};

/// Keys that one entry names: far below the longest entry.
const MOST_IN_AN_ENTRY: usize = 2000;

/// How long patient data must stay readable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Years after the end of the year of the record.
    pub years: i16,
    /// The age of majority, in years.
    pub majority: i16,
    /// Years after majority.
    pub after_majority: i16,
}

impl Default for Retention {
    fn default() -> Self {
        Self { years: 10, majority: 18, after_majority: 2 }
    }
}

impl Retention {
    /// The last day on which data of a year must be readable: the later of the end of the year plus the retention, and majority plus
    /// two years. A patient whose birth date is not known counts as born in the year of the record.
    pub fn until(&self, year: i16, birth: Option<Date>) -> Date {
        let end = |year: i16| Date::new(year, 12, 31).unwrap_or(Date::MAX);
        let record = end(year.saturating_add(self.years));
        let grown = self.majority.saturating_add(self.after_majority);
        let of_age = match birth {
            Some(birth) => {
                birth.checked_add(jiff::Span::new().try_years(grown).unwrap_or_default()).unwrap_or(Date::MAX)
            }
            None => end(year.saturating_add(grown)),
        };
        record.max(of_age)
    }
}

/// What was destroyed, or would be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shredded {
    /// Keys whose retention is over.
    pub destroyed: usize,
    /// Keys that stay.
    pub kept: usize,
    /// The first day on which another one may be destroyed, where keys stay.
    pub next: Option<Date>,
    /// An earlier run was not finished: keys that it took out were still in old pages. This run finished it, unless it only counted.
    pub unfinished: bool,
}

/// Why nothing, or not everything, was destroyed.
#[derive(Debug, thiserror::Error)]
pub enum ShredError {
    /// The ledger does not open.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// An entry cannot be read.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// The shred entry was not recorded; its keys are still there.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// The clock stands far past something that the ledger knows of.
    #[error(
        "the clock says {today}, more than {most} days after {last}, the day of {known}: no key was taken out. Set the clock where it is \
         wrong; where it is right, say which day it is with --today YYYY-MM-DD",
        most = day::MOST_DAYS
    )]
    ClockAhead {
        /// The clock's day.
        today: Date,
        /// The earliest of the days to which it is compared.
        last: Date,
        /// Which of them that is.
        known: KnownDay,
    },
    /// The old or the new database gets a name that a file has.
    #[error(
        "{0}: is in the way, and no file `shredding` says that it may go. An interrupted shred of an earlier version may have left it: then it \
         may hold destroyed keys, or, where ledger.redb is missing, be the ledger itself. Look what it is before you move or destroy it; no key \
         was taken out"
    )]
    InTheWay(PathBuf),
    /// Something failed before this run took any key out.
    #[error("{path}: {error}; this run took out no key")]
    NotBegun {
        /// Which file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The database does not get the second name that it needs.
    #[error(
        "{path}: the database cannot get this second name: {error}. On a file system without hard links nothing can be shredded: move the \
         ledger to another; no key was taken out"
    )]
    NoLink {
        /// Which name.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The database was not written anew.
    #[error(
        "the keys were taken out, but old pages may still hold them: {0}; `ledger shred` again finishes it"
    )]
    Rewrite(#[from] BackupError),
    /// The old file was not overwritten.
    #[error(
        "old pages may still hold keys that were taken out: {path}: {error}; `ledger shred` again finishes it"
    )]
    Old {
        /// Which file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
}

/// Destroys the keys of a closed ledger whose retention was over before `today`, the clock's day unless it is given; with `dry_run` only
/// counts them. What an earlier run left unfinished is finished, also where the clock's day is not to be believed.
///
/// # Errors
/// When the ledger is in use, the clock's day is not to be believed, or anything could not be done.
pub fn shred(
    folder: &Path,
    retention: Retention,
    today: Option<Date>,
    dry_run: bool,
    clock: &ClockEvidence,
) -> Result<Shredded, ShredError> {
    let place = Folder::new(folder);
    let _held = hold(&place)?;
    let rewriting = Rewriting::of(&place);
    let unfinished = rewriting.is_begun()?;
    let options = OpenOptions { sharing: Sharing::Alone, ..OpenOptions::default() };
    let mut ledger = Ledger::open_held(folder, &options)?;
    let today = match today.map_or_else(|| day::of_clock(&ledger, clock), Ok) {
        Ok(today) => today,
        Err(error) => {
            // To overwrite what was taken out needs no day.
            drop(ledger);
            if unfinished && !dry_run {
                rewriting.finish()?;
            }
            return Err(error);
        }
    };
    ledger.boot(&options, clock)?;
    let (over, done) = ledger.over(retention, today)?;
    let acts = !dry_run && (unfinished || !over.is_empty());
    if acts {
        rewriting.begin()?;
        for keys in over.chunks(MOST_IN_AN_ENTRY) {
            ledger.destroy(keys, clock)?;
        }
    }
    ledger.close(clock)?;
    if acts {
        rewriting.finish()?;
    }
    Ok(Shredded { unfinished, ..done })
}

impl Ledger {
    /// The ids of keys whose retention is over.
    fn over(&self, retention: Retention, today: Date) -> Result<(Vec<[u8; 16]>, Shredded), ShredError> {
        let view = self.store.view()?;
        let mut years = BTreeMap::new();
        view.keys(|id, bytes| {
            let year = cbor::decode::<KeyRecord>(bytes).map_or(u16::MAX, |record| record.year);
            years.insert(*id, i16::try_from(year).unwrap_or(i16::MAX));
        })?;
        let mut births: BTreeMap<[u8; 16], Date> = BTreeMap::new();
        if years.values().any(|year| retention.until(*year, None) >= today) {
            for stored in self.history(0)? {
                let stored = stored?;
                let (Some(reference), Some(data)) = (&stored.leaf.detached, &stored.detached) else {
                    continue;
                };
                if let Some(birth) = data.inputs.as_ref().and_then(birth_of) {
                    let latest = births.entry(reference.key_id).or_insert(birth);
                    *latest = birth.max(*latest);
                }
            }
        }
        let (mut over, mut done) = (Vec::new(), Shredded::default());
        for (id, year) in years {
            let until = retention.until(year, births.get(&id).copied());
            if until < today {
                over.push(id);
                done.destroyed += 1;
            } else {
                done.kept += 1;
                let next = until.tomorrow().unwrap_or(Date::MAX);
                done.next = Some(done.next.map_or(next, |earlier| earlier.min(next)));
            }
        }
        Ok((over, done))
    }

    fn destroy(&mut self, keys: &[[u8; 16]], clock: &ClockEvidence) -> Result<(), AppendError> {
        self.open_keys.clear();
        let clear = Clear { shredded: keys.to_vec(), ..Clear::default() };
        self.append_own(Kind::SHRED, clear, clock).map(|_| ())
    }
}

fn birth_of(inputs: &rights::entry::Inputs) -> Option<Date> {
    match inputs {
        rights::entry::Inputs::Dose(case) => {
            case.patient.candidates.iter().map(|patient| patient.birth_date).max()
        }
        // An identification names everybody who could be meant, a waste only a number.
        rights::entry::Inputs::Patient(..)
        | rights::entry::Inputs::Waste(_)
        | rights::entry::Inputs::Discrepancy(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_later_of_ten_years_and_majority_plus_two() {
        let retention = Retention::default();
        assert_eq!(retention.until(2026, Some(date(1951, 3, 4))), date(2036, 12, 31));
        assert_eq!(retention.until(2026, Some(date(2020, 3, 4))), date(2040, 3, 4));
        assert_eq!(retention.until(2026, Some(date(2016, 2, 29))), date(2036, 12, 31));
        assert_eq!(retention.until(2026, None), date(2046, 12, 31));
        assert_eq!(retention.until(i16::MAX, None), Date::MAX);
    }
}
