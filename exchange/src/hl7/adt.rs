//! ADT: who is here, and where (v2.5.1 chapter 3).

use jiff::Timestamp;

use super::allergies::Reading;
use super::er7::{Message, Said, Segment};
use super::event::Recorded;
use super::{ApplyError, Incoming, Refused, allergies, chart_id};
use crate::feed::book::Book;
use crate::feed::state::{Number, PatientState, Stage, Visit, What};

/// What an event says about the visit.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Act {
    /// A01, A04, A05 is none: begins a visit.
    Begin,
    /// A02, A12: the patient is where PV1-3 says.
    Move,
    /// A06, A07: another class, perhaps another place.
    Class,
    /// A03.
    Discharge,
    /// A11.
    CancelAdmission,
    /// A13.
    CancelDischarge,
    /// A08.
    Update,
    /// A28, A31: the person, A60: their allergies; no visit.
    Person,
}

pub(super) fn apply(
    incoming: &Incoming<'_>,
    trigger: &str,
    book: &mut Book<'_>,
) -> Result<Vec<String>, ApplyError> {
    let act = match trigger {
        "A01" | "A04" => Act::Begin,
        "A02" | "A12" => Act::Move,
        "A03" => Act::Discharge,
        "A06" | "A07" => Act::Class,
        "A08" => Act::Update,
        "A11" => Act::CancelAdmission,
        "A13" => Act::CancelDischarge,
        "A28" | "A31" | "A60" => Act::Person,
        "A40" => return merge(incoming, book),
        // Two patients who exchange beds (A17), and other ways of joining, moving or splitting records: to leave one out would mix
        // patients up.
        "A17" | "A18" | "A24" | "A30" | "A34" | "A35" | "A36" | "A37" | "A39" | "A41" | "A42" | "A43"
        | "A44" | "A45" | "A46" | "A47" | "A48" | "A49" | "A50" | "A51" => {
            let reason =
                format!("{trigger} joins, moves or splits records, which is not carried out by itself");
            let remedy = "a person has to carry it out: send A40, A02 for each patient, or the resulting records with A08";
            return Err(Refused::error("MSH-9", reason, remedy).into());
        }
        // Kept, and not used.
        _ => return Ok(Vec::new()),
    };
    let pid = pid(incoming.message)?;
    let mut patient = named(incoming, pid, book)?;
    let before = patient.clone();
    let mut notes = Vec::new();
    if let Err(refused) = person(incoming, trigger, pid, &mut patient, &mut notes) {
        if book.patient(&before.id)?.is_some() {
            let mut told = before.clone();
            allergies::read(incoming, &mut told, Reading::Adding, &mut notes)?;
            allergies::warn(&before, &told, book);
        }
        return Err(refused.into());
    }
    let change = visit(incoming.message, act, &mut patient, &mut notes);
    let recorded = Recorded::of(incoming);
    if let Some(newer) = recorded.is_before(&before) {
        return recorded.take_late(&before, &patient, newer, book);
    }
    recorded.keep(&mut patient);
    if before.allergies != patient.allergies {
        book.changed(&patient.id, What::Allergies);
    }
    let record = |state: &PatientState| {
        (state.family.clone(), state.given.clone(), state.birth_date.clone(), state.band.clone())
    };
    if record(&before) != record(&patient) {
        book.changed(&patient.id, What::Record);
    }
    if patient.deceased && !before.deceased {
        book.changed(&patient.id, What::Left);
    }
    if let Some(what) = change {
        book.changed(&patient.id, what);
    }
    begun(incoming, before.visit.as_ref(), &mut patient);
    book.put_patient(patient);
    Ok(notes)
}

pub(super) fn pid(message: &Message) -> Result<&Segment, Refused> {
    message
        .segment("PID")
        .ok_or_else(|| Refused::error("PID", "missing: whose it is cannot be told", "send PID"))
}

/// The patient of a PID: the one that stands for the number now, or a new one.
pub(super) fn named(
    incoming: &Incoming<'_>,
    pid: &Segment,
    book: &Book<'_>,
) -> Result<PatientState, ApplyError> {
    let mrn = incoming.rules.mrn(pid, 3)?;
    let id = book.survivor(&chart_id(&mrn))?;
    match book.patient(&id)? {
        Some(known) => Ok(known),
        None => Ok(PatientState { id, mrn, ..PatientState::default() }),
    }
}

/// What a message says about the person: PID and the allergies.
fn person(
    incoming: &Incoming<'_>,
    trigger: &str,
    pid: &Segment,
    patient: &mut PatientState,
    notes: &mut Vec<String>,
) -> Result<(), Refused> {
    let is_of_allergies = trigger == "A60";
    if is_of_allergies && incoming.message.segment("IAM").is_none() {
        let reason = "missing: which allergy changes cannot be told";
        return Err(Refused::error("IAM", reason, "send IAM with A60, or the whole list (AL1) with A08"));
    }
    demographics(incoming, pid, patient)?;
    let reading = if is_of_allergies { Reading::Changes } else { Reading::Whole };
    allergies::read(incoming, patient, reading, notes)
}

/// PID into the record. Empty changes nothing, `""` deletes.
pub(super) fn demographics(
    incoming: &Incoming<'_>,
    pid: &Segment,
    patient: &mut PatientState,
) -> Result<(), Refused> {
    let set = |slot: &mut String, said: Said| match said {
        Said::Nothing => {}
        Said::Delete => slot.clear(),
        Said::Value(text) => *slot = text,
    };
    // PID-5: the legal name (L), or one without a type.
    let mut names = pid.repetitions(5).filter(|name| matches!(name.component(7).as_str(), "" | "L" | "D"));
    if let Some(name) = names.next() {
        if let Said::Value(family) = name.said(1) {
            // A new family name comes with its given names: half of the old name would be nobody's.
            patient.family = family;
            let given = [name.component(2), name.component(3)].join(" ");
            given.trim().clone_into(&mut patient.given);
        } else if name.is_delete() {
            patient.family.clear();
            patient.given.clear();
        }
    }
    if pid.field(7).is_delete() {
        patient.birth_date = None;
    } else if let Some(date) = incoming.time(pid, 7)? {
        patient.birth_date = Some(date.chars().take(10).collect());
    }
    set(&mut patient.sex, pid.field(8).said(1));
    match pid.text(30).as_str() {
        "Y" => patient.deceased = true,
        "N" => patient.deceased = false,
        _ => {}
    }
    let rules = incoming.rules;
    for id in pid.repetitions(3) {
        let kind = id.component(5);
        let slot = if kind == rules.gsrn_type {
            &mut patient.gsrn
        } else if kind == rules.band_type {
            &mut patient.band
        } else {
            continue;
        };
        match id.said(1) {
            Said::Nothing => {}
            Said::Delete => *slot = None,
            Said::Value(text) => *slot = Some(text),
        }
    }
    Ok(())
}

/// PV1 into the visit; what that means for an open session.
fn visit(message: &Message, act: Act, patient: &mut PatientState, notes: &mut Vec<String>) -> Option<What> {
    if act == Act::Person {
        return None;
    }
    let told = message.segment("PV1").map(visit_of).unwrap_or_default();
    let another = patient.visit.as_ref().is_some_and(|known| {
        !known.number.value.is_empty() && !told.number.value.is_empty() && known.number != told.number
    });
    if act != Act::Begin && another {
        // An old outpatient visit that is closed must not discharge the patient in the bed.
        notes.push(
            "speaks of another visit than the current one: its place and its end are not taken over"
                .to_owned(),
        );
        return None;
    }
    let here = |visit: &Option<Visit>| {
        visit.as_ref().map(|v| (v.stage, v.ward.clone(), v.room.clone(), v.bed.clone()))
    };
    let before = here(&patient.visit);
    match act {
        Act::Begin => {
            let in_bed =
                |visit: &Visit| visit.stage == Stage::InProgress && matches!(visit.class.as_str(), "I" | "B");
            let keeps = another && patient.visit.as_ref().is_some_and(in_bed) && !in_bed(&told);
            if keeps {
                notes.push(
                    "registers an outpatient visit of a patient who is in a bed: the bed stays".to_owned(),
                );
                return None;
            }
            patient.visit = Some(Visit { stage: Stage::InProgress, ..told });
        }
        Act::Move | Act::Class | Act::Update => {
            let unknown = patient.visit.is_none();
            if unknown && !matches!(told.class.as_str(), "I" | "B" | "E") {
                notes.push("no admission of this patient is known: none is made of it".to_owned());
                return None;
            }
            join(patient.visit.get_or_insert_with(Visit::default), told);
        }
        Act::Discharge => patient.visit.get_or_insert_with(Visit::default).stage = Stage::Finished,
        Act::CancelAdmission => patient.visit.get_or_insert_with(Visit::default).stage = Stage::Cancelled,
        Act::CancelDischarge => {
            let known = patient.visit.get_or_insert_with(Visit::default);
            known.stage = Stage::InProgress;
            join(known, told);
        }
        Act::Person => {}
    }
    if before == here(&patient.visit) {
        return None;
    }
    match act {
        Act::Begin | Act::CancelDischarge => Some(What::Arrived),
        Act::Move | Act::Class | Act::Update => before.map(|_| What::Moved).or(Some(What::Arrived)),
        Act::Discharge => Some(What::Left),
        Act::CancelAdmission => Some(What::AdmissionCancelled),
        Act::Person => None,
    }
}

/// A place is taken over as a whole: a new ward with the old bed would be nowhere.
fn join(known: &mut Visit, told: Visit) {
    if !told.ward.is_empty() {
        (known.ward, known.room, known.bed) = (told.ward, told.room, told.bed);
    }
    if !told.class.is_empty() {
        known.class = told.class;
    }
    if !told.number.value.is_empty() {
        known.number = told.number;
    }
}

pub(super) fn visit_of(pv1: &Segment) -> Visit {
    let place = pv1.field(3);
    let number = pv1.field(19);
    Visit {
        number: Number { value: number.component(1), authority: number.component(4) },
        class: pv1.text(2),
        stage: Stage::InProgress,
        ward: place.component(1),
        room: place.component(2),
        bed: place.component(3),
        began: None,
    }
}

/// Since when the patient's visit is this one, by its number: what was given before was given in another.
pub(super) fn begun(incoming: &Incoming<'_>, before: Option<&Visit>, patient: &mut PatientState) {
    let Some(visit) = &mut patient.visit else { return };
    let known = before.filter(|before| before.number == visit.number).and_then(Visit::began);
    let told = incoming.message.segment("PV1").filter(|pv1| visit_of(pv1).number == visit.number);
    let admitted = told.and_then(|pv1| incoming.time(pv1, 44).ok().flatten());
    let admitted = admitted.and_then(|text| text.parse::<Timestamp>().ok());
    // An order may tell the visit before the admission does. Without a number, another time of admission is another visit.
    let first = if visit.number.value.is_empty() {
        admitted.or(known)
    } else {
        admitted.into_iter().chain(known.or(Some(incoming.received))).min()
    };
    visit.began = Some(first.unwrap_or(incoming.received).to_string());
}

/// A40: each PID takes the place of the MRG that follows it.
fn merge(incoming: &Incoming<'_>, book: &mut Book<'_>) -> Result<Vec<String>, ApplyError> {
    let recorded = Recorded::of(incoming);
    let mut survivor: Option<&Segment> = None;
    for segment in incoming.message.segments() {
        match segment.name() {
            "PID" => survivor = Some(segment),
            "MRG" => {
                let pid = survivor.take().ok_or_else(|| {
                    Refused::error("MRG", "no PID stands before it", "send PID and MRG in pairs")
                })?;
                let goes = chart_id(&incoming.rules.mrn(segment, 1)?);
                let from = book.survivor(&goes)?;
                let mut into = named(incoming, pid, book)?;
                if from == into.id {
                    if goes == from && chart_id(&incoming.rules.mrn(pid, 3)?) != from {
                        return Err(merged_the_other_way().into());
                    }
                    continue;
                }
                if recorded.is_before(&into).is_none() {
                    demographics(incoming, pid, &mut into)?;
                }
                recorded.keep(&mut into);
                book.merge(&from, &mut into)?;
                book.changed(&into.id, What::Record);
                book.changed(&into.id, What::Orders);
                book.put_patient(into);
            }
            _ => {}
        }
    }
    if !incoming.message.segments().iter().any(|segment| segment.name() == "MRG") {
        return Err(Refused::error("MRG", "missing: what is merged cannot be told", "send MRG-1").into());
    }
    Ok(Vec::new())
}

/// What became one record cannot be taken apart by itself: which of its orders and doses came under which number is not kept.
fn merged_the_other_way() -> Refused {
    let reason = "these records were merged the other way before: nothing was changed";
    let remedy = "a person has to see which number stays; until then both wristbands lead to the record that was kept first";
    Refused::error("MRG-1", reason, remedy)
}
