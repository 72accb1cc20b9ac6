//! Reading: a snapshot of all tables, of a file that is live, closed or was left by a crash.

use std::path::Path;

use redb::{
    Database, ReadOnlyDatabase, ReadOnlyTable, ReadableDatabase as _, ReadableTable as _,
    ReadableTableMetadata as _,
};

use super::overlay::Overlay;
use super::{
    DETACHED, ENTRIES, IDEMPOTENCY, KEY_INDEX, KEYS, META, POLICIES, SIGNATURES, Sharing, StoreError, TILES,
    stop, tile_key,
};
use crate::hash::Hash;

/// A database that is only read: live beside its writer, closed, or after an unclean stop.
pub enum Reading {
    /// As it stands on the disk.
    File(ReadOnlyDatabase),
    /// Repaired in memory; the file is not touched.
    Repaired(Database),
}

impl std::fmt::Debug for Reading {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::File(_) => "Reading::File(..)",
            Self::Repaired(_) => "Reading::Repaired(..)",
        })
    }
}

impl Reading {
    /// Opens a file for reading, beside a live writer too. After an unclean stop it is repaired in memory alone.
    ///
    /// # Errors
    /// When it is missing, in exclusive use or damaged.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        match Sharing::LiveReaders.builder().open_read_only(path).map_err(stop) {
            Ok(db) => Ok(Self::File(db)),
            Err(StoreError::Unclean) => Self::repaired(path),
            Err(other) => Err(other),
        }
    }

    /// Opens for reading under a lock that excludes a writer, and closes again.
    fn open_alone(path: &Path) -> Result<(), StoreError> {
        Sharing::Alone.builder().open_read_only(path).map(drop).map_err(stop)
    }

    fn repaired(path: &Path) -> Result<Self, StoreError> {
        let overlay = Overlay::open(path).map_err(StoreError::Io)?;
        let db = Sharing::Alone.builder().create_with_backend(overlay).map_err(stop)?;
        Ok(Self::Repaired(db))
    }

    /// Whether the file had not been closed in an orderly way.
    pub const fn was_unclean(&self) -> bool {
        matches!(self, Self::Repaired(_))
    }

    /// What is stored now.
    ///
    /// # Errors
    /// When reading fails.
    pub fn view(&self) -> Result<View, StoreError> {
        let txn = match self {
            Self::File(db) => db.begin_read(),
            Self::Repaired(db) => db.begin_read(),
        };
        View::of(&txn.map_err(stop)?)
    }

    /// Whether a process has the file open for writing.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn in_use(path: &Path) -> Result<bool, StoreError> {
        match Self::open_alone(path) {
            Ok(()) | Err(StoreError::Unclean) => Ok(false),
            Err(StoreError::Busy) => Ok(true),
            Err(other) => Err(other),
        }
    }

    /// Checks every page of a file that nobody writes, in memory: `false` when a page's checksum does not hold, although the
    /// content may be whole.
    ///
    /// # Errors
    /// When the file cannot be read at all, or makes no sense.
    pub fn pages_hold(path: &Path) -> Result<bool, StoreError> {
        let overlay = Overlay::open(path).map_err(StoreError::Io)?;
        let mut db = Sharing::Alone.builder().create_with_backend(overlay).map_err(stop)?;
        db.check_integrity().map_err(stop)
    }
}

/// One snapshot of all tables.
pub struct View {
    entries: ReadOnlyTable<u64, &'static [u8]>,
    signatures: ReadOnlyTable<u64, &'static [u8; 64]>,
    detached: ReadOnlyTable<u64, &'static [u8]>,
    idempotency: ReadOnlyTable<&'static [u8; 20], u64>,
    tiles: ReadOnlyTable<u64, &'static [u8; 32]>,
    keys: ReadOnlyTable<&'static [u8; 16], &'static [u8]>,
    key_index: ReadOnlyTable<&'static [u8; 34], &'static [u8; 16]>,
    policies: ReadOnlyTable<&'static [u8; 32], &'static [u8]>,
    meta: ReadOnlyTable<&'static str, &'static [u8]>,
}

impl std::fmt::Debug for View {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("View(..)")
    }
}

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
    pub leaf: Option<&'a Hash>,
}

/// Looks idempotency keys up in the order in which sessions count, where the next key is the next row and no search is needed.
pub struct KeyWalk<'a> {
    view: &'a View,
    rows: Option<redb::Range<'a, &'static [u8; 20], u64>>,
}

impl std::fmt::Debug for KeyWalk<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeyWalk(..)")
    }
}

impl KeyWalk<'_> {
    /// The entry with an idempotency key.
    ///
    /// # Errors
    /// When reading fails.
    pub fn sequence_of(&mut self, key: &[u8; 20]) -> Result<Option<u64>, StoreError> {
        let next = self.rows.as_mut().and_then(Iterator::next).transpose().map_err(stop)?;
        if let Some((found, at)) = next
            && found.value() == key
        {
            return Ok(Some(at.value()));
        }
        let mut rows = self.view.idempotency.range::<&[u8; 20]>(key..).map_err(stop)?;
        let first = rows.next().transpose().map_err(stop)?;
        self.rows = Some(rows);
        Ok(first.filter(|(found, _)| found.value() == key).map(|(_, at)| at.value()))
    }
}

/// Walks one table: `$name(visit)` calls `visit` for each pair until it says stop.
macro_rules! walk {
    ($(#[$doc:meta])* $name:ident, $table:ident, $key:ty, $value:ty, $key_of:expr) => {
        $(#[$doc])*
        ///
        /// # Errors
        /// When reading fails.
        pub fn $name(&self, mut visit: impl FnMut($key, $value)) -> Result<(), StoreError> {
            for pair in self.$table.iter().map_err(stop)? {
                let (key, value) = pair.map_err(stop)?;
                visit($key_of(key.value()), value.value());
            }
            Ok(())
        }
    };
}

impl View {
    pub(super) fn of(txn: &redb::ReadTransaction) -> Result<Self, StoreError> {
        Ok(Self {
            entries: txn.open_table(ENTRIES).map_err(stop)?,
            signatures: txn.open_table(SIGNATURES).map_err(stop)?,
            detached: txn.open_table(DETACHED).map_err(stop)?,
            idempotency: txn.open_table(IDEMPOTENCY).map_err(stop)?,
            tiles: txn.open_table(TILES).map_err(stop)?,
            keys: txn.open_table(KEYS).map_err(stop)?,
            key_index: txn.open_table(KEY_INDEX).map_err(stop)?,
            policies: txn.open_table(POLICIES).map_err(stop)?,
            meta: txn.open_table(META).map_err(stop)?,
        })
    }

    /// Entries.
    ///
    /// # Errors
    /// When reading fails.
    pub fn size(&self) -> Result<u64, StoreError> {
        Ok(self.entries.last().map_err(stop)?.map_or(0, |(last, _)| last.value().saturating_add(1)))
    }

    /// How many rows the tables of entries, signatures, detached data and idempotency keys have.
    ///
    /// # Errors
    /// When reading fails.
    pub fn rows(&self) -> Result<[u64; 4], StoreError> {
        Ok([
            self.entries.len().map_err(stop)?,
            self.signatures.len().map_err(stop)?,
            self.detached.len().map_err(stop)?,
            self.idempotency.len().map_err(stop)?,
        ])
    }

    /// The bytes of an entry.
    ///
    /// # Errors
    /// When reading fails.
    pub fn entry(&self, sequence: u64) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.entries.get(sequence).map_err(stop)?.map(|value| value.value().to_vec()))
    }

    /// Entries `from..`, in the order of their keys, until `visit` says `false`.
    ///
    /// # Errors
    /// When reading fails.
    pub fn entries(&self, from: u64, mut visit: impl FnMut(u64, &[u8]) -> bool) -> Result<(), StoreError> {
        for pair in self.entries.range(from..).map_err(stop)? {
            let (key, value) = pair.map_err(stop)?;
            if !visit(key.value(), value.value()) {
                break;
            }
        }
        Ok(())
    }

    /// Entries `from..to` with what is stored beside each, in the order of their keys, until `visit` says `false`. One walk over
    /// three tables, without a look-up for each entry.
    ///
    /// # Errors
    /// When reading fails.
    pub fn rows_between(
        &self,
        from: u64,
        to: u64,
        mut visit: impl FnMut(Row<'_>) -> bool,
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
            if !visit(row) {
                break;
            }
        }
        Ok(())
    }

    /// The signature of the checkpoint of a size.
    ///
    /// # Errors
    /// When reading fails.
    pub fn signature(&self, size: u64) -> Result<Option<[u8; 64]>, StoreError> {
        Ok(self.signatures.get(size).map_err(stop)?.map(|value| *value.value()))
    }

    /// The encrypted data of an entry.
    ///
    /// # Errors
    /// When reading fails.
    pub fn detached(&self, sequence: u64) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.detached.get(sequence).map_err(stop)?.map(|value| value.value().to_vec()))
    }

    /// The entry with an idempotency key.
    ///
    /// # Errors
    /// When reading fails.
    pub fn sequence_of(&self, key: &[u8; 20]) -> Result<Option<u64>, StoreError> {
        Ok(self.idempotency.get(key).map_err(stop)?.map(|value| value.value()))
    }

    /// Begins to look keys up.
    pub const fn key_walk(&self) -> KeyWalk<'_> {
        KeyWalk { view: self, rows: None }
    }

    /// A stored node.
    ///
    /// # Errors
    /// When reading fails.
    pub fn tile(&self, level: u8, index: u64) -> Result<Option<Hash>, StoreError> {
        Ok(self.tiles.get(tile_key(level, index)).map_err(stop)?.map(|value| *value.value()))
    }

    /// The record of a patient key.
    ///
    /// # Errors
    /// When reading fails.
    pub fn key(&self, id: &[u8; 16]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.keys.get(id).map_err(stop)?.map(|value| value.value().to_vec()))
    }

    /// The id of a patient's key of a year.
    ///
    /// # Errors
    /// When reading fails.
    pub fn key_id(&self, index: &[u8; 34]) -> Result<Option<[u8; 16]>, StoreError> {
        Ok(self.key_index.get(index).map_err(stop)?.map(|value| *value.value()))
    }

    /// A policy.
    ///
    /// # Errors
    /// When reading fails.
    pub fn policy(&self, hash: &Hash) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.policies.get(hash).map_err(stop)?.map(|value| value.value().to_vec()))
    }

    /// A meta value.
    ///
    /// # Errors
    /// When reading fails.
    pub fn meta(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.meta.get(name).map_err(stop)?.map(|value| value.value().to_vec()))
    }

    walk!(
        /// Every idempotency key with its entry.
        idempotency_keys, idempotency, &[u8; 20], u64, |key| key
    );
    walk!(
        /// Every stored node: its level and index in one number, as in the table above.
        tiles, tiles, (u8, u64), &Hash, |key: u64| ((key >> 56).to_be_bytes()[7], key & ((1 << 56) - 1))
    );
    walk!(
        /// Every patient key record.
        keys, keys, &[u8; 16], &[u8], |key| key
    );
    walk!(
        /// Every index row of patient keys.
        key_index, key_index, &[u8; 34], &[u8; 16], |key| key
    );
    walk!(
        /// Every policy.
        policies, policies, &Hash, &[u8], |key| key
    );
    walk!(
        /// Every meta value.
        metas, meta, &str, &[u8], |key| key
    );
}
