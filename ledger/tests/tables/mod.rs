//! The tables of a ledger laid apart, as somebody with the file and `docs/ledger-format.md` would, and packed again: a second reading and
//! writing of the format, which takes what an attacker leaves (gaps, rows without signatures) as it is.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::path::Path;

use redb::{Database, ReadableTable as _, TableDefinition, WriteTransaction};

pub(crate) const ENTRIES: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("entries");
pub(crate) const SIGNATURES: TableDefinition<'_, u64, &[u8; 64]> = TableDefinition::new("signatures");
pub(crate) const DETACHED: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("detached");
pub(crate) const IDEMPOTENCY: TableDefinition<'_, &[u8; 20], u64> = TableDefinition::new("idempotency");
pub(crate) const KEYS: TableDefinition<'_, &[u8; 16], &[u8]> = TableDefinition::new("keys");
pub(crate) const TAIL: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("tail");
pub(crate) const BLOCKS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("blocks");

/// Changes a closed ledger's tables, laid apart, as somebody with the file would.
pub(crate) fn attack(folder: &Path, act: impl FnOnce(&WriteTransaction)) {
    raw(folder, |txn| {
        unpack(txn);
        act(txn);
        pack(txn);
    });
}

/// Changes its tables as they are.
pub(crate) fn raw(folder: &Path, act: impl FnOnce(&WriteTransaction)) {
    let db = Database::open(folder.join("ledger.redb")).unwrap();
    let txn = db.begin_write().unwrap();
    act(&txn);
    txn.commit().unwrap();
}

/// As every ledger was before blocks.
pub(crate) fn unpack(txn: &WriteTransaction) {
    let mut rows = Vec::new();
    for pair in txn.open_table(BLOCKS).unwrap().iter().unwrap() {
        let (first, block) = pair.unwrap();
        let mut rest = block.value();
        for at in first.value().. {
            let Some((length, after)) = rest.split_first_chunk::<4>() else { break };
            let (row, after) = after.split_at(u32::from_be_bytes(*length) as usize);
            rows.push((at, row.to_vec()));
            rest = after;
        }
    }
    let mut keys = txn.open_table(IDEMPOTENCY).unwrap();
    for pair in txn.open_table(TAIL).unwrap().iter().unwrap() {
        let (at, bytes) = pair.unwrap();
        let row = match bytes.value()[4] {
            0 => &bytes.value()[5..],
            _ => {
                let key: &[u8; 20] = bytes.value()[5..25].try_into().unwrap();
                keys.insert(key, at.value()).unwrap();
                &bytes.value()[25..]
            }
        };
        rows.push((at.value(), row.to_vec()));
    }
    txn.delete_table(BLOCKS).unwrap();
    txn.delete_table(TAIL).unwrap();
    let mut entries = txn.open_table(ENTRIES).unwrap();
    let mut signatures = txn.open_table(SIGNATURES).unwrap();
    let mut detached = txn.open_table(DETACHED).unwrap();
    for (at, row) in rows {
        let (signature, rest) = row.split_first_chunk::<64>().unwrap();
        let (length, rest) = rest.split_first_chunk::<2>().unwrap();
        let (entry, sealed) = rest.split_at(usize::from(u16::from_be_bytes(*length)));
        entries.insert(at, entry).unwrap();
        signatures.insert(at + 1, signature).unwrap();
        if !sealed.is_empty() {
            detached.insert(at, sealed).unwrap();
        }
    }
}

/// As ledgers are now. A gap ends a block; of an entry that is gone, nothing stays.
fn pack(txn: &WriteTransaction) {
    let mut packed: Vec<(u64, Vec<Vec<u8>>)> = Vec::new();
    {
        let entries = txn.open_table(ENTRIES).unwrap();
        let signatures = txn.open_table(SIGNATURES).unwrap();
        let detached = txn.open_table(DETACHED).unwrap();
        let mut length = 0;
        for pair in entries.iter().unwrap() {
            let (at, entry) = (pair.as_ref().unwrap().0.value(), pair.unwrap().1.value().to_vec());
            let signature = signatures.get(at + 1).unwrap().map_or([0; 64], |signature| *signature.value());
            let sealed = detached.get(at).unwrap().map(|sealed| sealed.value().to_vec()).unwrap_or_default();
            let size = u16::try_from(entry.len()).unwrap().to_be_bytes();
            let row = [&signature[..], &size, &entry, &sealed].concat();
            length += 4 + row.len();
            match packed.last_mut() {
                Some((first, rows)) if *first + rows.len() as u64 == at && length <= 65_500 => rows.push(row),
                _ => {
                    length = 4 + row.len();
                    packed.push((at, vec![row]));
                }
            }
        }
    }
    for table in [ENTRIES, DETACHED] {
        txn.delete_table(table).unwrap();
    }
    txn.delete_table(SIGNATURES).unwrap();
    let mut tail = txn.open_table(TAIL).unwrap();
    let mut blocks = txn.open_table(BLOCKS).unwrap();
    let last = packed.pop();
    for (first, rows) in packed {
        let mut block = Vec::new();
        for row in rows {
            block.extend(length_of(&row).to_be_bytes());
            block.extend(row);
        }
        blocks.insert(first, block.as_slice()).unwrap();
    }
    let (first, rows) = last.unwrap();
    let mut before = 0_u32;
    for (at, row) in (first..).zip(rows) {
        tail.insert(at, [&before.to_be_bytes()[..], &[0], &row].concat().as_slice()).unwrap();
        before += 4 + length_of(&row);
    }
}

fn length_of(row: &[u8]) -> u32 {
    u32::try_from(row.len()).unwrap()
}
