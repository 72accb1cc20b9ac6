//! A hand scanner on a serial port: USB CDC (`/dev/ttyACM0`) or RS-232.

use std::collections::VecDeque;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serialport::ErrorKind;

use super::lines::{LineSettings, Lines};
use super::{HandError, HandScanner};

/// How long one call waits for a text.
const WAIT: Duration = Duration::from_millis(40);

/// A scanner on anything that can be read: a port, or a pseudo terminal under test. Reading must give up after a short time
/// with `TimedOut`.
#[derive(Debug)]
pub struct SerialScanner<P> {
    path: PathBuf,
    port: P,
    lines: Lines,
    /// Bytes of a character that has not come whole yet.
    partial: Vec<u8>,
    waiting: VecDeque<Result<String, HandError>>,
    start: Instant,
}

/// A scanner on a port of this computer.
pub type PortScanner = SerialScanner<Box<dyn serialport::SerialPort>>;

impl PortScanner {
    /// Opens a port for this program alone, 8 data bits, no parity. USB CDC ignores the speed; RS-232 scanners mostly use 9,600.
    ///
    /// # Errors
    /// When it is not there, may not be used or is taken.
    pub fn open(path: &Path, speed: u32, settings: LineSettings) -> Result<Self, HandError> {
        let port = serialport::new(path.to_string_lossy(), speed).timeout(WAIT).open().map_err(|error| {
            let path = path.to_owned();
            match error.kind() {
                ErrorKind::Io(kind) => HandError::of(&path, &std::io::Error::from(kind), false),
                ErrorKind::NoDevice if path.exists() => HandError::Busy { path },
                ErrorKind::NoDevice => HandError::NotFound { path },
                ErrorKind::InvalidInput | ErrorKind::Unknown => {
                    HandError::Device { path, reason: error.to_string() }
                }
            }
        })?;
        Ok(Self::on(path, port, settings))
    }
}

impl<P: Read> SerialScanner<P> {
    /// A scanner on an open port; `path` is for its errors.
    pub fn on(path: &Path, port: P, settings: LineSettings) -> Self {
        Self {
            path: path.to_owned(),
            port,
            lines: Lines::new(settings),
            partial: Vec::new(),
            waiting: VecDeque::new(),
            start: Instant::now(),
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        let now = self.start.elapsed();
        self.partial.extend(bytes);
        loop {
            let (characters, used, broken) = match std::str::from_utf8(&self.partial) {
                Ok(text) => (text.to_owned(), self.partial.len(), false),
                Err(error) => {
                    let whole = error.valid_up_to();
                    let text = String::from_utf8_lossy(&self.partial[..whole]).into_owned();
                    // Without a length the rest may still become a character.
                    (text, whole + error.error_len().unwrap_or(0), error.error_len().is_some())
                }
            };
            self.partial.drain(..used);
            for character in characters.chars() {
                self.waiting.extend(self.lines.take(Some(character), now).transpose());
            }
            if !broken {
                return;
            }
            self.waiting.extend(self.lines.take(None, now).transpose());
        }
    }
}

impl<P: Read> HandScanner for SerialScanner<P> {
    fn next_text(&mut self) -> Result<Option<String>, HandError> {
        if let Some(answer) = self.waiting.pop_front() {
            return answer.map(Some);
        }
        let mut buffer = [0; 512];
        match self.port.read(&mut buffer) {
            Ok(0) => Err(HandError::Unplugged { path: self.path.clone() }),
            Ok(count) => {
                self.take(&buffer[..count]);
                self.waiting.pop_front().transpose()
            }
            Err(error)
                if matches!(
                    error.kind(),
                    std::io::ErrorKind::TimedOut
                        | std::io::ErrorKind::WouldBlock
                        | std::io::ErrorKind::Interrupted
                ) =>
            {
                let stale = self.lines.tick(self.start.elapsed());
                if stale.is_err() {
                    self.partial.clear();
                }
                stale.map(|()| None)
            }
            Err(error) => Err(HandError::of(&self.path, &error, true)),
        }
    }
}
