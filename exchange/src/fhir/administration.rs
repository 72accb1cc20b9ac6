//! `MedicationAdministration` of other systems to doses that count: for maxima, intervals and repetitions (D8, T4, T5, T7, C4).
//!
//! Those of this kiosk come back from the server that they were sent to; they are known by their ledger and left out. One that cannot
//! be counted marks its patient, because a total without it would be too low.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rights::chart::Chart;
use rights::history::{Administration, Outcome};
use rights::ident::{ClinicianId, PatientId, RequestId};
use rights::product::{Product, Route, Strength};
use rights::quantity::Quantity;

use super::bundle::Entry;
use super::medication::Choice;
use super::own::{BASE, DOSE_HUNG};
use super::{DateTime, Reader, dosage, model, quantity, read_entry, version_of};
use crate::digest::sha256;
use crate::outbox::fhir::resources::{LEDGER, REQUEST};
use crate::rejection::{Note, Refusal};
use crate::units::short;

impl Reader<'_> {
    pub(super) fn read_administrations(&mut self) {
        let mut own = 0_usize;
        for entry in self.entries("MedicationAdministration") {
            match self.administration(entry) {
                Ok(Other::Given(done)) => self.tell(entry, Some(*done)),
                Ok(Other::NotGiven) => self.tell(entry, None),
                Ok(Other::Ours) => own += 1,
                Err((patient, refusal)) => self.refuse(entry, patient.as_ref(), &refusal),
            }
        }
        self.import.chart.history = self.import.told.given(&self.import.chart);
        if own > 0 {
            let text = format!("{own} of this kiosk: known from its ledger");
            self.import.notes.push(Note { resource: "MedicationAdministration".to_owned(), text });
        }
    }

    fn tell(&mut self, entry: &Entry<'_>, given: Option<Administration>) {
        let id = entry.id.clone().unwrap_or_else(|| format!("{:?}", sha256(entry.json.as_bytes())));
        let of_dose = given.as_ref().map(|done| done.patient.clone());
        let patient = of_dose.or_else(|| self.patient_by_subject(entry));
        let word = Word { version: version_of(entry), bundle: self.stamp, given };
        self.import.told.hear((patient, id), word);
    }

    fn administration(&self, entry: &Entry<'_>) -> Result<Other, (Option<PatientId>, Refusal)> {
        let mut raw: model::MedicationAdministration =
            read_entry(entry).map_err(|refusal| (self.patient_by_subject(entry), refusal))?;
        if self.is_own(&raw) {
            return Ok(Other::Ours);
        }
        match raw.status.as_deref() {
            Some("completed" | "in-progress" | "on-hold" | "stopped") => {}
            Some("not-done" | "entered-in-error") => return Ok(Other::NotGiven),
            other => {
                let reason =
                    format!("status {} does not say whether it was given", short(other.unwrap_or("missing")));
                return Err((None, Refusal::new("status", reason, "ask the ward that recorded it")));
            }
        }
        let at = self.patient_of("subject", raw.subject.as_ref()).map_err(|refusal| (None, refusal))?;
        let patient = self.patient_id(at);
        self.given(&mut raw, patient.as_ref()).map_err(|refusal| (patient, refusal))
    }

    /// `urn:bcma:ledger` is origin#sequence. A dose of another kiosk of ours is in no ledger of this one: it has to count.
    fn is_own(&self, raw: &model::MedicationAdministration) -> bool {
        let Some(own) = &self.rules.own_ledger else { return false };
        let entries = raw.identifier.iter().filter(|one| one.system.as_deref() == Some(LEDGER));
        let mut origins = entries.filter_map(|one| one.value.as_deref()?.rsplit_once('#'));
        origins.any(|(origin, _)| origin == own)
    }

    fn given(
        &self,
        raw: &mut model::MedicationAdministration,
        patient: Option<&PatientId>,
    ) -> Result<Other, Refusal> {
        let patient =
            patient.cloned().ok_or_else(|| Refusal::new("subject", "no patient", "export it again"))?;
        let r5 = raw.medication.take();
        let named = self.medication(&Choice {
            concept: raw.medication_codeable_concept.as_ref(),
            reference: raw.medication_reference.as_ref(),
            contained: &raw.contained,
            r5,
        })?;
        let dosage = raw.dosage.as_ref();
        let dose =
            dosage.and_then(|dosage| dosage.dose.as_ref().or_else(|| hung(dosage))).ok_or_else(|| {
                Refusal::new(
                    "dosage.dose",
                    "missing: how much was given is not known",
                    "ask the ward that gave it",
                )
            })?;
        let dose =
            quantity::quantity(dose, &self.rules.units).map_err(|refusal| refusal.within("dosage.dose"))?;
        let ingredients = ingredients(named.product, &dose).ok_or_else(|| {
            let reason =
                format!("{} cannot be counted in the strength of {}", dose.unit.code(), named.product.name);
            Refusal::new("dosage.dose", reason, "count it by hand, and have it sent in the unit of the drug")
        })?;
        let route = dosage.and_then(|dosage| dosage.route.as_ref());
        let route = route.and_then(|route| dosage::route(Some(route), self.rules).ok());
        // A patch that was taken off is on the skin no more (T9).
        let route = route.filter(|route| *route != Route::Transdermal || !is_over(raw));
        Ok(Other::Given(Box::new(Administration {
            patient,
            request: request(raw.request.as_ref())?,
            version: 0,
            slot: None,
            outcome: Outcome::Given,
            at: since(raw)?,
            by: performer(&raw.performer)?,
            dose: Some(dose),
            ingredients,
            route,
            packages: Vec::new(),
            reason: None,
            note: None,
            entry: None,
            backdated: None,
            effect_due: None,
            rate: None,
            continues: None,
            grant: None,
            site: None,
            pain_score: None,
            witness: None,
            known: Vec::new(),
            order_link_due: None,
        })))
    }
}

/// The last word of other systems on each dose.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told(BTreeMap<Key, Word>);

/// Which dose: whose, where that can be told, and the id of its resource; of one without an id its text. Two servers that number their
/// resources themselves have the same numbers.
type Key = (Option<PatientId>, String);

/// A word on a dose.
#[derive(Clone, Debug)]
struct Word {
    version: Option<u32>,
    /// When its Bundle was made.
    bundle: Option<Timestamp>,
    /// The dose, or nothing: it was not given, or entered in error.
    given: Option<Administration>,
}

impl Told {
    /// Whether nothing was told.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Lays what was told later over what is known.
    pub(crate) fn lay(&mut self, later: Self) {
        for (key, word) in later.0 {
            self.hear(key, word);
        }
    }

    fn hear(&mut self, key: Key, word: Word) {
        if self.0.get(&key).is_none_or(|held| word.follows(held)) {
            self.0.insert(key, word);
        }
    }

    /// The doses that were given, oldest first. Records that were merged since are of one patient. A word that does not say whose dose it is
    /// about (its Bundle has no Patient) is about the only one with its number.
    pub(crate) fn given(&self, chart: &Chart) -> Vec<Administration> {
        let mut last: BTreeMap<&str, BTreeMap<&PatientId, &Word>> = BTreeMap::new();
        let mut unsaid: Vec<(&str, &Word)> = Vec::new();
        for ((patient, id), word) in &self.0 {
            let Some(patient) = patient else {
                unsaid.push((id, word));
                continue;
            };
            let held = last.entry(id).or_default().entry(chart.current(patient)).or_insert(word);
            if word.follows(held) {
                *held = word;
            }
        }
        for (id, word) in unsaid {
            let Some(of_number) = last.get_mut(id).filter(|of_number| of_number.len() == 1) else { continue };
            for held in of_number.values_mut().filter(|held| word.follows(held)) {
                *held = word;
            }
        }
        let words = last.into_values().flat_map(BTreeMap::into_values);
        let mut given: Vec<Administration> = words.filter_map(|word| word.given.clone()).collect();
        given.sort_by_key(|done| done.at);
        given
    }
}

impl Word {
    /// Whether this word counts after another one on the same dose: the higher version, else the one of the newer Bundle, else the later one.
    fn follows(&self, held: &Self) -> bool {
        match ((held.version, self.version), (held.bundle, self.bundle)) {
            ((Some(held), Some(version)), _) if held != version => version > held,
            (_, (Some(held), Some(bundle))) => bundle >= held,
            _ => true,
        }
    }
}

/// What another system's resource says.
enum Other {
    Given(Box<Administration>),
    NotGiven,
    Ours,
}

/// How much of each ingredient a dose holds: through what the strength is counted in, or as the weight of the only one.
fn ingredients(product: &Product, dose: &Quantity) -> Option<Vec<Strength>> {
    product.ingredients_in(dose).or_else(|| {
        let [only] = product.strengths.as_slice() else { return None };
        let same = only.amount.unit.dimension() == dose.unit.dimension();
        same.then(|| vec![Strength { ingredient: only.ingredient.clone(), amount: *dose }])
    })
}

/// What stands for an id that the other system does not name.
const UNNAMED: &str = "other-system";

/// What another kiosk hung: its infusion has a rate and no dose.
fn hung(dosage: &model::AdministeredDosage) -> Option<&model::Quantity> {
    let is_it = |url: &str| url.strip_prefix(BASE) == Some(DOSE_HUNG);
    let hung = dosage.extension.iter().find(|extension| extension.url.as_deref().is_some_and(is_it));
    hung.and_then(|extension| extension.value_quantity.as_ref())
}

/// The request it names, where it is one of ours; else none that is known here. Another kiosk names its own id: an order with several dosage
/// instructions is several requests, and the order system may have none of them.
fn request(reference: Option<&model::Reference>) -> Result<RequestId, Refusal> {
    let own = reference.and_then(|reference| reference.identifier.as_ref());
    let own = own.filter(|identifier| identifier.system.as_deref() == Some(REQUEST));
    if let Some(Ok(id)) = own.and_then(|identifier| identifier.value.as_deref()).map(RequestId::parse) {
        return Ok(id);
    }
    let named = reference.and_then(|reference| reference.reference.as_deref());
    let id = named.and_then(|text| text.rsplit_once("MedicationRequest/")).map_or(UNNAMED, |(_, id)| id);
    let id = id.split('/').next().unwrap_or(UNNAMED);
    RequestId::parse(id).map_err(|error| Refusal::new("request", error.to_string(), "send a FHIR id"))
}

/// Who gave it, as the other system names them.
fn performer(performers: &[model::Performer]) -> Result<ClinicianId, Refusal> {
    let actor = performers.first().and_then(|performer| performer.actor.as_ref());
    let named = actor.and_then(|actor| {
        let number = actor.identifier.as_ref().and_then(|identifier| identifier.value.as_deref());
        number.or(actor.reference.as_deref()).or(actor.display.as_deref())
    });
    let known = ClinicianId::parse(named.unwrap_or(UNNAMED));
    known
        .or_else(|_| ClinicianId::parse(UNNAMED))
        .map_err(|error| Refusal::new("performer.actor", error.to_string(), "send the number of who gave it"))
}

/// Whether it ended, and is known to have: what still goes on may have the end that is planned.
fn is_over(raw: &model::MedicationAdministration) -> bool {
    let ended = raw.effective_period.as_ref().is_some_and(|period| period.end.is_some());
    ended && matches!(raw.status.as_deref(), Some("completed" | "stopped"))
}

/// When it began to enter the patient.
fn since(raw: &model::MedicationAdministration) -> Result<Timestamp, Refusal> {
    let start = raw.effective_period.as_ref().and_then(|period| period.start.as_deref());
    let text = raw.effective_date_time.as_deref().or(start);
    match text.map(DateTime::parse) {
        Some(Ok(DateTime::Instant(at))) => Ok(at),
        Some(Ok(_)) => {
            Err(Refusal::new("effective[x]", "has no time of day", "export date, time and offset"))
        }
        Some(Err(reason)) => Err(Refusal::new("effective[x]", reason, "correct the time")),
        None => Err(Refusal::new("effective[x]", "missing", "export when it was given")),
    }
}
