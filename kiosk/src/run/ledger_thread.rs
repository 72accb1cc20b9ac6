//! The thread that owns the ledger. A full queue or a dead thread is "not recorded", never a wait of the screen.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use ledger::clock::ClockEvidence;
use ledger::cosign::protocol::AddCheckpoint;
use ledger::cosign::signature::CosignerKey;
use ledger::note::Note;
use rights::entry::Entry;
use scanner::frame::Frame;

use super::{News, tell};
use crate::clock;
use crate::cosigner::{Anchoring, LedgerSays};
use crate::pictures::Keep;
use crate::recorder::Recorder;

/// Entries that may wait; a nurse makes a few a minute.
const QUEUE: usize = 32;

enum Order {
    /// With the picture that is kept of its package.
    Append(Box<Entry>, ClockEvidence, Option<Frame>),
    Close(ClockEvidence),
    Size(SyncSender<u64>),
    Request(u64, SyncSender<Result<AddCheckpoint, LedgerSays>>),
    Contradicted(Box<Note>, SyncSender<bool>),
    Anchor(Box<Note>, Box<CosignerKey>, SyncSender<Result<u64, LedgerSays>>),
}

/// Asks the ledger from another thread, and waits for the answer.
#[derive(Clone)]
pub(super) struct Asker {
    orders: SyncSender<Order>,
}

impl Asker {
    fn ask<T>(&self, order: impl FnOnce(SyncSender<T>) -> Order) -> Option<T> {
        let (answer, answered) = sync_channel(1);
        self.orders.send(order(answer)).ok()?;
        answered.recv().ok()
    }
}

impl Anchoring for Asker {
    fn size(&self) -> Option<u64> {
        self.ask(Order::Size)
    }

    fn request(&self, known: u64) -> Result<AddCheckpoint, LedgerSays> {
        self.ask(|answer| Order::Request(known, answer)).unwrap_or(Err(LedgerSays::Closed))
    }

    fn anchor(&self, note: Note, key: CosignerKey) -> Result<u64, LedgerSays> {
        let order = |answer| Order::Anchor(Box::new(note), Box::new(key), answer);
        self.ask(order).unwrap_or(Err(LedgerSays::Closed))
    }

    fn contradicted(&self, seen: Note) -> bool {
        // A thread that has ended records nothing either; the next round finds it closed.
        self.ask(|answer| Order::Contradicted(Box::new(seen), answer)).unwrap_or(false)
    }
}

pub(super) struct LedgerThread {
    orders: SyncSender<Order>,
    thread: JoinHandle<()>,
}

impl LedgerThread {
    pub(super) fn start(recorder: Recorder, keep: Keep) -> std::io::Result<Self> {
        let (orders, queue) = sync_channel(QUEUE);
        let thread =
            std::thread::Builder::new().name("ledger".into()).spawn(move || own(recorder, &keep, &queue))?;
        Ok(Self { orders, thread })
    }

    /// For others that have a question to the ledger.
    pub(super) fn asker(&self) -> Asker {
        Asker { orders: self.orders.clone() }
    }

    /// Queues an entry, with the picture that is kept of its package; false when it cannot be.
    pub(super) fn append(&self, entry: Box<Entry>, clock: ClockEvidence, picture: Option<Frame>) -> bool {
        self.orders.try_send(Order::Append(entry, clock, picture)).is_ok()
    }

    /// Writes what waits, closes the ledger in order and waits for it.
    pub(super) fn stop(self, clock: &ClockEvidence) {
        let _ = self.orders.send(Order::Close(clock.clone()));
        if self.thread.join().is_err() {
            tracing::error!("the ledger's thread ended in a panic");
        }
    }
}

fn own(mut recorder: Recorder, keep: &Keep, queue: &Receiver<Order>) {
    while let Ok(order) = queue.recv() {
        match order {
            Order::Append(entry, clock, picture) => {
                // The database library can panic on a damaged file. Then nothing is recorded, now or later, and the nurse is told.
                let appended = catch_unwind(AssertUnwindSafe(|| recorder.append(&entry, &clock)));
                let (ended, is_durable) = (appended.is_err(), matches!(appended, Ok(Some(_))));
                tell(News::Appended(entry.key(), appended.ok().flatten().map(Box::new)));
                if ended {
                    tracing::error!("not recorded: the ledger's library panicked; its thread ends");
                    return;
                }
                // After the answer: nobody waits for it.
                if let Some(frame) = picture.filter(|_| is_durable) {
                    // A help must not end what records.
                    let kept = catch_unwind(AssertUnwindSafe(|| {
                        recorder.keep_picture(&entry.key(), &frame);
                        recorder.tidy_pictures(keep.since(entry.at().at));
                    }));
                    if kept.is_err() {
                        tracing::error!("the picture of a package was not kept: a library panicked");
                    }
                }
            }
            Order::Close(clock) => return recorder.close(&clock),
            // Whoever asked and is gone is told nothing.
            Order::Size(answer) => drop(answer.send(recorder.size())),
            Order::Request(known, answer) => {
                drop(answer.send(recorder.cosign_request(known).map_err(LedgerSays::from)));
            }
            Order::Contradicted(seen, answer) => drop(answer.send(recorder.contradicted(&seen))),
            Order::Anchor(note, key, answer) => {
                let anchored = recorder.anchor(&note, &key, &clock::evidence());
                drop(answer.send(anchored.map_err(LedgerSays::from)));
            }
        }
    }
}
