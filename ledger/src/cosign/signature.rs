//! Timestamped Ed25519 cosignatures (c2sp.org/tlog-cosignature, "Ed25519 signed message").
//!
//! `cosignature/v1`, `time SECONDS` and the checkpoint are signed; the signature line holds `key id || time (8 bytes) || signature`.
//! The key id is the first four bytes of `SHA-256(name || 0x0A || 0x04 || public key)`.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::hash::{hex, sha256};
use crate::note::{Note, NoteError, SecretKey, SignatureLine, VerifierKey, valid_name};

/// The signature type of timestamped Ed25519 cosignatures.
const COSIGNATURE: u8 = 4;

/// A cosigner's public key with its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CosignerKey {
    id: [u8; 4],
    key: VerifierKey,
}

impl CosignerKey {
    /// The key of `name`.
    ///
    /// # Errors
    /// When the name cannot be one, or the bytes are no Ed25519 public key.
    pub fn new(name: &str, public: &[u8; 32]) -> Result<Self, NoteError> {
        let key = VerifierKey::new(name, public)?;
        Ok(Self { id: id(name, public), key })
    }

    /// Parses a verifier key `name+hash+base64(type || public key)` of type 4. One of type 1 is taken for the same key, because some
    /// cosigners publish theirs so.
    ///
    /// # Errors
    /// When it is anything else, or the hash is not the key's.
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(hash), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(NoteError::Key("it has not three parts"));
        };
        let bytes = STANDARD.decode(key).map_err(|_| NoteError::Key("the key is not base64"))?;
        let [COSIGNATURE, public @ ..] = bytes.as_slice() else {
            return VerifierKey::parse(text).and_then(|key| Self::new(key.name(), key.public()));
        };
        let public = public.try_into().map_err(|_| NoteError::Key("the key has not 32 bytes"))?;
        let found = Self::new(name, public)?;
        if hex(&found.id) == hash { Ok(found) } else { Err(NoteError::Key("the hash is not the key's")) }
    }

    /// Who cosigns.
    pub fn name(&self) -> &str {
        self.key.name()
    }

    /// When this key cosigned the note, in seconds since 1970; `None` when no line of it is a valid cosignature of this key. The
    /// latest one counts.
    pub fn cosigned(&self, note: &Note) -> Option<u64> {
        self.latest(note).map(|(time, _)| time)
    }

    /// The line of this key's latest valid cosignature of the note, and when it was made.
    pub(crate) fn latest<'a>(&self, note: &'a Note) -> Option<(u64, &'a SignatureLine)> {
        let own = note.signatures().iter().filter_map(|line| {
            let (time, signature) = line.timed()?;
            let own = line.name == self.name() && line.id == self.id && i64::try_from(time).is_ok();
            (own && self.key.signed(&message(time, note.text()), signature)).then_some((time, line))
        });
        own.max_by_key(|(time, _)| *time)
    }
}

impl fmt::Display for CosignerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [&[COSIGNATURE], self.key.public().as_slice()].concat();
        write!(f, "{}+{}+{}", self.name(), hex(&self.id), STANDARD.encode(bytes))
    }
}

fn id(name: &str, public: &[u8; 32]) -> [u8; 4] {
    let hash = sha256(&[name.as_bytes(), &[b'\n', COSIGNATURE], public]);
    [hash[0], hash[1], hash[2], hash[3]]
}

fn message(time: u64, text: &str) -> Vec<u8> {
    format!("cosignature/v1\ntime {time}\n{text}").into_bytes()
}

/// A cosigner's signing key with its name.
#[derive(Debug)]
pub struct CosignerSecret {
    name: String,
    secret: SecretKey,
}

impl CosignerSecret {
    /// The key of a 32-byte seed.
    ///
    /// # Errors
    /// When the name cannot be one.
    pub fn new(name: &str, seed: &[u8; 32]) -> Result<Self, NoteError> {
        if valid_name(name) {
            Ok(Self { name: name.to_owned(), secret: SecretKey::from_seed(seed) })
        } else {
            Err(NoteError::Key("the name is empty or holds a space or plus"))
        }
    }

    /// Its public key.
    ///
    /// # Panics
    /// Never: the name was checked, and the public key of a seed is a key.
    pub fn key(&self) -> CosignerKey {
        CosignerKey::new(&self.name, &self.secret.public()).expect("a checked name and a real key")
    }

    /// The signature line over the text of a checkpoint at `time`, in seconds since 1970.
    pub fn sign(&self, text: &str, time: u64) -> SignatureLine {
        let signature = self.secret.sign(&message(time, text));
        let bytes = [time.to_be_bytes().as_slice(), &signature].concat();
        SignatureLine { name: self.name.clone(), id: id(&self.name, &self.secret.public()), bytes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "hospital.example/3b/kiosk-03/g1\n7\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";

    fn note(lines: Vec<SignatureLine>) -> Note {
        let log = SecretKey::from_seed(&[1; 32]);
        let key = VerifierKey::new("hospital.example/3b/kiosk-03/g1", &log.public()).unwrap();
        let mut note = Note::with_signature(TEXT.to_owned(), &key, &log.sign(TEXT.as_bytes()));
        note.add(lines);
        note
    }

    #[test]
    fn a_cosignature_holds_for_its_text_time_name_and_key_alone() {
        let secret = CosignerSecret::new("witness.example/w1", &[7; 32]).unwrap();
        let key = secret.key();
        let line = secret.sign(TEXT, 1_780_300_800);
        assert_eq!(key.cosigned(&note(vec![line.clone()])), Some(1_780_300_800));
        let mut later = line.clone();
        later.bytes[7] ^= 1;
        assert_eq!(key.cosigned(&note(vec![later])), None);
        let other = CosignerSecret::new("witness.example/w2", &[7; 32]).unwrap();
        assert_eq!(other.key().cosigned(&note(vec![line.clone()])), None);
        let elsewhere = secret.sign(&TEXT.replace('7', "8"), 1_780_300_800);
        assert_eq!(key.cosigned(&note(vec![elsewhere])), None);
        let newer = secret.sign(TEXT, 1_780_300_900);
        assert_eq!(key.cosigned(&note(vec![newer, line])), Some(1_780_300_900));
    }

    #[test]
    fn keys_print_and_parse() {
        let key = CosignerSecret::new("witness.example/w1", &[7; 32]).unwrap().key();
        assert_eq!(CosignerKey::parse(&key.to_string()), Ok(key.clone()));
        // The same key as type 1.
        let plain = VerifierKey::new(key.name(), key.key.public()).unwrap().to_string();
        assert_eq!(CosignerKey::parse(&plain), Ok(key.clone()));
        assert!(CosignerKey::parse(&key.to_string().replace("w1", "w2")).is_err());
        assert!(CosignerSecret::new("with space", &[7; 32]).is_err());
    }
}
