//! Deterministic CBOR (RFC 8949, section 4.2.1), the part of it that this product uses: integers, byte and text strings,
//! booleans, arrays and maps whose keys are ascending small integers. No floats, tags, nulls or indefinite lengths.
//!
//! [`Reader`] accepts exactly what [`Writer`] can write: the shortest form of each number, definite lengths, ascending keys. So
//! `encode(decode(x)) == x` holds for everything that is accepted, and one value has one encoding (attack 16). Depth and lengths
//! are bounded by the input itself; nothing is allocated before its bytes were seen.

mod reader;
mod record;
mod writer;

pub use reader::{CborError, Fields, Lookup, Reader};
pub use record::{Cbor, is_default, record};
pub(crate) use record::{choice, named_text};
pub use writer::Writer;

/// How deep items may be nested; entries need less than half of it.
pub const MOST_DEPTH: u8 = 24;

/// Encodes one value.
pub fn encode<T: Cbor>(value: &T) -> Vec<u8> {
    let mut writer = Writer::default();
    value.write(&mut writer);
    writer.into_bytes()
}

/// Decodes exactly one value.
///
/// # Errors
/// When the bytes are not the deterministic encoding of one, or bytes are left over.
pub fn decode<T: Cbor>(bytes: &[u8]) -> Result<T, CborError> {
    let mut reader = Reader::new(bytes);
    let value = T::read(&mut reader)?;
    reader.finish()?;
    Ok(value)
}

#[cfg(test)]
mod tests;
