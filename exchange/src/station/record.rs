//! The station's own ledger: every sign-in and every look at patient data is durable in it before the answer leaves.
//!
//! One thread owns it. While the disk flushes what some people did, the acts of others wait, and then become durable together in one
//! commit: twenty people who look at once wait for one or two flushes, not for twenty.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use ledger::clock::ClockEvidence;
use ledger::ledger::{Ledger, OpenOptions};
use ledger::reading::{Options, read};
use rights::desk::{self, Act};
use rights::discrepancy::DiscrepancyCase;
use rights::entry::{Actor, Entry, IdempotencyKey};
use rights::moment::{ClockTrust, Moment};

use super::staff::Person;
use crate::pharmacy::{self, Steps};

/// Requests that wait at most; more wait before they are taken.
const MOST_WAITING: usize = 1024;

/// Why nothing was recorded. Then nothing is shown either.
#[derive(Clone, Debug, thiserror::Error)]
pub enum RecordError {
    /// The ledger cannot be opened.
    #[error(
        "{reason}; the station needs a ledger of its own: `ledger init --origin ORIGIN FOLDER` makes one"
    )]
    Open {
        /// Why.
        reason: String,
    },
    /// It takes nothing.
    #[error("the station's ledger did not record it: {0}")]
    Append(String),
    /// The role does not allow it.
    #[error("this role may not do that")]
    Role,
}

/// What the thread is asked to do.
enum Job {
    Record { entries: Vec<Entry>, answer: SyncSender<Result<(), RecordError>> },
    Step { case: Box<DiscrepancyCase>, key: IdempotencyKey, answer: SyncSender<Result<(), String>> },
}

/// The ledger, open for writing.
pub struct Recorder {
    /// Gone when it is closed.
    jobs: Mutex<Option<SyncSender<Job>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    folder: PathBuf,
    zone: TimeZone,
}

impl std::fmt::Debug for Recorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Recorder({})", self.folder.display())
    }
}

impl Recorder {
    /// Opens the station's ledger.
    ///
    /// # Errors
    /// When it is not there, another's, or in use.
    pub fn open(folder: &Path, zone: TimeZone) -> Result<Self, RecordError> {
        let ledger = Ledger::open(folder, &OpenOptions::default(), &ClockEvidence::now())
            .map_err(|error| RecordError::Open { reason: error.to_string() })?;
        let (jobs, taken) = sync_channel(MOST_WAITING);
        let own = folder.to_owned();
        let thread = std::thread::spawn(move || work(ledger, &own, &taken));
        Ok(Self {
            jobs: Mutex::new(Some(jobs)),
            thread: Mutex::new(Some(thread)),
            folder: folder.to_owned(),
            zone,
        })
    }

    /// Where it stands.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Records an act; it is durable when this returns.
    ///
    /// # Errors
    /// When it is not recorded.
    pub fn record(
        &self,
        act: &Act,
        person: Option<&Person>,
        key: IdempotencyKey,
        now: Timestamp,
    ) -> Result<(), RecordError> {
        self.record_all(&[(act.clone(), key)], person, now)
    }

    /// Records what one person did at once; all of it is durable when this returns.
    ///
    /// # Errors
    /// When any of it is not recorded.
    pub fn record_all(
        &self,
        acts: &[(Act, IdempotencyKey)],
        person: Option<&Person>,
        now: Timestamp,
    ) -> Result<(), RecordError> {
        if acts.is_empty() {
            return Ok(());
        }
        let actor = person.map(|person| Actor { clinician: person.id.clone(), role: person.role });
        let moment = Moment { at: now, offset: self.zone.to_offset(now), clock: ClockTrust::Unknown };
        let entries = acts.iter().map(|(act, key)| desk::entry(act, actor.clone(), *key, moment));
        let entries: Vec<Entry> = entries.collect::<Option<_>>().ok_or(RecordError::Role)?;
        let stopped = || RecordError::Append(STOPPED.to_owned());
        self.ask(|answer| Job::Record { entries, answer }).unwrap_or_else(|| Err(stopped()))
    }

    /// Takes a step for a discrepancy. The steps before are read while nothing else is recorded, so that two cannot be taken at once.
    ///
    /// # Errors
    /// When it may not be taken, or is not recorded.
    pub fn step(&self, case: DiscrepancyCase, key: IdempotencyKey) -> Result<(), String> {
        let case = Box::new(case);
        self.ask(|answer| Job::Step { case, key, answer }).unwrap_or_else(|| Err(STOPPED.to_owned()))
    }

    /// What the thread answers; `None` when it has ended.
    fn ask<T>(&self, job: impl FnOnce(SyncSender<T>) -> Job) -> Option<T> {
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner).clone()?;
        let (answer, answered) = sync_channel(1);
        jobs.send(job(answer)).ok()?;
        answered.recv().ok()
    }

    /// Closes it in an orderly way; nothing is recorded, and so nothing shown, any more.
    pub fn close(&self) {
        drop(self.jobs.lock().unwrap_or_else(PoisonError::into_inner).take());
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the thread of the station's ledger panicked");
        }
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.close();
    }
}

const STOPPED: &str = "it is closed";

/// The steps that stand in a station's ledger.
pub(super) fn steps(folder: &Path) -> Result<Steps, String> {
    let book = read(&[folder.to_owned()], &Options::default()).map_err(|error| error.to_string())?;
    Ok(Steps::of(&book))
}

/// Does what is asked until nobody can ask any more.
fn work(mut ledger: Ledger, folder: &Path, jobs: &Receiver<Job>) {
    let mut next = jobs.recv().ok();
    while let Some(job) = next.take() {
        match job {
            Job::Record { entries, answer } => {
                let mut together = Together::default();
                together.add(entries, answer);
                while together.entries.len() < Ledger::MOST_AT_ONCE {
                    match jobs.try_recv() {
                        Ok(Job::Record { entries, answer }) => together.add(entries, answer),
                        other => {
                            next = other.ok();
                            break;
                        }
                    }
                }
                together.commit(&mut ledger);
            }
            Job::Step { case, key, answer } => {
                let taken = steps(folder).and_then(|steps| {
                    let taken = pharmacy::desk::take(&mut ledger, &steps, *case, key, &ClockEvidence::now());
                    taken.map(|_| ()).map_err(|error| error.to_string())
                });
                // Whoever asked and is gone is told nothing.
                let _ = answer.send(taken);
            }
        }
        if next.is_none() {
            next = jobs.recv().ok();
        }
    }
    if let Err(error) = ledger.close(&ClockEvidence::now()) {
        tracing::warn!(%error, "the station's ledger was not closed in an orderly way");
    }
}

/// What several people did, to become durable together.
#[derive(Default)]
struct Together {
    entries: Vec<Entry>,
    /// Whose entries end where.
    asked: Vec<(usize, SyncSender<Result<(), RecordError>>)>,
}

impl Together {
    fn add(&mut self, entries: Vec<Entry>, answer: SyncSender<Result<(), RecordError>>) {
        self.entries.extend(entries);
        self.asked.push((self.entries.len(), answer));
    }

    fn commit(self, ledger: &mut Ledger) {
        let mut recorded: Vec<Result<(), RecordError>> = Vec::new();
        for entries in self.entries.chunks(Ledger::MOST_AT_ONCE) {
            let said = |error: ledger::ledger::AppendError| RecordError::Append(error.to_string());
            match ledger.append_all(entries, &ClockEvidence::now()) {
                Ok(each) => recorded.extend(each.into_iter().map(|one| one.map(|_| ()).map_err(said))),
                Err(error) => {
                    let error = said(error);
                    recorded.extend(entries.iter().map(|_| Err(error.clone())));
                }
            }
        }
        let mut recorded = recorded.into_iter();
        let mut from = 0;
        for (to, answer) in self.asked {
            let own: Vec<_> = recorded.by_ref().take(to - from).collect();
            // Durable only when each of them is.
            let _ = answer.send(own.into_iter().collect());
            from = to;
        }
    }
}
