//! Reading ahead: what is verified is asked for from its beginning to its end while the threads verify, so that a cold disk is read in large
//! pieces and in its order, whatever order the tables have, and the many small files of an export are found before they are needed.

use std::fs::File;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;

use rustix::fs::{Advice, fadvise};

use super::source::Source;
use crate::files::open_regular;
use crate::tiles::MOST_BUNDLE;

/// Bytes of one file asked for at once.
const STEP: u64 = 4 << 20;
/// Threads that look for files: each waits for the disk, not for a processor.
const SEEKERS: usize = 4;

/// What is being read ahead until this is dropped. Advice that is not taken, or a file that is not there, costs speed alone: its reader
/// tells.
pub(super) struct Ahead {
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Ahead {
    /// Begins.
    pub(super) fn of(source: &Source) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let threads = match source {
            Source::Database(database) => {
                let (path, stop) = (database.path.clone(), Arc::clone(&stop));
                vec![std::thread::spawn(move || file(&path, &stop))]
            }
            Source::Export(export) => {
                let (names, folder) = (export.bundles(), export.path().to_owned());
                let next = Arc::new(AtomicU64::new(0));
                let seek = |_| {
                    let (folder, names) = (folder.clone(), names.clone());
                    let (next, stop) = (Arc::clone(&next), Arc::clone(&stop));
                    std::thread::spawn(move || files(&folder, names, &next, &stop))
                };
                (0..SEEKERS).map(seek).collect()
            }
        };
        Self { stop, threads }
    }
}

fn file(path: &Path, stop: &AtomicBool) {
    let Ok(file) = File::open(path) else { return };
    let length = file.metadata().map_or(0, |metadata| metadata.len());
    let mut at = 0;
    while at < length && !stop.load(Ordering::Relaxed) {
        let _ = fadvise(&file, at, NonZero::new(STEP), Advice::WillNeed);
        at += STEP;
    }
}

fn files(folder: &Path, bundles: impl Fn(u64) -> Option<[PathBuf; 2]>, next: &AtomicU64, stop: &AtomicBool) {
    while let Some(names) = bundles(next.fetch_add(1, Ordering::Relaxed))
        && !stop.load(Ordering::Relaxed)
    {
        for name in names {
            if let Ok(file) = open_regular(&folder.join(name)) {
                let _ = fadvise(&file, 0, NonZero::new(MOST_BUNDLE), Advice::WillNeed);
            }
        }
    }
}

impl Drop for Ahead {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            // It can only have ended.
            let _ = thread.join();
        }
    }
}
