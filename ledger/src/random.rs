//! The one place that asks for randomness: keys, nonces and key ids.

use ring::rand::{SecureRandom as _, SystemRandom};
use zeroize::Zeroizing;

/// The system's random source failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the system's random source failed; nothing can be encrypted or recorded")]
pub struct NoRandomness;

/// Random bytes that are wiped when dropped.
///
/// # Errors
/// When the system has none.
pub fn secret<const N: usize>() -> Result<Zeroizing<[u8; N]>, NoRandomness> {
    let mut bytes = Zeroizing::new([0; N]);
    SystemRandom::new().fill(&mut *bytes).map_err(|_| NoRandomness)?;
    Ok(bytes)
}

/// Random bytes that are no secret: nonces and ids.
///
/// # Errors
/// When the system has none.
pub fn public<const N: usize>() -> Result<[u8; N], NoRandomness> {
    secret().map(|bytes| *bytes)
}
