//! The threads that ask other systems: pulling orders, delivering the ledger.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::config::Fhir;
use crate::feed::db::{DbError, FeedRecord, Txn};
use crate::feed::inbox::Inbox;
use crate::feed::state::{Change, What};
use crate::outbox::pump::{Pump, Turn};
use crate::server::Server;
use crate::server::pull::pull as pull_from;
use crate::station::Station;

/// After a failure of our own: the ledger or the feed store could not be read.
const AFTER_FAILURE: Duration = Duration::from_secs(5);

/// Says "stop" to threads that wait.
#[derive(Clone, Debug, Default)]
pub(super) struct Stop {
    shared: Arc<(Mutex<bool>, Condvar)>,
}

impl Stop {
    pub(super) fn now(&self) {
        *self.shared.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.shared.1.notify_all();
    }

    fn is_told(&self) -> bool {
        *self.shared.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits, and says whether to go on.
    fn go_on_after(&self, pause: Duration) -> bool {
        let guard = self.shared.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.shared.1.wait_timeout_while(guard, pause, |stop| !*stop);
        !*waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

/// Keeps what the station knows of the kiosk's ledger up to its end.
pub(super) fn station(station: Arc<Station>, every: Duration, stop: Stop) -> JoinHandle<()> {
    std::thread::spawn(move || {
        loop {
            station.catch_up(&|| stop.is_told());
            if !stop.go_on_after(every) {
                return;
            }
        }
    })
}

/// Delivers the ledger to one target.
pub(super) fn deliver(mut pump: Pump, every: Duration, stop: Stop) -> JoinHandle<()> {
    std::thread::spawn(move || {
        let mut said = String::new();
        loop {
            let pause = match pump.turn() {
                Ok(Turn::Empty) => {
                    said.clear();
                    every
                }
                Ok(Turn::Later { why, pause }) => {
                    if why != said {
                        tracing::warn!(target = pump.key(), why, "not delivered yet");
                        said = why;
                    }
                    pause
                }
                Err(error) => {
                    tracing::error!(target = pump.key(), %error, "the outbox cannot go on");
                    AFTER_FAILURE
                }
            };
            if !stop.go_on_after(pause) {
                return;
            }
        }
    })
}

/// Pulls orders from one server.
pub(super) fn pull(fhir: Fhir, mut server: Server, inbox: Inbox, stop: Stop) -> JoinHandle<()> {
    std::thread::spawn(move || {
        loop {
            let started = server.now();
            let pulled = pull_from(&mut server, &fhir.queries);
            let name = fhir.name.clone();
            let written = match pulled {
                Ok(bundles) => inbox.write_blocking(move |txn| {
                    take_over(txn, &name, &bundles)?;
                    let known = txn.feed(&name)?.unwrap_or_default();
                    let record = FeedRecord { heard: started.to_string(), failure: String::new(), ..known };
                    txn.put_feed(&name, &record)
                }),
                Err(error) => {
                    tracing::warn!(feed = name, %error, "orders were not pulled");
                    inbox.write_blocking(move |txn| {
                        let known = txn.feed(&name)?.unwrap_or_default();
                        txn.put_feed(&name, &FeedRecord { failure: error.to_string(), ..known })
                    })
                }
            };
            if let Err(error) = written {
                tracing::error!(feed = fhir.name, %error, "what was pulled was not stored");
            }
            if !stop.go_on_after(fhir.every) {
                return;
            }
        }
    })
}

/// Replaces the Bundles of a feed, and says whose changed or are gone.
fn take_over(txn: &Txn, feed: &str, bundles: &[(String, Vec<u8>)]) -> Result<(), DbError> {
    let held: std::collections::BTreeMap<String, Vec<u8>> = txn
        .bundles()?
        .into_iter()
        .filter(|(of, _, _)| of == feed)
        .map(|(_, patient, bytes)| (patient, bytes))
        .collect();
    let change = |patient: &String, what| Change { patient: patient.clone(), what };
    let mut changes: Vec<Change> = bundles
        .iter()
        .filter_map(|(patient, bytes)| match held.get(patient) {
            None => Some(change(patient, What::Arrived)),
            Some(before) if content(before) == content(bytes) => None,
            Some(_) => Some(change(patient, What::Orders)),
        })
        .collect();
    let gone = held.keys().filter(|patient| !bundles.iter().any(|(known, _)| known == *patient));
    changes.extend(gone.map(|patient| change(patient, What::Left)));
    txn.put_bundles(feed, bundles)?;
    txn.add_changes(&changes)
}

/// A Bundle without the time when it was pulled.
fn content(bytes: &[u8]) -> &[u8] {
    const MARK: &[u8] = b"\"entry\":";
    let at = bytes.windows(MARK.len()).position(|window| window == MARK);
    at.map_or(bytes, |at| &bytes[at..])
}
