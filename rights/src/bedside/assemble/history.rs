//! What was done for a patient and matters for what is in hand.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use jiff::{SignedDuration, Timestamp};

use super::super::World;
use super::super::phase::Identified;
use crate::case::RequestInCase;
use crate::claims::Refusal;
use crate::course;
use crate::decide::forms_a_pair;
use crate::history::Administration;
use crate::ident::RequestId;
use crate::policy::Policy;
use crate::product::Product;
use crate::request::Request;
use crate::schedule::Timing;
use crate::steps::Steps;

/// The rolling day of D8, T5 and the last dose of an ingredient.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// What was done for the patient and matters, oldest first, with what the ward told of other kiosks. Doses under a merged record
/// are the patient's own, and each stands under the request that it counts for.
pub(super) fn history(
    identified: &Identified,
    requests: &[RequestInCase],
    products: &[&Product],
    world: &World<'_>,
) -> Vec<Administration> {
    let steps = Steps::of_patient(world.chart, &identified.id, world.zone);
    let own = |done: &Administration| Administration {
        patient: identified.id.clone(),
        request: steps.of(done).clone(),
        ..done.clone()
    };
    let mut history: Vec<Administration> =
        matters(identified, requests, products, &steps, world).into_iter().map(own).collect();
    for told in &identified.elsewhere {
        let Refusal::Charted(done) = told else { continue };
        let in_error = world.chart.corrected.iter().any(|wrong| wrong.entry == done.entry);
        if !in_error && history.iter().all(|known| known.entry != done.entry) {
            let place = history.partition_point(|known| known.at <= done.at);
            history.insert(place, own(done));
        }
    }
    history
}

/// Of the patient's doses those of a request for what is in hand, those with a substance in hand or the other one of a pair, as far
/// back as matters or as long as they are still being given, and every patch that is on. No check looks at another one.
fn matters<'a>(
    identified: &'a Identified,
    requests: &[RequestInCase],
    products: &[&Product],
    steps: &Steps<'a>,
    world: &World<'a>,
) -> Vec<&'a Administration> {
    let back = looks_back(requests.iter().map(|in_case| &in_case.request), world.policy);
    let recent = |done: &Administration| world.now.at.duration_since(done.at) <= back;
    let concerns = |done: &Administration| {
        products.iter().any(|product| {
            done.ingredients.iter().any(|strength| product.holds_substance(&strength.ingredient))
                || forms_a_pair(product, done, world.policy)
        })
    };
    let on = |done: &Administration| {
        done.applied_patch() && course::patch_removed(done, &world.chart.follow_ups).is_none()
    };
    let runs = |done: &Administration| {
        done.rate.is_some()
            && course::goes_on(done, world.chart.history_of(&identified.id), &world.chart.follow_ups)
    };
    let concerned = requests
        .iter()
        .filter(|in_case| products.iter().any(|product| in_case.request.drug.shares_substance(product)));
    let mut own: BTreeMap<&RequestId, Own<'_, 'a>> =
        concerned.map(|in_case| (&in_case.request.id, Own { in_case, doses: Vec::new() })).collect();
    let mut found: Vec<(usize, &'a Administration)> = Vec::new();
    for (place, done) in world.chart.history_of(&identified.id).enumerate() {
        if let Some(own) = own.get_mut(steps.of(done)) {
            own.doses.push((place, done));
        } else if (recent(done) && concerns(done)) || on(done) || (runs(done) && concerns(done)) {
            found.push((place, done));
        }
    }
    for Own { in_case, doses } in own.into_values() {
        let last = doses.iter().map(|(_, done)| *done).filter(|done| done.outcome.entered_patient());
        let last = last.map(|done| done.at).max();
        let kept = |done: &Administration| recent(done) || decides(done, in_case, last) || on(done);
        found.extend(doses.into_iter().filter(|(_, done)| kept(done)));
    }
    found.sort_unstable_by_key(|(place, _)| *place);
    found.into_iter().map(|(_, done)| done).collect()
}

/// What was done under one request, each with its place in the patient's history.
struct Own<'r, 'a> {
    in_case: &'r RequestInCase,
    doses: Vec<(usize, &'a Administration)>,
}

/// Whether a dose of a request matters however long ago it was. One-time doses and running infusions are looked up whole. Of the
/// others the last dose that entered the patient is needed with what was charted since, and whatever was charted for a scheduled
/// dose that can be meant now.
fn decides(done: &Administration, in_case: &RequestInCase, last: Option<Timestamp>) -> bool {
    let whole = matches!(in_case.request.timing, Timing::At(_) | Timing::Continuous);
    let since_last = last.is_none_or(|last| done.at >= last);
    let of_a_slot = in_case.slots.first().is_some_and(|first| done.slot.is_some_and(|due| due >= first.due));
    whole || since_last || of_a_slot
}

/// How far back administrations matter: as far as the check that looks back longest, from the earliest time at which a dose may
/// be charted as given (S3).
pub(crate) fn looks_back<'a>(
    requests: impl IntoIterator<Item = &'a Request>,
    policy: &Policy,
) -> SignedDuration {
    let intervals = requests.into_iter().filter_map(|request| match &request.timing {
        Timing::AsNeeded(limits) => limits.minimum_interval,
        Timing::At(_)
        | Timing::Daily { .. }
        | Timing::Every { .. }
        | Timing::Monthly { .. }
        | Timing::Continuous
        | Timing::Unscheduled { .. } => None,
    });
    let longest = intervals.fold(DAY, SignedDuration::max);
    let longest = longest.max(policy.contraindicated_within).max(policy.repeat_within);
    longest.saturating_add(policy.backdated_most)
}
