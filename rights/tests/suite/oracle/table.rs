//! The second implementation: the table of the specification, read from top to bottom, in whole numbers and without any of the code
//! that it is compared with.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rights::case::DoseCase;
use rights::chart::Chart;
use rights::history::Administration;
use rights::ident::Ingredient;
use rights::person::{Allergen, Patient};
use rights::policy::Policy;
use rights::product::{Product, Route};
use rights::quantity::Quantity;
use rights::request::{Request, RequestStatus};
use rights::schedule::Timing;
use rights::verdict::Check;

use super::measures::{
    due_instants, entered, first_of_all, is_what_was_ordered, millionths, one_substance, passed, same_kind,
    tier,
};
use crate::common::*;

/// What the oracle is told: the chart as it was, the shelf, the instant, and what was said in an emergency.
pub(super) struct Facts<'a> {
    pub(super) chart: &'a Chart,
    pub(super) shelf: &'a [Product],
    /// Only its tables are read: sites and pairs. The thresholds are those of the specification.
    pub(super) policy: &'a Policy,
    pub(super) now: Timestamp,
    pub(super) clock_ok: bool,
    pub(super) orders_age_minutes: i64,
    /// Since when and by whom an emergency was declared, by the entries.
    pub(super) emergency: Option<(Timestamp, Vec<String>)>,
    /// What was ordered by word of mouth last: the product in hand then, how much, by which route.
    pub(super) spoken: Option<(String, Quantity, Route)>,
}

impl Facts<'_> {
    /// An order that nobody stopped and whose end has not come limits what is given under another one.
    fn stands(&self, request: &Request) -> bool {
        request.status != RequestStatus::Stopped && request.stop.is_none_or(|stop| self.now < stop)
    }
}

/// One dose that was given, with what was recorded beside it.
pub(super) struct Given<'a> {
    pub(super) facts: &'a Facts<'a>,
    pub(super) done: &'a Administration,
    /// The inputs of its entry: what was typed and what the witness said.
    pub(super) said: &'a DoseCase,
    pub(super) answered: BTreeSet<Check>,
    no: Vec<String>,
}

impl<'a> Given<'a> {
    pub(super) const fn new(
        facts: &'a Facts<'a>,
        done: &'a Administration,
        said: &'a DoseCase,
        answered: BTreeSet<Check>,
    ) -> Self {
        Self { facts, done, said, answered, no: Vec::new() }
    }

    pub(super) fn object(&mut self, wrong: bool, why: &str) {
        if wrong {
            self.no.push(why.into());
        }
    }

    /// S4: two clinicians, half an hour.
    pub(super) fn emergency(&self) -> bool {
        self.facts.emergency.as_ref().is_some_and(|(since, _)| {
            *since <= self.facts.now && passed(*since, self.facts.now) < minutes(30)
        })
    }

    /// What is asked in any case.
    pub(super) fn unanswered(&self, check: Check) -> bool {
        !self.answered.contains(&check)
    }

    /// What an emergency takes the question from: P8, M9, O1, O2 and T*.
    pub(super) fn asked(&self, check: Check) -> bool {
        !self.emergency() && self.unanswered(check)
    }

    /// Why this administration must not have happened; empty when it may.
    pub(super) fn objections(mut self) -> Vec<String> {
        let Some(patient) = self.facts.chart.patients.iter().find(|patient| patient.id == self.done.patient)
        else {
            return vec!["no patient".into()];
        };
        let used: Vec<&Product> = self
            .done
            .packages
            .iter()
            .filter_map(|package| self.facts.shelf.iter().find(|product| product.id == package.product))
            .collect();
        self.object(used.is_empty() || used.len() != self.done.packages.len(), "M2 unknown product");
        let Some(product) = used.first().copied() else { return self.no };
        self.object(used.iter().any(|other| other.id != product.id), "M2 several products");
        let Some(request) = self.request(product) else { return vec!["no request".into()] };
        self.right_patient(patient, product);
        self.in_force(&request);
        self.right_medication(product, &request);
        self.right_dose(product, &request);
        self.own_maximum(product, &request);
        self.right_route(product, &request);
        self.right_time(product, &request);
        self.conditions(patient, product, &request);
        self.second_person(product);
        self.no
    }

    /// The written request; in an emergency the spoken one, as a request of this moment.
    fn request(&mut self, product: &Product) -> Option<Request> {
        let written = self.facts.chart.requests.iter().find(|request| request.id == self.done.request);
        if let Some(request) = written {
            return Some(request.clone());
        }
        let (id, dose, route) = self.facts.spoken.clone()?;
        self.object(!self.emergency(), "S4 a spoken order without an emergency");
        self.object(id != product.id.as_str(), "S4 spoken for another product");
        let ordered = self.facts.chart.requests.iter().filter(|r| r.patient == self.done.patient);
        let mut alike = ordered
            .filter(|r| {
                r.drug.ingredients.iter().any(|i| product.strengths.iter().any(|s| s.ingredient == *i))
            })
            .peekable();
        let another =
            alike.peek().is_some() && alike.all(|r| r.drug.ingredients.len() != product.strengths.len());
        self.object(another, "M7 another drug than ordered");
        Some(Request {
            id: self.done.request.clone(),
            patient: self.done.patient.clone(),
            verified: None,
            route,
            timing: Timing::At(self.done.slot.into_iter().collect()),
            start: self.done.slot?,
            ..order("spoken", product, &dose.to_string())
        })
    }

    fn in_force(&mut self, request: &Request) {
        let now = self.facts.now;
        self.object(!self.facts.clock_ok, "T10 clock");
        self.object(self.facts.orders_age_minutes > 240, "S2 orders");
        self.object(self.facts.orders_age_minutes > 60 && self.unanswered(Check::S2), "S2 unanswered");
        self.object(request.patient != self.done.patient, "another patient's request");
        self.object(request.status == RequestStatus::OnHold, "O3 on hold");
        let half = tier(&request.timing, request.time_critical).map_or(30, |(_, half)| half);
        let out_of_force = request.status == RequestStatus::Stopped
            || request.stop.is_some_and(|stop| now >= stop)
            || passed(now, request.start) > minutes(half);
        self.object(out_of_force && !self.emergency(), "O1 not in force");
        self.object(request.version != self.done.version, "O4 another version");
        let spoken = !self.facts.chart.requests.iter().any(|known| known.id == request.id);
        self.object(!spoken && request.verified.is_none() && self.asked(Check::O2), "O2 unverified");
        let link = self.done.order_link_due;
        self.object(link.is_some() && !self.emergency(), "S4 a link is due without an emergency");
        let wrong = (out_of_force || spoken) && link != Some(now + minutes(60));
        self.object(self.emergency() && wrong, "S4 no order link is due in an hour");
    }

    fn right_medication(&mut self, product: &Product, request: &Request) {
        self.object(!is_what_was_ordered(request, product), "M7 not what was ordered");
        for (place, package) in self.done.packages.iter().enumerate() {
            if let Some(identity) = &package.identity {
                let same = |other: &rights::history::UsedPackage| other.identity.as_ref() == Some(identity);
                let before = self.facts.chart.history.iter().any(|old| old.packages.iter().any(same));
                let twice = self.done.packages[..place].iter().any(same);
                self.object(before || twice, "M4 used twice");
                if let rights::history::PackageIdentity::Dose(id) = identity {
                    let of = self.facts.chart.dispensed.iter().find(|dose| dose.id == *id);
                    let own = of.is_some_and(|dose| dose.patient == self.done.patient);
                    let explained = self.emergency() && of.is_some() && !self.unanswered(Check::M3);
                    self.object(!own && !explained, "M3 another patient's dose");
                }
            }
        }
    }

    /// D1 to D5: the content itself when it was ordered by content, else the weight of the one ingredient.
    fn right_dose(&mut self, product: &Product, request: &Request) {
        for package in &self.done.packages {
            let (taken, whole) = (millionths(&package.taken), millionths(&product.package));
            let possible = super::measures::can_be_divided(product, taken, whole);
            self.object(!possible || taken <= 0 || taken > whole, "D4 impossible part");
            self.object(millionths(&package.left) != whole - taken, "the rest is wrong");
        }
        let content: i128 = self.done.packages.iter().map(|package| millionths(&package.taken)).sum();
        let unit = request.dose.least().unit;
        let weight = |strength: &rights::product::Strength| {
            content * millionths(&strength.amount) / millionths(&product.per)
        };
        let given = if same_kind(unit, product.package.unit) {
            content
        } else if product.strengths.len() == 1 && same_kind(unit, product.strengths[0].amount.unit) {
            weight(&product.strengths[0])
        } else {
            self.object(true, "D1 not comparable");
            return;
        };
        let (low, high) = (millionths(request.dose.least()), millionths(request.dose.most()));
        let partial = self.done.outcome == rights::history::Outcome::Partial;
        self.object(given > high, "D4 over");
        self.object(!partial && given < low, "D3 under, said to be whole");
        self.object(partial && given >= low, "whole, said to be partial");
        self.object(partial && self.unanswered(Check::D3), "D3 unanswered");
        self.object(self.done.dose.as_ref().map(millionths) != Some(given), "recorded dose");
        let spoken = !self.facts.chart.requests.iter().any(|known| known.id == request.id);
        for strength in &product.strengths {
            let limit = |counts: fn(&Ingredient, &Ingredient) -> bool| {
                let counts = |other: &Ingredient| counts(other, &strength.ingredient);
                let before = self.facts.chart.history.iter();
                let total = before
                    .filter(|old| old.patient == self.done.patient && entered(old.outcome))
                    .filter(|old| passed(old.at, self.facts.now) < minutes(1440))
                    .flat_map(|old| &old.ingredients)
                    .filter(|old| counts(&old.ingredient))
                    .map(|old| millionths(&old.amount))
                    .sum::<i128>()
                    + weight(strength);
                let requests = self.facts.chart.requests.iter();
                let maximum = requests
                    .filter(|r| r.id == request.id || spoken || self.facts.stands(r))
                    .filter(|r| r.patient == self.done.patient && r.drug.ingredients.iter().any(counts))
                    .filter_map(|r| r.daily_maximum.as_ref())
                    .filter(|maximum| same_kind(maximum.unit, strength.amount.unit))
                    .map(millionths)
                    .min();
                (total, maximum)
            };
            let (total, maximum) = limit(Ingredient::eq);
            let far_above = maximum.is_some_and(|maximum| total * 4 > maximum * 5);
            let above = [limit(Ingredient::eq), limit(one_substance)]
                .into_iter()
                .any(|(total, maximum)| maximum.is_some_and(|maximum| total > maximum));
            self.object(far_above, "D8 above 125 %");
            self.object(above && self.unanswered(Check::D8), "D8 unanswered");
        }
    }

    /// D8 of a maximum in tablets or millilitres: it is its own order's. What was given of the same drug in an emergency counts for it, and
    /// what is said in one does not widen it.
    fn own_maximum(&mut self, product: &Product, request: &Request) {
        let facts = self.facts;
        let alike = |one: &[Ingredient], other: &[Ingredient]| {
            one.iter().collect::<BTreeSet<_>>() == other.iter().collect::<BTreeSet<_>>()
        };
        let written = facts.chart.requests.iter().any(|known| known.id == request.id);
        let limits = facts.chart.requests.iter().filter(|r| {
            r.patient == request.patient
                && (r.id == request.id || (!written && alike(&r.drug.ingredients, &request.drug.ingredients)))
        });
        for limit in limits {
            let Some(maximum) = &limit.daily_maximum else { continue };
            if product.strengths.iter().any(|s| same_kind(maximum.unit, s.amount.unit)) {
                continue;
            }
            self.object(!same_kind(maximum.unit, product.package.unit), "D8 not comparable");
            let counts = |old: &&Administration| {
                let inside: Vec<Ingredient> = old.ingredients.iter().map(|s| s.ingredient.clone()).collect();
                let spoken = old.order_link_due.is_some() && alike(&inside, &limit.drug.ingredients);
                old.patient == request.patient
                    && entered(old.outcome)
                    && passed(old.at, facts.now) < minutes(1440)
                    && (old.request == limit.id || spoken)
            };
            let before = facts.chart.history.iter().filter(counts).flat_map(|old| &old.packages);
            let content =
                before.chain(&self.done.packages).map(|package| millionths(&package.taken)).sum::<i128>();
            let maximum = millionths(maximum);
            self.object(content * 4 > maximum * 5, "D8 above 125 % of its own maximum");
            self.object(content > maximum && self.unanswered(Check::D8), "D8 of its own maximum unanswered");
        }
    }

    /// R1 to R3. In an emergency R1 asks for a reason.
    fn right_route(&mut self, product: &Product, request: &Request) {
        self.object(self.done.route != Some(request.route), "R2 another route than ordered");
        let made_for = product.routes.contains(&request.route);
        let explained = self.emergency() && !self.unanswered(Check::R1);
        self.object(!made_for && !explained, "R1 route");
        let sites = self.facts.policy.sites.iter().find(|(route, _)| *route == request.route);
        if let Some((_, sites)) = sites {
            self.object(self.done.site.as_ref().is_none_or(|site| !sites.contains(site)), "R3 no site");
        }
    }

    fn right_time(&mut self, product: &Product, request: &Request) {
        let now = self.facts.now;
        let facts = self.facts;
        let own = || {
            let of_request = facts.chart.history.iter().filter(|old| old.request == request.id);
            of_request.filter(|old| entered(old.outcome))
        };
        match (&request.timing, self.done.slot) {
            (Timing::AsNeeded(limits), None) => {
                self.object(self.asked(Check::T6), "T6 no reason");
                let given = facts.chart.history.iter();
                let last = given
                    .filter(|old| old.patient == self.done.patient && entered(old.outcome))
                    .filter(|old| {
                        let ordered = &request.drug.ingredients;
                        old.ingredients
                            .iter()
                            .any(|s| ordered.iter().any(|i| one_substance(i, &s.ingredient)))
                    })
                    .map(|old| old.at)
                    .max();
                let soon = last
                    .zip(limits.minimum_interval)
                    .is_some_and(|(last, interval)| now.duration_since(last) < interval);
                let strict = product.controlled.is_some() && !self.emergency();
                self.object(soon && strict, "T4 controlled too soon");
                self.object(soon && self.asked(Check::T4), "T4 unanswered");
                let in_a_day = own().filter(|old| passed(old.at, now) < minutes(1440)).count();
                let often = limits.most_per_day.is_some_and(|most| in_a_day >= usize::from(most));
                self.object(often && strict, "T5 controlled too often");
                self.object(often && self.asked(Check::T5), "T5 unanswered");
            }
            (Timing::AsNeeded(_), Some(_)) => self.object(true, "a slot where none is"),
            // O1 is told in an emergency: of an order that is over nothing is scheduled any more.
            (_, None) => self.object(!self.emergency(), "no slot where one is"),
            (timing, Some(due)) => {
                self.object(own().any(|old| old.slot == Some(due)), "O8 given twice");
                let once = matches!(timing, Timing::At(all) if all.len() == 1);
                self.object(once && own().count() > 0, "O6 given twice");
                let known = due_instants(request, now).contains(&due);
                self.object(!known && !self.emergency(), "no such slot");
                let later = own().any(|old| old.slot.is_some_and(|slot| slot > due));
                self.object(later && !self.emergency(), "T8 a later one was given");
                let late = passed(due, now);
                let (_, half) = tier(timing, request.time_critical).unwrap_or((0, 30));
                self.object(late < minutes(-half) && self.asked(Check::T2), "T2 unanswered");
                let windowed = tier(timing, false).is_some() && !first_of_all(request, due);
                self.object(windowed && late > minutes(half) && self.asked(Check::T3), "T3 unanswered");
            }
        }
    }

    /// C1, C4 and D7: what the patient makes a dose depend on. An emergency lifts none of it.
    fn conditions(&mut self, patient: &Patient, product: &Product, request: &Request) {
        for strength in &product.strengths {
            let to_it = |to: &Allergen| matches!(to, Allergen::Ingredient(of) if one_substance(of, &strength.ingredient));
            self.object(patient.allergies.iter().any(|allergy| to_it(&allergy.to)), "C1 allergic");
        }
        let facts = self.facts;
        let now = facts.now;
        let inside = |name: &Ingredient| product.strengths.iter().any(|s| one_substance(&s.ingredient, name));
        let paired = facts.chart.history.iter().any(|old| {
            old.patient == patient.id
                && entered(old.outcome)
                && passed(old.at, now) <= minutes(1440)
                && request.verified.is_none_or(|verified| old.at > verified)
                && old.ingredients.iter().any(|given| {
                    facts.policy.contraindicated.iter().any(|(one, two)| {
                        let given = |name| one_substance(&given.ingredient, name);
                        (inside(one) && given(two)) || (inside(two) && given(one))
                    })
                })
        });
        self.object(paired && self.unanswered(Check::C4), "C4 unanswered");
        if let Some(per_kilogram) = &request.conditions.per_kilogram {
            let weights = facts.chart.observations.iter().filter(|(of, seen)| {
                *of == patient.id && seen.what.as_str() == "body-weight" && seen.at <= now
            });
            let weight = weights.map(|(_, seen)| seen).max_by_key(|seen| seen.at);
            let lasts = super::measures::weight_lasts(patient, now);
            let young = weight.is_some_and(|seen| passed(seen.at, now) <= lasts);
            let fits = weight.is_some_and(|seen| {
                // Millionths of a kilogram times millionths of a milligram.
                let (numerator, denominator) = seen.value.amount.parts();
                let by_weight = millionths(per_kilogram) * numerator / denominator;
                millionths(request.dose.least()) * 10 >= by_weight * 9
                    && millionths(request.dose.most()) * 10 <= by_weight * 11
            });
            self.object(!(young && fits) && self.unanswered(Check::D7), "D7 unanswered");
        }
    }
}
