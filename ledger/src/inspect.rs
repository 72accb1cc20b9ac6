//! Reading a ledger without writing: entries, checkpoints, proofs, an export, and every decision decided again.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rights::decide::{decide_dose, decide_patient, decide_waste};
use rights::entry::Inputs;
use zeroize::Zeroizing;

use crate::checkpoint::Checkpoint;
use crate::enrolment::{Enrolled, EnrolmentError};
use crate::epoch::EpochState;
use crate::files::{self, Folder, read_secret};
use crate::hash::Hash;
use crate::history::{History, HistoryError, Stored};
use crate::keys::DeviceKey;
use crate::leaf::Leaf;
use crate::note::{Note, VerifierKey};
use crate::pictures::{self, PictureError};
use crate::proof::TlogProof;
use crate::store::{Reading, StoreError, View};
use crate::tail::{self, TailError};
use crate::tiles::{self, ExportError};
use crate::tree::{self, Frontier};

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
    /// An export.
    #[error(
        "{0}: this is an export, which holds no database; name the ledger itself: its folder or its ledger.redb"
    )]
    IsExport(PathBuf),
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
    /// What is stored is not what was signed.
    #[error(
        "{path}: the entries are not those that the checkpoint of {size} entries signs: they were changed or damaged, and nothing \
         was handed out; run `ledger verify {path}`"
    )]
    DoesNotHold {
        /// Of which ledger.
        path: PathBuf,
        /// Of which size.
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
    /// The last cosigned checkpoint.
    #[error("{path}: {error}; it belongs to this ledger")]
    Cosigned {
        /// Which file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
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
    source: PathBuf,
    folder: Folder,
    /// The file `cosigned` as it stood before the snapshot.
    cosigned: io::Result<Option<Vec<u8>>>,
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
        if files::is_export(source) {
            return Err(InspectError::IsExport(source.to_owned()));
        }
        let (path, folder) = if source.is_dir() {
            (source.join("ledger.redb"), source.to_owned())
        } else {
            (source.to_owned(), source.parent().map(Path::to_owned).unwrap_or_default())
        };
        let at = |error| InspectError::Store { path: path.clone(), error };
        let reading = Reading::open(&path).map_err(at)?;
        let folder = Folder::new(&folder);
        // Before the snapshot, which then holds what is cosigned there.
        let cosigned = files::read_cosigned(&folder);
        let view = reading.view().map_err(at)?;
        let enrolled = Enrolled::decode(&view.meta("enrolment")?.unwrap_or_default())?;
        let keys = enrolled.epoch_keys(&view.meta("epoch_keys")?.unwrap_or_default())?;
        let size = view.size()?;
        Ok(Self {
            view: Arc::new(view),
            enrolled,
            keys,
            size,
            source: source.to_owned(),
            folder,
            cosigned,
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
        let bytes = self.bytes_of(index)?;
        let leaf = Leaf::decode(&bytes).map_err(|error| HistoryError::Form { sequence: index, error })?;
        Ok((leaf, bytes))
    }

    fn bytes_of(&self, index: u64) -> Result<Vec<u8>, InspectError> {
        if index >= self.size {
            return Err(InspectError::NoEntry { index, size: self.size });
        }
        Ok(self.view.entry(index)?.ok_or(HistoryError::Missing(index))?)
    }

    /// The root hash of the first `size` entries.
    ///
    /// # Errors
    /// When there are not so many.
    pub fn root(&self, size: u64) -> Result<Hash, TailError> {
        tail::root_at(&self.view, size)
    }

    /// The tree of the first `size` entries, as far as appending needs it.
    pub(crate) fn frontier(&self, size: u64) -> Result<Frontier, TailError> {
        Frontier::load(size, |level, index| tail::node(&self.view, level, index))
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
        let key = self.enrolled.verifier(&self.keys, last.epoch).ok_or_else(|| self.does_not_hold(size))?;
        let signature = self.view.signature(size)?.ok_or_else(|| self.does_not_hold(size))?;
        Ok((Note::with_signature(text, &key, &signature), key))
    }

    /// Whether the key of an epoch signed this root for the first `size` entries.
    pub(crate) fn signed(&self, size: u64, root: Hash, epoch: u32) -> Result<bool, StoreError> {
        let signature = self.view.signature(size)?;
        Ok(self.enrolled.signed((&self.keys, epoch), (size, root), signature.as_ref()))
    }

    fn does_not_hold(&self, size: u64) -> InspectError {
        InspectError::DoesNotHold { path: self.source.clone(), size }
    }

    /// The proof of an entry, and the key that it is checked with: that of the entry's own epoch, under the last checkpoint of that
    /// epoch. The key of a later one would prove less, because whoever steals it can put what never was under a checkpoint of today.
    ///
    /// # Errors
    /// When there is no such entry, or the proof would not be one.
    pub fn prove(&self, index: u64) -> Result<(TlogProof, VerifierKey), InspectError> {
        // Of a ledger whose end does not hold nothing is handed out.
        let in_all = self.proof(index, self.size)?;
        let end = self.end_of_epoch_of(index)?;
        if end == self.size { Ok(in_all) } else { self.proof(index, end) }
    }

    /// The proof of an entry under the checkpoint of a size.
    fn proof(&self, index: u64, size: u64) -> Result<(TlogProof, VerifierKey), InspectError> {
        let entry = self.bytes_of(index)?;
        let path = tree::inclusion_proof(index, size, |level, index| tail::node(&self.view, level, index))?;
        let (note, key) = self.checkpoint(size)?;
        let proof = TlogProof { entry, index, path, note };
        proof.check(&key).map_err(|_| self.does_not_hold(size))?;
        Ok((proof, key))
    }

    /// How many entries there were when the epoch of an entry ended, or there are.
    fn end_of_epoch_of(&self, index: u64) -> Result<u64, InspectError> {
        let epoch = self.entry(index)?.0.epoch;
        let (mut inside, mut end) = (index, self.size);
        while end - inside > 1 {
            let middle = inside + (end - inside) / 2;
            if self.entry(middle)?.0.epoch == epoch {
                inside = middle;
            } else {
                end = middle;
            }
        }
        Ok(end)
    }

    /// Writes an export of the whole ledger to a new folder.
    ///
    /// # Errors
    /// When the entries are not those that the last checkpoint signs, or the folder exists or cannot be written.
    pub fn export(&self, folder: &Path) -> Result<(), InspectError> {
        let (last, _) = self.entry(self.size.saturating_sub(1))?;
        let (note, _) = self.checkpoint(self.size)?;
        // Stored nodes of the tree can hide a changed entry, so the root is computed from the entries alone.
        let holds = match self.root_of_entries()? {
            Some(root) => self.signed(self.size, root, last.epoch)?,
            None => false,
        };
        if !holds {
            return Err(self.does_not_hold(self.size));
        }
        let keys = (0..=last.epoch).filter_map(|epoch| self.enrolled.verifier(&self.keys, epoch));
        let lines = keys.fold(String::new(), |text, key| text + &key.to_string() + "\n");
        Ok(tiles::export(folder, &self.view, self.size, &lines, &note, self.cosigned()?)?)
    }

    /// The last cosigned checkpoint, where there is one: its entries are all among these.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(crate) fn cosigned(&self) -> Result<Option<&[u8]>, InspectError> {
        match &self.cosigned {
            Ok(bytes) => Ok(bytes.as_deref()),
            Err(error) => Err(InspectError::Cosigned {
                path: self.folder.cosigned(),
                error: io::Error::new(error.kind(), error.to_string()),
            }),
        }
    }

    /// Whether a key of this ledger signed a note.
    pub(crate) fn is_signed(&self, note: &Note) -> bool {
        (0..).map_while(|epoch| self.enrolled.verifier(&self.keys, epoch)).any(|key| note.signed_by(&key))
    }

    /// The root over all entries, from their bytes; `None` when one is missing.
    fn root_of_entries(&self) -> Result<Option<Hash>, StoreError> {
        let (mut leaves, mut whole) = (Vec::new(), true);
        self.view.blocks_between(0, self.size, |rows| {
            whole = (leaves.len() as u64..).zip(rows).all(|(index, row)| row.index == index);
            leaves.extend(tree::leaf_hashes(rows.iter().map(|row| row.entry)));
            whole
        })?;
        Ok((whole && leaves.len() as u64 == self.size).then(|| tree::root_over(&leaves)))
    }

    /// The device key beside the database.
    ///
    /// # Errors
    /// When it is not there or another's.
    pub fn device_key(&self) -> Result<DeviceKey, InspectError> {
        let path = self.folder.device_key();
        let secret = read_secret(&path).map_err(|error| InspectError::DeviceKey { path, error })?;
        let device = DeviceKey::from_secret(&secret);
        if self.is_of(&device) { Ok(device) } else { Err(InspectError::OtherDeviceKey) }
    }

    /// The folder of the database.
    pub(crate) const fn folder(&self) -> &Folder {
        &self.folder
    }

    /// Whether a device key is this ledger's.
    pub(crate) fn is_of(&self, device: &DeviceKey) -> bool {
        *device.check() == self.enrolled.record().device_check
    }

    /// Whether an epoch state gives the enrolled key of its epoch.
    pub(crate) fn is_signed_by(&self, state: &EpochState) -> bool {
        let key = self.enrolled.verifier(&self.keys, state.epoch());
        key.is_some_and(|key| *key.public() == state.signing_key().public())
    }

    /// The epoch in which the next entry would be recorded.
    pub(crate) fn next_epoch(&self) -> Result<u32, TailError> {
        Ok(tail::check(&self.view, &self.enrolled, &self.keys)?.epoch)
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
