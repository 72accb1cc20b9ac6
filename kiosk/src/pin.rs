//! PINs: Argon2id over HMAC-SHA-256(device secret, PIN), with lock-out. Neither a copied PIN file nor the device secret alone lets
//! anybody try PINs offline.

pub mod file;

use std::collections::BTreeMap;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use jiff::{SignedDuration, Timestamp};
use rights::bedside::PinOutcome;
use rights::ident::ClinicianId;
use ring::hmac;

/// Wrong PINs in a row before a badge is locked.
const MOST_WRONG: u8 = 5;
/// How long a badge stays locked.
const LOCKED_FOR: SignedDuration = SignedDuration::from_mins(15);

/// A PIN that was typed before this start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Whose badge it was.
    pub clinician: ClinicianId,
    /// When.
    pub at: Timestamp,
    /// Whether it was the right one, or the clinician is known to have typed the right one before it.
    pub right: bool,
}

/// How much work one guess costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cost {
    /// For devices: 19 MiB, two passes (OWASP's first recommendation for Argon2id).
    Device,
    /// For the demo and for journeys, whose PINs stand in clear beside them: the least that Argon2id allows in practice.
    Demo,
}

/// The PINs of the clinicians, hashed, and who is locked out.
pub struct Pins {
    secret: hmac::Key,
    hasher: Argon2<'static>,
    hashes: file::Hashes,
    wrong: BTreeMap<ClinicianId, Wrong>,
}

impl std::fmt::Debug for Pins {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pins({} clinicians)", self.hashes.len())
    }
}

#[derive(Clone, Copy, Debug)]
struct Wrong {
    count: u8,
    last: Timestamp,
    /// The start that recalled it, when it was typed before.
    recalled_at: Option<Timestamp>,
}

/// A PIN cannot be hashed or its stored form cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("PIN of {clinician}: {reason}; set it again")]
pub struct PinError {
    /// Whose.
    pub clinician: ClinicianId,
    /// Why.
    pub reason: String,
}

impl Pins {
    /// No PINs yet. `secret` is the device's.
    ///
    /// # Panics
    /// Never: the parameters are constants that Argon2 accepts.
    #[expect(clippy::expect_used, reason = "constant parameters, covered by a test")]
    pub fn new(secret: &[u8], cost: Cost) -> Self {
        let params = match cost {
            Cost::Device => Params::new(19 * 1024, 2, 1, None),
            Cost::Demo => Params::new(64, 1, 1, None),
        }
        .expect("constant Argon2 parameters");
        Self {
            secret: hmac::Key::new(hmac::HMAC_SHA256, secret),
            hasher: Argon2::new(Algorithm::Argon2id, Version::V0x13, params),
            hashes: BTreeMap::new(),
            wrong: BTreeMap::new(),
        }
    }

    /// Sets a PIN, hashed with this salt.
    ///
    /// # Errors
    /// When it cannot be hashed.
    pub fn set(&mut self, clinician: &ClinicianId, pin: &str, salt: [u8; 16]) -> Result<(), PinError> {
        let keyed = hmac::sign(&self.secret, pin.as_bytes());
        let hash = self
            .hasher
            .hash_password_with_salt(keyed.as_ref(), &salt)
            .map_err(|error| PinError { clinician: clinician.clone(), reason: error.to_string() })?;
        self.hashes.insert(clinician.clone(), hash.to_string());
        Ok(())
    }

    /// Hashes that were made before, with the same secret.
    pub fn load(&mut self, hashes: file::Hashes) {
        self.hashes.extend(hashes);
    }

    /// The hashes, to be stored.
    pub fn into_hashes(self) -> file::Hashes {
        self.hashes
    }

    /// Whose PINs there are.
    pub fn clinicians(&self) -> impl Iterator<Item = &ClinicianId> {
        self.hashes.keys()
    }

    /// What came of the PINs that were typed before this start, at `now`, oldest first: switching a kiosk off and on unlocks no badge.
    /// What stands there with a later instant, of a clock that ran ahead, counts as of this start, so it locks no badge for longer than
    /// a PIN of this moment would.
    pub fn recall(&mut self, attempts: impl IntoIterator<Item = Attempt>, now: Timestamp) {
        for Attempt { clinician, at, right } in attempts {
            if right {
                self.wrong.remove(&clinician);
            } else if !self.is_locked(&clinician, at) {
                self.count_wrong(&clinician, at);
            }
        }
        for wrong in self.wrong.values_mut() {
            wrong.recalled_at = Some(now);
        }
    }

    /// Checks a PIN. A locked badge is refused whatever is typed; a right PIN forgets the wrong ones.
    pub fn check(&mut self, clinician: &ClinicianId, pin: &str, now: Timestamp) -> PinOutcome {
        if self.is_locked(clinician, now) {
            return PinOutcome::LockedOut;
        }
        if self.is_right(clinician, pin) {
            self.wrong.remove(clinician);
            return PinOutcome::Accepted;
        }
        self.count_wrong(clinician, now);
        if self.is_locked(clinician, now) { PinOutcome::LockedOut } else { PinOutcome::Refused }
    }

    /// The wrong PINs in a row that still count.
    fn wrong_in_a_row(&self, clinician: &ClinicianId, now: Timestamp) -> u8 {
        let Some(wrong) = self.wrong.get(clinician) else { return 0 };
        let start = wrong.recalled_at.filter(|start| now < wrong.last && *start < wrong.last);
        let since = now.duration_since(start.unwrap_or(wrong.last));
        if since < LOCKED_FOR { wrong.count } else { 0 }
    }

    fn is_locked(&self, clinician: &ClinicianId, now: Timestamp) -> bool {
        self.wrong_in_a_row(clinician, now) >= MOST_WRONG
    }

    fn count_wrong(&mut self, clinician: &ClinicianId, now: Timestamp) {
        let count = self.wrong_in_a_row(clinician, now).saturating_add(1);
        self.wrong.insert(clinician.clone(), Wrong { count, last: now, recalled_at: None });
    }

    fn is_right(&self, clinician: &ClinicianId, pin: &str) -> bool {
        let Some(hash) = self.hashes.get(clinician).and_then(|hash| PasswordHash::new(hash).ok()) else {
            return false;
        };
        let keyed = hmac::sign(&self.secret, pin.as_bytes());
        self.hasher.verify_password(keyed.as_ref(), &hash).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(1_796_000_000 + minute * 60).unwrap()
    }

    fn one_pin(cost: Cost) -> (Pins, ClinicianId) {
        let id = ClinicianId::parse("rn-1").unwrap();
        let mut pins = Pins::new(b"device secret", cost);
        pins.set(&id, "2468", [7; 16]).unwrap();
        (pins, id)
    }

    #[test]
    fn the_right_pin_is_accepted_and_nothing_else() {
        for cost in [Cost::Demo, Cost::Device] {
            let (mut pins, id) = one_pin(cost);
            assert_eq!(pins.check(&id, "2468", at(0)), PinOutcome::Accepted);
            assert_eq!(pins.check(&id, "2469", at(0)), PinOutcome::Refused);
            let nobody = ClinicianId::parse("rn-2").unwrap();
            assert_eq!(pins.check(&nobody, "2468", at(0)), PinOutcome::Refused);
        }
    }

    #[test]
    fn another_device_secret_makes_the_same_pin_wrong() {
        let (pins, id) = one_pin(Cost::Demo);
        let mut other = Pins::new(b"another secret", Cost::Demo);
        other.hashes.clone_from(&pins.hashes);
        assert_eq!(other.check(&id, "2468", at(0)), PinOutcome::Refused);
    }

    #[test]
    fn five_wrong_pins_lock_the_badge_for_a_quarter_of_an_hour_even_for_the_right_one() {
        let (mut pins, id) = one_pin(Cost::Demo);
        for _ in 0..4 {
            assert_eq!(pins.check(&id, "0000", at(0)), PinOutcome::Refused);
        }
        assert_eq!(pins.check(&id, "0000", at(0)), PinOutcome::LockedOut);
        assert_eq!(pins.check(&id, "2468", at(14)), PinOutcome::LockedOut);
        assert_eq!(pins.check(&id, "2468", at(15)), PinOutcome::Accepted);
    }

    #[test]
    fn a_clock_that_ran_ahead_locks_no_badge_for_longer_than_a_quarter_of_an_hour_after_the_start() {
        let (mut pins, id) = one_pin(Cost::Demo);
        let ahead = at(1_000_000);
        pins.recall((0..5).map(|_| Attempt { clinician: id.clone(), at: ahead, right: false }), at(0));
        assert_eq!(pins.check(&id, "2468", at(14)), PinOutcome::LockedOut);
        assert_eq!(pins.check(&id, "2468", at(15)), PinOutcome::Accepted);
    }

    #[test]
    fn a_start_by_a_clock_that_is_behind_unlocks_no_badge_when_the_clock_is_right_again() {
        let (mut pins, id) = one_pin(Cost::Demo);
        pins.recall((0..5).map(|_| Attempt { clinician: id.clone(), at: at(100), right: false }), at(60));
        assert_eq!(pins.check(&id, "2468", at(74)), PinOutcome::LockedOut, "by the clock that is behind");
        assert_eq!(pins.check(&id, "2468", at(101)), PinOutcome::LockedOut, "by the right one");
        assert_eq!(pins.check(&id, "2468", at(115)), PinOutcome::Accepted);
        // What is typed after the start is counted by it alone.
        for _ in 0..5 {
            assert_ne!(pins.check(&id, "0000", at(200)), PinOutcome::Accepted);
        }
        assert_eq!(pins.check(&id, "2468", at(150)), PinOutcome::LockedOut, "the clock is set back");
    }

    proptest! {
        /// Whatever is typed and whenever, a kiosk that starts again and is told of it answers the next PINs as one that went on.
        #[test]
        fn a_start_changes_nothing_for_whoever_typed_wrong_pins(
            typed in prop::collection::vec((0_i64..20, prop::bool::weighted(0.15)), 1..24),
            told in 0_usize..24,
        ) {
            let (mut going_on, id) = one_pin(Cost::Demo);
            let (mut started, _) = one_pin(Cost::Demo);
            let (mut minute, mut attempts, mut has_started) = (0, Vec::new(), false);
            for (number, (gap, right)) in typed.into_iter().enumerate() {
                minute += gap;
                if number >= told && !has_started {
                    started.recall(std::mem::take(&mut attempts), at(minute));
                    has_started = true;
                }
                let pin = if right { "2468" } else { "0000" };
                let outcome = going_on.check(&id, pin, at(minute));
                if has_started {
                    prop_assert_eq!(started.check(&id, pin, at(minute)), outcome);
                } else {
                    let right = outcome == PinOutcome::Accepted;
                    attempts.push(Attempt { clinician: id.clone(), at: at(minute), right });
                }
            }
        }
    }
}
