//! What the feeds brought and what was delivered: one redb file, `feed.redb`. This file and those below it are the only ones of the feeds that know redb.
//!
//! | file | what |
//! |---|---|
//! | `records` | what is kept of messages, feeds and deliveries |
//! | `read`, `write` | everything that is asked of the tables below |
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

mod read;
mod records;
mod write;

use std::path::{Path, PathBuf};

use redb::{
    Builder, Database, Durability, ReadOnlyDatabase, ReadTransaction, ReadableDatabase as _,
    ReadableTable as _, TableDefinition, WriteTransaction,
};

use super::state::{Number, Role};
pub use records::{Delivery, FeedRecord, MessageRecord};
pub use write::Changes;

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
/// What was sent to a target is kept for so many entries before its cursor.
const SENT_KEPT: u64 = 1_000;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::book::States as _;
    use crate::feed::state::OrderState;

    /// What waits for a person is found among what was sent lately, however long ago it was refused.
    #[test]
    fn of_deliveries_those_stay_that_somebody_can_ask_for() {
        let dir = tempfile::tempdir().unwrap();
        let db = Db::open(&path_in(dir.path())).unwrap();
        let of = |state: &str| Delivery { state: state.into(), ..Delivery::default() };
        db.write(|txn| {
            for target in ["ehr", "ehr2"] {
                txn.delivered(target, 0, &of("sent"))?;
                txn.delivered(target, 1, &of("parked"))?;
            }
            (2..SENT_KEPT + 10).try_for_each(|sequence| txn.delivered("ehr", sequence, &of("sent")))
        })
        .unwrap();
        let view = db.view().unwrap();
        let all = view.all::<Delivery>(DELIVERIES).unwrap();
        let of_ehr = all.iter().filter(|(key, _)| key.starts_with(&format!("ehr{PART}"))).count() as u64;
        assert_eq!(of_ehr, SENT_KEPT + 1);
        assert_eq!(view.parked_deliveries("ehr").unwrap(), [(1, of("parked"))]);
        assert_eq!(view.delivery("ehr", 9).unwrap(), None);
        assert_eq!(view.delivery("ehr", 10).unwrap(), Some(of("sent")));
        assert_eq!(view.cursor("ehr").unwrap(), SENT_KEPT + 10);
        assert_eq!(view.delivery("ehr2", 0).unwrap(), Some(of("sent")), "of another target");
    }

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
