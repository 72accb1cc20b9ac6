//! What is left of a controlled package in the nurse's hands, and by when it is to be wasted or returned. PH2 and PH3 ask the same.

use jiff::{SignedDuration, Timestamp};
use rights::quantity::Quantity;

use super::uses::Use;

/// A rest, more than nothing.
pub(super) struct Rest {
    /// How much.
    pub(super) left: Quantity,
    /// Since when it is in the nurse's hands.
    pub(super) since: Timestamp,
    /// Until when it is to be wasted or returned.
    pub(super) due: Timestamp,
}

impl Rest {
    /// What is left of a package. What was wasted of a dose before it was entered in error is not in the nurse's hands since.
    pub(super) fn of(used: &Use<'_>, within: SignedDuration) -> Option<Self> {
        let left = used.left.minus(&used.disposed_while(false)?)?;
        let since = used.held_since();
        let due = since.checked_add(within).ok()?;
        (!left.amount.is_zero()).then_some(Self { left, since, due })
    }

    /// When something of it was wasted or returned.
    pub(super) fn disposed(&self, used: &Use<'_>) -> impl Iterator<Item = Timestamp> {
        used.disposed.iter().map(|disposed| disposed.at).filter(|at| *at >= self.since)
    }

    /// Whether that was in time.
    pub(super) fn in_time(&self, used: &Use<'_>) -> bool {
        self.disposed(used).any(|at| at <= self.due)
    }
}
