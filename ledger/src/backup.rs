//! Copies of a ledger that may be live, and what becomes of them later.
//!
//! A file copied while it is written is no backup. Here one snapshot is read through the database library and written to a new
//! database, without the unused pages of the old one. The secrets that continue the ledger (`keys/epoch.state`) are never copied: an
//! older state could sign for days that are over. The device key is copied only when asked for, because with the database it opens
//! all patient data.

use std::io;
use std::path::{Path, PathBuf};

use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::files::{self, Folder};
use crate::note::Note;
use crate::store::{self, Reading, StoreError};
use crate::verify::{Options, Outcome, Report, verify};

/// Why no copy was made or restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The folder holds something.
    #[error("{0}: already exists; a copy is made only in a new folder")]
    Exists(PathBuf),
    /// A file.
    #[error("{path}: {error}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The database that is read.
    #[error("{path}: {error}")]
    Store {
        /// Which.
        path: PathBuf,
        /// Why.
        error: StoreError,
    },
    /// What was written does not verify.
    #[error("the copy does not verify: {0}")]
    Copy(String),
    /// The checkpoint to compare with.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
}

/// Copies one snapshot of a database to a new file, durably.
///
/// # Errors
/// When reading or writing fails.
pub(crate) fn copy_database(from: &Path, to: &Path) -> Result<u64, BackupError> {
    let at = |path: &Path| {
        let path = path.to_owned();
        move |error| BackupError::Store { path, error }
    };
    let reading = Reading::open(from).map_err(at(from))?;
    let view = reading.view().map_err(at(from))?;
    store::copy(&view, to).map_err(at(to))?;
    view.size().map_err(at(from))
}

/// Makes a copy of a ledger, live or closed, in a new folder, and verifies it. Gives the report of the copy.
///
/// # Errors
/// When the folder exists, or the copy cannot be made or does not verify.
pub fn backup(folder: &Path, source: &Path, with_device_key: bool) -> Result<Report, BackupError> {
    if folder.exists() {
        return Err(BackupError::Exists(folder.to_owned()));
    }
    let (from, to) = (Folder::new(source), Folder::new(folder));
    let at = |path: PathBuf| move |error| BackupError::File { path, error };
    to.create().map_err(at(folder.to_owned()))?;
    copy_database(&from.database(), &to.database())?;
    let mut names =
        vec![(from.enrolment(), to.enrolment(), 0o644), (from.verifier_keys(), to.verifier_keys(), 0o644)];
    if from.cosigned().exists() {
        names.push((from.cosigned(), to.cosigned(), 0o644));
    }
    if with_device_key {
        names.push((from.device_key(), to.device_key(), 0o600));
    }
    for (from, to, mode) in names {
        let bytes = std::fs::read(&from).map(zeroize::Zeroizing::new).map_err(at(from))?;
        files::create(&to, mode, &bytes).map_err(at(to))?;
    }
    to.sync().map_err(at(folder.to_owned()))?;
    let report = verify(folder, &Options::default());
    if report.outcome == Outcome::Fine { Ok(report) } else { Err(BackupError::Copy(report.to_string())) }
}

/// What a restored copy is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Restored {
    /// It holds everything that the checkpoint to compare with covers, and may be continued with the keys of the kiosk.
    Whole {
        /// Its entries.
        size: u64,
    },
    /// It is older: entries were recorded after it. It can be read and verified, and must not be continued; the kiosk gets a new
    /// generation.
    Older {
        /// Its entries.
        size: u64,
        /// Entries that are known to have been.
        known: u64,
    },
    /// Nothing was given to compare it with, so nobody knows whether entries are missing. As an older one.
    Unknown {
        /// Its entries.
        size: u64,
    },
}

/// Puts a copy into a new folder and names what it is, by a checkpoint that was seen later: of a cosigner, of the last message to the
/// order system, or of the lost ledger itself. Only a whole one gets the kiosk's `keys`, so that no other can be continued.
///
/// # Errors
/// When the folder exists, the copy does not verify, or is another ledger than the checkpoint's.
pub fn restore(
    folder: &Path,
    copy: &Path,
    against: Option<&Note>,
    keys: Option<&Path>,
) -> Result<Restored, BackupError> {
    let report = verify(copy, &Options::default());
    if report.outcome != Outcome::Fine {
        return Err(BackupError::Copy(report.to_string()));
    }
    let size = report.entries;
    let restored = match against {
        None => Restored::Unknown { size },
        Some(note) => {
            let known = Checkpoint::parse(note.text())?;
            if known.size > size && known.origin == report.origin {
                Restored::Older { size, known: known.size }
            } else {
                let options = Options { against: Some(note.clone()), ..Options::default() };
                let report = verify(copy, &options);
                if report.outcome != Outcome::Fine {
                    return Err(BackupError::Copy(report.to_string()));
                }
                Restored::Whole { size }
            }
        }
    };
    backup(folder, copy, Folder::new(copy).device_key().exists())?;
    if let (Restored::Whole { .. }, Some(keys)) = (&restored, keys) {
        let to = Folder::new(folder);
        for (name, target) in [("device.key", to.device_key()), ("epoch.state", to.epoch_state())] {
            let from = keys.join(name);
            let file = |error| BackupError::File { path: from.clone(), error };
            let bytes = std::fs::read(&from).map(zeroize::Zeroizing::new).map_err(file)?;
            let _ = std::fs::remove_file(&target);
            files::create(&target, 0o600, &bytes)
                .map_err(|error| BackupError::File { path: target.clone(), error })?;
        }
        to.sync().map_err(|error| BackupError::File { path: folder.to_owned(), error })?;
    }
    Ok(restored)
}
