//! Proof files (c2sp.org/tlog-proof): that one entry is in a signed ledger, checkable without the ledger.
//!
//! ```text
//! c2sp.org/tlog-proof@v1
//! extra BASE64        the entry's bytes
//! index 17
//! BASE64              one hash a line
//!
//! CHECKPOINT          a signed note
//! ```

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::cbor::CborError;
use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::hash::Hash;
use crate::leaf::Leaf;
use crate::note::{Note, NoteError, VerifierKey};
use crate::tree::{self, ProofError, leaf_hash};

const HEADER: &str = "c2sp.org/tlog-proof@v1";
/// A tree of 2^64 leaves has paths of 64 hashes.
const MOST_HASHES: usize = 64;

/// An entry with its way to a signed checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlogProof {
    /// The entry's bytes.
    pub entry: Vec<u8>,
    /// Its place.
    pub index: u64,
    /// The audit path.
    pub path: Vec<Hash>,
    /// The signed checkpoint.
    pub note: Note,
}

/// Why a proof proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TlogProofError {
    /// Not in the format.
    #[error("not a proof file (c2sp.org/tlog-proof@v1): {0}")]
    Form(&'static str),
    /// The note.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// Signed by another key.
    #[error("the checkpoint is not signed by the given key")]
    Signature,
    /// The path.
    #[error(transparent)]
    Path(#[from] ProofError),
    /// The entry.
    #[error("the proven bytes are not an entry: {0}")]
    Entry(#[from] CborError),
    /// The entry says something else.
    #[error("the proven entry belongs to another ledger or place")]
    Place,
}

impl TlogProof {
    /// Parses a proof file.
    ///
    /// # Errors
    /// When it is anything else.
    pub fn parse(text: &str) -> Result<Self, TlogProofError> {
        let form = TlogProofError::Form;
        let (head, note) = text.split_once("\n\n").ok_or(form("no empty line before the checkpoint"))?;
        let mut lines = head.split('\n');
        if lines.next() != Some(HEADER) {
            return Err(form("the first line is another"));
        }
        let extra = lines.next().and_then(|line| line.strip_prefix("extra ")).ok_or(form("no extra line"))?;
        let entry = STANDARD.decode(extra).map_err(|_| form("the extra line is not base64"))?;
        let index = lines.next().and_then(|line| line.strip_prefix("index ")).ok_or(form("no index line"))?;
        let number: u64 = index.parse().map_err(|_| form("the index is no number"))?;
        if number.to_string() != index {
            return Err(form("the index has a sign or leading zeros"));
        }
        let hash = |line| STANDARD.decode(line).ok().and_then(|bytes| bytes.try_into().ok());
        let path: Option<Vec<Hash>> = lines.map(hash).collect();
        let path =
            path.filter(|path| path.len() <= MOST_HASHES).ok_or(form("a hash is none, or too many"))?;
        Ok(Self { entry, index: number, path, note: Note::parse(note)? })
    }

    /// Checks that the entry is in the ledger that `key` signs, and gives it.
    ///
    /// # Errors
    /// When it does not prove that.
    pub fn check(&self, key: &VerifierKey) -> Result<Leaf, TlogProofError> {
        if !self.note.signed_by(key) {
            return Err(TlogProofError::Signature);
        }
        let checkpoint = Checkpoint::parse(self.note.text())?;
        tree::check_inclusion(
            self.index,
            checkpoint.size,
            &leaf_hash(&self.entry),
            &self.path,
            &checkpoint.root,
        )?;
        let leaf = Leaf::decode(&self.entry)?;
        let here = leaf.origin == checkpoint.origin
            && leaf.sequence == self.index
            && checkpoint.origin == key.name();
        if here { Ok(leaf) } else { Err(TlogProofError::Place) }
    }
}

impl fmt::Display for TlogProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}\nextra {}\nindex {}", STANDARD.encode(&self.entry), self.index)?;
        self.path.iter().try_for_each(|hash| writeln!(f, "{}", STANDARD.encode(hash)))?;
        write!(f, "\n{}", self.note)
    }
}
