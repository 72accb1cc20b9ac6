//! How the kiosk hears that it is to end: SIGTERM from its supervisor, SIGINT from a terminal.

use std::thread::JoinHandle;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

use super::{Kiosk, with_kiosk};

/// Listens on a thread of its own.
pub(super) struct Signals {
    stop: oneshot::Sender<()>,
    thread: JoinHandle<bool>,
}

impl Signals {
    pub(super) fn listen() -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
        let (mut term, mut int) = {
            let _runtime = runtime.enter();
            (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?)
        };
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new().name("signals".into()).spawn(move || {
            let asked = runtime.block_on(async {
                tokio::select! {
                    _ = term.recv() => true,
                    _ = int.recv() => true,
                    _ = stopped => false,
                }
            });
            if asked {
                // Without a window there is nothing that could end in order; the kiosk is about to end by itself.
                let _ = slint::invoke_from_event_loop(|| with_kiosk(Kiosk::ends));
            }
            asked
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
