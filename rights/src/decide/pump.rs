//! What a pump is set to against what was ordered, through the concentration of the bag and the patient's weight.

use crate::amount::Amount;
use crate::policy::Policy;
use crate::product::Product;
use crate::quantity::Quantity;
use crate::rate::{Rate, RateOrder};

/// How a pump's rate stands to an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fit {
    /// As ordered, as near as the pump's steps allow.
    Ordered,
    /// The pump's nearest step, but further from the order than the policy tolerates of a dose by weight.
    Rounded,
    /// Another one.
    Differs,
}

/// How a rate fits an order; `None` when the two cannot be compared.
pub(crate) fn fit(
    order: &RateOrder,
    set: &Rate,
    product: &Product,
    weight: Option<&Quantity>,
    policy: &Policy,
) -> Option<Fit> {
    let beside = Beside::of(order, set, product, weight)?;
    Some(if beside.is_within() {
        Fit::Ordered
    } else if !beside.is_nearest_step(policy.pump_step) {
        Fit::Differs
    } else if beside.is_tolerated(policy.weight_dose_tolerance) {
        Fit::Ordered
    } else {
        Fit::Rounded
    })
}

/// Whether an infusion goes on as it runs: its rate is still one that is ordered. Where the order goes by weight, a patient who was weighed
/// again since changes nothing within the policy's tolerance, and one whose weight nobody knows any more (D7) does not stop what runs.
pub(crate) fn still_fits(
    order: &RateOrder,
    running: &Rate,
    product: &Product,
    weight: Option<&Quantity>,
    policy: &Policy,
) -> bool {
    let tolerated = || {
        let beside = Beside::of(order, running, product, weight);
        order.per_kilogram() && beside.is_some_and(|beside| beside.is_tolerated(policy.weight_dose_tolerance))
    };
    let permitted = order.permits(running);
    permitted == Some(true)
        || (permitted.is_none() && order.per_kilogram() && weight.is_none())
        || fit(order, running, product, weight, policy).is_some_and(|fit| fit != Fit::Differs)
        || tolerated()
}

/// Both in millilitres an hour.
struct Beside {
    low: Amount,
    high: Amount,
    set: Amount,
}

impl Beside {
    fn of(order: &RateOrder, set: &Rate, product: &Product, weight: Option<&Quantity>) -> Option<Self> {
        let (low, high) = match order {
            RateOrder::Exact(rate) => (rate, rate),
            RateOrder::Range(low, high) => (low, high),
        };
        let pump = |rate: &Rate| rate.in_millilitres_an_hour(product, weight);
        Some(Self { low: pump(low)?, high: pump(high)?, set: pump(set)? })
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

    /// No other step is nearer to an end of the order that lies between two. A pump that stands still is set to nothing.
    fn is_nearest_step(&self, step: Amount) -> bool {
        let nearest =
            self.apart().and_then(|apart| apart.times(Amount::whole(2))).is_some_and(|twice| twice <= step);
        self.set.is_positive() && self.wanted().whole_multiple_of(step).is_none() && nearest
    }

    fn is_tolerated(&self, tolerance: Amount) -> bool {
        let most = self.wanted().times(tolerance);
        self.apart().zip(most).is_some_and(|(apart, most)| apart <= most)
    }
}
