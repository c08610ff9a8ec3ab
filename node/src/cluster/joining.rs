//! How a node becomes one of the cluster.
//!
//! The newcomer asks a member, whose certificate it checks against the token's fingerprint, with the token's secret and
//! what it says of itself. The member has the directory admit it and answers with the node's number, the cluster's
//! authority, and the secrets that all nodes share. The newcomer issues its own certificate with them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use marquee_config::{NodeGroup, Settings};
use marquee_replication::NodeId;
use marquee_replication::transport::{Kind, Switch, TransportError, answer_call, join_call};
use marquee_replication::trust::{JoinSecret, JoinToken};
use serde::{Deserialize, Serialize};

use super::errand;
use super::identity::{Belonging, BelongingError};
use crate::directory::{Command, GroupKind, NodeFacts, Outcome};
use crate::home::Home;
use crate::keys::{KeyError, KeyFolder};

/// How long a newcomer waits for its answer.
const DEADLINE: Duration = Duration::from_secs(15);

#[derive(Serialize, Deserialize)]
struct Question {
    secret: JoinSecret,
    facts: NodeFacts,
    /// Who may take over the group that the node founds.
    #[serde(default)]
    group: GroupKind,
}

#[derive(Serialize, Deserialize)]
enum Answer {
    Welcome(Box<Welcome>),
    Refused(String),
}

#[derive(Serialize, Deserialize)]
struct Welcome {
    node: NodeId,
    authority: String,
    keys: Vec<(String, Bytes)>,
    peers: Vec<(NodeId, SocketAddr)>,
}

/// Why a node did not join.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    /// The member cannot be reached, or is none of the token's cluster.
    #[error("the member at {address} did not answer: {source}")]
    Transport {
        /// Whom was asked.
        address: SocketAddr,
        /// What happened.
        source: TransportError,
    },
    /// The cluster does not want the node; the words say why.
    #[error("the cluster refuses: {0}")]
    Refused(String),
    /// The answer is of another version.
    #[error("the member's answer cannot be read; let both nodes run the same version")]
    Unreadable,
    /// The data folder cannot be written.
    #[error(transparent)]
    Belonging(#[from] BelongingError),
    /// The shared keys cannot be written.
    #[error(transparent)]
    Keys(#[from] KeyError),
}

/// Lets the node of these settings join the cluster of a token, through the member at an address. What it was told is in
/// its data folder then.
///
/// # Errors
/// When it is refused, or nobody answers; the data folder belongs to no cluster then, and the same token may be used
/// again by the same node.
pub async fn join(
    settings: &Settings,
    facts: NodeFacts,
    address: SocketAddr,
    token: &JoinToken,
) -> Result<Belonging, JoinError> {
    let folder = &settings.storage.data_dir;
    if let Some(known) = Belonging::read(folder)? {
        let (cluster, node) = (known.cluster().to_owned(), known.node());
        return Err(BelongingError::Taken { path: folder.clone(), cluster, node }.into());
    }
    let group = match settings.node.group {
        NodeGroup::Shared => GroupKind::Shared,
        NodeGroup::Solo => GroupKind::Solo,
    };
    let question = errand::write(&Question { secret: token.secret().clone(), facts, group });
    let answer = join_call(address, token.fingerprint(), question, DEADLINE).await;
    let answer = answer.map_err(|source| JoinError::Transport { address, source })?;
    let welcome = match errand::read::<Answer>(&answer).ok_or(JoinError::Unreadable)? {
        Answer::Welcome(welcome) => welcome,
        Answer::Refused(why) => return Err(JoinError::Refused(why)),
    };
    KeyFolder::open(folder)?.adopt(&welcome.keys)?;
    let lifetime = settings.cluster.trust.certificate_lifetime;
    Ok(Belonging::adopt(folder, &welcome.authority, welcome.node, &welcome.peers, lifetime)?)
}

/// Answers newcomers.
pub fn welcome_newcomers(switch: &Switch, home: Home, belonging: Arc<Belonging>, keys: KeyFolder) {
    switch.on_stream(Kind::Join, move |from, stream| {
        let (home, belonging, keys) = (home.clone(), Arc::clone(&belonging), keys.clone());
        tokio::spawn(async move {
            let answered = answer_call(stream, from, |question| async move {
                let answer = admit(&home, &belonging, &keys, &question).await;
                if let Answer::Refused(why) = &answer {
                    tracing::warn!(why, "refused: a newcomer");
                }
                errand::write(&answer)
            });
            if let Err(error) = answered.await {
                tracing::debug!(%error, "a newcomer went away");
            }
        });
    });
}

async fn admit(home: &Home, belonging: &Belonging, keys: &KeyFolder, question: &Bytes) -> Answer {
    let Some(Question { secret, facts, group }) = errand::read(question) else {
        return Answer::Refused(
            "the question cannot be read; let both nodes run the same version".to_owned(),
        );
    };
    let command = Command::Join { token: secret.hash(), facts: facts.clone(), group };
    let node = match home.directory(None, command).await {
        Ok(Ok(Outcome::Joined(node))) => node,
        Ok(Ok(Outcome::Done | Outcome::Placed(_) | Outcome::Moving(_))) => {
            return Answer::Refused("the directory answered something else".to_owned());
        }
        Ok(Err(refusal)) => return Answer::Refused(refusal.to_string()),
        Err(failure) => return Answer::Refused(format!("{failure}; try again in a moment")),
    };
    let shared = match keys.shared() {
        Ok(shared) => shared,
        Err(error) => return Answer::Refused(error.to_string()),
    };
    tracing::info!(%node, name = facts.name, group = group.name(), "a node joined");
    let view = home.commons().views.now();
    let mut peers: Vec<_> = view.members().map(|known| (known.id, known.facts.quic)).collect();
    peers.retain(|(known, _address)| *known != node);
    Answer::Welcome(Box::new(Welcome {
        node,
        authority: belonging.authority().to_pem().to_string(),
        keys: shared,
        peers,
    }))
}
