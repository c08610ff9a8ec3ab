//! One question, one answer, on a stream of its own.

use std::time::Duration;

use bytes::Bytes;

use super::Transport;
use super::duplex::Duplex;
use super::error::TransportError;
use super::kind::Kind;
use crate::identity::NodeId;

/// Asks a peer and waits for its answer, for no longer than the deadline in all.
///
/// # Errors
/// [`TransportError::may_have_arrived`] says whether the peer may have acted.
pub async fn call(
    transport: &dyn Transport,
    to: NodeId,
    kind: Kind,
    question: Bytes,
    deadline: Duration,
) -> Result<Bytes, TransportError> {
    let ends_at = tokio::time::Instant::now() + deadline;
    // Has the deadline itself; while it lasts, nothing was sent.
    let mut stream = transport.open(to, kind, deadline).await?;
    let exchange = async {
        stream.sender.send(question).await?;
        stream.sender.finish()?;
        let answer = stream.receiver.receive().await?;
        answer.ok_or_else(|| TransportError::Broken {
            peer: to,
            reason: "it ended without an answer".to_owned(),
        })
    };
    tokio::time::timeout_at(ends_at, exchange).await.unwrap_or(Err(TransportError::Late { peer: to }))
}

/// The other side of [`call`]: reads the question and sends what `answer` makes of it.
///
/// # Errors
/// When the stream breaks or ends without a question.
pub async fn answer_call<F>(
    mut stream: Duplex,
    from: NodeId,
    answer: impl FnOnce(Bytes) -> F,
) -> Result<(), TransportError>
where
    F: Future<Output = Bytes>,
{
    let question = stream.receiver.receive().await?;
    let question = question.ok_or_else(|| TransportError::Broken {
        peer: from,
        reason: "it ended without a question".to_owned(),
    })?;
    let answer = answer(question).await;
    stream.sender.send(answer).await?;
    stream.sender.finish()
}
