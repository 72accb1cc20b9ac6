//! Bringing a cosignature into the chain.
//!
//! The network is not here: [`Ledger::cosign_request`] makes what is sent, [`http::cosign`](crate::cosign::http::cosign) asks, on
//! any thread, and [`Ledger::anchor`] records the answer.

use super::{AppendError, Ledger};
use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::clock::ClockEvidence;
use crate::cosign::protocol::AddCheckpoint;
use crate::cosign::signature::CosignerKey;
use crate::kind::Kind;
use crate::leaf::Clear;
use crate::note::{Note, NoteError, SignatureLine, VerifierKey};
use crate::receipt::Receipt;
use crate::store::StoreError;
use crate::tail::{self, TailError};
use crate::tree;

/// Why no checkpoint was sent or no cosignature recorded.
#[derive(Debug, thiserror::Error)]
pub enum AnchorError {
    /// It is no checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// A note.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// Another ledger's, or none of its prefixes. If it is signed by this ledger's key, it is the proof of a fork: keep it.
    #[error("the cosigned checkpoint is not one of this ledger")]
    NotOurs,
    /// Nobody known signed it.
    #[error("no cosigner of the given keys signed the checkpoint")]
    NotCosigned,
    /// The cosigner knows more entries than there are.
    #[error(
        "the cosigner knows {known} entries of this ledger, it has {size}: its tail was cut or an older copy is in its place"
    )]
    Ahead {
        /// What the cosigner knows.
        known: u64,
        /// Entries.
        size: u64,
    },
    /// The tree.
    #[error(transparent)]
    Tree(#[from] TailError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The anchor was not recorded.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// The anchor was recorded, but the copy beside the chain was not written.
    #[error("the file `cosigned` was not written: {0}")]
    File(std::io::Error),
}

impl Ledger {
    /// What a cosigner that knows the first `known` entries is asked to sign: the last checkpoint with the proof that it extends
    /// them.
    ///
    /// # Errors
    /// When the cosigner knows more than there is, or the database cannot be read.
    pub fn cosign_request(&self, known: u64) -> Result<AddCheckpoint, AnchorError> {
        let size = self.size();
        if known > size {
            return Err(AnchorError::Ahead { known, size });
        }
        let view = self.store.view()?;
        let proof = tree::consistency_proof(known, size, |level, index| tail::node(&view, level, index))?;
        let missing = |what| TailError::Missing { what, index: size };
        let signature = view.signature(size)?.ok_or(missing("signature"))?;
        let text = self.checkpoint(size, self.frontier.root());
        let epoch = super::append::epoch_of(&view, size.saturating_sub(1))?;
        let key = self.enrolled.verifier(&self.epoch_keys, epoch).ok_or(missing("epoch key"))?;
        Ok(AddCheckpoint { old: known, proof, note: Note::with_signature(text, &key, &signature) })
    }

    /// The signature of this ledger under a checkpoint, when it is its own.
    fn own_line<'a>(&self, note: &'a Note) -> Option<&'a SignatureLine> {
        let origin = self.origin();
        self.epoch_keys.iter().find_map(|key| note.line_of(&VerifierKey::new(origin, key).ok()?))
    }

    /// Whether a checkpoint proves that this is not the ledger that it was taken of: this ledger's key signed it, and it is no prefix of
    /// what is here. Anything else that is said about the ledger proves nothing.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn is_contradicted_by(&self, seen: &Note) -> Result<bool, AnchorError> {
        let Ok(checkpoint) = Checkpoint::parse(seen.text()) else { return Ok(false) };
        if checkpoint.origin != self.origin() || self.own_line(seen).is_none() {
            return Ok(false);
        }
        Ok(checkpoint.size > self.size()
            || tail::root_at(&self.store.view()?, checkpoint.size)? != checkpoint.root)
    }

    /// Records a cosigned checkpoint of this ledger as an anchor, with the signatures that hold and no other line, and keeps a copy beside the chain, by which opening notices that an
    /// older ledger was put in its place.
    ///
    /// # Errors
    /// When it is not a prefix of this ledger, no key of `cosigners` signed it, or it cannot be recorded.
    pub fn anchor(
        &mut self,
        note: &Note,
        cosigners: &[CosignerKey],
        clock: &ClockEvidence,
    ) -> Result<Receipt, AnchorError> {
        let checkpoint = Checkpoint::parse(note.text())?;
        let own = self.own_line(note).ok_or(AnchorError::NotOurs)?;
        let ours = checkpoint.origin == self.origin()
            && checkpoint.size <= self.size()
            && tail::root_at(&self.store.view()?, checkpoint.size)? == checkpoint.root;
        if !ours {
            return Err(AnchorError::NotOurs);
        }
        let theirs = cosigners.iter().filter_map(|key| key.latest(note)).map(|(_, line)| line);
        let lines: Vec<SignatureLine> = std::iter::once(own).chain(theirs).cloned().collect();
        if lines.len() == 1 {
            return Err(AnchorError::NotCosigned);
        }
        let text = Note::with_lines(note.text().to_owned(), lines).to_string();
        // What is recorded must be read back by every verifier, for ever.
        let _ = Note::parse(&text)?;
        let clear = Clear { cosigned: Some(text.clone()), ..Clear::default() };
        let receipt = self.append_own(Kind::ANCHOR, clear, clock)?;
        crate::files::replace(&self.folder.cosigned(), text.as_bytes()).map_err(AnchorError::File)?;
        Ok(receipt)
    }
}
