//! Reading: a snapshot of all tables, of a file that is live, closed or was left by a crash.

use std::path::Path;

use redb::{
    Builder, Database, MultimapTableHandle as _, ReadOnlyDatabase, ReadOnlyTable, ReadableDatabase as _,
    ReadableTable as _, ReadableTableMetadata as _, TableHandle as _,
};

use super::apart::{self, Apart};
use super::overlay::Overlay;
use super::packed::{LateKeys, Packed};
use super::row::Row;
use super::{
    CACHE_BYTES_ONCE, IDEMPOTENCY, KEY_INDEX, KEYS, META, POLICIES, Sharing, StoreError, TILES, stop,
    tile_key,
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
        Self::open_with(path, &Sharing::LiveReaders.builder())
    }

    /// As [`open`](Self::open), for going through the entries once, in their order.
    ///
    /// # Errors
    /// As there.
    pub fn open_once(path: &Path) -> Result<Self, StoreError> {
        Self::open_with(path, &Sharing::LiveReaders.builder_with(CACHE_BYTES_ONCE))
    }

    fn open_with(path: &Path, builder: &Builder) -> Result<Self, StoreError> {
        match builder.open_read_only(path).map_err(stop) {
            Ok(db) => Ok(Self::File(db)),
            Err(StoreError::Unclean) => Self::repaired(path),
            Err(other) => Err(other),
        }
    }

    /// As [`open`](Self::open), while nobody may write.
    pub(super) fn alone(path: &Path) -> Result<Self, StoreError> {
        Self::open_with(path, &Sharing::Alone.builder())
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
        View::of(&self.begin()?)
    }

    /// The names of all tables.
    ///
    /// # Errors
    /// When reading fails.
    pub fn tables(&self) -> Result<Vec<String>, StoreError> {
        let txn = self.begin()?;
        let plain: Vec<String> =
            txn.list_tables().map_err(stop)?.map(|table| table.name().to_owned()).collect();
        let multimaps = txn.list_multimap_tables().map_err(stop)?.map(|table| table.name().to_owned());
        Ok(plain.into_iter().chain(multimaps).collect())
    }

    fn begin(&self) -> Result<redb::ReadTransaction, StoreError> {
        match self {
            Self::File(db) => db.begin_read(),
            Self::Repaired(db) => db.begin_read(),
        }
        .map_err(stop)
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
    rows: Rows,
    idempotency: ReadOnlyTable<&'static [u8; 20], u64>,
    tiles: ReadOnlyTable<u64, &'static [u8; 32]>,
    keys: ReadOnlyTable<&'static [u8; 16], &'static [u8]>,
    key_index: ReadOnlyTable<&'static [u8; 34], &'static [u8; 16]>,
    policies: ReadOnlyTable<&'static [u8; 32], &'static [u8]>,
    meta: ReadOnlyTable<&'static str, &'static [u8]>,
}

/// How the entries lie in the file.
enum Rows {
    Packed(Packed),
    Apart(Apart),
}

impl std::fmt::Debug for View {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("View(..)")
    }
}

/// Looks idempotency keys up in the order in which sessions count, where the next key is the next row and no search is needed.
pub struct KeyWalk<'a> {
    view: &'a View,
    /// Those that are not in the index yet.
    late: LateKeys,
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
        if let Some(at) = self.late.get(key) {
            return Ok(Some(*at));
        }
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
        let rows =
            if apart::is(txn)? { Rows::Apart(Apart::of(txn)?) } else { Rows::Packed(Packed::of(txn)?) };
        Ok(Self {
            rows,
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
        match &self.rows {
            Rows::Packed(rows) => rows.size(),
            Rows::Apart(rows) => rows.size(),
        }
    }

    /// Whether rows stand beyond so many entries.
    ///
    /// # Errors
    /// When reading fails.
    pub fn has_beyond(&self, size: u64) -> Result<bool, StoreError> {
        match &self.rows {
            Rows::Packed(rows) => rows.has_beyond(size),
            // Its last row is its last entry.
            Rows::Apart(_) => Ok(false),
        }
    }

    /// How many signatures and encrypted data stand apart from their entries, in a ledger that was not packed yet.
    ///
    /// # Errors
    /// When reading fails.
    pub fn apart(&self) -> Result<Option<(u64, u64)>, StoreError> {
        match &self.rows {
            Rows::Packed(_) => Ok(None),
            Rows::Apart(rows) => rows.beside().map(Some),
        }
    }

    /// How many idempotency keys there are.
    ///
    /// # Errors
    /// When reading fails.
    pub fn keyed(&self) -> Result<u64, StoreError> {
        Ok(self.idempotency.len().map_err(stop)? + self.late_keys()?.len() as u64)
    }

    /// The idempotency keys that are not in the index yet.
    pub(super) fn late_keys(&self) -> Result<LateKeys, StoreError> {
        match &self.rows {
            Rows::Packed(rows) => rows.keys(),
            Rows::Apart(_) => Ok(LateKeys::new()),
        }
    }

    /// A part of the row of an entry; `None` when there is no such entry.
    fn with<T>(&self, sequence: u64, part: impl FnOnce(Row<'_>) -> T) -> Result<Option<T>, StoreError> {
        match &self.rows {
            Rows::Packed(rows) => rows.with(sequence, part),
            Rows::Apart(rows) => rows.with(sequence, part),
        }
    }

    /// The bytes of an entry.
    ///
    /// # Errors
    /// When reading fails.
    pub fn entry(&self, sequence: u64) -> Result<Option<Vec<u8>>, StoreError> {
        self.with(sequence, |row| row.entry.to_vec())
    }

    /// Entries `from..to` with what is stored beside each, in the order of their keys, until `visit` says `false`.
    ///
    /// # Errors
    /// When reading fails.
    pub fn rows_between(
        &self,
        from: u64,
        to: u64,
        mut visit: impl FnMut(Row<'_>) -> bool,
    ) -> Result<(), StoreError> {
        self.blocks_between(from, to, |rows| rows.iter().all(|row| visit(*row)))
    }

    /// As [`rows_between`](Self::rows_between), with the rows that lie together at once.
    ///
    /// # Errors
    /// When reading fails.
    pub fn blocks_between(
        &self,
        from: u64,
        to: u64,
        visit: impl FnMut(&[Row<'_>]) -> bool,
    ) -> Result<(), StoreError> {
        match &self.rows {
            Rows::Packed(rows) => rows.walk(from, to, visit),
            Rows::Apart(rows) => rows.walk(from, to, visit),
        }
    }

    /// The signature of the checkpoint of a size.
    ///
    /// # Errors
    /// When reading fails.
    pub fn signature(&self, size: u64) -> Result<Option<[u8; 64]>, StoreError> {
        let Some(sequence) = size.checked_sub(1) else { return Ok(None) };
        Ok(self.with(sequence, |row| row.signature.copied())?.flatten())
    }

    /// The encrypted data of an entry.
    ///
    /// # Errors
    /// When reading fails.
    pub fn detached(&self, sequence: u64) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.with(sequence, |row| row.detached.map(<[u8]>::to_vec))?.flatten())
    }

    /// The entry with an idempotency key.
    ///
    /// # Errors
    /// When reading fails.
    pub fn sequence_of(&self, key: &[u8; 20]) -> Result<Option<u64>, StoreError> {
        if let Some(at) = self.late_keys()?.get(key) {
            return Ok(Some(*at));
        }
        Ok(self.idempotency.get(key).map_err(stop)?.map(|value| value.value()))
    }

    /// Begins to look keys up.
    ///
    /// # Errors
    /// When reading fails.
    pub fn key_walk(&self) -> Result<KeyWalk<'_>, StoreError> {
        Ok(KeyWalk { view: self, late: self.late_keys()?, rows: None })
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

    /// Every idempotency key with its entry.
    ///
    /// # Errors
    /// When reading fails.
    pub fn idempotency_keys(&self, mut visit: impl FnMut(&[u8; 20], u64)) -> Result<(), StoreError> {
        for pair in self.idempotency.iter().map_err(stop)? {
            let (key, at) = pair.map_err(stop)?;
            visit(key.value(), at.value());
        }
        self.late_keys()?.iter().for_each(|(key, at)| visit(key, *at));
        Ok(())
    }

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
