//! The one file that knows redb. One durable transaction for each entry; nothing is ever changed or removed.
//!
//! | table | key | value |
//! |---|---|---|
//! | `entries` | sequence | entry bytes, as hashed |
//! | `signatures` | tree size | Ed25519 signature of the checkpoint of that size |
//! | `detached` | sequence | nonce and ciphertext |
//! | `idempotency` | idempotency key | sequence |
//! | `tiles` | level * 2^56 + index, levels 8, 16, 24 .. | node hash |
//! | `keys` | key id | wrapped patient key |
//! | `key_index` | patient pseudonym, year | key id |
//! | `policies` | SHA-256 | policy |
//! | `meta` | name | enrolment, epoch keys |

use std::path::Path;

pub use redb::StorageBackend;
use redb::{
    Builder, Database, Durability, ReadOnlyDatabase, ReadOnlyTable, ReadableDatabase as _,
    ReadableTable as _, ReadableTableMetadata as _, TableDefinition, WriteTransaction,
};

use crate::hash::Hash;
use crate::overlay::Overlay;

const ENTRIES: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("entries");
const SIGNATURES: TableDefinition<'_, u64, &[u8; 64]> = TableDefinition::new("signatures");
const DETACHED: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("detached");
const IDEMPOTENCY: TableDefinition<'_, &[u8; 20], u64> = TableDefinition::new("idempotency");
const TILES: TableDefinition<'_, u64, &[u8; 32]> = TableDefinition::new("tiles");
const KEYS: TableDefinition<'_, &[u8; 16], &[u8]> = TableDefinition::new("keys");
const KEY_INDEX: TableDefinition<'_, &[u8; 34], &[u8; 16]> = TableDefinition::new("key_index");
const POLICIES: TableDefinition<'_, &[u8; 32], &[u8]> = TableDefinition::new("policies");
const META: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("meta");

/// Cached pages, in bytes. A kiosk has little memory, and appending touches few pages.
const CACHE_BYTES: usize = 32 << 20;

/// How processes share the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sharing {
    /// One process writes, others may read meanwhile (redb `SingleWriter`): two flushes a commit.
    #[default]
    LiveReaders,
    /// One process alone has the file (redb `ExclusiveWriter`): one flush a commit.
    Alone,
}

impl Sharing {
    fn builder(self) -> Builder {
        let mut builder = Builder::new();
        builder.set_cache_size(CACHE_BYTES).set_concurrency_mode(match self {
            Self::LiveReaders => redb::ConcurrencyMode::SingleWriter,
            Self::Alone => redb::ConcurrencyMode::ExclusiveWriter,
        });
        builder
    }
}

/// Why the database did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No space is left.
    #[error("the disk is full; free space on the ledger's disk, then open the ledger again")]
    Full,
    /// Another process has it.
    #[error("another process has the ledger open")]
    Busy,
    /// It was not closed in an orderly way and may not be repaired here.
    #[error("the ledger was not closed in an orderly way; its owner repairs it when it opens it")]
    Unclean,
    /// Reading or writing failed.
    #[error("reading or writing the ledger failed: {0}")]
    Io(std::io::Error),
    /// An earlier failure closed it.
    #[error("an earlier failure closed the ledger; open it again")]
    Closed,
    /// The file's content makes no sense.
    #[error("the ledger's file is damaged: {0}")]
    Damaged(String),
}

fn stop(error: impl Into<redb::Error>) -> StoreError {
    match error.into() {
        redb::Error::Io(error) if error.kind() == std::io::ErrorKind::StorageFull => StoreError::Full,
        redb::Error::Io(error) => StoreError::Io(error),
        redb::Error::DatabaseAlreadyOpen => StoreError::Busy,
        redb::Error::RepairAborted => StoreError::Unclean,
        redb::Error::PreviousIo | redb::Error::DatabaseClosed | redb::Error::TransactionPoisoned => {
            StoreError::Closed
        }
        other => StoreError::Damaged(other.to_string()),
    }
}

/// Everything of one entry that goes to the disk together.
#[derive(Debug)]
pub struct NewEntry<'a> {
    /// Its place.
    pub sequence: u64,
    /// Its bytes.
    pub entry: &'a [u8],
    /// The signature of the checkpoint after it.
    pub signature: &'a [u8; 64],
    /// Patient data, encrypted.
    pub detached: Option<&'a [u8]>,
    /// Its idempotency key.
    pub key: Option<&'a [u8; 20]>,
    /// The nodes of levels 8, 16 .. that it closes.
    pub tiles: &'a [(u8, u64, Hash)],
    /// Policies that it refers to.
    pub policies: &'a [(Hash, Vec<u8>)],
    /// A patient key that it brings: id, index key, record.
    pub patient_key: Option<(&'a [u8; 16], &'a [u8; 34], &'a [u8])>,
}

/// The database, open for writing.
#[derive(Debug)]
pub struct Store {
    db: Database,
}

impl Store {
    /// Makes a new database with its meta values; the file must not exist.
    ///
    /// # Errors
    /// When it exists or cannot be made.
    pub fn create(path: &Path, sharing: Sharing, meta: &[(&str, &[u8])]) -> Result<Self, StoreError> {
        std::fs::File::create_new(path).map_err(StoreError::Io)?;
        Self::filled(sharing.builder().create(path).map_err(stop)?, meta)
    }

    /// As [`create`](Self::create), on another storage.
    ///
    /// # Errors
    /// As there.
    pub fn create_on(
        backend: impl StorageBackend,
        sharing: Sharing,
        meta: &[(&str, &[u8])],
    ) -> Result<Self, StoreError> {
        Self::filled(sharing.builder().create_with_backend(backend).map_err(stop)?, meta)
    }

    fn filled(db: Database, meta: &[(&str, &[u8])]) -> Result<Self, StoreError> {
        let txn = db.begin_write().map_err(stop)?;
        {
            txn.open_table(ENTRIES).map_err(stop)?;
            txn.open_table(SIGNATURES).map_err(stop)?;
            txn.open_table(DETACHED).map_err(stop)?;
            txn.open_table(IDEMPOTENCY).map_err(stop)?;
            txn.open_table(TILES).map_err(stop)?;
            txn.open_table(KEYS).map_err(stop)?;
            txn.open_table(KEY_INDEX).map_err(stop)?;
            txn.open_table(POLICIES).map_err(stop)?;
            let mut table = txn.open_table(META).map_err(stop)?;
            for (name, value) in meta {
                table.insert(name, value).map_err(stop)?;
            }
        }
        txn.commit().map_err(stop)?;
        Ok(Self { db })
    }

    /// Opens a database for writing; repairs it after an unclean stop.
    ///
    /// # Errors
    /// When it is missing, in use or damaged.
    pub fn open(path: &Path, sharing: Sharing) -> Result<Self, StoreError> {
        Ok(Self { db: sharing.builder().open(path).map_err(stop)? })
    }

    /// As [`open`](Self::open), on another storage.
    ///
    /// # Errors
    /// As there.
    pub fn open_on(backend: impl StorageBackend, sharing: Sharing) -> Result<Self, StoreError> {
        Ok(Self { db: sharing.builder().create_with_backend(backend).map_err(stop)? })
    }

    /// What is stored now; later commits do not show in it.
    ///
    /// # Errors
    /// When reading fails.
    pub fn view(&self) -> Result<View, StoreError> {
        View::of(&self.db.begin_read().map_err(stop)?)
    }

    /// The entry that has an idempotency key.
    ///
    /// # Errors
    /// When reading fails.
    pub fn sequence_of(&self, key: &[u8; 20]) -> Result<Option<u64>, StoreError> {
        let txn = self.db.begin_read().map_err(stop)?;
        let found = txn.open_table(IDEMPOTENCY).map_err(stop)?.get(key).map_err(stop)?;
        Ok(found.map(|sequence| sequence.value()))
    }

    /// Commits one entry durably. Reads back what it wrote before it commits.
    ///
    /// # Errors
    /// When anything of it failed; then nothing of it is stored, except that a failed flush leaves open whether the disk kept
    /// it. The idempotency key tells after the next opening.
    pub fn commit(&self, new: &NewEntry<'_>) -> Result<(), StoreError> {
        let mut txn = self.db.begin_write().map_err(stop)?;
        txn.set_durability(Durability::Immediate).map_err(stop)?;
        match write(&txn, new)? {
            Ok(()) => txn.commit().map_err(stop),
            Err(what) => {
                txn.abort().map_err(stop)?;
                Err(StoreError::Damaged(format!("entry {}: {what}", new.sequence)))
            }
        }
    }

    /// Closes the file.
    ///
    /// # Errors
    /// When the last write fails.
    pub fn close(self) -> Result<(), StoreError> {
        self.db.close().map_err(stop)
    }
}

/// Writes everything and compares it with what stands there then. The inner error is a contradiction, not a failure.
fn write(txn: &WriteTransaction, new: &NewEntry<'_>) -> Result<Result<(), &'static str>, StoreError> {
    let (sequence, size) = (new.sequence, new.sequence + 1);
    let mut entries = txn.open_table(ENTRIES).map_err(stop)?;
    if entries.last().map_err(stop)?.map_or(0, |(last, _)| last.value() + 1) != sequence {
        return Ok(Err("it would not follow the last entry"));
    }
    entries.insert(sequence, new.entry).map_err(stop)?;
    let mut signatures = txn.open_table(SIGNATURES).map_err(stop)?;
    signatures.insert(size, new.signature).map_err(stop)?;
    let same = entries.get(sequence).map_err(stop)?.is_some_and(|stored| stored.value() == new.entry)
        && signatures.get(size).map_err(stop)?.is_some_and(|stored| stored.value() == new.signature);
    if !same {
        return Ok(Err("the bytes read back are not those written"));
    }
    if let Some(detached) = new.detached {
        let mut table = txn.open_table(DETACHED).map_err(stop)?;
        table.insert(sequence, detached).map_err(stop)?;
        if table.get(sequence).map_err(stop)?.is_none_or(|stored| stored.value() != detached) {
            return Ok(Err("the encrypted bytes read back are not those written"));
        }
    }
    if let Some(key) = new.key {
        let mut table = txn.open_table(IDEMPOTENCY).map_err(stop)?;
        if table.insert(key, sequence).map_err(stop)?.is_some() {
            return Ok(Err("its idempotency key is taken"));
        }
    }
    for (level, index, hash) in new.tiles {
        txn.open_table(TILES).map_err(stop)?.insert(tile_key(*level, *index), hash).map_err(stop)?;
    }
    for (hash, policy) in new.policies {
        txn.open_table(POLICIES).map_err(stop)?.insert(hash, policy.as_slice()).map_err(stop)?;
    }
    if let Some((id, index, record)) = new.patient_key {
        txn.open_table(KEYS).map_err(stop)?.insert(id, record).map_err(stop)?;
        txn.open_table(KEY_INDEX).map_err(stop)?.insert(index, id).map_err(stop)?;
    }
    Ok(Ok(()))
}

const fn tile_key(level: u8, index: u64) -> u64 {
    ((level as u64) << 56) | index
}

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
    fn of(txn: &redb::ReadTransaction) -> Result<Self, StoreError> {
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
