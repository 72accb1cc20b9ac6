//! A second opinion on QR codes by rqrr: it can only take a reading away, never give one.
//!
//! rqrr took 167 s on one photograph and panicked on others, so it sees only a small region around a code that was already
//! read, on a thread of its own, with a limit of time. While it is late nothing is asked of it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, TrySendError, sync_channel};
use std::time::Duration;

use rights::scan::Symbology;

use crate::frame::Frame;
use crate::symbol::Symbol;

/// The longest side of the region, in pixels; larger codes are clear enough for the first opinion.
const MAX_SIDE: u32 = 320;

/// How long an opinion is waited for.
const PATIENCE: Duration = Duration::from_millis(20);

type Answer = Vec<Vec<u8>>;

/// The thread that is asked, started at the first question.
#[derive(Debug, Default)]
pub(crate) struct SecondOpinion {
    line: Option<(SyncSender<Frame>, Receiver<Answer>)>,
    /// Answers to earlier questions that came too late and are still to be thrown away.
    late: usize,
}

impl SecondOpinion {
    /// No thread yet.
    pub(crate) const fn new() -> Self {
        Self { line: None, late: 0 }
    }

    /// Whether rqrr reads something else in the code's region. `false` when it reads nothing, is late or cannot be asked.
    pub(crate) fn contradicts(&mut self, frame: &Frame, symbol: &Symbol) -> bool {
        // Only plain ASCII text is comparable: the two differ in how they hand out Kanji and FNC1.
        if symbol.symbology != Symbology::QrCode || symbol.gs1 || !symbol.bytes.is_ascii() {
            return false;
        }
        let Some(region) = region(frame, symbol) else { return false };
        let Some(answer) = self.ask(region) else { return false };
        let ascii: Vec<&Vec<u8>> = answer.iter().filter(|text| text.is_ascii() && !text.is_empty()).collect();
        let contradicts = !ascii.is_empty() && !ascii.contains(&&symbol.bytes);
        if contradicts {
            tracing::debug!("two engines read one qr code differently; the reading is dropped");
        }
        contradicts
    }

    fn ask(&mut self, region: Frame) -> Option<Answer> {
        let (questions, answers) = self.line.get_or_insert_with(start);
        while self.late > 0 {
            match answers.try_recv() {
                Ok(_) => self.late -= 1,
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => return None,
            }
        }
        match questions.try_send(region) {
            Ok(()) => {}
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => return None,
        }
        let answer = answers.recv_timeout(PATIENCE);
        if answer.is_err() {
            self.late += 1;
        }
        answer.ok()
    }
}

fn start() -> (SyncSender<Frame>, Receiver<Answer>) {
    let (questions, inbox) = sync_channel::<Frame>(1);
    let (outbox, answers) = sync_channel(1);
    // When no thread can be had the channel is closed, and every question goes unanswered.
    let _ = std::thread::Builder::new().name("qr-second-opinion".to_owned()).spawn(move || {
        while let Ok(region) = inbox.recv() {
            let answer = catch_unwind(AssertUnwindSafe(|| read(&region))).unwrap_or_default();
            if outbox.send(answer).is_err() {
                return;
            }
        }
    });
    (questions, answers)
}

fn read(region: &Frame) -> Answer {
    let (width, height) = (region.width() as usize, region.height() as usize);
    let plane = region.plane();
    let mut picture = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| plane[y * width + x]);
    picture
        .detect_grids()
        .iter()
        .filter_map(|grid| {
            let mut bytes = Vec::new();
            grid.decode_to(&mut bytes).ok().map(|_| bytes)
        })
        .collect()
}

/// The code's box with a quiet zone around it, when it is small enough.
fn region(frame: &Frame, symbol: &Symbol) -> Option<Frame> {
    let [left, top, right, bottom] = symbol.bounds();
    let margin = (right - left).max(bottom - top) / 6 + 4;
    let start = |edge: i32| u32::try_from(edge.saturating_sub(margin)).unwrap_or(0);
    let (x, y) = (start(left), start(top));
    let width = u32::try_from(right.saturating_add(margin)).ok()?.checked_sub(x)?;
    let height = u32::try_from(bottom.saturating_add(margin)).ok()?.checked_sub(y)?;
    if width > MAX_SIDE || height > MAX_SIDE {
        return None;
    }
    frame.crop(x, y, width, height)
}
