//! As-needed doses between the rounds, what is left of their vials, and their effects.

use jiff::{SignedDuration, Timestamp};
use rights::bedside::{Charted, Event};
use rights::custody::in_custody;
use rights::entry::IdempotencyKey;
use rights::follow_up::Act;

use super::kiosk::Came;
use super::people;
use super::round::{Days, Due, code};
use super::stock::{FENTANYL, Item};

impl Days<'_, '_> {
    /// As-needed doses of one item, for about half of the patients, and their effects.
    pub fn as_needed(
        &mut self,
        at: Timestamp,
        item: &'static Item,
        nurse: usize,
        witness: Option<(usize, i64)>,
    ) {
        self.kiosk.now = self.kiosk.now.max(at);
        self.kiosk.sign_on(nurse);
        let mut given = Vec::new();
        let begun = self.kiosk.now;
        for patient in self.patients.clone() {
            if witness.is_none() && self.random.chance(500) {
                continue;
            }
            self.kiosk.open(people::band(patient, "2"));
            self.kiosk.wait(3000);
            let due = self.prn(patient, item);
            if let Came::Given(key) = self.dose(&due, 6000, false, None, Some("pain"), 80) {
                given.push((patient, key));
                self.waste_rest(witness);
            }
            self.kiosk.event(Event::Cancel);
            self.kiosk.wait(22_000);
        }
        self.kiosk.sign_off();
        let after = if item.id == FENTANYL.id { 32 } else { 62 };
        self.effects(begun + SignedDuration::from_mins(after), given);
        self.forget();
    }

    fn waste_rest(&mut self, witness: Option<(usize, i64)>) {
        let nurse = people::nurse_id(self.kiosk.nurse);
        let kiosk = &self.kiosk;
        if in_custody(&kiosk.chart, &kiosk.policy, kiosk.now).iter().any(|item| item.id.by == nurse) {
            let random = (self.other_nurse(self.kiosk.nurse), self.random.between(6000, 15_000));
            let (who, ms) = witness.unwrap_or(random);
            self.kiosk.wait(5000);
            assert!(self.kiosk.waste(who, ms, None), "the rest could not be wasted");
            if ms < 3000 {
                self.case("second signature without a check");
            }
        }
    }

    pub fn prn(&self, patient: usize, item: &'static Item) -> Due {
        let id = people::patient_id(patient);
        let order = self.orders.iter().find(|(request, of)| request.patient == id && of.id == item.id);
        Due { patient, request: order.unwrap().0.clone(), item, slot: self.kiosk.now }
    }

    /// Most effects are noted in time, a few late, a few never.
    fn effects(&mut self, at: Timestamp, given: Vec<(usize, IdempotencyKey)>) {
        let nurse = self.nurse();
        let (mut late, mut now) = (Vec::new(), Vec::new());
        for one in given {
            match self.random.below(20) {
                0 => {}
                1 => late.push(one),
                _ => now.push(one),
            }
        }
        for (at, given) in [(at, now), (at + SignedDuration::from_mins(65), late)] {
            if given.is_empty() {
                continue;
            }
            self.kiosk.now = self.kiosk.now.max(at);
            self.kiosk.sign_on(nurse);
            for (patient, key) in given {
                self.kiosk.open(people::band(patient, "2"));
                self.kiosk.wait(4000);
                let act = Act::EffectNoted { pain: Some(2) };
                let charted = Charted { of: key, act, reason: Some(code("effective")), note: None };
                self.kiosk.event(Event::Chart(charted));
                let noted =
                    self.kiosk.chart.follow_ups.iter().rfind(|done| done.of == key).map(|done| done.at);
                let dose = self.kiosk.truth.doses.iter_mut().rfind(|dose| dose.key == key.to_bytes());
                dose.unwrap().effect_noted = noted;
                self.kiosk.event(Event::Continue);
                self.kiosk.event(Event::Cancel);
                self.kiosk.wait(15_000);
            }
            self.kiosk.sign_off();
        }
    }
}
