//! How people stand in reports: by pseudonym, or by id where the reader holds the key and asks for it.
//!
//! Pseudonyms are keyed by the device key of each ledger, so one nurse has another pseudonym in each. Where patient data is open the
//! ids in it tell which pseudonyms are one person, and a report of several ledgers shows the pseudonym under the first one's key.

use std::collections::HashMap;

use rights::history::Record;
use rights::ident::{ClinicianId, PatientId};

use super::source::Read;
use super::{Fact, Line};
use crate::hash::{Hash, hex};
use crate::keys::DeviceKey;

/// Names people.
#[derive(Debug)]
pub struct People {
    device: Option<DeviceKey>,
    reveal: bool,
    known: HashMap<(u16, Hash), ClinicianId>,
    /// As clinicians and patients are shown: a pseudonym costs a keyed hash, and reports name people in every line.
    clinicians: HashMap<ClinicianId, String>,
    patients: HashMap<PatientId, String>,
}

/// Enough of a pseudonym to tell people apart.
fn short(bytes: &[u8]) -> String {
    hex(bytes).chars().take(12).collect()
}

impl People {
    /// `named` when somebody asks for ids of who acted ([`id_of`](Self::id_of)).
    pub(super) fn new(reveal: bool, named: bool, read: &mut [Read]) -> Self {
        let of_one = read.len() == 1 && !named;
        let mut known = HashMap::new();
        for (part, read) in (0_u16..).zip(read.iter()) {
            let Some(device) = &read.device else { continue };
            // Under one ledger's own pseudonyms nobody needs an id to be named.
            if of_one && !reveal {
                continue;
            }
            let mut pseudonyms: HashMap<&ClinicianId, Hash> = HashMap::new();
            for id in read.facts.iter().flat_map(clinicians) {
                pseudonyms.entry(id).or_insert_with(|| device.pseudonym("clinician", id.as_str()));
            }
            known.extend(pseudonyms.into_iter().map(|(id, pseudonym)| ((part, pseudonym), id.clone())));
        }
        let mut patients: HashMap<PatientId, String> = HashMap::new();
        for fact in read.iter().flat_map(|read| &read.facts) {
            let patient = fact.detail.as_ref().and_then(|detail| detail.patient.as_ref());
            if let Some(patient) = patient.filter(|patient| !patients.contains_key(*patient)) {
                patients.insert(patient.clone(), String::new());
            }
        }
        let device = read.iter_mut().find_map(|read| read.device.take());
        let mut people = Self { device, reveal, known, clinicians: HashMap::new(), patients: HashMap::new() };
        let clinicians = people.known.values().map(|id| (id.clone(), people.clinician(id)));
        people.clinicians = clinicians.collect();
        for (id, shown) in &mut patients {
            *shown = people.patient(id);
        }
        people.patients = patients;
        people
    }

    /// A clinician by id.
    pub fn clinician(&self, id: &ClinicianId) -> String {
        if let Some(shown) = self.clinicians.get(id) {
            return shown.clone();
        }
        match &self.device {
            Some(device) if !self.reveal => short(&device.pseudonym("clinician", id.as_str())),
            _ => id.to_string(),
        }
    }

    /// A patient by id.
    pub fn patient(&self, id: &PatientId) -> String {
        if let Some(shown) = self.patients.get(id) {
            return shown.clone();
        }
        match &self.device {
            Some(device) if !self.reveal => short(&device.pseudonym("patient", id.as_str())),
            _ => id.to_string(),
        }
    }

    /// The id of who acted, where patient data says it.
    pub fn id_of(&self, line: &Line) -> Option<&ClinicianId> {
        self.known.get(&(line.part, line.fact.actor.as_ref()?.pseudonym))
    }

    /// Who acted, or a dash.
    pub fn actor(&self, line: &Line) -> String {
        match (self.id_of(line), &line.fact.actor) {
            (Some(id), _) => self.clinician(id),
            (None, Some(actor)) => short(&actor.pseudonym),
            (None, None) => "-".to_owned(),
        }
    }

    /// The patient of an entry, or a dash. Without patient data: by the key of the year.
    pub fn patient_of(&self, line: &Line) -> String {
        let patient = line.fact.detail.as_ref().and_then(|detail| detail.patient.as_ref());
        match (patient, &line.fact.patient_key) {
            (Some(id), _) => self.patient(id),
            (None, Some(key)) => short(key),
            (None, None) => "-".to_owned(),
        }
    }
}

/// Every clinician that the patient data of an entry names.
fn clinicians(fact: &Fact) -> Vec<&ClinicianId> {
    let Some(detail) = &fact.detail else { return Vec::new() };
    let mut found: Vec<&ClinicianId> = detail.giver.iter().collect();
    found.extend(detail.second.iter().map(|second| &second.id));
    match detail.record.as_deref() {
        Some(Record::Administration(done)) => found.extend([&done.by].into_iter().chain(&done.witness)),
        Some(Record::FollowUp(done)) => found.extend(done.by.iter().chain(&done.witness)),
        Some(Record::Observed(done)) => found.push(&done.by),
        Some(Record::Review(done)) => found.push(&done.by),
        Some(Record::SetAside(done)) => found.push(&done.by),
        Some(Record::Disposed(done)) => found.extend([&done.by].into_iter().chain(&done.witness)),
        Some(Record::OrderLinked(done)) => found.push(&done.by),
        Some(Record::Reprint(done)) => found.push(&done.by),
        None => {}
    }
    found
}
