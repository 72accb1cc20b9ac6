//! What a chart may forget. A kiosk runs for months, and the ledger holds all of it; the chart holds what a check, a screen or a
//! task can still ask for. How long that is follows from the policy and the orders (decision 0070).

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::mem;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::Chart;
use crate::bedside::{first_meant, looks_back};
use crate::course::{infusion, patch_removed};
use crate::custody::{Disposal, Disposed, in_custody};
use crate::entry::IdempotencyKey;
use crate::follow_up::FollowUp;
use crate::history::{Administration, PackageIdentity};
use crate::ident::{ClinicianId, ObservationCode, PatientId, RequestId};
use crate::policy::Policy;
use crate::request::Request;
use crate::schedule::Timing;
use crate::steps::Steps;

/// So long everything stays, however short the times of the policy are: an order that comes tomorrow may look back further than
/// those of today.
const AT_LEAST: SignedDuration = SignedDuration::from_hours(7 * 24);
/// So long the last dose of a request stays that the chart does not hold: orders that are lost on the way come back.
const GONE_FOR: SignedDuration = SignedDuration::from_hours(90 * 24);

/// What is known of a package whose use or disposal was forgotten: a package that was used is used for good (M4).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// When it was used, and the entry that a correction would name.
    pub used: Option<(Timestamp, IdempotencyKey)>,
    /// How and when it was wasted or returned.
    pub disposed: Option<(Disposal, Timestamp)>,
}

/// What one dose or one attempt is named by in the custody of its packages.
type Attempt = (Timestamp, ClinicianId);

impl Chart {
    /// Forgets what nothing can ask for any more; every check, the due list, custody and tasks are the same afterwards. What other
    /// systems gave stays: it comes and goes with the orders.
    ///
    /// Time is told by the doses that were given: a clock that runs ahead by a year makes nothing old as long as nothing was given by
    /// it, which orders that are older than four hours forbid (S2). What is charted as refused or held is still possible then, and
    /// tells no time.
    pub fn forget(&mut self, policy: &Policy, zone: &TimeZone, now: Timestamp) {
        let own = self.history.iter().filter(|done| done.entry.is_some() && done.outcome.entered_patient());
        let Some(newest) = own.map(|done| done.at).max() else { return };
        let now = now.min(newest);
        let before = |length: SignedDuration| now.checked_sub(length).unwrap_or(Timestamp::MIN);
        let young = before(looks_back(&self.requests, policy).max(AT_LEAST));
        let stays = self.staying(policy, zone, (young, before(GONE_FOR)), now);
        let mut marks = stays.doses.iter();
        for done in mem::take(&mut self.history) {
            if marks.next().is_none_or(|stays| *stays) {
                self.history.push(done);
            } else {
                self.remember_packages(&done);
            }
        }
        self.corrected.retain(|done| done.at >= young || stays.followed.contains(&done.entry));
        self.set_aside.retain(|set| set.at >= young || stays.open.contains(&(set.at, set.by.clone())));
        self.forget_what_followed(young);
        self.forget_what_was_seen((young, before(GONE_FOR)));
    }

    /// Which doses and attempts stay.
    fn staying(
        &self,
        policy: &Policy,
        zone: &TimeZone,
        (young, gone): (Timestamp, Timestamp),
        now: Timestamp,
    ) -> Staying {
        let open: BTreeSet<Attempt> =
            in_custody(self, policy, now).into_iter().map(|item| (item.id.at, item.id.by)).collect();
        let lately = self
            .follow_ups
            .iter()
            .filter(|done| done.at >= young || attempt(done).is_some_and(|it| open.contains(&it)));
        let followed: BTreeSet<Option<IdempotencyKey>> = lately.map(|done| Some(done.of)).collect();
        let requests = self.requests_that_decide(policy, zone, now);
        let steps = Steps::new(&self.requests, zone);
        let last = self.last_doses(young, &steps);
        let since_last = |done: &Administration| last.get(steps.of(done)).is_none_or(|last| done.at >= *last);
        let decides = |done: &Administration| match requests.get(steps.of(done)) {
            Some(Decides::All) => true,
            Some(Decides::From(due)) => done.slot.is_some_and(|slot| slot >= *due) || since_last(done),
            Some(Decides::Last) => since_last(done),
            None => done.at >= gone && since_last(done),
        };
        let unlinked =
            |done: &Administration| done.order_link_due.is_some() && self.order_link_of(done).is_none();
        let infusing = self.open_infusions(young);
        let goes_on = |done: &Administration| {
            infusing.contains(&done.entry)
                || (done.continues.is_some() && infusing.contains(&done.continues))
                || (done.applied_patch() && patch_removed(done, &self.follow_ups).is_none())
        };
        let stays = |done: &Administration| {
            done.at >= young
                || done.entry.is_none()
                || followed.contains(&done.entry)
                || decides(done)
                || goes_on(done)
                || unlinked(done)
                || open.contains(&(done.at, done.by.clone()))
        };
        let doses = self.history.iter().map(stays).collect();
        Staying { doses, open, followed }
    }

    /// The old infusions that are not over.
    fn open_infusions(&self, young: Timestamp) -> BTreeSet<Option<IdempotencyKey>> {
        let old = self.history.iter().filter(|done| done.at < young && done.rate.is_some());
        let open = |done: &&Administration| {
            infusion(done, &self.history, &self.follow_ups).is_some_and(|stands| stands.state.is_open())
        };
        old.filter(open).map(|done| done.entry).collect()
    }

    /// The last dose of each request that entered the patient before an instant from which on everything stays: a younger one may yet be
    /// entered in error, and then this is the last one again.
    fn last_doses<'a>(&'a self, young: Timestamp, steps: &Steps<'a>) -> BTreeMap<&'a RequestId, Timestamp> {
        let mut last: BTreeMap<&RequestId, Timestamp> = BTreeMap::new();
        let old = self.history.iter().filter(|done| done.at < young);
        for done in old.filter(|done| done.outcome.entered_patient()) {
            last.entry(steps.of(done)).and_modify(|at| *at = done.at.max(*at)).or_insert(done.at);
        }
        last
    }

    fn requests_that_decide(
        &self,
        policy: &Policy,
        zone: &TimeZone,
        now: Timestamp,
    ) -> BTreeMap<&RequestId, Decides> {
        let decides = |request: &Request| match &request.timing {
            Timing::At(_) | Timing::Continuous => Decides::All,
            Timing::AsNeeded(_) | Timing::Unscheduled { .. } => Decides::Last,
            Timing::Daily { .. } | Timing::Monthly { .. } | Timing::Every { .. } => {
                first_meant(request, policy, zone, now).map_or(Decides::Last, Decides::From)
            }
        };
        self.requests.iter().map(|request| (&request.id, decides(request))).collect()
    }

    /// A package that was used or disposed of stays so (M4), when nothing else of it is known any more.
    fn remember_packages(&mut self, done: &Administration) {
        let Some(entry) = done.entry else { return };
        for identity in done.packages.iter().filter_map(|package| package.identity.clone()) {
            self.spent.entry(identity).or_default().used.get_or_insert((done.at, entry));
        }
    }

    /// What was charted, wasted or linked after doses that are forgotten goes with them.
    fn forget_what_followed(&mut self, young: Timestamp) {
        let kept = self.history.iter().chain(&self.corrected);
        let entries: BTreeSet<IdempotencyKey> = kept.filter_map(|done| done.entry).collect();
        self.follow_ups.retain(|done| done.at >= young || entries.contains(&done.of));
        let given = self.history.iter().chain(&self.corrected).map(|done| (done.at, done.by.clone()));
        let aside = self.set_aside.iter().map(|set| (set.at, set.by.clone()));
        let attempts: BTreeSet<Attempt> =
            given.chain(aside).chain(self.follow_ups.iter().filter_map(attempt)).collect();
        let of_kept =
            |done: &Disposed| done.at >= young || attempts.contains(&(done.of.at, done.of.by.clone()));
        let (kept, gone): (Vec<_>, Vec<_>) = mem::take(&mut self.disposed).into_iter().partition(of_kept);
        self.disposed = kept;
        for done in gone {
            if let Some(identity) = done.identity {
                self.spent.entry(identity).or_default().disposed.get_or_insert((done.how, done.at));
            }
        }
        let doses: BTreeSet<(&PatientId, &RequestId, Timestamp)> = self
            .history
            .iter()
            .filter(|done| done.order_link_due.is_some())
            .map(|done| (&done.patient, &done.request, done.at))
            .collect();
        self.order_links.retain(|link| {
            link.at >= young || doses.contains(&(&link.patient, &link.given_under, link.given_at))
        });
    }

    /// Of values the youngest of each kind stays, of reviews and wishes the last one, as long as the patient is here.
    fn forget_what_was_seen(&mut self, (young, gone): (Timestamp, Timestamp)) {
        let here: BTreeSet<&PatientId> = self.patients.iter().map(|patient| &patient.id).collect();
        let mut youngest: BTreeMap<(PatientId, ObservationCode), Timestamp> = BTreeMap::new();
        for seen in self.observed.iter().filter(|seen| here.contains(&seen.patient)) {
            let key = (seen.patient.clone(), seen.observation.what.clone());
            let at = seen.observation.at;
            youngest.entry(key).and_modify(|known| *known = at.max(*known)).or_insert(at);
        }
        self.observed.retain(|seen| {
            let at = seen.observation.at;
            at >= young
                || youngest
                    .get(&(seen.patient.clone(), seen.observation.what.clone()))
                    .is_some_and(|last| at >= *last)
        });
        self.reviews.retain(|review| review.at >= gone || here.contains(&review.patient));
        let mut wished: BTreeSet<PatientId> = BTreeSet::new();
        let mut last = |patient: &PatientId| wished.insert(patient.clone());
        let mut stays: Vec<bool> = self
            .reprints
            .iter()
            .rev()
            .map(|reprint| last(&reprint.patient) && here.contains(&reprint.patient) || reprint.at >= young)
            .collect();
        self.reprints.retain(|_| stays.pop().unwrap_or(true));
        self.sightings.retain(|seen| seen.at >= young);
    }
}

struct Staying {
    /// For each dose of the history, in its order.
    doses: Vec<bool>,
    /// The doses and attempts of which something is in somebody's hands.
    open: BTreeSet<Attempt>,
    /// The doses that something followed lately, or whose patch is in somebody's hands.
    followed: BTreeSet<Option<IdempotencyKey>>,
}

/// Which doses of a request decide, however long ago they were.
enum Decides {
    /// All of them.
    All,
    /// Those of the schedule from this one on, the last one that entered the patient and what was charted since.
    From(Timestamp),
    /// The last one that entered the patient and what was charted since.
    Last,
}

/// What a patch is named by in the custody of whoever took it off.
fn attempt(done: &FollowUp) -> Option<Attempt> {
    Some((done.at, done.by.clone()?))
}

/// The package of a dose that was entered in error long ago was not used.
pub(super) fn unuse(spent: &mut BTreeMap<PackageIdentity, Spent>, of: IdempotencyKey) {
    for known in spent.values_mut() {
        if known.used.is_some_and(|(_, entry)| entry == of) {
            known.used = None;
        }
    }
}
