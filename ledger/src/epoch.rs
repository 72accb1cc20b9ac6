//! Forward-secure signing keys (evidence specification, section 2).
//!
//! Time is cut into epochs. `state(e+1) = HKDF-SHA256(state(e), "bcma-ledger/1 next epoch")` and the signing seed of an epoch is
//! `HKDF-SHA256(state(e), "bcma-ledger/1 signing seed")`. Old states are wiped, so whoever steals the key of today cannot sign for
//! yesterday. All public keys are committed at enrolment by an RFC 6962 tree over them, so a thief cannot choose new ones either.

use ring::hkdf;
use zeroize::Zeroizing;

use crate::hash::Hash;
use crate::note::SecretKey;
use crate::tree::{Frontier, leaf_hash};

/// How many epochs a ledger has and how long one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EpochPlan {
    /// Epochs, at least 1. Every public key is 32 bytes of the ledger.
    pub count: u32,
    /// Seconds in each, at least 1.
    pub length_s: u32,
    /// When epoch 0 begins, in seconds since 1970.
    pub start_s: i64,
}

impl EpochPlan {
    /// 4,096 epochs of a day: eleven years, then the kiosk gets a new generation.
    pub const fn daily(start_s: i64) -> Self {
        Self { count: 4096, length_s: 24 * 60 * 60, start_s }
    }

    /// The epoch at an instant; the last one for ever after, the first one before.
    pub fn epoch_at(&self, wall_ns: i64) -> u32 {
        let since = (wall_ns.div_euclid(1_000_000_000)).saturating_sub(self.start_s).max(0);
        let epoch = since / i64::from(self.length_s.max(1));
        u32::try_from(epoch).unwrap_or(u32::MAX).min(self.count.saturating_sub(1))
    }

    /// When an epoch ends, in seconds since 1970; the last one never does.
    pub const fn end_of(&self, epoch: u32) -> Option<i64> {
        if epoch >= self.count.saturating_sub(1) {
            return None;
        }
        Some(self.start_s.saturating_add((epoch as i64 + 1) * self.length_s as i64))
    }
}

/// The secret of one epoch, from which all later ones follow and no earlier one.
pub struct EpochState {
    epoch: u32,
    state: Zeroizing<[u8; 32]>,
}

impl EpochState {
    /// The state of an epoch.
    pub const fn new(epoch: u32, state: Zeroizing<[u8; 32]>) -> Self {
        Self { epoch, state }
    }

    /// Which epoch.
    pub const fn epoch(&self) -> u32 {
        self.epoch
    }

    /// The secret, to be stored.
    pub fn secret(&self) -> &[u8; 32] {
        &self.state
    }

    /// The state of a later epoch; the same for an earlier one, because there is no way back.
    #[must_use]
    pub fn advanced_to(&self, epoch: u32) -> Self {
        let mut state = self.state.clone();
        for _ in self.epoch..epoch {
            state = expand(&state, b"bcma-ledger/1 next epoch");
        }
        Self { epoch: epoch.max(self.epoch), state }
    }

    /// The signing key of this epoch.
    pub fn signing_key(&self) -> SecretKey {
        SecretKey::from_seed(&expand(&self.state, b"bcma-ledger/1 signing seed"))
    }

    /// The public keys of this epoch and the following ones, `count` in all.
    pub fn public_keys(&self, count: u32) -> Vec<[u8; 32]> {
        let mut state = Self { epoch: self.epoch, state: self.state.clone() };
        (0..count)
            .map(|_| {
                let public = state.signing_key().public();
                state = state.advanced_to(state.epoch + 1);
                public
            })
            .collect()
    }
}

impl std::fmt::Debug for EpochState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "EpochState({}, ..)", self.epoch)
    }
}

/// The root over all public keys: leaf `e` is the key of epoch `e`.
pub fn key_root(keys: &[[u8; 32]]) -> Hash {
    let mut frontier = Frontier::default();
    for key in keys {
        frontier.push(leaf_hash(key), |_, _, _| {});
    }
    frontier.root()
}

/// HKDF-SHA256 without salt: 32 bytes for a purpose.
pub(crate) fn expand(secret: &[u8; 32], purpose: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut out = Zeroizing::new([0; 32]);
    let info = [purpose];
    let done = hkdf::Salt::new(hkdf::HKDF_SHA256, &[])
        .extract(secret)
        .expand(&info, hkdf::HKDF_SHA256)
        .and_then(|okm| okm.fill(&mut *out));
    // ring refuses only outputs of a wrong or too great length; this one is exactly one block.
    assert!(done.is_ok(), "HKDF of one block cannot fail");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first() -> EpochState {
        EpochState::new(0, Zeroizing::new([3; 32]))
    }

    #[test]
    fn each_epoch_signs_with_its_committed_key_and_none_leads_back() {
        let keys = first().public_keys(5);
        let third = first().advanced_to(2);
        assert_eq!((third.epoch(), third.signing_key().public()), (2, keys[2]));
        assert_eq!(third.advanced_to(0).signing_key().public(), keys[2], "no way back");
        assert_eq!(third.public_keys(3), keys[2..]);
        let mut other = keys.clone();
        other[4][0] ^= 1;
        assert_ne!(key_root(&keys), key_root(&other));
    }

    #[test]
    fn the_plan_never_leaves_its_epochs() {
        let plan = EpochPlan { count: 3, length_s: 10, start_s: 100 };
        let at = |s: i64| plan.epoch_at(s * 1_000_000_000);
        assert_eq!([at(0), at(100), at(109), at(110), at(129), at(1000)], [0, 0, 0, 1, 2, 2]);
        assert_eq!(plan.epoch_at(i64::MAX), 2);
        assert_eq!(plan.epoch_at(i64::MIN), 0);
    }
}
