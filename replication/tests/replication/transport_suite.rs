//! What every transport promises, and does: one suite, run on each.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use marquee_replication::NodeId;
use marquee_replication::transport::{
    DATAGRAM_BYTES_MAX, Duplex, FRAME_BYTES_MAX, Kind, Switch, Transport, TransportError, call,
};

use crate::transport_networks::{Memory, Network, PATIENCE, Quic, echo, next, switch};

macro_rules! suite {
    ($($name:ident),* $(,)?) => {
        mod memory {
            $(#[tokio::test] async fn $name() { super::$name(&super::Memory::default()).await; })*
        }
        mod quic {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() { super::$name(&super::Quic::default()).await; }
            )*
        }
    };
}

suite! {
    a_datagram_arrives_with_its_sender,
    a_datagram_that_is_too_long_is_dropped,
    a_message_arrives_whole,
    a_stream_carries_frames_both_ways_in_order,
    a_call_is_answered,
    many_calls_at_once_are_answered,
    a_slow_receiver_stops_the_sender,
    the_longest_frame_passes_and_a_longer_one_is_refused,
    a_half_that_is_dropped_unfinished_breaks,
    a_stream_breaks_when_the_peer_goes,
    what_nobody_registered_for_is_refused_and_counted,
    nothing_waits_longer_than_its_deadline,
    a_node_does_not_reach_itself,
    a_peer_that_comes_back_elsewhere_is_reached_again,
    a_closed_transport_sends_and_takes_nothing,
}

const KIND: Kind = Kind::Forward;

fn bytes(length: usize, seed: usize) -> Bytes {
    (0..length).map(|place| (place * 31 + seed) as u8).collect::<Vec<_>>().into()
}

async fn open(from: &Arc<dyn Transport>, to: u64) -> Duplex {
    from.open(NodeId(to), KIND, PATIENCE).await.unwrap()
}

async fn receive(stream: &mut Duplex) -> Result<Option<Bytes>, TransportError> {
    tokio::time::timeout(PATIENCE, stream.receiver.receive()).await.expect("no frame and no end")
}

fn assert_broken<T: std::fmt::Debug>(result: Result<T, TransportError>, peer: u64) {
    match result {
        Err(TransportError::Broken { peer: with, .. }) => assert_eq!(with, NodeId(peer)),
        other => panic!("expected a broken stream, not {other:?}"),
    }
}

fn assert_unreachable<T: std::fmt::Debug>(result: &Result<T, TransportError>) {
    assert!(matches!(result, Err(TransportError::Unreachable { .. })), "not {result:?}");
}

async fn a_datagram_arrives_with_its_sender(network: &dyn Network) {
    let (there, mut datagrams, ..) = switch(Kind::Membership);
    let one = network.join(1, Switch::new());
    let _two = network.join(2, there);
    let payload = bytes(DATAGRAM_BYTES_MAX, 5);
    let arrival = async {
        loop {
            // It may be lost.
            one.send_datagram(NodeId(2), Kind::Membership, payload.clone());
            let wait = tokio::time::timeout(Duration::from_millis(100), datagrams.recv()).await;
            if let Ok(arrival) = wait {
                return arrival.unwrap();
            }
        }
    };
    let arrival = tokio::time::timeout(PATIENCE, arrival).await.expect("no datagram arrived");
    assert_eq!(arrival, (NodeId(1), payload));
}

async fn a_datagram_that_is_too_long_is_dropped(network: &dyn Network) {
    let (there, mut datagrams, ..) = switch(Kind::Membership);
    let one = network.join(1, Switch::new());
    let _two = network.join(2, there);
    let arrival = async {
        loop {
            one.send_datagram(NodeId(2), Kind::Membership, bytes(DATAGRAM_BYTES_MAX + 1, 0));
            one.send_datagram(NodeId(2), Kind::Membership, Bytes::from_static(b"short"));
            let wait = tokio::time::timeout(Duration::from_millis(100), datagrams.recv()).await;
            if let Ok(arrival) = wait {
                return arrival.unwrap();
            }
        }
    };
    let arrival = tokio::time::timeout(PATIENCE, arrival).await.expect("no datagram arrived");
    assert_eq!(arrival.1, "short");
}

async fn a_message_arrives_whole(network: &dyn Network) {
    let (there, _, mut messages, _) = switch(KIND);
    let one = network.join(1, Switch::new());
    let _two = network.join(2, there);
    for length in [0, 1, 1_200, 5_000, 3 << 20] {
        one.send_message(NodeId(2), KIND, bytes(length, length), PATIENCE).await.unwrap();
        let (from, payload) = next(&mut messages).await;
        assert_eq!(from, NodeId(1));
        assert!(payload == bytes(length, length), "a message of {length} bytes");
    }
}

async fn a_stream_carries_frames_both_ways_in_order(network: &dyn Network) {
    const FRAMES: usize = 500;
    let length = |frame: usize| (frame * frame) % 9_000;
    let (there, .., mut streams) = switch(KIND);
    let one = network.join(1, Switch::new());
    let _two = network.join(2, there);
    let Duplex { mut sender, mut receiver } = open(&one, 2).await;
    let (from, mut there) = next(&mut streams).await;
    assert_eq!(from, NodeId(1));
    let echoes = tokio::spawn(async move {
        while let Some(frame) = receive(&mut there).await.unwrap() {
            there.sender.send(frame).await.unwrap();
        }
        there.sender.finish().unwrap();
    });
    let sends = tokio::spawn(async move {
        for frame in 0..FRAMES {
            sender.send(bytes(length(frame), frame)).await.unwrap();
        }
        sender.finish().unwrap();
    });
    for frame in 0..FRAMES {
        let received = tokio::time::timeout(PATIENCE, receiver.receive()).await.unwrap().unwrap();
        assert!(received.unwrap() == bytes(length(frame), frame), "frame {frame}");
    }
    assert_eq!(receiver.receive().await, Ok(None));
    assert_eq!(receiver.receive().await, Ok(None), "the end stays the end");
    echoes.await.unwrap();
    sends.await.unwrap();
}

async fn a_call_is_answered(network: &dyn Network) {
    let one = network.join(1, Switch::new());
    let _two = network.join(2, echo(KIND));
    for length in [0, 40, 70_000] {
        let answer = call(&*one, NodeId(2), KIND, bytes(length, 3), PATIENCE).await.unwrap();
        assert!(answer == bytes(length, 3));
    }
}

async fn many_calls_at_once_are_answered(network: &dyn Network) {
    let one = network.join(1, echo(KIND));
    let two = network.join(2, echo(KIND));
    let calls = (0..2_000).map(|number| {
        let (from, to) = if number % 2 == 0 { (&one, 2) } else { (&two, 1) };
        let from = Arc::clone(from);
        tokio::spawn(async move {
            let question = bytes(100, number);
            let answer = call(&*from, NodeId(to), KIND, question.clone(), PATIENCE).await;
            assert_eq!(answer, Ok(question));
        })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.unwrap();
    }
}

async fn a_slow_receiver_stops_the_sender(network: &dyn Network) {
    const FRAMES: usize = 512;
    const LENGTH: usize = 64 << 10;
    let (there, .., mut streams) = switch(KIND);
    let one = network.join(1, Switch::new());
    let _two = network.join(2, there);
    let mut here = open(&one, 2).await;
    let (_, mut there) = next(&mut streams).await;
    let sent = Arc::new(AtomicUsize::new(0));
    let sends = tokio::spawn({
        let sent = Arc::clone(&sent);
        async move {
            for frame in 0..FRAMES {
                here.sender.send(bytes(LENGTH, frame)).await.unwrap();
                sent.fetch_add(1, Ordering::SeqCst);
            }
            here.sender.finish().unwrap();
        }
    });
    // Until it stands still, or has sent all.
    let mut before = usize::MAX;
    while before != sent.load(Ordering::SeqCst) || before == 0 {
        before = sent.load(Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    assert!(before * LENGTH <= 8 << 20, "{before} frames were taken that nobody read");
    for frame in 0..FRAMES {
        assert!(receive(&mut there).await.unwrap().unwrap() == bytes(LENGTH, frame), "frame {frame}");
    }
    assert_eq!(receive(&mut there).await, Ok(None));
    sends.await.unwrap();
}

async fn the_longest_frame_passes_and_a_longer_one_is_refused(network: &dyn Network) {
    let (there, _, mut messages, mut streams) = switch(KIND);
    let one = network.join(1, Switch::new());
    let _two = network.join(2, there);
    let longest = bytes(FRAME_BYTES_MAX, 1);
    let longer = bytes(FRAME_BYTES_MAX + 1, 1);
    let too_large = TransportError::TooLarge { bytes: FRAME_BYTES_MAX + 1, bytes_max: FRAME_BYTES_MAX };

    let refused = one.send_message(NodeId(2), KIND, longer.clone(), PATIENCE).await;
    assert_eq!(refused, Err(too_large.clone()));
    one.send_message(NodeId(2), KIND, longest.clone(), PATIENCE).await.unwrap();
    assert!(next(&mut messages).await.1 == longest);

    let mut here = open(&one, 2).await;
    assert_eq!(here.sender.send(longer).await, Err(too_large));
    let (_, mut there) = next(&mut streams).await;
    let sends = tokio::spawn(async move {
        here.sender.send(longest).await.unwrap();
        here.sender.finish().unwrap();
        here
    });
    assert_eq!(receive(&mut there).await.unwrap().unwrap().len(), FRAME_BYTES_MAX);
    assert_eq!(receive(&mut there).await, Ok(None), "of the longer frame nothing was sent");
    sends.await.unwrap();
}

async fn a_half_that_is_dropped_unfinished_breaks(network: &dyn Network) {
    let (there, .., mut streams) = switch(KIND);
    let one = network.join(1, Switch::new());
    let _two = network.join(2, there);

    let mut here = open(&one, 2).await;
    here.sender.send(Bytes::from_static(b"amid")).await.unwrap();
    let (_, mut there) = next(&mut streams).await;
    assert_eq!(receive(&mut there).await, Ok(Some(Bytes::from_static(b"amid"))));
    drop(here.sender);
    assert_broken(receive(&mut there).await, 1);

    let Duplex { mut sender, receiver: _receiver } = open(&one, 2).await;
    let (_, there) = next(&mut streams).await;
    drop(there.receiver);
    let broken = async {
        loop {
            if let Err(error) = sender.send(bytes(1_000, 0)).await {
                return error;
            }
            tokio::task::yield_now().await;
        }
    };
    let error = tokio::time::timeout(PATIENCE, broken).await.expect("the sender never learns");
    assert_broken(Err::<(), _>(error), 2);
}

async fn a_stream_breaks_when_the_peer_goes(network: &dyn Network) {
    let (there, .., mut streams) = switch(KIND);
    let one = network.join(1, Switch::new());
    let two = network.join(2, there);
    let mut here = open(&one, 2).await;
    let (_, mut held) = next(&mut streams).await;
    held.sender.send(Bytes::from_static(b"amid")).await.unwrap();
    assert_eq!(receive(&mut here).await, Ok(Some(Bytes::from_static(b"amid"))));
    two.close().await;
    drop(held);
    assert_broken(receive(&mut here).await, 2);
}

async fn what_nobody_registered_for_is_refused_and_counted(network: &dyn Network) {
    let there = echo(KIND);
    let one = network.join(1, Switch::new());
    let _two = network.join(2, Arc::clone(&there));
    let question = Bytes::from_static(b"?");
    assert_broken(call(&*one, NodeId(2), Kind::Admin, question.clone(), PATIENCE).await, 2);
    assert_eq!(there.refused(), 1);
    one.send_message(NodeId(2), Kind::Gossip, question.clone(), PATIENCE).await.unwrap();
    let counted = async {
        while there.refused() < 2 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(PATIENCE, counted).await.expect("the message is not counted");
    assert_eq!(call(&*one, NodeId(2), KIND, question.clone(), PATIENCE).await, Ok(question));
}

async fn nothing_waits_longer_than_its_deadline(network: &dyn Network) {
    const DEADLINE: Duration = Duration::from_millis(300);
    let (there, .., _streams) = switch(KIND);
    let one = network.join(1, Switch::new());
    let _two = network.join(2, there);
    network.join_silent(3);
    let all = async {
        assert_unreachable(&one.open(NodeId(9), KIND, DEADLINE).await);
        assert_unreachable(&one.open(NodeId(3), KIND, DEADLINE).await);
        assert_unreachable(&call(&*one, NodeId(3), KIND, Bytes::new(), DEADLINE).await);
        let sent = one.send_message(NodeId(3), KIND, Bytes::new(), DEADLINE).await;
        assert!(!sent.unwrap_err().may_have_arrived(), "to whom nothing leads, nothing was sent");
        // It takes the question and never answers.
        let unanswered = call(&*one, NodeId(2), KIND, Bytes::new(), DEADLINE).await;
        assert_eq!(unanswered, Err(TransportError::Late { peer: NodeId(2) }));
    };
    tokio::time::timeout(PATIENCE, all).await.expect("something waits for ever");
}

async fn a_node_does_not_reach_itself(network: &dyn Network) {
    let one = network.join(1, echo(KIND));
    assert_unreachable(&one.open(NodeId(1), KIND, PATIENCE).await);
}

async fn a_peer_that_comes_back_elsewhere_is_reached_again(network: &dyn Network) {
    let one = network.join(1, echo(KIND));
    let two = network.join(2, echo(KIND));
    let ask = |from: Arc<dyn Transport>, to: u64| async move {
        call(&*from, NodeId(to), KIND, Bytes::from_static(b"?"), PATIENCE).await
    };
    ask(Arc::clone(&one), 2).await.unwrap();
    two.close().await;
    let two = network.join(2, echo(KIND));
    ask(Arc::clone(&one), 2).await.unwrap();
    ask(two, 1).await.unwrap();
}

async fn a_closed_transport_sends_and_takes_nothing(network: &dyn Network) {
    let (there, _, mut messages, _) = switch(KIND);
    let one = network.join(1, echo(KIND));
    let two = network.join(2, there);
    call(&*two, NodeId(1), KIND, Bytes::new(), PATIENCE).await.unwrap();
    two.close().await;
    assert_eq!(two.open(NodeId(1), KIND, PATIENCE).await.err(), Some(TransportError::Closed));
    let sent = two.send_message(NodeId(1), KIND, Bytes::new(), PATIENCE).await;
    assert_eq!(sent, Err(TransportError::Closed));
    assert_eq!(two.round_trip(NodeId(1)), None);
    assert!(one.send_message(NodeId(2), KIND, Bytes::new(), Duration::from_secs(1)).await.is_err());
    assert!(messages.try_recv().is_err());
}
