//! Observation to vital signs, laboratory values and the body weight of a patient.
//!
//! A value that cannot be read says that there is a newer one than those that can: it ends the older ones of its kind, so that a
//! check which needs it asks for it instead of passing on an old one.

use jiff::Timestamp;
use rights::entered::Observation;
use rights::ident::{ObservationCode, PatientId};

use super::bundle::Entry;
use super::{DateTime, Reader, model, quantity, read_entry};
use crate::rejection::{Note, Refusal};
use crate::units::short;

/// One value of one patient, or the news that there is one that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) patient: PatientId,
    pub(crate) what: ObservationCode,
    pub(crate) at: Timestamp,
    pub(crate) value: Value,
}

/// What a [`Seen`] says of the values of its kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    /// This one was measured.
    Measured(Observation),
    /// One was measured that cannot be read: older ones are out of date.
    Unreadable,
    /// The one of this instant was entered in error.
    Withdrawn,
}

impl Reader<'_> {
    pub(super) fn read_observations(&mut self) {
        let mut others = 0_usize;
        for entry in self.entries("Observation") {
            match self.observations(entry) {
                Ok(read) if read.is_empty() => others += 1,
                Ok(read) => {
                    for (path, seen) in read {
                        match seen {
                            Ok(seen) => self.import.seen.push(seen),
                            Err((seen, refusal)) => {
                                self.import.seen.push(seen);
                                let refusal = if path.is_empty() { refusal } else { refusal.within(&path) };
                                // No order is missing for that: the patient is not marked as unreadable.
                                self.refuse(entry, None, &refusal);
                            }
                        }
                    }
                }
                Err(refusal) => self.refuse(entry, None, &refusal),
            }
        }
        if others > 0 {
            let text = format!("{others} of a kind that no check uses, or not final: not used");
            self.import.notes.push(Note { resource: "Observation".to_owned(), text });
        }
    }

    #[allow(clippy::type_complexity, reason = "each value, good or bad, with the place where it stands")]
    fn observations(
        &self,
        entry: &Entry<'_>,
    ) -> Result<Vec<(String, Result<Seen, (Seen, Refusal)>)>, Refusal> {
        let raw: model::Observation = read_entry(entry)?;
        let withdrawn = match raw.status.as_deref() {
            Some("final" | "amended" | "corrected") => false,
            Some("entered-in-error" | "cancelled") => true,
            Some("registered" | "preliminary" | "unknown") => return Ok(Vec::new()),
            other => {
                let reason =
                    format!("\"{}\" is no status of an Observation", short(other.unwrap_or("missing")));
                return Err(Refusal::new("status", reason, "export it with its status"));
            }
        };
        let whole =
            self.known(raw.code.as_ref()).map(|what| (String::new(), what, raw.value_quantity.as_ref()));
        let parts = raw.component.iter().enumerate().filter_map(|(index, part)| {
            let what = self.known(part.code.as_ref())?;
            Some((format!("component[{index}]"), what, part.value_quantity.as_ref()))
        });
        let values: Vec<_> = whole.into_iter().chain(parts).collect();
        if values.is_empty() {
            return Ok(Vec::new());
        }
        let at = self.patient_of("subject", raw.subject.as_ref())?;
        let patient =
            self.patient_id(at).ok_or_else(|| Refusal::new("subject", "no patient", "export it again"))?;
        let at = effective(&raw)?;
        let seen =
            |what: &ObservationCode, value| Seen { patient: patient.clone(), what: what.clone(), at, value };
        Ok(values
            .into_iter()
            .map(|(path, what, value)| {
                let read = if withdrawn {
                    Ok(seen(&what, Value::Withdrawn))
                } else {
                    match self.measured(value) {
                        Ok(value) => {
                            let observation = Observation { what: what.clone(), value, at };
                            Ok(seen(&what, Value::Measured(observation)))
                        }
                        Err(refusal) => Err((seen(&what, Value::Unreadable), refusal)),
                    }
                };
                (path, read)
            })
            .collect())
    }

    /// The observation that a concept names, by the site's table.
    fn known(&self, concept: Option<&model::CodeableConcept>) -> Option<ObservationCode> {
        concept?.coding.iter().find_map(|coding| {
            let (system, code) = (coding.system.as_deref()?, coding.code.as_deref()?);
            self.rules.observations.known(system, code).map(|known| known.what.clone())
        })
    }

    fn measured(&self, raw: Option<&model::Quantity>) -> Result<rights::quantity::Quantity, Refusal> {
        let ask = "enter the value at the bedside, and have the sending system send a Quantity";
        let raw = raw.ok_or_else(|| Refusal::new("valueQuantity", "missing", ask))?;
        if raw.comparator.is_some() {
            let reason = "\"less than\" or \"more than\" is no exact value";
            return Err(Refusal::new("valueQuantity.comparator", reason, ask));
        }
        quantity::measured(raw, &self.rules.units).map_err(|refusal| refusal.within("valueQuantity"))
    }
}

/// When it was true of the patient; a day alone does not tell how old it is.
fn effective(raw: &model::Observation) -> Result<Timestamp, Refusal> {
    let (path, text) = match (&raw.effective_date_time, &raw.effective_instant) {
        (Some(text), _) => ("effectiveDateTime", text),
        (None, Some(text)) => ("effectiveInstant", text),
        (None, None) => {
            return Err(Refusal::new(
                "effective[x]",
                "missing: its age is not known",
                "export when it was measured",
            ));
        }
    };
    match DateTime::parse(text) {
        Ok(DateTime::Instant(at)) => Ok(at),
        Ok(_) => Err(Refusal::new(
            path,
            "has no time of day: its age is not known",
            "export date, time and offset",
        )),
        Err(reason) => Err(Refusal::new(path, reason, "correct the time")),
    }
}
