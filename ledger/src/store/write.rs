//! Writing: one transaction for each entry or batch of entries, read back before it is committed.

use std::path::Path;

use redb::{
    Database, Durability, ReadableDatabase as _, ReadableTable as _, StorageBackend, WriteTransaction,
};

use super::{
    DETACHED, ENTRIES, IDEMPOTENCY, KEY_INDEX, KEYS, META, POLICIES, SIGNATURES, Sharing, StoreError, TILES,
    View, stop, tile_key,
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

    /// Commits entries durably, all or none. Reads back what it wrote before it commits.
    ///
    /// # Errors
    /// When anything of it failed; then nothing of them is stored, except that a failed flush leaves open whether the disk kept
    /// them. The idempotency keys tell after the next opening.
    pub fn commit(&self, new: &[NewEntry<'_>]) -> Result<(), StoreError> {
        let mut txn = self.db.begin_write().map_err(stop)?;
        txn.set_durability(Durability::Immediate).map_err(stop)?;
        for one in new {
            if let Err(what) = write(&txn, one)? {
                txn.abort().map_err(stop)?;
                return Err(StoreError::Damaged(format!("entry {}: {what}", one.sequence)));
            }
        }
        txn.commit().map_err(stop)
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
    if !new.destroyed.is_empty() {
        let mut keys = txn.open_table(KEYS).map_err(stop)?;
        for id in new.destroyed {
            keys.remove(id).map_err(stop)?;
        }
        let mut index = txn.open_table(KEY_INDEX).map_err(stop)?;
        index.retain(|_, id| !new.destroyed.contains(id)).map_err(stop)?;
    }
    Ok(Ok(()))
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
        copy_rows(&txn, view, from, size.min(from + COPIED_AT_ONCE))?;
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

fn copy_rows(txn: &WriteTransaction, view: &View, from: u64, to: u64) -> Result<(), StoreError> {
    let mut entries = txn.open_table(ENTRIES).map_err(stop)?;
    let mut signatures = txn.open_table(SIGNATURES).map_err(stop)?;
    let mut detached = txn.open_table(DETACHED).map_err(stop)?;
    let mut failed = None;
    view.rows_between(from, to, |row| {
        first(&mut failed, entries.insert(row.index, row.entry).map(drop));
        if let Some(signature) = row.signature {
            first(&mut failed, signatures.insert(row.index + 1, signature).map(drop));
        }
        if let Some(sealed) = row.detached {
            first(&mut failed, detached.insert(row.index, sealed).map(drop));
        }
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
