//! The last step before a dose is recorded: no other kiosk gives it.

use alloc::sync::Arc;
use alloc::vec::Vec;

use jiff::Timestamp;

use super::dose::{DoseInHand, Step, tone};
use super::phase::{Claiming, Phase};
use super::{Bedside, Effect, World, record};
use crate::claims::{BeingGiven, Claim, Grant, KNOWN_FOR, Refusal};
use crate::conflict::share_an_ingredient;
use crate::decide::ingredients_in_hand;
use crate::entry::{EntryKind, IdempotencyKey, Inputs};
use crate::history::Administration;

/// A refusal by another clock than this kiosk's: whatever the two say, the dose is being given *now*.
fn by_own_clock(refusal: Refusal, world: &World<'_>) -> Refusal {
    match refusal {
        Refusal::BeingGiven(held) => {
            let since = world.now.at.duration_since(held.since);
            let holds = !since.is_negative() && since < world.policy.claim_lasts;
            let since = if holds { held.since } else { world.now.at };
            Refusal::BeingGiven(BeingGiven { since, ..held })
        }
        Refusal::Charted(done) => Refusal::Charted(done),
    }
}

impl Bedside {
    /// Asks for the dose that was just decided.
    pub(super) fn ask_for(&mut self, dose: DoseInHand, world: &World<'_>) -> Vec<Effect> {
        let (Some(session), Some(plan)) = (&mut self.session, dose.verdict.plan()) else { return Vec::new() };
        let Some(patient) = dose.case.patient_id() else { return Vec::new() };
        let request = &plan.choice.request;
        let recent = |at: Timestamp| dose.case.at().duration_since(at) < KNOWN_FOR;
        let in_hand = ingredients_in_hand(&dose.case).unwrap_or_default();
        let same_order = |done: &Administration| done.request.order() == request.order();
        let concerns =
            |done: &Administration| same_order(done) || share_an_ingredient(&done.ingredients, &in_hand);
        // What was charted for this time of the order, under whichever instruction, is known however long ago it was.
        let of_time = |done: &Administration| {
            plan.choice.slot.is_some() && done.slot == plan.choice.slot && same_order(done)
        };
        let known = dose.case.history.iter();
        let known = known.filter(|done| of_time(done) || (recent(done.at) && concerns(done)));
        let claim = Claim {
            entry: session.take_key(),
            patient: patient.clone(),
            request: request.clone(),
            slot: plan.choice.slot,
            by: session.clinician.id.clone(),
            at: world.now.at,
            known: known.filter_map(|done| done.entry).collect(),
        };
        self.phase = Phase::Claiming(Claiming { claim: claim.clone(), dose });
        alloc::vec![Effect::Claim(claim)]
    }

    /// The kiosk may have the dose. Between the confirmation and this answer the world went on, so everything is decided again.
    pub(super) fn claimed(&mut self, entry: IdempotencyKey, grant: Grant, world: &World<'_>) -> Vec<Effect> {
        let Some((claiming, now)) = self.claimed_dose(entry, world) else {
            // An answer that comes too late: nothing is waiting for it. What was recorded meanwhile fulfils the claim.
            return Vec::new();
        };
        if !now.changed && now.step() == Step::Ready {
            return self.commit(&now, &claiming.claim, grant, world);
        }
        let mut effects = alloc::vec![Effect::Release(entry)];
        effects.extend(self.show_change(now, world));
        effects
    }

    /// Another kiosk has it. What is shown now says who and when; the attempt is an entry.
    pub(super) fn claim_refused(
        &mut self,
        entry: IdempotencyKey,
        refusal: Refusal,
        world: &World<'_>,
    ) -> Vec<Effect> {
        if let (Phase::Claiming(claiming), Some(session)) = (&self.phase, &mut self.session)
            && claiming.claim.entry == entry
            && let Some(identified) = &mut session.patient
        {
            identified.elsewhere.push(by_own_clock(refusal, world));
        }
        match self.claimed_dose(entry, world) {
            // That somebody else has it is a change, whatever the checks make of it.
            Some((_, now)) => self.show_change(DoseInHand { changed: true, ..now }, world),
            None => Vec::new(),
        }
    }

    /// The dose that waits for this claim, decided again.
    fn claimed_dose(&self, entry: IdempotencyKey, world: &World<'_>) -> Option<(Claiming, DoseInHand)> {
        let Phase::Claiming(claiming) = &self.phase else { return None };
        if claiming.claim.entry != entry {
            return None;
        }
        Some((claiming.clone(), self.decided_again(&claiming.dose, world)?))
    }

    /// Something is not as it was shown: it is recorded and shown anew.
    pub(super) fn show_change(&mut self, dose: DoseInHand, world: &World<'_>) -> Vec<Effect> {
        let patient = self.patient().map(|identified| identified.id.clone());
        let Some(scan) = dose.held.last().map(|held| held.scan.clone()) else { return Vec::new() };
        let inputs = Inputs::Dose(Arc::clone(&dose.case));
        let draft = record::verdict(EntryKind::Verdict, &dose.verdict, patient, inputs, &scan);
        let mut effects: Vec<Effect> = self.record(draft, world).into_iter().collect();
        effects.push(Effect::Sound(tone(&dose.step())));
        self.phase = Phase::Dose(dose);
        effects
    }

    /// The hub does not answer: the kiosk goes on alone, and the dose says so.
    pub(super) fn claim_waits(&mut self, claim: &Claim, world: &World<'_>) -> Vec<Effect> {
        let waited = world.now.at.duration_since(claim.at);
        // A clock that was set back must not keep the dose waiting.
        if waited < world.policy.claim_answers_within && waited >= -world.policy.clock_warns {
            return Vec::new();
        }
        self.claimed(claim.entry, Grant::Offline, world)
    }
}
