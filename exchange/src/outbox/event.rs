//! Ledger entries as events for other systems.
//!
//! One event id = the first 20 hexadecimal digits of the entry's leaf hash = FHIR identifier = MSH-10 (which has room for 20). Sending
//! again says the same under the same id.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use ledger::history::Stored;
use ledger::inspect::{InspectError, Inspector};
use ledger::keys::DeviceKey;
use ledger::kind::Kind;
use ledger::leaf::CORRECTS;
use rights::case::{Answer, PackageInHand};
use rights::entry::Inputs;
use rights::follow_up::FollowUp;
use rights::history::{Administration, Record};
use rights::ident::{ClinicianId, PatientId, ProductId, RequestId};
use rights::person::Patient;
use rights::product::Product;
use rights::request::Request;

use super::elsewhere::Elsewhere;
use super::infusion::{Course, Infusions};
use crate::digest::hex;

/// Something that other systems have to hear.
#[derive(Clone)]
pub struct Event {
    /// The event id.
    pub id: String,
    /// Which ledger.
    pub origin: String,
    /// The entry's place.
    pub sequence: u64,
    /// The entry's leaf hash.
    pub leaf: [u8; 32],
    /// When it was recorded.
    pub recorded: Timestamp,
    /// What it says.
    pub act: Act,
    /// RXA-2: of what was done for this order the how-manieth it is, by this ledger. What corrects or voids one has its number. It follows from
    /// the ledger alone, so it is the same after a restart, when it is sent again, and in an export.
    pub number: u64,
    /// The administration: of the entry itself, or of the one that was entered in error.
    pub administration: Administration,
    /// What was charted of it after it, where the event says that: the correction, or the step of the infusion.
    pub follow_up: Option<FollowUp>,
    /// The patient as the kiosk knew them, where the ledger says it.
    pub patient: Option<Patient>,
    /// The request as displayed, where the ledger says it.
    pub request: Option<Request>,
    /// The item that was given.
    pub product: Option<Product>,
    /// What was scanned.
    pub packages: Vec<PackageInHand>,
    /// Variances that were answered.
    pub overrides: Vec<Override>,
    /// How the infusion stands after it, where it is about one.
    pub course: Option<Course>,
    /// The second clinician who checked the administration independently.
    pub witness: Option<ClinicianId>,
    /// The signed checkpoint just after the entry (C2SP signed note).
    pub checkpoint: Option<String>,
}

/// It concerns a patient: which kind, and nothing else.
impl std::fmt::Debug for Event {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Event({}, entry {}, {:?})", self.id, self.sequence, self.act)
    }
}

impl Event {
    /// Who says it: of a correction or a step of an infusion often somebody else than who gave the dose.
    pub fn by(&self) -> &ClinicianId {
        let follow_up = self.follow_up.as_ref().and_then(|done| done.by.as_ref());
        follow_up.unwrap_or(&self.administration.by)
    }

    /// When what it says was done.
    pub fn at(&self) -> Timestamp {
        self.follow_up.as_ref().map_or(self.administration.at, |done| done.at)
    }

    /// Why a dose was corrected or a step taken: the site's code, and the nurse's words.
    pub fn why(&self) -> Option<String> {
        let done = self.follow_up.as_ref()?;
        match (&done.reason, &done.note) {
            (Some(reason), Some(note)) => Some(format!("{reason}: {note}")),
            (Some(reason), None) => Some(reason.to_string()),
            (None, note) => note.clone(),
        }
    }
}

/// What an event says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// A dose was given, or charted as not given.
    Charted,
    /// An earlier one, by event id, is corrected.
    Corrected(String),
    /// An earlier one, by event id, was entered in error.
    EnteredInError(String),
    /// An infusion that an earlier one, by event id, started went on in another way or ended.
    Infusion(String),
}

impl Act {
    /// Whether what was said before counts as never charted.
    pub const fn voids(&self) -> bool {
        matches!(self, Self::EnteredInError(_))
    }
}

/// A variance that was answered, with the answer.
#[derive(Clone, PartialEq, Eq)]
pub struct Override {
    /// Which check.
    pub check: String,
    /// Its class.
    pub class: String,
    /// The coded reason; an acknowledgement has none.
    pub reason: Option<String>,
    /// The nurse's words and who was contacted.
    pub answer: Option<Answer>,
}

impl std::fmt::Debug for Override {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Override({}, {})", self.check, self.class)
    }
}

/// So many entries are read at once: what is kept in memory stays small, however long a target was away.
pub const MOST_AT_ONCE: u64 = 2_000;

/// The event id of a leaf.
pub fn event_id(leaf: &[u8; 32]) -> String {
    hex(&leaf[..10])
}

/// Why the ledger cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {source}", path = path.display())]
pub struct OutboxError {
    /// Which ledger.
    pub path: PathBuf,
    /// Why.
    pub source: Box<InspectError>,
}

#[derive(Clone, Copy, Debug)]
struct Place {
    sequence: u64,
    number: u64,
}

/// Reads a ledger's events in order. It remembers who each patient is from earlier entries, since a refused dose names its patient
/// and nothing more.
#[derive(Debug)]
pub struct Cursor {
    path: PathBuf,
    /// The next entry to read.
    next: u64,
    patients: BTreeMap<PatientId, Patient>,
    requests: BTreeMap<RequestId, Request>,
    products: BTreeMap<ProductId, Product>,
    /// Where each administration stands, and its number, for its corrections.
    places: BTreeMap<[u8; 32], Place>,
    /// How much was done for each request so far.
    counts: BTreeMap<RequestId, u64>,
    infusions: Infusions,
    /// What was read of doses in other kiosks' ledgers.
    elsewhere: Vec<Elsewhere>,
}

impl Cursor {
    /// A cursor at the beginning of a ledger.
    pub fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            next: 0,
            patients: BTreeMap::new(),
            requests: BTreeMap::new(),
            products: BTreeMap::new(),
            places: BTreeMap::new(),
            counts: BTreeMap::new(),
            infusions: Infusions::default(),
            elsewhere: Vec::new(),
        }
    }

    /// The next entry to read.
    pub const fn next(&self) -> u64 {
        self.next
    }

    /// Reads on, at most [`MOST_AT_ONCE`] entries, and gives their events, oldest first; `None` when nothing is new.
    ///
    /// # Errors
    /// When the ledger cannot be read. The next call begins with the same entries, or, where some of them were counted already and would count
    /// twice, at the beginning of the ledger ([`next`](Self::next) is 0).
    pub fn read(&mut self) -> Result<Option<Vec<Event>>, OutboxError> {
        let path = self.path.clone();
        let wrong = |source: InspectError| OutboxError { path: path.clone(), source: Box::new(source) };
        let inspector = Inspector::open(&path).map_err(wrong)?;
        let size = inspector.size().min(self.next.saturating_add(MOST_AT_ONCE));
        if size <= self.next {
            return Ok(None);
        }
        let device = inspector.device_key().map_err(wrong)?;
        let stored = inspector.stored(&device, self.next, size).map_err(wrong)?;
        let told = self.tell(&inspector, &device, stored).and_then(|mut events| {
            for event in &mut events {
                let (note, _) = inspector.checkpoint(event.sequence + 1)?;
                event.checkpoint = Some(note.to_string());
            }
            Ok(events)
        });
        match told {
            Ok(events) => {
                self.next = size;
                Ok(Some(events))
            }
            Err(error) => {
                *self = Self::new(&path);
                Err(wrong(error))
            }
        }
    }

    /// The events of these entries, which follow those that were told before; without their checkpoints.
    fn tell(
        &mut self,
        inspector: &Inspector,
        device: &DeviceKey,
        all: Vec<Stored>,
    ) -> Result<Vec<Event>, InspectError> {
        let origin = inspector.origin();
        let mut events = Vec::new();
        let mut corrections: Vec<(Stored, [u8; 32])> = Vec::new();
        for stored in all {
            let leaf = ledger::tree::leaf_hash(&stored.leaf.encode());
            self.remember(&stored);
            match stored.leaf.kind {
                Kind::GIVEN
                | Kind::PARTIAL
                | Kind::HELD
                | Kind::REFUSED
                | Kind::NOT_GIVEN
                | Kind::MISSING => {
                    let event = self.event(origin, &stored, leaf, None).map(|event| self.numbered(event));
                    if let Some(event) = &event {
                        self.infusions.hear(event);
                        let place = Place { sequence: event.sequence, number: event.number };
                        self.places.insert(leaf, place);
                    }
                    events.extend(event);
                }
                Kind::INFUSION => match self.infusion_step(&stored, leaf) {
                    Some(event) => events.push(self.numbered(event)),
                    None => self.elsewhere.extend(Elsewhere::of(&stored, &leaf)),
                },
                Kind::CORRECTION => {
                    self.elsewhere.extend(Elsewhere::of(&stored, &leaf));
                    corrections.push((stored, leaf));
                }
                _ => {}
            }
        }
        for (stored, leaf) in corrections {
            events.extend(self.correction((inspector, device), &stored, leaf)?);
        }
        events.sort_by_key(|event| event.sequence);
        Ok(events)
    }

    /// What the reading so far, since this was asked last, found of doses in other kiosks' ledgers: none of it is an event.
    pub fn elsewhere(&mut self) -> Vec<Elsewhere> {
        std::mem::take(&mut self.elsewhere)
    }

    /// Every event that is left.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn read_all(&mut self) -> Result<Vec<Event>, OutboxError> {
        let mut all = Vec::new();
        while let Some(events) = self.read()? {
            all.extend(events);
        }
        Ok(all)
    }

    /// The event with the next number of its order.
    fn numbered(&mut self, event: Event) -> Event {
        let count = self.counts.entry(event.administration.request.clone()).or_default();
        *count += 1;
        Event { number: *count, ..event }
    }

    fn remember(&mut self, stored: &Stored) {
        let inputs = stored.detached.as_ref().and_then(|detached| detached.inputs.as_ref());
        match inputs {
            Some(Inputs::Patient(case, _)) => {
                for patient in &case.candidates {
                    self.patients.insert(patient.id.clone(), patient.clone());
                }
            }
            Some(Inputs::Dose(case)) => {
                for patient in &case.patient.candidates {
                    self.patients.insert(patient.id.clone(), patient.clone());
                }
                for request in &case.requests {
                    self.requests.insert(request.request.id.clone(), request.request.clone());
                }
                for product in case.packages.iter().filter_map(PackageInHand::product) {
                    self.products.insert(product.id.clone(), product.clone());
                }
            }
            // A waste names numbers, nobody's data.
            Some(Inputs::Waste(_) | Inputs::Discrepancy(_)) | None => {}
        }
    }

    fn event(&self, origin: &str, stored: &Stored, leaf: [u8; 32], act: Option<Act>) -> Option<Event> {
        let detached = stored.detached.as_ref()?;
        let administration = detached.record.as_ref()?.administration()?.clone();
        let case = match &detached.inputs {
            Some(Inputs::Dose(case)) => Some(case),
            Some(Inputs::Patient(..) | Inputs::Waste(_) | Inputs::Discrepancy(_)) | None => None,
        };
        let product = administration
            .packages
            .first()
            .and_then(|package| self.products.get(&package.product))
            .or_else(|| case.and_then(|case| case.product()))
            .cloned();
        let class_of = |check: &str| {
            let mut findings = stored.leaf.clear.findings.iter();
            findings.find(|(known, _)| known == check).map(|(_, class)| class.clone()).unwrap_or_default()
        };
        let answers = case.map_or(&detached.answers, |case| &case.answers.reasons);
        let overrides = stored.leaf.clear.reasons.iter().map(|(check, reason)| Override {
            check: check.clone(),
            class: class_of(check),
            reason: reason.clone(),
            answer: answers.iter().find(|answer| answer.check.name() == check).cloned(),
        });
        Some(Event {
            id: event_id(&leaf),
            origin: origin.to_owned(),
            sequence: stored.leaf.sequence,
            leaf,
            recorded: recorded(stored),
            act: act.unwrap_or(Act::Charted),
            number: 1,
            patient: self.current(&administration.patient).cloned(),
            request: self.requests.get(&administration.request).cloned(),
            product,
            packages: case.map(|case| case.packages.clone()).unwrap_or_default(),
            overrides: overrides.collect(),
            checkpoint: None,
            course: Course::begun(&administration),
            witness: administration.witness.clone(),
            follow_up: None,
            administration,
        })
    }

    /// The patient as the kiosk knew them last; of a merged record the one that goes on, where the ledger has it.
    fn current(&self, id: &PatientId) -> Option<&Patient> {
        let mut current = self.patients.get(id)?;
        // A circle of merges is a fault of the data and must not hang.
        for _ in 0..self.patients.len() {
            match current.merged_into.as_ref().and_then(|kept| self.patients.get(kept)) {
                Some(kept) => current = kept,
                None => break,
            }
        }
        Some(current)
    }

    /// A step of an infusion says how the administration that started it stands now; who gave and who witnessed that stays.
    fn infusion_step(&mut self, stored: &Stored, leaf: [u8; 32]) -> Option<Event> {
        let Record::FollowUp(done) = stored.detached.as_ref()?.record.as_ref()? else { return None };
        let (start, course) = self.infusions.step(done)?;
        Some(Event {
            act: Act::Infusion(start.id.clone()),
            id: event_id(&leaf),
            sequence: stored.leaf.sequence,
            leaf,
            recorded: recorded(stored),
            follow_up: Some(done.clone()),
            overrides: Vec::new(),
            course: Some(course),
            checkpoint: None,
            ..start
        })
    }

    /// A correction names the leaf it corrects. With an administration of its own that one counts from now on; without, the earlier
    /// one was entered in error.
    fn correction(
        &self,
        (inspector, device): (&Inspector, &DeviceKey),
        stored: &Stored,
        leaf: [u8; 32],
    ) -> Result<Option<Event>, InspectError> {
        let corrected = stored.leaf.references.iter().find(|reference| reference.relation == CORRECTS);
        let Some(earlier) = corrected.and_then(|reference| reference.hash) else { return Ok(None) };
        let place = self.places.get(&earlier).copied();
        let act = Act::Corrected(event_id(&earlier));
        if let Some(event) = self.event(inspector.origin(), stored, leaf, Some(act)) {
            let number = place.map_or(event.number, |place| place.number);
            return Ok(Some(Event { number, ..event }));
        }
        let Some(Place { sequence: place, number }) = place else { return Ok(None) };
        let original = inspector.stored(device, place, place + 1)?;
        let event =
            original.first().and_then(|original| self.event(inspector.origin(), original, leaf, None));
        let follow_up = match stored.detached.as_ref().and_then(|detached| detached.record.as_ref()) {
            Some(Record::FollowUp(done)) => Some(done.clone()),
            _ => None,
        };
        Ok(event.map(|event| Event {
            sequence: stored.leaf.sequence,
            recorded: recorded(stored),
            act: Act::EnteredInError(event_id(&earlier)),
            number,
            follow_up,
            ..event
        }))
    }
}

/// The events of these entries, and nothing of the others; without checkpoints. What an entry does not tell of its patient or request the
/// others of them may.
///
/// # Errors
/// When the ledger cannot be read.
pub fn events_at(path: &Path, entries: BTreeSet<u64>) -> Result<Vec<Event>, OutboxError> {
    let read = || {
        let inspector = Inspector::open(path)?;
        let device = inspector.device_key()?;
        let mut all = Vec::new();
        for entry in entries {
            all.extend(inspector.stored(&device, entry, entry + 1)?);
        }
        let mut cursor = Cursor::new(path);
        for stored in &all {
            cursor.remember(stored);
        }
        cursor.tell(&inspector, &device, all)
    };
    read().map_err(|source| OutboxError { path: path.to_owned(), source: Box::new(source) })
}

fn recorded(stored: &Stored) -> Timestamp {
    Timestamp::from_nanosecond(i128::from(stored.leaf.clock.wall_ns)).unwrap_or(Timestamp::UNIX_EPOCH)
}
