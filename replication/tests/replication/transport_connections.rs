//! How connections over QUIC come and go.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use marquee_replication::NodeId;
use marquee_replication::transport::{Kind, QuicOptions, QuicTransport, Switch, Transport, call};
use marquee_replication::trust::Validity;

use crate::transport_networks::{PATIENCE, Quic, echo, options};

const KIND: Kind = Kind::Consensus;

async fn ask(from: &Arc<QuicTransport>, to: u64) {
    let question = Bytes::from_static(b"?");
    assert_eq!(call(&**from, NodeId(to), KIND, question.clone(), PATIENCE).await, Ok(question));
}

async fn eventually(what: &str, is_so: impl Fn() -> bool) {
    let waiting = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.unwrap_or_else(|_late| panic!("{what}"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_connections_that_were_dialled_at_once_one_is_kept() {
    let network = Quic::default();
    let (one, two) = (network.start(1, echo(KIND)), network.start(2, echo(KIND)));
    for _ in 0..20 {
        tokio::join!(ask(&one, 2), ask(&two, 1));
    }
    eventually("both stand", || one.metrics().connections == 1 && two.metrics().connections == 1).await;
    ask(&one, 2).await;
    ask(&two, 1).await;
    assert_eq!(one.metrics().dials + two.metrics().dials, one.metrics().accepted + two.metrics().accepted);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_share_a_dial() {
    let network = Quic::default();
    let (one, _two) = (network.start(1, echo(KIND)), network.start(2, echo(KIND)));
    let calls: Vec<_> = (0..100)
        .map(|_| {
            let one = Arc::clone(&one);
            tokio::spawn(async move { ask(&one, 2).await })
        })
        .collect();
    for call in calls {
        call.await.unwrap();
    }
    assert_eq!(one.metrics().dials, 1);
    assert!(one.round_trip(NodeId(2)).is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_was_started_again_says_so_itself() {
    // Silence would be noticed far too late for this test.
    let patient = QuicOptions {
        idle_timeout: Duration::from_secs(600),
        keep_alive: Duration::from_secs(300),
        ..options()
    };
    let network = Quic::default();
    let identity = network.identity(2);
    let one = network.start_with(patient.clone(), 1, Switch::new());
    // A process of its own, as it were, that dies without a farewell.
    let life = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let lost = {
        let _life = life.enter();
        QuicTransport::bind(patient.clone(), echo(KIND), Arc::clone(&identity)).unwrap()
    };
    let address = lost.local_addr();
    one.set_address(NodeId(2), address);
    ask(&one, 2).await;
    tokio::task::spawn_blocking(move || life.shutdown_timeout(PATIENCE)).await.unwrap();
    drop(lost);
    let rebound = async {
        loop {
            let options = QuicOptions { listen: address, ..patient.clone() };
            if let Ok(again) = QuicTransport::bind(options, echo(KIND), Arc::clone(&identity)) {
                return again;
            }
            tokio::task::yield_now().await;
        }
    };
    let _again = tokio::time::timeout(PATIENCE, rebound).await.expect("the port is not free");
    let answered = async {
        while call(&*one, NodeId(2), KIND, Bytes::new(), Duration::from_millis(200)).await.is_err() {}
    };
    tokio::time::timeout(PATIENCE, answered).await.expect("the old connection is still believed in");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_renewed_certificate_is_used_from_the_next_handshake_on() {
    let network = Quic::default();
    let identity = network.identity(1);
    let one = QuicTransport::bind(options(), echo(KIND), Arc::clone(&identity)).unwrap();
    let two = network.start(2, echo(KIND));
    two.set_address(NodeId(1), one.local_addr());
    ask(&two, 1).await;
    let renewed = Validity::starting(SystemTime::now(), Validity::NODE_LIFETIME * 2);
    identity.replace(network.authority.issue(NodeId(1), renewed).unwrap()).unwrap();
    // The connection that stands is left alone.
    ask(&two, 1).await;
    assert_eq!(two.metrics().dials, 1);
    let three = network.start(3, echo(KIND));
    three.set_address(NodeId(1), one.local_addr());
    ask(&three, 1).await;
}
