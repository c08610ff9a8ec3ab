//! Where customers, organizers and operators reach a node, as they reach its HTTP layer in the field.
//!
//! What is asked is handed to the node's own services below HTTP, which bring it to whoever is home. A node that crashes
//! takes the requests at it along; who asked does not know then whether they were carried out.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use marquee_ledger::change::SeatStatus;
use marquee_ledger::layout::SeatIndex;
use marquee_ledger::{Command as LedgerCommand, Key, Order, OrderId, PerformanceId, Request};
use marquee_node::cluster::commons::Commons;
use marquee_node::cluster::courier::{Carried, Local};
use marquee_node::cluster::errand::{Errand, Found, GroupStatus, HttpReply, HttpRequest, Query, Reply};
use marquee_node::cluster::homes;
use marquee_node::cluster::owner::Owner;
use marquee_node::home::{Failure, Home};
use marquee_node::machine::{Command, encode_command};
use marquee_node::{catalog, directory};
use marquee_replication::{GroupId, NodeId};
use parking_lot::Mutex;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use super::history::Seat;

/// How long a look at a seat may be on its way.
const LOOK_MAX: Duration = Duration::from_secs(3);

/// What is asked of a node.
#[derive(Clone, Debug)]
pub enum Asked {
    /// Something of the ledger.
    Ledger(Request),
    /// Something of the catalog.
    Catalog(Option<Key>, catalog::Command),
    /// Something of the directory.
    Directory(Option<Key>, directory::Command),
    /// Orders as they stand.
    Orders(PerformanceId, Vec<OrderId>),
    /// A seat as it stands.
    Seat(PerformanceId, SeatIndex),
    /// That a group carries out a command which changes nothing.
    Touch(GroupId),
    /// How a group does.
    Status(GroupId),
    /// That a group, whose home this node must be, makes another voter its home.
    HandOver(GroupId, NodeId),
}

/// What is answered.
#[derive(Clone, Debug, PartialEq)]
pub enum Got {
    /// By the ledger.
    Ledger(marquee_ledger::Answer),
    /// By the catalog.
    Catalog(Result<catalog::Outcome, catalog::Refusal>),
    /// By the directory.
    Directory(Result<directory::Outcome, directory::Refusal>),
    /// Orders.
    Orders(Vec<Order>),
    /// A seat.
    Seat(Seat),
    /// It was done.
    Done,
    /// How a group does.
    Status(GroupStatus),
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Miss {
    /// Nothing was done.
    NotDone,
    /// It may have been done.
    Unknown,
    /// The node says that it is broken.
    Broken(String),
}

struct Visit {
    asked: Asked,
    answer: oneshot::Sender<Result<Got, Miss>>,
}

/// The doors of all nodes. Clones are the same ones.
#[derive(Clone, Default)]
pub struct Doors(Arc<Mutex<BTreeMap<NodeId, mpsc::UnboundedSender<Visit>>>>);

impl Doors {
    /// The nodes that have one.
    #[must_use]
    pub fn nodes(&self) -> Vec<NodeId> {
        self.0.lock().keys().copied().collect()
    }

    /// Nobody gets in any more.
    pub fn close(&self, node: NodeId) {
        self.0.lock().remove(&node);
    }

    /// Asks a node, and waits no longer than so.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn ask(&self, node: NodeId, asked: Asked, patience: Duration) -> Result<Got, Miss> {
        let (answer, answered) = oneshot::channel();
        let door = self.0.lock().get(&node).cloned().ok_or(Miss::NotDone)?;
        door.send(Visit { asked, answer }).map_err(|_closed| Miss::NotDone)?;
        match tokio::time::timeout(patience, answered).await {
            Ok(Ok(answer)) => answer,
            // The node went down, or takes too long.
            Ok(Err(_)) | Err(_) => Err(Miss::Unknown),
        }
    }

    /// Opens a node's door, and serves whoever comes through it until the node goes down.
    pub async fn serve(self, node: NodeId, home: Home) {
        let (sender, mut visits) = mpsc::unbounded_channel::<Visit>();
        self.0.lock().insert(node, sender);
        while let Some(Visit { asked, answer }) = visits.recv().await {
            let home = home.clone();
            tokio::spawn(async move {
                let answered = run(&home, asked).await;
                // Who asked may have gone.
                let _ = answer.send(answered);
            });
        }
    }
}

async fn run(home: &Home, asked: Asked) -> Result<Got, Miss> {
    let commons = home.commons();
    match asked {
        Asked::Ledger(request) => home.ledger(request).await.map(Got::Ledger).map_err(|why| miss(&why)),
        Asked::Catalog(key, command) => {
            home.catalog(key, command).await.map(Got::Catalog).map_err(|why| miss(&why))
        }
        Asked::Directory(key, command) => {
            home.directory(key, command).await.map(Got::Directory).map_err(|why| miss(&why))
        }
        Asked::Orders(performance, ids) => {
            let group = commons.group(Owner::Venue(performance.owner()), home.id());
            let found = commons.query(group, Query::Orders(ids)).await.map_err(|why| miss(&why))?;
            let Found::Orders(orders) = found else {
                return Err(Miss::Broken(format!("orders were asked for, and {found:?} came")));
            };
            Ok(Got::Orders(orders.into_iter().map(|(order, _)| order).collect()))
        }
        Asked::Seat(performance, seat) => look(home, performance, seat).await,
        Asked::Touch(group) => {
            let command = LedgerCommand::FinishTasks { tasks: Vec::new() };
            let command = encode_command(&Command::Ledger(Request { key: None, command }));
            commons.command(group, command, true).await.map(|_answer| Got::Done).map_err(|why| miss(&why))
        }
        Asked::Status(group) => {
            let status = commons.group_status(group, LOOK_MAX).await;
            let status = status.filter(|(_status, is_homes)| *is_homes).ok_or(Miss::NotDone)?;
            Ok(Got::Status(status.0))
        }
        Asked::HandOver(group, to) => {
            let replica = commons.replica(group).ok_or(Miss::NotDone)?;
            replica.group().hand_over(to).await.map(|()| Got::Done).map_err(|_error| Miss::NotDone)
        }
    }
}

fn miss(failure: &Failure) -> Miss {
    match failure {
        Failure::OutcomeUnknown => Miss::Unknown,
        Failure::Overloaded | Failure::Stopping | Failure::NotHome { .. } | Failure::Moved { .. } => {
            Miss::NotDone
        }
        Failure::KeyReused | Failure::TooLarge | Failure::Broken(_) | Failure::Store(_) => {
            Miss::Broken(failure.to_string())
        }
    }
}

/// Reads a seat at its home, as a GET does.
async fn look(home: &Home, performance: PerformanceId, seat: SeatIndex) -> Result<Got, Miss> {
    let commons = home.commons();
    let group = commons.group(Owner::Venue(performance.owner()), home.id());
    let request = HttpRequest {
        method: "GET".to_owned(),
        target: format!("{}/{seat}", performance.0),
        headers: Vec::new(),
        body: Bytes::new(),
        client: std::net::Ipv4Addr::LOCALHOST.into(),
    };
    let errand = Errand::Http(request);
    let carried = commons.courier.send(group, &errand, Instant::now() + LOOK_MAX, true).await;
    match carried.map_err(|_lost| Miss::NotDone)?.reply {
        Reply::Http(HttpReply { body, .. }) => {
            let seat = std::str::from_utf8(&body).ok().and_then(read_seat);
            seat.map(Got::Seat).ok_or_else(|| Miss::Broken("a seat cannot be read".to_owned()))
        }
        Reply::Failed(why) => Err(Miss::Broken(why)),
        Reply::Answer(_)
        | Reply::Found(_)
        | Reply::NotHome { .. }
        | Reply::Unknown
        | Reply::Overloaded
        | Reply::TooLarge
        | Reply::Seats
        | Reply::Nothing
        | Reply::Moved => Err(Miss::NotDone),
    }
}

fn write_seat(seat: Seat) -> String {
    match seat {
        Seat::Free => "free".to_owned(),
        Seat::Held(claim) => format!("held {claim}"),
        Seat::Booked(claim) => format!("booked {claim}"),
    }
}

fn read_seat(text: &str) -> Option<Seat> {
    let claim = |claim: &str| claim.parse().ok();
    match text.split_once(' ') {
        None => (text == "free").then_some(Seat::Free),
        Some(("held", held)) => claim(held).map(Seat::Held),
        Some(("booked", sold)) => claim(sold).map(Seat::Booked),
        Some(_) => None,
    }
}

/// Runs errands at the homes of this node. It stands where the HTTP layer's houses stand in the field, and answers one
/// request by itself: how a seat stands.
pub struct Replicas(pub std::sync::Weak<Commons>);

impl Replicas {
    fn replica(&self, group: GroupId) -> Option<Home> {
        self.0.upgrade()?.replica(group)
    }
}

impl Local for Replicas {
    fn is_home(&self, group: GroupId) -> bool {
        self.replica(group).is_some_and(|home| home.is_home())
    }

    fn run(&self, group: GroupId, errand: Errand) -> BoxFuture<'_, Carried> {
        let home = self.replica(group);
        async move {
            let home = home.as_ref();
            match errand {
                Errand::Command(command) => homes::command(home, command).await,
                Errand::Query(query) => homes::query(home, query).await,
                Errand::WhoIsHome => homes::not_home(home),
                Errand::Http(request) => get_seat(home, &request.target).await,
                // Live seat maps are streams to browsers, of which there are none.
                Errand::WatchSeats { .. } => Reply::Nothing,
            }
            .into()
        }
        .boxed()
    }
}

async fn get_seat(home: Option<&Home>, target: &str) -> Reply {
    let Some(home) = home else { return homes::not_home(None) };
    if let Err(failure) = home.read_barrier().await {
        return homes::failed(home, &failure);
    }
    let place = target.split_once('/');
    let place = place.and_then(|(show, seat)| Some((PerformanceId(show.parse().ok()?), seat.parse().ok()?)));
    let Some((performance, seat)) = place else { return Reply::Failed("a target that is none".to_owned()) };
    let view = home.commons().views.now();
    let is_here = view.group_of_venue(performance.owner()) == home.id();
    if !is_here || home.sells(performance.owner()).is_ok_and(|sells| !sells) {
        return Reply::Moved;
    }
    match seat_at(home, performance, seat) {
        Ok(seat) => Reply::Http(HttpReply {
            status: 200,
            headers: Vec::new(),
            body: write_seat(seat).into(),
            is_open: false,
        }),
        Err(failure) => homes::failed(home, &failure),
    }
}

/// How a seat stands in a replica's state, by who claims it.
///
/// # Errors
/// When the storage failed.
pub fn seat_at(home: &Home, performance: PerformanceId, seat: SeatIndex) -> Result<Seat, Failure> {
    let snapshot = home.snapshot()?;
    let ledger = snapshot.ledger()?;
    Ok(match ledger.seat_owner(performance, seat)? {
        None | Some((SeatStatus::Free | SeatStatus::Killed, _)) => Seat::Free,
        Some((SeatStatus::Held, hold)) => {
            let hold = ledger.hold(marquee_ledger::HoldId(hold))?;
            hold.map_or(Seat::Free, |hold| Seat::Held(hold.secret.0))
        }
        Some((SeatStatus::Booked, order)) => {
            let order = ledger.order(OrderId(order))?;
            order.map_or(Seat::Free, |order| Seat::Booked(order.secret.0))
        }
    })
}
