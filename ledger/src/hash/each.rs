//! SHA-256 of many texts, two at a time.
//!
//! The instructions of a processor for SHA-256 wait for each other within a text; those of two texts do not. Two texts that take turns
//! block by block need hardly more time than one, so what reads many entries hashes them here.

use sha2::block_api::compress256;

use super::{Hash, sha256};

type Block = [u8; 64];

/// The state before the first block (FIPS 180-4, section 5.3.3).
const START: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// The SHA-256 of each text, in their order; the byte `domain` stands before each.
pub fn sha256_each<'a>(domain: Option<u8>, texts: impl IntoIterator<Item = &'a [u8]>) -> Vec<Hash> {
    let texts = texts.into_iter();
    // Without such instructions `ring` is quicker.
    if has_instructions() { in_pairs(domain, texts) } else { one_by_one(domain, texts) }
}

fn one_by_one<'a>(domain: Option<u8>, texts: impl Iterator<Item = &'a [u8]>) -> Vec<Hash> {
    texts.map(|text| sha256(&[domain.as_slice(), text])).collect()
}

fn in_pairs<'a>(domain: Option<u8>, texts: impl Iterator<Item = &'a [u8]>) -> Vec<Hash> {
    let texts: Vec<&[u8]> = texts.collect();
    let mut hashes = vec![[0; 32]; texts.len()];
    let mut places: Vec<(&mut Hash, &[u8])> = hashes.iter_mut().zip(texts).collect();
    // Two that are equally long end together, so neither goes on alone.
    places.sort_unstable_by_key(|(_, text)| text.len());
    for places in places.chunks_mut(2) {
        match places {
            [(one, text), (other, beside)] => {
                (**one, **other) = pair(&Message::new(domain, text), &Message::new(domain, beside));
            }
            [(one, text)] => **one = sha256(&[domain.as_slice(), text]),
            _ => {}
        }
    }
    hashes
}

/// Whether the processor has instructions for SHA-256.
fn has_instructions() -> bool {
    #[cfg(target_arch = "x86_64")]
    let has = std::arch::is_x86_feature_detected!("sha");
    #[cfg(target_arch = "aarch64")]
    let has = std::arch::is_aarch64_feature_detected!("sha2");
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    let has = false;
    has
}

/// A text in the blocks of FIPS 180-4, section 5.
struct Message<'a> {
    /// The domain and what of the text is in its block.
    first: Option<Block>,
    middle: &'a [Block],
    /// The rest of the text, a one, zeros and the length in bits.
    last: [Block; 2],
    lasts: usize,
}

impl<'a> Message<'a> {
    #[inline]
    fn new(domain: Option<u8>, text: &'a [u8]) -> Self {
        let bits = (domain.as_slice().len() as u64 + text.len() as u64) * 8;
        let (first, short, text) = match (domain, text.split_at_checked(63)) {
            (Some(domain), Some((head, text))) => {
                let mut first = [domain; 64];
                first[1..].copy_from_slice(head);
                (Some(first), None, text)
            }
            _ => (None, domain, text),
        };
        let (middle, rest) = text.as_chunks();
        let (from, end) = (short.as_slice().len(), short.as_slice().len() + rest.len());
        // A one and the length need nine bytes.
        let lasts = if end + 9 <= 64 { 1 } else { 2 };
        let mut last = [[0; 64]; 2];
        let bytes = last.as_flattened_mut();
        bytes[..from].copy_from_slice(short.as_slice());
        bytes[from..end].copy_from_slice(rest);
        bytes[end] = 0x80;
        bytes[lasts * 64 - 8..lasts * 64].copy_from_slice(&bits.to_be_bytes());
        Self { first, middle, last, lasts }
    }

    #[inline]
    fn blocks(&self) -> impl Iterator<Item = &Block> {
        self.first.iter().chain(self.middle).chain(&self.last[..self.lasts])
    }
}

fn pair(one: &Message<'_>, other: &Message<'_>) -> (Hash, Hash) {
    let mut states = [START; 2];
    let (mut one, mut other) = (one.blocks(), other.blocks());
    loop {
        let blocks = [one.next(), other.next()];
        if let [None, None] = blocks {
            return states.map(hash_of).into();
        }
        for (state, block) in states.iter_mut().zip(blocks) {
            if let Some(block) = block {
                compress256(state, std::slice::from_ref(block));
            }
        }
    }
}

fn hash_of(state: [u32; 8]) -> Hash {
    let mut hash = [0; 32];
    for (bytes, word) in hash.as_chunks_mut().0.iter_mut().zip(state) {
        *bytes = word.to_be_bytes();
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// `ring` computes the same, whatever the lengths: each of a pair may end before the other, with one block of padding or two.
        #[test]
        fn each_hash_is_that_of_its_text(
            domain: Option<u8>,
            texts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 0..7),
        ) {
            // On every machine, whatever its processor is asked for.
            let texts = || texts.iter().map(Vec::as_slice);
            prop_assert_eq!(in_pairs(domain, texts()), one_by_one(domain, texts()));
            prop_assert_eq!(sha256_each(domain, texts()), one_by_one(domain, texts()));
        }
    }

    /// Every length about the ends of the first blocks; `sha2` computes without the instructions too.
    #[test]
    fn the_padding_is_right_at_every_length() {
        let text = [0x5a; 200];
        for domain in [None, Some(0), Some(1)] {
            for length in 0..text.len() {
                let (text, other) = (&text[..length], &text[length..]);
                let (found, of_other) = pair(&Message::new(domain, text), &Message::new(domain, other));
                assert_eq!(found, sha256(&[domain.as_slice(), text]), "{length} bytes after {domain:?}");
                assert_eq!(of_other, sha256(&[domain.as_slice(), other]), "the rest of {length} bytes");
            }
        }
    }
}
