//! The hours around now on an axis: what was done, what is late, what is due, when an as-needed dose is permitted next.

use jiff::{SignedDuration, Timestamp};
use rights::bedside::World;
use rights::due_list::{DueItem, DueState};
use rights::phrase::Words;

use super::due::{group, mark};
use crate::labels;
use crate::model::{DueGroup, Hour, Mark, Stand, TimeLine};

/// How far the axis reaches on each side of now, as the due list does.
const SIDE: SignedDuration = SignedDuration::from_hours(12);
/// Doses of one kind that are no further apart than this are one shape with their number.
const TOGETHER: SignedDuration = SignedDuration::from_mins(30);
/// The whole axis.
const WHOLE: u16 = 1000;
/// Every so many hours one is named.
const NAMED: i8 = 4;
/// Half of a shape, and what a number beside it takes, in thousandths of the narrowest axis that is drawn (700 px).
const HALF: u16 = 19;
const NUMBER: u16 = 26;

/// The axis of these lines; none when no line has a time near now.
pub(super) fn time_line(items: &[DueItem<'_>], world: &World<'_>, words: &Words<'_>) -> Option<TimeLine> {
    let now = world.now.at;
    let from = now.checked_sub(SIDE).ok()?;
    let to = now.checked_add(SIDE).ok()?;
    let mut doses: Vec<Near> = items
        .iter()
        .flat_map(events)
        .filter(|(at, ..)| *at >= from && *at <= to)
        .fold(Vec::new(), |mut near: Vec<Near>, (at, group, mark)| {
            let same = |known: &&mut Near| {
                known.group == group && known.mark == mark && at.duration_since(known.at).abs() < TOGETHER
            };
            match near.iter_mut().find(same) {
                Some(known) => known.count += 1,
                None => near.push(Near { at, group, mark, count: 1 }),
            }
            near
        });
    if doses.is_empty() {
        return None;
    }
    doses.sort_by_key(|dose| (dose.at, dose.group));
    let place = |at: Timestamp| share(at.duration_since(from));
    let say = labels::of(words.language);
    let told: Vec<String> = doses.iter().map(|dose| told(dose, words)).collect();
    Some(TimeLine {
        said: labels::fill(say.due.time_line, &[&told.join("; ")]),
        now: place(now),
        hours: hours(from, to, world).map(|(at, label)| Hour { at: place(at), label }).collect(),
        doses: in_lanes(doses.iter().map(|dose| (place(dose.at), dose))),
    })
}

/// Doses of one kind that are near each other.
struct Near {
    at: Timestamp,
    group: DueGroup,
    mark: Mark,
    count: u16,
}

/// When a line's dose is due, was given or may be given; of an as-needed dose the last one too.
fn events(item: &DueItem<'_>) -> impl Iterator<Item = (Timestamp, DueGroup, Mark)> {
    let due = item.slot.map(|slot| slot.due);
    let at = match item.state {
        DueState::Charted(_, at)
        | DueState::AsNeededFrom(at)
        | DueState::EffectLate(at)
        | DueState::EffectDue(at)
        | DueState::RemovePatch(at) => Some(at),
        DueState::Overdue
        | DueState::DueNow
        | DueState::MayStillBeGiven(..)
        | DueState::Missed
        | DueState::Upcoming => due,
        DueState::StopInfusion(_)
        | DueState::PauseInfusion(_)
        | DueState::Infusing(_)
        | DueState::InfusionPaused(_)
        | DueState::HangInfusion
        | DueState::PatchOn(_)
        | DueState::AsNeeded
        | DueState::Unscheduled
        | DueState::OnHold
        | DueState::Cancelled
        | DueState::Stopped => None,
    };
    let last = item
        .last_given
        .filter(|_| matches!(item.state, DueState::AsNeeded | DueState::AsNeededFrom(_)))
        .map(|at| (at, DueGroup::Done, Mark::Pass));
    at.map(|at| (at, group(item.state), mark(item.state))).into_iter().chain(last)
}

fn share(since: SignedDuration) -> u16 {
    let whole = SIDE.as_secs() * 2;
    let thousandths = since.as_secs().clamp(0, whole) * i64::from(WHOLE) / whole.max(1);
    u16::try_from(thousandths).unwrap_or(WHOLE)
}

/// The full hours of local time that are named. An hour that the change of the clocks repeats is named once.
fn hours(from: Timestamp, to: Timestamp, world: &World<'_>) -> impl Iterator<Item = (Timestamp, String)> {
    let first = world.zone.to_datetime(from).date().to_datetime(jiff::civil::Time::midnight());
    (0..14_i64).filter_map(move |step| {
        let local = first.checked_add(SignedDuration::from_hours(step * i64::from(NAMED))).ok()?;
        let at = world.zone.to_ambiguous_timestamp(local).compatible().ok()?;
        (at >= from && at <= to).then(|| (at, local.strftime("%H:%M").to_string()))
    })
}

/// Each shape in the lowest lane that has room for it: nothing is painted over anything.
fn in_lanes<'a>(doses: impl Iterator<Item = (u16, &'a Near)>) -> Vec<Stand> {
    let mut ends: Vec<u16> = Vec::new();
    doses
        .map(|(at, dose)| {
            let number = if dose.count > 1 { NUMBER } else { 0 };
            let at = at.clamp(HALF, WHOLE.saturating_sub(HALF + number));
            let (left, right) = (at.saturating_sub(HALF), at.saturating_add(HALF + number));
            let free = ends.iter().position(|end| *end <= left).unwrap_or(ends.len());
            match ends.get_mut(free) {
                Some(end) => *end = right,
                None => ends.push(right),
            }
            let lane = u16::try_from(free).unwrap_or(u16::MAX);
            Stand { at, lane, group: dose.group, mark: dose.mark, count: dose.count }
        })
        .collect()
}

fn told(dose: &Near, words: &Words<'_>) -> String {
    let say = &labels::of(words.language).fixed;
    let what = match dose.group {
        DueGroup::Overdue => say.overdue,
        DueGroup::DueNow => say.due_now,
        DueGroup::GoingOn => say.going_on,
        DueGroup::AsNeeded => say.as_needed,
        DueGroup::Later => say.later,
        DueGroup::NotNow => say.not_now,
        DueGroup::Done => say.all_done,
    };
    let number = if dose.count > 1 { format!("× {}", dose.count) } else { String::new() };
    [words.time(dose.at).as_str(), what, &number].join(" ").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(minutes: i64, group: DueGroup, count: u16) -> Near {
        let at = Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minutes);
        Near { at, group, mark: Mark::None, count }
    }

    #[test]
    fn now_stands_in_the_middle_and_the_ends_at_the_ends() {
        assert_eq!([0, 12, 24].map(|hours| share(SignedDuration::from_hours(hours))), [0, 500, 1000]);
        assert_eq!(share(SignedDuration::from_hours(-3)), 0);
    }

    /// Whatever stands close together has a lane of its own; what is apart shares the first one.
    #[test]
    fn no_shape_covers_another() {
        let doses = [
            (500, near(0, DueGroup::Overdue, 3)),
            (510, near(1, DueGroup::DueNow, 1)),
            (520, near(2, DueGroup::Later, 1)),
            (700, near(3, DueGroup::Later, 12)),
            (999, near(4, DueGroup::Later, 2)),
        ];
        let stands = in_lanes(doses.iter().map(|(at, dose)| (*at, dose)));
        assert_eq!(stands.iter().map(|stand| stand.lane).collect::<Vec<_>>(), [0, 1, 2, 0, 0]);
        for (place, one) in stands.iter().enumerate() {
            for other in &stands[place + 1..] {
                let number = if one.count > 1 { NUMBER } else { 0 };
                assert!(one.lane != other.lane || one.at + HALF + number <= other.at - HALF);
            }
        }
        assert!(stands[4].at + HALF + NUMBER <= WHOLE, "nothing hangs over the end");
    }
}
