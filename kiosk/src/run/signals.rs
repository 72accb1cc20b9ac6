//! How the kiosk hears that it is to end: SIGTERM from its supervisor, SIGINT from a terminal.

use std::thread::JoinHandle;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

use super::{Kiosk, with_kiosk};

/// How long the event loop is left alone after it could not be told.
const AGAIN_AFTER: Duration = Duration::from_millis(50);

/// Listens on a thread of its own.
pub(super) struct Signals {
    stop: oneshot::Sender<()>,
    thread: JoinHandle<bool>,
}

impl Signals {
    pub(super) fn listen() -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (mut term, mut int) = {
            let _runtime = runtime.enter();
            (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?)
        };
        let (stop, mut stopped) = oneshot::channel();
        let thread = std::thread::Builder::new().name("signals".into()).spawn(move || {
            runtime.block_on(async {
                let asked = tokio::select! {
                    _ = term.recv() => true,
                    _ = int.recv() => true,
                    _ = &mut stopped => false,
                };
                if asked {
                    until_taken(&mut stopped, end).await;
                }
                asked
            })
        })?;
        Ok(Self { stop, thread })
    }

    /// Listens no more. Whether the kiosk was asked to end.
    pub(super) fn stop(self) -> bool {
        let _ = self.stop.send(());
        self.thread.join().unwrap_or_else(|_| {
            tracing::error!("the signals' thread ended in a panic");
            false
        })
    }
}

/// Hands it to the main thread that the kiosk is to end, where there is an event loop that takes it.
fn end() -> bool {
    slint::invoke_from_event_loop(|| with_kiosk(Kiosk::ends)).is_ok()
}

/// Tries again until it is taken or nobody is left to take it: the window may only be about to open, and a supervisor asks once.
async fn until_taken(stopped: &mut oneshot::Receiver<()>, end: impl Fn() -> bool) {
    while !end() && tokio::time::timeout(AGAIN_AFTER, &mut *stopped).await.is_err() {}
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[tokio::test]
    async fn a_signal_before_the_window_is_there_is_not_lost() {
        let (_stop, mut stopped) = oneshot::channel();
        let asked = Cell::new(0);
        let taken_at_last = || {
            asked.set(asked.get() + 1);
            asked.get() == 4
        };
        until_taken(&mut stopped, taken_at_last).await;
        assert_eq!(asked.get(), 4);
    }

    #[tokio::test]
    async fn nobody_is_told_when_the_window_is_gone() {
        let (stop, mut stopped) = oneshot::channel();
        drop(stop);
        until_taken(&mut stopped, || false).await;
    }
}
