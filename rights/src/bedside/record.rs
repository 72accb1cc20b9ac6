//! Drafts of entries: what they say, before the session gives them key, time and actor.

use alloc::string::String;
use alloc::vec::Vec;

use super::{Bedside, Effect, World};
use crate::case::Answer;
use crate::entry::{Actor, Clear, Detached, Entry, EntryKind, IdempotencyKey, Inputs};
use crate::history::Record;
use crate::ident::{PatientId, ReasonCode};
use crate::scan::Scan;
use crate::verdict::{Check, Class, Verdict};

/// An entry without key, time and actor.
pub(super) struct Draft {
    pub(super) kind: EntryKind,
    pub(super) clear: Clear,
    pub(super) detached: Option<Detached>,
    /// Who acted, where it is not who is signed on.
    pub(super) actor: Option<Actor>,
}

/// An entry without a decision.
pub(super) fn plain(kind: EntryKind, reason: Option<&str>) -> Draft {
    let reason = reason.and_then(|reason| ReasonCode::parse(reason).ok());
    Draft { kind, clear: Clear { reason, ..Clear::default() }, detached: None, actor: None }
}

/// An entry that holds what was done, without a decision.
pub(super) fn done(kind: EntryKind, record: Record) -> Draft {
    let detached = Detached {
        patient: Some(record.patient().clone()),
        inputs: None,
        record: Some(record),
        answers: Vec::new(),
        scanned: None,
    };
    Draft { detached: Some(detached), ..plain(kind, None) }
}

/// The beginning or the end of break-glass, by one of the two clinicians.
pub(super) fn break_glass(answer: &Answer, patient: Option<PatientId>, actor: Option<Actor>) -> Draft {
    let mut draft = plain(EntryKind::Override, answer.reason.as_ref().map(ReasonCode::as_str));
    draft.clear.findings = alloc::vec![(Check::S4, Class::Info)];
    draft.detached = Some(Detached {
        patient,
        inputs: None,
        record: None,
        answers: alloc::vec![answer.clone()],
        scanned: None,
    });
    draft.actor = actor;
    draft
}

/// An entry with a decision and its inputs.
pub(super) fn verdict(
    kind: EntryKind,
    verdict: &Verdict,
    patient: Option<PatientId>,
    inputs: Inputs,
    scan: &Scan,
) -> Draft {
    let mut clear = Clear::of(verdict);
    clear.source = Some(scan.source);
    clear.symbology = scan.symbology;
    if let Inputs::Dose(case) = &inputs {
        clear.product = case.product().map(|product| product.id.clone());
        clear.lot = super::dose::lot_in_hand(case);
        clear.reasons = case.answers.reasons.iter().map(|a| (a.check, a.reason.clone())).collect();
    }
    let scanned: Option<String> = Some(scan.text.clone());
    let answers = Vec::new();
    let detached = Detached { patient, inputs: Some(inputs), record: None, answers, scanned };
    Draft { kind, clear, detached: Some(detached), actor: None }
}

impl Bedside {
    /// Gives a draft its key, time and actor. Without a session there is nobody to record for.
    pub(super) fn record(&mut self, draft: Draft, world: &World<'_>) -> Option<Effect> {
        let key = self.session.as_mut()?.take_key();
        self.record_under(key, draft, world)
    }

    /// The same, under a key that was taken before.
    pub(super) fn record_under(
        &self,
        key: IdempotencyKey,
        draft: Draft,
        world: &World<'_>,
    ) -> Option<Effect> {
        let session = self.session.as_ref()?;
        let signed_on = || Actor { clinician: session.clinician.id.clone(), role: session.clinician.role };
        let actor = draft.actor.unwrap_or_else(signed_on);
        Some(Effect::Record(Entry::new(draft.kind, key, world.now, Some(actor), draft.clear, draft.detached)))
    }
}
