//! The encoding of what is detached: patient, order, product, policy, answers, administration. With it an entry can be decided
//! again from its own bytes (`ledger recheck`).
//!
//! Every type of `rights` has one encoding, and decoding goes through its `parse`, so nothing enters that could not have been
//! recorded. The policy is the same for thousands of entries: it is stored once, beside, and an entry holds its SHA-256.

mod case;
mod orders;
mod policy;
mod values;
mod ward;

use std::collections::BTreeMap;

use rights::entry::Detached;
use rights::policy::Policy;
use rights::scan::Source;

use crate::cbor::{Cbor, CborError, Reader, Writer};

/// The version of this encoding: the first item of the bytes.
pub const VERSION: u64 = 1;

/// The bytes of detached data, and the policies that they refer to by SHA-256.
pub fn encode(detached: &Detached) -> (Vec<u8>, BTreeMap<[u8; 32], Vec<u8>>) {
    let mut writer = Writer::default();
    writer.array(2);
    writer.uint(VERSION);
    detached.write(&mut writer);
    writer.into_parts()
}

/// The bytes of a policy by their SHA-256, as entries refer to it.
pub(crate) fn encode_policy(policy: &Policy) -> BTreeMap<[u8; 32], Vec<u8>> {
    let mut writer = Writer::default();
    policy.write(&mut writer);
    writer.into_parts().1
}

/// The inverse of [`encode`].
///
/// # Errors
/// When the bytes are anything else, or a policy is not found.
pub fn decode(bytes: &[u8], policy: &dyn Fn(&[u8; 32]) -> Option<Vec<u8>>) -> Result<Detached, CborError> {
    let mut reader = Reader::with_lookup(bytes, policy);
    if reader.array()? != 2 {
        return Err(CborError::Value { at: 0, what: "pair of version and content" });
    }
    let at = reader.at();
    let number = reader.uint()?;
    if number != VERSION {
        return Err(CborError::Unknown { at, number });
    }
    let detached = Detached::read(&mut reader)?;
    reader.finish()?;
    Ok(detached)
}

/// The stable name of a source.
pub const fn source_name(source: Source) -> &'static str {
    match source {
        Source::Camera => "camera",
        Source::HandScanner => "hand_scanner",
        Source::Keyed => "keyed",
    }
}

#[cfg(test)]
mod tests;
