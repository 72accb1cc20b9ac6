//! What the station knows of a kiosk's ledger, in memory: read beside its writer, kept up by a thread, thrown away at the end. The
//! ledger stays the truth; every row names its entry.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use jiff::Timestamp;
use jiff::tz::Offset;
use ledger::history::Stored;
use ledger::inspect::{InspectError, Inspector};
use ledger::kind::Kind;
use rights::case::PackageInHand;
use rights::entry::Inputs;
use rights::follow_up::Act;
use rights::history::{Administration, Outcome, Record};
use rights::ident::plain_lot;
use rights::ident::{PatientId, ProductId, RequestId};
use rights::person::Patient;

use crate::drugs::unknown::UnknownCodes;

/// So many entries are read before pages may look again.
const AT_ONCE: u64 = 16_384;
/// Fewer are read by one thread.
const ALONE: u64 = 512;

/// A patient whose entries are in the ledger.
#[derive(Clone)]
pub struct PatientRow {
    /// The id of the ledger's orders.
    pub id: PatientId,
    /// Name, record number and birth date, where an entry tells.
    pub known: Option<(String, String, jiff::civil::Date)>,
    /// Their doses, as places in the list of doses.
    pub doses: Vec<usize>,
}

impl std::fmt::Debug for PatientRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PatientRow({} doses)", self.doses.len())
    }
}

/// A dose that was given or charted as not given.
#[derive(Clone, Debug)]
pub struct DoseRow {
    /// The entry.
    pub entry: u64,
    /// Which patient, as a place in the list of patients.
    pub patient: usize,
    /// When.
    pub at: Timestamp,
    /// The local offset of its entry.
    pub offset: Offset,
    /// How it ended.
    pub outcome: Outcome,
    /// The item, or the request where none was in hand.
    pub item: String,
    /// How much.
    pub dose: String,
    /// Lots of its packages.
    pub lots: Vec<String>,
    /// By whom.
    pub by: String,
    /// The coded reason.
    pub reason: String,
    /// The entry that says that it was entered in error.
    pub error: Option<u64>,
    /// The entries that change how it stands: the steps of its infusion, its correction.
    pub later: Vec<u64>,
}

/// What is known.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The ledger's id.
    pub origin: String,
    /// Entries that were read.
    pub read: u64,
    /// Entries that there were when it was looked last.
    pub size: u64,
    /// Why reading stopped, where it did.
    pub failure: Option<String>,
    /// Patients in the order of their first entry.
    pub patients: Vec<PatientRow>,
    /// Doses in the order of their entries.
    pub doses: Vec<DoseRow>,
    /// Codes that no item of the drug file had when they were scanned.
    pub unknown: UnknownCodes,
    /// Given doses by lot, as lots are compared ([`plain_lot`]).
    pub by_lot: BTreeMap<String, Vec<usize>>,
    /// The items of which packages of a lot were given.
    pub items_of_lot: BTreeMap<String, BTreeSet<ProductId>>,
    /// Given doses with a package of which no lot is recorded, by its item; without one where not even the item is. Its lot may be any.
    pub without_lot: BTreeMap<Option<ProductId>, Vec<usize>>,
    places: HashMap<PatientId, usize>,
    names: BTreeMap<ProductId, String>,
    ordered: HashMap<RequestId, String>,
    of_key: HashMap<[u8; 20], usize>,
}

/// One ledger and what is known of it.
#[derive(Debug)]
pub struct Reading {
    path: PathBuf,
    known: RwLock<Known>,
}

impl Reading {
    /// Nothing read yet.
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), known: RwLock::default() }
    }

    /// The ledger's folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What is known now.
    pub fn known(&self) -> RwLockReadGuard<'_, Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads on until nothing is new or `stop` says so. A ledger that cannot be read is told on the pages and tried again.
    pub fn catch_up(&self, stop: &dyn Fn() -> bool) {
        loop {
            let from = self.known().read;
            let read = read(&self.path, from);
            let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
            match read {
                Ok((origin, size, stored)) => {
                    known.origin = origin;
                    known.size = size;
                    known.failure = None;
                    for one in &stored {
                        known.take(one);
                    }
                    known.read = from + stored.len() as u64;
                    if known.read >= size || stop() {
                        return;
                    }
                }
                Err(error) => {
                    known.failure = Some(error.to_string());
                    return;
                }
            }
        }
    }
}

fn read(path: &Path, from: u64) -> Result<(String, u64, Vec<Stored>), InspectError> {
    let inspector = Inspector::open(path)?;
    let (origin, size) = (inspector.origin().to_owned(), inspector.size());
    if size <= from {
        return Ok((origin, size, Vec::new()));
    }
    let device = inspector.device_key()?;
    let end = size.min(from + AT_ONCE);
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get) as u64;
    let share = (end - from).div_ceil(cores).max(ALONE);
    let starts = (from..end).step_by(usize::try_from(share).unwrap_or(usize::MAX));
    let parts: Vec<Result<Vec<Stored>, InspectError>> = std::thread::scope(|scope| {
        let (inspector, device) = (&inspector, &device);
        let threads: Vec<_> = starts
            .map(|start| scope.spawn(move || inspector.stored(device, start, end.min(start + share))))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    let mut all = Vec::new();
    for part in parts {
        all.extend(part?);
    }
    Ok((origin, size, all))
}

impl Known {
    /// The patient with this place, where there is one.
    pub fn patient(&self, place: usize) -> Option<&PatientRow> {
        self.patients.get(place)
    }

    /// The name of an item.
    pub fn name<'a>(&'a self, item: &'a ProductId) -> &'a str {
        self.names.get(item).map_or(item.as_str(), String::as_str)
    }

    fn place(&mut self, id: &PatientId) -> usize {
        if let Some(place) = self.places.get(id) {
            return *place;
        }
        let place = self.patients.len();
        self.places.insert(id.clone(), place);
        self.patients.push(PatientRow { id: id.clone(), known: None, doses: Vec::new() });
        place
    }

    fn meet(&mut self, patient: &Patient) {
        let place = self.place(&patient.id);
        if let Some(row) = self.patients.get_mut(place) {
            row.known = Some((patient.name.to_string(), patient.mrn.to_string(), patient.birth_date));
        }
    }

    fn take(&mut self, stored: &Stored) {
        let Some(detached) = &stored.detached else { return };
        if let Some(Inputs::Dose(case)) = &detached.inputs {
            // Only who was identified: a case also names neighbours that were ruled out.
            for patient in
                case.patient.candidates.iter().filter(|one| Some(&one.id) == detached.patient.as_ref())
            {
                self.meet(patient);
            }
            for ordered in &case.requests {
                self.ordered.insert(ordered.request.id.clone(), ordered.request.drug.name.clone());
            }
            for product in case.packages.iter().filter_map(PackageInHand::product) {
                self.names.entry(product.id.clone()).or_insert_with(|| product.name.clone());
            }
            self.unknown.hear(case, stored.leaf.sequence);
        }
        match &detached.record {
            Some(Record::Administration(given)) => self.dose(stored, given),
            Some(Record::FollowUp(follow_up))
                if matches!(follow_up.act, Act::EnteredInError | Act::Infusion(_)) =>
            {
                let place = self.of_key.get(&follow_up.of.to_bytes());
                if let Some(dose) = place.copied().and_then(|place| self.doses.get_mut(place)) {
                    dose.later.push(stored.leaf.sequence);
                    if follow_up.act == Act::EnteredInError {
                        dose.error = Some(stored.leaf.sequence);
                    }
                }
            }
            _ => {}
        }
    }

    /// Which items have which lots, and which doses have none.
    fn packages(&mut self, given: &Administration, place: usize) {
        let mut bare: BTreeSet<Option<ProductId>> = BTreeSet::new();
        if given.packages.is_empty() {
            bare.insert(None);
        }
        for package in &given.packages {
            match &package.lot {
                Some(lot) => {
                    let items = self.items_of_lot.entry(plain_lot(lot.as_str())).or_default();
                    items.insert(package.product.clone());
                }
                None => drop(bare.insert(Some(package.product.clone()))),
            }
        }
        for item in bare {
            self.without_lot.entry(item).or_default().push(place);
        }
    }

    fn dose(&mut self, stored: &Stored, given: &Administration) {
        let patient = self.place(&given.patient);
        let place = self.doses.len();
        let first = given.packages.first().and_then(|package| self.names.get(&package.product)).cloned();
        let mut lots: Vec<String> = given
            .packages
            .iter()
            .filter_map(|package| package.lot.as_ref())
            .map(ToString::to_string)
            .collect();
        lots.sort();
        lots.dedup();
        if matches!(stored.leaf.kind, Kind::GIVEN | Kind::PARTIAL) {
            for lot in &lots {
                let doses = self.by_lot.entry(plain_lot(lot)).or_default();
                // Two lots of one dose may be written in two ways.
                if doses.last() != Some(&place) {
                    doses.push(place);
                }
            }
            self.packages(given, place);
        }
        if let Some(row) = self.patients.get_mut(patient) {
            row.doses.push(place);
        }
        if let Some(key) = stored.leaf.key {
            self.of_key.insert(key, place);
        }
        let offset = i32::try_from(stored.leaf.clock.offset_s).ok();
        self.doses.push(DoseRow {
            entry: stored.leaf.sequence,
            patient,
            at: given.at,
            offset: offset.and_then(|seconds| Offset::from_seconds(seconds).ok()).unwrap_or(Offset::UTC),
            outcome: given.outcome,
            item: first
                .or_else(|| self.ordered.get(&given.request).cloned())
                .unwrap_or_else(|| given.request.to_string()),
            dose: given.dose.as_ref().map(ToString::to_string).unwrap_or_default(),
            lots,
            by: given.by.to_string(),
            reason: given.reason.as_ref().map(ToString::to_string).unwrap_or_default(),
            error: None,
            later: Vec::new(),
        });
    }
}

impl DoseRow {
    /// The local time of its entry, to the minute.
    pub fn local(&self) -> String {
        self.offset.to_datetime(self.at).strftime("%Y-%m-%dT%H:%M").to_string()
    }
}
