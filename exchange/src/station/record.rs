//! The station's own ledger: every sign-in and every look at patient data is durable in it before the answer leaves.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use ledger::clock::ClockEvidence;
use ledger::ledger::{Ledger, OpenOptions};
use rights::desk::{self, Act};
use rights::entry::{Actor, IdempotencyKey};
use rights::moment::{ClockTrust, Moment};

use super::staff::Person;

/// Why nothing was recorded. Then nothing is shown either.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The ledger cannot be opened.
    #[error(
        "{reason}; the station needs a ledger of its own: `ledger init --origin ORIGIN FOLDER` makes one"
    )]
    Open {
        /// Why.
        reason: String,
    },
    /// It takes nothing.
    #[error("the station's ledger did not record it: {0}")]
    Append(String),
    /// The role does not allow it.
    #[error("this role may not do that")]
    Role,
}

/// The ledger, open for writing.
pub struct Recorder {
    ledger: Mutex<Option<Ledger>>,
    folder: PathBuf,
    zone: TimeZone,
}

impl std::fmt::Debug for Recorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Recorder({})", self.folder.display())
    }
}

impl Recorder {
    /// Opens the station's ledger.
    ///
    /// # Errors
    /// When it is not there, another's, or in use.
    pub fn open(folder: &Path, zone: TimeZone) -> Result<Self, RecordError> {
        let ledger = Ledger::open(folder, &OpenOptions::default(), &ClockEvidence::now())
            .map_err(|error| RecordError::Open { reason: error.to_string() })?;
        Ok(Self { ledger: Mutex::new(Some(ledger)), folder: folder.to_owned(), zone })
    }

    /// Where it stands.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Records an act; it is durable when this returns.
    ///
    /// # Errors
    /// When it is not recorded.
    pub fn record(
        &self,
        act: &Act,
        person: Option<&Person>,
        key: IdempotencyKey,
        now: Timestamp,
    ) -> Result<(), RecordError> {
        let actor = person.map(|person| Actor { clinician: person.id.clone(), role: person.role });
        let offset = self.zone.to_offset(now);
        let entry = desk::entry(act, actor, key, Moment { at: now, offset, clock: ClockTrust::Unknown });
        let entry = entry.ok_or(RecordError::Role)?;
        let mut ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        let ledger = ledger.as_mut().ok_or_else(|| RecordError::Append("it is closed".to_owned()))?;
        let appended = ledger.append(&entry, &ClockEvidence::now());
        appended.map(|_| ()).map_err(|error| RecordError::Append(error.to_string()))
    }

    /// Takes a step for a discrepancy. The steps before are read while nothing else is recorded, so that two cannot be taken at once.
    ///
    /// # Errors
    /// When it may not be taken, or is not recorded.
    pub fn step(
        &self,
        case: rights::discrepancy::DiscrepancyCase,
        key: IdempotencyKey,
        steps: impl FnOnce() -> Result<crate::pharmacy::Steps, String>,
    ) -> Result<(), String> {
        let mut ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        let ledger = ledger.as_mut().ok_or_else(|| "the station's ledger is closed".to_owned())?;
        let taken = crate::pharmacy::desk::take(ledger, &steps()?, case, key, &ClockEvidence::now());
        taken.map(|_| ()).map_err(|error| error.to_string())
    }

    /// Closes it in an orderly way; nothing is recorded, and so nothing shown, any more.
    pub fn close(&self) {
        let ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(Err(error)) = ledger.map(|ledger| ledger.close(&ClockEvidence::now())) {
            tracing::warn!(%error, "the station's ledger was not closed in an orderly way");
        }
    }
}
