//! The 24 hours of T5 and D8.

use alloc::vec;
use alloc::vec::Vec;

use jiff::{SignedDuration, Timestamp};

use crate::case::DoseCase;
use crate::history::Administration;

const LENGTH: SignedDuration = SignedDuration::from_hours(24);

/// 24 hours that end with a dose; their beginning is not in them, their end is.
pub(super) struct Day {
    after: Timestamp,
    until: Timestamp,
}

impl Day {
    fn until(end: Timestamp) -> Self {
        Self { after: end.checked_sub(LENGTH).unwrap_or(Timestamp::MIN), until: end }
    }

    /// Whether something was charted for this day.
    pub(super) fn holds(&self, done: &Administration) -> bool {
        self.after < done.at && done.at <= self.until
    }
}

/// Every day that holds the dose and ends with one. A dose that is given now ends its day, with whatever is charted; after one that the nurse
/// says was given before (S3) there may have been others.
pub(super) fn days(case: &DoseCase) -> Vec<Day> {
    let own = Day::until(case.at());
    if case.answers.given_at().is_none() {
        return vec![Day { until: Timestamp::MAX, ..own }];
    }
    let later = case.history.iter().filter(|done| !case.came_before(done));
    let ends = later.map(|done| Day::until(done.at)).filter(|day| day.after < case.at());
    core::iter::once(own).chain(ends).collect()
}
