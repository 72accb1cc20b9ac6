//! The ledger, open for writing: encode once, read back and compare, chain, tree, sign, one durable commit, then the receipt.
//!
//! `open` checks the end and enters the epoch, `append` records one entry, `append_all` several in one commit, `anchor` brings a cosignature into the chain, `shred`
//! destroys keys whose retention is over.

mod anchor;
mod append;
mod commit;
mod error;
mod open;
mod pin_attempts;
mod shred;

use std::collections::{BTreeMap, BTreeSet};

use rights::entry::{Entry, IdempotencyKey};
use rights::ident::PatientId;
use rights::policy::Policy;

pub use anchor::AnchorError;
use append::Draft;
pub(crate) use append::index_key;
pub use error::{AppendError, OpenError};
pub use pin_attempts::PinAttempt;
pub use shred::{KnownDay, Retention, ShredError, Shredded, shred};

use crate::clock::ClockEvidence;
use crate::codec;
use crate::enrolment::Enrolled;
use crate::epoch::EpochState;
use crate::files::Folder;
use crate::hash::Hash;
use crate::history::{History, HistoryError};
use crate::keys::{DeviceKey, PatientKey};
use crate::kind::Kind;
use crate::leaf::Clear;
use crate::lock::FolderLock;
use crate::note::{SecretKey, VerifierKey};
use crate::pictures::{self, PictureError};
use crate::receipt::{Appended, Receipt};
use crate::store::{Sharing, Store, StoreError, View};
use crate::tree::Frontier;

/// A ledger open for writing. One thread owns it.
#[derive(Debug)]
pub struct Ledger {
    store: Store,
    /// Let go after the database is closed.
    #[allow(dead_code, reason = "held, never asked")]
    held: Option<FolderLock>,
    folder: Folder,
    enrolled: Enrolled,
    epoch_keys: Vec<[u8; 32]>,
    device: DeviceKey,
    epoch: EpochState,
    signing: SecretKey,
    verifier: VerifierKey,
    frontier: Frontier,
    previous: Hash,
    open_keys: BTreeMap<[u8; 34], PatientKey>,
    known_policies: BTreeSet<Hash>,
    failed: Option<String>,
}

/// How to open a ledger.
#[derive(Clone, Debug, Default)]
pub struct OpenOptions {
    /// Whose ledger it must be; anybody's when left out.
    pub origin: Option<String>,
    /// SHA-256 of the program, for the boot entry.
    pub build: Option<Hash>,
    /// How processes share the file.
    pub sharing: Sharing,
}

impl Ledger {
    /// Which ledger this is.
    pub fn origin(&self) -> &str {
        &self.enrolled.record().origin
    }

    /// Entries so far.
    pub const fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// The signing epoch.
    pub const fn epoch(&self) -> u32 {
        self.epoch.epoch()
    }

    /// Why nothing can be recorded any more, when a failure stopped the ledger.
    pub fn failed(&self) -> Option<&str> {
        self.failed.as_deref()
    }

    /// Records an entry of the bedside durably. The same entry again gives its first receipt and writes nothing.
    ///
    /// # Errors
    /// When it is not recorded; see [`AppendError`].
    pub fn append(&mut self, entry: &Entry, clock: &ClockEvidence) -> Result<Appended, AppendError> {
        let mut appended = self.append_all(std::slice::from_ref(entry), clock)?;
        appended.pop().unwrap_or(Err(AppendError::Contradiction("batch")))
    }

    /// Entries that [`append_all`](Self::append_all) takes at once.
    pub const MOST_AT_ONCE: usize = 256;

    /// Records entries of the bedside or of a desk in one durable commit (group commit): each has its own leaf, chain link and signed
    /// checkpoint, as from [`append`](Self::append), and all of them are durable when this returns. An entry that was recorded before
    /// gives its first receipt; one that is refused for itself (its idempotency key is taken, or it is too long) is told in its place
    /// and leaves the others alone.
    ///
    /// # Errors
    /// When none of them is recorded; see [`AppendError`].
    pub fn append_all(
        &mut self,
        entries: &[Entry],
        clock: &ClockEvidence,
    ) -> Result<Vec<Result<Appended, AppendError>>, AppendError> {
        self.guarded(|ledger| ledger.try_append_all(entries, clock))
    }

    /// Records which policy is in force from now on; the policy itself is stored beside.
    ///
    /// # Errors
    /// When it is not recorded.
    pub fn policy_in_force(
        &mut self,
        policy: &Policy,
        clock: &ClockEvidence,
    ) -> Result<Receipt, AppendError> {
        let policies = codec::encode_policy(policy);
        let clear = Clear { policy: policies.keys().next().copied(), ..Clear::default() };
        self.guarded(|ledger| {
            ledger.follow_clock(clock)?;
            ledger.commit(Kind::POLICY, Draft { clear, policies, ..Draft::default() }, clock)
        })
    }

    /// Records that the ledger is closed, and closes it.
    ///
    /// # Errors
    /// When that cannot be recorded.
    pub fn close(mut self, clock: &ClockEvidence) -> Result<(), AppendError> {
        let _ = self.append_own(Kind::CLOSE, Clear::default(), clock)?;
        self.store.close().map_err(AppendError::Store)
    }

    /// What is stored, oldest first, with patient data opened: from entry `from` on.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn history(&self, from: u64) -> Result<History<'_>, HistoryError> {
        Ok(History::new(self.store.view()?, &self.device, self.origin(), from, self.size()))
    }

    /// Everything that was done as far as it is recorded, oldest first.
    ///
    /// # Errors
    /// When the database or an entry cannot be read.
    pub fn records(&self) -> Result<Vec<rights::history::Record>, HistoryError> {
        self.history(0)?.records()
    }

    /// Keeps the picture of an entry's package beside the ledger, encrypted as its patient data is ([`crate::pictures`]).
    ///
    /// # Errors
    /// When it is too long, the entry is not recorded or has no patient data, or the file cannot be written. The ledger is as it was.
    pub fn keep_picture(&self, of: &IdempotencyKey, jpeg: &[u8]) -> Result<(), PictureError> {
        let sequence = self.store.sequence_of(&of.to_bytes())?.ok_or(PictureError::NoEntry)?;
        pictures::keep(&self.folder, &mut self.history(sequence)?, self.origin(), sequence, jpeg)
    }

    /// What is stored now.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn view(&self) -> Result<View, StoreError> {
        self.store.view()
    }

    /// The pseudonym of a patient in this ledger.
    pub fn patient_pseudonym(&self, patient: &PatientId) -> Hash {
        self.device.pseudonym("patient", patient.as_str())
    }

    fn guarded<T>(
        &mut self,
        act: impl FnOnce(&mut Self) -> Result<T, AppendError>,
    ) -> Result<T, AppendError> {
        if let Some(cause) = &self.failed {
            return Err(AppendError::Stopped(cause.clone()));
        }
        let done = act(self);
        if let Err(error) = &done
            && !error.is_harmless()
        {
            tracing::error!(%error, size = self.size(), "the ledger stopped");
            self.failed = Some(error.to_string());
        }
        done
    }
}
