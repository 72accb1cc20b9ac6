//! Who proved who they are and who did not, read back: a kiosk that starts again still knows whose badge it locked.

use jiff::Timestamp;

use super::Ledger;
use crate::hash::Hash;
use crate::history::HistoryError;
use crate::kind::Kind;
use crate::leaf::Leaf;

/// Entries that are looked at, counted from the last one and not by their clocks, which somebody may have set. More than anybody can
/// make while a badge is locked, by showing codes to a locked kiosk.
const LAST: u64 = 20_000;

/// What an entry says of a clinician's PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PinAttempt {
    /// The pseudonym of the clinician ([`Ledger::clinician_pseudonym`]).
    pub clinician: Hash,
    /// When.
    pub at: Timestamp,
    /// Whether the clinician had proved who they are: the PIN was right then or before, and nobody typed a wrong one since. A second
    /// person whose right PIN led to no entry of their own is not known to have typed it.
    pub right: bool,
}

impl PinAttempt {
    fn of(leaf: &Leaf) -> Option<Self> {
        let actor = leaf.actor.as_ref()?;
        let right = actor.authentication.is_some();
        let wrong = leaf.kind == Kind::SIGN_ON_REFUSED
            && matches!(leaf.clear.reason.as_deref(), Some("wrong-pin" | "locked-out"));
        let attempt = Self { clinician: actor.pseudonym, at: leaf.clear.decided?.at, right };
        (right || wrong).then_some(attempt)
    }
}

impl Ledger {
    /// What the last entries say of PINs, oldest first.
    ///
    /// # Errors
    /// When the database or an entry cannot be read.
    pub fn pin_attempts(&self) -> Result<Vec<PinAttempt>, HistoryError> {
        let (mut found, mut wrong) = (Vec::new(), Ok(()));
        self.store.view()?.rows_between(self.size().saturating_sub(LAST), self.size(), |row| {
            match Leaf::decode(row.entry) {
                Ok(leaf) => found.extend(PinAttempt::of(&leaf)),
                Err(error) => wrong = Err(HistoryError::Form { sequence: row.index, error }),
            }
            wrong.is_ok()
        })?;
        wrong.map(|()| found)
    }

    /// The pseudonym of a clinician in this ledger.
    pub fn clinician_pseudonym(&self, clinician: &rights::ident::ClinicianId) -> Hash {
        self.device.pseudonym("clinician", clinician.as_str())
    }
}
