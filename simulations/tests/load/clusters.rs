//! The simulator of clusters, by its program: a seed has a process of its own.

use std::process::{Command, Output};

/// Seeds that stand for kinds of trouble; see each.
const SEEDS: [(u64, &str); 2] = [
    (2, "the power fails everywhere, and nodes come back at different times"),
    (3, "nodes are cut off in one direction"),
];

/// Seeds that found something once.
const REGRESSIONS: [(u64, &str); 4] = [
    (345, "a home that hands over refuses at once, and was asked again without a pause, for ever"),
    (
        695,
        "a record that was changed twice within one entry: all but its group's home kept the first of the changes",
    ),
    (
        734,
        "a record that became what it had been, and a copy that lost that: the version in between stayed the highest",
    ),
    (798, "who asks again hears of a hold that has lapsed, and was sold to another: that is no mistake"),
];

fn cluster(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cluster")).args(arguments).output().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn two_runs_of_a_seed_are_the_same_to_the_byte() {
    let seed = ["--seeds", "1", "--first-seed", "6", "--nodes", "3", "--trace"];
    let (one, other) = std::thread::scope(|scope| {
        let other = scope.spawn(|| cluster(&seed));
        (cluster(&seed), other.join().unwrap())
    });
    let (one, other) = (text(&one), text(&other));
    // The last line tells how long it took.
    let story =
        |text: &str| text.lines().filter(|line| !line.contains("seeds in")).collect::<Vec<_>>().join("\n");
    assert!(one.lines().count() > 100, "{one}");
    assert_eq!(story(&one), story(&other));
}

#[test]
fn clusters_come_through_trouble() {
    for (seed, trouble) in SEEDS {
        let output = cluster(&["--seeds", "1", "--first-seed", &seed.to_string(), "--nodes", "3"]);
        assert!(output.status.success(), "{trouble}: {}", text(&output));
        assert!(text(&output).contains(": ok"), "{}", text(&output));
    }
}

#[test]
fn what_was_found_once_stays_mended() {
    for (seed, found) in REGRESSIONS {
        let output = cluster(&["--seeds", "1", "--first-seed", &seed.to_string()]);
        assert!(output.status.success(), "{found}: {}", text(&output));
    }
}

#[test]
fn a_mistake_is_found_and_the_program_tells_how_to_see_it_again() {
    for mistake in ["log-unsynced", "applied-twice"] {
        let output = cluster(&["--seeds", "1", "--sabotage", mistake]);
        assert_eq!(output.status.code(), Some(1), "{}", text(&output));
        let text = text(&output);
        assert!(text.contains("WRONG"), "{text}");
        assert!(text.contains(&format!("--first-seed 1 --trace --sabotage {mistake}")), "{text}");
    }
}
