//! Three nodes of one cluster with a hall on sale that can move.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use marquee_ledger::audit::{Report, audit, contested};
use marquee_ledger::{AccountId, Key, PerformanceId, VenueId};
use marquee_node::catalog::{Action, By, Command, Created, Outcome};
use marquee_node::directory;
use marquee_node::home::Home;
use marquee_node::http::App;
use marquee_node::payments::Secret;
use marquee_node::payments::sandbox::{SandboxOptions, Server, USUAL_API_KEY};
use marquee_replication::GroupId;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::house::Answer;
use crate::show::{self, Terms};
use crate::town::{Town, guarded};

/// See the module. Node `n` founded group `n`.
pub(crate) struct Trio {
    pub(crate) town: Town,
    sandbox: Server,
}

/// What is on sale.
#[derive(Clone)]
pub(crate) struct OnSale {
    pub(crate) venue: VenueId,
    pub(crate) performance: PerformanceId,
    /// The ids of the seats.
    pub(crate) seats: Vec<String>,
}

impl Trio {
    /// Three nodes whose groups all have three replicas.
    pub(crate) async fn open() -> Self {
        Self::with_box_office(None).await
    }

    /// The same, but that the group of one is a box office's: the others learn.
    pub(crate) async fn with_box_office(box_office: Option<u64>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let sandbox = Server::start(listener, SandboxOptions::new(Secret::new(USUAL_API_KEY))).unwrap();
        let town = Town::with_box_office(3, 3, Some(sandbox.base_url()), box_office).await;
        let trio = Self { town, sandbox };
        for group in 1..=3 {
            trio.town.until_home(group, group).await;
            let is_whole = |app: &App| {
                let replica = app.home.commons().replica(GroupId(group));
                replica.is_some_and(|replica| {
                    let members = replica.group().members();
                    let (voters, learners) = if box_office == Some(group) { (1, 2) } else { (3, 0) };
                    (members.voters.len(), members.learners.len()) == (voters, learners)
                })
            };
            trio.until("three nodes have it", is_whole).await;
        }
        trio
    }

    /// Has group 1 sell a hall of so many rows of ten.
    pub(crate) async fn sell(&self, rows: usize) -> OnSale {
        self.sell_in(1, rows).await
    }

    /// Has a group sell such a hall.
    pub(crate) async fn sell_in(&self, group: u64, rows: usize) -> OnSale {
        let number = guarded("a place for a venue", self.place(GroupId(group))).await;
        let (number, facts) = (Some(number), show::venue_facts("Move Theater"));
        let Created::Venue(venue) = self.create(Action::CreateVenue { number, key: None, facts }).await
        else {
            panic!()
        };
        let (name, seat_map) = ("Main".to_owned(), Box::new(show::rows_of_ten(rows)));
        let Created::Hall(hall) = self.create(Action::CreateHall { venue, key: None, name, seat_map }).await
        else {
            panic!()
        };
        let events = vec![(None, show::event_facts())];
        let Created::Event(event) = self.create(Action::CreateEvents { events }).await else { panic!() };
        let now_ms = self.town.app(1).now_ms();
        let mut offer = show::offer(&Terms { hold_ms: 600_000, ticket_limit: 0 }, now_ms);
        offer.prices.retain(|price| price.category == "best");
        let event_owner = Some(AccountId(1));
        let create = Action::CreatePerformance { key: None, event, event_owner, hall, offer };
        let Created::Performance(performance) = self.create(create).await else { panic!() };
        let is_known = |app: &App| app.home.catalog_copy().read().performance(performance).is_some();
        self.until("the hall is known", is_known).await;
        let map = self.ask(1, "GET", &format!("/v1/performances/{performance}/seats"), &Value::Null).await;
        let map = map.json();
        let seats = map["seats"].as_array().unwrap().iter();
        let seats = seats.map(|seat| seat["id"].as_str().unwrap().to_owned()).collect();
        OnSale { venue, performance, seats }
    }

    /// Has the directory place a venue in a group.
    async fn place(&self, group: GroupId) -> u32 {
        let (home, key) = (&self.town.app(1).home, Some(Key { id: 1 << 64, body: 0 }));
        let place = directory::Command::PlaceVenue { group };
        loop {
            if let Ok(Ok(directory::Outcome::Placed(number))) = home.directory(key, place.clone()).await {
                return number;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn create(&self, action: Action) -> Created {
        let outcome = self.change(1, action).await;
        let Outcome::Created(created) = outcome else { panic!("{outcome:?}") };
        created[0]
    }

    /// Changes the catalog, through a node: again with the same key while a busy machine has no home for a group.
    pub(crate) async fn change(&self, node: u64, action: Action) -> Outcome {
        static LAST: AtomicU64 = AtomicU64::new(0);
        let id = u128::from(LAST.fetch_add(1, Ordering::Relaxed));
        let by = By { account: AccountId(1), operator: true };
        let command = Command { by, action };
        let changed = async {
            loop {
                let asked = self.town.app(node).home.catalog(Some(Key { id, body: id }), command.clone());
                if let Ok(answer) = asked.await {
                    return answer.unwrap();
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        guarded("a change", changed).await
    }

    pub(crate) async fn ask(&self, node: u64, method: &str, path: &str, body: &Value) -> Answer {
        self.town.ask(node, method, path, body).await
    }

    /// Where the nodes are that run.
    pub(crate) fn addresses(&self) -> Vec<SocketAddr> {
        self.town.members().map(|(_node, member)| member.address).collect()
    }

    /// Waits until something is so on all nodes that run.
    pub(crate) async fn until(&self, what: &str, is_so: impl Fn(&App) -> bool) {
        for (node, _member) in self.town.members() {
            self.town.until(what, node, &is_so).await;
        }
    }

    /// Has the venue moved to a node's own group, and waits until every node knows that it has; tells for how many
    /// milliseconds it was frozen.
    pub(crate) async fn move_venue(&self, on_sale: &OnSale, to: u64) -> Option<u64> {
        self.begin_move(on_sale, 1, to).await;
        self.has_moved(on_sale, to).await;
        let path = format!("/v1/cluster/venues/{}/move", on_sale.venue);
        self.ask(1, "GET", &path, &Value::Null).await.json()["frozen_ms"].as_u64()
    }

    pub(crate) async fn begin_move(&self, on_sale: &OnSale, asks: u64, to: u64) {
        let path = format!("/v1/cluster/venues/{}/move", on_sale.venue);
        let begun = self.ask(asks, "POST", &path, &json!({ "to": format!("node-{to}") })).await;
        assert_eq!((begun.status.as_u16(), &begun.json()["decided"]), (200, &json!(true)), "{begun:?}");
    }

    pub(crate) async fn has_moved(&self, on_sale: &OnSale, to: u64) {
        let number = on_sale.venue.owner();
        let has_moved = |app: &App| {
            let view = app.home.commons().views.now();
            let placement = view.placements()[&number];
            placement.group == GroupId(to) && placement.moving_to.is_none()
        };
        self.until("the venue has moved", has_moved).await;
    }

    /// The audits of the groups' ledgers by number, each at its home; all are whole, and no venue is sold twice.
    pub(crate) async fn audits(&self) -> Vec<(u64, Report)> {
        let mut reports = Vec::new();
        for group in 1..=3 {
            let home = guarded("a home that answers", self.home_of(GroupId(group))).await;
            let snapshot = home.snapshot().unwrap();
            let namespace = GroupId(group).namespace();
            let report = audit(snapshot.parts_journal().0, &namespace, &mut |_progress| {}).unwrap();
            assert!(report.is_whole(), "group {group}: {:#?}", report.violations);
            reports.push((group, report));
        }
        let seen: Vec<_> = reports.iter().map(|(group, report)| (group.to_string(), report)).collect();
        assert_eq!(contested(&seen), Vec::<String>::new());
        reports
    }

    /// The home of a group, with everything in its state that was answered; a busy machine may have none for a moment.
    async fn home_of(&self, group: GroupId) -> Home {
        loop {
            let replicas =
                self.town.members().filter_map(|(_, member)| member.app.home.commons().replica(group));
            let home = replicas.into_iter().find(Home::is_home);
            if let Some(home) = home
                && home.read_barrier().await.is_ok()
            {
                return home;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub(crate) async fn close(self) {
        self.town.stop_all().await;
        self.sandbox.stop().await;
    }
}
