//! Reading the feed store: a snapshot, and an open transaction, which also sees what it wrote itself.

use redb::{ReadableTable as _, ReadableTableMetadata as _, TableDefinition};
use serde::de::DeserializeOwned;

use super::records::{Delivery, FeedRecord, MessageRecord};
use super::{
    BUNDLES, BYTES, CHANGES, CURSORS, DELIVERIES, DISPENSES, DbError, FEEDS, IDS, MERGED, MESSAGES,
    ORDER_NUMBERS, ORDERS, PARKED, PART, PATIENT_DISPENSES, PATIENT_ORDERS, PATIENTS, RETIRED, Txn, View,
    damaged, numbered, pair, range_of, stop,
};
use crate::feed::book::States;
use crate::feed::state::{Change, DispenseState, Number, OrderState, PatientState, Role};

/// The reading that a snapshot and an open transaction have in common.
macro_rules! reading {
    ($type:ident) => {
        impl $type {
            pub(super) fn json<T: DeserializeOwned>(
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

            pub(super) fn all<T: DeserializeOwned>(
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

            /// What became of the delivery of an entry; of one before the cursor that is not told any more: it was sent.
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
