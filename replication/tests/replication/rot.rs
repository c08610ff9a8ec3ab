//! Bits that flip in the log, which the database does not notice when it reads.

use std::time::Duration;

use bytes::Bytes;
use marquee_replication::{Group, GroupError, GroupId, GroupNetwork, GroupOptions, Store, StoreOptions};

use crate::disk::{Disk, Power};
use crate::journal::{Journal, read_lines};
use crate::{Clock, group_options};

const GROUP: GroupId = GroupId(1);

struct Node {
    log: Vec<u8>,
    state: Vec<u8>,
}

impl Node {
    /// Writes the commands one by one and stops in order.
    async fn run(self, commands: &[&'static str]) -> Self {
        let power = Power::steady();
        let (log, state) = (Disk::new(self.log, &power), Disk::new(self.state, &power));
        let (store, group) = open(&log, &state).await.unwrap();
        for command in commands {
            group.propose(Bytes::from_static(command.as_bytes())).await.unwrap();
        }
        group.close().await;
        store.close().await.unwrap();
        Self { log: log.content(), state: state.content() }
    }

    /// Opens, for the error.
    async fn refusal(self) -> GroupError {
        let power = Power::steady();
        open(&Disk::new(self.log, &power), &Disk::new(self.state, &power)).await.unwrap_err()
    }

    /// Flips a bit within the text wherever it stands in the log.
    fn rot(&mut self, text: &str) {
        let places: Vec<_> = (0..self.log.len() - text.len())
            .filter(|place| self.log[*place..].starts_with(text.as_bytes()))
            .collect();
        assert!(!places.is_empty(), "the text is in the log");
        for place in places {
            self.log[place] ^= 0x10;
        }
    }
}

async fn open(log: &Disk, state: &Disk) -> Result<(Store, Group<Journal>), GroupError> {
    let options = StoreOptions {
        cache_bytes: 8 << 20,
        sync_interval: Duration::from_secs(3600),
        ..StoreOptions::new("disks")
    };
    let store = Store::open_with(log.clone(), state.clone(), options).unwrap();
    let options = GroupOptions { log_entries_kept: u64::MAX, ..group_options(&Clock::default()) };
    let group = Group::found(&store, &GroupNetwork::alone(), options, Journal::new(GROUP)).await?;
    Ok((store, group))
}

#[tokio::test]
async fn a_flipped_bit_in_the_last_entry_is_named() {
    let mut node = Node { log: Vec::new(), state: Vec::new() }.run(&["alpha", "omega"]).await;
    node.rot("omega");
    let refusal = node.refusal().await.to_string();
    // Before it: the founding, the election, the group's own blank entry, and alpha.
    let expected = "entry 4 of the log of group g1 is damaged: its checksum does not match";
    assert!(refusal.contains(expected), "{refusal}");
}

#[tokio::test]
async fn a_flipped_bit_in_an_entry_to_replay_is_named_and_nothing_is_applied_over_it() {
    let early = Node { log: Vec::new(), state: Vec::new() }.run(&["alpha"]).await;
    let early_state = early.state.clone();
    let late = early.run(&["beta", "gamma", "delta"]).await;
    let replayed = Node { log: late.log.clone(), state: early_state.clone() }.run(&[]).await;
    let power = Power::steady();
    let (store, group) =
        open(&Disk::new(replayed.log, &power), &Disk::new(replayed.state, &power)).await.unwrap();
    let lines = read_lines(&store.snapshot().unwrap(), GROUP);
    assert_eq!(lines.len(), 4, "an older state catches up from the log");
    let index = lines[2].index;
    group.close().await;
    store.close().await.unwrap();

    let mut rotten = Node { log: late.log, state: early_state };
    rotten.rot("gamma");
    let refusal = rotten.refusal().await.to_string();
    let expected = format!("entry {index} of the log of group g1 is damaged: its checksum does not match");
    assert!(refusal.contains(&expected), "{refusal}");
}
