//! Entries in blocks: the latest stand one by one in the table `tail`; when they fill a block, they move together to `blocks`, and their
//! idempotency keys to the index. So a commit touches one table, and everything before the tail lies in large pieces that are read in
//! their order ([`row`](super::row) has the bytes).

use std::collections::BTreeMap;

use redb::{ReadOnlyTable, ReadTransaction, ReadableTable, Table, TableDefinition, WriteTransaction};

use super::row::{self, BLOCK, Open, Row};
use super::{IDEMPOTENCY, StoreError, stop};

/// Sequence to the open row.
const TAIL: TableDefinition<'_, u64, &[u8]> = TableDefinition::new(TABLES[0]);
/// First sequence to the block.
const BLOCKS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new(TABLES[1]);

/// Their names.
pub(super) const TABLES: [&str; 2] = ["tail", "blocks"];

/// Fails for a row that makes no sense.
fn open(index: u64, bytes: &[u8]) -> Result<Open<'_>, StoreError> {
    Open::decode(bytes).ok_or_else(|| damaged("row", index))
}

/// Idempotency keys that stand beside their rows in the tail, with their entries.
pub(super) type LateKeys = BTreeMap<[u8; 20], u64>;

fn damaged(what: &str, at: u64) -> StoreError {
    StoreError::Damaged(format!("{what} {at} makes no sense"))
}

/// Where the rows of a block end.
fn end_of(first: u64, block: &[u8]) -> Result<u64, StoreError> {
    let mut end = first;
    for row in row::unpack(block) {
        row.ok_or_else(|| damaged("block", first))?;
        end = end.checked_add(1).ok_or_else(|| damaged("block", first))?;
    }
    if end == first { Err(damaged("block", first)) } else { Ok(end) }
}

/// Reading.
pub(super) struct Packed {
    tail: ReadOnlyTable<u64, &'static [u8]>,
    blocks: ReadOnlyTable<u64, &'static [u8]>,
}

impl Packed {
    pub(super) fn of(txn: &ReadTransaction) -> Result<Self, StoreError> {
        Ok(Self { tail: txn.open_table(TAIL).map_err(stop)?, blocks: txn.open_table(BLOCKS).map_err(stop)? })
    }

    pub(super) fn size(&self) -> Result<u64, StoreError> {
        if let Some((last, _)) = self.tail.last().map_err(stop)? {
            return Ok(last.value().saturating_add(1));
        }
        let last = self.blocks.last().map_err(stop)?;
        last.map_or(Ok(0), |(first, block)| end_of(first.value(), block.value()))
    }

    /// Whether rows stand beyond so many entries.
    pub(super) fn has_beyond(&self, size: u64) -> Result<bool, StoreError> {
        let block = self.blocks.range(size..).map_err(stop)?.next().transpose().map_err(stop)?;
        let row = self.tail.range(size..).map_err(stop)?.next().transpose().map_err(stop)?;
        Ok(block.is_some() || row.is_some())
    }

    /// The idempotency keys of the tail, which are not in the index yet.
    pub(super) fn keys(&self) -> Result<LateKeys, StoreError> {
        let mut keys = LateKeys::new();
        for pair in self.tail.iter().map_err(stop)? {
            let (at, bytes) = pair.map_err(stop)?;
            keys.extend(open(at.value(), bytes.value())?.key.map(|key| (*key, at.value())));
        }
        Ok(keys)
    }

    /// The row of a number.
    pub(super) fn with<T>(
        &self,
        index: u64,
        part: impl FnOnce(Row<'_>) -> T,
    ) -> Result<Option<T>, StoreError> {
        let wrong = || damaged("row", index);
        if let Some(bytes) = self.tail.get(index).map_err(stop)? {
            let open = open(index, bytes.value())?;
            return row::decode(index, open.row).map(part).map(Some).ok_or_else(wrong);
        }
        let block = self.blocks.range(..=index).map_err(stop)?.next_back().transpose().map_err(stop)?;
        let Some((first, block)) = block else { return Ok(None) };
        let Ok(place) = usize::try_from(index - first.value()) else { return Ok(None) };
        match row::unpack(block.value()).nth(place) {
            None => Ok(None),
            Some(row) => row.and_then(|row| row::decode(index, row)).map(part).map(Some).ok_or_else(wrong),
        }
    }

    /// Rows `from..to` that are there, in their order and by blocks, until `visit` says `false`.
    pub(super) fn walk(
        &self,
        from: u64,
        to: u64,
        mut visit: impl FnMut(&[Row<'_>]) -> bool,
    ) -> Result<(), StoreError> {
        let before = self.blocks.range(..=from).map_err(stop)?.next_back().transpose().map_err(stop)?;
        let start = before.map_or(from, |(first, _)| first.value());
        let mut end = 0;
        for pair in self.blocks.range(start..to.max(start)).map_err(stop)? {
            let (first, block) = pair.map_err(stop)?;
            let first = first.value();
            if first < end {
                return Err(damaged("block", first));
            }
            end = end_of(first, block.value())?;
            let past = usize::try_from(from.saturating_sub(first)).unwrap_or(usize::MAX);
            let numbered = (first..to).zip(row::unpack(block.value())).skip(past);
            let mut rows = numbered.map(|(index, row)| {
                row.and_then(|row| row::decode(index, row)).ok_or_else(|| damaged("row", index))
            });
            let (rows, wrong) = whole(&mut rows);
            if !visit(&rows) {
                return Ok(());
            }
            wrong?;
        }
        // No other block and no row of the tail may say what a block says.
        let next = self.blocks.range(to.max(start)..).map_err(stop)?.next().transpose().map_err(stop)?;
        let tail = self.tail.first().map_err(stop)?;
        if next.is_some_and(|(first, _)| first.value() < end)
            || tail.is_some_and(|(first, _)| first.value() < end)
        {
            return Err(damaged("the end of a block before", end));
        }
        for pair in self.tail.range(from..to.max(from)).map_err(stop)? {
            let (index, bytes) = pair.map_err(stop)?;
            let index = index.value();
            let row = row::decode(index, open(index, bytes.value())?.row);
            if !visit(&[row.ok_or_else(|| damaged("row", index))?]) {
                break;
            }
        }
        Ok(())
    }
}

/// The rows before the first that makes no sense, and that one's error.
fn whole<'a>(
    rows: &mut impl Iterator<Item = Result<Row<'a>, StoreError>>,
) -> (Vec<Row<'a>>, Result<(), StoreError>) {
    let mut wrong = Ok(());
    let rows = rows.map_while(|row| row.map_err(|error| wrong = Err(error)).ok()).collect();
    (rows, wrong)
}

/// Makes the tables.
pub(super) fn create(txn: &WriteTransaction) -> Result<(), StoreError> {
    txn.open_table(TAIL).map_err(stop)?;
    txn.open_table(BLOCKS).map_err(stop)?;
    Ok(())
}

/// Writing within a transaction.
pub(super) struct Writer<'txn> {
    tail: Table<'txn, u64, &'static [u8]>,
    blocks: Table<'txn, u64, &'static [u8]>,
    idempotency: Table<'txn, &'static [u8; 20], u64>,
    /// The number of the next row, and the bytes of the open block.
    end: (u64, usize),
    /// The idempotency keys of the open block.
    late: LateKeys,
}

/// Why a row was not written: a contradiction, not a failure.
pub(super) type Refused = &'static str;

impl<'txn> Writer<'txn> {
    /// `late` are the idempotency keys of the open block as it stands.
    pub(super) fn new(txn: &'txn WriteTransaction, late: LateKeys) -> Result<Self, StoreError> {
        let tail = txn.open_table(TAIL).map_err(stop)?;
        let blocks = txn.open_table(BLOCKS).map_err(stop)?;
        let idempotency = txn.open_table(IDEMPOTENCY).map_err(stop)?;
        let end = if let Some((last, bytes)) = tail.last().map_err(stop)? {
            let at = last.value();
            (at.saturating_add(1), open(at, bytes.value())?.end())
        } else {
            let last = blocks.last().map_err(stop)?;
            (last.map_or(Ok(0), |(first, block)| end_of(first.value(), block.value()))?, 0)
        };
        Ok(Self { tail, blocks, idempotency, end, late })
    }

    /// Puts the next row at the end, reads it back, and keeps its idempotency key, which no other row may have.
    pub(super) fn put(
        &mut self,
        index: u64,
        key: Option<&[u8; 20]>,
        row: &[u8],
    ) -> Result<Result<(), Refused>, StoreError> {
        let (next, mut before) = self.end;
        if next != index {
            return Ok(Err("it would not follow the last entry"));
        }
        if let Some(key) = key
            && (self.late.contains_key(key) || self.idempotency.get(key).map_err(stop)?.is_some())
        {
            return Ok(Err("its idempotency key is taken"));
        }
        if before > 0 && before + row::in_block(row) > BLOCK {
            if let Err(refused) = self.close_block()? {
                return Ok(Err(refused));
            }
            before = 0;
        }
        let open = Open { before, key, row };
        let bytes = open.encode();
        self.tail.insert(index, bytes.as_slice()).map_err(stop)?;
        self.end = (index.saturating_add(1), open.end());
        self.late.extend(key.map(|key| (*key, index)));
        let same = self.tail.get(index).map_err(stop)?.is_some_and(|stored| stored.value() == bytes);
        Ok(if same { Ok(()) } else { Err("the bytes read back are not those written") })
    }

    /// Moves the rows of the tail to a block of their own.
    fn close_block(&mut self) -> Result<Result<(), Refused>, StoreError> {
        let mut block = Vec::with_capacity(BLOCK);
        let mut start = None;
        for pair in self.tail.iter().map_err(stop)? {
            let (at, bytes) = pair.map_err(stop)?;
            let open = open(at.value(), bytes.value())?;
            row::pack(&mut block, open.row);
            start.get_or_insert(at.value());
            if let Some(key) = open.key
                && self.idempotency.insert(key, at.value()).map_err(stop)?.is_some()
            {
                return Ok(Err("an idempotency key of the block is taken"));
            }
        }
        let Some(first) = start else { return Ok(Ok(())) };
        self.blocks.insert(first, block.as_slice()).map_err(stop)?;
        if self.blocks.get(first).map_err(stop)?.is_none_or(|stored| stored.value() != block) {
            return Ok(Err("the block read back is not that written"));
        }
        self.tail.retain(|_, _| false).map_err(stop)?;
        self.late.clear();
        Ok(Ok(()))
    }

    /// The idempotency keys of the open block, when what was put is committed.
    pub(super) fn late(self) -> LateKeys {
        self.late
    }
}
