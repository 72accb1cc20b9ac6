//! Hand scanners that are devices of their own: a keyboard taken exclusively (evdev), or a serial port (USB CDC, RS-232).
//!
//! Both are better than a scanner that types into the focused window ([`crate::wedge`]): no field sees the scan, no keyboard
//! layout changes it, and Enter presses nothing. The texts go through [`Interpreter::hand_scan`](crate::interpret::Interpreter::hand_scan)
//! like those of every other source.

#[cfg(target_os = "linux")]
pub mod evdev;
pub mod keys;
pub mod lines;
#[cfg(target_os = "linux")]
pub mod serial;

use std::path::PathBuf;

pub use lines::LineSettings;

/// A hand scanner that is kept open.
pub trait HandScanner {
    /// The next complete text, without prefix, suffix and terminator; `Ok(None)` when none came within a short wait (some
    /// tens of milliseconds).
    ///
    /// # Errors
    /// When the device is lost or sends what is no scan. What it sent is dropped, never handed on in part.
    fn next_text(&mut self) -> Result<Option<String>, HandError>;
}

/// Why a hand scanner gives no texts. No variant holds what was scanned: it may lead to a patient.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HandError {
    /// There is no such device.
    #[error("hand scanner {path}: not found; plug it in, or correct the path")]
    NotFound {
        /// Which device.
        path: PathBuf,
    },
    /// The system does not let us.
    #[error(
        "hand scanner {path}: no permission; add the kiosk's user to the group `input` (keyboard) or `dialout` (serial)"
    )]
    Permission {
        /// Which device.
        path: PathBuf,
    },
    /// Another program has it.
    #[error("hand scanner {path}: busy; close the other program that uses it")]
    Busy {
        /// Which device.
        path: PathBuf,
    },
    /// It was there and is gone.
    #[error("hand scanner {path}: unplugged; plug it in again")]
    Unplugged {
        /// Which device.
        path: PathBuf,
    },
    /// It is no keyboard.
    #[error(
        "hand scanner {path}: it has no letter and digit keys; name the scanner's own device, such as one under /dev/input/by-id"
    )]
    NoKeyboard {
        /// Which device.
        path: PathBuf,
    },
    /// A text without an end.
    #[error(
        "hand scanner: more than {limit} characters without a terminator were dropped; have it send Enter after each code"
    )]
    TooLong {
        /// The most characters.
        limit: usize,
    },
    /// A text that stopped in its middle.
    #[error(
        "hand scanner: a text without a terminator was dropped; scan again, or have it send Enter after each code"
    )]
    Incomplete,
    /// Keys that the system could not keep for us.
    #[error(
        "hand scanner: keys were lost while this computer was busy, and their text was dropped; scan again"
    )]
    Overrun,
    /// Bytes or keys that are no text.
    #[error(
        "hand scanner: something that is no text was dropped; set it to the US layout, or to UTF-8 on a serial port"
    )]
    NotText,
    /// A text without the prefix or suffix that the scanner is set to send.
    #[error(
        "hand scanner: a text without the configured prefix and suffix was dropped; compare its set-up with the kiosk's"
    )]
    Unframed,
    /// Anything else that the system said.
    #[error("hand scanner {path}: {reason}")]
    Device {
        /// Which device.
        path: PathBuf,
        /// What it said.
        reason: String,
    },
}

impl HandError {
    /// The variant for an error of the system.
    pub(crate) fn of(path: &std::path::Path, error: &std::io::Error, was_open: bool) -> Self {
        use std::io::ErrorKind;
        let path = path.to_owned();
        match (error.kind(), error.raw_os_error()) {
            // ENODEV, ENXIO, EIO on a device that worked: its plug was pulled.
            (_, Some(5 | 6 | 19)) | (ErrorKind::BrokenPipe | ErrorKind::UnexpectedEof, _) if was_open => {
                Self::Unplugged { path }
            }
            (ErrorKind::NotFound, _) | (_, Some(6 | 19)) => Self::NotFound { path },
            (ErrorKind::PermissionDenied, _) => Self::Permission { path },
            (ErrorKind::ResourceBusy, _) => Self::Busy { path },
            _ => Self::Device { path, reason: error.to_string() },
        }
    }
}
