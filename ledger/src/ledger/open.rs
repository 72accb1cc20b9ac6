//! Opening: whose ledger it is, whether its end holds, whether it is older than its keys or than what a cosigner saw.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use super::append::{Draft, program};
use super::{AppendError, Ledger, OpenError, OpenOptions};
use crate::checkpoint::Checkpoint;
use crate::clock::ClockEvidence;
use crate::enrolment::Enrolled;
use crate::epoch::EpochState;
use crate::files::{self, Folder, read_secret};
use crate::hash::sha256;
use crate::keys::DeviceKey;
use crate::kind::Kind;
use crate::leaf::{CDDL, Clear};
use crate::lock::FolderLock;
use crate::note::{Note, SecretKey, VerifierKey};
use crate::store::{StorageBackend, Store, StoreError, View};
use crate::tail;
use crate::tree::Frontier;

/// At most so many epochs are skipped at once. A clock that jumps further is shown by its evidence and moves nothing, so that a
/// clock set to the year 2100 does not use up the ledger's keys.
const MOST_EPOCHS_SKIPPED: u32 = 400;

impl Ledger {
    /// Opens the ledger of a folder and records that it was opened.
    ///
    /// # Errors
    /// When it is missing, another's, in use, damaged, or put back from an older copy.
    pub fn open(folder: &Path, options: &OpenOptions, clock: &ClockEvidence) -> Result<Self, OpenError> {
        let held = hold(&Folder::new(folder))?;
        let mut ledger = Self::open_held(folder, options)?;
        ledger.held = Some(held);
        ledger.boot(options, clock)?;
        Ok(ledger)
    }

    /// As [`open`](Self::open), by whoever holds the folder and before anything is recorded.
    pub(super) fn open_held(folder: &Path, options: &OpenOptions) -> Result<Self, OpenError> {
        let place = Folder::new(folder);
        // Another's is not even opened: that alone would write to its file.
        if let Some(enrolled) =
            std::fs::read(place.enrolment()).ok().and_then(|bytes| Enrolled::decode(&bytes).ok())
        {
            is_expected(&enrolled, options)?;
        }
        let store =
            Store::open(&place.database(), options.sharing).map_err(|error| in_database(&place, error))?;
        Self::open_store(store, folder, options)
    }

    /// As [`open`](Self::open), with the database on another storage: for tests of power cuts and full disks.
    ///
    /// # Errors
    /// As there.
    pub fn open_on(
        backend: impl StorageBackend,
        folder: &Path,
        options: &OpenOptions,
        clock: &ClockEvidence,
    ) -> Result<Self, OpenError> {
        let path = Folder::new(folder).database();
        let store =
            Store::open_on(backend, options.sharing).map_err(|error| OpenError::Store { path, error })?;
        let mut ledger = Self::open_store(store, folder, options)?;
        ledger.boot(options, clock)?;
        Ok(ledger)
    }

    fn open_store(store: Store, path: &Path, options: &OpenOptions) -> Result<Self, OpenError> {
        let folder = Folder::new(path);
        let in_store = |error| OpenError::Store { path: folder.database(), error };
        let view = store.view().map_err(in_store)?;
        let bytes = view.meta("enrolment").map_err(in_store)?.unwrap_or_default();
        let enrolled = Enrolled::decode(&bytes)?;
        is_expected(&enrolled, options)?;
        let epoch_keys =
            enrolled.epoch_keys(&view.meta("epoch_keys").map_err(in_store)?.unwrap_or_default())?;
        let file = |path: PathBuf| move |error| OpenError::Beside { path, error };
        let key = |path: PathBuf| {
            move |error: std::io::Error| match error.kind() {
                std::io::ErrorKind::NotFound => OpenError::NoKeys { path },
                _ => OpenError::Beside { path, error },
            }
        };
        if std::fs::read(folder.enrolment()).map_err(file(folder.enrolment()))? != bytes {
            return Err(OpenError::Differs("the file `enrolment`"));
        }
        let secret = read_secret(&folder.device_key()).map_err(key(folder.device_key()))?;
        let device = DeviceKey::from_secret(&secret);
        if *device.check() != enrolled.record().device_check {
            return Err(OpenError::OtherDeviceKey);
        }
        let tail = tail::check(&view, &enrolled, &epoch_keys)?;
        behind_cosigned(&folder, &view, &enrolled)?;
        let mut epoch = folder.read_epoch_state().map_err(key(folder.epoch_state()))?;
        if epoch.epoch() > tail.epoch {
            return Err(OpenError::RolledBack { keys: epoch.epoch(), ledger: tail.epoch });
        }
        let (verifier, signing) = keys_of(&enrolled, &epoch_keys, &epoch)?;
        let mut ledger = Self {
            store,
            held: None,
            folder,
            enrolled,
            epoch_keys,
            device,
            epoch: EpochState::new(epoch.epoch(), zeroize::Zeroizing::new(*epoch.secret())),
            signing,
            verifier,
            frontier: tail.frontier,
            previous: tail.previous,
            open_keys: BTreeMap::new(),
            known_policies: BTreeSet::new(),
            failed: None,
        };
        if epoch.epoch() < tail.epoch {
            // The power was cut between the rotate entry and the new state.
            epoch = epoch.advanced_to(tail.epoch);
            ledger.enter_epoch(epoch)?;
        }
        Ok(ledger)
    }

    /// Records that it was opened.
    pub(super) fn boot(&mut self, options: &OpenOptions, clock: &ClockEvidence) -> Result<(), OpenError> {
        let clear = Clear { build: options.build, note: Some(program()), ..Clear::default() };
        let _ = self.append_own(Kind::BOOT, clear, clock)?;
        Ok(())
    }

    /// Records the first entry of a new ledger.
    pub(crate) fn found(
        store: Store,
        folder: Folder,
        enrolled: Enrolled,
        epoch_keys: Vec<[u8; 32]>,
        device: DeviceKey,
        epoch: EpochState,
        clock: &ClockEvidence,
    ) -> Result<(), AppendError> {
        let wrong = |_| AppendError::Contradiction("enrolment");
        let (verifier, signing) = keys_of(&enrolled, &epoch_keys, &epoch).map_err(wrong)?;
        let clear = Clear {
            build: Some(enrolled.record().build),
            cddl: Some(sha256(&[CDDL.as_bytes()])),
            note: Some(program()),
            ..Clear::default()
        };
        let previous = enrolled.hash();
        let mut ledger = Self {
            store,
            held: None,
            folder,
            enrolled,
            epoch_keys,
            device,
            epoch,
            signing,
            verifier,
            frontier: Frontier::default(),
            previous,
            open_keys: BTreeMap::new(),
            known_policies: BTreeSet::new(),
            failed: None,
        };
        let _ = ledger
            .guarded(|ledger| ledger.commit(Kind::GENESIS, Draft { clear, ..Draft::default() }, clock))?;
        ledger.store.close().map_err(AppendError::Store)
    }

    /// Closes epochs that are over, in one entry, and enters the one of the clock. Never goes back.
    pub(super) fn follow_clock(&mut self, clock: &ClockEvidence) -> Result<(), AppendError> {
        let (now, current) = (self.enrolled.record().plan.epoch_at(clock.wall_ns), self.epoch());
        if now <= current || now - current > MOST_EPOCHS_SKIPPED {
            return Ok(());
        }
        let clear = Clear { next_epoch: Some(now), ..Clear::default() };
        let _ = self.commit(Kind::ROTATE, Draft { clear, ..Draft::default() }, clock)?;
        let next = self.epoch.advanced_to(now);
        self.enter_epoch(next)
    }

    pub(super) fn enter_epoch(&mut self, state: EpochState) -> Result<(), AppendError> {
        self.folder.write_epoch_state(&state).map_err(AppendError::EpochState)?;
        let wrong = |_| AppendError::Contradiction("epoch key");
        (self.verifier, self.signing) = keys_of(&self.enrolled, &self.epoch_keys, &state).map_err(wrong)?;
        self.epoch = state;
        Ok(())
    }
}

fn is_expected(enrolled: &Enrolled, options: &OpenOptions) -> Result<(), OpenError> {
    let found = &enrolled.record().origin;
    match &options.origin {
        Some(expected) if expected != found => {
            Err(OpenError::OtherOrigin { found: found.clone(), expected: expected.clone() })
        }
        _ => Ok(()),
    }
}

/// Takes the folder for its one writer: another process may not open the ledger while its file is being put in the place of another.
pub(super) fn hold(folder: &Folder) -> Result<FolderLock, OpenError> {
    FolderLock::take(folder.path()).map_err(|error| match error.kind() {
        io::ErrorKind::WouldBlock => OpenError::Store { path: folder.database(), error: StoreError::Busy },
        _ => in_database(folder, StoreError::Io(error)),
    })
}

/// Why the database of a folder does not open.
fn in_database(folder: &Folder, error: StoreError) -> OpenError {
    let path = folder.database();
    match error {
        StoreError::Io(_) if files::is_export(folder.path()) => OpenError::IsExport(folder.path().to_owned()),
        StoreError::Io(error) => OpenError::File { path, error },
        error => OpenError::Store { path, error },
    }
}

/// Compares with the last cosigned checkpoint: smaller or other than that is never repaired.
fn behind_cosigned(folder: &Folder, view: &View, enrolled: &Enrolled) -> Result<(), OpenError> {
    let path = folder.cosigned();
    let text = match std::fs::read_to_string(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        other => other.map_err(|error| OpenError::Beside { path: path.clone(), error })?,
    };
    let cosigned = Note::parse(&text).ok().and_then(|note| Checkpoint::parse(note.text()).ok());
    let cosigned = cosigned.filter(|seen| seen.origin == enrolled.record().origin);
    let cosigned = cosigned.ok_or(OpenError::Differs("the file `cosigned`"))?;
    let size = view.size().map_err(|error| OpenError::Store { path, error })?;
    let root = if cosigned.size <= size { Some(tail::root_at(view, cosigned.size)?) } else { None };
    if root == Some(cosigned.root) {
        Ok(())
    } else {
        Err(OpenError::BehindCosigned { cosigned: cosigned.size, size })
    }
}

fn keys_of(
    enrolled: &Enrolled,
    keys: &[[u8; 32]],
    state: &EpochState,
) -> Result<(VerifierKey, SecretKey), OpenError> {
    let signing = state.signing_key();
    let verifier = enrolled.verifier(keys, state.epoch()).filter(|key| *key.public() == signing.public());
    verifier.map(|verifier| (verifier, signing)).ok_or(OpenError::OtherEpochKey(state.epoch()))
}
