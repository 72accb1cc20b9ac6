//! Break-glass (S4): its beginning and end, the spoken order, and the order that is written afterwards.

use alloc::string::String;
use alloc::vec::Vec;

use jiff::Timestamp;

use super::phase::{Notice, Phase, Session};
use super::{Bedside, Effect, World, record};
use crate::case::{Answer, BreakGlass, VerbalOrder};
use crate::decide::clock_stops;
use crate::entry::EntryKind;
use crate::history::{OrderLinked, Record};
use crate::ident::{PatientId, ReasonCode, RequestId};
use crate::policy::ReasonList;
use crate::product::Route;
use crate::quantity::Quantity;
use crate::verdict::Check;

impl Session {
    /// The emergency, while it holds.
    pub(super) fn break_glass_at(&self, world: &World<'_>) -> Option<&BreakGlass> {
        let emergency = self.break_glass.as_ref()?;
        let passed = world.now.at.duration_since(emergency.since);
        (!passed.is_negative() && passed < world.policy.break_glass_lasts).then_some(emergency)
    }
}

impl Bedside {
    /// S4: one clinician asks for it; the second one is asked next.
    pub(super) fn break_glass(
        &mut self,
        reason: ReasonCode,
        note: Option<String>,
        world: &World<'_>,
    ) -> Vec<Effect> {
        let in_place = matches!(
            self.phase,
            Phase::Identify { .. } | Phase::DueList { .. } | Phase::Dose(_) | Phase::Done(_)
        );
        if self.session.is_none() || !in_place {
            return Vec::new();
        }
        if clock_stops(&world.now, world.policy) {
            return self.say(Notice::RecordOnPaper);
        }
        let answer = Answer { check: Check::S4, reason: Some(reason), note, contact: None };
        if !super::dose::is_complete(&answer, ReasonList::BreakGlass, world.policy) {
            return self.say(Notice::AnswerIncomplete);
        }
        self.ask_break_glass(answer)
    }

    /// It ends: on request, by time, or with its patient. What is in hand is evaluated again.
    pub(super) fn end_break_glass(&mut self, reason: &str, world: &World<'_>) -> Vec<Effect> {
        let patient = self.patient().map(|identified| identified.id.clone());
        let Some(session) = &mut self.session else { return Vec::new() };
        session.break_glass_of = None;
        if session.break_glass.take().is_none() {
            return Vec::new();
        }
        let answer =
            Answer { check: Check::S4, reason: ReasonCode::parse(reason).ok(), note: None, contact: None };
        let draft = record::break_glass(&answer, patient, None);
        let mut effects: Vec<Effect> = self.record(draft, world).into_iter().collect();
        effects.extend(self.change_dose(world, |dose| dose.answers.verbal = None));
        effects
    }

    /// It was declared for one patient, whether or not the nurse closed that one before.
    pub(super) fn end_break_glass_of_another(
        &mut self,
        patient: Option<&PatientId>,
        world: &World<'_>,
        effects: &mut Vec<Effect>,
    ) {
        let of = self.session.as_ref().and_then(|session| session.break_glass_of.as_ref());
        if let (Some(of), Some(patient)) = (of, patient)
            && world.chart.current(of) != world.chart.current(patient)
        {
            effects.extend(self.end_break_glass("break-glass-other-patient", world));
        }
    }

    /// Time passes.
    pub(super) fn tick_break_glass(&mut self, world: &World<'_>) -> Vec<Effect> {
        let over = self
            .session
            .as_ref()
            .is_some_and(|session| session.break_glass.is_some() && session.break_glass_at(world).is_none());
        if over { self.end_break_glass("break-glass-over", world) } else { Vec::new() }
    }

    /// S4: what was said at the bedside, for the product in hand.
    pub(super) fn verbal_order(&mut self, dose: Quantity, route: Route, world: &World<'_>) -> Vec<Effect> {
        let emergency = self.session.as_ref().is_some_and(|session| session.break_glass_at(world).is_some());
        if !emergency || !dose.amount.is_positive() {
            return self.say(Notice::CannotChart);
        }
        let product = match &self.phase {
            Phase::Dose(in_hand) => in_hand.case.product().map(|product| product.id.clone()),
            _ => None,
        };
        let (Some(product), Some(id)) = (product, verbal_id(world.now.at)) else { return Vec::new() };
        let order = VerbalOrder { id, at: world.now.at, product, dose, route };
        self.change_dose(world, |in_hand| {
            in_hand.answers.chosen = None;
            in_hand.answers.reasons.clear();
            in_hand.answers.witness = None;
            in_hand.answers.verbal = Some(order);
        })
    }

    /// S4: the order was written afterwards, for a dose of this patient that was given without one.
    pub(super) fn link_order(
        &mut self,
        given_under: &RequestId,
        given_at: Timestamp,
        request: &RequestId,
        world: &World<'_>,
    ) -> Vec<Effect> {
        let linked = self.order_linked(given_under, given_at, request, world);
        let Some((linked, name)) = linked else { return self.say(Notice::CannotChart) };
        let draft = record::done(EntryKind::OrderLinked, Record::OrderLinked(linked.clone()));
        self.save(draft, Record::OrderLinked(linked), name, world)
    }

    fn order_linked(
        &self,
        given_under: &RequestId,
        given_at: Timestamp,
        request: &RequestId,
        world: &World<'_>,
    ) -> Option<(OrderLinked, String)> {
        let in_place = matches!(self.phase, Phase::DueList { .. } | Phase::Done(_));
        let (session, identified) = (self.session.as_ref()?, self.patient().filter(|_| in_place)?);
        let done = world.chart.history_of(&identified.id).find(|done| {
            done.request == *given_under && done.at == given_at && done.order_link_due.is_some()
        })?;
        if world.chart.order_link_of(done).is_some() {
            return None;
        }
        let request = world.chart.requests_of(&identified.id).find(|known| known.id == *request)?;
        let same = done.ingredients.iter().all(|given| request.drug.ingredients.contains(&given.ingredient));
        let linked = OrderLinked {
            patient: identified.id.clone(),
            given_under: given_under.clone(),
            given_at,
            request: request.id.clone(),
            by: session.clinician.id.clone(),
            at: world.now.at,
        };
        same.then(|| (linked, request.drug.name.clone()))
    }
}

/// One spoken order at one instant.
fn verbal_id(at: Timestamp) -> Option<RequestId> {
    RequestId::parse(&alloc::format!("verbal-{}", at.as_nanosecond())).ok()
}
