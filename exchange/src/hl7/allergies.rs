//! Allergies: AL1 (v2.5.1 section 3.4.6), a list, and IAM (section 3.4.7), single changes of it.

use super::er7::Segment;
use super::{Incoming, Refused, codes, entity};
use crate::feed::state::{AllergyState, Number, PatientState};

/// How a message is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// ADT: the AL1 are the whole list (snapshot mode).
    Whole,
    /// Orders: the AL1 only add.
    Adding,
    /// A60, which is about nothing else: an IAM that cannot be carried out is refused.
    Changes,
}

/// AL1 and IAM into the record. A message without them changes nothing. Where the message is about something else, an IAM that cannot
/// be carried out must not keep that from the bedside: what is known stays and what may be new is added, which is the safe side.
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
        take_list(incoming, &list, patient, reading != Reading::Adding)?;
    }
    for iam in of("IAM") {
        match change(incoming, iam, patient) {
            Err(refused) if reading == Reading::Changes => return Err(refused),
            Err(Refused { place, reason, .. }) => {
                add_unclear(iam, patient);
                notes.push(format!("an allergy was not taken as it was sent: {place}: {reason}"));
            }
            Ok(()) => {}
        }
    }
    Ok(())
}

/// What cannot be carried out as it was sent and may be a new allergy: to be warned of one too many is the safe side.
fn add_unclear(iam: &Segment, patient: &mut PatientState) {
    let codes = codes(&iam.field(3));
    let ends = iam.text(6) == "D" || matches!(iam.text(17).as_str(), "I" | "E");
    if !ends && !codes.is_empty() {
        add(patient, AllergyState { codes, number: entity(&iam.field(7)), ..AllergyState::default() });
    }
}

fn take_list(
    incoming: &Incoming<'_>,
    list: &[&Segment],
    patient: &mut PatientState,
    whole: bool,
) -> Result<(), Refused> {
    let mut told = Vec::new();
    for al1 in list {
        if !al1.field(3).is_delete() {
            told.push(allergy(incoming, al1, 6, Number::default())?);
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

/// What AL1 and IAM have in common: the substance in field 3, the reactions in field 5.
fn allergy(
    incoming: &Incoming<'_>,
    segment: &Segment,
    recorded: usize,
    number: Number,
) -> Result<AllergyState, Refused> {
    let codes = codes(&segment.field(3));
    if codes.is_empty() {
        let place = format!("{}-3", segment.name());
        return Err(Refused::error(place, "does not say to what", "send the substance, or \"\" to delete"));
    }
    let reactions =
        segment.repetitions(5).map(|text| text.component(1)).filter(|text| !text.is_empty()).collect();
    Ok(AllergyState { codes, reactions, recorded: incoming.time(segment, recorded)?, number })
}

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
