//! The request: M7, M8, O1 to O8 and R1.

use alloc::vec;
use alloc::vec::Vec;

use jiff::Timestamp;

use super::{emergency, safety::is_backdated, time};
use crate::case::{Choice, DoseCase, RequestInCase};
use crate::history::Administration;
use crate::ident::RequestId;
use crate::policy::OnCall;
use crate::product::Product;
use crate::request::{Mismatch, Request, RequestStatus};
use crate::schedule::{Slot, Timing};
use crate::verdict::{Check, Class, Evidence, Finding, Variance, Why};

/// What the search for a request came to.
pub(super) struct Matched<'a> {
    pub(super) findings: Vec<Finding>,
    pub(super) chosen: Option<(&'a RequestInCase, Choice)>,
}

/// M7, M8 and O7: which request and which scheduled dose is meant.
pub(super) fn matching<'a>(case: &'a DoseCase, product: &Product) -> Matched<'a> {
    let mut findings: Vec<Finding> = case
        .look_alikes
        .iter()
        .map(|other| {
            Finding::variance(Check::M8, Class::Info, Variance::LookAlike(other.display_name().into()))
        })
        .collect();
    let fits: Vec<&RequestInCase> = case
        .requests
        .iter()
        .filter(|r| r.request.drug.mismatches(product).is_empty() && !is_spoken_and_over(case, r))
        .collect();
    let emergency = emergency::holds_until(case).is_some();
    if let Some(order) = case.answers.verbal.as_ref().filter(|_| emergency)
        && let Some(in_case) = fits.iter().find(|r| r.request.id == order.id)
    {
        // What makes a spoken order impossible to ask for makes one that was entered all the same void.
        let written = fits.iter().any(|r| r.request.id != order.id);
        let difference = not_ordered(case, product);
        if !written && is_another_drug(&difference) {
            findings.push(difference);
            return Matched { findings, chosen: None };
        }
        findings.push(Finding::variance(Check::M7, Class::Info, Variance::VerbalOrder));
        let slot = Some(order.at);
        return Matched { findings, chosen: Some((in_case, choice(&in_case.request, slot))) };
    }
    if fits.is_empty() {
        let difference = not_ordered(case, product);
        if emergency && !is_another_drug(&difference) {
            findings.push(Finding::variance(Check::M7, Class::Choice, Variance::VerbalOrderNeeded));
        } else {
            findings.push(difference);
        }
        return Matched { findings, chosen: None };
    }
    if let Some(choice) = &case.answers.chosen {
        return match fits.iter().find(|r| r.request.id == choice.request) {
            Some(in_case) => {
                findings.push(satisfies(&in_case.request.id));
                Matched { findings, chosen: Some((in_case, choice.clone())) }
            }
            // It was there when it was displayed and is not any more.
            None => {
                findings.push(Finding::variance(Check::O1, Class::Hard, Variance::Stopped(None)));
                Matched { findings, chosen: None }
            }
        };
    }
    let open = choices(case, product);
    match open.as_slice() {
        [only] => {
            findings.push(satisfies(&only.0.request.id));
            Matched { findings, chosen: Some(only.clone()) }
        }
        [] => {
            // None may be given; say why of the one that comes closest to being so.
            let closest = fits.iter().min_by_key(|r| (r.request.status, r.request.start)).copied();
            findings.extend(closest.map(|r| satisfies(&r.request.id)));
            let chosen = closest.map(|r| (r, choice(&r.request, current_slot(case, r).map(|slot| slot.due))));
            Matched { findings, chosen }
        }
        several => {
            let count = u16::try_from(several.len()).unwrap_or(u16::MAX);
            findings.push(Finding::variance(Check::O7, Class::Choice, Variance::ChoiceNeeded(count)));
            Matched { findings, chosen: None }
        }
    }
}

/// The requests and scheduled doses that a product may be given for now: what O7 offers.
pub(crate) fn choices<'a>(case: &'a DoseCase, product: &Product) -> Vec<(&'a RequestInCase, Choice)> {
    case.requests
        .iter()
        .filter(|r| r.request.drug.mismatches(product).is_empty() && !is_spoken_and_over(case, r))
        .filter(|r| not_in_force(case, r).is_none())
        .filter(|r| r.request.status != RequestStatus::OnHold || held_since(case, &r.request).is_some())
        .flat_map(|r| candidates(case, r).into_iter().map(move |slot| (r, choice(&r.request, slot))))
        .collect()
}

/// S4: a spoken order counts only while the emergency lasts.
fn is_spoken_and_over(case: &DoseCase, in_case: &RequestInCase) -> bool {
    let spoken = case.answers.verbal.as_ref().is_some_and(|order| order.id == in_case.request.id);
    spoken && emergency::holds_until(case).is_none()
}

fn satisfies(id: &RequestId) -> Finding {
    Finding::pass(Check::M7, Evidence::SatisfiesRequest(id.clone()))
}

fn choice(request: &Request, slot: Option<Timestamp>) -> Choice {
    Choice { request: request.id.clone(), version: request.version, slot }
}

/// M7 when nothing fits: against the written request that is closest, if one is close at all.
fn not_ordered(case: &DoseCase, product: &Product) -> Finding {
    let closest = case
        .requests
        .iter()
        .map(|r| &r.request)
        .filter(|request| case.answers.verbal.as_ref().is_none_or(|spoken| spoken.id != request.id))
        .filter(|request| {
            request.drug.shares_ingredient(product)
                || request.drug.item.as_ref().is_some_and(|item| product.look_alike.contains(item))
        })
        .min_by_key(|request| request.drug.mismatches(product).len());
    let variance = closest.map_or(Variance::NotOrdered, |request| {
        let mismatches: Vec<Mismatch> = request.drug.mismatches(product);
        Variance::Differs {
            ordered: request.drug.name.clone(),
            ordered_form: request.drug.form,
            ordered_release: request.drug.release,
            mismatches,
        }
    });
    Finding::variance(Check::M7, Class::Hard, variance)
}

/// S4: what was ordered is something else than what is in hand, by more than its form: no spoken order makes it right.
fn is_another_drug(difference: &Finding) -> bool {
    matches!(
        &difference.why,
        Why::Variance(Variance::Differs { mismatches, .. }) if mismatches.contains(&Mismatch::Ingredients)
    )
}

/// O1 to O8 of the chosen request and scheduled dose.
pub(super) fn findings(
    case: &DoseCase,
    product: &Product,
    in_case: &RequestInCase,
    choice: &Choice,
) -> Vec<Finding> {
    let request = &in_case.request;
    let mut found = Vec::new();
    found.push(match (not_in_force(case, in_case), ended_since(case, request)) {
        (Some(variance), _) => Finding::variance(Check::O1, Class::Hard, variance),
        (None, Some(at)) => Finding::variance(Check::O1, Class::SoftReason, Variance::EndedSince(at)),
        (None, None) => Finding::pass(Check::O1, Evidence::RequestInForce),
    });
    found.push(match request.verified {
        Some(at) => Finding::pass(Check::O2, Evidence::PharmacistVerified(at)),
        None => {
            let class = if product.high_alert { Class::HardBreakGlass } else { Class::SoftContact };
            Finding::variance(Check::O2, class, Variance::NotVerified)
        }
    });
    if request.status == RequestStatus::OnHold {
        found.push(match held_since(case, request) {
            Some(at) => Finding::variance(Check::O3, Class::SoftReason, Variance::HeldSince(at)),
            None => Finding::variance(Check::O3, Class::Hard, Variance::OnHold),
        });
    }
    if let Some(text) = &request.conditions.do_not_give {
        found.push(Finding::variance(Check::O3, Class::Hard, Variance::DoNotGive(text.clone())));
    }
    // The text itself is what is acknowledged, and it stands in the entry's inputs, whose hash the leaf holds.
    if let (true, Some(text)) = (request.conditions.instruction_flagged, &request.instruction) {
        let flagged = Variance::InstructionFlagged(text.clone());
        found.push(Finding::variance(Check::O5, Class::Acknowledge, flagged));
    }
    if choice.version != request.version {
        found.push(Finding::variance(Check::O4, Class::Acknowledge, Variance::RequestChanged));
    }
    found.extend(charted_already(case, in_case, choice));
    found
}

/// O6 and O8. A one-time request is given once whatever its time is now; other doses are told by their instants.
fn charted_already(case: &DoseCase, in_case: &RequestInCase, choice: &Choice) -> Option<Finding> {
    let request = &in_case.request;
    if request.timing.is_one_time() {
        let charted = case.history.iter().rfind(|d| d.request == request.id && d.outcome.is_final())?;
        let variance = if charted.outcome.entered_patient() {
            Variance::OneTimeGiven(charted.at, charted.by.clone())
        } else {
            Variance::AlreadyCharted(charted.outcome, charted.at, charted.by.clone())
        };
        return Some(Finding::variance(Check::O6, Class::Hard, variance));
    }
    if request.conditions.on_call && case.policy.on_call == OnCall::Once {
        let given = case.history.iter().rfind(|d| d.request == request.id && d.outcome.entered_patient())?;
        let variance = Variance::OnCallGiven(given.at, given.by.clone());
        return Some(Finding::variance(Check::O6, Class::Hard, variance));
    }
    let charted = choice.slot.and_then(|due| ended(case, &request.id, due))?;
    let variance = Variance::AlreadyCharted(charted.outcome, charted.at, charted.by.clone());
    Some(Finding::variance(Check::O8, Class::Hard, variance))
}

/// O1: why the request is not in force now, if it is not.
fn not_in_force(case: &DoseCase, in_case: &RequestInCase) -> Option<Variance> {
    let request = &in_case.request;
    let now = case.at();
    // A dose that was given before the stop is charted afterwards, and says why; nothing is given after it.
    let given_before = |stop: Timestamp| case.was_given_before(stop);
    if request.status == RequestStatus::Stopped && !request.status_since.is_some_and(given_before) {
        return Some(Variance::Stopped(request.status_since));
    }
    if let Some(stop) = request.stop
        && case.now.at >= stop
        && !given_before(stop)
    {
        return Some(Variance::Ended(stop));
    }
    let allowance = time::early_allowance(&case.policy, request);
    if now < request.start.checked_sub(allowance).unwrap_or(request.start) {
        return Some(Variance::NotStarted(request.start));
    }
    match &request.timing {
        Timing::Unscheduled { text } => Some(Variance::Unscheduled(text.clone())),
        Timing::AsNeeded(_) | Timing::Continuous => None,
        Timing::At(_) | Timing::Daily { .. } | Timing::Monthly { .. } | Timing::Every { .. } => {
            in_case.slots.is_empty().then_some(Variance::NothingScheduled)
        }
    }
}

/// O1: when the request ended after the dose. Where the dose is backdated, S3 asks why already.
fn ended_since(case: &DoseCase, request: &Request) -> Option<Timestamp> {
    let stopped = request.status_since.filter(|_| request.status == RequestStatus::Stopped);
    let ends = stopped.into_iter().chain(request.stop).filter(|end| *end <= case.now.at);
    ends.filter(|end| case.was_given_before(*end) && !is_backdated(case)).min()
}

/// O3: when the request was put on hold after the dose; `None` where it was on hold then, or nobody knows since when it is.
fn held_since(case: &DoseCase, request: &Request) -> Option<Timestamp> {
    request.status_since.filter(|since| case.was_given_before(*since))
}

/// The scheduled doses that may be meant now: those of the present that are open, else the next one, early. `None` stands for
/// an as-needed dose. A dose of the present that was given leaves nothing open, so that scanning again is not taken for the
/// next dose (O8); neither is the dose after the next one meant when the next one was given early.
fn candidates(case: &DoseCase, in_case: &RequestInCase) -> Vec<Option<Timestamp>> {
    if matches!(in_case.request.timing, Timing::AsNeeded(_) | Timing::Continuous) {
        return vec![None];
    }
    let open = |slot: &&Slot| ended(case, &in_case.request.id, slot.due).is_none();
    let present = present_slots(case, in_case);
    let live: Vec<_> = present.iter().copied().filter(open).map(|slot| Some(slot.due)).collect();
    if !live.is_empty() {
        return live;
    }
    if present.iter().any(|slot| time::in_window(case, &in_case.request, slot)) {
        return Vec::new();
    }
    next_slot(case, in_case).filter(open).map(|slot| Some(slot.due)).into_iter().collect()
}

fn next_slot<'a>(case: &DoseCase, in_case: &'a RequestInCase) -> Option<&'a Slot> {
    in_case.slots.iter().find(|slot| slot.due > case.at())
}

/// The scheduled doses whose time is now: their window has begun and the next one is not due yet.
fn present_slots<'a>(case: &DoseCase, in_case: &'a RequestInCase) -> Vec<&'a Slot> {
    let now = case.at();
    let allowance = time::early_allowance(&case.policy, &in_case.request);
    in_case
        .slots
        .iter()
        .filter(|slot| {
            slot.due.checked_sub(allowance).unwrap_or(slot.due) <= now
                && slot.next.is_none_or(|next| now < next)
        })
        .collect()
}

/// The slot to explain a refusal with: the one that was given last, else the present one, else the next, else the last.
fn current_slot<'a>(case: &DoseCase, in_case: &'a RequestInCase) -> Option<&'a Slot> {
    let mut meant = present_slots(case, in_case);
    meant.extend(next_slot(case, in_case));
    let given = meant
        .iter()
        .copied()
        .filter_map(|slot| Some((ended(case, &in_case.request.id, slot.due)?.at, slot)))
        .max_by_key(|(at, _)| *at)
        .map(|(_, slot)| slot);
    given.or_else(|| meant.first().copied()).or_else(|| in_case.slots.last())
}

/// What ended a scheduled dose. Slots are told by request and instant, so a changed request keeps what was charted.
fn ended<'a>(case: &'a DoseCase, request: &RequestId, due: Timestamp) -> Option<&'a Administration> {
    case.history
        .iter()
        .rfind(|done| done.request == *request && done.slot == Some(due) && done.outcome.is_final())
}
