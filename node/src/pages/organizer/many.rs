//! Many actions of one form: some at a time, each with a key of its own, so that the form can be sent again.

use futures_util::StreamExt;
use marquee_ledger::Key;

use crate::catalog::command::Action;
use crate::catalog::service::Writer;
use crate::http::Problem;

/// How many actions are under way at a time: their home writes those that wait together.
const AT_ONCE: usize = 128;

/// Carries actions out in their order, until one fails; tells how many were, and why it was not all.
///
/// The key of each follows from the form's: sent again, the form is answered with what was made before, and goes on where it
/// stopped.
pub(super) async fn carry_out(
    writer: &Writer,
    key: Option<Key>,
    actions: Vec<Action>,
) -> (usize, Option<Problem>) {
    let asked =
        (0u64..).zip(actions).map(|(nth, action)| writer.write(key.map(|key| nth_key(key, nth)), action));
    let mut answers = futures_util::stream::iter(asked).buffered(AT_ONCE);
    let mut done = 0;
    while let Some(answer) = answers.next().await {
        match answer {
            Ok(_outcome) => done += 1,
            Err(error) => return (done, Some(error.into())),
        }
    }
    (done, None)
}

/// The ids of keys are hashes: spread over all bits, neighbours meet no other key.
fn nth_key(key: Key, nth: u64) -> Key {
    const SPREAD: u128 = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835;
    Key { id: key.id ^ (u128::from(nth) + 1).wrapping_mul(SPREAD), body: key.body }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_action_of_a_form_has_a_key_of_its_own() {
        let key = Key { id: 7, body: 9 };
        let keys: BTreeSet<u128> = (0..5_000).map(|nth| nth_key(key, nth).id).collect();
        assert_eq!(keys.len(), 5_000);
        assert!(!keys.contains(&key.id));
        assert_eq!(nth_key(key, 3), nth_key(key, 3));
    }
}
