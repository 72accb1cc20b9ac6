//! The bytes of a row: an entry with what is stored beside it; of a block: many rows, one after the other; and of the open block, whose
//! rows stand one by one until it is full.
//!
//! ```text
//! row         = signature (64) entry length (2) entry encrypted data (the rest; none when nothing is left)
//! block       = (row length (4) row)*
//! open row    = bytes of the block before it (4) 0 row | bytes before it (4) 1 idempotency key (20) row
//! ```
//!
//! Numbers are big-endian. A signature of zeros is none.

/// One entry with what is stored beside it under the same number.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// The number under which it is stored.
    pub index: u64,
    /// Its bytes.
    pub entry: &'a [u8],
    /// The signature of the checkpoint after it.
    pub signature: Option<&'a [u8; 64]>,
    /// Its encrypted data.
    pub detached: Option<&'a [u8]>,
    /// Its hash, where the source stores that too.
    pub leaf: Option<&'a crate::hash::Hash>,
}

/// Most bytes of a block, unless a single row is longer: with redb's own bytes, sixteen pages of 4 KiB. The database gives space in powers
/// of two, so a block that is nearly full wastes nearly nothing.
pub(super) const BLOCK: usize = 65_500;

const NO_SIGNATURE: [u8; 64] = [0; 64];

/// The bytes of a row; `None` when the entry is longer than 65,535 bytes.
pub(super) fn encode(entry: &[u8], signature: &[u8; 64], detached: Option<&[u8]>) -> Option<Vec<u8>> {
    let length = u16::try_from(entry.len()).ok()?;
    let detached = detached.unwrap_or_default();
    let mut row = Vec::with_capacity(66 + entry.len() + detached.len());
    row.extend_from_slice(signature);
    row.extend_from_slice(&length.to_be_bytes());
    row.extend_from_slice(entry);
    row.extend_from_slice(detached);
    Some(row)
}

/// The row of a number; `None` when the bytes are none.
pub(super) fn decode(index: u64, row: &[u8]) -> Option<Row<'_>> {
    let (signature, rest) = row.split_first_chunk::<64>()?;
    let (length, rest) = rest.split_first_chunk::<2>()?;
    let (entry, detached) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
    Some(Row {
        index,
        entry,
        signature: Some(signature).filter(|signature| **signature != NO_SIGNATURE),
        detached: Some(detached).filter(|detached| !detached.is_empty()),
        leaf: None,
    })
}

/// Bytes that a row takes in a block.
pub(super) const fn in_block(row: &[u8]) -> usize {
    4 + row.len()
}

/// Puts a row at the end of a block. Rows are far shorter than 2^32 bytes.
pub(super) fn pack(block: &mut Vec<u8>, row: &[u8]) {
    block.extend_from_slice(&u32::try_from(row.len()).unwrap_or(u32::MAX).to_be_bytes());
    block.extend_from_slice(row);
}

/// The rows of a block; an item is `None`, and the last, where the bytes make no sense.
pub(super) fn unpack(block: &[u8]) -> impl Iterator<Item = Option<&[u8]>> {
    let mut rest = Some(block);
    std::iter::from_fn(move || {
        let bytes = rest.take().filter(|bytes| !bytes.is_empty())?;
        let split = bytes.split_first_chunk::<4>().and_then(|(length, bytes)| {
            bytes.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)
        });
        rest = split.map(|(_, after)| after);
        Some(split.map(|(row, _)| row))
    })
}

/// A row of the open block.
pub(super) struct Open<'a> {
    /// Bytes of the block before it.
    pub(super) before: usize,
    pub(super) key: Option<&'a [u8; 20]>,
    pub(super) row: &'a [u8],
}

impl<'a> Open<'a> {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(25 + self.row.len());
        bytes.extend_from_slice(&u32::try_from(self.before).unwrap_or(u32::MAX).to_be_bytes());
        bytes.push(u8::from(self.key.is_some()));
        bytes.extend_from_slice(self.key.map_or(&[], |key| key.as_slice()));
        bytes.extend_from_slice(self.row);
        bytes
    }

    pub(super) fn decode(bytes: &'a [u8]) -> Option<Self> {
        let (before, rest) = bytes.split_first_chunk::<4>()?;
        let before = usize::try_from(u32::from_be_bytes(*before)).ok()?;
        match rest.split_first()? {
            (0, row) => Some(Self { before, key: None, row }),
            (1, rest) => {
                let (key, row) = rest.split_first_chunk::<20>()?;
                Some(Self { before, key: Some(key), row })
            }
            _ => None,
        }
    }

    /// Bytes of the block up to its end.
    pub(super) const fn end(&self) -> usize {
        self.before + in_block(self.row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// What is packed is unpacked, and cut or longer bytes never panic and never pass for as many rows.
        #[test]
        fn a_block_gives_back_its_rows(
            rows in prop::collection::vec((prop::collection::vec(any::<u8>(), 0..90), 1_u8.., prop::collection::vec(any::<u8>(), 0..90)), 1..9),
            cut in 1_usize..200,
        ) {
            let mut block = Vec::new();
            for (entry, fill, detached) in &rows {
                pack(&mut block, &encode(entry, &[*fill; 64], Some(detached)).unwrap());
            }
            let back: Vec<_> = unpack(&block).map(|row| decode(7, row.unwrap()).unwrap()).collect();
            prop_assert_eq!(back.len(), rows.len());
            for (row, (entry, fill, detached)) in back.iter().zip(&rows) {
                prop_assert_eq!(row.entry, entry.as_slice());
                prop_assert_eq!(row.signature, Some(&[*fill; 64]));
                prop_assert_eq!(row.detached.unwrap_or_default(), detached.as_slice());
            }
            let shorter = &block[..block.len().saturating_sub(cut)];
            let whole = unpack(shorter).flatten().count();
            prop_assert!(whole < rows.len());
            prop_assert!(unpack(shorter).count() <= whole + 1);
        }

        #[test]
        fn an_open_row_gives_back_its_parts(before in 0_usize..70_000, key in prop::option::of(any::<[u8; 20]>()), row: Vec<u8>) {
            let open = Open { before, key: key.as_ref(), row: &row };
            let bytes = open.encode();
            let back = Open::decode(&bytes).unwrap();
            prop_assert_eq!((back.before, back.key, back.row), (before, key.as_ref(), row.as_slice()));
            prop_assert_eq!(back.end(), before + 4 + row.len());
        }
    }

    #[test]
    fn a_signature_of_zeros_is_none() {
        let row = encode(b"entry", &[0; 64], None).unwrap();
        let row = decode(3, &row).unwrap();
        assert_eq!((row.index, row.entry, row.signature, row.detached), (3, b"entry".as_slice(), None, None));
        assert!(encode(&vec![0; 65_536], &[1; 64], None).is_none());
        assert!(Open::decode(&[0, 0, 0, 0, 2, 9]).is_none());
    }
}
