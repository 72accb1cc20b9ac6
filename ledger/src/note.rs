//! C2SP signed notes (c2sp.org/signed-note) with Ed25519 signatures, and their verifier keys.
//!
//! A note is text that ends in a newline, an empty line, and signature lines `— name base64(key id || signature)`. The key id
//! is the first four bytes of `SHA-256(name || 0x0A || 0x01 || public key)`. Parsing is strict and [`Note`]'s `Display` is its
//! exact inverse.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};

use crate::hash::sha256;

/// The signature type of Ed25519 in C2SP signed notes.
const ED25519: u8 = 1;
/// The most signature lines of a note that are read.
const MOST_SIGNATURES: usize = 100;
/// The longest note that is read, in bytes.
const MOST_BYTES: usize = 1 << 20;

/// Why a text is no signed note, or no key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Not a note at all.
    #[error("not a signed note: {0}")]
    Form(&'static str),
    /// Not a verifier key.
    #[error("not a verifier key `name+hash+key`: {0}")]
    Key(&'static str),
}

/// A name of a log or cosigner: no spaces, no plus, no control characters, not empty.
pub fn valid_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 200
        && !name.chars().any(|c| c.is_whitespace() || c == '+' || c.is_control())
}

/// The key id of an Ed25519 key of `name`.
pub(crate) fn short_id(name: &str, public: &[u8; 32]) -> [u8; 4] {
    let hash = sha256(&[name.as_bytes(), &[b'\n', ED25519], public]);
    [hash[0], hash[1], hash[2], hash[3]]
}

/// The text of a verifier key, without asking whether its bytes are one.
pub(crate) fn printed(name: &str, public: &[u8; 32]) -> String {
    let key = [&[ED25519], public.as_slice()].concat();
    format!("{name}+{}+{}", crate::hash::hex(&short_id(name, public)), STANDARD.encode(key))
}

/// A public key with the name under which it signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    id: [u8; 4],
    key: VerifyingKey,
}

impl VerifierKey {
    /// The key of `name`.
    ///
    /// # Errors
    /// When the name cannot be one, or the bytes are no Ed25519 public key.
    pub fn new(name: &str, public: &[u8; 32]) -> Result<Self, NoteError> {
        if !valid_name(name) {
            return Err(NoteError::Key("the name is empty or holds a space or plus"));
        }
        let key =
            VerifyingKey::from_bytes(public).map_err(|_| NoteError::Key("not an Ed25519 public key"))?;
        Ok(Self { name: name.to_owned(), id: short_id(name, public), key })
    }

    /// Parses `name+hash+base64(0x01 || public key)`.
    ///
    /// # Errors
    /// When it is anything else, or the hash is not the key's.
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(NoteError::Key("it has not three parts"));
        };
        let bytes = STANDARD.decode(key).map_err(|_| NoteError::Key("the key is not base64"))?;
        let [ED25519, public @ ..] = bytes.as_slice() else {
            return Err(NoteError::Key("the key is not of type 1, Ed25519"));
        };
        let public = public.try_into().map_err(|_| NoteError::Key("the key has not 32 bytes"))?;
        let found = Self::new(name, public)?;
        if crate::hash::hex(&found.id) == id {
            Ok(found)
        } else {
            Err(NoteError::Key("the hash is not the key's"))
        }
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The public key.
    pub fn public(&self) -> &[u8; 32] {
        self.key.as_bytes()
    }

    /// Whether `signature` is this key's over `text`. Strict: no weak keys, no second form of a signature.
    pub fn signed(&self, text: &[u8], signature: &[u8; 64]) -> bool {
        self.key.verify_strict(text, &Signature::from_bytes(signature)).is_ok()
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&printed(&self.name, self.public()))
    }
}

/// One signature line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureLine {
    /// Who claims to have signed.
    pub name: String,
    /// Which of their keys.
    pub id: [u8; 4],
    /// What stands after the key id; 64 bytes for Ed25519, 72 for a timestamped cosignature.
    pub bytes: Vec<u8>,
}

/// A text with its signatures, none of which is verified yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<SignatureLine>,
}

impl Note {
    /// A note whose one signature was made before.
    pub fn with_signature(text: String, key: &VerifierKey, signature: &[u8; 64]) -> Self {
        let line = SignatureLine { name: key.name.clone(), id: key.id, bytes: signature.to_vec() };
        Self { text, signatures: vec![line] }
    }

    /// A note of these lines.
    pub(crate) const fn with_lines(text: String, signatures: Vec<SignatureLine>) -> Self {
        Self { text, signatures }
    }

    /// Adds signature lines, such as those of cosigners; a line that is there already is not added again.
    pub fn add(&mut self, lines: Vec<SignatureLine>) {
        for line in lines {
            if !self.signatures.contains(&line) {
                self.signatures.push(line);
            }
        }
    }

    /// Parses a note.
    ///
    /// # Errors
    /// When it is not exactly one.
    pub fn parse(note: &str) -> Result<Self, NoteError> {
        if note.len() > MOST_BYTES {
            return Err(NoteError::Form("it is longer than a mebibyte"));
        }
        if note.chars().any(|c| c < ' ' && c != '\n') {
            return Err(NoteError::Form("it holds a control character"));
        }
        let at = note.rfind("\n\n").ok_or(NoteError::Form("it has no empty line before its signatures"))?;
        let (text, lines) = (&note[..=at], &note[at + 2..]);
        let lines = lines.strip_suffix('\n').ok_or(NoteError::Form("it does not end in a signature line"))?;
        let signatures = lines.split('\n').map(SignatureLine::parse).collect::<Result<Vec<_>, _>>()?;
        if signatures.len() > MOST_SIGNATURES {
            return Err(NoteError::Form("it has more than 100 signatures"));
        }
        Ok(Self { text: text.to_owned(), signatures })
    }

    /// The signed text with its final newline.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signatures, not verified.
    pub fn signatures(&self) -> &[SignatureLine] {
        &self.signatures
    }

    /// Whether it carries a valid signature of `key`.
    pub fn signed_by(&self, key: &VerifierKey) -> bool {
        self.line_of(key).is_some()
    }

    /// The line that is a valid signature of `key`.
    pub(crate) fn line_of(&self, key: &VerifierKey) -> Option<&SignatureLine> {
        self.signatures.iter().find(|line| {
            line.name == key.name
                && line.id == key.id
                && <&[u8; 64]>::try_from(line.bytes.as_slice())
                    .is_ok_and(|s| key.signed(self.text.as_bytes(), s))
        })
    }
}

impl SignatureLine {
    /// Of a line in the form of a timestamped cosignature its time, in seconds since 1970, and its signature. Not verified.
    pub(crate) fn timed(&self) -> Option<(u64, &[u8; 64])> {
        let (time, signature) = self.bytes.split_first_chunk::<8>()?;
        Some((u64::from_be_bytes(*time), signature.try_into().ok()?))
    }

    /// Parses one line, without its newline.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(line: &str) -> Result<Self, NoteError> {
        let wrong = NoteError::Form("a signature line is not `— name base64`");
        let (name, encoded) =
            line.strip_prefix("\u{2014} ").and_then(|rest| rest.split_once(' ')).ok_or(wrong.clone())?;
        let bytes = STANDARD.decode(encoded).map_err(|_| wrong.clone())?;
        match bytes.as_slice() {
            [a, b, c, d, rest @ ..] if valid_name(name) && !rest.is_empty() => {
                Ok(Self { name: name.to_owned(), id: [*a, *b, *c, *d], bytes: rest.to_vec() })
            }
            _ => Err(wrong),
        }
    }
}

/// The line with its newline.
impl fmt::Display for SignatureLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [&self.id, self.bytes.as_slice()].concat();
        writeln!(f, "\u{2014} {} {}", self.name, STANDARD.encode(bytes))
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|line| write!(f, "{line}"))
    }
}

/// A signing key: wiped from memory when dropped, printed by nothing.
pub struct SecretKey(SigningKey);

impl SecretKey {
    /// The key of a 32-byte seed.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// Its public key.
    pub fn public(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }

    /// Signs.
    pub fn sign(&self, text: &[u8]) -> [u8; 64] {
        self.0.sign(text).to_bytes()
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The example in the C2SP specification.
    const EXAMPLE: &str = "If you think cryptography is the answer to your problem,\n\
        then you don't know what your problem is.\n\n\
        \u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
    const KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

    #[test]
    fn the_example_of_the_specification_verifies_and_prints_back() {
        let note = Note::parse(EXAMPLE).unwrap();
        let key = VerifierKey::parse(KEY).unwrap();
        assert!(note.signed_by(&key));
        assert_eq!((note.to_string().as_str(), key.to_string().as_str()), (EXAMPLE, KEY));
        assert!(!Note::parse(&EXAMPLE.replace("answer", "Answer")).unwrap().signed_by(&key));
    }

    #[test]
    fn what_is_no_note_is_refused() {
        for wrong in [
            "",
            "text\n",
            "text\n\n",
            "text\n\n\u{2014} a b\n",
            "a\rb\n\n\u{2014} n AAAAAAA=\n",
            "t\n\n- n AAAAAAA=\n",
        ] {
            assert!(Note::parse(wrong).is_err(), "{wrong:?}");
        }
        assert!(Note::parse(EXAMPLE.trim_end()).is_err());
        for wrong in ["", "a+b", &KEY.replace("c74f", "c74e"), &KEY.replace("ARpc", "AhpC")] {
            assert!(VerifierKey::parse(wrong).is_err(), "{wrong:?}");
        }
    }

    /// Another implementation of the same specification accepts what we sign.
    #[test]
    fn the_crate_signed_note_verifies_our_notes() {
        let secret = SecretKey::from_seed(&[7; 32]);
        let key = VerifierKey::new("hospital.example/3b/kiosk-03/g1", &secret.public()).unwrap();
        let text = "hospital.example/3b/kiosk-03/g1\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";
        let note = Note::with_signature(text.to_owned(), &key, &secret.sign(text.as_bytes()));
        let theirs = signed_note::Note::from_bytes(note.to_string().as_bytes()).unwrap();
        let verifier = signed_note::StandardVerifier::new(&key.to_string()).unwrap();
        let (good, _) = theirs.verify(&signed_note::VerifierList::new(vec![Box::new(verifier)])).unwrap();
        assert_eq!(good.len(), 1);
    }

    proptest! {
        #[test]
        fn any_text_is_refused_or_printed_back(text in "(?s).{0,80}(\n\n\u{2014} n [A-Za-z0-9+/]{8}\n)?") {
            if let Ok(note) = Note::parse(&text) {
                prop_assert_eq!(note.to_string(), text);
            }
        }
    }
}
