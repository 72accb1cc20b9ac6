//! Patient, Encounter and Location to a patient of the chart.

use jiff::civil::Date;
use rights::ident::{BandSerial, Gsrn, Mrn, PatientId, PersonName, WardId};
use rights::person::{Admission, Flags, Patient};

use super::bundle::Entry;
use super::{Reader, extension, model, read_entry};
use crate::rejection::Refusal;

/// Classes of encounter that mean "in the house" (HL7 v3 `ActCode`); others, such as `AMB`, only when there is none of these.
const IN_HOUSE: [&str; 6] = ["IMP", "ACUTE", "NONAC", "OBSENC", "EMER", "SS"];

impl Reader<'_> {
    pub(super) fn read_patients(&mut self) {
        for entry in self.entries("Patient") {
            match self.patient(entry) {
                Ok((patient, gsrn_refusal)) => {
                    if let Some(refusal) = gsrn_refusal {
                        self.refuse(entry, Some(&patient.id), &refusal);
                    }
                    self.patients.insert(entry.index, self.import.chart.patients.len());
                    self.import.chart.patients.push(patient);
                }
                Err(refusal) => self.refuse(entry, None, &refusal),
            }
        }
        self.list_shared_numbers();
        self.read_encounters();
    }

    fn patient(&self, entry: &Entry<'_>) -> Result<(Patient, Option<Refusal>), Refusal> {
        let raw: model::Patient = read_entry(entry)?;
        let merged_into = replaced_by(&raw)?;
        if raw.active == Some(false) && merged_into.is_none() {
            return Err(Refusal::new(
                "active",
                "the record is not in use",
                "export the record that replaced it",
            ));
        }
        let systems = &self.rules.systems;
        let mrn = identifier(&raw.identifier, &systems.mrn)?.ok_or_else(|| {
            Refusal::new(
                "identifier",
                format!("no identifier of {}", systems.mrn),
                "export the medical record number",
            )
        })?;
        let mrn = Mrn::parse(mrn).map_err(|error| {
            Refusal::new("identifier", error.to_string(), "correct the number in the sending system")
        })?;
        let (gsrn, gsrn_refusal) = match identifier(&raw.identifier, &systems.gsrn)?.map(Gsrn::parse) {
            None => (None, None),
            Some(Ok(gsrn)) => (Some(gsrn), None),
            Some(Err(error)) => {
                let remedy = "correct the number; until then bands with it do not resolve";
                (None, Some(Refusal::new("identifier", format!("the GSRN is not used: {error}"), remedy)))
            }
        };
        let serial = extension::text(&raw.extension, "band-serial")?.map(BandSerial::parse).transpose();
        let deceased = raw.deceased_boolean == Some(true) || raw.deceased_date_time.is_some();
        let patient = Patient {
            id: id(entry)?,
            name: name(&raw.name)?,
            mrn,
            gsrn,
            band_serial: serial.map_err(|error| {
                Refusal::new("extension", error.to_string(), "send the serial of the band issued last")
            })?,
            birth_date: birth_date(raw.birth_date.as_deref())?,
            admission: if deceased { Admission::Deceased } else { Admission::NotAdmitted },
            ward: None,
            bed: None,
            allergies: Vec::new(),
            flags: Flags::default(),
            merged_into,
        };
        Ok((patient, gsrn_refusal))
    }

    /// P2: a number of two patients is kept with both, so that a scan of it finds two and stops; the list says so.
    fn list_shared_numbers(&mut self) {
        let patients = &self.import.chart.patients;
        let shared: Vec<usize> = self
            .patients
            .iter()
            .filter(|(_, at)| {
                patients.get(**at).is_some_and(|one| {
                    let same = |other: &&Patient| {
                        other.id != one.id
                            && (other.mrn == one.mrn || (one.gsrn.is_some() && other.gsrn == one.gsrn))
                    };
                    patients.iter().any(|other| same(&other))
                })
            })
            .map(|(index, _)| *index)
            .collect();
        for entry in self.entries("Patient").filter(|entry| shared.contains(&entry.index)) {
            let patient = self.patients.get(&entry.index).and_then(|at| self.patient_id(*at));
            let reason = "its record number or GSRN belongs to another patient too: ambiguous, the band does not resolve";
            let refusal =
                Refusal::new("identifier", reason, "find out whose number it is before anything is given");
            self.refuse(entry, patient.as_ref(), &refusal);
        }
    }

    fn read_encounters(&mut self) {
        let mut best: Vec<Stay> = self.import.chart.patients.iter().map(|_| Stay::default()).collect();
        for entry in self.entries("Encounter") {
            let read = read_entry::<model::Encounter>(entry).and_then(|raw| {
                let at = self.patient_of("subject", raw.subject.as_ref())?;
                Ok((at, raw))
            });
            match read {
                Ok((at, raw)) => {
                    let stay = self.stay(entry, &raw);
                    if let Some(known) = best.get_mut(at) {
                        known.join(stay);
                    }
                }
                Err(refusal) => self.refuse(entry, None, &refusal),
            }
        }
        for (patient, stay) in self.import.chart.patients.iter_mut().zip(best) {
            if patient.admission != Admission::Deceased {
                patient.admission = match stay.rank {
                    0 => Admission::NotAdmitted,
                    1 => Admission::Discharged,
                    _ => Admission::Admitted,
                };
            }
            (patient.ward, patient.bed) = (stay.ward, stay.bed);
        }
    }

    fn stay(&mut self, entry: &Entry<'_>, raw: &model::Encounter) -> Stay {
        let class = raw.class.as_ref().and_then(|class| class.code.as_deref());
        let rank = match raw.status.as_deref() {
            Some("in-progress") if class.is_some_and(|code| IN_HOUSE.contains(&code)) => 3,
            Some("in-progress") => 2,
            Some("finished") => 1,
            _ => 0,
        };
        let mut stay = Stay { rank, ..Stay::default() };
        if rank < 2 {
            return stay;
        }
        let here = raw.location.iter().find(|place| matches!(place.status.as_deref(), None | Some("active")));
        let Some(place) = here.and_then(|here| here.location.as_ref()) else { return stay };
        stay.bed.clone_from(&place.display);
        let location = place.reference.as_deref().and_then(|text| self.bundle.resolve(text));
        match location.map(|location| read_entry::<model::Location>(location)) {
            Some(Ok(location)) => {
                let ward = identifier(&location.identifier, &self.rules.systems.ward).ok().flatten();
                stay.ward = ward.and_then(|code| WardId::parse(code).ok());
            }
            Some(Err(refusal)) => {
                self.note(entry, format!("its location cannot be read: {}", refusal.reason));
            }
            None => {}
        }
        if stay.ward.is_none() {
            self.note(entry, "the ward is not known");
        }
        stay
    }
}

/// Where a patient is, by the strongest encounter.
#[derive(Default)]
struct Stay {
    /// 0 nothing known, 1 finished, 2 in progress, 3 in progress in the house.
    rank: u8,
    ward: Option<WardId>,
    bed: Option<String>,
}

impl Stay {
    /// Two encounters of one rank that name different places leave the place unknown.
    fn join(&mut self, other: Self) {
        match self.rank.cmp(&other.rank) {
            std::cmp::Ordering::Less => *self = other,
            std::cmp::Ordering::Equal if self.ward != other.ward || self.bed != other.bed => {
                (self.ward, self.bed) = (None, None);
            }
            _ => {}
        }
    }
}

pub(super) fn id(entry: &Entry<'_>) -> Result<PatientId, Refusal> {
    let text = entry.id.as_deref().ok_or_else(|| Refusal::new("id", "missing", "export it with its id"))?;
    PatientId::parse(text).map_err(|error| Refusal::new("id", error.to_string(), "export it with a FHIR id"))
}

/// The record that this one was merged into. It is kept: its wristband is told from an unknown one, and doses given under it count.
fn replaced_by(raw: &model::Patient) -> Result<Option<PatientId>, Refusal> {
    let Some(link) = raw.link.iter().find(|link| link.r#type.as_deref() == Some("replaced-by")) else {
        return Ok(None);
    };
    let refused =
        |reason: &str| Refusal::new("link", reason, "name the record that replaced it as in Patient/123");
    let other = link.other.as_ref().and_then(|other| other.reference.as_deref());
    let id = other.and_then(|text| text.rsplit_once("Patient/"));
    let id = id.and_then(|(_, id)| id.split('/').next());
    let id = id.ok_or_else(|| refused("the record was merged, into which one is not said"))?;
    PatientId::parse(id).map(Some).map_err(|error| refused(&error.to_string()))
}

/// The one identifier of a system that is in use.
fn identifier<'a>(all: &'a [model::Identifier], system: &str) -> Result<Option<&'a str>, Refusal> {
    let mut hits = all
        .iter()
        .filter(|one| one.system.as_deref() == Some(system) && one.r#use.as_deref() != Some("old"))
        .filter_map(|one| one.value.as_deref());
    match (hits.next(), hits.next()) {
        (found, None) => Ok(found),
        _ => Err(Refusal::new(
            "identifier",
            format!("several identifiers of {system}"),
            "mark the old ones as old",
        )),
    }
}

fn name(names: &[model::HumanName]) -> Result<PersonName, Refusal> {
    let with_use = |wanted: Option<&str>| names.iter().find(|name| name.r#use.as_deref() == wanted);
    let best = with_use(Some("official")).or_else(|| with_use(Some("usual"))).or_else(|| with_use(None));
    let missing = || Refusal::new("name", "no official or usual name", "export the patient's name");
    let best = best.ok_or_else(missing)?;
    let given = best.given.join(" ");
    let text = match (&best.family, given.is_empty()) {
        (Some(family), false) => format!("{family}, {given}"),
        (Some(family), true) => family.clone(),
        (None, _) => best.text.clone().ok_or_else(missing)?,
    };
    PersonName::parse(text.trim())
        .map_err(|error| Refusal::new("name", error.to_string(), "correct the name"))
}

fn birth_date(text: Option<&str>) -> Result<Date, Refusal> {
    let whole = text.filter(|text| text.len() == 10).and_then(|text| text.parse().ok());
    whole.ok_or_else(|| {
        Refusal::new("birthDate", "no whole birth date", "export the date with year, month and day")
    })
}
