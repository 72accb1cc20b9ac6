//! The due list: what is to be done for a patient, and what was done, as a pure function of requests, history and a moment.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::chart::Chart;
use crate::course::{self, InfusionState};
use crate::decide::{first_permitted, window};
use crate::entry::IdempotencyKey;
use crate::follow_up::FollowUp;
use crate::history::{Administration, Outcome};
use crate::ident::{PatientId, RequestId};
use crate::policy::Policy;
use crate::request::{Request, RequestStatus};
use crate::schedule::{AsNeeded, Slot, Timing};
use crate::steps::Steps;

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
    /// The entry of the dose that the line is about: the patch to take off, the infusion that runs, the effect to note, the dose
    /// that may be corrected. What is charted about it names this entry.
    pub of: Option<IdempotencyKey>,
}

/// Where one line of the due list stands. The order is the order on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DueState {
    /// Its window has ended and nothing is charted; it can still be given.
    Overdue,
    /// An as-needed dose whose effect was to be noted by then.
    EffectLate(Timestamp),
    /// An infusion whose order ended then, and that nobody ended.
    StopInfusion(Timestamp),
    /// An infusion runs since then, and its order is on hold.
    PauseInfusion(Timestamp),
    /// A patch is to be taken off since then.
    RemovePatch(Timestamp),
    /// In its window.
    DueNow,
    /// Held, refused or missing, then, and may still be given.
    MayStillBeGiven(Outcome, Timestamp),
    /// An as-needed dose whose effect is to be noted then.
    EffectDue(Timestamp),
    /// An infusion runs since then.
    Infusing(Timestamp),
    /// An infusion is paused since then.
    InfusionPaused(Timestamp),
    /// An infusion that is to be hung.
    HangInfusion,
    /// A patch is on since then.
    PatchOn(Timestamp),
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
    /// The next dose is due and nothing was charted for this one. A projection of time, stored nowhere.
    Missed,
    /// Charted: how and when.
    Charted(Outcome, Timestamp),
    /// Its request ended before its window did, and nothing was charted.
    Cancelled,
    /// Stopped.
    Stopped,
}

/// How far the list looks back and ahead.
const LOOK_BACK: SignedDuration = SignedDuration::from_hours(12);
const LOOK_AHEAD: SignedDuration = SignedDuration::from_hours(12);

/// The due list of a patient: what needs doing first stands first.
pub fn due_list<'a>(
    chart: &'a Chart,
    patient: &'a PatientId,
    policy: &Policy,
    zone: &'a TimeZone,
    now: Timestamp,
) -> Vec<DueItem<'a>> {
    let done = Done::of_patient(chart, patient, zone);
    let mut items: Vec<DueItem<'a>> = chart
        .requests_of(patient)
        .flat_map(|request| {
            let mut items = items_of(request, &done, policy, zone, now);
            items.extend(going_on(request, &done, policy, zone, now));
            items
        })
        .collect();
    items.sort_by(|a, b| {
        let key = |item: &DueItem<'_>| (item.state, item.slot.map(|slot| slot.due));
        key(a).cmp(&key(b)).then_with(|| a.request.drug.name.cmp(&b.request.drug.name))
    });
    items
}

/// What was done for one patient.
struct Done<'a> {
    history: Vec<&'a Administration>,
    /// The same by request, oldest first.
    by_request: BTreeMap<&'a RequestId, Vec<&'a Administration>>,
    follow_ups: Vec<&'a FollowUp>,
}

impl<'a> Done<'a> {
    fn of_patient(chart: &'a Chart, patient: &'a PatientId, zone: &'a TimeZone) -> Self {
        let steps = Steps::of_patient(chart, patient, zone);
        let history: Vec<&Administration> = chart.history_of(patient).collect();
        let mut by_request: BTreeMap<&RequestId, Vec<&Administration>> = BTreeMap::new();
        for done in &history {
            by_request.entry(steps.of(done)).or_default().push(done);
        }
        Self { history, by_request, follow_ups: chart.follow_ups_for(patient).collect() }
    }

    fn of(&self, request: &Request) -> &[&'a Administration] {
        self.by_request.get(&request.id).map_or(&[], Vec::as_slice)
    }

    fn last_given(&self, request: &Request) -> Option<Timestamp> {
        self.of(request).iter().filter(|done| done.outcome.entered_patient()).map(|done| done.at).max()
    }
}

fn items_of<'a>(
    request: &'a Request,
    done: &Done<'a>,
    policy: &Policy,
    zone: &TimeZone,
    now: Timestamp,
) -> Vec<DueItem<'a>> {
    let last_given = done.last_given(request);
    let item = |slot, state, of| DueItem { request, slot, state, last_given, of };
    if ended(request).is_some_and(|end| now >= end) || request.status == RequestStatus::Stopped {
        return alloc::vec![item(None, DueState::Stopped, None)];
    }
    if request.status == RequestStatus::OnHold {
        return alloc::vec![item(None, DueState::OnHold, None)];
    }
    match &request.timing {
        Timing::Unscheduled { .. } => alloc::vec![item(None, DueState::Unscheduled, None)],
        Timing::Continuous => {
            if open_infusion(request, done).is_some() {
                return Vec::new();
            }
            let state = if now < request.start { DueState::Upcoming } else { DueState::HangInfusion };
            alloc::vec![item(None, state, None)]
        }
        Timing::AsNeeded(limits) => {
            let interval_over =
                first_permitted(done.history.iter().copied(), &request.drug.ingredients, limits);
            let from = [interval_over, below_count(done.of(request), limits, now), Some(request.start)];
            let from = from.into_iter().flatten().max().filter(|from| *from > now);
            alloc::vec![item(None, from.map_or(DueState::AsNeeded, DueState::AsNeededFrom), None)]
        }
        Timing::At(_) | Timing::Daily { .. } | Timing::Monthly { .. } | Timing::Every { .. } => {
            let from = now.checked_sub(LOOK_BACK).unwrap_or(now);
            let to = now.checked_add(LOOK_AHEAD).unwrap_or(now);
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
                .map(|slot| {
                    let last = last_of(done.of(request), slot.due);
                    let state = slot_state(request, last, &slot, policy, now);
                    item(Some(slot), state, last.and_then(|last| last.entry))
                })
                .collect()
        }
    }
}

/// When a request came or comes to its end; no dose is due from then on.
pub(crate) fn ended(request: &Request) -> Option<Timestamp> {
    let stopped = (request.status == RequestStatus::Stopped).then_some(request.status_since).flatten();
    stopped.into_iter().chain(request.stop).min()
}

/// What goes on after a dose, whatever became of its request: patches, infusions, effects.
fn going_on<'a>(
    request: &'a Request,
    done: &Done<'a>,
    policy: &Policy,
    zone: &TimeZone,
    now: Timestamp,
) -> Vec<DueItem<'a>> {
    let last_given = done.last_given(request);
    let item = |state, of: &Administration| DueItem { request, slot: None, state, last_given, of: of.entry };
    let mut items = Vec::new();
    for dose in done.of(request).iter().copied() {
        let followed = || done.follow_ups.iter().copied();
        if dose.applied_patch() && course::patch_removed(dose, followed()).is_none() {
            let state = match patch_comes_off(request, dose, zone) {
                Some(due) if due <= now => DueState::RemovePatch(due),
                _ => DueState::PatchOn(dose.at),
            };
            // That a patch of another system is off can be charted nowhere here; the next one asks for it (T9).
            let shown = match state {
                DueState::RemovePatch(due) => dose.entry.is_some() || now.duration_since(due) < LOOK_BACK,
                _ => true,
            };
            items.extend(shown.then(|| item(state, dose)));
        }
        let infusion = course::infusion(dose, done.history.iter().copied(), followed());
        items.extend(infusion.and_then(|infusion| {
            // The last bag of a course runs out after the order's planned end, as it should.
            let goes_by_end =
                request.status == RequestStatus::Stopped || request.timing == Timing::Continuous;
            let ended = ended(request).filter(|end| goes_by_end && *end <= now);
            let on_hold = request.status == RequestStatus::OnHold;
            let state = match (infusion.state, ended) {
                (InfusionState::Stopped | InfusionState::Completed, _) => return None,
                (_, Some(end)) => DueState::StopInfusion(end),
                // The feed did not say since when.
                (_, None) if request.status == RequestStatus::Stopped => {
                    DueState::StopInfusion(infusion.since)
                }
                (InfusionState::Running, None) if on_hold => DueState::PauseInfusion(infusion.since),
                (InfusionState::Running, None) => DueState::Infusing(infusion.since),
                (InfusionState::Paused, None) => DueState::InfusionPaused(infusion.since),
            };
            Some(item(state, dose))
        }));
        if let Some(due) = dose.effect_due
            && course::effect_noted(dose, followed()).is_none()
            && now.duration_since(due) < LOOK_BACK
        {
            let late = due.checked_add(policy.effect_grace).is_ok_and(|last| now > last);
            items.push(item(if late { DueState::EffectLate(due) } else { DueState::EffectDue(due) }, dose));
        }
    }
    items
}

/// When a patch comes off: after the time it is worn, when the next one is due, or when its request ends.
pub(crate) fn patch_comes_off(
    request: &Request,
    applied: &Administration,
    zone: &TimeZone,
) -> Option<Timestamp> {
    let worn = request.patch_worn.and_then(|worn| applied.at.checked_add(worn).ok());
    let next = || {
        let after = applied.slot.unwrap_or(applied.at);
        let slots = request.timing.slots(request.start, request.stop, zone, after, after);
        slots.into_iter().map(|slot| slot.due).find(|due| *due > after)
    };
    worn.or_else(next).into_iter().chain(ended(request)).min()
}

fn open_infusion<'a>(request: &'a Request, done: &Done<'a>) -> Option<&'a Administration> {
    done.of(request).iter().copied().find(|dose| {
        course::infusion(dose, done.history.iter().copied(), done.follow_ups.iter().copied())
            .is_some_and(|infusion| infusion.state.is_open())
    })
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

/// What was charted last for a scheduled dose. A dose that entered the patient is not undone by a later "held".
pub(crate) fn last_of<'a>(done: &[&'a Administration], due: Timestamp) -> Option<&'a Administration> {
    let of_slot = || done.iter().copied().filter(|done| done.slot == Some(due));
    of_slot().rfind(|done| done.outcome.entered_patient()).or_else(|| of_slot().next_back())
}

/// Where a scheduled dose stands (clinical.md section 3).
pub(crate) fn slot_state(
    request: &Request,
    last: Option<&Administration>,
    slot: &Slot,
    policy: &Policy,
    now: Timestamp,
) -> DueState {
    let over = slot.next.is_some_and(|next| now >= next);
    let end = ended(request);
    let in_force = end.is_none_or(|end| now < end);
    if let Some(last) = last {
        let open = matches!(last.outcome, Outcome::Held | Outcome::Refused | Outcome::Missing);
        return if open && !over && in_force {
            DueState::MayStillBeGiven(last.outcome, last.at)
        } else {
            DueState::Charted(last.outcome, last.at)
        };
    }
    let half = window(policy, request).unwrap_or_default();
    if end.is_some_and(|end| {
        end <= slot.due || (now >= end && end < slot.due.saturating_add(half).unwrap_or(end))
    }) {
        return DueState::Cancelled;
    }
    let from_due = now.duration_since(slot.due);
    if from_due < -half {
        DueState::Upcoming
    } else if from_due <= half || (request.interval().is_none() && from_due <= policy.window_several_daily) {
        DueState::DueNow
    } else if over || !in_force {
        DueState::Missed
    } else {
        DueState::Overdue
    }
}
