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

#[cfg(test)]
mod tests {
    use jiff::tz;
    use rights::moment::{ClockTrust, Moment};

    use super::*;
    use crate::leaf::tests::example;

    const AT: Timestamp = Timestamp::constant(1_780_300_800, 0);

    /// What an entry of a kind says, whose actor proved who they are or did not.
    fn says(kind: Kind, reason: Option<&str>, authentication: Option<u8>) -> Option<bool> {
        let mut leaf = Leaf { kind, ..example() };
        leaf.clear.reason = reason.map(str::to_owned);
        leaf.clear.decided = Some(Moment { at: AT, offset: tz::Offset::UTC, clock: ClockTrust::Unknown });
        let actor = leaf.actor.as_mut().unwrap();
        actor.authentication = authentication;
        let clinician = actor.pseudonym;
        PinAttempt::of(&leaf).map(|attempt| {
            assert_eq!((attempt.clinician, attempt.at), (clinician, AT));
            attempt.right
        })
    }

    #[test]
    fn only_a_refusal_for_its_pin_is_a_wrong_one() {
        for reason in ["wrong-pin", "locked-out"] {
            assert_eq!(says(Kind::SIGN_ON_REFUSED, Some(reason), None), Some(false), "{reason}");
        }
        // A badge that may not do this, or of nobody who is known: nothing was typed.
        for reason in [Some("role"), Some("unknown-badge"), Some("wrong-pin-pad"), None] {
            assert_eq!(says(Kind::SIGN_ON_REFUSED, reason, None), None, "{reason:?}");
        }
        // Nor is another kind of entry a refusal, whatever its reason.
        assert_eq!(says(Kind::GIVEN, Some("wrong-pin"), None), None);
    }

    #[test]
    fn whoever_acts_proved_who_they_are() {
        for kind in [Kind::SIGN_ON, Kind::GIVEN] {
            assert_eq!(says(kind, None, Some(1)), Some(true));
        }
        let nobody = Leaf { actor: None, ..example() };
        assert_eq!(PinAttempt::of(&nobody), None);
        // Without an instant nobody knows whether it came before or after.
        assert_eq!(PinAttempt::of(&example()), None);
    }
}
