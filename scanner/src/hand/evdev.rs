//! A hand scanner that pretends to be a keyboard, taken exclusively through Linux's evdev: no window sees its keys.

use std::collections::VecDeque;
use std::os::fd::AsFd as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use evdev::raw_stream::RawDevice;
use evdev::{Device, EventSummary, InputEvent, KeyCode, SynchronizationCode};

use super::keys::{Keyboard, Stroke};
use super::lines::{LineSettings, Lines};
use super::{HandError, HandScanner};

/// How long one call waits for a text.
const WAIT: Duration = Duration::from_millis(40);

/// Between two looks at the device.
const PAUSE: Duration = Duration::from_millis(4);

/// An open and grabbed device.
#[derive(Debug)]
pub struct EvdevScanner {
    path: PathBuf,
    /// The raw one: the other reading of the library hides that events were lost.
    device: RawDevice,
    typing: Typing,
    start: Instant,
}

/// From the events of a device to texts.
#[derive(Debug)]
struct Typing {
    keyboard: Keyboard,
    lines: Lines,
    /// Texts and faults that came together with one that was handed on already.
    waiting: VecDeque<Result<String, HandError>>,
}

impl Typing {
    fn new(settings: LineSettings) -> Self {
        Self { keyboard: Keyboard::default(), lines: Lines::new(settings), waiting: VecDeque::new() }
    }

    fn event(&mut self, event: InputEvent, now: Duration) {
        let answer = match event.destructure() {
            // The kernel's buffer was full: keys are missing, and a lot or a serial number has no check digit to show it.
            EventSummary::Synchronization(_, SynchronizationCode::SYN_DROPPED, _) => {
                self.keyboard.release();
                self.lines.lost(now)
            }
            EventSummary::Key(_, code, value) => match self.keyboard.event(code.code(), value) {
                Stroke::Nothing => return,
                Stroke::Character(character) => self.lines.take(Some(character), now),
                Stroke::Unknown => self.lines.take(None, now),
            },
            _ => return,
        };
        self.waiting.extend(answer.transpose());
    }
}

impl EvdevScanner {
    /// Opens a device, such as one of those under `/dev/input/by-id`, and takes it for this program alone.
    ///
    /// # Errors
    /// When it is not there, may not be used, is taken, or is no keyboard.
    pub fn open(path: &Path, settings: LineSettings) -> Result<Self, HandError> {
        let failed = |error: std::io::Error| HandError::of(path, &error, false);
        let device = Device::open(path).map_err(failed)?;
        let types = device.supported_keys().is_some_and(|keys| {
            [KeyCode::KEY_ENTER, KeyCode::KEY_0, KeyCode::KEY_Z].iter().all(|key| keys.contains(*key))
        });
        if !types {
            return Err(HandError::NoKeyboard { path: path.to_owned() });
        }
        // Of the opened file, which the raw device shares.
        device.set_nonblocking(true).map_err(failed)?;
        let shared = device.as_fd().try_clone_to_owned().map_err(failed)?;
        let mut device = RawDevice::from_fd(shared).map_err(failed)?;
        device.grab().map_err(failed)?;
        Ok(Self { path: path.to_owned(), device, typing: Typing::new(settings), start: Instant::now() })
    }

    fn look(&mut self) -> Result<(), HandError> {
        let now = self.start.elapsed();
        let events = match self.device.fetch_events() {
            Ok(events) => events,
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                return self.typing.lines.tick(now);
            }
            Err(error) => return Err(HandError::of(&self.path, &error, true)),
        };
        for event in events {
            self.typing.event(event, now);
        }
        Ok(())
    }
}

impl HandScanner for EvdevScanner {
    fn next_text(&mut self) -> Result<Option<String>, HandError> {
        let begin = Instant::now();
        loop {
            if let Some(answer) = self.typing.waiting.pop_front() {
                return answer.map(Some);
            }
            self.look()?;
            if self.typing.waiting.is_empty() {
                if begin.elapsed() >= WAIT {
                    return Ok(None);
                }
                std::thread::sleep(PAUSE);
            }
        }
    }
}

/// The keyboards of this computer by path and name, for a technician who looks for the scanner.
pub fn list() -> Vec<(PathBuf, String)> {
    evdev::enumerate()
        .filter(|(_, device)| device.supported_keys().is_some_and(|keys| keys.contains(KeyCode::KEY_ENTER)))
        .map(|(path, device)| (path, device.name().unwrap_or("without a name").to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use evdev::EventType;

    fn press(key: KeyCode) -> [InputEvent; 4] {
        let report = InputEvent::new(EventType::SYNCHRONIZATION.0, SynchronizationCode::SYN_REPORT.0, 0);
        let key = |value| InputEvent::new(EventType::KEY.0, key.code(), value);
        [key(1), report, key(0), report]
    }

    /// A lot without its middle is another lot.
    #[test]
    fn a_scan_of_which_the_system_lost_keys_is_dropped_whole() {
        use KeyCode as K;
        let lost = InputEvent::new(EventType::SYNCHRONIZATION.0, SynchronizationCode::SYN_DROPPED.0, 0);
        let shift = InputEvent::new(EventType::KEY.0, K::KEY_LEFTSHIFT.code(), 1);
        let whole = [K::KEY_A, K::KEY_B, K::KEY_ENTER].map(press).concat();
        let broken = [&press(K::KEY_A)[..], &[shift, lost], &press(K::KEY_C), &press(K::KEY_ENTER)].concat();
        let mut typing = Typing::new(LineSettings::default());
        for event in [&whole[..], &broken, &whole].concat() {
            typing.event(event, Duration::from_secs(1));
        }
        let whole = Ok("ab".to_owned());
        assert_eq!(typing.waiting, [whole.clone(), Err(HandError::Overrun), whole]);
    }

    #[test]
    fn a_device_that_is_not_there_or_no_keyboard_is_named() {
        let open = |path: &str| EvdevScanner::open(Path::new(path), LineSettings::default()).unwrap_err();
        assert!(matches!(open("/dev/input/nowhere"), HandError::NotFound { .. }));
        let error = open("/dev/null");
        assert!(!error.to_string().is_empty() && !matches!(error, HandError::Busy { .. }), "{error}");
    }
}
