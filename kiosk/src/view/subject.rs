//! Whom a screen is about. The banner of the patient whose band was scanned must not stand over what concerns another one: whoever reads it
//! there writes into the wrong chart.

use rights::bedside::{Bedside, Phase, Purpose, Stage, World};
use rights::ident::PatientId;
use rights::person::Patient;
use rights::phrase::Words;

use super::form;
use crate::desk::Desk;
use crate::labels::{self, fill};

/// The patient whose banner stands over the screen.
pub(super) fn in_banner<'a>(bedside: &Bedside, desk: &Desk, world: &World<'a>) -> Option<&'a Patient> {
    // P7 is answered blind: as long as it is open, the birth date stands nowhere.
    let open = bedside.patient().filter(|identified| !form::asks_birth_year(&identified.verdict))?;
    let own = |patient: &PatientId| world.chart.current(patient) == world.chart.current(&open.id);
    is_about_open_patient(bedside, desk, own).then(|| world.chart.patient(&open.id)).flatten()
}

fn is_about_open_patient(bedside: &Bedside, desk: &Desk, own: impl Fn(&PatientId) -> bool) -> bool {
    // What is opened from the ward's list is mostly another patient's.
    if desk.tasks && desk.charting.is_none() {
        return false;
    }
    match bedside.phase() {
        Phase::Locked { .. } | Phase::Pin { .. } | Phase::Identify { .. } => false,
        Phase::DueList { .. } | Phase::Dose(_) | Phase::Claiming(_) => true,
        // An identity that is still to be found is nobody's, and the witness of one must not read the birth date.
        Phase::Second(second) => match (second.purpose, &second.stage) {
            (Purpose::Waste | Purpose::Identity, _) | (_, Stage::Pin { .. }) => false,
            (Purpose::Dose | Purpose::Infusion | Purpose::BreakGlass, _) => true,
        },
        Phase::Saving(saving) => own(saving.record.patient()),
        Phase::Done(done) => own(done.record.patient()),
        Phase::NotRecorded { pending, .. } => {
            pending.as_ref().is_none_or(|saving| own(saving.record.patient()))
        }
    }
}

/// Where a patient lies; the name is nobody's business at another bed. Who has left is told by the record number.
pub(super) fn place(patient: &PatientId, world: &World<'_>, words: &Words<'_>) -> String {
    let Some(patient) = world.chart.patient(world.chart.current(patient)) else { return String::new() };
    let bed = patient.bed.clone().filter(|bed| !bed.is_empty());
    bed.unwrap_or_else(|| fill(labels::of(words.language).frame.mrn, &[&patient.mrn.to_string()]))
}

/// A title with the place of whom it is about: no banner says it.
pub(super) fn with_place(title: &str, patient: &PatientId, world: &World<'_>, words: &Words<'_>) -> String {
    let place = place(patient, world, words);
    if place.is_empty() { title.to_owned() } else { [title, &place].join(" · ") }
}
