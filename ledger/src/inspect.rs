//! Reading a ledger without writing: entries, checkpoints, proofs, an export, and every decision decided again.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rights::decide::{decide_dose, decide_patient, decide_waste};
use rights::entry::Inputs;
use zeroize::Zeroizing;

use crate::checkpoint::Checkpoint;
use crate::enrolment::{Enrolled, EnrolmentError};
use crate::files::{Folder, read_secret};
use crate::history::{History, HistoryError, Stored};
use crate::keys::DeviceKey;
use crate::leaf::Leaf;
use crate::note::{Note, VerifierKey};
use crate::pictures::{self, PictureError};
use crate::proof::TlogProof;
use crate::store::{Reading, StoreError, View};
use crate::tail::{self, TailError};
use crate::tiles::{self, ExportError};
use crate::tree;

/// Why a ledger cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum InspectError {
    /// The database.
    #[error("{path}: {error}")]
    Store {
        /// Which.
        path: PathBuf,
        /// Why.
        error: StoreError,
    },
    /// Reading on.
    #[error(transparent)]
    Read(#[from] StoreError),
    /// The enrolment.
    #[error(transparent)]
    Enrolment(#[from] EnrolmentError),
    /// The tree.
    #[error(transparent)]
    Tree(#[from] TailError),
    /// No such entry.
    #[error("there is no entry {index}; the ledger has {size}")]
    NoEntry {
        /// Which.
        index: u64,
        /// Entries.
        size: u64,
    },
    /// The device key.
    #[error("{path}: {error}; patient data is read only where the device key is")]
    DeviceKey {
        /// Which.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// Another device key.
    #[error("keys/device.key is not the key of this ledger")]
    OtherDeviceKey,
    /// The export.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// An entry.
    #[error(transparent)]
    History(#[from] HistoryError),
}

/// A ledger open for reading, beside its writer too.
#[derive(Debug)]
pub struct Inspector {
    view: Arc<View>,
    enrolled: Enrolled,
    keys: Vec<[u8; 32]>,
    size: u64,
    folder: Folder,
    _reading: Reading,
}

/// A decision that came out otherwise when it was decided again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Which entry.
    pub sequence: u64,
    /// What it recorded: each check with its class.
    pub recorded: Vec<(String, String)>,
    /// What its inputs give now.
    pub decided: Vec<(String, String)>,
}

impl Inspector {
    /// Opens a ledger's folder or its database file.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn open(source: &Path) -> Result<Self, InspectError> {
        let (path, folder) = if source.is_dir() {
            (source.join("ledger.redb"), source.to_owned())
        } else {
            (source.to_owned(), source.parent().map(Path::to_owned).unwrap_or_default())
        };
        let at = |error| InspectError::Store { path: path.clone(), error };
        let reading = Reading::open(&path).map_err(at)?;
        let view = reading.view().map_err(at)?;
        let enrolled = Enrolled::decode(&view.meta("enrolment")?.unwrap_or_default())?;
        let keys = enrolled.epoch_keys(&view.meta("epoch_keys")?.unwrap_or_default())?;
        let size = view.size()?;
        Ok(Self {
            view: Arc::new(view),
            enrolled,
            keys,
            size,
            folder: Folder::new(&folder),
            _reading: reading,
        })
    }

    /// Entries.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The tables as they stood when it was opened.
    pub fn view(&self) -> &View {
        &self.view
    }

    /// The ledger's id.
    pub fn origin(&self) -> &str {
        &self.enrolled.record().origin
    }

    /// An entry with its bytes.
    ///
    /// # Errors
    /// When there is none, or it cannot be read.
    pub fn entry(&self, index: u64) -> Result<(Leaf, Vec<u8>), InspectError> {
        let none = InspectError::NoEntry { index, size: self.size };
        let bytes = if index < self.size { self.view.entry(index)? } else { None }.ok_or(none)?;
        let leaf = Leaf::decode(&bytes).map_err(|error| HistoryError::Form { sequence: index, error })?;
        Ok((leaf, bytes))
    }

    /// The root hash of the first `size` entries.
    ///
    /// # Errors
    /// When there are not so many.
    pub fn root(&self, size: u64) -> Result<crate::hash::Hash, TailError> {
        tail::root_at(&self.view, size)
    }

    /// The signed checkpoint of a size from 1 on, and the key that signed it.
    ///
    /// # Errors
    /// When there is none.
    pub fn checkpoint(&self, size: u64) -> Result<(Note, VerifierKey), InspectError> {
        let none = || InspectError::NoEntry { index: size.saturating_sub(1), size: self.size };
        let (last, _) = self.entry(size.checked_sub(1).ok_or_else(none)?)?;
        let root = tail::root_at(&self.view, size)?;
        let text = Checkpoint { origin: self.origin().to_owned(), size, root }.to_string();
        let key = self.enrolled.verifier(&self.keys, last.epoch).ok_or_else(none)?;
        let signature = self.view.signature(size)?.ok_or_else(none)?;
        Ok((Note::with_signature(text, &key, &signature), key))
    }

    /// The proof of an entry in the whole ledger, and the key that it is checked with.
    ///
    /// # Errors
    /// When there is no such entry.
    pub fn prove(&self, index: u64) -> Result<(TlogProof, VerifierKey), InspectError> {
        let (_, entry) = self.entry(index)?;
        let path =
            tree::inclusion_proof(index, self.size, |level, index| tail::node(&self.view, level, index))?;
        let (note, key) = self.checkpoint(self.size)?;
        Ok((TlogProof { entry, index, path, note }, key))
    }

    /// Writes an export of the whole ledger to a new folder.
    ///
    /// # Errors
    /// When the folder exists or cannot be written.
    pub fn export(&self, folder: &Path) -> Result<(), InspectError> {
        let (last, _) = self.entry(self.size.saturating_sub(1))?;
        let (note, _) = self.checkpoint(self.size)?;
        let keys = (0..=last.epoch).filter_map(|epoch| self.enrolled.verifier(&self.keys, epoch));
        let lines = keys.fold(String::new(), |text, key| text + &key.to_string() + "\n");
        let cosigned = std::fs::read(self.folder.cosigned()).ok();
        Ok(tiles::export(folder, &self.view, self.size, &lines, &note, cosigned.as_deref())?)
    }

    /// The device key beside the database.
    ///
    /// # Errors
    /// When it is not there or another's.
    pub fn device_key(&self) -> Result<DeviceKey, InspectError> {
        let path = self.folder.device_key();
        let secret = read_secret(&path).map_err(|error| InspectError::DeviceKey { path, error })?;
        let device = DeviceKey::from_secret(&secret);
        if *device.check() == self.enrolled.record().device_check {
            Ok(device)
        } else {
            Err(InspectError::OtherDeviceKey)
        }
    }

    /// Calls `visit` with each entry `from..to`, its patient data opened.
    ///
    /// # Errors
    /// When one cannot be read.
    pub fn with_patient_data(
        self,
        device: &DeviceKey,
        from: u64,
        to: u64,
        mut visit: impl FnMut(Stored),
    ) -> Result<(), InspectError> {
        let origin = self.enrolled.record().origin.clone();
        let end = to.min(self.size);
        for stored in History::new(self.view, device, &origin, from, end) {
            visit(stored?);
        }
        Ok(())
    }

    /// Entries `from..to`, their patient data opened; several threads may read at once.
    ///
    /// # Errors
    /// When one cannot be read.
    pub fn stored(&self, device: &DeviceKey, from: u64, to: u64) -> Result<Vec<Stored>, InspectError> {
        let view = Arc::clone(&self.view);
        let history = History::new(view, device, self.origin(), from, to.min(self.size));
        Ok(history.collect::<Result<_, _>>()?)
    }

    /// The picture of an entry's package as a JPEG; `None` when none was kept.
    ///
    /// # Errors
    /// When it cannot be read or does not open.
    pub fn picture(
        &self,
        device: &DeviceKey,
        sequence: u64,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, PictureError> {
        let mut history = History::new(Arc::clone(&self.view), device, self.origin(), sequence, self.size);
        pictures::open(&self.folder, &mut history, self.origin(), sequence)
    }

    /// The entries of which a picture is kept, in their order.
    ///
    /// # Errors
    /// When the folder cannot be read; no folder is none kept.
    pub fn pictures(&self) -> Result<Vec<u64>, PictureError> {
        pictures::entries(&self.folder, self.size)
    }

    /// Whether a picture of an entry's package is kept.
    pub fn has_picture(&self, sequence: u64) -> bool {
        self.folder.picture(sequence).is_file()
    }

    /// Decides every entry again from its own inputs with the rules of this program: how many were decided, and what differs.
    ///
    /// # Errors
    /// When the device key is missing or an entry cannot be read.
    pub fn recheck(self) -> Result<(u64, Vec<Difference>), InspectError> {
        let device = self.device_key()?;
        let (mut decided, mut differences) = (0, Vec::new());
        let size = self.size;
        self.with_patient_data(&device, 0, size, |stored| {
            // An abandoned dose keeps what was in hand but records no verdict: there is nothing to compare.
            if stored.leaf.clear.class.is_none() {
                return;
            }
            let Some(inputs) = stored.detached.and_then(|detached| detached.inputs) else { return };
            let verdict = match &inputs {
                Inputs::Patient(case, _) => decide_patient(case),
                Inputs::Dose(case) => decide_dose(case),
                Inputs::Waste(case) => decide_waste(case),
                // Its steps have no findings: signatures are right, or nothing is recorded.
                Inputs::Discrepancy(_) => return,
            };
            decided += 1;
            let findings = verdict.findings().iter();
            let now: Vec<_> =
                findings.map(|f| (f.check.name().to_owned(), f.class.name().to_owned())).collect();
            if now != stored.leaf.clear.findings {
                let sequence = stored.leaf.sequence;
                differences.push(Difference { sequence, recorded: stored.leaf.clear.findings, decided: now });
            }
        })?;
        Ok((decided, differences))
    }
}
