//! A code that was read, and whether anything is done with it here.

use rights::bedside::Event;
use rights::moment::Moment;
use rights::scan::Scan;

use super::notices::with_question_tone;
use super::{Device, Output};

impl Device {
    /// A steady, interpreted read.
    pub fn scan(&mut self, scan: Scan, now: Moment) -> Vec<Output> {
        self.surroundings.technical.last_code = Some(now.at);
        if !self.bedside.takes(&scan) {
            // The scanner is heard to read. What was typed stays, and somebody must hear that nothing came of the code.
            return with_question_tone(self.handle(Event::Scanned(scan), now));
        }
        // Digits that were typed before belong to what stood there before, such as another nurse's PIN.
        self.desk.give_way();
        self.handle(Event::Scanned(scan), now)
    }
}
