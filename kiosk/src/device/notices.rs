//! What is said beside a screen: that something was refused, until it was read.

use rights::bedside::{Event, Notice, Phase, Tone};
use rights::moment::Moment;

use super::{Device, Output};

impl Device {
    /// What the session has to say where it stands.
    pub(super) const fn notice(&self) -> Option<Notice> {
        match self.bedside.phase() {
            Phase::DueList { notice } | Phase::Identify { notice, .. } => *notice,
            Phase::Dose(dose) => dose.notice,
            Phase::Second(second) => second.notice,
            Phase::Locked { .. }
            | Phase::Pin { .. }
            | Phase::Claiming(_)
            | Phase::Saving(_)
            | Phase::Done(_)
            | Phase::NotRecorded { .. } => None,
        }
    }

    /// What was said of the last act was read when the next one is begun or a sheet is closed. It would be taken for something that is
    /// said of the next one.
    pub(super) fn forget_notice(&mut self, now: Moment) -> Vec<Output> {
        match self.bedside.phase() {
            Phase::DueList { notice: Some(_) } | Phase::Identify { notice: Some(_), .. } => {
                self.handle(Event::Continue, now)
            }
            _ => Vec::new(),
        }
    }

    /// What was typed is no such value. Whoever typed it must be told: a witness has a minute.
    pub(super) fn not_possible(&mut self, now: Moment) -> Vec<Output> {
        self.desk.typed.clear();
        self.desk.trouble = Some(Notice::ValueNotPossible);
        with_question_tone(self.handle(Event::Touched, now))
    }
}

/// With the tone of a question, where nothing sounds yet.
pub(super) fn with_question_tone(mut outputs: Vec<Output>) -> Vec<Output> {
    if !outputs.iter().any(|output| matches!(output, Output::Sound(_))) {
        outputs.push(Output::Sound(Tone::Question));
    }
    outputs
}
