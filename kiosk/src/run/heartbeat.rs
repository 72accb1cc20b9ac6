//! The supervisor is told that the main loop turns. A kiosk that hangs is not told of, and is started anew (systemd, `WatchdogSec`).

use std::time::{Duration, Instant};

use sd_notify::NotifyState;

/// At the most this often: far below any sensible `WatchdogSec`.
const EVERY: Duration = Duration::from_secs(1);

/// Tells a supervisor, when there is one.
pub(super) struct Heartbeat {
    last: Option<Instant>,
}

impl Heartbeat {
    pub(super) const fn new() -> Self {
        Self { last: None }
    }

    /// The main loop turned, and the first screen was painted before.
    pub(super) fn beat(&mut self) {
        let now = Instant::now();
        let first = self.last.is_none();
        if self.last.is_some_and(|last| now.duration_since(last) < EVERY) {
            return;
        }
        self.last = Some(now);
        let told = if first { sd_notify::notify(&[NotifyState::Ready]) } else { Ok(()) };
        if let Err(error) = told.and_then(|()| sd_notify::notify(&[NotifyState::Watchdog])) {
            tracing::debug!(%error, "the supervisor was not told");
        }
    }

    /// It ends on purpose.
    pub(super) fn ends() {
        let _ = sd_notify::notify(&[NotifyState::Stopping]);
    }
}
