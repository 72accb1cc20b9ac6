//! The ledger as the kiosk uses it: one owner, one durable append at a time, and a switch for the faults that journeys rehearse.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use ledger::clock::ClockEvidence;
use ledger::cosign::protocol::AddCheckpoint;
use ledger::cosign::signature::CosignerKey;
use ledger::history::HistoryError;
use ledger::init::{InitError, InitOptions, init};
use ledger::ledger::{AnchorError, AppendError, Ledger, OpenError, OpenOptions};
use ledger::note::Note;
use ledger::pictures;
use ledger::receipt::Receipt;
use rights::entry::{Entry, IdempotencyKey};
use rights::history::Record;
use rights::policy::Policy;
use scanner::frame::Frame;
use scanner::still;

use crate::pin::{Attempt, Pins};

/// Stands in a ledger's folder once a cosigner has contradicted it.
const CONTRADICTED: &str = "contradicted";
/// What it says to whoever finds it; the checkpoint that proves it follows.
const SAID: &str = "A cosigner has seen other entries than this ledger holds. Nothing more is recorded in it. It has seen:\n";

/// Owns the ledger.
#[derive(Debug)]
pub struct Recorder {
    ledger: Ledger,
    folder: PathBuf,
    fails: bool,
    /// A cosigner has seen entries that are not there: an older copy stands in the ledger's place.
    replaced: bool,
}

/// Why there is no ledger to record in.
#[derive(Debug, thiserror::Error)]
pub enum RecorderError {
    /// It cannot be made.
    #[error("{path}: {error}")]
    Init {
        /// Where.
        path: PathBuf,
        /// Why.
        error: InitError,
    },
    /// It cannot be opened.
    #[error("{path}: {error}")]
    Open {
        /// Where.
        path: PathBuf,
        /// Why.
        error: OpenError,
    },
    /// The policy in force cannot be recorded.
    #[error("{path}: the policy in force was not recorded: {error}")]
    Policy {
        /// Where.
        path: PathBuf,
        /// Why.
        error: AppendError,
    },
    /// A cosigner has seen other entries than it holds.
    #[error(
        "{path}: a cosigner has seen other entries than this ledger holds, so nothing more is recorded in it: keep the folder for the auditor, restore the newest backup or enrol a new generation"
    )]
    Contradicted {
        /// Where.
        path: PathBuf,
    },
    /// The device key cannot be read.
    #[error("{path}: {source}; the key was made with the ledger")]
    Key {
        /// Where.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// What it holds cannot be read back.
    #[error("{path}: {error}")]
    History {
        /// Where.
        path: PathBuf,
        /// Why.
        error: HistoryError,
    },
}

impl Recorder {
    /// Opens the ledger of a folder, and makes it first when the folder is new or empty and `make` allows it. The policy that is in
    /// force from now on is its next entry.
    ///
    /// # Errors
    /// When it cannot be made or opened, is another kiosk's, or is damaged.
    pub fn open(
        folder: &Path,
        origin: &str,
        make: bool,
        policy: &Policy,
        clock: &ClockEvidence,
    ) -> Result<Self, RecorderError> {
        not_contradicted(folder)?;
        let is_new = std::fs::read_dir(folder).map_or(true, |mut files| files.next().is_none());
        if make && is_new {
            let options = InitOptions::new(origin);
            init(folder, &options, clock)
                .map_err(|error| RecorderError::Init { path: folder.to_owned(), error })?;
        }
        let options = OpenOptions { origin: Some(origin.to_owned()), ..OpenOptions::default() };
        let mut ledger = Ledger::open(folder, &options, clock)
            .map_err(|error| RecorderError::Open { path: folder.to_owned(), error })?;
        let _ = ledger
            .policy_in_force(policy, clock)
            .map_err(|error| RecorderError::Policy { path: folder.to_owned(), error })?;
        Ok(Self { ledger, folder: folder.to_owned(), fails: false, replaced: false })
    }

    /// Appends durably. `None` means not recorded; why stands in the log, without patient data.
    pub fn append(&mut self, entry: &Entry, clock: &ClockEvidence) -> Option<Receipt> {
        if self.fails {
            tracing::error!("not recorded: the disk is set to fail");
            return None;
        }
        if self.replaced {
            tracing::error!("not recorded: a cosigner has seen entries that this ledger has not");
            return None;
        }
        match self.ledger.append(entry, clock) {
            Ok(appended) => Some(appended.receipt().clone()),
            Err(error) => {
                tracing::error!(%error, "not recorded");
                None
            }
        }
    }

    /// Keeps the picture of an entry's package for the pharmacy, encrypted beside the ledger. It is a help and no record: what does not
    /// work stands in the log, without patient data.
    pub fn keep_picture(&self, of: &IdempotencyKey, frame: &Frame) {
        let Some(jpeg) = still::jpeg(frame) else {
            return tracing::warn!("the picture of a package was not kept: it cannot be encoded");
        };
        if let Err(error) = self.ledger.keep_picture(of, &jpeg) {
            tracing::warn!(%error, "the picture of a package was not kept");
        }
    }

    /// Throws pictures away that were kept before an instant.
    pub fn tidy_pictures(&self, before: Timestamp) {
        match pictures::tidy(&ledger::files::Folder::new(&self.folder), before) {
            Ok(0) => {}
            Ok(removed) => tracing::info!(removed, "old pictures of packages were thrown away"),
            Err(error) => tracing::warn!(%error, "old pictures of packages were not thrown away"),
        }
    }

    /// Entries so far.
    pub const fn size(&self) -> u64 {
        self.ledger.size()
    }

    /// What a cosigner that knows so many entries is asked to sign.
    ///
    /// # Errors
    /// When the cosigner knows more, or the ledger cannot be read.
    pub fn cosign_request(&self, known: u64) -> Result<AddCheckpoint, AnchorError> {
        self.ledger.cosign_request(known)
    }

    /// A cosigner shows what it has seen. Where this ledger's own key signed that and it is no part of this ledger, what would be recorded
    /// from now on is another branch than the one that it saw: nothing is, and the answer is yes.
    pub fn contradicted(&mut self, seen: &Note) -> bool {
        match self.ledger.is_contradicted_by(seen) {
            Ok(true) => {}
            Ok(false) => return false,
            Err(error) => {
                tracing::error!(%error, "what a cosigner has seen could not be compared");
                return false;
            }
        }
        self.replaced = true;
        // Over a restart, too: the cosigner may be away then.
        if let Err(error) = std::fs::write(self.folder.join(CONTRADICTED), format!("{SAID}{seen}")) {
            tracing::error!(%error, "it could not be noted beside the ledger that a cosigner contradicts it");
        }
        true
    }

    /// Records a cosigned checkpoint: the anchor's place.
    ///
    /// # Errors
    /// When it is not of this ledger, not signed by the key, or cannot be recorded.
    pub fn anchor(
        &mut self,
        note: &Note,
        key: &CosignerKey,
        clock: &ClockEvidence,
    ) -> Result<u64, AnchorError> {
        let receipt = self.ledger.anchor(note, std::slice::from_ref(key), clock)?;
        Ok(receipt.sequence())
    }

    /// What was done so far: the kiosk's memory after a restart.
    ///
    /// # Errors
    /// When it cannot be read back.
    pub fn records(&self) -> Result<Vec<Record>, RecorderError> {
        self.ledger.records().map_err(|error| RecorderError::History { path: self.folder.clone(), error })
    }

    /// Tells the PINs what was typed before this start.
    ///
    /// # Errors
    /// When it cannot be read back.
    pub fn recall_pins(&self, pins: &mut Pins, now: Timestamp) -> Result<(), RecorderError> {
        let attempts = self.ledger.pin_attempts();
        let attempts =
            attempts.map_err(|error| RecorderError::History { path: self.folder.clone(), error })?;
        let clinicians: BTreeMap<_, _> =
            pins.clinicians().map(|id| (self.ledger.clinician_pseudonym(id), id.clone())).collect();
        let known = attempts.into_iter().filter_map(|attempt| {
            let clinician = clinicians.get(&attempt.clinician)?.clone();
            Some(Attempt { clinician, at: attempt.at, right: attempt.right })
        });
        pins.recall(known, now);
        Ok(())
    }

    /// For rehearsals: from now on nothing can be written, or it can again.
    pub const fn set_fails(&mut self, fails: bool) {
        self.fails = fails;
    }

    /// Where the ledger is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Which ledger it is.
    pub fn origin(&self) -> &str {
        self.ledger.origin()
    }

    /// Closes it in order.
    pub fn close(self, clock: &ClockEvidence) {
        if let Err(error) = self.ledger.close(clock) {
            tracing::error!(%error, "the ledger was not closed in order");
        }
    }
}

/// Whether a ledger may be used at all.
///
/// # Errors
/// When a cosigner has contradicted it.
pub fn not_contradicted(folder: &Path) -> Result<(), RecorderError> {
    if folder.join(CONTRADICTED).exists() {
        return Err(RecorderError::Contradicted { path: folder.to_owned() });
    }
    Ok(())
}

/// A secret of this device that keys PIN hashes: derived from the device key of the ledger in this folder, never that key itself.
///
/// # Errors
/// When the key file cannot be read.
pub fn device_secret(ledger: &Path) -> Result<[u8; 32], RecorderError> {
    let path = ledger::files::Folder::new(ledger).device_key();
    let key = std::fs::read(&path).map_err(|source| RecorderError::Key { path, source })?;
    let tag = ring::hmac::sign(&ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &key), b"kiosk pin secret v1");
    let mut secret = [0; 32];
    secret.copy_from_slice(tag.as_ref());
    Ok(secret)
}
