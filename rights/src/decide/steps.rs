//! What can be set or measured in steps only, a pump or a syringe, against what was ordered between two of them.

use crate::amount::Amount;

/// How what was set stands to what was ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fit {
    /// As ordered, as near as the steps allow.
    Ordered,
    /// The nearest step, but further from the order than the policy tolerates of a dose by weight.
    Rounded,
    /// Another one.
    Differs,
}

/// What was set beside the ends of what was ordered, all in one unit.
pub(super) struct Beside {
    pub(super) low: Amount,
    pub(super) high: Amount,
    pub(super) set: Amount,
}

impl Beside {
    pub(super) fn fit(&self, step: Amount, tolerance: Amount) -> Fit {
        if self.is_within() {
            Fit::Ordered
        } else if !self.is_nearest_step(step) {
            Fit::Differs
        } else if self.is_tolerated(tolerance) {
            Fit::Ordered
        } else {
            Fit::Rounded
        }
    }

    fn is_within(&self) -> bool {
        self.low <= self.set && self.set <= self.high
    }

    /// The end of the order that is nearer.
    fn wanted(&self) -> Amount {
        if self.set < self.low { self.low } else { self.high }
    }

    fn apart(&self) -> Option<Amount> {
        let wanted = self.wanted();
        if self.set < wanted { wanted.minus(self.set) } else { self.set.minus(wanted) }
    }

    /// No other step is nearer to an end of the order that lies between two. Nothing at all is no step.
    fn is_nearest_step(&self, step: Amount) -> bool {
        let nearest =
            self.apart().and_then(|apart| apart.times(Amount::whole(2))).is_some_and(|twice| twice <= step);
        self.set.is_positive() && self.wanted().whole_multiple_of(step).is_none() && nearest
    }

    pub(super) fn is_tolerated(&self, tolerance: Amount) -> bool {
        let most = self.wanted().times(tolerance);
        self.apart().zip(most).is_some_and(|(apart, most)| apart <= most)
    }
}
