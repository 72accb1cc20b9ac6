//! The course of an infusion, as other systems have to hear it: how it stands after each entry about it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rights::course::{self, InfusionState};
use rights::entry::IdempotencyKey;
use rights::follow_up::{self, FollowUp, InfusionStep};
use rights::history::Administration;
use rights::rate::Rate;

use super::event::Event;

/// How an infusion stands when an event is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Course {
    /// When the event happened: the start, or a step.
    pub at: Timestamp,
    /// The step; `None` for the start and for a further bag.
    pub step: Option<InfusionStep>,
    /// Running, paused or ended, after it.
    pub state: InfusionState,
    /// The rate, after it.
    pub rate: Rate,
}

impl Course {
    /// Of an administration that starts an infusion or goes on with another bag; `None` for any other one.
    pub(super) fn begun(administration: &Administration) -> Option<Self> {
        let rate = administration.rate.filter(|_| administration.outcome.entered_patient())?;
        Some(Self { at: administration.at, step: None, state: InfusionState::Running, rate })
    }
}

/// The infusions that run, by the entry that started them.
#[derive(Debug, Default)]
pub(super) struct Infusions {
    open: BTreeMap<IdempotencyKey, Open>,
}

#[derive(Debug)]
struct Open {
    start: Event,
    bags: Vec<Administration>,
    steps: Vec<FollowUp>,
}

impl Infusions {
    /// Remembers a start, or a bag of one that runs.
    pub(super) fn hear(&mut self, event: &Event) {
        let done = &event.administration;
        if event.course.is_none() {
            return;
        }
        match (done.continues, done.entry) {
            (Some(start), _) => {
                if let Some(open) = self.open.get_mut(&start) {
                    open.bags.push(done.clone());
                }
            }
            (None, Some(entry)) => {
                let open = Open { start: event.clone(), bags: Vec::new(), steps: Vec::new() };
                self.open.insert(entry, open);
            }
            (None, None) => {}
        }
    }

    /// A step: the event of the start, and how the infusion stands now. `None` when it is about no infusion that runs here: one that another
    /// kiosk started ([`super::elsewhere`]), or one that ended.
    pub(super) fn step(&mut self, done: &FollowUp) -> Option<(Event, Course)> {
        let follow_up::Act::Infusion(step) = &done.act else { return None };
        let open = self.open.get_mut(&done.of)?;
        open.steps.push(done.clone());
        let stands = course::infusion(&open.start.administration, &open.bags, &open.steps)?;
        let course = Course { at: done.at, step: Some(*step), state: stands.state, rate: stands.rate };
        let start = open.start.clone();
        if !stands.state.is_open() {
            self.open.remove(&done.of);
        }
        Some((start, course))
    }
}

/// The name of a step in messages.
pub(crate) const fn step_name(step: &InfusionStep) -> &'static str {
    match step {
        InfusionStep::RateChanged(_) => "rate-changed",
        InfusionStep::Paused => "paused",
        InfusionStep::Resumed => "resumed",
        InfusionStep::Bolus(_) => "bolus",
        InfusionStep::Stopped => "stopped",
        InfusionStep::Completed => "completed",
    }
}
