//! What the tests of a dose's life need: patches, infusions, clinicians, two kiosks.

use jiff::{SignedDuration, Timestamp};
use rights::bedside::{Charted, Event, Step};
use rights::due_list::{DueItem, DueState, due_list};
use rights::entered::{Entered, Wanted};
use rights::entry::IdempotencyKey;
use rights::follow_up::{Act, InfusionStep};
use rights::history::{Administration, Record};
use rights::ident::{BadgeId, ClinicianId, PersonName, ReasonCode};
use rights::person::{Clinician, Role};
use rights::product::{Form, Product, Route};
use rights::rate::{Rate, RateOrder};
use rights::request::Request;
use rights::schedule::Timing;

use super::*;

/// A clinician of this role with a badge of the same name.
pub fn employ(ward: &mut Ward, id: &str, role: Role) {
    ward.chart.clinicians.retain(|known| known.id.as_str() != id);
    ward.chart.clinicians.push(Clinician {
        id: ClinicianId::parse(id).unwrap(),
        name: PersonName::parse(id).unwrap(),
        role,
        badge: Some(BadgeId::parse(&format!("badge-{id}")).unwrap()),
        gsrn: None,
    });
}

/// A patch of one ingredient.
pub fn patch(id: &str, ingredient: &str, strength: &str) -> Product {
    Product {
        form: Form::Patch,
        per: q("1 {patch}"),
        package: q("1 {patch}"),
        routes: vec![Route::Transdermal],
        ..tablet(id, ingredient, strength)
    }
}

/// A bag for a vein.
pub fn bag(id: &str, ingredient: &str, in_one_ml: &str, volume: &str) -> Product {
    vial(id, ingredient, in_one_ml, volume, &[Route::Intravenous])
}

pub fn rate(text: &str) -> Rate {
    Rate::parse(text).unwrap()
}

/// A continuous infusion of whole bags at this rate.
pub fn infusion(id: &str, product: &Product, rate_: &str) -> Request {
    let package = product.package.to_string();
    Request {
        timing: Timing::Continuous,
        rate: Some(RateOrder::Exact(rate(rate_))),
        ..order(id, product, &package)
    }
}

impl Bench {
    /// The next session has the number after this one, so that two kiosks have sessions of their own.
    pub fn sessions_from(&mut self, session: u8) {
        self.sessions = session;
    }

    /// The ledger answers everything that waits.
    pub fn all_receipts(&mut self) -> &mut Self {
        let waiting = vec![true; self.waiting.len()];
        self.receipts(&waiting)
    }

    /// The dose that was recorded last and stands.
    pub fn last_given(&self) -> Administration {
        self.ward.chart.history.last().unwrap().clone()
    }

    /// The entry of the dose that was recorded last.
    pub fn last_entry(&self) -> IdempotencyKey {
        self.last_given().entry.unwrap()
    }

    /// Charts what followed a dose.
    pub fn follow(&mut self, of: IdempotencyKey, act: Act, reason: Option<&str>) -> &mut Self {
        let reason = reason.map(|reason| ReasonCode::parse(reason).unwrap());
        self.event(Event::Chart(Charted { of, act, reason, note: None }))
    }

    pub fn step_infusion(
        &mut self,
        of: IdempotencyKey,
        step: InfusionStep,
        reason: Option<&str>,
    ) -> &mut Self {
        self.follow(of, Act::Infusion(step), reason)
    }

    /// How many records of what followed a dose were written.
    pub fn followed(&self) -> usize {
        self.ward.chart.follow_ups.len()
    }

    /// Gives one package of a product without a question.
    #[track_caller]
    pub fn give(&mut self, product: &Product) -> &mut Self {
        self.scan(band("p1")).scan(package(product)).settle();
        self.assert_ready();
        self.confirm();
        assert_eq!(self.phase(), "done");
        self
    }

    /// Enters what is asked for: a site of the route, the pump's rate of the tests.
    pub fn settle(&mut self) -> &mut Self {
        while let Step::Enter(wanted) = self.step() {
            let value = match wanted {
                Wanted::Site => {
                    let route = self.verdict().plan().unwrap().route;
                    Entered::Site(self.ward.policy.sites_of(route)[0].clone())
                }
                Wanted::PumpRate => Entered::PumpRate(rate("5 mL/h")),
                Wanted::PainScore => Entered::PainScore(4),
                other => panic!("{other:?} is asked"),
            };
            self.event(Event::Enter(value));
        }
        self
    }

    /// Time passes, the band is scanned again, and the orders are current.
    pub fn later(&mut self, time: SignedDuration) -> &mut Self {
        self.wait(time);
        self.ward.chart.orders_as_of = Some(self.ward.now);
        self.event(Event::Continue).scan(band("p1"))
    }

    pub fn due(&self) -> Vec<DueItem<'_>> {
        let patient = &self.ward.chart.patients[0].id;
        due_list(&self.ward.chart, patient, &self.ward.policy, &self.ward.zone, self.ward.now)
    }

    pub fn due_states(&self) -> Vec<DueState> {
        self.due().iter().map(|item| item.state).collect()
    }
}

/// Every record that entries hold, in their order.
pub fn records(bench: &Bench) -> Vec<Record> {
    bench.entries.iter().filter_map(|entry| entry.detached()?.record.clone()).collect()
}

/// When it is the same time of this day: `09:00`.
pub fn clock(text: &str) -> Timestamp {
    today(text)
}
