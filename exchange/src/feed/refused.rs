//! Orders that were refused, for the bedside: a message that waits for a person may hold what the patient is to be given, or not to be
//! given any more. Until it is applied or dismissed the nurse sees that not all of this patient's orders could be read.

use std::collections::BTreeMap;

use rights::ident::PatientId;

use super::book::{Book, States as _};
use super::db::{DbError, MessageRecord, View};
use crate::hl7::{self, Hl7Rules};
use crate::rejection::Rejection;

/// Whose order each parked message is about, by its number; `None`: it is about none, or whose cannot be told.
#[derive(Debug, Default)]
pub(super) struct RefusedOrders(BTreeMap<u64, Option<String>>);

impl RefusedOrders {
    /// Those of patients who are known, as of now.
    pub(super) fn read(&mut self, view: &View, rules: &Hl7Rules) -> Result<Vec<Rejection>, DbError> {
        let mut before = std::mem::take(&mut self.0);
        let mut found = Vec::new();
        for record in view.parked()? {
            let patient = match before.remove(&record.number) {
                Some(known) => known,
                None if is_order(&record) => {
                    view.message_bytes(record.number)?.and_then(|bytes| hl7::patient_of(&bytes, rules))
                }
                None => None,
            };
            if let Some(patient) = &patient {
                let survivor = Book::new(view).survivor(patient)?;
                if view.patient(&survivor)?.is_some() {
                    found.push(rejection(&record, PatientId::parse(&survivor).ok()));
                }
            }
            self.0.insert(record.number, patient);
        }
        Ok(found)
    }
}

/// What is never accepted here (`AR`: of a test system, of another kind, without a usable MSH-10) is nothing that the bedside waits for.
fn is_order(record: &MessageRecord) -> bool {
    record.kind.starts_with("RDE^") && record.answer == "AE"
}

/// A parked message as a rejection.
pub(super) fn rejection(record: &MessageRecord, patient: Option<PatientId>) -> Rejection {
    Rejection {
        resource: format!("{} message {}", record.kind, record.number),
        place: format!("{} {}", record.feed, record.place),
        reason: record.reason.clone(),
        remedy: record.remedy.clone(),
        patient,
        version: None,
    }
}
