//! What a pump is set to against what was ordered, through the concentration of the bag and the patient's weight.

use super::steps::Beside;
pub(crate) use super::steps::Fit;
use crate::policy::Policy;
use crate::product::Product;
use crate::quantity::Quantity;
use crate::rate::{Rate, RateOrder};

/// How a rate fits an order; `None` when the two cannot be compared.
pub(crate) fn fit(
    order: &RateOrder,
    set: &Rate,
    product: &Product,
    weight: Option<&Quantity>,
    policy: &Policy,
) -> Option<Fit> {
    let beside = beside(order, set, product, weight)?;
    Some(beside.fit(policy.pump_step, policy.weight_dose_tolerance))
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
        let beside = beside(order, running, product, weight);
        order.per_kilogram() && beside.is_some_and(|beside| beside.is_tolerated(policy.weight_dose_tolerance))
    };
    let permitted = order.permits(running);
    permitted == Some(true)
        || (permitted.is_none() && order.per_kilogram() && weight.is_none())
        || fit(order, running, product, weight, policy).is_some_and(|fit| fit != Fit::Differs)
        || tolerated()
}

/// Both in millilitres an hour.
fn beside(order: &RateOrder, set: &Rate, product: &Product, weight: Option<&Quantity>) -> Option<Beside> {
    let (low, high) = match order {
        RateOrder::Exact(rate) => (rate, rate),
        RateOrder::Range(low, high) => (low, high),
    };
    let pump = |rate: &Rate| rate.in_millilitres_an_hour(product, weight);
    Some(Beside { low: pump(low)?, high: pump(high)?, set: pump(set)? })
}
