//! Everything the bedside knows about patients, requests and what was given, as of one moment. The shell loads it; this crate
//! only reads it.

mod forget;

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use jiff::Timestamp;

use crate::amount::Amount;
use crate::case::TypedIdentity;
use crate::custody::{CustodyId, Disposal, Disposed, SetAside};
use crate::entered::Observation;
use crate::entry::IdempotencyKey;
use crate::follow_up::{Act, FollowUp};
use crate::history::{
    Administration, DispensedDose, Observed, OrderLinked, PackageIdentity, Record, Reprint, Review,
    UsedPackage,
};
use crate::ident::{ClinicianId, DoseId, PatientId, RequestId, WardId};
use crate::person::{Clinician, Patient};
use crate::quantity::Quantity;
use crate::request::Request;
use crate::scan::{Badge, Wristband};

pub use forget::Spent;

/// A snapshot of the site's data.
#[derive(Clone, Debug, Default)]
pub struct Chart {
    /// When the orders were last known to be current; `None` when never: "orders not current" (S2).
    pub orders_as_of: Option<Timestamp>,
    /// Patients.
    pub patients: Vec<Patient>,
    /// Clinicians.
    pub clinicians: Vec<Clinician>,
    /// Requests, one version each.
    pub requests: Vec<Request>,
    /// Doses that the pharmacy labelled for a patient.
    pub dispensed: Vec<DispensedDose>,
    /// Patients with an order or an allergy that could not be read: what is shown of them is not all there is.
    pub unreadable: Vec<PatientId>,
    /// What was done and stands, oldest first.
    pub history: Vec<Administration>,
    /// What was entered in error: it counts for no check, and the MAR shows it struck out.
    pub corrected: Vec<Administration>,
    /// What followed the doses, oldest first.
    pub follow_ups: Vec<FollowUp>,
    /// Vital signs and laboratory values that other systems report.
    pub observations: Vec<(PatientId, Observation)>,
    /// Those that were entered at the bedside.
    pub observed: Vec<Observed>,
    /// What each nurse has seen of a patient: one for each nurse and patient.
    pub reviews: Vec<Review>,
    /// Wristbands that other kiosks saw lately (P6); the shell drops old ones.
    pub sightings: Vec<Sighting>,
    /// Controlled packages that were scanned and not given, oldest first.
    pub set_aside: Vec<SetAside>,
    /// What was wasted or returned, oldest first.
    pub disposed: Vec<Disposed>,
    /// Orders that were written after the dose.
    pub order_links: Vec<OrderLinked>,
    /// Bands that are to be printed anew.
    pub reprints: Vec<Reprint>,
    /// Packages whose use or disposal was forgotten ([`Chart::forget`]).
    pub spent: BTreeMap<PackageIdentity, Spent>,
}

/// A wristband that another kiosk saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// Whose.
    pub patient: PatientId,
    /// When.
    pub at: Timestamp,
}

impl Chart {
    /// Whether the first, from another system, is the second as that system had it from us: instants are written there to the second. Records of
    /// the patient may have been merged since.
    fn is_copy(&self, copy: &Administration, done: &Administration) -> bool {
        let second = |done: &Administration| done.at.as_second();
        copy.entry.is_none()
            && done.outcome.entered_patient()
            && copy.request.order() == done.request.order()
            && second(copy) == second(done)
            && self.current(&copy.patient) == self.current(&done.patient)
    }

    /// Files what was done where the checks look for it, in the order of time. The order in which it is learned does not matter,
    /// and what is known already is not filed twice.
    pub fn learn(&mut self, record: Record) {
        if let Record::Administration(done) = &record
            && self
                .history
                .iter()
                .chain(&self.corrected)
                .any(|known| known.entry.is_some() && known.entry == done.entry)
        {
            return;
        }
        self.file(record, true);
    }

    /// As [`learn`](Self::learn) for many, such as a kiosk's whole ledger at its start: which doses are known is looked up and not searched for.
    pub fn learn_all(&mut self, records: impl IntoIterator<Item = Record>) {
        let doses = || self.history.iter().chain(&self.corrected);
        let mut known: BTreeSet<IdempotencyKey> = doses().filter_map(|done| done.entry).collect();
        let copies = doses().filter(|done| done.entry.is_none());
        let mut seconds: BTreeSet<i64> = copies.map(|copy| copy.at.as_second()).collect();
        for record in records {
            let may_be_copied = match &record {
                Record::Administration(Administration { entry: Some(entry), .. })
                    if !known.insert(*entry) =>
                {
                    continue;
                }
                Record::Administration(done) => {
                    seconds.extend(done.entry.is_none().then_some(done.at.as_second()));
                    seconds.contains(&done.at.as_second())
                }
                _ => false,
            };
            self.file(record, may_be_copied);
        }
    }

    /// Files a dose that is not known, of which the order system may have a copy, or anything else.
    fn file(&mut self, record: Record, may_be_copied: bool) {
        match record {
            Record::Administration(done) => {
                let correction = done.entry.and_then(|entry| self.correction_of(&entry).cloned());
                let in_error = correction.is_some();
                if let Some(correction) = correction {
                    self.take_back(&done, &correction);
                }
                // The same dose, as it came back from the order system before its kiosk told it.
                if may_be_copied {
                    let mut history = core::mem::take(&mut self.history);
                    history.retain(|known| !self.is_copy(known, &done));
                    self.history = history;
                }
                let list = if in_error { &mut self.corrected } else { &mut self.history };
                let place = list.partition_point(|known| (known.at, known.entry) <= (done.at, done.entry));
                list.insert(place, done);
            }
            Record::FollowUp(done) => {
                if self.follow_ups.iter().any(|known| known.entry == done.entry) {
                    return;
                }
                if done.act == Act::EnteredInError
                    && let Some(at) = self.history.iter().position(|known| known.entry == Some(done.of))
                {
                    let wrong = self.history.remove(at);
                    self.take_back(&wrong, &done);
                    let key = (wrong.at, wrong.entry);
                    let place = self.corrected.partition_point(|known| (known.at, known.entry) <= key);
                    self.corrected.insert(place, wrong);
                } else if done.act == Act::EnteredInError {
                    forget::unuse(&mut self.spent, done.of);
                }
                let place =
                    self.follow_ups.partition_point(|known| (known.at, known.entry) <= (done.at, done.entry));
                self.follow_ups.insert(place, done);
            }
            Record::Observed(observed) if self.observed.contains(&observed) => {}
            Record::Observed(observed) => self.observed.push(observed),
            Record::Review(review) => {
                let same = |known: &Review| known.patient == review.patient && known.by == review.by;
                if !self.reviews.iter().any(|known| same(known) && known.at > review.at) {
                    self.reviews.retain(|known| !same(known));
                    self.reviews.push(review);
                }
            }
            Record::SetAside(done) if self.set_aside.contains(&done) => {}
            Record::Disposed(done) if self.disposed.contains(&done) => {}
            Record::OrderLinked(done) if self.order_links.contains(&done) => {}
            Record::Reprint(done) if self.reprints.contains(&done) => {}
            Record::SetAside(done) => {
                let place = self.set_aside.partition_point(|known| known.at <= done.at);
                self.set_aside.insert(place, done);
            }
            Record::Disposed(done) => {
                let place = self.disposed.partition_point(|known| known.at <= done.at);
                self.disposed.insert(place, done);
            }
            Record::OrderLinked(done) => self.order_links.push(done),
            Record::Reprint(done) => self.reprints.push(done),
        }
    }

    fn correction_of<'a>(&'a self, entry: &'a IdempotencyKey) -> Option<&'a FollowUp> {
        self.follow_ups_of(entry).find(|done| done.act == Act::EnteredInError)
    }

    /// The controlled packages of a dose that was entered in error were not given: whoever charted it has them in hand again, less
    /// what was wasted of them. Else a correction would be a way to make them disappear (W4).
    fn take_back(&mut self, wrong: &Administration, correction: &FollowUp) {
        let unused = |(place, package): (usize, &UsedPackage)| {
            package.controlled?;
            let place = u16::try_from(place).unwrap_or(u16::MAX);
            let id = |at, by: &ClinicianId| CustodyId { at, by: by.clone(), place };
            // A patch that came off was in the hands of who took it off.
            let off = wrong.entry.iter().flat_map(|entry| self.follow_ups_of(entry));
            let off = off.filter(|done| done.act == Act::PatchRemoved);
            let mut ids: Vec<CustodyId> =
                off.filter_map(|done| Some(id(done.at, done.by.as_ref()?))).collect();
            ids.push(id(wrong.at, &wrong.by));
            let whole = package.taken.plus(&package.left)?;
            let mut disposed = ids.iter().flat_map(|id| self.disposed_of(id));
            let left = disposed.try_fold(whole, |left, done| left.minus(&done.amount));
            let nothing = Quantity::new(Amount::ZERO, whole.unit);
            Some(UsedPackage { taken: nothing, left: left.unwrap_or(whole), ..package.clone() })
        };
        let packages: Vec<UsedPackage> = wrong.packages.iter().enumerate().filter_map(unused).collect();
        if !packages.is_empty() {
            let (patient, by) = (wrong.patient.clone(), wrong.by.clone());
            let place = self.set_aside.partition_point(|known| known.at <= correction.at);
            self.set_aside.insert(place, SetAside { patient, packages, by, at: correction.at });
        }
    }

    /// What followed the dose of an entry, oldest first.
    pub fn follow_ups_of<'a>(&'a self, entry: &'a IdempotencyKey) -> impl Iterator<Item = &'a FollowUp> {
        self.follow_ups.iter().filter(move |done| done.of == *entry)
    }

    /// The dose of an entry, while it stands.
    pub fn administration(&self, entry: &IdempotencyKey) -> Option<&Administration> {
        self.history.iter().find(|done| done.entry.as_ref() == Some(entry))
    }

    /// New orders; what was done stays. What other systems gave comes with the orders, and is as they say now; of a dose that one of the ward's
    /// kiosks told, the order system's copy does not count beside it.
    #[must_use]
    pub fn with_orders(self, orders: Self) -> Self {
        let mut history = self.history;
        history.retain(|done| done.entry.is_some());
        let told = |copy: &&Administration| {
            let mut told = history.iter().chain(&self.corrected).filter(|done| done.entry.is_some());
            told.any(|done| orders.is_copy(copy, done))
        };
        let others = orders.history.iter().filter(|done| done.entry.is_none());
        let others: Vec<Administration> = others.filter(|copy| !told(copy)).cloned().collect();
        history.extend(others);
        history.sort_by_key(|done| done.at);
        Self {
            history,
            corrected: self.corrected,
            follow_ups: self.follow_ups,
            observed: self.observed,
            reviews: self.reviews,
            sightings: self.sightings,
            set_aside: self.set_aside,
            disposed: self.disposed,
            order_links: self.order_links,
            reprints: self.reprints,
            spent: self.spent,
            ..orders
        }
    }

    /// The patient with this id.
    pub fn patient(&self, id: &PatientId) -> Option<&Patient> {
        self.patients.iter().find(|patient| patient.id == *id)
    }

    /// The record under which a patient goes on: the one that this id was merged into, or itself (A40).
    pub fn current<'a>(&'a self, id: &'a PatientId) -> &'a PatientId {
        let mut current = id;
        // A chain of merges ends; a circle of them is a fault of the data and must not hang the kiosk.
        for _ in 0..self.patients.len() {
            match self.patient(current).and_then(|patient| patient.merged_into.as_ref()) {
                Some(kept) => current = kept,
                None => break,
            }
        }
        current
    }

    /// A patient with what was recorded under the records that were merged into this one: an allergy is true of the person, whichever
    /// record still holds it.
    pub fn whole(&self, patient: &Patient) -> Patient {
        let mut whole = patient.clone();
        let merged = self.patients.iter().filter(|old| old.merged_into.is_some() && old.id != patient.id);
        for old in merged.filter(|old| *self.current(&old.id) == patient.id) {
            let unknown = old.allergies.iter().filter(|allergy| !patient.allergies.contains(allergy));
            whole.allergies.extend(unknown.cloned());
            whole.flags.nil_by_mouth |= old.flags.nil_by_mouth;
        }
        whole
    }

    /// The patients whose number a wristband carries, whatever its serial.
    pub fn patients_of_band(&self, band: &Wristband) -> Vec<&Patient> {
        self.patients
            .iter()
            .filter(|patient| match band {
                Wristband::Gs1 { gsrn, .. } => patient.gsrn.as_ref() == Some(gsrn),
                Wristband::Site { mrn, .. } => patient.mrn == *mrn,
            })
            .collect()
    }

    /// The clinician of a badge, when there is exactly one.
    pub fn clinician_of_badge(&self, badge: &Badge) -> Option<&Clinician> {
        let mut hits = self.clinicians.iter().filter(|clinician| match badge {
            Badge::Gs1(gsrn) => clinician.gsrn.as_ref() == Some(gsrn),
            Badge::Site(id) => clinician.badge.as_ref() == Some(id),
        });
        match (hits.next(), hits.next()) {
            (Some(clinician), None) => Some(clinician),
            _ => None,
        }
    }

    /// The requests of a patient, those under a merged record included.
    pub fn requests_of<'a>(&'a self, patient: &'a PatientId) -> impl Iterator<Item = &'a Request> {
        let merged = self.merged_into(patient);
        self.requests
            .iter()
            .filter(move |request| request.patient == *patient || merged.contains(&&request.patient))
    }

    /// The request with this id.
    pub fn request(&self, id: &RequestId) -> Option<&Request> {
        self.requests.iter().find(|request| request.id == *id)
    }

    /// What was done for a patient and stands, oldest first; under a merged record too.
    pub fn history_of<'a>(&'a self, patient: &'a PatientId) -> impl Iterator<Item = &'a Administration> {
        let merged = self.merged_into(patient);
        self.history.iter().filter(move |done| done.patient == *patient || merged.contains(&&done.patient))
    }

    /// What was entered in error for a patient, oldest first.
    pub fn corrected_of<'a>(&'a self, patient: &'a PatientId) -> impl Iterator<Item = &'a Administration> {
        let merged = self.merged_into(patient);
        self.corrected.iter().filter(move |done| done.patient == *patient || merged.contains(&&done.patient))
    }

    /// What followed the doses of a patient, oldest first.
    pub fn follow_ups_for<'a>(&'a self, patient: &'a PatientId) -> impl Iterator<Item = &'a FollowUp> {
        let merged = self.merged_into(patient);
        self.follow_ups.iter().filter(move |done| done.patient == *patient || merged.contains(&&done.patient))
    }

    /// The ids whose records were merged into this one.
    fn merged_into<'a>(&'a self, patient: &'a PatientId) -> Vec<&'a PatientId> {
        self.patients
            .iter()
            .filter(|known| known.merged_into.is_some() && self.current(&known.id) == patient)
            .map(|known| &known.id)
            .collect()
    }

    /// Every value that is known of a patient, wherever it was entered; under a merged record too.
    pub fn observations_of<'a>(&'a self, patient: &'a PatientId) -> impl Iterator<Item = &'a Observation> {
        let merged = self.merged_into(patient);
        let is_of = move |of: &PatientId| of == patient || merged.contains(&of);
        let own = is_of.clone();
        let reported = self.observations.iter().filter(move |(of, _)| own(of)).map(|(_, seen)| seen);
        let entered = self.observed.iter().filter(move |seen| is_of(&seen.patient));
        reported.chain(entered.map(|seen| &seen.observation))
    }

    /// What a nurse has seen of a patient.
    pub fn review_of(&self, nurse: &ClinicianId, patient: &PatientId) -> Option<&Review> {
        self.reviews.iter().find(|review| review.by == *nurse && review.patient == *patient)
    }

    /// When another kiosk saw the band of this patient last.
    pub fn seen_elsewhere(&self, patient: &PatientId) -> Option<Timestamp> {
        self.sightings.iter().filter(|seen| seen.patient == *patient).map(|seen| seen.at).max()
    }

    /// The dispensed dose with this id.
    pub fn dose(&self, id: &DoseId) -> Option<&DispensedDose> {
        self.dispensed.iter().find(|dose| dose.id == *id)
    }

    /// When a package was used, by anybody for anybody (M4).
    pub fn used_at(&self, identity: &PackageIdentity) -> Option<Timestamp> {
        let forgotten = self.spent.get(identity).and_then(|spent| spent.used).map(|(at, _)| at);
        let known = || self.history.iter().find(|done| done.used(identity)).map(|used| used.at);
        forgotten.or_else(known)
    }

    /// How and when a package was wasted or returned, by anybody for anybody (M4).
    pub fn disposed_as(&self, identity: &PackageIdentity) -> Option<(Disposal, Timestamp)> {
        let forgotten = self.spent.get(identity).and_then(|spent| spent.disposed);
        let known = || self.disposed.iter().find(|done| done.identity.as_ref() == Some(identity));
        forgotten.or_else(|| known().map(|done| (done.how, done.at)))
    }

    /// What was wasted or returned of one package.
    pub fn disposed_of<'a>(&'a self, id: &'a CustodyId) -> impl Iterator<Item = &'a Disposed> {
        self.disposed.iter().filter(move |done| done.of == *id)
    }

    /// S4: the order that a dose was linked to afterwards.
    pub fn order_link_of(&self, done: &Administration) -> Option<&OrderLinked> {
        self.order_links.iter().find(|link| {
            link.patient == done.patient && link.given_under == done.request && link.given_at == done.at
        })
    }

    /// P8: the patients whose birth date and end of the record number were typed, on this ward.
    pub fn patients_typed(&self, ward: &WardId, typed: &TypedIdentity) -> Vec<&Patient> {
        self.patients
            .iter()
            .filter(|patient| {
                patient.ward.as_ref() == Some(ward)
                    && patient.birth_date == typed.birth_date
                    && patient.mrn.ends_with(&typed.mrn_end)
            })
            .collect()
    }
}
