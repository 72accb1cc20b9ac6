//! The ledger's public keys, one for each epoch. A key is decompressed when it is used: a ledger commits to thousands and a
//! verification uses the few whose epochs have entries.

use crate::note::{Note, VerifierKey, printed, short_id};

/// The keys of all epochs, as the enrolment record commits to them.
pub(super) struct Keys {
    origin: String,
    public: Vec<[u8; 32]>,
}

impl Keys {
    pub(super) const fn new(origin: String, public: Vec<[u8; 32]>) -> Self {
        Self { origin, public }
    }

    /// Epochs.
    pub(super) fn count(&self) -> u32 {
        u32::try_from(self.public.len()).unwrap_or(u32::MAX)
    }

    /// The key of an epoch; `None` when there is no such epoch, or its bytes are no key and sign nothing.
    pub(super) fn of(&self, epoch: u32) -> Option<VerifierKey> {
        let public = self.public.get(usize::try_from(epoch).ok()?)?;
        VerifierKey::new(&self.origin, public).ok()
    }

    /// Whether one of them signed a note.
    pub(super) fn signed(&self, note: &Note) -> bool {
        let named = |public: &&[u8; 32]| {
            let id = short_id(&self.origin, public);
            note.signatures().iter().any(|line| line.id == id)
        };
        self.public
            .iter()
            .filter(named)
            .filter_map(|public| VerifierKey::new(&self.origin, public).ok())
            .any(|key| note.signed_by(&key))
    }

    /// Which of them made a signature over a text.
    pub(super) fn signer(&self, text: &str, signature: &[u8; 64]) -> Option<VerifierKey> {
        (0..self.count())
            .filter_map(|epoch| self.of(epoch))
            .find(|key| key.signed(text.as_bytes(), signature))
    }

    /// The lines of `log.vkey`.
    pub(super) fn lines(&self) -> String {
        self.public.iter().map(|public| self.line(public)).collect()
    }

    /// Whether a text has the lines of the epochs up to `last`, and none that is not one of an epoch at its place.
    pub(super) fn are_lines_up_to(&self, last: u32, text: &str) -> bool {
        let lines = text.split_inclusive('\n').zip(self.public.iter().map(|public| self.line(public)));
        let right = lines.take_while(|(line, expected)| line == expected).count();
        right == text.split_inclusive('\n').count() && u32::try_from(right).is_ok_and(|right| right > last)
    }

    fn line(&self, public: &[u8; 32]) -> String {
        printed(&self.origin, public) + "\n"
    }
}
