//! SHA-256 and hexadecimal, as the ledger has them.

pub use ledger::hash::hex;

/// The SHA-256 of `bytes` (FIPS 180-4).
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    ledger::hash::sha256(&[bytes])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The one-block vector of FIPS 180-4.
    #[test]
    fn sha256_of_abc() {
        assert_eq!(hex(&sha256(b"abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
