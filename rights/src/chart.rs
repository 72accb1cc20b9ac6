//! Everything the bedside knows about patients, requests and what was given, as of one moment. The shell loads it; this crate
//! only reads it.

use alloc::vec::Vec;

use jiff::Timestamp;

use crate::history::{Administration, DispensedDose, PackageIdentity, Record};
use crate::ident::{DoseId, PatientId, RequestId};
use crate::person::{Clinician, Patient};
use crate::request::Request;
use crate::scan::{Badge, Wristband};

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
    /// What was done, oldest first.
    pub history: Vec<Administration>,
}

impl Chart {
    /// Files what was done where the checks look for it, in the order of time.
    pub fn learn(&mut self, record: Record) {
        match record {
            Record::Administration(done) => {
                let place = self.history.partition_point(|known| known.at <= done.at);
                self.history.insert(place, done);
            }
        }
    }

    /// New orders; what was done stays.
    #[must_use]
    pub fn with_orders(self, orders: Self) -> Self {
        Self { history: self.history, ..orders }
    }

    /// The patient with this id.
    pub fn patient(&self, id: &PatientId) -> Option<&Patient> {
        self.patients.iter().find(|patient| patient.id == *id)
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

    /// The requests of a patient.
    pub fn requests_of<'a>(&'a self, patient: &'a PatientId) -> impl Iterator<Item = &'a Request> {
        self.requests.iter().filter(move |request| request.patient == *patient)
    }

    /// The request with this id.
    pub fn request(&self, id: &RequestId) -> Option<&Request> {
        self.requests.iter().find(|request| request.id == *id)
    }

    /// What was done for a patient, oldest first.
    pub fn history_of<'a>(&'a self, patient: &'a PatientId) -> impl Iterator<Item = &'a Administration> {
        self.history.iter().filter(move |administration| administration.patient == *patient)
    }

    /// The dispensed dose with this id.
    pub fn dose(&self, id: &DoseId) -> Option<&DispensedDose> {
        self.dispensed.iter().find(|dose| dose.id == *id)
    }

    /// When a package was used, by anybody for anybody (M4).
    pub fn used_at(&self, identity: &PackageIdentity) -> Option<Timestamp> {
        self.history.iter().find(|administration| administration.used(identity)).map(|used| used.at)
    }
}
