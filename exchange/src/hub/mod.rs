//! The ward's hub: the one place that all kiosks of a ward ask before a dose is recorded, and where each hears what the others did.
//!
//! The rule is not here: [`rights::claims::Claims`] decides who may have which dose. The hub makes it durable and puts it on the network.
//! A kiosk that cannot reach it goes on alone, and what it gave is compared when it is back; so the hub is a help, never a place where a
//! dose waits. It holds what was told for [`KEPT_FOR`], for kiosks that were away; the evidence is in the kiosks' ledgers.
//!
//! | file | what |
//! |---|---|
//! | [`message`] | what is said, and how it is encoded |
//! | `db` | what must outlive a power failure |
//! | `web` | the routes |
//! | [`serve`], [`config`] | `exchange hub` |
//! | [`client`] | a kiosk's side |

pub mod client;
pub mod config;
mod db;
pub mod message;
pub mod serve;
mod web;

use std::collections::VecDeque;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use rights::chart::Sighting;
use rights::claims::{Claim, Claims, Refusal};
use rights::entry::IdempotencyKey;
use rights::follow_up::Act;
use rights::history::Record;

use db::HubDb;
pub use db::HubDbError;
use message::{Cursor, Heard, MOST_RECORDS, Round, Told};

/// How long what was told is kept: a day longer than a kiosk tells of what it did, and than its chart holds what nothing asks for.
pub const KEPT_FOR: SignedDuration = SignedDuration::from_hours(8 * 24);
/// How long a sighting is kept: the longest time that P6 can look back (`same_band_within`).
const SEEN_FOR: SignedDuration = SignedDuration::from_hours(1);
/// Sightings that are kept at the most.
const MOST_SIGHTINGS: usize = 4096;
/// Claims that were given back, as many as are remembered.
const MOST_RELEASED: usize = 1024;
/// How often old records are looked for.
const FORGETS_EVERY: SignedDuration = SignedDuration::from_hours(1);

/// The hub of one ward.
#[derive(Debug)]
pub struct Hub {
    db: HubDb,
    lasts: SignedDuration,
    state: Mutex<State>,
    /// The store failed once; the database library then takes nothing more until it is opened again.
    failed: AtomicBool,
}

/// What became of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claimed {
    /// This kiosk may have the dose.
    Granted,
    /// Another kiosk gave it or is giving it.
    Refused(Refusal),
    /// It was given back before it was heard here: nobody waits for an answer.
    GivenBack,
}

#[derive(Debug)]
struct State {
    claims: Claims,
    /// Claims that were given back in the last minutes, with when. A question that was late on its way must not bring one back.
    released: VecDeque<(IdempotencyKey, Timestamp)>,
    sightings: VecDeque<Seen>,
    /// The number of the last sighting.
    sighted: u64,
    forgot: Option<Timestamp>,
}

#[derive(Debug)]
struct Seen {
    number: u64,
    kiosk: String,
    /// By the hub's clock.
    at: Timestamp,
    sighting: Sighting,
}

impl Hub {
    /// Opens the hub's store, or makes it with this generation (random), and takes up what it held. Claims last for so long
    /// (`Policy::claim_lasts`), and none longer from now on, whatever a clock said that ran ahead when it was granted.
    ///
    /// # Errors
    /// When the store is in use, or cannot be read or written.
    pub fn open(
        path: &Path,
        lasts: SignedDuration,
        generation: [u8; 16],
        now: Timestamp,
    ) -> Result<Self, HubDbError> {
        let db = HubDb::open(path, generation)?;
        let mut claims = Claims::new(lasts);
        let mut after = 0;
        loop {
            let told = db.told(after, MOST_RECORDS)?;
            let Some((last, _)) = told.last() else { break };
            after = *last;
            for (_, told) in &told {
                learn(&mut claims, &told.record);
            }
        }
        for claim in db.claims()? {
            let claim = if claim.at > now {
                // Granted by a clock that was ahead and has been set right since. Stored, so that another start does not renew it.
                let from_now = Claim { at: now, ..claim };
                db.grant(&from_now)?;
                from_now
            } else {
                claim
            };
            // It was granted at that time, and nothing was granted against it.
            let _ = claims.claim(&claim, claim.at);
        }
        let (released, sightings) = (VecDeque::new(), VecDeque::new());
        let state = State { claims, released, sightings, sighted: 0, forgot: None };
        Ok(Self { db, lasts, state: Mutex::new(state), failed: AtomicBool::new(false) })
    }

    /// Whether the store failed; this hub is of no more use then, and has to be started again.
    pub fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Relaxed)
    }

    fn noted<T>(&self, done: Result<T, HubDbError>) -> Result<T, HubDbError> {
        if done.is_err() {
            self.failed.store(true, Ordering::Relaxed);
        }
        done
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A kiosk asks for a dose. What is granted is durable before the kiosk hears it.
    ///
    /// # Errors
    /// When the store fails: the kiosk then goes on alone.
    pub fn claim(&self, claim: &Claim, now: Timestamp) -> Result<Claimed, HubDbError> {
        let mut state = self.state();
        if state.released.iter().any(|(entry, _)| *entry == claim.entry) {
            return Ok(Claimed::GivenBack);
        }
        if let Err(refusal) = state.claims.claim(claim, now) {
            return Ok(Claimed::Refused(refusal));
        }
        let stored = self.noted(self.db.grant(&Claim { at: now, ..claim.clone() }));
        if stored.is_err() {
            state.claims.release(claim.entry);
        }
        stored.map(|()| Claimed::Granted)
    }

    /// A claim is given back: its dose was not given.
    ///
    /// # Errors
    /// When the store fails.
    pub fn release(&self, entry: IdempotencyKey, now: Timestamp) -> Result<(), HubDbError> {
        let mut state = self.state();
        state.claims.release(entry);
        state.released.push_back((entry, now));
        let old = |(_, at): &(IdempotencyKey, Timestamp)| now.duration_since(*at).abs() >= self.lasts;
        while state.released.len() > MOST_RELEASED || state.released.front().is_some_and(old) {
            state.released.pop_front();
        }
        self.noted(self.db.release(&[entry]))
    }

    /// A kiosk tells what it did and hears what others did. What it told is durable before it hears anything.
    ///
    /// # Errors
    /// When the store fails: the kiosk tells it again.
    pub fn round(&self, round: Round, now: Timestamp) -> Result<Heard, HubDbError> {
        self.noted(self.told_and_heard(round, now))
    }

    fn told_and_heard(&self, round: Round, now: Timestamp) -> Result<Heard, HubDbError> {
        let mut state = self.state();
        let Round { kiosk, heard, records, sightings } = round;
        if self.is_older_copy(heard)? {
            // What was told since is not in it: it goes on as another store, which every kiosk tells again what it did.
            self.db.begin_generation()?;
        }
        if !records.is_empty() {
            let told = records.into_iter().map(|record| Told { kiosk: kiosk.clone(), at: now, record });
            let new = self.db.keep(told.collect())?;
            let fulfilled: Vec<IdempotencyKey> =
                new.iter().filter_map(|told| told.record.administration()?.entry).collect();
            for told in &new {
                learn(&mut state.claims, &told.record);
            }
            if !fulfilled.is_empty() {
                self.db.release(&fulfilled)?;
            }
        }
        for sighting in sightings {
            // From the clock, so that numbers go on over a restart, which forgets what was seen.
            let from_clock = u64::try_from(now.as_millisecond()).unwrap_or_default();
            state.sighted = (state.sighted + 1).max(from_clock);
            let number = state.sighted;
            state.sightings.push_back(Seen { number, kiosk: kiosk.clone(), at: now, sighting });
        }
        state.tidy(now);
        if state.forgot.is_none_or(|forgot| now.duration_since(forgot).abs() >= FORGETS_EVERY)
            && let Ok(before) = now.checked_sub(KEPT_FOR)
        {
            self.db.forget(before)?;
            state.claims.forget(before);
            let ended = |claim: &Claim| now.duration_since(claim.at) >= self.lasts;
            let ended: Vec<_> = self.db.claims()?.iter().filter(|c| ended(c)).map(|c| c.entry).collect();
            self.db.release(&ended)?;
            state.forgot = Some(now);
        }
        self.news(&state, &kiosk, heard)
    }

    /// Whether an older copy stands in the place of the store from which a kiosk has heard: the last row that it heard is not there, or
    /// another one has its number.
    fn is_older_copy(&self, heard: Cursor) -> Result<bool, HubDbError> {
        if heard.generation != self.db.generation() || heard.record == 0 {
            return Ok(false);
        }
        Ok(match self.db.row(heard.record)? {
            Some(row) => row != heard.row,
            // One that was forgotten is below those that are held.
            None => heard.record > self.db.last()?,
        })
    }

    fn news(&self, state: &State, kiosk: &str, heard: Cursor) -> Result<Heard, HubDbError> {
        let generation = self.db.generation();
        // What was heard from another store says nothing about this one; nor does a number that this process has not reached.
        let from = if heard.generation == generation { heard } else { Cursor::default() };
        let after = if from.sighting > state.sighted { 0 } else { from.sighting };
        let told = self.db.told(from.record, MOST_RECORDS)?;
        let record = told.last().map_or(from.record, |(number, _)| *number);
        let row = if record == from.record { from.row } else { self.db.row(record)?.unwrap_or_default() };
        let more = told.len() == MOST_RECORDS;
        let of_others = told.into_iter().map(|(_, told)| told).filter(|told| told.kiosk != kiosk);
        let seen = state.sightings.iter().filter(|seen| seen.number > after && seen.kiosk != kiosk);
        Ok(Heard {
            cursor: Cursor { generation, record, sighting: state.sighted, row },
            more,
            records: of_others.map(|told| told.record).collect(),
            sightings: seen.map(|seen| seen.sighting.clone()).collect(),
        })
    }
}

impl State {
    fn tidy(&mut self, now: Timestamp) {
        let old = |seen: &Seen| now.duration_since(seen.at).abs() >= SEEN_FOR;
        while self.sightings.len() > MOST_SIGHTINGS || self.sightings.front().is_some_and(old) {
            self.sightings.pop_front();
        }
    }
}

/// What a record means for the claims.
fn learn(claims: &mut Claims, record: &Record) {
    match record {
        Record::Administration(done) => claims.recorded(done),
        Record::FollowUp(done) if done.act == Act::EnteredInError => claims.corrected(done.of, done.at),
        _ => {}
    }
}
