//! FHIR R4 (4.0.1) Bundles to chart parts. The mapping is in the crate's documentation.
//!
//! A broken Bundle is refused whole ([`BundleError`]). In a sound one each resource stands for itself: it is taken over, or
//! refused with its reason together with what cannot be understood without it.

mod administration;
mod allergy;
mod bundle;
mod datetime;
mod dispense;
mod dosage;
mod error;
mod extension;
mod medication;
mod model;
mod nil_by_mouth;
mod observation;
mod own;
mod patient;
mod quantity;
mod rate;
mod request;
mod scan;

use std::collections::BTreeMap;

use jiff::Timestamp;
use rights::chart::Chart;
use rights::ident::{DoseId, PatientId};
use rights::person::Allergy;
use serde::de::DeserializeOwned;

use crate::drugs::DrugFile;
use crate::rejection::{Note, Refusal, Rejection};
use crate::rules::SiteRules;

pub(crate) use administration::Told;
pub(crate) use datetime::DateTime;
pub use error::{BundleError, MOST_BYTES, MOST_ENTRIES};
pub(crate) use model::{Period, Repeat, Timing};
pub(crate) use observation::{Seen, Value};
pub(crate) use own::{BASE as EXTENSIONS, DOSE_HUNG};
pub(crate) use quantity::{decimal, duration, whole_minutes};

use bundle::{Bundle, Entry};

/// What a Bundle became.
#[derive(Clone, Debug, Default)]
pub struct Import {
    /// Patients, requests and dispensed doses; clinicians stay empty, the history holds what other systems gave. `orders_as_of` is the time of the Bundle,
    /// or `None` when it is partial or says none.
    pub chart: Chart,
    /// Every resource that was refused.
    pub rejections: Vec<Rejection>,
    /// What a person should look at.
    pub notes: Vec<Note>,
    /// Allergies of patients who are not in this Bundle, by the id of their Patient.
    pub(crate) others_allergies: Vec<(String, Allergy)>,
    /// Vital signs and laboratory values.
    pub(crate) seen: Vec<Seen>,
    /// What other systems say of each dose; the chart's history holds those that were given.
    pub(crate) told: Told,
    /// Dose ids that are no doses to give any more: their dispense was cancelled, entered in error and the like.
    pub(crate) withdrawn: Vec<DoseId>,
    /// Whether "nil by mouth" holds, for the patients of whom the Bundle says a word on it.
    pub(crate) nil_by_mouth: BTreeMap<PatientId, bool>,
}

/// Reads one Bundle. `file` is its name in messages.
///
/// # Errors
/// When the Bundle as a whole cannot be read; nothing of it is taken over then.
pub fn read(file: &str, bytes: &[u8], rules: &SiteRules, drugs: &DrugFile) -> Result<Import, BundleError> {
    let bundle = Bundle::read(file, bytes)?;
    let mut reader = Reader {
        file,
        bundle: &bundle,
        rules,
        drugs,
        stamp: None,
        patients: BTreeMap::new(),
        import: Import::default(),
    };
    reader.frame();
    reader.read_patients();
    reader.read_allergies();
    reader.read_nil_by_mouth();
    reader.read_observations();
    reader.read_requests();
    reader.read_dispenses();
    reader.read_administrations();
    reader.note_unused();
    Ok(reader.import)
}

/// One reading of one Bundle.
struct Reader<'a> {
    file: &'a str,
    bundle: &'a Bundle<'a>,
    rules: &'a SiteRules,
    drugs: &'a DrugFile,
    /// When the Bundle was made, where it says so.
    stamp: Option<Timestamp>,
    /// Entry index of each Patient to its place in the chart; a refused one is not here.
    patients: BTreeMap<usize, usize>,
    import: Import,
}

/// Resources that are read; the others are counted and left alone.
const USED: [&str; 12] = [
    "Patient",
    "Encounter",
    "Location",
    "Practitioner",
    "Medication",
    "MedicationRequest",
    "MedicationAdministration",
    "AllergyIntolerance",
    "MedicationDispense",
    "Observation",
    "Flag",
    "NutritionOrder",
];

impl<'a> Reader<'a> {
    fn entries(&self, kind: &'static str) -> impl Iterator<Item = &'a Entry<'a>> + use<'a> {
        self.bundle.entries.iter().filter(move |entry| entry.kind == kind)
    }

    fn frame(&mut self) {
        for (index, refusal) in &self.bundle.unreadable {
            self.import.rejections.push(Rejection {
                resource: "entry".to_owned(),
                place: format!("{} entry[{index}] {}", self.file, refusal.path),
                reason: refusal.reason.clone(),
                remedy: refusal.remedy.clone(),
                patient: None,
                version: None,
            });
        }
        let stamp = self.bundle.stamp.as_deref().and_then(|text| DateTime::parse(text).ok());
        let stamp = stamp.and_then(|stamp| if let DateTime::Instant(at) = stamp { Some(at) } else { None });
        self.stamp = stamp;
        self.import.chart.orders_as_of = stamp.filter(|_| !self.bundle.partial);
        let mut note = |text: &str| {
            self.import.notes.push(Note { resource: "Bundle".to_owned(), text: text.to_owned() });
        };
        if stamp.is_none() {
            note("has no timestamp: how current its orders are is not known");
        }
        if self.bundle.partial {
            note("is one page of several (link next): its orders are not taken as all there are");
        }
        if self.bundle.marked {
            note("begins with a byte order mark, which was ignored");
        }
    }

    /// Refuses one entry.
    fn refuse(&mut self, entry: &Entry<'_>, patient: Option<&PatientId>, refusal: &Refusal) {
        let place = if refusal.path.is_empty() {
            format!("{} entry[{}]", self.file, entry.index)
        } else {
            format!("{} entry[{}].resource.{}", self.file, entry.index, refusal.path)
        };
        tracing::debug!(file = self.file, entry = entry.index, kind = entry.kind, "refused");
        self.import.rejections.push(Rejection {
            resource: entry.name(),
            place,
            reason: refusal.reason.clone(),
            remedy: refusal.remedy.clone(),
            patient: patient.cloned(),
            version: version_of(entry),
        });
    }

    fn note(&mut self, entry: &Entry<'_>, text: impl Into<String>) {
        self.import.notes.push(Note { resource: entry.name(), text: text.into() });
    }

    /// The patient of a reference: the entry has to be in this Bundle and to have been taken over.
    fn patient_of(&self, path: &str, reference: Option<&model::Reference>) -> Result<usize, Refusal> {
        let text = reference.and_then(|reference| reference.reference.as_deref());
        let Some(text) = text else {
            return Err(Refusal::new(
                path,
                "no patient",
                "the sending system has to name the patient by reference",
            ));
        };
        let entry = self.bundle.resolve(text).filter(|entry| entry.kind == "Patient").ok_or_else(|| {
            Refusal::new(path, "its patient is not in the Bundle", "export the Patient with it (_include)")
        })?;
        let refused = || Refusal::new(path, "its patient was refused", "correct the Patient first");
        self.patients.get(&entry.index).copied().ok_or_else(refused)
    }

    /// Whose a resource is, which may be told even when nothing else of it is believed.
    fn patient_by_subject(&self, entry: &Entry<'_>) -> Option<PatientId> {
        #[derive(serde::Deserialize)]
        struct Whose {
            subject: Option<model::Reference>,
            patient: Option<model::Reference>,
        }
        let whose: Whose = serde_json::from_str(entry.json).ok()?;
        let whose = whose.subject.or(whose.patient);
        self.patient_id(self.patient_of("subject", whose.as_ref()).ok()?)
    }

    /// The id of a patient by place in the chart.
    fn patient_id(&self, at: usize) -> Option<PatientId> {
        self.import.chart.patients.get(at).map(|patient| patient.id.clone())
    }

    fn note_unused(&mut self) {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for entry in &self.bundle.entries {
            if !USED.contains(&entry.kind.as_str()) {
                *counts.entry(&entry.kind).or_default() += 1;
            }
        }
        for (kind, count) in counts {
            let text = format!("{count} not used at this stage");
            self.import.notes.push(Note { resource: kind.to_owned(), text });
        }
    }
}

/// The resource of an entry.
fn read_entry<T: DeserializeOwned>(entry: &Entry<'_>) -> Result<T, Refusal> {
    entry.resource().and_then(parse)
}

/// A resource of a known shape, after a search for what may not be ignored.
fn parse<T: DeserializeOwned>(json: &str) -> Result<T, Refusal> {
    parse_with(json, &|_| false)
}

/// As [`parse`], of a resource whose modifiers at the root are read when they are `known` by their URL.
fn parse_with<T: DeserializeOwned>(json: &str, known: &dyn Fn(&str) -> bool) -> Result<T, Refusal> {
    scan::forbidden(json, known)?;
    serde_json::from_str(json).or_else(|_| with_place(json))
}

/// The same, keeping track of the place for the message: slower, so only for what did not parse.
fn with_place<T: DeserializeOwned>(json: &str) -> Result<T, Refusal> {
    let mut reader = serde_json::Deserializer::from_str(json);
    serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let path = if path == "." { String::new() } else { path };
        Refusal::new(
            path,
            bundle::without_content(error.inner()),
            "the sending system has to send it as FHIR R4",
        )
    })
}

/// `meta.versionId` where it is a number, or else the second of `meta.lastUpdated`: both grow with each version.
fn version_of(entry: &Entry<'_>) -> Option<u32> {
    let numbered = entry.version.as_deref().and_then(|text| text.parse().ok());
    let updated = || match DateTime::parse(entry.updated.as_deref()?) {
        Ok(DateTime::Instant(at)) => u32::try_from(at.as_second()).ok(),
        _ => None,
    };
    numbered.or_else(updated)
}
