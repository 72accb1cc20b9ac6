//! How a service hears that it is to end.

use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};

/// Waits for SIGTERM or SIGINT (`true`), or until something that the service cannot be without has failed (`false`).
///
/// # Errors
/// When signals cannot be waited for.
pub(crate) async fn wait(has_failed: impl Fn() -> bool) -> std::io::Result<bool> {
    let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let failed = async {
        while !has_failed() {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    };
    tokio::select! {
        _ = term.recv() => Ok(true),
        _ = int.recv() => Ok(true),
        () = failed => Ok(false),
    }
}
