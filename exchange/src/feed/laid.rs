//! What was read so far, by patient, so that one changed order does not make a whole house be read anew.
//!
//! Imported files are read again when their list or the day changed, pulled Bundles when their bytes did, and patients of HL7 v2
//! when a change names them. What comes out is the same as reading everything.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use rights::ident::PatientId;

use super::book::States as _;
use super::db::{DbError, FeedRecord, View};
use super::live::LiveError;
use super::refused::RefusedOrders;
use super::state::{Change, PatientState};
use crate::drugs::DrugFile;
use crate::fhir::{self, BundleError, Import};
use crate::hl7::Hl7Rules;
use crate::hl7::resources::{self, Record};
use crate::rejection::Rejection;
use crate::rules::SiteRules;
use crate::site::Site;
use crate::store::Store;

/// What was read.
#[derive(Debug)]
pub(super) struct Laid {
    /// The list of imported files, and the day that decides which barcodes are in force.
    files: (String, Date),
    /// The imported files, laid.
    base: Site,
    rules: SiteRules,
    drugs: DrugFile,
    /// By feed and patient: the Bundle as pulled, and what it became.
    pulled: BTreeMap<(String, String), (Vec<u8>, Import)>,
    /// By patient: what HL7 v2 said.
    told: BTreeMap<String, Import>,
    refused: RefusedOrders,
    /// Orders of HL7 v2 that were refused and wait for a person.
    waiting: Vec<Rejection>,
    /// The revision of the feed store up to which `told` is read; `None`: nothing was read.
    revision: Option<u64>,
}

impl Laid {
    /// Reads the imported files.
    pub(super) fn read(
        store: &Store,
        rules: &SiteRules,
        list: String,
        today: Date,
    ) -> Result<Self, LiveError> {
        let (base, rules, drugs) = store.load_with(rules, today)?;
        let (pulled, told) = (BTreeMap::new(), BTreeMap::new());
        let (refused, waiting) = (RefusedOrders::default(), Vec::new());
        let files = (list, today);
        Ok(Self { files, base, rules, drugs, pulled, told, refused, waiting, revision: None })
    }

    /// Whether the imported files are still these.
    pub(super) fn is_of(&self, list: &str, today: Date) -> bool {
        self.files.0 == list && self.files.1 == today
    }

    /// Reads what changed in the feed store.
    pub(super) fn catch_up(&mut self, view: &View, hl7: &Hl7Rules) -> Result<(), LiveError> {
        self.catch_up_with_bundles(view)?;
        self.waiting = self.refused.read(view, hl7)?;
        let changes = match self.revision {
            Some(revision) => view.changes_after(revision)?,
            None => None,
        };
        match changes {
            Some(changes) => {
                for Change { patient, .. } in changes {
                    self.told.remove(&patient);
                    let retired = view.retired(&patient)?;
                    self.hear(view, hl7, view.patient(&patient)?, retired)?;
                }
            }
            None => {
                self.told.clear();
                for patient in view.patients()? {
                    self.hear(view, hl7, Some(patient), None)?;
                }
                for retired in view.all_retired()? {
                    self.hear(view, hl7, None, Some(retired))?;
                }
            }
        }
        self.revision = Some(view.revision()?);
        Ok(())
    }

    fn catch_up_with_bundles(&mut self, view: &View) -> Result<(), LiveError> {
        let mut before = std::mem::take(&mut self.pulled);
        for (feed, patient, bytes) in view.bundles()? {
            let name = format!("{feed} patient {}", crate::units::short(&patient));
            let key = (feed, patient);
            let import = match before.remove(&key) {
                Some((known, import)) if known == bytes => import,
                // What was held before stays and grows old, as when a pull fails: of this patient, and of nobody else.
                known => fhir::read(&name, &bytes, &self.rules, &self.drugs).unwrap_or_else(|error| {
                    let before = known.map(|(_, import)| import).unwrap_or_default();
                    unreadable(before, &name, &key.1, &error)
                }),
            };
            self.pulled.insert(key, (bytes, import));
        }
        Ok(())
    }

    /// Reads a patient in use, and one whose record was merged.
    fn hear(
        &mut self,
        view: &View,
        hl7: &Hl7Rules,
        patient: Option<PatientState>,
        retired: Option<(PatientState, String)>,
    ) -> Result<(), LiveError> {
        if let Some(patient) = patient {
            let id = patient.id.clone();
            let import = self.read_record(&record_of(view, patient)?, hl7);
            self.told.insert(id, import);
        } else if let Some((state, survivor)) = retired {
            let id = state.id.clone();
            let mut import = self.read_record(&Record { patient: state, ..Record::default() }, hl7);
            // Both ids stay: the old wristband is told from an unknown one, and doses given under it count for the survivor.
            for patient in &mut import.chart.patients {
                patient.merged_into = PatientId::parse(&survivor).ok();
            }
            self.told.insert(id, import);
        }
        Ok(())
    }

    /// A record that cannot be read is nobody's here, and that is said; nothing of it is kept, since all HL7 v2 is laid as of now.
    fn read_record(&self, record: &Record, hl7: &Hl7Rules) -> Import {
        // How current they are is said once for all, when they are laid.
        let read = resources::read(record, "hl7", Timestamp::UNIX_EPOCH, hl7, &self.rules, &self.drugs);
        read.unwrap_or_else(|error| unreadable(Import::default(), "hl7", &record.patient.id, &error))
    }

    /// Everything over each other.
    pub(super) fn lay(&self, feeds: &[(String, FeedRecord)]) -> Site {
        let mut site = self.base.clone();
        for (_, import) in self.pulled.values() {
            site.lay(import.clone());
        }
        if self.told.is_empty() {
            return site;
        }
        // Patients have nothing in common, so they are laid together: once, not once for each.
        let mut all = Import::default();
        for import in self.told.values() {
            let import = import.clone();
            all.chart.patients.extend(import.chart.patients);
            all.chart.requests.extend(import.chart.requests);
            all.chart.dispensed.extend(import.chart.dispensed);
            all.rejections.extend(import.rejections);
            all.notes.extend(import.notes);
            all.others_allergies.extend(import.others_allergies);
            all.withdrawn.extend(import.withdrawn);
        }
        all.rejections.extend(self.waiting.iter().cloned());
        all.chart.orders_as_of = oldest(feeds);
        site.lay(all);
        site
    }
}

/// One patient whose Bundle as a whole cannot be read: what others have is as good as before.
fn unreadable(mut before: Import, file: &str, patient: &str, error: &BundleError) -> Import {
    // `file` names the patient after its feed, and a log names none.
    let feed = file.split_once(" patient ").map_or(file, |(feed, _)| feed);
    tracing::error!(feed, "the Bundle of a patient cannot be read");
    // Said once, however often it is pulled.
    before.rejections.retain(|known| known.resource != "Bundle");
    before.rejections.push(Rejection {
        resource: "Bundle".to_owned(),
        place: file.to_owned(),
        reason: format!("cannot be read as a whole: {error}"),
        remedy: "correct it in the sending system; what was read of this patient before grows old".to_owned(),
        patient: PatientId::parse(patient).ok(),
        version: None,
    });
    before
}

/// Orders of HL7 v2 are as current as the feed that was heard least lately; with one that was never heard nobody knows.
fn oldest(feeds: &[(String, FeedRecord)]) -> Option<Timestamp> {
    feeds.iter().map(|(_, feed)| feed.heard.parse().ok()).min().flatten()
}

/// Everything of one patient.
fn record_of(view: &View, patient: PatientState) -> Result<Record, DbError> {
    let ids = view.orders_of(&patient.id)?;
    let orders = ids.iter().filter_map(|id| view.order(id).transpose()).collect::<Result<_, _>>()?;
    let dispenses = view.dispenses_of(&patient.id)?;
    Ok(Record { patient, orders, dispenses })
}
