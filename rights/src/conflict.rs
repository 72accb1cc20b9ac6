//! What contradicts a dose and was only known afterwards, and whether somebody has said what was done about it. A patient may have had a
//! dose twice, or one that was stopped: that is not a line of a report, it is the first thing to be done for that patient.

use alloc::vec::Vec;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::chart::Chart;
use crate::claims::{Grant, KNOWN_FOR};
use crate::follow_up::{Act, Conflict, FollowUp};
use crate::history::Administration;
use crate::ident::PatientId;
use crate::person::Admission;
use crate::policy::Policy;
use crate::product::Strength;
use crate::request::{Request, RequestStatus};
use crate::schedule::Timing;
use crate::steps::Steps;

/// How long a conflict is to be done about: as long as kiosks tell each other what they did. After that it is in the reports.
pub const OPEN_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A conflict about which nobody said yet what was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open<'a> {
    /// The dose, which stands.
    pub given: &'a Administration,
    /// What contradicts it.
    pub conflict: &'a Conflict,
}

/// What contradicts a dose by what the ward knows now: its request had been stopped before a kiosk gave it alone, or a dose was given
/// elsewhere and neither kiosk knew of the other's. The latter can happen to a dose that the hub granted too: to one whose kiosk could not
/// tell it before its claim ended.
pub fn found(done: &Administration, chart: &Chart, policy: &Policy, zone: &TimeZone) -> Vec<Conflict> {
    let mut found = Vec::new();
    if !done.outcome.entered_patient() {
        return found;
    }
    let steps = Steps::of_patient(chart, chart.current(&done.patient), zone);
    let request = chart.request(steps.of(done));
    if let Some(request) = request.filter(|_| done.grant == Some(Grant::Offline)) {
        let stopped = (request.status == RequestStatus::Stopped).then_some(request.status_since).flatten();
        let ended = stopped.into_iter().chain(request.stop).min();
        found.extend(ended.filter(|end| *end <= done.at).map(Conflict::StoppedBefore));
    }
    let elsewhere = chart.history.iter().filter(|other| {
        other.entry != done.entry
            && other.outcome.entered_patient()
            && !knew(done, other)
            && !knew(other, done)
            && chart.current(&other.patient) == chart.current(&done.patient)
            && collide(done, other, (&steps, request), policy)
    });
    found.extend(elsewhere.map(|other| Conflict::AlsoGiven(other.at, other.by.clone())));
    found
}

/// Whether who gave `later` knew of `earlier`: then it was another dose, or the rest of it, and decided as such.
fn knew(later: &Administration, earlier: &Administration) -> bool {
    earlier.entry.is_some_and(|entry| later.known.contains(&entry))
}

/// Whether two doses are the same one, or, where there is no scheduled time to tell it by, nearer than the order allows (T4, T7).
fn collide(
    done: &Administration,
    other: &Administration,
    (steps, request): (&Steps<'_>, Option<&Request>),
    policy: &Policy,
) -> bool {
    let same_request = || steps.of(other) == steps.of(done);
    if done.slot.is_some() {
        return other.slot == done.slot && same_request();
    }
    // Of what the order system tells nobody can say whether this kiosk knew it.
    if other.entry.is_none() {
        return false;
    }
    let near = |within: SignedDuration| other.at.duration_since(done.at).abs() < within;
    let same = || same_request() || share_an_ingredient(&other.ingredients, &done.ingredients);
    match request.map(|request| &request.timing) {
        // Two kiosks hung it; a bag that goes on with an infusion does not begin one.
        Some(Timing::Continuous) => {
            same_request() && done.continues.is_none() && other.continues.is_none() && near(KNOWN_FOR)
        }
        Some(Timing::AsNeeded(limits)) => {
            // A dose does not hold what was known of longer ago.
            same() && near(limits.minimum_interval.unwrap_or(policy.repeat_within).min(KNOWN_FOR))
        }
        _ => same() && near(policy.repeat_within),
    }
}

/// Whether two doses have an ingredient in common.
pub(crate) fn share_an_ingredient(some: &[Strength], others: &[Strength]) -> bool {
    some.iter().any(|one| others.iter().any(|other| other.ingredient == one.ingredient))
}

/// The conflicts of the ward about which nobody said yet what was done, of the last [`OPEN_FOR`], the oldest dose first. Two kiosks find that a
/// dose was given twice, each about its own: that is one conflict. It is none any more when one of the doses was entered in error.
pub fn open(chart: &Chart, now: Timestamp) -> Vec<Open<'_>> {
    let mut all: Vec<Open<'_>> = Vec::new();
    for done in &chart.follow_ups {
        let Act::Conflict(conflict) = &done.act else { continue };
        let Some(given) = chart.administration(&done.of) else { continue };
        let recent = now.duration_since(given.at) < OPEN_FOR;
        let in_error = chart.corrected.iter().any(|other| {
            chart.current(&other.patient) == chart.current(&given.patient) && names(conflict, other)
        });
        let known = all.iter().any(|open| is_same(open.given, open.conflict, given, conflict));
        if recent && !in_error && !known && !is_answered(given, conflict, chart) {
            all.push(Open { given, conflict });
        }
    }
    all.sort_by_key(|open| open.given.at);
    all
}

/// Those of one patient.
pub fn open_for<'a>(
    chart: &'a Chart,
    patient: &'a PatientId,
    now: Timestamp,
) -> impl Iterator<Item = Open<'a>> {
    let patient = chart.current(patient);
    open(chart, now).into_iter().filter(move |open| chart.current(&open.given.patient) == patient)
}

/// Whether nobody can stand at the bed any more to say what was done: the wristband is stopped (P4), or no feed tells of the patient.
pub fn patient_is_gone(patient: &PatientId, chart: &Chart) -> bool {
    let patient = chart.patient(chart.current(patient));
    patient.is_none_or(|patient| patient.admission != Admission::Admitted)
}

fn is_answered(given: &Administration, conflict: &Conflict, chart: &Chart) -> bool {
    let answers = |done: &FollowUp| match &done.act {
        Act::ConflictAnswered(answered) => {
            chart.administration(&done.of).is_some_and(|of| is_same(of, answered, given, conflict))
        }
        _ => false,
    };
    chart.follow_ups.iter().any(answers)
}

/// Whether two conflicts are one, told of either dose.
pub(crate) fn is_same(a: &Administration, of_a: &Conflict, b: &Administration, of_b: &Conflict) -> bool {
    (a.entry == b.entry && is_alike(of_a, of_b)) || (names(of_a, b) && names(of_b, a))
}

/// Whether two conflicts of one dose are the same. The order system tells a dose to the second, its kiosk more exactly.
pub(crate) fn is_alike(a: &Conflict, b: &Conflict) -> bool {
    match (a, b) {
        (Conflict::AlsoGiven(at, by), Conflict::AlsoGiven(other_at, other_by)) => {
            at.as_second() == other_at.as_second() && by == other_by
        }
        _ => a == b,
    }
}

/// Whether this dose is the other one of a conflict.
fn names(conflict: &Conflict, dose: &Administration) -> bool {
    is_alike(conflict, &Conflict::AlsoGiven(dose.at, dose.by.clone()))
}
