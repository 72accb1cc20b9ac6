//! Writing the feed store, inside one transaction.

use redb::{ReadableTable as _, TableDefinition};
use serde::Serialize;

use super::records::{Delivery, FeedRecord, MessageRecord};
use super::{
    BUNDLES, BYTES, CHANGES, CURSORS, DELIVERIES, DISPENSES, DbError, FEEDS, IDS, INDEXED, MERGED, MESSAGES,
    META, MOST_CHANGES, ORDER_NUMBERS, ORDERS, PARKED, PART, PATIENT_DISPENSES, PATIENT_ORDERS, PATIENTS,
    RETIRED, SENT_KEPT, Txn, damaged, numbered, pair, range_of, stop,
};
use crate::feed::book::Book;
use crate::feed::state::{Change, DispenseState, OrderState, PatientState, Role, What};

impl Txn {
    pub(super) fn put(
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
    pub(super) fn index_order_numbers(&self) -> Result<(), DbError> {
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

    /// Stores what became of a delivery, and moves the target's cursor behind it; one that was tried again lies before it. Of what was sent
    /// long ago the cursor alone is left.
    ///
    /// # Errors
    /// When writing fails.
    pub fn delivered(&self, target: &str, sequence: u64, delivery: &Delivery) -> Result<(), DbError> {
        self.put(DELIVERIES, &pair(target, &format!("{sequence:020}")), delivery)?;
        let next = self.cursor(target)?.max(sequence + 1);
        self.txn.open_table(CURSORS).map_err(stop)?.insert(target, next).map_err(stop)?;
        let (from, _) = range_of(target);
        let to = pair(target, &format!("{:020}", next.saturating_sub(SENT_KEPT)));
        let waits = |value: &[u8]| {
            serde_json::from_slice(value).map_or(true, |delivery: Delivery| delivery.state != "sent")
        };
        let mut table = self.txn.open_table(DELIVERIES).map_err(stop)?;
        table.retain_in(from.as_str()..to.as_str(), |_, value| waits(value)).map_err(stop)?;
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
