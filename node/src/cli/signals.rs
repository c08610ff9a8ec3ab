//! Signals that end a process politely.

use tokio::signal::unix::{SignalKind, signal};

/// Resolves with the first SIGINT or SIGTERM.
///
/// # Errors
/// When the system does not tell of signals.
pub(super) async fn asked_to_stop() -> std::io::Result<()> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    tokio::select! {
        _signal = interrupt.recv() => {}
        _signal = terminate.recv() => {}
    }
    Ok(())
}
