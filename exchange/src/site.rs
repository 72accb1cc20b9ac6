//! Everything that was imported, laid over each other: what the bedside loads.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::Date;
use rights::chart::Chart;
use rights::entered::Observation;
use rights::history::DispensedDose;
use rights::ident::{DoseId, PatientId};
use rights::person::{Allergy, Patient};
use rights::product::Formulary;
use rights::request::Request;

use crate::drugs::{self, DrugFile, DrugSources};
use crate::fhir::{self, BundleError, Import, Seen, Told, Value};
use crate::rejection::{Note, Rejection};
use crate::rules::SiteRules;
use crate::staff::{self, Pin};
use crate::table::TableError;

/// The state of the site as imported.
#[derive(Clone, Debug, Default)]
pub struct Site {
    /// Patients, requests, dispensed doses; clinicians when a staff file was read. `orders_as_of` is that of the patient whose
    /// orders are the oldest, and `None` when one patient's are not known to be current.
    pub chart: Chart,
    /// The drug file.
    pub formulary: Formulary,
    /// PINs in the clear, for the kiosk to hash at once; empty unless a staff file was read.
    pub pins: Vec<(rights::ident::ClinicianId, Pin)>,
    /// What is refused as of now: a resource that a later Bundle corrected is not listed any more.
    pub rejections: Vec<Rejection>,
    /// What a person should look at.
    pub notes: Vec<Note>,
    /// Allergies that came without their patient.
    others_allergies: Vec<(String, Allergy)>,
    /// Every vital sign and laboratory value, good or not, oldest first.
    seen: Vec<Seen>,
    /// The last word of other systems on each dose.
    told: Told,
    /// The last word on each label of a dispensed dose.
    labels: BTreeMap<DoseId, Label>,
    /// Since when each patient's orders are known.
    as_of: BTreeMap<PatientId, Option<Timestamp>>,
}

/// The last word on the label of a dispensed dose.
#[derive(Clone, Copy, Debug)]
struct Label {
    /// The time of its Bundle.
    told: Option<Timestamp>,
    /// Whether the dose may not be given any more.
    withdrawn: bool,
}

impl Site {
    /// A site with this drug file and nothing else.
    pub fn new(drugs: &DrugFile) -> Self {
        Self {
            formulary: drugs.formulary.clone(),
            rejections: drugs.rejections.clone(),
            notes: drugs.notes.clone(),
            ..Self::default()
        }
    }

    /// Lays a Bundle over what is there. A higher version of a request replaces a lower one, never the reverse; a version that
    /// was refused ends the one before it, since that is known to be out of date. An order that a Bundle does not mention
    /// stays: only a status ends it.
    pub fn lay(&mut self, import: Import) {
        let Import { chart, rejections, notes, others_allergies, seen, nil_by_mouth, told, withdrawn } =
            import;
        self.forget_corrected(&chart, &rejections);
        for patient in &chart.patients {
            self.note_as_of(&patient.id, chart.orders_as_of);
        }
        self.end_refused(&chart, &rejections);
        let stale: Vec<PatientId> = chart
            .patients
            .iter()
            .map(|p| p.id.clone())
            .filter(|id| self.is_older(id, chart.orders_as_of))
            .collect();
        for patient in chart.patients {
            let held = self.chart.patients.iter_mut().find(|held| held.id == patient.id);
            match held {
                // An older word on the patient changes nothing, but a warning in it is a warning.
                Some(held) if stale.contains(&patient.id) => keep_allergies(held, patient.allergies),
                Some(held) => {
                    let known = std::mem::replace(held, patient);
                    keep_allergies(held, known.allergies);
                    // A Bundle that says nothing of it does not end it.
                    if !nil_by_mouth.contains_key(&held.id) {
                        held.flags.nil_by_mouth |= known.flags.nil_by_mouth;
                    }
                }
                None => self.chart.patients.push(patient),
            }
        }
        self.others_allergies.extend(others_allergies);
        self.attach_allergies();
        self.lay_requests(chart.requests, &stale);
        self.lay_observations(seen);
        self.lay_history(told);
        self.lay_doses(chart.dispensed, withdrawn, chart.orders_as_of);
        self.rejections.extend(rejections);
        self.notes.extend(notes);
        self.chart.unreadable =
            self.rejections.iter().filter_map(|rejection| rejection.patient.clone()).collect();
        let oldest = self.as_of.values().copied().min().flatten();
        self.chart.orders_as_of = oldest;
    }

    fn note_as_of(&mut self, patient: &PatientId, at: Option<Timestamp>) {
        let known = self.as_of.entry(patient.clone()).or_default();
        *known = (*known).max(at);
    }

    /// Whether a Bundle of this time is older than what is held of the patient.
    fn is_older(&self, patient: &PatientId, at: Option<Timestamp>) -> bool {
        self.as_of.get(patient).copied().flatten().zip(at).is_some_and(|(held, at)| at < held)
    }

    /// Gives allergies that came without their patient to the patient, once that one is known.
    fn attach_allergies(&mut self) {
        for (id, allergy) in &self.others_allergies {
            if let Some(patient) = self.chart.patients.iter_mut().find(|patient| patient.id.as_str() == id) {
                keep_allergies(patient, vec![allergy.clone()]);
            }
        }
    }

    /// Values of all Bundles are kept, in whatever order they come; one that cannot be read ends those that are not younger.
    fn lay_observations(&mut self, seen: Vec<Seen>) {
        self.seen.extend(seen);
        self.seen.sort_by_key(|seen| seen.at);
        self.seen.dedup();
        let mut known: Vec<(PatientId, Observation)> = Vec::new();
        for seen in &self.seen {
            let same = |of: &PatientId, other: &Observation| *of == seen.patient && other.what == seen.what;
            match &seen.value {
                Value::Measured(observation) => known.push((seen.patient.clone(), observation.clone())),
                Value::Unreadable => known.retain(|(of, other)| !same(of, other)),
                Value::Withdrawn => known.retain(|(of, other)| !same(of, other) || other.at != seen.at),
            }
        }
        self.chart.observations = known;
    }

    /// Doses that other systems gave, of all Bundles, each as its last word says.
    fn lay_history(&mut self, told: Told) {
        if told.is_empty() {
            return;
        }
        self.told.lay(told);
        self.chart.history = self.told.given(&self.chart);
    }

    /// A label that was taken back does not lead to a dose any more; files are laid in any order, so an older Bundle neither brings
    /// it back nor takes it back. Of two words that are equally old, or whose age is not said, the one that takes back counts.
    fn lay_doses(&mut self, doses: Vec<DispensedDose>, withdrawn: Vec<DoseId>, at: Option<Timestamp>) {
        for id in withdrawn {
            let told = self.labels.get(&id).and_then(|label| label.told);
            if told.zip(at).is_none_or(|(told, at)| at >= told) {
                self.chart.dispensed.retain(|held| held.id != id);
                self.labels.insert(id, Label { told: at, withdrawn: true });
            }
        }
        for dose in doses {
            let takes_over = self.labels.get(&dose.id).is_none_or(|label| match label.told.zip(at) {
                Some((told, at)) => at > told || (at == told && !label.withdrawn),
                None => !label.withdrawn,
            });
            if takes_over {
                self.labels.insert(dose.id.clone(), Label { told: at, withdrawn: false });
                self.chart.dispensed.retain(|held| held.id != dose.id);
                self.chart.dispensed.push(dose);
            } else {
                let text = "a newer word on the label of this dose is held: ignored".to_owned();
                self.notes.push(Note { resource: "MedicationDispense".to_owned(), text });
            }
        }
    }

    /// An older Bundle does not bring back what a newer one of the same version ended: files are laid in any order.
    fn lay_requests(&mut self, requests: Vec<Request>, stale: &[PatientId]) {
        let mut accepted: Vec<Request> = Vec::new();
        for request in requests {
            let held = self
                .chart
                .requests
                .iter()
                .filter(|held| held.id.order() == request.id.order())
                .map(|held| held.version)
                .max();
            let is_stale = stale.contains(&request.patient);
            if held.is_some_and(|held| held > request.version || (is_stale && held == request.version)) {
                let text = format!("version {} is older than the one that is held: ignored", request.version);
                self.notes.push(Note { resource: format!("MedicationRequest/{}", request.id.order()), text });
            } else {
                accepted.push(request);
            }
        }
        self.chart.requests.retain(|held| !accepted.iter().any(|new| new.id.order() == held.id.order()));
        self.chart.requests.extend(accepted);
    }

    /// Ends what a refused newer version or a refused Patient leaves out of date.
    fn end_refused(&mut self, chart: &Chart, rejections: &[Rejection]) {
        for rejection in rejections {
            match rejection.resource.split_once('/') {
                Some(("MedicationRequest", id)) => self.chart.requests.retain(|held| {
                    held.id.order() != id || rejection.version.is_some_and(|version| version < held.version)
                }),
                Some(("Patient", id)) if !chart.patients.iter().any(|patient| patient.id.as_str() == id) => {
                    self.chart.patients.retain(|held| held.id.as_str() != id);
                    self.chart.requests.retain(|held| held.patient.as_str() != id);
                    self.as_of.retain(|held, _| held.as_str() != id);
                }
                _ => {}
            }
        }
    }

    /// Takes from the list what this Bundle speaks of anew.
    fn forget_corrected(&mut self, chart: &Chart, rejections: &[Rejection]) {
        self.rejections.retain(|old| {
            let spoken = match old.resource.split_once('/') {
                Some(("MedicationRequest", id)) => {
                    chart.requests.iter().any(|request| request.id.order() == id)
                }
                Some(("Patient", id)) => chart.patients.iter().any(|patient| patient.id.as_str() == id),
                Some(_) => false,
                None => return true,
            };
            !spoken && !rejections.iter().any(|new| new.resource == old.resource)
        });
    }
}

/// A Bundle that does not speak of an allergy does not take it away: until the hospital's feed names each allergy's end, a warning
/// too many is the safe side.
fn keep_allergies(patient: &mut Patient, known: Vec<Allergy>) {
    for allergy in known {
        if !patient.allergies.iter().any(|held| held.to == allergy.to && held.text == allergy.text) {
            patient.allergies.push(allergy);
        }
    }
}

/// Why a folder cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// A file or folder cannot be read.
    #[error("{path}: cannot be read ({source}): check that it exists and may be read", path = path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A table cannot be used.
    #[error(transparent)]
    Table(#[from] TableError),
    /// A Bundle cannot be used.
    #[error(transparent)]
    Bundle(#[from] BundleError),
}

/// Reads a whole ward from a folder, without a store: `drugs/*.csv`, `orders/*.json`, `staff.csv`.
///
/// # Errors
/// When a file is missing or one of them is broken as a whole.
pub fn read_folder(dir: &Path, rules: &SiteRules, today: Date) -> Result<Site, FolderError> {
    let drugs = read_drug_folder(&dir.join("drugs"), rules, today)?;
    let mut site = Site::new(&drugs);
    for path in files_of(&dir.join("orders"), "json")? {
        site.lay(fhir::read(&path.display().to_string(), &read_file(&path)?, rules, &drugs)?);
    }
    let staff = staff::read("staff.csv", &read_file(&dir.join("staff.csv"))?)?;
    site.chart.clinicians = staff.clinicians;
    site.pins = staff.pins;
    site.rejections.extend(staff.rejections);
    Ok(site)
}

/// Reads a folder with `items.csv` and, where present, `barcodes.csv` and `recalls.csv`.
///
/// # Errors
/// As [`drugs::read`], and when a file cannot be read.
pub fn read_drug_folder(dir: &Path, rules: &SiteRules, today: Date) -> Result<DrugFile, FolderError> {
    let items = read_file(&dir.join("items.csv"))?;
    let optional = |name: &str| {
        let path = dir.join(name);
        if path.exists() { read_file(&path).map(Some) } else { Ok(None) }
    };
    let (barcodes, recalls) = (optional("barcodes.csv")?, optional("recalls.csv")?);
    let sources = DrugSources {
        items: ("items.csv", &items),
        barcodes: barcodes.as_deref().map(|bytes| ("barcodes.csv", bytes)),
        recalls: recalls.as_deref().map(|bytes| ("recalls.csv", bytes)),
    };
    Ok(drugs::read(sources, &rules.units, today)?)
}

/// The files of a folder with this ending, by name; a file stands for itself.
///
/// # Errors
/// When it cannot be listed.
pub fn files_of(path: &Path, ending: &str) -> Result<Vec<PathBuf>, FolderError> {
    let io = |source| FolderError::Io { path: path.to_owned(), source };
    if !std::fs::metadata(path).map_err(io)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in std::fs::read_dir(path).map_err(io)? {
        let file = entry.map_err(io)?.path();
        if file.extension().is_some_and(|found| found == ending) {
            files.push(file);
        }
    }
    files.sort();
    Ok(files)
}

/// A file, of bounded size: one that is larger than any input may be is refused before it is read.
///
/// # Errors
/// When it cannot be read or is too large.
pub fn read_file(path: &Path) -> Result<Vec<u8>, FolderError> {
    let io = |source| FolderError::Io { path: path.to_owned(), source };
    let bytes = std::fs::metadata(path).map_err(io)?.len();
    if bytes > fhir::MOST_BYTES as u64 {
        return Err(BundleError::TooLarge { file: path.display().to_string(), bytes }.into());
    }
    std::fs::read(path).map_err(io)
}
