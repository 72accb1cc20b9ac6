//! Who is this: a wristband is scanned, for the first time or again.

use alloc::vec::Vec;

use super::phase::{Identified, Phase};
use super::{Bedside, Effect, Tone, World, assemble, record};
use crate::case::{Answer, PatientCase};
use crate::decide::decide_patient;
use crate::entry::{EntryKind, Inputs};
use crate::history::Record;
use crate::scan::Scan;
use crate::verdict::{Class, Finding, Verdict};

impl Bedside {
    /// A wristband, or what should have been one. Session rule 3: it closes the patient before, unless it is the same one.
    pub(super) fn identify(&mut self, scan: Scan, world: &World<'_>) -> Vec<Effect> {
        let Some(session) = &self.session else { return Vec::new() };
        let nurse = session.clinician.id.clone();
        let mut case = assemble::patient_case(scan, &nurse, world);
        // What was entered to tell who the patient is holds while it is the same one.
        if let (Some(identified), [candidate]) = (&session.patient, case.candidates.as_slice())
            && identified.id == candidate.id
        {
            case.entered.clone_from(&identified.case.entered);
        }
        let verdict = decide_patient(&case);
        let same = match (self.patient(), case.candidates.as_slice()) {
            (Some(identified), [candidate]) => {
                identified.id == candidate.id && verdict.class() < Class::HardBreakGlass
            }
            _ => false,
        };
        if same {
            return self.band_again(case, verdict, world);
        }
        let mut effects = self.void_pending("another-wristband", world);
        self.end_break_glass_of_another(case.candidates.first().map(|one| &one.id), world, &mut effects);
        let kind = if case.candidates.is_empty() { EntryKind::Unidentified } else { EntryKind::Verdict };
        let patient = match case.candidates.as_slice() {
            [one] => Some(one.id.clone()),
            _ => None,
        };
        let entry = record::verdict(
            kind,
            &verdict,
            patient.clone(),
            Inputs::Patient(case.clone(), world.now),
            &case.scan,
        );
        effects.extend(self.record(entry, world));
        let seen = case.candidates.first().map(|patient| assemble::review(patient, &nurse, world));
        let Some(session) = &mut self.session else { return effects };
        match (patient, seen) {
            (Some(id), Some(seen)) if verdict.class() < Class::HardBreakGlass => {
                let first_look = world.chart.review_of(&nurse, &id).is_none();
                let tone = tone(&verdict, &[]);
                session.open(Identified::new(id, case, verdict, Vec::new(), seen.clone()));
                self.phase = Phase::DueList { notice: None };
                if first_look {
                    effects.extend(self.record(record::done(EntryKind::View, Record::Review(seen)), world));
                }
                effects.push(Effect::Sound(tone));
            }
            _ => {
                session.patient = None;
                self.phase = Phase::Identify { stop: Some(verdict), notice: None };
                effects.push(Effect::Sound(Tone::Stop));
            }
        }
        effects
    }

    /// The same patient's band again: it renews the identification and keeps what is in hand.
    fn band_again(&mut self, case: PatientCase, verdict: Verdict, world: &World<'_>) -> Vec<Effect> {
        let patient = self.patient().map(|identified| identified.id.clone());
        let inputs = Inputs::Patient(case.clone(), world.now);
        let entry = record::verdict(EntryKind::Verdict, &verdict, patient, inputs, &case.scan);
        let mut effects: Vec<Effect> = self.record(entry, world).into_iter().collect();
        let mut heard = Tone::Pass;
        if let Some(identified) = self.session.as_mut().and_then(|session| session.patient.as_mut()) {
            heard = tone(&verdict, &identified.answers);
            identified.case = case;
            identified.verdict = verdict;
        }
        match &self.phase {
            Phase::Dose(_) => effects.extend(self.change_dose(world, |_| {})),
            _ => {
                effects.push(Effect::Sound(heard));
                self.phase = Phase::DueList { notice: None };
            }
        }
        effects
    }
}

/// What is heard when a patient is opened: whoever does not look at the screen must hear that something is asked.
fn tone(verdict: &Verdict, answered: &[Answer]) -> Tone {
    let asks = |finding: &Finding| {
        finding.class > Class::Info && answered.iter().all(|answer| answer.check != finding.check)
    };
    if verdict.findings().iter().any(asks) { Tone::Question } else { Tone::Pass }
}
