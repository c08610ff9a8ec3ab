//! Three nodes as processes of their own: one after the other loses its home, and nothing that was acknowledged is lost.

use marquee_simulations::fleet::Program;
use marquee_simulations::fleet::moving::move_about;
use marquee_simulations::fleet::sale::{Fault, sell};

use crate::marquee::{binary, folder};

/// Each fault once: `cargo run --release -p marquee-simulations --bin failover` does more, and measures.
#[tokio::test]
async fn buyers_at_other_nodes_go_on_whatever_happens_to_the_home() {
    let folder = folder();
    let program = Program { file: binary(), before: Vec::new() };
    let faults = [Fault::Kill, Fault::Pause, Fault::Cut, Fault::Deaf].map(|fault| (fault, 1));
    let sold = sell(program, folder.path(), &faults, 4, |_words| {}).await.unwrap();
    assert!(sold.is_right(), "{sold:?}");
    assert!(sold.bought > 4 * 20, "they bought before, meanwhile and afterwards");
    // Without network namespaces there are no links to cut.
    assert_eq!(sold.outages.len(), if sold.has_links { 4 } else { 2 });
}

/// The moves of a venue of 50,000 seats: two that nothing disturbs, and some whose home is killed on the way.
#[tokio::test]
async fn a_venue_moves_while_it_sells_whatever_happens_to_the_home() {
    let folder = folder();
    let program = Program { file: binary(), before: Vec::new() };
    // Seen by who runs the test with --nocapture.
    #[allow(clippy::print_stderr, reason = "figures for people")]
    let tell = |words: String| eprintln!("{words}");
    let moved = move_about(program, folder.path(), 2, 4, tell).await.unwrap();
    assert!(moved.is_right(), "{moved:?}");
    // On a busy machine a home may be lost in the middle of one of them, and another must be elected.
    assert!(moved.frozen_ms.iter().any(|frozen| *frozen < 1_000), "{moved:?}");
}
