//! What the store knows beside the ledgers: orders and items that no kiosk has seen, and which records of patients were merged.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use rights::ident::{PatientId, ProductId};
use rights::quantity::Unit;
use rights::request::Request;

use super::dispenses::Known;
use crate::feed::live::{Live, LiveError};
use crate::hl7::Hl7Rules;
use crate::rules::SiteRules;
use crate::site::Site;
use crate::store::Store;

/// What the store knows.
#[derive(Clone, Debug, Default)]
pub struct Stored {
    /// The orders of imported files: PH4 lays them too.
    pub orders: Vec<Request>,
    /// Every order, those of the feeds too, which are of more wards than the ledgers.
    pub all: Vec<Request>,
    /// Merged records, each with the one that goes on (A40).
    pub merged: BTreeMap<PatientId, PatientId>,
    /// The items: the unit of the content, and whether it is a controlled substance.
    pub products: BTreeMap<ProductId, (Unit, bool)>,
}

/// Nothing.
pub(super) static NOTHING: Stored =
    Stored { orders: Vec::new(), all: Vec::new(), merged: BTreeMap::new(), products: BTreeMap::new() };

impl Stored {
    /// Reads a store's folder, also while `exchange serve` writes to it.
    ///
    /// # Errors
    /// When something stored cannot be read any more.
    pub fn read(dir: &Path, zone: &TimeZone, today: Date) -> Result<Self, LiveError> {
        let rules = SiteRules::new(zone.clone());
        let imported = Store::open(dir)?.load(&rules, today)?;
        let mut live = Live::open(dir, rules, Hl7Rules::new(zone.clone()))?;
        Ok(Self { orders: imported.chart.requests, ..Self::of(live.load(today)?) })
    }

    /// Of everything that is in force.
    pub fn of(site: Site) -> Self {
        let chart = &site.chart;
        let merged = chart.patients.iter().filter(|patient| patient.merged_into.is_some());
        let merged = merged.map(|patient| (patient.id.clone(), chart.current(&patient.id).clone())).collect();
        let products = site.formulary.products();
        let products = products
            .map(|product| (product.id.clone(), (product.package.unit, product.controlled.is_some())))
            .collect();
        Self { orders: Vec::new(), merged, products, all: site.chart.requests }
    }

    /// The record under which a patient goes on.
    pub fn current<'a>(&'a self, patient: &'a PatientId) -> &'a PatientId {
        self.merged.get(patient).unwrap_or(patient)
    }

    /// What a dispense file is checked against, with what the ledgers say, which is the later word.
    pub fn known(&self, ledgers: Known) -> Known {
        let orders = self.all.iter().map(|request| (request.id.clone(), Some(request.patient.clone())));
        let requests = orders.chain(ledgers.requests).collect();
        let mut products = ledgers.products;
        products.extend(self.products.iter().map(|(id, (unit, _))| (id.clone(), *unit)));
        let Known { earlier, controlled, .. } = ledgers;
        Known { requests, products, earlier, merged: self.merged.clone(), controlled }
    }
}
