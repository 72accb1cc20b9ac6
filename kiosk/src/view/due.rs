//! The due list as the nurse reads it: one glance says what is late, what is due, what was done, and when next.

use rights::bedside::{Bedside, DoseInHand, Notice, World, recalled_bag, runs_as_ordered};
use rights::case::Choice;
use rights::course::{self, Infusion, InfusionState};
use rights::due_list::{DueItem, DueState, due_list};
use rights::history::{Administration, Outcome};
use rights::ident::Lot;
use rights::phrase::{Language, Words};
use rights::product::RecallClass;
use rights::rate::{Rate, RateOrder};
use rights::request::{DoseOrder, Request};
use rights::schedule::Timing;

use super::row_id::RowId;
use super::time_line::time_line;
use super::{capital, line_of};
use crate::desk::Charting;
use crate::errand::{Begin, Errand, FollowUp, What};
use crate::labels::{self, fill};
use crate::model::{DueGroup, DueList, DueRow, Line, Mark};

pub(super) fn due_list_panel(
    bedside: &Bedside,
    world: &World<'_>,
    words: &Words<'_>,
    notice: Option<Notice>,
) -> DueList {
    let items = items(bedside, world);
    DueList {
        time_line: time_line(&items, world, words),
        rows: items.iter().map(|item| row(item, world, words)).collect(),
        notices: notices(bedside, world, words, notice),
        actions: super::actions(bedside, world, words.language).into_iter().map(|(_, label)| label).collect(),
        cancel: labels::of(words.language).button.close_patient.into(),
    }
}

fn notices(bedside: &Bedside, world: &World<'_>, words: &Words<'_>, notice: Option<Notice>) -> Vec<Line> {
    notice
        .map(|notice| line_of(words.notice(notice), Mark::Stop, ""))
        .into_iter()
        .chain(super::conflicts::lines(bedside, world, words))
        .chain(super::unreadable(bedside, world, words))
        .collect()
}

/// How many lines stand above the list.
pub(crate) fn lines_above(
    bedside: &Bedside,
    world: &World<'_>,
    language: Language,
    notice: Option<Notice>,
) -> usize {
    notices(bedside, world, &super::words(world, language, None), notice).len()
}

/// The lines of the due list, in the order of the screen.
pub(crate) fn items<'a>(bedside: &'a Bedside, world: &World<'a>) -> Vec<DueItem<'a>> {
    let Some(identified) = bedside.patient() else { return Vec::new() };
    let mut items = due_list(world.chart, &identified.id, world.policy, world.zone, world.now.at);
    items.sort_by_key(|item| {
        let hand = needs_a_hand(item, world);
        (group_of(item, hand), !hand)
    });
    items
}

/// What each line of the due list is about.
pub(crate) fn row_ids(bedside: &Bedside, world: &World<'_>) -> Vec<RowId> {
    items(bedside, world).iter().map(RowId::of_dose).collect()
}

/// What can be charted about a line of the due list, with the title for it.
pub(crate) fn row_menu(
    bedside: &Bedside,
    at: usize,
    world: &World<'_>,
    language: Language,
) -> Option<(String, Vec<Begin>)> {
    let words = super::words(world, language, None);
    let items = items(bedside, world);
    let item = items.get(at)?;
    let menu = menu(item, world, &words);
    (!menu.is_empty()).then(|| (title(item, &words), menu))
}

fn title(item: &DueItem<'_>, words: &Words<'_>) -> String {
    let say = &labels::of(words.language).due;
    let (name, dose) = (&item.request.drug.name, dose(&item.request.dose, words));
    match item.slot {
        Some(slot) => fill(say.dose_due, &[name, &dose, &words.time(slot.due)]),
        None => fill(say.dose_of, &[name, &dose]),
    }
}

fn menu(item: &DueItem<'_>, world: &World<'_>, words: &Words<'_>) -> Vec<Begin> {
    let follow_up = |what: FollowUp| {
        let of = item.of?;
        Some(Begin::Errand(Box::new(Errand::new(title(item, words), What::FollowUp(of, what)))))
    };
    let dose_done = item.of.and_then(|of| world.chart.administration(&of));
    let all: Vec<Option<Begin>> = match item.state {
        DueState::Overdue
        | DueState::DueNow
        | DueState::Upcoming
        | DueState::Missed
        | DueState::MayStillBeGiven(..) => vec![not_given(item, words)],
        DueState::EffectDue(_) | DueState::EffectLate(_) => {
            let pain = dose_done.is_some_and(|done| done.pain_score.is_some());
            vec![follow_up(FollowUp::Effect { pain })]
        }
        DueState::RemovePatch(_) | DueState::PatchOn(_) => vec![follow_up(FollowUp::PatchRemoved)],
        DueState::Infusing(_) => {
            vec![
                rate(item, world).and_then(|rate| follow_up(FollowUp::RateChanged(rate))),
                follow_up(FollowUp::Paused),
                item.request.bolus.and_then(|most| follow_up(FollowUp::Bolus(most.unit))),
                follow_up(FollowUp::Completed),
                follow_up(FollowUp::Stopped),
            ]
        }
        DueState::InfusionPaused(_) => vec![
            follow_up(FollowUp::Resumed),
            rate(item, world).and_then(|rate| follow_up(FollowUp::RateChanged(rate))),
            follow_up(FollowUp::Stopped),
        ],
        DueState::StopInfusion(_) => vec![
            follow_up(FollowUp::Stopped),
            // A bag that is paused does not run out.
            infusion(item, world)
                .filter(|infusion| infusion.state == InfusionState::Running)
                .and_then(|_| follow_up(FollowUp::Completed)),
        ],
        DueState::PauseInfusion(_) => {
            vec![follow_up(FollowUp::Paused), follow_up(FollowUp::Stopped), follow_up(FollowUp::Completed)]
        }
        DueState::HangInfusion
        | DueState::AsNeeded
        | DueState::AsNeededFrom(_)
        | DueState::Unscheduled
        | DueState::OnHold
        | DueState::Charted(..)
        | DueState::Cancelled
        | DueState::Stopped => vec![],
    };
    all.into_iter().flatten().chain(in_error(item, world, words)).collect()
}

/// The sheet of a dose in hand that is held instead of given: held is what the order asks for, so it is chosen already.
pub(crate) fn hold_sheet(dose: &DoseInHand, world: &World<'_>, language: Language) -> Option<Charting> {
    let words = super::words(world, language, None);
    let say = &labels::of(language).due;
    let plan = dose.verdict.plan()?;
    let name = dose.case.product().map(|product| product.display_name().to_owned()).unwrap_or_default();
    let ordered = self::dose(&plan.ordered, &words);
    Some(Charting {
        choice: plan.choice.clone(),
        title: plan.choice.slot.map_or_else(
            || fill(say.dose_of, &[&name, &ordered]),
            |due| fill(say.dose_due, &[&name, &ordered, &words.time(due)]),
        ),
        outcome: Some(Outcome::Held),
    })
}

fn not_given(item: &DueItem<'_>, words: &Words<'_>) -> Option<Begin> {
    let slot = item.slot?;
    Some(Begin::NotGiven(Box::new(Charting {
        choice: Choice {
            request: item.request.id.clone(),
            version: item.request.version,
            slot: Some(slot.due),
        },
        title: title(item, words),
        outcome: None,
    })))
}

/// What was charted about a line can be corrected: each dose of its scheduled time, or the last one of a request without one.
fn in_error(item: &DueItem<'_>, world: &World<'_>, words: &Words<'_>) -> Vec<Begin> {
    let of_line = item.of.and_then(|of| world.chart.administration(&of));
    // Asked last: whether an instruction has a dose takes a look at all orders, and this list is drawn four times a second.
    let of_request = |done: &&Administration| {
        done.request.order() == item.request.id.order()
            && *world.chart.counts_for(done, world.zone) == item.request.id
    };
    let without_time =
        matches!(item.state, DueState::AsNeeded | DueState::AsNeededFrom(_) | DueState::Stopped);
    let last = || without_time.then(|| world.chart.history.iter().rfind(of_request)).flatten();
    // A dose that was given twice is two.
    let twice = of_line.into_iter().flat_map(|done| {
        let again = move |other: &&Administration| {
            other.slot.is_some() && other.slot == done.slot && other.entry != done.entry
        };
        world.chart.history.iter().filter(again).filter(of_request)
    });
    of_line
        .or_else(last)
        .into_iter()
        .chain(twice)
        .filter_map(|done| {
            let charted = [words.outcome(done.outcome), &words.time(done.at)].join(" ");
            let title = [item.request.drug.name.as_str(), &charted].join(": ");
            Some(Begin::Errand(Box::new(Errand::new(title, What::FollowUp(done.entry?, FollowUp::InError)))))
        })
        .collect()
}

pub(super) fn row(item: &DueItem<'_>, world: &World<'_>, words: &Words<'_>) -> DueRow {
    let request = item.request;
    let say = &labels::of(words.language).due;
    let mut tags: Vec<String> = Vec::new();
    if request.conditions.on_call {
        tags.push(say.on_call_tag.into());
    } else if matches!(request.timing, Timing::AsNeeded(_)) {
        tags.push(say.prn_tag.into());
    }
    if matches!(&request.timing, Timing::At(instants) if instants.len() == 1) {
        tags.push(say.once_tag.into());
    }
    if request.time_critical {
        tags.push(say.time_critical_tag.into());
    }
    let product = request.drug.item.as_ref().and_then(|item| world.formulary.product(item));
    if product.is_some_and(|product| product.high_alert) {
        tags.push(say.high_alert_tag.into());
    }
    DueRow {
        group: group_of(item, needs_a_hand(item, world)),
        mark: if recalled(item, world).is_some() {
            Mark::Stop
        } else if other_rate(item, world).is_some() {
            Mark::Question
        } else {
            mark(item.state)
        },
        name: name(request, world),
        dose: what(request, words),
        when: when(item, world, words),
        state: state(item, world, words),
        last: item.last_given.map(|at| fill(say.last, &[&words.time(at)])).unwrap_or_default(),
        tags,
        act: act(&menu(item, world, words), words.language),
    }
}

/// As the product is shown, with its tall letters, where the order names that product.
pub(super) fn name(request: &Request, world: &World<'_>) -> String {
    let product = request.drug.item.as_ref().and_then(|item| world.formulary.product(item));
    product
        .filter(|product| product.name == request.drug.name)
        .map_or_else(|| request.drug.name.clone(), |product| product.display_name().to_owned())
}

/// `dose 50 mg · by mouth`; of a dose as needed what it is for.
fn what(request: &Request, words: &Words<'_>) -> String {
    parts(request, words).join(" · ")
}

/// The dose, the route, and what an as-needed dose is for.
pub(super) fn parts(request: &Request, words: &Words<'_>) -> Vec<String> {
    let mut parts = vec![dose_of(request, words), words.route(request.route).to_owned()];
    if let Timing::AsNeeded(limits) = &request.timing
        && !limits.reasons.is_empty()
    {
        parts.push(fill(labels::of(words.language).due.for_reasons, &[&limits.reasons.join(", ")]));
    }
    parts
}

/// `dose 50 mg`; where the dose follows from a value that is measured first, which.
fn dose_of(request: &Request, words: &Words<'_>) -> String {
    let say = &labels::of(words.language).due;
    let ordered = dose(&request.dose, words);
    match &request.conditions.scale {
        Some(scale) => {
            let value = labels::observation(words.language, scale.what.as_str());
            fill(say.dose_by, &[value, &ordered])
        }
        None => fill(say.dose, &[&ordered]),
    }
}

pub(super) fn dose(dose: &DoseOrder, words: &Words<'_>) -> String {
    match dose {
        DoseOrder::Exact(quantity) => words.quantity(quantity),
        DoseOrder::Range(low, high) => {
            fill(labels::of(words.language).due.range, &[&words.quantity(low), &words.quantity(high)])
        }
    }
}

/// When a line's dose is due; of what goes on, when it was given.
fn when(item: &DueItem<'_>, world: &World<'_>, words: &Words<'_>) -> String {
    match (item.slot, item.of.and_then(|of| world.chart.administration(&of))) {
        (Some(slot), _) => words.time(slot.due),
        (None, Some(done)) => words.time(done.at),
        (None, None) if item.request.conditions.on_call => labels::of(words.language).due.on_call.into(),
        (None, None) => unslotted(&item.request.timing, words),
    }
}

fn unslotted(timing: &Timing, words: &Words<'_>) -> String {
    let say = &labels::of(words.language).due;
    match timing {
        Timing::AsNeeded(_) => say.as_needed.into(),
        Timing::Unscheduled { text } => text.clone(),
        Timing::Continuous => say.continuous.into(),
        Timing::At(_) | Timing::Daily { .. } | Timing::Monthly { .. } | Timing::Every { .. } => String::new(),
    }
}

fn state(item: &DueItem<'_>, world: &World<'_>, words: &Words<'_>) -> String {
    let say = &labels::of(words.language).due;
    let at = |template: &str, at| fill(template, &[&words.time(at)]);
    if let Some(lot) = recalled(item, world) {
        return fill(say.recalled, &[lot.as_str()]);
    }
    match item.state {
        DueState::Overdue => {
            let late = item.slot.map_or(0, |slot| world.now.at.duration_since(slot.due).as_mins());
            fill(say.overdue, &[&how_long(late, words)])
        }
        DueState::EffectLate(due) => at(say.effect_late, due),
        DueState::EffectDue(due) => at(say.effect_due, due),
        DueState::RemovePatch(since) => at(say.remove_patch, since),
        DueState::PatchOn(since) => at(say.patch_on, since),
        DueState::StopInfusion(since) => at(say.stop_infusion, since),
        DueState::PauseInfusion(since) => at(say.pause_infusion, since),
        DueState::Infusing(since) => match (rate(item, world), other_rate(item, world)) {
            (Some(rate), Some(ordered)) => {
                let ordered = ordered_rate(&ordered, words);
                fill(say.other_rate, &[&words.rate(&rate), &ordered])
            }
            (Some(rate), None) => fill(say.running_at, &[&words.time(since), &words.rate(&rate)]),
            (None, _) => at(say.running, since),
        },
        DueState::InfusionPaused(since) => at(say.paused, since),
        DueState::HangInfusion => say.to_hang.into(),
        DueState::MayStillBeGiven(outcome, at) => {
            fill(say.may_be_given, &[&capital(words.outcome(outcome)), &words.time(at)])
        }
        DueState::Missed => say.missed.into(),
        DueState::Cancelled => say.cancelled.into(),
        DueState::DueNow => say.due_now.into(),
        DueState::AsNeeded => say.allowed_now.into(),
        DueState::AsNeededFrom(from) => at(say.allowed_from, from),
        DueState::Upcoming => say.later.into(),
        DueState::Unscheduled => say.unscheduled.into(),
        DueState::OnHold => say.on_hold.into(),
        DueState::Charted(outcome, at) => format!("{} {}", capital(words.outcome(outcome)), words.time(at)),
        DueState::Stopped => item
            .request
            .status_since
            .or(item.request.stop)
            .map_or_else(|| say.stopped.into(), |since| at(say.stopped_at, since)),
    }
}

/// How long it is late, in one piece: it is not broken between number and unit.
fn how_long(minutes: i64, words: &Words<'_>) -> String {
    let say = &labels::of(words.language).due;
    let told = match minutes / 60 {
        0 => fill(say.minutes, &[&minutes.to_string()]),
        hours => fill(say.hours_minutes, &[&hours.to_string(), &format!("{:02}", minutes % 60)]),
    };
    told.replace(' ', "\u{a0}")
}

/// The rate of the infusion that a line is about.
fn rate(item: &DueItem<'_>, world: &World<'_>) -> Option<Rate> {
    infusion(item, world).map(|infusion| infusion.rate)
}

fn infusion(item: &DueItem<'_>, world: &World<'_>) -> Option<Infusion> {
    let start = world.chart.administration(&item.of?)?;
    course::infusion(start, &world.chart.history, &world.chart.follow_ups)
}

/// M6: the lot of the bag that hangs, where it was recalled since.
fn recalled(item: &DueItem<'_>, world: &World<'_>) -> Option<Lot> {
    let hangs = matches!(
        item.state,
        DueState::StopInfusion(_)
            | DueState::PauseInfusion(_)
            | DueState::Infusing(_)
            | DueState::InfusionPaused(_)
    );
    let start = world.chart.administration(&item.of.filter(|_| hangs)?)?;
    // A lot of class III may go on: whoever hung it has called the pharmacist, or the next one will.
    recalled_bag(start, world).filter(|(_, class)| *class <= RecallClass::Two).map(|(lot, _)| lot)
}

/// What is ordered, where the pump runs otherwise.
fn other_rate(item: &DueItem<'_>, world: &World<'_>) -> Option<RateOrder> {
    let start = world.chart.administration(&item.of?)?;
    let running = rate(item, world).filter(|_| matches!(item.state, DueState::Infusing(_)))?;
    (!runs_as_ordered(start, &running, item.request, world)).then_some(item.request.rate)?
}

pub(super) fn ordered_rate(rate: &RateOrder, words: &Words<'_>) -> String {
    match rate {
        RateOrder::Exact(rate) => words.rate(rate),
        RateOrder::Range(low, high) => {
            fill(labels::of(words.language).due.range, &[&words.rate(low), &words.rate(high)])
        }
    }
}

/// What a tap on a line begins.
fn act(menu: &[Begin], language: Language) -> Option<String> {
    let say = labels::of(language);
    match menu {
        [] => None,
        [only] => Some(only.label(say).into()),
        [first, ..] => Some(fill(say.errand.or_else, &[first.label(say)])),
    }
}

pub(super) const fn mark(state: DueState) -> Mark {
    match state {
        DueState::Overdue
        | DueState::EffectLate(_)
        | DueState::StopInfusion(_)
        | DueState::PauseInfusion(_)
        | DueState::RemovePatch(_)
        | DueState::Missed => Mark::Question,
        DueState::Charted(outcome, _) if outcome.entered_patient() => Mark::Pass,
        DueState::Charted(..)
        | DueState::MayStillBeGiven(..)
        | DueState::Infusing(_)
        | DueState::InfusionPaused(_)
        | DueState::PatchOn(_)
        | DueState::OnHold
        | DueState::Unscheduled
        | DueState::Cancelled
        | DueState::Stopped => Mark::Info,
        DueState::DueNow
        | DueState::EffectDue(_)
        | DueState::HangInfusion
        | DueState::AsNeeded
        | DueState::AsNeededFrom(_)
        | DueState::Upcoming => Mark::None,
    }
}

/// Whether an infusion goes on that must not go on so: the lot of its bag is recalled, or its rate is no longer ordered.
fn needs_a_hand(item: &DueItem<'_>, world: &World<'_>) -> bool {
    recalled(item, world).is_some() || other_rate(item, world).is_some()
}

/// Where a line stands. What needs a hand does not stand with what goes on as it should.
const fn group_of(item: &DueItem<'_>, needs_a_hand: bool) -> DueGroup {
    if needs_a_hand { DueGroup::DueNow } else { group(item.state) }
}

pub(super) const fn group(state: DueState) -> DueGroup {
    match state {
        DueState::Overdue => DueGroup::Overdue,
        DueState::DueNow
        | DueState::HangInfusion
        | DueState::StopInfusion(_)
        | DueState::PauseInfusion(_)
        | DueState::MayStillBeGiven(..) => DueGroup::DueNow,
        DueState::EffectLate(_)
        | DueState::RemovePatch(_)
        | DueState::EffectDue(_)
        | DueState::Infusing(_)
        | DueState::InfusionPaused(_)
        | DueState::PatchOn(_) => DueGroup::GoingOn,
        DueState::AsNeeded | DueState::AsNeededFrom(_) => DueGroup::AsNeeded,
        DueState::Upcoming => DueGroup::Later,
        // What was missed is no longer to be given; it can still be said why.
        DueState::Missed
        | DueState::Unscheduled
        | DueState::OnHold
        | DueState::Stopped
        | DueState::Cancelled => DueGroup::NotNow,
        DueState::Charted(..) => DueGroup::Done,
    }
}
