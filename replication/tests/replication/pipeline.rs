//! Commands in, answers out.

use std::collections::BTreeSet;
use std::sync::mpsc;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::join_all;
use marquee_replication::{
    Group, GroupError, GroupId, GroupNetwork, GroupOptions, ProposeError, Store, StoreError, StoreFailure,
    Volume, inspect,
};

use crate::journal::{FAIL, FORGET, Gate, Journal, PANIC, read_lines, read_seen};
use crate::{Clock, group_options, store_options};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_command_has_one_answer_and_callers_keep_their_order() {
    const CALLERS: u64 = 64;
    const COMMANDS: u64 = 50;
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(store_options(folder.path())).unwrap();
    let group = Group::found(
        &store,
        &GroupNetwork::alone(),
        group_options(&Clock::default()),
        Journal::new(GroupId(1)),
    )
    .await
    .unwrap();

    let callers = (0..CALLERS).map(|caller| {
        let group = group.clone();
        tokio::spawn(async move {
            let mut lines = Vec::new();
            for number in 0..COMMANDS {
                let command = Bytes::from(format!("{caller}/{number}"));
                let line = group.propose(command.clone()).await.unwrap().line;
                let seen = read_lines(&group.snapshot().unwrap(), GroupId(1));
                assert_eq!(seen[line as usize].command, command, "a caller reads what it wrote");
                lines.push(line);
            }
            lines
        })
    });
    let lines: Vec<Vec<u64>> = join_all(callers).await.into_iter().map(Result::unwrap).collect();

    assert!(lines.iter().all(|lines| lines.is_sorted()));
    let all: BTreeSet<u64> = lines.concat().into_iter().collect();
    assert_eq!(all, (0..CALLERS * COMMANDS).collect());
    let journal = read_lines(&group.snapshot().unwrap(), GroupId(1));
    for (caller, lines) in lines.iter().enumerate() {
        for (number, line) in lines.iter().enumerate() {
            assert_eq!(journal[*line as usize].command, format!("{caller}/{number}"));
        }
    }
    let metrics = group.metrics();
    assert_eq!(metrics.commands, CALLERS * COMMANDS);
    assert!(metrics.entries < metrics.commands, "a rush is proposed in batches");
    group.close().await;
    store.close().await.unwrap();
}

#[tokio::test]
async fn the_machine_knows_of_the_commit_before_the_caller() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(store_options(folder.path())).unwrap();
    let machine = Journal::new(GroupId(1));
    let committed_lines = std::sync::Arc::clone(&machine.committed_lines);
    let group = Group::found(&store, &GroupNetwork::alone(), group_options(&Clock::default()), machine)
        .await
        .unwrap();
    for number in 0..20_u64 {
        let written = group.propose(Bytes::from(number.to_string())).await.unwrap();
        assert_eq!(*committed_lines.lock().unwrap(), written.line + 1);
    }
    group.close().await;
    store.close().await.unwrap();
}

#[tokio::test]
async fn a_full_queue_refuses_and_nothing_is_lost_or_done_twice() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(store_options(folder.path())).unwrap();
    let (began, has_begun) = mpsc::channel();
    let (go, goes) = mpsc::channel();
    let machine = Journal::gated(GroupId(1), Gate { began, go: goes });
    let options = GroupOptions {
        commands_waiting_max: 4,
        entries_in_flight_max: 1,
        ..group_options(&Clock::default())
    };
    let group = Group::found(&store, &GroupNetwork::alone(), options, machine).await.unwrap();

    let propose = |text: &'static str| Box::pin(group.propose(Bytes::from_static(text.as_bytes())));
    let mut first = propose("first");
    assert!((&mut first).now_or_never().is_none());
    let has_begun = tokio::task::spawn_blocking(move || {
        has_begun.recv().unwrap();
        has_begun
    })
    .await
    .unwrap();
    let mut waiting: Vec<_> = ["a", "b", "c", "d"].into_iter().map(propose).collect();
    for command in &mut waiting {
        assert!(command.now_or_never().is_none());
    }
    assert_eq!(group.metrics().commands_waiting, 4);
    assert_eq!(propose("one too many").now_or_never(), Some(Err(ProposeError::Overloaded)));

    for _ in 0..2 {
        go.send(()).unwrap();
    }
    assert_eq!(first.await.unwrap().line, 0);
    for (command, line) in join_all(waiting).await.into_iter().zip(1..) {
        assert_eq!(command.unwrap().line, line);
    }
    drop(has_begun);
    let state = group.snapshot().unwrap();
    let lines = read_lines(&state, GroupId(1));
    let commands: Vec<_> = lines.iter().map(|line| &line.command[..]).collect();
    assert_eq!(commands, [&b"first"[..], b"a", b"b", b"c", b"d"]);
    drop(state);
    group.close().await;
    store.close().await.unwrap();
}

#[tokio::test]
async fn closing_answers_what_waits_and_refuses_what_comes_later() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(store_options(folder.path())).unwrap();
    let group = Group::found(
        &store,
        &GroupNetwork::alone(),
        group_options(&Clock::default()),
        Journal::new(GroupId(1)),
    )
    .await
    .unwrap();
    let mut waiting: Vec<_> =
        (0..100_u64).map(|n| Box::pin(group.propose(Bytes::from(n.to_string())))).collect();
    for command in &mut waiting {
        assert!(command.now_or_never().is_none());
    }
    group.clone().close().await;
    for command in join_all(waiting).await {
        command.unwrap();
    }
    assert_eq!(group.propose(Bytes::from_static(b"late")).await, Err(ProposeError::Stopped));
    group.close().await;
    store.close().await.unwrap();
}

#[tokio::test]
async fn a_command_of_the_greatest_length_passes_and_a_longer_one_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(store_options(folder.path())).unwrap();
    let group = Group::found(
        &store,
        &GroupNetwork::alone(),
        group_options(&Clock::default()),
        Journal::new(GroupId(1)),
    )
    .await
    .unwrap();
    let long = Bytes::from(vec![7; 16 << 20]);
    let refused = group.propose([&long[..], b"!"].concat().into()).await;
    assert_eq!(refused, Err(ProposeError::TooLarge { bytes: long.len() + 1, bytes_max: long.len() }));
    let empty = Bytes::new();
    let (first, second, third) = tokio::join!(
        group.propose(Bytes::from_static(b"short")),
        group.propose(long.slice(..1 << 20)),
        group.propose(empty.clone())
    );
    assert_eq!([first, second, third].map(|written| written.unwrap().line), [0, 1, 2]);
    assert_eq!(read_lines(&group.snapshot().unwrap(), GroupId(1))[2].command, empty);
    group.close().await;
    store.close().await.unwrap();
}

#[tokio::test]
async fn groups_share_a_store_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(store_options(folder.path())).unwrap();
    let mut groups = Vec::new();
    for id in [GroupId(1), GroupId(2), GroupId(3)] {
        let options = GroupOptions { id, ..group_options(&Clock::default()) };
        groups.push(Group::found(&store, &GroupNetwork::alone(), options, Journal::new(id)).await.unwrap());
    }
    let all = groups.iter().enumerate().flat_map(|(number, group)| {
        (0..40).map(move |command| group.propose(Bytes::from(format!("{number}/{command}"))))
    });
    for written in join_all(all).await {
        written.unwrap();
    }
    let state = store.snapshot().unwrap();
    for (number, id) in [GroupId(1), GroupId(2), GroupId(3)].into_iter().enumerate() {
        let commands: Vec<_> = read_lines(&state, id).into_iter().map(|line| line.command).collect();
        let own: Vec<_> = (0..40).map(|command| Bytes::from(format!("{number}/{command}"))).collect();
        assert_eq!(commands, own);
        assert!(read_seen(&state, id).values().all(|times| *times == 1));
    }
    drop(state);
    for group in groups {
        group.close().await;
    }
    store.close().await.unwrap();
}

/// What a broken machine does to its callers and its store.
async fn break_by(command: &'static [u8]) -> StoreFailure {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(store_options(folder.path())).unwrap();
    let group = Group::found(
        &store,
        &GroupNetwork::alone(),
        group_options(&Clock::default()),
        Journal::new(GroupId(1)),
    )
    .await
    .unwrap();
    group.propose(Bytes::from_static(b"fine")).await.unwrap();
    assert_eq!(group.propose(Bytes::from_static(command)).await, Err(ProposeError::OutcomeUnknown));
    let failure = store.failed().await;
    let after = group.propose(Bytes::from_static(b"after")).await.unwrap_err();
    assert!(matches!(after, ProposeError::Stopped | ProposeError::OutcomeUnknown), "{after}");
    let commands: Vec<_> =
        read_lines(&group.snapshot().unwrap(), GroupId(1)).into_iter().map(|line| line.command).collect();
    assert_eq!(commands, [b"fine".as_slice()]);
    group.close().await;
    let closing = store.close().await.unwrap_err();
    assert!(matches!(closing, StoreError::Broken(_)), "{closing}");
    failure
}

#[tokio::test]
async fn a_machine_that_fails_stops_the_store_and_says_why() {
    let failure = break_by(FAIL).await;
    assert_eq!(failure, StoreFailure::Machine { reason: "the journal's pen broke".to_owned() });
}

#[tokio::test]
async fn a_machine_that_forgets_an_answer_stops_the_store() {
    let StoreFailure::Machine { reason } = break_by(FORGET).await else {
        panic!("not the machine's failure")
    };
    assert!(reason.starts_with("the machine gave 0 answers to the 1 commands of entry"), "{reason}");
}

#[tokio::test]
async fn a_machine_that_panics_stops_the_store() {
    assert_eq!(break_by(PANIC).await, StoreFailure::Panicked { volume: Volume::State });
}

#[tokio::test]
async fn a_data_folder_has_one_user_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let options = store_options(folder.path());
    assert!(matches!(inspect(&options), Err(StoreError::Missing { .. })));
    let store = Store::open(options.clone()).unwrap();
    let second = Store::open(options.clone()).unwrap_err();
    assert!(matches!(second, StoreError::InUse { .. }), "{second}");
    let look = inspect(&options).unwrap_err();
    assert!(look.to_string().ends_with("is in use by a running node; stop that node first"), "{look}");
    store.close().await.unwrap();
    let inspection = inspect(&options).unwrap();
    assert!(matches!(Store::open(options.clone()), Err(StoreError::InUse { .. })));
    drop(inspection);
    Store::open(options).unwrap().close().await.unwrap();
}

#[tokio::test]
async fn timeouts_that_do_not_fit_together_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(store_options(folder.path())).unwrap();
    let mut options = group_options(&Clock::default());
    options.timeouts.election_min = options.timeouts.heartbeat;
    let refused =
        Group::found(&store, &GroupNetwork::alone(), options, Journal::new(GroupId(1))).await.unwrap_err();
    assert!(matches!(refused, GroupError::Timeouts { .. }), "{refused}");
    store.close().await.unwrap();
}
