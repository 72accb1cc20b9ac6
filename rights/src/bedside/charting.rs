//! Charting a dose that was not given: held, refused, not given.

use alloc::string::String;
use alloc::vec::Vec;

use super::dose::note_is_long_enough;
use super::phase::Notice;
use super::{Bedside, Effect, World, record};
use crate::case::Choice;
use crate::entry::{Detached, EntryKind};
use crate::history::{Administration, Outcome, Record};
use crate::ident::ReasonCode;
use crate::policy::{OTHER, ReasonList};
use crate::request::{Request, RequestStatus};
use crate::schedule::Timing;
use crate::steps::Steps;

/// A dose that is charted without being given.
#[derive(Clone, PartialEq, Eq)]
pub struct NotGiven {
    /// Which dose.
    pub choice: Choice,
    /// How it ended: held, refused or not given.
    pub outcome: Outcome,
    /// Why, from the site's list.
    pub reason: ReasonCode,
    /// In the nurse's words; "other" needs it.
    pub note: Option<String>,
}

/// Without the nurse's words.
impl core::fmt::Debug for NotGiven {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "NotGiven({}, {:?}, ..)", self.outcome.name(), self.reason)
    }
}

impl Bedside {
    pub(super) fn chart_not_given(&mut self, not_given: &NotGiven, world: &World<'_>) -> Vec<Effect> {
        match self.not_given(not_given, world) {
            Ok((draft, done, name)) => {
                let mut effects = self.void_pending("charted-not-given", world);
                effects.extend(self.save(draft, Record::Administration(done), name, world));
                effects
            }
            Err(notice) => self.refuse_charting(notice),
        }
    }

    fn not_given(
        &self,
        not_given: &NotGiven,
        world: &World<'_>,
    ) -> Result<(record::Draft, Administration, String), Notice> {
        let kind = match not_given.outcome {
            Outcome::Held => EntryKind::Held,
            Outcome::Refused => EntryKind::Refused,
            Outcome::NotGiven => EntryKind::NotGiven,
            Outcome::Missing => EntryKind::Missing,
            Outcome::Given | Outcome::Partial => return Err(Notice::CannotChart),
        };
        let (session, identified) = self.may_chart(world)?;
        let request = world
            .chart
            .requests_of(&identified.id)
            .find(|request| request.id == not_given.choice.request)
            .ok_or(Notice::CannotChart)?;
        // As for giving: what is charted is what was displayed, and it is still in force.
        let in_force = request.status != RequestStatus::Stopped
            && request.stop.is_none_or(|stop| world.now.at < stop)
            && request.version == not_given.choice.version;
        if !in_force {
            return Err(Notice::CannotChart);
        }
        if !is_scheduled(request, not_given, world) || ended(not_given, world) {
            return Err(Notice::CannotChart);
        }
        let listed = world.policy.reasons(ReasonList::NotGiven).contains(&not_given.reason);
        let noted = not_given.reason.as_str() != OTHER
            || note_is_long_enough(not_given.note.as_ref(), world.policy.other_note_characters);
        if !listed || !noted {
            return Err(Notice::AnswerIncomplete);
        }
        let administration = Administration {
            patient: identified.id.clone(),
            request: request.id.clone(),
            version: request.version,
            slot: not_given.choice.slot,
            outcome: not_given.outcome,
            at: world.now.at,
            by: session.clinician.id.clone(),
            dose: None,
            ingredients: Vec::new(),
            route: None,
            packages: Vec::new(),
            reason: Some(not_given.reason.clone()),
            note: not_given.note.clone(),
            entry: None,
            backdated: None,
            effect_due: None,
            rate: None,
            continues: None,
            grant: None,
            site: None,
            pain_score: None,
            witness: None,
            known: Vec::new(),
            order_link_due: None,
        };
        let mut draft = record::plain(kind, Some(not_given.reason.as_str()));
        draft.detached = Some(Detached {
            patient: Some(identified.id.clone()),
            inputs: None,
            record: None,
            answers: Vec::new(),
            scanned: None,
        });
        Ok((draft, administration, request.drug.name.clone()))
    }
}

/// The scheduled dose exists, or the request is as needed and none is named.
fn is_scheduled(request: &Request, not_given: &NotGiven, world: &World<'_>) -> bool {
    let Some(due) = not_given.choice.slot else {
        return matches!(request.timing, Timing::AsNeeded(_) | Timing::Unscheduled { .. });
    };
    request.timing.slots(request.start, request.stop, world.zone, due, due).iter().any(|slot| slot.due == due)
}

/// Whether the scheduled dose was ended before; a correction comes first then.
fn ended(not_given: &NotGiven, world: &World<'_>) -> bool {
    let Some(request) = world.chart.request(&not_given.choice.request) else { return false };
    let steps = Steps::of_patient(world.chart, &request.patient, world.zone);
    not_given.choice.slot.is_some()
        && world.chart.history.iter().any(|done| {
            *steps.of(done) == request.id && done.slot == not_given.choice.slot && done.outcome.is_final()
        })
}
