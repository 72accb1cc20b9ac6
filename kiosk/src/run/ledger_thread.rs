//! The thread that owns the ledger. A full queue or a dead thread is "not recorded", never a wait of the screen.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use ledger::clock::ClockEvidence;
use rights::entry::Entry;

use super::{News, tell};
use crate::recorder::Recorder;

/// Entries that may wait; a nurse makes a few a minute.
const QUEUE: usize = 32;

enum Order {
    Append(Box<Entry>, ClockEvidence),
    Close(ClockEvidence),
}

pub(super) struct LedgerThread {
    orders: SyncSender<Order>,
    thread: JoinHandle<()>,
}

impl LedgerThread {
    pub(super) fn start(recorder: Recorder) -> std::io::Result<Self> {
        let (orders, queue) = sync_channel(QUEUE);
        let thread =
            std::thread::Builder::new().name("ledger".into()).spawn(move || own(recorder, &queue))?;
        Ok(Self { orders, thread })
    }

    /// Queues an entry; false when it cannot be.
    pub(super) fn append(&self, entry: Box<Entry>, clock: ClockEvidence) -> bool {
        self.orders.try_send(Order::Append(entry, clock)).is_ok()
    }

    /// Writes what waits, closes the ledger in order and waits for it.
    pub(super) fn stop(self, clock: &ClockEvidence) {
        let _ = self.orders.send(Order::Close(clock.clone()));
        if self.thread.join().is_err() {
            tracing::error!("the ledger's thread ended in a panic");
        }
    }
}

fn own(mut recorder: Recorder, queue: &Receiver<Order>) {
    while let Ok(order) = queue.recv() {
        match order {
            Order::Append(entry, clock) => {
                // The database library can panic on a damaged file. Then nothing is recorded, now or later, and the nurse is told.
                let appended = catch_unwind(AssertUnwindSafe(|| recorder.append(&entry, &clock)));
                let ended = appended.is_err();
                tell(News::Appended(entry.key(), appended.ok().flatten().map(Box::new)));
                if ended {
                    tracing::error!("not recorded: the ledger's library panicked; its thread ends");
                    return;
                }
            }
            Order::Close(clock) => return recorder.close(&clock),
        }
    }
}
