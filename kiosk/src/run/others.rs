//! The other kiosks of the ward, as the main thread deals with them: by way of the hub, where there is one.

use std::collections::{BTreeMap, VecDeque};
use std::time::Instant;

use jiff::Timestamp;
use rights::chart::Sighting;
use rights::claims::Claim;
use rights::entry::{Entry, IdempotencyKey};
use rights::history::Record;

use super::hub::Hub;

/// What is told and asked.
pub(super) struct Others {
    hub: Option<Hub>,
    /// On its way into the ledger.
    awaited: BTreeMap<IdempotencyKey, Record>,
    /// In the ledger, and not in the hub's queue yet.
    untold: VecDeque<Record>,
    /// What was given here in the last week: its entry, and when it was given.
    given: Vec<(IdempotencyKey, Timestamp)>,
    /// Since when something is known that it was not compared with.
    compare: Option<Instant>,
}

impl Others {
    /// With the hub, and what was done in the last days.
    pub(super) fn new(hub: Option<Hub>, known: &[Record], started: Instant) -> Self {
        let mut others =
            Self { hub, awaited: BTreeMap::new(), untold: VecDeque::new(), given: Vec::new(), compare: None };
        for record in known {
            others.note_given(record, started);
        }
        others
    }

    /// Whether there is a hub.
    pub(super) const fn is_there(&self) -> bool {
        self.hub.is_some()
    }

    /// Whether a dose can be asked for; the answer comes later.
    pub(super) fn claim(&self, claim: Claim) -> bool {
        self.hub.as_ref().is_some_and(|hub| hub.claim(claim))
    }

    /// A claim is given back.
    pub(super) fn release(&self, entry: IdempotencyKey) {
        if let Some(hub) = &self.hub {
            hub.release(entry);
        }
    }

    /// Wristbands were seen here.
    pub(super) fn saw(&self, sightings: Vec<Sighting>) {
        if let Some(hub) = self.hub.as_ref().filter(|_| !sightings.is_empty()) {
            hub.saw(sightings);
        }
    }

    /// An entry goes to the ledger.
    pub(super) fn records(&mut self, entry: &Entry) {
        let record = entry.detached().and_then(|detached| detached.record.clone());
        if let Some(record) = record.filter(|_| self.hub.is_some()) {
            self.awaited.insert(entry.key(), record);
        }
    }

    /// What became of it: nobody is told what the ledger does not hold.
    pub(super) fn recorded(&mut self, entry: IdempotencyKey, is_durable: bool) {
        if let Some(record) = self.awaited.remove(&entry).filter(|_| is_durable) {
            self.note_given(&record, Instant::now());
            self.untold.push_back(record);
            self.tell();
        }
    }

    fn note_given(&mut self, record: &Record, since: Instant) {
        if let Some(done) = record.administration().filter(|done| done.outcome.entered_patient())
            && let Some(entry) = done.entry
        {
            self.given.push((entry, done.at));
            self.changed(since);
        }
    }

    /// Something is known that was not: what was given here is compared with it, in the next round that hears everything.
    pub(super) fn changed(&mut self, at: Instant) {
        self.compare = Some(at);
    }

    /// Tells what has to be told, as far as the hub's thread takes it.
    pub(super) fn tell(&mut self) {
        let Some(hub) = &self.hub else { return };
        while self.untold.front().is_some_and(|record| hub.did(record)) {
            self.untold.pop_front();
        }
    }

    /// After a round that heard everything, and began then: what was given here in the last week, when something changed before. Of doses of a
    /// week because another kiosk may be back later than this one; of all, because a dose that the hub granted may not have been told
    /// before its claim ended. What is on its way into the ledger is waited for, so that nothing is found twice.
    pub(super) fn due_for_comparison(&mut self, began: Instant, now: Timestamp) -> Vec<IdempotencyKey> {
        let recent = |at: Timestamp| now.duration_since(at) < crate::hub::TOLD_AGAIN;
        self.given.retain(|(_, at)| recent(*at));
        if self.awaited.is_empty() && self.compare.is_some_and(|changed| changed <= began) {
            self.compare = None;
            return self.given.iter().map(|(entry, _)| *entry).collect();
        }
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_was_given_is_compared_once_after_a_round_that_began_when_everything_was_known() {
        let (start, now): (_, Timestamp) = (Instant::now(), "2026-11-30T13:00:00Z".parse().unwrap());
        let after = |seconds| start + Duration::from_secs(seconds);
        let entry = |count| IdempotencyKey { session: [1; 16], count };
        let mut others = Others::new(None, &[], start);
        let a_week_ago = now - crate::hub::TOLD_AGAIN;
        others.given = vec![(entry(1), a_week_ago), (entry(2), now)];
        assert_eq!(others.due_for_comparison(after(1), now), [], "nothing changed");
        others.changed(after(3));
        assert_eq!(others.due_for_comparison(after(2), now), [], "the round began before");
        assert_eq!(others.due_for_comparison(after(4), now), [entry(2)]);
        assert_eq!(others.due_for_comparison(after(5), now), [], "it was compared");
        others.changed(after(6));
        let record = Record::Reprint(rights::history::Reprint {
            patient: rights::ident::PatientId::parse("p-1").unwrap(),
            band_serial: None,
            by: rights::ident::ClinicianId::parse("n-1").unwrap(),
            at: now,
        });
        others.awaited.insert(entry(3), record);
        assert_eq!(
            others.due_for_comparison(after(7), now),
            [],
            "a conflict may be on its way into the ledger"
        );
        others.recorded(entry(3), false);
        assert_eq!(others.due_for_comparison(after(8), now), [entry(2)]);
    }
}
