//! Which PINs were right and which wrong, read back: a kiosk that starts again still knows whom it locked out.

use jiff::Timestamp;

use super::Ledger;
use crate::hash::Hash;
use crate::history::HistoryError;
use crate::kind::Kind;
use crate::leaf::Leaf;

/// A PIN that was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PinAttempt {
    /// The pseudonym of the clinician whose badge it was ([`Ledger::clinician_pseudonym`]).
    pub clinician: Hash,
    /// When.
    pub at: Timestamp,
    /// Whether the clinician was signed on with it.
    pub right: bool,
}

impl PinAttempt {
    fn of(leaf: &Leaf) -> Option<Self> {
        let right = match (leaf.kind, leaf.clear.reason.as_deref()) {
            (Kind::SIGN_ON, _) => true,
            (Kind::SIGN_ON_REFUSED, Some("wrong-pin" | "locked-out")) => false,
            _ => return None,
        };
        let clinician = leaf.actor.as_ref()?.pseudonym;
        Some(Self { clinician, at: leaf.clear.decided?.at, right })
    }
}

impl Ledger {
    /// The PINs that were typed since an instant, oldest first.
    ///
    /// # Errors
    /// When the database or an entry cannot be read.
    pub fn pin_attempts(&self, since: Timestamp) -> Result<Vec<PinAttempt>, HistoryError> {
        let history = self.history(0)?;
        let mut found = Vec::new();
        for sequence in (0..self.size()).rev() {
            let leaf = history.leaf(sequence)?;
            if i128::from(leaf.clock.wall_ns) < since.as_nanosecond() {
                break;
            }
            found.extend(PinAttempt::of(&leaf));
        }
        found.reverse();
        Ok(found)
    }

    /// The pseudonym of a clinician in this ledger.
    pub fn clinician_pseudonym(&self, clinician: &rights::ident::ClinicianId) -> Hash {
        self.device.pseudonym("clinician", clinician.as_str())
    }
}
