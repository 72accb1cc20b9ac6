//! The file of an index: sealed sections of facts, and where each lot stands. It is disposable: whatever is wrong with it, it is made again.

use std::path::Path;

use redb::{Database, Durability, ReadOnlyTable, ReadableDatabase as _, TableDefinition, TableHandle as _};

use super::{Reading, Sharing, StoreError, stop};

const INDEX_META: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("index_meta");
const SECTIONS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("sections");
const LOTS: TableDefinition<'_, (&[u8; 32], u64), ()> = TableDefinition::new("lots");

/// An index, open.
#[derive(Debug)]
pub(crate) struct IndexFile {
    db: Database,
}

/// A place in a lot's list: the keyed hash of the lot, and the entry.
pub(crate) type LotPlace = ([u8; 32], u64);

impl IndexFile {
    /// Whether an index may stand in this file: it is not there, or empty, or an index. Whatever else it is, a ledger, a key or somebody's
    /// report, is left as it is.
    pub(crate) fn may_stand_in(path: &Path) -> Result<bool, StoreError> {
        if std::fs::metadata(path).map_or(true, |file| file.len() == 0 && file.is_file()) {
            return Ok(true);
        }
        // The last one is of earlier programs, whose index is made again.
        let own = [INDEX_META.name(), SECTIONS.name(), LOTS.name(), "chunks"];
        match Reading::alone(path).and_then(|reading| reading.tables()) {
            Ok(tables) => Ok(tables.iter().all(|table| own.contains(&table.as_str()))),
            Err(StoreError::Busy) => Err(StoreError::Busy),
            Err(_) => Ok(false),
        }
    }

    /// Opens the file, or makes it.
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        let db = Sharing::Alone.builder().create(path).map_err(stop)?;
        let file = Self { db };
        if file.is_laid_out()? {
            return Ok(file);
        }
        let txn = file.db.begin_write().map_err(stop)?;
        txn.open_table(INDEX_META).map_err(stop)?;
        txn.open_table(SECTIONS).map_err(stop)?;
        txn.open_table(LOTS).map_err(stop)?;
        txn.commit().map_err(stop)?;
        Ok(file)
    }

    /// Whether its tables are there: looking costs no flush.
    fn is_laid_out(&self) -> Result<bool, StoreError> {
        let txn = self.db.begin_read().map_err(stop)?;
        let names: Vec<String> =
            txn.list_tables().map_err(stop)?.map(|table| table.name().to_owned()).collect();
        let all = [INDEX_META.name(), SECTIONS.name(), LOTS.name()];
        Ok(all.iter().all(|name| names.iter().any(|known| known == name)))
    }

    /// What it says that it is an index of.
    pub(crate) fn meta(&self) -> Result<Option<Vec<u8>>, StoreError> {
        let txn = self.db.begin_read().map_err(stop)?;
        let table = txn.open_table(INDEX_META).map_err(stop)?;
        Ok(table.get("of").map_err(stop)?.map(|value| value.value().to_vec()))
    }

    /// Replaces sections and says what the index is of now, all or nothing. `from` 0 begins anew.
    pub(crate) fn put(
        &self,
        meta: &[u8],
        from: u64,
        sections: &[(u64, Vec<u8>)],
        lots: &[LotPlace],
        last: bool,
    ) -> Result<(), StoreError> {
        let mut txn = self.db.begin_write().map_err(stop)?;
        // Only the last one of a building needs the disk: what a power cut takes is made again.
        let durability = if last { Durability::Immediate } else { Durability::None };
        txn.set_durability(durability).map_err(stop)?;
        {
            if from == 0 {
                txn.delete_table(SECTIONS).map_err(stop)?;
                txn.delete_table(LOTS).map_err(stop)?;
            }
            let mut table = txn.open_table(SECTIONS).map_err(stop)?;
            for (key, sealed) in sections {
                table.insert(key, sealed.as_slice()).map_err(stop)?;
            }
            let mut table = txn.open_table(LOTS).map_err(stop)?;
            for (lot, sequence) in lots {
                table.insert((lot, *sequence), ()).map_err(stop)?;
            }
            txn.open_table(INDEX_META).map_err(stop)?.insert("of", meta).map_err(stop)?;
        }
        txn.commit().map_err(stop)
    }

    /// The sections as they stand now.
    pub(crate) fn sections(&self) -> Result<Sections, StoreError> {
        let txn = self.db.begin_read().map_err(stop)?;
        Ok(Sections(txn.open_table(SECTIONS).map_err(stop)?))
    }

    /// The entries of a lot.
    pub(crate) fn lot(&self, lot: &[u8; 32]) -> Result<Vec<u64>, StoreError> {
        let txn = self.db.begin_read().map_err(stop)?;
        let table = txn.open_table(LOTS).map_err(stop)?;
        let mut found = Vec::new();
        for pair in table.range((lot, 0)..=(lot, u64::MAX)).map_err(stop)? {
            found.push(pair.map_err(stop)?.0.value().1);
        }
        Ok(found)
    }
}

/// The sections of an index, for one reader.
pub(crate) struct Sections(ReadOnlyTable<u64, &'static [u8]>);

impl Sections {
    /// Calls `read` with a sealed section; `None` when it is not there.
    pub(crate) fn with<T>(&self, key: u64, read: impl FnOnce(&[u8]) -> T) -> Result<Option<T>, StoreError> {
        Ok(self.0.get(key).map_err(stop)?.map(|value| read(value.value())))
    }
}
