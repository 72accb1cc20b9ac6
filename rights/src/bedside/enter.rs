//! Values that are typed or declared at the bedside, each kept as long as it holds.

use alloc::vec::Vec;

use super::phase::{Notice, Phase};
use super::{Bedside, Effect, World};
use crate::entered::{self, Entered, Holds};

impl Bedside {
    /// A typed or declared value. It is kept for the dose or the patient, and what is in hand is evaluated again.
    pub(super) fn enter(&mut self, value: Entered, world: &World<'_>) -> Vec<Effect> {
        if matches!(&value, Entered::Observation(seen) if seen.at > world.now.at) {
            return self.refuse_value();
        }
        let in_place = matches!(self.phase, Phase::Dose(_) | Phase::DueList { .. });
        let Some(identified) = self.session.as_mut().and_then(|session| session.patient.as_mut()) else {
            return Vec::new();
        };
        if !in_place {
            return Vec::new();
        }
        match value.wanted().holds() {
            Holds::Identification => {
                entered::put(&mut identified.case.entered, value);
                self.change_dose(world, |_| {})
            }
            Holds::Patient => {
                entered::put(&mut identified.entered, value);
                self.change_dose(world, |_| {})
            }
            Holds::Dose => self.change_dose(world, |dose| entered::put(&mut dose.answers.entered, value)),
        }
    }

    /// A value that cannot be meant: from the future.
    fn refuse_value(&mut self) -> Vec<Effect> {
        if let Phase::Dose(dose) = &mut self.phase {
            dose.notice = Some(Notice::ValueNotPossible);
        }
        Vec::new()
    }
}
