//! Three nodes over a network in memory, on virtual time. Who is home is what a test says.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};

use futures_util::FutureExt;
use marquee_replication::transport::{MemoryNetwork, MemoryTransport, Switch};

use super::super::errand::Query;
use super::super::serving;
use super::*;
use crate::directory::{Change, GroupKind, GroupRecord};

const GROUP: GroupId = GroupId(7);

/// What a node does with errands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Does {
    /// It is home.
    Answers,
    /// It was elected, and takes over when it has been asked so often.
    TakesOverAfter(u32),
    /// It is home, and hands over to another.
    HandsOverTo(u64),
    /// It is a replica, and says whom it takes for home.
    Names(Option<u64>, u64),
    /// It never answers.
    Nothing,
}

struct Post {
    node: NodeId,
    does: Mutex<Does>,
    asked: AtomicU32,
}

impl Local for Post {
    fn is_home(&self, _group: GroupId) -> bool {
        matches!(*self.does.lock(), Does::Answers | Does::HandsOverTo(_))
    }

    fn run(&self, _group: GroupId, errand: Errand) -> BoxFuture<'_, Carried> {
        let asked =
            if matches!(errand, Errand::WhoIsHome) { 0 } else { self.asked.fetch_add(1, Ordering::Relaxed) };
        let names = |home: Option<u64>, term| Reply::NotHome { home: home.map(NodeId), term };
        let reply = match *self.does.lock() {
            Does::Answers => Reply::Answer(Bytes::copy_from_slice(&self.node.0.to_le_bytes())),
            Does::TakesOverAfter(times) if asked >= times => {
                Reply::Answer(Bytes::copy_from_slice(&self.node.0.to_le_bytes()))
            }
            Does::TakesOverAfter(_times) => names(Some(self.node.0), 5),
            Does::HandsOverTo(other) => names(Some(other), 5),
            Does::Names(home, term) => names(home, term),
            Does::Nothing => return std::future::pending().boxed(),
        };
        async move { reply.into() }.boxed()
    }
}

struct Stage {
    courier: Arc<Courier>,
    posts: BTreeMap<u64, Arc<Post>>,
    _nodes: Vec<(Arc<MemoryTransport>, Arc<Switch>)>,
}

/// The courier is node 1's.
fn stage(does: [Does; 3]) -> Stage {
    let network = MemoryNetwork::new();
    let views = Arc::<Views>::default();
    let replicas = vec![NodeId(1), NodeId(2), NodeId(3)];
    let group = GroupRecord { id: GROUP, kind: GroupKind::Shared, preferred: NodeId(1), replicas };
    views.take(&[Change::Group(Arc::new(group))]);
    let (mut posts, mut nodes) = (BTreeMap::new(), Vec::new());
    for (node, does) in (1..).map(NodeId).zip(does) {
        let switch = Switch::new();
        let post = Arc::new(Post { node, does: Mutex::new(does), asked: AtomicU32::new(0) });
        serving::serve(&switch, Arc::clone(&post) as _);
        nodes.push((network.join(node, Arc::clone(&switch)), switch));
        posts.insert(node.0, post);
    }
    let transport = Arc::clone(&nodes[0].0) as Arc<dyn Transport>;
    let courier = Courier::new(NodeId(1), Some(transport), views);
    courier.employ(Arc::clone(&posts[&1]) as _);
    Stage { courier, posts, _nodes: nodes }
}

impl Stage {
    /// Who answered, and after how many milliseconds.
    async fn send(&self, again: bool) -> Result<(u64, u128), Lost> {
        let (begun, errand) = (Instant::now(), Errand::Query(Query::GroupStatus));
        let carried = self.courier.send(GROUP, &errand, begun + Duration::from_secs(5), again).await?;
        let Reply::Answer(by) = carried.reply else { panic!("{:?}", carried.reply) };
        Ok((u64::from_le_bytes(by.as_ref().try_into().unwrap()), begun.elapsed().as_millis()))
    }
}

#[tokio::test(start_paused = true)]
async fn a_home_that_was_just_elected_is_asked_until_it_has_taken_over() {
    let stage = stage([Does::Names(Some(2), 5), Does::TakesOverAfter(4), Does::Nothing]);
    stage.courier.hint(GROUP, NodeId(2), 5);
    assert_eq!(stage.send(true).await, Ok((2, 40)), "four pauses of ten milliseconds");
    assert_eq!(stage.posts[&3].asked.load(Ordering::Relaxed), 0, "nobody else is asked");
}

#[tokio::test(start_paused = true)]
async fn a_node_that_becomes_home_answers_what_it_had_sent_to_the_one_before() {
    let stage = Arc::new(stage([Does::Names(None, 4), Does::Nothing, Does::Nothing]));
    stage.courier.hint(GROUP, NodeId(2), 3);
    let sending = tokio::spawn({
        let stage = Arc::clone(&stage);
        async move { stage.send(true).await }
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    // It is elected, and has taken over a moment later.
    stage.courier.hint(GROUP, NodeId(1), 4);
    tokio::time::sleep(Duration::from_millis(35)).await;
    *stage.posts[&1].does.lock() = Does::Answers;
    stage.courier.look_again();
    assert_eq!(sending.await.unwrap(), Ok((1, 140)));
    assert_eq!(stage.posts[&3].asked.load(Ordering::Relaxed), 0, "nobody else is asked");
}

#[tokio::test(start_paused = true)]
async fn a_home_that_hands_over_is_not_asked_without_a_pause() {
    let stage = Arc::new(stage([Does::HandsOverTo(2), Does::Answers, Does::Nothing]));
    let sending = tokio::spawn({
        let stage = Arc::clone(&stage);
        async move { stage.send(true).await }
    });
    tokio::time::sleep(Duration::from_millis(35)).await;
    *stage.posts[&1].does.lock() = Does::Names(Some(2), 5);
    assert_eq!(sending.await.unwrap(), Ok((2, 40)));
    assert_eq!(stage.posts[&1].asked.load(Ordering::Relaxed), 4, "now, and after three pauses");
}

#[tokio::test(start_paused = true)]
async fn who_is_only_guessed_to_be_home_is_not_waited_for() {
    let stage = stage([Does::Names(None, 3), Does::Nothing, Does::Answers]);
    let (by, after_ms) = stage.send(true).await.unwrap();
    assert!(by == 3 && after_ms <= 320, "{by} after {after_ms} ms");
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_repeated_waits_where_it_was_sent() {
    let stage = stage([Does::Names(None, 3), Does::Nothing, Does::Answers]);
    assert_eq!(stage.send(false).await, Err(Lost::Unknown));
    assert_eq!(stage.posts[&3].asked.load(Ordering::Relaxed), 0, "nobody else is asked");
}
