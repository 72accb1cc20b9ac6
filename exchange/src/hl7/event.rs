//! When an ADT was recorded (EVN-2, v2.5.1 section 3.4.1.2), and what of one counts that comes after a newer one.
//!
//! Messages are applied in the order in which they come. One that was parked and is sent again, or that a replayed queue brings,
//! may be older than what is known: taken as if it were new, it would delete an allergy that was added since, and lay the patient
//! into the bed of before.

use jiff::Timestamp;

use super::allergies::warn;
use super::transaction::AHEAD;
use super::{ApplyError, Incoming, Refused, time};
use crate::feed::book::Book;
use crate::feed::state::{PatientState, Visit};

/// When an ADT was recorded.
pub(super) struct Recorded {
    /// EVN-2, else MSH-7.
    at: Timestamp,
    /// The last instant that it may mean.
    until: Timestamp,
    /// When it was received, and how far the sender's clock may be ahead.
    latest: Timestamp,
}

impl Recorded {
    pub(super) fn of(incoming: &Incoming<'_>) -> Self {
        let evn = incoming.message.segment("EVN").map(|evn| evn.text(2));
        let told = [evn.unwrap_or_default(), incoming.message.header().text(7)];
        let zone = &incoming.zone;
        let read = |text: &String| Some((time::instant(text, zone)?, time::latest(text, zone)?));
        let received = incoming.received;
        let (at, until) = told.iter().find_map(read).unwrap_or((received, received));
        Self { at, until, latest: received.checked_add(AHEAD).unwrap_or(received) }
    }

    /// When the last ADT about this patient was recorded, if that was after this one.
    pub(super) fn is_before(&self, known: &PatientState) -> Option<Timestamp> {
        last(known).filter(|last| *last <= self.latest && self.until < *last)
    }

    /// Keeps its time with the patient. A clock of the sender that is ahead must not have its later messages refused for long.
    pub(super) fn keep(&self, patient: &mut PatientState) {
        let at = self.at.min(self.latest);
        patient.recorded = Some(last(patient).map_or(at, |last| last.max(at)).to_string());
    }

    /// Takes of an older message what it adds to the allergies: a warning too many is the safe side. What else it would change is for
    /// a person.
    ///
    /// # Errors
    /// When it would change something else.
    pub(super) fn take_late(
        &self,
        known: &PatientState,
        told: &PatientState,
        newer: Timestamp,
        book: &mut Book<'_>,
    ) -> Result<Vec<String>, ApplyError> {
        let warned = warn(known, told, book);
        // Since when it is this visit is not what such a message tells.
        let others = |patient: &PatientState| {
            let visit = patient.visit.clone().map(|visit| Visit { began: None, ..visit });
            PatientState { allergies: Vec::new(), visit, ..patient.clone() }
        };
        let deletes = !warned.allergies.iter().all(|known| told.allergies.contains(known));
        let changes = deletes || others(known) != others(told);
        if !changes {
            return Ok(vec!["older than what is known of this patient, and says nothing else".to_owned()]);
        }
        let reason = format!(
            "was recorded at {}, before the last message about this patient that was applied ({newer}): nothing was changed, but allergies \
             that it adds were added",
            self.at
        );
        let remedy = "see which of them holds; send the record as it is now, with its own EVN-2";
        Err(Refused::error("EVN-2", reason, remedy).into())
    }
}

fn last(patient: &PatientState) -> Option<Timestamp> {
    patient.recorded.as_ref().and_then(|text| text.parse().ok())
}
