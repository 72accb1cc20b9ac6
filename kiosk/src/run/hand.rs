//! The thread of a hand scanner that is a device of its own: taken exclusively, so that no field sees what it sends. It is looked for
//! again for as long as it is away.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use scanner::hand::evdev::EvdevScanner;
use scanner::hand::serial::PortScanner;
use scanner::hand::{HandError, HandScanner, LineSettings};
use scanner::interpret::Interpreter;

use super::{News, Seen, tell};
use crate::view::ScannerState;

/// Between two attempts to open it.
const RETRY: Duration = Duration::from_secs(2);
/// How quickly a waiting thread hears that it is to end.
const STEP: Duration = Duration::from_millis(100);

/// A hand scanner that is a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HandScannerChoice {
    /// A keyboard of its own, such as one under `/dev/input/by-id`.
    Keyboard(PathBuf),
    /// A serial port, at this speed.
    Serial(PathBuf, u32),
}

/// What a hand scanner is set to send around each text, whether it types or is a device; empty for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScannerFrame {
    /// In front of it. A scanner that types is known by it even where the text is short.
    pub prefix: String,
    /// Behind it, before Enter or Tab.
    pub suffix: String,
}

impl HandScannerChoice {
    fn open(&self, frame: &ScannerFrame) -> Result<Box<dyn HandScanner>, HandError> {
        let ScannerFrame { prefix, suffix } = frame.clone();
        let settings = LineSettings { prefix, suffix, ..LineSettings::default() };
        Ok(match self {
            Self::Keyboard(path) => Box::new(EvdevScanner::open(path, settings)?),
            Self::Serial(path, speed) => Box::new(PortScanner::open(path, *speed, settings)?),
        })
    }

    fn name(&self) -> String {
        match self {
            Self::Keyboard(path) | Self::Serial(path, _) => path.display().to_string(),
        }
    }
}

pub(super) struct Hand {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Hand {
    pub(super) fn start(
        choice: HandScannerChoice,
        frame: ScannerFrame,
        interpreter: Interpreter,
    ) -> std::io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::Builder::new().name("hand".into()).spawn(move || {
            listen(&|| choice.open(&frame), &choice.name(), &stopped, &mut |heard| match heard {
                Heard::Text(text) => tell(News::Seen(Seen::Scan(interpreter.hand_scan(&text), None))),
                Heard::State(state) => tell(News::Scanner(state)),
                Heard::Dropped => tell(News::ScanDropped),
            });
        })?;
        Ok(Self { stop, thread })
    }

    pub(super) fn stop(self) {
        self.stop.store(true, Ordering::Release);
        if self.thread.join().is_err() {
            tracing::error!("the hand scanner's thread ended in a panic");
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Heard {
    Text(String),
    /// A scan of which nothing was made.
    Dropped,
    State(ScannerState),
}

/// Until it is stopped: open, hand texts on, and when the device is lost open it again.
fn listen(
    open: &dyn Fn() -> Result<Box<dyn HandScanner>, HandError>,
    name: &str,
    stop: &AtomicBool,
    hear: &mut dyn FnMut(Heard),
) {
    while !stop.load(Ordering::Acquire) {
        match open() {
            Ok(mut scanner) => {
                hear(Heard::State(ScannerState::Device(name.to_owned())));
                read(scanner.as_mut(), stop, hear);
            }
            Err(error) => tracing::info!(%error, "the hand scanner is not there"),
        }
        hear(Heard::State(ScannerState::Missing(name.to_owned())));
        let mut waited = Duration::ZERO;
        while waited < RETRY && !stop.load(Ordering::Acquire) {
            std::thread::sleep(STEP);
            waited += STEP;
        }
    }
}

/// Texts until the device is lost.
fn read(scanner: &mut dyn HandScanner, stop: &AtomicBool, hear: &mut dyn FnMut(Heard)) {
    while !stop.load(Ordering::Acquire) {
        match scanner.next_text() {
            Ok(Some(text)) => hear(Heard::Text(text)),
            Ok(None) => {}
            // What it sent is no scan: nothing of it is handed on, the next one may be good. The device stays taken meanwhile: let go, it
            // would type into the window.
            Err(
                error @ (HandError::TooLong { .. }
                | HandError::Incomplete
                | HandError::Overrun
                | HandError::NotText
                | HandError::Unframed),
            ) => {
                tracing::warn!(%error, "a hand scan was dropped");
                hear(Heard::Dropped);
            }
            Err(
                error @ (HandError::NotFound { .. }
                | HandError::Permission { .. }
                | HandError::Busy { .. }
                | HandError::Unplugged { .. }
                | HandError::NoKeyboard { .. }
                | HandError::Device { .. }),
            ) => {
                tracing::warn!(%error, "the hand scanner is lost");
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::collections::VecDeque;

    use super::*;

    struct Script(VecDeque<Result<Option<String>, HandError>>);

    impl HandScanner for Script {
        fn next_text(&mut self) -> Result<Option<String>, HandError> {
            self.0.pop_front().unwrap_or_else(|| Err(HandError::Unplugged { path: "/dev/scanner".into() }))
        }
    }

    #[test]
    fn texts_are_handed_on_and_a_lost_scanner_is_looked_for_again() {
        let opened = RefCell::new(0);
        let open = || {
            *opened.borrow_mut() += 1;
            let texts = match *opened.borrow() {
                1 => vec![
                    Ok(Some("first".to_owned())),
                    Ok(None),
                    Err(HandError::TooLong { limit: 9 }),
                    Err(HandError::Incomplete),
                    Err(HandError::Overrun),
                    Err(HandError::NotText),
                    Err(HandError::Unframed),
                    Ok(Some("second".into())),
                ],
                2 => return Err(HandError::NotFound { path: "/dev/scanner".into() }),
                _ => vec![Ok(Some("third".to_owned()))],
            };
            Ok(Box::new(Script(texts.into())) as Box<dyn HandScanner>)
        };
        let stop = AtomicBool::new(false);
        let mut heard = Vec::new();
        listen(&open, "/dev/scanner", &stop, &mut |what| {
            if what == Heard::Text("third".into()) {
                stop.store(true, Ordering::Release);
            }
            heard.push(what);
        });
        assert_eq!(heard.iter().filter(|what| **what == Heard::Dropped).count(), 5, "each is heard");
        let text = |text: &str| Heard::Text(text.into());
        let there = || Heard::State(ScannerState::Device("/dev/scanner".into()));
        let away = || Heard::State(ScannerState::Missing("/dev/scanner".into()));
        heard.retain(|what| *what != Heard::Dropped);
        assert_eq!(
            heard,
            [there(), text("first"), text("second"), away(), away(), there(), text("third"), away()]
        );
    }
}
