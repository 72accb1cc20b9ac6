//! A code that was read, and whether anything is done with it here.

use rights::bedside::{Event, Phase, Stage};
use rights::moment::Moment;
use rights::scan::{Meaning, Scan};

use super::notices::with_question_tone;
use super::{Device, Output};

impl Device {
    /// A steady, interpreted read.
    pub fn scan(&mut self, scan: Scan, now: Moment) -> Vec<Output> {
        self.surroundings.technical.last_code = Some(now.at);
        if !self.takes(&scan) {
            // The scanner is heard to read. What was typed stays, and somebody must hear that nothing came of the code.
            return with_question_tone(self.handle(Event::Scanned(scan), now));
        }
        // Digits that were typed before belong to what stood there before, such as another nurse's PIN.
        self.desk.give_way();
        self.handle(Event::Scanned(scan), now)
    }

    /// Whether the session does anything with this code where it stands: while an entry is written, or a second person types a number,
    /// it does not.
    fn takes(&self, scan: &Scan) -> bool {
        match self.bedside.phase() {
            Phase::Claiming(_) | Phase::Saving(_) | Phase::NotRecorded { .. } => false,
            Phase::Done(_) => self.bedside.session().is_some(),
            Phase::Second(second) => match second.stage {
                Stage::Badge | Stage::Pin { .. } | Stage::Product(_) => true,
                Stage::Amount { .. }
                | Stage::Rate { .. }
                | Stage::Wasted(..)
                | Stage::BirthDate(_)
                | Stage::NewRate(_)
                | Stage::Bolus(..) => matches!(scan.meaning, Meaning::Wristband(_)),
            },
            Phase::Locked { .. }
            | Phase::Pin { .. }
            | Phase::Identify { .. }
            | Phase::DueList { .. }
            | Phase::Dose(_) => true,
        }
    }
}
