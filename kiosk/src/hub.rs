//! Telling the ward's hub what this kiosk did, and hearing what the others did. The bedside never waits for it; only a claim is asked while
//! a nurse looks on, and that has a limit of its own (`claim_answers_within`).
//!
//! What is told is what the ledger holds. At the first round after a start, and when the hub has another store, it is told again what was done
//! in the last [`TOLD_AGAIN`]; who is told twice learns nothing new.

use std::collections::VecDeque;

use exchange::hub::client::{HubAddress, HubClient, HubError};
use exchange::hub::message::{Heard, MOST_RECORDS, Round};
use jiff::SignedDuration;
use rights::chart::Sighting;
use rights::history::Record;

/// How far back a hub is told what was done. A chart holds no longer what nothing asks for (decision 0070).
pub const TOLD_AGAIN: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Wristbands that wait to be told at the most.
const MOST_SIGHTINGS: usize = 64;

/// `[hub]` of kiosk.toml.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HubConfig {
    /// Where it is.
    pub address: HubAddress,
}

/// What was heard in one round.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HubNews {
    /// What other kiosks recorded.
    pub records: Vec<Record>,
    /// Wristbands that they saw.
    pub sightings: Vec<Sighting>,
    /// There is more to tell or to hear at once.
    pub more: bool,
}

/// Round after round with one hub.
#[derive(Debug)]
pub struct Rounds {
    client: HubClient,
    round: Round,
    /// What this kiosk did in the last [`TOLD_AGAIN`], oldest first.
    own: VecDeque<Record>,
    /// How many of the last of these the hub was not told.
    untold: usize,
}

impl Rounds {
    /// Before the first round, with what the ledger holds, oldest first. The kiosk is known by the ledger's origin.
    pub fn new(client: HubClient, origin: &str, own: Vec<Record>) -> Self {
        let round = Round { kiosk: origin.to_owned(), ..Round::default() };
        let mut rounds = Self { client, round, own: own.into(), untold: 0 };
        rounds.let_go();
        rounds
    }

    /// Something was recorded.
    pub fn did(&mut self, record: Record) {
        self.own.push_back(record);
        self.untold += 1;
        self.let_go();
    }

    /// What is old is not told again; what was never told is.
    fn let_go(&mut self) {
        let newest = self.own.back().map(Record::at);
        let Some(before) = newest.and_then(|at| at.checked_sub(TOLD_AGAIN).ok()) else { return };
        while self.own.len() > self.untold && self.own.front().is_some_and(|record| record.at() < before) {
            self.own.pop_front();
        }
    }

    /// A wristband was seen. While the hub is away only the last ones are kept: they are worth a moment.
    pub fn saw(&mut self, sightings: Vec<Sighting>) {
        let all = &mut self.round.sightings;
        all.extend(sightings);
        let old = all.len().saturating_sub(MOST_SIGHTINGS);
        all.drain(..old);
    }

    /// One round: tells what was not told, hears what was not heard.
    ///
    /// # Errors
    /// When the hub does not answer; what was to be told stays.
    pub fn exchange(&mut self) -> Result<HubNews, HubError> {
        let told = self.own.len() - self.untold;
        self.round.records = self.own.range(told..).take(MOST_RECORDS).cloned().collect();
        let Heard { cursor, more, records, sightings } = self.client.round(&self.round)?;
        self.untold -= self.round.records.len();
        self.round.sightings.clear();
        if cursor.generation != self.round.heard.generation {
            self.untold = self.own.len();
        }
        self.round.heard = cursor;
        Ok(HubNews { records, sightings, more: more || self.untold > 0 })
    }
}
