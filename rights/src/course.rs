//! The course of a dose after it was given, told from what the ledger holds: is the patch still on, how does the infusion run, was
//! the effect noted. Projections only; nothing here is stored.

use jiff::Timestamp;

use crate::entry::IdempotencyKey;
use crate::follow_up::{Act, FollowUp, InfusionStep};
use crate::history::Administration;
use crate::rate::Rate;

/// How an infusion stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Infusion {
    /// Running, paused or ended.
    pub state: InfusionState,
    /// Since when it stands so.
    pub since: Timestamp,
    /// The rate that was set last.
    pub rate: Rate,
    /// When its present bag was hung.
    pub bag_since: Timestamp,
}

/// The states of an infusion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InfusionState {
    /// It runs.
    Running,
    /// It is paused.
    Paused,
    /// It was stopped before its end.
    Stopped,
    /// It ran to its end.
    Completed,
}

impl InfusionState {
    /// Whether it can still go on.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Running | Self::Paused)
    }

    /// Whether a step is possible from here.
    pub const fn allows(self, step: &InfusionStep) -> bool {
        match step {
            InfusionStep::Paused | InfusionStep::Bolus(_) | InfusionStep::Completed => {
                matches!(self, Self::Running)
            }
            InfusionStep::Resumed => matches!(self, Self::Paused),
            // A pump that stands still can be set before it goes on.
            InfusionStep::RateChanged(_) | InfusionStep::Stopped => self.is_open(),
        }
    }
}

/// When the patch of this administration was taken off.
pub fn patch_removed<'a>(
    applied: &Administration,
    follow_ups: impl IntoIterator<Item = &'a FollowUp>,
) -> Option<Timestamp> {
    followed(applied, follow_ups).find(|done| done.act == Act::PatchRemoved).map(|done| done.at)
}

/// When the effect of this as-needed dose was noted.
pub fn effect_noted<'a>(
    given: &Administration,
    follow_ups: impl IntoIterator<Item = &'a FollowUp>,
) -> Option<Timestamp> {
    followed(given, follow_ups).find(|done| matches!(done.act, Act::EffectNoted { .. })).map(|done| done.at)
}

/// How the infusion stands that this administration started; `None` when it started none. Bags are those administrations of
/// `history` that continue it.
pub fn infusion<'a>(
    start: &Administration,
    history: impl IntoIterator<Item = &'a Administration>,
    follow_ups: impl IntoIterator<Item = &'a FollowUp>,
) -> Option<Infusion> {
    if !start.outcome.entered_patient() || start.continues.is_some() {
        return None;
    }
    let entry = start.entry?;
    let mut stands =
        Infusion { state: InfusionState::Running, since: start.at, rate: start.rate?, bag_since: start.at };
    let mut rate_since = start.at;
    for bag in history.into_iter().filter(|done| continues(done, entry)) {
        stands.bag_since = stands.bag_since.max(bag.at);
        if let Some(rate) = bag.rate
            && bag.at >= rate_since
        {
            (stands.rate, rate_since) = (rate, bag.at);
        }
    }
    for done in followed(start, follow_ups) {
        let Act::Infusion(step) = &done.act else { continue };
        let state = match step {
            InfusionStep::RateChanged(rate) => {
                if done.at >= rate_since {
                    (stands.rate, rate_since) = (*rate, done.at);
                }
                continue;
            }
            InfusionStep::Bolus(_) => continue,
            InfusionStep::Paused => InfusionState::Paused,
            InfusionStep::Resumed => InfusionState::Running,
            InfusionStep::Stopped => InfusionState::Stopped,
            InfusionStep::Completed => InfusionState::Completed,
        };
        // What ended stays ended, in whichever order two kiosks are read.
        if stands.state.is_open() && done.at >= stands.since {
            (stands.state, stands.since) = (state, done.at);
        }
    }
    Some(stands)
}

/// Whether a dose is still being given: its infusion runs or is paused, its patch is on.
pub fn goes_on<'a>(
    done: &Administration,
    history: impl IntoIterator<Item = &'a Administration>,
    follow_ups: &'a [FollowUp],
) -> bool {
    let infusing = infusion(done, history, follow_ups).is_some_and(|infusion| infusion.state.is_open());
    infusing || (done.applied_patch() && patch_removed(done, follow_ups).is_none())
}

/// The bag that an infusion runs from: the one that was hung last, or the one that started it.
pub fn bag<'a>(
    start: &'a Administration,
    history: impl IntoIterator<Item = &'a Administration>,
) -> &'a Administration {
    let next =
        |entry| history.into_iter().filter(move |done| continues(done, entry)).max_by_key(|bag| bag.at);
    start.entry.and_then(next).unwrap_or(start)
}

fn continues(done: &Administration, entry: IdempotencyKey) -> bool {
    done.continues == Some(entry) && done.outcome.entered_patient()
}

fn followed<'a>(
    given: &Administration,
    follow_ups: impl IntoIterator<Item = &'a FollowUp>,
) -> impl Iterator<Item = &'a FollowUp> {
    let entry = given.entry;
    follow_ups.into_iter().filter(move |done| Some(done.of) == entry)
}
