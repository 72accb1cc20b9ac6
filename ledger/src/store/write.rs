//! Writing: one transaction for each entry or batch of entries, read back before it is committed.

use std::path::Path;

use redb::{Database, Durability, ReadableDatabase as _, StorageBackend, WriteTransaction};

use super::packed::{self, LateKeys, Refused, Writer};
use super::{
    IDEMPOTENCY, KEY_INDEX, KEYS, META, POLICIES, Sharing, StoreError, TILES, View, apart, row, stop,
    tile_key,
};
use crate::hash::Hash;

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
    /// Patient keys that it destroys.
    pub destroyed: &'a [[u8; 16]],
}

/// The database, open for writing.
#[derive(Debug)]
pub struct Store {
    db: Database,
    /// The idempotency keys that are not in the index yet, as committed.
    late: LateKeys,
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
            packed::create(&txn)?;
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
        Ok(Self { db, late: LateKeys::new() })
    }

    /// Opens a database for writing; repairs it after an unclean stop.
    ///
    /// # Errors
    /// When it is missing, in use or damaged.
    pub fn open(path: &Path, sharing: Sharing) -> Result<Self, StoreError> {
        Self::packed(sharing.builder().open(path).map_err(stop)?)
    }

    /// As [`open`](Self::open), on another storage.
    ///
    /// # Errors
    /// As there.
    pub fn open_on(backend: impl StorageBackend, sharing: Sharing) -> Result<Self, StoreError> {
        Self::packed(sharing.builder().create_with_backend(backend).map_err(stop)?)
    }

    /// Packs a ledger whose entries lie apart, once and in one transaction: after a power cut it is one or the other.
    fn packed(db: Database) -> Result<Self, StoreError> {
        let txn = db.begin_read().map_err(stop)?;
        if apart::is(&txn)? {
            let view = View::of(&txn)?;
            let mut write = db.begin_write().map_err(stop)?;
            write.set_durability(Durability::Immediate).map_err(stop)?;
            packed::create(&write)?;
            pack(&write, &view, 0, view.size()?)?;
            apart::remove(&write)?;
            write.commit().map_err(stop)?;
        }
        let late = View::of(&db.begin_read().map_err(stop)?)?.late_keys()?;
        Ok(Self { db, late })
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
        if let Some(at) = self.late.get(key) {
            return Ok(Some(*at));
        }
        let txn = self.db.begin_read().map_err(stop)?;
        let found = txn.open_table(IDEMPOTENCY).map_err(stop)?.get(key).map_err(stop)?;
        Ok(found.map(|sequence| sequence.value()))
    }

    /// Commits entries durably, all or none. Reads back what it wrote before it commits.
    ///
    /// # Errors
    /// When anything of it failed; then nothing of them is stored, except that a failed flush leaves open whether the disk kept
    /// them. The idempotency keys tell after the next opening.
    pub fn commit(&mut self, new: &[NewEntry<'_>]) -> Result<(), StoreError> {
        let mut txn = self.db.begin_write().map_err(stop)?;
        txn.set_durability(Durability::Immediate).map_err(stop)?;
        match write_all(&txn, self.late.clone(), new)? {
            Ok(late) => {
                txn.commit().map_err(stop)?;
                self.late = late;
                Ok(())
            }
            Err((sequence, what)) => {
                txn.abort().map_err(stop)?;
                Err(StoreError::Damaged(format!("entry {sequence}: {what}")))
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

/// Writes entries, each with everything beside it; gives the idempotency keys of the open block after them. The inner error, with the entry's number, is a contradiction, not a failure.
fn write_all(
    txn: &WriteTransaction,
    late: LateKeys,
    new: &[NewEntry<'_>],
) -> Result<Result<LateKeys, (u64, Refused)>, StoreError> {
    let mut rows = Writer::new(txn, late)?;
    for one in new {
        let Some(row) = row::encode(one.entry, one.signature, one.detached) else {
            return Ok(Err((one.sequence, "it is longer than an entry may be")));
        };
        if let Err(what) = rows.put(one.sequence, one.key, &row)? {
            return Ok(Err((one.sequence, what)));
        }
        write_beside(txn, one)?;
    }
    Ok(Ok(rows.late()))
}

/// Writes what an entry seldom brings.
fn write_beside(txn: &WriteTransaction, new: &NewEntry<'_>) -> Result<(), StoreError> {
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
    if !new.destroyed.is_empty() {
        let mut keys = txn.open_table(KEYS).map_err(stop)?;
        for id in new.destroyed {
            keys.remove(id).map_err(stop)?;
        }
        let mut index = txn.open_table(KEY_INDEX).map_err(stop)?;
        index.retain(|_, id| !new.destroyed.contains(id)).map_err(stop)?;
    }
    Ok(())
}

/// Rows that a copy writes in one transaction.
const COPIED_AT_ONCE: u64 = 20_000;

/// Copies a snapshot to a new file, without unused pages; durable when it returns.
///
/// # Errors
/// When the file exists, or reading or writing fails.
pub fn copy(view: &View, path: &Path) -> Result<(), StoreError> {
    let mut metas = Vec::new();
    view.metas(|name, value| metas.push((name.to_owned(), value.to_vec())))?;
    let metas: Vec<(&str, &[u8])> =
        metas.iter().map(|(name, value)| (name.as_str(), value.as_slice())).collect();
    let mut store = Store::create(path, Sharing::Alone, &metas)?;
    let size = view.size()?;
    for from in (0..size).step_by(usize::try_from(COPIED_AT_ONCE).unwrap_or(usize::MAX)) {
        let txn = store.db.begin_write().map_err(stop)?;
        pack(&txn, view, from, size.min(from + COPIED_AT_ONCE))?;
        txn.commit().map_err(stop)?;
    }
    let mut txn = store.db.begin_write().map_err(stop)?;
    txn.set_durability(Durability::Immediate).map_err(stop)?;
    copy_beside(&txn, view)?;
    txn.commit().map_err(stop)?;
    // What the transactions before left free is given back.
    store.db.compact().map_err(stop)?;
    store.close()
}

/// The first failure inside a walk that cannot stop.
fn first(failed: &mut Option<StoreError>, done: Result<(), redb::StorageError>) {
    if let Err(error) = done
        && failed.is_none()
    {
        *failed = Some(stop(error));
    }
}

/// Writes rows `from..to` of a snapshot as they are. Their idempotency keys are written with the rest of the snapshot: a key stands in the
/// index or beside its row in the tail.
fn pack(txn: &WriteTransaction, view: &View, from: u64, to: u64) -> Result<(), StoreError> {
    let mut rows = Writer::new(txn, LateKeys::new())?;
    let mut failed = None;
    view.rows_between(from, to, |row| {
        let unsigned = [0; 64];
        let bytes = row::encode(row.entry, row.signature.unwrap_or(&unsigned), row.detached);
        let put = bytes.map(|bytes| rows.put(row.index, None, &bytes));
        failed = match put {
            Some(Ok(Ok(()))) => None,
            Some(Ok(Err(what))) => Some(StoreError::Damaged(format!("entry {}: {what}", row.index))),
            Some(Err(error)) => Some(error),
            None => Some(StoreError::Damaged(format!("entry {} is longer than an entry may be", row.index))),
        };
        failed.is_none()
    })?;
    failed.map_or(Ok(()), Err)
}

fn copy_beside(txn: &WriteTransaction, view: &View) -> Result<(), StoreError> {
    let mut failed = None;
    {
        let mut table = txn.open_table(IDEMPOTENCY).map_err(stop)?;
        view.idempotency_keys(|key, at| first(&mut failed, table.insert(key, at).map(drop)))?;
        let mut table = txn.open_table(TILES).map_err(stop)?;
        view.tiles(|(level, index), hash| {
            first(&mut failed, table.insert(tile_key(level, index), hash).map(drop));
        })?;
        let mut table = txn.open_table(KEYS).map_err(stop)?;
        view.keys(|id, record| first(&mut failed, table.insert(id, record).map(drop)))?;
        let mut table = txn.open_table(KEY_INDEX).map_err(stop)?;
        view.key_index(|row, id| first(&mut failed, table.insert(row, id).map(drop)))?;
        let mut table = txn.open_table(POLICIES).map_err(stop)?;
        view.policies(|hash, policy| first(&mut failed, table.insert(hash, policy).map(drop)))?;
    }
    failed.map_or(Ok(()), Err)
}
