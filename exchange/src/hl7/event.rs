//! When an ADT was recorded (EVN-2, v2.5.1 section 3.4.1.2), and what of one counts that comes after a newer one.
//!
//! Messages are applied in the order in which they come. One that was parked and is sent again, or that a replayed queue brings,
//! may be older than what is known: taken as if it were new, it would delete an allergy that was added since, and lay the patient
//! into the bed of before.

use jiff::{SignedDuration, Timestamp};

use super::allergies::add;
use super::transaction::AHEAD;
use super::{ApplyError, Incoming, Refused, time};
use crate::feed::book::Book;
use crate::feed::state::PatientState;

/// When an ADT was recorded.
pub(super) struct Recorded {
    /// EVN-2, else MSH-7.
    at: Timestamp,
    /// The last instant that it may mean: some systems write minutes only.
    until: Timestamp,
    /// When it was received, and how far the sender's clock may be ahead.
    latest: Timestamp,
}

impl Recorded {
    pub(super) fn of(incoming: &Incoming<'_>) -> Self {
        let evn = incoming.message.segment("EVN").map(|evn| evn.text(2));
        let told = [evn.unwrap_or_default(), incoming.message.header().text(7)];
        let read = |text: &String| Some((time::instant(text, &incoming.zone)?, left_open(text)));
        let (at, open) = told.iter().find_map(read).unwrap_or((incoming.received, SignedDuration::ZERO));
        let after = |from: Timestamp, span| from.checked_add(span).unwrap_or(from);
        Self { at, until: after(at, open), latest: after(incoming.received, AHEAD) }
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
        let mut warned = known.clone();
        for allergy in &told.allergies {
            add(&mut warned, allergy.clone());
        }
        let without_allergies =
            |patient: &PatientState| PatientState { allergies: Vec::new(), ..patient.clone() };
        let deletes = !warned.allergies.iter().all(|known| told.allergies.contains(known));
        let changes = deletes || without_allergies(known) != without_allergies(told);
        if warned.allergies != known.allergies {
            book.put_warned(warned);
        }
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

/// How much of a time is not written.
fn left_open(text: &str) -> SignedDuration {
    match text.bytes().take_while(u8::is_ascii_digit).count() {
        ..=10 => SignedDuration::from_secs(3599),
        11..=13 => SignedDuration::from_secs(59),
        _ => SignedDuration::ZERO,
    }
}
