//! The due list as the nurse reads it: one glance says what is late, what is due, what was done, and when next.

use rights::bedside::{Bedside, Notice, World};
use rights::case::Choice;
use rights::due_list::{DueItem, DueState, due_list};
use rights::phrase::Words;
use rights::request::DoseOrder;
use rights::schedule::Timing;

use super::{capital, line_of};
use crate::desk::Charting;
use crate::model::{DueGroup, DueList, DueRow, Mark};

pub(super) fn due_list_panel(
    bedside: &Bedside,
    world: &World<'_>,
    words: &Words<'_>,
    notice: Option<Notice>,
) -> DueList {
    DueList {
        rows: items(bedside, world).iter().map(|item| row(item, world, words)).collect(),
        notice: notice
            .map(|notice| line_of(words.notice(notice), Mark::Stop, ""))
            .or_else(|| super::unreadable(bedside, world, words)),
    }
}

/// The lines of the due list, in the order of the screen.
pub(crate) fn items<'a>(bedside: &'a Bedside, world: &World<'a>) -> Vec<DueItem<'a>> {
    let Some(identified) = bedside.patient() else { return Vec::new() };
    let mut items = due_list(world.chart, &identified.id, world.policy, world.zone, world.now.at);
    items.sort_by_key(|item| group(item.state));
    items
}

/// The sheet that opens for a line of the due list; `None` when the line cannot be charted as not given.
pub(crate) fn charting(item: &DueItem<'_>, words: &Words<'_>) -> Option<Charting> {
    can_chart(item).then(|| Charting {
        choice: Choice {
            request: item.request.id.clone(),
            version: item.request.version,
            slot: item.slot.map(|slot| slot.due),
        },
        title: match item.slot {
            Some(slot) => format!(
                "{}, dose {}, due {}",
                item.request.drug.name,
                dose(&item.request.dose, words),
                words.time(slot.due)
            ),
            None => format!("{}, dose {}", item.request.drug.name, dose(&item.request.dose, words)),
        },
        outcome: None,
    })
}

fn can_chart(item: &DueItem<'_>) -> bool {
    matches!(item.state, DueState::Overdue | DueState::DueNow | DueState::Upcoming) && item.slot.is_some()
}

fn row(item: &DueItem<'_>, world: &World<'_>, words: &Words<'_>) -> DueRow {
    let request = item.request;
    let mut tags = Vec::new();
    if matches!(request.timing, Timing::AsNeeded(_)) {
        tags.push("PRN".to_owned());
    }
    if matches!(&request.timing, Timing::At(instants) if instants.len() == 1) {
        tags.push("ONCE".to_owned());
    }
    if request.time_critical {
        tags.push("TIME-CRITICAL".to_owned());
    }
    let product = request.drug.item.as_ref().and_then(|item| world.formulary.product(item));
    if product.is_some_and(|product| product.high_alert) {
        tags.push("HIGH ALERT".to_owned());
    }
    DueRow {
        group: group(item.state),
        mark: mark(item.state),
        name: product
            .filter(|product| product.name == request.drug.name)
            .map_or_else(|| request.drug.name.clone(), |product| product.display_name().to_owned()),
        dose: format!("dose {} · {}", dose(&request.dose, words), words.route(request.route)),
        when: item.slot.map_or_else(|| unslotted(&request.timing), |slot| words.time(slot.due)),
        state: state(item, world, words),
        last: item.last_given.map(|at| format!("Last {}", words.time(at))).unwrap_or_default(),
        tags,
        can_chart: can_chart(item),
    }
}

pub(super) fn dose(dose: &DoseOrder, words: &Words<'_>) -> String {
    match dose {
        DoseOrder::Exact(quantity) => words.quantity(quantity),
        DoseOrder::Range(low, high) => format!("{} to {}", words.quantity(low), words.quantity(high)),
    }
}

fn unslotted(timing: &Timing) -> String {
    match timing {
        Timing::AsNeeded(limits) if limits.reasons.is_empty() => "as needed".into(),
        Timing::AsNeeded(limits) => format!("as needed for {}", limits.reasons.join(", ")),
        Timing::Unscheduled { text } => text.clone(),
        Timing::At(_) | Timing::Daily { .. } | Timing::Every { .. } => String::new(),
    }
}

fn state(item: &DueItem<'_>, world: &World<'_>, words: &Words<'_>) -> String {
    match item.state {
        DueState::Overdue => {
            let late = item.slot.map_or(0, |slot| world.now.at.duration_since(slot.due).as_mins());
            format!("Overdue {} h {:02} min", late / 60, late % 60)
        }
        DueState::DueNow => "Due now".into(),
        DueState::AsNeeded => "Allowed now".into(),
        DueState::AsNeededFrom(from) => format!("Allowed from {}", words.time(from)),
        DueState::Upcoming => "Later".into(),
        DueState::Unscheduled => "Pharmacy must read the timing".into(),
        DueState::OnHold => "On hold".into(),
        DueState::Charted(outcome, at) => format!("{} {}", capital(words.outcome(outcome)), words.time(at)),
        DueState::Stopped => item
            .request
            .status_since
            .or(item.request.stop)
            .map_or_else(|| "Stopped".into(), |at| format!("Stopped {}", words.time(at))),
    }
}

const fn mark(state: DueState) -> Mark {
    match state {
        DueState::Overdue => Mark::Question,
        DueState::Charted(outcome, _) if outcome.entered_patient() => Mark::Pass,
        DueState::Charted(..) | DueState::OnHold | DueState::Unscheduled | DueState::Stopped => Mark::Info,
        DueState::DueNow | DueState::AsNeeded | DueState::AsNeededFrom(_) | DueState::Upcoming => Mark::None,
    }
}

const fn group(state: DueState) -> DueGroup {
    match state {
        DueState::Overdue => DueGroup::Overdue,
        DueState::DueNow => DueGroup::DueNow,
        DueState::AsNeeded | DueState::AsNeededFrom(_) => DueGroup::AsNeeded,
        DueState::Upcoming => DueGroup::Later,
        DueState::Unscheduled | DueState::OnHold | DueState::Stopped => DueGroup::NotNow,
        DueState::Charted(..) => DueGroup::Done,
    }
}
