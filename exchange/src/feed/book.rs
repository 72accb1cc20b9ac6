//! The states that one message reads and changes. Nothing is written until the whole message was understood.

use std::collections::BTreeMap;

use super::db::DbError;
use super::state::{Change, DispenseState, Number, OrderState, PatientState, Role, Stage, Visit, What};

/// Where states are read from.
pub trait States {
    /// A patient by id.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn patient(&self, id: &str) -> Result<Option<PatientState>, DbError>;
    /// An order by id.
    ///
    /// # Errors
    /// As above.
    fn order(&self, id: &str) -> Result<Option<OrderState>, DbError>;
    /// The ids of the orders that have, or once had, this number.
    ///
    /// # Errors
    /// As above.
    fn orders_with(&self, role: Role, number: &Number) -> Result<Vec<String>, DbError>;
    /// The ids of a patient's orders.
    ///
    /// # Errors
    /// As above.
    fn orders_of(&self, patient: &str) -> Result<Vec<String>, DbError>;
    /// Into which record one was merged.
    ///
    /// # Errors
    /// As above.
    fn merged_into(&self, patient: &str) -> Result<Option<String>, DbError>;
    /// The doses dispensed for a patient.
    ///
    /// # Errors
    /// As above.
    fn dispenses_of(&self, patient: &str) -> Result<Vec<DispenseState>, DbError>;
    /// A dispensed dose by its id.
    ///
    /// # Errors
    /// As above.
    fn dispense(&self, dose: &str) -> Result<Option<DispenseState>, DbError>;
}

/// States as one message leaves them.
pub struct Book<'a> {
    base: &'a dyn States,
    /// Changed patients; `None` for a record that was merged away.
    pub(super) patients: BTreeMap<String, Option<PatientState>>,
    pub(super) orders: BTreeMap<String, OrderState>,
    pub(super) dispenses: BTreeMap<String, DispenseState>,
    /// Merged record to survivor.
    pub(super) merges: BTreeMap<String, String>,
    /// Merged records as they last stood: their wristbands are still worn, their doses still count.
    pub(super) retired: BTreeMap<String, PatientState>,
    /// What happened, in order.
    pub(super) changes: Vec<Change>,
    /// Orders that the message stops, known before or not: kept even when it is refused.
    pub(super) stopped: BTreeMap<String, OrderState>,
    /// Patients with the allergies that the message adds: kept as what is stopped is.
    pub(super) warned: BTreeMap<String, PatientState>,
}

impl std::fmt::Debug for Book<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Book({} changes)", self.changes.len())
    }
}

impl<'a> Book<'a> {
    /// Nothing changed yet.
    pub fn new(base: &'a dyn States) -> Self {
        Self {
            base,
            patients: BTreeMap::new(),
            orders: BTreeMap::new(),
            dispenses: BTreeMap::new(),
            merges: BTreeMap::new(),
            retired: BTreeMap::new(),
            changes: Vec::new(),
            stopped: BTreeMap::new(),
            warned: BTreeMap::new(),
        }
    }

    /// What was changed, in order.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    pub(crate) fn patient(&self, id: &str) -> Result<Option<PatientState>, DbError> {
        match self.patients.get(id) {
            Some(changed) => Ok(changed.clone()),
            None => self.base.patient(id),
        }
    }

    pub(crate) fn put_patient(&mut self, patient: PatientState) {
        self.patients.insert(patient.id.clone(), Some(patient));
    }

    /// The record that stands for this one now: itself, or the one at the end of its merges.
    pub(crate) fn survivor(&self, id: &str) -> Result<String, DbError> {
        let mut id = id.to_owned();
        // Merges of merges are few; a circle would be a fault of the data and must not hang.
        for _ in 0..64 {
            let next = match self.merges.get(&id) {
                Some(next) => Some(next.clone()),
                None => self.base.merged_into(&id)?,
            };
            match next {
                Some(next) if next != id => id = next,
                _ => break,
            }
        }
        Ok(id)
    }

    /// A patient's orders as this message leaves them: one A40 may merge C into B and B into A.
    fn orders_of(&self, patient: &str) -> Result<Vec<OrderState>, DbError> {
        let stored = self.base.orders_of(patient)?;
        let stored = stored.iter().filter(|id| !self.orders.contains_key(*id));
        let stored: Vec<_> =
            stored.filter_map(|id| self.base.order(id).transpose()).collect::<Result<_, _>>()?;
        let changed = self.orders.values().filter(|order| order.patient == patient).cloned();
        Ok(stored.into_iter().chain(changed).collect())
    }

    /// As [`orders_of`](Self::orders_of), the doses dispensed for them.
    fn dispenses_of(&self, patient: &str) -> Result<Vec<DispenseState>, DbError> {
        let stored = self.base.dispenses_of(patient)?;
        let stored = stored.into_iter().filter(|dose| !self.dispenses.contains_key(&dose.dose));
        let changed = self.dispenses.values().filter(|dose| dose.patient == patient).cloned();
        Ok(stored.chain(changed).collect())
    }

    /// Moves everything of one record to another: orders, allergies, dispensed doses and its number.
    pub(crate) fn merge(&mut self, from: &str, into: &mut PatientState) -> Result<(), DbError> {
        for mut order in self.orders_of(from)? {
            order.patient.clone_from(&into.id);
            order.version = order.version.saturating_add(1);
            self.put_order(order);
        }
        for mut dose in self.dispenses_of(from)? {
            dose.patient.clone_from(&into.id);
            self.put_dispense(dose);
        }
        if let Some(retired) = self.patient(from)? {
            for allergy in &retired.allergies {
                if !into.allergies.contains(allergy) {
                    into.allergies.push(allergy.clone());
                }
            }
            // The stay goes on under the number that stays (v2.5.1 section 3.3.40), unless that one has a stay of its own.
            let stays = |visit: &Option<Visit>| visit.as_ref().is_some_and(|v| v.stage == Stage::InProgress);
            if !stays(&into.visit) && stays(&retired.visit) {
                into.visit.clone_from(&retired.visit);
            }
            into.merged.push(retired.mrn.clone());
            into.merged.extend(retired.merged.iter().cloned());
            self.retired.insert(from.to_owned(), retired);
        }
        self.patients.insert(from.to_owned(), None);
        self.merges.insert(from.to_owned(), into.id.clone());
        self.changed(from, What::Merged);
        Ok(())
    }

    pub(crate) fn order(&self, id: &str) -> Result<Option<OrderState>, DbError> {
        match self.orders.get(id) {
            Some(changed) => Ok(Some(changed.clone())),
            None => self.base.order(id),
        }
    }

    /// The orders that have, or once had, this number.
    pub(crate) fn orders_with(&self, role: Role, number: &Number) -> Result<Vec<OrderState>, DbError> {
        let mut ids = self.base.orders_with(role, number)?;
        let changed = self.orders.values().filter(|order| order.number(role) == number);
        for order in changed {
            if !ids.contains(&order.id) {
                ids.push(order.id.clone());
            }
        }
        ids.iter().filter_map(|id| self.order(id).transpose()).collect()
    }

    pub(crate) fn put_order(&mut self, order: OrderState) {
        self.orders.insert(order.id.clone(), order);
    }

    /// Keeps an order as stopped, whatever becomes of the message.
    pub(crate) fn put_stopped(&mut self, order: OrderState) {
        self.stopped.insert(order.id.clone(), order);
    }

    /// Keeps a patient to whose allergies the message adds, whatever becomes of it.
    pub(crate) fn put_warned(&mut self, patient: PatientState) {
        self.changed(&patient.id, What::Allergies);
        self.warned.insert(patient.id.clone(), patient.clone());
        self.put_patient(patient);
    }

    pub(crate) fn dispense(&self, dose: &str) -> Result<Option<DispenseState>, DbError> {
        match self.dispenses.get(dose) {
            Some(changed) => Ok(Some(changed.clone())),
            None => self.base.dispense(dose),
        }
    }

    pub(crate) fn put_dispense(&mut self, dose: DispenseState) {
        self.dispenses.insert(dose.dose.clone(), dose);
    }

    pub(crate) fn changed(&mut self, patient: &str, what: What) {
        let change = Change { patient: patient.to_owned(), what };
        if !self.changes.contains(&change) {
            self.changes.push(change);
        }
    }
}
