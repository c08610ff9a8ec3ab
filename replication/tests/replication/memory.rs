//! The network in memory behaves as a network does: cuts, weather, nodes that crash.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use marquee_replication::NodeId;
use marquee_replication::transport::{
    Duplex, IDLE_TIMEOUT, Kind, Link, MemoryNetwork, MemoryTransport, Switch, Transport, TransportError,
    Weather,
};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout};

const ONE: NodeId = NodeId(1);
const TWO: NodeId = NodeId(2);
const SOON: Duration = Duration::from_secs(1);

struct Node {
    transport: Arc<MemoryTransport>,
    streams: mpsc::UnboundedReceiver<Duplex>,
    datagrams: mpsc::UnboundedReceiver<Bytes>,
}

fn join(network: &MemoryNetwork, node: NodeId) -> Node {
    let switch = Switch::new();
    let (take_stream, streams) = mpsc::unbounded_channel();
    let (take_datagram, datagrams) = mpsc::unbounded_channel();
    switch.on_stream(Kind::Admin, move |_from, stream| take_stream.send(stream).unwrap());
    switch.on_datagram(Kind::Membership, move |_from, payload| take_datagram.send(payload).unwrap());
    Node { transport: network.join(node, switch), streams, datagrams }
}

fn rain() -> Weather {
    let link = Link {
        delay: Duration::from_millis(20),
        jitter: Duration::from_millis(10),
        loss_per_mille: 100,
        doubled_per_mille: 100,
        bytes_per_second: 0,
    };
    Weather::new(3, link)
}

async fn stream(one: &Node, two: &mut Node) -> (Duplex, Duplex) {
    let mut here = one.transport.open(TWO, Kind::Admin, SOON).await.unwrap();
    here.sender.send(frame(0)).await.unwrap();
    let mut there = timeout(SOON, two.streams.recv()).await.unwrap().unwrap();
    assert_eq!(there.receiver.receive().await.unwrap(), Some(frame(0)));
    (here, there)
}

fn frame(number: u32) -> Bytes {
    Bytes::copy_from_slice(&number.to_le_bytes())
}

#[tokio::test(start_paused = true)]
async fn frames_stay_in_order_and_take_their_time() {
    let network = MemoryNetwork::with_weather(rain());
    let (one, mut two) = (join(&network, ONE), join(&network, TWO));
    let (mut here, mut there) = stream(&one, &mut two).await;
    let began = Instant::now();
    let sending = async {
        for number in 1..500 {
            here.sender.send(frame(number)).await.unwrap();
        }
        here.sender.finish().unwrap();
    };
    let receiving = async {
        for number in 1..500 {
            assert_eq!(there.receiver.receive().await.unwrap(), Some(frame(number)));
            assert!(began.elapsed() >= Duration::from_millis(20));
        }
        assert_eq!(there.receiver.receive().await.unwrap(), None);
        assert_eq!(there.receiver.receive().await.unwrap(), None, "it stays finished");
    };
    tokio::join!(sending, receiving);
}

#[tokio::test(start_paused = true)]
async fn datagrams_are_lost_doubled_and_overtake_each_other() {
    let network = MemoryNetwork::with_weather(rain());
    let (one, mut two) = (join(&network, ONE), join(&network, TWO));
    for number in 0..200 {
        one.transport.send_datagram(TWO, Kind::Membership, frame(number));
    }
    sleep(SOON).await;
    let mut arrived = Vec::new();
    while let Ok(payload) = two.datagrams.try_recv() {
        arrived.push(u32::from_le_bytes(payload[..].try_into().unwrap()));
    }
    let mut different = arrived.clone();
    different.sort_unstable();
    different.dedup();
    assert!(!arrived.is_sorted() && different.len() < arrived.len() && different.len() < 200, "{arrived:?}");
}

#[tokio::test(start_paused = true)]
async fn a_short_cut_delays_what_is_sent_and_a_long_one_breaks_the_streams() {
    for weather in [None, Some(rain())] {
        let network = weather.map_or_else(MemoryNetwork::new, MemoryNetwork::with_weather);
        let (one, mut two) = (join(&network, ONE), join(&network, TWO));
        let (mut here, mut there) = stream(&one, &mut two).await;

        network.cut(ONE, TWO);
        here.sender.send(frame(1)).await.unwrap();
        there.sender.send(frame(2)).await.unwrap();
        assert_eq!(here.receiver.receive().await.unwrap(), Some(frame(2)), "the other way is not cut");
        timeout(IDLE_TIMEOUT / 2, there.receiver.receive()).await.unwrap_err();
        network.heal();
        assert_eq!(timeout(SOON, there.receiver.receive()).await.unwrap().unwrap(), Some(frame(1)));

        network.cut(TWO, ONE);
        let broken = |error: &TransportError| matches!(error, TransportError::Broken { .. });
        let ends = async { tokio::join!(here.receiver.receive(), there.receiver.receive()) };
        let (at_here, at_there) = timeout(IDLE_TIMEOUT + SOON, ends).await.unwrap();
        assert!(broken(&at_here.unwrap_err()) && broken(&at_there.unwrap_err()));
        assert!(broken(&here.sender.send(frame(3)).await.unwrap_err()));
        let silence = one.transport.open(TWO, Kind::Admin, SOON).await.unwrap_err();
        assert!(matches!(silence, TransportError::Unreachable { .. }), "{silence}");
        network.heal();
        stream(&one, &mut two).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_node_that_crashes_is_silent_until_it_is_back() {
    let network = MemoryNetwork::with_weather(rain());
    let (one, mut two) = (join(&network, ONE), join(&network, TWO));
    let (mut here, there) = stream(&one, &mut two).await;
    network.leave(TWO);
    drop((there, two));
    timeout(SOON, here.receiver.receive()).await.unwrap_err();
    let mut two = join(&network, TWO);
    timeout(SOON, here.receiver.receive()).await.unwrap().unwrap_err();
    stream(&one, &mut two).await;
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_dropped_breaks_for_the_peer_and_a_closed_node_says_so() {
    let network = MemoryNetwork::with_weather(rain());
    let (one, mut two) = (join(&network, ONE), join(&network, TWO));
    let (mut here, there) = stream(&one, &mut two).await;
    drop(there);
    timeout(SOON, here.receiver.receive()).await.unwrap().unwrap_err();

    let (mut here, _there) = stream(&one, &mut two).await;
    two.transport.close().await;
    timeout(SOON, here.receiver.receive()).await.unwrap().unwrap_err();
}
