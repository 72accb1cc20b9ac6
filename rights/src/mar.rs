//! The MAR, the medication administration record: what was scheduled and what was done for a patient between two instants, as a
//! pure function of requests, records and a moment. It shows what the due list no longer does: doses entered in error struck out,
//! what followed each dose, and what was missed.

use alloc::vec::Vec;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::chart::Chart;
use crate::due_list::{DueState, last_of, slot_state};
use crate::follow_up::FollowUp;
use crate::history::Administration;
use crate::ident::{PatientId, RequestId};
use crate::policy::Policy;
use crate::request::Request;
use crate::steps::Steps;

/// What was scheduled and done for one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarLine<'a> {
    /// The request's id.
    pub id: &'a RequestId,
    /// The request, while the chart holds it.
    pub request: Option<&'a Request>,
    /// Its doses, by time.
    pub cells: Vec<MarCell<'a>>,
}

/// One scheduled dose, or one that was given without a schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarCell<'a> {
    /// When it was due; `None` for doses without a scheduled time.
    pub due: Option<Timestamp>,
    /// Where it stands.
    pub state: DueState,
    /// Everything that was charted for it and stands, oldest first: a dose that was held and then given has two.
    pub charted: Vec<&'a Administration>,
    /// What was charted for it in error.
    pub in_error: Vec<&'a Administration>,
    /// What followed these doses, oldest first.
    pub follow_ups: Vec<&'a FollowUp>,
}

impl MarCell<'_> {
    /// The instant by which it is sorted: when it was due, else when it was done.
    fn at(&self) -> Option<Timestamp> {
        self.due.or_else(|| self.charted.iter().chain(&self.in_error).map(|done| done.at).next())
    }
}

/// The MAR of a patient from one instant to another, both included, as it is `now`. Lines are in the order of the requests' ids;
/// the same records give the same MAR, in whichever order they were learned.
pub fn mar<'a>(
    chart: &'a Chart,
    patient: &'a PatientId,
    policy: &Policy,
    zone: &'a TimeZone,
    between: (Timestamp, Timestamp),
    now: Timestamp,
) -> Vec<MarLine<'a>> {
    let (from, to) = between;
    let history: Vec<&Administration> = chart.history_of(patient).collect();
    let wrong: Vec<&Administration> = chart.corrected_of(patient).collect();
    let follow_ups: Vec<&FollowUp> = chart.follow_ups_for(patient).collect();
    let steps = Steps::of_patient(chart, patient, zone);
    let mut ids: Vec<&RequestId> = chart.requests_of(patient).map(|request| &request.id).collect();
    ids.extend(history.iter().chain(&wrong).map(|done| steps.of(done)));
    ids.sort_unstable();
    ids.dedup();
    let within = |at: Timestamp| at >= from && at <= to;
    let line = |id: &'a RequestId| {
        let of = |list: &[&'a Administration]| -> Vec<&'a Administration> {
            list.iter().copied().filter(|done| steps.of(done) == id).collect()
        };
        let (charted, in_error) = (of(&history), of(&wrong));
        let request = chart.requests_of(patient).find(|request| request.id == *id);
        let mut cells = Vec::new();
        let mut dues: Vec<Timestamp> = Vec::new();
        if let Some(request) = request {
            for slot in request.timing.slots(request.start, request.stop, zone, from, to) {
                if within(slot.due) {
                    let state = slot_state(request, last_of(&charted, slot.due), &slot, policy, now);
                    dues.push(slot.due);
                    cells.push(cell(Some(slot.due), state, &charted, &in_error));
                }
            }
        }
        // What was charted for a time that is none of the schedule any more, or for none at all, stays.
        for done in charted.iter().chain(&in_error) {
            match done.slot {
                Some(due) if dues.contains(&due) || !within(due) => {}
                Some(due) => {
                    dues.push(due);
                    let state = last_of(&charted, due).map_or(DueState::Cancelled, charted_state);
                    cells.push(cell(Some(due), state, &charted, &in_error));
                }
                None if within(done.at) => {
                    let struck_out = in_error.contains(done);
                    cells.push(MarCell {
                        due: None,
                        state: if struck_out { DueState::Cancelled } else { charted_state(done) },
                        charted: (!struck_out).then_some(*done).into_iter().collect(),
                        in_error: struck_out.then_some(*done).into_iter().collect(),
                        follow_ups: Vec::new(),
                    });
                }
                None => {}
            }
        }
        for cell in &mut cells {
            let entries: Vec<_> =
                cell.charted.iter().chain(&cell.in_error).filter_map(|done| done.entry).collect();
            cell.follow_ups = follow_ups.iter().copied().filter(|done| entries.contains(&done.of)).collect();
        }
        cells.sort_by_key(MarCell::at);
        MarLine { id, request, cells }
    };
    ids.into_iter().map(line).collect()
}

fn cell<'a>(
    due: Option<Timestamp>,
    state: DueState,
    charted: &[&'a Administration],
    in_error: &[&'a Administration],
) -> MarCell<'a> {
    let of_slot = |list: &[&'a Administration]| -> Vec<&'a Administration> {
        list.iter().copied().filter(|done| done.slot == due).collect()
    };
    MarCell { due, state, charted: of_slot(charted), in_error: of_slot(in_error), follow_ups: Vec::new() }
}

const fn charted_state(done: &Administration) -> DueState {
    DueState::Charted(done.outcome, done.at)
}
