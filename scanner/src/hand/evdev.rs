//! A hand scanner that pretends to be a keyboard, taken exclusively through Linux's evdev: no window sees its keys.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use evdev::{Device, EventSummary, KeyCode};

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
    device: Device,
    keyboard: Keyboard,
    lines: Lines,
    /// Texts and faults that came together with one that was handed on already.
    waiting: std::collections::VecDeque<Result<String, HandError>>,
    start: Instant,
}

impl EvdevScanner {
    /// Opens a device, such as one of those under `/dev/input/by-id`, and takes it for this program alone.
    ///
    /// # Errors
    /// When it is not there, may not be used, is taken, or is no keyboard.
    pub fn open(path: &Path, settings: LineSettings) -> Result<Self, HandError> {
        let failed = |error: std::io::Error| HandError::of(path, &error, false);
        let mut device = Device::open(path).map_err(failed)?;
        let types = device.supported_keys().is_some_and(|keys| {
            [KeyCode::KEY_ENTER, KeyCode::KEY_0, KeyCode::KEY_Z].iter().all(|key| keys.contains(*key))
        });
        if !types {
            return Err(HandError::NoKeyboard { path: path.to_owned() });
        }
        device.grab().map_err(failed)?;
        device.set_nonblocking(true).map_err(failed)?;
        Ok(Self {
            path: path.to_owned(),
            device,
            keyboard: Keyboard::default(),
            lines: Lines::new(settings),
            waiting: std::collections::VecDeque::new(),
            start: Instant::now(),
        })
    }

    fn look(&mut self) -> Result<(), HandError> {
        let now = self.start.elapsed();
        let events = match self.device.fetch_events() {
            Ok(events) => events,
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                return self.lines.tick(now);
            }
            Err(error) => return Err(HandError::of(&self.path, &error, true)),
        };
        for event in events {
            let EventSummary::Key(_, code, value) = event.destructure() else { continue };
            let answer = match self.keyboard.event(code.code(), value) {
                Stroke::Nothing => continue,
                Stroke::Character(character) => self.lines.take(Some(character), now),
                Stroke::Unknown => self.lines.take(None, now),
            };
            self.waiting.extend(answer.transpose());
        }
        Ok(())
    }
}

impl HandScanner for EvdevScanner {
    fn next_text(&mut self) -> Result<Option<String>, HandError> {
        let begin = Instant::now();
        loop {
            if let Some(answer) = self.waiting.pop_front() {
                return answer.map(Some);
            }
            self.look()?;
            if self.waiting.is_empty() {
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

    #[test]
    fn a_device_that_is_not_there_or_no_keyboard_is_named() {
        let open = |path: &str| EvdevScanner::open(Path::new(path), LineSettings::default()).unwrap_err();
        assert!(matches!(open("/dev/input/nowhere"), HandError::NotFound { .. }));
        let error = open("/dev/null");
        assert!(!error.to_string().is_empty() && !matches!(error, HandError::Busy { .. }), "{error}");
    }
}
