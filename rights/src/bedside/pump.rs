//! What a pump does against its order, with the bag that hangs and the patient's weight.

use super::World;
use crate::course;
use crate::decide::pump::{self, Fit};
use crate::history::Administration;
use crate::ident::{Lot, ObservationCode};
use crate::product::{Product, RecallClass};
use crate::quantity::Quantity;
use crate::rate::{Rate, RateOrder};
use crate::request::Request;

/// Whether an infusion still runs as its order has it: an order may be changed while the pump goes on as it was set. What cannot be
/// compared is not called wrong; the next bag is checked.
pub fn runs_as_ordered(start: &Administration, running: &Rate, request: &Request, world: &World<'_>) -> bool {
    let Some(order) = request.rate else { return true };
    let weight = body_weight_of(start, world);
    match bag_product(start, world) {
        Some(product) => {
            pump::still_fits(&order, running, product, weight.as_ref(), world.policy)
                || pump::fit(&order, running, product, weight.as_ref(), world.policy).is_none()
        }
        None => order.permits(running) != Some(false),
    }
}

/// The youngest weight that is not of the future.
fn body_weight_of(start: &Administration, world: &World<'_>) -> Option<Quantity> {
    let weight = ObservationCode::body_weight();
    world
        .chart
        .observations_of(world.chart.current(&start.patient))
        .filter(|seen| seen.what == weight && seen.at <= world.now.at)
        .max_by_key(|seen| seen.at)
        .map(|seen| seen.value)
}

/// Whether the pump's rate is one that the order permits, through the concentration of the bag, the youngest weight and the steps of the
/// pump. Why it was set so is always asked.
pub(super) fn pump_permits(
    order: &RateOrder,
    rate: &Rate,
    start: &Administration,
    world: &World<'_>,
) -> bool {
    let weight = body_weight_of(start, world);
    let fit = |product| pump::fit(order, rate, product, weight.as_ref(), world.policy);
    bag_product(start, world).and_then(fit).is_some_and(|fit| fit != Fit::Differs)
}

/// What hangs now: the next bag may be of another product than the first.
pub(super) fn bag_product<'a>(start: &Administration, world: &World<'a>) -> Option<&'a Product> {
    world.formulary.product(&course::bag(start, &world.chart.history).packages.first()?.product)
}

/// M6: the lot of the bag that hangs, where it is recalled: most recalls come when the bag hangs already.
pub fn recalled_bag(start: &Administration, world: &World<'_>) -> Option<(Lot, RecallClass)> {
    let packages = course::bag(start, &world.chart.history).packages.iter();
    let recalls = packages.filter_map(|used| {
        let lot = used.lot.as_ref()?;
        Some((lot.clone(), world.formulary.recall_of(&used.product, lot)?))
    });
    recalls.min_by_key(|(_, class)| *class)
}
