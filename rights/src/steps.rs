//! An order with several dosage instructions is several requests, `mr-1#1` and `mr-1#2`, numbered as the order system lists them. Who
//! edits the order may number them anew, or make one of two: what was given before counts for the instruction that it was given by
//! all the same (decision 0084).

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::chart::Chart;
use crate::history::Administration;
use crate::ident::{PatientId, RequestId};
use crate::request::Request;
use crate::schedule::Timing;

/// The instructions of a patient's orders as they stand.
pub(crate) struct Steps<'a> {
    /// Orders that are one request under their own id. They are searched for the few doses of an instruction that is none any more.
    whole: Vec<&'a Request>,
    /// The others, by their order. There are few or none, and of the thousands of doses that are looked up nearly all end here.
    parts: BTreeMap<&'a str, Vec<&'a Request>>,
    zone: &'a TimeZone,
}

impl Chart {
    /// The request that a dose counts for, as the orders stand: the instruction of its order that has its time, else the one under which
    /// it was given.
    pub fn counts_for<'a>(&'a self, done: &'a Administration, zone: &'a TimeZone) -> &'a RequestId {
        Steps::of_patient(self, self.current(&done.patient), zone).of(done)
    }
}

impl<'a> Steps<'a> {
    pub(crate) fn of_patient(chart: &'a Chart, patient: &'a PatientId, zone: &'a TimeZone) -> Self {
        Self::new(chart.requests_of(patient), zone)
    }

    pub(crate) fn new(requests: impl IntoIterator<Item = &'a Request>, zone: &'a TimeZone) -> Self {
        let (whole, steps): (Vec<&Request>, Vec<&Request>) =
            requests.into_iter().partition(|request| request.id.is_order());
        let mut parts: BTreeMap<&str, Vec<&Request>> = BTreeMap::new();
        for step in steps {
            parts.entry(step.id.order()).or_default().push(step);
        }
        for (order, steps) in &mut parts {
            // The order system's word of now and one of before: both are looked at.
            steps.extend(whole.iter().filter(|whole| whole.id.as_str() == *order));
        }
        Self { whole, parts, zone }
    }

    /// The request that a dose counts for.
    pub(crate) fn of<'d>(&self, done: &'d Administration) -> &'d RequestId
    where
        'a: 'd,
    {
        self.find_step(&done.request, done.slot, done.at, Some(done.rate.is_some()))
    }

    /// The request that what is done under another id of the same order counts for.
    pub(crate) fn find<'d>(
        &self,
        given_under: &'d RequestId,
        slot: Option<Timestamp>,
        at: Timestamp,
    ) -> &'d RequestId
    where
        'a: 'd,
    {
        self.find_step(given_under, slot, at, None)
    }

    /// The one that has its time, else the one of its own id, else the one whose time lies nearest. Of two that have its time its own id
    /// tells. `by_pump`: whether it has a rate, where that is known; without a time it tells an infusion from a dose as needed.
    fn find_step<'d>(
        &self,
        given_under: &'d RequestId,
        slot: Option<Timestamp>,
        at: Timestamp,
        by_pump: Option<bool>,
    ) -> &'d RequestId
    where
        'a: 'd,
    {
        if given_under.is_order() && (self.parts.is_empty() || !self.parts.contains_key(given_under.order()))
        {
            return given_under;
        }
        let order = given_under.order();
        let whole = || self.whole.iter().find(|whole| whole.id.as_str() == order).map(core::slice::from_ref);
        let steps = self.parts.get(order).map(Vec::as_slice).or_else(whole).unwrap_or_default();
        let same_id = |step: &&&Request| step.id == *given_under;
        let timed = || steps.iter().filter(|step| self.has_time(step, slot, by_pump));
        let by_time = timed().find(same_id).or_else(|| timed().next());
        // That a one-time dose was given closes it (O6): neither an instant nor the id of another instruction says so. A copy that names
        // the order alone does.
        let names_the_order = slot.is_none() && given_under.is_order();
        let may_be = |step: &&&Request| names_the_order || !step.timing.is_one_time();
        let step = by_time.or_else(|| steps.iter().find(same_id)).or_else(|| {
            steps.iter().filter(may_be).min_by_key(|step| self.distance(step, slot.unwrap_or(at)))
        });
        step.map_or(given_under, |step| &step.id)
    }

    fn has_time(&self, step: &Request, slot: Option<Timestamp>, by_pump: Option<bool>) -> bool {
        match (slot, &step.timing) {
            (Some(due), _) => self.distance(step, due) == 0,
            (None, Timing::Continuous) => by_pump != Some(false),
            (None, Timing::AsNeeded(_)) => by_pump.is_none_or(|by_pump| by_pump == step.rate.is_some()),
            (None, _) => false,
        }
    }

    /// Seconds to the nearest scheduled dose; without a schedule the most there are.
    fn distance(&self, step: &Request, at: Timestamp) -> u64 {
        let slots = step.timing.slots(step.start, step.stop, self.zone, at, at);
        let distances = slots.iter().map(|slot| slot.due.duration_since(at).as_secs().unsigned_abs());
        distances.min().unwrap_or(u64::MAX)
    }
}
