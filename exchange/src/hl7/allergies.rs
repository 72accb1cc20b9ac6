//! Allergies: AL1 (v2.5.1 section 3.4.6), a list, and IAM (section 3.4.7), single changes of it.

use super::er7::Segment;
use super::{Incoming, Refused, codes, entity};
use crate::feed::book::Book;
use crate::feed::state::{AllergyState, Number, PatientState};

/// How a message is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// ADT: the AL1 are the whole list (snapshot mode).
    Whole,
    /// Orders: the AL1 only add.
    Adding,
    /// A60, which is about nothing else: one that cannot be carried out is refused.
    Changes,
}

/// AL1 and IAM into the record. A message without them changes nothing. Where the message is about something else, an allergy that
/// cannot be carried out must not keep that from the bedside: what is known stays and what may be new is added, which is the safe side.
pub(super) fn read(
    incoming: &Incoming<'_>,
    patient: &mut PatientState,
    reading: Reading,
    notes: &mut Vec<String>,
) -> Result<(), Refused> {
    let of =
        |name: &'static str| incoming.message.segments().iter().filter(move |segment| segment.name() == name);
    let list: Vec<&Segment> = of("AL1").collect();
    if !list.is_empty() {
        take_list(incoming, &list, patient, reading, notes)?;
    }
    for iam in of("IAM") {
        match change(incoming, iam, patient) {
            Err(refused) if reading == Reading::Changes => return Err(refused),
            Err(refused) => {
                let ends = iam.text(6) == "D" || matches!(iam.text(17).as_str(), "I" | "E");
                if !ends && let Some(unclear) = substance(iam, entity(&iam.field(7))) {
                    add(patient, unclear);
                }
                notes.push(not_as_sent(&refused));
            }
            Ok(()) => {}
        }
    }
    Ok(())
}

fn not_as_sent(Refused { place, reason, .. }: &Refused) -> String {
    format!("an allergy was not taken as it was sent: {place}: {reason}")
}

fn take_list(
    incoming: &Incoming<'_>,
    list: &[&Segment],
    patient: &mut PatientState,
    reading: Reading,
    notes: &mut Vec<String>,
) -> Result<(), Refused> {
    let mut whole = reading != Reading::Adding;
    let mut told = Vec::new();
    for al1 in list.iter().filter(|al1| !al1.field(3).is_delete()) {
        match allergy(incoming, al1, 6, Number::default()) {
            Ok(allergy) => told.push(allergy),
            Err(refused) if reading == Reading::Changes => return Err(refused),
            Err(refused) => {
                notes.push(not_as_sent(&refused));
                match substance(al1, Number::default()) {
                    Some(unclear) => told.push(unclear),
                    // The list has one that nobody can name: it may be any of those that are known.
                    None => whole = false,
                }
            }
        }
    }
    if whole {
        patient.allergies = told;
        return Ok(());
    }
    for allergy in told {
        add(patient, allergy);
    }
    Ok(())
}

/// What AL1 and IAM have in common: the substance in field 3, the reactions in field 5, when it was recorded.
fn allergy(
    incoming: &Incoming<'_>,
    segment: &Segment,
    recorded: usize,
    number: Number,
) -> Result<AllergyState, Refused> {
    let Some(allergy) = substance(segment, number) else {
        let place = format!("{}-3", segment.name());
        return Err(Refused::error(place, "does not say to what", "send the substance, or \"\" to delete"));
    };
    Ok(AllergyState { recorded: incoming.time(segment, recorded)?, ..allergy })
}

/// The substance and the reactions, where there is a substance.
fn substance(segment: &Segment, number: Number) -> Option<AllergyState> {
    let codes = codes(&segment.field(3));
    let reactions =
        segment.repetitions(5).map(|text| text.component(1)).filter(|text| !text.is_empty()).collect();
    (!codes.is_empty()).then_some(AllergyState { codes, reactions, recorded: None, number })
}

/// Keeps what a message adds to the allergies of a known patient, whatever becomes of the rest of it: a warning too many is the safe
/// side. Returns the patient with them.
pub(super) fn warn(known: &PatientState, told: &PatientState, book: &mut Book<'_>) -> PatientState {
    let mut warned = known.clone();
    for allergy in &told.allergies {
        add(&mut warned, allergy.clone());
    }
    if warned.allergies != known.allergies {
        book.put_warned(warned.clone());
    }
    warned
}

/// Adds an allergy that is not known.
fn add(patient: &mut PatientState, allergy: AllergyState) {
    if !patient.allergies.iter().any(|known| known.codes == allergy.codes) {
        patient.allergies.push(allergy);
    }
}

/// One IAM, by its action code (IAM-6, table 0323).
fn change(incoming: &Incoming<'_>, iam: &Segment, patient: &mut PatientState) -> Result<(), Refused> {
    let number = entity(&iam.field(7));
    let codes = codes(&iam.field(3));
    let same = |known: &AllergyState| {
        let by_number = !number.value.is_empty() && !known.number.value.is_empty();
        if by_number { known.number == number } else { !codes.is_empty() && known.codes == codes }
    };
    let action = iam.text(6);
    match action.as_str() {
        "A" | "U" => {
            // Table 0438: inactive or erroneous. Whether it is to be warned of then is the sender's to say.
            if matches!(iam.text(17).as_str(), "I" | "E") {
                let reason =
                    "an allergy that is inactive or erroneous is added or updated: nothing was changed";
                return Err(Refused::error(
                    "IAM-17",
                    reason,
                    "send IAM-6 D for one that does not hold any more",
                ));
            }
            let told = allergy(incoming, iam, 13, number.clone())?;
            match patient.allergies.iter_mut().find(|known| same(known)) {
                Some(known) => *known = told,
                // An update of one that is not known: a warning too many is the safe side.
                None => patient.allergies.push(told),
            }
        }
        "D" => {
            let before = patient.allergies.len();
            patient.allergies.retain(|known| !same(known));
            if patient.allergies.len() == before {
                let reason = "deletes an allergy that is not known here: nothing was changed";
                let remedy = "send IAM-7, or IAM-3 as it was sent before, or the whole list (AL1) with A08";
                return Err(Refused::error("IAM-3", reason, remedy));
            }
        }
        // No change.
        "X" => {}
        other => {
            let reason = format!("action \"{}\" is unknown: nothing was changed", crate::units::short(other));
            return Err(Refused::error("IAM-6", reason, "send A, D, U or X"));
        }
    }
    Ok(())
}
