//! RDS: doses that the pharmacy dispensed and labelled (v2.5.1 section 4.13.5).
//!
//! HL7 has no field for the id on a dose label. It comes in an OBX after RXD with the code `DOSEID`, one for each label; an RXD
//! without one is stock for the ward and leads to nobody.

use super::er7::Segment;
use super::numbers::Numbers;
use super::{ApplyError, Incoming, Refused, adt, codes};
use crate::feed::book::Book;
use crate::feed::state::{DispenseState, What};

/// OBX-3.1 of a dose label.
const DOSE_ID: &str = "DOSEID";

/// Order controls (table 0119) that take a dispense back or hold it, in the words of either side: requested, done by the pharmacy, and
/// done as requested.
const TAKEN_BACK: [&str; 9] = ["CA", "OC", "CR", "DC", "OD", "DR", "HD", "OH", "HR"];

pub(super) fn apply(incoming: &Incoming<'_>, book: &mut Book<'_>) -> Result<Vec<String>, ApplyError> {
    let pid = adt::pid(incoming.message)?;
    let patient = adt::named(incoming, pid, book)?;
    if book.patient(&patient.id)?.is_none() {
        let reason = "the patient is not known here: nothing was dispensed for them";
        return Err(
            Refused::error("PID-3", reason, "send the admission (ADT) or the order (RDE) first").into()
        );
    }
    let (mut order, mut dispensed) = (String::new(), None::<&Segment>);
    for segment in incoming.message.segments() {
        match segment.name() {
            "ORC" => {
                // Which of the labelled doses is meant has no field of its own: a person sees to it that none of them is given.
                let control = segment.text(1);
                if TAKEN_BACK.contains(&control.as_str()) {
                    let reason = format!(
                        "{control} takes a dispense back, which is not carried out: nothing was changed"
                    );
                    let remedy = "fetch the labelled doses from the ward; stop the order itself with RDE";
                    return Err(Refused::error("ORC-1", reason, remedy).into());
                }
                let numbers = Numbers::of(segment);
                let known = numbers.as_ref().map(|numbers| numbers.known(book, false)).transpose()?.flatten();
                // An order that comes later is recognised by the id that it would begin with.
                order = match (&known, numbers) {
                    (Some(known), _) => known.id.clone(),
                    (None, Some(numbers)) => numbers.chart_id(),
                    (None, None) => String::new(),
                };
                if let Some(known) = known
                    && book.survivor(&known.patient)? != patient.id
                {
                    let reason = "this order number belongs to another patient: nothing was dispensed";
                    return Err(Refused::error("ORC-2", reason, "find out whose order it is").into());
                }
            }
            "RXD" => {
                dispensed = Some(segment);
            }
            "OBX" if segment.text(3) == DOSE_ID => {
                let rxd = dispensed.ok_or_else(|| {
                    Refused::error("OBX-3", "a dose id without an RXD before it", "send RXD first")
                })?;
                let dose = label(incoming, segment, rxd, &patient.id, &order)?;
                if let Some(known) = book.dispense(&dose.dose)?
                    && known != dose
                {
                    let reason =
                        "this dose id was dispensed before with another content: a label is for one dose";
                    return Err(Refused::error("OBX-5", reason, "print new labels").into());
                }
                book.put_dispense(dose);
            }
            _ => {}
        }
    }
    if dispensed.is_none() {
        return Err(Refused::error("RXD", "missing: what was dispensed cannot be told", "send RXD").into());
    }
    book.changed(&patient.id, What::Dispenses);
    Ok(Vec::new())
}

fn label(
    incoming: &Incoming<'_>,
    obx: &Segment,
    rxd: &Segment,
    patient: &str,
    order: &str,
) -> Result<DispenseState, Refused> {
    let dose = obx.text(5);
    if rights::ident::DoseId::parse(&dose).is_err() {
        return Err(Refused::error("OBX-5", "is no dose id of 1 to 64 characters", "print new labels"));
    }
    let codes = codes(&rxd.field(2));
    if codes.is_empty() {
        return Err(Refused::error("RXD-2", "missing: what was dispensed cannot be told", "send the item"));
    }
    let lot = Some(rxd.text(18)).filter(|lot| !lot.is_empty());
    let expires = incoming.time(rxd, 19)?;
    Ok(DispenseState { dose, patient: patient.to_owned(), order: order.to_owned(), codes, lot, expires })
}
