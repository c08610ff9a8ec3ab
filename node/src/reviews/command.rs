//! What can be asked of the reviews, and what they answer.

use marquee_ledger::{AccountId, EventId};
use serde::{Deserialize, Serialize};

use super::entity::{Stars, Summary};

/// What is asked. Every command may be repeated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Command {
    /// Writes a person's review of an event, or writes it anew. An answer stays.
    Write {
        /// Of which event.
        event: EventId,
        /// Whose.
        account: AccountId,
        /// The name that readers see.
        author: String,
        /// How good it was.
        stars: Stars,
        /// Some words.
        text: String,
    },
    /// Takes a person's review of an event back. That there is none is no mistake.
    Remove {
        /// Of which event.
        event: EventId,
        /// Whose.
        account: AccountId,
    },
    /// Answers a review for the organizer, or takes the answer back.
    Answer {
        /// Of which event.
        event: EventId,
        /// Which review.
        number: u64,
        /// The words.
        text: Option<String>,
    },
    /// Hides a review, or shows it again.
    Hide {
        /// Of which event.
        event: EventId,
        /// Which review.
        number: u64,
        /// Who of support does it.
        by: AccountId,
        /// Why it is hidden; none to show it again.
        because: Option<String>,
    },
}

/// What came of a command that was not refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// It stands there under this number.
    Written {
        /// The review's number.
        number: u64,
    },
    /// It is gone, or never was.
    Removed,
}

/// Why a command was not carried out. A refusal touches nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Refusal {
    /// No such review, or no such event.
    #[error("there is no such review")]
    UnknownReview,
    /// More characters than a review has.
    #[error("a review has at most {max} characters", max = super::entity::TEXT_MAX)]
    TooLong,
}

/// What changed, for all nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// Of which event.
    pub event: EventId,
    /// All its reviews.
    pub summary: Summary,
}
