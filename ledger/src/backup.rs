//! Copies of a ledger that may be live, and what becomes of them later.
//!
//! A file copied while it is written is no backup. Here one snapshot is read through the database library and written to a new
//! database, without the unused pages of the old one. The secrets that continue the ledger (`keys/epoch.state`) are never copied: an
//! older state could sign for days that are over. The device key is copied only when asked for, because with the database it opens
//! all patient data.

use std::io;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::files::{self, Folder};
use crate::inspect::{InspectError, Inspector};
use crate::keys::DeviceKey;
use crate::note::Note;
use crate::store::{self, Reading, StoreError};
use crate::tail::TailError;
use crate::unfinished::Unfinished;
use crate::verify::{Options, Outcome, Report, verify};

/// Why no copy was made or restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The folder holds something.
    #[error("{0}: already exists; a copy is made only in a new folder")]
    Exists(PathBuf),
    /// Another copy was begun there.
    #[error("{0}: a copy that is being made, or was interrupted; remove it if nobody is making one")]
    Begun(PathBuf),
    /// What is copied.
    #[error(transparent)]
    Source(#[from] InspectError),
    /// Its end.
    #[error("the end of the copy does not hold: {0}; run `ledger verify`")]
    Tail(#[from] TailError),
    /// A key that was to be taken over.
    #[error("{path}: {error}; name the `keys` folder of the kiosk that recorded the ledger")]
    Key {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A key of another ledger.
    #[error("{path}: not a key of {origin}; name the `keys` folder of the kiosk that recorded it")]
    OtherKey {
        /// Which.
        path: PathBuf,
        /// Which ledger is to be restored.
        origin: String,
    },
    /// The kiosk went on after the copy was made, whatever the checkpoint says.
    #[error(
        "{path}: the keys are at epoch {keys}, the copy ends in epoch {copy}: entries were recorded after it. Restore it without \
         --keys; it must not be continued: enrol a new generation"
    )]
    KeysAhead {
        /// Which.
        path: PathBuf,
        /// The keys' epoch.
        keys: u32,
        /// The copy's.
        copy: u32,
    },
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
    /// The checkpoint to compare with says nothing of this ledger.
    #[error(
        "the checkpoint to compare with is signed by no key of {0}: it does not tell whether entries are missing; give one that was \
         taken of this ledger"
    )]
    NotSigned(String),
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

/// A file beside the database: where it stands in a folder, who may read it, and its bytes.
type Beside = (fn(&Folder) -> PathBuf, u32, Zeroizing<Vec<u8>>);

/// What a copy is made of. All of it is open before anything is made, so that a wrong name leaves nothing behind.
struct Source {
    inspector: Inspector,
    beside: Vec<Beside>,
}

impl Source {
    fn open(source: &Path) -> Result<Self, BackupError> {
        let inspector = Inspector::open(source)?;
        let mut open = Self { inspector, beside: Vec::new() };
        open.read(Folder::enrolment, 0o644)?;
        open.read(Folder::verifier_keys, 0o644)?;
        let cosigned = open.inspector.cosigned()?.map(|bytes| Zeroizing::new(bytes.to_vec()));
        open.beside.extend(cosigned.map(|bytes| (Folder::cosigned as fn(&Folder) -> PathBuf, 0o644, bytes)));
        Ok(open)
    }

    fn read(&mut self, name: fn(&Folder) -> PathBuf, mode: u32) -> Result<(), BackupError> {
        let path = name(self.inspector.folder());
        let bytes = std::fs::read(&path).map_err(|error| BackupError::File { path, error })?;
        self.beside.push((name, mode, Zeroizing::new(bytes)));
        Ok(())
    }

    /// Takes over the secrets that continue the ledger, when they are its own.
    fn read_keys(&mut self, keys: &Path) -> Result<(), BackupError> {
        let origin = || self.inspector.origin().to_owned();
        let (device, state) = (keys.join("device.key"), keys.join("epoch.state"));
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |error| BackupError::Key { path, error }
        };
        let secret = files::read_secret::<32>(&device).map_err(failed(&device))?;
        let epoch = files::read_epoch_state(&state).map_err(failed(&state))?;
        if !self.inspector.is_of(&DeviceKey::from_secret(&secret)) {
            return Err(BackupError::OtherKey { path: device, origin: origin() });
        }
        if !self.inspector.is_signed_by(&epoch) {
            return Err(BackupError::OtherKey { path: state, origin: origin() });
        }
        let copy = self.inspector.next_epoch()?;
        if epoch.epoch() > copy {
            return Err(BackupError::KeysAhead { path: state, keys: epoch.epoch(), copy });
        }
        self.beside.push((Folder::device_key, 0o600, Zeroizing::new(secret.to_vec())));
        let bytes = std::fs::read(&state).map(Zeroizing::new).map_err(failed(&state))?;
        self.beside.push((Folder::epoch_state, 0o600, bytes));
        Ok(())
    }

    /// Writes the copy to a new folder and verifies it there.
    fn write(&self, folder: &Path) -> Result<Report, BackupError> {
        let at = |path: &Path| {
            let path = path.to_owned();
            move |error| BackupError::File { path, error }
        };
        let made = Unfinished::create(folder).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => BackupError::Begun(Unfinished::path_for(folder)),
            _ => at(folder)(error),
        })?;
        let to = made.folder();
        store::copy(self.inspector.view(), &to.database())
            .map_err(|error| BackupError::Store { path: to.database(), error })?;
        for (name, mode, bytes) in &self.beside {
            let path = name(to);
            files::create(&path, *mode, bytes).map_err(at(&path))?;
        }
        let mut report = verify(to.path(), &Options::default());
        folder.clone_into(&mut report.source);
        if report.outcome != Outcome::Fine {
            return Err(BackupError::Copy(report.to_string()));
        }
        made.finish().map_err(at(folder))?;
        Ok(report)
    }
}

/// Makes a copy of a ledger, live or closed, in a new folder, and verifies it. Gives the report of the copy.
///
/// # Errors
/// When the folder exists, or the copy cannot be made or does not verify; then there is no folder.
pub fn backup(folder: &Path, source: &Path, with_device_key: bool) -> Result<Report, BackupError> {
    if folder.exists() {
        return Err(BackupError::Exists(folder.to_owned()));
    }
    let mut source = Source::open(source)?;
    if with_device_key {
        source.read(Folder::device_key, 0o600)?;
    }
    source.write(folder)
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
/// When the folder exists, the copy does not verify or is another ledger than the checkpoint's, or the keys are not its own; then there
/// is no folder.
pub fn restore(
    folder: &Path,
    copy: &Path,
    against: Option<&Note>,
    keys: Option<&Path>,
) -> Result<Restored, BackupError> {
    if folder.exists() {
        return Err(BackupError::Exists(folder.to_owned()));
    }
    if files::is_export(copy) {
        return Err(InspectError::IsExport(copy.to_owned()).into());
    }
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
                if !Inspector::open(copy)?.is_signed(note) {
                    return Err(BackupError::NotSigned(report.origin));
                }
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
    let mut source = Source::open(copy)?;
    match (&restored, keys) {
        (Restored::Whole { .. }, Some(keys)) => source.read_keys(keys)?,
        _ if source.inspector.folder().device_key().exists() => source.read(Folder::device_key, 0o600)?,
        _ => {}
    }
    source.write(folder)?;
    Ok(restored)
}
