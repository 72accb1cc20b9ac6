//! What contradicts a dose and was only known afterwards, and whether somebody has said what was done about it. A patient may have had a
//! dose twice, or one that was stopped: that is not a line of a report, it is the first thing to be done for that patient.

use alloc::vec::Vec;

use jiff::Timestamp;

use crate::chart::Chart;
use crate::claims::Grant;
use crate::follow_up::{Act, Conflict, FollowUp};
use crate::history::Administration;
use crate::ident::{ClinicianId, PatientId};
use crate::request::RequestStatus;
use crate::schedule::Timing;

/// A conflict about which nobody said yet what was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open<'a> {
    /// The dose, which stands.
    pub given: &'a Administration,
    /// What contradicts it.
    pub conflict: &'a Conflict,
}

/// What contradicts a dose by what the ward knows now: the request was stopped before it was given by a kiosk that was alone, or the same
/// dose was given elsewhere. The latter can happen to a dose that the hub granted too: to one whose kiosk could not tell it before its
/// claim ended. Of as-needed doses it is one sooner than the order allows (T4), beside one that a kiosk gave alone.
pub fn found(done: &Administration, chart: &Chart) -> Vec<Conflict> {
    let mut found = Vec::new();
    if !done.outcome.entered_patient() {
        return found;
    }
    let alone = done.grant == Some(Grant::Offline);
    let request = chart.request(&done.request);
    if let Some(request) = request.filter(|_| alone) {
        let stopped = (request.status == RequestStatus::Stopped).then_some(request.status_since).flatten();
        let ended = stopped.into_iter().chain(request.stop).min();
        found.extend(ended.filter(|end| *end <= done.at).map(Conflict::StoppedBefore));
    }
    let interval = match request.map(|request| &request.timing) {
        Some(Timing::AsNeeded(limits)) if alone => limits.minimum_interval,
        _ => None,
    };
    let elsewhere = chart.history.iter().filter(|other| {
        let same = if done.slot.is_some() {
            other.slot == done.slot
        } else {
            interval.is_some_and(|least| other.at.duration_since(done.at).abs() < least)
        };
        same && other.request == done.request && other.outcome.entered_patient() && other.entry != done.entry
    });
    found.extend(elsewhere.map(|other| Conflict::AlsoGiven(other.at, other.by.clone())));
    found
}

/// The conflicts of the ward about which nobody said yet what was done, the oldest dose first. Two kiosks find that a dose was given twice,
/// each about its own: that is one conflict. It is none any more when one of the doses was entered in error.
pub fn open(chart: &Chart) -> Vec<Open<'_>> {
    let mut all: Vec<Open<'_>> = Vec::new();
    for done in &chart.follow_ups {
        let Act::Conflict(conflict) = &done.act else { continue };
        let Some(given) = chart.administration(&done.of) else { continue };
        let stands = match conflict {
            Conflict::AlsoGiven(at, by) => other_of(given, *at, by, chart).is_some(),
            Conflict::StoppedBefore(_) => true,
        };
        let known = all.iter().any(|open| is_same(open.given, open.conflict, given, conflict));
        if stands && !known && !is_answered(given, conflict, chart) {
            all.push(Open { given, conflict });
        }
    }
    all.sort_by_key(|open| open.given.at);
    all
}

/// Those of one patient.
pub fn open_for<'a>(chart: &'a Chart, patient: &'a PatientId) -> impl Iterator<Item = Open<'a>> {
    let patient = chart.current(patient);
    open(chart).into_iter().filter(move |open| chart.current(&open.given.patient) == patient)
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
fn is_same(a: &Administration, of_a: &Conflict, b: &Administration, of_b: &Conflict) -> bool {
    let names = |conflict: &Conflict, dose: &Administration| matches!(conflict, Conflict::AlsoGiven(at, by) if *at == dose.at && *by == dose.by);
    let same_dose = a.request == b.request && a.slot == b.slot;
    same_dose && ((a.entry == b.entry && of_a == of_b) || (names(of_a, b) && names(of_b, a)))
}

/// The other dose, while it stands.
fn other_of<'a>(
    given: &Administration,
    at: Timestamp,
    by: &ClinicianId,
    chart: &'a Chart,
) -> Option<&'a Administration> {
    let is_other = |other: &&Administration| {
        other.request == given.request && other.slot == given.slot && other.at == at && other.by == *by
    };
    chart.history.iter().find(is_other)
}
