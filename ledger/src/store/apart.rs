//! The tables that ledgers had before blocks (decision 0073): entries, signatures and encrypted data apart. They are read for ever; a ledger
//! that is opened for writing is packed first ([`packed`](super::packed)).

use redb::{
    ReadOnlyTable, ReadTransaction, ReadableTable as _, ReadableTableMetadata as _, TableDefinition,
    TableHandle as _, WriteTransaction,
};

use super::row::Row;
use super::{StoreError, stop};

/// The names of the tables.
pub(super) const TABLES: [&str; 3] = ["entries", "signatures", "detached"];
pub(super) const ENTRIES: TableDefinition<'_, u64, &[u8]> = TableDefinition::new(TABLES[0]);
pub(super) const SIGNATURES: TableDefinition<'_, u64, &[u8; 64]> = TableDefinition::new(TABLES[1]);
pub(super) const DETACHED: TableDefinition<'_, u64, &[u8]> = TableDefinition::new(TABLES[2]);

pub(super) struct Apart {
    entries: ReadOnlyTable<u64, &'static [u8]>,
    signatures: ReadOnlyTable<u64, &'static [u8; 64]>,
    detached: ReadOnlyTable<u64, &'static [u8]>,
}

/// Whether the entries lie in these tables.
pub(super) fn is(txn: &ReadTransaction) -> Result<bool, StoreError> {
    Ok(txn.list_tables().map_err(stop)?.any(|table| table.name() == ENTRIES.name()))
}

/// Removes the tables.
pub(super) fn remove(txn: &WriteTransaction) -> Result<(), StoreError> {
    txn.delete_table(ENTRIES).map_err(stop)?;
    txn.delete_table(SIGNATURES).map_err(stop)?;
    txn.delete_table(DETACHED).map_err(stop)?;
    Ok(())
}

impl Apart {
    pub(super) fn of(txn: &ReadTransaction) -> Result<Self, StoreError> {
        Ok(Self {
            entries: txn.open_table(ENTRIES).map_err(stop)?,
            signatures: txn.open_table(SIGNATURES).map_err(stop)?,
            detached: txn.open_table(DETACHED).map_err(stop)?,
        })
    }

    pub(super) fn size(&self) -> Result<u64, StoreError> {
        Ok(self.entries.last().map_err(stop)?.map_or(0, |(last, _)| last.value().saturating_add(1)))
    }

    /// Rows of signatures and of encrypted data.
    pub(super) fn beside(&self) -> Result<(u64, u64), StoreError> {
        Ok((self.signatures.len().map_err(stop)?, self.detached.len().map_err(stop)?))
    }

    pub(super) fn with<T>(
        &self,
        index: u64,
        part: impl FnOnce(Row<'_>) -> T,
    ) -> Result<Option<T>, StoreError> {
        let Some(entry) = self.entries.get(index).map_err(stop)? else { return Ok(None) };
        let signature = self.signatures.get(index.saturating_add(1)).map_err(stop)?;
        let detached = self.detached.get(index).map_err(stop)?;
        Ok(Some(part(Row {
            index,
            entry: entry.value(),
            signature: signature.as_ref().map(redb::AccessGuard::value),
            detached: detached.as_ref().map(redb::AccessGuard::value),
            leaf: None,
        })))
    }

    /// One walk over three tables, without a look-up for each entry; rows come one by one.
    pub(super) fn walk(
        &self,
        from: u64,
        to: u64,
        mut visit: impl FnMut(&[Row<'_>]) -> bool,
    ) -> Result<(), StoreError> {
        let mut signatures =
            self.signatures.range(from.saturating_add(1)..to.saturating_add(1)).map_err(stop)?;
        let mut detached = self.detached.range(from..to).map_err(stop)?;
        let mut signature = signatures.next().transpose().map_err(stop)?;
        let mut sealed = detached.next().transpose().map_err(stop)?;
        for pair in self.entries.range(from..to).map_err(stop)? {
            let (key, entry) = pair.map_err(stop)?;
            let index = key.value();
            while signature.as_ref().is_some_and(|(size, _)| size.value() <= index) {
                signature = signatures.next().transpose().map_err(stop)?;
            }
            while sealed.as_ref().is_some_and(|(at, _)| at.value() < index) {
                sealed = detached.next().transpose().map_err(stop)?;
            }
            let row = Row {
                index,
                leaf: None,
                entry: entry.value(),
                signature: signature
                    .as_ref()
                    .filter(|(size, _)| size.value() == index + 1)
                    .map(|(_, value)| value.value()),
                detached: sealed
                    .as_ref()
                    .filter(|(at, _)| at.value() == index)
                    .map(|(_, value)| value.value()),
            };
            if !visit(&[row]) {
                break;
            }
        }
        Ok(())
    }
}
