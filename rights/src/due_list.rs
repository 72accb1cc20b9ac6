//! The due list: what is to be done for a patient, and what was done, as a pure function of requests, history and a moment.

use alloc::vec::Vec;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::chart::Chart;
use crate::decide::{first_permitted, window};
use crate::history::{Administration, Outcome};
use crate::ident::PatientId;
use crate::policy::Policy;
use crate::request::{Request, RequestStatus};
use crate::schedule::{AsNeeded, Slot, Timing};

/// One line of the due list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueItem<'a> {
    /// The request.
    pub request: &'a Request,
    /// The scheduled dose; `None` for as-needed and unscheduled requests.
    pub slot: Option<Slot>,
    /// Where it stands.
    pub state: DueState,
    /// The last dose of this request that entered the patient.
    pub last_given: Option<Timestamp>,
}

/// Where one line of the due list stands. The order is the order on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DueState {
    /// Its window has ended and nothing is charted.
    Overdue,
    /// In its window.
    DueNow,
    /// As needed, permitted now.
    AsNeeded,
    /// As needed, permitted from then on.
    AsNeededFrom(Timestamp),
    /// Later.
    Upcoming,
    /// The pharmacy must read its timing first.
    Unscheduled,
    /// On hold by the provider.
    OnHold,
    /// Charted: how and when.
    Charted(Outcome, Timestamp),
    /// Stopped.
    Stopped,
}

/// How far the list looks back and ahead.
const LOOK_BACK: SignedDuration = SignedDuration::from_hours(12);
const LOOK_AHEAD: SignedDuration = SignedDuration::from_hours(12);

/// The due list of a patient: what needs doing first stands first. A held or refused dose of the present stays among the
/// charted, and scanning it again may still give it.
pub fn due_list<'a>(
    chart: &'a Chart,
    patient: &'a PatientId,
    policy: &Policy,
    zone: &TimeZone,
    now: Timestamp,
) -> Vec<DueItem<'a>> {
    let history: Vec<&Administration> = chart.history_of(patient).collect();
    let mut items: Vec<DueItem<'a>> = chart
        .requests_of(patient)
        .flat_map(|request| items_of(request, &history, policy, zone, now))
        .collect();
    items.sort_by(|a, b| {
        let key = |item: &DueItem<'_>| (item.state, item.slot.map(|slot| slot.due));
        key(a).cmp(&key(b)).then_with(|| a.request.drug.name.cmp(&b.request.drug.name))
    });
    items
}

fn items_of<'a>(
    request: &'a Request,
    history: &[&Administration],
    policy: &Policy,
    zone: &TimeZone,
    now: Timestamp,
) -> Vec<DueItem<'a>> {
    let of_request: Vec<&Administration> =
        history.iter().copied().filter(|done| done.request == request.id).collect();
    let last_given =
        of_request.iter().filter(|done| done.outcome.entered_patient()).map(|done| done.at).max();
    let item = |slot, state| DueItem { request, slot, state, last_given };
    let over = request.stop.is_some_and(|stop| now >= stop);
    if request.status == RequestStatus::Stopped || over {
        return alloc::vec![item(None, DueState::Stopped)];
    }
    if request.status == RequestStatus::OnHold {
        return alloc::vec![item(None, DueState::OnHold)];
    }
    match &request.timing {
        Timing::Unscheduled { .. } => alloc::vec![item(None, DueState::Unscheduled)],
        Timing::AsNeeded(limits) => {
            let interval_over = first_permitted(history.iter().copied(), &request.drug.ingredients, limits);
            let from = [interval_over, below_count(&of_request, limits, now), Some(request.start)];
            let from = from.into_iter().flatten().max().filter(|from| *from > now);
            alloc::vec![item(None, from.map_or(DueState::AsNeeded, DueState::AsNeededFrom))]
        }
        Timing::At(_) | Timing::Daily { .. } | Timing::Every { .. } => {
            let from = now.checked_sub(LOOK_BACK).unwrap_or(now);
            let to = now.checked_add(LOOK_AHEAD).unwrap_or(now);
            let half = window(policy, request).unwrap_or_default();
            request
                .timing
                .slots(request.start, request.stop, zone, from, to)
                .into_iter()
                .filter(|slot| {
                    let near = slot.due >= from && slot.due <= to;
                    // It can still be given as long as the next one is not due, however late it is.
                    let open = slot.due <= now && slot.next.is_none_or(|next| now < next);
                    near || open || matches!(request.timing, Timing::At(_))
                })
                .map(|slot| item(Some(slot), slot_state(request, &of_request, &slot, half, policy, now)))
                .collect()
        }
    }
}

/// T5: from when on fewer doses than the most of 24 hours have been given; `None` when that is so now.
fn below_count(done: &[&Administration], limits: &AsNeeded, now: Timestamp) -> Option<Timestamp> {
    let day = SignedDuration::from_hours(24);
    let most = usize::from(limits.most_per_day?);
    let mut given: Vec<Timestamp> =
        done.iter().filter(|done| done.outcome.entered_patient()).map(|done| done.at).collect();
    given.sort_unstable();
    given.retain(|at| now.duration_since(*at) < day);
    let freeing = given.len().checked_sub(most)?;
    // With a limit of none at all nothing becomes free; a day from now is shown.
    given.get(freeing).copied().unwrap_or(now).checked_add(day).ok()
}

fn slot_state(
    request: &Request,
    done: &[&Administration],
    slot: &Slot,
    half: SignedDuration,
    policy: &Policy,
    now: Timestamp,
) -> DueState {
    if let Some(last) = done.iter().rfind(|done| done.slot == Some(slot.due)) {
        return DueState::Charted(last.outcome, last.at);
    }
    let from_due = now.duration_since(slot.due);
    if from_due < -half {
        DueState::Upcoming
    } else if from_due <= half || (request.interval().is_none() && from_due <= policy.window_several_daily) {
        DueState::DueNow
    } else {
        DueState::Overdue
    }
}
