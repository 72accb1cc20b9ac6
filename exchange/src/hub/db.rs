//! What the hub must not forget when its power fails: one redb file.
//!
//! | table | key | value |
//! |---|---|---|
//! | `told` | number, in the order of arrival | who told it, when, and the record (CBOR) |
//! | `known` | SHA-256 of a record | its number: who tells it again tells nothing new |
//! | `claims` | key of the entry that will record the dose | the claim (CBOR) |
//! | `meta` | name | `format`; `generation`, random, by which kiosks see that this is another store |
//!
//! Every write is one durable transaction.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use ledger::cbor::{self, CborError};
use redb::{Database, Durability, ReadableDatabase as _, ReadableTable as _, TableDefinition};
use rights::claims::Claim;
use rights::entry::IdempotencyKey;

use super::message::Told;
use crate::digest::sha256;

const TOLD: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("told");
const KNOWN: TableDefinition<'_, &[u8; 32], u64> = TableDefinition::new("known");
const CLAIMS: TableDefinition<'_, &[u8; 20], &[u8]> = TableDefinition::new("claims");
const META: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("meta");

const FORMAT: &[u8] = b"bcma-hub 1";

/// Why the hub's store did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum HubDbError {
    /// Another process has it.
    #[error("another process has the hub's store open: one hub runs for a ward")]
    Busy,
    /// It cannot be read or written.
    #[error(
        "reading or writing the hub's store failed: {0}: see to the disk and start the hub again, if need be with a new store (kiosks tell it again what they did)"
    )]
    Failed(String),
    /// It is something else.
    #[error("the file is no hub's store of this version: name another one as `store`")]
    Format,
}

fn failed(error: impl Into<redb::Error>) -> HubDbError {
    match error.into() {
        redb::Error::DatabaseAlreadyOpen => HubDbError::Busy,
        other => HubDbError::Failed(other.to_string()),
    }
}

fn nonsense(error: &CborError) -> HubDbError {
    HubDbError::Failed(format!("a stored value makes no sense: {error}"))
}

/// Sixteen bytes that nobody guesses who does not know these.
fn another(random: &[u8; 16]) -> [u8; 16] {
    let mut other = [0; 16];
    other.copy_from_slice(&sha256(random)[..16]);
    other
}

/// The store.
#[derive(Debug)]
pub(super) struct HubDb {
    db: Database,
    generation: Mutex<[u8; 16]>,
    /// Random, for a new generation; changed after each use.
    spare: Mutex<[u8; 16]>,
}

impl HubDb {
    /// Opens the store, or makes it with this generation.
    pub(super) fn open(path: &Path, spare: [u8; 16]) -> Result<Self, HubDbError> {
        let generation = spare;
        crate::feed::db::private_file(path).map_err(|error| HubDbError::Failed(error.to_string()))?;
        let db = Database::create(path).map_err(failed)?;
        let txn = db.begin_write().map_err(failed)?;
        let generation = {
            txn.open_table(TOLD).map_err(failed)?;
            txn.open_table(KNOWN).map_err(failed)?;
            txn.open_table(CLAIMS).map_err(failed)?;
            let mut meta = txn.open_table(META).map_err(failed)?;
            let format = meta.get("format").map_err(failed)?.map(|format| format.value().to_vec());
            let known = meta.get("generation").map_err(failed)?.map(|known| known.value().to_vec());
            match (format.as_deref(), known) {
                (None, None) => {
                    meta.insert("format", FORMAT).map_err(failed)?;
                    meta.insert("generation", generation.as_slice()).map_err(failed)?;
                    generation
                }
                (Some(FORMAT), Some(known)) => known.try_into().map_err(|_| HubDbError::Format)?,
                _ => return Err(HubDbError::Format),
            }
        };
        txn.commit().map_err(failed)?;
        Ok(Self { db, generation: Mutex::new(generation), spare: Mutex::new(another(&spare)) })
    }

    /// Which store it is.
    pub(super) fn generation(&self) -> [u8; 16] {
        *self.generation.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on it is another store.
    pub(super) fn begin_generation(&self) -> Result<(), HubDbError> {
        let mut spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        let txn = self.db.begin_write().map_err(failed)?;
        txn.open_table(META).map_err(failed)?.insert("generation", spare.as_slice()).map_err(failed)?;
        txn.commit().map_err(failed)?;
        *self.generation.lock().unwrap_or_else(PoisonError::into_inner) = *spare;
        *spare = another(&spare);
        Ok(())
    }

    /// The number of the last row.
    pub(super) fn last(&self) -> Result<u64, HubDbError> {
        let txn = self.db.begin_read().map_err(failed)?;
        let table = txn.open_table(TOLD).map_err(failed)?;
        Ok(table.last().map_err(failed)?.map_or(0, |(number, _)| number.value()))
    }

    /// SHA-256 of a row; `None` when it is not held.
    pub(super) fn row(&self, number: u64) -> Result<Option<[u8; 32]>, HubDbError> {
        let txn = self.db.begin_read().map_err(failed)?;
        let table = txn.open_table(TOLD).map_err(failed)?;
        Ok(table.get(number).map_err(failed)?.map(|bytes| sha256(bytes.value())))
    }

    /// Every claim that was granted and not given back.
    pub(super) fn claims(&self) -> Result<Vec<Claim>, HubDbError> {
        let txn = self.db.begin_read().map_err(failed)?;
        let table = txn.open_table(CLAIMS).map_err(failed)?;
        let rows = table.iter().map_err(failed)?;
        rows.map(|row| cbor::decode(row.map_err(failed)?.1.value()).map_err(|error| nonsense(&error)))
            .collect()
    }

    /// Remembers a claim as granted.
    pub(super) fn grant(&self, claim: &Claim) -> Result<(), HubDbError> {
        let mut txn = self.db.begin_write().map_err(failed)?;
        txn.set_durability(Durability::Immediate).map_err(failed)?;
        txn.open_table(CLAIMS)
            .map_err(failed)?
            .insert(&claim.entry.to_bytes(), cbor::encode(claim).as_slice())
            .map_err(failed)?;
        txn.commit().map_err(failed)
    }

    /// Forgets claims.
    pub(super) fn release(&self, entries: &[IdempotencyKey]) -> Result<(), HubDbError> {
        let txn = self.db.begin_write().map_err(failed)?;
        {
            let mut table = txn.open_table(CLAIMS).map_err(failed)?;
            for entry in entries {
                table.remove(&entry.to_bytes()).map_err(failed)?;
            }
        }
        txn.commit().map_err(failed)
    }

    /// Keeps what is new of these, durably, and gives it back.
    pub(super) fn keep(&self, told: Vec<Told>) -> Result<Vec<Told>, HubDbError> {
        let mut txn = self.db.begin_write().map_err(failed)?;
        txn.set_durability(Durability::Immediate).map_err(failed)?;
        let mut new = Vec::new();
        {
            let mut table = txn.open_table(TOLD).map_err(failed)?;
            let mut known = txn.open_table(KNOWN).map_err(failed)?;
            let mut next = table.last().map_err(failed)?.map_or(1, |(number, _)| number.value() + 1);
            for one in told {
                let hash = sha256(&cbor::encode(&one.record));
                if known.get(&hash).map_err(failed)?.is_some() {
                    continue;
                }
                known.insert(&hash, next).map_err(failed)?;
                table.insert(next, cbor::encode(&one).as_slice()).map_err(failed)?;
                next += 1;
                new.push(one);
            }
        }
        if new.is_empty() {
            txn.abort().map_err(failed)?;
        } else {
            txn.commit().map_err(failed)?;
        }
        Ok(new)
    }

    /// What was told after a number, at most so many, each with its number.
    pub(super) fn told(&self, after: u64, most: usize) -> Result<Vec<(u64, Told)>, HubDbError> {
        let txn = self.db.begin_read().map_err(failed)?;
        let table = txn.open_table(TOLD).map_err(failed)?;
        let rows = table.range(after.saturating_add(1)..).map_err(failed)?;
        rows.take(most)
            .map(|row| {
                let (number, bytes) = row.map_err(failed)?;
                let told = cbor::decode(bytes.value()).map_err(|error| nonsense(&error))?;
                Ok((number.value(), told))
            })
            .collect()
    }

    /// Forgets what was told before an instant. The last row stays, so that numbers go on from it.
    pub(super) fn forget(&self, before: jiff::Timestamp) -> Result<(), HubDbError> {
        let txn = self.db.begin_write().map_err(failed)?;
        {
            let mut table = txn.open_table(TOLD).map_err(failed)?;
            let mut known = txn.open_table(KNOWN).map_err(failed)?;
            let last = table.last().map_err(failed)?.map_or(0, |(number, _)| number.value());
            loop {
                let Some((number, told)) = table
                    .first()
                    .map_err(failed)?
                    .map(|(number, bytes)| (number.value(), cbor::decode::<Told>(bytes.value())))
                else {
                    break;
                };
                let told = told.map_err(|error| nonsense(&error))?;
                if number == last || told.at >= before {
                    break;
                }
                table.remove(number).map_err(failed)?;
                known.remove(&sha256(&cbor::encode(&told.record))).map_err(failed)?;
            }
        }
        txn.commit().map_err(failed)
    }
}
