//! Asking a cosigner (c2sp.org/tlog-witness) to sign the ledger's last checkpoint, and bringing its answer into the chain as an anchor. A
//! file alone cannot tell that its tail was cut before anybody saw it; a third party that saw it can (evidence specification, section 2).
//!
//! The bedside never waits for it: the network is asked on a thread of its own, the ledger's thread only makes the request and records
//! the answer. A cosigner that is away is asked again at the next round. A cosigner that says that it knows *more* entries than there
//! are, or *others*, is no trouble of the network: an older copy may stand in the ledger's place, and perhaps went on from there. But what is
//! said on the wire anybody can say. Only a checkpoint that this ledger's own key signed and that is none of it proves it, and then nothing
//! more is recorded; without one it is an alarm, and the cosigner is asked again (decision 0089).

use std::time::Duration;

use ledger::checkpoint::Checkpoint;
use ledger::cosign::http::{CosignError, cosign};
use ledger::cosign::protocol::AddCheckpoint;
use ledger::cosign::signature::CosignerKey;
use ledger::ledger::AnchorError;
use ledger::note::Note;

/// How long one question to the cosigner may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// What a cosigner answers to the size that it said itself (c2sp.org/tlog-witness): to as many entries as it knows that they are others, or
/// that it knows another number, after all. To an honest ledger that happens where an earlier question of its own was answered too late to
/// be heard; the alarm ends with the next round.
const CONFLICT: u16 = 409;
/// What it answers when the proof does not lead from the entries that it knows to those that it is shown: to an honest ledger never.
const NOT_CONSISTENT: u16 = 422;

/// `[cosigner]` of kiosk.toml.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CosignerConfig {
    /// Its submission prefix, such as `http://witness.example:8017`.
    pub url: String,
    /// Its key.
    pub key: CosignerKey,
    /// How often it is asked when something is new.
    pub every: Duration,
}

/// Why the ledger did not do its part.
#[derive(Debug, thiserror::Error)]
pub enum LedgerSays {
    /// It refused.
    #[error(transparent)]
    No(#[from] AnchorError),
    /// Its thread has ended.
    #[error("the ledger is closed")]
    Closed,
}

/// The ledger's part, on whichever thread it lives.
pub trait Anchoring {
    /// Entries; `None` when the ledger is closed.
    fn size(&self) -> Option<u64>;

    /// What a cosigner that knows so many entries is asked to sign.
    ///
    /// # Errors
    /// When the cosigner knows more than there is, or the ledger cannot be read.
    fn request(&self, known: u64) -> Result<AddCheckpoint, LedgerSays>;

    /// Records the cosigned checkpoint: the anchor's place.
    ///
    /// # Errors
    /// When it is not of this ledger, not cosigned, or cannot be recorded.
    fn anchor(&self, note: Note, key: CosignerKey) -> Result<u64, LedgerSays>;

    /// The cosigner shows what it has seen. Where that proves that this is another ledger, nothing more is recorded in it, and the answer is
    /// yes.
    fn contradicted(&self, seen: Note) -> bool;
}

/// What came of one round.
#[derive(Debug)]
pub enum Round {
    /// Nothing was recorded since the last anchor.
    NothingNew,
    /// Cosigned, and recorded at this place.
    Anchored(u64),
    /// Not this time; what was said, without patient data.
    NotNow(String),
    /// It says that it has seen other entries, and shows nothing that proves it. What was said, without patient data.
    Doubted(String),
    /// It has seen entries that are not there, and proves it; the ledger was told.
    Contradicted(String),
    /// The ledger is closed: there will be no further round.
    Closed,
}

/// Round after round with one cosigner.
#[derive(Debug)]
pub struct Rounds {
    config: CosignerConfig,
    /// What the cosigner is thought to know.
    known: u64,
    /// The place of the last anchor.
    anchored: Option<u64>,
}

impl Rounds {
    /// Before the first one.
    pub const fn new(config: CosignerConfig) -> Self {
        Self { config, known: 0, anchored: None }
    }

    /// How long to wait between two rounds.
    pub const fn every(&self) -> Duration {
        self.config.every
    }

    /// One round: asks, and records the answer.
    pub fn next(&mut self, ledger: &dyn Anchoring) -> Round {
        let Some(size) = ledger.size() else { return Round::Closed };
        if self.anchored.is_some_and(|anchored| anchored + 1 >= size) {
            return Round::NothingNew;
        }
        let signed = cosign(&self.config.url, self.known, PATIENCE, |known| ledger.request(known));
        let note = match signed {
            Ok(note) => note,
            Err(CosignError::Request { error: LedgerSays::Closed, .. }) => return Round::Closed,
            Err(
                error @ (CosignError::Request { error: LedgerSays::No(AnchorError::Ahead { .. }), .. }
                | CosignError::Refused { status: CONFLICT | NOT_CONSISTENT, .. }),
            ) => {
                let proven = error.seen().is_some_and(|seen| ledger.contradicted(seen.clone()));
                let said = error.to_string();
                return if proven { Round::Contradicted(said) } else { Round::Doubted(said) };
            }
            Err(error) => return Round::NotNow(error.to_string()),
        };
        let seen = Checkpoint::parse(note.text()).map_or(self.known, |checkpoint| checkpoint.size);
        match ledger.anchor(note, self.config.key.clone()) {
            Ok(place) => {
                (self.known, self.anchored) = (seen, Some(place));
                Round::Anchored(place)
            }
            Err(LedgerSays::Closed) => Round::Closed,
            Err(LedgerSays::No(error)) => Round::NotNow(error.to_string()),
        }
    }
}
