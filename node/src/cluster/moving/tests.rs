//! Whole machines pass a venue on: the catalog's part and the ledger's, step by step.

use std::sync::Arc;

use marquee_ledger::transfer::{Act, Blob, Piece, Row, Settlement, Stage, Standing, Step};
use marquee_ledger::{AccountId, Broken, Key};
use marquee_replication::{GroupId, Machine as _, Position};
use parking_lot::Mutex;
use redb::{Database, ReadTransaction, ReadableDatabase};

use crate::accounts::Revocations;
use crate::catalog::entity::VenueFacts;
use crate::catalog::seat_map::tests::small_map;
use crate::catalog::transfer::{Item, Manifest};
use crate::catalog::{self, Action, By, Change, Created, Outcome, Refusal, VenueKind};
use crate::machine::{
    Answer, Audience, Command, Machine, Opened, Public, Publisher, encode_command, parts_journal,
};

const VENUE: u32 = 7;
const EPOCH: u64 = 1;
const BY: By = By { account: AccountId(1), operator: false };

/// What a group tells, with stamps.
#[derive(Default)]
struct News(Mutex<Vec<(u64, Public)>>);

impl Publisher for News {
    fn opened(&self, _group: GroupId, _opened: Opened) {}

    fn committed(&self, _group: GroupId, changes: Vec<(u64, Public)>) {
        self.0.lock().extend(changes);
    }
}

struct Bench {
    group: GroupId,
    state: Database,
    machine: Machine,
    index: u64,
    news: Arc<News>,
}

impl Bench {
    fn new(group: u64) -> Self {
        let state = Database::builder().create_with_backend(redb::backends::InMemoryBackend::new()).unwrap();
        let (group, news) = (GroupId(group), Arc::<News>::default());
        let audience = Audience {
            revocations: Arc::<Revocations>::default(),
            listeners: Vec::new(),
            publisher: Arc::clone(&news) as _,
        };
        let machine = Machine::new(group, marquee_ledger::Options::default(), audience);
        let mut bench = Self { group, state, machine, index: 0, news };
        let write = bench.state.begin_write().unwrap();
        bench.machine.open(&write).unwrap();
        write.commit().unwrap();
        bench
    }

    fn ask(&mut self, key: Option<u128>, action: Action) -> Result<Outcome, Refusal> {
        self.index += 1;
        let key = key.map(|id| Key { id, body: id });
        let command = Command::Catalog { key, command: catalog::Command { by: BY, action } };
        let at = Position { index: self.index, now_ms: 1_800_000_000_000 };
        let (write, mut answers) = (self.state.begin_write().unwrap(), Vec::new());
        self.machine.apply(&write, at, &[encode_command(&command)], &mut answers).unwrap();
        write.commit().unwrap();
        self.machine.committed();
        let answer = answers.remove(0);
        let Answer::Catalog(result) = answer else { panic!("{answer:?}") };
        result
    }

    fn made(&mut self, action: Action) -> Created {
        let Ok(Outcome::Created(made)) = self.ask(None, action) else { panic!() };
        made[0]
    }

    fn step(&mut self, act: Act, items: Vec<Item>, manifest: Option<Manifest>) -> Result<Outcome, Refusal> {
        let ledger = Step { venue: VENUE, epoch: EPOCH, act };
        let step = catalog::transfer::Step { ledger, items, manifest, answers: Vec::new() };
        self.ask(None, Action::Transfer(Box::new(step)))
    }

    fn snapshot(&self) -> ReadTransaction {
        self.state.begin_read().unwrap()
    }

    fn stamp(&self) -> u64 {
        let state = self.snapshot();
        self.index + catalog::Snapshot::new(&state, &self.group.namespace()).news_lead().unwrap()
    }

    fn manifest(&self) -> Manifest {
        let state = self.snapshot();
        let catalog = catalog::Snapshot::new(&state, &self.group.namespace());
        let (items, counter) = (catalog.manifest(VENUE).unwrap(), catalog.counter().unwrap());
        Manifest { items, counter, stamp: self.stamp() }
    }

    fn items(&self) -> Vec<Item> {
        let state = self.snapshot();
        let catalog = catalog::Snapshot::new(&state, &self.group.namespace());
        let names = self.manifest().items.into_iter();
        names.map(|(name, _)| Item { name, record: Blob(catalog.item(name).unwrap().unwrap()) }).collect()
    }

    fn rows(&self) -> Vec<Row> {
        let state = self.snapshot();
        let ledger = marquee_ledger::read::Reader::open(&state, &self.group.namespace()).unwrap();
        let mut rows = Vec::new();
        let all = ledger.each_row::<Broken>(VENUE, |name, value| {
            rows.push(Row { name, value: Some(Blob(value)) });
            Ok(())
        });
        all.unwrap();
        rows
    }

    /// The settlement, with everything of the ledger in its last piece.
    fn settlement(&self, number: u64, rows: Vec<Row>) -> Act {
        let state = self.snapshot();
        let ledger = marquee_ledger::read::Reader::open(&state, &self.group.namespace()).unwrap();
        let (digest, departure) = (ledger.digest_of(VENUE).unwrap(), ledger.departure().unwrap());
        Act::Settle(Settlement { last: Piece::new(1, number, rows, Vec::new(), None), digest, departure })
    }

    /// The epoch at which the venue stands here.
    fn owned_at(&self) -> u64 {
        let state = self.snapshot();
        let ledger = marquee_ledger::read::Reader::open(&state, &self.group.namespace()).unwrap();
        let Standing { epoch, stage } = ledger.standing(VENUE).unwrap();
        assert_eq!(stage, Stage::Owned);
        epoch
    }

    fn told(&self) -> Vec<(u64, Change)> {
        let told = std::mem::take(&mut *self.news.0.lock()).into_iter();
        told.filter_map(|(stamp, change)| match change {
            Public::Catalog(change) => Some((stamp, change)),
            Public::Directory(_) | Public::SessionEnded { .. } => None,
        })
        .collect()
    }
}

fn facts(name: &str) -> VenueFacts {
    VenueFacts {
        name: name.to_owned(),
        kind: VenueKind::Theater,
        address: String::new(),
        city: "Oakland".to_owned(),
        region: "CA".to_owned(),
        country: "US".to_owned(),
        zip: "94612".to_owned(),
        point: None,
        time_zone: "America/Los_Angeles".to_owned(),
    }
}

fn is_refused(answer: &Result<Outcome, Refusal>, by: &marquee_ledger::Refusal) -> bool {
    matches!(answer, Err(Refusal::Sale(refusal)) if refusal == by)
}

/// A group with a venue that has two halls, and one that has nothing but is further in its log or not.
fn pair() -> (Bench, Bench, Created, Created) {
    let (mut from, to) = (Bench::new(2), Bench::new(3));
    let create =
        Action::CreateVenue { number: Some(VENUE), key: Some("house".to_owned()), facts: facts("Fox") };
    let venue = from.made(create);
    let hall = |name: &str| Action::CreateHall {
        venue: venue.venue().unwrap(),
        key: Some(name.to_owned()),
        name: name.to_owned(),
        seat_map: Box::new(small_map()),
    };
    let main = from.made(hall("main"));
    from.made(hall("studio"));
    (from, to, venue, main)
}

#[test]
fn the_catalog_goes_where_the_ledger_goes() {
    let (mut from, mut to, venue, main) = pair();
    let venue = venue.venue().unwrap();
    let rename = |name: &str| Action::UpdateVenue { venue, version: None, facts: facts(name) };
    let renamed = from.ask(Some(4), rename("Fox Theater")).unwrap();
    from.step(Act::Prepare, Vec::new(), None).unwrap();
    to.step(Act::Await { attempt: 1 }, Vec::new(), None).unwrap();
    let piece = Piece::new(1, 0, Vec::new(), Vec::new(), None);
    to.step(Act::Arrive(piece), from.items(), None).unwrap();
    // It is changed while it is copied, and a hall goes.
    from.ask(None, rename("Fox Oakland")).unwrap();
    from.ask(None, Action::DeleteHall { hall: main.hall().unwrap(), version: None }).unwrap();
    from.told();
    from.step(Act::Depart { attempt: 1 }, Vec::new(), None).unwrap();
    let frozen = from.ask(Some(5), rename("Too late"));
    assert!(is_refused(&frozen, &marquee_ledger::Refusal::Moved), "{frozen:?}");
    assert!(frozen.unwrap_err().is_transient());

    // What changed is missing: it does not settle, and nothing of it is told.
    let settle = from.settlement(1, from.rows());
    let lacks = to.step(settle.clone(), Vec::new(), Some(from.manifest()));
    assert!(is_refused(&lacks, &marquee_ledger::Refusal::Incomplete), "{lacks:?}");
    let none = to.step(settle.clone(), from.items(), None);
    assert!(is_refused(&none, &marquee_ledger::Refusal::Incomplete), "{none:?}");
    assert_eq!(to.told(), []);
    let changed: Vec<Item> = from
        .items()
        .into_iter()
        .filter(|item| item.name.kind == catalog::transfer::ItemKind::Venue)
        .collect();
    let before = from.stamp();
    to.step(settle, changed, Some(from.manifest())).unwrap();

    let told = to.told();
    assert!(told.iter().all(|(stamp, _change)| *stamp > before), "newer than what its group told");
    let told: Vec<_> = told.iter().map(|(_stamp, change)| change).collect();
    assert!(matches!(told[..], [Change::Venue(_), Change::Hall(_), Change::SeatMap(..)]), "{told:?}");
    let Change::Venue(known) = told[0] else { panic!() };
    assert_eq!(known.facts.name, "Fox Oakland");
    assert_eq!(to.manifest().items, from.manifest().items);

    // It is written there from then on, and its owner's names for things come along.
    assert!(matches!(to.ask(Some(5), rename("In time")), Ok(Outcome::Updated { version: 4 })));
    let again = Action::CreateHall {
        venue,
        key: Some("studio".to_owned()),
        name: "Studio".to_owned(),
        seat_map: Box::new(small_map()),
    };
    assert!(matches!(to.ask(None, again), Err(Refusal::KeyTaken { .. })));
    assert!(is_refused(&from.ask(None, rename("Here")), &marquee_ledger::Refusal::Moved));
    assert!(matches!(renamed, Outcome::Updated { version: 2 }));
    assert_eq!((to.owned_at(), from.told().len()), (EPOCH, 0));

    while let Ok(Outcome::Transferred(marquee_ledger::Outcome::Treated { count: 1 })) =
        from.step(Act::Forget { limit: 1 }, Vec::new(), None)
    {}
    assert_eq!(from.manifest().items, []);
    assert_eq!(from.told(), [], "nothing is told of what is forgotten");
}

#[test]
fn answers_of_the_catalog_come_along() {
    let (mut from, mut to, venue, _main) = pair();
    let facts = facts("Fox Theater");
    let rename = Action::UpdateVenue { venue: venue.venue().unwrap(), version: None, facts };
    let first = from.ask(Some(4), rename.clone()).unwrap();
    from.step(Act::Prepare, Vec::new(), None).unwrap();
    from.step(Act::Depart { attempt: 1 }, Vec::new(), None).unwrap();
    to.step(Act::Await { attempt: 1 }, Vec::new(), None).unwrap();
    let ledger = Step { venue: VENUE, epoch: EPOCH, act: from.settlement(0, from.rows()) };
    let table = parts_journal(&from.group.namespace());
    let answers =
        marquee_ledger::journal::answers_of(&from.snapshot(), &table, VENUE, 0, 0, usize::MAX).unwrap();
    assert!(!answers.is_empty());
    let (items, manifest) = (from.items(), Some(from.manifest()));
    let step = catalog::transfer::Step { ledger, items, manifest, answers };
    to.ask(None, Action::Transfer(Box::new(step))).unwrap();
    assert_eq!(to.ask(Some(4), rename), Ok(first), "the first answer, and nothing is written again");
}

#[test]
fn what_was_taken_over_is_written_and_told_there_no_more() {
    let (mut from, mut to, venue, main) = pair();
    let venue = venue.venue().unwrap();
    let rename = |name: &str| Action::UpdateVenue { venue, version: None, facts: facts(name) };
    // It is copied as it stands, and the box office goes on.
    let base = {
        let state = from.snapshot();
        let ledger = marquee_ledger::read::Reader::open(&state, &from.group.namespace()).unwrap();
        ledger.departure().unwrap()
    };
    to.step(Act::Await { attempt: 1 }, Vec::new(), None).unwrap();
    to.step(from.settlement(0, from.rows()), from.items(), Some(from.manifest())).unwrap();
    from.ask(None, rename("Fox Counter")).unwrap();
    let yielded = from.step(Act::Yield { base }, Vec::new(), None).unwrap();
    assert!(matches!(yielded, Outcome::Transferred(marquee_ledger::Outcome::Stands(_))), "{yielded:?}");
    from.told();
    assert!(is_refused(&from.ask(None, rename("Too late")), &marquee_ledger::Refusal::Moved));
    let hall = Action::RenameHall { hall: main.hall().unwrap(), version: None, name: "Late".to_owned() };
    assert!(is_refused(&from.ask(None, hall), &marquee_ledger::Refusal::Moved));

    // It is not told after a start either, and what differs is known for as long as it is there.
    let (state, mut all) = (from.state.begin_write().unwrap(), Vec::new());
    catalog::Catalog::new(&from.group.namespace()).open(&state, &mut all).unwrap();
    assert_eq!(all, []);
    drop(state);
    let state = from.snapshot();
    let changed = catalog::Snapshot::new(&state, &from.group.namespace()).changed_since(VENUE, 0).unwrap();
    let owners = to.manifest().items;
    let differing: Vec<_> = super::reconciling::differing(changed, &owners).map(|item| item.label).collect();
    assert_eq!(differing, ["Fox Counter"], "the halls are the same");
    assert_eq!(from.told(), []);
    while let Ok(Outcome::Transferred(marquee_ledger::Outcome::Treated { count: 1 })) =
        from.step(Act::Forget { limit: 1 }, Vec::new(), None)
    {}
    assert_eq!(from.manifest().items, []);
}
