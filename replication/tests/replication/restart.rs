//! What a restart finds, and what the log lets go of.

use std::fs;

use bytes::Bytes;
use marquee_replication::{Group, GroupError, GroupId, GroupNetwork, GroupOptions, NodeId, Store, inspect};
use redb::{Database, ReadableDatabase, ReadableTableMetadata, TableDefinition};

use crate::journal::{Journal, read_lines, read_seen};
use crate::{Clock, group_options, store_options};

const ENTRIES: TableDefinition<'_, (u64, u64), &[u8]> = TableDefinition::new("log.entries");

#[tokio::test]
async fn a_restart_goes_on_where_it_stopped_and_time_never_runs_backwards() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::default();
    for (start, now_ms) in [500, 100, 700, 3].into_iter().enumerate() {
        let store = Store::open(store_options(folder.path())).unwrap();
        let group =
            Group::found(&store, &GroupNetwork::alone(), group_options(&clock), Journal::new(GroupId(1)))
                .await
                .unwrap();
        clock.set(now_ms);
        for number in 0..10_u64 {
            let written = group.propose(Bytes::from(format!("{start}/{number}"))).await.unwrap();
            assert_eq!(written.line, start as u64 * 10 + number);
        }
        group.close().await;
        store.close().await.unwrap();
    }
    let inspection = inspect(&store_options(folder.path())).unwrap();
    let lines = read_lines(&inspection.begin_read().unwrap(), GroupId(1));
    let times: Vec<_> = lines.iter().map(|line| line.now_ms).step_by(10).collect();
    assert_eq!(times, [500, 500, 700, 700]);
    assert!(lines.is_sorted_by_key(|line| (line.index, line.now_ms)));
}

#[tokio::test]
async fn a_group_can_be_closed_and_opened_while_the_store_stays() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(store_options(folder.path())).unwrap();
    for round in 0..5_u64 {
        let group = Group::found(
            &store,
            &GroupNetwork::alone(),
            group_options(&Clock::default()),
            Journal::new(GroupId(1)),
        )
        .await
        .unwrap();
        assert_eq!(group.propose(Bytes::from(round.to_string())).await.unwrap().line, round);
        group.close().await;
    }
    store.close().await.unwrap();
}

#[tokio::test]
async fn files_keep_their_number_and_others_have_another() {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for fresh in [7, 8, 9] {
        let store = Store::open(store_options(folder.path())).unwrap();
        assert_eq!(store.files_id(fresh).unwrap(), 7);
        store.close().await.unwrap();
    }
    let store = Store::open(store_options(other.path())).unwrap();
    assert_eq!(store.files_id(8).unwrap(), 8);
    store.close().await.unwrap();
}

#[tokio::test]
async fn the_log_is_purged_behind_what_is_on_the_disk() {
    const KEPT: u64 = 8;
    let folder = tempfile::tempdir().unwrap();
    let options = || GroupOptions { log_entries_kept: KEPT, ..group_options(&Clock::default()) };
    let store = Store::open(store_options(folder.path())).unwrap();
    let group =
        Group::found(&store, &GroupNetwork::alone(), options(), Journal::new(GroupId(1))).await.unwrap();
    let mut commands = 0_u64;
    while group.metrics().first_index < 200 {
        group.propose(Bytes::from(commands.to_string())).await.unwrap();
        commands += 1;
    }
    let metrics = group.metrics();
    assert!(metrics.first_index + KEPT <= metrics.durable_index + 1, "{metrics:?}");
    assert!(metrics.durable_index <= metrics.applied_index, "{metrics:?}");
    group.close().await;
    store.close().await.unwrap();

    let log = Database::open(folder.path().join("log.redb")).unwrap();
    let entries = log.begin_read().unwrap().open_table(ENTRIES).unwrap();
    assert!(
        entries.len().unwrap() <= metrics.last_index - metrics.first_index + KEPT,
        "purged entries are gone"
    );
    drop((entries, log));

    let store = Store::open(store_options(folder.path())).unwrap();
    let group =
        Group::found(&store, &GroupNetwork::alone(), options(), Journal::new(GroupId(1))).await.unwrap();
    assert!(group.metrics().first_index >= 200, "what was purged stays purged");
    assert_eq!(group.propose(Bytes::from_static(b"after")).await.unwrap().line, commands);
    let seen = read_seen(&group.snapshot().unwrap(), GroupId(1));
    assert_eq!(seen.len() as u64, commands + 1);
    assert!(seen.values().all(|times| *times == 1));
    group.close().await;
    store.close().await.unwrap();
}

#[tokio::test]
async fn files_that_do_not_belong_together_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let run = async |command: &'static str| {
        let store = Store::open(store_options(folder.path())).unwrap();
        let opened = Group::found(
            &store,
            &GroupNetwork::alone(),
            group_options(&Clock::default()),
            Journal::new(GroupId(1)),
        )
        .await;
        let ran = match opened {
            Ok(group) => {
                group.propose(Bytes::from_static(command.as_bytes())).await.unwrap();
                group.close().await;
                Ok(())
            }
            Err(refused) => Err(refused),
        };
        // Also after a refusal: the files are free for the next run when the store's threads have ended.
        store.close().await.unwrap();
        ran
    };
    run("first").await.unwrap();
    let log = folder.path().join("log.redb");
    let earlier = fs::read(&log).unwrap();
    run("second").await.unwrap();

    fs::write(&log, earlier).unwrap();
    let refused = run("third").await.unwrap_err();
    assert!(matches!(refused, GroupError::FilesDisagree { .. }), "{refused}");
    fs::remove_file(&log).unwrap();
    let refused = run("third").await.unwrap_err();
    assert!(refused.to_string().contains("but the log is empty"), "{refused}");
}

#[tokio::test]
async fn a_node_refuses_another_nodes_files() {
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
    group.close().await;
    let options = GroupOptions { node: NodeId(8), ..group_options(&Clock::default()) };
    let refused =
        Group::found(&store, &GroupNetwork::alone(), options, Journal::new(GroupId(1))).await.unwrap_err();
    assert!(matches!(refused, GroupError::NotMember { node: NodeId(8), .. }), "{refused}");
    store.close().await.unwrap();
}
