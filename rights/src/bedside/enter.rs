//! Values that are typed or declared at the bedside, each kept as long as it holds; and what a nurse has seen.

use alloc::vec::Vec;

use super::phase::{Notice, Phase};
use super::{Bedside, Effect, Step, Tone, World, record};
use crate::case::Answer;
use crate::decide::decide_patient;
use crate::entered::{self, Entered, Holds, MOST_PAIN};
use crate::entry::{EntryKind, Inputs};
use crate::history::{Observed, Record};
use crate::plausible::is_plausible;
use crate::verdict::{Check, Class};

impl Bedside {
    /// A typed or declared value. It is kept for the dose or the patient, and what is in hand is evaluated again.
    pub(super) fn enter(&mut self, value: Entered, world: &World<'_>) -> Vec<Effect> {
        if !matches!(self.phase, Phase::Dose(_) | Phase::DueList { .. }) {
            return Vec::new();
        }
        if !possible(&value, world) {
            return self.refuse_value();
        }
        match value.wanted().holds() {
            Holds::Identification => self.tell_apart(value, world),
            Holds::Patient => {
                let mut effects = self.observed(&value, world);
                let Some(identified) = self.session.as_mut().and_then(|session| session.patient.as_mut())
                else {
                    return Vec::new();
                };
                entered::put(&mut identified.entered, value);
                effects.extend(self.change_dose(world, |_| {}));
                effects
            }
            // Another time means another scheduled dose; which one is looked for anew.
            Holds::Dose if matches!(value, Entered::GivenAt(_)) => self.change_dose(world, |dose| {
                dose.answers.chosen = None;
                entered::put(&mut dose.answers.entered, value);
            }),
            Holds::Dose => self.enter_for_dose(value, world),
        }
    }

    /// A value for the dose in hand. One that stops it is a near miss, and is recorded with what it was compared with.
    fn enter_for_dose(&mut self, value: Entered, world: &World<'_>) -> Vec<Effect> {
        let stopped = |phase: &Phase| matches!(phase, Phase::Dose(dose) if dose.step() == Step::Stopped);
        let before = stopped(&self.phase);
        let mut effects = match value {
            Entered::CountInHand(said) => self.counted(said, world),
            _ => Vec::new(),
        };
        effects.extend(self.change_dose(world, |dose| entered::put(&mut dose.answers.entered, value)));
        if !before
            && stopped(&self.phase)
            && let Phase::Dose(dose) = &self.phase
        {
            let dose = dose.clone();
            effects.extend(self.show_change(dose, world));
        }
        effects
    }

    /// A vital sign or laboratory value is evidence of its own, also when the dose is then held.
    fn observed(&mut self, value: &Entered, world: &World<'_>) -> Vec<Effect> {
        let (Entered::Observation(seen), Some(session), Some(identified)) =
            (value, &self.session, self.patient())
        else {
            return Vec::new();
        };
        let observed = Observed {
            patient: identified.id.clone(),
            by: session.clinician.id.clone(),
            observation: seen.clone(),
        };
        let draft = record::done(EntryKind::Observation, Record::Observed(observed));
        self.record(draft, world).into_iter().collect()
    }

    /// P7: who the patient is, typed blind. What does not fit closes the patient and is recorded with what was typed.
    fn tell_apart(&mut self, value: Entered, world: &World<'_>) -> Vec<Effect> {
        let Some(identified) = self.session.as_mut().and_then(|session| session.patient.as_mut()) else {
            return Vec::new();
        };
        entered::put(&mut identified.case.entered, value);
        identified.verdict = decide_patient(&identified.case);
        if identified.verdict.class() < Class::HardBreakGlass {
            return self.change_dose(world, |_| {});
        }
        let (case, verdict) = (identified.case.clone(), identified.verdict.clone());
        let scan = case.scan.clone();
        let inputs = Inputs::Patient(case, world.now);
        let draft = record::verdict(EntryKind::Verdict, &verdict, Some(identified.id.clone()), inputs, &scan);
        let mut effects = self.void_pending("wrong-patient", world);
        effects.extend(self.record(draft, world));
        if let Some(session) = &mut self.session {
            session.patient = None;
        }
        self.phase = Phase::Identify { stop: Some(verdict), notice: None };
        effects.push(Effect::Sound(Tone::Stop));
        effects
    }

    /// A value that cannot be meant.
    fn refuse_value(&mut self) -> Vec<Effect> {
        match &mut self.phase {
            Phase::Dose(dose) => dose.notice = Some(Notice::ValueNotPossible),
            Phase::DueList { notice } => *notice = Some(Notice::ValueNotPossible),
            _ => {}
        }
        Vec::new()
    }

    /// P9, O9: what was new is seen now. That is recorded, so that it is not asked again.
    pub(super) fn acknowledge_news(&mut self, answer: &Answer, world: &World<'_>) -> Vec<Effect> {
        let Some(identified) = self.session.as_mut().and_then(|session| session.patient.as_mut()) else {
            return Vec::new();
        };
        let mut review = identified.seen.clone();
        let before = world.chart.review_of(&review.by, &review.patient);
        let news = &mut identified.case.news;
        match (answer.check, before) {
            (Check::P9, before) => {
                news.allergies_or_flags = false;
                if !news.orders.is_empty()
                    && let Some(before) = before
                {
                    review.requests.clone_from(&before.requests);
                }
            }
            (_, before) => {
                news.orders.clear();
                if news.allergies_or_flags
                    && let Some(before) = before
                {
                    review.allergies.clone_from(&before.allergies);
                    review.flags = before.flags;
                }
            }
        }
        review.at = world.now.at;
        identified.verdict = decide_patient(&identified.case);
        let draft = record::done(EntryKind::View, Record::Review(review));
        let mut effects: Vec<Effect> = self.record(draft, world).into_iter().collect();
        effects.extend(self.change_dose(world, |_| {}));
        effects
    }
}

/// Nothing is measured in the future or of nobody alive, and a pain score has an end.
fn possible(value: &Entered, world: &World<'_>) -> bool {
    match value {
        Entered::Observation(seen) => seen.at <= world.now.at && is_plausible(seen),
        Entered::GivenAt(at) => *at <= world.now.at,
        Entered::PainScore(score) => *score <= MOST_PAIN,
        Entered::CountInHand(count) => *count > 0,
        Entered::BirthYear(_)
        | Entered::Site(_)
        | Entered::Crushed(_)
        | Entered::PumpRate(_)
        | Entered::Route(_) => true,
    }
}
