//! Reading ahead: the file is asked for from its beginning to its end while the threads verify, so that a cold disk is read in large
//! pieces and in its order, whatever order the tables have.

use std::fs::File;
use std::num::NonZero;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use rustix::fs::{Advice, fadvise};

/// Bytes asked for at once.
const STEP: u64 = 4 << 20;

/// A file that is being read ahead until this is dropped.
pub(super) struct Ahead {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Ahead {
    /// Begins; `None` when the file cannot be opened, which its reader will tell.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let file = File::open(path).ok()?;
        let length = file.metadata().ok()?.len();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            let mut at = 0;
            while at < length && !stopped.load(Ordering::Relaxed) {
                // Advice that is not taken costs speed alone.
                let _ = fadvise(&file, at, NonZero::new(STEP), Advice::WillNeed);
                at += STEP;
            }
        });
        Some(Self { stop, thread: Some(thread) })
    }
}

impl Drop for Ahead {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // It can only have ended.
            let _ = thread.join();
        }
    }
}
