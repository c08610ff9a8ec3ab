//! What broken peers send.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use marquee_replication::transport::{Kind, MemoryTransport, Switch, Transport};
use marquee_replication::{GroupId, NodeId};
use parking_lot::Mutex;

use crate::cluster::{Cluster, GROUP, guarded};
use crate::disk::Dice;

const DEADLINE: Duration = Duration::from_secs(5);

/// Sends frames on one stream and reads whatever comes, until the node closes it.
async fn send(peer: &MemoryTransport, kind: Kind, frames: Vec<Bytes>) -> Vec<Bytes> {
    let mut stream = peer.open(NodeId(1), kind, DEADLINE).await.unwrap();
    for frame in frames {
        if stream.sender.send(frame).await.is_err() {
            break;
        }
    }
    let _ = stream.sender.finish();
    let mut answers = Vec::new();
    while let Ok(Some(answer)) = guarded("an end", stream.receiver.receive()).await {
        answers.push(answer);
    }
    answers
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn garbage_from_a_peer_is_refused_and_counted_and_harms_nobody() {
    let cluster = Cluster::of(3).await;
    let told = Arc::new(Mutex::new(Vec::new()));
    let tell = Arc::clone(&told);
    cluster.node(1).network.on_unknown_group(move |group, from| tell.lock().push((group, from)));
    let peer = cluster.links.join(NodeId(9), Switch::new());
    let term = cluster.node(1).group.metrics().term;

    let mut dice = Dice::new(7);
    let mut noise = |length: u64| -> Vec<u8> { (0..length).map(|_| dice.roll(256) as u8).collect() };
    let group = GROUP.0.to_le_bytes();
    let appends = [&[1, 2][..], &group].concat();
    let before = cluster.node(1).network.metrics().refused;
    let mut sent = 0;
    for length in [0, 1, 2, 3, 10, 100, 5000] {
        let streams: [(Kind, Vec<Vec<u8>>); 6] = [
            (Kind::Consensus, vec![noise(length)]),
            (Kind::Consensus, vec![[&[1, 1][..], &noise(length)].concat()]),
            (Kind::Consensus, vec![appends.clone(), noise(length)]),
            (Kind::Consensus, vec![[&[1, 3][..], &group, &8_u32.to_le_bytes(), &noise(8)].concat()]),
            (Kind::Consensus, vec![[&[200][..], &noise(length)].concat()]),
            (Kind::Snapshot, vec![[&[1][..], &noise(length)].concat(), noise(length)]),
        ];
        for (kind, frames) in streams {
            send(&peer, kind, frames.into_iter().map(Bytes::from).collect()).await;
            sent += 1;
        }
    }
    let refused = cluster.node(1).network.metrics().refused - before;
    assert!(refused >= sent * 2 / 3, "{refused} of {sent}");

    // A well-formed opening for a group that is not there.
    let unknown = [&[1, 2][..], &77_u64.to_le_bytes()].concat();
    let answers = send(&peer, Kind::Consensus, vec![unknown.into()]).await;
    assert_eq!(answers.len(), 1, "it is told so");
    assert_eq!(*told.lock(), [(GroupId(77), NodeId(9))]);

    cluster.write("still there").await;
    assert_eq!(cluster.same_everywhere().await.len(), 1);
    assert_eq!(cluster.node(1).group.metrics().term, term);
    cluster.stop_all().await;
}
