//! Those who run the cluster: who builds it up, the operator who drains and replaces nodes, and organizers who write the
//! catalog.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use marquee_ledger::layout::{Area, Layout, Row, Seat, SeatKind};
use marquee_ledger::terms::{Price, RefundPolicy, Terms};
use marquee_ledger::{AccountId, Command as LedgerCommand, EventId, HallId, Key, PerformanceId, VenueId};
use marquee_node::catalog::entity::{EventFacts, EventKind, VenueFacts, VenueKind};
use marquee_node::catalog::{self, Action, By, Created};
use marquee_node::directory::{Command, GroupKind, NodeStatus, Outcome};
use marquee_replication::{GroupId, NodeId};
use parking_lot::Mutex;

use super::auditor::Show;
use super::customers::Visitor;
use super::front::{Asked, Got};
use super::life::{facts, name};
use super::trace::note;

/// When the simulated world begins, in milliseconds since 1970.
pub const START_MS: u64 = 1_800_000_000_000;
/// How many seats a row has.
const ROW_SEATS: u32 = 6;
/// How long a hold of a lively performance lasts; one of a plain one outlasts every run.
const LIVELY_HOLD_MS: u64 = 3_000;

/// What the director and the world tell each other. Clones are the same.
#[derive(Clone, Default)]
pub struct Board(Arc<Notes>);

#[derive(Default)]
struct Notes {
    /// Nodes that are to be started for the first time.
    starts: Mutex<Vec<NodeId>>,
    /// Nodes that are to be switched off for good.
    removals: Mutex<Vec<NodeId>>,
    /// Whether the directory has its first node.
    is_founded: AtomicBool,
    /// Whether every group has its home and its replicas.
    is_settled: AtomicBool,
    /// The venue is built, and its performances are on sale.
    is_on_sale: AtomicBool,
    /// Events that organizers were told to have been made.
    events: Mutex<BTreeSet<EventId>>,
}

impl Board {
    /// Takes the nodes that are to be started.
    #[must_use]
    pub fn take_starts(&self) -> Vec<NodeId> {
        std::mem::take(&mut *self.0.starts.lock())
    }

    /// Takes the nodes that are to be switched off.
    #[must_use]
    pub fn take_removals(&self) -> Vec<NodeId> {
        std::mem::take(&mut *self.0.removals.lock())
    }

    /// Says how the cluster is.
    pub fn tell(&self, is_founded: bool, is_settled: bool) {
        self.0.is_founded.store(is_founded, Ordering::Relaxed);
        self.0.is_settled.store(is_settled, Ordering::Relaxed);
    }

    /// Whether every group has its home and its replicas.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.0.is_settled.load(Ordering::Relaxed)
    }

    /// Whether customers may come.
    #[must_use]
    pub fn is_on_sale(&self) -> bool {
        self.0.is_on_sale.load(Ordering::Relaxed)
    }

    /// Events that every catalog must have.
    #[must_use]
    pub fn events(&self) -> BTreeSet<EventId> {
        self.0.events.lock().clone()
    }
}

/// What an operator does.
#[derive(Clone, Debug)]
pub enum Duty {
    /// Sends what the node is home of elsewhere for a while.
    Drain {
        /// Which.
        node: NodeId,
        /// For how long, in milliseconds.
        for_ms: u64,
    },
    /// Gives a group other replicas.
    Reshuffle {
        /// Which.
        group: GroupId,
        /// The replicas, the preferred home first.
        replicas: Vec<NodeId>,
    },
    /// Hands a home over.
    HandOver {
        /// Of which group.
        group: GroupId,
        /// To whom.
        to: NodeId,
    },
    /// Moves a venue.
    Move {
        /// Which.
        venue: u32,
        /// To which group.
        to: GroupId,
    },
    /// Lets another node join.
    Join,
    /// Removes a node for good, and lets another one join.
    Replace {
        /// Which.
        node: NodeId,
    },
    /// Has every group carry something out.
    Touch {
        /// Which groups.
        groups: Vec<GroupId>,
    },
}

/// The one who builds a cluster up and then does what an operator does.
pub struct Director {
    /// As whom it asks.
    pub visitor: Visitor,
    /// What it and the world tell each other.
    pub board: Board,
}

impl Director {
    /// Lets nodes join until there are so many, builds two venues, and puts performances on sale.
    pub async fn build(mut self, nodes: u64) {
        while !self.board.0.is_founded.load(Ordering::Relaxed) {
            self.visitor.rest(20, 20).await;
        }
        for _joining in 1..nodes {
            if self.join().await.is_none() {
                return;
            }
        }
        while !self.board.is_settled() {
            self.visitor.rest(20, 20).await;
        }
        for venue in 0..2 {
            let group = GroupId(1 + (venue + 1) % nodes);
            if self.build_venue(group).await.is_none() {
                return;
            }
        }
        self.visitor.public.stage.finish(&self.visitor.name);
        self.board.0.is_on_sale.store(true, Ordering::Relaxed);
    }

    /// Does one thing.
    pub async fn carry_out(mut self, duty: Duty) {
        let stage = Arc::clone(&self.visitor.public.stage);
        stage.begin(&self.visitor.name, format!("{duty:?}"));
        note!(self.visitor.public.trace, "operator: {duty:?}");
        let done = match duty.clone() {
            Duty::Drain { node, for_ms } => self.drain(node, for_ms).await,
            Duty::Reshuffle { group, replicas } => {
                // The directory may refuse it: nodes may have gone.
                self.directory(Command::SetReplicas { group, replicas }).await.map(|_answer| ())
            }
            Duty::HandOver { group, to } => {
                let _attempt = self.visitor.ask_once(Asked::HandOver(group, to)).await;
                Some(())
            }
            // The directory may refuse it: the venue may be moving already.
            Duty::Move { venue, to } => {
                self.directory(Command::BeginMove { venue, to }).await.map(|_answer| ())
            }
            Duty::Join => self.join().await,
            Duty::Replace { node } => self.replace(node).await,
            Duty::Touch { groups } => self.touch(groups).await,
        };
        if done.is_none() {
            self.visitor.public.auditor.violated(format!("the operator has no answer to the end: {duty:?}"));
        }
        note!(self.visitor.public.trace, "operator: done with {duty:?}");
        stage.finish(&self.visitor.name);
    }

    async fn directory(
        &mut self,
        command: Command,
    ) -> Option<Result<Outcome, marquee_node::directory::Refusal>> {
        let id = self.visitor.dice.number();
        let asked = Asked::Directory(Some(Key { id, body: id }), command);
        match self.visitor.ask(asked).await? {
            Got::Directory(result) => Some(result),
            other @ (Got::Ledger(_)
            | Got::Catalog(_)
            | Got::Orders(_)
            | Got::Seat(_)
            | Got::Done
            | Got::Status(_)) => self.unexpected(&other),
        }
    }

    fn unexpected<T>(&self, got: &Got) -> Option<T> {
        self.visitor.public.auditor.violated(format!("another part was asked, and answered {got:?}"));
        None
    }

    async fn join(&mut self) -> Option<()> {
        let mut hash = [0; 32];
        hash[..16].copy_from_slice(&self.visitor.dice.number().to_be_bytes());
        let expires_ms = START_MS + 1_000_000_000;
        self.directory(Command::IssueToken { hash, expires_ms }).await?.ok()?;
        // Its number is not known before; its name is changed when it starts.
        let newcomer = facts(NodeId(1), &format!("newcomer-{:x}", self.visitor.dice.number()));
        match self.directory(Command::Join { token: hash, facts: newcomer, group: GroupKind::Shared }).await?
        {
            Ok(Outcome::Joined(node)) => {
                note!(self.visitor.public.trace, "operator: {} joins", name(node));
                self.board.0.starts.lock().push(node);
                Some(())
            }
            other => {
                self.visitor.public.auditor.violated(format!("a node cannot join: {other:?}"));
                None
            }
        }
    }

    async fn drain(&mut self, node: NodeId, for_ms: u64) -> Option<()> {
        self.directory(Command::SetStatus { node, status: NodeStatus::Draining }).await?.ok();
        let mut left_ms = for_ms;
        while left_ms > 0 && !self.visitor.public.stage.is_closing() {
            self.visitor.rest(50, 50).await;
            left_ms = left_ms.saturating_sub(50);
        }
        // Refused when it was removed meanwhile.
        self.directory(Command::SetStatus { node, status: NodeStatus::Active }).await?.ok();
        Some(())
    }

    async fn replace(&mut self, node: NodeId) -> Option<()> {
        self.join().await?;
        self.directory(Command::SetStatus { node, status: NodeStatus::Removed }).await?.ok();
        // It is not switched off before the groups have gone.
        self.visitor.rest(200, 200).await;
        while !self.board.is_settled() {
            if self.visitor.public.stage.is_over.load(Ordering::Relaxed) {
                return None;
            }
            self.visitor.rest(50, 50).await;
        }
        self.board.0.removals.lock().push(node);
        Some(())
    }

    async fn touch(&mut self, groups: Vec<GroupId>) -> Option<()> {
        for group in groups {
            self.visitor.ask(Asked::Touch(group)).await?;
        }
        Some(())
    }

    async fn build_venue(&mut self, group: GroupId) -> Option<()> {
        let placed = self.directory(Command::PlaceVenue { group }).await?;
        let Ok(Outcome::Placed(number)) = placed else {
            self.visitor.public.auditor.violated(format!("a venue is not placed: {placed:?}"));
            return None;
        };
        let action = Action::CreateVenue {
            number: Some(number),
            key: None,
            facts: venue_facts(&format!("venue {number}")),
        };
        if let Err(refusal) = self.catalog(action).await? {
            self.visitor.public.auditor.violated(format!("a venue is not made: {refusal}"));
            return None;
        }
        let hall = HallId::from_parts(START_MS, number, 1);
        let plain = Show {
            performance: PerformanceId::from_parts(START_MS, number, 2),
            seats: ROW_SEATS,
            area: 0,
            price: 0,
        };
        let lively = Show {
            performance: PerformanceId::from_parts(START_MS, number, 3),
            seats: 4 * ROW_SEATS,
            area: 12,
            price: 1_250,
        };
        for (version, show) in [(1, plain), (2, lively)] {
            let define = LedgerCommand::DefineLayout { hall, version, layout: layout(&show) };
            let open = LedgerCommand::OpenPerformance {
                performance: show.performance,
                terms: terms(hall, version, &show),
            };
            for command in [define, open] {
                let (_request, result) = self.visitor.ask_ledger(command).await?;
                if let Err(refusal) = result {
                    self.visitor.public.auditor.violated(format!("a show is not opened: {refusal}"));
                    return None;
                }
            }
            self.visitor.public.auditor.opened(show);
        }
        Some(())
    }

    async fn catalog(&mut self, action: Action) -> Option<Result<catalog::Outcome, catalog::Refusal>> {
        let id = self.visitor.dice.number();
        let command = catalog::Command { by: organizer(), action };
        let got = self.visitor.ask(Asked::Catalog(Some(Key { id, body: id }), command)).await?;
        self.visitor.public.auditor.answered(id, &got);
        match got {
            Got::Catalog(result) => {
                note!(self.visitor.public.trace, "organizer: {result:?}");
                Some(result)
            }
            other @ (Got::Ledger(_)
            | Got::Directory(_)
            | Got::Orders(_)
            | Got::Seat(_)
            | Got::Done
            | Got::Status(_)) => self.unexpected(&other),
        }
    }

    /// Writes the catalog until nobody begins anything any more.
    pub async fn organize(mut self, venues: Vec<VenueId>) {
        let stage = Arc::clone(&self.visitor.public.stage);
        stage.begin(&self.visitor.name, "organizing".to_owned());
        while !stage.is_closing() {
            self.visitor.rest(100, 700).await;
            let title = format!("{:x}", self.visitor.dice.roll(1 << 32));
            let venue = self.visitor.dice.pick(&venues).copied();
            let action = match venue.filter(|_| self.visitor.dice.chance(500)) {
                Some(venue) => Action::UpdateVenue { venue, version: None, facts: venue_facts(&title) },
                None => Action::CreateEvents { events: vec![(None, event_facts(&title))] },
            };
            match self.catalog(action).await {
                Some(Ok(catalog::Outcome::Created(made))) => {
                    let events = made.into_iter().filter_map(|made| match made {
                        Created::Event(event) => Some(event),
                        Created::Venue(_) | Created::Hall(_) | Created::Performance(_) => None,
                    });
                    self.board.0.events.lock().extend(events);
                }
                Some(Ok(
                    catalog::Outcome::Updated { .. }
                    | catalog::Outcome::Deleted
                    | catalog::Outcome::Transferred(_),
                )) => {}
                Some(Err(refusal)) => {
                    self.visitor.public.auditor.violated(format!("the catalog refuses: {refusal}"));
                }
                None => {
                    self.visitor.public.auditor.violated("an organizer has no answer to the end".to_owned());
                    break;
                }
            }
        }
        stage.finish(&self.visitor.name);
    }
}

fn organizer() -> By {
    By { account: AccountId::from_parts(START_MS, 0, 1), operator: true }
}

fn venue_facts(name: &str) -> VenueFacts {
    VenueFacts {
        name: name.to_owned(),
        kind: VenueKind::Theater,
        address: "1 Main Street".to_owned(),
        city: "Springfield".to_owned(),
        region: String::new(),
        country: "US".to_owned(),
        zip: "12345".to_owned(),
        point: None,
        time_zone: "UTC".to_owned(),
    }
}

fn event_facts(title: &str) -> EventFacts {
    EventFacts {
        kind: EventKind::Concert,
        title: title.to_owned(),
        description: String::new(),
        host: String::new(),
        performers: Vec::new(),
        genres: Vec::new(),
        language: String::new(),
        duration_min: None,
        age_rating: String::new(),
    }
}

fn layout(show: &Show) -> Layout {
    let seat =
        |label: u32| Seat { label: label.to_string(), category: 0, kind: SeatKind::Standard, apart: false };
    let row = |rank: u32| Row {
        section: 0,
        label: rank.to_string(),
        rank,
        seats: (1..=ROW_SEATS).map(seat).collect(),
    };
    let area = Area { section: 0, name: "floor".to_owned(), category: 0, capacity: show.area };
    Layout {
        sections: vec!["stalls".to_owned()],
        categories: vec!["all".to_owned()],
        rows: (0..show.seats / ROW_SEATS).map(row).collect(),
        areas: if show.area == 0 { Vec::new() } else { vec![area] },
    }
}

fn terms(hall: HallId, layout_version: u32, show: &Show) -> Terms {
    let day_ms = 24 * 3_600_000;
    // Three capital letters are a currency's code.
    let currency = "USD".parse().expect("a currency");
    Terms {
        event: EventId::from_parts(START_MS, 0, 1),
        hall,
        layout_version,
        starts_at_ms: START_MS + 30 * day_ms,
        on_sale_from_ms: START_MS - day_ms,
        on_sale_until_ms: START_MS + 30 * day_ms,
        currency,
        concessions: vec!["all".to_owned()],
        prices: vec![Price { category: 0, concession: 0, amount: show.price }],
        refund: RefundPolicy { until_ms_before: 0, share_basis_points: 10_000 },
        ticket_limit: 0,
        hold_ms: if show.price == 0 { day_ms } else { LIVELY_HOLD_MS },
        extension_ms: 0,
        payment_ms: LIVELY_HOLD_MS,
    }
}
