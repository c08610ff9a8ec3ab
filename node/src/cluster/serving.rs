//! Runs the errands that other nodes send.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use marquee_replication::NodeId;
use marquee_replication::transport::{Duplex, Kind, Switch, TransportError};
use tokio::sync::Semaphore;

use super::courier::{Carried, Local};
use super::errand::{self, Envelope};

/// How many errands run at once; one more is refused, and its sender goes elsewhere.
const ERRANDS_MAX: usize = 8_192;
/// How long an errand may take, whatever its sender says.
const WAIT_MAX: Duration = Duration::from_secs(120);

/// Runs what arrives at the switch.
pub fn serve(switch: &Switch, local: Arc<dyn Local>) {
    let places = Arc::new(Semaphore::new(ERRANDS_MAX));
    switch.on_stream(Kind::Forward, move |from, stream| {
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            tracing::warn!(%from, "refused: too many errands at once");
            return;
        };
        let local = Arc::clone(&local);
        tokio::spawn(async move {
            if let Err(error) = run(&*local, from, stream).await {
                tracing::debug!(%from, %error, "an errand's stream broke");
            }
            drop(place);
        });
    });
}

async fn run(local: &dyn Local, from: NodeId, mut stream: Duplex) -> Result<(), TransportError> {
    let frame: Option<Bytes> = stream.receiver.receive().await?;
    let Some(Envelope { group, wait_ms, errand }) = frame.as_ref().and_then(errand::read) else {
        tracing::debug!(%from, "refused: an errand that cannot be read");
        return Ok(());
    };
    let wait = Duration::from_millis(wait_ms).min(WAIT_MAX);
    // Who sent it does not wait any longer; a command that is in the log is carried out all the same.
    let Ok(Carried { reply, rest }) = tokio::time::timeout(wait, local.run(group, errand)).await else {
        return Ok(());
    };
    let is_open = reply.is_open();
    stream.sender.send(errand::write(&reply)).await?;
    if let Some(mut rest) = rest.filter(|_rest| is_open) {
        while let Some(frame) = rest.receive().await? {
            stream.sender.send(frame).await?;
        }
    }
    stream.sender.finish()
}
