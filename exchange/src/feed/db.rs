//! What the feeds brought and what was delivered: one redb file, `feed.redb`. The one file of this room that knows redb.
//!
//! | table | key | value |
//! |---|---|---|
//! | `messages` | number, in the order of arrival | what became of a message (JSON) |
//! | `bytes` | number | the message exactly as it came |
//! | `ids` | sender and MSH-10 | number |
//! | `parked` | number | nothing: a person has to look |
//! | `patients`, `orders`, `dispenses` | id | state (JSON) |
//! | `patient_orders`, `patient_dispenses` | patient, id | nothing |
//! | `order_numbers` | placer or filler, number, authority, id of the order | nothing |
//! | `merged` | patient | the record that stands for it |
//! | `retired` | patient | state of a merged record when it was merged (JSON) |
//! | `bundles` | feed, patient | Bundle as pulled from a FHIR server |
//! | `feeds` | name | when it was last heard (JSON) |
//! | `changes` | revision | what changed for whom (JSON), the latest ones |
//! | `cursors` | target | the next ledger entry to deliver |
//! | `deliveries` | target, entry | what became of a delivery (JSON) |
//! | `meta` | name | text |
//!
//! Every write is one durable transaction. Other processes read beside the writer (redb `SingleWriter`, as the ledger does).

use std::path::{Path, PathBuf};

use redb::{
    Builder, Database, Durability, ReadOnlyDatabase, ReadTransaction, ReadableDatabase as _,
    ReadableTable as _, ReadableTableMetadata as _, TableDefinition, WriteTransaction,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::book::{Book, States};
use super::state::{Change, DispenseState, Number, OrderState, PatientState, Role, What};

const MESSAGES: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("messages");
const BYTES: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("bytes");
const IDS: TableDefinition<'_, &str, u64> = TableDefinition::new("ids");
const PARKED: TableDefinition<'_, u64, ()> = TableDefinition::new("parked");
const PATIENTS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("patients");
const ORDERS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("orders");
const PATIENT_ORDERS: TableDefinition<'_, &str, ()> = TableDefinition::new("patient_orders");
const ORDER_NUMBERS: TableDefinition<'_, &str, ()> = TableDefinition::new("order_numbers");
const DISPENSES: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("dispenses");
const PATIENT_DISPENSES: TableDefinition<'_, &str, ()> = TableDefinition::new("patient_dispenses");
const MERGED: TableDefinition<'_, &str, &str> = TableDefinition::new("merged");
const RETIRED: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("retired");
const BUNDLES: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("bundles");
const FEEDS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("feeds");
const CHANGES: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("changes");
const CURSORS: TableDefinition<'_, &str, u64> = TableDefinition::new("cursors");
const DELIVERIES: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("deliveries");
const META: TableDefinition<'_, &str, &str> = TableDefinition::new("meta");

const FORMAT: &str = "bcma-feed 1";
/// In `meta`: every order stands in `order_numbers`.
const INDEXED: &str = "order_numbers";
const CACHE_BYTES: usize = 64 << 20;
/// How many changes are kept for whoever watches; who missed more reads everything anew.
const MOST_CHANGES: u64 = 10_000;
/// Between the parts of a key.
const PART: char = '\u{1F}';

/// Why the database did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// Another process writes to it.
    #[error("another process has the feed store open for writing: stop it, or use that one")]
    Busy,
    /// It was not closed in an orderly way.
    #[error("the feed store was not closed in an orderly way: start `exchange serve` once, which repairs it")]
    Unclean,
    /// The disk is full.
    #[error("the disk is full: free space; senders keep what is not acknowledged")]
    Full,
    /// Reading or writing failed.
    #[error("reading or writing the feed store failed: {0}")]
    Io(std::io::Error),
    /// Its content makes no sense.
    #[error(
        "the feed store is damaged: {0}: restore it from a backup, or have the senders replay into a new one"
    )]
    Damaged(String),
    /// It was made by another version.
    #[error("the feed store has the format \"{0}\", this program writes \"{FORMAT}\"")]
    Format(String),
    /// The writer has stopped.
    #[error("the feed store's writer has stopped: restart `exchange serve`")]
    Stopped,
}

fn stop(error: impl Into<redb::Error>) -> DbError {
    match error.into() {
        redb::Error::Io(error) if error.kind() == std::io::ErrorKind::StorageFull => DbError::Full,
        redb::Error::Io(error) => DbError::Io(error),
        redb::Error::DatabaseAlreadyOpen => DbError::Busy,
        redb::Error::RepairAborted => DbError::Unclean,
        redb::Error::PreviousIo | redb::Error::DatabaseClosed | redb::Error::TransactionPoisoned => {
            DbError::Stopped
        }
        other => DbError::Damaged(other.to_string()),
    }
}

fn damaged(error: &serde_json::Error) -> DbError {
    // The content is not repeated: it is a patient's.
    DbError::Damaged(format!("a stored state cannot be read (column {})", error.column()))
}

fn builder() -> Builder {
    let mut builder = Builder::new();
    builder.set_cache_size(CACHE_BYTES).set_concurrency_mode(redb::ConcurrencyMode::SingleWriter);
    builder
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct MessageRecord {
    /// Its number, in the order of arrival.
    pub number: u64,
    /// Which feed brought it.
    pub feed: String,
    /// When it came.
    pub received: String,
    /// MSH-9, such as `RDE^O11`; empty when it could not be read.
    pub kind: String,
    /// MSH-10.
    pub control_id: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// SHA-256 without the time of sending, to tell a repetition from another message under the same id.
    pub content: String,
    /// `AA`, `AE` or `AR`: what was answered.
    pub answer: String,
    /// Where it failed.
    pub place: String,
    /// Why it was not applied; empty when it was.
    pub reason: String,
    /// What to do.
    pub remedy: String,
    /// What of an applied message was not taken as it was sent.
    pub notes: Vec<String>,
}

/// When a feed was last heard.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct FeedRecord {
    /// The last sound message or complete pull; empty: never.
    pub heard: String,
    /// Why the last attempt failed, for a feed that is asked.
    pub failure: String,
    /// Silent for so many minutes: orders not current.
    pub silent_after_min: u32,
}

/// What became of one delivery.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct Delivery {
    /// `sent`, `parked`, or `again`: a person has asked for another attempt.
    pub state: String,
    /// The event id: MSH-10, FHIR identifier.
    pub event: String,
    /// The id of the resource at the other system, where there is one.
    pub remote: String,
    /// What the other system said.
    pub said: String,
}

/// The database, open for writing.
#[derive(Debug)]
pub struct Db {
    db: Database,
}

/// Where the feed store is in a store's folder.
pub fn path_in(store: &Path) -> PathBuf {
    store.join("feed.redb")
}

impl Db {
    /// Opens the database for writing; makes it when it is not there, repairs it after an unclean stop.
    ///
    /// # Errors
    /// When it is in use, damaged or of another format.
    pub fn open(path: &Path) -> Result<Self, DbError> {
        private_file(path).map_err(DbError::Io)?;
        let db = builder().create(path).map_err(stop)?;
        let txn = db.begin_write().map_err(stop)?;
        {
            for table in [MESSAGES, BYTES, CHANGES] {
                txn.open_table(table).map_err(stop)?;
            }
            txn.open_table(IDS).map_err(stop)?;
            txn.open_table(PARKED).map_err(stop)?;
            for table in [PATIENTS, ORDERS, DISPENSES, RETIRED, BUNDLES, FEEDS, DELIVERIES] {
                txn.open_table(table).map_err(stop)?;
            }
            for table in [PATIENT_ORDERS, PATIENT_DISPENSES] {
                txn.open_table(table).map_err(stop)?;
            }
            txn.open_table(MERGED).map_err(stop)?;
            txn.open_table(CURSORS).map_err(stop)?;
            txn.open_table(ORDER_NUMBERS).map_err(stop)?;
            let mut meta = txn.open_table(META).map_err(stop)?;
            let found = meta.get("format").map_err(stop)?.map(|format| format.value().to_owned());
            match found.as_deref() {
                None => {
                    meta.insert("format", FORMAT).map_err(stop)?;
                }
                Some(FORMAT) => {}
                Some(other) => return Err(DbError::Format(other.to_owned())),
            }
        }
        let txn = Txn { txn };
        txn.index_order_numbers()?;
        txn.txn.commit().map_err(stop)?;
        Ok(Self { db })
    }

    /// One durable transaction: all of what `act` writes, or nothing.
    ///
    /// # Errors
    /// When `act` fails or the disk says no.
    pub fn write<T>(&self, act: impl FnOnce(&Txn) -> Result<T, DbError>) -> Result<T, DbError> {
        let mut txn = self.db.begin_write().map_err(stop)?;
        txn.set_durability(Durability::Immediate).map_err(stop)?;
        let txn = Txn { txn };
        let done = act(&txn)?;
        txn.txn.commit().map_err(stop)?;
        Ok(done)
    }

    /// What is stored now.
    ///
    /// # Errors
    /// When reading fails.
    pub fn view(&self) -> Result<View, DbError> {
        Ok(View { txn: self.db.begin_read().map_err(stop)? })
    }
}

/// Patient data stands in it in clear: nobody but its owner reads it.
pub(crate) fn private_file(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    match std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        Ok(_) | Err(_) => Ok(()),
    }
}

/// The database, open for reading beside its writer.
pub struct DbReader {
    db: ReadOnlyDatabase,
}

impl std::fmt::Debug for DbReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DbReader(..)")
    }
}

impl DbReader {
    /// Opens for reading; `None` when there is no feed store.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn open(path: &Path) -> Result<Option<Self>, DbError> {
        if !path.exists() {
            return Ok(None);
        }
        Ok(Some(Self { db: builder().open_read_only(path).map_err(stop)? }))
    }

    /// What is stored now.
    ///
    /// # Errors
    /// When reading fails.
    pub fn view(&self) -> Result<View, DbError> {
        Ok(View { txn: self.db.begin_read().map_err(stop)? })
    }
}

/// A transaction that writes.
pub struct Txn {
    txn: WriteTransaction,
}

impl std::fmt::Debug for Txn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Txn(..)")
    }
}

/// One snapshot.
pub struct View {
    txn: ReadTransaction,
}

impl std::fmt::Debug for View {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("View(..)")
    }
}

fn pair(first: &str, second: &str) -> String {
    format!("{first}{PART}{second}")
}

/// From the first key with this beginning to after the last one.
fn range_of(first: &str) -> (String, String) {
    (format!("{first}{PART}"), format!("{first}\u{20}"))
}

/// The beginning of the keys under which the orders with this number stand.
fn numbered(role: Role, number: &Number) -> String {
    let role = match role {
        Role::Placer => "placer",
        Role::Filler => "filler",
    };
    // No part may reach over into the next one.
    let part = |text: &str| text.replace(PART, " ");
    pair(&pair(role, &part(&number.value)), &part(&number.authority))
}

/// The reading that a snapshot and an open transaction have in common.
macro_rules! reading {
    ($type:ident) => {
        impl $type {
            fn json<T: DeserializeOwned>(
                &self,
                table: TableDefinition<'_, &'static str, &'static [u8]>,
                key: &str,
            ) -> Result<Option<T>, DbError> {
                let table = self.txn.open_table(table).map_err(stop)?;
                let found = table.get(key).map_err(stop)?;
                found
                    .map(|value| serde_json::from_slice(value.value()).map_err(|error| damaged(&error)))
                    .transpose()
            }

            fn all<T: DeserializeOwned>(
                &self,
                table: TableDefinition<'_, &'static str, &'static [u8]>,
            ) -> Result<Vec<(String, T)>, DbError> {
                let table = self.txn.open_table(table).map_err(stop)?;
                let mut found = Vec::new();
                for pair in table.iter().map_err(stop)? {
                    let (key, value) = pair.map_err(stop)?;
                    let value = serde_json::from_slice(value.value()).map_err(|error| damaged(&error))?;
                    found.push((key.value().to_owned(), value));
                }
                Ok(found)
            }

            fn seconds(
                &self,
                table: TableDefinition<'_, &'static str, ()>,
                first: &str,
            ) -> Result<Vec<String>, DbError> {
                let table = self.txn.open_table(table).map_err(stop)?;
                let (from, to) = range_of(first);
                let mut found = Vec::new();
                for pair in table.range(from.as_str()..to.as_str()).map_err(stop)? {
                    let (key, _) = pair.map_err(stop)?;
                    found.extend(key.value().split_once(PART).map(|(_, second)| second.to_owned()));
                }
                Ok(found)
            }

            /// What became of a message.
            ///
            /// # Errors
            /// When reading fails.
            pub fn message(&self, number: u64) -> Result<Option<MessageRecord>, DbError> {
                let table = self.txn.open_table(MESSAGES).map_err(stop)?;
                let found = table.get(number).map_err(stop)?;
                found
                    .map(|value| serde_json::from_slice(value.value()).map_err(|error| damaged(&error)))
                    .transpose()
            }

            /// Messages after this number that were applied, but not as they were sent.
            ///
            /// # Errors
            /// When reading fails.
            pub fn noted(&self, after: u64) -> Result<Vec<MessageRecord>, DbError> {
                let table = self.txn.open_table(MESSAGES).map_err(stop)?;
                let mut found = Vec::new();
                for row in table.range(after.saturating_add(1)..).map_err(stop)? {
                    let (_, value) = row.map_err(stop)?;
                    let record: MessageRecord =
                        serde_json::from_slice(value.value()).map_err(|error| damaged(&error))?;
                    if !record.notes.is_empty() {
                        found.push(record);
                    }
                }
                Ok(found)
            }

            /// A message exactly as it came.
            ///
            /// # Errors
            /// When reading fails.
            pub fn message_bytes(&self, number: u64) -> Result<Option<Vec<u8>>, DbError> {
                let table = self.txn.open_table(BYTES).map_err(stop)?;
                Ok(table.get(number).map_err(stop)?.map(|value| value.value().to_vec()))
            }

            /// The number of the message with this sender and control id.
            ///
            /// # Errors
            /// When reading fails.
            pub fn number_of(&self, sender: &str, control_id: &str) -> Result<Option<u64>, DbError> {
                let table = self.txn.open_table(IDS).map_err(stop)?;
                Ok(table.get(pair(sender, control_id).as_str()).map_err(stop)?.map(|number| number.value()))
            }

            /// How many messages came.
            ///
            /// # Errors
            /// When reading fails.
            pub fn messages(&self) -> Result<u64, DbError> {
                let table = self.txn.open_table(MESSAGES).map_err(stop)?;
                Ok(table.last().map_err(stop)?.map_or(0, |(last, _)| last.value()))
            }

            /// Messages that wait for a person.
            ///
            /// # Errors
            /// When reading fails.
            pub fn parked(&self) -> Result<Vec<MessageRecord>, DbError> {
                let numbers = self.parked_numbers()?;
                numbers.into_iter().filter_map(|number| self.message(number).transpose()).collect()
            }

            /// Their numbers.
            ///
            /// # Errors
            /// When reading fails.
            pub fn parked_numbers(&self) -> Result<Vec<u64>, DbError> {
                let table = self.txn.open_table(PARKED).map_err(stop)?;
                let rows = table.iter().map_err(stop)?;
                rows.map(|row| Ok(row.map_err(stop)?.0.value())).collect()
            }

            /// How many messages wait for a person.
            ///
            /// # Errors
            /// When reading fails.
            pub fn parked_count(&self) -> Result<u64, DbError> {
                self.txn.open_table(PARKED).map_err(stop)?.len().map_err(stop)
            }

            /// All patients.
            ///
            /// # Errors
            /// When reading fails.
            pub fn patients(&self) -> Result<Vec<PatientState>, DbError> {
                Ok(self.all(PATIENTS)?.into_iter().map(|(_, state)| state).collect())
            }

            /// A patient's record as it stood when it was merged into another one, with that one's id.
            ///
            /// # Errors
            /// When reading fails.
            pub fn retired(&self, patient: &str) -> Result<Option<(PatientState, String)>, DbError> {
                let state = self.json(RETIRED, patient)?;
                Ok(state.zip(self.merged_into(patient)?))
            }

            /// All merged records.
            ///
            /// # Errors
            /// When reading fails.
            pub fn all_retired(&self) -> Result<Vec<(PatientState, String)>, DbError> {
                let states: Vec<(String, PatientState)> = self.all(RETIRED)?;
                let with_survivor = states
                    .into_iter()
                    .map(|(id, state)| Ok(self.merged_into(&id)?.map(|survivor| (state, survivor))));
                with_survivor.filter_map(Result::transpose).collect()
            }

            /// All feeds by name.
            ///
            /// # Errors
            /// When reading fails.
            pub fn feeds(&self) -> Result<Vec<(String, FeedRecord)>, DbError> {
                self.all(FEEDS)
            }

            /// Bundles as pulled: feed, patient, bytes.
            ///
            /// # Errors
            /// When reading fails.
            pub fn bundles(&self) -> Result<Vec<(String, String, Vec<u8>)>, DbError> {
                let table = self.txn.open_table(BUNDLES).map_err(stop)?;
                let mut found = Vec::new();
                for entry in table.iter().map_err(stop)? {
                    let (key, value) = entry.map_err(stop)?;
                    if let Some((feed, patient)) = key.value().split_once(PART) {
                        found.push((feed.to_owned(), patient.to_owned(), value.value().to_vec()));
                    }
                }
                Ok(found)
            }

            /// The number of the last change; grows with each.
            ///
            /// # Errors
            /// When reading fails.
            pub fn revision(&self) -> Result<u64, DbError> {
                let table = self.txn.open_table(CHANGES).map_err(stop)?;
                Ok(table.last().map_err(stop)?.map_or(0, |(last, _)| last.value()))
            }

            /// The changes after a revision; `None` when some of them are not kept any more.
            ///
            /// # Errors
            /// When reading fails.
            pub fn changes_after(&self, revision: u64) -> Result<Option<Vec<Change>>, DbError> {
                let table = self.txn.open_table(CHANGES).map_err(stop)?;
                let first = table.first().map_err(stop)?.map_or(1, |(first, _)| first.value());
                if revision + 1 < first {
                    return Ok(None);
                }
                let mut found = Vec::new();
                for pair in table.range(revision + 1..).map_err(stop)? {
                    let (_, value) = pair.map_err(stop)?;
                    found.push(serde_json::from_slice(value.value()).map_err(|error| damaged(&error))?);
                }
                Ok(Some(found))
            }

            /// The next ledger entry for a target.
            ///
            /// # Errors
            /// When reading fails.
            pub fn cursor(&self, target: &str) -> Result<u64, DbError> {
                let table = self.txn.open_table(CURSORS).map_err(stop)?;
                Ok(table.get(target).map_err(stop)?.map_or(0, |at| at.value()))
            }

            /// What became of the delivery of an entry.
            ///
            /// # Errors
            /// When reading fails.
            pub fn delivery(&self, target: &str, sequence: u64) -> Result<Option<Delivery>, DbError> {
                self.json(DELIVERIES, &pair(target, &format!("{sequence:020}")))
            }

            /// Every target that something was delivered to, or refused by.
            ///
            /// # Errors
            /// When reading fails.
            pub fn targets(&self) -> Result<Vec<String>, DbError> {
                let table = self.txn.open_table(CURSORS).map_err(stop)?;
                let mut found = Vec::new();
                for pair in table.iter().map_err(stop)? {
                    found.push(pair.map_err(stop)?.0.value().to_owned());
                }
                Ok(found)
            }

            /// All deliveries of a target that wait for a person: entry and what was said.
            ///
            /// # Errors
            /// When reading fails.
            pub fn parked_deliveries(&self, target: &str) -> Result<Vec<(u64, Delivery)>, DbError> {
                self.deliveries_in(target, "parked")
            }

            /// All deliveries of a target that a person asked to be tried again.
            ///
            /// # Errors
            /// When reading fails.
            pub fn deliveries_again(&self, target: &str) -> Result<Vec<(u64, Delivery)>, DbError> {
                self.deliveries_in(target, "again")
            }

            fn deliveries_in(&self, target: &str, state: &str) -> Result<Vec<(u64, Delivery)>, DbError> {
                let table = self.txn.open_table(DELIVERIES).map_err(stop)?;
                let (from, to) = range_of(target);
                let mut found = Vec::new();
                for pair in table.range(from.as_str()..to.as_str()).map_err(stop)? {
                    let (key, value) = pair.map_err(stop)?;
                    let delivery: Delivery =
                        serde_json::from_slice(value.value()).map_err(|error| damaged(&error))?;
                    let sequence = key.value().split_once(PART).and_then(|(_, number)| number.parse().ok());
                    if let Some(sequence) = sequence.filter(|_| delivery.state == state) {
                        found.push((sequence, delivery));
                    }
                }
                Ok(found)
            }
        }

        impl States for $type {
            fn patient(&self, id: &str) -> Result<Option<PatientState>, DbError> {
                self.json(PATIENTS, id)
            }

            fn order(&self, id: &str) -> Result<Option<OrderState>, DbError> {
                self.json(ORDERS, id)
            }

            fn orders_of(&self, patient: &str) -> Result<Vec<String>, DbError> {
                self.seconds(PATIENT_ORDERS, patient)
            }

            fn orders_with(&self, role: Role, number: &Number) -> Result<Vec<String>, DbError> {
                let table = self.txn.open_table(ORDER_NUMBERS).map_err(stop)?;
                let (from, to) = range_of(&numbered(role, number));
                let mut found = Vec::new();
                for entry in table.range(from.as_str()..to.as_str()).map_err(stop)? {
                    let (key, _) = entry.map_err(stop)?;
                    found.extend(key.value().rsplit_once(PART).map(|(_, id)| id.to_owned()));
                }
                Ok(found)
            }

            fn merged_into(&self, patient: &str) -> Result<Option<String>, DbError> {
                let table = self.txn.open_table(MERGED).map_err(stop)?;
                Ok(table.get(patient).map_err(stop)?.map(|into| into.value().to_owned()))
            }

            fn dispenses_of(&self, patient: &str) -> Result<Vec<DispenseState>, DbError> {
                let ids = self.seconds(PATIENT_DISPENSES, patient)?;
                ids.iter().filter_map(|id| self.json(DISPENSES, id).transpose()).collect()
            }

            fn dispense(&self, dose: &str) -> Result<Option<DispenseState>, DbError> {
                self.json(DISPENSES, dose)
            }
        }
    };
}

reading!(View);
reading!(Txn);

impl Txn {
    fn put(
        &self,
        table: TableDefinition<'_, &'static str, &'static [u8]>,
        key: &str,
        value: &impl Serialize,
    ) -> Result<(), DbError> {
        let bytes = serde_json::to_vec(value).map_err(|error| damaged(&error))?;
        self.txn.open_table(table).map_err(stop)?.insert(key, bytes.as_slice()).map_err(stop)?;
        Ok(())
    }

    /// Stores a message under the next number and says which.
    ///
    /// # Errors
    /// When writing fails.
    pub fn add_message(
        &self,
        record: &mut MessageRecord,
        bytes: &[u8],
        sender: Option<&str>,
    ) -> Result<(), DbError> {
        record.number = self.messages()? + 1;
        self.txn.open_table(BYTES).map_err(stop)?.insert(record.number, bytes).map_err(stop)?;
        self.update_message(record)?;
        if let Some(sender) = sender {
            let key = pair(sender, &record.control_id);
            self.txn.open_table(IDS).map_err(stop)?.insert(key.as_str(), record.number).map_err(stop)?;
        }
        Ok(())
    }

    /// Stores what became of a message; one that was not applied waits for a person.
    ///
    /// # Errors
    /// When writing fails.
    pub fn update_message(&self, record: &MessageRecord) -> Result<(), DbError> {
        let json = serde_json::to_vec(record).map_err(|error| damaged(&error))?;
        self.txn.open_table(MESSAGES).map_err(stop)?.insert(record.number, json.as_slice()).map_err(stop)?;
        let mut parked = self.txn.open_table(PARKED).map_err(stop)?;
        if record.reason.is_empty() {
            parked.remove(record.number).map_err(stop)?;
        } else {
            parked.insert(record.number, ()).map_err(stop)?;
        }
        Ok(())
    }

    /// Takes a parked message off the list: a person has dealt with it. Its bytes stay.
    ///
    /// # Errors
    /// When writing fails.
    pub fn dismiss(&self, number: u64) -> Result<bool, DbError> {
        let mut parked = self.txn.open_table(PARKED).map_err(stop)?;
        let removed = parked.remove(number).map_err(stop)?.is_some();
        Ok(removed)
    }

    /// Stores everything that one message changed.
    ///
    /// # Errors
    /// When writing fails.
    pub fn keep(&self, book: &Changes) -> Result<(), DbError> {
        for (id, patient) in &book.patients {
            match patient {
                Some(patient) => self.put(PATIENTS, id, patient)?,
                None => {
                    self.txn.open_table(PATIENTS).map_err(stop)?.remove(id.as_str()).map_err(stop)?;
                }
            }
        }
        for (id, patient) in &book.retired {
            self.put(RETIRED, id, patient)?;
        }
        for (id, order) in &book.orders {
            let before: Option<OrderState> = self.json(ORDERS, id)?;
            let mut index = self.txn.open_table(PATIENT_ORDERS).map_err(stop)?;
            if let Some(before) = before.filter(|before| before.patient != order.patient) {
                index.remove(pair(&before.patient, id).as_str()).map_err(stop)?;
            }
            index.insert(pair(&order.patient, id).as_str(), ()).map_err(stop)?;
            drop(index);
            self.index_numbers_of(order)?;
            self.put(ORDERS, id, order)?;
        }
        for (id, dose) in &book.dispenses {
            let before: Option<DispenseState> = self.json(DISPENSES, id)?;
            let mut index = self.txn.open_table(PATIENT_DISPENSES).map_err(stop)?;
            if let Some(before) = before.filter(|before| before.patient != dose.patient) {
                index.remove(pair(&before.patient, id).as_str()).map_err(stop)?;
            }
            index.insert(pair(&dose.patient, id).as_str(), ()).map_err(stop)?;
            drop(index);
            self.put(DISPENSES, id, dose)?;
        }
        let mut merged = self.txn.open_table(MERGED).map_err(stop)?;
        for (from, into) in &book.merges {
            merged.insert(from.as_str(), into.as_str()).map_err(stop)?;
        }
        drop(merged);
        self.add_changes(&book.what)
    }

    /// Both numbers of an order lead to it from now on; one that it had before still does.
    fn index_numbers_of(&self, order: &OrderState) -> Result<(), DbError> {
        let mut index = self.txn.open_table(ORDER_NUMBERS).map_err(stop)?;
        for role in [Role::Placer, Role::Filler] {
            let number = order.number(role);
            if !number.value.is_empty() {
                index.insert(pair(&numbered(role, number), &order.id).as_str(), ()).map_err(stop)?;
            }
        }
        Ok(())
    }

    /// Makes the index of a store that was written before there was one.
    fn index_order_numbers(&self) -> Result<(), DbError> {
        let is_indexed = {
            let meta = self.txn.open_table(META).map_err(stop)?;
            let found = meta.get(INDEXED).map_err(stop)?;
            found.is_some()
        };
        if is_indexed {
            return Ok(());
        }
        for (_, order) in self.all::<OrderState>(ORDERS)? {
            self.index_numbers_of(&order)?;
        }
        self.txn.open_table(META).map_err(stop)?.insert(INDEXED, "yes").map_err(stop)?;
        Ok(())
    }

    /// Adds changes for whoever watches.
    ///
    /// # Errors
    /// When writing fails.
    pub fn add_changes(&self, changes: &[Change]) -> Result<(), DbError> {
        let mut revision = self.revision()?;
        let mut table = self.txn.open_table(CHANGES).map_err(stop)?;
        for change in changes {
            revision += 1;
            let json = serde_json::to_vec(change).map_err(|error| damaged(&error))?;
            table.insert(revision, json.as_slice()).map_err(stop)?;
            if let Some(old) = revision.checked_sub(MOST_CHANGES) {
                table.remove(old).map_err(stop)?;
            }
        }
        Ok(())
    }

    /// Says when a feed was heard.
    ///
    /// # Errors
    /// When writing fails.
    pub fn put_feed(&self, name: &str, feed: &FeedRecord) -> Result<(), DbError> {
        self.put(FEEDS, name, feed)
    }

    /// A feed by name.
    ///
    /// # Errors
    /// When reading fails.
    pub fn feed(&self, name: &str) -> Result<Option<FeedRecord>, DbError> {
        self.json(FEEDS, name)
    }

    /// Replaces the Bundles of a feed as a whole: what a complete pull did not bring is gone.
    ///
    /// # Errors
    /// When writing fails.
    pub fn put_bundles(&self, feed: &str, bundles: &[(String, Vec<u8>)]) -> Result<(), DbError> {
        let mut table = self.txn.open_table(BUNDLES).map_err(stop)?;
        let (from, to) = range_of(feed);
        table
            .retain_in(from.as_str()..to.as_str(), |key, _| {
                let patient = key.split_once(PART).map_or("", |(_, patient)| patient);
                bundles.iter().any(|(known, _)| known == patient)
            })
            .map_err(stop)?;
        for (patient, bytes) in bundles {
            table.insert(pair(feed, patient).as_str(), bytes.as_slice()).map_err(stop)?;
        }
        Ok(())
    }

    /// Has a parked delivery tried again; false when there is none.
    ///
    /// # Errors
    /// When writing fails.
    pub fn deliver_again(&self, target: &str, sequence: u64) -> Result<bool, DbError> {
        let Some(parked) = self.delivery(target, sequence)?.filter(|known| known.state == "parked") else {
            return Ok(false);
        };
        let again = Delivery { state: "again".into(), ..parked };
        self.put(DELIVERIES, &pair(target, &format!("{sequence:020}")), &again)?;
        Ok(true)
    }

    /// Stores what became of a delivery, and moves the target's cursor behind it; one that was tried again lies before it.
    ///
    /// # Errors
    /// When writing fails.
    pub fn delivered(&self, target: &str, sequence: u64, delivery: Option<&Delivery>) -> Result<(), DbError> {
        if let Some(delivery) = delivery {
            self.put(DELIVERIES, &pair(target, &format!("{sequence:020}")), delivery)?;
        }
        let next = self.cursor(target)?.max(sequence + 1);
        self.txn.open_table(CURSORS).map_err(stop)?.insert(target, next).map_err(stop)?;
        Ok(())
    }

    /// Removes the bytes and records of applied messages with a number below `before`; parked ones stay.
    ///
    /// # Errors
    /// When writing fails.
    pub fn forget_messages(&self, before: u64) -> Result<u64, DbError> {
        let parked = self.parked_numbers()?;
        let mut removed = 0;
        self.txn
            .open_table(BYTES)
            .map_err(stop)?
            .retain_in(..before, |number, _| parked.contains(&number))
            .map_err(stop)?;
        self.txn
            .open_table(MESSAGES)
            .map_err(stop)?
            .retain_in(..before, |number, _| {
                let keep = parked.contains(&number);
                removed += u64::from(!keep);
                keep
            })
            .map_err(stop)?;
        self.txn
            .open_table(IDS)
            .map_err(stop)?
            .retain(|_, number| number >= before || parked.contains(&number))
            .map_err(stop)?;
        Ok(removed)
    }
}

/// What a message changed, free of what it was read from.
#[derive(Debug, Default)]
pub struct Changes {
    patients: std::collections::BTreeMap<String, Option<PatientState>>,
    orders: std::collections::BTreeMap<String, OrderState>,
    dispenses: std::collections::BTreeMap<String, DispenseState>,
    merges: std::collections::BTreeMap<String, String>,
    retired: std::collections::BTreeMap<String, PatientState>,
    what: Vec<Change>,
}

impl Changes {
    /// What stays of a message that was refused.
    pub fn of_refused(book: Book<'_>) -> Self {
        let change = |patient: &String, what| Change { patient: patient.clone(), what };
        let stopped = book.stopped.values().map(|order| change(&order.patient, What::Orders));
        let warned = book.warned.keys().map(|patient| change(patient, What::Allergies));
        let what = stopped.chain(warned).collect();
        let patients = book.warned.into_iter().map(|(id, patient)| (id, Some(patient))).collect();
        Self { patients, orders: book.stopped, what, ..Self::default() }
    }
}

impl From<Book<'_>> for Changes {
    fn from(book: Book<'_>) -> Self {
        let Book { patients, orders, dispenses, merges, retired, changes, .. } = book;
        Self { patients, orders, dispenses, merges, retired, what: changes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A store that was written before there was an index of the numbers gets one when it is opened.
    #[test]
    fn the_numbers_of_the_orders_of_an_older_store_are_found() {
        let dir = tempfile::tempdir().unwrap();
        let path = path_in(dir.path());
        let number = |value: &str| Number { value: value.to_owned(), authority: "PHARM".to_owned() };
        let db = Db::open(&path).unwrap();
        db.write(|txn| {
            let order = OrderState { id: "O1".into(), filler: number("RX1"), ..OrderState::default() };
            txn.put(ORDERS, "O1", &order)?;
            txn.txn.delete_table(ORDER_NUMBERS).map_err(stop)?;
            txn.txn.open_table(META).map_err(stop)?.remove(INDEXED).map_err(stop)?;
            Ok(())
        })
        .unwrap();
        drop(db);
        let db = Db::open(&path).unwrap();
        let view = db.view().unwrap();
        assert_eq!(view.orders_with(Role::Filler, &number("RX1")).unwrap(), ["O1"]);
        for (role, other) in [(Role::Placer, "RX1"), (Role::Filler, "RX"), (Role::Filler, "RX1\u{1F}PHARM")] {
            assert_eq!(view.orders_with(role, &number(other)).unwrap(), Vec::<String>::new());
        }
    }

    /// What an earlier version wrote has no time of the last transaction.
    #[test]
    fn an_order_of_an_older_store_can_be_read() {
        let order = OrderState { id: "O1".into(), transaction: Some("x".into()), ..OrderState::default() };
        let json = serde_json::to_string(&order).unwrap().replace(r#","transaction":"x""#, "");
        let read: OrderState = serde_json::from_str(&json).unwrap();
        assert_eq!(read, OrderState { transaction: None, ..order });
    }
}
