//! The device key, pseudonyms, and the keys of patients.
//!
//! The device key (32 random bytes, a file beside the database, mode 0600) wraps patient keys and makes pseudonyms. Each patient
//! has one random key a retention year; destroying it makes what it encrypted unreadable and leaves every proof valid.

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::hmac;
use zeroize::Zeroizing;

use crate::cbor::record;
use crate::epoch::expand;
use crate::hash::Hash;
use crate::random::{self, NoRandomness};

/// What the kiosk alone knows.
pub struct DeviceKey {
    wrap: Zeroizing<[u8; 32]>,
    pseudonym: Zeroizing<[u8; 32]>,
    check: Hash,
}

impl std::fmt::Debug for DeviceKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DeviceKey(..)")
    }
}

impl DeviceKey {
    /// The keys that follow from the stored secret.
    pub fn from_secret(secret: &[u8; 32]) -> Self {
        Self {
            wrap: expand(secret, b"bcma-ledger/1 wrap"),
            pseudonym: expand(secret, b"bcma-ledger/1 pseudonym"),
            check: *expand(secret, b"bcma-ledger/1 check"),
        }
    }

    /// A public value that only this key has: the ledger says by it that a key is the wrong one.
    pub const fn check(&self) -> &Hash {
        &self.check
    }

    /// The pseudonym of an id; `class` keeps patients and clinicians apart. Keyed, so that trying all ids needs this key.
    pub fn pseudonym(&self, class: &str, id: &str) -> Hash {
        mac(&self.pseudonym, &[class.as_bytes(), &[0], id.as_bytes()])
    }
}

/// HMAC-SHA256 over the parts, one after the other.
pub(crate) fn mac(key: &[u8; 32], parts: &[&[u8]]) -> Hash {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key));
    for part in parts {
        context.update(part);
    }
    let mut tag = [0; 32];
    tag.copy_from_slice(context.sign().as_ref());
    tag
}

/// The key of one patient for one retention year.
pub struct PatientKey {
    /// Its random id.
    pub id: [u8; 16],
    pub(crate) secret: Zeroizing<[u8; 32]>,
}

impl std::fmt::Debug for PatientKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PatientKey(..)")
    }
}

/// A patient key as it is stored: encrypted under the device key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRecord {
    /// Whose, by pseudonym.
    pub pseudonym: Hash,
    /// Of which retention year.
    pub year: u16,
    /// For this encryption only.
    pub nonce: [u8; 12],
    /// The key, encrypted, with its tag.
    pub wrapped: [u8; 48],
}

record!(KeyRecord { 0 => pseudonym, 1 => year, 2 => nonce, 3 => wrapped });

/// Why a patient key cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// No randomness.
    #[error(transparent)]
    Random(#[from] NoRandomness),
    /// The record does not open.
    #[error("a patient key does not open under this device key: another device key, or a damaged record")]
    Wrapped,
}

impl PatientKey {
    /// Makes a key for a patient and year, and its record.
    ///
    /// # Errors
    /// Without randomness.
    pub fn create(
        device: &DeviceKey,
        origin: &str,
        pseudonym: Hash,
        year: u16,
    ) -> Result<(Self, KeyRecord), KeyError> {
        let key = Self { id: random::public()?, secret: random::secret()? };
        let nonce = random::public()?;
        let aad = wrap_aad(origin, &key.id, &pseudonym, year);
        let mut wrapped = key.secret.to_vec();
        let sealed = cipher(&device.wrap).and_then(|cipher| {
            let nonce = Nonce::assume_unique_for_key(nonce);
            cipher.seal_in_place_append_tag(nonce, Aad::from(&aad), &mut wrapped).ok()
        });
        let wrapped = sealed.and_then(|()| wrapped.try_into().ok()).ok_or(KeyError::Wrapped)?;
        Ok((key, KeyRecord { pseudonym, year, nonce, wrapped }))
    }

    /// The key of a record.
    ///
    /// # Errors
    /// When the device key is another one, or the record was changed.
    pub fn open(
        device: &DeviceKey,
        origin: &str,
        id: [u8; 16],
        record: &KeyRecord,
    ) -> Result<Self, KeyError> {
        let aad = wrap_aad(origin, &id, &record.pseudonym, record.year);
        let mut bytes = Zeroizing::new(record.wrapped);
        let cipher = cipher(&device.wrap).ok_or(KeyError::Wrapped)?;
        let nonce = Nonce::assume_unique_for_key(record.nonce);
        let plain =
            cipher.open_in_place(nonce, Aad::from(&aad), &mut *bytes).map_err(|_| KeyError::Wrapped)?;
        let mut secret = Zeroizing::new([0; 32]);
        secret.copy_from_slice(plain.get(..32).ok_or(KeyError::Wrapped)?);
        Ok(Self { id, secret })
    }
}

fn wrap_aad(origin: &str, id: &[u8; 16], pseudonym: &Hash, year: u16) -> Vec<u8> {
    [origin.as_bytes(), &[0], id, pseudonym, &year.to_be_bytes()].concat()
}

/// `None` never happens for a 32-byte key.
pub(crate) fn cipher(key: &[u8; 32]) -> Option<LessSafeKey> {
    UnboundKey::new(&AES_256_GCM, key).ok().map(LessSafeKey::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_opens_under_its_device_origin_and_id_alone() {
        let (device, other) = (DeviceKey::from_secret(&[1; 32]), DeviceKey::from_secret(&[2; 32]));
        let (key, record) =
            PatientKey::create(&device, "o", device.pseudonym("patient", "p1"), 2026).unwrap();
        assert_eq!(PatientKey::open(&device, "o", key.id, &record).unwrap().secret, key.secret);
        assert!(PatientKey::open(&other, "o", key.id, &record).is_err());
        assert!(PatientKey::open(&device, "other", key.id, &record).is_err());
        assert!(PatientKey::open(&device, "o", [0; 16], &record).is_err());
        assert_ne!(device.check(), other.check());
    }

    #[test]
    fn pseudonyms_are_keyed_and_of_a_class() {
        let (device, other) = (DeviceKey::from_secret(&[1; 32]), DeviceKey::from_secret(&[2; 32]));
        assert_ne!(device.pseudonym("patient", "7"), other.pseudonym("patient", "7"));
        assert_ne!(device.pseudonym("patient", "7"), device.pseudonym("clinician", "7"));
    }
}
