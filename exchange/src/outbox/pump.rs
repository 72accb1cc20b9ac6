//! Delivers the ledger's events to one other system: in order, and the cursor moves only after its answer.
//!
//! | answer | what happens |
//! |---|---|
//! | done | the cursor moves |
//! | parked: the other system will never take it so, or the dose stands in another kiosk's ledger | kept for a person, the cursor moves |
//! | later: it is away, or asks to wait | the same event again, after a pause that doubles up to a minute |
//!
//! After a stop at any point the event at the cursor is sent again under the same id, which changes nothing at the other system.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::event::{Cursor, Event, OutboxError};
use super::waiting::Waiting;
use crate::feed::book::States as _;
use crate::feed::db::{DbError, Delivery, View};
use crate::feed::inbox::Inbox;
use crate::feed::state::{Number, PatientState, Visit};

/// The longest pause before an event is tried again.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// What came of a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivered {
    /// The other system has it.
    Done {
        /// The id of the resource there.
        remote: String,
        /// What it said.
        said: String,
    },
    /// It will not take it; a person has to look.
    Parked {
        /// What it said.
        said: String,
    },
    /// Not now.
    Later {
        /// Why.
        why: String,
        /// How long the other system asks to wait.
        after: Option<Duration>,
    },
}

/// Another system.
pub trait Target: Send {
    /// Its name in `exchange.toml`.
    fn name(&self) -> &str;
    /// Delivers one event. To deliver it again must change nothing there.
    fn deliver(&mut self, event: &Event, directory: &dyn Directory) -> Delivered;
}

/// What is known of an event beside the ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// The record number with its authority: of a merged record that of the one that goes on (A40).
    pub mrn: Number,
    /// The record that the patient's own was merged into, where it was: whom it is about now. The ledger has the name before.
    pub survivor: Option<PatientState>,
    /// HL7 table 0001.
    pub sex: String,
    /// The visit.
    pub visit: Option<Visit>,
    /// ORC-2.
    pub placer: Number,
    /// ORC-3.
    pub filler: Number,
    /// RXA-2: counts the administrations of an order ([`Event::number`]).
    pub counter: u64,
    /// Who gave out the ids of clinicians.
    pub staff_authority: String,
}

impl Known {
    /// The record number under which the patient is known to other systems now; empty when nobody says one.
    pub fn number<'a>(&'a self, event: &'a Event) -> &'a str {
        let of_ledger = || event.patient.as_ref().map(|patient| patient.mrn.as_str()).unwrap_or_default();
        if self.mrn.value.is_empty() { of_ledger() } else { &self.mrn.value }
    }
}

/// Where an event is looked up.
pub trait Directory {
    /// What is known of an event beside the ledger.
    fn look_up(&self, event: &Event) -> Known;
}

/// Nothing is known but what the ledger says.
#[derive(Clone, Copy, Debug, Default)]
pub struct LedgerOnly;

impl Directory for LedgerOnly {
    fn look_up(&self, event: &Event) -> Known {
        let mrn = event.patient.as_ref().map(|patient| patient.mrn.to_string()).unwrap_or_default();
        Known {
            mrn: Number { value: mrn, authority: String::new() },
            counter: event.number,
            ..Known::default()
        }
    }
}

/// The feed store knows the numbers that the EHR gave out.
impl Directory for Inbox {
    fn look_up(&self, event: &Event) -> Known {
        let mut known = LedgerOnly.look_up(event);
        let Ok(view) = self.db().view() else { return known };
        let own = event.administration.patient.as_str();
        let current = survivor(&view, own);
        if let Ok(Some(patient)) = view.patient(&current) {
            known.mrn = patient.mrn.clone();
            known.sex.clone_from(&patient.sex);
            known.visit.clone_from(&patient.visit);
            known.survivor = (current != own).then_some(patient);
        }
        if let Ok(Some(order)) = view.order(crate::hl7::resources::base(&event.administration.request)) {
            known.placer = order.placer;
            known.filler = order.filler;
        }
        known
    }
}

/// The record that stands for this one now: itself, or the one at the end of its merges. The retired number would find nobody, or nobody's
/// record, at the other system.
fn survivor(view: &View, id: &str) -> String {
    let mut current = id.to_owned();
    // As many as the feed follows: a circle would be a fault of the data and must not hang.
    for _ in 0..64 {
        match view.merged_into(&current) {
            Ok(Some(next)) if next != current => current = next,
            Ok(Some(_) | None) | Err(_) => break,
        }
    }
    current
}

/// What a pump counts, for its metrics.
#[derive(Debug, Default)]
pub struct Counters {
    /// Events that the other system has.
    pub done: AtomicU64,
    /// Events that wait for a person.
    pub parked: AtomicU64,
    /// Attempts that have to be made again.
    pub later: AtomicU64,
    /// Events that wait.
    pub waiting: AtomicU64,
    /// The next ledger entry.
    pub cursor: AtomicU64,
}

/// Why a pump cannot go on. Both are tried again.
#[derive(Debug, thiserror::Error)]
pub enum PumpError {
    /// The ledger cannot be read.
    #[error(transparent)]
    Ledger(#[from] OutboxError),
    /// The feed store cannot be written.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Where a turn ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Everything is delivered.
    Empty,
    /// The other system has to be tried again after a pause.
    Later {
        /// Why.
        why: String,
        /// How long to wait.
        pause: Duration,
    },
}

/// One ledger to one other system.
pub struct Pump {
    target: Box<dyn Target>,
    cursor: Cursor,
    waiting: VecDeque<Waiting>,
    inbox: Inbox,
    /// The key of its cursor.
    key: String,
    pause: Duration,
    counters: std::sync::Arc<Counters>,
}

impl std::fmt::Debug for Pump {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pump({})", self.key)
    }
}

impl Pump {
    /// A pump that goes on where it stopped.
    pub fn new(
        target: Box<dyn Target>,
        ledger: &Path,
        inbox: Inbox,
        counters: std::sync::Arc<Counters>,
    ) -> Self {
        let key = format!("{} {}", target.name(), ledger.display());
        Self {
            target,
            cursor: Cursor::new(ledger),
            waiting: VecDeque::new(),
            inbox,
            key,
            pause: Duration::ZERO,
            counters,
        }
    }

    /// The key under which its cursor and deliveries are stored.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Delivers until nothing waits or the other system is not there.
    ///
    /// # Errors
    /// When the ledger or the feed store fails; to be called again.
    pub fn turn(&mut self) -> Result<Turn, PumpError> {
        loop {
            self.read()?;
            if self.waiting.is_empty() {
                return Ok(Turn::Empty);
            }
            if let Some(later) = self.deliver()? {
                return Ok(later);
            }
        }
    }

    /// Delivers what was read; where it had to stop.
    fn deliver(&mut self) -> Result<Option<Turn>, PumpError> {
        while let Some(first) = self.waiting.front() {
            let (event, delivered) = match first {
                Waiting::Event(event) => (event.id.clone(), self.target.deliver(event, &self.inbox)),
                Waiting::Elsewhere(elsewhere) => {
                    (elsewhere.id.clone(), Delivered::Parked { said: elsewhere.said() })
                }
                Waiting::Outdated { id, by, .. } => {
                    let said = format!("not sent: entry {by}, which corrects it, was delivered");
                    (id.clone(), Delivered::Done { remote: String::new(), said })
                }
            };
            let sequence = first.sequence();
            let delivery = match delivered {
                Delivered::Later { why, after } => {
                    self.counters.later.fetch_add(1, Ordering::Relaxed);
                    let doubled = (self.pause * 2).clamp(Duration::from_secs(1), LONGEST_PAUSE);
                    self.pause = after.map_or(doubled, |asked| doubled.max(asked.min(LONGEST_PAUSE)));
                    return Ok(Some(Turn::Later { why, pause: self.pause }));
                }
                Delivered::Done { remote, said } => {
                    self.counters.done.fetch_add(1, Ordering::Relaxed);
                    Delivery { state: "sent".into(), event, remote, said }
                }
                Delivered::Parked { said } => {
                    self.counters.parked.fetch_add(1, Ordering::Relaxed);
                    tracing::warn!(target = self.target.name(), entry = sequence, "a delivery is parked");
                    Delivery { state: "parked".into(), event, remote: String::new(), said }
                }
            };
            self.pause = Duration::ZERO;
            let key = self.key.clone();
            self.inbox.write_blocking(move |txn| txn.delivered(&key, sequence, &delivery))?;
            self.waiting.pop_front();
            self.counters.waiting.store(self.waiting.len() as u64, Ordering::Relaxed);
            self.counters.cursor.fetch_max(sequence + 1, Ordering::Relaxed);
        }
        Ok(None)
    }

    /// Reads what is new in the ledger. What was delivered before the last stop is passed over, unless a person asked for it again; then all of
    /// it is read first, since it may correct what was asked for.
    fn read(&mut self) -> Result<(), PumpError> {
        let view = self.inbox.db().view()?;
        let delivered = view.cursor(&self.key)?;
        let again = view.deliveries_again(&self.key)?;
        let asked = |sequence: u64| again.iter().any(|(asked, _)| *asked == sequence);
        while self.waiting.is_empty() || (!again.is_empty() && self.cursor.next() < delivered) {
            let read = self.cursor.read();
            // What it gives again from the beginning is not to wait twice.
            if read.is_err() && self.cursor.next() == 0 {
                self.waiting.clear();
            }
            let Some(events) = read? else { break };
            for waiting in Waiting::in_order(events, self.cursor.elsewhere()) {
                let sequence = waiting.sequence();
                if sequence >= delivered || asked(sequence) {
                    self.waiting.push_back(waiting);
                } else if let Waiting::Event(later) = waiting
                    && !self.waiting.is_empty()
                    && view.delivery(&self.key, sequence)?.is_none_or(|known| known.state == "sent")
                {
                    self.waiting.iter_mut().for_each(|earlier| earlier.hear(&later));
                }
            }
        }
        self.counters.waiting.store(self.waiting.len() as u64, Ordering::Relaxed);
        Ok(())
    }
}
