//! Which sessions ended while access tokens of them are still within their time.

use std::collections::BTreeMap;

use parking_lot::RwLock;

use super::tokens::SessionId;

/// Sessions that ended early. Bounded: an entry goes when the last access token of its session has expired by itself.
#[derive(Debug, Default)]
pub struct Revocations {
    /// Session → until when it must be remembered, in milliseconds since 1970.
    ended: RwLock<BTreeMap<SessionId, u64>>,
}

impl Revocations {
    /// From now on tokens of this session are refused. Entries that are of no use at `now_ms` are dropped.
    pub fn add(&self, session: SessionId, until_ms: u64, now_ms: u64) {
        let mut ended = self.ended.write();
        ended.retain(|_session, until_ms| *until_ms > now_ms);
        ended.insert(session, until_ms);
    }

    /// Whether the session ended early.
    #[must_use]
    pub fn contains(&self, session: SessionId) -> bool {
        self.ended.read().contains_key(&session)
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
    }
}
