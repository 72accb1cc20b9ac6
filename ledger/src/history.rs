//! What is recorded, read back: each entry with its patient data opened, so that the kiosk knows at its start what was given.

use std::sync::Arc;

use rights::entry::Detached;
use rights::history::Record;
use zeroize::Zeroizing;

use crate::cbor::{self, CborError};
use crate::codec;
use crate::detached::{self, DetachedError};
use crate::glance::{Glance, Known};
use crate::keys::{DeviceKey, KeyError, KeyRecord, PatientKey};
use crate::leaf::Leaf;
use crate::store::{StoreError, View};

/// One entry, read back.
#[derive(Debug)]
pub struct Stored {
    /// The entry.
    pub leaf: Leaf,
    /// Its patient data, where it has some and its key was not destroyed.
    pub detached: Option<Detached>,
}

/// Why an entry cannot be read back.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It is not there.
    #[error("entry {0} is missing")]
    Missing(u64),
    /// It is none.
    #[error("entry {sequence}: {error}")]
    Form {
        /// Which.
        sequence: u64,
        /// Why.
        error: CborError,
    },
    /// A key does not open.
    #[error("entry {sequence}: {error}")]
    Key {
        /// Which.
        sequence: u64,
        /// Why.
        error: KeyError,
    },
    /// The data does not open.
    #[error("entry {sequence}: {error}")]
    Detached {
        /// Which.
        sequence: u64,
        /// Why.
        error: DetachedError,
    },
}

/// Entries in their order.
#[derive(Debug)]
pub struct History<'a> {
    view: Arc<View>,
    device: &'a DeviceKey,
    origin: &'a str,
    at: u64,
    end: u64,
    key: Option<PatientKey>,
}

impl<'a> History<'a> {
    pub(crate) fn new(
        view: impl Into<Arc<View>>,
        device: &'a DeviceKey,
        origin: &'a str,
        from: u64,
        end: u64,
    ) -> Self {
        let view = view.into();
        Self { view, device, origin, at: from, end, key: None }
    }

    /// Everything among them that was done.
    ///
    /// # Errors
    /// When one cannot be read.
    pub fn records(mut self) -> Result<Vec<Record>, HistoryError> {
        let (mut found, mut next, mut wrong) = (Vec::new(), self.at, Ok(()));
        let (view, origin, mut known) = (Arc::clone(&self.view), self.origin, Known::usual());
        view.rows_between(self.at, self.end, |row| {
            if row.index != next {
                return false;
            }
            let form = |error| HistoryError::Form { sequence: row.index, error };
            let glance = Glance::with(row.entry, origin, &mut known).map_err(form);
            wrong = glance.and_then(|glance| {
                // The patient data of the other kinds, most of the ledger, stays closed.
                if glance.kind.holds_record() {
                    let leaf = Leaf::decode(row.entry).map_err(form)?;
                    found.extend(self.detached_of(&leaf, row.detached)?.and_then(|detached| detached.record));
                }
                Ok(())
            });
            next += 1;
            wrong.is_ok()
        })?;
        wrong?;
        if next < self.end { Err(HistoryError::Missing(next)) } else { Ok(found) }
    }

    pub(crate) fn leaf(&self, sequence: u64) -> Result<Leaf, HistoryError> {
        let bytes = self.view.entry(sequence)?.ok_or(HistoryError::Missing(sequence))?;
        Leaf::decode(&bytes).map_err(|error| HistoryError::Form { sequence, error })
    }

    /// The patient data of an entry as bytes; `None` when it has none or its key was destroyed.
    pub(crate) fn plain_of(&mut self, leaf: &Leaf) -> Result<Option<Zeroizing<Vec<u8>>>, HistoryError> {
        let sealed = self.view.detached(leaf.sequence)?;
        self.opened(leaf, sealed.as_deref())
    }

    /// What stands encrypted beside an entry, opened.
    fn opened(
        &mut self,
        leaf: &Leaf,
        sealed: Option<&[u8]>,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, HistoryError> {
        let sequence = leaf.sequence;
        let (Some(reference), true) = (&leaf.detached, self.fetch_key(leaf)?) else { return Ok(None) };
        let (Some(key), Some(sealed)) = (&self.key, sealed) else {
            return Err(HistoryError::Missing(sequence));
        };
        let plain = detached::open(key, sealed, reference, self.origin, sequence);
        plain.map(Some).map_err(|error| HistoryError::Detached { sequence, error })
    }

    fn detached_of(&mut self, leaf: &Leaf, sealed: Option<&[u8]>) -> Result<Option<Detached>, HistoryError> {
        let Some(plain) = self.opened(leaf, sealed)? else { return Ok(None) };
        let policy = |hash: &[u8; 32]| self.view.policy(hash).ok().flatten();
        let form = |error| HistoryError::Form { sequence: leaf.sequence, error };
        codec::decode(&plain, &policy).map(Some).map_err(form)
    }

    /// The key of an entry's patient data; `None` when it has none or the key was destroyed.
    pub(crate) fn key_of(&mut self, leaf: &Leaf) -> Result<Option<&PatientKey>, HistoryError> {
        let there = self.fetch_key(leaf)?;
        Ok(self.key.as_ref().filter(|_| there))
    }

    /// Whether the key of an entry's patient data is there; it is held then.
    fn fetch_key(&mut self, leaf: &Leaf) -> Result<bool, HistoryError> {
        let sequence = leaf.sequence;
        let Some(reference) = &leaf.detached else { return Ok(false) };
        if self.key.as_ref().is_none_or(|key| key.id != reference.key_id) {
            let Some(bytes) = self.view.key(&reference.key_id)? else { return Ok(false) };
            let record: KeyRecord =
                cbor::decode(&bytes).map_err(|_| HistoryError::Key { sequence, error: KeyError::Wrapped })?;
            let key = PatientKey::open(self.device, self.origin, reference.key_id, &record);
            self.key = Some(key.map_err(|error| HistoryError::Key { sequence, error })?);
        }
        Ok(true)
    }

    fn read(&mut self, sequence: u64) -> Result<Stored, HistoryError> {
        let leaf = self.leaf(sequence)?;
        let sealed = self.view.detached(sequence)?;
        let detached = self.detached_of(&leaf, sealed.as_deref())?;
        Ok(Stored { leaf, detached })
    }
}

impl Iterator for History<'_> {
    type Item = Result<Stored, HistoryError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.end {
            return None;
        }
        self.at += 1;
        Some(self.read(self.at - 1))
    }
}
