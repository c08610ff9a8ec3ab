//! The protocols that pass seats from one group to another, as models that are checked in every state.
//!
//! **Messages** may be lost, late, doubled and in any order; **coordinators** may crash anywhere, and any number of them
//! may be at work. Both are said in one way: what was once answered is remembered for ever, and whatever the protocol lets
//! a coordinator do that has seen some of these answers may happen at any later time, as often as it likes. A message that
//! never comes is a step that is never taken.
//!
//! Each model is also checked with a step left out, in turn, and must be refuted then: a model that nothing refutes says
//! nothing.

mod allotment;
mod passage;
mod seizure;

use std::hash::Hash;

use stateright::{Checker, Model};

/// Checks every state of a model; tells how many there are, and the properties that do not hold, in order.
fn check<M>(model: M) -> (usize, Vec<&'static str>)
where
    M: Model + Send + Sync + 'static,
    M::State: Hash + Send + Sync + std::fmt::Debug + Clone + PartialEq,
    M::Action: std::fmt::Debug + PartialEq + Clone + Send + Sync,
{
    let checker = model.checker().threads(2).spawn_bfs().join();
    assert!(checker.is_done());
    let wrong = checker.model().properties().into_iter().filter_map(|property| {
        let found = checker.discovery(property.name).is_some();
        let holds = match property.expectation {
            stateright::Expectation::Always | stateright::Expectation::Eventually => !found,
            stateright::Expectation::Sometimes => found,
        };
        (!holds).then_some(property.name)
    });
    let mut wrong: Vec<_> = wrong.collect();
    wrong.sort_unstable();
    (checker.unique_state_count(), wrong)
}
