//! What is kept of a review, and of all reviews of an event.

use marquee_ledger::{AccountId, EventId};
use serde::{Deserialize, Serialize};

/// The most characters of a review or an answer.
pub const TEXT_MAX: usize = 2_000;
/// The weight of everybody's mean in an event's score, in reviews.
const PRIOR_REVIEWS: f64 = 8.0;
/// Everybody's mean as long as nobody has reviewed anything.
const PRIOR_MEAN: f64 = 3.7;

/// One star to five.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Stars(u8);

/// No number of stars.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("stars are a number from 1 to 5")]
pub struct NoStars;

impl TryFrom<u8> for Stars {
    type Error = NoStars;

    fn try_from(stars: u8) -> Result<Self, NoStars> {
        if (1..=5).contains(&stars) { Ok(Self(stars)) } else { Err(NoStars) }
    }
}

impl From<Stars> for u8 {
    fn from(stars: Stars) -> Self {
        stars.0
    }
}

/// What one person thought of an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// Of which event.
    pub event: EventId,
    /// Its number: reviews of an event are counted from 1, and numbers are never used again.
    pub number: u64,
    /// Whose it is.
    pub account: AccountId,
    /// The name that readers see.
    pub author: String,
    /// How good it was.
    pub stars: Stars,
    /// Some words. May be empty.
    pub text: String,
    /// When it was written, in milliseconds since 1970.
    pub created_ms: u64,
    /// When it was written anew, in milliseconds since 1970.
    pub updated_ms: u64,
    /// What the organizer says to it.
    pub answer: Option<Answered>,
    /// Why it is hidden.
    pub hidden: Option<Hidden>,
}

/// What the organizer says to a review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// The words.
    pub text: String,
    /// When it was said, in milliseconds since 1970.
    pub at_ms: u64,
}

/// Why a review is hidden.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hidden {
    /// Who of support hid it.
    pub by: AccountId,
    /// Why.
    pub because: String,
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
}

/// All reviews of an event that are not hidden.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// How many reviews have one star, two, and so on.
    pub counts: [u32; 5],
}

impl Summary {
    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.iter().map(|count| u64::from(*count)).sum()
    }

    /// The sum of their stars.
    #[must_use]
    pub fn stars(&self) -> u64 {
        (1..).zip(self.counts).map(|(stars, count)| stars * u64::from(count)).sum()
    }

    /// The mean of their stars; none without a review.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        let count = self.count();
        (count > 0).then(|| self.stars() as f64 / count as f64)
    }

    /// What an event is ranked by, from 1 to 5: the mean of its reviews and of some more like `everybody`'s, so that one
    /// enthusiast does not outdo a hundred who were content.
    #[must_use]
    pub fn score(&self, everybody: &Self) -> f64 {
        let prior = everybody.mean().unwrap_or(PRIOR_MEAN);
        (prior * PRIOR_REVIEWS + self.stars() as f64) / (PRIOR_REVIEWS + self.count() as f64)
    }

    /// Counts a review.
    pub fn add(&mut self, stars: Stars) {
        let count = &mut self.counts[usize::from(stars.0) - 1];
        *count = count.saturating_add(1);
    }

    /// Counts a review no more.
    pub fn take(&mut self, stars: Stars) {
        let count = &mut self.counts[usize::from(stars.0) - 1];
        *count = count.saturating_sub(1);
    }

    /// With all reviews of another event.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        for (count, more) in self.counts.iter_mut().zip(other.counts) {
            *count = count.saturating_add(more);
        }
        self
    }

    /// Without the reviews of an event that are in it.
    #[must_use]
    pub fn without(mut self, other: &Self) -> Self {
        for (count, less) in self.counts.iter_mut().zip(other.counts) {
            *count = count.saturating_sub(less);
        }
        self
    }
}
