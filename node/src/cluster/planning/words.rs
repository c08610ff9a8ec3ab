//! Plans in sentences.

use marquee_replication::NodeId;

use super::{Step, Warning};
use crate::directory::View;

/// `n2 (london-1)`: a node as operators call it.
#[must_use]
pub fn called(view: &View, node: NodeId) -> String {
    match view.nodes().get(&node) {
        Some(record) => format!("{node} ({})", record.facts.name),
        None => node.to_string(),
    }
}

impl Step {
    /// The stable word for its kind.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Rests(_) => "node-rests",
            Self::Works(_) => "node-works",
            Self::Goes(_) => "node-goes",
            Self::Copies { .. } => "replica-added",
            Self::Drops { .. } => "replica-dropped",
            Self::Moves { .. } => "home-moves",
            Self::Transfers { .. } => "venue-moves",
            Self::Seizes { .. } => "venue-taken-over",
        }
    }

    /// A sentence.
    #[must_use]
    pub fn words(&self, view: &View) -> String {
        let name = |node: NodeId| called(view, node);
        match *self {
            Self::Rests(node) => format!("{} gets no more homes and no more replicas.", name(node)),
            Self::Works(node) => format!("{} takes work again.", name(node)),
            Self::Goes(node) => format!("{} is gone for good; its number is never used again.", name(node)),
            Self::Copies { group, to } => format!("{} gets a replica of {group}.", name(to)),
            Self::Drops { group, from } => {
                format!("The replica of {group} on {} counts no more.", name(from))
            }
            Self::Moves { group, from: Some(from), to } => {
                format!("The home of {group} goes from {} to {}.", name(from), name(to))
            }
            Self::Transfers { venue, from, to } => format!(
                "Venue {venue} goes from {from} to {to}: it sells all the while, but for less than a second."
            ),
            Self::Seizes { venue, from, to, by } => format!(
                "Venue {venue} is taken over from {from} by {to}, from the copy on {}. {from} sells it no more as soon as it hears.",
                name(by)
            ),
            Self::Moves { group, from: None, to } => format!("{} becomes home of {group}.", name(to)),
        }
    }
}

impl Warning {
    /// The stable word for its kind.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::AlreadySo => "already-so",
            Self::HomeStays { .. } => "home-stays",
            Self::SoloStays { .. } => "solo-stays",
            Self::SoloLost { .. } => "solo-lost",
            Self::NoQuorum { .. } => "no-quorum",
            Self::TooFew { .. } => "too-few-replicas",
            Self::Even { .. } => "even-replicas",
            Self::OneRegion { .. } => "one-region",
            Self::NobodyHome { .. } => "no-home",
            Self::Waits { .. } => "waits",
            Self::Loss { .. } => "loss",
            Self::BetterCopy { .. } => "better-copy",
        }
    }

    /// A sentence.
    #[must_use]
    pub fn words(&self, view: &View) -> String {
        let name = |node: NodeId| called(view, node);
        match self {
            Self::AlreadySo => "It is so already; nothing changes.".to_owned(),
            Self::HomeStays { group, on } => {
                format!("{group} stays on {}: no other replica of it can be home.", name(*on))
            }
            Self::SoloStays { group, on } => format!(
                "{group} is a solo group and stays on {}: move its venues first, or they are not sold while it is stopped.",
                name(*on)
            ),
            Self::SoloLost { group } => format!(
                "{group} is a solo group: nobody sells its venues until they are taken over (`marquee cluster promote`)."
            ),
            Self::NoQuorum { group, there, of } => format!(
                "{group} has lost its quorum ({there} of {of} replicas answer): nothing of it changes until more are back."
            ),
            Self::TooFew { group, replicas, wanted } => format!(
                "{group} has {replicas} of {wanted} replicas then; the cluster adds what is missing as nodes are there."
            ),
            Self::Even { group, replicas } => {
                let lives = match (replicas - 1) / 2 {
                    0 => "the loss of none".to_owned(),
                    losses => format!("the loss of {losses}"),
                };
                format!(
                    "{group} has {replicas} replicas then, which live through {lives}, as {} would.",
                    replicas - 1
                )
            }
            Self::OneRegion { group, region } => {
                format!("All replicas of {group} are in {region} then: it stops when the region is lost.")
            }
            Self::Loss { group, copy } => format!(
                "What {group} did after entry {} of its ledger, of {}, is not in the copy. It comes up as conflicts when its home is \
                 back; if that is lost for good, it is lost.",
                copy.index,
                instant(copy.at_ms)
            ),
            Self::BetterCopy { on, entries } => {
                format!("The copy on {} is {entries} entries further.", name(*on))
            }
            Self::NobodyHome { group } => format!("Nobody is home of {group}: it begins when somebody is."),
            Self::Waits { group, node } => format!("{group} waits until {} answers.", name(*node)),
        }
    }
}

/// An instant in RFC 3339, UTC, to the second.
fn instant(millis: u64) -> String {
    let instant =
        i64::try_from(millis).ok().and_then(|millis| jiff::Timestamp::from_millisecond(millis).ok());
    // Out of range are only instants after the year 9999.
    instant.unwrap_or(jiff::Timestamp::MAX).strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
