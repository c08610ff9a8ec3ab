//! Brings errands to a group's home, wherever that is just now.
//!
//! The courier goes to whom the hints name, follows who says "not me, but them", and goes on to the other replicas when
//! nobody answers. A hint is a home with its term: the higher term is right. When a newer hint comes while an answer is
//! awaited, the old home is given up at once and the new one asked: that is what makes a failover short. A home that was
//! just elected is waited for, here or elsewhere, until it has taken over.
//!
//! Errands that may be repeated (they carry a key, or only read) are, until the deadline. The others are not, once they
//! may have arrived: their fate is unknown then, and that is what the caller is told.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use marquee_replication::transport::{FrameReceiver, Kind, Transport, TransportError};
use marquee_replication::{GroupId, NodeId};
use parking_lot::Mutex;
use tokio::sync::watch;
use tokio::time::Instant;

#[cfg(test)]
mod tests;

use super::errand::{self, Envelope, Errand, Reply};
use crate::directory::Views;

/// How long to wait before the next replica is asked, when one says that it is not home and does not know who is.
const HOMELESS_PAUSE: Duration = Duration::from_millis(10);
/// How long to wait before a node is tried again that cannot be reached.
const UNREACHABLE_PAUSE: Duration = Duration::from_millis(20);
/// After so long without an answer the other replicas are asked who is home.
const PROBE_AFTER: Duration = Duration::from_millis(120);
/// How long a probe may take.
const PROBE_MAX: Duration = Duration::from_millis(500);
/// After so long the next replica is asked, if the one that was asked is not known to be home.
const GUESS_MAX: Duration = Duration::from_millis(300);
/// How often it is looked whether this node has taken over, before others are asked.
const TAKING_OVER_MAX: u32 = 30;

/// Runs errands on this node, for groups that it is home of.
pub trait Local: Send + Sync {
    /// Whether this node is the group's home.
    fn is_home(&self, group: GroupId) -> bool;

    /// Runs an errand; [`Reply::NotHome`] if this node is not home, or was not to the end.
    fn run(&self, group: GroupId, errand: Errand) -> BoxFuture<'_, Carried>;
}

/// An answer, and the rest of its body if that follows.
pub struct Carried {
    /// The answer.
    pub reply: Reply,
    /// The frames that follow.
    pub rest: Option<Box<dyn FrameReceiver>>,
}

impl From<Reply> for Carried {
    fn from(reply: Reply) -> Self {
        Self { reply, rest: None }
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Lost {
    /// Nobody was home until the deadline. Nothing was done.
    #[error("no home of group {0} could be reached in time; nothing was done")]
    NobodyHome(GroupId),
    /// It may have been done, or be done yet.
    #[error("it is not known whether it was done")]
    Unknown,
}

/// The home of a group, as somebody said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Hint {
    term: u64,
    home: NodeId,
}

/// See the module.
pub struct Courier {
    node: NodeId,
    transport: Option<Arc<dyn Transport>>,
    views: Arc<Views>,
    local: OnceLock<Arc<dyn Local>>,
    hints: Arc<Hints>,
}

/// Who is said to be home.
struct Hints {
    by_group: Mutex<BTreeMap<GroupId, Hint>>,
    changed: watch::Sender<u64>,
}

impl Hints {
    fn take(&self, group: GroupId, home: NodeId, term: u64) {
        let mut by_group = self.by_group.lock();
        if by_group.get(&group).is_none_or(|known| known.term < term) {
            by_group.insert(group, Hint { term, home });
            drop(by_group);
            self.changed.send_modify(|generation| *generation += 1);
        }
    }
}

impl Courier {
    /// A courier of this node; without a transport it goes nowhere.
    #[must_use]
    pub fn new(node: NodeId, transport: Option<Arc<dyn Transport>>, views: Arc<Views>) -> Arc<Self> {
        Arc::new(Self {
            node,
            transport,
            views,
            local: OnceLock::new(),
            hints: Arc::new(Hints { by_group: Mutex::default(), changed: watch::Sender::new(0) }),
        })
    }

    /// Whether there are no other nodes to go to.
    #[must_use]
    pub const fn is_lone(&self) -> bool {
        self.transport.is_none()
    }

    /// Says who runs errands on this node. Once, before the first errand.
    pub fn employ(&self, local: Arc<dyn Local>) {
        // A second one would be a mistake of who composes the node, and harmless.
        let _ = self.local.set(local);
    }

    /// Takes note of who is said to be home.
    pub fn hint(&self, group: GroupId, home: NodeId, term: u64) {
        self.hints.take(group, home, term);
    }

    /// Lets whoever is on the way look again who is home: this node has taken over, or is not home any more.
    pub fn look_again(&self) {
        self.hints.changed.send_modify(|generation| *generation += 1);
    }

    /// Hears whenever somebody else is said to be home of a group.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.hints.changed.subscribe()
    }

    /// Who is home of a group, as far as this node knows, and in which term.
    #[must_use]
    pub fn home_of(&self, group: GroupId) -> Option<(NodeId, u64)> {
        self.hints.by_group.lock().get(&group).map(|hint| (hint.home, hint.term))
    }

    /// Whether this node is home of a group.
    #[must_use]
    pub fn is_home(&self, group: GroupId) -> bool {
        self.local.get().is_some_and(|local| local.is_home(group))
    }

    /// Brings an errand to the group's home and its answer back. `again` says that it may be repeated.
    ///
    /// # Errors
    /// When there is no answer by the deadline; see [`Lost`].
    pub async fn send(
        &self,
        group: GroupId,
        errand: &Errand,
        deadline: Instant,
        again: bool,
    ) -> Result<Carried, Lost> {
        let mut trip = Trip { group, tried: 0, looked: 0, avoid: None, in_doubt: false };
        while Instant::now() < deadline {
            if self.is_home(group)
                && let Some(local) = self.local.get()
            {
                let Ok(carried) = tokio::time::timeout_at(deadline, local.run(group, errand.clone())).await
                else {
                    trip.in_doubt = true;
                    break;
                };
                match self.judge(&mut trip, self.node, carried, again) {
                    Verdict::Done(carried) => return Ok(carried),
                    Verdict::Lost => return Err(Lost::Unknown),
                    // It names another and is home still: it is handing over, and refuses at once.
                    Verdict::Go if self.is_home(group) => tokio::time::sleep(HOMELESS_PAUSE).await,
                    Verdict::Go => {}
                    Verdict::Wait => tokio::time::sleep(HOMELESS_PAUSE).await,
                }
                continue;
            }
            let Some((transport, target)) = self.transport.as_ref().zip(self.target(&mut trip)) else {
                tokio::time::sleep(HOMELESS_PAUSE).await;
                continue;
            };
            match self.attempt(&**transport, &trip, target, errand, deadline, again).await {
                Attempt::Answered(carried) => match self.judge(&mut trip, target, carried, again) {
                    Verdict::Done(carried) => return Ok(carried),
                    Verdict::Lost => return Err(Lost::Unknown),
                    Verdict::Go => {}
                    Verdict::Wait => tokio::time::sleep(HOMELESS_PAUSE).await,
                },
                Attempt::Failed(error) => {
                    tracing::debug!(%group, %target, %error, "an errand failed");
                    trip.avoid = Some(target);
                    trip.in_doubt |= error.may_have_arrived();
                    if trip.in_doubt && !again {
                        return Err(Lost::Unknown);
                    }
                    tokio::time::sleep(UNREACHABLE_PAUSE).await;
                }
                Attempt::GivenUp => {
                    trip.in_doubt = true;
                    if !again {
                        return Err(Lost::Unknown);
                    }
                }
            }
        }
        Err(if trip.in_doubt { Lost::Unknown } else { Lost::NobodyHome(group) })
    }

    /// Asks one node about its replica of a group, once, whoever is home.
    pub async fn ask(
        &self,
        node: NodeId,
        group: GroupId,
        errand: &Errand,
        deadline: Instant,
    ) -> Option<Reply> {
        if node == self.node {
            return Some(self.local.get()?.run(group, errand.clone()).await.reply);
        }
        let asked = exchange(self.transport.as_deref()?, group, node, errand, deadline).await;
        asked.ok().map(|carried| carried.reply)
    }

    /// Whom to ask next: whom the hint names, unless they just failed; else the replicas in turn.
    fn target(&self, trip: &mut Trip) -> Option<NodeId> {
        let hint = self.home_of(trip.group).map(|(home, _term)| home);
        if let Some(home) = hint.filter(|home| *home != self.node && trip.avoid != Some(*home)) {
            return Some(home);
        }
        if hint == Some(self.node) && trip.looked < TAKING_OVER_MAX {
            // It was elected, and its state is not complete yet.
            trip.looked += 1;
            return None;
        }
        trip.looked = 0;
        trip.avoid = None;
        let view = self.views.now();
        let known = view.replicas(trip.group);
        let mut others: Vec<_> = known.iter().copied().filter(|replica| *replica != self.node).collect();
        if others.is_empty() {
            // Nothing is known of the group yet: anybody may know who is home.
            others = view.members().map(|node| node.id).filter(|node| *node != self.node).collect();
        }
        if others.is_empty() {
            return hint.filter(|home| *home != self.node);
        }
        let target = others[trip.tried % others.len()];
        trip.tried += 1;
        Some(target)
    }

    /// One trip to one node. It is given up when a newer hint names another, when this node has become home itself, and
    /// soon if nothing says that the node is home; but an errand that cannot be repeated is never given up for a guess.
    async fn attempt(
        &self,
        transport: &dyn Transport,
        trip: &Trip,
        target: NodeId,
        errand: &Errand,
        deadline: Instant,
        again: bool,
    ) -> Attempt {
        let mut hinted = self.hints.changed.subscribe();
        let term = self.home_of(trip.group).map_or(0, |(_home, term)| term);
        let mut exchange = std::pin::pin!(exchange(transport, trip.group, target, errand, deadline));
        let mut probe = std::pin::pin!(tokio::time::sleep(PROBE_AFTER));
        let mut guess = std::pin::pin!(tokio::time::sleep(GUESS_MAX));
        let (mut is_probed, mut is_guessed) = (false, false);
        loop {
            tokio::select! {
                biased;
                answered = exchange.as_mut() => {
                    return match answered {
                        Ok(carried) => Attempt::Answered(carried),
                        Err(error) => Attempt::Failed(error),
                    };
                }
                changed = hinted.changed() => {
                    let newer = self.home_of(trip.group).filter(|(_home, newer)| *newer > term);
                    let is_elsewhere = newer.is_some_and(|(home, _term)| home != target);
                    if changed.is_err() || is_elsewhere || self.is_home(trip.group) {
                        return Attempt::GivenUp;
                    }
                }
                () = guess.as_mut(), if !is_guessed => {
                    is_guessed = true;
                    if again && self.home_of(trip.group).is_none_or(|(home, _term)| home != target) {
                        return Attempt::GivenUp;
                    }
                }
                () = probe.as_mut(), if !is_probed => {
                    is_probed = true;
                    self.probe(trip.group, target);
                }
            }
        }
    }

    /// Asks the other replicas who is home; what they say becomes a hint.
    fn probe(&self, group: GroupId, except: NodeId) {
        let Some(transport) = &self.transport else { return };
        let view = self.views.now();
        for replica in view.replicas(group) {
            if *replica == self.node || *replica == except {
                continue;
            }
            let (transport, replica) = (Arc::clone(transport), *replica);
            let hints = Arc::clone(&self.hints);
            tokio::spawn(async move {
                let deadline = Instant::now() + PROBE_MAX;
                let asked = exchange(&*transport, group, replica, &Errand::WhoIsHome, deadline).await;
                if let Ok(Carried { reply: Reply::NotHome { home: Some(home), term }, .. }) = asked {
                    hints.take(group, home, term);
                }
            });
        }
    }

    fn judge(&self, trip: &mut Trip, by: NodeId, carried: Carried, again: bool) -> Verdict {
        match &carried.reply {
            Reply::NotHome { home, term } => {
                if let Some(home) = home {
                    self.hint(trip.group, *home, *term);
                }
                let known = self.home_of(trip.group).map(|(home, _term)| home);
                // Who says so of itself was elected, and has not taken over yet.
                trip.avoid = (known != Some(by) || *home != Some(by)).then_some(by);
                if known.is_some_and(|home| home != by) { Verdict::Go } else { Verdict::Wait }
            }
            Reply::Unknown => {
                trip.in_doubt = true;
                if again { Verdict::Wait } else { Verdict::Lost }
            }
            // Whose the venue is then, who sent the errand must look up.
            Reply::Moved
            | Reply::Answer(_)
            | Reply::Found(_)
            | Reply::Http(_)
            | Reply::Overloaded
            | Reply::TooLarge
            | Reply::Failed(_)
            | Reply::Seats
            | Reply::Nothing => Verdict::Done(carried),
        }
    }
}

/// How far an errand has come.
struct Trip {
    group: GroupId,
    tried: usize,
    /// How often it was looked whether this node has taken over.
    looked: u32,
    /// Who just failed.
    avoid: Option<NodeId>,
    /// Whether somebody may have acted on it.
    in_doubt: bool,
}

enum Attempt {
    Answered(Carried),
    Failed(TransportError),
    GivenUp,
}

enum Verdict {
    Done(Carried),
    Lost,
    Go,
    Wait,
}

async fn exchange(
    transport: &dyn Transport,
    group: GroupId,
    target: NodeId,
    errand: &Errand,
    deadline: Instant,
) -> Result<Carried, TransportError> {
    let left = deadline.saturating_duration_since(Instant::now());
    let envelope = Envelope {
        group,
        wait_ms: u64::try_from(left.as_millis()).unwrap_or(u64::MAX),
        errand: errand.clone(),
    };
    let asked = async {
        let mut stream = transport.open(target, Kind::Forward, left).await?;
        stream.sender.send(errand::write(&envelope)).await?;
        stream.sender.finish()?;
        let frame: Option<Bytes> = stream.receiver.receive().await?;
        let broken = |reason: &str| TransportError::Broken { peer: target, reason: reason.to_owned() };
        let frame = frame.ok_or_else(|| broken("it ended without an answer"))?;
        let reply: Reply = errand::read(&frame).ok_or_else(|| broken("the answer cannot be read"))?;
        let is_open = reply.is_open();
        Ok(Carried { reply, rest: is_open.then_some(stream.receiver) })
    };
    tokio::time::timeout_at(deadline, asked).await.unwrap_or(Err(TransportError::Late { peer: target }))
}
