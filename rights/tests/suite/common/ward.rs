//! Patients, drug file, orders, history and clock.

use std::sync::Arc;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rights::bedside::World;
use rights::chart::Chart;
use rights::entry::IdempotencyKey;
use rights::history::{Administration, DispensedDose, Outcome};
use rights::ident::*;
use rights::moment::{ClockTrust, Moment};
use rights::person::{Clinician, Patient, Role};
use rights::policy::Policy;
use rights::product::{Formulary, Product, Strength};
use rights::request::Request;
use rights::scan::PackageKey;

use super::*;

/// Patients, drug file, orders, history and clock.
pub struct Ward {
    pub now: Timestamp,
    pub clock: ClockTrust,
    pub zone: TimeZone,
    pub place: WardId,
    pub policy: Arc<Policy>,
    pub formulary: Formulary,
    pub chart: Chart,
}

impl Ward {
    /// Two patients and a nurse at 09:00; nothing is ordered, the drug file is empty.
    pub fn new() -> Self {
        let clinician = |id: &str, role| Clinician {
            id: ClinicianId::parse(id).unwrap(),
            name: PersonName::parse(id).unwrap(),
            role,
            badge: Some(BadgeId::parse(&format!("badge-{id}")).unwrap()),
            gsrn: None,
        };
        let chart = Chart {
            orders_as_of: Some(today("08:55")),
            patients: vec![patient("p1", "000117"), patient("p2", "000242")],
            clinicians: vec![
                clinician("n1", Role::Nurse),
                clinician("n2", Role::Nurse),
                clinician("ph1", Role::Pharmacist),
                clinician("s1", Role::Student),
            ],
            ..Chart::default()
        };
        Self {
            now: today("09:00"),
            clock: ClockTrust::Known(SignedDuration::ZERO),
            zone: new_york(),
            place: WardId::parse("3B").unwrap(),
            policy: Arc::default(),
            formulary: Formulary::default(),
            chart,
        }
    }

    /// With these products on the shelf and these requests.
    pub fn with(products: &[&Product], requests: &[Request]) -> Self {
        let mut ward = Self::new();
        for product in products {
            ward.stock(product);
        }
        ward.chart.requests = requests.to_vec();
        ward
    }

    /// Puts a product into the drug file under its own GTIN.
    pub fn stock(&mut self, product: &Product) {
        self.formulary.link(PackageKey::Gtin(gtin_of(&product.id)), product.id.clone());
        self.formulary.add(product.clone());
    }

    pub fn world(&self) -> World<'_> {
        World {
            now: Moment { at: self.now, offset: self.zone.to_offset(self.now), clock: self.clock },
            zone: &self.zone,
            ward: &self.place,
            policy: &self.policy,
            formulary: &self.formulary,
            chart: &self.chart,
        }
    }

    pub fn patient(&mut self, id: &str) -> &mut Patient {
        self.chart.patients.iter_mut().find(|patient| patient.id.as_str() == id).unwrap()
    }

    pub fn request(&mut self, id: &str) -> &mut Request {
        self.chart.requests.iter_mut().find(|request| request.id.as_str() == id).unwrap()
    }

    /// Charts a dose of a request as if another nurse had done it, with the whole ordered amount.
    pub fn charted(&mut self, request: &str, slot: Option<Timestamp>, outcome: Outcome, when: Timestamp) {
        let request = self.request(request).clone();
        let ingredients = match (outcome.entered_patient(), request.drug.ingredients.as_slice()) {
            (true, [one]) => vec![Strength { ingredient: one.clone(), amount: *request.dose.least() }],
            _ => Vec::new(),
        };
        self.chart.history.push(Administration {
            patient: request.patient.clone(),
            request: request.id.clone(),
            version: request.version,
            slot,
            outcome,
            at: when,
            by: ClinicianId::parse("n2").unwrap(),
            dose: outcome.entered_patient().then_some(*request.dose.least()),
            ingredients,
            route: Some(request.route),
            packages: Vec::new(),
            reason: None,
            note: None,
            entry: Some(self.elsewhere()),
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
        });
    }

    /// The key of an entry of another kiosk, a new one each time.
    fn elsewhere(&self) -> IdempotencyKey {
        let count = u32::try_from(self.chart.history.len() + self.chart.corrected.len()).unwrap();
        IdempotencyKey { session: [0xee; 16], count }
    }

    /// The pharmacy dispensed this dose for a patient.
    pub fn dispense(&mut self, id: &str, patient: &str, product: &Product) -> &mut DispensedDose {
        self.chart.dispensed.push(DispensedDose {
            id: DoseId::parse(id).unwrap(),
            patient: patient_id(patient),
            request: None,
            product: product.id.clone(),
            lot: None,
            beyond_use: None,
        });
        self.chart.dispensed.last_mut().unwrap()
    }
}
