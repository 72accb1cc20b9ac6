//! The enrolment record: who this ledger is and which keys will sign for it, signed by the hospital's key.
//!
//! `enrolment = [record bytes, Ed25519 signature]`, both CBOR. The SHA-256 of the record bytes is the `previous` of entry 0, so
//! the chain begins with it.

use crate::cbor::{self, Cbor, CborError, Reader, Writer, record};
use crate::checkpoint::Checkpoint;
use crate::epoch::{EpochPlan, key_root};
use crate::hash::{Hash, sha256};
use crate::note::{SecretKey, VerifierKey};

/// What the hospital signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolment {
    /// Domain and version.
    pub domain: EnrolmentDomain,
    /// The ledger's id.
    pub origin: String,
    /// The epochs.
    pub plan: EpochPlan,
    /// The RFC 6962 root over the public keys of all epochs.
    pub key_root: Hash,
    /// SHA-256 of the entry format's CDDL.
    pub cddl: Hash,
    /// SHA-256 of the program that made it.
    pub build: Hash,
    /// The check value of the device key.
    pub device_check: Hash,
    /// The hospital's public key.
    pub hospital: [u8; 32],
    /// When, in nanoseconds since 1970.
    pub wall_ns: i64,
}

/// The text `bcma-enrolment/1`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EnrolmentDomain;

const DOMAIN: &str = "bcma-enrolment/1";

impl Cbor for EnrolmentDomain {
    fn write(&self, w: &mut Writer) {
        w.text(DOMAIN);
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, CborError> {
        let at = r.at();
        if r.text()? == DOMAIN { Ok(Self) } else { Err(CborError::Value { at, what: "enrolment record" }) }
    }
}

impl Cbor for EpochPlan {
    fn write(&self, w: &mut Writer) {
        w.array(3);
        self.count.write(w);
        self.length_s.write(w);
        self.start_s.write(w);
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, CborError> {
        let at = r.at();
        if r.array()? != 3 {
            return Err(CborError::Value { at, what: "epoch plan" });
        }
        let plan = Self { count: Cbor::read(r)?, length_s: Cbor::read(r)?, start_s: Cbor::read(r)? };
        if plan.count == 0 || plan.length_s == 0 {
            return Err(CborError::Value { at, what: "epoch plan" });
        }
        Ok(plan)
    }
}

record!(Enrolment {
    0 => domain,
    1 => origin,
    2 => plan,
    3 => key_root,
    4 => cddl,
    5 => build,
    6 => device_check,
    7 => hospital,
    8 => wall_ns,
});

/// The record with its bytes, its signature verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolled {
    record: Enrolment,
    bytes: Vec<u8>,
    signature: [u8; 64],
}

/// Why an enrolment is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnrolmentError {
    /// Not in the format.
    #[error("the enrolment record is not in its format: {0}")]
    Form(#[from] CborError),
    /// Not signed by the hospital's key.
    #[error("the enrolment record is not signed by the hospital's key that it names")]
    Signature,
    /// The epoch keys are not the committed ones.
    #[error("the epoch keys are not those that the enrolment record commits to")]
    Keys,
}

impl Enrolled {
    /// Signs a record.
    pub fn sign(record: Enrolment, hospital: &SecretKey) -> Self {
        let bytes = cbor::encode(&record);
        let signature = hospital.sign(&bytes);
        Self { record, bytes, signature }
    }

    /// The stored form.
    pub fn encode(&self) -> Vec<u8> {
        let mut w = Writer::default();
        w.array(2);
        w.bytes(&self.bytes);
        w.bytes(&self.signature);
        w.into_bytes()
    }

    /// The inverse of [`encode`](Self::encode); checks the signature.
    ///
    /// # Errors
    /// When it is no enrolment, or not signed.
    pub fn decode(bytes: &[u8]) -> Result<Self, EnrolmentError> {
        let mut r = Reader::new(bytes);
        if r.array()? != 2 {
            return Err(CborError::Value { at: 0, what: "pair of record and signature" }.into());
        }
        let (bytes, signature) = (r.bytes()?.to_vec(), r.fixed()?);
        r.finish()?;
        let record: Enrolment = cbor::decode(&bytes)?;
        let enrolled = Self { record, bytes, signature };
        let key = enrolled.hospital_key().ok_or(EnrolmentError::Signature)?;
        if key.signed(&enrolled.bytes, &enrolled.signature) {
            Ok(enrolled)
        } else {
            Err(EnrolmentError::Signature)
        }
    }

    /// The record.
    pub const fn record(&self) -> &Enrolment {
        &self.record
    }

    /// What entry 0 has as its previous hash.
    pub fn hash(&self) -> Hash {
        sha256(&[&self.bytes])
    }

    /// The hospital's key as a verifier key; its name is `hospital`. `None` when the bytes are no key.
    pub fn hospital_key(&self) -> Option<VerifierKey> {
        VerifierKey::new("hospital", &self.record.hospital).ok()
    }

    /// The epoch keys of the stored concatenation, when they are the committed ones.
    ///
    /// # Errors
    /// When they are not.
    pub fn epoch_keys(&self, bytes: &[u8]) -> Result<Vec<[u8; 32]>, EnrolmentError> {
        let (keys, rest) = bytes.as_chunks::<32>();
        let right = rest.is_empty()
            && keys.len() as u64 == u64::from(self.record.plan.count)
            && key_root(keys) == self.record.key_root;
        if right { Ok(keys.to_vec()) } else { Err(EnrolmentError::Keys) }
    }

    /// Whether the key of an epoch signed the checkpoint of the first `size` entries with this root.
    pub(crate) fn signed(
        &self,
        (keys, epoch): (&[[u8; 32]], u32),
        (size, root): (u64, Hash),
        signature: Option<&[u8; 64]>,
    ) -> bool {
        let text = Checkpoint { origin: self.record.origin.clone(), size, root }.to_string();
        let key = self.verifier(keys, epoch);
        key.zip(signature).is_some_and(|(key, signature)| key.signed(text.as_bytes(), signature))
    }

    /// The verifier key of an epoch.
    pub fn verifier(&self, keys: &[[u8; 32]], epoch: u32) -> Option<VerifierKey> {
        let key = keys.get(usize::try_from(epoch).ok()?)?;
        VerifierKey::new(&self.record.origin, key).ok()
    }
}
