//! Encryption of what is detached (evidence specification, section 1).
//!
//! `nonce (12 bytes, random) || AES-256-GCM(key, nonce, AAD, padded)`, with AAD = `origin || 0x00 || sequence (8 bytes)`, so that
//! a ciphertext cannot move to another log or entry. GCM alone lets one ciphertext open under two keys to two doses (attack 17),
//! so the leaf also holds `HMAC-SHA256(key, "bcma-ledger/1 commit" || nonce || AAD)`, which only one key has. The encryption key
//! and the commitment key both follow from the patient key by HKDF.
//!
//! The plain text is padded with `0x80 00 ..` to the next multiple of 512 bytes, so that its length tells little of its content.

use ring::aead::{Aad, Nonce};
use zeroize::Zeroizing;

use crate::epoch::expand;
use crate::hash::sha256;
use crate::keys::{PatientKey, cipher, mac};
use crate::leaf::DetachedRef;

/// Plain texts are multiples of it, in bytes.
const BLOCK: usize = 512;
/// Bytes of a nonce.
const NONCE: usize = 12;
/// The longest plain text, in bytes; a case with a long history stays far below it.
pub const MOST_BYTES: usize = 4 << 20;

/// Why detached data cannot be sealed or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DetachedError {
    /// Not the bytes that the entry names.
    #[error("the patient data is not what the entry names by hash and length")]
    Hash,
    /// Another key than the one the entry commits to.
    #[error("the entry commits to another key than the one found")]
    Commitment,
    /// It does not open.
    #[error("the patient data does not open: it belongs to another ledger or entry, or was changed")]
    Cipher,
    /// Too long.
    #[error("the patient data is longer than 4 MiB")]
    Length,
}

fn aad(origin: &str, sequence: u64) -> Vec<u8> {
    [origin.as_bytes(), &[0], &sequence.to_be_bytes()].concat()
}

fn commitment(key: &PatientKey, nonce: &[u8; NONCE], aad: &[u8]) -> [u8; 32] {
    mac(&expand(&key.secret, b"bcma-ledger/1 commitment"), &[b"bcma-ledger/1 commit", nonce, aad])
}

/// Encrypts for one entry. `nonce` must be random.
///
/// # Errors
/// When the plain text is too long.
pub fn seal(
    key: &PatientKey,
    plain: &[u8],
    origin: &str,
    sequence: u64,
    nonce: [u8; NONCE],
) -> Result<(Vec<u8>, DetachedRef), DetachedError> {
    if plain.len() > MOST_BYTES {
        return Err(DetachedError::Length);
    }
    let aad = aad(origin, sequence);
    let mut padded = Zeroizing::new(Vec::with_capacity(plain.len() + BLOCK + 16));
    padded.extend_from_slice(plain);
    padded.push(0x80);
    let length = padded.len().next_multiple_of(BLOCK);
    padded.resize(length, 0);
    let cipher = cipher(&expand(&key.secret, b"bcma-ledger/1 encryption")).ok_or(DetachedError::Cipher)?;
    cipher
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(&aad), &mut *padded)
        .map_err(|_| DetachedError::Cipher)?;
    let sealed = [nonce.as_slice(), &padded].concat();
    let reference = DetachedRef {
        sha256: sha256(&[&sealed]),
        length: u32::try_from(sealed.len()).map_err(|_| DetachedError::Length)?,
        key_id: key.id,
        commitment: commitment(key, &nonce, &aad),
    };
    Ok((sealed, reference))
}

/// The inverse of [`seal`], for exactly the same key, origin and sequence.
///
/// # Errors
/// When anything differs.
pub fn open(
    key: &PatientKey,
    sealed: &[u8],
    reference: &DetachedRef,
    origin: &str,
    sequence: u64,
) -> Result<Zeroizing<Vec<u8>>, DetachedError> {
    check(sealed, reference)?;
    let aad = aad(origin, sequence);
    let (nonce, rest) = sealed.split_first_chunk::<NONCE>().ok_or(DetachedError::Hash)?;
    if commitment(key, nonce, &aad) != reference.commitment {
        return Err(DetachedError::Commitment);
    }
    let cipher = cipher(&expand(&key.secret, b"bcma-ledger/1 encryption")).ok_or(DetachedError::Cipher)?;
    let mut bytes = Zeroizing::new(rest.to_vec());
    let padded = cipher
        .open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(&aad), bytes.as_mut_slice())
        .map_err(|_| DetachedError::Cipher)?;
    let end = padded.iter().rposition(|byte| *byte != 0).filter(|at| padded[*at] == 0x80);
    let length = end.ok_or(DetachedError::Cipher)?;
    bytes.truncate(length);
    Ok(bytes)
}

/// Whether these are the bytes that the entry names; needs no key.
///
/// # Errors
/// When they are not.
fn check(sealed: &[u8], reference: &DetachedRef) -> Result<(), DetachedError> {
    if reference.names(sealed, &sha256(&[sealed])) { Ok(()) } else { Err(DetachedError::Hash) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::hex;
    use proptest::prelude::*;

    fn key(byte: u8) -> PatientKey {
        PatientKey { id: [byte; 16], secret: Zeroizing::new([byte; 32]) }
    }

    /// Attacks 15 and 17: transplanted, or opened with another key.
    #[test]
    fn it_opens_in_its_own_place_with_its_own_key_alone() {
        let (sealed, reference) = seal(&key(1), b"dose", "o", 7, [9; 12]).unwrap();
        assert_eq!(open(&key(1), &sealed, &reference, "o", 7).unwrap().as_slice(), b"dose");
        assert_eq!(open(&key(2), &sealed, &reference, "o", 7), Err(DetachedError::Commitment));
        assert_eq!(open(&key(1), &sealed, &reference, "o", 8), Err(DetachedError::Commitment));
        assert_eq!(open(&key(1), &sealed, &reference, "p", 7), Err(DetachedError::Commitment));
        let mut changed = sealed.clone();
        changed[20] ^= 1;
        assert_eq!(open(&key(1), &changed, &reference, "o", 7), Err(DetachedError::Hash));
        let forged = DetachedRef { sha256: sha256(&[&changed]), ..reference };
        assert_eq!(open(&key(1), &changed, &forged, "o", 7), Err(DetachedError::Cipher));
    }

    /// Format version 1 must not change: these bytes were made once and are written down.
    #[test]
    fn golden_bytes() {
        let (sealed, reference) =
            seal(&key(1), b"dose", "hospital.example/3b/kiosk-03/g1", 7, [9; 12]).unwrap();
        assert_eq!(sealed.len(), 12 + BLOCK + 16);
        assert_eq!(hex(&reference.sha256), GOLDEN_SHA256);
        assert_eq!(hex(&reference.commitment), GOLDEN_COMMITMENT);
    }
    const GOLDEN_SHA256: &str = "404c0fd32e86cbd39ce88ac9915a7c6e0dd41643d9fe93e0884a23dbc88d94f0";
    const GOLDEN_COMMITMENT: &str = "fbb4d24c7506c75cf402fc063029ec213403172b2d5b9871f125285dc0faf6ab";

    proptest! {
        #[test]
        fn every_length_comes_back(plain in prop::collection::vec(any::<u8>(), 0..1500)) {
            let (sealed, reference) = seal(&key(3), &plain, "o", 1, [5; 12]).unwrap();
            prop_assert_eq!((sealed.len() - 28) % BLOCK, 0);
            let opened = open(&key(3), &sealed, &reference, "o", 1).unwrap();
            prop_assert_eq!(&opened[..], &plain[..]);
        }
    }
}
