//! Who says that it is home.

use crate::gossip::Told;
use crate::identity::{GroupId, NodeId};

/// A node that says, or said, that it is the home of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HomeHint {
    /// Since when, in consensus' time.
    pub term: u64,
    /// How far it had come.
    pub index: u64,
    /// Who.
    pub home: NodeId,
}

/// The key of a group's hint: `home/g3`.
#[must_use]
pub fn home_key(group: GroupId) -> String {
    format!("home/{group}")
}

/// The value of a group's hint: `term.index`.
#[must_use]
pub fn home_value(term: u64, index: u64) -> String {
    format!("{term}.{index}")
}

/// The best hint on a group's home: that of the highest term. Only a hint: who is asked there may know better.
#[must_use]
pub fn home_hint(told: &Told, group: GroupId) -> Option<HomeHint> {
    let key = home_key(group);
    told.iter()
        .filter_map(|(home, values)| {
            let (term, index) = values.get(&key)?.split_once('.')?;
            Some(HomeHint { term: term.parse().ok()?, index: index.parse().ok()?, home: *home })
        })
        .max()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn the_highest_term_wins_and_nonsense_does_not() {
        let group = GroupId(3);
        let says =
            |node: u64, value: &str| (NodeId(node), BTreeMap::from([(home_key(group), value.to_owned())]));
        let told = Told::from([says(1, &home_value(9, 1)), says(2, &home_value(10, 0)), says(3, "nonsense")]);
        let hint = HomeHint { term: 10, index: 0, home: NodeId(2) };
        assert_eq!(home_hint(&told, group), Some(hint));
        assert_eq!(home_hint(&told, GroupId(4)), None);
    }
}
