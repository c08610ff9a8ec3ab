//! Which sessions ended while access tokens of them are still within their time.

use std::collections::{BTreeMap, BTreeSet};

use parking_lot::RwLock;

use super::command::Change;
use super::tokens::SessionId;

/// Sessions that ended early. Bounded: an entry goes when the last access token of its session has expired by itself.
#[derive(Debug, Default)]
pub struct Revocations(RwLock<Ended>);

#[derive(Debug, Default)]
struct Ended {
    /// Session → until when it must be remembered, in milliseconds since 1970.
    sessions: BTreeMap<SessionId, u64>,
    by_end: BTreeSet<(u64, SessionId)>,
}

impl Revocations {
    /// From now on tokens of this session are refused. Entries that are of no use at `now_ms` are dropped.
    pub fn add(&self, session: SessionId, until_ms: u64, now_ms: u64) {
        let mut ended = self.0.write();
        while let Some(&(until_ms, session)) = ended.by_end.first()
            && until_ms <= now_ms
        {
            ended.by_end.pop_first();
            ended.sessions.remove(&session);
        }
        if let Some(before_ms) = ended.sessions.insert(session, until_ms) {
            ended.by_end.remove(&(before_ms, session));
        }
        ended.by_end.insert((until_ms, session));
    }

    /// Takes note of what a commit changed.
    pub fn follow<'c>(&self, changes: impl IntoIterator<Item = &'c Change>, now_ms: u64) {
        for change in changes {
            match change {
                Change::SessionEnded { session, until_ms } => self.add(*session, *until_ms, now_ms),
                Change::Account(_) | Change::DeletionUnfinished(_) => {}
            }
        }
    }

    /// Whether the session ended early.
    #[must_use]
    pub fn contains(&self, session: SessionId) -> bool {
        self.0.read().sessions.contains_key(&session)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_forgotten_when_its_tokens_have_expired() {
        let revocations = Revocations::default();
        let (one, two) = (SessionId(1), SessionId(2));
        revocations.add(one, 1_000, 0);
        assert!(revocations.contains(one) && !revocations.contains(two));
        revocations.add(two, 3_000, 2_000);
        assert!(!revocations.contains(one) && revocations.contains(two));
        revocations.add(two, 5_000, 2_000);
        revocations.add(one, 9_000, 4_000);
        assert!(revocations.contains(two), "the later end counts");
    }

    #[test]
    fn ends_are_followed() {
        let revocations = Revocations::default();
        let ended = Change::SessionEnded { session: SessionId(1), until_ms: 10 };
        revocations.follow(&[Change::Account(marquee_ledger::AccountId(1)), ended], 0);
        assert!(revocations.contains(SessionId(1)));
    }
}
